/*
 * The one loop: read, pick, claim, ask, write, print, and wait for whatever comes next. See runner.h for the way of
 * the work through it.
 */
#include <errno.h>
#include <poll.h>

#include "runner.h"

int64_t now_ms(const struct runner *runner)
{
	return runner->context->clock->monotonic_ms(runner->context->clock->payload);
}

void phase(struct runner *runner, enum persona_phase where)
{
	if (runner->context->options->phase)
		runner->context->options->phase(runner->context->options->payload, where);
}

/* ---- The loop -------------------------------------------------------- */

void collect(struct runner *runner)
{
	struct work_list done = { 0 };
	struct persona_work *work;

	workers_collect(runner->workers, &done);
	while ((work = work_list_take(&done))) {
		if (!runner->finished.len)
			runner->oldest_finished_ms = now_ms(runner);
		runner->in_flight--;
		if (work->request)
			work->request->came_back = true;
		work_list_add(&runner->finished, work);
	}
}

static void report(struct runner *runner, bool last)
{
	const struct persona_options *options = runner->context->options;
	const int64_t *counts = runner->context->counts;
	int64_t now;

	if (!options->progress)
		return;
	now = now_ms(runner);
	if (!last && now - runner->progress_ms < PROGRESS_MS)
		return;
	runner->progress_ms = now;
	options->progress(options->payload,
			  &(struct persona_progress){
				  .stage = runner->stage->name,
				  .done = runner->through,
				  .total = runner->input.ended || runner->made_all ? counts[PERSONA_COUNT_READ] : -1,
				  .elapsed_ms = now - runner->started_ms,
				  .in_flight = runner->client ? (int64_t)runner->in_flight : 0,
				  .spent_nusd = counts[PERSONA_COUNT_COST_NUSD] + counts[PERSONA_COUNT_LOST_NUSD],
			  });
}

static void move_all(struct work_list *to, struct work_list *from)
{
	struct persona_work *work;

	while ((work = work_list_take(from)))
		work_list_add(to, work);
}

/* Told to stop: what is not claimed is not started. */
static void stop_starting(struct runner *runner)
{
	/* What the worker has not begun is given back; but an answer that was paid for is not. */
	if (!runner->client)
		workers_take_back(runner->workers, &runner->unbegun);
	runner->in_flight -= runner->unbegun.len;
	move_all(&runner->unbegun, &runner->retries);
	runner->stopping = true;
	runner->input.ended = true;
	runner->made_all = true;
	runner->incoming_len = runner->incoming_next = 0;
	list_free(runner, &runner->fresh);
	list_free(runner, &runner->take);
	list_free(runner, &runner->waiting);
	list_free(runner, &runner->twice);
	if (runner->in_flight && stop_asked())
		persona_log(PERSONA_LOG_WARNING, "finishing %zu that are in work; another signal leaves at once",
			    runner->in_flight);
}

/* The model is not asked any more: what is not done is passed on, so that a chain carries everybody through. */
static int stop_asking(struct runner *runner)
{
	struct persona_work *work;

	move_all(&runner->returned, &runner->retries);
	while ((work = work_list_take(&runner->fresh)) || (work = work_list_take(&runner->waiting)))
		if (pass_through(runner, work) < 0)
			return -1;
	return 0;
}

static bool nothing_left(const struct runner *runner)
{
	bool read_all = runner->stage->next ? runner->made_all : runner->input.ended;

	return read_all && runner->incoming_next == runner->incoming_len && !runner->fresh.len && !runner->take.len &&
	       !runner->waiting.len && !runner->twice.len && !runner->in_flight && !runner->finished.len &&
	       !runner->unbegun.len && !runner->returned.len && !runner->retries.len &&
	       (!output_waits(&runner->output) || stop_asked());
}

/* Would fill() take something in, if it were there? */
static bool wants_more(const struct runner *runner)
{
	if (runner->stopping || enough_fresh(runner))
		return false;
	if (!reads_input(runner))
		return !runner->made_all;
	if (is_gathering(runner))
		return true;
	return runner->incoming_next < runner->incoming_len || !runner->input.ended;
}

/* Is that for input_fd to say? */
static bool waits_for_input(const struct runner *runner)
{
	bool has_read = !is_gathering(runner) && runner->incoming_next < runner->incoming_len;

	return wants_more(runner) && reads_input(runner) && !has_read && input_wants_fd(&runner->input);
}

/* How long to wait for an event: not at all where something can be done without, for ever where nothing will. */
static int timeout_ms(const struct runner *runner)
{
	int64_t now = now_ms(runner), until = INT64_MAX;

	if (due(runner) || (wants_more(runner) && !waits_for_input(runner)))
		return 0;
	if (runner->finished.len)
		until = runner->oldest_finished_ms + COMMIT_MS;
	if (runner->client && next_send_ms(runner) < until)
		until = next_send_ms(runner);
	if (runner->waiting.len && !runner->stopping && runner->next_look_ms < until)
		until = runner->next_look_ms;
	if (runner->context->options->progress && runner->progress_ms + PROGRESS_MS < until)
		until = runner->progress_ms + PROGRESS_MS;
	if (until == INT64_MAX)
		return -1;
	if (until <= now)
		return 0;
	/* A clock that jumps must not put us to sleep. */
	return until - now < PROGRESS_MS ? (int)(until - now) : PROGRESS_MS;
}

static int wait_for_events(struct runner *runner, bool *readable)
{
	struct pollfd events[4] = {
		{ .fd = workers_fd(runner->workers), .events = POLLIN },
		{ .fd = runner->stopping ? -1 : stop_fd(), .events = POLLIN },
		{ .fd = -1, .events = POLLIN },
		{ .fd = -1, .events = POLLOUT },
	};

	if (waits_for_input(runner))
		events[2].fd = runner->context->options->input_fd;
	if (!runner->output.closed)
		events[3].fd = runner->context->options->output_fd;
	if (!output_waits(&runner->output))
		events[3].events = 0;
	if (poll(events, 4, timeout_ms(runner)) < 0 && errno != EINTR)
		return persona_error_set(runner->err, PERSONA_E_IO, "cannot wait for events: %s", strerror(errno));
	*readable = events[2].fd >= 0 && events[2].revents;
	/* Whoever was to read has gone: better known before more is paid for than at the next write. */
	if ((events[3].revents & POLLERR) && !output_waits(&runner->output))
		runner->output.closed = true;
	return 0;
}

static int loop(struct runner *runner)
{
	bool readable = false;

	while (!nothing_left(runner)) {
		if ((stop_asked() || runner->output.closed) && !runner->stopping)
			stop_starting(runner);
		if (!runner->stopping && (look_again(runner) < 0 || fill(runner, readable) < 0))
			return -1;
		collect(runner);
		if (due(runner) && transact(runner) < 0)
			return -1;
		if (gave_up(runner) && !runner->stopping && stop_asking(runner) < 0)
			return -1;
		output_flush(&runner->output);
		report(runner, false);
		if (nothing_left(runner))
			break;
		if (wait_for_events(runner, &readable) < 0)
			return -1;
	}
	report(runner, true);
	return 0;
}

/* ---- When the database can't be written -------------------------------- */

/* Will it pass if we wait? */
static bool may_pass(enum persona_error_code code)
{
	return code == PERSONA_E_FULL || code == PERSONA_E_BUSY;
}

/* Until something comes back, or a while has passed: false where somebody says meanwhile that we are to stop. */
static bool wait_a_while(struct runner *runner, bool told_before)
{
	struct pollfd events[2] = {
		{ .fd = workers_fd(runner->workers), .events = POLLIN },
		{ .fd = told_before ? -1 : stop_fd(), .events = POLLIN },
	};

	(void)poll(events, 2, RESCUE_MS);
	collect(runner);
	return told_before || !stop_asked();
}

/*
 * The disk is full, and answers are paid for. They are let come in, and kept as soon as there is room; then the same command
 * can go on where this one ends. Nothing else is written.
 */
static void rescue(struct runner *runner)
{
	int64_t until = now_ms(runner) + client_view(runner->client)->patience_ms;
	size_t answers = client_unsettled(runner->client) + runner->in_flight;
	struct persona_error why = *runner->err;
	bool told = stop_asked();
	int rc;

	if (!answers || !may_pass(why.code))
		return;
	persona_log(PERSONA_LOG_WARNING, "%s: waiting up to %lld s to keep %zu answer%s that will be paid for",
		    why.code == PERSONA_E_FULL ? "the disk is full" : "the database is held by another program",
		    (long long)(until - now_ms(runner) + 999) / 1000, answers, answers == 1 ? "" : "s");
	while (runner->in_flight && now_ms(runner) < until && wait_a_while(runner, told))
		;
	while ((rc = client_rescue(runner->client, &why)) < 0 && may_pass(why.code) && now_ms(runner) < until &&
	       wait_a_while(runner, told))
		;
	answers = runner->in_flight + (rc < 0 ? client_unsettled(runner->client) : 0);
	if (answers)
		persona_log(PERSONA_LOG_FAILURE, "%zu answer%s could not be kept: booked as lost, and asked for again",
			    answers, answers == 1 ? "" : "s");
	else
		persona_log(PERSONA_LOG_WARNING, "the answers are kept: the same command goes on from there");
}

static void runner_release(struct runner *runner)
{
	struct work_list left = { 0 };

	/* Its works come back to the workers. */
	client_stop(runner->client);
	workers_free(runner->workers, &left);
	list_free(runner, &left);
	list_free(runner, &runner->fresh);
	list_free(runner, &runner->take);
	list_free(runner, &runner->waiting);
	list_free(runner, &runner->twice);
	list_free(runner, &runner->finished);
	list_free(runner, &runner->unbegun);
	list_free(runner, &runner->returned);
	list_free(runner, &runner->retries);
	client_free(runner->client);
	output_release(&runner->output);
	free(runner->incoming);
}

int persona_stage_prepare(const struct persona_stage *stage, struct persona_context *context, struct persona_error *err)
{
	if (context->prepared)
		return 0;
	context->prepared = true;
	return stage->prepare ? stage->prepare(context, err) : 0;
}

void persona_stage_discard(const struct persona_stage *stage, struct persona_context *context)
{
	if (stage->close)
		stage->close(context);
	data_free(context->data);
	context->data = NULL;
	context->prepared = false;
}

static int say_end(const struct runner *runner, enum persona_end *end)
{
	if (runner->output.failure) {
		*end = PERSONA_END_UNWRITABLE;
		return persona_error_set(runner->err, PERSONA_E_IO, "cannot write references: %s",
					 strerror(runner->output.failure));
	}
	/* Whoever reads may have been told to stop just as we were. */
	if (stop_asked())
		*end = PERSONA_END_STOPPED;
	else if (runner->output.closed)
		*end = PERSONA_END_CLOSED;
	else if (gave_up(runner))
		*end = client_view(runner->client)->end;
	if (gave_up(runner))
		runner->context->why = client_view(runner->client)->why;
	return 0;
}

int persona_stage_run(const struct persona_stage *stage, struct persona_context *context, enum persona_end *end,
		      struct persona_error *err)
{
	struct runner runner = { .stage = stage, .context = context, .err = err };
	int rc = -1;

	*end = PERSONA_END_DONE;
	if (!context->clock)
		context->clock = persona_clock_system();
	runner.started_ms = runner.progress_ms = now_ms(&runner);
	input_init(&runner.input, stage, context);
	output_init(&runner.output, context);
	if (stop_fd() < 0) {
		(void)persona_error_set(err, PERSONA_E_IO, "cannot make an event descriptor: %s", strerror(errno));
		goto out;
	}
	if (persona_stage_prepare(stage, context, err) < 0)
		goto out;
	if (stage->open && stage->open(context, err) < 0)
		goto out;
	if (workers_new(&runner.workers, stage, context, err) < 0)
		goto out;
	if (context->model && context->model->remote &&
	    client_new(&runner.client, stage->name, context, runner.workers, err) < 0)
		goto out;
	rc = loop(&runner);
	if (rc == 0)
		rc = say_end(&runner, end);
	else if (runner.client)
		rescue(&runner);
out:
	runner_release(&runner);
	persona_stage_discard(stage, context);
	return rc;
}
