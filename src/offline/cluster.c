/*
 * cluster.c - groups of like respondents: spherical k-means in the space of space.c.
 *
 * Sums run in a fixed order and ties go to the lowest index, so the same units give the
 * same groups on every machine. Threads share starts. Who has a point is known by its place in the space.
 */
#include <math.h>

#include "space.h"

#define ITERATIONS  40 /* of k-means */
#define FLOOR_UNITS 4
#define FLOOR_SHARE .04

static double dot(const double *a, const double *b, size_t len)
{
	double sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += a[i] * b[i];
	return sum;
}

static void normalise(double *row, size_t len)
{
	double norm = dot(row, row, len);

	norm = norm > 1e-18 ? 1 / sqrt(norm) : 0;
	for (size_t i = 0; i < len; i++)
		row[i] *= norm;
}

/* ---- k-means --------------------------------------------------------- */

struct fit {
	uint32_t *group; /* by place */
	double *centroids;
	double *turned; /* the same by dimension first */
	double *near;	/* to each centroid, of the point at hand */
	size_t *sizes;
	double objective;
};

static void fit_release(struct fit *fit)
{
	free(fit->group);
	free(fit->centroids);
	free(fit->turned);
	free(fit->near);
	free(fit->sizes);
}

static int fit_init(struct fit *fit, const struct space *space, size_t k, struct persona_error *err)
{
	fit->group = calloc(space->len, sizeof *fit->group);
	fit->centroids = calloc(k * space->dimensions, sizeof *fit->centroids);
	fit->turned = calloc(k * space->dimensions, sizeof *fit->turned);
	fit->near = calloc(k, sizeof *fit->near);
	fit->sizes = calloc(k, sizeof *fit->sizes);
	fit->objective = -1;
	if (fit->group && fit->centroids && fit->turned && fit->near && fit->sizes)
		return 0;
	return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
}

struct ranked {
	double value;
	uint32_t place;
};

/* Largest value first, then lowest place. */
static int compare_ranked(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->value != y->value)
		return x->value > y->value ? -1 : 1;
	return (x->place > y->place) - (x->place < y->place);
}

static void exchange(struct ranked *a, struct ranked *b)
{
	struct ranked was = *a;

	*a = *b;
	*b = was;
}

/* The one that would stand at `place` if they were sorted; the others change places. No two are equal. */
static uint32_t ranked_at(struct ranked *ranks, size_t len, size_t place)
{
	size_t from = 0, to = len;

	while (to - from > 1) {
		size_t less = from;

		exchange(&ranks[from + (to - from) / 2], &ranks[to - 1]);
		for (size_t i = from; i < to - 1; i++)
			if (compare_ranked(&ranks[i], &ranks[to - 1]) < 0)
				exchange(&ranks[i], &ranks[less++]);
		exchange(&ranks[less], &ranks[to - 1]);
		if (less == place)
			break;
		if (place < less)
			to = less;
		else
			from = less + 1;
	}
	return ranks[place].place;
}

/* Each next seed is far from those before, but not the farthest, which is an outlier. */
static void seed(const struct space *space, struct fit *fit, size_t k, size_t start, struct ranked *ranks,
		 double *nearest)
{
	size_t n = space->len, chosen = start % n, size = space->dimensions;

	for (size_t u = 0; u < n; u++)
		nearest[u] = -2;
	for (size_t c = 0; c < k; c++) {
		memcpy(fit->centroids + c * size, space_point(space, chosen), size * sizeof(double));
		for (size_t u = 0; u < n; u++) {
			double similarity = dot(space_point(space, u), fit->centroids + c * size, size);

			nearest[u] = similarity > nearest[u] ? similarity : nearest[u];
			ranks[u] = (struct ranked){ .value = -nearest[u], .place = (uint32_t)u };
		}
		chosen = ranked_at(ranks, n, n / 10);
	}
}

/* Products with all centroids at once; each is summed in the order of the dimensions, as dot() does. */
static void near_centroids(const struct space *space, struct fit *fit, size_t k, const double *at)
{
	double *near = fit->near;

	for (size_t c = 0; c < k; c++)
		near[c] = 0;
	for (size_t d = 0; d < space->dimensions; d++) {
		const double *turned = fit->turned + d * k, value = at[d];

		for (size_t c = 0; c < k; c++)
			near[c] += value * turned[c];
	}
}

static bool assign(const struct space *space, struct fit *fit, size_t k)
{
	bool changed = false;

	fit->objective = 0;
	memset(fit->sizes, 0, k * sizeof *fit->sizes);
	for (size_t c = 0; c < k; c++)
		for (size_t d = 0; d < space->dimensions; d++)
			fit->turned[d * k + c] = fit->centroids[c * space->dimensions + d];
	for (size_t u = 0; u < space->len; u++) {
		uint32_t best = 0;

		near_centroids(space, fit, k, space_point(space, u));
		for (size_t c = 1; c < k; c++)
			if (fit->near[c] > fit->near[best])
				best = (uint32_t)c;
		changed |= fit->group[u] != best;
		fit->group[u] = best;
		fit->sizes[best]++;
		fit->objective += fit->near[best];
	}
	return changed;
}

static void centre(const struct space *space, struct fit *fit, size_t k)
{
	memset(fit->centroids, 0, k * space->dimensions * sizeof *fit->centroids);
	for (size_t u = 0; u < space->len; u++)
		for (size_t d = 0; d < space->dimensions; d++)
			fit->centroids[fit->group[u] * space->dimensions + d] += space_point(space, u)[d];
	for (size_t c = 0; c < k; c++)
		normalise(fit->centroids + c * space->dimensions, space->dimensions);
}

/* Groups that are too small take the units that lose least, from groups that can spare them. */
static void fill_up(const struct space *space, struct fit *fit, size_t k)
{
	size_t n = space->len;
	size_t least = (size_t)fmax(FLOOR_UNITS, FLOOR_SHARE * (double)n);

	if (least > n / (2 * k))
		least = n / (2 * k) ? n / (2 * k) : 1;
	for (size_t c = 0; c < k; c++)
		while (fit->sizes[c] < least) {
			size_t best = n;
			double top = -1e9;

			for (size_t u = 0; u < n; u++) {
				const double *own = fit->centroids + fit->group[u] * space->dimensions;
				double gain = dot(space_point(space, u), fit->centroids + c * space->dimensions,
						  space->dimensions) -
					      dot(space_point(space, u), own, space->dimensions);

				if (fit->group[u] != c && fit->sizes[fit->group[u]] > least && gain > top) {
					top = gain;
					best = u;
				}
			}
			if (best == n)
				return;
			fit->sizes[fit->group[best]]--;
			fit->group[best] = (uint32_t)c;
			fit->sizes[c]++;
		}
}

struct starts {
	const struct space *space;
	struct fit *fits; /* by start */
	size_t len, k;
};

static int fit_from(void *payload, size_t start, size_t thread, struct persona_error *err)
{
	const struct starts *starts = payload;
	const struct space *space = starts->space;
	struct fit *fit = &starts->fits[start];
	size_t n = space->len, k = starts->k;
	struct ranked *ranks = calloc(n, sizeof *ranks);
	double *nearest = calloc(n, sizeof *nearest);
	int rc = -1;

	(void)thread;
	if (!ranks || !nearest) {
		persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		goto out;
	}
	if (fit_init(fit, space, k, err) < 0)
		goto out;
	seed(space, fit, k, start * n / starts->len, ranks, nearest);
	for (int i = 0; i < ITERATIONS && (assign(space, fit, k) || i == 0); i++)
		centre(space, fit, k);
	assign(space, fit, k);
	fill_up(space, fit, k);
	rc = 0;
out:
	free(ranks);
	free(nearest);
	return rc;
}

static int kmeans(const struct space *space, uint32_t *group, size_t k, struct persona_error *err)
{
	struct starts starts = { .space = space, .k = k, .len = k <= 12 ? 10 : 4 };
	size_t threads = persona_threads(space->model->threads, model_pieces(space->model)), best = 0;
	int rc = -1;

	starts.fits = calloc(starts.len, sizeof *starts.fits);
	if (!starts.fits)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	threads = threads < starts.len ? threads : starts.len;
	if (persona_pieces(threads, starts.len, fit_from, &starts, err) < 0)
		goto out;
	for (size_t i = 1; i < starts.len; i++)
		if (starts.fits[i].objective > starts.fits[best].objective + 1e-9)
			best = i;
	memcpy(group, starts.fits[best].group, space->len * sizeof *group);
	rc = 0;
out:
	for (size_t i = 0; i < starts.len; i++)
		fit_release(&starts.fits[i]);
	free(starts.fits);
	return rc;
}

/* ---- Halving --------------------------------------------------------- */

static size_t farthest(const struct space *space, const struct ranked *members, size_t len, const double *from)
{
	size_t best = 0;
	double least = 1e300;

	for (size_t i = 0; i < len; i++) {
		double similarity = dot(space_point(space, members[i].place), from, space->dimensions);

		if (similarity < least) {
			least = similarity;
			best = i;
		}
	}
	return best;
}

static void centroid_of(const struct space *space, const struct ranked *members, size_t len, double *out)
{
	memset(out, 0, space->dimensions * sizeof *out);
	for (size_t i = 0; i < len; i++)
		for (size_t d = 0; d < space->dimensions; d++)
			out[d] += space_point(space, members[i].place)[d];
	normalise(out, space->dimensions);
}

/* Sort members so that the first *cut are one half and the rest the other; room: 2 centroids. */
static size_t halve(const struct space *space, struct ranked *members, size_t len, double *room)
{
	double *a = room, *b = room + space->dimensions;
	size_t cut = len / 2;

	centroid_of(space, members, len, a);
	memcpy(b, space_point(space, members[farthest(space, members, len, a)].place), space->dimensions * sizeof *b);
	memcpy(a, space_point(space, members[farthest(space, members, len, b)].place), space->dimensions * sizeof *a);
	for (int round = 0; round < 6; round++) {
		size_t quarter = len / 4 ? len / 4 : 1;

		for (size_t i = 0; i < len; i++)
			members[i].value = dot(space_point(space, members[i].place), a, space->dimensions) -
					   dot(space_point(space, members[i].place), b, space->dimensions);
		qsort(members, len, sizeof *members, compare_ranked);
		for (cut = 0; cut < len && members[cut].value > 0; cut++)
			;
		cut = cut < quarter ? quarter : cut > len - quarter ? len - quarter : cut;
		centroid_of(space, members, cut, a);
		centroid_of(space, members + cut, len - cut, b);
	}
	return cut;
}

struct run {
	size_t from, len;
};

/* Halve the largest group until there are k. */
static int bisect(const struct space *space, uint32_t *group, size_t k, struct persona_error *err)
{
	size_t n = space->len, len = 1;
	struct ranked *members = calloc(n, sizeof *members);
	struct run *runs = calloc(k, sizeof *runs);
	double *room = calloc(2 * space->dimensions, sizeof *room);
	int rc = -1;

	if (!members || !runs || !room) {
		persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		goto out;
	}
	for (size_t u = 0; u < n; u++)
		members[u].place = (uint32_t)u;
	runs[0] = (struct run){ 0, n };
	for (; len < k; len++) {
		size_t largest = 0, cut;

		for (size_t i = 1; i < len; i++)
			if (runs[i].len > runs[largest].len)
				largest = i;
		cut = halve(space, members + runs[largest].from, runs[largest].len, room);
		runs[len] = (struct run){ runs[largest].from + cut, runs[largest].len - cut };
		runs[largest].len = cut;
	}
	for (size_t c = 0; c < k; c++)
		for (size_t i = 0; i < runs[c].len; i++)
			group[members[runs[c].from + i].place] = (uint32_t)c;
	rc = 0;
out:
	free(members);
	free(runs);
	free(room);
	return rc;
}

/* ---- Groups ---------------------------------------------------------- */

/* Members by closeness to their centroid: the medoid comes first. */
static int segment_fill(struct segment *segment, const struct space *space, struct ranked *members, size_t len,
			double *room, struct persona_error *err)
{
	segment->members = calloc(len, sizeof *segment->members);
	if (!segment->members)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	centroid_of(space, members, len, room);
	for (size_t i = 0; i < len; i++)
		members[i].value = dot(space_point(space, members[i].place), room, space->dimensions);
	qsort(members, len, sizeof *members, compare_ranked);
	for (size_t i = 0; i < len; i++)
		segment->members[i] = space->units[members[i].place];
	segment->len = len;
	return 0;
}

static int compare_segments(const void *a, const void *b)
{
	const struct segment *x = a, *y = b;

	if (x->len != y->len)
		return x->len > y->len ? -1 : 1;
	return (x->members[0] > y->members[0]) - (x->members[0] < y->members[0]);
}

static int segments_make(struct groups *out, const struct space *space, const uint32_t *group, size_t k,
			 struct persona_error *err)
{
	size_t n = space->len;
	struct ranked *members = calloc(n, sizeof *members);
	size_t *from = calloc(k + 1, sizeof *from);
	double *room = calloc(space->dimensions, sizeof *room);
	int rc = -1;

	out->items = calloc(k, sizeof *out->items);
	if (!members || !from || !room || !out->items) {
		persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		goto out;
	}
	for (size_t u = 0; u < n; u++)
		from[group[u] + 1]++;
	for (size_t c = 0; c < k; c++)
		from[c + 1] += from[c];
	for (size_t u = 0; u < n; u++)
		members[from[group[u]]++].place = (uint32_t)u;
	for (size_t c = 0; c < k; c++) {
		size_t start = c ? from[c - 1] : 0;

		if (from[c] == start)
			continue;
		if (segment_fill(&out->items[out->len], space, members + start, from[c] - start, room, err) < 0)
			goto out;
		out->len++;
	}
	qsort(out->items, out->len, sizeof *out->items, compare_segments);
	rc = 0;
out:
	free(members);
	free(from);
	free(room);
	return rc;
}

static void group_each(uint32_t *group, size_t len)
{
	for (size_t u = 0; u < len; u++)
		group[u] = (uint32_t)u;
}

int groups_make(struct groups *out, const struct model *model, size_t k, struct persona_error *err)
{
	struct space space = { 0 };
	uint32_t *group = calloc(model->len, sizeof *group);
	int rc = -1;

	*out = (struct groups){ 0 };
	if (!group) {
		persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		goto out;
	}
	if (space_init(&space, model, k, err) < 0)
		goto out;
	rc = 0;
	if (k >= space.len)
		group_each(group, space.len);
	else if (k > BISECT_FROM || k > space.len / 3)
		rc = bisect(&space, group, k, err);
	else if (k > 1)
		rc = kmeans(&space, group, k, err);
	if (rc == 0)
		rc = segments_make(out, &space, group, k < space.len ? k : space.len, err);
out:
	free(group);
	space_release(&space);
	if (rc < 0)
		groups_release(out);
	return rc;
}

void groups_release(struct groups *groups)
{
	for (size_t i = 0; groups->items && i < groups->len; i++)
		free(groups->items[i].members);
	free(groups->items);
	*groups = (struct groups){ 0 };
}
