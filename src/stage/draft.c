/* Draft: research data to personas. A piece of work is one planned call of a batch. */
#include "draft.h"
#include "persona/evidence.h"
#include "persona/offline.h"

#define BARREN	    2  /* of these in a row after answers that gave nothing */
#define REFUSED_MAX 20 /* named in the next question */
#define TOP_UPS	    5  /* times that a call is asked again for what its answers did not give */

/* What a planned call carries with it. */
struct call {
	int64_t slots, deal;
	int64_t *missing; /* slots without a persona, ascending; not those that are parked */
	size_t missing_len, missing_capacity;
	int64_t parked;	       /* slots that are not asked for again */
	int64_t parked_before; /* of these those before the first that is missing */
	int64_t parked_inside; /* and those between the first and the last */

	/* of a model over a network */
	struct deal plan;
	char **present; /* who is there already, of the call's own */
	size_t present_len;
	char **refused; /* whom answers gave that was no person of its own */
	size_t refused_len, refused_capacity;
	struct sketch *sketches; /* of the answer's personas */
	size_t sketches_len;
	unsigned barren; /* answers in a row that gave nothing */
	size_t at_most;	 /* to be asked for at once, where an answer was cut; 0: all */
};

/* ---- Opening ---------------------------------------------------------- */

static int make_key(struct persona_context *context, struct draft *draft, struct persona_error *err)
{
	json_t *shaping = json_pack("{s:s, s:i, s:O*}", "model", context->model->name, "version",
				    context->model->version, "options", context->model->options);
	int rc = shaping ? persona_key_make(&draft->key, "draft", shaping, NULL, err)
			 : persona_error_set(err, PERSONA_E_NOMEM, "out of memory");

	json_decref(shaping);
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
		for (size_t n = 0; n < source->notes.len; n++)
			persona_log(PERSONA_LOG_WARNING, "%s: %s", source->name, source->notes.items[n]);
	}
	for (size_t i = 0; i < sources->skipped_len; i++)
		persona_log(sources->skipped[i].unreadable ? PERSONA_LOG_FAILURE : PERSONA_LOG_WARNING, "skipped %s",
			    sources->skipped[i].text);
}

static int64_t unreadable_files(const struct persona_sources *sources)
{
	int64_t count = 0;

	for (size_t i = 0; i < sources->skipped_len; i++)
		count += sources->skipped[i].unreadable;
	return count;
}

static int draft_prepare(struct persona_context *context, struct persona_error *err)
{
	const struct persona_draft_settings *wish = context->settings;
	struct draft *draft = calloc(1, sizeof *draft);

	context->state = draft;
	if (!draft)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	persona_sources_init(&draft->sources);
	draft->sources.reading = wish->reading;
	for (size_t i = 0; i < wish->from_len; i++)
		if (persona_sources_read(&draft->sources, wish->from[i], wish->format, err) < 0)
			return -1;
	return 0;
}

/* How the data were read and understood. */
static int tell_understood(struct persona_context *context, const struct draft *draft, struct persona_buf *out,
			   struct persona_error *err)
{
	const struct persona_records *records;
	const char *identity;

	for (size_t i = 0; i < draft->sources.len; i++) {
		const struct persona_source *source = &draft->sources.items[i];

		if (persona_buf_addf(out, err, "%s: %s, %s, %zu record%s\n", source->name, source->media_type,
				     source->encoding, source->records.len, source->records.len == 1 ? "" : "s") < 0)
			return -1;
	}
	if (persona_context_records(context, draft->batch.batch_id, &records, &identity, err) < 0)
		return -1;
	return persona_offline_describe(out, records, err);
}

/* Slots are planned with their personas, so where one is missing it was forgotten. It is not made again. */
static int tell_forgotten(struct persona_context *context, struct draft *draft, struct persona_error *err)
{
	int64_t kept;

	if (persona_store_batch_kept(context->store, draft->batch.batch_id, draft->wanted, &kept, err) < 0)
		return -1;
	if (kept < draft->wanted)
		persona_log(PERSONA_LOG_WARNING,
			    "%lld of the batch's personas %s forgotten and will not be made again (another --label is "
			    "another batch)",
			    (long long)(draft->wanted - kept), draft->wanted - kept == 1 ? "was" : "were");
	context->counts[PERSONA_COUNT_READ] = kept;
	return 0;
}

static int draft_open(struct persona_context *context, struct persona_error *err)
{
	const struct persona_draft_settings *wish = context->settings;
	struct draft *draft = context->state;

	tell_what_was_read(&draft->sources);
	context->counts[PERSONA_COUNT_UNREADABLE] = unreadable_files(&draft->sources);
	if (make_key(context, draft, err) < 0 || plan_batch(context, draft, err) < 0 ||
	    persona_store_key_find(context->store, &draft->key, &draft->key_id, err) < 0 ||
	    key_unpark(context, "draft", draft->key_id, err) < 0 ||
	    persona_store_deals(context->store, draft->batch.batch_id, &draft->deals, &draft->deals_len, err) < 0)
		return -1;
	if (wish->understood && tell_understood(context, draft, wish->understood, err) < 0)
		return -1;
	persona_sources_release(&draft->sources);
	draft->wanted = wish->wanted;
	return tell_forgotten(context, draft, err);
}

static void draft_close(struct persona_context *context)
{
	struct draft *draft = context->state;

	if (!draft)
		return;
	persona_sources_release(&draft->sources);
	twins_free(draft->twins);
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

/* Look at one slot: its persona is passed on, or it is missing, or parked. */
static int look_at(struct persona_context *context, struct persona_work *work, int64_t slot, struct persona_error *err)
{
	const struct draft *draft = context->state;
	struct call *call = work->state;
	struct persona_failure where = {
		.stage = "draft", .batch_id = work->place.batch_id, .slot = slot, .key_id = draft->key_id
	};
	struct persona_place place;
	int there = persona_store_slot(context->store, work->place.batch_id, slot, &place, err), parked;

	if (there < 0)
		return -1;
	/* Was there, and was forgotten: see tell_forgotten(). */
	if (!there)
		return 0;
	if (place.revision_id)
		return persona_work_pass(work, ref_of(&place), err);
	parked = persona_store_parked(context->store, &where, err);
	if (parked < 0)
		return -1;
	call->parked += parked;
	if (parked)
		return 0;
	if (persona_grow((void **)&call->missing, &call->missing_capacity, call->missing_len, sizeof *call->missing,
			 err) < 0)
		return -1;
	if (!call->missing_len)
		call->parked_before = call->parked;
	call->parked_inside = call->parked - call->parked_before;
	call->missing[call->missing_len++] = slot;
	return 0;
}

static enum persona_pick draft_pick(struct persona_context *context, struct persona_work *work,
				    struct persona_error *err)
{
	struct call *call = work->state;

	call->missing_len = 0;
	call->parked = call->parked_before = call->parked_inside = 0;
	for (int64_t slot = work->place.slot; slot < work->place.slot + call->slots; slot++)
		if (look_at(context, work, slot, err) < 0)
			return PERSONA_PICK_ERROR;
	if (call->missing_len)
		return PERSONA_PICK_ASK;
	if (!call->parked)
		return PERSONA_PICK_DONE;
	/* The runner counts the piece of work, which is as many slots. */
	context->counts[PERSONA_COUNT_PARKED] += call->parked - 1;
	return PERSONA_PICK_PARKED;
}

/* What earlier questions and answers left. */
static void clear_call(struct call *call)
{
	deal_release(&call->plan);
	persona_names_free(call->present, call->present_len);
	call->present = NULL;
	call->present_len = 0;
	for (size_t i = 0; i < call->sketches_len; i++)
		sketch_release(&call->sketches[i]);
	free(call->sketches);
	call->sketches = NULL;
	call->sketches_len = 0;
}

/* The built-in model knows its slots: it is asked for all from the first that is missing to the last. */
static int ask_by_slots(struct persona_context *context, struct persona_work *work, struct persona_error *err)
{
	struct draft *draft = context->state;
	const struct call *call = work->state;
	int64_t first = call->missing[0], last = call->missing[call->missing_len - 1];

	work->task = (struct persona_task){
		.kind = PERSONA_TASK_DRAFT,
		.first_slot = (size_t)first,
		.count = (size_t)(last - first + 1),
		.deals = draft->deals,
		.deals_len = (size_t)call->deal < draft->deals_len ? (size_t)call->deal : draft->deals_len,
	};
	return persona_context_records(context, work->place.batch_id, &work->task.records, &work->task.records_id, err);
}

static bool is_among(const char *line, char *const *lines, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (strcmp(lines[i], line) == 0)
			return true;
	return false;
}

/* Who came with an earlier answer to this call is one to differ from, too, whether kept or not. */
static int add_present(struct persona_context *context, struct persona_work *work, struct persona_error *err)
{
	struct call *call = work->state;
	struct persona_brief *brief = &call->plan.brief;
	int64_t first = work->place.slot;
	char **differ;

	if ((int64_t)call->missing_len + call->parked == call->slots && !call->refused_len)
		return 0;
	if (persona_store_batch_names(context->store, work->place.batch_id, first, first + call->slots - 1,
				      (size_t)call->slots, &call->present, &call->present_len, err) < 0)
		return -1;
	differ = calloc(brief->differ_len + call->present_len + call->refused_len + 1, sizeof *differ);
	if (!differ)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t i = 0; i < brief->differ_len; i++)
		differ[i] = brief->differ[i];
	for (size_t i = 0; i < call->present_len; i++)
		differ[brief->differ_len++] = call->present[i];
	for (size_t i = 0; i < call->refused_len; i++)
		if (!is_among(call->refused[i], differ, brief->differ_len))
			differ[brief->differ_len++] = call->refused[i];
	free(brief->differ);
	brief->differ = differ;
	return 0;
}

/* Any other is asked for as many as are missing. */
static int ask_by_number(struct persona_context *context, struct persona_work *work, struct persona_error *err)
{
	struct call *call = work->state;
	size_t count = call->missing_len;

	clear_call(call);
	if (deal_read(context, work->place.batch_id, work->place.slot, &call->plan, err) < 0 ||
	    add_present(context, work, err) < 0)
		return -1;
	if (call->at_most && call->at_most < count)
		count = call->at_most;
	work->task = (struct persona_task){
		.kind = PERSONA_TASK_DRAFT,
		.first_slot = (size_t)call->missing[0],
		.count = count,
		.brief = &call->plan.brief,
	};
	return context_share(context, work->place.batch_id, call->plan.share, call->plan.shares, &work->task.records,
			     &work->task.records_id, err);
}

static int draft_ask(struct persona_context *context, struct persona_work *work, struct persona_error *err)
{
	const struct draft *draft = context->state;
	const struct call *call = work->state;

	snprintf(work->draw, sizeof work->draw, "%.16s/%lld", draft->batch.sha256, (long long)call->missing[0]);
	return context->model->remote ? ask_by_number(context, work, err) : ask_by_slots(context, work, err);
}

/* What a model cites is checked before it is kept, and made comparable with what the batch has. */
static int draft_check(struct persona_context *context, struct persona_work *work, struct persona_error *err)
{
	struct call *call = work->state;

	for (size_t i = 0; i < work->answer.len; i++)
		if (persona_evidence_check(&work->answer.personas[i], work->task.records, err) < 0)
			return -1;
	if (!context->model->remote || !work->answer.len)
		return 0;
	call->sketches = calloc(work->answer.len, sizeof *call->sketches);
	if (!call->sketches)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (; call->sketches_len < work->answer.len; call->sketches_len++)
		if (sketch_make(&call->sketches[call->sketches_len], &work->answer.personas[call->sketches_len],
				work->answer.len > 1, err) < 0)
			return -1;
	return 0;
}

/* *place: the slot's, then its revision's. */
static int fill_slot(struct persona_context *context, struct persona_work *work, struct persona_place *place,
		     const struct persona *persona, struct persona_error *err)
{
	struct draft *draft = context->state;
	struct persona_revision_origin origin = {
		.stage = "draft", .persona_id = place->persona_id, .key_id = draft->key_id, .call_id = work->call_id
	};

	if (persona_store_revision_add(context->store, &origin, persona, place, err) < 0)
		return -1;
	context->counts[PERSONA_COUNT_MADE]++;
	return persona_work_pass(work, ref_of(place), err);
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

/* The slot's part of the answer. One that is filled or forgotten only stands between others. */
static int take_slot(struct persona_context *context, struct persona_work *work, int64_t slot,
		     struct persona_error *err)
{
	const struct call *call = work->state;
	const struct persona_answer *answer = &work->answer;
	size_t index = (size_t)(slot - call->missing[0]);
	const char *class = "invalid";
	struct persona_error why = { 0 };
	struct persona_place place;
	int there = persona_store_slot(context->store, work->place.batch_id, slot, &place, err);

	if (there < 0)
		return -1;
	if (!there || place.revision_id)
		return 0;
	if (index < answer->len && persona_check(&answer->personas[index], &why) == 0)
		return fill_slot(context, work, &place, &answer->personas[index], err);
	if (index >= answer->len) {
		(void)persona_error_set(&why, PERSONA_E_FORMAT, "%s",
					answer->note ? answer->note : "the model gave no persona for this slot");
		class = answer->shortage ? answer->shortage : class;
	}
	return fail_slot(context, work, slot, class, why.text, err);
}

/* Every call of a run tends to note the same, and why slots failed. */
static int tell_note(struct draft *draft, enum persona_log_level level, const char *note, struct persona_error *err)
{
	if (!note || (draft->last_note && strcmp(draft->last_note, note) == 0))
		return 0;
	persona_log(level, "%s", note);
	free(draft->last_note);
	draft->last_note = persona_strdup(note, err);
	return draft->last_note ? 0 : -1;
}

static enum persona_take take_by_slots(struct persona_context *context, struct persona_work *work,
				       struct persona_error *err)
{
	const struct call *call = work->state;
	int64_t failed = context->counts[PERSONA_COUNT_FAILED];
	enum persona_log_level level;

	for (int64_t slot = call->missing[0]; slot <= call->missing[call->missing_len - 1]; slot++)
		if (take_slot(context, work, slot, err) < 0)
			return PERSONA_TAKE_ERROR;
	/* Those inside were looked at one by one. */
	context->counts[PERSONA_COUNT_PARKED] += call->parked - call->parked_inside;
	if (work->answer.figures &&
	    persona_store_batch_figures(context->store, work->place.batch_id, work->answer.figures, err) < 0)
		return PERSONA_TAKE_ERROR;
	level = context->counts[PERSONA_COUNT_FAILED] > failed ? PERSONA_LOG_FAILURE : PERSONA_LOG_WARNING;
	return tell_note(context->state, level, work->answer.note, err) < 0 ? PERSONA_TAKE_ERROR : PERSONA_TAKE_DONE;
}

/* Why the batch cannot use the answer's i-th persona; NULL: it can. */
static const char *useless(const struct draft *draft, const struct persona_work *work, size_t i,
			   struct persona_error *why)
{
	const struct call *call = work->state;
	const char *twin = twins_find(draft->twins, &call->sketches[i]);

	if (persona_check(&work->answer.personas[i], why) < 0)
		return why->text;
	for (size_t before = 0; before < i && !twin; before++)
		if (sketch_alike(&call->sketches[before], &call->sketches[i]))
			twin = "one that says nearly the same";
	if (!twin)
		return NULL;
	(void)persona_error_set(why, PERSONA_E_FORMAT, "'%.60s' is none of its own: the batch has %s",
				work->answer.personas[i].name, twin);
	return why->text;
}

/* So that who answers the same to the same question is asked another one. */
static int note_refused(struct call *call, const struct persona *persona, struct persona_error *err)
{
	struct persona_buf line;
	int rc;

	if (call->refused_len == REFUSED_MAX)
		return 0;
	if (persona_grow((void **)&call->refused, &call->refused_capacity, call->refused_len, sizeof *call->refused,
			 err) < 0)
		return -1;
	persona_buf_init(&line, SIZE_MAX);
	rc = persona_buf_addf(&line, err, "%s%s%s", persona->name ? persona->name : "somebody without a name",
			      persona->occupation ? ", " : "", persona->occupation ? persona->occupation : "");
	if (!rc) {
		call->refused[call->refused_len] = persona_buf_take(&line);
		rc = call->refused[call->refused_len] ? 0 : persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	call->refused_len += rc == 0;
	persona_buf_release(&line);
	return rc;
}

/* Fill missing slots with what can be used. *filled: how many. */
static int fill_slots(struct persona_context *context, struct persona_work *work, size_t *filled,
		      struct persona_error *why, struct persona_error *err)
{
	struct draft *draft = context->state;
	const struct call *call = work->state;

	if (!draft->twins && twins_new(&draft->twins, err) < 0)
		return -1;
	if (twins_load(draft->twins, context, work->place.batch_id, err) < 0)
		return -1;
	*filled = 0;
	for (size_t i = 0; i < work->answer.len && *filled < call->missing_len; i++) {
		struct persona_place place;

		if (useless(draft, work, i, why)) {
			context->counts[PERSONA_COUNT_NOT_KEPT]++;
			if (note_refused(work->state, &work->answer.personas[i], err) < 0)
				return -1;
			continue;
		}
		if (persona_store_slot(context->store, work->place.batch_id, call->missing[*filled], &place, err) < 0 ||
		    fill_slot(context, work, &place, &work->answer.personas[i], err) < 0 ||
		    twins_add(draft->twins, &call->sketches[i], place.revision_id, err) < 0)
			return -1;
		++*filled;
	}
	return 0;
}

/* After an answer that filled so many slots: is the call asked once more? In smaller portions where the answer was cut. */
static bool may_ask_again(struct persona_context *context, struct persona_work *work, size_t filled,
			  const char *shortage)
{
	struct call *call = work->state;

	call->barren = filled ? 0 : call->barren + 1;
	if (work->round >= TOP_UPS || call->barren > BARREN)
		return false;
	if (strcmp(shortage, "truncated") == 0)
		call->at_most = filled ? filled : (work->task.count + 1) / 2;
	context->counts[PERSONA_COUNT_TOP_UPS]++;
	return true;
}

static bool draft_again(struct persona_context *context, struct persona_work *work)
{
	bool of_no_use = strcmp(work->failed, "unparsable") == 0 || strcmp(work->failed, "truncated") == 0 ||
			 strcmp(work->failed, "invalid") == 0;

	return of_no_use && may_ask_again(context, work, 0, work->failed);
}

static enum persona_take take_by_number(struct persona_context *context, struct persona_work *work,
					struct persona_error *err)
{
	const struct call *call = work->state;
	const char *class = work->answer.shortage ? work->answer.shortage : "invalid";
	struct persona_error why = { 0 };
	size_t filled;

	if (fill_slots(context, work, &filled, &why, err) < 0)
		return PERSONA_TAKE_ERROR;
	if (filled < call->missing_len) {
		if (!why.text[0])
			(void)persona_error_set(&why, PERSONA_E_FORMAT, "%s",
						work->answer.note ? work->answer.note
								  : "the model gave no persona for this slot");
		if (may_ask_again(context, work, filled, class)) {
			/* So that the next one draws another. */
			if (!filled && persona_store_call_reject(context->store, work->call_id, why.text, err) < 0)
				return PERSONA_TAKE_ERROR;
			return PERSONA_TAKE_AGAIN;
		}
	}
	for (size_t i = filled; i < call->missing_len; i++)
		if (fail_slot(context, work, call->missing[i], class, why.text, err) < 0)
			return PERSONA_TAKE_ERROR;
	context->counts[PERSONA_COUNT_PARKED] += call->parked;
	if (filled == call->missing_len)
		return PERSONA_TAKE_DONE;
	return tell_note(context->state, PERSONA_LOG_FAILURE, why.text, err) < 0 ? PERSONA_TAKE_ERROR
										 : PERSONA_TAKE_DONE;
}

static enum persona_take draft_take(struct persona_context *context, struct persona_work *work,
				    struct persona_error *err)
{
	return context->model->remote ? take_by_number(context, work, err) : take_by_slots(context, work, err);
}

/* A call that failed has failed every slot that it was to fill; the runner writes the first down. */
static int draft_blame(struct persona_context *context, struct persona_work *work, struct persona_failure *failure,
		       struct persona_error *err)
{
	const struct draft *draft = context->state;
	const struct call *call = work->state;

	failure->batch_id = work->place.batch_id;
	failure->slot = call->missing[0];
	failure->key_id = draft->key_id;
	context->counts[PERSONA_COUNT_PARKED] += call->parked;
	for (size_t i = 1; i < call->missing_len; i++)
		if (fail_slot(context, work, call->missing[i], failure->class, failure->message, err) < 0)
			return -1;
	return 0;
}

static void draft_release(struct persona_work *work)
{
	struct call *call = work->state;

	if (!call)
		return;
	clear_call(call);
	persona_names_free(call->refused, call->refused_len);
	free(call->missing);
	free(call);
	work->state = NULL;
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
	.again = draft_again,
	.blame = draft_blame,
	.release = draft_release,
	.close = draft_close,
};
