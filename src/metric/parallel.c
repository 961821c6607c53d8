/* Several threads for one piece of work, on which the result must not depend. */
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "internal.h"

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

size_t metric_threads(int wanted, size_t pieces)
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

void metric_parallel(size_t threads, void (*work)(void *payload, size_t index), void *payload)
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

bool metric_share(struct metric_queue *queue, size_t *from, size_t *to)
{
	size_t at = atomic_fetch_add(&queue->next, queue->step);

	if (at >= queue->len)
		return false;
	*from = at;
	*to = queue->len - at < queue->step ? queue->len : at + queue->step;
	return true;
}
