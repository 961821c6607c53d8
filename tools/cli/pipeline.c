/*
 * The processes of a chain: started, told of signals, waited for.
 *
 * They stay in our process group, so that the terminal's ^C and ^Z reach all of them as they do a pipe of the shell's.
 * A signal that we get is handed on to each by sigqueue(3): who had it from the terminal already knows by that that it
 * is the same one (see run.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chain.h"
#include "screen.h"

/* What a process writes to the terminal comes through us where lines of progress are there. */
struct relay {
	int fd; /* -1: none, or at its end */
	size_t source;
	bool is_output; /* stdout, else stderr */
};

#define RELAYS (CHAIN_STAGES_MAX + 1)

struct pipeline {
	const struct chain *chain;
	pid_t pids[CHAIN_STAGES_MAX]; /* 0: has ended */
	int codes[CHAIN_STAGES_MAX];
	size_t started, alive;
	int signals; /* signalfd */
	sigset_t before;
	struct relay relays[RELAYS]; /* stderr of each, and stdout of the last */
	struct screen screen;
	bool in_line; /* the last thing on the terminal is a part of a line */
};

/* Descriptors of one process; -1: ours. */
struct streams {
	int in, out, err;
};

/* ---- Signals ----------------------------------------------------------- */

/* Those that ask to end, if they are not ignored (nohup, a background job); that a child ended; that we go on after ^Z. */
static int take_signals(struct pipeline *pipeline, struct persona_error *err)
{
	static const int asking[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction now;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGCONT);
	for (size_t i = 0; i < sizeof asking / sizeof *asking; i++)
		if (sigaction(asking[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
			sigaddset(&set, asking[i]);
	/* Ignored, children would vanish without a word. */
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_BLOCK, &set, &pipeline->before);
	pipeline->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (pipeline->signals < 0)
		return persona_error_set(err, PERSONA_E_DB, "cannot wait for signals: %s", strerror(errno));
	return 0;
}

static void hand_on(const struct pipeline *pipeline, int number)
{
	for (size_t i = 0; i < pipeline->started; i++)
		if (pipeline->pids[i] && sigqueue(pipeline->pids[i], number, (union sigval){ .sival_int = 0 }) < 0)
			/* Too many are queued for this user: better twice than not at all. */
			(void)kill(pipeline->pids[i], number);
}

/* ---- Starting ------------------------------------------------------------ */

static void take_place(int fd, int place)
{
	if (fd >= 0 && dup2(fd, place) < 0)
		_exit(CLI_DATABASE);
}

static void tell(const struct pipeline *pipeline, size_t position)
{
	struct chain_member member = { .position = (int64_t)position, .budget_nusd = pipeline->chain->budget_nusd };
	char text[CHAIN_MEMBER_SIZE], columns[32];

	memcpy(member.name, pipeline->chain->name, sizeof member.name);
	chain_member_format(&member, text);
	snprintf(columns, sizeof columns, "%zu", pipeline->screen.columns);
	if (setenv(CHAIN_VARIABLE, text, 1) < 0 || (pipeline->chain->prints_table && setenv("COLUMNS", columns, 1) < 0))
		_exit(CLI_DATABASE);
}

/* In the new process. All other descriptors are closed by exec. */
static void become(const struct pipeline *pipeline, size_t position, const struct streams *streams, pid_t parent)
{
	char *const *argv = pipeline->chain->stages[position].argv;
	struct persona_error err = { 0 };

	/* Without us nobody would tell it to end. */
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(128 + SIGTERM);
	sigprocmask(SIG_SETMASK, &pipeline->before, NULL);
	take_place(streams->in, STDIN_FILENO);
	take_place(streams->out, STDOUT_FILENO);
	take_place(streams->err, STDERR_FILENO);
	tell(pipeline, position);
	execvp(argv[0], argv);
	(void)persona_error_set(&err, PERSONA_E_IO, "%s: %s", argv[0], strerror(errno));
	cli_error(&err);
	_exit(CLI_USAGE);
}

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* A pipe; ends[0] is read, ends[1] written. */
static int make_pipe(int ends[2], struct persona_error *err)
{
	if (pipe2(ends, O_CLOEXEC) == 0)
		return 0;
	ends[0] = ends[1] = -1;
	return persona_error_set(err, PERSONA_E_DB, "cannot make a pipe: %s", strerror(errno));
}

static void add_relay(struct pipeline *pipeline, size_t place, int fd, size_t source)
{
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	pipeline->relays[place] = (struct relay){ .fd = fd, .source = source, .is_output = place == CHAIN_STAGES_MAX };
}

/* The next stage reads *input, which is closed here; what is read from this one takes its place. */
static int start_stage(struct pipeline *pipeline, int *input, struct persona_error *err)
{
	const struct chain *chain = pipeline->chain;
	size_t position = pipeline->started;
	bool last = position + 1 == chain->len;
	int out[2] = { -1, -1 }, said[2] = { -1, -1 };
	pid_t parent = getpid(), pid = -1;

	if ((last && !chain->prints_table) || make_pipe(out, err) == 0)
		if (!chain->shows_progress || make_pipe(said, err) == 0) {
			pid = fork();
			if (pid < 0)
				(void)persona_error_set(err, PERSONA_E_DB, "cannot start %s: %s",
							chain->stages[position].stage->name, strerror(errno));
		}
	if (pid == 0)
		become(pipeline, position, &(struct streams){ .in = *input, .out = out[1], .err = said[1] }, parent);
	close_end(input);
	close_end(&out[1]);
	close_end(&said[1]);
	if (said[0] >= 0)
		add_relay(pipeline, position, said[0], position);
	if (last && out[0] >= 0)
		add_relay(pipeline, CHAIN_STAGES_MAX, out[0], position);
	else
		*input = out[0];
	if (pid < 0)
		return -1;
	pipeline->pids[pipeline->started++] = pid;
	pipeline->alive++;
	return 0;
}

static int start(struct pipeline *pipeline, struct persona_error *err)
{
	int input = -1, rc = 0;

	while (!rc && pipeline->started < pipeline->chain->len)
		rc = start_stage(pipeline, &input, err);
	/* After a failure: who writes there is to notice that nobody reads. */
	close_end(&input);
	return rc;
}

/* ---- Terminal ------------------------------------------------------------ */

static void write_whole(int fd, const char *bytes, size_t len)
{
	struct pollfd ready = { .fd = fd, .events = POLLOUT };

	while (len) {
		ssize_t wrote = write(fd, bytes, len);

		if (wrote < 0 && errno == EAGAIN)
			(void)poll(&ready, 1, -1);
		else if (wrote < 0 && errno != EINTR)
			return;
		if (wrote > 0) {
			bytes += wrote;
			len -= (size_t)wrote;
		}
	}
}

static void flush(struct pipeline *pipeline)
{
	struct persona_buf *out = &pipeline->screen.out;

	write_whole(STDERR_FILENO, out->data, out->len);
	persona_buf_clear(out);
}

static void redraw(struct pipeline *pipeline)
{
	struct winsize size;

	if (!pipeline->chain->shows_progress || pipeline->in_line)
		return;
	pipeline->screen.columns = cli_columns(stderr);
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row)
		pipeline->screen.rows = size.ws_row;
	screen_draw(&pipeline->screen);
	flush(pipeline);
}

/* Pass on what is there; false at the end. */
static bool pass_on(struct pipeline *pipeline, struct relay *relay)
{
	char bytes[4096];
	ssize_t got = read(relay->fd, bytes, sizeof bytes);

	if (got < 0)
		return errno == EAGAIN || errno == EINTR;
	if (got == 0) {
		close_end(&relay->fd);
		screen_end(&pipeline->screen, relay->source);
	} else if (relay->is_output) {
		screen_erase(&pipeline->screen);
		flush(pipeline);
		write_whole(STDOUT_FILENO, bytes, (size_t)got);
		pipeline->in_line = bytes[got - 1] != '\n';
	} else {
		screen_feed(&pipeline->screen, relay->source, bytes, (size_t)got);
	}
	return got > 0;
}

/* ---- Waiting --------------------------------------------------------------- */

/* As a shell has it. What nobody asked for is said. */
static int code_of(struct pipeline *pipeline, size_t position, int status)
{
	int number = WTERMSIG(status);
	struct persona_error err = { 0 };

	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	if (number != SIGINT && number != SIGTERM && number != SIGHUP && number != SIGPIPE) {
		screen_erase(&pipeline->screen);
		flush(pipeline);
		(void)persona_error_set(&err, PERSONA_E_IO, "%s was ended by signal %d (%s)",
					pipeline->chain->stages[position].stage->program->name, number,
					strsignal(number));
		cli_error(&err);
	}
	return 128 + number;
}

static void reap(struct pipeline *pipeline)
{
	for (size_t i = 0; i < pipeline->started; i++) {
		int status;

		if (!pipeline->pids[i] || waitpid(pipeline->pids[i], &status, WNOHANG) <= 0)
			continue;
		pipeline->pids[i] = 0;
		pipeline->codes[i] = code_of(pipeline, i, status);
		pipeline->alive--;
	}
}

static void read_signals(struct pipeline *pipeline)
{
	struct signalfd_siginfo info;

	while (read(pipeline->signals, &info, sizeof info) == (ssize_t)sizeof info)
		if (info.ssi_signo == SIGCHLD)
			reap(pipeline);
		else if (info.ssi_signo == SIGCONT)
			/* The shell has written below our lines. */
			pipeline->screen.drawn = 0;
		else
			hand_on(pipeline, (int)info.ssi_signo);
}

static void wait_for_all(struct pipeline *pipeline)
{
	struct pollfd events[RELAYS + 1];

	while (pipeline->alive) {
		for (size_t i = 0; i < RELAYS; i++)
			events[i] = (struct pollfd){ .fd = pipeline->relays[i].fd, .events = POLLIN };
		events[RELAYS] = (struct pollfd){ .fd = pipeline->signals, .events = POLLIN };
		if (poll(events, RELAYS + 1, -1) < 0)
			continue;
		for (size_t i = 0; i < RELAYS; i++)
			if (events[i].revents)
				(void)pass_on(pipeline, &pipeline->relays[i]);
		if (events[RELAYS].revents)
			read_signals(pipeline);
		redraw(pipeline);
	}
	/* All that they wrote is in the pipes by now. */
	for (size_t i = 0; i < RELAYS; i++)
		while (pipeline->relays[i].fd >= 0 && pass_on(pipeline, &pipeline->relays[i]))
			;
}

/* ---- The whole ------------------------------------------------------------- */

static void pipeline_init(struct pipeline *pipeline, const struct chain *chain)
{
	*pipeline = (struct pipeline){ .chain = chain, .signals = -1 };
	for (size_t i = 0; i < RELAYS; i++)
		pipeline->relays[i].fd = -1;
	screen_init(&pipeline->screen, chain->len);
	pipeline->screen.columns = cli_columns(stderr);
}

static void pipeline_release(struct pipeline *pipeline)
{
	screen_erase(&pipeline->screen);
	flush(pipeline);
	for (size_t i = 0; i < RELAYS; i++)
		close_end(&pipeline->relays[i].fd);
	screen_release(&pipeline->screen);
	if (pipeline->signals < 0)
		return;
	close(pipeline->signals);
	sigprocmask(SIG_SETMASK, &pipeline->before, NULL);
}

int chain_run(const struct chain *chain)
{
	struct pipeline pipeline;
	struct persona_error err = { 0 };
	int code = CLI_OK;

	pipeline_init(&pipeline, chain);
	if (take_signals(&pipeline, &err) < 0 || start(&pipeline, &err) < 0) {
		code = cli_fail(&err);
		hand_on(&pipeline, SIGTERM);
	}
	/* A terminal that has gone must not keep us from waiting for all. */
	signal(SIGPIPE, SIG_IGN);
	wait_for_all(&pipeline);
	if (!code)
		code = chain_worst(pipeline.codes, pipeline.started);
	pipeline_release(&pipeline);
	return code;
}

static bool is_first_of_its_kind(const struct chain *chain, size_t position)
{
	for (size_t i = 0; i < position; i++)
		if (chain->stages[i].stage == chain->stages[position].stage)
			return false;
	return true;
}

int chain_rehearse(const struct chain *chain, const struct cli_values *values)
{
	int codes[CHAIN_STAGES_MAX];
	size_t len = 0;

	for (size_t i = 0; i < chain->len; i++) {
		struct chain one = { .stages[0] = chain->stages[i], .len = 1, .budget_nusd = chain->budget_nusd };

		if (!cli_takes(one.stages[0].stage->program, CLI_DRY_RUN) || !is_first_of_its_kind(chain, i))
			continue;
		if (i && access(values->db, F_OK) < 0) {
			cli_say("%s: there is no database yet, so nothing is known of what it would do",
				one.stages[0].stage->name);
			continue;
		}
		if (i)
			cli_say("%s: with what is pending in the database now, not with what the chain would make",
				one.stages[0].stage->name);
		memcpy(one.name, chain->name, sizeof one.name);
		codes[len++] = chain_run(&one);
	}
	if (!len)
		cli_say("no stage of the chain has anything to ask");
	return chain_worst(codes, len);
}
