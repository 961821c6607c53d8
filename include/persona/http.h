/*
 * persona/http.h - pooled HTTP transfers on one thread of their own.
 *
 * A pool owns a thread, its connections and a queue. Requests are submitted from any thread and their
 * answers are handed to a callback on the pool's thread ("the loop thread"); persona_http_perform() is the
 * way in for callers who have nothing else to do meanwhile. What a pool promises:
 *
 *   - Exactly one request goes out for each submit. Nothing is ever sent again, not even where a kept
 *     connection turned out to be dead: the server may have counted, and charged, the first.
 *     response.maybe_sent says whether it could have got the request; sending again is the caller's affair.
 *   - Every submit that returned 0 gets its callback exactly once.
 *   - Certificates are always verified. No redirect is followed: a 3xx is an answer like any other, so that
 *     no credential ever goes to another host. No cookies, no .netrc, no other protocols.
 *   - What a server sends has ceilings: body after decompression, header bytes, time.
 *   - What is secret is neither in error texts nor in the log; error texts name scheme://host:port only.
 *
 * Proxies of the environment (https_proxy, no_proxy …) are used as by curl(1), but never for this host itself.
 * Uses: base, libcurl. Must not use: any other persona module.
 */
#ifndef PERSONA_HTTP_H
#define PERSONA_HTTP_H

#include "persona/base.h"

/* ---- Requests -------------------------------------------------------- */

struct persona_http_header {
	const char *name;
	const char *value;
	bool secret; /* masked in the log; always so: authorization, proxy-authorization, x-api-key, x-goog-api-key, api-key */
};

/*
 * One request. Everything is copied by submit, except a body that is handed over. url: absolute, http or
 * https, without user:password@. Secrets belong in headers.
 */
struct persona_http_request {
	const char *method; /* GET, POST, PUT, DELETE; NULL: POST where there is a body, else GET */
	const char *url;
	const struct persona_http_header *headers;
	size_t headers_len;
	const char *body; /* NULL: none */
	size_t body_len;
	bool take_body; /* body comes from malloc and is the pool's once submit or perform has returned 0 */
	int timeout_ms; /* from leaving the queue to the last byte; 0: the pool's */
};

/* ---- Responses ------------------------------------------------------- */

/* How a transfer ended. Only after OK are status, headers and body a whole answer. */
enum persona_http_outcome {
	PERSONA_HTTP_OK,	/* a whole HTTP answer, whatever its status */
	PERSONA_HTTP_CONNECT,	/* no connection: name, network, refused, or not in time. Never sent */
	PERSONA_HTTP_TLS,	/* the certificate was refused, or no TLS could be agreed on. Never sent */
	PERSONA_HTTP_TIMEOUT,	/* sent, but not answered in time; or an answer that stalled */
	PERSONA_HTTP_RESET,	/* the connection ended before the answer was whole */
	PERSONA_HTTP_INVALID,	/* what came is not HTTP, or its body cannot be decoded */
	PERSONA_HTTP_TOO_LARGE, /* headers or body above their ceiling */
	PERSONA_HTTP_CANCELLED, /* by persona_http_cancel() or persona_http_free() */
	PERSONA_HTTP_NOMEM,	/* memory ran out */
	PERSONA_HTTP_LAST	/* sentinel: number of outcomes */
};

/* Short stable name of an outcome, such as "reset"; never NULL. */
const char *persona_http_outcome_name(enum persona_http_outcome outcome);

struct persona_http_response {
	enum persona_http_outcome outcome;
	bool maybe_sent;	    /* false: certainly no byte of the request has left */
	struct persona_error error; /* why it is not OK: PERSONA_E_NET, _NOMEM, or _BUSY for cancelled */
	int status;		    /* 0: no status line came */
	struct persona_buf body;    /* decompressed; what came of it where the outcome is not OK */
	struct persona_buf headers; /* for persona_http_response_header() */

	/* Microseconds; -1 where it did not come to that. */
	int64_t queued_us;     /* from submit to leaving the queue */
	int64_t connect_us;    /* from there until the connection (with TLS) was there; 0: it was kept from before */
	int64_t first_byte_us; /* from leaving the queue to the first byte of the answer */
	int64_t total_us;      /* from leaving the queue to the end */
	bool reused;	       /* went over a connection that had carried a request before */
	bool http2;
};

void persona_http_response_init(struct persona_http_response *response);
void persona_http_response_release(struct persona_http_response *response);

/*
 * Value of a header of the answer, by name in any case; NULL where there is none; of several the first.
 * Borrowed from the response.
 */
const char *persona_http_response_header(const struct persona_http_response *response, const char *name);

/* ---- Pool ------------------------------------------------------------ */

struct persona_http;

/* 0 or NULL stand for the defaults in brackets. */
struct persona_http_options {
	int max_connections;	/* transfers at once, and so connections (10); up to 10,000 */
	int max_per_host;	/* of these for one scheme, host and port (as max_connections) */
	int timeout_ms;		/* of requests that name none (120,000) */
	int connect_timeout_ms; /* name, connection and TLS together (10,000) */
	int stall_ms;		/* without a byte once the body has begun (60,000); before that a model thinks */
	int idle_ms;		/* unused connections older than this are not used again, and closed (60,000) */
	size_t max_body;	/* bytes of a body after decompression (16 MiB) */
	size_t max_headers;	/* bytes of header lines of one answer (64 KiB) */
	size_t max_queue;	/* bytes of requests that wait (64 MiB) */
	const char *ca_file;	/* PEM, trusted instead of the system's certificates; copied */
	const char *user_agent; /* copied (persona-tools/VERSION) */

	/*
	 * Called on the loop thread with each request as it goes out and each answer: lines that begin with
	 * "> " or "< ", secrets masked, the query of the URL left out; without bodies unless log_bodies is set.
	 */
	void (*log)(void *payload, const char *text);
	void *log_payload;
	bool log_bodies;
};

/*
 * Make a pool and start its thread, which blocks all signals. options: NULL for all defaults. *out is the
 * caller's, to end with persona_http_free(). Errors: PERSONA_E_USAGE (options out of range),
 * PERSONA_E_IO (ca_file cannot be read, no descriptor left), PERSONA_E_NOMEM (also: no thread).
 */
int persona_http_new(struct persona_http **out, const struct persona_http_options *options,
		     struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * End the pool: what waits or is in flight ends as CANCELLED and gets its callback before this returns. NULL
 * is allowed. Not on the loop thread.
 */
void persona_http_free(struct persona_http *pool);

/*
 * The end of a transfer, on the loop thread: be quick, everybody else's transfers wait meanwhile. The response is
 * borrowed until the callback returns; to keep it, move it with persona_http_response_take(), or take
 * the body alone with persona_buf_take(). submit and cancel may be called from here; perform, drain and free not.
 */
typedef void persona_http_done(void *payload, struct persona_http_response *response);

/* Move the whole response; from is left empty. to must be empty. */
void persona_http_response_take(struct persona_http_response *to, struct persona_http_response *from);

/*
 * Queue a request and return; done(payload, response) follows, possibly before this returns. *id (NULL is
 * allowed) names it for persona_http_cancel(). Requests to one host start in the order of their submits.
 * On failure nothing was queued, there is no callback, and a body that was to be handed over is still the caller's.
 * Errors: PERSONA_E_USAGE (url, method or headers), PERSONA_E_BUSY (the queue is full: wait for an answer;
 * an empty queue takes a request of any size), PERSONA_E_NOMEM.
 */
int persona_http_submit(struct persona_http *pool, const struct persona_http_request *request, persona_http_done *done,
			void *payload, uint64_t *id, struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * Submit and wait for the end. 0: there was one, *response (initialised) tells which and is the caller's to release.
 * Errors as submit; PERSONA_E_USAGE too where this is the loop thread, which would wait for itself.
 */
int persona_http_perform(struct persona_http *pool, const struct persona_http_request *request,
			 struct persona_http_response *response, struct persona_error *err) PERSONA_MUST_CHECK;

#define PERSONA_HTTP_ALL 0 /* no id: everything that is queued or in flight now */

/* Have a request end as CANCELLED, unless it has ended. Returns at once; its callback runs on the loop thread. */
void persona_http_cancel(struct persona_http *pool, uint64_t id);

/*
 * Wait until nothing is queued or in flight and all callbacks have returned. timeout_ms < 0: as long as it takes.
 * Errors: PERSONA_E_BUSY (not in time), PERSONA_E_USAGE (on the loop thread).
 */
int persona_http_drain(struct persona_http *pool, int timeout_ms, struct persona_error *err) PERSONA_MUST_CHECK;

struct persona_http_stats {
	int64_t requests;	     /* that left the queue */
	int64_t answers;	     /* of these with outcome OK */
	int64_t connections;	     /* opened, or tried to */
	int64_t reused;		     /* requests over a connection that had carried one before */
	int64_t http2;		     /* answers over HTTP/2 */
	int64_t bytes_in, bytes_out; /* heads and bodies as on the wire, without TLS */
	int64_t queued, in_flight;   /* now */
	int64_t queued_bytes;	     /* now */
};

/* Counters since the pool was made. */
void persona_http_get_stats(struct persona_http *pool, struct persona_http_stats *stats);

/* ---- URLs ------------------------------------------------------------ */

#define PERSONA_HTTP_ORIGIN_SIZE 320

/*
 * scheme://host:port of a URL, in lower case, the port always there, numeric addresses in their usual
 * form: equal origins are equal bytes. Errors: PERSONA_E_USAGE (no absolute http or https URL; a name
 * that is too long), PERSONA_E_NOMEM.
 */
int persona_http_origin(char origin[PERSONA_HTTP_ORIGIN_SIZE], const char *url,
			struct persona_error *err) PERSONA_MUST_CHECK;

/* Does the URL lead to this host: localhost, *.localhost, 127.0.0.0/8, ::1? False for what is no URL. */
bool persona_http_is_local(const char *url);

#endif
