#include "helper.h"

static struct persona_error err;

static void setup(void)
{
	err = (struct persona_error){ 0 };
}

/* The value of a header; NULL where there is none. */
static const struct persona_http_header *header(const struct persona_llm *llm, const char *name)
{
	const struct persona_http_header *list;
	size_t count = persona_llm_headers(llm, &list);

	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i].name, name) == 0)
			return &list[i];
	return NULL;
}

/* ---- Where requests go ----------------------------------------------- */

static const struct {
	const char *spec, *base, *variable, *value, *url, *origin;
	bool local;
} places[] = {
	{ "openai:gpt-4o", NULL, NULL, NULL, "https://api.openai.com/v1/chat/completions", "https://api.openai.com:443",
	  false },
	{ "openai:m", NULL, "OPENAI_BASE_URL", "http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1/chat/completions",
	  "http://127.0.0.1:8000", true },
	{ "openai:m", NULL, "OPENAI_BASE_URL", "", "https://api.openai.com/v1/chat/completions",
	  "https://api.openai.com:443", false },
	{ "openai:m", "http://box:8000", NULL, NULL, "http://box:8000/v1/chat/completions", "http://box:8000", false },
	{ "openai:m", "http://box:8000/", NULL, NULL, "http://box:8000/v1/chat/completions", "http://box:8000", false },
	{ "openai:m", "http://box:8000/v1/", NULL, NULL, "http://box:8000/v1/chat/completions", "http://box:8000",
	  false },
	{ "openai:m", "http://box:8000/v1/chat/completions", NULL, NULL, "http://box:8000/v1/chat/completions",
	  "http://box:8000", false },
	{ "openai:m", "https://openrouter.ai/api/v1", NULL, NULL, "https://openrouter.ai/api/v1/chat/completions",
	  "https://openrouter.ai:443", false },
	{ "openai:m", "HTTP://LocalHost:1", NULL, NULL, "HTTP://LocalHost:1/v1/chat/completions", "http://localhost:1",
	  true },
	{ "openai:m", "http://[::1]:8080", NULL, NULL, "http://[::1]:8080/v1/chat/completions", "http://[::1]:8080",
	  true },
	{ "anthropic:c", NULL, NULL, NULL, "https://api.anthropic.com/v1/messages", "https://api.anthropic.com:443",
	  false },
	{ "anthropic:c", "https://api.anthropic.com/v1/", NULL, NULL, "https://api.anthropic.com/v1/messages",
	  "https://api.anthropic.com:443", false },
	{ "anthropic:c", "http://v1", NULL, NULL, "http://v1/v1/messages", "http://v1:80", false },
	{ "anthropic:c", NULL, "ANTHROPIC_BASE_URL", "http://127.9.9.9:1/proxy", "http://127.9.9.9:1/proxy/v1/messages",
	  "http://127.9.9.9:1", true },
	{ "gemini:gemini-2.5-flash", NULL, NULL, NULL,
	  "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent",
	  "https://generativelanguage.googleapis.com:443", false },
	{ "gemini:models/../x?key=1#", "http://g/v1beta/", NULL, NULL,
	  "http://g/v1beta/models/..%2Fx%3Fkey%3D1%23:generateContent", "http://g:80", false },
	{ "gemini:g", NULL, "GOOGLE_GEMINI_BASE_URL", "https://proxy.example",
	  "https://proxy.example/v1beta/models/g:generateContent", "https://proxy.example:443", false },
	{ "ollama:qwen3:8b", NULL, NULL, NULL, "http://127.0.0.1:11434/api/chat", "http://127.0.0.1:11434", true },
	{ "ollama:q", NULL, "OLLAMA_HOST", "0.0.0.0", "http://127.0.0.1:11434/api/chat", "http://127.0.0.1:11434",
	  true },
	{ "ollama:q", NULL, "OLLAMA_HOST", "0.0.0.0:9", "http://127.0.0.1:9/api/chat", "http://127.0.0.1:9", true },
	{ "ollama:q", NULL, "OLLAMA_HOST", ":9", "http://127.0.0.1:9/api/chat", "http://127.0.0.1:9", true },
	{ "ollama:q", NULL, "OLLAMA_HOST", "box", "http://box:11434/api/chat", "http://box:11434", false },
	{ "ollama:q", NULL, "OLLAMA_HOST", " 'box:80/' ", "http://box:80/api/chat", "http://box:80", false },
	{ "ollama:q", NULL, "OLLAMA_HOST", "http://box", "http://box:80/api/chat", "http://box:80", false },
	{ "ollama:q", NULL, "OLLAMA_HOST", "https://box", "https://box:443/api/chat", "https://box:443", false },
	{ "ollama:q", NULL, "OLLAMA_HOST", "https://box:8/ollama/", "https://box:8/ollama/api/chat", "https://box:8",
	  false },
	{ "ollama:q", NULL, "OLLAMA_HOST", "http://0.0.0.0", "http://127.0.0.1:80/api/chat", "http://127.0.0.1:80",
	  true },
	{ "ollama:q", NULL, "OLLAMA_HOST", "[::1]", "http://[::1]:11434/api/chat", "http://[::1]:11434", true },
	{ "ollama:q", NULL, "OLLAMA_HOST", "::1", "http://[::1]:11434/api/chat", "http://[::1]:11434", true },
	{ "ollama:q", NULL, "OLLAMA_HOST", "[::]:7", "http://[::1]:7/api/chat", "http://[::1]:7", true },
	{ "ollama:q", NULL, "OLLAMA_HOST", "box:", "http://box:11434/api/chat", "http://box:11434", false },
	{ "ollama:q", "box:1/v1", NULL, NULL, "http://box:1/api/chat", "http://box:1", false },
	{ "ollama:gpt-oss:120b-cloud", NULL, NULL, NULL, "http://127.0.0.1:11434/api/chat", "http://127.0.0.1:11434",
	  false },
	{ "ollama:m:cloud", NULL, NULL, NULL, "http://127.0.0.1:11434/api/chat", "http://127.0.0.1:11434", false },
	{ "ollama:thundercloud", NULL, NULL, NULL, "http://127.0.0.1:11434/api/chat", "http://127.0.0.1:11434", true },
};

START_TEST(requests_go_where_the_address_says)
{
	const struct variable list[] = { { "OPENAI_API_KEY", KEY },
					 { "ANTHROPIC_API_KEY", KEY },
					 { "GOOGLE_API_KEY", KEY },
					 { "OPENROUTER_API_KEY", KEY },
					 { places[_i].variable, places[_i].value },
					 { NULL, NULL } };
	struct persona_llm *llm;

	ck_assert_msg(persona_llm_open(&llm, places[_i].spec, places[_i].base, false, variables, (void *)list, &err) ==
			      0,
		      "%s", err.text);
	ck_assert_str_eq(persona_llm_url(llm), places[_i].url);
	ck_assert_str_eq(persona_llm_origin(llm), places[_i].origin);
	ck_assert_int_eq(persona_llm_is_local(llm), places[_i].local);
	persona_llm_close(llm);
}
END_TEST

/* ---- Refusals -------------------------------------------------------- */

static const struct {
	const char *spec, *base, *variable, *value, *says;
} refusals[] = {
	{ "gpt-4o", NULL, NULL, NULL, "gpt-4o" },
	{ "", NULL, NULL, NULL, "openai:MODEL" },
	{ "open:x", NULL, NULL, NULL, "openai:MODEL" },
	{ "offline:", NULL, NULL, NULL, "openai:MODEL" },
	{ "openai:", NULL, NULL, NULL, "no model" },
	{ "openai:a b", NULL, NULL, NULL, "name" },
	{ "openai:a\nb", NULL, NULL, NULL, "name" },
	{ "openai:\xC3\xA4", NULL, NULL, NULL, "name" },
	{ "openai:m", NULL, NULL, NULL, "OPENAI_API_KEY" },
	{ "openai:m", NULL, "OPENAI_API_KEY", "", "OPENAI_API_KEY" },
	{ "anthropic:m", NULL, NULL, NULL, "ANTHROPIC_API_KEY" },
	{ "gemini:m", NULL, NULL, NULL, "GOOGLE_API_KEY" },
	{ "ollama:m", NULL, "OLLAMA_HOST", "https://ollama.com", "OLLAMA_API_KEY" },
	{ "openai:m", "https://api.deepseek.com", "OPENAI_API_KEY", KEY, "DEEPSEEK_API_KEY" },
	{ "openai:m", "http://api.openai.com/v1", "OPENAI_API_KEY", KEY, "https" },
	{ "openai:m", "https://user:secret-word@box/v1", NULL, NULL, "" },
	{ "openai:m", "https://box/v1?key=secret-word", NULL, NULL, "?" },
	{ "openai:m", "https://box/v1#secret-word", NULL, NULL, "#" },
	{ "openai:m", "ftp://secret-word", NULL, NULL, "http://" },
	{ "openai:m", "box:8000", NULL, NULL, "http://" },
	{ "openai:m", "", NULL, NULL, "http://" },
	{ "openai:m", "http://", NULL, NULL, "" },
	{ "openai:m", "http:///v1", NULL, NULL, "" },
	{ "openai:m", "http://bo x", NULL, NULL, "character" },
	{ "openai:m", "http://box\r\nsecret-word: 1", NULL, NULL, "character" },
	{ "openai:m", "http://box:99999", NULL, NULL, "" },
	{ "ollama:m", NULL, "OLLAMA_HOST", "user:secret-word@box", "password" },
	{ "ollama:m", NULL, "OLLAMA_HOST", "ftp://box", "OLLAMA_HOST" },
	{ "ollama:m", NULL, "OLLAMA_HOST", "bo x", "OLLAMA_HOST" },
	{ "openai:m", NULL, "OPENAI_API_KEY", "secret-word\n", "OPENAI_API_KEY" },
	{ "openai:m", NULL, "OPENAI_API_KEY", "secret-word\r\nx: y", "OPENAI_API_KEY" },
	{ "openai:m", NULL, "OPENAI_API_KEY", "secret word secret-word", "OPENAI_API_KEY" },
	{ "anthropic:m", NULL, "ANTHROPIC_AUTH_TOKEN", "secret-word\x7F", "ANTHROPIC_AUTH_TOKEN" },
	{ "gemini:m", NULL, "GEMINI_API_KEY", "secret-word\xC3\xA9", "GEMINI_API_KEY" },
};

START_TEST(what_makes_no_sense_is_refused_without_telling_secrets)
{
	const struct variable list[] = { { refusals[_i].variable, refusals[_i].value }, { NULL, NULL } };
	struct persona_llm *llm;

	ck_assert_int_eq(
		persona_llm_open(&llm, refusals[_i].spec, refusals[_i].base, false, variables, (void *)list, &err), -1);
	ck_assert_ptr_null(llm);
	ck_assert_int_eq(err.code, PERSONA_E_USAGE);
	ck_assert_msg(err.text[0] && strstr(err.text, refusals[_i].says), "%s", err.text);
	ck_assert_ptr_null(strstr(err.text, "secret"));
	ck_assert_ptr_null(strstr(err.text, KEY));
}
END_TEST

START_TEST(long_names_are_refused)
{
	char spec[300] = "gemini:";
	struct persona_llm *llm;

	/* The longest is three times as long in a URL. */
	memset(spec + 7, '"', 256);
	ck_assert_int_eq(persona_llm_open(&llm, spec, NULL, true, NULL, NULL, &err), 0);
	ck_assert_ptr_nonnull(strstr(persona_llm_url(llm), "%22:generateContent"));
	persona_llm_close(llm);
	spec[7 + 256] = 'x';
	ck_assert_int_eq(persona_llm_open(&llm, spec, NULL, true, NULL, NULL, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_USAGE);
}
END_TEST

START_TEST(long_keys_and_addresses_are_refused)
{
	char text[5000];
	const struct variable key[] = { { "OPENAI_API_KEY", text }, { NULL, NULL } };
	const struct variable host[] = { { "OLLAMA_HOST", text }, { NULL, NULL } };
	struct persona_llm *llm;

	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	ck_assert_int_eq(persona_llm_open(&llm, "openai:m", NULL, false, variables, (void *)key, &err), -1);
	ck_assert_int_eq(persona_llm_open(&llm, "ollama:m", NULL, false, variables, (void *)host, &err), -1);
	memcpy(text, "http://", 7);
	ck_assert_int_eq(persona_llm_open(&llm, "openai:m", text, false, NULL, NULL, &err), -1);
	text[2047] = '\0';
	ck_assert_int_eq(persona_llm_open(&llm, "openai:m", text, false, NULL, NULL, &err), -1);
	ck_assert_ptr_null(strstr(err.text, "aaaa"));
}
END_TEST

/* ---- Keys ------------------------------------------------------------ */

static const struct {
	const char *spec, *base;
	struct variable list[4];
	const char *header, *value; /* a NULL value: no such header */
} keys[] = {
	{ "openai:m", NULL, { { "OPENAI_API_KEY", "k-1234567" } }, "authorization", "Bearer k-1234567" },
	{ "openai:m", "http://box", { { "OPENAI_API_KEY", "k-1234567" } }, "authorization", "Bearer k-1234567" },
	{ "openai:m", "http://box", { { NULL, NULL } }, "authorization", NULL },
	{ "openai:m",
	  "https://api.groq.com/openai/v1",
	  { { "OPENAI_API_KEY", "other" }, { "GROQ_API_KEY", "k-1234567" } },
	  "authorization",
	  "Bearer k-1234567" },
	{ "openai:m",
	  "https://mine.openai.azure.com/openai/v1",
	  { { "AZURE_OPENAI_API_KEY", "k-1234567" } },
	  "api-key",
	  "k-1234567" },
	{ "openai:m",
	  "https://mine.openai.azure.com/openai/v1",
	  { { "AZURE_OPENAI_API_KEY", "k-1234567" } },
	  "authorization",
	  NULL },
	{ "anthropic:m", NULL, { { "ANTHROPIC_API_KEY", "k-1234567" } }, "x-api-key", "k-1234567" },
	{ "anthropic:m",
	  NULL,
	  { { "ANTHROPIC_API_KEY", "k-1234567" }, { "ANTHROPIC_AUTH_TOKEN", "t" } },
	  "authorization",
	  NULL },
	{ "anthropic:m", NULL, { { "ANTHROPIC_AUTH_TOKEN", "t-1234567" } }, "authorization", "Bearer t-1234567" },
	{ "gemini:m",
	  NULL,
	  { { "GEMINI_API_KEY", "second" }, { "GOOGLE_API_KEY", "k-1234567" } },
	  "x-goog-api-key",
	  "k-1234567" },
	{ "gemini:m",
	  NULL,
	  { { "GEMINI_API_KEY", "k-1234567" }, { "GOOGLE_API_KEY", "" } },
	  "x-goog-api-key",
	  "k-1234567" },
	{ "ollama:m", NULL, { { "OLLAMA_API_KEY", "k-1234567" } }, "authorization", NULL },
	{ "ollama:m",
	  "https://ollama.com",
	  { { "OLLAMA_API_KEY", "k-1234567" } },
	  "authorization",
	  "Bearer k-1234567" },
};

START_TEST(keys_stand_in_the_header_that_is_theirs)
{
	const struct persona_http_header *found;
	struct persona_llm *llm;

	ck_assert_msg(persona_llm_open(&llm, keys[_i].spec, keys[_i].base, false, variables, (void *)keys[_i].list,
				       &err) == 0,
		      "%s", err.text);
	found = header(llm, keys[_i].header);
	ck_assert_int_eq(found != NULL, keys[_i].value != NULL);
	if (found) {
		ck_assert_str_eq(found->value, keys[_i].value);
		ck_assert(found->secret);
	}
	ck_assert_str_eq(header(llm, "content-type")->value, "application/json");
	persona_llm_close(llm);
}
END_TEST

START_TEST(organisation_and_version_are_told)
{
	const struct variable list[] = { { "OPENAI_API_KEY", KEY },
					 { "OPENAI_ORG_ID", "org-1" },
					 { "OPENAI_PROJECT_ID", "proj-1" },
					 { NULL, NULL } };
	struct persona_llm *llm;

	ck_assert_int_eq(persona_llm_open(&llm, "openai:m", NULL, false, variables, (void *)list, &err), 0);
	ck_assert_str_eq(header(llm, "openai-organization")->value, "org-1");
	ck_assert_str_eq(header(llm, "openai-project")->value, "proj-1");
	persona_llm_close(llm);
	/* Nobody else's business. */
	ck_assert_int_eq(persona_llm_open(&llm, "openai:m", "http://box", false, variables, (void *)list, &err), 0);
	ck_assert_ptr_null(header(llm, "openai-organization"));
	persona_llm_close(llm);
	llm = open_llm("anthropic:m");
	ck_assert_str_eq(header(llm, "anthropic-version")->value, "2023-06-01");
	persona_llm_close(llm);
}
END_TEST

START_TEST(a_dry_run_needs_no_key)
{
	struct persona_llm *llm;

	ck_assert_int_eq(persona_llm_open(&llm, "openai:gpt-4o", NULL, true, NULL, NULL, &err), 0);
	ck_assert_str_eq(persona_llm_model(llm), "gpt-4o");
	ck_assert_int_eq(persona_llm_provider(llm), PERSONA_LLM_OPENAI);
	ck_assert_ptr_null(header(llm, "authorization"));
	persona_llm_close(llm);
	persona_llm_close(NULL);
}
END_TEST

static void hash_of(char hex[PERSONA_HASH_HEX], const char *key)
{
	const struct variable list[] = { { "OPENAI_API_KEY", key }, { NULL, NULL } };
	struct persona_hash *hash;
	struct persona_llm *llm;

	ck_assert_int_eq(persona_llm_open(&llm, "openai:m", NULL, true, variables, (void *)list, &err), 0);
	ck_assert_int_eq(persona_hash_new(&hash, &err), 0);
	ck_assert_int_eq(persona_hash_add(hash, "salt", 4, &err), 0);
	ck_assert_int_eq(persona_llm_hash_key(llm, hash, &err), 0);
	ck_assert_int_eq(persona_hash_final(hash, hex, &err), 0);
	persona_hash_free(hash);
	persona_llm_close(llm);
}

START_TEST(keys_are_told_apart_by_a_hash)
{
	char one[PERSONA_HASH_HEX], two[PERSONA_HASH_HEX], none[PERSONA_HASH_HEX], plain[PERSONA_HASH_HEX];

	hash_of(one, "key-one-1");
	hash_of(two, "key-two-2");
	hash_of(none, "");
	ck_assert_int_eq(persona_hash_bytes(plain, "saltkey-one-1", 13, &err), 0);
	ck_assert_str_eq(one, plain);
	ck_assert_str_ne(one, two);
	ck_assert_int_eq(persona_hash_bytes(plain, "salt", 4, &err), 0);
	ck_assert_str_eq(none, plain);
}
END_TEST

START_TEST(bodies_are_masked)
{
	char body[] = "x" KEY KEY "{\"a\":\"" KEY "\"}"
		      "sk-test";
	struct persona_llm *llm = open_llm("openai:m");

	ck_assert_uint_eq(persona_llm_mask(llm, body, strlen(body)), 3);
	ck_assert_ptr_null(strstr(body, KEY));
	ck_assert_ptr_nonnull(strstr(body, "{\"a\":\"****"));
	ck_assert_str_eq(body + strlen(body) - 7, "sk-test");
	ck_assert_uint_eq(persona_llm_mask(llm, body, 0), 0);
	persona_llm_close(llm);
}
END_TEST

/* "none", "ollama", "x": what local servers are given is no secret, and ordinary words are not to be masked. */
START_TEST(placeholders_are_no_secrets)
{
	const struct variable list[] = { { "OPENAI_API_KEY", "EMPTY" }, { NULL, NULL } };
	char body[] = "{\"answer\":\"EMPTY\"}";
	struct persona_llm *llm;

	ck_assert_int_eq(persona_llm_open(&llm, "openai:m", "http://box", false, variables, (void *)list, &err), 0);
	ck_assert_uint_eq(persona_llm_mask(llm, body, strlen(body)), 0);
	ck_assert_str_eq(body, "{\"answer\":\"EMPTY\"}");
	persona_llm_close(llm);
}
END_TEST

START_TEST(ollama_is_given_more_time)
{
	struct persona_llm *llm = open_llm("ollama:m");

	ck_assert_int_eq(persona_llm_timeout_ms(llm), 600000);
	persona_llm_close(llm);
	llm = open_llm("gemini:m");
	ck_assert_int_eq(persona_llm_timeout_ms(llm), 120000);
	persona_llm_close(llm);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = suite_of("endpoint", &tcase);

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_loop_test(tcase, requests_go_where_the_address_says, 0, COUNT(places));
	tcase_add_loop_test(tcase, what_makes_no_sense_is_refused_without_telling_secrets, 0, COUNT(refusals));
	tcase_add_test(tcase, long_names_are_refused);
	tcase_add_test(tcase, long_keys_and_addresses_are_refused);
	tcase_add_loop_test(tcase, keys_stand_in_the_header_that_is_theirs, 0, COUNT(keys));
	tcase_add_test(tcase, organisation_and_version_are_told);
	tcase_add_test(tcase, a_dry_run_needs_no_key);
	tcase_add_test(tcase, keys_are_told_apart_by_a_hash);
	tcase_add_test(tcase, bodies_are_masked);
	tcase_add_test(tcase, placeholders_are_no_secrets);
	tcase_add_test(tcase, ollama_is_given_more_time);
	return run_suite(suite);
}
