/*
 * distinctiveness - is this somebody else than the others?
 *
 *   value = 50 (1 - nearest) + 30 (1 - mean) + 20 own, each 0..1
 *
 *   nearest  similarity to the most similar other persona of the population (similarity.c)
 *   mean     mean similarity to all others of the population, exact to a millionth
 *   own      share of goals and frustrations that nobody else has (Jaccard of words 0.8 or more counts as having).
 *            Without goals and frustrations its weight goes to the other two
 *
 * Every persona is compared with every member of the population that is not a revision of itself. Not measured
 * where there is no other, or where it has no goals, frustrations, behaviours, demographics, age or occupation.
 *
 * Codes: too-similar (nearest at or above the profile's limit), alike (nearest below it, but above 0), shared-goal,
 * shared-frustration (somebody else has it, too).
 */
#include "documents.h"

#define FOR_A_THREAD 64 /* personas */

/* Who it is, for people: outside a database nobody has a number. */
static void write_name(char *out, size_t size, int64_t persona_id)
{
	if (persona_id)
		snprintf(out, size, "persona %lld", (long long)persona_id);
	else
		snprintf(out, size, "another persona");
}

static int judge_nearest(struct persona_finding *finding, const struct nearness *nearness,
			 const struct persona_subject *subjects, struct persona_error *err)
{
	char who[48];

	if (nearness->nearest <= 0)
		return 0;
	write_name(who, sizeof who, subjects[nearness->neighbour].persona_id);
	/* The comparison counts those at the limit, rounded as similarities are: 0.70 is no multiple of 2^-20. */
	if (nearness->similar_total)
		return persona_finding_issue(finding, "too-similar", NULL, -1, err,
					     "similarity %.2f to %s, of %zu that are as near: drop one, or say what "
					     "only this one wants and does",
					     nearness->nearest, who, nearness->similar_total);
	return persona_finding_issue(
		finding, "alike", NULL, -1, err,
		"nearest is %s, similarity %.2f, %.2f to all on average: say more of what only this "
		"one wants and does",
		who, nearness->nearest, nearness->mean);
}

/* Share of own goals and frustrations; -1: there are none. */
static int judge_items(struct persona_finding *finding, const struct documents *documents, size_t index,
		       const size_t *owners, const struct persona_subject *subjects, double *own,
		       struct persona_error *err)
{
	const struct document *document = &documents->items[index];
	size_t shared = 0;

	*own = -1;
	for (size_t i = 0; i < document->items_len; i++) {
		const struct document_item *item = &documents->parts[document->first_item + i];
		size_t owner = owners[document->first_item + i];
		bool goal = item->part == PART_GOALS;
		char who[48];

		if (owner == SIZE_MAX)
			continue;
		shared++;
		write_name(who, sizeof who, subjects[owner].persona_id);
		if (persona_finding_issue(finding, goal ? "shared-goal" : "shared-frustration",
					  goal ? "goals" : "frustrations", (long)item->position, err,
					  "%s %u is that of %s, too: say what is this one's own in it",
					  goal ? "goal" : "frustration", (unsigned)item->position + 1, who) < 0)
			return -1;
	}
	if (document->items_len)
		*own = (double)(document->items_len - shared) / (double)document->items_len;
	return 0;
}

static bool says_nothing(const struct document *document)
{
	for (int part = 0; part < PARTS; part++)
		if (range_len(document->parts[part]))
			return false;
	return true;
}

static int judge_one(struct persona_finding *finding, const struct documents *documents, size_t index,
		     struct nearness *nearness, const size_t *owners, const struct persona_subject *subjects,
		     struct persona_error *err)
{
	double own;

	if (!nearness->others)
		return persona_finding_issue(finding, "not-measured", NULL, -1, err,
					     "nobody to compare with: the population has no other persona");
	if (says_nothing(&documents->items[index]))
		return persona_finding_issue(
			finding, "not-measured", NULL, -1, err,
			"nothing to compare by: no goals, frustrations, behaviours or demographics");
	if (judge_nearest(finding, nearness, subjects, err) < 0 ||
	    judge_items(finding, documents, index, owners, subjects, &own, err) < 0)
		return -1;
	finding->similar = nearness->similar;
	finding->similar_len = nearness->similar_len;
	finding->similar_total = nearness->similar_total;
	nearness->similar = NULL;
	finding->measured = true;
	finding->value = 50 * (1 - nearness->nearest) + 30 * (1 - nearness->mean);
	finding->value = own < 0 ? finding->value / 0.8 : finding->value + 20 * own;
	return 0;
}

static int judge_all(const struct documents *documents, const struct persona_subject *subjects, double limit,
		     size_t threads, struct persona_finding *findings, struct persona_error *err)
{
	struct nearness *nearness = calloc(documents->len, sizeof *nearness);
	size_t *owners = calloc(documents->parts_len + 1, sizeof *owners);
	int rc = 0;

	if (!nearness || !owners)
		rc = persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	if (!rc)
		rc = similarities(nearness, documents, subjects, limit, threads, err);
	if (!rc)
		rc = shared_items(owners, documents, subjects, threads, err);
	for (size_t i = 0; !rc && i < documents->len; i++)
		rc = judge_one(&findings[i], documents, i, &nearness[i], owners, subjects, err);
	for (size_t i = 0; nearness && i < documents->len; i++)
		free(nearness[i].similar);
	free(nearness);
	free(owners);
	return rc;
}

static int judge(const struct persona_metric *metric, const struct persona_profile *profile,
		 const struct persona_subject *subjects, size_t len, struct persona_finding *findings,
		 struct persona_error *err)
{
	size_t threads = persona_threads(metric->threads, len / FOR_A_THREAD + 1);
	struct documents documents;
	int rc;

	if (!len)
		return 0;
	rc = documents_read(&documents, subjects, len, profile->language, threads, err);
	if (!rc)
		rc = judge_all(&documents, subjects, profile->too_similar, threads, findings, err);
	documents_release(&documents);
	return rc;
}

const struct persona_metric metric_distinctiveness = {
	.name = "distinctiveness",
	.description = "how different from the others of the batch, and goals and frustrations of its own",
	.category = "set",
	.scope = PERSONA_SCOPE_SET,
	.weight = 0.15,
	.version = 2,
	.set = judge,
};
