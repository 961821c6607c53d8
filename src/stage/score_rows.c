/* What scoring writes: rows of revisions, figures of a set, and who is too similar to whom. */
#include <math.h>

#include "persona/json.h"
#include "score.h"

struct persona_failure score_failure(const struct score *score, int64_t revision_id)
{
	return (struct persona_failure){ .stage = "score", .revision_id = revision_id, .key_id = score->key_id };
}

static int write_score(struct persona_context *context, const struct judged *judged, size_t index,
		       struct persona_error *err)
{
	const struct score *score = context->state;
	const struct persona_score *result = &judged->scores[index];
	struct persona_metric_row *metrics = calloc(result->len ? result->len : 1, sizeof *metrics);
	struct persona_score_row row = {
		.revision_id = judged->subjects[index].revision_id,
		.key_id = score->key_id,
		.population_id = judged->population.population_id,
		.measured = result->measured,
		.own_measured = !isnan(result->own),
		.overall = result->overall,
		.own = result->own,
		.level = persona_level_name(result->level),
		.metrics = metrics,
		.metrics_len = result->len,
	};
	int rc = metrics ? 0 : persona_error_set(err, PERSONA_E_NOMEM, "out of memory");

	for (size_t i = 0; !rc && i < result->len; i++) {
		const struct persona_metric_score *metric = &result->metrics[i];
		json_t *issues;

		rc = persona_finding_json(&issues, &metric->finding, err);
		if (rc)
			break;
		metrics[i] = (struct persona_metric_row){
			.metric = metric->metric->name,
			.measured = metric->finding.measured,
			.value = metric->finding.value,
			.weight = metric->weight,
			.issues = persona_json_compact(issues, err),
		};
		json_decref(issues);
		if (!metrics[i].issues)
			rc = -1;
	}
	if (!rc)
		rc = persona_store_score_add(context->store, &row, err);
	for (size_t i = 0; metrics && i < result->len; i++)
		free(metrics[i].issues);
	free(metrics);
	if (!rc)
		context->counts[PERSONA_COUNT_MADE]++;
	return rc;
}

static int write_broken(struct persona_context *context, const struct judged *judged, size_t index,
			struct persona_error *err)
{
	struct persona_failure failure = score_failure(context->state, judged->subjects[index].revision_id);

	failure.class = "invalid";
	failure.message = judged->broken[index];
	return failure_add(context, &failure, err);
}

int score_write_row(struct persona_context *context, const struct judged *judged, size_t index,
		    struct persona_error *err)
{
	return judged->broken[index] ? write_broken(context, judged, index, err)
				     : write_score(context, judged, index, err);
}

int score_write_figures(struct persona_context *context, struct judged *judged, struct persona_error *err)
{
	const struct score *score = context->state;
	const struct persona_figures *figures = &judged->figures;
	struct persona_scoring_metric *metrics = calloc(figures->metrics_len + 1, sizeof *metrics);
	struct persona_scoring_row row = {
		.key_id = score->key_id,
		.population_id = judged->population.population_id,
		/* Those too who cannot be read: nothing of theirs was measured. */
		.members = judged->population.members,
		.measured = figures->measured > 0,
		.overall = figures->overall,
		.similar_pairs = (int64_t)figures->similar_pairs,
		.records = judged->batch_records,
		.records_used = (int64_t)figures->records_used,
		.mtld = isnan(figures->mtld) ? 0 : figures->mtld,
		.metrics = metrics,
		.metrics_len = figures->metrics_len,
	};
	int rc;

	if (!metrics)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t i = 0; i < sizeof row.levels / sizeof row.levels[0]; i++)
		row.levels[i] = (int64_t)figures->levels[i];
	for (size_t i = 0; i < figures->metrics_len; i++)
		metrics[i] = (struct persona_scoring_metric){ figures->metrics[i].metric->name,
							      (int64_t)figures->metrics[i].measured,
							      figures->metrics[i].mean };
	rc = persona_store_scoring_add(context->store, &row, &judged->scoring_id, err);
	free(metrics);
	return rc;
}

long score_write_similar(struct persona_context *context, const struct judged *judged, size_t index,
			 struct persona_error *err)
{
	const struct persona_score *result = &judged->scores[index];
	long written = 0;

	for (size_t i = 0; judged->member[index] && i < result->len; i++) {
		const struct persona_finding *finding = &result->metrics[i].finding;

		for (size_t k = 0; k < finding->similar_len; k++, written++)
			if (persona_store_similar_add(
				    context->store, judged->scoring_id, judged->subjects[index].revision_id,
				    finding->similar[k].revision_id, finding->similar[k].similarity, err) < 0)
				return -1;
	}
	return written;
}
