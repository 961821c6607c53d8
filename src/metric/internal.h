/*
 * metric/internal.h - what the metrics share: words, word lists, facts, the built-in metrics.
 *
 * Functions that may run out of memory return -1 with err; questions answer 1 or 0.
 */
#ifndef PERSONA_METRIC_INTERNAL_H
#define PERSONA_METRIC_INTERNAL_H

#include "persona/metric.h"
#include "persona/text.h"

/* ---- Words and word lists (words.c) ---------------------------------- */

/* A text folded, and its words: offsets into folded.data. */
struct metric_words {
	struct persona_buf folded;
	struct persona_word *items;
	size_t count;
};

/* out is initialised by the call; release it on success. */
int metric_words_of(struct metric_words *out, const char *text, struct persona_error *err) PERSONA_MUST_CHECK;
void metric_words_release(struct metric_words *words);

/* A list of data/: an entry per line, folded words with one blank between, '#' for comments. */
struct metric_list {
	const char *bytes;
	size_t len;
};

/* How many words, from word `at` on, make an entry of the list: those of the longest one, or 0. */
size_t metric_list_match(const struct metric_list *list, const struct metric_words *words, size_t at);

/* Is the word made of digits alone? */
bool metric_word_is_number(const struct metric_words *words, size_t at);

/* Drop digits and '_' from the end of the word "user_12"; false when there are none, or nothing else. */
bool metric_word_cut_number(struct metric_words *words, size_t at);

/* ---- Names (name.c) -------------------------------------------------- */

/* The worst that can be said of a name, from bad to good. */
enum metric_name_look {
	METRIC_NAME_EMPTY,
	METRIC_NAME_PLACEHOLDER,
	METRIC_NAME_SYMBOLS,
	METRIC_NAME_SINGLE_WORD,
	METRIC_NAME_CASE,
	METRIC_NAME_FINE
};

/* name: NULL is empty. */
int metric_look_at_name(enum metric_name_look *out, const char *name, struct persona_error *err) PERSONA_MUST_CHECK;

/* ---- Facts about a persona (facts.c) --------------------------------- */

/* Does it say anything: a letter or digit, and not just "n/a", "tbd" …? NULL says nothing. */
int metric_text_filled(const char *text, struct persona_error *err) PERSONA_MUST_CHECK;

/* The same of a JSON value; numbers and booleans do, containers when something in them does. */
int metric_value_filled(const json_t *value, struct persona_error *err) PERSONA_MUST_CHECK;

/* Is the whole text a placeholder such as "n/a" or "TBD"? */
int metric_is_placeholder(const char *text, struct persona_error *err) PERSONA_MUST_CHECK;

/* White space alone, or NULL. */
bool metric_is_blank(const char *text);

/*
 * Age as stated: both ends are equal unless the persona gives a range
 * (demographics.age_range, whose middle is then persona->age). False: not known.
 */
bool metric_age(const struct persona *persona, int64_t *youngest, int64_t *oldest);

/* ---- Profiles (profile.c) -------------------------------------------- */

/* Well-formed name of a metric, short enough for a profile? */
bool metric_name_ok(const char *name);

/* What the profile says, else the metric's default. */
double metric_weight(const struct persona_profile *profile, const struct persona_metric *metric);

/* ---- Built-in metrics ------------------------------------------------ */

extern const struct persona_metric metric_completeness;
extern const struct persona_metric metric_evidence_strength;
extern const struct persona_metric metric_realism;

#endif
