/* persona-run: several stages in a row, as one command. */
#include "cli/chain.h"

static const enum cli_option options[] = { CLI_STAGES,	CLI_FROM,     CLI_INPUT_FORMAT, CLI_PENDING,
					   CLI_DRY_RUN, CLI_PROGRESS, CLI_OPTIONS };

static const struct cli_program program = {
	.name = "persona-run",
	.operands = "--from FILE … -n N | REFERENCE … | - | --pending",
	.summary = "Run stages in a row, each passing its references to the next, as a pipe of their programs would.",
	.details =
		"Options of the stages are handed to all that take them, or to those that are named: --draft-model,\n"
		"--filter-base-url, --score-limit. --max-cost is for all stages together, --draft-max-cost for one.\n"
		"--format also takes ids and table: how to print the references.",
	.options = options,
	.stages = cli_stages,
};

int main(int argc, char **argv)
{
	struct cli_values values;
	struct chain chain;
	struct persona_error err = { 0 };
	int code = cli_parse(&program, &values, argc, argv);

	if (code >= 0)
		return code;
	if (chain_plan(&chain, &program, &values, &err) < 0)
		code = cli_fail(&err);
	else if (values.dry_run)
		code = chain_rehearse(&chain, &values);
	else
		code = chain_run(&chain);
	chain_release(&chain);
	cli_release(&values);
	return cli_leave(code);
}
