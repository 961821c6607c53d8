#include "helper.h"

#include "internal.h"

#define NOW_MS	 ((int64_t)1764000000000) /* 2025-11-24 16:00:00 UTC */
#define MONTH_MS ((int64_t)31 * 24 * 3600 * 1000)

static const struct {
	const char *text;
	int64_t unit_ms, ms;
} durations[] = {
	{ "12ms", 0, 12 },
	{ "1s", 0, 1000 },
	{ "6m0s", 0, 360000 },
	{ "1h2m3.5s", 0, 3723500 },
	{ "36.4s", 0, 36400 },
	{ "0.0001s", 0, 1 },
	{ "35641s", 0, 35641000 },
	{ "1d", 0, 86400000 },
	{ "500us", 0, 1 },
	{ "0s", 0, 0 },
	{ "1.5", 1000, 1500 },
	{ "937", 1, 937 },
	{ "120.4", 1, 121 },
	{ " 3 ", 1000, 3000 },
	{ "3", 0, -1 },
	{ "", 1000, -1 },
	{ " ", 1000, -1 },
	{ "-1", 1000, -1 },
	{ "s", 1000, -1 },
	{ ".5s", 1000, -1 },
	{ "1.s", 0, 1000 },
	{ "1x", 1000, -1 },
	{ "1s x", 0, -1 },
	{ "1,5", 1000, -1 },
	{ "1e3", 1000, -1 },
	{ "0x10", 1000, -1 },
	{ "inf", 1000, -1 },
	{ "9999999999", 1000, -1 },
	{ "99999999999999999999s", 0, -1 },
	{ "2000000h", 0, MONTH_MS },
	{ "2000000000d", 0, MONTH_MS },
	{ "1h1h1h", 0, 10800000 },
	{ "0.99999999999999999999s", 0, 1000 },
};

START_TEST(durations_are_read)
{
	ck_assert_msg(llm_duration_ms(durations[_i].text, durations[_i].unit_ms) == durations[_i].ms, "'%s' is %lld",
		      durations[_i].text, (long long)llm_duration_ms(durations[_i].text, durations[_i].unit_ms));
}
END_TEST

static const char *from_list(void *payload, const char *name)
{
	return variables(payload, name);
}

static const struct {
	struct variable headers[7];
	int64_t body_ms, ms;
} waits[] = {
	{ { { NULL, NULL } }, -1, -1 },
	{ { { NULL, NULL } }, 36400, 36400 },
	{ { { "retry-after", "7" } }, 36400, 7000 },
	{ { { "retry-after", "7" }, { "retry-after-ms", "6500.5" } }, -1, 6501 },
	{ { { "retry-after", "7" }, { "retry-after-ms", "soon" } }, -1, 7000 },
	{ { { "retry-after", "0" } }, -1, 0 },
	{ { { "retry-after", "-5" } }, -1, -1 },
	{ { { "retry-after", "later" } }, 400, 400 },
	{ { { "retry-after", "Mon, 24 Nov 2025 16:00:01 GMT" } }, -1, 1000 },
	{ { { "retry-after", "Tue, 25 Nov 2025 16:00:00 GMT" } }, -1, 86400000 },
	{ { { "retry-after", "Mon, 24 Nov 2025 15:59:59 GMT" } }, -1, 0 },
	{ { { "retry-after", "Fri, 31 Dec 9999 23:59:59 GMT" } }, -1, -1 },
	{ { { "retry-after", "Fri, 31 Dec 2999 23:59:59 GMT" } }, -1, MONTH_MS },
	{ { { "retry-after", "Mon, 24 Nox 2025 16:00:01 GMT" } }, -1, -1 },
	{ { { "retry-after", "Mon, 99 Nov 2025 16:00:01 GMT" } }, -1, -1 },
	{ { { "retry-after", "Mon, 24 ovD 2025 16:00:01 GMT" } }, -1, -1 },
	{ { { "x-ratelimit-remaining-requests", "0" }, { "x-ratelimit-reset-requests", "6m0s" } }, -1, 360000 },
	{ { { "x-ratelimit-remaining-requests", "3" }, { "x-ratelimit-reset-requests", "6m0s" } }, -1, -1 },
	{ { { "x-ratelimit-remaining-requests", "0" } }, -1, -1 },
	{ { { "x-ratelimit-remaining-requests", "0" },
	    { "x-ratelimit-reset-requests", "2s" },
	    { "x-ratelimit-remaining-tokens", "0" },
	    { "x-ratelimit-reset-tokens", "950ms" } },
	  -1,
	  2000 },
	{ { { "anthropic-ratelimit-input-tokens-remaining", "0" },
	    { "anthropic-ratelimit-input-tokens-reset", "2025-11-24T16:01:00Z" } },
	  -1,
	  60000 },
	{ { { "anthropic-ratelimit-tokens-remaining", "0" },
	    { "anthropic-ratelimit-tokens-reset", "2025-11-24T17:01:00.25+01:00" } },
	  -1,
	  61000 },
	{ { { "anthropic-ratelimit-tokens-remaining", "0" },
	    { "anthropic-ratelimit-tokens-reset", "2025-11-24T10:31:00-05:30" } },
	  -1,
	  60000 },
	{ { { "anthropic-ratelimit-tokens-remaining", "0" },
	    { "anthropic-ratelimit-tokens-reset", "2025-11-24T16:01:00" } },
	  -1,
	  -1 },
	{ { { "anthropic-ratelimit-tokens-remaining", "0" }, { "anthropic-ratelimit-tokens-reset", "yesterday" } },
	  -1,
	  -1 },
	{ { { "retry-after", "2" },
	    { "anthropic-ratelimit-tokens-remaining", "0" },
	    { "anthropic-ratelimit-tokens-reset", "2025-11-24T16:01:00Z" } },
	  -1,
	  2000 },
};

START_TEST(headers_tell_how_long_to_wait)
{
	struct persona_llm_raw raw = { .header = from_list, .payload = (void *)waits[_i].headers, .now_ms = NOW_MS };

	ck_assert_int_eq(llm_told_wait_ms(&raw, waits[_i].body_ms), waits[_i].ms);
	raw.header = NULL;
	ck_assert_int_eq(llm_told_wait_ms(&raw, waits[_i].body_ms), waits[_i].body_ms);
}
END_TEST

static const struct {
	const char *value;
	int answer;
} retries[] = { { NULL, -1 }, { "true", 1 }, { "True", 1 }, { "false", 0 }, { "FALSE", 0 }, { "", -1 }, { "yes", -1 } };

START_TEST(headers_tell_whether_to_retry)
{
	const struct variable list[] = { { "x-should-retry", retries[_i].value }, { NULL, NULL } };
	struct persona_llm_raw raw = { .header = from_list, .payload = (void *)list };

	ck_assert_int_eq(llm_should_retry(&raw), retries[_i].answer);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = suite_of("wait", &tcase);

	tcase_add_loop_test(tcase, durations_are_read, 0, COUNT(durations));
	tcase_add_loop_test(tcase, headers_tell_how_long_to_wait, 0, COUNT(waits));
	tcase_add_loop_test(tcase, headers_tell_whether_to_retry, 0, COUNT(retries));
	return run_suite(suite);
}
