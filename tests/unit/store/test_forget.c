/* Forgetting, and the sentences that it goes by. */
#include "helper.h"
#include "phrases.h"

/* ---- Sentences ----------------------------------------------------------- */

static const struct {
	const char *said, *text;
	bool found;
} sentences[] = {
	{ "The bus was late.", "The bus was late.", true },
	{ "The bus was late.", "the BUS was late!", true },
	{ "The bus was late.", "x\"The bus was late\"x", true },
	{ "The bus was late.", "The bus was  late.", false },
	{ "The bus was late.", "The bus was lat", false },
	{ "One. The bus was late! Two?", "The bus was late", true },
	{ "The bus was late\nand full", "The bus was late", true },
	{ "The bus was late\r\nand full", "The bus was late", true },
	{ "The 9.30 bus was late", "The 9", false },
	{ "Bus was late", "Bus was late", true },		     /* three words of twelve bytes */
	{ "Bus was lat", "Bus was lat", false },		     /* eleven bytes */
	{ "Latecomers everywhere", "Latecomers everywhere", false }, /* two words */
	{ "Tell \"him\" the truth", "{\"a\": \"Tell \\\"him\\\" the truth\"}", true },
	{ "Die Stra\xc3\x9f"
	  "e ist gesperrt",
	  "[\"Die Stra\\u00dfe ist gesperrt\"]", true },
	{ "\xe3\x83\x90\xe3\x82\xb9\xe3\x81\xaf\xe9\x81\x85\xe3\x81\x84\xe3\x80\x82\xe6\x96\x99\xe9\x87\x91\xe3\x81\xaf"
	  "\xe9"
	  "\xab\x98\xe3\x81\x84",
	  "\xe6\x96\x99\xe9\x87\x91\xe3\x81\xaf\xe9\xab\x98\xe3\x81\x84", true },
	{ "", "", false },
	{ "...!?", "...!?", false },
};

START_TEST(sentences_are_found)
{
	struct phrases *phrases;

	OK(phrases_new(&phrases, &err));
	NO(phrases_in(phrases, "nothing is known yet", 20));
	OK(phrases_add(phrases, sentences[_i].said, &err));
	ck_assert_msg(phrases_in(phrases, sentences[_i].text, strlen(sentences[_i].text)) == sentences[_i].found,
		      "'%s' in '%s'", sentences[_i].said, sentences[_i].text);
	phrases_free(phrases);
}
END_TEST

START_TEST(what_others_say_is_theirs)
{
	struct phrases *phrases;

	OK(phrases_new(&phrases, &err));
	OK(phrases_add(phrases, "The bus was late. The tram was full.", &err));
	OK(phrases_drop(phrases, "Once more the bus was late, I fear.", &err));
	NO(phrases_in(phrases, "The bus was late", 16));
	YES(phrases_in(phrases, "The tram was full", 17));
	phrases_free(phrases);
}
END_TEST

START_TEST(exact_texts_are_no_sentences)
{
	struct phrases *phrases;

	OK(phrases_new(&phrases, &err));
	OK(phrases_add_exactly(phrases, "[a.csv:1]\n  ", &err));
	OK(phrases_add_exactly(phrases, "[a.c:123]", &err)); /* nine bytes */
	YES(phrases_in(phrases, "x\n[a.csv:1]\n  Q1: y", 19));
	NO(phrases_in(phrases, "x\n[a.csv:17]\n  Q1: y", 20));
	NO(phrases_in(phrases, "[a.c:123]", 9));
	phrases_free(phrases);
}
END_TEST

START_TEST(very_many_are_found)
{
	struct phrases *phrases;
	char text[64];

	OK(phrases_new(&phrases, &err));
	for (int i = 0; i < 5000; i++) {
		snprintf(text, sizeof text, "bus %d was late", i);
		OK(phrases_add(phrases, text, &err));
	}
	for (int i = 0; i < 5000; i += 7) {
		snprintf(text, sizeof text, "said: bus %d was late", i);
		YES(phrases_in(phrases, text, strlen(text)));
	}
	NO(phrases_in(phrases, "said: bus 5000 was late", 23));
	phrases_free(phrases);
}
END_TEST

/* ---- The database ------------------------------------------------------------ */

static const struct persona_forget_target second = { PERSONA_FORGET_RECORD, "a.csv:3" };

static void setup_rows(void)
{
	setup();
	make_keys();
	make_personas(3);
	sql("INSERT INTO source VALUES (1, 'a.csv', printf('%064d', 1), 'text/csv', 1, 1);"
	    "INSERT INTO record (record_id, source_id, ordinal, locator, text, fields) VALUES"
	    " (1, 1, 1, 'a.csv:2', 'The tram was full.', '{}'), (2, 1, 2, 'a.csv:3', 'The bus was late.', '{}');"
	    "INSERT INTO batch_source VALUES (1, 1);"
	    /* 1 rests on both, 2 on the second alone, 3 on neither. */
	    "INSERT INTO trait VALUES (1, 'goal', 0, 'Catch an early bus'), (1, 'goal', 1, 'Find a seat'),"
	    " (1, 'goal', 2, 'Have a say'), (2, 'goal', 0, 'Leave in time'), (3, 'goal', 0, 'Sleep well');"
	    "INSERT INTO evidence (revision_id, kind, position, ordinal, record_id, locator, strength) VALUES"
	    " (1, 'goal', 0, 0, 2, 'a.csv:3', 'cited'), (1, 'goal', 1, 0, 1, 'a.csv:2', 'cited'),"
	    " (1, 'goal', 2, 0, 2, 'a.csv:3', 'cited'), (1, 'goal', 2, 1, 1, 'a.csv:2', 'cited'),"
	    " (2, 'goal', 0, 0, 2, 'a.csv:3', 'cited')");
}

START_TEST(what_rests_on_it_goes)
{
	struct persona_forgotten gone;

	sql("CREATE INDEX evidence_record ON evidence (record_id)");
	OK(persona_store_forget(store, &second, 1, false, &gone, &err));
	ck_assert_int_eq(gone.records, 1);
	ck_assert_int_eq(gone.personas, 1);
	ck_assert_int_eq(gone.revisions, 1);
	ck_assert_int_eq(gone.items, 1);
	ck_assert_str_eq(rows_of("SELECT revision_id, position, text FROM trait ORDER BY 1, 2"),
			 "1|0|Find a seat\n1|1|Have a say\n3|0|Sleep well\n");
	ck_assert_str_eq(rows_of("SELECT revision_id, position, ordinal, record_id FROM evidence ORDER BY 1, 2"),
			 "1|0|0|1\n1|1|0|1\n");
	/* The index that it makes goes again, somebody's own stays. */
	ck_assert_str_eq(rows_of("SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'evidence'"
				 " AND sql IS NOT NULL"),
			 "evidence_record\n");
}
END_TEST

START_TEST(what_a_judge_was_told_goes_too)
{
	struct persona_forgotten gone;

	sql("INSERT INTO llm_call (stage, provider, model, request_sha256, draw, sample, state, suffix, response) "
	    "VALUES"
	    " ('filter', 'p', 'm', printf('%064d', 1), '', 0, 'done', '[\"catch an early bus\"]', 'good'),"
	    " ('filter', 'p', 'm', printf('%064d', 2), '', 0, 'done', '[\"Leave in time\"]', 'good'),"
	    " ('filter', 'p', 'm', printf('%064d', 3), '', 0, 'done', '[\"Find a seat\"]', 'good'),"
	    " ('draft', 'p', 'm', printf('%064d', 4), '', 0, 'done', '[a.csv:3]' || char(10) || '  Q1: x', 'good'),"
	    " ('draft', 'p', 'm', printf('%064d', 5), '', 0, 'done', '[a.csv:33]' || char(10) || '  Q1: x', 'good')");
	OK(persona_store_forget(store, &second, 1, false, &gone, &err));
	ck_assert_int_eq(gone.calls, 3);
	ck_assert_str_eq(rows_of("SELECT call_id, state, suffix IS NULL, response IS NULL FROM llm_call ORDER BY 1"),
			 "1|failed|1|1\n2|failed|1|1\n3|done|0|0\n4|failed|1|1\n5|done|0|0\n");
}
END_TEST

/* The same goal, borne out by another record, is that persona's own. */
START_TEST(what_others_have_as_well_stays)
{
	struct persona_forgotten gone;

	sql("INSERT INTO trait VALUES (3, 'goal', 1, 'Leave in time');"
	    "INSERT INTO llm_call (stage, provider, model, request_sha256, draw, sample, state, suffix) VALUES"
	    " ('filter', 'p', 'm', printf('%064d', 2), '', 0, 'done', '[\"Leave in time\"]')");
	OK(persona_store_forget(store, &second, 1, false, &gone, &err));
	ck_assert_int_eq(gone.calls, 0);
	ck_assert_int_eq(number_of("SELECT count(*) FROM trait WHERE revision_id = 3"), 2);
}
END_TEST

START_TEST(one_handle_forgets_again)
{
	static const struct persona_forget_target first = { PERSONA_FORGET_RECORD, "1" },
						  source = { PERSONA_FORGET_SOURCE, "a.csv" };
	struct persona_forgotten gone;

	OK(persona_store_forget(store, &second, 1, true, &gone, &err));
	ck_assert_int_eq(number_of("SELECT count(*) FROM record"), 2);
	OK(persona_store_forget(store, &second, 1, false, &gone, &err));
	FAILS(persona_store_forget(store, &second, 1, false, &gone, &err));
	SAYS(PERSONA_E_NOTFOUND, "no record 'a.csv:3'");
	OK(persona_store_forget(store, &first, 1, false, &gone, &err));
	OK(persona_store_forget(store, &source, 1, false, &gone, &err));
	ck_assert_int_eq(gone.sources, 1);
	ck_assert_int_eq(number_of("SELECT count(*) FROM record"), 0);
}
END_TEST

START_TEST(living_runs_are_left_alone)
{
	struct persona_run_info info = { .tool = "persona-score", .arguments = "[]" };
	struct persona_store *other = open_as(PERSONA_STORE_WRITE);
	struct persona_forgotten gone;

	OK(persona_store_run_start(other, &info, &err));
	FAILS(persona_store_forget(store, &second, 1, false, &gone, &err));
	SAYS(PERSONA_E_BUSY, "cannot forget while persona-score (process ");
	ck_assert_int_eq(number_of("SELECT count(*) FROM record"), 2);
	/* Whether it finished or died. */
	persona_store_close(other);
	OK(persona_store_forget(store, &second, 1, false, &gone, &err));
}
END_TEST

int main(void)
{
	TCase *all;
	Suite *suite = suite_of("forget", &all);

	tcase_add_checked_fixture(all, setup_rows, teardown);
	tcase_add_loop_test(all, sentences_are_found, 0, sizeof sentences / sizeof *sentences);
	tcase_add_test(all, what_others_say_is_theirs);
	tcase_add_test(all, exact_texts_are_no_sentences);
	tcase_add_test(all, very_many_are_found);
	tcase_add_test(all, what_rests_on_it_goes);
	tcase_add_test(all, what_a_judge_was_told_goes_too);
	tcase_add_test(all, what_others_have_as_well_stays);
	tcase_add_test(all, one_handle_forgets_again);
	tcase_add_test(all, living_runs_are_left_alone);
	return run_suite(suite);
}
