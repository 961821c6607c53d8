/*
 * persona/base.h - what every module stands on: errors, buffers, hashing, clocks, log.
 *
 * Nothing here knows of personas. All functions are thread-safe unless a
 * comment says otherwise. Uses: libc, libcrypto (SHA-256). Must not use: any
 * other persona module.
 */
#ifndef PERSONA_BASE_H
#define PERSONA_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define PERSONA_MUST_CHECK	    __attribute__((warn_unused_result))
#define PERSONA_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define PERSONA_MUST_CHECK
#define PERSONA_PRINTF(text, first)
#endif

#define PERSONA_VERSION "0.1.0"

/* ---- Errors ---------------------------------------------------------- */

/*
 * Why a call failed. Callers branch on a code only where the function's
 * comment names it; everything else is for the person who reads the text.
 */
enum persona_error_code {
	PERSONA_OK = 0,
	PERSONA_E_USAGE,    /* the caller asked for something that makes no sense */
	PERSONA_E_NOMEM,    /* an allocation failed */
	PERSONA_E_IO,	    /* a file or stream could not be read or written */
	PERSONA_E_DB,	    /* the database is not ours, too new, or damaged */
	PERSONA_E_FULL,	    /* no room is left for the database */
	PERSONA_E_BUSY,	    /* somebody else holds what is needed */
	PERSONA_E_NET,	    /* the network or a server failed */
	PERSONA_E_FORMAT,   /* data from outside are not what they claim to be */
	PERSONA_E_NOTFOUND, /* what was named does not exist */
	PERSONA_E_LAST	    /* sentinel: number of codes */
};

/* Lives on the caller's stack; needs no release. Zero-initialise it. */
struct persona_error {
	enum persona_error_code code;
	char text[256]; /* one line, no capital, no full stop, never a secret */
};

/*
 * Fill err (NULL is allowed) and return -1, so that an error path is one line.
 * A text that does not fit is cut at a character boundary. Bytes that a
 * terminal would obey (control characters) become '?'.
 */
int persona_error_set(struct persona_error *err, enum persona_error_code code, const char *format, ...)
	PERSONA_PRINTF(3, 4);

/* Short stable name of a code, such as "usage"; never NULL. */
const char *persona_error_name(enum persona_error_code code);

/* ---- Buffers --------------------------------------------------------- */

/*
 * A growing run of bytes. Invariants: data is never NULL, data[len] is always
 * NUL, and len never exceeds max: a buffer that outside data fill has a ceiling.
 * A failed addition leaves the content as it was.
 */
struct persona_buf {
	char *data;
	size_t len;
	size_t size; /* bytes allocated; 0 while data points at a shared empty string */
	size_t max;  /* largest len allowed */
};

/* Start empty; allocates nothing. max: ceiling in bytes. */
void persona_buf_init(struct persona_buf *buf, size_t max);

/* Give the memory back; the buffer is empty and usable again. */
void persona_buf_release(struct persona_buf *buf);

/* Forget the content, keep the memory. */
void persona_buf_clear(struct persona_buf *buf);

/* Append. Errors: PERSONA_E_NOMEM, PERSONA_E_FORMAT (ceiling reached). */
int persona_buf_add(struct persona_buf *buf, const void *bytes, size_t len,
		    struct persona_error *err) PERSONA_MUST_CHECK;
int persona_buf_adds(struct persona_buf *buf, const char *string, struct persona_error *err) PERSONA_MUST_CHECK;
int persona_buf_addc(struct persona_buf *buf, char byte, struct persona_error *err) PERSONA_MUST_CHECK;
int persona_buf_addf(struct persona_buf *buf, struct persona_error *err, const char *format, ...)
	PERSONA_PRINTF(3, 4) PERSONA_MUST_CHECK;

/*
 * Hand the bytes to the caller, who frees them with free(); the buffer is empty
 * afterwards. NULL only when memory ran out (the content is then lost).
 */
char *persona_buf_take(struct persona_buf *buf);

/*
 * Append everything that fd yields until its end. Errors: PERSONA_E_IO,
 * PERSONA_E_NOMEM, PERSONA_E_FORMAT (more than the ceiling).
 */
int persona_buf_read(struct persona_buf *buf, int fd, struct persona_error *err) PERSONA_MUST_CHECK;

/* strdup and friends with an error; the caller frees. NULL on failure. */
char *persona_strdup(const char *string, struct persona_error *err) PERSONA_MUST_CHECK;
char *persona_strndup(const char *string, size_t len, struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * Make room for one more element in an array that doubles: *items points at
 * *capacity elements of item_size bytes, len of them in use. On failure nothing
 * changes. Errors: PERSONA_E_NOMEM.
 */
int persona_grow(void **items, size_t *capacity, size_t len, size_t item_size,
		 struct persona_error *err) PERSONA_MUST_CHECK;

/* ---- Hashing --------------------------------------------------------- */

#define PERSONA_HASH_HEX 65 /* 64 lower-case hex digits and a NUL */

/* SHA-256 (FIPS 180-4) fed in pieces. new/free; final may be called once. */
struct persona_hash;
int persona_hash_new(struct persona_hash **out, struct persona_error *err) PERSONA_MUST_CHECK;
int persona_hash_add(struct persona_hash *hash, const void *bytes, size_t len,
		     struct persona_error *err) PERSONA_MUST_CHECK;
int persona_hash_final(struct persona_hash *hash, char hex[PERSONA_HASH_HEX],
		       struct persona_error *err) PERSONA_MUST_CHECK;
void persona_hash_free(struct persona_hash *hash);

/* SHA-256 of one run of bytes. */
int persona_hash_bytes(char hex[PERSONA_HASH_HEX], const void *bytes, size_t len,
		       struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * A fast 64-bit mix (FNV-1a with a final avalanche) for tables and for
 * deterministic pseudo-random numbers. The same on every machine; not for
 * identity and not against an adversary: that is what SHA-256 is for.
 */
uint64_t persona_mix64(uint64_t seed, const void *bytes, size_t len);

/* ---- Threads --------------------------------------------------------- */

/* How many to use: as many as wanted (0: one per processor), at most one for each piece of work. At least 1. */
size_t persona_threads(int wanted, size_t pieces);

/*
 * Run work(payload, 0 .. threads-1), each on a thread of its own, and wait for all. threads is from
 * persona_threads(). No signal is delivered to them; the part of a thread that cannot be started is done by the caller's.
 */
void persona_parallel(size_t threads, void (*work)(void *payload, size_t thread), void *payload);

/*
 * work() once for every piece 0 .. len-1, on threads that take one after the other. Which thread has which piece
 * differs from run to run: what must not differ has its place by piece, and thread (< threads) is for rooms to work in.
 * After a piece that fails no other is begun; its error is handed on.
 */
int persona_pieces(size_t threads, size_t len,
		   int (*work)(void *payload, size_t piece, size_t thread, struct persona_error *err), void *payload,
		   struct persona_error *err) PERSONA_MUST_CHECK;

/* ---- Clock ----------------------------------------------------------- */

/* Time as a table of functions, so that tests can bring their own. */
struct persona_clock {
	int64_t (*unix_seconds)(void *payload); /* wall clock, UTC */
	int64_t (*unix_ms)(void *payload);	/* the same, finer: for what processes share */
	int64_t (*monotonic_ms)(void *payload); /* never goes back */
	void *payload;
};

/* The machine's own clock; static, never freed. */
const struct persona_clock *persona_clock_system(void);

/* ---- Log ------------------------------------------------------------- */

enum persona_log_level {
	PERSONA_LOG_FAILURE, /* something asked for was not done, though the rest goes on */
	PERSONA_LOG_WARNING,
	PERSONA_LOG_INFO,
	PERSONA_LOG_DEBUG
};

/*
 * Where messages go. The library itself never prints: without a sink they are
 * dropped. Set it once before threads start. The sink may be called from any
 * thread and must not call back into the library.
 */
typedef void persona_log_sink(void *payload, enum persona_log_level level, const char *text);
void persona_log_set_sink(persona_log_sink *sink, void *payload);

/* One line, no newline at the end, never a secret. */
void persona_log(enum persona_log_level level, const char *format, ...) PERSONA_PRINTF(2, 3);

#endif
