/* What an endpoint is, once it is open: nothing here needs a network. */
#include "internal.h"

static const char *const names[] = {
	[PERSONA_LLM_OPENAI] = "openai",
	[PERSONA_LLM_ANTHROPIC] = "anthropic",
	[PERSONA_LLM_GEMINI] = "gemini",
	[PERSONA_LLM_OLLAMA] = "ollama",
};

const char *persona_llm_provider_name(enum persona_llm_provider provider)
{
	return (unsigned)provider < PERSONA_LLM_PROVIDERS ? names[provider] : "unknown";
}

enum persona_llm_provider persona_llm_provider(const struct persona_llm *llm)
{
	return llm->provider;
}

const char *persona_llm_model(const struct persona_llm *llm)
{
	return llm->model;
}

const char *persona_llm_origin(const struct persona_llm *llm)
{
	return llm->origin;
}

const char *persona_llm_url(const struct persona_llm *llm)
{
	return llm->url;
}

size_t persona_llm_headers(const struct persona_llm *llm, const struct persona_http_header **out)
{
	*out = llm->headers;
	return llm->headers_len;
}

bool persona_llm_is_local(const struct persona_llm *llm)
{
	return llm->local && !llm->passed_on;
}

int persona_llm_hash_key(const struct persona_llm *llm, struct persona_hash *hash, struct persona_error *err)
{
	return llm->key ? persona_hash_add(hash, llm->key, strlen(llm->key), err) : 0;
}

const char *persona_price_provider(const struct persona_llm *llm)
{
	return llm->price_provider;
}
