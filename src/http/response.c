#include <strings.h>

#include "internal.h"

const char *persona_http_outcome_name(enum persona_http_outcome outcome)
{
	static const char *const names[PERSONA_HTTP_LAST] = {
		[PERSONA_HTTP_OK] = "ok",
		[PERSONA_HTTP_CONNECT] = "connect",
		[PERSONA_HTTP_TLS] = "tls",
		[PERSONA_HTTP_TIMEOUT] = "timeout",
		[PERSONA_HTTP_RESET] = "reset",
		[PERSONA_HTTP_INVALID] = "invalid",
		[PERSONA_HTTP_TOO_LARGE] = "too large",
		[PERSONA_HTTP_CANCELLED] = "cancelled",
		[PERSONA_HTTP_NOMEM] = "no memory",
	};

	return (unsigned)outcome < PERSONA_HTTP_LAST ? names[outcome] : "unknown";
}

void persona_http_response_init(struct persona_http_response *response)
{
	*response = (struct persona_http_response){
		.queued_us = -1, .connect_us = -1, .first_byte_us = -1, .total_us = -1
	};
	persona_buf_init(&response->body, SIZE_MAX);
	persona_buf_init(&response->headers, SIZE_MAX);
}

void persona_http_response_release(struct persona_http_response *response)
{
	persona_buf_release(&response->headers);
	persona_buf_release(&response->body);
	persona_http_response_init(response);
}

void persona_http_response_take(struct persona_http_response *to, struct persona_http_response *from)
{
	*to = *from;
	persona_http_response_init(from);
}

/* Kept as name, NUL, value, NUL, and so on. */
const char *persona_http_response_header(const struct persona_http_response *response, const char *name)
{
	const char *at = response->headers.data, *end = at + response->headers.len;

	while (at < end) {
		const char *value = at + strlen(at) + 1;

		if (strcasecmp(at, name) == 0)
			return value;
		at = value + strlen(value) + 1;
	}
	return NULL;
}
