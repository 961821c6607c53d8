/* Drafting by a model over a network: what is written down, what it costs, what is tried again, and when it is given up. */
#include <sys/resource.h>

#include "remote_draft.h"

/* Nothing is under way and nobody has claimed anything; the ledger is what the calls say. */
static void assert_settled(void)
{
	assert_rows("SELECT count(*) FROM claim", "0\n");
	assert_rows("SELECT count(*) FROM llm_call WHERE state = 'sent'", "0\n");
	assert_rows("SELECT reserved_nusd FROM ledger", "0\n");
	assert_rows("SELECT spent_nusd - (SELECT ifnull(sum(cost_nusd + lost_nusd), 0) FROM llm_call) FROM ledger",
		    "0\n");
}

/* ---- Answers ------------------------------------------------------------- */

START_TEST(what_was_asked_and_answered_is_kept)
{
	draft(3);
	ck_assert_int_eq(end, PERSONA_END_DONE);
	assert_passed("1.1 2.1 3.1");
	ck_assert_uint_eq(fake.sent, 1);
	assert_rows("SELECT stage, provider, model, batch_id, sample, state, http_status, finish_reason, input_tokens,"
		    " output_tokens, cost_nusd, lost_nusd, attempts, latency_ms, error FROM llm_call",
		    "draft|openai|gpt-4o|1|0|done|200|stop|1000|100|3500000|0|1|5|null\n");
	assert_rows("SELECT count(*) FROM revision WHERE call_id = 1 AND stage = 'draft'", "3\n");
	assert_rows("SELECT content LIKE '%[data.csv:2]%' AND suffix LIKE '%Personas wanted: 3%' FROM llm_call"
		    " JOIN blob ON sha256 = prefix_sha256",
		    "1\n");
	ck_assert_int_eq(count_of(PERSONA_COUNT_REQUESTS), 1);
	ck_assert_int_eq(count_of(PERSONA_COUNT_COST_NUSD), TURN_NUSD);
	ck_assert_int_eq(count_of(PERSONA_COUNT_INPUT_TOKENS), 1000);
	assert_settled();
}
END_TEST

START_TEST(the_same_again_asks_nobody)
{
	char *before, *after;

	draft(3);
	before = picture();
	draft(3);
	after = picture();
	ck_assert_str_eq(before, after);
	ck_assert_uint_eq(fake.sent, 1);
	assert_passed("1.1 2.1 3.1");
	free(before);
	free(after);
}
END_TEST

START_TEST(more_asks_for_the_rest_alone)
{
	draft(3);
	draft(7);
	ck_assert_uint_eq(fake.sent, 3);
	ck_assert_uint_eq(wanted_of(fake.bodies[1]) + wanted_of(fake.bodies[2]), 4);
	assert_passed("1.1 2.1 3.1 4.1 5.1 6.1 7.1");
	assert_rows("SELECT count(*) FROM blob", "1\n");
	assert_settled();
}
END_TEST

/* Its rows are gone, as after a kill between the answer and them. */
static void forget_personas(void)
{
	write_sql("DELETE FROM evidence; DELETE FROM trait; DELETE FROM revision");
}

START_TEST(an_answer_at_hand_is_not_paid_for_again)
{
	draft(3);
	forget_personas();
	options.fresh = _i;
	draft(3);
	ck_assert_uint_eq(fake.sent, _i ? 2 : 1);
	assert_passed("1.1 2.1 3.1");
	ck_assert_int_eq(count_of(PERSONA_COUNT_AT_HAND), !_i);
	assert_rows("SELECT count(*), max(sample) FROM llm_call", _i ? "2|1\n" : "1|0\n");
	assert_rows("SELECT count(DISTINCT call_id), max(call_id) FROM revision", _i ? "1|2\n" : "1|1\n");
	assert_settled();
}
END_TEST

START_TEST(another_batch_is_another_draw)
{
	draft(3);
	settings.label = "other";
	draft(3);
	ck_assert_uint_eq(fake.sent, 2);
	ck_assert_str_eq(fake.bodies[0], fake.bodies[1]);
	assert_rows("SELECT count(DISTINCT request_sha256), count(DISTINCT draw), max(sample) FROM llm_call",
		    "1|2|0\n");
	assert_passed("4.1 5.1 6.1");
}
END_TEST

START_TEST(an_answer_of_no_use_is_kept_and_the_next_sample_asked_for)
{
	for (int i = 0; i < 3; i++)
		turn((struct turn){ .status = 200, .text = "I cannot do that." });
	draft(3);
	assert_passed("");
	ck_assert_uint_eq(fake.sent, 3);
	ck_assert(persona_context_incomplete(&context));
	assert_rows("SELECT state, sample, response, cost_nusd FROM llm_call",
		    "failed|0|I cannot do that.|3500000\n"
		    "failed|1|I cannot do that.|3500000\nfailed|2|I cannot do that.|3500000\n");
	assert_rows("SELECT slot, class, call_id FROM failure ORDER BY slot",
		    "1|unparsable|3\n2|unparsable|3\n3|unparsable|3\n");
	draft(3);
	assert_passed("1.1 2.1 3.1");
	assert_rows("SELECT state, sample FROM llm_call ORDER BY sample", "failed|0\nfailed|1\nfailed|2\ndone|3\n");
	assert_settled();
}
END_TEST

START_TEST(what_is_complete_of_a_cut_answer_is_taken)
{
	turn((struct turn){
		.status = 200,
		.finish = "length",
		.text = "{\"personas\":[{\"name\":\"Whole\",\"goals\":[\"a\"]},{\"name\":\"Cut\",\"goals\":[\"b" });
	draft(3);
	assert_passed("1.1 2.1 3.1");
	assert_rows("SELECT name FROM revision WHERE revision_id = 1", "Whole\n");
	assert_rows("SELECT count(*) FROM failure", "0\n");
	assert_rows("SELECT DISTINCT state FROM llm_call", "done\n");
	assert_settled();
}
END_TEST

START_TEST(what_cannot_be_a_persona_does_not_spoil_the_rest)
{
	turn((struct turn){
		.status = 200,
		.text = "[{\"name\":\"A\",\"goals\":[\"a\"]},{\"age\":3},{\"name\":\"C\",\"goals\":[\"c\"]}]" });
	draft(3);
	assert_passed("1.1 2.1 3.1");
	assert_rows("SELECT name FROM revision ORDER BY revision_id LIMIT 2", "A\nC\n");
	assert_rows("SELECT count(*) FROM failure", "0\n");
}
END_TEST

START_TEST(a_refusal_fails_that_call_alone)
{
	static const char refused[] =
		"{\"choices\":[{\"finish_reason\":\"content_filter\",\"message\":{\"content\":null,"
		"\"refusal\":\"no\"}}],\"usage\":{\"prompt_tokens\":1000,\"completion_tokens\":100}}";

	turn((struct turn){ .status = 200, .body = refused });
	settings.wanted = 6;
	draft(6);
	ck_assert_int_eq(end, PERSONA_END_DONE);
	ck_assert_int_eq((int64_t)passed_len, 3);
	assert_rows("SELECT DISTINCT class FROM failure", "refused\n");
	ck_assert_int_eq(count_of(PERSONA_COUNT_COST_NUSD), 2 * TURN_NUSD);
	assert_settled();
}
END_TEST

/* ---- Trying again -------------------------------------------------------- */

START_TEST(what_failed_on_the_way_is_tried_again)
{
	static const struct turn faults[] = {
		{ .status = 500, .body = "{\"error\":{\"message\":\"boom\",\"type\":\"server_error\"}}" },
		{ .status = 502, .body = "<html>bad gateway</html>" },
		{ .outcome = PERSONA_HTTP_CONNECT },
		{ .status = 503, .body = "{\"error\":{\"message\":\"busy\"}}" },
	};

	turn(faults[_i]);
	draft(3);
	assert_passed("1.1 2.1 3.1");
	ck_assert_uint_eq(fake.sent, 2);
	ck_assert_int_eq(count_of(PERSONA_COUNT_RETRIES), 1);
	assert_rows("SELECT state, attempts, sample FROM llm_call", "done|2|0\n");
	assert_rows("SELECT count(*) FROM failure", "0\n");
	assert_settled();
}
END_TEST

START_TEST(what_may_have_been_charged_is_lost_at_its_reservation)
{
	turn((struct turn){ .outcome = PERSONA_HTTP_RESET, .maybe_sent = true });
	draft(3);
	assert_passed("1.1 2.1 3.1");
	assert_rows("SELECT state, attempts, cost_nusd, lost_nusd > 10000000, error FROM llm_call",
		    "done|2|3500000|1|null\n");
	assert_rows("SELECT lost_usd > 0.01 FROM cost", "1\n");
	assert_settled();
}
END_TEST

/* The first request is lost when others have been answered. */
static void lose_the_first(struct fake_remote *of)
{
	static const struct turn lost = { .outcome = PERSONA_HTTP_RESET, .maybe_sent = true };

	if (of->held && of->sent == 8) {
		fake_answer(&lost, of->bodies[0], of->held, of->held_arg);
		of->held = NULL;
	}
}

START_TEST(a_lost_attempt_is_booked_by_what_answers_have_taught_meanwhile)
{
	remote.in_flight = 2;
	fake.hold = true;
	fake.on_send = lose_the_first;
	draft(30);
	/* The 1000 tokens in of what begins alike, and all of the 1000 that may come out. */
	assert_rows("SELECT count(*), sum(lost_nusd) BETWEEN 12500000 AND 12550000 FROM llm_call WHERE lost_nusd > 0",
		    "1|1\n");
	assert_rows("SELECT count(*) FROM revision", "30\n");
	assert_settled();
}
END_TEST

/* As if the process had been killed while a call was under way, booked at what was known then. */
static void bury_call(const char *where)
{
	char text[400];

	snprintf(text, sizeof text,
		 "UPDATE llm_call SET state = 'lost', cost_nusd = 0, lost_nusd = 20000000, latency_ms = NULL,"
		 " input_tokens = NULL, output_tokens = NULL, response = NULL WHERE %s;"
		 " UPDATE ledger SET spent_nusd = (SELECT sum(cost_nusd + lost_nusd) FROM llm_call)",
		 where);
	write_sql(text);
}

START_TEST(what_the_dead_left_is_booked_by_what_answers_teach_later)
{
	draft(36);
	bury_call("call_id = 5");
	if (_i == 1)
		write_sql("UPDATE llm_call SET latency_ms = 1 WHERE call_id = 5");
	if (_i == 2)
		write_sql("UPDATE llm_call SET attempts = 2 WHERE call_id = 5");
	if (_i == 3)
		write_sql("UPDATE llm_call SET prefix_sha256 = NULL WHERE call_id = 5");
	draft(39);
	/* 1000 tokens in and 100 out; what was answered too late, or lost twice, or began otherwise, stays as it was. */
	assert_rows(
		"SELECT lost_nusd BETWEEN 3500000 AND 3550000, lost_nusd = 20000000 FROM llm_call WHERE call_id = 5",
		_i ? "0|1\n" : "1|0\n");
	assert_settled();
}
END_TEST

START_TEST(of_few_answers_nothing_is_known_about_the_dead)
{
	draft(36);
	bury_call("call_id <= 2");
	/* The next one is the twelfth. */
	draft(39);
	assert_rows("SELECT DISTINCT lost_nusd FROM llm_call WHERE call_id <= 2", "20000000\n");
	draft(42);
	assert_rows("SELECT count(*) FROM llm_call WHERE call_id <= 2 AND lost_nusd < 3550000", "2\n");
	assert_settled();
}
END_TEST

START_TEST(attempts_are_bounded_and_the_failure_says_why)
{
	for (int i = 0; i < 3; i++)
		turn((struct turn){ .status = 500, .body = "{\"error\":{\"message\":\"boom\"}}" });
	draft(3);
	ck_assert_uint_eq(fake.sent, 3);
	assert_passed("");
	assert_rows("SELECT DISTINCT class, message LIKE '%boom%' FROM failure", "server|1\n");
	assert_rows("SELECT state, attempts, http_status, response FROM llm_call", "failed|3|500|null\n");
	/* Nothing was answered: the same sample is asked for again. */
	draft(3);
	assert_rows("SELECT state, attempts, sample FROM llm_call", "done|4|0\n");
	assert_settled();
}
END_TEST

#define RETRY_AFTER                                                                                                    \
	"retry-after-ms\0"                                                                                             \
	"300\0"

START_TEST(who_is_told_to_wait_waits)
{
	for (int i = 0; i < 4; i++)
		turn((struct turn){
			.status = 429,
			.headers = RETRY_AFTER,
			.headers_len = sizeof RETRY_AFTER - 1,
			.body = "{\"error\":{\"message\":\"slow down\",\"code\":\"rate_limit_exceeded\"}}" });
	draft(3);
	/* More often than --retries: being told is not a failure. */
	ck_assert_uint_eq(fake.sent, 5);
	for (size_t i = 1; i < 5; i++)
		ck_assert_int_ge(fake.at_ms[i] - fake.at_ms[i - 1], 300);
	assert_passed("1.1 2.1 3.1");
	assert_rows("SELECT blocked_until_ms > 0, limit_milli > 0 FROM endpoint", "1|1\n");
	assert_settled();
}
END_TEST

START_TEST(who_is_only_told_to_wait_gives_up)
{
	remote.patience_ms = 500;
	for (int i = 0; i < 20; i++)
		turn((struct turn){ .status = 429,
				    .headers = RETRY_AFTER,
				    .headers_len = sizeof RETRY_AFTER - 1,
				    .body = "{\"error\":{\"message\":\"slow down\"}}" });
	draft(3);
	ck_assert_int_eq(end, PERSONA_END_UNUSABLE);
	ck_assert_uint_le(fake.sent, 4);
	assert_rows("SELECT count(*) FROM failure", "0\n");
	assert_settled();
}
END_TEST

START_TEST(who_finds_that_others_were_told_to_wait_for_too_long_gives_up)
{
	atomic_store(&clock_stands_at, 5000000);
	draft(3);
	/* A second that has begun is told. */
	write_sql(_i ? "UPDATE endpoint SET blocked_until_ms = 8600001"
		     : "UPDATE endpoint SET blocked_until_ms = 8600000");
	draft(6);
	ck_assert_int_eq(end, PERSONA_END_UNUSABLE);
	ck_assert_ptr_nonnull(strstr(context.why.text, _i ? "wait for 3601 s, --max-wait is 60 s"
							  : "wait for 3600 s, --max-wait is 60 s"));
	ck_assert_uint_eq(fake.sent, 1);
	assert_rows("SELECT count(*) FROM failure", "0\n");
	assert_settled();
	/* Once the time is over it goes on. */
	write_sql("UPDATE endpoint SET blocked_until_ms = 0");
	draft(6);
	ck_assert_int_eq(end, PERSONA_END_DONE);
	ck_assert_uint_eq(fake.sent, 2);
}
END_TEST

/*
 * Three quarters of --tpm are let go evenly: 1,100 tokens of 44,000 a minute take 2 s and a little, whatever had been
 * estimated.
 */
START_TEST(tokens_are_counted_as_they_were_used)
{
	atomic_store(&clock_stands_at, 5000000);
	remote.limits.tpm = 44000;
	draft(3);
	assert_rows("SELECT tokens_due_us / 1000 - updated_ms BETWEEN 2000 AND 2040 FROM endpoint", "1\n");
}
END_TEST

/* Figures that say 0 are figures; where there are none, two bytes of what was read and written count as a token. */
START_TEST(an_answer_is_booked_by_its_figures_where_it_has_some)
{
	static const struct {
		const char *usage;
		int64_t least, most;
	} rows[] = {
		{ ",\"usage\":{\"prompt_tokens\":1000,\"completion_tokens\":0}", 2500000, 2500000 },
		{ ",\"usage\":{\"prompt_tokens\":0,\"completion_tokens\":100}", 1000000, 1000000 },
		{ ",\"usage\":{\"prompt_tokens\":1000}", 2500000 + 150000, 2500000 + 160000 },
		{ "", 0, 0 },
	};
	static char body[512];
	int64_t cost, sent;

	snprintf(body, sizeof body,
		 "{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":"
		 "\"[{\\\"name\\\":\\\"A\\\",\\\"goals\\\":[\\\"a\\\"]}]\"}}]%s}",
		 rows[_i].usage);
	turn((struct turn){ .status = 200, .body = body });
	draft(1);
	cost = number("SELECT cost_nusd FROM llm_call");
	if (!rows[_i].most) {
		/* The schema is counted twice: some providers put it into the prompt once more. */
		sent = (int64_t)strlen(fake.bodies[0]);
		ck_assert_int_ge(cost, sent / 3 * 2500);
		ck_assert_int_le(cost, sent * 2500);
		return;
	}
	ck_assert_int_ge(cost, rows[_i].least);
	ck_assert_int_le(cost, rows[_i].most);
	assert_settled();
}
END_TEST

START_TEST(a_parameter_that_is_refused_is_left_out_from_then_on)
{
	turn((struct turn){
		.status = 400,
		.body = "{\"error\":{\"message\":\"Unsupported value: 'temperature'\",\"param\":\"temperature\","
			"\"code\":\"unsupported_value\",\"type\":\"invalid_request_error\"}}" });
	draft(3);
	ck_assert_uint_eq(fake.sent, 2);
	ck_assert_ptr_nonnull(strstr(fake.bodies[0], "\"temperature\""));
	ck_assert_ptr_null(strstr(fake.bodies[1], "\"temperature\""));
	assert_rows("SELECT quirks FROM endpoint", "no-temperature\n");
	assert_rows("SELECT state FROM llm_call", "done\n");
	draft(6);
	ck_assert_ptr_null(strstr(fake.bodies[2], "\"temperature\""));
}
END_TEST

/* ---- Giving up ----------------------------------------------------------- */

START_TEST(a_model_that_cannot_be_asked_ends_the_run_and_leaves_the_rows)
{
	static const struct turn ends[] = {
		{ .status = 401,
		  .body = "{\"error\":{\"message\":\"Incorrect API key\",\"code\":\"invalid_api_key\"}}" },
		{ .status = 404, .body = "{\"error\":{\"message\":\"no such model\",\"code\":\"model_not_found\"}}" },
		{ .status = 429, .body = "{\"error\":{\"message\":\"quota\",\"type\":\"insufficient_quota\"}}" },
	};
	static const struct turn well = { .status = 200 };

	settings.wanted = 3;
	draft(3);
	/* Some are there already: they are passed on all the same. */
	fake.turns[0] = well;
	fake.len = 1;
	for (int i = 0; i < 200; i++)
		turn(ends[_i]);
	draft(60);
	ck_assert_int_eq(end, PERSONA_END_UNUSABLE);
	ck_assert(context.why.code != PERSONA_OK);
	ck_assert_uint_le(fake.sent, 1 + (size_t)remote.in_flight);
	assert_passed("1.1 2.1 3.1");
	assert_rows("SELECT count(*) FROM failure", "0\n");
	ck_assert_ptr_null(strstr(context.why.text, FAKE_KEY));
	assert_settled();
}
END_TEST

START_TEST(what_waits_to_be_sent_again_is_given_up_with_the_rest)
{
	turn((struct turn){ .status = 500, .body = "{\"error\":{\"message\":\"boom\"}}" });
	for (int i = 0; i < 200; i++)
		turn((struct turn){ .status = 401, .body = "{\"error\":{\"message\":\"Incorrect API key\"}}" });
	draft(60);
	ck_assert_int_eq(end, PERSONA_END_UNUSABLE);
	assert_passed("");
	assert_rows("SELECT count(*) FROM failure", "0\n");
	assert_settled();
}
END_TEST

static int64_t most_under_way;

static void count_under_way(struct fake_remote *of)
{
	int64_t now = number("SELECT count(*) FROM llm_call WHERE state = 'sent'");

	(void)of;
	if (now > most_under_way)
		most_under_way = now;
}

START_TEST(what_is_sent_again_is_under_way_like_all_else)
{
	static const char soon[] = "retry-after-ms\0"
				   "5",
			  late[] = "retry-after-ms\0"
				   "500";

	/* Two of four are sent again while the others wait. */
	for (int i = 0; i < 4; i++)
		turn((struct turn){ .status = 500,
				    .headers = i < 2 ? soon : late,
				    .headers_len = i < 2 ? sizeof soon : sizeof late,
				    .body = "{}" });
	fake.on_send = count_under_way;
	draft(60);
	ck_assert_int_eq(end, PERSONA_END_DONE);
	ck_assert_uint_eq(passed_len, 60);
	ck_assert_int_eq(most_under_way, remote.in_flight);
	assert_settled();
}
END_TEST

START_TEST(an_address_without_a_server_ends_the_run_when_its_attempts_are_used_up)
{
	for (int i = 0; i < 60; i++)
		turn((struct turn){ .outcome = PERSONA_HTTP_CONNECT });
	remote.retries = 1;
	draft(3);
	ck_assert_int_eq(end, PERSONA_END_UNUSABLE);
	ck_assert_uint_eq(fake.sent, 2);
	assert_rows("SELECT count(*) FROM failure", "0\n");
	assert_settled();
}
END_TEST

/* ---- Money --------------------------------------------------------------- */

static int64_t worst_of_one(void)
{
	draft(3);
	return number("SELECT spent_nusd FROM ledger");
}

/* What is bounded: the run, its chain, the database. */
enum { OF_RUN, OF_CHAIN, OF_DATABASE, BOUNDS };

static void chained(const char *name, int64_t nusd)
{
	persona_store_close(store);
	store = open_store_of(name, nusd);
}

static void bound_by(int what, int64_t nusd)
{
	char text[120];

	if (what == OF_RUN)
		remote.max_cost_nusd = nusd;
	if (what == OF_CHAIN)
		chained("a chain", nusd);
	if (what != OF_DATABASE)
		return;
	snprintf(text, sizeof text, "INSERT INTO setting VALUES ('budget_usd', '%.9f')", (double)nusd / 1e9);
	write_sql(text);
}

START_TEST(a_bound_that_carries_no_request_sends_none)
{
	static const char *const names[] = { "of --max-cost $0.0010", "of the chain's $0.0010",
					     "of the database's $0.0010" };

	bound_by(_i, 1000000);
	draft(3);
	ck_assert_int_eq(end, PERSONA_END_BUDGET);
	ck_assert_uint_eq(fake.sent, 0);
	ck_assert_ptr_nonnull(strstr(context.why.text, "stopped at the budget"));
	ck_assert_ptr_nonnull(strstr(context.why.text, names[_i]));
	assert_rows("SELECT count(*) FROM llm_call", "0\n");
	assert_rows("SELECT count(*) FROM failure", "0\n");
	assert_settled();
	/* A higher bound goes on. */
	remote.max_cost_nusd = -1;
	write_sql("DELETE FROM setting WHERE key = 'budget_usd'");
	if (_i == OF_CHAIN)
		chained("another", 1000000000);
	draft(3);
	assert_passed("1.1 2.1 3.1");
}
END_TEST

START_TEST(a_bound_is_never_passed_and_used_as_far_as_it_goes)
{
	const int64_t bound = 100000000; /* 10 cents */

	bound_by(_i, bound);
	draft(300);
	ck_assert_int_eq(end, PERSONA_END_BUDGET);
	ck_assert_int_le(number("SELECT spent_nusd FROM ledger"), bound);
	ck_assert_int_ge(number("SELECT spent_nusd FROM ledger"), bound * 8 / 10);
	ck_assert_int_eq(number("SELECT count(*) FROM revision"), (int64_t)passed_len);
	assert_settled();
	if (_i == OF_CHAIN)
		ck_assert_int_eq(number("SELECT spent_nusd FROM chain"), number("SELECT spent_nusd FROM ledger"));
	/* --max-cost starts anew with the next run, those of the chain and the database do not. */
	if (_i == OF_CHAIN)
		chained("a chain", 2 * bound);
	fake.on_send = NULL;
	draft(300);
	ck_assert_int_eq(end, PERSONA_END_BUDGET);
	if (_i == OF_RUN)
		ck_assert_int_ge(number("SELECT spent_nusd FROM ledger"), bound * 16 / 10);
	else
		ck_assert_int_le(number("SELECT spent_nusd FROM ledger"), bound);
	assert_settled();
}
END_TEST

START_TEST(what_costs_nothing_needs_no_budget)
{
	write_sql("INSERT INTO setting VALUES ('budget_usd', '0')");
	chained("a poor chain", 0);
	OK(persona_price_parse(&remote.price, "0:0", &err));
	draft(3);
	ck_assert_int_eq(end, PERSONA_END_DONE);
	assert_passed("1.1 2.1 3.1");
	ck_assert_int_eq(worst_of_one(), 0);
}
END_TEST

/* All of the chain's money is reserved by another of its programs, which is going to need none of it. */
static struct persona_store *neighbour;

static void pay_nothing(void *payload, const struct persona_progress *progress)
{
	(void)payload;
	(void)progress;
	options.progress = NULL;
	ck_assert_uint_eq(fake.sent, 0);
	OK(persona_store_begin(neighbour, &err));
	ck_assert_int_eq(persona_store_claim_pay(neighbour, "filter", "9", 0, &err), 1);
	OK(persona_store_commit(neighbour, &err));
}

START_TEST(what_another_of_the_chain_has_reserved_is_waited_for)
{
	enum persona_claim state;

	chained("a chain", 100000000);
	neighbour = open_store_of("a chain", 1);
	OK(persona_store_begin(neighbour, &err));
	OK(persona_store_claim(neighbour, "filter", "9", 0, &state, &err));
	ck_assert_int_eq(persona_store_claim_reserve(neighbour, "filter", "9", 100000000, &err), 1);
	OK(persona_store_commit(neighbour, &err));
	options.progress = pay_nothing;
	draft(9);
	ck_assert_int_eq(end, PERSONA_END_DONE);
	ck_assert_uint_eq(passed_len, 9);
	ck_assert_int_eq(number("SELECT spent_nusd FROM chain"), 3 * TURN_NUSD);
	persona_store_close(neighbour);
}
END_TEST

START_TEST(own_prices_win_and_without_any_a_bound_is_refused)
{
	static struct persona_llm *unknown;
	const int what = _i % BOUNDS;

	remote.priced = false;
	OK(persona_llm_open(&unknown, "openai:no-such-model", NULL, false, fake_environment, NULL, &err));
	remote.llm = unknown;
	/* Nothing at all is a bound, too. */
	bound_by(what, _i < BOUNDS ? 1000000000 : 0);
	settings.wanted = 3;
	ck_assert_int_eq(run_stage(&persona_stage_draft, &settings, &remote_model), -1);
	ck_assert_int_eq(err.code, PERSONA_E_USAGE);
	ck_assert_ptr_nonnull(strstr(err.text, "--price IN:OUT"));
	ck_assert_uint_eq(fake.sent, 0);
	remote.max_cost_nusd = -1;
	write_sql("DELETE FROM setting WHERE key = 'budget_usd'");
	if (what == OF_CHAIN)
		chained(NULL, 0);
	draft(3);
	ck_assert_ptr_nonnull(strstr(said, "what it costs is not counted"));
	ck_assert_int_eq(count_of(PERSONA_COUNT_COST_NUSD), 0);
	write_sql("INSERT INTO price VALUES ('openai', 'no-such-model', '1970-01-01', 1000000000, 2000000000, NULL, "
		  "NULL)");
	draft(6);
	ck_assert_int_eq(count_of(PERSONA_COUNT_COST_NUSD), 1000 * 1000 + 100 * 2000);
	remote.llm = fake_llm;
	persona_llm_close(unknown);
}
END_TEST

/* ---- Stopping, dying, fencing -------------------------------------------- */

static void stop_now(struct fake_remote *of)
{
	(void)of;
	persona_stage_stop();
}

START_TEST(told_to_stop_it_keeps_what_is_under_way)
{
	fake.on_send = stop_now;
	draft(60);
	ck_assert_int_eq(end, PERSONA_END_STOPPED);
	ck_assert_uint_le(fake.sent, 4);
	ck_assert_int_eq((int64_t)passed_len, 3 * (int64_t)fake.sent);
	assert_rows("SELECT count(*) FROM llm_call WHERE state <> 'done'", "0\n");
	assert_settled();
}
END_TEST

/* Somebody thinks that we are dead. */
static void take_over(struct fake_remote *of)
{
	of->on_send = NULL;
	write_sql("UPDATE claim SET run_id = (SELECT max(run_id) FROM run), reserved_nusd = 0;"
		  "UPDATE llm_call SET state = 'lost', lost_nusd = cost_nusd, cost_nusd = 0;"
		  "UPDATE ledger SET spent_nusd = reserved_nusd, reserved_nusd = 0");
}

START_TEST(who_was_taken_over_keeps_the_answer_and_writes_no_rows)
{
	struct persona_store *mine = store;

	store = open_store();
	persona_store_close(store);
	store = mine;
	fake.on_send = take_over;
	draft(3);
	assert_rows("SELECT count(*) FROM revision", "3\n");
	ck_assert_int_eq(count_of(PERSONA_COUNT_FENCED), 1);
	/* Its taker is dead: the work was picked again, and the answer was there. */
	ck_assert_uint_eq(fake.sent, 1);
	ck_assert_int_eq(count_of(PERSONA_COUNT_AT_HAND), 1);
	assert_rows("SELECT state, cost_nusd, lost_nusd > 0 FROM llm_call", "done|0|1\n");
}
END_TEST

/* ---- A database that cannot be written ----------------------------------- */

/* No file may be written, as on a disk that is full. */
static void set_full(bool full)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = full ? 1 : limit.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* Another program writes, and takes its time. */
static void set_held(bool held)
{
	write_sql(held ? "BEGIN IMMEDIATE" : "ROLLBACK");
}

/* What keeps the database from being written, and what is said then. */
static const struct obstacle {
	void (*set)(bool there);
	enum persona_error_code code;
	const char *said;
} full = { set_full, PERSONA_E_FULL, "the disk is full: waiting up to" },
  held = { set_held, PERSONA_E_BUSY, "the database is held by another program: waiting up to" };
static const struct obstacle *obstacle;

static void come_at_third(struct fake_remote *of)
{
	if (of->sent == 3)
		obstacle->set(true);
}

static sqlite3 *opened;

static int remember_opened(sqlite3 *db, char **why, const struct sqlite3_api_routines *api)
{
	(void)why;
	(void)api;
	opened = db;
	return SQLITE_OK;
}

/* The same store, but it does not wait a minute for another program. */
static void open_impatient_store(void)
{
	void (*entry)(void) = (void (*)(void))remember_opened;

	persona_store_close(store);
	ck_assert_int_eq(sqlite3_auto_extension(entry), SQLITE_OK);
	store = open_store();
	ck_assert_int_eq(sqlite3_cancel_auto_extension(entry), 1);
	ck_assert_int_eq(sqlite3_busy_timeout(opened, 10), SQLITE_OK);
}

static void on_interrupt(int number)
{
	(void)number;
	persona_stage_stop();
}

/* Whoever reads that answers wait has no time for that. */
static void interrupt(void *payload, enum persona_log_level level, const char *message)
{
	remember(payload, level, message);
	if (strstr(message, "waiting up to"))
		raise(SIGINT);
}

/* Whoever reads that answers wait makes room, after the last of them has come in. */
static void make_room(void *payload, enum persona_log_level level, const char *message)
{
	static const struct turn late = {
		.status = 200,
		.text = "[{\"name\":\"A\",\"goals\":[\"a\"]},{\"name\":\"B\",\"goals\":[\"b\"]},"
			"{\"name\":\"C\",\"goals\":[\"c\"]}]"
	};

	remember(payload, level, message);
	if (!strstr(message, "waiting up to"))
		return;
	if (fake.held) {
		fake_answer(&late, fake.bodies[0], fake.held, fake.held_arg);
		fake.held = NULL;
	}
	obstacle->set(false);
}

/* It is out of the way once this returns. */
static void draft_against(const struct obstacle *what, int64_t wanted)
{
	obstacle = what;
	if (what == &held)
		open_impatient_store();
	fake.on_send = come_at_third;
	settings.wanted = wanted;
	ck_assert_int_eq(run_stage(&persona_stage_draft, &settings, &remote_model), -1);
	if (what == &full || !sqlite3_get_autocommit(look))
		what->set(false);
	fake.on_send = NULL;
	ck_assert_msg(err.code == what->code, "%s", err.text);
	ck_assert_msg(strstr(said, what->said) != NULL, "%s", said);
}

static void draft_on_full_disk(int64_t wanted)
{
	draft_against(&full, wanted);
}

START_TEST(answers_that_cannot_be_written_are_kept_when_they_can)
{
	size_t sent;

	persona_log_set_sink(make_room, NULL);
	fake.hold = _i % 2;
	draft_against(_i < 2 ? &full : &held, 60);
	ck_assert_ptr_nonnull(strstr(said, "the answers are kept"));
	sent = fake.sent;
	ck_assert_uint_ge(sent, 3);
	ck_assert_int_eq(number("SELECT count(*) FROM llm_call WHERE state = 'done' AND lost_nusd = 0"), (int64_t)sent);
	ck_assert_int_eq(count_of(PERSONA_COUNT_COST_NUSD), (int64_t)sent * TURN_NUSD);
	assert_settled();
	draft(60);
	ck_assert_uint_eq(fake.sent, 20);
	ck_assert_int_ge(count_of(PERSONA_COUNT_AT_HAND), 3);
	ck_assert_uint_eq(passed_len, 60);
	ck_assert_int_eq(number("SELECT spent_nusd FROM ledger"), 20 * TURN_NUSD);
	assert_settled();
}
END_TEST

/* However patient the user was before. */
START_TEST(told_to_stop_it_waits_for_room_no_longer)
{
	signal(SIGINT, on_interrupt);
	persona_log_set_sink(interrupt, NULL);
	remote.patience_ms = 3600000;
	fake.hold = _i % 2;
	draft_against(_i < 2 ? &full : &held, 60);
	ck_assert_ptr_nonnull(strstr(said, "waiting up to 3600 s"));
	ck_assert_ptr_nonnull(strstr(said, "could not be kept: booked as lost"));
	ck_assert_int_gt(number("SELECT count(*) FROM llm_call WHERE state = 'sent'"), 0);
	/* Once that run is dead they are booked. */
	persona_store_close(store);
	store = open_store();
	OK(persona_store_begin(store, &err));
	OK(persona_store_bury(store, &err));
	OK(persona_store_commit(store, &err));
	assert_rows("SELECT count(*) FROM llm_call WHERE state = 'sent'", "0\n");
	ck_assert_int_gt(number("SELECT sum(lost_nusd) FROM llm_call"), 0);
	assert_settled();
}
END_TEST

START_TEST(answers_for_which_there_is_never_room_are_booked_as_lost)
{
	remote.patience_ms = 1;
	draft_on_full_disk(60);
	ck_assert_ptr_nonnull(strstr(said, "could not be kept"));
	persona_store_close(store);
	store = open_store();
	draft(60);
	ck_assert_uint_gt(fake.sent, 20);
	ck_assert_uint_eq(passed_len, 60);
	ck_assert_int_gt(number("SELECT sum(lost_nusd) FROM llm_call"), 0);
	assert_settled();
}
END_TEST

/* The transaction that fails takes an answer for which another is asked at once, as it is of no use. */
START_TEST(an_answer_of_no_use_is_not_forgotten_on_a_full_disk)
{
	persona_log_set_sink(make_room, NULL);
	for (int i = 0; i < 3; i++)
		turn((struct turn){ .status = 200, .text = "I cannot do that." });
	draft_on_full_disk(60);
	ck_assert_int_eq(number("SELECT count(*) FROM llm_call WHERE response = 'I cannot do that.'"), 3);
	assert_settled();
	draft(60);
	ck_assert_uint_eq(passed_len, 60);
	ck_assert_uint_eq(fake.sent, 23);
	assert_settled();
}
END_TEST

START_TEST(a_dry_run_counts_and_leaves_nothing)
{
	char *before, *after;

	draft(3);
	before = picture();
	options.dry_run = true;
	OK(persona_store_rehearse(store, &err));
	draft(300);
	ck_assert_uint_eq(fake.sent, 1);
	ck_assert_int_eq(context.estimate.requests, 99);
	ck_assert_int_eq(context.estimate.at_hand, 0);
	ck_assert(context.estimate.priced);
	ck_assert_int_gt(context.estimate.low_nusd, 0);
	ck_assert_int_lt(context.estimate.low_nusd, context.estimate.high_nusd);
	ck_assert_int_eq(context.estimate.output_high, 99 * 1000);
	persona_store_rollback(store);
	after = picture();
	ck_assert_str_eq(before, after);
	free(before);
	free(after);
}
END_TEST

/* Does the file hold those bytes? */
static bool file_holds(const char *name, const char *text)
{
	struct persona_buf bytes;
	char block[4096];
	ssize_t got;
	bool holds;
	int fd = open(name, O_RDONLY);

	if (fd < 0)
		return false;
	persona_buf_init(&bytes, 64 * 1024 * 1024);
	while ((got = read(fd, block, sizeof block)) > 0)
		OK(persona_buf_add(&bytes, block, (size_t)got, &err));
	close(fd);
	holds = memmem(bytes.data, bytes.len, text, strlen(text)) != NULL;
	persona_buf_release(&bytes);
	return holds;
}

START_TEST(the_key_is_nowhere_in_the_database)
{
	static const char echo[] = "{\"error\":{\"message\":\"bad key " FAKE_KEY "\",\"code\":\"invalid_api_key\"}}";
	static const char *const files[] = { "", "-wal", "-live" };
	char name[192];

	turn((struct turn){ .status = 500, .body = echo });
	turn((struct turn){ .status = 400, .body = echo });
	draft(9);
	snprintf(name, sizeof name, "%s-wal", path);
	ck_assert(file_holds(name, "bad key"));
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		snprintf(name, sizeof name, "%s%s", path, files[i]);
		ck_assert(!file_holds(name, FAKE_KEY));
	}
	ck_assert_ptr_null(strstr(said, FAKE_KEY));
}
END_TEST

int main(void)
{
	TCase *one = tcase_create("remote");

	tcase_set_timeout(one, 60);
	tcase_add_checked_fixture(one, setup_draft, teardown_remote);
	tcase_add_test(one, what_was_asked_and_answered_is_kept);
	tcase_add_test(one, the_same_again_asks_nobody);
	tcase_add_test(one, more_asks_for_the_rest_alone);
	tcase_add_loop_test(one, an_answer_at_hand_is_not_paid_for_again, 0, 2);
	tcase_add_test(one, another_batch_is_another_draw);
	tcase_add_test(one, an_answer_of_no_use_is_kept_and_the_next_sample_asked_for);
	tcase_add_test(one, what_is_complete_of_a_cut_answer_is_taken);
	tcase_add_test(one, what_cannot_be_a_persona_does_not_spoil_the_rest);
	tcase_add_test(one, a_refusal_fails_that_call_alone);
	tcase_add_loop_test(one, what_failed_on_the_way_is_tried_again, 0, 4);
	tcase_add_test(one, what_may_have_been_charged_is_lost_at_its_reservation);
	tcase_add_test(one, a_lost_attempt_is_booked_by_what_answers_have_taught_meanwhile);
	tcase_add_loop_test(one, what_the_dead_left_is_booked_by_what_answers_teach_later, 0, 4);
	tcase_add_test(one, of_few_answers_nothing_is_known_about_the_dead);
	tcase_add_test(one, attempts_are_bounded_and_the_failure_says_why);
	tcase_add_test(one, who_is_told_to_wait_waits);
	tcase_add_test(one, who_is_only_told_to_wait_gives_up);
	tcase_add_loop_test(one, who_finds_that_others_were_told_to_wait_for_too_long_gives_up, 0, 2);
	tcase_add_test(one, tokens_are_counted_as_they_were_used);
	tcase_add_loop_test(one, an_answer_is_booked_by_its_figures_where_it_has_some, 0, 4);
	tcase_add_test(one, a_parameter_that_is_refused_is_left_out_from_then_on);
	tcase_add_loop_test(one, a_model_that_cannot_be_asked_ends_the_run_and_leaves_the_rows, 0, 3);
	tcase_add_test(one, what_waits_to_be_sent_again_is_given_up_with_the_rest);
	tcase_add_test(one, what_is_sent_again_is_under_way_like_all_else);
	tcase_add_test(one, an_address_without_a_server_ends_the_run_when_its_attempts_are_used_up);
	tcase_add_loop_test(one, a_bound_that_carries_no_request_sends_none, 0, BOUNDS);
	tcase_add_loop_test(one, a_bound_is_never_passed_and_used_as_far_as_it_goes, 0, BOUNDS);
	tcase_add_test(one, what_costs_nothing_needs_no_budget);
	tcase_add_test(one, what_another_of_the_chain_has_reserved_is_waited_for);
	tcase_add_loop_test(one, own_prices_win_and_without_any_a_bound_is_refused, 0, 2 * BOUNDS);
	tcase_add_test(one, told_to_stop_it_keeps_what_is_under_way);
	tcase_add_test(one, who_was_taken_over_keeps_the_answer_and_writes_no_rows);
	tcase_add_loop_test(one, answers_that_cannot_be_written_are_kept_when_they_can, 0, 4);
	tcase_add_loop_test(one, told_to_stop_it_waits_for_room_no_longer, 0, 4);
	tcase_add_test(one, answers_for_which_there_is_never_room_are_booked_as_lost);
	tcase_add_test(one, an_answer_of_no_use_is_not_forgotten_on_a_full_disk);
	tcase_add_test(one, a_dry_run_counts_and_leaves_nothing);
	tcase_add_test(one, the_key_is_nowhere_in_the_database);
	return run_suite("remote", &one, 1);
}
