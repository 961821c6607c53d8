/*
 * Drafting by a model over a network: exactly as many as were wanted, each a person of its own, or a clear account of
 * why not.
 */
#include "remote_draft.h"

/* single quotes are double ones */
static void answer_with(const char *text)
{
	static char texts[64][16384];
	static size_t used;
	char *copy = texts[used++ % 64];

	snprintf(copy, sizeof texts[0], "%s", text);
	for (char *at = copy; *at; at++)
		if (*at == '\'')
			*at = '"';
	turn((struct turn){ .status = 200, .text = copy });
}

#define ADA	      "{'name': 'Ada Berg', 'occupation': 'nurse', 'goals': ['to sleep']}"
#define BO	      "{'name': 'Bo Falk', 'occupation': 'baker', 'goals': ['to wake early']}"
#define CY	      "{'name': 'Cy Holm', 'occupation': 'cook', 'goals': ['to eat']}"
#define CY_AND_NOBODY "{\"name\":\"Cy Holm\",\"goals\":[\"to eat\"]},{\"age\":3}"
#define TALK	      "'goals': ['to sleep long', 'to eat well'], 'frustrations': ['noise at night', 'cold soup']"
#define SPOKE	      "'frustrations': ['cold  soup', 'Noise at night.'], 'goals': ['to eat well', 'to sleep long']"

/* ---- Too few --------------------------------------------------------- */

START_TEST(what_an_answer_lacks_is_asked_for_again)
{
	answer_with("[" ADA "]");
	answer_with("[" BO "]");
	answer_with("[" CY "]");
	draft(3);
	assert_passed("1.1 2.1 3.1");
	ck_assert_uint_eq(fake.sent, 3);
	ck_assert_uint_eq(wanted_of(fake.bodies[1]), 2);
	ck_assert_uint_eq(wanted_of(fake.bodies[2]), 1);
	ck_assert_ptr_null(strstr(fake.bodies[0], "there already"));
	ck_assert_ptr_nonnull(strstr(fake.bodies[1], "- Ada Berg, nurse\\n"));
	ck_assert_ptr_nonnull(strstr(fake.bodies[2], "- Bo Falk, baker\\n- Ada Berg, nurse\\n"));
	assert_rows("SELECT slot, name, call_id FROM persona JOIN revision USING (persona_id) ORDER BY slot",
		    "1|Ada Berg|1\n2|Bo Falk|2\n3|Cy Holm|3\n");
	assert_rows("SELECT count(*) FROM failure", "0\n");
	assert_rows("SELECT count(*) FROM claim", "0\n");
	ck_assert_int_eq(count_of(PERSONA_COUNT_TOP_UPS), 2);
	ck_assert_int_eq(count_of(PERSONA_COUNT_MADE), 3);
	ck_assert_int_eq(count_of(PERSONA_COUNT_DONE), 1);
	ck_assert(!persona_context_incomplete(&context));
	draft(3);
	ck_assert_uint_eq(fake.sent, 3);
}
END_TEST

START_TEST(more_than_were_wanted_are_left_out)
{
	answer_with("[" ADA "," BO "," CY ", {'name': 'Di', 'goals': ['x']}]");
	draft(3);
	assert_passed("1.1 2.1 3.1");
	ck_assert_uint_eq(fake.sent, 1);
}
END_TEST

/* A cut answer shows how much goes into one. */
START_TEST(after_a_cut_answer_the_portions_are_smaller)
{
	settings.batch_size = 6;
	turn((struct turn){
		.status = 200,
		.finish = "length",
		.text = "[{\"name\":\"A\",\"goals\":[\"a\"]},{\"name\":\"B\",\"goals\":[\"b\"]},{\"name\":\"C" });
	draft(6);
	assert_passed("1.1 2.1 3.1 4.1 5.1 6.1");
	ck_assert_uint_eq(fake.sent, 3);
	ck_assert_uint_eq(wanted_of(fake.bodies[0]), 6);
	ck_assert_uint_eq(wanted_of(fake.bodies[1]), 2);
	ck_assert_uint_eq(wanted_of(fake.bodies[2]), 2);
}
END_TEST

/* Who never gives enough is not asked for ever; each slot that stays empty says why. */
START_TEST(rounds_are_bounded)
{
	for (int i = 0; i < 4; i++)
		answer_with("[" ADA "]");
	draft(3);
	assert_passed("1.1");
	ck_assert_uint_eq(fake.sent, 4);
	ck_assert(persona_context_incomplete(&context));
	assert_rows("SELECT slot, class, message FROM failure ORDER BY slot",
		    "2|invalid|'Ada Berg' is none of its own: the batch has one of the same name and occupation\n"
		    "3|invalid|'Ada Berg' is none of its own: the batch has one of the same name and occupation\n");
	ck_assert_int_eq(count_of(PERSONA_COUNT_FAILED), 2);
	/* Answers that gave nothing do not count, so that each round was another draw. */
	assert_rows("SELECT sample, state FROM llm_call ORDER BY call_id", "0|done\n0|failed\n1|failed\n2|done\n");
	/* The last one stands as it is: the next run uses it, finds nothing in it, and draws anew. */
	answer_with("[" BO "," CY "]");
	draft(3);
	assert_passed("1.1 2.1 3.1");
	ck_assert_uint_eq(fake.sent, 5);
	assert_rows("SELECT count(*) FROM claim", "0\n");
}
END_TEST

/* One by one it would go on; a call is asked six times. */
START_TEST(who_gives_one_at_a_time_is_asked_six_times)
{
	settings.batch_size = 8;
	for (int i = 1; i <= 6; i++)
		answer_with(i % 2 ? "[" ADA "]" : "[" BO "]");
	fake.turns[2].text = "[" CY_AND_NOBODY "]";
	fake.turns[3].text = "[{\"name\":\"D\",\"goals\":[\"d\"]}]";
	fake.turns[4].text = "[{\"name\":\"E\",\"goals\":[\"e\"]}]";
	fake.turns[5].text = "[{\"name\":\"F\",\"goals\":[\"f\"]}]";
	draft(8);
	assert_passed("1.1 2.1 3.1 4.1 5.1 6.1");
	ck_assert_uint_eq(fake.sent, 6);
	assert_rows("SELECT slot, class, message FROM failure ORDER BY slot",
		    "7|invalid|the model gave 1 of 3 personas\n8|invalid|the model gave 1 of 3 personas\n");
}
END_TEST

/* What held nothing at all is asked for again, in halves where it was cut. */
START_TEST(an_answer_that_was_cut_before_the_first_is_asked_for_in_halves)
{
	settings.batch_size = 8;
	for (int i = 0; i < 2; i++)
		turn((struct turn){ .status = 200, .finish = "length", .text = "[{\"name\":\"A\",\"goals\":[\"a" });
	draft(8);
	ck_assert_int_eq((int64_t)passed_len, 8);
	ck_assert_uint_eq(wanted_of(fake.bodies[0]), 8);
	ck_assert_uint_eq(wanted_of(fake.bodies[1]), 4);
	ck_assert_uint_eq(wanted_of(fake.bodies[2]), 2);
	ck_assert_uint_eq(fake.sent, 6);
	assert_rows("SELECT count(*) FROM failure", "0\n");
	assert_rows("SELECT count(*) FROM revision WHERE name = 'A'", "0\n");
}
END_TEST

/* ---- The same again -------------------------------------------------- */

START_TEST(the_same_name_and_occupation_is_no_other_person)
{
	settings.batch_size = 1;
	remote.in_flight = 1;
	answer_with("[" ADA "]");
	answer_with("[{'name': 'ADA  BERG', 'occupation': 'Nurse.', 'goals': ['to be someone else']}]");
	answer_with("[{'name': 'Ada Berg', 'occupation': 'smith', 'goals': ['iron']}]");
	draft(2);
	assert_passed("1.1 2.1");
	ck_assert_uint_eq(fake.sent, 3);
	ck_assert_ptr_nonnull(strstr(fake.bodies[2], "- ADA  BERG, Nurse.\\n"));
	assert_rows("SELECT name, occupation FROM revision", "Ada Berg|nurse\nAda Berg|smith\n");
	ck_assert_int_eq(count_of(PERSONA_COUNT_NOT_KEPT), 1);
}
END_TEST

START_TEST(the_same_items_under_another_name_are_no_other_person)
{
	settings.batch_size = 2;
	answer_with("[{'name': 'A', " TALK "}, {'name': 'B', " SPOKE "}]");
	answer_with("[" BO "]");
	draft(2);
	assert_passed("1.1 2.1");
	assert_rows("SELECT name FROM revision ORDER BY 1", "A\nBo Falk\n");
}
END_TEST

#define STORY                                                                                                          \
	"'background': 'She has worked at the harbour for twelve years, walks there every morning whatever the "       \
	"weather, keeps the books of three fishing boats and has never owned a car nor wished for one'"

START_TEST(nearly_the_same_in_one_answer_is_no_other_person)
{
	settings.batch_size = 2;
	answer_with("[{'name': 'A', 'age': 30, 'goals': ['to stay'], " STORY "}, {'name': 'B', 'age': 50, 'goals': "
		    "['to leave'], " STORY "}]");
	answer_with("[" BO "]");
	draft(2);
	assert_rows("SELECT name FROM revision ORDER BY 1", "A\nBo Falk\n");
}
END_TEST

#define WORDS_26 "aa ab ac ad ae af ag ah ai aj ak al am an ao ap aq ar as at au av aw ax ay az"

/* 27 words of 30 are nearly the same, 27 of 31 are not. */
START_TEST(nine_words_of_ten_are_nearly_the_same)
{
	char text[600];

	settings.batch_size = 2;
	snprintf(text, sizeof text,
		 "[{'name': 'A', 'goals': ['go'], 'background': '" WORDS_26 "'},"
		 " {'name': 'B', 'goals': ['go'], 'background': '" WORDS_26 " ba bb bc%s'}]",
		 _i ? " bd" : "");
	answer_with(text);
	answer_with("[" BO "]");
	draft(2);
	assert_rows("SELECT name FROM revision ORDER BY 1", _i ? "A\nB\n" : "A\nBo Falk\n");
}
END_TEST

/* Twenty words are enough to tell, nineteen are too few. */
START_TEST(twenty_words_tell)
{
	static const size_t words[][2] = { { 20, 21 }, { 21, 20 }, { 19, 20 }, { 20, 19 } };
	static const char many[] = WORDS_26;
	char text[400];

	settings.batch_size = 2;
	/* One word is the goal, all have two letters. */
	snprintf(text, sizeof text,
		 "[{'name': 'A', 'goals': ['go'], 'background': '%.*s'},"
		 " {'name': 'B', 'goals': ['go'], 'background': '%.*s'}]",
		 (int)(3 * (words[_i][0] - 1) - 1), many, (int)(3 * (words[_i][1] - 1) - 1), many);
	answer_with(text);
	answer_with("[" BO "]");
	draft(2);
	assert_rows("SELECT name FROM revision ORDER BY 1", _i < 2 ? "A\nBo Falk\n" : "A\nB\n");
}
END_TEST

/* Few words are the same by chance. */
START_TEST(thin_personas_are_not_taken_for_each_other)
{
	settings.batch_size = 2;
	answer_with("[{'name': 'A', 'goals': ['to stay']}, {'name': 'B', 'goals': ['to stay']}]");
	draft(2);
	assert_passed("1.1 2.1");
	ck_assert_uint_eq(fake.sent, 1);
}
END_TEST

/* What an earlier run, or another process, has made is known. */
START_TEST(twins_are_known_across_runs)
{
	answer_with("[" ADA "," BO "," CY "]");
	draft(3);
	answer_with("[" CY "]");
	answer_with("[{'name': 'Di Lund', 'goals': ['x']}]");
	draft(4);
	assert_passed("1.1 2.1 3.1 4.1");
	ck_assert_uint_eq(fake.sent, 3);
	assert_rows("SELECT name FROM revision ORDER BY revision_id DESC LIMIT 1", "Di Lund\n");
}
END_TEST

/* Two batches may have the same. */
START_TEST(another_batch_may_have_the_same)
{
	answer_with("[" ADA "," BO "," CY "]");
	draft(3);
	settings.label = "other";
	answer_with("[" ADA "," BO "," CY "]");
	draft(3);
	assert_passed("4.1 5.1 6.1");
	ck_assert_uint_eq(fake.sent, 2);
}
END_TEST

/* ---- Plans ----------------------------------------------------------- */

START_TEST(calls_are_told_where_to_begin)
{
	settings.batch_size = 1;
	remote.in_flight = 1;
	draft(3);
	ck_assert_ptr_nonnull(strstr(fake.bodies[0],
				     "numbers 1 to 1 of 3; others are asked for the rest. Begin with the records from "
				     "[data.csv:2] to [data.csv:2]"));
	ck_assert_ptr_nonnull(strstr(fake.bodies[2], "from [data.csv:4] to [data.csv:4]"));
	assert_rows("SELECT settings FROM plan WHERE first_slot = 2",
		    "{\"begin\":\"data.csv:3\",\"end\":\"data.csv:3\",\"first\":2,\"last\":2,\"total\":3}\n");
}
END_TEST

/* A plan is used as it was written, whatever would be planned today. */
START_TEST(plans_are_used_as_they_were_written)
{
	for (int i = 0; i < 3; i++)
		answer_with("nothing");
	draft(3);
	write_sql("UPDATE plan SET settings = '{\"differ\":[\"Zoe, pilot\"],\"first\":1,\"last\":3,\"total\":7}'");
	draft(3);
	ck_assert_ptr_nonnull(
		strstr(fake.bodies[3], "They belong to numbers 1 to 3 of 7; others are asked for the rest.\\n"));
	ck_assert_ptr_nonnull(strstr(fake.bodies[3], "- Zoe, pilot\\n"));
	assert_passed("1.1 2.1 3.1");
}
END_TEST

START_TEST(a_later_deal_differs_from_the_earlier)
{
	answer_with("[" ADA "," BO "," CY "]");
	draft(3);
	draft(5);
	ck_assert_uint_eq(fake.sent, 2);
	ck_assert_uint_eq(wanted_of(fake.bodies[1]), 2);
	ck_assert_ptr_nonnull(strstr(fake.bodies[1], "- Cy Holm, cook\\n- Bo Falk, baker\\n- Ada Berg, nurse\\n"));
}
END_TEST

static const char *const edited[] = { "[]",
				      "{\"share\":2,\"shares\":2}",
				      "{\"share\":-1}",
				      "{\"shares\":0}",
				      "{\"first\":2,\"last\":1,\"total\":3}",
				      "{\"differ\":{}}",
				      "{\"differ\":[1]}",
				      "{\"begin\":1}" };

START_TEST(an_edited_plan_is_told)
{
	char text[200];

	for (int i = 0; i < 3; i++)
		answer_with("nothing");
	draft(3);
	snprintf(text, sizeof text, "PRAGMA ignore_check_constraints = 1; UPDATE plan SET settings = '%s'", edited[_i]);
	write_sql(text);
	draft(3);
	ck_assert_uint_eq(fake.sent, 3);
	assert_rows("SELECT count(*) FROM failure WHERE message LIKE 'plan.settings: %'", "3\n");
}
END_TEST

/* ---- Larger than the window ------------------------------------------ */

#define RECORDS 120

/* 120 records of some 200 bytes: record i says "number i of". */
static void large_data(void)
{
	static char text[RECORDS * 256];
	static char data[192];
	size_t used = (size_t)snprintf(text, sizeof text, "what\n");

	for (int i = 0; i < RECORDS; i++)
		used += (size_t)snprintf(
			text + used, sizeof text - used, "number %d of %s\n", i,
			"those who say at some length what they do all day, and why they would rather do "
			"something else, if only they were asked, which they never are");
	snprintf(data, sizeof data, "%s", file_with("large.csv", text));
	from[0] = data;
}

/* How many of the bodies show record i. */
static int shown(int i)
{
	char text[32];
	int count = 0;

	snprintf(text, sizeof text, "number %d of", i);
	for (size_t body = 0; body < fake.sent; body++)
		count += strstr(fake.bodies[body], text) != NULL;
	return count;
}

START_TEST(data_larger_than_the_window_are_dealt)
{
	large_data();
	settings.batch_size = 2;
	remote.context_tokens = 9500;
	draft(12);
	ck_assert_int_eq((int64_t)passed_len, 12);
	ck_assert_ptr_nonnull(strstr(said, "each call sees one in 2\n"));
	ck_assert_ptr_null(strstr(said, "stay unused"));
	for (int i = 0; i < RECORDS; i++)
		ck_assert_msg(shown(i) >= 1 && shown(i) < 6, "record %d", i);
	for (size_t i = 0; i < fake.sent; i++)
		ck_assert_uint_le(strlen(fake.bodies[i]) / 3 + 1000, 9500);
	assert_rows("SELECT count(DISTINCT prefix_sha256) FROM llm_call", "2\n");
	assert_rows("SELECT first_slot, json_extract(settings, '$.share'), json_extract(settings, '$.shares') FROM plan"
		    " WHERE first_slot < 6",
		    "1|0|2\n3|1|2\n5|0|2\n");
	draft(12);
	ck_assert_uint_eq(fake.sent, 6);
}
END_TEST

/* The questions are shown once, and need their room, too. */
START_TEST(many_questions_leave_less_room)
{
	static char text[20000], data[192];
	size_t used = 0;

	for (int row = -1; row < 4; row++)
		for (int column = 0; column < 300; column++)
			used += (size_t)snprintf(text + used, sizeof text - used, row < 0 ? "c%d%s" : "%d%s",
						 row < 0 ? column : row, column < 299 ? "," : "\n");
	snprintf(data, sizeof data, "%s", file_with("wide.csv", text));
	from[0] = data;
	settings.batch_size = 1;
	remote.context_tokens = 12000;
	draft(4);
	assert_rows("SELECT DISTINCT json_extract(settings, '$.shares') FROM plan", "2\n");
	remote.context_tokens = 13000;
	settings.label = "roomier";
	draft(4);
	assert_rows(
		"SELECT count(*) FROM plan JOIN batch USING (batch_id) WHERE label = 'roomier' AND plan.settings LIKE "
		"'%shares%'",
		"0\n");
}
END_TEST

/* The number of shares grows by steps; the last step is to a record for each. */
START_TEST(a_share_for_each_record_is_tried)
{
	static char text[120000], data[192];
	size_t used = (size_t)snprintf(text, sizeof text, "what\n");

	for (int i = 0; i < 9; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "number %d of %012000d\n", i, 0);
	snprintf(data, sizeof data, "%s", file_with("large.csv", text));
	from[0] = data;
	settings.batch_size = 1;
	remote.context_tokens = 9640;
	draft(9);
	ck_assert_int_eq((int64_t)passed_len, 9);
	for (int i = 0; i < 9; i++)
		ck_assert_msg(shown(i) >= 1, "record %d", i);
	assert_rows("SELECT DISTINCT json_extract(settings, '$.shares') FROM plan", "9\n");
}
END_TEST

/* More shares than calls of the usual size: smaller calls. */
START_TEST(every_share_has_a_call)
{
	large_data();
	settings.batch_size = 10;
	remote.context_tokens = 6000;
	draft(10);
	ck_assert_int_eq((int64_t)passed_len, 10);
	for (int i = 0; i < RECORDS; i++)
		ck_assert_msg(shown(i) >= 1, "record %d", i);
}
END_TEST

START_TEST(too_few_personas_for_all_records_are_told)
{
	large_data();
	remote.context_tokens = 6000;
	draft(1);
	ck_assert_int_eq((int64_t)passed_len, 1);
	ck_assert_uint_eq(fake.sent, 1);
	ck_assert_ptr_nonnull(strstr(said, "parts of the data stay unused: draft "));
}
END_TEST

START_TEST(a_window_without_room_is_wrong_use)
{
	large_data();
	remote.context_tokens = 1000;
	ck_assert_int_eq(run_stage(&persona_stage_draft, &settings, &remote_model), -1);
	ck_assert_int_eq(err.code, PERSONA_E_USAGE);
	ck_assert_ptr_nonnull(strstr(err.text, "leave no room"));
	assert_rows("SELECT count(*) FROM batch", "0\n");
	remote.context_tokens = 5150;
	ck_assert_int_eq(run_stage(&persona_stage_draft, &settings, &remote_model), -1);
	ck_assert_int_eq(err.code, PERSONA_E_USAGE);
	ck_assert_ptr_nonnull(strstr(err.text, "record large.csv:"));
}
END_TEST

/* Who refines is shown what the drafter was shown, where all is too much. */
START_TEST(refine_is_shown_the_share_behind_the_persona)
{
	struct persona_refine_settings refining = { .max_rounds = 2, .unjudged = true };

	large_data();
	settings.batch_size = 1;
	remote.context_tokens = 9500;
	answer_with("[" ADA "]");
	answer_with("[" BO "]");
	draft(2);
	give("2.1");
	answer_with("{'occupation': 'nurse'}");
	OK(run_stage(&persona_stage_refine, &refining, &remote_model));
	ck_assert_uint_eq(fake.sent, 3);
	ck_assert_ptr_null(strstr(fake.bodies[2], "number 0 of"));
	ck_assert_ptr_nonnull(strstr(fake.bodies[2], "number 1 of"));
	assert_rows("SELECT count(DISTINCT prefix_sha256) FROM llm_call WHERE call_id IN (2, 3)", "1\n");
	remote.context_tokens = 100000;
	give("1.1");
	answer_with("{'occupation': 'nurse'}");
	OK(run_stage(&persona_stage_refine, &refining, &remote_model));
	ck_assert_ptr_nonnull(strstr(fake.bodies[3], "number 0 of"));
	ck_assert_ptr_nonnull(strstr(fake.bodies[3], "number 1 of"));
}
END_TEST

/* The first record is most of the data: without it all would fit. */
START_TEST(refine_counts_every_record)
{
	struct persona_refine_settings refining = { .max_rounds = 2, .unjudged = true };
	static char text[16000], data[192];
	size_t used = (size_t)snprintf(text, sizeof text, "what\nnumber 0 of %012000d\n", 0);

	for (int i = 1; i < 10; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "number %d of %0200d\n", i, 0);
	snprintf(data, sizeof data, "%s", file_with("large.csv", text));
	from[0] = data;
	settings.batch_size = 1;
	remote.context_tokens = 9640;
	answer_with("[" ADA "]");
	answer_with("[" BO "]");
	draft(2);
	give("2.1");
	answer_with("{'occupation': 'nurse'}");
	OK(run_stage(&persona_stage_refine, &refining, &remote_model));
	ck_assert_uint_eq(fake.sent, 3);
	ck_assert_ptr_null(strstr(fake.bodies[2], "number 0 of"));
	ck_assert_ptr_nonnull(strstr(fake.bodies[2], "number 1 of"));
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("top up");

	tcase_add_checked_fixture(tests, setup_draft, teardown_remote);
	tcase_add_test(tests, what_an_answer_lacks_is_asked_for_again);
	tcase_add_test(tests, more_than_were_wanted_are_left_out);
	tcase_add_test(tests, after_a_cut_answer_the_portions_are_smaller);
	tcase_add_test(tests, rounds_are_bounded);
	tcase_add_test(tests, who_gives_one_at_a_time_is_asked_six_times);
	tcase_add_test(tests, an_answer_that_was_cut_before_the_first_is_asked_for_in_halves);
	tcase_add_test(tests, the_same_name_and_occupation_is_no_other_person);
	tcase_add_test(tests, the_same_items_under_another_name_are_no_other_person);
	tcase_add_test(tests, nearly_the_same_in_one_answer_is_no_other_person);
	tcase_add_loop_test(tests, nine_words_of_ten_are_nearly_the_same, 0, 2);
	tcase_add_loop_test(tests, twenty_words_tell, 0, 4);
	tcase_add_test(tests, thin_personas_are_not_taken_for_each_other);
	tcase_add_test(tests, twins_are_known_across_runs);
	tcase_add_test(tests, another_batch_may_have_the_same);
	tcase_add_test(tests, calls_are_told_where_to_begin);
	tcase_add_test(tests, plans_are_used_as_they_were_written);
	tcase_add_test(tests, a_later_deal_differs_from_the_earlier);
	tcase_add_loop_test(tests, an_edited_plan_is_told, 0, (int)(sizeof edited / sizeof *edited));
	tcase_add_test(tests, data_larger_than_the_window_are_dealt);
	tcase_add_test(tests, every_share_has_a_call);
	tcase_add_test(tests, many_questions_leave_less_room);
	tcase_add_test(tests, a_share_for_each_record_is_tried);
	tcase_add_test(tests, too_few_personas_for_all_records_are_told);
	tcase_add_test(tests, a_window_without_room_is_wrong_use);
	tcase_add_test(tests, refine_is_shown_the_share_behind_the_persona);
	tcase_add_test(tests, refine_counts_every_record);
	return run_suite("top up", &tests, 1);
}
