/* persona-refine: a better revision of what failed. */
#include "cli/cli.h"

static const enum cli_option options[] = { CLI_PENDING,	   CLI_MODEL,	       CLI_MAX_ROUNDS,	    CLI_UNJUDGED,
					   CLI_REF_FORMAT, CLI_LIMIT,	       CLI_RETRY,	    CLI_NO_WAIT,
					   CLI_PROGRESS,   CLI_CONTEXT_TOKENS, CLI_NETWORK_OPTIONS, CLI_OPTIONS };

static const struct cli_program program = {
	.name = "persona-refine",
	.operands = "REFERENCE … | - | --pending",
	.summary =
		"Make a better revision of each persona that failed and pass that on; pass the others on as they are.",
	.model_variable = "PERSONA_REFINE_MODEL",
	.options = options,
};

int main(int argc, char **argv)
{
	struct cli_values values;
	struct persona_refine_settings settings;
	struct persona_model *model;
	int code = cli_parse(&program, &values, argc, argv);

	if (code >= 0)
		return code;
	settings = (struct persona_refine_settings){ .max_rounds = values.max_rounds, .unjudged = values.unjudged };
	model = cli_model(&values, PERSONA_TASK_REFINE);
	code = model ? cli_run_stage(&program, &values, argc, argv, &persona_stage_refine, &settings, model)
		     : CLI_USAGE;
	persona_model_free(model);
	cli_release(&values);
	return code;
}
