/* Verdicts, the reasons behind them, and refinements. */
#include "internal.h"
#include "persona/json.h"

int persona_store_verdict_same(struct persona_store *store, const struct persona_verdict *verdict,
			       struct persona_error *err)
{
	int64_t one;

	return sql_integer(store, SQL_VERDICT_SAME,
			   ARGS(ARG(verdict->revision_id), ARG(verdict->basis), ARG(verdict->passed),
				ARG(verdict->threshold), ARG(verdict->value)),
			   &one, err);
}

int persona_store_verdict_put(struct persona_store *store, const struct persona_verdict *verdict,
			      struct persona_error *err)
{
	return sql_run(store, SQL_VERDICT_PUT,
		       ARGS(ARG(verdict->revision_id), ARG(verdict->basis), ARG(verdict->passed),
			    ARG(verdict->threshold), ARG(verdict->value), ARG(store_now(store))),
		       err);
}

int persona_store_judged(struct persona_store *store, int64_t revision_id, enum persona_judged *out,
			 struct persona_error *err)
{
	int64_t passed;
	int rc = sql_integer(store, SQL_JUDGED, ARGS(ARG(revision_id)), &passed, err);

	*out = rc <= 0 ? PERSONA_UNJUDGED : passed ? PERSONA_PASSED : PERSONA_FAILED;
	return rc < 0 ? -1 : 0;
}

void persona_reasons_free(struct persona_reason *reasons, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		free(reasons[i].metric);
		free(reasons[i].code);
		free(reasons[i].field);
		free(reasons[i].message);
	}
	free(reasons);
}

struct reasons {
	struct persona_reason *items;
	size_t len, capacity;
};

static int copy_member(char **out, const json_t *issue, const char *key, struct persona_error *err)
{
	const char *text = json_string_value(json_object_get(issue, key));

	*out = NULL;
	if (!text)
		return 0;
	*out = persona_strdup(text, err);
	return *out ? 0 : -1;
}

static int add_issue(struct reasons *reasons, const char *metric, const json_t *issue, struct persona_error *err)
{
	const json_t *item = json_object_get(issue, "item");
	struct persona_reason *reason;

	if (persona_grow((void **)&reasons->items, &reasons->capacity, reasons->len, sizeof *reasons->items, err) < 0)
		return -1;
	reason = &reasons->items[reasons->len++];
	*reason = (struct persona_reason){ .position = json_is_integer(item) ? (long)json_integer_value(item) : -1 };
	reason->metric = persona_strdup(metric, err);
	if (!reason->metric || copy_member(&reason->code, issue, "code", err) < 0 ||
	    copy_member(&reason->field, issue, "field", err) < 0 ||
	    copy_member(&reason->message, issue, "message", err) < 0)
		return -1;
	return 0;
}

static int add_issues(struct reasons *reasons, const char *metric, const char *issues, struct persona_error *err)
{
	json_t *array;
	size_t index;
	json_t *issue;
	int rc = 0;

	if (persona_json_parse_strict(&array, issues, strlen(issues), err) < 0)
		return -1;
	json_array_foreach(array, index, issue) {
		rc = add_issue(reasons, metric, issue, err);
		if (rc < 0)
			break;
	}
	json_decref(array);
	return rc;
}

static int add_judged(struct reasons *reasons, const char *criterion, const char *reasoning, struct persona_error *err)
{
	struct persona_reason *reason;

	if (!criterion)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	if (persona_grow((void **)&reasons->items, &reasons->capacity, reasons->len, sizeof *reasons->items, err) < 0)
		return -1;
	reason = &reasons->items[reasons->len++];
	*reason = (struct persona_reason){ .position = -1 };
	reason->metric = persona_strdup(criterion, err);
	reason->code = persona_strdup("judged", err);
	if (reasoning)
		reason->message = persona_strdup(reasoning, err);
	return reason->metric && reason->code && (!reasoning || reason->message) ? 0 : -1;
}

static int add_judgement(struct persona_store *store, int64_t revision_id, struct reasons *reasons,
			 struct persona_error *err)
{
	sqlite3_stmt *statement;
	int rc;

	if (sql_start(store, SQL_CRITERIA_FAILING, ARGS(ARG(revision_id)), &statement, err) < 0)
		return -1;
	while ((rc = sql_step(store, statement, err)) > 0)
		if (add_judged(reasons, sql_column_text(statement, 0), sql_column_text(statement, 1), err) < 0) {
			rc = -1;
			break;
		}
	sql_end(statement);
	return rc;
}

/*
 * Is the score that it stands on a reason? Where that fails, or where nobody has judged at all. A score that was added to a
 * persona whose judge had found it wanting must not make another question of it.
 */
static int score_counts(struct persona_store *store, int64_t revision_id, int64_t key_id, struct persona_error *err)
{
	enum persona_judged judged;
	int64_t passed;
	int rc = sql_integer(store, SQL_VERDICT_PASSED, ARGS(ARG(revision_id), ARG(key_id)), &passed, err);

	if (rc)
		return rc < 0 ? -1 : !passed;
	if (persona_store_judged(store, revision_id, &judged, err) < 0)
		return -1;
	return judged == PERSONA_UNJUDGED;
}

static int add_metrics(struct persona_store *store, int64_t revision_id, struct reasons *reasons,
		       struct persona_error *err)
{
	struct persona_standing standing;
	sqlite3_stmt *statement;
	int rc = persona_store_standing(store, revision_id, &standing, err);

	if (rc > 0)
		rc = score_counts(store, revision_id, standing.key_id, err);
	if (rc <= 0)
		return rc;
	if (sql_start(store, SQL_METRIC_SCORES, ARGS(ARG(standing.score_id)), &statement, err) < 0)
		return -1;
	while ((rc = sql_step(store, statement, err)) > 0) {
		const char *metric = sql_column_text(statement, 0), *issues = sql_column_text(statement, 3);

		if (!metric || !issues)
			rc = persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		else
			rc = add_issues(reasons, metric, issues, err);
		if (rc < 0)
			break;
	}
	sql_end(statement);
	return rc;
}

int persona_store_reasons(struct persona_store *store, int64_t revision_id, struct persona_reason **out, size_t *len,
			  struct persona_error *err)
{
	struct reasons reasons = { 0 };

	*out = NULL;
	*len = 0;
	if (add_judgement(store, revision_id, &reasons, err) < 0 ||
	    add_metrics(store, revision_id, &reasons, err) < 0) {
		persona_reasons_free(reasons.items, reasons.len);
		return -1;
	}
	*out = reasons.items;
	*len = reasons.len;
	return 0;
}

int persona_store_rounds(struct persona_store *store, int64_t revision_id, int64_t *rounds, struct persona_error *err)
{
	return sql_integer(store, SQL_ROUNDS, ARGS(ARG(revision_id)), rounds, err) < 0 ? -1 : 0;
}

int persona_store_refinement_find(struct persona_store *store, int64_t revision_id, int64_t key_id,
				  struct persona_place *child, struct persona_error *err)
{
	sqlite3_stmt *statement;
	int rc;

	*child = (struct persona_place){ 0 };
	if (sql_start(store, SQL_REFINEMENT_FIND, ARGS(ARG(revision_id), ARG(key_id)), &statement, err) < 0)
		return -1;
	rc = sql_step(store, statement, err);
	if (rc > 0) {
		child->revision_id = sqlite3_column_int64(statement, 0);
		child->persona_id = sqlite3_column_int64(statement, 1);
		child->number = sqlite3_column_int64(statement, 2);
		child->batch_id = sqlite3_column_int64(statement, 3);
		child->slot = sqlite3_column_int64(statement, 4);
	}
	sql_end(statement);
	return rc;
}

int persona_store_refinement_add(struct persona_store *store, int64_t revision_id, int64_t key_id, int64_t sample,
				 int64_t child_id, struct persona_error *err)
{
	return sql_run(store, SQL_REFINEMENT_ADD,
		       ARGS(ARG(revision_id), ARG(key_id), sql_arg_known(sample), sql_arg_id(child_id)), err);
}
