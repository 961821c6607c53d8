/*
 * Whatever SQLite, the hash, the JSON library or memory refuse, at whatever point of a run: the run ends with an error
 * that says why, or it could do without, and then its rows are those of a run that nothing disturbed.
 */
#include "faults.h"
#include "stage_inputs.h"

#define NTH_MAX 4000 /* calls of a kind in one run */

static void *sql_metric;

/* ---- The stages ------------------------------------------------------------- */

static int run_draft(void)
{
	const char *const from[] = { data_file };
	const struct persona_draft_settings settings = {
		.from = from, .from_len = 1, .wanted = 2, .batch_size = 2, .label = "l"
	};

	return run_stage(&persona_stage_draft, &settings, &model);
}

static int run_import(void)
{
	const struct persona_import_settings settings = { .path = import_file };

	return run_stage(&persona_stage_import, &settings, NULL);
}

static int run_score(void)
{
	const struct persona_score_settings settings = { .registry = registry, .profile = &profile };

	return run_stage(&persona_stage_score, &settings, NULL);
}

static int run_filter(void)
{
	const struct persona_filter_settings settings = { .threshold = 60 };

	return run_stage(&persona_stage_filter, &settings, NULL);
}

static int run_refine(void)
{
	const struct persona_refine_settings settings = { .max_rounds = 2, .unjudged = true };

	return run_stage(&persona_stage_refine, &settings, &model);
}

static int run_pending(void)
{
	int rc;

	options.pending = true;
	rc = run_refine();
	options.pending = false;
	return rc;
}

/* With somebody's query: a barrier, and a population. */
static int run_set(void)
{
	int kept = countdown, rc;

	countdown = 0;
	if (!sql_metric)
		OK(persona_metric_sql_add(registry, "query", "SELECT revision_id, 50, '[\"why\"]' FROM subject", path,
					  &sql_metric, &err));
	countdown = kept;
	rc = run_score();
	countdown = 0;
	return rc;
}

static int run_lines(void)
{
	int ends[2], kept = countdown, rc;

	countdown = 0;
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(write(ends[1], "1.1\n2.1\n", 8), 8);
	close(ends[1]);
	options.input_fd = ends[0];
	countdown = kept;
	rc = run_filter();
	countdown = 0;
	options.input_fd = -1;
	close(ends[0]);
	return rc;
}

#define SCORES                                                                                                         \
	"SELECT revision_id, overall, own, level, metric, value, weight, issues, members FROM score"                   \
	" JOIN metric_score USING (score_id) LEFT JOIN population USING (population_id) ORDER BY revision_id, metric"
#define VERDICTS                                                                                                       \
	"SELECT revision_id, passed, threshold, value, k.sha256, k.settings FROM verdict"                              \
	" JOIN stage_key k ON key_id = basis"
#define CHILDREN                                                                                                       \
	"SELECT f.revision_id, sample, name, r.number, t.text, k.settings FROM refinement f"                           \
	" JOIN revision r ON r.revision_id = child_id JOIN trait t ON t.revision_id = child_id"                        \
	" JOIN stage_key k ON k.key_id = f.key_id ORDER BY f.revision_id"

static const struct {
	const char *name;
	int (*run)(void);
	const char *rows; /* what it makes */
} runs[] = {
	{ "draft", run_draft,
	  "SELECT b.label, b.sha256, b.settings, b.wanted, slot, name, revision.key_id IS NULL, fields FROM batch b"
	  " JOIN persona USING (batch_id) JOIN revision USING (persona_id)"
	  " LEFT JOIN batch_source USING (batch_id) LEFT JOIN record USING (source_id) WHERE batch_id > 1"
	  " ORDER BY slot, ordinal" },
	{ "import", run_import,
	  "SELECT origin, name, content_sha256 FROM persona JOIN revision USING (persona_id) WHERE batch_id > 1"
	  " ORDER BY slot" },
	{ "score", run_score, SCORES },
	{ "score of a set", run_set, SCORES },
	{ "filter", run_filter, VERDICTS },
	{ "filter of lines", run_lines, VERDICTS },
	{ "refine", run_refine, CHILDREN },
	{ "refine of what is pending", run_pending, CHILDREN },
};
#define RUNS ((int)(sizeof runs / sizeof *runs))

static bool is_filter(int which)
{
	return runs[which].run == run_filter || runs[which].run == run_lines;
}

/* ---- Fixture ------------------------------------------------------------------ */

static void setup_torture(void)
{
	setup_inputs();
	script.len = SCRIPT_MAX;
	for (size_t i = 0; i < SCRIPT_MAX; i++)
		script.answers[i] = PERSON PERSON;
	json_set_alloc_funcs(json_memory, free);
}

static void teardown_torture(void)
{
	persona_metric_sql_free(sql_metric);
	sql_metric = NULL;
	teardown_inputs();
}

/* As if nothing had been run; what a run needs is there. */
static void start_over(int which)
{
	OK(persona_store_run_finish(store, 1, "{}", &err));
	write_sql("DELETE FROM failure; DELETE FROM verdict; DELETE FROM refinement; DELETE FROM metric_score; DELETE "
		  "FROM score;"
		  "DELETE FROM population; DELETE FROM trait WHERE revision_id > 2; DELETE FROM evidence;"
		  "DELETE FROM revision WHERE revision_id > 2; DELETE FROM persona WHERE batch_id > 1;"
		  "DELETE FROM plan WHERE batch_id > 1; DELETE FROM batch_source; DELETE FROM batch WHERE batch_id > 1;"
		  "DELETE FROM record; DELETE FROM source; DELETE FROM stage_key");
	if (is_filter(which))
		OK(run_score());
}

/* Nothing is asserted while calls may fail: check allocates. */
static void count_passed(void *payload, struct persona_ref ref)
{
	(void)payload;
	(void)ref;
	passed_len++;
}

/* ---- Tests -------------------------------------------------------------------- */

/* Let the nth call of a kind fail; false when there is no nth. expected: the rows of a run that nothing disturbed. */
static bool try_once(int which, enum kind kind, int nth, const char *expected)
{
	const char *name = runs[which].name;
	char *found, *blamed;
	int rc;

	atomic_store(&script.asked, 0);
	chosen = kind;
	fired = false;
	countdown = nth;
	rc = runs[which].run();
	countdown = 0;
	if (rc < 0)
		ck_assert_msg(err.code != PERSONA_OK && err.text[0], "%s: failure %d of kind %d does not say why", name,
			      nth, (int)kind);
	found = rows(runs[which].rows);
	/* Where jansson has no memory it may say that the text is broken: then at least the row says so. */
	blamed = rows("SELECT message FROM failure");
	ck_assert_msg(!*blamed || kind == JSON, "%s: %s", name, blamed);
	if (!*blamed && (!fired || rc == 0)) {
		ck_assert_msg(rc == 0, "%s fails by itself: %s", name, err.text);
		ck_assert_msg(strcmp(found, expected) == 0, "%s: failure %d of kind %d went unnoticed:\n%.400s", name,
			      nth, (int)kind, found);
		ck_assert_uint_eq(passed_len, 2);
		ck_assert_int_eq(number("SELECT count(*) FROM claim"), 0);
	}
	/* What is counted is there. */
	ck_assert_int_le(count_of(PERSONA_COUNT_MADE), 2);
	if (*found == '\0')
		ck_assert_int_eq(count_of(PERSONA_COUNT_MADE), 0);
	free(found);
	free(blamed);
	return fired;
}

START_TEST(no_run_goes_on_as_if_nothing_were)
{
	static const enum kind kinds[] = { STEP, BIND, TEXT, DIGEST, JSON, MEMORY };
	char *expected;

	options.passed = count_passed;
	start_over(_i);
	OK(runs[_i].run());
	expected = rows(runs[_i].rows);
	ck_assert_str_ne(expected, "");
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		int nth = 1 - NTH_STEP;

		do {
			start_over(_i);
			nth += NTH_STEP;
			ck_assert_int_lt(nth, NTH_MAX);
		} while (try_once(_i, kinds[i], nth, expected));
	}
	free(expected);
}
END_TEST

/* A metric is whole, or it is none: and its handle can be freed in any case. */
START_TEST(a_metric_of_sql_is_made_or_not)
{
	static const enum kind kinds[] = { DIGEST, MEMORY };

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		int nth = 0;

		do {
			struct persona_registry *own;
			void *handle;
			int rc;

			OK(persona_registry_new(&own, &err));
			ck_assert_int_lt(++nth, NTH_MAX);
			chosen = kinds[i];
			fired = false;
			countdown = nth;
			rc = persona_metric_sql_add(own, "query", "SELECT 1", path, &handle, &err);
			countdown = 0;
			ck_assert_int_eq(rc, fired ? -1 : 0);
			ck_assert_uint_eq(persona_registry_count(own), rc == 0);
			persona_registry_free(own);
			persona_metric_sql_free(handle);
		} while (fired);
		ck_assert_int_gt(nth, 1);
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("torture");

	tcase_add_checked_fixture(tcase, setup_torture, teardown_torture);
	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, a_metric_of_sql_is_made_or_not);
	tcase_add_loop_test(tcase, no_run_goes_on_as_if_nothing_were, 0, RUNS);
	return run_suite("torture", &tcase, 1);
}
