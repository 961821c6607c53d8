/* The runner's ends: references in, references out, slow readers and none. */
#include <errno.h>
#include <sys/time.h>

#include "fake_stage.h"

/* ---- Helpers ----------------------------------------------------------- */

static void pause_ms(long ms)
{
	struct timespec pause = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&pause, NULL);
}

/* A pipe that gives a text and then ends. */
static int stream_of(const char *text)
{
	int ends[2];
	size_t len = strlen(text);

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(write(ends[1], text, len), (ssize_t)len);
	close(ends[1]);
	return ends[0];
}

/* What can be read now; the writing end is closed by then. The caller frees. */
static char *all_of(int fd)
{
	struct persona_buf text;

	persona_buf_init(&text, 64 * 1024 * 1024);
	OK(persona_buf_read(&text, fd, &err));
	OK(persona_buf_adds(&text, "", &err));
	return text.data ? persona_buf_take(&text) : strdup("");
}

/* ---- References in ------------------------------------------------------ */

struct input_case {
	const char *text, *passed;
	int64_t unknown;
	const char *says;
};

static const struct input_case inputs[] = {
	{ "", "", 0, "" },
	{ "1.1\n2.1\n", "1.1 2.1", 0, "" },
	{ "1.1\n2.1", "1.1 2.1", 0, "" },
	{ "1\n2", "1.1 2.1", 0, "" },
	{ "1.1\r\n\r\n\n2.1 \r\n", "1.1 2.1", 0, "" },
	{ "\n\n\n", "", 0, "" },
	{ "4.1\n1.1\n", "1.1", 1, "no revision 4.1: left out\n" },
	{ "1.2\n4\n", "", 2, "no revision 1.2: left out\nno revision 4: left out\n" },
	{ "one\n1.1\n", "1.1", 1, "one" },
	{ "1.1 2.1\n3.1\n", "3.1", 1, "1.1 2.1" },
	{ "-1\n0\n1.0\n1.1.1\n99999999999999999999\n", "", 5, "" },
};
#define INPUTS ((int)(sizeof inputs / sizeof *inputs))

START_TEST(lines_are_references)
{
	const struct input_case *input = &inputs[_i];
	struct fake fake = { 0 };

	seed(3, "a");
	options.input_fd = stream_of(input->text);
	OK(run_fake(&fake));
	assert_passed(input->passed);
	ck_assert_int_eq(count_of(PERSONA_COUNT_UNKNOWN), input->unknown);
	ck_assert_int_eq(persona_context_incomplete(&context), input->unknown > 0);
	ck_assert_ptr_nonnull(strstr(said, input->says));
	/* Nothing that names nobody begins anything. */
	ck_assert_int_eq(fake.begins, *input->passed != '\0');
	close(options.input_fd);
}
END_TEST

START_TEST(a_line_that_is_too_long_is_one_complaint)
{
	struct fake fake = { 0 };
	char text[1024];

	seed(2, "a");
	memset(text, '1', sizeof text);
	memcpy(text + 900, "\n2.1\n", 6);
	options.input_fd = stream_of(text);
	OK(run_fake(&fake));
	assert_passed("2.1");
	ck_assert_int_eq(count_of(PERSONA_COUNT_UNKNOWN), 1);
	ck_assert_str_eq(said, "a line that is too long for a reference: left out\n");
	close(options.input_fd);
}
END_TEST

START_TEST(a_zero_byte_is_no_end_of_a_reference)
{
	struct fake fake = { 0 };
	int ends[2];

	seed(2, "a");
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(write(ends[1], "1\0.1\n2.1\n", 9), 9);
	close(ends[1]);
	options.input_fd = ends[0];
	OK(run_fake(&fake));
	assert_passed("2.1");
	ck_assert_int_eq(count_of(PERSONA_COUNT_UNKNOWN), 1);
	close(ends[0]);
}
END_TEST

START_TEST(the_head_comes_before_the_stream)
{
	struct fake fake = { 0 };

	seed(3, "a");
	options.input_fd = stream_of(".1\n3.1\n");
	options.input_head = "1.1\n2";
	options.input_head_len = 5;
	OK(run_fake(&fake));
	assert_passed("1.1 2.1 3.1");
	close(options.input_fd);
}
END_TEST

START_TEST(a_stream_that_cannot_be_read_is_an_error)
{
	struct fake fake = { 0 };

	options.input_fd = open(folder, O_RDONLY | O_DIRECTORY);
	ck_assert_int_eq(run_fake(&fake), -1);
	ck_assert_int_eq(err.code, PERSONA_E_IO);
	close(options.input_fd);
}
END_TEST

START_TEST(an_unknown_argument_is_refused_before_any_work)
{
	struct fake fake = { 0 };

	seed(3, "a");
	give(_i ? "1.1 2.1 3.7" : "1.1 2.1 9");
	ck_assert_int_eq(run_fake(&fake), -1);
	ck_assert_int_eq(err.code, PERSONA_E_USAGE);
	ck_assert_str_eq(err.text, _i ? "no revision 3.7" : "no persona 9");
	ck_assert_int_eq(atomic_load(&fake.computes), 0);
	ck_assert_int_eq(number("SELECT count(*) FROM stage_key"), 0);
}
END_TEST

START_TEST(pending_is_what_is_not_done)
{
	struct fake some = { 0 }, fake = { 0 };

	seed(20, "a");
	give_range(5, 7);
	OK(run_fake(&some));
	options.pending = true;
	OK(run_fake(&fake));
	ck_assert_uint_eq(passed_len, 17);
	ck_assert_int_eq(number("SELECT count(*) FROM refinement"), 20);
	OK(run_fake(&fake));
	assert_passed("");
	ck_assert_int_eq(count_of(PERSONA_COUNT_READ), 0);
}
END_TEST

START_TEST(pending_goes_by_pages_and_through_the_barrier)
{
	struct fake fake = { .unasked = true, .unclaimed = true };

	seed(4200, "a");
	options.pending = true;
	OK(run_stage(&fake_barrier, &fake, NULL));
	ck_assert_int_eq(fake.gathers, 1);
	ck_assert_int_eq(fake.gathered, 4200);
	assert_range_passed(1, 4200);
}
END_TEST

/* ---- A stream that pauses ------------------------------------------------- */

struct writer {
	int fd;
	long ms;
	const char *first, *then;
};

static void *write_with_a_pause(void *payload)
{
	struct writer *writer = payload;

	ck_assert_int_eq(write(writer->fd, writer->first, strlen(writer->first)), (ssize_t)strlen(writer->first));
	pause_ms(writer->ms);
	ck_assert_int_eq(write(writer->fd, writer->then, strlen(writer->then)), (ssize_t)strlen(writer->then));
	close(writer->fd);
	return NULL;
}

/* What an idle runner costs: it asks the time only when it wakes, and it has nothing to wake for. */
START_TEST(who_waits_for_input_sleeps)
{
	struct writer writer = { .ms = 400, .first = "1.1\n2.", .then = "1\n3.1\n" };
	const struct persona_stage *stage = _i ? &fake_barrier : &fake_stage;
	struct fake fake = { 0 };
	pthread_t thread;
	int ends[2];

	seed(3, "a");
	ck_assert_int_eq(pipe(ends), 0);
	writer.fd = ends[1];
	options.input_fd = ends[0];
	atomic_store(&clock_asked, 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, write_with_a_pause, &writer), 0);
	OK(run_stage(stage, &fake, NULL));
	pthread_join(thread, NULL);
	assert_passed("1.1 2.1 3.1");
	ck_assert_int_lt(atomic_load(&clock_asked), 200);
	close(ends[0]);
}
END_TEST

static void work_slowly(struct fake *fake, int64_t persona_id)
{
	(void)fake;
	(void)persona_id;
	pause_ms(150);
}

START_TEST(who_waits_for_the_worker_sleeps)
{
	const struct persona_stage *stage = _i == 1 ? &fake_barrier : &fake_stage;
	struct fake fake = { .computing = work_slowly };

	seed(3, "a");
	give("1 2 3");
	options.pending = _i == 2;
	if (_i == 3)
		options.input_fd = stream_of("1\n2\n3\n");
	atomic_store(&clock_asked, 0);
	OK(run_stage(stage, &fake, NULL));
	assert_passed("1.1 2.1 3.1");
	ck_assert_int_lt(atomic_load(&clock_asked), 200);
	if (_i == 3)
		close(options.input_fd);
}
END_TEST

static long long asked_meanwhile;

/* The first is slow; who waits for it has long picked what he can. */
static void see_who_sleeps(struct fake *fake, int64_t persona_id)
{
	long long before;

	(void)fake;
	if (persona_id != 1)
		return;
	pause_ms(200);
	before = atomic_load(&clock_asked);
	pause_ms(200);
	asked_meanwhile = atomic_load(&clock_asked) - before;
}

/* More than are claimed and picked ahead together. */
START_TEST(who_has_picked_enough_sleeps)
{
	const struct persona_stage *stage = _i ? &fake_barrier : &fake_stage;
	struct fake fake = { .computing = see_who_sleeps };

	seed(1200, "a");
	give_range(1, 1200);
	OK(run_stage(stage, &fake, NULL));
	assert_range_passed(1, 1200);
	ck_assert_int_lt(asked_meanwhile, 50);
}
END_TEST

/* ---- What only looks like something to read -------------------------------- */

static void ignore_alarm(int signal_number)
{
	(void)signal_number;
}

/* Another reader was faster, or a signal came: that is no error, and not the end either. */
START_TEST(a_read_that_brings_nothing_is_tried_again)
{
	const struct itimerval soon = { .it_interval.tv_usec = 10000, .it_value.tv_usec = 10000 };
	const struct itimerval never = { 0 };
	const struct sigaction interrupting = { .sa_handler = ignore_alarm };
	struct persona_place *places = NULL;
	size_t len = 0, capacity = 0;
	struct input input;
	int ends[2], rc;

	seed(1, "a");
	ck_assert_int_eq(pipe2(ends, _i ? O_NONBLOCK : 0), 0);
	options.input_fd = ends[0];
	context = (struct persona_context){ .store = store, .clock = &fake_clock, .options = &options };
	input_init(&input, &fake_stage, &context);
	ck_assert_int_eq(sigaction(SIGALRM, &interrupting, NULL), 0);
	ck_assert_int_eq(setitimer(ITIMER_REAL, _i ? &never : &soon, NULL), 0);
	rc = input_read(&input, true, &places, &len, &capacity, &err);
	ck_assert_int_eq(setitimer(ITIMER_REAL, &never, NULL), 0);
	OK(rc);
	ck_assert_uint_eq(len, 0);
	ck_assert(input_wants_fd(&input));
	ck_assert_int_eq(write(ends[1], "1.1\n", 4), 4);
	OK(input_read(&input, true, &places, &len, &capacity, &err));
	ck_assert_uint_eq(len, 1);
	free(places);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

/* ---- References out --------------------------------------------------------- */

START_TEST(references_go_to_the_descriptor)
{
	struct fake fake = { 0 };
	char *text;
	int ends[2];

	seed(3, "a");
	give("3 1 2");
	ck_assert_int_eq(pipe(ends), 0);
	options.output_fd = ends[1];
	OK(run_fake(&fake));
	close(ends[1]);
	text = all_of(ends[0]);
	ck_assert_str_eq(text, "3.1\n1.1\n2.1\n");
	ck_assert_int_eq(count_of(PERSONA_COUNT_PRINTED), 3);
	free(text);
	close(ends[0]);
}
END_TEST

static int refusals; /* what errno says to the next write, 0: it is done */

ssize_t __wrap_write(int fd, const void *bytes, size_t len);
ssize_t __real_write(int fd, const void *bytes, size_t len);

ssize_t __wrap_write(int fd, const void *bytes, size_t len)
{
	if (!refusals)
		return __real_write(fd, bytes, len);
	errno = refusals;
	refusals = 0;
	return -1;
}

/* Another writer of the same pipe was faster, or a signal came: nothing is lost. */
START_TEST(a_write_that_takes_nothing_is_tried_again)
{
	static const int reasons[] = { EINTR, EAGAIN };
	struct output output;
	char *text;
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	options.output_fd = ends[1];
	context = (struct persona_context){ .store = store, .clock = &fake_clock, .options = &options };
	output_init(&output, &context);
	OK(output_add(&output, (struct persona_ref){ .persona_id = 7, .number = 1 }, &err));
	refusals = reasons[_i];
	output_flush(&output);
	ck_assert_int_eq(refusals, 0);
	ck_assert(output_waits(&output));
	output_flush(&output);
	ck_assert(!output_waits(&output));
	ck_assert(!output.closed);
	close(ends[1]);
	text = all_of(ends[0]);
	ck_assert_str_eq(text, "7.1\n");
	free(text);
	output_release(&output);
	close(ends[0]);
}
END_TEST

/* Who closed stdin may be given its number for something else. */
START_TEST(descriptor_zero_is_one_like_any_other)
{
	int ends[2], kept = dup(STDIN_FILENO);
	struct fake fake = { 0 };
	char *text;

	seed(2, "a");
	give("1 2");
	ck_assert_int_eq(pipe(ends), 0);
	if (_i) {
		options.output_fd = STDIN_FILENO;
		ck_assert_int_eq(dup2(ends[1], STDIN_FILENO), STDIN_FILENO);
	} else {
		options.input_fd = STDIN_FILENO;
		options.output_fd = ends[1];
		ck_assert_int_eq(dup2(stream_of("2\n1\n"), STDIN_FILENO), STDIN_FILENO);
	}
	OK(run_fake(&fake));
	ck_assert_int_ge(dup2(kept, STDIN_FILENO), 0);
	close(ends[1]);
	text = all_of(ends[0]);
	ck_assert_str_eq(text, _i ? "1.1\n2.1\n" : "2.1\n1.1\n");
	free(text);
	close(ends[0]);
}
END_TEST

/* When a line can be read, its row can. */
struct checking_reader {
	int fd;
	int64_t lines, without_row;
};

static void *check_rows(void *payload)
{
	struct checking_reader *reader = payload;
	FILE *lines = fdopen(reader->fd, "r");
	sqlite3 *db;
	char line[64];

	if (!lines || sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
		return NULL;
	sqlite3_busy_timeout(db, 5000);
	while (fgets(line, sizeof line, lines)) {
		sqlite3_stmt *statement = NULL;

		reader->lines++;
		if (sqlite3_prepare_v2(db, "SELECT 1 FROM refinement WHERE revision_id = $1", -1, &statement, NULL) !=
			    SQLITE_OK ||
		    sqlite3_bind_int64(statement, 1, atoll(line)) != SQLITE_OK || sqlite3_step(statement) != SQLITE_ROW)
			reader->without_row++;
		sqlite3_finalize(statement);
	}
	sqlite3_close(db);
	fclose(lines);
	return NULL;
}

START_TEST(a_line_comes_after_its_row)
{
	struct checking_reader reader = { 0 };
	struct fake fake = { 0 };
	pthread_t thread;
	int ends[2];

	seed(300, "a");
	give_range(1, 300);
	ck_assert_int_eq(pipe(ends), 0);
	reader.fd = ends[0];
	options.output_fd = ends[1];
	ck_assert_int_eq(pthread_create(&thread, NULL, check_rows, &reader), 0);
	OK(run_fake(&fake));
	close(ends[1]);
	pthread_join(thread, NULL);
	ck_assert_int_eq(reader.lines, 300);
	ck_assert_int_eq(reader.without_row, 0);
}
END_TEST

/* Others may write to the same pipe: what goes into it at once is whole lines. */
struct packet_reader {
	int fd;
	int64_t lines, torn;
};

static void *read_packets(void *payload)
{
	struct packet_reader *reader = payload;
	char bytes[8192];
	ssize_t got;

	while ((got = read(reader->fd, bytes, sizeof bytes)) > 0) {
		reader->torn += bytes[got - 1] != '\n';
		for (ssize_t i = 0; i < got; i++)
			reader->lines += bytes[i] == '\n';
	}
	return NULL;
}

START_TEST(lines_are_written_whole)
{
	struct packet_reader reader = { 0 };
	struct fake fake = { .echo = 3001 };
	pthread_t thread;
	int ends[2];

	seed(1, "a");
	give("1 1 1");
	/* A pipe that keeps what was written at once together. */
	ck_assert_int_eq(pipe2(ends, O_DIRECT), 0);
	reader.fd = ends[0];
	options.output_fd = ends[1];
	ck_assert_int_eq(pthread_create(&thread, NULL, read_packets, &reader), 0);
	OK(run_fake(&fake));
	close(ends[1]);
	pthread_join(thread, NULL);
	ck_assert_int_eq(reader.lines, 3 * 3001);
	ck_assert_int_eq(reader.torn, 0);
	close(ends[0]);
}
END_TEST

/* ---- A slow reader ------------------------------------------------------------ */

#define ECHO	      2000 /* references per piece of work, of 4 bytes each */
#define SLOW_WORKS    160
#define PICKS_AT_REST ((int)(OUTPUT_ENOUGH / (ECHO * 4L) + 1)) /* then a megabyte waits, and 4 KiB in the pipe */

struct slow_reader {
	int fd;
	atomic_int *picks;
	atomic_llong got;
	int64_t lines;
	int picks_at_rest;
	long long asked_at_rest; /* the time, by who waits for us */
};

static atomic_int picks;
static struct slow_reader slow;
static int64_t most_waiting;

static void count_pick(struct fake *fake, int64_t persona_id)
{
	int64_t waiting = (int64_t)atomic_fetch_add(&picks, 1) * ECHO * 4 - atomic_load(&slow.got);

	(void)fake;
	(void)persona_id;
	if (waiting > most_waiting)
		most_waiting = waiting;
}

/* Reads nothing until the runner stands still, then everything. */
static void *read_late(void *payload)
{
	struct slow_reader *reader = payload;
	char bytes[8192];
	ssize_t got;

	for (int i = 0; i < 12000 && atomic_load(&picks) < PICKS_AT_REST; i++)
		pause_ms(5);
	/* Long enough to be seen going on, if it did. */
	pause_ms(50);
	reader->asked_at_rest = atomic_load(&clock_asked);
	pause_ms(100);
	reader->asked_at_rest = atomic_load(&clock_asked) - reader->asked_at_rest;
	reader->picks_at_rest = atomic_load(&picks);
	while ((got = read(reader->fd, bytes, sizeof bytes)) > 0) {
		for (ssize_t i = 0; i < got; i++)
			reader->lines += bytes[i] == '\n';
		atomic_fetch_add(&reader->got, got);
	}
	return NULL;
}

START_TEST(a_slow_reader_loses_nothing_and_stops_new_work)
{
	struct fake fake = { .echo = ECHO, .picking = count_pick };
	pthread_t thread;
	int ends[2];

	seed(1, "a");
	for (options.refs_len = 0; options.refs_len < SLOW_WORKS; options.refs_len++)
		refs[options.refs_len] = (struct persona_ref){ .persona_id = 1, .number = 1 };
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_ge(fcntl(ends[1], F_SETPIPE_SZ, 4096), 4096);
	slow.fd = ends[0];
	options.output_fd = ends[1];
	ck_assert_int_eq(pthread_create(&thread, NULL, read_late, &slow), 0);
	OK(run_fake(&fake));
	close(ends[1]);
	pthread_join(thread, NULL);
	ck_assert_int_eq(slow.lines, (int64_t)SLOW_WORKS * ECHO);
	ck_assert_int_eq(slow.picks_at_rest, PICKS_AT_REST);
	ck_assert_int_lt(slow.asked_at_rest, 50);
	ck_assert_int_le(most_waiting, OUTPUT_ENOUGH + ECHO * 4 + 2 * 4096 + 8192);
	close(ends[0]);
}
END_TEST

/* ---- No reader ------------------------------------------------------------------ */

START_TEST(without_a_reader_nothing_new_is_begun)
{
	struct fake fake = { 0 };
	int ends[2];

	seed(1000, "a");
	give_range(1, 1000);
	ck_assert_int_eq(pipe(ends), 0);
	close(ends[0]);
	options.output_fd = ends[1];
	OK(run_fake(&fake));
	ck_assert_int_eq(end, PERSONA_END_CLOSED);
	/* What was in work is kept, which is at most a window and what was claimed meanwhile. */
	ck_assert_int_le(count_of(PERSONA_COUNT_DONE), 200);
	ck_assert_int_eq(number("SELECT count(*) FROM refinement"), count_of(PERSONA_COUNT_DONE));
	ck_assert_int_eq(number("SELECT count(*) FROM refinement"), atomic_load(&fake.computes));
	ck_assert_int_eq(number("SELECT count(*) FROM claim"), 0);
	/* It was not told to stop by anybody. */
	ck_assert_ptr_null(strstr(said, "signal"));
	close(ends[1]);
}
END_TEST

/* Nothing comes and nothing is to be written: in a chain, the one before works still when the one behind has failed. */
START_TEST(a_reader_that_goes_is_noticed_while_nothing_is_written)
{
	struct fake fake = { 0 };
	int in[2], out[2];

	seed(3, "a");
	ck_assert_int_eq(pipe(in), 0);
	ck_assert_int_eq(pipe(out), 0);
	options.input_fd = in[0];
	options.output_fd = out[1];
	close(out[0]);
	OK(run_fake(&fake));
	ck_assert_int_eq(end, PERSONA_END_CLOSED);
	ck_assert_int_eq(count_of(PERSONA_COUNT_READ), 0);
	close(in[0]);
	close(in[1]);
	close(out[1]);
}
END_TEST

START_TEST(what_cannot_be_written_is_an_error_after_the_rows)
{
	struct fake fake = { 0 };

	seed(300, "a");
	give_range(1, 300);
	options.output_fd = open("/dev/full", O_WRONLY);
	ck_assert_int_ge(options.output_fd, 0);
	ck_assert_int_eq(run_fake(&fake), -1);
	ck_assert_int_eq(end, PERSONA_END_UNWRITABLE);
	ck_assert_int_eq(err.code, PERSONA_E_IO);
	ck_assert_ptr_nonnull(strstr(err.text, "No space left"));
	/* What was asked for is kept, though nobody could be told. */
	ck_assert_int_ge(atomic_load(&fake.computes), 1);
	ck_assert_int_eq(number("SELECT count(*) FROM refinement"), atomic_load(&fake.computes));
	ck_assert_int_eq(number("SELECT count(*) FROM claim"), 0);
	close(options.output_fd);
}
END_TEST

int main(void)
{
	TCase *in = tcase_create("in"), *out = tcase_create("out");
	TCase *const cases[] = { in, out };

	for (size_t i = 0; i < 2; i++) {
		tcase_add_checked_fixture(cases[i], setup, teardown);
		tcase_set_timeout(cases[i], 90);
	}
	tcase_add_loop_test(in, lines_are_references, 0, INPUTS);
	tcase_add_test(in, a_line_that_is_too_long_is_one_complaint);
	tcase_add_test(in, a_zero_byte_is_no_end_of_a_reference);
	tcase_add_test(in, the_head_comes_before_the_stream);
	tcase_add_test(in, a_stream_that_cannot_be_read_is_an_error);
	tcase_add_loop_test(in, an_unknown_argument_is_refused_before_any_work, 0, 2);
	tcase_add_test(in, pending_is_what_is_not_done);
	tcase_add_test(in, pending_goes_by_pages_and_through_the_barrier);
	tcase_add_loop_test(in, a_read_that_brings_nothing_is_tried_again, 0, 2);
	tcase_add_loop_test(in, who_waits_for_input_sleeps, 0, 2);
	tcase_add_loop_test(in, who_waits_for_the_worker_sleeps, 0, 4);
	tcase_add_loop_test(in, who_has_picked_enough_sleeps, 0, 2);
	tcase_add_test(out, references_go_to_the_descriptor);
	tcase_add_loop_test(out, a_write_that_takes_nothing_is_tried_again, 0, 2);
	tcase_add_loop_test(out, descriptor_zero_is_one_like_any_other, 0, 2);
	tcase_add_test(out, a_line_comes_after_its_row);
	tcase_add_test(out, lines_are_written_whole);
	tcase_add_test(out, a_slow_reader_loses_nothing_and_stops_new_work);
	tcase_add_test(out, without_a_reader_nothing_new_is_begun);
	tcase_add_test(out, a_reader_that_goes_is_noticed_while_nothing_is_written);
	tcase_add_test(out, what_cannot_be_written_is_an_error_after_the_rows);
	return run_suite("streams", cases, 2);
}
