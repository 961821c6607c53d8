/* survey.h - made-up surveys for the tests of the built-in model. */
#ifndef TEST_OFFLINE_SURVEY_H
#define TEST_OFFLINE_SURVEY_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* Add a record from pairs of question and answer, NULL at the end. Columns must come in their order. */
static inline void survey_add(struct persona_records *records, const char *locator, const char *const *pairs)
{
	struct persona_error err = { 0 };
	struct persona_record *record;

	for (size_t i = 0; pairs[i]; i += 2)
		ck_assert_int_ge(persona_records_column(records, pairs[i], &err), 0);
	ck_assert_int_eq(persona_records_add(records, &record, locator, &err), 0);
	record->ordinal = record->record_id = (int64_t)records->len;
	for (size_t i = 0; pairs[i]; i += 2) {
		long column = persona_records_column(records, pairs[i], &err);

		ck_assert_int_eq(
			persona_record_add_cell(record, (size_t)column, pairs[i + 1], strlen(pairs[i + 1]), &err), 0);
	}
}

static const char *const survey_tools[] = { "spreadsheet", "notebook", "phone" };
static const char *const survey_places[] = { "office", "laboratory", "road" };
static const char *const survey_goals[] = {
	"I wish the spreadsheet formulas could be shared with my accounting colleagues.",
	"I would like to find old experiments in the notebook by their date.",
	"I want to finish the delivery route before the evening traffic begins."
};
static const char *const survey_pains[] = { "The monthly report is slow and the formulas break without a warning.",
					    "It is hard to read the handwriting of the night shift in the notebook.",
					    "The map on the phone is confusing when I drive without a signal." };
static const char *const survey_days[] = { "I usually check the invoices every morning before the first meeting.",
					   "I write down each sample in the notebook when I leave the bench.",
					   "I often plan the stops at breakfast and call the customers from the van." };

/* A respondent of planted group 0, 1 or 2; number makes answers differ. */
static inline void survey_respondent(struct persona_records *records, size_t number, size_t group, const char *gender)
{
	char locator[64], id[32], age[32], goal[256], day[256], pain[256];
	const char *pairs[] = { "Respondent id",
				id,
				"Age",
				age,
				"Gender",
				gender,
				"Which tool do you use most?",
				survey_tools[group],
				"Where do you work?",
				survey_places[group],
				"Do you like coffee?",
				number % 2 ? "Yes" : "No",
				"What would you like to improve?",
				goal,
				"What frustrates you most?",
				pain,
				"How do you spend a usual day?",
				day,
				NULL };

	snprintf(locator, sizeof locator, "survey.csv:%zu", number + 2);
	snprintf(id, sizeof id, "R%03zu", number);
	snprintf(age, sizeof age, "%zu", 25 + 10 * group + number % 5);
	snprintf(goal, sizeof goal, "%s Number %zu on my list.", survey_goals[group], number);
	snprintf(pain, sizeof pain, "%s It happened %zu times.", survey_pains[group], number + 2);
	snprintf(day, sizeof day, "%s Then %zu more things follow.", survey_days[group], number);
	survey_add(records, locator, pairs);
}

/* n respondents in three planted groups; gender goes across the groups. */
static inline void survey_make(struct persona_records *records, size_t n)
{
	persona_records_init(records);
	for (size_t i = 0; i < n; i++)
		survey_respondent(records, i, i % 3, (i / 3) % 2 ? "Female" : "male");
}

static inline void survey_draft(struct persona_answer *answer, const struct persona_records *records,
				const size_t *deals, size_t deals_len, size_t first, size_t count)
{
	struct persona_error err = { 0 };
	struct persona_offline *offline;
	struct persona_task task = { .kind = PERSONA_TASK_DRAFT,
				     .records = records,
				     .records_id = "survey",
				     .first_slot = first,
				     .count = count,
				     .deals = deals,
				     .deals_len = deals_len };

	ck_assert_int_eq(persona_offline_new(&offline, &err), 0);
	ck_assert_msg(persona_offline_run(offline, &task, answer, &err) == 0, "%s", err.text);
	persona_offline_free(offline);
}

static inline void survey_draft_n(struct persona_answer *answer, const struct persona_records *records, size_t n)
{
	survey_draft(answer, records, &n, 1, 1, n);
}

static inline int survey_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
