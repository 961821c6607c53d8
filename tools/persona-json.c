/* persona-json: the JSON that a text means, as a filter for any pipeline. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "cli/extract.h"

static const enum cli_option options[] = { CLI_ARRAY,  CLI_OBJECT,  CLI_ENVELOPE, CLI_STRICT, CLI_NO_REPAIR,
					   CLI_PRETTY, CLI_COMPACT, CLI_JSONL,	  CLI_OPTIONS };

static const struct cli_program program = {
	.name = "persona-json",
	.operands = "[FILE … | -]",
	.summary = "Find the JSON that a model's answer holds, mend it, and print it on one line.",
	.details = "Without a FILE, stdin is read. Exit code 1, and nothing printed: there is no JSON in it.\n"
		   "--jsonl: {\"id\": TEXT, \"input\": TEXT} on each line; the manual says what comes back.",
	.options = options,
	.no_database = true,
};

static int check(const struct cli_values *values, struct persona_error *err)
{
	if (values->array && values->object)
		return persona_error_set(err, PERSONA_E_USAGE, "--array and --object are two wishes; use one");
	if (values->envelopes.len && (values->strict || (!values->array && !values->object)))
		return persona_error_set(err, PERSONA_E_USAGE, "--envelope goes with --array or --object, not %s",
					 values->strict ? "with --strict" : "alone");
	if (values->pretty && (values->compact || values->jsonl))
		return persona_error_set(err, PERSONA_E_USAGE, "--pretty takes several lines, --%s one; use one",
					 values->jsonl ? "jsonl" : "compact");
	return 0;
}

/* What is worth knowing about it; that something is missing always is. */
static void say(const char *name, const struct persona_json_report *report, bool verbose)
{
	if (report->truncated)
		cli_say("%s: the text ends too early: what was not complete is missing", name);
	if (verbose)
		cli_say("%s: %s, of %zu candidate%s", name, report->repaired ? "mended" : "as it stood",
			report->candidates, cli_plural((int64_t)report->candidates));
}

static int print(const json_t *value, bool pretty, struct persona_error *err)
{
	char *text = pretty ? persona_json_pretty(value, err) : persona_json_compact(value, err);

	if (!text)
		return -1;
	puts(text);
	free(text);
	return cli_flush(stdout, err);
}

static int filter(int fd, const char *name, const struct cli_values *values, const struct cli_extract *wish,
		  struct persona_error *err)
{
	struct persona_json_report report;
	struct persona_error why = { 0 };
	struct persona_buf text;
	json_t *value = NULL;
	int rc;

	persona_buf_init(&text, PERSONA_JSON_MAX_SIZE);
	rc = persona_buf_read(&text, fd, &why);
	if (!rc)
		rc = cli_extract(&value, text.data, text.len, wish, &report, &why);
	else if (why.code == PERSONA_E_FORMAT)
		rc = 0;
	if (rc > 0) {
		say(name, &report, values->verbose);
		rc = print(value, values->pretty, err) < 0 ? -1 : CLI_OK;
	} else if (rc == 0) {
		cli_say("%s: %s", name, why.text);
		rc = CLI_INCOMPLETE;
	} else {
		(void)persona_error_set(err, why.code, "%s: %s", name, why.text);
	}
	json_decref(value);
	persona_buf_release(&text);
	return rc;
}

/* One input: its exit code, or -1. */
static int run_one(const char *path, const struct cli_values *values, const struct cli_extract *wish,
		   struct persona_error *err)
{
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	int code;

	if (fd < 0)
		return persona_error_set(err, PERSONA_E_IO, "%s: %s", path, strerror(errno));
	if (values->jsonl)
		code = cli_extract_lines(fd, stdout, wish, err);
	else
		code = filter(fd, is_stdin ? "stdin" : path, values, wish, err);
	if (!is_stdin)
		close(fd);
	return code;
}

/* The inputs in order; the first that cannot be read, or written, is the last. */
static int run(const struct cli_values *values, struct persona_error *err)
{
	static const char *standard = "-";
	const char **paths = values->operands.len ? values->operands.items : &standard;
	size_t len = values->operands.len ? values->operands.len : 1;
	struct cli_extract wish = {
		.strict = values->strict,
		.array = values->array,
		.object = values->object,
		.options = { .no_repair = values->no_repair },
	};
	const char **names = calloc(values->envelopes.len + 1, sizeof *names);
	int code = CLI_OK;

	if (!names)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t i = 0; i < values->envelopes.len; i++)
		names[i] = values->envelopes.items[i];
	wish.names = names;
	for (size_t i = 0; i < len && code >= 0; i++) {
		int one = run_one(paths[i], values, &wish, err);

		code = one < 0 || one > code ? one : code;
	}
	free(names);
	return code;
}

int main(int argc, char **argv)
{
	struct cli_values values;
	struct persona_error err = { 0 };
	int code = cli_parse(&program, &values, argc, argv);

	if (code >= 0)
		return code;
	code = check(&values, &err) < 0 ? -1 : run(&values, &err);
	if (code < 0)
		code = cli_fail(&err);
	cli_release(&values);
	return code;
}
