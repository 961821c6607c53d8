/* quotes.c - what respondents said, word for word. */
#include <math.h>
#include <strings.h>

#include "internal.h"

#define QUOTE_LEAST  8
#define QUOTE_MOST   35
#define QUOTE_BYTES  600
#define SUBJECT_MOST .2 /* share of respondents from which a word is no subject of its own */
#define RELATED	     2.5

/* Openings that nobody speaks. */
static bool is_stiff(const char *text, size_t len)
{
	static const char *const openings[] = { "as a ",    "as an ",	     "in my role as", "i always ",
						"i never ", "i absolutely ", "i definitely " };

	for (size_t i = 0; i < sizeof openings / sizeof *openings; i++)
		if (len > strlen(openings[i]) && strncasecmp(text, openings[i], strlen(openings[i])) == 0)
			return true;
	return false;
}

/* A quote is to be found in the file in these very bytes: no escaped quotation mark, no line end of another kind in it. */
static bool stands_in_one_piece(const struct model *model, const struct sentence *sentence)
{
	const struct persona_record *record = model_record(model, sentence->unit);
	int64_t byte, line;

	if (!record->pieces_len)
		return true;
	persona_record_place(record, sentence->offset, sentence->len, &byte, &line);
	return byte >= 0;
}

static bool is_quotable(const struct model *model, const struct sentence *sentence, enum relax relax)
{
	const char *text = model_bytes(model, sentence->unit, sentence->offset);
	bool loose = relax >= RELAX_CLASS;

	if (sentence->idle || sentence->private_ || sentence->links || sentence->len > QUOTE_BYTES ||
	    memchr(text, '\n', sentence->len) || is_stiff(text, sentence->len))
		return false;
	if (relax < RELAX_RESPONDENT && (!sentence->first_person || sentence->dependent))
		return false;
	if (relax < RELAX_CLASS && !stands_in_one_piece(model, sentence))
		return false;
	return sentence->words >= (loose ? 3 : QUOTE_LEAST) && sentence->words <= (loose ? 60 : QUOTE_MOST);
}

/* Do they share a word that is not on everybody's lips? */
static bool shares_a_subject(const struct model *model, const struct sentence *a, const struct sentence *b)
{
	const uint32_t *x = model->sentence_stems + a->stems, *x_end = x + a->stems_len;
	const uint32_t *y = model->sentence_stems + b->stems, *y_end = y + b->stems_len;

	while (x < x_end && y < y_end) {
		if (*x == *y && model->stems[*x].df <= SUBJECT_MOST * (double)model->len)
			return true;
		if (*x <= *y)
			x++;
		else
			y++;
	}
	return false;
}

/* A quote should speak of what the persona wants or suffers from. */
static bool is_related(const struct profile *profile, const struct sentence *sentence)
{
	for (size_t i = 0; i < profile->chosen_len; i++)
		if (shares_a_subject(profile->model, sentence, &profile->model->sentences[profile->chosen[i]]))
			return true;
	return false;
}

static double quote_rank(const struct profile *profile, const struct sentence *sentence, bool medoid)
{
	float top = 0;

	for (int c = 0; c < CLASSES; c++)
		top = sentence->score[c] > top ? sentence->score[c] : top;
	return (.6 + sentence_weight(profile, sentence)) * (1 + .3 * fmin(top, 4)) *
	       (is_related(profile, sentence) ? RELATED : 1) * (sentence->first_person ? 1.3 : 1) *
	       (profile->unit_used[sentence->unit] ? .6 : 1) * (medoid ? 1.15 : 1);
}

static bool is_chosen(const struct profile *profile, const struct persona *persona, uint32_t index)
{
	const struct sentence *sentence = &profile->model->sentences[index];
	const char *text = model_bytes(profile->model, sentence->unit, sentence->offset);
	const struct persona_list *quotes = &persona->lists[PERSONA_QUOTES];

	for (size_t i = 0; i < quotes->len; i++)
		if (strlen(quotes->items[i]) == sentence->len && memcmp(quotes->items[i], text, sentence->len) == 0)
			return true;
	return false;
}

/* Has the respondent been quoted as often as his share of the quotes goes? */
static bool has_quoted(const struct profile *profile, const struct persona *persona, uint32_t unit, size_t most)
{
	const char *locator = model_record(profile->model, unit)->locator;
	size_t quoted = 0, members = profile->segment->len;

	for (size_t i = 0; i < persona->evidence_len; i++)
		quoted += persona->evidence[i].field == PERSONA_QUOTES &&
			  strcmp(persona->evidence[i].locator, locator) == 0;
	return quoted >= (most + members - 1) / members;
}

int items_quotes(struct profile *profile, struct persona *persona, enum relax relax, size_t most,
		 struct persona_error *err)
{
	const struct model *model = profile->model;
	struct persona_list *quotes = &persona->lists[PERSONA_QUOTES];
	struct candidate *candidates = NULL;
	size_t len = 0, capacity = 0;
	int rc = -1;

	for (size_t m = 0; m < profile->segment->len && quotes->len < most; m++) {
		uint32_t u = profile->segment->members[m];

		for (size_t i = model->sentences_from[u]; i < model->sentences_from[u + 1]; i++) {
			if (!is_quotable(model, &model->sentences[i], relax))
				continue;
			if (persona_grow((void **)&candidates, &capacity, len, sizeof *candidates, err) < 0)
				goto out;
			candidates[len++] =
				(struct candidate){ .rank = quote_rank(profile, &model->sentences[i], m == 0),
						    .sentence = (uint32_t)i };
		}
	}
	if (len)
		qsort(candidates, len, sizeof *candidates, compare_candidates);
	for (size_t i = 0; i < len && quotes->len < most; i++) {
		const struct sentence *sentence = &model->sentences[candidates[i].sentence];

		if (is_chosen(profile, persona, candidates[i].sentence) ||
		    (relax < RELAX_USED && usage_has(profile->usage, sentence->identity)) ||
		    (relax < RELAX_USED && has_quoted(profile, persona, sentence->unit, most)) ||
		    (relax < RELAX_RESPONDENT &&
		     profile->unit_used[sentence->unit] >= unit_quota(profile, RELAX_RESPONDENT)))
			continue;
		if (sentence_use(profile, persona, PERSONA_QUOTES, candidates[i].sentence, err) < 0)
			goto out;
	}
	rc = 0;
out:
	free(candidates);
	return rc;
}

int quotes_fill(struct profile *profile, struct persona *persona, size_t least, size_t most, struct persona_error *err)
{
	if (items_quotes(profile, persona, RELAX_NOTHING, most, err) < 0)
		return -1;
	for (enum relax relax = RELAX_RESPONDENT; relax <= RELAX_USED; relax++)
		if (items_quotes(profile, persona, relax, least, err) < 0)
			return -1;
	return 0;
}
