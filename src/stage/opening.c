/* The client from its beginning to its end: whose key, which price, how much may be spent. */
#include "exchange.h"

static int tag_key(struct client *client, struct persona_error *err)
{
	char salt[PERSONA_HASH_HEX];
	struct persona_hash *hash;
	int rc;

	if (persona_store_salt(client->context->store, salt, err) < 0 || persona_hash_new(&hash, err) < 0)
		return -1;
	rc = persona_hash_add(hash, salt, strlen(salt), err);
	if (!rc)
		rc = persona_llm_hash_key(client->remote->llm, hash, err);
	if (!rc)
		rc = persona_hash_final(hash, client->key_tag, err);
	persona_hash_free(hash);
	return rc;
}

static int64_t pusd_per_token(int64_t nusd_per_million)
{
	return nusd_per_million < 0 ? -1 : nusd_per_million / 1000 + (nusd_per_million % 1000 > 0);
}

/* The user's own rows of table price win over what comes with the programs. 1 found, 0 not, -1 error. */
static int find_own_price(struct client *client, const char *day, struct persona_error *err)
{
	const struct persona_llm *llm = client->remote->llm;
	const char *provider = persona_price_provider(llm);
	struct persona_price_row *rows;
	size_t len;
	int found = 0;

	if (persona_store_prices(client->context->store, provider, &rows, &len, err) < 0)
		return -1;
	for (size_t i = 0; i < len; i++) {
		struct persona_price price = { .above_input_tokens = -1, .batch_percent = -1 };

		snprintf(price.provider, sizeof price.provider, "%s", rows[i].provider);
		snprintf(price.model, sizeof price.model, "%s", rows[i].model);
		snprintf(price.from, sizeof price.from, "%s", rows[i].valid_from);
		price.base = (struct persona_price_tier){
			.input_pusd = pusd_per_token(rows[i].input_nusd),
			.output_pusd = pusd_per_token(rows[i].output_nusd),
			.cached_pusd = pusd_per_token(rows[i].cached_nusd),
			.cache_write_pusd = pusd_per_token(rows[i].cache_write_nusd),
		};
		if (persona_price_better(&price, found ? &client->price : NULL, provider, persona_llm_model(llm),
					 day)) {
			client->price = price;
			found = 1;
		}
	}
	persona_price_rows_free(rows, len);
	return found;
}

/* Has somebody said how much may be spent? */
static int find_bounds(struct client *client, struct persona_error *err)
{
	struct persona_ledger ledger, chain;

	if (persona_store_ledger(client->context->store, &ledger, err) < 0 ||
	    persona_store_chain(client->context->store, &chain, err) < 0)
		return -1;
	client->bounded = client->remote->max_cost_nusd >= 0 || ledger.budget_nusd >= 0 || chain.budget_nusd >= 0;
	return 0;
}

/* What a user says goes before the table, and that before what comes with the programs. 1 found, 0 not, -1 error. */
static int find_price(struct client *client, struct persona_error *err)
{
	time_t now = (time_t)(unix_now(client) / 1000);
	struct tm utc;
	char day[32] = "";
	int rc;

	if (client->remote->priced) {
		client->price = client->remote->price;
		return 1;
	}
	if (gmtime_r(&now, &utc))
		strftime(day, sizeof day, "%Y-%m-%d", &utc);
	rc = find_own_price(client, day, err);
	return rc ? rc : persona_price_find(&client->price, client->remote->llm, day, err);
}

/* Without a price nothing can be bounded. */
static int know_price(struct client *client, struct persona_error *err)
{
	const char *name = client->context->model->name;
	int rc = find_price(client, err);

	client->priced = rc > 0;
	if (rc)
		return rc < 0 ? -1 : 0;
	if (client->bounded)
		return persona_error_set(
			err, PERSONA_E_USAGE,
			"no price is known for %s, so its cost cannot be bounded; say --price IN:OUT, in "
			"USD per million tokens",
			name);
	client->price = (struct persona_price){ .above_input_tokens = -1, .batch_percent = -1 };
	persona_log(PERSONA_LOG_WARNING, "no price is known for %s: what it costs is not counted (--price IN:OUT)",
		    name);
	return 0;
}

int client_new(struct client **out, const char *stage, struct persona_context *context, struct workers *workers,
	       struct persona_error *err)
{
	struct client *client = calloc(1, sizeof *client);
	int64_t seed[2];

	*out = client;
	if (!client)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	client->stage = stage;
	client->context = context;
	client->remote = context->model->remote;
	client->workers = workers;
	client->view.in_flight = client->remote->in_flight;
	client->view.patience_ms = client->remote->patience_ms;
	client->shared = (struct persona_endpoint){
		.provider = persona_llm_provider_name(persona_llm_provider(client->remote->llm)),
		.model = persona_llm_model(client->remote->llm),
		.origin = persona_llm_origin(client->remote->llm),
		.key_tag = client->key_tag,
	};
	seed[0] = unix_now(client);
	seed[1] = persona_store_run_id(context->store);
	client->random = persona_mix64(0, seed, sizeof seed);
	if (find_bounds(client, err) < 0 || know_price(client, err) < 0 || tag_key(client, err) < 0)
		return -1;
	return client_transaction(client, err);
}

void client_stop(struct client *client)
{
	if (client)
		client->remote->stop(client->remote->payload);
}

void client_free(struct client *client)
{
	if (!client)
		return;
	while (client->unsettled)
		request_unlink(client->unsettled);
	for (size_t i = 0; i < client->prefixes_len; i++)
		persona_llm_prefix_free(client->prefixes[i].text);
	free(client->prefixes);
	free(client);
}
