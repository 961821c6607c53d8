/* What kind of error an error is. */
#include <ctype.h>
#include <strings.h>

#include "internal.h"

bool llm_has(const char *text, const char *needle)
{
	return strcasestr(text, needle) != NULL;
}

static bool is_word_byte(char byte)
{
	return isalnum((unsigned char)byte) || byte == '_';
}

bool llm_has_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = text; (at = strcasestr(at, word)); at++)
		if ((at == text || !is_word_byte(at[-1])) && !is_word_byte(at[len]))
			return true;
	return false;
}

static bool any(const char *text, const char *const needles[])
{
	for (size_t i = 0; needles[i]; i++)
		if (llm_has(text, needles[i]))
			return true;
	return false;
}

/* Code, type or status is one of these words. */
static bool said(const struct llm_fault *fault, const char *const words[])
{
	for (size_t i = 0; words[i]; i++)
		if (strcasecmp(fault->code, words[i]) == 0 || strcasecmp(fault->type, words[i]) == 0 ||
		    strcasecmp(fault->inner, words[i]) == 0)
			return true;
	return false;
}

/* ---- Single kinds ---------------------------------------------------- */

static bool is_too_long(const struct llm_fault *fault)
{
	static const char *const words[] = { "context_length_exceeded", "exceed_context_size_error",
					     "request_too_large", NULL };
	static const char *const texts[] = {
		"maximum context length",	 "prompt is too long",	    "exceeds the maximum number of tokens",
		"exceeds the available context", "longer than the context", "context window",
		"context length exceeded",	 "too many tokens",	    NULL
	};

	if (fault->status == 413)
		return true;
	return (fault->status == 400 || fault->status == 422 || fault->status == 500) &&
	       (said(fault, words) || any(fault->message, texts));
}

static bool is_quota(const struct llm_fault *fault)
{
	static const char *const words[] = { "insufficient_quota",
					     "credit_balance_exhausted",
					     "organization_spend_limit_exceeded",
					     "project_spend_limit_exceeded",
					     "organization_usage_limit_exceeded",
					     "enforced_spend_limit_reached",
					     "billing_error",
					     "billing_hard_limit_reached",
					     NULL };
	static const char *const texts[] = { "specified API usage limits", "credit balance is too low",
					     "insufficient credit", "insufficient balance", NULL };

	if (fault->status == 402 || fault->no_quota || said(fault, words))
		return true;
	return (fault->status == 400 || fault->status == 403) && any(fault->message, texts);
}

static bool is_refusal(const struct llm_fault *fault)
{
	static const char *const words[] = { "content_filter", "content_policy_violation",
					     "ResponsibleAIPolicyViolation", NULL };
	static const char *const texts[] = { "content management policy", "flagged", "moderation", NULL };

	return (fault->status == 400 || fault->status == 403) && (said(fault, words) || any(fault->message, texts));
}

static bool is_auth(const struct llm_fault *fault)
{
	static const char *const words[] = { "invalid_api_key", "authentication_error", "permission_error",
					     "FAILED_PRECONDITION", NULL };

	return fault->status == 401 || fault->status == 403 || fault->bad_key || said(fault, words);
}

static bool is_not_found(const struct llm_fault *fault)
{
	static const char *const words[] = { "model_not_found", "not_found_error", "NOT_FOUND", NULL };

	return fault->status == 404 || fault->status == 405 || fault->status == 410 ||
	       (fault->status >= 300 && fault->status < 400) || said(fault, words);
}

/* ---- Parameters ------------------------------------------------------ */

static const struct parameter {
	const char *name; /* on the wire, or how messages put it */
	unsigned quirks;  /* that leave it out, the mildest first */
	bool mentioned;	  /* too usual a word: counts as param only, or with a word of refusal */
} parameters[] = {
	{ "temperature", PERSONA_LLM_NO_TEMPERATURE, false },
	{ "max_tokens", PERSONA_LLM_OTHER_MAX, true },
	{ "max_completion_tokens", PERSONA_LLM_OTHER_MAX, true },
	{ "response_format", PERSONA_LLM_NO_SCHEMA | PERSONA_LLM_NO_FORMAT, false },
	{ "json_schema", PERSONA_LLM_NO_SCHEMA | PERSONA_LLM_NO_FORMAT, false },
	{ "json_object", PERSONA_LLM_NO_SCHEMA | PERSONA_LLM_NO_FORMAT, false },
	{ "output_config", PERSONA_LLM_NO_SCHEMA, false },
	{ "output_format", PERSONA_LLM_NO_SCHEMA, false },
	{ "responseJsonSchema", PERSONA_LLM_NO_SCHEMA | PERSONA_LLM_NO_FORMAT, false },
	{ "response_json_schema", PERSONA_LLM_NO_SCHEMA | PERSONA_LLM_NO_FORMAT, false },
	{ "response_schema", PERSONA_LLM_NO_SCHEMA | PERSONA_LLM_NO_FORMAT, false },
	{ "responseMimeType", PERSONA_LLM_NO_SCHEMA | PERSONA_LLM_NO_FORMAT, false },
	{ "response_mime_type", PERSONA_LLM_NO_SCHEMA | PERSONA_LLM_NO_FORMAT, false },
	{ "JSON mode", PERSONA_LLM_NO_SCHEMA | PERSONA_LLM_NO_FORMAT, false },
	{ "prompt_cache_key", PERSONA_LLM_NO_CACHING, false },
	{ "prompt_cache_options", PERSONA_LLM_NO_CACHING, false },
	{ "prompt_cache_breakpoint", PERSONA_LLM_NO_CACHING, false },
	{ "cache_control", PERSONA_LLM_NO_CACHING, false },
	{ "system role", PERSONA_LLM_NO_SYSTEM, false },
	{ "systemInstruction", PERSONA_LLM_NO_SYSTEM, false },
	{ "system_instruction", PERSONA_LLM_NO_SYSTEM, false },
	{ "Developer instruction", PERSONA_LLM_NO_SYSTEM, false },
	{ "truncate", PERSONA_LLM_NO_EXTRAS, true },
	{ "format", PERSONA_LLM_NO_SCHEMA | PERSONA_LLM_NO_FORMAT, true },
};

/* Said of a parameter that is not known, and not of one whose value is. */
static bool is_refused(const struct llm_fault *fault)
{
	static const char *const texts[] = { "unsupported", "not support", "unrecognized",
					     "unknown",	    "unexpected",  "not permitted",
					     "extra input", "not allowed", "additional properties",
					     NULL };

	return strcasecmp(fault->code, "unsupported_parameter") == 0 || any(fault->message, texts);
}

/* "response_format.json_schema.strict" and "tools[0]" are about what they begin with. */
static bool is_param(const char *param, const char *name)
{
	size_t len = strlen(name);

	return strncmp(param, name, len) == 0 && (!param[len] || strchr(".[", param[len]));
}

static bool find_parameter(const struct llm_fault *fault, struct persona_llm_reply *reply)
{
	bool refused = is_refused(fault);

	for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
		const struct parameter *parameter = &parameters[i];
		bool named = *fault->param ? is_param(fault->param, parameter->name)
					   : llm_has_word(fault->message, parameter->name);

		if (!named || (parameter->mentioned && !refused))
			continue;
		reply->quirk = parameter->quirks;
		snprintf(reply->parameter, sizeof reply->parameter, "%s", parameter->name);
		return true;
	}
	return false;
}

/* ---- All ------------------------------------------------------------- */

void llm_classify(const struct llm_fault *fault, struct persona_llm_reply *reply)
{
	int status = fault->status;

	if (is_quota(fault))
		reply->outcome = PERSONA_LLM_QUOTA;
	else if (status == 429)
		reply->outcome = PERSONA_LLM_RATE;
	else if (is_too_long(fault))
		reply->outcome = PERSONA_LLM_TOO_LONG;
	else if (is_refusal(fault))
		reply->outcome = PERSONA_LLM_REFUSED;
	else if (is_auth(fault))
		reply->outcome = PERSONA_LLM_AUTH;
	else if (is_not_found(fault))
		reply->outcome = PERSONA_LLM_NOT_FOUND;
	else if (status == 503 || status == 529 || status == 498)
		reply->outcome = PERSONA_LLM_OVERLOADED;
	else if (status >= 500)
		reply->outcome = fault->json ? PERSONA_LLM_SERVER : PERSONA_LLM_GATEWAY;
	else if (status == 408 || status == 409 || status == 425 || status == 499)
		reply->outcome = PERSONA_LLM_SERVER;
	else if ((status == 400 || status == 422) && find_parameter(fault, reply))
		reply->outcome = PERSONA_LLM_PARAMETER;
	else
		reply->outcome = PERSONA_LLM_REQUEST;
}
