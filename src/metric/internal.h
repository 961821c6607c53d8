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
	const uint64_t *filter; /* bits of the words in it; NULL: not known */
};

/* How many words, from word `at` on, make an entry of the list: those of the longest one, or 0. */
size_t metric_list_match(const struct metric_list *list, const struct metric_words *words, size_t at);

/* Is the word made of digits alone? */
bool metric_word_is_number(const struct metric_words *words, size_t at);

/* Drop digits and '_' from the end of the word "user_12"; false when there are none, or nothing else. */
bool metric_word_cut_number(struct metric_words *words, size_t at);

/* The lists of data/ that are there for English alone, <name>.en.txt. */
/* clang-format off */
#define METRIC_ENGLISH_LISTS(LIST) \
	LIST(birth_keys) LIST(birth_words) LIST(child_words) LIST(corporate_words) LIST(early_goals) LIST(experience_keys) \
	LIST(founders) LIST(generic_goals) LIST(goal_exceptions) LIST(goal_openings) LIST(large_firms) \
	LIST(late_goals) LIST(negations) LIST(no_frustrations) LIST(numbers) LIST(opposites) LIST(past_words) \
	LIST(quote_openings) LIST(retired_words) LIST(stage_of_others) LIST(stock_goals) LIST(student_words) LIST(title_stops) \
	LIST(titles) LIST(weak_stems) LIST(work_as) LIST(work_words) LIST(year_words)
/* clang-format on */
enum metric_english_list {
#define LIST(name) METRIC_##name,
	METRIC_ENGLISH_LISTS(LIST)
#undef LIST
		METRIC_ENGLISH_LISTS_LEN
};

/* One of them; empty for texts of another language. */
struct metric_list metric_english(const struct persona_profile *profile, enum metric_english_list list);
bool metric_is_english(const struct persona_profile *profile);

/* False: no entry begins with the word, nor with one word and then this. */
bool metric_list_may_have(const struct metric_list *list, const char *word, size_t len);

/* Where in the words before `end` an entry of the list begins, counted from 1; 0: nowhere. */
size_t metric_list_find(const struct metric_list *list, const struct metric_words *words, size_t end);

/* The list's entry at or after *at, which moves behind it; NULL at the end. */
const char *metric_list_next(const struct metric_list *list, size_t *at, size_t *len);

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

/* Does it say anything: a letter or digit, and no placeholder ("n/a", "tbd", "lorem ipsum" …)? NULL says nothing. */
int metric_text_filled(const char *text, struct persona_error *err) PERSONA_MUST_CHECK;

/* The same of a JSON value; numbers and booleans do, containers when something in them does. */
int metric_value_filled(const json_t *value, struct persona_error *err) PERSONA_MUST_CHECK;

/* Does it hold what stands in for a text to come: "lorem ipsum", "[insert …", an address at example.com? */
bool metric_holds_placeholder(const char *text);

/* Is the whole text a placeholder such as "n/a" or "TBD", or does it hold one? */
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

/* ---- Words as numbers (vocabulary.c) --------------------------------- */

/* Different words, each with a kind in front of it ("gweek" is the week of goals). Zero-initialised by init. */
struct metric_vocabulary {
	struct persona_buf words;
	size_t *offsets;
	size_t len, capacity;
	uint32_t *slots; /* number + 1 */
	size_t slots_len;
};

void metric_vocabulary_init(struct metric_vocabulary *vocabulary);
void metric_vocabulary_release(struct metric_vocabulary *vocabulary);

/* The number of a word, which is added when it is new. */
int metric_vocabulary_add(struct metric_vocabulary *vocabulary, char kind, const char *word, size_t len, uint32_t *id,
			  struct persona_error *err) PERSONA_MUST_CHECK;

/* Kind and word: borrowed until the next is added. */
const char *metric_vocabulary_word(const struct metric_vocabulary *vocabulary, uint32_t id);

/* As persona_registry_set_threads() was told. */
int registry_threads(const struct persona_registry *registry);

/* ---- Built-in metrics ------------------------------------------------ */

extern const struct persona_metric metric_completeness;
extern const struct persona_metric metric_consistency;
extern const struct persona_metric metric_distinctiveness;
extern const struct persona_metric metric_evidence_strength;
extern const struct persona_metric metric_realism;

#endif
