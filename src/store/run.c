/* Runs, claims, fencing. */
#include <unistd.h>

#include "internal.h"

int64_t persona_store_run_id(const struct persona_store *store)
{
	return store->run_id;
}

/* What a run that is over had under way may have been paid: it is booked as spent. */
static int drop_claims(struct persona_store *store, int64_t run_id, struct persona_error *err)
{
	int64_t reserved, lost;
	int rc;

	if (sql_integer(store, SQL_CLAIMS_RESERVED, ARGS(ARG(run_id)), &reserved, err) < 0)
		return -1;
	rc = sql_integer(store, SQL_CALLS_SENT, ARGS(ARG(run_id)), &lost, err);
	if (rc < 0 || sql_run(store, SQL_CLAIMS_DROP, ARGS(ARG(run_id)), err) < 0 ||
	    sql_run(store, SQL_CALLS_LOSE, ARGS(ARG(run_id)), err) < 0)
		return -1;
	if (!rc)
		lost = reserved;
	if (run_id != store->run_id)
		store->buried_nusd += lost;
	return reserved || lost ? money_settle(store, run_id, reserved, lost, err) : 0;
}

/*
 * Runs that were killed leave claims and reservations behind. They cost nobody anything until somebody wants the item;
 * a new run clears what it can see, so that none stays for ever.
 */
int persona_store_bury(struct persona_store *store, struct persona_error *err)
{
	int64_t runs[256];
	sqlite3_stmt *statement;
	size_t len = 0;
	int rc;

	if (sql_start(store, SQL_CLAIM_RUNS, NULL, 0, &statement, err) < 0)
		return -1;
	while ((rc = sql_step(store, statement, err)) > 0 && len < sizeof runs / sizeof *runs)
		runs[len++] = sqlite3_column_int64(statement, 0);
	sql_end(statement);
	if (rc < 0)
		return -1;
	for (size_t i = 0; i < len; i++) {
		int alive = live_is_alive(store, runs[i], err);

		if (alive < 0 || (!alive && drop_claims(store, runs[i], err) < 0))
			return -1;
	}
	return 0;
}

int persona_store_run_start(struct persona_store *store, const struct persona_run_info *info, struct persona_error *err)
{
	char host[256] = "";
	int64_t run_id, chain_id = 0;

	if (gethostname(host, sizeof host - 1) < 0)
		host[0] = '\0';
	if (persona_store_begin(store, err) < 0)
		return -1;
	if (persona_store_bury(store, err) < 0 ||
	    (info->chain && sql_row_id(store, SQL_CHAIN_JOIN, ARGS(ARG(info->chain), ARG(info->chain_budget_nusd)),
				       &chain_id, err) < 0) ||
	    sql_insert(store, SQL_RUN_ADD,
		       ARGS(ARG(info->tool), ARG(info->arguments), ARG((int)getpid()), ARG((const char *)host),
			    ARG(PERSONA_VERSION), ARG(store_now(store)), sql_arg_id(chain_id)),
		       &run_id, err) < 0 ||
	    live_lock_run(store, run_id, err) < 0) {
		persona_store_rollback(store);
		return -1;
	}
	if (persona_store_commit(store, err) < 0) {
		/* The next run gets this number. */
		live_unlock_run(store, run_id);
		return -1;
	}
	store->run_id = run_id;
	store->chain_id = chain_id;
	return 0;
}

int persona_store_run_finish(struct persona_store *store, int exit_code, const char *counts, struct persona_error *err)
{
	if (persona_store_begin(store, err) < 0)
		return -1;
	if (drop_claims(store, store->run_id, err) < 0 ||
	    sql_run(store, SQL_RUN_FINISH, ARGS(ARG(store->run_id), ARG(store_now(store)), ARG(exit_code), ARG(counts)),
		    err) < 0) {
		persona_store_rollback(store);
		return -1;
	}
	if (persona_store_commit(store, err) < 0)
		return -1;
	persona_log(PERSONA_LOG_DEBUG, "waited at most %lld ms for its turn to write",
		    (long long)store->longest_wait_ms);
	return 0;
}

/* The owner is dead: all that he had is free, and what he reserved is booked. */
static int take_over(struct persona_store *store, int64_t owner, const char *stage, const char *item,
		     int64_t reserved_nusd, struct persona_error *err)
{
	if (drop_claims(store, owner, err) < 0)
		return -1;
	return sql_run(store, SQL_CLAIM_ADD, ARGS(ARG(stage), ARG(item), ARG(store->run_id), ARG(reserved_nusd)), err);
}

int persona_store_claim(struct persona_store *store, const char *stage, const char *item, int64_t reserved_nusd,
			enum persona_claim *out, struct persona_error *err)
{
	int64_t owner;
	int alive;

	*out = PERSONA_CLAIM_TAKEN;
	if (sql_run(store, SQL_CLAIM_ADD, ARGS(ARG(stage), ARG(item), ARG(store->run_id), ARG(reserved_nusd)), err) < 0)
		return -1;
	if (sql_changes(store) == 1)
		return 0;
	if (sql_integer(store, SQL_CLAIM_OWNER, ARGS(ARG(stage), ARG(item)), &owner, err) < 0)
		return -1;
	if (owner == store->run_id) {
		*out = PERSONA_CLAIM_OURS;
		return 0;
	}
	alive = live_is_alive(store, owner, err);
	if (alive < 0)
		return -1;
	if (alive) {
		*out = PERSONA_CLAIM_HELD;
		return 0;
	}
	return take_over(store, owner, stage, item, reserved_nusd, err);
}

int persona_store_claim_settle(struct persona_store *store, const char *stage, const char *item,
			       struct persona_error *err)
{
	if (sql_run(store, SQL_CLAIM_GIVE_UP, ARGS(ARG(stage), ARG(item), ARG(store->run_id)), err) < 0)
		return -1;
	return sql_changes(store) == 1;
}

int persona_store_claim_held(struct persona_store *store, const char *stage, const char *item,
			     struct persona_error *err)
{
	int64_t one;

	return sql_integer(store, SQL_CLAIM_HELD, ARGS(ARG(stage), ARG(item), ARG(store->run_id)), &one, err);
}

int persona_store_claim_reserve(struct persona_store *store, const char *stage, const char *item, int64_t nusd,
				struct persona_error *err)
{
	int rc = money_reserve(store, nusd, err);

	if (rc <= 0)
		return rc;
	if (sql_run(store, SQL_CLAIM_RESERVE, ARGS(ARG(stage), ARG(item), ARG(store->run_id), ARG(nusd)), err) < 0)
		return -1;
	if (sql_changes(store) == 1)
		return 1;
	return persona_error_set(err, PERSONA_E_USAGE, "%s %s is not claimed, or has money reserved already", stage,
				 item);
}

int persona_store_claim_pay(struct persona_store *store, const char *stage, const char *item, int64_t spent_nusd,
			    struct persona_error *err)
{
	int64_t reserved;
	int rc = sql_integer(store, SQL_CLAIM_OURS_RESERVED, ARGS(ARG(stage), ARG(item), ARG(store->run_id)), &reserved,
			     err);

	if (rc <= 0)
		return rc;
	if (sql_run(store, SQL_CLAIM_PAID, ARGS(ARG(stage), ARG(item)), err) < 0)
		return -1;
	return money_settle(store, store->run_id, reserved, spent_nusd, err) < 0 ? -1 : 1;
}
