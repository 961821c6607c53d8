/* Servers that fail, lie, stall or flood: what each becomes, and whether it may have been paid for. */
#include "helper.h"

static struct persona_http *pool;
static struct raw_server server;

/* Scaled down: a second stands for a minute. */
static void set_up(void)
{
	struct persona_http_options options = { .timeout_ms = 5000, .stall_ms = 300, .max_body = 100000 };

	pool = pool_with(&options);
}

static void tear_down(void)
{
	persona_http_free(pool);
}

/* ---- Bytes of all kinds ---------------------------------------------- */

static const struct {
	const char *name, *bytes;
	enum persona_http_outcome outcome;
	int status;
} answers[] = {
	{ "nothing", "", PERSONA_HTTP_RESET, 0 },
	{ "half a status line", "HTTP/1.1 2", PERSONA_HTTP_RESET, 0 },
	{ "no HTTP", "220 mail.example.org ESMTP\r\n", PERSONA_HTTP_INVALID, 0 },
	{ "HTTP/0.9", "<html>hello</html>", PERSONA_HTTP_INVALID, 0 },
	{ "a status that is none", "HTTP/1.1 abc OK\r\n\r\n", PERSONA_HTTP_INVALID, 0 },
	{ "headers without end", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n", PERSONA_HTTP_RESET, 200 },
	{ "a body cut", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{\"a\"", PERSONA_HTTP_RESET, 200 },
	{ "chunks cut", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", PERSONA_HTTP_RESET,
	  200 },
	{ "chunks that are none", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n",
	  PERSONA_HTTP_RESET, 200 },
	{ "a length that is none", "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}", PERSONA_HTTP_INVALID, 200 },
	{ "gzip that is none", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd",
	  PERSONA_HTTP_INVALID, 200 },
	{ "an encoding nobody asked for", "HTTP/1.1 200 OK\r\nContent-Encoding: rot13\r\nContent-Length: 4\r\n\r\nabcd",
	  PERSONA_HTTP_INVALID, 200 },
	{ "a length above the ceiling", "HTTP/1.1 200 OK\r\nContent-Length: 100001\r\n\r\n", PERSONA_HTTP_TOO_LARGE,
	  200 },
	{ "an error page", "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 2\r\n\r\nno", PERSONA_HTTP_OK, 502 },
	{ "no body", "HTTP/1.1 204 No Content\r\n\r\n", PERSONA_HTTP_OK, 204 },
	{ "a body up to the end", "HTTP/1.0 200 OK\r\n\r\n{}", PERSONA_HTTP_OK, 200 },
	{ "wait, then an answer",
	  "HTTP/1.1 103 Early Hints\r\nX-Old: 1\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", PERSONA_HTTP_OK,
	  200 },
	{ "a redirect", "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
	  PERSONA_HTTP_OK, 302 },
};

static const char *bytes;

static void say_bytes(struct raw_server *raw, int fd, int nth)
{
	char head[16384];

	(void)nth;
	if (read_request(raw, fd, head))
		say(fd, bytes);
}

START_TEST(answers_of_all_kinds)
{
	struct persona_http_response response;

	bytes = answers[_i].bytes;
	raw_start(&server, say_bytes);
	response = ask_for(pool, server.url, "{}");
	ck_assert_msg(response.outcome == answers[_i].outcome, "%s: %s, %s", answers[_i].name,
		      persona_http_outcome_name(response.outcome), response.error.text);
	ck_assert_msg(response.status == answers[_i].status, "%s: %d", answers[_i].name, response.status);
	ck_assert(response.maybe_sent);
	ck_assert_int_eq(response.error.code, response.outcome == PERSONA_HTTP_OK ? PERSONA_OK : PERSONA_E_NET);
	ck_assert_int_eq(atomic_load(&server.requests), 1);
	ck_assert_ptr_null(persona_http_response_header(&response, "x-old"));
	persona_http_response_release(&response);
	raw_stop(&server);
}
END_TEST

/* What arrived of an answer that was cut is kept: it may be of use, and was perhaps paid for. */
START_TEST(what_came_is_kept)
{
	struct persona_http_response response;

	bytes = "HTTP/1.1 200 OK\r\nx-request-id: 7\r\nContent-Length: 10\r\n\r\n{\"a\"";
	raw_start(&server, say_bytes);
	response = ask_for(pool, server.url, "{}");
	ck_assert_str_eq(response.body.data, "{\"a\"");
	ck_assert_str_eq(persona_http_response_header(&response, "x-request-id"), "7");
	persona_http_response_release(&response);
	raw_stop(&server);
}
END_TEST

static void reset_after_reading(struct raw_server *raw, int fd, int nth)
{
	char head[16384];

	(void)nth;
	if (read_request(raw, fd, head))
		raw_reset(fd);
}

START_TEST(a_reset_may_have_been_paid)
{
	struct persona_http_response response;

	raw_start(&server, reset_after_reading);
	response = ask_for(pool, server.url, "{}");
	ck_assert_outcome(response, PERSONA_HTTP_RESET);
	ck_assert(response.maybe_sent);
	ck_assert_ptr_eq(strstr(response.error.text, "http://127.0.0.1:"), response.error.text);
	persona_http_response_release(&response);
	raw_stop(&server);
}
END_TEST

/* ---- Floods ---------------------------------------------------------- */

static void flood_headers(struct raw_server *raw, int fd, int nth)
{
	char head[16384];

	(void)nth;
	if (!read_request(raw, fd, head))
		return;
	say(fd, "HTTP/1.1 200 OK\r\n");
	for (int i = 0; i < 100000 && send(fd, "X-Flood: aaaaaaaaaaaaaaaaaaaaaaaa\r\n", 35, MSG_NOSIGNAL) == 35; i++)
		;
}

static void flood_one_header(struct raw_server *raw, int fd, int nth)
{
	char head[16384];

	(void)nth;
	if (!read_request(raw, fd, head))
		return;
	say(fd, "HTTP/1.1 200 OK\r\nX-Flood: ");
	for (int i = 0; i < 100000 && send(fd, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 32, MSG_NOSIGNAL) == 32; i++)
		;
}

static void flood_hints(struct raw_server *raw, int fd, int nth)
{
	static const char hint[] = "HTTP/1.1 100 Continue\r\nX-Wait: a little longer\r\n\r\n";
	char head[16384];

	(void)nth;
	if (!read_request(raw, fd, head))
		return;
	for (int i = 0; i < 100000 && send(fd, hint, sizeof hint - 1, MSG_NOSIGNAL) == sizeof hint - 1; i++)
		;
}

static void flood_body(struct raw_server *raw, int fd, int nth)
{
	char head[16384];

	(void)nth;
	if (!read_request(raw, fd, head))
		return;
	say(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; i < 100000 && send(fd, "10\r\naaaaaaaaaaaaaaaa\r\n", 22, MSG_NOSIGNAL) == 22; i++)
		;
}

static void (*const floods[])(struct raw_server *raw, int fd, int nth) = { flood_headers, flood_one_header, flood_hints,
									   flood_body };

START_TEST(floods_are_cut_off)
{
	struct persona_http_response response;

	raw_start(&server, floods[_i]);
	response = ask_for(pool, server.url, "{}");
	ck_assert_outcome(response, PERSONA_HTTP_TOO_LARGE);
	ck_assert(response.maybe_sent);
	ck_assert_uint_le(response.body.len, 100000);
	ck_assert_uint_le(response.headers.len, 65536);
	persona_http_response_release(&response);
	raw_stop(&server);
}
END_TEST

/* 10 MB of zeros, as gzip -9 makes them: about 10 KB. */
static const unsigned char bomb_head[] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3 };

/* A deflate block of 258 zeros for each 2 bits or so, made by hand: a fixed-Huffman block of many long matches. */
static size_t make_bomb(unsigned char *out, size_t size)
{
	unsigned long long bits = 0;
	unsigned count = 0;
	size_t len = sizeof bomb_head;

	memcpy(out, bomb_head, len);
/* LSB first; Huffman codes arrive bit-reversed */
#define PUT(value, n)                                                                                                  \
	do {                                                                                                           \
		bits |= (unsigned long long)(value) << count;                                                          \
		for (count += (n); count >= 8; count -= 8, bits >>= 8)                                                 \
			out[len++] = (unsigned char)bits;                                                              \
	} while (0)
	PUT(1, 1);    /* last block */
	PUT(1, 2);    /* fixed codes */
	PUT(0x0c, 8); /* literal 0: 00110000 reversed */
	while (len + 16 < size) {
		PUT(0xa3, 8); /* length 258: code 11000101 reversed */
		PUT(0, 5);    /* distance 1 */
	}
	PUT(0, 7); /* end */
	PUT(0, 7);
#undef PUT
	return len;
}

static void send_bomb(struct raw_server *raw, int fd, int nth)
{
	static unsigned char bomb[60000];
	char head[16384], line[128];
	size_t len = make_bomb(bomb, sizeof bomb);

	(void)nth;
	if (!read_request(raw, fd, head))
		return;
	snprintf(line, sizeof line, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n", len);
	say(fd, line);
	for (size_t at = 0; at < len;) {
		ssize_t sent = send(fd, bomb + at, len - at, MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		at += (size_t)sent;
	}
}

/* 60 KB on the wire, within the ceiling; 9 MB unpacked. */
START_TEST(a_gzip_bomb_stops_at_the_ceiling)
{
	struct persona_http_response response;

	raw_start(&server, send_bomb);
	response = ask_for(pool, server.url, "{}");
	ck_assert_outcome(response, PERSONA_HTTP_TOO_LARGE);
	ck_assert_uint_gt(response.body.len, 50000);
	ck_assert_uint_le(response.body.len, 100000);
	persona_http_response_release(&response);
	raw_stop(&server);
}
END_TEST

START_TEST(the_ceiling_itself_is_allowed)
{
	struct persona_http_response response;
	static char body[100200];

	memcpy(body, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", 43);
	memset(body + 43, 'a', 100000);
	bytes = body;
	raw_start(&server, say_bytes);
	response = ask_for(pool, server.url, "{}");
	ck_assert_outcome(response, PERSONA_HTTP_OK);
	ck_assert_uint_eq(response.body.len, 100000);
	persona_http_response_release(&response);
	raw_stop(&server);
}
END_TEST

/* ---- Time ------------------------------------------------------------ */

/* Silent for longer than stall_ms before the first byte: that is thinking, not stalling. */
static void think(struct raw_server *raw, int fd, int nth)
{
	char head[16384];

	(void)nth;
	if (read_request(raw, fd, head)) {
		dawdle(raw, 1000);
		answer_ok(fd);
	}
}

START_TEST(thinking_is_not_stalling)
{
	struct persona_http_response response;

	raw_start(&server, think);
	response = ask_for(pool, server.url, "{}");
	ck_assert_outcome(response, PERSONA_HTTP_OK);
	ck_assert_int_ge(response.first_byte_us, 900000);
	persona_http_response_release(&response);
	raw_stop(&server);
}
END_TEST

static void stall(struct raw_server *raw, int fd, int nth)
{
	char head[16384];

	(void)nth;
	if (read_request(raw, fd, head)) {
		say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{");
		dawdle(raw, 4000);
	}
}

START_TEST(an_answer_that_stalls_ends)
{
	struct persona_http_response response;

	raw_start(&server, stall);
	response = ask_for(pool, server.url, "{}");
	ck_assert_outcome(response, PERSONA_HTTP_TIMEOUT);
	ck_assert(response.maybe_sent);
	ck_assert_ptr_nonnull(strstr(response.error.text, "stalled"));
	ck_assert_int_ge(response.total_us, 300000);
	ck_assert_int_lt(response.total_us, 60000000); /* not the total time */
	persona_http_response_release(&response);
	raw_stop(&server);
}
END_TEST

/* A byte now and then is no stall, but the total time is bounded. */
static void drip(struct raw_server *raw, int fd, int nth)
{
	char head[16384];

	(void)nth;
	if (!read_request(raw, fd, head))
		return;
	say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n");
	for (int i = 0; i < 100 && !atomic_load(&raw->stopping); i++) {
		if (send(fd, "a", 1, MSG_NOSIGNAL) != 1)
			return;
		dawdle(raw, 50);
	}
}

START_TEST(a_slow_loris_ends_with_the_total_time)
{
	struct persona_http_request request;
	struct persona_http_response response;

	raw_start(&server, drip);
	request = post(server.url, "{}");
	request.timeout_ms = 1200;
	response = ask(pool, &request);
	ck_assert_outcome(response, PERSONA_HTTP_TIMEOUT);
	ck_assert_ptr_null(strstr(response.error.text, "stalled"));
	ck_assert_int_ge(response.total_us, 1100000);
	ck_assert_uint_gt(response.body.len, 5);
	persona_http_response_release(&response);
	raw_stop(&server);
}
END_TEST

/* The kernel accepts for a listener that nobody serves; TLS then never comes about. */
START_TEST(no_connection_in_time_was_never_sent)
{
	struct persona_http_options options = { .connect_timeout_ms = 300 };
	struct persona_http *hasty = pool_with(&options);
	struct persona_http_response response;
	char url[80];
	int fd = listen_somewhere(url, "https");

	response = ask_for(hasty, url, "{}");
	ck_assert_outcome(response, PERSONA_HTTP_CONNECT);
	ck_assert(!response.maybe_sent);
	ck_assert_int_lt(response.total_us, 60000000); /* not the total time */
	ck_assert_int_eq(response.first_byte_us, -1);
	persona_http_response_release(&response);
	persona_http_free(hasty);
	close(fd);
}
END_TEST

/* Time in the queue does not count: ten requests of 200 ms, one after another, each allowed 1,500 ms. */
static void take_a_while(struct raw_server *raw, int fd, int nth)
{
	char head[16384];

	(void)nth;
	while (read_request(raw, fd, head)) {
		dawdle(raw, 200);
		answer_ok(fd);
	}
}

START_TEST(the_queue_does_not_eat_the_timeout)
{
	struct persona_http_options options = { .max_connections = 1, .timeout_ms = 1500 };
	struct persona_http *narrow = pool_with(&options);
	struct tally tally = TALLY;

	raw_start(&server, take_a_while);
	for (int i = 0; i < 10; i++)
		submit(narrow, server.url, &tally, NULL);
	ck_assert_int_eq(persona_http_drain(narrow, 30000, &err), 0);
	ck_assert_int_eq(tally.good, 10);
	ck_assert_int_eq(atomic_load(&server.connections), 1);
	persona_http_free(narrow);
	raw_stop(&server);
}
END_TEST

/* ---- Other hosts ----------------------------------------------------- */

static struct raw_server elsewhere;
static char redirect[256];

static void answer_always(struct raw_server *raw, int fd, int nth)
{
	char head[16384];

	(void)nth;
	while (read_request(raw, fd, head))
		answer_ok(fd);
}

START_TEST(a_redirect_is_not_followed)
{
	static const struct persona_http_header key[] = { { "Authorization", "Bearer sk-secret", false } };
	struct persona_http_request request = { .headers = key, .headers_len = 1, .body = "{}", .body_len = 2 };
	struct persona_http_response response;
	static const int statuses[] = { 301, 302, 303, 307, 308 };

	raw_start(&elsewhere, answer_always);
	snprintf(redirect, sizeof redirect, "HTTP/1.1 %d Moved\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n",
		 statuses[_i], elsewhere.url);
	bytes = redirect;
	raw_start(&server, say_bytes);
	request.url = server.url;
	response = ask(pool, &request);
	ck_assert_outcome(response, PERSONA_HTTP_OK);
	ck_assert_int_eq(response.status, statuses[_i]);
	ck_assert_str_eq(persona_http_response_header(&response, "location"), elsewhere.url);
	ck_assert_int_eq(atomic_load(&elsewhere.connections), 0);
	persona_http_response_release(&response);
	raw_stop(&server);
	raw_stop(&elsewhere);
}
END_TEST

START_TEST(names_that_nobody_knows)
{
	struct persona_http_response response = ask_for(pool, "http://nosuchhost.invalid/?key=secret", "{}");

	ck_assert_outcome(response, PERSONA_HTTP_CONNECT);
	ck_assert(!response.maybe_sent);
	ck_assert_ptr_null(strstr(response.error.text, "secret"));
	persona_http_response_release(&response);
}
END_TEST

/* A proxy of the environment is for the world outside, not for this host. */
START_TEST(this_host_needs_no_proxy)
{
	struct persona_http_response response;

	setenv("http_proxy", "http://127.0.0.1:1/", 1);
	unsetenv("no_proxy");
	raw_start(&server, answer_always);
	response = ask_for(pool, server.url, "{}");
	ck_assert_outcome(response, PERSONA_HTTP_OK);
	persona_http_response_release(&response);
	response = ask_for(pool, "http://192.0.2.1/", "{}");
	ck_assert_outcome(response, PERSONA_HTTP_CONNECT);
	ck_assert_ptr_nonnull(strstr(response.error.text, "refused"));
	persona_http_response_release(&response);
	raw_stop(&server);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("failure");
	TCase *t = tcase_create("bytes");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_loop_test(t, answers_of_all_kinds, 0, sizeof answers / sizeof *answers);
	tcase_add_test(t, what_came_is_kept);
	tcase_add_test(t, a_reset_may_have_been_paid);
	tcase_add_loop_test(t, floods_are_cut_off, 0, sizeof floods / sizeof *floods);
	tcase_add_test(t, a_gzip_bomb_stops_at_the_ceiling);
	tcase_add_test(t, the_ceiling_itself_is_allowed);
	suite_add_tcase(s, t);
	t = tcase_create("time");
	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, thinking_is_not_stalling);
	tcase_add_test(t, an_answer_that_stalls_ends);
	tcase_add_test(t, a_slow_loris_ends_with_the_total_time);
	tcase_add_test(t, no_connection_in_time_was_never_sent);
	tcase_add_test(t, the_queue_does_not_eat_the_timeout);
	suite_add_tcase(s, t);
	t = tcase_create("hosts");
	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_loop_test(t, a_redirect_is_not_followed, 0, 5);
	tcase_add_test(t, names_that_nobody_knows);
	tcase_add_test(t, this_host_needs_no_proxy);
	suite_add_tcase(s, t);
	return run_suite(s);
}
