/*
 * A stage of our own, so that nothing but the runner is tested. Its piece of work is a revision, its row a row of the table
 * refinement without a child. A struct fake says what goes wrong, where, and at whom.
 */
#ifndef PERSONA_TEST_FAKE_STAGE_H
#define PERSONA_TEST_FAKE_STAGE_H

#include "stage_fakes.h"

enum fake_point {
	NOWHERE,
	AT_PREPARE,
	AT_OPEN,
	AT_BEGIN,
	AT_GATHER,
	AT_NEXT,
	AT_PICK,
	AT_ASK,
	AT_COMPUTE,
	AT_TAKE,
	AT_BLAME
};

struct fake {
	/* what the test wants */
	enum fake_point error_at; /* the callback that fails */
	int64_t error_on;	  /* at this persona; 0: at anybody */
	const char *fails;	  /* class of the failure of everybody's work; NULL: it succeeds */
	int64_t fails_only;	  /* of this persona's alone */
	bool without_memory;	  /* compute fails with PERSONA_E_NOMEM */
	bool unasked;		  /* pick says TAKE and not ASK */
	bool unclaimed;		  /* no item */
	bool silent;
	int more;    /* take says MORE so often */
	size_t echo; /* pick says DONE and passes so many references; 0: real work */
	void (*computing)(struct fake *fake, int64_t persona_id); /* called on the worker */
	void (*taking)(struct fake *fake, int64_t persona_id);	  /* called in the transaction */
	void (*picking)(struct fake *fake, int64_t persona_id);

	/* what happened */
	int opens, closes, begins, gathers, asks, takes, gathered;
	atomic_int computes, alive; /* alive: pieces of work that are not released */

	struct persona_key key;
	int64_t key_id;
	struct persona_place *places;
	size_t places_len, next;
};

/* What a piece of work carries, so that a leak or a double free is seen. */
struct fake_state {
	struct fake *fake;
	int turns;
	char *text;
};

static inline bool goes_wrong(const struct fake *fake, enum fake_point point, int64_t persona_id)
{
	return fake->error_at == point && (!fake->error_on || fake->error_on == persona_id);
}

static inline struct fake *fake_of(struct persona_context *of)
{
	return (struct fake *)(uintptr_t)of->settings;
}

static inline int fake_prepare(struct persona_context *of, struct persona_error *why)
{
	return goes_wrong(fake_of(of), AT_PREPARE, 0) ? persona_error_set(why, PERSONA_E_FORMAT, "no prepare") : 0;
}

static inline int fake_open(struct persona_context *of, struct persona_error *why)
{
	struct fake *fake = fake_of(of);
	json_t *shaping = json_object();
	int rc;

	fake->opens++;
	of->state = fake;
	rc = persona_key_make(&fake->key, "refine", shaping, NULL, why);
	json_decref(shaping);
	if (rc < 0 || persona_store_key_find(of->store, &fake->key, &fake->key_id, why) < 0 ||
	    key_unpark(of, "refine", fake->key_id, why) < 0)
		return -1;
	return goes_wrong(fake, AT_OPEN, 0) ? persona_error_set(why, PERSONA_E_DB, "no open") : 0;
}

static inline void fake_close(struct persona_context *of)
{
	struct fake *fake = of->state;

	if (!fake)
		return;
	fake->closes++;
	persona_key_release(&fake->key);
	free(fake->places);
	fake->places = NULL;
	of->state = NULL;
}

static inline int fake_begin(struct persona_context *of, struct persona_error *why)
{
	struct fake *fake = of->state;

	fake->begins++;
	if (goes_wrong(fake, AT_BEGIN, 0))
		return persona_error_set(why, PERSONA_E_DB, "no begin");
	return key_begin(of, &fake->key, &fake->key_id, why);
}

static inline long fake_pending(struct persona_context *of, int64_t after, struct persona_place *out, size_t max,
				struct persona_error *why)
{
	const struct fake *fake = of->state;

	return persona_store_pending_refine(of->store, fake->key_id, 5, true, after, out, max, why);
}

static inline int fake_gather(struct persona_context *of, const struct persona_place *places, size_t len,
			      struct persona_error *why)
{
	struct fake *fake = of->state;

	fake->gathers++;
	fake->gathered += (int)len;
	if (goes_wrong(fake, AT_GATHER, 0))
		return persona_error_set(why, PERSONA_E_DB, "no gather");
	fake->places = calloc(len, sizeof *places);
	memcpy(fake->places, places, len * sizeof *places);
	fake->places_len = len;
	fake->next = 0;
	return 0;
}

static inline struct fake_state *fake_state(struct fake *fake, struct persona_work *work)
{
	struct fake_state *state = work->state;

	if (state)
		return state;
	state = calloc(1, sizeof *state);
	state->fake = fake;
	state->text = strdup("something to leak");
	work->state = state;
	atomic_fetch_add(&fake->alive, 1);
	return state;
}

static inline int fake_next(struct persona_context *of, struct persona_work *work, struct persona_error *why)
{
	struct fake *fake = of->state;

	fake_state(fake, work);
	if (fake->next == fake->places_len)
		return 0;
	work->place = fake->places[fake->next++];
	if (goes_wrong(fake, AT_NEXT, work->place.persona_id))
		return persona_error_set(why, PERSONA_E_DB, "no next");
	return 1;
}

static inline enum persona_pick fake_pick(struct persona_context *of, struct persona_work *work,
					  struct persona_error *why)
{
	struct fake *fake = of->state;
	struct persona_failure where = { .stage = "refine",
					 .revision_id = work->place.revision_id,
					 .key_id = fake->key_id };
	struct persona_place child;
	int rc;

	fake_state(fake, work);
	if (fake->picking)
		fake->picking(fake, work->place.persona_id);
	work->silent = fake->silent;
	if (goes_wrong(fake, AT_PICK, work->place.persona_id)) {
		(void)persona_error_set(why, PERSONA_E_DB, "no pick");
		return PERSONA_PICK_ERROR;
	}
	for (size_t i = 0; i < fake->echo; i++)
		OK(persona_work_pass(work, ref_of(&work->place), why));
	if (fake->echo)
		return PERSONA_PICK_DONE;
	rc = persona_store_refinement_find(of->store, work->place.revision_id, fake->key_id, &child, why);
	if (rc)
		return rc < 0 ? PERSONA_PICK_ERROR : PERSONA_PICK_DONE;
	rc = persona_store_parked(of->store, &where, why);
	if (rc)
		return rc < 0 ? PERSONA_PICK_ERROR : PERSONA_PICK_PARKED;
	if (!fake->unclaimed)
		snprintf(work->item, sizeof work->item, "item %lld", (long long)work->place.revision_id);
	return fake->unasked ? PERSONA_PICK_TAKE : PERSONA_PICK_ASK;
}

static inline int fake_ask(struct persona_context *of, struct persona_work *work, struct persona_error *why)
{
	struct fake *fake = of->state;

	fake->asks++;
	return goes_wrong(fake, AT_ASK, work->place.persona_id) ? persona_error_set(why, PERSONA_E_DB, "no ask") : 0;
}

static inline int fake_compute(struct persona_context *of, struct persona_work *work, struct persona_error *why)
{
	struct fake *fake = of->state;
	int64_t persona_id = work->place.persona_id;

	atomic_fetch_add(&fake->computes, 1);
	if (fake->computing)
		fake->computing(fake, persona_id);
	if (fake->without_memory)
		return persona_error_set(why, PERSONA_E_NOMEM, "out of memory");
	if (goes_wrong(fake, AT_COMPUTE, persona_id))
		return persona_error_set(why, PERSONA_E_FORMAT, "no class given");
	if (fake->fails && (!fake->fails_only || fake->fails_only == persona_id)) {
		work->failed = fake->fails;
		return persona_error_set(why, PERSONA_E_NET, "it is %s", fake->fails);
	}
	return 0;
}

static inline enum persona_take fake_take(struct persona_context *of, struct persona_work *work,
					  struct persona_error *why)
{
	struct fake *fake = of->state;
	struct fake_state *state = work->state;

	fake->takes++;
	if (fake->taking)
		fake->taking(fake, work->place.persona_id);
	if (persona_store_refinement_add(of->store, work->place.revision_id, fake->key_id, state->turns, 0, why) < 0)
		return PERSONA_TAKE_ERROR;
	of->counts[PERSONA_COUNT_MADE]++;
	if (goes_wrong(fake, AT_TAKE, work->place.persona_id)) {
		(void)persona_error_set(why, PERSONA_E_DB, "no take");
		return PERSONA_TAKE_ERROR;
	}
	if (!fake->silent && persona_work_pass(work, ref_of(&work->place), why) < 0)
		return PERSONA_TAKE_ERROR;
	return state->turns++ < fake->more ? PERSONA_TAKE_MORE : PERSONA_TAKE_DONE;
}

static inline int fake_blame(struct persona_context *of, struct persona_work *work, struct persona_failure *failure,
			     struct persona_error *why)
{
	struct fake *fake = of->state;

	failure->key_id = fake->key_id;
	return goes_wrong(fake, AT_BLAME, work->place.persona_id) ? persona_error_set(why, PERSONA_E_DB, "no blame")
								  : 0;
}

static inline void fake_release(struct persona_work *work)
{
	struct fake_state *state = work->state;

	if (!state)
		return;
	atomic_fetch_sub(&state->fake->alive, 1);
	free(state->text);
	free(state);
	work->state = NULL;
}

#define FAKE_STAGE                                                                                                     \
	.name = "refine", .prepare = fake_prepare, .open = fake_open, .begin = fake_begin, .pending = fake_pending,    \
	.pick = fake_pick, .ask = fake_ask, .compute = fake_compute, .take = fake_take, .blame = fake_blame,           \
	.release = fake_release, .close = fake_close

static const struct persona_stage fake_stage = { FAKE_STAGE };
static const struct persona_stage fake_barrier = { FAKE_STAGE, .gather = fake_gather, .next = fake_next };

/* Run the fake stage; it released whatever it made. */
static inline int run_fake(struct fake *fake)
{
	int rc = run_stage(&fake_stage, fake, NULL);

	ck_assert_int_eq(atomic_load(&fake->alive), 0);
	return rc;
}

/* References first.1 … last.1. */
static inline void give_range(int64_t first, int64_t last)
{
	options.refs_len = 0;
	for (int64_t i = first; i <= last; i++)
		refs[options.refs_len++] = (struct persona_ref){ .persona_id = i, .number = 1 };
}

/* Everybody from first to last was passed, once. */
static inline void assert_range_passed(int64_t first, int64_t last)
{
	ck_assert_int_eq((int64_t)passed_len, last - first + 1);
	qsort(passed, passed_len, sizeof *passed, compare_refs);
	for (size_t i = 0; i < passed_len; i++)
		ck_assert_int_eq(passed[i].persona_id, first + (int64_t)i);
}

#endif
