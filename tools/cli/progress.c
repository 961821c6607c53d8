/* A line on stderr for who waits, and phases for who tests. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "cli.h"

#define SHOW_AFTER_MS 1000

static bool drawn;

bool cli_shows_progress(const struct cli_values *values)
{
	if (strcmp(values->progress, "always") == 0)
		return true;
	return strcmp(values->progress, "auto") == 0 && !values->quiet && isatty(STDERR_FILENO);
}

void cli_progress(void *payload, const struct persona_progress *progress)
{
	double seconds = (double)progress->elapsed_ms / 1000;
	double rate = seconds > 0 ? (double)progress->done / seconds : 0;
	char asked[64] = "";

	(void)payload;
	if (progress->elapsed_ms < SHOW_AFTER_MS)
		return;
	drawn = true;
	if (progress->spent_nusd || progress->in_flight)
		snprintf(asked, sizeof asked, ", %lld under way, $%.2f", (long long)progress->in_flight,
			 (double)progress->spent_nusd / 1e9);
	if (progress->total <= 0 || rate <= 0)
		fprintf(stderr, "\r%s %lld, %.*f/s%s\033[K", progress->stage, (long long)progress->done, rate < 10,
			rate, asked);
	else
		fprintf(stderr, "\r%s %lld of %lld, %.*f/s, %.0f s left%s\033[K", progress->stage,
			(long long)progress->done, (long long)progress->total, rate < 10, rate,
			(double)(progress->total - progress->done) / rate, asked);
	(void)fflush(stderr);
}

void cli_progress_clear(void)
{
	if (!drawn)
		return;
	drawn = false;
	fputs("\r\033[K", stderr);
	(void)fflush(stderr);
}

/* ---- Phases ---------------------------------------------------------- */

static const char *const phase_names[] = {
	[PERSONA_PHASE_CLAIM] = "claim",
	[PERSONA_PHASE_WORK] = "work",
	[PERSONA_PHASE_COMMIT] = "commit",
	[PERSONA_PHASE_PRINT] = "print",
};
#define PHASES (sizeof phase_names / sizeof *phase_names)

#define PHASE_WIDTH 8 /* bytes of a line */

static int phase_fd = -1;
static long phase_ms[PHASES];

/* The thread that works has the second line, everything else happens on the thread that has the first. */
static void tell_phase(const char *name, off_t line)
{
	char text[PHASE_WIDTH + 1];
	ssize_t ignored;

	snprintf(text, sizeof text, "%-*s\n", PHASE_WIDTH - 1, name);
	ignored = pwrite(phase_fd, text, PHASE_WIDTH, line * PHASE_WIDTH);
	(void)ignored;
}

static void hook(void *payload, enum persona_phase phase)
{
	struct timespec pause = { .tv_sec = phase_ms[phase] / 1000, .tv_nsec = phase_ms[phase] % 1000 * 1000000 };
	off_t line = phase == PERSONA_PHASE_WORK;

	(void)payload;
	tell_phase(phase_names[phase], line);
	while (nanosleep(&pause, &pause) < 0 && errno == EINTR)
		;
	tell_phase("between", line);
}

/*
 * For tests. PERSONA_TEST_PHASES is "FOLDER:claim=20,work=5,…": by how many milliseconds each phase is to be longer.
 * FOLDER/PID tells where the process is, and goes on telling it after it was killed.
 */
void (*cli_phase_hook(void))(void *payload, enum persona_phase phase)
{
	const char *wish = getenv("PERSONA_TEST_PHASES");
	const char *colon = wish ? strrchr(wish, ':') : NULL;
	char path[4096];

	if (!colon)
		return NULL;
	snprintf(path, sizeof path, "%.*s/%ld", (int)(colon - wish), wish, (long)getpid());
	phase_fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (phase_fd < 0) {
		fprintf(stderr, "PERSONA_TEST_PHASES: %s: %s\n", path, strerror(errno));
		return NULL;
	}
	for (size_t i = 0; i < PHASES; i++) {
		const char *at = strstr(colon, phase_names[i]);

		if (at && at[strlen(phase_names[i])] == '=')
			phase_ms[i] = strtol(at + strlen(phase_names[i]) + 1, NULL, 10);
	}
	tell_phase("between", 0);
	tell_phase("between", 1);
	return hook;
}
