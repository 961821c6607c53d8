/*
 * stems.c - the stems of all sentences, numbered in the order in which they appear.
 *
 * Threads take pieces of the units and number the stems of each piece by themselves; then the pieces are
 * joined in their order, which gives the numbers that one thread would have given.
 */
#include <math.h>

#include "internal.h"

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

struct node {
	char *text;
	uint32_t id;
	UT_hash_handle hh;
};

/* Different stems. */
struct vocabulary {
	struct node *nodes;
	struct stem *stems;
	size_t len, capacity;
};

/* Of a piece of the units. */
struct heard {
	struct vocabulary vocabulary;
	uint32_t *ids; /* of the vocabulary, sentence by sentence */
	size_t len, capacity;
	uint32_t *numbers; /* by id: that of the whole */
	size_t from;	   /* of its ids in model.sentence_stems */
};

struct stemming {
	struct model *model;
	struct heard *heard; /* by piece */
	size_t pieces, threads;
	struct persona_language **languages; /* by thread: they remember words */
	struct vocabulary all;
};

/* The id of the stem; a new one takes a copy of the text. */
static int stem_id(struct vocabulary *vocabulary, const char *text, uint32_t *id, struct persona_error *err)
{
	struct node *node;

	HASH_FIND_STR(vocabulary->nodes, text, node);
	if (node) {
		*id = node->id;
		return 0;
	}
	if (persona_grow((void **)&vocabulary->stems, &vocabulary->capacity, vocabulary->len, sizeof *vocabulary->stems,
			 err) < 0)
		return -1;
	node = calloc(1, sizeof *node);
	if (!node)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	node->text = persona_strdup(text, err);
	node->id = *id = (uint32_t)vocabulary->len;
	if (!node->text) {
		free(node);
		return -1;
	}
	HASH_ADD_KEYPTR(hh, vocabulary->nodes, node->text, strlen(node->text), node);
	if (!node->hh.tbl) {
		free(node->text);
		free(node);
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	vocabulary->stems[vocabulary->len++] = (struct stem){ .text = node->text };
	return 0;
}

/* Without the stems, which may be somebody else's now. */
static void nodes_free(struct vocabulary *vocabulary)
{
	struct node *node, *next;

	HASH_ITER(hh, vocabulary->nodes, node, next)
	{
		HASH_DEL(vocabulary->nodes, node);
		free(node);
	}
}

static void vocabulary_release(struct vocabulary *vocabulary)
{
	nodes_free(vocabulary);
	for (size_t i = 0; i < vocabulary->len; i++)
		free(vocabulary->stems[i].text);
	free(vocabulary->stems);
	*vocabulary = (struct vocabulary){ 0 };
}

static void heard_release(struct heard *heard)
{
	vocabulary_release(&heard->vocabulary);
	free(heard->ids);
	free(heard->numbers);
	*heard = (struct heard){ 0 };
}

/* ---- A piece --------------------------------------------------------- */

static int sentence_stems(struct heard *heard, const struct model *model, struct sentence *sentence,
			  struct persona_language *language, struct persona_error *err)
{
	struct persona_buf plain;
	struct persona_stems stems = { 0 };
	uint32_t *ids;
	size_t len = 0;
	int rc = -1;

	persona_buf_init(&plain, SIZE_MAX / 2);
	if (plain_text(&plain, model_bytes(model, sentence->unit, sentence->offset), sentence->len, err) < 0 ||
	    persona_stems_of(&stems, language, plain.data, plain.len, err) < 0)
		goto out;
	sentence->stems = (uint32_t)heard->len; /* of the piece, until all are joined */
	for (size_t i = 0; i < stems.count; i++) {
		if (persona_grow((void **)&heard->ids, &heard->capacity, heard->len + i, sizeof *ids, err) < 0 ||
		    stem_id(&heard->vocabulary, stems.items[i], &heard->ids[heard->len + i], err) < 0)
			goto out;
	}
	ids = heard->ids ? heard->ids + heard->len : NULL;
	if (stems.count)
		qsort(ids, stems.count, sizeof *ids, compare_u32);
	for (size_t i = 0; i < stems.count; i++)
		if (!len || ids[len - 1] != ids[i])
			ids[len++] = ids[i];
	sentence->stems_len = (uint32_t)len;
	heard->len += len;
	rc = 0;
out:
	persona_stems_release(&stems);
	persona_buf_release(&plain);
	return rc;
}

/* By how many units each stem is used. */
static int count_units(struct heard *heard, const struct model *model, size_t from, size_t to,
		       struct persona_error *err)
{
	uint32_t *last = malloc((heard->vocabulary.len + 1) * sizeof *last);

	if (!last)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	memset(last, 0xff, (heard->vocabulary.len + 1) * sizeof *last);
	for (size_t i = from; i < to; i++) {
		const struct sentence *sentence = &model->sentences[i];

		for (uint32_t s = sentence->stems; s < sentence->stems + sentence->stems_len; s++) {
			uint32_t id = heard->ids[s];

			if (last[id] != sentence->unit)
				heard->vocabulary.stems[id].df++;
			last[id] = sentence->unit;
		}
	}
	free(last);
	return 0;
}

static int stem_piece(void *payload, size_t piece, size_t thread, struct persona_error *err)
{
	const struct stemming *stemming = payload;
	struct model *model = stemming->model;
	size_t from = model->sentences_from[piece_from(piece)], to = model->sentences_from[piece_to(model, piece)];

	for (size_t i = from; i < to; i++)
		if (sentence_stems(&stemming->heard[piece], model, &model->sentences[i], stemming->languages[thread],
				   err) < 0)
			return -1;
	return count_units(&stemming->heard[piece], model, from, to, err);
}

/* ---- All pieces ------------------------------------------------------ */

static int vocabularies_join(struct stemming *stemming, struct persona_error *err)
{
	struct model *model = stemming->model;

	for (size_t p = 0; p < stemming->pieces; p++) {
		struct heard *heard = &stemming->heard[p];

		heard->from = model->sentence_stems_len;
		model->sentence_stems_len += heard->len;
		heard->numbers = calloc(heard->vocabulary.len + 1, sizeof *heard->numbers);
		if (!heard->numbers)
			return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		for (size_t i = 0; i < heard->vocabulary.len; i++) {
			if (stem_id(&stemming->all, heard->vocabulary.stems[i].text, &heard->numbers[i], err) < 0)
				return -1;
			stemming->all.stems[heard->numbers[i]].df += heard->vocabulary.stems[i].df;
		}
		vocabulary_release(&heard->vocabulary);
	}
	model->stems = stemming->all.stems;
	model->stems_len = stemming->all.len;
	nodes_free(&stemming->all);
	stemming->all = (struct vocabulary){ 0 };
	for (size_t i = 0; i < model->stems_len; i++)
		model->stems[i].idf = log(1 + (double)model->len / model->stems[i].df);
	model->sentence_stems = calloc(model->sentence_stems_len + 1, sizeof *model->sentence_stems);
	return model->sentence_stems ? 0 : persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
}

/* The numbers of the whole for those of the piece, and the lengths of the sentences. */
static int number_piece(void *payload, size_t piece, size_t thread, struct persona_error *err)
{
	const struct stemming *stemming = payload;
	struct model *model = stemming->model;
	struct heard *heard = &stemming->heard[piece];

	(void)thread;
	(void)err;
	for (size_t i = 0; i < heard->len; i++)
		model->sentence_stems[heard->from + i] = heard->numbers[heard->ids[i]];
	for (size_t i = model->sentences_from[piece_from(piece)]; i < model->sentences_from[piece_to(model, piece)];
	     i++) {
		struct sentence *sentence = &model->sentences[i];
		uint32_t *ids = model->sentence_stems + heard->from + sentence->stems;
		double sum = 0;

		if (sentence->stems_len)
			qsort(ids, sentence->stems_len, sizeof *ids, compare_u32);
		for (uint32_t s = 0; s < sentence->stems_len; s++)
			sum += pow(model->stems[ids[s]].idf, 2);
		sentence->stems += (uint32_t)heard->from;
		sentence->norm = sqrt(sum);
	}
	heard_release(heard);
	return 0;
}

bool has_stem(const struct model *model, const struct sentence *sentence, uint32_t stem)
{
	return bsearch(&stem, model->sentence_stems + sentence->stems, sentence->stems_len, sizeof stem, compare_u32);
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

static int stemming_init(struct stemming *stemming, struct model *model, struct persona_error *err)
{
	size_t pieces = model_pieces(model);

	*stemming = (struct stemming){ .model = model, .pieces = pieces };
	stemming->threads = persona_threads(model->threads, pieces);
	stemming->heard = calloc(pieces, sizeof *stemming->heard);
	stemming->languages = calloc(stemming->threads, sizeof *stemming->languages);
	if (!stemming->heard || !stemming->languages)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t i = 0; i < stemming->threads; i++)
		if (persona_language_new(&stemming->languages[i], model->english ? NULL : "unknown", err) < 0)
			return -1;
	return 0;
}

static void stemming_release(struct stemming *stemming)
{
	for (size_t p = 0; stemming->heard && p < stemming->pieces; p++)
		heard_release(&stemming->heard[p]);
	for (size_t i = 0; stemming->languages && i < stemming->threads; i++)
		persona_language_free(stemming->languages[i]);
	free(stemming->heard);
	free(stemming->languages);
	vocabulary_release(&stemming->all);
}

int stems_learn(struct model *model, struct persona_error *err)
{
	struct stemming stemming;
	int rc = -1;

	if (stemming_init(&stemming, model, err) == 0 &&
	    persona_pieces(stemming.threads, stemming.pieces, stem_piece, &stemming, err) == 0 &&
	    vocabularies_join(&stemming, err) == 0 &&
	    persona_pieces(stemming.threads, stemming.pieces, number_piece, &stemming, err) == 0)
		rc = stems_sort(model, err);
	stemming_release(&stemming);
	return rc;
}
