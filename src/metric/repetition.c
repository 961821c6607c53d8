/*
 * Repetition: 100 less 15 for each list in which an item says the same as an earlier one of it, or, quotes aside, as
 * one of an earlier list: equal when folded, or Jaccard of all words 0.8 or more. Needs a list of two items, or
 * something found; of a long list the first REPEATED_MAX are compared, with other lists the first ACROSS_MAX.
 */
#include "consistency.h"

#define REPEATED_MAX 256
#define ACROSS_MAX   32
#define DEDUCTION    15.0

/* The words of an item, each once and in order: how they are compared. */
struct word_set {
	const char *folded;
	size_t folded_len;
	struct persona_word *words;
	size_t len;
};

static int order_of(const char *left, struct persona_word a, const char *right, struct persona_word b)
{
	int order = memcmp(left + a.offset, right + b.offset, a.len < b.len ? a.len : b.len);

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_words(const void *left, const void *right, void *folded)
{
	return order_of(folded, *(const struct persona_word *)left, folded, *(const struct persona_word *)right);
}

static int make_word_set(struct word_set *out, const struct metric_words *words, struct persona_error *err)
{
	*out = (struct word_set){ .folded = words->folded.data, .folded_len = words->folded.len };
	out->words = calloc(words->count + 1, sizeof *out->words);
	if (!out->words)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	if (words->count) {
		memcpy(out->words, words->items, words->count * sizeof *out->words);
		qsort_r(out->words, words->count, sizeof *out->words, compare_words, words->folded.data);
	}
	for (size_t i = 0; i < words->count; i++)
		if (!out->len || order_of(out->folded, out->words[out->len - 1], out->folded, out->words[i]))
			out->words[out->len++] = out->words[i];
	return 0;
}

/* Jaccard 0.8 or more, or the same bytes where there are no words. */
static bool say_the_same(const struct word_set *a, const struct word_set *b)
{
	size_t i = 0, k = 0, shared = 0;

	if (!a->len || !b->len)
		return a->folded_len && a->folded_len == b->folded_len &&
		       memcmp(a->folded, b->folded, a->folded_len) == 0;
	while (i < a->len && k < b->len) {
		int order = order_of(a->folded, a->words[i], b->folded, b->words[k]);

		shared += order == 0;
		i += order <= 0;
		k += order >= 0;
	}
	return 9 * shared >= 4 * (a->len + b->len);
}

/* The first items of each list, as they are compared. */
struct lists {
	struct word_set sets[PERSONA_LIST_FIELDS][REPEATED_MAX];
	size_t lens[PERSONA_LIST_FIELDS];
};

static void lists_free(struct lists *lists)
{
	for (int field = 0; lists && field < PERSONA_LIST_FIELDS; field++)
		while (lists->lens[field])
			free(lists->sets[field][--lists->lens[field]].words);
	free(lists);
}

static int lists_read(struct lists **out, const struct consistency *consistency, struct persona_error *err)
{
	struct lists *lists = malloc(sizeof *lists);

	*out = lists;
	if (!lists)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	memset(lists->lens, 0, sizeof lists->lens);
	for (int field = 0; field < PERSONA_LIST_FIELDS; field++) {
		size_t len = consistency->subject->persona->lists[field].len, *made = &lists->lens[field];

		for (; *made < len && *made < REPEATED_MAX; ++*made)
			if (make_word_set(&lists->sets[field][*made], &consistency->items[field][*made].words, err) < 0)
				return -1;
	}
	return 0;
}

/* Where somebody says the same. */
struct repeat {
	int first_field, field;
	size_t first, position;
};

static bool find_within(const struct lists *lists, int field, struct repeat *out)
{
	for (size_t k = 1; k < lists->lens[field]; k++)
		for (size_t i = 0; i < k; i++)
			if (say_the_same(&lists->sets[field][i], &lists->sets[field][k])) {
				*out = (struct repeat){ field, field, i, k };
				return true;
			}
	return false;
}

/* A frustration that is word for word a goal says nothing; a quote may well be what the goal was taken from. */
static bool find_across(const struct lists *lists, int field, struct repeat *out)
{
	for (size_t k = 0; field != PERSONA_QUOTES && k < lists->lens[field] && k < ACROSS_MAX; k++)
		for (int before = 0; before < field; before++)
			for (size_t i = 0; before != PERSONA_QUOTES && i < lists->lens[before] && i < ACROSS_MAX; i++)
				if (say_the_same(&lists->sets[before][i], &lists->sets[field][k])) {
					*out = (struct repeat){ before, field, i, k };
					return true;
				}
	return false;
}

static int report(struct persona_finding *finding, const struct repeat *repeat, struct persona_error *err)
{
	const struct persona_field *first = persona_list_field((enum persona_list_field)repeat->first_field);
	const struct persona_field *field = persona_list_field((enum persona_list_field)repeat->field);

	return persona_finding_issue(finding, "repetition", field->name, (long)repeat->position, err,
				     "%s %zu and %s %zu say the same: keep one of them", first->kind, repeat->first + 1,
				     field->kind, repeat->position + 1);
}

int judge_repetition(const struct consistency *consistency, double *value, struct persona_error *err)
{
	struct lists *lists;
	int rc = lists_read(&lists, consistency, err);

	*value = -1;
	for (int field = 0; !rc && field < PERSONA_LIST_FIELDS; field++) {
		struct repeat repeat;
		bool found = find_within(lists, field, &repeat) || find_across(lists, field, &repeat);

		if (*value < 0 && (found || lists->lens[field] > 1))
			*value = 100;
		if (!found)
			continue;
		*value -= DEDUCTION;
		rc = report(consistency->finding, &repeat, err);
	}
	lists_free(lists);
	return rc;
}
