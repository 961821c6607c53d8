/* Drafts that are spoilt rank below what they were, by the whole score: 95 of 100 pairs, each kind of damage by itself. */
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

int main(void)
{
	Suite *suite = suite_create("spoilt");
	TCase *tcase = tcase_create("spoilt");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tcase, damage_is_noticed, 0, (int)SPOILT_KINDS);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
