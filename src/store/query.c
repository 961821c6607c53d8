/* Metrics in SQL: somebody's query, read-only and bounded. */
#include "internal.h"

struct deadline {
	const struct persona_clock *clock;
	int64_t at_ms;
};

static int is_late(void *payload)
{
	const struct deadline *deadline = payload;

	return deadline->clock->monotonic_ms(deadline->clock->payload) >= deadline->at_ms;
}

/* Reading and computing only: no writes, no attached files, no pragmas, no extensions. */
static int allow(void *payload, int action, const char *first, const char *second, const char *database,
		 const char *trigger)
{
	(void)payload;
	(void)database;
	(void)trigger;
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_FUNCTION:
		(void)first;
		return second && sqlite3_stricmp(second, "load_extension") == 0 ? SQLITE_DENY : SQLITE_OK;
	default:
		return SQLITE_DENY;
	}
}

static int fill(sqlite3 *db, const char *insert, const struct persona_place *places, size_t len, const bool *only,
		struct persona_error *err)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(db, insert, -1, &statement, NULL);

	for (size_t i = 0; code == SQLITE_OK && i < len; i++) {
		if (only && !only[i])
			continue;
		code = sqlite3_bind_int64(statement, 1, places[i].revision_id);
		if (code == SQLITE_OK)
			code = sqlite3_bind_int64(statement, 2, places[i].persona_id);
		if (code == SQLITE_OK)
			code = sqlite3_step(statement);
		if (code == SQLITE_DONE)
			code = SQLITE_OK;
		sqlite3_reset(statement);
	}
	sqlite3_finalize(statement);
	return code == SQLITE_OK ? 0 : sql_fail(db, code, "metric query", err);
}

static int open_reading(sqlite3 **db, const char *path, const struct persona_place *subjects, size_t len,
			const bool *is_member, struct persona_error *err)
{
	int code = sqlite3_open_v2(path, db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);

	if (code != SQLITE_OK)
		return sql_fail(*db, code, path, err);
	sqlite3_busy_timeout(*db, STORE_BUSY_TIMEOUT_MS);
	sqlite3_limit(*db, SQLITE_LIMIT_LENGTH, STORE_VALUE_MAX);
	sqlite3_db_config(*db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	if (sql_exec(*db,
		     "PRAGMA temp_store = MEMORY;"
		     "CREATE TEMP TABLE subject (revision_id INTEGER PRIMARY KEY, persona_id INTEGER NOT NULL) STRICT;"
		     "CREATE TEMP TABLE member (revision_id INTEGER PRIMARY KEY, persona_id INTEGER NOT NULL) STRICT;",
		     err) < 0 ||
	    fill(*db, "INSERT OR IGNORE INTO temp.subject VALUES ($1, $2)", subjects, len, NULL, err) < 0 ||
	    fill(*db, "INSERT OR IGNORE INTO temp.member VALUES ($1, $2)", subjects, len, is_member, err) < 0)
		return -1;
	return 0;
}

struct values {
	struct persona_query_value *items;
	size_t len, capacity;
};

static int add_row(struct values *values, sqlite3_stmt *statement, struct persona_error *err)
{
	int type = sqlite3_column_type(statement, 1);
	struct persona_query_value *value;

	if (sqlite3_column_type(statement, 0) != SQLITE_INTEGER)
		return persona_error_set(err, PERSONA_E_USAGE, "metric query: the first column is not a revision_id");
	if (type != SQLITE_INTEGER && type != SQLITE_FLOAT && type != SQLITE_NULL)
		return persona_error_set(err, PERSONA_E_USAGE, "metric query: the second column is not a number");
	if (persona_grow((void **)&values->items, &values->capacity, values->len, sizeof *values->items, err) < 0)
		return -1;
	value = &values->items[values->len];
	*value = (struct persona_query_value){
		.revision_id = sqlite3_column_int64(statement, 0),
		.measured = type != SQLITE_NULL,
		.value = sqlite3_column_double(statement, 1),
	};
	if (sqlite3_column_count(statement) > 2 && sql_copy_text(&value->issues, statement, 2, err) < 0)
		return -1;
	values->len++;
	return 0;
}

static int prepare(sqlite3 *db, const char *sql, sqlite3_stmt **out, struct persona_error *err)
{
	const char *rest = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, out, &rest) != SQLITE_OK)
		return persona_error_set(err, PERSONA_E_USAGE, "metric query: %s", sqlite3_errmsg(db));
	if (!*out)
		return persona_error_set(err, PERSONA_E_USAGE, "metric query: empty");
	/* What follows may be white space, comments and semicolons: nothing that makes a statement. */
	while (rest && *rest) {
		sqlite3_stmt *second = NULL;
		int code = sqlite3_prepare_v2(db, rest, -1, &second, &rest);

		sqlite3_finalize(second);
		if (second || code != SQLITE_OK)
			return persona_error_set(err, PERSONA_E_USAGE, "metric query: more than one statement");
	}
	if (sqlite3_column_count(*out) < 2 || sqlite3_column_count(*out) > 3)
		return persona_error_set(err, PERSONA_E_USAGE,
					 "metric query: must yield revision_id, value and, if wanted, issues");
	return 0;
}

int persona_store_query(const char *path, const char *sql, const struct persona_place *subjects, size_t subjects_len,
			const bool *is_member, int timeout_ms, struct persona_query_value **out, size_t *len,
			struct persona_error *err)
{
	struct deadline deadline = { .clock = persona_clock_system() };
	struct values values = { 0 };
	sqlite3_stmt *statement = NULL;
	sqlite3 *db = NULL;
	int code = SQLITE_OK, rc = -1;

	*out = NULL;
	*len = 0;
	if (open_reading(&db, path, subjects, subjects_len, is_member, err) < 0)
		goto out;
	sqlite3_set_authorizer(db, allow, NULL);
	deadline.at_ms = deadline.clock->monotonic_ms(deadline.clock->payload) + timeout_ms;
	sqlite3_progress_handler(db, 10000, is_late, &deadline);
	if (prepare(db, sql, &statement, err) < 0)
		goto out;
	while ((code = sqlite3_step(statement)) == SQLITE_ROW)
		if (add_row(&values, statement, err) < 0)
			goto out;
	if (code == SQLITE_INTERRUPT)
		rc = persona_error_set(err, PERSONA_E_BUSY, "metric query: took longer than %d ms", timeout_ms);
	else
		rc = code == SQLITE_DONE ? 0 : sql_fail(db, code, "metric query", err);
out:
	sqlite3_finalize(statement);
	sqlite3_close(db);
	if (rc < 0) {
		persona_query_values_free(values.items, values.len);
		return -1;
	}
	*out = values.items;
	*len = values.len;
	return 0;
}

void persona_query_values_free(struct persona_query_value *values, size_t len)
{
	for (size_t i = 0; i < len; i++)
		free(values[i].issues);
	free(values);
}
