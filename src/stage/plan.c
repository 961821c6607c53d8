/* The batch of a draft: found again by its label or by what it is made of, or made, with its calls planned. */
#include "draft.h"
#include "persona/json.h"

#define DEFAULT_BATCH_SIZE 10 /* personas per call */

static int compare_sources(const void *a, const void *b)
{
	const struct persona_source *const *left = a, *const *right = b;
	int order = strcmp((*left)->sha256, (*right)->sha256);

	return order ? order : strcmp((*left)->media_type, (*right)->media_type);
}

/* What a batch is found by when it has no label: the data, the model, the options that shape the answer. */
static int make_settings(struct persona_context *context, const struct persona_sources *sources, json_t **out,
			 struct persona_error *err)
{
	const struct persona_source **sorted = calloc(sources->len, sizeof *sorted);
	const struct persona_draft_settings *wish = context->settings;
	json_t *list = json_array(), *options = NULL, *settings = NULL;

	if (!sorted || !list)
		goto out;
	for (size_t i = 0; i < sources->len; i++)
		sorted[i] = &sources->items[i];
	qsort(sorted, sources->len, sizeof *sorted, compare_sources);
	for (size_t i = 0; i < sources->len; i++)
		if (json_array_append_new(list, json_pack("{s:s, s:s}", "sha256", sorted[i]->sha256, "media_type",
							  sorted[i]->media_type)) < 0)
			goto out;
	options = context->model->options ? json_deep_copy(context->model->options) : json_object();
	/* The built-in model answers the same however many it is asked for at a time. */
	if (context->model->remote && wish->batch_size &&
	    json_object_set_new(options, "batch_size", json_integer(wish->batch_size)) < 0)
		goto out;
	settings = json_pack("{s:s, s:O, s:O}", "model", context->model->name, "sources", list, "options", options);
out:
	json_decref(options);
	free(sorted);
	json_decref(list);
	*out = settings;
	return settings ? 0 : persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
}

static int store_sources(struct persona_context *context, const struct persona_sources *sources, int64_t *ids,
			 struct persona_error *err)
{
	for (size_t i = 0; i < sources->len; i++) {
		const struct persona_source *source = &sources->items[i];
		int rc = persona_store_source_find(context->store, source->sha256, source->media_type, &ids[i], err);

		if (rc == 0)
			rc = persona_store_source_add(context->store, source->uri, source->sha256, source->media_type,
						      source->size_bytes, &source->records, &ids[i], err);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int create_batch(struct persona_context *context, struct draft *draft, const struct persona_sources *sources,
			struct persona_error *err)
{
	int64_t *ids = calloc(sources->len, sizeof *ids);
	int rc;

	if (!ids)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	rc = store_sources(context, sources, ids, err);
	if (!rc)
		rc = persona_store_batch_add(context->store, &draft->batch, ids, sources->len, err);
	free(ids);
	return rc;
}

/* Plan what is wanted and not planned yet. What a model over a network is to attend to stands in the plan. */
static int extend(struct persona_context *context, const struct draft *draft, struct persona_error *err)
{
	const struct persona_draft_settings *wish = context->settings;
	int64_t batch_id = draft->batch.batch_id, planned = draft->batch.wanted;
	int64_t call_size = wish->batch_size ? wish->batch_size : DEFAULT_BATCH_SIZE;
	size_t shares = 1;

	if (planned >= wish->wanted)
		return 0;
	if (context->model->remote &&
	    deal_shares(context, batch_id, planned + 1, wish->wanted, &call_size, &shares, err) < 0)
		return -1;
	if (persona_store_batch_extend(context->store, batch_id, wish->wanted, call_size, err) < 0)
		return -1;
	return context->model->remote ? deal_write(context, batch_id, planned + 1, wish->wanted, shares, err) : 0;
}

/* In a write transaction: somebody else may have made the batch since we looked. */
static int plan(struct persona_context *context, struct draft *draft, const char *identity, const char *settings,
		const struct persona_sources *sources, struct persona_error *err)
{
	const struct persona_draft_settings *wish = context->settings;
	int rc;

	persona_batch_release(&draft->batch);
	rc = persona_store_batch_find(context->store, wish->label, identity, &draft->batch, err);
	if (rc == 0) {
		snprintf(draft->batch.sha256, sizeof draft->batch.sha256, "%s", identity);
		draft->batch.settings = persona_strdup(settings, err);
		if (wish->label)
			draft->batch.label = persona_strdup(wish->label, err);
		if (!draft->batch.settings || (wish->label && !draft->batch.label))
			return -1;
		rc = create_batch(context, draft, sources, err);
	}
	return rc < 0 ? -1 : extend(context, draft, err);
}

static int warn_if_other_data(const struct draft *draft, const char *settings)
{
	if (draft->batch.label && strcmp(draft->batch.settings, settings) != 0)
		persona_log(PERSONA_LOG_WARNING,
			    "batch '%s' was planned from other data or settings and keeps them; another --label starts "
			    "a new one",
			    draft->batch.label);
	return 0;
}

/* The identity of a batch with a label is the label: two batches may draw from the same data. */
static int identify(const struct persona_draft_settings *wish, const char *settings, char identity[PERSONA_HASH_HEX],
		    struct persona_error *err)
{
	struct persona_buf text;
	int rc;

	persona_buf_init(&text, 64 * 1024 * 1024);
	rc = wish->label ? persona_buf_addf(&text, err, "label %s", wish->label)
			 : persona_buf_adds(&text, settings, err);
	if (!rc)
		rc = persona_hash_bytes(identity, text.data, text.len, err);
	persona_buf_release(&text);
	return rc;
}

int plan_batch(struct persona_context *context, struct draft *draft, struct persona_error *err)
{
	const struct persona_draft_settings *wish = context->settings;
	const struct persona_sources *sources = &draft->sources;
	char identity[PERSONA_HASH_HEX];
	char *settings = NULL;
	json_t *object = NULL;
	int rc = -1, found;

	if (make_settings(context, sources, &object, err) < 0 || !(settings = persona_json_canonical(object, err)) ||
	    identify(wish, settings, identity, err) < 0)
		goto out;
	found = persona_store_batch_find(context->store, wish->label, identity, &draft->batch, err);
	if (found < 0)
		goto out;
	if (!found || draft->batch.wanted < wish->wanted) {
		if (persona_store_begin(context->store, err) < 0)
			goto out;
		if (plan(context, draft, identity, settings, sources, err) < 0) {
			persona_store_rollback(context->store);
			goto out;
		}
		if (persona_store_commit(context->store, err) < 0)
			goto out;
	}
	rc = warn_if_other_data(draft, settings);
out:
	json_decref(object);
	free(settings);
	return rc;
}
