#include <errno.h>

#include "internal.h"
#include "persona/json.h"
#include "persona/text.h"

static const char *const texts[SQL_STATEMENTS] = {
#define SQL(name, text) [SQL_##name] = text,
#include "statements.def"
#undef SQL
};

/*
 * SQLite knows of a full disk. A quota, or a limit on the size of files, are failures to write like any other to it
 * (sqlite3_system_errno() does not tell: it is set only where a file cannot be opened); what the system said last is
 * still there.
 */
static bool is_full(int code)
{
	return (code & 0xFF) == SQLITE_FULL || (code == SQLITE_IOERR_WRITE && (errno == EDQUOT || errno == EFBIG));
}

int sql_fail(sqlite3 *db, int code, const char *what, struct persona_error *err)
{
	enum persona_error_code kind = PERSONA_E_DB;
	const char *hint = "";

	if (is_full(code))
		return persona_error_set(err, PERSONA_E_FULL, "%s: %s; free some space and run the same command again",
					 what, db ? sqlite3_errmsg(db) : sqlite3_errstr(code));
	switch (code & 0xFF) {
	case SQLITE_NOMEM:
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		kind = PERSONA_E_BUSY;
		hint = "; another program holds the database";
		break;
	default:
		break;
	}
	return persona_error_set(err, kind, "%s: %s%s", what, db ? sqlite3_errmsg(db) : sqlite3_errstr(code), hint);
}

static int bind(sqlite3_stmt *statement, int index, const struct sql_arg *arg)
{
	switch (arg->type) {
	case SQL_ARG_INTEGER:
		return sqlite3_bind_int64(statement, index, arg->integer);
	case SQL_ARG_REAL:
		return sqlite3_bind_double(statement, index, arg->real);
	case SQL_ARG_TEXT:
		return sqlite3_bind_text(statement, index, arg->text, -1, SQLITE_STATIC);
	default:
		return sqlite3_bind_null(statement, index);
	}
}

/*
 * To SQLite "$2" is a name, and names are numbered as they first appear. Find out once where each
 * argument goes.
 */
static int prepare(struct persona_store *store, enum sql_id id, struct persona_error *err)
{
	struct sql_statement *prepared = &store->statements[id];
	int code = sqlite3_prepare_v3(store->db, texts[id], -1, SQLITE_PREPARE_PERSISTENT, &prepared->handle, NULL);

	if (code != SQLITE_OK)
		return sql_fail(store->db, code, "cannot prepare a statement", err);
	for (int i = 0; i < SQL_PARAMETERS_MAX; i++) {
		char name[16];

		snprintf(name, sizeof name, "$%d", i + 1);
		prepared->parameters[i] = sqlite3_bind_parameter_index(prepared->handle, name);
	}
	return 0;
}

int sql_start(struct persona_store *store, enum sql_id id, const struct sql_arg *args, size_t len, sqlite3_stmt **out,
	      struct persona_error *err)
{
	struct sql_statement *prepared = &store->statements[id];

	*out = NULL;
	if (!prepared->handle && prepare(store, id, err) < 0)
		return -1;
	if ((size_t)sqlite3_bind_parameter_count(prepared->handle) != len || len > SQL_PARAMETERS_MAX)
		return persona_error_set(err, PERSONA_E_DB, "statement %d takes %d parameters, not %zu", (int)id,
					 sqlite3_bind_parameter_count(prepared->handle), len);
	for (size_t i = 0; i < len; i++) {
		int code = bind(prepared->handle, prepared->parameters[i], &args[i]);

		if (code != SQLITE_OK) {
			sql_end(prepared->handle);
			return sql_fail(store->db, code, "cannot bind a value", err);
		}
	}
	*out = prepared->handle;
	return 0;
}

int sql_step(struct persona_store *store, sqlite3_stmt *statement, struct persona_error *err)
{
	int code = sqlite3_step(statement);

	if (code == SQLITE_ROW)
		return 1;
	if (code == SQLITE_DONE)
		return 0;
	return sql_fail(store->db, code, store->path, err);
}

void sql_end(sqlite3_stmt *statement)
{
	if (!statement)
		return;
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
}

int sql_run(struct persona_store *store, enum sql_id id, const struct sql_arg *args, size_t len,
	    struct persona_error *err)
{
	sqlite3_stmt *statement;
	int rc;

	if (sql_start(store, id, args, len, &statement, err) < 0)
		return -1;
	while ((rc = sql_step(store, statement, err)) > 0)
		;
	sql_end(statement);
	return rc;
}

int sql_integer(struct persona_store *store, enum sql_id id, const struct sql_arg *args, size_t len, int64_t *out,
		struct persona_error *err)
{
	sqlite3_stmt *statement;
	int rc;

	*out = 0;
	if (sql_start(store, id, args, len, &statement, err) < 0)
		return -1;
	rc = sql_step(store, statement, err);
	if (rc > 0 && sqlite3_column_type(statement, 0) == SQLITE_NULL)
		rc = 0;
	if (rc > 0)
		*out = sqlite3_column_int64(statement, 0);
	sql_end(statement);
	return rc;
}

int sql_row_id(struct persona_store *store, enum sql_id id, const struct sql_arg *args, size_t len, int64_t *out,
	       struct persona_error *err)
{
	int rc = sql_integer(store, id, args, len, out, err);

	if (rc == 0)
		return persona_error_set(err, PERSONA_E_DB, "%s: a row that has to be there has no id", store->path);
	return rc < 0 ? -1 : 0;
}

int sql_insert(struct persona_store *store, enum sql_id id, const struct sql_arg *args, size_t len, int64_t *out,
	       struct persona_error *err)
{
	*out = 0;
	sqlite3_set_last_insert_rowid(store->db, 0);
	if (sql_run(store, id, args, len, err) < 0)
		return -1;
	*out = sqlite3_last_insert_rowid(store->db);
	return 0;
}

int sql_changes(struct persona_store *store)
{
	return sqlite3_changes(store->db);
}

const char *sql_column_text(sqlite3_stmt *statement, int column)
{
	return (const char *)sqlite3_column_text(statement, column);
}

int sql_read_text(const char **out, sqlite3_stmt *statement, int column, struct persona_error *err)
{
	*out = NULL;
	if (sqlite3_column_type(statement, column) == SQLITE_NULL)
		return 0;
	*out = sql_column_text(statement, column);
	return *out ? 0 : persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
}

int sql_clean_text(struct persona_buf *room, const char **text, struct persona_error *err)
{
	size_t len = *text ? strlen(*text) : 0;

	return *text ? persona_text_cleaned(room, text, &len, NULL, err) : 0;
}

int sql_copy_text(char **out, sqlite3_stmt *statement, int column, struct persona_error *err)
{
	struct persona_buf clean;
	const char *text;

	*out = NULL;
	if (sql_read_text(&text, statement, column, err) < 0)
		return -1;
	if (!text)
		return 0;
	persona_buf_init(&clean, SIZE_MAX);
	if (sql_clean_text(&clean, &text, err) == 0)
		*out = persona_strdup(text, err);
	persona_buf_release(&clean);
	return *out ? 0 : -1;
}

int sql_read_json(json_t **out, sqlite3_stmt *statement, int column, json_type type, struct persona_error *err)
{
	const char *text;

	*out = NULL;
	if (sql_read_text(&text, statement, column, err) < 0)
		return -1;
	if (!text)
		return 0;
	if (persona_json_parse_strict(out, text, strlen(text), err) < 0)
		return -1;
	if (json_typeof(*out) != type)
		return persona_error_set(err, PERSONA_E_FORMAT, "a JSON column holds something that is not an %s",
					 type == JSON_ARRAY ? "array" : "object");
	return persona_json_clean(*out, err);
}

int sql_exec(sqlite3 *db, const char *text, struct persona_error *err)
{
	int code = sqlite3_exec(db, text, NULL, NULL, NULL);

	return code == SQLITE_OK ? 0 : sql_fail(db, code, "database", err);
}

int sql_pragma(sqlite3 *db, const char *text, int64_t *out, struct persona_error *err)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(db, text, -1, &statement, NULL);

	*out = 0;
	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	if (code == SQLITE_ROW) {
		*out = sqlite3_column_int64(statement, 0);
		code = SQLITE_OK;
	} else if (code == SQLITE_DONE) {
		code = SQLITE_OK;
	}
	sqlite3_finalize(statement);
	return code == SQLITE_OK ? 0 : sql_fail(db, code, "database", err);
}

int64_t store_now(const struct persona_store *store)
{
	return store->clock->unix_seconds(store->clock->payload);
}
