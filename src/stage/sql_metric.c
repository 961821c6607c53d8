/* A metric whose function is somebody's SQL. */
#include "internal.h"
#include "persona/json.h"

#define TIMEOUT_MS 60000

struct sql_metric {
	char *path; /* of the database */
	char *sql;
	char sha256[PERSONA_HASH_HEX];
};

/* Issues as the query gives them: [{"code","field","item","message"}], or texts. */
static int read_issues(struct persona_finding *finding, const char *text, struct persona_error *err)
{
	json_t *array, *issue;
	size_t index;
	int rc = 0;

	if (!text)
		return 0;
	if (persona_json_parse_strict(&array, text, strlen(text), err) < 0)
		return -1;
	json_array_foreach(array, index, issue) {
		const json_t *item = json_object_get(issue, "item");
		const char *code = json_string_value(json_object_get(issue, "code"));
		const char *message = json_is_string(issue) ? json_string_value(issue)
							    : json_string_value(json_object_get(issue, "message"));

		rc = persona_finding_issue(
			finding, code ? code : "sql", json_string_value(json_object_get(issue, "field")),
			json_is_integer(item) ? (long)json_integer_value(item) : -1, err, "%s", message ? message : "");
		if (rc < 0)
			break;
	}
	json_decref(array);
	return rc;
}

static int compare_revisions(const void *a, const void *b)
{
	const struct persona_query_value *left = a, *right = b;

	return (left->revision_id > right->revision_id) - (left->revision_id < right->revision_id);
}

static int hand_out(const struct persona_subject *subjects, size_t len, struct persona_query_value *values,
		    size_t values_len, struct persona_finding *findings, struct persona_error *err)
{
	if (values_len)
		qsort(values, values_len, sizeof *values, compare_revisions);
	for (size_t i = 0; i < len; i++) {
		struct persona_query_value wanted = { .revision_id = subjects[i].revision_id };
		const struct persona_query_value *value =
			values_len ? bsearch(&wanted, values, values_len, sizeof *values, compare_revisions) : NULL;

		findings[i].measured = value && value->measured;
		if (!findings[i].measured) {
			if (persona_finding_issue(&findings[i], "not-measured", NULL, -1, err, "%s",
						  value ? "the query says null" : "the query has no row") < 0)
				return -1;
			continue;
		}
		findings[i].value = value->value;
		if (read_issues(&findings[i], value->issues, err) < 0)
			return -1;
	}
	return 0;
}

static int run(const struct persona_metric *metric, const struct persona_profile *profile,
	       const struct persona_subject *subjects, size_t len, struct persona_finding *findings,
	       struct persona_error *err)
{
	const struct sql_metric *self = metric->payload;
	struct persona_place *places = calloc(len ? len : 1, sizeof *places);
	bool *member = calloc(len ? len : 1, sizeof *member);
	struct persona_query_value *values = NULL;
	size_t values_len = 0;
	int rc = -1;

	(void)profile;
	if (!places || !member) {
		(void)persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		goto out;
	}
	for (size_t i = 0; i < len; i++) {
		places[i].revision_id = subjects[i].revision_id;
		places[i].persona_id = subjects[i].persona_id;
		member[i] = subjects[i].member;
	}
	if (persona_store_query(self->path, self->sql, places, len, member, TIMEOUT_MS, &values, &values_len, err) < 0)
		goto out;
	rc = hand_out(subjects, len, values, values_len, findings, err);
out:
	persona_query_values_free(values, values_len);
	free(places);
	free(member);
	return rc;
}

int sql_metrics_check(const struct persona_registry *registry, struct persona_error *err)
{
	for (size_t i = 0; i < persona_registry_count(registry); i++) {
		const struct persona_metric *metric = persona_registry_at(registry, i);
		const struct sql_metric *self = metric->payload;
		struct persona_query_value *values;
		struct persona_error why = { 0 };
		size_t len;

		if (metric->set != run)
			continue;
		/* Of nobody: what the query is, not what it says. */
		if (persona_store_query(self->path, self->sql, NULL, 0, NULL, TIMEOUT_MS, &values, &len, &why) < 0)
			return persona_error_set(err, why.code, "metric %s: %s", metric->name, why.text);
		persona_query_values_free(values, len);
	}
	return 0;
}

int persona_metric_sql_add(struct persona_registry *registry, const char *name, const char *sql, const char *database,
			   void **handle, struct persona_error *err)
{
	struct sql_metric *self = calloc(1, sizeof *self);
	struct persona_metric metric = {
		.name = name,
		.description = "a query",
		.category = "sql",
		.scope = PERSONA_SCOPE_SET,
		.weight = 0.15,
		.version = 1,
		.set = run,
		.payload = self,
	};

	*handle = self;
	if (!self)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	self->path = persona_strdup(database, err);
	self->sql = persona_strdup(sql, err);
	if (!self->path || !self->sql || persona_hash_bytes(self->sha256, sql, strlen(sql), err) < 0)
		return -1;
	metric.definition = self->sha256;
	return persona_registry_add(registry, &metric, err);
}

void persona_metric_sql_free(void *handle)
{
	struct sql_metric *self = handle;

	if (!self)
		return;
	free(self->path);
	free(self->sql);
	free(self);
}
