/*
 * Writing a JSON document by hand, sound or damaged, and knowing at each byte what would be
 * left of it if the text ended there. Depth and size are those of generate.c's documents.
 */
#include <string.h>

#include "generate_pool.h"
#include "generate_write.h"

/* splitmix64 */
uint64_t writer_draw(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

size_t writer_below(uint64_t *state, size_t limit)
{
	return (size_t)(writer_draw(state) % limit);
}

void writer_put_bytes(struct writer *w, const char *bytes, size_t len)
{
	if (!w->failed)
		w->failed = persona_buf_add(&w->out, bytes, len, NULL) < 0;
}

void writer_put(struct writer *w, const char *string)
{
	writer_put_bytes(w, string, strlen(string));
}

bool writer_hit(struct writer *w, enum generate_kind kind)
{
	if (!(w->wanted & GENERATE_BIT(kind)) || writer_below(&w->state, 5) >= 3)
		return false;
	w->done |= GENERATE_BIT(kind);
	return true;
}

/* Kinds that a document can hold once before it is anybody's guess. */
static bool hit_once(struct writer *w, enum generate_kind kind)
{
	return !(w->done & GENERATE_BIT(kind)) && writer_hit(w, kind);
}

/* ---- Truncation ------------------------------------------------------ */

/*
 * Does the specification say what is left? Once an array at the top (or the only member of
 * the top) has a complete element, always. Before that, what is open innermost must hold something:
 * whether an empty list or object stays is not said.
 */
static bool is_fair(const struct cut *cut)
{
	const struct frame *frames = cut->frames;

	if (!cut->depth)
		return false;
	if (json_is_array(frames[0].value) && frames[0].complete)
		return true;
	if (cut->depth > 1 && !frames[0].complete && json_is_array(frames[1].value) && frames[1].complete)
		return true;
	return frames[cut->depth - 1].complete || (cut->text && cut->text_len);
}

/* The text may end here. text, text_len: the string that it then ends in. */
static void may_end(struct writer *w, const char *text, size_t text_len)
{
	struct cut here = { .offset = w->out.len, .depth = w->depth, .text = text, .text_len = text_len };

	if (!(w->wanted & G(TRUNCATED)))
		return;
	memcpy(here.frames, w->frames, sizeof here.frames);
	if (is_fair(&here) && !writer_below(&w->state, (size_t)++w->cuts))
		w->cut = here;
}

/* What is left of the containers from `level` on. */
static json_t *left_of(const struct cut *cut, size_t level, bool *failed)
{
	const struct frame *frame = &cut->frames[level];
	bool last = level + 1 == cut->depth;
	json_t *left, *member = NULL;
	const char *key;
	json_t *value;
	size_t i = 0;

	/* Complete elements are kept and the cut one is dropped; also in the only member of the top. */
	bool drops = json_is_array(frame->value) && frame->complete &&
		     (!level || (level == 1 && !cut->frames[0].complete && json_is_object(cut->frames[0].value)));

	if (!last && !drops)
		member = left_of(cut, level + 1, failed);
	else if (last && !drops && cut->text)
		member = json_stringn(cut->text, cut->text_len);
	if (json_is_array(frame->value)) {
		left = json_array();
		for (; i < frame->complete; i++)
			*failed |= json_array_append(left, json_array_get(frame->value, i)) < 0;
		if (member)
			*failed |= json_array_append_new(left, member) < 0;
		return left;
	}
	left = json_object();
	json_object_foreach((json_t *)(uintptr_t)frame->value, key, value) {
		if (i++ < frame->complete)
			*failed |= json_object_set(left, key, value) < 0;
	}
	if (member)
		*failed |= json_object_set_new(left, frame->key, member) < 0;
	return left;
}

/* ---- Strings and scalars --------------------------------------------- */

static size_t character_len(const char *text)
{
	unsigned char lead = (unsigned char)*text;

	return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

static bool is_letter(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/* One character between the quotes; whether it stands behind a backslash that counts is up to the kinds. */
static void put_character(struct writer *w, const char *at, char quote, bool inner)
{
	char escape[3] = { '\\', *at, '\0' };
	bool control = *at == '\n' || *at == '\t';

	if (control && writer_hit(w, GENERATE_RAW_CONTROL))
		writer_put_bytes(w, at, 1);
	else if (control)
		writer_put(w, *at == '\n' ? "\\n" : "\\t");
	else if (*at == quote && (quote == '\'' || !inner))
		writer_put(w, escape);
	else if (*at == '\\' &&
		 !(is_letter(at[1]) && !strchr("bfnrtu", at[1]) && writer_hit(w, GENERATE_LETTER_ESCAPE)))
		writer_put(w, "\\\\");
	else if (!strncmp(at, "\xEF\xBF\xBD", 3) && writer_hit(w, GENERATE_LONE_SURROGATE))
		writer_put(w, writer_below(&w->state, 2) ? "\\ud83d" : "\\uDE00");
	else if (*at && strchr("'_-#*()[]&$!.", *at) && writer_hit(w, GENERATE_PUNCTUATION_ESCAPE))
		writer_put(w, escape);
	else
		writer_put_bytes(w, at, character_len(at));
}

/* Text that would not be safe between smart quotes. */
static bool is_for_plain_quotes(const char *text)
{
	return strstr(text, "\xE2\x80\x9C") || strstr(text, "\xE2\x80\x9D") || strstr(text, "\xE2\x80\x9E") ||
	       strstr(text, "\xE2\x80\x98") || strstr(text, "\xE2\x80\x99") || strchr(text, '"');
}

/* open: leave the closing quote out. */
static void put_quoted(struct writer *w, const char *text, bool key, bool open)
{
	bool inner = !key && strchr(text, '"') && writer_hit(w, GENERATE_INNER_QUOTES);
	const char *left = "\"", *right = "\"";
	char quote = '"';

	if (writer_hit(w, GENERATE_SINGLE_QUOTES)) {
		left = right = "'";
		quote = '\'';
	} else if (!is_for_plain_quotes(text) && writer_hit(w, GENERATE_SMART_QUOTES)) {
		left = "“";
		right = "”";
	}
	writer_put(w, left);
	for (const char *at = text; *at; at += character_len(at)) {
		size_t before = w->out.len;

		put_character(w, at, quote, inner);
		/* A cut behind the backslash loses the backslash; elsewhere in an escape nothing is said. */
		/* Nor may it look as if a bracket or a fence were closed there. */
		if (!strchr("]}`", *at))
			may_end(w, key ? NULL : text, (size_t)(at - text) + character_len(at));
		if (w->out.len == before + 2 && w->out.data[before] == '\\' && !key && w->cut.offset == w->out.len &&
		    at > text && writer_below(&w->state, 2)) {
			w->cut.offset--;
			w->cut.text_len = (size_t)(at - text);
		}
	}
	if (!open)
		writer_put(w, right);
}

/* "Some " + "words": where a word begins in the second half. */
static bool put_concatenated(struct writer *w, const char *text)
{
	size_t len = strlen(text);
	const char *space = strchr(text + len / 2, ' ');
	char *first;

	if (!space || strchr(text, '\\') || !writer_hit(w, GENERATE_CONCATENATED))
		return false;
	first = persona_strndup(text, (size_t)(space - text) + 1, NULL);
	if (!first) {
		w->failed = true;
		return true;
	}
	put_quoted(w, first, false, false);
	writer_put(w, w->indent && writer_below(&w->state, 2) ? " +\n        " : " + ");
	put_quoted(w, space + 1, false, false);
	free(first);
	return true;
}

/* A string that is a value. last: nothing follows in its container. */
static void put_string(struct writer *w, const char *text, bool in_object, bool last)
{
	bool bare = false;

	for (size_t i = 0; i < LEN(bare_texts); i++)
		bare |= !strcmp(text, bare_texts[i]);
	if (bare && in_object && writer_hit(w, GENERATE_BARE_TEXT)) {
		writer_put(w, text);
	} else if (!strchr(text, '\\') && text[strlen(text) - 1] != '"' && text[0] != '"' &&
		   writer_hit(w, GENERATE_TRIPLE_QUOTES)) {
		writer_put(w, "\"\"\"");
		writer_put(w, text);
		writer_put(w, "\"\"\"");
	} else if (!put_concatenated(w, text)) {
		bool open = in_object && !last && w->indent && !strpbrk(text, "\"\\\n\t") &&
			    writer_hit(w, GENERATE_OPEN_STRING);

		put_quoted(w, text, false, open);
	}
}

static void put_number(struct writer *w, const json_t *value)
{
	char digits[40];
	size_t len;

	if (json_is_real(value)) {
		/* Reals here are halves and quarters: two places are exact. */
		len = (size_t)snprintf(digits, sizeof digits, "%.2f", json_real_value(value));
		if (digits[len - 1] == '0')
			digits[--len] = '\0';
		if (digits[0] == '0' && writer_hit(w, GENERATE_BARE_POINT))
			memmove(digits, digits + 1, len--);
		else if (digits[len - 1] == '0' && writer_hit(w, GENERATE_BARE_POINT))
			digits[--len] = '\0';
	} else {
		len = (size_t)snprintf(digits, sizeof digits, "%lld", (long long)json_integer_value(value));
		if (len > 3 && writer_hit(w, GENERATE_UNDERSCORES)) {
			memmove(digits + len - 2, digits + len - 3, 4);
			digits[len++ - 3] = '_';
		}
	}
	if (digits[0] != '-' && writer_hit(w, GENERATE_PLUS_SIGN))
		writer_put(w, "+");
	for (size_t i = 0; i < len; i++) {
		writer_put_bytes(w, digits + i, 1);
		may_end(w, NULL, 0); /* 3 may have been 34 */
	}
}

static void put_literal(struct writer *w, const json_t *value, bool in_object)
{
	static const char *const not_numbers[] = { "NaN", "Infinity", "-Infinity", "1e999" };
	const char *word = json_is_true(value) ? "true" : json_is_false(value) ? "false" : "null";

	if (json_is_null(value) && in_object && writer_hit(w, GENERATE_MISSING_VALUE))
		return;
	if (json_is_null(value) && writer_hit(w, GENERATE_UNDEFINED))
		word = "undefined";
	else if (json_is_null(value) && writer_hit(w, GENERATE_NOT_A_NUMBER))
		word = PICK(&w->state, not_numbers);
	else if (writer_hit(w, GENERATE_PYTHON_LITERAL))
		word = json_is_true(value) ? "True" : json_is_false(value) ? "False" : "None";
	for (; *word; word++) {
		writer_put_bytes(w, word, 1);
		if (word[1])
			may_end(w, NULL, 0);
	}
}

/* ---- Containers ------------------------------------------------------ */

static void put_value(struct writer *w, const json_t *value, bool in_object, bool last);

static void put_newline(struct writer *w)
{
	if (w->indent)
		writer_put(w, "\n");
	for (size_t i = 0; i < w->indent * w->depth; i++)
		writer_put(w, " ");
}

static void put_comment(struct writer *w)
{
	const char *text = PICK(&w->state, comments);

	if (w->indent && writer_hit(w, GENERATE_LINE_COMMENT)) {
		writer_put(w, " // ");
		writer_put(w, text);
		writer_put(w, "\n");
	} else if (w->indent && writer_hit(w, GENERATE_HASH_COMMENT)) {
		writer_put(w, " # ");
		writer_put(w, text);
		writer_put(w, "\n");
	} else if (writer_hit(w, GENERATE_BLOCK_COMMENT)) {
		writer_put(w, " /* ");
		writer_put(w, text);
		writer_put(w, " */ ");
	}
}

/* Between two members. A comma is not left out behind a string unless a key on the next line shows it. */
static void put_comma(struct writer *w, const json_t *before, bool in_object)
{
	bool can_miss = !json_is_string(before) || (in_object && w->indent);

	if (can_miss && writer_hit(w, GENERATE_MISSING_COMMA))
		writer_put(w, w->indent ? "" : " ");
	else if (writer_hit(w, GENERATE_WIDE_COMMA))
		writer_put(w, "，");
	else if (writer_hit(w, GENERATE_DOUBLED_COMMA))
		writer_put(w, writer_below(&w->state, 2) ? ",," : ", ,");
	else
		writer_put(w, ",");
	put_comment(w);
	may_end(w, NULL, 0);
	put_newline(w);
	if (!w->indent && writer_below(&w->state, 2))
		writer_put(w, " ");
}

static void put_key(struct writer *w, const char *key)
{
	bool plain = *key;

	for (const char *at = key; *at; at++)
		plain &= is_letter(*at) || *at == '_';
	if (plain && writer_hit(w, GENERATE_UNQUOTED_KEY))
		writer_put(w, key);
	else
		put_quoted(w, key, true, false);
	may_end(w, NULL, 0);
	if (writer_hit(w, GENERATE_WIDE_COLON))
		writer_put(w, "：");
	else if (writer_hit(w, GENERATE_EQUALS_SIGN))
		writer_put(w, " = ");
	else if (writer_hit(w, GENERATE_FAT_ARROW))
		writer_put(w, " => ");
	else
		writer_put(w, w->indent ? ": " : ":");
	may_end(w, NULL, 0);
}

static void put_member(struct writer *w, const char *key, const json_t *value, bool last)
{
	if (json_is_string(value) && hit_once(w, GENERATE_DUPLICATE_KEY)) {
		put_key(w, key);
		writer_put(w, "\"an earlier version\"");
		put_comma(w, value, true);
	}
	put_key(w, key);
	put_value(w, value, true, last);
}

/* The end of an array in an object may be wrong or missing when a key shows where it was. */
static void put_end(struct writer *w, const json_t *value, bool in_object, bool last, bool tuple)
{
	bool object = json_is_object(value), shown = !object && in_object && !last && w->indent;
	size_t len = object ? json_object_size(value) : json_array_size(value);

	if (len && writer_hit(w, GENERATE_TRAILING_COMMA))
		writer_put(w, ",");
	else if (len && writer_hit(w, GENERATE_ELLIPSIS))
		writer_put(w, ", ...");
	else if (tuple && len == 1)
		writer_put(w, ",");
	w->depth--;
	if (object && !in_object && !last && w->depth && hit_once(w, GENERATE_MISSING_BRACE))
		return;
	if (shown && hit_once(w, GENERATE_MISSING_BRACKET))
		return;
	put_newline(w);
	if (shown && hit_once(w, GENERATE_WRONG_CLOSER))
		writer_put(w, "}");
	else
		writer_put(w, object ? "}" : tuple ? ")" : "]");
}

static void put_container(struct writer *w, const json_t *value, bool in_object, bool last)
{
	bool object = json_is_object(value);
	bool tuple = !object && in_object && !json_is_object(json_array_get(value, 0)) && writer_hit(w, GENERATE_TUPLE);
	size_t i = 0, len = object ? json_object_size(value) : json_array_size(value);
	void *iter = object ? json_object_iter((json_t *)(uintptr_t)value) : NULL;
	struct frame *frame = &w->frames[w->depth++];

	*frame = (struct frame){ .value = value };
	writer_put(w, object ? "{" : tuple ? "(" : "[");
	if (w->depth > 1) /* an opener at the top is known by what follows it */
		put_comment(w);
	put_newline(w);
	for (; i < len; i++) {
		const json_t *member = object ? json_object_iter_value(iter) : json_array_get(value, i);

		if (object) {
			frame->key = json_object_iter_key(iter);
			put_member(w, frame->key, member, i + 1 == len);
			iter = json_object_iter_next((json_t *)(uintptr_t)value, iter);
		} else {
			put_value(w, member, false, i + 1 == len);
		}
		if (json_is_number(member) || json_is_boolean(member) || json_is_null(member)) {
			if (i + 1 < len) /* complete when something stands behind it */
				frame->complete++;
		} else {
			frame->complete++;
			may_end(w, NULL, 0);
		}
		if (i + 1 < len)
			put_comma(w, member, object);
	}
	put_end(w, value, in_object, last, tuple);
}

static void put_value(struct writer *w, const json_t *value, bool in_object, bool last)
{
	if (json_is_object(value) || json_is_array(value))
		put_container(w, value, in_object, last);
	else if (json_is_string(value))
		put_string(w, json_string_value(value), in_object, last);
	else if (json_is_number(value))
		put_number(w, value);
	else
		put_literal(w, value, in_object);
}

void writer_put_value(struct writer *w, const json_t *value)
{
	put_value(w, value, false, true);
}

json_t *writer_left(struct writer *w)
{
	return left_of(&w->cut, 0, &w->failed);
}
