/* The money that runs of one chain share, besides that of the database. */
#include "helper.h"

#define CHAIN(expected) ROWS("SELECT name, budget_nusd, spent_nusd, reserved_nusd FROM chain ORDER BY name", expected)
#define MONEY(expected) ROWS("SELECT spent_nusd, reserved_nusd FROM ledger", expected)

static struct persona_store *other;

static void join(struct persona_store *in, const char *chain, int64_t nusd)
{
	struct persona_run_info info = {
		.tool = "persona-draft", .arguments = "[]", .chain = chain, .chain_budget_nusd = nusd
	};

	OK(persona_store_run_start(in, &info, &err));
}

static void setup_chain(void)
{
	setup();
	join(store, "one", 100);
	other = open_as(PERSONA_STORE_WRITE);
}

static void teardown_chain(void)
{
	persona_store_close(other);
	other = NULL;
	teardown();
}

/* Claim an item and reserve for it: what persona_store_claim_reserve() says. */
static int reserve(struct persona_store *in, const char *item, int64_t nusd)
{
	enum persona_claim state;
	int rc;

	OK(persona_store_begin(in, &err));
	OK(persona_store_claim(in, "draft", item, 0, &state, &err));
	ck_assert_int_ne(state, PERSONA_CLAIM_HELD);
	rc = persona_store_claim_reserve(in, "draft", item, nusd, &err);
	OK(persona_store_commit(in, &err));
	return rc;
}

static void pay(struct persona_store *in, const char *item, int64_t nusd)
{
	OK(persona_store_begin(in, &err));
	YES(persona_store_claim_pay(in, "draft", item, nusd, &err));
	OK(persona_store_commit(in, &err));
}

START_TEST(who_is_in_a_chain_finds_its_money)
{
	struct persona_ledger ledger;

	NO(persona_store_chain(other, &ledger, &err));
	ck_assert_int_eq(ledger.budget_nusd, -1);
	/* The first has said how much. */
	join(other, "one", 7);
	YES(persona_store_chain(other, &ledger, &err));
	ck_assert_int_eq(ledger.budget_nusd, 100);
	YES(reserve(store, "a", 60));
	pay(store, "a", 25);
	YES(reserve(store, "b", 5));
	YES(persona_store_chain(other, &ledger, &err));
	ck_assert_int_eq(ledger.spent_nusd, 25);
	ck_assert_int_eq(ledger.reserved_nusd, 5);
	CHAIN("one|100|25|5\n");
	ROWS("SELECT run_id, chain_id FROM run", "1|1\n2|1\n");
}
END_TEST

START_TEST(two_runs_of_a_chain_never_have_more_than_its_bound)
{
	join(other, "one", 100);
	YES(reserve(store, "a", 60));
	NO(reserve(other, "b", 41));
	MONEY("0|60\n");
	YES(reserve(other, "b", 40));
	CHAIN("one|100|0|100\n");
	NO(reserve(store, "c", 1));
	/* What costs nothing is no question of money. */
	YES(reserve(store, "c", 0));
	pay(store, "a", 20);
	YES(reserve(other, "d", 40));
	NO(reserve(other, "e", 1));
	/* More than was reserved, because a provider counted so: it is spent all the same. */
	pay(other, "d", 50);
	CHAIN("one|100|70|40\n");
	MONEY("70|40\n");
}
END_TEST

START_TEST(another_chain_and_no_chain_are_not_bounded_by_it)
{
	struct persona_store *third = open_as(PERSONA_STORE_WRITE);

	join(other, "two", 10);
	start_run(third, "persona-filter");
	YES(reserve(store, "a", 100));
	YES(reserve(other, "b", 10));
	YES(reserve(third, "c", 1000));
	pay(third, "c", 900);
	CHAIN("one|100|0|100\ntwo|10|0|10\n");
	MONEY("900|110\n");
	persona_store_close(third);
}
END_TEST

START_TEST(the_bound_of_the_database_holds_for_a_chain)
{
	begin();
	OK(persona_store_budget_set(store, 50, &err));
	commit();
	NO(reserve(store, "a", 51));
	CHAIN("one|100|0|0\n");
	YES(reserve(store, "a", 50));
	CHAIN("one|100|0|50\n");
}
END_TEST

START_TEST(what_was_rolled_back_is_not_reserved)
{
	enum persona_claim state;

	begin();
	OK(persona_store_claim(store, "draft", "a", 0, &state, &err));
	YES(persona_store_claim_reserve(store, "draft", "a", 100, &err));
	persona_store_rollback(store);
	CHAIN("one|100|0|0\n");
	YES(reserve(store, "a", 100));
}
END_TEST

static void reserve_and_die(struct persona_store *own, void *payload)
{
	struct persona_run_info info = {
		.tool = "persona-draft", .arguments = "[]", .chain = "one", .chain_budget_nusd = 100
	};
	enum persona_claim state;

	(void)payload;
	if (persona_store_run_start(own, &info, NULL) < 0 || persona_store_begin(own, NULL) < 0 ||
	    persona_store_claim(own, "draft", "a", 0, &state, NULL) < 0 ||
	    persona_store_claim_reserve(own, "draft", "a", 70, NULL) != 1 || persona_store_commit(own, NULL) < 0)
		_exit(1);
}

/* By whoever finds it, also where that is none of the chain. */
START_TEST(what_the_killed_had_reserved_is_spent_by_their_chain)
{
	struct child child = child_start(reserve_and_die, NULL);

	child_kill(child);
	CHAIN("one|100|0|70\n");
	if (_i == 0) {
		start_run(other, "persona-filter");
		NO(reserve(store, "b", 31));
	} else {
		YES(reserve(store, "a", 30));
		pay(store, "a", 30);
		CHAIN("one|100|100|0\n");
		return;
	}
	CHAIN("one|100|70|0\n");
	MONEY("70|0\n");
	YES(reserve(store, "b", 30));
}
END_TEST

START_TEST(a_run_that_ends_gives_what_is_left_to_the_spent)
{
	join(other, "one", 100);
	YES(reserve(other, "a", 30));
	OK(persona_store_run_finish(other, 0, "{}", &err));
	CHAIN("one|100|30|0\n");
}
END_TEST

START_TEST(a_bound_below_nothing_is_refused)
{
	struct persona_run_info info = {
		.tool = "persona-draft", .arguments = "[]", .chain = "two", .chain_budget_nusd = -1
	};

	FAILS(persona_store_run_start(other, &info, &err));
	SAYS(PERSONA_E_DB, "CHECK");
	ck_assert_int_eq(persona_store_run_id(other), 0);
	CHAIN("one|100|0|0\n");
}
END_TEST

int main(void)
{
	TCase *one;
	Suite *suite = suite_of("ledger", &one);

	tcase_add_checked_fixture(one, setup_chain, teardown_chain);
	tcase_add_test(one, who_is_in_a_chain_finds_its_money);
	tcase_add_test(one, two_runs_of_a_chain_never_have_more_than_its_bound);
	tcase_add_test(one, another_chain_and_no_chain_are_not_bounded_by_it);
	tcase_add_test(one, the_bound_of_the_database_holds_for_a_chain);
	tcase_add_test(one, what_was_rolled_back_is_not_reserved);
	tcase_add_loop_test(one, what_the_killed_had_reserved_is_spent_by_their_chain, 0, 2);
	tcase_add_test(one, a_run_that_ends_gives_what_is_left_to_the_spent);
	tcase_add_test(one, a_bound_below_nothing_is_refused);
	return run_suite(suite);
}
