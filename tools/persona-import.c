/* persona-import: personas made elsewhere. */
#include "cli/cli.h"

int main(int argc, char **argv)
{
	struct cli_values values;
	struct persona_error err = { 0 };
	struct persona_import_settings settings = { 0 };
	int code = cli_parse(&cli_import, &values, argc, argv);

	if (code >= 0)
		return code;
	if (values.operands.len != 1) {
		(void)persona_error_set(&err, PERSONA_E_USAGE, "say which: one file, or - for stdin");
		code = cli_fail(&err);
	} else {
		settings.path = values.operands.items[0];
		code = cli_run_stage(&cli_import, &values, argc, argv, &persona_stage_import, &settings, NULL);
	}
	cli_release(&values);
	return code;
}
