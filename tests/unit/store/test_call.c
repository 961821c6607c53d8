/* Requests to models as rows, the money that they reserve, and what processes share about a model. */
#include "helper.h"

#define SHA "0000000000000000000000000000000000000000000000000000000000000001"

static const struct persona_call call = {
	.stage = "draft",
	.provider = "openai",
	.model = "gpt",
	.request_sha256 = SHA,
	.draw = "a/1",
	.suffix = "question",
};

static const struct persona_call_end good = {
	.state = PERSONA_CALL_DONE,
	.response = "answer",
	.finish_reason = "stop",
	.provider_request_id = "req",
	.http_status = 200,
	.latency_ms = 7,
	.input_tokens = 100,
	.output_tokens = 10,
	.cached_tokens = 50,
	.cache_write_tokens = -1,
	.reasoning_tokens = -1,
	.cost_nusd = 30,
};

static int64_t send_this(const struct persona_call *sent, int64_t reserved)
{
	int64_t id;

	begin();
	OK(persona_store_call_send(store, sent, reserved, &id, &err));
	commit();
	return id;
}

static int64_t send_call(int64_t reserved)
{
	return send_this(&call, reserved);
}

static void end_call(int64_t id, const struct persona_call_end *end)
{
	begin();
	OK(persona_store_call_end(store, id, end, &err));
	commit();
}

static void setup_run(void)
{
	setup();
	start_run(store, "persona-draft");
}

/* ---- Rows ------------------------------------------------------------ */

START_TEST(a_request_is_found_by_what_it_asks_and_which_draw_it_is)
{
	struct persona_call_found found;
	char *text, *reason;
	int64_t id;

	ck_assert_int_eq(persona_store_call_find(store, SHA, "a/1", &found, &err), 0);
	id = send_call(40);
	ck_assert_int_eq(persona_store_call_find(store, SHA, "a/1", &found, &err), 1);
	ck_assert_int_eq(found.call_id, id);
	ck_assert_int_eq(found.state, PERSONA_CALL_SENT);
	ck_assert(!found.answered);
	ck_assert_int_eq(persona_store_call_find(store, SHA, "a/2", &found, &err), 0);
	end_call(id, &good);
	ck_assert_int_eq(persona_store_call_find(store, SHA, "a/1", &found, &err), 1);
	ck_assert_int_eq(found.state, PERSONA_CALL_DONE);
	ck_assert(found.answered);
	ck_assert_int_eq(persona_store_call_answer(store, id, &text, &reason, &err), 1);
	ck_assert_str_eq(text, "answer");
	ck_assert_str_eq(reason, "stop");
	free(text);
	free(reason);
	ROWS("SELECT state, response, http_status, latency_ms, input_tokens, output_tokens, cached_tokens, "
	     "cache_write_tokens,"
	     " cost_nusd, lost_nusd, attempts, provider_request_id, error FROM llm_call",
	     "done|answer|200|7|100|10|50|~|30|0|1|req|~\n");
}
END_TEST

START_TEST(another_attempt_is_the_same_row_and_keeps_what_was_lost)
{
	struct persona_call_end lost = { .state = PERSONA_CALL_LOST,
					 .error = "no answer",
					 .http_status = -1,
					 .latency_ms = -1,
					 .input_tokens = -1,
					 .output_tokens = -1,
					 .cached_tokens = -1,
					 .cache_write_tokens = -1,
					 .reasoning_tokens = -1,
					 .lost_nusd = 40 };
	int64_t id = send_call(40);

	ROWS("SELECT state, cost_nusd, lost_nusd FROM llm_call", "sent|40|0\n");
	ROWS("SELECT usd, lost_usd FROM cost", "0.0|0.0\n");
	end_call(id, &lost);
	ROWS("SELECT state, cost_nusd, lost_nusd, error FROM llm_call", "lost|0|40|no answer\n");
	ck_assert_int_eq(send_call(50), id);
	end_call(id, &good);
	ROWS("SELECT state, cost_nusd, lost_nusd, attempts, error FROM llm_call", "done|30|40|2|~\n");
}
END_TEST

START_TEST(an_attempt_belongs_to_its_request_draw_and_sample)
{
	struct persona_call others[] = { call, call, call, call };
	int64_t ids[4];

	others[0].request_sha256 = "1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	others[1].draw = "a/2";
	others[2].sample = 1;
	for (size_t i = 0; i < 4; i++)
		ids[i] = send_this(&others[i], 40);
	for (size_t i = 0; i < 4; i++)
		ck_assert_int_eq(send_this(&others[i], 50), ids[i]);
	ROWS("SELECT count(*), count(DISTINCT call_id), sum(attempts) FROM llm_call", "4|4|8\n");
}
END_TEST

START_TEST(the_highest_sample_is_found)
{
	struct persona_call second = call;
	struct persona_call_found found;
	int64_t id = send_call(0);

	end_call(id, &good);
	begin();
	OK(persona_store_call_reject(store, id, "no persona in it", &err));
	second.sample = 1;
	OK(persona_store_call_send(store, &second, 0, &id, &err));
	commit();
	ck_assert_int_eq(persona_store_call_find(store, SHA, "a/1", &found, &err), 1);
	ck_assert_int_eq(found.sample, 1);
	ROWS("SELECT sample, state, response, error FROM llm_call ORDER BY sample",
	     "0|failed|answer|no persona in it\n1|sent|~|~\n");
	/* Only what is there can be of no use. */
	begin();
	OK(persona_store_call_reject(store, id, "not yet", &err));
	commit();
	ROWS("SELECT state FROM llm_call WHERE sample = 1", "sent\n");
}
END_TEST

START_TEST(an_answer_that_comes_late_is_kept_unless_somebody_asked_again)
{
	struct persona_store *mine = store;
	int64_t id = send_call(40);

	/* Another took over: the money is lost already, the answer is not. */
	sql("UPDATE llm_call SET state = 'lost', lost_nusd = 40, cost_nusd = 0");
	end_call(id, &good);
	ROWS("SELECT state, response, cost_nusd, lost_nusd FROM llm_call", "done|answer|0|40\n");

	sql("UPDATE llm_call SET state = 'lost', response = NULL");
	store = open_as(PERSONA_STORE_WRITE);
	start_run(store, "persona-draft");
	ck_assert_int_eq(send_call(60), id);
	persona_store_close(store);
	store = mine;
	end_call(id, &good);
	ROWS("SELECT state, response, cost_nusd, lost_nusd FROM llm_call", "sent|~|60|40\n");
}
END_TEST

/* ---- Money ----------------------------------------------------------- */

static void claim(const char *item)
{
	enum persona_claim state;

	OK(persona_store_claim(store, "draft", item, 0, &state, &err));
	ck_assert_int_eq(state, PERSONA_CLAIM_TAKEN);
}

START_TEST(a_claim_reserves_and_pays)
{
	begin();
	OK(persona_store_budget_set(store, 100, &err));
	claim("one");
	claim("two");
	ck_assert_int_eq(persona_store_claim_reserve(store, "draft", "one", 60, &err), 1);
	ck_assert_int_eq(persona_store_claim_reserve(store, "draft", "two", 41, &err), 0);
	ck_assert_int_eq(persona_store_claim_reserve(store, "draft", "two", 40, &err), 1);
	ROWS("SELECT spent_nusd, reserved_nusd FROM ledger", "0|100\n");
	ROWS("SELECT item, reserved_nusd FROM claim ORDER BY item", "one|60\ntwo|40\n");
	ck_assert_int_eq(persona_store_claim_pay(store, "draft", "one", 25, &err), 1);
	ROWS("SELECT spent_nusd, reserved_nusd FROM ledger", "25|40\n");
	ck_assert_int_eq(persona_store_claim_reserve(store, "draft", "one", 35, &err), 1);
	ck_assert_int_eq(persona_store_claim_pay(store, "draft", "nobody's", 5, &err), 0);
	ROWS("SELECT spent_nusd, reserved_nusd FROM ledger", "25|75\n");
	commit();
	/* What is not claimed cannot be paid for in advance. */
	begin();
	FAILS(persona_store_claim_reserve(store, "draft", "nobody's", 0, &err));
	SAYS(PERSONA_E_USAGE, "is not claimed");
	FAILS(persona_store_claim_reserve(store, "draft", "one", 0, &err));
	SAYS(PERSONA_E_USAGE, "has money reserved already");
	persona_store_rollback(store);
}
END_TEST

static void ask_and_die(struct persona_store *own, void *payload)
{
	struct persona_run_info info = { .tool = "persona-draft", .arguments = "[]" };
	enum persona_claim state;
	int64_t id;

	if (persona_store_run_start(own, &info, NULL) < 0 || persona_store_begin(own, NULL) < 0 ||
	    persona_store_claim(own, "draft", "one", 0, &state, NULL) < 0 ||
	    persona_store_claim_reserve(own, "draft", "one", 40, NULL) != 1 ||
	    persona_store_call_send(own, &call, 40, &id, NULL) < 0 ||
	    (payload && persona_store_call_value(own, id, 11, NULL) < 0) || persona_store_commit(own, NULL) < 0)
		_exit(1);
}

START_TEST(what_the_killed_had_under_way_is_lost_and_booked)
{
	struct child child;

	persona_store_close(store);
	store = open_as(PERSONA_STORE_WRITE);
	child = child_start(ask_and_die, NULL);
	ROWS("SELECT state, cost_nusd, lost_nusd FROM llm_call", "sent|40|0\n");
	begin();
	OK(persona_store_bury(store, &err));
	commit();
	ROWS("SELECT state FROM llm_call", "sent\n");
	child_kill(child);
	if (_i) {
		begin();
		OK(persona_store_bury(store, &err));
		commit();
		ROWS("SELECT count(*) FROM claim", "0\n");
	} else {
		start_run(store, "persona-draft");
		begin();
		claim("one");
		commit();
		ROWS("SELECT item, reserved_nusd FROM claim", "one|0\n");
	}
	ROWS("SELECT state, cost_nusd, lost_nusd FROM llm_call", "lost|0|40\n");
	ROWS("SELECT spent_nusd, reserved_nusd FROM ledger", "40|0\n");
	ROWS("SELECT lost_usd FROM cost", "4.0e-08\n");
}
END_TEST

/* So many answers, of one of two lengths each. */
static void answers(int count, int tokens, int other, const char *stage)
{
	char text[640];

	snprintf(text, sizeof text,
		 "INSERT INTO llm_call (stage, provider, model, request_sha256, draw, sample, state, output_tokens,"
		 " attempts)"
		 " WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
		 " SELECT '%s', 'openai', 'gpt', printf('%%064d', i), 'made ' || (SELECT count(*) FROM llm_call), 0,"
		 " 'done', iif(i %% 2, %d, %d), 1 FROM n",
		 count, stage, tokens, other);
	sql(text);
}

#define LENGTHS(answers_, lost_, mean_, square_)                                                                       \
	do {                                                                                                           \
		struct persona_call_lengths got;                                                                       \
		OK(persona_store_call_lengths(store, "draft", "openai", "gpt", &got, &err));                           \
		ck_assert_int_eq(got.answers, answers_);                                                               \
		ck_assert_int_eq(got.lost, lost_);                                                                     \
		ck_assert_double_eq(got.mean, mean_);                                                                  \
		ck_assert_double_eq(got.mean_square, square_);                                                         \
	} while (0)

START_TEST(lengths_are_those_of_the_latest_answers_of_the_kind)
{
	LENGTHS(0, 0, 0, 0);
	answers(100, 1000, 1000, "filter");
	LENGTHS(0, 0, 0, 0);
	answers(30, 10, 30, "draft");
	LENGTHS(30, 0, 20, 500);
	sql("UPDATE llm_call SET lost_nusd = 1, output_tokens = NULL WHERE call_id > 120");
	LENGTHS(20, 10, 20, 500);
	answers(470, 1, 1, "filter");
	LENGTHS(20, 10, 20, 500);
	answers(1, 1, 1, "filter");
	LENGTHS(19, 10, 390.0 / 19, 9900.0 / 19);
}
END_TEST

START_TEST(what_the_killed_had_under_way_is_booked_at_its_last_value)
{
	bool with_value = true;
	struct child child;

	persona_store_close(store);
	store = open_as(PERSONA_STORE_WRITE);
	child = child_start(ask_and_die, &with_value);
	child_kill(child);
	begin();
	OK(persona_store_bury(store, &err));
	commit();
	ROWS("SELECT cost_nusd, lost_nusd FROM llm_call WHERE state = 'lost'", "0|11\n");
	ROWS("SELECT spent_nusd, reserved_nusd FROM ledger", "11|0\n");
}
END_TEST

/* One of the dead, which began alike with two that were answered. */
static void bury(void)
{
	sql("INSERT INTO blob VALUES (printf('%064d', 7), 'text'), (printf('%064d', 8), 'other'),"
	    " (printf('%064d', 9), 'third');"
	    " INSERT INTO llm_call (run_id, stage, provider, model, request_sha256, draw, sample, state, prefix_sha256,"
	    " suffix, input_tokens, lost_nusd, attempts, latency_ms) VALUES"
	    " (NULL, 'draft', 'openai', 'gpt', printf('%064d', 1), 'a', 0, 'done', printf('%064d', 7), 'äé', 900, 0, "
	    "1, 5),"
	    " (NULL, 'draft', 'openai', 'gpt', printf('%064d', 2), 'b', 0, 'done', printf('%064d', 7), 'longest', 950, "
	    "0, 1, 5),"
	    " (NULL, 'draft', 'openai', 'gpt', printf('%064d', 3), 'c', 0, 'done', printf('%064d', 8), '', 5000, 0, 1, "
	    "5),"
	    " (NULL, 'filter', 'openai', 'gpt', printf('%064d', 4), 'd', 0, 'done', printf('%064d', 7), '', 5000, 0, "
	    "1, 5),"
	    " (NULL, 'draft', 'openai', 'gpt', printf('%064d', 5), 'e', 0, 'lost', printf('%064d', 7), 'longer', NULL, "
	    "70, 1,"
	    " NULL), (NULL, 'draft', 'openai', 'gpt', printf('%064d', 6), 'f', 0, 'lost', printf('%064d', 9), 'x', "
	    "NULL, 60, 1,"
	    " NULL)");
}

START_TEST(the_dead_are_found_with_what_answers_to_prompts_like_theirs_had)
{
	struct persona_call_buried found;

	bury();
	sql("UPDATE ledger SET spent_nusd = 200");
	begin();
	OK(persona_store_call_buried(store, "draft", "openai", "other", 0, &found, &err));
	ck_assert_int_eq(found.call_id, 0);
	ck_assert_int_eq(persona_store_call_buried(store, "draft", "openai", "gpt", 0, &found, &err), 1);
	ck_assert_int_eq(found.call_id, 5);
	ck_assert_int_eq(found.lost_nusd, 70);
	/* Two bytes more than the shortest of them. */
	ck_assert_int_eq(found.input_tokens, 952);
	FAILS(persona_store_call_buried_value(store, &found, 71, &err));
	SAYS(PERSONA_E_USAGE, "only be booked for less");
	FAILS(persona_store_call_buried_value(store, &found, -1, &err));
	OK(persona_store_call_buried_value(store, &found, 30, &err));
	/* Somebody else was here before. */
	OK(persona_store_call_buried_value(store, &found, 20, &err));
	ck_assert_int_eq(persona_store_call_buried(store, "draft", "openai", "gpt", 5, &found, &err), 1);
	ck_assert_int_eq(found.call_id, 6);
	ck_assert_int_eq(found.input_tokens, -1);
	OK(persona_store_call_buried(store, "draft", "openai", "gpt", 6, &found, &err));
	commit();
	ROWS("SELECT lost_nusd FROM llm_call WHERE state = 'lost'", "30\n60\n");
	ROWS("SELECT spent_nusd FROM ledger", "160\n");
}
END_TEST

START_TEST(the_dead_of_long_ago_are_left_as_they_are)
{
	struct persona_call_buried found;

	bury();
	answers(494 + _i, 1, 1, "filter");
	ck_assert_int_eq(persona_store_call_buried(store, "draft", "openai", "gpt", 0, &found, &err), 1);
	ck_assert_int_eq(found.call_id, _i < 5 ? 5 : 6);
	ck_assert_int_eq(found.input_tokens, _i == 0 ? 952 : _i == 1 ? 950 : -1);
}
END_TEST

START_TEST(the_budget_is_a_setting)
{
	sql("INSERT INTO setting VALUES ('budget_usd', '2.50')");
	ROWS("SELECT budget_nusd FROM ledger", "2500000000\n");
	sql("UPDATE setting SET value = '0' WHERE key = 'budget_usd'");
	ROWS("SELECT budget_nusd FROM ledger", "0\n");
	sql_refused("UPDATE setting SET value = '-1' WHERE key = 'budget_usd'", SQLITE_CONSTRAINT);
	sql_refused("UPDATE setting SET value = 'much' WHERE key = 'budget_usd'", SQLITE_CONSTRAINT);
	sql_refused("UPDATE setting SET value = '1.2.3' WHERE key = 'budget_usd'", SQLITE_CONSTRAINT);
	sql("DELETE FROM setting WHERE key = 'budget_usd'");
	ROWS("SELECT budget_nusd FROM ledger", "~\n");
	sql("INSERT INTO setting VALUES ('other', 'x')");
	ROWS("SELECT budget_nusd FROM ledger", "~\n");
}
END_TEST

/* ---- Endpoints, salt, prices ------------------------------------------ */

START_TEST(what_is_known_of_an_endpoint_is_kept_by_its_key)
{
	struct persona_endpoint one = { .provider = "p", .model = "m", .origin = "o", .key_tag = "k" }, other = one;

	ck_assert_int_eq(persona_store_endpoint_load(store, &one, &err), 0);
	snprintf(one.quirks, sizeof one.quirks, "no-temperature");
	one.updated_ms = 1;
	one.requests_due_us = 2;
	one.tokens_due_us = 3;
	one.blocked_until_ms = 4;
	one.limit_milli = 5;
	one.ceiling_milli = 6;
	one.last_decrease_ms = 7;
	one.saturated_since_ms = 8;
	one.samples = 9;
	one.most_ppm = 10;
	for (int i = 0; i < 2; i++) {
		begin();
		OK(persona_store_endpoint_save(store, &one, &err));
		commit();
	}
	ck_assert_int_eq(persona_store_endpoint_load(store, &other, &err), 1);
	ck_assert_mem_eq(&one, &other, sizeof one);
	other.key_tag = "another";
	ck_assert_int_eq(persona_store_endpoint_load(store, &other, &err), 0);
	ck_assert_str_eq(other.quirks, "");
	ck_assert_int_eq(other.blocked_until_ms, 0);
	ck_assert_int_eq(other.most_ppm, 0);
}
END_TEST

START_TEST(a_database_has_one_salt)
{
	char first[PERSONA_HASH_HEX], again[PERSONA_HASH_HEX];
	struct persona_store *mine = store;

	OK(persona_store_salt(store, first, &err));
	ck_assert_uint_eq(strlen(first), 64);
	OK(persona_store_salt(store, again, &err));
	ck_assert_str_eq(first, again);
	store = open_as(PERSONA_STORE_WRITE);
	OK(persona_store_salt(store, again, &err));
	ck_assert_str_eq(first, again);
	persona_store_close(store);
	store = mine;
}
END_TEST

START_TEST(own_prices_are_those_of_the_provider)
{
	struct persona_price_row *rows;
	size_t len;

	OK(persona_store_prices(store, "p", &rows, &len, &err));
	ck_assert_uint_eq(len, 0);
	sql("INSERT INTO price VALUES ('p', 'b', '2026-02-01', 1, 2, NULL, 4), ('p', 'a', '2026-01-01', 5, 6, 7, NULL),"
	    " ('q', 'a', '2026-01-01', 8, 9, NULL, NULL)");
	OK(persona_store_prices(store, "p", &rows, &len, &err));
	ck_assert_uint_eq(len, 2);
	ck_assert_str_eq(rows[0].model, "a");
	ck_assert_int_eq(rows[0].cached_nusd, 7);
	ck_assert_int_eq(rows[0].cache_write_nusd, -1);
	ck_assert_str_eq(rows[1].valid_from, "2026-02-01");
	ck_assert_int_eq(rows[1].input_nusd, 1);
	ck_assert_int_eq(rows[1].output_nusd, 2);
	ck_assert_int_eq(rows[1].cached_nusd, -1);
	ck_assert_int_eq(rows[1].cache_write_nusd, 4);
	persona_price_rows_free(rows, len);
}
END_TEST

/* ---- Rehearsing ------------------------------------------------------ */

START_TEST(nothing_of_a_rehearsal_is_kept)
{
	OK(persona_store_rehearse(store, &err));
	begin();
	sql("INSERT INTO setting VALUES ('a', 'b')");
	commit();
	begin();
	ck_assert_int_eq(number_of("SELECT count(*) FROM setting"), 1);
	commit();
	OK(persona_store_read_begin(store, &err));
	persona_store_read_end(store);
	persona_store_close(store);
	store = open_as(PERSONA_STORE_WRITE);
	ck_assert_int_eq(number_of("SELECT count(*) FROM setting"), 0);
	/* And nobody has to wait any more. */
	begin();
	commit();
}
END_TEST

int main(void)
{
	TCase *one;
	Suite *suite = suite_of("call", &one);

	tcase_add_checked_fixture(one, setup_run, teardown);
	tcase_add_test(one, a_request_is_found_by_what_it_asks_and_which_draw_it_is);
	tcase_add_test(one, another_attempt_is_the_same_row_and_keeps_what_was_lost);
	tcase_add_test(one, an_attempt_belongs_to_its_request_draw_and_sample);
	tcase_add_test(one, the_highest_sample_is_found);
	tcase_add_test(one, an_answer_that_comes_late_is_kept_unless_somebody_asked_again);
	tcase_add_test(one, a_claim_reserves_and_pays);
	tcase_add_loop_test(one, what_the_killed_had_under_way_is_lost_and_booked, 0, 2);
	tcase_add_test(one, lengths_are_those_of_the_latest_answers_of_the_kind);
	tcase_add_test(one, what_the_killed_had_under_way_is_booked_at_its_last_value);
	tcase_add_test(one, the_dead_are_found_with_what_answers_to_prompts_like_theirs_had);
	tcase_add_loop_test(one, the_dead_of_long_ago_are_left_as_they_are, 0, 6);
	tcase_add_test(one, the_budget_is_a_setting);
	tcase_add_test(one, what_is_known_of_an_endpoint_is_kept_by_its_key);
	tcase_add_test(one, a_database_has_one_salt);
	tcase_add_test(one, own_prices_are_those_of_the_provider);
	tcase_add_test(one, nothing_of_a_rehearsal_is_kept);
	return run_suite(suite);
}
