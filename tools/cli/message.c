/* Messages on stderr, exit codes, streams. */
#include <errno.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli.h"

static const struct cli_program *current;
static const struct cli_values *said;

static void sink(void *payload, enum persona_log_level level, const char *text)
{
	(void)payload;
	if ((said->quiet && level != PERSONA_LOG_FAILURE) || (level == PERSONA_LOG_DEBUG && !said->verbose))
		return;
	cli_progress_clear();
	fprintf(stderr, "%s: %s\n", current->name, text);
}

void cli_messages(const struct cli_program *program, const struct cli_values *values)
{
	current = program;
	said = values;
	/* A line is one write: several programs of a pipe write to one terminal. */
	(void)setvbuf(stderr, NULL, _IOLBF, 0);
	persona_log_set_sink(sink, NULL);
}

void cli_error(const struct persona_error *err)
{
	cli_progress_clear();
	fprintf(stderr, "%s: %s\n", current->name, *err->text ? err->text : persona_error_name(err->code));
}

PERSONA_PRINTF(1, 0) static void say(const char *format, va_list args)
{
	cli_progress_clear();
	fprintf(stderr, "%s: ", current->name);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

void cli_say(const char *format, ...)
{
	va_list args;

	if (said->quiet)
		return;
	va_start(args, format);
	say(format, args);
	va_end(args);
}

void cli_complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
}

enum cli_exit cli_exit_code(enum persona_error_code code)
{
	switch (code) {
	case PERSONA_OK:
		return CLI_OK;
	case PERSONA_E_DB:
	case PERSONA_E_FULL:
	case PERSONA_E_BUSY:
	case PERSONA_E_NOMEM:
		return CLI_DATABASE;
	default:
		return CLI_USAGE;
	}
}

int cli_fail(const struct persona_error *err)
{
	cli_error(err);
	if (err->code == PERSONA_E_USAGE)
		fprintf(stderr, "try '%s --help'\n", current->name);
	return cli_exit_code(err->code);
}

int cli_leave(int code)
{
	int number = code - 128;

	if (number != SIGINT && number != SIGTERM && number != SIGHUP && number != SIGPIPE)
		return code;
	signal(number, SIG_DFL);
	raise(number);
	return code;
}

int64_t cli_nusd(double usd)
{
	return usd < 0 ? -1 : (int64_t)(usd * 1e9 + 0.5);
}

const char *cli_plural(int64_t count)
{
	return count == 1 ? "" : "s";
}

int cli_written(FILE *out, struct persona_error *err)
{
	if (ferror(out))
		return persona_error_set(err, PERSONA_E_DB, "cannot write the output: %s", strerror(errno));
	return 0;
}

int cli_flush(FILE *out, struct persona_error *err)
{
	/* stdio tries again what it could not write, so errno is of now. */
	(void)fflush(out);
	return cli_written(out, err);
}

size_t cli_columns(FILE *out)
{
	struct winsize size;
	const char *variable = getenv("COLUMNS");

	if (ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
		return size.ws_col;
	if (variable) {
		long columns = strtol(variable, NULL, 10);

		if (columns >= 40 && columns <= 1000)
			return (size_t)columns;
	}
	return 120;
}
