/* A revision as it stands, and the whole as it stands: for people who look. */
#include "internal.h"
#include "persona/json.h"
#include "persona/text.h"

static int view_head(struct persona_store *store, struct persona_view *out, struct persona_error *err)
{
	sqlite3_stmt *statement;
	int rc;

	if (sql_start(store, SQL_VIEW_HEAD, ARGS(ARG(out->place.revision_id)), &statement, err) < 0)
		return -1;
	rc = sql_step(store, statement, err);
	if (rc > 0) {
		rc = sql_copy_text(&out->batch, statement, 0, err);
		if (!rc)
			rc = sql_copy_text(&out->stage, statement, 1, err);
	} else if (rc == 0) {
		rc = persona_error_set(err, PERSONA_E_NOTFOUND, "no revision with id %lld",
				       (long long)out->place.revision_id);
	}
	sql_end(statement);
	return rc;
}

static int view_metrics(struct persona_store *store, int64_t score_id, struct persona_view *out,
			struct persona_error *err)
{
	size_t capacity = 0;
	sqlite3_stmt *statement;
	int rc;

	if (sql_start(store, SQL_METRIC_SCORES, ARGS(ARG(score_id)), &statement, err) < 0)
		return -1;
	while ((rc = sql_step(store, statement, err)) > 0) {
		struct persona_metric_view *row;

		rc = persona_grow((void **)&out->metrics, &capacity, out->metrics_len, sizeof *out->metrics, err);
		if (rc < 0)
			break;
		row = &out->metrics[out->metrics_len];
		*row = (struct persona_metric_view){
			.measured = sqlite3_column_type(statement, 1) != SQLITE_NULL,
			.value = sqlite3_column_double(statement, 1),
			.weight = sqlite3_column_double(statement, 2),
		};
		out->metrics_len++;
		rc = sql_copy_text(&row->metric, statement, 0, err);
		if (!rc)
			rc = sql_read_json(&row->issues, statement, 3, JSON_ARRAY, err);
		if (rc < 0)
			break;
	}
	sql_end(statement);
	return rc;
}

static int view_level(struct persona_store *store, struct persona_view *out, struct persona_error *err)
{
	struct persona_standing standing;
	sqlite3_stmt *statement;
	int rc = persona_store_standing(store, out->place.revision_id, &standing, err);

	if (rc <= 0)
		return rc;
	out->scored = standing.measured;
	out->overall = standing.overall;
	if (sql_start(store, SQL_STANDING, ARGS(ARG(out->place.revision_id)), &statement, err) < 0)
		return -1;
	rc = sql_step(store, statement, err);
	if (rc > 0)
		rc = sql_copy_text(&out->level, statement, 3, err);
	sql_end(statement);
	return rc < 0 ? -1 : view_metrics(store, standing.score_id, out, err);
}

int persona_store_view(struct persona_store *store, const struct persona_place *place, struct persona_view *out,
		       struct persona_error *err)
{
	int rc = -1;

	*out = (struct persona_view){ .place = *place };
	persona_init(&out->persona);
	if (persona_store_read_begin(store, err) < 0)
		return -1;
	if (view_head(store, out, err) < 0 || view_level(store, out, err) < 0 ||
	    persona_store_judged(store, place->revision_id, &out->judged, err) < 0 ||
	    persona_store_revision_load(store, place->revision_id, &out->persona, err) < 0)
		goto out;
	rc = 0;
out:
	persona_store_read_end(store);
	if (rc < 0)
		persona_view_release(out);
	return rc;
}

void persona_view_release(struct persona_view *view)
{
	for (size_t i = 0; i < view->metrics_len; i++) {
		free(view->metrics[i].metric);
		json_decref(view->metrics[i].issues);
	}
	free(view->metrics);
	free(view->batch);
	free(view->stage);
	free(view->level);
	persona_release(&view->persona);
	*view = (struct persona_view){ 0 };
}

/* ---- Status ---------------------------------------------------------- */

/* File names and labels may be any bytes; JSON is UTF-8. */
static json_t *text_cell(const char *text)
{
	size_t len = text ? strlen(text) : 0;
	struct persona_buf room;
	json_t *value = NULL;

	persona_buf_init(&room, STORE_VALUE_MAX);
	if (text && persona_text_cleaned(&room, &text, &len, NULL, NULL) == 0)
		value = json_stringn(text, len);
	persona_buf_release(&room);
	return value;
}

static json_t *cell(sqlite3_stmt *statement, int column)
{
	switch (sqlite3_column_type(statement, column)) {
	case SQLITE_INTEGER:
		return json_integer(sqlite3_column_int64(statement, column));
	case SQLITE_FLOAT:
		return json_real(sqlite3_column_double(statement, column));
	case SQLITE_NULL:
		return json_null();
	default:
		return text_cell(sql_column_text(statement, column));
	}
}

/* A row as an object under the names given, added to the array. */
static int add_row(json_t *array, sqlite3_stmt *statement, const char *const *names, struct persona_error *err)
{
	json_t *row = json_object();

	for (int i = 0; names[i]; i++)
		if (json_object_set_new(row, names[i], cell(statement, i)) < 0) {
			json_decref(row);
			return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		}
	if (json_array_append_new(array, row) < 0)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	return 0;
}

/* A statement's rows as an array of objects under the names given. */
static json_t *rows_with(struct persona_store *store, enum sql_id id, const struct sql_arg *args, size_t len,
			 const char *const *names, struct persona_error *err)
{
	json_t *array = json_array();
	sqlite3_stmt *statement;
	int rc;

	if (sql_start(store, id, args, len, &statement, err) < 0) {
		json_decref(array);
		return NULL;
	}
	while ((rc = sql_step(store, statement, err)) > 0) {
		rc = add_row(array, statement, names, err);
		if (rc < 0)
			break;
	}
	sql_end(statement);
	if (rc < 0) {
		json_decref(array);
		return NULL;
	}
	return array;
}

static json_t *rows(struct persona_store *store, enum sql_id id, const char *const *names, struct persona_error *err)
{
	return rows_with(store, id, NULL, 0, names, err);
}

/* ---- Scoring --------------------------------------------------------- */

static int add_details(struct persona_store *store, json_t *scoring, int64_t revision_id, struct persona_error *err)
{
	static const char *const metrics[] = { "metric", "measured", "mean", NULL };
	static const char *const similar[] = { "reference", "similarity", NULL };
	int64_t scoring_id = json_integer_value(json_object_get(scoring, "scoring_id"));
	json_t *details = json_pack(
		"{s:o, s:o}", "metrics", rows_with(store, SQL_SCORING_METRICS, ARGS(ARG(scoring_id)), metrics, err),
		"similar", rows_with(store, SQL_SIMILAR_OF, ARGS(ARG(scoring_id), ARG(revision_id)), similar, err));
	int rc = details ? json_object_update(scoring, details) : -1;

	json_decref(details);
	if (rc < 0 && err && err->code == PERSONA_OK)
		(void)persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	return rc;
}

int persona_store_scoring_of(struct persona_store *store, int64_t revision_id, json_t **out, struct persona_error *err)
{
	static const char *const names[] = { "scoring_id",    "members",    "overall",	    "excellent",
					     "good",	      "acceptable", "poor",	    "failing",
					     "similar_pairs", "records",    "records_used", "mtld",
					     "profile",	      NULL };
	struct persona_standing standing;
	json_t *array;
	int rc = persona_store_standing(store, revision_id, &standing, err);

	*out = NULL;
	if (rc <= 0)
		return rc;
	array = rows_with(store, SQL_SCORING_OF, ARGS(ARG(standing.score_id)), names, err);
	if (!array)
		return -1;
	rc = json_array_size(array) > 0;
	if (rc) {
		*out = json_incref(json_array_get(array, 0));
		if (add_details(store, *out, revision_id, err) < 0) {
			json_decref(*out);
			*out = NULL;
			rc = -1;
		}
	}
	json_decref(array);
	return rc;
}

/* ---- Who lives, and money -------------------------------------------- */

/* Runs without an end are running, or were killed: the lock tells. */
static json_t *living(struct persona_store *store, struct persona_error *err)
{
	static const char *const names[] = { "run_id", "tool", "pid", "host", "started_at", NULL };
	json_t *open = rows(store, SQL_RUNS_OPEN, names, err), *alive = open ? json_array() : NULL, *run;
	size_t index;

	json_array_foreach(open, index, run)
		if (live_is_alive(store, json_integer_value(json_object_get(run, "run_id")), NULL) > 0 &&
		    json_array_append(alive, run) < 0) {
			json_decref(alive);
			alive = NULL;
			break;
		}
	json_decref(open);
	return alive;
}

static json_t *money(struct persona_store *store, struct persona_error *err)
{
	struct persona_ledger ledger;

	if (persona_store_ledger(store, &ledger, err) < 0)
		return NULL;
	return json_pack("{s:o, s:f, s:f}", "budget_usd",
			 ledger.budget_nusd < 0 ? json_null() : json_real((double)ledger.budget_nusd / 1e9),
			 "spent_usd", (double)ledger.spent_nusd / 1e9, "reserved_usd",
			 (double)ledger.reserved_nusd / 1e9);
}

/* What is JSON within a column of the batches: as such, not as a text. */
static int read_json(json_t *batches, const char *column, struct persona_error *err)
{
	size_t index;
	json_t *batch;

	json_array_foreach(batches, index, batch) {
		const char *text = json_string_value(json_object_get(batch, column));
		json_t *value = NULL;

		if (!text)
			continue;
		if (persona_json_parse_strict(&value, text, strlen(text), err) < 0)
			return -1;
		if (persona_json_clean(value, err) < 0) {
			json_decref(value);
			return -1;
		}
		if (json_object_set_new(batch, column, value) < 0)
			return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	return 0;
}

int persona_store_status(struct persona_store *store, json_t **out, struct persona_error *err)
{
	static const char *const stages[] = { "stage", "done", "pending", "failed", "parked", NULL };
	static const char *const batches[] = { "batch_id", "label",   "wanted",	 "personas", "records",
					       "settings", "sources", "figures", NULL };
	static const char *const costs[] = { "stage", "model", "calls", "tokens", "usd", "lost_usd", NULL };
	static const char *const levels[] = { "level", "personas", NULL };
	json_t *status;

	*out = NULL;
	if (persona_store_read_begin(store, err) < 0)
		return -1;
	status = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "stages", rows(store, SQL_PROGRESS, stages, err),
			   "batches", rows(store, SQL_BATCHES, batches, err), "levels",
			   rows(store, SQL_LEVELS, levels, err), "cost", rows(store, SQL_COST, costs, err), "money",
			   money(store, err), "running", living(store, err));
	persona_store_read_end(store);
	if (!status) {
		if (err && err->code == PERSONA_OK)
			(void)persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		return -1;
	}
	if (read_json(json_object_get(status, "batches"), "figures", err) < 0 ||
	    read_json(json_object_get(status, "batches"), "sources", err) < 0) {
		json_decref(status);
		return -1;
	}
	*out = status;
	return 0;
}
