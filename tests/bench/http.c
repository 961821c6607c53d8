/*
 * bench-http: what requests over a pool cost, against the model server of tests/support. For tests/bench/run.
 *
 *   bench-http load URL CA kept|fresh N IN_FLIGHT   N requests of 1 KB; fresh: each over a connection of its own.
 *                                                   Prints requests per second, p50 and p99 in microseconds, CPU of
 *                                                   this process in microseconds per request, connections, CPU of
 *                                                   the pool's thread alone
 *   bench-http wall URL CA N IN_FLIGHT              prints the milliseconds that N requests take
 *   bench-http memory URL CA IN_FLIGHT              as many at once, with bodies of 8 KB: prints the KB by which this
 *                                                   process has grown at most
 *   bench-http growth URL CA N                      prints the KB by which it grows in N requests, 64 in flight, once
 *                                                   it has done 10,000
 *
 * CA: a file with the server's certificate, or - for none.
 */
#include <dirent.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "persona/http.h"

struct bench {
	struct persona_http *pool;
	const char *url;
	char *body;
	size_t body_len;
	bool fresh;
	pthread_mutex_t lock;
	pthread_cond_t room;
	long in_flight, most;	  /* guarded by lock */
	long ended, wrong, total; /* guarded by lock */
	int64_t *latency_us;	  /* guarded by lock */
};

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t cpu_us(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return ((int64_t)usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 + usage.ru_utime.tv_usec +
	       usage.ru_stime.tv_usec;
}

/* CPU time of the pool's own thread in microseconds; -1: not to be had. */
static int64_t loop_cpu_us(void)
{
	DIR *tasks = opendir("/proc/self/task");
	long long ns = -1000;

	for (struct dirent *task; tasks && (task = readdir(tasks));) {
		char path[300], name[32] = "";
		FILE *file;

		snprintf(path, sizeof path, "/proc/self/task/%s/comm", task->d_name);
		file = fopen(path, "re");
		if (!file)
			continue;
		if (!fgets(name, sizeof name, file))
			name[0] = '\0';
		fclose(file);
		if (strcmp(name, "persona-http\n") != 0)
			continue;
		snprintf(path, sizeof path, "/proc/self/task/%s/schedstat", task->d_name);
		file = fopen(path, "re");
		if (file && fscanf(file, "%lld", &ns) != 1)
			ns = -1000;
		if (file)
			fclose(file);
	}
	if (tasks)
		closedir(tasks);
	return ns / 1000;
}

/* A line of /proc/self/status in KB, such as "VmRSS:". */
static long memory_kb(const char *name)
{
	FILE *file = fopen("/proc/self/status", "re");
	char line[128];
	long kb = -1;

	while (file && fgets(line, sizeof line, file))
		if (strncmp(line, name, strlen(name)) == 0)
			kb = strtol(line + strlen(name), NULL, 10);
	if (file)
		fclose(file);
	return kb;
}

static void done(void *payload, struct persona_http_response *response)
{
	struct bench *bench = payload;

	pthread_mutex_lock(&bench->lock);
	if (response->outcome != PERSONA_HTTP_OK || response->status != 200) {
		if (!bench->wrong++)
			fprintf(stderr, "bench-http: %s %d\n", response->error.text, response->status);
	}
	if (bench->latency_us)
		bench->latency_us[bench->ended] = response->total_us;
	bench->ended++;
	/* The queue of the pool is never empty; the feeder is woken now and then, not for each. */
	if (--bench->in_flight == 2 * bench->most)
		pthread_cond_signal(&bench->room);
	pthread_mutex_unlock(&bench->lock);
}

static int run(struct bench *bench, long total, struct persona_error *err)
{
	const struct persona_http_header headers[] = {
		{ "Content-Type", "application/json", false },
		{ "Authorization", "Bearer sk-bench", false },
		{ "Connection", "close", false },
	};
	struct persona_http_request request = { .url = bench->url,
						.headers = headers,
						.headers_len = bench->fresh ? 3 : 2,
						.body = bench->body,
						.body_len = bench->body_len };

	bench->ended = bench->wrong = 0;
	bench->total = total;
	for (long i = 0; i < total; i++) {
		pthread_mutex_lock(&bench->lock);
		while (bench->in_flight >= 4 * bench->most)
			pthread_cond_wait(&bench->room, &bench->lock);
		bench->in_flight++;
		pthread_mutex_unlock(&bench->lock);
		if (persona_http_submit(bench->pool, &request, done, bench, NULL, err) < 0)
			return -1;
	}
	if (persona_http_drain(bench->pool, -1, err) < 0)
		return -1;
	return bench->wrong ? persona_error_set(err, PERSONA_E_NET, "%ld requests went wrong", bench->wrong) : 0;
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int load(struct bench *bench, long total, struct persona_error *err)
{
	struct persona_http_stats before, after;
	int64_t start, cpu, loop_cpu, wall_us;

	bench->latency_us = calloc((size_t)total, sizeof *bench->latency_us);
	if (!bench->latency_us)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	persona_http_get_stats(bench->pool, &before);
	start = now_us();
	cpu = cpu_us();
	loop_cpu = loop_cpu_us();
	if (run(bench, total, err) < 0)
		return -1;
	wall_us = now_us() - start;
	cpu = cpu_us() - cpu;
	loop_cpu = loop_cpu_us() - loop_cpu;
	persona_http_get_stats(bench->pool, &after);
	qsort(bench->latency_us, (size_t)total, sizeof *bench->latency_us, compare);
	printf("%.0f %" PRId64 " %" PRId64 " %.1f %" PRId64 " %.1f\n", (double)total * 1e6 / (double)wall_us,
	       bench->latency_us[total / 2], bench->latency_us[total * 99 / 100], (double)cpu / (double)total,
	       after.connections - before.connections, (double)loop_cpu / (double)total);
	free(bench->latency_us);
	return 0;
}

static int wall(struct bench *bench, long total, struct persona_error *err)
{
	int64_t start = now_us();

	if (run(bench, total, err) < 0)
		return -1;
	printf("%.1f\n", (double)(now_us() - start) / 1000);
	return 0;
}

static int memory(struct bench *bench, struct persona_error *err)
{
	long before = memory_kb("VmRSS:");

	if (run(bench, bench->most, err) < 0)
		return -1;
	printf("%ld\n", memory_kb("VmHWM:") - before);
	return 0;
}

static int growth(struct bench *bench, long total, struct persona_error *err)
{
	long before;

	if (run(bench, 10000, err) < 0)
		return -1;
	before = memory_kb("VmRSS:");
	if (run(bench, total, err) < 0)
		return -1;
	printf("%ld\n", memory_kb("VmRSS:") - before);
	return 0;
}

static void raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int main(int argc, char **argv)
{
	struct bench bench = { .lock = PTHREAD_MUTEX_INITIALIZER, .room = PTHREAD_COND_INITIALIZER, .most = 64 };
	struct persona_http_options options = { 0 };
	struct persona_error err = { 0 };
	const char *what = argc > 4 ? argv[1] : "";
	long total = argc > 4 ? strtol(argv[argc == 7 ? 5 : 4], NULL, 10) : 0;
	int rc;

	if (argc < 5) {
		fputs("usage: bench-http load|wall|memory|growth URL CA …; see the source\n", stderr);
		return 2;
	}
	raise_limit();
	if (strcmp(what, "memory") == 0)
		bench.most = total;
	else if (strcmp(what, "growth") != 0 && argc > 5)
		bench.most = strtol(argv[argc - 1], NULL, 10);
	bench.url = argv[2];
	bench.fresh = strcmp(what, "load") == 0 && strcmp(argv[4], "fresh") == 0;
	bench.body_len = strcmp(what, "memory") == 0 ? 8192 : 1024;
	bench.body = calloc(1, bench.body_len);
	memset(bench.body, ' ', bench.body_len);
	options.max_connections = (int)bench.most;
	options.ca_file = strcmp(argv[3], "-") == 0 ? NULL : argv[3];
	rc = persona_http_new(&bench.pool, &options, &err);
	if (!rc)
		rc = strcmp(what, "load") == 0	   ? load(&bench, total, &err)
		     : strcmp(what, "wall") == 0   ? wall(&bench, total, &err)
		     : strcmp(what, "memory") == 0 ? memory(&bench, &err)
						   : growth(&bench, total, &err);
	persona_http_free(bench.pool);
	free(bench.body);
	if (rc < 0)
		fprintf(stderr, "bench-http: %s\n", err.text);
	return rc < 0;
}
