/* What stages share while they run: research data, keys, counters. */
#include "internal.h"
#include "persona/json.h"

/* ---- Data ------------------------------------------------------------ */

struct entry {
	int64_t batch_id;
	size_t share, shares; /* 0 of 1: all records; else a list that borrows them from there */
	struct persona_records records;
	char identity[PERSONA_HASH_HEX];
	int64_t prompt_bytes; /* of all records in a prompt; -1: not counted yet */
};

struct persona_data {
	struct entry **entries; /* each allocated by itself: workers hold pointers into them */
	size_t len, capacity;
};

static void entry_free(struct entry *entry)
{
	if (entry->shares == 1)
		persona_records_release(&entry->records);
	else
		free(entry->records.items);
	free(entry);
}

void data_free(struct persona_data *data)
{
	if (!data)
		return;
	for (size_t i = 0; i < data->len; i++)
		entry_free(data->entries[i]);
	free(data->entries);
	free(data);
}

/* Every shares-th record, so that each share has something of the whole. */
static int deal_out(struct entry *entry, const struct entry *whole, struct persona_error *err)
{
	struct persona_records *records = &entry->records;
	char text[PERSONA_HASH_HEX + 48];

	*records = whole->records;
	records->len = records->capacity = 0;
	records->items =
		calloc((whole->records.len - entry->share + entry->shares - 1) / entry->shares, sizeof *records->items);
	if (!records->items)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t i = entry->share; i < whole->records.len; i += entry->shares)
		records->items[records->len++] = whole->records.items[i];
	snprintf(text, sizeof text, "%s %zu/%zu", whole->identity, entry->share, entry->shares);
	return persona_hash_bytes(entry->identity, text, strlen(text), err);
}

static struct entry *entry_new(struct persona_context *context, int64_t batch_id, size_t share, size_t shares,
			       const struct entry *whole, struct persona_error *err)
{
	struct persona_data *data = context->data;
	struct entry *entry;
	int rc;

	if (persona_grow((void **)&data->entries, &data->capacity, data->len, sizeof *data->entries, err) < 0)
		return NULL;
	entry = calloc(1, sizeof *entry);
	if (!entry) {
		(void)persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		return NULL;
	}
	entry->batch_id = batch_id;
	entry->share = share;
	entry->shares = shares;
	entry->prompt_bytes = -1;
	if (whole)
		rc = deal_out(entry, whole, err);
	else
		rc = persona_store_batch_records(context->store, batch_id, &entry->records, entry->identity, err);
	if (rc < 0) {
		free(entry);
		return NULL;
	}
	data->entries[data->len++] = entry;
	return entry;
}

static struct entry *entry_of(struct persona_context *context, int64_t batch_id, size_t share, size_t shares,
			      struct persona_error *err)
{
	struct entry *whole = NULL;

	for (size_t i = 0; i < context->data->len; i++) {
		struct entry *entry = context->data->entries[i];

		if (entry->batch_id == batch_id && entry->share == share && entry->shares == shares)
			return entry;
	}
	if (shares > 1) {
		whole = entry_of(context, batch_id, 0, 1, err);
		if (!whole)
			return NULL;
	}
	return entry_new(context, batch_id, share, shares, whole, err);
}

int context_share(struct persona_context *context, int64_t batch_id, size_t share, size_t shares,
		  const struct persona_records **records, const char **identity, struct persona_error *err)
{
	struct entry *entry;

	if (!context->data) {
		context->data = calloc(1, sizeof *context->data);
		if (!context->data)
			return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	entry = entry_of(context, batch_id, share, shares, err);
	if (!entry)
		return -1;
	*records = &entry->records;
	*identity = entry->identity;
	return 0;
}

int persona_context_records(struct persona_context *context, int64_t batch_id, const struct persona_records **records,
			    const char **identity, struct persona_error *err)
{
	return context_share(context, batch_id, 0, 1, records, identity, err);
}

int context_prompt_bytes(struct persona_context *context, int64_t batch_id, int64_t *bytes, struct persona_error *err)
{
	const struct persona_records *records;
	const char *identity;
	struct entry *entry;

	if (persona_context_records(context, batch_id, &records, &identity, err) < 0)
		return -1;
	entry = entry_of(context, batch_id, 0, 1, err);
	if (!entry)
		return -1;
	if (entry->prompt_bytes < 0) {
		entry->prompt_bytes = 0;
		for (size_t i = 0; i < records->len; i++)
			entry->prompt_bytes += (int64_t)persona_llm_record_bytes(&records->items[i]);
	}
	*bytes = entry->prompt_bytes;
	return 0;
}

/* ---- Keys ------------------------------------------------------------ */

int key_begin(struct persona_context *context, const struct persona_key *key, int64_t *key_id,
	      struct persona_error *err)
{
	int rc = persona_store_key_is_last(context->store, key, key_id, err);

	if (rc)
		return rc < 0 ? -1 : 0;
	if (persona_store_begin(context->store, err) < 0)
		return -1;
	if (persona_store_key_use(context->store, key, key_id, err) < 0) {
		persona_store_rollback(context->store);
		return -1;
	}
	return persona_store_commit(context->store, err);
}

int key_unpark(struct persona_context *context, const char *stage, int64_t key_id, struct persona_error *err)
{
	long released;

	if (!context->options->retry || !key_id)
		return 0;
	if (persona_store_begin(context->store, err) < 0)
		return -1;
	released = persona_store_unpark(context->store, stage, key_id, context->options->retry, err);
	if (released < 0) {
		persona_store_rollback(context->store);
		return -1;
	}
	return persona_store_commit(context->store, err);
}

/* ---- Sets of ids ----------------------------------------------------- */

/* Where it stands, or would stand. */
static size_t ids_place(const struct ids *ids, int64_t id)
{
	size_t from = 0, to = ids->len;

	if (to && ids->items[to - 1] < id)
		return to;
	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (ids->items[middle] < id)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

bool ids_have(const struct ids *ids, int64_t id)
{
	size_t at = ids_place(ids, id);

	return at < ids->len && ids->items[at] == id;
}

int ids_add(struct ids *ids, int64_t id, struct persona_error *err)
{
	size_t at = ids_place(ids, id);

	if (at < ids->len && ids->items[at] == id)
		return 0;
	if (persona_grow((void **)&ids->items, &ids->capacity, ids->len, sizeof *ids->items, err) < 0)
		return -1;
	memmove(ids->items + at + 1, ids->items + at, (ids->len - at) * sizeof *ids->items);
	ids->items[at] = id;
	ids->len++;
	return 0;
}

void ids_release(struct ids *ids)
{
	free(ids->items);
	*ids = (struct ids){ 0 };
}

/* ---- Failures -------------------------------------------------------- */

int failure_add(struct persona_context *context, const struct persona_failure *failure, struct persona_error *err)
{
	if (persona_store_failure_add(context->store, failure, NULL, err) < 0)
		return -1;
	context->counts[PERSONA_COUNT_FAILED]++;
	if (context->failed.code == PERSONA_OK)
		(void)persona_error_set(&context->failed, PERSONA_E_FORMAT, "%s", failure->message);
	return 0;
}

/* ---- Counters -------------------------------------------------------- */

const char *persona_count_name(enum persona_count count)
{
	static const char *const names[] = {
		[PERSONA_COUNT_READ] = "read",
		[PERSONA_COUNT_DONE] = "done",
		[PERSONA_COUNT_MADE] = "made",
		[PERSONA_COUNT_UNCHANGED] = "unchanged",
		[PERSONA_COUNT_NOTHING] = "nothing_to_improve",
		[PERSONA_COUNT_PASSED] = "passed",
		[PERSONA_COUNT_REJECTED] = "rejected",
		[PERSONA_COUNT_UNSCORED] = "unscored",
		[PERSONA_COUNT_UNJUDGED] = "unjudged",
		[PERSONA_COUNT_EXHAUSTED] = "no_rounds_left",
		[PERSONA_COUNT_FAILED] = "failed",
		[PERSONA_COUNT_PARKED] = "parked",
		[PERSONA_COUNT_HELD] = "held_by_others",
		[PERSONA_COUNT_UNKNOWN] = "unknown_references",
		[PERSONA_COUNT_UNREADABLE] = "unreadable_files",
		[PERSONA_COUNT_FENCED] = "taken_over",
		[PERSONA_COUNT_PRINTED] = "printed",
		[PERSONA_COUNT_NOT_KEPT] = "not_kept",
		[PERSONA_COUNT_TOP_UPS] = "top_ups",
		[PERSONA_COUNT_REQUESTS] = "requests",
		[PERSONA_COUNT_RETRIES] = "retries",
		[PERSONA_COUNT_AT_HAND] = "answers_at_hand",
		[PERSONA_COUNT_INPUT_TOKENS] = "input_tokens",
		[PERSONA_COUNT_OUTPUT_TOKENS] = "output_tokens",
		[PERSONA_COUNT_COST_NUSD] = "cost_nusd",
		[PERSONA_COUNT_LOST_NUSD] = "lost_nusd",
	};

	return (unsigned)count < PERSONA_COUNTS ? names[count] : "unknown";
}

bool persona_context_incomplete(const struct persona_context *context)
{
	return context->counts[PERSONA_COUNT_FAILED] || context->counts[PERSONA_COUNT_PARKED] ||
	       context->counts[PERSONA_COUNT_HELD] || context->counts[PERSONA_COUNT_UNKNOWN] ||
	       context->counts[PERSONA_COUNT_UNREADABLE];
}

char *persona_context_counts(const struct persona_context *context)
{
	json_t *counts = json_object();
	bool whole = counts;
	char *text;

	for (int i = 0; i < PERSONA_COUNTS && whole; i++)
		if (context->counts[i])
			whole = json_object_set_new(counts, persona_count_name((enum persona_count)i),
						    json_integer(context->counts[i])) == 0;
	text = whole ? persona_json_compact(counts, NULL) : NULL;
	json_decref(counts);
	return text;
}
