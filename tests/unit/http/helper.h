/*
 * What the tests of the pool share: a pool, requests and what became of them, and a server for what
 * no well-behaved one would do: a function serves each connection byte by byte.
 */
#ifndef PERSONA_TEST_HTTP_HELPER_H
#define PERSONA_TEST_HTTP_HELPER_H

#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "folder.h"
#include "model_server.h"
#include "persona/http.h"

#define UNUSED __attribute__((unused))

static struct persona_error err;

/* ---- Pool and requests ----------------------------------------------- */

static UNUSED struct persona_http *pool_with(const struct persona_http_options *options)
{
	struct persona_http *pool;

	ck_assert_msg(persona_http_new(&pool, options, &err) == 0, "%s", err.text);
	return pool;
}

static UNUSED const struct persona_http_header json_headers[] = { { "Content-Type", "application/json", false } };

static UNUSED struct persona_http_request post(const char *url, const char *body)
{
	return (struct persona_http_request){
		.url = url, .headers = json_headers, .headers_len = 1, .body = body, .body_len = strlen(body)
	};
}

/* The answer to one request, which must end; the caller releases it. */
static UNUSED struct persona_http_response ask(struct persona_http *pool, const struct persona_http_request *request)
{
	struct persona_http_response response;

	persona_http_response_init(&response);
	ck_assert_msg(persona_http_perform(pool, request, &response, &err) == 0, "%s", err.text);
	return response;
}

static UNUSED struct persona_http_response ask_for(struct persona_http *pool, const char *url, const char *body)
{
	struct persona_http_request request = post(url, body ? body : "");

	if (!body) {
		request.body = NULL;
		request.headers_len = 0;
	}
	return ask(pool, &request);
}

#define ck_assert_outcome(response, wanted)                                                                            \
	ck_assert_msg((response).outcome == (wanted), "%s, not %s: %s", persona_http_outcome_name((response).outcome), \
		      persona_http_outcome_name(wanted), (response).error.text)

/* What became of many. */
struct tally {
	pthread_mutex_t lock;
	long ended, outcomes[PERSONA_HTTP_LAST], maybe_sent, good;
};

#define TALLY                                                                                                          \
	{                                                                                                              \
		.lock = PTHREAD_MUTEX_INITIALIZER                                                                      \
	}

static UNUSED void count(void *payload, struct persona_http_response *response)
{
	struct tally *tally = payload;

	pthread_mutex_lock(&tally->lock);
	tally->ended++;
	tally->outcomes[response->outcome]++;
	tally->maybe_sent += response->maybe_sent;
	tally->good += response->outcome == PERSONA_HTTP_OK && response->status == 200;
	pthread_mutex_unlock(&tally->lock);
}

static UNUSED long ended(struct tally *tally)
{
	long number;

	pthread_mutex_lock(&tally->lock);
	number = tally->ended;
	pthread_mutex_unlock(&tally->lock);
	return number;
}

static UNUSED void submit(struct persona_http *pool, const char *url, struct tally *tally, uint64_t *id)
{
	struct persona_http_request request = post(url, "{}");

	ck_assert_msg(persona_http_submit(pool, &request, count, tally, id, &err) == 0, "%s", err.text);
}

/* Wait at most ten seconds for a counter. */
#define wait_for(condition)                                                                                            \
	do {                                                                                                           \
		int looks = 0;                                                                                         \
		while (!(condition) && looks++ < 10000)                                                                \
			usleep(1000);                                                                                  \
		ck_assert_msg(condition, "did not happen: %s", #condition);                                            \
	} while (0)

/* ---- Certificates ---------------------------------------------------- */

/* A self-signed certificate for 127.0.0.1 and its key, both in one new file; its name is the caller's to unlink. */
static UNUSED void make_certificate(char path[TEMPORARY_MAX])
{
	char command[512];
	FILE *done;

	temporary_name(path, "http");
	close(mkstemp(path));
	snprintf(command, sizeof command,
		 "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1 "
		 "-addext subjectAltName=IP:127.0.0.1 -keyout '%s.key' -out '%s' 2>&1 && cat '%s.key' >>'%s'; rm -f "
		 "'%s.key'",
		 path, path, path, path, path);
	done = popen(command, "re");
	ck_assert_ptr_nonnull(done);
	while (fgets(command, sizeof command, done))
		;
	ck_assert_int_eq(pclose(done), 0);
}

/* ---- A server of the worst kind -------------------------------------- */

struct raw_server {
	int fd;
	char url[64];
	pthread_t thread;
	/* Serve one connection, the nth from 1, until it returns; the connection is closed then. */
	void (*serve)(struct raw_server *server, int fd, int nth);
	atomic_int connections, requests, stopping;
	pthread_t threads[256];
};

struct raw_connection {
	struct raw_server *server;
	int fd, nth;
};

/* Read a request with its body; false: the client has gone, or the server ends. head has 16 KB. */
static UNUSED bool read_request(struct raw_server *server, int fd, char *head)
{
	size_t len = 0, body = 0, want = 0;
	char *end = NULL;

	while (!end || body < want) {
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		char rest[16384];
		ssize_t got;

		if (atomic_load(&server->stopping))
			return false;
		if (poll(&ready, 1, 50) == 0)
			continue;
		got = end ? recv(fd, rest, sizeof rest, 0) : recv(fd, head + len, 16383 - len, 0);
		if (got <= 0)
			return false;
		if (end) {
			body += (size_t)got;
			continue;
		}
		len += (size_t)got;
		head[len] = '\0';
		end = strstr(head, "\r\n\r\n");
		if (end) {
			const char *length = strcasestr(head, "\r\ncontent-length:");

			body = len - (size_t)(end + 4 - head);
			want = length ? strtoul(length + 17, NULL, 10) : 0;
		}
	}
	atomic_fetch_add(&server->requests, 1);
	return true;
}

static UNUSED void say(int fd, const char *text)
{
	size_t len = strlen(text);

	while (len) {
		ssize_t sent = send(fd, text, len, MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		text += sent;
		len -= (size_t)sent;
	}
}

static UNUSED void answer_ok(int fd)
{
	say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}");
}

/* End with RST. */
static UNUSED void raw_reset(int fd)
{
	struct linger now = { 1, 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

/* Wait until the server is told to end, or so many milliseconds. */
static UNUSED void dawdle(struct raw_server *server, int ms)
{
	for (int i = 0; i < ms && !atomic_load(&server->stopping); i++)
		usleep(1000);
}

static void *raw_connection(void *payload)
{
	struct raw_connection *connection = payload;

	connection->server->serve(connection->server, connection->fd, connection->nth);
	close(connection->fd);
	free(connection);
	return NULL;
}

static void *raw_accept(void *payload)
{
	struct raw_server *server = payload;

	while (!atomic_load(&server->stopping)) {
		struct pollfd ready = { .fd = server->fd, .events = POLLIN };
		struct raw_connection *connection;
		int nth, fd;

		if (poll(&ready, 1, 20) <= 0)
			continue;
		fd = accept(server->fd, NULL, NULL);
		nth = atomic_fetch_add(&server->connections, 1) + 1;
		ck_assert_int_lt(nth, 256);
		connection = malloc(sizeof *connection);
		*connection = (struct raw_connection){ server, fd, nth };
		pthread_create(&server->threads[nth], NULL, raw_connection, connection);
	}
	return NULL;
}

/* A socket that listens, and the URL that leads to it. */
static UNUSED int listen_somewhere(char url[64], const char *scheme)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	ck_assert_int_eq(listen(fd, 128), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	snprintf(url, 64, "%s://127.0.0.1:%d/", scheme, ntohs(address.sin_port));
	return fd;
}

static UNUSED void raw_start(struct raw_server *server, void (*serve)(struct raw_server *server, int fd, int nth))
{
	memset(server, 0, sizeof *server);
	server->serve = serve;
	server->fd = listen_somewhere(server->url, "http");
	ck_assert_int_eq(pthread_create(&server->thread, NULL, raw_accept, server), 0);
}

static UNUSED void raw_stop(struct raw_server *server)
{
	atomic_store(&server->stopping, 1);
	pthread_join(server->thread, NULL);
	for (int i = 1; i <= atomic_load(&server->connections); i++)
		pthread_join(server->threads[i], NULL);
	close(server->fd);
}

/* ---- The model server ------------------------------------------------ */

static UNUSED struct model_server *models_with(const char *const *options)
{
	struct model_server *server;

	ck_assert_msg(model_server_start(&server, options, &err) == 0, "%s", err.text);
	return server;
}

/* URL of its OpenAI form, in a static buffer. */
static UNUSED const char *chat_url(const struct model_server *server)
{
	static char url[128];

	snprintf(url, sizeof url, "%s/v1/chat/completions", model_server_url(server));
	return url;
}

static UNUSED int run_suite(Suite *s)
{
	SRunner *runner = srunner_create(s);
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}

#endif
