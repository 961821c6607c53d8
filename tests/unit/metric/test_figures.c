/* What a set is as a whole. */
#include "helper.h"

#define PEOPLE 3

static struct persona personas[PEOPLE];
static struct persona_subject subjects[PEOPLE];
static struct persona_score scores[PEOPLE];
static struct persona_registry *registry;
static struct persona_profile profile;
static struct persona_figures figures;

static void setup(void)
{
	ck_assert_int_eq(persona_profile_get(&profile, "default", NULL), 0);
	ck_assert_int_eq(persona_registry_new_default(&registry, NULL), 0);
	for (size_t i = 0; i < PEOPLE; i++) {
		make_whole(&personas[i]);
		subjects[i] = (struct persona_subject){ .persona = &personas[i],
							.persona_id = (int64_t)i + 1,
							.revision_id = (int64_t)i + 11,
							.batch_records = 9,
							.member = true };
	}
}

static void teardown(void)
{
	persona_figures_release(&figures);
	for (size_t i = 0; i < PEOPLE; i++) {
		persona_score_release(&scores[i]);
		persona_release(&personas[i]);
	}
	persona_registry_free(registry);
}

static void look(void)
{
	ck_assert_int_eq(persona_score_set(scores, registry, &profile, subjects, PEOPLE, NULL), 0);
	ck_assert_int_eq(persona_figures_of(&figures, scores, subjects, PEOPLE, NULL), 0);
}

START_TEST(means_levels_pairs_and_records)
{
	cite(&personas[0], PERSONA_GOALS, 0, 4, PERSONA_STRENGTH_CITED);
	cite(&personas[1], PERSONA_GOALS, 1, 4, PERSONA_STRENGTH_CLOSE);
	cite(&personas[1], PERSONA_GOALS, 0, 5, PERSONA_STRENGTH_VERBATIM);
	cite(&personas[1], PERSONA_GOALS, 0, 6, PERSONA_STRENGTH_NONE);
	look();
	ck_assert_uint_eq(figures.members, 3);
	ck_assert_uint_eq(figures.measured, 3);
	assert_near(figures.overall, (scores[0].overall + scores[1].overall + scores[2].overall) / 3);
	ck_assert_uint_eq(figures.levels[PERSONA_FAILING] + figures.levels[PERSONA_POOR] +
				  figures.levels[PERSONA_ACCEPTABLE] + figures.levels[PERSONA_GOOD],
			  3);
	/* Three that are the same are three pairs. */
	ck_assert_uint_eq(figures.similar_pairs, 3);
	ck_assert_uint_eq(figures.records_used, 2);
	ck_assert_uint_eq(figures.metrics_len, 5);
	ck_assert_str_eq(figures.metrics[0].metric->name, "completeness");
	assert_near(figures.metrics[0].mean, 100);
	ck_assert_uint_eq(figures.metrics[0].measured, 3);
}
END_TEST

START_TEST(levels_are_counted_one_by_one)
{
	persona_release(&personas[1]);
	profile.level_from[PERSONA_POOR] = 20;
	look();
	ck_assert_int_eq(scores[1].level, PERSONA_FAILING);
	for (int level = PERSONA_FAILING; level <= PERSONA_EXCELLENT; level++)
		ck_assert_uint_eq(figures.levels[level], (size_t)((int)scores[0].level == level) +
								 ((int)scores[1].level == level) +
								 ((int)scores[2].level == level));
	ck_assert_uint_eq(figures.levels[PERSONA_FAILING], 1);
}
END_TEST

/* Evidence strength has no records to judge the second by: the mean is that of the others. */
START_TEST(a_mean_is_of_those_that_are_measured)
{
	size_t at = 0;

	subjects[1].batch_records = 0;
	cite(&personas[0], PERSONA_GOALS, 0, 4, PERSONA_STRENGTH_VERBATIM);
	look();
	while (at < figures.metrics_len && strcmp(figures.metrics[at].metric->name, "evidence_strength") != 0)
		at++;
	ck_assert_uint_lt(at, figures.metrics_len);
	ck_assert_uint_eq(figures.metrics[at].measured, 2);
	ck_assert_double_gt(scores[0].metrics[at].finding.value, 0);
	assert_near(figures.metrics[at].mean,
		    (scores[0].metrics[at].finding.value + scores[2].metrics[at].finding.value) / 2);
}
END_TEST

static const struct {
	double limit;
	size_t pairs;
} limits[] = { { 0, 3 }, { 0.65, 3 }, { 0.66, 1 }, { 1, 1 } };

/* Two who are the same, and one who shares goals and frustrations alone with them: 0.65, as 0.35 and 0.30. */
START_TEST(pairs_from_the_limit_on)
{
	clear(&personas[2], PERSONA_BEHAVIOURS);
	add(&personas[2], PERSONA_BEHAVIOURS, "Walks home");
	set(&personas[2].occupation, "Baker");
	demographics(&personas[2], "{\"place\": \"Lima\"}");
	personas[2].age = 23;
	profile.too_similar = limits[_i].limit;
	look();
	ck_assert_uint_eq(figures.similar_pairs, limits[_i].pairs);
}
END_TEST

START_TEST(who_is_no_member_does_not_count)
{
	cite(&personas[2], PERSONA_GOALS, 0, 4, PERSONA_STRENGTH_CITED);
	subjects[2].member = false;
	look();
	ck_assert_uint_eq(figures.members, 2);
	ck_assert_uint_eq(figures.similar_pairs, 1);
	ck_assert_uint_eq(figures.records_used, 0);
}
END_TEST

static void say(const char *text)
{
	for (size_t i = 0; i < PEOPLE; i++)
		for (int field = 0; field < PERSONA_LIST_FIELDS; field++)
			clear(&personas[i], (enum persona_list_field)field);
	add(&personas[0], PERSONA_GOALS, text);
	look();
}

/* So many words, of which the first `different` are different and then come again. */
static const char *text_of(size_t words, size_t different)
{
	static char text[8192];

	text[0] = '\0';
	for (size_t i = 0; i < words; i++) {
		size_t len = strlen(text);

		snprintf(text + len, sizeof text - len, "w%zux ", i % different);
	}
	return text;
}

static const struct {
	size_t words, different;
	double mtld;
} stretches[] = {
	{ 49, 49, NAN }, /* too few to say anything */
	{ 50, 50, 50 },
	{ 50, 18, 25 },	 /* 18 of 25 is 0.72: two stretches */
	{ 870, 21, 30 }, /* 21 of 29 is above, 21 of 30 below */
};

START_TEST(stretches_end_at_the_limit)
{
	say(text_of(stretches[_i].words, stretches[_i].different));
	if (isnan(stretches[_i].mtld))
		ck_assert_double_nan(figures.mtld);
	else
		assert_near(figures.mtld, stretches[_i].mtld);
}
END_TEST

START_TEST(lexical_diversity)
{
	say(text_of(49, 49));
	ck_assert_double_nan(figures.mtld);
	persona_figures_release(&figures);
	for (size_t i = 0; i < PEOPLE; i++)
		persona_score_release(&scores[i]);
	/* No word comes up twice: one stretch. */
	say(text_of(60, 60));
	assert_near(figures.mtld, 60);
	persona_figures_release(&figures);
	for (size_t i = 0; i < PEOPLE; i++)
		persona_score_release(&scores[i]);
	/* The same word all over: two words are a stretch. */
	say(text_of(60, 1));
	assert_near(figures.mtld, 2);
	persona_figures_release(&figures);
	for (size_t i = 0; i < PEOPLE; i++)
		persona_score_release(&scores[i]);
	/* Five words in turn: 5 of 7 is below 0.72, and the next stretch is like it; the rest counts by how far it came. */
	say(text_of(70, 5));
	assert_near(figures.mtld, 7);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("figures");
	TCase *tcase = tcase_create("figures");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, means_levels_pairs_and_records);
	tcase_add_test(tcase, levels_are_counted_one_by_one);
	tcase_add_test(tcase, a_mean_is_of_those_that_are_measured);
	tcase_add_loop_test(tcase, pairs_from_the_limit_on, 0, COUNT(limits));
	tcase_add_test(tcase, who_is_no_member_does_not_count);
	tcase_add_loop_test(tcase, stretches_end_at_the_limit, 0, COUNT(stretches));
	tcase_add_test(tcase, lexical_diversity);
	suite_add_tcase(suite, tcase);
	return run(suite);
}
