/* The ways into a pool from other threads. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "internal.h"

/* ---- Life ------------------------------------------------------------ */

static pthread_once_t global_once = PTHREAD_ONCE_INIT;
static CURLcode global_code;

static void global_init(void)
{
	global_code = curl_global_init(CURL_GLOBAL_DEFAULT);
}

static int in_range(const char *name, int *value, int standard, int least, int most, struct persona_error *err)
{
	if (!*value)
		*value = standard;
	if (*value < least || *value > most)
		return persona_error_set(err, PERSONA_E_USAGE, "%s must be between %d and %d", name, least, most);
	return 0;
}

static int fill_options(struct persona_http *pool, const struct persona_http_options *given, struct persona_error *err)
{
	struct persona_http_options *options = &pool->options;
	int fd;

	if (given)
		*options = *given;
	options->ca_file = NULL;
	options->user_agent = NULL;
	if (in_range("max_connections", &options->max_connections, 10, 1, 10000, err) < 0 ||
	    in_range("max_per_host", &options->max_per_host, options->max_connections, 1, 10000, err) < 0 ||
	    in_range("timeout_ms", &options->timeout_ms, 120000, 1, INT32_MAX, err) < 0 ||
	    in_range("connect_timeout_ms", &options->connect_timeout_ms, 10000, 1, INT32_MAX, err) < 0 ||
	    in_range("stall_ms", &options->stall_ms, 60000, 1, INT32_MAX, err) < 0 ||
	    in_range("idle_ms", &options->idle_ms, 60000, 1, 86400000, err) < 0)
		return -1;
	if (!options->max_body)
		options->max_body = (size_t)16 << 20;
	if (!options->max_headers)
		options->max_headers = (size_t)64 << 10;
	if (!options->max_queue)
		options->max_queue = (size_t)64 << 20;
	options->user_agent =
		persona_strdup(given && given->user_agent ? given->user_agent : "persona-tools/" PERSONA_VERSION, err);
	if (!options->user_agent)
		return -1;
	if (!given || !given->ca_file)
		return 0;
	/* Said now, and not by the first request. */
	fd = open(given->ca_file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return persona_error_set(err, PERSONA_E_IO, "cannot read '%s': %s", given->ca_file, strerror(errno));
	close(fd);
	options->ca_file = persona_strdup(given->ca_file, err);
	return options->ca_file ? 0 : -1;
}

/* Everything but the thread. */
static void release(struct persona_http *pool)
{
	if (pool->epoll_fd >= 0)
		close(pool->epoll_fd);
	if (pool->wake_fd >= 0)
		close(pool->wake_fd);
	pthread_cond_destroy(&pool->idle);
	pthread_mutex_destroy(&pool->lock);
	free(pool->last_url);
	free((void *)pool->options.ca_file);
	free((void *)pool->options.user_agent);
	free(pool);
}

static int open_loop(struct persona_http *pool, struct persona_error *err)
{
	struct epoll_event event = { .events = EPOLLIN };

	pool->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	pool->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	event.data.fd = pool->wake_fd;
	if (pool->epoll_fd < 0 || pool->wake_fd < 0 ||
	    epoll_ctl(pool->epoll_fd, EPOLL_CTL_ADD, pool->wake_fd, &event) < 0)
		return persona_error_set(err, PERSONA_E_IO, "cannot make an event descriptor: %s", strerror(errno));
	pool->timer_us = INT64_MAX;
	pool->multi = http_multi_new(pool);
	return pool->multi ? 0 : persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
}

static int start_thread(struct persona_http *pool, struct persona_error *err)
{
	sigset_t all, before;
	int code;

	/* Signals are for other threads, and a connection that the server closed must not raise SIGPIPE. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	code = pthread_create(&pool->thread, NULL, http_loop, pool);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (code)
		return persona_error_set(err, PERSONA_E_NOMEM, "cannot start a thread: %s", strerror(code));
	return 0;
}

int persona_http_new(struct persona_http **out, const struct persona_http_options *options, struct persona_error *err)
{
	struct persona_http *pool;
	pthread_condattr_t attributes;

	*out = NULL;
	pthread_once(&global_once, global_init);
	pool = calloc(1, sizeof *pool);
	if (!pool || global_code != CURLE_OK) {
		free(pool);
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	pool->epoll_fd = pool->wake_fd = -1;
	pool->system_bundle = curl_version_info(CURLVERSION_NOW)->cainfo != NULL;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&pool->idle, &attributes);
	pthread_condattr_destroy(&attributes);
	if (fill_options(pool, options, err) < 0)
		goto fail;
	if (open_loop(pool, err) < 0)
		goto fail;
	if (start_thread(pool, err) < 0)
		goto fail;
	*out = pool;
	return 0;
fail:
	curl_multi_cleanup(pool->multi);
	release(pool);
	return -1;
}

/* Have the loop look at what has changed. With the lock held. */
static void wake(struct persona_http *pool)
{
	uint64_t one = 1;
	ssize_t ignored;

	if (!pool->sleeping)
		return;
	pool->sleeping = false;
	ignored = write(pool->wake_fd, &one, sizeof one);
	(void)ignored;
}

void persona_http_free(struct persona_http *pool)
{
	if (!pool)
		return;
	if (http_on_loop()) {
		persona_log(PERSONA_LOG_WARNING, "an HTTP pool cannot be ended from its own callbacks; it stays");
		return;
	}
	pthread_mutex_lock(&pool->lock);
	pool->ending = true;
	wake(pool);
	pthread_mutex_unlock(&pool->lock);
	persona_http_cancel(pool, PERSONA_HTTP_ALL);
	pthread_join(pool->thread, NULL);
	release(pool);
}

/* ---- Requests -------------------------------------------------------- */

/* The queue of this origin; NULL where memory ran out. With the lock held. */
static struct host *find_host(struct persona_http *pool, const char *origin)
{
	struct host *host;

	for (host = pool->hosts; host; host = host->next)
		if (strcmp(host->origin, origin) == 0)
			return host;
	host = calloc(1, sizeof *host);
	if (!host)
		return NULL;
	memcpy(host->origin, origin, strlen(origin) + 1);
	host->next = pool->hosts;
	pool->hosts = host;
	if (!pool->turn)
		pool->turn = host;
	return host;
}

/* With the lock held. */
static int enqueue(struct persona_http *pool, struct transfer *transfer, struct persona_error *err)
{
	size_t queued = (size_t)pool->stats.queued_bytes;

	if (pool->ending)
		return persona_error_set(err, PERSONA_E_USAGE, "the HTTP pool is being ended");
	if (queued && (queued > pool->options.max_queue || transfer->size > pool->options.max_queue - queued))
		return persona_error_set(err, PERSONA_E_BUSY, "more than %zu bytes of requests wait",
					 pool->options.max_queue);
	transfer->host = find_host(pool, transfer->to.origin);
	if (!transfer->host)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	transfer->id = ++pool->last_id;
	transfer_list_add(&transfer->host->waiting, transfer);
	pool->stats.queued++;
	pool->stats.queued_bytes += (int64_t)transfer->size;
	pool->live++;
	pool->startable = true;
	return 0;
}

int persona_http_submit(struct persona_http *pool, const struct persona_http_request *request, persona_http_done *done,
			void *payload, uint64_t *id, struct persona_error *err)
{
	struct transfer *transfer;
	int rc;

	if (transfer_new(&transfer, pool, request, err) < 0)
		return -1;
	transfer->done = done;
	transfer->payload = payload;
	transfer->submitted_us = http_now_us();
	pthread_mutex_lock(&pool->lock);
	rc = enqueue(pool, transfer, err);
	if (!rc) {
		if (request->take_body)
			transfer->body = (char *)request->body;
		if (id)
			*id = transfer->id;
		wake(pool);
	}
	pthread_mutex_unlock(&pool->lock);
	if (rc < 0)
		transfer_free(transfer);
	return rc;
}

void persona_http_cancel(struct persona_http *pool, uint64_t id)
{
	pthread_mutex_lock(&pool->lock);
	for (struct transfer *at = pool->in_flight.first; at; at = at->next)
		if (id == PERSONA_HTTP_ALL || at->id == id)
			at->cancelled = pool->cancels = true;
	for (struct host *host = pool->hosts; host; host = host->next)
		for (struct transfer *at = host->waiting.first; at; at = at->next)
			if (id == PERSONA_HTTP_ALL || at->id == id)
				at->cancelled = pool->cancels = true;
	if (pool->cancels)
		wake(pool);
	pthread_mutex_unlock(&pool->lock);
}

/* ---- Waiting --------------------------------------------------------- */

int persona_http_drain(struct persona_http *pool, int timeout_ms, struct persona_error *err)
{
	struct timespec until;
	bool over;
	int code = 0;

	if (http_on_loop())
		return persona_error_set(err, PERSONA_E_USAGE, "the HTTP pool's own thread cannot wait for it");
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += timeout_ms / 1000;
	until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&pool->lock);
	while (pool->live && code != ETIMEDOUT)
		code = timeout_ms < 0 ? pthread_cond_wait(&pool->idle, &pool->lock)
				      : pthread_cond_timedwait(&pool->idle, &pool->lock, &until);
	over = !pool->live;
	pthread_mutex_unlock(&pool->lock);
	return over ? 0 : persona_error_set(err, PERSONA_E_BUSY, "requests are still in flight");
}

struct waiter {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool over; /* guarded by lock */
	struct persona_http_response *response;
};

static void end_wait(void *payload, struct persona_http_response *response)
{
	struct waiter *waiter = payload;

	pthread_mutex_lock(&waiter->lock);
	persona_http_response_take(waiter->response, response);
	waiter->over = true;
	pthread_cond_signal(&waiter->wake);
	pthread_mutex_unlock(&waiter->lock);
}

int persona_http_perform(struct persona_http *pool, const struct persona_http_request *request,
			 struct persona_http_response *response, struct persona_error *err)
{
	struct waiter waiter = { .response = response };
	int rc;

	if (http_on_loop())
		return persona_error_set(err, PERSONA_E_USAGE,
					 "the HTTP pool's own thread cannot wait for it; submit instead");
	pthread_mutex_init(&waiter.lock, NULL);
	pthread_cond_init(&waiter.wake, NULL);
	rc = persona_http_submit(pool, request, end_wait, &waiter, NULL, err);
	pthread_mutex_lock(&waiter.lock);
	while (!rc && !waiter.over)
		pthread_cond_wait(&waiter.wake, &waiter.lock);
	pthread_mutex_unlock(&waiter.lock);
	pthread_cond_destroy(&waiter.wake);
	pthread_mutex_destroy(&waiter.lock);
	return rc;
}

void persona_http_get_stats(struct persona_http *pool, struct persona_http_stats *stats)
{
	pthread_mutex_lock(&pool->lock);
	*stats = pool->stats;
	stats->in_flight = (int64_t)pool->in_flight.len;
	pthread_mutex_unlock(&pool->lock);
}
