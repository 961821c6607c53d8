/* Judge: who passes? Decided by what a model says of each criterion, asked once. */
#include "internal.h"

struct judge {
	struct persona_key key;
	int64_t key_id;
};

/* What shapes an answer; the threshold does not. */
static json_t *shaping_of(const struct persona_context *context)
{
	const struct persona_filter_settings *wish = context->settings;
	json_t *criteria = json_array(), *shaping;

	for (size_t i = 0; i < wish->criteria_len; i++)
		if (json_array_append_new(criteria, json_string(wish->criteria[i])) < 0) {
			json_decref(criteria);
			return NULL;
		}
	shaping = json_pack("{s:s, s:i, s:O*, s:o, s:f}", "model", context->model->name, "version",
			    context->model->version, "options", context->model->options, "criteria", criteria, "scale",
			    wish->scale);
	return shaping;
}

static int judge_open(struct persona_context *context, struct persona_error *err)
{
	const struct persona_filter_settings *wish = context->settings;
	struct judge *judge = calloc(1, sizeof *judge);
	json_t *shaping = shaping_of(context);
	json_t *bounds = json_pack("{s:f}", "threshold", wish->threshold);
	int rc = -1;

	context->state = judge;
	if (!judge || !shaping || !bounds)
		(void)persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	else
		rc = persona_key_make(&judge->key, "judge", shaping, bounds, err);
	if (!rc && (persona_store_key_find(context->store, &judge->key, &judge->key_id, err) < 0 ||
		    key_unpark(context, "filter", judge->key_id, err) < 0))
		rc = -1;
	json_decref(shaping);
	json_decref(bounds);
	return rc;
}

static void judge_close(struct persona_context *context)
{
	struct judge *judge = context->state;

	if (!judge)
		return;
	persona_key_release(&judge->key);
	free(judge);
	context->state = NULL;
}

static int judge_begin(struct persona_context *context, struct persona_error *err)
{
	struct judge *judge = context->state;

	return key_begin(context, &judge->key, &judge->key_id, err);
}

static long judge_pending(struct persona_context *context, int64_t after, struct persona_place *out, size_t max,
			  struct persona_error *err)
{
	const struct judge *judge = context->state;

	/* Under a key that is not there yet nobody has a verdict. */
	return persona_store_pending_filter(context->store, judge->key_id ? judge->key_id : -1, after, out, max, err);
}

static struct persona_verdict verdict_of(const struct persona_context *context, const struct persona_work *work,
					 double overall)
{
	const struct persona_filter_settings *wish = context->settings;
	const struct judge *judge = context->state;

	return (struct persona_verdict){
		.revision_id = work->place.revision_id,
		.basis = judge->key_id,
		.passed = overall >= wish->threshold,
		.threshold = wish->threshold,
		.value = overall,
	};
}

static enum persona_pick judge_pick(struct persona_context *context, struct persona_work *work,
				    struct persona_error *err)
{
	const struct persona_filter_settings *wish = context->settings;
	const struct judge *judge = context->state;
	struct persona_failure where = { .stage = "filter",
					 .revision_id = work->place.revision_id,
					 .key_id = judge->key_id };
	double overall = 0;
	int rc = persona_store_evaluation_find(context->store, work->place.revision_id, judge->key_id, &overall, err);

	work->silent = wish->only != PERSONA_ONLY_ALL;
	if (rc > 0) {
		struct persona_verdict verdict = verdict_of(context, work, overall);

		/* Another threshold asks nobody. */
		rc = persona_store_verdict_same(context->store, &verdict, err);
		if (rc <= 0)
			return rc < 0 ? PERSONA_PICK_ERROR : PERSONA_PICK_TAKE;
		filter_count(context, work, &verdict);
		return PERSONA_PICK_DONE;
	}
	if (rc == 0)
		rc = persona_store_parked(context->store, &where, err);
	if (rc)
		return rc < 0 ? PERSONA_PICK_ERROR : PERSONA_PICK_PARKED;
	snprintf(work->item, sizeof work->item, "revision %lld key %lld", (long long)work->place.revision_id,
		 (long long)judge->key_id);
	return PERSONA_PICK_ASK;
}

static void judge_release(struct persona_work *work)
{
	struct persona *persona = work->state;

	if (!persona)
		return;
	persona_release(persona);
	free(persona);
	work->state = NULL;
}

static int judge_ask(struct persona_context *context, struct persona_work *work, struct persona_error *err)
{
	const struct persona_filter_settings *wish = context->settings;
	struct persona *persona;

	judge_release(work);
	persona = calloc(1, sizeof *persona);
	if (!persona)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	persona_init(persona);
	work->state = persona;
	if (persona_store_revision_load(context->store, work->place.revision_id, persona, err) < 0)
		return -1;
	snprintf(work->draw, sizeof work->draw, "1");
	work->task = (struct persona_task){
		.kind = PERSONA_TASK_JUDGE,
		.persona = persona,
		.criteria = wish->criteria,
		.criteria_len = wish->criteria_len,
		.scale = wish->scale,
	};
	return 0;
}

static double mean_of(const struct persona_answer *answer)
{
	double sum = 0;

	for (size_t i = 0; i < answer->ratings_len; i++)
		sum += answer->ratings[i].score;
	return answer->ratings_len ? sum / (double)answer->ratings_len : 0;
}

/* The answer's evaluation, if there is an answer; *overall is what counts. */
static int keep_evaluation(struct persona_context *context, const struct persona_work *work, double *overall,
			   struct persona_error *err)
{
	const struct judge *judge = context->state;

	if (!work->answer.ratings_len)
		return persona_store_evaluation_find(context->store, work->place.revision_id, judge->key_id, overall,
						     err);
	*overall = mean_of(&work->answer);
	return persona_store_evaluation_add(context->store, work->place.revision_id, judge->key_id, *overall,
					    work->answer.ratings, work->answer.ratings_len, err);
}

static enum persona_take judge_take(struct persona_context *context, struct persona_work *work,
				    struct persona_error *err)
{
	struct persona_verdict verdict;
	double overall = 0;
	int same;

	if (keep_evaluation(context, work, &overall, err) < 0)
		return PERSONA_TAKE_ERROR;
	verdict = verdict_of(context, work, overall);
	same = persona_store_verdict_same(context->store, &verdict, err);
	if (same < 0 || (!same && persona_store_verdict_put(context->store, &verdict, err) < 0))
		return PERSONA_TAKE_ERROR;
	context->counts[PERSONA_COUNT_MADE] += !same;
	filter_count(context, work, &verdict);
	if (!work->silent && persona_work_pass(work, ref_of(&work->place), err) < 0)
		return PERSONA_TAKE_ERROR;
	return PERSONA_TAKE_DONE;
}

static int judge_blame(struct persona_context *context, struct persona_work *work, struct persona_failure *failure,
		       struct persona_error *err)
{
	const struct judge *judge = context->state;

	(void)err;
	failure->revision_id = work->place.revision_id;
	failure->key_id = judge->key_id;
	return 0;
}

const struct persona_stage persona_stage_judge = {
	.name = "filter",
	.open = judge_open,
	.begin = judge_begin,
	.pending = judge_pending,
	.pick = judge_pick,
	.ask = judge_ask,
	.take = judge_take,
	.blame = judge_blame,
	.release = judge_release,
	.close = judge_close,
};
