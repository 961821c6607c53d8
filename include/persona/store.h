/*
 * persona/store.h - the shared SQLite database: typed rows, claims, and who lives.
 *
 * One handle per thread. Many processes may have the same database open: writers take turns by a lock in
 * the file DATABASE-live, where every run also locks a byte of its own as long as it lives. Nothing here
 * waits on a network or computes while a transaction is open. All times are Unix seconds, UTC.
 *
 * Errors everywhere: PERSONA_E_DB (not ours, damaged, newer, or the file system refuses), PERSONA_E_FULL (no room),
 * PERSONA_E_BUSY (another program holds the database for more than a minute), PERSONA_E_NOMEM. Functions that look
 * something up return 1 found, 0 not found, -1 error. Uses: base, text, json, persona.
 */
#ifndef PERSONA_STORE_H
#define PERSONA_STORE_H

#include <jansson.h>

#include "persona/base.h"
#include "persona/persona.h"

struct persona_store;

enum persona_store_mode {
	PERSONA_STORE_READ,  /* changes nothing; the database must exist */
	PERSONA_STORE_WRITE, /* the database must exist */
	PERSONA_STORE_CREATE /* made when missing */
};

/*
 * For a program in whose process nobody else uses SQLite: leave out what only others would want to know (how much
 * memory SQLite has; counting it is a tenth of the work of every row). To be called before all else of this header,
 * while there is one thread; later it has no effect.
 */
void persona_store_own_process(void);

/*
 * Open the database at path. A current database is not written to; an older one is migrated (not in mode READ).
 * Refused: a network file system, another application's file, a newer schema. clock NULL: the system's.
 * On success *out is the caller's, to end with persona_store_close().
 */
int persona_store_open(struct persona_store **out, const char *path, enum persona_store_mode mode,
		       const struct persona_clock *clock, struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * From now on nothing is kept: everything that is written until the handle is closed is one transaction, which is
 * rolled back then. begin and commit do nothing meanwhile, and other writers wait: for looking what a run would do.
 */
int persona_store_rehearse(struct persona_store *store, struct persona_error *err) PERSONA_MUST_CHECK;

/* Close; an open transaction is rolled back, this handle's run counts as dead. NULL is allowed. */
void persona_store_close(struct persona_store *store);

/* ---- Transactions ---------------------------------------------------- */

/*
 * A write transaction: waits for its turn, then looks whether the file and its schema are still ours. Every function
 * below that says "writes" must be called inside one. A failed function leaves the transaction open: roll back.
 */
int persona_store_begin(struct persona_store *store, struct persona_error *err) PERSONA_MUST_CHECK;
int persona_store_commit(struct persona_store *store, struct persona_error *err) PERSONA_MUST_CHECK;
void persona_store_rollback(struct persona_store *store);

/* A short read transaction around several look-ups: faster, and one state. Nested in a write transaction it does nothing. */
int persona_store_read_begin(struct persona_store *store, struct persona_error *err) PERSONA_MUST_CHECK;
void persona_store_read_end(struct persona_store *store);

/* ---- Runs and claims ------------------------------------------------- */

struct persona_run_info {
	const char *tool;
	const char *arguments; /* JSON array of argv, without secrets */

	/* Name of the chain that shares a bound on money, NULL: none. Who comes first says how much. */
	const char *chain;
	int64_t chain_budget_nusd;
};

/* Write down that this program runs and lock its byte. Own transaction. */
int persona_store_run_start(struct persona_store *store, const struct persona_run_info *info,
			    struct persona_error *err) PERSONA_MUST_CHECK;

/* Write down how it ended (counts: JSON object) and give its claims back. Own transaction. */
int persona_store_run_finish(struct persona_store *store, int exit_code, const char *counts,
			     struct persona_error *err) PERSONA_MUST_CHECK;

/* Id of this handle's run, 0 before persona_store_run_start(). */
int64_t persona_store_run_id(const struct persona_store *store);

/* Give back what runs that are dead had claimed and reserved. Writes. */
int persona_store_bury(struct persona_store *store, struct persona_error *err) PERSONA_MUST_CHECK;

enum persona_claim { PERSONA_CLAIM_TAKEN, PERSONA_CLAIM_OURS, PERSONA_CLAIM_HELD };

/*
 * Claim an item for this run. TAKEN: it is ours now (its owner, if there was one, is dead). OURS: it was ours before. HELD: a
 * living run has it. Writes.
 */
int persona_store_claim(struct persona_store *store, const char *stage, const char *item, int64_t reserved_nusd,
			enum persona_claim *out, struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * Fencing. Whoever settles work first gives up his claim in the same transaction: 1 it was still
 * ours, 0 somebody took it over, write no result. persona_store_claim_held() asks without giving up. Write.
 */
int persona_store_claim_settle(struct persona_store *store, const char *stage, const char *item,
			       struct persona_error *err) PERSONA_MUST_CHECK;
int persona_store_claim_held(struct persona_store *store, const char *stage, const char *item,
			     struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * Reserve the worst that the item's request can cost, in the claim, in the ledger and in that of the run's chain: 1
 * reserved, 0 the budget of the database or of the chain does not carry it. What the claim had reserved before must be
 * paid first. Writes.
 */
int persona_store_claim_reserve(struct persona_store *store, const char *stage, const char *item, int64_t nusd,
				struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * Turn what the claim has reserved into what was spent: 1, or 0 where the claim is no longer ours (then it is booked
 * already). Writes.
 */
int persona_store_claim_pay(struct persona_store *store, const char *stage, const char *item, int64_t spent_nusd,
			    struct persona_error *err) PERSONA_MUST_CHECK;

/* ---- Keys ------------------------------------------------------------ */

/* Settings of a stage: hash is of the settings that shape answers. */
struct persona_key {
	const char *stage;
	char sha256[PERSONA_HASH_HEX];
	char *settings; /* JSON, with bounds that are not in the hash */
};

/* Fill a key: settings = shaping members and bounds (NULL: none) in one object. release frees. */
int persona_key_make(struct persona_key *out, const char *stage, const json_t *shaping, const json_t *bounds,
		     struct persona_error *err) PERSONA_MUST_CHECK;
void persona_key_release(struct persona_key *key);

/* The key's id, if it was ever used. */
int persona_store_key_find(struct persona_store *store, const struct persona_key *key, int64_t *key_id,
			   struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * Is the key known, with these settings, and the one last used of its kind? Then persona_store_key_use() would change
 * nothing.
 */
int persona_store_key_is_last(struct persona_store *store, const struct persona_key *key, int64_t *key_id,
			      struct persona_error *err) PERSONA_MUST_CHECK;

/* Make the key the one last used of its kind (judge and filter are one kind). Writes. */
int persona_store_key_use(struct persona_store *store, const struct persona_key *key, int64_t *key_id,
			  struct persona_error *err) PERSONA_MUST_CHECK;

/* The key of a stage last used. */
int persona_store_key_last(struct persona_store *store, const char *stage, int64_t *key_id,
			   struct persona_error *err) PERSONA_MUST_CHECK;

/* ---- Sources and batches --------------------------------------------- */

/* Id of a source with that content, read that way. */
int persona_store_source_find(struct persona_store *store, const char *sha256, const char *media_type,
			      int64_t *source_id, struct persona_error *err) PERSONA_MUST_CHECK;

/* Add a source with its records. Writes. */
int persona_store_source_add(struct persona_store *store, const char *uri, const char *sha256, const char *media_type,
			     int64_t size_bytes, const struct persona_records *records, int64_t *source_id,
			     struct persona_error *err) PERSONA_MUST_CHECK;

struct persona_batch {
	int64_t batch_id;
	char *label;		       /* NULL: none */
	char sha256[PERSONA_HASH_HEX]; /* identity when found without a label */
	int64_t wanted;
	char *settings; /* JSON */
};

void persona_batch_release(struct persona_batch *batch);

/* A batch by its label, or by its identity where label is NULL. out is initialised by the call. */
int persona_store_batch_find(struct persona_store *store, const char *label, const char *sha256,
			     struct persona_batch *out, struct persona_error *err) PERSONA_MUST_CHECK;

/* Add a batch drawing from the sources given. Writes; sets batch->batch_id. */
int persona_store_batch_add(struct persona_store *store, struct persona_batch *batch, const int64_t *source_ids,
			    size_t sources_len, struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * Plan a batch up to `wanted` personas: another deal in calls of call_size slots, and the personas' rows in slot order.
 * Writes; does nothing where as many are planned already.
 */
int persona_store_batch_extend(struct persona_store *store, int64_t batch_id, int64_t wanted, int64_t call_size,
			       struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * Figures of the batch's personas as a JSON object with "personas"; those of fewer never take the place of those of
 * more. Writes.
 */
int persona_store_batch_figures(struct persona_store *store, int64_t batch_id, const char *figures,
				struct persona_error *err) PERSONA_MUST_CHECK;

/* A planned call. */
struct persona_plan {
	int64_t first_slot, slots, deal;
};

/* The planned calls of a batch after a slot, in order; returns how many were filled in, -1 error. */
long persona_store_plans(struct persona_store *store, int64_t batch_id, int64_t after_slot, struct persona_plan *out,
			 size_t max, struct persona_error *err) PERSONA_MUST_CHECK;

/* How many personas the batch has when each of its deals is done, in order. *totals is the caller's to free. */
int persona_store_deals(struct persona_store *store, int64_t batch_id, size_t **totals, size_t *len,
			struct persona_error *err) PERSONA_MUST_CHECK;

/* What a planned call is to attend to, as JSON; see the stage that wrote it. Writes. */
int persona_store_plan_settle(struct persona_store *store, int64_t batch_id, int64_t first_slot, const char *settings,
			      struct persona_error *err) PERSONA_MUST_CHECK;

/* The same of the call that a slot belongs to: 1 and *settings, which the caller frees; 0: the slot was never planned. */
int persona_store_plan_of(struct persona_store *store, int64_t batch_id, int64_t slot, char **settings,
			  struct persona_error *err) PERSONA_MUST_CHECK;

/* How many of the personas in slots 1 .. slots there are: all that were planned but those that were forgotten. */
int persona_store_batch_kept(struct persona_store *store, int64_t batch_id, int64_t slots, int64_t *out,
			     struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * "Name, occupation" of the personas in slots first_slot .. last_slot as they were drafted, the last slots first, at
 * most max.
 */
int persona_store_batch_names(struct persona_store *store, int64_t batch_id, int64_t first_slot, int64_t last_slot,
			      size_t max, char ***names, size_t *len, struct persona_error *err) PERSONA_MUST_CHECK;
void persona_names_free(char **names, size_t len);

/* The records that a batch draws from, and an identity of them. records is initialised by the call. */
int persona_store_batch_records(struct persona_store *store, int64_t batch_id, struct persona_records *records,
				char identity[PERSONA_HASH_HEX], struct persona_error *err) PERSONA_MUST_CHECK;

/* How many records that is. */
int persona_store_batch_records_count(struct persona_store *store, int64_t batch_id, int64_t *count,
				      struct persona_error *err) PERSONA_MUST_CHECK;

/* ---- Personas and revisions ------------------------------------------ */

/* What pipes carry: 42.1. Number 0 means the newest revision. */
struct persona_ref {
	int64_t persona_id;
	int64_t number;
};

/* Read "42.1" or "42"; nothing else. Errors: PERSONA_E_FORMAT. */
int persona_ref_parse(struct persona_ref *out, const char *text, struct persona_error *err) PERSONA_MUST_CHECK;

/* A revision's place, without its content. */
struct persona_place {
	int64_t revision_id;
	int64_t persona_id;
	int64_t number;
	int64_t batch_id;
	int64_t slot;
};

/* First revisions of a batch after a revision_id, in that order; returns how many were filled in, -1 error. */
long persona_store_batch_drafts(struct persona_store *store, int64_t batch_id, int64_t after, struct persona_place *out,
				size_t max, struct persona_error *err) PERSONA_MUST_CHECK;

int persona_store_resolve(struct persona_store *store, struct persona_ref ref, struct persona_place *out,
			  struct persona_error *err) PERSONA_MUST_CHECK;

/* The slot's persona and its first revision; out->revision_id is 0 when there is none yet. */
int persona_store_slot(struct persona_store *store, int64_t batch_id, int64_t slot, struct persona_place *out,
		       struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * The content of a revision. out is initialised by the call. Errors besides: PERSONA_E_NOTFOUND, PERSONA_E_FORMAT (somebody
 * edited it into what cannot be read).
 */
int persona_store_revision_load(struct persona_store *store, int64_t revision_id, struct persona *out,
				struct persona_error *err) PERSONA_MUST_CHECK;

struct persona_revision_origin {
	const char *stage; /* draft, refine, import */
	int64_t persona_id;
	int64_t parent_id;	    /* 0: none */
	int64_t key_id;		    /* 0: none */
	int64_t call_id;	    /* 0: none */
	const char *content_sha256; /* imports, else NULL */
};

/* Add a persona's next revision with its traits and evidence. Writes; out gets its place. */
int persona_store_revision_add(struct persona_store *store, const struct persona_revision_origin *origin,
			       const struct persona *persona, struct persona_place *out,
			       struct persona_error *err) PERSONA_MUST_CHECK;

/* The persona imported under an origin, and its import revision with that content (revision_id 0: other content). */
int persona_store_import_find(struct persona_store *store, int64_t batch_id, const char *origin,
			      const char *content_sha256, struct persona_place *out,
			      struct persona_error *err) PERSONA_MUST_CHECK;

/* Add a persona that was made elsewhere, at the batch's next slot. Writes; out->revision_id is 0. */
int persona_store_import_add(struct persona_store *store, int64_t batch_id, const char *origin,
			     struct persona_place *out, struct persona_error *err) PERSONA_MUST_CHECK;

/* ---- Populations and scores ------------------------------------------ */

/* The newest revision of every persona of a batch, in slot order. *out is the caller's, freed with free(). */
int persona_store_batch_newest(struct persona_store *store, int64_t batch_id, struct persona_place **out, size_t *len,
			       struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * A population by its members (ascending by slot, one per persona): its content hash is of the batch's
 * identity and the members' slots and numbers. found: 1 it exists and is the one last used of its batch.
 */
struct persona_population {
	int64_t population_id; /* 0: not stored yet */
	int64_t batch_id;
	char sha256[PERSONA_HASH_HEX];
	int64_t members;
	int64_t newest_through; /* 0: some member is not the newest */
};
int persona_store_population_find(struct persona_store *store, struct persona_population *population,
				  const struct persona_place *members, size_t len,
				  struct persona_error *err) PERSONA_MUST_CHECK;

/* Store it, or make it the one last used. Writes. */
int persona_store_population_use(struct persona_store *store, struct persona_population *population,
				 struct persona_error *err) PERSONA_MUST_CHECK;

/* One row of metric_score. */
struct persona_metric_row {
	const char *metric;
	bool measured;
	double value, weight;
	char *issues; /* a JSON array; the caller's */
};

/* One row of score with its metrics. */
struct persona_score_row {
	int64_t revision_id, key_id;
	int64_t population_id; /* 0: none */
	bool measured;	       /* overall and level are known */
	bool own_measured;
	double overall, own;
	const char *level;
	const struct persona_metric_row *metrics;
	size_t metrics_len;
};

int persona_store_score_exists(struct persona_store *store, int64_t revision_id, int64_t key_id, int64_t population_id,
			       struct persona_error *err) PERSONA_MUST_CHECK;

/* A revision that needs no score. */
struct persona_settled {
	int64_t revision_id;
	bool parked; /* it has none, and is not asked again */
};

/*
 * Who of the population's batch has a score in it under the key, or is parked: by revision_id, in one query. *out is the
 * caller's to free().
 */
int persona_store_scores_settled(struct persona_store *store, const struct persona_population *population,
				 int64_t key_id, struct persona_settled **out, size_t *len,
				 struct persona_error *err) PERSONA_MUST_CHECK;

/* Add a score. Writes. */
int persona_store_score_add(struct persona_store *store, const struct persona_score_row *row,
			    struct persona_error *err) PERSONA_MUST_CHECK;

/* One row of scoring: what a set is as a whole, under a key. */
struct persona_scoring_row {
	int64_t key_id, population_id;
	int64_t members;
	bool measured; /* overall is known */
	double overall;
	int64_t levels[5]; /* failing first */
	int64_t similar_pairs, records, records_used;
	double mtld; /* 0: not measured */
	const struct persona_scoring_metric {
		const char *metric;
		int64_t measured;
		double mean; /* where measured is above 0 */
	} * metrics;
	size_t metrics_len;
};

/* Add it, or find the one that is there. Writes. */
int persona_store_scoring_add(struct persona_store *store, const struct persona_scoring_row *row, int64_t *scoring_id,
			      struct persona_error *err) PERSONA_MUST_CHECK;

/* Two revisions that are too similar, in whatever order. A pair that is there stays as it is. Writes. */
int persona_store_similar_add(struct persona_store *store, int64_t scoring_id, int64_t revision_id, int64_t other_id,
			      double similarity, struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * The scoring that a revision's score (persona_store_standing()) belongs to: 1 and a JSON object with the columns of
 * table scoring, "profile", "metrics" (rows of scoring_metric) and "similar" (reference, similarity; the nearest
 * first), which is the caller's reference; 0: there is none.
 */
int persona_store_scoring_of(struct persona_store *store, int64_t revision_id, json_t **out,
			     struct persona_error *err) PERSONA_MUST_CHECK;

/* When a revision was made. */
int persona_store_revision_created(struct persona_store *store, int64_t revision_id, int64_t *created_at,
				   struct persona_error *err) PERSONA_MUST_CHECK;

/* A revision's score as filter and the views read it: under the score key last used, of the population last used. */
struct persona_standing {
	int64_t score_id, key_id;
	bool measured;
	double overall;
};
int persona_store_standing(struct persona_store *store, int64_t revision_id, struct persona_standing *out,
			   struct persona_error *err) PERSONA_MUST_CHECK;

/* ---- Evaluations ------------------------------------------------------ */

/* What a judge said of a revision under a key: 1 and *overall, or 0. */
int persona_store_evaluation_find(struct persona_store *store, int64_t revision_id, int64_t key_id, double *overall,
				  struct persona_error *err) PERSONA_MUST_CHECK;

struct persona_evaluation {
	int64_t revision_id, key_id;
	double overall; /* 0..100 */
	int64_t votes;	/* answers behind it */
	const struct persona_rating *ratings;
	size_t ratings_len;
};

/* Add one, as the next sample. Writes. */
int persona_store_evaluation_add(struct persona_store *store, const struct persona_evaluation *evaluation,
				 struct persona_error *err) PERSONA_MUST_CHECK;

/* ---- Verdicts and refinements ---------------------------------------- */

struct persona_verdict {
	int64_t revision_id;
	int64_t basis; /* key: judge or score */
	bool passed;
	double threshold, value;
};

/* Is there such a verdict, equal in everything? */
int persona_store_verdict_same(struct persona_store *store, const struct persona_verdict *verdict,
			       struct persona_error *err) PERSONA_MUST_CHECK;

/* Write it or update it in place; a verdict that is there is left untouched. Writes. */
int persona_store_verdict_put(struct persona_store *store, const struct persona_verdict *verdict,
			      struct persona_error *err) PERSONA_MUST_CHECK;

enum persona_judged { PERSONA_UNJUDGED, PERSONA_PASSED, PERSONA_FAILED };

/* The verdicts on a revision under the judge key and the score key last used: FAILED if any fails. */
int persona_store_judged(struct persona_store *store, int64_t revision_id, enum persona_judged *out,
			 struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * Why it should be better: what the judge whose verdict fails (under the judge key last used) found below the
 * threshold, then the issues of the score it stands on, where the verdict by that fails or there is no verdict at all.
 * *out is the caller's: persona_reasons_free().
 */
int persona_store_reasons(struct persona_store *store, int64_t revision_id, struct persona_reason **out, size_t *len,
			  struct persona_error *err) PERSONA_MUST_CHECK;
void persona_reasons_free(struct persona_reason *reasons, size_t len);

/* How many refinements a revision has behind it, itself included. */
int persona_store_rounds(struct persona_store *store, int64_t revision_id, int64_t *rounds,
			 struct persona_error *err) PERSONA_MUST_CHECK;

/* What refining a revision under a key gave (highest sample): child->revision_id 0 means nothing to improve. */
int persona_store_refinement_find(struct persona_store *store, int64_t revision_id, int64_t key_id,
				  struct persona_place *child, struct persona_error *err) PERSONA_MUST_CHECK;

/* Write it down. sample -1: the next. child_id 0: nothing to improve. Writes. */
int persona_store_refinement_add(struct persona_store *store, int64_t revision_id, int64_t key_id, int64_t sample,
				 int64_t child_id, struct persona_error *err) PERSONA_MUST_CHECK;

/* ---- Pending work ---------------------------------------------------- */

/*
 * Newest revisions after a revision_id that a stage has something to do on, in order of revision_id; fills at most max
 * and returns how many, 0 at the end, -1 error. One short query per call, none stays open.
 */
long persona_store_pending_score(struct persona_store *store, int64_t key_id, int64_t after, struct persona_place *out,
				 size_t max, struct persona_error *err) PERSONA_MUST_CHECK;
/* basis: a judge key; 0: the score key last used, where a verdict on a value that is no longer the score is to be given anew. */
long persona_store_pending_filter(struct persona_store *store, int64_t basis, int64_t after, struct persona_place *out,
				  size_t max, struct persona_error *err) PERSONA_MUST_CHECK;
long persona_store_pending_refine(struct persona_store *store, int64_t key_id, int64_t max_rounds, bool unjudged,
				  int64_t after, struct persona_place *out, size_t max,
				  struct persona_error *err) PERSONA_MUST_CHECK;

/* ---- Failures -------------------------------------------------------- */

#define PERSONA_ATTEMPTS 3 /* failures of one class under one key after which a row is parked */

struct persona_failure {
	const char *stage;
	int64_t revision_id; /* or, where there is none yet: */
	int64_t batch_id, slot;
	int64_t key_id;
	const char *class
		; /* auth, quota, rate, server, timeout, network, refused, truncated, unparsable, invalid, budget */
	const char *message;
	int64_t call_id; /* 0: none */
};

/* Write it down; *parked (NULL allowed): this was one too many. Writes. */
int persona_store_failure_add(struct persona_store *store, const struct persona_failure *failure, bool *parked,
			      struct persona_error *err) PERSONA_MUST_CHECK;

/* Is the revision (or slot) parked at that stage under that key? */
int persona_store_parked(struct persona_store *store, const struct persona_failure *where,
			 struct persona_error *err) PERSONA_MUST_CHECK;

/* Release parked rows of a stage under a key: of a class, or "all". Writes; returns how many. */
long persona_store_unpark(struct persona_store *store, const char *stage, int64_t key_id, const char *class,
			  struct persona_error *err) PERSONA_MUST_CHECK;

/* ---- Money and blobs ------------------------------------------------- */

struct persona_ledger {
	int64_t budget_nusd; /* -1: no bound */
	int64_t spent_nusd, reserved_nusd;
};

int persona_store_ledger(struct persona_store *store, struct persona_ledger *out,
			 struct persona_error *err) PERSONA_MUST_CHECK;

/* The same of the chain that this handle's run is part of: 1, or 0 where it is part of none (then there is no bound). */
int persona_store_chain(struct persona_store *store, struct persona_ledger *out,
			struct persona_error *err) PERSONA_MUST_CHECK;

/* Reserve money: 1 reserved, 0 the budget does not carry it. Writes. */
int persona_store_ledger_reserve(struct persona_store *store, int64_t nusd,
				 struct persona_error *err) PERSONA_MUST_CHECK;

/* Turn a reservation into what was really spent. Writes. */
int persona_store_ledger_settle(struct persona_store *store, int64_t reserved_nusd, int64_t spent_nusd,
				struct persona_error *err) PERSONA_MUST_CHECK;

/* Set the bound for ever; -1: none. Writes. */
int persona_store_budget_set(struct persona_store *store, int64_t budget_nusd,
			     struct persona_error *err) PERSONA_MUST_CHECK;

/* Keep a long text once; sha256 is filled in. Writes. */
int persona_store_blob_put(struct persona_store *store, const char *content, size_t len, char sha256[PERSONA_HASH_HEX],
			   struct persona_error *err) PERSONA_MUST_CHECK;

/* *out is the caller's, freed with free(). */
int persona_store_blob_get(struct persona_store *store, const char *sha256, char **out,
			   struct persona_error *err) PERSONA_MUST_CHECK;

/* ---- Calls to models ------------------------------------------------- */

/* A logical request as it is written down before it goes out. */
struct persona_call {
	const char *stage, *provider, *model;
	int64_t batch_id;	    /* 0: none */
	const char *request_sha256; /* of the logical request */
	const char *draw; /* which draw of it: batch and slot of a draft, vote of a judge, "" for a refinement */
	int64_t sample;	  /* from 0; goes up after an answer that could not be used */
	const char *prefix_sha256; /* a blob; NULL: the suffix is all */
	const char *suffix;
};

enum persona_call_state {
	PERSONA_CALL_SENT,
	PERSONA_CALL_SUBMITTED,
	PERSONA_CALL_DONE,   /* the answer is there and was used */
	PERSONA_CALL_FAILED, /* no answer, or one that could not be used */
	PERSONA_CALL_LOST    /* may have been charged, and nothing came */
};

/* The highest sample of a draw. */
struct persona_call_found {
	int64_t call_id, sample;
	enum persona_call_state state;
	bool answered; /* something of what the model said is kept */
};
int persona_store_call_find(struct persona_store *store, const char *request_sha256, const char *draw,
			    struct persona_call_found *out, struct persona_error *err) PERSONA_MUST_CHECK;

/* What the model said (NULL: nothing) and why it ended. Both are the caller's, freed with free(). */
int persona_store_call_answer(struct persona_store *store, int64_t call_id, char **text, char **finish_reason,
			      struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * Write down that a request goes out now, by this run: a new row, or another attempt of the one that is there.
 * lost_nusd is what is booked if the run ends before the answer comes. Writes.
 */
int persona_store_call_send(struct persona_store *store, const struct persona_call *call, int64_t lost_nusd,
			    int64_t *call_id, struct persona_error *err) PERSONA_MUST_CHECK;

/* What became of an attempt. Unknown numbers are -1, unknown texts NULL. */
struct persona_call_end {
	enum persona_call_state state;
	const char *response, *finish_reason, *provider_request_id, *error;
	int64_t http_status, latency_ms;
	int64_t input_tokens, output_tokens, cached_tokens, cache_write_tokens, reasoning_tokens;
	int64_t cost_nusd, lost_nusd; /* of this attempt */
};

/*
 * Write it down; does nothing where another run has sent the request again meanwhile. A fenced-off run's answer is kept
 * by this too. Writes.
 */
int persona_store_call_end(struct persona_store *store, int64_t call_id, const struct persona_call_end *end,
			   struct persona_error *err) PERSONA_MUST_CHECK;

/* Of a request that is under way: what is booked if the run ends is something else by now. Writes. */
int persona_store_call_value(struct persona_store *store, int64_t call_id, int64_t lost_nusd,
			     struct persona_error *err) PERSONA_MUST_CHECK;

/* How long the answers were, in tokens, among the latest 500 calls, and how many attempts were lost. Reads. */
struct persona_call_lengths {
	int64_t answers, lost;
	double mean, mean_square;
};
int persona_store_call_lengths(struct persona_store *store, const char *stage, const char *provider, const char *model,
			       struct persona_call_lengths *out, struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * A call that went out once and whose program died before the answer came, among the latest 500: the first after an id
 * (0: of all). 1, or 0 where there is none. Reads.
 */
struct persona_call_buried {
	int64_t call_id, run_id;
	int64_t lost_nusd;    /* for which it is booked */
	int64_t input_tokens; /* that it had at most, by answers to prompts that begin alike; -1: there are none */
};
int persona_store_call_buried(struct persona_store *store, const char *stage, const char *provider, const char *model,
			      int64_t after, struct persona_call_buried *out,
			      struct persona_error *err) PERSONA_MUST_CHECK;

/* Book it for less; nothing happens where somebody else has done so. Writes. */
int persona_store_call_buried_value(struct persona_store *store, const struct persona_call_buried *call,
				    int64_t lost_nusd, struct persona_error *err) PERSONA_MUST_CHECK;

/* An answer that was kept turned out to be of no use, and why. Writes. */
int persona_store_call_reject(struct persona_store *store, int64_t call_id, const char *why,
			      struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * What all processes share about a model at an address: a row of numbers whose meaning is the caller's (persona/llm.h:
 * persona_rate_state, persona_llm_ratio, quirks). Names are borrowed.
 */
struct persona_endpoint {
	const char *provider, *model, *origin;
	const char *key_tag; /* hash of the key, salted with persona_store_salt() */
	char quirks[128];
	int64_t updated_ms, requests_due_us, tokens_due_us, blocked_until_ms;
	int64_t limit_milli, ceiling_milli, last_decrease_ms, saturated_since_ms;
	int64_t samples, most_ppm;
};

/* Fill the numbers: 1 there is a row, 0 there is none and all are 0. */
int persona_store_endpoint_load(struct persona_store *store, struct persona_endpoint *endpoint,
				struct persona_error *err) PERSONA_MUST_CHECK;

/* Writes. */
int persona_store_endpoint_save(struct persona_store *store, const struct persona_endpoint *endpoint,
				struct persona_error *err) PERSONA_MUST_CHECK;

/* Random text of this database, made when first asked for. Own transaction when it has to be made. */
int persona_store_salt(struct persona_store *store, char salt[PERSONA_HASH_HEX],
		       struct persona_error *err) PERSONA_MUST_CHECK;

/* A row of table price: nano-USD per million tokens; -1: as input. */
struct persona_price_row {
	char *provider, *model, *valid_from;
	int64_t input_nusd, output_nusd, cached_nusd, cache_write_nusd;
};

/* The user's own prices of a provider. *out is the caller's: persona_price_rows_free(). */
int persona_store_prices(struct persona_store *store, const char *provider, struct persona_price_row **out, size_t *len,
			 struct persona_error *err) PERSONA_MUST_CHECK;
void persona_price_rows_free(struct persona_price_row *rows, size_t len);

/* ---- Metrics in SQL -------------------------------------------------- */

/* What a query found for one revision; message NULL: no issue. */
struct persona_query_value {
	int64_t revision_id;
	bool measured;
	double value;
	char *issues; /* JSON array or NULL */
};

/*
 * Run a metric's query on a read-only connection of its own (any thread). It sees the database and the temporary tables
 * `subject` (revision_id, persona_id: to be judged) and `member` (revision_id, persona_id: the population), may only
 * read, and is stopped after timeout_ms. It yields revision_id, value (0..100 or null) and, as it likes, issues (JSON
 * array). *out is the caller's: persona_query_values_free(). Errors besides: PERSONA_E_USAGE (not one reading
 * statement, wrong columns).
 */
int persona_store_query(const char *path, const char *sql, const struct persona_place *subjects, size_t subjects_len,
			const bool *is_member, int timeout_ms, struct persona_query_value **out, size_t *len,
			struct persona_error *err) PERSONA_MUST_CHECK;
void persona_query_values_free(struct persona_query_value *values, size_t len);

/* ---- Forgetting ------------------------------------------------------ */

struct persona_forget_target {
	enum persona_forget_kind {
		PERSONA_FORGET_RECORD, /* by record_id or locator */
		PERSONA_FORGET_SOURCE, /* by source_id or uri */
		PERSONA_FORGET_BATCH,  /* by batch_id or label */
		PERSONA_FORGET_PERSONA /* by persona_id */
	} kind;
	const char *name;
};

/* How much went. */
struct persona_forgotten {
	int64_t records, sources, batches, personas; /* rows that are gone */
	int64_t revisions, items; /* revisions of other personas that were changed, and their items that are gone */
	int64_t calls;		  /* to models, whose prompt and answer are gone */
	int64_t scores;		  /* gone, so that they are made anew */
};

/*
 * Remove records with everything that was quoted from them, prompts and answers that hold one of their sentences or what was
 * made of them, and the personas that rest on them alone; or whole sources, batches and personas. Other personas lose the
 * items that rest on nothing else, and their batch its scores. Then the file is written anew, so that no page and no log
 * holds the text. dry_run: only count. Own transaction. Errors besides: PERSONA_E_NOTFOUND (no such target: nothing is
 * changed), PERSONA_E_BUSY (a run lives: nothing is changed; or a reader holds old pages).
 */
int persona_store_forget(struct persona_store *store, const struct persona_forget_target *targets, size_t len,
			 bool dry_run, struct persona_forgotten *out, struct persona_error *err) PERSONA_MUST_CHECK;

/* ---- Looking --------------------------------------------------------- */

enum persona_which { PERSONA_WHICH_BEST, PERSONA_WHICH_CURRENT, PERSONA_WHICH_ALL };

/* A metric of the score that a revision stands on. */
struct persona_metric_view {
	char *metric;
	bool measured;
	double value, weight;
	json_t *issues; /* an array of what is to be objects: code, message, and of which item: field, item (from 0) */
};

/* A revision as it stands, for people. Filled by persona_store_view(), released by persona_view_release(). */
struct persona_view {
	struct persona_place place;
	char *batch; /* label, or NULL */
	char *stage;
	struct persona persona;
	bool scored;
	double overall;
	char *level; /* NULL: not scored */
	enum persona_judged judged;
	struct persona_metric_view *metrics;
	size_t metrics_len;
};

/*
 * Places to look at after a revision_id (best or current: one per persona), in order of persona_id and number after
 * `after`.
 */
long persona_store_places(struct persona_store *store, enum persona_which which, const char *label,
			  struct persona_ref after, struct persona_place *out, size_t max,
			  struct persona_error *err) PERSONA_MUST_CHECK;

int persona_store_view(struct persona_store *store, const struct persona_place *place, struct persona_view *out,
		       struct persona_error *err) PERSONA_MUST_CHECK;
void persona_view_release(struct persona_view *view);

/*
 * Everything that persona-status tells, as a JSON object: stages (done, pending, failed, parked), batches (sources: an
 * array of texts, null for imports), money, running (living runs). Texts hold no control characters, whatever the
 * database holds. *out is the caller's reference.
 */
int persona_store_status(struct persona_store *store, json_t **out, struct persona_error *err) PERSONA_MUST_CHECK;

#endif
