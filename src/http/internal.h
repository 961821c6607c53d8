/*
 * http/internal.h - the pool from inside.
 *
 *   url.c       origins
 *   request.c   a caller's request, checked and copied into a transfer
 *   transfer.c  one transfer on an easy handle: options, callbacks, how it ended
 *   loop.c      the thread: start what may start, wait, finish
 *   pool.c      the ways in from other threads
 *   log.c       requests and answers for people, secrets masked
 *   response.c  what callers read
 *
 * A transfer belongs to its submit, then to its host's queue, then to the loop thread. Only the loop thread touches
 * curl handles.
 */
#ifndef PERSONA_HTTP_INTERNAL_H
#define PERSONA_HTTP_INTERNAL_H

#include <curl/curl.h>
#include <pthread.h>

#include "persona/http.h"

#define MAX_HEADERS 64 /* of a request: one bit each in transfer.secret */

struct host;

/* Where a URL leads. */
struct destination {
	char origin[PERSONA_HTTP_ORIGIN_SIZE];
	bool local; /* never through a proxy */
};

struct transfer {
	struct transfer *previous, *next; /* in its host's queue, or among those in flight */
	struct host *host;
	struct slot *slot; /* while in flight */
	uint64_t id;
	persona_http_done *done;
	void *payload;

	struct destination to;
	char *url;
	const char *method;
	struct curl_slist *headers;
	uint64_t secret; /* which of them, counted from the first */
	char *body;
	size_t body_len;
	size_t size; /* bytes that it takes in the queue */
	int timeout_ms;

	bool cancelled;	    /* guarded by the pool's lock */
	bool sent;	    /* the request was about to leave: from now on the server may have it */
	bool resend;	    /* libcurl wanted to send it once more and was not let */
	bool body_begun;    /* bytes of the answer's body have come */
	bool too_large;	    /* a ceiling was met */
	bool out_of_memory; /* while its answer came in */
	bool stalled;	    /* the answer began and then stood still */
	bool overdue;	    /* its time was over and libcurl did not notice */
	int64_t submitted_us, started_us, heard_us;
	size_t header_bytes;
	struct persona_http_response response;
};

struct transfer_list {
	struct transfer *first, *last;
	size_t len;
};

/* Requests of one origin that wait, in order, and how many are in flight. */
struct host {
	struct host *next;
	char origin[PERSONA_HTTP_ORIGIN_SIZE];
	struct transfer_list waiting;
	int in_flight;
};

/* An easy handle with all that stays the same set once; what changes is set for each transfer. */
struct slot {
	struct slot *next;
	struct persona_http *pool;
	struct transfer *transfer;
	CURL *easy;
	char reason[CURL_ERROR_SIZE];
};

/* What the kernel has been told to report of a socket. */
struct watch {
	unsigned events; /* 0: nothing */
	bool wanted;	 /* by a transfer; else the connection waits for its next request */
	bool http2;	 /* where it waits */
};

struct persona_http {
	struct persona_http_options options; /* with defaults filled in; strings are owned */
	bool system_bundle;		     /* libcurl knows a file with the system's certificates */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t idle; /* live became 0 */

	int epoll_fd, wake_fd; /* wake_fd: written to when the loop is to look at what follows */

	/* Guarded by lock. */
	struct host *hosts, *turn; /* turn: whose queue is looked at first */
	struct transfer_list in_flight;
	size_t live; /* queued, in flight, or in their callback */
	uint64_t last_id;
	bool cancels;	/* some transfer in flight has been cancelled */
	bool startable; /* something may have become able to start */
	bool sleeping, ending;
	struct persona_http_stats stats;
	char *last_url; /* what the last request went to, and what that means */
	struct destination last;

	/* The loop thread's own. */
	CURLM *multi;
	struct watch *watches; /* by descriptor */
	size_t watches_len;
	int64_t timer_us; /* when libcurl wants to be called, whatever the sockets say; INT64_MAX: never */
	struct slot *spare;
	int64_t used_us;	/* when the last transfer ended; 0: no connection can be open */
	int64_t stall_check_us; /* next look */
};

/* Microseconds that never go back. */
int64_t http_now_us(void);

/* ---- url.c ----------------------------------------------------------- */

/* As persona_http_origin(); *path (NULL: not wanted) is the caller's to free. */
int url_split(const char *url, struct destination *to, char **path, struct persona_error *err) PERSONA_MUST_CHECK;

/* ---- request.c ------------------------------------------------------- */

/* Check and copy. On failure *out is NULL and a body stays the caller's. */
int transfer_new(struct transfer **out, struct persona_http *pool, const struct persona_http_request *request,
		 struct persona_error *err) PERSONA_MUST_CHECK;
void transfer_free(struct transfer *transfer);

void transfer_list_add(struct transfer_list *list, struct transfer *transfer);
void transfer_list_remove(struct transfer_list *list, struct transfer *transfer);

/* ---- transfer.c ------------------------------------------------------ */

struct slot *slot_new(struct persona_http *pool);
void slot_free(struct slot *slot);

/* Make the easy handle ready for the transfer; false where memory ran out. */
bool slot_prepare(struct slot *slot, struct transfer *transfer);

/* What the handle knows once the transfer has ended: outcome, status, times, counters into stats. */
void slot_conclude(struct slot *slot, CURLcode code, struct persona_http_stats *stats);

/* Say that and why a transfer is not OK. */
void transfer_fail(struct transfer *transfer, enum persona_http_outcome outcome, const char *reason);

/* ---- loop.c ---------------------------------------------------------- */

/* The thread of a pool. */
void *http_loop(void *payload);

/* A multi handle that tells the pool of its sockets and timers; NULL: no memory. */
CURLM *http_multi_new(struct persona_http *pool);

/* The number is that of a socket just made: what was known of an older one is nothing now. */
void http_new_socket(struct persona_http *pool, int fd);

/* Close a socket of the pool that payload points at. */
int http_close_socket(void *payload, curl_socket_t fd);

/* Is this the loop thread of some pool? */
bool http_on_loop(void);

/* ---- log.c ----------------------------------------------------------- */

void log_request(const struct persona_http *pool, const struct transfer *transfer);
void log_response(const struct persona_http *pool, const struct transfer *transfer);

#endif
