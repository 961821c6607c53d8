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
	double kept = fmin(1, UNITS_MOST / (.75 * (double)model->speaking));
	size_t features = 0, len = 0;

	*sample = (struct sample){ .model = { .threads = 1, .features_count = model->features_count } };
	sample->units = calloc(model->len + 1, sizeof *sample->units);
	if (!sample->units)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (uint32_t u = 0; u < model->len; u++) {
		/* The first draw is the same for both samples of a pair, so that they overlap. */
		if ((model->silent && model->silent[u]) || !is_in(model, u, seed / 2, kept) ||
		    !is_in(model, u, 1000 + seed, .75))
			continue;
		sample->units[len++] = u;
		features += model->features_from[u + 1] - model->features_from[u];
	}
	sample->model.len = len;
	sample->model.features_from = calloc(len + 1, sizeof *sample->model.features_from);
	sample->model.features = calloc(features + 1, sizeof *sample->model.features);
	sample->groups = calloc(len + 1, sizeof *sample->groups);
	if (!sample->model.features_from || !sample->model.features || !sample->groups)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t i = 0; i < len; i++) {
		size_t from = model->features_from[sample->units[i]], to = model->features_from[sample->units[i] + 1];

		memcpy(sample->model.features + sample->model.features_len, model->features + from,
		       (to - from) * sizeof *sample->model.features);
		sample->model.features_len += to - from;
		sample->model.features_from[i + 1] = sample->model.features_len;
	}
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

struct sampling {
	const struct model *model;
	struct sample samples[2 * PAIRS];
	size_t k;
};

/* A sample that is too small is not grouped. */
static bool is_grouped(const struct sample *sample, size_t k)
{
	return sample->model.len > 3 * k;
}

static int take_sample(void *payload, size_t index, size_t thread, struct persona_error *err)
{
	struct sampling *sampling = payload;
	struct sample *sample = &sampling->samples[index];

	(void)thread;
	if (sample_init(sample, sampling->model, index, err) < 0)
		return -1;
	return is_grouped(sample, sampling->k) ? sample_group(sample, sampling->k, err) : 0;
}

int groups_stability(const struct model *model, size_t k, bool *known, double *out, struct persona_error *err)
{
	struct sampling sampling = { .model = model, .k = k };
	size_t threads = persona_threads(model->threads, model_pieces(model));
	double sum = 0, one;
	int rc = -1;

	*out = 0;
	*known = k > 1 && model->speaking >= UNITS_LEAST &&
		 k * 6 <= (model->speaking < UNITS_MOST ? model->speaking : UNITS_MOST);
	if (!*known)
		return 0;
	if (persona_pieces(threads < 2 * PAIRS ? threads : 2 * PAIRS, 2 * PAIRS, take_sample, &sampling, err) < 0)
		goto out;
	for (size_t i = 0; i < PAIRS; i++) {
		const struct sample *a = &sampling.samples[2 * i], *b = a + 1;

		if (!is_grouped(a, k) || !is_grouped(b, k))
			continue;
		if (compare(a, b, k, &one, err) < 0)
			goto out;
		sum += one;
	}
	*out = sum / PAIRS;
	rc = 0;
out:
	for (size_t i = 0; i < 2 * PAIRS; i++)
		sample_release(&sampling.samples[i]);
	return rc;
}
