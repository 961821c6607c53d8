/* From a caller's request to a transfer that owns all it needs. */
#include <strings.h>

#include "internal.h"

/* RFC 9110, 5.6.2: what a header name may consist of. */
static bool is_token(const char *text)
{
	static const char others[] = "!#$%&'*+-.^_`|~";

	if (!*text)
		return false;
	for (; *text; text++) {
		bool alnum = (*text >= '0' && *text <= '9') || ((*text | 0x20) >= 'a' && (*text | 0x20) <= 'z');

		if (!alnum && !strchr(others, *text))
			return false;
	}
	return true;
}

/* No line breaks: a value must not become a header of its own. */
static bool is_value(const char *text)
{
	for (; *text; text++)
		if (((unsigned char)*text < 0x20 && *text != '\t') || *text == 0x7f)
			return false;
	return true;
}

static bool is_secret_name(const char *name)
{
	static const char *const names[] = { "authorization", "proxy-authorization", "x-api-key", "x-goog-api-key",
					     "api-key" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcasecmp(name, names[i]) == 0)
			return true;
	return false;
}

static int add_header(struct transfer *transfer, unsigned index, const char *name, const char *value, bool secret,
		      struct persona_error *err)
{
	struct persona_buf line;
	struct curl_slist *longer = NULL;

	persona_buf_init(&line, SIZE_MAX);
	/* To libcurl a name with nothing behind its colon means "leave this header out"; a semicolon means it is empty. */
	if (persona_buf_addf(&line, err, *value ? "%s: %s" : "%s;", name, value) == 0) {
		longer = curl_slist_append(transfer->headers, line.data);
		if (!longer)
			(void)persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	persona_buf_release(&line);
	if (!longer)
		return -1;
	transfer->headers = longer;
	if (secret || is_secret_name(name))
		transfer->secret |= UINT64_C(1) << index;
	transfer->size += strlen(name) + strlen(value) + 4;
	return 0;
}

static int add_headers(struct transfer *transfer, const struct persona_http_request *request, struct persona_error *err)
{
	/* What libcurl would add unasked: waiting for "100 Continue", and a form's media type. */
	static const char *const unwanted[] = { "Expect:", "Content-Type:" };
	bool typed = false;

	if (request->headers_len > MAX_HEADERS)
		return persona_error_set(err, PERSONA_E_USAGE, "more than %d headers", MAX_HEADERS);
	for (size_t i = 0; i < request->headers_len; i++) {
		const struct persona_http_header *header = &request->headers[i];

		if (!is_token(header->name))
			return persona_error_set(err, PERSONA_E_USAGE, "header %zu has no usable name", i + 1);
		if (!is_value(header->value))
			return persona_error_set(err, PERSONA_E_USAGE,
						 "the value of header '%s' has control characters", header->name);
		if (add_header(transfer, (unsigned)i, header->name, header->value, header->secret, err) < 0)
			return -1;
		typed = typed || strcasecmp(header->name, "content-type") == 0;
	}
	for (size_t i = 0; i < (typed ? 1 : 2); i++) {
		struct curl_slist *longer = curl_slist_append(transfer->headers, unwanted[i]);

		if (!longer)
			return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		transfer->headers = longer;
	}
	return 0;
}

static int set_method(struct transfer *transfer, const struct persona_http_request *request, struct persona_error *err)
{
	static const char *const methods[] = { "GET", "POST", "PUT", "DELETE" };

	transfer->method = request->body ? "POST" : "GET";
	if (!request->method)
		return 0;
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (strcmp(request->method, methods[i]) == 0) {
			transfer->method = methods[i];
			if (request->body && i == 0)
				break;
			return 0;
		}
	return persona_error_set(err, PERSONA_E_USAGE, "method %s cannot be used%s", request->method,
				 request->body ? " with a body" : "");
}

static int copy_body(struct transfer *transfer, const struct persona_http_request *request, struct persona_error *err)
{
	transfer->body_len = request->body ? request->body_len : 0;
	transfer->size += transfer->body_len;
	if (!request->body || request->take_body)
		return 0;
	transfer->body = malloc(request->body_len + 1);
	if (!transfer->body)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	memcpy(transfer->body, request->body, request->body_len);
	return 0;
}

/* Nearly all requests of a run go to one URL: taking it apart once is enough. */
static int find_destination(struct transfer *transfer, struct persona_http *pool, struct persona_error *err)
{
	char *copy, *old;
	bool known;

	pthread_mutex_lock(&pool->lock);
	known = pool->last_url && strcmp(pool->last_url, transfer->url) == 0;
	if (known)
		transfer->to = pool->last;
	pthread_mutex_unlock(&pool->lock);
	if (known)
		return 0;
	if (url_split(transfer->url, &transfer->to, NULL, err) < 0)
		return -1;
	copy = persona_strdup(transfer->url, err);
	if (!copy)
		return -1;
	pthread_mutex_lock(&pool->lock);
	old = pool->last_url;
	pool->last_url = copy;
	pool->last = transfer->to;
	pthread_mutex_unlock(&pool->lock);
	free(old);
	return 0;
}

int transfer_new(struct transfer **out, struct persona_http *pool, const struct persona_http_request *request,
		 struct persona_error *err)
{
	struct transfer *transfer = calloc(1, sizeof *transfer);

	*out = NULL;
	if (!transfer)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	persona_http_response_init(&transfer->response);
	if (!request->url || request->timeout_ms < 0) {
		(void)persona_error_set(err, PERSONA_E_USAGE, "a request needs a URL and no negative timeout");
		goto fail;
	}
	transfer->timeout_ms = request->timeout_ms;
	transfer->url = persona_strdup(request->url, err);
	if (!transfer->url || find_destination(transfer, pool, err) < 0)
		goto fail;
	transfer->size = sizeof *transfer + strlen(request->url);
	if (set_method(transfer, request, err) < 0 || add_headers(transfer, request, err) < 0 ||
	    copy_body(transfer, request, err) < 0)
		goto fail;
	*out = transfer;
	return 0;
fail:
	transfer_free(transfer);
	return -1;
}

void transfer_free(struct transfer *transfer)
{
	if (!transfer)
		return;
	persona_http_response_release(&transfer->response);
	free(transfer->body);
	curl_slist_free_all(transfer->headers);
	free(transfer->url);
	free(transfer);
}

void transfer_list_add(struct transfer_list *list, struct transfer *transfer)
{
	transfer->next = NULL;
	transfer->previous = list->last;
	if (list->last)
		list->last->next = transfer;
	else
		list->first = transfer;
	list->last = transfer;
	list->len++;
}

void transfer_list_remove(struct transfer_list *list, struct transfer *transfer)
{
	if (transfer->previous)
		transfer->previous->next = transfer->next;
	else
		list->first = transfer->next;
	if (transfer->next)
		transfer->next->previous = transfer->previous;
	else
		list->last = transfer->previous;
	transfer->previous = transfer->next = NULL;
	list->len--;
}
