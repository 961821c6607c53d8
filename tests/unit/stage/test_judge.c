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
	tcase_add_test(tests, only_what_fails_gives_reasons);
	return run_suite("judge", &tests, 1);
}
