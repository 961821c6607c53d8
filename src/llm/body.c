/* Requests in the four dialects. */
#include <math.h>

#include "persona/json.h"

#include "internal.h"

/* Where a body is written to. After the first failure nothing more happens, and err says why. */
struct writer {
	struct persona_buf *out;
	struct persona_error *err;
	int rc;
};

/* What is asked, in the form that suits the dialect. */
struct ask {
	const struct persona_llm *llm;
	const struct persona_llm_request *request;
	unsigned quirks;
	bool schema, json; /* the format that is asked for: with the schema, or JSON without one */
	bool words;	   /* the schema is told in words */
	bool system;	   /* instructions apart from the user's message */
};

static void put(struct writer *writer, const char *text)
{
	if (!writer->rc)
		writer->rc = persona_buf_adds(writer->out, text, writer->err);
}

static void put_inner(struct writer *writer, const char *text)
{
	if (!writer->rc)
		writer->rc = llm_escape(writer->out, text, strlen(text), writer->err);
}

static void put_string(struct writer *writer, const char *text)
{
	put(writer, "\"");
	put_inner(writer, text);
	put(writer, "\"");
}

static void put_number(struct writer *writer, int64_t number)
{
	if (!writer->rc)
		writer->rc = persona_buf_addf(writer->out, writer->err, "%lld", (long long)number);
}

/* Four decimals at most, with a point in every locale. */
static void put_temperature(struct writer *writer, const struct persona_llm_request *request)
{
	long long parts = llround(request->temperature * 10000);
	char text[32];
	size_t len;

	if (request->temperature < 0)
		return;
	len = (size_t)snprintf(text, sizeof text, "%lld.%04lld", parts / 10000, parts % 10000);
	while (text[len - 1] == '0')
		text[--len] = '\0';
	if (text[len - 1] == '.')
		text[--len] = '\0';
	put(writer, ",\"temperature\":");
	put(writer, text);
}

/* ---- Parts of a message ---------------------------------------------- */

static void put_prefix(struct writer *writer, const struct persona_llm_prefix *prefix)
{
	if (!writer->rc)
		writer->rc = persona_buf_add(writer->out, prefix->escaped, prefix->escaped_len, writer->err);
}

static void put_suffix(struct writer *writer, const struct ask *ask)
{
	put_inner(writer, ask->request->suffix);
	if (!ask->words)
		return;
	put(writer, "\\n\\nAnswer with nothing but JSON that fits this JSON Schema:\\n");
	put_inner(writer, ask->request->schema->forms[PERSONA_LLM_OLLAMA]);
}

/* Instructions at the head of the user's message, where they can't stand apart. */
static void put_inline_system(struct writer *writer, const struct ask *ask)
{
	if (!ask->request->system || ask->system)
		return;
	put_inner(writer, ask->request->system);
	put(writer, "\\n\\n");
}

/* The user's message as one string; what is shared stands first. */
static void put_message(struct writer *writer, const struct ask *ask)
{
	const struct persona_llm_request *request = ask->request;

	put(writer, "\"");
	put_inline_system(writer, ask);
	if (request->prefix)
		put_prefix(writer, request->prefix);
	put_suffix(writer, ask);
	put(writer, "\"");
}

/* Model and system message, up to the user's message, where both are messages of one list. */
static void put_head(struct writer *writer, const struct ask *ask)
{
	put(writer, "{\"model\":");
	put_string(writer, ask->llm->model);
	put(writer, ",\"messages\":[");
	if (ask->request->system && ask->system) {
		put(writer, "{\"role\":\"system\",\"content\":");
		put_string(writer, ask->request->system);
		put(writer, "},");
	}
}

/* ---- OpenAI ---------------------------------------------------------- */

static void put_openai_format(struct writer *writer, const struct ask *ask)
{
	const struct persona_llm_schema *schema = ask->request->schema;

	if (ask->schema) {
		put(writer, ",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":");
		put_string(writer, schema->name);
		put(writer, ",\"strict\":true,\"schema\":");
		put(writer, schema->forms[PERSONA_LLM_OPENAI]);
		put(writer, "}}");
	} else if (ask->json) {
		put(writer, ",\"response_format\":{\"type\":\"json_object\"}");
	}
}

/*
 * Newer models charge for what they write to their cache, and would write each question with the data. Told where
 * the shared part ends they write that alone, and nothing where there is none.
 */
static void put_openai_user(struct writer *writer, const struct ask *ask, bool steer)
{
	const struct persona_llm_request *request = ask->request;

	put(writer, "{\"role\":\"user\",\"content\":");
	if (steer && request->prefix) {
		put(writer, "[{\"type\":\"text\",\"text\":\"");
		put_inline_system(writer, ask);
		put_prefix(writer, request->prefix);
		put(writer, "\",\"prompt_cache_breakpoint\":{\"mode\":\"explicit\"}},{\"type\":\"text\",\"text\":\"");
		put_suffix(writer, ask);
		put(writer, "\"}]");
	} else {
		put_message(writer, ask);
	}
	put(writer, "}");
}

static void put_openai(struct writer *writer, const struct ask *ask)
{
	const struct persona_llm_request *request = ask->request;
	bool caching = ask->llm->official && !(ask->quirks & PERSONA_LLM_NO_CACHING);
	bool steer = caching && llm_steers_cache(ask->llm);
	bool newer = ask->llm->official != !!(ask->quirks & PERSONA_LLM_OTHER_MAX);

	put_head(writer, ask);
	put_openai_user(writer, ask, steer);
	put(writer, newer ? "],\"max_completion_tokens\":" : "],\"max_tokens\":");
	put_number(writer, request->max_output_tokens);
	put_temperature(writer, request);
	put_openai_format(writer, ask);
	if (caching && request->prefix) {
		put(writer, ",\"prompt_cache_key\":\"");
		if (!writer->rc)
			writer->rc = persona_buf_add(writer->out, request->prefix->sha256, 32, writer->err);
		put(writer, "\"");
	}
	if (steer)
		put(writer, ",\"prompt_cache_options\":{\"mode\":\"explicit\"}");
	put(writer, "}");
}

/* ---- Anthropic ------------------------------------------------------- */

static void put_anthropic(struct writer *writer, const struct ask *ask)
{
	const struct persona_llm_request *request = ask->request;
	bool system = request->system && ask->system;

	put(writer, "{\"model\":");
	put_string(writer, ask->llm->model);
	put(writer, ",\"max_tokens\":");
	put_number(writer, request->max_output_tokens);
	if (system || request->prefix) {
		put(writer, ",\"system\":[");
		if (system) {
			put(writer, "{\"type\":\"text\",\"text\":");
			put_string(writer, request->system);
			put(writer, request->prefix ? "}," : "}");
		}
		if (request->prefix) {
			put(writer, "{\"type\":\"text\",\"text\":\"");
			put_prefix(writer, request->prefix);
			put(writer, ask->quirks & PERSONA_LLM_NO_CACHING
					    ? "\"}"
					    : "\",\"cache_control\":{\"type\":\"ephemeral\"}}");
		}
		put(writer, "]");
	}
	put(writer, ",\"messages\":[{\"role\":\"user\",\"content\":\"");
	put_inline_system(writer, ask);
	put_suffix(writer, ask);
	put(writer, "\"}]");
	put_temperature(writer, request);
	if (ask->schema) {
		put(writer, ",\"output_config\":{\"format\":{\"type\":\"json_schema\",\"schema\":");
		put(writer, request->schema->forms[PERSONA_LLM_ANTHROPIC]);
		put(writer, "}}");
	}
	put(writer, "}");
}

/* ---- Gemini ---------------------------------------------------------- */

static void put_gemini(struct writer *writer, const struct ask *ask)
{
	const struct persona_llm_request *request = ask->request;

	put(writer, "{");
	if (request->system && ask->system) {
		put(writer, "\"systemInstruction\":{\"parts\":[{\"text\":");
		put_string(writer, request->system);
		put(writer, "}]},");
	}
	put(writer, "\"contents\":[{\"role\":\"user\",\"parts\":[");
	if (request->system && !ask->system) {
		put(writer, "{\"text\":");
		put_string(writer, request->system);
		put(writer, "},");
	}
	if (request->prefix) {
		put(writer, "{\"text\":\"");
		put_prefix(writer, request->prefix);
		put(writer, "\"},");
	}
	put(writer, "{\"text\":\"");
	put_suffix(writer, ask);
	put(writer, "\"}]}],\"generationConfig\":{\"maxOutputTokens\":");
	put_number(writer, request->max_output_tokens);
	put_temperature(writer, request);
	if (ask->schema || ask->json)
		put(writer, ",\"responseMimeType\":\"application/json\"");
	if (ask->schema) {
		put(writer, ",\"responseJsonSchema\":");
		put(writer, request->schema->forms[PERSONA_LLM_GEMINI]);
	}
	put(writer, "}}");
}

/* ---- Ollama ---------------------------------------------------------- */

static void put_ollama(struct writer *writer, const struct ask *ask)
{
	const struct persona_llm_request *request = ask->request;

	put_head(writer, ask);
	put(writer, "{\"role\":\"user\",\"content\":");
	put_message(writer, ask);
	put(writer, "}],\"stream\":false");
	/* Else a prompt that is too long loses its beginning, and nobody says so. */
	if (!(ask->quirks & PERSONA_LLM_NO_EXTRAS))
		put(writer, ",\"truncate\":false");
	if (ask->schema) {
		put(writer, ",\"format\":");
		put(writer, request->schema->forms[PERSONA_LLM_OLLAMA]);
	} else if (ask->json) {
		put(writer, ",\"format\":\"json\"");
	}
	put(writer, ",\"options\":{\"num_predict\":");
	put_number(writer, request->max_output_tokens);
	if (request->context_tokens > 0) {
		put(writer, ",\"num_ctx\":");
		put_number(writer, request->context_tokens);
	}
	put_temperature(writer, request);
	put(writer, "}}");
}

/* ---- All ------------------------------------------------------------- */

int persona_llm_body(struct persona_buf *out, const struct persona_llm *llm, const struct persona_llm_request *request,
		     unsigned quirks, struct persona_error *err)
{
	static void (*const dialects[])(struct writer * writer, const struct ask *ask) = {
		[PERSONA_LLM_OPENAI] = put_openai,
		[PERSONA_LLM_ANTHROPIC] = put_anthropic,
		[PERSONA_LLM_GEMINI] = put_gemini,
		[PERSONA_LLM_OLLAMA] = put_ollama,
	};
	struct persona_llm_request adapted = *request;
	struct writer writer = { out, err, 0 };
	struct ask ask = { .llm = llm, .request = &adapted, .quirks = quirks };

	if (!request->suffix || request->max_output_tokens <= 0)
		return persona_error_set(err, PERSONA_E_USAGE, "a request needs a question and a limit of output");
	if (!(request->temperature >= 0 && request->temperature <= 100) || (quirks & PERSONA_LLM_NO_TEMPERATURE))
		adapted.temperature = -1;
	ask.schema = request->schema && !(quirks & (PERSONA_LLM_NO_SCHEMA | PERSONA_LLM_NO_FORMAT));
	ask.json = request->schema && !ask.schema && !(quirks & PERSONA_LLM_NO_FORMAT);
	/* To Ollama a schema is a grammar that the model never sees. */
	ask.words = request->schema && (!ask.schema || llm->provider == PERSONA_LLM_OLLAMA);
	ask.system = !(quirks & PERSONA_LLM_NO_SYSTEM);
	dialects[llm->provider](&writer, &ask);
	return writer.rc;
}

size_t persona_llm_request_bytes(const struct persona_llm_request *request)
{
	size_t bytes = strlen(request->suffix);

	if (request->system)
		bytes += strlen(request->system);
	if (request->prefix)
		bytes += request->prefix->len;
	if (request->schema) /* once as a format, once in words */
		bytes += 2 * strlen(request->schema->forms[PERSONA_LLM_OLLAMA]);
	return bytes;
}

int64_t persona_llm_context_for(int64_t input_tokens, int64_t output_tokens)
{
	int64_t size = 4096;

	while (size < (int64_t)1 << 40 && size - output_tokens < input_tokens)
		size *= 2;
	return size;
}

static void put_optional(struct writer *writer, const char *text)
{
	if (text)
		put_string(writer, text);
	else
		put(writer, "null");
}

/* As jansson writes it, whose form the hashes of kept answers rest on. */
static void put_real(struct writer *writer, double number)
{
	json_t *value = json_real(number);
	char *text = value ? persona_json_canonical(value, writer->err) : NULL;

	if (text)
		put(writer, text);
	else if (!writer->rc)
		writer->rc = persona_error_set(writer->err, PERSONA_E_FORMAT, "a temperature that is no number");
	free(text);
	json_decref(value);
}

/* Canonical JSON: members in the order of their names. */
static void put_logical(struct writer *writer, const struct persona_llm *llm, const struct persona_llm_request *request)
{
	put(writer, "{\"context_tokens\":");
	put_number(writer, request->context_tokens);
	put(writer, ",\"max_output_tokens\":");
	put_number(writer, request->max_output_tokens);
	put(writer, ",\"model\":");
	put_string(writer, llm->model);
	put(writer, ",\"origin\":");
	put_string(writer, llm->origin);
	put(writer, ",\"prefix_sha256\":");
	put_optional(writer, request->prefix ? request->prefix->sha256 : NULL);
	put(writer, ",\"provider\":");
	put_string(writer, persona_llm_provider_name(llm->provider));
	put(writer, ",\"schema\":");
	put_optional(writer, request->schema ? request->schema->name : NULL);
	put(writer, ",\"schema_sha256\":");
	put_optional(writer, request->schema ? request->schema->sha256 : NULL);
	put(writer, ",\"suffix\":");
	put_string(writer, request->suffix);
	put(writer, ",\"system\":");
	put_optional(writer, request->system);
	put(writer, ",\"temperature\":");
	if (request->temperature >= 0)
		put_real(writer, request->temperature);
	else
		put(writer, "null");
	put(writer, "}");
}

int persona_llm_identity(char hex[PERSONA_HASH_HEX], const struct persona_llm *llm,
			 const struct persona_llm_request *request, struct persona_error *err)
{
	struct persona_buf text;
	struct writer writer = { &text, err, 0 };

	persona_buf_init(&text, SIZE_MAX);
	put_logical(&writer, llm, request);
	if (!writer.rc)
		writer.rc = persona_hash_bytes(hex, text.data, text.len, err);
	persona_buf_release(&text);
	return writer.rc;
}
