/* items.c - goals, frustrations, behaviours and motivations from what the segment said. */
#include <math.h>

#include "internal.h"

#define SUPPORT_COSINE .35  /* sentences at least that similar say the same */
#define CLOSEST	       1.15 /* a sentence of the member in the middle, against */
#define FALL	       .6   /* so much less at the edge */
#define SUPPORT_OF     40   /* candidates whose support is counted */
#define ALIKE	       .4   /* stems in common from which two items are too similar */
#define ITEMS_WANTED   12   /* of all lists together */
#define ENOUGH	       2
#define WEAK	       .25 /* of the best one's rank */
#define WORDS_LEAST    4
#define WORDS_MOST     60
#define ITEM_BYTES     400

enum persona_list_field class_field(enum item_class class_)
{
	static const enum persona_list_field fields[] = { [CLASS_GOAL] = PERSONA_GOALS,
							  [CLASS_FRUSTRATION] = PERSONA_FRUSTRATIONS,
							  [CLASS_BEHAVIOUR] = PERSONA_BEHAVIOURS,
							  [CLASS_MOTIVATION] = PERSONA_MOTIVATIONS };

	return fields[class_];
}

int compare_candidates(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank > y->rank ? -1 : 1;
	return (x->sentence > y->sentence) - (x->sentence < y->sentence);
}

double sentences_jaccard(const struct model *model, const struct sentence *a, const struct sentence *b)
{
	const uint32_t *x = model->sentence_stems + a->stems, *y = model->sentence_stems + b->stems;
	size_t i = 0, j = 0, both = 0;

	while (i < a->stems_len && j < b->stems_len) {
		both += x[i] == y[j];
		if (x[i] == y[j]) {
			i++;
			j++;
		} else if (x[i] < y[j]) {
			i++;
		} else {
			j++;
		}
	}
	return both ? (double)both / (double)(a->stems_len + b->stems_len - both) : 0;
}

double sentence_weight(const struct profile *profile, const struct sentence *sentence)
{
	double sum = 0;

	for (uint32_t s = 0; s < sentence->stems_len; s++)
		sum += profile->stem_z[profile->model->sentence_stems[sentence->stems + s]];
	return sentence->stems_len ? sum / sqrt(sentence->stems_len) : 0;
}

size_t unit_quota(const struct profile *profile, enum relax relax)
{
	size_t quota = (ITEMS_WANTED + profile->segment->len - 1) / profile->segment->len;

	return relax >= RELAX_RESPONDENT ? 2 * quota : quota;
}

static double length_factor(size_t words)
{
	return words < 6 ? .55 : words <= 30 ? 1 : words <= 45 ? .5 : .2;
}

/* Members stand in the order of their closeness to the middle: who is near it speaks for the others more than who is not. */
static double closeness(size_t place, size_t members)
{
	return CLOSEST - FALL * (double)place / (double)members;
}

static bool speaks_of(const struct sentence *sentence, enum item_class class_, enum relax relax)
{
	float score = sentence->score[class_];

	if (relax >= RELAX_CLASS)
		return score > 0;
	if (score < 1)
		return false;
	for (int c = 0; c < CLASSES; c++)
		if (sentence->score[c] > score)
			return false;
	return true;
}

static bool is_usable(const struct sentence *sentence)
{
	return !sentence->idle && !sentence->private_ && sentence->words >= WORDS_LEAST &&
	       sentence->words <= WORDS_MOST && sentence->len <= ITEM_BYTES;
}

static int candidates_collect(const struct profile *profile, enum item_class class_, enum relax relax,
			      struct candidate **out, size_t *len, struct persona_error *err)
{
	const struct model *model = profile->model;
	size_t capacity = 0;

	*out = NULL;
	*len = 0;
	for (size_t m = 0; m < profile->segment->len; m++) {
		uint32_t u = profile->segment->members[m];

		for (size_t i = model->sentences_from[u]; i < model->sentences_from[u + 1]; i++) {
			const struct sentence *sentence = &model->sentences[i];
			double rank;

			if (!is_usable(sentence) || !speaks_of(sentence, class_, relax) ||
			    (relax == RELAX_NOTHING && sentence->dependent))
				continue;
			rank = fmin(sentence->score[class_], 4) * length_factor(sentence->words) *
			       (.6 + sentence_weight(profile, sentence)) * closeness(m, profile->segment->len) *
			       (sentence->dependent ? .4 : 1) * (sentence->links ? .3 : 1) *
			       (sentence->first_person ? 1.2 : 1);
			if (persona_grow((void **)out, &capacity, *len, sizeof **out, err) < 0)
				return -1;
			(*out)[(*len)++] = (struct candidate){ .rank = rank, .sentence = (uint32_t)i };
		}
	}
	if (*len)
		qsort(*out, *len, sizeof **out, compare_candidates);
	return 0;
}

/* Members of the segment who say much the same; marks: by stem, all 0 and left so. */
static size_t support_of(const struct profile *profile, const struct sentence *sentence, double *marks)
{
	const struct model *model = profile->model;
	const uint32_t *own = model->sentence_stems + sentence->stems;
	double norm = sentence->norm;
	size_t support = 0;

	for (uint32_t s = 0; s < sentence->stems_len; s++)
		marks[own[s]] = pow(stem_idf(model, own[s]), 2);
	for (size_t m = 0; m < profile->segment->len; m++) {
		uint32_t u = profile->segment->members[m];
		bool found = false;

		for (size_t i = model->sentences_from[u]; i < model->sentences_from[u + 1] && !found; i++) {
			const struct sentence *other = &model->sentences[i];
			double sum = 0;

			for (uint32_t s = 0; s < other->stems_len; s++)
				sum += marks[model->sentence_stems[other->stems + s]];
			found = sum > 0 && sum >= SUPPORT_COSINE * norm * other->norm;
		}
		support += found;
	}
	for (uint32_t s = 0; s < sentence->stems_len; s++)
		marks[own[s]] = 0;
	return support;
}

struct supporting {
	const struct profile *profile;
	struct candidate *items;
	double **marks; /* by thread: see support_of() */
};

static int support_piece(void *payload, size_t at, size_t thread, struct persona_error *err)
{
	const struct supporting *supporting = payload;
	const struct profile *profile = supporting->profile;
	struct candidate *item = &supporting->items[at];
	size_t support = support_of(profile, &profile->model->sentences[item->sentence], supporting->marks[thread]);

	(void)err;
	item->rank *= 1 + .25 * log(support > 1 ? (double)support : 1);
	return 0;
}

/* What many of the segment say goes up. */
static int candidates_support(const struct profile *profile, struct candidate *items, size_t len,
			      struct persona_error *err)
{
	size_t threads = persona_threads(profile->model->threads, profile->segment->len / UNITS_OF_PIECE + 1);
	struct supporting supporting = { .profile = profile, .items = items };
	int rc = -1;

	len = len < SUPPORT_OF ? len : SUPPORT_OF;
	supporting.marks = calloc(threads, sizeof *supporting.marks);
	for (size_t i = 0; supporting.marks && i < threads; i++) {
		supporting.marks[i] = calloc(profile->model->stems_len + 1, sizeof **supporting.marks);
		if (!supporting.marks[i])
			goto nomem;
	}
	if (!supporting.marks)
		goto nomem;
	if (persona_pieces(threads, len, support_piece, &supporting, err) < 0)
		goto out;
	if (len)
		qsort(items, len, sizeof *items, compare_candidates);
	rc = 0;
	goto out;
nomem:
	persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
out:
	for (size_t i = 0; supporting.marks && i < threads; i++)
		free(supporting.marks[i]);
	free(supporting.marks);
	return rc;
}

/* Already said by this persona, in these words or much the same. */
static bool is_said(const struct profile *profile, const struct sentence *sentence)
{
	for (size_t i = 0; i < profile->chosen_len; i++) {
		const struct sentence *other = &profile->model->sentences[profile->chosen[i]];

		if (other->identity == sentence->identity || sentences_jaccard(profile->model, sentence, other) > ALIKE)
			return true;
	}
	return false;
}

int sentence_use(struct profile *profile, struct persona *persona, enum persona_list_field field, uint32_t index,
		 struct persona_error *err)
{
	const struct sentence *sentence = &profile->model->sentences[index];
	const struct persona_record *record = model_record(profile->model, sentence->unit);
	const char *text = record->text + sentence->offset;
	enum persona_strength strength = PERSONA_STRENGTH_VERBATIM;
	char *excerpt = persona_strndup(text, sentence->len, err);
	struct persona_buf plain;
	int rc = -1;

	persona_buf_init(&plain, PERSONA_TEXT_MAX);
	if (!excerpt)
		goto out;
	if (field == PERSONA_QUOTES) {
		if (persona_buf_add(&plain, text, sentence->len, err) < 0)
			goto out;
	} else if (plain_text(&plain, text, sentence->len, err) < 0) {
		goto out;
	}
	if (plain.len != sentence->len || memcmp(plain.data, text, plain.len) != 0)
		strength = sentence->links ? PERSONA_STRENGTH_CITED : PERSONA_STRENGTH_CLOSE;
	if (persona_list_add(&persona->lists[field], plain.data, plain.len, err) < 0 ||
	    persona_evidence_add(persona, field, persona->lists[field].len - 1, record->locator, record->record_id,
				 strength, excerpt, err) < 0 ||
	    persona_grow((void **)&profile->chosen, &profile->chosen_capacity, profile->chosen_len,
			 sizeof *profile->chosen, err) < 0)
		goto out;
	profile->chosen[profile->chosen_len++] = index;
	profile->unit_used[sentence->unit]++;
	usage_add(profile->usage, sentence->identity);
	rc = 0;
out:
	free(excerpt);
	persona_buf_release(&plain);
	return rc;
}

int items_text(struct profile *profile, struct persona *persona, enum item_class class_, enum relax relax, size_t most,
	       struct persona_error *err)
{
	struct persona_list *list = &persona->lists[class_field(class_)];
	struct candidate *candidates = NULL;
	size_t len = 0;
	int rc = -1;

	if (list->len >= most)
		return 0;
	if (candidates_collect(profile, class_, relax, &candidates, &len, err) < 0 ||
	    candidates_support(profile, candidates, len, err) < 0)
		goto out;
	for (size_t i = 0; i < len && list->len < most; i++) {
		const struct sentence *sentence = &profile->model->sentences[candidates[i].sentence];

		/* Two good ones are better than two good and two weak ones. */
		if (list->len >= ENOUGH && candidates[i].rank < WEAK * candidates[0].rank)
			break;
		if (profile->unit_used[sentence->unit] >= unit_quota(profile, relax) || is_said(profile, sentence) ||
		    (relax < RELAX_USED && usage_has(profile->usage, sentence->identity)))
			continue;
		if (sentence_use(profile, persona, class_field(class_), candidates[i].sentence, err) < 0)
			goto out;
	}
	rc = 0;
out:
	free(candidates);
	return rc;
}

int items_phrases(struct profile *profile, struct persona *persona, enum item_class class_, size_t most,
		  struct persona_error *err)
{
	const struct model *model = profile->model;
	struct persona_list *list = &persona->lists[class_field(class_)];

	for (size_t m = 0; m < profile->segment->len; m++) {
		uint32_t u = profile->segment->members[m];
		const struct persona_record *record = model_record(model, u);

		for (size_t i = model->sentences_from[u]; i < model->sentences_from[u + 1] && list->len < most; i++) {
			const struct sentence *sentence = &model->sentences[i];
			const struct column *column = &model->columns[sentence->column];
			struct persona_buf text;
			int rc;

			if (sentence->idle || sentence->private_ || sentence->words >= WORDS_LEAST ||
			    column->prior != class_ || !column->lead || is_said(profile, sentence) ||
			    profile->unit_used[u] >= unit_quota(profile, RELAX_RESPONDENT))
				continue;
			persona_buf_init(&text, PERSONA_TEXT_MAX);
			rc = persona_buf_addf(&text, err, "%.*s (asked: %s)", (int)sentence->len,
					      record->text + sentence->offset, column->lead);
			if (rc == 0)
				rc = persona_list_add(list, text.data, text.len, err);
			persona_buf_clear(&text);
			if (rc == 0)
				rc = persona_buf_add(&text, record->text + sentence->offset, sentence->len, err);
			if (rc == 0)
				rc = persona_evidence_add(persona, class_field(class_), list->len - 1, record->locator,
							  record->record_id, PERSONA_STRENGTH_CITED, text.data, err);
			if (rc == 0)
				rc = persona_grow((void **)&profile->chosen, &profile->chosen_capacity,
						  profile->chosen_len, sizeof *profile->chosen, err);
			persona_buf_release(&text);
			if (rc < 0)
				return -1;
			profile->chosen[profile->chosen_len++] = (uint32_t)i;
			profile->unit_used[u]++;
		}
	}
	return 0;
}

/* From the best to the least: plain sentences, closed answers, then with less and less demanded. */
int items_fill(struct profile *profile, struct persona *persona, enum item_class class_, size_t least, size_t most,
	       struct persona_error *err)
{
	size_t closed = class_ == CLASS_BEHAVIOUR ? most - 1 : least;

	if (class_ == CLASS_BEHAVIOUR && items_closed(profile, persona, class_, RELAX_NOTHING, closed, err) < 0)
		return -1;
	if (items_text(profile, persona, class_, RELAX_NOTHING, most, err) < 0 ||
	    items_closed(profile, persona, class_, RELAX_NOTHING, closed, err) < 0 ||
	    items_closed(profile, persona, class_, RELAX_CLASS, least, err) < 0)
		return -1;
	for (enum relax relax = RELAX_RESPONDENT; relax <= RELAX_USED; relax++)
		if (items_text(profile, persona, class_, relax, least, err) < 0)
			return -1;
	if (items_phrases(profile, persona, class_, least, err) < 0)
		return -1;
	return items_closed(profile, persona, class_, RELAX_USED, least, err);
}
