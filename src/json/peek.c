/*
 * Looking ahead in damaged text. Nothing here moves the reader. What may have to be asked again from
 * within the same run (white space, lines, comments) is remembered, so that all of it stays linear.
 */
#include <ctype.h>
#include <strings.h>

#include "internal.h"

#define KEY_MAX 256 /* bytes of a key that is looked for ahead */

static bool in(const struct memo *memo, size_t at)
{
	return memo->from <= at && at <= memo->to;
}

static bool starts_with(const struct reader *reader, size_t at, const char *bytes, size_t len)
{
	return reader->len - at >= len && memcmp(reader->text + at, bytes, len) == 0;
}

size_t peek_stop(struct reader *reader, size_t at)
{
	struct source *source = reader->source;
	size_t tag_len, to = at;

	if (in(&source->stop, at))
		return source->stop.to;
	for (; to < source->len; to++) {
		char c = source->text[to];

		if (c != '<' && c != '[' && (unsigned char)c != 0xE2)
			continue;
		switch (tag_at(source->text + to, source->len - to, &tag_len)) {
		case TAG_NONE:
		case TAG_THINK:
		case TAG_ASIDE:
		case TAG_ANSWER:
			continue;
		default:
			break;
		}
		break;
	}
	source->visited += to - at;
	source->stop = (struct memo){ at, to };
	return to;
}

/* ---- White space and comments ---------------------------------------- */

/* Length of one character that is white space to somebody, else 0. */
static size_t space_at(const struct reader *reader, size_t at)
{
	const unsigned char *c = (const unsigned char *)reader->text + at;
	size_t left = reader->len - at;

	if (c[0] <= ' ')
		return 1;
	if (c[0] < 0xC2)
		return 0;
	if (c[0] == 0xC2)
		return left > 1 && (c[1] == 0xA0 || c[1] == 0x85) ? 2 : 0;
	if (left < 3)
		return 0;
	if (c[0] == 0xE2 && c[1] == 0x80)
		return (c[2] >= 0x80 && c[2] <= 0x8F) || c[2] == 0xA8 || c[2] == 0xA9 || c[2] == 0xAF ? 3 : 0;
	if (c[0] == 0xE2 && c[1] == 0x81)
		return c[2] == 0x9F || c[2] == 0xA0 ? 3 : 0;
	return (c[0] == 0xE3 && c[1] == 0x80 && c[2] == 0x80) || (c[0] == 0xEF && c[1] == 0xBB && c[2] == 0xBF) ? 3 : 0;
}

/* Behind the > that begin a line of a quoted block. */
static size_t skip_markers(const struct reader *reader, size_t at)
{
	size_t to = at;

	while (to < reader->len && (reader->text[to] == ' ' || reader->text[to] == '\t' || reader->text[to] == '>'))
		to++;
	while (to > at && reader->text[to - 1] != '>')
		to--;
	return to;
}

static size_t skip_spaces(struct reader *reader, size_t at)
{
	struct memo *memo = &reader->source->blank;
	size_t to = at, len;

	if (in(memo, at))
		return memo->to;
	while (to < reader->len && (len = space_at(reader, to)) > 0) {
		bool newline = reader->text[to] == '\n';

		to += len;
		if (newline && reader->quoted)
			to = skip_markers(reader, to);
	}
	if (to - at > 16) {
		reader->source->visited += to - at;
		*memo = (struct memo){ at, to };
	}
	return to;
}

/* The end of a line comment. On the last line it is the next closing bracket: all that follows cannot be meant. */
static size_t line_end(struct reader *reader, size_t at)
{
	struct memo *memo = &reader->source->line;
	const char *newline;

	if (in(memo, at))
		return memo->to;
	newline = memchr(reader->text + at, '\n', reader->len - at);
	*memo = (struct memo){ at, newline ? (size_t)(newline - reader->text) : at };
	while (!newline && memo->to < reader->len && !strchr("}]", reader->text[memo->to]))
		memo->to++;
	reader->source->visited += memo->to - at;
	return memo->to;
}

static size_t block_end(struct reader *reader, size_t at, const char *end, size_t end_len)
{
	struct memo *memo = &reader->source->block;
	const char *found;

	if (memo->to == reader->len && in(memo, at))
		return memo->to;
	found = memmem(reader->text + at, reader->len - at, end, end_len);
	*memo = (struct memo){ at, found ? (size_t)(found - reader->text) + end_len : reader->len };
	reader->source->visited += memo->to - at;
	return memo->to;
}

/* #fff and its like are values, not comments. */
static bool is_colour(const struct reader *reader, size_t at)
{
	size_t len = 0;

	for (size_t i = at + 1; i < reader->len && isxdigit((unsigned char)reader->text[i]); i++)
		len++;
	return len == 3 || len == 4 || len == 6 || len == 8;
}

/* Behind the comment at `at`, or `at`. */
static size_t skip_comment(struct reader *reader, size_t at)
{
	switch (reader->text[at]) {
	case '/':
		if (starts_with(reader, at, "//", 2))
			return line_end(reader, at);
		return starts_with(reader, at, "/*", 2) ? block_end(reader, at + 2, "*/", 2) : at;
	case '#':
		return is_colour(reader, at) ? at : line_end(reader, at);
	case '<':
		return starts_with(reader, at, "<!--", 4) ? block_end(reader, at + 4, "-->", 3) : at;
	default:
		return at;
	}
}

size_t peek_blank(struct reader *reader, size_t at)
{
	for (;;) {
		size_t to = skip_spaces(reader, at);

		if (to < reader->len)
			to = skip_comment(reader, to);
		if (to == at)
			return at;
		at = to;
	}
}

bool peek_newline_between(const struct reader *reader, size_t from, size_t to)
{
	return memchr(reader->text + from, '\n', to - from) != NULL;
}

/* ---- Quotes ---------------------------------------------------------- */

struct mark {
	char bytes[4];
	enum quote_family family;
};

static const struct mark marks[] = {
	{ "\xE2\x80\x9C", QUOTE_DOUBLE }, { "\xE2\x80\x9D", QUOTE_DOUBLE }, { "\xE2\x80\x9E", QUOTE_DOUBLE },
	{ "\xE2\x80\x9F", QUOTE_DOUBLE }, { "\xC2\xAB", QUOTE_DOUBLE },	    { "\xC2\xBB", QUOTE_DOUBLE },
	{ "\xEF\xBC\x82", QUOTE_DOUBLE }, { "\xE3\x80\x8C", QUOTE_DOUBLE }, { "\xE3\x80\x8D", QUOTE_DOUBLE },
	{ "\xE3\x80\x8E", QUOTE_DOUBLE }, { "\xE3\x80\x8F", QUOTE_DOUBLE }, { "\xE2\x80\x98", QUOTE_SINGLE },
	{ "\xE2\x80\x99", QUOTE_SINGLE }, { "\xE2\x80\x9A", QUOTE_SINGLE }, { "\xE2\x80\x9B", QUOTE_SINGLE },
	{ "\xC2\xB4", QUOTE_SINGLE },	  { "\xEF\xBC\x87", QUOTE_SINGLE },
};

/* The typographic quote at `at`; its length is 0 if there is none. */
static struct quote smart_quote(const struct reader *reader, size_t at)
{
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (starts_with(reader, at, marks[i].bytes, strlen(marks[i].bytes)))
			return (struct quote){ .family = marks[i].family,
					       .smart = true,
					       .len = strlen(marks[i].bytes) };
	return (struct quote){ .family = QUOTE_NONE };
}

struct quote peek_quote(const struct reader *reader, size_t at)
{
	char c = at < reader->len ? reader->text[at] : '\0';
	char triple[] = { c, c, c };

	switch (c) {
	case '"':
	case '\'':
		if (starts_with(reader, at, triple, 3))
			return (struct quote){ .family = QUOTE_TRIPLE, .len = 3, .byte = c };
		return (struct quote){ .family = c == '"' ? QUOTE_DOUBLE : QUOTE_SINGLE, .len = 1, .byte = c };
	case '`':
		if (starts_with(reader, at, triple, 3))
			break;
		return (struct quote){ .family = QUOTE_BACKTICK, .len = 1, .byte = c };
	case '\\':
		if (starts_with(reader, at, "\\\"", 2))
			return (struct quote){ .family = QUOTE_ESCAPED, .len = 2, .byte = '"' };
		break;
	default:
		if ((unsigned char)c >= 0xC2)
			return smart_quote(reader, at);
	}
	return (struct quote){ .family = QUOTE_NONE };
}

size_t peek_end_quote(const struct reader *reader, size_t at, struct quote q)
{
	char c = reader->text[at];
	struct quote smart;

	switch (q.family) {
	case QUOTE_TRIPLE:
		return c == q.byte && starts_with(reader, at, (char[]){ c, c, c }, 3) ? 3 : 0;
	case QUOTE_ESCAPED:
		return c == '"' ? 1 : starts_with(reader, at, "\\\"", 2) ? 2 : 0;
	case QUOTE_BACKTICK:
		if (c == '`')
			return 1;
		return starts_with(reader, at, "\xC2\xB4", 2) ? 2 : 0;
	default:
		if (c == (q.family == QUOTE_DOUBLE ? '"' : '\''))
			return 1;
		if (!q.smart || (unsigned char)c < 0xC2)
			return 0;
		smart = smart_quote(reader, at);
		return smart.family == q.family ? smart.len : 0;
	}
}

size_t peek_fence(const struct reader *reader, size_t at)
{
	char c = at < reader->len ? reader->text[at] : '\0';
	size_t len = 0;

	if (c != '`' && c != '~')
		return 0;
	while (at + len < reader->len && reader->text[at + len] == c)
		len++;
	return len >= 3 ? len : 0;
}

/* ---- Structure ------------------------------------------------------- */

size_t peek_colon(struct reader *reader, size_t at)
{
	if (at >= reader->len)
		return at;
	switch (reader->text[at]) {
	case ':':
		return at + 1 + starts_with(reader, at + 1, "=", 1);
	case '=':
		if (starts_with(reader, at, "==", 2))
			return at;
		return at + 1 + starts_with(reader, at + 1, ">", 1);
	default:
		return at + (starts_with(reader, at, "\xEF\xBC\x9A", 3) ? 3 : 0);
	}
}

size_t peek_comma(struct reader *reader, size_t at)
{
	if (at >= reader->len)
		return at;
	switch ((unsigned char)reader->text[at]) {
	case ',':
	case ';':
		return at + 1;
	case 0xEF:
		return at + (starts_with(reader, at, "\xEF\xBC\x8C", 3) || starts_with(reader, at, "\xEF\xBC\x9B", 3)
				     ? 3
				     : 0);
	case 0xE3:
		return at + (starts_with(reader, at, "\xE3\x80\x81", 3) ? 3 : 0);
	case 0xD8:
		return at + (starts_with(reader, at, "\xD8\x8C", 2) ? 2 : 0);
	default:
		return at;
	}
}

bool peek_list_end(struct reader *reader, size_t at)
{
	at = peek_blank(reader, at);
	return at >= reader->len || strchr("]}", reader->text[at]) || peek_comma(reader, at) > at;
}

size_t peek_quoted_key(struct reader *reader, size_t at)
{
	struct quote q = peek_quote(reader, at);
	size_t i = at + q.len, most = peek_limit(reader->len, at, KEY_MAX), len, colon;

	if (q.family == QUOTE_NONE)
		return NOWHERE;
	/* ""key"" */
	if (q.family == QUOTE_DOUBLE && starts_with(reader, i, "\"", 1) && !q.smart) {
		colon = peek_blank(reader, i + 1);
		if (peek_colon(reader, colon) == colon)
			i++;
	}
	for (; i < most && reader->text[i] != '\n'; i++) {
		len = peek_end_quote(reader, i, q);
		if (len) {
			size_t after = i + len;

			after += starts_with(reader, after, "\"", 1) && at + 1 < i && reader->text[at + 1] == '"';
			after = peek_blank(reader, after);

			colon = peek_colon(reader, after);
			reader->source->visited += i - at;
			return colon > after ? colon : NOWHERE;
		}
		if (reader->text[i] == '\\' && i + 1 < most)
			i++;
	}
	reader->source->visited += i - at;
	return NOWHERE;
}

size_t peek_word(const struct reader *reader, size_t at)
{
	size_t i = at;

	while (i < reader->len) {
		unsigned char c = (unsigned char)reader->text[i];

		if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
		    c == '-' || c == '$' || c == '.') {
			i++;
		} else if (c >= 0x80 &&
			   !(c == 0xEF && i + 1 < reader->len && (unsigned char)reader->text[i + 1] == 0xBC) &&
			   smart_quote(reader, i).family == QUOTE_NONE && !space_at(reader, i) &&
			   peek_comma((struct reader *)(uintptr_t)reader, i) == i) {
			i++;
		} else {
			break;
		}
	}
	return i - at;
}

size_t peek_bare_key(struct reader *reader, size_t at)
{
	size_t len = peek_word(reader, at), after, colon;

	reader->source->visited += len;
	if (!len || len > KEY_MAX)
		return NOWHERE;
	/* It may have its last quote alone: key": */
	after = at + len + starts_with(reader, at + len, "\"", 1);
	after = peek_blank(reader, after);
	colon = peek_colon(reader, after);
	if (colon == after)
		return NOWHERE;
	/* A time of day, the begin of an address, a drive. */
	if (colon < reader->len && strchr("/\\", reader->text[colon]))
		return NOWHERE;
	if (strspn(reader->text + at, "0123456789") && colon < reader->len && reader->text[colon] >= '0' &&
	    reader->text[colon] <= '9')
		return NOWHERE;
	return colon;
}

/* The text ends within the key that begins here, or right behind it. */
static bool is_cut_key(struct reader *reader, size_t at)
{
	struct quote q = peek_quote(reader, at);
	size_t i = at + q.len;

	if (q.family == QUOTE_NONE)
		return reader->bare_keys && peek_word(reader, at) &&
		       peek_blank(reader, at + peek_word(reader, at)) == reader->len;
	if (reader->len - at > KEY_MAX)
		return false;
	while (i < reader->len && reader->text[i] != '\n' && !peek_end_quote(reader, i, q))
		i++;
	return i == reader->len || peek_blank(reader, i + peek_end_quote(reader, i, q)) == reader->len;
}

bool peek_key(struct reader *reader, size_t at)
{
	return peek_quoted_key(reader, at) != NOWHERE || is_cut_key(reader, at) ||
	       (reader->bare_keys && peek_bare_key(reader, at) != NOWHERE);
}

size_t peek_noted_key(struct reader *reader, size_t at)
{
	size_t word = peek_word(reader, at), quote = peek_blank(reader, at + word);

	return word && quote > at + word && peek_quoted_key(reader, quote) != NOWHERE ? quote : NOWHERE;
}

bool peek_tuple(struct reader *reader, size_t at)
{
	if (at >= reader->len || reader->text[at] != '(')
		return false;
	while (at < reader->len && reader->text[at] == '(')
		at = peek_blank(reader, at + 1);
	return peek_value(reader, at) || (at < reader->len && reader->text[at] == ')');
}

size_t peek_dots(const struct reader *reader, size_t at)
{
	size_t i = at;

	for (;;) {
		if (i < reader->len && reader->text[i] == '.')
			i++;
		else if (starts_with(reader, i, "\xE2\x80\xA6", 3))
			i += 3;
		else
			break;
	}
	return i - at >= 3 ? i - at : 0;
}

/* A literal of some language with nothing more behind it. */
static bool is_literal(const struct reader *reader, size_t at)
{
	static const char *const literals[] = { "true", "false", "null", "none", "undefined", "nan", "infinity" };
	size_t len = peek_word(reader, at);

	for (size_t i = 0; i < sizeof literals / sizeof *literals; i++)
		if (len == strlen(literals[i]) && strncasecmp(reader->text + at, literals[i], len) == 0)
			return true;
	return false;
}

bool peek_value(struct reader *reader, size_t at)
{
	char c, next;

	if (at >= reader->len)
		return false;
	c = reader->text[at];
	next = at + 1 < reader->len ? reader->text[at + 1] : '\0';
	if (c == '{' || c == '[' || (c >= '0' && c <= '9'))
		return true;
	if ((c == '-' || c == '+' || c == '.') && ((next >= '0' && next <= '9') || next == '.'))
		return true;
	return peek_quote(reader, at).family != QUOTE_NONE || peek_dots(reader, at) || is_literal(reader, at);
}

/* Words with a comma or closing bracket behind them, as in [red, dark green]. */
static bool is_word_list(struct reader *reader, size_t at)
{
	size_t i = at, word;

	while (i - at < KEY_MAX && (word = peek_word(reader, i)) > 0) {
		i += word;
		while (i < reader->len && reader->text[i] == ' ')
			i++;
	}
	i += i > at && starts_with(reader, i, "\"", 1);
	return i > at && i < reader->len && strchr(",\n", reader->text[i]);
}

bool peek_container(struct reader *reader, size_t at, bool bare_words)
{
	size_t inner = peek_blank(reader, at + 1);
	char c = inner < reader->len ? reader->text[inner] : '\0';
	size_t colon;

	if (reader->text[at] == '[') {
		if (c == ']' || c == '[')
			return true;
		if (c == '{')
			return peek_container(reader, inner, bare_words);
		if (c == '(')
			return peek_tuple(reader, inner);
		return peek_value(reader, inner) || (bare_words && is_word_list(reader, inner));
	}
	if (c == '}' || peek_quote(reader, inner).family != QUOTE_NONE || peek_dots(reader, inner))
		return true;
	colon = peek_bare_key(reader, inner);
	if (bare_words && colon == NOWHERE && peek_word(reader, inner)) /* {a "b"} */
		return peek_quote(reader, peek_blank(reader, inner + peek_word(reader, inner))).family != QUOTE_NONE;
	/* { and :-[ is no key. */
	return colon != NOWHERE && (bare_words || inner + peek_word(reader, inner) + 1 == colon ||
				    peek_value(reader, peek_blank(reader, colon)));
}
