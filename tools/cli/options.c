/* The one table of options, the parser and the help that follow from it. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <math.h>
#include <unistd.h>

#include "cli.h"
#include "persona/text.h"

enum type { FLAG, TEXT, OPTIONAL, CHOICE, WHOLE, NUMBER, LIST };

struct option_row {
	const char *name;
	char letter; /* 0: none */
	enum type type;
	size_t offset;	      /* into struct cli_values */
	const char *argument; /* as in --help */
	double least, most;   /* WHOLE, NUMBER */
	const char *choices;  /* CHOICE: separated by '|' */
	const char *help;
};

#define AT(member) offsetof(struct cli_values, member)

/* clang-format off */
static const struct option_row rows[CLI_OPTIONS] = {
	[CLI_STAGES] = { "stages", 0, TEXT, AT(stages), "NAME,…", 0, 0, NULL,
		"which, in what order (draft,score,filter,refine,score; without --from all but draft)" },
	[CLI_FROM] = { "from", 'f', LIST, AT(from), "FILE", 0, 0, NULL,
		"research data: a file, a folder, or - for stdin; may be repeated" },
	[CLI_COUNT] = { "count", 'n', WHOLE, AT(count), "N", 1, 1000000, NULL, "number of personas" },
	[CLI_LABEL] = { "label", 0, TEXT, AT(label), "NAME", 0, 0, NULL, "another batch from the same data, found again by this name" },
	[CLI_INPUT_FORMAT] = { "format", 0, CHOICE, AT(input_format), "FORMAT", 0, 0, "csv|tsv|json|jsonl|markdown|text|html|ids|table",
		"what the data are, where the extension does not say it" },
	[CLI_UNIT] = { "unit", 0, CHOICE, AT(unit), "UNIT", 0, 0, "file|section|speaker|turn|row|participant",
		"what one respondent is: a file, section, speaker, turn, row or participant" },
	[CLI_ID_COLUMN] = { "id-column", 0, TEXT, AT(id_column), "NAME", 0, 0, NULL,
		"rows with the same value in this column are one respondent" },
	[CLI_IGNORE_COLUMN] = { "ignore-column", 0, LIST, AT(ignored), "NAME", 0, 0, NULL,
		"leave this column out; may be repeated" },
	[CLI_TEXT_COLUMN] = { "text-column", 0, LIST, AT(texts), "NAME", 0, 0, NULL,
		"this column is open text, whatever it looks like; may be repeated" },
	[CLI_BATCH_SIZE] = { "batch-size", 0, WHOLE, AT(batch_size), "N", 1, 1000, NULL, "personas made at a time (10)" },
	[CLI_MODEL] = { "model", 'm', TEXT, AT(model), "PROVIDER:MODEL", 0, 0, NULL, "who makes the answers (offline:)" },
	[CLI_PROMPT] = { "prompt", 0, TEXT, AT(prompt), "FILE", 0, 0, NULL, "instructions for the model, instead of those that come with it" },
	[CLI_BASE_URL] = { "base-url", 0, TEXT, AT(base_url), "URL", 0, 0, NULL, "where the model is, instead of its provider's own address" },
	[CLI_JOBS] = { "jobs", 'j', WHOLE, AT(jobs), "N", 1, 10000, NULL, "requests at once (10)" },
	[CLI_TEMPERATURE] = { "temperature", 0, NUMBER, AT(temperature), "T", 0, 2, NULL, "how freely the model answers (0.7; judge 0)" },
	[CLI_MAX_TOKENS] = { "max-tokens", 0, WHOLE, AT(max_tokens), "N", 1, 1000000, NULL, "longest answer to one request, in tokens (draft 4096, refine 2048, judge 1024)" },
	[CLI_CONTEXT_TOKENS] = { "context-tokens", 0, WHOLE, AT(context_tokens), "N", 256, 100000000, NULL,
		"what the model can take; larger data are dealt over the calls" },
	[CLI_TIMEOUT] = { "timeout", 0, NUMBER, AT(timeout), "SECONDS", 0.001, 86400, NULL, "longest wait for one answer (120; ollama 600)" },
	[CLI_RETRIES] = { "retries", 0, WHOLE, AT(retries), "N", 0, 100, NULL, "attempts after one that failed (4)" },
	[CLI_MAX_WAIT] = { "max-wait", 0, NUMBER, AT(max_wait), "SECONDS", 0.001, 86400, NULL, "give up where the provider only tells to wait for so long (600)" },
	[CLI_MAX_COST] = { "max-cost", 0, NUMBER, AT(max_cost), "USD", 0, 1000000, NULL, "spend no more than this in this run" },
	[CLI_PRICE] = { "price", 0, TEXT, AT(price), "IN:OUT", 0, 0, NULL, "price in USD per million tokens, where it is not known" },
	[CLI_RPM] = { "rpm", 0, WHOLE, AT(rpm), "N", 1, 1000000, NULL, "requests per minute, of all processes together" },
	[CLI_TPM] = { "tpm", 0, WHOLE, AT(tpm), "N", 1, 1000000000, NULL, "tokens per minute, of all processes together" },
	[CLI_PER_HOST] = { "per-host", 0, WHOLE, AT(per_host), "N", 1, 10000, NULL, "connections to one host at once (as -j)" },
	[CLI_CONNECT_TIMEOUT] = { "connect-timeout", 0, NUMBER, AT(connect_timeout), "SECONDS", 0.001, 86400, NULL, "longest wait for a connection (10)" },
	[CLI_IDLE] = { "idle", 0, NUMBER, AT(idle), "SECONDS", 0.001, 86400, NULL, "close connections unused for so long (60)" },
	[CLI_CA_FILE] = { "ca-file", 0, TEXT, AT(ca_file), "FILE", 0, 0, NULL, "trust these certificates (PEM) instead of the system's" },
	[CLI_LOCAL_ONLY] = { "local-only", 0, FLAG, AT(local_only), NULL, 0, 0, NULL, "refuse a model that is not on this host" },
	[CLI_FRESH] = { "fresh", 0, FLAG, AT(fresh), NULL, 0, 0, NULL, "ask anew, even where an answer is at hand" },
	[CLI_DRY_RUN] = { "dry-run", 0, FLAG, AT(dry_run), NULL, 0, 0, NULL, "say what would be asked and what it may cost; send and write nothing" },
	[CLI_FORGET_DRY_RUN] = { "dry-run", 0, FLAG, AT(dry_run), NULL, 0, 0, NULL, "say what would go; change nothing" },
	[CLI_PENDING] = { "pending", 0, FLAG, AT(pending), NULL, 0, 0, NULL, "everything that is left to do under these settings" },
	[CLI_PROFILE] = { "profile", 0, TEXT, AT(profile), "NAME", 0, 0, NULL, "how metrics are weighed: default, strict, lenient, or FILE.json" },
	[CLI_WEIGHT] = { "weight", 0, LIST, AT(weights), "METRIC=W", 0, 0, NULL, "another weight for a metric; may be repeated" },
	[CLI_METRIC] = { "metric", 0, LIST, AT(metrics), "NAME=FILE.sql", 0, 0, NULL,
		"a metric of your own: a query that yields revision_id, value, issues; may be repeated" },
	[CLI_LIST_METRICS] = { "list-metrics", 0, FLAG, AT(list_metrics), NULL, 0, 0, NULL, "say which metrics there are" },
	[CLI_LIST_PROFILES] = { "list-profiles", 0, FLAG, AT(list_profiles), NULL, 0, 0, NULL, "say which profiles there are" },
	[CLI_EXPLAIN] = { "explain", 0, FLAG, AT(explain), NULL, 0, 0, NULL, "say how the scores that are there came about; score and write nothing" },
	[CLI_JUDGE] = { "judge", 0, OPTIONAL, AT(judge), "[MODEL]", 0, 0, NULL, "ask a model instead of going by the score (PERSONA_JUDGE_MODEL)" },
	[CLI_CRITERIA] = { "criteria", 0, TEXT, AT(criteria), "NAME,…", 0, 0, NULL,
		"what the judge looks at (coherence,realism,usefulness)" },
	[CLI_VOTES] = { "votes", 0, WHOLE, AT(votes), "K", 1, 99, NULL, "ask the judge so often, and go by the median (1)" },
	[CLI_SCALE] = { "scale", 0, NUMBER, AT(scale), "N", 1, 1000, NULL, "the best score that your own --prompt asks for (100)" },
	[CLI_THRESHOLD] = { "threshold", 't', NUMBER, AT(threshold), "N", 0, 100, NULL, "least score that passes (60; with --judge 70)" },
	[CLI_ONLY] = { "only", 0, CHOICE, AT(only), "pass|fail", 0, 0, "pass|fail", "pass on only those" },
	[CLI_MAX_ROUNDS] = { "max-rounds", 0, WHOLE, AT(max_rounds), "N", 0, 1000, NULL, "refinements that a revision may have behind it (2)" },
	[CLI_UNJUDGED] = { "unjudged", 0, FLAG, AT(unjudged), NULL, 0, 0, NULL, "also refine what has no verdict" },
	[CLI_SHOW_FORMAT] = { "format", 0, CHOICE, AT(show_format), "FORMAT", 0, 0, "table|json|jsonl|csv", "table, json, jsonl, csv" },
	[CLI_WHICH] = { "revisions", 0, CHOICE, AT(which), "WHICH", 0, 0, "best|current|all",
		"without references: best (the default), current or all revisions" },
	[CLI_FULL] = { "full", 0, FLAG, AT(full), NULL, 0, 0, NULL, "with items, their evidence and scores by metric" },
	[CLI_JSON] = { "json", 0, FLAG, AT(json), NULL, 0, 0, NULL, "as one JSON object" },
	[CLI_ARRAY] = { "array", 0, FLAG, AT(array), NULL, 0, 0, NULL, "an array, whatever was answered: one object becomes an array of one" },
	[CLI_OBJECT] = { "object", 0, FLAG, AT(object), NULL, 0, 0, NULL, "one object, or the only one of an array" },
	[CLI_ENVELOPE] = { "envelope", 0, LIST, AT(envelopes), "NAME", 0, 0, NULL,
		"with --array or --object: what is wanted may be the member NAME; may be repeated" },
	[CLI_STRICT] = { "strict", 0, FLAG, AT(strict), NULL, 0, 0, NULL, "the whole text has to be JSON (RFC 8259); scalars are, too" },
	[CLI_NO_REPAIR] = { "no-repair", 0, FLAG, AT(no_repair), NULL, 0, 0, NULL, "find it, but take nothing that has to be mended or was cut" },
	[CLI_PRETTY] = { "pretty", 0, FLAG, AT(pretty), NULL, 0, 0, NULL, "indented, on several lines" },
	[CLI_COMPACT] = { "compact", 0, FLAG, AT(compact), NULL, 0, 0, NULL, "on one line, the default" },
	[CLI_JSONL] = { "jsonl", 0, FLAG, AT(jsonl), NULL, 0, 0, NULL, "a request per line in, an answer per line out" },
	[CLI_REF_FORMAT] = { "format", 0, CHOICE, AT(ref_format), "ids|table", 0, 0, "ids|table",
		"references, or a table (the default at a terminal)" },
	[CLI_LIMIT] = { "limit", 0, WHOLE, AT(limit), "N", 1, 1000000000, NULL, "work on so many at most, pass the others on" },
	[CLI_SHOW_LIMIT] = { "limit", 0, WHOLE, AT(limit), "N", 1, 1000000000, NULL, "print so many at most" },
	[CLI_SHOW_LABEL] = { "label", 0, TEXT, AT(label), "NAME", 0, 0, NULL, "without references: only the batch of this name" },
	[CLI_RETRY] = { "retry", 0, CHOICE, AT(retry), "CLASS|all", 0, 0,
		"all|auth|quota|rate|server|timeout|network|refused|truncated|unparsable|invalid|budget",
		"try parked rows of this class again" },
	[CLI_NO_WAIT] = { "no-wait", 0, FLAG, AT(no_wait), NULL, 0, 0, NULL, "do not wait for what another process works on" },
	[CLI_PROGRESS] = { "progress", 0, CHOICE, AT(progress), "WHEN", 0, 0, "auto|always|never",
		"auto (at a terminal), always or never" },
	[CLI_DB] = { "db", 0, TEXT, AT(db), "PATH", 0, 0, NULL, "the database (PERSONA_DB, else personas.db)" },
	[CLI_QUIET] = { "quiet", 'q', FLAG, AT(quiet), NULL, 0, 0, NULL, "only errors on stderr" },
	[CLI_VERBOSE] = { "verbose", 'v', FLAG, AT(verbose), NULL, 0, 0, NULL, "more on stderr" },
	[CLI_HELP] = { "help", 'h', FLAG, 0, NULL, 0, 0, NULL, "this page" },
	[CLI_VERSION] = { "version", 0, FLAG, 0, NULL, 0, 0, NULL, "name and version" },
};
/* clang-format on */

static const enum cli_option common[] = { CLI_DB, CLI_QUIET, CLI_VERBOSE, CLI_HELP, CLI_VERSION };

bool cli_is_common(enum cli_option option)
{
	for (size_t i = 0; i < sizeof common / sizeof *common; i++)
		if (common[i] == option)
			return true;
	return false;
}

bool cli_takes(const struct cli_program *program, enum cli_option option)
{
	for (const enum cli_option *id = program->options; *id != CLI_OPTIONS; id++)
		if (*id == option)
			return true;
	return false;
}

const char *cli_option_name(enum cli_option option)
{
	return rows[option].name;
}

/* ---- What a program takes -------------------------------------------- */

#define TABLE_MAX 512 /* options of a program, those of its stages among them */
#define NAME_SIZE 40  /* bytes of a name such as "draft-model" */
#define LONG_OPTION                                                                                                    \
	1000 /* what getopt gives for a long one: this, its number, and its stage times the number of options */

struct table {
	struct option longs[TABLE_MAX + 1];
	char names[TABLE_MAX][NAME_SIZE];
	char letters[2 * CLI_OPTIONS + 2];
	size_t len;
};

static enum cli_option option_of(int value)
{
	return (enum cli_option)((value - LONG_OPTION) % CLI_OPTIONS);
}

/* Whose option it is: as in --draft-model, else NULL. */
static const struct cli_stage *stage_of(const struct cli_program *program, int value)
{
	int number = (value - LONG_OPTION) / CLI_OPTIONS;

	return number ? &program->stages[number - 1] : NULL;
}

/* stage 0: the option by itself, else with the name of that stage, counted from 1. */
static void table_add(struct table *table, const struct cli_program *program, enum cli_option id, int stage)
{
	const struct option_row *row = &rows[id];
	size_t end = strlen(table->letters);
	char *name = table->names[table->len];

	if (table->len == TABLE_MAX)
		return;
	snprintf(name, NAME_SIZE, "%s%s%s", stage ? program->stages[stage - 1].name : "", stage ? "-" : "", row->name);
	table->longs[table->len++] = (struct option){
		.name = name,
		.has_arg = row->type == FLAG	   ? no_argument
			   : row->type == OPTIONAL ? optional_argument
						   : required_argument,
		.val = LONG_OPTION + stage * CLI_OPTIONS + (int)id,
	};
	if (row->letter && !stage)
		snprintf(table->letters + end, sizeof table->letters - end, "%c%s", row->letter,
			 row->type == FLAG ? "" : ":");
}

/* Is an option of this name among the first so many? */
static bool table_has(const struct table *table, size_t len, enum cli_option id)
{
	for (size_t i = 0; i < len; i++)
		if (strcmp(table->longs[i].name, rows[id].name) == 0)
			return true;
	return false;
}

/*
 * What the stages take: each option once by itself, and once with the name of each stage, but for those that the
 * program has.
 */
static void add_of_stages(struct table *table, const struct cli_program *program)
{
	size_t own = table->len;

	for (int i = 0; program->stages && program->stages[i].name; i++)
		for (const enum cli_option *id = program->stages[i].program->options; *id != CLI_OPTIONS; id++) {
			/* These say something instead of working. */
			if (*id == CLI_LIST_METRICS || *id == CLI_LIST_PROFILES || *id == CLI_EXPLAIN ||
			    table_has(table, own, *id))
				continue;
			if (!table_has(table, table->len, *id))
				table_add(table, program, *id, 0);
			table_add(table, program, *id, i + 1);
		}
}

static void table_make(struct table *table, const struct cli_program *program)
{
	*table = (struct table){ .letters = ":" };
	for (const enum cli_option *id = program->options; *id != CLI_OPTIONS; id++)
		table_add(table, program, *id, 0);
	add_of_stages(table, program);
	for (size_t i = program->no_database ? 1 : 0; i < sizeof common / sizeof *common; i++)
		table_add(table, program, common[i], 0);
}

/* ---- Help ------------------------------------------------------------ */

#define HELP_INDENT 28

static void help_row(enum cli_option id)
{
	const struct option_row *row = &rows[id];
	char left[64];
	size_t width;

	snprintf(left, sizeof left, "%c%c%s --%s%s%s", row->letter ? '-' : ' ', row->letter ? row->letter : ' ',
		 row->letter ? "," : " ", row->name, row->argument ? " " : "", row->argument ? row->argument : "");
	width = persona_text_width(left, strlen(left));
	if (width < HELP_INDENT)
		printf("  %s%*s%s\n", left, (int)(HELP_INDENT - width), "", row->help);
	else
		printf("  %s\n  %*s%s\n", left, HELP_INDENT, "", row->help);
}

static void help(const struct cli_program *program, const struct table *table)
{
	printf("usage: %s [OPTION …]%s%s\n\n%s\n", program->name, *program->operands ? " " : "", program->operands,
	       program->summary);
	if (program->details)
		printf("\n%s\n", program->details);
	printf("\n");
	for (size_t i = 0; i < table->len; i++)
		if (!stage_of(program, table->longs[i].val))
			help_row(option_of(table->longs[i].val));
}

/* ---- Values ---------------------------------------------------------- */

static int list_add(struct cli_list *list, const char *text, struct persona_error *err)
{
	const char **items = reallocarray(list->items, list->len + 1, sizeof *items);

	if (!items)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	list->items = items;
	items[list->len++] = text;
	return 0;
}

static int is_choice(const char *choices, const char *text)
{
	size_t len = strlen(text);

	for (const char *at = choices; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL)
		if (len && strncmp(at, text, len) == 0 && (at[len] == '|' || at[len] == '\0'))
			return 1;
	return 0;
}

static int set_number(const struct option_row *row, void *target, const char *text, struct persona_error *err)
{
	char *end = NULL, name[32];
	double value;

	if (row->letter)
		snprintf(name, sizeof name, "-%c", row->letter);
	else
		snprintf(name, sizeof name, "--%s", row->name);
	errno = 0;
	value = strtod(text, &end);
	if (text[strspn(text, "0123456789.+-")] || end == text || *end || errno || !isfinite(value) ||
	    (row->type == WHOLE && value != trunc(value)))
		return persona_error_set(err, PERSONA_E_USAGE, "%s takes a %snumber, not '%.60s'", name,
					 row->type == WHOLE ? "whole " : "", text);
	if (value < row->least || value > row->most)
		return persona_error_set(err, PERSONA_E_USAGE, "%s takes a number from %.10g to %.10g, not %.60s", name,
					 row->least, row->most, text);
	if (row->type == WHOLE)
		*(int64_t *)target = (int64_t)value;
	else
		*(double *)target = value;
	return 0;
}

static int set_value(const struct option_row *row, struct cli_values *values, const char *text,
		     struct persona_error *err)
{
	void *target = (char *)values + row->offset;

	switch (row->type) {
	case FLAG:
		*(bool *)target = true;
		return 0;
	case CHOICE:
		if (!is_choice(row->choices, text))
			return persona_error_set(err, PERSONA_E_USAGE, "--%s takes %s, not '%.60s'", row->name,
						 row->choices, text);
		/* How the data are read and how references are printed: the words are different, and both may be said. */
		if (row == &rows[CLI_INPUT_FORMAT] && is_choice(rows[CLI_REF_FORMAT].choices, text))
			values->ref_format = text;
		else
			*(const char **)target = text;
		return 0;
	case TEXT:
		*(const char **)target = text;
		return 0;
	case OPTIONAL:
		*(const char **)target = text ? text : "";
		return 0;
	case LIST:
		return list_add(target, text, err);
	default:
		return set_number(row, target, text, err);
	}
}

/* ---- Parsing --------------------------------------------------------- */

/* The same as for its long name; -1: there is none. */
static int value_of_letter(const struct table *table, int letter)
{
	for (size_t i = 0; i < table->len; i++)
		if (rows[option_of(table->longs[i].val)].letter == letter)
			return LONG_OPTION + (int)option_of(table->longs[i].val);
	return -1;
}

/* Options that are meant for another program are the usual mistake: name what was typed. */
static int complain(int kind, char **argv, struct persona_error *err)
{
	const char *typed = argv[optind - 1];

	if (kind == ':')
		return persona_error_set(err, PERSONA_E_USAGE, "option '%.60s' needs a value", typed);
	if (optopt > 0 && optopt < LONG_OPTION)
		return persona_error_set(err, PERSONA_E_USAGE, "unknown option '-%c'", optopt);
	if (optopt >= LONG_OPTION)
		return persona_error_set(err, PERSONA_E_USAGE, "option '%.*s' takes no value", (int)strcspn(typed, "="),
					 typed);
	return persona_error_set(err, PERSONA_E_USAGE, "unknown option '%.60s'", typed);
}

static int read_operands(struct cli_values *values, int argc, char **argv, struct persona_error *err)
{
	for (int i = optind; i < argc; i++) {
		if (strcmp(argv[i], "-") == 0)
			values->reads_stdin = true;
		if (list_add(&values->operands, argv[i], err) < 0)
			return -1;
	}
	return 0;
}

/* "openai:gpt-4o", which no reference and no "-" does. */
static bool looks_like_a_model(const char *text)
{
	size_t word = strspn(text, "abcdefghijklmnopqrstuvwxyz");

	return word && (text[word] == ':' || strcmp(text, "offline") == 0);
}

/* One option: kept in values, or with the name of a stage in front only looked at and remembered. */
static int take_option(const struct cli_program *program, struct cli_values *values, int value, const char *text,
		       struct persona_error *err)
{
	const struct cli_stage *stage = stage_of(program, value);
	enum cli_option id = option_of(value);
	struct cli_values of_stage = { 0 };
	struct cli_typed *typed;
	int rc = set_value(&rows[id], stage ? &of_stage : values, text, err);

	cli_release(&of_stage);
	if (rc < 0 || !program->stages)
		return rc;
	typed = reallocarray(values->typed, values->typed_len + 1, sizeof *typed);
	if (!typed)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	values->typed = typed;
	typed[values->typed_len++] = (struct cli_typed){ .option = id, .stage = stage, .text = text };
	return 0;
}

static int read_options(const struct cli_program *program, struct cli_values *values, int argc, char **argv,
			struct persona_error *err)
{
	struct table table;
	int got;

	table_make(&table, program);
	opterr = 0;
	while ((got = getopt_long(argc, argv, table.letters, table.longs, NULL)) != -1) {
		int value = got >= LONG_OPTION ? got : value_of_letter(&table, got);

		if (got == '?' || got == ':' || value < 0)
			return complain(got, argv, err);
		if (option_of(value) == CLI_HELP) {
			help(program, &table);
			return 1;
		}
		if (option_of(value) == CLI_VERSION) {
			printf("%s %s\n", program->name, PERSONA_VERSION);
			return 1;
		}
		/* getopt takes only "--judge=MODEL" for a value that may be missing. */
		if (rows[option_of(value)].type == OPTIONAL && !optarg && optind < argc &&
		    looks_like_a_model(argv[optind]))
			optarg = argv[optind++];
		if (take_option(program, values, value, optarg, err) < 0)
			return -1;
	}
	return read_operands(values, argc, argv, err);
}

/* A descriptor that came closed must not become the database's: what is written there would end up in it. */
static void occupy_standard_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
			_exit(CLI_DATABASE);
}

int cli_parse(const struct cli_program *program, struct cli_values *values, int argc, char **argv)
{
	struct persona_error err = { 0 };
	const char *db = getenv("PERSONA_DB");
	int rc;

	occupy_standard_descriptors();
	persona_store_own_process();
	*values = (struct cli_values){
		.db = db && *db ? db : "personas.db",
		.temperature = -1,
		.retries = -1,
		.max_cost = -1,
		.threshold = -1,
		.scale = 100,
		.max_rounds = 2,
		.progress = "auto",
		.profile = "default",
		.show_format = "table",
	};
	cli_messages(program, values);
	rc = read_options(program, values, argc, argv, &err);
	if (rc == 0 && !values->model && program->model_variable) {
		const char *model = getenv(program->model_variable);

		values->model = model && *model ? model : NULL;
	}
	if (rc == 0)
		return -1;
	if (rc < 0) {
		rc = cli_fail(&err);
		cli_release(values);
		return rc;
	}
	rc = cli_flush(stdout, &err) < 0 ? cli_fail(&err) : CLI_OK;
	cli_release(values);
	return rc;
}

void cli_release(struct cli_values *values)
{
	free(values->from.items);
	free(values->ignored.items);
	free(values->texts.items);
	free(values->weights.items);
	free(values->metrics.items);
	free(values->envelopes.items);
	free(values->operands.items);
	free(values->typed);
	*values = (struct cli_values){ 0 };
}
