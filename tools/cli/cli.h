/*
 * cli/cli.h - what all programs share: the option table, messages, exit codes, output for people.
 */
#ifndef PERSONA_CLI_H
#define PERSONA_CLI_H

#include <stdio.h>

#include "persona/stage.h"

/* ---- Exit codes ------------------------------------------------------ */

enum cli_exit {
	CLI_OK = 0,
	CLI_INCOMPLETE = 1, /* done, but some rows failed or are parked */
	CLI_USAGE = 2,	    /* wrong use or configuration */
	CLI_BUDGET = 3,	    /* stopped at the budget */
	CLI_PROVIDER = 4,   /* the model cannot be used */
	CLI_DATABASE = 5,   /* database or output unusable */
	CLI_UNREAD = 141    /* nobody reads the output any more, as the shell says it (128 + SIGPIPE) */
};

/*
 * What is known of a batch's personas together (a row of persona_store_status()'s batches), for people; nothing where
 * nothing is.
 */
void cli_figures(const json_t *batch);

/* The exit code of an error: the one place where they are mapped. */
enum cli_exit cli_exit_code(enum persona_error_code code);

/* ---- Options --------------------------------------------------------- */

/* Every option of every program; see the table in options.c. */
enum cli_option {
	CLI_STAGES,
	CLI_FROM,
	CLI_COUNT,
	CLI_LABEL,
	CLI_INPUT_FORMAT,
	CLI_UNIT,
	CLI_ID_COLUMN,
	CLI_IGNORE_COLUMN,
	CLI_TEXT_COLUMN,
	CLI_BATCH_SIZE,
	CLI_MODEL,
	CLI_PROMPT,
	CLI_BASE_URL,
	CLI_JOBS,
	CLI_TEMPERATURE,
	CLI_MAX_TOKENS,
	CLI_CONTEXT_TOKENS,
	CLI_TIMEOUT,
	CLI_RETRIES,
	CLI_MAX_WAIT,
	CLI_MAX_COST,
	CLI_PRICE,
	CLI_RPM,
	CLI_TPM,
	CLI_PER_HOST,
	CLI_CONNECT_TIMEOUT,
	CLI_IDLE,
	CLI_CA_FILE,
	CLI_LOCAL_ONLY,
	CLI_FRESH,
	CLI_DRY_RUN,
	CLI_FORGET_DRY_RUN,
	CLI_PENDING,
	CLI_PROFILE,
	CLI_WEIGHT,
	CLI_METRIC,
	CLI_LIST_METRICS,
	CLI_LIST_PROFILES,
	CLI_EXPLAIN,
	CLI_JUDGE,
	CLI_CRITERIA,
	CLI_VOTES,
	CLI_SCALE,
	CLI_THRESHOLD,
	CLI_ONLY,
	CLI_MAX_ROUNDS,
	CLI_UNJUDGED,
	CLI_SHOW_FORMAT,
	CLI_WHICH,
	CLI_FULL,
	CLI_JSON,
	CLI_ARRAY,
	CLI_OBJECT,
	CLI_ENVELOPE,
	CLI_STRICT,
	CLI_NO_REPAIR,
	CLI_PRETTY,
	CLI_COMPACT,
	CLI_JSONL,
	CLI_REF_FORMAT,
	CLI_LIMIT,
	CLI_SHOW_LIMIT,
	CLI_SHOW_LABEL,
	CLI_RETRY,
	CLI_NO_WAIT,
	CLI_PROGRESS,
	CLI_DB,
	CLI_QUIET,
	CLI_VERBOSE,
	CLI_HELP,
	CLI_VERSION,
	CLI_OPTIONS
};

/* A list of texts, borrowed from argv. */
struct cli_list {
	const char **items;
	size_t len;
};

/* An option as it was typed, for who hands it on. */
struct cli_typed {
	enum cli_option option;
	const struct cli_stage *stage; /* whose it is, as in --draft-model; NULL: whoever takes it */
	const char *text;	       /* borrowed from argv; NULL: none */
};

/* What was said on the command line, defaults filled in. */
struct cli_values {
	struct cli_list from, ignored, texts, weights, metrics, envelopes, operands;
	const char *label, *input_format, *unit, *id_column, *model, *profile, *only, *show_format, *which, *ref_format,
		*retry, *progress, *db, *judge, *criteria, *prompt, *base_url, *price, *ca_file, *stages;
	int64_t count, batch_size, votes, max_rounds, limit, jobs, max_tokens, retries, rpm, tpm, per_host,
		context_tokens;
	double threshold, scale, temperature, timeout, max_wait, max_cost, connect_timeout, idle; /* times in seconds */
	bool pending, list_metrics, list_profiles, explain, unjudged, full, json, no_wait, quiet, verbose, local_only,
		fresh, dry_run, array, object, strict, no_repair, pretty, compact, jsonl;
	bool reads_stdin;	 /* the operand "-" */
	struct cli_typed *typed; /* of a program that has stages: all options in their order */
	size_t typed_len;
};

/* A program: its help is made from this. */
struct cli_program {
	const char *name;
	const char *operands;		/* as in the usage line: "[REFERENCE … | -]" */
	const char *summary;		/* one line */
	const char *details;		/* further lines of --help, or NULL */
	const char *model_variable;	/* environment variable that names the default model, or NULL */
	const enum cli_option *options; /* in the order of --help; common ones are added; ends with CLI_OPTIONS */
	const struct cli_stage *stages; /* it hands options on to these, and takes all that they take; or NULL */
	bool no_database;		/* has no --db */
};

/* A stage of a chain, and the program that does it. */
struct cli_stage {
	const char *name;
	const struct cli_program *program;
	bool reads_references; /* else it makes personas, and nothing comes before it */
};

/* All of them, ended by one without a name. */
extern const struct cli_stage cli_stages[];
extern const struct cli_program cli_draft, cli_import, cli_score, cli_filter, cli_refine;

/* Is it among the program's own options? Common ones (--db, -q, -v) are every program's. */
bool cli_takes(const struct cli_program *program, enum cli_option option);
bool cli_is_common(enum cli_option option);

/* Its name without dashes. */
const char *cli_option_name(enum cli_option option);

#define CLI_PATH_MAX 4096 /* bytes of the path of a program */

/* Where the program persona-NAME is: beside this one, else by its name alone, for PATH. */
void cli_find_program(const char *name, char *path, size_t size);

/*
 * Read the command line. Returns -1 to go on, else the exit code: 0 after --help and --version, 2 after an error, which
 * has been said on stderr. Also makes stdin, stdout and stderr safe to use and sets up messages. argv is borrowed by
 * values.
 */
int cli_parse(const struct cli_program *program, struct cli_values *values, int argc, char **argv);
void cli_release(struct cli_values *values);

/* ---- Messages -------------------------------------------------------- */

/* Where messages come from, and how many are wanted; cli_parse() calls it. */
void cli_messages(const struct cli_program *program, const struct cli_values *values);

/* "persona-score: text" on stderr. */
void cli_error(const struct persona_error *err);

/* The same for what is worth knowing; not with -q. */
void cli_say(const char *format, ...) PERSONA_PRINTF(1, 2);

/* With -q too: why not all that was asked for is done. */
void cli_complain(const char *format, ...) PERSONA_PRINTF(1, 2);

/*
 * Exit code of a program that ends. After a signal that asks to end, or that nobody reads, it ends here by that signal,
 * so that the shell sees it.
 */
int cli_leave(int code);

/* Say an error and return its exit code; after wrong use also where to read on. */
int cli_fail(const struct persona_error *err);

/* ---- Running a stage ------------------------------------------------- */

/* References from the operands. *refs is the caller's, freed with free(). Errors: PERSONA_E_USAGE. */
int cli_refs(const struct cli_values *values, struct persona_ref **refs, size_t *len, struct persona_error *err);

/*
 * Everything from opening the database to the exit code: signals, the run's row, progress, output, a table at a
 * terminal. model NULL: the stage asks nobody.
 */
int cli_run_stage(const struct cli_program *program, const struct cli_values *values, int argc, char **argv,
		  const struct persona_stage *stage, const void *settings, struct persona_model *model);

/* USD as they are typed in nano-USD; -1 for less than 0, which means no bound. */
int64_t cli_nusd(double usd);

/* "s" but for one. */
const char *cli_plural(int64_t count);

/* Options of programs that ask a model over a network, for their table. */
#define CLI_NETWORK_OPTIONS                                                                                            \
	CLI_PROMPT, CLI_BASE_URL, CLI_JOBS, CLI_TEMPERATURE, CLI_MAX_TOKENS, CLI_MAX_COST, CLI_PRICE, CLI_RPM,         \
		CLI_TPM, CLI_RETRIES, CLI_MAX_WAIT, CLI_TIMEOUT, CLI_CONNECT_TIMEOUT, CLI_IDLE, CLI_PER_HOST,          \
		CLI_CA_FILE, CLI_LOCAL_ONLY, CLI_FRESH, CLI_DRY_RUN

/*
 * The model that is meant, for a kind of task: --model, the program's variable, else offline. NULL after an error that
 * has been said.
 */
struct persona_model *cli_model(const struct cli_values *values, enum persona_task_kind task);

/* The judge that is meant: --judge, else PERSONA_JUDGE_MODEL. NULL after an error that has been said. */
struct persona_model *cli_judge(const struct cli_values *values, const char *const *criteria, size_t criteria_len);

/* ---- Output for people ----------------------------------------------- */

/* stdout is a terminal, and nothing else was asked for. */
bool cli_wants_table(const struct cli_values *values);

/* Rows of a summary table: add views, then print all. Columns are as wide as the terminal allows. */
struct cli_table {
	char ***rows;
	size_t len, capacity;
};
int cli_table_add(struct cli_table *table, const struct persona_view *view, struct persona_error *err);
int cli_table_print(const struct cli_table *table, FILE *out, struct persona_error *err);
void cli_table_release(struct cli_table *table);

/* A persona with its items, their evidence and its scores. */
int cli_print_card(FILE *out, const struct persona_view *view, struct persona_error *err);

/* How the scores of the references among the operands came about. Returns the exit code. */
int cli_explain(const struct cli_values *values);

/* Has everything gone out so far? A full disk or closed pipe is not a success. cli_flush() is for the end. */
int cli_written(FILE *out, struct persona_error *err);
int cli_flush(FILE *out, struct persona_error *err);

/* Columns of the terminal behind a stream, or a default. */
size_t cli_columns(FILE *out);

/* ---- Progress and phases --------------------------------------------- */

void cli_progress(void *payload, const struct persona_progress *progress);
bool cli_shows_progress(const struct cli_values *values);
void cli_progress_clear(void);

/* For tests that kill programs: PERSONA_TEST_PHASES, see docs/developer-guide.md. NULL when it is not set. */
void (*cli_phase_hook(void))(void *payload, enum persona_phase phase);

#endif
