/*
 * stage/exchange.h - what the parts of the client share: opening.c, which makes it, client.c, up to the request that
 * goes out, and ending.c, from the answer on.
 */
#ifndef PERSONA_STAGE_EXCHANGE_H
#define PERSONA_STAGE_EXCHANGE_H

#include "client.h"

/* The long part of the prompts about one set of records. */
struct prefix {
	char records_id[PERSONA_HASH_HEX];
	struct persona_llm_prefix *text;
	bool kept;	     /* the database has it */
	int64_t most_tokens; /* of the requests that began with it, by their answers; 0: none has come */
	size_t least_bytes;  /* of these requests */
};

struct client {
	const char *stage;
	struct persona_context *context;
	struct persona_remote *remote;
	struct workers *workers;
	struct client_view view;
	struct persona_endpoint shared; /* read anew in every transaction */
	bool shared_changed;
	char key_tag[PERSONA_HASH_HEX];
	struct persona_price price;
	bool priced;
	bool bounded; /* somebody has said how much may be spent */
	struct prefix *prefixes;
	size_t prefixes_len, prefixes_capacity;
	int64_t reserved_nusd, spent_nusd; /* of this run */
	int64_t under_way;
	struct persona_llm_lengths lengths; /* of answers, as they were when next_look was set */
	int64_t ended, next_look;	    /* requests that have come back; and when to look at lengths again */
	struct request *unsettled;	    /* what went out, or was to, and is not settled by a commit: a list */
	uint64_t random;
};

int64_t unix_now(const struct client *client);
int64_t monotonic_now(const struct client *client);

/* The part of client->shared that bounds rates. */
struct persona_rate_state rate_of(const struct persona_endpoint *shared);
void set_rate(struct client *client, const struct persona_rate_state *rate);
struct persona_llm_ratio ratio_of(const struct persona_endpoint *shared);

/* No request goes out any more. The first reason is the one that is told. */
void give_up(struct client *client, enum persona_end end, const char *text);

/* Tokens that a request has at most, by what is known now. */
int64_t input_of(const struct client *client, const struct request *request);

/* What is booked for a request if n are lost together. */
int64_t lost_nusd(const struct client *client, const struct request *request, int64_t n);

/* What is booked for those that are under way, by what is known now; now and then. */
int value_what_is_out(struct client *client, struct persona_error *err) PERSONA_MUST_CHECK;

/* In the list of what is not settled, from when it is written down until its end is committed. */
void request_link(struct request *request);
void request_unlink(struct request *request);

#endif
