/*
 * stage/internal.h - what the runner's files share.
 */
#ifndef PERSONA_STAGE_INTERNAL_H
#define PERSONA_STAGE_INTERNAL_H

#include "persona/stage.h"

/* ---- Lists of work --------------------------------------------------- */

struct work_list {
	struct persona_work *first, *last;
	size_t len;
};

void work_list_add(struct work_list *list, struct persona_work *work);
void work_list_push(struct work_list *list, struct persona_work *work); /* in front */
struct persona_work *work_list_take(struct work_list *list);		/* NULL: empty */

/* ---- Workers --------------------------------------------------------- */

/* A thread that computes, without the store, and says so on a file descriptor. */
struct workers;
int workers_new(struct workers **out, const struct persona_stage *stage, struct persona_context *context,
		struct persona_error *err) PERSONA_MUST_CHECK;
void workers_free(struct workers *workers,
		  struct work_list *left); /* waits for the one being computed; the rest is in left */
void workers_submit(struct workers *workers, struct persona_work *work);
void workers_collect(struct workers *workers, struct work_list *done);	    /* moves what is finished */
void workers_take_back(struct workers *workers, struct work_list *unbegun); /* moves what no thread has begun */
int workers_fd(const struct workers *workers);				    /* readable when something is finished */

/* ---- Input ----------------------------------------------------------- */

/* References as they come: arguments, lines of a stream, or what is pending. */
struct input {
	const struct persona_stage *stage;
	struct persona_context *context;
	size_t next_ref;
	bool head_read; /* of options->input_head */
	bool ended;
	int64_t pending_after;
	char line[128]; /* the beginning of a line that has not come whole */
	size_t line_len;
	bool line_too_long;
};

void input_init(struct input *input, const struct persona_stage *stage, struct persona_context *context);

/* Does more depend on input_fd becoming readable? */
bool input_wants_fd(const struct input *input);

/*
 * Append places that can be had without waiting, at most max or what one read yields. readable: input_fd is. Sets
 * input->ended. Names what is no reference, or unknown, through persona_log() and counts it.
 */
int input_read(struct input *input, bool readable, struct persona_place **places, size_t *len, size_t *capacity,
	       struct persona_error *err) PERSONA_MUST_CHECK;

/* ---- Output ---------------------------------------------------------- */

/* References on their way to somebody who may read slowly. */
struct output {
	struct persona_context *context;
	struct persona_buf bytes;
	size_t written;
	bool closed; /* the reader is gone, or nothing can be written */
	int failure; /* errno of the latter */
};

#define OUTPUT_ENOUGH (1024 * 1024) /* bytes waiting that stop new work */

void output_init(struct output *output, struct persona_context *context);
void output_release(struct output *output);
int output_add(struct output *output, struct persona_ref ref, struct persona_error *err) PERSONA_MUST_CHECK;
bool output_waits(const struct output *output);

/* Write what can be written without blocking. What is in work is finished though nobody can be told: see closed, failure. */
void output_flush(struct output *output);

/* ---- Stopping -------------------------------------------------------- */

bool stop_asked(void);
int stop_fd(void); /* readable once stopping was asked for; -1: none could be made */

/* ---- Data ------------------------------------------------------------ */

void data_free(struct persona_data *data);

/* As persona_context_records(), but of the records only every shares-th from the share-th on. */
int context_share(struct persona_context *context, int64_t batch_id, size_t share, size_t shares,
		  const struct persona_records **records, const char **identity,
		  struct persona_error *err) PERSONA_MUST_CHECK;

/* Bytes that all records of a batch take in a prompt; counted once in a run. */
int context_prompt_bytes(struct persona_context *context, int64_t batch_id, int64_t *bytes,
			 struct persona_error *err) PERSONA_MUST_CHECK;

/* ---- Keys ------------------------------------------------------------ */

/* begin() of a stage: make a key the last used of its kind, in a transaction of its own, only if it is not. */
int key_begin(struct persona_context *context, const struct persona_key *key, int64_t *key_id,
	      struct persona_error *err) PERSONA_MUST_CHECK;

/* begin() and open() for parked rows: release them if options say so. */
int key_unpark(struct persona_context *context, const char *stage, int64_t key_id,
	       struct persona_error *err) PERSONA_MUST_CHECK;

/* Write a failure down, count it, and keep the reason of the run's first for people. Writes. */
int failure_add(struct persona_context *context, const struct persona_failure *failure,
		struct persona_error *err) PERSONA_MUST_CHECK;

/* ---- Sets of ids ----------------------------------------------------- */

/* Row ids in ascending order; cheap where they come in that order. */
struct ids {
	int64_t *items;
	size_t len, capacity;
};

bool ids_have(const struct ids *ids, int64_t id);
int ids_add(struct ids *ids, int64_t id, struct persona_error *err) PERSONA_MUST_CHECK;
void ids_release(struct ids *ids);

/* ---- Metrics --------------------------------------------------------- */

/* Can the queries among the metrics be run at all? Errors: PERSONA_E_USAGE with the metric's name. */
int sql_metrics_check(const struct persona_registry *registry, struct persona_error *err) PERSONA_MUST_CHECK;

/* ---- Verdicts -------------------------------------------------------- */

/* Count a verdict; with --only the work's reference may be kept back. */
void filter_count(struct persona_context *context, struct persona_work *work, const struct persona_verdict *verdict);

static inline struct persona_ref ref_of(const struct persona_place *place)
{
	return (struct persona_ref){ .persona_id = place->persona_id, .number = place->number };
}

#endif
