/* What becomes of the entries of a persona when they are held against the records. */
#include <check.h>

#include "persona/evidence.h"

static struct persona persona;
static struct persona_records records;

static void add_record(const char *locator, int64_t id, const char *text)
{
	struct persona_record *record;
	long column = persona_records_column(&records, "q", NULL);

	ck_assert_int_ge(column, 0);
	ck_assert_int_eq(persona_records_add(&records, &record, locator, NULL), 0);
	record->record_id = id;
	ck_assert_int_eq(persona_record_add_cell(record, (size_t)column, text, strlen(text), NULL), 0);
}

static void add_item(enum persona_list_field field, const char *text)
{
	ck_assert_int_eq(persona_list_add(&persona.lists[field], text, strlen(text), NULL), 0);
}

static void cite(enum persona_list_field field, size_t position, const char *locator, const char *excerpt)
{
	/* Whatever was claimed before counts for nothing. */
	ck_assert_int_eq(
		persona_evidence_add(&persona, field, position, locator, 77, PERSONA_STRENGTH_VERBATIM, excerpt, NULL),
		0);
}

static void check(void)
{
	struct persona_error err = { 0 };

	ck_assert_msg(persona_evidence_check(&persona, &records, &err) == 0, "%s", err.text);
}

static void expect(size_t index, enum persona_strength strength, int64_t id, const char *excerpt)
{
	const struct persona_evidence *evidence;

	ck_assert_uint_lt(index, persona.evidence_len);
	evidence = &persona.evidence[index];
	ck_assert_str_eq(persona_strength_name(evidence->strength), persona_strength_name(strength));
	ck_assert_int_eq(evidence->record_id, id);
	if (excerpt)
		ck_assert_str_eq(evidence->excerpt, excerpt);
	else
		ck_assert_ptr_null(evidence->excerpt);
}

static void setup(void)
{
	persona_init(&persona);
	persona_records_init(&records);
	add_record("i.csv:2", 11, "I want faster builds. Builds take an hour, every day.");
	add_record("i.csv:3", 12, "The docs are thin.");
	add_record("i.csv:5", 13, "builds TAKE an hour, sadly");
}

static void teardown(void)
{
	persona_release(&persona);
	persona_records_release(&records);
}

START_TEST(quote_gets_what_is_there)
{
	add_item(PERSONA_QUOTES, "Builds take an hour");
	add_item(PERSONA_QUOTES, "\"the docs are thin!\"");
	add_item(PERSONA_QUOTES, "I love it all");
	cite(PERSONA_QUOTES, 0, "i.csv:2", "made up");
	cite(PERSONA_QUOTES, 0, "i.csv:5", NULL);
	cite(PERSONA_QUOTES, 1, "i.csv:3", NULL);
	cite(PERSONA_QUOTES, 2, "i.csv:3", "made up");
	check();
	ck_assert_uint_eq(persona.evidence_len, 4);
	expect(0, PERSONA_STRENGTH_VERBATIM, 11, "Builds take an hour");
	expect(1, PERSONA_STRENGTH_CLOSE, 13, "builds TAKE an hour");
	expect(2, PERSONA_STRENGTH_CLOSE, 12, "The docs are thin");
	/* The record is there, the quote is not in it nor anywhere. */
	expect(3, PERSONA_STRENGTH_NONE, 12, NULL);
}
END_TEST

START_TEST(other_items_are_cited_at_least)
{
	add_item(PERSONA_GOALS, "Faster builds");
	add_item(PERSONA_GOALS, "Save time");
	add_item(PERSONA_FRUSTRATIONS, "docs are thin");
	cite(PERSONA_GOALS, 0, "i.csv:2", NULL);
	cite(PERSONA_GOALS, 1, "i.csv:2", "every day");
	cite(PERSONA_GOALS, 1, "i.csv:3", "nowhere");
	cite(PERSONA_FRUSTRATIONS, 0, "i.csv:3", NULL);
	check();
	expect(0, PERSONA_STRENGTH_CLOSE, 11, "faster builds");
	expect(1, PERSONA_STRENGTH_CITED, 11, "every day");
	expect(2, PERSONA_STRENGTH_CITED, 12, "The docs are thin.");
	expect(3, PERSONA_STRENGTH_VERBATIM, 12, "docs are thin");
}
END_TEST

START_TEST(records_that_do_not_exist)
{
	add_item(PERSONA_GOALS, "Faster builds");
	cite(PERSONA_GOALS, 0, "i.csv:4", "x");
	cite(PERSONA_GOALS, 0, "", "x");
	cite(PERSONA_GOALS, 0, "i.csv:2 ", "x");
	/* No such item. */
	cite(PERSONA_GOALS, 1, "i.csv:2", "x");
	cite(PERSONA_GOALS, SIZE_MAX, "i.csv:2", "x");
	check();
	ck_assert_uint_eq(persona.evidence_len, 5);
	for (size_t i = 0; i < 5; i++)
		expect(i, PERSONA_STRENGTH_NONE, 0, NULL);
}
END_TEST

START_TEST(quotes_without_evidence_find_theirs)
{
	add_item(PERSONA_QUOTES, "nobody said this");
	add_item(PERSONA_QUOTES, "builds TAKE an hour");
	add_item(PERSONA_QUOTES, "BUILDS TAKE AN HOUR");
	add_item(PERSONA_QUOTES, "docs");
	add_item(PERSONA_QUOTES, "");
	add_item(PERSONA_GOALS, "Faster builds");
	check();
	ck_assert_uint_eq(persona.evidence_len, 3);
	/* Verbatim in a later record goes before close in an earlier one. */
	ck_assert_uint_eq(persona.evidence[0].position, 1);
	ck_assert_str_eq(persona.evidence[0].locator, "i.csv:5");
	expect(0, PERSONA_STRENGTH_VERBATIM, 13, "builds TAKE an hour");
	ck_assert_uint_eq(persona.evidence[1].position, 2);
	ck_assert_str_eq(persona.evidence[1].locator, "i.csv:2");
	expect(1, PERSONA_STRENGTH_CLOSE, 11, "Builds take an hour");
	ck_assert_uint_eq(persona.evidence[2].position, 3);
	expect(2, PERSONA_STRENGTH_VERBATIM, 12, "docs");
	/* Again: the same, and nothing new. */
	check();
	ck_assert_uint_eq(persona.evidence_len, 3);
	expect(1, PERSONA_STRENGTH_CLOSE, 11, "Builds take an hour");
}
END_TEST

START_TEST(quote_under_the_wrong_record)
{
	add_item(PERSONA_QUOTES, "The docs are thin.");
	cite(PERSONA_QUOTES, 0, "i.csv:2", NULL);
	cite(PERSONA_QUOTES, 0, "i.csv:99", NULL);
	check();
	ck_assert_uint_eq(persona.evidence_len, 3);
	expect(0, PERSONA_STRENGTH_NONE, 11, NULL);
	expect(1, PERSONA_STRENGTH_NONE, 0, NULL);
	expect(2, PERSONA_STRENGTH_VERBATIM, 12, "The docs are thin.");
}
END_TEST

START_TEST(excerpts_have_a_ceiling)
{
	char text[1500];

	/* 'a', then characters of two bytes: a cut at 200 or 500 would fall into one. */
	text[0] = 'a';
	for (size_t i = 1; i + 2 < sizeof text; i += 2)
		memcpy(text + i, "\xC3\xA9", 2);
	text[sizeof text - 1] = '\0';
	text[sizeof text - 2] = 'z';
	add_record("i.csv:9", 19, text);
	add_item(PERSONA_QUOTES, text);
	add_item(PERSONA_GOALS, "Something else");
	cite(PERSONA_QUOTES, 0, "i.csv:9", NULL);
	cite(PERSONA_GOALS, 0, "i.csv:9", text);
	cite(PERSONA_GOALS, 0, "i.csv:9", NULL);
	check();
	ck_assert_uint_eq(strlen(persona.evidence[0].excerpt), 499);
	ck_assert_uint_eq(strlen(persona.evidence[1].excerpt), 499);
	ck_assert_uint_eq(strlen(persona.evidence[2].excerpt), 199);
}
END_TEST

START_TEST(nothing_to_check)
{
	struct persona_records none;

	persona_records_init(&none);
	check();
	add_item(PERSONA_QUOTES, "some words here");
	cite(PERSONA_QUOTES, 0, "i.csv:2", "x");
	ck_assert_int_eq(persona_evidence_check(&persona, &none, NULL), 0);
	expect(0, PERSONA_STRENGTH_NONE, 0, NULL);
}
END_TEST

/* Two records under one locator: the first one counts. */
START_TEST(locators_that_clash)
{
	add_record("i.csv:2", 99, "Faster builds");
	add_item(PERSONA_GOALS, "Faster builds");
	cite(PERSONA_GOALS, 0, "i.csv:2", NULL);
	check();
	expect(0, PERSONA_STRENGTH_CLOSE, 11, "faster builds");
}
END_TEST

START_TEST(many_records)
{
	char locator[32], text[64];

	for (int i = 100; i < 5000; i++) {
		snprintf(locator, sizeof locator, "big.csv:%d", i);
		snprintf(text, sizeof text, "Respondent %d says: it works, number %d", i, i);
		add_record(locator, i, text);
	}
	for (int i = 0; i < 12; i++) {
		snprintf(text, sizeof text, "IT WORKS NUMBER %d", 4980 + i);
		add_item(PERSONA_QUOTES, text);
	}
	add_item(PERSONA_GOALS, "respondent 200 SAYS it works");
	cite(PERSONA_GOALS, 0, "big.csv:200", NULL);
	check();
	ck_assert_uint_eq(persona.evidence_len, 13);
	expect(0, PERSONA_STRENGTH_CLOSE, 200, "Respondent 200 says: it works");
	for (int i = 0; i < 12; i++)
		ck_assert_int_eq(persona.evidence[1 + i].record_id, 4980 + i);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("check");
	TCase *tcase = tcase_create("check");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, quote_gets_what_is_there);
	tcase_add_test(tcase, other_items_are_cited_at_least);
	tcase_add_test(tcase, records_that_do_not_exist);
	tcase_add_test(tcase, quotes_without_evidence_find_theirs);
	tcase_add_test(tcase, quote_under_the_wrong_record);
	tcase_add_test(tcase, excerpts_have_a_ceiling);
	tcase_add_test(tcase, nothing_to_check);
	tcase_add_test(tcase, locators_that_clash);
	tcase_add_test(tcase, many_records);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
