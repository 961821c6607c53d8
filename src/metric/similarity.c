/*
 * How similar each persona is to every other one, all of them compared.
 *
 *   similarity = (7 goals + 6 frustrations + 3 behaviours + 4 who) / 20, each part the weighted Jaccard of its words:
 *                the weight of the words in common / the weight of the words of either. Parts that are empty on both
 *                sides leave their weight to the others.
 *   weight     = round(32 (1 + ln(members / members with the word)))
 *
 * Weights are whole numbers, so that their sums are the same in whatever order they are added; a similarity is a multiple of
 * 2^-20, so that the sums of those are, too. That makes results independent of threads.
 *
 * Members are taken a block at a time. For each word the block has a list of its members with that word (an inverted list);
 * a persona's words are looked up in it and their weights added to those members. What that gives is then divided for the
 * whole block at once, in loops that compilers turn into vector instructions.
 */
#include <math.h>

#include "documents.h"

#define BLOCK	   1024
#define ONE	   (1 << 20)
#define MASKS	   (1 << PARTS)
#define WEIGHT_ONE 32.0

static const float part_weights[PARTS] = { 7, 6, 3, 4 };

/* So many members, and where the words stand in them. */
struct block {
	size_t from, len; /* of the members */
	uint32_t *starts; /* of each word: places[starts[word] .. ends[word] - 1] are the members that have it … */
	uint32_t *ends;
	bool *common;	  /* … or, where most have it, those that don't */
	uint16_t *places; /* members, counted from `from` */
	size_t places_capacity;
	float totals[PARTS][BLOCK]; /* weight of a member's words; 0 beyond the last member */
	float inverses[MASKS]
		      [BLOCK]; /* 1 / weight of the parts that are not empty on both sides, by what the other has */
};

/* Where a thread adds up. */
struct sums {
	float shared[PARTS][BLOCK]; /* weight of the words in common with each member of the block */
	float common[PARTS];	    /* weight in common with all of them, which `shared` adds to */
	int32_t similarity[BLOCK];  /* in 2^-20 */
	uint32_t sum;		    /* of them */
	int32_t largest;
};

struct row {
	uint64_t sum; /* of similarities */
	int32_t nearest;
	size_t own_from, own_to; /* members of the same persona */
	float totals[PARTS];
	uint8_t mask; /* parts that are not empty */
};

struct comparison {
	const struct documents *documents;
	const struct persona_subject *subjects;
	size_t *members; /* indices of subjects */
	size_t members_len;
	float *weights; /* of each word */
	struct row *rows;
	struct nearness *out;
	int32_t limit;
	struct block *block;
	struct sums **sums; /* one per thread */
};

/* ---- Preparing ---------------------------------------------------------- */

static void weigh_words(struct comparison *comparison)
{
	const struct documents *documents = comparison->documents;

	for (size_t i = 0; i < comparison->members_len; i++) {
		const struct document *document = &documents->items[comparison->members[i]];

		for (int part = 0; part < PARTS; part++)
			for (size_t k = document->parts[part].from; k < document->parts[part].to; k++)
				comparison->weights[documents->terms[k]]++;
	}
	for (size_t word = 0; word < documents->words; word++) {
		double with = comparison->weights[word] > 1 ? comparison->weights[word] : 1;

		comparison->weights[word] =
			(float)round(WEIGHT_ONE * (1 + log((double)comparison->members_len / with)));
	}
}

/* The members that are revisions of the same persona, itself included. Personas without an id are each their own. */
static void find_own(const struct comparison *comparison, struct row *row, size_t index)
{
	const struct persona_subject *subjects = comparison->subjects, *subject = &subjects[index];
	size_t low = 0, high = comparison->members_len;

	while (low < high) {
		size_t middle = low + (high - low) / 2, at = comparison->members[middle];
		bool before = subject->persona_id ? subjects[at].persona_id < subject->persona_id : at < index;

		if (before)
			low = middle + 1;
		else
			high = middle;
	}
	row->own_from = row->own_to = low;
	while (row->own_to < comparison->members_len &&
	       (comparison->members[row->own_to] == index ||
		(subject->persona_id && subjects[comparison->members[row->own_to]].persona_id == subject->persona_id)))
		row->own_to++;
}

static void prepare_row(const struct comparison *comparison, size_t index)
{
	const struct documents *documents = comparison->documents;
	const struct document *document = &documents->items[index];
	struct row *row = &comparison->rows[index];

	for (int part = 0; part < PARTS; part++) {
		for (size_t k = document->parts[part].from; k < document->parts[part].to; k++)
			row->totals[part] += comparison->weights[documents->terms[k]];
		if (range_len(document->parts[part]))
			row->mask |= (uint8_t)(1 << part);
	}
	row->nearest = -1;
	find_own(comparison, row, index);
	comparison->out[index] = (struct nearness){
		.neighbour = SIZE_MAX,
		.others = comparison->members_len - (row->own_to - row->own_from),
	};
}

static int prepare(struct comparison *comparison, size_t threads, struct persona_error *err)
{
	size_t len = comparison->documents->len, words = comparison->documents->words;

	comparison->members = calloc(len ? len : 1, sizeof *comparison->members);
	comparison->weights = calloc(words ? words : 1, sizeof *comparison->weights);
	comparison->rows = calloc(len ? len : 1, sizeof *comparison->rows);
	comparison->block = calloc(1, sizeof *comparison->block);
	comparison->sums = calloc(threads, sizeof *comparison->sums);
	if (!comparison->members || !comparison->weights || !comparison->rows || !comparison->block ||
	    !comparison->sums)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	comparison->block->starts = calloc(words + 2, sizeof *comparison->block->starts);
	comparison->block->ends = calloc(words + 1, sizeof *comparison->block->ends);
	comparison->block->common = calloc(words + 1, sizeof *comparison->block->common);
	if (!comparison->block->starts || !comparison->block->ends || !comparison->block->common)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t i = 0; i < threads; i++) {
		comparison->sums[i] = calloc(1, sizeof **comparison->sums);
		if (!comparison->sums[i])
			return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	for (size_t i = 0; i < len; i++)
		if (comparison->subjects[i].member)
			comparison->members[comparison->members_len++] = i;
	weigh_words(comparison);
	for (size_t i = 0; i < len; i++)
		prepare_row(comparison, i);
	return 0;
}

static void release(struct comparison *comparison, size_t threads)
{
	for (size_t i = 0; comparison->sums && i < threads; i++)
		free(comparison->sums[i]);
	free(comparison->sums);
	if (comparison->block) {
		free(comparison->block->starts);
		free(comparison->block->ends);
		free(comparison->block->common);
		free(comparison->block->places);
	}
	free(comparison->block);
	free(comparison->rows);
	free(comparison->weights);
	free(comparison->members);
}

/* ---- A block ------------------------------------------------------------- */

static size_t block_terms(const struct comparison *comparison)
{
	const struct block *block = comparison->block;
	size_t count = 0;

	for (size_t i = 0; i < block->len; i++) {
		const struct document *document = &comparison->documents->items[comparison->members[block->from + i]];

		for (int part = 0; part < PARTS; part++)
			count += range_len(document->parts[part]);
	}
	return count;
}

static void list_words(const struct comparison *comparison)
{
	const struct documents *documents = comparison->documents;
	struct block *block = comparison->block;
	uint32_t *next = block->starts + 1; /* after counting: where the word's next place goes */

	memset(block->starts, 0, (documents->words + 2) * sizeof *block->starts);
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < block->len; i++) {
			const struct document *document = &documents->items[comparison->members[block->from + i]];

			for (int part = 0; part < PARTS; part++)
				for (size_t k = document->parts[part].from; k < document->parts[part].to; k++)
					if (pass)
						block->places[next[documents->terms[k]]++] = (uint16_t)i;
					else
						next[documents->terms[k] + 1]++;
		}
		for (size_t word = 0; !pass && word < documents->words; word++)
			next[word + 1] += next[word];
	}
}

/* Where most have a word, those are listed that don't: what all have costs nothing then. Places ascend. */
static void turn_common(const struct comparison *comparison)
{
	struct block *block = comparison->block;

	for (size_t word = 0; word < comparison->documents->words; word++) {
		uint32_t start = block->starts[word], end = block->starts[word + 1], next = start;
		uint16_t without[BLOCK];
		size_t len = 0;

		block->ends[word] = end;
		block->common[word] = 2 * (size_t)(end - start) > block->len;
		if (!block->common[word])
			continue;
		for (size_t i = 0; i < block->len; i++) {
			if (next < end && block->places[next] == i)
				next++;
			else
				without[len++] = (uint16_t)i;
		}
		memcpy(block->places + start, without, len * sizeof *without);
		block->ends[word] = start + (uint32_t)len;
	}
}

/* 1 / the weight of the parts in a mask: times that weight it is 1 again, for every mask. */
static float inverse_of(unsigned mask)
{
	float weight = 0;

	for (int part = 0; part < PARTS; part++)
		if (mask & (1u << part))
			weight += part_weights[part];
	return weight > 0 ? 1 / weight : 0;
}

static int fill_block(struct comparison *comparison, size_t from, struct persona_error *err)
{
	struct block *block = comparison->block;
	size_t terms;

	block->from = from;
	block->len = comparison->members_len - from < BLOCK ? comparison->members_len - from : BLOCK;
	terms = block_terms(comparison);
	if (terms > block->places_capacity) {
		free(block->places);
		block->places_capacity = 0;
		block->places = calloc(terms, sizeof *block->places);
		if (!block->places)
			return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		block->places_capacity = terms;
	}
	list_words(comparison);
	turn_common(comparison);
	for (size_t i = 0; i < BLOCK; i++) {
		const struct row *row = i < block->len ? &comparison->rows[comparison->members[from + i]] : NULL;

		for (int part = 0; part < PARTS; part++)
			block->totals[part][i] = row ? row->totals[part] : 0;
		for (unsigned mask = 0; mask < MASKS; mask++)
			block->inverses[mask][i] = row ? inverse_of(mask | row->mask) : 0;
	}
	return 0;
}

/* ---- A persona against a block ---------------------------------------------- */

static bool add_word(const struct block *block, uint32_t word, float weight, float *shared, float *common)
{
	uint32_t end = block->ends[word];
	float each = block->common[word] ? -weight : weight;

	*common += block->common[word] ? weight : 0;
	for (uint32_t place = block->starts[word]; place < end; place++)
		shared[block->places[place]] += each;
	return block->common[word] || end > block->starts[word];
}

/* Add up the words in common; false: there are none with anybody. */
static bool add_shared(const struct comparison *comparison, const struct document *document, struct sums *sums)
{
	const struct documents *documents = comparison->documents;
	bool any = false;

	memset(sums->shared, 0, sizeof sums->shared);
	memset(sums->common, 0, sizeof sums->common);
	for (int part = 0; part < PARTS; part++)
		for (size_t k = document->parts[part].from; k < document->parts[part].to; k++) {
			uint32_t word = documents->terms[k];

			any = add_word(comparison->block, word, comparison->weights[word], sums->shared[part],
				       &sums->common[part]) ||
			      any;
		}
	return any;
}

/* Everything below is the same arithmetic on every processor: wider vectors only do more of it at once. */
static inline __attribute__((always_inline)) void divide_here(const struct block *block, const struct row *row,
							      struct sums *sums)
{
	const float *inverse = block->inverses[row->mask];
	/* Keeps 0 / 0 from being anything but 0, and changes no other sum. */
	const float none = 1e-30F;
	uint32_t sum_of_all = 0;
	int32_t largest = 0;

	for (size_t i = 0; i < BLOCK; i++) {
		float goals = sums->shared[PART_GOALS][i] + sums->common[PART_GOALS],
		      frustrations = sums->shared[PART_FRUSTRATIONS][i] + sums->common[PART_FRUSTRATIONS];
		float behaviours = sums->shared[PART_BEHAVIOURS][i] + sums->common[PART_BEHAVIOURS],
		      who = sums->shared[PART_WHO][i] + sums->common[PART_WHO];
		float of_goals = row->totals[PART_GOALS] + block->totals[PART_GOALS][i] - goals + none;
		float of_frustrations =
			row->totals[PART_FRUSTRATIONS] + block->totals[PART_FRUSTRATIONS][i] - frustrations + none;
		float of_behaviours =
			row->totals[PART_BEHAVIOURS] + block->totals[PART_BEHAVIOURS][i] - behaviours + none;
		float of_who = row->totals[PART_WHO] + block->totals[PART_WHO][i] - who + none;
		float sum = 7 * (goals / of_goals) + 6 * (frustrations / of_frustrations) +
			    3 * (behaviours / of_behaviours) + 4 * (who / of_who);

		sums->similarity[i] = (int32_t)(sum * inverse[i] * (float)ONE + 0.5F);
	}
	for (size_t i = 0; i < BLOCK; i++)
		sum_of_all += (uint32_t)sums->similarity[i];
	for (size_t i = 0; i < BLOCK; i++)
		largest = sums->similarity[i] > largest ? sums->similarity[i] : largest;
	sums->sum = sum_of_all;
	sums->largest = largest;
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void divide_wide(const struct block *block, const struct row *row,
							struct sums *sums)
{
	divide_here(block, row, sums);
}

static void divide(const struct block *block, const struct row *row, struct sums *sums)
{
	if (__builtin_cpu_supports("avx2"))
		divide_wide(block, row, sums);
	else
		divide_here(block, row, sums);
}
#else
static void divide(const struct block *block, const struct row *row, struct sums *sums)
{
	divide_here(block, row, sums);
}
#endif

/* Keep the nearest of those that are too similar, the first of equals first. */
static int keep_similar(struct nearness *out, const struct persona_subject *subject, double similarity)
{
	size_t at;

	if (!out->similar) {
		out->similar = calloc(PERSONA_SIMILAR_MAX, sizeof *out->similar);
		if (!out->similar)
			return -1;
	}
	for (at = out->similar_len; at > 0 && out->similar[at - 1].similarity < similarity; at--)
		if (at < PERSONA_SIMILAR_MAX)
			out->similar[at] = out->similar[at - 1];
	if (at == PERSONA_SIMILAR_MAX)
		return 0;
	out->similar[at] = (struct persona_neighbour){ subject->revision_id, subject->persona_id, similarity };
	if (out->similar_len < PERSONA_SIMILAR_MAX)
		out->similar_len++;
	return 0;
}

static int note_similar(struct comparison *comparison, size_t index, const struct sums *sums)
{
	const struct block *block = comparison->block;
	const struct row *row = &comparison->rows[index];
	struct nearness *out = &comparison->out[index];

	for (size_t i = 0; i < block->len; i++) {
		size_t member = block->from + i;

		if (sums->similarity[i] < comparison->limit || (member >= row->own_from && member < row->own_to))
			continue;
		out->similar_total++;
		if (keep_similar(out, &comparison->subjects[comparison->members[member]],
				 (double)sums->similarity[i] / ONE) < 0)
			return -1;
	}
	return 0;
}

static void note_nearest(struct comparison *comparison, size_t index, const struct sums *sums)
{
	const struct block *block = comparison->block;
	struct row *row = &comparison->rows[index];

	for (size_t i = 0; i < block->len; i++) {
		size_t member = block->from + i;

		if (sums->similarity[i] != sums->largest || (member >= row->own_from && member < row->own_to))
			continue;
		row->nearest = sums->largest;
		comparison->out[index].neighbour = comparison->members[member];
		return;
	}
}

/* Nobody is compared with himself. */
static void forget_own(const struct block *block, const struct row *row, struct sums *sums)
{
	for (size_t member = row->own_from; member < row->own_to; member++)
		for (int part = 0; part < PARTS; part++)
			if (member >= block->from && member < block->from + block->len)
				sums->shared[part][member - block->from] = -sums->common[part];
}

static int compare(struct comparison *comparison, size_t index, struct sums *sums)
{
	const struct block *block = comparison->block;
	struct row *row = &comparison->rows[index];

	if (add_shared(comparison, &comparison->documents->items[index], sums)) {
		forget_own(block, row, sums);
		divide(block, row, sums);
	} else if (row->nearest < 0 || comparison->limit <= 0) {
		memset(sums->similarity, 0, sizeof sums->similarity);
		sums->sum = 0;
		sums->largest = 0;
	} else {
		return 0;
	}
	row->sum += sums->sum;
	if (sums->largest > row->nearest)
		note_nearest(comparison, index, sums);
	return sums->largest >= comparison->limit ? note_similar(comparison, index, sums) : 0;
}

static int compare_piece(void *payload, size_t index, size_t thread, struct persona_error *err)
{
	struct comparison *comparison = payload;

	return compare(comparison, index, comparison->sums[thread]) < 0
		       ? persona_error_set(err, PERSONA_E_NOMEM, "out of memory")
		       : 0;
}

/* ---- All of it ----------------------------------------------------------------- */

static int compare_all(struct comparison *comparison, size_t threads, struct persona_error *err)
{
	size_t len = comparison->documents->len;

	for (size_t from = 0; from < comparison->members_len; from += BLOCK) {
		if (fill_block(comparison, from, err) < 0 ||
		    persona_pieces(threads, len, compare_piece, comparison, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < len; i++) {
		struct nearness *out = &comparison->out[i];
		const struct row *row = &comparison->rows[i];

		out->nearest = row->nearest > 0 ? (double)row->nearest / ONE : 0;
		out->mean = out->others ? (double)row->sum / ONE / (double)out->others : 0;
	}
	return 0;
}

int similarities(struct nearness *out, const struct documents *documents, const struct persona_subject *subjects,
		 double limit, size_t threads, struct persona_error *err)
{
	struct comparison comparison = {
		.documents = documents,
		.subjects = subjects,
		.out = out,
		.limit = (int32_t)lround(limit * ONE),
	};
	int rc = prepare(&comparison, threads, err);

	if (!rc)
		rc = compare_all(&comparison, threads, err);
	release(&comparison, threads);
	return rc;
}
