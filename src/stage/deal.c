/*
 * Data that are larger than a model's window are dealt over the calls of a batch, every k-th record to the k-th share, so
 * that each share has something of the whole and every record is shown to somebody. A call's plan is JSON:
 *
 *   {"share": 0, "shares": 3, "first": 11, "last": 20, "total": 200, "begin": LOCATOR, "end": LOCATOR, "differ": ["Name, occupation", …]}
 *
 * where only what applies is there; see docs/adr/0019.
 */
#include "draft.h"
#include "persona/json.h"

#define BYTES_PER_TOKEN 3    /* English has four and more, no script much less than three */
#define QUESTION_TOKENS 2048 /* for what a call is told about itself */
#define SCHEMA_BYTES	6144
#define DIFFER_MAX	40 /* personas named that were there before */
#define PAGE		64
#define SHARES_MAX	100000

/* Where nothing was planned. */
static const struct deal whole = { .shares = 1 };

/* ---- Shares ---------------------------------------------------------- */

/* Bytes of records that a request can hold beside everything else. */
static int64_t room_for_records(const struct persona_remote *remote, const struct persona_records *records)
{
	int64_t tokens = remote->context_tokens - remote->max_output_tokens - QUESTION_TOKENS;
	int64_t bytes = tokens * BYTES_PER_TOKEN - (int64_t)strlen(remote->instructions) - SCHEMA_BYTES;

	if (!remote->context_tokens)
		return INT64_MAX;
	for (size_t i = 0; i < records->columns_len; i++)
		bytes -= (int64_t)strlen(records->columns[i]) + (int64_t)sizeof "  Q999: \n";
	return bytes;
}

/* Bytes of the largest of so many shares; none can be larger than *all. */
static int64_t largest_share(const struct persona_records *records, size_t shares, int64_t *sums)
{
	int64_t most = 0;

	memset(sums, 0, shares * sizeof *sums);
	for (size_t i = 0; i < records->len; i++)
		sums[i % shares] += (int64_t)persona_llm_record_bytes(&records->items[i]);
	for (size_t i = 0; i < shares; i++)
		most = sums[i] > most ? sums[i] : most;
	return most;
}

/* The record that takes most room. */
static const struct persona_record *largest_record(const struct persona_records *records)
{
	const struct persona_record *largest = &records->items[0];

	for (size_t i = 1; i < records->len; i++)
		if (persona_llm_record_bytes(&records->items[i]) > persona_llm_record_bytes(largest))
			largest = &records->items[i];
	return largest;
}

static int too_small(const struct persona_remote *remote, const struct persona_records *records,
		     struct persona_error *err)
{
	const struct persona_record *record = records->len ? largest_record(records) : NULL;

	if (!record || room_for_records(remote, records) <= 0)
		return persona_error_set(
			err, PERSONA_E_USAGE,
			"%lld tokens (--context-tokens) leave no room for data beside the questions and an "
			"answer of %lld (--max-tokens)",
			(long long)remote->context_tokens, (long long)remote->max_output_tokens);
	return persona_error_set(
		err, PERSONA_E_USAGE,
		"record %s has %zu bytes, which is more than the model can take (--context-tokens %lld)",
		record->locator, persona_llm_record_bytes(record), (long long)remote->context_tokens);
}

/* The smallest number of shares that all fit, or nearly so. */
static int count_shares(const struct persona_remote *remote, const struct persona_records *records, size_t *shares,
			struct persona_error *err)
{
	int64_t room = room_for_records(remote, records), *sums;
	size_t most = records->len < SHARES_MAX ? records->len : SHARES_MAX;

	*shares = 1;
	if (!records->len)
		return 0;
	if (room <= 0)
		return too_small(remote, records, err);
	sums = calloc(most, sizeof *sums);
	if (!sums)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	while (*shares <= most && largest_share(records, *shares, sums) > room) {
		size_t more = *shares + *shares / 8 + 1;

		*shares = more > most && *shares < most ? most : more;
	}
	free(sums);
	if (*shares > most)
		return too_small(remote, records, err);
	return 0;
}

int deal_shares(struct persona_context *context, int64_t batch_id, int64_t first_slot, int64_t wanted,
		int64_t *call_size, size_t *shares, struct persona_error *err)
{
	const struct persona_records *records;
	const char *identity;
	int64_t personas = wanted - first_slot + 1;

	if (persona_context_records(context, batch_id, &records, &identity, err) < 0 ||
	    count_shares(context->model->remote, records, shares, err) < 0)
		return -1;
	if (*shares == 1 || *call_size < 1)
		return 0;
	if (*call_size > personas / (int64_t)*shares)
		*call_size = personas < (int64_t)*shares ? 1 : personas / (int64_t)*shares;
	persona_log(PERSONA_LOG_WARNING,
		    "%zu records are more than the model can take at once: each call sees one in %zu", records->len,
		    *shares);
	if (personas < (int64_t)*shares)
		persona_log(PERSONA_LOG_WARNING,
			    "%lld of %zu parts of the data stay unused: draft %zu personas or more, or ask a model "
			    "with a larger window",
			    (long long)*shares - (long long)personas, *shares, *shares);
	return 0;
}

/* ---- Writing --------------------------------------------------------- */

/* What the calls of a deal have in common. */
struct common {
	const struct persona_records *records;
	size_t shares;
	int64_t first_slot, total; /* of the deal */
	char **names;		   /* of those that were there before */
	size_t names_len;
};

static int set(json_t *settings, const char *key, json_t *value)
{
	return json_object_set_new(settings, key, value);
}

/* The part of the share's records that stands where the call stands among the calls of the deal. */
static int set_region(json_t *settings, const struct common *common, size_t share, const struct persona_plan *plan)
{
	const struct persona_records *records = common->records;
	size_t len = (records->len - share + common->shares - 1) / common->shares;
	size_t from = (size_t)(plan->first_slot - common->first_slot), to = from + (size_t)plan->slots;
	size_t first, last;

	if (records->len <= share)
		return 0;
	first = (size_t)((unsigned long long)from * len / (size_t)common->total);
	last = (size_t)((unsigned long long)to * len / (size_t)common->total);
	last = last > first ? last - 1 : first;
	if (set(settings, "begin", json_string(records->items[first * common->shares + share].locator)) < 0)
		return -1;
	return set(settings, "end", json_string(records->items[last * common->shares + share].locator));
}

static int write_call(struct persona_context *context, int64_t batch_id, const struct common *common,
		      const struct persona_plan *plan, size_t number, struct persona_error *err)
{
	size_t share = number % common->shares;
	int64_t first = plan->first_slot - common->first_slot + 1;
	json_t *settings = json_object(), *differ = NULL;
	char *text = NULL;
	int rc = -1;

	if (!settings ||
	    (common->shares > 1 && (set(settings, "share", json_integer((json_int_t)share)) < 0 ||
				    set(settings, "shares", json_integer((json_int_t)common->shares)) < 0)))
		goto out;
	if (plan->slots < common->total &&
	    (set(settings, "first", json_integer(first)) < 0 ||
	     set(settings, "last", json_integer(first + plan->slots - 1)) < 0 ||
	     set(settings, "total", json_integer(common->total)) < 0 || set_region(settings, common, share, plan) < 0))
		goto out;
	if (common->names_len) {
		differ = json_array();
		for (size_t i = 0; i < common->names_len; i++)
			if (json_array_append_new(differ, json_string(common->names[i])) < 0)
				goto out;
		if (json_object_set(settings, "differ", differ) < 0)
			goto out;
	}
	text = persona_json_canonical(settings, err);
	if (text)
		rc = persona_store_plan_settle(context->store, batch_id, plan->first_slot, text, err);
	free(text);
	json_decref(differ);
	json_decref(settings);
	return rc;
out:
	json_decref(differ);
	json_decref(settings);
	return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
}

static int write_calls(struct persona_context *context, int64_t batch_id, const struct common *common,
		       struct persona_error *err)
{
	struct persona_plan plans[PAGE];
	int64_t after = common->first_slot - 1;
	/* A batch that grows persona by persona comes round, too. */
	size_t number = (size_t)common->first_slot - 1;
	long got;

	while ((got = persona_store_plans(context->store, batch_id, after, plans, PAGE, err)) > 0)
		for (long i = 0; i < got; i++) {
			after = plans[i].first_slot;
			if (write_call(context, batch_id, common, &plans[i], number++, err) < 0)
				return -1;
		}
	return got < 0 ? -1 : 0;
}

int deal_write(struct persona_context *context, int64_t batch_id, int64_t first_slot, int64_t wanted, size_t shares,
	       struct persona_error *err)
{
	struct common common = { .shares = shares, .first_slot = first_slot };
	const char *identity;
	int rc = -1;

	if (persona_context_records(context, batch_id, &common.records, &identity, err) < 0)
		return -1;
	common.total = wanted - first_slot + 1;
	if (persona_store_batch_names(context->store, batch_id, 1, first_slot - 1, DIFFER_MAX, &common.names,
				      &common.names_len, err) == 0)
		rc = write_calls(context, batch_id, &common, err);
	persona_names_free(common.names, common.names_len);
	return rc;
}

/* ---- Reading --------------------------------------------------------- */

/* A plan that somebody edited is told, not believed. */
static int fill(struct deal *deal, struct persona_error *err)
{
	struct persona_brief *brief = &deal->brief;
	json_int_t share = 0, shares = 1, first = 0, last = 0, total = 0;
	json_t *differ = NULL, *line;
	json_error_t why;
	size_t i;

	if (json_unpack_ex(deal->settings, &why, 0, "{s?I, s?I, s?I, s?I, s?I, s?s, s?s, s?o}", "share", &share,
			   "shares", &shares, "first", &first, "last", &last, "total", &total, "begin", &brief->begin,
			   "end", &brief->end, "differ", &differ) < 0)
		return persona_error_set(err, PERSONA_E_FORMAT, "plan.settings: %s", why.text);
	if (shares < 1 || shares > SHARES_MAX || share < 0 || share >= shares || first < 0 || last < first ||
	    total < last || (differ && !json_is_array(differ)))
		return persona_error_set(err, PERSONA_E_FORMAT, "plan.settings: out of range");
	deal->share = (size_t)share;
	deal->shares = (size_t)shares;
	brief->first = (size_t)first;
	brief->last = (size_t)last;
	brief->total = (size_t)total;
	if (!json_array_size(differ))
		return 0;
	brief->differ = calloc(json_array_size(differ), sizeof *brief->differ);
	if (!brief->differ)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	json_array_foreach(differ, i, line) {
		if (!json_is_string(line))
			return persona_error_set(err, PERSONA_E_FORMAT, "plan.settings: differ holds what is no text");
		brief->differ[brief->differ_len++] = (char *)(uintptr_t)json_string_value(line);
	}
	return 0;
}

int deal_read(struct persona_context *context, int64_t batch_id, int64_t slot, struct deal *out,
	      struct persona_error *err)
{
	char *text;
	int rc = persona_store_plan_of(context->store, batch_id, slot, &text, err);

	*out = whole;
	if (rc <= 0)
		return rc;
	rc = persona_json_parse_strict(&out->settings, text, strlen(text), err);
	free(text);
	if (!rc)
		rc = fill(out, err);
	if (rc < 0)
		deal_release(out);
	return rc;
}

void deal_release(struct deal *deal)
{
	free(deal->brief.differ);
	json_decref(deal->settings);
	*deal = whole;
}

int deal_records(struct persona_context *context, const struct persona_place *place,
		 const struct persona_records **records, const char **identity, struct persona_error *err)
{
	int64_t needed;
	struct deal deal;
	int rc;

	if (persona_context_records(context, place->batch_id, records, identity, err) < 0)
		return -1;
	if (!context->model->remote || !context->model->remote->context_tokens)
		return 0;
	if (context_prompt_bytes(context, place->batch_id, &needed, err) < 0)
		return -1;
	if (needed <= room_for_records(context->model->remote, *records))
		return 0;
	if (deal_read(context, place->batch_id, place->slot, &deal, err) < 0)
		return -1;
	rc = context_share(context, place->batch_id, deal.share, deal.shares, records, identity, err);
	deal_release(&deal);
	return rc;
}
