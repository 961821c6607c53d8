/*
 * Drafts that are spoilt rank below what they were, by the whole score: 95 of 100 pairs, each kind of damage by itself;
 * and are refined.
 */
#include "spoilt.h"
#include "survey.h"

#define PERSONAS 3

static struct persona_records records;

START_TEST(damage_is_noticed)
{
	struct spoilt spoilt;
	size_t pairs = 0, lower = 0;

	survey_make(&records, 60);
	ck_assert_int_eq(spoilt_init(&spoilt, &records, PERSONAS, NULL), 0);
	ck_assert_uint_eq(spoilt.draft.len, PERSONAS);
	for (size_t i = 0; i < PERSONAS; i++)
		for (size_t j = 0; j < PERSONAS; j++) {
			double fall;
			int rc = i == j ? 2 : spoilt_ranks(&spoilt, (size_t)_i, i, j, &fall);

			ck_assert_int_ge(rc, 0);
			pairs += rc != 2;
			lower += rc == 1;
		}
	ck_assert_uint_gt(pairs, 0);
	ck_assert_msg(100 * lower >= 95 * pairs, "%s: %zu of %zu", spoilt_kinds[_i].name, lower, pairs);
	spoilt_release(&spoilt);
	persona_records_release(&records);
}
END_TEST

/* What the score has against a persona, of all metrics. */
static size_t reasons_of(struct persona_reason *out, size_t most, const struct spoilt *spoilt,
			 const struct persona *persona, struct persona_score *score)
{
	struct persona_subject subject = { .persona = persona,
					   .batch_records = (int64_t)records.len,
					   .kin = spoilt->kin,
					   .language = spoilt->language };
	size_t len = 0;

	ck_assert_int_eq(persona_score_revision(score, spoilt->registry, &spoilt->profile, &subject, NULL), 0);
	for (size_t m = 0; m < score->len; m++)
		for (size_t i = 0; i < score->metrics[m].finding.issues_len && len < most; i++)
			out[len++] = score->metrics[m].finding.issues[i];
	return len;
}

/* Refine once for all that the score has against it: 1 if there was something to do, and out is the persona then. */
static int refine_once(struct persona *out, const struct spoilt *spoilt, const struct persona *persona, double *own)
{
	struct persona_reason reasons[200];
	struct persona_score score;
	struct persona_answer answer;
	struct persona_offline *offline;
	struct persona_task task = { .kind = PERSONA_TASK_REFINE,
				     .records = &records,
				     .records_id = "spoilt",
				     .persona = persona,
				     .reasons = reasons };
	int changed;

	task.reasons_len = reasons_of(reasons, 200, spoilt, persona, &score);
	*own = score.own;
	ck_assert_int_eq(persona_offline_new(&offline, NULL), 0);
	ck_assert_int_eq(persona_offline_run(offline, &task, &answer, NULL), 0);
	persona_offline_free(offline);
	persona_score_release(&score);
	changed = answer.len > 0;
	if (changed) {
		ck_assert_int_eq(persona_copy(out, &answer.personas[0], NULL), 0);
		ck_assert_int_eq(persona_evidence_check(out, &records, NULL), 0);
	}
	persona_answer_release(&answer);
	return changed;
}

/* Refined twice, each time for what the score has against it: the second changes nothing, and the score does not fall. */
START_TEST(refining_helps_once)
{
	struct spoilt spoilt;
	size_t changed = 0;

	survey_make(&records, 60);
	ck_assert_int_eq(spoilt_init(&spoilt, &records, PERSONAS, NULL), 0);
	for (size_t i = 0; i < PERSONAS; i++) {
		struct persona persona, first, second;
		double before, after;

		ck_assert_int_eq(persona_copy(&persona, &spoilt.draft.personas[i], NULL), 0);
		ck_assert_int_eq(spoilt_kinds[_i].spoil(&persona, &spoilt.draft.personas[(i + 1) % PERSONAS]), 0);
		ck_assert_int_eq(persona_evidence_check(&persona, &records, NULL), 0);
		if (refine_once(&first, &spoilt, &persona, &before)) {
			changed++;
			ck_assert_int_eq(refine_once(&second, &spoilt, &first, &after), 0);
			ck_assert_msg(after >= before - 1e-9, "%s, persona %zu: %.2f to %.2f", spoilt_kinds[_i].name, i,
				      before, after);
			persona_release(&first);
		}
		persona_release(&persona);
	}
	/* A list of somebody else is no fault that this model would know how to mend; all others it mends. */
	ck_assert(spoilt_kinds[_i].exchange || changed == PERSONAS);
	spoilt_release(&spoilt);
	persona_records_release(&records);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("spoilt");
	TCase *tcase = tcase_create("spoilt");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tcase, damage_is_noticed, 0, (int)SPOILT_KINDS);
	tcase_add_loop_test(tcase, refining_helps_once, 0, (int)SPOILT_KINDS);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
