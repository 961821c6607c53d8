/*
 * stage/draft.h - what drafting's files share:
 *
 *   plan.c   the batch: found or made, and how its calls are planned
 *   deal.c   data that are larger than a model's window, dealt over the calls; what each call is to attend to
 *   twins.c  is this persona one that the batch has?
 *   draft.c  the calls
 */
#ifndef PERSONA_STAGE_DRAFT_H
#define PERSONA_STAGE_DRAFT_H

#include "internal.h"
#include "persona/source.h"

struct twins;

struct draft {
	struct persona_sources sources; /* until the batch is found */
	char *last_note;		/* of the model, said once */
	struct persona_key key;
	int64_t key_id;
	struct persona_batch batch;
	int64_t wanted; /* what to print: this run's -n */
	int64_t next_slot;
	size_t *deals; /* personas of the batch after each deal */
	size_t deals_len;
	struct twins *twins; /* once something was taken from a model over a network */
};

/* ---- plan.c ---------------------------------------------------------- */

/* Find the batch that the settings mean, or make it; plan as many personas as are wanted. Fills draft->batch. */
int plan_batch(struct persona_context *context, struct draft *draft, struct persona_error *err) PERSONA_MUST_CHECK;

/* ---- deal.c ---------------------------------------------------------- */

/*
 * Before calls are planned for slots first_slot .. wanted: how many shares the data have to be dealt into, so that each fits
 * the context's model with its answer; *call_size is made smaller where there would be more shares than calls. Errors:
 * PERSONA_E_USAGE (a window too small for any data, or for a single record).
 */
int deal_shares(struct persona_context *context, int64_t batch_id, int64_t first_slot, int64_t wanted,
		int64_t *call_size, size_t *shares, struct persona_error *err) PERSONA_MUST_CHECK;

/* After that: write what each call from first_slot on is to attend to. Writes. */
int deal_write(struct persona_context *context, int64_t batch_id, int64_t first_slot, int64_t wanted, size_t shares,
	       struct persona_error *err) PERSONA_MUST_CHECK;

/* What was written for a call. */
struct deal {
	json_t *settings; /* owns the texts of brief */
	size_t share, shares;
	struct persona_brief brief;
};

int deal_read(struct persona_context *context, int64_t batch_id, int64_t slot, struct deal *out,
	      struct persona_error *err) PERSONA_MUST_CHECK;
void deal_release(struct deal *deal);

/*
 * What a model is shown of the data behind a persona: all, where it can take that; else what was shown to who drafted
 * it, which is what its evidence names.
 */
int deal_records(struct persona_context *context, const struct persona_place *place,
		 const struct persona_records **records, const char **identity,
		 struct persona_error *err) PERSONA_MUST_CHECK;

/* ---- twins.c --------------------------------------------------------- */

enum { SKETCH_NAME, SKETCH_ITEMS, SKETCHES };

/* What a persona is known again by, but for case, space and punctuation. */
struct sketch {
	uint64_t by[SKETCHES]; /* hash of name and occupation; of all items in whatever order; 0: nothing to go by */
	uint64_t *words;       /* hashes of all words but those of the name, ascending, each once; NULL: not wanted */
	size_t words_len, capacity;
	bool with_words;
};

/* with_words: it is to be compared with the others of its answer. */
int sketch_make(struct sketch *sketch, const struct persona *persona, bool with_words,
		struct persona_error *err) PERSONA_MUST_CHECK;
void sketch_release(struct sketch *sketch);

/* Nine of ten words are the same. */
bool sketch_alike(const struct sketch *a, const struct sketch *b);

/* What a batch has: two hashes for each persona. On the thread that owns the store. */
int twins_new(struct twins **out, struct persona_error *err) PERSONA_MUST_CHECK;
void twins_free(struct twins *twins);

/* Take in what has come to the batch since, from whatever process. */
int twins_load(struct twins *twins, struct persona_context *context, int64_t batch_id,
	       struct persona_error *err) PERSONA_MUST_CHECK;

/* Who the batch has already, in words; NULL: nobody like that. */
const char *twins_find(const struct twins *twins, const struct sketch *sketch);

/* One that has come as this revision: the newest, with all before it taken in. */
int twins_add(struct twins *twins, const struct sketch *sketch, int64_t revision_id,
	      struct persona_error *err) PERSONA_MUST_CHECK;

#endif
