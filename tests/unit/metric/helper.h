/*
 * Personas for the tests of metrics, and what is asked of every finding.
 */
#ifndef PERSONA_TEST_METRIC_HELPER_H
#define PERSONA_TEST_METRIC_HELPER_H

#include <check.h>
#include <math.h>

#include "internal.h"

#define NEAR 1e-9

static inline void set(char **slot, const char *text)
{
	ck_assert_int_eq(persona_set_text(slot, text, NULL), 0);
}

/* Items separated by '|'; NULL adds none, "" an empty one. */
static inline void add(struct persona *persona, enum persona_list_field field, const char *items)
{
	while (items) {
		size_t len = strcspn(items, "|");

		ck_assert_int_eq(persona_list_add(&persona->lists[field], items, len, NULL), 0);
		items = items[len] ? items + len + 1 : NULL;
	}
}

/* Write a text with the word put in for its only '%'. */
static inline void put_in(char *out, size_t size, const char *text, const char *before, const char *word,
			  const char *after)
{
	size_t len = strcspn(text, "%");

	ck_assert(text[len] == '%');
	snprintf(out, size, "%.*s%s%s%s%s", (int)len, text, before, word, after, text + len + 1);
}

static inline void clear(struct persona *persona, enum persona_list_field field)
{
	while (persona->lists[field].len)
		persona_remove_item(persona, field, 0);
}

static inline void demographics(struct persona *persona, const char *json)
{
	json_decref(persona->demographics);
	persona->demographics = json ? json_loads(json, 0, NULL) : NULL;
	ck_assert_int_eq(json != NULL, persona->demographics != NULL);
}

static inline void cite(struct persona *persona, enum persona_list_field field, size_t position, int64_t record,
			enum persona_strength strength)
{
	ck_assert_int_eq(persona_evidence_add(persona, field, position, "data.csv:1", record, strength, NULL, NULL), 0);
}

/* A persona that no metric has anything against under the strict profile, evidence aside. */
static inline void make_whole(struct persona *persona)
{
	persona_init(persona);
	set(&persona->name, "Mara Lindqvist");
	persona->age = 41;
	set(&persona->occupation, "Data editor at a regional paper");
	set(&persona->background, "Mara came to data work by way of the court desk.");
	demographics(persona, "{\"country\": \"Sweden\"}");
	add(persona, PERSONA_GOALS,
	    "Publish one data story every week|Teach two colleagues to clean tables|Drop the manual copying of "
	    "numbers");
	add(persona, PERSONA_FRUSTRATIONS,
	    "Agencies send tables as scanned paper|Nobody documents what a column means");
	add(persona, PERSONA_BEHAVIOURS, "Keeps a log of every query|Asks for raw files first");
	add(persona, PERSONA_MOTIVATIONS, "Readers who check the numbers");
	add(persona, PERSONA_QUOTES, "I spend half my week on cleaning.|Give me the raw file, please.");
}

/* Run a revision-scope metric. */
static inline void judge(struct persona_finding *finding, const struct persona_metric *metric, const char *profile_name,
			 const struct persona *persona, int64_t batch_records)
{
	struct persona_subject subject = { .persona = persona, .batch_records = batch_records };
	struct persona_error err = { 0 };
	struct persona_profile profile;

	ck_assert_int_eq(persona_profile_get(&profile, profile_name, NULL), 0);
	persona_finding_init(finding);
	ck_assert_msg(metric->revision(metric, &profile, &subject, finding, &err) == 0, "%s", err.text);
}

static inline size_t count_code(const struct persona_finding *finding, const char *code)
{
	size_t count = 0;

	for (size_t i = 0; i < finding->issues_len; i++)
		count += strcmp(finding->issues[i].code, code) == 0;
	return count;
}

/* The first issue with that code, or NULL. */
static inline const struct persona_reason *find_code(const struct persona_finding *finding, const char *code)
{
	for (size_t i = 0; i < finding->issues_len; i++)
		if (strcmp(finding->issues[i].code, code) == 0)
			return &finding->issues[i];
	return NULL;
}

#define assert_near(value, expected) ck_assert_double_eq_tol(value, expected, NEAR)

/* The only issue (NULL: none), and the value. */
#define assert_finding(finding, expected, only_code)                                                                   \
	do {                                                                                                           \
		ck_assert((finding)->measured);                                                                        \
		assert_near((finding)->value, expected);                                                               \
		ck_assert_uint_eq((finding)->issues_len, (only_code) != NULL);                                         \
		if ((only_code) != NULL)                                                                               \
			ck_assert_str_eq((finding)->issues[0].code, only_code);                                        \
	} while (0)

/* Run the suite's tests; what main() returns. */
static inline int run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#endif
