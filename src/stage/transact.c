/* The transaction: rows of finished work first, then claims, in one commit; see docs/adr/0004. */
#include "runner.h"

struct outcome {
	struct work_list done;	  /* written: print and end */
	struct work_list again;	  /* rows remain */
	struct work_list claimed; /* ask now */
	struct work_list held;	  /* others have it */
	struct work_list twice;	  /* we have it: the same reference came twice */
};

/* ---- Writing --------------------------------------------------------- */

static int settle(struct runner *runner, struct persona_work *work)
{
	if (!work->item[0])
		return 1;
	return persona_store_claim_settle(runner->context->store, runner->stage->name, work->item, runner->err);
}

static int write_failure(struct runner *runner, struct persona_work *work)
{
	struct persona_failure failure = { .stage = runner->stage->name,
					   .class = work->failed,
					   .message = work->reason.text,
					   .revision_id = work->place.revision_id };

	if (runner->stage->blame && runner->stage->blame(runner->context, work, &failure, runner->err) < 0)
		return -1;
	if (persona_store_failure_add(runner->context->store, &failure, NULL, runner->err) < 0)
		return -1;
	runner->context->counts[PERSONA_COUNT_FAILED]++;
	return pass_itself(runner, work);
}

/* Rows, or what became of it instead. */
static enum persona_take write_rows(struct runner *runner, struct persona_work *work)
{
	enum persona_take left;

	if (!work->failed) {
		left = runner->stage->take(runner->context, work, runner->err);
		if (left == PERSONA_TAKE_DONE)
			runner->context->counts[PERSONA_COUNT_DONE]++;
		return left;
	}
	/* That there was no memory says nothing about a persona. */
	if (work->reason.code == PERSONA_E_NOMEM) {
		(void)persona_error_set(runner->err, PERSONA_E_NOMEM, "%s", work->reason.text);
		return PERSONA_TAKE_ERROR;
	}
	return write_failure(runner, work) < 0 ? PERSONA_TAKE_ERROR : PERSONA_TAKE_DONE;
}

/* Somebody took our claim over: what we have is not written, and the work is looked at anew. */
static void fence_off(struct runner *runner, struct persona_work *work, struct outcome *outcome)
{
	runner->context->counts[PERSONA_COUNT_FENCED]++;
	runner->next_look_ms = 0;
	work->failed = NULL;
	work->reason = (struct persona_error){ 0 };
	work_list_add(&outcome->held, work);
}

/* Write one finished work. Owns it: it ends in one of outcome's lists. */
static int write_work(struct runner *runner, struct persona_work *work, struct outcome *outcome)
{
	int ours = 1;

	if (work->item[0])
		ours = persona_store_claim_held(runner->context->store, runner->stage->name, work->item, runner->err);
	if (ours < 0)
		goto fail;
	if (!ours) {
		fence_off(runner, work, outcome);
		return 0;
	}
	switch (write_rows(runner, work)) {
	case PERSONA_TAKE_MORE:
		work_list_add(&outcome->again, work);
		return 0;
	case PERSONA_TAKE_DONE:
		if (settle(runner, work) < 0)
			goto fail;
		work_list_add(&outcome->done, work);
		return 0;
	default:
		break;
	}
fail:
	work_list_add(&outcome->held, work);
	return -1;
}

/* ---- Claiming -------------------------------------------------------- */

/* Claim one picked work. Owns it. */
static int claim_work(struct runner *runner, struct persona_work *work, struct outcome *outcome)
{
	int64_t *counts = runner->context->counts;
	enum persona_claim state;
	enum persona_pick found;

	if (persona_store_claim(runner->context->store, runner->stage->name, work->item, 0, &state, runner->err) < 0)
		goto fail;
	if (state != PERSONA_CLAIM_TAKEN) {
		work_list_add(state == PERSONA_CLAIM_OURS ? &outcome->twice : &outcome->held, work);
		return 0;
	}
	/* Somebody who died may have left more of what we wait for. */
	if (runner->waiting.len)
		runner->next_look_ms = 0;
	/* Somebody may have done it between our look and our claim. */
	found = pick(runner, work);
	if (found == PERSONA_PICK_ERROR)
		goto fail;
	if (found == PERSONA_PICK_ASK) {
		work_list_add(&outcome->claimed, work);
		return 0;
	}
	if (found == PERSONA_PICK_TAKE)
		return write_work(runner, work, outcome);
	runner->started--;
	counts[found == PERSONA_PICK_PARKED ? PERSONA_COUNT_PARKED : PERSONA_COUNT_UNCHANGED]++;
	if (settle(runner, work) < 0 || pass_itself(runner, work) < 0)
		goto fail;
	work_list_add(&outcome->done, work);
	return 0;
fail:
	work_list_add(&outcome->held, work);
	return -1;
}

static int claim_some(struct runner *runner, struct outcome *outcome)
{
	size_t ours = runner->in_flight + outcome->again.len;
	size_t room = ours < WINDOW ? WINDOW - ours : 0;

	if (room > CLAIM_GROUP)
		room = CLAIM_GROUP;
	if (room && runner->fresh.len)
		phase(runner, PERSONA_PHASE_CLAIM);
	for (; room && runner->fresh.len; room--)
		if (claim_work(runner, work_list_take(&runner->fresh), outcome) < 0)
			return -1;
	return 0;
}

/* ---- The transaction ------------------------------------------------- */

static int write_and_claim(struct runner *runner, struct outcome *outcome)
{
	int64_t *counts = runner->context->counts, before[PERSONA_COUNTS];
	struct persona_work *work;

	memcpy(before, counts, sizeof before);
	if (persona_store_begin(runner->context->store, runner->err) < 0)
		return -1;
	while ((work = work_list_take(&runner->finished)))
		if (write_work(runner, work, outcome) < 0)
			goto fail;
	for (size_t n = 0; n < TAKE_GROUP && (work = work_list_take(&runner->take)); n++)
		if (write_work(runner, work, outcome) < 0)
			goto fail;
	for (work = runner->unbegun.first; work; work = work->next)
		if (settle(runner, work) < 0)
			goto fail;
	if (!runner->stopping && claim_some(runner, outcome) < 0)
		goto fail;
	phase(runner, PERSONA_PHASE_COMMIT);
	if (persona_store_commit(runner->context->store, runner->err) == 0) {
		list_free(runner, &runner->unbegun);
		return 0;
	}
fail:
	persona_store_rollback(runner->context->store);
	/* What was not committed was not done. */
	memcpy(counts, before, sizeof before);
	return -1;
}

/* ---- After the commit ------------------------------------------------ */

static int print(struct runner *runner, struct outcome *outcome)
{
	struct persona_work *work;
	int rc = 0;

	if (outcome->done.len || outcome->again.len)
		phase(runner, PERSONA_PHASE_PRINT);
	while (!rc && (work = work_list_take(&outcome->done)))
		rc = finish(runner, work);
	/* What is there already of a work that goes on can be printed. */
	while (!rc && (work = work_list_take(&outcome->again))) {
		rc = hand_over(runner, work);
		work_list_add(&runner->finished, work);
	}
	return rc;
}

/* Ask for what is claimed. */
static int dispatch(struct runner *runner, struct work_list *claimed)
{
	struct persona_work *work;
	int rc = 0;

	if (!claimed->len)
		return 0;
	if (persona_store_read_begin(runner->context->store, runner->err) < 0)
		return -1;
	while (!rc && (work = work_list_take(claimed))) {
		/* It may have been asked before, and fenced off. */
		persona_answer_release(&work->answer);
		work->reason = (struct persona_error){ 0 };
		rc = runner->stage->ask(runner->context, work, &work->reason);
		if (rc && work->reason.code == PERSONA_E_FORMAT) {
			/* Somebody edited this row into what cannot be read: it fails, the others do not. */
			work->failed = "invalid";
			if (!runner->finished.len)
				runner->oldest_finished_ms = now_ms(runner);
			work_list_add(&runner->finished, work);
			rc = 0;
			continue;
		}
		if (rc) {
			(void)persona_error_set(runner->err, work->reason.code, "%s", work->reason.text);
			work_free(runner, work);
			break;
		}
		runner->in_flight++;
		workers_submit(runner->workers, work);
	}
	persona_store_read_end(runner->context->store);
	return rc;
}

static int wait_for_others(struct runner *runner, struct outcome *outcome)
{
	struct persona_work *work;

	/* Told to stop we wait for nobody: outcome_free() ends these. */
	if (runner->stopping)
		return 0;
	while ((work = work_list_take(&outcome->twice)))
		work_list_add(&runner->twice, work);
	while ((work = work_list_take(&outcome->held))) {
		if (!runner->context->options->no_wait) {
			work_list_add(&runner->waiting, work);
			continue;
		}
		runner->started--;
		runner->context->counts[PERSONA_COUNT_HELD]++;
		if (pass_through(runner, work) < 0)
			return -1;
	}
	return 0;
}

static void outcome_free(struct runner *runner, struct outcome *outcome)
{
	list_free(runner, &outcome->done);
	list_free(runner, &outcome->again);
	list_free(runner, &outcome->claimed);
	list_free(runner, &outcome->held);
	list_free(runner, &outcome->twice);
}

int transact(struct runner *runner)
{
	struct outcome outcome = { 0 };
	int rc = write_and_claim(runner, &outcome);

	/* Twins are parked before anything ends, so that the end of the first finds the second. */
	if (!rc)
		rc = wait_for_others(runner, &outcome);
	if (!rc)
		rc = print(runner, &outcome);
	if (!rc)
		rc = dispatch(runner, &outcome.claimed);
	outcome_free(runner, &outcome);
	return rc;
}

bool due(const struct runner *runner)
{
	size_t ready = runner->finished.len;

	if (runner->take.len || runner->unbegun.len || ready >= COMMIT_GROUP)
		return true;
	if (!runner->stopping && runner->fresh.len && runner->in_flight <= WINDOW / 2)
		return true;
	if (!ready)
		return false;
	return !runner->in_flight || now_ms(runner) - runner->oldest_finished_ms >= COMMIT_MS;
}
