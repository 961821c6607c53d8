/*
 * persona/llm.h - what asking a model needs besides network and database: addresses and keys, the
 * wire form of requests and answers, outcomes and what to do about them, limits of rate, prices, prompts.
 *
 * Pure: bytes in, bytes out. Nothing here sends, waits, reads a clock or a file; times are arguments, and
 * the environment is a function that the caller hands in. Handles that were filled (struct persona_llm,
 * _schema, _prefix) are read-only and may be shared by threads.
 *
 * Four dialects: OpenAI's chat completions (and every server that speaks them), Anthropic's messages, Gemini's
 * generateContent, Ollama's chat. The offline model is not among them: it needs no request.
 * Uses: base, text, json, persona; of http types and the reading of URLs. Must not use: store, curl, sqlite3.
 *
 *     ask:    open → records, question → prefix_new, schema_for → identity → body ──► (caller sends)
 *     take:   read → policy → learn / backoff_ms / price_cost
 */
#ifndef PERSONA_LLM_H
#define PERSONA_LLM_H

#include <jansson.h>

#include "persona/base.h"
#include "persona/http.h"
#include "persona/persona.h"

/* ---- Endpoints ------------------------------------------------------- */

enum persona_llm_provider {
	PERSONA_LLM_OPENAI,
	PERSONA_LLM_ANTHROPIC,
	PERSONA_LLM_GEMINI,
	PERSONA_LLM_OLLAMA,
	PERSONA_LLM_PROVIDERS /* how many */
};

/* "openai", "anthropic", "gemini", "ollama"; never NULL. */
const char *persona_llm_provider_name(enum persona_llm_provider provider);

/* Value of an environment variable or NULL, as getenv(3). */
typedef const char *persona_llm_environment(void *payload, const char *name);

/* A model at a provider's address, with the key to it. */
struct persona_llm;

/*
 * spec: "PROVIDER:MODEL" ("openai:gpt-4o", "ollama:qwen3:8b"). base_url: NULL for what the environment says,
 * else the provider's own. With or without the version ("/v1", "/v1beta") and a slash at its end.
 *
 * Variables (an empty one is unset):
 *   openai     OPENAI_BASE_URL, OPENAI_API_KEY, OPENAI_ORG_ID, OPENAI_PROJECT_ID. Hosts that are known to speak
 *              its dialect get their own key instead: DEEPSEEK_API_KEY, GROQ_API_KEY, MISTRAL_API_KEY,
 *              MOONSHOT_API_KEY, OPENROUTER_API_KEY, XAI_API_KEY, AZURE_OPENAI_API_KEY
 *   anthropic  ANTHROPIC_BASE_URL, ANTHROPIC_API_KEY, else ANTHROPIC_AUTH_TOKEN
 *   gemini     GOOGLE_GEMINI_BASE_URL, GOOGLE_API_KEY, else GEMINI_API_KEY
 *   ollama     OLLAMA_HOST (host, host:port, :port, URL; 0.0.0.0 is 127.0.0.1), OLLAMA_API_KEY (not sent to this host)
 *
 * environment may be NULL: nothing is set. Nothing is kept of it. Hosts that are known are refused without their
 * key unless keyless is true (a dry run); other hosts may need none. *out is the caller's, to end with
 * persona_llm_close(). Errors: PERSONA_E_USAGE (spec, address, a missing key by the name of its variable, a key
 * that cannot stand in a header), PERSONA_E_NOMEM. No key ever stands in the text.
 */
int persona_llm_open(struct persona_llm **out, const char *spec, const char *base_url, bool keyless,
		     persona_llm_environment *environment, void *payload, struct persona_error *err) PERSONA_MUST_CHECK;
void persona_llm_close(struct persona_llm *llm);

/* All borrowed from the handle. */
enum persona_llm_provider persona_llm_provider(const struct persona_llm *llm);
const char *persona_llm_model(const struct persona_llm *llm);  /* "gpt-4o" */
const char *persona_llm_origin(const struct persona_llm *llm); /* as persona_http_origin() */
const char *persona_llm_url(const struct persona_llm *llm);    /* where requests are POSTed; holds no secret */

/* Headers of a request, content-type included; *out borrowed. */
size_t persona_llm_headers(const struct persona_llm *llm, const struct persona_http_header **out);

/* How long an answer may take unless the user says otherwise: 120,000; Ollama 600,000. */
int persona_llm_timeout_ms(const struct persona_llm *llm);

/*
 * Does what is sent stay on this host? The address is this host's and the model is not one that a local Ollama
 * passes on ("…-cloud"). An address of this host that forwards elsewhere cannot be told.
 */
bool persona_llm_is_local(const struct persona_llm *llm);

/*
 * Feed the key (nothing where there is none) to a hash. With a salt fed before, the result tells keys
 * apart without telling them. The only way to the key besides the headers.
 */
int persona_llm_hash_key(const struct persona_llm *llm, struct persona_hash *hash,
			 struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * Overwrite each occurrence of the key in the bytes with stars (a server may echo it). Returns how many there
 * were. A key of less than 8 bytes is a placeholder and no secret.
 */
size_t persona_llm_mask(const struct persona_llm *llm, char *bytes, size_t len);

/* ---- Requests -------------------------------------------------------- */

/*
 * A JSON Schema in every form that the dialects want, made once:
 *   openai     every object closed, every member required (those that were not may be null)
 *   anthropic  closed, keywords that are refused there moved into the description as words
 *   gemini     keywords that are not known there moved into the description
 *   ollama     as it is
 * name: [A-Za-z0-9_-]{1,64}. The value is not kept. Errors: PERSONA_E_USAGE (name; a schema that is no object),
 * PERSONA_E_FORMAT (nested deeper than 2,048), PERSONA_E_NOMEM.
 */
struct persona_llm_schema;
int persona_llm_schema_new(struct persona_llm_schema **out, const char *name, const json_t *value,
			   struct persona_error *err) PERSONA_MUST_CHECK;
void persona_llm_schema_free(struct persona_llm_schema *schema);

/*
 * What a kind of task is to be answered with. Draft: {"personas": [persona_schema()…]}; refine: persona_schema(). A judge's
 * depends on the criteria: persona_llm_schema_judge(). Errors: as persona_llm_schema_new().
 */
int persona_llm_schema_for(struct persona_llm_schema **out, enum persona_task_kind kind,
			   struct persona_error *err) PERSONA_MUST_CHECK;

/* {criterion: {"reasoning": text, "score": number}, …}. Errors: as persona_llm_schema_new(). */
int persona_llm_schema_judge(struct persona_llm_schema **out, const char *const *criteria, size_t len,
			     struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * The long part that many requests share, escaped and hashed once. The bytes are copied. Errors: PERSONA_E_FORMAT
 * (not UTF-8), PERSONA_E_NOMEM.
 */
struct persona_llm_prefix;
int persona_llm_prefix_new(struct persona_llm_prefix **out, const char *text, size_t len,
			   struct persona_error *err) PERSONA_MUST_CHECK;
void persona_llm_prefix_free(struct persona_llm_prefix *prefix);
const char *persona_llm_prefix_sha256(const struct persona_llm_prefix *prefix); /* of the text; borrowed */
const char *persona_llm_prefix_text(const struct persona_llm_prefix *prefix);	/* NUL-terminated; borrowed */
size_t persona_llm_prefix_len(const struct persona_llm_prefix *prefix);

/* A logical request, as asked. All borrowed. */
struct persona_llm_request {
	const char *system;			 /* instructions; NULL: none */
	const struct persona_llm_prefix *prefix; /* NULL: none */
	const char *suffix;			 /* the question itself; never NULL */
	const struct persona_llm_schema *schema; /* NULL: free text */
	double temperature;			 /* below 0: the provider's default */
	int64_t max_output_tokens;		 /* > 0 */
	int64_t context_tokens; /* Ollama's num_ctx, see persona_llm_context_for(); 0: the server's default */
};

/*
 * SHA-256 of the logical request: provider, origin, model, messages (the prefix by its hash), schema and
 * parameters as asked, before a dialect adapts them. Equal requests, equal hash. Errors: PERSONA_E_FORMAT (text
 * that is not UTF-8), PERSONA_E_NOMEM.
 */
int persona_llm_identity(char hex[PERSONA_HASH_HEX], const struct persona_llm *llm,
			 const struct persona_llm_request *request, struct persona_error *err) PERSONA_MUST_CHECK;

/* Bytes of text that a model has to read for this request: what persona_llm_estimate() wants. */
size_t persona_llm_request_bytes(const struct persona_llm_request *request);

/*
 * A window for that many tokens in and out, in few steps: Ollama loads the model again when it changes. From 4,096
 * up by doubling.
 */
int64_t persona_llm_context_for(int64_t input_tokens, int64_t output_tokens);

/* What a model or server does without; a bit set. */
enum persona_llm_quirks {
	PERSONA_LLM_NO_TEMPERATURE = 1,
	PERSONA_LLM_OTHER_MAX = 2,   /* max_tokens instead of max_completion_tokens, or the other way round */
	PERSONA_LLM_NO_SCHEMA = 4,   /* no schema: JSON is asked for without one, where there is such a mode */
	PERSONA_LLM_NO_FORMAT = 8,   /* nor that: words must do */
	PERSONA_LLM_NO_SYSTEM = 16,  /* instructions stand at the head of the user's message */
	PERSONA_LLM_NO_CACHING = 32, /* no keys that steer the provider's prompt cache */
	PERSONA_LLM_NO_EXTRAS = 64,  /* Ollama: no "truncate" */
	PERSONA_LLM_QUIRKS = 127     /* all of them */
};

/* What is known of the model by its name, to spare the first refusal. */
unsigned persona_llm_known_quirks(const struct persona_llm *llm);

/* As text to remember, such as "no-temperature no-schema"; unknown words are left out. buf: room for all of them. */
#define PERSONA_LLM_QUIRKS_TEXT 128
void persona_llm_quirks_format(char text[PERSONA_LLM_QUIRKS_TEXT], unsigned quirks);
unsigned persona_llm_quirks_parse(const char *text);

/*
 * Append the body of the request. The prefix is copied as it was escaped. Where the schema cannot be sent as such,
 * or is only a grammar to the server, it is put behind the suffix in words. Errors: PERSONA_E_FORMAT (text that is
 * not UTF-8, or buf's ceiling), PERSONA_E_USAGE (no suffix, no output limit), PERSONA_E_NOMEM.
 */
int persona_llm_body(struct persona_buf *out, const struct persona_llm *llm, const struct persona_llm_request *request,
		     unsigned quirks, struct persona_error *err) PERSONA_MUST_CHECK;

/* ---- Answers --------------------------------------------------------- */

/* How asking ended. Each has one row of persona_llm_policy(). */
enum persona_llm_outcome {
	PERSONA_LLM_OK,		 /* a whole answer */
	PERSONA_LLM_TRUNCATED,	 /* cut at the output limit or the window; the text may be empty */
	PERSONA_LLM_REFUSED,	 /* the model or a filter declined */
	PERSONA_LLM_EMPTY,	 /* 200 and a normal end, but no text */
	PERSONA_LLM_TOO_LONG,	 /* the request does not fit the window */
	PERSONA_LLM_RATE,	 /* 429: told to wait */
	PERSONA_LLM_OVERLOADED,	 /* 503, 529: the server has too much to do, or loads the model */
	PERSONA_LLM_SERVER,	 /* 5xx and the like with an error of the provider; also inside of a 200 */
	PERSONA_LLM_GATEWAY,	 /* 5xx by something in between: whether the provider worked is not known */
	PERSONA_LLM_UNREACHABLE, /* no connection, or no trusted one: nothing was sent */
	PERSONA_LLM_TIMEOUT,	 /* sent, no answer in time */
	PERSONA_LLM_NETWORK,	 /* sent, and the connection was lost */
	PERSONA_LLM_CUT,	 /* the body ends in the middle */
	PERSONA_LLM_GARBLED,	 /* 200, and no answer of this provider: HTML, other JSON, too large */
	PERSONA_LLM_AUTH,	 /* key missing, wrong, or without the right */
	PERSONA_LLM_NOT_FOUND,	 /* unknown model, or nothing of the kind at this address */
	PERSONA_LLM_QUOTA,	 /* paid credit or a day's allowance is used up */
	PERSONA_LLM_PARAMETER,	 /* 400 that names a parameter which can be left out: persona_llm_learn() */
	PERSONA_LLM_REQUEST,	 /* any other 4xx */
	PERSONA_LLM_CANCELLED,	 /* by ourselves */
	PERSONA_LLM_OUTCOMES	 /* how many */
};

/* Short stable name, such as "truncated"; never NULL. */
const char *persona_llm_outcome_name(enum persona_llm_outcome outcome);

/*
 * Tokens as they are paid for, the same for all providers; -1 where it was not said. input counts all that was
 * read, with cached and cache_written in it; output all that was written, with reasoning in it.
 */
struct persona_llm_usage {
	int64_t input, cached, cache_written, output, reasoning;
};

/* What came over the network, as the caller has it. Borrowed. */
struct persona_llm_raw {
	enum persona_http_outcome outcome;
	bool maybe_sent;
	int status;
	const char *body; /* NULL: none */
	size_t len;
	const char *(*header)(void *payload, const char *name); /* name in lower case; NULL where there is none */
	void *payload;
	int64_t now_ms;	    /* Unix time, for dates in headers */
	const char *reason; /* why the transfer failed, NULL: not known */
};

#define PERSONA_LLM_MESSAGE 320

struct persona_llm_reply {
	enum persona_llm_outcome outcome;
	bool charged;		 /* it may have cost money, whether or not usage says so */
	struct persona_buf text; /* what the model wrote: valid UTF-8 without control characters */
	char finish_reason[64];	 /* in the provider's words, or "" */
	struct persona_llm_usage usage;
	int64_t retry_after_ms;		   /* told to wait so long; -1: not told */
	int should_retry;		   /* x-should-retry: 1, 0, or -1 where it is not there */
	unsigned quirk;			   /* PARAMETER: the bits that would answer it, the mildest first */
	char parameter[64];		   /* PARAMETER: its name on the wire, else "" */
	char request_id[128];		   /* the provider's, or "" */
	char model[128];		   /* that answered, or "" */
	char message[PERSONA_LLM_MESSAGE]; /* one line for people, "" after OK */
};

void persona_llm_reply_init(struct persona_llm_reply *reply);
void persona_llm_reply_release(struct persona_llm_reply *reply);

/*
 * Read an answer, whatever it is. Nothing is believed: wrong types, missing members, hostile nesting and sizes
 * give an outcome. No text holds the key, nor a word that looks like a key. reply must be initialised; what it
 * held is released. Errors: PERSONA_E_NOMEM.
 */
int persona_llm_read(const struct persona_llm *llm, const struct persona_llm_raw *raw, struct persona_llm_reply *reply,
		     struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * After PARAMETER: add to *quirks what the answer asks for. True: something new, the same request may be tried
 * once more at once. False: it was left out already, and the refusal is final (treat it as REQUEST).
 */
bool persona_llm_learn(unsigned *quirks, const struct persona_llm_reply *reply);

/* ---- Policy ---------------------------------------------------------- */

/* What follows from an outcome, before attempts, money and time are looked at. */
struct persona_llm_policy {
	bool usable;  /* there is an answer to take, maybe a part of one */
	bool retry;   /* the same request may succeed later */
	bool stops;   /* no request will: end the run with exit 4 (UNREACHABLE: when its retries are used up) */
	bool slows;   /* everybody who asks there should ask less: persona_rate_told() */
	bool charged; /* may have cost money, in general; reply.charged knows of the case */
	const char *failure_class; /* word for the table failure; NULL after OK, PARAMETER and CANCELLED */
};

const struct persona_llm_policy *persona_llm_policy(enum persona_llm_outcome outcome);

/* May this reply be tried again? The policy, and what x-should-retry says. */
bool persona_llm_may_retry(const struct persona_llm_reply *reply);

/* An answer that tells to wait longer than this is not waited for. */
#define PERSONA_LLM_PATIENCE_MS (10 * 60 * 1000)

/*
 * How long to wait before the next attempt. attempt: how many there were, from 1. random: 0 <= random < 1, the
 * caller's. Told waits are kept to the full, with up to a tenth (at most 1 s) on top, so that not all come back at
 * once; else full jitter over 0.5 s doubling up to 60 s, at least half of it where slowing down is asked for. -1:
 * told to wait more than patience_ms.
 */
int64_t persona_llm_backoff_ms(unsigned attempt, const struct persona_llm_reply *reply, double random,
			       int64_t patience_ms);

/* ---- Limits of rate -------------------------------------------------- */

/*
 * What all processes that use one key at one model share: a row of integers. All zero is a new one. The functions are
 * pure; the caller reads the row, calls, and writes it back in one write transaction. Times are Unix milliseconds; a
 * clock that was set back by more than a minute shifts the state with it, by less makes it wait.
 *
 * --rpm and --tpm are paced by two leaky buckets (GCRA). The adaptive limit is a number of requests in flight per
 * process: halved once per burst of 429s, grown by one per round of good answers, slowly beyond where it was
 * halved last.
 */
struct persona_rate_state {
	int64_t updated_ms;	    /* latest time seen */
	int64_t requests_due_us;    /* when the bucket of requests is empty again; Unix microseconds */
	int64_t tokens_due_us;	    /* the same of tokens */
	int64_t blocked_until_ms;   /* nothing is sent before */
	int64_t limit_milli;	    /* requests in flight per process, thousandths; 0: not limited yet */
	int64_t ceiling_milli;	    /* where the limit was last found too high; 0: never */
	int64_t last_decrease_ms;   /* 0: never */
	int64_t saturated_since_ms; /* told to wait since, without a good answer; 0: not */
};

struct persona_rate_limits {
	int64_t rpm, tpm; /* per minute; 0: unlimited */
};

/*
 * May a request of that many tokens go now? 0: yes, and it is counted. Else how many ms to wait before asking
 * again (> 0), and nothing is counted. In any 60 s at most rpm requests are let go, however many processes ask,
 * with a second to spare for their way to the server; nothing of that is ever given back. Tokens are let go at
 * three quarters of tpm with bursts of the last quarter, so that what is let go in any 60 s is at most tpm; a
 * request larger than that quarter waits until nothing else is counted, and may exceed it. A wait that is longer
 * than the caller's patience is one to give up at.
 */
int64_t persona_rate_take(struct persona_rate_state *state, const struct persona_rate_limits *limits, int64_t now_ms,
			  int64_t tokens);

/*
 * Tokens were estimated at a take, for a request that went out at sent_ms, and now it is known how many there were
 * (0: it was never sent): give back the rest while that minute lasts, or take more.
 */
void persona_rate_settle(struct persona_rate_state *state, const struct persona_rate_limits *limits, int64_t now_ms,
			 int64_t sent_ms, int64_t estimated, int64_t real);

/*
 * A request sent at sent_ms was told to wait: block everybody for wait_ms, and halve the limit unless that was done
 * after it was sent. in_flight: this process's, with that one; where the limit begins.
 */
void persona_rate_told(struct persona_rate_state *state, int64_t now_ms, int64_t sent_ms, int64_t wait_ms,
		       int64_t in_flight);

/* A good answer came. */
void persona_rate_ok(struct persona_rate_state *state, int64_t now_ms);

/* How many requests this process may have in flight, of the `wanted` (-j) that it would: 1 .. wanted. */
int64_t persona_rate_in_flight(const struct persona_rate_state *state, int64_t wanted);

/* Nothing but being told to wait, for longer than patience_ms: give up (exit 4). */
bool persona_rate_is_stuck(const struct persona_rate_state *state, int64_t now_ms, int64_t patience_ms);

/* ---- Prices ---------------------------------------------------------- */

/* USD per million tokens is 10^6 pico-USD per token, so that no published price is a fraction. */
struct persona_price_tier {
	int64_t input_pusd, output_pusd; /* pico-USD per token */
	int64_t cached_pusd;		 /* read from the cache; -1: not known, as input */
	int64_t cache_write_pusd;	 /* written to the cache; -1: nothing extra, as input */
};

struct persona_price {
	char provider[32];
	char model[96]; /* or "*": every model of the provider */
	char from[11];	/* first day, YYYY-MM-DD, UTC */
	struct persona_price_tier base;
	struct persona_price_tier above; /* of the whole request where input is above the threshold */
	int64_t above_input_tokens;	 /* -1: there is one tier */
	int batch_percent;		 /* of these prices in a batch job; -1: no batch jobs, or not known */
	int64_t context_tokens;		 /* that the model can take, prompt and answer together; -1, 0: not known */
};

/*
 * The published prices that come with the program, one after the other: *at is NULL before the first.
 * 1: *out is filled; 0: the end. -1: PERSONA_E_FORMAT, err names the line (a fault of ours; tests read them all).
 */
int persona_price_next(struct persona_price *out, const char **at, struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * How well a price's model fits a model's name: -1 not at all, else the larger the better. It fits when it
 * is the name, or the name goes on with a date ("gpt-4o" and "gpt-4o-2024-11-20", but not "gpt-4o-mini"), or is "*".
 */
int persona_price_fit(const char *priced, const char *model);

/*
 * Is `candidate` a better price than `best` (NULL: none yet) for the provider's model on that day (YYYY-MM-DD)?
 * The best fit wins, then the newest that had begun; where none has, the first to come. For walking any list of
 * prices.
 */
bool persona_price_better(const struct persona_price *candidate, const struct persona_price *best, const char *provider,
			  const char *model, const char *day);

/*
 * Published price of a model on a day. Where the address is another than the provider's own, it is looked up under
 * the name of who is known to be there ("deepseek", "groq" …). Ollama's models and what runs on this host and has
 * no published price cost 0. 1: *out is filled; 0: not known, which is not zero. -1: err.
 */
int persona_price_find(struct persona_price *out, const struct persona_llm *llm, const char *day,
		       struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * Tokens that a model can take, prompt and answer together: as published with its price; where that is not known 128,000,
 * or 32,768 for a server on this host.
 */
int persona_llm_context_window(int64_t *tokens, const struct persona_llm *llm,
			       struct persona_error *err) PERSONA_MUST_CHECK;

/* The name under which that llm's prices stand, such as "openai"; never NULL. */
const char *persona_price_provider(const struct persona_llm *llm);

/*
 * "IN:OUT", USD per million tokens ("2.5:10"): cached tokens cost as input. At most 6 decimals. Errors:
 * PERSONA_E_USAGE.
 */
int persona_price_parse(struct persona_price *out, const char *text, struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * Cost of a usage in nano-USD, rounded up; -1 where input or output is not known. Cached and cache-written
 * tokens that are not known count as none; more of them than input count as input.
 */
int64_t persona_price_cost_nusd(const struct persona_price *price, const struct persona_llm_usage *usage);

/* The most that so many tokens can cost: read or written to the cache, whatever is dearer, in the tier of the input. */
int64_t persona_price_worst_nusd(const struct persona_price *price, int64_t input_tokens, int64_t output_tokens);

/* Tokens per byte of a model, learned from what it reports. All zero is a new one; integers for a row of a table. */
struct persona_llm_ratio {
	int64_t samples;
	int64_t most_ppm; /* most tokens per million bytes seen */
};

/*
 * Upper estimate of the tokens in so many bytes: half as many at first, after three samples the most seen and an
 * eighth on top; a few for the frame of the request always.
 */
int64_t persona_llm_estimate(const struct persona_llm_ratio *ratio, size_t bytes);

/* A request of so many bytes had so many tokens. Small requests teach nothing. */
void persona_llm_ratio_learn(struct persona_llm_ratio *ratio, size_t bytes, int64_t tokens);

/* How long answers of one kind were, in tokens, and how many were lost that nobody has seen. */
struct persona_llm_lengths {
	int64_t answers, lost;
	double mean, mean_square;
};

/*
 * Tokens that n more lost answers have together at most, by those that came; -1: too few are known. What is under way
 * at a moment is longer than the mean of all: E[X^2]/E[X], the inspection paradox (Feller, An Introduction to
 * Probability Theory II, I.4). To their sum come three standard deviations, of the sum of all that are lost and of the
 * mean that is estimated; it is passed once in a thousand times, and then by little.
 */
int64_t persona_llm_lost_tokens(const struct persona_llm_lengths *lengths, int64_t n);

/* ---- Prompts --------------------------------------------------------- */

/* Instructions for a kind of task, as they come with the program; static. A user's own may replace them. */
const char *persona_llm_instructions(enum persona_task_kind kind);

/* What a judge is to look at under a criterion; static. NULL: there is no such criterion. */
const char *persona_llm_criterion(const char *name);

/* Names of all criteria, the usual first; ends with NULL. Static. */
extern const char *const persona_llm_criteria[];

/* Bytes that a record takes there, at most; not its questions, which stand there once. */
size_t persona_llm_record_bytes(const struct persona_record *record);

/*
 * Append the task's records between delimiters, as the shared prefix of all requests about them: the questions by
 * number, then each record with its locator in brackets. Every line of data is indented, and the delimiters carry
 * a word that stands nowhere in the data, so data can neither end the block nor begin a record. Equal records,
 * equal bytes.
 */
int persona_llm_records(struct persona_buf *out, const struct persona_task *task,
			struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * Append what is wanted. Draft: "Personas wanted: N", and which stretch of the records this call should draw on first,
 * so that the calls of a deal spread over the data. Refine: the persona as a line of JSON, then what was found, a line
 * each. Judge: the persona, then the criteria with what each means. Errors: those of persona_to_json(), PERSONA_E_NOMEM.
 */
int persona_llm_question(struct persona_buf *out, const struct persona_task *task,
			 struct persona_error *err) PERSONA_MUST_CHECK;

#endif
