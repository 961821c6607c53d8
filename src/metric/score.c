#include <math.h>

#include "internal.h"

/*
 * How metrics become a score. A metric that fails spoils nothing but itself, so
 * every finding is settled before it counts: measured with a number in 0..100,
 * or not measured with an issue that says why. Memory or time that ran out says nothing of a
 * persona and is no finding: a score is kept, so that ends the call instead.
 */

static int fail(struct persona_finding *finding, const char *why, struct persona_error *err)
{
	persona_finding_release(finding);
	return persona_finding_issue(finding, "failed", NULL, -1, err, "%s", *why ? why : "failed without a reason");
}

/* After a metric returned -1 with `why`. */
static int fail_metric(struct persona_finding *finding, const struct persona_metric *metric,
		       const struct persona_error *why, struct persona_error *err)
{
	if (why->code == PERSONA_E_NOMEM || why->code == PERSONA_E_BUSY)
		return persona_error_set(err, why->code, "metric %s: %s", metric->name, why->text);
	return fail(finding, why->text, err);
}

static int settle(struct persona_finding *finding, const struct persona_metric *metric, struct persona_error *err)
{
	if (finding->measured && !(finding->value >= 0 && finding->value <= 100)) {
		char why[64];

		snprintf(why, sizeof why, "value %g is not within 0..100", finding->value);
		if (fail(finding, why, err) < 0)
			return -1;
	}
	if (!finding->measured) {
		finding->value = NAN;
		if (!finding->issues_len &&
		    persona_finding_issue(finding, "not-measured", NULL, -1, err, "no data to judge by") < 0)
			return -1;
	}
	for (size_t i = 0; i < finding->issues_len; i++) {
		struct persona_reason *issue = &finding->issues[i];

		free(issue->metric);
		issue->metric = persona_strdup(metric->name, err);
		if (!issue->metric)
			return -1;
	}
	return 0;
}

void persona_score_release(struct persona_score *score)
{
	for (size_t i = 0; i < score->len; i++)
		persona_finding_release(&score->metrics[i].finding);
	free(score->metrics);
	*score = (struct persona_score){ .overall = NAN, .own = NAN };
}

/* One place per metric of the registry, in its order; set metrics only if wanted. */
static int prepare(struct persona_score *score, const struct persona_registry *registry, bool with_set,
		   struct persona_error *err)
{
	size_t count = persona_registry_count(registry);

	*score = (struct persona_score){ .overall = NAN, .own = NAN };
	score->metrics = calloc(count ? count : 1, sizeof *score->metrics);
	if (!score->metrics)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t i = 0; i < count; i++) {
		const struct persona_metric *metric = persona_registry_at(registry, i);

		if (metric->scope == PERSONA_SCOPE_SET && !with_set)
			continue;
		score->metrics[score->len].metric = metric;
		persona_finding_init(&score->metrics[score->len++].finding);
	}
	return 0;
}

/* given: with a language of its own, or the caller's. */
static int run_revision_metrics(struct persona_score *score, const struct persona_profile *profile,
				const struct persona_subject *given, struct persona_language *language,
				struct persona_error *err)
{
	struct persona_subject own = *given;
	const struct persona_subject *subject = &own;

	if (!own.language)
		own.language = language;
	for (size_t i = 0; i < score->len; i++) {
		const struct persona_metric *metric = score->metrics[i].metric;
		struct persona_finding *finding = &score->metrics[i].finding;
		struct persona_error why = { 0 };

		if (metric->scope != PERSONA_SCOPE_REVISION)
			continue;
		if (metric->revision(metric, profile, subject, finding, &why) < 0 &&
		    fail_metric(finding, metric, &why, err) < 0)
			return -1;
		if (settle(finding, metric, err) < 0)
			return -1;
	}
	return 0;
}

/* Weights of what was measured, made to add up to 1, and the means by them. */
static void weigh(struct persona_score *score, const struct persona_profile *profile)
{
	double sum = 0, own_sum = 0, overall = 0, own = 0;

	for (size_t i = 0; i < score->len; i++) {
		struct persona_metric_score *part = &score->metrics[i];
		double weight = part->finding.measured ? metric_weight(profile, part->metric) : 0;

		part->weight = weight;
		if (weight <= 0)
			continue;
		sum += weight;
		overall += weight * part->finding.value;
		if (part->metric->scope == PERSONA_SCOPE_REVISION) {
			own_sum += weight;
			own += weight * part->finding.value;
		}
	}
	score->measured = sum > 0;
	score->level = PERSONA_FAILING;
	if (!score->measured)
		return;
	for (size_t i = 0; i < score->len; i++)
		score->metrics[i].weight /= sum;
	/* A mean of values in 0..100 may leave them by a rounding. */
	score->overall = fmin(overall / sum, 100);
	if (own_sum > 0)
		score->own = fmin(own / own_sum, 100);
	score->level = persona_profile_level(profile, score->overall);
}

int persona_score_revision(struct persona_score *out, const struct persona_registry *registry,
			   const struct persona_profile *profile, const struct persona_subject *subject,
			   struct persona_error *err)
{
	*out = (struct persona_score){ .overall = NAN, .own = NAN };
	if (persona_profile_check(profile, err) < 0 || prepare(out, registry, false, err) < 0)
		return -1;
	if (run_revision_metrics(out, profile, subject, NULL, err) < 0) {
		persona_score_release(out);
		return -1;
	}
	weigh(out, profile);
	return 0;
}

/* ---- Sets ------------------------------------------------------------ */

/* The subjects as set metrics see them: in an order that does not depend on how they were given. */
struct ordered {
	struct persona_subject *subjects;
	struct persona_finding *findings;
	size_t *places; /* of each in what was given */
	size_t len;
};

static void ordered_release(struct ordered *ordered)
{
	for (size_t i = 0; ordered->findings && i < ordered->len; i++)
		persona_finding_release(&ordered->findings[i]);
	free(ordered->subjects);
	free(ordered->findings);
	free(ordered->places);
}

static int compare_places(const void *left, const void *right, void *payload)
{
	const size_t *a = left, *b = right;
	const struct persona_subject *subjects = payload;

	if (subjects[*a].persona_id != subjects[*b].persona_id)
		return subjects[*a].persona_id < subjects[*b].persona_id ? -1 : 1;
	if (subjects[*a].revision_id != subjects[*b].revision_id)
		return subjects[*a].revision_id < subjects[*b].revision_id ? -1 : 1;
	return *a < *b ? -1 : 1;
}

static int order(struct ordered *out, const struct persona_subject *subjects, size_t len, struct persona_error *err)
{
	*out = (struct ordered){ .len = len };
	out->subjects = calloc(len, sizeof *out->subjects);
	out->findings = calloc(len, sizeof *out->findings);
	out->places = calloc(len, sizeof *out->places);
	if (!out->subjects || !out->findings || !out->places)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t i = 0; i < len; i++)
		out->places[i] = i;
	qsort_r(out->places, len, sizeof *out->places, compare_places, (void *)subjects);
	for (size_t i = 0; i < len; i++) {
		out->subjects[i] = subjects[out->places[i]];
		persona_finding_init(&out->findings[i]);
	}
	return 0;
}

/* Place `index` of every score. A finding that is handed over leaves an empty one behind. */
static int run_set_metric(struct persona_score *scores, size_t index, struct ordered *ordered,
			  const struct persona_profile *profile, struct persona_error *err)
{
	const struct persona_metric *metric = scores[0].metrics[index].metric;
	struct persona_error why = { 0 };
	bool failed = metric->set(metric, profile, ordered->subjects, ordered->len, ordered->findings, &why) < 0;

	for (size_t i = 0; i < ordered->len; i++) {
		struct persona_finding *finding = &scores[ordered->places[i]].metrics[index].finding;

		*finding = ordered->findings[i];
		persona_finding_init(&ordered->findings[i]);
		if (failed && fail_metric(finding, metric, &why, err) < 0)
			return -1;
		if (settle(finding, metric, err) < 0)
			return -1;
	}
	return 0;
}

static int run_set_metrics(struct persona_score *scores, const struct persona_registry *registry,
			   const struct persona_profile *profile, const struct persona_subject *subjects, size_t len,
			   struct persona_error *err)
{
	struct ordered ordered;
	int rc = -1;

	if (order(&ordered, subjects, len, err) < 0)
		goto out;
	for (size_t i = 0; i < persona_registry_count(registry); i++)
		if (persona_registry_at(registry, i)->scope == PERSONA_SCOPE_SET &&
		    run_set_metric(scores, i, &ordered, profile, err) < 0)
			goto out;
	rc = 0;
out:
	ordered_release(&ordered);
	return rc;
}

/* ---- Each by itself, on several threads --------------------------------- */

#define FOR_A_THREAD 64 /* subjects that are worth starting one */

struct each {
	struct persona_score *scores;
	const struct persona_profile *profile;
	const struct persona_subject *subjects;
	struct persona_language **languages; /* by thread */
};

static int score_piece(void *payload, size_t index, size_t thread, struct persona_error *err)
{
	const struct each *each = payload;

	return run_revision_metrics(&each->scores[index], each->profile, &each->subjects[index],
				    each->languages[thread], err);
}

static int run_each(struct persona_score *scores, const struct persona_registry *registry,
		    const struct persona_profile *profile, const struct persona_subject *subjects, size_t len,
		    struct persona_error *err)
{
	size_t threads = persona_threads(registry_threads(registry), len / FOR_A_THREAD + 1);
	struct each each = {
		.scores = scores,
		.profile = profile,
		.subjects = subjects,
		.languages = calloc(threads, sizeof *each.languages),
	};
	int rc = each.languages ? 0 : persona_error_set(err, PERSONA_E_NOMEM, "out of memory");

	for (size_t i = 0; !rc && i < threads; i++)
		rc = persona_language_new(&each.languages[i], profile->language, err);
	if (!rc)
		rc = persona_pieces(threads, len, score_piece, &each, err);
	for (size_t i = 0; each.languages && i < threads; i++)
		persona_language_free(each.languages[i]);
	free(each.languages);
	return rc;
}

int persona_score_set(struct persona_score *out, const struct persona_registry *registry,
		      const struct persona_profile *profile, const struct persona_subject *subjects, size_t len,
		      struct persona_error *err)
{
	size_t prepared = 0;

	if (persona_profile_check(profile, err) < 0)
		return -1;
	if (!len)
		return 0;
	for (; prepared < len; prepared++)
		if (prepare(&out[prepared], registry, true, err) < 0)
			goto fail;
	if (run_each(out, registry, profile, subjects, len, err) < 0)
		goto fail;
	if (run_set_metrics(out, registry, profile, subjects, len, err) < 0)
		goto fail;
	for (size_t i = 0; i < len; i++)
		weigh(&out[i], profile);
	return 0;
fail:
	while (prepared--)
		persona_score_release(&out[prepared]);
	return -1;
}
