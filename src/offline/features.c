/*
 * features.c - respondents as sparse vectors: closed answers and stems of open ones.
 *
 * A dot product is then text_weight x similarity of words + the rest x agreement in closed
 * answers. Age, gender, origin and faith are never part of it: groups made of them would be
 * stereotypes. They describe a group afterwards.
 */
#include <math.h>

#include "internal.h"

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#define TEXT_WEIGHT  .2
#define FILLED	     .60 /* share of units that answered a closed column */
#define OPTION_LEAST .08
#define OPTION_MOST  .80
#define FEW_FEATURES 5

struct node {
	char *text;
	uint32_t id;
	UT_hash_handle hh;
};

/* Which features count. */
struct bounds {
	double filled, option_least, option_most, df_least, df_most;
};

static int stem_id(struct model *model, struct node **nodes, const char *text, uint32_t *id, struct persona_error *err)
{
	struct node *node;

	HASH_FIND_STR(*nodes, text, node);
	if (node) {
		*id = node->id;
		return 0;
	}
	if (persona_grow((void **)&model->stems, &model->stems_capacity, model->stems_len, sizeof *model->stems, err) <
	    0)
		return -1;
	node = calloc(1, sizeof *node);
	if (!node)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	node->text = persona_strdup(text, err);
	node->id = *id = (uint32_t)model->stems_len;
	if (!node->text) {
		free(node);
		return -1;
	}
	HASH_ADD_KEYPTR(hh, *nodes, node->text, strlen(node->text), node);
	if (!node->hh.tbl) {
		free(node->text);
		free(node);
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	model->stems[model->stems_len++] = (struct stem){ .text = node->text };
	return 0;
}

static int sentence_stems(struct model *model, struct node **nodes, struct sentence *sentence,
			  struct persona_error *err)
{
	struct persona_buf plain;
	struct persona_stems stems = { 0 };
	uint32_t *ids;
	size_t len = 0;
	int rc = -1;

	persona_buf_init(&plain, SIZE_MAX / 2);
	if (plain_text(&plain, model_bytes(model, sentence->unit, sentence->offset), sentence->len, err) < 0 ||
	    persona_stems_of(&stems, model->language, plain.data, plain.len, err) < 0)
		goto out;
	sentence->stems = (uint32_t)model->sentence_stems_len;
	for (size_t i = 0; i < stems.count; i++) {
		if (persona_grow((void **)&model->sentence_stems, &model->sentence_stems_capacity,
				 model->sentence_stems_len + i, sizeof *ids, err) < 0 ||
		    stem_id(model, nodes, stems.items[i], &model->sentence_stems[model->sentence_stems_len + i], err) <
			    0)
			goto out;
	}
	ids = model->sentence_stems ? model->sentence_stems + model->sentence_stems_len : NULL;
	if (stems.count)
		qsort(ids, stems.count, sizeof *ids, compare_u32);
	for (size_t i = 0; i < stems.count; i++)
		if (!len || ids[len - 1] != ids[i])
			ids[len++] = ids[i];
	sentence->stems_len = (uint32_t)len;
	model->sentence_stems_len += len;
	rc = 0;
out:
	persona_stems_release(&stems);
	persona_buf_release(&plain);
	return rc;
}

static void weigh(struct model *model)
{
	for (size_t i = 0; i < model->stems_len; i++)
		model->stems[i].idf = log(1 + (double)model->len / model->stems[i].df);
	for (size_t i = 0; i < model->sentences_len; i++) {
		struct sentence *sentence = &model->sentences[i];
		double sum = 0;

		for (uint32_t s = 0; s < sentence->stems_len; s++)
			sum += pow(model->stems[model->sentence_stems[sentence->stems + s]].idf, 2);
		sentence->norm = sqrt(sum);
	}
}

static int stems_learn(struct model *model, struct persona_error *err)
{
	struct node *nodes = NULL, *node, *next;
	uint32_t *last = NULL;
	int rc = -1;

	for (size_t i = 0; i < model->sentences_len; i++)
		if (sentence_stems(model, &nodes, &model->sentences[i], err) < 0)
			goto out;
	last = malloc((model->stems_len + 1) * sizeof *last);
	if (!last) {
		persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		goto out;
	}
	memset(last, 0xff, (model->stems_len + 1) * sizeof *last);
	for (size_t i = 0; i < model->sentences_len; i++) {
		const struct sentence *sentence = &model->sentences[i];

		for (uint32_t s = sentence->stems; s < sentence->stems + sentence->stems_len; s++) {
			uint32_t id = model->sentence_stems[s];

			if (last[id] != sentence->unit)
				model->stems[id].df++;
			last[id] = sentence->unit;
		}
	}
	weigh(model);
	rc = 0;
out:
	free(last);
	HASH_ITER(hh, nodes, node, next)
	{
		HASH_DEL(nodes, node);
		free(node); /* the text is the model's now */
	}
	return rc;
}

/* ---- Vectors --------------------------------------------------------- */

static bool option_counts(const struct model *model, const struct option *option, const struct bounds *bounds)
{
	const struct column *column = &model->columns[option->column];
	double n = (double)model->len;

	return !column_is_protected(column) && (double)column->len >= bounds->filled * n && option->count >= 2 &&
	       option->count >= bounds->option_least * n && option->count <= bounds->option_most * n;
}

static int feature_add(struct model *model, uint32_t feature, double weight, struct persona_error *err)
{
	if (persona_grow((void **)&model->features, &model->features_capacity, model->features_len,
			 sizeof *model->features, err) < 0)
		return -1;
	model->features[model->features_len++] = (struct sparse){ .feature = feature, .weight = weight };
	return 0;
}

static int unit_closed(struct model *model, uint32_t unit, const struct bounds *bounds, struct persona_error *err)
{
	size_t end = model->ticks_from[unit + 1];

	for (size_t i = model->ticks_from[unit], next; i < end; i = next) {
		uint32_t column = model->options[model->ticks[i].option].column;

		for (next = i; next < end && model->options[model->ticks[next].option].column == column;)
			next++;
		for (size_t t = i; t < next; t++) {
			const struct option *option = &model->options[model->ticks[t].option];
			double weight = log((double)model->len / option->count) / sqrt((double)(next - i));

			if (option_counts(model, option, bounds) &&
			    feature_add(model, model->ticks[t].option, weight, err) < 0)
				return -1;
		}
	}
	return 0;
}

/* counts: by stem, all 0, left so; seen: room for all stems. */
static int unit_text(struct model *model, uint32_t unit, const struct bounds *bounds, uint32_t *counts, uint32_t *seen,
		     struct persona_error *err)
{
	size_t len = 0;
	int rc = 0;

	for (size_t i = model->sentences_from[unit]; i < model->sentences_from[unit + 1]; i++) {
		const struct sentence *sentence = &model->sentences[i];

		for (uint32_t s = 0; s < sentence->stems_len && !sentence->idle; s++) {
			uint32_t id = model->sentence_stems[sentence->stems + s];

			if (!counts[id]++)
				seen[len++] = id;
		}
	}
	if (len)
		qsort(seen, len, sizeof *seen, compare_u32);
	for (size_t i = 0; i < len; i++) {
		const struct stem *stem = &model->stems[seen[i]];
		double weight = (1 + log(counts[seen[i]])) * log((double)model->len / stem->df);

		counts[seen[i]] = 0;
		if (rc == 0 && stem->df >= bounds->df_least && stem->df <= bounds->df_most)
			rc = feature_add(model, (uint32_t)model->options_len + seen[i], weight, err);
	}
	return rc;
}

static void scale(struct sparse *from, size_t len, double length)
{
	double norm = 0;

	for (size_t i = 0; i < len; i++)
		norm += from[i].weight * from[i].weight;
	norm = norm > 0 ? length / sqrt(norm) : 0;
	for (size_t i = 0; i < len; i++)
		from[i].weight *= norm;
}

static int vectors_make(struct model *model, const struct bounds *bounds, struct persona_error *err)
{
	uint32_t *counts = calloc(model->stems_len + 1, sizeof *counts);
	uint32_t *seen = calloc(model->stems_len + 1, sizeof *seen);
	bool closed = false;
	int rc = -1;

	if (!counts || !seen) {
		persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		goto out;
	}
	for (size_t i = 0; i < model->options_len && !closed; i++)
		closed = option_counts(model, &model->options[i], bounds);
	model->features_len = 0;
	for (uint32_t u = 0; u < model->len; u++) {
		size_t from = model->features_len, text;

		model->features_from[u] = from;
		if (unit_closed(model, u, bounds, err) < 0)
			goto out;
		text = model->features_len;
		if (unit_text(model, u, bounds, counts, seen, err) < 0)
			goto out;
		if (!model->features_len)
			continue;
		scale(model->features + from, text - from, sqrt(1 - TEXT_WEIGHT));
		scale(model->features + text, model->features_len - text, closed ? sqrt(TEXT_WEIGHT) : 1);
		scale(model->features + from, model->features_len - from, 1);
	}
	model->features_from[model->len] = model->features_len;
	rc = 0;
out:
	free(counts);
	free(seen);
	return rc;
}

double stem_idf(const struct model *model, uint32_t stem)
{
	return model->stems[stem].idf;
}

static int compare_stems(const void *a, const void *b, void *payload)
{
	const struct model *model = payload;

	return strcmp(model->stems[*(const uint32_t *)a].text, model->stems[*(const uint32_t *)b].text);
}

static int stems_sort(struct model *model, struct persona_error *err)
{
	model->stems_sorted = calloc(model->stems_len + 1, sizeof *model->stems_sorted);
	if (!model->stems_sorted)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t i = 0; i < model->stems_len; i++)
		model->stems_sorted[i] = (uint32_t)i;
	qsort_r(model->stems_sorted, model->stems_len, sizeof *model->stems_sorted, compare_stems, model);
	return 0;
}

int features_learn(struct model *model, struct persona_error *err)
{
	double n = (double)model->len;
	struct bounds bounds = { FILLED, OPTION_LEAST, OPTION_MOST, n < 30 ? 2 : fmax(3, .03 * n), n / 2 };
	struct bounds relaxed = { 0, 0, .95, 2, n - 1 };

	if (stems_learn(model, err) < 0 || stems_sort(model, err) < 0)
		return -1;
	model->features_count = model->options_len + model->stems_len;
	model->features_from = calloc(model->len + 1, sizeof *model->features_from);
	if (!model->features_from)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	if (vectors_make(model, &bounds, err) < 0)
		return -1;
	if (model->features_len >= FEW_FEATURES * model->len)
		return 0;
	return vectors_make(model, &relaxed, err);
}

double units_cosine(const struct model *model, uint32_t a, uint32_t b)
{
	size_t i = model->features_from[a], j = model->features_from[b];
	double sum = 0;

	while (i < model->features_from[a + 1] && j < model->features_from[b + 1]) {
		uint32_t x = model->features[i].feature, y = model->features[j].feature;

		if (x == y)
			sum += model->features[i++].weight * model->features[j++].weight;
		else if (x < y)
			i++;
		else
			j++;
	}
	return sum;
}
