/* Answers that come later: no thread sleeps for them. */
#include <errno.h>
#include <sys/socket.h>

#include "model_daemon.h"

int64_t model_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void swap(struct exchange **a, struct exchange **b)
{
	struct exchange *c = *a;

	*a = *b;
	*b = c;
}

/* With the lock held. */
static bool heap_add(struct model_server *server, struct exchange *exchange)
{
	struct exchange **heap;
	size_t at = server->waiting_len;

	if (persona_grow((void **)&server->waiting, &server->waiting_capacity, at, sizeof *server->waiting, NULL) < 0)
		return false;
	heap = server->waiting;
	heap[at] = exchange;
	server->waiting_len++;
	for (; at && heap[(at - 1) / 2]->due_us > heap[at]->due_us; at = (at - 1) / 2)
		swap(&heap[at], &heap[(at - 1) / 2]);
	return true;
}

/* With the lock held. */
static struct exchange *heap_take(struct model_server *server)
{
	struct exchange **heap = server->waiting, *first = heap[0];
	size_t len = --server->waiting_len, at = 0;

	heap[0] = heap[len];
	for (;;) {
		size_t least = at;

		for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < len; child++)
			if (heap[child]->due_us < heap[least]->due_us)
				least = child;
		if (least == at)
			return first;
		swap(&heap[at], &heap[least]);
		at = least;
	}
}

int exchange_socket(const struct exchange *exchange)
{
	return MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

/* The daemon does not look at a connection that waits. */
static bool client_is_gone(const struct exchange *exchange)
{
	char byte;
	ssize_t got = recv(exchange_socket(exchange), &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
}

void *model_keep_time(void *payload)
{
	struct model_server *server = payload;

	pthread_mutex_lock(&server->lock);
	for (;;) {
		struct exchange *first = server->waiting_len ? server->waiting[0] : NULL;
		struct timespec until;

		if (!first && server->stopping)
			break;
		if (!first) {
			pthread_cond_wait(&server->wake, &server->lock);
			continue;
		}
		if (!server->stopping && first->due_us > model_now_us()) {
			until.tv_sec = first->due_us / 1000000;
			until.tv_nsec = first->due_us % 1000000 * 1000;
			pthread_cond_timedwait(&server->wake, &server->lock, &until);
			continue;
		}
		(void)heap_take(server);
		if (first->hears_nothing && !server->stopping && !client_is_gone(first)) {
			first->due_us = model_now_us() + LOOK_US;
			(void)heap_add(server, first);
			continue;
		}
		pthread_mutex_unlock(&server->lock);
		MHD_resume_connection(first->connection);
		pthread_mutex_lock(&server->lock);
	}
	pthread_mutex_unlock(&server->lock);
	return NULL;
}

/* Have the handler or the reader called again at that time. */
void exchange_wait(struct exchange *exchange, int64_t due_us)
{
	struct model_server *server = exchange->server;
	bool waits;

	exchange->due_us = due_us;
	MHD_suspend_connection(exchange->connection);
	pthread_mutex_lock(&server->lock);
	waits = !server->stopping && heap_add(server, exchange);
	if (waits && server->waiting[0] == exchange)
		pthread_cond_signal(&server->wake);
	pthread_mutex_unlock(&server->lock);
	if (!waits)
		MHD_resume_connection(exchange->connection);
}
