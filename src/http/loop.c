/* The thread that owns the connections. */
#include <assert.h>

#include "internal.h"

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
	for (found = pool->in_flight.first; found && !found->cancelled; found = found->next)
		;
	for (struct host *host = pool->hosts; host && !found; host = host->next) {
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

static void end_stalled(struct persona_http *pool)
{
	int64_t now_us = http_now_us(), limit_us = (int64_t)pool->options.stall_ms * 1000;
	struct transfer *next;

	if (now_us < pool->stall_check_us)
		return;
	pool->stall_check_us = now_us + stall_interval_us(pool);
	/* Only this thread changes who is in flight, but callbacks run when one ends: they add none here. */
	for (struct transfer *transfer = pool->in_flight.first; transfer; transfer = next) {
		next = transfer->next;
		if (!transfer->body_begun || now_us - transfer->heard_us < limit_us)
			continue;
		transfer->stalled = true;
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

/*
 * Nothing has been in flight for idle_ms: close what is open. libcurl does so only when the next transfer starts,
 * but a pool that waits for its user should not hold a server's connections.
 */
static void close_idle(struct persona_http *pool)
{
	CURLM *fresh = NULL, *old = NULL;

	if (!pool->used_us || http_now_us() - pool->used_us < (int64_t)pool->options.idle_ms * 1000)
		return;
	fresh = curl_multi_init();
	if (!fresh || curl_multi_setopt(fresh, CURLMOPT_MAXCONNECTS, (long)pool->options.max_connections) != CURLM_OK) {
		curl_multi_cleanup(fresh);
		return;
	}
	pthread_mutex_lock(&pool->lock);
	old = pool->multi;
	pool->multi = fresh;
	pthread_mutex_unlock(&pool->lock);
	curl_multi_cleanup(old);
	pool->used_us = 0;
}

/* How long to wait at most, in milliseconds; -1: not at all, there is something to do. With the lock held. */
static int longest_wait_ms(const struct persona_http *pool)
{
	int64_t wait_us = 600 * INT64_C(1000000);

	if (pool->cancels || pool->ending)
		return -1;
	for (const struct host *host = pool->hosts; host; host = host->next)
		if (host->waiting.len && host->in_flight < pool->options.max_per_host &&
		    pool->in_flight.len < (size_t)pool->options.max_connections)
			return -1;
	if (pool->in_flight.len)
		wait_us = stall_interval_us(pool);
	else if (pool->used_us)
		wait_us = pool->used_us + (int64_t)pool->options.idle_ms * 1000 - http_now_us();
	return wait_us > 0 ? (int)(wait_us / 1000) + 1 : 0;
}

static void wait_for_something(struct persona_http *pool)
{
	int wait_ms;

	pthread_mutex_lock(&pool->lock);
	wait_ms = longest_wait_ms(pool);
	pool->sleeping = wait_ms >= 0;
	pthread_mutex_unlock(&pool->lock);
	if (wait_ms < 0)
		return;
	(void)curl_multi_poll(pool->multi, NULL, 0, wait_ms, NULL);
	pthread_mutex_lock(&pool->lock);
	pool->sleeping = false;
	pthread_mutex_unlock(&pool->lock);
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
	int running;

	is_loop = true;
	while (!is_over(pool)) {
		end_cancelled(pool);
		start_waiting(pool);
		(void)curl_multi_perform(pool->multi, &running);
		end_finished(pool);
		end_stalled(pool);
		if (!pool->in_flight.len)
			close_idle(pool);
		wait_for_something(pool);
	}
	/* Closing may write to connections, and this thread alone has SIGPIPE blocked. */
	while ((slot = pool->spare)) {
		pool->spare = slot->next;
		slot_free(slot);
	}
	curl_multi_cleanup(pool->multi);
	return NULL;
}
