#include <unistr.h>

#include "persona/text.h"

size_t persona_text_valid_prefix(const char *text, size_t len)
{
	const uint8_t *invalid = u8_check((const uint8_t *)text, len);

	return invalid ? (size_t)((const char *)invalid - text) : len;
}
