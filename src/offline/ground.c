/* ground.c - where the records bear out what a persona says that was written elsewhere. */
#include <math.h>

#include "internal.h"

#define SEGMENT_SHARE 6 /* a sixth of the respondents */
#define SEGMENT_MOST  400
#define GRAM	      4	    /* letters in a run */
#define GRAMS_MOST    4000  /* of one text */
#define NAMED	      100.0 /* named by evidence: before all others */

uint32_t unit_by_locator(const struct model *model, const char *locator)
{
	size_t from = 0, to = model->len;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (strcmp(model_record(model, model->by_locator[middle])->locator, locator) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	if (from == model->len || strcmp(model_record(model, model->by_locator[from])->locator, locator) != 0)
		return OFFLINE_NONE;
	return model->by_locator[from];
}

static uint32_t stem_by_text(const struct model *model, const char *text)
{
	size_t from = 0, to = model->stems_len;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (strcmp(model->stems[model->stems_sorted[middle]].text, text) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	if (from == model->stems_len || strcmp(model->stems[model->stems_sorted[from]].text, text) != 0)
		return OFFLINE_NONE;
	return model->stems_sorted[from];
}

/* ---- Segment --------------------------------------------------------- */

static int add_text(const struct model *model, double *wanted, const char *text, struct persona_error *err)
{
	struct persona_stems stems = { 0 };

	if (!text)
		return 0;
	if (persona_stems_of(&stems, model->language, text, strlen(text), err) < 0)
		return -1;
	for (size_t i = 0; i < stems.count; i++) {
		uint32_t id = stem_by_text(model, stems.items[i]);

		if (id != OFFLINE_NONE)
			wanted[model->options_len + id] += stem_idf(model, id);
	}
	persona_stems_release(&stems);
	return 0;
}

/* The persona as a point among the respondents: its words. */
static int persona_vector(const struct model *model, const struct persona *persona, double *wanted,
			  struct persona_error *err)
{
	double norm = 0;

	if (add_text(model, wanted, persona->occupation, err) < 0)
		return -1;
	for (int f = 0; f < PERSONA_LIST_FIELDS; f++)
		for (size_t i = 0; i < persona->lists[f].len; i++)
			if (add_text(model, wanted, persona->lists[f].items[i], err) < 0)
				return -1;
	for (size_t i = 0; i < model->features_count; i++)
		norm += wanted[i] * wanted[i];
	for (size_t i = 0; i < model->features_count && norm > 0; i++)
		wanted[i] /= sqrt(norm);
	/* The respondents that it names count as much as its words, each. */
	for (size_t e = 0; e < persona->evidence_len; e++) {
		uint32_t u = unit_by_locator(model, persona->evidence[e].locator);

		for (size_t i = u == OFFLINE_NONE ? 1 : model->features_from[u];
		     u != OFFLINE_NONE && i < model->features_from[u + 1]; i++)
			wanted[model->features[i].feature] += model->features[i].weight;
	}
	return 0;
}

struct near {
	double value;
	uint32_t unit;
};

static int compare_near(const void *a, const void *b)
{
	const struct near *x = a, *y = b;

	if (x->value != y->value)
		return x->value > y->value ? -1 : 1;
	return (x->unit > y->unit) - (x->unit < y->unit);
}

static size_t segment_size(size_t units)
{
	size_t size = units / SEGMENT_SHARE;

	size = size < OFFLINE_SMALL ? OFFLINE_SMALL : size > SEGMENT_MOST ? SEGMENT_MOST : size;
	return size < units ? size : units;
}

/*
 * How near somebody must be who is not named: nearer than the middle one of those who are. Else a persona of two
 * respondents would be mended with what strangers said. Nobody named: then everybody near will do.
 */
static int least_near(const struct model *model, const struct near *near, const bool *named, double *out,
		      struct persona_error *err)
{
	double *values = calloc(model->len + 1, sizeof *values);
	size_t len = 0;

	*out = 0;
	if (!values)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (uint32_t u = 0; u < model->len; u++)
		if (named[u])
			values[len++] = near[u].value;
	if (len) {
		qsort(values, len, sizeof *values, compare_doubles);
		*out = values[len / 2];
	}
	free(values);
	return 0;
}

int segment_near(struct segment *out, const struct model *model, const struct persona *persona,
		 struct persona_error *err)
{
	double *wanted = calloc(model->features_count + 1, sizeof *wanted);
	struct near *near = calloc(model->len + 1, sizeof *near);
	bool *named = calloc(model->len + 1, sizeof *named);
	size_t most = segment_size(model->len), named_len = 0;
	double least;
	int rc = -1;

	*out = (struct segment){ 0 };
	out->members = calloc(model->len + 1, sizeof *out->members);
	if (!wanted || !near || !named || !out->members) {
		persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		goto out;
	}
	if (persona_vector(model, persona, wanted, err) < 0)
		goto out;
	for (uint32_t u = 0; u < model->len; u++) {
		near[u].unit = u;
		for (size_t i = model->features_from[u]; i < model->features_from[u + 1]; i++)
			near[u].value += wanted[model->features[i].feature] * model->features[i].weight;
	}
	for (size_t e = 0; e < persona->evidence_len; e++) {
		uint32_t u = unit_by_locator(model, persona->evidence[e].locator);

		if (u != OFFLINE_NONE && !named[u]) {
			named[u] = true;
			named_len++;
		}
	}
	if (least_near(model, near, named, &least, err) < 0)
		goto out;
	for (uint32_t u = 0; u < model->len; u++)
		near[u].value += named[u] ? NAMED : 0;
	qsort(near, model->len, sizeof *near, compare_near);
	most = named_len > most ? named_len : most;
	for (size_t i = 0; i < model->len && i < most && (named[near[i].unit] || near[i].value > least); i++)
		out->members[out->len++] = near[i].unit;
	rc = 0;
out:
	free(wanted);
	free(near);
	free(named);
	if (rc < 0) {
		free(out->members);
		out->members = NULL;
	}
	return rc;
}

/* ---- Sentences ------------------------------------------------------- */

int sentence_equal(const struct model *model, const char *text, uint32_t *out, struct persona_error *err)
{
	struct persona_buf plain;
	struct folded folded = { 0 };
	uint64_t identity;
	int rc = -1;

	*out = OFFLINE_NONE;
	persona_buf_init(&plain, SIZE_MAX / 2);
	if (plain_text(&plain, text, strlen(text), err) < 0 || folded_of(&folded, plain.data, plain.len, err) < 0)
		goto out;
	identity = persona_mix64(1, folded.text.data, folded.text.len);
	for (size_t i = 0; i < model->sentences_len && *out == OFFLINE_NONE; i++)
		if (model->sentences[i].identity == identity)
			*out = (uint32_t)i;
	rc = 0;
out:
	folded_release(&folded);
	persona_buf_release(&plain);
	return rc;
}

/* Stem ids of a text, ascending, each once; NULL on failure. */
static uint32_t *text_stems(const struct model *model, const char *text, size_t *len, struct persona_error *err)
{
	struct persona_stems stems = { 0 };
	uint32_t *ids;

	*len = 0;
	if (persona_stems_of(&stems, model->language, text, strlen(text), err) < 0)
		return NULL;
	ids = calloc(stems.count + 1, sizeof *ids);
	for (size_t i = 0; ids && i < stems.count; i++) {
		uint32_t id = stem_by_text(model, stems.items[i]);
		bool known = id == OFFLINE_NONE;

		for (size_t j = 0; j < *len && !known; j++)
			known = ids[j] == id;
		if (!known)
			ids[(*len)++] = id;
	}
	if (!ids)
		persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	persona_stems_release(&stems);
	return ids;
}

static double weight_of(const struct model *model, const uint32_t *ids, size_t len, const struct sentence *in)
{
	double sum = 0;

	for (size_t i = 0; i < len; i++)
		if (!in || has_stem(model, in, ids[i]))
			sum += stem_idf(model, ids[i]);
	return sum;
}

int sentence_holding(const struct model *model, const char *text, uint32_t *out, double *share,
		     struct persona_error *err)
{
	size_t len;
	uint32_t *ids = text_stems(model, text, &len, err);
	double whole;

	*out = OFFLINE_NONE;
	*share = 0;
	if (!ids)
		return -1;
	whole = weight_of(model, ids, len, NULL);
	for (size_t i = 0; i < model->sentences_len && len >= 2; i++) {
		double held = weight_of(model, ids, len, &model->sentences[i]) / whole;

		if (held > *share) {
			*share = held;
			*out = (uint32_t)i;
		}
	}
	free(ids);
	return 0;
}

/* Runs of four bytes of the folded text, sorted; NULL on failure. */
static uint32_t *grams_of(const char *text, size_t len, size_t *count, struct persona_error *err)
{
	struct persona_buf folded;
	uint32_t *grams = NULL;

	*count = 0;
	persona_buf_init(&folded, SIZE_MAX / 2);
	if (persona_text_fold(&folded, text, len, PERSONA_FOLD_PUNCTUATION, err) < 0)
		goto out;
	grams = calloc(folded.len + 1, sizeof *grams);
	if (!grams) {
		persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		goto out;
	}
	for (size_t i = 0; i + GRAM <= folded.len && *count < GRAMS_MOST; i++)
		memcpy(&grams[(*count)++], folded.data + i, GRAM);
	qsort(grams, *count, sizeof *grams, compare_u32);
out:
	persona_buf_release(&folded);
	return grams;
}

static double dice(const uint32_t *a, size_t a_len, const uint32_t *b, size_t b_len)
{
	size_t i = 0, j = 0, both = 0;

	while (i < a_len && j < b_len) {
		both += a[i] == b[j];
		if (a[i] == b[j]) {
			i++;
			j++;
		} else if (a[i] < b[j]) {
			i++;
		} else {
			j++;
		}
	}
	return a_len + b_len ? 2.0 * (double)both / (double)(a_len + b_len) : 0;
}

int sentence_nearest(const struct model *model, const char *text, uint32_t *out, double *near,
		     struct persona_error *err)
{
	size_t ids_len, grams_len;
	uint32_t *ids = text_stems(model, text, &ids_len, err);
	uint32_t *grams = ids ? grams_of(text, strlen(text), &grams_len, err) : NULL;
	int rc = -1;

	*out = OFFLINE_NONE;
	*near = 0;
	if (!grams)
		goto out;
	for (size_t i = 0; i < model->sentences_len && ids_len; i++) {
		const struct sentence *sentence = &model->sentences[i];
		size_t shared = 0, count;
		uint32_t *own;
		double similarity;

		for (size_t s = 0; s < ids_len; s++)
			shared += has_stem(model, sentence, ids[s]);
		if (2 * shared < ids_len)
			continue;
		own = grams_of(model_bytes(model, sentence->unit, sentence->offset), sentence->len, &count, err);
		if (!own)
			goto out;
		similarity = dice(grams, grams_len, own, count);
		free(own);
		if (similarity > *near) {
			*near = similarity;
			*out = (uint32_t)i;
		}
	}
	rc = 0;
out:
	free(ids);
	free(grams);
	return rc;
}
