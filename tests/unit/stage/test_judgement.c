/* What judges write: names, forms and scales. */
#include "client.h"
#include "suite.h"

static const char *const criteria[] = { "coherence", "realism" };

struct answer_case {
	const char *text; /* single quotes are double ones */
	double coherence, realism;
	const char *why; /* NULL: it is read */
	double scale;	 /* 0: 100 */
};

static const struct answer_case cases[] = {
	{ .text = "{'coherence': {'score': 80, 'reasoning': 'fits'}, 'realism': {'score': 65.5}}", 80, 65.5 },
	{ .text = "{'coherence': 80, 'realism': 100, 'overall': 3}", 80, 100 },
	{ .text = "{'Coherence': {'Rating': 80}, 'REALISM': {'value': 0}}", 80, 0 },
	{ .text = "{'scores': {'coherence': 80, 'realism': 20}}", 80, 20 },
	{ .text = "{'criteria': [{'criterion': 'realism', 'score': 20}, {'name': 'Coherence', 'points': 30}]}",
	  30,
	  20 },
	/* numbers as text, and scales that are said */
	{ .text = "{'coherence': '80', 'realism': '20'}", 80, 20 },
	{ .text = "{'coherence': '8/10', 'realism': '6.5 / 10'}", 80, 65 },
	{ .text = "{'coherence': '4 out of 5', 'realism': 'Score: 3 of 5'}", 80, 60 },
	{ .text = "{'coherence': '80 %', 'realism': '55%'}", 80, 55 },
	{ .text = "{'coherence': '80/100', 'realism': 55}", 80, 55 },
	{ .text = "{'coherence': 8, 'realism': 6.5}", 80, 65, .scale = 10 },
	{ .text = "{'coherence': 0.8, 'realism': 1}", 80, 100, .scale = 1 },
	{ .text = "{'coherence': 0, 'realism': 0}", 0, 0 },
	{ .text = "{'coherence': 4, 'realism': 60}", 4, 60 },
	/* not to be believed */
	{ .text = "{'coherence': 8, 'realism': 7}", .why = "no score above 8, but 100" },
	{ .text = "{'coherence': 0.8, 'realism': 0.7}", .why = "no score above 0.8" },
	{ .text = "{'coherence': '8/10', 'realism': '70/100'}", .why = "scores of 10 and of 100" },
	{ .text = "{'coherence': '8/10', 'realism': 70}", .why = "scores of 10 and of 100" },
	{ .text = "{'coherence': 80, 'realism': 101}", .why = "a score of 101 of 100" },
	{ .text = "{'coherence': 80, 'realism': -1}", .why = "a score of -1" },
	{ .text = "{'coherence': '-5', 'realism': 70}", .why = "'coherence' is no number" },
	{ .text = "{'coherence': 11, 'realism': 6}", .why = "a score of 11 of 10", .scale = 10 },
	{ .text = "{'coherence': '12/10', 'realism': '6/10'}", .why = "a score of 12 of 10" },
	{ .text = "{'coherence': '5/0', 'realism': 70}", .why = "no number" },
	/* something is missing */
	{ .text = "{'coherence': 80}", .why = "no score for 'realism'" },
	{ .text = "{}", .why = "no score for 'coherence'" },
	{ .text = "{'coherence': 'good', 'realism': 70}", .why = "'coherence' is no number" },
	{ .text = "{'coherence': 'between 70 and 80', 'realism': 70}", .why = "no number" },
	{ .text = "{'coherence': null, 'realism': 70}", .why = "no number" },
	{ .text = "{'coherence': {'reasoning': 'fits'}, 'realism': 70}", .why = "no number" },
	{ .text = "{'coherence': [80], 'realism': 70}", .why = "no number" },
	{ .text = "{'coherence': true, 'realism': 70}", .why = "no number" },
};

START_TEST(answers_are_read_or_refused)
{
	const struct answer_case *given = &cases[_i];
	struct persona_task task = {
		.kind = PERSONA_TASK_JUDGE, .criteria = criteria, .criteria_len = 2, .scale = 100
	};
	struct persona_answer answer;
	struct persona_error err = { 0 };
	char *text = strdup(given->text);
	json_t *value;
	int rc;

	for (char *at = text; *at; at++)
		if (*at == '\'')
			*at = '"';
	value = json_loads(text, 0, NULL);
	ck_assert_msg(value != NULL, "%s", text);
	if (given->scale > 0)
		task.scale = given->scale;
	persona_answer_init(&answer);
	rc = judgement_read(&answer, &task, value, &err);
	if (given->why) {
		ck_assert_msg(rc < 0 && err.code == PERSONA_E_FORMAT && strstr(err.text, given->why), "%s: %s", text,
			      err.text);
	} else {
		ck_assert_msg(rc == 0, "%s: %s", text, err.text);
		ck_assert_uint_eq(answer.ratings_len, 2);
		ck_assert_str_eq(answer.ratings[0].criterion, "coherence");
		ck_assert_double_eq_tol(answer.ratings[0].score, given->coherence, 1e-9);
		ck_assert_double_eq_tol(answer.ratings[1].score, given->realism, 1e-9);
	}
	persona_answer_release(&answer);
	json_decref(value);
	free(text);
}
END_TEST

START_TEST(the_reason_is_kept)
{
	const struct persona_task task = { .criteria = criteria, .criteria_len = 2, .scale = 100 };
	json_t *value = json_pack("{s:{s:i, s:s}, s:{s:i, s:s}}", "coherence", "score", 80, "reasoning", "fits",
				  "realism", "score", 30, "Explanation", "too smooth");
	struct persona_answer answer;
	struct persona_error err = { 0 };

	persona_answer_init(&answer);
	ck_assert_int_eq(judgement_read(&answer, &task, value, &err), 0);
	ck_assert_str_eq(answer.ratings[0].reasoning, "fits");
	ck_assert_str_eq(answer.ratings[1].reasoning, "too smooth");
	persona_answer_release(&answer);
	json_decref(value);
}
END_TEST

/* It is going to be printed, and said to another model. */
START_TEST(a_reason_is_text_and_has_an_end)
{
	static const char bytes[] = "re\x1b[2Jd \0\xc2\x9b and \r\nso on";
	const struct persona_task task = { .criteria = criteria, .criteria_len = 1, .scale = 100 };
	json_t *value = json_pack("{s:{s:i, s:s%}}", "coherence", "score", 80, "reasoning", bytes, sizeof bytes - 1);
	struct persona_answer answer;
	struct persona_error err = { 0 };
	char *large = malloc(PERSONA_TEXT_MAX + 1);

	persona_answer_init(&answer);
	ck_assert_int_eq(judgement_read(&answer, &task, value, &err), 0);
	ck_assert_str_eq(answer.ratings[0].reasoning, "re[2Jd  and \nso on");
	persona_answer_release(&answer);

	memset(large, 'x', PERSONA_TEXT_MAX + 1);
	json_object_set_new(json_object_get(value, "coherence"), "reasoning", json_stringn(large, PERSONA_TEXT_MAX));
	ck_assert_int_eq(judgement_read(&answer, &task, value, &err), 0);
	persona_answer_release(&answer);
	json_object_set_new(json_object_get(value, "coherence"), "reasoning",
			    json_stringn(large, PERSONA_TEXT_MAX + 1));
	ck_assert_int_eq(judgement_read(&answer, &task, value, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.text, "longer than 65536 bytes"));
	persona_answer_release(&answer);
	json_decref(value);
	free(large);
}
END_TEST

int main(void)
{
	TCase *tests;
	Suite *suite = suite_of("judgement", &tests);

	tcase_add_loop_test(tests, answers_are_read_or_refused, 0, (int)(sizeof cases / sizeof *cases));
	tcase_add_test(tests, the_reason_is_kept);
	tcase_add_test(tests, a_reason_is_text_and_has_an_end);
	return run_suite(suite);
}
