/*
 * stage/client.h - the runner's side of a model over a network: requests from their rendering to
 * their end, with the money and the rates that bound them.
 *
 *   warm    outside of any transaction: what is long and shared
 *   begin   in the transaction that claims: an answer at hand, or a request written down and paid for in advance
 *   send    after the commit
 *   (the answer is read on the loop thread and handed to the workers, which make personas of it)
 *   end     in the transaction that writes: what it cost, and whether to take, try again, fail, or stop asking
 *   (committed, or rolled back; if nothing can be written any more: rescue)
 *
 * All but the callback of a transfer happens on the thread that owns the store.
 */
#ifndef PERSONA_STAGE_CLIENT_H
#define PERSONA_STAGE_CLIENT_H

#include "internal.h"

struct client;

/* How far a request is from its end being safe in the database. */
enum request_state {
	REQUEST_IDLE,  /* nothing of it is under way */
	REQUEST_BEGUN, /* written down in a transaction that is not through: not sent */
	REQUEST_OUT,   /* that is through: it was sent, or will be at once */
	REQUEST_ENDED  /* its end is written in a transaction that is not through */
};

/* One request of a work. */
struct request {
	struct client *client;
	struct persona_work *work;     /* NULL: done with it, it stays until the transaction is through */
	char sha256[PERSONA_HASH_HEX]; /* of the logical request */
	struct persona_buf suffix;
	struct persona_llm_request asked;
	size_t text_bytes; /* that the model has to read */
	int64_t sample;
	int64_t reserved_nusd;
	int64_t tokens;	   /* counted against --tpm */
	int64_t sent_ms;   /* Unix time */
	int64_t again_ms;  /* monotonic: not before */
	unsigned tries;	   /* how often it went out */
	unsigned attempts; /* of these those that count against --retries */
	unsigned quirks;   /* with which it went out */
	enum request_state state;
	bool came_back; /* from the workers, while it was out */
	bool at_hand;	/* the answer was there already */
	char item[96];	/* name of the claim under which it went out */
	int64_t call_id;
	int64_t if_lost_nusd;		 /* what is booked if nobody is there when it ends */
	int64_t cost_nusd, lost_nusd;	 /* of the attempt that ended last */
	struct request *previous, *next; /* in the client's list of what is not settled */
	int64_t latency_ms;
	int status; /* of HTTP; 0: none */
	struct persona_llm_reply reply;
};

/* What the runner goes by. */
struct client_view {
	int64_t in_flight;    /* how many requests may be under way */
	int64_t next_send_ms; /* monotonic: nothing is sent before */
	int64_t patience_ms;  /* --max-wait */
	bool short_of_money;  /* nothing is sent before a request has ended */
	enum persona_end end; /* PERSONA_END_DONE: it is asked; else why it is not asked any more */
	struct persona_error why;
};

/* Price, limits and salt are looked up: the store must be open. Errors: PERSONA_E_USAGE (a bound, and no price). */
int client_new(struct client **out, const char *stage, struct persona_context *context, struct workers *workers,
	       struct persona_error *err) PERSONA_MUST_CHECK;

/* Ends what is under way; the works come back by the workers. */
void client_stop(struct client *client);
void client_free(struct client *client);

const struct client_view *client_view(const struct client *client);

/* Make the long part of the prompt for a work whose task is filled. */
int client_warm(struct client *client, const struct persona_task *task, struct persona_error *err) PERSONA_MUST_CHECK;

/* A write transaction begins, or is about to be committed: what processes share is read and written with it. */
int client_transaction(struct client *client, struct persona_error *err) PERSONA_MUST_CHECK;
int client_commit(struct client *client, struct persona_error *err) PERSONA_MUST_CHECK;

enum client_begin {
	CLIENT_ERROR = -1,
	CLIENT_SEND,	/* written down: send it after the commit */
	CLIENT_AT_HAND, /* no need to: send hands the answer on */
	CLIENT_NOT_NOW	/* nothing was written: the view says until when, or that it is never */
};

/* Ask for a claimed work whose task is filled, for the first time or again. */
enum client_begin client_begin(struct client *client, struct persona_work *work, struct persona_error *err);

/* Add what the work would ask for to the context's estimate. Its task is filled. */
int client_estimate(struct client *client, struct persona_work *work, struct persona_error *err) PERSONA_MUST_CHECK;

/* Hand the request to who sends, or its answer to the workers. */
int client_send(struct client *client, struct persona_work *work, struct persona_error *err) PERSONA_MUST_CHECK;

enum client_end {
	CLIENT_END_ERROR = -1,
	CLIENT_TAKE,   /* there is an answer */
	CLIENT_FAILED, /* work->failed and reason say why */
	CLIENT_AGAIN,  /* begin again, not before request->again_ms */
	CLIENT_STOPPED /* the model is not asked any more; nothing is said about the work */
};

/* Settle the request of a work that came back. may_retry: there will be another transaction to send it again. */
enum client_end client_end(struct client *client, struct persona_work *work, bool may_retry, struct persona_error *err);

/* The work's claim was taken over: the answer is kept all the same. */
int client_keep(struct client *client, struct persona_work *work, struct persona_error *err) PERSONA_MUST_CHECK;

/* What was begun and ended in a transaction: it is through, or was never. */
void client_committed(struct client *client);
void client_rolled_back(struct client *client);

/* How many requests have come back, and the database does not know it. */
size_t client_unsettled(const struct client *client);

/*
 * The run cannot go on. Write, in a transaction of its own, how the requests ended that have come back, and give their
 * claims up: whoever runs the same again has the answers at hand. May be repeated until it succeeds.
 */
int client_rescue(struct client *client, struct persona_error *err) PERSONA_MUST_CHECK;

void request_free(struct request *request);

/* Is there an answer that personas can be made of? For workers. */
bool request_is_answered(const struct request *request);

/* ---- answer.c -------------------------------------------------------- */

/*
 * What a model wrote, as the answer to a task. Errors: PERSONA_E_FORMAT, *class then tells unparsable from invalid and
 * truncated; PERSONA_E_NOMEM.
 */
int answer_read(struct persona_answer *answer, const struct persona_task *task, const struct persona_llm_reply *reply,
		const char **class, struct persona_error *err) PERSONA_MUST_CHECK;

/* ---- judgement.c ----------------------------------------------------- */

/* A judge's JSON as one rating for each of the task's criteria, on 0..100. Errors: PERSONA_E_FORMAT, PERSONA_E_NOMEM. */
int judgement_read(struct persona_answer *answer, const struct persona_task *task, const json_t *value,
		   struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * From several judgements on the same criteria, in the same order, to one: the median of each criterion (of an even
 * number the mean of the two in the middle), how far the votes are apart, and the words of a vote nearest to the
 * median.
 */
int judgement_median(struct persona_answer *out, const struct persona_answer *votes, size_t len,
		     struct persona_error *err) PERSONA_MUST_CHECK;

#endif
