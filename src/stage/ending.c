/* What becomes of a request that went out: what it cost, whether it is made again, and that no answer is lost. */
#include "exchange.h"

/* 0 <= … < 1; of no value but for spreading retries. */
static double draw_random(struct client *client)
{
	client->random = persona_mix64(client->random, "retry", 5);
	return (double)(client->random >> 11) / 9007199254740992.0;
}

/* The part of the prompt that many requests have in common; NULL: there is none. */
static struct prefix *prefix_of(const struct client *client, const struct request *request)
{
	for (size_t i = 0; i < client->prefixes_len; i++)
		if (client->prefixes[i].text == request->asked.prefix)
			return &client->prefixes[i];
	return NULL;
}

static void learn_input(struct client *client, const struct request *request)
{
	struct prefix *prefix = prefix_of(client, request);

	if (!prefix)
		return;
	if (!prefix->most_tokens || request->text_bytes < prefix->least_bytes)
		prefix->least_bytes = request->text_bytes;
	if (request->reply.usage.input > prefix->most_tokens)
		prefix->most_tokens = request->reply.usage.input;
}

int64_t input_of(const struct client *client, const struct request *request)
{
	struct persona_llm_ratio ratio = ratio_of(&client->shared);
	const struct prefix *prefix = prefix_of(client, request);
	int64_t tokens = persona_llm_estimate(&ratio, request->text_bytes), alike;

	if (!prefix || !prefix->most_tokens)
		return tokens;
	/* A byte more may be a token more. */
	alike = prefix->most_tokens;
	if (request->text_bytes > prefix->least_bytes)
		alike += (int64_t)(request->text_bytes - prefix->least_bytes);
	return alike < tokens ? alike : tokens;
}

/*
 * What is booked for an attempt if it is one of n that are lost: the most that it can have cost by what answers have
 * taught since it was reserved, and by their own length.
 */
int64_t lost_nusd(const struct client *client, const struct request *request, int64_t n)
{
	int64_t input = input_of(client, request), output = client->remote->max_output_tokens;
	int64_t tokens = persona_llm_lost_tokens(&client->lengths, n), nusd;

	if (tokens >= 0 && tokens / n < output)
		output = tokens / n + 1;
	nusd = persona_price_worst_nusd(&client->price, input, output);
	return nusd < request->reserved_nusd ? nusd : request->reserved_nusd;
}

/* What the attempt cost, and what may be lost with it. */
static void price_attempt(struct client *client, struct request *request)
{
	const struct persona_llm_reply *reply = &request->reply;
	struct persona_llm_usage usage = reply->usage;

	request->cost_nusd = request->lost_nusd = 0;
	if (!reply->charged)
		return;
	/* An answer without figures: count what was read and written, as if every two bytes were a token. */
	if (persona_llm_policy(reply->outcome)->usable) {
		if (usage.input < 0)
			usage.input = (int64_t)request->text_bytes / 2 + 1;
		if (usage.output < 0)
			usage.output = (int64_t)reply->text.len / 2 + 1;
	}
	request->cost_nusd = persona_price_cost_nusd(&client->price, &usage);
	if (request->cost_nusd >= 0)
		return;
	request->cost_nusd = 0;
	/* Who comes too late may have gone on to the limit. */
	request->lost_nusd =
		reply->outcome == PERSONA_LLM_TIMEOUT ? request->reserved_nusd : lost_nusd(client, request, 1);
}

static void tell_rate(struct client *client, const struct request *request, int64_t wait_ms)
{
	const struct persona_llm_reply *reply = &request->reply;
	const struct persona_llm_policy *policy = persona_llm_policy(reply->outcome);
	struct persona_rate_state rate = rate_of(&client->shared);
	struct persona_llm_ratio ratio = ratio_of(&client->shared);
	int64_t now = unix_now(client);

	/* Longer than our patience: others may have more. */
	if (wait_ms < 0)
		wait_ms = reply->retry_after_ms;
	if (policy->slows)
		persona_rate_told(&rate, now, request->sent_ms, wait_ms, client->under_way + 1);
	else if (policy->usable)
		persona_rate_ok(&rate, now);
	if (reply->usage.input >= 0 && reply->usage.output >= 0)
		persona_rate_settle(&rate, &client->remote->limits, now, request->sent_ms, request->tokens,
				    reply->usage.input + reply->usage.output);
	if (reply->usage.input > 0) {
		persona_llm_ratio_learn(&ratio, request->text_bytes, reply->usage.input);
		learn_input(client, request);
		client->shared.samples = ratio.samples;
		client->shared.most_ppm = ratio.most_ppm;
	}
	set_rate(client, &rate);
}

/* Whoever has taken the claim over has booked what it cost. */
static int write_end(struct client *client, const struct request *request, bool ours, struct persona_error *err)
{
	const struct persona_llm_reply *reply = &request->reply;
	const struct persona_work *work = request->work;
	bool failed = work && work->failed, usable = persona_llm_policy(reply->outcome)->usable && !failed;
	const char *why = failed ? work->reason.text : reply->message;
	struct persona_call_end end = {
		.state = usable			      ? PERSONA_CALL_DONE
			 : request->lost_nusd && ours ? PERSONA_CALL_LOST
						      : PERSONA_CALL_FAILED,
		.response = reply->text.len ? reply->text.data : NULL,
		.finish_reason = reply->finish_reason[0] ? reply->finish_reason : NULL,
		.provider_request_id = reply->request_id[0] ? reply->request_id : NULL,
		.error = usable || !why[0] ? NULL : why,
		.http_status = request->status > 0 ? request->status : -1,
		.latency_ms = request->latency_ms,
		.input_tokens = reply->usage.input,
		.output_tokens = reply->usage.output,
		.cached_tokens = reply->usage.cached,
		.cache_write_tokens = reply->usage.cache_written,
		.reasoning_tokens = reply->usage.reasoning,
		.cost_nusd = ours ? request->cost_nusd : 0,
		.lost_nusd = ours ? request->lost_nusd : 0,
	};

	return persona_store_call_end(client->context->store, request->call_id, &end, err);
}

static void count(struct client *client, const struct request *request)
{
	int64_t *counts = client->context->counts;

	counts[PERSONA_COUNT_COST_NUSD] += request->cost_nusd;
	counts[PERSONA_COUNT_LOST_NUSD] += request->lost_nusd;
	if (request->reply.usage.input > 0)
		counts[PERSONA_COUNT_INPUT_TOKENS] += request->reply.usage.input;
	if (request->reply.usage.output > 0)
		counts[PERSONA_COUNT_OUTPUT_TOKENS] += request->reply.usage.output;
}

static enum client_end fail(struct persona_work *work, const char *class, const char *text)
{
	if (!work->failed)
		(void)persona_error_set(&work->reason, PERSONA_E_NET, "%s", text);
	work->failed = work->failed ? work->failed : class;
	return CLIENT_FAILED;
}

/* A refusal to take a parameter: leave it out from now on, here and in every later run. */
static bool learn(struct client *client, const struct request *request)
{
	unsigned quirks = request->quirks;
	char text[PERSONA_LLM_QUIRKS_TEXT];

	if (!persona_llm_learn(&quirks, &request->reply))
		return false;
	persona_llm_quirks_format(text, quirks | persona_llm_quirks_parse(client->shared.quirks));
	snprintf(client->shared.quirks, sizeof client->shared.quirks, "%s", text);
	client->shared_changed = true;
	return true;
}

/* No answer: again, or not, or nobody ever. */
static enum client_end no_answer(struct client *client, struct persona_work *work, bool may_retry, int64_t wait_ms)
{
	struct request *request = work->request;
	const struct persona_llm_reply *reply = &request->reply;
	const struct persona_llm_policy *policy = persona_llm_policy(reply->outcome);
	struct persona_rate_state rate = rate_of(&client->shared);
	bool told = reply->outcome == PERSONA_LLM_RATE, retry;

	if (reply->outcome == PERSONA_LLM_CANCELLED)
		return CLIENT_STOPPED;
	if (reply->outcome == PERSONA_LLM_PARAMETER)
		return learn(client, request) && may_retry ? CLIENT_AGAIN : fail(work, "invalid", reply->message);
	retry = persona_llm_may_retry(reply) && (told || (int64_t)request->attempts <= client->remote->retries);
	if ((policy->stops && !retry) || (told && wait_ms < 0) ||
	    persona_rate_is_stuck(&rate, unix_now(client), client->remote->patience_ms)) {
		give_up(client, PERSONA_END_UNUSABLE, reply->message);
		return CLIENT_STOPPED;
	}
	if (retry && client->view.end != PERSONA_END_DONE)
		return CLIENT_STOPPED;
	if (!retry || wait_ms < 0 || !may_retry)
		return fail(work, policy->failure_class ? policy->failure_class : "invalid", reply->message);
	request->again_ms = monotonic_now(client) + wait_ms;
	return CLIENT_AGAIN;
}

/* It is not under way any more; that its end is written is to be committed. */
static void come_back(struct client *client, struct request *request)
{
	client->under_way--;
	client->view.short_of_money = false;
	client->reserved_nusd -= request->reserved_nusd;
	client->spent_nusd += request->cost_nusd + request->lost_nusd;
	client->ended++;
	request->state = REQUEST_ENDED;
}

enum client_end client_end(struct client *client, struct persona_work *work, bool may_retry, struct persona_error *err)
{
	struct request *request = work->request;
	int64_t wait_ms = 0;
	bool usable = request_is_answered(request);
	enum client_end end;

	if (request->state != REQUEST_OUT) {
		if (work->failed && request->at_hand &&
		    persona_store_call_reject(client->context->store, work->call_id, work->reason.text, err) < 0)
			return CLIENT_END_ERROR;
		return work->failed ? CLIENT_FAILED : CLIENT_TAKE;
	}
	price_attempt(client, request);
	if (request->reply.outcome != PERSONA_LLM_RATE && request->reply.outcome != PERSONA_LLM_PARAMETER)
		request->attempts++;
	if (!usable)
		wait_ms = persona_llm_backoff_ms(request->tries, &request->reply, draw_random(client),
						 client->remote->patience_ms);
	come_back(client, request);
	count(client, request);
	tell_rate(client, request, wait_ms);
	if (write_end(client, request, true, err) < 0 ||
	    persona_store_claim_pay(client->context->store, client->stage, work->item,
				    request->cost_nusd + request->lost_nusd, err) < 0)
		return CLIENT_END_ERROR;
	request->reserved_nusd = 0;
	if (usable)
		return work->failed ? CLIENT_FAILED : CLIENT_TAKE;
	end = no_answer(client, work, may_retry, wait_ms);
	if (end == CLIENT_AGAIN)
		work->failed = NULL;
	return end;
}

int client_keep(struct client *client, struct persona_work *work, struct persona_error *err)
{
	struct request *request = work->request;

	if (!request || request->state != REQUEST_OUT)
		return 0;
	request->cost_nusd = 0;
	request->lost_nusd = request->reserved_nusd;
	come_back(client, request);
	count(client, request);
	return write_end(client, request, false, err);
}

/* ---- What is booked if we are killed ----------------------------------- */

#define LOOK_SHARE 8  /* as often as answers add this part to what is known of them, */
#define LOOK_MOST  64 /* but at least after so many */

#define MANY_TOKENS 10000000 /* beyond any bound from which on a price is another */

static int look_at_lengths(struct client *client, struct persona_error *err)
{
	struct persona_call_lengths lengths;
	int64_t more;

	if (persona_store_call_lengths(client->context->store, client->stage, client->shared.provider,
				       client->shared.model, &lengths, err) < 0)
		return -1;
	client->lengths = (struct persona_llm_lengths){
		.answers = lengths.answers,
		.lost = lengths.lost,
		.mean = lengths.mean,
		.mean_square = lengths.mean_square,
	};
	more = lengths.answers / LOOK_SHARE;
	client->next_look = client->ended + (more < 1 ? 1 : more > LOOK_MOST ? LOOK_MOST : more);
	return 0;
}

/* What the dead had under way was booked by what they knew then. */
static int value_what_is_buried(struct client *client, struct persona_error *err)
{
	struct persona_store *store = client->context->store;
	const char *provider = client->shared.provider, *model = client->shared.model;
	struct persona_llm_lengths all = client->lengths;
	struct persona_call_buried call = { 0 };
	int64_t n = all.lost > 0 ? all.lost : 1, output;
	int rc;

	all.lost = 0;
	output = persona_llm_lost_tokens(&all, n);
	if (output < 0)
		return 0;
	output = output / n + 1;
	while ((rc = persona_store_call_buried(store, client->stage, provider, model, call.call_id, &call, err)) > 0) {
		int64_t nusd = call.input_tokens < 0
				       ? -1
				       : persona_price_worst_nusd(&client->price, call.input_tokens, output);

		if (nusd >= 0 && nusd < call.lost_nusd && persona_store_call_buried_value(store, &call, nusd, err) < 0)
			return -1;
	}
	return rc;
}

static bool costs_nothing(const struct client *client)
{
	return persona_price_worst_nusd(&client->price, 1, 1) == 0 &&
	       persona_price_worst_nusd(&client->price, MANY_TOKENS, MANY_TOKENS) == 0;
}

int value_what_is_out(struct client *client, struct persona_error *err)
{
	if (client->ended < client->next_look || costs_nothing(client))
		return 0;
	if (look_at_lengths(client, err) < 0 || value_what_is_buried(client, err) < 0)
		return -1;
	for (struct request *request = client->unsettled; request; request = request->next) {
		int64_t nusd;

		if (request->state != REQUEST_OUT)
			continue;
		nusd = lost_nusd(client, request, client->under_way);
		if (llabs(nusd - request->if_lost_nusd) * 20 < request->if_lost_nusd)
			continue;
		request->if_lost_nusd = nusd;
		if (persona_store_call_value(client->context->store, request->call_id, nusd, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- Commit and rollback --------------------------------------------- */

void request_link(struct request *request)
{
	struct client *client = request->client;

	request->previous = NULL;
	request->next = client->unsettled;
	if (request->next)
		request->next->previous = request;
	client->unsettled = request;
}

void request_unlink(struct request *request)
{
	if (request->previous)
		request->previous->next = request->next;
	else
		request->client->unsettled = request->next;
	if (request->next)
		request->next->previous = request->previous;
	request->state = REQUEST_IDLE;
	if (!request->work)
		request_free(request);
}

void client_committed(struct client *client)
{
	struct request *next;

	for (struct request *request = client->unsettled; request; request = next) {
		next = request->next;
		if (request->state == REQUEST_BEGUN)
			request->state = REQUEST_OUT;
		else if (request->state == REQUEST_ENDED)
			request_unlink(request);
	}
}

void client_rolled_back(struct client *client)
{
	struct request *next;

	for (struct request *request = client->unsettled; request; request = next) {
		next = request->next;
		if (request->state == REQUEST_BEGUN)
			request_unlink(request);
	}
}

/* ---- Rescue ---------------------------------------------------------- */

size_t client_unsettled(const struct client *client)
{
	size_t len = 0;

	for (const struct request *request = client->unsettled; request; request = request->next)
		len += request->state == REQUEST_ENDED || request->came_back;
	return len;
}

static int rescue(struct client *client, struct request *request, struct persona_error *err)
{
	struct persona_store *store = client->context->store;
	int ours = persona_store_claim_held(store, client->stage, request->item, err);

	if (ours < 0 || write_end(client, request, ours, err) < 0)
		return -1;
	if (!ours)
		return 0;
	if (persona_store_claim_pay(store, client->stage, request->item, request->cost_nusd + request->lost_nusd, err) <
	    0)
		return -1;
	return persona_store_claim_settle(store, client->stage, request->item, err) < 0 ? -1 : 0;
}

int client_rescue(struct client *client, struct persona_error *err)
{
	struct persona_store *store = client->context->store;

	for (struct request *request = client->unsettled; request; request = request->next)
		if (request->state == REQUEST_OUT && request->came_back) {
			price_attempt(client, request);
			come_back(client, request);
		}
	if (persona_store_begin(store, err) < 0)
		return -1;
	for (struct request *request = client->unsettled; request; request = request->next)
		if (request->state == REQUEST_ENDED && rescue(client, request, err) < 0)
			goto fail;
	if (persona_store_commit(store, err) < 0)
		goto fail;
	/* What a transaction that failed had counted was taken back with it. */
	for (struct request *request = client->unsettled; request; request = request->next)
		if (request->state == REQUEST_ENDED)
			count(client, request);
	client_committed(client);
	return 0;
fail:
	persona_store_rollback(store);
	return -1;
}
