/* Money, and long texts that are kept once. */
#include "internal.h"

int persona_store_ledger(struct persona_store *store, struct persona_ledger *out, struct persona_error *err)
{
	sqlite3_stmt *statement;
	int rc;

	*out = (struct persona_ledger){ .budget_nusd = -1 };
	if (sql_start(store, SQL_LEDGER, NULL, 0, &statement, err) < 0)
		return -1;
	rc = sql_step(store, statement, err);
	if (rc > 0) {
		out->budget_nusd = sqlite3_column_int64(statement, 0);
		out->spent_nusd = sqlite3_column_int64(statement, 1);
		out->reserved_nusd = sqlite3_column_int64(statement, 2);
	}
	sql_end(statement);
	if (rc == 0)
		return persona_error_set(err, PERSONA_E_DB, "%s: the ledger is missing", store->path);
	return rc < 0 ? -1 : 0;
}

int persona_store_ledger_reserve(struct persona_store *store, int64_t nusd, struct persona_error *err)
{
	if (nusd < 0)
		return persona_error_set(err, PERSONA_E_USAGE, "a reservation can't be negative");
	if (sql_run(store, SQL_LEDGER_RESERVE, ARGS(ARG(nusd)), err) < 0)
		return -1;
	return sql_changes(store) == 1;
}

int persona_store_ledger_settle(struct persona_store *store, int64_t reserved_nusd, int64_t spent_nusd,
				struct persona_error *err)
{
	if (reserved_nusd < 0 || spent_nusd < 0)
		return persona_error_set(err, PERSONA_E_USAGE, "money can't be negative");
	return sql_run(store, SQL_LEDGER_SETTLE, ARGS(ARG(reserved_nusd), ARG(spent_nusd)), err);
}

int persona_store_budget_set(struct persona_store *store, int64_t budget_nusd, struct persona_error *err)
{
	return sql_run(store, SQL_BUDGET_SET, ARGS(budget_nusd < 0 ? sql_arg_text(NULL) : ARG(budget_nusd)), err);
}

int persona_store_blob_put(struct persona_store *store, const char *content, size_t len, char sha256[PERSONA_HASH_HEX],
			   struct persona_error *err)
{
	if (content[len] != '\0' || strlen(content) != len)
		return persona_error_set(err, PERSONA_E_FORMAT, "a text with a NUL byte can't be kept");
	if (persona_hash_bytes(sha256, content, len, err) < 0)
		return -1;
	return sql_run(store, SQL_BLOB_PUT, ARGS(ARG(sha256), ARG(content)), err);
}

int persona_store_blob_get(struct persona_store *store, const char *sha256, char **out, struct persona_error *err)
{
	sqlite3_stmt *statement;
	int rc;

	*out = NULL;
	if (sql_start(store, SQL_BLOB_GET, ARGS(ARG(sha256)), &statement, err) < 0)
		return -1;
	rc = sql_step(store, statement, err);
	if (rc > 0 && sql_copy_text(out, statement, 0, err) < 0)
		rc = -1;
	sql_end(statement);
	return rc;
}
