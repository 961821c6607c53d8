#include <unigbrk.h>
#include <unictype.h>
#include <unistr.h>
#include <uniwidth.h>

#include "persona/text.h"

/* Printable ASCII, LF, TAB: what most text consists of. */
static bool is_plain(unsigned char byte)
{
	return (byte >= 0x20 && byte < 0x7F) || byte == '\n' || byte == '\t';
}

/* Are eight bytes printable ASCII? Each is looked at by its highest bit: set, or set by what is taken from it. */
static bool are_printable(const char *text)
{
	const uint64_t ones = 0x0101010101010101u;
	uint64_t bytes;

	memcpy(&bytes, text, sizeof bytes);
	return !((bytes | (bytes - 0x20 * ones) | ((bytes ^ 0x7F * ones) - ones)) & 0x80 * ones);
}

static size_t plain_run(const char *text, size_t len)
{
	size_t i = 0;

	for (;;) {
		if (len - i >= 8 && are_printable(text + i)) {
			i += 8;
			continue;
		}
		/* What ends the run stands among these, or a line ends. */
		for (size_t end = len - i < 8 ? len : i + 8; i < end; i++)
			if (!is_plain((unsigned char)text[i]))
				return i;
		if (i == len)
			return i;
	}
}

/* Length of the character at text, 0 if it is not one; *control tells whether it is C0, DEL or C1. */
static size_t character(const char *text, size_t len, bool *control)
{
	ucs4_t code;
	int used = u8_mbtoucr(&code, (const uint8_t *)text, len);

	if (used <= 0)
		return 0;
	*control = code < 0x20 || (code >= 0x7F && code <= 0x9F);
	return (size_t)used;
}

/* Length of the longest prefix that is clean. */
static size_t clean_prefix(const char *text, size_t len)
{
	size_t at = 0;

	while (at < len) {
		bool control = false;
		size_t used = plain_run(text + at, len - at);

		if (!used)
			used = character(text + at, len - at, &control);
		if (!used || control)
			break;
		at += used;
	}
	return at;
}

bool persona_text_is_clean(const char *text, size_t len)
{
	return clean_prefix(text, len) == len;
}

int persona_text_clean(struct persona_buf *out, const char *text, size_t len, size_t *changed,
		       struct persona_error *err)
{
	size_t count = 0;

	for (size_t i = 0; i < len;) {
		size_t used = clean_prefix(text + i, len - i);
		bool control;

		if (used) {
			if (persona_buf_add(out, text + i, used, err) < 0)
				return -1;
		} else if (text[i] == '\r') {
			used = i + 1 < len && text[i + 1] == '\n' ? 2 : 1;
			if (persona_buf_addc(out, '\n', err) < 0)
				return -1;
		} else if ((used = character(text + i, len - i, &control)) > 0) {
			count += used;
		} else {
			used = 1;
			count++;
			if (persona_buf_adds(out, "\xEF\xBF\xBD", err) < 0)
				return -1;
		}
		i += used;
	}
	if (changed)
		*changed = count;
	return 0;
}

int persona_text_cleaned(struct persona_buf *room, const char **text, size_t *len, size_t *changed,
			 struct persona_error *err)
{
	if (changed)
		*changed = 0;
	if (persona_text_is_clean(*text, *len))
		return 0;
	persona_buf_clear(room);
	if (persona_text_clean(room, *text, *len, changed, err) < 0)
		return -1;
	*text = room->len ? room->data : "";
	*len = room->len;
	return 0;
}

/* Length of the white-space character at text, else 0. */
static size_t space_at(const char *text, size_t len)
{
	ucs4_t code;
	int used = u8_mbtoucr(&code, (const uint8_t *)text, len);

	return used > 0 && uc_is_property_white_space(code) ? (size_t)used : 0;
}

size_t persona_text_trim(const char **text, size_t len)
{
	size_t used;

	while (len && (used = space_at(*text, len)) > 0) {
		*text += used;
		len -= used;
	}
	while (len) {
		size_t back = 1;

		while (back < len && back < 4 && ((unsigned char)(*text)[len - back] & 0xC0) == 0x80)
			back++;
		if (space_at(*text + len - back, back) != back)
			break;
		len -= back;
	}
	return len;
}

/* Columns of the character at text; *used becomes its length. A byte that is no character takes one. */
static size_t columns_of(const char *text, size_t len, size_t *used)
{
	ucs4_t code;
	int got = u8_mbtoucr(&code, (const uint8_t *)text, len);
	int width;

	*used = got > 0 ? (size_t)got : 1;
	if (got <= 0)
		return 1;
	width = uc_width(code, "UTF-8");
	return width > 0 ? (size_t)width : 0;
}

size_t persona_text_width(const char *text, size_t len)
{
	size_t width = 0, used;

	for (size_t i = 0; i < len; i += used)
		width += columns_of(text + i, len - i, &used);
	return width;
}

/*
 * Length of the first grapheme. One that is longer than the window is cut there: such a pile of
 * marks cannot be shown anyway.
 */
static size_t grapheme(const char *text, size_t len)
{
	char breaks[256];

	if (len == 1 || ((unsigned char)text[0] < 0x80 && (unsigned char)text[1] < 0x80 && text[0] != '\r'))
		return 1;
	/* A short window nearly always does, and this is asked at every grapheme. */
	for (size_t window = 32;; window = sizeof breaks) {
		size_t part = window < len ? window : len, end = 1;

		while (part < len && part > 1 && ((unsigned char)text[part] & 0xC0) == 0x80)
			part--;
		u8_grapheme_breaks((const uint8_t *)text, part, breaks);
		while (end < part && !breaks[end])
			end++;
		if (end < part || part == len || window == sizeof breaks)
			return end;
	}
}

size_t persona_text_fit(const char *text, size_t len, size_t columns)
{
	size_t at = 0;

	while (at < len) {
		size_t next = grapheme(text + at, len - at);
		size_t width = persona_text_width(text + at, next);

		if (width > columns)
			break;
		columns -= width;
		at += next;
	}
	return at;
}
