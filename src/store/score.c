/* Populations and scores. */
#include "internal.h"

int persona_store_batch_newest(struct persona_store *store, int64_t batch_id, struct persona_place **out, size_t *len,
			       struct persona_error *err)
{
	struct persona_place *places = NULL;
	sqlite3_stmt *statement;
	size_t count = 0, capacity = 0;
	int rc;

	*out = NULL;
	*len = 0;
	if (sql_start(store, SQL_BATCH_NEWEST, ARGS(ARG(batch_id)), &statement, err) < 0)
		return -1;
	while ((rc = sql_step(store, statement, err)) > 0) {
		if (persona_grow((void **)&places, &capacity, count, sizeof *places, err) < 0) {
			rc = -1;
			break;
		}
		places[count++] = (struct persona_place){
			.revision_id = sqlite3_column_int64(statement, 0),
			.persona_id = sqlite3_column_int64(statement, 1),
			.number = sqlite3_column_int64(statement, 2),
			.batch_id = batch_id,
			.slot = sqlite3_column_int64(statement, 3),
		};
	}
	sql_end(statement);
	if (rc < 0) {
		free(places);
		return -1;
	}
	*out = places;
	*len = count;
	return 0;
}

static int hash_identity(struct persona_store *store, struct persona_hash *hash, int64_t batch_id,
			 struct persona_error *err)
{
	sqlite3_stmt *statement;
	char *identity = NULL;
	int rc;

	if (sql_start(store, SQL_BATCH_IDENTITY, ARGS(ARG(batch_id)), &statement, err) < 0)
		return -1;
	rc = sql_step(store, statement, err);
	if (rc > 0)
		rc = sql_copy_text(&identity, statement, 0, err);
	else if (rc == 0)
		rc = persona_error_set(err, PERSONA_E_NOTFOUND, "no batch with id %lld", (long long)batch_id);
	sql_end(statement);
	if (!rc)
		rc = persona_hash_add(hash, identity, strlen(identity), err);
	free(identity);
	return rc;
}

/* Identity of a population: the batch and each member's slot and number, none of which depend on row ids. */
static int identify(struct persona_store *store, struct persona_population *population,
		    const struct persona_place *members, size_t len, struct persona_error *err)
{
	struct persona_hash *hash;
	char line[64];
	int rc;

	if (persona_hash_new(&hash, err) < 0)
		return -1;
	rc = hash_identity(store, hash, population->batch_id, err);
	for (size_t i = 0; !rc && i < len; i++) {
		int length = snprintf(line, sizeof line, "\n%lld.%lld", (long long)members[i].slot,
				      (long long)members[i].number);

		rc = persona_hash_add(hash, line, (size_t)length, err);
	}
	if (!rc)
		rc = persona_hash_final(hash, population->sha256, err);
	persona_hash_free(hash);
	return rc;
}

/* All members newest, and no persona of the batch left out: then the population is the present one until the batch grows. */
static int newest_through(struct persona_store *store, struct persona_population *population,
			  const struct persona_place *members, size_t len, struct persona_error *err)
{
	struct persona_place *newest;
	size_t newest_len;
	bool all;

	if (persona_store_batch_newest(store, population->batch_id, &newest, &newest_len, err) < 0)
		return -1;
	all = newest_len == len;
	for (size_t i = 0; all && i < len; i++)
		all = newest[i].revision_id == members[i].revision_id;
	free(newest);
	population->newest_through = 0;
	if (!all)
		return 0;
	return sql_integer(store, SQL_BATCH_NEWEST_REVISION, ARGS(ARG(population->batch_id)),
			   &population->newest_through, err) < 0
		       ? -1
		       : 0;
}

int persona_store_population_find(struct persona_store *store, struct persona_population *population,
				  const struct persona_place *members, size_t len, struct persona_error *err)
{
	sqlite3_stmt *statement;
	int rc;

	population->population_id = 0;
	population->members = (int64_t)len;
	if (identify(store, population, members, len, err) < 0 ||
	    newest_through(store, population, members, len, err) < 0 ||
	    sql_start(store, SQL_POPULATION_FIND,
		      ARGS(ARG(population->batch_id), ARG((const char *)population->sha256)), &statement, err) < 0)
		return -1;
	rc = sql_step(store, statement, err);
	if (rc > 0) {
		population->population_id = sqlite3_column_int64(statement, 0);
		rc = sqlite3_column_int64(statement, 1) == population->newest_through &&
		     sqlite3_column_int(statement, 2);
	}
	sql_end(statement);
	return rc;
}

int persona_store_population_use(struct persona_store *store, struct persona_population *population,
				 struct persona_error *err)
{
	return sql_row_id(store, SQL_POPULATION_USE,
			  ARGS(ARG(population->batch_id), ARG((const char *)population->sha256),
			       ARG(population->members), sql_arg_id(population->newest_through)),
			  &population->population_id, err);
}

int persona_store_score_exists(struct persona_store *store, int64_t revision_id, int64_t key_id, int64_t population_id,
			       struct persona_error *err)
{
	int64_t one;

	return sql_integer(store, SQL_SCORE_EXISTS, ARGS(ARG(revision_id), ARG(key_id), ARG(population_id)), &one, err);
}

int persona_store_scores_settled(struct persona_store *store, const struct persona_population *population,
				 int64_t key_id, struct persona_settled **out, size_t *len, struct persona_error *err)
{
	struct persona_settled *settled = NULL;
	size_t capacity = 0;
	sqlite3_stmt *statement;
	int rc;

	*out = NULL;
	*len = 0;
	if (sql_start(store, SQL_SCORES_SETTLED,
		      ARGS(ARG(population->batch_id), ARG(population->population_id), ARG(key_id)), &statement,
		      err) < 0)
		return -1;
	while ((rc = sql_step(store, statement, err)) > 0) {
		rc = persona_grow((void **)&settled, &capacity, *len, sizeof *settled, err);
		if (rc < 0)
			break;
		settled[(*len)++] = (struct persona_settled){ sqlite3_column_int64(statement, 0),
							      sqlite3_column_int(statement, 1) };
	}
	sql_end(statement);
	if (rc < 0) {
		free(settled);
		*len = 0;
		return -1;
	}
	*out = settled;
	return 0;
}

int persona_store_score_add(struct persona_store *store, const struct persona_score_row *row, struct persona_error *err)
{
	const struct sql_arg none = sql_arg_text(NULL);
	int64_t score_id;
	int rc = sql_insert(store, SQL_SCORE_ADD,
			    ARGS(ARG(row->revision_id), ARG(row->key_id), sql_arg_id(row->population_id),
				 row->measured ? ARG(row->overall) : none, row->own_measured ? ARG(row->own) : none,
				 row->measured ? ARG(row->level) : none),
			    &score_id, err);

	for (size_t i = 0; !rc && i < row->metrics_len; i++) {
		const struct persona_metric_row *metric = &row->metrics[i];

		rc = sql_run(store, SQL_METRIC_SCORE_ADD,
			     ARGS(ARG(score_id), ARG(metric->metric), metric->measured ? ARG(metric->value) : none,
				  ARG(metric->weight), ARG(metric->issues)),
			     err);
	}
	return rc;
}

int persona_store_scoring_add(struct persona_store *store, const struct persona_scoring_row *row, int64_t *scoring_id,
			      struct persona_error *err)
{
	const struct sql_arg none = sql_arg_text(NULL);
	int rc =
		sql_integer(store, SQL_SCORING_ADD,
			    ARGS(ARG(row->key_id), ARG(row->population_id), ARG(row->members),
				 row->measured ? ARG(row->overall) : none, ARG(row->levels[4]), ARG(row->levels[3]),
				 ARG(row->levels[2]), ARG(row->levels[1]), ARG(row->levels[0]), ARG(row->similar_pairs),
				 ARG(row->records), ARG(row->records_used), row->mtld > 0 ? ARG(row->mtld) : none),
			    scoring_id, err);

	if (rc == 0)
		return sql_row_id(store, SQL_SCORING_FIND, ARGS(ARG(row->population_id), ARG(row->key_id)), scoring_id,
				  err);
	for (size_t i = 0; rc > 0 && i < row->metrics_len; i++) {
		const struct persona_scoring_metric *metric = &row->metrics[i];

		if (sql_run(store, SQL_SCORING_METRIC_ADD,
			    ARGS(ARG(*scoring_id), ARG(metric->metric), ARG(metric->measured),
				 metric->measured ? ARG(metric->mean) : none),
			    err) < 0)
			rc = -1;
	}
	return rc < 0 ? -1 : 0;
}

int persona_store_similar_add(struct persona_store *store, int64_t scoring_id, int64_t revision_id, int64_t other_id,
			      double similarity, struct persona_error *err)
{
	int64_t first = revision_id < other_id ? revision_id : other_id;
	int64_t second = revision_id < other_id ? other_id : revision_id;

	return sql_run(store, SQL_SIMILAR_ADD, ARGS(ARG(scoring_id), ARG(first), ARG(second), ARG(similarity)), err);
}

int persona_store_revision_created(struct persona_store *store, int64_t revision_id, int64_t *created_at,
				   struct persona_error *err)
{
	return sql_integer(store, SQL_REVISION_CREATED, ARGS(ARG(revision_id)), created_at, err);
}

int persona_store_standing(struct persona_store *store, int64_t revision_id, struct persona_standing *out,
			   struct persona_error *err)
{
	sqlite3_stmt *statement;
	int rc;

	*out = (struct persona_standing){ 0 };
	if (sql_start(store, SQL_STANDING, ARGS(ARG(revision_id)), &statement, err) < 0)
		return -1;
	rc = sql_step(store, statement, err);
	if (rc > 0) {
		out->score_id = sqlite3_column_int64(statement, 0);
		out->key_id = sqlite3_column_int64(statement, 1);
		out->measured = sqlite3_column_type(statement, 2) != SQLITE_NULL;
		out->overall = sqlite3_column_double(statement, 2);
	}
	sql_end(statement);
	return rc;
}
