#include "helper.h"

static struct persona_profile profile;

static void setup(void)
{
	ck_assert_int_eq(persona_profile_get(&profile, "default", NULL), 0);
}

static void refuse(void)
{
	struct persona_error err = { 0 };

	ck_assert_int_eq(persona_profile_check(&profile, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_USAGE);
	ck_assert_ptr_nonnull(strstr(err.text, "profile default"));
}

static void accept(void)
{
	ck_assert_int_eq(persona_profile_check(&profile, NULL), 0);
}

/* ---- The table of built-in profiles ---------------------------------- */

static const struct {
	const char *name;
	size_t least[PERSONA_LIST_FIELDS];
	double coverage, similar;
	double excellent, good, acceptable, poor;
} table[] = {
	{ "default", { 2, 1, 1, 0, 1 }, 0.5, 0.7, 90, 75, 60, 40 },
	{ "strict", { 3, 2, 2, 0, 2 }, 0.7, 0.5, 95, 85, 70, 50 },
	{ "lenient", { 1, 1, 0, 0, 0 }, 0.3, 0.8, 85, 70, 50, 30 },
};

static const struct persona_profile_weight weights[] = {
	{ "completeness", 0.25 },    { "consistency", 0.20 }, { "evidence_strength", 0.25 },
	{ "distinctiveness", 0.15 }, { "realism", 0.15 },
};

START_TEST(builtin_profiles_are_as_promised)
{
	ck_assert_str_eq(persona_profiles[_i].name, table[_i].name);
	ck_assert_ptr_nonnull(persona_profiles[_i].description);
	ck_assert_int_eq(persona_profile_get(&profile, table[_i].name, NULL), 0);
	ck_assert_str_eq(profile.name, table[_i].name);
	ck_assert_uint_eq(profile.weights_len, COUNT(weights));
	for (size_t i = 0; i < COUNT(weights); i++) {
		ck_assert_str_eq(profile.weights[i].metric, weights[i].metric);
		ck_assert_double_eq(profile.weights[i].weight, weights[i].weight);
	}
	ck_assert_mem_eq(profile.least, table[_i].least, sizeof profile.least);
	ck_assert_double_eq(profile.least_coverage, table[_i].coverage);
	ck_assert_double_eq(profile.too_similar, table[_i].similar);
	ck_assert_double_eq(profile.level_from[PERSONA_EXCELLENT], table[_i].excellent);
	ck_assert_double_eq(profile.level_from[PERSONA_GOOD], table[_i].good);
	ck_assert_double_eq(profile.level_from[PERSONA_ACCEPTABLE], table[_i].acceptable);
	ck_assert_double_eq(profile.level_from[PERSONA_POOR], table[_i].poor);
	ck_assert_double_eq(profile.level_from[PERSONA_FAILING], 0);
	accept();
}
END_TEST

START_TEST(the_list_of_profiles_ends)
{
	ck_assert_ptr_null(persona_profiles[COUNT(table)].name);
}
END_TEST

START_TEST(other_names_are_not_found)
{
	static const char *const names[] = { "", "Default", "default ", "strictest" };
	struct persona_error err = { 0 };

	for (size_t i = 0; i < COUNT(names); i++) {
		ck_assert_int_eq(persona_profile_get(&profile, names[i], &err), -1);
		ck_assert_int_eq(err.code, PERSONA_E_NOTFOUND);
	}
}
END_TEST

/* ---- Levels ---------------------------------------------------------- */

START_TEST(levels_begin_where_the_profile_says)
{
	for (size_t i = 0; i < COUNT(table); i++) {
		ck_assert_int_eq(persona_profile_get(&profile, table[i].name, NULL), 0);
		for (int level = PERSONA_POOR; level <= PERSONA_EXCELLENT; level++) {
			double from = profile.level_from[level];

			ck_assert_int_eq(persona_profile_level(&profile, from), level);
			ck_assert_int_eq(persona_profile_level(&profile, nextafter(from, 0)), level - 1);
		}
		ck_assert_int_eq(persona_profile_level(&profile, 0), PERSONA_FAILING);
		ck_assert_int_eq(persona_profile_level(&profile, 100), PERSONA_EXCELLENT);
		ck_assert_int_eq(persona_profile_level(&profile, NAN), PERSONA_FAILING);
	}
}
END_TEST

START_TEST(levels_have_names)
{
	static const char *const names[] = { "failing", "poor", "acceptable", "good", "excellent" };

	for (int level = PERSONA_FAILING; level <= PERSONA_EXCELLENT; level++)
		ck_assert_str_eq(persona_level_name((enum persona_level)level), names[level]);
}
END_TEST

static const double bad_levels[][PERSONA_EXCELLENT + 1] = {
	{ 0, 40, 60, 75, 75 },	     { 0, 40, 60, 60, 90 },	 { 0, 60, 40, 75, 90 },	 { 0, 0, 60, 75, 90 },
	{ 0, -1, 60, 75, 90 },	     { 0, 40, 60, 75, 100.001 }, { 0, 40, NAN, 75, 90 }, { 0, 40, 60, 75, NAN },
	{ 0, 40, 60, 75, HUGE_VAL }, { 10, 40, 60, 75, 90 },	 { -1, 40, 60, 75, 90 }, { NAN, 40, 60, 75, 90 },
	{ 0, 90, 75, 60, 40 },
};

START_TEST(levels_that_do_not_descend_are_refused)
{
	memcpy(profile.level_from, bad_levels[_i], sizeof profile.level_from);
	refuse();
}
END_TEST

START_TEST(levels_up_to_100_are_fine)
{
	profile.level_from[PERSONA_EXCELLENT] = 100;
	profile.level_from[PERSONA_POOR] = 1e-9;
	accept();
}
END_TEST

/* ---- Weights --------------------------------------------------------- */

START_TEST(bad_weights_are_refused)
{
	static const double bad[] = { -1e-9, -1, NAN, HUGE_VAL, -HUGE_VAL };
	struct persona_error err = { 0 };

	for (size_t i = 0; i < COUNT(bad); i++) {
		ck_assert_int_eq(persona_profile_weigh(&profile, "realism", bad[i], &err), -1);
		ck_assert_int_eq(err.code, PERSONA_E_USAGE);
		ck_assert_double_eq(profile.weights[4].weight, 0.15);
		profile.weights[4].weight = bad[i];
		refuse();
		profile.weights[4].weight = 0.15;
	}
	accept();
	profile.weights[3].weight = profile.weights[4].weight = 1e308;
	refuse();
}
END_TEST

START_TEST(all_weights_0_are_refused)
{
	for (size_t i = 0; i < COUNT(weights); i++)
		ck_assert_int_eq(persona_profile_weigh(&profile, weights[i].metric, 0, NULL), 0);
	refuse();
	ck_assert_int_eq(persona_profile_weigh(&profile, "my_own", 1e-9, NULL), 0);
	accept();
}
END_TEST

START_TEST(a_profile_without_weights_leaves_them_to_the_metrics)
{
	profile.weights_len = 0;
	accept();
	ck_assert_double_eq(metric_weight(&profile, &metric_realism), metric_realism.weight);
}
END_TEST

START_TEST(weigh_sets_or_replaces)
{
	ck_assert_int_eq(persona_profile_weigh(&profile, "realism", 3, NULL), 0);
	ck_assert_uint_eq(profile.weights_len, COUNT(weights));
	ck_assert_double_eq(metric_weight(&profile, &metric_realism), 3);
	ck_assert_int_eq(persona_profile_weigh(&profile, "my_own", 2, NULL), 0);
	ck_assert_uint_eq(profile.weights_len, COUNT(weights) + 1);
	ck_assert_str_eq(profile.weights[5].metric, "my_own");
}
END_TEST

START_TEST(weigh_refuses_what_is_no_name)
{
	static const char *const names[] = {
		"", "Realism", "a-b", "a b", "é", "a123456789012345678901234567890123456789012345678901234567890123",
	};
	struct persona_error err = { 0 };

	for (size_t i = 0; i < COUNT(names); i++) {
		ck_assert_int_eq(persona_profile_weigh(&profile, names[i], 1, &err), -1);
		ck_assert_int_eq(err.code, PERSONA_E_USAGE);
	}
	ck_assert_uint_eq(profile.weights_len, COUNT(weights));
	ck_assert_int_eq(persona_profile_weigh(&profile, names[5] + 1, 1, NULL), 0);
	ck_assert_str_eq(profile.weights[5].metric, names[5] + 1);
}
END_TEST

START_TEST(weigh_ends_where_the_room_does)
{
	struct persona_error err = { 0 };
	char name[16];

	for (int i = (int)COUNT(weights); i < 32; i++) {
		snprintf(name, sizeof name, "m%d", i);
		ck_assert_int_eq(persona_profile_weigh(&profile, name, 1, NULL), 0);
	}
	ck_assert_int_eq(persona_profile_weigh(&profile, "one_more", 1, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_USAGE);
	ck_assert_int_eq(persona_profile_weigh(&profile, "m31", 2, NULL), 0);
	accept();
	profile.weights_len = 33;
	refuse();
}
END_TEST

/* ---- Shares ---------------------------------------------------------- */

START_TEST(shares_outside_0_to_1_are_refused)
{
	static const double bad[] = { -1e-9, 1.0001, 70, NAN };

	for (size_t i = 0; i < COUNT(bad); i++) {
		profile.least_coverage = bad[i];
		refuse();
		profile.least_coverage = i % 2;
		profile.too_similar = bad[i];
		refuse();
		profile.too_similar = i % 2;
		accept();
	}
}
END_TEST

/* ---- JSON ------------------------------------------------------------ */

static char *dump(void)
{
	json_t *json;
	char *text;

	ck_assert_int_eq(persona_profile_json(&json, &profile, NULL), 0);
	text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(6));
	json_decref(json);
	return text;
}

START_TEST(json_tells_everything)
{
	char *text = dump();

	ck_assert_str_eq(text, "{\"name\":\"default\",\"weights\":{\"completeness\":0.25,\"consistency\":0.2,"
			       "\"distinctiveness\":0.15,\"evidence_strength\":0.25,\"realism\":0.15},"
			       "\"least\":{\"goals\":2,\"frustrations\":1,\"behaviours\":1,\"motivations\":0,"
			       "\"quotes\":1},\"least_coverage\":0.5,\"too_similar\":0.7,\"language\":\"en\","
			       "\"levels\":{\"poor\":40.0,\"acceptable\":60.0,\"good\":75.0,\"excellent\":90.0}}");
	free(text);
}
END_TEST

START_TEST(json_does_not_depend_on_the_order_of_weighing)
{
	char *one, *other;

	ck_assert_int_eq(persona_profile_weigh(&profile, "aaa", 1, NULL), 0);
	ck_assert_int_eq(persona_profile_weigh(&profile, "zzz", 2, NULL), 0);
	one = dump();
	setup();
	ck_assert_int_eq(persona_profile_weigh(&profile, "zzz", 2, NULL), 0);
	ck_assert_int_eq(persona_profile_weigh(&profile, "aaa", 1, NULL), 0);
	other = dump();
	ck_assert_str_eq(one, other);
	free(one);
	free(other);
}
END_TEST

static int from_json(const char *text, struct persona_error *why)
{
	json_t *json = json_loads(text, 0, NULL);
	int rc;

	ck_assert_ptr_nonnull(json);
	*why = (struct persona_error){ 0 };
	rc = persona_profile_from_json(&profile, json, why);
	json_decref(json);
	return rc;
}

START_TEST(a_file_changes_what_it_names)
{
	struct persona_error why;

	ck_assert_int_eq(from_json("{}", &why), 0);
	ck_assert_str_eq(profile.name, "own");
	assert_near(profile.too_similar, 0.7);
	ck_assert_int_eq(
		from_json("{\"extends\": \"strict\", \"name\": \"mine\", \"weights\": {\"realism\": 3, \"x\": 1}, "
			  "\"least\": {\"quotes\": 5}, \"least_coverage\": 0.9, \"too_similar\": 0.25, "
			  "\"language\": \"de\", \"levels\": {\"excellent\": 99}}",
			  &why),
		0);
	ck_assert_str_eq(profile.name, "mine");
	ck_assert_str_eq(profile.language, "de");
	ck_assert_uint_eq(profile.least[PERSONA_QUOTES], 5);
	ck_assert_uint_eq(profile.least[PERSONA_GOALS], 3);
	assert_near(profile.least_coverage, 0.9);
	assert_near(profile.too_similar, 0.25);
	assert_near(profile.level_from[PERSONA_EXCELLENT], 99);
	assert_near(profile.level_from[PERSONA_GOOD], 85);
	ck_assert_uint_eq(profile.weights_len, 6);
}
END_TEST

static const char *const bad_files[] = {
	"[]",
	"{\"extends\": \"nobody\"}",
	"{\"extends\": 1}",
	"{\"weight\": {}}",
	"{\"weights\": []}",
	"{\"weights\": {\"realism\": -1}}",
	"{\"weights\": {\"realism\": \"1\"}}",
	"{\"weights\": {\"No name\": 1}}",
	("{\"weights\": {\"completeness\": 0, \"consistency\": 0, \"evidence_strength\": 0, \"distinctiveness\": 0, "
	 "\"realism\": 0}}"),
	"{\"least\": {\"goal\": 1}}",
	"{\"least\": {\"goals\": -1}}",
	"{\"least\": {\"goals\": 1001}}",
	"{\"least\": {\"goals\": 1.5}}",
	"{\"least\": 1}",
	"{\"levels\": {\"failing\": 1}}",
	"{\"levels\": {\"good\": 91}}",
	"{\"levels\": {\"good\": null}}",
	"{\"levels\": 5}",
	"{\"too_similar\": 1.01}",
	"{\"too_similar\": \"0.5\"}",
	"{\"least_coverage\": -0.1}",
	"{\"language\": \"\"}",
	"{\"language\": \"a language with a name that is far too long\"}",
	"{\"name\": 7}",
};

START_TEST(a_bad_file_is_refused)
{
	struct persona_error why;

	ck_assert_int_eq(from_json(bad_files[_i], &why), -1);
	ck_assert_int_eq(why.code, PERSONA_E_USAGE);
	ck_assert_uint_gt(strlen(why.text), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("profile");
	TCase *tcase = tcase_create("profile");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_loop_test(tcase, builtin_profiles_are_as_promised, 0, COUNT(table));
	tcase_add_test(tcase, the_list_of_profiles_ends);
	tcase_add_test(tcase, other_names_are_not_found);
	tcase_add_test(tcase, levels_begin_where_the_profile_says);
	tcase_add_test(tcase, levels_have_names);
	tcase_add_loop_test(tcase, levels_that_do_not_descend_are_refused, 0, COUNT(bad_levels));
	tcase_add_test(tcase, levels_up_to_100_are_fine);
	tcase_add_test(tcase, bad_weights_are_refused);
	tcase_add_test(tcase, all_weights_0_are_refused);
	tcase_add_test(tcase, a_profile_without_weights_leaves_them_to_the_metrics);
	tcase_add_test(tcase, weigh_sets_or_replaces);
	tcase_add_test(tcase, weigh_refuses_what_is_no_name);
	tcase_add_test(tcase, weigh_ends_where_the_room_does);
	tcase_add_test(tcase, shares_outside_0_to_1_are_refused);
	tcase_add_test(tcase, a_file_changes_what_it_names);
	tcase_add_loop_test(tcase, a_bad_file_is_refused, 0, COUNT(bad_files));
	tcase_add_test(tcase, json_tells_everything);
	tcase_add_test(tcase, json_does_not_depend_on_the_order_of_weighing);
	suite_add_tcase(suite, tcase);
	return run(suite);
}
