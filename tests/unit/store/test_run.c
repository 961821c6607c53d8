/* Runs, claims, fencing: who lives, and whose work it is. */

#include <stdatomic.h>
#include <sys/mman.h>

#include "helper.h"

static struct persona_store *other;

static void setup_two(void)
{
	setup();
	start_run(store, "persona-one");
	other = open_as(PERSONA_STORE_WRITE);
	start_run(other, "persona-two");
}

static void teardown_two(void)
{
	persona_store_close(other);
	other = NULL;
	teardown();
}

static enum persona_claim claim_in(struct persona_store *in, const char *item, int64_t nusd)
{
	enum persona_claim state = (enum persona_claim)99;

	OK(persona_store_begin(in, &err));
	OK(persona_store_claim(in, "draft", item, nusd, &state, &err));
	OK(persona_store_commit(in, &err));
	return state;
}

static int settle_in(struct persona_store *in, const char *item)
{
	int rc;

	OK(persona_store_begin(in, &err));
	rc = persona_store_claim_settle(in, "draft", item, &err);
	OK(persona_store_commit(in, &err));
	return rc;
}

static void reserve_in(struct persona_store *in, int64_t nusd)
{
	OK(persona_store_begin(in, &err));
	YES(persona_store_ledger_reserve(in, nusd, &err));
	OK(persona_store_commit(in, &err));
}

#define MONEY(expected) ROWS("SELECT spent_nusd, reserved_nusd FROM ledger", expected)

/* ---- Runs ------------------------------------------------------------ */

START_TEST(a_run_is_written_down_from_start_to_end)
{
	struct persona_run_info info = { .tool = "persona-score", .arguments = "[\"persona-score\",\"-\"]" };
	char host[256] = "", line[264];

	ck_assert_int_eq(persona_store_run_id(store), 0);
	now = 5000;
	OK(persona_store_run_start(store, &info, &err));
	ck_assert_int_eq(persona_store_run_id(store), 1);
	ROWS("SELECT tool, arguments, version, started_at, finished_at, exit_code, counts, length(host) > 0 FROM run",
	     "persona-score|[\"persona-score\",\"-\"]|" PERSONA_VERSION "|5000|~|~|~|1\n");
	ck_assert_int_eq(number_of("SELECT pid FROM run"), getpid());
	ck_assert_int_eq(gethostname(host, sizeof host - 1), 0);
	snprintf(line, sizeof line, "%s\n", host);
	ROWS("SELECT host FROM run", line);
	now = 5060;
	OK(persona_store_run_finish(store, 3, "{\"read\":2}", &err));
	ROWS("SELECT finished_at, exit_code, counts FROM run", "5060|3|{\"read\":2}\n");
	ck_assert(sqlite3_get_autocommit(store->db));
}
END_TEST

START_TEST(a_run_lives_as_long_as_its_handle)
{
	int64_t id = persona_store_run_id(other);

	ck_assert_int_eq(id, 2);
	YES(live_is_alive(store, id, &err));
	YES(live_is_alive(store, persona_store_run_id(store), &err));
	YES(live_is_alive(other, persona_store_run_id(store), &err));
	NO(live_is_alive(store, 3, &err));
	NO(live_is_alive(store, 0, &err));
	NO(live_is_alive(store, -1, &err));
	persona_store_close(other);
	NO(live_is_alive(store, id, &err));
	other = open_as(PERSONA_STORE_WRITE);
	NO(live_is_alive(other, id, &err));
}
END_TEST

START_TEST(a_run_that_cannot_be_written_down_does_not_live)
{
	struct persona_run_info info = { .tool = "persona-score", .arguments = "not JSON" };
	struct persona_store *third = open_as(PERSONA_STORE_WRITE);

	FAILS(persona_store_run_start(third, &info, &err));
	SAYS(PERSONA_E_DB, "CHECK");
	ck_assert_int_eq(persona_store_run_id(third), 0);
	ck_assert(sqlite3_get_autocommit(third->db));
	FAILS(persona_store_run_finish(store, 0, "not JSON", &err));
	SAYS(PERSONA_E_DB, "CHECK");
	ck_assert(sqlite3_get_autocommit(store->db));
	persona_store_close(third);
}
END_TEST

static int refuse(void *payload)
{
	(void)payload;
	return 1;
}

START_TEST(a_commit_that_fails_takes_the_life_back)
{
	struct persona_run_info info = { .tool = "persona-score", .arguments = "[]" };
	struct persona_store *third = open_as(PERSONA_STORE_WRITE);

	sqlite3_commit_hook(third->db, refuse, NULL);
	FAILS(persona_store_run_start(third, &info, &err));
	NO(live_is_alive(store, 3, &err));
	ck_assert_int_eq(persona_store_run_id(third), 0);
	ck_assert_int_eq(number_of("SELECT count(*) FROM run"), 2);
	/* The turn was passed on, and the next run gets the number. */
	start_run(store, "persona-again");
	ck_assert_int_eq(persona_store_run_id(store), 3);
	sqlite3_commit_hook(third->db, NULL, NULL);
	start_run(third, "persona-again");
	ck_assert_int_eq(persona_store_run_id(third), 4);
	persona_store_close(third);
}
END_TEST

/* ---- Claims ---------------------------------------------------------- */

START_TEST(a_claim_is_ours_until_it_is_settled)
{
	ck_assert_int_eq(claim_in(store, "a", 0), PERSONA_CLAIM_TAKEN);
	ck_assert_int_eq(claim_in(store, "a", 0), PERSONA_CLAIM_OURS);
	ck_assert_int_eq(claim_in(other, "a", 0), PERSONA_CLAIM_HELD);
	ck_assert_int_eq(claim_in(other, "b", 7), PERSONA_CLAIM_TAKEN);
	ROWS("SELECT stage, item, run_id, reserved_nusd FROM claim ORDER BY item", "draft|a|1|0\ndraft|b|2|7\n");
	YES(persona_store_claim_held(store, "draft", "a", &err));
	NO(persona_store_claim_held(store, "score", "a", &err));
	NO(persona_store_claim_held(other, "draft", "a", &err));
	ck_assert_int_eq(settle_in(other, "a"), 0);
	ck_assert_int_eq(settle_in(store, "a"), 1);
	ck_assert_int_eq(settle_in(store, "a"), 0);
	NO(persona_store_claim_held(store, "draft", "a", &err));
	ck_assert_int_eq(claim_in(other, "a", 0), PERSONA_CLAIM_TAKEN);
}
END_TEST

START_TEST(a_claim_without_a_run_is_an_error)
{
	struct persona_store *third = open_as(PERSONA_STORE_WRITE);
	enum persona_claim state;

	OK(persona_store_begin(third, &err));
	FAILS(persona_store_claim(third, "draft", "a", 0, &state, &err));
	SAYS(PERSONA_E_DB, "FOREIGN KEY");
	persona_store_rollback(third);
	persona_store_close(third);
}
END_TEST

START_TEST(a_claim_rolled_back_is_none)
{
	enum persona_claim state;

	begin();
	OK(persona_store_claim(store, "draft", "a", 0, &state, &err));
	persona_store_rollback(store);
	ck_assert_int_eq(claim_in(other, "a", 0), PERSONA_CLAIM_TAKEN);
}
END_TEST

static void claim_a(struct persona_store *own, void *payload)
{
	struct persona_run_info info = { .tool = "persona-child", .arguments = "[]" };
	enum persona_claim state;

	(void)payload;
	if (persona_store_run_start(own, &info, NULL) < 0 || persona_store_begin(own, NULL) < 0 ||
	    persona_store_ledger_reserve(own, 500, NULL) != 1 ||
	    persona_store_claim(own, "draft", "a", 500, &state, NULL) < 0 || state != PERSONA_CLAIM_TAKEN ||
	    persona_store_commit(own, NULL) < 0)
		_exit(1);
}

START_TEST(the_claim_of_the_killed_is_free_at_once_and_its_money_spent)
{
	struct child child = child_start(claim_a, NULL);

	reserve_in(store, 30);
	MONEY("0|530\n");
	ck_assert_int_eq(claim_in(store, "a", 30), PERSONA_CLAIM_HELD);
	MONEY("0|530\n");
	child_kill(child);
	ck_assert_int_eq(claim_in(store, "a", 30), PERSONA_CLAIM_TAKEN);
	/* The dead one's 500 may have been paid; ours is still only reserved. */
	MONEY("500|30\n");
	ROWS("SELECT item, run_id, reserved_nusd FROM claim", "a|1|30\n");
	ck_assert_int_eq(settle_in(store, "a"), 1);
}
END_TEST

START_TEST(a_claim_within_the_transaction_of_the_killed_never_was)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		struct persona_run_info info = { .tool = "persona-child", .arguments = "[]" };
		enum persona_claim state;
		struct persona_store *own;

		if (persona_store_open(&own, path, PERSONA_STORE_WRITE, NULL, NULL) < 0 ||
		    persona_store_run_start(own, &info, NULL) < 0 || persona_store_begin(own, NULL) < 0 ||
		    persona_store_claim(own, "draft", "a", 0, &state, NULL) < 0)
			_exit(1);
		raise(SIGKILL);
	}
	waitpid(child, &status, 0);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(number_of("SELECT count(*) FROM claim"), 0);
	ck_assert_int_eq(claim_in(store, "a", 0), PERSONA_CLAIM_TAKEN);
}
END_TEST

START_TEST(a_new_run_drops_the_claims_of_the_dead_alone)
{
	struct child dead = child_start(claim_a, NULL);
	struct persona_store *third;

	ck_assert_int_eq(claim_in(store, "mine", 0), PERSONA_CLAIM_TAKEN);
	ck_assert_int_eq(claim_in(other, "theirs", 0), PERSONA_CLAIM_TAKEN);
	child_kill(dead);
	third = open_as(PERSONA_STORE_WRITE);
	start_run(third, "persona-three");
	ROWS("SELECT item FROM claim ORDER BY item", "mine\ntheirs\n");
	MONEY("500|0\n");
	persona_store_close(third);
}
END_TEST

START_TEST(a_run_that_ends_gives_its_claims_back_and_books_what_they_held)
{
	reserve_in(store, 40);
	reserve_in(other, 7);
	ck_assert_int_eq(claim_in(store, "a", 40), PERSONA_CLAIM_TAKEN);
	ck_assert_int_eq(claim_in(other, "b", 7), PERSONA_CLAIM_TAKEN);
	OK(persona_store_run_finish(store, 130, "{}", &err));
	ROWS("SELECT item FROM claim", "b\n");
	MONEY("40|7\n");
}
END_TEST

START_TEST(many_dead_runs_are_cleared_by_and_by)
{
	sql("WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 300)"
	    " INSERT INTO run (tool, arguments, pid, host, version, started_at) SELECT 't', '[]', 1, 'h', 'v', 1 FROM "
	    "c;"
	    "INSERT INTO claim SELECT 'draft', 'item ' || run_id, run_id, 0 FROM run WHERE run_id > 2");
	start_run(store, "persona-one");
	ck_assert_int_eq(number_of("SELECT count(*) FROM claim"), 300 - 256);
	start_run(store, "persona-one");
	ck_assert_int_eq(number_of("SELECT count(*) FROM claim"), 0);
}
END_TEST

/* ---- Fencing --------------------------------------------------------- */

static void replace_live_file(void)
{
	ck_assert_int_eq(unlink(beside("-live")), 0);
	ck_assert_int_eq(close(open(beside("-live"), O_RDWR | O_CREAT, 0644)), 0);
}

START_TEST(who_was_taken_over_cannot_write)
{
	struct persona_store *third;

	ck_assert_int_eq(claim_in(store, "a", 0), PERSONA_CLAIM_TAKEN);
	replace_live_file();
	/* To newcomers the others are dead. */
	third = open_as(PERSONA_STORE_WRITE);
	start_run(third, "persona-three");
	ck_assert_int_eq(claim_in(third, "a", 0), PERSONA_CLAIM_TAKEN);
	NO(persona_store_claim_held(store, "draft", "a", &err));
	ck_assert_int_eq(settle_in(store, "a"), 0);
	ck_assert_int_eq(settle_in(third, "a"), 1);
	persona_store_close(third);
}
END_TEST

/* They must not take each other's work for ever: who finds his file gone moves to the new one. */
START_TEST(who_finds_the_live_file_replaced_lives_on_in_the_new_one)
{
	struct persona_store *third;

	ck_assert_int_eq(claim_in(store, "a", 0), PERSONA_CLAIM_TAKEN);
	replace_live_file();
	third = open_as(PERSONA_STORE_WRITE);
	start_run(third, "persona-three");
	ck_assert_int_eq(claim_in(third, "b", 0), PERSONA_CLAIM_TAKEN);
	ck_assert_int_eq(claim_in(store, "b", 0), PERSONA_CLAIM_HELD);
	ck_assert_int_eq(claim_in(store, "c", 0), PERSONA_CLAIM_TAKEN);
	ck_assert_int_eq(claim_in(third, "c", 0), PERSONA_CLAIM_HELD);
	/* The same where it was only deleted. */
	ck_assert_int_eq(unlink(beside("-live")), 0);
	ck_assert_int_eq(claim_in(third, "c", 0), PERSONA_CLAIM_TAKEN);
	ck_assert_int_eq(claim_in(store, "b", 0), PERSONA_CLAIM_HELD);
	ck_assert_int_eq(claim_in(store, "c", 0), PERSONA_CLAIM_HELD);
	persona_store_close(third);
}
END_TEST

START_TEST(a_live_file_that_cannot_be_made_is_an_error)
{
	ck_assert_int_eq(unlink(beside("-live")), 0);
	ck_assert_int_eq(mkdir(beside("-live"), 0755), 0);
	FAILS(persona_store_begin(store, &err));
	SAYS(PERSONA_E_DB, "-live: Is a directory");
	ck_assert_int_eq(rmdir(beside("-live")), 0);
	begin();
	commit();
	/* Somebody sits on our number in the new file. */
	replace_live_file();
	OK(persona_store_begin(other, &err));
	OK(live_lock_run(other, persona_store_run_id(store), &err));
	OK(persona_store_commit(other, &err));
	FAILS(persona_store_begin(store, &err));
	SAYS(PERSONA_E_DB, "cannot lock run 1");
}
END_TEST

/* ---- Turns ----------------------------------------------------------- */

static void count_up(int times)
{
	struct persona_store *own;

	if (persona_store_open(&own, path, PERSONA_STORE_WRITE, NULL, NULL) < 0)
		_exit(1);
	for (int i = 0; i < times; i++) {
		int64_t before;

		if (persona_store_begin(own, NULL) < 0 ||
		    sql_pragma(own->db, "SELECT value FROM setting WHERE key = 'n'", &before, NULL) < 0)
			_exit(2);
		if (sqlite3_exec(own->db, "UPDATE setting SET value = value + 1 WHERE key = 'n'", NULL, NULL, NULL) !=
			    SQLITE_OK ||
		    persona_store_commit(own, NULL) < 0)
			_exit(3);
	}
	persona_store_close(own);
	_exit(0);
}

START_TEST(writers_take_turns)
{
	sql("INSERT INTO setting VALUES ('n', '0')");
	for (int i = 0; i < 8; i++)
		if (fork() == 0)
			count_up(25);
	for (int i = 0; i < 8; i++) {
		int status;

		ck_assert_int_gt(wait(&status), 0);
		ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	ROWS("SELECT value FROM setting", "200\n");
}
END_TEST

/* Have the turn for a while. */
static void take_the_turn(struct persona_store *own, void *payload)
{
	(void)payload;
	if (persona_store_begin(own, NULL) < 0)
		_exit(1);
}

static volatile sig_atomic_t signals;

static void count_signal(int signal_number)
{
	(void)signal_number;
	signals++;
}

/*
 * Signals for the one who waits, and only then an end for the one who has the turn. A process, not a thread: valgrind lets
 * no other thread run while one waits for a lock.
 */
static pid_t disturb(pid_t waiting, pid_t in_turn, atomic_bool *ended)
{
	const struct timespec a_while = { .tv_nsec = 30000000 };
	pid_t child = fork();

	if (child != 0)
		return child;
	for (int i = 0; i < 3; i++) {
		nanosleep(&a_while, NULL);
		kill(waiting, SIGUSR1);
	}
	nanosleep(&a_while, NULL);
	atomic_store(ended, true);
	kill(in_turn, SIGKILL);
	_exit(0);
}

/* Interrupted, it still gets its turn, and not before. */
START_TEST(a_signal_is_no_reason_not_to_wait)
{
	const struct sigaction counting = { .sa_handler = count_signal };
	struct child in_turn = child_start(take_the_turn, NULL);
	atomic_bool *ended = mmap(NULL, sizeof *ended, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t disturber;

	ck_assert_ptr_ne(ended, MAP_FAILED);
	ck_assert_int_eq(sigaction(SIGUSR1, &counting, NULL), 0);
	disturber = disturb(getpid(), in_turn.pid, ended);
	ck_assert_int_gt(disturber, 0);
	OK(persona_store_begin(store, &err));
	ck_assert(atomic_load(ended));
	/* A sanitizer may hold them back and hand them over as one. */
	ck_assert_int_ge(signals, 1);
	ck_assert_int_eq(waitpid(disturber, NULL, 0), disturber);
	commit();
	child_kill(in_turn);
	munmap(ended, sizeof *ended);
}
END_TEST

START_TEST(a_turn_that_cannot_be_taken_is_an_error)
{
	int reading = open(beside("-live"), O_RDONLY | O_CLOEXEC), kept = store->live_fd;

	ck_assert_int_ge(reading, 0);
	store->live_fd = reading;
	FAILS(persona_store_begin(store, &err));
	SAYS(PERSONA_E_DB, "-live: cannot lock");
	FAILS(live_lock_run(store, 7, &err));
	SAYS(PERSONA_E_DB, "cannot lock run 7");
	store->live_fd = kept;
	close(reading);
	begin();
	commit();
}
END_TEST

int main(void)
{
	TCase *one, *two;
	Suite *suite = suite_of("run", &one);

	tcase_add_checked_fixture(one, setup, teardown);
	tcase_add_test(one, a_run_is_written_down_from_start_to_end);
	tcase_add_test(one, writers_take_turns);
	tcase_add_test(one, a_signal_is_no_reason_not_to_wait);
	tcase_add_test(one, a_turn_that_cannot_be_taken_is_an_error);

	two = tcase_create("claims");
	tcase_set_timeout(two, 60);
	tcase_add_checked_fixture(two, setup_two, teardown_two);
	tcase_add_test(two, a_run_lives_as_long_as_its_handle);
	tcase_add_test(two, a_run_that_cannot_be_written_down_does_not_live);
	tcase_add_test(two, a_commit_that_fails_takes_the_life_back);
	tcase_add_test(two, a_claim_is_ours_until_it_is_settled);
	tcase_add_test(two, a_claim_without_a_run_is_an_error);
	tcase_add_test(two, a_claim_rolled_back_is_none);
	tcase_add_test(two, the_claim_of_the_killed_is_free_at_once_and_its_money_spent);
	tcase_add_test(two, a_claim_within_the_transaction_of_the_killed_never_was);
	tcase_add_test(two, a_new_run_drops_the_claims_of_the_dead_alone);
	tcase_add_test(two, a_run_that_ends_gives_its_claims_back_and_books_what_they_held);
	tcase_add_test(two, many_dead_runs_are_cleared_by_and_by);
	tcase_add_test(two, who_was_taken_over_cannot_write);
	tcase_add_test(two, who_finds_the_live_file_replaced_lives_on_in_the_new_one);
	tcase_add_test(two, a_live_file_that_cannot_be_made_is_an_error);
	suite_add_tcase(suite, two);
	return run_suite(suite);
}
