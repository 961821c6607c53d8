/* Filter: verdicts by the score, who is passed on, and what another threshold changes. */
#include "stage_fakes.h"

static struct persona_filter_settings settings;

/* Five personas; scores 90, 60, 59.9, none, and a row in which nothing could be measured. */
static void setup_filter(void)
{
	setup();
	seed(5, "a");
	settings = (struct persona_filter_settings){ .threshold = 60 };
	write_sql("INSERT INTO stage_key VALUES (1, 'score', printf('%064d', 1), '{}', 1);"
		  "INSERT INTO score (revision_id, key_id, overall, own, level) VALUES (1, 1, 90, 90, 'excellent'),"
		  " (2, 1, 60, 60, 'acceptable'), (3, 1, 59.9, 59.9, 'poor'), (5, 1, NULL, NULL, NULL)");
	give("1 2 3 4 5");
}

static void filter(double threshold)
{
	settings.threshold = threshold;
	OK(run_stage(&persona_stage_filter, &settings, NULL));
	ck_assert_int_eq(end, PERSONA_END_DONE);
	ck_assert(!persona_context_incomplete(&context));
}

#define VERDICTS "SELECT revision_id, basis, passed, threshold, value, decided_at FROM verdict ORDER BY 1, 2"

START_TEST(the_score_decides)
{
	filter(60);
	assert_passed("1.1 2.1 3.1 4.1 5.1");
	assert_rows(VERDICTS, "1|1|1|60.0|90.0|1000\n2|1|1|60.0|60.0|1000\n3|1|0|60.0|59.9|1000\n");
	ck_assert_int_eq(count_of(PERSONA_COUNT_PASSED), 2);
	ck_assert_int_eq(count_of(PERSONA_COUNT_REJECTED), 1);
	ck_assert_int_eq(count_of(PERSONA_COUNT_UNSCORED), 2);
	ck_assert_int_eq(count_of(PERSONA_COUNT_MADE), 3);
	assert_rows("SELECT stage, settings FROM stage_key WHERE stage = 'filter'",
		    "filter|{\"basis\":\"score\",\"threshold\":60.0}\n");
}
END_TEST

START_TEST(a_second_run_changes_nothing)
{
	char *before, *after;

	filter(60);
	before = rows("SELECT * FROM verdict, stage_key ORDER BY 1, 2, 7");
	atomic_store(&clock_day, 2000);
	filter(60);
	after = rows("SELECT * FROM verdict, stage_key ORDER BY 1, 2, 7");
	ck_assert_str_eq(before, after);
	assert_passed("1.1 2.1 3.1 4.1 5.1");
	ck_assert_int_eq(count_of(PERSONA_COUNT_PASSED), 2);
	ck_assert_int_eq(count_of(PERSONA_COUNT_REJECTED), 1);
	ck_assert_int_eq(count_of(PERSONA_COUNT_UNSCORED), 2);
	ck_assert_int_eq(count_of(PERSONA_COUNT_MADE), 0);
	free(before);
	free(after);
}
END_TEST

START_TEST(another_threshold_updates_in_place)
{
	filter(60);
	atomic_store(&clock_day, 2000);
	filter(59.9);
	assert_rows(VERDICTS, "1|1|1|59.9|90.0|2000\n2|1|1|59.9|60.0|2000\n3|1|1|59.9|59.9|2000\n");
	ck_assert_int_eq(number("SELECT count(*) FROM stage_key WHERE stage = 'filter'"), 1);
	ck_assert_int_eq(count_of(PERSONA_COUNT_MADE), 3);
	atomic_store(&clock_day, 3000);
	give("3");
	filter(100);
	/* Only who was given. */
	assert_rows(VERDICTS, "1|1|1|59.9|90.0|2000\n2|1|1|59.9|60.0|2000\n3|1|0|100.0|59.9|3000\n");
}
END_TEST

START_TEST(bounds_are_passed_from_both_sides)
{
	write_sql("UPDATE score SET overall = 0 WHERE revision_id = 2; UPDATE score SET overall = 100 WHERE "
		  "revision_id = 1");
	filter(0);
	ck_assert_int_eq(count_of(PERSONA_COUNT_REJECTED), 0);
	filter(100);
	ck_assert_int_eq(count_of(PERSONA_COUNT_PASSED), 1);
}
END_TEST

/* A new run, and one in which everything is decided already. */
START_TEST(only_restricts_who_goes_on)
{
	for (int run = 0; run < 2; run++) {
		settings.only = PERSONA_ONLY_PASS;
		filter(60);
		assert_passed("1.1 2.1");
		settings.only = PERSONA_ONLY_FAIL;
		filter(60);
		assert_passed("3.1");
		write_sql("DELETE FROM verdict");
	}
}
END_TEST

START_TEST(only_goes_by_the_threshold_of_now)
{
	filter(60);
	settings.only = PERSONA_ONLY_PASS;
	filter(95);
	assert_passed("");
	filter(50);
	assert_passed("1.1 2.1 3.1");
}
END_TEST

START_TEST(twice_is_printed_twice_and_written_once)
{
	give("1 1 1");
	filter(60);
	assert_passed("1.1 1.1 1.1");
	ck_assert_int_eq(count_of(PERSONA_COUNT_MADE), 1);
	ck_assert_int_eq(count_of(PERSONA_COUNT_PASSED), 3);
}
END_TEST

/* The score key last used decides, and of its rows the one whose population was last used. */
START_TEST(the_last_key_and_population_decide)
{
	write_sql("INSERT INTO stage_key VALUES (2, 'score', printf('%064d', 2), '{}', 7);"
		  "INSERT INTO population VALUES (1, 1, printf('%064d', 1), 5, NULL, 2),"
		  " (2, 1, printf('%064d', 2), 5, NULL, 1);"
		  "INSERT INTO score (revision_id, key_id, population_id, overall, own, level) VALUES"
		  " (1, 2, 1, 10, 10, 'failing'), (1, 2, 2, 80, 80, 'good')");
	give("1 2");
	filter(60);
	assert_rows(VERDICTS, "1|2|0|60.0|10.0|1000\n");
	ck_assert_int_eq(count_of(PERSONA_COUNT_UNSCORED), 1);
	/* The other basis: a verdict of its own. */
	write_sql("UPDATE stage_key SET last_used = 9 WHERE key_id = 1");
	filter(60);
	assert_rows(VERDICTS, "1|1|1|60.0|90.0|1000\n1|2|0|60.0|10.0|1000\n2|1|1|60.0|60.0|1000\n");
}
END_TEST

START_TEST(pending_is_who_has_no_verdict)
{
	give("1");
	filter(60);
	options.pending = true;
	options.refs_len = 0;
	filter(60);
	/* Those without a score are looked at again each time, and get none. */
	assert_passed("2.1 3.1 4.1 5.1");
	filter(60);
	assert_passed("4.1 5.1");
	ck_assert_int_eq(number("SELECT count(*) FROM verdict"), 3);
}
END_TEST

START_TEST(nothing_writes_nothing)
{
	options.refs_len = 0;
	filter(60);
	ck_assert_int_eq(number("SELECT count(*) FROM stage_key"), 1);
}
END_TEST

START_TEST(the_limit_passes_the_others_on)
{
	options.limit = 1;
	filter(60);
	assert_passed("1.1 2.1 3.1 4.1 5.1");
	ck_assert_int_eq(number("SELECT count(*) FROM verdict"), 1);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("filter");

	tcase_add_checked_fixture(tcase, setup_filter, teardown);
	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, the_score_decides);
	tcase_add_test(tcase, a_second_run_changes_nothing);
	tcase_add_test(tcase, another_threshold_updates_in_place);
	tcase_add_test(tcase, bounds_are_passed_from_both_sides);
	tcase_add_test(tcase, only_restricts_who_goes_on);
	tcase_add_test(tcase, only_goes_by_the_threshold_of_now);
	tcase_add_test(tcase, twice_is_printed_twice_and_written_once);
	tcase_add_test(tcase, the_last_key_and_population_decide);
	tcase_add_test(tcase, pending_is_who_has_no_verdict);
	tcase_add_test(tcase, nothing_writes_nothing);
	tcase_add_test(tcase, the_limit_passes_the_others_on);
	return run_suite("filter", &tcase, 1);
}
