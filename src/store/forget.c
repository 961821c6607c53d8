/* Forgetting: everything of a record, a source, a batch or a persona goes, and nothing of its text stays in the file. */
#include "embedded_store.h"
#include "phrases.h"

static void forgets(sqlite3_context *context, int argc, sqlite3_value **argv)
{
	const char *text = (const char *)sqlite3_value_text(argv[0]);
	size_t len = text ? (size_t)sqlite3_value_bytes(argv[0]) : 0;

	(void)argc;
	/* A text that could not be had must not pass for one that holds nothing. */
	if (!text && sqlite3_value_type(argv[0]) != SQLITE_NULL)
		sqlite3_result_error_nomem(context);
	else
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

static int each_text(struct persona_store *store, const char *sql, struct phrases *phrases,
		     int (*take)(struct phrases *, const char *, struct persona_error *), struct persona_error *err)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL), rc = 0;

	while (code == SQLITE_OK || code == SQLITE_ROW) {
		const char *text = NULL;

		code = sqlite3_step(statement);
		if (code == SQLITE_ROW)
			rc = sql_read_text(&text, statement, 0, err);
		if (!rc && text)
			rc = take(phrases, text, err);
		if (rc < 0)
			break;
	}
	sqlite3_finalize(statement);
	if (rc < 0)
		return -1;
	return code == SQLITE_DONE ? 0 : sql_fail(store->db, code, store->path, err);
}

/* The texts of several queries; ends with NULL. */
static int each_text_of(struct persona_store *store, const char *const *queries, struct phrases *phrases,
			int (*take)(struct phrases *, const char *, struct persona_error *), struct persona_error *err)
{
	for (; *queries; queries++)
		if (each_text(store, *queries, phrases, take, err) < 0)
			return -1;
	return 0;
}

/* Of who goes. */
static const char own_items[] = "SELECT t.text FROM trait t JOIN revision USING (revision_id)"
				" JOIN forget_persona USING (persona_id)";
static const char own_background[] = "SELECT r.background FROM revision r JOIN forget_persona USING (persona_id)"
				     " WHERE r.background IS NOT NULL";

/* Of who stays. The built-in model says the same of many: "The occupation is that of the respondent nearest to the middle." */
static const char texts_of_others[] =
	"SELECT text FROM record WHERE record_id NOT IN (SELECT record_id FROM forget_record)";
static const char items_of_others[] = "SELECT t.text FROM trait t JOIN revision r USING (revision_id)"
				      " WHERE r.persona_id NOT IN (SELECT persona_id FROM forget_persona)";
static const char backgrounds_of_others[] = "SELECT background FROM revision WHERE background IS NOT NULL"
					    " AND persona_id NOT IN (SELECT persona_id FROM forget_persona)";

/* What records said that nobody else's record says. Comes last: that a persona repeats it makes it nobody else's. */
static int gather_said(struct persona_store *store, struct phrases *phrases, struct persona_error *err)
{
	static const char *const said[] = {
		"SELECT text FROM record JOIN forget_record USING (record_id)",
		("SELECT j.value FROM record JOIN forget_record USING (record_id), json_tree(record.fields) j"
		 " WHERE j.type = 'text'"),
		NULL,
	};

	if (each_text_of(store, said, phrases, phrases_add, err) < 0)
		return -1;
	return each_text(store, texts_of_others, phrases, phrases_drop, err);
}

static int gather_phrases(struct persona_store *store, struct phrases *phrases, struct persona_error *err)
{
	static const char *const own[] = { own_items, own_background, NULL };
	static const char *const others[] = { items_of_others, backgrounds_of_others, NULL };

	if (each_text_of(store, own, phrases, phrases_add, err) < 0 ||
	    each_text_of(store, others, phrases, phrases_drop, err) < 0)
		return -1;
	return gather_said(store, phrases, err);
}

/*
 * Once it is known what goes: what a judge or a refinement was told, who saw no record. And records as prompts show them: one
 * whose answers are all short has no sentence to be found by.
 */
static int gather_echoes(struct persona_store *store, struct phrases *phrases, struct persona_error *err)
{
	static const char *const gone[] = {
		"SELECT e.excerpt FROM evidence e JOIN forget_record USING (record_id) WHERE e.excerpt IS NOT NULL",
		"SELECT t.text FROM trait t JOIN forget_item USING (revision_id, kind, position)",
		own_items,
		NULL,
	};
	static const char *const kept[] = {
		("SELECT t.text FROM trait t JOIN revision r USING (revision_id)"
		 " WHERE r.persona_id NOT IN (SELECT persona_id FROM forget_persona)"
		 " AND NOT EXISTS (SELECT 1 FROM forget_item i WHERE i.revision_id = t.revision_id"
		 " AND i.kind = t.kind AND i.position = t.position)"),
		texts_of_others,
		NULL,
	};

	if (each_text(store, own_background, phrases, phrases_add, err) < 0 ||
	    each_text(store, backgrounds_of_others, phrases, phrases_drop, err) < 0 ||
	    each_text_of(store, gone, phrases, phrases_add, err) < 0 ||
	    each_text_of(store, kept, phrases, phrases_drop, err) < 0 || gather_said(store, phrases, err) < 0)
		return -1;
	return each_text(store,
			 "SELECT '[' || locator || ']' || char(10) || '  ' FROM record"
			 " JOIN forget_record USING (record_id)",
			 phrases, phrases_add_exactly, err);
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
	    gather_phrases(store, phrases, err) < 0 || sql_exec(store->db, embedded_query_forget_choose_sql, err) < 0 ||
	    gather_echoes(store, phrases, err) < 0 || sql_exec(store->db, embedded_query_forget_sql, err) < 0)
		return -1;
	if (count(store, out, err) < 0)
		return -1;
	return sql_exec(store->db, embedded_query_forget_clear_sql, err);
}

/*
 * Neither free pages nor the log keep what was deleted. In our turn to write, as others wait for that however long it takes,
 * and for a lock of SQLite's only so long.
 */
static int wipe(struct persona_store *store, struct persona_error *err)
{
	int64_t busy;
	int rc = live_lock_writer(store, err);

	if (rc < 0)
		return -1;
	if (sql_exec(store->db, "VACUUM", err) < 0 ||
	    sql_pragma(store->db, "PRAGMA wal_checkpoint(TRUNCATE)", &busy, err) < 0)
		rc = -1;
	live_unlock_writer(store);
	if (rc < 0)
		return -1;
	if (busy)
		return persona_error_set(
			err, PERSONA_E_BUSY,
			"%s: forgotten, but a reader keeps old pages in the -wal file; they go with the next "
			"program that writes once it has ended",
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
