/* Draft: the batch that is found again, what a model gives too little or too much of, and another -n. */
#include "stage_fakes.h"

static struct script script;
static struct persona_model model = { .name = "script:", .version = 1, .answer = script_answer, .payload = &script };
static const char *from[4];
static struct persona_draft_settings settings;

#define A "{'name': 'Ada', 'goals': ['one']}\n"
#define B "{'name': 'Bo', 'goals': ['two']}\n"
#define C "{'name': 'Cy', 'goals': ['three']}\n"

static void setup_draft(void)
{
	static char data[192];

	setup();
	snprintf(data, sizeof data, "%s", file_with("data.csv", "what,why\nwalk,air\nread,quiet\nswim,fun\n"));
	from[0] = data;
	script = (struct script){ 0 };
	model.name = "script:";
	settings = (struct persona_draft_settings){ .from = from, .from_len = 1, .wanted = 3, .batch_size = 3 };
}

/* The model's next answers; what was asked before is forgotten. */
static void answers(const char *first, const char *second, const char *third)
{
	const char *const all[] = { first, second, third };

	script.len = 3;
	memcpy(script.answers, all, sizeof all);
	atomic_store(&script.asked, 0);
}

static void draft(int64_t wanted)
{
	settings.wanted = wanted;
	OK(run_stage(&persona_stage_draft, &settings, &model));
}

/* Again: the same references, nobody asked, no row. */
static void assert_rest(const char *expected)
{
	char *before = picture(), *after;
	size_t asked = atomic_load(&script.asked);

	OK(run_stage(&persona_stage_draft, &settings, &model));
	assert_passed(expected);
	after = picture();
	ck_assert_str_eq(before, after);
	ck_assert_uint_eq(atomic_load(&script.asked), asked);
	ck_assert(!persona_context_incomplete(&context));
	free(before);
	free(after);
}

/* ---- The plain case ------------------------------------------------------ */

START_TEST(a_batch_is_drafted_once)
{
	answers(A B C, NULL, NULL);
	draft(3);
	assert_passed("1.1 2.1 3.1");
	assert_rows("SELECT slot, name, stage, number FROM persona JOIN revision USING (persona_id) ORDER BY slot",
		    "1|Ada|draft|1\n2|Bo|draft|1\n3|Cy|draft|1\n");
	assert_rows("SELECT wanted, label FROM batch", "3|null\n");
	assert_rows("SELECT first_slot, slots, deal FROM plan", "1|3|1\n");
	ck_assert_int_eq(number("SELECT count(*) FROM source"), 1);
	ck_assert_int_eq(number("SELECT count(*) FROM record"), 3);
	ck_assert_int_eq(count_of(PERSONA_COUNT_READ), 3);
	ck_assert_int_eq(count_of(PERSONA_COUNT_MADE), 3);
	ck_assert_uint_eq(script.first_slots[0], 1);
	ck_assert_uint_eq(script.counts[0], 3);
	assert_rest("1.1 2.1 3.1");
}
END_TEST

START_TEST(a_batch_goes_in_calls)
{
	settings.batch_size = 2;
	answers(A B, C A, B);
	draft(5);
	assert_passed("1.1 2.1 3.1 4.1 5.1");
	ck_assert_uint_eq(atomic_load(&script.asked), 3);
	assert_rows("SELECT first_slot, slots, deal FROM plan", "1|2|1\n3|2|1\n5|1|1\n");
	assert_rest("1.1 2.1 3.1 4.1 5.1");
}
END_TEST

/* ---- Another number -------------------------------------------------------- */

START_TEST(a_smaller_number_prints_the_first)
{
	answers(A B C, NULL, NULL);
	draft(3);
	settings.wanted = 2;
	assert_rest("1.1 2.1");
	assert_rows("SELECT wanted FROM batch", "3\n");
}
END_TEST

START_TEST(a_larger_number_adds_a_deal)
{
	answers(A B C, A B, NULL);
	draft(3);
	draft(5);
	assert_passed("1.1 2.1 3.1 4.1 5.1");
	assert_rows("SELECT first_slot, slots, deal FROM plan ORDER BY 1", "1|3|1\n4|2|2\n");
	ck_assert_uint_eq(script.first_slots[1], 4);
	ck_assert_uint_eq(script.counts[1], 2);
	ck_assert_int_eq(number("SELECT count(*) FROM batch"), 1);
	assert_rest("1.1 2.1 3.1 4.1 5.1");
	settings.wanted = 4;
	assert_rest("1.1 2.1 3.1 4.1");
}
END_TEST

START_TEST(a_smaller_number_asks_for_less_of_what_is_planned)
{
	answers(NULL, A B, C);
	draft(3);
	assert_passed("");
	draft(2);
	assert_passed("1.1 2.1");
	ck_assert_uint_eq(script.counts[1], 2);
	draft(3);
	assert_passed("1.1 2.1 3.1");
	ck_assert_uint_eq(script.first_slots[2], 3);
	ck_assert_uint_eq(script.counts[2], 1);
}
END_TEST

/* ---- Too little, too much, no use -------------------------------------------- */

START_TEST(too_few_fail_their_slots_and_are_asked_for_again)
{
	answers(A, B C, NULL);
	draft(3);
	assert_passed("1.1");
	assert_rows("SELECT slot, class, message, attempt, parked FROM failure ORDER BY slot",
		    "2|invalid|the model gave no persona for this slot|1|0\n"
		    "3|invalid|the model gave no persona for this slot|1|0\n");
	ck_assert_int_eq(count_of(PERSONA_COUNT_FAILED), 2);
	ck_assert(persona_context_incomplete(&context));
	draft(3);
	assert_passed("1.1 2.1 3.1");
	ck_assert_uint_eq(script.first_slots[1], 2);
	ck_assert_uint_eq(script.counts[1], 2);
	assert_rest("1.1 2.1 3.1");
}
END_TEST

START_TEST(a_note_is_the_reason_and_said_once)
{
	settings.batch_size = 1;
	script.note = "the data carries one persona";
	answers(A, "", "");
	draft(3);
	assert_passed("1.1");
	assert_rows("SELECT message FROM failure", "the data carries one persona\nthe data carries one persona\n");
	ck_assert_str_eq(said, "the data carries one persona\n");
}
END_TEST

START_TEST(too_many_are_left_out)
{
	answers(A B C A B, NULL, NULL);
	draft(3);
	assert_passed("1.1 2.1 3.1");
	ck_assert_int_eq(number("SELECT count(*) FROM persona"), 3);
	ck_assert_int_eq(number("SELECT count(*) FROM failure"), 0);
}
END_TEST

/* What a model built with its own hands and persona_check() refuses. */
static int nameless(void *payload, const struct persona_task *task, struct persona_answer *answer,
		    struct persona_error *why)
{
	int rc = script_answer(payload, task, answer, why);

	if (!rc && answer->len > 1)
		OK(persona_set_text(&answer->personas[1].name, NULL, why));
	return rc;
}

START_TEST(who_is_no_persona_fails_its_slot)
{
	struct persona_model careless = { .name = "script:", .version = 1, .answer = nameless, .payload = &script };

	answers(A B C, B, NULL);
	OK(run_stage(&persona_stage_draft, &settings, &careless));
	assert_passed("1.1 3.1");
	ck_assert_int_eq(number("SELECT slot FROM failure WHERE class = 'invalid' AND message LIKE '%name%'"), 2);
	draft(3);
	assert_passed("1.1 2.1 3.1");
	ck_assert_uint_eq(script.first_slots[1], 2);
	ck_assert_uint_eq(script.counts[1], 1);
}
END_TEST

/* The hole is asked for from its first slot to its last; what stands between stays as it is. */
START_TEST(what_stands_between_is_left_alone)
{
	struct persona_model careless = { .name = "script:", .version = 1, .answer = nameless, .payload = &script };

	settings.batch_size = 4;
	answers(A B C, A, "");
	OK(run_stage(&persona_stage_draft, &settings, &careless));
	assert_passed("1.1 3.1");
	draft(3);
	/* Asked for 2 alone: 4 was never wanted. */
	assert_passed("1.1 2.1 3.1");
	write_sql("DELETE FROM failure; DELETE FROM trait WHERE revision_id <> 3; DELETE FROM revision WHERE "
		  "revision_id <> 3");
	assert_rows("SELECT slot FROM persona JOIN revision USING (persona_id)", "2\n");
	answers(A, NULL, NULL);
	draft(3);
	/* 1 and 3 are missing, and one answer came: 3 fails, and 2, for which there was none either, does not. */
	ck_assert_uint_eq(script.counts[0], 3);
	assert_passed("1.1 2.1");
	assert_rows("SELECT slot FROM failure", "3\n");
}
END_TEST

/* For who asks how the data were read. */
START_TEST(what_was_understood_is_told)
{
	struct persona_buf understood;

	persona_buf_init(&understood, 10000);
	settings.understood = &understood;
	answers(A B C, NULL, NULL);
	draft(3);
	ck_assert_ptr_nonnull(strstr(understood.data, "data.csv: text/csv, UTF-8, 3 records\n"));
	ck_assert_ptr_nonnull(strstr(understood.data, "why"));
	persona_buf_release(&understood);
	/* Where it cannot be told there is no draft either. */
	persona_buf_init(&understood, 10);
	ck_assert_int_eq(run_stage(&persona_stage_draft, &settings, &model), -1);
	persona_buf_release(&understood);
}
END_TEST

/* ---- Failures of a whole call --------------------------------------------------- */

START_TEST(a_call_that_fails_has_failed_all_its_slots)
{
	answers(NULL, NULL, NULL);
	for (int i = 1; i <= 3; i++) {
		draft(3);
		assert_passed("");
		ck_assert_int_eq(count_of(PERSONA_COUNT_FAILED), 3);
		ck_assert_int_eq(number("SELECT count(*) FROM failure"), 3 * i);
	}
	assert_rows("SELECT slot, attempt, parked FROM failure WHERE parked ORDER BY slot", "1|3|1\n2|3|1\n3|3|1\n");
	draft(3);
	ck_assert_uint_eq(atomic_load(&script.asked), 3);
	ck_assert_int_eq(count_of(PERSONA_COUNT_PARKED), 3);
	ck_assert(persona_context_incomplete(&context));
	options.retry = "all";
	answers(A B C, NULL, NULL);
	draft(3);
	assert_passed("1.1 2.1 3.1");
	ck_assert(!persona_context_incomplete(&context));
}
END_TEST

/* Somebody takes a planned persona away while it is asked for. */
static int remove_and_fail(void *payload, const struct persona_task *task, struct persona_answer *answer,
			   struct persona_error *why)
{
	write_sql("DELETE FROM persona WHERE slot = 2");
	return script_answer(payload, task, answer, why);
}

START_TEST(a_slot_that_went_away_fails_like_the_others)
{
	struct persona_model removing = {
		.name = "script:", .version = 1, .answer = remove_and_fail, .payload = &script
	};

	answers(NULL, NULL, NULL);
	OK(run_stage(&persona_stage_draft, &settings, &removing));
	assert_passed("");
	assert_rows("SELECT slot, class FROM failure ORDER BY slot", "1|invalid\n2|invalid\n3|invalid\n");
}
END_TEST

/* Half a call's failures are none. */
START_TEST(a_failure_that_cannot_be_written_ends_the_run)
{
	answers(NULL, NULL, NULL);
	settings.wanted = 3;
	write_sql("CREATE TRIGGER no BEFORE INSERT ON failure WHEN NEW.slot = 2 BEGIN SELECT raise(ABORT, 'not here'); "
		  "END");
	ck_assert_int_eq(run_stage(&persona_stage_draft, &settings, &model), -1);
	ck_assert_int_eq(err.code, PERSONA_E_DB);
	ck_assert_int_eq(number("SELECT count(*) FROM failure"), 0);
	write_sql("DROP TRIGGER no");
}
END_TEST

/* Parked slots are said, also where the rest of their call succeeds. */
START_TEST(parked_slots_beside_others_are_counted)
{
	/* Slot 1 succeeds, then 2 and 3 fail three times. */
	answers(A, "", "");
	draft(3);
	draft(3);
	draft(3);
	ck_assert_int_eq(number("SELECT count(*) FROM failure WHERE parked"), 2);
	ck_assert_uint_eq(atomic_load(&script.asked), 3);
	draft(3);
	ck_assert_int_eq(count_of(PERSONA_COUNT_PARKED), 2);
	/* Slot 1 is missing again: it is asked for, and the parked ones are still said. */
	write_sql("DELETE FROM trait; DELETE FROM revision");
	answers(A, NULL, NULL);
	draft(3);
	ck_assert_uint_eq(script.counts[0], 1);
	assert_passed("1.1");
	ck_assert_int_eq(count_of(PERSONA_COUNT_PARKED), 2);
	ck_assert_int_eq(count_of(PERSONA_COUNT_FAILED), 0);
	ck_assert(persona_context_incomplete(&context));
}
END_TEST

START_TEST(a_parked_slot_before_others_is_counted_once)
{
	answers(A B C, NULL, NULL);
	draft(3);
	write_sql("DELETE FROM trait; DELETE FROM revision;"
		  "INSERT INTO failure (stage, batch_id, slot, key_id, class, message, attempt, parked, at)"
		  " VALUES ('draft', 1, 1, (SELECT key_id FROM stage_key), 'invalid', 'm', 3, 1, 1)");
	answers(A B, NULL, NULL);
	draft(3);
	assert_passed("2.1 3.1");
	ck_assert_int_eq(count_of(PERSONA_COUNT_PARKED), 1);
	/* Also where the call fails. */
	write_sql("DELETE FROM trait; DELETE FROM revision");
	answers(NULL, NULL, NULL);
	draft(3);
	assert_passed("");
	ck_assert_int_eq(count_of(PERSONA_COUNT_PARKED), 1);
	ck_assert_int_eq(count_of(PERSONA_COUNT_FAILED), 2);
}
END_TEST

START_TEST(a_parked_slot_between_others_gets_no_further_failure)
{
	answers(A B C, NULL, NULL);
	draft(3);
	write_sql("DELETE FROM trait; DELETE FROM revision;"
		  "INSERT INTO failure (stage, batch_id, slot, key_id, class, message, attempt, parked, at)"
		  " VALUES ('draft', 1, 2, (SELECT key_id FROM stage_key), 'invalid', 'm', 3, 1, 1)");
	answers(A, NULL, NULL);
	draft(3);
	assert_passed("1.1");
	ck_assert_int_eq(count_of(PERSONA_COUNT_PARKED), 1);
	ck_assert_int_eq(count_of(PERSONA_COUNT_FAILED), 1);
	assert_rows("SELECT slot, attempt FROM failure ORDER BY slot", "2|3\n3|1\n");
	/* A whole call that fails leaves it alone as well. */
	answers(NULL, NULL, NULL);
	write_sql("DELETE FROM trait; DELETE FROM revision");
	draft(3);
	assert_rows("SELECT slot, attempt FROM failure ORDER BY slot, attempt", "1|1\n2|3\n3|1\n3|2\n");
}
END_TEST

/* ---- Which batch ------------------------------------------------------------------ */

START_TEST(the_same_content_is_the_same_batch)
{
	char other[192];

	answers(A B C, NULL, NULL);
	draft(3);
	snprintf(other, sizeof other, "%s", file_with("renamed.csv", "what,why\nwalk,air\nread,quiet\nswim,fun\n"));
	from[0] = other;
	assert_rest("1.1 2.1 3.1");
}
END_TEST

START_TEST(two_names_of_one_content_are_one_source)
{
	char other[192];

	answers(A B C, NULL, NULL);
	draft(3);
	snprintf(other, sizeof other, "%s", file_with("renamed.csv", "what,why\nwalk,air\nread,quiet\nswim,fun\n"));
	from[1] = other;
	settings.from_len = 2;
	assert_rest("1.1 2.1 3.1");
}
END_TEST

START_TEST(other_content_or_another_model_is_another_batch)
{
	char other[192];

	answers(A B C, C B A, A B C);
	draft(3);
	snprintf(other, sizeof other, "%s", file_with("other.csv", "what,why\nwalk,rain\n"));
	from[0] = other;
	draft(3);
	assert_passed("4.1 5.1 6.1");
	model.name = "another:";
	draft(3);
	assert_passed("7.1 8.1 9.1");
	ck_assert_int_eq(number("SELECT count(*) FROM batch"), 3);
	ck_assert_int_eq(number("SELECT count(*) FROM source"), 2);
}
END_TEST

START_TEST(the_order_of_files_does_not_matter)
{
	char one[192], two[192];

	snprintf(one, sizeof one, "%s", file_with("one.csv", "what,why\nwalk,rain\n"));
	snprintf(two, sizeof two, "%s", file_with("two.csv", "what,why\nread,sun\n"));
	from[0] = one;
	from[1] = two;
	settings.from_len = 2;
	answers(A B C, NULL, NULL);
	draft(3);
	from[0] = two;
	from[1] = one;
	assert_rest("1.1 2.1 3.1");
}
END_TEST

START_TEST(a_label_is_another_batch_of_the_same_data)
{
	answers(A B C, C B A, A);
	draft(3);
	settings.label = "second";
	draft(3);
	assert_passed("4.1 5.1 6.1");
	ck_assert_int_eq(number("SELECT count(*) FROM source"), 1);
	assert_rest("4.1 5.1 6.1");
	ck_assert_str_eq(said, "");
	/* A larger number adds to the batch of that label. */
	draft(4);
	assert_passed("4.1 5.1 6.1 7.1");
	settings.label = NULL;
	settings.wanted = 3;
	assert_rest("1.1 2.1 3.1");
}
END_TEST

START_TEST(a_label_keeps_its_data)
{
	char other[192];

	settings.label = "kept";
	answers(A B C, A, NULL);
	draft(3);
	snprintf(other, sizeof other, "%s", file_with("other.csv", "what,why\nwalk,rain\n"));
	from[0] = other;
	assert_rest("1.1 2.1 3.1");
	ck_assert_ptr_nonnull(strstr(said, "batch 'kept' was planned from other data"));
	draft(4);
	assert_passed("1.1 2.1 3.1 4.1");
	ck_assert_int_eq(number("SELECT count(*) FROM source"), 1);
}
END_TEST

/* ---- What can't be read -------------------------------------------------------------- */

START_TEST(what_cannot_be_read_makes_nothing)
{
	char *before = picture(), *after;

	from[0] = _i ? file_with("empty.csv", "") : "/nowhere/at/all.csv";
	settings.wanted = 3;
	ck_assert_int_eq(run_stage(&persona_stage_draft, &settings, &model), -1);
	after = picture();
	ck_assert_str_eq(before, after);
	free(before);
	free(after);
}
END_TEST

START_TEST(what_was_skipped_is_said)
{
	from[0] = file_with("ragged.csv", "what,why\nwalk\n,\nread,quiet\xff\n");
	answers(A B C, NULL, NULL);
	draft(3);
	ck_assert_ptr_nonnull(strstr(said, "1 empty record skipped"));
	ck_assert_ptr_nonnull(strstr(said, "1 record has fewer or more cells"));
	ck_assert_ptr_nonnull(strstr(said, "1 byte is not UTF-8"));
}
END_TEST

/* ---- The built-in model ---------------------------------------------------------------- */

START_TEST(the_built_in_model_does_as_well)
{
	struct persona_model *offline;

	from[0] = file_with("survey.csv", "id,job,what do you like,what annoys you\n"
					  "1,nurse,I like to plan my shifts early,The app crashes at night\n"
					  "2,teacher,I want to find good books quickly,It is hard to search\n"
					  "3,nurse,I like reminders for medication,Too many notifications wake me\n"
					  "4,driver,I listen to podcasts every day,Downloads fail on weak signal\n");
	OK(persona_model_offline(&offline, &err));
	settings.wanted = 2;
	OK(run_stage(&persona_stage_draft, &settings, offline));
	assert_passed("1.1 2.1");
	/* What it cites was checked: every pointer has a record. */
	ck_assert_int_gt(number("SELECT count(*) FROM evidence WHERE record_id IS NOT NULL"), 0);
	ck_assert_int_eq(number("SELECT count(*) FROM evidence WHERE record_id IS NULL"), 0);
	persona_model_free(offline);
	persona_model_free(NULL);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("draft");

	tcase_add_checked_fixture(tcase, setup_draft, teardown);
	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, a_batch_is_drafted_once);
	tcase_add_test(tcase, a_batch_goes_in_calls);
	tcase_add_test(tcase, a_smaller_number_prints_the_first);
	tcase_add_test(tcase, a_larger_number_adds_a_deal);
	tcase_add_test(tcase, a_smaller_number_asks_for_less_of_what_is_planned);
	tcase_add_test(tcase, too_few_fail_their_slots_and_are_asked_for_again);
	tcase_add_test(tcase, a_note_is_the_reason_and_said_once);
	tcase_add_test(tcase, too_many_are_left_out);
	tcase_add_test(tcase, who_is_no_persona_fails_its_slot);
	tcase_add_test(tcase, what_stands_between_is_left_alone);
	tcase_add_test(tcase, a_call_that_fails_has_failed_all_its_slots);
	tcase_add_test(tcase, a_slot_that_went_away_fails_like_the_others);
	tcase_add_test(tcase, a_failure_that_cannot_be_written_ends_the_run);
	tcase_add_test(tcase, what_was_understood_is_told);
	tcase_add_test(tcase, parked_slots_beside_others_are_counted);
	tcase_add_test(tcase, a_parked_slot_before_others_is_counted_once);
	tcase_add_test(tcase, a_parked_slot_between_others_gets_no_further_failure);
	tcase_add_test(tcase, the_same_content_is_the_same_batch);
	tcase_add_test(tcase, two_names_of_one_content_are_one_source);
	tcase_add_test(tcase, other_content_or_another_model_is_another_batch);
	tcase_add_test(tcase, the_order_of_files_does_not_matter);
	tcase_add_test(tcase, a_label_is_another_batch_of_the_same_data);
	tcase_add_test(tcase, a_label_keeps_its_data);
	tcase_add_loop_test(tcase, what_cannot_be_read_makes_nothing, 0, 2);
	tcase_add_test(tcase, what_was_skipped_is_said);
	tcase_add_test(tcase, the_built_in_model_does_as_well);
	return run_suite("draft", &tcase, 1);
}
