/* Refine: a child revision for what failed. */
#include "draft.h"
#include "persona/evidence.h"
#include "worth.h"

struct refine {
	struct persona_key key;
	int64_t key_id;
	int64_t first_child; /* revision_id of the first that this run made; 0: none yet */
	struct ids anew;     /* with --fresh: what this run has asked about */
	struct worth *worth; /* of the worker thread; NULL: the model is not weighed */
};

/* What the model is handed. */
struct question {
	struct persona persona;
	struct persona_reason *reasons;
	size_t reasons_len;
	bool is_worse; /* what came of it scores less */
};

static int refine_open(struct persona_context *context, struct persona_error *err)
{
	const struct persona_refine_settings *wish = context->settings;
	struct refine *refine = calloc(1, sizeof *refine);
	json_t *shaping = json_pack("{s:s, s:i, s:O*}", "model", context->model->name, "version",
				    context->model->version, "options", context->model->options);
	json_t *bounds = json_pack("{s:I}", "max_rounds", (json_int_t)wish->max_rounds);
	int rc = -1;

	context->state = refine;
	if (!refine || !shaping || !bounds)
		(void)persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	else
		rc = persona_key_make(&refine->key, "refine", shaping, bounds, err);
	if (!rc && (persona_store_key_find(context->store, &refine->key, &refine->key_id, err) < 0 ||
		    key_unpark(context, "refine", refine->key_id, err) < 0))
		rc = -1;
	if (!rc && context->model->is_weighed)
		rc = worth_new(&refine->worth, err);
	json_decref(shaping);
	json_decref(bounds);
	return rc;
}

static void refine_close(struct persona_context *context)
{
	struct refine *refine = context->state;

	if (!refine)
		return;
	persona_key_release(&refine->key);
	ids_release(&refine->anew);
	worth_free(refine->worth);
	free(refine);
	context->state = NULL;
}

static int refine_begin(struct persona_context *context, struct persona_error *err)
{
	struct refine *refine = context->state;

	return key_begin(context, &refine->key, &refine->key_id, err);
}

static long refine_pending(struct persona_context *context, int64_t after, struct persona_place *out, size_t max,
			   struct persona_error *err)
{
	const struct persona_refine_settings *wish = context->settings;
	const struct refine *refine = context->state;
	long len = persona_store_pending_refine(context->store, refine->key_id, wish->max_rounds, wish->unjudged, after,
						out, max, err);

	/* Our own children are not what was pending: a run is one round. */
	while (len > 0 && refine->first_child && out[len - 1].revision_id >= refine->first_child)
		len--;
	return len;
}

/* Rounds, then verdict: does it want refining at all? */
static int wants_refining(struct persona_context *context, const struct persona_work *work, struct persona_error *err)
{
	const struct persona_refine_settings *wish = context->settings;
	enum persona_judged judged;
	int64_t rounds;

	if (persona_store_judged(context->store, work->place.revision_id, &judged, err) < 0)
		return -1;
	/* Whatever its rounds; most of those that pass by are so, and counting walks up the lineage. */
	if (judged == PERSONA_PASSED)
		return 0;
	if (persona_store_rounds(context->store, work->place.revision_id, &rounds, err) < 0)
		return -1;
	if (rounds >= wish->max_rounds) {
		if (judged == PERSONA_FAILED)
			context->counts[PERSONA_COUNT_EXHAUSTED]++;
		return 0;
	}
	if (judged == PERSONA_UNJUDGED && !wish->unjudged)
		context->counts[PERSONA_COUNT_UNJUDGED]++;
	return judged == PERSONA_FAILED || (judged == PERSONA_UNJUDGED && wish->unjudged);
}

/* With --fresh a model is asked for another sample, once in a run. The built-in model would say the same again. */
static bool asks_anew(const struct persona_context *context, const struct persona_work *work)
{
	const struct refine *refine = context->state;

	return context->options->fresh && context->model->remote && !ids_have(&refine->anew, work->place.revision_id);
}

static enum persona_pick refine_pick(struct persona_context *context, struct persona_work *work,
				     struct persona_error *err)
{
	const struct refine *refine = context->state;
	struct persona_failure where = { .stage = "refine",
					 .revision_id = work->place.revision_id,
					 .key_id = refine->key_id };
	struct persona_place child;
	int rc = wants_refining(context, work, err);

	if (rc == 0)
		return PERSONA_PICK_DONE;
	if (rc > 0 && asks_anew(context, work))
		rc = 0;
	else if (rc > 0)
		rc = persona_store_refinement_find(context->store, work->place.revision_id, refine->key_id, &child,
						   err);
	if (rc < 0)
		return PERSONA_PICK_ERROR;
	if (rc > 0) {
		if (child.revision_id && persona_work_pass(work, ref_of(&child), err) < 0)
			return PERSONA_PICK_ERROR;
		return PERSONA_PICK_DONE;
	}
	rc = persona_store_parked(context->store, &where, err);
	if (rc)
		return rc < 0 ? PERSONA_PICK_ERROR : PERSONA_PICK_PARKED;
	snprintf(work->item, sizeof work->item, "revision %lld key %lld", (long long)work->place.revision_id,
		 (long long)refine->key_id);
	return PERSONA_PICK_ASK;
}

static void refine_release(struct persona_work *work)
{
	struct question *question = work->state;

	if (!question)
		return;
	persona_release(&question->persona);
	persona_reasons_free(question->reasons, question->reasons_len);
	free(question);
	work->state = NULL;
}

static int refine_ask(struct persona_context *context, struct persona_work *work, struct persona_error *err)
{
	struct question *question;

	refine_release(work);
	question = calloc(1, sizeof *question);
	work->state = question;
	if (!question)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	if (persona_store_revision_load(context->store, work->place.revision_id, &question->persona, err) < 0 ||
	    persona_store_reasons(context->store, work->place.revision_id, &question->reasons, &question->reasons_len,
				  err) < 0)
		return -1;
	work->task = (struct persona_task){
		.kind = PERSONA_TASK_REFINE,
		.persona = &question->persona,
		.reasons = question->reasons,
		.reasons_len = question->reasons_len,
	};
	return deal_records(context, &work->place, &work->task.records, &work->task.records_id, err);
}

static int refine_check(struct persona_context *context, struct persona_work *work, struct persona_error *err)
{
	const struct refine *refine = context->state;
	struct question *question = work->state;
	struct persona *child = NULL;
	int falls = 0;

	if (work->answer.len == 0)
		return 0;
	child = &work->answer.personas[0];
	if (work->task.records->len && persona_evidence_check(child, work->task.records, err) < 0)
		return -1;
	if (persona_check(child, err) < 0)
		return -1;
	if (refine->worth)
		falls = worth_falls(refine->worth, &work->task, child, err);
	question->is_worse = falls > 0;
	return falls < 0 ? -1 : 0;
}

/* What a persona says, without what was said about refining it. */
static int hash_without_notes(struct persona *persona, char hex[PERSONA_HASH_HEX], struct persona_error *err)
{
	char *notes = persona->refinement_notes;
	int rc;

	persona->refinement_notes = NULL;
	rc = persona_content_hash(persona, hex, err);
	persona->refinement_notes = notes;
	return rc;
}

/* The same content again is no improvement, and less of a score is none either. */
static int is_no_improvement(const struct persona_work *work, struct persona_error *err)
{
	struct question *question = work->state;
	char before[PERSONA_HASH_HEX], after[PERSONA_HASH_HEX];

	if (work->answer.len == 0 || question->is_worse)
		return 1;
	if (hash_without_notes(&question->persona, before, err) < 0 ||
	    hash_without_notes(&work->answer.personas[0], after, err) < 0)
		return -1;
	return strcmp(before, after) == 0;
}

static enum persona_take refine_take(struct persona_context *context, struct persona_work *work,
				     struct persona_error *err)
{
	struct refine *refine = context->state;
	struct persona_revision_origin origin = { .stage = "refine",
						  .persona_id = work->place.persona_id,
						  .parent_id = work->place.revision_id,
						  .key_id = refine->key_id,
						  .call_id = work->call_id };
	struct persona_place child = { 0 };
	int unchanged = is_no_improvement(work, err);

	if (unchanged < 0)
		return PERSONA_TAKE_ERROR;
	if (!unchanged &&
	    persona_store_revision_add(context->store, &origin, &work->answer.personas[0], &child, err) < 0)
		return PERSONA_TAKE_ERROR;
	if (persona_store_refinement_add(context->store, work->place.revision_id, refine->key_id, -1, child.revision_id,
					 err) < 0)
		return PERSONA_TAKE_ERROR;
	if (context->options->fresh && ids_add(&refine->anew, work->place.revision_id, err) < 0)
		return PERSONA_TAKE_ERROR;
	if (!refine->first_child)
		refine->first_child = child.revision_id;
	context->counts[unchanged ? PERSONA_COUNT_NOTHING : PERSONA_COUNT_MADE]++;
	return persona_work_pass(work, ref_of(unchanged ? &work->place : &child), err) < 0 ? PERSONA_TAKE_ERROR
											   : PERSONA_TAKE_DONE;
}

static int refine_blame(struct persona_context *context, struct persona_work *work, struct persona_failure *failure,
			struct persona_error *err)
{
	const struct refine *refine = context->state;

	(void)err;
	failure->revision_id = work->place.revision_id;
	failure->key_id = refine->key_id;
	return 0;
}

const struct persona_stage persona_stage_refine = {
	.name = "refine",
	.open = refine_open,
	.begin = refine_begin,
	.pending = refine_pending,
	.pick = refine_pick,
	.ask = refine_ask,
	.check = refine_check,
	.take = refine_take,
	.blame = refine_blame,
	.release = refine_release,
	.close = refine_close,
};
