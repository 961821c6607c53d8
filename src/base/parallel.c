/* Several threads for one piece of work, on which the result must not depend. */
#include <pthread.h>
#include <signal.h>
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

bool persona_queue_take(struct persona_queue *queue, size_t *from, size_t *to)
{
	size_t at = atomic_fetch_add(&queue->next, queue->step);

	if (at >= queue->len)
		return false;
	*from = at;
	*to = queue->len - at < queue->step ? queue->len : at + queue->step;
	return true;
}

struct pieces {
	int (*work)(void *payload, size_t piece, size_t thread, struct persona_error *err);
	void *payload;
	struct persona_queue queue;
	struct persona_error errors[THREADS_MAX];
	atomic_bool failed;
};

static void take_pieces(void *payload, size_t thread)
{
	struct pieces *pieces = payload;
	size_t from, to;

	while (!atomic_load(&pieces->failed) && persona_queue_take(&pieces->queue, &from, &to))
		for (size_t i = from; i < to; i++)
			if (pieces->work(pieces->payload, i, thread, &pieces->errors[thread]) < 0) {
				atomic_store(&pieces->failed, true);
				return;
			}
}

int persona_pieces(size_t threads, size_t len,
		   int (*work)(void *payload, size_t piece, size_t thread, struct persona_error *err), void *payload,
		   struct persona_error *err)
{
	struct pieces pieces = { .work = work, .payload = payload, .queue = { .step = 1, .len = len } };

	persona_parallel(threads, take_pieces, &pieces);
	for (size_t i = 0; i < threads; i++)
		if (pieces.errors[i].code)
			return persona_error_set(err, pieces.errors[i].code, "%s", pieces.errors[i].text);
	return 0;
}
