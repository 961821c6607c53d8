#include "persona/base.h"

int persona_error_set(struct persona_error *err, enum persona_error_code code, const char *format, ...)
{
	va_list args;
	int wanted;
	size_t end;

	if (!err)
		return -1;
	err->code = code;
	va_start(args, format);
	wanted = vsnprintf(err->text, sizeof err->text, format, args);
	va_end(args);
	if (wanted < 0)
		err->text[0] = '\0';
	end = strlen(err->text);
	if (wanted >= (int)sizeof err->text) {
		/* Don't leave half a UTF-8 sequence behind. */
		while (end > 0 && ((unsigned char)err->text[end - 1] & 0xC0) == 0x80)
			end--;
		if (end > 0 && (unsigned char)err->text[end - 1] >= 0xC0)
			end--;
		err->text[end] = '\0';
	}
	for (char *byte = err->text; *byte; byte++)
		if ((unsigned char)*byte < 0x20 || *byte == 0x7F)
			*byte = '?';
	return -1;
}

const char *persona_error_name(enum persona_error_code code)
{
	static const char *const names[] = {
		[PERSONA_OK] = "ok",
		[PERSONA_E_USAGE] = "usage",
		[PERSONA_E_NOMEM] = "out of memory",
		[PERSONA_E_IO] = "input or output",
		[PERSONA_E_DB] = "database",
		[PERSONA_E_FULL] = "full",
		[PERSONA_E_BUSY] = "busy",
		[PERSONA_E_NET] = "network",
		[PERSONA_E_FORMAT] = "format",
		[PERSONA_E_NOTFOUND] = "not found",
	};

	return (unsigned)code < PERSONA_E_LAST ? names[code] : "unknown";
}
