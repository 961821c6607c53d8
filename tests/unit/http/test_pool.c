/* Many requests, few connections; queues, limits, cancelling, ends. */
#include <sys/resource.h>

#include "helper.h"

static struct model_server *models;
static struct persona_http *pool;
static char models_url[128];

static void set_up(void)
{
	models = models_with(NULL);
	snprintf(models_url, sizeof models_url, "%s", chat_url(models));
	pool = NULL;
}

static void tear_down(void)
{
	persona_http_free(pool);
	model_server_stop(models);
}

static void connections(int number)
{
	struct persona_http_options options = { .max_connections = number };

	pool = pool_with(&options);
}

/* A provider that answers with a few bytes, whatever is asked. */
static void answer_briefly(void)
{
	ck_assert_int_eq(model_server_set(models, "body", "/proc/sys/kernel/ostype", &err), 0);
}

static void set(const char *name, const char *value)
{
	ck_assert_msg(model_server_set(models, name, value, &err) == 0, "%s", err.text);
}

static struct persona_http_stats stats(void)
{
	struct persona_http_stats now;

	persona_http_get_stats(pool, &now);
	return now;
}

static void drain(void)
{
	ck_assert_msg(persona_http_drain(pool, 120000, &err) == 0, "%s", err.text);
}

/* ---- Connections ----------------------------------------------------- */

static const int widths[] = { 1, 64 };

START_TEST(ten_thousand_requests)
{
	struct tally tally = TALLY;

	answer_briefly();
	connections(widths[_i]);
	for (int i = 0; i < 10000; i++)
		submit(pool, models_url, &tally, NULL);
	drain();
	ck_assert_int_eq(tally.good, 10000);
	ck_assert_int_eq(model_server_count(models, "requests"), 10000);
	ck_assert_int_le(model_server_count(models, "connections"), widths[_i]);
	ck_assert_int_eq(stats().connections, model_server_count(models, "connections"));
	ck_assert_int_eq(stats().reused, 10000 - stats().connections);
	ck_assert_int_eq(stats().requests, 10000);
	ck_assert_int_eq(stats().answers, 10000);
	ck_assert_int_eq(stats().queued, 0);
	ck_assert_int_eq(stats().queued_bytes, 0);
	ck_assert_int_eq(stats().in_flight, 0);
	ck_assert_int_eq(stats().http2, 0);
	ck_assert_int_gt(stats().bytes_in, 10000 * 100);
	ck_assert_int_gt(stats().bytes_out, 10000 * 100);
}
END_TEST

START_TEST(a_thousand_in_flight)
{
	struct tally tally = TALLY;
	struct rlimit limit;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = limit.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	set("delay", "1500");
	connections(1000);
	for (int i = 0; i < 1000; i++)
		submit(pool, models_url, &tally, NULL);
	wait_for(stats().in_flight == 1000);
	drain();
	ck_assert_int_eq(tally.ended, 1000);
	ck_assert_int_eq(tally.outcomes[PERSONA_HTTP_OK], 1000);
	ck_assert_int_gt(model_server_count(models, "max_concurrent"), 500);
}
END_TEST

START_TEST(a_server_that_closes_after_each_answer)
{
	struct tally tally = TALLY;

	answer_briefly();
	set("close", "true");
	connections(16);
	for (int i = 0; i < 500; i++)
		submit(pool, models_url, &tally, NULL);
	drain();
	ck_assert_int_eq(tally.good, 500);
	ck_assert_int_eq(model_server_count(models, "requests"), 500);
	ck_assert_int_eq(model_server_count(models, "connections"), 500);
}
END_TEST

/* Unused connections are given back, and the pool goes on afterwards. */
START_TEST(idle_connections_are_closed)
{
	struct persona_http_options options = { .max_connections = 4, .idle_ms = 300 };
	struct tally tally = TALLY;

	answer_briefly();
	pool = pool_with(&options);
	for (int round = 1; round <= 2; round++) {
		for (int i = 0; i < 40; i++)
			submit(pool, models_url, &tally, NULL);
		drain();
		ck_assert_int_gt(model_server_count(models, "open"), 0);
		wait_for(model_server_count(models, "open") == 0);
		ck_assert_int_eq(tally.good, 40 * round);
	}
}
END_TEST

/* The server dies with connections open and another takes its place: nobody notices. */
START_TEST(a_server_killed_between_requests)
{
	char port[16];
	const char *again[] = { "port", port, "body", "/proc/sys/kernel/ostype", NULL };
	struct tally tally = TALLY;

	answer_briefly();
	connections(8);
	snprintf(port, sizeof port, "%s", strrchr(model_server_url(models), ':') + 1);
	for (int round = 1; round <= 5; round++) {
		for (int i = 0; i < 20; i++)
			submit(pool, models_url, &tally, NULL);
		drain();
		ck_assert_int_eq(tally.good, 20 * round);
		model_server_stop(models);
		models = models_with(again);
	}
}
END_TEST

/* ---- Limits ---------------------------------------------------------- */

START_TEST(a_limit_for_each_host)
{
	struct persona_http_options options = { .max_connections = 10, .max_per_host = 2 };
	struct model_server *other = models_with((const char *[]){ "delay", "20", NULL });
	struct tally tally = TALLY;
	char url[128];

	set("delay", "20");
	pool = pool_with(&options);
	snprintf(url, sizeof url, "%s", chat_url(other));
	for (int i = 0; i < 20; i++) {
		submit(pool, url, &tally, NULL);
		submit(pool, models_url, &tally, NULL);
	}
	drain();
	ck_assert_int_eq(tally.ended, 40);
	ck_assert_int_eq(model_server_count(models, "requests"), 20);
	ck_assert_int_eq(model_server_count(models, "max_concurrent"), 2);
	ck_assert_int_eq(model_server_count(other, "max_concurrent"), 2);
	ck_assert_int_le(model_server_count(other, "connections"), 2);
	model_server_stop(other);
}
END_TEST

static atomic_int order;
static atomic_int places[64];

static void note_place(void *payload, struct persona_http_response *response)
{
	(void)response;
	atomic_store((atomic_int *)payload, atomic_fetch_add(&order, 1) + 1);
}

/* With one connection in all, a host with one request does not wait for another host's fifty. */
START_TEST(hosts_take_turns_and_keep_their_order)
{
	struct model_server *other = models_with(NULL);
	struct persona_http_request request;
	char url[128];

	connections(1);
	set("delay", "5");
	for (int i = 0; i < 50; i++) {
		request = post(models_url, "{}");
		ck_assert_int_eq(persona_http_submit(pool, &request, note_place, &places[i], NULL, &err), 0);
	}
	snprintf(url, sizeof url, "%s", chat_url(other));
	request = post(url, "{}");
	ck_assert_int_eq(persona_http_submit(pool, &request, note_place, &places[50], NULL, &err), 0);
	drain();
	ck_assert_int_lt(atomic_load(&places[50]), 10);
	for (int i = 1; i < 50; i++)
		ck_assert_int_gt(atomic_load(&places[i]), atomic_load(&places[i - 1]));
	model_server_stop(other);
}
END_TEST

START_TEST(the_queue_has_a_ceiling)
{
	struct persona_http_options options = { .max_connections = 1, .max_queue = 100000 };
	struct persona_http_request request = { .url = models_url, .body_len = 30000, .take_body = true };
	struct tally tally = TALLY;
	int queued = 0;
	char *body;

	set("delay", "300");
	pool = pool_with(&options);
	submit(pool, models_url, &tally, NULL);
	wait_for(stats().in_flight == 1);
	for (;;) {
		body = calloc(1, 30000);
		request.body = body;
		if (persona_http_submit(pool, &request, count, &tally, NULL, &err) < 0)
			break;
		ck_assert_int_lt(++queued, 10);
	}
	ck_assert_int_eq(err.code, PERSONA_E_BUSY);
	ck_assert_int_eq(queued, 3);
	ck_assert_int_le(stats().queued_bytes, 100000);
	ck_assert_int_eq(stats().queued, 3);
	/* Refused: the body is still ours. */
	free(body);
	set("delay", "0");
	drain();
	ck_assert_int_eq(tally.ended, 4);
	/* What alone is larger than the queue goes when nothing waits. */
	request.body = calloc(1, 1000000);
	request.body_len = 1000000;
	ck_assert_int_eq(persona_http_submit(pool, &request, count, &tally, NULL, &err), 0);
	drain();
	ck_assert_int_eq(tally.ended, 5);
}
END_TEST

/* ---- Cancelling ------------------------------------------------------ */

START_TEST(cancelled_in_flight_and_in_the_queue)
{
	struct tally flight = TALLY, queue = TALLY;
	uint64_t in_flight, in_queue;

	set("script", "hang");
	connections(1);
	submit(pool, models_url, &flight, &in_flight);
	wait_for(model_server_count(models, "in_progress") == 1);
	submit(pool, models_url, &queue, &in_queue);
	ck_assert_uint_ne(in_flight, in_queue);
	persona_http_cancel(pool, in_queue);
	wait_for(ended(&queue) == 1);
	ck_assert_int_eq(queue.outcomes[PERSONA_HTTP_CANCELLED], 1);
	ck_assert_int_eq(queue.maybe_sent, 0);
	ck_assert_int_eq(ended(&flight), 0);
	persona_http_cancel(pool, in_flight);
	drain();
	ck_assert_int_eq(flight.outcomes[PERSONA_HTTP_CANCELLED], 1);
	ck_assert_int_eq(flight.maybe_sent, 1);
	/* Ended ones and unknown ones are none of its business. */
	persona_http_cancel(pool, in_flight);
	persona_http_cancel(pool, 999);
	submit(pool, models_url, &flight, NULL);
	drain();
	ck_assert_int_eq(flight.ended, 2);
	ck_assert_int_eq(flight.outcomes[PERSONA_HTTP_OK], 1);
	ck_assert_int_eq(model_server_count(models, "requests"), 2);
}
END_TEST

START_TEST(all_cancelled)
{
	struct tally tally = TALLY;

	set("fail", "hang=100");
	connections(4);
	for (int i = 0; i < 100; i++)
		submit(pool, models_url, &tally, NULL);
	wait_for(model_server_count(models, "in_progress") == 4);
	persona_http_cancel(pool, PERSONA_HTTP_ALL);
	drain();
	ck_assert_int_eq(tally.outcomes[PERSONA_HTTP_CANCELLED], 100);
	ck_assert_int_eq(tally.maybe_sent, 4);
	ck_assert_int_eq(model_server_count(models, "requests"), 4);
	ck_assert_int_eq(stats().queued, 0);
	ck_assert_int_eq(stats().queued_bytes, 0);
}
END_TEST

START_TEST(free_ends_everything)
{
	struct tally tally = TALLY;

	set("fail", "hang=100");
	connections(4);
	for (int i = 0; i < 100; i++)
		submit(pool, models_url, &tally, NULL);
	wait_for(model_server_count(models, "in_progress") == 4);
	persona_http_free(pool);
	pool = NULL;
	ck_assert_int_eq(tally.ended, 100);
	ck_assert_int_eq(tally.outcomes[PERSONA_HTTP_CANCELLED], 100);
	ck_assert_int_eq(tally.maybe_sent, 4);
	wait_for(model_server_count(models, "open") == 0);
}
END_TEST

START_TEST(free_at_any_moment)
{
	for (int i = 0; i < 50; i++) {
		struct tally tally = TALLY;

		connections(8);
		for (int k = 0; k < 20; k++)
			submit(pool, models_url, &tally, NULL);
		usleep((unsigned)i * 40);
		persona_http_free(pool);
		pool = NULL;
		ck_assert_int_eq(tally.ended, 20);
	}
	persona_http_free(NULL);
}
END_TEST

/* ---- Waiting --------------------------------------------------------- */

START_TEST(drain_has_a_bound)
{
	struct tally tally = TALLY;

	set("script", "hang");
	connections(1);
	ck_assert_int_eq(persona_http_drain(pool, 0, &err), 0);
	submit(pool, models_url, &tally, NULL);
	ck_assert_int_eq(persona_http_drain(pool, 0, &err), -1);
	ck_assert_int_eq(persona_http_drain(pool, 50, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_BUSY);
	persona_http_cancel(pool, PERSONA_HTTP_ALL);
	ck_assert_int_eq(persona_http_drain(pool, -1, &err), 0);
	ck_assert_int_eq(tally.ended, 1);
}
END_TEST

struct inside {
	int perform, drain;
	struct persona_error perform_err, drain_err;
	struct tally more;
};

/* What a callback may do, and what it may not. */
static void try_everything(void *payload, struct persona_http_response *response)
{
	struct inside *inside = payload;
	struct persona_http_request request = post(models_url, "{}");
	struct persona_http_response none;
	uint64_t id;

	(void)response;
	persona_http_response_init(&none);
	inside->perform = persona_http_perform(pool, &request, &none, &inside->perform_err);
	inside->drain = persona_http_drain(pool, -1, &inside->drain_err);
	persona_http_free(pool);
	submit(pool, models_url, &inside->more, NULL);
	submit(pool, models_url, &inside->more, &id);
	persona_http_cancel(pool, id);
}

START_TEST(the_loop_does_not_wait_for_itself)
{
	struct inside inside = { .more = TALLY };
	struct persona_http_request request = post(models_url, "{}");

	connections(4);
	ck_assert_int_eq(persona_http_submit(pool, &request, try_everything, &inside, NULL, &err), 0);
	drain();
	ck_assert_int_eq(inside.perform, -1);
	ck_assert_int_eq(inside.perform_err.code, PERSONA_E_USAGE);
	ck_assert_ptr_nonnull(strstr(inside.perform_err.text, "thread"));
	ck_assert_int_eq(inside.drain, -1);
	ck_assert_int_eq(inside.drain_err.code, PERSONA_E_USAGE);
	ck_assert_int_eq(inside.more.ended, 2);
	ck_assert_int_eq(inside.more.outcomes[PERSONA_HTTP_OK], 1);
	ck_assert_int_eq(inside.more.outcomes[PERSONA_HTTP_CANCELLED], 1);
}
END_TEST

static void submit_another(void *payload, struct persona_http_response *response)
{
	struct persona_http_request request = post(models_url, "{}");
	struct persona_error *late = payload;

	(void)response;
	ck_assert_int_eq(persona_http_submit(pool, &request, submit_another, payload, NULL, late), -1);
}

START_TEST(nothing_is_taken_while_ending)
{
	struct persona_http_request request = post(models_url, "{}");
	struct persona_error late = { 0 };

	set("script", "hang");
	connections(1);
	ck_assert_int_eq(persona_http_submit(pool, &request, submit_another, &late, NULL, &err), 0);
	persona_http_free(pool);
	pool = NULL;
	ck_assert_int_eq(late.code, PERSONA_E_USAGE);
}
END_TEST

static void *perform_many(void *payload)
{
	atomic_int *good = payload;

	for (int i = 0; i < 100; i++) {
		struct persona_http_request request = post(models_url, "{}");
		struct persona_http_response response;
		struct persona_error mine = { 0 };

		persona_http_response_init(&response);
		if (persona_http_perform(pool, &request, &response, &mine) == 0 && response.status == 200)
			atomic_fetch_add(good, 1);
		persona_http_response_release(&response);
	}
	return NULL;
}

START_TEST(many_threads_perform)
{
	pthread_t threads[8];
	atomic_int good = 0;

	answer_briefly();
	connections(4);
	for (int i = 0; i < 8; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, perform_many, &good), 0);
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	ck_assert_int_eq(atomic_load(&good), 800);
	ck_assert_int_le(model_server_count(models, "connections"), 4);
}
END_TEST

/* Submitting, cancelling and asking for figures at once, with a server that fails in every way. */
static void *submit_many(void *payload)
{
	struct tally *tally = payload;

	for (int i = 0; i < 300; i++) {
		uint64_t id;

		submit(pool, models_url, tally, &id);
		if (i % 7 == 0)
			persona_http_cancel(pool, id);
		if (i % 5 == 0)
			(void)stats();
	}
	return NULL;
}

START_TEST(a_storm)
{
	struct persona_http_options options = { .max_connections = 32, .timeout_ms = 1000, .stall_ms = 200 };
	struct tally tally = TALLY;
	pthread_t threads[4];
	long sum = 0;

	set("fail", "429=10,500=5,reset=3,cut=3,garbage=3,badline=3,hang=2,html502=2,close=3");
	set("delay", "0-10");
	pool = pool_with(&options);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, submit_many, &tally), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	drain();
	ck_assert_int_eq(tally.ended, 1200);
	for (int i = 0; i < PERSONA_HTTP_LAST; i++)
		sum += tally.outcomes[i];
	ck_assert_int_eq(sum, 1200);
	ck_assert_int_gt(tally.outcomes[PERSONA_HTTP_OK], 800);
	ck_assert_int_gt(tally.outcomes[PERSONA_HTTP_RESET], 10);
	ck_assert_int_gt(tally.outcomes[PERSONA_HTTP_INVALID], 5);
	ck_assert_int_gt(tally.outcomes[PERSONA_HTTP_TIMEOUT], 3);
	ck_assert_int_gt(tally.outcomes[PERSONA_HTTP_CANCELLED], 0);
	ck_assert_int_eq(tally.outcomes[PERSONA_HTTP_CONNECT], 0);
	ck_assert_int_eq(tally.outcomes[PERSONA_HTTP_NOMEM], 0);
	/* Not one was sent twice; what was cancelled early may not have come. */
	ck_assert_int_le(model_server_count(models, "requests"), tally.maybe_sent);
	ck_assert_int_ge(model_server_count(models, "requests"),
			 tally.maybe_sent - tally.outcomes[PERSONA_HTTP_CANCELLED]);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("pool");
	TCase *t = tcase_create("connections");

	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_loop_test(t, ten_thousand_requests, 0, 2);
	tcase_add_test(t, a_thousand_in_flight);
	tcase_add_test(t, a_server_that_closes_after_each_answer);
	tcase_add_test(t, idle_connections_are_closed);
	tcase_add_test(t, a_server_killed_between_requests);
	suite_add_tcase(s, t);
	t = tcase_create("limits");
	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, a_limit_for_each_host);
	tcase_add_test(t, hosts_take_turns_and_keep_their_order);
	tcase_add_test(t, the_queue_has_a_ceiling);
	suite_add_tcase(s, t);
	t = tcase_create("ends");
	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, cancelled_in_flight_and_in_the_queue);
	tcase_add_test(t, all_cancelled);
	tcase_add_test(t, free_ends_everything);
	tcase_add_test(t, free_at_any_moment);
	tcase_add_test(t, drain_has_a_bound);
	tcase_add_test(t, the_loop_does_not_wait_for_itself);
	tcase_add_test(t, nothing_is_taken_while_ending);
	suite_add_tcase(s, t);
	t = tcase_create("threads");
	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, many_threads_perform);
	tcase_add_test(t, a_storm);
	suite_add_tcase(s, t);
	return run_suite(s);
}
