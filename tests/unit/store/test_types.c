/* What cannot be converted without loss is refused by SQL, in every column of every table. */
#include "helper.h"

/* One valid row in each table. */
/* clang-format off */
static const char rows[] =
	"INSERT INTO source VALUES (1, 'a.csv', " HASH("01") ", 'text/csv', 1, 1);"
	"INSERT INTO record (record_id, source_id, ordinal, locator, speaker, text, fields) VALUES (1, 1, 1, 'a.csv:2', 'P1', 'x', '{}');"
	"INSERT INTO batch (batch_id, label, sha256, wanted, settings, created_at) VALUES (1, 'one', " HASH("01") ", 1, '{}', 1);"
	"INSERT INTO batch_source VALUES (1, 1);"
	"INSERT INTO plan VALUES (1, 1, 1, 1, '{}');"
	"INSERT INTO persona VALUES (1, 1, 1, 'id', 1);"
	"INSERT INTO stage_key VALUES (1, 'score', " HASH("01") ", '{}', 1);"
	"INSERT INTO blob VALUES (" HASH("01") ", 'long');"
	"INSERT INTO chain VALUES (1, 'n', 1, 0, 0);"
	"INSERT INTO run VALUES (1, 'tool', '[]', 7, 'host', '0.1.0', 1, 2, 0, '{}', 1);"
	"INSERT INTO llm_call VALUES (1, 1, 1, 'draft', 'p', 'm', " HASH("01") ", '', 0, 'done', " HASH("01") ", 's', 'r', 200, 'stop', 1, 1, 1, 1, 1, 1, 0, 1, 1, 'id', NULL);"
	"INSERT INTO revision VALUES (1, 1, 1, 'draft', NULL, 1, 1, " HASH("01") ", 'N', 30, 'o', 'b', '{}', 'n', '{}', 1);"
	"INSERT INTO trait VALUES (1, 'goal', 0, 'x');"
	"INSERT INTO evidence (revision_id, kind, position, ordinal, record_id, locator, strength, excerpt) VALUES (1, 'goal', 0, 0, 1, 'a.csv:2', 'cited', 'x');"
	"INSERT INTO population VALUES (1, 1, " HASH("01") ", 1, 1, 1);"
	"INSERT INTO evaluation VALUES (1, 1, 1, 0, 50, 1);"
	"INSERT INTO criterion VALUES (1, 'realism', 50, 'why', 0);"
	"INSERT INTO score VALUES (1, 1, 1, 1, 50, 50, 'poor');"
	"INSERT INTO metric_score VALUES (1, 'm', 50, 0.5, '[]');"
	"INSERT INTO verdict VALUES (1, 1, 1, 60, 50, 1);"
	"INSERT INTO refinement VALUES (1, 1, 0, 1);"
	"INSERT INTO failure VALUES (1, 'score', 1, 1, 1, 1, 'invalid', 'm', 1, 1, 0, 1);"
	"INSERT INTO claim VALUES ('score', 'item', 1, 0);"
	"INSERT INTO price VALUES ('p', 'm', '2026-01-01', 1, 1, 1, 1);"
	"INSERT INTO endpoint VALUES ('p', 'm', 'o', 'k', '', 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);"
	"INSERT INTO scoring VALUES (1, 1, 1, 1, 50, 0, 0, 0, 1, 0, 0, 1, 1, 60);"
	"INSERT INTO scoring_metric VALUES (1, 'm', 1, 50);"
	/* A second revision would be in the way of the other tables. */
	"PRAGMA foreign_keys = OFF; INSERT INTO similar VALUES (1, 1, 2, 0.7); PRAGMA foreign_keys = ON;"
	"INSERT INTO setting VALUES ('key', 'value');";
/* clang-format on */

static void setup_rows(void)
{
	setup();
	sql(rows);
}

/* UPDATE table SET column = value; the extended result code. */
static int set(const char *table, const char *column, const char *value)
{
	char text[512];

	snprintf(text, sizeof text, "UPDATE \"%s\" SET \"%s\" = %s", table, column, value);
	return sqlite3_exec(store->db, text, NULL, NULL, NULL);
}

static void assert_type_refused(const char *table, const char *column, const char *value)
{
	int code = set(table, column, value);

	/* An INTEGER PRIMARY KEY says it in its own way. */
	ck_assert_msg(code == SQLITE_CONSTRAINT_DATATYPE || code == SQLITE_MISMATCH, "%s.%s = %s: gave %d", table,
		      column, value, code);
}

START_TEST(no_column_takes_what_is_not_its_type)
{
	static const char *const texts[] = { "x'61'", "x''", "zeroblob(64)", NULL };
	static const char *const integers[] = {
		"'abc'", "1.5", "x'31'", "'1.5'", "''", "1e300", "'9223372036854775808'", NULL
	};
	static const char *const reals[] = { "'abc'", "x'31'", "''", "'5%'", NULL };
	sqlite3_stmt *columns = NULL;
	int seen = 0, code;

	ck_assert_int_eq(sqlite3_prepare_v2(store->db,
					    "SELECT s.name, c.name, c.type, c.\"notnull\" FROM sqlite_schema s,"
					    " pragma_table_info(s.name) c WHERE s.type = 'table'"
					    " AND s.name NOT LIKE 'sqlite_%'",
					    -1, &columns, NULL),
			 SQLITE_OK);
	while ((code = sqlite3_step(columns)) == SQLITE_ROW) {
		const char *table = (const char *)sqlite3_column_text(columns, 0);
		const char *column = (const char *)sqlite3_column_text(columns, 1);
		const char *type = (const char *)sqlite3_column_text(columns, 2);
		const char *const *values = strcmp(type, "TEXT") == 0	   ? texts
					    : strcmp(type, "INTEGER") == 0 ? integers
									   : reals;
		char count[128];

		if (values == reals)
			ck_assert_str_eq(type, "REAL");
		/* Without a row nothing would be refused. */
		snprintf(count, sizeof count, "SELECT count(*) FROM \"%s\"", table);
		ck_assert_msg(number_of(count) == 1, "%s has no row", table);
		for (; *values; values++)
			assert_type_refused(table, column, *values);
		if (sqlite3_column_int(columns, 3))
			ck_assert_msg(set(table, column, "NULL") == SQLITE_CONSTRAINT_NOTNULL, "%s.%s took NULL", table,
				      column);
		seen++;
	}
	ck_assert_int_eq(code, SQLITE_DONE);
	sqlite3_finalize(columns);
	ck_assert_int_gt(seen, 120);
}
END_TEST

/* Bounds: the last good values, and the first bad. Separated by ';'. */
static const struct {
	const char *column, *good, *bad;
} bounds[] = {
	{ "source.sha256", "hex(zeroblob(32))", "'';'abc';hex(zeroblob(33))" },
	{ "source.size_bytes", "0;'7';7.0", "-1" },
	{ "source.imported_at", "0", "-1" },
	{ "record.ordinal", "1", "0;-1" },
	{ "record.fields", "'{}';'{\"a\":\"b\"}'", "'';'{';'[]';'5';'null'" },
	{ "batch.sha256", "hex(zeroblob(32))", "'abc'" },
	{ "batch.wanted", "0", "-1" },
	{ "batch.settings", "'{}'", "'';'[]';'{'" },
	{ "batch.created_at", "0", "-1" },
	{ "plan.first_slot", "1", "0" },
	{ "plan.slots", "1", "0" },
	{ "plan.deal", "1", "0" },
	{ "plan.settings", "'{}'", "'x'" },
	{ "persona.slot", "1", "0" },
	{ "persona.created_at", "0", "-1" },
	{ "stage_key.stage", "'draft';'import';'score';'filter';'judge';'refine'", "'';'Draft';'drafts'" },
	{ "stage_key.sha256", "hex(zeroblob(32))", "'abc'" },
	{ "stage_key.settings", "'{}'", "'x';'[]'" },
	{ "stage_key.last_used", "1", "0" },
	{ "llm_call.request_sha256", "hex(zeroblob(32))", "'abc'" },
	{ "llm_call.sample", "0", "-1" },
	{ "llm_call.state", "'sent';'submitted';'done';'failed';'lost'", "'';'DONE'" },
	{ "llm_call.http_status", "100;599;NULL", "99;600" },
	{ "llm_call.input_tokens", "0;NULL", "-1" },
	{ "llm_call.output_tokens", "0;NULL", "-1" },
	{ "llm_call.cached_tokens", "0;NULL", "-1" },
	{ "llm_call.cache_write_tokens", "0;NULL", "-1" },
	{ "llm_call.lost_nusd", "0", "-1" },
	{ "llm_call.reasoning_tokens", "0;NULL", "-1" },
	{ "llm_call.cost_nusd", "0", "-1" },
	{ "llm_call.attempts", "0", "-1" },
	{ "llm_call.latency_ms", "0;NULL", "-1" },
	{ "revision.number", "1", "0" },
	{ "revision.stage", "'draft';'refine';'import'", "'score';''" },
	{ "revision.content_sha256", "hex(zeroblob(32));NULL", "'abc'" },
	{ "revision.name", "'x'", "''" },
	{ "revision.age", "0;130;'34';NULL", "-1;131" },
	{ "revision.demographics", "'{}';NULL", "'';'[]';'text';'5'" },
	{ "revision.extra", "'{}';NULL", "'[]';'x'" },
	{ "revision.created_at", "0", "-1" },
	{ "evidence.strength", "'verbatim';'close';'cited';'none'", "'';'strong'" },
	{ "evidence.ordinal", "0", "-1" },
	{ "population.sha256", "hex(zeroblob(32))", "'abc'" },
	{ "population.members", "1", "0" },
	{ "population.last_used", "1", "0" },
	{ "evaluation.sample", "0", "-1" },
	{ "evaluation.overall", "0;100;'50.5'", "-0.1;100.1;1e400" },
	{ "evaluation.votes", "1;99", "0;-1" },
	{ "criterion.score", "0;100", "-0.1;100.1" },
	{ "criterion.spread", "0;100", "-0.1;100.1" },
	{ "score.overall", "0;100", "-0.1;100.1;NULL" },
	{ "score.own", "0;100;NULL", "-0.1;100.1" },
	{ "score.level", "'excellent';'good';'acceptable';'poor';'failing'", "'bad';'';NULL" },
	{ "metric_score.value", "0;100;NULL", "-0.1;100.1" },
	{ "metric_score.weight", "0;1", "-0.01;1.01" },
	{ "metric_score.issues", "'[]';'[1]'", "'';'{}';'x'" },
	{ "scoring.members", "0", "-1" },
	{ "scoring.overall", "0;100;NULL", "-0.1;100.1" },
	{ "scoring.excellent", "0", "-1" },
	{ "scoring.good", "0", "-1" },
	{ "scoring.acceptable", "0", "-1" },
	{ "scoring.poor", "0", "-1" },
	{ "scoring.failing", "0", "-1" },
	{ "scoring.similar_pairs", "0", "-1" },
	{ "scoring.records", "0", "-1" },
	{ "scoring.records_used", "0", "-1" },
	{ "scoring.mtld", "0.1;NULL", "0;-1" },
	{ "scoring_metric.measured", "0", "-1" },
	{ "scoring_metric.mean", "0;100;NULL", "-0.1;100.1" },
	{ "similar.similarity", "0;1", "-0.1;1.1" },
	{ "verdict.passed", "0;1", "2;-1" },
	{ "verdict.threshold", "0;100", "-0.1;100.1" },
	{ "verdict.value", "0;100", "-0.1;100.1" },
	{ "verdict.decided_at", "0", "-1" },
	{ "refinement.sample", "0", "-1" },
	{ "failure.class",
	  "'auth';'quota';'rate';'server';'timeout';'network';'refused';'truncated';'unparsable';'invalid';'budget'",
	  "'';'other'" },
	{ "failure.attempt", "1", "0" },
	{ "failure.parked", "0;1", "2" },
	{ "failure.at", "0", "-1" },
	{ "run.arguments", "'[]'", "'{}';'x';''" },
	{ "run.counts", "'{}';NULL", "'[]';'x'" },
	{ "claim.reserved_nusd", "0", "-1" },
	{ "ledger.ledger_id", "1", "2;0" },
	{ "ledger.budget_nusd", "0;NULL", "-1" },
	{ "ledger.spent_nusd", "0", "-1" },
	{ "ledger.reserved_nusd", "0", "-1" },
	{ "chain.budget_nusd", "0", "-1" },
	{ "chain.spent_nusd", "0", "-1" },
	{ "chain.reserved_nusd", "0", "-1" },
	{ "price.valid_from", "'2026-12-31'", "'2026-13-01';'yesterday';'2026-1-1'" },
	{ "price.input_nusd", "0", "-1" },
	{ "price.output_nusd", "0", "-1" },
	{ "price.cached_nusd", "0;NULL", "-1" },
	{ "price.cache_write_nusd", "0;NULL", "-1" },
	{ "endpoint.limit_milli", "0", "-1" },
	{ "endpoint.ceiling_milli", "0", "-1" },
	{ "endpoint.samples", "0", "-1" },
	{ "endpoint.most_ppm", "0", "-1" },
};

/* The next value of a list, or false. */
static bool next_value(const char **list, char value[128])
{
	size_t len = strcspn(*list, ";");

	if (!len)
		return false;
	ck_assert_uint_lt(len, 128);
	memcpy(value, *list, len);
	value[len] = '\0';
	*list += len + ((*list)[len] == ';');
	return true;
}

static void assert_bounds(size_t at)
{
	const char *good = bounds[at].good, *bad = bounds[at].bad, *dot = strchr(bounds[at].column, '.');
	char table[64], value[128];

	snprintf(table, sizeof table, "%.*s", (int)(dot - bounds[at].column), bounds[at].column);
	sql("SAVEPOINT one");
	while (next_value(&good, value))
		ck_assert_msg(set(table, dot + 1, value) == SQLITE_OK, "%s = %s: %s", bounds[at].column, value,
			      sqlite3_errmsg(store->db));
	while (next_value(&bad, value)) {
		int code = set(table, dot + 1, value);

		ck_assert_msg(code == SQLITE_CONSTRAINT_CHECK, "%s = %s: gave %d", bounds[at].column, value, code);
	}
	sql("ROLLBACK TO one; RELEASE one");
}

START_TEST(bounds_are_kept_to_the_last_value)
{
	/* So that keys can be turned without their children. */
	sql("PRAGMA foreign_keys = OFF");
	for (size_t at = 0; at < sizeof bounds / sizeof *bounds; at++)
		assert_bounds(at);
}
END_TEST

/* Traits have children by a key of several columns: looked at by inserting. */
START_TEST(traits_are_of_a_kind_and_not_empty)
{
	sql("INSERT INTO trait VALUES (1, 'frustration', 0, 'x'), (1, 'behaviour', 0, 'x'), (1, 'motivation', 0, 'x'),"
	    " (1, 'quote', 0, 'x'), (1, 'goal', 1, 'x')");
	sql_refused("INSERT INTO trait VALUES (1, 'goals', 0, 'x')", SQLITE_CONSTRAINT);
	sql_refused("INSERT INTO trait VALUES (1, 'quote', -1, 'x')", SQLITE_CONSTRAINT);
	sql_refused("INSERT INTO trait VALUES (1, 'quote', 1, '')", SQLITE_CONSTRAINT);
	sql_refused("INSERT INTO trait VALUES (1, 'quote', 0, 'twice')", SQLITE_CONSTRAINT);
	sql_refused("INSERT INTO ledger (ledger_id) VALUES (2)", SQLITE_CONSTRAINT);
	sql_refused("INSERT INTO score VALUES (2, 1, 1, 1, 50, 50, 'poor')", SQLITE_CONSTRAINT);
	sql_refused("INSERT INTO evidence (revision_id, kind, position, ordinal, record_id, locator, strength, "
		    "excerpt) VALUES (1, 'quote', 7, 0, 1, 'a', 'cited', NULL)",
		    SQLITE_CONSTRAINT);
	sql("DELETE FROM metric_score; DELETE FROM score");
	sql("INSERT INTO score VALUES (2, 1, 1, NULL, NULL, NULL, NULL)");
	sql_refused("INSERT INTO score VALUES (3, 1, 1, NULL, 1, 1, 'poor')", SQLITE_CONSTRAINT);
}
END_TEST

START_TEST(what_loses_nothing_is_taken)
{
	ck_assert_int_eq(set("revision", "age", "'34'"), SQLITE_OK);
	ck_assert_int_eq(set("revision", "occupation", "12"), SQLITE_OK);
	ck_assert_int_eq(set("verdict", "threshold", "60"), SQLITE_OK);
	ROWS("SELECT age, typeof(age), occupation, typeof(occupation) FROM revision", "34|integer|12|text\n");
	ROWS("SELECT threshold, typeof(threshold) FROM verdict", "60.0|real\n");
}
END_TEST

int main(void)
{
	TCase *types;
	Suite *suite = suite_of("types", &types);

	tcase_add_checked_fixture(types, setup_rows, teardown);
	tcase_add_test(types, no_column_takes_what_is_not_its_type);
	tcase_add_test(types, bounds_are_kept_to_the_last_value);
	tcase_add_test(types, traits_are_of_a_kind_and_not_empty);
	tcase_add_test(types, what_loses_nothing_is_taken);
	return run_suite(suite);
}
