/*
 * store/internal.h - the handle and how statements are run. sqlite3.h is
 * included nowhere but here.
 */
#ifndef PERSONA_STORE_INTERNAL_H
#define PERSONA_STORE_INTERNAL_H

#include <sqlite3.h>

#include "persona/store.h"

#define STORE_APPLICATION_ID  0x50524E53 /* "PRNS" */
#define STORE_SCHEMA_VERSION  8
#define STORE_BUSY_TIMEOUT_MS 60000
#define STORE_VALUE_MAX	      (256 * 1024 * 1024) /* bytes in one value or row */

/* Every statement of the program, by name; see statements.def. */
enum sql_id {
#define SQL(name, text) SQL_##name,
#include "statements.def"
#undef SQL
	SQL_STATEMENTS
};

#define SQL_PARAMETERS_MAX 16

/* Prepared at first use, owned by the handle. */
struct sql_statement {
	sqlite3_stmt *handle;
	int parameters[SQL_PARAMETERS_MAX]; /* SQLite's number of $1, $2 … */
};

struct persona_store {
	sqlite3 *db;
	struct sql_statement statements[SQL_STATEMENTS];
	char *path;
	char *live_path;
	enum persona_store_mode mode;
	const struct persona_clock *clock;
	int live_fd; /* DATABASE-live; -1: there is none */
	int64_t run_id;
	int64_t chain_id; /* whose bound the run is under; 0: none */
	bool in_write, in_read;
	bool rehearsing;	 /* in one write transaction until the end, which is rolled back */
	int64_t longest_wait_ms; /* for the turn to write */
	int64_t buried_nusd;	 /* booked for killed runs in the open transaction; said once it is kept */
};

/* ---- Statements ------------------------------------------------------ */

struct sql_arg {
	enum { SQL_ARG_NULL, SQL_ARG_INTEGER, SQL_ARG_REAL, SQL_ARG_TEXT } type;
	int64_t integer;
	double real;
	const char *text;
};

static inline struct sql_arg sql_arg_integer(int64_t value)
{
	return (struct sql_arg){ .type = SQL_ARG_INTEGER, .integer = value };
}

static inline struct sql_arg sql_arg_real(double value)
{
	return (struct sql_arg){ .type = SQL_ARG_REAL, .real = value };
}

/* A NULL pointer is an SQL NULL. */
static inline struct sql_arg sql_arg_text(const char *value)
{
	return (struct sql_arg){ .type = value ? SQL_ARG_TEXT : SQL_ARG_NULL, .text = value };
}

/* 0 is an SQL NULL: for ids that may be absent. */
static inline struct sql_arg sql_arg_id(int64_t id)
{
	return (struct sql_arg){ .type = id ? SQL_ARG_INTEGER : SQL_ARG_NULL, .integer = id };
}

/* Below 0 is an SQL NULL: for numbers that nobody said. */
static inline struct sql_arg sql_arg_known(int64_t value)
{
	return (struct sql_arg){ .type = value < 0 ? SQL_ARG_NULL : SQL_ARG_INTEGER, .integer = value };
}

/* clang-format off */
#define ARG(value) _Generic((value), \
	bool: sql_arg_integer, int: sql_arg_integer, unsigned: sql_arg_integer, \
	long: sql_arg_integer, long long: sql_arg_integer, unsigned long: sql_arg_integer, \
	double: sql_arg_real, char *: sql_arg_text, const char *: sql_arg_text)(value)
#define ARGS(...) (const struct sql_arg[]){ __VA_ARGS__ }, \
	sizeof((const struct sql_arg[]){ __VA_ARGS__ }) / sizeof(struct sql_arg)
/* clang-format on */

/*
 * Start a statement: prepared if need be, reset, all arguments bound and checked. *out is
 * borrowed; end it with sql_end(), whatever sql_step() says.
 */
int sql_start(struct persona_store *store, enum sql_id id, const struct sql_arg *args, size_t len, sqlite3_stmt **out,
	      struct persona_error *err) PERSONA_MUST_CHECK;

/* The next row: 1 there is one, 0 no more, -1 error. */
int sql_step(struct persona_store *store, sqlite3_stmt *statement, struct persona_error *err) PERSONA_MUST_CHECK;

/* Reset, so that no read stays open. */
void sql_end(sqlite3_stmt *statement);

/* Run to the end, rows are ignored. */
int sql_run(struct persona_store *store, enum sql_id id, const struct sql_arg *args, size_t len,
	    struct persona_error *err) PERSONA_MUST_CHECK;

/* First column of the first row: 1 found, 0 no row or NULL (then *out is 0), -1 error. */
int sql_integer(struct persona_store *store, enum sql_id id, const struct sql_arg *args, size_t len, int64_t *out,
		struct persona_error *err) PERSONA_MUST_CHECK;

/* The same where the row has to be there: an INSERT … RETURNING id, a row that was just found. 0 or -1. */
int sql_row_id(struct persona_store *store, enum sql_id id, const struct sql_arg *args, size_t len, int64_t *out,
	       struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * An INSERT of one row: *out is its rowid; 0 where ON CONFLICT kept it from being added. Without RETURNING, for which
 * SQLite makes a table of its own each time: three times the work of the row.
 */
int sql_insert(struct persona_store *store, enum sql_id id, const struct sql_arg *args, size_t len, int64_t *out,
	       struct persona_error *err) PERSONA_MUST_CHECK;

/* Rows changed by the last statement. */
int sql_changes(struct persona_store *store);

/* Column as a text: borrowed until the next step, NULL for NULL. */
const char *sql_column_text(sqlite3_stmt *statement, int column);

/* The same, told apart from a text for which there was no memory: then -1. */
int sql_read_text(const char **out, sqlite3_stmt *statement, int column, struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * A text as it may be shown: what somebody wrote into the database by other means may be no text. *text stays where it
 * is clean or NULL, else it is in the room from then on.
 */
int sql_clean_text(struct persona_buf *room, const char **text, struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * Column as a value of this type (array or object) with clean texts; NULL for NULL. On failure *out may hold something
 * to be released.
 */
int sql_read_json(json_t **out, sqlite3_stmt *statement, int column, json_type type,
		  struct persona_error *err) PERSONA_MUST_CHECK;

/* Copy of a text column, clean; NULL for NULL. -1: out of memory. */
int sql_copy_text(char **out, sqlite3_stmt *statement, int column, struct persona_error *err) PERSONA_MUST_CHECK;

/* Statements that are not in the table: schema and pragmas. */
int sql_exec(sqlite3 *db, const char *text, struct persona_error *err) PERSONA_MUST_CHECK;

/* One integer from a pragma or query that is not in the table. */
int sql_pragma(sqlite3 *db, const char *text, int64_t *out, struct persona_error *err) PERSONA_MUST_CHECK;

/* err from what SQLite last said about db. */
int sql_fail(sqlite3 *db, int code, const char *what, struct persona_error *err);

/* Now, by the store's clock. */
int64_t store_now(const struct persona_store *store);

/* ---- Money ----------------------------------------------------------- */

/* Reserve in the ledger and in that of this handle's chain: 1, or 0 where one of them does not carry it. Writes. */
int money_reserve(struct persona_store *store, int64_t nusd, struct persona_error *err) PERSONA_MUST_CHECK;

/* Turn what a run, alive or dead, had reserved into what was spent, in the ledger and in that of its chain. Writes. */
int money_settle(struct persona_store *store, int64_t run_id, int64_t reserved_nusd, int64_t spent_nusd,
		 struct persona_error *err) PERSONA_MUST_CHECK;

/* What a run, alive or dead, had spent was less by so much. Writes. */
int money_return(struct persona_store *store, int64_t run_id, int64_t nusd,
		 struct persona_error *err) PERSONA_MUST_CHECK;

/* ---- Live file ------------------------------------------------------- */

/* Open DATABASE-live beside the database; made when missing, unless the store is only read: then nobody lives. */
int live_open(struct persona_store *store, struct persona_error *err) PERSONA_MUST_CHECK;

/* Wait for the writers' turn, and pass it on. Moves on to the file that is there now if it was replaced. */
int live_lock_writer(struct persona_store *store, struct persona_error *err) PERSONA_MUST_CHECK;
void live_unlock_writer(struct persona_store *store);

/* Lock this run's own byte, for as long as the handle lives. */
int live_lock_run(struct persona_store *store, int64_t run_id, struct persona_error *err) PERSONA_MUST_CHECK;

/* Give the byte back: there will be no such run. */
void live_unlock_run(struct persona_store *store, int64_t run_id);

/* Does a living process hold that run's byte? 1, 0, -1 error. */
int live_is_alive(struct persona_store *store, int64_t run_id, struct persona_error *err) PERSONA_MUST_CHECK;

/* ---- Schema ---------------------------------------------------------- */

/* A step from version - 1 to version. */
struct migration {
	int version;
	const char *sql;
};

/*
 * Bring a database to the last version of the list, each step in a transaction of its own, views made anew
 * with the last one. The caller holds the writers' turn. Refuses while other runs live, and says which.
 */
int schema_migrate(struct persona_store *store, const struct migration *steps, size_t len, const char *views,
		   struct persona_error *err) PERSONA_MUST_CHECK;

/* For what wants to be alone on the database: refuse, and name the first run that lives. */
int refuse_while_others_run(struct persona_store *store, const char *what,
			    struct persona_error *err) PERSONA_MUST_CHECK;

/* The list of this version of the program. */
extern const struct migration schema_migrations[];
extern const size_t schema_migrations_len;
const char *schema_views(void);

#endif
