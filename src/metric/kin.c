/*
 * kin.c - respondents as vectors of their closed answers.
 *
 * A closed answer is one that others gave to the same question, too. The text decides, not its header; only questions about
 * age, gender, origin and the like (data/protected-words) are left out: personas must not gain by being stereotypes. Rare
 * answers weigh more; those of nearly everybody and of nearly nobody nothing.
 *
 * Interviews have hardly any. There the stems that somebody uses stand for answers: they say less of him than what he ticked.
 */
#include <math.h>

#include "embedded_metric.h"
#include "kin.h"

#define RESPONDENTS_LEAST 10	/* with closed answers; fewer are no crowd to stand out from */
#define SPEAKERS_LEAST	  6	/* the same by their words */
#define ANSWERS_LEAST	  3	/* closed answers that make somebody comparable */
#define STEMS_LEAST	  5	/* the same by his words */
#define SPOKEN_BYTES	  65536 /* of an answer: who says more is known by then */
#define ANSWER_BYTES	  120	/* longer ones are open answers */
#define SHARE_LEAST	  .002
#define SHARE_MOST	  .8

/* ---- Learning -------------------------------------------------------- */

struct given {
	uint64_t token;
	uint32_t record;
};

struct learning {
	struct given *given;
	size_t len, capacity;
	struct persona_buf folded;
	struct persona_language *language;
};

static int compare_given(const void *a, const void *b)
{
	const struct given *x = a, *y = b;

	if (x->token != y->token)
		return x->token < y->token ? -1 : 1;
	return (x->record > y->record) - (x->record < y->record);
}

static int add_given(struct learning *learning, uint64_t token, uint32_t record, struct persona_error *err)
{
	if (persona_grow((void **)&learning->given, &learning->capacity, learning->len, sizeof *learning->given, err) <
	    0)
		return -1;
	learning->given[learning->len++] = (struct given){ token, record };
	return 0;
}

static int add_answer(struct learning *learning, uint64_t column, const char *text, size_t len, uint32_t record,
		      struct persona_error *err)
{
	persona_buf_clear(&learning->folded);
	if (persona_text_fold(&learning->folded, text, len, 0, err) < 0)
		return -1;
	return learning->folded.len
		       ? add_given(learning, persona_mix64(column, learning->folded.data, learning->folded.len), record,
				   err)
		       : 0;
}

/* Where an answer of a list ends: at a comma or semicolon outside brackets, or at the end of the line. */
static size_t part_end(const char *text, size_t len, size_t at)
{
	int depth = 0;

	for (; at < len && text[at] != '\n'; at++) {
		depth += text[at] == '(';
		depth -= depth && text[at] == ')';
		if (!depth && (text[at] == ',' || text[at] == ';'))
			break;
	}
	return at;
}

static int read_cell(struct learning *learning, uint64_t column, const char *text, size_t len, uint32_t record,
		     struct persona_error *err)
{
	for (size_t at = 0, end; at < len; at = end + 1) {
		end = part_end(text, len, at);
		if (end - at <= ANSWER_BYTES && add_answer(learning, column, text + at, end - at, record, err) < 0)
			return -1;
	}
	return 0;
}

/* A number for each question that may count, by its words and not by its place; 0 for the others. */
static int read_columns(uint64_t *columns, const struct persona_records *records, struct persona_error *err)
{
	const struct metric_list words_of_them = { .bytes = embedded_protected_words_en_txt,
						   .len = embedded_protected_words_en_txt_len };

	for (size_t i = 0; i < records->columns_len; i++) {
		struct metric_words words;

		if (metric_words_of(&words, records->columns[i], err) < 0)
			return -1;
		if (!metric_list_find(&words_of_them, &words, words.count))
			columns[i] = persona_mix64(1, records->columns[i], strlen(records->columns[i])) | 1;
		metric_words_release(&words);
	}
	return 0;
}

/* The stems of an answer, whichever question it answers. */
static int read_words(struct learning *learning, const char *text, size_t len, uint32_t record,
		      struct persona_error *err)
{
	struct persona_stems stems;
	int rc = 0;

	if (len > SPOKEN_BYTES)
		len = persona_text_valid_prefix(text, SPOKEN_BYTES);
	if (persona_stems_of(&stems, learning->language, text, len, err) < 0)
		return -1;
	for (size_t i = 0; i < stems.set_len && rc == 0; i++)
		rc = add_given(learning, persona_mix64(2, stems.set[i], strlen(stems.set[i])), record, err);
	persona_stems_release(&stems);
	return rc;
}

static int read_records(struct learning *learning, const struct persona_kin *kin, const uint32_t *order,
			const struct persona_records *records, struct persona_error *err)
{
	uint64_t *columns = calloc(records->columns_len + 1, sizeof *columns);
	int rc = -1;

	if (!columns)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	if (read_columns(columns, records, err) < 0)
		goto out;
	for (size_t i = 0; i < kin->len; i++) {
		const struct persona_record *record = &records->items[order[i]];

		for (size_t k = 0; k < record->cells_len; k++) {
			const struct persona_cell *cell = &record->cells[k];
			const char *text = record->text + cell->offset;
			int read;

			if (!columns[cell->column])
				continue;
			if (kin->by_words)
				read = read_words(learning, text, cell->len, (uint32_t)i, err);
			else
				read = read_cell(learning, columns[cell->column], text, cell->len, (uint32_t)i, err);
			if (read < 0)
				goto out;
		}
	}
	rc = 0;
out:
	free(columns);
	return rc;
}

/* Answers of the right number of respondents get numbers and stay; each once for a respondent. */
static void number_answers(struct persona_kin *kin, struct learning *learning, double *weights)
{
	double least = fmax(2, SHARE_LEAST * (double)kin->len), most = SHARE_MOST * (double)kin->len;
	size_t kept = 0;

	for (size_t i = 0, end; i < learning->len; i = end) {
		size_t from = kept;

		for (end = i; end < learning->len && learning->given[end].token == learning->given[i].token; end++)
			if (end == i || learning->given[end].record != learning->given[end - 1].record)
				learning->given[kept++] = learning->given[end];
		if ((double)(kept - from) < least || (double)(kept - from) > most) {
			kept = from;
			continue;
		}
		weights[kin->tokens] = log((double)kin->len / (double)(kept - from));
		for (size_t k = from; k < kept; k++)
			learning->given[k].token = kin->tokens;
		kin->tokens++;
	}
	learning->len = kept;
}

static void normalise(struct persona_kin *kin)
{
	for (size_t i = 0; i < kin->len; i++) {
		double sum = 0;

		for (size_t k = kin->answers_from[i]; k < kin->answers_from[i + 1]; k++)
			sum += (double)kin->answers[k].weight * kin->answers[k].weight;
		for (size_t k = kin->answers_from[i]; sum > 0 && k < kin->answers_from[i + 1]; k++)
			kin->answers[k].weight = (float)(kin->answers[k].weight / sqrt(sum));
	}
}

/* From answers in the order of tokens to answers by record. */
static int make_vectors(struct persona_kin *kin, const struct learning *learning, const double *weights,
			struct persona_error *err)
{
	size_t *next = calloc(kin->len + 1, sizeof *next);

	kin->answers = calloc(learning->len + 1, sizeof *kin->answers);
	if (!next || !kin->answers) {
		free(next);
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	for (size_t i = 0; i < learning->len; i++)
		kin->answers_from[learning->given[i].record + 1]++;
	for (size_t i = 0; i < kin->len; i++) {
		kin->answers_from[i + 1] += kin->answers_from[i];
		next[i] = kin->answers_from[i];
	}
	for (size_t i = 0; i < learning->len; i++) {
		const struct given *given = &learning->given[i];

		kin->answers[next[given->record]++] =
			(struct kin_answer){ (uint32_t)given->token, (float)weights[given->token] };
	}
	free(next);
	normalise(kin);
	return 0;
}

bool kin_is_comparable(const struct persona_kin *kin, size_t record)
{
	return kin->answers_from[record + 1] - kin->answers_from[record] >=
	       (kin->by_words ? STEMS_LEAST : ANSWERS_LEAST);
}

struct drawn {
	uint64_t hash;
	uint32_t record;
};

static int compare_drawn(const void *a, const void *b)
{
	const struct drawn *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (x->record > y->record) - (x->record < y->record);
}

/* Drawn by what they answered, so that the order of the records does not matter. */
static int draw_sample(struct persona_kin *kin, struct persona_error *err)
{
	struct drawn *drawn = calloc(kin->len + 1, sizeof *drawn);
	size_t comparable = 0;

	kin->sample = calloc(KIN_SAMPLE, sizeof *kin->sample);
	if (!drawn || !kin->sample) {
		free(drawn);
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	for (size_t i = 0; i < kin->len; i++) {
		uint64_t hash = 3;

		if (!kin_is_comparable(kin, i))
			continue;
		for (size_t k = kin->answers_from[i]; k < kin->answers_from[i + 1]; k++)
			hash = persona_mix64(hash, &kin->answers[k].token, sizeof kin->answers[k].token);
		drawn[comparable++] = (struct drawn){ hash, (uint32_t)i };
	}
	qsort(drawn, comparable, sizeof *drawn, compare_drawn);
	while (kin->sample_len < comparable && kin->sample_len < KIN_SAMPLE) {
		kin->sample[kin->sample_len] = drawn[kin->sample_len].record;
		kin->sample_len++;
	}
	kin->telling = comparable >= (kin->by_words ? SPEAKERS_LEAST : RESPONDENTS_LEAST) && 2 * comparable >= kin->len;
	free(drawn);
	return 0;
}

struct numbered {
	int64_t id;
	uint32_t index;
};

static int compare_numbered(const void *a, const void *b)
{
	const struct numbered *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return (x->index > y->index) - (x->index < y->index);
}

static int order_records(struct persona_kin *kin, uint32_t **order, const struct persona_records *records,
			 struct persona_error *err)
{
	struct numbered *numbered = calloc(records->len + 1, sizeof *numbered);

	kin->len = records->len;
	kin->ids = calloc(kin->len + 1, sizeof *kin->ids);
	kin->answers_from = calloc(kin->len + 2, sizeof *kin->answers_from);
	*order = calloc(kin->len + 1, sizeof **order);
	if (!numbered || !kin->ids || !kin->answers_from || !*order) {
		free(numbered);
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	for (size_t i = 0; i < kin->len; i++)
		numbered[i] = (struct numbered){ records->items[i].record_id, (uint32_t)i };
	qsort(numbered, kin->len, sizeof *numbered, compare_numbered);
	for (size_t i = 0; i < kin->len; i++) {
		kin->ids[i] = numbered[i].id;
		(*order)[i] = numbered[i].index;
	}
	free(numbered);
	return 0;
}

/* As if nothing had been learned. */
static void forget(struct persona_kin *kin)
{
	free(kin->answers);
	free(kin->sample);
	kin->answers = NULL;
	kin->sample = NULL;
	kin->tokens = kin->sample_len = 0;
	memset(kin->answers_from, 0, (kin->len + 2) * sizeof *kin->answers_from);
}

/* By closed answers, or by words. */
static int learn(struct persona_kin *kin, struct learning *learning, const uint32_t *order,
		 const struct persona_records *records, struct persona_error *err)
{
	double *weights;
	int rc = -1;

	learning->len = 0;
	if (read_records(learning, kin, order, records, err) < 0)
		return -1;
	if (learning->len)
		qsort(learning->given, learning->len, sizeof *learning->given, compare_given);
	weights = calloc(learning->len + 1, sizeof *weights);
	if (!weights)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	number_answers(kin, learning, weights);
	if (make_vectors(kin, learning, weights, err) == 0 && draw_sample(kin, err) == 0)
		rc = 0;
	free(weights);
	return rc;
}

int persona_kin_new(struct persona_kin **out, const struct persona_records *records, struct persona_error *err)
{
	struct persona_kin *kin = calloc(1, sizeof *kin);
	struct learning learning = { 0 };
	uint32_t *order = NULL;
	int rc = -1;

	*out = NULL;
	persona_buf_init(&learning.folded, SIZE_MAX);
	if (!kin)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	if (order_records(kin, &order, records, err) < 0 || learn(kin, &learning, order, records, err) < 0)
		goto out;
	if (!kin->telling) {
		forget(kin);
		kin->by_words = true;
		if (persona_language_new(&learning.language, NULL, err) < 0 ||
		    learn(kin, &learning, order, records, err) < 0)
			goto out;
	}
	*out = kin;
	kin = NULL;
	rc = 0;
out:
	persona_kin_free(kin);
	persona_language_free(learning.language);
	free(order);
	free(learning.given);
	persona_buf_release(&learning.folded);
	return rc;
}

void persona_kin_free(struct persona_kin *kin)
{
	if (!kin)
		return;
	free(kin->ids);
	free(kin->answers);
	free(kin->answers_from);
	free(kin->sample);
	free(kin);
}

size_t kin_find(const struct persona_kin *kin, int64_t record_id)
{
	size_t low = 0, high = kin->len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (kin->ids[middle] < record_id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < kin->len && kin->ids[low] == record_id ? low : kin->len;
}
