/* persona-score: quality by the registry of metrics. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "cli/cli.h"
#include "persona/json.h"

#define METRICS_MAX 32
#define FILE_MAX    (1024 * 1024)

struct metrics {
	struct persona_registry *registry;
	void *queries[METRICS_MAX];
	size_t queries_len;
};

static int read_file(const char *path, struct persona_buf *out, struct persona_error *err)
{
	struct persona_error why = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc;

	if (fd < 0)
		return persona_error_set(err, PERSONA_E_IO, "%s: %s", path, strerror(errno));
	rc = persona_buf_read(out, fd, &why);
	close(fd);
	return rc < 0 ? persona_error_set(err, why.code, "%s: %s", path, why.text) : 0;
}

/* NAME=REST; the name is copied. */
static const char *split(const char *text, char *name, size_t size, const char *option, struct persona_error *err)
{
	const char *equals = strchr(text, '=');

	if (!equals || equals == text || (size_t)(equals - text) >= size || !equals[1]) {
		(void)persona_error_set(err, PERSONA_E_USAGE, "--%s takes NAME=VALUE, not '%.60s'", option, text);
		return NULL;
	}
	snprintf(name, size, "%.*s", (int)(equals - text), text);
	return equals + 1;
}

/* A built-in profile, or a file: one that has a dot or a slash in its name. */
static int read_profile(struct persona_profile *profile, const char *name, struct persona_error *err)
{
	struct persona_error why = { 0 };
	struct persona_buf text;
	json_t *json = NULL;
	int rc;

	if (!strpbrk(name, "./"))
		return persona_profile_get(profile, name, err);
	persona_buf_init(&text, FILE_MAX);
	rc = read_file(name, &text, err);
	if (!rc && (persona_json_parse_strict(&json, text.data, text.len, &why) < 0 ||
		    persona_profile_from_json(profile, json, &why) < 0))
		rc = persona_error_set(err, why.code == PERSONA_E_NOMEM ? PERSONA_E_NOMEM : PERSONA_E_USAGE, "%s: %s",
				       name, why.text);
	json_decref(json);
	persona_buf_release(&text);
	return rc;
}

static int add_queries(struct metrics *metrics, const struct cli_values *values, struct persona_error *err)
{
	for (size_t i = 0; i < values->metrics.len; i++) {
		struct persona_buf sql;
		char name[64];
		const char *path = split(values->metrics.items[i], name, sizeof name, "metric", err);
		int rc = -1;

		if (!path)
			return -1;
		if (metrics->queries_len == METRICS_MAX)
			return persona_error_set(err, PERSONA_E_USAGE, "at most %d metrics", METRICS_MAX);
		persona_buf_init(&sql, FILE_MAX);
		if (read_file(path, &sql, err) == 0)
			rc = persona_metric_sql_add(metrics->registry, name, sql.data, values->db,
						    &metrics->queries[metrics->queries_len++], err);
		persona_buf_release(&sql);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int weigh(const struct metrics *metrics, const struct cli_values *values, struct persona_profile *profile,
		 struct persona_error *err)
{
	for (size_t i = 0; i < values->weights.len; i++) {
		char name[64], *end = NULL;
		const char *text = split(values->weights.items[i], name, sizeof name, "weight", err);
		double weight;

		if (!text)
			return -1;
		weight = strtod(text, &end);
		if (end == text || *end)
			return persona_error_set(err, PERSONA_E_USAGE, "--weight takes a number, not '%.60s'", text);
		if (!persona_registry_get(metrics->registry, name))
			return persona_error_set(err, PERSONA_E_USAGE, "there is no metric '%s' (--list-metrics)",
						 name);
		if (persona_profile_weigh(profile, name, weight, err) < 0)
			return -1;
	}
	return persona_profile_check(profile, err);
}

static int list(const struct metrics *metrics, const struct cli_values *values, struct persona_error *err)
{
	if (values->list_metrics)
		for (size_t i = 0; i < persona_registry_count(metrics->registry); i++) {
			const struct persona_metric *metric = persona_registry_at(metrics->registry, i);

			printf("%-20s %-8s %-10s weight %.2f  %s\n", metric->name,
			       metric->scope == PERSONA_SCOPE_SET ? "set" : "revision", metric->category,
			       metric->weight, metric->description);
		}
	if (values->list_profiles)
		for (const struct persona_profile_info *info = persona_profiles; info->name; info++)
			printf("%-20s %s\n", info->name, info->description);
	return cli_flush(stdout, err);
}

int main(int argc, char **argv)
{
	struct cli_values values;
	struct metrics metrics = { 0 };
	struct persona_profile profile;
	struct persona_score_settings settings;
	struct persona_error err = { 0 };
	int code = cli_parse(&cli_score, &values, argc, argv);

	if (code >= 0)
		return code;
	if (persona_registry_new_default(&metrics.registry, &err) < 0 || add_queries(&metrics, &values, &err) < 0 ||
	    read_profile(&profile, values.profile, &err) < 0 || weigh(&metrics, &values, &profile, &err) < 0) {
		code = cli_fail(&err);
	} else if (values.list_metrics || values.list_profiles) {
		code = list(&metrics, &values, &err) < 0 ? cli_fail(&err) : CLI_OK;
	} else if (values.explain) {
		code = cli_explain(&values);
	} else {
		settings = (struct persona_score_settings){ .registry = metrics.registry, .profile = &profile };
		code = cli_run_stage(&cli_score, &values, argc, argv, &persona_stage_score, &settings, NULL);
	}
	persona_registry_free(metrics.registry);
	for (size_t i = 0; i < metrics.queries_len; i++)
		persona_metric_sql_free(metrics.queries[i]);
	cli_release(&values);
	return code;
}
