/* Several threads for one piece of work, on which the result must not depend. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "persona/base.h"

#define THREADS_MAX 64

struct part {
	void (*work)(void *payload, size_t index);
	void *payload;
	size_t index;
};

static void *serve(void *payload)
{
	struct part *part = payload;

	part->work(part->payload, part->index);
	return NULL;
}

size_t persona_threads(int wanted, size_t pieces)
{
	long processors = wanted > 0 ? wanted : sysconf(_SC_NPROCESSORS_ONLN);

	if (processors < 1)
		processors = 1;
	if (processors > THREADS_MAX)
		processors = THREADS_MAX;
	return (size_t)processors < pieces ? (size_t)processors : pieces ? pieces : 1;
}

/* Signals belong to whoever runs the program, not to threads that compute. */
static int start(pthread_t *thread, struct part *part)
{
	sigset_t all, before;
	int code;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	code = pthread_create(thread, NULL, serve, part);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return code;
}

void persona_parallel(size_t threads, void (*work)(void *payload, size_t index), void *payload)
{
	struct part parts[THREADS_MAX];
	pthread_t handles[THREADS_MAX];
	bool started[THREADS_MAX] = { false };

	for (size_t i = 1; i < threads; i++) {
		parts[i] = (struct part){ work, payload, i };
		started[i] = start(&handles[i], &parts[i]) == 0;
	}
	work(payload, 0);
	/* Where there was no thread to be had, its part is done here. */
	for (size_t i = 1; i < threads; i++) {
		if (started[i])
			pthread_join(handles[i], NULL);
		else
			work(payload, i);
	}
}

struct pieces {
	int (*work)(void *payload, size_t piece, size_t thread, struct persona_error *err);
	void *payload;
	size_t len;
	atomic_size_t next;
	struct persona_error errors[THREADS_MAX];
	atomic_bool failed;
};

static void take_pieces(void *payload, size_t thread)
{
	struct pieces *pieces = payload;
	size_t piece;

	while (!atomic_load(&pieces->failed) && (piece = atomic_fetch_add(&pieces->next, 1)) < pieces->len)
		if (pieces->work(pieces->payload, piece, thread, &pieces->errors[thread]) < 0)
			atomic_store(&pieces->failed, true);
}

int persona_pieces(size_t threads, size_t len,
		   int (*work)(void *payload, size_t piece, size_t thread, struct persona_error *err), void *payload,
		   struct persona_error *err)
{
	struct pieces pieces = { .work = work, .payload = payload, .len = len };

	persona_parallel(threads, take_pieces, &pieces);
	for (size_t i = 0; i < threads; i++)
		if (pieces.errors[i].code)
			return persona_error_set(err, pieces.errors[i].code, "%s", pieces.errors[i].text);
	return atomic_load(&pieces.failed) ? -1 : 0;
}
