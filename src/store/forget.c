/* Forgetting: everything of a record, a source, a batch or a persona goes, and nothing of its text stays in the file. */
#include "embedded_store.h"
#include "phrases.h"

static void forgets(sqlite3_context *context, int argc, sqlite3_value **argv)
{
	const char *text = (const char *)sqlite3_value_text(argv[0]);
	size_t len = text ? (size_t)sqlite3_value_bytes(argv[0]) : 0;

	(void)argc;
	sqlite3_result_int(context, text && phrases_in(sqlite3_user_data(context), text, len));
}

/* ---- What was asked for -------------------------------------------------- */

static int find(struct persona_store *store, const char *sql, const char *name, int64_t *id, struct persona_error *err)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	if (code == SQLITE_ROW)
		*id = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return sql_fail(store->db, code, store->path, err);
	return code == SQLITE_ROW;
}

static const struct {
	const char *name, *look_up, *table;
} kinds[] = {
	[PERSONA_FORGET_RECORD] = { "record",
				    "SELECT record_id FROM record WHERE CAST(record_id AS TEXT) = ?1 OR locator = ?1"
				    " ORDER BY locator = ?1 LIMIT 1",
				    "forget_record" },
	[PERSONA_FORGET_SOURCE] = { "source",
				    "SELECT source_id FROM source WHERE CAST(source_id AS TEXT) = ?1 OR uri = ?1"
				    " ORDER BY uri = ?1 LIMIT 1",
				    "forget_source" },
	[PERSONA_FORGET_BATCH] = { "batch",
				   "SELECT batch_id FROM batch WHERE CAST(batch_id AS TEXT) = ?1 OR label = ?1"
				   " ORDER BY label = ?1 LIMIT 1",
				   "forget_batch" },
	[PERSONA_FORGET_PERSONA] = { "persona", "SELECT persona_id FROM persona WHERE CAST(persona_id AS TEXT) = ?1",
				     "forget_persona" },
};

static int put_target(struct persona_store *store, const struct persona_forget_target *target,
		      struct persona_error *err)
{
	char insert[96];
	int64_t id = 0;
	int rc = find(store, kinds[target->kind].look_up, target->name, &id, err);

	if (rc < 0)
		return -1;
	if (!rc)
		return persona_error_set(err, PERSONA_E_NOTFOUND, "no %s '%.80s'", kinds[target->kind].name,
					 target->name);
	snprintf(insert, sizeof insert, "INSERT OR IGNORE INTO %s VALUES (%lld)", kinds[target->kind].table,
		 (long long)id);
	return sql_exec(store->db, insert, err);
}

static int put_targets(struct persona_store *store, const struct persona_forget_target *targets, size_t len,
		       struct persona_error *err)
{
	if (sql_exec(store->db,
		     "CREATE TEMP TABLE forget_record (record_id INTEGER PRIMARY KEY);"
		     "CREATE TEMP TABLE forget_source (source_id INTEGER PRIMARY KEY);"
		     "CREATE TEMP TABLE forget_batch (batch_id INTEGER PRIMARY KEY);"
		     "CREATE TEMP TABLE forget_persona (persona_id INTEGER PRIMARY KEY);",
		     err) < 0)
		return -1;
	for (size_t i = 0; i < len; i++)
		if (put_target(store, &targets[i], err) < 0)
			return -1;
	return sql_exec(store->db,
			"INSERT OR IGNORE INTO forget_record SELECT record_id FROM record"
			" WHERE source_id IN (SELECT source_id FROM forget_source);"
			"INSERT OR IGNORE INTO forget_persona SELECT persona_id FROM persona"
			" WHERE batch_id IN (SELECT batch_id FROM forget_batch);",
			err);
}

/* ---- Its sentences ---------------------------------------------------------- */

static int each_text(struct persona_store *store, const char *sql, struct phrases *phrases, bool drop,
		     struct persona_error *err)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL), rc = 0;

	while (code == SQLITE_OK || code == SQLITE_ROW) {
		const char *text;

		code = sqlite3_step(statement);
		text = code == SQLITE_ROW ? sql_column_text(statement, 0) : NULL;
		if (text && drop)
			phrases_drop(phrases, text);
		else if (text && (rc = phrases_add(phrases, text, err)) < 0)
			break;
	}
	sqlite3_finalize(statement);
	if (rc < 0)
		return -1;
	return code == SQLITE_DONE ? 0 : sql_fail(store->db, code, store->path, err);
}

static int gather_phrases(struct persona_store *store, struct phrases *phrases, struct persona_error *err)
{
	static const char *const own[] = {
		"SELECT text FROM record JOIN forget_record USING (record_id)",
		"SELECT j.value FROM record JOIN forget_record USING (record_id), json_tree(record.fields) j"
		" WHERE j.type = 'text'",
		"SELECT t.text FROM trait t JOIN revision USING (revision_id) JOIN forget_persona USING (persona_id)",
		"SELECT r.background FROM revision r JOIN forget_persona USING (persona_id) WHERE r.background IS NOT "
		"NULL",
	};
	/* What others said as well is theirs. */
	static const char others[] =
		"SELECT text FROM record WHERE record_id NOT IN (SELECT record_id FROM forget_record)";
	static const char others_too[] = "SELECT t.text FROM trait t JOIN revision r USING (revision_id)"
					 " WHERE r.persona_id NOT IN (SELECT persona_id FROM forget_persona)"
					 " AND NOT EXISTS (SELECT 1 FROM forget_record)";

	for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
		if (each_text(store, own[i], phrases, false, err) < 0)
			return -1;
	return each_text(store, others, phrases, true, err) < 0 || each_text(store, others_too, phrases, true, err) < 0
		       ? -1
		       : 0;
}

/* ---- All of it ----------------------------------------------------------------- */

static int count(struct persona_store *store, struct persona_forgotten *out, struct persona_error *err)
{
	const struct {
		const char *sql;
		int64_t *out;
	} counts[] = {
		{ "SELECT count(*) FROM forget_record", &out->records },
		{ "SELECT count(*) FROM forget_source", &out->sources },
		{ "SELECT count(*) FROM forget_batch", &out->batches },
		{ "SELECT count(*) FROM forget_persona", &out->personas },
		{ "SELECT count(*) FROM forget_touched", &out->revisions },
		{ "SELECT count(*) FROM forget_item", &out->items },
		{ "SELECT count(*) FROM forget_call", &out->calls },
		{ "SELECT count(*) FROM forget_score", &out->scores },
	};

	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
		if (sql_pragma(store->db, counts[i].sql, counts[i].out, err) < 0)
			return -1;
	return 0;
}

static int forget(struct persona_store *store, const struct persona_forget_target *targets, size_t len,
		  struct phrases *phrases, struct persona_forgotten *out, struct persona_error *err)
{
	if (refuse_while_others_run(store, "forget", err) < 0 || put_targets(store, targets, len, err) < 0 ||
	    gather_phrases(store, phrases, err) < 0 || sql_exec(store->db, embedded_query_forget_sql, err) < 0)
		return -1;
	return count(store, out, err);
}

/* Neither free pages nor the log keep what was deleted. */
static int wipe(struct persona_store *store, struct persona_error *err)
{
	int64_t busy;

	if (sql_exec(store->db, "VACUUM", err) < 0 ||
	    sql_pragma(store->db, "PRAGMA wal_checkpoint(TRUNCATE)", &busy, err) < 0)
		return -1;
	if (busy)
		return persona_error_set(err, PERSONA_E_BUSY,
					 "%s: forgotten, but a reader keeps the old pages in the -wal file; end it and "
					 "run persona-forget again",
					 store->path);
	return 0;
}

int persona_store_forget(struct persona_store *store, const struct persona_forget_target *targets, size_t len,
			 bool dry_run, struct persona_forgotten *out, struct persona_error *err)
{
	struct phrases *phrases;
	int64_t ignored;
	int rc;

	*out = (struct persona_forgotten){ 0 };
	if (phrases_new(&phrases, err) < 0)
		return -1;
	if (sqlite3_create_function(store->db, "forgets", 1, SQLITE_UTF8, phrases, forgets, NULL, NULL) != SQLITE_OK) {
		phrases_free(phrases);
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	rc = sql_pragma(store->db, "PRAGMA secure_delete = ON", &ignored, err);
	if (!rc)
		rc = dry_run ? persona_store_rehearse(store, err) : persona_store_begin(store, err);
	if (!rc)
		rc = forget(store, targets, len, phrases, out, err);
	if (!rc && !dry_run)
		rc = persona_store_commit(store, err);
	else
		persona_store_rollback(store);
	if (!rc && !dry_run)
		rc = wipe(store, err);
	sqlite3_create_function(store->db, "forgets", 1, SQLITE_UTF8, NULL, NULL, NULL, NULL);
	phrases_free(phrases);
	return rc;
}
