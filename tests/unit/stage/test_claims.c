/* The runner among others: claims that living and dead programs hold, and results that come too late. */
#include "fake_stage.h"
#include "runner.h"

/* ---- Another program --------------------------------------------------- */

struct other {
	pid_t pid;
	int orders, answers; /* pipes to and from it */
};

/* In the child: hold a claim; then, for every byte read, do what it says. */
static void be_other(int orders, int answers, const char *item, int64_t revision_id)
{
	enum persona_claim claim;
	char order;

	store = open_store();
	if (persona_store_begin(store, &err) < 0 || persona_store_claim(store, "refine", item, 0, &claim, &err) < 0 ||
	    claim != PERSONA_CLAIM_TAKEN || persona_store_commit(store, &err) < 0 || write(answers, "c", 1) != 1)
		_exit(1);
	while (read(orders, &order, 1) == 1) {
		int64_t key_id;

		/* 'f': finish the work. */
		if (persona_store_begin(store, &err) < 0 ||
		    persona_store_key_last(store, "refine", &key_id, &err) <= 0 ||
		    persona_store_refinement_add(store, revision_id, key_id, 0, 0, &err) < 0 ||
		    persona_store_claim_settle(store, "refine", item, &err) != 1 ||
		    persona_store_commit(store, &err) < 0 || write(answers, "f", 1) != 1)
			_exit(1);
	}
	_exit(0);
}

static void hear(const struct other *other, char expected)
{
	char byte = 0;

	ck_assert_int_eq(read(other->answers, &byte, 1), 1);
	ck_assert_int_eq(byte, expected);
}

/* A living program that holds the claim on a revision. */
static struct other start_other(int64_t revision_id)
{
	struct other other;
	int down[2], up[2];
	char item[32];

	snprintf(item, sizeof item, "item %lld", (long long)revision_id);
	ck_assert_int_eq(pipe(down), 0);
	ck_assert_int_eq(pipe(up), 0);
	other.pid = fork();
	ck_assert_int_ge(other.pid, 0);
	if (other.pid == 0) {
		close(down[1]);
		close(up[0]);
		be_other(down[0], up[1], item, revision_id);
	}
	close(down[0]);
	close(up[1]);
	other.orders = down[1];
	other.answers = up[0];
	hear(&other, 'c');
	return other;
}

static void kill_other(struct other *other)
{
	if (other->pid <= 0)
		return;
	kill(other->pid, SIGKILL);
	ck_assert_int_eq(waitpid(other->pid, NULL, 0), other->pid);
	other->pid = 0;
	close(other->orders);
	close(other->answers);
}

static struct other other;

/* ---- Held by the living ------------------------------------------------- */

START_TEST(no_wait_passes_what_others_hold)
{
	struct fake fake = { 0 };

	seed(3, "a");
	other = start_other(2);
	give("1 2 3");
	options.no_wait = true;
	OK(run_fake(&fake));
	assert_passed("1.1 2.1 3.1");
	ck_assert_int_eq(count_of(PERSONA_COUNT_HELD), 1);
	ck_assert_int_eq(count_of(PERSONA_COUNT_DONE), 2);
	ck_assert(persona_context_incomplete(&context));
	ck_assert_int_eq(number("SELECT count(*) FROM refinement WHERE revision_id = 2"), 0);
	ck_assert_int_eq(number("SELECT count(*) FROM claim"), 1);
	kill_other(&other);
}
END_TEST

START_TEST(what_is_held_does_not_use_up_the_limit)
{
	struct fake fake = { 0 };

	seed(3, "a");
	other = start_other(1);
	give("1 2 3");
	options.no_wait = true;
	options.limit = 2;
	OK(run_fake(&fake));
	assert_passed("1.1 2.1 3.1");
	ck_assert_int_eq(number("SELECT count(*) FROM refinement"), 1);
	OK(run_fake(&fake));
	ck_assert_int_eq(number("SELECT count(*) FROM refinement"), 2);
	kill_other(&other);
}
END_TEST

static int late;

static void then_give_another(void *payload, struct persona_ref ref)
{
	take_passed(payload, ref);
	if (ref.persona_id != 1)
		return;
	ck_assert_int_eq(write(late, "4\n", 2), 2);
	close(late);
}

/* Nor for what comes in after it was passed by. */
START_TEST(what_is_held_leaves_its_place_to_what_comes_later)
{
	struct fake fake = { 0 };
	int ends[2];

	seed(4, "a");
	other = start_other(1);
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(write(ends[1], "1\n2\n3\n", 6), 6);
	options.input_fd = ends[0];
	late = ends[1];
	options.no_wait = true;
	options.limit = 2;
	options.passed = then_give_another;
	OK(run_fake(&fake));
	assert_passed("1.1 2.1 3.1 4.1");
	assert_rows("SELECT revision_id FROM refinement ORDER BY 1", "2\n4\n");
	kill_other(&other);
	close(ends[0]);
}
END_TEST

/* The free ones are through: now the other dies, or finishes. */
static void then_kill(void *payload, struct persona_ref ref)
{
	take_passed(payload, ref);
	if (ref.persona_id == 1)
		kill_other(&other);
}

static void then_finish(void *payload, struct persona_ref ref)
{
	take_passed(payload, ref);
	if (ref.persona_id != 1)
		return;
	ck_assert_int_eq(write(other.orders, "f", 1), 1);
	hear(&other, 'f');
}

START_TEST(what_the_dead_held_is_taken_over)
{
	struct fake fake = { 0 };

	seed(2, "a");
	other = start_other(2);
	give("2 1");
	options.passed = then_kill;
	/* However often it is looked at, it is one piece of work. */
	options.limit = 2;
	OK(run_fake(&fake));
	assert_passed("1.1 2.1");
	ck_assert_int_eq(atomic_load(&fake.computes), 2);
	ck_assert_int_eq(number("SELECT count(*) FROM refinement"), 2);
	ck_assert_int_eq(number("SELECT count(*) FROM claim"), 0);
	ck_assert(!persona_context_incomplete(&context));
}
END_TEST

START_TEST(what_the_living_finish_is_not_done_again)
{
	struct fake fake = { 0 };

	seed(2, "a");
	other = start_other(2);
	give("2 1");
	options.passed = then_finish;
	OK(run_fake(&fake));
	assert_passed("1.1 2.1");
	ck_assert_int_eq(atomic_load(&fake.computes), 1);
	ck_assert_int_eq(count_of(PERSONA_COUNT_UNCHANGED), 1);
	ck_assert_int_eq(number("SELECT count(*) FROM refinement"), 2);
	kill_other(&other);
}
END_TEST

/* More than are tried at a time. */
START_TEST(many_of_the_dead_are_taken_over_at_once)
{
	struct fake fake = { 0 };
	struct timespec before, after;

	seed(1000, "a");
	other = start_other(1);
	write_sql("INSERT INTO claim (stage, item, run_id) SELECT 'refine', 'item ' || revision_id,"
		  " (SELECT run_id FROM claim) FROM revision WHERE revision_id > 1");
	give_range(1, 1000);
	kill_other(&other);
	clock_gettime(CLOCK_MONOTONIC, &before);
	OK(run_fake(&fake));
	clock_gettime(CLOCK_MONOTONIC, &after);
	assert_range_passed(1, 1000);
	ck_assert_int_eq(number("SELECT count(*) FROM claim"), 0);
	ck_assert_int_eq(count_of(PERSONA_COUNT_DONE), 1000);
}
END_TEST

static int waits;

/* Called a few times a second: the third time, the other dies. */
static void kill_at_last(void *payload, const struct persona_progress *progress)
{
	(void)payload;
	(void)progress;
	if (++waits == 3)
		kill_other(&other);
}

START_TEST(many_of_the_living_are_waited_for_without_haste)
{
	struct fake fake = { 0 };

	seed(200, "a");
	other = start_other(1);
	write_sql("INSERT INTO claim (stage, item, run_id) SELECT 'refine', 'item ' || revision_id,"
		  " (SELECT run_id FROM claim) FROM revision WHERE revision_id > 1");
	give_range(1, 200);
	options.progress = kill_at_last;
	atomic_store(&clock_asked, 0);
	OK(run_fake(&fake));
	assert_range_passed(1, 200);
	ck_assert_int_eq(number("SELECT count(*) FROM refinement"), 200);
	/* A loop that spins asks the time thousands of times in half a second. */
	ck_assert_int_lt(atomic_load(&clock_asked), 3000);
}
END_TEST

static int looks;

/* Every look takes until the next is due; after some the other dies. */
static void look_for_long(struct fake *fake, int64_t persona_id)
{
	(void)fake;
	(void)persona_id;
	if (++looks > 1)
		atomic_fetch_add(&clock_stands_at, LOOK_AGAIN_MS);
	if (looks == 6)
		kill_other(&other);
}

/* To the millisecond: where the clock comes no further than that, later is never. */
START_TEST(what_others_hold_is_looked_at_as_soon_as_it_is_due)
{
	struct fake fake = { .picking = look_for_long };

	seed(1, "a");
	other = start_other(1);
	give("1");
	atomic_store(&clock_stands_at, 5000);
	OK(run_fake(&fake));
	assert_passed("1.1");
	ck_assert_int_eq(number("SELECT count(*) FROM refinement"), 1);
}
END_TEST

/* The first look is over its last when time goes on, and the other dies. */
static void end_with_the_first_look(struct fake *fake, int64_t persona_id)
{
	(void)fake;
	(void)persona_id;
	if (++looks != 100 + CLAIM_GROUP)
		return;
	atomic_fetch_add(&clock_stands_at, LOOK_AGAIN_MS);
	kill_other(&other);
}

START_TEST(a_look_tries_a_whole_group_of_claims)
{
	struct fake fake = { .picking = end_with_the_first_look };

	seed(100, "a");
	other = start_other(1);
	write_sql("INSERT INTO claim (stage, item, run_id) SELECT 'refine', 'item ' || revision_id,"
		  " (SELECT run_id FROM claim) FROM revision WHERE revision_id > 1");
	give_range(1, 100);
	atomic_store(&clock_stands_at, 5000);
	OK(run_fake(&fake));
	assert_range_passed(1, 100);
	ck_assert_int_eq(number("SELECT count(*) FROM refinement"), 100);
}
END_TEST

/* ---- Twins of what others hold ------------------------------------------ */

START_TEST(twins_of_what_others_hold_are_passed_too)
{
	struct fake fake = { 0 };

	seed(2, "a");
	other = start_other(2);
	give("2 2 1 2");
	options.passed = then_kill;
	OK(run_fake(&fake));
	assert_passed("1.1 2.1 2.1 2.1");
	ck_assert_int_eq(atomic_load(&fake.computes), 2);
}
END_TEST

/* ---- Fencing -------------------------------------------------------------- */

static int64_t dead_run;
static bool second_time;

/* A run that is over. */
static int64_t make_dead_run(void)
{
	struct persona_store *gone = open_store();
	int64_t run_id = persona_store_run_id(gone);

	persona_store_close(gone);
	return run_id;
}

/* While we work, somebody takes us for dead, and dies himself. */
static void take_over_once(struct fake *fake, int64_t persona_id)
{
	char sql[128];

	if (persona_id != 2 || second_time)
		return;
	second_time = true;
	fake->fails = NULL;
	snprintf(sql, sizeof sql, "UPDATE claim SET run_id = %lld WHERE item = 'item 2'", (long long)dead_run);
	write_sql(sql);
}

/* And here he does the work, and is through with it. */
static void overtake(struct fake *fake, int64_t persona_id)
{
	(void)fake;
	if (persona_id != 2 || second_time)
		return;
	second_time = true;
	write_sql("INSERT INTO refinement VALUES (2, (SELECT key_id FROM stage_key), 0, NULL);"
		  "DELETE FROM claim WHERE item = 'item 2'");
}

START_TEST(fenced_work_is_asked_again)
{
	struct fake fake = { .computing = take_over_once };

	seed(3, "a");
	give("1 2 3");
	dead_run = make_dead_run();
	OK(run_fake(&fake));
	assert_passed("1.1 2.1 3.1");
	ck_assert_int_eq(count_of(PERSONA_COUNT_FENCED), 1);
	ck_assert_int_eq(atomic_load(&fake.computes), 4);
	ck_assert_int_eq(count_of(PERSONA_COUNT_DONE), 3);
	ck_assert_int_eq(number("SELECT count(*) FROM refinement"), 3);
	ck_assert_int_eq(number("SELECT count(*) FROM claim"), 0);
	ck_assert(!persona_context_incomplete(&context));
}
END_TEST

/* The first answer is a failure, which is not written either. */
static void fail_and_take_over(struct fake *fake, int64_t persona_id)
{
	if (persona_id == 2 && !second_time) {
		take_over_once(fake, persona_id);
		fake->fails = "server";
		fake->fails_only = 2;
		return;
	}
	fake->fails = NULL;
}

START_TEST(a_fenced_failure_is_forgotten)
{
	struct fake fake = { .computing = fail_and_take_over };

	seed(2, "a");
	give("2");
	dead_run = make_dead_run();
	OK(run_fake(&fake));
	assert_passed("2.1");
	ck_assert_int_eq(count_of(PERSONA_COUNT_FENCED), 1);
	ck_assert_int_eq(count_of(PERSONA_COUNT_FAILED), 0);
	ck_assert_int_eq(number("SELECT count(*) FROM failure"), 0);
	ck_assert_int_eq(number("SELECT count(*) FROM refinement"), 1);
}
END_TEST

START_TEST(what_was_done_meanwhile_is_left_alone)
{
	struct fake fake = { .computing = overtake };

	seed(2, "a");
	give("1 2");
	OK(run_fake(&fake));
	assert_passed("1.1 2.1");
	ck_assert_int_eq(count_of(PERSONA_COUNT_FENCED), 1);
	ck_assert_int_eq(count_of(PERSONA_COUNT_UNCHANGED), 1);
	ck_assert_int_eq(atomic_load(&fake.computes), 2);
	ck_assert_int_eq(fake.takes, 1);
	ck_assert_int_eq(number("SELECT count(*) FROM refinement"), 2);
}
END_TEST

START_TEST(fenced_without_waiting_is_somebody_elses)
{
	struct fake fake = { .computing = take_over_once };

	seed(2, "a");
	give("1 2");
	dead_run = make_dead_run();
	options.no_wait = true;
	OK(run_fake(&fake));
	assert_passed("1.1 2.1");
	ck_assert_int_eq(count_of(PERSONA_COUNT_HELD), 1);
	ck_assert_int_eq(number("SELECT count(*) FROM refinement"), 1);
}
END_TEST

static void take_over_and_stop(struct fake *fake, int64_t persona_id)
{
	take_over_once(fake, persona_id);
	/* The second is in work by then: what is not begun would be given back. */
	if (persona_id == 1)
		persona_stage_stop();
}

/* Who was told to stop does not wait until what was taken from him is free again. */
START_TEST(fenced_while_stopping_is_left)
{
	struct fake fake = { .computing = take_over_and_stop };

	seed(2, "a");
	give("2 1");
	dead_run = make_dead_run();
	OK(run_fake(&fake));
	ck_assert_int_eq(end, PERSONA_END_STOPPED);
	assert_passed("1.1");
	ck_assert_int_eq(number("SELECT count(*) FROM refinement"), 1);
	ck_assert_int_eq(number("SELECT count(*) FROM claim"), 1);
}
END_TEST

int main(void)
{
	TCase *held = tcase_create("held"), *fenced = tcase_create("fenced");
	TCase *const cases[] = { held, fenced };

	tcase_add_checked_fixture(held, setup, teardown);
	tcase_add_checked_fixture(fenced, setup, teardown);
	tcase_set_timeout(held, 30);
	tcase_set_timeout(fenced, 30);
	tcase_add_test(held, no_wait_passes_what_others_hold);
	tcase_add_test(held, what_is_held_does_not_use_up_the_limit);
	tcase_add_test(held, what_is_held_leaves_its_place_to_what_comes_later);
	tcase_add_test(held, what_the_dead_held_is_taken_over);
	tcase_add_test(held, what_the_living_finish_is_not_done_again);
	tcase_add_test(held, many_of_the_dead_are_taken_over_at_once);
	tcase_add_test(held, many_of_the_living_are_waited_for_without_haste);
	tcase_add_test(held, what_others_hold_is_looked_at_as_soon_as_it_is_due);
	tcase_add_test(held, a_look_tries_a_whole_group_of_claims);
	tcase_add_test(held, twins_of_what_others_hold_are_passed_too);
	tcase_add_test(fenced, fenced_work_is_asked_again);
	tcase_add_test(fenced, a_fenced_failure_is_forgotten);
	tcase_add_test(fenced, what_was_done_meanwhile_is_left_alone);
	tcase_add_test(fenced, fenced_without_waiting_is_somebody_elses);
	tcase_add_test(fenced, fenced_while_stopping_is_left);
	return run_suite("claims", cases, 2);
}
