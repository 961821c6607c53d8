/*
 * evidence_strength - how well do the records bear the persona out?
 *
 *   value = 30 coverage + 18 strength + 12 diversity + 40 belonging, each 0..1; a part without data to judge by leaves its
 *           weight to the others (50 + 30 + 20)
 *
 * Not measured where the persona's batch has no records, or the persona no items. Items are
 * those of all five lists. Checked evidence names a record that exists (record_id > 0) and
 * has a strength above none.
 *
 *   coverage   items with checked evidence / items
 *   strength   mean of the items' best evidence: verbatim 1, close .75, cited .5, none 0; a
 *              quote counts twice, and one step less when as many records are named that do not have it
 *              as records that do: somebody else said it
 *   diversity  by the number of distinct records behind the items, such quotes aside: none 0, one
 *              .4, two .7, three or more 1. In a batch of ten or more records, one that gives over a
 *              half of the items (and such quotes are its as they claim) makes it one step less (1
 *              to .7, .7 to .4); where there is but one record that step is taken already.
 *   belonging  do those behind one list answer like those behind the others? For each item the share of all respondents who
 *              are less near to the respondents of the other lists than the item's own (kin.h), mean p; 2 p - 1, not below 0:
 *              0 is what respondents drawn by lot have. Needs evidence in two lists, and ten respondents with closed
 *              answers or six who say something
 *
 * Codes: quote-not-found (a quote without a checked verbatim or close place), no-evidence (another
 * item without checked evidence), quote-misplaced (named for a record that does not have it),
 * weak-evidence (one per list: items that are covered but not verbatim), low-coverage (below the profile's least),
 * few-respondents (fewer than three), one-sided (over a half from one), other-respondents (an item whose own are less near
 * to the rest than the middle one of all respondents), mixed-respondents (no such item, and p below .7: those who stand
 * for a half of all respondents, the largest group that can be told from others, have .75 where they all answer alike).
 */
#include "kin.h"

#define BATCH_TO_SPREAD 10 /* records from which one respondent should not give over a half */
#define QUOTE_WEIGHT	2
#define CHANCE		.5 /* nearness of respondents drawn by lot */
#define MIXED		.7 /* nearness below which respondents hardly belong together */

#define WEIGHT_COVERAGE	 30
#define WEIGHT_STRENGTH	 18
#define WEIGHT_DIVERSITY 12
#define WEIGHT_BELONGING 40

static const double worth[] = {
	[PERSONA_STRENGTH_NONE] = 0,
	[PERSONA_STRENGTH_CITED] = 0.5,
	[PERSONA_STRENGTH_CLOSE] = 0.75,
	[PERSONA_STRENGTH_VERBATIM] = 1,
};

static const double diversity_of[] = { 0, 0.4, 0.7, 1 };

#define RESPONDENTS_WANTED (sizeof diversity_of / sizeof diversity_of[0] - 1)

/* That a record bears out an item. */
struct support {
	int64_t record_id;
	size_t item;  /* numbered through all lists */
	bool claimed; /* it does not: a quote is not in it */
};

struct evidence_facts {
	size_t first[PERSONA_LIST_FIELDS]; /* number of a list's first item */
	size_t items;
	enum persona_strength *best; /* of each item */
	long *misnamed;		     /* of each quote: records named that do not have it, less those that do */
	struct support *supports;
	size_t supports_len;
	size_t covered;
	size_t respondents;
	size_t most;  /* items of the record that gives most */
	bool related; /* it can be judged whether the respondents belong together */
	double belonging;
};

static void facts_release(struct evidence_facts *facts)
{
	free(facts->best);
	free(facts->misnamed);
	free(facts->supports);
}

static int compare_supports(const void *left, const void *right)
{
	const struct support *a = left, *b = right;

	if (a->record_id != b->record_id)
		return a->record_id < b->record_id ? -1 : 1;
	return (a->item > b->item) - (a->item < b->item);
}

static void count_respondents(struct evidence_facts *facts)
{
	size_t given = 0;

	facts->respondents = 0;
	if (facts->supports_len)
		qsort(facts->supports, facts->supports_len, sizeof *facts->supports, compare_supports);
	for (size_t i = 0; i < facts->supports_len; i++) {
		const struct support *support = &facts->supports[i];
		bool same_record = i && support->record_id == support[-1].record_id;

		if (!same_record) {
			facts->respondents++;
			given = 0;
		}
		given += !same_record || support->item != support[-1].item;
		if (given > facts->most)
			facts->most = given;
	}
}

/* Is it a quote that stands in the records, but not where it is said to? */
static bool is_misplaced(const struct evidence_facts *facts, enum persona_list_field field, size_t position)
{
	size_t item = facts->first[field] + position;

	return field == PERSONA_QUOTES && facts->best[item] >= PERSONA_STRENGTH_CLOSE && facts->misnamed[item] >= 0;
}

/*
 * Who said a quote that was taken for somebody else's is no respondent behind the persona; whose it was taken for gives
 * so much more of it.
 */
static void select_supports(struct evidence_facts *facts, const struct persona *persona, bool as_claimed)
{
	size_t kept = 0, first = facts->first[PERSONA_QUOTES];

	for (size_t i = 0; i < facts->supports_len; i++) {
		const struct support *support = &facts->supports[i];
		bool misplaced = support->item >= first && support->item - first < persona->lists[PERSONA_QUOTES].len &&
				 is_misplaced(facts, PERSONA_QUOTES, support->item - first);

		if (misplaced ? as_claimed : !support->claimed)
			facts->supports[kept++] = *support;
	}
	facts->supports_len = kept;
}

/* facts->items is known and above 0. */
static int gather(struct evidence_facts *facts, const struct persona *persona, struct persona_error *err)
{
	facts->best = calloc(facts->items, sizeof *facts->best);
	facts->misnamed = calloc(facts->items, sizeof *facts->misnamed);
	facts->supports = calloc(persona->evidence_len + 1, sizeof *facts->supports);
	if (!facts->best || !facts->misnamed || !facts->supports)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t i = 0; i < persona->evidence_len; i++) {
		const struct persona_evidence *evidence = &persona->evidence[i];
		size_t item;

		if (evidence->record_id <= 0 || evidence->position >= persona->lists[evidence->field].len)
			continue;
		item = facts->first[evidence->field] + evidence->position;
		facts->misnamed[item] += evidence->strength == PERSONA_STRENGTH_NONE ? 1 : -1;
		facts->supports[facts->supports_len++] =
			(struct support){ evidence->record_id, item, evidence->strength == PERSONA_STRENGTH_NONE };
		if (evidence->strength == PERSONA_STRENGTH_NONE)
			continue;
		facts->covered += facts->best[item] == PERSONA_STRENGTH_NONE;
		if (evidence->strength > facts->best[item])
			facts->best[item] = evidence->strength;
	}
	select_supports(facts, persona, true);
	count_respondents(facts);
	select_supports(facts, persona, false);
	count_respondents(facts);
	return 0;
}

static int judge_item(struct persona_finding *finding, const struct evidence_facts *facts,
		      enum persona_list_field field, size_t position, struct persona_error *err)
{
	enum persona_strength best = facts->best[facts->first[field] + position];
	const struct persona_field *line = persona_list_field(field);

	if (field == PERSONA_QUOTES && best < PERSONA_STRENGTH_CLOSE)
		return persona_finding_issue(finding, "quote-not-found", line->name, (long)position, err,
					     "quote %zu stands in no record: take a respondent's own words or drop it",
					     position + 1);
	if (is_misplaced(facts, field, position))
		return persona_finding_issue(finding, "quote-misplaced", line->name, (long)position, err,
					     "quote %zu is not in the record that is named for it: name the one that "
					     "has it",
					     position + 1);
	if (best == PERSONA_STRENGTH_NONE)
		return persona_finding_issue(finding, "no-evidence", line->name, (long)position, err,
					     "%s %zu rests on no record: name one that bears it out or drop it",
					     line->kind, position + 1);
	return 0;
}

static int judge_items(struct persona_finding *finding, const struct evidence_facts *facts,
		       enum persona_list_field field, size_t len, struct persona_error *err)
{
	const char *name = persona_list_field(field)->name;
	size_t weak = 0;

	for (size_t i = 0; i < len; i++) {
		enum persona_strength best = facts->best[facts->first[field] + i];

		if (judge_item(finding, facts, field, i, err) < 0)
			return -1;
		if (field == PERSONA_QUOTES)
			weak += best == PERSONA_STRENGTH_CLOSE && !is_misplaced(facts, field, i);
		else
			weak += best == PERSONA_STRENGTH_CITED || best == PERSONA_STRENGTH_CLOSE;
	}
	if (!weak)
		return 0;
	return persona_finding_issue(finding, "weak-evidence", name, -1, err,
				     "%zu of %zu %s not in a record's own words: keep closer to what was said", weak,
				     len, name);
}

static int judge_diversity(struct persona_finding *finding, const struct evidence_facts *facts, int64_t batch_records,
			   double *diversity, struct persona_error *err)
{
	size_t step = facts->respondents < RESPONDENTS_WANTED ? facts->respondents : RESPONDENTS_WANTED;
	bool one_sided = batch_records >= BATCH_TO_SPREAD && step > 1 && 2 * facts->most > facts->items;

	*diversity = diversity_of[step - one_sided];
	if (step < RESPONDENTS_WANTED &&
	    persona_finding_issue(finding, "few-respondents", NULL, -1, err,
				  "%zu respondent%s behind the items, not %zu: draw on more", facts->respondents,
				  facts->respondents == 1 ? "" : "s", RESPONDENTS_WANTED) < 0)
		return -1;
	if (one_sided)
		return persona_finding_issue(finding, "one-sided", NULL, -1, err,
					     "one respondent gives %zu of %zu items: draw on others for some",
					     facts->most, facts->items);
	return 0;
}

/* ---- Do they belong together? ------------------------------------------ */

static int compare_by_item(const void *left, const void *right)
{
	const struct support *a = left, *b = right;

	return a->item == b->item ? compare_supports(left, right) : (a->item > b->item) - (a->item < b->item);
}

/* items: of all lists, in order; records: room for all supports. */
static void collect_items(struct kin_item *items, uint32_t *records, struct evidence_facts *facts,
			  const struct persona *persona, const struct persona_kin *kin)
{
	size_t next = 0;

	if (facts->supports_len)
		qsort(facts->supports, facts->supports_len, sizeof *facts->supports, compare_by_item);
	for (int field = 0; field < PERSONA_LIST_FIELDS; field++)
		for (size_t i = 0; i < persona->lists[field].len; i++)
			items[facts->first[field] + i] =
				(struct kin_item){ .field = (enum persona_list_field)field, .position = i };
	for (size_t i = 0; i < facts->items; i++) {
		items[i].records = records + next;
		for (; next < facts->supports_len && facts->supports[next].item == i; next++) {
			size_t at = kin_find(kin, facts->supports[next].record_id);

			if (at < kin->len && (!items[i].len || items[i].records[items[i].len - 1] != at))
				items[i].records[items[i].len++] = (uint32_t)at;
		}
	}
}

/* Each list counts alike, however many items it has; below 0: cannot be told. */
static double mean_nearness(const struct kin_item *items, size_t len)
{
	double sum = 0, of_list = 0;
	size_t lists = 0, count = 0;

	for (size_t i = 0; i < len; i++) {
		if (items[i].nearness >= 0) {
			of_list += items[i].nearness;
			count++;
		}
		if (i + 1 < len && items[i + 1].field == items[i].field)
			continue;
		sum += count ? of_list / (double)count : 0;
		lists += count > 0;
		of_list = 0;
		count = 0;
	}
	return lists ? sum / (double)lists : -1;
}

static int judge_nearness(struct persona_finding *finding, const struct kin_item *items, size_t len,
			  struct evidence_facts *facts, struct persona_error *err)
{
	size_t strangers = 0;
	double near = mean_nearness(items, len);

	for (size_t i = 0; i < len; i++) {
		const struct persona_field *line = persona_list_field(items[i].field);

		if (items[i].nearness < 0)
			continue;
		if (items[i].nearness >= CHANCE)
			continue;
		strangers++;
		if (persona_finding_issue(
			    finding, "other-respondents", line->name, (long)items[i].position, err,
			    "%s %zu rests on respondents who answer less like the persona's others than most do: "
			    "draw on those behind the other items",
			    line->kind, items[i].position + 1) < 0)
			return -1;
	}
	facts->related = near >= 0;
	if (!facts->related)
		return 0;
	facts->belonging = near > CHANCE ? (near - CHANCE) / (1 - CHANCE) : 0;
	if (strangers || near >= MIXED)
		return 0;
	return persona_finding_issue(
		finding, "mixed-respondents", NULL, -1, err,
		"the respondents behind a list are nearer to those behind the others than %.0f %% of all are: "
		"draw on people who answer alike",
		100 * near);
}

static int judge_belonging(struct persona_finding *finding, struct evidence_facts *facts,
			   const struct persona_subject *subject, struct persona_error *err)
{
	struct kin_item *items = NULL;
	uint32_t *records = NULL;
	int rc = -1;

	if (!subject->kin || !subject->kin->telling)
		return 0;
	items = calloc(facts->items, sizeof *items);
	records = calloc(facts->supports_len + 1, sizeof *records);
	if (!items || !records) {
		persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		goto out;
	}
	collect_items(items, records, facts, subject->persona, subject->kin);
	if (kin_nearness(subject->kin, items, facts->items, err) == 0)
		rc = judge_nearness(finding, items, facts->items, facts, err);
out:
	free(items);
	free(records);
	return rc;
}

/* ---- All parts ------------------------------------------------------------ */

static double weighted(const struct evidence_facts *facts, double coverage, double strength, double diversity)
{
	double value = WEIGHT_COVERAGE * coverage + WEIGHT_STRENGTH * strength + WEIGHT_DIVERSITY * diversity;

	if (!facts->related)
		return 100 * value / (WEIGHT_COVERAGE + WEIGHT_STRENGTH + WEIGHT_DIVERSITY);
	return value + WEIGHT_BELONGING * facts->belonging;
}

static int judge_facts(struct persona_finding *finding, struct evidence_facts *facts,
		       const struct persona_profile *profile, const struct persona_subject *subject,
		       struct persona_error *err)
{
	double coverage = (double)facts->covered / (double)facts->items;
	double strength = 0, weights = 0, diversity;

	for (size_t field = 0; field < PERSONA_LIST_FIELDS; field++) {
		size_t len = subject->persona->lists[field].len;
		double weight = field == PERSONA_QUOTES ? QUOTE_WEIGHT : 1;

		for (size_t i = 0; i < len; i++)
			strength += weight * worth[facts->best[facts->first[field] + i] -
						   is_misplaced(facts, (enum persona_list_field)field, i)];
		weights += weight * (double)len;
		if (judge_items(finding, facts, (enum persona_list_field)field, len, err) < 0)
			return -1;
	}
	if (coverage < profile->least_coverage &&
	    persona_finding_issue(finding, "low-coverage", NULL, -1, err,
				  "%zu of %zu items rest on a record, less than %.0f %%", facts->covered, facts->items,
				  100 * profile->least_coverage) < 0)
		return -1;
	if (judge_diversity(finding, facts, subject->batch_records, &diversity, err) < 0 ||
	    judge_belonging(finding, facts, subject, err) < 0)
		return -1;
	finding->measured = true;
	finding->value = weighted(facts, coverage, strength / weights, diversity);
	return 0;
}

static int judge(const struct persona_metric *metric, const struct persona_profile *profile,
		 const struct persona_subject *subject, struct persona_finding *finding, struct persona_error *err)
{
	struct evidence_facts facts = { 0 };
	int rc = -1;

	(void)metric;
	for (size_t field = 0; field < PERSONA_LIST_FIELDS; field++) {
		facts.first[field] = facts.items;
		facts.items += subject->persona->lists[field].len;
	}
	if (subject->batch_records <= 0)
		return persona_finding_issue(finding, "not-measured", NULL, -1, err,
					     "no records to check against: the persona's batch has none");
	if (!facts.items)
		return persona_finding_issue(finding, "not-measured", NULL, -1, err, "no items to check");
	if (gather(&facts, subject->persona, err) < 0)
		goto out;
	rc = judge_facts(finding, &facts, profile, subject, err);
out:
	facts_release(&facts);
	return rc;
}

const struct persona_metric metric_evidence_strength = {
	.name = "evidence_strength",
	.description =
		"items borne out by records, how closely, by how many respondents, and whether they belong together",
	.category = "evidence",
	.scope = PERSONA_SCOPE_REVISION,
	.weight = 0.25,
	.version = 3,
	.revision = judge,
};
