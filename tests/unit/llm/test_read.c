#include "fixture.h"
#include "persona/text.h"

static struct persona_llm_reply reply;

static void setup(void)
{
	persona_llm_reply_init(&reply);
}

static void teardown(void)
{
	persona_llm_reply_release(&reply);
}

static void read_raw(const struct persona_llm *llm, const struct persona_llm_raw *raw)
{
	struct persona_error err = { 0 };

	ck_assert_msg(persona_llm_read(llm, raw, &reply, &err) == 0, "%s", err.text);
}

/* ---- Every fixture gives what it says -------------------------------- */

static void expect_word(const struct fixture *fixture, const char *line, const char *got)
{
	const char *wanted = fixture_line(fixture, line);

	ck_assert_msg(!wanted || strcmp(wanted, got) == 0, "%s: %s is '%s', not '%s'", fixture->name, line, got,
		      wanted);
}

static void expect_number(const struct fixture *fixture, const char *line, int64_t got)
{
	const char *wanted = fixture_line(fixture, line);

	ck_assert_msg(!wanted || strtoll(wanted, NULL, 10) == got, "%s: %s is %lld, not %s", fixture->name, line,
		      (long long)got, wanted);
}

static void expect_usage(const struct fixture *fixture)
{
	const struct persona_llm_usage *usage = &reply.usage;
	char got[128];

	snprintf(got, sizeof got, "%lld %lld %lld %lld %lld", (long long)usage->input, (long long)usage->cached,
		 (long long)usage->cache_written, (long long)usage->output, (long long)usage->reasoning);
	expect_word(fixture, "usage", got);
}

static void expect_sound(const char *name)
{
	const struct persona_llm_usage *usage = &reply.usage;

	ck_assert_msg((unsigned)reply.outcome < PERSONA_LLM_OUTCOMES, "%s", name);
	ck_assert_msg((reply.outcome == PERSONA_LLM_OK) == !*reply.message, "%s: '%s'", name, reply.message);
	ck_assert_msg(persona_text_is_clean(reply.text.data, reply.text.len), "%s", name);
	ck_assert_msg(persona_text_is_clean(reply.message, strlen(reply.message)), "%s", name);
	ck_assert_msg(persona_text_is_clean(reply.model, strlen(reply.model)), "%s", name);
	ck_assert_msg(persona_text_is_clean(reply.request_id, strlen(reply.request_id)), "%s", name);
	ck_assert_msg(persona_text_is_clean(reply.finish_reason, strlen(reply.finish_reason)), "%s", name);
	ck_assert_msg(!strchr(reply.message, '\n'), "%s", name);
	ck_assert_msg(usage->input >= -1 && usage->cached >= -1 && usage->cache_written >= -1 && usage->output >= -1 &&
			      usage->reasoning >= -1,
		      "%s", name);
	ck_assert_msg(reply.retry_after_ms >= -1, "%s", name);
	ck_assert_msg((reply.outcome == PERSONA_LLM_PARAMETER) == (reply.quirk != 0), "%s", name);
	ck_assert_msg(reply.outcome != PERSONA_LLM_OK || reply.text.len, "%s", name);
}

static void check_fixture(struct fixture *fixture)
{
	struct persona_llm *llm = fixture_llm(fixture);
	struct persona_llm_raw raw = fixture_raw(fixture);
	char quirks[PERSONA_LLM_QUIRKS_TEXT];
	const char *says = fixture_line(fixture, "says");

	read_raw(llm, &raw);
	expect_word(fixture, "outcome", persona_llm_outcome_name(reply.outcome));
	expect_sound(fixture->name);
	expect_word(fixture, "text", reply.text.data);
	expect_word(fixture, "finish", reply.finish_reason);
	expect_word(fixture, "model", reply.model);
	expect_word(fixture, "id", reply.request_id);
	expect_word(fixture, "parameter", reply.parameter);
	expect_word(fixture, "charged", reply.charged ? "yes" : "no");
	expect_number(fixture, "wait", reply.retry_after_ms);
	expect_number(fixture, "should-retry", reply.should_retry);
	expect_usage(fixture);
	persona_llm_quirks_format(quirks, reply.quirk);
	expect_word(fixture, "quirks", quirks);
	ck_assert_msg(!says || strstr(reply.message, says), "%s: '%s'", fixture->name, reply.message);
	persona_llm_close(llm);
}

START_TEST(every_shape_gives_its_outcome)
{
	ck_assert_int_ge(fixtures_each(check_fixture), 125);
}
END_TEST

/* ---- Whatever comes -------------------------------------------------- */

/* Exactly these bytes, so that a sanitizer sees a step too far. */
static void read_bytes(const struct persona_llm *llm, struct persona_llm_raw raw, const char *bytes, size_t len,
		       const char *name)
{
	char *exact = malloc(len ? len : 1);

	memcpy(exact, bytes, len);
	raw.body = exact;
	raw.len = len;
	read_raw(llm, &raw);
	expect_sound(name);
	free(exact);
}

static void cut_everywhere(struct fixture *fixture)
{
	struct persona_llm *llm = fixture_llm(fixture);
	struct persona_llm_raw raw = fixture_raw(fixture);
	bool json = fixture->len && (*fixture->body == '{' || *fixture->body == '[');

	for (size_t len = 0; len < fixture->len; len += len < 64 ? 1 : 5) {
		read_bytes(llm, raw, fixture->body, len, fixture->name);
		/* What a 200 has of JSON before its end is no answer, and no nonsense either. */
		if (json && raw.status == 200 && len + 1 < fixture->len &&
		    strcmp(fixture->name, "ollama-stream.reply") && strcmp(fixture->name, "trailing-200.reply"))
			ck_assert_msg(reply.outcome == PERSONA_LLM_CUT && !reply.text.len, "%s at %zu: %s",
				      fixture->name, len, persona_llm_outcome_name(reply.outcome));
	}
	persona_llm_close(llm);
}

START_TEST(an_answer_that_was_cut_is_cut)
{
	ck_assert_int_gt(fixtures_each(cut_everywhere), 0);
}
END_TEST

/* Each value in turn becomes something else. */
static void change_values(struct fixture *fixture)
{
	static const char *const others[] = { "null", "true",	"-1",	"1e999",  "\"\\ud800\"",    "[]",
					      "{}",   "[[{}]]", "\"\"", "[null]", "{\"message\":7}" };
	struct persona_llm *llm = fixture_llm(fixture);
	struct persona_llm_raw raw = fixture_raw(fixture);
	struct persona_buf changed;

	persona_buf_init(&changed, 1 << 20);
	for (const char *colon = fixture->body; (colon = strchr(colon, ':')); colon++) {
		const char *value = colon + 1 + strspn(colon + 1, " ");
		const char *end = value;

		if (*value == '"')
			for (end++; *end && *end != '"'; end++)
				end += *end == '\\';
		end += *value == '"' ? *end == '"' : strcspn(value, ",}\n]");
		for (size_t i = 0; i < COUNT(others); i++) {
			persona_buf_clear(&changed);
			ck_assert_int_eq(
				persona_buf_add(&changed, fixture->body, (size_t)(value - fixture->body), NULL), 0);
			ck_assert_int_eq(persona_buf_adds(&changed, others[i], NULL), 0);
			ck_assert_int_eq(persona_buf_adds(&changed, end, NULL), 0);
			read_bytes(llm, raw, changed.data, changed.len, fixture->name);
		}
	}
	persona_buf_release(&changed);
	persona_llm_close(llm);
}

START_TEST(values_of_other_types_are_survived)
{
	ck_assert_int_gt(fixtures_each(change_values), 0);
}
END_TEST

START_TEST(nesting_without_end_is_refused)
{
	struct persona_llm *llm = open_llm("openai:m");
	struct persona_llm_raw raw = { .outcome = PERSONA_HTTP_OK, .maybe_sent = true, .status = 200 };
	size_t len = 1 << 20;
	char *deep = malloc(len);

	memset(deep, '[', len);
	read_bytes(llm, raw, deep, len, "deep");
	ck_assert_int_eq(reply.outcome, PERSONA_LLM_GARBLED);
	for (size_t i = 0; i + 5 <= len; i += 5)
		memcpy(deep + i, "{\"a\":", 5);
	read_bytes(llm, raw, deep, len, "deep");
	ck_assert_int_eq(reply.outcome, PERSONA_LLM_GARBLED);
	free(deep);
	persona_llm_close(llm);
}
END_TEST

/* ---- Transfers that failed ------------------------------------------- */

static const struct {
	enum persona_http_outcome transfer;
	bool sent;
	int status;
	enum persona_llm_outcome outcome;
} transfers[] = {
	{ PERSONA_HTTP_CONNECT, false, 0, PERSONA_LLM_UNREACHABLE },
	{ PERSONA_HTTP_TLS, false, 0, PERSONA_LLM_UNREACHABLE },
	{ PERSONA_HTTP_TIMEOUT, true, 0, PERSONA_LLM_TIMEOUT },
	{ PERSONA_HTTP_TIMEOUT, true, 200, PERSONA_LLM_TIMEOUT },
	{ PERSONA_HTTP_RESET, true, 0, PERSONA_LLM_NETWORK },
	{ PERSONA_HTTP_RESET, false, 0, PERSONA_LLM_NETWORK },
	{ PERSONA_HTTP_RESET, true, 200, PERSONA_LLM_CUT },
	{ PERSONA_HTTP_INVALID, true, 0, PERSONA_LLM_GARBLED },
	{ PERSONA_HTTP_TOO_LARGE, true, 200, PERSONA_LLM_GARBLED },
	{ PERSONA_HTTP_CANCELLED, true, 0, PERSONA_LLM_CANCELLED },
	{ PERSONA_HTTP_CANCELLED, false, 0, PERSONA_LLM_CANCELLED },
	{ PERSONA_HTTP_NOMEM, true, 0, PERSONA_LLM_NETWORK },
};

START_TEST(failed_transfers_are_told_apart)
{
	struct persona_llm *llm = open_llm("anthropic:m");
	struct persona_llm_raw raw = { .outcome = transfers[_i].transfer,
				       .maybe_sent = transfers[_i].sent,
				       .status = transfers[_i].status,
				       .body = "{\"content\":[{\"type\":\"text\",\"text\":\"whole\"}]}",
				       .len = 43,
				       .reason = "because of " KEY };

	read_raw(llm, &raw);
	ck_assert_int_eq(reply.outcome, transfers[_i].outcome);
	ck_assert_int_eq(reply.charged, transfers[_i].sent);
	ck_assert_uint_eq(reply.text.len, 0);
	ck_assert_ptr_nonnull(strstr(reply.message, "because of"));
	ck_assert_ptr_null(strstr(reply.message, KEY));
	persona_llm_close(llm);
}
END_TEST

/* ---- Keys ------------------------------------------------------------ */

static const char *echoing(void *payload, const char *name)
{
	(void)payload;
	return strcmp(name, "x-request-id") == 0 || strcmp(name, "content-type") == 0 ? "id-" KEY : NULL;
}

static const char *const echoes[] = {
	"{\"error\":{\"message\":\"no such key " KEY "\",\"code\":\"" KEY "\",\"type\":\"" KEY "\",\"param\":\"" KEY
	"\"}}",
	"{\"error\":\"Bearer " KEY " is wrong\"}",
	"{\"error\":{\"message\":\"header 'authorization: Bearer " KEY "'\"}}",
	"{\"error\":{\"message\":\"key sk-test-4XbQ****7890, or 4XbQ81zzWm7890, or sk-test-4XbQ81zz\"}}",
	"{\"error\":{\"message\":\"\\u0073k-test-4XbQ81zzWm7890\"}}",
	"{\"message\":\"" KEY "\"}",
	"{\"detail\":\"" KEY "\"}",
	"{\"model\":\"" KEY "\",\"id\":\"" KEY "\",\"choices\":[{\"message\":{\"content\":\"you are " KEY
	"\"},\"finish_reason\":\"" KEY "\"}]}",
	"{\"choices\":[{\"message\":{\"content\":null,\"refusal\":\"not with " KEY "\"}}]}",
	"<html>" KEY "</html>",
};

static void refuse_key(const char *text)
{
	static const char *const pieces[] = { KEY, "4XbQ81zz", "zzWm7890", "4XbQ**" };

	for (size_t i = 0; i < COUNT(pieces); i++)
		ck_assert_msg(!strstr(text, pieces[i]), "%s", text);
}

START_TEST(no_text_holds_the_key)
{
	static const int statuses[] = { 200, 400, 401, 429, 500, 502 };
	struct persona_llm *llm = open_llm("openai:m");

	for (size_t i = 0; i < COUNT(statuses); i++) {
		struct persona_llm_raw raw = { .outcome = PERSONA_HTTP_OK,
					       .maybe_sent = true,
					       .status = statuses[i],
					       .body = echoes[_i],
					       .len = strlen(echoes[_i]),
					       .header = echoing };

		read_raw(llm, &raw);
		refuse_key(reply.message);
		refuse_key(reply.text.data);
		refuse_key(reply.finish_reason);
		refuse_key(reply.request_id);
		refuse_key(reply.model);
		refuse_key(reply.parameter);
	}
	persona_llm_close(llm);
}
END_TEST

START_TEST(a_message_is_one_line_with_an_end)
{
	struct persona_llm *llm = open_llm("openai:m");
	struct persona_llm_raw raw = { .outcome = PERSONA_HTTP_OK, .maybe_sent = true, .status = 400 };
	struct persona_buf body;

	persona_buf_init(&body, 1 << 20);
	ck_assert_int_eq(persona_buf_adds(&body, "{\"error\":\"a\\nb\\tc\\u001b[31m\\r\\n", NULL), 0);
	for (int i = 0; i < 5000; i++)
		ck_assert_int_eq(persona_buf_adds(&body, "\u00e9\\u20ac", NULL), 0);
	ck_assert_int_eq(persona_buf_adds(&body, "\"}", NULL), 0);
	raw.body = body.data;
	raw.len = body.len;
	read_raw(llm, &raw);
	expect_sound("long");
	ck_assert_str_eq(strncmp(reply.message, "HTTP 400: a b c[31m \u00e9\u20ac", 24) == 0 ? "" : reply.message, "");
	ck_assert_uint_gt(strlen(reply.message), PERSONA_LLM_MESSAGE - 5);
	persona_buf_release(&body);
	persona_llm_close(llm);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = suite_of("read", &tcase);

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, every_shape_gives_its_outcome);
	tcase_add_test(tcase, an_answer_that_was_cut_is_cut);
	tcase_add_test(tcase, values_of_other_types_are_survived);
	tcase_add_test(tcase, nesting_without_end_is_refused);
	tcase_add_loop_test(tcase, failed_transfers_are_told_apart, 0, COUNT(transfers));
	tcase_add_loop_test(tcase, no_text_holds_the_key, 0, COUNT(echoes));
	tcase_add_test(tcase, a_message_is_one_line_with_an_end);
	return run_suite(suite);
}
