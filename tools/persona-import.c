/* persona-import: personas made elsewhere. */
#include "cli/cli.h"

static const enum cli_option options[] = { CLI_REF_FORMAT, CLI_PROGRESS, CLI_OPTIONS };

static const struct cli_program program = {
	.name = "persona-import",
	.operands = "FILE | -",
	.summary = "Take personas made elsewhere, in JSON or JSON lines, and print their references.",
	.details = "A persona is known by its id, else by its content: the same again makes nothing new,\n"
		   "other content under the same id makes another revision.",
	.options = options,
};

int main(int argc, char **argv)
{
	struct cli_values values;
	struct persona_error err = { 0 };
	struct persona_import_settings settings = { 0 };
	int code = cli_parse(&program, &values, argc, argv);

	if (code >= 0)
		return code;
	if (values.operands.len != 1) {
		(void)persona_error_set(&err, PERSONA_E_USAGE, "say which: one file, or - for stdin");
		code = cli_fail(&err);
	} else {
		settings.path = values.operands.items[0];
		code = cli_run_stage(&program, &values, argc, argv, &persona_stage_import, &settings, NULL);
	}
	cli_release(&values);
	return code;
}
