/* From personas to sets of words. */
#include "documents.h"

#define DEPTH_MAX 8 /* of demographics: nobody nests facts deeper */

/* What a thread makes of its share of the personas; numbers of words are its own until they are brought together. */
struct reader {
	const struct persona_subject *subjects;
	size_t from, to;
	const char *language_name;
	struct persona_language *language;
	struct metric_vocabulary vocabulary;
	struct documents documents;
	struct persona_error err;
	int rc;
};

static const char kinds[PARTS] = { 'g', 'f', 'b', 'w' };

/* ---- Words of a part ----------------------------------------------------- */

static int add_term(struct reader *reader, enum document_part part, const char *word, size_t len)
{
	struct documents *documents = &reader->documents;
	uint32_t id;

	if (metric_vocabulary_add(&reader->vocabulary, kinds[part], word, len, &id, &reader->err) < 0 ||
	    persona_grow((void **)&documents->terms, &documents->terms_capacity, documents->terms_len,
			 sizeof *documents->terms, &reader->err) < 0)
		return -1;
	documents->terms[documents->terms_len++] = id;
	return 0;
}

/* A text without a content word ("Do more of it") is a word by itself, so that equal ones are equal. */
static int add_whole(struct reader *reader, enum document_part part, const char *text)
{
	struct persona_buf folded;
	int rc;

	persona_buf_init(&folded, SIZE_MAX);
	rc = persona_buf_addc(&folded, '=', &reader->err);
	if (!rc)
		rc = persona_text_fold(&folded, text, strlen(text), 0, &reader->err);
	if (!rc && folded.len > 1)
		rc = add_term(reader, part, folded.data, folded.len);
	persona_buf_release(&folded);
	return rc;
}

static int add_text(struct reader *reader, enum document_part part, const char *text)
{
	struct persona_stems stems;
	int rc = 0;

	if (metric_is_blank(text))
		return 0;
	if (persona_stems_of(&stems, reader->language, text, strlen(text), &reader->err) < 0)
		return -1;
	for (size_t i = 0; !rc && i < stems.set_len; i++)
		rc = add_term(reader, part, stems.set[i], strlen(stems.set[i]));
	if (!rc && !stems.set_len)
		rc = add_whole(reader, part, text);
	persona_stems_release(&stems);
	return rc;
}

static int compare_terms(const void *left, const void *right)
{
	const uint32_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

/* Terms from `from` on: in order, each once. */
static struct term_range make_set(struct documents *documents, size_t from)
{
	size_t len = from;

	if (documents->terms_len > from)
		qsort(documents->terms + from, documents->terms_len - from, sizeof *documents->terms, compare_terms);
	for (size_t i = from; i < documents->terms_len; i++)
		if (len == from || documents->terms[len - 1] != documents->terms[i])
			documents->terms[len++] = documents->terms[i];
	documents->terms_len = len;
	return (struct term_range){ from, len };
}

/* ---- Who it is ------------------------------------------------------------ */

static int add_scalar(struct reader *reader, const char *key, const json_t *value)
{
	char text[128];
	int len = 0;

	if (json_is_integer(value))
		len = snprintf(text, sizeof text, "=%.80s %lld", key, (long long)json_integer_value(value));
	else if (json_is_real(value))
		len = snprintf(text, sizeof text, "=%.80s %g", key, json_real_value(value));
	else if (json_is_boolean(value))
		len = snprintf(text, sizeof text, "=%.80s %d", key, json_is_true(value));
	return len > 0 ? add_term(reader, PART_WHO, text, (size_t)len) : 0;
}

static int add_value(struct reader *reader, const char *key, const json_t *value, int depth)
{
	const char *name;
	json_t *member;
	size_t index;

	if (depth == DEPTH_MAX)
		return 0;
	if (json_is_string(value))
		return add_text(reader, PART_WHO, json_string_value(value));
	if (json_is_array(value)) {
		json_array_foreach(value, index, member)
			if (add_value(reader, key, member, depth + 1) < 0)
				return -1;
		return 0;
	}
	if (json_is_object(value)) {
		json_object_foreach((json_t *)value, name, member)
			if (add_value(reader, name, member, depth + 1) < 0)
				return -1;
		return 0;
	}
	return add_scalar(reader, key, value);
}

/* The year, and the ten years that it belongs to: people of nearly the same age have half of it in common. */
static int add_age(struct reader *reader, int64_t age)
{
	char text[32];
	int len = snprintf(text, sizeof text, "=age %lld", (long long)age);

	if (age == PERSONA_UNKNOWN)
		return 0;
	if (add_term(reader, PART_WHO, text, (size_t)len) < 0)
		return -1;
	len = snprintf(text, sizeof text, "=decade %lld", (long long)age / 10);
	return add_term(reader, PART_WHO, text, (size_t)len);
}

/* ---- A persona ------------------------------------------------------------- */

static int read_who(struct reader *reader, struct document *document, const struct persona *persona)
{
	size_t from = reader->documents.terms_len;

	if (add_age(reader, persona->age) < 0 || add_text(reader, PART_WHO, persona->occupation) < 0 ||
	    (persona->demographics && add_value(reader, "", persona->demographics, 0) < 0))
		return -1;
	document->parts[PART_WHO] = make_set(&reader->documents, from);
	return 0;
}

static int add_item(struct reader *reader, enum document_part part, size_t position, struct term_range terms)
{
	struct documents *documents = &reader->documents;

	if (!range_len(terms) || part == PART_BEHAVIOURS)
		return 0;
	if (persona_grow((void **)&documents->parts, &documents->parts_capacity, documents->parts_len,
			 sizeof *documents->parts, &reader->err) < 0)
		return -1;
	documents->parts[documents->parts_len++] = (struct document_item){ terms, (uint32_t)position, (uint8_t)part };
	return 0;
}

static int copy_terms(struct reader *reader, struct term_range range)
{
	struct documents *documents = &reader->documents;

	for (size_t i = range.from; i < range.to; i++) {
		if (persona_grow((void **)&documents->terms, &documents->terms_capacity, documents->terms_len,
				 sizeof *documents->terms, &reader->err) < 0)
			return -1;
		documents->terms[documents->terms_len++] = documents->terms[i];
	}
	return 0;
}

/* Each item as a set of its own, then all of them together. */
static int read_list(struct reader *reader, struct document *document, enum document_part part,
		     const struct persona_list *list)
{
	struct documents *documents = &reader->documents;
	size_t first = documents->terms_len, from;
	struct term_range items;

	for (size_t i = 0; i < list->len; i++) {
		from = documents->terms_len;
		if (add_text(reader, part, list->items[i]) < 0 ||
		    add_item(reader, part, i, make_set(documents, from)) < 0)
			return -1;
	}
	items = (struct term_range){ first, documents->terms_len };
	from = documents->terms_len;
	if (copy_terms(reader, items) < 0)
		return -1;
	document->parts[part] = make_set(documents, from);
	return 0;
}

static int read_persona(struct reader *reader, struct document *document, const struct persona *persona)
{
	document->first_item = reader->documents.parts_len;
	if (read_list(reader, document, PART_GOALS, &persona->lists[PERSONA_GOALS]) < 0 ||
	    read_list(reader, document, PART_FRUSTRATIONS, &persona->lists[PERSONA_FRUSTRATIONS]) < 0 ||
	    read_list(reader, document, PART_BEHAVIOURS, &persona->lists[PERSONA_BEHAVIOURS]) < 0 ||
	    read_who(reader, document, persona) < 0)
		return -1;
	document->items_len = reader->documents.parts_len - document->first_item;
	return 0;
}

static int read_all(struct reader *reader)
{
	size_t len = reader->to - reader->from;

	reader->documents.items = calloc(len ? len : 1, sizeof *reader->documents.items);
	if (!reader->documents.items)
		return persona_error_set(&reader->err, PERSONA_E_NOMEM, "out of memory");
	reader->documents.len = len;
	if (persona_language_new(&reader->language, reader->language_name, &reader->err) < 0)
		return -1;
	for (size_t i = 0; i < len; i++)
		if (read_persona(reader, &reader->documents.items[i], reader->subjects[reader->from + i].persona) < 0)
			return -1;
	return 0;
}

static void read_share(void *payload, size_t index)
{
	struct reader *reader = (struct reader *)payload + index;

	reader->rc = read_all(reader);
	persona_language_free(reader->language);
}

/* ---- Bringing shares together ------------------------------------------------ */

static void move_range(struct term_range *range, size_t by)
{
	range->from += by;
	range->to += by;
}

/* The share's words get the numbers that they have for everybody. */
static int number_anew(struct metric_vocabulary *vocabulary, const struct reader *reader, uint32_t *terms,
		       struct persona_error *err)
{
	const struct metric_vocabulary *own = &reader->vocabulary;
	uint32_t *numbers = calloc(own->len ? own->len : 1, sizeof *numbers);
	int rc = numbers ? 0 : persona_error_set(err, PERSONA_E_NOMEM, "out of memory");

	for (uint32_t id = 0; !rc && id < own->len; id++) {
		const char *word = metric_vocabulary_word(own, id);

		rc = metric_vocabulary_add(vocabulary, word[0], word + 1, strlen(word + 1), &numbers[id], err);
	}
	for (size_t i = 0; !rc && i < reader->documents.terms_len; i++)
		terms[i] = numbers[reader->documents.terms[i]];
	free(numbers);
	return rc;
}

static void sort_range(uint32_t *terms, struct term_range range)
{
	if (range_len(range) > 1)
		qsort(terms + range.from, range_len(range), sizeof *terms, compare_terms);
}

static int append(struct documents *out, struct metric_vocabulary *vocabulary, const struct reader *reader,
		  struct persona_error *err)
{
	const struct documents *share = &reader->documents;
	size_t terms = out->terms_len, parts = out->parts_len;

	if (number_anew(vocabulary, reader, out->terms + terms, err) < 0)
		return -1;
	for (size_t i = 0; i < share->len; i++) {
		struct document *document = &out->items[out->len++];

		*document = share->items[i];
		document->first_item += parts;
		for (int part = 0; part < PARTS; part++) {
			move_range(&document->parts[part], terms);
			sort_range(out->terms, document->parts[part]);
		}
	}
	for (size_t i = 0; i < share->parts_len; i++) {
		struct document_item *item = &out->parts[out->parts_len++];

		*item = share->parts[i];
		move_range(&item->terms, terms);
		sort_range(out->terms, item->terms);
	}
	out->terms_len += share->terms_len;
	return 0;
}

static int bring_together(struct documents *out, const struct reader *readers, size_t threads,
			  struct persona_error *err)
{
	struct metric_vocabulary vocabulary;
	size_t len = 0, terms = 0, parts = 0;
	int rc = 0;

	for (size_t i = 0; i < threads; i++) {
		if (readers[i].rc < 0)
			return persona_error_set(err, readers[i].err.code, "%s", readers[i].err.text);
		len += readers[i].documents.len;
		terms += readers[i].documents.terms_len;
		parts += readers[i].documents.parts_len;
	}
	out->items = calloc(len ? len : 1, sizeof *out->items);
	out->terms = calloc(terms ? terms : 1, sizeof *out->terms);
	out->parts = calloc(parts ? parts : 1, sizeof *out->parts);
	if (!out->items || !out->terms || !out->parts)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	metric_vocabulary_init(&vocabulary);
	for (size_t i = 0; !rc && i < threads; i++)
		rc = append(out, &vocabulary, &readers[i], err);
	out->words = vocabulary.len;
	metric_vocabulary_release(&vocabulary);
	return rc;
}

void documents_release(struct documents *documents)
{
	free(documents->items);
	free(documents->terms);
	free(documents->parts);
}

int documents_read(struct documents *out, const struct persona_subject *subjects, size_t len, const char *language,
		   size_t threads, struct persona_error *err)
{
	struct reader *readers = calloc(threads, sizeof *readers);
	int rc;

	*out = (struct documents){ 0 };
	if (!readers)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t i = 0; i < threads; i++) {
		readers[i].subjects = subjects;
		readers[i].from = len * i / threads;
		readers[i].to = len * (i + 1) / threads;
		readers[i].language_name = language;
		metric_vocabulary_init(&readers[i].vocabulary);
	}
	persona_parallel(threads, read_share, readers);
	rc = bring_together(out, readers, threads, err);
	for (size_t i = 0; i < threads; i++) {
		documents_release(&readers[i].documents);
		metric_vocabulary_release(&readers[i].vocabulary);
	}
	free(readers);
	return rc;
}
