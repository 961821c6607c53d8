/* How a score came about, for people. */
#include <math.h>

#include "cli.h"
#include "persona/json.h"
#include "persona/text.h"

static void print_issue(FILE *out, const json_t *issue)
{
	const char *field = json_string_value(json_object_get(issue, "field"));
	const char *code = json_string_value(json_object_get(issue, "code"));
	const char *message = json_string_value(json_object_get(issue, "message"));
	const json_t *item = json_object_get(issue, "item");

	fputs("      - ", out);
	if (field && item)
		fprintf(out, "%s %lld: ", field, (long long)json_integer_value(item) + 1);
	else if (field)
		fprintf(out, "%s: ", field);
	fprintf(out, "%s [%s]\n", message ? message : "", code ? code : "");
}

static void print_metric(FILE *out, const struct persona_metric_view *row)
{
	json_t *issue;
	size_t index;

	if (row->measured)
		fprintf(out, "  %-20s %6.2f  weight %.3f  gives %5.2f, loses %5.2f\n", row->metric, row->value,
			row->weight, row->value * row->weight, (100 - row->value) * row->weight);
	else
		fprintf(out, "  %-20s not measured\n", row->metric);
	json_array_foreach(row->issues, index, issue)
		print_issue(out, issue);
}

static long long whole(const json_t *object, const char *name)
{
	return (long long)json_integer_value(json_object_get(object, name));
}

static void print_number(FILE *out, const json_t *object, const char *name, const char *label)
{
	const json_t *number = json_object_get(object, name);

	if (json_is_number(number))
		fprintf(out, "%s%.1f", label, json_number_value(number));
}

static void print_set(FILE *out, const json_t *scoring)
{
	const json_t *row;
	size_t index;

	fprintf(out, "  among %lld of its batch", whole(scoring, "members"));
	print_number(out, scoring, "overall", ", mean ");
	fprintf(out, ": %lld excellent, %lld good, %lld acceptable, %lld poor, %lld failing\n",
		whole(scoring, "excellent"), whole(scoring, "good"), whole(scoring, "acceptable"),
		whole(scoring, "poor"), whole(scoring, "failing"));
	json_array_foreach(json_object_get(scoring, "metrics"), index, row) {
		fprintf(out, "      %-20s", json_string_value(json_object_get(row, "metric")));
		print_number(out, row, "mean", " mean ");
		fprintf(out, " of %lld\n", whole(row, "measured"));
	}
	fprintf(out, "      near-duplicate pairs %lld, records used %lld of %lld", whole(scoring, "similar_pairs"),
		whole(scoring, "records_used"), whole(scoring, "records"));
	print_number(out, scoring, "mtld", ", lexical diversity (MTLD) ");
	fputc('\n', out);
	json_array_foreach(json_object_get(scoring, "similar"), index, row)
		fprintf(out, "      similar to %s: %.2f\n", json_string_value(json_object_get(row, "reference")),
			json_number_value(json_object_get(row, "similarity")));
}

static int print_view(FILE *out, struct persona_store *store, const struct persona_view *view,
		      struct persona_error *err)
{
	json_t *scoring = NULL;
	const char *profile;

	if (persona_store_scoring_of(store, view->place.revision_id, &scoring, err) < 0)
		return -1;
	profile = json_string_value(json_object_get(scoring, "profile"));
	fprintf(out, "%lld.%lld  %s: ", (long long)view->place.persona_id, (long long)view->place.number,
		view->persona.name);
	if (view->level)
		fprintf(out, "%.2f, %s", view->overall, view->level);
	else
		fputs("nothing could be measured", out);
	fprintf(out, "%s%s%s\n", profile ? " (profile " : "", profile ? profile : "", profile ? ")" : "");
	for (size_t i = 0; i < view->metrics_len; i++)
		print_metric(out, &view->metrics[i]);
	if (scoring)
		print_set(out, scoring);
	json_decref(scoring);
	return cli_written(out, err);
}

static int explain(struct persona_store *store, struct persona_ref ref, bool *missing, struct persona_error *err)
{
	struct persona_place place;
	struct persona_view view;
	int rc = persona_store_resolve(store, ref, &place, err);

	if (rc < 0)
		return -1;
	if (!rc)
		return persona_error_set(err, PERSONA_E_USAGE, ref.number ? "no revision %lld.%lld" : "no persona %lld",
					 (long long)ref.persona_id, (long long)ref.number);
	if (persona_store_view(store, &place, &view, err) < 0)
		return -1;
	if (view.metrics_len) {
		rc = print_view(stdout, store, &view, err);
	} else {
		cli_complain("%lld.%lld has no score under the settings last used: persona-score %lld.%lld",
			     (long long)place.persona_id, (long long)place.number, (long long)place.persona_id,
			     (long long)place.number);
		*missing = true;
		rc = 0;
	}
	persona_view_release(&view);
	return rc;
}

int cli_explain(const struct cli_values *values)
{
	struct persona_store *store = NULL;
	struct persona_error err = { 0 };
	struct persona_ref *refs = NULL;
	bool missing = false;
	size_t len = 0;
	int rc = 0;

	if (values->reads_stdin || values->pending || !values->operands.len)
		rc = persona_error_set(&err, PERSONA_E_USAGE, "--explain takes references as arguments");
	if (!rc)
		rc = cli_refs(values, &refs, &len, &err);
	if (!rc)
		rc = persona_store_open(&store, values->db, PERSONA_STORE_READ, NULL, &err);
	for (size_t i = 0; i < len && !rc; i++)
		rc = explain(store, refs[i], &missing, &err);
	if (!rc)
		rc = cli_flush(stdout, &err);
	persona_store_close(store);
	free(refs);
	return rc < 0 ? cli_fail(&err) : missing ? CLI_INCOMPLETE : CLI_OK;
}
