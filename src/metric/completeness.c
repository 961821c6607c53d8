/*
 * completeness - is everything there that a persona should have, and enough of it?
 *
 *   value = 40 required + 30 expected + 20 depth + 10 richness, each 0..1
 *
 *   required  1 when the name is filled, else 0
 *   expected  share of six that are filled: demographics (or age, or occupation), background,
 *             goals, frustrations, behaviours, quotes
 *   depth     mean over goals, frustrations, behaviours, quotes of min(1, n / least), where the
 *             profile says how many are the least; a least of 0 counts 1
 *   richness  mean of min(1, average words / 5) for goals, the same for frustrations, and
 *             min(1, facts / 3): filled demographics, age and occupation (an age_range beside an
 *             age is the same fact)
 *
 * Filled means that it holds a letter or digit and no placeholder: "n/a", "tbd", "lorem ipsum" and the like;
 * n, words and facts count what is filled. A list without a filled item is reported once, as
 * missing: that covers what depth and richness lose by it.
 *
 * Codes: missing-FIELD, few-FIELD (for demographics: facts), short-items.
 */
#include "internal.h"

#define WORDS_WANTED 5
#define FACTS_WANTED 3

/* What the lists are asked for, in the order of the report. */
static const struct {
	enum persona_list_field field;
	bool words;
} lists[] = {
	{ PERSONA_GOALS, true },
	{ PERSONA_FRUSTRATIONS, true },
	{ PERSONA_BEHAVIOURS, false },
	{ PERSONA_QUOTES, false },
};

#define LISTS	 (sizeof lists / sizeof lists[0])
#define EXPECTED (LISTS + 2)

/* Sums over the parts of a persona. */
struct tally {
	size_t expected;
	double depth;
	double richness;
};

static double capped(double part, double whole)
{
	return part < whole ? part / whole : 1;
}

static int missing(struct persona_finding *finding, const char *field, const char *what, struct persona_error *err)
{
	char code[64];

	snprintf(code, sizeof code, "missing-%s", field);
	return persona_finding_issue(finding, code, field, -1, err, "%s", what);
}

static int judge_words(struct persona_finding *finding, struct tally *tally, const struct persona_list *list,
		       const char *name, struct persona_error *err)
{
	size_t items = 0, words = 0, shortest = 0;
	long least = -1;

	for (size_t i = 0; i < list->len; i++) {
		int filled = metric_text_filled(list->items[i], err);
		long count;

		if (filled < 0)
			return -1;
		if (!filled)
			continue;
		count = persona_text_word_count(list->items[i], strlen(list->items[i]));
		if (count < 0)
			return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		if (least < 0 || count < least) {
			least = count;
			shortest = i;
		}
		words += (size_t)count;
		items++;
	}
	if (!items)
		return 0;
	tally->richness += capped((double)words, (double)(items * WORDS_WANTED));
	if (words >= items * WORDS_WANTED)
		return 0;
	return persona_finding_issue(finding, "short-items", name, (long)shortest, err,
				     "%s have %.1f words on average, fewer than %d: say more, above all in number %zu",
				     name, (double)(words * 10 / items) / 10, WORDS_WANTED, shortest + 1);
}

static int judge_list(struct persona_finding *finding, struct tally *tally, const struct persona_list *list,
		      const char *name, size_t least, struct persona_error *err)
{
	size_t filled = 0;

	for (size_t i = 0; i < list->len; i++) {
		int is = metric_text_filled(list->items[i], err);

		if (is < 0)
			return -1;
		filled += (size_t)is;
	}
	tally->expected += filled > 0;
	tally->depth += least ? capped((double)filled, (double)least) : 1;
	if (!filled) {
		char what[64];

		snprintf(what, sizeof what, "no %s: add %zu or more", name, least ? least : (size_t)1);
		return missing(finding, name, what, err);
	}
	if (filled < least) {
		char code[64];

		snprintf(code, sizeof code, "few-%s", name);
		return persona_finding_issue(finding, code, name, -1, err, "%zu of at least %zu %s: add %zu", filled,
					     least, name, least - filled);
	}
	return 0;
}

/* Filled demographics, age and occupation; -1 when memory ran out. */
static long count_facts(const struct persona *persona, struct persona_error *err)
{
	bool age = persona->age != PERSONA_UNKNOWN;
	int filled = metric_text_filled(persona->occupation, err);
	long facts = age + (long)filled;
	const char *key;
	json_t *value;

	if (filled < 0)
		return -1;
	json_object_foreach(persona->demographics, key, value) {
		if (age && (strcmp(key, "age_range") == 0 || strcmp(key, "age") == 0))
			continue;
		filled = metric_value_filled(value, err);
		if (filled < 0)
			return -1;
		facts += filled;
	}
	return facts;
}

static int judge_facts(struct persona_finding *finding, struct tally *tally, const struct persona *persona,
		       struct persona_error *err)
{
	long facts = count_facts(persona, err);

	if (facts < 0)
		return -1;
	tally->expected += facts > 0;
	tally->richness += capped((double)facts, FACTS_WANTED);
	if (!facts)
		return missing(finding, "demographics", "no demographics, no age, no occupation: say who this is", err);
	if (facts < FACTS_WANTED)
		return persona_finding_issue(finding, "few-demographics", "demographics", -1, err,
					     "%ld of %d facts among age, occupation and demographics: add %ld", facts,
					     FACTS_WANTED, FACTS_WANTED - facts);
	return 0;
}

static int judge(const struct persona_metric *metric, const struct persona_profile *profile,
		 const struct persona_subject *subject, struct persona_finding *finding, struct persona_error *err)
{
	const struct persona *persona = subject->persona;
	int named = metric_text_filled(persona->name, err);
	int background = metric_text_filled(persona->background, err);
	struct tally tally = { 0 };

	(void)metric;
	if (named < 0 || background < 0)
		return -1;
	if (!named && missing(finding, "name", "no name: give one", err) < 0)
		return -1;
	if (judge_facts(finding, &tally, persona, err) < 0)
		return -1;
	tally.expected += (size_t)background;
	if (!background &&
	    missing(finding, "background", "no background: tell in a few sentences who this is", err) < 0)
		return -1;
	for (size_t i = 0; i < LISTS; i++) {
		const struct persona_list *list = &persona->lists[lists[i].field];
		const char *name = persona_list_field(lists[i].field)->name;

		if (judge_list(finding, &tally, list, name, profile->least[lists[i].field], err) < 0)
			return -1;
		if (lists[i].words && judge_words(finding, &tally, list, name, err) < 0)
			return -1;
	}
	finding->measured = true;
	finding->value = 40.0 * named + 30.0 * (double)tally.expected / EXPECTED + 20.0 * tally.depth / LISTS +
			 10.0 * tally.richness / 3;
	return 0;
}

const struct persona_metric metric_completeness = {
	.name = "completeness",
	.description = "required and expected fields present, and enough in them",
	.category = "structure",
	.scope = PERSONA_SCOPE_REVISION,
	.weight = 0.25,
	.version = 2,
	.revision = judge,
};
