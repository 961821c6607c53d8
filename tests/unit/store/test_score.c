/* Populations, scores, verdicts, reasons, refinements. */
#include "helper.h"

static void setup_rows(void)
{
	setup();
	make_keys();
	make_personas(3);
}

/* A further revision of a persona of batch 1. */
static void add_revision(int64_t revision_id, int64_t persona_id, int64_t number, const char *stage, int64_t parent)
{
	char text[256];

	snprintf(text, sizeof text,
		 "INSERT INTO revision (revision_id, persona_id, number, stage, parent_id, name, created_at)"
		 " VALUES (%lld, %lld, %lld, '%s', nullif(%lld, 0), 'Later', 1)",
		 (long long)revision_id, (long long)persona_id, (long long)number, stage, (long long)parent);
	sql(text);
}

/* ---- Populations ----------------------------------------------------- */

START_TEST(the_newest_are_one_per_persona_by_slot)
{
	struct persona_place *places;
	size_t len;

	sql("UPDATE persona SET slot = 7 WHERE persona_id = 1; INSERT INTO persona VALUES (9, 1, 4, NULL, 1)");
	add_revision(10, 2, 2, "refine", 2);
	OK(persona_store_batch_newest(store, 1, &places, &len, &err));
	ck_assert_uint_eq(len, 3);
	ck_assert_int_eq(places[0].persona_id, 2);
	ck_assert_int_eq(places[0].revision_id, 10);
	ck_assert_int_eq(places[0].number, 2);
	ck_assert_int_eq(places[0].slot, 2);
	ck_assert_int_eq(places[0].batch_id, 1);
	ck_assert_int_eq(places[1].persona_id, 3);
	ck_assert_int_eq(places[2].persona_id, 1);
	ck_assert_int_eq(places[2].slot, 7);
	free(places);
	OK(persona_store_batch_newest(store, 2, &places, &len, &err));
	ck_assert_uint_eq(len, 0);
	free(places);
}
END_TEST

static struct persona_place *newest(size_t *len)
{
	struct persona_place *places;

	OK(persona_store_batch_newest(store, 1, &places, len, &err));
	return places;
}

static int find(struct persona_population *population, const struct persona_place *members, size_t len)
{
	*population = (struct persona_population){ .batch_id = 1, .population_id = 99 };
	return persona_store_population_find(store, population, members, len, &err);
}

static void use(struct persona_population *population)
{
	begin();
	OK(persona_store_population_use(store, population, &err));
	commit();
}

START_TEST(a_population_is_known_by_its_members)
{
	struct persona_population all, some, again;
	struct persona_place *members;
	size_t len;

	members = newest(&len);
	NO(find(&all, members, len));
	ck_assert_int_eq(all.population_id, 0);
	ck_assert_int_eq(all.members, 3);
	ck_assert_int_eq(all.newest_through, 3);
	use(&all);
	ck_assert_int_eq(all.population_id, 1);
	YES(find(&again, members, len));
	ck_assert_int_eq(again.population_id, 1);
	ck_assert_str_eq(again.sha256, all.sha256);

	/* Fewer are another one, in which not all are there. */
	NO(find(&some, members, 2));
	ck_assert_str_ne(some.sha256, all.sha256);
	ck_assert_int_eq(some.newest_through, 0);
	use(&some);
	ck_assert_int_eq(some.population_id, 2);
	ROWS("SELECT population_id, members, newest_through, last_used FROM population", "1|3|3|1\n2|2|~|2\n");
	/* Now the first is there, but not the one last used. */
	NO(find(&again, members, len));
	ck_assert_int_eq(again.population_id, 1);
	use(&again);
	ROWS("SELECT population_id, last_used FROM population", "1|3\n2|2\n");
	YES(find(&again, members, len));
	free(members);
}
END_TEST

START_TEST(a_population_stays_the_newest_until_the_batch_grows)
{
	struct persona_population before, after;
	struct persona_place *members, *present;
	size_t len;

	members = newest(&len);
	NO(find(&before, members, len));
	use(&before);
	add_revision(10, 2, 2, "refine", 2);
	/* The same members: not the newest any more, which has to be written down. */
	NO(find(&after, members, len));
	ck_assert_str_eq(before.sha256, after.sha256);
	ck_assert_int_eq(after.population_id, 1);
	ck_assert_int_eq(after.newest_through, 0);
	use(&after);
	ROWS("SELECT newest_through FROM population", "~\n");
	YES(find(&after, members, len));
	present = newest(&len);
	NO(find(&after, present, len));
	ck_assert_str_ne(before.sha256, after.sha256);
	ck_assert_int_eq(after.newest_through, 10);
	free(members);
	free(present);
}
END_TEST

/* Rows that came in another order, under other ids, in a batch that is the same by content: the same hash. */
START_TEST(the_hash_is_of_natural_keys)
{
	static const struct persona_place here[] = { { .revision_id = 1, .persona_id = 1, .number = 1, .slot = 1 },
						     { .revision_id = 2, .persona_id = 2, .number = 1, .slot = 2 } };
	static const struct persona_place there[] = { { .revision_id = 71, .persona_id = 9, .number = 1, .slot = 1 },
						      { .revision_id = 70, .persona_id = 8, .number = 1, .slot = 2 } };
	static const struct persona_place next[] = { { .revision_id = 1, .persona_id = 1, .number = 1, .slot = 1 },
						     { .revision_id = 2, .persona_id = 2, .number = 2, .slot = 2 } };
	static const struct persona_place joined[] = { { .slot = 1, .number = 1 }, { .slot = 1, .number = 12 } };
	struct persona_population one, two, three, four;

	NO(find(&one, here, 2));
	NO(find(&two, there, 2));
	NO(find(&three, next, 2));
	NO(find(&four, joined, 2));
	ck_assert_str_eq(one.sha256, two.sha256);
	ck_assert_str_ne(one.sha256, three.sha256);
	ck_assert_str_ne(one.sha256, four.sha256);
	/* Another batch is another population. */
	sql("UPDATE batch SET sha256 = " HASH("77"));
	NO(find(&two, here, 2));
	ck_assert_str_ne(one.sha256, two.sha256);
	sql("DELETE FROM revision; DELETE FROM persona; DELETE FROM batch");
	FAILS(find(&two, here, 2));
	SAYS(PERSONA_E_NOTFOUND, "no batch with id 1");
}
END_TEST

/* ---- Scores ---------------------------------------------------------- */

static const struct persona_metric_row metrics[] = {
	{ .metric = "completeness",
	  .measured = true,
	  .value = 55.5,
	  .weight = 0.25,
	  .issues = (char *)(uintptr_t) "[]" },
	{ .metric = "silent", .issues = (char *)(uintptr_t) "[{\"code\":\"not-measured\"}]" },
};

static void add_score(int64_t revision_id, int64_t key_id, int64_t population_id, double overall)
{
	struct persona_score_row row = {
		.revision_id = revision_id,
		.key_id = key_id,
		.population_id = population_id,
		.measured = overall >= 0,
		.own_measured = overall >= 0,
		.overall = overall,
		.own = overall / 2,
		.level = "poor",
		.metrics = metrics,
		.metrics_len = 2,
	};

	begin();
	OK(persona_store_score_add(store, &row, &err));
	commit();
}

static void make_populations(void)
{
	sql("INSERT INTO population VALUES (1, 1, " HASH("01") ", 3, 3, 5), (2, 1, " HASH("02") ", 3, NULL, 6)");
}

START_TEST(a_score_is_written_with_its_metrics)
{
	add_score(1, 2, 0, 44);
	add_score(2, 2, 0, -1);
	ROWS("SELECT score_id, revision_id, key_id, population_id, overall, own, level FROM score",
	     "1|1|2|~|44.0|22.0|poor\n2|2|2|~|~|~|~\n");
	ROWS("SELECT metric, value, weight, issues FROM metric_score WHERE score_id = 1",
	     "completeness|55.5|0.25|[]\nsilent|~|0.0|[{\"code\":\"not-measured\"}]\n");
	YES(persona_store_score_exists(store, 1, 2, 0, &err));
	NO(persona_store_score_exists(store, 3, 2, 0, &err));
	NO(persona_store_score_exists(store, 1, 1, 0, &err));
	NO(persona_store_score_exists(store, 1, 2, 1, &err));
	make_populations();
	add_score(1, 2, 1, 45);
	YES(persona_store_score_exists(store, 1, 2, 1, &err));
	NO(persona_store_score_exists(store, 1, 2, 2, &err));
}
END_TEST

START_TEST(a_score_is_there_once)
{
	struct persona_score_row row = { .revision_id = 1, .key_id = 2 };
	struct persona_metric_row twice[] = { metrics[0], metrics[0] };

	add_score(1, 2, 0, 44);
	begin();
	FAILS(persona_store_score_add(store, &row, &err));
	SAYS(PERSONA_E_DB, "UNIQUE");
	row.revision_id = 2;
	row.metrics = twice;
	row.metrics_len = 2;
	FAILS(persona_store_score_add(store, &row, &err));
	SAYS(PERSONA_E_DB, "UNIQUE");
	row.metrics_len = 0;
	row.measured = true;
	row.overall = 100.5;
	row.level = "excellent";
	row.revision_id = 3;
	FAILS(persona_store_score_add(store, &row, &err));
	SAYS(PERSONA_E_DB, "CHECK");
	persona_store_rollback(store);
}
END_TEST

START_TEST(a_revision_stands_on_the_key_and_population_last_used)
{
	struct persona_standing standing;

	NO(persona_store_standing(store, 1, &standing, &err));
	make_populations();
	sql("INSERT INTO stage_key VALUES (9, 'score', " HASH("09") ", '{}', 1)");
	/* The key used earlier counts for nothing. */
	add_score(1, 9, 0, 90);
	NO(persona_store_standing(store, 1, &standing, &err));
	add_score(1, 2, 0, 30);
	YES(persona_store_standing(store, 1, &standing, &err));
	ck_assert_double_eq(standing.overall, 30);
	ck_assert_int_eq(standing.key_id, 2);
	ck_assert_int_eq(standing.score_id, 2);
	ck_assert(standing.measured);
	/* A population before none, the one last used before the other. */
	add_score(1, 2, 2, 20);
	add_score(1, 2, 1, 10);
	YES(persona_store_standing(store, 1, &standing, &err));
	ck_assert_double_eq(standing.overall, 20);
	sql("UPDATE population SET last_used = 7 WHERE population_id = 1");
	YES(persona_store_standing(store, 1, &standing, &err));
	ck_assert_double_eq(standing.overall, 10);
	sql("UPDATE stage_key SET last_used = 99 WHERE key_id = 9");
	YES(persona_store_standing(store, 1, &standing, &err));
	ck_assert_double_eq(standing.overall, 90);
	add_score(2, 9, 0, -1);
	YES(persona_store_standing(store, 2, &standing, &err));
	ck_assert(!standing.measured);
}
END_TEST

/* ---- Verdicts -------------------------------------------------------- */

static void put(int64_t revision_id, int64_t basis, bool passed, double threshold, double value)
{
	struct persona_verdict verdict = {
		.revision_id = revision_id, .basis = basis, .passed = passed, .threshold = threshold, .value = value
	};

	begin();
	OK(persona_store_verdict_put(store, &verdict, &err));
	commit();
	YES(persona_store_verdict_same(store, &verdict, &err));
	verdict.passed = !passed;
	NO(persona_store_verdict_same(store, &verdict, &err));
	verdict.passed = passed;
	verdict.value = value + 1;
	NO(persona_store_verdict_same(store, &verdict, &err));
	verdict.value = value;
	verdict.threshold = threshold + 1;
	NO(persona_store_verdict_same(store, &verdict, &err));
	verdict.threshold = threshold;
	verdict.basis = basis + 50;
	NO(persona_store_verdict_same(store, &verdict, &err));
}

START_TEST(a_verdict_that_does_not_change_is_left_alone)
{
	now = 100;
	put(1, 2, false, 60, 50);
	now = 200;
	put(1, 2, false, 60, 50);
	ROWS("SELECT revision_id, basis, passed, threshold, value, decided_at FROM verdict", "1|2|0|60.0|50.0|100\n");
	put(1, 2, false, 61, 50);
	ROWS("SELECT threshold, decided_at FROM verdict", "61.0|200\n");
	now = 300;
	put(1, 2, false, 61, 51);
	ROWS("SELECT value, decided_at FROM verdict", "51.0|300\n");
	now = 400;
	put(1, 2, true, 61, 51);
	ROWS("SELECT passed, decided_at FROM verdict", "1|400\n");
	ck_assert_int_eq(number_of("SELECT count(*) FROM verdict"), 1);
}
END_TEST

START_TEST(a_verdict_out_of_bounds_is_refused)
{
	struct persona_verdict verdict = { .revision_id = 1, .basis = 2, .threshold = 101, .value = 5 };

	begin();
	FAILS(persona_store_verdict_put(store, &verdict, &err));
	SAYS(PERSONA_E_DB, "CHECK");
	persona_store_rollback(store);
}
END_TEST

static enum persona_judged judged(int64_t revision_id)
{
	enum persona_judged out = (enum persona_judged)99;

	OK(persona_store_judged(store, revision_id, &out, &err));
	return out;
}

START_TEST(one_failing_basis_fails)
{
	sql("INSERT INTO stage_key VALUES (5, 'judge', " HASH("05") ", '{}', 5), (6, 'judge', " HASH(
		"06") ", '{}', 6)");
	ck_assert_int_eq(judged(1), PERSONA_UNJUDGED);
	/* Under a judge key that was not the last, or a key that is no basis: nothing. */
	put(1, 5, false, 60, 50);
	put(1, 4, false, 60, 50);
	ck_assert_int_eq(judged(1), PERSONA_UNJUDGED);
	put(1, 2, true, 60, 70);
	ck_assert_int_eq(judged(1), PERSONA_PASSED);
	put(1, 6, false, 60, 50);
	ck_assert_int_eq(judged(1), PERSONA_FAILED);
	put(1, 6, true, 40, 50);
	ck_assert_int_eq(judged(1), PERSONA_PASSED);
	put(1, 2, false, 80, 70);
	ck_assert_int_eq(judged(1), PERSONA_FAILED);
	sql("UPDATE stage_key SET last_used = 77 WHERE key_id = 5");
	put(1, 2, true, 60, 70);
	ck_assert_int_eq(judged(1), PERSONA_FAILED);
	ck_assert_int_eq(judged(2), PERSONA_UNJUDGED);
}
END_TEST

/* ---- Reasons --------------------------------------------------------- */

START_TEST(reasons_are_the_issues_of_the_score_it_stands_on)
{
	struct persona_reason *reasons;
	size_t len = 9;

	NO(persona_store_reasons(store, 1, &reasons, &len, &err));
	ck_assert_uint_eq(len, 0);
	ck_assert_ptr_null(reasons);
	make_populations();
	sql("INSERT INTO score VALUES (1, 1, 2, NULL, 50, 50, 'poor'), (2, 1, 2, 1, 50, 50, 'poor');"
	    "INSERT INTO metric_score VALUES (1, 'old', 1, 1, '[{\"code\":\"old\"}]'),"
	    " (2, 'b', 1, 1, '[{\"code\":\"few-goals\",\"field\":\"goals\",\"item\":0,\"message\":\"Add one\"},"
	    "{\"code\":\"x\",\"item\":\"one\"}]'), (2, 'a', NULL, 0, '[]'), (2, 'c', 0, 0, "
	    "'[{\"item\":3,\"code\":5}]')");
	OK(persona_store_reasons(store, 1, &reasons, &len, &err));
	ck_assert_uint_eq(len, 3);
	ck_assert_str_eq(reasons[0].metric, "b");
	ck_assert_str_eq(reasons[0].code, "few-goals");
	ck_assert_str_eq(reasons[0].field, "goals");
	ck_assert_str_eq(reasons[0].message, "Add one");
	ck_assert_int_eq(reasons[0].position, 0);
	ck_assert_str_eq(reasons[1].code, "x");
	ck_assert_ptr_null(reasons[1].field);
	ck_assert_ptr_null(reasons[1].message);
	ck_assert_int_eq(reasons[1].position, -1);
	ck_assert_str_eq(reasons[2].metric, "c");
	ck_assert_ptr_null(reasons[2].code);
	ck_assert_int_eq(reasons[2].position, 3);
	persona_reasons_free(reasons, len);
	sql("PRAGMA ignore_check_constraints = ON; UPDATE metric_score SET issues = '[{' WHERE metric = 'c'");
	FAILS(persona_store_reasons(store, 1, &reasons, &len, &err));
	ck_assert_uint_eq(len, 0);
	ck_assert_ptr_null(reasons);
	persona_reasons_free(NULL, 0);
}
END_TEST

/* ---- Refinements ----------------------------------------------------- */

START_TEST(rounds_count_refinements_behind_a_revision)
{
	struct persona_place place;
	int64_t rounds;

	add_revision(10, 1, 2, "refine", 1);
	add_revision(11, 1, 3, "refine", 10);
	add_revision(12, 1, 4, "import", 11);
	OK(persona_store_rounds(store, 1, &rounds, &err));
	ck_assert_int_eq(rounds, 0);
	OK(persona_store_rounds(store, 10, &rounds, &err));
	ck_assert_int_eq(rounds, 1);
	OK(persona_store_rounds(store, 11, &rounds, &err));
	ck_assert_int_eq(rounds, 2);
	OK(persona_store_rounds(store, 12, &rounds, &err));
	ck_assert_int_eq(rounds, 2);
	OK(persona_store_rounds(store, 99, &rounds, &err));
	ck_assert_int_eq(rounds, 0);
	/* A ring, which only a hand can make, ends. */
	sql("PRAGMA ignore_check_constraints = ON; UPDATE revision SET parent_id = 11 WHERE revision_id = 10;"
	    "PRAGMA ignore_check_constraints = OFF");
	OK(persona_store_rounds(store, 11, &rounds, &err));
	ck_assert_int_gt(rounds, 100);
	/* So do the view and the query behind --pending. */
	sql("INSERT INTO stage_key VALUES (90, 'score', printf('%064d', 90), '{}', 90);"
	    "INSERT INTO verdict SELECT revision_id, 90, 0, 60, 1, 1 FROM revision");
	ck_assert_int_ge(number_of("SELECT count FROM pending WHERE stage = 'refine'"), 0);
	ck_assert_int_ge(persona_store_pending_refine(store, 0, 2, false, 0, &place, 1, &err), 0);
}
END_TEST

static void refine(int64_t revision_id, int64_t key_id, int64_t sample, int64_t child_id)
{
	begin();
	OK(persona_store_refinement_add(store, revision_id, key_id, sample, child_id, &err));
	commit();
}

START_TEST(the_highest_sample_is_the_refinement)
{
	struct persona_place child;

	add_revision(10, 1, 2, "refine", 1);
	add_revision(11, 1, 3, "refine", 1);
	NO(persona_store_refinement_find(store, 1, 4, &child, &err));
	refine(1, 4, 0, 10);
	YES(persona_store_refinement_find(store, 1, 4, &child, &err));
	ck_assert_int_eq(child.revision_id, 10);
	ck_assert_int_eq(child.persona_id, 1);
	ck_assert_int_eq(child.number, 2);
	ck_assert_int_eq(child.batch_id, 1);
	ck_assert_int_eq(child.slot, 1);
	NO(persona_store_refinement_find(store, 1, 3, &child, &err));
	NO(persona_store_refinement_find(store, 2, 4, &child, &err));
	refine(1, 4, 1, 11);
	YES(persona_store_refinement_find(store, 1, 4, &child, &err));
	ck_assert_int_eq(child.revision_id, 11);
	/* Nothing to improve. */
	refine(2, 4, 0, 0);
	YES(persona_store_refinement_find(store, 2, 4, &child, &err));
	ck_assert_int_eq(child.revision_id, 0);
	ROWS("SELECT child_id FROM refinement WHERE revision_id = 2", "~\n");
	begin();
	FAILS(persona_store_refinement_add(store, 1, 4, 1, 11, &err));
	SAYS(PERSONA_E_DB, "UNIQUE");
	persona_store_rollback(store);
}
END_TEST

/* Of revision 1 there is a score in the population, of 2 one in another, 3 is parked under this key and 2 under another. */
START_TEST(who_needs_no_score_is_one_query)
{
	struct persona_population population = { .population_id = 7, .batch_id = 1 };
	struct persona_settled *settled;
	size_t len;

	sql("INSERT INTO population VALUES (7, 1, printf('%064d', 1), 3, NULL, 1), (8, 1, printf('%064d', 2), 3, NULL, "
	    "1);"
	    "INSERT INTO score (revision_id, key_id, population_id) VALUES (1, 2, 7), (2, 2, 8), (3, 3, 7);"
	    "INSERT INTO failure (stage, revision_id, key_id, class, message, attempt, parked, at) VALUES"
	    " ('score', 3, 2, 'invalid', 'm', 3, 1, 1), ('score', 2, 3, 'invalid', 'm', 3, 1, 1),"
	    " ('filter', 2, 2, 'invalid', 'm', 3, 1, 1), ('score', 2, 2, 'invalid', 'm', 2, 0, 1)");
	OK(persona_store_scores_settled(store, &population, 2, &settled, &len, &err));
	ck_assert_uint_eq(len, 2);
	ck_assert_int_eq(settled[0].revision_id, 1);
	ck_assert(!settled[0].parked);
	ck_assert_int_eq(settled[1].revision_id, 3);
	ck_assert(settled[1].parked);
	free(settled);
	population.batch_id = 2;
	OK(persona_store_scores_settled(store, &population, 2, &settled, &len, &err));
	ck_assert_uint_eq(len, 0);
	free(settled);
}
END_TEST

int main(void)
{
	TCase *scores;
	Suite *suite = suite_of("score", &scores);

	tcase_add_checked_fixture(scores, setup_rows, teardown);
	tcase_add_test(scores, the_newest_are_one_per_persona_by_slot);
	tcase_add_test(scores, a_population_is_known_by_its_members);
	tcase_add_test(scores, a_population_stays_the_newest_until_the_batch_grows);
	tcase_add_test(scores, the_hash_is_of_natural_keys);
	tcase_add_test(scores, a_score_is_written_with_its_metrics);
	tcase_add_test(scores, a_score_is_there_once);
	tcase_add_test(scores, a_revision_stands_on_the_key_and_population_last_used);
	tcase_add_test(scores, a_verdict_that_does_not_change_is_left_alone);
	tcase_add_test(scores, a_verdict_out_of_bounds_is_refused);
	tcase_add_test(scores, one_failing_basis_fails);
	tcase_add_test(scores, reasons_are_the_issues_of_the_score_it_stands_on);
	tcase_add_test(scores, rounds_count_refinements_behind_a_revision);
	tcase_add_test(scores, the_highest_sample_is_the_refinement);
	tcase_add_test(scores, who_needs_no_score_is_one_query);
	return run_suite(suite);
}
