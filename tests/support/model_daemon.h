/*
 * model_daemon.h - what the files around the daemon share: model_server.c (connections, answers), model_wait.c (delays),
 * model_receive.c (what becomes of a request).
 */
#ifndef MODEL_DAEMON_H
#define MODEL_DAEMON_H

#include <microhttpd.h>
#include <stdio.h>

#include "model_internal.h"

#define LOOK_US 200000 /* between two looks whether a client still waits */

enum phase { PHASE_READING, PHASE_WAITING, PHASE_ANSWERING };

/* One request, from its head to its end. */
struct exchange {
	struct model_server *server;
	struct MHD_Connection *connection;
	enum phase phase;
	struct persona_buf body;
	struct decision decision;
	struct reply reply;
	uint64_t hash;
	bool counted;		  /* is among the requests that are in progress */
	bool hears_nothing;	  /* waits until the client is gone */
	int64_t begin_us, end_us; /* of the answer */
	size_t pause_at, cut_at;  /* bytes of the body; SIZE_MAX: never */
	int64_t due_us;		  /* when the timer is to resume it */
};

struct model_server {
	struct MHD_Daemon *daemon;
	char url[64];
	char *cert, *key;
	FILE *log, *answers;

	pthread_mutex_t lock; /* guards all that follows */
	struct options options;
	struct stats stats;
	uint64_t drawn; /* requests so far that a fault was drawn for */

	pthread_t timer;
	pthread_cond_t wake;
	bool stopping;
	struct exchange **waiting; /* a heap, the next first */
	size_t waiting_len, waiting_capacity;
};

/* Microseconds that never go back. */
int64_t model_now_us(void);

int exchange_socket(const struct exchange *exchange);

/* ---- model_wait.c ---------------------------------------------------- */

/* The thread that ends waiting. */
void *model_keep_time(void *server);

/* Have the handler or the reader called again at that time, or once the server stops. */
void exchange_wait(struct exchange *exchange, int64_t due_us);

/* ---- model_receive.c ------------------------------------------------- */

/* The request is here whole: count it, decide what becomes of it, make the answer. */
int exchange_receive(struct exchange *exchange, const char *path, struct persona_error *err) PERSONA_MUST_CHECK;

#endif
