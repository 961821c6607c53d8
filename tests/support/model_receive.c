/* What becomes of a request, and what is written down of it. */
#include "model_daemon.h"

#define ON_ITS_WAY_US 100000 /* a request so soon after "wait" may have been sent before that was read */
#define ROUNDING_US   20000  /* a client that waits in whole milliseconds is not early */

/* A key in any of the headers that providers use; NULL: none. */
static const char *key_of(struct MHD_Connection *connection)
{
	static const char *const names[] = { "x-api-key", "x-goog-api-key", "api-key" };
	const char *value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Authorization");

	if (value)
		return strncmp(value, "Bearer ", 7) == 0 ? value + 7 : value;
	for (size_t i = 0; i < sizeof names / sizeof *names && !value; i++)
		value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, names[i]);
	return value;
}

/* From 0 to just below 100, the same for the same seed and number of the request. */
static double draw_percent(const struct model_server *server, const char *what)
{
	uint64_t random = persona_mix64(server->options.seed, what, strlen(what));

	random = persona_mix64(random, &server->drawn, sizeof server->drawn);
	return (double)(random >> 11) / 9007199254740992.0 * 100;
}

/* With the lock held. */
static struct decision decide(struct model_server *server, const char *key, double *retry_after_s)
{
	const struct options *options = &server->options;
	struct decision decision = { FAULT_NONE, 0 };
	double percent = draw_percent(server, "fault");
	int64_t now = model_now_us();

	*retry_after_s = options->retry_after_s;
	if (options->require_key && (!key || strcmp(key, options->require_key) != 0))
		return (struct decision){ FAULT_STATUS, 401 };
	if (options->status)
		return (struct decision){ FAULT_STATUS, options->status };
	window_forget(&server->stats.accepted, now);
	if (options->rpm && server->stats.accepted.len >= (size_t)options->rpm) {
		int64_t oldest = server->stats.accepted.at_us[server->stats.accepted.first];

		*retry_after_s = (double)((oldest + 60000000 - now + 999999) / 1000000);
		return (struct decision){ FAULT_STATUS, 429 };
	}
	if (server->drawn < options->script_len)
		decision = options->script[server->drawn];
	else
		for (size_t i = 0; i < options->faults_len; i++) {
			if (percent < options->percent[i]) {
				decision = options->faults[i];
				break;
			}
			percent -= options->percent[i];
		}
	server->drawn++;
	if (options->rpm)
		(void)window_add(&server->stats.accepted, now);
	return decision;
}

static enum MHD_Result log_header(void *payload, enum MHD_ValueKind kind, const char *name, const char *value)
{
	(void)kind;
	json_object_set_new(payload, name, json_string(value ? value : ""));
	return MHD_YES;
}

/* With the lock held, so that lines stay whole and in order. */
static void log_exchange(const struct exchange *exchange, const char *path, const struct asked *asked,
			 const char *sha256, bool early)
{
	struct model_server *server = exchange->server;
	json_t *headers, *line;
	struct timespec now;
	char buffer[16];
	uint64_t connection = 0;
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	if (!server->log)
		return;
	if (info && info->socket_context)
		connection = (uint64_t)(uintptr_t)info->socket_context;
	clock_gettime(CLOCK_REALTIME, &now);
	headers = json_object();
	MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, log_header, headers);
	line = json_pack("{s:f, s:s, s:s, s:s, s:s, s:i, s:b, s:i, s:i, s:I, s:o}", "time",
			 (double)now.tv_sec + (double)now.tv_nsec / 1e9, "path", path, "model", asked->model, "sha256",
			 sha256, "decision", decision_name(exchange->decision, buffer), "status",
			 exchange->reply.status, "early", early, "tokens_in", (int)exchange->reply.tokens_in,
			 "tokens_out", (int)exchange->reply.tokens_out, "connection", (json_int_t)connection, "headers",
			 headers);
	if (server->options.log_bodies && asked->root)
		json_object_set(line, "body", asked->root);
	json_dumpf(line, server->log, JSON_COMPACT);
	fputc('\n', server->log);
	fflush(server->log);
	json_decref(line);
}

static void add_header(struct reply *reply, const char *text)
{
	size_t len = strlen(reply->headers);

	snprintf(reply->headers + len, sizeof reply->headers - len, "%s\n", text);
}

/* With the lock held: headers, tokens, the time that clients are told to wait. */
static void prepare(struct exchange *exchange, const struct asked *asked, double retry_after_s)
{
	struct model_server *server = exchange->server;
	const struct options *options = &server->options;
	int delay_ms = options->delay_min_ms +
		       (int)(draw_percent(server, "delay") / 100 * (options->delay_max_ms - options->delay_min_ms + 1));
	size_t len = exchange->reply.body.len;
	int64_t now = model_now_us();

	if (asked->dialect != DIALECT_NONE) {
		static const char *const ids[] = { "x-request-id", "request-id", "x-request-id", "x-request-id" };
		char line[64];

		snprintf(line, sizeof line, "%s: req-%llu", ids[asked->dialect],
			 (unsigned long long)server->stats.requests);
		add_header(&exchange->reply, line);
	}
	for (size_t i = 0; i < options->headers_len; i++)
		add_header(&exchange->reply, options->headers[i]);
	if (options->close || exchange->decision.fault == FAULT_CLOSE)
		add_header(&exchange->reply, "Connection: close");
	if (exchange->reply.status == 429 && retry_after_s >= 0 && exchange->decision.fault != FAULT_QUOTA) {
		int64_t until = now + (int64_t)(retry_after_s * 1e6);

		/* The first to tell counts: who was told needs telling no more. It is told when the answer goes out. */
		if (now >= server->stats.wait_until_us)
			server->stats.told_us = now + (int64_t)delay_ms * 1000;
		if (server->stats.wait_until_us < until)
			server->stats.wait_until_us = until;
	}
	if (exchange->reply.generated)
		stats_tokens(&server->stats, asked->model, &exchange->reply);
	exchange->begin_us = exchange->end_us = now + (int64_t)delay_ms * 1000;
	exchange->pause_at = exchange->cut_at = SIZE_MAX;
	if (options->first_byte_ms >= 0) {
		exchange->begin_us = now + (int64_t)options->first_byte_ms * 1000;
		exchange->pause_at = len / 2;
	}
	if (exchange->decision.fault == FAULT_CUT)
		exchange->cut_at = len / 2;
	exchange->hears_nothing = exchange->decision.fault == FAULT_HANG;
}

int exchange_receive(struct exchange *exchange, const char *path, struct persona_error *err)
{
	struct model_server *server = exchange->server;
	const char *key = key_of(exchange->connection);
	char sha256[PERSONA_HASH_HEX];
	double retry_after_s;
	struct asked asked;
	int rc = -1;
	bool early;

	if (persona_hash_bytes(sha256, exchange->body.data, exchange->body.len, err) < 0)
		return -1;
	exchange->hash = persona_mix64(0, sha256, 32);
	pthread_mutex_lock(&server->lock);
	server->stats.requests++;
	exchange->counted = true;
	if (++server->stats.in_progress > server->stats.max_concurrent)
		server->stats.max_concurrent = server->stats.in_progress;
	(void)window_add(&server->stats.received, model_now_us());
	if ((long long)server->stats.received.len > server->stats.per_minute_max)
		server->stats.per_minute_max = (long long)server->stats.received.len;
	early = model_now_us() > server->stats.told_us + ON_ITS_WAY_US &&
		model_now_us() < server->stats.wait_until_us - ROUNDING_US;
	server->stats.early += early;
	stats_key(&server->stats, key);
	exchange->decision = decide(server, key, &retry_after_s);
	server->stats.by_fault[exchange->decision.fault]++;
	if (retry_after_s >= 0 && exchange->decision.fault == FAULT_STATUS && exchange->decision.status == 429)
		snprintf(exchange->reply.headers, sizeof exchange->reply.headers, "Retry-After: %g\n", retry_after_s);
	/* Bytes that do not depend on the request need not be looked for in it. */
	if (server->options.body)
		rc = asked_read(&asked, "", "", 0, err);
	else
		rc = asked_read(&asked, path, exchange->body.data, exchange->body.len, err);
	asked.number = server->stats.requests;
	if (!rc)
		rc = reply_make(&exchange->reply, &server->options, &asked, exchange->decision, err);
	if (!rc) {
		prepare(exchange, &asked, retry_after_s);
		log_exchange(exchange, path, &asked, sha256, early);
	}
	pthread_mutex_unlock(&server->lock);
	asked_release(&asked);
	return rc;
}
