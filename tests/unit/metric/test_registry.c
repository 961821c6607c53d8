#include "helper.h"

static struct persona_registry *registry;
static struct persona_error err;

static void setup(void)
{
	err = (struct persona_error){ 0 };
	ck_assert_int_eq(persona_registry_new(&registry, &err), 0);
}

static void teardown(void)
{
	persona_registry_free(registry);
}

static int judge_one(const struct persona_metric *metric, const struct persona_profile *profile,
		     const struct persona_subject *subject, struct persona_finding *finding,
		     struct persona_error *error)
{
	(void)metric;
	(void)profile;
	(void)subject;
	(void)finding;
	(void)error;
	return 0;
}

static int judge_set(const struct persona_metric *metric, const struct persona_profile *profile,
		     const struct persona_subject *subjects, size_t len, struct persona_finding *findings,
		     struct persona_error *error)
{
	(void)metric;
	(void)profile;
	(void)subjects;
	(void)len;
	(void)findings;
	(void)error;
	return 0;
}

static struct persona_metric revision_metric(const char *name)
{
	return (struct persona_metric){ .name = name, .weight = 1, .version = 1, .revision = judge_one };
}

static struct persona_metric set_metric(const char *name, double weight)
{
	return (struct persona_metric){
		.name = name, .scope = PERSONA_SCOPE_SET, .weight = weight, .version = 3, .set = judge_set
	};
}

static void add_metric(struct persona_metric metric)
{
	ck_assert_int_eq(persona_registry_add(registry, &metric, &err), 0);
}

static void refuse(struct persona_metric metric)
{
	size_t count = persona_registry_count(registry);

	err = (struct persona_error){ 0 };
	ck_assert_int_eq(persona_registry_add(registry, &metric, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_USAGE);
	ck_assert_uint_eq(persona_registry_count(registry), count);
}

START_TEST(empty_registry)
{
	struct persona_profile profile;

	ck_assert_int_eq(persona_profile_get(&profile, "default", NULL), 0);
	ck_assert_uint_eq(persona_registry_count(registry), 0);
	ck_assert_ptr_null(persona_registry_at(registry, 0));
	ck_assert_ptr_null(persona_registry_get(registry, "realism"));
	ck_assert(!persona_registry_has_set(registry, &profile));
	persona_registry_free(NULL);
}
END_TEST

START_TEST(default_registry_has_the_builtin_metrics)
{
	static const char *const names[] = { "completeness", "consistency", "evidence_strength", "realism",
					     "distinctiveness" };

	persona_registry_free(registry);
	ck_assert_int_eq(persona_registry_new_default(&registry, NULL), 0);
	ck_assert_uint_eq(persona_registry_count(registry), COUNT(names));
	for (size_t i = 0; i < COUNT(names); i++) {
		const struct persona_metric *metric = persona_registry_get(registry, names[i]);

		ck_assert_ptr_nonnull(metric);
		ck_assert_str_eq(metric->name, names[i]);
		ck_assert_int_eq(metric->scope, i < 4 ? PERSONA_SCOPE_REVISION : PERSONA_SCOPE_SET);
		ck_assert_uint_gt(strlen(metric->description), 0);
		ck_assert_uint_gt(strlen(metric->category), 0);
	}
}
END_TEST

/* Whatever the order of adding, names come in order. */
START_TEST(metrics_are_iterated_by_name)
{
	static const char *const names[] = { "m", "z", "a", "m2", "_", "9", "m_1", "k", "b" };

	for (size_t i = 0; i < COUNT(names); i++)
		add_metric(revision_metric(names[i]));
	ck_assert_uint_eq(persona_registry_count(registry), COUNT(names));
	for (size_t i = 1; i < COUNT(names); i++)
		ck_assert_int_lt(
			strcmp(persona_registry_at(registry, i - 1)->name, persona_registry_at(registry, i)->name), 0);
	ck_assert_ptr_null(persona_registry_at(registry, COUNT(names)));
	for (size_t i = 0; i < COUNT(names); i++)
		ck_assert_str_eq(persona_registry_get(registry, names[i])->name, names[i]);
}
END_TEST

START_TEST(the_metric_is_copied)
{
	char name[] = "mine", description[] = "what it is", category[] = "own", definition[] = "abc";
	struct persona_metric metric = revision_metric(name);
	const struct persona_metric *kept;
	int payload;

	metric.description = description;
	metric.category = category;
	metric.definition = definition;
	metric.payload = &payload;
	add_metric(metric);
	name[0] = description[0] = category[0] = definition[0] = 'x';
	kept = persona_registry_get(registry, "mine");
	ck_assert_ptr_nonnull(kept);
	ck_assert_str_eq(kept->description, "what it is");
	ck_assert_str_eq(kept->category, "own");
	ck_assert_str_eq(kept->definition, "abc");
	ck_assert_ptr_eq(kept->payload, &payload);
}
END_TEST

START_TEST(texts_may_be_left_out)
{
	add_metric(revision_metric("mine"));
	ck_assert_str_eq(persona_registry_get(registry, "mine")->description, "");
	ck_assert_str_eq(persona_registry_get(registry, "mine")->category, "");
	ck_assert_ptr_null(persona_registry_get(registry, "mine")->definition);
}
END_TEST

START_TEST(a_metric_stays_where_it_is_while_others_come)
{
	const struct persona_metric *kept;
	char name[16];

	add_metric(revision_metric("mine"));
	kept = persona_registry_get(registry, "mine");
	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof name, "m%d", i * 37 % 200);
		add_metric(revision_metric(name));
	}
	ck_assert_ptr_eq(persona_registry_get(registry, "mine"), kept);
	ck_assert_str_eq(kept->name, "mine");
}
END_TEST

START_TEST(a_name_is_taken_once)
{
	add_metric(revision_metric("mine"));
	refuse(revision_metric("mine"));
	refuse(set_metric("mine", 1));
	ck_assert_int_eq(persona_registry_remove(registry, "mine", &err), 0);
	add_metric(set_metric("mine", 1));
	ck_assert_int_eq(persona_registry_get(registry, "mine")->scope, PERSONA_SCOPE_SET);
}
END_TEST

START_TEST(malformed_names_are_refused)
{
	static const char *const names[] = {
		NULL,	  "",	    "Mine",
		"my-own", "my own", "a.b",
		"é",	  "a\n",    "a123456789012345678901234567890123456789012345678901234567890123",
	};

	refuse(revision_metric(names[_i]));
	add_metric(revision_metric("a12345678901234567890123456789012345678901234567890123456789012"));
}
END_TEST

START_TEST(malformed_metrics_are_refused)
{
	static const double weights[] = { -1e-9, NAN, HUGE_VAL };
	struct persona_metric metric = revision_metric("mine");

	for (size_t i = 0; i < COUNT(weights); i++) {
		metric.weight = weights[i];
		refuse(metric);
	}
	metric = revision_metric("mine");
	metric.scope = PERSONA_SCOPE_SET;
	refuse(metric);
	metric = set_metric("mine", 1);
	metric.scope = PERSONA_SCOPE_REVISION;
	refuse(metric);
	metric.scope = (enum persona_metric_scope)7;
	refuse(metric);
}
END_TEST

START_TEST(remove_takes_one_out)
{
	add_metric(revision_metric("a"));
	add_metric(revision_metric("b"));
	add_metric(revision_metric("c"));
	ck_assert_int_eq(persona_registry_remove(registry, "b", &err), 0);
	ck_assert_uint_eq(persona_registry_count(registry), 2);
	ck_assert_ptr_null(persona_registry_get(registry, "b"));
	ck_assert_str_eq(persona_registry_at(registry, 1)->name, "c");
	ck_assert_int_eq(persona_registry_remove(registry, "b", &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_NOTFOUND);
	ck_assert_int_eq(persona_registry_remove(registry, "a", &err), 0);
	ck_assert_int_eq(persona_registry_remove(registry, "c", &err), 0);
	ck_assert_uint_eq(persona_registry_count(registry), 0);
}
END_TEST

START_TEST(has_set_looks_at_weights)
{
	struct persona_profile profile;

	ck_assert_int_eq(persona_profile_get(&profile, "default", NULL), 0);
	add_metric(revision_metric("own"));
	ck_assert(!persona_registry_has_set(registry, &profile));
	add_metric(set_metric("idle", 0));
	ck_assert(!persona_registry_has_set(registry, &profile));
	add_metric(set_metric("busy", 0.1));
	ck_assert(persona_registry_has_set(registry, &profile));
	ck_assert_int_eq(persona_profile_weigh(&profile, "busy", 0, NULL), 0);
	ck_assert(!persona_registry_has_set(registry, &profile));
	ck_assert_int_eq(persona_profile_weigh(&profile, "idle", 1, NULL), 0);
	ck_assert(persona_registry_has_set(registry, &profile));
}
END_TEST

static char *dump_settings(const struct persona_profile *profile)
{
	json_t *settings;
	char *text;

	ck_assert_int_eq(persona_registry_settings(&settings, registry, profile, &err), 0);
	text = json_dumps(json_object_get(settings, "metrics"), JSON_COMPACT | JSON_REAL_PRECISION(6));
	ck_assert(json_is_object(json_object_get(settings, "profile")));
	ck_assert_uint_eq(json_object_size(settings), 2);
	json_decref(settings);
	return text;
}

START_TEST(settings_tell_what_shapes_a_score)
{
	struct persona_metric sql = set_metric("sql", 0.5);
	struct persona_profile profile;
	char *one, *other;

	ck_assert_int_eq(persona_profile_get(&profile, "default", NULL), 0);
	ck_assert_int_eq(persona_profile_weigh(&profile, "b", 0.125, NULL), 0);
	sql.definition = "abc";
	add_metric(sql);
	add_metric(revision_metric("b"));
	one = dump_settings(&profile);
	ck_assert_str_eq(one, "{\"b\":{\"version\":1,\"weight\":0.125},"
			      "\"sql\":{\"version\":3,\"weight\":0.5,\"definition\":\"abc\"}}");
	ck_assert_int_eq(persona_registry_remove(registry, "sql", &err), 0);
	add_metric(sql);
	other = dump_settings(&profile);
	ck_assert_str_eq(one, other);
	free(one);
	free(other);
}
END_TEST

START_TEST(metrics_of_a_category)
{
	struct persona_metric one = revision_metric("one"), two = set_metric("two", 1),
			      three = revision_metric("three");
	size_t index = 0;

	one.category = two.category = "mine";
	three.category = "other";
	add_metric(two);
	add_metric(three);
	add_metric(one);
	ck_assert_str_eq(persona_registry_next(registry, "mine", &index)->name, "one");
	ck_assert_str_eq(persona_registry_next(registry, "mine", &index)->name, "two");
	ck_assert_ptr_null(persona_registry_next(registry, "mine", &index));
	index = 0;
	ck_assert_ptr_null(persona_registry_next(registry, "nobody's", &index));
}
END_TEST

START_TEST(threads_are_told_to_all)
{
	add_metric(set_metric("before", 1));
	persona_registry_set_threads(registry, 3);
	add_metric(set_metric("later", 1));
	ck_assert_int_eq(persona_registry_get(registry, "before")->threads, 3);
	ck_assert_int_eq(persona_registry_get(registry, "later")->threads, 3);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("registry");
	TCase *tcase = tcase_create("registry");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, empty_registry);
	tcase_add_test(tcase, default_registry_has_the_builtin_metrics);
	tcase_add_test(tcase, metrics_are_iterated_by_name);
	tcase_add_test(tcase, the_metric_is_copied);
	tcase_add_test(tcase, texts_may_be_left_out);
	tcase_add_test(tcase, a_metric_stays_where_it_is_while_others_come);
	tcase_add_test(tcase, a_name_is_taken_once);
	tcase_add_loop_test(tcase, malformed_names_are_refused, 0, 9);
	tcase_add_test(tcase, malformed_metrics_are_refused);
	tcase_add_test(tcase, remove_takes_one_out);
	tcase_add_test(tcase, has_set_looks_at_weights);
	tcase_add_test(tcase, metrics_of_a_category);
	tcase_add_test(tcase, threads_are_told_to_all);
	tcase_add_test(tcase, settings_tell_what_shapes_a_score);
	suite_add_tcase(suite, tcase);
	return run(suite);
}
