/* The runner with a stage of our own: every piece of work once, whatever comes, and nothing lost, whatever fails. */
#include "fake_stage.h"
#include "runner.h"

/* ---- Success --------------------------------------------------------- */

/* On both sides of a group of claims, of the window, of what one transaction takes, of what is picked ahead. */
static const int64_t edges[] = { 0, 1, 2, 32, 33, 64, 65, 512, 513, 1025 };
#define EDGES ((int)(sizeof edges / sizeof *edges))

/* As many as there are: asked for, or taken without asking, or taken without a claim. */
static void everybody_once(struct fake *fake, int64_t n)
{
	if (n)
		seed(n, "a");
	give_range(1, n);
	OK(run_fake(fake));
	ck_assert_int_eq(end, PERSONA_END_DONE);
	assert_range_passed(1, n);
	ck_assert_int_eq(number("SELECT count(*) FROM refinement"), n);
	ck_assert_int_eq(number("SELECT count(*) FROM claim"), 0);
	ck_assert_int_eq(fake->begins, n > 0);
	ck_assert_int_eq(number("SELECT count(*) FROM stage_key"), n > 0);
	ck_assert_int_eq(count_of(PERSONA_COUNT_READ), n);
	ck_assert_int_eq(count_of(PERSONA_COUNT_DONE), n);
	ck_assert_int_eq(count_of(PERSONA_COUNT_MADE), n);
	ck_assert_int_eq(count_of(PERSONA_COUNT_PRINTED), n);
	ck_assert(!persona_context_incomplete(&context));
	ck_assert_int_eq(fake->opens, 1);
	ck_assert_int_eq(fake->closes, 1);
}

START_TEST(asks_everybody_once)
{
	struct fake fake = { 0 }, again = { 0 };
	char *before, *after;

	everybody_once(&fake, edges[_i]);
	ck_assert_int_eq(atomic_load(&fake.computes), edges[_i]);
	before = picture();
	OK(run_fake(&again));
	after = picture();
	ck_assert_str_eq(before, after);
	assert_range_passed(1, edges[_i]);
	ck_assert_int_eq(count_of(PERSONA_COUNT_UNCHANGED), edges[_i]);
	ck_assert_int_eq(count_of(PERSONA_COUNT_DONE), 0);
	ck_assert_int_eq(atomic_load(&again.computes), 0);
	free(before);
	free(after);
}
END_TEST

START_TEST(takes_everybody_once)
{
	struct fake fake = { .unasked = true, .unclaimed = true };

	everybody_once(&fake, edges[_i]);
	ck_assert_int_eq(fake.asks, 0);
	ck_assert_int_eq(fake.takes, edges[_i]);
}
END_TEST

START_TEST(takes_everybody_under_a_claim)
{
	struct fake fake = { .unasked = true };

	everybody_once(&fake, edges[_i]);
	ck_assert_int_eq(fake.asks, 0);
}
END_TEST

START_TEST(a_model_answers_where_the_stage_does_not_compute)
{
	struct script script = { .answers = { "{'name': 'Bo', 'goals': ['g']}" }, .len = 1 };
	struct persona_model model = { .name = "script:", .version = 1, .answer = script_answer, .payload = &script };
	struct persona_stage stage = { FAKE_STAGE };
	struct fake fake = { 0 };

	stage.compute = NULL;
	seed(2, "a");
	give("1 2");
	OK(run_stage(&stage, &fake, &model));
	assert_passed("1.1 2.1");
	ck_assert_uint_eq(atomic_load(&script.asked), 2);
	/* The second answer failed, without a class of its own. */
	assert_rows("SELECT class, message FROM failure", "invalid|answer 1 is no use\n");
}
END_TEST

START_TEST(more_is_written_in_the_next_transaction)
{
	struct fake fake = { .more = 3 };

	seed(70, "a");
	give_range(1, 70);
	OK(run_fake(&fake));
	ck_assert_int_eq(number("SELECT count(*) FROM refinement"), 4 * 70);
	ck_assert_int_eq((int64_t)passed_len, 4 * 70);
	ck_assert_int_eq(count_of(PERSONA_COUNT_DONE), 70);
	ck_assert_int_eq(number("SELECT count(*) FROM claim"), 0);
}
END_TEST

static int claims_seen;

/* The claim stays as long as rows remain; other programs see what was committed before. */
static void look_for_claim(struct fake *fake, int64_t persona_id)
{
	(void)persona_id;
	claims_seen += (int)number("SELECT count(*) FROM claim WHERE item = 'item 1'");
	ck_assert_int_eq(number("SELECT count(*) FROM refinement"), fake->takes - 1);
	ck_assert_int_eq((int64_t)passed_len, fake->takes - 1);
}

START_TEST(the_claim_stays_while_rows_remain)
{
	struct fake fake = { .more = 4, .taking = look_for_claim };

	seed(1, "a");
	give("1");
	OK(run_fake(&fake));
	ck_assert_int_eq(claims_seen, 5);
	ck_assert_int_eq(number("SELECT count(*) FROM claim"), 0);
}
END_TEST

static int64_t most_claims;

static void count_claims(struct fake *fake, int64_t persona_id)
{
	int64_t claims = number("SELECT count(*) FROM claim");

	(void)fake;
	(void)persona_id;
	if (claims > most_claims)
		most_claims = claims;
}

/* What a program that dies takes with it is no more than a window of claims; and it is used. */
START_TEST(claims_stay_within_the_window)
{
	struct fake fake = { .computing = count_claims, .more = _i };

	seed(300, "a");
	give_range(1, 300);
	OK(run_fake(&fake));
	ck_assert_int_eq(atomic_load(&fake.computes), 300);
	ck_assert_int_le(most_claims, WINDOW);
	ck_assert_int_gt(most_claims, WINDOW / 2);
}
END_TEST

START_TEST(silent_work_passes_nothing)
{
	struct fake fake = { .silent = true }, again = { .silent = true };

	seed(3, "a");
	give("1 2 3");
	OK(run_fake(&fake));
	assert_passed("");
	ck_assert_int_eq(number("SELECT count(*) FROM refinement"), 3);
	OK(run_fake(&again));
	assert_passed("");
}
END_TEST

START_TEST(the_same_reference_twice_is_worked_on_once)
{
	struct fake fake = { .more = _i };

	seed(2, "a");
	give("1.1 1 2 1.1 2.1");
	OK(run_fake(&fake));
	ck_assert_int_eq(atomic_load(&fake.computes), 2);
	if (_i == 0)
		assert_passed("1.1 1.1 1.1 2.1 2.1");
	ck_assert_int_eq(count_of(PERSONA_COUNT_UNCHANGED), 3);
	ck_assert_int_eq(count_of(PERSONA_COUNT_READ), 5);
	ck_assert_int_eq(count_of(PERSONA_COUNT_DONE), 2);
}
END_TEST

/* All are picked before any is done; the second half finds that out under its claim. */
START_TEST(a_long_list_twice_is_worked_on_once)
{
	struct fake fake = { 0 };

	seed(200, "a");
	give_range(1, 200);
	memcpy(refs + 200, refs, 200 * sizeof *refs);
	options.refs_len = 400;
	OK(run_fake(&fake));
	ck_assert_uint_eq(passed_len, 400);
	ck_assert_int_eq(atomic_load(&fake.computes), 200);
	ck_assert_int_eq(count_of(PERSONA_COUNT_DONE), 200);
	ck_assert_int_eq(count_of(PERSONA_COUNT_UNCHANGED), 200);
	ck_assert_int_eq(number("SELECT count(*) FROM claim"), 0);
}
END_TEST

START_TEST(the_same_reference_twice_is_taken_once)
{
	struct fake fake = { .unasked = true };

	seed(1, "a");
	give("1 1 1");
	OK(run_fake(&fake));
	ck_assert_int_eq(number("SELECT count(*) FROM refinement"), 1);
	assert_passed("1.1 1.1 1.1");
}
END_TEST

/* ---- Printing comes after the commit ---------------------------------- */

static void row_is_there(void *payload, struct persona_ref ref)
{
	char sql[128];

	snprintf(sql, sizeof sql, "SELECT count(*) FROM refinement WHERE revision_id = %lld",
		 (long long)ref.persona_id);
	ck_assert_int_eq(number(sql), 1);
	take_passed(payload, ref);
}

START_TEST(nothing_is_passed_before_it_is_committed)
{
	struct fake fake = { 0 };

	seed(200, "a");
	give_range(1, 200);
	options.passed = row_is_there;
	OK(run_fake(&fake));
	assert_range_passed(1, 200);
}
END_TEST

/* ---- Limit ------------------------------------------------------------ */

static void upgrade_the_schema(struct fake *fake, int64_t persona_id)
{
	(void)fake;
	if (persona_id == 1)
		write_sql("PRAGMA user_version = 99");
}

START_TEST(a_schema_that_became_newer_ends_the_run)
{
	struct fake fake = { .picking = upgrade_the_schema };

	seed(3, "a");
	give("1 2 3");
	ck_assert_int_eq(run_fake(&fake), -1);
	ck_assert_int_eq(err.code, PERSONA_E_DB);
	ck_assert_msg(strstr(err.text, "99") != NULL, "%s", err.text);
	ck_assert_uint_eq(passed_len, 0);
	ck_assert_int_eq(fake.asks, 0);
}
END_TEST

static atomic_int commits;

static void count_commits(void *payload, enum persona_phase phase)
{
	(void)payload;
	if (phase == PERSONA_PHASE_COMMIT)
		atomic_fetch_add(&commits, 1);
}

static void take_a_while(struct fake *fake, int64_t persona_id)
{
	struct timespec pause = { .tv_nsec = 3 * 1000000 };

	(void)fake;
	(void)persona_id;
	nanosleep(&pause, NULL);
}

/* Results that come one by one are written in groups: where no time passes, when the group is full or nothing more comes. */
START_TEST(results_are_written_in_groups)
{
	struct fake fake = { .computing = take_a_while };

	seed(40, "a");
	give_range(1, 40);
	options.phase = count_commits;
	atomic_store(&clock_stands_at, 5000);
	OK(run_fake(&fake));
	atomic_store(&clock_stands_at, 0);
	assert_range_passed(1, 40);
	ck_assert_int_le(atomic_load(&commits), 6);
}
END_TEST

START_TEST(the_limit_counts_work_and_passes_everybody)
{
	struct fake fake = { 0 }, again = { 0 }, rest = { 0 };

	seed(5, "a");
	give_range(1, 5);
	options.limit = 2;
	OK(run_fake(&fake));
	assert_range_passed(1, 5);
	ck_assert_int_eq(atomic_load(&fake.computes), 2);
	/* What is done already does not count. */
	OK(run_fake(&again));
	ck_assert_int_eq(atomic_load(&again.computes), 2);
	ck_assert_int_eq(number("SELECT count(*) FROM refinement"), 4);
	options.limit = 100;
	OK(run_fake(&rest));
	ck_assert_int_eq(number("SELECT count(*) FROM refinement"), 5);
}
END_TEST

START_TEST(twins_do_not_use_up_the_limit)
{
	struct fake fake = { 0 };

	seed(3, "a");
	give("1 1 1 2 3");
	options.limit = 5;
	OK(run_fake(&fake));
	ck_assert_int_eq(number("SELECT count(*) FROM refinement"), 3);
	assert_passed("1.1 1.1 1.1 2.1 3.1");
}
END_TEST

/* ---- Failures --------------------------------------------------------- */

static const char *const classes[] = { "auth",	  "quota",     "rate",	     "server",	"timeout", "network",
				       "refused", "truncated", "unparsable", "invalid", "budget" };
#define CLASSES ((int)(sizeof classes / sizeof *classes))

START_TEST(a_failure_is_a_row_and_goes_on)
{
	struct fake fake = { .fails = classes[_i], .fails_only = 2 };
	char expected[128];

	seed(3, "a");
	give("1 2 3");
	OK(run_fake(&fake));
	assert_passed("1.1 2.1 3.1");
	snprintf(expected, sizeof expected, "refine|2|%s|it is %s|1|0|1000\n", classes[_i], classes[_i]);
	assert_rows("SELECT f.stage, f.revision_id, f.class, f.message, f.attempt, f.parked, f.at FROM failure f"
		    " JOIN stage_key USING (key_id)",
		    expected);
	ck_assert_int_eq(count_of(PERSONA_COUNT_FAILED), 1);
	ck_assert_int_eq(count_of(PERSONA_COUNT_DONE), 2);
	ck_assert(persona_context_incomplete(&context));
	ck_assert_int_eq(number("SELECT count(*) FROM claim"), 0);
	ck_assert_int_eq(number("SELECT count(*) FROM refinement"), 2);
}
END_TEST

/* Run with everything failing; how often the worker was asked. */
static int fail_once(const char *class)
{
	struct fake fake = { .fails = class };

	OK(run_fake(&fake));
	assert_passed("1.1");
	ck_assert(persona_context_incomplete(&context));
	return atomic_load(&fake.computes);
}

START_TEST(after_three_failures_of_a_class_a_row_is_parked)
{
	seed(1, "a");
	give("1");
	ck_assert_int_eq(fail_once("server"), 1);
	ck_assert_int_eq(fail_once("server"), 1);
	ck_assert_int_eq(fail_once("timeout"), 1);
	ck_assert_int_eq(number("SELECT sum(parked) FROM failure"), 0);
	ck_assert_int_eq(fail_once("server"), 1);
	ck_assert_int_eq(number("SELECT sum(parked) FROM failure"), 1);
	ck_assert_int_eq(fail_once("server"), 0);
	ck_assert_int_eq(count_of(PERSONA_COUNT_PARKED), 1);
	ck_assert_int_eq(count_of(PERSONA_COUNT_FAILED), 0);
	options.retry = "timeout";
	ck_assert_int_eq(fail_once("server"), 0);
	options.retry = "server";
	ck_assert_int_eq(fail_once("server"), 1);
	options.retry = NULL;
	ck_assert_int_eq(fail_once("server"), 1);
	ck_assert_int_eq(fail_once("server"), 1);
	ck_assert_int_eq(fail_once("server"), 0);
	options.retry = "all";
	ck_assert_int_eq(fail_once("server"), 1);
	ck_assert_int_eq(number("SELECT count(*) FROM failure"), 8);
}
END_TEST

START_TEST(no_memory_is_no_failure_of_a_row)
{
	struct fake fake = { .without_memory = true };

	seed(3, "a");
	give("1 2 3");
	ck_assert_int_eq(run_fake(&fake), -1);
	ck_assert_int_eq(err.code, PERSONA_E_NOMEM);
	ck_assert_int_eq(number("SELECT count(*) FROM failure"), 0);
	ck_assert_int_eq(count_of(PERSONA_COUNT_FAILED), 0);
}
END_TEST

/* ---- Errors of the run ------------------------------------------------- */

struct wrong {
	enum fake_point at;
	const char *says;
	bool barrier;
	enum persona_error_code code;
};

static const struct wrong wrongs[] = {
	{ AT_PREPARE, "no prepare", false, PERSONA_E_FORMAT },
	{ AT_OPEN, "no open", false, PERSONA_E_DB },
	{ AT_BEGIN, "no begin", false, PERSONA_E_DB },
	{ AT_BEGIN, "no begin", true, PERSONA_E_DB },
	{ AT_GATHER, "no gather", true, PERSONA_E_DB },
	{ AT_NEXT, "no next", true, PERSONA_E_DB },
	{ AT_PICK, "no pick", false, PERSONA_E_DB },
	{ AT_PICK, "no pick", true, PERSONA_E_DB },
	{ AT_ASK, "no ask", false, PERSONA_E_DB },
	{ AT_TAKE, "no take", false, PERSONA_E_DB },
	{ AT_TAKE, "no take", true, PERSONA_E_DB },
};
#define WRONGS ((int)(sizeof wrongs / sizeof *wrongs))

/* At the first, at one in the middle, at the last; under one claim group and beyond. */
static const int64_t at_whom[] = { 0, 1, 40, 100 };

static void fails_as_it_says(const struct wrong *wrong, int64_t whom, bool unasked)
{
	struct fake fake = { .error_at = wrong->at, .error_on = whom, .unasked = unasked };
	struct fake rest = { 0 };
	const struct persona_stage *stage = wrong->barrier ? &fake_barrier : &fake_stage;

	ck_assert_int_eq(run_stage(stage, &fake, NULL), -1);
	ck_assert_str_eq(err.text, wrong->says);
	ck_assert_int_eq(err.code, wrong->code);
	ck_assert_int_eq(atomic_load(&fake.alive), 0);
	ck_assert_int_eq(fake.closes, fake.opens);
	ck_assert_int_eq(number("SELECT count(*) FROM failure"), 0);
	/* What is counted is what is there, and what was printed is there. */
	ck_assert_int_eq(number("SELECT count(*) FROM refinement"), count_of(PERSONA_COUNT_MADE));
	ck_assert_int_eq(count_of(PERSONA_COUNT_DONE), count_of(PERSONA_COUNT_MADE));
	ck_assert_int_le((int64_t)passed_len, count_of(PERSONA_COUNT_MADE));
	/* The next run does the rest. */
	OK(persona_store_run_finish(store, 1, "{}", &err));
	OK(run_stage(&fake_stage, &rest, NULL));
	assert_range_passed(1, 100);
	ck_assert_int_eq(number("SELECT count(*) FROM refinement"), 100);
	ck_assert_int_eq(number("SELECT count(*) FROM claim"), 0);
}

START_TEST(an_error_ends_the_run_and_leaves_nothing_half)
{
	const struct wrong *wrong = &wrongs[_i];

	seed(100, "a");
	give_range(1, 100);
	for (size_t i = 0; i < sizeof at_whom / sizeof *at_whom; i++) {
		if (at_whom[i] && wrong->at < AT_NEXT)
			continue;
		write_sql("DELETE FROM refinement");
		fails_as_it_says(wrong, at_whom[i], false);
		if (wrong->at == AT_ASK)
			continue;
		write_sql("DELETE FROM refinement");
		fails_as_it_says(wrong, at_whom[i], true);
	}
}
END_TEST

START_TEST(an_error_of_blame_ends_the_run)
{
	struct fake fake = { .error_at = AT_BLAME, .fails = "server" };

	seed(3, "a");
	give("1 2 3");
	ck_assert_int_eq(run_fake(&fake), -1);
	ck_assert_str_eq(err.text, "no blame");
	ck_assert_int_eq(number("SELECT count(*) FROM failure"), 0);
	ck_assert_int_eq(count_of(PERSONA_COUNT_FAILED), 0);
}
END_TEST

START_TEST(a_row_that_is_refused_ends_the_run)
{
	struct fake fake = { 0 };

	seed(3, "a");
	give("1 2 3");
	write_sql("CREATE TRIGGER no BEFORE INSERT ON refinement WHEN new.revision_id = 2"
		  " BEGIN SELECT raise(ABORT, 'not this one'); END");
	ck_assert_int_eq(run_fake(&fake), -1);
	ck_assert_int_eq(err.code, PERSONA_E_DB);
	ck_assert_ptr_nonnull(strstr(err.text, "not this one"));
	ck_assert_int_eq(number("SELECT count(*) FROM refinement"), 0);
	ck_assert_int_eq(count_of(PERSONA_COUNT_MADE), 0);
}
END_TEST

/* A commit that fails: a constraint that is looked at only then. */
START_TEST(a_commit_that_fails_ends_the_run)
{
	struct fake fake = { .unasked = true };

	seed(3, "a");
	give("1 2 3");
	write_sql("CREATE TABLE nobody (id INTEGER PRIMARY KEY)");
	write_sql("CREATE TABLE late (id INTEGER REFERENCES nobody DEFERRABLE INITIALLY DEFERRED)");
	write_sql("CREATE TRIGGER late AFTER INSERT ON refinement BEGIN INSERT INTO late VALUES (7); END");
	ck_assert_int_eq(run_fake(&fake), -1);
	ck_assert_int_eq(err.code, PERSONA_E_DB);
	assert_passed("");
	ck_assert_int_eq(number("SELECT count(*) FROM refinement"), 0);
	ck_assert_int_eq(count_of(PERSONA_COUNT_MADE), 0);
	ck_assert_int_eq(count_of(PERSONA_COUNT_DONE), 0);
}
END_TEST

/* ---- The barrier ------------------------------------------------------- */

START_TEST(the_barrier_gets_everything_at_once)
{
	struct fake fake = { 0 };

	seed(1100, "a");
	give_range(1, 1100);
	OK(run_stage(&fake_barrier, &fake, NULL));
	ck_assert_int_eq(fake.gathers, 1);
	ck_assert_int_eq(fake.gathered, 1100);
	assert_range_passed(1, 1100);
	ck_assert_int_eq(count_of(PERSONA_COUNT_DONE), 1100);
}
END_TEST

START_TEST(the_barrier_without_input_begins_nothing)
{
	struct fake fake = { 0 };

	options.refs_len = 0;
	OK(run_stage(&fake_barrier, &fake, NULL));
	ck_assert_int_eq(fake.gathers, 0);
	ck_assert_int_eq(fake.begins, 0);
	ck_assert_int_eq(number("SELECT count(*) FROM stage_key"), 0);
}
END_TEST

static void see_nobody_else(struct fake *fake, int64_t persona_id)
{
	(void)fake;
	(void)persona_id;
	/* Read-only look-ups of ours must not block a writer, nor end in an error. */
	write_sql("UPDATE ledger SET spent_nusd = spent_nusd + 1");
}

START_TEST(others_may_write_while_the_worker_works)
{
	struct fake fake = { .computing = see_nobody_else };

	seed(40, "a");
	give_range(1, 40);
	OK(run_fake(&fake));
	ck_assert_int_eq(number("SELECT spent_nusd FROM ledger"), 40);
}
END_TEST

/* ---- Counters ---------------------------------------------------------- */

START_TEST(counters_have_names_and_become_json)
{
	char *text;

	context = (struct persona_context){ 0 };
	text = persona_context_counts(&context);
	ck_assert_str_eq(text, "{}");
	free(text);
	for (int i = 0; i < PERSONA_COUNTS; i++) {
		ck_assert_str_ne(persona_count_name((enum persona_count)i), "unknown");
		for (int k = 0; k < i; k++)
			ck_assert_str_ne(persona_count_name((enum persona_count)i),
					 persona_count_name((enum persona_count)k));
	}
	ck_assert_str_eq(persona_count_name(PERSONA_COUNTS), "unknown");
	context.counts[PERSONA_COUNT_READ] = 5;
	context.counts[PERSONA_COUNT_HELD] = 2;
	text = persona_context_counts(&context);
	ck_assert_str_eq(text, "{\"read\":5,\"held_by_others\":2}");
	free(text);
}
END_TEST

static int64_t last_done, last_total;
static int reports;

static void note_progress(void *payload, const struct persona_progress *progress)
{
	(void)payload;
	ck_assert_str_eq(progress->stage, "refine");
	ck_assert_int_ge(progress->done, last_done);
	ck_assert_int_ge(progress->elapsed_ms, 0);
	ck_assert_int_lt(progress->elapsed_ms, 60000);
	ck_assert_int_eq(progress->in_flight, 0);
	last_done = progress->done;
	last_total = progress->total;
	reports++;
}

START_TEST(progress_ends_with_everybody)
{
	struct fake fake = { .fails = "server", .fails_only = 3 };

	seed(10, "a");
	give("1 2 3 3 4 5 6 7 8 9 10");
	options.progress = note_progress;
	OK(run_fake(&fake));
	ck_assert_int_ge(reports, 1);
	ck_assert_int_eq(last_done, 11);
	ck_assert_int_eq(last_total, 11);
}
END_TEST

/* Now and then, by the clock; and when it is over. */
START_TEST(progress_is_not_told_all_the_time)
{
	struct fake fake = { 0 };

	seed(200, "a");
	give_range(1, 200);
	options.progress = note_progress;
	atomic_store(&clock_stands_at, 5000);
	OK(run_fake(&fake));
	ck_assert_int_eq(reports, 1);
	ck_assert_int_eq(last_done, 200);
}
END_TEST

int main(void)
{
	TCase *works = tcase_create("works"), *fails = tcase_create("fails");
	TCase *const cases[] = { works, fails };

	tcase_add_checked_fixture(works, setup, teardown);
	tcase_add_checked_fixture(fails, setup, teardown);
	tcase_set_timeout(works, 30);
	tcase_set_timeout(fails, 30);
	tcase_add_loop_test(works, asks_everybody_once, 0, EDGES);
	tcase_add_loop_test(works, takes_everybody_once, 0, EDGES);
	tcase_add_loop_test(works, takes_everybody_under_a_claim, 0, EDGES - 3);
	tcase_add_test(works, a_model_answers_where_the_stage_does_not_compute);
	tcase_add_test(works, more_is_written_in_the_next_transaction);
	tcase_add_test(works, the_claim_stays_while_rows_remain);
	tcase_add_loop_test(works, claims_stay_within_the_window, 0, 2);
	tcase_add_test(works, silent_work_passes_nothing);
	tcase_add_loop_test(works, the_same_reference_twice_is_worked_on_once, 0, 2);
	tcase_add_test(works, a_long_list_twice_is_worked_on_once);
	tcase_add_test(works, the_same_reference_twice_is_taken_once);
	tcase_add_test(works, nothing_is_passed_before_it_is_committed);
	tcase_add_test(works, results_are_written_in_groups);
	tcase_add_test(fails, a_schema_that_became_newer_ends_the_run);
	tcase_add_test(works, the_limit_counts_work_and_passes_everybody);
	tcase_add_test(works, twins_do_not_use_up_the_limit);
	tcase_add_test(works, the_barrier_gets_everything_at_once);
	tcase_add_test(works, the_barrier_without_input_begins_nothing);
	tcase_add_test(works, others_may_write_while_the_worker_works);
	tcase_add_test(works, counters_have_names_and_become_json);
	tcase_add_test(works, progress_ends_with_everybody);
	tcase_add_test(works, progress_is_not_told_all_the_time);
	tcase_add_loop_test(fails, a_failure_is_a_row_and_goes_on, 0, CLASSES);
	tcase_add_test(fails, after_three_failures_of_a_class_a_row_is_parked);
	tcase_add_test(fails, no_memory_is_no_failure_of_a_row);
	tcase_add_loop_test(fails, an_error_ends_the_run_and_leaves_nothing_half, 0, WRONGS);
	tcase_add_test(fails, an_error_of_blame_ends_the_run);
	tcase_add_test(fails, a_row_that_is_refused_ends_the_run);
	tcase_add_test(fails, a_commit_that_fails_ends_the_run);
	return run_suite("runner", cases, 2);
}
