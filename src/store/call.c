/* Requests to models: written down before they go out, and what became of them. */
#include "internal.h"

#define LATEST 500 /* calls that are looked at */

static const char *const state_names[] = {
	[PERSONA_CALL_SENT] = "sent",	  [PERSONA_CALL_SUBMITTED] = "submitted", [PERSONA_CALL_DONE] = "done",
	[PERSONA_CALL_FAILED] = "failed", [PERSONA_CALL_LOST] = "lost",
};

static enum persona_call_state state_of(const char *name)
{
	enum persona_call_state state = PERSONA_CALL_SENT;

	while (state < PERSONA_CALL_LOST && strcmp(state_names[state], name) != 0)
		state++;
	return state;
}

int persona_store_call_find(struct persona_store *store, const char *request_sha256, const char *draw,
			    struct persona_call_found *out, struct persona_error *err)
{
	sqlite3_stmt *statement;
	int rc;

	*out = (struct persona_call_found){ 0 };
	if (sql_start(store, SQL_CALL_FIND, ARGS(ARG(request_sha256), ARG(draw)), &statement, err) < 0)
		return -1;
	rc = sql_step(store, statement, err);
	if (rc > 0) {
		const char *state = sql_column_text(statement, 2);

		*out = (struct persona_call_found){
			.call_id = sqlite3_column_int64(statement, 0),
			.sample = sqlite3_column_int64(statement, 1),
			.state = state ? state_of(state) : PERSONA_CALL_SENT,
			.answered = sqlite3_column_int64(statement, 3),
		};
		if (!state)
			rc = persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	sql_end(statement);
	return rc;
}

int persona_store_call_answer(struct persona_store *store, int64_t call_id, char **text, char **finish_reason,
			      struct persona_error *err)
{
	sqlite3_stmt *statement;
	int rc;

	*text = *finish_reason = NULL;
	if (sql_start(store, SQL_CALL_ANSWER, ARGS(ARG(call_id)), &statement, err) < 0)
		return -1;
	rc = sql_step(store, statement, err);
	if (rc > 0 &&
	    (sql_copy_text(text, statement, 0, err) < 0 || sql_copy_text(finish_reason, statement, 1, err) < 0)) {
		free(*text);
		*text = NULL;
		rc = -1;
	}
	sql_end(statement);
	return rc;
}

int persona_store_call_send(struct persona_store *store, const struct persona_call *call, int64_t lost_nusd,
			    int64_t *call_id, struct persona_error *err)
{
	if (sql_insert(store, SQL_CALL_SEND,
		       ARGS(ARG(store->run_id), sql_arg_id(call->batch_id), ARG(call->stage), ARG(call->provider),
			    ARG(call->model), ARG(call->request_sha256), ARG(call->draw), ARG(call->sample),
			    ARG(call->prefix_sha256), ARG(call->suffix), ARG(lost_nusd)),
		       call_id, err) < 0)
		return -1;
	if (*call_id)
		return 0;
	return sql_row_id(store, SQL_CALL_ID, ARGS(ARG(call->request_sha256), ARG(call->draw), ARG(call->sample)),
			  call_id, err);
}

int persona_store_call_end(struct persona_store *store, int64_t call_id, const struct persona_call_end *end,
			   struct persona_error *err)
{
	return sql_run(store, SQL_CALL_END,
		       ARGS(ARG(call_id), ARG(store->run_id), ARG(state_names[end->state]), ARG(end->response),
			    ARG(end->finish_reason), ARG(end->provider_request_id), ARG(end->error),
			    sql_arg_known(end->http_status), sql_arg_known(end->latency_ms),
			    sql_arg_known(end->input_tokens), sql_arg_known(end->output_tokens),
			    sql_arg_known(end->cached_tokens), sql_arg_known(end->cache_write_tokens),
			    sql_arg_known(end->reasoning_tokens), ARG(end->cost_nusd), ARG(end->lost_nusd)),
		       err);
}

int persona_store_call_reject(struct persona_store *store, int64_t call_id, const char *why, struct persona_error *err)
{
	return sql_run(store, SQL_CALL_REJECT, ARGS(ARG(call_id), ARG(why)), err);
}

int persona_store_call_value(struct persona_store *store, int64_t call_id, int64_t lost_nusd, struct persona_error *err)
{
	return sql_run(store, SQL_CALL_VALUE, ARGS(ARG(call_id), ARG(store->run_id), ARG(lost_nusd)), err);
}

int persona_store_call_lengths(struct persona_store *store, const char *stage, const char *provider, const char *model,
			       struct persona_call_lengths *out, struct persona_error *err)
{
	sqlite3_stmt *statement;
	int rc;

	*out = (struct persona_call_lengths){ 0 };
	if (sql_start(store, SQL_CALL_LENGTHS, ARGS(ARG(stage), ARG(provider), ARG(model), ARG((int64_t)LATEST)),
		      &statement, err) < 0)
		return -1;
	rc = sql_step(store, statement, err);
	if (rc > 0)
		*out = (struct persona_call_lengths){
			.answers = sqlite3_column_int64(statement, 0),
			.mean = sqlite3_column_double(statement, 1),
			.mean_square = sqlite3_column_double(statement, 2),
			.lost = sqlite3_column_int64(statement, 3),
		};
	sql_end(statement);
	return rc < 0 ? -1 : 0;
}

int persona_store_call_buried(struct persona_store *store, const char *stage, const char *provider, const char *model,
			      int64_t after, struct persona_call_buried *out, struct persona_error *err)
{
	sqlite3_stmt *statement;
	int rc;

	*out = (struct persona_call_buried){ 0 };
	if (sql_start(store, SQL_CALL_BURIED,
		      ARGS(ARG(stage), ARG(provider), ARG(model), ARG(after), ARG((int64_t)LATEST)), &statement,
		      err) < 0)
		return -1;
	rc = sql_step(store, statement, err);
	if (rc > 0)
		*out = (struct persona_call_buried){
			.call_id = sqlite3_column_int64(statement, 0),
			.run_id = sqlite3_column_int64(statement, 1),
			.lost_nusd = sqlite3_column_int64(statement, 2),
			.input_tokens = sqlite3_column_type(statement, 3) == SQLITE_NULL
						? -1
						: sqlite3_column_int64(statement, 3),
		};
	sql_end(statement);
	return rc;
}

int persona_store_call_buried_value(struct persona_store *store, const struct persona_call_buried *call,
				    int64_t lost_nusd, struct persona_error *err)
{
	if (lost_nusd < 0 || lost_nusd > call->lost_nusd)
		return persona_error_set(err, PERSONA_E_USAGE, "what is lost can only be booked for less");
	if (sql_run(store, SQL_CALL_BURIED_VALUE, ARGS(ARG(call->call_id), ARG(call->lost_nusd), ARG(lost_nusd)), err) <
	    0)
		return -1;
	return sql_changes(store) == 1 ? money_return(store, call->run_id, call->lost_nusd - lost_nusd, err) : 0;
}
