/* What can be said of a set of personas as a whole. */
#include <math.h>

#include "internal.h"

#define MTLD_LIMIT 0.72 /* share of different words at which a stretch of text ends */
#define MTLD_LEAST 50	/* words; of fewer it says nothing */

/* ---- Lexical diversity ------------------------------------------------- */

/* Texts as numbers of words. */
struct tokens {
	struct metric_vocabulary vocabulary;
	uint32_t *items;
	size_t len, capacity;
};

static int add_text(struct tokens *tokens, const char *text, struct persona_error *err)
{
	struct metric_words words;
	int rc = 0;

	if (metric_words_of(&words, text, err) < 0)
		return -1;
	for (size_t i = 0; !rc && i < words.count; i++) {
		rc = persona_grow((void **)&tokens->items, &tokens->capacity, tokens->len, sizeof *tokens->items, err);
		if (!rc)
			rc = metric_vocabulary_add(&tokens->vocabulary, 't', words.folded.data + words.items[i].offset,
						   words.items[i].len, &tokens->items[tokens->len], err);
		tokens->len += !rc;
	}
	metric_words_release(&words);
	return rc;
}

/* How many stretches the text falls into, read from one end; the last one counts by how far it came. */
static double stretches(const struct tokens *tokens, bool backwards, uint32_t *seen)
{
	size_t words = 0, different = 0;
	uint32_t stretch = 1;
	double full = 0;

	memset(seen, 0, tokens->vocabulary.len * sizeof *seen);
	for (size_t i = 0; i < tokens->len; i++) {
		uint32_t word = tokens->items[backwards ? tokens->len - 1 - i : i];

		words++;
		different += seen[word] != stretch;
		seen[word] = stretch;
		if ((double)different / (double)words > MTLD_LIMIT)
			continue;
		full++;
		stretch++;
		words = different = 0;
	}
	if (words)
		full += (1 - (double)different / (double)words) / (1 - MTLD_LIMIT);
	return full;
}

/* Where no word comes up twice, the whole text is one stretch. */
static double length_of(const struct tokens *tokens, bool backwards, uint32_t *seen)
{
	double count = stretches(tokens, backwards, seen);

	return (double)tokens->len / (count > 0 ? count : 1);
}

static int measure_diversity(double *mtld, const struct tokens *tokens, struct persona_error *err)
{
	uint32_t *seen;

	*mtld = NAN;
	if (tokens->len < MTLD_LEAST)
		return 0;
	seen = calloc(tokens->vocabulary.len, sizeof *seen);
	if (!seen)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	*mtld = (length_of(tokens, false, seen) + length_of(tokens, true, seen)) / 2;
	free(seen);
	return 0;
}

static int diversity(struct persona_figures *out, const struct persona_subject *subjects, size_t len,
		     struct persona_error *err)
{
	struct tokens tokens = { .items = NULL };
	int rc = 0;

	metric_vocabulary_init(&tokens.vocabulary);
	for (size_t i = 0; !rc && i < len; i++)
		for (int field = 0; !rc && subjects[i].member && field < PERSONA_LIST_FIELDS; field++) {
			const struct persona_list *list = &subjects[i].persona->lists[field];

			for (size_t k = 0; !rc && k < list->len; k++)
				rc = add_text(&tokens, list->items[k], err);
		}
	if (!rc)
		rc = measure_diversity(&out->mtld, &tokens, err);
	free(tokens.items);
	metric_vocabulary_release(&tokens.vocabulary);
	return rc;
}

/* ---- Records behind the set ---------------------------------------------- */

static int compare_ids(const void *left, const void *right)
{
	const int64_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

static int count_records(struct persona_figures *out, const struct persona_subject *subjects, size_t len,
			 struct persona_error *err)
{
	size_t ids_len = 0, capacity = 0;
	int64_t *ids = NULL;
	int rc = 0;

	for (size_t i = 0; !rc && i < len; i++)
		for (size_t k = 0; !rc && subjects[i].member && k < subjects[i].persona->evidence_len; k++) {
			const struct persona_evidence *evidence = &subjects[i].persona->evidence[k];

			if (evidence->record_id <= 0 || evidence->strength == PERSONA_STRENGTH_NONE)
				continue;
			rc = persona_grow((void **)&ids, &capacity, ids_len, sizeof *ids, err);
			if (!rc)
				ids[ids_len++] = evidence->record_id;
		}
	if (!rc && ids_len)
		qsort(ids, ids_len, sizeof *ids, compare_ids);
	for (size_t i = 0; !rc && i < ids_len; i++)
		out->records_used += !i || ids[i] != ids[i - 1];
	free(ids);
	return rc;
}

/* ---- Scores ------------------------------------------------------------------ */

static void add_score(struct persona_figures *out, const struct persona_score *score)
{
	out->members++;
	if (score->measured) {
		out->measured++;
		out->overall += score->overall;
		out->levels[score->level]++;
	}
	for (size_t i = 0; i < score->len; i++) {
		const struct persona_finding *finding = &score->metrics[i].finding;

		out->similar_pairs += finding->similar_total;
		if (!finding->measured)
			continue;
		out->metrics[i].measured++;
		out->metrics[i].mean += finding->value;
	}
}

static double mean_of(double sum, size_t count)
{
	return count ? fmin(sum / (double)count, 100) : NAN;
}

int persona_figures_of(struct persona_figures *out, const struct persona_score *scores,
		       const struct persona_subject *subjects, size_t len, struct persona_error *err)
{
	*out = (struct persona_figures){ .mtld = NAN, .overall = 0 };
	out->metrics = calloc(len && scores[0].len ? scores[0].len : 1, sizeof *out->metrics);
	if (!out->metrics)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	out->metrics_len = len ? scores[0].len : 0;
	for (size_t i = 0; i < out->metrics_len; i++)
		out->metrics[i].metric = scores[0].metrics[i].metric;
	for (size_t i = 0; i < len; i++)
		if (subjects[i].member)
			add_score(out, &scores[i]);
	out->overall = mean_of(out->overall, out->measured);
	for (size_t i = 0; i < out->metrics_len; i++)
		out->metrics[i].mean = mean_of(out->metrics[i].mean, out->metrics[i].measured);
	out->similar_pairs /= 2;
	if (diversity(out, subjects, len, err) < 0 || count_records(out, subjects, len, err) < 0) {
		persona_figures_release(out);
		return -1;
	}
	return 0;
}

void persona_figures_release(struct persona_figures *figures)
{
	free(figures->metrics);
	*figures = (struct persona_figures){ .mtld = NAN, .overall = NAN };
}
