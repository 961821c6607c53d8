/*
 * A database that refuses: one table at a time refuses rows, or is not there at all. Every stage ends with an error,
 * leaves nothing half, and does the whole of its work once the table is back.
 */
#include "stage_inputs.h"

static int others(const struct persona_metric *metric, const struct persona_profile *by,
		  const struct persona_subject *subjects, size_t len, struct persona_finding *findings,
		  struct persona_error *why)
{
	(void)metric;
	(void)by;
	(void)subjects;
	(void)why;
	for (size_t i = 0; i < len; i++) {
		findings[i].measured = true;
		findings[i].value = 42;
	}
	return 0;
}

static const struct persona_metric set_metric = {
	.name = "others", .scope = PERSONA_SCOPE_SET, .weight = 1, .version = 1, .set = others
};

/* ---- The stages, each with two pieces of work ------------------------------- */

static int run_draft(bool failing)
{
	const char *const from[] = { data_file };
	const struct persona_draft_settings settings = { .from = from, .from_len = 1, .wanted = 4, .batch_size = 2 };

	script.len = failing ? 0 : 2;
	script.answers[0] = script.answers[1] = PERSON PERSON;
	return run_stage(&persona_stage_draft, &settings, &model);
}

static int run_import(bool failing)
{
	const struct persona_import_settings settings = { .path = import_file };

	(void)failing;
	return run_stage(&persona_stage_import, &settings, NULL);
}

static int run_score(bool failing)
{
	const struct persona_score_settings settings = { .registry = registry, .profile = &profile };

	(void)failing;
	return run_stage(&persona_stage_score, &settings, NULL);
}

static int run_set(bool failing)
{
	int rc;

	OK(persona_registry_add(registry, &set_metric, &err));
	rc = run_score(failing);
	OK(persona_registry_remove(registry, "others", NULL));
	return rc;
}

static int run_filter(bool failing)
{
	const struct persona_filter_settings settings = { .threshold = 60 };

	(void)failing;
	return run_stage(&persona_stage_filter, &settings, NULL);
}

static int run_refine(bool failing)
{
	const struct persona_refine_settings settings = { .max_rounds = 2, .unjudged = true };

	script.len = failing ? 0 : 2;
	script.answers[0] = script.answers[1] = PERSON;
	return run_stage(&persona_stage_refine, &settings, &model);
}

static int run_retry(bool failing)
{
	int rc;

	options.retry = "all";
	rc = run_refine(failing);
	options.retry = NULL;
	return rc;
}

struct refusal {
	int (*run)(bool failing);
	const char *table, *change; /* what is refused */
	bool failing;		    /* the model's answers are no use */
};

static const struct refusal refusals[] = {
	{ run_draft, "source", "INSERT", false },      { run_draft, "record", "INSERT", false },
	{ run_draft, "batch", "INSERT", false },       { run_draft, "batch_source", "INSERT", false },
	{ run_draft, "plan", "INSERT", false },	       { run_draft, "persona", "INSERT", false },
	{ run_draft, "stage_key", "INSERT", false },   { run_draft, "claim", "INSERT", false },
	{ run_draft, "claim", "DELETE", false },       { run_draft, "revision", "INSERT", false },
	{ run_draft, "trait", "INSERT", false },       { run_draft, "failure", "INSERT", true },
	{ run_import, "batch", "INSERT", false },      { run_import, "persona", "INSERT", false },
	{ run_import, "stage_key", "INSERT", false },  { run_import, "revision", "INSERT", false },
	{ run_score, "stage_key", "INSERT", false },   { run_score, "claim", "INSERT", false },
	{ run_score, "score", "INSERT", false },       { run_score, "metric_score", "INSERT", false },
	{ run_set, "stage_key", "INSERT", false },     { run_set, "population", "INSERT", false },
	{ run_set, "score", "INSERT", false },	       { run_set, "claim", "DELETE", false },
	{ run_filter, "stage_key", "INSERT", false },  { run_filter, "verdict", "INSERT", false },
	{ run_refine, "stage_key", "INSERT", false },  { run_refine, "claim", "INSERT", false },
	{ run_refine, "claim", "DELETE", false },      { run_refine, "revision", "INSERT", false },
	{ run_refine, "refinement", "INSERT", false }, { run_refine, "failure", "INSERT", true },
	{ run_retry, "failure", "UPDATE", false },
};
#define REFUSALS ((int)(sizeof refusals / sizeof *refusals))

/* What each stage looks into, in the order in which it does. */
static const struct refusal missing[] = {
	{ run_draft, "batch", NULL, false },	     { run_draft, "plan", NULL, false },
	{ run_draft, "source", NULL, false },	     { run_draft, "record", NULL, false },
	{ run_draft, "revision", NULL, false },	     { run_draft, "failure", NULL, false },
	{ run_draft, "claim", NULL, false },	     { run_import, "batch", NULL, false },
	{ run_import, "persona", NULL, false },	     { run_score, "revision", NULL, false },
	{ run_score, "score", NULL, false },	     { run_score, "failure", NULL, false },
	{ run_score, "trait", NULL, false },	     { run_score, "record", NULL, false },
	{ run_set, "persona", NULL, false },	     { run_set, "population", NULL, false },
	{ run_set, "score", NULL, false },	     { run_set, "trait", NULL, false },
	{ run_filter, "population", NULL, false },   { run_filter, "verdict", NULL, false },
	{ run_refine, "verdict", NULL, false },	     { run_refine, "refinement", NULL, false },
	{ run_refine, "failure", NULL, false },	     { run_refine, "trait", NULL, false },
	{ run_refine, "evidence", NULL, false },     { run_refine, "record", NULL, false },
	{ run_refine, "metric_score", NULL, false }, { run_score, "stage_key", NULL, false },
	{ run_refine, "stage_key", NULL, false },
};
#define MISSING ((int)(sizeof missing / sizeof *missing))

/* ---- Fixture -------------------------------------------------------------------- */

static void setup_errors(void)
{
	setup_inputs();
	write_sql("DROP VIEW persona_current; DROP VIEW persona_best; DROP VIEW persona_json; DROP VIEW pending;"
		  "DROP VIEW cost; DROP VIEW progress; DROP VIEW lineage;"
		  "INSERT INTO failure (stage, revision_id, key_id, class, message, attempt, parked, at)"
		  " VALUES ('refine', 1, NULL, 'invalid', 'm', 3, 1, 1)");
}

/* What filter and refine need to have something to do. */
static void prepare(const struct refusal *refusal)
{
	if (refusal->run == run_filter || (refusal->run == run_refine && strcmp(refusal->table, "metric_score") == 0))
		OK(run_score(false));
	if (refusal->run == run_retry) {
		/* Somebody has to have used the key. */
		OK(run_refine(true));
		write_sql("UPDATE failure SET parked = 1, key_id = (SELECT key_id FROM stage_key WHERE stage = "
			  "'refine')");
	}
}

static void does_the_whole(const struct refusal *refusal, const char *before)
{
	char *after;

	atomic_store(&script.asked, 0);
	OK(persona_store_run_finish(store, 1, "{}", &err));
	OK(refusal->run(false));
	ck_assert(!persona_context_incomplete(&context));
	ck_assert_uint_eq(passed_len, refusal->run == run_draft ? 4 : 2);
	ck_assert_int_eq(number("SELECT count(*) FROM claim"), 0);
	after = picture();
	ck_assert_str_ne(before, after);
	free(after);
}

/* ---- Tests ------------------------------------------------------------------------ */

START_TEST(a_table_that_refuses_ends_the_run)
{
	const struct refusal *refusal = &refusals[_i];
	char sql[256], *before;

	prepare(refusal);
	before = picture();
	snprintf(sql, sizeof sql, "CREATE TRIGGER no BEFORE %s ON %s BEGIN SELECT raise(ABORT, 'not here'); END",
		 refusal->change, refusal->table);
	write_sql(sql);
	atomic_store(&script.asked, 0);
	ck_assert_int_eq(refusal->run(refusal->failing), -1);
	ck_assert_int_eq(err.code, PERSONA_E_DB);
	ck_assert_msg(strstr(err.text, "not here") != NULL, "%s", err.text);
	ck_assert_uint_eq(passed_len, 0);
	ck_assert_int_eq(count_of(PERSONA_COUNT_MADE), 0);
	ck_assert_int_eq(count_of(PERSONA_COUNT_DONE), 0);
	ck_assert_int_eq(count_of(PERSONA_COUNT_FAILED), 0);
	write_sql("DROP TRIGGER no");
	does_the_whole(refusal, before);
	free(before);
}
END_TEST

START_TEST(a_table_that_is_not_there_ends_the_run)
{
	const struct refusal *refusal = &missing[_i];
	char sql[128], *before;

	prepare(refusal);
	before = picture();
	snprintf(sql, sizeof sql, "ALTER TABLE %s RENAME TO gone", refusal->table);
	write_sql(sql);
	atomic_store(&script.asked, 0);
	ck_assert_int_eq(refusal->run(refusal->failing), -1);
	ck_assert_int_eq(err.code, PERSONA_E_DB);
	ck_assert_msg(strstr(err.text, refusal->table) != NULL, "%s", err.text);
	ck_assert_uint_eq(passed_len, 0);
	snprintf(sql, sizeof sql, "ALTER TABLE gone RENAME TO %s", refusal->table);
	write_sql(sql);
	does_the_whole(refusal, before);
	free(before);
}
END_TEST

/* Records that somebody edited by hand into something else. */
START_TEST(records_that_cannot_be_read_end_the_run)
{
	OK(run_draft(false));
	write_sql("UPDATE record SET fields = '{\"what\": 7}'");
	atomic_store(&script.asked, 0);
	script.len = 2;
	options.refs_len = 0;
	for (size_t i = 0; i < passed_len; i++)
		refs[options.refs_len++] = passed[i];
	ck_assert_int_eq(run_refine(false), -1);
	ck_assert_int_eq(err.code, PERSONA_E_DB);
	ck_assert_uint_eq(atomic_load(&script.asked), 0);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("errors");

	tcase_add_checked_fixture(tcase, setup_errors, teardown_inputs);
	tcase_set_timeout(tcase, 30);
	tcase_add_loop_test(tcase, a_table_that_refuses_ends_the_run, 0, REFUSALS);
	tcase_add_loop_test(tcase, a_table_that_is_not_there_ends_the_run, 0, MISSING);
	tcase_add_test(tcase, records_that_cannot_be_read_end_the_run);
	return run_suite("errors", &tcase, 1);
}
