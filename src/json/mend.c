/* What to do at tokens that are not where JSON has them. */
#include "internal.h"

#define LEVELS_BACK 64 /* how far up a closing bracket is matched */

static char byte_at(const struct reader *reader, size_t at)
{
	return at < reader->len ? reader->text[at] : '\0';
}

static bool is_closer(char c)
{
	return c && strchr("}])", c);
}

/* The kind of the container around the one that is open, 0 if there is none. */
static char parent_kind(const struct reader *reader)
{
	return reader->depth > 1 ? reader->source->frames[reader->depth - 2].kind : '\0';
}

/* Skip what says nothing: white space of any kind and comments. */
static bool skip_blank(struct reader *reader)
{
	size_t at = peek_blank(reader, reader->at);
	bool moved = at > reader->at;

	reader->at = at;
	return moved;
}

/* Does the damaged value end here: at the text's end, at a tag, at a fence? */
static bool is_end(struct reader *reader)
{
	return reader->at >= peek_stop(reader, reader->at) || peek_fence(reader, reader->at) > 0;
}

/* "..." and the words that come with it, such as "... and so on". */
static void skip_dots(struct reader *reader, size_t len)
{
	reader->at += len;
	while (reader->at < reader->len && !strchr(",\n}])\"'{[/", reader->text[reader->at]))
		reader->at++;
}

/* ---- The end of the text --------------------------------------------- */

/* The list whose complete elements are worth more than its last: at the top, or the only member there. */
static json_t *top_list(const struct reader *reader, size_t *level)
{
	const struct frame *frames = reader->source->frames;

	*level = 0;
	if (frames[0].kind != '{')
		return frames[0].value;
	*level = 1;
	return reader->depth > 1 && frames[1].kind != '{' && json_object_size(frames[0].value) == 1 ? frames[1].value
												    : NULL;
}

static void drop_cut(struct reader *reader)
{
	size_t level, size;
	json_t *list;

	/* 3 may have been 34. */
	if (reader->redo != NOWHERE && reader->state == AT_AFTER &&
	    number_length(reader->text + reader->redo, reader->len - reader->redo) == reader->len - reader->redo)
		reader_drop_last(reader);
	list = top_list(reader, &level);
	size = json_array_size(list);
	reader->partial = !list || reader->depth > level + 1 || reader->cut_string;
	if (size < 2 || !reader->partial)
		return;
	(void)json_array_remove(list, size - 1);
	reader->partial = false;
}

int mend_end(struct reader *reader)
{
	reader->mended = true;
	if (!reader->top)
		return reader_fail(reader, FAILED_EMPTY, NULL, reader->at);
	if (peek_blank(reader, reader->at) >= reader->len) {
		reader->truncated = true;
		reader->at = reader->len;
		drop_cut(reader);
	}
	while (reader->top)
		reader_close(reader);
	return reader->scalars ? 0 : reader_fail(reader, FAILED_EMPTY, NULL, reader->at);
}

/* ---- Closing brackets ------------------------------------------------ */

enum next { NEXT_KEY, NEXT_ELEMENT, NEXT_BRACE, NEXT_BRACKET, NEXT_END };

/* What comes behind a closing bracket. */
static enum next next_of(struct reader *reader, size_t at)
{
	size_t comma;

	at = peek_blank(reader, at);
	while ((comma = peek_comma(reader, at)) > at)
		at = peek_blank(reader, comma);
	if (byte_at(reader, at) == '}')
		return NEXT_BRACE;
	if (byte_at(reader, at) == ']')
		return NEXT_BRACKET;
	if (peek_key(reader, at))
		return NEXT_KEY;
	return peek_value(reader, at) ? NEXT_ELEMENT : NEXT_END;
}

/* Would that come next if so many containers were open? */
static bool fits(const struct reader *reader, size_t depth, enum next next)
{
	char kind = depth ? reader->source->frames[depth - 1].kind : '\0';

	switch (next) {
	case NEXT_KEY:
	case NEXT_BRACE:
		return kind == '{';
	case NEXT_ELEMENT:
	case NEXT_BRACKET:
		return kind == '[' || kind == '(';
	default:
		return true;
	}
}

/* So many containers are open when the nearest one that the bracket closes is closed; the depth if there is none. */
static size_t depth_behind(const struct reader *reader, char bracket)
{
	size_t least = reader->depth > LEVELS_BACK ? reader->depth - LEVELS_BACK : 0;
	char kind = bracket == '}' ? '{' : '[';

	for (size_t depth = reader->depth; depth > least; depth--)
		if (reader->source->frames[depth - 1].kind == kind)
			return depth - 1;
	return reader->depth;
}

/*
 * A bracket that does not close what is open. Brackets are missing before it, or it is a slip for the
 * right one, or it is one too many: the first of these with which the text goes on as it does.
 */
static void close_wrong(struct reader *reader, char bracket)
{
	enum next next = next_of(reader, reader->at + 1);
	size_t missing = depth_behind(reader, bracket), depth = reader->depth - 1;

	if (missing < reader->depth && fits(reader, missing, next))
		depth = missing;
	else if (fits(reader, reader->depth - 1, next))
		depth = reader->depth - 1;
	else if (fits(reader, reader->depth, next))
		depth = reader->depth;
	else if (missing < reader->depth)
		depth = missing;
	reader->at++;
	reader->redo = NOWHERE;
	reader->state = AT_AFTER;
	while (reader->depth > depth)
		reader_close(reader);
}

/* The object at the root is closed, and then another member comes. */
static bool closes_too_early(struct reader *reader)
{
	size_t at = peek_blank(reader, reader->at + 1), comma = peek_comma(reader, at);

	return reader->depth == 1 && reader->top->kind == '{' && comma > at &&
	       peek_quoted_key(reader, peek_blank(reader, comma)) != NOWHERE;
}

int mend_closer(struct reader *reader)
{
	char c = byte_at(reader, reader->at), kind = reader->top->kind;

	if (c == '}' && kind == '{' && reader->top->extra) {
		reader->top->extra--;
		reader->at++;
		reader->redo = NOWHERE;
		reader->state = AT_AFTER;
	} else if (c == (kind == '{' ? '}' : kind == '[' ? ']' : ')')) {
		if (closes_too_early(reader)) {
			reader->mended = true;
			reader->at++;
			reader->redo = NOWHERE;
			reader->state = AT_AFTER;
			return 0;
		}
		reader->at++;
		reader_close(reader);
	} else if (c == ')') {
		reader->mended = true;
		reader->at++;
	} else {
		reader->mended = true;
		close_wrong(reader, c);
	}
	return 0;
}

/* ---- Keys ------------------------------------------------------------ */

/* An opening bracket where a key should be. */
static int open_for_key(struct reader *reader, char c)
{
	json_t *last;

	if (parent_kind(reader) == '[' || parent_kind(reader) == '(') {
		reader_close(reader); /* its bracket is missing */
		reader->state = AT_VALUE;
		return 0;
	}
	if (c == '[' && reader->key.at && reader->state == AT_KEY) {
		/* "key": ["a"], ["b"] */
		last = json_object_getn(reader->top->value, reader->key.at, reader->key.len);
		if (json_is_array(last)) {
			if (reader_reopen(reader, last) < 0)
				return -1;
			reader->at++;
			reader->state = AT_VALUE;
			return 0;
		}
	}
	if (c == '{')
		reader->top->extra++;
	reader->at++;
	return 0;
}

/* After a key: its colon, or what stands there instead. */
static int take_key(struct reader *reader, struct span key)
{
	size_t at = peek_blank(reader, reader->at), colon = peek_colon(reader, at);
	bool lacks_value = at < reader->len && colon == at && !peek_value(reader, at);

	if (lacks_value && reader->depth == 1 && !json_object_size(reader->top->value))
		return reader_fail(reader, FAILED_EMPTY, NULL, at); /* {name} is prose */
	reader_take_next_key(reader, key);
	reader->at = colon;
	return 0;
}

/* The bytes of a key without quotes, as valid UTF-8. */
static int take_bare_key(struct reader *reader, size_t from, size_t to)
{
	struct span key = { reader->text + from, to - from };
	struct persona_buf *buf = &reader->source->next_key;

	while (key.len && (unsigned char)key.at[key.len - 1] <= ' ')
		key.len--;
	reader->bare_keys = true;
	if (persona_text_valid_prefix(key.at, key.len) < key.len) {
		persona_buf_clear(buf);
		if (persona_text_clean(buf, key.at, key.len, NULL, NULL) < 0)
			return reader_fail(reader, FAILED_MEMORY, NULL, from);
		key = (struct span){ buf->data, buf->len };
	}
	return take_key(reader, key);
}

/* A key without quotes: all up to the colon. Words before a quoted key are none, and go. */
static int bare_key(struct reader *reader)
{
	size_t at = reader->at, end = at, stop = peek_stop(reader, at), after;
	bool quote;

	while (end < stop && !strchr(":=,\n{}[]\"'", reader->text[end]) && peek_colon(reader, end) == end)
		end++;
	quote = end < stop && strchr("\"'", reader->text[end]);
	after = end + quote; /* key": lacks its first quote alone */
	if (end > at && after < stop && peek_colon(reader, peek_blank(reader, after)) > peek_blank(reader, after)) {
		reader->at = after;
		return take_bare_key(reader, at, end);
	}
	/* key "value" */
	if (quote && end > at && peek_word(reader, at) && peek_blank(reader, at + peek_word(reader, at)) == end &&
	    peek_quoted_key(reader, end) == NOWHERE) {
		reader->at = end;
		return take_bare_key(reader, at, end);
	}
	reader->at = end > at ? end : at + 1;
	return 0;
}

/* After a comma no key comes: the comma may stand in the text of the value before. */
static bool belongs_to_value(struct reader *reader)
{
	size_t at = reader->at;
	char c = byte_at(reader, at);

	if (reader->redo == NOWHERE || reader->state != AT_KEY || c == '{' || c == '[')
		return false;
	/* 10,000 is one number; of other scalars a comma is no part. */
	if (reader->text[reader->redo] != '"')
		return c >= '0' && c <= '9' && reader->text[at - 1] == ',' && reader->text[at - 2] >= '0' &&
		       reader->text[at - 2] <= '9' && peek_bare_key(reader, at) == NOWHERE;
	return !peek_key(reader, at) && peek_bare_key(reader, at) == NOWHERE && peek_noted_key(reader, at) == NOWHERE;
}

int mend_key(struct reader *reader)
{
	size_t len;
	struct span key;
	char c;
	int rc;

	if (skip_blank(reader))
		return 0;
	if (is_end(reader))
		return mend_end(reader);
	c = byte_at(reader, reader->at);
	if (is_closer(c))
		return mend_closer(reader);
	len = peek_comma(reader, reader->at) - reader->at;
	if (len) {
		reader->at += len;
		return 0;
	}
	len = peek_dots(reader, reader->at);
	if (len) {
		skip_dots(reader, len);
		return 0;
	}
	if (belongs_to_value(reader))
		return reader_redo(reader);
	if (c == '{' || c == '[')
		return open_for_key(reader, c);
	if (peek_quote(reader, reader->at).family == QUOTE_NONE)
		return bare_key(reader);
	rc = string_mend_key(reader, &key);
	if (rc < 0)
		return -1;
	if (rc > 0) { /* a quote that begins nothing: cut, or stray */
		if (peek_stop(reader, reader->at) >= reader->len &&
		    !memchr(reader->text + reader->at, '\n', reader->len - reader->at)) {
			reader->at = reader->len;
			return mend_end(reader);
		}
		reader->at++;
		return 0;
	}
	return take_key(reader, key);
}

/* ---- Values ---------------------------------------------------------- */

/* A word after a comma in an array: an element, or more of the string before? The next quote tells. */
static bool is_more_of_string(struct reader *reader)
{
	size_t i = reader->at, most = peek_limit(reader->len, i, 1024), after;

	if (reader->redo == NOWHERE || reader->text[reader->redo] != '"' || reader->state != AT_VALUE ||
	    peek_value(reader, i))
		return false;
	while (i < most && !strchr("\"\n", reader->text[i]))
		i++;
	reader->source->visited += i - reader->at;
	if (i == most || reader->text[i] != '"')
		return false;
	after = peek_blank(reader, i + 1);
	return after >= reader->len || is_closer(reader->text[after]) || peek_comma(reader, after) > after;
}

/* No value where a member's should be. */
static int missing_value(struct reader *reader)
{
	return reader_add(reader, json_null());
}

int mend_value(struct reader *reader)
{
	bool member = !reader->top || reader->top->kind == '{';
	size_t at, len;
	char c;

	if (skip_blank(reader))
		return 0;
	if (is_end(reader))
		return mend_end(reader);
	at = reader->at;
	c = byte_at(reader, at);
	if (is_closer(c))
		return member ? missing_value(reader) : mend_closer(reader);
	len = peek_comma(reader, at) - at;
	if (len) {
		if (member)
			return missing_value(reader);
		reader->at += len;
		return 0;
	}
	if (peek_quote(reader, at).family != QUOTE_NONE)
		return string_mend_value(reader);
	if (peek_dots(reader, at)) {
		skip_dots(reader, peek_dots(reader, at));
		return member ? missing_value(reader) : 0;
	}
	if (peek_colon(reader, at) > at) {
		reader->at = peek_colon(reader, at);
		return 0;
	}
	if (peek_tuple(reader, at)) {
		if (reader_open(reader, '(') < 0)
			return -1;
		reader->at++;
		return 0;
	}
	if (!member && is_more_of_string(reader))
		return reader_redo(reader);
	if (!member && peek_bare_key(reader, at) != NOWHERE &&
	    peek_value(reader, peek_blank(reader, peek_bare_key(reader, at))))
		return reader_open(reader, '{'); /* its bracket is missing */
	return bare_mend(reader);
}

/* ---- Behind a value -------------------------------------------------- */

static bool has_key(const json_t *object, const json_t *key)
{
	return json_object_getn(object, json_string_value(key), json_string_length(key)) != NULL;
}

/* Has an element before the last two that key? */
static bool is_key_of_earlier(const json_t *array, const json_t *key)
{
	size_t size = json_array_size(array);

	for (size_t i = size > 34 ? size - 34 : 0; i + 2 < size; i++)
		if (has_key(json_array_get(array, i), key))
			return true;
	return false;
}

/*
 * A colon after a text in an array: the text is a key. The bracket before it closed an element too early, or the
 * array's own is missing, or that which opens an element.
 */
static int key_in_array(struct reader *reader)
{
	json_t *array = reader->top->value, *key, *last;
	struct persona_buf *buf = &reader->source->next_key;
	size_t size = json_array_size(array);
	struct span content;
	int rc = 0;

	key = json_array_get(array, size - 1);
	last = json_array_get(array, size - 2);
	persona_buf_clear(buf);
	if (persona_buf_add(buf, json_string_value(key), json_string_length(key), NULL) < 0)
		return reader_fail(reader, FAILED_MEMORY, NULL, reader->at);
	content = (struct span){ buf->data, buf->len };
	if (json_is_object(last) && !has_key(last, key) &&
	    (parent_kind(reader) != '{' || is_key_of_earlier(array, key))) {
		reader_drop_last(reader);
		rc = reader_reopen(reader, last);
	} else if (parent_kind(reader) == '{' && !(json_is_object(last) && has_key(last, key))) {
		reader_drop_last(reader);
		reader_close(reader);
	} else {
		reader_drop_last(reader);
		rc = reader_open(reader, '{');
	}
	return rc < 0 ? -1 : take_key(reader, content);
}

static bool ends_with_string(const struct reader *reader)
{
	const json_t *array = reader->top->value;

	return json_is_string(json_array_get(array, json_array_size(array) - 1));
}

/* One number after the other, without commas. */
static bool is_next_number(const struct reader *reader)
{
	size_t at = reader->at, len = number_length(reader->text + at, reader->len - at);
	char before = reader->redo != NOWHERE ? reader->text[reader->redo] : '\0', after = byte_at(reader, at + len);

	return len && (before == '-' || (before >= '0' && before <= '9')) && strchr(" ,]\n\r\t", after) &&
	       strchr(" \n\r\t", reader->text[at - 1]);
}

/* A word on a line of its own, after one without quotes on another. */
static bool is_next_line(const struct reader *reader)
{
	size_t at = reader->at;

	while (at && strchr(" \t\r", reader->text[at - 1]))
		at--;
	return reader->redo == NOWHERE && at && reader->text[at - 1] == '\n' && peek_word(reader, reader->at);
}

static int after_in_object(struct reader *reader, char c)
{
	if (c == '{' || c == '[' || peek_quoted_key(reader, reader->at) != NOWHERE ||
	    peek_bare_key(reader, reader->at) != NOWHERE) {
		reader->state = AT_KEY;
		return 0;
	}
	if (peek_dots(reader, reader->at)) {
		skip_dots(reader, peek_dots(reader, reader->at));
		return 0;
	}
	return 1;
}

int mend_after(struct reader *reader)
{
	bool member = reader->top->kind == '{';
	size_t len;
	char c;

	if (skip_blank(reader))
		return 0;
	if (is_end(reader))
		return mend_end(reader);
	c = byte_at(reader, reader->at);
	if (is_closer(c))
		return mend_closer(reader);
	len = peek_comma(reader, reader->at) - reader->at;
	if (len && (c != ';' || reader->redo == NOWHERE)) {
		reader->at += len;
		reader->state = member ? AT_KEY : AT_VALUE;
		return 0;
	}
	if (!member && peek_colon(reader, reader->at) > reader->at && ends_with_string(reader))
		return key_in_array(reader);
	/* The bracket before is missing. */
	if (c == '{' && member && parent_kind(reader) == '[' && peek_container(reader, reader->at, false)) {
		reader->state = AT_KEY;
		return 0;
	}
	if (!member && (is_next_number(reader) || is_next_line(reader))) {
		reader->state = AT_VALUE;
		return 0;
	}
	if (reader->redo != NOWHERE)
		return reader_redo(reader);
	if (member && after_in_object(reader, c) == 0)
		return 0;
	if (!member && peek_value(reader, reader->at)) {
		reader->state = AT_VALUE;
		return 0;
	}
	/* Stray words. */
	len = peek_word(reader, reader->at);
	reader->at += len ? len : 1;
	return 0;
}
