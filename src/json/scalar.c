/* Numbers, literals, and texts that have no quotes. */
#include <locale.h>
#include <math.h>
#include <strings.h>

#include "internal.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t digits(const char *text, size_t at, size_t len)
{
	size_t i = at;

	while (i < len && is_digit(text[i]))
		i++;
	return i - at;
}

/* ---- Numbers as RFC 8259 has them ------------------------------------ */

size_t number_length(const char *text, size_t len)
{
	size_t i = len && text[0] == '-', run = digits(text, i, len);

	if (!run)
		return 0;
	i += text[i] == '0' ? 1 : run;
	if (i + 1 < len && text[i] == '.' && is_digit(text[i + 1]))
		i += 1 + digits(text, i + 1, len);
	if (i + 1 < len && (text[i] == 'e' || text[i] == 'E')) {
		size_t sign = text[i + 1] == '+' || text[i + 1] == '-';

		run = digits(text, i + 1 + sign, len);
		if (run)
			i += 1 + sign + run;
	}
	return i;
}

/* The correctly rounded value by strtod(), whatever the locale's decimal point is. */
static int real_by_library(struct reader *reader, const char *text, size_t len, double *out)
{
	struct persona_buf *buf = &reader->source->content;
	char *point;

	persona_buf_clear(buf);
	if (persona_buf_add(buf, text, len, NULL) < 0)
		return reader_fail(reader, FAILED_MEMORY, NULL, reader->at);
	point = strchr(buf->data, '.');
	if (point)
		*point = *localeconv()->decimal_point;
	*out = strtod(buf->data, NULL);
	return 0;
}

/* Fifteen digits and a small power of ten are exact in a double, and so is what one operation makes of them. */
static bool real_exactly(const char *text, size_t len, double *out)
{
	static const double powers[] = { 1e0,  1e1,  1e2,  1e3,	 1e4,  1e5,  1e6,  1e7,	 1e8,  1e9,  1e10, 1e11,
					 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
	uint64_t mantissa = 0;
	size_t i = text[0] == '-', seen = 0;
	int exponent = 0, given = 0;

	for (; i < len && (is_digit(text[i]) || text[i] == '.'); i++) {
		if (text[i] == '.')
			continue;
		mantissa = mantissa * 10 + (uint64_t)(text[i] - '0');
		if (++seen > 15)
			return false;
	}
	for (size_t j = 0; j < i; j++)
		if (text[j] == '.')
			exponent = -(int)(i - j - 1);
	if (i < len) {
		bool minus = text[i + 1] == '-';

		for (i += 1 + (minus || text[i + 1] == '+'); i < len; i++) {
			given = given * 10 + (text[i] - '0');
			if (given > 40)
				return false;
		}
		exponent += minus ? -given : given;
	}
	if (exponent < -22 || exponent > 22)
		return false;
	*out = exponent < 0 ? (double)mantissa / powers[-exponent] : (double)mantissa * powers[exponent];
	if (text[0] == '-')
		*out = -*out;
	return true;
}

static int read_real(struct reader *reader, const char *text, size_t len, json_t **out)
{
	double value = 0;

	if (!real_exactly(text, len, &value) && real_by_library(reader, text, len, &value) < 0)
		return -1;
	if (isfinite(value)) {
		*out = json_real(value);
		return 0;
	}
	*out = json_null();
	return reader_deviate(reader, "a real out of range");
}

static bool is_integer(const char *text, size_t len, json_int_t *out)
{
	bool minus = text[0] == '-';
	json_int_t value = 0;

	for (size_t i = minus; i < len; i++) {
		if (!is_digit(text[i]))
			return false;
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_sub_overflow(value, text[i] - '0', &value)) /* there is one more below zero than above */
			return false;
	}
	if (minus)
		*out = value;
	return minus || !__builtin_sub_overflow(0, value, out);
}

int number_read(struct reader *reader, size_t len, json_t **out)
{
	const char *text = reader->text + reader->at;
	json_int_t integer;

	if (is_integer(text, len, &integer)) {
		*out = json_integer(integer);
		return 0;
	}
	/* An integer that fits no json_int_t is a real, where that is allowed: JSON itself knows no difference. */
	if (!reader->repair && !memchr(text, '.', len) && !memchr(text, 'e', len) && !memchr(text, 'E', len))
		return reader_fail(reader, FAILED_SYNTAX, "an integer of more than 64 bits", reader->at);
	return read_real(reader, text, len, out);
}

/* ---- Numbers as people have them ------------------------------------- */

/* +41, .5, 2., 1_000 as RFC 8259 would have it, into out; what is none (0789, 10-20, 30 years) gives false. */
static bool tidy_number(const char *text, size_t len, char *out, size_t size)
{
	size_t n = 0, i = 0, whole;

	if (len + 3 > size)
		return false;
	if (text[0] == '+' || text[0] == '-') {
		if (text[i++] == '-')
			out[n++] = '-';
	}
	whole = n;
	for (; i < len && (is_digit(text[i]) || text[i] == '_'); i++) {
		if (text[i] != '_')
			out[n++] = text[i];
		else if (!i || !is_digit(text[i - 1]) || i + 1 == len || !is_digit(text[i + 1]))
			return false;
	}
	if (n > whole + 1 && out[whole] == '0')
		return false;
	if (i < len && text[i] == '.') {
		size_t fraction;
		bool lacks_whole = n == whole;

		if (lacks_whole)
			out[n++] = '0';
		out[n++] = '.';
		fraction = n;
		for (i++; i < len && (is_digit(text[i]) || text[i] == '_'); i++)
			if (text[i] != '_')
				out[n++] = text[i];
		if (n == fraction) {
			if (lacks_whole)
				return false;
			out[n++] = '0';
		}
	}
	if (n == whole)
		return false;
	while (i < len)
		out[n++] = text[i++];
	return number_length(out, n) == n;
}

/* ---- Words ----------------------------------------------------------- */

struct word {
	const char *text;
	int value; /* -1 null, 0 false, 1 true */
};

static const struct word words[] = {
	{ "true", 1 }, { "false", 0 },	   { "null", -1 },	{ "none", -1 },	     { "undefined", -1 },
	{ "nan", -1 }, { "infinity", -1 }, { "-infinity", -1 }, { "+infinity", -1 },
};

static const struct word *word_of(const char *text, size_t len)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strlen(words[i].text) == len && strncasecmp(words[i].text, text, len) == 0)
			return &words[i];
	return NULL;
}

/* Does a literal begin so? Where the text is cut it may have been meant. */
static bool begins_word(const char *text, size_t len)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strlen(words[i].text) > len && strncasecmp(words[i].text, text, len) == 0)
			return true;
	return false;
}

/* ---- Where a text without quotes ends -------------------------------- */

static bool ends_at_comma(struct reader *reader, size_t at)
{
	size_t after = peek_blank(reader, peek_comma(reader, at));

	if (reader->top->kind != '{' || after >= reader->len || strchr("}]", reader->text[after]))
		return true;
	if (reader->text[after] == '{' || peek_comma(reader, after) > after || peek_dots(reader, after))
		return true;
	return peek_quoted_key(reader, after) != NOWHERE || peek_bare_key(reader, after) != NOWHERE;
}

struct bare {
	size_t end;  /* of the text */
	size_t next; /* where to go on */
	bool cut;    /* nothing came that ends it */
};

/* A quote within: it ends a text that lacks its first quote, or begins the next key. */
static bool ends_at_quote(struct reader *reader, size_t start, size_t at, struct bare *bare)
{
	char c = reader->text[at];
	size_t after;

	if (c != '"' && c != '\'')
		return false;
	if (reader->top->kind == '{' && strchr(" \n\t", reader->text[at - 1]) &&
	    peek_quoted_key(reader, at) != NOWHERE) {
		*bare = (struct bare){ at, at, false };
		return true;
	}
	after = peek_blank(reader, at + 1);
	if (c == '"' && at > start &&
	    (after >= reader->len || strchr("}]", reader->text[after]) ||
	     (peek_comma(reader, after) > after && ends_at_comma(reader, after)))) {
		*bare = (struct bare){ at, at + 1, false };
		return true;
	}
	return false;
}

static struct bare find_end(struct reader *reader)
{
	size_t start = reader->at, stop = peek_stop(reader, start), nested = 0;
	struct bare bare = { stop, stop, stop == reader->len };

	for (size_t i = start; i < stop; i++) {
		char c = reader->text[i];
		bool spaced = i > start && strchr(" \t", reader->text[i - 1]);

		switch (c) {
		case '\n':
			return (struct bare){ i, i, false };
		case '{':
		case '[':
		case '(':
			nested++;
			continue;
		case '}':
		case ']':
		case ')':
			if (nested) {
				nested--;
				continue;
			}
			if (c == ')' && reader->top->kind != '(')
				continue;
			return (struct bare){ i, i, false };
		case '`':
			if (peek_fence(reader, i))
				return (struct bare){ i, i, false };
			continue;
		case '/':
			if ((spaced && i + 1 < stop && reader->text[i + 1] == '/') ||
			    (i > start && i + 1 < stop && reader->text[i + 1] == '*'))
				return (struct bare){ i, i, false };
			continue;
		case '#':
			if (spaced && i + 1 < stop && !is_digit(reader->text[i + 1]))
				return (struct bare){ i, i, false };
			continue;
		case '"':
		case '\'':
			if (ends_at_quote(reader, start, i, &bare))
				return bare;
			continue;
		default:
			if (!nested && peek_comma(reader, i) > i && ends_at_comma(reader, i))
				return (struct bare){ i, i, false };
		}
	}
	return bare;
}

/* ---- Calls ----------------------------------------------------------- */

/* ObjectId("5f…"), NumberLong(2), u"…": behind what stands before the value, else `at`. */
static size_t skip_call(struct reader *reader)
{
	size_t at = reader->at, word = peek_word(reader, at), inner;

	if (!word || at + word >= reader->len || is_digit(reader->text[at]))
		return at;
	if (word <= 2 && strspn(reader->text + at, "urbfURBF") >= word &&
	    (reader->text[at + word] == '"' || reader->text[at + word] == '\'') &&
	    !peek_list_end(reader, at + word + 1))
		return at + word;
	if (reader->text[at + word] != '(')
		return at;
	inner = peek_blank(reader, at + word + 1);
	if (!peek_value(reader, inner) || strchr("{[", reader->text[inner]))
		return at;
	return inner;
}

/* Behind the bracket that closes such a call. */
static void skip_call_end(struct reader *reader)
{
	size_t at = peek_blank(reader, reader->at);

	if (at < reader->len && reader->text[at] == ')')
		reader->at = at + 1;
}

static int mend_call(struct reader *reader, size_t inner)
{
	bool bracket = reader->text[reader->at + peek_word(reader, reader->at)] == '(';

	reader->at = inner;
	if (peek_quote(reader, inner).family != QUOTE_NONE) {
		int rc;

		reader->in_call = bracket;
		rc = string_mend_value(reader);
		reader->in_call = false;
		if (rc < 0)
			return -1;
	} else {
		size_t len = number_length(reader->text + inner, reader->len - inner);
		json_t *value;

		if (!len)
			return bare_mend(reader);
		if (number_read(reader, len, &value) < 0 || reader_add(reader, value) < 0)
			return -1;
		reader->at += len;
	}
	if (bracket)
		skip_call_end(reader);
	return 0;
}

/* ---- A value without quotes ------------------------------------------ */

static size_t trimmed(const char *text, size_t len)
{
	while (len && (unsigned char)text[len - 1] <= ' ')
		len--;
	return len;
}

static int add_tidy(struct reader *reader, const char *number)
{
	const char *text = reader->text;
	size_t at = reader->at, len = strlen(number);
	json_t *value = NULL;
	int rc;

	reader->text = number;
	reader->at = 0;
	rc = number_read(reader, len, &value);
	reader->text = text;
	reader->at = at;
	return rc < 0 ? -1 : reader_add(reader, value);
}

int bare_mend(struct reader *reader)
{
	size_t start = reader->at, inner = skip_call(reader), len;
	const char *text = reader->text + start;
	const struct word *word;
	char number[64] = "";
	struct bare bare;

	if (inner > start)
		return mend_call(reader, inner);
	bare = find_end(reader);
	len = trimmed(text, bare.end - start);
	/* A cut number may have had more digits, a cut word may have been a literal. */
	bare.cut = bare.cut && start + len == bare.end;
	reader->at = bare.next;
	if (!len)
		return reader_add(reader, json_null());
	if (tidy_number(text, len, number, sizeof number)) {
		if (!bare.cut)
			return add_tidy(reader, number);
	} else {
		word = word_of(text, len);
		if (word)
			return reader_add(reader, word->value < 0 ? json_null() : json_boolean(word->value));
		if (!bare.cut || (!begins_word(text, len) && !is_digit(*text) && !strchr("+-.", *text))) {
			reader->cut_string = bare.cut;
			return string_add_raw(reader, (struct span){ text, len });
		}
	}
	reader->at = reader->len;
	return mend_end(reader);
}
