/*
 * UTF-16 and Windows-1252 (which holds Latin-1) as UTF-8. UTF-16 is told by its mark or by its
 * zeroes. Windows-1252 is what a file is in that was ASCII until bytes come that are no UTF-8
 * and that are, in that encoding, letters and quotation marks.
 */
#include "persona/text.h"
#include "reader.h"

/* Windows-1252 from 0x80 to 0x9F; 0: not assigned. */
static const uint16_t high[32] = { 0x20AC, 0,	   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
				   0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,	   0x017D, 0,
				   0,	   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
				   0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,	   0x017E, 0x0178 };

static bool has_zeroes(const char *head, size_t len, size_t from)
{
	size_t zeroes = 0, other = 0;

	len = len < 4096 ? len & ~(size_t)1 : 4096;
	for (size_t i = 0; i < len; i++)
		if (!head[i])
			*(i % 2 == from ? &zeroes : &other) += 1;
	return len >= 8 && !other && zeroes * 10 >= len / 2 * 9;
}

size_t source_decoder_init(struct source_decoder *decoder, const char *head, size_t len)
{
	*decoder = (struct source_decoder){ .encoding = ENCODING_ASCII };
	persona_buf_init(&decoder->out, 4 * SOURCE_BLOCK + 16);
	if (len >= 3 && memcmp(head, "\xEF\xBB\xBF", 3) == 0) {
		decoder->encoding = ENCODING_UTF8;
		return 3;
	}
	if (len >= 2 && (memcmp(head, "\xFF\xFE", 2) == 0 || memcmp(head, "\xFE\xFF", 2) == 0)) {
		decoder->encoding = *head == '\xFF' ? ENCODING_UTF16LE : ENCODING_UTF16BE;
		return 2;
	}
	if (has_zeroes(head, len, 1))
		decoder->encoding = ENCODING_UTF16LE;
	else if (has_zeroes(head, len, 0))
		decoder->encoding = ENCODING_UTF16BE;
	return 0;
}

void source_decoder_release(struct source_decoder *decoder)
{
	persona_buf_release(&decoder->out);
}

static unsigned unit_at(const struct source_decoder *decoder, const unsigned char *bytes)
{
	return decoder->encoding == ENCODING_UTF16LE ? bytes[0] | (unsigned)bytes[1] << 8
						     : bytes[1] | (unsigned)bytes[0] << 8;
}

/* Returns how many bytes were taken; -1 on error. */
static long decode_16(struct source_decoder *decoder, const unsigned char *bytes, size_t len, bool last,
		      struct persona_error *err)
{
	size_t i = 0;

	while (len - i >= 2) {
		uint32_t code = unit_at(decoder, bytes + i);
		size_t used = 2;

		if (code >= 0xD800 && code < 0xDC00) {
			unsigned low = len - i >= 4 ? unit_at(decoder, bytes + i + 2) : 0;

			if (len - i < 4 && !last)
				break;
			if (low >= 0xDC00 && low < 0xE000) {
				code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
				used = 4;
			}
		}
		if (persona_text_put(&decoder->out, code, err) < 0)
			return -1;
		i += used;
	}
	if (last && i < len) {
		if (persona_text_put(&decoder->out, 0xFFFD, err) < 0)
			return -1;
		i = len;
	}
	return (long)i;
}

/* Bytes above ASCII that are letters, quotation marks or money in Windows-1252. */
static bool is_1252(unsigned char byte)
{
	if (byte >= 0xC0)
		return byte != 0xD7 && byte != 0xF7 && byte < 0xFD;
	return byte >= 0xA0 || byte == 0x80 || byte == 0x85 || (byte >= 0x8A && high[byte - 0x80]);
}

/* A block that is no UTF-8: is it in Windows-1252? */
static bool looks_like_1252(const unsigned char *bytes, size_t len)
{
	size_t fit = 0, others = 0;

	for (size_t i = 0; i < len; i++)
		if (bytes[i] >= 0x80)
			*(is_1252(bytes[i]) ? &fit : &others) += 1;
	return fit && others * 20 <= fit;
}

/* Bytes at the end that begin a character and do not end it. */
static size_t cut_at_end(const unsigned char *bytes, size_t len)
{
	for (size_t back = 1; back <= 3 && back <= len; back++) {
		unsigned char byte = bytes[len - back];

		if (byte >= 0xC0)
			return (byte >= 0xF0 ? 4U : byte >= 0xE0 ? 3U : 2U) > back ? back : 0;
		if (byte < 0x80)
			return 0;
	}
	return 0;
}

static int decode_1252(struct source_decoder *decoder, const unsigned char *bytes, size_t len,
		       struct persona_error *err)
{
	for (size_t i = 0; i < len; i++) {
		uint32_t code = bytes[i];
		size_t run = i;

		while (run < len && bytes[run] < 0x80)
			run++;
		if (run > i) {
			if (persona_buf_add(&decoder->out, bytes + i, run - i, err) < 0)
				return -1;
			i = run - 1;
			continue;
		}
		if (code < 0xA0)
			code = high[code - 0x80] ? high[code - 0x80] : 0xFFFD;
		if (persona_text_put(&decoder->out, code, err) < 0)
			return -1;
	}
	return 0;
}

/* Returns how many bytes were taken. */
static long decode_8(struct source_decoder *decoder, const unsigned char *bytes, size_t len, bool last,
		     struct persona_error *err)
{
	size_t taken = last ? len : len - cut_at_end(bytes, len);

	if (decoder->encoding == ENCODING_ASCII) {
		size_t ascii = 0;

		while (ascii < taken && bytes[ascii] < 0x80)
			ascii++;
		if (ascii < taken)
			decoder->encoding =
				persona_text_valid_prefix((const char *)bytes + ascii, taken - ascii) < taken - ascii &&
						looks_like_1252(bytes + ascii, taken - ascii)
					? ENCODING_1252
					: ENCODING_UTF8;
	}
	if (decoder->encoding != ENCODING_1252)
		return persona_buf_add(&decoder->out, bytes, taken, err) < 0 ? -1 : (long)taken;
	return decode_1252(decoder, bytes, len, err) < 0 ? -1 : (long)len;
}

int source_decode(struct source_decoder *decoder, const char *bytes, size_t len, bool last, const char **out,
		  size_t *out_len, struct persona_error *err)
{
	struct persona_buf whole;
	const unsigned char *at;
	size_t size = decoder->rest_len + len;
	long taken;

	persona_buf_init(&whole, SOURCE_BLOCK + sizeof decoder->rest);
	if (decoder->rest_len && (persona_buf_add(&whole, decoder->rest, decoder->rest_len, err) < 0 ||
				  persona_buf_add(&whole, bytes, len, err) < 0)) {
		persona_buf_release(&whole);
		return -1;
	}
	at = (const unsigned char *)(decoder->rest_len ? whole.data : bytes);
	persona_buf_clear(&decoder->out);
	taken = decoder->encoding == ENCODING_UTF16LE || decoder->encoding == ENCODING_UTF16BE
			? decode_16(decoder, at, size, last, err)
			: decode_8(decoder, at, size, last, err);
	if (taken >= 0) {
		decoder->rest_len = size - (size_t)taken;
		memcpy(decoder->rest, at + taken, decoder->rest_len);
		*out = decoder->out.data;
		*out_len = decoder->out.len;
	}
	persona_buf_release(&whole);
	return taken < 0 ? -1 : 0;
}
