#include "helper.h"

static struct persona_llm_reply reply;

static void setup(void)
{
	persona_llm_reply_init(&reply);
}

/* ---- The table ------------------------------------------------------- */

static const char *const classes[] = { "auth",	  "quota",     "rate",	     "server",	"timeout", "network",
				       "refused", "truncated", "unparsable", "invalid", "budget" };

START_TEST(every_outcome_has_its_row)
{
	for (int i = 0; i < PERSONA_LLM_OUTCOMES; i++) {
		enum persona_llm_outcome outcome = (enum persona_llm_outcome)i;
		const struct persona_llm_policy *policy = persona_llm_policy(outcome);
		const char *name = persona_llm_outcome_name(outcome);
		bool known = !policy->failure_class;

		ck_assert_msg(*name && strcmp(name, "unknown") != 0, "%d", i);
		for (int j = 0; j < i; j++)
			ck_assert_str_ne(name, persona_llm_outcome_name((enum persona_llm_outcome)j));
		for (size_t j = 0; j < COUNT(classes); j++)
			known |= policy->failure_class && strcmp(policy->failure_class, classes[j]) == 0;
		ck_assert_msg(known, "%s", name);
		/* What stops the run is not tried again, but for a network that may come back. */
		ck_assert_msg(!(policy->stops && policy->retry) || outcome == PERSONA_LLM_UNREACHABLE, "%s", name);
		ck_assert_msg(!(policy->usable && policy->retry), "%s", name);
		ck_assert_msg(!policy->slows || policy->retry, "%s", name);
	}
	ck_assert_str_eq(persona_llm_outcome_name(PERSONA_LLM_OUTCOMES), "unknown");
}
END_TEST

static const struct {
	enum persona_llm_outcome outcome;
	bool usable, retry, stops, slows, charged;
	const char *class;
} wanted[] = {
	{ PERSONA_LLM_OK, true, false, false, false, true, NULL },
	{ PERSONA_LLM_TRUNCATED, true, false, false, false, true, "truncated" },
	{ PERSONA_LLM_REFUSED, false, false, false, false, true, "refused" },
	{ PERSONA_LLM_TOO_LONG, false, false, false, false, false, "invalid" },
	{ PERSONA_LLM_RATE, false, true, false, true, false, "rate" },
	{ PERSONA_LLM_OVERLOADED, false, true, false, true, false, "server" },
	{ PERSONA_LLM_SERVER, false, true, false, false, false, "server" },
	{ PERSONA_LLM_GATEWAY, false, true, false, false, true, "server" },
	{ PERSONA_LLM_UNREACHABLE, false, true, true, false, false, "network" },
	{ PERSONA_LLM_TIMEOUT, false, true, false, false, true, "timeout" },
	{ PERSONA_LLM_NETWORK, false, true, false, false, true, "network" },
	{ PERSONA_LLM_CUT, false, true, false, false, true, "network" },
	{ PERSONA_LLM_GARBLED, false, true, false, false, true, "unparsable" },
	{ PERSONA_LLM_EMPTY, false, true, false, false, true, "unparsable" },
	{ PERSONA_LLM_AUTH, false, false, true, false, false, "auth" },
	{ PERSONA_LLM_NOT_FOUND, false, false, true, false, false, "invalid" },
	{ PERSONA_LLM_QUOTA, false, false, true, false, false, "quota" },
	{ PERSONA_LLM_REQUEST, false, false, false, false, false, "invalid" },
	{ PERSONA_LLM_PARAMETER, false, false, false, false, false, NULL },
	{ PERSONA_LLM_CANCELLED, false, false, false, false, true, NULL },
};

START_TEST(policies_are_as_promised)
{
	const struct persona_llm_policy *policy = persona_llm_policy(wanted[_i].outcome);

	ck_assert_uint_eq(COUNT(wanted), PERSONA_LLM_OUTCOMES);
	ck_assert_int_eq(policy->usable, wanted[_i].usable);
	ck_assert_int_eq(policy->retry, wanted[_i].retry);
	ck_assert_int_eq(policy->stops, wanted[_i].stops);
	ck_assert_int_eq(policy->slows, wanted[_i].slows);
	ck_assert_int_eq(policy->charged, wanted[_i].charged);
	ck_assert_int_eq(policy->failure_class != NULL, wanted[_i].class != NULL);
	if (wanted[_i].class)
		ck_assert_str_eq(policy->failure_class, wanted[_i].class);
}
END_TEST

START_TEST(a_server_may_say_whether_to_retry)
{
	reply.outcome = PERSONA_LLM_SERVER;
	ck_assert(persona_llm_may_retry(&reply));
	reply.should_retry = 0;
	ck_assert(!persona_llm_may_retry(&reply));
	reply.outcome = PERSONA_LLM_REQUEST;
	ck_assert(!persona_llm_may_retry(&reply));
	reply.should_retry = 1;
	ck_assert(persona_llm_may_retry(&reply));
	/* Nobody talks us into asking with a bad key for ever, or for what is there already. */
	reply.outcome = PERSONA_LLM_AUTH;
	ck_assert(!persona_llm_may_retry(&reply));
	reply.outcome = PERSONA_LLM_QUOTA;
	ck_assert(!persona_llm_may_retry(&reply));
	reply.outcome = PERSONA_LLM_OK;
	ck_assert(!persona_llm_may_retry(&reply));
	reply.outcome = PERSONA_LLM_UNREACHABLE;
	reply.should_retry = -1;
	ck_assert(persona_llm_may_retry(&reply));
}
END_TEST

/* ---- Waiting --------------------------------------------------------- */

#define ALMOST 0.999999

START_TEST(backoff_doubles_with_full_jitter)
{
	static const int64_t most[] = { 500, 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000 };

	reply.outcome = PERSONA_LLM_NETWORK;
	for (unsigned attempt = 1; attempt <= COUNT(most); attempt++) {
		ck_assert_int_eq(persona_llm_backoff_ms(attempt, &reply, 0, PERSONA_LLM_PATIENCE_MS), 0);
		ck_assert_int_eq(persona_llm_backoff_ms(attempt, &reply, 0.5, PERSONA_LLM_PATIENCE_MS),
				 most[attempt - 1] / 2);
		ck_assert_int_eq(persona_llm_backoff_ms(attempt, &reply, ALMOST, PERSONA_LLM_PATIENCE_MS),
				 most[attempt - 1] - 1);
	}
	ck_assert_int_lt(persona_llm_backoff_ms(0, &reply, ALMOST, PERSONA_LLM_PATIENCE_MS), 500);
	ck_assert_int_lt(persona_llm_backoff_ms(UINT32_MAX, &reply, ALMOST, PERSONA_LLM_PATIENCE_MS), 60000);
}
END_TEST

START_TEST(who_is_told_to_slow_down_waits_at_least_half)
{
	reply.outcome = PERSONA_LLM_RATE;
	ck_assert_int_eq(persona_llm_backoff_ms(3, &reply, 0, PERSONA_LLM_PATIENCE_MS), 1000);
	ck_assert_int_eq(persona_llm_backoff_ms(3, &reply, ALMOST, PERSONA_LLM_PATIENCE_MS), 1999);
}
END_TEST

START_TEST(told_waits_are_kept_to_the_full)
{
	reply.outcome = PERSONA_LLM_RATE;
	reply.retry_after_ms = 2000;
	ck_assert_int_eq(persona_llm_backoff_ms(1, &reply, 0, PERSONA_LLM_PATIENCE_MS), 2000);
	ck_assert_int_eq(persona_llm_backoff_ms(9, &reply, ALMOST, PERSONA_LLM_PATIENCE_MS), 2199);
	reply.retry_after_ms = 300000;
	ck_assert_int_eq(persona_llm_backoff_ms(1, &reply, ALMOST, PERSONA_LLM_PATIENCE_MS), 300999);
	reply.retry_after_ms = 0;
	ck_assert_int_eq(persona_llm_backoff_ms(5, &reply, ALMOST, PERSONA_LLM_PATIENCE_MS), 0);
	reply.retry_after_ms = PERSONA_LLM_PATIENCE_MS;
	ck_assert_int_ge(persona_llm_backoff_ms(1, &reply, 0, PERSONA_LLM_PATIENCE_MS), PERSONA_LLM_PATIENCE_MS);
	reply.retry_after_ms++;
	ck_assert_int_eq(persona_llm_backoff_ms(1, &reply, 0, PERSONA_LLM_PATIENCE_MS), -1);
}
END_TEST

START_TEST(chance_out_of_range_does_no_harm)
{
	static const double values[] = { -1, 1, 1e300, -1e300 };

	reply.outcome = PERSONA_LLM_TIMEOUT;
	for (size_t i = 0; i < COUNT(values); i++)
		ck_assert_int_eq(persona_llm_backoff_ms(1, &reply, values[i], PERSONA_LLM_PATIENCE_MS), 250);
}
END_TEST

/* ---- Quirks ---------------------------------------------------------- */

START_TEST(a_refused_parameter_is_learnt_once)
{
	unsigned quirks = 0;

	reply.outcome = PERSONA_LLM_PARAMETER;
	reply.quirk = PERSONA_LLM_NO_TEMPERATURE;
	ck_assert(persona_llm_learn(&quirks, &reply));
	ck_assert_uint_eq(quirks, PERSONA_LLM_NO_TEMPERATURE);
	ck_assert(!persona_llm_learn(&quirks, &reply));
	ck_assert_uint_eq(quirks, PERSONA_LLM_NO_TEMPERATURE);
	reply.quirk = PERSONA_LLM_NO_SCHEMA | PERSONA_LLM_NO_FORMAT;
	ck_assert(persona_llm_learn(&quirks, &reply));
	ck_assert_uint_eq(quirks, PERSONA_LLM_NO_TEMPERATURE | PERSONA_LLM_NO_SCHEMA);
	ck_assert(persona_llm_learn(&quirks, &reply));
	ck_assert_uint_eq(quirks, PERSONA_LLM_NO_TEMPERATURE | PERSONA_LLM_NO_SCHEMA | PERSONA_LLM_NO_FORMAT);
	ck_assert(!persona_llm_learn(&quirks, &reply));
	reply.outcome = PERSONA_LLM_REQUEST;
	reply.quirk = PERSONA_LLM_NO_SYSTEM;
	ck_assert(!persona_llm_learn(&quirks, &reply));
}
END_TEST

START_TEST(quirks_are_remembered_as_text)
{
	char text[PERSONA_LLM_QUIRKS_TEXT];

	for (unsigned quirks = 0; quirks <= PERSONA_LLM_QUIRKS; quirks++) {
		persona_llm_quirks_format(text, quirks);
		ck_assert_uint_eq(persona_llm_quirks_parse(text), quirks);
	}
	ck_assert_uint_eq(strlen(text), strcspn(text, "\n"));
	ck_assert_uint_eq(persona_llm_quirks_parse("  later-idea no-schema  nonsense no-schemas"),
			  PERSONA_LLM_NO_SCHEMA);
	persona_llm_quirks_format(text, 0);
	ck_assert_str_eq(text, "");
	persona_llm_quirks_format(text, PERSONA_LLM_NO_TEMPERATURE | PERSONA_LLM_OTHER_MAX);
	ck_assert_str_eq(text, "no-temperature other-max");
}
END_TEST

static const struct {
	const char *spec;
	bool fixed; /* takes no temperature but its own */
} models[] = {
	{ "openai:gpt-4o", false },
	{ "openai:gpt-4.1-mini", false },
	{ "openai:gpt-5", true },
	{ "openai:gpt-5-mini", true },
	{ "openai:gpt-5.4-2026-03-17", true },
	{ "openai:gpt-6.2-sol", true },
	{ "openai:o3", true },
	{ "openai:o4-mini", true },
	{ "openai:omni", false },
	{ "openai:gpt-99999999999999999999", false },
	{ "anthropic:claude-3-5-sonnet-20241022", false },
	{ "anthropic:claude-opus-4-20250514", false },
	{ "anthropic:claude-opus-4-6", false },
	{ "anthropic:claude-opus-4-7", true },
	{ "anthropic:claude-haiku-4-5-20251001", false },
	{ "anthropic:claude-sonnet-5", true },
	{ "anthropic:claude-haiku-5-5", true },
	{ "anthropic:claude", false },
	{ "gemini:gemini-2.5-pro", false },
	{ "gemini:gemini-3-flash-preview", true },
	{ "gemini:gemini-4-argon", true },
	{ "ollama:gpt-5", false },
};

START_TEST(some_is_known_beforehand)
{
	struct persona_llm *llm = open_llm(models[_i].spec);

	ck_assert_uint_eq(persona_llm_known_quirks(llm), models[_i].fixed ? PERSONA_LLM_NO_TEMPERATURE : 0);
	persona_llm_close(llm);
}
END_TEST

START_TEST(nothing_is_known_of_other_servers)
{
	struct persona_llm *llm;

	ck_assert_int_eq(persona_llm_open(&llm, "openai:gpt-5", "http://box", false, NULL, NULL, NULL), 0);
	ck_assert_uint_eq(persona_llm_known_quirks(llm), 0);
	persona_llm_close(llm);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = suite_of("policy", &tcase);

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, every_outcome_has_its_row);
	tcase_add_loop_test(tcase, policies_are_as_promised, 0, COUNT(wanted));
	tcase_add_test(tcase, a_server_may_say_whether_to_retry);
	tcase_add_test(tcase, backoff_doubles_with_full_jitter);
	tcase_add_test(tcase, who_is_told_to_slow_down_waits_at_least_half);
	tcase_add_test(tcase, told_waits_are_kept_to_the_full);
	tcase_add_test(tcase, chance_out_of_range_does_no_harm);
	tcase_add_test(tcase, a_refused_parameter_is_learnt_once);
	tcase_add_test(tcase, quirks_are_remembered_as_text);
	tcase_add_loop_test(tcase, some_is_known_beforehand, 0, COUNT(models));
	tcase_add_test(tcase, nothing_is_known_of_other_servers);
	return run_suite(suite);
}
