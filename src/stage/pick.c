/* What comes in, and where it has to go. */
#include "runner.h"

/* ---- Work ------------------------------------------------------------ */

int persona_work_pass(struct persona_work *work, struct persona_ref ref, struct persona_error *err)
{
	if (persona_grow((void **)&work->out, &work->out_capacity, work->out_len, sizeof *work->out, err) < 0)
		return -1;
	work->out[work->out_len++] = ref;
	return 0;
}

static struct persona_work *work_new(struct runner *runner)
{
	struct persona_work *work = calloc(1, sizeof *work);

	if (!work) {
		(void)persona_error_set(runner->err, PERSONA_E_NOMEM, "out of memory");
		return NULL;
	}
	persona_answer_init(&work->answer);
	return work;
}

void work_free(struct runner *runner, struct persona_work *work)
{
	if (!work)
		return;
	if (runner->stage->release)
		runner->stage->release(work);
	persona_answer_release(&work->answer);
	request_free(work->request);
	free(work->out);
	free(work);
}

void list_free(struct runner *runner, struct work_list *list)
{
	struct persona_work *work;

	while ((work = work_list_take(list)))
		work_free(runner, work);
}

/* ---- Passing on ------------------------------------------------------ */

int pass_itself(struct runner *runner, struct persona_work *work)
{
	if (work->silent)
		return 0;
	if (runner->stage->pass)
		return runner->stage->pass(runner->context, work, runner->err);
	if (work->out_len || !work->place.revision_id)
		return 0;
	return persona_work_pass(work, ref_of(&work->place), runner->err);
}

int hand_over(struct runner *runner, struct persona_work *work)
{
	int rc = 0;

	for (size_t i = 0; i < work->out_len && !rc; i++)
		rc = output_add(&runner->output, work->out[i], runner->err);
	runner->through += (int64_t)work->out_len;
	work->out_len = 0;
	return rc;
}

/* The second of two equal references need not wait longer than the first. */
static void release_twins(struct runner *runner, const struct persona_work *ended)
{
	struct persona_work *work;

	if (!ended->item[0])
		return;
	for (size_t len = runner->twice.len; len; len--) {
		work = work_list_take(&runner->twice);
		if (strcmp(work->item, ended->item) != 0) {
			work_list_add(&runner->twice, work);
			continue;
		}
		work_list_add(&runner->waiting, work);
		runner->next_look_ms = 0;
	}
}

int finish(struct runner *runner, struct persona_work *work)
{
	int rc;

	if (!work->out_len)
		runner->through++;
	rc = hand_over(runner, work);
	release_twins(runner, work);
	work_free(runner, work);
	return rc;
}

int pass_through(struct runner *runner, struct persona_work *work)
{
	if (pass_itself(runner, work) < 0) {
		work_free(runner, work);
		return -1;
	}
	return finish(runner, work);
}

/* ---- Picking --------------------------------------------------------- */

static bool limit_reached(const struct runner *runner)
{
	int64_t limit = runner->context->options->limit;

	return limit && (int64_t)runner->started >= limit;
}

enum persona_pick pick(struct runner *runner, struct persona_work *work)
{
	work->out_len = 0;
	return runner->stage->pick(runner->context, work, runner->err);
}

/* Put a work where its pick says. Owns work. */
static int sort_in(struct runner *runner, struct persona_work *work)
{
	int64_t *counts = runner->context->counts;

	switch (pick(runner, work)) {
	case PERSONA_PICK_DONE:
		counts[PERSONA_COUNT_UNCHANGED]++;
		return pass_through(runner, work);
	case PERSONA_PICK_PARKED:
		counts[PERSONA_COUNT_PARKED]++;
		return pass_through(runner, work);
	case PERSONA_PICK_ASK:
	case PERSONA_PICK_TAKE:
		if (limit_reached(runner) || gave_up(runner))
			return pass_through(runner, work);
		runner->started++;
		work_list_add(work->item[0] ? &runner->fresh : &runner->take, work);
		return 0;
	default:
		work_free(runner, work);
		return -1;
	}
}

bool gave_up(const struct runner *runner)
{
	return runner->client && client_view(runner->client)->end != PERSONA_END_DONE;
}

bool enough_fresh(const struct runner *runner)
{
	return runner->fresh.len + runner->take.len >= FRESH_ENOUGH ||
	       runner->output.bytes.len - runner->output.written >= OUTPUT_ENOUGH;
}

/* The first reference is about to be worked on. */
static int begin(struct runner *runner)
{
	if (runner->begun)
		return 0;
	runner->begun = true;
	return runner->stage->begin ? runner->stage->begin(runner->context, runner->err) : 0;
}

static int pick_incoming(struct runner *runner)
{
	int rc = 0;

	if (runner->incoming_next == runner->incoming_len)
		return 0;
	if (begin(runner) < 0 || persona_store_read_begin(runner->context->store, runner->err) < 0)
		return -1;
	while (!rc && runner->incoming_next < runner->incoming_len && !enough_fresh(runner)) {
		struct persona_work *work = work_new(runner);

		if (!work) {
			rc = -1;
			break;
		}
		work->place = runner->incoming[runner->incoming_next++];
		rc = sort_in(runner, work);
	}
	persona_store_read_end(runner->context->store);
	if (runner->incoming_next == runner->incoming_len)
		runner->incoming_next = runner->incoming_len = 0;
	return rc;
}

/* Stages that make their work themselves. */
static int pick_made(struct runner *runner)
{
	int rc = 0;

	while (!rc && !runner->made_all && !enough_fresh(runner)) {
		struct persona_work *work = work_new(runner);
		int more = -1;

		/* next() and begin() may write, which ends the read that was open. */
		if (work && persona_store_read_begin(runner->context->store, runner->err) == 0)
			more = runner->stage->next(runner->context, work, runner->err);
		if (more > 0 && begin(runner) < 0)
			more = -1;
		if (more > 0 && persona_store_read_begin(runner->context->store, runner->err) < 0)
			more = -1;
		if (more <= 0) {
			work_free(runner, work);
			runner->made_all = more == 0;
			rc = more;
			break;
		}
		rc = sort_in(runner, work);
	}
	persona_store_read_end(runner->context->store);
	return rc;
}

/* ---- Reading --------------------------------------------------------- */

bool is_gathering(const struct runner *runner)
{
	return runner->stage->gather && !runner->gathered;
}

bool reads_input(const struct runner *runner)
{
	return !runner->stage->next || is_gathering(runner);
}

static int read_more(struct runner *runner, bool readable)
{
	size_t before = runner->incoming_len;

	if (input_read(&runner->input, readable, &runner->incoming, &runner->incoming_len, &runner->incoming_capacity,
		       runner->err) < 0)
		return -1;
	runner->context->counts[PERSONA_COUNT_READ] += (int64_t)(runner->incoming_len - before);
	return 0;
}

/* The barrier falls once the input has ended; where nothing came, nothing is begun. */
static int gather(struct runner *runner)
{
	size_t len = runner->incoming_len;

	if (!runner->input.ended)
		return 0;
	runner->gathered = true;
	runner->incoming_len = 0;
	if (!len) {
		runner->made_all = true;
		return 0;
	}
	if (begin(runner) < 0)
		return -1;
	return runner->stage->gather(runner->context, runner->incoming, len, runner->err);
}

int fill(struct runner *runner, bool readable)
{
	if (reads_input(runner) && (is_gathering(runner) || runner->incoming_len == 0) &&
	    read_more(runner, readable) < 0)
		return -1;
	if (is_gathering(runner))
		return gather(runner);
	return runner->stage->next ? pick_made(runner) : pick_incoming(runner);
}

/*
 * Looking is a read and costs nobody anything. A claim is a write, for which others may have to wait: so
 * only a group of what is still to be done is tried each time.
 */
int look_again(struct runner *runner)
{
	size_t len = runner->waiting.len, tried = 0;
	int rc = 0;

	if (!len || now_ms(runner) < runner->next_look_ms)
		return 0;
	runner->next_look_ms = now_ms(runner) + LOOK_AGAIN_MS;
	if (persona_store_read_begin(runner->context->store, runner->err) < 0)
		return -1;
	for (; len && !rc; len--) {
		struct persona_work *work = work_list_take(&runner->waiting);
		size_t before = runner->fresh.len + runner->take.len;

		if (tried == CLAIM_GROUP) {
			work_list_add(&runner->waiting, work);
			continue;
		}
		runner->started--;
		rc = sort_in(runner, work);
		tried += runner->fresh.len + runner->take.len - before;
	}
	persona_store_read_end(runner->context->store);
	return rc;
}
