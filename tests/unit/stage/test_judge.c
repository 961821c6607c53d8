/* Filtering by a judge: asked once, decided anew with every threshold. */
#include "fake_remote.h"

static const char *const criteria[] = { "coherence", "realism" };
static struct persona_filter_settings settings;

#define GOOD "{\"coherence\": {\"reasoning\": \"fits\", \"score\": 80}, \"realism\": {\"score\": 90}}"
#define POOR                                                                                                           \
	"{\"coherence\": {\"reasoning\": \"age and job\", \"score\": 40}, \"realism\": {\"reasoning\": \"ok\", "       \
	"\"score\": 75}}"

static void setup_judge(void)
{
	setup_remote();
	seed(3, "a");
	settings = (struct persona_filter_settings){
		.threshold = 70, .criteria = criteria, .criteria_len = 2, .scale = 100
	};
	give("1.1");
}

static void judge(void)
{
	OK(run_stage(&persona_stage_judge, &settings, &remote_model));
}

static void answer_with(const char *text)
{
	turn((struct turn){ .status = 200, .text = text });
}

START_TEST(what_the_judge_says_is_kept)
{
	answer_with(GOOD);
	judge();
	assert_passed("1.1");
	ck_assert_int_eq(count_of(PERSONA_COUNT_PASSED), 1);
	ck_assert_ptr_nonnull(strstr(fake.bodies[0], "\\nCriteria:\\n- coherence: "));
	assert_rows("SELECT revision_id, k.stage, sample, overall FROM evaluation JOIN stage_key k USING (key_id)",
		    "1|judge|0|85.0\n");
	assert_rows("SELECT criterion, score, reasoning FROM criterion ORDER BY 1",
		    "coherence|80.0|fits\nrealism|90.0|null\n");
	assert_rows("SELECT revision_id, passed, threshold, value FROM verdict", "1|1|70.0|85.0\n");
	assert_rows("SELECT stage, draw, prefix_sha256, suffix LIKE '%Ada 1%' FROM llm_call", "filter|1|null|1\n");
	assert_rows("SELECT evaluation, passed FROM persona_current WHERE persona_id = 1", "85.0|1\n");
	assert_rows("SELECT count(*) FROM claim", "0\n");
	assert_rows("SELECT count FROM pending WHERE stage = 'filter'", "2\n");
}
END_TEST

START_TEST(the_same_again_asks_nobody)
{
	char *before, *after;

	answer_with(POOR);
	judge();
	before = picture();
	judge();
	after = picture();
	ck_assert_str_eq(before, after);
	assert_passed("1.1");
	ck_assert_int_eq(count_of(PERSONA_COUNT_REJECTED), 1);
	ck_assert_uint_eq(fake.sent, 1);
	free(before);
	free(after);
}
END_TEST

START_TEST(another_threshold_asks_nobody)
{
	answer_with(POOR);
	judge();
	assert_rows("SELECT passed FROM verdict", "0\n");
	settings.threshold = 57.5;
	judge();
	ck_assert_uint_eq(fake.sent, 1);
	assert_rows("SELECT passed, threshold FROM verdict", "1|57.5\n");
	assert_rows("SELECT count(*) FROM evaluation", "1\n");
}
END_TEST

START_TEST(other_criteria_ask_anew)
{
	answer_with(POOR);
	judge();
	settings.criteria_len = 1;
	answer_with("{\"coherence\": 90}");
	judge();
	ck_assert_uint_eq(fake.sent, 2);
	assert_rows("SELECT overall FROM evaluation ORDER BY evaluation_id", "57.5\n90.0\n");
	assert_rows("SELECT passed FROM verdict ORDER BY basis", "0\n1\n");
}
END_TEST

START_TEST(only_parts_them)
{
	give("1.1 2.1");
	answer_with(GOOD);
	answer_with(POOR);
	settings.only = PERSONA_ONLY_PASS;
	judge();
	ck_assert_uint_eq(passed_len, 1);
	judge();
	ck_assert_uint_eq(passed_len, 1);
	settings.only = PERSONA_ONLY_FAIL;
	judge();
	ck_assert_uint_eq(passed_len, 1);
	ck_assert_uint_eq(fake.sent, 2);
}
END_TEST

/* The answer was paid for and is kept; the next run draws another; the third of a class parks it. */
START_TEST(a_judgement_that_is_none_fails)
{
	for (int i = 0; i < 3; i++) {
		answer_with("{\"coherence\": 8, \"realism\": 7}");
		judge();
		ck_assert(persona_context_incomplete(&context));
	}
	assert_rows("SELECT stage, class, attempt, parked, call_id FROM failure ORDER BY failure_id",
		    "filter|invalid|1|0|1\nfilter|invalid|2|0|2\nfilter|invalid|3|1|3\n");
	assert_rows("SELECT count(*) FROM verdict", "0\n");
	judge();
	ck_assert_uint_eq(fake.sent, 3);
	ck_assert_int_eq(count_of(PERSONA_COUNT_PARKED), 1);
	options.retry = "all";
	answer_with(GOOD);
	judge();
	assert_rows("SELECT passed FROM verdict", "1\n");
}
END_TEST

START_TEST(half_a_judgement_is_none)
{
	turn((struct turn){ .status = 200,
			    .text = "{\"coherence\": {\"score\": 80}, \"realism\": {\"score\": 9",
			    .finish = "length" });
	judge();
	assert_rows("SELECT class FROM failure", "truncated\n");
}
END_TEST

START_TEST(pending_is_what_this_judge_has_not_seen)
{
	answer_with(GOOD);
	judge();
	options.refs_len = 0;
	options.pending = true;
	answer_with(GOOD);
	answer_with(POOR);
	judge();
	ck_assert_uint_eq(fake.sent, 3);
	assert_rows("SELECT count(*) FROM verdict", "3\n");
	judge();
	ck_assert_uint_eq(fake.sent, 3);
}
END_TEST

/* What it found below the threshold is why the persona is refined. */
START_TEST(refine_is_told_why)
{
	struct persona_reason *reasons;
	size_t len;

	answer_with(POOR);
	judge();
	OK(persona_store_reasons(store, 1, &reasons, &len, &err));
	ck_assert_uint_eq(len, 1);
	ck_assert_str_eq(reasons[0].metric, "coherence");
	ck_assert_str_eq(reasons[0].message, "age and job");
	ck_assert_int_eq(reasons[0].position, -1);
	persona_reasons_free(reasons, len);
}
END_TEST

/*
 * A score without a verdict is a reason only where nobody has judged: else the question would be another one after
 * scoring.
 */
START_TEST(a_score_that_came_later_is_no_reason)
{
	struct persona_reason *reasons;
	size_t len;

	write_sql("INSERT INTO stage_key VALUES (9, 'score', printf('%064d', 9), '{}', 1);"
		  "INSERT INTO score (revision_id, key_id, overall, own, level) VALUES (1, 9, 20, 20, 'failing');"
		  "INSERT INTO metric_score (score_id, metric, value, weight, issues) VALUES (1, 'completeness', 20, 1,"
		  " '[{\"code\":\"few-goals\",\"message\":\"add 1\"}]')");
	OK(persona_store_reasons(store, 1, &reasons, &len, &err));
	ck_assert_uint_eq(len, 1);
	ck_assert_str_eq(reasons[0].metric, "completeness");
	persona_reasons_free(reasons, len);
	answer_with(POOR);
	judge();
	OK(persona_store_reasons(store, 1, &reasons, &len, &err));
	ck_assert_uint_eq(len, 1);
	ck_assert_str_eq(reasons[0].metric, "coherence");
	persona_reasons_free(reasons, len);
}
END_TEST

/* A score that is good enough gives no reasons. */
START_TEST(only_what_fails_gives_reasons)
{
	struct persona_reason *reasons;
	size_t len;

	write_sql("INSERT INTO stage_key VALUES (9, 'score', printf('%064d', 9), '{}', 1);"
		  "INSERT INTO score (revision_id, key_id, overall, own, level) VALUES (1, 9, 80, 80, 'good');"
		  "INSERT INTO metric_score (score_id, metric, value, weight, issues) VALUES (1, 'completeness', 20, 1,"
		  " '[{\"code\":\"few-goals\",\"message\":\"add 1\"}]');"
		  "INSERT INTO verdict VALUES (1, 9, 1, 60, 80, 1)");
	answer_with(POOR);
	judge();
	OK(persona_store_reasons(store, 1, &reasons, &len, &err));
	ck_assert_uint_eq(len, 1);
	persona_reasons_free(reasons, len);
	write_sql("UPDATE verdict SET passed = 0 WHERE basis = 9");
	OK(persona_store_reasons(store, 1, &reasons, &len, &err));
	ck_assert_uint_eq(len, 2);
	ck_assert_str_eq(reasons[0].metric, "coherence");
	ck_assert_str_eq(reasons[1].metric, "completeness");
	persona_reasons_free(reasons, len);
}
END_TEST

/* ---- Votes ----------------------------------------------------------- */

#define VOTE(coherence, realism, why)                                                                                  \
	"{\"coherence\": {\"reasoning\": \"" why "\", \"score\": " #coherence "}, \"realism\": " #realism "}"

START_TEST(the_median_of_votes_counts)
{
	settings.votes = 3;
	answer_with(VOTE(90, 60, "high"));
	answer_with(VOTE(20, 80, "low"));
	answer_with(VOTE(70, 75, "middle"));
	judge();
	assert_passed("1.1");
	ck_assert_uint_eq(fake.sent, 3);
	ck_assert_int_eq(count_of(PERSONA_COUNT_DONE), 1);
	assert_rows("SELECT sample, votes, overall FROM evaluation", "0|3|72.5\n");
	assert_rows("SELECT criterion, score, spread, reasoning FROM criterion ORDER BY 1",
		    "coherence|70.0|70.0|middle\nrealism|75.0|20.0|null\n");
	assert_rows("SELECT draw, sample, state FROM llm_call ORDER BY draw", "1|0|done\n2|0|done\n3|0|done\n");
	assert_rows("SELECT count(DISTINCT request_sha256) FROM llm_call", "1\n");
	assert_rows("SELECT count(*) FROM claim", "0\n");
	assert_rows("SELECT json_extract(settings, '$.votes') FROM stage_key WHERE stage = 'judge'", "3\n");
	judge();
	ck_assert_uint_eq(fake.sent, 3);
}
END_TEST

START_TEST(two_votes_meet_in_the_middle)
{
	settings.votes = 2;
	answer_with(VOTE(90, 60, "high"));
	answer_with(VOTE(50, 80, "low"));
	judge();
	assert_rows("SELECT criterion, score, spread, reasoning FROM criterion ORDER BY 1",
		    "coherence|70.0|40.0|low\nrealism|70.0|20.0|null\n");
}
END_TEST

/* Those that were paid for are not asked for again. */
START_TEST(votes_that_are_there_are_used)
{
	settings.votes = 3;
	answer_with(VOTE(90, 90, "a"));
	answer_with(VOTE(80, 80, "b"));
	answer_with("nothing to say");
	judge();
	assert_rows("SELECT class FROM failure", "unparsable\n");
	assert_rows("SELECT count(*) FROM evaluation", "0\n");
	answer_with(VOTE(70, 70, "c"));
	judge();
	ck_assert_uint_eq(fake.sent, 4);
	ck_assert_int_eq(count_of(PERSONA_COUNT_AT_HAND), 2);
	assert_rows("SELECT votes, overall FROM evaluation", "3|80.0\n");
	assert_rows("SELECT draw, sample, state FROM llm_call ORDER BY call_id",
		    "1|0|done\n2|0|done\n3|0|failed\n3|1|done\n");
}
END_TEST

/* More votes are another key; the first votes are at hand. */
START_TEST(more_votes_are_another_basis)
{
	answer_with(VOTE(60, 60, "a"));
	judge();
	settings.votes = 3;
	answer_with(VOTE(80, 80, "b"));
	answer_with(VOTE(90, 90, "c"));
	judge();
	ck_assert_uint_eq(fake.sent, 3);
	assert_rows("SELECT votes, overall FROM evaluation ORDER BY evaluation_id", "1|60.0\n3|80.0\n");
	assert_rows("SELECT passed FROM verdict ORDER BY basis", "0\n1\n");
}
END_TEST

START_TEST(votes_of_many_do_not_mix)
{
	settings.votes = 2;
	give("1.1 2.1 3.1");
	for (int i = 0; i < 6; i++)
		answer_with(VOTE(80, 80, "same"));
	judge();
	ck_assert_uint_eq(passed_len, 3);
	assert_rows("SELECT revision_id, votes, overall FROM evaluation ORDER BY 1", "1|2|80.0\n2|2|80.0\n3|2|80.0\n");
	assert_rows("SELECT count(*), count(DISTINCT request_sha256), count(DISTINCT draw) FROM llm_call", "6|3|2\n");
}
END_TEST

START_TEST(a_rehearsal_counts_every_vote)
{
	settings.votes = 3;
	give("1.1 2.1");
	options.dry_run = true;
	judge();
	ck_assert_int_eq(context.estimate.work, 2);
	ck_assert_int_eq(context.estimate.requests, 6);
	ck_assert_uint_eq(fake.sent, 0);
	options.dry_run = false;
}
END_TEST

/* Money that does not carry another vote stops the tool; what is there goes on with more money. */
START_TEST(votes_stop_at_the_budget)
{
	settings.votes = 2;
	remote.max_cost_nusd = TURN_NUSD + 1000000;
	remote.max_output_tokens = 100;
	answer_with(VOTE(80, 80, "a"));
	judge();
	ck_assert_int_eq(context.why.code != 0, 1);
	assert_rows("SELECT count(*) FROM evaluation", "0\n");
	assert_rows("SELECT count(*) FROM claim", "0\n");
	remote.max_cost_nusd = -1;
	answer_with(VOTE(90, 90, "b"));
	judge();
	ck_assert_uint_eq(fake.sent, 2);
	assert_rows("SELECT votes, overall FROM evaluation", "2|85.0\n");
}
END_TEST

START_TEST(fresh_asks_once_more)
{
	answer_with(VOTE(40, 40, "a"));
	judge();
	options.fresh = true;
	give("1.1 1.1");
	answer_with(VOTE(90, 90, "b"));
	judge();
	ck_assert_uint_eq(fake.sent, 2);
	assert_rows("SELECT sample, overall FROM evaluation ORDER BY sample", "0|40.0\n1|90.0\n");
	assert_rows("SELECT passed, value FROM verdict", "1|90.0\n");
	options.fresh = false;
	judge();
	ck_assert_uint_eq(fake.sent, 2);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("judge");

	tcase_add_checked_fixture(tests, setup_judge, teardown_remote);
	tcase_add_test(tests, what_the_judge_says_is_kept);
	tcase_add_test(tests, the_same_again_asks_nobody);
	tcase_add_test(tests, another_threshold_asks_nobody);
	tcase_add_test(tests, other_criteria_ask_anew);
	tcase_add_test(tests, only_parts_them);
	tcase_add_test(tests, a_judgement_that_is_none_fails);
	tcase_add_test(tests, half_a_judgement_is_none);
	tcase_add_test(tests, pending_is_what_this_judge_has_not_seen);
	tcase_add_test(tests, refine_is_told_why);
	tcase_add_test(tests, a_score_that_came_later_is_no_reason);
	tcase_add_test(tests, only_what_fails_gives_reasons);
	tcase_add_test(tests, the_median_of_votes_counts);
	tcase_add_test(tests, two_votes_meet_in_the_middle);
	tcase_add_test(tests, votes_that_are_there_are_used);
	tcase_add_test(tests, more_votes_are_another_basis);
	tcase_add_test(tests, votes_of_many_do_not_mix);
	tcase_add_test(tests, a_rehearsal_counts_every_vote);
	tcase_add_test(tests, votes_stop_at_the_budget);
	tcase_add_test(tests, fresh_asks_once_more);
	return run_suite("judge", &tests, 1);
}
