/* From one command line to those of several stages. */
#include <sys/random.h>
#include <unistd.h>

#include "chain.h"

#define WITH_DATA    "draft,score,filter,refine,score"
#define WITHOUT_DATA "score,filter,refine,score"

/* ---- Which stages ----------------------------------------------------- */

static const struct cli_stage *find_stage(const struct cli_program *program, const char *name,
					  struct persona_error *err)
{
	char known[120] = "";
	size_t used = 0;

	for (const struct cli_stage *stage = program->stages; stage->name; stage++) {
		if (strcmp(stage->name, name) == 0)
			return stage;
		used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", used ? ", " : "", stage->name);
	}
	(void)persona_error_set(err, PERSONA_E_USAGE, "--stages: no '%.60s'; there are %s", name, known);
	return NULL;
}

static int add_stage(struct chain *chain, const struct cli_stage *stage, struct persona_error *err)
{
	if (chain->len == CHAIN_STAGES_MAX)
		return persona_error_set(err, PERSONA_E_USAGE, "--stages: at most %d", CHAIN_STAGES_MAX);
	if (chain->len && !stage->reads_references)
		return persona_error_set(err, PERSONA_E_USAGE,
					 "--stages: %s makes personas, so it can only be the first", stage->name);
	chain->stages[chain->len++].stage = stage;
	return 0;
}

static int read_stages(struct chain *chain, const struct cli_program *program, const struct cli_values *values,
		       struct persona_error *err)
{
	const char *said = values->stages ? values->stages : values->from.len ? WITH_DATA : WITHOUT_DATA;
	char *names = persona_strdup(said, err), *rest = names, *name;
	int rc = names ? 0 : -1;

	while (!rc && (name = strsep(&rest, ","))) {
		const struct cli_stage *stage = find_stage(program, name, err);

		rc = stage ? add_stage(chain, stage, err) : -1;
	}
	free(names);
	return rc;
}

/* ---- Whose options ----------------------------------------------------- */

/* Options of which every stage has a default of its own: what is right for one is wrong for the next. */
static bool differs_by_stage(enum cli_option option)
{
	return option == CLI_PROMPT || option == CLI_TEMPERATURE || option == CLI_MAX_TOKENS;
}

/* Not to be handed on as it is, but seen to by persona-run. */
static bool is_of_chain(const struct cli_program *program, const struct cli_typed *typed)
{
	return cli_takes(program, typed->option) || (typed->option == CLI_MAX_COST && !typed->stage);
}

static bool is_for(const struct cli_typed *typed, const struct cli_stage *stage)
{
	if (typed->stage)
		return typed->stage == stage;
	return cli_is_common(typed->option) || cli_takes(stage->program, typed->option);
}

/* How many kinds of stages an option is for; one of them is kept. */
static size_t count_takers(const struct chain *chain, const struct cli_typed *typed, const struct cli_stage **taker)
{
	size_t kinds = 0;

	for (size_t i = 0; i < chain->len; i++) {
		size_t before = 0;

		while (chain->stages[before].stage != chain->stages[i].stage)
			before++;
		if (before < i || !is_for(typed, chain->stages[i].stage))
			continue;
		*taker = chain->stages[i].stage;
		kinds++;
	}
	return kinds;
}

/* One that is not in the chain. */
static const char *who_takes(const struct cli_program *program, enum cli_option option)
{
	const struct cli_stage *stage = program->stages;

	while (stage->name && !cli_takes(stage->program, option))
		stage++;
	return stage->name ? stage->name : "none";
}

static int check_option(const struct chain *chain, const struct cli_program *program, const struct cli_typed *typed,
			struct persona_error *err)
{
	const struct cli_stage *taker = NULL;
	const char *name = cli_option_name(typed->option);
	size_t kinds = count_takers(chain, typed, &taker);

	if (!kinds && typed->stage)
		return persona_error_set(err, PERSONA_E_USAGE, "--%s-%s: the chain has no %s", typed->stage->name, name,
					 typed->stage->name);
	if (!kinds)
		return persona_error_set(err, PERSONA_E_USAGE, "no stage of the chain takes --%s; %s would", name,
					 who_takes(program, typed->option));
	if (kinds > 1 && !typed->stage && differs_by_stage(typed->option))
		return persona_error_set(err, PERSONA_E_USAGE,
					 "--%s is another for each stage: say whose, as in --%s-%s", name, taker->name,
					 name);
	return 0;
}

/* What goes into the chain has to be something that its first stage takes. */
static int check_input(const struct chain *chain, const struct cli_values *values, struct persona_error *err)
{
	const struct cli_stage *first = chain->stages[0].stage;

	if (!values->from.len && !values->operands.len && !values->pending)
		return persona_error_set(err, PERSONA_E_USAGE,
					 "say what to work on: --from FILE and -n N, references, - to read them from "
					 "stdin, or --pending");
	if (values->from.len && first->reads_references)
		return persona_error_set(err, PERSONA_E_USAGE, "--from is for draft or import as the first stage");
	if (values->operands.len && !first->reads_references)
		return persona_error_set(err, PERSONA_E_USAGE,
					 "'%.60s' is no option; what %s reads is named with --from",
					 values->operands.items[0], first->name);
	if (values->pending && !first->reads_references)
		return persona_error_set(err, PERSONA_E_USAGE, "--pending is for a first stage that reads references");
	if (values->input_format && !cli_takes(first->program, CLI_INPUT_FORMAT))
		return persona_error_set(err, PERSONA_E_USAGE, "--format %s is for draft as the first stage",
					 values->input_format);
	return 0;
}

static int check(const struct chain *chain, const struct cli_program *program, const struct cli_values *values,
		 struct persona_error *err)
{
	if (check_input(chain, values, err) < 0)
		return -1;
	for (size_t i = 0; i < values->typed_len; i++)
		if (!is_of_chain(program, &values->typed[i]) &&
		    check_option(chain, program, &values->typed[i], err) < 0)
			return -1;
	/* Somebody has to be there who could spend it. */
	if (values->max_cost >= 0)
		return check_option(chain, program, &(struct cli_typed){ .option = CLI_MAX_COST }, err);
	return 0;
}

/* ---- Arguments --------------------------------------------------------- */

static int add_word(struct chain_stage *stage, struct persona_error *err, const char *format, ...) PERSONA_PRINTF(3, 4);

static int add_word(struct chain_stage *stage, struct persona_error *err, const char *format, ...)
{
	char **argv = reallocarray(stage->argv, stage->argc + 2, sizeof *argv);
	va_list args;
	int rc;

	if (!argv)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	stage->argv = argv;
	argv[stage->argc] = NULL;
	va_start(args, format);
	rc = vasprintf(&argv[stage->argc], format, args);
	va_end(args);
	if (rc < 0) {
		argv[stage->argc] = NULL;
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	argv[++stage->argc] = NULL;
	return 0;
}

static int add_program(struct chain_stage *stage, struct persona_error *err)
{
	char path[CLI_PATH_MAX];

	cli_find_program(stage->stage->name, path, sizeof path);
	return add_word(stage, err, "%s", path);
}

/* Those that say whose they are come last, so that they win. */
static int add_options(struct chain_stage *stage, const struct cli_program *program, const struct cli_values *values,
		       bool named, struct persona_error *err)
{
	for (size_t i = 0; i < values->typed_len; i++) {
		const struct cli_typed *typed = &values->typed[i];
		const char *text = typed->text;

		if ((typed->stage != NULL) != named || is_of_chain(program, typed) || !is_for(typed, stage->stage))
			continue;
		if (add_word(stage, err, "--%s%s%s", cli_option_name(typed->option), text ? "=" : "",
			     text ? text : "") < 0)
			return -1;
	}
	return 0;
}

static int add_format(const struct chain *chain, struct chain_stage *stage, const struct cli_values *values,
		      struct persona_error *err)
{
	bool first = stage == &chain->stages[0], last = stage == &chain->stages[chain->len - 1];

	if (first && values->input_format && add_word(stage, err, "--format=%s", values->input_format) < 0)
		return -1;
	if (last && values->ref_format)
		return add_word(stage, err, "--format=%s", values->ref_format);
	return last && chain->prints_table ? add_word(stage, err, "--format=table") : 0;
}

static int add_progress(const struct chain *chain, struct chain_stage *stage, const struct cli_values *values,
			struct persona_error *err)
{
	/* Alone it can see to that itself. */
	const char *when = chain->len == 1 ? values->progress : chain->shows_progress ? "always" : "never";

	return add_word(stage, err, "--progress=%s", when);
}

static int add_all(struct chain_stage *stage, const char *before, const struct cli_list *words,
		   struct persona_error *err)
{
	for (size_t i = 0; i < words->len; i++)
		if (add_word(stage, err, "%s%s", before, words->items[i]) < 0)
			return -1;
	return 0;
}

/* Where the first one's work comes from. */
static int add_first_input(struct chain_stage *stage, const struct cli_values *values, struct persona_error *err)
{
	const struct cli_list *words = stage->stage->reads_references ? &values->operands : &values->from;

	if (cli_takes(stage->stage->program, CLI_FROM))
		return add_all(stage, "--from=", &values->from, err);
	if (values->pending && add_word(stage, err, "--pending") < 0)
		return -1;
	/* They may begin with a dash. */
	if (words->len && add_word(stage, err, "--") < 0)
		return -1;
	return add_all(stage, "", words, err);
}

static int add_arguments(const struct chain *chain, struct chain_stage *stage, const struct cli_program *program,
			 const struct cli_values *values, struct persona_error *err)
{
	if (add_program(stage, err) < 0 || add_options(stage, program, values, false, err) < 0 ||
	    add_options(stage, program, values, true, err) < 0 || add_format(chain, stage, values, err) < 0 ||
	    add_progress(chain, stage, values, err) < 0)
		return -1;
	if (values->dry_run && cli_takes(stage->stage->program, CLI_DRY_RUN) && add_word(stage, err, "--dry-run") < 0)
		return -1;
	if (stage == &chain->stages[0])
		return add_first_input(stage, values, err);
	return add_word(stage, err, values->dry_run ? "--pending" : "-");
}

/* ---- The whole --------------------------------------------------------- */

static int draw_name(char name[CHAIN_NAME_SIZE], struct persona_error *err)
{
	unsigned char bytes[(CHAIN_NAME_SIZE - 1) / 2];

	if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
		return persona_error_set(err, PERSONA_E_IO, "no random numbers");
	for (size_t i = 0; i < sizeof bytes; i++)
		snprintf(name + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}

int chain_plan(struct chain *chain, const struct cli_program *program, const struct cli_values *values,
	       struct persona_error *err)
{
	*chain = (struct chain){ .budget_nusd = cli_nusd(values->max_cost) };
	if (draw_name(chain->name, err) < 0 || read_stages(chain, program, values, err) < 0 ||
	    check(chain, program, values, err) < 0)
		return -1;
	chain->shows_progress = chain->len > 1 && !values->dry_run && cli_shows_progress(values);
	chain->prints_table = chain->shows_progress && isatty(STDOUT_FILENO);
	for (size_t i = 0; i < chain->len; i++)
		if (add_arguments(chain, &chain->stages[i], program, values, err) < 0)
			return -1;
	return 0;
}

void chain_release(struct chain *chain)
{
	for (size_t i = 0; i < chain->len; i++) {
		struct chain_stage *stage = &chain->stages[i];

		for (size_t word = 0; word < stage->argc; word++)
			free(stage->argv[word]);
		free(stage->argv);
	}
	*chain = (struct chain){ 0 };
}

int chain_worst(const int *codes, size_t len)
{
	int worst = 0;

	for (size_t i = 0; i < len; i++)
		if (codes[i] > worst && (codes[i] != CLI_UNREAD || i + 1 == len))
			worst = codes[i];
	return worst;
}

/* ---- What a stage is told ---------------------------------------------- */

void chain_member_format(const struct chain_member *member, char text[CHAIN_MEMBER_SIZE])
{
	snprintf(text, CHAIN_MEMBER_SIZE, "%s:%lld:%lld", member->name, (long long)member->position,
		 (long long)member->budget_nusd);
}

int chain_member_parse(struct chain_member *member, const char *text, struct persona_error *err)
{
	long long position, budget;
	int end = 0;

	*member = (struct chain_member){ .budget_nusd = -1 };
	if (!text)
		return 0;
	if (sscanf(text, "%32[0-9a-f]:%lld:%lld%n", member->name, &position, &budget, &end) != 3 || text[end] ||
	    position < 0 || budget < -1)
		return persona_error_set(err, PERSONA_E_USAGE, "%s is nothing that persona-run says: '%.60s'",
					 CHAIN_VARIABLE, text);
	member->position = position;
	member->budget_nusd = budget;
	return 1;
}
