/*
 * consistency.h - the parts of the metric that asks whether a persona contradicts itself.
 */
#ifndef PERSONA_METRIC_CONSISTENCY_H
#define PERSONA_METRIC_CONSISTENCY_H

#include "internal.h"

/* An item of a list, read once for all parts: its words as they stand, and its content words. */
struct read_item {
	struct metric_words words;
	struct persona_stems stems;
};

/* What the parts judge by, and where they say what they found. */
struct consistency {
	const struct persona_profile *profile;
	const struct persona_subject *subject;
	struct persona_language *language;
	struct read_item *items[PERSONA_LIST_FIELDS];
	struct persona_finding *finding;
};

/* Each gives 0..100, or -1 where there is nothing to judge by. */
int judge_life(const struct consistency *consistency, double *value, struct persona_error *err) PERSONA_MUST_CHECK;
int judge_opposites(const struct consistency *consistency, double *value, struct persona_error *err) PERSONA_MUST_CHECK;
int judge_repetition(const struct consistency *consistency, double *value,
		     struct persona_error *err) PERSONA_MUST_CHECK;

/* Does a word that negates stand within three words before `at`? */
bool is_negated(const struct persona_profile *profile, const struct metric_words *words, size_t at);

/* Is the content word one that turns others round ("not")? */
bool is_negation(const struct persona_profile *profile, const char *stem);

#endif
