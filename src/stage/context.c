/* What stages share while they run: research data, keys, counters. */
#include "internal.h"
#include "persona/json.h"

/* ---- Data ------------------------------------------------------------ */

struct entry {
	int64_t batch_id;
	struct persona_records records;
	char identity[PERSONA_HASH_HEX];
};

struct persona_data {
	struct entry **entries; /* each allocated by itself: workers hold pointers into them */
	size_t len, capacity;
};

void data_free(struct persona_data *data)
{
	if (!data)
		return;
	for (size_t i = 0; i < data->len; i++) {
		persona_records_release(&data->entries[i]->records);
		free(data->entries[i]);
	}
	free(data->entries);
	free(data);
}

static struct entry *load(struct persona_context *context, int64_t batch_id, struct persona_error *err)
{
	struct persona_data *data = context->data;
	struct entry *entry;

	if (persona_grow((void **)&data->entries, &data->capacity, data->len, sizeof *data->entries, err) < 0)
		return NULL;
	entry = calloc(1, sizeof *entry);
	if (!entry) {
		(void)persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		return NULL;
	}
	entry->batch_id = batch_id;
	if (persona_store_batch_records(context->store, batch_id, &entry->records, entry->identity, err) < 0) {
		free(entry);
		return NULL;
	}
	data->entries[data->len++] = entry;
	return entry;
}

int persona_context_records(struct persona_context *context, int64_t batch_id, const struct persona_records **records,
			    const char **identity, struct persona_error *err)
{
	struct entry *entry = NULL;

	if (!context->data) {
		context->data = calloc(1, sizeof *context->data);
		if (!context->data)
			return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	for (size_t i = 0; i < context->data->len && !entry; i++)
		if (context->data->entries[i]->batch_id == batch_id)
			entry = context->data->entries[i];
	if (!entry)
		entry = load(context, batch_id, err);
	if (!entry)
		return -1;
	*records = &entry->records;
	*identity = entry->identity;
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
		[PERSONA_COUNT_FENCED] = "taken_over",
		[PERSONA_COUNT_PRINTED] = "printed",
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
	       context->counts[PERSONA_COUNT_HELD] || context->counts[PERSONA_COUNT_UNKNOWN];
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
