/* Refining: edits on evidence, a note for each, and rest after them. */
#include "survey.h"

static struct persona_records records;

static void persona_of(struct persona *persona, const char *text)
{
	struct persona_error err = { 0 };
	json_error_t json_err;
	json_t *json = json_loads(text, 0, &json_err);

	ck_assert_msg(json != NULL, "%s", json_err.text);
	ck_assert_msg(persona_from_json(persona, json, NULL, &err) == 0, "%s", err.text);
	json_decref(json);
}

static void run(struct persona_answer *answer, const struct persona *persona, const struct persona_reason *reasons,
		size_t len)
{
	struct persona_error err = { 0 };
	struct persona_offline *offline;
	struct persona_task task = { .kind = PERSONA_TASK_REFINE,
				     .records = &records,
				     .records_id = "r",
				     .persona = persona,
				     .reasons = reasons,
				     .reasons_len = len };

	ck_assert_int_eq(persona_offline_new(&offline, &err), 0);
	ck_assert_msg(persona_offline_run(offline, &task, answer, &err) == 0, "%s", err.text);
	persona_offline_free(offline);
}

/* Refine; the result, refined again for the same reasons, is at rest. */
static void refined(struct persona_answer *answer, const struct persona *persona, const struct persona_reason *reasons,
		    size_t len)
{
	struct persona_answer again;

	run(answer, persona, reasons, len);
	ck_assert_uint_eq(answer->len, 1);
	ck_assert_ptr_nonnull(answer->personas[0].refinement_notes);
	run(&again, &answer->personas[0], reasons, len);
	ck_assert_msg(again.len == 0, "second run: %s", again.len ? again.personas[0].refinement_notes : "");
	persona_answer_release(&again);
}

static bool noted(const struct persona_answer *answer, const char *line)
{
	return strstr(answer->personas[0].refinement_notes, line) != NULL;
}

static void setup(void)
{
	survey_make(&records, 30);
}

static void teardown(void)
{
	persona_records_release(&records);
}

START_TEST(a_draft_is_at_rest)
{
	struct persona_answer draft, answer;

	survey_draft_n(&draft, &records, 3);
	for (size_t i = 0; i < 3; i++) {
		struct persona *persona = &draft.personas[i];
		size_t few = persona->lists[PERSONA_GOALS].len < 2;

		run(&answer, persona, NULL, 0);
		ck_assert_msg(few || answer.len == 0, "%s", answer.len ? answer.personas[0].refinement_notes : "");
		persona_answer_release(&answer);
	}
	persona_answer_release(&draft);
}
END_TEST

START_TEST(a_false_quote_is_replaced)
{
	struct persona persona;
	struct persona_answer answer;

	persona_of(&persona,
		   "{\"name\":\"Ann Bee\",\"goals\":[\"Share spreadsheet formulas with accounting colleagues\"],"
		   "\"background\":\"Keeps the books.\",\"quotes\":[\"Nobody ever said these words to anybody\"]}");
	refined(&answer, &persona, NULL, 0);
	ck_assert(noted(&answer, "replaced quote 1: not found in the records -> survey.csv:"));
	ck_assert_uint_ge(answer.personas[0].lists[PERSONA_QUOTES].len, 1);
	ck_assert_str_ne(answer.personas[0].lists[PERSONA_QUOTES].items[0], "Nobody ever said these words to anybody");
	ck_assert_str_eq(answer.personas[0].name, "Ann Bee");
	ck_assert_str_eq(answer.personas[0].background, "Keeps the books.");
	persona_answer_release(&answer);
	persona_release(&persona);
}
END_TEST

START_TEST(a_slip_in_a_quote_is_corrected)
{
	struct persona persona;
	struct persona_answer answer;

	persona_of(&persona,
		   "{\"name\":\"Ann Bee\",\"background\":\"x\",\"goals\":[\"a b c d\"],\"quotes\":[\"I wish the "
		   "spreadsheet formulas could be shared with my acounting colleagues\"]}");
	refined(&answer, &persona, NULL, 0);
	ck_assert(noted(&answer, "corrected quote 1:"));
	ck_assert_str_eq(answer.personas[0].lists[PERSONA_QUOTES].items[0], survey_goals[0]);
	persona_answer_release(&answer);
	persona_release(&persona);
}
END_TEST

START_TEST(a_true_quote_gains_its_evidence)
{
	struct persona persona;
	struct persona_answer answer;
	const struct persona_evidence *evidence;
	bool found = false;

	persona_of(&persona,
		   "{\"name\":\"Ann Bee\",\"background\":\"x\",\"quotes\":[\"The map on the phone is confusing "
		   "when I drive without a signal.\"]}");
	refined(&answer, &persona, NULL, 0);
	ck_assert(noted(&answer, "added evidence for quote 1"));
	for (size_t e = 0; e < answer.personas[0].evidence_len; e++) {
		evidence = &answer.personas[0].evidence[e];
		found |= evidence->field == PERSONA_QUOTES && evidence->position == 0 &&
			 evidence->strength == PERSONA_STRENGTH_VERBATIM && evidence->record_id > 0;
	}
	ck_assert(found);
	persona_answer_release(&answer);
	persona_release(&persona);
}
END_TEST

START_TEST(generic_goals_give_way)
{
	static const struct persona_reason reasons[] = {
		{ (char *)"realism", (char *)"goal-generic", (char *)"goals", 0, (char *)"m" },
		{ (char *)"realism", (char *)"goal-generic", (char *)"goals", 1, (char *)"m" },
	};
	struct persona persona;
	struct persona_answer answer;
	const struct persona_list *goals;

	persona_of(&persona, "{\"name\":\"Ann Bee\",\"background\":\"x\",\"goals\":[\"Save time\",\"Be better\"],"
			     "\"frustrations\":[\"The map on the phone is confusing when driving without signal\"]}");
	refined(&answer, &persona, reasons, 2);
	goals = &answer.personas[0].lists[PERSONA_GOALS];
	ck_assert_str_ne(goals->items[0], "Save time");
	ck_assert(noted(&answer, "replaced goal 1: could be anybody's -> survey.csv:"));
	ck_assert(noted(&answer, "added evidence for frustration 1: no evidence -> survey.csv:"));
	persona_answer_release(&answer);
	persona_release(&persona);
}
END_TEST

START_TEST(missing_fields_are_filled)
{
	static const struct persona_reason reasons[] = {
		{ (char *)"completeness", (char *)"few-quotes", (char *)"quotes", -1, (char *)"m" },
		{ (char *)"completeness", (char *)"missing-demographics", (char *)"demographics", -1, (char *)"m" },
		{ (char *)"realism", (char *)"name-placeholder", (char *)"name", -1, (char *)"m" },
	};
	struct persona persona;
	struct persona_answer answer;
	const struct persona *out;

	persona_of(&persona, "{\"name\":\"User 12\",\"goals\":[\"Find old experiments in the notebook by date\"]}");
	refined(&answer, &persona, reasons, 3);
	out = &answer.personas[0];
	ck_assert_str_ne(out->name, "User 12");
	ck_assert_ptr_nonnull(out->background);
	ck_assert_int_ne(out->age, PERSONA_UNKNOWN);
	ck_assert_ptr_nonnull(json_object_get(out->demographics, "gender"));
	ck_assert_uint_eq(out->lists[PERSONA_QUOTES].len, 2);
	ck_assert_uint_ge(out->lists[PERSONA_FRUSTRATIONS].len, 1);
	ck_assert_uint_ge(out->lists[PERSONA_BEHAVIOURS].len, 1);
	ck_assert(noted(&answer, "added frustration 1: too few frustrations -> survey.csv:"));
	persona_answer_release(&answer);
	persona_release(&persona);
}
END_TEST

START_TEST(a_good_name_stays)
{
	static const struct persona_reason reason = { (char *)"realism", (char *)"name-single-word", (char *)"name", -1,
						      (char *)"m" };
	struct persona persona;
	struct persona_answer answer;

	persona_of(&persona, "{\"name\":\"Persephone\",\"goals\":[\"Find old experiments in the notebook by date\"]}");
	refined(&answer, &persona, &reason, 1);
	ck_assert_str_eq(answer.personas[0].name, "Persephone");
	persona_answer_release(&answer);
	persona_release(&persona);
}
END_TEST

START_TEST(one_loud_respondent_is_balanced)
{
	static const struct persona_reason reason = { (char *)"evidence_strength", (char *)"one-sided", NULL, -1,
						      (char *)"m" };
	struct persona_error err = { 0 };
	struct persona persona;
	struct persona_answer answer;
	size_t same = 0;

	persona_of(&persona, "{\"name\":\"Ann Bee\",\"background\":\"x\"}");
	for (int f = PERSONA_GOALS; f <= PERSONA_BEHAVIOURS; f++) {
		const char *text = f == PERSONA_GOALS	       ? survey_goals[0]
				   : f == PERSONA_FRUSTRATIONS ? survey_pains[0]
							       : survey_days[0];

		ck_assert_int_eq(persona_list_add(&persona.lists[f], text, strlen(text), &err), 0);
		ck_assert_int_eq(persona_evidence_add(&persona, (enum persona_list_field)f, 0, "survey.csv:2", 1,
						      PERSONA_STRENGTH_VERBATIM, text, &err),
				 0);
	}
	/* Others are named, so there is somebody to balance with. */
	for (int i = 0; i < 3; i++) {
		const struct persona_record *other = &records.items[4 * (i + 1)];

		ck_assert_int_eq(persona_evidence_add(&persona, PERSONA_GOALS, 0, other->locator, 0,
						      PERSONA_STRENGTH_CITED, NULL, &err),
				 0);
	}
	refined(&answer, &persona, &reason, 1);
	for (size_t e = 0; e < answer.personas[0].evidence_len; e++)
		same += strcmp(answer.personas[0].evidence[e].locator, "survey.csv:2") == 0;
	ck_assert_uint_lt(same, 3);
	persona_answer_release(&answer);
	persona_release(&persona);
}
END_TEST

START_TEST(without_records_only_tidying)
{
	struct persona persona;
	struct persona_answer answer;
	const struct persona *out;

	persona_records_release(&records);
	persona_of(&persona,
		   "{\"name\":\"User 12\",\"goals\":[\"Bake  bread\\nat home\",\"Sell bread\",\"sell bread!\"],"
		   "\"quotes\":[\"Nobody  said this\"]}");
	refined(&answer, &persona, NULL, 0);
	out = &answer.personas[0];
	ck_assert_uint_eq(out->lists[PERSONA_GOALS].len, 2);
	ck_assert_str_eq(out->lists[PERSONA_GOALS].items[0], "Bake bread at home");
	ck_assert_str_eq(out->lists[PERSONA_QUOTES].items[0], "Nobody  said this");
	ck_assert_ptr_null(out->background);
	ck_assert_str_eq(out->refinement_notes, "tidied goal 1: white space\ndropped goal 3: says the same as goal 2");
	persona_answer_release(&answer);
	persona_release(&persona);
}
END_TEST

/* Others' words must not become hers. */
START_TEST(who_says_nothing_is_given_no_words)
{
	struct persona_reason reasons[] = { { .metric = (char *)"completeness",
					      .code = (char *)"missing-goals",
					      .field = (char *)"goals",
					      .position = -1,
					      .message = (char *)"" } };
	struct persona_answer answer;
	struct persona persona;

	persona_of(&persona, "{\"name\": \"Ada Quiet\", \"background\": \"Stands for two respondents.\"}");
	run(&answer, &persona, reasons, 1);
	ck_assert_uint_eq(answer.len, 0);
	persona_answer_release(&answer);
	persona_release(&persona);
}
END_TEST

/* A persona of one respondent is mended with what that one said, or not at all. */
START_TEST(one_respondent_speaks_alone)
{
	struct persona_reason reasons[] = { { .metric = (char *)"completeness",
					      .code = (char *)"few-goals",
					      .field = (char *)"goals",
					      .position = -1,
					      .message = (char *)"" } };
	struct persona_answer draft, answer;

	survey_draft_n(&draft, &records, 30);
	for (size_t i = 0; i < draft.len; i++) {
		struct persona *persona = &draft.personas[i];
		char only[64];

		ck_assert_uint_gt(persona->evidence_len, 0);
		snprintf(only, sizeof only, "%s", persona->evidence[0].locator);
		while (persona->lists[PERSONA_GOALS].len > 1)
			persona_remove_item(persona, PERSONA_GOALS, 0);
		run(&answer, persona, reasons, 1);
		for (size_t e = 0; answer.len && e < answer.personas[0].evidence_len; e++)
			ck_assert_str_eq(answer.personas[0].evidence[e].locator, only);
		persona_answer_release(&answer);
	}
	persona_answer_release(&draft);
}
END_TEST

static bool repeats_a_line(const char *notes)
{
	for (const char *line = notes; *line; line += strcspn(line, "\n") + (line[strcspn(line, "\n")] == '\n')) {
		size_t len = strcspn(line, "\n");

		for (const char *later = line + len; *later == '\n'; later += 1 + strcspn(later + 1, "\n"))
			if (strncmp(later + 1, line, len) == 0 && (later[1 + len] == '\n' || !later[1 + len]))
				return true;
	}
	return false;
}

/* Two respondents cannot be balanced better than half and half: no swapping to and fro. */
START_TEST(pairs_are_not_swapped_to_and_fro)
{
	struct persona_reason reasons[] = { { .metric = (char *)"evidence_strength",
					      .code = (char *)"one-sided",
					      .position = -1,
					      .message = (char *)"" } };
	struct persona_answer draft, answer;

	for (size_t people = 2; people <= 4; people++) {
		persona_records_release(&records);
		survey_make(&records, people);
		survey_draft_n(&draft, &records, 1);
		for (size_t missing = 0; missing < 3; missing++) {
			run(&answer, &draft.personas[0], reasons, 1);
			ck_assert_msg(!answer.len || !repeats_a_line(answer.personas[0].refinement_notes), "%s",
				      answer.len ? answer.personas[0].refinement_notes : "");
			persona_answer_release(&answer);
			if (draft.personas[0].lists[PERSONA_QUOTES].len)
				persona_remove_item(&draft.personas[0], PERSONA_QUOTES, 0);
		}
		persona_answer_release(&draft);
	}
}
END_TEST

START_TEST(nothing_to_do_is_no_answer)
{
	struct persona persona;
	struct persona_answer answer;

	persona_records_release(&records);
	persona_of(&persona, "{\"name\":\"Ann Bee\",\"goals\":[\"Sell bread\"]}");
	run(&answer, &persona, NULL, 0);
	ck_assert_uint_eq(answer.len, 0);
	persona_answer_release(&answer);
	persona_release(&persona);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("refine");
	TCase *tests = tcase_create("refine");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, a_draft_is_at_rest);
	tcase_add_test(tests, a_false_quote_is_replaced);
	tcase_add_test(tests, a_slip_in_a_quote_is_corrected);
	tcase_add_test(tests, a_true_quote_gains_its_evidence);
	tcase_add_test(tests, generic_goals_give_way);
	tcase_add_test(tests, missing_fields_are_filled);
	tcase_add_test(tests, a_good_name_stays);
	tcase_add_test(tests, one_loud_respondent_is_balanced);
	tcase_add_test(tests, without_records_only_tidying);
	tcase_add_test(tests, one_respondent_speaks_alone);
	tcase_add_test(tests, who_says_nothing_is_given_no_words);
	tcase_add_test(tests, pairs_are_not_swapped_to_and_fro);
	tcase_add_test(tests, nothing_to_do_is_no_answer);
	suite_add_tcase(suite, tests);
	return survey_run(suite);
}
