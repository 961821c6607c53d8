/* Money, and long texts that are kept once. */
#include "internal.h"

/* One row of budget, spent, reserved: 1, or 0 there is none. */
static int read_ledger(struct persona_store *store, enum sql_id id, const struct sql_arg *args, size_t len,
		       struct persona_ledger *out, struct persona_error *err)
{
	sqlite3_stmt *statement;
	int rc;

	*out = (struct persona_ledger){ .budget_nusd = -1 };
	if (sql_start(store, id, args, len, &statement, err) < 0)
		return -1;
	rc = sql_step(store, statement, err);
	if (rc > 0) {
		out->budget_nusd = sqlite3_column_int64(statement, 0);
		out->spent_nusd = sqlite3_column_int64(statement, 1);
		out->reserved_nusd = sqlite3_column_int64(statement, 2);
	}
	sql_end(statement);
	return rc;
}

int persona_store_ledger(struct persona_store *store, struct persona_ledger *out, struct persona_error *err)
{
	int rc = read_ledger(store, SQL_LEDGER, NULL, 0, out, err);

	if (rc == 0)
		return persona_error_set(err, PERSONA_E_DB, "%s: the ledger is missing", store->path);
	return rc < 0 ? -1 : 0;
}

int persona_store_chain(struct persona_store *store, struct persona_ledger *out, struct persona_error *err)
{
	if (!store->chain_id) {
		*out = (struct persona_ledger){ .budget_nusd = -1 };
		return 0;
	}
	return read_ledger(store, SQL_CHAIN, ARGS(ARG(store->chain_id)), out, err);
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

int money_reserve(struct persona_store *store, int64_t nusd, struct persona_error *err)
{
	int rc = persona_store_ledger_reserve(store, nusd, err);

	if (rc <= 0 || !store->chain_id)
		return rc;
	if (sql_run(store, SQL_CHAIN_RESERVE, ARGS(ARG(store->chain_id), ARG(nusd)), err) < 0)
		return -1;
	if (sql_changes(store) == 1)
		return 1;
	return persona_store_ledger_settle(store, nusd, 0, err);
}

static int settle_chain(struct persona_store *store, int64_t run_id, int64_t reserved_nusd, int64_t spent_nusd,
			struct persona_error *err)
{
	/* Of ourselves we know; whether the dead were part of a chain, their rows say. */
	if (run_id == store->run_id && !store->chain_id)
		return 0;
	return sql_run(store, SQL_CHAIN_SETTLE, ARGS(ARG(run_id), ARG(reserved_nusd), ARG(spent_nusd)), err);
}

int money_settle(struct persona_store *store, int64_t run_id, int64_t reserved_nusd, int64_t spent_nusd,
		 struct persona_error *err)
{
	if (persona_store_ledger_settle(store, reserved_nusd, spent_nusd, err) < 0)
		return -1;
	return settle_chain(store, run_id, reserved_nusd, spent_nusd, err);
}

int money_return(struct persona_store *store, int64_t run_id, int64_t nusd, struct persona_error *err)
{
	if (sql_run(store, SQL_LEDGER_SETTLE, ARGS(ARG((int64_t)0), ARG(-nusd)), err) < 0)
		return -1;
	return settle_chain(store, run_id, 0, -nusd, err);
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
