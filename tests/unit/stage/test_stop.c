/* The runner when it is told to stop: what is in work is finished, nothing is begun, and nobody is waited for. */
#include "fake_stage.h"

#define ECHO  2000 /* references per piece of work */
#define WORKS 160  /* more than a pipe and the runner hold between them */

static atomic_int picks;

static void pause_ms(long ms)
{
	struct timespec pause = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&pause, NULL);
}

static void stop_at_first(struct fake *fake, int64_t persona_id)
{
	(void)fake;
	if (persona_id == 1)
		persona_stage_stop();
}

static void stop_at_first_and_be_slow(struct fake *fake, int64_t persona_id)
{
	stop_at_first(fake, persona_id);
	pause_ms(20);
}

/* Claimed, but not begun: given back, so that nobody waits for a queue to be worked off. */
START_TEST(told_to_stop_it_gives_back_what_is_not_begun)
{
	struct fake fake = { .computing = stop_at_first_and_be_slow };

	seed(500, "a");
	give_range(1, 500);
	OK(run_fake(&fake));
	ck_assert_int_eq(end, PERSONA_END_STOPPED);
	ck_assert_int_ge(atomic_load(&fake.computes), 1);
	ck_assert_int_lt(atomic_load(&fake.computes), 16);
	ck_assert_int_eq(atomic_load(&fake.computes), (int64_t)passed_len);
	ck_assert_int_eq(atomic_load(&fake.alive), 0);
	ck_assert_int_eq(number("SELECT count(*) FROM claim"), 0);
}
END_TEST

START_TEST(told_to_stop_it_finishes_what_is_in_work)
{
	struct fake fake = { .computing = stop_at_first };

	seed(500, "a");
	give_range(1, 500);
	OK(run_fake(&fake));
	ck_assert_int_eq(end, PERSONA_END_STOPPED);
	ck_assert_int_ge((int64_t)passed_len, 1);
	ck_assert_int_le((int64_t)passed_len, 128);
	assert_range_passed(1, (int64_t)passed_len);
	ck_assert_int_eq(number("SELECT count(*) FROM refinement"), (int64_t)passed_len);
	ck_assert_int_eq(atomic_load(&fake.computes), (int64_t)passed_len);
	ck_assert_int_eq(number("SELECT count(*) FROM claim"), 0);
	ck_assert_ptr_nonnull(strstr(said, "another signal leaves at once"));
}
END_TEST

START_TEST(told_to_stop_it_writes_what_remains_of_a_work)
{
	struct fake fake = { .computing = stop_at_first, .more = 5 };

	seed(1, "a");
	give("1");
	OK(run_fake(&fake));
	ck_assert_int_eq(end, PERSONA_END_STOPPED);
	ck_assert_int_eq(number("SELECT count(*) FROM refinement"), 6);
	ck_assert_int_eq(number("SELECT count(*) FROM claim"), 0);
}
END_TEST

START_TEST(told_before_it_began_it_does_nothing)
{
	struct fake fake = { 0 };

	seed(3, "a");
	give("1 2 3");
	persona_stage_stop();
	OK(run_fake(&fake));
	ck_assert_int_eq(end, PERSONA_END_STOPPED);
	assert_passed("");
	ck_assert_int_eq(fake.begins, 0);
	/* There is nothing to be finished. */
	ck_assert_str_eq(said, "");
}
END_TEST

static long long asked_meanwhile;

/* The clock is asked by who is awake. */
static void stop_and_see_who_sleeps(struct fake *fake, int64_t persona_id)
{
	long long before;

	stop_at_first(fake, persona_id);
	pause_ms(100);
	before = atomic_load(&clock_asked);
	pause_ms(200);
	asked_meanwhile += atomic_load(&clock_asked) - before;
}

START_TEST(told_to_stop_it_sleeps_until_the_work_is_done)
{
	struct fake fake = { .computing = stop_and_see_who_sleeps };
	int null = open("/dev/null", O_RDONLY), kept = dup(STDIN_FILENO);

	seed(2, "a");
	give("1 2");
	/* Something that could always be read, and that is not our input. */
	ck_assert_int_eq(dup2(null, STDIN_FILENO), STDIN_FILENO);
	OK(run_fake(&fake));
	ck_assert_int_ge(dup2(kept, STDIN_FILENO), 0);
	ck_assert_int_eq(end, PERSONA_END_STOPPED);
	assert_passed("1.1");
	ck_assert_int_lt(asked_meanwhile, 50);
	close(kept);
	close(null);
}
END_TEST

static void stop_when_passed(void *payload, struct persona_ref ref)
{
	take_passed(payload, ref);
	persona_stage_stop();
}

START_TEST(told_to_stop_it_does_not_wait_for_input)
{
	struct fake fake = { 0 };
	int ends[2];

	seed(2, "a");
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(write(ends[1], "1.1\n", 4), 4);
	options.input_fd = ends[0];
	options.passed = stop_when_passed;
	/* The other end stays open. */
	OK(run_fake(&fake));
	ck_assert_int_eq(end, PERSONA_END_STOPPED);
	assert_passed("1.1");
	close(ends[0]);
	close(ends[1]);
}
END_TEST

static void *stop_later(void *payload)
{
	(void)payload;
	for (int i = 0; i < 2000 && atomic_load(&picks) < 1; i++)
		pause_ms(5);
	pause_ms(50);
	persona_stage_stop();
	return NULL;
}

static void note_pick(struct fake *fake, int64_t persona_id)
{
	(void)fake;
	(void)persona_id;
	atomic_fetch_add(&picks, 1);
}

/* Asleep, with nothing that would ever happen but the signal. */
START_TEST(told_to_stop_it_wakes)
{
	struct fake fake = { .picking = note_pick };
	pthread_t thread;
	int ends[2];

	seed(1, "a");
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(write(ends[1], "1.1\n", 4), 4);
	options.input_fd = ends[0];
	ck_assert_int_eq(pthread_create(&thread, NULL, stop_later, NULL), 0);
	OK(run_fake(&fake));
	pthread_join(thread, NULL);
	ck_assert_int_eq(end, PERSONA_END_STOPPED);
	assert_passed("1.1");
	close(ends[0]);
	close(ends[1]);
}
END_TEST

/* Nobody reads what is printed, and nobody will. */
START_TEST(told_to_stop_it_does_not_wait_for_the_reader)
{
	struct fake fake = { .echo = ECHO, .picking = note_pick };
	pthread_t thread;
	int ends[2];

	seed(1, "a");
	for (options.refs_len = 0; options.refs_len < WORKS; options.refs_len++)
		refs[options.refs_len] = (struct persona_ref){ .persona_id = 1, .number = 1 };
	ck_assert_int_eq(pipe(ends), 0);
	options.output_fd = ends[1];
	ck_assert_int_eq(pthread_create(&thread, NULL, stop_later, NULL), 0);
	OK(run_fake(&fake));
	pthread_join(thread, NULL);
	ck_assert_int_eq(end, PERSONA_END_STOPPED);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

int main(void)
{
	TCase *stop = tcase_create("stop");

	tcase_add_checked_fixture(stop, setup, teardown);
	tcase_set_timeout(stop, 30);
	tcase_add_test(stop, told_to_stop_it_gives_back_what_is_not_begun);
	tcase_add_test(stop, told_to_stop_it_finishes_what_is_in_work);
	tcase_add_test(stop, told_to_stop_it_writes_what_remains_of_a_work);
	tcase_add_test(stop, told_before_it_began_it_does_nothing);
	tcase_add_test(stop, told_to_stop_it_sleeps_until_the_work_is_done);
	tcase_add_test(stop, told_to_stop_it_does_not_wait_for_input);
	tcase_add_test(stop, told_to_stop_it_wakes);
	tcase_add_test(stop, told_to_stop_it_does_not_wait_for_the_reader);
	return run_suite("stop", &stop, 1);
}
