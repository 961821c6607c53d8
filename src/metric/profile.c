#include <math.h>

#include "internal.h"

const struct persona_profile_info persona_profiles[] = {
	{ "default", "balanced: two goals, one item of the rest, half of the items with evidence" },
	{ "strict", "for publication: more items, 70 % with evidence, higher levels" },
	{ "lenient", "for first drafts: fewer items, 30 % with evidence, lower levels" },
	{ NULL, NULL },
};

#define WEIGHTS                                                                                                        \
	{                                                                                                              \
		{ "completeness", 0.25 }, { "consistency", 0.20 }, { "evidence_strength", 0.25 },                      \
			{ "distinctiveness", 0.15 }, { "realism", 0.15 },                                              \
	}
#define WEIGHTS_LEN 5

static const struct persona_profile builtin[] = {
	{
		.name = "default",
		.weights = WEIGHTS,
		.weights_len = WEIGHTS_LEN,
		.least = { [PERSONA_GOALS] = 2,
			   [PERSONA_FRUSTRATIONS] = 1,
			   [PERSONA_BEHAVIOURS] = 1,
			   [PERSONA_QUOTES] = 1 },
		.least_coverage = 0.5,
		.too_similar = 0.70,
		.language = "en",
		.level_from = { 0, 40, 60, 75, 90 },
	},
	{
		.name = "strict",
		.weights = WEIGHTS,
		.weights_len = WEIGHTS_LEN,
		.least = { [PERSONA_GOALS] = 3,
			   [PERSONA_FRUSTRATIONS] = 2,
			   [PERSONA_BEHAVIOURS] = 2,
			   [PERSONA_QUOTES] = 2 },
		.least_coverage = 0.7,
		.too_similar = 0.50,
		.language = "en",
		.level_from = { 0, 50, 70, 85, 95 },
	},
	{
		.name = "lenient",
		.weights = WEIGHTS,
		.weights_len = WEIGHTS_LEN,
		.least = { [PERSONA_GOALS] = 1, [PERSONA_FRUSTRATIONS] = 1 },
		.least_coverage = 0.3,
		.too_similar = 0.80,
		.language = "en",
		.level_from = { 0, 30, 50, 70, 85 },
	},
};

static const char *const level_names[] = {
	[PERSONA_FAILING] = "failing", [PERSONA_POOR] = "poor",		  [PERSONA_ACCEPTABLE] = "acceptable",
	[PERSONA_GOOD] = "good",       [PERSONA_EXCELLENT] = "excellent",
};

const char *persona_level_name(enum persona_level level)
{
	return level_names[level];
}

bool metric_name_ok(const char *name)
{
	size_t len = strlen(name);

	return len && len < sizeof((struct persona_profile_weight *)NULL)->metric &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == len;
}

int persona_profile_get(struct persona_profile *out, const char *name, struct persona_error *err)
{
	for (size_t i = 0; i < sizeof builtin / sizeof builtin[0]; i++)
		if (strcmp(builtin[i].name, name) == 0) {
			*out = builtin[i];
			return 0;
		}
	return persona_error_set(err, PERSONA_E_NOTFOUND, "no profile \"%s\"", name);
}

static bool weight_ok(double weight)
{
	return isfinite(weight) && weight >= 0;
}

int persona_profile_weigh(struct persona_profile *profile, const char *metric, double weight, struct persona_error *err)
{
	struct persona_profile_weight *entry = profile->weights;
	struct persona_profile_weight *end = entry + profile->weights_len;

	if (!metric_name_ok(metric))
		return persona_error_set(err, PERSONA_E_USAGE, "\"%s\" can't be the name of a metric", metric);
	if (!weight_ok(weight))
		return persona_error_set(err, PERSONA_E_USAGE, "weight of %s must be 0 or more, not %g", metric,
					 weight);
	while (entry < end && strcmp(entry->metric, metric) != 0)
		entry++;
	if (entry == end) {
		if (profile->weights_len == sizeof profile->weights / sizeof profile->weights[0])
			return persona_error_set(err, PERSONA_E_USAGE, "no room for the weight of %s: %zu are set",
						 metric, profile->weights_len);
		snprintf(entry->metric, sizeof entry->metric, "%s", metric);
		profile->weights_len++;
	}
	entry->weight = weight;
	return 0;
}

static int check_weights(const struct persona_profile *profile, struct persona_error *err)
{
	double sum = 0;

	for (size_t i = 0; i < profile->weights_len; i++) {
		const struct persona_profile_weight *entry = &profile->weights[i];

		if (!weight_ok(entry->weight))
			return persona_error_set(err, PERSONA_E_USAGE,
						 "profile %s: weight of %s must be 0 or more, not %g", profile->name,
						 entry->metric, entry->weight);
		sum += entry->weight;
	}
	if (profile->weights_len && sum <= 0)
		return persona_error_set(err, PERSONA_E_USAGE, "profile %s: all weights are 0", profile->name);
	if (!isfinite(sum))
		return persona_error_set(err, PERSONA_E_USAGE, "profile %s: weights are too large", profile->name);
	return 0;
}

int persona_profile_check(const struct persona_profile *profile, struct persona_error *err)
{
	if (profile->weights_len > sizeof profile->weights / sizeof profile->weights[0])
		return persona_error_set(err, PERSONA_E_USAGE, "profile %s: too many weights", profile->name);
	if (check_weights(profile, err) < 0)
		return -1;
	/* Written so that a NaN is refused too. */
	for (size_t i = PERSONA_POOR; i <= PERSONA_EXCELLENT; i++)
		if (!(profile->level_from[i] > profile->level_from[i - 1]))
			return persona_error_set(err, PERSONA_E_USAGE, "profile %s: level %s must begin above level %s",
						 profile->name, level_names[i], level_names[i - 1]);
	if (profile->level_from[PERSONA_FAILING] != 0 || !(profile->level_from[PERSONA_EXCELLENT] <= 100))
		return persona_error_set(err, PERSONA_E_USAGE, "profile %s: levels must lie within 0..100",
					 profile->name);
	if (!(profile->least_coverage >= 0 && profile->least_coverage <= 1))
		return persona_error_set(err, PERSONA_E_USAGE, "profile %s: least coverage must lie within 0..1",
					 profile->name);
	if (!(profile->too_similar >= 0 && profile->too_similar <= 1))
		return persona_error_set(err, PERSONA_E_USAGE, "profile %s: too similar must lie within 0..1",
					 profile->name);
	return 0;
}

enum persona_level persona_profile_level(const struct persona_profile *profile, double overall)
{
	int level = PERSONA_EXCELLENT;

	while (level > PERSONA_FAILING && !(overall >= profile->level_from[level]))
		level--;
	return (enum persona_level)level;
}

double metric_weight(const struct persona_profile *profile, const struct persona_metric *metric)
{
	for (size_t i = 0; i < profile->weights_len; i++)
		if (strcmp(profile->weights[i].metric, metric->name) == 0)
			return profile->weights[i].weight;
	return metric->weight;
}

static int compare_weights(const void *left, const void *right)
{
	const struct persona_profile_weight *a = left, *b = right;

	return strcmp(a->metric, b->metric);
}

/* In order of name, whatever order they were set in. */
static json_t *weights_json(const struct persona_profile *profile)
{
	struct persona_profile sorted = *profile;
	json_t *object = json_object();
	int rc = 0;

	qsort(sorted.weights, sorted.weights_len, sizeof sorted.weights[0], compare_weights);
	for (size_t i = 0; i < sorted.weights_len; i++)
		rc |= json_object_set_new(object, sorted.weights[i].metric, json_real(sorted.weights[i].weight));
	if (rc) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static json_t *least_json(const struct persona_profile *profile)
{
	json_t *object = json_object();
	int rc = 0;

	for (int i = 0; i < PERSONA_LIST_FIELDS; i++)
		rc |= json_object_set_new(object, persona_list_field((enum persona_list_field)i)->name,
					  json_integer((json_int_t)profile->least[i]));
	if (rc) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static json_t *levels_json(const struct persona_profile *profile)
{
	json_t *object = json_object();
	int rc = 0;

	for (int i = PERSONA_POOR; i <= PERSONA_EXCELLENT; i++)
		rc |= json_object_set_new(object, level_names[i], json_real(profile->level_from[i]));
	if (rc) {
		json_decref(object);
		return NULL;
	}
	return object;
}

int persona_profile_json(json_t **out, const struct persona_profile *profile, struct persona_error *err)
{
	json_t *object = json_object();
	int rc = json_object_set_new(object, "name", json_string(profile->name));

	*out = NULL;
	rc |= json_object_set_new(object, "weights", weights_json(profile));
	rc |= json_object_set_new(object, "least", least_json(profile));
	rc |= json_object_set_new(object, "least_coverage", json_real(profile->least_coverage));
	rc |= json_object_set_new(object, "too_similar", json_real(profile->too_similar));
	rc |= json_object_set_new(object, "language", json_string(profile->language));
	rc |= json_object_set_new(object, "levels", levels_json(profile));
	if (rc) {
		json_decref(object);
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	*out = object;
	return 0;
}
