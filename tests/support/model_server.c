/* Connections and answers; see model_server.h. */
#include <errno.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "model_daemon.h"

#define MAX_BODY ((size_t)256 << 20)

/* ---- Answers --------------------------------------------------------- */

static ssize_t read_reply(void *payload, uint64_t position, char *out, size_t max)
{
	struct exchange *exchange = payload;
	size_t at = (size_t)position, left = exchange->reply.body.len - at;

	if (at >= exchange->cut_at)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (at >= exchange->pause_at && model_now_us() < exchange->end_us) {
		exchange_wait(exchange, exchange->end_us);
		return 0;
	}
	if (at < exchange->cut_at && left > exchange->cut_at - at)
		left = exchange->cut_at - at;
	if (at < exchange->pause_at && left > exchange->pause_at - at)
		left = exchange->pause_at - at;
	left = left < max ? left : max;
	memcpy(out, exchange->reply.body.data + at, left);
	return (ssize_t)left;
}

static void add_response_headers(struct MHD_Response *response, const struct reply *reply)
{
	const char *line = reply->headers, *end;

	if (reply->content_type)
		MHD_add_response_header(response, "Content-Type", reply->content_type);
	for (; (end = strchr(line, '\n')); line = end + 1) {
		char name[64], value[256];
		const char *colon = memchr(line, ':', (size_t)(end - line));

		if (!colon)
			continue;
		snprintf(name, sizeof name, "%.*s", (int)(colon - line), line);
		colon += 1 + strspn(colon + 1, " ");
		snprintf(value, sizeof value, "%.*s", (int)(end - colon), colon);
		MHD_add_response_header(response, name, value);
	}
}

static enum MHD_Result answer(struct exchange *exchange)
{
	struct reply *reply = &exchange->reply;
	struct MHD_Response *response;
	enum MHD_Result result;

	if (exchange->cut_at != SIZE_MAX || exchange->pause_at != SIZE_MAX)
		response = MHD_create_response_from_callback(reply->body.len, 16384, read_reply, exchange, NULL);
	else
		response = MHD_create_response_from_buffer(reply->body.len, reply->body.data, MHD_RESPMEM_PERSISTENT);
	if (!response)
		return MHD_NO;
	add_response_headers(response, reply);
	exchange->phase = PHASE_ANSWERING;
	result = MHD_queue_response(exchange->connection, (unsigned)reply->status, response);
	MHD_destroy_response(response);
	return result;
}

/* End the connection with RST: what connect() to no address does to a TCP socket. */
static void reset(const struct exchange *exchange)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };

	(void)connect(exchange_socket(exchange), &none, sizeof none);
}

static enum MHD_Result deliver(struct exchange *exchange)
{
	static const char noise[] = "\x16\x03 what is this\r\n\r\n";
	ssize_t ignored;

	switch (exchange->decision.fault) {
	case FAULT_RESET:
		reset(exchange);
		return MHD_NO;
	case FAULT_HANG:
		return MHD_NO;
	case FAULT_BADLINE:
		ignored = send(exchange_socket(exchange), noise, sizeof noise - 1, MSG_NOSIGNAL);
		(void)ignored;
		return MHD_NO;
	default:
		return answer(exchange);
	}
}

/* ---- Talking to the server itself ------------------------------------ */

static int control(struct model_server *server, const char *body, size_t len, struct persona_error *err)
{
	json_t *root = json_loadb(body, len, JSON_REJECT_DUPLICATES, NULL), *value;
	const char *key;
	int rc = 0;

	if (!json_is_object(root))
		rc = persona_error_set(err, PERSONA_E_USAGE, "the body is no JSON object");
	json_object_foreach(root, key, value) {
		char *text = json_is_string(value) ? strdup(json_string_value(value))
						   : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

		if (rc == 0 && !text)
			rc = persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		if (rc == 0)
			rc = model_server_set(server, key, text, err);
		free(text);
	}
	json_decref(root);
	return rc;
}

static int answer_about_itself(struct exchange *exchange, const char *path, struct persona_error *err)
{
	struct reply *reply = &exchange->reply;
	json_t *value = NULL;
	char *text;
	int rc;

	exchange->pause_at = exchange->cut_at = SIZE_MAX;
	reply->status = 200;
	reply->content_type = "application/json";
	if (strcmp(path, "/control") == 0 &&
	    control(exchange->server, exchange->body.data, exchange->body.len, err) < 0) {
		reply->status = 400;
		value = json_pack("{s:s}", "error", err->text);
	} else {
		value = model_server_stats(exchange->server);
	}
	text = json_dumps(value, JSON_COMPACT);
	rc = text ? persona_buf_adds(&reply->body, text, err) : -1;
	free(text);
	json_decref(value);
	return rc;
}

/* ---- What the daemon calls ------------------------------------------- */

static struct exchange *exchange_new(struct model_server *server, struct MHD_Connection *connection)
{
	struct exchange *exchange = calloc(1, sizeof *exchange);

	if (!exchange)
		return NULL;
	exchange->server = server;
	exchange->connection = connection;
	persona_buf_init(&exchange->body, MAX_BODY);
	persona_buf_init(&exchange->reply.body, SIZE_MAX);
	return exchange;
}

static enum MHD_Result on_request(void *payload, struct MHD_Connection *connection, const char *path,
				  const char *method, const char *version, const char *data, size_t *len, void **state)
{
	struct exchange *exchange = *state;
	struct persona_error err = { 0 };

	(void)version;
	if (!exchange) {
		*state = exchange_new(payload, connection);
		return *state ? MHD_YES : MHD_NO;
	}
	if (*len) {
		int rc = persona_buf_add(&exchange->body, data, *len, &err);

		*len = 0;
		return rc < 0 ? MHD_NO : MHD_YES;
	}
	if (exchange->phase == PHASE_ANSWERING)
		return MHD_YES;
	if (exchange->phase == PHASE_WAITING)
		return deliver(exchange);
	exchange->phase = PHASE_WAITING;
	if (strcmp(path, "/control") == 0 || (strcmp(path, "/stats") == 0 && strcmp(method, "GET") == 0))
		return answer_about_itself(exchange, path, &err) < 0 ? MHD_NO : answer(exchange);
	if (exchange_receive(exchange, path, &err) < 0)
		return MHD_NO;
	if (exchange->hears_nothing || exchange->begin_us > model_now_us()) {
		exchange_wait(exchange, exchange->hears_nothing ? model_now_us() + LOOK_US : exchange->begin_us);
		return MHD_YES;
	}
	return deliver(exchange);
}

/* With the lock held. */
static void answered(struct model_server *server, uint64_t hash)
{
	stats_answered(&server->stats, hash);
	if (!server->answers)
		return;
	fprintf(server->answers, "%016llx\n", (unsigned long long)hash);
	fflush(server->answers);
}

static void on_completed(void *payload, struct MHD_Connection *connection, void **state,
			 enum MHD_RequestTerminationCode code)
{
	struct model_server *server = payload;
	struct exchange *exchange = *state;

	(void)connection;
	if (!exchange)
		return;
	pthread_mutex_lock(&server->lock);
	server->stats.in_progress -= exchange->counted;
	if (exchange->counted && code == MHD_REQUEST_TERMINATED_COMPLETED_OK && exchange->reply.status == 200)
		answered(server, exchange->hash);
	pthread_mutex_unlock(&server->lock);
	persona_buf_release(&exchange->body);
	persona_buf_release(&exchange->reply.body);
	free(exchange);
	*state = NULL;
}

static void on_connection(void *payload, struct MHD_Connection *connection, void **context,
			  enum MHD_ConnectionNotificationCode code)
{
	struct model_server *server = payload;

	(void)connection;
	pthread_mutex_lock(&server->lock);
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		server->stats.open++;
		*context = (void *)(uintptr_t)++server->stats.connections;
	} else {
		server->stats.open--;
	}
	pthread_mutex_unlock(&server->lock);
}

/* ---- Life ------------------------------------------------------------ */

static int start_daemon(struct model_server *server, struct persona_error *err)
{
	const struct options *options = &server->options;
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | (server->cert ? MHD_USE_TLS : 0);
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons((uint16_t)options->port),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct MHD_OptionItem more[5] = { 0 };
	size_t len = 0;

	if (options->threads > 1)
		more[len++] = (struct MHD_OptionItem){ MHD_OPTION_THREAD_POOL_SIZE, options->threads, NULL };
	if (options->idle_timeout_s)
		more[len++] = (struct MHD_OptionItem){ MHD_OPTION_CONNECTION_TIMEOUT, options->idle_timeout_s, NULL };
	if (server->cert) {
		more[len++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_CERT, 0, server->cert };
		more[len++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_KEY, 0, server->key };
	}
	more[len] = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
	server->daemon =
		MHD_start_daemon(flags, (uint16_t)options->port, NULL, NULL, on_request, server, MHD_OPTION_SOCK_ADDR,
				 &address, MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
				 MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_CONNECTION_LIMIT,
				 20000U, MHD_OPTION_LISTEN_BACKLOG_SIZE, 4096U, MHD_OPTION_ARRAY, more, MHD_OPTION_END);
	if (!server->daemon)
		return persona_error_set(err, PERSONA_E_IO, "cannot listen on 127.0.0.1:%d: %s", options->port,
					 strerror(errno));
	snprintf(server->url, sizeof server->url, "%s://127.0.0.1:%u", server->cert ? "https" : "http",
		 (unsigned)MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
	return 0;
}

/* A thousand connections at once must not end at the usual 1,024 descriptors. */
static void raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* Appended to, so that it can be emptied, and outlives who is killed. */
static int open_log(FILE **out, const char *path, struct persona_error *err)
{
	*out = path ? fopen(path, "ae") : NULL;
	if (path && !*out)
		return persona_error_set(err, PERSONA_E_IO, "cannot write '%s': %s", path, strerror(errno));
	return 0;
}

static int open_files(struct model_server *server, struct persona_error *err)
{
	const struct options *options = &server->options;

	if (open_log(&server->log, options->log_file, err) < 0 ||
	    open_log(&server->answers, options->answers_file, err) < 0)
		return -1;
	if (!options->cert_file)
		return 0;
	server->cert = file_content(options->cert_file, NULL, err);
	server->key = server->cert ? file_content(options->key_file ? options->key_file : options->cert_file, NULL, err)
				   : NULL;
	return server->key ? 0 : -1;
}

static struct model_server *server_new(struct persona_error *err)
{
	struct model_server *server = calloc(1, sizeof *server);
	pthread_condattr_t attributes;

	if (!server) {
		(void)persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		return NULL;
	}
	pthread_mutex_init(&server->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&server->wake, &attributes);
	pthread_condattr_destroy(&attributes);
	options_init(&server->options);
	return server;
}

static void server_free(struct model_server *server)
{
	if (server->log)
		fclose(server->log);
	if (server->answers)
		fclose(server->answers);
	options_release(&server->options);
	stats_release(&server->stats);
	free(server->waiting);
	free(server->cert);
	free(server->key);
	pthread_cond_destroy(&server->wake);
	pthread_mutex_destroy(&server->lock);
	free(server);
}

int model_server_start(struct model_server **out, const char *const *options, struct persona_error *err)
{
	struct model_server *server = server_new(err);
	int code;

	*out = NULL;
	if (!server)
		return -1;
	for (; options && options[0]; options += 2)
		if (options_set(&server->options, options[0], options[1], err) < 0)
			goto fail;
	if (open_files(server, err) < 0)
		goto fail;
	raise_limit();
	code = pthread_create(&server->timer, NULL, model_keep_time, server);
	if (code) {
		(void)persona_error_set(err, PERSONA_E_NOMEM, "cannot start a thread: %s", strerror(code));
		goto fail;
	}
	if (start_daemon(server, err) < 0) {
		model_server_stop(server);
		return -1;
	}
	*out = server;
	return 0;
fail:
	server_free(server);
	return -1;
}

void model_server_stop(struct model_server *server)
{
	if (!server)
		return;
	/* The daemon must not be stopped while a connection waits: from now on none does. */
	pthread_mutex_lock(&server->lock);
	server->stopping = true;
	pthread_cond_signal(&server->wake);
	pthread_mutex_unlock(&server->lock);
	pthread_join(server->timer, NULL);
	if (server->daemon)
		MHD_stop_daemon(server->daemon);
	server_free(server);
}

const char *model_server_url(const struct model_server *server)
{
	return server->url;
}

/* As on the command line, but for '_' as well as '-'; besides: "reset" sets the counters back. */
int model_server_set(struct model_server *server, const char *name, const char *value, struct persona_error *err)
{
	char plain[32];
	int rc = 0;

	snprintf(plain, sizeof plain, "%s", name);
	for (char *c = plain; *c; c++)
		*c = *c == '_' ? '-' : *c;
	pthread_mutex_lock(&server->lock);
	if (strcmp(plain, "reset") == 0) {
		struct stats kept = { .open = server->stats.open, .in_progress = server->stats.in_progress };

		stats_release(&server->stats);
		server->stats = kept;
	} else {
		rc = options_set(&server->options, plain, value, err);
		if (!rc && strcmp(plain, "script") == 0)
			server->drawn = 0;
	}
	pthread_mutex_unlock(&server->lock);
	return rc;
}

json_t *model_server_stats(struct model_server *server)
{
	json_t *value;

	pthread_mutex_lock(&server->lock);
	value = stats_json(&server->stats);
	pthread_mutex_unlock(&server->lock);
	return value;
}

long long model_server_count(struct model_server *server, const char *name)
{
	json_t *stats = model_server_stats(server), *value = json_object_get(stats, name);
	long long count = json_is_integer(value) ? json_integer_value(value) : -1;

	json_decref(stats);
	return count;
}
