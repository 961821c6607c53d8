/* Failures and parking, money, long texts. */
#include "helper.h"

static bool fail_once(const char *class, int64_t revision_id, int64_t slot, int64_t key_id)
{
	struct persona_failure failure = { .stage = "refine",
					   .revision_id = revision_id,
					   .batch_id = slot ? 1 : 0,
					   .slot = slot,
					   .key_id = key_id,
					   .class = class,
					   .message = "went wrong" };
	bool parked = !revision_id;

	begin();
	OK(persona_store_failure_add(store, &failure, &parked, &err));
	commit();
	return parked;
}

static int is_parked(int64_t revision_id, int64_t slot, int64_t key_id, const char *stage)
{
	struct persona_failure where = {
		.stage = stage, .revision_id = revision_id, .batch_id = 1, .slot = slot, .key_id = key_id
	};

	return persona_store_parked(store, &where, &err);
}

static long unpark(int64_t key_id, const char *class)
{
	long released;

	begin();
	released = persona_store_unpark(store, "refine", key_id, class, &err);
	commit();
	return released;
}

static void setup_rows(void)
{
	setup();
	make_keys();
	make_personas(3);
}

START_TEST(the_third_of_a_class_under_a_key_parks)
{
	ck_assert(!fail_once("invalid", 1, 0, 4));
	ck_assert(!fail_once("invalid", 1, 0, 4));
	/* None of these is the third. */
	ck_assert(!fail_once("timeout", 1, 0, 4));
	ck_assert(!fail_once("invalid", 2, 0, 4));
	ck_assert(!fail_once("invalid", 1, 0, 3));
	ck_assert(!fail_once("invalid", 1, 0, 0));
	NO(is_parked(1, 0, 4, "refine"));
	now = 2000;
	ck_assert(fail_once("invalid", 1, 0, 4));
	YES(is_parked(1, 0, 4, "refine"));
	NO(is_parked(2, 0, 4, "refine"));
	NO(is_parked(1, 0, 3, "refine"));
	NO(is_parked(1, 0, 0, "refine"));
	NO(is_parked(1, 0, 4, "score"));
	ROWS("SELECT stage, revision_id, batch_id, slot, key_id, class, message, call_id, attempt, parked, at"
	     " FROM failure WHERE parked",
	     "refine|1|~|~|4|invalid|went wrong|~|3|1|2000\n");
	ROWS("SELECT attempt FROM failure WHERE revision_id = 1 AND key_id = 4 AND class = 'invalid'", "1\n2\n3\n");
}
END_TEST

START_TEST(released_rows_have_three_more)
{
	for (int i = 0; i < 3; i++)
		fail_once("invalid", 1, 0, 4);
	for (int i = 0; i < 3; i++)
		fail_once("timeout", 1, 0, 4);
	for (int i = 0; i < 3; i++)
		fail_once("timeout", 2, 0, 3);
	ck_assert_int_eq(unpark(4, "server"), 0);
	ck_assert_int_eq(unpark(0, "all"), 0);
	ck_assert_int_eq(unpark(4, "timeout"), 1);
	/* The other class still holds it. */
	YES(is_parked(1, 0, 4, "refine"));
	ck_assert_int_eq(unpark(4, "all"), 1);
	NO(is_parked(1, 0, 4, "refine"));
	YES(is_parked(2, 0, 3, "refine"));
	ck_assert(!fail_once("invalid", 1, 0, 4));
	ck_assert(!fail_once("invalid", 1, 0, 4));
	NO(is_parked(1, 0, 4, "refine"));
	ck_assert(fail_once("invalid", 1, 0, 4));
	YES(is_parked(1, 0, 4, "refine"));
	ck_assert_int_eq(number_of("SELECT max(attempt) FROM failure"), 6);
}
END_TEST

START_TEST(slots_fail_before_there_is_a_revision)
{
	ck_assert(!fail_once("refused", 0, 2, 1));
	ck_assert(!fail_once("refused", 0, 2, 1));
	ck_assert(!fail_once("refused", 0, 3, 1));
	ck_assert(fail_once("refused", 0, 2, 1));
	YES(is_parked(0, 2, 1, "refine"));
	NO(is_parked(0, 3, 1, "refine"));
	NO(is_parked(0, 2, 4, "refine"));
	ROWS("SELECT revision_id, batch_id, slot FROM failure WHERE parked", "~|1|2\n");
}
END_TEST

START_TEST(an_unknown_class_is_refused)
{
	struct persona_failure failure = { .stage = "score", .revision_id = 1, .class = "bad luck", .message = "x" };

	begin();
	FAILS(persona_store_failure_add(store, &failure, NULL, &err));
	SAYS(PERSONA_E_DB, "CHECK");
	failure.class = "invalid";
	OK(persona_store_failure_add(store, &failure, NULL, &err));
	persona_store_rollback(store);
}
END_TEST

/* ---- Money ----------------------------------------------------------- */

static void assert_ledger(int64_t budget, int64_t spent, int64_t reserved)
{
	struct persona_ledger ledger;

	OK(persona_store_ledger(store, &ledger, &err));
	ck_assert_int_eq(ledger.budget_nusd, budget);
	ck_assert_int_eq(ledger.spent_nusd, spent);
	ck_assert_int_eq(ledger.reserved_nusd, reserved);
}

START_TEST(a_budget_bounds_what_is_spent_and_reserved)
{
	assert_ledger(-1, 0, 0);
	begin();
	YES(persona_store_ledger_reserve(store, 1000, &err));
	assert_ledger(-1, 0, 1000);
	OK(persona_store_ledger_settle(store, 1000, 300, &err));
	assert_ledger(-1, 300, 0);
	OK(persona_store_budget_set(store, 500, &err));
	NO(persona_store_ledger_reserve(store, 201, &err));
	assert_ledger(500, 300, 0);
	YES(persona_store_ledger_reserve(store, 200, &err));
	NO(persona_store_ledger_reserve(store, 1, &err));
	YES(persona_store_ledger_reserve(store, 0, &err));
	assert_ledger(500, 300, 200);
	/* Dearer than reserved: it is spent all the same. */
	OK(persona_store_ledger_settle(store, 200, 900, &err));
	assert_ledger(500, 1200, 0);
	/* What costs nothing goes on beyond the budget. */
	YES(persona_store_ledger_reserve(store, 0, &err));
	OK(persona_store_ledger_settle(store, 50, 0, &err));
	assert_ledger(500, 1200, 0);
	OK(persona_store_ledger_settle(store, 0, 0, &err));
	OK(persona_store_budget_set(store, 0, &err));
	assert_ledger(0, 1200, 0);
	OK(persona_store_budget_set(store, -1, &err));
	YES(persona_store_ledger_reserve(store, 1, &err));
	assert_ledger(-1, 1200, 1);
	FAILS(persona_store_ledger_reserve(store, -1, &err));
	SAYS(PERSONA_E_USAGE, "negative");
	FAILS(persona_store_ledger_settle(store, -1, 0, &err));
	FAILS(persona_store_ledger_settle(store, 0, -1, &err));
	assert_ledger(-1, 1200, 1);
	commit();
}
END_TEST

START_TEST(more_money_than_there_is_is_an_error)
{
	begin();
	YES(persona_store_ledger_reserve(store, INT64_MAX, &err));
	FAILS(persona_store_ledger_reserve(store, INT64_MAX, &err));
	ck_assert_int_eq(err.code, PERSONA_E_DB);
	persona_store_rollback(store);
	assert_ledger(-1, 0, 0);
}
END_TEST

START_TEST(a_missing_ledger_is_said)
{
	struct persona_ledger ledger;

	sql("DELETE FROM ledger");
	FAILS(persona_store_ledger(store, &ledger, &err));
	SAYS(PERSONA_E_DB, "ledger is missing");
}
END_TEST

/* ---- Long texts ------------------------------------------------------ */

START_TEST(a_text_is_kept_once)
{
	char one[PERSONA_HASH_HEX], two[PERSONA_HASH_HEX], *back;

	begin();
	OK(persona_store_blob_put(store, "long ünïcødé", strlen("long ünïcødé"), one, &err));
	OK(persona_store_blob_put(store, "long ünïcødé", strlen("long ünïcødé"), two, &err));
	commit();
	ck_assert_str_eq(one, two);
	ck_assert_int_eq(number_of("SELECT count(*) FROM blob"), 1);
	YES(persona_store_blob_get(store, one, &back, &err));
	ck_assert_str_eq(back, "long ünïcødé");
	free(back);
	NO(persona_store_blob_get(store, "0000", &back, &err));
	ck_assert_ptr_null(back);
	begin();
	FAILS(persona_store_blob_put(store, "a\0b", 3, one, &err));
	SAYS(PERSONA_E_FORMAT, "NUL");
	FAILS(persona_store_blob_put(store, "abc", 2, one, &err));
	OK(persona_store_blob_put(store, "", 0, one, &err));
	commit();
}
END_TEST

int main(void)
{
	TCase *failures, *money;
	Suite *suite = suite_of("failure", &failures);

	tcase_add_checked_fixture(failures, setup_rows, teardown);
	tcase_add_test(failures, the_third_of_a_class_under_a_key_parks);
	tcase_add_test(failures, released_rows_have_three_more);
	tcase_add_test(failures, slots_fail_before_there_is_a_revision);
	tcase_add_test(failures, an_unknown_class_is_refused);

	money = tcase_create("money");
	tcase_add_checked_fixture(money, setup, teardown);
	tcase_add_test(money, a_budget_bounds_what_is_spent_and_reserved);
	tcase_add_test(money, more_money_than_there_is_is_an_error);
	tcase_add_test(money, a_missing_ledger_is_said);
	tcase_add_test(money, a_text_is_kept_once);
	suite_add_tcase(suite, money);
	return run_suite(suite);
}
