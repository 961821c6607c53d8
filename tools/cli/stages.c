/* The programs of the stages: what each takes, and where it is found. */
#include <libgen.h>
#include <limits.h>
#include <unistd.h>

#include "cli.h"

static const enum cli_option draft_options[] = {
	CLI_FROM,	   CLI_COUNT,	       CLI_LABEL,	    CLI_INPUT_FORMAT, CLI_UNIT,	 CLI_ID_COLUMN,
	CLI_IGNORE_COLUMN, CLI_TEXT_COLUMN,    CLI_BATCH_SIZE,	    CLI_MODEL,	      CLI_RETRY, CLI_NO_WAIT,
	CLI_PROGRESS,	   CLI_CONTEXT_TOKENS, CLI_NETWORK_OPTIONS, CLI_OPTIONS
};
const struct cli_program cli_draft = {
	.name = "persona-draft",
	.operands = "--from FILE … -n N",
	.summary = "Make N personas from research data and print their references.",
	.details = "A larger -n later keeps what is there and adds; a smaller one prints the first N.\n"
		   "--format also takes ids and table: how to print the references.",
	.model_variable = "PERSONA_DRAFT_MODEL",
	.options = draft_options,
};

static const enum cli_option import_options[] = { CLI_REF_FORMAT, CLI_PROGRESS, CLI_OPTIONS };
const struct cli_program cli_import = {
	.name = "persona-import",
	.operands = "FILE | -",
	.summary = "Take personas made elsewhere, in JSON or JSON lines, and print their references.",
	.details = "A persona is known by its id, else by its content: the same again makes nothing new,\n"
		   "other content under the same id makes another revision.",
	.options = import_options,
};

static const enum cli_option score_options[] = { CLI_PENDING,	   CLI_PROFILE,	      CLI_WEIGHT,  CLI_METRIC,
						 CLI_LIST_METRICS, CLI_LIST_PROFILES, CLI_EXPLAIN, CLI_REF_FORMAT,
						 CLI_LIMIT,	   CLI_RETRY,	      CLI_NO_WAIT, CLI_PROGRESS,
						 CLI_OPTIONS };
const struct cli_program cli_score = {
	.name = "persona-score",
	.operands = "REFERENCE … | - | --pending",
	.summary = "Score personas, 0 to 100, and pass them on once all of them have come.",
	.options = score_options,
};

static const enum cli_option filter_options[] = { CLI_PENDING,	       CLI_THRESHOLD, CLI_ONLY,	   CLI_JUDGE,
						  CLI_CRITERIA,	       CLI_VOTES,     CLI_SCALE,   CLI_REF_FORMAT,
						  CLI_LIMIT,	       CLI_RETRY,     CLI_NO_WAIT, CLI_PROGRESS,
						  CLI_NETWORK_OPTIONS, CLI_OPTIONS };
const struct cli_program cli_filter = {
	.name = "persona-filter",
	.operands = "REFERENCE … | - | --pending",
	.summary = "Decide by their score, or ask a judge, which personas pass. Passes all of them on and says how "
		   "many did.",
	.options = filter_options,
};

static const enum cli_option refine_options[] = {
	CLI_PENDING, CLI_MODEL,	  CLI_MAX_ROUNDS, CLI_UNJUDGED,	      CLI_REF_FORMAT,	   CLI_LIMIT,
	CLI_RETRY,   CLI_NO_WAIT, CLI_PROGRESS,	  CLI_CONTEXT_TOKENS, CLI_NETWORK_OPTIONS, CLI_OPTIONS
};
const struct cli_program cli_refine = {
	.name = "persona-refine",
	.operands = "REFERENCE … | - | --pending",
	.summary =
		"Make a better revision of each persona that failed and pass that on; pass the others on as they are.",
	.model_variable = "PERSONA_REFINE_MODEL",
	.options = refine_options,
};

const struct cli_stage cli_stages[] = {
	{ "draft", &cli_draft, false },	 { "import", &cli_import, false }, { "score", &cli_score, true },
	{ "filter", &cli_filter, true }, { "refine", &cli_refine, true },  { NULL, NULL, false },
};

void cli_find_program(const char *name, char *path, size_t size)
{
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);

	if (len > 0) {
		self[len] = '\0';
		snprintf(path, size, "%.3000s/persona-%.200s", dirname(self), name);
		if (access(path, X_OK) == 0)
			return;
	}
	snprintf(path, size, "persona-%.200s", name);
}
