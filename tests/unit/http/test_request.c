/* What goes out, what comes in, and what is written down of it. */
#include "helper.h"

static struct persona_http *pool;
static struct raw_server server;
static char seen[16384];

/* Between the server's thread and the test's there is only the network, which is no order to speak of. */
static pthread_mutex_t seen_lock = PTHREAD_MUTEX_INITIALIZER;

static struct persona_http_response ask_and_see(const struct persona_http_request *request)
{
	struct persona_http_response response = ask(pool, request);

	pthread_mutex_lock(&seen_lock);
	pthread_mutex_unlock(&seen_lock);
	return response;
}

static bool keep_request(struct raw_server *raw, int fd)
{
	char head[16384];

	if (!read_request(raw, fd, head))
		return false;
	pthread_mutex_lock(&seen_lock);
	memcpy(seen, head, sizeof head);
	pthread_mutex_unlock(&seen_lock);
	return true;
}

static void keep_head(struct raw_server *raw, int fd, int nth)
{
	(void)nth;
	while (keep_request(raw, fd))
		say(fd, "HTTP/1.1 200 Fine\r\nContent-Length: 5\r\nContent-Type: text/plain\r\nX-Two: first\r\n"
			"x-two:   second  \r\nX-Empty:\r\nSet-Cookie: session=hush\r\n\r\nhello");
}

static void set_up(void)
{
	pool = pool_with(NULL);
	raw_start(&server, keep_head);
}

static void tear_down(void)
{
	persona_http_free(pool);
	raw_stop(&server);
}

/* ---- Refused before anything is sent --------------------------------- */

static const struct persona_http_header bad_headers[] = {
	{ "", "x", false },
	{ "a b", "x", false },
	{ "a:", "x", false },
	{ "A\r\nB", "x", false },
	{ "X", "a\r\nEvil: 1", false },
	{ "X", "a\nb", false },
	{ "X-Key", "tail\x7f", true },
	{ "\xc3\xa4", "x", false },
};

START_TEST(bad_headers_are_refused)
{
	struct persona_http_request request = { .url = server.url, .headers = &bad_headers[_i], .headers_len = 1 };
	struct persona_http_response response;

	persona_http_response_init(&response);
	ck_assert_int_eq(persona_http_perform(pool, &request, &response, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_USAGE);
	ck_assert_ptr_null(strstr(err.text, "tail"));
	ck_assert_int_eq(atomic_load(&server.requests), 0);
}
END_TEST

static const struct persona_http_request bad_requests[] = {
	{ .url = NULL },
	{ .url = "example.org" },
	{ .url = "http://a/", .timeout_ms = -1 },
	{ .url = "http://a/", .method = "HEAD" },
	{ .url = "http://a/", .method = "get" },
	{ .url = "http://a/", .method = "GET", .body = "x", .body_len = 1 },
	{ .url = "http://key:secret@a/" },
};

START_TEST(bad_requests_are_refused)
{
	struct persona_http_response response;

	persona_http_response_init(&response);
	ck_assert_int_eq(persona_http_perform(pool, &bad_requests[_i], &response, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_USAGE);
	ck_assert_ptr_null(strstr(err.text, "secret"));
}
END_TEST

START_TEST(too_many_headers_are_refused)
{
	struct persona_http_header many[65];
	struct persona_http_request request = { .url = server.url, .headers = many, .headers_len = 65 };
	struct persona_http_response response;

	for (int i = 0; i < 65; i++)
		many[i] = (struct persona_http_header){ "X-Many", "1", false };
	persona_http_response_init(&response);
	ck_assert_int_eq(persona_http_perform(pool, &request, &response, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_USAGE);
	request.headers_len = 64;
	response = ask(pool, &request);
	ck_assert_int_eq(response.status, 200);
	persona_http_response_release(&response);
}
END_TEST

static const struct persona_http_options bad_options[] = {
	{ .max_connections = -1 },    { .max_connections = 10001 }, { .max_per_host = -5 }, { .timeout_ms = -1 },
	{ .connect_timeout_ms = -1 }, { .stall_ms = -1 },	    { .idle_ms = -1 },
};

START_TEST(bad_options_are_refused)
{
	struct persona_http *none;

	ck_assert_int_eq(persona_http_new(&none, &bad_options[_i], &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_USAGE);
	ck_assert_ptr_null(none);
}
END_TEST

START_TEST(a_missing_ca_file_is_said_at_once)
{
	struct persona_http_options options = { .ca_file = "/nonexistent/ca.pem" };
	struct persona_http *none;

	ck_assert_int_eq(persona_http_new(&none, &options, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_IO);
	ck_assert_ptr_nonnull(strstr(err.text, "/nonexistent/ca.pem"));
	ck_assert_ptr_null(none);
}
END_TEST

/* ---- On the wire ----------------------------------------------------- */

START_TEST(a_post_as_it_goes_out)
{
	const struct persona_http_header headers[] = { { "content-type", "application/json", false },
						       { "X-Api-Key", "sk-1", false },
						       { "X-Empty", "", false } };
	struct persona_http_request request = {
		.url = server.url, .headers = headers, .headers_len = 3, .body = "{\"a\":1}", .body_len = 7
	};
	struct persona_http_response response = ask_and_see(&request);

	ck_assert_int_eq(response.status, 200);
	ck_assert_ptr_eq(strstr(seen, "POST / HTTP/1.1\r\nHost: 127.0.0.1:"), seen);
	ck_assert_ptr_nonnull(strstr(seen, "\r\ncontent-type: application/json\r\n"));
	ck_assert_ptr_nonnull(strstr(seen, "\r\nX-Api-Key: sk-1\r\n"));
	ck_assert_ptr_nonnull(strstr(seen, "\r\nX-Empty:"));
	ck_assert_ptr_nonnull(strstr(seen, "\r\nContent-Length: 7\r\n"));
	ck_assert_ptr_nonnull(strstr(seen, "\r\nAccept-Encoding: gzip\r\n"));
	ck_assert_ptr_nonnull(strstr(seen, "\r\nUser-Agent: persona-tools/" PERSONA_VERSION "\r\n"));
	ck_assert_ptr_null(strcasestr(seen, "expect:"));
	ck_assert_ptr_null(strcasestr(seen, "cookie"));
	ck_assert_ptr_null(strcasestr(seen, "x-www-form-urlencoded"));
	ck_assert_ptr_nonnull(strstr(seen, "\r\n\r\n{\"a\":1}"));
	persona_http_response_release(&response);
}
END_TEST

/* Large enough that libcurl would ask "Expect: 100-continue" and send in pieces. */
START_TEST(a_large_body_goes_out_whole)
{
	size_t len = (size_t)3 << 20;
	char *body = malloc(len);
	struct persona_http_request request = { .url = server.url, .body = body, .body_len = len, .take_body = true };
	struct persona_http_stats stats;
	struct persona_http_response response;

	memset(body, 'x', len);
	response = ask_and_see(&request);
	ck_assert_outcome(response, PERSONA_HTTP_OK);
	ck_assert_ptr_null(strcasestr(seen, "expect:"));
	ck_assert_ptr_nonnull(strstr(seen, "\r\nContent-Length: 3145728\r\n"));
	ck_assert_ptr_null(strcasestr(seen, "content-type"));
	persona_http_get_stats(pool, &stats);
	ck_assert_int_gt(stats.bytes_out, 3145728);
	persona_http_response_release(&response);
}
END_TEST

static const struct {
	const char *method, *body, *line;
} methods[] = {
	{ NULL, NULL, "GET / " },	{ "GET", NULL, "GET / " },  { NULL, "b", "POST / " },
	{ "POST", NULL, "POST / " },	{ "PUT", "b", "PUT / " },   { "DELETE", NULL, "DELETE / " },
	{ "DELETE", "b", "DELETE / " }, { "POST", "b", "POST / " },
};

/* On one connection, so that nothing of one request may stick to the next. */
START_TEST(methods_do_not_stick)
{
	for (size_t i = 0; i < 2 * sizeof methods / sizeof *methods; i++) {
		size_t at = i * 3 % (sizeof methods / sizeof *methods);
		struct persona_http_request request = { .url = server.url,
							.method = methods[at].method,
							.body = methods[at].body,
							.body_len = methods[at].body ? 1 : 0 };
		struct persona_http_response response = ask_and_see(&request);

		ck_assert_outcome(response, PERSONA_HTTP_OK);
		ck_assert_msg(strncmp(seen, methods[at].line, strlen(methods[at].line)) == 0, "%.20s", seen);
		ck_assert_int_eq(strstr(seen, "\r\n\r\nb") != NULL, methods[at].body != NULL);
		persona_http_response_release(&response);
	}
	ck_assert_int_eq(atomic_load(&server.connections), 1);
}
END_TEST

/* ---- Answers --------------------------------------------------------- */

START_TEST(headers_of_an_answer)
{
	struct persona_http_response response = ask_for(pool, server.url, NULL), moved;

	ck_assert_outcome(response, PERSONA_HTTP_OK);
	ck_assert(response.maybe_sent);
	ck_assert_int_eq(response.error.code, PERSONA_OK);
	ck_assert_str_eq(persona_http_response_header(&response, "content-type"), "text/plain");
	ck_assert_str_eq(persona_http_response_header(&response, "X-TWO"), "first");
	ck_assert_str_eq(persona_http_response_header(&response, "x-empty"), "");
	ck_assert_ptr_null(persona_http_response_header(&response, "x-tw"));
	ck_assert_ptr_null(persona_http_response_header(&response, "hello"));
	ck_assert_str_eq(response.body.data, "hello");
	ck_assert_int_ge(response.queued_us, 0);
	ck_assert_int_gt(response.connect_us, 0);
	ck_assert_int_ge(response.first_byte_us, response.connect_us);
	ck_assert_int_ge(response.total_us, response.first_byte_us);
	ck_assert(!response.reused && !response.http2);
	persona_http_response_take(&moved, &response);
	ck_assert_uint_eq(response.body.len, 0);
	ck_assert_str_eq(moved.body.data, "hello");
	persona_http_response_release(&response);
	persona_http_response_release(&moved);
	response = ask_for(pool, server.url, NULL);
	ck_assert(response.reused);
	ck_assert_int_eq(response.connect_us, 0);
	persona_http_response_release(&response);
}
END_TEST

START_TEST(outcomes_have_names)
{
	for (int i = 0; i < PERSONA_HTTP_LAST; i++) {
		ck_assert_str_ne(persona_http_outcome_name((enum persona_http_outcome)i), "unknown");
		for (int k = 0; k < i; k++)
			ck_assert_str_ne(persona_http_outcome_name((enum persona_http_outcome)i),
					 persona_http_outcome_name((enum persona_http_outcome)k));
	}
	ck_assert_str_eq(persona_http_outcome_name(PERSONA_HTTP_LAST), "unknown");
}
END_TEST

/* ---- The log --------------------------------------------------------- */

static struct persona_buf written;

static void write_down(void *payload, const char *text)
{
	ck_assert_ptr_eq(payload, &written);
	ck_assert_int_eq(persona_buf_adds(&written, text, NULL), 0);
}

/* An answer that repeats the key in a header and in its body, as some servers do in "your key … is wrong". */
static void repeat_key(struct raw_server *raw, int fd, int nth)
{
	(void)nth;
	while (keep_request(raw, fd))
		say(fd,
		    "HTTP/1.1 401 No\r\nContent-Length: 28\r\nX-Your-Key: sk-very-secret\r\nSet-Cookie: a=hush\r\n\r\n"
		    "sk-very-secret is not valid\n");
}

START_TEST(secrets_are_masked)
{
	const struct persona_http_header headers[] = { { "Authorization", "Bearer sk-very-secret", false },
						       { "X-Goog-Api-Key", "goog-secret", false },
						       { "X-Mine", "mine-secret", true },
						       { "X-Open", "to be seen", false } };
	struct persona_http_options options = { .log = write_down, .log_payload = &written, .log_bodies = _i };
	struct persona_http_request request = {
		.headers = headers, .headers_len = 4, .body = "line one\nmy key is sk-very-secret!", .body_len = 34
	};
	struct persona_http *chatty = pool_with(&options);
	struct persona_http_response response;
	struct raw_server repeating;
	char url[128];

	persona_buf_init(&written, SIZE_MAX);
	raw_start(&repeating, repeat_key);
	snprintf(url, sizeof url, "%sv1/chat?key=query-secret", repeating.url);
	request.url = url;
	response = ask(chatty, &request);
	ck_assert_int_eq(response.status, 401);
	persona_http_free(chatty);
	ck_assert_msg(!strstr(written.data, "secret"), "%s", written.data);
	ck_assert_ptr_null(strstr(written.data, "hush"));
	ck_assert_ptr_nonnull(strstr(written.data, "> POST http://127.0.0.1:"));
	ck_assert_ptr_nonnull(strstr(written.data, "/v1/chat?***\n"));
	ck_assert_ptr_nonnull(strstr(written.data, "> Authorization: ***\n"));
	ck_assert_ptr_nonnull(strstr(written.data, "> X-Goog-Api-Key: ***\n"));
	ck_assert_ptr_nonnull(strstr(written.data, "> X-Mine: ***\n"));
	ck_assert_ptr_nonnull(strstr(written.data, "> X-Open: to be seen\n"));
	ck_assert_ptr_nonnull(strstr(written.data, "< X-Your-Key: ***\n"));
	ck_assert_int_eq(strstr(written.data, "> line one\n> my key is ***!\n") != NULL, _i == 1);
	ck_assert_int_eq(strstr(written.data, "< *** is not valid\n") != NULL, _i == 1);
	ck_assert_int_eq(strstr(written.data, "> (34 bytes)\n") != NULL, _i == 0);
	persona_http_response_release(&response);
	persona_buf_release(&written);
	raw_stop(&repeating);
}
END_TEST

START_TEST(errors_name_the_origin_only)
{
	const struct persona_http_header headers[] = { { "Authorization", "Bearer sk-very-secret", false } };
	struct persona_http_request request = { .url = "http://127.0.0.1:1/path?key=query-secret",
						.headers = headers,
						.headers_len = 1 };
	struct persona_http_response response = ask(pool, &request);

	ck_assert_outcome(response, PERSONA_HTTP_CONNECT);
	ck_assert(!response.maybe_sent);
	ck_assert_int_eq(response.error.code, PERSONA_E_NET);
	ck_assert_str_eq(response.error.text, "http://127.0.0.1:1: Connection refused");
	persona_http_response_release(&response);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("request");
	TCase *t = tcase_create("refused");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_loop_test(t, bad_headers_are_refused, 0, sizeof bad_headers / sizeof *bad_headers);
	tcase_add_loop_test(t, bad_requests_are_refused, 0, sizeof bad_requests / sizeof *bad_requests);
	tcase_add_test(t, too_many_headers_are_refused);
	tcase_add_loop_test(t, bad_options_are_refused, 0, sizeof bad_options / sizeof *bad_options);
	tcase_add_test(t, a_missing_ca_file_is_said_at_once);
	suite_add_tcase(s, t);
	t = tcase_create("wire");
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, a_post_as_it_goes_out);
	tcase_add_test(t, a_large_body_goes_out_whole);
	tcase_add_test(t, methods_do_not_stick);
	tcase_add_test(t, headers_of_an_answer);
	tcase_add_test(t, outcomes_have_names);
	suite_add_tcase(s, t);
	t = tcase_create("secrets");
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_loop_test(t, secrets_are_masked, 0, 2);
	tcase_add_test(t, errors_name_the_origin_only);
	suite_add_tcase(s, t);
	return run_suite(s);
}
