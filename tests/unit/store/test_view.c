/* What people look at: the views, a revision as it stands, the whole as it stands. */
#include "helper.h"

/* Two judge keys and two score keys; 6 and 2 are those last used. */
static void setup_rows(void)
{
	setup();
	make_keys();
	make_personas(12);
	sql("INSERT INTO stage_key VALUES (5, 'score', " HASH("05") ", '{}', 1), (6, 'judge', " HASH(
		"06") ", '{}', 9),"
		      " (7, 'judge', " HASH("07") ", '{}', 8)");
}

/* Revision 100 * number + persona of a persona. */
static void child(int persona, int number)
{
	char text[256];

	snprintf(text, sizeof text,
		 "INSERT INTO revision (revision_id, persona_id, number, stage, parent_id, name, created_at)"
		 " VALUES (%d, %d, %d, 'refine', %d, 'Child', 1)",
		 100 * number + persona, persona, number, persona);
	sql(text);
}

static void score(int revision, int key, double own, double overall)
{
	char text[256];

	snprintf(text, sizeof text,
		 "INSERT INTO score (revision_id, key_id, overall, own, level) VALUES (%d, %d, %g, %g, 'poor')",
		 revision, key, overall, own);
	sql(text);
}

static void judge(int revision, int key, int sample, double overall)
{
	char text[256];

	snprintf(text, sizeof text,
		 "INSERT INTO evaluation (revision_id, key_id, sample, overall) VALUES (%d, %d, %d, %g)", revision, key,
		 sample, overall);
	sql(text);
}

/* The number of the best revision. */
static int best(int persona)
{
	char text[128];

	snprintf(text, sizeof text, "SELECT number FROM persona_best WHERE persona_id = %d", persona);
	return (int)number_of(text);
}

/* ---- persona_best ---------------------------------------------------- */

START_TEST(the_best_is_what_the_basis_says)
{
	ck_assert_int_eq(best(1), 1);
	/* Nobody measured: the newest. */
	child(1, 2);
	ck_assert_int_eq(best(1), 2);
	/* A refinement that made things worse loses, one that did not change them wins. */
	child(2, 2);
	score(2, 2, 80, 80);
	score(202, 2, 60, 60);
	ck_assert_int_eq(best(2), 1);
	child(3, 2);
	score(3, 2, 70, 70);
	score(203, 2, 70, 70);
	ck_assert_int_eq(best(3), 2);
	/* Compared by own, not by what depends on others. */
	child(4, 2);
	score(4, 2, 50, 90);
	score(204, 2, 51, 40);
	ck_assert_int_eq(best(4), 2);
	/* A judge comes before the score. */
	child(5, 2);
	score(5, 2, 10, 10);
	score(205, 2, 90, 90);
	judge(5, 6, 0, 90);
	judge(205, 6, 0, 40);
	ck_assert_int_eq(best(5), 1);
	/* The judge's key last used of those under which the newest was judged. */
	child(6, 2);
	judge(6, 6, 0, 99);
	judge(6, 7, 0, 30);
	judge(206, 7, 0, 50);
	ck_assert_int_eq(best(6), 2);
	judge(206, 6, 0, 98);
	ck_assert_int_eq(best(6), 1);
	/* The same of score keys. */
	child(7, 2);
	score(7, 2, 99, 99);
	score(7, 5, 40, 40);
	score(207, 5, 45, 45);
	ck_assert_int_eq(best(7), 2);
	score(207, 2, 98, 98);
	ck_assert_int_eq(best(7), 1);
	/* The newest has nothing to be compared by. */
	child(8, 2);
	score(8, 2, 99, 99);
	ck_assert_int_eq(best(8), 2);
	/* Of several samples the highest counts. */
	child(9, 2);
	judge(9, 6, 0, 95);
	judge(9, 6, 1, 20);
	judge(209, 6, 0, 50);
	ck_assert_int_eq(best(9), 2);
	/* Who lacks the basis is no candidate. */
	child(10, 2);
	child(10, 3);
	score(10, 2, 50, 50);
	score(310, 2, 40, 40);
	ck_assert_int_eq(best(10), 1);
	/* A judge's tie goes to the newer. */
	child(11, 2);
	judge(11, 6, 0, 77);
	judge(211, 6, 0, 77);
	ck_assert_int_eq(best(11), 2);
	/* One row each, also where many are asked for. */
	ROWS("SELECT group_concat(persona_id || '.' || number, ' ') FROM persona_best",
	     "1.2 2.1 3.2 4.2 5.1 6.1 7.1 8.2 9.2 10.1 11.2 12.1\n");
	ROWS("SELECT overall, level, evaluation FROM persona_best WHERE persona_id IN (4, 5, 9, 12)",
	     "40.0|poor|~\n10.0|poor|90.0\n~|~|50.0\n~|~|~\n");
}
END_TEST

/* ---- persona_current ------------------------------------------------- */

START_TEST(the_current_stands_under_the_keys_last_used)
{
	child(1, 2);
	sql("UPDATE revision SET age = 30, occupation = 'o', background = 'b', demographics = '{\"a\":1}',"
	    " refinement_notes = 'n' WHERE revision_id = 201");
	sql("INSERT INTO population VALUES (1, 1, " HASH("01") ", 1, NULL, 1), (2, 1, " HASH(
		"02") ", 1, NULL, 2);"
		      "INSERT INTO score (revision_id, key_id, population_id, overall, level) VALUES (201, 2, NULL, "
		      "10, 'failing'),"
		      " (201, 2, 1, 70, 'acceptable'), (201, 2, 2, 80, 'good'), (201, 5, NULL, 99, 'excellent'),"
		      " (1, 2, NULL, 5, 'failing')");
	judge(201, 6, 0, 33);
	judge(201, 6, 1, 44);
	judge(201, 7, 0, 55);
	ROWS("SELECT * FROM persona_current WHERE persona_id = 1",
	     "1|2|201|Child|30|o|b|{\"a\":1}|n|80.0|good|44.0|~\n");
	ROWS("SELECT * FROM persona_current WHERE persona_id = 2", "2|1|2|Name 2|~|~|~|~|~|~|~|~|~\n");
	sql("INSERT INTO verdict VALUES (201, 2, 1, 60, 80, 1), (201, 5, 0, 60, 80, 1), (201, 7, 0, 60, 80, 1)");
	ROWS("SELECT passed FROM persona_current WHERE persona_id = 1", "1\n");
	sql("INSERT INTO verdict VALUES (201, 6, 0, 60, 44, 1)");
	ROWS("SELECT passed FROM persona_current WHERE persona_id = 1", "0\n");
	ROWS("SELECT passed FROM persona_best WHERE persona_id = 1", "0\n");
	ck_assert_int_eq(number_of("SELECT count(*) FROM persona_current"), 12);
}
END_TEST

/* Both views have every typed column of the table of fields. */
START_TEST(views_have_the_columns_that_were_promised)
{
	static const char *const views[] = { "persona_current", "persona_best" };
	char text[256];

	for (size_t i = 0; i < 2; i++)
		for (const struct persona_field *field = persona_fields; field->name; field++) {
			if (field->type == PERSONA_FIELD_LIST || field->type == PERSONA_FIELD_DERIVED)
				continue;
			snprintf(text, sizeof text, "SELECT count(*) FROM pragma_table_info('%s') WHERE name = '%s'",
				 views[i], field->name);
			ck_assert_msg(number_of(text) == 1, "%s lacks %s", views[i], field->name);
		}
	ROWS("SELECT group_concat(name) FROM pragma_table_info('persona_json')", "persona_id,number,json\n");
	ROWS("SELECT group_concat(name) FROM pragma_table_info('pending')", "stage,count\n");
	ROWS("SELECT group_concat(name) FROM pragma_table_info('cost')", "stage,model,calls,tokens,usd,lost_usd\n");
	ROWS("SELECT group_concat(name) FROM pragma_table_info('lineage')", "persona,revision,call,record\n");
}
END_TEST

/* ---- The other views ------------------------------------------------- */

START_TEST(a_persona_is_one_json_document)
{
	ROWS("SELECT json FROM persona_json WHERE persona_id = 1 AND number = 1", "{\"name\":\"Name 1\"}\n");
	sql("UPDATE revision SET age = 0, occupation = 'say \"hi\"', background = 'b', demographics = '{\"a\":[1]}',"
	    " refinement_notes = 'n' WHERE revision_id = 1;"
	    "INSERT INTO trait VALUES (1, 'goal', 1, 'second'), (1, 'goal', 0, 'first'), (1, 'frustration', 0, 'f'),"
	    " (1, 'behaviour', 0, 'b'), (1, 'motivation', 0, 'm'), (1, 'quote', 0, 'ünï')");
	score(1, 2, 50, 61.5);
	score(1, 5, 50, 99);
	ROWS("SELECT json FROM persona_json WHERE persona_id = 1",
	     "{\"name\":\"Name 1\",\"age\":0,\"occupation\":\"say \\\"hi\\\"\",\"background\":\"b\","
	     "\"goals\":[\"first\",\"second\"],\"frustrations\":[\"f\"],\"behaviours\":[\"b\"],\"motivations\":[\"m\"],"
	     "\"quotes\":[\"ünï\"],\"demographics\":{\"a\":[1]},\"refinement_notes\":\"n\",\"quality_score\":61.5}\n");
}
END_TEST

#define CALL(id, stage, model, state, in, out, cost)                                                                   \
	"INSERT INTO llm_call (call_id, stage, provider, model, request_sha256, draw, sample, state,"                  \
	" input_tokens, output_tokens, cost_nusd, lost_nusd) VALUES (" #id ", '" stage "', 'p', '" model "',"          \
	" printf('%064d', " #id "), '', 0, '" state "', " in ", " out ", " cost ");"

START_TEST(cost_is_by_stage_and_model)
{
	sql(CALL(1, "draft", "m", "done", "10", "5", "2000000000, 0")
		    CALL(2, "draft", "m", "lost", "NULL", "NULL", "0, 500000000")
			    CALL(3, "draft", "n", "done", "1", "1", "0, 0")
				    CALL(4, "filter", "m", "failed", "7", "NULL", "1, 0")
					    CALL(5, "draft", "m", "sent", "NULL", "NULL", "7000000000, 0"));
	ROWS("SELECT * FROM cost", "draft|p:m|3|15|2.0|0.5\ndraft|p:n|1|2|0.0|0.0\nfilter|p:m|1|7|1.0e-09|0.0\n");
}
END_TEST

START_TEST(progress_counts_rows_and_failures)
{
	child(1, 2);
	score(1, 2, 1, 1);
	score(201, 2, 1, 1);
	sql("INSERT INTO verdict VALUES (1, 2, 0, 60, 1, 1);"
	    "INSERT INTO refinement VALUES (1, 4, 0, 201);"
	    "INSERT INTO failure (stage, revision_id, key_id, class, message, attempt, parked, at) VALUES"
	    " ('refine', 1, 4, 'invalid', 'x', 1, 0, 1), ('refine', 1, 4, 'invalid', 'x', 2, 1, 1)");
	ROWS("SELECT * FROM progress", "draft|12|0|0|0\nscore|2|11|0|0\nfilter|1|12|0|0\nrefine|1|0|2|1\n");
}
END_TEST

START_TEST(lineage_names_the_records)
{
	sql("INSERT INTO source VALUES (1, 'a.csv', " HASH(
		"01") ", 'text/csv', 1, 1);"
		      "INSERT INTO record (record_id, source_id, ordinal, locator, speaker, text, fields) VALUES (1, "
		      "1, 1, 'a.csv:2', NULL, 'x', '{}'), (2, 1, 2, 'a.csv:3', NULL, "
		      "'y', '{}');"
		      "INSERT INTO trait VALUES (1, 'goal', 0, 'g'), (1, 'quote', 0, 'q');"
		      "INSERT INTO evidence (revision_id, kind, position, ordinal, record_id, locator, strength, "
		      "excerpt) VALUES (1, 'goal', 0, 0, 1, 'a.csv:2', 'cited', NULL),"
		      " (1, 'goal', 0, 1, 2, 'a.csv:3', 'cited', NULL), (1, 'quote', 0, 2, 1, 'a.csv:2', 'cited', "
		      "NULL),"
		      " (1, 'quote', 0, 3, NULL, 'nowhere', 'none', NULL)");
	sql(CALL(9, "draft", "m", "done", "1", "1", "1, 0") "UPDATE revision SET call_id = 9 WHERE revision_id = 1");
	ROWS("SELECT * FROM lineage WHERE persona = 1 ORDER BY record", "1|1.1|9|a.csv:2\n1|1.1|9|a.csv:3\n");
	ROWS("SELECT * FROM lineage WHERE persona = 2", "2|2.1|~|~\n");
}
END_TEST

/* ---- A revision as it stands ----------------------------------------- */

START_TEST(a_revision_is_shown_with_all_that_is_known_of_it)
{
	struct persona_place place;
	struct persona_view view;

	sql("INSERT INTO trait VALUES (1, 'goal', 0, 'g'); INSERT INTO score VALUES (5, 1, 2, NULL, 80, 81, 'good');"
	    "INSERT INTO metric_score VALUES (5, 'a', 70, 0.5, '[]'), (5, 'b', NULL, 0, '[{\"code\":\"x\"}]');"
	    "INSERT INTO verdict VALUES (1, 2, 0, 90, 80, 1)");
	YES(persona_store_resolve(store, (struct persona_ref){ 1, 1 }, &place, &err));
	OK(persona_store_view(store, &place, &view, &err));
	ck_assert_int_eq(view.place.revision_id, 1);
	ck_assert_str_eq(view.batch, "one");
	ck_assert_str_eq(view.stage, "draft");
	ck_assert_str_eq(view.persona.name, "Name 1");
	ck_assert_str_eq(view.persona.lists[PERSONA_GOALS].items[0], "g");
	ck_assert(view.scored);
	ck_assert_double_eq(view.overall, 80);
	ck_assert_str_eq(view.level, "good");
	ck_assert_int_eq(view.judged, PERSONA_FAILED);
	ck_assert_uint_eq(view.metrics_len, 2);
	ck_assert_str_eq(view.metrics[0].metric, "a");
	ck_assert(view.metrics[0].measured);
	ck_assert_double_eq(view.metrics[0].value, 70);
	ck_assert_double_eq(view.metrics[0].weight, 0.5);
	ck_assert_uint_eq(json_array_size(view.metrics[0].issues), 0);
	ck_assert_str_eq(json_string_value(json_object_get(json_array_get(view.metrics[1].issues, 0), "code")), "x");
	ck_assert(!view.metrics[1].measured);
	persona_view_release(&view);
	persona_view_release(&view);
	ck_assert(sqlite3_get_autocommit(store->db));

	YES(persona_store_resolve(store, (struct persona_ref){ 2, 1 }, &place, &err));
	sql("UPDATE batch SET label = NULL");
	OK(persona_store_view(store, &place, &view, &err));
	ck_assert(!view.scored);
	ck_assert_ptr_null(view.level);
	ck_assert_ptr_null(view.batch);
	ck_assert_int_eq(view.judged, PERSONA_UNJUDGED);
	ck_assert_uint_eq(view.metrics_len, 0);
	persona_view_release(&view);

	place.revision_id = 4711;
	FAILS(persona_store_view(store, &place, &view, &err));
	SAYS(PERSONA_E_NOTFOUND, "4711");
	ck_assert(sqlite3_get_autocommit(store->db));
}
END_TEST

static const char *places_of(enum persona_which which, const char *label, size_t max)
{
	static char out[1024];
	struct persona_place places[64];
	struct persona_ref after = { 0, 0 };
	size_t len = 0;
	long got;

	out[0] = '\0';
	for (int page = 0; page < 50; page++) {
		got = persona_store_places(store, which, label, after, places, max, &err);
		ck_assert_int_ge(got, 0);
		ck_assert_int_le(got, (long)max);
		if (!got)
			return out;
		for (long i = 0; i < got; i++)
			len += (size_t)snprintf(out + len, sizeof out - len, "%lld.%lld ",
						(long long)places[i].persona_id, (long long)places[i].number);
		after = (struct persona_ref){ places[got - 1].persona_id, places[got - 1].number };
	}
	ck_abort_msg("the pages do not end");
	return NULL;
}

START_TEST(places_come_in_pages_and_in_order)
{
	sql("DELETE FROM revision WHERE persona_id > 3; DELETE FROM persona WHERE persona_id > 4");
	child(2, 2);
	child(2, 3);
	score(2, 2, 90, 90);
	score(302, 2, 10, 10);
	sql("INSERT INTO batch (batch_id, label, sha256, wanted, settings, created_at) VALUES (2, NULL, " HASH(
		"02") ", 1, '{}', 1); UPDATE persona SET batch_id = 2 WHERE persona_id"
		      " = 3");
	for (size_t max = 1; max <= 6; max += 2) {
		ck_assert_str_eq(places_of(PERSONA_WHICH_BEST, NULL, max), "1.1 2.1 3.1 ");
		ck_assert_str_eq(places_of(PERSONA_WHICH_CURRENT, NULL, max), "1.1 2.3 3.1 ");
		ck_assert_str_eq(places_of(PERSONA_WHICH_ALL, NULL, max), "1.1 2.1 2.2 2.3 3.1 ");
		ck_assert_str_eq(places_of(PERSONA_WHICH_BEST, "one", max), "1.1 2.1 ");
		ck_assert_str_eq(places_of(PERSONA_WHICH_CURRENT, "one", max), "1.1 2.3 ");
		ck_assert_str_eq(places_of(PERSONA_WHICH_ALL, "one", max), "1.1 2.1 2.2 2.3 ");
		ck_assert_str_eq(places_of(PERSONA_WHICH_ALL, "two", max), "");
	}
}
END_TEST

/* ---- The whole as it stands ------------------------------------------ */

static const json_t *member(const json_t *status, const char *list, size_t index)
{
	return json_array_get(json_object_get(status, list), index);
}

START_TEST(status_tells_everything)
{
	struct persona_store *other = open_as(PERSONA_STORE_WRITE);
	const json_t *row;
	json_t *status;

	score(1, 2, 1, 20);
	score(2, 2, 1, 30);
	sql("UPDATE score SET level = 'good', overall = 80 WHERE revision_id = 1;"
	    "UPDATE ledger SET budget_nusd = 5000000000, spent_nusd = 250000000, reserved_nusd = 1000000000;"
	    "INSERT INTO source VALUES (1, 'a.csv', " HASH(
		    "01") ", 'text/csv', 1, 1);"
			  "INSERT INTO record (record_id, source_id, ordinal, locator, speaker, text, fields) VALUES "
			  "(1, 1, 1, 'a.csv:2', NULL, "
			  "'x', '{}'); INSERT INTO batch_source VALUES (1, 1)");
	sql(CALL(9, "draft", "m", "done", "1", "1", "1, 0"));
	start_run(other, "persona-living");
	persona_store_close(other);
	other = open_as(PERSONA_STORE_WRITE);
	start_run(other, "persona-refine");
	OK(persona_store_status(store, &status, &err));
	row = member(status, "stages", 1);
	ck_assert_str_eq(json_string_value(json_object_get(row, "stage")), "score");
	ck_assert_int_eq(json_integer_value(json_object_get(row, "done")), 2);
	ck_assert_int_eq(json_integer_value(json_object_get(row, "pending")), 10);
	row = member(status, "batches", 0);
	ck_assert_str_eq(json_string_value(json_object_get(row, "label")), "one");
	ck_assert_int_eq(json_integer_value(json_object_get(row, "wanted")), 12);
	ck_assert_int_eq(json_integer_value(json_object_get(row, "personas")), 12);
	ck_assert_int_eq(json_integer_value(json_object_get(row, "records")), 1);
	row = member(status, "levels", 0);
	ck_assert_str_eq(json_string_value(json_object_get(row, "level")), "good");
	ck_assert_int_eq(json_integer_value(json_object_get(row, "personas")), 1);
	ck_assert_str_eq(json_string_value(json_object_get(member(status, "levels", 1), "level")), "poor");
	ck_assert_str_eq(json_string_value(json_object_get(member(status, "cost", 0), "model")), "p:m");
	row = json_object_get(status, "money");
	ck_assert_double_eq(json_real_value(json_object_get(row, "budget_usd")), 5.0);
	ck_assert_double_eq(json_real_value(json_object_get(row, "spent_usd")), 0.25);
	ck_assert_double_eq(json_real_value(json_object_get(row, "reserved_usd")), 1.0);
	/* Who was closed is not running, whatever the table says. */
	ck_assert_uint_eq(json_array_size(json_object_get(status, "running")), 1);
	ck_assert_str_eq(json_string_value(json_object_get(member(status, "running", 0), "tool")), "persona-refine");
	json_decref(status);
	persona_store_close(other);

	OK(persona_store_budget_set(store, -1, &err));
	OK(persona_store_status(store, &status, &err));
	ck_assert(json_is_null(json_object_get(json_object_get(status, "money"), "budget_usd")));
	ck_assert_uint_eq(json_array_size(json_object_get(status, "running")), 0);
	json_decref(status);
	ck_assert(sqlite3_get_autocommit(store->db));
}
END_TEST

/* A file's name may be any bytes; JSON is UTF-8. */
START_TEST(status_tells_names_that_are_not_utf8)
{
	json_t *status;

	sql("UPDATE batch SET label = CAST(x'4cff4d' AS TEXT)");
	OK(persona_store_status(store, &status, &err));
	ck_assert_str_eq(json_string_value(json_object_get(member(status, "batches", 0), "label")), "L\xEF\xBF\xBDM");
	json_decref(status);
}
END_TEST

START_TEST(a_status_that_cannot_be_had_is_an_error)
{
	static const char *const broken[] = { "DROP VIEW progress", "DROP VIEW cost", "DROP VIEW persona_current",
					      "DELETE FROM ledger", "ALTER TABLE run RENAME TO runs" };
	json_t *status = (json_t *)1;

	sql(broken[_i]);
	FAILS(persona_store_status(store, &status, &err));
	ck_assert_int_eq(err.code, PERSONA_E_DB);
	ck_assert_ptr_null(status);
	ck_assert(sqlite3_get_autocommit(store->db));
}
END_TEST

int main(void)
{
	TCase *views;
	Suite *suite = suite_of("view", &views);

	tcase_add_checked_fixture(views, setup_rows, teardown);
	tcase_add_test(views, the_best_is_what_the_basis_says);
	tcase_add_test(views, the_current_stands_under_the_keys_last_used);
	tcase_add_test(views, views_have_the_columns_that_were_promised);
	tcase_add_test(views, a_persona_is_one_json_document);
	tcase_add_test(views, cost_is_by_stage_and_model);
	tcase_add_test(views, progress_counts_rows_and_failures);
	tcase_add_test(views, lineage_names_the_records);
	tcase_add_test(views, a_revision_is_shown_with_all_that_is_known_of_it);
	tcase_add_test(views, places_come_in_pages_and_in_order);
	tcase_add_test(views, status_tells_everything);
	tcase_add_test(views, status_tells_names_that_are_not_utf8);
	tcase_add_loop_test(views, a_status_that_cannot_be_had_is_an_error, 0, 5);
	return run_suite(suite);
}
