/*
 * Whatever SQLite or the hash refuse, at whatever point of a run that asks a model over a network: the
 * run ends with an error that says why, and the same command, given again, makes what is missing. Each request that went
 * out is booked, and what was answered is asked again only where its money is booked as lost.
 */
#include "faults.h"
#include "remote_draft.h"

#define NTH_MAX 2000 /* calls of a kind in one run */

/* ---- The fake asks and answers undisturbed ----------------------------------- */

static persona_http_done *done_of_client;
static int kept;

static void disturbed_done(void *arg, struct persona_http_response *response)
{
	countdown = kept;
	done_of_client(arg, response);
	kept = countdown;
	countdown = 0;
}

static int undisturbed_send(void *payload, struct persona_buf *body, persona_http_done *done, void *arg,
			    struct persona_error *why)
{
	int rc;

	kept = countdown;
	countdown = 0;
	done_of_client = done;
	rc = fake_send(payload, body, disturbed_done, arg, why);
	countdown = kept;
	return rc;
}

static void undisturbed_stop(void *payload)
{
	kept = countdown;
	countdown = 0;
	fake_stop(payload);
	countdown = kept;
}

static void count_passed(void *payload, struct persona_ref ref)
{
	(void)payload;
	(void)ref;
	passed_len++;
}

/* ---- Runs -------------------------------------------------------------------- */

static char *good_judgement(const char *body)
{
	(void)body;
	return strdup("{\"coherence\": {\"reasoning\": \"fits\", \"score\": 80}, \"realism\": 90}");
}

static char *nurse(const char *body)
{
	(void)body;
	return strdup("{\"occupation\": \"nurse\"}");
}

static void setup_judge(void)
{
	setup_remote();
	seed(2, "a");
	fake.says = good_judgement;
}

static void setup_refine(void)
{
	setup_remote();
	seed(2, "a");
	fake.says = nurse;
}

static int run_draft(void)
{
	settings.wanted = 5;
	return run_stage(&persona_stage_draft, &settings, &remote_model);
}

static int run_judge(void)
{
	static const char *const criteria[] = { "coherence", "realism" };
	const struct persona_filter_settings judging = {
		.threshold = 70, .criteria = criteria, .criteria_len = 2, .scale = 100
	};

	return run_stage(&persona_stage_judge, &judging, &remote_model);
}

static int run_refine(void)
{
	const struct persona_refine_settings refining = { .max_rounds = 1, .unjudged = true };

	return run_stage(&persona_stage_refine, &refining, &remote_model);
}

static const struct {
	const char *name;
	void (*setup)(void);
	int (*run)(void);
	const char *given; /* references, NULL: none */
	size_t passed;
	const char *made; /* how many rows it makes */
	const char *plan; /* what it settles before it asks */
} runs[] = {
	{ "draft", setup_draft, run_draft, NULL, 5, "SELECT count(*) FROM revision",
	  "SELECT first_slot, slots, settings FROM plan ORDER BY first_slot" },
	{ "judge", setup_judge, run_judge, "1.1 2.1", 2,
	  "SELECT count(*) FROM verdict JOIN evaluation USING (revision_id)", "SELECT 0" },
	{ "refine", setup_refine, run_refine, "1.1 2.1", 2,
	  "SELECT count(*) FROM refinement WHERE child_id IS NOT NULL", "SELECT 0" },
};
#define RUNS ((int)(sizeof runs / sizeof *runs))

static void start(int which)
{
	runs[which].setup();
	remote.send = undisturbed_send;
	remote.stop = undisturbed_stop;
	remote.in_flight = 1;
	options.passed = count_passed;
	if (runs[which].given)
		give(runs[which].given);
}

/* Let the nth call of a kind fail; false when there is no nth. plan: of a run that nothing disturbed. */
static bool try_once(int which, enum kind kind, int nth, const char *plan)
{
	char *settled;
	int rc;

	chosen = kind;
	fired = false;
	countdown = nth;
	rc = runs[which].run();
	countdown = 0;
	if (rc < 0) {
		ck_assert_msg(err.code != PERSONA_OK && err.text[0], "%s: failure %d does not say why",
			      runs[which].name, nth);
		return fired;
	}
	ck_assert_msg(number(runs[which].made) == (int64_t)runs[which].passed ||
			      number("SELECT count(*) FROM failure") > 0,
		      "%s: failure %d went unnoticed", runs[which].name, nth);
	settled = rows(runs[which].plan);
	ck_assert_msg(strcmp(settled, plan) == 0, "%s: after failure %d this is settled:\n%s", runs[which].name, nth,
		      settled);
	free(settled);
	return fired;
}

/* The same command in a new process. */
static void run_again(int which, int nth)
{
	persona_store_close(store);
	store = open_store();
	passed_len = 0;
	if (runs[which].given)
		give(runs[which].given);
	ck_assert_msg(runs[which].run() == 0, "%s after failure %d: %s", runs[which].name, nth, err.text);
	ck_assert_msg(passed_len == runs[which].passed, "%s after failure %d: %zu passed", runs[which].name, nth,
		      passed_len);
	ck_assert_int_eq(number(runs[which].made), (int64_t)runs[which].passed);
}

static void check_books(int which, int nth)
{
	int64_t answered = number("SELECT count(*) FROM llm_call WHERE state = 'done'");
	int64_t lost = number("SELECT count(*) FROM llm_call WHERE lost_nusd > 0");

	ck_assert_int_eq(number("SELECT count(*) FROM claim"), 0);
	ck_assert_int_eq(number("SELECT count(*) FROM llm_call WHERE state = 'sent'"), 0);
	ck_assert_int_eq(number("SELECT reserved_nusd FROM ledger"), 0);
	ck_assert_int_eq(number("SELECT spent_nusd - (SELECT sum(cost_nusd + lost_nusd) FROM llm_call) FROM ledger"),
			 0);
	ck_assert_msg((int64_t)fake.sent <= answered + lost, "%s, failure %d: %zu sent, %lld answers kept, %lld lost",
		      runs[which].name, nth, fake.sent, (long long)answered, (long long)lost);
}

START_TEST(nothing_is_lost_or_paid_for_unbooked)
{
	static const enum kind kinds[] = { STEP, DIGEST };
	int which = _i / 2;
	bool more = true;
	char *plan;

	start(which);
	ck_assert_int_eq(runs[which].run(), 0);
	plan = rows(runs[which].plan);
	teardown_remote();
	for (int nth = 1; more; nth += NTH_STEP) {
		ck_assert_int_lt(nth, NTH_MAX);
		start(which);
		more = try_once(which, kinds[_i % 2], nth, plan);
		run_again(which, nth);
		check_books(which, nth);
		teardown_remote();
	}
	free(plan);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("remote torture");

	tcase_set_timeout(tcase, 300);
	tcase_add_loop_test(tcase, nothing_is_lost_or_paid_for_unbooked, 0, 2 * RUNS);
	return run_suite("remote torture", &tcase, 1);
}
