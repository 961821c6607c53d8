/* Judge: who passes? Decided by what a model says of each criterion, asked once, or for so many votes. */
#include "client.h"

struct judge {
	struct persona_key key;
	int64_t key_id;
	struct ids anew; /* with --fresh: what this run has asked about */
};

/* What is judged, and what was said of it so far. */
struct judging {
	struct persona persona;
	struct persona_answer *votes;
	size_t votes_len;
};

static size_t votes_of(const struct persona_context *context)
{
	const struct persona_filter_settings *wish = context->settings;

	return wish->votes ? (size_t)wish->votes : 1;
}

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
	if (shaping && votes_of(context) > 1 &&
	    json_object_set_new(shaping, "votes", json_integer((json_int_t)votes_of(context))) < 0) {
		json_decref(shaping);
		return NULL;
	}
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
	ids_release(&judge->anew);
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
	bool asks_anew = context->options->fresh && !ids_have(&judge->anew, work->place.revision_id);
	int rc = 0;

	if (!asks_anew)
		rc = persona_store_evaluation_find(context->store, work->place.revision_id, judge->key_id, &overall,
						   err);
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
	struct judging *judging = work->state;

	if (!judging)
		return;
	for (size_t i = 0; i < judging->votes_len; i++)
		persona_answer_release(&judging->votes[i]);
	free(judging->votes);
	persona_release(&judging->persona);
	free(judging);
	work->state = NULL;
}

static struct judging *judging_new(size_t votes, struct persona_error *err)
{
	struct judging *judging = calloc(1, sizeof *judging);

	if (judging)
		judging->votes = calloc(votes, sizeof *judging->votes);
	if (judging && judging->votes) {
		persona_init(&judging->persona);
		return judging;
	}
	free(judging);
	(void)persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	return NULL;
}

/* Votes that were given stay: a revision never changes. */
static int judge_ask(struct persona_context *context, struct persona_work *work, struct persona_error *err)
{
	const struct persona_filter_settings *wish = context->settings;
	struct judging *judging = work->state;

	if (!judging) {
		work->state = judging = judging_new(votes_of(context), err);
		if (!judging)
			return -1;
		if (persona_store_revision_load(context->store, work->place.revision_id, &judging->persona, err) < 0) {
			judge_release(work);
			return -1;
		}
	}
	work->rounds = (unsigned)votes_of(context);
	snprintf(work->draw, sizeof work->draw, "%u", work->round + 1);
	work->task = (struct persona_task){
		.kind = PERSONA_TASK_JUDGE,
		.persona = &judging->persona,
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

/* All votes are there: *overall is what counts. */
static int keep_evaluation(struct persona_context *context, const struct persona_work *work, double *overall,
			   struct persona_error *err)
{
	const struct judging *judging = work->state;
	struct judge *judge = context->state;
	struct persona_answer median;
	int rc;

	persona_answer_init(&median);
	rc = judgement_median(&median, judging->votes, judging->votes_len, err);
	if (!rc) {
		*overall = mean_of(&median);
		rc = persona_store_evaluation_add(context->store,
						  &(struct persona_evaluation){
							  .revision_id = work->place.revision_id,
							  .key_id = judge->key_id,
							  .overall = *overall,
							  .votes = (int64_t)judging->votes_len,
							  .ratings = median.ratings,
							  .ratings_len = median.ratings_len,
						  },
						  err);
	}
	persona_answer_release(&median);
	if (!rc && context->options->fresh)
		rc = ids_add(&judge->anew, work->place.revision_id, err);
	return rc;
}

/* Keep the answer as a vote: 1 where there are enough, 0 where another is wanted. */
static int add_vote(const struct persona_context *context, struct persona_work *work)
{
	struct judging *judging = work->state;

	judging->votes[judging->votes_len++] = work->answer;
	persona_answer_init(&work->answer);
	return judging->votes_len >= votes_of(context);
}

static enum persona_take judge_take(struct persona_context *context, struct persona_work *work,
				    struct persona_error *err)
{
	const struct judge *judge = context->state;
	struct persona_verdict verdict;
	double overall = 0;
	int same;

	if (work->answer.ratings_len) {
		if (!add_vote(context, work))
			return PERSONA_TAKE_AGAIN;
		if (keep_evaluation(context, work, &overall, err) < 0)
			return PERSONA_TAKE_ERROR;
	} else if (persona_store_evaluation_find(context->store, work->place.revision_id, judge->key_id, &overall,
						 err) < 0) {
		return PERSONA_TAKE_ERROR;
	}
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
