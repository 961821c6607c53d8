/* Score: a row per revision and key, or per population; who is compared with whom; queries as metrics. */
#include "stage_fakes.h"

/* ---- Metrics -------------------------------------------------------------- */

/* Ages are given by the tests; who has none is not measured. */
static int grade(const struct persona_metric *metric, const struct persona_profile *profile,
		 const struct persona_subject *subject, struct persona_finding *finding, struct persona_error *why)
{
	(void)metric;
	(void)profile;
	finding->measured = subject->persona->age != PERSONA_UNKNOWN;
	finding->value = (double)subject->persona->age;
	if (finding->measured && finding->value < 50)
		return persona_finding_issue(finding, "low", "age", -1, why, "only %g", finding->value);
	return 0;
}

static atomic_int sets_scored;

/* How many others there are in the population; and nobody may be compared with himself. */
static int others(const struct persona_metric *metric, const struct persona_profile *profile,
		  const struct persona_subject *subjects, size_t len, struct persona_finding *findings,
		  struct persona_error *why)
{
	(void)metric;
	(void)profile;
	(void)why;
	atomic_fetch_add(&sets_scored, 1);
	for (size_t i = 0; i < len; i++) {
		size_t count = 0;

		for (size_t k = 0; k < len; k++)
			count += subjects[k].member && subjects[k].persona_id != subjects[i].persona_id;
		findings[i].measured = true;
		findings[i].value = (double)(count < 100 ? count : 100);
	}
	return 0;
}

static const struct persona_metric by_age = {
	.name = "grade", .scope = PERSONA_SCOPE_REVISION, .weight = 1, .version = 1, .revision = grade
};
static const struct persona_metric by_others = {
	.name = "others", .scope = PERSONA_SCOPE_SET, .weight = 1, .version = 1, .set = others
};

static struct persona_registry *registry;
static struct persona_profile profile;
static struct persona_score_settings settings;

static void setup_score(void)
{
	setup();
	OK(persona_registry_new(&registry, &err));
	OK(persona_registry_add(registry, &by_age, &err));
	OK(persona_profile_get(&profile, "default", &err));
	settings = (struct persona_score_settings){ .registry = registry, .profile = &profile };
}

static void setup_set(void)
{
	setup_score();
	OK(persona_registry_add(registry, &by_others, &err));
}

static void teardown_score(void)
{
	persona_registry_free(registry);
	teardown();
}

static void score(void)
{
	OK(run_stage(&persona_stage_score, &settings, NULL));
	ck_assert_int_eq(end, PERSONA_END_DONE);
	ck_assert_int_eq(number("SELECT count(*) FROM claim"), 0);
}

/* Again: the same references and no row. */
static void assert_rest(const char *expected)
{
	char *before = picture(), *after;

	score();
	assert_passed(expected);
	after = picture();
	ck_assert_str_eq(before, after);
	ck_assert_int_eq(count_of(PERSONA_COUNT_MADE), 0);
	free(before);
	free(after);
}

#define CHILD "{'name': 'Ada', 'age': 70, 'goals': ['better']}"
#define ROWS                                                                                                           \
	"SELECT persona_id || '.' || number, population_id, overall, own, level FROM score JOIN revision USING"        \
	" (revision_id) ORDER BY population_id, persona_id, number"

/* ---- One by one --------------------------------------------------------------- */

START_TEST(a_row_per_revision_and_key)
{
	seed(3, "a");
	write_sql("UPDATE revision SET age = 40 WHERE revision_id = 1; UPDATE revision SET age = 80 WHERE revision_id "
		  "= 2");
	give("1 2 3");
	score();
	assert_passed("1.1 2.1 3.1");
	/* 3 has no age: nothing could be measured, and that is kept. */
	assert_rows(ROWS, "1.1|null|40.0|40.0|poor\n2.1|null|80.0|80.0|good\n3.1|null|null|null|null\n");
	assert_rows("SELECT score_id, metric, value, weight, issues FROM metric_score WHERE score_id = 1",
		    "1|grade|40.0|1.0|[{\"code\":\"low\",\"field\":\"age\",\"message\":\"only 40\"}]\n");
	ck_assert_int_eq(count_of(PERSONA_COUNT_MADE), 3);
	assert_rest("1.1 2.1 3.1");
	ck_assert_int_eq(count_of(PERSONA_COUNT_UNCHANGED), 3);
	/* Another revision needs a row of its own, another batch is nobody's business. */
	seed_child(1, CHILD);
	seed(1, "b");
	give("1 4");
	score();
	assert_passed("1.2 4.1");
	ck_assert_int_eq(number("SELECT count(*) FROM score"), 5);
	ck_assert_int_eq(number("SELECT count(*) FROM population"), 0);
}
END_TEST

START_TEST(another_weight_is_another_key)
{
	seed(2, "a");
	give("1 2");
	score();
	OK(persona_profile_weigh(&profile, "grade", 7, &err));
	score();
	ck_assert_int_eq(number("SELECT count(*) FROM score"), 4);
	ck_assert_int_eq(number("SELECT key_id FROM stage_key ORDER BY last_used DESC LIMIT 1"), 2);
	OK(persona_profile_get(&profile, "default", &err));
	assert_rest("1.1 2.1");
	/* Whose key was last used changed though no row did. */
	ck_assert_int_eq(number("SELECT key_id FROM stage_key ORDER BY last_used DESC LIMIT 1"), 1);
}
END_TEST

START_TEST(nothing_writes_nothing)
{
	char *before = picture(), *after;

	score();
	after = picture();
	ck_assert_str_eq(before, after);
	free(before);
	free(after);
}
END_TEST

static atomic_bool input_ended;

static void not_before_the_end(void *payload, enum persona_phase where)
{
	(void)payload;
	(void)where;
	ck_assert(atomic_load(&input_ended));
}

static void *end_input(void *payload)
{
	int fd = *(int *)payload;
	struct timespec pause = { .tv_nsec = 150000000 };

	nanosleep(&pause, NULL);
	/* The input has not ended: no key yet, though references came long ago. */
	ck_assert_int_eq(number("SELECT count(*) FROM stage_key"), 0);
	atomic_store(&input_ended, true);
	close(fd);
	return NULL;
}

START_TEST(the_key_is_used_when_the_input_has_ended)
{
	pthread_t thread;
	int ends[2];

	seed(2, "a");
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(write(ends[1], "1.1\n2.1\n", 8), 8);
	options.input_fd = ends[0];
	options.phase = not_before_the_end;
	ck_assert_int_eq(pthread_create(&thread, NULL, end_input, &ends[1]), 0);
	score();
	pthread_join(thread, NULL);
	assert_passed("1.1 2.1");
	close(ends[0]);
}
END_TEST

START_TEST(a_parked_row_is_passed)
{
	seed(2, "a");
	give("1 2");
	score();
	write_sql("DELETE FROM metric_score; DELETE FROM score;"
		  "INSERT INTO failure (stage, revision_id, key_id, class, message, attempt, parked, at)"
		  " VALUES ('score', 1, 1, 'invalid', 'm', 3, 1, 1)");
	score();
	assert_passed("1.1 2.1");
	ck_assert_int_eq(count_of(PERSONA_COUNT_PARKED), 1);
	ck_assert_int_eq(number("SELECT count(*) FROM score"), 1);
	options.retry = "all";
	score();
	ck_assert_int_eq(number("SELECT count(*) FROM score"), 2);
}
END_TEST

START_TEST(pending_is_who_has_no_row)
{
	seed(4, "a");
	give("2");
	score();
	options.refs_len = 0;
	options.pending = true;
	score();
	assert_passed("1.1 3.1 4.1");
	assert_rest("");
	seed_child(3, CHILD);
	score();
	assert_passed("3.2");
}
END_TEST

/* ---- Compared with each other ---------------------------------------------------- */

START_TEST(the_population_is_who_is_given)
{
	seed(3, "a");
	give("3.1 1.1 2.1");
	score();
	assert_passed("1.1 2.1 3.1");
	assert_rows(ROWS, "1.1|1|2.0|null|failing\n2.1|1|2.0|null|failing\n3.1|1|2.0|null|failing\n");
	assert_rows("SELECT batch_id, members, newest_through, last_used FROM population", "1|3|3|1\n");
	ck_assert_int_eq(atomic_load(&sets_scored), 1);
	assert_rest("1.1 2.1 3.1");
	ck_assert_int_eq(atomic_load(&sets_scored), 1);
	assert_rows("SELECT last_used FROM population", "1\n");
}
END_TEST

START_TEST(who_is_not_given_is_there_with_the_newest)
{
	seed(3, "a");
	seed_child(2, CHILD);
	give("1.1");
	score();
	/* Rows for 1.1 alone; 2.2 and 3.1 are compared with. */
	assert_rows(ROWS, "1.1|1|2.0|null|failing\n");
	assert_rows("SELECT members, newest_through FROM population", "3|4\n");
	/* The same population by another list: the rows that are missing. */
	give("2.2 3.1 1.1");
	score();
	ck_assert_int_eq(number("SELECT count(*) FROM population"), 1);
	ck_assert_int_eq(number("SELECT count(*) FROM score"), 3);
	ck_assert_int_eq(count_of(PERSONA_COUNT_MADE), 2);
	/* An older revision given: another population, which is not the newest. */
	give("2.1");
	score();
	assert_rows("SELECT population_id, members, newest_through, last_used FROM population ORDER BY 1",
		    "1|3|4|1\n2|3|null|2\n");
	ck_assert_int_eq(number("SELECT count(*) FROM score"), 4);
}
END_TEST

START_TEST(of_two_given_the_newer_is_the_member)
{
	seed(2, "a");
	seed_child(1, CHILD);
	seed_child(1, CHILD);
	give("1.2 2.1 1.1 1.2 1.3");
	score();
	assert_passed("1.1 1.2 1.2 1.3 2.1");
	/* All are judged, against the one other persona: never against their own. For 2.1 persona 1 counts once. */
	assert_rows("SELECT persona_id || '.' || number, value FROM metric_score JOIN score USING (score_id)"
		    " JOIN revision USING (revision_id) WHERE metric = 'others' ORDER BY 1",
		    "1.1|1.0\n1.2|1.0\n1.3|1.0\n2.1|1.0\n");
	assert_rows("SELECT members, newest_through FROM population", "2|4\n");
	assert_rest("1.1 1.2 1.2 1.3 2.1");
	/* The same members by a shorter list. */
	give("1 2");
	assert_rest("1.3 2.1");
	/* 1.2 is the newer of these two. */
	give("1.2 1.1");
	score();
	assert_rows("SELECT population_id, members, newest_through FROM population ORDER BY 1", "1|2|4\n2|2|null\n");
}
END_TEST

START_TEST(every_batch_has_a_population_of_its_own)
{
	seed(2, "a");
	seed(3, "b");
	give("1 2 3 4 5");
	score();
	assert_passed("1.1 2.1 3.1 4.1 5.1");
	assert_rows("SELECT batch_id, members FROM population ORDER BY 1", "1|2\n2|3\n");
	ck_assert_int_eq(number("SELECT count(*) FROM score"), 5);
	ck_assert_int_eq(atomic_load(&sets_scored), 2);
}
END_TEST

/* A batch that has grown, or whose personas were refined: its newest have to be compared again. */
START_TEST(pending_is_who_has_no_row_among_the_newest)
{
	seed(3, "a");
	options.pending = true;
	score();
	assert_passed("1.1 2.1 3.1");
	assert_rest("");
	seed_child(2, CHILD);
	score();
	assert_passed("1.1 2.2 3.1");
	ck_assert_int_eq(number("SELECT count(*) FROM score"), 6);
	assert_rest("");
}
END_TEST

/* Not even in the middle of a batch. */
static void row_is_there(void *payload, struct persona_ref ref)
{
	char sql[128];

	snprintf(sql, sizeof sql, "SELECT count(*) FROM score WHERE revision_id = %lld", (long long)ref.persona_id);
	ck_assert_int_eq(number(sql), 1);
	take_passed(payload, ref);
}

START_TEST(many_rows_go_in_several_transactions)
{
	int64_t made = 0;

	seed(600, "a");
	options.passed = row_is_there;
	for (options.refs_len = 0; options.refs_len < 600; options.refs_len++)
		refs[options.refs_len] = (struct persona_ref){ .persona_id = (int64_t)options.refs_len + 1 };
	score();
	ck_assert_uint_eq(passed_len, 600);
	ck_assert_int_eq(number("SELECT count(*) FROM score"), 600);
	made = count_of(PERSONA_COUNT_MADE);
	ck_assert_int_eq(made, 600);
	ck_assert_int_eq(count_of(PERSONA_COUNT_DONE), 1);
	ck_assert_int_eq(atomic_load(&sets_scored), 1);
}
END_TEST

/* Passed on in spite of it. */
START_TEST(the_limit_passes_whole_batches_on)
{
	seed(2, "a");
	seed(2, "b");
	give("1 2 3 4");
	options.limit = 1;
	score();
	assert_passed("1.1 2.1 3.1 4.1");
	ck_assert_int_eq(number("SELECT count(*) FROM score"), 2);
}
END_TEST

/* Somebody edited one of them: the others are scored without it, and it fails under its own name until it is parked. */
START_TEST(who_cannot_be_read_fails_alone_in_a_set)
{
	seed(3, "a");
	write_sql("UPDATE revision SET extra = '{\"a\": 1e999}' WHERE revision_id = 2");
	give("1 2 3");
	for (int i = 1; i <= 4; i++) {
		score();
		assert_passed("1.1 2.1 3.1");
		ck_assert_int_eq(number("SELECT count(*) FROM score WHERE revision_id <> 2"), 2);
		ck_assert_int_eq(number("SELECT count(*) FROM score WHERE revision_id = 2"), 0);
		ck_assert_int_eq(number("SELECT count(*) FROM failure WHERE revision_id = 2 AND class = 'invalid'"),
				 i < 3 ? i : 3);
	}
	ck_assert_int_eq(count_of(PERSONA_COUNT_PARKED), 1);
	ck_assert_int_eq(number("SELECT count(*) FROM failure"), 3);
	/* It is a member like the others, of whom alone something was measured. */
	assert_rows("SELECT p.members, g.members, excellent + good + acceptable + poor + failing FROM scoring g"
		    " JOIN population p USING (population_id)",
		    "3|3|2\n");
}
END_TEST

START_TEST(a_parked_batch_is_passed)
{
	seed(3, "a");
	give("1 2 3");
	score();
	write_sql("DELETE FROM metric_score; DELETE FROM score;"
		  "INSERT INTO failure (stage, batch_id, slot, key_id, class, message, attempt, parked, at)"
		  " VALUES ('score', 1, 1, 1, 'invalid', 'm', 3, 1, 1)");
	score();
	assert_passed("1.1 2.1 3.1");
	ck_assert_int_eq(count_of(PERSONA_COUNT_PARKED), 1);
	ck_assert_int_eq(number("SELECT count(*) FROM score"), 0);
}
END_TEST

/* ---- Among others ------------------------------------------------------------------ */

/* A living run that holds the batch. */
START_TEST(a_batch_that_others_hold_is_passed_without_waiting)
{
	struct persona_store *other;
	enum persona_claim claim;

	seed(2, "a");
	seed(1, "b");
	give("1 2 3");
	other = open_store();
	OK(persona_store_begin(other, &err));
	OK(persona_store_claim(other, "score", "population 1 key 1", 0, &claim, &err));
	OK(persona_store_commit(other, &err));
	options.no_wait = true;
	OK(run_stage(&persona_stage_score, &settings, NULL));
	assert_passed("1.1 2.1 3.1");
	ck_assert_int_eq(count_of(PERSONA_COUNT_HELD), 1);
	ck_assert_int_eq(number("SELECT count(*) FROM score"), 1);
	persona_store_close(other);
	options.no_wait = false;
	score();
	ck_assert_int_eq(number("SELECT count(*) FROM score"), 3);
}
END_TEST

static int64_t dead_run;
static int commits;

/* Between the first group of rows and the second, somebody takes us for dead and dies himself. */
static void take_over_between(void *payload, enum persona_phase where)
{
	char sql[96];

	(void)payload;
	if (where != PERSONA_PHASE_PRINT || ++commits != 1)
		return;
	snprintf(sql, sizeof sql, "UPDATE claim SET run_id = %lld", (long long)dead_run);
	write_sql(sql);
}

START_TEST(a_batch_taken_over_half_way_is_finished)
{
	struct persona_store *gone = open_store();

	dead_run = persona_store_run_id(gone);
	persona_store_close(gone);
	seed(600, "a");
	for (options.refs_len = 0; options.refs_len < 600; options.refs_len++)
		refs[options.refs_len] = (struct persona_ref){ .persona_id = (int64_t)options.refs_len + 1 };
	options.phase = take_over_between;
	score();
	ck_assert_int_eq(count_of(PERSONA_COUNT_FENCED), 1);
	ck_assert_int_eq(number("SELECT count(*) FROM score"), 600);
	ck_assert_int_eq(number("SELECT count(DISTINCT revision_id) FROM score"), 600);
	ck_assert_int_eq(atomic_load(&sets_scored), 2);
	ck_assert_uint_eq(passed_len, 600);
	qsort(passed, passed_len, sizeof *passed, compare_refs);
	for (size_t i = 0; i < passed_len; i++)
		ck_assert_int_eq(passed[i].persona_id, (int64_t)i + 1);
}
END_TEST

/* ---- Queries as metrics --------------------------------------------------------------- */

static void *query;

static void add_query(const char *sql)
{
	OK(persona_metric_sql_add(registry, "query", sql, path, &query, &err));
}

/* The registry goes before what its metrics stand on. */
static void drop_query(void)
{
	persona_registry_free(registry);
	registry = NULL;
	persona_metric_sql_free(query);
	query = NULL;
}

START_TEST(a_query_sees_subjects_and_members)
{
	seed(3, "a");
	seed_child(2, CHILD);
	add_query("SELECT s.revision_id, 10 * (SELECT count(*) FROM member m WHERE m.persona_id <> s.persona_id),"
		  " json_array(json_object('code', 'c', 'field', 'goals', 'item', 2, 'message', 'of ' || "
		  "s.persona_id), 'plain')"
		  " FROM subject s");
	give("1.1 2.1 2.2");
	score();
	assert_passed("1.1 2.1 2.2");
	assert_rows(
		"SELECT persona_id, number, value, issues FROM metric_score JOIN score USING (score_id) JOIN revision"
		" USING (revision_id) WHERE metric = 'query' ORDER BY 1, 2",
		"1|1|20.0|[{\"code\":\"c\",\"field\":\"goals\",\"item\":2,\"message\":\"of 1\"},"
		"{\"code\":\"sql\",\"message\":\"plain\"}]\n"
		"2|1|20.0|[{\"code\":\"c\",\"field\":\"goals\",\"item\":2,\"message\":\"of 2\"},"
		"{\"code\":\"sql\",\"message\":\"plain\"}]\n"
		"2|2|20.0|[{\"code\":\"c\",\"field\":\"goals\",\"item\":2,\"message\":\"of 2\"},"
		"{\"code\":\"sql\",\"message\":\"plain\"}]\n");
	assert_rest("1.1 2.1 2.2");
	drop_query();
}
END_TEST

START_TEST(a_query_may_say_nothing)
{
	seed(3, "a");
	write_sql("UPDATE revision SET age = 80");
	add_query("SELECT revision_id, CASE revision_id WHEN 1 THEN 60 END FROM subject WHERE revision_id <> 3");
	give("1 2 3");
	score();
	assert_rows(
		"SELECT score_id, value, round(weight, 3), issues FROM metric_score WHERE metric = 'query' ORDER BY 1",
		"1|60.0|0.13|[]\n"
		"2|null|0.0|[{\"code\":\"not-measured\",\"message\":\"the query says null\"}]\n"
		"3|null|0.0|[{\"code\":\"not-measured\",\"message\":\"the query has no row\"}]\n");
	drop_query();
}
END_TEST

static const char *const wrong_queries[] = {
	"SELEC 1",
	"",
	"SELECT 1",
	"SELECT 1, 2, 3, 4",
	"DELETE FROM score",
	"SELECT 1, 2; SELECT 3, 4",
	"SELECT revision_id, nobody FROM subject",
};
#define WRONG_QUERIES ((int)(sizeof wrong_queries / sizeof *wrong_queries))

START_TEST(a_query_that_is_none_is_refused_before_any_work)
{
	char *before, *after;

	seed(2, "a");
	before = picture();
	give("1 2");
	add_query(wrong_queries[_i]);
	ck_assert_int_eq(run_stage(&persona_stage_score, &settings, NULL), -1);
	ck_assert_int_eq(err.code, PERSONA_E_USAGE);
	ck_assert_int_eq(strncmp(err.text, "metric query: ", 14), 0);
	after = picture();
	ck_assert_str_eq(before, after);
	drop_query();
	free(before);
	free(after);
}
END_TEST

START_TEST(another_query_is_another_key)
{
	seed(2, "a");
	give("1 2");
	add_query("SELECT revision_id, 10 FROM subject");
	score();
	OK(persona_registry_remove(registry, "query", &err));
	persona_metric_sql_free(query);
	add_query("SELECT revision_id, 20 FROM subject");
	score();
	ck_assert_int_eq(number("SELECT count(*) FROM stage_key WHERE stage = 'score'"), 2);
	ck_assert_int_eq(number("SELECT count(*) FROM score"), 4);
	ck_assert_int_eq(number("SELECT count(*) FROM population"), 1);
	drop_query();
}
END_TEST

/* ---- Settings that make no sense --------------------------------------------------------- */

START_TEST(a_profile_without_sense_is_refused)
{
	seed(1, "a");
	give("1");
	profile.too_similar = 7;
	ck_assert_int_eq(run_stage(&persona_stage_score, &settings, NULL), -1);
	ck_assert_int_eq(err.code, PERSONA_E_USAGE);
	ck_assert_int_eq(number("SELECT count(*) FROM stage_key"), 0);
}
END_TEST

int main(void)
{
	TCase *one = tcase_create("one by one"), *set = tcase_create("set");
	TCase *const cases[] = { one, set };

	tcase_add_checked_fixture(one, setup_score, teardown_score);
	tcase_add_checked_fixture(set, setup_set, teardown_score);
	tcase_set_timeout(one, 30);
	tcase_set_timeout(set, 30);
	tcase_add_test(one, a_row_per_revision_and_key);
	tcase_add_test(one, another_weight_is_another_key);
	tcase_add_test(one, nothing_writes_nothing);
	tcase_add_test(one, the_key_is_used_when_the_input_has_ended);
	tcase_add_test(one, a_parked_row_is_passed);
	tcase_add_test(one, pending_is_who_has_no_row);
	tcase_add_test(one, a_query_sees_subjects_and_members);
	tcase_add_test(one, a_query_may_say_nothing);
	tcase_add_loop_test(one, a_query_that_is_none_is_refused_before_any_work, 0, WRONG_QUERIES);
	tcase_add_test(one, another_query_is_another_key);
	tcase_add_test(one, a_profile_without_sense_is_refused);
	tcase_add_test(set, the_population_is_who_is_given);
	tcase_add_test(set, who_is_not_given_is_there_with_the_newest);
	tcase_add_test(set, of_two_given_the_newer_is_the_member);
	tcase_add_test(set, every_batch_has_a_population_of_its_own);
	tcase_add_test(set, pending_is_who_has_no_row_among_the_newest);
	tcase_add_test(set, many_rows_go_in_several_transactions);
	tcase_add_test(set, the_limit_passes_whole_batches_on);
	tcase_add_test(set, who_cannot_be_read_fails_alone_in_a_set);
	tcase_add_test(set, a_parked_batch_is_passed);
	tcase_add_test(set, a_batch_that_others_hold_is_passed_without_waiting);
	tcase_add_test(set, a_batch_taken_over_half_way_is_finished);
	return run_suite("score", cases, 2);
}
