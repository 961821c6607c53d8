/*
 * When memory runs out: each allocation that libcurl makes for our calls fails once, from the making of a pool to its
 * end. What was submitted ends all the same, says so, and leaves nothing behind. What it allocates while it drives
 * transfers is left alone: there libcurl 7.88 itself does not survive every failure.
 */
#include <curl/curl.h>
#include <dlfcn.h>

#include "helper.h"

#define MOST 2000 /* allocations looked at */

static atomic_long countdown; /* 0: nothing fails */
static atomic_int fired;

static _Thread_local int driving;
static atomic_bool forgetful; /* libcurl does nothing when its time has come */

/* Stands before the function of the library. */
CURLMcode curl_multi_socket_action(CURLM *multi, curl_socket_t fd, int what, int *running)
{
	union {
		void *object;
		CURLMcode (*function)(CURLM *multi, curl_socket_t fd, int what, int *running);
	} found = { .object = dlsym(RTLD_NEXT, "curl_multi_socket_action") };
	CURLMcode code;

	if (fd == CURL_SOCKET_TIMEOUT && atomic_load(&forgetful))
		return CURLM_OK;
	driving++;
	code = found.function(multi, fd, what, running);
	driving--;
	return code;
}

static bool fails_now(void)
{
	if (driving || atomic_load(&countdown) == 0 || atomic_fetch_sub(&countdown, 1) != 1)
		return false;
	atomic_fetch_add(&fired, 1);
	return true;
}

static void *try_malloc(size_t size)
{
	return fails_now() ? NULL : malloc(size);
}

static void *try_calloc(size_t number, size_t size)
{
	return fails_now() ? NULL : calloc(number, size);
}

static void *try_realloc(void *old, size_t size)
{
	return fails_now() ? NULL : realloc(old, size);
}

static char *try_strdup(const char *text)
{
	return fails_now() ? NULL : strdup(text);
}

/* ---- libcurl's ------------------------------------------------------- */

static struct raw_server server;

static void answer_with_headers(struct raw_server *raw, int fd, int nth)
{
	char head[16384];

	(void)nth;
	while (read_request(raw, fd, head))
		say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Encoding: identity\r\nX-A: 1\r\n\r\n{}");
}

static void set_up(void)
{
	/* The first to initialise libcurl says which memory it uses. */
	ck_assert_int_eq(
		curl_global_init_mem(CURL_GLOBAL_DEFAULT, try_malloc, free, try_realloc, try_strdup, try_calloc),
		CURLE_OK);
	raw_start(&server, answer_with_headers);
}

static void tear_down(void)
{
	raw_stop(&server);
}

/* A pool, two requests (the second over the kept connection); 1: an allocation failed meanwhile. */
static int live_through(long nth)
{
	static const struct persona_http_header headers[] = { { "X-Api-Key", "k", false }, { "X-Empty", "", false } };
	struct persona_http_request request = {
		.url = server.url, .headers = headers, .headers_len = 2, .body = "{}", .body_len = 2
	};
	struct persona_http_response response;
	struct persona_http *pool;
	int before = atomic_load(&server.requests), submits = 0;

	atomic_store(&fired, 0);
	atomic_store(&countdown, nth);
	if (persona_http_new(&pool, NULL, &err) < 0) {
		ck_assert_int_eq(err.code, PERSONA_E_NOMEM);
		ck_assert_ptr_null(pool);
	} else {
		for (int i = 0; i < 2; i++) {
			persona_http_response_init(&response);
			if (persona_http_perform(pool, &request, &response, &err) < 0) {
				ck_assert_int_eq(err.code, PERSONA_E_NOMEM);
			} else if (response.outcome == PERSONA_HTTP_OK) {
				ck_assert_int_eq(response.status, 200);
				ck_assert_str_eq(response.body.data, "{}");
			} else {
				ck_assert_int_ne(response.error.code, PERSONA_OK);
				ck_assert_int_eq(atomic_load(&fired), 1);
			}
			submits += response.maybe_sent;
			persona_http_response_release(&response);
		}
		persona_http_free(pool);
	}
	atomic_store(&countdown, 0);
	/* What is said not to have been sent was not, and nothing went out twice. */
	ck_assert_int_le(atomic_load(&server.requests) - before, submits);
	return atomic_load(&fired);
}

START_TEST(calls_of_libcurl_without_memory)
{
	long nth = 1;

	while (nth < MOST && live_through(nth))
		nth++;
	ck_assert_int_gt(nth, 30);
	ck_assert_int_lt(nth, MOST);
}
END_TEST

/* As after a failure in there: a transfer that libcurl has lost sight of ends by our own clock. */
START_TEST(what_libcurl_forgets_ends_in_time)
{
	struct persona_http *pool = pool_with(NULL);
	struct persona_http_request request = post(server.url, "{}");
	struct persona_http_response response;

	atomic_store(&forgetful, true);
	request.timeout_ms = 100;
	response = ask(pool, &request);
	ck_assert_outcome(response, PERSONA_HTTP_CONNECT);
	ck_assert(!response.maybe_sent);
	ck_assert_int_lt(response.total_us, 10000000);
	persona_http_response_release(&response);
	atomic_store(&forgetful, false);
	request.timeout_ms = 30000;
	response = ask(pool, &request);
	ck_assert_outcome(response, PERSONA_HTTP_OK);
	persona_http_response_release(&response);
	persona_http_free(pool);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("memory");
	TCase *t = tcase_create("memory");

	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, calls_of_libcurl_without_memory);
	tcase_add_test(t, what_libcurl_forgets_ends_in_time);
	suite_add_tcase(s, t);
	return run_suite(s);
}
