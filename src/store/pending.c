/* What is left to do, and what is there: a page at a time. */
#include "internal.h"

static long page(struct persona_store *store, sqlite3_stmt *statement, struct persona_place *out, size_t max,
		 struct persona_error *err)
{
	long len = 0;
	int rc;

	while ((rc = sql_step(store, statement, err)) > 0 && (size_t)len < max)
		out[len++] = (struct persona_place){
			.revision_id = sqlite3_column_int64(statement, 0),
			.persona_id = sqlite3_column_int64(statement, 1),
			.number = sqlite3_column_int64(statement, 2),
			.batch_id = sqlite3_column_int64(statement, 3),
			.slot = sqlite3_column_int64(statement, 4),
		};
	sql_end(statement);
	return rc < 0 ? -1 : len;
}

long persona_store_pending_score(struct persona_store *store, int64_t key_id, int64_t after, struct persona_place *out,
				 size_t max, struct persona_error *err)
{
	sqlite3_stmt *statement;

	if (sql_start(store, SQL_PENDING_SCORE, ARGS(ARG(key_id), ARG(after), ARG(max)), &statement, err) < 0)
		return -1;
	return page(store, statement, out, max, err);
}

long persona_store_pending_filter(struct persona_store *store, int64_t basis, int64_t after, struct persona_place *out,
				  size_t max, struct persona_error *err)
{
	sqlite3_stmt *statement;

	if (sql_start(store, SQL_PENDING_FILTER, ARGS(ARG(after), ARG(max), sql_arg_id(basis)), &statement, err) < 0)
		return -1;
	return page(store, statement, out, max, err);
}

long persona_store_pending_refine(struct persona_store *store, int64_t key_id, int64_t max_rounds, bool unjudged,
				  int64_t after, struct persona_place *out, size_t max, struct persona_error *err)
{
	sqlite3_stmt *statement;

	if (sql_start(store, SQL_PENDING_REFINE,
		      ARGS(ARG(key_id), ARG(max_rounds), ARG(unjudged), ARG(after), ARG(max)), &statement, err) < 0)
		return -1;
	return page(store, statement, out, max, err);
}

long persona_store_batch_drafts(struct persona_store *store, int64_t batch_id, int64_t after, struct persona_place *out,
				size_t max, struct persona_error *err)
{
	sqlite3_stmt *statement;

	if (sql_start(store, SQL_BATCH_DRAFTS, ARGS(ARG(batch_id), ARG(after), ARG(max)), &statement, err) < 0)
		return -1;
	return page(store, statement, out, max, err);
}

long persona_store_places(struct persona_store *store, enum persona_which which, const char *label,
			  struct persona_ref after, struct persona_place *out, size_t max, struct persona_error *err)
{
	sqlite3_stmt *statement;
	int rc;

	if (which == PERSONA_WHICH_ALL)
		rc = sql_start(store, SQL_PLACES_ALL,
			       ARGS(ARG(after.persona_id), ARG(label), ARG(max), ARG(after.number)), &statement, err);
	else
		rc = sql_start(store, which == PERSONA_WHICH_BEST ? SQL_PLACES_BEST : SQL_PLACES_CURRENT,
			       ARGS(ARG(after.persona_id), ARG(label), ARG(max)), &statement, err);
	return rc < 0 ? -1 : page(store, statement, out, max, err);
}
