/*
 * model_internal.h - the scripted model server from inside.
 *
 *   model_options.c  what it was told
 *   model_request.c  what a request says
 *   model_text.c     personas, judgements, refinements
 *   model_wire.c     answers and errors in each provider's form
 *   model_stats.c    counters, log
 *   model_receive.c  what becomes of a request
 *   model_wait.c     delays
 *   model_server.c   connections, answers
 */
#ifndef MODEL_INTERNAL_H
#define MODEL_INTERNAL_H

#include <pthread.h>

#include "model_server.h"

enum dialect { DIALECT_OPENAI, DIALECT_ANTHROPIC, DIALECT_GEMINI, DIALECT_OLLAMA, DIALECT_NONE };

/* What becomes of a request. */
enum fault {
	FAULT_NONE,
	FAULT_STATUS, /* an error status with the provider's own error body */
	FAULT_RESET,
	FAULT_CUT,
	FAULT_GARBAGE,
	FAULT_BADLINE,
	FAULT_HANG,
	FAULT_HTML502,
	FAULT_REFUSE,
	FAULT_TRUNCATE,
	FAULT_EMPTY,
	FAULT_CLOSE,
	FAULT_QUOTA,
	FAULT_TOOLONG,
	FAULTS
};

struct decision {
	enum fault fault;
	int status; /* of FAULT_STATUS */
};

/* ---- model_options.c ------------------------------------------------- */

#define MAX_FAULTS  24
#define MAX_HEADERS 8

struct options {
	int port, threads, idle_timeout_s;
	char *cert_file, *key_file;
	int delay_min_ms, delay_max_ms, first_byte_ms;
	struct decision faults[MAX_FAULTS];
	double percent[MAX_FAULTS];
	size_t faults_len;
	struct decision *script; /* for the first requests, in order */
	size_t script_len;
	uint64_t seed;
	double retry_after_s; /* < 0: no header */
	int status;	      /* for all; 0: as things go */
	bool close, usage_missing, log_bodies;
	char *require_key, *reject;
	int rpm;
	char *reply, *body, *mark, *content_type;
	size_t body_len;
	char *headers[MAX_HEADERS];
	size_t headers_len;
	char *log_file, *answers_file;
	int tokens_min, tokens_max; /* output tokens; 0: as long as the text is */
	int cached_percent, written_percent, reasoning;
};

void options_init(struct options *options);
void options_release(struct options *options);
int options_set(struct options *options, const char *name, const char *value,
		struct persona_error *err) PERSONA_MUST_CHECK;

/* All bytes of a file and a NUL; the caller frees. len: NULL allowed. NULL: err says why. */
char *file_content(const char *path, size_t *len, struct persona_error *err) PERSONA_MUST_CHECK;

/* "reset", "429" …; static or in buffer. */
const char *decision_name(struct decision decision, char buffer[16]);

/* ---- model_request.c ------------------------------------------------- */

enum task { TASK_DRAFT, TASK_JUDGE, TASK_REFINE };

struct asked {
	enum dialect dialect;
	enum task task;
	char model[128];
	json_t *root;
	struct persona_buf text; /* system and messages, one after another */
	size_t last_user;	 /* where the last user message begins in it */
	long long number;	 /* of the request, from 1 */
	long count;		 /* personas wanted */
	long max_tokens;	 /* -1: no bound */
	uint64_t seed;		 /* equal for equal requests */
	const char *wrong;	 /* what a provider would refuse; NULL: nothing */
};

enum dialect dialect_of(const char *path);
int asked_read(struct asked *asked, const char *path, const char *body, size_t len,
	       struct persona_error *err) PERSONA_MUST_CHECK;
void asked_release(struct asked *asked);

/* ---- model_text.c ---------------------------------------------------- */

/* The text that the model says; the caller frees. NULL: no memory. */
char *model_text(const struct asked *asked);

/* ---- model_wire.c ---------------------------------------------------- */

struct reply {
	int status;
	const char *content_type;
	struct persona_buf body;
	char headers[512]; /* lines "Name: value\n" */
	long tokens_in, tokens_cached, tokens_written, tokens_out;
	bool generated; /* a model worked for it: its tokens count whatever becomes of it */
};

/* options are read, not kept. */
int reply_make(struct reply *reply, const struct options *options, const struct asked *asked, struct decision decision,
	       struct persona_error *err) PERSONA_MUST_CHECK;
int reply_error(struct reply *reply, enum dialect dialect, struct decision decision, const char *message,
		struct persona_error *err) PERSONA_MUST_CHECK;

/* ---- model_stats.c --------------------------------------------------- */

/* Moments of the last 60 seconds. */
struct window {
	int64_t *at_us;
	size_t first, len, capacity; /* a ring */
};

/* Forget what is older than 60 seconds, and add now; false where memory ran out. */
bool window_add(struct window *window, int64_t now_us);
void window_forget(struct window *window, int64_t now_us);

struct model_tokens {
	char model[128];
	long long requests, in, cached, out;
};

struct seen {
	uint64_t *hashes; /* open addressing; 0: free */
	uint32_t *counts;
	size_t len, capacity;
};

struct stats {
	long long connections, open, requests, answered, answered_twice, early, in_progress, max_concurrent;
	long long per_minute_max, by_fault[FAULTS];
	struct model_tokens models[32];
	size_t models_len;
	char keys[32][17];
	size_t keys_len;
	struct window received, accepted;
	struct seen seen;
	int64_t told_us, wait_until_us; /* clients have been told to wait */
};

void stats_release(struct stats *stats);
void stats_tokens(struct stats *stats, const char *model, const struct reply *reply);
void stats_key(struct stats *stats, const char *key);

/* An answer with this request hash has gone out whole. */
void stats_answered(struct stats *stats, uint64_t hash);
json_t *stats_json(const struct stats *stats);

#endif
