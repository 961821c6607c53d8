/*
 * Spoilt personas rank below what they were: at least 95 of 100 for each kind of damage, by the metric that it concerns. Of
 * personas that are made, and of drafts of the tutorial's interviews.
 */
#include "damage.h"
#include "helper.h"

static struct damage_set people, drafts;

static void make_people(void)
{
	ck_assert_int_eq(damage_init(&people), 0);
	ck_assert_int_eq(damage_draft(&drafts, PERSONA_TEST_FOLDER "/../../../docs/tutorial/interviews.csv"), 0);
	ck_assert_uint_ge(drafts.len, 15);
}

static void drop_people(void)
{
	damage_release(&people);
	damage_release(&drafts);
}

START_TEST(good_personas_are_good)
{
	static const char *const metrics[] = { "completeness", "consistency", "distinctiveness", "evidence_strength",
					       "realism" };

	for (size_t k = 0; k < COUNT(metrics); k++) {
		ck_assert_int_eq(damage_choose(&people, metrics[k]), 0);
		for (size_t i = 0; i < DAMAGE_PERSONAS; i += 7)
			ck_assert_double_ge(damage_value(&people, i), strcmp(metrics[k], "distinctiveness") ? 80 : 60);
	}
	ck_assert_int_eq(damage_choose(&people, "consistency"), 0);
	ck_assert_double_eq(damage_value(&people, 3), 100);
}
END_TEST

START_TEST(damage_is_noticed)
{
	for (struct damage_set *set = &people; set; set = set == &people ? &drafts : NULL) {
		long noticed;

		if (set->drafted && damage_kinds[_i].made_alone)
			continue;
		noticed = damage_noticed(set, (size_t)_i);
		ck_assert_msg(100 * noticed >= 95 * (long)set->len, "%s: %ld of %zu%s by %s", damage_kinds[_i].name,
			      noticed, set->len, set->drafted ? " drafts" : "", damage_kinds[_i].metric);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("damage");
	TCase *tcase = tcase_create("damage");

	/* Once: each case leaves them as they were. */
	tcase_add_unchecked_fixture(tcase, make_people, drop_people);
	tcase_add_test(tcase, good_personas_are_good);
	tcase_add_loop_test(tcase, damage_is_noticed, 0, (int)DAMAGE_KINDS);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	return run(suite);
}
