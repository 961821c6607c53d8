/*
 * refine.c - a persona edited on evidence: what stands nowhere goes, what is missing comes from
 * the respondents that the persona names or resembles. Every edit is one line of the notes.
 *
 * A reason says where to look; whether there is something to do, the persona and the records
 * say. So the same reasons find nothing in a persona that was refined for them.
 */
#include <strings.h>

#include "refine.h"

#define ROUNDS	   6  /* an edit can make room for another; then there is nothing left */
#define SAME_WORDS .8 /* Jaccard of words from which two items of a list say the same */
#define NOTES_MAX  60000

const char *const refine_singular[PERSONA_LIST_FIELDS] = { "goal", "frustration", "behaviour", "motivation", "quote" };

int refine_note(struct refinement *refinement, struct persona_error *err, const char *format, ...)
{
	char line[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof line, format, arguments);
	va_end(arguments);
	refinement->edits++;
	if (refinement->log.len + sizeof line > NOTES_MAX)
		return 0;
	return persona_buf_addf(&refinement->log, err, "%s%s", refinement->log.len ? "\n" : "", line);
}

bool refine_has_reason(const struct persona_task *task, const char *code, const char *field)
{
	for (size_t i = 0; i < task->reasons_len; i++) {
		const struct persona_reason *reason = &task->reasons[i];

		if (reason->code && strncmp(reason->code, code, strlen(code)) == 0 &&
		    (!field || (reason->field && strcmp(reason->field, field) == 0)))
			return true;
	}
	return false;
}

bool refine_has_reason_at(const struct persona_task *task, const char *code, const char *field, size_t position)
{
	for (size_t i = 0; i < task->reasons_len; i++) {
		const struct persona_reason *reason = &task->reasons[i];

		if (reason->code && strcmp(reason->code, code) == 0 && reason->field &&
		    strcmp(reason->field, field) == 0 && reason->position == (long)position)
			return true;
	}
	return false;
}

/* ---- What needs no data ---------------------------------------------- */

/* White space as one blank; false when there is nothing to do. */
static bool squeeze(char *text)
{
	size_t len = strlen(text), to = 0;

	for (size_t i = 0; i < len; i++) {
		bool space = text[i] == ' ' || text[i] == '\t' || text[i] == '\n';

		if (space && (!to || text[to - 1] == ' '))
			continue;
		text[to++] = space ? ' ' : text[i];
	}
	while (to && text[to - 1] == ' ')
		to--;
	text[to] = '\0';
	return to != len;
}

static bool is_verbatim(const struct persona *persona, enum persona_list_field field, size_t at)
{
	for (size_t e = 0; e < persona->evidence_len; e++)
		if (persona->evidence[e].field == field && persona->evidence[e].position == at &&
		    persona->evidence[e].strength == PERSONA_STRENGTH_VERBATIM)
			return true;
	return false;
}

static int tidy(struct refinement *refinement, struct persona_error *err)
{
	for (int f = 0; f < PERSONA_LIST_FIELDS; f++) {
		struct persona_list *list = &refinement->persona.lists[f];

		/* A quote is word for word, blanks included. */
		for (size_t i = 0; i < list->len && f != PERSONA_QUOTES; i++) {
			char *before = persona_strdup(list->items[i], err);
			bool changed;

			if (!before)
				return -1;
			/* Nor are the bytes of a record touched that stand in another list. */
			if (is_verbatim(&refinement->persona, (enum persona_list_field)f, i)) {
				free(before);
				continue;
			}
			squeeze(list->items[i]);
			changed = strcmp(before, list->items[i]) != 0;
			free(before);
			if (changed &&
			    refine_note(refinement, err, "tidied %s %zu: white space", refine_singular[f], i + 1) < 0)
				return -1;
		}
	}
	return 0;
}

int refine_same(struct refinement *refinement, const char *a, const char *b, bool *same, struct persona_error *err)
{
	struct persona_stems x = { 0 }, y = { 0 };
	struct persona_buf p, q;
	int rc = -1;

	persona_buf_init(&p, SIZE_MAX / 2);
	persona_buf_init(&q, SIZE_MAX / 2);
	if (persona_text_fold(&p, a, strlen(a), PERSONA_FOLD_PUNCTUATION, err) < 0 ||
	    persona_text_fold(&q, b, strlen(b), PERSONA_FOLD_PUNCTUATION, err) < 0 ||
	    persona_stems_of(&x, refinement->model->language, a, strlen(a), err) < 0 ||
	    persona_stems_of(&y, refinement->model->language, b, strlen(b), err) < 0)
		goto out;
	*same = strcmp(p.data, q.data) == 0 || persona_stems_jaccard(&x, &y) >= SAME_WORDS;
	rc = 0;
out:
	persona_stems_release(&x);
	persona_stems_release(&y);
	persona_buf_release(&p);
	persona_buf_release(&q);
	return rc;
}

static int drop_repetitions(struct refinement *refinement, struct persona_error *err)
{
	for (int f = 0; f < PERSONA_LIST_FIELDS; f++) {
		struct persona_list *list = &refinement->persona.lists[f];

		for (size_t i = 1; i < list->len;) {
			size_t other = 0;
			bool same = false;

			for (; other < i && !same; other++)
				if (refine_same(refinement, list->items[other], list->items[i], &same, err) < 0)
					return -1;
			if (!same) {
				i++;
				continue;
			}
			if (refine_note(refinement, err, "dropped %s %zu: says the same as %s %zu", refine_singular[f],
					i + 1, refine_singular[f], other) < 0)
				return -1;
			persona_remove_item(&refinement->persona, (enum persona_list_field)f, i);
		}
	}
	return 0;
}

/* ---- A round's view of the data -------------------------------------- */

static void round_end(struct refinement *refinement)
{
	profile_release(&refinement->profile);
	usage_release(&refinement->usage);
	free(refinement->segment.members);
	refinement->segment = (struct segment){ 0 };
}

/* What the persona says already counts as used, and so do those who said it. */
static int note_used(struct refinement *refinement, struct persona_error *err)
{
	struct profile *profile = &refinement->profile;
	const struct persona *persona = &refinement->persona;

	for (int f = 0; f < PERSONA_LIST_FIELDS; f++)
		for (size_t i = 0; i < persona->lists[f].len; i++) {
			uint32_t sentence;

			if (sentence_equal(refinement->model, persona->lists[f].items[i], &sentence, err) < 0)
				return -1;
			if (sentence == OFFLINE_NONE)
				continue;
			if (persona_grow((void **)&profile->chosen, &profile->chosen_capacity, profile->chosen_len,
					 sizeof *profile->chosen, err) < 0)
				return -1;
			profile->chosen[profile->chosen_len++] = sentence;
			usage_add(profile->usage, refinement->model->sentences[sentence].identity);
		}
	for (size_t e = 0; e < persona->evidence_len; e++) {
		uint32_t u = unit_by_locator(refinement->model, persona->evidence[e].locator);

		if (u != OFFLINE_NONE)
			profile->unit_used[u]++;
	}
	return 0;
}

static int round_begin(struct refinement *refinement, struct persona_error *err)
{
	if (segment_near(&refinement->segment, refinement->model, &refinement->persona, err) < 0 ||
	    usage_init(&refinement->usage, refinement->model, err) < 0 ||
	    profile_init(&refinement->profile, refinement->model, &refinement->segment, &refinement->usage, err) < 0)
		return -1;
	refinement->profile.nearest = true;
	return note_used(refinement, err);
}

/* ---- What is missing ------------------------------------------------- */

static int add_missing(struct refinement *refinement, struct persona_error *err)
{
	static const size_t least[PERSONA_LIST_FIELDS] = { 2, 1, 1, 0, 1 };
	static const size_t asked[PERSONA_LIST_FIELDS] = { 3, 2, 2, 1, 2 };
	struct persona *persona = &refinement->persona;

	for (int f = 0; f < PERSONA_LIST_FIELDS; f++) {
		enum persona_list_field field = (enum persona_list_field)f;
		const char *name = persona_list_field(field)->name;
		bool few = refine_has_reason(refinement->task, "few-", name) ||
			   refine_has_reason(refinement->task, "missing-", name);
		size_t wanted = few ? asked[f] : least[f];

		while (persona->lists[f].len < wanted) {
			size_t before = persona->lists[f].len;

			if (refine_append(refinement, field, true, err) < 0)
				return -1;
			if (persona->lists[f].len == before)
				break;
			if (refine_note(refinement, err, "added %s %zu: too few %s -> %s", refine_singular[f],
					before + 1, name, refine_locator(persona, field, before)) < 0)
				return -1;
		}
	}
	return 0;
}

static int describe_missing(struct refinement *refinement, struct persona_error *err)
{
	struct persona *persona = &refinement->persona;
	json_t *before = persona->demographics ? json_deep_copy(persona->demographics) : NULL;
	int64_t age = persona->age;
	bool occupation = persona->occupation != NULL, changed;
	int rc = -1;

	if (!persona->background || !*persona->background) {
		free(persona->background);
		persona->background = NULL;
		if (describe_background(&refinement->profile, persona, err) < 0 ||
		    refine_note(refinement, err, "added background: there was none -> %zu respondents like this one",
				refinement->segment.len) < 0)
			goto out;
	}
	if (refine_has_reason(refinement->task, "missing-demographics", NULL) ||
	    refine_has_reason(refinement->task, "few-demographics", NULL)) {
		if (describe_identity(&refinement->profile, persona, err) < 0)
			goto out;
		changed = persona->age != age || (persona->occupation && !occupation) ||
			  !before != !persona->demographics ||
			  (before && persona->demographics && !json_equal(before, persona->demographics));
		if (changed &&
		    refine_note(refinement, err, "added demographics: too few facts -> %zu respondents like this one",
				refinement->segment.len) < 0)
			goto out;
	}
	rc = 0;
out:
	json_decref(before);
	return rc;
}

/* ---- Balance --------------------------------------------------------- */

/* The unit behind most items and how many; items: of all lists. */
static uint32_t loudest(const struct refinement *refinement, size_t *most, size_t *items)
{
	const struct persona *persona = &refinement->persona;
	uint32_t best = OFFLINE_NONE;

	*most = *items = 0;
	for (int f = 0; f < PERSONA_LIST_FIELDS; f++)
		*items += persona->lists[f].len;
	for (size_t e = 0; e < persona->evidence_len; e++) {
		size_t count = 0;

		for (size_t d = 0; d < persona->evidence_len; d++)
			count += strcmp(persona->evidence[d].locator, persona->evidence[e].locator) == 0;
		if (count > *most) {
			*most = count;
			best = unit_by_locator(refinement->model, persona->evidence[e].locator);
		}
	}
	return best;
}

/* One item of the loudest by somebody else. *done: and nobody is as loud as he was; otherwise nothing changes. */
static int hand_on(struct refinement *refinement, uint32_t unit, size_t most, bool *done, struct persona_error *err)
{
	struct persona *persona = &refinement->persona;
	size_t log = refinement->log.len, edits = refinement->edits, items, left;
	struct persona before;

	*done = false;
	if (persona_copy(&before, persona, err) < 0)
		return -1;
	for (size_t e = persona->evidence_len; e-- > 0 && !*done;) {
		const struct persona_evidence *evidence = &persona->evidence[e];

		if (unit_by_locator(refinement->model, evidence->locator) != unit)
			continue;
		/* A counted answer is no match for somebody's own words. */
		if (refine_replace(refinement, evidence->field, evidence->position, "one respondent gave most items",
				   evidence->strength < PERSONA_STRENGTH_CLOSE, done, err) < 0) {
			persona_release(&before);
			return -1;
		}
	}
	if (*done) {
		loudest(refinement, &left, &items);
		*done = left < most;
		if (!*done) {
			persona_release(persona);
			*persona = before;
			persona_init(&before);
			refinement->log.data[refinement->log.len = log] = '\0';
			refinement->edits = edits;
		}
	}
	persona_release(&before);
	return 0;
}

static int balance(struct refinement *refinement, struct persona_error *err)
{
	size_t most, items;
	uint32_t unit = loudest(refinement, &most, &items);
	bool done = true;

	if (!refine_has_reason(refinement->task, "one-sided", NULL) || unit == OFFLINE_NONE)
		return 0;
	refinement->profile.unit_used[unit] = UINT16_MAX / 2;
	while (done && 2 * most > items) {
		if (hand_on(refinement, unit, most, &done, err) < 0)
			return -1;
		if (loudest(refinement, &most, &items) != unit)
			break;
	}
	return 0;
}

/* ---- Name ------------------------------------------------------------ */

static bool is_placeholder(const char *name)
{
	static const char *const words[] = { "user",   "persona", "customer", "person",	 "test",	"example",
					     "sample", "demo",	  "default",  "unknown", "placeholder", "doe" };

	if (!name || !*name)
		return true;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		const char *found = strcasestr(name, words[i]);
		size_t len = strlen(words[i]);

		if (found && (found == name || found[-1] == ' ') &&
		    (!found[len] || found[len] == ' ' || (found[len] >= '0' && found[len] <= '9')))
			return true;
	}
	return false;
}

static int rename_placeholder(struct refinement *refinement, struct persona_error *err)
{
	struct persona *persona = &refinement->persona;
	uint64_t hash = 3;
	char *name;

	if (!refine_has_reason(refinement->task, "name-", NULL) || !is_placeholder(persona->name))
		return 0;
	for (int f = 0; f < PERSONA_LIST_FIELDS; f++)
		for (size_t i = 0; i < persona->lists[f].len; i++)
			hash = persona_mix64(hash, persona->lists[f].items[i], strlen(persona->lists[f].items[i]));
	name = names_suggest(refinement->model->names, hash, err);
	if (!name)
		return -1;
	free(persona->name);
	persona->name = name;
	return refine_note(refinement, err, "replaced name: it was a placeholder");
}

/* ---- Rounds ---------------------------------------------------------- */

/* Who says nothing at all is like nobody in particular: there is no segment to draw from. */
static bool says_anything(const struct persona *persona)
{
	for (int f = 0; f < PERSONA_LIST_FIELDS; f++)
		if (persona->lists[f].len)
			return true;
	return false;
}

static int round_run(struct refinement *refinement, struct persona_error *err)
{
	int rc = -1;

	if (tidy(refinement, err) < 0 || drop_repetitions(refinement, err) < 0)
		return -1;
	if (!refinement->model->len || !says_anything(&refinement->persona))
		return 0;
	if (round_begin(refinement, err) < 0 || refine_verify(refinement, err) < 0 || balance(refinement, err) < 0 ||
	    add_missing(refinement, err) < 0 || describe_missing(refinement, err) < 0)
		goto out;
	rc = 0;
out:
	round_end(refinement);
	return rc;
}

int refine(struct model *model, const struct persona_task *task, struct persona_answer *answer,
	   struct persona_error *err)
{
	struct refinement refinement = { .model = model, .task = task };
	struct persona *out;
	int rc = -1;

	persona_buf_init(&refinement.log, PERSONA_TEXT_MAX);
	if (persona_copy(&refinement.persona, task->persona, err) < 0)
		return -1;
	if (rename_placeholder(&refinement, err) < 0)
		goto out;
	for (int round = 0; round < ROUNDS; round++) {
		size_t before = refinement.edits;

		if (round_run(&refinement, err) < 0)
			goto out;
		if (refinement.edits == before)
			break;
	}
	if (refinement.edits) {
		if (persona_set_text(&refinement.persona.refinement_notes, refinement.log.data, err) < 0 ||
		    persona_answer_add(answer, &out, err) < 0)
			goto out;
		*out = refinement.persona;
		persona_init(&refinement.persona);
	}
	rc = 0;
out:
	persona_release(&refinement.persona);
	persona_buf_release(&refinement.log);
	return rc;
}
