/* Closed answers as items: how many must give them, how far above everyone, and who is named for them. */
#include "suite.h"
#include "survey.h"

#define UNITS 40

static struct persona_records records;
static struct model *model;
static struct usage usage;
static struct profile profile;
static uint32_t members[UNITS];
static struct segment segment = { .members = members };
static struct persona persona;
static struct persona_error err;

static const char *const tools[] = { "Hammer", "Saw", "Drill", "Lathe" };
static const char *const places[] = { "Barn", "Yard" };

static void setup(void)
{
	persona_records_init(&records);
	for (size_t i = 0; i < UNITS; i++) {
		char locator[32];
		const char *pairs[] = { "Which tool do you use most?", tools[i % 4], "Where do you work?",
					places[i % 2], NULL };

		snprintf(locator, sizeof locator, "shed.csv:%zu", i + 2);
		survey_add(&records, locator, pairs);
	}
	ck_assert_msg(model_new(&model, &records, "shed", 1, &err) == 0, "%s", err.text);
	ck_assert_int_eq(usage_init(&usage, model, &err), 0);
}

static void teardown(void)
{
	usage_release(&usage);
	model_free(model);
	persona_records_release(&records);
}

static size_t option_of(const char *label)
{
	for (size_t i = 0; i < model->options_len; i++)
		if (strcmp(model->options[i].label, label) == 0)
			return i;
	ck_abort_msg("no option %s", label);
}

/* So many members, of whom nobody has answered anything yet. */
static void profile_of(size_t len)
{
	segment.len = len;
	for (uint32_t i = 0; i < len; i++)
		members[i] = i;
	ck_assert_int_eq(profile_init(&profile, model, &segment, &usage, &err), 0);
	memset(profile.option_count, 0, model->options_len * sizeof *profile.option_count);
	memset(profile.answered, 0, model->columns_len * sizeof *profile.answered);
	persona_init(&persona);
}

static void profile_done(void)
{
	persona_release(&persona);
	profile_release(&profile);
}

static void give_answer(const char *label, uint32_t count, uint32_t of, double z)
{
	size_t option = option_of(label);

	profile.option_count[option] = count;
	profile.answered[model->options[option].column] = of;
	profile.option_z[option] = z;
}

static const struct persona_list *fill(enum relax relax, size_t most)
{
	ck_assert_int_eq(items_closed(&profile, &persona, CLASS_BEHAVIOUR, relax, most, &err), 0);
	return &persona.lists[class_field(CLASS_BEHAVIOUR)];
}

static const struct {
	size_t members;
	uint32_t count, of;
	double z;
	enum relax relax;
	size_t items;
} bounds[] = {
	/* A quarter of those who answered, and three at least. */
	{ 20, 5, 20, 2, RELAX_NOTHING, 1 },
	{ 20, 4, 20, 2, RELAX_NOTHING, 0 },
	{ 32, 8, 32, 2, RELAX_NOTHING, 1 },
	{ 32, 7, 29, 2, RELAX_NOTHING, 0 },
	{ 20, 3, 12, 2, RELAX_NOTHING, 1 },
	{ 20, 2, 8, 2, RELAX_NOTHING, 0 },
	/* So far above everyone that chance does it once in twenty times. */
	{ 20, 20, 20, 1.65, RELAX_NOTHING, 0 },
	{ 20, 20, 20, 1.66, RELAX_NOTHING, 1 },
	/* Once in five times, where there is too little else. */
	{ 20, 20, 20, .84, RELAX_RESPONDENT, 0 },
	{ 20, 20, 20, .85, RELAX_RESPONDENT, 1 },
	{ 20, 20, 20, .84, RELAX_CLASS, 0 },
	{ 20, 20, 20, .85, RELAX_CLASS, 1 },
	/* At last a tenth will do, and whatever is above everyone. */
	{ 32, 3, 30, .01, RELAX_USED, 1 },
	{ 32, 3, 31, .01, RELAX_USED, 0 },
	{ 32, 30, 30, 0, RELAX_USED, 0 },
	{ 32, 3, 30, 2, RELAX_CLASS, 0 },
	/* A handful cannot deviate by much, and half of it is enough. */
	{ 5, 5, 5, .5, RELAX_NOTHING, 0 },
	{ 5, 5, 5, .51, RELAX_NOTHING, 1 },
	{ 6, 6, 6, .51, RELAX_NOTHING, 0 },
	{ 4, 2, 4, 2, RELAX_NOTHING, 1 },
	{ 4, 1, 4, 2, RELAX_NOTHING, 0 },
	{ 5, 2, 5, 2, RELAX_NOTHING, 0 },
	{ 5, 3, 5, 2, RELAX_NOTHING, 1 },
	/* Who stands for everybody says what most say, whatever it deviates by. */
	{ UNITS, 40, 40, 9, RELAX_NOTHING, 0 },
	{ UNITS, 20, 40, 0, RELAX_RESPONDENT, 1 },
	{ UNITS, 19, 40, 9, RELAX_RESPONDENT, 0 },
	{ UNITS, 3, 5, 0, RELAX_RESPONDENT, 1 },
	{ UNITS, 2, 3, 0, RELAX_RESPONDENT, 0 },
};

START_TEST(an_answer_is_typical_from_these_bounds_on)
{
	profile_of(bounds[_i].members);
	give_answer("Hammer", bounds[_i].count, bounds[_i].of, bounds[_i].z);
	ck_assert_uint_eq(fill(bounds[_i].relax, 3)->len, bounds[_i].items);
	profile_done();
}
END_TEST

START_TEST(the_most_telling_comes_first_and_a_column_once)
{
	const struct persona_list *list;

	profile_of(20);
	give_answer("Saw", 9, 20, 3);
	give_answer("Hammer", 6, 20, 4);
	give_answer("Yard", 20, 20, 2);
	list = fill(RELAX_NOTHING, 3);
	ck_assert_uint_eq(list->len, 2);
	ck_assert_ptr_nonnull(strstr(list->items[0], "Hammer (6 of 20, 30 %; everyone 25 %)"));
	ck_assert_ptr_nonnull(strstr(list->items[1], "Yard (20 of 20, 100 %; everyone 50 %)"));
	profile_done();
}
END_TEST

/* The first of two answers, of 3.9 and of 2, where others were described by them so many times. */
static void assert_first(uint16_t hammer_used, uint16_t yard_used, const char *expected)
{
	const struct persona_list *list;

	profile_of(20);
	give_answer("Hammer", 6, 20, 3.9);
	give_answer("Yard", 20, 20, 2);
	usage.options[option_of("Hammer")] = hammer_used;
	usage.options[option_of("Yard")] = yard_used;
	list = fill(RELAX_NOTHING, 1);
	ck_assert_uint_eq(list->len, 1);
	ck_assert_ptr_nonnull(strstr(list->items[0], expected));
	profile_done();
}

START_TEST(what_described_others_already_counts_less)
{
	assert_first(0, 0, "Hammer");
	assert_first(1, 0, "Yard");
	assert_first(2, 1, "Hammer");
}
END_TEST

START_TEST(three_who_gave_it_are_named_and_the_least_used_first)
{
	size_t option, named = 0;
	uint32_t givers[UNITS];

	profile_of(UNITS);
	give_answer("Hammer", 10, 20, 0);
	option = option_of("Hammer");
	for (size_t i = 0; i < model->ticks_len; i++)
		if (model->ticks[i].option == option)
			givers[named++] = model->ticks[i].unit;
	ck_assert_uint_eq(named, 10);
	/* All but the last three of them stand behind something. */
	for (size_t i = 0; i < 7; i++)
		profile.unit_used[givers[i]] = 1;
	ck_assert_uint_eq(fill(RELAX_RESPONDENT, 1)->len, 1);
	ck_assert_uint_eq(persona.evidence_len, 3);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_str_eq(persona.evidence[i].locator, model_record(model, givers[7 + i])->locator);
		ck_assert_str_eq(persona.evidence[i].excerpt, "Hammer");
		ck_assert_uint_eq(profile.unit_named[givers[7 + i]], 1);
	}
	profile_done();
}
END_TEST

int main(void)
{
	TCase *tests;
	Suite *suite = suite_of("closed", &tests);

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, an_answer_is_typical_from_these_bounds_on, 0, sizeof bounds / sizeof *bounds);
	tcase_add_test(tests, the_most_telling_comes_first_and_a_column_once);
	tcase_add_test(tests, what_described_others_already_counts_less);
	tcase_add_test(tests, three_who_gave_it_are_named_and_the_least_used_first);
	return run_suite(suite);
}
