/*
 * The thread that owns the connections. It waits with epoll and tells libcurl which sockets are ready: one answer costs
 * the same however many others are awaited, which curl_multi_poll() and curl_multi_perform() cannot give (docs/adr/0014).
 */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "internal.h"

#define EVENTS	   64	/* looked at in one go */
#define OVERDUE_MS 1000 /* after its total time a transfer is ended by us */

static _Thread_local bool is_loop;

bool http_on_loop(void)
{
	return is_loop;
}

/* ---- Ending ---------------------------------------------------------- */

static void slot_give_back(struct persona_http *pool, struct slot *slot)
{
	slot->transfer->slot = NULL;
	slot->transfer = NULL;
	slot->next = pool->spare;
	pool->spare = slot;
}

/* The transfer belongs to nobody but the caller of this any more. */
static void hand_over(struct persona_http *pool, struct transfer *transfer)
{
	if (pool->options.log)
		log_response(pool, transfer);
	transfer->done(transfer->payload, &transfer->response);
	transfer_free(transfer);
	pthread_mutex_lock(&pool->lock);
	if (--pool->live == 0)
		pthread_cond_broadcast(&pool->idle);
	pthread_mutex_unlock(&pool->lock);
}

/* A host with nothing to do is forgotten. With the lock held. */
static void host_leave(struct persona_http *pool, struct host *host)
{
	struct host **at = &pool->hosts;

	if (host->in_flight || host->waiting.len)
		return;
	while (*at != host)
		at = &(*at)->next;
	*at = host->next;
	if (pool->turn == host)
		pool->turn = host->next;
	free(host);
}

static void end_transfer(struct persona_http *pool, struct slot *slot, CURLcode code)
{
	struct transfer *transfer = slot->transfer;

	pthread_mutex_lock(&pool->lock);
	slot_conclude(slot, code, &pool->stats);
	transfer_list_remove(&pool->in_flight, transfer);
	transfer->host->in_flight--;
	host_leave(pool, transfer->host);
	pthread_mutex_unlock(&pool->lock);
	slot_give_back(pool, slot);
	pool->used_us = http_now_us();
	hand_over(pool, transfer);
}

/* Take it away from libcurl, which closes its connection. */
static void abort_transfer(struct persona_http *pool, struct slot *slot)
{
	(void)curl_multi_remove_handle(pool->multi, slot->easy);
	end_transfer(pool, slot, CURLE_ABORTED_BY_CALLBACK);
}

static void end_finished(struct persona_http *pool)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(pool->multi, &left))) {
		CURL *easy = message->easy_handle;
		CURLcode code = message->data.result;
		struct slot *slot = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(easy, CURLINFO_PRIVATE, &slot);
		(void)curl_multi_remove_handle(pool->multi, easy);
		end_transfer(pool, slot, code);
	}
}

/* ---- Cancelling and stalling ----------------------------------------- */

/* One that was cancelled, from the queues or from those in flight; NULL: no more. */
static struct transfer *next_cancelled(struct persona_http *pool)
{
	struct transfer *found = NULL;

	pthread_mutex_lock(&pool->lock);
	if (pool->cancels)
		for (found = pool->in_flight.first; found && !found->cancelled; found = found->next)
			;
	for (struct host *host = pool->cancels ? pool->hosts : NULL; host && !found; host = host->next) {
		for (found = host->waiting.first; found && !found->cancelled; found = found->next)
			;
		if (found) {
			transfer_list_remove(&host->waiting, found);
			pool->stats.queued--;
			pool->stats.queued_bytes -= (int64_t)found->size;
			host_leave(pool, host);
			break;
		}
	}
	if (!found)
		pool->cancels = false;
	pthread_mutex_unlock(&pool->lock);
	return found;
}

static void end_cancelled(struct persona_http *pool)
{
	struct transfer *transfer;

	while ((transfer = next_cancelled(pool))) {
		if (transfer->slot) {
			abort_transfer(pool, transfer->slot);
			continue;
		}
		transfer->response.queued_us = http_now_us() - transfer->submitted_us;
		transfer_fail(transfer, PERSONA_HTTP_CANCELLED, "cancelled");
		hand_over(pool, transfer);
	}
}

/* How often to look for answers that stand still, in microseconds. */
static int64_t stall_interval_us(const struct persona_http *pool)
{
	int64_t interval_us = (int64_t)pool->options.stall_ms * 1000 / 4;

	return interval_us < 1000000 ? interval_us : 1000000;
}

/* libcurl keeps the total time itself, unless it had no memory to note a socket or a timer down. */
static bool is_overdue(const struct transfer *transfer, int64_t now_us)
{
	return now_us - transfer->started_us > ((int64_t)transfer->timeout_ms + OVERDUE_MS) * 1000;
}

static void end_stalled(struct persona_http *pool)
{
	int64_t now_us = http_now_us(), limit_us = (int64_t)pool->options.stall_ms * 1000;
	struct transfer *next;

	if (now_us < pool->stall_check_us)
		return;
	pool->stall_check_us = now_us + stall_interval_us(pool);
	/* Only this thread changes who is in flight, and callbacks add none while this runs. */
	for (struct transfer *transfer = pool->in_flight.first; transfer; transfer = next) {
		next = transfer->next;
		transfer->stalled = transfer->body_begun && now_us - transfer->heard_us >= limit_us;
		transfer->overdue = is_overdue(transfer, now_us);
		if (transfer->stalled || transfer->overdue)
			abort_transfer(pool, transfer->slot);
	}
}

/* ---- Starting -------------------------------------------------------- */

/* The next that may start, taken from its queue; hosts take turns. With the lock held. */
static struct transfer *next_startable(struct persona_http *pool)
{
	struct host *host = pool->turn, *first = host;

	if (!host || pool->in_flight.len >= (size_t)pool->options.max_connections)
		return NULL;
	do {
		struct host *after = host->next ? host->next : pool->hosts;

		if (host->waiting.len && host->in_flight < pool->options.max_per_host) {
			struct transfer *transfer = host->waiting.first;

			transfer_list_remove(&host->waiting, transfer);
			transfer_list_add(&pool->in_flight, transfer);
			host->in_flight++;
			pool->stats.queued--;
			pool->stats.queued_bytes -= (int64_t)transfer->size;
			pool->stats.requests++;
			pool->turn = after;
			return transfer;
		}
		host = after;
	} while (host != first);
	return NULL;
}

static bool start(struct persona_http *pool, struct transfer *transfer)
{
	struct slot *slot = pool->spare;

	if (slot)
		pool->spare = slot->next;
	else
		slot = slot_new(pool);
	if (!slot)
		return false;
	transfer->started_us = transfer->heard_us = http_now_us();
	transfer->response.queued_us = transfer->started_us - transfer->submitted_us;
	if (slot_prepare(slot, transfer) && curl_multi_add_handle(pool->multi, slot->easy) == CURLM_OK)
		return true;
	slot_give_back(pool, slot);
	return false;
}

static void start_waiting(struct persona_http *pool)
{
	for (;;) {
		struct transfer *transfer;

		pthread_mutex_lock(&pool->lock);
		transfer = next_startable(pool);
		pool->startable = transfer != NULL;
		pthread_mutex_unlock(&pool->lock);
		if (!transfer)
			return;
		if (start(pool, transfer))
			continue;
		pthread_mutex_lock(&pool->lock);
		transfer_list_remove(&pool->in_flight, transfer);
		transfer->host->in_flight--;
		host_leave(pool, transfer->host);
		pthread_mutex_unlock(&pool->lock);
		transfer_fail(transfer, PERSONA_HTTP_NOMEM, "out of memory");
		hand_over(pool, transfer);
	}
}

/* ---- Waiting --------------------------------------------------------- */

/* What we know of a socket; NULL: no memory for it. */
static struct watch *watch_of(struct persona_http *pool, int fd)
{
	size_t wanted = pool->watches_len ? pool->watches_len : 64;
	struct watch *grown;

	if ((size_t)fd < pool->watches_len)
		return &pool->watches[fd];
	while (wanted <= (size_t)fd)
		wanted *= 2;
	grown = realloc(pool->watches, wanted * sizeof *grown);
	if (!grown)
		return NULL;
	memset(grown + pool->watches_len, 0, (wanted - pool->watches_len) * sizeof *grown);
	pool->watches = grown;
	pool->watches_len = wanted;
	return &pool->watches[fd];
}

static int tell_kernel(struct persona_http *pool, int fd, unsigned events)
{
	struct watch *watch = watch_of(pool, fd);
	struct epoll_event event = { .events = events, .data.fd = fd };

	if (!watch)
		return -1;
	if (watch->events != events &&
	    epoll_ctl(pool->epoll_fd, watch->events ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) < 0)
		return -1;
	watch->events = events;
	return 0;
}

static void forget(struct persona_http *pool, int fd)
{
	if ((size_t)fd >= pool->watches_len || !pool->watches[fd].events)
		return;
	(void)epoll_ctl(pool->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	pool->watches[fd] = (struct watch){ 0 };
}

void http_new_socket(struct persona_http *pool, int fd)
{
	if (fd >= 0 && (size_t)fd < pool->watches_len)
		pool->watches[fd] = (struct watch){ 0 };
}

int http_close_socket(void *payload, curl_socket_t fd)
{
	forget(payload, fd);
	return close(fd);
}

/*
 * No transfer wants to hear of the socket for now: its connection waits for the next, and is listened to meanwhile. Where
 * there is no connection yet libcurl may have closed the socket without a word, and the number may be somebody else's.
 */
static void let_idle(struct persona_http *pool, CURL *easy, const struct slot *slot, int fd)
{
	struct watch *watch = (size_t)fd < pool->watches_len ? &pool->watches[fd] : NULL;
	long version = 0;

	if (!watch || !watch->events)
		return;
	if (!slot || !slot->transfer || !slot->transfer->sent) {
		*watch = (struct watch){ 0 };
		return;
	}
	curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
	watch->wanted = false;
	watch->http2 = version == CURL_HTTP_VERSION_2_0;
	if (tell_kernel(pool, fd, EPOLLIN) < 0)
		forget(pool, fd);
}

/*
 * Something is heard of a connection that waits for its next request: it was closed or reset, or the server says what nobody
 * asked for, such as 408. libcurl sees only the first of these before it uses the connection again, and would lose the
 * request, or take what was said for its answer. So make it look closed. Over HTTP/2 a server may speak at any time,
 * and libcurl listens itself.
 */
static void spoil(struct persona_http *pool, int fd)
{
	char ignored[4096];

	if (pool->watches[fd].events && !pool->watches[fd].http2) {
		for (int i = 0; i < 16 && recv(fd, ignored, sizeof ignored, MSG_DONTWAIT) > 0; i++)
			;
		(void)shutdown(fd, SHUT_RDWR);
	}
	(void)epoll_ctl(pool->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	pool->watches[fd] = (struct watch){ 0 };
}

/* libcurl wants to know of a socket, or no longer. */
static int on_interest(CURL *easy, curl_socket_t fd, int what, void *payload, void *known)
{
	struct persona_http *pool = payload;
	struct slot *slot = NULL;

	(void)known;
	curl_easy_getinfo(easy, CURLINFO_PRIVATE, &slot);
	if (what == CURL_POLL_REMOVE) {
		let_idle(pool, easy, slot, fd);
		return 0;
	}
	if (tell_kernel(pool, fd, (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u)) == 0) {
		pool->watches[fd].wanted = true;
		return 0;
	}
	if (!slot || !slot->transfer)
		return 0;
	/* The kernel has no memory for it. To report that from here would end all transfers: this one alone is. */
	slot->transfer->out_of_memory = true;
	pthread_mutex_lock(&pool->lock);
	slot->transfer->cancelled = pool->cancels = true;
	pthread_mutex_unlock(&pool->lock);
	return 0;
}

static int on_timer(CURLM *multi, long wait_ms, void *payload)
{
	struct persona_http *pool = payload;

	(void)multi;
	pool->timer_us = wait_ms < 0 ? INT64_MAX : http_now_us() + (int64_t)wait_ms * 1000;
	return 0;
}

CURLM *http_multi_new(struct persona_http *pool)
{
	CURLM *multi = curl_multi_init();

	if (multi && curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)pool->options.max_connections) == CURLM_OK &&
	    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_interest) == CURLM_OK &&
	    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, pool) == CURLM_OK &&
	    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer) == CURLM_OK &&
	    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, pool) == CURLM_OK)
		return multi;
	curl_multi_cleanup(multi);
	return NULL;
}

/*
 * Nothing has been in flight for idle_ms: close what is open. libcurl does so only when the next transfer starts,
 * but a pool that waits for its user should not hold a server's connections.
 */
static void close_idle(struct persona_http *pool)
{
	CURLM *fresh;

	if (pool->in_flight.len || !pool->used_us ||
	    http_now_us() - pool->used_us < (int64_t)pool->options.idle_ms * 1000)
		return;
	fresh = http_multi_new(pool);
	if (!fresh)
		return;
	curl_multi_cleanup(pool->multi);
	pool->multi = fresh;
	pool->timer_us = INT64_MAX;
	pool->used_us = 0;
}

/* How long to wait at most, in microseconds. With the lock held. */
static int64_t longest_wait_us(const struct persona_http *pool)
{
	int64_t now_us = http_now_us(), until_us = pool->timer_us, other_us = INT64_MAX;

	if (pool->cancels || pool->ending || pool->startable)
		return 0;
	if (pool->in_flight.len)
		other_us = now_us + stall_interval_us(pool);
	else if (pool->used_us)
		other_us = pool->used_us + (int64_t)pool->options.idle_ms * 1000;
	until_us = until_us < other_us ? until_us : other_us;
	if (until_us == INT64_MAX)
		return -1;
	return until_us > now_us ? until_us - now_us : 0;
}

/* Fill events; 0: none in time. */
static int wait_for_events(struct persona_http *pool, struct epoll_event *events)
{
	int64_t wait_us;
	int len, wait_ms;

	pthread_mutex_lock(&pool->lock);
	wait_us = longest_wait_us(pool);
	pool->sleeping = wait_us != 0;
	pthread_mutex_unlock(&pool->lock);
	wait_ms = wait_us < 0 ? -1 : wait_us > 60000000 ? 60000 : (int)((wait_us + 999) / 1000);
	len = epoll_wait(pool->epoll_fd, events, EVENTS, wait_ms);
	if (!wait_ms)
		return len;
	pthread_mutex_lock(&pool->lock);
	pool->sleeping = false;
	pthread_mutex_unlock(&pool->lock);
	return len;
}

static bool is_idle(const struct persona_http *pool, int fd)
{
	return fd != pool->wake_fd && (size_t)fd < pool->watches_len && !pool->watches[fd].wanted;
}

static void handle(struct persona_http *pool, const struct epoll_event *event)
{
	int fd = event->data.fd, running;
	uint64_t ignored;

	if (fd != pool->wake_fd)
		(void)curl_multi_socket_action(pool->multi, fd,
					       (event->events & EPOLLIN ? CURL_CSELECT_IN : 0) |
						       (event->events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
						       (event->events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0),
					       &running);
	else
		while (read(fd, &ignored, sizeof ignored) < 0 && errno == EINTR)
			;
}

static void drive(struct persona_http *pool)
{
	struct epoll_event events[EVENTS];
	int len = wait_for_events(pool, events), running, left = 0;

	/* First those that wait, as any action of libcurl may start a transfer on one of them. */
	for (int i = 0; i < len; i++) {
		if (is_idle(pool, events[i].data.fd))
			spoil(pool, events[i].data.fd);
		else
			events[left++] = events[i];
	}
	for (int i = 0; i < left; i++)
		handle(pool, &events[i]);
	if (pool->timer_us <= http_now_us()) {
		pool->timer_us = INT64_MAX;
		(void)curl_multi_socket_action(pool->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	}
}

static bool is_over(struct persona_http *pool)
{
	bool over;

	pthread_mutex_lock(&pool->lock);
	over = pool->ending && pool->live == 0;
	pthread_mutex_unlock(&pool->lock);
	return over;
}

void *http_loop(void *payload)
{
	struct persona_http *pool = payload;
	struct slot *slot;

	is_loop = true;
	(void)pthread_setname_np(pthread_self(), "persona-http");
	while (!is_over(pool)) {
		end_cancelled(pool);
		start_waiting(pool);
		drive(pool);
		end_finished(pool);
		end_stalled(pool);
		close_idle(pool);
	}
	/* Closing may write to connections, and this thread alone has SIGPIPE blocked. */
	while ((slot = pool->spare)) {
		pool->spare = slot->next;
		slot_free(slot);
	}
	curl_multi_cleanup(pool->multi);
	free(pool->watches);
	return NULL;
}
