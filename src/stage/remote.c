/* A model over a network behind the interface that all models share: its address, and a pool of connections to it. */
#include "internal.h"

#define DRAFT_OUTPUT_TOKENS  4096 /* of ten personas */
#define JUDGE_OUTPUT_TOKENS  1024 /* of a number and two sentences for each criterion */
#define REFINE_OUTPUT_TOKENS 2048 /* of one, and what a model says about it */
#define DEFAULT_TEMPERATURE  0.7
#define DEFAULT_IN_FLIGHT    10
#define DEFAULT_RETRIES	     4
#define QUEUE_MAX	     ((size_t)4 << 30) /* the runner bounds what is under way, so that nothing waits here for long */

struct remote {
	struct persona_model model;
	struct persona_remote how;
	struct persona_llm *llm;
	struct persona_llm_schema *schema;
	struct persona_http *pool;
	char *name;
	char *instructions; /* the user's; NULL: none */
	int timeout_ms;
};

static int send_body(void *payload, struct persona_buf *body, persona_http_done *done, void *arg,
		     struct persona_error *err)
{
	struct remote *remote = payload;
	const struct persona_http_header *headers;
	struct persona_http_request request = {
		.method = "POST",
		.url = persona_llm_url(remote->llm),
		.headers_len = persona_llm_headers(remote->llm, &headers),
		.body_len = body->len,
		.take_body = true,
		.timeout_ms = remote->timeout_ms,
	};
	char *bytes = persona_buf_take(body);

	if (!bytes)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	request.headers = headers;
	request.body = bytes;
	if (persona_http_submit(remote->pool, &request, done, arg, NULL, err) == 0)
		return 0;
	free(bytes);
	return -1;
}

/* Called once by the runner, whose requests are the only ones. */
static void stop(void *payload)
{
	struct remote *remote = payload;
	int rc;

	persona_http_cancel(remote->pool, PERSONA_HTTP_ALL);
	rc = persona_http_drain(remote->pool, -1, NULL);
	/* Without a limit it can only fail on the loop thread, which this is not. */
	(void)rc;
}

static void stats(void *payload, struct persona_http_stats *out)
{
	const struct remote *remote = payload;

	persona_http_get_stats(remote->pool, out);
}

static void remote_free(struct persona_model *model)
{
	struct remote *remote = model->remote->payload;

	persona_http_free(remote->pool);
	persona_llm_schema_free(remote->schema);
	persona_llm_close(remote->llm);
	json_decref(remote->model.options);
	free(remote->name);
	free(remote->instructions);
	free(remote);
}

/* Only what was typed: a default that changes one day must not make another batch of it. */
static int note_typed(struct remote *remote, const struct persona_model_options *options, struct persona_error *err)
{
	json_t *typed = remote->model.options = json_object();
	char hex[PERSONA_HASH_HEX];

	if (options->instructions &&
	    persona_hash_bytes(hex, options->instructions, strlen(options->instructions), err) < 0)
		return -1;
	if (!typed || (options->instructions && json_object_set_new(typed, "prompt_sha256", json_string(hex)) < 0) ||
	    (options->temperature >= 0 &&
	     json_object_set_new(typed, "temperature", json_real(options->temperature)) < 0) ||
	    (options->max_output_tokens &&
	     json_object_set_new(typed, "max_tokens", json_integer(options->max_output_tokens)) < 0) ||
	    (options->context_tokens &&
	     json_object_set_new(typed, "context_tokens", json_integer(options->context_tokens)) < 0))
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	return 0;
}

/* Judges that agree with themselves are worth more than lively ones. */
static double default_temperature(enum persona_task_kind task)
{
	return task == PERSONA_TASK_JUDGE ? 0 : DEFAULT_TEMPERATURE;
}

static int64_t default_output_tokens(enum persona_task_kind task)
{
	return task == PERSONA_TASK_REFINE  ? REFINE_OUTPUT_TOKENS
	       : task == PERSONA_TASK_JUDGE ? JUDGE_OUTPUT_TOKENS
					    : DRAFT_OUTPUT_TOKENS;
}

static int read_options(struct remote *remote, const struct persona_model_options *options, struct persona_error *err)
{
	struct persona_remote *how = &remote->how;

	*how = (struct persona_remote){
		.llm = remote->llm,
		.schema = remote->schema,
		.instructions = remote->instructions ? remote->instructions : persona_llm_instructions(options->task),
		.temperature = options->temperature >= 0 ? options->temperature : default_temperature(options->task),
		.max_output_tokens =
			options->max_output_tokens ? options->max_output_tokens : default_output_tokens(options->task),
		.in_flight = options->in_flight ? options->in_flight : DEFAULT_IN_FLIGHT,
		.retries = options->retries >= 0 ? options->retries : DEFAULT_RETRIES,
		.patience_ms = options->patience_ms ? options->patience_ms : PERSONA_LLM_PATIENCE_MS,
		.max_cost_nusd = options->max_cost_nusd,
		.limits = { .rpm = options->rpm, .tpm = options->tpm },
		.send = send_body,
		.stop = stop,
		.stats = stats,
		.payload = remote,
	};
	if (options->price) {
		how->priced = true;
		if (persona_price_parse(&how->price, options->price, err) < 0)
			return -1;
	}
	how->context_tokens = options->context_tokens;
	if (!how->context_tokens && persona_llm_context_window(&how->context_tokens, remote->llm, err) < 0)
		return -1;
	if (options->local_only && !persona_llm_is_local(remote->llm))
		return persona_error_set(err, PERSONA_E_USAGE, "--local-only: %s is not on this host", remote->name);
	return note_typed(remote, options, err);
}

static int make_schema(struct remote *remote, const struct persona_model_options *options, struct persona_error *err)
{
	if (options->task == PERSONA_TASK_JUDGE)
		return persona_llm_schema_judge(&remote->schema, options->criteria, options->criteria_len, err);
	return persona_llm_schema_for(&remote->schema, options->task, err);
}

static int open_pool(struct remote *remote, const struct persona_model_options *options, struct persona_error *err)
{
	struct persona_http_options pool = {
		.max_connections = (int)remote->how.in_flight,
		.max_per_host = (int)options->max_per_host,
		.connect_timeout_ms = (int)options->connect_timeout_ms,
		.idle_ms = (int)options->idle_ms,
		.max_queue = QUEUE_MAX,
		.ca_file = options->ca_file,
		.log = options->log_http,
		.log_payload = options->log_payload,
	};

	remote->timeout_ms = options->timeout_ms ? (int)options->timeout_ms : persona_llm_timeout_ms(remote->llm);
	return persona_http_new(&remote->pool, &pool, err);
}

int persona_model_open(struct persona_model **out, const char *spec, const struct persona_model_options *options,
		       struct persona_error *err)
{
	struct remote *remote = calloc(1, sizeof *remote);

	*out = NULL;
	if (!remote)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	remote->model = (struct persona_model){ .version = 1, .remote = &remote->how, .free = remote_free };
	remote->how.payload = remote;
	remote->name = persona_strdup(spec, err);
	remote->model.name = remote->name;
	if (options->instructions)
		remote->instructions = persona_strdup(options->instructions, err);
	if (!remote->name || (options->instructions && !remote->instructions) ||
	    persona_llm_open(&remote->llm, spec, options->base_url, options->keyless, options->environment,
			     options->environment_payload, err) < 0 ||
	    make_schema(remote, options, err) < 0 || read_options(remote, options, err) < 0 ||
	    open_pool(remote, options, err) < 0) {
		remote_free(&remote->model);
		return -1;
	}
	*out = &remote->model;
	return 0;
}
