/* Groups of respondents: planted ones come back, and nothing but the answers decides. */
#include "survey.h"

static struct model *learn(const struct persona_records *records)
{
	struct persona_error err = { 0 };
	struct model *model;

	ck_assert_msg(model_new(&model, records, "x", 1, &err) == 0, "%s", err.text);
	return model;
}

static void group(struct groups *groups, const struct model *model, size_t k)
{
	struct persona_error err = { 0 };

	ck_assert_msg(groups_make(groups, model, k, &err) == 0, "%s", err.text);
}

/* Every unit stands in exactly one group. */
static void check_partition(const struct groups *groups, size_t units)
{
	uint8_t *seen = calloc(units, 1);
	size_t sum = 0;

	for (size_t g = 0; g < groups->len; g++) {
		ck_assert_uint_gt(groups->items[g].len, 0);
		ck_assert(g == 0 || groups->items[g].len <= groups->items[g - 1].len);
		sum += groups->items[g].len;
		for (size_t m = 0; m < groups->items[g].len; m++)
			seen[groups->items[g].members[m]]++;
	}
	ck_assert_uint_eq(sum, units);
	for (size_t u = 0; u < units; u++)
		ck_assert_uint_eq(seen[u], 1);
	free(seen);
}

START_TEST(planted_groups_are_found)
{
	struct persona_records records;
	struct groups groups;
	struct model *model;

	survey_make(&records, 60);
	model = learn(&records);
	group(&groups, model, 3);
	check_partition(&groups, 60);
	for (size_t g = 0; g < 3; g++) {
		ck_assert_uint_eq(groups.items[g].len, 20);
		for (size_t m = 1; m < 20; m++)
			ck_assert_uint_eq(model->units[groups.items[g].members[m]] % 3,
					  model->units[groups.items[g].members[0]] % 3);
	}
	groups_release(&groups);
	model_free(model);
	persona_records_release(&records);
}
END_TEST

static const size_t ks[] = { 1, 2, 3, 7, 19, 21, 33, 59, 60 };

START_TEST(any_number_of_groups_is_a_partition)
{
	struct persona_records records;
	struct groups groups;
	struct model *model;

	survey_make(&records, 60);
	model = learn(&records);
	group(&groups, model, ks[_i]);
	ck_assert_uint_eq(groups.len, ks[_i]);
	check_partition(&groups, 60);
	groups_release(&groups);
	model_free(model);
	persona_records_release(&records);
}
END_TEST

START_TEST(groups_of_six_are_not_tiny)
{
	struct persona_records records;
	struct groups groups;
	struct model *model;

	survey_make(&records, 60);
	model = learn(&records);
	group(&groups, model, 6);
	ck_assert_uint_ge(groups.items[5].len, 4);
	groups_release(&groups);
	model_free(model);
	persona_records_release(&records);
}
END_TEST

/* Gender, country and age split the respondents in half exactly; the answers split them otherwise. */
START_TEST(protected_answers_do_not_group)
{
	static const char *const headers[] = { "Gender", "Country", "Age", "Religion", "Ethnicity" };
	struct persona_records records;
	struct groups groups;
	struct model *model;
	size_t mixed = 0;

	persona_records_init(&records);
	for (size_t i = 0; i < 40; i++) {
		const char *half = i < 20 ? "one" : "two", *age = i < 20 ? "20" : "60", *kind = i % 2 ? "red" : "blue";
		const char *pairs[] = {
			headers[0], half,	headers[1], half,     headers[2], age,	   headers[3],
			half,	    headers[4], half,	    "Colour", kind,	  "Shape", i % 2 ? "round" : "flat",
			NULL
		};
		char locator[32];

		snprintf(locator, sizeof locator, "x.csv:%zu", i + 2);
		survey_add(&records, locator, pairs);
	}
	model = learn(&records);
	for (size_t i = 0; i < model->features_len; i++)
		ck_assert(!column_is_protected(&model->columns[model->options[model->features[i].feature].column]));
	group(&groups, model, 2);
	for (size_t m = 0; m < groups.items[0].len; m++) {
		uint32_t record = model->units[groups.items[0].members[m]];

		ck_assert_uint_eq(record % 2, model->units[groups.items[0].members[0]] % 2);
		mixed += record < 20;
	}
	ck_assert_uint_eq(groups.items[0].len, 20);
	ck_assert_uint_eq(mixed, 10);
	groups_release(&groups);
	model_free(model);
	persona_records_release(&records);
}
END_TEST

START_TEST(equal_records_are_grouped_all_the_same)
{
	static const char *const pairs[] = { "Colour", "red", "Notes", "It is what it is and nothing more.", NULL };
	struct persona_records records;
	struct groups groups;
	struct model *model;

	persona_records_init(&records);
	for (size_t i = 0; i < 12; i++)
		survey_add(&records, "same.csv:1", pairs);
	model = learn(&records);
	group(&groups, model, 3);
	ck_assert_uint_eq(groups.len, 3);
	check_partition(&groups, 12);
	groups_release(&groups);
	model_free(model);
	persona_records_release(&records);
}
END_TEST

/* Who came as far as the page with the personal questions, or not even there. */
static void add_silent(struct persona_records *records, size_t number)
{
	static const char *const nothing[] = { "What frustrates you most?", "n/a", NULL };
	char id[32], locator[32];
	const char *who[] = { "Respondent id", id, "Age", "44", "Gender", "Female", NULL };

	snprintf(id, sizeof id, "S%03zu", number);
	snprintf(locator, sizeof locator, "survey.csv:%zu", 1000 + number);
	survey_add(records, locator, number % 2 ? nothing : who);
}

static const size_t spoken_ks[] = { 1, 3, 10, 12, 25, 31, 33 };

START_TEST(who_answers_nothing_is_in_no_group)
{
	struct persona_records records;
	struct groups groups;
	struct model *model;
	size_t sum = 0;

	survey_make(&records, 33);
	for (size_t i = 0; i < 9; i++)
		add_silent(&records, i);
	model = learn(&records);
	ck_assert_uint_eq(model->speaking, 33);
	group(&groups, model, spoken_ks[_i]);
	ck_assert_uint_eq(groups.len, spoken_ks[_i]);
	for (size_t g = 0; g < groups.len; g++)
		for (size_t m = 0; m < groups.items[g].len; m++, sum++)
			ck_assert_uint_lt(model->units[groups.items[g].members[m]], 33);
	ck_assert_uint_eq(sum, 33);
	groups_release(&groups);
	model_free(model);
	persona_records_release(&records);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cluster");
	TCase *tests = tcase_create("cluster");

	tcase_add_test(tests, planted_groups_are_found);
	tcase_add_loop_test(tests, any_number_of_groups_is_a_partition, 0, (int)(sizeof ks / sizeof *ks));
	tcase_add_test(tests, groups_of_six_are_not_tiny);
	tcase_add_test(tests, protected_answers_do_not_group);
	tcase_add_test(tests, equal_records_are_grouped_all_the_same);
	tcase_add_loop_test(tests, who_answers_nothing_is_in_no_group, 0, (int)(sizeof spoken_ks / sizeof *spoken_ks));
	suite_add_tcase(suite, tests);
	return survey_run(suite);
}
