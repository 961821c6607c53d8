/* Refine: rounds, then verdicts, then what was made before; and answers that are no better. */
#include "stage_fakes.h"

static struct script script;
static struct persona_model model = { .name = "script:", .version = 1, .answer = script_answer, .payload = &script };
static struct persona_refine_settings settings;

#define BETTER			  "{'name': 'Ada', 'goals': ['to be better'], 'refinement_notes': 'a goal'}"
#define BEST			  "{'name': 'Ada', 'goals': ['to be best']}"
#define VERDICT(revision, passed) "INSERT INTO verdict VALUES (" #revision ", 1, " #passed ", 60, 50, 1);"

/* Three personas: failed, passed, without a verdict. */
static void setup_refine(void)
{
	setup();
	seed(3, "a");
	script = (struct script){ 0 };
	settings = (struct persona_refine_settings){ .max_rounds = 2 };
	write_sql("INSERT INTO stage_key VALUES (1, 'score', printf('%064d', 1), '{}', 1);" VERDICT(1, 0)
			  VERDICT(2, 1));
	give("1.1 2.1 3.1");
}

static void answers(const char *first, const char *second, const char *third)
{
	const char *const all[] = { first, second, third };

	script.len = 3;
	memcpy(script.answers, all, sizeof all);
	atomic_store(&script.asked, 0);
}

static void refine(void)
{
	OK(run_stage(&persona_stage_refine, &settings, &model));
}

/* Again: the same references, nobody asked, no row. */
static void assert_rest(const char *expected)
{
	char *before = picture(), *after;
	size_t asked = atomic_load(&script.asked);

	refine();
	assert_passed(expected);
	after = picture();
	ck_assert_str_eq(before, after);
	ck_assert_uint_eq(atomic_load(&script.asked), asked);
	free(before);
	free(after);
}

START_TEST(who_failed_gets_a_child)
{
	answers(BETTER, NULL, NULL);
	refine();
	assert_passed("1.2 2.1 3.1");
	ck_assert(!persona_context_incomplete(&context));
	ck_assert_int_eq(count_of(PERSONA_COUNT_UNJUDGED), 1);
	ck_assert_int_eq(count_of(PERSONA_COUNT_MADE), 1);
	assert_rows("SELECT persona_id, number, r.stage, parent_id, name, refinement_notes, settings FROM revision r"
		    " JOIN stage_key USING (key_id)",
		    "1|2|refine|1|Ada|a goal|{\"max_rounds\":2,\"model\":\"script:\",\"version\":1}\n");
	assert_rows("SELECT revision_id, sample, child_id FROM refinement", "1|0|4\n");
	ck_assert_int_eq(number("SELECT count(*) FROM claim"), 0);
	assert_rest("1.2 2.1 3.1");
}
END_TEST

START_TEST(without_a_verdict_only_if_told)
{
	settings.unjudged = true;
	answers(BETTER, BEST, NULL);
	refine();
	assert_passed("1.2 2.1 3.2");
	ck_assert_int_eq(count_of(PERSONA_COUNT_UNJUDGED), 0);
	assert_rest("1.2 2.1 3.2");
	/* Without it, 3.1 is left alone again, though it has a child. */
	settings.unjudged = false;
	assert_rest("1.2 2.1 3.1");
}
END_TEST

START_TEST(any_failing_basis_counts)
{
	/* A judge's verdict beside the score's. */
	write_sql("INSERT INTO stage_key VALUES (2, 'judge', printf('%064d', 2), '{}', 2);"
		  "INSERT INTO verdict VALUES (2, 2, 0, 60, 50, 1), (1, 2, 1, 60, 70, 1)");
	answers(BETTER, BEST, NULL);
	refine();
	assert_passed("1.2 2.2 3.1");
}
END_TEST

START_TEST(verdicts_under_an_older_key_do_not_count)
{
	write_sql("INSERT INTO stage_key VALUES (2, 'score', printf('%064d', 2), '{}', 2)");
	refine();
	assert_passed("1.1 2.1 3.1");
	ck_assert_int_eq(count_of(PERSONA_COUNT_UNJUDGED), 3);
	ck_assert_int_eq(number("SELECT count(*) FROM refinement"), 0);
}
END_TEST

/* "User 1" is a placeholder and lowers realism; a second goal makes the persona more complete. */
START_TEST(of_a_model_that_is_weighed_nothing_worse_is_kept)
{
	static const char *const weighed[] = {
		"{'name': 'User 1', 'goals': ['to be better']}",
		"{'name': 'Ada', 'goals': ['to be better', 'to learn more of the others']}"
	};

	model.is_weighed = _i / 2;
	answers(weighed[_i % 2], NULL, NULL);
	refine();
	model.is_weighed = false;
	if (_i == 2) {
		assert_passed("1.1 2.1 3.1");
		ck_assert_int_eq(count_of(PERSONA_COUNT_NOTHING), 1);
		assert_rows("SELECT revision_id, child_id FROM refinement", "1|null\n");
	} else {
		assert_passed("1.2 2.1 3.1");
		ck_assert_int_eq(count_of(PERSONA_COUNT_MADE), 1);
	}
}
END_TEST

/* ---- Nothing better ---------------------------------------------------------- */

static const char *const no_better[] = {
	"",
	"{'name': 'Ada 1', 'goals': ['to be the 1th of them']}",
	/* Notes about what was not done are no improvement. */
	"{'name': 'Ada 1', 'goals': ['to be the 1th of them'], 'refinement_notes': 'it is perfect'}",
};
#define NO_BETTER ((int)(sizeof no_better / sizeof *no_better))

START_TEST(nothing_to_improve_is_a_result)
{
	answers(no_better[_i], NULL, NULL);
	refine();
	assert_passed("1.1 2.1 3.1");
	ck_assert(!persona_context_incomplete(&context));
	ck_assert_int_eq(count_of(PERSONA_COUNT_NOTHING), 1);
	ck_assert_int_eq(count_of(PERSONA_COUNT_MADE), 0);
	ck_assert_int_eq(number("SELECT count(*) FROM revision"), 3);
	assert_rows("SELECT revision_id, sample, child_id FROM refinement", "1|0|null\n");
	assert_rest("1.1 2.1 3.1");
}
END_TEST

START_TEST(only_the_first_of_several_is_taken)
{
	answers(BETTER "\n" BEST, NULL, NULL);
	refine();
	assert_passed("1.2 2.1 3.1");
	assert_rows("SELECT text FROM trait WHERE revision_id = 4", "to be better\n");
}
END_TEST

static int nameless(void *payload, const struct persona_task *task, struct persona_answer *answer,
		    struct persona_error *why)
{
	int rc = script_answer(payload, task, answer, why);

	if (!rc && answer->len)
		OK(persona_set_text(&answer->personas[0].name, NULL, why));
	return rc;
}

START_TEST(a_child_that_is_no_persona_is_a_failure)
{
	struct persona_model careless = { .name = "script:", .version = 1, .answer = nameless, .payload = &script };

	answers(BETTER, BETTER, NULL);
	OK(run_stage(&persona_stage_refine, &settings, &careless));
	assert_passed("1.1 2.1 3.1");
	ck_assert_int_eq(count_of(PERSONA_COUNT_FAILED), 1);
	assert_rows("SELECT stage, revision_id, class, attempt FROM failure", "refine|1|invalid|1\n");
	/* The next run asks again. */
	refine();
	assert_passed("1.2 2.1 3.1");
}
END_TEST

START_TEST(three_failures_park)
{
	answers(NULL, NULL, NULL);
	refine();
	refine();
	refine();
	ck_assert_uint_eq(atomic_load(&script.asked), 3);
	refine();
	assert_passed("1.1 2.1 3.1");
	ck_assert_uint_eq(atomic_load(&script.asked), 3);
	ck_assert_int_eq(count_of(PERSONA_COUNT_PARKED), 1);
	/* Under another key it is another matter. */
	model.version = 2;
	answers(BETTER, NULL, NULL);
	refine();
	assert_passed("1.2 2.1 3.1");
	model.version = 1;
	options.retry = "invalid";
	answers(BEST, NULL, NULL);
	refine();
	assert_passed("1.3 2.1 3.1");
}
END_TEST

/* ---- Rounds --------------------------------------------------------------------- */

START_TEST(rounds_are_refined_ancestors)
{
	answers(BETTER, BEST, "{'name': 'Ada', 'goals': ['beyond best']}");
	give("1.1");
	refine();
	assert_passed("1.2");
	write_sql(VERDICT(4, 0));
	give("1.2");
	refine();
	assert_passed("1.3");
	write_sql(VERDICT(5, 0));
	give("1.3");
	refine();
	assert_passed("1.3");
	ck_assert_int_eq(count_of(PERSONA_COUNT_EXHAUSTED), 1);
	ck_assert_uint_eq(atomic_load(&script.asked), 2);
	/* A third round is no other setting: what was made stands. */
	settings.max_rounds = 3;
	refine();
	assert_passed("1.4");
	assert_rows("SELECT settings FROM stage_key WHERE stage = 'refine'",
		    "{\"max_rounds\":3,\"model\":\"script:\",\"version\":1}\n");
	give("1.1 1.2 1.3");
	assert_rest("1.2 1.3 1.4");
	/* Rounds come first, also before what is there. */
	settings.max_rounds = 1;
	assert_rest("1.2 1.2 1.3");
	settings.max_rounds = 0;
	assert_rest("1.1 1.2 1.3");
}
END_TEST

START_TEST(pending_is_one_round)
{
	options.refs_len = 0;
	options.pending = true;
	settings.unjudged = true;
	answers(BETTER, BEST, NULL);
	refine();
	assert_passed("1.2 3.2");
	ck_assert_uint_eq(atomic_load(&script.asked), 2);
	/* The children have no verdict: they are what is pending now. */
	answers("", "", NULL);
	refine();
	assert_passed("1.2 3.2");
	refine();
	assert_passed("");
}
END_TEST

/* Pages of one: the children of the first are there long before the last is read. */
static long one_at_a_time(struct persona_context *of, int64_t after, struct persona_place *out, size_t max,
			  struct persona_error *why)
{
	(void)max;
	return persona_stage_refine.pending(of, after, out, 1, why);
}

static int always_better(void *payload, const struct persona_task *task, struct persona_answer *answer,
			 struct persona_error *why)
{
	struct persona *persona;

	(void)task;
	atomic_fetch_add(&((struct script *)payload)->asked, 1);
	if (persona_answer_add(answer, &persona, why) < 0)
		return -1;
	make_persona(persona, BETTER);
	return 0;
}

START_TEST(pending_does_not_go_after_its_own_children)
{
	struct persona_model better = { .name = "better:", .version = 1, .answer = always_better, .payload = &script };
	struct persona_stage stage = persona_stage_refine;

	stage.pending = one_at_a_time;
	seed(60, "b");
	options.refs_len = 0;
	options.pending = true;
	settings.unjudged = true;
	OK(run_stage(&stage, &settings, &better));
	/* All but 2.1, which passed; none twice. */
	ck_assert_uint_eq(atomic_load(&script.asked), 62);
	ck_assert_uint_eq(passed_len, 62);
	for (size_t i = 0; i < passed_len; i++)
		ck_assert_int_eq(passed[i].number, 2);
}
END_TEST

/* ---- What the model is told -------------------------------------------------------- */

START_TEST(reasons_are_the_issues_of_the_score)
{
	write_sql(
		"INSERT INTO score VALUES (1, 1, 1, NULL, 50, 50, 'poor');"
		"INSERT INTO metric_score VALUES (1, 'completeness', 50, 1,"
		" '[{\"code\": \"few-goals\", \"field\": \"goals\", \"message\": \"one goal\"}, {\"code\": \"no-age\","
		" \"message\": \"no age\"}]')");
	answers(BETTER, NULL, NULL);
	give("1");
	refine();
	ck_assert_uint_eq(script.reasons[0], 2);
}
END_TEST

START_TEST(two_personas_of_one_batch_share_its_records)
{
	settings.unjudged = true;
	answers(BETTER, BEST, NULL);
	give("1 3 1 3");
	refine();
	assert_passed("1.2 1.2 3.2 3.2");
	ck_assert_uint_eq(atomic_load(&script.asked), 2);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("refine");

	tcase_add_checked_fixture(tcase, setup_refine, teardown);
	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, who_failed_gets_a_child);
	tcase_add_test(tcase, without_a_verdict_only_if_told);
	tcase_add_test(tcase, any_failing_basis_counts);
	tcase_add_test(tcase, verdicts_under_an_older_key_do_not_count);
	tcase_add_loop_test(tcase, of_a_model_that_is_weighed_nothing_worse_is_kept, 0, 4);
	tcase_add_loop_test(tcase, nothing_to_improve_is_a_result, 0, NO_BETTER);
	tcase_add_test(tcase, only_the_first_of_several_is_taken);
	tcase_add_test(tcase, a_child_that_is_no_persona_is_a_failure);
	tcase_add_test(tcase, three_failures_park);
	tcase_add_test(tcase, rounds_are_refined_ancestors);
	tcase_add_test(tcase, pending_is_one_round);
	tcase_add_test(tcase, pending_does_not_go_after_its_own_children);
	tcase_add_test(tcase, reasons_are_the_issues_of_the_score);
	tcase_add_test(tcase, two_personas_of_one_batch_share_its_records);
	return run_suite("refine", &tcase, 1);
}
