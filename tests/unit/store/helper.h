/*
 * A store of its own for every test, and short ways to look into it.
 */
#ifndef PERSONA_TEST_STORE_HELPER_H
#define PERSONA_TEST_STORE_HELPER_H

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "folder.h"
#include "internal.h"
#include "suite.h"

static char folder[TEMPORARY_MAX], path[128];
static struct persona_store *store;
static struct persona_error err;
static int64_t now = 1000;

#define OK(call)    ck_assert_msg((call) == 0, "%s: %s", #call, err.text)
#define YES(call)   ck_assert_msg((call) == 1, "%s: %s", #call, err.text)
#define NO(call)    ck_assert_msg((call) == 0, "%s: %s", #call, err.text)
#define FAILS(call) ck_assert_msg((call) == -1, "%s did not fail", #call)

/* err is of that kind and says so. */
#define SAYS(kind, part)                                                                                               \
	do {                                                                                                           \
		ck_assert_int_eq(err.code, kind);                                                                      \
		ck_assert_msg(strstr(err.text, part) != NULL, "'%s' does not say '%s'", err.text, part);               \
		err = (struct persona_error){ 0 };                                                                     \
	} while (0)

static inline int64_t test_seconds(void *payload)
{
	(void)payload;
	return now;
}

static inline int64_t test_ms(void *payload)
{
	(void)payload;
	return now * 1000;
}

static const struct persona_clock test_clock = { .unix_seconds = test_seconds,
						 .unix_ms = test_ms,
						 .monotonic_ms = test_ms };

static inline struct persona_store *open_as(enum persona_store_mode mode)
{
	struct persona_store *opened = NULL;

	OK(persona_store_open(&opened, path, mode, &test_clock, &err));
	return opened;
}

/* The name of a file beside the database, such as "-live". Static, until the next call. */
static inline const char *beside(const char *suffix)
{
	static char name[192];

	snprintf(name, sizeof name, "%s%s", path, suffix);
	return name;
}

static inline void make_folder(void)
{
	temporary_name(folder, "store");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/t.db", folder);
}

static inline void remove_folder(void)
{
	pid_t child = fork();

	if (child == 0) {
		execlp("rm", "rm", "-rf", "--", folder, (char *)NULL);
		_exit(127);
	}
	waitpid(child, NULL, 0);
}

/* Fixture: a new database, open for writing. */
static inline void setup(void)
{
	err = (struct persona_error){ 0 };
	now = 1000;
	make_folder();
	store = open_as(PERSONA_STORE_CREATE);
}

static inline void teardown(void)
{
	persona_store_close(store);
	store = NULL;
	remove_folder();
}

/* ---- Plain SQL ------------------------------------------------------- */

static inline void sql(const char *text)
{
	char *message = NULL;
	int code = sqlite3_exec(store->db, text, NULL, NULL, &message);

	ck_assert_msg(code == SQLITE_OK, "%s: %s", text, message ? message : "");
}

/* SQL that SQLite does not take: an error of that primary code. */
static inline void sql_refused(const char *text, int primary)
{
	int code = sqlite3_exec(store->db, text, NULL, NULL, NULL);

	ck_assert_msg((code & 0xFF) == primary, "%s: gave %d, not %d", text, code & 0xFF, primary);
}

static inline int64_t number_of(const char *text)
{
	sqlite3_stmt *statement = NULL;
	int64_t number;

	ck_assert_msg(sqlite3_prepare_v2(store->db, text, -1, &statement, NULL) == SQLITE_OK, "%s: %s", text,
		      sqlite3_errmsg(store->db));
	ck_assert_msg(sqlite3_step(statement) == SQLITE_ROW, "%s: no row", text);
	number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return number;
}

/* All cells of all rows: '|' between cells, newline after a row, "~" for NULL. Static, until the next call. */
static inline const char *rows_of(const char *text)
{
	static char out[65536];
	size_t len = 0;
	sqlite3_stmt *statement = NULL;
	int code;

	ck_assert_msg(sqlite3_prepare_v2(store->db, text, -1, &statement, NULL) == SQLITE_OK, "%s: %s", text,
		      sqlite3_errmsg(store->db));
	out[0] = '\0';
	while ((code = sqlite3_step(statement)) == SQLITE_ROW)
		for (int i = 0; i < sqlite3_column_count(statement); i++) {
			const char *cell = (const char *)sqlite3_column_text(statement, i);
			char end = i + 1 == sqlite3_column_count(statement) ? '\n' : '|';

			len += (size_t)snprintf(out + len, sizeof out - len, "%s%c", cell ? cell : "~", end);
			ck_assert_uint_lt(len, sizeof out);
		}
	ck_assert_int_eq(code, SQLITE_DONE);
	sqlite3_finalize(statement);
	return out;
}

#define ROWS(text, expected) ck_assert_str_eq(rows_of(text), expected)

/* ---- Rows that many tests need --------------------------------------- */

static inline void begin(void)
{
	OK(persona_store_begin(store, &err));
}

static inline void commit(void)
{
	OK(persona_store_commit(store, &err));
}

#define HASH(digit) "hex(zeroblob(31)) || '" digit "'"

/* Batch 1 without a source, keys 1 draft, 2 score, 3 filter, 4 refine, used in that order. */
static inline void make_keys(void)
{
	sql("INSERT INTO batch (batch_id, label, sha256, wanted, settings, created_at) VALUES (1, 'one', " HASH(
		"01") ", 0, '{}', 1);"
		      "INSERT INTO stage_key VALUES (1, 'draft', " HASH("01") ", '{}', 1), (2, 'score', " HASH(
			      "02") ", '{}', 2),"
				    " (3, 'filter', " HASH("03") ", '{}', 3), (4, 'refine', " HASH(
					    "04") ", '{\"max_rounds\":2}', 4)");
}

/* Personas 1..n of batch 1, each with revision n.1, whose revision_id is the persona's. */
static inline void make_personas(int n)
{
	char text[512];

	snprintf(text, sizeof text,
		 "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < %d)"
		 " INSERT INTO persona SELECT i, 1, i, NULL, 1 FROM c;"
		 "INSERT INTO revision (revision_id, persona_id, number, stage, key_id, name, created_at)"
		 " SELECT persona_id, persona_id, 1, 'draft', 1, 'Name ' || persona_id, 1 FROM persona;"
		 "UPDATE batch SET wanted = %d WHERE batch_id = 1",
		 n, n);
	sql(text);
}

static inline void start_run(struct persona_store *in, const char *tool)
{
	struct persona_run_info info = { .tool = tool, .arguments = "[]" };

	OK(persona_store_run_start(in, &info, &err));
}

/* A child process that calls body(payload) with a store of its own, then waits to be killed. */
struct child {
	pid_t pid;
	int ready; /* pipe */
};

static inline struct child child_start(void (*body)(struct persona_store *, void *), void *payload)
{
	struct child child;
	int ends[2];
	char byte;

	ck_assert_int_eq(pipe(ends), 0);
	child.pid = fork();
	ck_assert_int_ge(child.pid, 0);
	if (child.pid == 0) {
		struct persona_store *own = NULL;

		close(ends[0]);
		if (persona_store_open(&own, path, PERSONA_STORE_WRITE, NULL, NULL) < 0)
			_exit(1);
		body(own, payload);
		if (write(ends[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ends[1]);
	child.ready = ends[0];
	ck_assert_int_eq(read(child.ready, &byte, 1), 1);
	return child;
}

static inline void child_kill(struct child child)
{
	kill(child.pid, SIGKILL);
	waitpid(child.pid, NULL, 0);
	close(child.ready);
}

#endif
