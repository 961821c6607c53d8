/* persona-draft: research data to personas. */
#include "cli/cli.h"

static int check(const struct cli_values *values, struct persona_error *err)
{
	if (values->operands.len)
		return persona_error_set(err, PERSONA_E_USAGE, "'%.60s' is no option; data are named with --from",
					 values->operands.items[0]);
	if (!values->from.len)
		return persona_error_set(err, PERSONA_E_USAGE, "say where the data are: --from FILE, a folder, or -");
	if (!values->count)
		return persona_error_set(err, PERSONA_E_USAGE, "say how many personas: -n N");
	return 0;
}

int main(int argc, char **argv)
{
	struct cli_values values;
	struct persona_error err = { 0 };
	struct persona_draft_settings settings;
	struct persona_reading reading = { 0 };
	struct persona_buf understood;
	struct persona_model *model;
	int code = cli_parse(&cli_draft, &values, argc, argv);

	if (code >= 0)
		return code;
	persona_buf_init(&understood, SIZE_MAX);
	reading = (struct persona_reading){
		.unit = values.unit ? persona_unit_by_name(values.unit) : PERSONA_UNIT_AUTO,
		.id_column = values.id_column,
		.ignore = values.ignored.items,
		.ignore_len = values.ignored.len,
		.text = values.texts.items,
		.text_len = values.texts.len,
	};
	settings = (struct persona_draft_settings){
		.from = values.from.items,
		.from_len = values.from.len,
		.format = values.input_format,
		.reading = &reading,
		.understood = values.dry_run ? &understood : NULL,
		.wanted = values.count,
		.label = values.label,
		.batch_size = values.batch_size,
	};
	if (check(&values, &err) < 0) {
		code = cli_fail(&err);
	} else {
		model = cli_model(&values, PERSONA_TASK_DRAFT);
		code = model ? cli_run_stage(&cli_draft, &values, argc, argv, &persona_stage_draft, &settings, model)
			     : CLI_USAGE;
		persona_model_free(model);
		if (understood.len && !values.quiet)
			fputs(understood.data, stderr);
	}
	persona_buf_release(&understood);
	cli_release(&values);
	return code;
}
