/* persona-forget: a respondent withdraws, and nothing of what was said stays. */
#include "cli/cli.h"

#define TARGETS_MAX 1000

static const enum cli_option options[] = { CLI_FORGET_DRY_RUN, CLI_OPTIONS };

static const struct cli_program program = {
	.name = "persona-forget",
	.operands = "record:ID | source:ID | batch:ID | PERSONA …",
	.summary = "Remove records, sources, batches or personas, and every trace of their text, for good.",
	.details = "A record is named by its number or its place (record:interviews.csv:17), a source by number or\n"
		   "file, a batch by number or label. Personas that rest on a record alone go with it; others lose\n"
		   "what was taken from it and wait to be scored anew.",
	.options = options,
};

static const struct {
	const char *prefix;
	enum persona_forget_kind kind;
} prefixes[] = {
	{ "record:", PERSONA_FORGET_RECORD },
	{ "source:", PERSONA_FORGET_SOURCE },
	{ "batch:", PERSONA_FORGET_BATCH },
	{ "persona:", PERSONA_FORGET_PERSONA },
};

static int read_target(struct persona_forget_target *out, const char *text, struct persona_error *err)
{
	for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
		size_t len = strlen(prefixes[i].prefix);

		if (strncmp(text, prefixes[i].prefix, len) == 0 && text[len]) {
			*out = (struct persona_forget_target){ prefixes[i].kind, text + len };
			return 0;
		}
	}
	if (!*text || text[strspn(text, "0123456789")])
		return persona_error_set(
			err, PERSONA_E_USAGE,
			"'%.60s' is none of record:ID, source:ID, batch:ID and the number of a persona", text);
	*out = (struct persona_forget_target){ PERSONA_FORGET_PERSONA, text };
	return 0;
}

static int print(const struct persona_forgotten *gone, bool dry_run, struct persona_error *err)
{
	const struct {
		int64_t count;
		const char *one, *many;
	} lines[] = {
		{ gone->records, "record", "records" },
		{ gone->sources, "source", "sources" },
		{ gone->batches, "batch", "batches" },
		{ gone->personas, "persona", "personas" },
		{ gone->revisions, "other revision changed", "other revisions changed" },
		{ gone->items, "item of those", "items of those" },
		{ gone->calls, "prompt and its answer", "prompts and answers" },
		{ gone->scores, "score to be made anew", "scores to be made anew" },
	};

	printf("%s\n", dry_run ? "would be forgotten:" : "forgotten:");
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		printf("%8lld %s\n", (long long)lines[i].count, lines[i].count == 1 ? lines[i].one : lines[i].many);
	return cli_flush(stdout, err);
}

static int forget(const struct cli_values *values, struct persona_error *err)
{
	struct persona_forget_target targets[TARGETS_MAX];
	struct persona_forgotten gone;
	struct persona_store *store = NULL;
	size_t len = values->operands.len;
	int rc = 0;

	if (!len || values->reads_stdin)
		return persona_error_set(err, PERSONA_E_USAGE, "say what to forget");
	if (len > TARGETS_MAX)
		return persona_error_set(err, PERSONA_E_USAGE, "at most %d at once", TARGETS_MAX);
	for (size_t i = 0; i < len && !rc; i++)
		rc = read_target(&targets[i], values->operands.items[i], err);
	if (!rc)
		rc = persona_store_open(&store, values->db, PERSONA_STORE_WRITE, NULL, err);
	if (!rc)
		rc = persona_store_forget(store, targets, len, values->dry_run, &gone, err);
	persona_store_close(store);
	if (rc < 0 && err->code == PERSONA_E_NOTFOUND)
		err->code = PERSONA_E_USAGE;
	return rc ? rc : print(&gone, values->dry_run, err);
}

int main(int argc, char **argv)
{
	struct cli_values values;
	struct persona_error err = { 0 };
	int code = cli_parse(&program, &values, argc, argv);

	if (code >= 0)
		return code;
	code = forget(&values, &err) < 0 ? cli_fail(&err) : CLI_OK;
	cli_release(&values);
	return code;
}
