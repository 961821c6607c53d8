/*
 * What the tests of stages share: a store of its own for every test, personas made by hand, a model that answers from
 * a script, and a second connection to look at the rows as any other program would.
 */
#ifndef PERSONA_TEST_STAGE_FAKES_H
#define PERSONA_TEST_STAGE_FAKES_H

#include <check.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "folder.h"
#include "internal.h"

#define OK(call) ck_assert_msg((call) >= 0, "%s: %s", #call, err.text)

static char folder[TEMPORARY_MAX], path[128];
static struct persona_store *store;
static struct persona_error err;
static sqlite3 *look; /* the second connection */

/* ---- Messages -------------------------------------------------------- */

static char said[8192];

static inline void remember(void *payload, enum persona_log_level level, const char *message)
{
	size_t used = strlen(said);

	(void)payload;
	(void)level;
	snprintf(said + used, sizeof said - used, "%s\n", message);
}

/* ---- A clock that can be set, and counts who asks --------------------- */

static atomic_llong clock_asked, clock_day = 1000, clock_stands_at; /* ms; 0: it goes */

static inline int64_t fake_seconds(void *payload)
{
	(void)payload;
	return atomic_load(&clock_day);
}

static inline int64_t fake_ms(void *payload)
{
	struct timespec now;

	(void)payload;
	atomic_fetch_add(&clock_asked, 1);
	if (atomic_load(&clock_stands_at))
		return atomic_load(&clock_stands_at);
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static const struct persona_clock fake_clock = { .unix_seconds = fake_seconds,
						 .unix_ms = fake_ms,
						 .monotonic_ms = fake_ms };

/* ---- A store --------------------------------------------------------- */

/* With a run that is part of a chain; NULL: of none. */
static inline struct persona_store *open_store_of(const char *chain, int64_t budget_nusd)
{
	const struct persona_run_info info = {
		.tool = "test", .arguments = "[]", .chain = chain, .chain_budget_nusd = budget_nusd
	};
	struct persona_store *opened;

	OK(persona_store_open(&opened, path, PERSONA_STORE_CREATE, &fake_clock, &err));
	OK(persona_store_run_start(opened, &info, &err));
	return opened;
}

static inline struct persona_store *open_store(void)
{
	return open_store_of(NULL, 0);
}

/* The first column of the first row, by the second connection. */
static inline int64_t number(const char *sql)
{
	sqlite3_stmt *statement = NULL;
	int64_t found = -1;

	ck_assert_msg(sqlite3_prepare_v2(look, sql, -1, &statement, NULL) == SQLITE_OK, "%s: %s", sql,
		      sqlite3_errmsg(look));
	if (sqlite3_step(statement) == SQLITE_ROW)
		found = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return found;
}

/* All rows as one text: columns by |, rows by newline. The caller frees. */
static inline char *rows(const char *sql)
{
	struct persona_buf text;
	sqlite3_stmt *statement = NULL;

	persona_buf_init(&text, 16 * 1024 * 1024);
	ck_assert_msg(sqlite3_prepare_v2(look, sql, -1, &statement, NULL) == SQLITE_OK, "%s: %s", sql,
		      sqlite3_errmsg(look));
	while (sqlite3_step(statement) == SQLITE_ROW) {
		for (int i = 0; i < sqlite3_column_count(statement); i++) {
			const char *value = (const char *)sqlite3_column_text(statement, i);

			OK(persona_buf_addf(&text, &err, "%s%s", i ? "|" : "", value ? value : "null"));
		}
		OK(persona_buf_addc(&text, '\n', &err));
	}
	sqlite3_finalize(statement);
	OK(persona_buf_adds(&text, "", &err));
	return text.data ? persona_buf_take(&text) : strdup("");
}

static inline void assert_rows(const char *sql, const char *expected)
{
	char *found = rows(sql);

	ck_assert_msg(strcmp(found, expected) == 0, "%s gave\n%snot\n%s", sql, found, expected);
	free(found);
}

/* How many rows every table has, but run: "batch 1, claim 0, …". The caller frees. */
static inline char *picture(void)
{
	char *names =
		rows("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name <> 'run'"
		     " ORDER BY name");
	struct persona_buf text;
	char *rest = names, *name;

	persona_buf_init(&text, 65536);
	while ((name = strsep(&rest, "\n")) && *name) {
		char sql[128];

		snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", name);
		OK(persona_buf_addf(&text, &err, "%s %lld, ", name, (long long)number(sql)));
	}
	free(names);
	return persona_buf_take(&text);
}

static inline void write_sql(const char *sql)
{
	char *message = NULL;

	ck_assert_msg(sqlite3_exec(look, sql, NULL, NULL, &message) == SQLITE_OK, "%s: %s", sql, message);
}

/* ---- Running a stage ------------------------------------------------- */

#define PASSED_MAX 8192

static struct persona_options options;
static struct persona_context context;
static struct persona_ref refs[PASSED_MAX], passed[PASSED_MAX];
static size_t passed_len;
static enum persona_end end;

static inline void take_passed(void *payload, struct persona_ref ref)
{
	(void)payload;
	ck_assert_uint_lt(passed_len, PASSED_MAX);
	passed[passed_len++] = ref;
}

/* Options as they are before a test says otherwise. */
static inline void fresh_options(void)
{
	options = (struct persona_options){ .input_fd = -1, .output_fd = -1, .passed = take_passed, .refs = refs };
}

/* Run with the options as they stand; what was passed and counted before is forgotten. */
static inline int run_stage(const struct persona_stage *stage, const void *settings, struct persona_model *model)
{
	context = (struct persona_context){
		.store = store, .clock = &fake_clock, .model = model, .settings = settings, .options = &options
	};
	passed_len = 0;
	err = (struct persona_error){ 0 };
	return persona_stage_run(stage, &context, &end, &err);
}

static inline int64_t count_of(enum persona_count count)
{
	return context.counts[count];
}

static inline int compare_refs(const void *a, const void *b)
{
	const struct persona_ref *left = a, *right = b;

	if (left->persona_id != right->persona_id)
		return left->persona_id < right->persona_id ? -1 : 1;
	return (left->number > right->number) - (left->number < right->number);
}

/* What was passed, in any order: "1.1 2.1". */
static inline void assert_passed(const char *expected)
{
	char text[PASSED_MAX] = "";
	size_t used = 0;

	qsort(passed, passed_len, sizeof *passed, compare_refs);
	for (size_t i = 0; i < passed_len && used < sizeof text; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "%s%lld.%lld", i ? " " : "",
					 (long long)passed[i].persona_id, (long long)passed[i].number);
	ck_assert_str_eq(text, expected);
}

/* Give references: "1.1 2 3.2"; number 0 is the newest. */
static inline void give(const char *text)
{
	char *copy = strdup(text), *rest = copy, *word;

	options.refs_len = 0;
	while ((word = strsep(&rest, " ")))
		if (*word)
			OK(persona_ref_parse(&refs[options.refs_len++], word, &err));
	free(copy);
}

/* ---- Personas -------------------------------------------------------- */

/* A persona from JSON; single quotes are read as double ones. */
static inline void make_persona(struct persona *out, const char *text)
{
	char *copy = strdup(text);
	json_error_t why;
	json_t *value;

	for (char *at = copy; *at; at++)
		if (*at == '\'')
			*at = '"';
	value = json_loads(copy, 0, &why);
	ck_assert_msg(value != NULL, "%s: %s", copy, why.text);
	OK(persona_from_json(out, value, NULL, &err));
	json_decref(value);
	free(copy);
}

/* A batch of n personas, each with one revision: those of the first batch are 1.1 … n.1. Its id. */
static inline int64_t seed(int64_t n, const char *label)
{
	struct persona_batch batch = { .label = (char *)(uintptr_t)label, .settings = (char *)(uintptr_t) "{}" };

	OK(persona_hash_bytes(batch.sha256, label, strlen(label), &err));
	OK(persona_store_begin(store, &err));
	OK(persona_store_batch_add(store, &batch, NULL, 0, &err));
	OK(persona_store_batch_extend(store, batch.batch_id, n, 10, &err));
	for (int64_t slot = 1; slot <= n; slot++) {
		struct persona_revision_origin origin = { .stage = "draft" };
		struct persona_place place;
		struct persona persona;
		char text[128];

		OK(persona_store_slot(store, batch.batch_id, slot, &place, &err));
		origin.persona_id = place.persona_id;
		snprintf(text, sizeof text, "{'name': 'Ada %lld', 'goals': ['to be the %lldth of them']}",
			 (long long)slot, (long long)slot);
		make_persona(&persona, text);
		OK(persona_store_revision_add(store, &origin, &persona, &place, &err));
		persona_release(&persona);
	}
	OK(persona_store_commit(store, &err));
	return batch.batch_id;
}

/* Another revision of a persona, as a refinement of its newest. */
static inline void seed_child(int64_t persona_id, const char *text)
{
	struct persona_revision_origin origin = { .stage = "refine", .persona_id = persona_id };
	struct persona_place place;
	struct persona persona;

	OK(persona_store_begin(store, &err));
	OK(persona_store_resolve(store, (struct persona_ref){ .persona_id = persona_id }, &place, &err));
	origin.parent_id = place.revision_id;
	make_persona(&persona, text);
	OK(persona_store_revision_add(store, &origin, &persona, &place, &err));
	persona_release(&persona);
	OK(persona_store_commit(store, &err));
}

/* ---- A model that answers from a script ------------------------------ */

#define SCRIPT_MAX 64

struct script {
	const char *answers[SCRIPT_MAX]; /* personas as JSON, separated by newlines; NULL: fails; "": nothing */
	size_t len;
	atomic_size_t asked;
	const char *note;
	enum persona_error_code code; /* of a failure; 0: PERSONA_E_FORMAT */
	size_t first_slots[SCRIPT_MAX], counts[SCRIPT_MAX], reasons[SCRIPT_MAX];
};

static inline int script_answer(void *payload, const struct persona_task *task, struct persona_answer *answer,
				struct persona_error *why)
{
	struct script *script = payload;
	size_t turn = atomic_fetch_add(&script->asked, 1);
	const char *text = turn < script->len ? script->answers[turn] : NULL;
	char *copy, *rest, *line;
	struct persona *persona;

	if (turn < SCRIPT_MAX) {
		script->first_slots[turn] = task->first_slot;
		script->counts[turn] = task->count;
		script->reasons[turn] = task->reasons_len;
	}
	if (!text)
		return persona_error_set(why, script->code ? script->code : PERSONA_E_FORMAT, "answer %zu is no use",
					 turn);
	if (script->note)
		answer->note = strdup(script->note);
	copy = rest = strdup(text);
	while ((line = strsep(&rest, "\n")))
		if (*line) {
			struct persona made;

			make_persona(&made, line);
			OK(persona_answer_add(answer, &persona, why));
			*persona = made;
		}
	free(copy);
	return 0;
}

/* ---- Fixture --------------------------------------------------------- */

static inline void setup(void)
{
	signal(SIGPIPE, SIG_IGN);
	temporary_name(folder, "stage");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/t.db", folder);
	said[0] = '\0';
	/* Tests may share a process. */
	atomic_store(&clock_day, 1000);
	atomic_store(&clock_stands_at, 0);
	persona_log_set_sink(remember, NULL);
	fresh_options();
	store = open_store();
	ck_assert_int_eq(sqlite3_open_v2(path, &look, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	sqlite3_busy_timeout(look, 5000);
}

static inline void teardown(void)
{
	pid_t child;

	sqlite3_close(look);
	persona_store_close(store);
	child = fork();
	if (child == 0) {
		execlp("rm", "rm", "-rf", "--", folder, (char *)NULL);
		_exit(127);
	}
	waitpid(child, NULL, 0);
}

/* A file of the test's own. Static, until the next call. */
static inline const char *file_with(const char *name, const char *content)
{
	static char where[192];
	size_t len = strlen(content);
	int fd;

	snprintf(where, sizeof where, "%s/%s", folder, name);
	fd = open(where, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, content, len), (ssize_t)len);
	close(fd);
	return where;
}

static inline int run_suite(const char *name, TCase *const *cases, size_t len)
{
	Suite *suite = suite_create(name);
	SRunner *runner;
	int failed;

	for (size_t i = 0; i < len; i++)
		suite_add_tcase(suite, cases[i]);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
