/*
 * options.c - columns whose answers repeat: single choice, tick all that apply, numbers in bins.
 *
 * The options of a form are learned from the answers. A list is split at commas outside
 * brackets; parts that always stand together were one option with a comma in it.
 */
#include "internal.h"
#include "embedded_offline.h"

#define MULTI_PARTS	 1.15 /* mean parts per answer from which a column is a list */
#define MULTI_COVERAGE	 .70  /* share of parts that others ticked too */
#define CLOSED_COVERAGE	 .60
#define GLUE		 .90 /* share of occurrences in which two parts stand together */
#define ENTRIES_PER_CELL 200
#define BINS_FROM	 12 /* different numbers from which a column is cut into three bins */

/* An answer, or a part of one. */
struct entry {
	uint32_t unit, id, order;
	size_t offset, len; /* raw bytes */
	size_t key;	    /* folded, in entries.keys */
};

struct entries {
	struct entry *items;
	size_t len, capacity;
	struct persona_buf keys; /* NUL-terminated, one after the other */
	uint32_t *counts;	 /* by id */
	size_t ids;
};

static void entries_release(struct entries *entries)
{
	free(entries->items);
	free(entries->counts);
	persona_buf_release(&entries->keys);
	*entries = (struct entries){ 0 };
}

/* The spelling that a folded answer counts as, in *len bytes; the answer itself where none is listed. */
static const char *synonym(enum topic topic, const char *key, size_t *len)
{
	const char *at = embedded_synonyms_en_txt, *end = at + embedded_synonyms_en_txt_len;
	size_t name = strlen(topic_classes[topic]);

	while (at < end) {
		const char *eol = memchr(at, '\n', (size_t)(end - at));
		const char *from = at + name + 1, *tab;

		if (!eol)
			eol = end;
		if (from < eol && from[-1] == '\t' && memcmp(at, topic_classes[topic], name) == 0) {
			tab = memchr(from, '\t', (size_t)(eol - from));
			if (tab && (size_t)(tab - from) == *len && memcmp(from, key, *len) == 0) {
				*len = (size_t)(eol - tab - 1);
				return tab + 1;
			}
		}
		at = eol + 1;
	}
	return key;
}

static int entry_key(struct entries *entries, struct entry *entry, const char *text, enum topic topic,
		     struct persona_error *err)
{
	struct persona_buf folded;
	const char *key;
	size_t len;
	int rc = -1;

	persona_buf_init(&folded, SIZE_MAX / 2);
	if (persona_text_fold(&folded, text, entry->len, 0, err) < 0)
		goto out;
	len = folded.len;
	while (len > 1 && (folded.data[len - 1] == '.' || folded.data[len - 1] == '!'))
		len--;
	key = folded.data;
	if (topic == TOPIC_GENDER || topic == TOPIC_COUNTRY)
		key = synonym(topic, key, &len);
	entry->key = entries->keys.len;
	if (persona_buf_add(&entries->keys, key, len, err) < 0 || persona_buf_addc(&entries->keys, '\0', err) < 0)
		goto out;
	rc = 0;
out:
	persona_buf_release(&folded);
	return rc;
}

static int entry_add(struct entries *entries, struct entry entry, const char *text, enum topic topic,
		     struct persona_error *err)
{
	if (persona_grow((void **)&entries->items, &entries->capacity, entries->len, sizeof entry, err) < 0 ||
	    entry_key(entries, &entry, text, topic, err) < 0)
		return -1;
	entry.order = (uint32_t)entries->len;
	entries->items[entries->len++] = entry;
	return 0;
}

static int compare_keys(const void *a, const void *b, void *payload)
{
	const struct entry *x = a, *y = b;
	const struct entries *entries = payload;
	int order = strcmp(entries->keys.data + x->key, entries->keys.data + y->key);

	return order ? order : (x->order > y->order) - (x->order < y->order);
}

static int compare_order(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return (x->order > y->order) - (x->order < y->order);
}

/* Equal keys get equal ids, numbered in the order of the keys; the entries stay in the order of answers. */
static int entries_number(struct entries *entries, struct persona_error *err)
{
	free(entries->counts);
	entries->counts = calloc(entries->len + 1, sizeof *entries->counts);
	if (!entries->counts)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	if (entries->len)
		qsort_r(entries->items, entries->len, sizeof *entries->items, compare_keys, entries);
	entries->ids = 0;
	for (size_t i = 0; i < entries->len; i++) {
		struct entry *entry = &entries->items[i];

		if (i && strcmp(entries->keys.data + entry[-1].key, entries->keys.data + entry->key) != 0)
			entries->ids++;
		entry->id = (uint32_t)entries->ids;
		entries->counts[entry->id]++;
	}
	entries->ids += entries->len > 0;
	if (entries->len)
		qsort(entries->items, entries->len, sizeof *entries->items, compare_order);
	return 0;
}

/* Parts of text between separators outside brackets, trimmed. */
static int split(struct entries *entries, uint32_t unit, size_t offset, const char *text, size_t len, char separator,
		 enum topic topic, struct persona_error *err)
{
	size_t from = 0, parts = 0;
	int depth = 0;

	for (size_t i = 0; i <= len; i++) {
		size_t start = from, end = i;

		if (i < len && (text[i] == '(' || text[i] == '['))
			depth++;
		if (i < len && (text[i] == ')' || text[i] == ']') && depth)
			depth--;
		if (i < len && (text[i] != separator || depth))
			continue;
		while (start < end && is_space(text[start]))
			start++;
		while (end > start && is_space(text[end - 1]))
			end--;
		if (end > start && parts++ < ENTRIES_PER_CELL) {
			struct entry entry = { .unit = unit, .offset = offset + start, .len = end - start };

			if (entry_add(entries, entry, text + start, topic, err) < 0)
				return -1;
		}
		from = i + 1;
	}
	return 0;
}

/* The separator of a column: what forms use, by how many answers hold it. '\0': do not split. */
static int entries_collect(struct entries *entries, const struct model *model, const struct column *column,
			   char separator, struct persona_error *err)
{
	entries_release(entries);
	persona_buf_init(&entries->keys, SIZE_MAX / 2);
	for (size_t i = 0; i < column->len; i++) {
		const struct cell *cell = &column->cells[i];
		const char *text = model_bytes(model, cell->unit, cell->offset);
		struct entry entry = { .unit = cell->unit, .offset = cell->offset, .len = cell->len };
		int rc = separator ? split(entries, cell->unit, cell->offset, text, cell->len, separator, column->topic,
					   err)
				   : entry_add(entries, entry, text, column->topic, err);

		if (rc < 0)
			return -1;
	}
	return entries_number(entries, err);
}

/* Index of the first pair that is not less. */
static size_t lower_bound(const uint64_t *pairs, size_t len, uint64_t pair)
{
	size_t from = 0, to = len;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (pairs[middle] < pair)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static bool is_glued(const struct entries *entries, const uint64_t *pairs, size_t len, const struct entry *a)
{
	const struct entry *b = a + 1;
	uint64_t pair = (uint64_t)a->id << 32 | b->id;
	size_t both = lower_bound(pairs, len, pair + 1) - lower_bound(pairs, len, pair);

	return both >= 3 && (double)both >= GLUE * entries->counts[a->id] &&
	       (double)both >= GLUE * entries->counts[b->id];
}

/* Join parts that always stand together. */
static int entries_glue(struct entries *entries, const struct model *model, enum topic topic, struct persona_error *err)
{
	struct entries glued = { 0 };
	uint64_t *pairs = calloc(entries->len + 1, sizeof *pairs);
	size_t len = 0;
	int rc = -1;

	persona_buf_init(&glued.keys, SIZE_MAX / 2);
	if (!pairs) {
		persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		goto out;
	}
	for (size_t i = 0; i + 1 < entries->len; i++)
		if (entries->items[i].unit == entries->items[i + 1].unit)
			pairs[len++] = (uint64_t)entries->items[i].id << 32 | entries->items[i + 1].id;
	if (len)
		qsort(pairs, len, sizeof *pairs, compare_u64);
	for (size_t i = 0; i < entries->len; i++) {
		struct entry entry = entries->items[i];

		while (i + 1 < entries->len && entries->items[i + 1].unit == entry.unit &&
		       is_glued(entries, pairs, len, &entries->items[i])) {
			i++;
			entry.len = entries->items[i].offset + entries->items[i].len - entry.offset;
		}
		if (entry_add(&glued, entry, model_bytes(model, entry.unit, entry.offset), topic, err) < 0)
			goto out;
	}
	if (entries_number(&glued, err) < 0)
		goto out;
	entries_release(entries);
	*entries = glued;
	glued = (struct entries){ 0 };
	rc = 0;
out:
	free(pairs);
	entries_release(&glued);
	return rc;
}

/* Share of entries that at least `least` units gave. */
static double coverage(const struct entries *entries, size_t least)
{
	size_t covered = 0;

	for (size_t i = 0; i < entries->len; i++)
		covered += entries->counts[entries->items[i].id] >= least;
	return entries->len ? (double)covered / (double)entries->len : 0;
}

/* The commonest spelling of the entries [from, to), which share a key; ties: the first in byte order. */
static char *spelling(const struct model *model, struct entry *items, size_t from, size_t to, struct persona_error *err)
{
	size_t best = from, best_count = 0;

	for (size_t i = from; i < to; i++) {
		const char *text = model_bytes(model, items[i].unit, items[i].offset);
		const char *top = model_bytes(model, items[best].unit, items[best].offset);
		size_t count = 0;

		/* A spelling beyond the first hundred bearers is not the commonest one. */
		if (i - from > 100)
			break;
		for (size_t j = from; j < to; j++)
			count += items[j].len == items[i].len &&
				 memcmp(model_bytes(model, items[j].unit, items[j].offset), text, items[i].len) == 0;
		if (count > best_count || (count == best_count && strncmp(text, top, items[i].len) < 0)) {
			best = i;
			best_count = count;
		}
		if (count > (to - from) / 2)
			break;
	}
	return persona_strndup(model_bytes(model, items[best].unit, items[best].offset), items[best].len, err);
}

static int option_add(struct model *model, uint32_t column, const char *key, char *label, struct persona_error *err)
{
	struct option option = { .column = column, .label = label };
	struct folded folded;
	double number;

	if (!label)
		return -1;
	option.key = persona_strdup(key, err);
	if (!option.key || folded_of(&folded, key, strlen(key), err) < 0)
		goto fail;
	option.idle = says_nothing(model, &folded) || parse_number(key, strlen(key), &number);
	folded_release(&folded);
	if (persona_grow((void **)&model->options, &model->options_capacity, model->options_len, sizeof option, err) <
	    0)
		goto fail;
	model->options[model->options_len++] = option;
	return 0;
fail:
	free(option.key);
	free(label);
	return -1;
}

static int tick_add(struct model *model, const struct entry *entry, struct persona_error *err)
{
	uint32_t option = (uint32_t)model->options_len - 1;
	const struct tick *last = model->ticks_len ? &model->ticks[model->ticks_len - 1] : NULL;

	if (last && last->unit == entry->unit && last->option == option)
		return 0; /* said twice */
	if (persona_grow((void **)&model->ticks, &model->ticks_capacity, model->ticks_len, sizeof *model->ticks, err) <
	    0)
		return -1;
	model->ticks[model->ticks_len++] =
		(struct tick){ .unit = entry->unit, .option = option, .offset = entry->offset, .len = entry->len };
	model->options[option].count++;
	return 0;
}

/* Turn entries into options and ticks of the column. */
static int entries_keep(struct model *model, size_t column, struct entries *entries, struct persona_error *err)
{
	model->columns[column].options_from = model->options_len;
	qsort_r(entries->items, entries->len, sizeof *entries->items, compare_keys, entries);
	for (size_t i = 0; i < entries->len;) {
		size_t to = i;

		while (to < entries->len && entries->items[to].id == entries->items[i].id)
			to++;
		if (option_add(model, (uint32_t)column, entries->keys.data + entries->items[i].key,
			       spelling(model, entries->items, i, to, err), err) < 0)
			return -1;
		for (; i < to; i++)
			if (tick_add(model, &entries->items[i], err) < 0)
				return -1;
	}
	model->columns[column].options_to = model->options_len;
	return 0;
}

static char separator_of(const struct model *model, const struct column *column)
{
	size_t semicolons = 0, commas = 0;

	for (size_t i = 0; i < column->len; i++) {
		const char *text = model_bytes(model, column->cells[i].unit, column->cells[i].offset);

		semicolons += memchr(text, ';', column->cells[i].len) != NULL;
		commas += memchr(text, ',', column->cells[i].len) != NULL;
	}
	return semicolons * 5 >= column->len ? ';' : commas * 20 >= column->len ? ',' : '\0';
}

static int learn_multi(struct model *model, size_t index, struct entries *entries, bool *is_multi,
		       struct persona_error *err)
{
	struct column *column = &model->columns[index];
	char separator = separator_of(model, column);

	*is_multi = false;
	if (!separator)
		return 0;
	if (entries_collect(entries, model, column, separator, err) < 0 ||
	    entries_glue(entries, model, column->topic, err) < 0)
		return -1;
	if ((double)entries->len < MULTI_PARTS * (double)column->len ||
	    coverage(entries, column->len >= 100 ? column->len / 100 + 1 : 2) < MULTI_COVERAGE)
		return 0;
	*is_multi = true;
	column->kind = COLUMN_MULTI;
	return entries_keep(model, index, entries, err);
}

int options_learn(struct model *model, size_t index, bool *closed, struct persona_error *err)
{
	struct column *column = &model->columns[index];
	struct entries entries = { 0 };
	int rc = -1;

	*closed = false;
	if (learn_multi(model, index, &entries, closed, err) < 0)
		goto out;
	if (!*closed) {
		if (entries_collect(&entries, model, column, '\0', err) < 0)
			goto out;
		*closed = entries.ids * 2 <= column->len &&
			  coverage(&entries, column->len >= 100 ? column->len / 100 + 1 : 2) >= CLOSED_COVERAGE;
		if (*closed) {
			column->kind = COLUMN_CLOSED;
			if (entries_keep(model, index, &entries, err) < 0)
				goto out;
		}
	}
	rc = 0;
out:
	entries_release(&entries);
	return rc;
}

int compare_doubles(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Bin 0, 1 or 2 by thirds, or the number itself where there are few of them. */
static int bins_collect(struct entries *entries, const struct model *model, const struct column *column,
			struct persona_error *err)
{
	double *sorted = calloc(column->len + 1, sizeof *sorted), value;
	size_t len = 0, distinct = 0;
	int rc = -1;

	persona_buf_init(&entries->keys, SIZE_MAX / 2);
	if (!sorted)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t i = 0; i < column->len; i++)
		if (parse_number(model_bytes(model, column->cells[i].unit, column->cells[i].offset),
				 column->cells[i].len, &value))
			sorted[len++] = value;
	qsort(sorted, len, sizeof *sorted, compare_doubles);
	for (size_t i = 0; i < len; i++)
		distinct += !i || sorted[i] > sorted[i - 1];
	for (size_t i = 0; i < column->len; i++) {
		const struct cell *cell = &column->cells[i];
		struct entry entry = { .unit = cell->unit, .offset = cell->offset, .len = cell->len };
		const char *text = model_bytes(model, cell->unit, cell->offset);
		const char *bin;

		if (!parse_number(text, cell->len, &value))
			continue;
		if (distinct >= BINS_FROM) {
			bin = value <= sorted[len / 3] ? "0" : value <= sorted[2 * len / 3] ? "1" : "2";
			entry.len = 1;
			text = bin;
		}
		if (entry_add(entries, entry, text, TOPIC_NONE, err) < 0)
			goto out;
		entries->items[entries->len - 1].len = cell->len;
	}
	rc = entries_number(entries, err);
out:
	free(sorted);
	return rc;
}

int options_learn_numbers(struct model *model, size_t index, struct persona_error *err)
{
	struct entries entries = { 0 };
	int rc = bins_collect(&entries, model, &model->columns[index], err);

	if (rc == 0)
		rc = entries_keep(model, index, &entries, err);
	entries_release(&entries);
	return rc;
}
