/* Requests to a model over a network: see client.h for their way. */
#include "exchange.h"

#define OTHERS_MS    200		 /* between two looks whether others have money to give back */
#define BODY_MAX     (256 * 1024 * 1024) /* bytes of one request */
#define SUFFIX_MAX   (4 * 1024 * 1024)
#define NUSD_PER_USD 1e9

/* ---- Time and chance ------------------------------------------------- */

int64_t unix_now(const struct client *client)
{
	return client->context->clock->unix_ms(client->context->clock->payload);
}

int64_t monotonic_now(const struct client *client)
{
	return client->context->clock->monotonic_ms(client->context->clock->payload);
}

/* ---- What processes share -------------------------------------------- */

struct persona_rate_state rate_of(const struct persona_endpoint *shared)
{
	return (struct persona_rate_state){
		.updated_ms = shared->updated_ms,
		.requests_due_us = shared->requests_due_us,
		.tokens_due_us = shared->tokens_due_us,
		.blocked_until_ms = shared->blocked_until_ms,
		.limit_milli = shared->limit_milli,
		.ceiling_milli = shared->ceiling_milli,
		.last_decrease_ms = shared->last_decrease_ms,
		.saturated_since_ms = shared->saturated_since_ms,
	};
}

void set_rate(struct client *client, const struct persona_rate_state *rate)
{
	struct persona_endpoint *shared = &client->shared;

	shared->updated_ms = rate->updated_ms;
	shared->requests_due_us = rate->requests_due_us;
	shared->tokens_due_us = rate->tokens_due_us;
	shared->blocked_until_ms = rate->blocked_until_ms;
	shared->limit_milli = rate->limit_milli;
	shared->ceiling_milli = rate->ceiling_milli;
	shared->last_decrease_ms = rate->last_decrease_ms;
	shared->saturated_since_ms = rate->saturated_since_ms;
	client->shared_changed = true;
	client->view.in_flight = persona_rate_in_flight(rate, client->remote->in_flight);
}

struct persona_llm_ratio ratio_of(const struct persona_endpoint *shared)
{
	return (struct persona_llm_ratio){ .samples = shared->samples, .most_ppm = shared->most_ppm };
}

int client_transaction(struct client *client, struct persona_error *err)
{
	struct persona_rate_state rate;

	client->shared_changed = false;
	if (persona_store_endpoint_load(client->context->store, &client->shared, err) < 0)
		return -1;
	rate = rate_of(&client->shared);
	client->view.in_flight = persona_rate_in_flight(&rate, client->remote->in_flight);
	return 0;
}

int client_commit(struct client *client, struct persona_error *err)
{
	if (value_what_is_out(client, err) < 0)
		return -1;
	if (!client->shared_changed)
		return 0;
	return persona_store_endpoint_save(client->context->store, &client->shared, err);
}

const struct client_view *client_view(const struct client *client)
{
	return &client->view;
}

/* No request goes out any more. The first reason is the one that is told. */
void give_up(struct client *client, enum persona_end end, const char *text)
{
	if (client->view.end != PERSONA_END_DONE)
		return;
	client->view.end = end;
	(void)persona_error_set(&client->view.why, end == PERSONA_END_BUDGET ? PERSONA_E_BUSY : PERSONA_E_NET, "%s",
				text);
}

/* ---- Rendering ------------------------------------------------------- */

static struct prefix *find_prefix(const struct client *client, const struct persona_task *task)
{
	for (size_t i = 0; i < client->prefixes_len; i++)
		if (strcmp(client->prefixes[i].records_id, task->records_id) == 0)
			return &client->prefixes[i];
	return NULL;
}

int client_warm(struct client *client, const struct persona_task *task, struct persona_error *err)
{
	struct persona_buf text;
	struct prefix *prefix;
	int rc;

	if (!task->records || find_prefix(client, task))
		return 0;
	if (persona_grow((void **)&client->prefixes, &client->prefixes_capacity, client->prefixes_len,
			 sizeof *client->prefixes, err) < 0)
		return -1;
	prefix = &client->prefixes[client->prefixes_len];
	*prefix = (struct prefix){ .text = NULL };
	snprintf(prefix->records_id, sizeof prefix->records_id, "%s", task->records_id);
	persona_buf_init(&text, BODY_MAX / 2);
	rc = persona_llm_records(&text, task, err);
	if (!rc)
		rc = persona_llm_prefix_new(&prefix->text, text.data, text.len, err);
	persona_buf_release(&text);
	if (!rc)
		client->prefixes_len++;
	return rc;
}

void request_free(struct request *request)
{
	if (!request)
		return;
	/* Its end may have to be written once more. */
	if (request->state == REQUEST_ENDED && request->work) {
		request->work = NULL;
		return;
	}
	if (request->state != REQUEST_IDLE && request->work)
		request_unlink(request);
	persona_buf_release(&request->suffix);
	persona_llm_reply_release(&request->reply);
	free(request);
}

/* The logical request of a work, which is the same however often it is made. */
static int render(struct client *client, struct persona_work *work, struct persona_error *err)
{
	const struct persona_remote *remote = client->remote;
	struct request *request;
	const struct prefix *prefix;

	if (client_warm(client, &work->task, err) < 0)
		return -1;
	prefix = work->task.records ? find_prefix(client, &work->task) : NULL;
	request = calloc(1, sizeof *request);
	if (!request)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	work->request = request;
	request->client = client;
	request->work = work;
	persona_buf_init(&request->suffix, SUFFIX_MAX);
	persona_llm_reply_init(&request->reply);
	if (persona_llm_question(&request->suffix, &work->task, err) < 0)
		return -1;
	request->asked = (struct persona_llm_request){
		.system = remote->instructions,
		.prefix = prefix ? prefix->text : NULL,
		.suffix = request->suffix.data,
		.schema = remote->schema,
		.temperature = remote->temperature,
		.max_output_tokens = remote->max_output_tokens,
	};
	request->text_bytes = persona_llm_request_bytes(&request->asked);
	/* By what is known beforehand, not by what was learned: else the request would be another one next time. */
	if (persona_llm_provider(remote->llm) == PERSONA_LLM_OLLAMA)
		request->asked.context_tokens = persona_llm_context_for(
			persona_llm_estimate(&(struct persona_llm_ratio){ 0 }, request->text_bytes),
			remote->max_output_tokens);
	return persona_llm_identity(request->sha256, remote->llm, &request->asked, err);
}

/* ---- Beginning ------------------------------------------------------- */

/* 1: it was answered before, and the answer is used. */
static int use_answer_at_hand(struct client *client, struct persona_work *work, const struct persona_call_found *found,
			      struct persona_error *err)
{
	struct persona_llm_reply *reply = &work->request->reply;
	char *text, *finish_reason;
	int rc = persona_store_call_answer(client->context->store, found->call_id, &text, &finish_reason, err);

	if (rc > 0 && !text)
		rc = 0;
	if (rc > 0) {
		snprintf(reply->finish_reason, sizeof reply->finish_reason, "%s", finish_reason ? finish_reason : "");
		reply->outcome = PERSONA_LLM_OK;
		if (persona_buf_adds(&reply->text, text, err) < 0)
			rc = -1;
		work->call_id = found->call_id;
		work->request->at_hand = true;
		client->context->counts[PERSONA_COUNT_AT_HAND]++;
	}
	free(text);
	free(finish_reason);
	return rc;
}

/* Which sample is to be asked for; 1: none, the answer is at hand. */
static int choose_sample(struct client *client, struct persona_work *work, struct persona_error *err)
{
	struct request *request = work->request;
	struct persona_call_found found;
	int rc = persona_store_call_find(client->context->store, request->sha256, work->draw, &found, err);

	if (rc <= 0)
		return rc;
	request->sample = found.sample;
	if (found.state == PERSONA_CALL_DONE && !client->context->options->fresh) {
		rc = use_answer_at_hand(client, work, &found, err);
		if (rc)
			return rc;
	}
	/* What could not be used is kept, and the next one asked for; what never came is asked for again. */
	if (found.answered)
		request->sample++;
	return 0;
}

static bool carries(const struct persona_ledger *ledger, int64_t nusd)
{
	return ledger->budget_nusd < 0 || nusd == 0 ||
	       ledger->spent_nusd + ledger->reserved_nusd + nusd <= ledger->budget_nusd;
}

/* What this run may spend by itself. */
static struct persona_ledger ledger_of_run(const struct client *client)
{
	return (struct persona_ledger){ .budget_nusd = client->remote->max_cost_nusd,
					.spent_nusd = client->spent_nusd,
					.reserved_nusd = client->reserved_nusd };
}

/* A bound on money that does not carry the next request: the run's own, its chain's, else the database's. */
struct bound {
	const char *name;
	struct persona_ledger ledger;
};

static int find_bound(const struct client *client, int64_t nusd, struct bound *bound, struct persona_error *err)
{
	struct persona_store *store = client->context->store;

	*bound = (struct bound){ .name = "--max-cost", .ledger = ledger_of_run(client) };
	if (!carries(&bound->ledger, nusd))
		return 0;
	bound->name = "the chain's";
	if (persona_store_chain(store, &bound->ledger, err) < 0)
		return -1;
	if (!carries(&bound->ledger, nusd))
		return 0;
	bound->name = "the database's";
	return persona_store_ledger(store, &bound->ledger, err);
}

/* There is too little money for the next request. Will there be more? */
static int wait_for_money(struct client *client, int64_t nusd, struct persona_error *err)
{
	struct bound bound;
	char text[200];

	if (client->under_way) {
		client->view.short_of_money = true;
		return 0;
	}
	if (find_bound(client, nusd, &bound, err) < 0)
		return -1;
	/* We have nothing under way, so others do. */
	if (bound.ledger.reserved_nusd > 0) {
		client->view.next_send_ms = monotonic_now(client) + OTHERS_MS;
		return 0;
	}
	snprintf(text, sizeof text,
		 "stopped at the budget: $%.4f of %s $%.4f are left, and the next request may cost $%.4f",
		 (double)(bound.ledger.budget_nusd - bound.ledger.spent_nusd) / NUSD_PER_USD, bound.name,
		 (double)bound.ledger.budget_nusd / NUSD_PER_USD, (double)nusd / NUSD_PER_USD);
	give_up(client, PERSONA_END_BUDGET, text);
	return 0;
}

#define PROBES 3 /* requests that tell what the others are going to cost */

/* Money is bounded, and of what requests cost nothing is known yet: a few are enough to find out, and many may be lost. */
static bool is_blind(const struct client *client, const struct persona_llm_ratio *ratio)
{
	return client->bounded && ratio->samples < PROBES && client->ended < PROBES && client->under_way >= PROBES;
}

/* Reserve the worst that it can cost: 1, or 0 where there is not enough. */
static int reserve(struct client *client, struct persona_work *work, struct persona_error *err)
{
	struct persona_store *store = client->context->store;
	struct persona_llm_ratio ratio = ratio_of(&client->shared);
	struct persona_ledger own = ledger_of_run(client);
	struct request *request = work->request;
	int64_t nusd =
		persona_price_worst_nusd(&client->price, input_of(client, request), client->remote->max_output_tokens);
	int rc;

	if (is_blind(client, &ratio)) {
		client->view.short_of_money = true;
		return 0;
	}
	if (!carries(&own, nusd))
		return wait_for_money(client, nusd, err);
	rc = persona_store_claim_reserve(store, client->stage, work->item, nusd, err);
	if (rc == 0 && !client->under_way) {
		/* What the dead had reserved is spent, and nobody waits for it. */
		if (persona_store_bury(store, err) < 0)
			return -1;
		rc = persona_store_claim_reserve(store, client->stage, work->item, nusd, err);
	}
	if (rc == 0)
		return wait_for_money(client, nusd, err);
	if (rc > 0) {
		request->reserved_nusd = nusd;
		client->reserved_nusd += nusd;
	}
	return rc;
}

static int keep_prefix(struct client *client, const struct persona_task *task, struct persona_error *err)
{
	struct prefix *prefix = task->records ? find_prefix(client, task) : NULL;
	char sha256[PERSONA_HASH_HEX];

	if (!prefix || prefix->kept)
		return 0;
	prefix->kept = true;
	return persona_store_blob_put(client->context->store, persona_llm_prefix_text(prefix->text),
				      persona_llm_prefix_len(prefix->text), sha256, err);
}

static int write_down(struct client *client, struct persona_work *work, struct persona_error *err)
{
	struct request *request = work->request;
	struct persona_call call = {
		.stage = client->stage,
		.provider = client->shared.provider,
		.model = client->shared.model,
		.batch_id = work->place.batch_id,
		.request_sha256 = request->sha256,
		.draw = work->draw,
		.sample = request->sample,
		.prefix_sha256 = request->asked.prefix ? persona_llm_prefix_sha256(request->asked.prefix) : NULL,
		.suffix = request->suffix.data,
	};

	request->if_lost_nusd = lost_nusd(client, request, client->under_way + 1);
	if (keep_prefix(client, &work->task, err) < 0 ||
	    persona_store_call_send(client->context->store, &call, request->if_lost_nusd, &work->call_id, err) < 0)
		return -1;
	snprintf(request->item, sizeof request->item, "%s", work->item);
	request->call_id = work->call_id;
	request->state = REQUEST_BEGUN;
	request->came_back = false;
	request_link(request);
	request->tries++;
	request->sent_ms = unix_now(client);
	request->quirks =
		persona_llm_quirks_parse(client->shared.quirks) | persona_llm_known_quirks(client->remote->llm);
	client->under_way++;
	client->context->counts[PERSONA_COUNT_REQUESTS]++;
	return 0;
}

/* Told to wait, by whatever process, for longer than we are to: nobody is asked until then. */
static void check_patience(struct client *client, const struct persona_rate_state *rate, int64_t now)
{
	int64_t wait = rate->blocked_until_ms - now;
	char text[120];

	if (wait <= client->remote->patience_ms)
		return;
	snprintf(text, sizeof text, "the provider tells to wait for %lld s, --max-wait is %lld s",
		 (long long)((wait + 999) / 1000), (long long)(client->remote->patience_ms / 1000));
	give_up(client, PERSONA_END_UNUSABLE, text);
}

enum client_begin client_begin(struct client *client, struct persona_work *work, struct persona_error *err)
{
	struct persona_rate_state rate = rate_of(&client->shared);
	int64_t now = unix_now(client), wait;
	bool again = work->request != NULL;
	int rc;

	if (!again && render(client, work, err) < 0)
		return CLIENT_ERROR;
	if (!again) {
		rc = choose_sample(client, work, err);
		if (rc)
			return rc < 0 ? CLIENT_ERROR : CLIENT_AT_HAND;
	}
	if (client->view.end != PERSONA_END_DONE)
		return CLIENT_NOT_NOW;
	work->request->tokens = (int64_t)work->request->text_bytes / 4 + client->remote->max_output_tokens;
	wait = persona_rate_take(&rate, &client->remote->limits, now, work->request->tokens);
	if (wait > 0) {
		client->view.next_send_ms = monotonic_now(client) + wait;
		check_patience(client, &rate, now);
		return CLIENT_NOT_NOW;
	}
	rc = reserve(client, work, err);
	if (rc <= 0)
		return rc < 0 ? CLIENT_ERROR : CLIENT_NOT_NOW;
	set_rate(client, &rate);
	if (write_down(client, work, err) < 0)
		return CLIENT_ERROR;
	if (again)
		client->context->counts[PERSONA_COUNT_RETRIES]++;
	return CLIENT_SEND;
}

#define USUAL_BYTES_PER_TOKEN	 4 /* of English text */
#define USUAL_TOKENS_PER_PERSONA 350

int client_estimate(struct client *client, struct persona_work *work, struct persona_error *err)
{
	struct persona_estimate *estimate = &client->context->estimate;
	struct persona_llm_ratio ratio = ratio_of(&client->shared);
	struct persona_llm_usage usual = { .cached = -1, .cache_written = -1, .reasoning = -1 };
	int64_t input, output = client->remote->max_output_tokens;
	int rc = render(client, work, err);

	if (rc == 0)
		rc = choose_sample(client, work, err);
	estimate->priced = client->priced;
	if (rc > 0)
		estimate->at_hand++;
	if (rc)
		return rc < 0 ? -1 : 0;
	input = persona_llm_estimate(&ratio, work->request->text_bytes);
	usual.input = (int64_t)work->request->text_bytes / USUAL_BYTES_PER_TOKEN;
	usual.output = (int64_t)work->task.count * USUAL_TOKENS_PER_PERSONA;
	if (usual.output > output)
		usual.output = output;
	estimate->requests++;
	estimate->input_low += usual.input;
	estimate->input_high += input;
	estimate->output_low += usual.output;
	estimate->output_high += output;
	estimate->low_nusd += persona_price_cost_nusd(&client->price, &usual);
	estimate->high_nusd += persona_price_worst_nusd(&client->price, input, output);
	return 0;
}

/* ---- Sending --------------------------------------------------------- */

static const char *header_of(void *payload, const char *name)
{
	return persona_http_response_header(payload, name);
}

/* On the loop thread. */
static void on_answer(void *payload, struct persona_http_response *response)
{
	struct request *request = payload;
	struct persona_llm_raw raw = {
		.outcome = response->outcome,
		.maybe_sent = response->maybe_sent,
		.status = response->status,
		.body = response->body.data,
		.len = response->body.len,
		.header = header_of,
		.payload = response,
		.now_ms = unix_now(request->client),
		.reason = response->error.text,
	};

	request->latency_ms = response->total_us < 0 ? -1 : response->total_us / 1000;
	request->status = response->status;
	if (persona_llm_read(request->client->remote->llm, &raw, &request->reply, &request->work->reason) < 0) {
		request->work->failed = "invalid";
		request->reply.charged = true;
	}
	workers_submit(request->client->workers, request->work);
}

int client_send(struct client *client, struct persona_work *work, struct persona_error *err)
{
	struct request *request = work->request;
	struct persona_buf body;
	int rc;

	if (request->at_hand) {
		workers_submit(client->workers, work);
		return 0;
	}
	persona_buf_init(&body, BODY_MAX);
	rc = persona_llm_body(&body, client->remote->llm, &request->asked, request->quirks, err);
	if (!rc)
		rc = client->remote->send(client->remote->payload, &body, on_answer, request, err);
	persona_buf_release(&body);
	return rc;
}

bool request_is_answered(const struct request *request)
{
	return request->at_hand || persona_llm_policy(request->reply.outcome)->usable;
}
