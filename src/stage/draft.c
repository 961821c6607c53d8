/* Draft: research data to personas. A piece of work is one planned call of a batch. */
#include "internal.h"
#include "persona/evidence.h"
#include "persona/json.h"
#include "persona/source.h"

#define PLAN_PAGE	   64
#define DEFAULT_BATCH_SIZE 10 /* personas per call */

struct draft {
	struct persona_sources sources; /* until the batch is found */
	char *last_note;		/* of the model, said once */
	struct persona_key key;
	int64_t key_id;
	struct persona_batch batch;
	int64_t wanted; /* what to print: this run's -n */
	int64_t next_slot;
	size_t *deals; /* personas of the batch after each deal */
	size_t deals_len;
};

/* What a planned call carries with it. */
struct call {
	int64_t slots, deal;
	int64_t first_missing, last_missing; /* slots without a persona; 0: none */
	int64_t parked;			     /* slots before the first or after the last that are not asked for again */
};

/* ---- Finding or making the batch ------------------------------------- */

static int make_key(struct persona_context *context, struct draft *draft, struct persona_error *err)
{
	json_t *shaping = json_pack("{s:s, s:i, s:O*}", "model", context->model->name, "version",
				    context->model->version, "options", context->model->options);
	int rc = shaping ? persona_key_make(&draft->key, "draft", shaping, NULL, err)
			 : persona_error_set(err, PERSONA_E_NOMEM, "out of memory");

	json_decref(shaping);
	return rc;
}

static int compare_sources(const void *a, const void *b)
{
	const struct persona_source *const *left = a, *const *right = b;
	int order = strcmp((*left)->sha256, (*right)->sha256);

	return order ? order : strcmp((*left)->media_type, (*right)->media_type);
}

/* What a batch is found by when it has no label: the data, the model, the options that shape the answer. */
static int make_settings(struct persona_context *context, const struct persona_sources *sources, json_t **out,
			 struct persona_error *err)
{
	const struct persona_source **sorted = calloc(sources->len, sizeof *sorted);
	const struct persona_draft_settings *wish = context->settings;
	json_t *list = json_array(), *options = NULL, *settings = NULL;

	if (!sorted || !list)
		goto out;
	for (size_t i = 0; i < sources->len; i++)
		sorted[i] = &sources->items[i];
	qsort(sorted, sources->len, sizeof *sorted, compare_sources);
	for (size_t i = 0; i < sources->len; i++)
		if (json_array_append_new(list, json_pack("{s:s, s:s}", "sha256", sorted[i]->sha256, "media_type",
							  sorted[i]->media_type)) < 0)
			goto out;
	options = context->model->options ? json_deep_copy(context->model->options) : json_object();
	/* The built-in model answers the same however many it is asked for at a time. */
	if (context->model->remote && wish->batch_size &&
	    json_object_set_new(options, "batch_size", json_integer(wish->batch_size)) < 0)
		goto out;
	settings = json_pack("{s:s, s:O, s:O}", "model", context->model->name, "sources", list, "options", options);
out:
	json_decref(options);
	free(sorted);
	json_decref(list);
	*out = settings;
	return settings ? 0 : persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
}

static int store_sources(struct persona_context *context, const struct persona_sources *sources, int64_t *ids,
			 struct persona_error *err)
{
	for (size_t i = 0; i < sources->len; i++) {
		const struct persona_source *source = &sources->items[i];
		int rc = persona_store_source_find(context->store, source->sha256, source->media_type, &ids[i], err);

		if (rc == 0)
			rc = persona_store_source_add(context->store, source->uri, source->sha256, source->media_type,
						      source->size_bytes, &source->records, &ids[i], err);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int create_batch(struct persona_context *context, struct draft *draft, const struct persona_sources *sources,
			struct persona_error *err)
{
	int64_t *ids = calloc(sources->len, sizeof *ids);
	int rc;

	if (!ids)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	rc = store_sources(context, sources, ids, err);
	if (!rc)
		rc = persona_store_batch_add(context->store, &draft->batch, ids, sources->len, err);
	free(ids);
	return rc;
}

/* In a write transaction: somebody else may have made the batch since we looked. */
static int plan(struct persona_context *context, struct draft *draft, const char *identity, const char *settings,
		const struct persona_sources *sources, struct persona_error *err)
{
	const struct persona_draft_settings *wish = context->settings;
	int rc;

	persona_batch_release(&draft->batch);
	rc = persona_store_batch_find(context->store, wish->label, identity, &draft->batch, err);
	if (rc == 0) {
		snprintf(draft->batch.sha256, sizeof draft->batch.sha256, "%s", identity);
		draft->batch.settings = persona_strdup(settings, err);
		if (wish->label)
			draft->batch.label = persona_strdup(wish->label, err);
		if (!draft->batch.settings || (wish->label && !draft->batch.label))
			return -1;
		rc = create_batch(context, draft, sources, err);
	}
	if (rc < 0)
		return -1;
	return persona_store_batch_extend(context->store, draft->batch.batch_id, wish->wanted,
					  wish->batch_size ? wish->batch_size : DEFAULT_BATCH_SIZE, err);
}

static int warn_if_other_data(const struct draft *draft, const char *settings)
{
	if (draft->batch.label && strcmp(draft->batch.settings, settings) != 0)
		persona_log(PERSONA_LOG_WARNING,
			    "batch '%s' was planned from other data or settings and keeps them; another --label starts "
			    "a new one",
			    draft->batch.label);
	return 0;
}

/* The identity of a batch with a label is the label: two batches may draw from the same data. */
static int identify(const struct persona_draft_settings *wish, const char *settings, char identity[PERSONA_HASH_HEX],
		    struct persona_error *err)
{
	struct persona_buf text;
	int rc;

	persona_buf_init(&text, 64 * 1024 * 1024);
	rc = wish->label ? persona_buf_addf(&text, err, "label %s", wish->label)
			 : persona_buf_adds(&text, settings, err);
	if (!rc)
		rc = persona_hash_bytes(identity, text.data, text.len, err);
	persona_buf_release(&text);
	return rc;
}

static int find_or_make(struct persona_context *context, struct draft *draft, const struct persona_sources *sources,
			struct persona_error *err)
{
	const struct persona_draft_settings *wish = context->settings;
	char identity[PERSONA_HASH_HEX];
	char *settings = NULL;
	json_t *object = NULL;
	int rc = -1, found;

	if (make_settings(context, sources, &object, err) < 0 || !(settings = persona_json_canonical(object, err)) ||
	    identify(wish, settings, identity, err) < 0)
		goto out;
	found = persona_store_batch_find(context->store, wish->label, identity, &draft->batch, err);
	if (found < 0)
		goto out;
	if (!found || draft->batch.wanted < wish->wanted) {
		if (persona_store_begin(context->store, err) < 0)
			goto out;
		if (plan(context, draft, identity, settings, sources, err) < 0) {
			persona_store_rollback(context->store);
			goto out;
		}
		if (persona_store_commit(context->store, err) < 0)
			goto out;
	}
	rc = warn_if_other_data(draft, settings);
out:
	json_decref(object);
	free(settings);
	return rc;
}

static void tell_what_was_read(const struct persona_sources *sources)
{
	for (size_t i = 0; i < sources->len; i++) {
		const struct persona_source *source = &sources->items[i];

		if (source->empty_records)
			persona_log(PERSONA_LOG_WARNING, "%s: %zu empty record%s skipped", source->name,
				    source->empty_records, source->empty_records == 1 ? "" : "s");
		if (source->ragged_records)
			persona_log(PERSONA_LOG_WARNING, "%s: %zu record%s fewer or more cells than the header",
				    source->name, source->ragged_records,
				    source->ragged_records == 1 ? " has" : "s have");
		if (source->cleaned_bytes)
			persona_log(PERSONA_LOG_WARNING, "%s: %zu byte%s not UTF-8 text: replaced or removed",
				    source->name, source->cleaned_bytes, source->cleaned_bytes == 1 ? " is" : "s are");
	}
	for (size_t i = 0; i < sources->skipped_len; i++)
		persona_log(PERSONA_LOG_WARNING, "skipped %s", sources->skipped[i]);
}

static int load_deals(struct persona_context *context, struct draft *draft, struct persona_error *err)
{
	struct persona_plan plans[PLAN_PAGE];
	int64_t after = 0, last_deal = 0;
	size_t capacity = 0;
	long got;

	while ((got = persona_store_plans(context->store, draft->batch.batch_id, after, plans, PLAN_PAGE, err)) > 0) {
		for (long i = 0; i < got; i++) {
			after = plans[i].first_slot;
			if (plans[i].deal == last_deal)
				continue;
			last_deal = plans[i].deal;
			if (persona_grow((void **)&draft->deals, &capacity, draft->deals_len, sizeof *draft->deals,
					 err) < 0)
				return -1;
			draft->deals[draft->deals_len++] = (size_t)plans[i].deal_total;
		}
	}
	return got < 0 ? -1 : 0;
}

static int draft_prepare(struct persona_context *context, struct persona_error *err)
{
	const struct persona_draft_settings *wish = context->settings;
	struct draft *draft = calloc(1, sizeof *draft);

	context->state = draft;
	if (!draft)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	persona_sources_init(&draft->sources);
	for (size_t i = 0; i < wish->from_len; i++)
		if (persona_sources_read(&draft->sources, wish->from[i], wish->format, err) < 0)
			return -1;
	return 0;
}

static int draft_open(struct persona_context *context, struct persona_error *err)
{
	const struct persona_draft_settings *wish = context->settings;
	struct draft *draft = context->state;

	tell_what_was_read(&draft->sources);
	if (make_key(context, draft, err) < 0 || find_or_make(context, draft, &draft->sources, err) < 0 ||
	    persona_store_key_find(context->store, &draft->key, &draft->key_id, err) < 0 ||
	    key_unpark(context, "draft", draft->key_id, err) < 0 || load_deals(context, draft, err) < 0)
		return -1;
	persona_sources_release(&draft->sources);
	draft->wanted = wish->wanted;
	context->counts[PERSONA_COUNT_READ] = draft->wanted;
	return 0;
}

static void draft_close(struct persona_context *context)
{
	struct draft *draft = context->state;

	if (!draft)
		return;
	persona_sources_release(&draft->sources);
	persona_key_release(&draft->key);
	persona_batch_release(&draft->batch);
	free(draft->last_note);
	free(draft->deals);
	free(draft);
	context->state = NULL;
}

static int draft_begin(struct persona_context *context, struct persona_error *err)
{
	struct draft *draft = context->state;

	return key_begin(context, &draft->key, &draft->key_id, err);
}

/* ---- Calls ----------------------------------------------------------- */

static int draft_next(struct persona_context *context, struct persona_work *work, struct persona_error *err)
{
	struct draft *draft = context->state;
	struct persona_plan plan;
	struct call *call;
	long got = persona_store_plans(context->store, draft->batch.batch_id, draft->next_slot, &plan, 1, err);

	if (got <= 0 || plan.first_slot > draft->wanted)
		return got < 0 ? -1 : 0;
	draft->next_slot = plan.first_slot;
	call = calloc(1, sizeof *call);
	if (!call)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	work->state = call;
	call->deal = plan.deal;
	call->slots = plan.slots;
	if (plan.first_slot + call->slots - 1 > draft->wanted)
		call->slots = draft->wanted - plan.first_slot + 1;
	work->place = (struct persona_place){ .batch_id = draft->batch.batch_id, .slot = plan.first_slot };
	snprintf(work->item, sizeof work->item, "batch %lld slot %lld", (long long)draft->batch.batch_id,
		 (long long)plan.first_slot);
	return 1;
}

static enum persona_pick draft_pick(struct persona_context *context, struct persona_work *work,
				    struct persona_error *err)
{
	struct draft *draft = context->state;
	struct call *call = work->state;
	int64_t parked = 0;

	call->first_missing = call->last_missing = call->parked = 0;
	for (int64_t slot = work->place.slot; slot < work->place.slot + call->slots; slot++) {
		struct persona_failure where = {
			.stage = "draft", .batch_id = work->place.batch_id, .slot = slot, .key_id = draft->key_id
		};
		struct persona_place place;
		int rc = persona_store_slot(context->store, work->place.batch_id, slot, &place, err);

		if (rc < 0)
			return PERSONA_PICK_ERROR;
		if (place.revision_id) {
			if (persona_work_pass(work, ref_of(&place), err) < 0)
				return PERSONA_PICK_ERROR;
			continue;
		}
		rc = persona_store_parked(context->store, &where, err);
		if (rc < 0)
			return PERSONA_PICK_ERROR;
		if (rc) {
			parked++;
			continue;
		}
		if (!call->first_missing) {
			call->first_missing = slot;
			call->parked = parked;
		}
		call->last_missing = slot;
		parked = 0;
	}
	call->parked += parked;
	if (call->first_missing)
		return PERSONA_PICK_ASK;
	if (!call->parked)
		return PERSONA_PICK_DONE;
	/* The runner counts the piece of work, which is as many slots. */
	context->counts[PERSONA_COUNT_PARKED] += call->parked - 1;
	return PERSONA_PICK_PARKED;
}

static int draft_ask(struct persona_context *context, struct persona_work *work, struct persona_error *err)
{
	struct draft *draft = context->state;
	struct call *call = work->state;

	snprintf(work->draw, sizeof work->draw, "%.16s/%lld", draft->batch.sha256, (long long)call->first_missing);
	work->task = (struct persona_task){
		.kind = PERSONA_TASK_DRAFT,
		.first_slot = (size_t)call->first_missing,
		.count = (size_t)(call->last_missing - call->first_missing + 1),
		.deals = draft->deals,
		.deals_len = (size_t)call->deal < draft->deals_len ? (size_t)call->deal : draft->deals_len,
	};
	return persona_context_records(context, work->place.batch_id, &work->task.records, &work->task.records_id, err);
}

/* What a model cites is checked before it is kept. */
static int draft_check(struct persona_context *context, struct persona_work *work, struct persona_error *err)
{
	(void)context;
	for (size_t i = 0; i < work->answer.len; i++)
		if (persona_evidence_check(&work->answer.personas[i], work->task.records, err) < 0)
			return -1;
	return 0;
}

static int fill_slot(struct persona_context *context, struct persona_work *work, int64_t persona_id,
		     const struct persona *persona, struct persona_error *err)
{
	struct draft *draft = context->state;
	struct persona_revision_origin origin = {
		.stage = "draft", .persona_id = persona_id, .key_id = draft->key_id, .call_id = work->call_id
	};
	struct persona_place place;

	if (persona_store_revision_add(context->store, &origin, persona, &place, err) < 0)
		return -1;
	context->counts[PERSONA_COUNT_MADE]++;
	return persona_work_pass(work, ref_of(&place), err);
}

/* The data, or the model, gave fewer than were asked for. */
static int fail_slot(struct persona_context *context, const struct persona_work *work, int64_t slot, const char *class,
		     const char *message, struct persona_error *err)
{
	struct draft *draft = context->state;
	struct persona_failure failure = { .stage = "draft",
					   .batch_id = work->place.batch_id,
					   .slot = slot,
					   .key_id = draft->key_id,
					   .class = class,
					   .message = message,
					   .call_id = work->call_id };

	int parked = persona_store_parked(context->store, &failure, err);

	if (parked < 0)
		return -1;
	/* Nobody asked for it; it only stands between others. */
	context->counts[parked ? PERSONA_COUNT_PARKED : PERSONA_COUNT_FAILED]++;
	return parked ? 0 : persona_store_failure_add(context->store, &failure, NULL, err);
}

/* The slot's part of the answer. One that is filled already only stands between others. */
static int take_slot(struct persona_context *context, struct persona_work *work, int64_t slot,
		     struct persona_error *err)
{
	const struct call *call = work->state;
	const struct persona_answer *answer = &work->answer;
	size_t index = (size_t)(slot - call->first_missing);
	const char *class = "invalid";
	struct persona_error why = { 0 };
	struct persona_place place;

	if (persona_store_slot(context->store, work->place.batch_id, slot, &place, err) < 0)
		return -1;
	if (place.revision_id)
		return 0;
	if (index < answer->len && persona_check(&answer->personas[index], &why) == 0)
		return fill_slot(context, work, place.persona_id, &answer->personas[index], err);
	if (index >= answer->len) {
		(void)persona_error_set(&why, PERSONA_E_FORMAT, "%s",
					answer->note ? answer->note : "the model gave no persona for this slot");
		class = answer->shortage ? answer->shortage : class;
	}
	return fail_slot(context, work, slot, class, why.text, err);
}

/* Every call of a run tends to note the same. */
static int tell_note(struct draft *draft, const char *note, struct persona_error *err)
{
	if (!note || (draft->last_note && strcmp(draft->last_note, note) == 0))
		return 0;
	persona_log(PERSONA_LOG_WARNING, "%s", note);
	free(draft->last_note);
	draft->last_note = persona_strdup(note, err);
	return draft->last_note ? 0 : -1;
}

static enum persona_take draft_take(struct persona_context *context, struct persona_work *work,
				    struct persona_error *err)
{
	const struct call *call = work->state;

	for (int64_t slot = call->first_missing; slot <= call->last_missing; slot++)
		if (take_slot(context, work, slot, err) < 0)
			return PERSONA_TAKE_ERROR;
	context->counts[PERSONA_COUNT_PARKED] += call->parked;
	return tell_note(context->state, work->answer.note, err) < 0 ? PERSONA_TAKE_ERROR : PERSONA_TAKE_DONE;
}

/* A call that failed has failed every slot that it was to fill; the runner writes the first down. */
static int draft_blame(struct persona_context *context, struct persona_work *work, struct persona_failure *failure,
		       struct persona_error *err)
{
	const struct draft *draft = context->state;
	const struct call *call = work->state;

	failure->batch_id = work->place.batch_id;
	failure->slot = call->first_missing;
	failure->key_id = draft->key_id;
	context->counts[PERSONA_COUNT_PARKED] += call->parked;
	for (int64_t slot = call->first_missing + 1; slot <= call->last_missing; slot++) {
		struct persona_place place;

		if (persona_store_slot(context->store, work->place.batch_id, slot, &place, err) < 0)
			return -1;
		if (!place.revision_id && fail_slot(context, work, slot, failure->class, failure->message, err) < 0)
			return -1;
	}
	return 0;
}

static void draft_release(struct persona_work *work)
{
	free(work->state);
}

const struct persona_stage persona_stage_draft = {
	.name = "draft",
	.prepare = draft_prepare,
	.open = draft_open,
	.begin = draft_begin,
	.next = draft_next,
	.pick = draft_pick,
	.ask = draft_ask,
	.check = draft_check,
	.take = draft_take,
	.blame = draft_blame,
	.release = draft_release,
	.close = draft_close,
};
