/*
 * Score: quality by the registry. A barrier: what personas are compared with depends on everything that comes.
 *
 * Without set metrics a piece of work is a revision. With them it is a batch: one claim, one
 * comparison of the whole population, rows written a group at a time.
 */
#include <time.h>

#include "score.h"

#define ROWS_PER_TRANSACTION 256

/* ---- Open, begin, gather --------------------------------------------- */

static int score_open(struct persona_context *context, struct persona_error *err)
{
	const struct persona_score_settings *wish = context->settings;
	struct score *score = calloc(1, sizeof *score);
	json_t *shaping;
	int rc;

	context->state = score;
	if (!score)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	score->has_set = persona_registry_has_set(wish->registry, wish->profile);
	if (persona_profile_check(wish->profile, err) < 0 || sql_metrics_check(wish->registry, err) < 0 ||
	    persona_registry_settings(&shaping, wish->registry, wish->profile, err) < 0)
		return -1;
	rc = persona_key_make(&score->key, "score", shaping, NULL, err);
	json_decref(shaping);
	if (!rc && (persona_store_key_find(context->store, &score->key, &score->key_id, err) < 0 ||
		    key_unpark(context, "score", score->key_id, err) < 0))
		rc = -1;
	return rc;
}

static void score_close(struct persona_context *context)
{
	struct score *score = context->state;

	if (!score)
		return;
	persona_key_release(&score->key);
	for (size_t i = 0; i < score->related_len; i++)
		persona_kin_free(score->related[i].kin);
	free(score->related);
	free(score->given);
	free(score);
	context->state = NULL;
}

static int score_begin(struct persona_context *context, struct persona_error *err)
{
	struct score *score = context->state;

	return key_begin(context, &score->key, &score->key_id, err);
}

static long score_pending(struct persona_context *context, int64_t after, struct persona_place *out, size_t max,
			  struct persona_error *err)
{
	const struct score *score = context->state;

	return persona_store_pending_score(context->store, score->key_id, after, out, max, err);
}

static int by_batch(const void *a, const void *b)
{
	const struct persona_place *left = a, *right = b;

	if (left->batch_id != right->batch_id)
		return left->batch_id < right->batch_id ? -1 : 1;
	if (left->slot != right->slot)
		return left->slot < right->slot ? -1 : 1;
	return (left->number > right->number) - (left->number < right->number);
}

static int score_gather(struct persona_context *context, const struct persona_place *places, size_t len,
			struct persona_error *err)
{
	struct score *score = context->state;

	score->given = calloc(len ? len : 1, sizeof *score->given);
	if (!score->given)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	memcpy(score->given, places, len * sizeof *places);
	score->given_len = len;
	if (score->has_set)
		qsort(score->given, len, sizeof *score->given, by_batch);
	return 0;
}

/* ---- Making work ----------------------------------------------------- */

static void release_scores(struct judged *judged)
{
	for (size_t i = 0; judged->scored && i < judged->len; i++)
		persona_score_release(&judged->scores[i]);
	persona_figures_release(&judged->figures);
	judged->scored = false;
}

static void judged_free(struct judged *judged)
{
	if (!judged)
		return;
	for (size_t i = 0; judged->personas && i < judged->len; i++)
		persona_release(&judged->personas[i]);
	release_scores(judged);
	for (size_t i = 0; judged->broken && i < judged->len; i++)
		free(judged->broken[i]);
	free(judged->broken);
	free(judged->subjects);
	free(judged->wanted);
	free(judged->member);
	free(judged->personas);
	free(judged->scores);
	free(judged->years);
	free(judged);
}

static int judged_resize(struct judged *judged, size_t len, struct persona_error *err)
{
	judged->subjects = calloc(len, sizeof *judged->subjects);
	judged->wanted = calloc(len, sizeof *judged->wanted);
	judged->member = calloc(len, sizeof *judged->member);
	judged->broken = calloc(len, sizeof *judged->broken);
	judged->personas = calloc(len, sizeof *judged->personas);
	judged->scores = calloc(len, sizeof *judged->scores);
	judged->years = calloc(len, sizeof *judged->years);
	if (!judged->years || !judged->subjects || !judged->wanted || !judged->member || !judged->broken ||
	    !judged->personas || !judged->scores)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	return 0;
}

static void add_subject(struct judged *judged, const struct persona_place *place, bool wanted, bool member)
{
	judged->subjects[judged->len] = *place;
	judged->wanted[judged->len] = wanted;
	judged->member[judged->len] = member;
	persona_init(&judged->personas[judged->len]);
	judged->len++;
}

/*
 * The population: of every persona of the batch the revision given (two given: the newer), else its
 * newest. What is given besides is judged against it without being a member. Both lists ascend by slot.
 */
static int assemble(struct judged *judged, const struct persona_place *newest, size_t newest_len,
		    struct persona_error *err)
{
	const struct persona_place *given = judged->given, *end = given + judged->given_len;

	if (judged_resize(judged, newest_len + judged->given_len, err) < 0)
		return -1;
	for (size_t i = 0; i < newest_len; i++) {
		const struct persona_place *member = &newest[i];
		bool wanted = false;

		for (; given < end && given->slot == newest[i].slot; given++) {
			bool repeated = wanted && member->revision_id == given->revision_id;

			if (wanted && !repeated)
				add_subject(judged, member, true, false);
			member = given;
			wanted = true;
		}
		add_subject(judged, member, wanted, true);
	}
	return 0;
}

static int members_of(const struct judged *judged, struct persona_place **out, size_t *len, struct persona_error *err)
{
	struct persona_place *members = calloc(judged->len ? judged->len : 1, sizeof *members);

	*out = members;
	*len = 0;
	if (!members)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t i = 0; i < judged->len; i++)
		if (judged->member[i])
			members[(*len)++] = judged->subjects[i];
	return 0;
}

/* Make it the one last used. What was found in a read may be old news by now: look again. */
static int store_population(struct persona_context *context, struct persona_population *population,
			    const struct persona_place *members, size_t len, struct persona_error *err)
{
	int found;

	if (persona_store_begin(context->store, err) < 0)
		return -1;
	found = persona_store_population_find(context->store, population, members, len, err);
	if (found < 0 || (!found && persona_store_population_use(context->store, population, err) < 0)) {
		persona_store_rollback(context->store);
		return -1;
	}
	return persona_store_commit(context->store, err);
}

/* In gather's wake, before any claim: the population becomes the one last used. 1: it was that already. */
static int use_population(struct persona_context *context, struct judged *judged, struct persona_error *err)
{
	struct persona_place *members;
	size_t len;
	int rc = members_of(judged, &members, &len, err);

	if (!rc)
		rc = persona_store_population_find(context->store, &judged->population, members, len, err);
	if (rc == 0)
		rc = store_population(context, &judged->population, members, len, err);
	free(members);
	return rc;
}

static int next_batch(struct persona_context *context, struct persona_work *work, struct persona_error *err)
{
	struct score *score = context->state;
	struct judged *judged = work->state;
	struct persona_place *newest = NULL;
	size_t newest_len;
	int rc;

	judged->given = score->given + score->next;
	judged->population.batch_id = judged->given->batch_id;
	while (score->next < score->given_len && score->given[score->next].batch_id == judged->population.batch_id) {
		score->next++;
		judged->given_len++;
	}
	rc = persona_store_batch_newest(context->store, judged->population.batch_id, &newest, &newest_len, err);
	if (!rc)
		rc = assemble(judged, newest, newest_len, err);
	free(newest);
	if (!rc)
		rc = use_population(context, judged, err);
	snprintf(work->item, sizeof work->item, "population %lld key %lld", (long long)judged->population.population_id,
		 (long long)score->key_id);
	work->place.batch_id = judged->population.batch_id;
	return rc < 0 ? -1 : 1;
}

static int score_next(struct persona_context *context, struct persona_work *work, struct persona_error *err)
{
	struct score *score = context->state;
	struct judged *judged;

	if (score->next == score->given_len)
		return 0;
	judged = calloc(1, sizeof *judged);
	work->state = judged;
	if (!judged)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	if (score->has_set)
		return next_batch(context, work, err);
	work->place = score->given[score->next++];
	snprintf(work->item, sizeof work->item, "revision %lld key %lld", (long long)work->place.revision_id,
		 (long long)score->key_id);
	return 1;
}

/* ---- Picking --------------------------------------------------------- */

static int pass_given(struct persona_work *work, struct judged *judged, size_t upto, struct persona_error *err)
{
	for (; judged->next_out < upto; judged->next_out++)
		if (persona_work_pass(work, ref_of(&judged->given[judged->next_out]), err) < 0)
			return -1;
	return 0;
}

/* Where a failure of this work belongs; a batch's stands for all of it at the slot of the first that was given. */
static struct persona_failure where(const struct score *score, const struct persona_work *work)
{
	const struct judged *judged = work->state;

	if (!score->has_set)
		return score_failure(score, work->place.revision_id);
	return (struct persona_failure){
		.stage = "score",
		.batch_id = judged->population.batch_id,
		.slot = judged->given[0].slot,
		.key_id = score->key_id,
	};
}

static enum persona_pick ask_unless_parked(struct persona_context *context, const struct persona_work *work,
					   struct persona_error *err)
{
	const struct persona_failure failure = where(context->state, work);
	int rc = persona_store_parked(context->store, &failure, err);

	return rc < 0 ? PERSONA_PICK_ERROR : rc ? PERSONA_PICK_PARKED : PERSONA_PICK_ASK;
}

static int by_revision(const void *left, const void *right)
{
	const struct persona_settled *a = left, *b = right;

	return (a->revision_id > b->revision_id) - (a->revision_id < b->revision_id);
}

/* Of whom rows are still wanted. all: of nobody; parked: of somebody they are not, though there is none. */
static int pick_members(struct persona_context *context, struct judged *judged, bool *all, bool *parked,
			struct persona_error *err)
{
	const struct score *score = context->state;
	struct persona_settled *settled;
	size_t len;

	if (persona_store_scores_settled(context->store, &judged->population, score->key_id, &settled, &len, err) < 0)
		return -1;
	*all = true;
	*parked = false;
	for (size_t i = 0; i < judged->len; i++) {
		const struct persona_settled wanted = { .revision_id = judged->subjects[i].revision_id };
		const struct persona_settled *found;

		if (!judged->wanted[i])
			continue;
		found = len ? bsearch(&wanted, settled, len, sizeof *settled, by_revision) : NULL;
		judged->wanted[i] = !found;
		*all = *all && found;
		*parked = *parked || (found && found->parked);
	}
	free(settled);
	return 0;
}

static enum persona_pick score_pick(struct persona_context *context, struct persona_work *work,
				    struct persona_error *err)
{
	const struct score *score = context->state;
	struct judged *judged = work->state;
	bool all, parked;
	int rc;

	if (!score->has_set) {
		rc = persona_store_score_exists(context->store, work->place.revision_id, score->key_id, 0, err);
		return rc < 0 ? PERSONA_PICK_ERROR : rc ? PERSONA_PICK_DONE : ask_unless_parked(context, work, err);
	}
	if (pick_members(context, judged, &all, &parked, err) < 0)
		return PERSONA_PICK_ERROR;
	if (all)
		return parked ? PERSONA_PICK_PARKED : PERSONA_PICK_DONE;
	return ask_unless_parked(context, work, err);
}

/* Everything that was given and not passed yet. */
static int score_pass(struct persona_context *context, struct persona_work *work, struct persona_error *err)
{
	const struct score *score = context->state;
	struct judged *judged = work->state;

	if (score->has_set)
		return pass_given(work, judged, judged->given_len, err);
	return work->out_len ? 0 : persona_work_pass(work, ref_of(&work->place), err);
}

/* ---- Judging --------------------------------------------------------- */

/* The year in which a revision was written, UTC: it shall be scored alike ever after. */
static int year_of(struct persona_context *context, int64_t revision_id, int *year, struct persona_error *err)
{
	struct tm tm = { 0 };
	int64_t created_at;
	time_t seconds;

	if (persona_store_revision_created(context->store, revision_id, &created_at, err) < 0)
		return -1;
	seconds = (time_t)created_at;
	*year = created_at > 0 && gmtime_r(&seconds, &tm) ? tm.tm_year + 1900 : 0;
	return 0;
}

/* One of a set: where somebody edited it into what cannot be read, it alone is left out, and fails. */
static int load_subject(struct persona_context *context, struct judged *judged, size_t i, struct persona_error *err)
{
	int64_t revision_id = judged->subjects[i].revision_id;
	struct persona_error why = { 0 };

	persona_release(&judged->personas[i]);
	if (persona_store_revision_load(context->store, revision_id, &judged->personas[i], &why) == 0)
		return year_of(context, revision_id, &judged->years[i], err);
	if (why.code != PERSONA_E_FORMAT || !judged->population.batch_id)
		return persona_error_set(err, why.code, "%s", why.text);
	free(judged->broken[i]);
	judged->broken[i] = strdup(why.text);
	judged->member[i] = false;
	return judged->broken[i] ? 0 : persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
}

/* How much alike the respondents of a batch are is learned once for all its personas; the records need not stay for that. */
static int learn_kin(struct persona_context *context, struct persona_kin **kin, int64_t batch_id,
		     struct persona_error *err)
{
	struct persona_records records;
	char identity[PERSONA_HASH_HEX];
	int rc;

	if (persona_store_batch_records(context->store, batch_id, &records, identity, err) < 0)
		return -1;
	rc = persona_kin_new(kin, &records, err);
	persona_records_release(&records);
	return rc;
}

static int kin_of(struct persona_context *context, const struct persona_kin **kin, int64_t batch_id,
		  struct persona_error *err)
{
	struct score *score = context->state;
	struct related *related;

	for (size_t i = 0; i < score->related_len; i++)
		if (score->related[i].batch_id == batch_id) {
			*kin = score->related[i].kin;
			return 0;
		}
	if (persona_grow((void **)&score->related, &score->related_capacity, score->related_len, sizeof *score->related,
			 err) < 0)
		return -1;
	related = &score->related[score->related_len];
	*related = (struct related){ .batch_id = batch_id };
	if (learn_kin(context, &related->kin, batch_id, err) < 0)
		return -1;
	score->related_len++;
	*kin = related->kin;
	return 0;
}

static int score_ask(struct persona_context *context, struct persona_work *work, struct persona_error *err)
{
	const struct score *score = context->state;
	struct judged *judged = work->state;

	if (!score->has_set && !judged->len) {
		if (judged_resize(judged, 1, err) < 0)
			return -1;
		add_subject(judged, &work->place, true, true);
	}
	/* It may have been scored before, and fenced off. */
	release_scores(judged);
	for (size_t i = 0; i < judged->len; i++)
		if (load_subject(context, judged, i, err) < 0)
			return -1;
	if (persona_store_batch_records_count(context->store, work->place.batch_id, &judged->batch_records, err) < 0)
		return -1;
	judged->kin = NULL;
	return judged->batch_records > 0 ? kin_of(context, &judged->kin, work->place.batch_id, err) : 0;
}

static int score_compute(struct persona_context *context, struct persona_work *work, struct persona_error *err)
{
	const struct persona_score_settings *wish = context->settings;
	struct judged *judged = work->state;
	struct persona_subject *subjects = calloc(judged->len, sizeof *subjects);
	int rc;

	if (!subjects)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t i = 0; i < judged->len; i++)
		subjects[i] = (struct persona_subject){
			.persona = &judged->personas[i],
			.revision_id = judged->subjects[i].revision_id,
			.persona_id = judged->subjects[i].persona_id,
			.batch_records = judged->batch_records,
			.kin = judged->kin,
			.year = judged->years[i],
			.member = judged->member[i],
		};
	if (judged->population.batch_id)
		rc = persona_score_set(judged->scores, wish->registry, wish->profile, subjects, judged->len, err);
	else
		rc = persona_score_revision(judged->scores, wish->registry, wish->profile, subjects, err);
	judged->scored = rc == 0;
	if (!rc && judged->population.batch_id)
		rc = persona_figures_of(&judged->figures, judged->scores, subjects, judged->len, err);
	free(subjects);
	return rc;
}

/* ---- Taking ---------------------------------------------------------- */

/* Everything given up to the last row written can go on. */
static size_t given_through(const struct judged *judged)
{
	size_t upto = judged->next_out;

	if (judged->next_row == judged->len)
		return judged->given_len;
	while (upto < judged->given_len && judged->given[upto].slot < judged->subjects[judged->next_row].slot)
		upto++;
	return upto;
}

static enum persona_take score_take(struct persona_context *context, struct persona_work *work,
				    struct persona_error *err)
{
	struct judged *judged = work->state;
	size_t written = 0;

	if (judged->population.batch_id && score_write_figures(context, judged, err) < 0)
		return PERSONA_TAKE_ERROR;
	for (; judged->next_row < judged->len && written < ROWS_PER_TRANSACTION; judged->next_row++) {
		long pairs = score_write_similar(context, judged, judged->next_row, err);

		if (pairs < 0)
			return PERSONA_TAKE_ERROR;
		written += (size_t)pairs;
		if (!judged->wanted[judged->next_row])
			continue;
		if (score_write_row(context, judged, judged->next_row, err) < 0)
			return PERSONA_TAKE_ERROR;
		written++;
	}
	if (!judged->population.batch_id)
		return persona_work_pass(work, ref_of(&work->place), err) < 0 ? PERSONA_TAKE_ERROR : PERSONA_TAKE_DONE;
	if (pass_given(work, judged, given_through(judged), err) < 0)
		return PERSONA_TAKE_ERROR;
	return judged->next_row < judged->len ? PERSONA_TAKE_MORE : PERSONA_TAKE_DONE;
}

static int score_blame(struct persona_context *context, struct persona_work *work, struct persona_failure *failure,
		       struct persona_error *err)
{
	const struct persona_failure place = where(context->state, work);

	(void)err;
	failure->key_id = place.key_id;
	failure->revision_id = place.revision_id;
	failure->batch_id = place.batch_id;
	failure->slot = place.slot;
	return 0;
}

static void score_release(struct persona_work *work)
{
	judged_free(work->state);
	work->state = NULL;
}

const struct persona_stage persona_stage_score = {
	.name = "score",
	.open = score_open,
	.begin = score_begin,
	.pending = score_pending,
	.gather = score_gather,
	.next = score_next,
	.pick = score_pick,
	.ask = score_ask,
	.compute = score_compute,
	.take = score_take,
	.pass = score_pass,
	.blame = score_blame,
	.release = score_release,
	.close = score_close,
};
