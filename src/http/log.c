/* Requests and answers for people who look for a mistake. Here time does not matter, and secrets do. */
#include <strings.h>

#include "internal.h"

#define LOG_MAX ((size_t)1 << 20) /* bytes of one entry; longer bodies are cut */

static const char mask[] = "***";

/* The part of a credential that is one: "Bearer KEY" is not looked for as a whole. */
static const char *secret_of(const struct transfer *transfer, const struct curl_slist *header, unsigned index,
			     size_t *len)
{
	const char *value = index < MAX_HEADERS && transfer->secret >> index & 1 ? strchr(header->data, ':') : NULL;
	const char *space;

	if (!value)
		return NULL;
	value += 1 + strspn(value + 1, " \t");
	space = strchr(value, ' ');
	if (space && strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == (size_t)(space - value))
		value = space + 1;
	*len = strlen(value);
	return value;
}

/* Bytes of text as lines that begin with mark; a secret of the request in it becomes ***. */
static int add_masked(struct persona_buf *out, const struct transfer *transfer, const char *mark, const char *text,
		      size_t len)
{
	bool begin = true;

	for (size_t i = 0; i < len;) {
		unsigned index = 0;
		size_t hidden = 0;

		for (const struct curl_slist *header = transfer->headers; header && !hidden; header = header->next) {
			size_t secret_len = 0;
			const char *secret = secret_of(transfer, header, index++, &secret_len);

			if (secret && secret_len && secret_len <= len - i && memcmp(text + i, secret, secret_len) == 0)
				hidden = secret_len;
		}
		if (begin && persona_buf_adds(out, mark, NULL) < 0)
			return -1;
		if (hidden ? persona_buf_adds(out, mask, NULL) : persona_buf_addc(out, text[i], NULL))
			return -1;
		begin = !hidden && text[i] == '\n';
		i += hidden ? hidden : 1;
	}
	return begin ? 0 : persona_buf_addc(out, '\n', NULL);
}

void log_request(const struct persona_http *pool, const struct transfer *transfer)
{
	struct destination to;
	struct persona_buf out;
	char *path = NULL;
	unsigned index = 0;
	int rc;

	persona_buf_init(&out, LOG_MAX);
	if (url_split(transfer->url, &to, &path, NULL) < 0)
		return;
	rc = persona_buf_addf(&out, NULL, "> %s %s%s%s\n", transfer->method, to.origin, path,
			      strchr(transfer->url, '?') ? "?***" : "");
	for (const struct curl_slist *header = transfer->headers; header && !rc; header = header->next, index++) {
		size_t len = strlen(header->data);

		if (transfer->secret >> index & 1 && index < MAX_HEADERS)
			rc = persona_buf_addf(&out, NULL, "> %.*s: %s\n", (int)strcspn(header->data, ":;"),
					      header->data, mask);
		else if (header->data[len - 1] != ':') /* those only tell libcurl what not to send */
			rc = persona_buf_addf(&out, NULL, "> %s\n", header->data);
	}
	if (!rc && pool->options.log_bodies)
		rc = add_masked(&out, transfer, "> ", transfer->body ? transfer->body : "", transfer->body_len);
	else if (!rc)
		rc = persona_buf_addf(&out, NULL, "> (%zu bytes)\n", transfer->body_len);
	(void)rc; /* cut where memory or the ceiling ended */
	pool->options.log(pool->options.log_payload, out.data);
	persona_buf_release(&out);
	free(path);
}

void log_response(const struct persona_http *pool, const struct transfer *transfer)
{
	const struct persona_http_response *response = &transfer->response;
	const char *at = response->headers.data, *end = at + response->headers.len;
	struct persona_buf out;
	int rc;

	persona_buf_init(&out, LOG_MAX);
	rc = persona_buf_addf(&out, NULL, "< %s %d %s, %lld us\n", transfer->to.origin, response->status,
			      response->outcome == PERSONA_HTTP_OK ? "ok" : response->error.text,
			      (long long)response->total_us);
	while (at < end && !rc) {
		const char *value = at + strlen(at) + 1;

		rc = persona_buf_addf(&out, NULL, "< %s: ", at);
		if (!rc && strcasecmp(at, "set-cookie") == 0)
			rc = persona_buf_addf(&out, NULL, "%s\n", mask);
		else if (!rc)
			rc = add_masked(&out, transfer, "", value, strlen(value));
		if (!rc && !*value)
			rc = persona_buf_addc(&out, '\n', NULL);
		at = value + strlen(value) + 1;
	}
	if (!rc && pool->options.log_bodies)
		rc = add_masked(&out, transfer, "< ", response->body.data, response->body.len);
	else if (!rc)
		rc = persona_buf_addf(&out, NULL, "< (%zu bytes)\n", response->body.len);
	(void)rc;
	pool->options.log(pool->options.log_payload, out.data);
	persona_buf_release(&out);
}
