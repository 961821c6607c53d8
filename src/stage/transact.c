/* The transaction: rows of finished work first, then claims, in one commit; see docs/adr/0004. */
#include "runner.h"

struct outcome {
	struct work_list done;	  /* written: print and end */
	struct work_list again;	  /* rows remain */
	struct work_list claimed; /* ask now */
	struct work_list retries; /* ask again, later */
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
					   .call_id = work->call_id,
					   .revision_id = work->place.revision_id };

	if (runner->stage->blame && runner->stage->blame(runner->context, work, &failure, runner->err) < 0)
		return -1;
	if (failure_add(runner->context, &failure, runner->err) < 0)
		return -1;
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
	if (work->call_id && runner->stage->again && !runner->stopping && !gave_up(runner) &&
	    runner->stage->again(runner->context, work))
		return PERSONA_TAKE_AGAIN;
	return write_failure(runner, work) < 0 ? PERSONA_TAKE_ERROR : PERSONA_TAKE_DONE;
}

/* Forget what an earlier attempt left; the work is asked for anew. */
static void forget_request(struct persona_work *work)
{
	request_free(work->request);
	work->request = NULL;
	work->call_id = 0;
}

/* Somebody took our claim over: what we have is not written, but an answer is kept; and the work is looked at anew. */
static int fence_off(struct runner *runner, struct persona_work *work, struct outcome *outcome)
{
	int rc = work->request ? client_keep(runner->client, work, runner->err) : 0;

	forget_request(work);
	runner->context->counts[PERSONA_COUNT_FENCED]++;
	runner->next_look_ms = 0;
	work->failed = NULL;
	work->reason = (struct persona_error){ 0 };
	work_list_add(&outcome->held, work);
	return rc;
}

/* Give the claim up. */
static int let_go(struct runner *runner, struct persona_work *work, struct outcome *outcome)
{
	int rc = settle(runner, work);

	if (rc >= 0)
		rc = pass_itself(runner, work);
	work_list_add(&outcome->done, work);
	return rc < 0 ? -1 : 0;
}

/* Settle a request that has come back: 1 its work goes on to be written, 0 it is in one of outcome's lists. Owns it then. */
static int end_request(struct runner *runner, struct persona_work *work, struct outcome *outcome)
{
	switch (client_end(runner->client, work, !runner->stopping, runner->err)) {
	case CLIENT_TAKE:
	case CLIENT_FAILED:
		return 1;
	case CLIENT_AGAIN:
		work_list_add(&outcome->retries, work);
		return 0;
	case CLIENT_STOPPED:
		return let_go(runner, work, outcome);
	default:
		return -1;
	}
}

/* One answer was not enough. Owns the work. */
static int once_more(struct runner *runner, struct persona_work *work, struct outcome *outcome)
{
	forget_request(work);
	work->failed = NULL;
	work->reason = (struct persona_error){ 0 };
	work->round++;
	if (runner->stopping || gave_up(runner))
		return let_go(runner, work, outcome);
	work_list_push(&runner->fresh, work);
	return settle(runner, work) < 0 ? -1 : 0;
}

/* Write one finished work. Owns it: it ends in one of outcome's lists, or with the fresh. */
static int write_work(struct runner *runner, struct persona_work *work, struct outcome *outcome)
{
	int ours = 1;

	if (work->item[0])
		ours = persona_store_claim_held(runner->context->store, runner->stage->name, work->item, runner->err);
	if (ours < 0)
		goto fail;
	if (!ours)
		return fence_off(runner, work, outcome);
	if (work->request) {
		int rc = end_request(runner, work, outcome);

		if (rc == 0)
			return 0;
		if (rc < 0)
			goto fail;
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
	case PERSONA_TAKE_AGAIN:
		return once_more(runner, work, outcome);
	default:
		break;
	}
fail:
	work_list_add(&outcome->held, work);
	return -1;
}

/* ---- Claiming -------------------------------------------------------- */

/* Somebody edited the row of this work into what cannot be read: it fails, the others do not. */
static bool is_unreadable(struct persona_work *work)
{
	if (work->reason.code != PERSONA_E_FORMAT)
		return false;
	work->failed = "invalid";
	return true;
}

static int fill_task(struct runner *runner, struct persona_work *work)
{
	persona_answer_release(&work->answer);
	work->reason = (struct persona_error){ 0 };
	return runner->stage->ask(runner->context, work, &work->reason);
}

/* A work that was claimed in this transaction, or is to be asked for again. Owns it. */
static int send_request(struct runner *runner, struct persona_work *work, struct outcome *outcome)
{
	bool again = work->request != NULL;

	switch (client_begin(runner->client, work, runner->err)) {
	case CLIENT_SEND:
	case CLIENT_AT_HAND:
		work_list_add(&outcome->claimed, work);
		return 0;
	case CLIENT_NOT_NOW:
		break;
	default:
		work_list_add(&outcome->held, work);
		return -1;
	}
	if (again) {
		work_list_push(&runner->retries, work);
		return 0;
	}
	forget_request(work);
	if (gave_up(runner))
		return let_go(runner, work, outcome);
	work_list_push(&runner->fresh, work);
	return settle(runner, work) < 0 ? -1 : 0;
}

static int ask_client(struct runner *runner, struct persona_work *work, struct outcome *outcome)
{
	if (fill_task(runner, work) == 0)
		return send_request(runner, work, outcome);
	if (is_unreadable(work))
		return write_work(runner, work, outcome);
	(void)persona_error_set(runner->err, work->reason.code, "%s", work->reason.text);
	work_list_add(&outcome->held, work);
	return -1;
}

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
	if (found == PERSONA_PICK_ASK && runner->client)
		return ask_client(runner, work, outcome);
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

/* May something be sent to the client now? */
static bool client_is_ready(const struct runner *runner)
{
	const struct client_view *view = client_view(runner->client);

	return !runner->stopping && view->end == PERSONA_END_DONE && !view->short_of_money &&
	       now_ms(runner) >= view->next_send_ms;
}

/* How many pieces of work may be claimed, besides those that are. */
static size_t room(const struct runner *runner, size_t again)
{
	size_t ours = runner->in_flight + runner->retries.len + again;
	size_t window = runner->client ? (size_t)client_view(runner->client)->in_flight : WINDOW;

	return ours < window ? window - ours : 0;
}

static bool is_due(const struct runner *runner, const struct persona_work *work)
{
	return work->request->again_ms <= now_ms(runner);
}

/* What was sent before comes first. */
static int retry_some(struct runner *runner, struct outcome *outcome)
{
	int64_t in_flight = client_view(runner->client)->in_flight;

	for (size_t len = runner->retries.len; len && client_is_ready(runner); len--) {
		struct persona_work *work = work_list_take(&runner->retries);

		if (!is_due(runner, work) || (int64_t)(runner->in_flight + outcome->claimed.len) >= in_flight)
			work_list_add(&runner->retries, work);
		else if (send_request(runner, work, outcome) < 0)
			return -1;
	}
	return 0;
}

static int claim_some(struct runner *runner, struct outcome *outcome)
{
	size_t left;

	if (runner->client && retry_some(runner, outcome) < 0)
		return -1;
	left = room(runner, outcome->again.len + outcome->claimed.len);
	if (left > CLAIM_GROUP)
		left = CLAIM_GROUP;
	if (left && runner->fresh.len)
		phase(runner, PERSONA_PHASE_CLAIM);
	for (; left && runner->fresh.len && (!runner->client || client_is_ready(runner)); left--)
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
	/* While we waited for our turn more may have come: it need not wait for another. */
	collect(runner);
	if (runner->client && client_transaction(runner->client, runner->err) < 0)
		goto fail;
	while ((work = work_list_take(&runner->finished)))
		if (write_work(runner, work, outcome) < 0)
			goto fail;
	for (size_t n = 0; n < TAKE_GROUP && (work = work_list_take(&runner->take)); n++)
		if (write_work(runner, work, outcome) < 0)
			goto fail;
	for (work = runner->unbegun.first; work; work = work->next)
		if (settle(runner, work) < 0)
			goto fail;
	while ((work = work_list_take(&runner->returned)))
		if (let_go(runner, work, outcome) < 0)
			goto fail;
	if (!runner->stopping && claim_some(runner, outcome) < 0)
		goto fail;
	if (runner->client && client_commit(runner->client, runner->err) < 0)
		goto fail;
	phase(runner, PERSONA_PHASE_COMMIT);
	if (persona_store_commit(runner->context->store, runner->err) == 0) {
		if (runner->client)
			client_committed(runner->client);
		list_free(runner, &runner->unbegun);
		return 0;
	}
fail:
	persona_store_rollback(runner->context->store);
	if (runner->client)
		client_rolled_back(runner->client);
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

/* Hand over what has to be asked. */
static int ask(struct runner *runner, struct persona_work *work)
{
	if (!runner->client && fill_task(runner, work) < 0) {
		if (is_unreadable(work)) {
			if (!runner->finished.len)
				runner->oldest_finished_ms = now_ms(runner);
			work_list_add(&runner->finished, work);
			return 0;
		}
		(void)persona_error_set(runner->err, work->reason.code, "%s", work->reason.text);
		work_free(runner, work);
		return -1;
	}
	runner->in_flight++;
	if (!runner->client) {
		workers_submit(runner->workers, work);
		return 0;
	}
	if (client_send(runner->client, work, runner->err) == 0)
		return 0;
	runner->in_flight--;
	work_free(runner, work);
	return -1;
}

/* Ask for what is claimed. */
static int dispatch(struct runner *runner, struct work_list *claimed)
{
	struct persona_work *work;
	int rc = 0;

	if (!claimed->len)
		return 0;
	if (!runner->client && persona_store_read_begin(runner->context->store, runner->err) < 0)
		return -1;
	while (!rc && (work = work_list_take(claimed)))
		rc = ask(runner, work);
	if (!runner->client)
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
	while ((work = work_list_take(&outcome->retries)))
		work_list_add(&runner->retries, work);
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
	list_free(runner, &outcome->retries);
}

/* The long part of the prompt is made before others have to wait for us. */
static int warm_client(struct runner *runner)
{
	struct persona_work *work = runner->fresh.first;
	int rc;

	if (!work || runner->stopping || work->place.batch_id == runner->warm_batch)
		return 0;
	runner->warm_batch = work->place.batch_id;
	if (persona_store_read_begin(runner->context->store, runner->err) < 0)
		return -1;
	rc = fill_task(runner, work);
	persona_store_read_end(runner->context->store);
	/* Whatever is wrong with this one is found again when it is claimed. */
	return rc < 0 ? 0 : client_warm(runner->client, &work->task, runner->err);
}

/* What would be asked for; nothing is written and nobody is told. */
static int rehearse(struct runner *runner)
{
	struct persona_work *work;
	int rc = 0;

	while (!rc && (work = work_list_take(&runner->fresh))) {
		runner->context->estimate.work++;
		do {
			forget_request(work);
			if (runner->client && fill_task(runner, work) == 0)
				rc = client_estimate(runner->client, work, runner->err);
		} while (!rc && ++work->round < work->rounds);
		work_free(runner, work);
	}
	runner->context->estimate.work += (int64_t)runner->take.len;
	list_free(runner, &runner->take);
	return rc;
}

int transact(struct runner *runner)
{
	struct outcome outcome = { 0 };
	int rc;

	if (runner->context->options->dry_run)
		return rehearse(runner);
	if (runner->client && warm_client(runner) < 0)
		return -1;
	rc = write_and_claim(runner, &outcome);

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

/* Is there something to send, and may it be sent? */
static bool can_send(const struct runner *runner)
{
	const struct persona_work *work;

	if (!client_is_ready(runner))
		return false;
	for (work = runner->retries.first; work; work = work->next)
		if (is_due(runner, work) && (int64_t)runner->in_flight < client_view(runner->client)->in_flight)
			return true;
	return runner->fresh.len && room(runner, 0);
}

bool due(const struct runner *runner)
{
	size_t ready = runner->finished.len;

	if (runner->context->options->dry_run)
		return runner->fresh.len || runner->take.len;
	if (runner->take.len || runner->unbegun.len || runner->returned.len || ready >= COMMIT_GROUP)
		return true;
	/* A connection that is free is worth a transaction; what ends meanwhile comes with the next. */
	if (runner->client)
		return ready || can_send(runner);
	if (!runner->stopping && runner->fresh.len && runner->in_flight <= WINDOW / 2)
		return true;
	if (!ready)
		return false;
	return !runner->in_flight || now_ms(runner) - runner->oldest_finished_ms >= COMMIT_MS;
}

int64_t next_send_ms(const struct runner *runner)
{
	const struct client_view *view = client_view(runner->client);
	const struct persona_work *work;
	int64_t next = INT64_MAX;

	if (runner->stopping || view->end != PERSONA_END_DONE || view->short_of_money)
		return next;
	for (work = runner->retries.first; work; work = work->next)
		if (work->request->again_ms < next)
			next = work->request->again_ms;
	if (runner->fresh.len && room(runner, 0))
		next = 0;
	if (next != INT64_MAX && next < view->next_send_ms)
		next = view->next_send_ms;
	return next;
}
