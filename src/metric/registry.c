#include <math.h>

#include "internal.h"

/* Each metric has its own allocation, so that a pointer to one outlives the coming of others. */
struct persona_registry {
	struct persona_metric **items; /* in order of name */
	size_t len, capacity;
	int threads;
};

static void metric_free(struct persona_metric *metric)
{
	if (!metric)
		return;
	free((char *)metric->name);
	free((char *)metric->description);
	free((char *)metric->category);
	free((char *)metric->definition);
	free(metric);
}

static struct persona_metric *metric_copy(const struct persona_metric *metric, struct persona_error *err)
{
	struct persona_metric *copy = malloc(sizeof *copy);

	if (!copy) {
		persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		return NULL;
	}
	*copy = *metric;
	copy->name = persona_strdup(metric->name, err);
	copy->description = persona_strdup(metric->description ? metric->description : "", err);
	copy->category = persona_strdup(metric->category ? metric->category : "", err);
	copy->definition = metric->definition ? persona_strdup(metric->definition, err) : NULL;
	if (!copy->name || !copy->description || !copy->category || (metric->definition && !copy->definition)) {
		metric_free(copy);
		return NULL;
	}
	return copy;
}

int persona_registry_new(struct persona_registry **out, struct persona_error *err)
{
	*out = calloc(1, sizeof **out);
	if (!*out)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	return 0;
}

int persona_registry_new_default(struct persona_registry **out, struct persona_error *err)
{
	static const struct persona_metric *const builtin[] = {
		&metric_completeness,	   &metric_consistency, &metric_distinctiveness,
		&metric_evidence_strength, &metric_realism,
	};

	if (persona_registry_new(out, err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof builtin / sizeof builtin[0]; i++)
		if (persona_registry_add(*out, builtin[i], err) < 0) {
			persona_registry_free(*out);
			*out = NULL;
			return -1;
		}
	return 0;
}

void persona_registry_free(struct persona_registry *registry)
{
	if (!registry)
		return;
	for (size_t i = 0; i < registry->len; i++)
		metric_free(registry->items[i]);
	free(registry->items);
	free(registry);
}

/* Where the name stands, or would. */
static size_t find(const struct persona_registry *registry, const char *name, bool *found)
{
	size_t low = 0, high = registry->len;

	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(registry->items[middle]->name, name);

		if (order == 0) {
			*found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int check(const struct persona_metric *metric, struct persona_error *err)
{
	if (!metric->name || !metric_name_ok(metric->name))
		return persona_error_set(err, PERSONA_E_USAGE,
					 "\"%s\" can't be the name of a metric: use up to 63 of a-z, 0-9 and _",
					 metric->name ? metric->name : "");
	if (!isfinite(metric->weight) || metric->weight < 0)
		return persona_error_set(err, PERSONA_E_USAGE, "metric %s: weight must be 0 or more, not %g",
					 metric->name, metric->weight);
	if (metric->scope != PERSONA_SCOPE_REVISION && metric->scope != PERSONA_SCOPE_SET)
		return persona_error_set(err, PERSONA_E_USAGE, "metric %s: no such scope", metric->name);
	if (metric->scope == PERSONA_SCOPE_REVISION ? !metric->revision : !metric->set)
		return persona_error_set(err, PERSONA_E_USAGE, "metric %s: no function for its scope", metric->name);
	return 0;
}

int persona_registry_add(struct persona_registry *registry, const struct persona_metric *metric,
			 struct persona_error *err)
{
	struct persona_metric *copy;
	size_t at;
	bool found;

	if (check(metric, err) < 0)
		return -1;
	at = find(registry, metric->name, &found);
	if (found)
		return persona_error_set(err, PERSONA_E_USAGE, "there is a metric %s already", metric->name);
	if (persona_grow((void **)&registry->items, &registry->capacity, registry->len, sizeof(struct persona_metric *),
			 err) < 0)
		return -1;
	copy = metric_copy(metric, err);
	if (!copy)
		return -1;
	copy->threads = registry->threads;
	memmove(registry->items + at + 1, registry->items + at, (registry->len - at) * sizeof(struct persona_metric *));
	registry->items[at] = copy;
	registry->len++;
	return 0;
}

int persona_registry_remove(struct persona_registry *registry, const char *name, struct persona_error *err)
{
	bool found;
	size_t at = find(registry, name, &found);

	if (!found)
		return persona_error_set(err, PERSONA_E_NOTFOUND, "no metric \"%s\"", name);
	metric_free(registry->items[at]);
	registry->len--;
	memmove(registry->items + at, registry->items + at + 1, (registry->len - at) * sizeof(struct persona_metric *));
	return 0;
}

const struct persona_metric *persona_registry_get(const struct persona_registry *registry, const char *name)
{
	bool found;
	size_t at = find(registry, name, &found);

	return found ? registry->items[at] : NULL;
}

const struct persona_metric *persona_registry_at(const struct persona_registry *registry, size_t index)
{
	return index < registry->len ? registry->items[index] : NULL;
}

size_t persona_registry_count(const struct persona_registry *registry)
{
	return registry->len;
}

const struct persona_metric *persona_registry_next(const struct persona_registry *registry, const char *category,
						   size_t *index)
{
	while (*index < registry->len) {
		const struct persona_metric *metric = registry->items[(*index)++];

		if (strcmp(metric->category, category) == 0)
			return metric;
	}
	return NULL;
}

void persona_registry_set_threads(struct persona_registry *registry, int threads)
{
	registry->threads = threads;
	for (size_t i = 0; i < registry->len; i++)
		registry->items[i]->threads = threads;
}

int registry_threads(const struct persona_registry *registry)
{
	return registry->threads;
}

bool persona_registry_has_set(const struct persona_registry *registry, const struct persona_profile *profile)
{
	for (size_t i = 0; i < registry->len; i++)
		if (registry->items[i]->scope == PERSONA_SCOPE_SET && metric_weight(profile, registry->items[i]) > 0)
			return true;
	return false;
}

static json_t *metric_json(const struct persona_metric *metric, const struct persona_profile *profile)
{
	json_t *object = json_object();
	int rc = json_object_set_new(object, "version", json_integer(metric->version));

	rc |= json_object_set_new(object, "weight", json_real(metric_weight(profile, metric)));
	if (metric->definition)
		rc |= json_object_set_new(object, "definition", json_string(metric->definition));
	if (rc) {
		json_decref(object);
		return NULL;
	}
	return object;
}

int persona_registry_settings(json_t **out, const struct persona_registry *registry,
			      const struct persona_profile *profile, struct persona_error *err)
{
	json_t *settings = json_object(), *metrics = json_object(), *weighed = NULL;
	int rc = persona_profile_json(&weighed, profile, err);

	*out = NULL;
	/* The setters take the values over even when they fail. */
	rc |= json_object_set_new(settings, "profile", weighed);
	for (size_t i = 0; i < registry->len; i++)
		rc |= json_object_set_new(metrics, registry->items[i]->name, metric_json(registry->items[i], profile));
	rc |= json_object_set_new(settings, "metrics", metrics);
	if (rc) {
		json_decref(settings);
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	*out = settings;
	return 0;
}
