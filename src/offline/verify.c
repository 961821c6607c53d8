/* verify.c - does what a persona says stand in the records? What does not is put right, replaced or dropped. */
#include "refine.h"

#define SAME_QUOTE .9 /* as near as a slip of the pen */
#define HELD	   .6 /* share of an item's words in one sentence that bears it out */

/* ---- Quotes ---------------------------------------------------------- */

static bool stands_in(const struct model *model, uint32_t unit, const char *quote)
{
	return strstr(model_record(model, unit)->text, quote) != NULL;
}

static int stands_closely(const struct model *model, uint32_t unit, const char *quote, bool *found,
			  struct persona_error *err)
{
	const struct persona_record *record = model_record(model, unit);
	struct persona_buf text, wanted;
	int rc = -1;

	persona_buf_init(&text, SIZE_MAX / 2);
	persona_buf_init(&wanted, SIZE_MAX / 2);
	if (persona_text_fold(&text, record->text, strlen(record->text), PERSONA_FOLD_PUNCTUATION, err) < 0 ||
	    persona_text_fold(&wanted, quote, strlen(quote), PERSONA_FOLD_PUNCTUATION, err) < 0)
		goto out;
	*found = wanted.len && strstr(text.data, wanted.data);
	rc = 0;
out:
	persona_buf_release(&text);
	persona_buf_release(&wanted);
	return rc;
}

/* Does the quote stand in a record that its evidence names, or word for word in any? The unit, or OFFLINE_NONE. */
static int quote_find(const struct refinement *refinement, size_t at, uint32_t *unit, struct persona_error *err)
{
	const struct persona *persona = &refinement->persona;
	const char *quote = persona->lists[PERSONA_QUOTES].items[at];

	*unit = OFFLINE_NONE;
	for (size_t e = 0; e < persona->evidence_len; e++) {
		const struct persona_evidence *evidence = &persona->evidence[e];
		bool found = false;
		uint32_t u;

		if (evidence->field != PERSONA_QUOTES || evidence->position != at)
			continue;
		u = unit_by_locator(refinement->model, evidence->locator);
		if (u == OFFLINE_NONE)
			continue;
		found = stands_in(refinement->model, u, quote);
		if (!found && stands_closely(refinement->model, u, quote, &found, err) < 0)
			return -1;
		if (found) {
			*unit = u;
			return 0;
		}
	}
	for (uint32_t u = 0; u < refinement->model->len && *quote; u++)
		if (stands_in(refinement->model, u, quote)) {
			*unit = u;
			return 0;
		}
	return 0;
}

/* Evidence of the item that names the unit; NULL: none. */
static struct persona_evidence *evidence_of(struct refinement *refinement, enum persona_list_field field, size_t at,
					    uint32_t unit)
{
	const char *locator = model_record(refinement->model, unit)->locator;

	for (size_t e = 0; e < refinement->persona.evidence_len; e++) {
		struct persona_evidence *evidence = &refinement->persona.evidence[e];

		if (evidence->field == field && evidence->position == at && strcmp(evidence->locator, locator) == 0)
			return evidence;
	}
	return NULL;
}

/* A slip of the pen is put right by the sentence that was meant. */
static int quote_correct(struct refinement *refinement, size_t at, bool *done, struct persona_error *err)
{
	struct persona *persona = &refinement->persona;
	uint32_t sentence;
	double near;

	*done = false;
	if (sentence_nearest(refinement->model, persona->lists[PERSONA_QUOTES].items[at], &sentence, &near, err) < 0)
		return -1;
	if (sentence == OFFLINE_NONE || near < SAME_QUOTE)
		return 0;
	if (sentence_use(&refinement->profile, persona, PERSONA_QUOTES, sentence, err) < 0)
		return -1;
	refine_move_last(persona, PERSONA_QUOTES, at);
	*done = true;
	return refine_note(refinement, err, "corrected quote %zu: not found in the records word for word -> %s", at + 1,
			   refine_locator(persona, PERSONA_QUOTES, at));
}

/* Evidence for the quote in records where it does not stand. */
static void drop_evidence(struct persona *persona, enum persona_list_field field, size_t at)
{
	size_t to = 0;

	for (size_t e = 0; e < persona->evidence_len; e++) {
		struct persona_evidence *evidence = &persona->evidence[e];

		if (evidence->field == field && evidence->position == at) {
			free(evidence->locator);
			free(evidence->excerpt);
		} else {
			persona->evidence[to++] = *evidence;
		}
	}
	persona->evidence_len = to;
}

static int verify_quote(struct refinement *refinement, size_t at, bool *dropped, struct persona_error *err)
{
	struct persona *persona = &refinement->persona;
	bool done = false;
	uint32_t unit;
	int rc;

	*dropped = false;
	if (quote_find(refinement, at, &unit, err) < 0)
		return -1;
	if (unit != OFFLINE_NONE) {
		const struct persona_record *record = model_record(refinement->model, unit);
		const char *quote = persona->lists[PERSONA_QUOTES].items[at];

		if (evidence_of(refinement, PERSONA_QUOTES, at, unit))
			return 0;
		drop_evidence(persona, PERSONA_QUOTES, at);
		if (persona_evidence_add(persona, PERSONA_QUOTES, at, record->locator, record->record_id,
					 PERSONA_STRENGTH_VERBATIM, quote, err) < 0)
			return -1;
		return refine_note(refinement, err, "added evidence for quote %zu: found in the records -> %s", at + 1,
				   record->locator);
	}
	rc = quote_correct(refinement, at, &done, err);
	if (rc < 0 || done)
		return rc;
	rc = refine_replace(refinement, PERSONA_QUOTES, at, "not found in the records", true, &done, err);
	if (rc < 0 || done)
		return rc;
	persona_remove_item(persona, PERSONA_QUOTES, at);
	*dropped = true;
	return refine_note(refinement, err, "dropped quote %zu: not found in the records", at + 1);
}

static int verify_quotes(struct refinement *refinement, struct persona_error *err)
{
	for (size_t i = 0; i < refinement->persona.lists[PERSONA_QUOTES].len;) {
		bool dropped;

		if (verify_quote(refinement, i, &dropped, err) < 0)
			return -1;
		i += !dropped;
	}
	return 0;
}

/* ---- Other items ----------------------------------------------------- */

/* The best strength of an item's evidence that names a record of the data; NONE: nothing does. */
static enum persona_strength borne_out(const struct refinement *refinement, enum persona_list_field field, size_t at)
{
	enum persona_strength best = PERSONA_STRENGTH_NONE;

	for (size_t e = 0; e < refinement->persona.evidence_len; e++) {
		const struct persona_evidence *evidence = &refinement->persona.evidence[e];

		if (evidence->field == field && evidence->position == at && evidence->strength > best &&
		    unit_by_locator(refinement->model, evidence->locator) != OFFLINE_NONE)
			best = evidence->strength;
	}
	return best;
}

/* Name the sentence that bears an item out; *done: there is one. */
static int cite(struct refinement *refinement, enum persona_list_field field, size_t at, bool *done,
		struct persona_error *err)
{
	struct persona *persona = &refinement->persona;
	const struct persona_record *record;
	const struct sentence *sentence;
	uint32_t index;
	double share;
	char *excerpt;
	int rc;

	*done = false;
	if (sentence_holding(refinement->model, persona->lists[field].items[at], &index, &share, err) < 0)
		return -1;
	if (index == OFFLINE_NONE || share < HELD)
		return 0;
	sentence = &refinement->model->sentences[index];
	record = model_record(refinement->model, sentence->unit);
	excerpt = persona_strndup(record->text + sentence->offset, sentence->len, err);
	if (!excerpt)
		return -1;
	rc = persona_evidence_add(persona, field, at, record->locator, record->record_id,
				  strcmp(excerpt, persona->lists[field].items[at]) == 0 ? PERSONA_STRENGTH_VERBATIM
											: PERSONA_STRENGTH_CITED,
				  excerpt, err);
	free(excerpt);
	if (rc < 0)
		return -1;
	*done = true;
	return refine_note(refinement, err, "added evidence for %s %zu: no evidence -> %s", refine_singular[field],
			   at + 1, record->locator);
}

static int verify_item(struct refinement *refinement, enum persona_list_field field, size_t at,
		       struct persona_error *err)
{
	const char *name = persona_list_field(field)->name;
	enum persona_strength strength = borne_out(refinement, field, at);
	bool done = false;
	uint32_t own;
	int rc;

	if (strength >= PERSONA_STRENGTH_CLOSE)
		return 0;
	if (sentence_equal(refinement->model, refinement->persona.lists[field].items[at], &own, err) < 0)
		return -1;
	/* The data's own words, cited: there is nothing better. */
	if (own != OFFLINE_NONE && strength == PERSONA_STRENGTH_CITED)
		return 0;
	/* A generic item stays generic with whatever is cited for it. */
	if (refine_has_reason_at(refinement->task, "goal-generic", name, at))
		return refine_replace(refinement, field, at, "could be anybody's", strength == PERSONA_STRENGTH_NONE,
				      &done, err);
	if (strength == PERSONA_STRENGTH_CITED)
		return 0;
	rc = cite(refinement, field, at, &done, err);
	if (rc < 0 || done)
		return rc;
	return refine_replace(refinement, field, at, "no evidence in the records", true, &done, err);
}

static int verify_items(struct refinement *refinement, struct persona_error *err)
{
	for (int f = 0; f < PERSONA_LIST_FIELDS; f++)
		for (size_t i = 0; i < refinement->persona.lists[f].len && f != PERSONA_QUOTES; i++)
			if (verify_item(refinement, (enum persona_list_field)f, i, err) < 0)
				return -1;
	return 0;
}

int refine_verify(struct refinement *refinement, struct persona_error *err)
{
	return verify_quotes(refinement, err) < 0 ? -1 : verify_items(refinement, err);
}
