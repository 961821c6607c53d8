/*
 * Drafts of the built-in model and ways to spoil them, to see whether the score as a whole notices: for the unit test and for
 * tests/bench/spoilt.c.
 */
#ifndef PERSONA_TEST_SPOILT_H
#define PERSONA_TEST_SPOILT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "persona/evidence.h"
#include "persona/metric.h"
#include "persona/offline.h"

struct spoilt {
	struct persona_records *records; /* borrowed; with ids from 1 */
	struct persona_answer draft;
	struct persona_kin *kin;
	struct persona_registry *registry;
	struct persona_profile profile;
	struct persona_language *language;
};

static inline int spoilt_init(struct spoilt *spoilt, struct persona_records *records, size_t personas,
			      struct persona_error *err)
{
	struct persona_offline *offline = NULL;
	struct persona_task task = { .kind = PERSONA_TASK_DRAFT,
				     .records = records,
				     .records_id = "spoilt",
				     .first_slot = 1,
				     .count = personas };
	int rc;

	*spoilt = (struct spoilt){ .records = records };
	for (size_t i = 0; i < records->len; i++)
		records->items[i].record_id = (int64_t)i + 1;
	if (persona_offline_new(&offline, err) < 0)
		return -1;
	rc = persona_offline_run(offline, &task, &spoilt->draft, err);
	persona_offline_free(offline);
	for (size_t i = 0; !rc && i < spoilt->draft.len; i++)
		rc = persona_evidence_check(&spoilt->draft.personas[i], records, err);
	if (rc || persona_kin_new(&spoilt->kin, records, err) < 0 ||
	    persona_registry_new_default(&spoilt->registry, err) < 0 ||
	    persona_language_new(&spoilt->language, "en", err) < 0)
		return -1;
	persona_registry_set_threads(spoilt->registry, 1);
	return persona_profile_get(&spoilt->profile, "default", err);
}

static inline void spoilt_release(struct spoilt *spoilt)
{
	persona_answer_release(&spoilt->draft);
	persona_kin_free(spoilt->kin);
	persona_registry_free(spoilt->registry);
	persona_language_free(spoilt->language);
}

/* Somebody who stands for a persona of the draft. */
struct spoilt_instead {
	size_t number;
	const struct persona *persona;
};

/* The score of the first persona that stands for another, among the others of the draft. Below 0: an error. */
static inline double spoilt_score(const struct spoilt *spoilt, const struct spoilt_instead *instead, size_t instead_len)
{
	size_t len = spoilt->draft.len;
	struct persona_subject *subjects = calloc(len, sizeof *subjects);
	struct persona_score *scores = calloc(len, sizeof *scores);
	double value = -1;

	for (size_t i = 0; subjects && i < len; i++)
		subjects[i] = (struct persona_subject){ .persona = &spoilt->draft.personas[i],
							.persona_id = (int64_t)i + 1,
							.revision_id = (int64_t)i + 1,
							.batch_records = (int64_t)spoilt->records->len,
							.kin = spoilt->kin,
							.language = spoilt->language,
							.member = true };
	for (size_t i = 0; subjects && i < instead_len; i++)
		subjects[instead[i].number].persona = instead[i].persona;
	if (subjects && scores &&
	    persona_score_set(scores, spoilt->registry, &spoilt->profile, subjects, len, NULL) == 0) {
		value = scores[instead[0].number].overall;
		for (size_t i = 0; i < len; i++)
			persona_score_release(&scores[i]);
	}
	free(subjects);
	free(scores);
	return value;
}

/* ---- Damage ---------------------------------------------------------- */

static inline void spoilt_empty(struct persona *persona, enum persona_list_field field)
{
	while (persona->lists[field].len)
		persona_remove_item(persona, field, persona->lists[field].len - 1);
}

/* The other's list instead of its own, with the evidence. */
static inline int spoilt_take(struct persona *persona, const struct persona *other, enum persona_list_field field)
{
	const struct persona_list *list = &other->lists[field];

	spoilt_empty(persona, field);
	for (size_t i = 0; i < list->len; i++)
		if (persona_list_add(&persona->lists[field], list->items[i], strlen(list->items[i]), NULL) < 0)
			return -1;
	for (size_t i = 0; i < other->evidence_len; i++) {
		const struct persona_evidence *evidence = &other->evidence[i];

		if (evidence->field == field &&
		    persona_evidence_add(persona, field, evidence->position, evidence->locator, evidence->record_id,
					 evidence->strength, evidence->excerpt, NULL) < 0)
			return -1;
	}
	return 0;
}

static inline int spoilt_goals(struct persona *persona, const struct persona *other)
{
	return spoilt_take(persona, other, PERSONA_GOALS);
}

static inline int spoilt_frustrations(struct persona *persona, const struct persona *other)
{
	return spoilt_take(persona, other, PERSONA_FRUSTRATIONS);
}

static inline int spoilt_lists(struct persona *persona, const struct persona *other)
{
	return spoilt_take(persona, other, PERSONA_GOALS) | spoilt_take(persona, other, PERSONA_FRUSTRATIONS);
}

static inline int spoilt_stock(struct persona *persona, const struct persona *other)
{
	static const char *const stock[] = { "Save time and be more productive every day",
					     "Have a good balance between work and life" };

	(void)other;
	spoilt_empty(persona, PERSONA_GOALS);
	for (size_t i = 0; i < 2; i++)
		if (persona_list_add(&persona->lists[PERSONA_GOALS], stock[i], strlen(stock[i]), NULL) < 0)
			return -1;
	return 0;
}

/* The second word of every quote is another. */
static inline int spoilt_quotes(struct persona *persona, const struct persona *other)
{
	struct persona_list *quotes = &persona->lists[PERSONA_QUOTES];

	(void)other;
	for (size_t i = 0; i < quotes->len; i++) {
		const char *blank = strchr(quotes->items[i], ' '), *end = blank ? strchr(blank + 1, ' ') : NULL;
		size_t len = strlen(quotes->items[i]) + 16;
		char *text = malloc(len);

		if (!text)
			return -1;
		snprintf(text, len, "%.*s umbrella%s", (int)(blank ? blank - quotes->items[i] : 0), quotes->items[i],
			 end ? end : "");
		free(quotes->items[i]);
		quotes->items[i] = text;
	}
	return 0;
}

static inline int spoilt_emptied(struct persona *persona, const struct persona *other)
{
	(void)other;
	spoilt_empty(persona, PERSONA_FRUSTRATIONS);
	spoilt_empty(persona, PERSONA_BEHAVIOURS);
	return persona_set_text(&persona->background, NULL, NULL);
}

static const struct {
	const char *name;
	int (*spoil)(struct persona *persona, const struct persona *other);
	bool exchange; /* the other one takes what was lost */
} spoilt_kinds[] = {
	{ "swapped goals", spoilt_goals, true },
	{ "swapped frustrations", spoilt_frustrations, true },
	{ "swapped goals and frustrations", spoilt_lists, true },
	{ "stock goals", spoilt_stock, false },
	{ "altered quotes", spoilt_quotes, false },
	{ "emptied fields", spoilt_emptied, false },
};
#define SPOILT_KINDS (sizeof spoilt_kinds / sizeof spoilt_kinds[0])

static inline bool spoilt_same(const struct persona *a, const struct persona *b)
{
	for (int field = 0; field < PERSONA_LIST_FIELDS; field++) {
		if (a->lists[field].len != b->lists[field].len)
			return false;
		for (size_t i = 0; i < a->lists[field].len; i++)
			if (strcmp(a->lists[field].items[i], b->lists[field].items[i]) != 0)
				return false;
	}
	return true;
}

/*
 * Persona i, spoilt with j (itself: by itself): 1 it ranks lower, 0 it does not, 2 nothing of it is another, below 0 an
 * error.
 */
static inline int spoilt_ranks(const struct spoilt *spoilt, size_t kind, size_t i, size_t j, double *fall)
{
	const struct persona *own = &spoilt->draft.personas[i], *others = &spoilt->draft.personas[j];
	struct persona persona = { 0 }, other = { 0 };
	const struct spoilt_instead before[] = { { i, own } }, after[] = { { i, &persona }, { j, &other } };
	int rc = -1;

	if (persona_copy(&persona, own, NULL) == 0 && persona_copy(&other, others, NULL) == 0 &&
	    spoilt_kinds[kind].spoil(&persona, others) == 0 &&
	    (!spoilt_kinds[kind].exchange || spoilt_kinds[kind].spoil(&other, own) == 0) &&
	    persona_evidence_check(&persona, spoilt->records, NULL) == 0) {
		*fall = spoilt_score(spoilt, before, 1) - spoilt_score(spoilt, after, i == j ? 1 : 2);
		rc = spoilt_same(own, &persona) ? 2 : *fall > 0;
	}
	persona_release(&persona);
	persona_release(&other);
	return rc;
}

#endif
