/* The model server itself: what it counts is what other tests believe. */
#include "helper.h"

static struct persona_http *pool;
static struct model_server *models;
static char base[64];

static void set_up(void)
{
	struct persona_http_options options = { .timeout_ms = 5000 };

	models = models_with(NULL);
	pool = pool_with(&options);
	snprintf(base, sizeof base, "%s", model_server_url(models));
}

static void tear_down(void)
{
	persona_http_free(pool);
	model_server_stop(models);
}

static void set(const char *name, const char *value)
{
	ck_assert_msg(model_server_set(models, name, value, &err) == 0, "%s", err.text);
}

static struct persona_http_response ask_path(const char *path, const char *body)
{
	char url[256];

	snprintf(url, sizeof url, "%s%s", base, path);
	return ask_for(pool, url, body);
}

/* The body of an answer as JSON; the caller's reference. */
static json_t *answer(const char *path, const char *body, int status)
{
	struct persona_http_response response = ask_path(path, body);
	json_t *value;

	ck_assert_outcome(response, PERSONA_HTTP_OK);
	ck_assert_msg(response.status == status, "%d: %s", response.status, response.body.data);
	value = json_loadb(response.body.data, response.body.len, 0, NULL);
	ck_assert_ptr_nonnull(value);
	persona_http_response_release(&response);
	return value;
}

/* A member by its path, such as "choices/0/message/content"; borrowed. */
static const json_t *at(const json_t *value, const char *path)
{
	while (*path && value) {
		char name[64];
		size_t len = strcspn(path, "/");

		snprintf(name, sizeof name, "%.*s", (int)len, path);
		value = json_is_array(value) ? json_array_get(value, strtoul(name, NULL, 10))
					     : json_object_get(value, name);
		path += len + (path[len] == '/');
	}
	return value;
}

#define PROMPT "[talks.csv:17] The bus is never there when it rains\\n[talks.csv:18] I walk\\nPersonas wanted: 3"

static const struct {
	const char *path, *body, *text, *finish, *finished, *in, *out;
} dialects[] = {
	{ "/v1/chat/completions", "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"" PROMPT "\"}]}",
	  "choices/0/message/content", "choices/0/finish_reason", "stop", "usage/prompt_tokens",
	  "usage/completion_tokens" },
	{ "/v1/messages",
	  "{\"model\":\"m\",\"max_tokens\":4096,\"messages\":[{\"role\":\"user\",\"content\":\"" PROMPT "\"}]}",
	  "content/0/text", "stop_reason", "end_turn", "usage/input_tokens", "usage/output_tokens" },
	{ "/v1beta/models/m:generateContent",
	  "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"" PROMPT "\"}]}]}",
	  "candidates/0/content/parts/0/text", "candidates/0/finishReason", "STOP", "usageMetadata/promptTokenCount",
	  "usageMetadata/candidatesTokenCount" },
	{ "/api/chat",
	  "{\"model\":\"m\",\"stream\":false,\"messages\":[{\"role\":\"user\",\"content\":\"" PROMPT "\"}]}",
	  "message/content", "done_reason", "stop", "prompt_eval_count", "eval_count" },
};

START_TEST(every_wire_format)
{
	json_t *value = answer(dialects[_i].path, dialects[_i].body, 200), *stats = model_server_stats(models);
	const char *text = json_string_value(at(value, dialects[_i].text));
	json_t *said = json_loads(text, 0, NULL);

	ck_assert_str_eq(json_string_value(at(value, dialects[_i].finish)), dialects[_i].finished);
	ck_assert_uint_eq(json_array_size(at(said, "personas")), 3);
	ck_assert_str_ne(json_string_value(at(said, "personas/0/name")),
			 json_string_value(at(said, "personas/1/name")));
	ck_assert_int_eq(strncmp(json_string_value(at(said, "personas/2/evidence/0/record")), "talks.csv:1", 11), 0);
	ck_assert_int_eq(json_integer_value(at(value, dialects[_i].in)),
			 json_integer_value(at(stats, "models/m/tokens_in")));
	ck_assert_int_eq(json_integer_value(at(value, dialects[_i].out)),
			 json_integer_value(at(stats, "models/m/tokens_out")));
	ck_assert_int_eq(json_integer_value(at(value, dialects[_i].out)), (json_int_t)(strlen(text) + 3) / 4);
	json_decref(said);
	json_decref(stats);
	json_decref(value);
}
END_TEST

/* What is said of the tokens has each provider's meaning; what is counted is the same for all. */
START_TEST(tokens_as_each_provider_means_them)
{
	json_t *value, *stats;

	set("cached", "50");
	set("reasoning", "7");
	set("tokens-out", "100");
	value = answer(dialects[_i].path, dialects[_i].body, 200);
	stats = model_server_stats(models);
	ck_assert_int_eq(json_integer_value(at(stats, "models/m/tokens_out")), 107);
	ck_assert_int_eq(json_integer_value(at(value, dialects[_i].out)), _i == 2 ? 100 : 107);
	ck_assert_int_eq(json_integer_value(at(value, dialects[_i].in)),
			 json_integer_value(at(stats, "models/m/tokens_in")) -
				 (_i == 1 ? json_integer_value(at(stats, "models/m/tokens_cached")) : 0));
	json_decref(stats);
	json_decref(value);
	set("usage", "missing");
	value = answer(dialects[_i].path, dialects[_i].body, 200);
	ck_assert_ptr_null(at(value, dialects[_i].in));
	json_decref(value);
}
END_TEST

START_TEST(equal_requests_get_equal_answers)
{
	json_t *first = answer(dialects[0].path, dialects[0].body, 200);
	json_t *second = answer(dialects[0].path, dialects[0].body, 200);
	json_t *other =
		answer("/chat/completions",
		       "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"\\\"count\\\": 1\"}]}", 200);

	ck_assert(json_equal(first, second));
	ck_assert_str_ne(json_string_value(at(first, dialects[0].text)),
			 json_string_value(at(other, dialects[0].text)));
	/* Counted when it has gone out, which the client may see first. */
	wait_for(model_server_count(models, "answered") == 3);
	ck_assert_int_eq(model_server_count(models, "answered_twice"), 1);
	json_decref(first);
	json_decref(second);
	json_decref(other);
}
END_TEST

/* Generated and then lost: the provider counts it, and nobody was answered. */
START_TEST(lost_answers_are_counted)
{
	static const char *const losses[] = { "reset", "cut", "badline" };
	long long tokens = 0;
	json_t *stats;

	for (int i = 0; i < 3; i++) {
		struct persona_http_response response;

		set("script", losses[i]);
		response = ask_path(dialects[0].path, dialects[0].body);
		ck_assert_int_ne(response.outcome, PERSONA_HTTP_OK);
		persona_http_response_release(&response);
		stats = model_server_stats(models);
		ck_assert_int_gt(json_integer_value(at(stats, "models/m/tokens_out")), tokens);
		tokens = json_integer_value(at(stats, "models/m/tokens_out"));
		json_decref(stats);
	}
	set("script", "500,429");
	json_decref(answer(dialects[0].path, dialects[0].body, 500));
	json_decref(answer(dialects[0].path, dialects[0].body, 429));
	stats = model_server_stats(models);
	ck_assert_int_eq(json_integer_value(at(stats, "models/m/tokens_out")), tokens);
	ck_assert_int_eq(json_integer_value(at(stats, "answered")), 0);
	json_decref(stats);
}
END_TEST

START_TEST(the_limit_and_who_does_not_wait)
{
	struct persona_http_response response;

	set("rpm", "3");
	for (int i = 0; i < 3; i++)
		json_decref(answer(dialects[0].path, dialects[0].body, 200));
	response = ask_path(dialects[0].path, dialects[0].body);
	ck_assert_int_eq(response.status, 429);
	ck_assert_int_ge(strtol(persona_http_response_header(&response, "retry-after"), NULL, 10), 55);
	persona_http_response_release(&response);
	ck_assert_int_eq(model_server_count(models, "early"), 0);
	usleep(200000);
	json_decref(answer(dialects[0].path, dialects[0].body, 429));
	ck_assert_int_eq(model_server_count(models, "early"), 1);
	ck_assert_int_eq(model_server_count(models, "per_minute_max"), 5);
}
END_TEST

START_TEST(keys_and_bounds)
{
	static const struct persona_http_header good[] = { { "Authorization", "Bearer sk-good", false } };
	struct persona_http_request request = post(chat_url(models), dialects[0].body);
	struct persona_http_response response;
	json_t *value;

	set("require-key", "sk-good");
	response = ask(pool, &request);
	ck_assert_int_eq(response.status, 401);
	persona_http_response_release(&response);
	request.headers = good;
	response = ask(pool, &request);
	ck_assert_int_eq(response.status, 200);
	persona_http_response_release(&response);
	set("require-key", "");
	value = answer("/v1/messages",
		       "{\"model\":\"m\",\"max_tokens\":10,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}",
		       200);
	ck_assert_str_eq(json_string_value(at(value, "stop_reason")), "max_tokens");
	ck_assert_int_eq(json_integer_value(at(value, "usage/output_tokens")), 10);
	json_decref(value);
	set("reject", "top_p,temperature");
	value = answer("/chat/completions",
		       "{\"model\":\"m\",\"temperature\":0,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}",
		       400);
	ck_assert_str_eq(json_string_value(at(value, "error/param")), "temperature");
	json_decref(value);
}
END_TEST

START_TEST(told_while_it_runs)
{
	json_decref(answer("/control", "{\"script\": \"500\", \"delay\": \"30-40\", \"reset\": true}", 200));
	json_decref(answer(dialects[0].path, dialects[0].body, 500));
	json_decref(answer("/stats", NULL, 200));
	ck_assert_int_eq(model_server_count(models, "requests"), 1);
	json_decref(answer("/control", "{\"no-such\": 1}", 400));
	json_decref(answer("/control", "[]", 400));
	ck_assert_int_eq(model_server_count(models, "no-such"), -1);
}
END_TEST

static const char *const bad_options[][2] = {
	{ "fail", "429" },	     { "fail", "429=101" }, { "fail", "what=1" }, { "script", "what" },
	{ "delay", "30-20" },	     { "delay", "x" },	    { "usage", "some" },  { "status", "1000" },
	{ "header", "no colon" },    { "retry-after", "" }, { "seed", "-1" },	  { "close", "perhaps" },
	{ "port", "70000" },	     { "unknown", "1" },    { "fail", "429=5x" }, { "tokens-out", "5-" },
	{ "reply", "/nonexistent" },
};

START_TEST(options_that_make_no_sense)
{
	struct model_server *none;
	const char *options[] = { bad_options[_i][0], bad_options[_i][1], NULL };

	ck_assert_int_eq(model_server_start(&none, options, &err), -1);
	ck_assert_ptr_null(none);
	ck_assert_int_ne(err.code, PERSONA_OK);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("model server");
	TCase *t = tcase_create("server");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_loop_test(t, every_wire_format, 0, 4);
	tcase_add_loop_test(t, tokens_as_each_provider_means_them, 0, 4);
	tcase_add_test(t, equal_requests_get_equal_answers);
	tcase_add_test(t, lost_answers_are_counted);
	tcase_add_test(t, the_limit_and_who_does_not_wait);
	tcase_add_test(t, keys_and_bounds);
	tcase_add_test(t, told_while_it_runs);
	tcase_add_loop_test(t, options_that_make_no_sense, 0, sizeof bad_options / sizeof *bad_options);
	suite_add_tcase(s, t);
	return run_suite(s);
}
