/*
 * space.c - reduced dimensions, by subspace iteration.
 *
 * Threads share rows; a sum over units is taken in parts, whose number depends on that of the units alone, and which
 * are added in their order: the same units give the same points, however many threads there are.
 */
#include <math.h>

#include "space.h"

#define ROUNDS 8 /* of the iteration */
#define PARTS  8 /* at most, of a sum over units; each needs a basis of its own */

struct reduction {
	const struct model *model;
	uint32_t *rows; /* of the basis, by feature: those that nobody has need none */
	size_t rows_len, rank, parts;
	double *basis; /* rows x rank */
	double *full;  /* units x rank */
	double *sums;  /* parts x rows x rank; the first is the basis */
};

static void reduction_release(struct reduction *reduction)
{
	free(reduction->rows);
	free(reduction->basis);
	free(reduction->full);
	free(reduction->sums);
}

/* Start values in -1..1 that depend on nothing but the place. */
static double start_value(uint64_t row, uint64_t column)
{
	uint64_t place[2] = { row, column };

	return (double)(persona_mix64(7, place, sizeof place) >> 11) / 4503599627370496.0 - 1;
}

static int reduction_init(struct reduction *reduction, const struct model *model, size_t rank,
			  struct persona_error *err)
{
	size_t size;

	*reduction = (struct reduction){ .model = model, .rank = rank, .parts = model_pieces(model) };
	reduction->parts = reduction->parts < PARTS ? reduction->parts : PARTS;
	reduction->rows = calloc(model->features_count + 1, sizeof *reduction->rows);
	reduction->full = calloc(model->len * rank + 1, sizeof *reduction->full);
	if (!reduction->rows || !reduction->full)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t i = 0; i < model->features_from[model->len]; i++)
		reduction->rows[model->features[i].feature] = 1;
	for (size_t i = 0; i < model->features_count; i++)
		if (reduction->rows[i])
			reduction->rows[i] = (uint32_t)reduction->rows_len++;
	size = reduction->rows_len * rank;
	reduction->basis = calloc(size + 1, sizeof *reduction->basis);
	reduction->sums = calloc((reduction->parts - 1) * size + 1, sizeof *reduction->sums);
	if (!reduction->basis || !reduction->sums)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t i = 0; i < model->len; i++)
		for (size_t f = model->features_from[i]; f < model->features_from[i + 1]; f++) {
			uint32_t feature = model->features[f].feature;

			for (size_t r = 0; r < rank; r++)
				reduction->basis[reduction->rows[feature] * rank + r] = start_value(feature, r);
		}
	return 0;
}

/* full[unit] = its features . basis */
static int project_piece(void *payload, size_t piece, size_t thread, struct persona_error *err)
{
	const struct reduction *reduction = payload;
	const struct model *model = reduction->model;
	size_t rank = reduction->rank;

	(void)thread;
	(void)err;
	for (size_t u = piece_from(piece); u < piece_to(model, piece); u++) {
		double *out = reduction->full + u * rank;

		memset(out, 0, rank * sizeof *out);
		for (size_t i = model->features_from[u]; i < model->features_from[u + 1]; i++) {
			const double *row = reduction->basis + reduction->rows[model->features[i].feature] * rank;

			for (size_t r = 0; r < rank; r++)
				out[r] += model->features[i].weight * row[r];
		}
	}
	return 0;
}

static double *part_of(const struct reduction *reduction, size_t part)
{
	return part ? reduction->sums + (part - 1) * reduction->rows_len * reduction->rank : reduction->basis;
}

/* The sum of features x full over the units of a part. */
static int project_back_part(void *payload, size_t part, size_t thread, struct persona_error *err)
{
	const struct reduction *reduction = payload;
	const struct model *model = reduction->model;
	size_t rank = reduction->rank, from = part * model->len / reduction->parts;
	double *sum = part_of(reduction, part);

	(void)thread;
	(void)err;
	memset(sum, 0, reduction->rows_len * rank * sizeof *sum);
	for (size_t u = from; u < (part + 1) * model->len / reduction->parts; u++) {
		const double *full = reduction->full + u * rank;

		for (size_t i = model->features_from[u]; i < model->features_from[u + 1]; i++) {
			double *row = sum + reduction->rows[model->features[i].feature] * rank;

			for (size_t r = 0; r < rank; r++)
				row[r] += model->features[i].weight * full[r];
		}
	}
	return 0;
}

static int project(struct reduction *reduction, struct persona_error *err)
{
	size_t pieces = model_pieces(reduction->model);

	return persona_pieces(persona_threads(reduction->model->threads, pieces), pieces, project_piece, reduction,
			      err);
}

static int project_back(struct reduction *reduction, struct persona_error *err)
{
	size_t size = reduction->rows_len * reduction->rank;

	if (persona_pieces(persona_threads(reduction->model->threads, reduction->parts), reduction->parts,
			   project_back_part, reduction, err) < 0)
		return -1;
	for (size_t part = 1; part < reduction->parts; part++)
		for (size_t i = 0; i < size; i++)
			reduction->basis[i] += part_of(reduction, part)[i];
	return 0;
}

/* Gram-Schmidt on the columns; a column that vanishes becomes 0. */
static void orthonormalise(double *basis, size_t rows, size_t rank)
{
	for (size_t c = 0; c < rank; c++) {
		double norm = 0;

		for (size_t d = 0; d < c; d++) {
			double dot = 0;

			for (size_t i = 0; i < rows; i++)
				dot += basis[i * rank + c] * basis[i * rank + d];
			for (size_t i = 0; i < rows; i++)
				basis[i * rank + c] -= dot * basis[i * rank + d];
		}
		for (size_t i = 0; i < rows; i++)
			norm += basis[i * rank + c] * basis[i * rank + c];
		norm = norm > 1e-18 ? 1 / sqrt(norm) : 0;
		for (size_t i = 0; i < rows; i++)
			basis[i * rank + c] *= norm;
	}
}

/* Rows without the first component, which all share, scaled to length 1. */
static void finish(struct space *space, const double *full, size_t rank)
{
	for (size_t i = 0; i < space->len; i++) {
		double norm = 0, *row = space->points + i * space->dimensions;

		for (size_t d = 0; d < space->dimensions; d++) {
			row[d] = full[space->units[i] * rank + d + 1];
			norm += row[d] * row[d];
		}
		norm = norm > 1e-18 ? 1 / sqrt(norm) : 0;
		for (size_t d = 0; d < space->dimensions; d++)
			row[d] *= norm;
	}
}

int space_init(struct space *space, const struct model *model, size_t k, struct persona_error *err)
{
	size_t rank = k > BISECT_FROM ? 25 : k > 8 ? 13 : 9;
	struct reduction reduction;
	int rc = -1;

	*space = (struct space){ .model = model, .dimensions = rank - 1 };
	if (reduction_init(&reduction, model, rank, err) < 0)
		goto out;
	space->units = calloc(model->len + 1, sizeof *space->units);
	space->points = calloc(model->len * space->dimensions + 1, sizeof *space->points);
	if (!space->units || !space->points) {
		persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		goto out;
	}
	for (uint32_t u = 0; u < model->len; u++)
		if (!model->silent || !model->silent[u])
			space->units[space->len++] = u;
	for (int round = 0; round < ROUNDS; round++) {
		if (project(&reduction, err) < 0 || project_back(&reduction, err) < 0)
			goto out;
		orthonormalise(reduction.basis, reduction.rows_len, rank);
	}
	if (project(&reduction, err) < 0)
		goto out;
	finish(space, reduction.full, rank);
	rc = 0;
out:
	reduction_release(&reduction);
	return rc;
}

void space_release(struct space *space)
{
	free(space->units);
	free(space->points);
}
