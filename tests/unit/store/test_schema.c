/* Migrations, and the table of statements. */
#include "helper.h"

/* Versions to come. */
#define NOW   STORE_SCHEMA_VERSION
#define NEXT  (NOW + 1)
#define AFTER (NOW + 2)

static const struct migration good[] = {
	{ NOW, "never run" },
	{ NEXT, "CREATE TABLE two (a INTEGER) STRICT; INSERT INTO two VALUES (1)" },
	{ AFTER, "CREATE TABLE three (a INTEGER) STRICT; INSERT INTO two VALUES (2)" },
};
static const struct migration bad[] = {
	{ NOW, "never run" },
	{ NEXT, "CREATE TABLE two (a INTEGER) STRICT" },
	{ AFTER, "CREATE TABLE three (a INTEGER) STRICT; INSERT INTO two VALUES (3); INSERT INTO nowhere VALUES (1)" },
};
static const char views[] = "CREATE VIEW seen AS SELECT sum(a) AS total FROM two";

static int migrate(const struct migration *steps, size_t len)
{
	int rc;

	OK(live_lock_writer(store, &err));
	rc = schema_migrate(store, steps, len, views, &err);
	live_unlock_writer(store);
	return rc;
}

START_TEST(steps_are_taken_once_and_in_order)
{
	OK(migrate(good, 3));
	ck_assert_int_eq(number_of("PRAGMA user_version"), AFTER);
	ck_assert_int_eq(number_of("PRAGMA application_id"), STORE_APPLICATION_ID);
	ROWS("SELECT a FROM two ORDER BY a", "1\n2\n");
	/* Views are those of the last step alone. */
	ROWS("SELECT name FROM sqlite_schema WHERE type = 'view'", "seen\n");
	ck_assert_int_eq(number_of("SELECT total FROM seen"), 3);
	OK(migrate(good, 3));
	ROWS("SELECT a FROM two ORDER BY a", "1\n2\n");
	ck_assert(sqlite3_get_autocommit(store->db));
}
END_TEST

START_TEST(a_step_that_fails_leaves_nothing)
{
	FAILS(migrate(bad, 3));
	SAYS(PERSONA_E_DB, "nowhere");
	ck_assert(sqlite3_get_autocommit(store->db));
	ck_assert_int_eq(number_of("PRAGMA user_version"), NEXT);
	ROWS("SELECT a FROM two", "");
	ROWS("SELECT name FROM sqlite_schema WHERE name IN ('three', 'seen')", "");
	/* Mended, it goes on from there. */
	OK(migrate(good, 3));
	ROWS("SELECT a FROM two", "2\n");
	ck_assert_int_eq(number_of("SELECT total FROM seen"), 2);
}
END_TEST

START_TEST(views_that_fail_leave_nothing)
{
	FAILS(schema_migrate(store, good, 2, "CREATE VIEW", &err));
	ck_assert_int_eq(number_of("PRAGMA user_version"), NOW);
	ck_assert_int_gt(number_of("SELECT count(*) FROM sqlite_schema WHERE type = 'view'"), 5);
	ROWS("SELECT name FROM sqlite_schema WHERE name = 'two'", "");
}
END_TEST

/* What a database of version 1 holds is there in this version, also what nobody wrote but by hand. */
START_TEST(version_1_becomes_this_one)
{
	sqlite3 *old = NULL;

	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(sqlite3_open(path, &old), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(old, schema_migrations[0].sql, NULL, NULL, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(old,
				      "INSERT INTO llm_call (call_id, stage, provider, model, request_sha256, sample, "
				      "state, cost_nusd)"
				      " VALUES (7, 'draft', 'p', 'm', printf('%064d', 1), 3, 'done', 5);"
				      "INSERT INTO batch (batch_id, label, sha256, wanted, settings, created_at) "
				      "VALUES (1, 'one', printf('%064d', 1), 1, '{}', 1);"
				      "INSERT INTO persona VALUES (1, 1, 1, 'id', 1);"
				      "INSERT INTO revision (persona_id, number, stage, call_id, name, created_at)"
				      " VALUES (1, 1, 'draft', 7, 'N', 1);"
				      "INSERT INTO price VALUES ('p', 'm', '2026-01-01', 2, 10);"
				      "INSERT INTO run VALUES (4, 'persona-draft', '[]', 1, 'h', 'v', 1, 2, 0, NULL);"
				      "CREATE VIEW mine AS SELECT call_id FROM llm_call;"
				      "PRAGMA application_id = 1347571283; PRAGMA user_version = 1",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	ck_assert_int_eq(sqlite3_close(old), SQLITE_OK);
	persona_store_close(store);
	store = open_as(PERSONA_STORE_WRITE);
	ck_assert_int_eq(number_of("PRAGMA user_version"), STORE_SCHEMA_VERSION);
	ROWS("SELECT call_id, draw, sample, cost_nusd, lost_nusd FROM llm_call", "7||3|5|0\n");
	ROWS("SELECT call_id FROM revision", "7\n");
	ROWS("SELECT * FROM mine", "7\n");
	ROWS("SELECT run_id, tool, exit_code, chain_id FROM run", "4|persona-draft|0|~\n");
	ROWS("SELECT * FROM price", "p|m|2026-01-01|2000000|10000000|~|~\n");
	ROWS("PRAGMA foreign_key_check", "");
	ROWS("PRAGMA integrity_check", "ok\n");
}
END_TEST

static void run_as(struct persona_store *own, void *tool)
{
	struct persona_run_info info = { .tool = tool, .arguments = "[]" };

	if (persona_store_run_start(own, &info, NULL) < 0)
		_exit(1);
}

START_TEST(a_living_run_is_named)
{
	char name[] = "persona-refine", pid[32];
	struct child child;

	/* One that is dead, one that has ended and one that lives. */
	child = child_start(run_as, name);
	child_kill(child);
	start_run(store, "persona-draft");
	OK(persona_store_run_finish(store, 0, "{}", &err));
	child = child_start(run_as, name);
	snprintf(pid, sizeof pid, "process %d)", (int)child.pid);
	FAILS(migrate(good, 3));
	ck_assert_msg(strstr(err.text, pid) != NULL, "%s", err.text);
	SAYS(PERSONA_E_BUSY, "cannot upgrade while persona-refine");
	ck_assert_int_eq(number_of("PRAGMA user_version"), NOW);
	ROWS("SELECT name FROM sqlite_schema WHERE name = 'two'", "");
	child_kill(child);
	OK(migrate(good, 3));
}
END_TEST

/* Wait for all children; every one has to have left with 0. */
static void assert_all_well(int children)
{
	int status;

	for (int i = 0; i < children; i++) {
		ck_assert_int_gt(wait(&status), 0);
		ck_assert(WIFEXITED(status));
		ck_assert_int_eq(WEXITSTATUS(status), 0);
	}
}

START_TEST(several_upgrade_at_once)
{
	int gate[2], opened[2];
	char bytes[4];

	ck_assert_int_eq(pipe(gate), 0);
	ck_assert_int_eq(pipe(opened), 0);
	for (int i = 0; i < 4; i++)
		if (fork() == 0) {
			struct persona_store *own;
			char byte;

			close(gate[1]);
			if (persona_store_open(&own, path, PERSONA_STORE_WRITE, NULL, NULL) < 0)
				_exit(1);
			/* Until all have opened it. */
			if (write(opened[1], "x", 1) != 1 || read(gate[0], &byte, 1) != 0 ||
			    live_lock_writer(own, NULL) < 0)
				_exit(2);
			if (schema_migrate(own, good, 3, views, NULL) < 0)
				_exit(3);
			persona_store_close(own);
			_exit(0);
		}
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(read(opened[0], &bytes[i], 1), 1);
	close(gate[0]);
	close(gate[1]);
	assert_all_well(4);
	ROWS("SELECT a FROM two ORDER BY a", "1\n2\n");
}
END_TEST

START_TEST(several_create_at_once)
{
	for (int round = 0; round < 5; round++) {
		int gate[2];

		ck_assert_int_eq(pipe(gate), 0);
		for (int i = 0; i < 6; i++)
			if (fork() == 0) {
				struct persona_run_info info = { .tool = "persona-draft", .arguments = "[]" };
				struct persona_store *own;
				char byte;

				close(gate[1]);
				if (read(gate[0], &byte, 1) != 0)
					_exit(1);
				if (persona_store_open(&own, path, PERSONA_STORE_CREATE, NULL, NULL) < 0)
					_exit(2);
				if (persona_store_run_start(own, &info, NULL) < 0)
					_exit(3);
				persona_store_close(own);
				_exit(0);
			}
		close(gate[0]);
		close(gate[1]);
		assert_all_well(6);
		store = open_as(PERSONA_STORE_WRITE);
		ck_assert_int_eq(number_of("SELECT count(*) FROM run"), 6);
		ck_assert_int_eq(number_of("PRAGMA user_version"), NOW);
		persona_store_close(store);
		ck_assert_int_eq(unlink(path), 0);
		ck_assert_int_eq(unlink(beside("-live")), 0);
	}
}
END_TEST

/* ---- Statements ------------------------------------------------------ */

static const char *const names[] = {
#define SQL(name, text) #name,
#include "statements.def"
#undef SQL
};
static const char *const texts[] = {
#define SQL(name, text) text,
#include "statements.def"
#undef SQL
};

static void assert_parameters(int id)
{
	struct sql_arg args[SQL_PARAMETERS_MAX] = { { .type = SQL_ARG_NULL } };
	bool seen[SQL_PARAMETERS_MAX + 1] = { false };
	sqlite3_stmt *statement = NULL;
	int count;

	ck_assert_msg(sqlite3_prepare_v2(store->db, texts[id], -1, &statement, NULL) == SQLITE_OK, "%s: %s", names[id],
		      sqlite3_errmsg(store->db));
	count = sqlite3_bind_parameter_count(statement);
	ck_assert_msg(count <= SQL_PARAMETERS_MAX, "%s", names[id]);
	for (int i = 1; i <= count; i++) {
		const char *name = sqlite3_bind_parameter_name(statement, i);
		long number;

		ck_assert_msg(name && name[0] == '$', "%s: parameter %d has another name", names[id], i);
		number = strtol(name + 1, NULL, 10);
		ck_assert_msg(number >= 1 && number <= count && !seen[number], "%s: parameter %s of %d", names[id],
			      name, count);
		seen[number] = true;
	}
	sqlite3_finalize(statement);

	/* As the store starts it: so many, not one more or less. */
	OK(sql_start(store, (enum sql_id)id, args, (size_t)count, &statement, &err));
	sql_end(statement);
	if (count < SQL_PARAMETERS_MAX) {
		FAILS(sql_start(store, (enum sql_id)id, args, (size_t)count + 1, &statement, &err));
		SAYS(PERSONA_E_DB, "parameters");
		ck_assert_ptr_null(statement);
	}
}

START_TEST(every_statement_prepares_with_parameters_from_1_to_n)
{
	ck_assert_int_eq(sizeof names / sizeof *names, SQL_STATEMENTS);
	for (int id = 0; id < SQL_STATEMENTS; id++)
		assert_parameters(id);
}
END_TEST

/* A table for each row is most of what the row costs. */
START_TEST(rows_of_an_answer_make_no_tables)
{
	static const enum sql_id many[] = { SQL_TRAIT_ADD,   SQL_EVIDENCE_ADD, SQL_CRITERION_ADD,
					    SQL_CLAIM_ADD,   SQL_CALL_SEND,    SQL_CALL_END,
					    SQL_PERSONA_ADD, SQL_REVISION_ADD, SQL_EVALUATION_ADD };

	for (size_t i = 0; i < sizeof many / sizeof *many; i++) {
		char text[4096];
		sqlite3_stmt *statement = NULL;
		int steps = 0;

		snprintf(text, sizeof text, "EXPLAIN %s", texts[many[i]]);
		ck_assert_int_eq(sqlite3_prepare_v2(store->db, text, -1, &statement, NULL), SQLITE_OK);
		for (; sqlite3_step(statement) == SQLITE_ROW; steps++)
			ck_assert_msg(strcmp((const char *)sqlite3_column_text(statement, 1), "OpenEphemeral") != 0,
				      "%s", text);
		ck_assert_int_gt(steps, 5);
		sqlite3_finalize(statement);
	}
}
END_TEST

START_TEST(arguments_go_where_their_number_says)
{
	/* RUN_FINISH names them in another order than that in which they are given. */
	int64_t id;

	make_keys();
	OK(sql_insert(
		store, SQL_RUN_ADD,
		ARGS(ARG("tool"), ARG("[]"), ARG(7), ARG("host"), ARG("version"), ARG((int64_t)1000), sql_arg_id(0)),
		&id, &err));
	OK(sql_run(store, SQL_RUN_FINISH, ARGS(ARG(id), ARG(2000), ARG(3), ARG((const char *)NULL)), &err));
	ROWS("SELECT run_id, tool, arguments, pid, host, version, started_at, finished_at, exit_code, counts FROM run",
	     "1|tool|[]|7|host|version|1000|2000|3|~\n");
}
END_TEST

START_TEST(a_row_that_has_to_be_there_is_missed)
{
	int64_t id;

	FAILS(sql_row_id(store, SQL_CALL_ID, ARGS(ARG("a"), ARG("b"), ARG(0)), &id, &err));
	SAYS(PERSONA_E_DB, "a row that has to be there has no id");
}
END_TEST

START_TEST(rows_that_nobody_wants_are_run_through)
{
	begin();
	OK(sql_run(store, SQL_USER_VERSION, NULL, 0, &err));
	OK(sql_run(
		store, SQL_KEY_USE,
		ARGS(ARG("score"), ARG("0000000000000000000000000000000000000000000000000000000000000001"), ARG("{}")),
		&err));
	commit();
	ck_assert_int_eq(number_of("SELECT count(*) FROM stage_key"), 1);
}
END_TEST

START_TEST(a_value_that_does_not_fit_is_an_error_and_leaves_nothing_open)
{
	char sha256[PERSONA_HASH_HEX];
	char *text = calloc(1, 2001);
	int64_t number = 7;

	memset(text, 'x', 2000);
	sqlite3_limit(store->db, SQLITE_LIMIT_LENGTH, 1000);
	begin();
	FAILS(persona_store_blob_put(store, text, 2000, sha256, &err));
	SAYS(PERSONA_E_DB, "too big");
	OK(persona_store_blob_put(store, "short", 5, sha256, &err));
	commit();
	free(text);
	/* Nothing there, or NULL: 0. */
	NO(sql_integer(store, SQL_KEY_LAST, ARGS(ARG("score")), &number, &err));
	ck_assert_int_eq(number, 0);
	number = 7;
	NO(sql_integer(store, SQL_JUDGED, ARGS(ARG(1)), &number, &err));
	ck_assert_int_eq(number, 0);
	for (sqlite3_stmt *each = sqlite3_next_stmt(store->db, NULL); each; each = sqlite3_next_stmt(store->db, each))
		ck_assert_msg(!sqlite3_stmt_busy(each), "%s", sqlite3_sql(each));
}
END_TEST

START_TEST(what_sqlite_says_becomes_a_kind)
{
	static const struct {
		int code;
		enum persona_error_code kind;
		const char *part;
	} cases[] = {
		{ SQLITE_NOMEM, PERSONA_E_NOMEM, "out of memory" },
		{ SQLITE_IOERR_NOMEM, PERSONA_E_DB, "here: " },
		{ SQLITE_BUSY, PERSONA_E_BUSY, "another program holds" },
		{ SQLITE_BUSY_SNAPSHOT, PERSONA_E_BUSY, "another program holds" },
		{ SQLITE_LOCKED, PERSONA_E_BUSY, "another program holds" },
		{ SQLITE_FULL, PERSONA_E_FULL, "free some space" },
		{ SQLITE_CORRUPT, PERSONA_E_DB, "malformed" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert_int_eq(sql_fail(NULL, cases[i].code, "here", &err), -1);
		SAYS(cases[i].kind, cases[i].part);
	}
	FAILS(sql_exec(store->db, "SELECT missing", &err));
	SAYS(PERSONA_E_DB, "no such column");
}
END_TEST

START_TEST(somebody_else_holding_the_database_is_busy)
{
	struct persona_store *other = open_as(PERSONA_STORE_WRITE);

	/* A program that knows nothing of our turns. */
	ck_assert_int_eq(sqlite3_exec(other->db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_busy_timeout(store->db, 10);
	FAILS(persona_store_begin(store, &err));
	SAYS(PERSONA_E_BUSY, "another program holds the database");
	ck_assert_int_eq(sqlite3_exec(other->db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	/* Our turn was passed on. */
	OK(persona_store_begin(other, &err));
	persona_store_rollback(other);
	begin();
	commit();
	persona_store_close(other);
}
END_TEST

int main(void)
{
	TCase *steps, *statements, *create;
	Suite *suite = suite_of("schema", &steps);

	tcase_add_checked_fixture(steps, setup, teardown);
	tcase_add_test(steps, steps_are_taken_once_and_in_order);
	tcase_add_test(steps, a_step_that_fails_leaves_nothing);
	tcase_add_test(steps, views_that_fail_leave_nothing);
	tcase_add_test(steps, a_living_run_is_named);
	tcase_add_test(steps, several_upgrade_at_once);
	tcase_add_test(steps, version_1_becomes_this_one);

	create = tcase_create("create");
	tcase_set_timeout(create, 60);
	tcase_add_checked_fixture(create, make_folder, remove_folder);
	tcase_add_test(create, several_create_at_once);
	suite_add_tcase(suite, create);

	statements = tcase_create("statements");
	tcase_add_checked_fixture(statements, setup, teardown);
	tcase_add_test(statements, every_statement_prepares_with_parameters_from_1_to_n);
	tcase_add_test(statements, rows_of_an_answer_make_no_tables);
	tcase_add_test(statements, arguments_go_where_their_number_says);
	tcase_add_test(statements, a_row_that_has_to_be_there_is_missed);
	tcase_add_test(statements, rows_that_nobody_wants_are_run_through);
	tcase_add_test(statements, a_value_that_does_not_fit_is_an_error_and_leaves_nothing_open);
	tcase_add_test(statements, what_sqlite_says_becomes_a_kind);
	tcase_add_test(statements, somebody_else_holding_the_database_is_busy);
	suite_add_tcase(suite, statements);
	return run_suite(suite);
}
