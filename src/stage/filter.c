/* Filter: who passes? Decided by the score; nobody is asked. */
#include "internal.h"

struct filter {
	struct persona_key key;
	int64_t key_id;
};

static int filter_open(struct persona_context *context, struct persona_error *err)
{
	struct filter *filter = calloc(1, sizeof *filter);
	const struct persona_filter_settings *wish = context->settings;
	json_t *shaping = json_pack("{s:s}", "basis", "score");
	json_t *bounds = json_pack("{s:f}", "threshold", wish->threshold);
	int rc = -1;

	context->state = filter;
	if (!filter || !shaping || !bounds)
		(void)persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	else
		rc = persona_key_make(&filter->key, "filter", shaping, bounds, err);
	json_decref(shaping);
	json_decref(bounds);
	return rc;
}

static void filter_close(struct persona_context *context)
{
	struct filter *filter = context->state;

	if (!filter)
		return;
	persona_key_release(&filter->key);
	free(filter);
	context->state = NULL;
}

static int filter_begin(struct persona_context *context, struct persona_error *err)
{
	struct filter *filter = context->state;

	return key_begin(context, &filter->key, &filter->key_id, err);
}

static long filter_pending(struct persona_context *context, int64_t after, struct persona_place *out, size_t max,
			   struct persona_error *err)
{
	return persona_store_pending_filter(context->store, 0, after, out, max, err);
}

/* The verdict as it would be now: 1, or 0 where there is nothing to judge by. */
static int decide(struct persona_context *context, const struct persona_work *work, struct persona_verdict *out,
		  struct persona_error *err)
{
	const struct persona_filter_settings *wish = context->settings;
	struct persona_standing standing;
	int rc = persona_store_standing(context->store, work->place.revision_id, &standing, err);

	if (rc <= 0 || !standing.measured)
		return rc < 0 ? -1 : 0;
	*out = (struct persona_verdict){
		.revision_id = work->place.revision_id,
		.basis = standing.key_id,
		.passed = standing.overall >= wish->threshold,
		.threshold = wish->threshold,
		.value = standing.overall,
	};
	return 1;
}

static bool wanted(const struct persona_context *context, bool passed)
{
	const struct persona_filter_settings *wish = context->settings;

	return wish->only == PERSONA_ONLY_ALL || (wish->only == PERSONA_ONLY_PASS) == passed;
}

void filter_count(struct persona_context *context, struct persona_work *work, const struct persona_verdict *verdict)
{
	context->counts[verdict->passed ? PERSONA_COUNT_PASSED : PERSONA_COUNT_REJECTED]++;
	work->silent = !wanted(context, verdict->passed);
}

static enum persona_pick filter_pick(struct persona_context *context, struct persona_work *work,
				     struct persona_error *err)
{
	const struct persona_filter_settings *wish = context->settings;
	struct persona_verdict verdict;
	int rc = decide(context, work, &verdict, err);

	work->silent = wish->only != PERSONA_ONLY_ALL;
	if (rc == 0) {
		context->counts[PERSONA_COUNT_UNSCORED]++;
		return PERSONA_PICK_DONE;
	}
	if (rc > 0)
		rc = persona_store_verdict_same(context->store, &verdict, err);
	if (rc < 0)
		return PERSONA_PICK_ERROR;
	if (rc == 0)
		return PERSONA_PICK_TAKE;
	filter_count(context, work, &verdict);
	return PERSONA_PICK_DONE;
}

static enum persona_take filter_take(struct persona_context *context, struct persona_work *work,
				     struct persona_error *err)
{
	struct persona_verdict verdict;
	int rc = decide(context, work, &verdict, err), same = 0;

	/* The same reference may have come twice. */
	if (rc > 0)
		same = persona_store_verdict_same(context->store, &verdict, err);
	if (rc < 0 || same < 0 || (rc > 0 && !same && persona_store_verdict_put(context->store, &verdict, err) < 0))
		return PERSONA_TAKE_ERROR;
	if (rc > 0) {
		context->counts[PERSONA_COUNT_MADE] += !same;
		filter_count(context, work, &verdict);
	}
	if (!work->silent && persona_work_pass(work, ref_of(&work->place), err) < 0)
		return PERSONA_TAKE_ERROR;
	return PERSONA_TAKE_DONE;
}

const struct persona_stage persona_stage_filter = {
	.name = "filter",
	.open = filter_open,
	.begin = filter_begin,
	.pending = filter_pending,
	.pick = filter_pick,
	.take = filter_take,
	.close = filter_close,
};
