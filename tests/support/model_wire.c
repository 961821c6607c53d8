/* Answers and errors in each provider's form. */
#include "model_internal.h"

/* ---- Errors ---------------------------------------------------------- */

struct named {
	int status;
	const char *name;
};

static const char *name_of(const struct named *names, int status)
{
	while (names->status && names->status != status)
		names++;
	return names->name;
}

static json_t *openai_error(struct decision decision, const char *message)
{
	static const struct named types[] = {
		{ 429, "requests" },
		{ 500, "server_error" },
		{ 502, "server_error" },
		{ 503, "service_unavailable_error" },
		{ 0, "invalid_request_error" },
	};
	static const struct named codes[] = {
		{ 401, "invalid_api_key" },
		{ 404, "model_not_found" },
		{ 429, "rate_limit_exceeded" },
		{ 503, "server_is_overloaded" },
		{ 0, NULL },
	};
	const char *type = name_of(types, decision.status), *code = name_of(codes, decision.status);

	if (decision.fault == FAULT_QUOTA)
		type = code = "insufficient_quota";
	if (decision.fault == FAULT_TOOLONG)
		code = "context_length_exceeded";
	return json_pack("{s:{s:s, s:s, s:n, s:s?}}", "error", "message", message, "type", type, "param", "code", code);
}

static json_t *anthropic_error(struct decision decision, const char *message)
{
	static const struct named types[] = {
		{ 401, "authentication_error" }, { 402, "billing_error" },	 { 403, "permission_error" },
		{ 404, "not_found_error" },	 { 409, "conflict_error" },	 { 413, "request_too_large" },
		{ 429, "rate_limit_error" },	 { 500, "api_error" },		 { 504, "timeout_error" },
		{ 529, "overloaded_error" },	 { 0, "invalid_request_error" },
	};
	json_t *error = json_pack("{s:s, s:s}", "type", name_of(types, decision.status), "message", message);

	if (decision.fault == FAULT_QUOTA)
		json_object_set_new(error, "details", json_pack("{s:s}", "error_code", "enforced_spend_limit_reached"));
	return json_pack("{s:s, s:o, s:s}", "type", "error", "error", error, "request_id", "req_test");
}

static json_t *gemini_error(struct decision decision, const char *message, double retry_after_s)
{
	static const struct named statuses[] = {
		{ 400, "INVALID_ARGUMENT" }, { 401, "UNAUTHENTICATED" },    { 403, "PERMISSION_DENIED" },
		{ 404, "NOT_FOUND" },	     { 429, "RESOURCE_EXHAUSTED" }, { 500, "INTERNAL" },
		{ 503, "UNAVAILABLE" },	     { 504, "DEADLINE_EXCEEDED" },  { 0, "UNKNOWN" },
	};
	json_t *details = json_array();
	char delay[32];

	if (decision.fault == FAULT_QUOTA)
		json_array_append_new(details, json_pack("{s:s, s:[{s:s}]}", "@type",
							 "type.googleapis.com/google.rpc.QuotaFailure", "violations",
							 "quotaId", "GenerateRequestsPerDayPerProjectPerModel"));
	else if (decision.status == 429 && retry_after_s >= 0) {
		snprintf(delay, sizeof delay, "%gs", retry_after_s);
		json_array_append_new(details,
				      json_pack("{s:s, s:s}", "@type", "type.googleapis.com/google.rpc.RetryInfo",
						"retryDelay", delay));
	} else if (decision.status == 401) {
		/* A wrong key is a bad request here. */
		decision.status = 400;
		json_array_append_new(details,
				      json_pack("{s:s, s:s}", "@type", "type.googleapis.com/google.rpc.ErrorInfo",
						"reason", "API_KEY_INVALID"));
	}
	return json_pack("{s:{s:i, s:s, s:s, s:o}}", "error", "code", decision.status, "message", message, "status",
			 name_of(statuses, decision.status), "details", details);
}

static const char *message_of(struct decision decision, enum dialect dialect)
{
	static const struct named messages[] = {
		{ 401, "the key is not valid" },       { 404, "the model does not exist" },
		{ 429, "too many requests" },	       { 500, "the server had an error" },
		{ 503, "the server is overloaded" },   { 529, "overloaded" },
		{ 0, "the request cannot be served" },
	};

	if (decision.fault == FAULT_QUOTA)
		return "the quota is used up; check plan and billing";
	if (decision.fault == FAULT_TOOLONG)
		return dialect == DIALECT_ANTHROPIC ? "prompt is too long: 9001 tokens > 8192 maximum"
		       : dialect == DIALECT_GEMINI
			       ? "input token count (9001) exceeds the maximum number of tokens allowed (8192)"
			       : "the prompt is longer than the context of 8192 tokens";
	return name_of(messages, decision.status);
}

static int dump(struct reply *reply, json_t *value, struct persona_error *err)
{
	char *text = value ? json_dumps(value, JSON_COMPACT) : NULL;
	int rc = text ? persona_buf_adds(&reply->body, text, err)
		      : persona_error_set(err, PERSONA_E_NOMEM, "out of memory");

	free(text);
	json_decref(value);
	return rc;
}

int reply_error(struct reply *reply, enum dialect dialect, struct decision decision, const char *message,
		struct persona_error *err)
{
	json_t *value;

	if (decision.fault == FAULT_QUOTA)
		decision.status = 429;
	if (decision.fault == FAULT_TOOLONG)
		decision.status = 400;
	if (!message)
		message = message_of(decision, dialect);
	reply->status = decision.status;
	reply->content_type = "application/json";
	switch (dialect) {
	case DIALECT_ANTHROPIC:
		value = anthropic_error(decision, message);
		break;
	case DIALECT_GEMINI:
		/* the only one that tells the delay in the body */
		{
			const char *at = strstr(reply->headers, "Retry-After: ");

			value = gemini_error(decision, message, at ? strtod(at + 13, NULL) : -1);
			if (decision.status == 401)
				reply->status = 400;
		}
		break;
	case DIALECT_OLLAMA:
		value = json_pack("{s:s}", "error", message);
		break;
	default:
		value = openai_error(decision, message);
	}
	return dump(reply, value, err);
}

/* ---- Answers --------------------------------------------------------- */

struct said {
	const struct asked *asked;
	const struct reply *reply;
	json_t *text; /* null where there is none */
	bool refused, truncated, usage_missing;
	long reasoning; /* tokens, of tokens_out */
	char id[32];
};

static json_t *openai_answer(const struct said *said)
{
	json_t *message = json_pack("{s:s, s:O, s:s?}", "role", "assistant", "content", said->text, "refusal",
				    said->refused ? "I can't help with that." : NULL);
	json_t *usage =
		json_pack("{s:I, s:I, s:I, s:{s:I, s:I}, s:{s:I}}", "prompt_tokens", (json_int_t)said->reply->tokens_in,
			  "completion_tokens", (json_int_t)said->reply->tokens_out, "total_tokens",
			  (json_int_t)(said->reply->tokens_in + said->reply->tokens_out), "prompt_tokens_details",
			  "cached_tokens", (json_int_t)said->reply->tokens_cached, "cache_write_tokens",
			  (json_int_t)said->reply->tokens_written, "completion_tokens_details", "reasoning_tokens",
			  (json_int_t)said->reasoning);

	return json_pack("{s:s, s:s, s:i, s:s, s:[{s:i, s:o, s:s}], s:o}", "id", said->id, "object", "chat.completion",
			 "created", 1700000000, "model", said->asked->model, "choices", "index", 0, "message", message,
			 "finish_reason", said->truncated ? "length" : "stop", "usage", usage);
}

static json_t *anthropic_answer(const struct said *said)
{
	json_t *content = json_array();

	if (json_is_string(said->text))
		json_array_append_new(content, json_pack("{s:s, s:O}", "type", "text", "text", said->text));
	return json_pack(
		"{s:s, s:s, s:s, s:s, s:o, s:s, s:n, s:{s:I, s:I, s:I, s:I}}", "id", said->id, "type", "message",
		"role", "assistant", "model", said->asked->model, "content", content, "stop_reason",
		said->refused	  ? "refusal"
		: said->truncated ? "max_tokens"
				  : "end_turn",
		"stop_sequence", "usage", "input_tokens",
		(json_int_t)(said->reply->tokens_in - said->reply->tokens_cached - said->reply->tokens_written),
		"cache_creation_input_tokens", (json_int_t)said->reply->tokens_written, "cache_read_input_tokens",
		(json_int_t)said->reply->tokens_cached, "output_tokens", (json_int_t)said->reply->tokens_out);
}

static json_t *gemini_answer(const struct said *said)
{
	json_t *answer = json_pack("{s:{s:I, s:I, s:I, s:I, s:I}, s:s, s:s}", "usageMetadata", "promptTokenCount",
				   (json_int_t)said->reply->tokens_in, "cachedContentTokenCount",
				   (json_int_t)said->reply->tokens_cached, "candidatesTokenCount",
				   (json_int_t)(said->reply->tokens_out - said->reasoning), "thoughtsTokenCount",
				   (json_int_t)said->reasoning, "totalTokenCount",
				   (json_int_t)(said->reply->tokens_in + said->reply->tokens_out), "modelVersion",
				   said->asked->model, "responseId", said->id);

	if (said->refused)
		json_object_set_new(answer, "promptFeedback", json_pack("{s:s}", "blockReason", "SAFETY"));
	else
		json_object_set_new(answer, "candidates",
				    json_pack("[{s:{s:[{s:O}], s:s}, s:s, s:i}]", "content", "parts", "text",
					      said->text, "role", "model", "finishReason",
					      said->truncated ? "MAX_TOKENS" : "STOP", "index", 0));
	return answer;
}

static json_t *ollama_answer(const struct said *said)
{
	return json_pack("{s:s, s:s, s:{s:s, s:O}, s:b, s:s, s:I, s:I, s:I}", "model", said->asked->model, "created_at",
			 "2026-01-01T00:00:00Z", "message", "role", "assistant", "content", said->text, "done", 1,
			 "done_reason", said->truncated ? "length" : "stop", "total_duration", (json_int_t)1000000,
			 "prompt_eval_count", (json_int_t)said->reply->tokens_in, "eval_count",
			 (json_int_t)said->reply->tokens_out);
}

static json_t *envelope(const struct said *said)
{
	static const char *const usage[] = { "usage", "usageMetadata", "prompt_eval_count", "eval_count" };
	json_t *answer = said->asked->dialect == DIALECT_ANTHROPIC ? anthropic_answer(said)
			 : said->asked->dialect == DIALECT_GEMINI  ? gemini_answer(said)
			 : said->asked->dialect == DIALECT_OLLAMA  ? ollama_answer(said)
								   : openai_answer(said);

	for (size_t i = 0; said->usage_missing && i < sizeof usage / sizeof *usage; i++)
		json_object_del(answer, usage[i]);
	return answer;
}

/* How many bytes of a text remain under the bound, not cutting a character. */
static size_t bounded(const char *text, size_t len, size_t most)
{
	if (len <= most)
		return len;
	while (most && ((unsigned char)text[most] & 0xc0) == 0x80)
		most--;
	return most;
}

static void count_tokens(struct reply *reply, const struct options *options, const struct asked *asked, size_t text_len)
{
	long out = (long)(text_len + 3) / 4;

	if (options->tokens_max)
		out = options->tokens_min + (long)(persona_mix64(asked->seed, "tokens", 6) %
						   (uint64_t)(options->tokens_max - options->tokens_min + 1));
	out += options->reasoning;
	if (asked->max_tokens >= 0 && out > asked->max_tokens)
		out = asked->max_tokens;
	reply->tokens_in = (long)(asked->text.len + 3) / 4;
	reply->tokens_cached = reply->tokens_in * options->cached_percent / 100;
	reply->tokens_written = reply->tokens_in * options->written_percent / 100;
	if (reply->tokens_written > reply->tokens_in - reply->tokens_cached)
		reply->tokens_written = reply->tokens_in - reply->tokens_cached;
	reply->tokens_out = out;
	reply->generated = true;
}

static int reply_answer(struct reply *reply, const struct options *options, const struct asked *asked,
			struct decision decision, struct persona_error *err)
{
	struct said said = { .usage_missing = options->usage_missing, .asked = asked, .reply = reply };
	char *text = options->reply ? persona_strdup(options->reply, err) : model_text(asked);
	size_t len = text ? strlen(text) : 0, most = SIZE_MAX;
	int rc = -1;

	if (!text)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	if (asked->max_tokens >= 0)
		most = asked->max_tokens > options->reasoning ? (size_t)(asked->max_tokens - options->reasoning) * 4
							      : 0;
	if (decision.fault == FAULT_TRUNCATE && most > len * 2 / 3)
		most = len * 2 / 3;
	said.truncated = len > most;
	len = bounded(text, len, most);
	said.refused = decision.fault == FAULT_REFUSE;
	if (said.refused && asked->dialect != DIALECT_OLLAMA)
		said.text = json_null();
	else if (said.refused)
		said.text = json_string("I can't help with that.");
	else
		said.text = json_stringn(text, decision.fault == FAULT_EMPTY ? 0 : len);
	count_tokens(reply, options, asked, decision.fault == FAULT_EMPTY || said.refused ? 0 : len);
	said.reasoning = options->reasoning < reply->tokens_out ? options->reasoning : reply->tokens_out;
	snprintf(said.id, sizeof said.id, "test-%016llx", (unsigned long long)asked->seed);
	reply->status = 200;
	reply->content_type = "application/json";
	if (said.text)
		rc = dump(reply, envelope(&said), err);
	json_decref(said.text);
	free(text);
	return rc;
}

static const char *rejected(const struct options *options, const struct asked *asked)
{
	const json_t *value;
	const char *key;

	json_object_foreach(asked->root, key, value) {
		const char *at = options->reject;
		size_t len = strlen(key);

		while (at && (at = strstr(at, key))) {
			if ((at == options->reject || at[-1] == ',') && (at[len] == ',' || !at[len]))
				return key;
			at += len;
		}
	}
	return NULL;
}

static int reply_rejected(struct reply *reply, const struct asked *asked, const char *key, struct persona_error *err)
{
	static const struct decision bad_request = { FAULT_STATUS, 400 };
	char message[256];

	snprintf(message, sizeof message, "Unsupported parameter: '%s' is not supported with this model.", key);
	if (asked->dialect != DIALECT_OPENAI)
		return reply_error(reply, asked->dialect, bad_request, message, err);
	reply->status = 400;
	reply->content_type = "application/json";
	return dump(reply,
		    json_pack("{s:{s:s, s:s, s:s, s:s}}", "error", "message", message, "type", "invalid_request_error",
			      "param", key, "code", "unsupported_parameter"),
		    err);
}

/* Answers that are prepared, and yet not equal. */
static void put_number(struct persona_buf *body, const char *mark, long long number)
{
	size_t len = strlen(mark);
	char *at = body->data, *end = body->data + body->len;

	while ((at = memmem(at, (size_t)(end - at), mark, len))) {
		long long rest = number;

		for (size_t i = len; i-- > 0; rest /= 10)
			at[i] = (char)('0' + rest % 10);
		at += len;
	}
}

static int reply_body(struct reply *reply, const struct options *options, const struct asked *asked,
		      struct decision decision, struct persona_error *err)
{
	reply->status = decision.fault == FAULT_STATUS ? decision.status : 200;
	reply->content_type = options->content_type ? options->content_type : "application/json";
	if (persona_buf_add(&reply->body, options->body, options->body_len, err) < 0)
		return -1;
	if (options->mark)
		put_number(&reply->body, options->mark, asked->number);
	return 0;
}

int reply_make(struct reply *reply, const struct options *options, const struct asked *asked, struct decision decision,
	       struct persona_error *err)
{
	static const char html[] =
		"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>";
	static const char garbage[] = "\x01\x02 this is no JSON at all }{";
	static const struct decision bad_request = { FAULT_STATUS, 400 };
	const char *key;

	if (decision.fault == FAULT_HTML502) {
		reply->status = 502;
		reply->content_type = "text/html";
		return persona_buf_adds(&reply->body, html, err);
	}
	if (decision.fault == FAULT_STATUS && decision.status >= 300 && !options->body)
		return reply_error(reply, asked->dialect, decision, NULL, err);
	if (decision.fault == FAULT_QUOTA || decision.fault == FAULT_TOOLONG)
		return reply_error(reply, asked->dialect, decision, NULL, err);
	if (options->body)
		return reply_body(reply, options, asked, decision, err);
	if (asked->wrong)
		return reply_error(reply, asked->dialect, bad_request, asked->wrong, err);
	key = rejected(options, asked);
	if (key)
		return reply_rejected(reply, asked, key, err);
	if (reply_answer(reply, options, asked, decision, err) < 0)
		return -1;
	if (decision.fault == FAULT_GARBAGE) {
		persona_buf_clear(&reply->body);
		return persona_buf_adds(&reply->body, garbage, err);
	}
	return 0;
}
