/* Personas and figures are the same to the byte, however many threads there are. */
#include "suite.h"
#include "survey.h"

#define RESPONDENTS 2100 /* three pieces of units, the last one short */

static struct persona_records records;

/* Who likes what is drawn by the number, so that no two sums are alike; every seventh leaves questions out. */
static void respondent(size_t number)
{
	static const char *const likes[] = { "Tea", "Coffee", "Water", "Juice, freshly pressed" };
	char locator[64], goal[256], pain[256], often[16];
	uint64_t draw = persona_mix64(3, &number, sizeof number);
	size_t kind = draw % 3;
	const char *pairs[] = { "Which tool do you use most?",
				survey_tools[kind],
				"Where do you work?",
				survey_places[draw / 3 % 5 ? kind : draw / 15 % 3],
				"How often a week?",
				often,
				"What do you drink?",
				likes[draw / 45 % 4],
				"What would you like to improve?",
				goal,
				"What frustrates you most?",
				pain,
				NULL };

	snprintf(locator, sizeof locator, "survey.csv:%zu", number + 2);
	snprintf(often, sizeof often, "%u", (unsigned)(draw / 180 % 40));
	snprintf(goal, sizeof goal, "%s I need it %s, for %s number %u.", survey_goals[kind], likes[draw / 45 % 4],
		 survey_tools[draw / 7200 % 3], (unsigned)(draw / 21600 % 300));
	snprintf(pain, sizeof pain, "%s That is hard on the %s.", survey_pains[kind],
		 survey_places[draw / 6480000 % 3]);
	if (number % 7 == 3)
		pairs[8] = NULL;
	survey_add(&records, locator, pairs);
}

static void setup(void)
{
	persona_records_init(&records);
	for (size_t i = 0; i < RESPONDENTS; i++)
		respondent(i);
}

static void teardown(void)
{
	persona_records_release(&records);
}

static void draft(struct persona_answer *answer, int threads, size_t personas)
{
	struct persona_task task = { .kind = PERSONA_TASK_DRAFT,
				     .records = &records,
				     .records_id = "threads",
				     .first_slot = 1,
				     .count = personas };
	struct persona_offline *offline;
	struct persona_error err = { 0 };

	ck_assert_int_eq(persona_offline_new(&offline, &err), 0);
	persona_offline_set_threads(offline, threads);
	ck_assert_msg(persona_offline_run(offline, &task, answer, &err) == 0, "%s", err.text);
	persona_offline_free(offline);
}

static char *as_text(const struct persona *persona)
{
	struct persona_error err = { 0 };
	json_t *json;
	char *text;

	ck_assert_int_eq(persona_to_json(&json, persona, &err), 0);
	text = json_dumps(json, JSON_SORT_KEYS | JSON_REAL_PRECISION(17));
	ck_assert_ptr_nonnull(text);
	json_decref(json);
	return text;
}

static const struct {
	int threads;
	size_t personas; /* by seeds and centres; from 33 on by halving */
} drafts[] = { { 2, 5 }, { 3, 33 } };

START_TEST(threads_make_no_difference)
{
	struct persona_answer one, many;

	draft(&one, 1, drafts[_i].personas);
	draft(&many, drafts[_i].threads, drafts[_i].personas);
	ck_assert_uint_eq(one.len, drafts[_i].personas);
	ck_assert_uint_eq(many.len, one.len);
	for (size_t i = 0; i < one.len; i++) {
		char *left = as_text(&one.personas[i]), *right = as_text(&many.personas[i]);

		ck_assert_ptr_nonnull(strstr(left, "\"evidence\""));
		ck_assert_str_eq(left, right);
		free(left);
		free(right);
	}
	ck_assert_ptr_nonnull(one.figures);
	ck_assert_str_eq(one.figures, many.figures);
	persona_answer_release(&one);
	persona_answer_release(&many);
}
END_TEST

/* Everything that is learned, in its order and to the last bit. */
static void assert_same_model(const struct model *one, const struct model *many)
{
	ck_assert_uint_eq(one->ticks_len, many->ticks_len);
	for (size_t i = 0; i < one->ticks_len; i++)
		ck_assert_uint_eq(one->ticks[i].option, many->ticks[i].option);
	ck_assert_uint_eq(one->stems_len, many->stems_len);
	for (size_t i = 0; i < one->stems_len; i++) {
		ck_assert_str_eq(one->stems[i].text, many->stems[i].text);
		ck_assert_uint_eq(one->stems[i].df, many->stems[i].df);
	}
	ck_assert_uint_eq(one->sentences_len, many->sentences_len);
	for (size_t i = 0; i < one->sentences_len; i++) {
		ck_assert_uint_eq(one->sentences[i].identity, many->sentences[i].identity);
		ck_assert_double_eq(one->sentences[i].norm, many->sentences[i].norm);
	}
	ck_assert_uint_eq(one->features_len, many->features_len);
	for (size_t i = 0; i < one->features_len; i++) {
		ck_assert_uint_eq(one->features[i].feature, many->features[i].feature);
		ck_assert_double_eq(one->features[i].weight, many->features[i].weight);
	}
}

START_TEST(threads_learn_the_same)
{
	struct persona_error err = { 0 };
	struct model *one, *many;

	ck_assert_int_eq(model_new(&one, &records, "threads", 1, &err), 0);
	ck_assert_int_eq(model_new(&many, &records, "threads", 3, &err), 0);
	assert_same_model(one, many);
	model_free(one);
	model_free(many);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = suite_of("threads", &tcase);

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, threads_make_no_difference, 0, sizeof drafts / sizeof *drafts);
	tcase_add_test(tcase, threads_learn_the_same);
	return run_suite(suite);
}
