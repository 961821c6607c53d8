#include <unistr.h>

#include "persona/text.h"

size_t persona_text_valid_prefix(const char *text, size_t len)
{
	const uint8_t *invalid = u8_check((const uint8_t *)text, len);

	return invalid ? (size_t)((const char *)invalid - text) : len;
}

#define ONES  0x0101010101010101u
#define HIGHS 0x8080808080808080u

static uint64_t zero_bytes(uint64_t word)
{
	return (word - ONES) & ~word & HIGHS;
}

size_t persona_text_literal(const char *text, size_t len, bool *high)
{
	const char *at = text, *end = text + len;
	uint64_t seen = 0;

	while (end - at >= 8) {
		uint64_t word, special;

		memcpy(&word, at, 8);
		special = zero_bytes(word ^ (ONES * '"')) | zero_bytes(word ^ (ONES * '\\')) |
			  ((word - ONES * ' ') & ~word & HIGHS);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		/* The lowest mark is right; what borrowed from it may not be. */
		if (special) {
			unsigned before = (unsigned)__builtin_ctzll(special) - 7;

			seen |= word & (((uint64_t)1 << before) - 1);
			at += before / 8;
			end = at;
			break;
		}
#else
		if (special)
			break;
#endif
		seen |= word;
		at += 8;
	}
	while (at < end && *at != '"' && *at != '\\' && (unsigned char)*at >= ' ')
		seen |= (unsigned char)*at++;
	if (high && (seen & HIGHS))
		*high = true;
	return (size_t)(at - text);
}

int persona_text_put(struct persona_buf *out, uint32_t code, struct persona_error *err)
{
	uint8_t bytes[6];
	int len = u8_uctomb(bytes, code, sizeof bytes);

	if (len <= 0)
		return persona_buf_adds(out, "\xEF\xBF\xBD", err);
	return persona_buf_add(out, bytes, (size_t)len, err);
}
