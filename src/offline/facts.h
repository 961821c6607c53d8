/* facts.h - what is told of a segment by topic: who its members are. Private to this folder. */
#ifndef OFFLINE_FACTS_H
#define OFFLINE_FACTS_H

#include "internal.h"

enum { FACTS = 10, FACT_OCCUPATION = FACTS - 1 };

/* Of those who answered, the part that makes an answer common. */
#define FACT_COMMON .30

struct fact_topic {
	enum topic topic;
	const char *key; /* in the persona's demographics */
};

extern const struct fact_topic fact_topics[FACTS];

/* A value of a topic, and how many of the segment have it. */
struct fact {
	size_t column;
	size_t option; /* options_len: none, `offset` and `len` of `unit` then */
	uint32_t unit;
	size_t offset, len;
	uint64_t key;	  /* without an option: the label, folded */
	size_t count, of; /* 0 of: one respondent's own answer */
};

bool fact_is_common(const struct fact *fact);

/* Does a unit say it? 1, 0, or -1 if memory is short. */
int fact_is_of(const struct profile *profile, const struct fact *fact, uint32_t unit, struct persona_error *err);

/* As it is shown; the caller's. NULL on failure. */
char *fact_text(const struct model *model, const struct fact *fact, struct persona_error *err);

/*
 * What most say of each topic, if it is common; told[t] false: nothing. Without a common occupation it is that of the member
 * nearest to the middle. These are figures, and true although nobody may have them all. 0, or -1 if memory is short.
 */
int facts_find(const struct profile *profile, struct fact *facts, bool *told, struct persona_error *err);

/*
 * Make of what facts_find() found a combination that nobody's answers gainsay. Among those who have the occupation, the
 * member whose answers are shared by most decides the rest; what only few share with him remains untold. 0, or -1 if
 * memory is short.
 */
int facts_reconcile(const struct profile *profile, struct fact *facts, bool *told, struct persona_error *err);

#endif
