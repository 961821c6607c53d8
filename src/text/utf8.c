#include <unistr.h>

#include "persona/text.h"

size_t persona_text_valid_prefix(const char *text, size_t len)
{
	const uint8_t *invalid = u8_check((const uint8_t *)text, len);

	return invalid ? (size_t)((const char *)invalid - text) : len;
}

int persona_text_put(struct persona_buf *out, uint32_t code, struct persona_error *err)
{
	uint8_t bytes[6];
	int len = u8_uctomb(bytes, code, sizeof bytes);

	if (len <= 0)
		return persona_buf_adds(out, "\xEF\xBF\xBD", err);
	return persona_buf_add(out, bytes, (size_t)len, err);
}
