#include "helper.h"

static struct persona whole;
static struct persona_finding finding;

static void setup(void)
{
	make_whole(&whole);
	persona_finding_init(&finding);
}

static void teardown(void)
{
	persona_finding_release(&finding);
	persona_release(&whole);
}

static void measure(const char *profile)
{
	persona_finding_release(&finding);
	judge(&finding, &metric_completeness, profile, &whole, 0);
}

START_TEST(whole_persona_has_100_and_no_issue)
{
	static const char *const names[] = { "default", "strict", "lenient" };

	for (size_t i = 0; i < COUNT(names); i++) {
		measure(names[i]);
		assert_finding(&finding, 100, NULL);
	}
}
END_TEST

START_TEST(empty_persona_has_0_where_everything_is_asked)
{
	static const char *const codes[] = { "missing-name",  "missing-demographics", "missing-background",
					     "missing-goals", "missing-frustrations", "missing-behaviours",
					     "missing-quotes" };

	persona_release(&whole);
	measure("strict");
	ck_assert(finding.measured);
	assert_near(finding.value, 0);
	ck_assert_uint_eq(finding.issues_len, COUNT(codes));
	for (size_t i = 0; i < COUNT(codes); i++) {
		ck_assert_str_eq(finding.issues[i].code, codes[i]);
		ck_assert_str_eq(finding.issues[i].field, codes[i] + strlen("missing-"));
		ck_assert_int_eq(finding.issues[i].position, -1);
	}
}
END_TEST

/* A least of 0 counts full in depth, but the list is still expected. */
START_TEST(lenient_does_not_ask_for_behaviours_and_quotes_in_depth)
{
	clear(&whole, PERSONA_BEHAVIOURS);
	measure("lenient");
	assert_finding(&finding, 100 - 30.0 / 6, "missing-behaviours");
	measure("default");
	assert_finding(&finding, 100 - 30.0 / 6 - 20.0 / 4, "missing-behaviours");
}
END_TEST

START_TEST(name_is_required)
{
	static const struct {
		const char *name;
		double value;
	} cases[] = {
		{ "Mara Lindqvist", 100 },
		{ NULL, 60 },
		{ "", 60 },
		{ " \t", 60 },
		{ "?!", 60 },
		{ "Unknown", 60 },
		{ "TBD", 60 },
		{ "n/a", 60 },
		{ "N / A", 60 },
		{ "Tbdova", 100 },
		{ "山田", 100 },
		{ "Unknown Soldier", 100 },
	};

	set(&whole.name, cases[_i].name);
	measure("default");
	assert_finding(&finding, cases[_i].value, cases[_i].value < 100 ? "missing-name" : NULL);
}
END_TEST

START_TEST(background_is_expected)
{
	set(&whole.background, "tbd");
	measure("default");
	assert_finding(&finding, 95, "missing-background");
	ck_assert_str_eq(finding.issues[0].field, "background");
	set(&whole.background, "Lorem ipsum dolor sit amet, consectetur adipiscing elit.");
	measure("default");
	assert_finding(&finding, 95, "missing-background");
	set(&whole.background, "x");
	measure("default");
	assert_finding(&finding, 100, NULL);
}
END_TEST

/* Any one of demographics, age, occupation is enough to be filled; three of them are rich. */
START_TEST(facts_are_age_occupation_and_demographics)
{
	static const struct {
		const char *demographics;
		int age;
		const char *occupation;
		double value;
		const char *code;
	} cases[] = {
		{ NULL, PERSONA_UNKNOWN, NULL, 100 - 5 - 10.0 / 3, "missing-demographics" },
		{ "{}", PERSONA_UNKNOWN, "  ", 100 - 5 - 10.0 / 3, "missing-demographics" },
		{ "{\"country\":\"n/a\"}", PERSONA_UNKNOWN, "unknown", 100 - 5 - 10.0 / 3, "missing-demographics" },
		{ "{\"a\":null,\"b\":[],\"c\":{},\"d\":[\"\"]}", PERSONA_UNKNOWN, NULL, 100 - 5 - 10.0 / 3,
		  "missing-demographics" },
		{ NULL, 0, NULL, 100 - 20.0 / 9, "few-demographics" },
		{ NULL, PERSONA_UNKNOWN, "Editor", 100 - 20.0 / 9, "few-demographics" },
		{ "{\"country\":\"Peru\"}", PERSONA_UNKNOWN, NULL, 100 - 20.0 / 9, "few-demographics" },
		{ NULL, 30, "Editor", 100 - 10.0 / 9, "few-demographics" },
		{ "{\"age_range\":\"25-35\"}", 30, "Editor", 100 - 10.0 / 9, "few-demographics" },
		{ "{\"age_range\":\"25-35\"}", PERSONA_UNKNOWN, "Editor", 100 - 10.0 / 9, "few-demographics" },
		{ "{\"country\":\"Peru\"}", 30, "Editor", 100, NULL },
		{ "{\"a\":false,\"b\":0,\"c\":[null,\"x\"]}", PERSONA_UNKNOWN, NULL, 100, NULL },
		{ "{\"a\":{\"b\":{\"c\":\"x\"}},\"d\":1.5,\"e\":\"y\",\"f\":\"z\"}", 30, "Editor", 100, NULL },
	};

	demographics(&whole, cases[_i].demographics);
	whole.age = cases[_i].age;
	set(&whole.occupation, cases[_i].occupation);
	measure("default");
	assert_finding(&finding, cases[_i].value, cases[_i].code);
	if (cases[_i].code)
		ck_assert_str_eq(finding.issues[0].field, "demographics");
}
END_TEST

START_TEST(nesting_without_end_is_a_value)
{
	json_t *inner = json_string("");

	for (int i = 0; i < 5000; i++) {
		json_t *outer = json_array();

		json_array_append_new(outer, inner);
		inner = outer;
	}
	demographics(&whole, "{}");
	json_object_set_new(whole.demographics, "deep", inner);
	measure("default");
	assert_finding(&finding, 100, NULL);
}
END_TEST

/* Depth: a list below, at and above the least of each profile. */
START_TEST(depth_counts_items_up_to_the_least)
{
	static const struct {
		enum persona_list_field field;
		const char *profile;
		const char *items;
		double lost;
		const char *code;
	} cases[] = {
		{ PERSONA_GOALS, "default", "Publish one data story weekly", 2.5, "few-goals" },
		{ PERSONA_GOALS, "default", "Publish one data story weekly|Teach two colleagues to clean", 0, NULL },
		{ PERSONA_GOALS, "strict", "Publish one data story weekly|Teach two colleagues to clean", 5.0 / 3,
		  "few-goals" },
		{ PERSONA_GOALS, "lenient", "Publish one data story weekly", 0, NULL },
		{ PERSONA_GOALS, "default", "Publish one data story weekly||n/a", 2.5, "few-goals" },
		{ PERSONA_FRUSTRATIONS, "default", "Agencies send tables as paper", 0, NULL },
		{ PERSONA_FRUSTRATIONS, "strict", "Agencies send tables as paper", 2.5, "few-frustrations" },
		{ PERSONA_BEHAVIOURS, "default", "x", 0, NULL },
		{ PERSONA_BEHAVIOURS, "strict", "x", 2.5, "few-behaviours" },
		{ PERSONA_QUOTES, "default", "x", 0, NULL },
		{ PERSONA_QUOTES, "strict", "x|?", 2.5, "few-quotes" },
		{ PERSONA_QUOTES, "strict", "x|y", 0, NULL },
		{ PERSONA_MOTIVATIONS, "strict", "", 0, NULL },
	};

	clear(&whole, cases[_i].field);
	add(&whole, cases[_i].field, cases[_i].items);
	measure(cases[_i].profile);
	assert_finding(&finding, 100 - cases[_i].lost, cases[_i].code);
	if (cases[_i].code) {
		ck_assert_str_eq(finding.issues[0].field, persona_list_field(cases[_i].field)->name);
		ck_assert_int_eq(finding.issues[0].position, -1);
	}
}
END_TEST

/* Each list of each profile with the least number of items, and with one fewer. */
static const struct {
	const char *profile;
	enum persona_list_field field;
	size_t least;
} leasts[] = {
	{ "default", PERSONA_GOALS, 2 },      { "default", PERSONA_FRUSTRATIONS, 1 },
	{ "default", PERSONA_BEHAVIOURS, 1 }, { "default", PERSONA_QUOTES, 1 },
	{ "strict", PERSONA_GOALS, 3 },	      { "strict", PERSONA_FRUSTRATIONS, 2 },
	{ "strict", PERSONA_BEHAVIOURS, 2 },  { "strict", PERSONA_QUOTES, 2 },
	{ "lenient", PERSONA_GOALS, 1 },      { "lenient", PERSONA_FRUSTRATIONS, 1 },
	{ "lenient", PERSONA_BEHAVIOURS, 0 }, { "lenient", PERSONA_QUOTES, 0 },
};

START_TEST(least_of_each_list)
{
	const char *name = persona_list_field(leasts[_i].field)->name;
	bool words = leasts[_i].field == PERSONA_GOALS || leasts[_i].field == PERSONA_FRUSTRATIONS;
	size_t least = leasts[_i].least;
	char code[64];

	clear(&whole, leasts[_i].field);
	for (size_t i = 0; i < least; i++)
		add(&whole, leasts[_i].field, "Publish one data story weekly");
	measure(leasts[_i].profile);
	/* Expected it is, whatever the least. */
	snprintf(code, sizeof code, "missing-%s", name);
	assert_finding(&finding, least ? 100 : 95, least ? NULL : code);
	if (!least)
		return;
	persona_remove_item(&whole, leasts[_i].field, 0);
	measure(leasts[_i].profile);
	snprintf(code, sizeof code, "%s-%s", least > 1 ? "few" : "missing", name);
	assert_finding(&finding,
		       100 - 20.0 / 4 / (double)least - (least > 1 ? 0 : 30.0 / 6) -
			       (least == 1 && words ? 10.0 / 3 : 0),
		       code);
}
END_TEST

START_TEST(motivations_are_not_asked_for)
{
	clear(&whole, PERSONA_MOTIVATIONS);
	measure("strict");
	assert_finding(&finding, 100, NULL);
}
END_TEST

/* Richness: five words on average are enough, the shortest item is named. */
START_TEST(short_items_are_reported_with_the_shortest)
{
	clear(&whole, PERSONA_GOALS);
	add(&whole, PERSONA_GOALS, "one two three four five six|n/a|one two three|one two three four five");
	measure("default");
	assert_finding(&finding, 100 - 10.0 / 3 * (1 - 14.0 / 15), "short-items");
	ck_assert_str_eq(finding.issues[0].field, "goals");
	ck_assert_int_eq(finding.issues[0].position, 2);
	add(&whole, PERSONA_GOALS, "one two three four five six");
	measure("default");
	assert_finding(&finding, 100, NULL);
}
END_TEST

START_TEST(short_frustrations_are_reported_too)
{
	clear(&whole, PERSONA_FRUSTRATIONS);
	add(&whole, PERSONA_FRUSTRATIONS, "Bad tables|Paper");
	measure("default");
	assert_finding(&finding, 100 - 10.0 / 3 * (1 - 3.0 / 10), "short-items");
	ck_assert_str_eq(finding.issues[0].field, "frustrations");
	ck_assert_int_eq(finding.issues[0].position, 1);
}
END_TEST

START_TEST(the_fullest_lists_are_no_trouble)
{
	for (int field = 0; field < PERSONA_LIST_FIELDS; field++) {
		clear(&whole, (enum persona_list_field)field);
		for (int i = 0; i < PERSONA_LIST_MAX; i++)
			add(&whole, (enum persona_list_field)field, "Publish one data story every week");
	}
	measure("strict");
	assert_finding(&finding, 100, NULL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("completeness");
	TCase *tcase = tcase_create("completeness");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, whole_persona_has_100_and_no_issue);
	tcase_add_test(tcase, empty_persona_has_0_where_everything_is_asked);
	tcase_add_test(tcase, lenient_does_not_ask_for_behaviours_and_quotes_in_depth);
	tcase_add_loop_test(tcase, name_is_required, 0, 12);
	tcase_add_test(tcase, background_is_expected);
	tcase_add_loop_test(tcase, facts_are_age_occupation_and_demographics, 0, 13);
	tcase_add_test(tcase, nesting_without_end_is_a_value);
	tcase_add_loop_test(tcase, depth_counts_items_up_to_the_least, 0, 13);
	tcase_add_loop_test(tcase, least_of_each_list, 0, COUNT(leasts));
	tcase_add_test(tcase, motivations_are_not_asked_for);
	tcase_add_test(tcase, short_items_are_reported_with_the_shortest);
	tcase_add_test(tcase, short_frustrations_are_reported_too);
	tcase_add_test(tcase, the_fullest_lists_are_no_trouble);
	suite_add_tcase(suite, tcase);
	return run(suite);
}
