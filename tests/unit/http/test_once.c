/*
 * One request on the wire for each submit. libcurl would send again by itself what a kept connection swallowed, and what
 * a server refused as an HTTP/2 stream; the servers here count.
 */
#include <openssl/ssl.h>

#include "helper.h"

static struct persona_http *pool;
static struct raw_server server;
static size_t large_len = 300000;

static void set_up(void)
{
	pool = pool_with(NULL);
}

static void tear_down(void)
{
	persona_http_free(pool);
}

/* ---- HTTP/1.1: a kept connection that dies --------------------------- */

/* Answer the first request of each connection; read the next whole and end without a word. */
static void die_at_the_second(struct raw_server *raw, int fd, int nth)
{
	char head[16384];

	(void)nth;
	if (!read_request(raw, fd, head))
		return;
	answer_ok(fd);
	if (read_request(raw, fd, head) && atomic_load(&raw->requests) % 4)
		raw_reset(fd);
}

static struct persona_http_request request_of(int kind)
{
	static char *large;
	struct persona_http_request request = { .url = server.url };

	if (!large)
		large = calloc(1, large_len);
	if (kind == 1)
		request = post(server.url, "{}");
	if (kind == 2) {
		request.body = large;
		request.body_len = large_len;
	}
	if (kind == 3)
		request.method = "POST";
	if (kind == 4)
		request.method = "DELETE";
	return request;
}

START_TEST(what_a_kept_connection_swallowed_is_not_sent_again)
{
	struct persona_http_request request;
	struct persona_http_response response;

	raw_start(&server, die_at_the_second);
	request = request_of(_i);
	for (int i = 1; i <= 20; i++) {
		response = ask(pool, &request);
		ck_assert_int_eq(atomic_load(&server.requests), i);
		if (i % 2) {
			ck_assert_outcome(response, PERSONA_HTTP_OK);
		} else {
			ck_assert_outcome(response, PERSONA_HTTP_RESET);
			ck_assert(response.maybe_sent);
			ck_assert(response.reused);
		}
		persona_http_response_release(&response);
	}
	ck_assert_int_eq(atomic_load(&server.connections), 10);
	raw_stop(&server);
}
END_TEST

/* As above, but the second request's head alone is read, with its body still on the way. */
static void die_at_the_second_head(struct raw_server *raw, int fd, int nth)
{
	char head[16384];
	struct pollfd ready = { .fd = fd, .events = POLLIN };

	(void)nth;
	if (!read_request(raw, fd, head))
		return;
	answer_ok(fd);
	while (poll(&ready, 1, 50) == 0)
		if (atomic_load(&raw->stopping))
			return;
	if (recv(fd, head, 64, 0) <= 0)
		return;
	atomic_fetch_add(&raw->requests, 1);
	raw_reset(fd);
}

START_TEST(not_even_its_head)
{
	struct persona_http_request request;
	struct persona_http_response response;

	raw_start(&server, die_at_the_second_head);
	request = request_of(2);
	for (int i = 1; i <= 20; i++) {
		response = ask(pool, &request);
		ck_assert_int_eq(atomic_load(&server.requests), i);
		ck_assert_outcome(response, i % 2 ? PERSONA_HTTP_OK : PERSONA_HTTP_RESET);
		persona_http_response_release(&response);
	}
	raw_stop(&server);
}
END_TEST

/* ---- Kept connections that are found dead in time -------------------- */

static void close_after_a_while(struct raw_server *raw, int fd, int nth)
{
	char head[16384];

	(void)nth;
	if (read_request(raw, fd, head)) {
		answer_ok(fd);
		dawdle(raw, 10);
	}
}

static void half_close(struct raw_server *raw, int fd, int nth)
{
	char head[16384];

	(void)nth;
	if (!read_request(raw, fd, head))
		return;
	answer_ok(fd);
	shutdown(fd, SHUT_WR);
	/* What is sent here now is read, and never answered. */
	(void)read_request(raw, fd, head);
}

static void reset_after_a_while(struct raw_server *raw, int fd, int nth)
{
	char head[16384];

	(void)nth;
	if (read_request(raw, fd, head)) {
		answer_ok(fd);
		dawdle(raw, 10);
		raw_reset(fd);
	}
}

/* An answer to nothing: the next request must not take it for its own. */
static void talk_unasked(struct raw_server *raw, int fd, int nth)
{
	char head[16384];

	(void)nth;
	if (read_request(raw, fd, head)) {
		answer_ok(fd);
		usleep(1000);
		say(fd, "HTTP/1.1 408 Too Late\r\nContent-Length: 0\r\n\r\n");
		(void)read_request(raw, fd, head);
	}
}

static void (*const quitters[])(struct raw_server *raw, int fd, int nth) = { close_after_a_while, half_close,
									     reset_after_a_while, talk_unasked };

START_TEST(closed_connections_are_seen_before_they_are_used)
{
	raw_start(&server, quitters[_i]);
	for (int i = 1; i <= 20; i++) {
		struct persona_http_response response = ask_for(pool, server.url, "{}");

		ck_assert_outcome(response, PERSONA_HTTP_OK);
		ck_assert_int_eq(response.status, 200);
		ck_assert(!response.reused);
		ck_assert_int_eq(atomic_load(&server.requests), i);
		persona_http_response_release(&response);
		usleep(40000);
	}
	ck_assert_int_eq(atomic_load(&server.connections), 20);
	raw_stop(&server);
}
END_TEST

/* ---- Under load ------------------------------------------------------ */

START_TEST(every_submit_comes_once)
{
	struct model_server *models = models_with((const char *[]){ "body", "/proc/sys/kernel/ostype", "fail",
								    "reset=10,close=5,cut=5,badline=5", NULL });
	struct persona_http_options options = { .max_connections = 32 };
	struct persona_http *wide = pool_with(&options);
	struct tally tally = TALLY;

	for (int i = 0; i < 3000; i++)
		submit(wide, chat_url(models), &tally, NULL);
	ck_assert_int_eq(persona_http_drain(wide, 60000, &err), 0);
	ck_assert_int_eq(tally.ended, 3000);
	ck_assert_int_eq(model_server_count(models, "requests"), 3000);
	ck_assert_int_gt(tally.outcomes[PERSONA_HTTP_RESET], 200);
	ck_assert_int_eq(tally.maybe_sent, 3000);
	persona_http_free(wide);
	model_server_stop(models);
}
END_TEST

/* ---- HTTP/2 ---------------------------------------------------------- */

enum { DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE };
enum { END_STREAM = 1, ACK = 1, END_HEADERS = 4 };

/* What becomes of the second request of each connection. */
enum misdeed { ANSWER, REFUSE_STREAM, RESET_STREAM, HTTP_1_REQUIRED, GO_AWAY, CLOSE };

static enum misdeed misdeed;
static char certificate[TEMPORARY_MAX];
static SSL_CTX *tls;

static void frame(SSL *ssl, int type, int flags, unsigned stream, const void *payload, size_t len)
{
	unsigned char bytes[64] = { 0, 0, (unsigned char)len,		(unsigned char)type,  (unsigned char)flags,
				    0, 0, (unsigned char)(stream >> 8), (unsigned char)stream };

	if (len)
		memcpy(bytes + 9, payload, len);
	(void)SSL_write(ssl, bytes, (int)(9 + len));
}

static bool read_all(SSL *ssl, unsigned char *bytes, size_t len)
{
	for (size_t at = 0; at < len;) {
		int got = SSL_read(ssl, bytes + at, (int)(len - at));

		if (got <= 0)
			return false;
		at += (size_t)got;
	}
	return true;
}

static void answer_h2(SSL *ssl, unsigned stream)
{
	/* HPACK: ":status: 200" is number 8 of the static table. */
	frame(ssl, HEADERS, END_HEADERS, stream, "\x88", 1);
	frame(ssl, DATA, END_STREAM, stream, "{}", 2);
}

/* A request is whole; false: end the connection. */
static bool serve_h2(SSL *ssl, unsigned stream, int nth)
{
	static const unsigned char refused[4] = { 0, 0, 0, 7 }, internal[4] = { 0, 0, 0, 2 }, old[4] = { 0, 0, 0, 13 };
	static const unsigned char away[8] = { 0, 0, 0, 1, 0, 0, 0, 0 };

	if (nth != 2) {
		answer_h2(ssl, stream);
		return true;
	}
	switch (misdeed) {
	case REFUSE_STREAM:
		frame(ssl, RST_STREAM, 0, stream, refused, 4);
		return true;
	case RESET_STREAM:
		frame(ssl, RST_STREAM, 0, stream, internal, 4);
		return true;
	case HTTP_1_REQUIRED:
		frame(ssl, RST_STREAM, 0, stream, old, 4);
		return true;
	case GO_AWAY:
		frame(ssl, GOAWAY, 0, 0, away, 8);
		return false;
	case CLOSE:
		return false;
	default:
		answer_h2(ssl, stream);
		return true;
	}
}

static void speak_h2(struct raw_server *raw, int fd, int nth_connection)
{
	SSL *ssl = SSL_new(tls);
	unsigned char head[9], payload[65536];
	/* Room for bodies: the initial window of each stream, and that of the connection. */
	static const unsigned char room[6] = { 0, 4, 0x3f, 0xff, 0xff, 0xff };
	struct timeval patience = { 5, 0 };
	int nth = 0;
	bool open;

	(void)nth_connection;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	SSL_set_fd(ssl, fd);
	open = SSL_accept(ssl) == 1 && read_all(ssl, payload, 24); /* the preface */
	if (open) {
		frame(ssl, SETTINGS, 0, 0, room, 6);
		frame(ssl, WINDOW_UPDATE, 0, 0, room + 2, 4);
	}
	while (open && read_all(ssl, head, sizeof head)) {
		size_t len = (size_t)head[0] << 16 | (size_t)head[1] << 8 | head[2];
		unsigned stream = (unsigned)head[7] << 8 | head[8];

		if (len > sizeof payload || !read_all(ssl, payload, len))
			break;
		if (head[3] == SETTINGS && !(head[4] & ACK))
			frame(ssl, SETTINGS, ACK, 0, NULL, 0);
		if ((head[3] == HEADERS || head[3] == DATA) && head[4] & END_STREAM) {
			atomic_fetch_add(&raw->requests, 1);
			open = serve_h2(ssl, stream, ++nth);
		}
	}
	SSL_free(ssl);
}

static int choose_h2(SSL *ssl, const unsigned char **out, unsigned char *out_len, const unsigned char *in,
		     unsigned in_len, void *payload)
{
	static const unsigned char wanted[] = "\x02h2";

	(void)ssl;
	(void)payload;
	return SSL_select_next_proto((unsigned char **)(uintptr_t)out, out_len, wanted, 3, in, in_len) ==
			       OPENSSL_NPN_NEGOTIATED
		       ? SSL_TLSEXT_ERR_OK
		       : SSL_TLSEXT_ERR_ALERT_FATAL;
}

static void set_up_h2(void)
{
	struct persona_http_options options = { .ca_file = certificate, .timeout_ms = 10000 };

	make_certificate(certificate);
	tls = SSL_CTX_new(TLS_server_method());
	ck_assert_int_eq(SSL_CTX_use_certificate_file(tls, certificate, SSL_FILETYPE_PEM), 1);
	ck_assert_int_eq(SSL_CTX_use_PrivateKey_file(tls, certificate, SSL_FILETYPE_PEM), 1);
	SSL_CTX_set_alpn_select_cb(tls, choose_h2, NULL);
	raw_start(&server, speak_h2);
	memmove(server.url + 5, server.url + 4, strlen(server.url + 4) + 1);
	server.url[4] = 's';
	pool = pool_with(&options);
}

static void tear_down_h2(void)
{
	persona_http_free(pool);
	raw_stop(&server);
	SSL_CTX_free(tls);
	unlink(certificate);
}

static const enum misdeed misdeeds[] = { REFUSE_STREAM, RESET_STREAM, HTTP_1_REQUIRED, GO_AWAY, CLOSE };

START_TEST(what_a_server_refused_over_http2_is_not_sent_again)
{
	misdeed = misdeeds[_i / 3];
	for (int i = 1; i <= 6; i++) {
		struct persona_http_request request = request_of(_i % 3);
		struct persona_http_response response = ask(pool, &request);

		ck_assert_msg(atomic_load(&server.requests) == i, "%d after %d submits", atomic_load(&server.requests),
			      i);
		ck_assert(response.maybe_sent);
		if (i == 2)
			ck_assert_outcome(response, PERSONA_HTTP_RESET);
		if (response.outcome == PERSONA_HTTP_OK) {
			ck_assert(response.http2);
			ck_assert_int_eq(response.status, 200);
			ck_assert_str_eq(response.body.data, "{}");
		}
		persona_http_response_release(&response);
	}
}
END_TEST

START_TEST(many_at_once_over_http2)
{
	struct persona_http_stats stats;
	struct tally tally = TALLY;

	misdeed = ANSWER;
	for (int i = 0; i < 300; i++)
		submit(pool, server.url, &tally, NULL);
	ck_assert_int_eq(persona_http_drain(pool, 30000, &err), 0);
	persona_http_get_stats(pool, &stats);
	ck_assert_int_eq(tally.good, 300);
	ck_assert_int_eq(stats.http2, 300);
	ck_assert_int_eq(atomic_load(&server.requests), 300);
	ck_assert_int_le(atomic_load(&server.connections), 10);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("once");
	TCase *t = tcase_create("http1");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_loop_test(t, what_a_kept_connection_swallowed_is_not_sent_again, 0, 5);
	tcase_add_test(t, not_even_its_head);
	tcase_add_loop_test(t, closed_connections_are_seen_before_they_are_used, 0, sizeof quitters / sizeof *quitters);
	tcase_add_test(t, every_submit_comes_once);
	suite_add_tcase(s, t);
	t = tcase_create("http2");
	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, set_up_h2, tear_down_h2);
	tcase_add_loop_test(t, what_a_server_refused_over_http2_is_not_sent_again, 0,
			    3 * sizeof misdeeds / sizeof *misdeeds);
	tcase_add_test(t, many_at_once_over_http2);
	suite_add_tcase(s, t);
	return run_suite(s);
}
