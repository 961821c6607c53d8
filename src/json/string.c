/* Well-formed strings, taken at the speed of memory, and escapes; damaged ones are in damaged.c. */
#include "internal.h"

int escape_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four hex digits at `at`, or -1. */
static long hex4(const char *at, const char *end)
{
	long code = 0;

	if (end - at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int digit = escape_hex(at[i]);

		if (digit < 0)
			return -1;
		code = code << 4 | digit;
	}
	return code;
}

size_t escape_encode(char out[4], long code)
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xC0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3F));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xE0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3F));
		out[2] = (char)(0x80 | (code & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3F));
	out[2] = (char)(0x80 | (code >> 6 & 0x3F));
	out[3] = (char)(0x80 | (code & 0x3F));
	return 4;
}

/* What an escape of one letter stands for, 0 if it is none. */
static char simple_escape(char letter)
{
	switch (letter) {
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	case '"':
	case '\\':
	case '/':
		return letter;
	default:
		return '\0';
	}
}

size_t escape_read(const char *at, const char *end, char out[4], size_t *out_len)
{
	char simple = end - at > 1 ? simple_escape(at[1]) : '\0';
	long code, low;

	*out_len = 1;
	out[0] = simple;
	if (simple)
		return 2;
	if (end - at < 6 || at[1] != 'u')
		return 0;
	code = hex4(at + 2, end);
	if (code < 0 || (code >= 0xDC00 && code <= 0xDFFF))
		return 0;
	if (code < 0xD800 || code > 0xDFFF) {
		*out_len = escape_encode(out, code);
		return 6;
	}
	low = end - at >= 12 && at[6] == '\\' && at[7] == 'u' ? hex4(at + 8, end) : -1;
	if (low < 0xDC00 || low > 0xDFFF)
		return 0;
	*out_len = escape_encode(out, 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00));
	return 12;
}

/* Not well-formed: an error where nothing may be mended. */
static int needs_care(struct reader *reader, const char *where, const char *reason)
{
	if (!reader->repair)
		return reader_fail(reader, FAILED_SYNTAX, reason, (size_t)(where - reader->text));
	reader->mended = true;
	return 1;
}

/* Add what stands for itself. 1 if it is not UTF-8. */
static int add_run(struct reader *reader, struct persona_buf *buf, const char *from, const char *to, bool high)
{
	size_t len = (size_t)(to - from), valid = high ? persona_text_valid_prefix(from, len) : len;

	if (valid < len)
		return needs_care(reader, from + valid, "not UTF-8");
	return persona_buf_add(buf, from, len, NULL) < 0 ? reader_fail(reader, FAILED_MEMORY, NULL, reader->at) : 0;
}

/* From the first backslash on. */
static int read_escaped(struct reader *reader, struct persona_buf *buf, const char *start, const char *at, bool high,
			struct span *content)
{
	const char *end = reader->text + reader->len;
	char bytes[4];
	size_t bytes_len, taken;
	int rc;

	persona_buf_clear(buf);
	for (;;) {
		rc = add_run(reader, buf, start, at, high);
		if (rc)
			return rc;
		if (at == end)
			return needs_care(reader, at, "a string has no end");
		if (*at == '"')
			break;
		if (*at != '\\')
			return needs_care(reader, at, "a control character in a string");
		taken = escape_read(at, end, bytes, &bytes_len);
		if (!taken)
			return needs_care(reader, at, "not an escape, or half of a surrogate pair");
		if (persona_buf_add(buf, bytes, bytes_len, NULL) < 0)
			return reader_fail(reader, FAILED_MEMORY, NULL, reader->at);
		start = at + taken;
		high = false;
		at = start + persona_text_literal(start, (size_t)(end - start), &high);
	}
	reader->at = (size_t)(at + 1 - reader->text);
	*content = (struct span){ buf->data, buf->len };
	return 0;
}

int string_read(struct reader *reader, struct persona_buf *buf, struct span *content)
{
	const char *start = reader->text + reader->at + 1, *end = reader->text + reader->len, *at;
	bool high = false;
	size_t len, valid;

	at = start + persona_text_literal(start, (size_t)(end - start), &high);
	if (at < end && *at == '\\')
		return read_escaped(reader, buf, start, at, high, content);
	len = (size_t)(at - start);
	valid = high ? persona_text_valid_prefix(start, len) : len;
	if (valid < len)
		return needs_care(reader, start + valid, "not UTF-8");
	if (at == end)
		return needs_care(reader, at, "a string has no end");
	if (*at != '"')
		return needs_care(reader, at, "a control character in a string");
	reader->at = (size_t)(at + 1 - reader->text);
	*content = (struct span){ start, len };
	return 0;
}
