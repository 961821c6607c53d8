#include "helper.h"

static struct persona_registry *registry;
static struct persona_profile profile;
static struct persona whole;
static struct persona_error err;

static void setup(void)
{
	err = (struct persona_error){ 0 };
	ck_assert_int_eq(persona_registry_new(&registry, &err), 0);
	ck_assert_int_eq(persona_profile_get(&profile, "default", &err), 0);
	make_whole(&whole);
}

static void teardown(void)
{
	persona_registry_free(registry);
	persona_release(&whole);
}

/* ---- Metrics for tests ----------------------------------------------- */

/* What a test metric does; its payload. */
struct script {
	int rc;
	bool measured;
	double value;
	bool issue;
	const char *error;
	size_t calls;
};

static int play(const struct persona_metric *metric, struct persona_finding *finding, struct persona_error *error)
{
	struct script *script = metric->payload;

	script->calls++;
	finding->measured = script->measured;
	finding->value = script->value;
	if (script->issue &&
	    persona_finding_issue(finding, "test-code", "goals", 2, error, "value %g", script->value) < 0)
		return -1;
	if (script->rc < 0)
		return persona_error_set(error, PERSONA_E_FORMAT, "%s", script->error);
	return 0;
}

static int play_revision(const struct persona_metric *metric, const struct persona_profile *with,
			 const struct persona_subject *subject, struct persona_finding *finding,
			 struct persona_error *error)
{
	(void)with;
	(void)subject;
	return play(metric, finding, error);
}

static int play_set(const struct persona_metric *metric, const struct persona_profile *with,
		    const struct persona_subject *subjects, size_t len, struct persona_finding *findings,
		    struct persona_error *error)
{
	struct script *script = metric->payload;
	size_t calls = script->calls + 1;

	(void)with;
	(void)subjects;
	for (size_t i = 0; i < len; i++)
		if (play(metric, &findings[i], error) < 0)
			return -1;
	script->calls = calls;
	return 0;
}

/* The sum of what went before, to which the order matters, and the number of members. */
static int rank_set(const struct persona_metric *metric, const struct persona_profile *with,
		    const struct persona_subject *subjects, size_t len, struct persona_finding *findings,
		    struct persona_error *error)
{
	double sum = 0.1;

	(void)metric;
	(void)with;
	for (size_t i = 0; i < len; i++) {
		sum = fmod(sum * 1.7 + (double)subjects[i].persona_id / 3 + (double)subjects[i].revision_id / 7, 100);
		findings[i].measured = subjects[i].member;
		findings[i].value = sum;
		if (persona_finding_issue(&findings[i], "rank", NULL, -1, error, "persona %d.%d",
					  (int)subjects[i].persona_id, (int)subjects[i].revision_id) < 0)
			return -1;
	}
	return 0;
}

static void add_metric(const char *name, enum persona_metric_scope scope, double weight, struct script *script)
{
	struct persona_metric metric = {
		.name = name,
		.scope = scope,
		.weight = weight,
		.version = 1,
		.payload = script,
	};

	if (scope == PERSONA_SCOPE_SET)
		metric.set = play_set;
	else
		metric.revision = play_revision;
	ck_assert_int_eq(persona_registry_add(registry, &metric, &err), 0);
}

static void score_one(struct persona_score *score)
{
	struct persona_subject subject = { .persona = &whole };

	ck_assert_int_eq(persona_score_revision(score, registry, &profile, &subject, &err), 0);
}

static const struct persona_metric_score *part_of(const struct persona_score *score, const char *name)
{
	for (size_t i = 0; i < score->len; i++)
		if (strcmp(score->metrics[i].metric->name, name) == 0)
			return &score->metrics[i];
	return NULL;
}

/* ---- One persona ----------------------------------------------------- */

START_TEST(weights_are_normalised)
{
	struct script a = { .measured = true, .value = 100 }, b = { .measured = true, .value = 40 };
	struct persona_score score;

	add_metric("b", PERSONA_SCOPE_REVISION, 3, &b);
	add_metric("a", PERSONA_SCOPE_REVISION, 1, &a);
	score_one(&score);
	ck_assert(score.measured);
	assert_near(score.overall, 55);
	assert_near(score.own, 55);
	ck_assert_int_eq(score.level, PERSONA_POOR);
	ck_assert_uint_eq(score.len, 2);
	ck_assert_str_eq(score.metrics[0].metric->name, "a");
	assert_near(score.metrics[0].weight, 0.25);
	assert_near(score.metrics[1].weight, 0.75);
	assert_near(score.metrics[1].finding.value, 40);
	ck_assert_ptr_eq(score.metrics[0].metric, persona_registry_get(registry, "a"));
	persona_score_release(&score);
}
END_TEST

START_TEST(the_profile_decides_weights)
{
	struct script a = { .measured = true, .value = 100 }, b = { .measured = true, .value = 0 };
	struct persona_score score;

	add_metric("a", PERSONA_SCOPE_REVISION, 1, &a);
	add_metric("b", PERSONA_SCOPE_REVISION, 1, &b);
	ck_assert_int_eq(persona_profile_weigh(&profile, "a", 9, &err), 0);
	score_one(&score);
	assert_near(score.overall, 90);
	ck_assert_int_eq(score.level, PERSONA_EXCELLENT);
	persona_score_release(&score);
}
END_TEST

/* Without a measure, a metric's weight goes to the others and the row says so. */
START_TEST(what_is_not_measured_leaves_its_weight)
{
	struct script a = { .measured = true, .value = 80 }, silent = { .value = 50 },
		      told = { .value = 50, .issue = true };
	struct persona_score score;

	add_metric("a", PERSONA_SCOPE_REVISION, 1, &a);
	add_metric("silent", PERSONA_SCOPE_REVISION, 5, &silent);
	add_metric("told", PERSONA_SCOPE_REVISION, 5, &told);
	score_one(&score);
	assert_near(score.overall, 80);
	assert_near(part_of(&score, "a")->weight, 1);
	assert_near(part_of(&score, "silent")->weight, 0);
	ck_assert(isnan(part_of(&score, "silent")->finding.value));
	ck_assert_uint_eq(part_of(&score, "silent")->finding.issues_len, 1);
	ck_assert_str_eq(part_of(&score, "silent")->finding.issues[0].code, "not-measured");
	ck_assert_uint_eq(part_of(&score, "told")->finding.issues_len, 1);
	ck_assert_str_eq(part_of(&score, "told")->finding.issues[0].code, "test-code");
	persona_score_release(&score);
}
END_TEST

START_TEST(nothing_measured_is_no_score)
{
	struct script silent = { 0 };
	struct persona_score score;

	score_one(&score);
	ck_assert(!score.measured);
	ck_assert_uint_eq(score.len, 0);
	persona_score_release(&score);
	add_metric("silent", PERSONA_SCOPE_REVISION, 1, &silent);
	score_one(&score);
	ck_assert(!score.measured);
	ck_assert(isnan(score.overall));
	ck_assert(isnan(score.own));
	ck_assert_int_eq(score.level, PERSONA_FAILING);
	ck_assert_uint_eq(score.len, 1);
	persona_score_release(&score);
	persona_score_release(&score);
}
END_TEST

START_TEST(weight_0_is_run_and_shown)
{
	struct script idle = { .measured = true, .value = 10, .issue = true }, a = { .measured = true, .value = 80 };
	struct persona_score score;

	add_metric("idle", PERSONA_SCOPE_REVISION, 0, &idle);
	score_one(&score);
	ck_assert(!score.measured);
	ck_assert(isnan(score.overall));
	ck_assert(part_of(&score, "idle")->finding.measured);
	persona_score_release(&score);
	add_metric("a", PERSONA_SCOPE_REVISION, 1, &a);
	score_one(&score);
	assert_near(score.overall, 80);
	assert_near(part_of(&score, "idle")->weight, 0);
	assert_near(part_of(&score, "idle")->finding.value, 10);
	ck_assert_uint_eq(part_of(&score, "idle")->finding.issues_len, 1);
	ck_assert_uint_eq(idle.calls, 2);
	persona_score_release(&score);
}
END_TEST

static const struct {
	struct script script;
	const char *message; /* NULL: the value counts */
} outcomes[] = {
	{ { .measured = true, .value = 0 }, NULL },
	{ { .measured = true, .value = 100 }, NULL },
	{ { .measured = true, .value = NAN, .issue = true }, "not within 0..100" },
	{ { .measured = true, .value = HUGE_VAL }, "not within 0..100" },
	{ { .measured = true, .value = -HUGE_VAL }, "not within 0..100" },
	{ { .measured = true, .value = -0.001 }, "not within 0..100" },
	{ { .measured = true, .value = 100.001, .issue = true }, "not within 0..100" },
	{ { .rc = -1, .measured = true, .value = 50, .issue = true, .error = "no such table" }, "no such table" },
	{ { .rc = -1, .error = "" }, "without a reason" },
};

/* Alone or in a set, a metric that fails fails alone. */
START_TEST(a_failing_metric_fails_alone)
{
	enum persona_metric_scope scope = _i % 2 ? PERSONA_SCOPE_SET : PERSONA_SCOPE_REVISION;
	const char *message = outcomes[_i / 2].message;
	struct script script = outcomes[_i / 2].script, good = { .measured = true, .value = 60 };
	struct persona_subject subject = { .persona = &whole };
	const struct persona_metric_score *part;
	struct persona_score score;

	add_metric("bad", scope, 1, &script);
	add_metric("good", PERSONA_SCOPE_REVISION, 1, &good);
	ck_assert_int_eq(persona_score_set(&score, registry, &profile, &subject, 1, &err), 0);
	ck_assert_int_eq(err.code, PERSONA_OK);
	part = part_of(&score, "bad");
	assert_near(score.own, scope == PERSONA_SCOPE_SET || message ? 60 : (60 + script.value) / 2);
	if (message) {
		assert_near(score.overall, 60);
		ck_assert(!part->finding.measured);
		ck_assert(isnan(part->finding.value));
		ck_assert_uint_eq(part->finding.issues_len, 1);
		ck_assert_str_eq(part->finding.issues[0].code, "failed");
		ck_assert_str_eq(part->finding.issues[0].metric, "bad");
		ck_assert_ptr_nonnull(strstr(part->finding.issues[0].message, message));
	} else {
		assert_near(score.overall, (60 + script.value) / 2);
		ck_assert(part->finding.measured);
		ck_assert_uint_eq(part->finding.issues_len, 0);
	}
	persona_score_release(&score);
}
END_TEST

static int run_out(const struct persona_metric *metric, const struct persona_profile *with,
		   const struct persona_subject *subject, struct persona_finding *finding, struct persona_error *error)
{
	(void)with;
	(void)subject;
	(void)finding;
	return persona_error_set(error, *(const enum persona_error_code *)metric->payload, "ran out");
}

/* A score is kept for good; one that tells of a full or a busy machine must not be. */
START_TEST(memory_or_time_that_ran_out_is_no_finding)
{
	enum persona_error_code code = _i ? PERSONA_E_BUSY : PERSONA_E_NOMEM;
	struct persona_metric metric = { .name = "hungry", .weight = 1, .revision = run_out, .payload = &code };
	struct persona_subject subject = { .persona = &whole };
	struct script good = { .measured = true, .value = 60, .issue = true };
	struct persona_score score;

	add_metric("good", PERSONA_SCOPE_REVISION, 1, &good);
	ck_assert_int_eq(persona_registry_add(registry, &metric, &err), 0);
	ck_assert_int_eq(persona_score_revision(&score, registry, &profile, &subject, &err), -1);
	ck_assert_int_eq(err.code, code);
	ck_assert_uint_eq(score.len, 0);
	ck_assert_int_eq(persona_score_set(&score, registry, &profile, &subject, 1, &err), -1);
	ck_assert_int_eq(err.code, code);
}
END_TEST

START_TEST(issues_bear_the_name_of_the_metric)
{
	struct persona_score score;

	persona_registry_free(registry);
	ck_assert_int_eq(persona_registry_new_default(&registry, &err), 0);
	persona_release(&whole);
	score_one(&score);
	ck_assert_uint_eq(score.len, 4);
	for (size_t i = 0; i < score.len; i++) {
		ck_assert_uint_gt(score.metrics[i].finding.issues_len, 0);
		for (size_t k = 0; k < score.metrics[i].finding.issues_len; k++)
			ck_assert_str_eq(score.metrics[i].finding.issues[k].metric, score.metrics[i].metric->name);
	}
	ck_assert(!part_of(&score, "evidence_strength")->finding.measured);
	persona_score_release(&score);
}
END_TEST

START_TEST(a_whole_persona_without_records_has_100)
{
	struct persona_score score;

	persona_registry_free(registry);
	ck_assert_int_eq(persona_registry_new_default(&registry, &err), 0);
	score_one(&score);
	ck_assert_double_eq(score.overall, 100);
	ck_assert_int_eq(score.level, PERSONA_EXCELLENT);
	assert_near(part_of(&score, "completeness")->weight, 0.25 / 0.60);
	assert_near(part_of(&score, "realism")->weight, 0.15 / 0.60);
	persona_score_release(&score);
}
END_TEST

START_TEST(a_bad_profile_is_refused)
{
	struct persona_subject subject = { .persona = &whole };
	struct persona_score score;

	profile.level_from[PERSONA_GOOD] = 95;
	ck_assert_int_eq(persona_score_revision(&score, registry, &profile, &subject, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_USAGE);
	persona_score_release(&score);
	ck_assert_int_eq(persona_score_set(&score, registry, &profile, &subject, 1, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_USAGE);
}
END_TEST

/* ---- Sets ------------------------------------------------------------ */

START_TEST(alone_set_metrics_do_not_run)
{
	struct script set_script = { .measured = true, .value = 10 }, own = { .measured = true, .value = 80 };
	struct persona_score score;

	add_metric("a_set", PERSONA_SCOPE_SET, 1, &set_script);
	add_metric("own", PERSONA_SCOPE_REVISION, 1, &own);
	score_one(&score);
	ck_assert_uint_eq(score.len, 1);
	ck_assert_uint_eq(set_script.calls, 0);
	assert_near(score.overall, 80);
	persona_score_release(&score);
}
END_TEST

START_TEST(own_is_without_set_metrics)
{
	struct script set_script = { .measured = true, .value = 10 }, own = { .measured = true, .value = 80 };
	struct persona_subject subjects[3] = { { .persona = &whole }, { .persona = &whole }, { .persona = &whole } };
	struct persona_score scores[3];

	add_metric("a_set", PERSONA_SCOPE_SET, 1, &set_script);
	add_metric("own", PERSONA_SCOPE_REVISION, 3, &own);
	ck_assert_int_eq(persona_score_set(scores, registry, &profile, subjects, 3, &err), 0);
	ck_assert_uint_eq(set_script.calls, 1);
	ck_assert_uint_eq(own.calls, 3);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_uint_eq(scores[i].len, 2);
		assert_near(scores[i].overall, 62.5);
		assert_near(scores[i].own, 80);
		persona_score_release(&scores[i]);
	}
}
END_TEST

START_TEST(own_may_be_what_nobody_measured)
{
	struct script set_script = { .measured = true, .value = 10 }, own = { 0 };
	struct persona_subject subject = { .persona = &whole };
	struct persona_score score;

	add_metric("a_set", PERSONA_SCOPE_SET, 1, &set_script);
	add_metric("own", PERSONA_SCOPE_REVISION, 3, &own);
	ck_assert_int_eq(persona_score_set(&score, registry, &profile, &subject, 1, &err), 0);
	ck_assert(score.measured);
	assert_near(score.overall, 10);
	ck_assert(isnan(score.own));
	persona_score_release(&score);
}
END_TEST

START_TEST(an_empty_set_is_scored_at_once)
{
	struct script set_script = { .measured = true, .value = 10 };

	add_metric("a_set", PERSONA_SCOPE_SET, 1, &set_script);
	ck_assert_int_eq(persona_score_set(NULL, registry, &profile, NULL, 0, &err), 0);
	ck_assert_uint_eq(set_script.calls, 0);
}
END_TEST

#define SUBJECTS 50

/* Scores of personas 1.1, 1.2, 2.1 …, in the order that step gives; out[i] belongs to the i-th of them. */
static void score_in_steps(struct persona_score *out, size_t step)
{
	struct persona_subject subjects[SUBJECTS];
	struct persona_score scores[SUBJECTS];

	for (size_t i = 0; i < SUBJECTS; i++) {
		size_t which = i * step % SUBJECTS;

		subjects[i] = (struct persona_subject){ .persona = &whole,
							.persona_id = 1 + (int64_t)which / 2,
							.revision_id = 1000 - (int64_t)which,
							.member = which % 2 };
	}
	ck_assert_int_eq(persona_score_set(scores, registry, &profile, subjects, SUBJECTS, &err), 0);
	for (size_t i = 0; i < SUBJECTS; i++)
		out[i * step % SUBJECTS] = scores[i];
}

START_TEST(scores_do_not_depend_on_the_order_of_subjects)
{
	static const size_t steps[] = { 3, 7, 11, 49 };
	struct persona_metric rank = { .name = "rank", .scope = PERSONA_SCOPE_SET, .weight = 1, .set = rank_set };
	struct script own = { .measured = true, .value = 80 };
	struct persona_score straight[SUBJECTS], other[SUBJECTS];

	add_metric("own", PERSONA_SCOPE_REVISION, 1, &own);
	ck_assert_int_eq(persona_registry_add(registry, &rank, &err), 0);
	score_in_steps(straight, 1);
	score_in_steps(other, steps[_i]);
	for (size_t i = 0; i < SUBJECTS; i++) {
		const struct persona_finding *a = &part_of(&straight[i], "rank")->finding;
		const struct persona_finding *b = &part_of(&other[i], "rank")->finding;
		char expected[64];

		snprintf(expected, sizeof expected, "persona %zu.%zu", 1 + i / 2, 1000 - i);
		ck_assert_str_eq(a->issues[0].message, expected);
		ck_assert_str_eq(b->issues[0].message, expected);
		ck_assert_int_eq(a->measured, i % 2);
		ck_assert_int_eq(a->measured, b->measured);
		if (a->measured)
			ck_assert_double_eq(a->value, b->value);
		ck_assert_double_eq(straight[i].overall, other[i].overall);
		persona_score_release(&straight[i]);
		persona_score_release(&other[i]);
	}
}
END_TEST

START_TEST(a_set_gives_what_one_by_one_gives)
{
	struct persona personas[3];
	struct persona_subject subjects[3];
	struct persona_score set_scores[3];

	persona_registry_free(registry);
	ck_assert_int_eq(persona_registry_new_default(&registry, &err), 0);
	ck_assert_int_eq(persona_registry_remove(registry, "distinctiveness", &err), 0);
	for (size_t i = 0; i < 3; i++) {
		make_whole(&personas[i]);
		clear(&personas[i], (enum persona_list_field)i);
		subjects[i] = (struct persona_subject){ .persona = &personas[i],
							.persona_id = 9 - (int64_t)i,
							.batch_records = (int64_t)i * 10 };
	}
	ck_assert_int_eq(persona_score_set(set_scores, registry, &profile, subjects, 3, &err), 0);
	for (size_t i = 0; i < 3; i++) {
		struct persona_score alone;

		ck_assert_int_eq(persona_score_revision(&alone, registry, &profile, &subjects[i], &err), 0);
		ck_assert_double_eq(alone.overall, set_scores[i].overall);
		ck_assert_double_eq(alone.own, set_scores[i].own);
		ck_assert_uint_eq(alone.len, set_scores[i].len);
		persona_score_release(&alone);
		persona_score_release(&set_scores[i]);
		persona_release(&personas[i]);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("score");
	TCase *tcase = tcase_create("score");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, weights_are_normalised);
	tcase_add_test(tcase, the_profile_decides_weights);
	tcase_add_test(tcase, what_is_not_measured_leaves_its_weight);
	tcase_add_test(tcase, nothing_measured_is_no_score);
	tcase_add_test(tcase, weight_0_is_run_and_shown);
	tcase_add_loop_test(tcase, a_failing_metric_fails_alone, 0, 2 * COUNT(outcomes));
	tcase_add_loop_test(tcase, memory_or_time_that_ran_out_is_no_finding, 0, 2);
	tcase_add_test(tcase, issues_bear_the_name_of_the_metric);
	tcase_add_test(tcase, a_whole_persona_without_records_has_100);
	tcase_add_test(tcase, a_bad_profile_is_refused);
	tcase_add_test(tcase, alone_set_metrics_do_not_run);
	tcase_add_test(tcase, own_is_without_set_metrics);
	tcase_add_test(tcase, own_may_be_what_nobody_measured);
	tcase_add_test(tcase, an_empty_set_is_scored_at_once);
	tcase_add_loop_test(tcase, scores_do_not_depend_on_the_order_of_subjects, 0, 4);
	tcase_add_test(tcase, a_set_gives_what_one_by_one_gives);
	suite_add_tcase(suite, tcase);
	return run(suite);
}
