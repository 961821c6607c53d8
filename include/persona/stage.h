/*
 * persona/stage.h - stages, and the one runner that drives them.
 *
 * A stage is a memoised function from revision to revision. It says how to pick work, how to
 * ask for it and how to take the answer; the runner does input, claims, worker threads, group
 * commit, output, waiting for others, progress and stopping. No argv, no printing, no exit here:
 * messages go through persona_log(). Uses: everything below.
 */
#ifndef PERSONA_STAGE_H
#define PERSONA_STAGE_H

#include "persona/base.h"
#include "persona/http.h"
#include "persona/llm.h"
#include "persona/metric.h"
#include "persona/persona.h"
#include "persona/source.h"
#include "persona/store.h"

struct persona_context;
struct persona_data;

/* ---- Work ------------------------------------------------------------ */

/* One unit of work, from being picked to being printed. */
struct persona_work {
	struct persona_place place;   /* the revision it starts from; draft: batch and first slot */
	char item[96];		      /* name of the claim; empty: it needs none */
	struct persona_task task;     /* filled by ask, for a model */
	char draw[96];		      /* filled by ask: which draw of an equal request this is; see table llm_call */
	unsigned round;		      /* answers that were taken of it already; see PERSONA_TAKE_AGAIN */
	unsigned rounds;	      /* filled by ask: answers that it takes as a rule; 0: one */
	struct persona_answer answer; /* filled on a worker thread */
	int64_t call_id;	      /* the request that was answered; 0: none was sent */
	void *state;		      /* the stage's own, ended by its release() */

	/* A failure is data, not an error of the run: class as in table `failure`, or NULL. */
	const char *failed;
	struct persona_error reason;

	struct persona_ref *out; /* references to pass on once committed */
	size_t out_len, out_capacity;
	bool silent; /* its own reference is not passed on */

	struct request *request;   /* the runner's own */
	struct persona_work *next; /* the runner's own */
};

/* Pass a reference on when the work is committed. */
int persona_work_pass(struct persona_work *work, struct persona_ref ref, struct persona_error *err) PERSONA_MUST_CHECK;

/* What picking found. */
enum persona_pick {
	PERSONA_PICK_ERROR = -1, /* the run can't go on; err is set */
	PERSONA_PICK_DONE,	 /* nothing to do: the references passed are the answer */
	PERSONA_PICK_ASK,	 /* claim the item, ask, take */
	PERSONA_PICK_TAKE,	 /* nobody needs to be asked: take in the next transaction */
	PERSONA_PICK_PARKED	 /* failed too often: passed on, and the run says so */
};

/* What taking left. */
enum persona_take {
	PERSONA_TAKE_ERROR = -1,
	PERSONA_TAKE_DONE,
	PERSONA_TAKE_MORE, /* rows remain: call again in the next transaction, the claim stays */
	PERSONA_TAKE_AGAIN /* one answer does not do: what it gave is kept, and the work is picked, claimed and asked anew */
};

/* ---- Stage ----------------------------------------------------------- */

/*
 * A stage. Everything but compute runs on the thread that owns the store. pick runs twice for what is claimed: in a
 * read transaction, and again once the claim is held, so that what somebody else finished in between is not done twice;
 * and once more for what was fenced off. What an earlier pick passed is forgotten by then.
 */
struct persona_stage {
	const char *name;

	/*
	 * Before there is a database: read what is read whole, so that what is wrong with it leaves no trace. Without the
	 * store. NULL: nothing to do. close() follows in any case.
	 */
	int (*prepare)(struct persona_context *context, struct persona_error *err);

	/* Read settings, find the key. NULL: nothing to do. */
	int (*open)(struct persona_context *context, struct persona_error *err);

	/* The first reference is about to be worked on, or for a barrier the input has ended: make the key the last used. */
	int (*begin)(struct persona_context *context, struct persona_error *err);

	/* Reads references: newest revisions that are pending, after a revision_id (as persona_store_pending_…). */
	long (*pending)(struct persona_context *context, int64_t after, struct persona_place *out, size_t max,
			struct persona_error *err);

	/* Set for a barrier: handed all places once the input has ended; next() then yields the work. */
	int (*gather)(struct persona_context *context, const struct persona_place *places, size_t len,
		      struct persona_error *err);

	/* Set for stages that make work themselves: fill work->place and state; 1 there is one, 0 no more. */
	int (*next)(struct persona_context *context, struct persona_work *work, struct persona_error *err);

	enum persona_pick (*pick)(struct persona_context *context, struct persona_work *work,
				  struct persona_error *err);

	/* Fill work->task (and draw) or state from the store. May be called more than once for a work. */
	int (*ask)(struct persona_context *context, struct persona_work *work, struct persona_error *err);

	/*
	 * On a worker thread, without the store. NULL: the context's model answers work->task. -1: the work failed (class in
	 * work->failed, else invalid), but PERSONA_E_NOMEM ends the run: it says nothing about the work.
	 */
	int (*compute)(struct persona_context *context, struct persona_work *work, struct persona_error *err);

	/* The same after the model's answer: is it what was asked for? What it cites is looked up. NULL: nothing to check. */
	int (*check)(struct persona_context *context, struct persona_work *work, struct persona_error *err);

	/* Write rows, in a write transaction, and pass references. */
	enum persona_take (*take)(struct persona_context *context, struct persona_work *work,
				  struct persona_error *err);

	/*
	 * A model's answer was no use: work->failed says how. Ask once more in this run? NULL: never. The answer counts
	 * no more, so that another is drawn. Without the store.
	 */
	bool (*again)(struct persona_context *context, struct persona_work *work);

	/*
	 * Pass what was read and will not be worked on (limit, somebody else has it, parked, failed), so that a chain
	 * carries everybody through. NULL: the work's own reference.
	 */
	int (*pass)(struct persona_context *context, struct persona_work *work, struct persona_error *err);

	/* Where a failure of this work belongs (revision or slot, key); class and message are filled in. Writes. */
	int (*blame)(struct persona_context *context, struct persona_work *work, struct persona_failure *failure,
		     struct persona_error *err);

	void (*release)(struct persona_work *work);
	void (*close)(struct persona_context *context);
};

extern const struct persona_stage persona_stage_draft, persona_stage_import, persona_stage_score, persona_stage_filter,
	persona_stage_judge, persona_stage_refine;

/* ---- Settings of the stages ------------------------------------------ */

struct persona_draft_settings {
	const char *const *from; /* files, folders, "-" */
	size_t from_len;
	const char *format;		       /* NULL: by extension */
	const struct persona_reading *reading; /* what else the user knows of the data; NULL: nothing */
	struct persona_buf
		*understood; /* filled with how the data were read, for people, when rehearsing; NULL: not wanted */
	int64_t wanted;	     /* number of personas */
	const char *label;   /* NULL: found by content and settings */
	int64_t batch_size;  /* personas per call; 0: not typed (10) */
};

struct persona_import_settings {
	const char *path; /* JSON or JSONL; "-": stdin */
};

struct persona_score_settings {
	const struct persona_registry *registry;
	const struct persona_profile *profile;
};

enum persona_only { PERSONA_ONLY_ALL, PERSONA_ONLY_PASS, PERSONA_ONLY_FAIL };

struct persona_filter_settings {
	double threshold;	/* 0..100 */
	enum persona_only only; /* whom to pass on */

	/* For persona_stage_judge, which asks the context's model; persona_stage_filter goes by the score. */
	const char *const *criteria; /* as persona_llm_criterion() knows them */
	size_t criteria_len;
	double scale;  /* the best score that the prompt asks for: 100 */
	int64_t votes; /* answers of the judge for each revision, of which the median counts; 0: one */
};

struct persona_refine_settings {
	int64_t max_rounds;
	bool unjudged; /* also those without a verdict */
};

/*
 * Register a metric that is an SQL query (see persona_store_query() for what it sees and must yield). It has scope set.
 * database: path of the database. *handle is ended with persona_metric_sql_free(), after the registry, on failure too.
 * Errors: as persona_registry_add(); what is wrong with the query itself is an error of the run that uses it, before
 * any work.
 */
int persona_metric_sql_add(struct persona_registry *registry, const char *name, const char *sql, const char *database,
			   void **handle, struct persona_error *err) PERSONA_MUST_CHECK;
void persona_metric_sql_free(void *handle);

/* ---- Models ---------------------------------------------------------- */

/* Who answers typed tasks: the built-in model, one over a network, or a test's. */
struct persona_model {
	const char *name; /* "offline:", "openai:gpt-4o" */
	int version;	  /* part of the key */
	json_t *options;  /* what the user typed that shapes answers: part of the batch and the key; NULL: nothing */

	/* On a worker thread. NULL where there is remote. */
	int (*answer)(void *payload, const struct persona_task *task, struct persona_answer *answer,
		      struct persona_error *err);
	void *payload;
	struct persona_remote *remote; /* asked over a network: the runner renders, sends, reads */
	/* It does not see the score: what it refines is kept only where the persona's own score does not fall. */
	bool is_weighed;
	void (*free)(struct persona_model *model);
};

/*
 * How a model over a network is asked. The runner does claims, money, rates and retries; who sends is a table of
 * functions.
 */
struct persona_remote {
	const struct persona_llm *llm;
	const struct persona_llm_schema *schema;
	const char *instructions;
	double temperature;	   /* below 0: the provider's default */
	int64_t max_output_tokens; /* per request */
	int64_t context_tokens;	   /* what the model can take, prompt and answer together; 0: anything */
	int64_t in_flight;	   /* requests at once */
	int64_t retries;	   /* attempts after the first; being told to wait does not count */
	int64_t patience_ms;	   /* give up when there was nothing but being told to wait for so long */
	int64_t max_cost_nusd;	   /* of one run; -1: no bound */
	struct persona_rate_limits limits;
	struct persona_price price; /* where priced: the user's, which wins over all others */
	bool priced;

	/*
	 * Send a body, which is taken; done(arg, response) is called once, on any thread. Errors: as
	 * persona_http_submit().
	 */
	int (*send)(void *payload, struct persona_buf *body, persona_http_done *done, void *arg,
		    struct persona_error *err);
	/* End what is under way: every done() has returned when this returns. */
	void (*stop)(void *payload);
	void (*stats)(void *payload,
		      struct persona_http_stats *stats); /* counters of its connections; NULL: none are kept */
	void *payload;
};

/* What a user says about a model over a network. 0 and NULL stand for the defaults in brackets. */
struct persona_model_options {
	enum persona_task_kind task; /* what it is going to be asked for */
	const char *instructions;    /* instead of those that come with the program */
	const char *const *criteria; /* of a judge */
	size_t criteria_len;
	const char *base_url;
	const char *ca_file;
	double temperature;	   /* below 0: not typed (0.7, judge 0) */
	int64_t max_output_tokens; /* (draft 4,096, refine 2,048, judge 1,024) */
	int64_t context_tokens;	   /* (as persona_llm_context_window() knows it) */
	int64_t in_flight;	   /* (10) */
	int64_t timeout_ms;	   /* (120,000; Ollama 600,000) */
	int64_t connect_timeout_ms, idle_ms;
	int64_t max_per_host;
	int64_t retries;       /* -1: the default (4) */
	int64_t patience_ms;   /* (600,000) */
	int64_t max_cost_nusd; /* -1: no bound */
	int64_t rpm, tpm;
	const char *price; /* "IN:OUT" */
	bool local_only;   /* refuse a model that is not on this host */
	bool keyless;	   /* nothing is going to be sent */
	persona_llm_environment *environment;
	void *environment_payload;
	void (*log_http)(void *payload, const char *text); /* NULL: none */
	void *log_payload;
};

/* The built-in model; *out is ended with persona_model_free(). */
int persona_model_offline(struct persona_model **out, struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * A model over a network by "PROVIDER:MODEL", with a connection pool of its own. Nothing is sent yet. Errors: those of
 * persona_llm_open(), persona_http_new() and persona_price_parse(); PERSONA_E_USAGE for options that make no sense.
 */
int persona_model_open(struct persona_model **out, const char *spec, const struct persona_model_options *options,
		       struct persona_error *err) PERSONA_MUST_CHECK;

/* Counters of the model's connections; false where it has none. */
bool persona_model_stats(const struct persona_model *model, struct persona_http_stats *stats);

void persona_model_free(struct persona_model *model);

/* ---- Runner ---------------------------------------------------------- */

enum persona_count {
	PERSONA_COUNT_READ,	 /* references read, or personas asked for */
	PERSONA_COUNT_DONE,	 /* pieces of work done */
	PERSONA_COUNT_MADE,	 /* rows made: personas, scores, verdicts, children */
	PERSONA_COUNT_UNCHANGED, /* nothing to do */
	PERSONA_COUNT_NOTHING,	 /* refine: asked, and nothing to improve */
	PERSONA_COUNT_PASSED,	 /* filter */
	PERSONA_COUNT_REJECTED,	 /* filter */
	PERSONA_COUNT_UNSCORED,	 /* filter: no score to judge by */
	PERSONA_COUNT_UNJUDGED,	 /* refine: no verdict */
	PERSONA_COUNT_EXHAUSTED, /* refine: no rounds left */
	PERSONA_COUNT_FAILED,
	PERSONA_COUNT_PARKED,
	PERSONA_COUNT_HELD,	     /* skipped with no_wait: somebody else has it */
	PERSONA_COUNT_UNKNOWN,	     /* lines of input that name no revision */
	PERSONA_COUNT_UNREADABLE,    /* draft: files of a folder that are data and could not be read */
	PERSONA_COUNT_FENCED,	     /* results not written because the claim was taken over */
	PERSONA_COUNT_PRINTED,	     /* references passed on */
	PERSONA_COUNT_NOT_KEPT,	     /* draft: personas of answers that the batch had already, or that are none */
	PERSONA_COUNT_TOP_UPS,	     /* draft: answers after which a call was asked again for what was missing */
	PERSONA_COUNT_REQUESTS,	     /* sent to a model, each attempt */
	PERSONA_COUNT_RETRIES,	     /* of these not the first */
	PERSONA_COUNT_AT_HAND,	     /* answers that were there already */
	PERSONA_COUNT_INPUT_TOKENS,  /* as reported */
	PERSONA_COUNT_OUTPUT_TOKENS, /* as reported */
	PERSONA_COUNT_COST_NUSD,     /* paid for answers */
	PERSONA_COUNT_LOST_NUSD,     /* booked for requests without an answer */
	PERSONA_COUNTS
};

/* Stable name of a counter, as in run.counts. */
const char *persona_count_name(enum persona_count count);

/* Where a process is, for tests that kill it there. */
enum persona_phase { PERSONA_PHASE_CLAIM, PERSONA_PHASE_WORK, PERSONA_PHASE_COMMIT, PERSONA_PHASE_PRINT };

struct persona_progress {
	const char *stage;
	int64_t done, total; /* references through, and to come; total -1: not known yet */
	int64_t elapsed_ms;
	int64_t in_flight, spent_nusd; /* requests under way; what was paid and lost so far */
};

struct persona_options {
	/* Input of score, filter, refine: one of the three. */
	const struct persona_ref *refs;
	size_t refs_len;
	int input_fd;		/* references, one per line; -1: none */
	const char *input_head; /* what was read from input_fd already, before the database was opened */
	size_t input_head_len;
	bool pending;

	int output_fd; /* references go there; -1: to `passed` */
	void (*passed)(void *payload, struct persona_ref ref);
	void (*progress)(void *payload, const struct persona_progress *progress); /* NULL: none; a few times a second */
	void (*phase)(void *payload, enum persona_phase phase);			  /* NULL: none; called on any thread */
	void *payload;

	int64_t limit;	   /* work on so many at most, pass the others on; 0: all */
	bool no_wait;	   /* do not wait for what others work on */
	const char *retry; /* release parked rows of this class, or "all"; NULL: none */
	bool dry_run;	   /* only find out what there is to be asked; the store should be rehearsing */
	bool fresh;	   /* answers from earlier runs do not count: ask anew for what is still to be done */
};

/* What a run would ask for. Low: as such texts and answers usually are; high: the worst that is reserved. */
struct persona_estimate {
	int64_t work;						/* pieces of work to do */
	int64_t requests;					/* to be sent for them */
	int64_t at_hand;					/* answered already */
	int64_t input_low, input_high, output_low, output_high; /* tokens */
	int64_t low_nusd, high_nusd;
	bool priced;
};

struct persona_context {
	struct persona_store *store;
	const struct persona_clock *clock; /* NULL: the system's */
	struct persona_model *model;	   /* NULL where the stage asks nobody */
	const void *settings;		   /* the stage's settings */
	const struct persona_options *options;
	int64_t counts[PERSONA_COUNTS];
	struct persona_data *data;	  /* research data by batch, kept for the run; the runner's */
	bool prepared;			  /* by persona_stage_prepare() */
	struct persona_estimate estimate; /* after a dry run */
	struct persona_error why;	  /* after PERSONA_END_BUDGET, PERSONA_END_UNUSABLE */
	struct persona_error failed;	  /* why the first of what failed did, unless it was logged */
	void *state;			  /* the stage's own, between prepare or open and close */
};

enum persona_end {
	PERSONA_END_DONE,      /* everything that was read is done (see the counts for failures) */
	PERSONA_END_STOPPED,   /* persona_stage_stop() */
	PERSONA_END_CLOSED,    /* nobody reads the output any more */
	PERSONA_END_BUDGET,    /* the money does not carry another request; the rest was passed on */
	PERSONA_END_UNUSABLE,  /* the model cannot be asked; the rest was passed on */
	PERSONA_END_UNWRITABLE /* with an error: the output cannot be written */
};

/*
 * What can be done before the store is opened (context->store is NULL): reading files, so that nothing is made where
 * they cannot be read. persona_stage_run() does it where it was not done. What it read is given back by
 * persona_stage_run(), or by persona_stage_discard() where that is never called. Errors: those of sources and JSON.
 */
int persona_stage_prepare(const struct persona_stage *stage, struct persona_context *context,
			  struct persona_error *err) PERSONA_MUST_CHECK;
void persona_stage_discard(const struct persona_stage *stage, struct persona_context *context);

/*
 * Run a stage to the end of its input. The store needs a run (persona_store_run_start). Everything that is in flight
 * when it is told to stop is finished, written and passed on. Errors: PERSONA_E_USAGE (unknown reference among refs,
 * settings that make no sense), PERSONA_E_IO (output cannot be written), those of the store, sources and JSON. After an
 * error nothing is half-written.
 */
int persona_stage_run(const struct persona_stage *stage, struct persona_context *context, enum persona_end *end,
		      struct persona_error *err) PERSONA_MUST_CHECK;

/* Ask all runners of this process to finish. Async-signal-safe. */
void persona_stage_stop(void);

/* Did anything keep a row from being done? Then the exit code is 1. */
bool persona_context_incomplete(const struct persona_context *context);

/* The counters that are not 0 as a JSON object. The caller frees; NULL: out of memory. */
char *persona_context_counts(const struct persona_context *context);

/*
 * Records of a batch, loaded once and kept for the run; identity is their SHA-256. Owner thread only; what is returned
 * may be read by workers.
 */
int persona_context_records(struct persona_context *context, int64_t batch_id, const struct persona_records **records,
			    const char **identity, struct persona_error *err) PERSONA_MUST_CHECK;

#endif
