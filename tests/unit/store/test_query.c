/* Metrics in SQL: what a query sees, what it must yield, what it may not do. */
#include "helper.h"

static const struct persona_place subjects[] = { { .revision_id = 1, .persona_id = 1 },
						 { .revision_id = 2, .persona_id = 2 },
						 { .revision_id = 3, .persona_id = 3 } };
static const bool is_member[] = { true, false, true };

static struct persona_query_value *values;
static size_t values_len;

static void setup_rows(void)
{
	setup();
	make_keys();
	make_personas(4);
	sql("INSERT INTO trait SELECT revision_id, 'goal', 0, 'A goal' FROM revision WHERE revision_id < 3");
}

static int ask(const char *text, int timeout_ms)
{
	values = (struct persona_query_value *)1;
	values_len = 9;
	return persona_store_query(path, text, subjects, 3, is_member, timeout_ms, &values, &values_len, &err);
}

START_TEST(a_query_sees_the_database_its_subjects_and_their_population)
{
	OK(ask("SELECT s.revision_id, 10.0 * count(t.text), CASE s.revision_id WHEN 1 THEN '[\"one\"]' END"
	       " FROM subject s LEFT JOIN trait t USING (revision_id) GROUP BY s.revision_id ORDER BY 1 DESC",
	       60000));
	ck_assert_uint_eq(values_len, 3);
	ck_assert_int_eq(values[0].revision_id, 3);
	ck_assert_double_eq(values[0].value, 0);
	ck_assert(values[0].measured);
	ck_assert_int_eq(values[2].revision_id, 1);
	ck_assert_double_eq(values[2].value, 10);
	ck_assert_str_eq(values[2].issues, "[\"one\"]");
	ck_assert_ptr_null(values[1].issues);
	persona_query_values_free(values, values_len);

	OK(ask("SELECT revision_id, persona_id FROM member ORDER BY revision_id", 60000));
	ck_assert_uint_eq(values_len, 2);
	ck_assert_int_eq(values[0].revision_id, 1);
	ck_assert_int_eq(values[1].revision_id, 3);
	ck_assert_double_eq(values[1].value, 3);
	ck_assert_ptr_null(values[1].issues);
	persona_query_values_free(values, values_len);

	/* Views and functions, an integer, a null, no row. */
	OK(ask("SELECT revision_id, nullif(persona_id, 2) FROM persona_current WHERE length(name) > 3 ORDER BY 1;\n",
	       60000));
	ck_assert_uint_eq(values_len, 4);
	ck_assert(values[0].measured && !values[1].measured);
	persona_query_values_free(values, values_len);
	OK(ask("SELECT 1, 2 WHERE 0", 60000));
	ck_assert_uint_eq(values_len, 0);
	persona_query_values_free(values, values_len);
}
END_TEST

static const struct {
	const char *text, *reason;
} refused[] = {
	{ "", "empty" },
	{ "-- nothing", "empty" },
	{ "SELEC 1", "syntax error" },
	{ "SELECT revision_id FROM subject", "must yield" },
	{ "SELECT 1, 2, '[]', 4", "must yield" },
	{ "SELECT 1, 2; SELECT 3, 4", "more than one statement" },
	{ "SELECT 1, 2; -- and\nSELECT 3, 4", "more than one statement" },
	{ "SELECT 1, 2; nonsense", "more than one statement" },
	{ "SELECT 'one', 2", "not a revision_id" },
	{ "SELECT 1.0, 2", "not a revision_id" },
	{ "SELECT NULL, 2", "not a revision_id" },
	{ "SELECT 1, '2'", "not a number" },
	{ "SELECT 1, x'00'", "not a number" },
	{ "SELECT revision_id, missing FROM subject", "no such column" },
	{ "DELETE FROM revision", "not authorized" },
	{ "DELETE FROM revision RETURNING revision_id, 1", "not authorized" },
	{ "INSERT INTO setting VALUES ('a', 'b') RETURNING 1, 2", "not authorized" },
	{ "UPDATE ledger SET spent_nusd = 0 RETURNING 1, 2", "not authorized" },
	{ "INSERT INTO temp.member VALUES (9, 9) RETURNING 1, 2", "not authorized" },
	{ "DROP TABLE setting", "not authorized" },
	{ "CREATE TEMP TABLE x (a)", "not authorized" },
	{ "ATTACH '/tmp/other.db' AS other", "not authorized" },
	{ "DETACH main", "not authorized" },
	{ "PRAGMA user_version", "not authorized" },
	{ "PRAGMA journal_mode = DELETE", "not authorized" },
	{ "BEGIN", "not authorized" },
	{ "VACUUM", "" },
	{ "VACUUM INTO '/tmp/persona-stolen.db'", "" },
	{ "SELECT 1, load_extension('x')", "not authorized" },
};

START_TEST(what_is_not_one_reading_statement_is_refused)
{
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		ck_assert_msg(ask(refused[i].text, 60000) == -1, "'%s' was run", refused[i].text);
		ck_assert_ptr_null(values);
		ck_assert_uint_eq(values_len, 0);
		SAYS(PERSONA_E_USAGE, refused[i].reason);
	}
	ck_assert_int_eq(number_of("SELECT count(*) FROM revision"), 4);
	ck_assert_int_ne(access("/tmp/persona-stolen.db", F_OK), 0);
}
END_TEST

START_TEST(comments_behind_are_no_statement)
{
	OK(ask("SELECT 1, 2; -- a comment", 60000));
	persona_query_values_free(values, values_len);
	OK(ask("/* first */ SELECT 1, 2 /* last */ ; ; /* more */\n\n", 60000));
	ck_assert_uint_eq(values_len, 1);
	persona_query_values_free(values, values_len);
}
END_TEST

START_TEST(a_query_without_end_is_stopped)
{
	FAILS(ask("WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT max(i), 1 FROM c", 50));
	SAYS(PERSONA_E_BUSY, "took longer than 50 ms");
	/* Also one that yields rows all the while, which then are not kept. */
	FAILS(ask("WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT i, 1, '[]' FROM c", 50));
	SAYS(PERSONA_E_BUSY, "took longer");
	ck_assert_ptr_null(values);
}
END_TEST

START_TEST(errors_on_the_way_are_said)
{
	FAILS(ask("SELECT revision_id, abs(-9223372036854775808) FROM subject", 60000));
	SAYS(PERSONA_E_DB, "integer overflow");
	FAILS(ask("SELECT 1, length(zeroblob(300 * 1024 * 1024))", 60000));
	SAYS(PERSONA_E_DB, "too big");
	FAILS(persona_store_query("/nowhere/at/all.db", "SELECT 1, 2", subjects, 3, is_member, 1000, &values,
				  &values_len, &err));
	SAYS(PERSONA_E_DB, "/nowhere/at/all.db");
}
END_TEST

/* Subjects given twice are one. */
START_TEST(a_subject_is_there_once)
{
	static const struct persona_place twice[] = { { .revision_id = 1, .persona_id = 1 },
						      { .revision_id = 1, .persona_id = 1 } };
	static const bool both[] = { true, true };

	OK(persona_store_query(path, "SELECT count(*), (SELECT count(*) FROM member) FROM subject", twice, 2, both,
			       60000, &values, &values_len, &err));
	ck_assert_int_eq(values[0].revision_id, 1);
	ck_assert_double_eq(values[0].value, 1);
	persona_query_values_free(values, values_len);
}
END_TEST

int main(void)
{
	TCase *queries;
	Suite *suite = suite_of("query", &queries);

	tcase_add_checked_fixture(queries, setup_rows, teardown);
	tcase_add_test(queries, a_query_sees_the_database_its_subjects_and_their_population);
	tcase_add_test(queries, what_is_not_one_reading_statement_is_refused);
	tcase_add_test(queries, comments_behind_are_no_statement);
	tcase_add_test(queries, a_query_without_end_is_stopped);
	tcase_add_test(queries, errors_on_the_way_are_said);
	tcase_add_test(queries, a_subject_is_there_once);
	return run_suite(suite);
}
