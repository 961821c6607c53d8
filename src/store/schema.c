/* Versions of the schema, and the way from one to the next. */
#include "embedded_store.h"
#include "internal.h"

const struct migration schema_migrations[] = {
	{ 1, embedded_schema_0001_initial_sql }, { 2, embedded_schema_0002_models_sql },
	{ 3, embedded_schema_0003_votes_sql },	 { 4, embedded_schema_0004_chain_sql },
	{ 5, embedded_schema_0005_quality_sql }, { 6, embedded_schema_0006_places_sql },
	{ 7, embedded_schema_0007_looks_sql },	 { 8, embedded_schema_0008_evidence_sql },
};
const size_t schema_migrations_len = sizeof schema_migrations / sizeof *schema_migrations;

_Static_assert(sizeof schema_migrations / sizeof *schema_migrations == STORE_SCHEMA_VERSION,
	       "one migration per schema version");

const char *schema_views(void)
{
	return embedded_views_sql;
}

int refuse_while_others_run(struct persona_store *store, const char *what, struct persona_error *err)
{
	sqlite3_stmt *statement = NULL;
	int code, rc = 0;

	code = sqlite3_prepare_v2(store->db, "SELECT run_id, tool, pid FROM run WHERE finished_at IS NULL", -1,
				  &statement, NULL);
	if (code != SQLITE_OK)
		return sql_fail(store->db, code, store->path, err);
	while (!rc && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		int alive = live_is_alive(store, sqlite3_column_int64(statement, 0), err);

		if (alive > 0)
			rc = persona_error_set(err, PERSONA_E_BUSY, "%s: cannot %s while %s (process %lld) is running",
					       store->path, what, sql_column_text(statement, 1),
					       (long long)sqlite3_column_int64(statement, 2));
		else if (alive < 0)
			rc = -1;
	}
	if (!rc && code != SQLITE_DONE)
		rc = sql_fail(store->db, code, store->path, err);
	sqlite3_finalize(statement);
	return rc;
}

/* Ours are made anew; views that users made themselves stay. */
static int drop_views(sqlite3 *db, struct persona_error *err)
{
	static const char *const ours[] = { "lineage",	    "progress",	    "cost",	      "pending",
					    "persona_json", "persona_best", "persona_current" };
	char drop[64];

	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
		snprintf(drop, sizeof drop, "DROP VIEW IF EXISTS %s", ours[i]);
		if (sql_exec(db, drop, err) < 0)
			return -1;
	}
	return 0;
}

static int step(struct persona_store *store, const struct migration *migration, const char *views,
		struct persona_error *err)
{
	char mark[128];
	int64_t version;

	if (sql_exec(store->db, "BEGIN IMMEDIATE", err) < 0)
		return -1;
	/* Somebody else may have been here between our look and our turn. */
	if (sql_pragma(store->db, "PRAGMA user_version", &version, err) < 0)
		goto fail;
	if (version >= migration->version) {
		if (sql_exec(store->db, "COMMIT", err) < 0)
			goto fail;
		return 0;
	}
	if (version > 0 && refuse_while_others_run(store, "upgrade", err) < 0)
		goto fail;
	if (drop_views(store->db, err) < 0 || sql_exec(store->db, migration->sql, err) < 0 ||
	    sql_exec(store->db, views, err) < 0)
		goto fail;
	snprintf(mark, sizeof mark, "PRAGMA application_id = %d; PRAGMA user_version = %d", STORE_APPLICATION_ID,
		 migration->version);
	if (sql_exec(store->db, mark, err) < 0 || sql_exec(store->db, "COMMIT", err) < 0)
		goto fail;
	return 0;
fail:
	sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	return -1;
}

int schema_migrate(struct persona_store *store, const struct migration *steps, size_t len, const char *views,
		   struct persona_error *err)
{
	int rc = 0;

	for (size_t i = 0; i < len && !rc; i++)
		rc = step(store, &steps[i], i + 1 == len ? views : "", err);
	return rc;
}
