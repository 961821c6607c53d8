/*
 * Damaged strings: which quote ends them is answered by what follows it; what is not well-formed in them is kept as it
 * can be read.
 */
#include "internal.h"

/* ---- Content of damaged strings -------------------------------------- */

static bool is_letter(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* A character outside of ASCII that is punctuation: typographic quotes, dashes, points. */
static bool is_wide_punctuation(const char *at, const char *end)
{
	return end - at >= 3 && (unsigned char)at[0] == 0xE2 && (unsigned char)at[1] == 0x80;
}

/* An escape that is none, at the backslash; cut: the text ends here. Returns how much of the text it takes. */
static size_t mend_escape(const char *at, const char *end, bool cut, char out[4], size_t *out_len)
{
	size_t digits = 0;

	*out_len = 0;
	if (end - at == 1) {
		out[0] = '\\';
		*out_len = !cut;
		return 1;
	}
	if (at[1] == 'u') {
		while (digits < 4 && at + 2 + digits < end && escape_hex(at[2 + digits]) >= 0)
			digits++;
		if (cut && at + 2 + digits == end) /* cut within the escape, or after half a pair */
			return 2 + digits;
		if (digits == 4) {
			*out_len = escape_encode(out, 0xFFFD);
			return 6;
		}
	}
	if (!is_letter((unsigned char)at[1]) && ((unsigned char)at[1] < 0x80 || is_wide_punctuation(at + 1, end)))
		return 1;
	out[0] = '\\';
	*out_len = 1;
	return 1;
}

/* Behind the > of a quoted block's line, with one space. */
static const char *skip_marker(const char *at, const char *end)
{
	const char *to = at;

	while (to < end && (*to == ' ' || *to == '\t'))
		to++;
	if (to == end || *to != '>')
		return at;
	to++;
	return to < end && *to == ' ' ? to + 1 : to;
}

/* Add bytes that should be UTF-8: what is not becomes U+FFFD, a cut character at the very end goes. */
static int add_text(struct persona_buf *buf, const char *from, const char *to, bool cut)
{
	while (from < to) {
		size_t len = (size_t)(to - from), valid = persona_text_valid_prefix(from, len);

		if (persona_buf_add(buf, from, valid, NULL) < 0)
			return -1;
		from += valid;
		if (from == to || (cut && to - from < 4 && (unsigned char)*from >= 0xC2))
			break;
		if (persona_buf_adds(buf, "\xEF\xBF\xBD", NULL) < 0)
			return -1;
		from++;
	}
	return 0;
}

/* The content of raw text between delimiters, into buf. */
static int decode(struct reader *reader, struct persona_buf *buf, struct span raw, bool cut, struct span *content)
{
	const char *at = raw.at, *end = raw.at + raw.len, *start = at;
	char bytes[4];

	if (!reader->quoted && !memchr(at, '\\', raw.len) && persona_text_valid_prefix(at, raw.len) == raw.len) {
		*content = raw;
		return 0;
	}
	persona_buf_clear(buf);
	while (at < end) {
		size_t taken = 0, len = 0;

		if (*at == '\\') {
			taken = escape_read(at, end, bytes, &len);
			if (!taken)
				taken = mend_escape(at, end, cut, bytes, &len);
		} else if (*at == '\n' && reader->quoted) {
			taken = (size_t)(skip_marker(at + 1, end) - at);
			bytes[0] = '\n';
			len = 1;
		}
		if (!taken) {
			at++;
			continue;
		}
		if (add_text(buf, start, at, false) < 0 || persona_buf_add(buf, bytes, len, NULL) < 0)
			return reader_fail(reader, FAILED_MEMORY, NULL, reader->at);
		start = at += taken;
	}
	if (add_text(buf, start, end, cut) < 0)
		return reader_fail(reader, FAILED_MEMORY, NULL, reader->at);
	*content = (struct span){ buf->data, buf->len };
	return 0;
}

int string_add_raw(struct reader *reader, struct span raw)
{
	struct span content;

	return decode(reader, &reader->source->content, raw, false, &content) < 0 ? -1
										  : reader_add_string(reader, content);
}

/* ---- Which quote ends a damaged value -------------------------------- */

/* How a string ends. */
struct ending {
	size_t end;  /* of its content */
	size_t next; /* where to go on */
	bool cut;    /* the text ended first */
};

static char byte_at(const struct reader *reader, size_t at)
{
	return at < reader->len ? reader->text[at] : '\0';
}

/* What follows a comma goes on as the container that is open does. */
static bool goes_on(struct reader *reader, size_t at)
{
	size_t comma;

	while ((comma = peek_comma(reader, at)) > at)
		at = peek_blank(reader, comma);
	if (at >= peek_stop(reader, at) || strchr("}])", reader->text[at]) || peek_dots(reader, at) ||
	    peek_fence(reader, at))
		return true;
	if (reader->top->kind != '{')
		return peek_value(reader, at);
	/* A { where a key should be: the } before it is missing. */
	return peek_key(reader, at) || peek_noted_key(reader, at) != NOWHERE ||
	       (reader->text[at] == '{' && peek_container(reader, at, false));
}

/* The quote at `at` opens an element: the next such quote, or that of a string which follows without a comma, ends it. */
static bool opens_element(struct reader *reader, size_t at)
{
	struct quote q = peek_quote(reader, at);
	size_t most = peek_limit(reader->len, at, 1024), begin = at, i = at + q.len;

	if (q.family == QUOTE_NONE)
		return false;
	while (i < most && reader->text[i] != '\n') {
		size_t len = peek_end_quote(reader, i, q), after;

		if (!len) {
			i += reader->text[i] == '\\' ? 2 : 1;
			continue;
		}
		reader->source->visited += i - begin;
		if (peek_list_end(reader, i + len))
			return true;
		after = peek_blank(reader, i + len);
		if (after == i + len || after >= most || !peek_end_quote(reader, after, q))
			return after > i + len && after < most && reader->text[after] >= '0' &&
			       reader->text[after] <= '9';
		begin = after;
		i = after + q.len;
	}
	return false;
}

/* Without a comma: does the next member or element follow all the same? */
static bool goes_on_without_comma(struct reader *reader, size_t quote_end, size_t at)
{
	char c = byte_at(reader, at);
	size_t number, after;

	if (reader->top->kind == '{') {
		if (peek_quoted_key(reader, at) != NOWHERE)
			return true;
		if (c == '{')
			return peek_container(reader, at, false);
		return peek_newline_between(reader, quote_end, at) && peek_bare_key(reader, at) != NOWHERE;
	}
	if (c == '{' || c == '[')
		return peek_container(reader, at, false);
	if (at == quote_end)
		return false;
	if (peek_dots(reader, at))
		return peek_list_end(reader, at + peek_dots(reader, at));
	if (peek_quote(reader, at).family != QUOTE_NONE)
		return peek_newline_between(reader, quote_end, at) || opens_element(reader, at);
	number = number_length(reader->text + at, reader->len - at);
	after = peek_blank(reader, at + number);
	return number && (after >= reader->len || strchr(",]}", reader->text[after]));
}

/* "a" + "b" */
static bool joins(struct reader *reader, size_t at)
{
	return byte_at(reader, at) == '+' && peek_quote(reader, peek_blank(reader, at + 1)).family != QUOTE_NONE;
}

/* Does a quote that ends before `quote_end` end a value? */
static bool ends_value(struct reader *reader, size_t quote_end)
{
	size_t at = peek_blank(reader, quote_end);
	char c = byte_at(reader, at);

	if (at >= peek_stop(reader, at) || c == '}' || c == ']' ||
	    (c == ')' && (reader->top->kind == '(' || reader->in_call)))
		return true;
	if (peek_comma(reader, at) > at)
		return goes_on(reader, at);
	if (peek_colon(reader, at) > at)
		return reader->top->kind != '{' && c == ':' && peek_value(reader, peek_blank(reader, at + 1));
	return joins(reader, at) || peek_fence(reader, at) || goes_on_without_comma(reader, quote_end, at);
}

static size_t before_space(const struct reader *reader, size_t from, size_t at)
{
	while (at > from && (unsigned char)reader->text[at - 1] <= ' ')
		at--;
	return at;
}

/* The same with the > that begin quoted lines. */
static size_t before_blank(const struct reader *reader, size_t from, size_t at)
{
	size_t end = before_space(reader, from, at), line;

	while (reader->quoted && end > from && reader->text[end - 1] == '>') {
		line = before_space(reader, from, end - 1);
		if (!peek_newline_between(reader, line, end))
			break;
		end = line;
	}
	return end;
}

/* Text before `at` without white space and one comma at its end. */
static size_t before_separator(const struct reader *reader, size_t from, size_t at)
{
	at = before_blank(reader, from, at);
	if (at > from && reader->text[at - 1] == ',')
		at--;
	return before_space(reader, from, at);
}

/* A quote that ends nothing, but begins the next key or element: the string ended before, without its quote. */
static bool ended_before(struct reader *reader, size_t start, size_t at, struct ending *ending)
{
	size_t blank = before_blank(reader, start, at);
	bool comma, newline;

	comma = blank > start && reader->text[blank - 1] == ',';
	newline = peek_newline_between(reader, blank, at);
	reader->source->visited += at - blank;
	if (!comma && !newline)
		return false;
	if (reader->top->kind == '{' ? peek_quoted_key(reader, at) == NOWHERE : !opens_element(reader, at))
		return false;
	*ending = (struct ending){ before_separator(reader, start, at), at, false };
	return true;
}

/* How many of the brackets text[from..to) close what is open, all the way to the last of them; blanks do not count. */
static size_t closing_run(const struct reader *reader, size_t from, size_t to)
{
	size_t depth = reader->depth;

	for (size_t i = from; i < to; i++) {
		char c = reader->text[i];

		if ((unsigned char)c <= ' ')
			continue;
		if (!depth || c != (reader->source->frames[--depth].kind == '{' ? '}' : ']'))
			return 0;
	}
	return reader->depth - depth;
}

/*
 * The text ended within the string. Brackets at its very end that close what is open, and that no bracket within
 * the string opened, are taken for what they are: ["hello, world]
 */
static struct ending ended_by_text(struct reader *reader, size_t start, size_t stop)
{
	size_t end = stop, opened = 0, closed = 0, brackets;

	while (end > start && reader->text[end - 1] == '`')
		end--;
	if (stop - end < 3)
		end = stop;
	stop = end;
	while (end > start && (unsigned char)reader->text[end - 1] <= ' ')
		end--;
	for (size_t i = start; i < end; i++) {
		opened += reader->text[i] == '{' || reader->text[i] == '[';
		closed += reader->text[i] == '}' || reader->text[i] == ']';
	}
	reader->source->visited += end - start;
	brackets = end;
	for (size_t left = closed > opened ? closed - opened : 0; left && brackets > start; brackets--) {
		char c = reader->text[brackets - 1];

		if (c == '}' || c == ']')
			left--;
		else if ((unsigned char)c > ' ')
			break;
	}
	while (brackets < end && !closing_run(reader, brackets, end))
		brackets++;
	if (brackets < end)
		return (struct ending){ before_separator(reader, start, brackets), brackets, false };
	if (stop < reader->len)
		return (struct ending){ before_separator(reader, start, stop), stop, false };
	return (struct ending){ stop, stop, true };
}

/* A line of a string that is a code fence: the end of the block that the value stands in, or code within the string? */
enum fence_line { NO_FENCE, CODE_FENCE, BLOCK_FENCE };

static enum fence_line fence_line(const struct reader *reader, size_t at, bool in_code)
{
	size_t len, end;
	bool named;

	while (at < reader->len && strchr(" \t>", reader->text[at]))
		at++;
	len = peek_fence(reader, at);
	if (!len)
		return NO_FENCE;
	end = at + len;
	while (end < reader->len && strchr(" \t\r", reader->text[end]))
		end++;
	named = end < reader->len && reader->text[end] != '\n';
	if (!reader->fenced)
		return named && reader->len - end >= 4 && memcmp(reader->text + end, "json", 4) == 0 ? BLOCK_FENCE
												     : CODE_FENCE;
	return named || in_code ? CODE_FENCE : BLOCK_FENCE;
}

/*
 * A tag within a string is text: then the first quote behind it, on the same line, ends the value. Sets *quote, which
 * says so for all tags before it.
 */
static bool is_tag_in_string(struct reader *reader, size_t tag, struct quote q, size_t *quote)
{
	size_t i = tag, len = 0;

	if (tag < *quote)
		return true;
	while (i < reader->len && reader->text[i] != '\n' && !(len = peek_end_quote(reader, i, q)))
		i += reader->text[i] == '\\' ? 2 : 1;
	reader->source->visited += i - tag;
	if (!len || !(q.family == QUOTE_TRIPLE || ends_value(reader, i + len)))
		return false;
	*quote = i;
	return true;
}

static struct ending find_end(struct reader *reader, size_t start, struct quote q)
{
	size_t stop = peek_stop(reader, start), quote = 0;
	struct ending ending;
	bool in_code = false;

	for (size_t i = start;;) {
		size_t len;

		if (i >= stop) {
			if (stop >= reader->len || !is_tag_in_string(reader, stop, q, &quote))
				break;
			stop = peek_stop(reader, stop + 1);
			continue;
		}
		len = peek_end_quote(reader, i, q);
		if (len && q.family == QUOTE_TRIPLE) {
			while (byte_at(reader, i + 3) == q.byte)
				i++;
			return (struct ending){ i, i + 3, false };
		}
		if (len && ends_value(reader, i + len))
			return (struct ending){ i, i + len, false };
		if (len && ended_before(reader, start, i, &ending))
			return ending;
		if (!len && reader->text[i] == '\n') {
			enum fence_line fence = fence_line(reader, i + 1, in_code);

			if (fence == BLOCK_FENCE)
				return ended_by_text(reader, start, i);
			in_code ^= fence == CODE_FENCE;
		}
		i += len ? len : reader->text[i] == '\\' ? 2 : 1;
	}
	return ended_by_text(reader, start, stop);
}

/* One string of those that + joins. */
static int mend_part(struct reader *reader, struct span *content)
{
	struct quote q = peek_quote(reader, reader->at);
	size_t start = reader->at + q.len;
	struct ending ending = find_end(reader, start, q);

	if (ending.end < start)
		ending.end = start;
	/* ""value" has one quote too many; ""I see," she said" has not. */
	if (ending.end > start && peek_end_quote(reader, start, q) == q.len && !ending.cut) {
		size_t i = start + q.len;

		while (i < ending.end && !peek_end_quote(reader, i, q))
			i++;
		reader->source->visited += i - start;
		start += i == ending.end ? q.len : 0;
	}
	reader->at = ending.next;
	reader->cut_string = ending.cut;
	return decode(reader, &reader->source->content, (struct span){ reader->text + start, ending.end - start },
		      ending.cut, content);
}

int string_mend_value(struct reader *reader)
{
	struct persona_buf whole;
	struct span content;
	size_t after;
	int rc;

	reader->mended = true;
	if (mend_part(reader, &content) < 0)
		return -1;
	if (reader->cut_string && !content.len)
		return mend_end(reader);
	if (!joins(reader, peek_blank(reader, reader->at)))
		return reader_add_string(reader, content);
	persona_buf_init(&whole, SIZE_MAX);
	rc = persona_buf_add(&whole, content.at, content.len, NULL);
	while (!rc && joins(reader, after = peek_blank(reader, reader->at))) {
		reader->at = peek_blank(reader, after + 1);
		rc = mend_part(reader, &content);
		if (!rc)
			rc = persona_buf_add(&whole, content.at, content.len, NULL);
	}
	if (rc < 0)
		rc = reader_fail(reader, FAILED_MEMORY, NULL, reader->at);
	else
		rc = reader_add_string(reader, (struct span){ whole.data, whole.len });
	persona_buf_release(&whole);
	return rc;
}

/* ---- Keys ------------------------------------------------------------ */

/* What may stand behind a key whose colon is missing: a value, or nothing more. */
static bool ends_key_without_colon(struct reader *reader, size_t quote_end)
{
	size_t at = peek_blank(reader, quote_end);
	char c = byte_at(reader, at);

	if (strchr("},]", c)) /* or the end of the text */
		return true;
	if (c == '{' || c == '[')
		return peek_container(reader, at, false);
	if (peek_quote(reader, at).family != QUOTE_NONE)
		return at > quote_end && opens_element(reader, at);
	if (c >= '0' && c <= '9')
		return peek_list_end(reader, at + number_length(reader->text + at, reader->len - at));
	return at > quote_end && peek_value(reader, at);
}

/* The colon within a key that lacks its closing quote: {"key:"value"} and {"key: 1}. */
static size_t inner_colon(const struct reader *reader, size_t from, size_t to)
{
	const char *colon = to > from ? memchr(reader->text + from, ':', to - from) : NULL;

	return colon ? (size_t)(colon - reader->text) : NOWHERE;
}

int string_mend_key(struct reader *reader, struct span *content)
{
	struct quote q = peek_quote(reader, reader->at);
	size_t start = reader->at + q.len, stop = peek_stop(reader, start), end = NOWHERE, next = NOWHERE, colon, len;
	size_t quotes = 0, line = stop;

	while (q.family == QUOTE_DOUBLE && byte_at(reader, start) == '"' && peek_colon(reader, start + 1) == start + 1)
		start++;
	for (size_t i = start; i < stop; i += len ? len : reader->text[i] == '\\' ? 2 : 1) {
		len = peek_end_quote(reader, i, q);
		if (reader->text[i] == '\n' && line == stop)
			line = i;
		if (!len)
			continue;
		if (line == stop)
			line = i;
		quotes++;
		next = peek_blank(reader, i + len);
		if (peek_colon(reader, next) > next || ends_key_without_colon(reader, i + len)) {
			end = i;
			next = i + len;
			break;
		}
		if (line < i && reader->text[line] == '\n')
			break;
	}
	reader->source->visited += (end == NOWHERE ? stop : end) - start;
	colon = inner_colon(reader, start, line);
	if (end == NOWHERE || (quotes > 1 && colon != NOWHERE)) {
		if (colon == NOWHERE)
			return 1;
		end = next = colon;
	}
	while (q.family == QUOTE_DOUBLE && start > reader->at + q.len && end > start && reader->text[end - 1] == '"')
		end--;
	reader->at = next;
	return decode(reader, &reader->source->next_key, (struct span){ reader->text + start, end - start }, false,
		      content);
}
