#include "helper.h"

#define MINUTE_MS 60000
#define START_MS  ((int64_t)1764000000000)

static struct persona_rate_state state;

static void setup(void)
{
	state = (struct persona_rate_state){ 0 };
}

/* A small generator of its own, so that a failure comes again. */
static uint64_t seed;

static int64_t chance(int64_t below)
{
	seed = persona_mix64(seed, &seed, sizeof seed);
	return (int64_t)(seed % (uint64_t)below);
}

/* The most of an amount that falls into any half-open window of a minute. times ascend. */
static int64_t most_in_a_minute(const int64_t *times, const int64_t *amounts, size_t count)
{
	int64_t sum = 0, most = 0;
	size_t from = 0;

	for (size_t i = 0; i < count; i++) {
		sum += amounts ? amounts[i] : 1;
		while (times[i] - times[from] >= MINUTE_MS) {
			sum -= amounts ? amounts[from] : 1;
			from++;
		}
		if (sum > most)
			most = sum;
	}
	return most;
}

/* ---- Requests per minute --------------------------------------------- */

static const int64_t rates[] = { 1, 2, 3, 7, 10, 29, 30, 59, 60, 61, 100, 600, 1000, 6000 };

/* Four processes that ask by the clock, at random times, with idle stretches; what is let go is looked at. */
START_TEST(no_minute_holds_more_than_rpm)
{
	struct persona_rate_limits limits = { .rpm = rates[_i] };
	int64_t wake[4], times[20000], end = START_MS + 30 * MINUTE_MS, first = 0;
	size_t count = 0;

	seed = (uint64_t)rates[_i];
	for (size_t i = 0; i < 4; i++)
		wake[i] = START_MS + chance(100);
	for (long step = 0; step < 2000000 && count < COUNT(times); step++) {
		size_t next = 0;
		int64_t wait;

		for (size_t i = 1; i < 4; i++)
			if (wake[i] < wake[next])
				next = i;
		if (wake[next] >= end)
			break;
		wait = persona_rate_take(&state, &limits, wake[next], 0);
		if (wait) {
			ck_assert_int_gt(wait, 0);
			ck_assert_int_le(wait, 2 * MINUTE_MS);
			wake[next] += wait + chance(3);
			continue;
		}
		times[count++] = wake[next];
		/* Mostly at once, sometimes after a while, seldom after a long one. */
		wake[next] += chance(10) ? chance(2) : chance(20) ? chance(2000) : chance(90000);
	}
	first = most_in_a_minute(times, NULL, count);
	ck_assert_msg(first <= rates[_i], "%lld in a minute, not %lld", (long long)first, (long long)rates[_i]);
	ck_assert_uint_gt(count, 0);
}
END_TEST

/* Who keeps asking gets nine tenths of it, but for the smallest rates. */
START_TEST(the_rate_is_used)
{
	struct persona_rate_limits limits = { .rpm = rates[_i] };
	int64_t now = START_MS, end = START_MS + 60 * MINUTE_MS, count = 0;

	while (now < end) {
		int64_t wait = persona_rate_take(&state, &limits, now, 0);

		now += wait;
		count += !wait;
	}
	ck_assert_msg(count >= rates[_i] * 60 * 9 / 10, "%lld of %lld", (long long)count, (long long)rates[_i] * 60);
	ck_assert_int_le(count, rates[_i] * 60);
}
END_TEST

START_TEST(a_wait_is_as_long_as_it_must_be)
{
	struct persona_rate_limits limits = { .rpm = 10 };
	int64_t wait, now = START_MS;

	ck_assert_int_eq(persona_rate_take(&state, &limits, now, 0), 0);
	wait = persona_rate_take(&state, &limits, now, 0);
	ck_assert_int_gt(wait, 1);
	ck_assert_int_gt(persona_rate_take(&state, &limits, now + wait - 1, 0), 0);
	ck_assert_int_eq(persona_rate_take(&state, &limits, now + wait, 0), 0);
}
END_TEST

START_TEST(without_limits_everything_goes)
{
	struct persona_rate_limits limits = { 0 };

	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(persona_rate_take(&state, &limits, START_MS, 1000000), 0);
	limits.rpm = limits.tpm = INT64_MAX;
	ck_assert_int_eq(persona_rate_take(&state, &limits, START_MS, INT64_MAX), 0);
	limits.rpm = limits.tpm = -1;
	ck_assert_int_eq(persona_rate_take(&state, &limits, START_MS, -1), 0);
}
END_TEST

/* ---- Tokens per minute ----------------------------------------------- */

START_TEST(no_minute_holds_more_than_tpm)
{
	static const int64_t sizes[] = { 100, 1000, 2500, 10000 };
	struct persona_rate_limits limits = { .tpm = 40000 };
	int64_t times[20000], amounts[20000], now = START_MS, most;
	size_t count = 0;

	seed = (uint64_t)_i + 1;
	while (now < START_MS + 30 * MINUTE_MS && count < COUNT(times)) {
		int64_t tokens = 1 + chance(sizes[_i]), wait = persona_rate_take(&state, &limits, now, tokens);

		if (wait) {
			now += wait;
			continue;
		}
		times[count] = now;
		amounts[count++] = tokens;
		now += chance(1000) ? chance(3) : chance(70000);
	}
	most = most_in_a_minute(times, amounts, count);
	ck_assert_msg(most <= limits.tpm, "%lld in a minute", (long long)most);
	ck_assert_int_gt(most, limits.tpm / 2);
}
END_TEST

START_TEST(a_large_request_goes_alone)
{
	struct persona_rate_limits limits = { .tpm = 1000 };
	int64_t wait;

	ck_assert_int_eq(persona_rate_take(&state, &limits, START_MS, 5000), 0);
	wait = persona_rate_take(&state, &limits, START_MS, 5000);
	/* 5,000 at three quarters of 1,000 a minute */
	ck_assert_int_gt(wait, 6 * MINUTE_MS);
	ck_assert_int_lt(wait, 7 * MINUTE_MS);
	ck_assert_int_eq(persona_rate_take(&state, &limits, START_MS + wait, 5000), 0);
}
END_TEST

START_TEST(a_refused_take_counts_nothing)
{
	struct persona_rate_limits limits = { .rpm = 600, .tpm = 1000 };
	struct persona_rate_state before;

	ck_assert_int_eq(persona_rate_take(&state, &limits, START_MS, 900), 0);
	before = state;
	for (int i = 0; i < 100; i++)
		ck_assert_int_gt(persona_rate_take(&state, &limits, START_MS, 900), 0);
	ck_assert_mem_eq(&state, &before, sizeof state);
}
END_TEST

START_TEST(what_was_estimated_too_high_comes_back)
{
	struct persona_rate_limits limits = { .tpm = 1000 };
	int64_t full;

	ck_assert_int_eq(persona_rate_take(&state, &limits, START_MS, 1000), 0);
	full = persona_rate_take(&state, &limits, START_MS, 200);
	persona_rate_settle(&state, &limits, START_MS + 10, START_MS, 1000, 100);
	ck_assert_int_lt(persona_rate_take(&state, &limits, START_MS + 10, 200), full / 2);
	/* More than estimated is taken, too. */
	setup();
	ck_assert_int_eq(persona_rate_take(&state, &limits, START_MS, 100), 0);
	persona_rate_settle(&state, &limits, START_MS + 10, START_MS, 100, 1000);
	ck_assert_int_gt(persona_rate_take(&state, &limits, START_MS + 10, 100), MINUTE_MS / 2);
	/* A minute later there is nothing left to give back. */
	setup();
	ck_assert_int_eq(persona_rate_take(&state, &limits, START_MS, 1000), 0);
	full = state.tokens_due_us;
	persona_rate_settle(&state, &limits, START_MS + 2 * MINUTE_MS, START_MS, 1000, 0);
	ck_assert_int_eq(state.tokens_due_us, full);
	/* Nobody counts where there is no limit. */
	limits.tpm = 0;
	persona_rate_settle(&state, &limits, START_MS + 2 * MINUTE_MS, START_MS, 1000, 5000);
	ck_assert_int_eq(state.tokens_due_us, full);
}
END_TEST

/* ---- Being told ------------------------------------------------------ */

START_TEST(one_that_is_told_blocks_all)
{
	struct persona_rate_limits limits = { .rpm = 600 };

	ck_assert_int_eq(persona_rate_take(&state, &limits, START_MS, 0), 0);
	persona_rate_told(&state, START_MS + 100, START_MS, 5000, 10);
	ck_assert_int_eq(persona_rate_take(&state, &limits, START_MS + 100, 0), 5000);
	ck_assert_int_eq(persona_rate_take(&state, &limits, START_MS + 5099, 0), 1);
	ck_assert_int_eq(persona_rate_take(&state, &limits, START_MS + 5100, 0), 0);
	/* A shorter wait does not end a longer one. */
	persona_rate_told(&state, START_MS + 6000, START_MS, 9000, 10);
	persona_rate_told(&state, START_MS + 6001, START_MS, 1, 10);
	ck_assert_int_gt(persona_rate_take(&state, &limits, START_MS + 14000, 0), 0);
}
END_TEST

START_TEST(a_burst_halves_once)
{
	ck_assert_int_eq(persona_rate_in_flight(&state, 40), 40);
	for (int i = 0; i < 40; i++)
		persona_rate_told(&state, START_MS + 100 + i, START_MS + i, 0, 40 - i);
	ck_assert_int_eq(persona_rate_in_flight(&state, 40), 20);
	ck_assert_int_eq(persona_rate_in_flight(&state, 8), 8);
	/* Those sent after it tell something new. */
	persona_rate_told(&state, START_MS + 500, START_MS + 101, 0, 20);
	ck_assert_int_eq(persona_rate_in_flight(&state, 40), 10);
	for (int i = 0; i < 20; i++)
		persona_rate_told(&state, START_MS + 1000 * (i + 1), START_MS + 1000 * i + 999, 0, 1);
	ck_assert_int_eq(persona_rate_in_flight(&state, 40), 1);
	ck_assert_int_eq(persona_rate_in_flight(&state, 0), 1);
}
END_TEST

START_TEST(good_answers_give_it_back_slowly)
{
	int64_t answers = 0, beyond = 0;

	persona_rate_told(&state, START_MS + 100, START_MS, 0, 40);
	for (; answers < 100000 && persona_rate_in_flight(&state, 40) < 40; answers++)
		persona_rate_ok(&state, START_MS + 200);
	/* From 20 by one a round of as many: 20 + 21 + … + 39 = 590. */
	ck_assert_int_ge(answers, 580);
	ck_assert_int_le(answers, 640);
	for (; beyond < 100000 && persona_rate_in_flight(&state, 99) < 41; beyond++)
		persona_rate_ok(&state, START_MS + 200);
	ck_assert_int_ge(beyond, 10 * 35);
	for (int i = 0; i < 10000; i++)
		persona_rate_ok(&state, START_MS + 200);
	ck_assert_int_le(persona_rate_in_flight(&state, INT64_MAX), 1000);
}
END_TEST

START_TEST(good_answers_without_a_limit_change_nothing)
{
	persona_rate_ok(&state, START_MS);
	ck_assert_int_eq(state.limit_milli, 0);
	ck_assert_int_eq(persona_rate_in_flight(&state, 7), 7);
}
END_TEST

START_TEST(one_gives_up_when_nothing_else_comes)
{
	int64_t now = START_MS;

	ck_assert(!persona_rate_is_stuck(&state, now, 10 * MINUTE_MS));
	for (int i = 0; i <= 20; i++, now += 30000) {
		ck_assert(!persona_rate_is_stuck(&state, now, 10 * MINUTE_MS));
		persona_rate_told(&state, now, now - 1, 30000, 4);
	}
	ck_assert(persona_rate_is_stuck(&state, now, 10 * MINUTE_MS));
	persona_rate_ok(&state, now);
	ck_assert(!persona_rate_is_stuck(&state, now, 10 * MINUTE_MS));
	/* Told without a time, it is the same. */
	for (int i = 0; i <= 20; i++, now += 31000)
		persona_rate_told(&state, now, now - 1, 0, 4);
	ck_assert(persona_rate_is_stuck(&state, now, 10 * MINUTE_MS));
	persona_rate_ok(&state, now);
	/* What was told yesterday counts for nothing today. */
	persona_rate_told(&state, now, now - 1, 30000, 4);
	now += 1440 * MINUTE_MS;
	persona_rate_told(&state, now, now - 1, 30000, 4);
	ck_assert(!persona_rate_is_stuck(&state, now + MINUTE_MS, 10 * MINUTE_MS));
}
END_TEST

/* ---- Clocks ---------------------------------------------------------- */

START_TEST(a_clock_set_back_stalls_nobody)
{
	struct persona_rate_limits limits = { .rpm = 6, .tpm = 6000 };
	int64_t back = START_MS - 100 * 60 * MINUTE_MS, wait;

	ck_assert_int_eq(persona_rate_take(&state, &limits, START_MS, 1000), 0);
	persona_rate_told(&state, START_MS, START_MS - 1, 5000, 10);
	wait = persona_rate_take(&state, &limits, back, 1000);
	ck_assert_int_gt(wait, 0);
	ck_assert_int_le(wait, MINUTE_MS);
	ck_assert(!persona_rate_is_stuck(&state, back + MINUTE_MS, 10 * MINUTE_MS));
	ck_assert_int_eq(persona_rate_take(&state, &limits, back + MINUTE_MS, 1000), 0);
}
END_TEST

/* Processes read their clocks and then wait for the lock: times come a little out of order. */
START_TEST(times_out_of_order_let_nothing_more_through)
{
	struct persona_rate_limits limits = { .rpm = 60 };
	int64_t times[4000], now = START_MS;
	size_t count = 0;

	seed = 99;
	for (long i = 0; i < 400000 && count < 1000; i++) {
		int64_t read = now - chance(4000);

		now += chance(20);
		if (persona_rate_take(&state, &limits, read, 0) == 0)
			times[count++] = state.updated_ms;
	}
	ck_assert_uint_eq(count, 1000);
	ck_assert_int_le(most_in_a_minute(times, NULL, count), 60);
}
END_TEST

/* Whatever stands in the row, nothing overflows, and waits end. */
START_TEST(rows_that_make_no_sense_do_no_harm)
{
	struct persona_rate_limits limits = { .rpm = 60, .tpm = 1000 };

	state.updated_ms = START_MS;
	state.limit_milli = state.ceiling_milli = -5;
	ck_assert_int_ge(persona_rate_in_flight(&state, 10), 1);
	persona_rate_ok(&state, START_MS);
	ck_assert_int_ge(persona_rate_in_flight(&state, 10), 1);
	persona_rate_told(&state, START_MS, START_MS + 5, -100, -3);
	ck_assert_int_ge(persona_rate_in_flight(&state, 10), 1);
	(void)persona_rate_take(&state, &limits, START_MS, 1);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = suite_of("rate", &tcase);

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_loop_test(tcase, no_minute_holds_more_than_rpm, 0, COUNT(rates));
	tcase_add_loop_test(tcase, the_rate_is_used, 0, COUNT(rates));
	tcase_add_test(tcase, a_wait_is_as_long_as_it_must_be);
	tcase_add_test(tcase, without_limits_everything_goes);
	tcase_add_loop_test(tcase, no_minute_holds_more_than_tpm, 0, 4);
	tcase_add_test(tcase, a_large_request_goes_alone);
	tcase_add_test(tcase, a_refused_take_counts_nothing);
	tcase_add_test(tcase, what_was_estimated_too_high_comes_back);
	tcase_add_test(tcase, one_that_is_told_blocks_all);
	tcase_add_test(tcase, a_burst_halves_once);
	tcase_add_test(tcase, good_answers_give_it_back_slowly);
	tcase_add_test(tcase, good_answers_without_a_limit_change_nothing);
	tcase_add_test(tcase, one_gives_up_when_nothing_else_comes);
	tcase_add_test(tcase, a_clock_set_back_stalls_nobody);
	tcase_add_test(tcase, times_out_of_order_let_nothing_more_through);
	tcase_add_test(tcase, rows_that_make_no_sense_do_no_harm);
	return run_suite(suite);
}
