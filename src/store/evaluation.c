/* What judges said. */
#include "internal.h"

int persona_store_evaluation_find(struct persona_store *store, int64_t revision_id, int64_t key_id, double *overall,
				  struct persona_error *err)
{
	sqlite3_stmt *statement;
	int rc;

	if (sql_start(store, SQL_EVALUATION_FIND, ARGS(ARG(revision_id), ARG(key_id)), &statement, err) < 0)
		return -1;
	rc = sql_step(store, statement, err);
	if (rc > 0)
		*overall = sqlite3_column_double(statement, 0);
	sql_end(statement);
	return rc;
}

int persona_store_evaluation_add(struct persona_store *store, const struct persona_evaluation *evaluation,
				 struct persona_error *err)
{
	int64_t evaluation_id;

	if (sql_insert(store, SQL_EVALUATION_ADD,
		       ARGS(ARG(evaluation->revision_id), ARG(evaluation->key_id), ARG(evaluation->overall),
			    ARG(evaluation->votes)),
		       &evaluation_id, err) < 0)
		return -1;
	for (size_t i = 0; i < evaluation->ratings_len; i++) {
		const struct persona_rating *rating = &evaluation->ratings[i];

		if (sql_run(store, SQL_CRITERION_ADD,
			    ARGS(ARG(evaluation_id), ARG(rating->criterion), ARG(rating->score), ARG(rating->spread),
				 ARG(rating->reasoning)),
			    err) < 0)
			return -1;
	}
	return 0;
}
