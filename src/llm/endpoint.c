/* Which model where, and with which key. */
#include "internal.h"

#define MODEL_MAX 256 /* bytes of a model's name */

/* Hosts that speak somebody's dialect; a name that begins with '.' stands for all that end so. */
static const struct host {
	enum persona_llm_provider dialect;
	const char *name;
	const char *key;   /* variable */
	const char *price; /* provider in the table of prices */
	bool official;	   /* the dialect's own */
} hosts[] = {
	{ PERSONA_LLM_OPENAI, "api.openai.com", "OPENAI_API_KEY", "openai", true },
	{ PERSONA_LLM_ANTHROPIC, "api.anthropic.com", "ANTHROPIC_API_KEY", "anthropic", true },
	{ PERSONA_LLM_GEMINI, "generativelanguage.googleapis.com", "GOOGLE_API_KEY", "gemini", true },
	{ PERSONA_LLM_OLLAMA, "ollama.com", "OLLAMA_API_KEY", "ollama-cloud", true },
	{ PERSONA_LLM_OPENAI, "api.deepseek.com", "DEEPSEEK_API_KEY", "deepseek", false },
	{ PERSONA_LLM_OPENAI, "api.groq.com", "GROQ_API_KEY", "groq", false },
	{ PERSONA_LLM_OPENAI, "api.mistral.ai", "MISTRAL_API_KEY", "mistral", false },
	{ PERSONA_LLM_OPENAI, "api.moonshot.ai", "MOONSHOT_API_KEY", "moonshot", false },
	{ PERSONA_LLM_OPENAI, "api.x.ai", "XAI_API_KEY", "xai", false },
	{ PERSONA_LLM_OPENAI, "openrouter.ai", "OPENROUTER_API_KEY", "openrouter", false },
	{ PERSONA_LLM_OPENAI, ".openai.azure.com", "AZURE_OPENAI_API_KEY", "openai", false },
	{ PERSONA_LLM_PROVIDERS, NULL, NULL, NULL, false },
};

static bool is_called(enum persona_llm_provider provider, const char *name, size_t len)
{
	const char *own = persona_llm_provider_name(provider);

	return strlen(own) == len && memcmp(own, name, len) == 0;
}

static int parse_spec(struct persona_llm *llm, const char *spec, struct persona_error *err)
{
	const char *colon = strchr(spec, ':');
	const char *model = colon ? colon + 1 : "";
	size_t len = colon ? (size_t)(colon - spec) : 0, provider = 0;

	while (provider < PERSONA_LLM_PROVIDERS && !is_called((enum persona_llm_provider)provider, spec, len))
		provider++;
	if (!colon || provider == PERSONA_LLM_PROVIDERS)
		return persona_error_set(err, PERSONA_E_USAGE,
					 "no model \"%s\": name it as openai:MODEL, anthropic:MODEL, gemini:MODEL or "
					 "ollama:MODEL",
					 spec);
	if (provider == PERSONA_LLM_GEMINI && strncmp(model, "models/", 7) == 0)
		model += 7;
	if (!*model)
		return persona_error_set(err, PERSONA_E_USAGE, "\"%s\" names no model of %s", spec,
					 persona_llm_provider_name((enum persona_llm_provider)provider));
	if (strlen(model) > MODEL_MAX)
		return persona_error_set(err, PERSONA_E_USAGE, "the name of a model is longer than %d bytes",
					 MODEL_MAX);
	for (const char *c = model; *c; c++)
		if (*c < 0x21 || *c > 0x7E)
			return persona_error_set(err, PERSONA_E_USAGE, "no model has a name like \"%s\"", spec);
	llm->provider = (enum persona_llm_provider)provider;
	llm->model = persona_strdup(model, err);
	return llm->model ? 0 : -1;
}

static const struct host *known_host(const struct persona_llm *llm)
{
	const struct host *host = hosts;
	const char *name;
	size_t len = llm_origin_host(llm->origin, &name);

	for (; host->name; host++) {
		size_t known = strlen(host->name);

		if (host->dialect == llm->provider &&
		    (*host->name == '.' ? len > known && memcmp(name + len - known, host->name, known) == 0
					: len == known && memcmp(name, host->name, known) == 0))
			break;
	}
	return host;
}

/* "…-cloud" and "…:cloud": an Ollama on this host passes them on. */
static bool is_cloud_model(const char *model)
{
	static const char cloud[] = "cloud";
	size_t len = strlen(model), ending = sizeof cloud - 1;

	return len > ending && strcmp(model + len - ending, cloud) == 0 && strchr("-:", model[len - ending - 1]);
}

static int locate(struct persona_llm *llm, const char *base_url, persona_llm_environment *environment, void *payload,
		  const struct host **host, struct persona_error *err)
{
	struct persona_buf base;
	int rc = -1;

	persona_buf_init(&base, 64 * 1024);
	if (llm_base_url(&base, llm->provider, base_url, environment, payload, err) < 0 ||
	    persona_http_origin(llm->origin, base.data, err) < 0 || llm_request_url(llm, base.data, err) < 0)
		goto out;
	*host = known_host(llm);
	llm->official = (*host)->official;
	llm->local = persona_http_is_local(base.data);
	llm->passed_on = is_cloud_model(llm->model);
	llm->price_provider = (*host)->price ? (*host)->price : persona_llm_provider_name(llm->provider);
	if (llm->provider == PERSONA_LLM_OLLAMA && llm->passed_on)
		llm->price_provider = "ollama-cloud";
	if ((*host)->name && strncmp(llm->origin, "https:", 6) != 0)
		rc = persona_error_set(err, PERSONA_E_USAGE, "%s is asked by https only: the key would be readable",
				       (*host)->name);
	else
		rc = 0;
out:
	persona_buf_release(&base);
	return rc;
}

/* ---- Headers --------------------------------------------------------- */

/* Printable ASCII without blanks: what can stand in a header. The value is not shown. */
static int check_value(const char *variable, const char *value, struct persona_error *err)
{
	size_t len = 0;

	for (; value[len]; len++)
		if (value[len] < 0x21 || value[len] > 0x7E)
			return persona_error_set(err, PERSONA_E_USAGE,
						 "%s holds a blank, a control character or a letter that is not ASCII",
						 variable);
	if (len > LLM_KEY_MAX)
		return persona_error_set(err, PERSONA_E_USAGE, "%s is longer than %d bytes", variable, LLM_KEY_MAX);
	return 0;
}

/* A header whose value is "PREFIX VALUE". */
static int add_header(struct persona_llm *llm, const char *name, const char *prefix, const char *value, bool secret,
		      struct persona_error *err)
{
	char *text;

	if (asprintf(&text, "%s%s", prefix, value) < 0)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	llm->values[llm->headers_len] = text;
	llm->headers[llm->headers_len++] = (struct persona_http_header){ name, text, secret };
	return 0;
}

/* The first variable that is set, as the header that carries the key. 1: there is one; 0: none. */
static int take_key(struct persona_llm *llm, const char *variable, const char *header, const char *prefix,
		    persona_llm_environment *environment, void *payload, struct persona_error *err)
{
	const char *key = llm_variable(environment, payload, variable);

	if (!key)
		return 0;
	if (check_value(variable, key, err) < 0)
		return -1;
	llm->key = persona_strdup(key, err);
	return llm->key && add_header(llm, header, prefix, key, true, err) == 0 ? 1 : -1;
}

static int openai_headers(struct persona_llm *llm, const struct host *host, persona_llm_environment *environment,
			  void *payload, struct persona_error *err)
{
	static const char *const more[][2] = { { "OPENAI_ORG_ID", "openai-organization" },
					       { "OPENAI_PROJECT_ID", "openai-project" } };
	bool azure = host->name && *host->name == '.';
	/* Nobody who is known gets a key that was made for somebody else. */
	int rc = take_key(llm, host->key ? host->key : "OPENAI_API_KEY", azure ? "api-key" : "authorization",
			  azure ? "" : "Bearer ", environment, payload, err);

	for (size_t i = 0; i < 2 && rc >= 0 && llm->official; i++) {
		const char *value = llm_variable(environment, payload, more[i][0]);

		if (value &&
		    (check_value(more[i][0], value, err) < 0 || add_header(llm, more[i][1], "", value, false, err) < 0))
			return -1;
	}
	return rc;
}

static int make_headers(struct persona_llm *llm, const struct host *host, persona_llm_environment *environment,
			void *payload, struct persona_error *err)
{
	int rc = 0;

	if (add_header(llm, "content-type", "", "application/json", false, err) < 0)
		return -1;
	switch (llm->provider) {
	case PERSONA_LLM_OPENAI:
		return openai_headers(llm, host, environment, payload, err);
	case PERSONA_LLM_ANTHROPIC:
		if (add_header(llm, "anthropic-version", "", "2023-06-01", false, err) < 0)
			return -1;
		/* One of them: both together are refused. */
		rc = take_key(llm, "ANTHROPIC_API_KEY", "x-api-key", "", environment, payload, err);
		return rc ? rc
			  : take_key(llm, "ANTHROPIC_AUTH_TOKEN", "authorization", "Bearer ", environment, payload,
				     err);
	case PERSONA_LLM_GEMINI:
		rc = take_key(llm, "GOOGLE_API_KEY", "x-goog-api-key", "", environment, payload, err);
		return rc ? rc : take_key(llm, "GEMINI_API_KEY", "x-goog-api-key", "", environment, payload, err);
	default:
		/* It is for the cloud and for servers behind a proxy; nobody on this host needs it. */
		return llm->local
			       ? 0
			       : take_key(llm, "OLLAMA_API_KEY", "authorization", "Bearer ", environment, payload, err);
	}
}

/* ---- Life ------------------------------------------------------------ */

int persona_llm_open(struct persona_llm **out, const char *spec, const char *base_url, bool keyless,
		     persona_llm_environment *environment, void *payload, struct persona_error *err)
{
	struct persona_llm *llm = calloc(1, sizeof *llm);
	const struct host *host = NULL;
	int rc;

	*out = NULL;
	if (!llm)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	if (parse_spec(llm, spec, err) < 0 || locate(llm, base_url, environment, payload, &host, err) < 0)
		goto fail;
	rc = make_headers(llm, host, environment, payload, err);
	if (rc < 0)
		goto fail;
	if (rc == 0 && host->name && !keyless) {
		(void)persona_error_set(err, PERSONA_E_USAGE, "%s needs a key: set %s", host->name, host->key);
		goto fail;
	}
	*out = llm;
	return 0;
fail:
	persona_llm_close(llm);
	return -1;
}

/* A copy of the key is not left behind in free memory. */
static void wipe(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

void persona_llm_close(struct persona_llm *llm)
{
	if (!llm)
		return;
	for (size_t i = 0; i < llm->headers_len; i++)
		wipe(llm->values[i]);
	wipe(llm->key);
	free(llm->url);
	free(llm->model);
	free(llm);
}

int persona_llm_timeout_ms(const struct persona_llm *llm)
{
	return llm->provider == PERSONA_LLM_OLLAMA ? 600000 : 120000;
}
