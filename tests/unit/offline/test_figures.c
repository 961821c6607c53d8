/* Figures of a draft: whom it leaves out, how steady the groups are, and that the order of the records does not matter. */
#include "suite.h"
#include "survey.h"

/* Planted groups of 0, 1 and 2 by turns, from `first` on and then from the beginning. */
static void respondents(struct persona_records *records, size_t count, size_t first)
{
	persona_records_init(records);
	for (size_t i = 0; i < count; i++) {
		size_t number = (first + i) % count;

		survey_respondent(records, number, number % 3, number % 2 ? "female" : "male");
	}
}

static json_t *figures_of(struct persona_records *records, size_t count, struct persona_answer *answer)
{
	struct persona_task task = {
		.kind = PERSONA_TASK_DRAFT, .records = records, .records_id = "x", .first_slot = 1, .count = count
	};
	struct persona_offline *offline;
	struct persona_error err = { 0 };
	json_t *figures;

	ck_assert_int_eq(persona_offline_new(&offline, &err), 0);
	ck_assert_msg(persona_offline_run(offline, &task, answer, &err) == 0, "%s", err.text);
	ck_assert_ptr_nonnull(answer->figures);
	figures = json_loads(answer->figures, 0, NULL);
	ck_assert_ptr_nonnull(figures);
	persona_offline_free(offline);
	return figures;
}

static double number(const json_t *figures, const char *key)
{
	const json_t *value = json_object_get(figures, key);

	ck_assert_msg(json_is_number(value), "no %s", key);
	return json_number_value(value);
}

static const size_t speaking[] = { 19, 20 };

/* Who answers nothing is a respondent and is left out, and no number of them makes groups steady or not. */
START_TEST(the_silent_are_left_out)
{
	static const char *const nothing[] = { "Age", "44", NULL };
	struct persona_records records;
	struct persona_answer answer;
	json_t *figures;

	respondents(&records, speaking[_i], 0);
	for (size_t i = 0; i < 30; i++) {
		char locator[32];

		snprintf(locator, sizeof locator, "survey.csv:%zu", 1000 + i);
		survey_add(&records, locator, nothing);
	}
	figures = figures_of(&records, 3, &answer);
	ck_assert_double_eq(number(figures, "respondents"), (double)speaking[_i] + 30);
	ck_assert_double_eq(number(figures, "covered"), (double)speaking[_i]);
	ck_assert_uint_eq(json_array_size(json_object_get(figures, "left_out")), 30);
	ck_assert(!json_object_get(figures, "stability") == (speaking[_i] < 20));
	json_decref(figures);
	persona_answer_release(&answer);
	persona_records_release(&records);
}
END_TEST

START_TEST(planted_groups_are_firm)
{
	struct persona_records records;
	struct persona_answer answer;
	json_t *figures;

	respondents(&records, 60, 0);
	figures = figures_of(&records, 3, &answer);
	ck_assert_double_eq(number(figures, "personas"), 3);
	ck_assert_double_eq(number(figures, "respondents"), 60);
	ck_assert_double_eq(number(figures, "covered"), 60);
	ck_assert_ptr_null(json_object_get(figures, "left_out"));
	ck_assert_double_ge(number(figures, "stability"), .7);
	ck_assert_str_eq(json_string_value(json_object_get(figures, "stability_level")), "firm");
	ck_assert_double_le(number(figures, "answers_covered"), number(figures, "answers"));
	ck_assert_double_ge(number(json_object_get(figures, "representativeness"), "gender"), .5);
	json_decref(figures);
	persona_answer_release(&answer);
	persona_records_release(&records);
}
END_TEST

/* A handful has no groups that could be steady, and one persona for all leaves out whoever is of another kind. */
START_TEST(what_cannot_be_told_is_not_there)
{
	struct persona_records records;
	struct persona_answer answer;
	json_t *figures;

	respondents(&records, 3, 0);
	figures = figures_of(&records, 3, &answer);
	ck_assert_ptr_null(json_object_get(figures, "stability"));
	ck_assert_double_eq(number(figures, "covered"), 3);
	json_decref(figures);
	persona_answer_release(&answer);
	persona_records_release(&records);
	respondents(&records, 60, 0);
	figures = figures_of(&records, 1, &answer);
	ck_assert_ptr_null(json_object_get(figures, "stability"));
	ck_assert_double_lt(number(figures, "covered"), 60);
	ck_assert_uint_eq(json_array_size(json_object_get(figures, "left_out")),
			  60 - (size_t)number(figures, "covered"));
	json_decref(figures);
	persona_answer_release(&answer);
	persona_records_release(&records);
}
END_TEST

START_TEST(the_order_of_records_does_not_matter)
{
	struct persona_records records, turned;
	struct persona_answer answer, again;
	json_t *figures, *other;

	respondents(&records, 45, 0);
	respondents(&turned, 45, 17);
	figures = figures_of(&records, 4, &answer);
	other = figures_of(&turned, 4, &again);
	/* Locators are those of other lines, all else is the same. */
	json_object_del(figures, "left_out");
	json_object_del(other, "left_out");
	ck_assert(json_equal(figures, other));
	ck_assert_uint_eq(answer.len, again.len);
	for (size_t i = 0; i < answer.len; i++) {
		ck_assert_str_eq(answer.personas[i].name, again.personas[i].name);
		for (int f = 0; f < PERSONA_LIST_FIELDS; f++) {
			ck_assert_uint_eq(answer.personas[i].lists[f].len, again.personas[i].lists[f].len);
			for (size_t n = 0; n < answer.personas[i].lists[f].len; n++)
				ck_assert_str_eq(answer.personas[i].lists[f].items[n],
						 again.personas[i].lists[f].items[n]);
		}
	}
	json_decref(figures);
	json_decref(other);
	persona_answer_release(&answer);
	persona_answer_release(&again);
	persona_records_release(&records);
	persona_records_release(&turned);
}
END_TEST

START_TEST(data_are_described_in_words)
{
	struct persona_records records;
	struct persona_error err = { 0 };
	struct persona_buf text;

	respondents(&records, 30, 0);
	persona_buf_init(&text, SIZE_MAX);
	ck_assert_msg(persona_offline_describe(&text, &records, &err) == 0, "%s", err.text);
	ck_assert_ptr_nonnull(strstr(text.data, "30 respondents"));
	ck_assert_ptr_nonnull(strstr(text.data, "\"Respondent id\": left out: "));
	ck_assert_ptr_nonnull(strstr(text.data,
				     "\"Gender\": one of 2 answers; 30 of 30 answered; gender of the respondent, "
				     "described by and never grouped by"));
	ck_assert_ptr_nonnull(strstr(text.data, "asks for goals"));
	persona_records_release(&records);
	ck_assert_int_eq(persona_offline_describe(&text, &records, &err), -1);
	ck_assert_str_eq(err.text, "no records");
	persona_buf_release(&text);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = suite_of("figures", &tcase);

	tcase_add_loop_test(tcase, the_silent_are_left_out, 0, 2);
	tcase_add_test(tcase, planted_groups_are_firm);
	tcase_add_test(tcase, what_cannot_be_told_is_not_there);
	tcase_add_test(tcase, the_order_of_records_does_not_matter);
	tcase_add_test(tcase, data_are_described_in_words);
	return run_suite(suite);
}
