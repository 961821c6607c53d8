/*
 * consistency - does it contradict itself?
 *
 *   value = 35 age and stage of life + 30 behaviours against frustrations + 20 quotes + 15 no repetition, each 0..1;
 *           a part without data to judge by leaves its weight to the others
 *
 *   age          100 less 20 for each contradiction; needs an age or an occupation (life.c)
 *   opposites    100 less 25 for each contradiction; needs a behaviour and a frustration (opposites.c)
 *   quotes       share of quotes with a content word (its stem) that goals, frustrations, behaviours, motivations or the
 *                occupation have, too. Words that belong to no subject (data/weak-stems) don't count. Needs a quote, and
 *                something to compare with
 *   repetition   100 less 15 for each list that repeats itself or another (repetition.c); needs a list of two items
 *
 * Parts are not below 0.
 * Codes: age-goal, age-experience, age-birth-year, age-stage, student-retired, contradiction, no-frustration,
 * quote-off-topic, repetition.
 */
#include "consistency.h"

static const double part_weights[] = { 35, 30, 20, 15 };

/* ---- Reading ------------------------------------------------------------- */

static void release_items(struct consistency *consistency)
{
	for (int field = 0; field < PERSONA_LIST_FIELDS; field++) {
		struct read_item *items = consistency->items[field];

		for (size_t i = 0; items && i < consistency->subject->persona->lists[field].len; i++) {
			metric_words_release(&items[i].words);
			persona_stems_release(&items[i].stems);
		}
		free(items);
	}
}

static int read_items(struct consistency *consistency, struct persona_error *err)
{
	for (int field = 0; field < PERSONA_LIST_FIELDS; field++) {
		const struct persona_list *list = &consistency->subject->persona->lists[field];
		struct read_item *items = calloc(list->len + 1, sizeof *items);

		consistency->items[field] = items;
		if (!items)
			return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		for (size_t i = 0; i < list->len; i++)
			persona_buf_init(&items[i].words.folded, SIZE_MAX);
		for (size_t i = 0; i < list->len; i++)
			if (metric_words_of(&items[i].words, list->items[i], err) < 0 ||
			    persona_stems_of(&items[i].stems, consistency->language, list->items[i],
					     strlen(list->items[i]), err) < 0)
				return -1;
	}
	return 0;
}

/* ---- Negation --------------------------------------------------------------- */

bool is_negated(const struct persona_profile *profile, const struct metric_words *words, size_t at)
{
	const struct metric_list negations = metric_english(profile, METRIC_negations);

	for (size_t i = at < 3 ? 0 : at - 3; i < at; i++)
		if (metric_list_match(&negations, words, i))
			return true;
	return false;
}

static bool is_listed(const struct metric_list *list, const char *stem)
{
	const char *entry;
	size_t at = 0, len;

	if (!metric_list_may_have(list, stem, strlen(stem)))
		return false;
	while ((entry = metric_list_next(list, &at, &len)))
		if (strncmp(entry, stem, len) == 0 && !stem[len])
			return true;
	return false;
}

bool is_negation(const struct persona_profile *profile, const char *stem)
{
	const struct metric_list negations = metric_english(profile, METRIC_negations);

	return is_listed(&negations, stem);
}

/* ---- Quotes ------------------------------------------------------------------ */

/* What a persona is about: content words of its items and its occupation, in order. */
struct topic {
	const char **stems;
	size_t len, capacity;
	struct persona_stems occupation;
};

static int compare_stems(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static bool belongs_to_a_subject(const struct consistency *consistency, const char *stem)
{
	const struct metric_list weak = metric_english(consistency->profile, METRIC_weak_stems);

	return !is_listed(&weak, stem) && !is_negation(consistency->profile, stem);
}

static int add_stems(const struct consistency *consistency, struct topic *topic, const struct persona_stems *stems,
		     struct persona_error *err)
{
	for (size_t i = 0; i < stems->set_len; i++) {
		if (!belongs_to_a_subject(consistency, stems->set[i]))
			continue;
		if (persona_grow((void **)&topic->stems, &topic->capacity, topic->len, sizeof *topic->stems, err) < 0)
			return -1;
		topic->stems[topic->len++] = stems->set[i];
	}
	return 0;
}

static int gather_topic(const struct consistency *consistency, struct topic *topic, struct persona_error *err)
{
	static const enum persona_list_field fields[] = { PERSONA_GOALS, PERSONA_FRUSTRATIONS, PERSONA_BEHAVIOURS,
							  PERSONA_MOTIVATIONS };
	const struct persona *persona = consistency->subject->persona;

	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		for (size_t k = 0; k < persona->lists[fields[i]].len; k++)
			if (add_stems(consistency, topic, &consistency->items[fields[i]][k].stems, err) < 0)
				return -1;
	if (persona->occupation && (persona_stems_of(&topic->occupation, consistency->language, persona->occupation,
						     strlen(persona->occupation), err) < 0 ||
				    add_stems(consistency, topic, &topic->occupation, err) < 0))
		return -1;
	if (topic->len)
		qsort(topic->stems, topic->len, sizeof *topic->stems, compare_stems);
	return 0;
}

static bool touches(const struct topic *topic, const struct persona_stems *stems)
{
	for (size_t i = 0; i < stems->set_len; i++)
		if (bsearch(&stems->set[i], topic->stems, topic->len, sizeof *topic->stems, compare_stems))
			return true;
	return false;
}

static int judge_each_quote(const struct consistency *consistency, const struct topic *topic, double *value,
			    struct persona_error *err)
{
	const struct persona_list *quotes = &consistency->subject->persona->lists[PERSONA_QUOTES];
	size_t count = 0, off = 0;

	for (size_t i = 0; i < quotes->len; i++) {
		if (metric_is_blank(quotes->items[i]))
			continue;
		count++;
		if (touches(topic, &consistency->items[PERSONA_QUOTES][i].stems))
			continue;
		off++;
		if (persona_finding_issue(
			    consistency->finding, "quote-off-topic", "quotes", (long)i, err,
			    "quote %zu speaks of nothing that the persona wants, does or suffers: take one "
			    "that does",
			    i + 1) < 0)
			return -1;
	}
	if (count)
		*value = 100.0 * (double)(count - off) / (double)count;
	return 0;
}

static int judge_quotes(const struct consistency *consistency, double *value, struct persona_error *err)
{
	struct topic topic = { 0 };
	int rc = gather_topic(consistency, &topic, err);

	*value = -1;
	if (!rc && topic.len)
		rc = judge_each_quote(consistency, &topic, value, err);
	free(topic.stems);
	persona_stems_release(&topic.occupation);
	return rc;
}

/* ---- All parts --------------------------------------------------------------------- */

static int judge_parts(const struct consistency *consistency, double values[4], struct persona_error *err)
{
	if (judge_life(consistency, &values[0], err) < 0 || judge_opposites(consistency, &values[1], err) < 0 ||
	    judge_quotes(consistency, &values[2], err) < 0)
		return -1;
	return judge_repetition(consistency, &values[3], err);
}

static int weigh(struct persona_finding *finding, const double values[4], struct persona_error *err)
{
	double sum = 0, weights = 0;

	for (size_t i = 0; i < sizeof part_weights / sizeof part_weights[0]; i++) {
		if (values[i] < 0)
			continue;
		sum += part_weights[i] * values[i];
		weights += part_weights[i];
	}
	if (weights <= 0)
		return persona_finding_issue(finding, "not-measured", NULL, -1, err,
					     "too little is said to contradict itself: no age, occupation or list");
	finding->measured = true;
	finding->value = sum / weights;
	return 0;
}

static int judge(const struct persona_metric *metric, const struct persona_profile *profile,
		 const struct persona_subject *subject, struct persona_finding *finding, struct persona_error *err)
{
	struct consistency consistency = {
		.profile = profile,
		.subject = subject,
		.language = subject->language,
		.finding = finding,
	};
	double values[4] = { -1, -1, -1, -1 };
	struct persona_language *own = NULL;
	int rc = 0;

	(void)metric;
	if (!subject->language) {
		rc = persona_language_new(&own, profile->language, err);
		consistency.language = own;
	}
	if (!rc)
		rc = read_items(&consistency, err);
	if (!rc)
		rc = judge_parts(&consistency, values, err);
	if (!rc)
		rc = weigh(finding, values, err);
	release_items(&consistency);
	persona_language_free(own);
	return rc;
}

const struct persona_metric metric_consistency = {
	.name = "consistency",
	.description = "age, behaviours, frustrations and quotes that do not contradict one another",
	.category = "logic",
	.scope = PERSONA_SCOPE_REVISION,
	.weight = 0.20,
	.version = 2,
	.revision = judge,
};
