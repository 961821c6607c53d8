/*
 * llm/internal.h - what the files of this module share.
 */
#ifndef PERSONA_LLM_INTERNAL_H
#define PERSONA_LLM_INTERNAL_H

#include "persona/llm.h"

#define LLM_KEY_MAX	4096 /* bytes of a key */
#define LLM_HEADERS_MAX 5

/* ---- Endpoint (endpoint.c, address.c) -------------------------------- */

struct persona_llm {
	enum persona_llm_provider provider;
	char *model;
	char *key; /* NULL: none */
	char *url;
	char origin[PERSONA_HTTP_ORIGIN_SIZE];
	bool official;	/* the provider's own host */
	bool local;	/* this host */
	bool passed_on; /* by an Ollama, to others */
	const char *price_provider;
	struct persona_http_header headers[LLM_HEADERS_MAX];
	size_t headers_len;
	char *values[LLM_HEADERS_MAX]; /* of headers, where they had to be made */
};

/* An environment variable; empty is unset. */
const char *llm_variable(persona_llm_environment *environment, void *payload, const char *name);

/*
 * Where the provider's requests go: the base URL without slash and version at its end, in base. base_url as for
 * persona_llm_open(). Errors: PERSONA_E_USAGE, PERSONA_E_NOMEM.
 */
int llm_base_url(struct persona_buf *base, enum persona_llm_provider provider, const char *base_url,
		 persona_llm_environment *environment, void *payload, struct persona_error *err) PERSONA_MUST_CHECK;

/* Does the model take the keys that say what goes to the prompt cache? */
bool llm_steers_cache(const struct persona_llm *llm);

/* Make llm->url from its base. */
int llm_request_url(struct persona_llm *llm, const char *base, struct persona_error *err) PERSONA_MUST_CHECK;

/* The host in an origin; returns its length. */
size_t llm_origin_host(const char *origin, const char **host);

/* ---- Secrets (secret.c) ---------------------------------------------- */

/* Cover the key, parts of it, and words that look like a key, in a line of text. */
void llm_mask_words(const struct persona_llm *llm, char *text);

/* ---- Requests (prefix.c, schema.c, body.c) --------------------------- */

/*
 * Append text, which must be clean (persona_text_is_clean()), as the inside of a JSON string.
 * Errors: PERSONA_E_FORMAT (it is not, or out's ceiling), PERSONA_E_NOMEM.
 */
int llm_escape(struct persona_buf *out, const char *text, size_t len, struct persona_error *err) PERSONA_MUST_CHECK;

struct persona_llm_prefix {
	char *text;
	size_t len;
	char *escaped;
	size_t escaped_len;
	char sha256[PERSONA_HASH_HEX];
};

struct persona_llm_schema {
	char *name;
	char *forms[PERSONA_LLM_PROVIDERS]; /* JSON as each dialect wants it; Ollama's is as it was given */
	char sha256[PERSONA_HASH_HEX];	    /* of that */
};

/* ---- Answers (read.c, classify.c, wait.c) ---------------------------- */

/* Values of an answer that are looked at, over all dialects. */
enum llm_field {
	F_CONTENT, /* the answer's text, or the list of its parts */
	F_PART_TYPE,
	F_PART_TEXT,
	F_PART_THOUGHT,
	F_PART_INPUT, /* of a tool */
	F_REFUSAL,    /* why there is none */
	F_BLOCKED,    /* Gemini: why the prompt was not read */
	F_CHOICE,     /* the first choice or candidate */
	F_FINISH,
	F_DONE,
	F_INPUT,
	F_CACHED,
	F_CACHED_TOO, /* DeepSeek's name for it */
	F_WRITTEN,
	F_OUTPUT,
	F_REASONING,
	F_TOTAL,
	F_MODEL,
	F_ID,
	/* the same in OpenAI's responses */
	F_OUTPUTS,
	F_OUTPUTS_TYPE,
	F_OUTPUTS_TEXT,
	F_OUTPUTS_REFUSAL,
	F_OUTPUTS_STATUS,
	F_OUTPUTS_REASON,
	F_OUTPUTS_INPUT,
	F_OUTPUTS_CACHED,
	F_OUTPUTS_WRITTEN,
	F_OUTPUTS_OUTPUT,
	F_OUTPUTS_REASONING,
	/* errors */
	F_ERROR,
	F_MESSAGE,
	F_TYPE,
	F_CODE,
	F_PARAM,
	F_STATUS,
	F_INNER_CODE,
	F_DETAIL_CODE,
	F_DETAIL_REASON,
	F_DETAIL_DELAY,
	F_DETAIL_QUOTA,
	F_DETAIL_VALUE,
	F_CHOICE_MESSAGE,
	F_CHOICE_CODE,
	F_TOP_MESSAGE,
	F_TOP_TYPE,
	F_TOP_CODE,
	F_TOP_PARAM,
	F_TOP_DETAIL,
	F_TOP_OBJECT,
	F_FIELDS
};

/* What an error says, in words short enough to compare. */
struct llm_fault {
	int status;    /* of the answer; of an error in a 200, the one that it names, or 0 */
	bool json;     /* the body is JSON */
	bool bad_key;  /* Gemini's reason API_KEY_INVALID */
	bool no_quota; /* a limit per day, or of 0 */
	char type[64], code[64], param[64], inner[64];
	char message[1024];
	int64_t delay_ms; /* told in the body; -1: not */
};

/* Set outcome, and parameter and quirk, of a reply that is an error. */
void llm_classify(const struct llm_fault *fault, struct persona_llm_reply *reply);

/* Is the needle in the text, in any (ASCII) case? llm_has_word: not as a part of a longer word. */
bool llm_has(const char *text, const char *needle);
bool llm_has_word(const char *text, const char *word);

/* How long headers and body tell to wait, in ms; -1: they do not. */
int64_t llm_told_wait_ms(const struct persona_llm_raw *raw, int64_t body_delay_ms);

/* x-should-retry: 1, 0, or -1. */
int llm_should_retry(const struct persona_llm_raw *raw);

/* "36.4s", "937ms", "1h2m3.5s" in ms, rounded up; -1 for anything else. unit_ms: of a number without unit, 0: refuse. */
int64_t llm_duration_ms(const char *text, int64_t unit_ms);

#endif
