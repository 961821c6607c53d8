/* persona-filter: who passes? */
#include "cli/cli.h"
#include "persona/llm.h"

#define CRITERIA_MAX 16

static int unknown_criterion(const char *name, struct persona_error *err)
{
	char known[200] = "";
	size_t used = 0;

	for (size_t i = 0; persona_llm_criteria[i] && used < sizeof known; i++)
		used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "",
					 persona_llm_criteria[i]);
	return persona_error_set(err, PERSONA_E_USAGE, "--criteria: no '%.60s'; there are %s", name, known);
}

/* Names separated by commas, which are cut apart in `text`. */
static int read_criteria(char *text, const char *criteria[CRITERIA_MAX], size_t *len, struct persona_error *err)
{
	char *name;

	*len = 0;
	while ((name = strsep(&text, ","))) {
		for (size_t i = 0; i < *len; i++)
			if (strcmp(criteria[i], name) == 0)
				return persona_error_set(err, PERSONA_E_USAGE, "--criteria: '%.60s' twice", name);
		if (!persona_llm_criterion(name))
			return unknown_criterion(name, err);
		criteria[(*len)++] = name;
	}
	return 0;
}

/* What only a judge can be told must not be taken for done. */
static int check(const struct cli_values *values, struct persona_error *err)
{
	const char *option = values->criteria ? "criteria" : values->prompt ? "prompt" : values->votes ? "votes" : NULL;

	if (values->judge || !option)
		return 0;
	return persona_error_set(err, PERSONA_E_USAGE, "--%s goes with --judge", option);
}

static int judge(const struct cli_values *values, struct persona_filter_settings *settings, int argc, char **argv)
{
	const char *criteria[CRITERIA_MAX];
	char usual[] = "coherence,realism,usefulness";
	char *typed = values->criteria ? strdup(values->criteria) : NULL;
	struct persona_error err = { 0 };
	struct persona_model *model;
	int code = CLI_USAGE;

	if (values->criteria && !typed)
		(void)persona_error_set(&err, PERSONA_E_NOMEM, "out of memory");
	if (err.code || read_criteria(typed ? typed : usual, criteria, &settings->criteria_len, &err) < 0) {
		code = cli_fail(&err);
		free(typed);
		return code;
	}
	settings->criteria = criteria;
	settings->scale = values->scale;
	settings->votes = values->votes;
	model = cli_judge(values, criteria, settings->criteria_len);
	if (model)
		code = cli_run_stage(&cli_filter, values, argc, argv, &persona_stage_judge, settings, model);
	persona_model_free(model);
	free(typed);
	return code;
}

int main(int argc, char **argv)
{
	struct cli_values values;
	struct persona_filter_settings settings = { 0 };
	struct persona_error err = { 0 };
	int code = cli_parse(&cli_filter, &values, argc, argv);

	if (code >= 0)
		return code;
	settings.threshold = values.threshold >= 0 ? values.threshold : values.judge ? 70 : 60;
	if (values.only)
		settings.only = strcmp(values.only, "pass") == 0 ? PERSONA_ONLY_PASS : PERSONA_ONLY_FAIL;
	if (check(&values, &err) < 0)
		code = cli_fail(&err);
	else if (values.judge)
		code = judge(&values, &settings, argc, argv);
	else
		code = cli_run_stage(&cli_filter, &values, argc, argv, &persona_stage_filter, &settings, NULL);
	cli_release(&values);
	return code;
}
