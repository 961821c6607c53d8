/* persona-refine: a better revision of what failed. */
#include "cli/cli.h"

int main(int argc, char **argv)
{
	struct cli_values values;
	struct persona_refine_settings settings;
	struct persona_model *model;
	int code = cli_parse(&cli_refine, &values, argc, argv);

	if (code >= 0)
		return code;
	settings = (struct persona_refine_settings){ .max_rounds = values.max_rounds, .unjudged = values.unjudged };
	model = cli_model(&values, PERSONA_TASK_REFINE);
	code = model ? cli_run_stage(&cli_refine, &values, argc, argv, &persona_stage_refine, &settings, model)
		     : CLI_USAGE;
	persona_model_free(model);
	cli_release(&values);
	return code;
}
