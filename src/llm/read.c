/* What came back from a model, whatever it is, as a reply. */
#include "persona/text.h"

#include "envelope.h"
#include "internal.h"

#define TOKENS_MAX ((int64_t)1000000000) /* no usage is larger; what claims to be is not believed */
#define ANSWER_MAX ((size_t)64 << 20)	 /* bytes of text: more than any transfer brings */

#define ERRORS                                                                                                         \
	{ F_ERROR, { "error" } }, { F_MESSAGE, { "error", "message" } }, { F_TYPE, { "error", "type" } },              \
		{ F_CODE, { "error", "code" } }, { F_PARAM, { "error", "param" } },                                    \
		{ F_INNER_CODE, { "error", "innererror", "code" } }, { F_TOP_MESSAGE, { "message" } },                 \
		{ F_TOP_TYPE, { "type" } }, { F_TOP_CODE, { "code" } }, { F_TOP_PARAM, { "param" } },                  \
		{ F_TOP_DETAIL, { "detail" } },                                                                        \
	{                                                                                                              \
		F_TOP_OBJECT,                                                                                          \
		{                                                                                                      \
			"object"                                                                                       \
		}                                                                                                      \
	}

/* Chat completions, as OpenAI and many others have them; and OpenAI's responses ("output"). */
static const struct envelope_path openai[] = {
	ERRORS,
	{ F_CHOICE, { "choices", "0" } },
	{ F_CONTENT, { "choices", "0", "message", "content" } },
	{ F_PART_TYPE, { "choices", "0", "message", "content", "*", "type" } },
	{ F_PART_TEXT, { "choices", "0", "message", "content", "*", "text" } },
	{ F_REFUSAL, { "choices", "0", "message", "refusal" } },
	{ F_FINISH, { "choices", "0", "finish_reason" } },
	{ F_CHOICE_MESSAGE, { "choices", "0", "error", "message" } },
	{ F_CHOICE_CODE, { "choices", "0", "error", "code" } },
	{ F_INPUT, { "usage", "prompt_tokens" } },
	{ F_CACHED, { "usage", "prompt_tokens_details", "cached_tokens" } },
	{ F_CACHED_TOO, { "usage", "prompt_cache_hit_tokens" } },
	{ F_WRITTEN, { "usage", "prompt_tokens_details", "cache_write_tokens" } },
	{ F_OUTPUT, { "usage", "completion_tokens" } },
	{ F_REASONING, { "usage", "completion_tokens_details", "reasoning_tokens" } },
	{ F_TOTAL, { "usage", "total_tokens" } },
	{ F_MODEL, { "model" } },
	{ F_ID, { "id" } },
	{ F_OUTPUTS, { "output" } },
	{ F_OUTPUTS_TYPE, { "output", "*", "content", "*", "type" } },
	{ F_OUTPUTS_TEXT, { "output", "*", "content", "*", "text" } },
	{ F_OUTPUTS_REFUSAL, { "output", "*", "content", "*", "refusal" } },
	{ F_OUTPUTS_STATUS, { "status" } },
	{ F_OUTPUTS_REASON, { "incomplete_details", "reason" } },
	{ F_OUTPUTS_INPUT, { "usage", "input_tokens" } },
	{ F_OUTPUTS_CACHED, { "usage", "input_tokens_details", "cached_tokens" } },
	{ F_OUTPUTS_WRITTEN, { "usage", "input_tokens_details", "cache_write_tokens" } },
	{ F_OUTPUTS_OUTPUT, { "usage", "output_tokens" } },
	{ F_OUTPUTS_REASONING, { "usage", "output_tokens_details", "reasoning_tokens" } },
};

static const struct envelope_path anthropic[] = {
	ERRORS,
	{ F_DETAIL_CODE, { "error", "details", "error_code" } },
	{ F_CONTENT, { "content" } },
	{ F_PART_TYPE, { "content", "*", "type" } },
	{ F_PART_TEXT, { "content", "*", "text" } },
	{ F_PART_INPUT, { "content", "*", "input" } },
	{ F_FINISH, { "stop_reason" } },
	{ F_REFUSAL, { "stop_details", "explanation" } },
	{ F_INPUT, { "usage", "input_tokens" } },
	{ F_CACHED, { "usage", "cache_read_input_tokens" } },
	{ F_WRITTEN, { "usage", "cache_creation_input_tokens" } },
	{ F_OUTPUT, { "usage", "output_tokens" } },
	{ F_REASONING, { "usage", "output_tokens_details", "thinking_tokens" } },
	{ F_MODEL, { "model" } },
	{ F_ID, { "request_id" } },
};

static const struct envelope_path gemini[] = {
	ERRORS,
	{ F_STATUS, { "error", "status" } },
	{ F_DETAIL_REASON, { "error", "details", "*", "reason" } },
	{ F_DETAIL_DELAY, { "error", "details", "*", "retryDelay" } },
	{ F_DETAIL_QUOTA, { "error", "details", "*", "violations", "*", "quotaId" } },
	{ F_DETAIL_VALUE, { "error", "details", "*", "violations", "*", "quotaValue" } },
	{ F_CHOICE, { "candidates", "0" } },
	{ F_CONTENT, { "candidates", "0", "content", "parts" } },
	{ F_PART_TEXT, { "candidates", "0", "content", "parts", "*", "text" } },
	{ F_PART_THOUGHT, { "candidates", "0", "content", "parts", "*", "thought" } },
	{ F_FINISH, { "candidates", "0", "finishReason" } },
	{ F_REFUSAL, { "candidates", "0", "finishMessage" } },
	{ F_BLOCKED, { "promptFeedback", "blockReason" } },
	{ F_INPUT, { "usageMetadata", "promptTokenCount" } },
	{ F_CACHED, { "usageMetadata", "cachedContentTokenCount" } },
	{ F_OUTPUT, { "usageMetadata", "candidatesTokenCount" } },
	{ F_REASONING, { "usageMetadata", "thoughtsTokenCount" } },
	{ F_MODEL, { "modelVersion" } },
	{ F_ID, { "responseId" } },
};

static const struct envelope_path ollama[] = {
	ERRORS,
	{ F_CONTENT, { "message", "content" } },
	{ F_DONE, { "done" } },
	{ F_FINISH, { "done_reason" } },
	{ F_INPUT, { "prompt_eval_count" } },
	{ F_OUTPUT, { "eval_count" } },
	{ F_MODEL, { "model" } },
};

static const struct {
	const struct envelope_path *paths;
	size_t count;
} dialects[] = {
	[PERSONA_LLM_OPENAI] = { openai, sizeof openai / sizeof *openai },
	[PERSONA_LLM_ANTHROPIC] = { anthropic, sizeof anthropic / sizeof *anthropic },
	[PERSONA_LLM_GEMINI] = { gemini, sizeof gemini / sizeof *gemini },
	[PERSONA_LLM_OLLAMA] = { ollama, sizeof ollama / sizeof *ollama },
};

_Static_assert(F_FIELDS <= 64, "fields are bits of a word");

/* What reading one answer works on. */
struct reading {
	const struct persona_llm *llm;
	const struct persona_llm_raw *raw;
	struct persona_llm_reply *reply;
	struct persona_error *err;
	struct envelope envelope;
	enum envelope_event end; /* how the body ended */
	struct llm_fault fault;
	char content_type[64];
	char refusal[512]; /* in the model's words */
};

static const struct envelope_value *value_of(const struct reading *reading, enum llm_field field)
{
	return &reading->envelope.values[field];
}

static bool is_there(const struct reading *reading, enum llm_field field)
{
	char type = value_of(reading, field)->type;

	return type && type != 'n';
}

static bool is_text(const struct reading *reading, enum llm_field field)
{
	return value_of(reading, field)->type == '"' && value_of(reading, field)->len > 0;
}

static bool equals(const struct reading *reading, enum llm_field field, const char *text)
{
	const struct envelope_value *value = value_of(reading, field);

	return value->type == '"' && value->len == strlen(text) && memcmp(value->bytes, text, value->len) == 0;
}

static int64_t count_of(const struct reading *reading, enum llm_field field)
{
	return envelope_count(value_of(reading, field), TOKENS_MAX);
}

/* The first of these fields that is a word; "" where none is. */
static void word_of(const struct reading *reading, char *out, size_t size, const enum llm_field *fields, size_t count)
{
	out[0] = '\0';
	for (size_t i = 0; i < count && !*out; i++)
		envelope_word(out, size, value_of(reading, fields[i]));
}

#define WORD_OF(reading, out, ...)                                                                                     \
	word_of(reading, out, sizeof(out), (const enum llm_field[]){ __VA_ARGS__ },                                    \
		sizeof((const enum llm_field[]){ __VA_ARGS__ }) / sizeof(enum llm_field))

/* ---- Lines for people ------------------------------------------------ */

/* One clean line without secrets, cut at a character. */
static int set_line(const struct persona_llm *llm, char *out, size_t size, const char *text, struct persona_error *err)
{
	struct persona_buf line;
	size_t len;
	int rc;

	persona_buf_init(&line, SIZE_MAX);
	rc = persona_text_clean(&line, text, strlen(text), NULL, err);
	if (!rc && line.len) {
		for (size_t i = 0; i < line.len; i++)
			if (line.data[i] == '\n' || line.data[i] == '\t')
				line.data[i] = ' ';
		llm_mask_words(llm, line.data);
	}
	len = line.len < size ? line.len : size - 1;
	while (len < line.len && len && ((unsigned char)line.data[len] & 0xC0) == 0x80)
		len--;
	memcpy(out, line.data, len);
	out[len] = '\0';
	persona_buf_release(&line);
	return rc;
}

/* ---- Walking over the body ------------------------------------------- */

static bool about(const struct reading *reading, enum llm_field field)
{
	return reading->envelope.fields >> field & 1;
}

/* A part of the answer: text, but no thoughts; or what a tool was to be given. */
static int take_part(struct reading *reading, enum llm_field type, enum llm_field text)
{
	const struct envelope_value *input = value_of(reading, F_PART_INPUT);

	if (equals(reading, type, "tool_use") && input->type == '{')
		return persona_text_clean(&reading->reply->text, input->bytes, input->len, NULL, reading->err);
	if (value_of(reading, F_PART_THOUGHT)->type == 't' ||
	    (is_there(reading, type) && !equals(reading, type, "text") && !equals(reading, type, "output_text")))
		return 0;
	return envelope_text(&reading->reply->text, value_of(reading, text), reading->err);
}

static void take_detail(struct reading *reading)
{
	struct llm_fault *fault = &reading->fault;
	char word[128];

	if (equals(reading, F_DETAIL_REASON, "API_KEY_INVALID"))
		fault->bad_key = true;
	WORD_OF(reading, word, F_DETAIL_QUOTA);
	if (llm_has(word, "PerDay") || equals(reading, F_DETAIL_VALUE, "0"))
		fault->no_quota = true;
	WORD_OF(reading, word, F_DETAIL_DELAY);
	if (*word)
		fault->delay_ms = llm_duration_ms(word, 0);
}

static int take_element(struct reading *reading)
{
	if (about(reading, F_PART_TEXT))
		return take_part(reading, F_PART_TYPE, F_PART_TEXT);
	if (about(reading, F_OUTPUTS_TEXT)) {
		if (is_text(reading, F_OUTPUTS_REFUSAL))
			WORD_OF(reading, reading->refusal, F_OUTPUTS_REFUSAL);
		return take_part(reading, F_OUTPUTS_TYPE, F_OUTPUTS_TEXT);
	}
	take_detail(reading);
	return 0;
}

static int walk(struct reading *reading)
{
	struct envelope *envelope = &reading->envelope;
	enum persona_llm_provider provider = reading->llm->provider;
	int rc = 0;

	envelope_init(envelope, dialects[provider].paths, dialects[provider].count,
		      reading->raw->body ? reading->raw->body : "", reading->raw->body ? reading->raw->len : 0);
	do {
		reading->end = envelope_next(envelope);
		if (reading->end == ENVELOPE_ELEMENT)
			rc = take_element(reading);
		else if (reading->end == ENVELOPE_AGAIN &&
			 (about(reading, F_PART_TEXT) || about(reading, F_OUTPUTS_TEXT)))
			persona_buf_clear(&reading->reply->text);
	} while (!rc && reading->end < ENVELOPE_END);
	return rc;
}

/* ---- Usage ----------------------------------------------------------- */

/* One count of those that may be missing. */
static int64_t known(int64_t count)
{
	return count > 0 ? count : 0;
}

static int64_t first_count(const struct reading *reading, enum llm_field first, enum llm_field second)
{
	int64_t count = count_of(reading, first);

	return count >= 0 ? count : count_of(reading, second);
}

static void take_usage(struct reading *reading)
{
	struct persona_llm_usage *usage = &reading->reply->usage;
	int64_t total = count_of(reading, F_TOTAL);

	usage->input = first_count(reading, F_INPUT, F_OUTPUTS_INPUT);
	usage->cached = first_count(reading, F_CACHED, F_OUTPUTS_CACHED);
	usage->cache_written = first_count(reading, F_WRITTEN, F_OUTPUTS_WRITTEN);
	usage->output = first_count(reading, F_OUTPUT, F_OUTPUTS_OUTPUT);
	usage->reasoning = first_count(reading, F_REASONING, F_OUTPUTS_REASONING);
	switch (reading->llm->provider) {
	case PERSONA_LLM_OPENAI:
		if (usage->cached < 0)
			usage->cached = count_of(reading, F_CACHED_TOO);
		/* Some servers leave reasoning out of the completion, but not out of the total. */
		if (usage->input >= 0 && usage->output >= 0 && total - usage->input > usage->output)
			usage->output = total - usage->input;
		break;
	case PERSONA_LLM_ANTHROPIC:
		/* Its input is only what neither came from the cache nor went there. */
		if (usage->input >= 0)
			usage->input += known(usage->cached) + known(usage->cache_written);
		break;
	case PERSONA_LLM_GEMINI:
		/* Zeros are left out, and thoughts are not among the candidates' tokens. */
		if (usage->input >= 0)
			usage->output = known(usage->output) + known(usage->reasoning);
		break;
	default:
		break;
	}
}

/* ---- Answers --------------------------------------------------------- */

static enum persona_llm_outcome ending(const char *reason)
{
	static const struct {
		const char *reason;
		enum persona_llm_outcome outcome;
	} endings[] = {
		{ "length", PERSONA_LLM_TRUNCATED },
		{ "max_tokens", PERSONA_LLM_TRUNCATED },
		{ "MAX_TOKENS", PERSONA_LLM_TRUNCATED },
		{ "max_output_tokens", PERSONA_LLM_TRUNCATED },
		{ "model_length", PERSONA_LLM_TRUNCATED },
		{ "model_context_window_exceeded", PERSONA_LLM_TRUNCATED },
		{ "incomplete", PERSONA_LLM_TRUNCATED },
		{ "content_filter", PERSONA_LLM_REFUSED },
		{ "refusal", PERSONA_LLM_REFUSED },
		{ "SAFETY", PERSONA_LLM_REFUSED },
		{ "RECITATION", PERSONA_LLM_REFUSED },
		{ "LANGUAGE", PERSONA_LLM_REFUSED },
		{ "BLOCKLIST", PERSONA_LLM_REFUSED },
		{ "PROHIBITED_CONTENT", PERSONA_LLM_REFUSED },
		{ "SPII", PERSONA_LLM_REFUSED },
		{ "load", PERSONA_LLM_EMPTY },
		{ "unload", PERSONA_LLM_EMPTY },
		{ "abort", PERSONA_LLM_SERVER },
		{ "error", PERSONA_LLM_SERVER },
		{ "failed", PERSONA_LLM_SERVER },
		{ "cancelled", PERSONA_LLM_SERVER },
		{ "insufficient_system_resource", PERSONA_LLM_SERVER },
		{ "OTHER", PERSONA_LLM_SERVER },
		{ "MALFORMED_FUNCTION_CALL", PERSONA_LLM_SERVER },
		{ "UNEXPECTED_TOOL_CALL", PERSONA_LLM_SERVER },
		{ "TOO_MANY_TOOL_CALLS", PERSONA_LLM_SERVER },
	};

	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (strcmp(endings[i].reason, reason) == 0)
			return endings[i].outcome;
	return strncmp(reason, "IMAGE_", 6) == 0 ? PERSONA_LLM_REFUSED : PERSONA_LLM_OK;
}

/* Does the JSON have the shape of this dialect's answers? */
static bool is_answer(const struct reading *reading)
{
	switch (reading->llm->provider) {
	case PERSONA_LLM_OPENAI:
		return value_of(reading, F_CHOICE)->type == '{' || value_of(reading, F_OUTPUTS)->type == '[';
	case PERSONA_LLM_ANTHROPIC:
		return value_of(reading, F_CONTENT)->type == '[';
	case PERSONA_LLM_GEMINI:
		return value_of(reading, F_CHOICE)->type == '{' || is_there(reading, F_BLOCKED);
	default:
		return is_there(reading, F_CONTENT) || is_there(reading, F_DONE);
	}
}

static bool is_error(const struct reading *reading)
{
	return value_of(reading, F_ERROR)->type == '{' || is_text(reading, F_ERROR) ||
	       is_there(reading, F_CHOICE_MESSAGE) || is_there(reading, F_CHOICE_CODE) ||
	       equals(reading, F_TOP_OBJECT, "error") || equals(reading, F_TOP_TYPE, "error");
}

static int take_answer(struct reading *reading)
{
	struct persona_llm_reply *reply = reading->reply;
	char finish[64], plain[512];

	/* Plain text counts where there are no parts. */
	if (value_of(reading, F_CONTENT)->type == '"' &&
	    envelope_text(&reply->text, value_of(reading, F_CONTENT), reading->err) < 0)
		return -1;
	if (reply->text.len)
		(void)persona_llm_mask(reading->llm, reply->text.data, reply->text.len);
	WORD_OF(reading, finish, F_FINISH, F_BLOCKED, F_OUTPUTS_REASON, F_OUTPUTS_STATUS);
	if (set_line(reading->llm, reply->finish_reason, sizeof reply->finish_reason, finish, reading->err) < 0)
		return -1;
	reply->outcome = is_there(reading, F_BLOCKED) ? PERSONA_LLM_REFUSED : ending(finish);
	WORD_OF(reading, plain, F_REFUSAL);
	if (!*reading->refusal)
		snprintf(reading->refusal, sizeof reading->refusal, "%s", plain);
	if (reply->outcome == PERSONA_LLM_OK && !reply->text.len)
		reply->outcome = *reading->refusal ? PERSONA_LLM_REFUSED : PERSONA_LLM_EMPTY;
	if (reply->outcome == PERSONA_LLM_OK)
		return 0;
	snprintf(plain, sizeof plain, "%s%s%s%s%s", persona_llm_outcome_name(reply->outcome), *finish ? " (" : "",
		 finish, *finish ? ")" : "", *reading->refusal ? ": " : "");
	snprintf(plain + strlen(plain), sizeof plain - strlen(plain), "%s", reading->refusal);
	return set_line(reading->llm, reply->message, sizeof reply->message, plain, reading->err);
}

/* ---- Errors ---------------------------------------------------------- */

/* An error inside of a 200 may say which status it would have been. */
static int status_within(const struct llm_fault *fault)
{
	const struct envelope_value code = { '"', fault->code, strlen(fault->code) };
	int64_t status = envelope_count(&code, 599);

	return status >= 400 ? (int)status : 500;
}

static int take_error(struct reading *reading)
{
	struct persona_llm_reply *reply = reading->reply;
	struct llm_fault *fault = &reading->fault;
	bool within = reading->raw->status >= 200 && reading->raw->status < 300;
	char line[1200];

	WORD_OF(reading, fault->type, F_TYPE, F_STATUS, F_TOP_TYPE);
	WORD_OF(reading, fault->code, F_DETAIL_CODE, F_CODE, F_CHOICE_CODE, F_TOP_CODE);
	WORD_OF(reading, fault->param, F_PARAM, F_TOP_PARAM);
	WORD_OF(reading, fault->inner, F_INNER_CODE, F_STATUS);
	WORD_OF(reading, fault->message, F_MESSAGE, F_ERROR, F_CHOICE_MESSAGE, F_TOP_MESSAGE, F_TOP_DETAIL);
	fault->json = reading->end == ENVELOPE_END;
	fault->status = within ? status_within(fault) : reading->raw->status;
	llm_classify(fault, reply);
	persona_buf_clear(&reply->text);
	if (*fault->message)
		snprintf(line, sizeof line, "HTTP %d: %s", reading->raw->status, fault->message);
	else
		snprintf(line, sizeof line, "HTTP %d, %s", reading->raw->status,
			 *reading->content_type ? reading->content_type : "no content type");
	return set_line(reading->llm, reply->message, sizeof reply->message, line, reading->err);
}

/* ---- Transfers ------------------------------------------------------- */

static enum persona_llm_outcome transfer_outcome(const struct persona_llm_raw *raw)
{
	switch (raw->outcome) {
	case PERSONA_HTTP_CONNECT:
	case PERSONA_HTTP_TLS:
		return PERSONA_LLM_UNREACHABLE;
	case PERSONA_HTTP_TIMEOUT:
		return PERSONA_LLM_TIMEOUT;
	case PERSONA_HTTP_INVALID:
	case PERSONA_HTTP_TOO_LARGE:
		return PERSONA_LLM_GARBLED;
	case PERSONA_HTTP_CANCELLED:
		return PERSONA_LLM_CANCELLED;
	case PERSONA_HTTP_RESET:
		return raw->status ? PERSONA_LLM_CUT : PERSONA_LLM_NETWORK;
	default:
		return PERSONA_LLM_NETWORK;
	}
}

static int take_transfer(struct reading *reading)
{
	const struct persona_llm_raw *raw = reading->raw;
	struct persona_llm_reply *reply = reading->reply;

	reply->outcome = transfer_outcome(raw);
	reply->charged = raw->maybe_sent;
	return set_line(reading->llm, reply->message, sizeof reply->message,
			raw->reason && *raw->reason ? raw->reason : persona_llm_outcome_name(reply->outcome),
			reading->err);
}

/* 200, but nothing that this dialect answers. */
static int take_nonsense(struct reading *reading)
{
	struct persona_llm_reply *reply = reading->reply;
	char line[160];

	reply->outcome = reading->end == ENVELOPE_SHORT ? PERSONA_LLM_CUT : PERSONA_LLM_GARBLED;
	snprintf(line, sizeof line, "HTTP %d, %s of %zu bytes: %s", reading->raw->status,
		 *reading->content_type ? reading->content_type : "no content type", reading->raw->len,
		 reading->end == ENVELOPE_SHORT ? "ends in the middle"
		 : reading->end == ENVELOPE_BAD ? "not JSON"
						: "JSON, but no answer of a model");
	persona_buf_clear(&reply->text);
	return set_line(reading->llm, reply->message, sizeof reply->message, line, reading->err);
}

/* ---- All ------------------------------------------------------------- */

static const char *header(const struct persona_llm_raw *raw, const char *name)
{
	const char *value = raw->header ? raw->header(raw->payload, name) : NULL;

	return value ? value : "";
}

static int take_names(struct reading *reading)
{
	static const char *const ids[] = { "x-request-id", "request-id", "apim-request-id" };
	struct persona_llm_reply *reply = reading->reply;
	char word[128];

	WORD_OF(reading, word, F_MODEL);
	if (set_line(reading->llm, reply->model, sizeof reply->model, word, reading->err) < 0)
		return -1;
	WORD_OF(reading, word, F_ID);
	for (size_t i = sizeof ids / sizeof *ids; i-- > 0;)
		if (*header(reading->raw, ids[i]))
			snprintf(word, sizeof word, "%s", header(reading->raw, ids[i]));
	return set_line(reading->llm, reply->request_id, sizeof reply->request_id, word, reading->err);
}

static int take_http(struct reading *reading)
{
	const struct persona_llm_raw *raw = reading->raw;
	struct persona_llm_reply *reply = reading->reply;
	bool good = raw->status >= 200 && raw->status < 300;
	int rc;

	snprintf(reading->content_type, sizeof reading->content_type, "%.*s",
		 (int)strcspn(header(raw, "content-type"), ";"), header(raw, "content-type"));
	if (walk(reading) < 0 || take_names(reading) < 0)
		return -1;
	if (reading->end == ENVELOPE_END)
		take_usage(reading);
	if (!good || (reading->end == ENVELOPE_END && is_error(reading)))
		rc = take_error(reading);
	else if (reading->end != ENVELOPE_END || !is_answer(reading))
		rc = take_nonsense(reading);
	else
		rc = take_answer(reading);
	/* A provider that says no takes nothing; what one behind a gateway did is not known. */
	reply->charged = good || reply->outcome == PERSONA_LLM_GATEWAY;
	if (reply->outcome != PERSONA_LLM_OK) {
		reply->retry_after_ms = llm_told_wait_ms(raw, reading->fault.delay_ms);
		reply->should_retry = llm_should_retry(raw);
	}
	return rc;
}

void persona_llm_reply_init(struct persona_llm_reply *reply)
{
	memset(reply, 0, sizeof *reply);
	persona_buf_init(&reply->text, ANSWER_MAX);
	reply->usage = (struct persona_llm_usage){ -1, -1, -1, -1, -1 };
	reply->retry_after_ms = -1;
	reply->should_retry = -1;
}

void persona_llm_reply_release(struct persona_llm_reply *reply)
{
	persona_buf_release(&reply->text);
	persona_llm_reply_init(reply);
}

int persona_llm_read(const struct persona_llm *llm, const struct persona_llm_raw *raw, struct persona_llm_reply *reply,
		     struct persona_error *err)
{
	struct reading reading = { .llm = llm, .raw = raw, .reply = reply, .err = err, .fault.delay_ms = -1 };
	int rc;

	persona_llm_reply_release(reply);
	rc = raw->outcome == PERSONA_HTTP_OK ? take_http(&reading) : take_transfer(&reading);
	if (rc < 0)
		persona_llm_reply_release(reply);
	return rc;
}
