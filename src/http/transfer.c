/*
 * One transfer on an easy handle.
 *
 * libcurl sends a request again by itself where a kept connection ends without an answer, and where a server refuses an
 * HTTP/2 stream. Every such way leads through on_prerequest(), which lets a transfer pass once (docs/adr/0012).
 */
#include <errno.h>
#include <sys/socket.h>

#include "internal.h"

int64_t http_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* ---- What libcurl calls ---------------------------------------------- */

/* The connection is there, and the request is about to leave. */
static int on_prerequest(void *payload, char *ip, char *local_ip, int port, int local_port)
{
	struct slot *slot = payload;
	struct transfer *transfer = slot->transfer;

	(void)ip;
	(void)local_ip;
	(void)port;
	(void)local_port;
	if (transfer->sent) {
		transfer->resend = true;
		return CURL_PREREQFUNC_ABORT;
	}
	transfer->sent = true;
	transfer->response.connect_us = http_now_us() - transfer->started_us;
	if (slot->pool->options.log)
		log_request(slot->pool, transfer);
	return CURL_PREREQFUNC_OK;
}

/* As libcurl does it, but no child process inherits it, and none is opened for a second sending. */
static curl_socket_t on_socket(void *payload, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct slot *slot = payload;
	int fd;

	(void)purpose;
	if (slot->transfer->sent) {
		slot->transfer->resend = true;
		return CURL_SOCKET_BAD;
	}
	fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
	http_new_socket(slot->pool, fd);
	return fd;
}

/* Kept as name, NUL, value, NUL. What is no header line is left out. */
static int keep_header(struct persona_buf *headers, const char *line, size_t len, struct persona_error *err)
{
	const char *colon = memchr(line, ':', len), *value = colon + 1, *end = line + len;

	if (!colon || colon == line || *line == ' ' || *line == '\t' || memchr(line, '\0', len))
		return 0;
	while (value < end && (*value == ' ' || *value == '\t'))
		value++;
	while (end > value && (end[-1] == '\r' || end[-1] == '\n' || end[-1] == ' ' || end[-1] == '\t'))
		end--;
	if (persona_buf_add(headers, line, (size_t)(colon - line), err) < 0 ||
	    persona_buf_addc(headers, '\0', err) < 0 || persona_buf_add(headers, value, (size_t)(end - value), err) < 0)
		return -1;
	return persona_buf_addc(headers, '\0', err);
}

static size_t on_header(char *line, size_t one, size_t len, void *payload)
{
	struct slot *slot = payload;
	struct transfer *transfer = slot->transfer;
	struct persona_buf *headers = &transfer->response.headers;

	if (transfer->response.first_byte_us < 0)
		transfer->response.first_byte_us = http_now_us() - transfer->started_us;
	transfer->header_bytes += len;
	if (transfer->header_bytes > slot->pool->options.max_headers) {
		transfer->too_large = true;
		return 0;
	}
	/* Another status line: what came before was a "1xx, wait". */
	if (len > 5 && memcmp(line, "HTTP/", 5) == 0)
		persona_buf_clear(headers);
	else if (keep_header(headers, line, len, NULL) < 0) {
		transfer->out_of_memory = true;
		return 0;
	}
	return one * len;
}

static size_t on_body(char *bytes, size_t one, size_t len, void *payload)
{
	struct slot *slot = payload;
	struct transfer *transfer = slot->transfer;
	struct persona_error err = { 0 };

	transfer->heard_us = http_now_us();
	transfer->body_begun = true;
	if (persona_buf_add(&transfer->response.body, bytes, len, &err) < 0) {
		transfer->too_large = err.code == PERSONA_E_FORMAT;
		transfer->out_of_memory = !transfer->too_large;
		return 0;
	}
	return one * len;
}

/* ---- Options --------------------------------------------------------- */

/* The first that fails is remembered; what follows a failure is skipped. */
#define SET(code, easy, option, value)                                                                                 \
	do {                                                                                                           \
		if ((code) == CURLE_OK)                                                                                \
			(code) = curl_easy_setopt(easy, option, value);                                                \
	} while (0)

static CURLcode set_callbacks(struct slot *slot)
{
	CURLcode code = CURLE_OK;

	SET(code, slot->easy, CURLOPT_PRIVATE, slot);
	SET(code, slot->easy, CURLOPT_ERRORBUFFER, slot->reason);
	SET(code, slot->easy, CURLOPT_PREREQFUNCTION, on_prerequest);
	SET(code, slot->easy, CURLOPT_PREREQDATA, slot);
	SET(code, slot->easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	SET(code, slot->easy, CURLOPT_OPENSOCKETDATA, slot);
	SET(code, slot->easy, CURLOPT_CLOSESOCKETFUNCTION, http_close_socket);
	SET(code, slot->easy, CURLOPT_CLOSESOCKETDATA, slot->pool);
	SET(code, slot->easy, CURLOPT_HEADERFUNCTION, on_header);
	SET(code, slot->easy, CURLOPT_HEADERDATA, slot);
	SET(code, slot->easy, CURLOPT_WRITEFUNCTION, on_body);
	SET(code, slot->easy, CURLOPT_WRITEDATA, slot);
	return code;
}

static CURLcode set_tls(struct slot *slot)
{
	const struct persona_http *pool = slot->pool;
	CURLcode code = CURLE_OK;

	SET(code, slot->easy, CURLOPT_SSL_VERIFYPEER, 1L);
	SET(code, slot->easy, CURLOPT_SSL_VERIFYHOST, 2L);
	SET(code, slot->easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (pool->options.ca_file)
		SET(code, slot->easy, CURLOPT_CAINFO, pool->options.ca_file);
	/* A folder besides the file would add to ca_file, and keeps libcurl from reading the file once for all. */
	if (pool->options.ca_file || pool->system_bundle)
		SET(code, slot->easy, CURLOPT_CAPATH, NULL);
	return code;
}

static CURLcode set_fixed(struct slot *slot)
{
	const struct persona_http_options *options = &slot->pool->options;
	CURLcode code = CURLE_OK;

	SET(code, slot->easy, CURLOPT_NOSIGNAL, 1L);
	SET(code, slot->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	SET(code, slot->easy, CURLOPT_FOLLOWLOCATION, 0L);
	SET(code, slot->easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(code, slot->easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	SET(code, slot->easy, CURLOPT_USERAGENT, options->user_agent);
	SET(code, slot->easy, CURLOPT_ACCEPT_ENCODING, "gzip");
	SET(code, slot->easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)options->max_body);
	SET(code, slot->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)options->connect_timeout_ms);
	SET(code, slot->easy, CURLOPT_MAXAGE_CONN, (long)(options->idle_ms + 999) / 1000);
	SET(code, slot->easy, CURLOPT_TCP_KEEPALIVE, 1L);
	SET(code, slot->easy, CURLOPT_TCP_KEEPIDLE, 60L);
	SET(code, slot->easy, CURLOPT_TCP_KEEPINTVL, 30L);
	return code;
}

struct slot *slot_new(struct persona_http *pool)
{
	struct slot *slot = calloc(1, sizeof *slot);

	if (!slot)
		return NULL;
	slot->pool = pool;
	slot->easy = curl_easy_init();
	if (!slot->easy || set_callbacks(slot) != CURLE_OK || set_tls(slot) != CURLE_OK ||
	    set_fixed(slot) != CURLE_OK) {
		slot_free(slot);
		return NULL;
	}
	return slot;
}

void slot_free(struct slot *slot)
{
	if (!slot)
		return;
	curl_easy_cleanup(slot->easy);
	free(slot);
}

static CURLcode set_method(CURL *easy, const struct transfer *transfer)
{
	bool plain = strcmp(transfer->method, "GET") == 0 || strcmp(transfer->method, "POST") == 0;
	CURLcode code = CURLE_OK;

	if (transfer->body || strcmp(transfer->method, "POST") == 0) {
		SET(code, easy, CURLOPT_POST, 1L);
		SET(code, easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)transfer->body_len);
		SET(code, easy, CURLOPT_POSTFIELDS, transfer->body ? transfer->body : "");
	} else {
		SET(code, easy, CURLOPT_POSTFIELDS, NULL);
		SET(code, easy, CURLOPT_HTTPGET, 1L);
	}
	SET(code, easy, CURLOPT_CUSTOMREQUEST, plain ? NULL : transfer->method);
	return code;
}

bool slot_prepare(struct slot *slot, struct transfer *transfer)
{
	const struct persona_http_options *options = &slot->pool->options;
	bool tls = strncmp(transfer->to.origin, "https:", 6) == 0;
	CURLcode code = CURLE_OK;

	slot->transfer = transfer;
	slot->reason[0] = '\0';
	transfer->slot = slot;
	if (!transfer->timeout_ms)
		transfer->timeout_ms = options->timeout_ms;
	transfer->response.body.max = options->max_body;
	SET(code, slot->easy, CURLOPT_URL, transfer->url);
	SET(code, slot->easy, CURLOPT_HTTPHEADER, transfer->headers);
	SET(code, slot->easy, CURLOPT_TIMEOUT_MS, (long)transfer->timeout_ms);
	SET(code, slot->easy, CURLOPT_PROXY, transfer->to.local ? "" : NULL);
	SET(code, slot->easy, CURLOPT_HTTP_VERSION, (long)(tls ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
	if (code == CURLE_OK)
		code = set_method(slot->easy, transfer);
	return code == CURLE_OK;
}

/* ---- How it ended ---------------------------------------------------- */

void transfer_fail(struct transfer *transfer, enum persona_http_outcome outcome, const char *reason)
{
	enum persona_error_code code = outcome == PERSONA_HTTP_NOMEM	   ? PERSONA_E_NOMEM
				       : outcome == PERSONA_HTTP_CANCELLED ? PERSONA_E_BUSY
									   : PERSONA_E_NET;

	transfer->response.outcome = outcome;
	(void)persona_error_set(&transfer->response.error, code, "%s: %s", transfer->to.origin, reason);
}

/* Before the request left: no connection, or no TLS on it. */
static enum persona_http_outcome outcome_unsent(CURLcode code)
{
	switch (code) {
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CRL_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
	case CURLE_SSL_ENGINE_NOTFOUND:
	case CURLE_SSL_ENGINE_SETFAILED:
	case CURLE_SSL_ENGINE_INITFAILED:
	case CURLE_USE_SSL_FAILED:
		return PERSONA_HTTP_TLS;
	case CURLE_OUT_OF_MEMORY:
		return PERSONA_HTTP_NOMEM;
	default:
		return PERSONA_HTTP_CONNECT;
	}
}

/*
 * libcurl says "out of memory" of a single header line above its own ceiling too (100 KiB in this version). A server
 * must not be able to feign that we have no memory, so it is believed only where an allocation of that size fails.
 */
static bool memory_is_out(void)
{
	void *probe = malloc(4 * CURL_MAX_HTTP_HEADER);
	bool out = !probe;

	free(probe);
	return out;
}

static enum persona_http_outcome outcome_sent(CURLcode code)
{
	switch (code) {
	case CURLE_OPERATION_TIMEDOUT:
		return PERSONA_HTTP_TIMEOUT;
	case CURLE_FILESIZE_EXCEEDED:
		return PERSONA_HTTP_TOO_LARGE;
	case CURLE_UNSUPPORTED_PROTOCOL: /* HTTP/0.9, which is to say anything */
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_BAD_CONTENT_ENCODING:
	case CURLE_WRITE_ERROR:
		return PERSONA_HTTP_INVALID;
	case CURLE_OUT_OF_MEMORY:
		return memory_is_out() ? PERSONA_HTTP_NOMEM : PERSONA_HTTP_TOO_LARGE;
	default:
		return PERSONA_HTTP_RESET;
	}
}

static void fail(struct slot *slot, CURLcode code)
{
	struct transfer *transfer = slot->transfer;
	const char *reason = slot->reason[0] ? slot->reason : curl_easy_strerror(code);
	char text[CURL_ERROR_SIZE];
	long number = 0;

	if (transfer->too_large)
		transfer_fail(transfer, PERSONA_HTTP_TOO_LARGE,
			      transfer->body_begun ? "the answer is larger than allowed"
						   : "the answer's headers are larger than allowed");
	else if (transfer->out_of_memory)
		transfer_fail(transfer, PERSONA_HTTP_NOMEM, "out of memory");
	else if (transfer->stalled)
		transfer_fail(transfer, PERSONA_HTTP_TIMEOUT, "the answer began and then stalled");
	else if (transfer->overdue)
		transfer_fail(transfer, transfer->sent ? PERSONA_HTTP_TIMEOUT : PERSONA_HTTP_CONNECT, "not in time");
	else if (transfer->resend)
		transfer_fail(transfer, PERSONA_HTTP_RESET, "the connection ended without an answer");
	else if (transfer->sent)
		transfer_fail(transfer, outcome_sent(code), reason);
	else {
		if (code == CURLE_COULDNT_CONNECT &&
		    curl_easy_getinfo(slot->easy, CURLINFO_OS_ERRNO, &number) == CURLE_OK && number)
			reason = strerror_r((int)number, text, sizeof text);
		else if (code == CURLE_COULDNT_RESOLVE_HOST)
			reason = "the host's name is not known";
		transfer_fail(transfer, outcome_unsent(code), reason);
	}
}

static void count(struct slot *slot, struct persona_http_stats *stats)
{
	struct persona_http_response *response = &slot->transfer->response;
	curl_off_t body_out = 0, body_in = 0;
	long head_out = 0, head_in = 0, connects = 0, version = 0, status = 0;

	curl_easy_getinfo(slot->easy, CURLINFO_REQUEST_SIZE, &head_out);
	curl_easy_getinfo(slot->easy, CURLINFO_HEADER_SIZE, &head_in);
	curl_easy_getinfo(slot->easy, CURLINFO_SIZE_UPLOAD_T, &body_out);
	curl_easy_getinfo(slot->easy, CURLINFO_SIZE_DOWNLOAD_T, &body_in);
	curl_easy_getinfo(slot->easy, CURLINFO_NUM_CONNECTS, &connects);
	curl_easy_getinfo(slot->easy, CURLINFO_HTTP_VERSION, &version);
	curl_easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &status);
	response->status = (int)status;
	response->http2 = version == CURL_HTTP_VERSION_2_0;
	response->reused = slot->transfer->sent && !connects;
	if (response->reused)
		response->connect_us = 0;
	stats->connections += connects;
	stats->reused += response->reused;
	stats->http2 += response->http2;
	stats->bytes_out += head_out + body_out;
	stats->bytes_in += head_in + body_in;
}

void slot_conclude(struct slot *slot, CURLcode code, struct persona_http_stats *stats)
{
	struct transfer *transfer = slot->transfer;

	transfer->response.total_us = http_now_us() - transfer->started_us;
	transfer->response.maybe_sent = transfer->sent;
	count(slot, stats);
	if (transfer->cancelled && !transfer->out_of_memory)
		transfer_fail(transfer, PERSONA_HTTP_CANCELLED, "cancelled");
	else if (code != CURLE_OK)
		fail(slot, code);
	stats->answers += transfer->response.outcome == PERSONA_HTTP_OK;
}
