/*
 * features.c - respondents as sparse vectors: closed answers and stems of open ones.
 *
 * A dot product is then text_weight x similarity of words + the rest x agreement in closed
 * answers. Age, gender, origin and faith are never part of it: groups made of them would be
 * stereotypes. They describe a group afterwards.
 */
#include <math.h>

#include "internal.h"

#define TEXT_WEIGHT  .2
#define FILLED	     .60 /* share of units that answered a closed column */
#define OPTION_LEAST .08
#define OPTION_MOST  .80
#define FEW_FEATURES 5

/* Which features count. */
struct bounds {
	double filled, option_least, option_most, df_least, df_most;
};

/* ---- Vectors --------------------------------------------------------- */

static bool option_counts(const struct model *model, const struct option *option, const struct bounds *bounds)
{
	const struct column *column = &model->columns[option->column];
	double n = (double)model->len;

	return !column_is_protected(column) && (double)column->len >= bounds->filled * n && option->count >= 2 &&
	       option->count >= bounds->option_least * n && option->count <= bounds->option_most * n;
}

/* Features of a piece of the units. */
struct vectors {
	struct sparse *items;
	size_t len, capacity;
};

static int feature_add(struct vectors *vectors, uint32_t feature, double weight, struct persona_error *err)
{
	if (persona_grow((void **)&vectors->items, &vectors->capacity, vectors->len, sizeof *vectors->items, err) < 0)
		return -1;
	vectors->items[vectors->len++] = (struct sparse){ .feature = feature, .weight = weight };
	return 0;
}

static int unit_closed(struct vectors *vectors, const struct model *model, uint32_t unit, const struct bounds *bounds,
		       struct persona_error *err)
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
			    feature_add(vectors, model->ticks[t].option, weight, err) < 0)
				return -1;
		}
	}
	return 0;
}

/* counts: by stem, all 0, left so; seen: room for all stems. */
static int unit_text(struct vectors *vectors, const struct model *model, uint32_t unit, const struct bounds *bounds,
		     uint32_t *counts, uint32_t *seen, struct persona_error *err)
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
			rc = feature_add(vectors, (uint32_t)model->options_len + seen[i], weight, err);
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

struct making {
	struct model *model;
	const struct bounds *bounds;
	bool closed;		 /* some closed answers count */
	struct vectors *vectors; /* by piece */
	/* by thread: see unit_text() */
	uint32_t **counts, **seen;
};

static int make_piece(void *payload, size_t piece, size_t thread, struct persona_error *err)
{
	const struct making *making = payload;
	struct model *model = making->model;
	struct vectors *vectors = &making->vectors[piece];

	for (size_t u = piece_from(piece); u < piece_to(model, piece); u++) {
		size_t from = vectors->len, text;

		model->features_from[u] = from; /* of the piece, until all are joined */
		if (unit_closed(vectors, model, (uint32_t)u, making->bounds, err) < 0)
			return -1;
		text = vectors->len;
		if (unit_text(vectors, model, (uint32_t)u, making->bounds, making->counts[thread], making->seen[thread],
			      err) < 0)
			return -1;
		if (!vectors->len)
			continue;
		scale(vectors->items + from, text - from, sqrt(1 - TEXT_WEIGHT));
		scale(vectors->items + text, vectors->len - text, making->closed ? sqrt(TEXT_WEIGHT) : 1);
		scale(vectors->items + from, vectors->len - from, 1);
	}
	return 0;
}

static int vectors_join(struct making *making, struct persona_error *err)
{
	struct model *model = making->model;
	size_t len = 0;

	for (size_t p = 0; p < model_pieces(model); p++)
		len += making->vectors[p].len;
	free(model->features);
	model->features_len = 0;
	model->features = calloc(len + 1, sizeof *model->features);
	if (!model->features)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t p = 0; p < model_pieces(model); p++) {
		struct vectors *vectors = &making->vectors[p];

		for (size_t u = piece_from(p); u < piece_to(model, p); u++)
			model->features_from[u] += model->features_len;
		if (vectors->len)
			memcpy(model->features + model->features_len, vectors->items,
			       vectors->len * sizeof *vectors->items);
		model->features_len += vectors->len;
		free(vectors->items);
		*vectors = (struct vectors){ 0 };
	}
	model->features_from[model->len] = model->features_len;
	return 0;
}

static int rooms_make(struct making *making, size_t threads, struct persona_error *err)
{
	size_t stems = making->model->stems_len + 1;

	making->vectors = calloc(model_pieces(making->model), sizeof *making->vectors);
	making->counts = calloc(threads, sizeof *making->counts);
	making->seen = calloc(threads, sizeof *making->seen);
	if (!making->vectors || !making->counts || !making->seen)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t i = 0; i < threads; i++) {
		making->counts[i] = calloc(stems, sizeof **making->counts);
		making->seen[i] = calloc(stems, sizeof **making->seen);
		if (!making->counts[i] || !making->seen[i])
			return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	return 0;
}

static void making_release(struct making *making, size_t threads)
{
	for (size_t p = 0; making->vectors && p < model_pieces(making->model); p++)
		free(making->vectors[p].items);
	for (size_t i = 0; making->counts && i < threads; i++)
		free(making->counts[i]);
	for (size_t i = 0; making->seen && i < threads; i++)
		free(making->seen[i]);
	free(making->vectors);
	free(making->counts);
	free(making->seen);
}

static int vectors_make(struct model *model, const struct bounds *bounds, struct persona_error *err)
{
	struct making making = { .model = model, .bounds = bounds };
	size_t pieces = model_pieces(model), threads = persona_threads(model->threads, pieces);
	int rc = -1;

	for (size_t i = 0; i < model->options_len && !making.closed; i++)
		making.closed = option_counts(model, &model->options[i], bounds);
	if (rooms_make(&making, threads, err) == 0 && persona_pieces(threads, pieces, make_piece, &making, err) == 0)
		rc = vectors_join(&making, err);
	making_release(&making, threads);
	return rc;
}

int features_learn(struct model *model, struct persona_error *err)
{
	double n = (double)model->len;
	struct bounds bounds = { FILLED, OPTION_LEAST, OPTION_MOST, n < 30 ? 2 : fmax(3, .03 * n), n / 2 };
	struct bounds relaxed = { 0, 0, .95, 2, n - 1 };

	if (stems_learn(model, err) < 0)
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
