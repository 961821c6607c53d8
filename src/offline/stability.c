/*
 * stability.c - would other respondents of the same kind have given the same groups? Two samples
 * of three quarters each are grouped by themselves, and what they have in common is compared.
 */
#include <math.h>

#include "internal.h"

#define PAIRS	    3
#define UNITS_MOST  1500 /* of a sample: more cost time and tell no more */
#define UNITS_LEAST 20

/* A part of the units as a model that can be grouped; what it has no copy of is borrowed. */
struct sample {
	struct model model;
	uint32_t *units;  /* of the whole model */
	uint32_t *groups; /* by unit of the sample */
};

static void sample_release(struct sample *sample)
{
	free(sample->model.features);
	free(sample->model.features_from);
	free(sample->units);
	free(sample->groups);
	*sample = (struct sample){ 0 };
}

/* Is the unit in that sample? Three of four are, by a hash: the same in every run. */
static bool is_in(const struct model *model, uint32_t unit, uint64_t seed, double share)
{
	uint64_t hash = persona_mix64(seed, &model->hashes[unit], sizeof model->hashes[unit]);

	return (double)(hash >> 11) / 9007199254740992.0 < share;
}

static int sample_init(struct sample *sample, const struct model *model, uint64_t seed, struct persona_error *err)
{
	double kept = fmin(1, UNITS_MOST / (.75 * (double)model->len));
	size_t features = 0;

	*sample = (struct sample){ .model = { .features_count = model->features_count } };
	sample->units = calloc(model->len + 1, sizeof *sample->units);
	sample->model.features_from = calloc(model->len + 2, sizeof *sample->model.features_from);
	sample->model.features = calloc(model->features_len + 1, sizeof *sample->model.features);
	sample->groups = calloc(model->len + 1, sizeof *sample->groups);
	if (!sample->units || !sample->model.features_from || !sample->model.features || !sample->groups)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (uint32_t u = 0; u < model->len; u++) {
		size_t len = model->features_from[u + 1] - model->features_from[u];

		/* The first draw is the same for both samples of a pair, so that they overlap. */
		if (!is_in(model, u, seed / 2, kept) || !is_in(model, u, 1000 + seed, .75))
			continue;
		memcpy(sample->model.features + features, model->features + model->features_from[u],
		       len * sizeof *sample->model.features);
		features += len;
		sample->units[sample->model.len++] = u;
		sample->model.features_from[sample->model.len] = features;
	}
	sample->model.features_len = features;
	return 0;
}

static int sample_group(struct sample *sample, size_t k, struct persona_error *err)
{
	struct groups groups;

	if (groups_make(&groups, &sample->model, k, err) < 0)
		return -1;
	for (size_t g = 0; g < groups.len; g++)
		for (size_t i = 0; i < groups.items[g].len; i++)
			sample->groups[groups.items[g].members[i]] = (uint32_t)g;
	groups_release(&groups);
	return 0;
}

static double pairs_of(double n)
{
	return n * (n - 1) / 2;
}

/* The adjusted Rand index over the units that both have. */
static int compare(const struct sample *a, const struct sample *b, size_t k, double *out, struct persona_error *err)
{
	double *table = calloc(k * k + 2 * k, sizeof *table), n = 0, both = 0, rows = 0, columns = 0, expected;
	double *row = table ? table + k * k : NULL, *column = row ? row + k : NULL;

	*out = 0;
	if (!table)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t i = 0, j = 0; i < a->model.len && j < b->model.len;) {
		if (a->units[i] == b->units[j]) {
			table[a->groups[i] * k + b->groups[j]]++;
			row[a->groups[i]]++;
			column[b->groups[j]]++;
			n++;
		}
		if (a->units[i] == b->units[j]) {
			i++;
			j++;
		} else if (a->units[i] < b->units[j]) {
			i++;
		} else {
			j++;
		}
	}
	for (size_t i = 0; i < k * k; i++)
		both += pairs_of(table[i]);
	for (size_t i = 0; i < k; i++) {
		rows += pairs_of(row[i]);
		columns += pairs_of(column[i]);
	}
	expected = n > 1 ? rows * columns / pairs_of(n) : 0;
	if ((rows + columns) / 2 > expected)
		*out = (both - expected) / ((rows + columns) / 2 - expected);
	free(table);
	return 0;
}

static int pair(const struct model *model, size_t k, uint64_t number, double *out, struct persona_error *err)
{
	struct sample a = { 0 }, b = { 0 };
	int rc = -1;

	if (sample_init(&a, model, 2 * number, err) < 0 || sample_init(&b, model, 2 * number + 1, err) < 0)
		goto out;
	if (a.model.len <= 3 * k || b.model.len <= 3 * k) {
		*out = 0;
		rc = 0;
		goto out;
	}
	if (sample_group(&a, k, err) < 0 || sample_group(&b, k, err) < 0)
		goto out;
	rc = compare(&a, &b, k, out, err);
out:
	sample_release(&a);
	sample_release(&b);
	return rc;
}

int groups_stability(const struct model *model, size_t k, bool *known, double *out, struct persona_error *err)
{
	double sum = 0, one;

	*out = 0;
	*known = k > 1 && model->len >= UNITS_LEAST && k * 6 <= (model->len < UNITS_MOST ? model->len : UNITS_MOST);
	for (uint64_t i = 0; i < PAIRS && *known; i++) {
		if (pair(model, k, i, &one, err) < 0)
			return -1;
		sum += one;
	}
	*out = sum / PAIRS;
	return 0;
}
