/* persona-filter: who passes? */
#include "cli/cli.h"

static const enum cli_option options[] = { CLI_PENDING, CLI_THRESHOLD, CLI_ONLY,   CLI_REF_FORMAT,
					   CLI_LIMIT,	CLI_PROGRESS,  CLI_OPTIONS };

static const struct cli_program program = {
	.name = "persona-filter",
	.operands = "REFERENCE … | - | --pending",
	.summary = "Decide by their score which personas pass. Passes all of them on and says how many did.",
	.options = options,
};

int main(int argc, char **argv)
{
	struct cli_values values;
	struct persona_filter_settings settings;
	int code = cli_parse(&program, &values, argc, argv);

	if (code >= 0)
		return code;
	settings = (struct persona_filter_settings){ .threshold = values.threshold };
	if (values.only)
		settings.only = strcmp(values.only, "pass") == 0 ? PERSONA_ONLY_PASS : PERSONA_ONLY_FAIL;
	code = cli_run_stage(&program, &values, argc, argv, &persona_stage_filter, &settings, NULL);
	cli_release(&values);
	return code;
}
