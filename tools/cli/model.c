/* The model that options, environment and defaults mean. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "cli.h"
#include "persona/text.h"

#define PROMPT_MAX ((size_t)256 * 1024)

static const char *environment(void *payload, const char *name)
{
	(void)payload;
	return getenv(name);
}

/* PERSONA_LOG_HTTP=1: requests and answers, secrets masked. */
static void log_http(void *payload, const char *text)
{
	(void)payload;
	fprintf(stderr, "%s\n", text);
}

static int64_t ms_of(double seconds)
{
	return (int64_t)(seconds * 1000 + 0.5);
}

/* A file of instructions as text: line ends of any kind, and nothing that is not text. */
static int clean_prompt(struct persona_buf *buf, const struct persona_buf *raw, struct persona_error *err)
{
	size_t changed;

	if (persona_text_clean(buf, raw->data ? raw->data : "", raw->len, &changed, err) < 0)
		return -1;
	if (changed)
		return persona_error_set(err, PERSONA_E_USAGE, "%zu byte%s not UTF-8 text", changed,
					 changed == 1 ? " is" : "s are");
	if (!buf->len)
		return persona_error_set(err, PERSONA_E_USAGE, "there is nothing in it");
	return 0;
}

/* The user's own instructions. Without --prompt *text stays NULL. */
static int read_prompt(const struct cli_values *values, struct persona_buf *buf, const char **text,
		       struct persona_error *err)
{
	struct persona_error why = { 0 };
	struct persona_buf raw;
	int fd, rc;

	*text = NULL;
	if (!values->prompt)
		return 0;
	fd = open(values->prompt, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return persona_error_set(err, PERSONA_E_USAGE, "--prompt: %s: %s", values->prompt, strerror(errno));
	persona_buf_init(&raw, PROMPT_MAX);
	rc = persona_buf_read(&raw, fd, &why);
	close(fd);
	if (!rc)
		rc = clean_prompt(buf, &raw, &why);
	persona_buf_release(&raw);
	if (rc < 0)
		return persona_error_set(err, PERSONA_E_USAGE, "--prompt: %s: %s", values->prompt, why.text);
	*text = buf->data;
	return 0;
}

static int open_model(const struct cli_values *values, const char *name, enum persona_task_kind task,
		      const char *const *criteria, size_t criteria_len, struct persona_model **model,
		      struct persona_error *err)
{
	const char *wish = getenv("PERSONA_LOG_HTTP");
	struct persona_buf prompt;
	struct persona_model_options options = {
		.task = task,
		.criteria = criteria,
		.criteria_len = criteria_len,
		.base_url = values->base_url,
		.ca_file = values->ca_file,
		.temperature = values->temperature,
		.max_output_tokens = values->max_tokens,
		.context_tokens = values->context_tokens,
		.in_flight = values->jobs,
		.timeout_ms = ms_of(values->timeout),
		.connect_timeout_ms = ms_of(values->connect_timeout),
		.idle_ms = ms_of(values->idle),
		.max_per_host = values->per_host,
		.retries = values->retries,
		.patience_ms = ms_of(values->max_wait),
		.max_cost_nusd = cli_nusd(values->max_cost),
		.rpm = values->rpm,
		.tpm = values->tpm,
		.price = values->price,
		.local_only = values->local_only,
		.keyless = values->dry_run,
		.environment = environment,
		.log_http = wish && strcmp(wish, "1") == 0 ? log_http : NULL,
	};
	int rc;

	persona_buf_init(&prompt, PROMPT_MAX);
	rc = read_prompt(values, &prompt, &options.instructions, err);
	if (!rc)
		rc = persona_model_open(model, name, &options, err);
	persona_buf_release(&prompt);
	return rc;
}

static bool is_offline(const char *name)
{
	return strcmp(name, "offline") == 0 || strcmp(name, "offline:") == 0;
}

struct persona_model *cli_model(const struct cli_values *values, enum persona_task_kind task)
{
	const char *name = values->model ? values->model : "offline:";
	struct persona_model *model = NULL;
	struct persona_error err = { 0 };
	int rc;

	if (is_offline(name) && values->prompt)
		rc = persona_error_set(&err, PERSONA_E_USAGE,
				       "--prompt: the built-in model takes no instructions; name "
				       "a model with --model");
	else if (is_offline(name))
		rc = persona_model_offline(&model, &err);
	else
		rc = open_model(values, name, task, NULL, 0, &model, &err);
	if (rc < 0)
		(void)cli_fail(&err);
	return model;
}

struct persona_model *cli_judge(const struct cli_values *values, const char *const *criteria, size_t criteria_len)
{
	const char *name = *values->judge ? values->judge : getenv("PERSONA_JUDGE_MODEL");
	struct persona_model *model = NULL;
	struct persona_error err = { 0 };
	int rc;

	if (!name || !*name)
		rc = persona_error_set(&err, PERSONA_E_USAGE,
				       "--judge: say which model, as --judge=openai:gpt-4o or in PERSONA_JUDGE_MODEL");
	else if (is_offline(name))
		rc = persona_error_set(&err, PERSONA_E_USAGE,
				       "--judge: the built-in model judges by the score: leave --judge out");
	else
		rc = open_model(values, name, PERSONA_TASK_JUDGE, criteria, criteria_len, &model, &err);
	if (rc < 0)
		(void)cli_fail(&err);
	return model;
}
