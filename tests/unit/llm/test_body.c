#include "helper.h"

#include "persona/json.h"

static struct persona_error err;
static struct persona_llm_schema *schema;
static struct persona_llm_prefix *prefix;

static const char prefix_text[] = "<records>\n[a.csv:1]\n\t\"Zwölf\" \\ 12\n</records>\n";

static void setup(void)
{
	json_t *value = json_pack("{s:s, s:{s:{s:s, s:s, s:i}, s:{s:s, s:i, s:i}}, s:[s]}", "type", "object",
				  "properties", "title", "type", "string", "description", "a title", "minLength", 3,
				  "score", "type", "integer", "minimum", 0, "maximum", 10, "required", "title");

	err = (struct persona_error){ 0 };
	ck_assert_int_eq(persona_llm_schema_new(&schema, "row", value, &err), 0);
	ck_assert_int_eq(persona_llm_prefix_new(&prefix, prefix_text, strlen(prefix_text), &err), 0);
	json_decref(value);
}

static void teardown(void)
{
	persona_llm_schema_free(schema);
	persona_llm_prefix_free(prefix);
}

static struct persona_llm_request request(void)
{
	return (struct persona_llm_request){ .system = "Say \"yes\".\nOr no.",
					     .prefix = prefix,
					     .suffix = "Wanted: 3\n",
					     .schema = schema,
					     .temperature = 0.7,
					     .max_output_tokens = 4096 };
}

/* The body of a request as a value. */
static json_t *body_of(const char *spec, const char *base, const struct persona_llm_request *asked, unsigned quirks)
{
	struct persona_llm *llm;
	struct persona_buf body;
	json_t *value;

	persona_buf_init(&body, 1 << 20);
	ck_assert_int_eq(persona_llm_open(&llm, spec, base, true, NULL, NULL, &err), 0);
	ck_assert_msg(persona_llm_body(&body, llm, asked, quirks, &err) == 0, "%s", err.text);
	ck_assert_msg(persona_json_parse_strict(&value, body.data, body.len, &err) == 0, "%s: %s", err.text, body.data);
	persona_buf_release(&body);
	persona_llm_close(llm);
	return value;
}

/* Compare the whole body, then forget both. wanted: JSON with ' for ". */
static void expect(json_t *got, const char *wanted)
{
	char *text = strdup(wanted);
	json_t *value;

	for (char *quote = text; (quote = strchr(quote, '\'')); quote++)
		*quote = '"';
	ck_assert_msg(persona_json_parse_strict(&value, text, strlen(text), &err) == 0, "%s", err.text);
	if (!json_equal(got, value)) {
		char *dump = json_dumps(got, JSON_INDENT(1));

		ck_abort_msg("%s\nnot\n%s", dump, text);
	}
	json_decref(value);
	json_decref(got);
	free(text);
}

#define SYSTEM "'Say \\\"yes\\\".\\nOr no.'"
#define PREFIX "<records>\\n[a.csv:1]\\n\\t\\\"Zwölf\\\" \\\\ 12\\n</records>\\n"
#define SUFFIX "Wanted: 3\\n"
#define OPENAI_SCHEMA                                                                                                  \
	"{'type':'object','properties':{'title':{'type':'string','description':'a title','minLength':3},"              \
	"'score':{'type':['integer','null'],'minimum':0,'maximum':10}},'required':['title','score'],"                  \
	"'additionalProperties':false}"
#define OPENAI_FORMAT                                                                                                  \
	"'response_format':{'type':'json_schema','json_schema':{'name':'row','strict':true,'schema':" OPENAI_SCHEMA "}}"
#define ANTHROPIC_SCHEMA                                                                                               \
	"{'type':'object','properties':{'title':{'type':'string','description':'a title; minLength: 3'},"              \
	"'score':{'type':'integer','description':'minimum: 0; maximum: 10'}},'required':['title'],"                    \
	"'additionalProperties':false}"
#define GEMINI_SCHEMA                                                                                                  \
	"{'type':'object','properties':{'title':{'type':'string','description':'a title; minLength: 3'},"              \
	"'score':{'type':'integer','minimum':0,'maximum':10}},'required':['title']}"
#define PLAIN_SCHEMA                                                                                                   \
	"{'type':'object','properties':{'title':{'type':'string','description':'a title','minLength':3},"              \
	"'score':{'type':'integer','minimum':0,'maximum':10}},'required':['title']}"
#define WORDS                                                                                                          \
	"\\n\\nAnswer with nothing but JSON that fits this JSON Schema:\\n"                                            \
	"{\\\"type\\\":\\\"object\\\",\\\"properties\\\":{\\\"title\\\":{\\\"type\\\":\\\"string\\\","                 \
	"\\\"description\\\":\\\"a title\\\",\\\"minLength\\\":3},\\\"score\\\":{\\\"type\\\":\\\"integer\\\","        \
	"\\\"minimum\\\":0,\\\"maximum\\\":10}},\\\"required\\\":[\\\"title\\\"]}"

/* ---- OpenAI ---------------------------------------------------------- */

/* The cache key is the beginning of the prefix' hash. */
static void expect_keyed(json_t *got, const char *wanted)
{
	const char *key = json_string_value(json_object_get(got, "prompt_cache_key"));

	ck_assert_ptr_nonnull(key);
	ck_assert_uint_eq(strlen(key), 32);
	ck_assert_int_eq(strncmp(key, persona_llm_prefix_sha256(prefix), 32), 0);
	json_object_del(got, "prompt_cache_key");
	expect(got, wanted);
}

START_TEST(openai_itself)
{
	struct persona_llm_request asked = request();

	expect_keyed(body_of("openai:gpt-4o", NULL, &asked, 0),
		     "{'model':'gpt-4o','messages':[{'role':'system','content':" SYSTEM
		     "},{'role':'user','content':'" PREFIX SUFFIX
		     "'}],'max_completion_tokens':4096,'temperature':0.7," OPENAI_FORMAT "}");
}
END_TEST

/* Models that charge for writing to the cache are told where the shared part ends. */
START_TEST(openai_with_a_steered_cache)
{
	struct persona_llm_request asked = request();

	expect_keyed(body_of("openai:gpt-5.6-luna", NULL, &asked, PERSONA_LLM_NO_TEMPERATURE),
		     "{'model':'gpt-5.6-luna','messages':[{'role':'system','content':" SYSTEM
		     "},{'role':'user','content':[{'type':'text','text':'" PREFIX
		     "','prompt_cache_breakpoint':{'mode':'explicit'}},{'type':'text','text':'" SUFFIX
		     "'}]}],'max_completion_tokens':4096," OPENAI_FORMAT
		     ",'prompt_cache_options':{'mode':'explicit'}}");
	asked.prefix = NULL;
	asked.schema = NULL;
	expect(body_of("openai:gpt-6-luna", NULL, &asked, PERSONA_LLM_NO_TEMPERATURE),
	       "{'model':'gpt-6-luna','messages':[{'role':'system','content':" SYSTEM
	       "},{'role':'user','content':'" SUFFIX
	       "'}],'max_completion_tokens':4096,'prompt_cache_options':{'mode':'explicit'}}");
}
END_TEST

START_TEST(servers_that_speak_its_dialect)
{
	struct persona_llm_request asked = request();

	expect(body_of("openai:gpt-5.6-luna", "http://box", &asked, 0),
	       "{'model':'gpt-5.6-luna','messages':[{'role':'system','content':" SYSTEM
	       "},{'role':'user','content':'" PREFIX SUFFIX "'}],'max_tokens':4096,'temperature':0.7," OPENAI_FORMAT
	       "}");
}
END_TEST

START_TEST(openai_without_what_was_refused)
{
	struct persona_llm_request asked = request();

	expect(body_of("openai:gpt-4o", NULL, &asked,
		       PERSONA_LLM_OTHER_MAX | PERSONA_LLM_NO_CACHING | PERSONA_LLM_NO_SCHEMA | PERSONA_LLM_NO_SYSTEM),
	       "{'model':'gpt-4o','messages':[{'role':'user','content':'Say \\\"yes\\\".\\nOr no.\\n\\n" PREFIX SUFFIX
		       WORDS "'}],'max_tokens':4096,'temperature':0.7,'response_format':{'type':'json_object'}}");
	expect(body_of("openai:m", "http://box", &asked, PERSONA_LLM_QUIRKS & ~(unsigned)PERSONA_LLM_NO_SYSTEM),
	       "{'model':'m','messages':[{'role':'system','content':" SYSTEM
	       "},{'role':'user','content':'" PREFIX SUFFIX WORDS "'}],'max_completion_tokens':4096}");
}
END_TEST

/* ---- Anthropic ------------------------------------------------------- */

START_TEST(anthropic_itself)
{
	struct persona_llm_request asked = request();

	expect(body_of("anthropic:claude-haiku-4-5", NULL, &asked, 0),
	       "{'model':'claude-haiku-4-5','max_tokens':4096,'system':[{'type':'text','text':" SYSTEM
	       "},{'type':'text','text':'" PREFIX "','cache_control':{'type':'ephemeral'}}],"
	       "'messages':[{'role':'user','content':'" SUFFIX "'}],'temperature':0.7,"
	       "'output_config':{'format':{'type':'json_schema','schema':" ANTHROPIC_SCHEMA "}}}");
}
END_TEST

START_TEST(anthropic_without_what_was_refused)
{
	struct persona_llm_request asked = request();

	expect(body_of("anthropic:c", NULL, &asked, PERSONA_LLM_QUIRKS),
	       "{'model':'c','max_tokens':4096,'system':[{'type':'text','text':'" PREFIX "'}],"
	       "'messages':[{'role':'user','content':'Say \\\"yes\\\".\\nOr no.\\n\\n" SUFFIX WORDS "'}]}");
	asked.prefix = NULL;
	asked.system = NULL;
	asked.schema = NULL;
	asked.temperature = -1;
	expect(body_of("anthropic:c", NULL, &asked, 0),
	       "{'model':'c','max_tokens':4096,'messages':[{'role':'user','content':'" SUFFIX "'}]}");
}
END_TEST

/* ---- Gemini ---------------------------------------------------------- */

START_TEST(gemini_itself)
{
	struct persona_llm_request asked = request();

	asked.temperature = 0;
	expect(body_of("gemini:g", NULL, &asked, 0),
	       "{'systemInstruction':{'parts':[{'text':" SYSTEM
	       "}]},'contents':[{'role':'user','parts':[{'text':'" PREFIX "'},{'text':'" SUFFIX
	       "'}]}],'generationConfig':{'maxOutputTokens':4096,'temperature':0,"
	       "'responseMimeType':'application/json','responseJsonSchema':" GEMINI_SCHEMA "}}");
}
END_TEST

START_TEST(gemini_without_what_was_refused)
{
	struct persona_llm_request asked = request();

	expect(body_of("gemini:g", NULL, &asked,
		       PERSONA_LLM_NO_SCHEMA | PERSONA_LLM_NO_SYSTEM | PERSONA_LLM_NO_TEMPERATURE),
	       "{'contents':[{'role':'user','parts':[{'text':" SYSTEM "},{'text':'" PREFIX "'},{'text':'" SUFFIX WORDS
	       "'}]}],'generationConfig':{'maxOutputTokens':4096,'responseMimeType':'application/json'}}");
	expect(body_of("gemini:g", NULL, &asked, PERSONA_LLM_QUIRKS),
	       "{'contents':[{'role':'user','parts':[{'text':" SYSTEM "},{'text':'" PREFIX "'},{'text':'" SUFFIX WORDS
	       "'}]}],'generationConfig':{'maxOutputTokens':4096}}");
}
END_TEST

/* ---- Ollama ---------------------------------------------------------- */

START_TEST(ollama_itself)
{
	struct persona_llm_request asked = request();

	asked.context_tokens = 8192;
	expect(body_of("ollama:qwen3:8b", NULL, &asked, 0),
	       "{'model':'qwen3:8b','messages':[{'role':'system','content':" SYSTEM
	       "},{'role':'user','content':'" PREFIX SUFFIX WORDS
	       "'}],'stream':false,'truncate':false,'format':" PLAIN_SCHEMA
	       ",'options':{'num_predict':4096,'num_ctx':8192,'temperature':0.7}}");
}
END_TEST

START_TEST(ollama_without_what_was_refused)
{
	struct persona_llm_request asked = request();

	expect(body_of("ollama:q", NULL, &asked, PERSONA_LLM_NO_SCHEMA | PERSONA_LLM_NO_EXTRAS),
	       "{'model':'q','messages':[{'role':'system','content':" SYSTEM
	       "},{'role':'user','content':'" PREFIX SUFFIX WORDS
	       "'}],'stream':false,'format':'json','options':{'num_predict':4096,'temperature':0.7}}");
	expect(body_of("ollama:q", NULL, &asked, PERSONA_LLM_QUIRKS),
	       "{'model':'q','messages':[{'role':'user','content':'Say \\\"yes\\\".\\nOr no.\\n\\n" PREFIX SUFFIX WORDS
	       "'}],'stream':false,'options':{'num_predict':4096}}");
}
END_TEST

/* ---- All ------------------------------------------------------------- */

static const char *const specs[] = { "openai:a\"\\b", "anthropic:a\"\\b", "gemini:a\"\\b", "ollama:a\"\\b" };

START_TEST(bodies_begin_with_the_same_bytes)
{
	struct persona_llm_request asked = request();
	struct persona_llm *llm = open_llm(specs[_i]);
	struct persona_buf one, two;
	const char *end;

	persona_buf_init(&one, 1 << 20);
	persona_buf_init(&two, 1 << 20);
	ck_assert_int_eq(persona_llm_body(&one, llm, &asked, 0, &err), 0);
	asked.suffix = "Another question";
	ck_assert_int_eq(persona_llm_body(&two, llm, &asked, 0, &err), 0);
	end = strstr(one.data, "</records>");
	ck_assert_ptr_nonnull(end);
	ck_assert_int_eq(memcmp(one.data, two.data, (size_t)(end - one.data)), 0);
	persona_buf_release(&one);
	persona_buf_release(&two);
	persona_llm_close(llm);
}
END_TEST

START_TEST(what_cannot_be_asked_is_refused)
{
	struct persona_llm_request asked = request();
	struct persona_llm *llm = open_llm(specs[_i]);
	struct persona_buf body;

	persona_buf_init(&body, 1 << 20);
	asked.max_output_tokens = 0;
	ck_assert_int_eq(persona_llm_body(&body, llm, &asked, 0, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_USAGE);
	asked = request();
	asked.suffix = NULL;
	ck_assert_int_eq(persona_llm_body(&body, llm, &asked, 0, &err), -1);
	asked.suffix = "\xFF";
	ck_assert_int_eq(persona_llm_body(&body, llm, &asked, 0, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_FORMAT);
	asked.suffix = "a\x01";
	ck_assert_int_eq(persona_llm_body(&body, llm, &asked, 0, &err), -1);
	asked = request();
	asked.system = "\xC3";
	ck_assert_int_eq(persona_llm_body(&body, llm, &asked, 0, &err), -1);
	asked = request();
	body.max = 100;
	persona_buf_clear(&body);
	ck_assert_int_eq(persona_llm_body(&body, llm, &asked, 0, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_FORMAT);
	persona_buf_release(&body);
	persona_llm_close(llm);
}
END_TEST

static const struct {
	double asked;
	const char *written; /* NULL: not sent */
} temperatures[] = {
	{ 0, "0}" },	       { 1, "1}" },	      { 2, "2}" },    { 0.7, "0.7}" },
	{ 0.1 + 0.2, "0.3}" }, { 0.0001, "0.0001}" }, { 10, "10}" },  { 0.99999, "1}" },
	{ 1.25, "1.25}" },     { -1, NULL },	      { -0.5, NULL }, { 1e300, NULL },
};

START_TEST(temperatures_are_written_short)
{
	struct persona_llm_request asked = { .suffix = "x",
					     .max_output_tokens = 1,
					     .temperature = temperatures[_i].asked };
	struct persona_llm *llm = open_llm("openai:gpt-4o");
	struct persona_buf body;
	const char *found;

	persona_buf_init(&body, 1 << 20);
	ck_assert_int_eq(persona_llm_body(&body, llm, &asked, 0, &err), 0);
	found = strstr(body.data, "\"temperature\":");
	ck_assert_int_eq(found != NULL, temperatures[_i].written != NULL);
	if (found)
		ck_assert_str_eq(found + 14, temperatures[_i].written);
	persona_buf_release(&body);
	persona_llm_close(llm);
}
END_TEST

/* ---- Identity -------------------------------------------------------- */

static void identity(char hex[PERSONA_HASH_HEX], const char *spec, const char *base,
		     const struct persona_llm_request *asked)
{
	struct persona_llm *llm;

	ck_assert_int_eq(persona_llm_open(&llm, spec, base, true, NULL, NULL, &err), 0);
	ck_assert_msg(persona_llm_identity(hex, llm, asked, &err) == 0, "%s", err.text);
	persona_llm_close(llm);
}

START_TEST(equal_requests_are_one)
{
	struct persona_llm_request asked = request();
	char one[PERSONA_HASH_HEX], two[PERSONA_HASH_HEX];
	struct persona_llm_prefix *again;

	identity(one, "openai:m", "http://box:80/v1/", &asked);
	ck_assert_int_eq(persona_llm_prefix_new(&again, prefix_text, strlen(prefix_text), &err), 0);
	asked.prefix = again;
	identity(two, "openai:m", "http://BOX/other/path", &asked);
	ck_assert_str_eq(one, two);
	persona_llm_prefix_free(again);
}
END_TEST

START_TEST(what_differs_is_another)
{
	struct persona_llm_request asked[12];
	char hex[COUNT(asked) + 3][PERSONA_HASH_HEX];
	struct persona_llm_prefix *other;

	ck_assert_int_eq(persona_llm_prefix_new(&other, "x", 1, &err), 0);
	for (size_t i = 0; i < COUNT(asked); i++)
		asked[i] = request();
	asked[1].system = NULL;
	asked[2].system = "";
	asked[3].prefix = NULL;
	asked[4].prefix = other;
	asked[5].suffix = "Wanted: 4\n";
	asked[6].schema = NULL;
	asked[7].temperature = 0;
	asked[8].temperature = -1;
	asked[9].max_output_tokens = 4097;
	asked[10].context_tokens = 1;
	asked[11].system = "";
	asked[11].suffix = "Say \"yes\".\nOr no.Wanted: 3\n";
	for (size_t i = 0; i < COUNT(asked); i++)
		identity(hex[i], "openai:m", NULL, &asked[i]);
	identity(hex[COUNT(asked)], "openai:n", NULL, &asked[0]);
	identity(hex[COUNT(asked) + 1], "openai:m", "http://box", &asked[0]);
	identity(hex[COUNT(asked) + 2], "anthropic:m", "https://api.openai.com", &asked[0]);
	for (size_t i = 0; i < COUNT(hex); i++)
		for (size_t j = 0; j < i; j++)
			ck_assert_msg(strcmp(hex[i], hex[j]) != 0, "%zu and %zu", i, j);
	persona_llm_prefix_free(other);
}
END_TEST

/* Answers that are kept are found by it: it must not change. */
START_TEST(an_identity_is_the_same_for_ever)
{
	static const char text[] =
		"{\"context_tokens\":0,\"max_output_tokens\":4096,\"model\":\"m\\\"\","
		"\"origin\":\"http://box:80\",\"prefix_sha256\":null,\"provider\":\"openai\",\"schema\":null,"
		"\"schema_sha256\":null,\"suffix\":\"a \\\"b\\\" \\\\ "
		"c\\td\\n/\xc3\xa4\",\"system\":\"Ground\\nrules\","
		"\"temperature\":0.69999999999999996}";
	const struct persona_llm_request asked = { .system = "Ground\nrules",
						   .suffix = "a \"b\" \\ c\td\n/\xc3\xa4",
						   .temperature = 0.7,
						   .max_output_tokens = 4096 };
	char hex[PERSONA_HASH_HEX], expected[PERSONA_HASH_HEX];

	identity(hex, "openai:m\"", "http://box:80", &asked);
	ck_assert_int_eq(persona_hash_bytes(expected, text, sizeof text - 1, &err), 0);
	ck_assert_str_eq(hex, expected);
}
END_TEST

START_TEST(a_request_that_is_no_text_has_no_identity)
{
	struct persona_llm_request asked = request();
	struct persona_llm *llm = open_llm("openai:m");
	char hex[PERSONA_HASH_HEX];

	asked.suffix = "\xFF";
	ck_assert_int_eq(persona_llm_identity(hex, llm, &asked, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_FORMAT);
	persona_llm_close(llm);
}
END_TEST

START_TEST(prefixes_are_kept_as_they_are)
{
	struct persona_llm_prefix *bad;
	char hex[PERSONA_HASH_HEX];

	ck_assert_str_eq(persona_llm_prefix_text(prefix), prefix_text);
	ck_assert_uint_eq(persona_llm_prefix_len(prefix), strlen(prefix_text));
	ck_assert_int_eq(persona_hash_bytes(hex, prefix_text, strlen(prefix_text), &err), 0);
	ck_assert_str_eq(persona_llm_prefix_sha256(prefix), hex);
	ck_assert_int_eq(persona_llm_prefix_new(&bad, "a\xFF", 2, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_FORMAT);
	ck_assert_ptr_null(bad);
	ck_assert_int_eq(persona_llm_prefix_new(&bad, "a\0b", 3, &err), -1);
	persona_llm_prefix_free(NULL);
}
END_TEST

START_TEST(windows_come_in_few_sizes)
{
	ck_assert_int_eq(persona_llm_context_for(0, 1), 4096);
	ck_assert_int_eq(persona_llm_context_for(2048, 2048), 4096);
	ck_assert_int_eq(persona_llm_context_for(2049, 2048), 8192);
	ck_assert_int_eq(persona_llm_context_for(100000, 4096), 131072);
	ck_assert_int_gt(persona_llm_context_for(INT64_MAX, INT64_MAX), 0);
}
END_TEST

START_TEST(bytes_of_a_request_are_all_that_is_read)
{
	struct persona_llm_request asked = request();
	size_t whole = persona_llm_request_bytes(&asked);

	asked.schema = NULL;
	ck_assert_uint_eq(persona_llm_request_bytes(&asked),
			  strlen(asked.system) + strlen(prefix_text) + strlen(asked.suffix));
	ck_assert_uint_gt(whole, persona_llm_request_bytes(&asked));
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = suite_of("body", &tcase);

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, openai_itself);
	tcase_add_test(tcase, openai_with_a_steered_cache);
	tcase_add_test(tcase, servers_that_speak_its_dialect);
	tcase_add_test(tcase, openai_without_what_was_refused);
	tcase_add_test(tcase, anthropic_itself);
	tcase_add_test(tcase, anthropic_without_what_was_refused);
	tcase_add_test(tcase, gemini_itself);
	tcase_add_test(tcase, gemini_without_what_was_refused);
	tcase_add_test(tcase, ollama_itself);
	tcase_add_test(tcase, ollama_without_what_was_refused);
	tcase_add_loop_test(tcase, bodies_begin_with_the_same_bytes, 0, COUNT(specs));
	tcase_add_loop_test(tcase, what_cannot_be_asked_is_refused, 0, COUNT(specs));
	tcase_add_loop_test(tcase, temperatures_are_written_short, 0, COUNT(temperatures));
	tcase_add_test(tcase, equal_requests_are_one);
	tcase_add_test(tcase, what_differs_is_another);
	tcase_add_test(tcase, an_identity_is_the_same_for_ever);
	tcase_add_test(tcase, a_request_that_is_no_text_has_no_identity);
	tcase_add_test(tcase, prefixes_are_kept_as_they_are);
	tcase_add_test(tcase, windows_come_in_few_sizes);
	tcase_add_test(tcase, bytes_of_a_request_are_all_that_is_read);
	return run_suite(suite);
}
