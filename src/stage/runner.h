/*
 * stage/runner.h - the runner's own state, shared by the files that make it up:
 *
 *   pick.c      what comes in, and where it has to go
 *   transact.c  claims, rows, group commit, fencing
 *   runner.c    the loop around them
 *
 *   client.c    requests to a model over a network, opening.c who sends them, ending.c what becomes of them
 *
 * Work goes from `fresh` (wants a claim) or `take` (wants only a transaction) to the worker, to `finished`, and is
 * written in group commits; what living others hold stands in `waiting`, the second of two equal references in `twice`.
 * What a model over a network did not answer comes back to `retries`. Nothing is printed before the transaction that made
 * it is through.
 */
#ifndef PERSONA_STAGE_RUNNER_H
#define PERSONA_STAGE_RUNNER_H

#include "client.h"

#define WINDOW	      64   /* pieces of work claimed and not written yet */
#define CLAIM_GROUP   32   /* claims in one transaction */
#define COMMIT_GROUP  64   /* pieces of work in one transaction, */
#define COMMIT_MS     50   /* or what has come in this time */
#define TAKE_GROUP    512  /* pieces that need no asking, in one transaction */
#define FRESH_ENOUGH  1024 /* picked and waiting for a claim */
#define LOOK_AGAIN_MS 50   /* between two looks at what others hold */
#define PROGRESS_MS   200
#define RESCUE_MS     500 /* between two looks whether the database can be written again */

struct runner {
	const struct persona_stage *stage;
	struct persona_context *context;
	struct persona_error *err;
	struct input input;
	struct output output;
	struct workers *workers;
	struct client *client; /* NULL: no model over a network is asked */

	struct persona_place *incoming; /* read, not picked yet */
	size_t incoming_len, incoming_capacity, incoming_next;

	struct work_list fresh, take, finished;
	struct work_list waiting;  /* others have it */
	struct work_list twice;	   /* we have it in work already */
	struct work_list retries;  /* claimed, to be sent again */
	struct work_list unbegun;  /* told to stop: claimed and not begun, to be given back */
	struct work_list returned; /* nobody is asked any more: claimed, to be given back and passed on */
	int64_t warm_batch;	   /* whose data the client has seen last; 0: none */
	size_t in_flight;	   /* handed to the worker */
	size_t started;		   /* pieces of work begun, for the limit */
	int64_t through;	   /* pieces and references that are through, for the progress */
	bool begun, gathered, made_all, stopping;
	int64_t oldest_finished_ms, next_look_ms, started_ms, progress_ms;
};

/* ---- runner.c -------------------------------------------------------- */

int64_t now_ms(const struct runner *runner);
void phase(struct runner *runner, enum persona_phase where);

/* What the worker has done meanwhile: to `finished`. */
void collect(struct runner *runner);

/* ---- pick.c ---------------------------------------------------------- */

void work_free(struct runner *runner, struct persona_work *work);
void list_free(struct runner *runner, struct work_list *list);

/* Ask the stage what is to be done; what an earlier look passed is forgotten. */
enum persona_pick pick(struct runner *runner, struct persona_work *work);

/* Have the work pass what was read, unless it passes something else or keeps it back. */
int pass_itself(struct runner *runner, struct persona_work *work) PERSONA_MUST_CHECK;

/* Hand over what the work passes, and end it. */
int finish(struct runner *runner, struct persona_work *work) PERSONA_MUST_CHECK;

/* Both: the way of what is not worked on. */
int pass_through(struct runner *runner, struct persona_work *work) PERSONA_MUST_CHECK;

/* Hand over what a work passes so far; it goes on. */
int hand_over(struct runner *runner, struct persona_work *work) PERSONA_MUST_CHECK;

/* No more requests go out: what is not done is passed on. */
bool gave_up(const struct runner *runner);

/* Enough is picked, or the reader downstream is too slow: no more for now. */
bool enough_fresh(const struct runner *runner);

/* Is the barrier still collecting its input? */
bool is_gathering(const struct runner *runner);

/* Does fill() take from input (or else from the stage's own next())? */
bool reads_input(const struct runner *runner);

/* Read and pick as much as can be had without waiting. readable: input_fd is. */
int fill(struct runner *runner, bool readable) PERSONA_MUST_CHECK;

/* What others had: are they through with it, or dead? */
int look_again(struct runner *runner) PERSONA_MUST_CHECK;

/* ---- transact.c ------------------------------------------------------ */

/* Is a transaction worth it now? */
bool due(const struct runner *runner);

/* When something can be sent to a model over a network; monotonic, INT64_MAX: not by time alone. */
int64_t next_send_ms(const struct runner *runner);

/* Write what is finished, claim what is fresh; commit; print; ask. */
int transact(struct runner *runner) PERSONA_MUST_CHECK;

#endif
