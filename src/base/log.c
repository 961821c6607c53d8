#include "persona/base.h"

/* Set once before threads start, as the header demands. */
static persona_log_sink *current_sink;
static void *current_payload;

void persona_log_set_sink(persona_log_sink *sink, void *payload)
{
	current_sink = sink;
	current_payload = payload;
}

void persona_log(enum persona_log_level level, const char *format, ...)
{
	char text[1024];
	va_list args;

	if (!current_sink)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	current_sink(current_payload, level, text);
}
