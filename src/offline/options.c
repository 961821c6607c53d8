/*
 * options.c - columns whose answers repeat: single choice, tick all that apply, numbers in bins.
 *
 * The options of a form are learned from the answers. A list is split at commas outside
 * brackets; parts that always stand together were one option with a comma in it.
 */
#include "entries.h"

#define MULTI_PARTS	1.15 /* mean parts per answer from which a column is a list */
#define MULTI_COVERAGE	.70  /* share of parts that others ticked too */
#define CLOSED_COVERAGE .60
#define BINS_FROM	12 /* different numbers from which a column is cut into three bins */

/* Share of entries that at least `least` units gave. */
static double coverage(const struct entries *entries, size_t least)
{
	size_t covered = 0;

	for (size_t i = 0; i < entries->len; i++)
		covered += entries->counts[entries->items[i].id] >= least;
	return entries->len ? (double)covered / (double)entries->len : 0;
}

static bool comes_before(const struct spelling *a, const struct spelling *b)
{
	int order = memcmp(a->text, b->text, a->len < b->len ? a->len : b->len);

	return order < 0 || (order == 0 && a->len < b->len);
}

/* The commonest spelling among `len` entries, which share a key; ties: the first in byte order. */
static char *commonest(const struct entries *entries, const uint32_t *same, size_t len, struct persona_error *err)
{
	const struct spelling *best = NULL;
	size_t best_count = 0;

	/* A spelling beyond the first hundred bearers is not the commonest one. */
	for (size_t i = 0; i < len && i <= 100; i++) {
		uint32_t index = entries->items[same[i]].spelling;
		const struct spelling *spelling = &entries->spellings[index];
		size_t count = 0;

		for (size_t j = 0; j < len; j++)
			count += entries->items[same[j]].spelling == index;
		if (count > best_count || (count == best_count && comes_before(spelling, best))) {
			best = spelling;
			best_count = count;
		}
		if (count > len / 2)
			break;
	}
	return persona_strndup(best->text, best->len, err);
}

static int option_add(struct answers *answers, const struct model *model, uint32_t column, const char *key, char *label,
		      struct persona_error *err)
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
	if (persona_grow((void **)&answers->options, &answers->options_capacity, answers->options_len, sizeof option,
			 err) < 0)
		goto fail;
	answers->options[answers->options_len++] = option;
	return 0;
fail:
	free(option.key);
	free(label);
	return -1;
}

static int tick_add(struct answers *answers, const struct entry *entry, struct persona_error *err)
{
	uint32_t option = (uint32_t)answers->options_len - 1;
	const struct tick *last = answers->ticks_len ? &answers->ticks[answers->ticks_len - 1] : NULL;

	if (last && last->unit == entry->unit && last->option == option)
		return 0; /* said twice */
	if (persona_grow((void **)&answers->ticks, &answers->ticks_capacity, answers->ticks_len, sizeof *answers->ticks,
			 err) < 0)
		return -1;
	answers->ticks[answers->ticks_len++] =
		(struct tick){ .unit = entry->unit, .option = option, .offset = entry->offset, .len = entry->len };
	answers->options[option].count++;
	return 0;
}

/* The entries by id, those of an id in the order of answers. The caller frees. */
static uint32_t *by_id(const struct entries *entries, struct persona_error *err)
{
	uint32_t *order = calloc(entries->len + 1, sizeof *order);
	size_t *next = calloc(entries->ids + 1, sizeof *next);

	if (!order || !next) {
		persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		free(order);
		order = NULL;
		goto out;
	}
	for (size_t i = 1; i < entries->ids; i++)
		next[i] = next[i - 1] + entries->counts[i - 1];
	for (size_t i = 0; i < entries->len; i++)
		order[next[entries->items[i].id]++] = (uint32_t)i;
out:
	free(next);
	return order;
}

/* Turn entries into options and ticks of the column. */
static int entries_keep(struct answers *answers, const struct model *model, size_t column,
			const struct entries *entries, struct persona_error *err)
{
	uint32_t *order = by_id(entries, err);
	int rc = -1;

	if (!order)
		return -1;
	for (size_t id = 0, from = 0; id < entries->ids; id++) {
		size_t to = from + entries->counts[id];

		if (option_add(answers, model, (uint32_t)column, entries_key(entries, (uint32_t)id),
			       commonest(entries, order + from, to - from, err), err) < 0)
			goto out;
		for (; from < to; from++)
			if (tick_add(answers, &entries->items[order[from]], err) < 0)
				goto out;
	}
	rc = 0;
out:
	free(order);
	return rc;
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

static int learn_multi(struct answers *answers, struct model *model, size_t index, struct entries *entries,
		       bool *is_multi, struct persona_error *err)
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
	return entries_keep(answers, model, index, entries, err);
}

int options_learn(struct answers *answers, struct model *model, size_t index, bool *closed, struct persona_error *err)
{
	struct column *column = &model->columns[index];
	struct entries entries = { 0 };
	int rc = -1;

	*closed = false;
	if (learn_multi(answers, model, index, &entries, closed, err) < 0)
		goto out;
	if (!*closed) {
		if (entries_collect(&entries, model, column, '\0', err) < 0)
			goto out;
		*closed = entries.ids * 2 <= column->len &&
			  coverage(&entries, column->len >= 100 ? column->len / 100 + 1 : 2) >= CLOSED_COVERAGE;
		if (*closed) {
			column->kind = COLUMN_CLOSED;
			if (entries_keep(answers, model, index, &entries, err) < 0)
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

	entries_reset(entries);
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
		if (entry_add(entries, entry, text, err) < 0)
			goto out;
		entries->items[entries->len - 1].len = cell->len;
	}
	rc = entries_number(entries, TOPIC_NONE, err);
out:
	free(sorted);
	return rc;
}

int options_learn_numbers(struct answers *answers, struct model *model, size_t index, struct persona_error *err)
{
	struct entries entries = { 0 };
	int rc = bins_collect(&entries, model, &model->columns[index], err);

	if (rc == 0)
		rc = entries_keep(answers, model, index, &entries, err);
	entries_release(&entries);
	return rc;
}
