/* Records and their cells. */
#include <check.h>

#include "persona/persona.h"

static struct persona_record *record(struct persona_records *records, const char *locator)
{
	struct persona_error err = { 0 };
	struct persona_record *out;

	ck_assert_int_eq(persona_records_add(records, &out, locator, &err), 0);
	return out;
}

START_TEST(cells_partition_the_text)
{
	struct persona_error err = { 0 };
	struct persona_records records;
	struct persona_record *it;
	const char *answer;

	persona_records_init(&records);
	it = record(&records, "a.csv:2");
	ck_assert_str_eq(it->text, "");
	ck_assert_str_eq(it->locator, "a.csv:2");
	ck_assert_int_eq(persona_record_add_cell(it, 0, "first", 5, &err), 0);
	ck_assert_int_eq(persona_record_add_cell(it, 1, "", 0, &err), 0);
	ck_assert_int_eq(persona_record_add_cell(it, 2, "two\nlines", 9, &err), 0);
	ck_assert_int_eq(persona_record_add_cell(it, 5, "lastXXX", 4, &err), 0);
	ck_assert_str_eq(it->text, "first\ntwo\nlines\nlast");
	ck_assert_uint_eq(it->cells_len, 3);
	ck_assert_uint_eq(persona_record_cell(it, 0, &answer), 5);
	ck_assert_mem_eq(answer, "first", 5);
	ck_assert_uint_eq(persona_record_cell(it, 2, &answer), 9);
	ck_assert_mem_eq(answer, "two\nlines", 9);
	ck_assert_uint_eq(persona_record_cell(it, 5, &answer), 4);
	ck_assert_mem_eq(answer, "last", 5);
	ck_assert_uint_eq(persona_record_cell(it, 1, &answer), 0);
	ck_assert_ptr_null(answer);
	ck_assert_uint_eq(persona_record_cell(it, 6, &answer), 0);
	persona_records_release(&records);
	ck_assert_uint_eq(records.len, 0);
	persona_records_release(&records);
}
END_TEST

START_TEST(columns_are_found_again)
{
	struct persona_error err = { 0 };
	struct persona_records records;
	char name[32];

	persona_records_init(&records);
	for (long i = 0; i < 50; i++) {
		snprintf(name, sizeof name, "q%ld", i);
		ck_assert_int_eq(persona_records_column(&records, name, &err), i);
	}
	ck_assert_int_eq(persona_records_column(&records, "q7", &err), 7);
	ck_assert_int_eq(persona_records_column(&records, "Q7", &err), 50);
	ck_assert_uint_eq(records.columns_len, 51);
	persona_records_release(&records);
}
END_TEST

START_TEST(fields_as_json)
{
	struct persona_error err = { 0 };
	struct persona_records records;
	struct persona_record *it;
	json_t *fields;
	char *line;

	persona_records_init(&records);
	ck_assert_int_eq(persona_records_column(&records, "z", &err), 0);
	ck_assert_int_eq(persona_records_column(&records, "a", &err), 1);
	it = record(&records, "x");
	ck_assert_int_eq(persona_record_fields_json(&fields, &records, it, &err), 0);
	ck_assert_uint_eq(json_object_size(fields), 0);
	json_decref(fields);
	ck_assert_int_eq(persona_record_add_cell(it, 0, "one", 3, &err), 0);
	ck_assert_int_eq(persona_record_add_cell(it, 1, "\xC3\xA9", 2, &err), 0);
	ck_assert_int_eq(persona_record_fields_json(&fields, &records, it, &err), 0);
	line = json_dumps(fields, JSON_COMPACT);
	ck_assert_str_eq(line, "{\"z\":\"one\",\"a\":\"\xC3\xA9\"}");
	free(line);
	json_decref(fields);
	persona_records_release(&records);
}
END_TEST

START_TEST(many_records)
{
	struct persona_records records;
	char locator[32];

	persona_records_init(&records);
	for (int i = 0; i < 1000; i++) {
		snprintf(locator, sizeof locator, "f:%d", i);
		(void)record(&records, locator);
	}
	ck_assert_uint_eq(records.len, 1000);
	ck_assert_str_eq(records.items[999].locator, "f:999");
	ck_assert_str_eq(records.items[0].locator, "f:0");
	persona_records_release(&records);
}
END_TEST

/* "ABD": a record that has answers to questions A, B and D. */
static void add_record(struct persona_records *records, const char *has)
{
	struct persona_error err = { 0 };
	struct persona_record *it = record(records, "x");

	for (; *has; has++) {
		long column = persona_records_column(records, (char[]){ *has, '\0' }, &err);

		ck_assert_int_ge(column, 0);
		ck_assert_int_eq(persona_record_add_cell(it, (size_t)column, has, 1, &err), 0);
	}
}

/* Column by column as they are ordered, and what stands in each record. */
static void assert_order(const char *const *has, const char *wanted)
{
	struct persona_error err = { 0 };
	struct persona_records records;
	char got[32] = "";

	persona_records_init(&records);
	for (size_t i = 0; has[i]; i++)
		add_record(&records, has[i]);
	ck_assert_int_eq(persona_records_order_columns(&records, &err), 0);
	for (size_t i = 0; i < records.columns_len; i++)
		got[i] = records.columns[i][0];
	ck_assert_str_eq(got, wanted);
	for (size_t i = 0; i < records.len; i++)
		for (size_t cell = 0; cell < records.items[i].cells_len; cell++)
			ck_assert_int_eq(records.columns[records.items[i].cells[cell].column][0], has[i][cell]);
	ck_assert_int_eq(persona_records_column(&records, "new", &err), (long)strlen(wanted));
	persona_records_release(&records);
}

START_TEST(columns_have_the_order_of_the_records_whatever_theirs)
{
	static const char *const orders[][5] = { { "ZA", "ZXA", "XA", "AC", NULL },
						 { "AC", "XA", "ZXA", "ZA", NULL },
						 { "ZXA", "ZA", "AC", "XA", NULL } };

	assert_order(orders[_i], "ZXAC");
}
END_TEST

START_TEST(columns_of_which_no_record_tells_go_by_name)
{
	assert_order((const char *const[]){ "CD", "BD", "A", NULL }, "ABCD");
	assert_order((const char *const[]){ "A", "BD", "CD", NULL }, "ABCD");
	assert_order((const char *const[]){ "B", NULL }, "B");
	assert_order((const char *const[]){ NULL }, "");
}
END_TEST

/* Objects may name their members in any order. */
START_TEST(columns_of_records_that_disagree_have_an_order_all_the_same)
{
	assert_order((const char *const[]){ "QAB", "QBA", NULL }, "QAB");
	assert_order((const char *const[]){ "QBA", "QAB", NULL }, "QAB");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("record");
	TCase *t = tcase_create("record");

	tcase_add_test(t, cells_partition_the_text);
	tcase_add_test(t, columns_are_found_again);
	tcase_add_test(t, fields_as_json);
	tcase_add_test(t, many_records);
	tcase_add_loop_test(t, columns_have_the_order_of_the_records_whatever_theirs, 0, 3);
	tcase_add_test(t, columns_of_which_no_record_tells_go_by_name);
	tcase_add_test(t, columns_of_records_that_disagree_have_an_order_all_the_same);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	SRunner *runner = srunner_create(suite());
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
