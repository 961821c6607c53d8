/*
 * realism - could this be somebody?
 *
 *   value = mean of name, demographics, quotes, goals, each 0..100, of those that can be measured
 *
 *   name          the worst that applies: empty 0, placeholder 30, digits or symbols 40, a single
 *                 word 60 (not in a script that writes names without spaces), all capitals or
 *                 all small letters 70, else 100
 *   demographics  100, less 25 for a title such as chief or director (or founder of a large
 *                 firm) at 16 to 21, and for each placeholder value among demographics and
 *                 occupation; not below 0. An age range counts when both ends lie within.
 *                 Without occupation and demographics: not measured
 *   quotes        share that sounds spoken: 3 to 60 words, no opening that nobody speaks, no
 *                 word of brochures, no placeholder. Without a quote: not measured
 *   goals         share that is specific: 4 words or more, not opening as any goal might ("be
 *                 better") nor being one of everybody's ("save time and money") with at most two words
 *                 more, after "to", "I want to" and the like, no placeholder. Without a goal: not measured
 *
 * Words and lists are folded and compared as whole words.
 * Codes: name-empty, name-placeholder, name-symbols, name-single-word, name-case, young-title,
 * placeholder-value, quote-not-spoken, goal-generic.
 */
#include "internal.h"

#define QUOTE_LEAST 3
#define QUOTE_MOST  60
#define GOAL_LEAST  4
#define STOCK_MORE  2
#define YOUNG_FROM  16
#define YOUNG_TO    21
#define DEDUCTION   25.0
#define KEY_COLUMNS 40
#define NESTED_MAX  8

/* The parts that could be measured. */
struct parts {
	double sum;
	size_t count;
};

static void add_part(struct parts *parts, double value)
{
	parts->sum += value;
	parts->count++;
}

/* ---- Name ------------------------------------------------------------ */

static int judge_name(struct persona_finding *finding, struct parts *parts, const char *name, struct persona_error *err)
{
	static const struct {
		double value;
		const char *code;
		const char *message;
	} looks[] = {
		[METRIC_NAME_EMPTY] = { 0, "name-empty", "no name: give a first and a last name" },
		[METRIC_NAME_PLACEHOLDER] = { 30, "name-placeholder",
					      "the name is a placeholder: give a first and a last name" },
		[METRIC_NAME_SYMBOLS] = { 40, "name-symbols", "digits or symbols in the name: keep to letters" },
		[METRIC_NAME_SINGLE_WORD] = { 60, "name-single-word", "a single word as name: add a last name" },
		[METRIC_NAME_CASE] = { 70, "name-case", "the name is all capitals or all small: capitalise it" },
		[METRIC_NAME_FINE] = { 100, NULL, NULL },
	};
	enum metric_name_look look;

	if (metric_look_at_name(&look, name, err) < 0)
		return -1;
	add_part(parts, looks[look].value);
	if (!looks[look].code)
		return 0;
	return persona_finding_issue(finding, looks[look].code, "name", -1, err, "%s", looks[look].message);
}

/* ---- Demographics ---------------------------------------------------- */

/* Does the occupation hold a title that takes years? What follows "to" is somebody else's: "assistant to the CEO". */
static int has_late_title(const struct persona_profile *profile, const char *occupation, struct persona_error *err)
{
	const struct metric_list stops = metric_english(profile, METRIC_title_stops),
				 titles = metric_english(profile, METRIC_titles),
				 founders = metric_english(profile, METRIC_founders),
				 large = metric_english(profile, METRIC_large_firms);
	struct metric_words words;
	size_t own;
	int found;

	if (metric_words_of(&words, occupation, err) < 0)
		return -1;
	own = metric_list_find(&stops, &words, words.count);
	own = own ? own - 1 : words.count;
	found = metric_list_find(&titles, &words, own) ||
		(metric_list_find(&founders, &words, own) && metric_list_find(&large, &words, words.count));
	metric_words_release(&words);
	return found;
}

static int judge_title(struct persona_finding *finding, double *value, const struct persona_profile *profile,
		       const struct persona *persona, struct persona_error *err)
{
	int64_t youngest, oldest;
	int late;

	if (!persona->occupation || !metric_age(persona, &youngest, &oldest) || youngest < YOUNG_FROM ||
	    oldest > YOUNG_TO)
		return 0;
	late = has_late_title(profile, persona->occupation, err);
	if (late <= 0)
		return late;
	*value -= DEDUCTION;
	return persona_finding_issue(finding, "young-title", "occupation", -1, err,
				     "a title that takes years, at the age of %d: change one of the two", (int)oldest);
}

static int judge_text_value(struct persona_finding *finding, double *value, const char *field, const char *key,
			    const char *text, struct persona_error *err)
{
	int placeholder = metric_is_placeholder(text, err);

	if (placeholder <= 0)
		return placeholder;
	*value -= DEDUCTION;
	return persona_finding_issue(finding, "placeholder-value", field, -1, err,
				     "%.*s says nothing: give a value or leave it out",
				     (int)persona_text_fit(key, strlen(key), KEY_COLUMNS), key);
}

/* The texts of a value of demographics, at any depth that somebody would write by hand. */
static int judge_value(struct persona_finding *finding, double *value, const char *key, const json_t *json, int depth,
		       struct persona_error *err)
{
	const char *name;
	json_t *member;
	size_t index;

	if (depth == NESTED_MAX)
		return 0;
	if (json_is_string(json))
		return judge_text_value(finding, value, "demographics", key, json_string_value(json), err);
	if (json_is_array(json))
		json_array_foreach(json, index, member)
			if (judge_value(finding, value, key, member, depth + 1, err) < 0)
				return -1;
	if (json_is_object(json))
		json_object_foreach((json_t *)json, name, member)
			if (judge_value(finding, value, name, member, depth + 1, err) < 0)
				return -1;
	return 0;
}

static int judge_demographics(struct persona_finding *finding, struct parts *parts,
			      const struct persona_profile *profile, const struct persona *persona,
			      struct persona_error *err)
{
	double value = 100;

	if (metric_is_blank(persona->occupation) && !json_object_size(persona->demographics))
		return 0;
	if (judge_title(finding, &value, profile, persona, err) < 0)
		return -1;
	if (persona->occupation &&
	    judge_text_value(finding, &value, "occupation", "occupation", persona->occupation, err) < 0)
		return -1;
	if (persona->demographics && judge_value(finding, &value, "demographics", persona->demographics, 0, err) < 0)
		return -1;
	add_part(parts, value > 0 ? value : 0);
	return 0;
}

/* ---- Quotes and goals ------------------------------------------------ */

static int judge_quote(struct persona_finding *finding, const struct persona_profile *profile,
		       const struct metric_words *words, long position, struct persona_error *err)
{
	const struct metric_list openings = metric_english(profile, METRIC_quote_openings),
				 corporate = metric_english(profile, METRIC_corporate_words);
	static const char code[] = "quote-not-spoken", field[] = "quotes";
	size_t at;

	if (words->count < QUOTE_LEAST || words->count > QUOTE_MOST)
		return persona_finding_issue(finding, code, field, position, err,
					     "quote %ld has %zu words: people say %d to %d at a time", position + 1,
					     words->count, QUOTE_LEAST, QUOTE_MOST);
	if (metric_list_match(&openings, words, 0))
		return persona_finding_issue(finding, code, field, position, err,
					     "quote %ld does not open as people speak: use a respondent's words",
					     position + 1);
	at = metric_list_find(&corporate, words, words->count);
	if (at)
		return persona_finding_issue(finding, code, field, position, err,
					     "quote %ld says \"%.*s\", which people do not: use a respondent's words",
					     position + 1, (int)words->items[at - 1].len,
					     words->folded.data + words->items[at - 1].offset);
	return 0;
}

static int judge_goal(struct persona_finding *finding, const struct persona_profile *profile,
		      const struct metric_words *words, long position, struct persona_error *err)
{
	const struct metric_list openings = metric_english(profile, METRIC_goal_openings),
				 generic = metric_english(profile, METRIC_generic_goals),
				 stock = metric_english(profile, METRIC_stock_goals);
	size_t begin = metric_list_match(&openings, words, 0);
	size_t known = metric_list_match(&stock, words, begin);

	if (words->count < GOAL_LEAST)
		return persona_finding_issue(finding, "goal-generic", "goals", position, err,
					     "goal %ld has %zu words, not %d: say what, where or how much",
					     position + 1, words->count, GOAL_LEAST);
	if (metric_list_match(&generic, words, begin) || (known && words->count - begin - known <= STOCK_MORE))
		return persona_finding_issue(finding, "goal-generic", "goals", position, err,
					     "goal %ld could be anybody's: say what, where or how much", position + 1);
	return 0;
}

static int judge_item(struct persona_finding *finding, const struct persona_profile *profile,
		      enum persona_list_field field, const char *text, long position, struct persona_error *err)
{
	bool goal = field == PERSONA_GOALS;
	struct metric_words words;
	int rc;

	if (metric_holds_placeholder(text))
		return persona_finding_issue(
			finding, goal ? "goal-generic" : "quote-not-spoken", persona_list_field(field)->name, position,
			err, "%s %ld is a placeholder: say it or leave it out", goal ? "goal" : "quote", position + 1);
	if (metric_words_of(&words, text, err) < 0)
		return -1;
	rc = (goal ? judge_goal : judge_quote)(finding, profile, &words, position, err);
	metric_words_release(&words);
	return rc;
}

/* The share of a list's items that a judge has nothing against; blank ones are none. */
static int judge_list(struct persona_finding *finding, struct parts *parts, const struct persona_profile *profile,
		      const struct persona *persona, enum persona_list_field field, struct persona_error *err)
{
	const struct persona_list *list = &persona->lists[field];
	size_t items = 0, faults = finding->issues_len;

	for (size_t i = 0; i < list->len; i++) {
		if (metric_is_blank(list->items[i]))
			continue;
		if (judge_item(finding, profile, field, list->items[i], (long)i, err) < 0)
			return -1;
		items++;
	}
	faults = finding->issues_len - faults;
	if (items)
		add_part(parts, 100.0 * (double)(items - faults) / (double)items);
	return 0;
}

static int judge(const struct persona_metric *metric, const struct persona_profile *profile,
		 const struct persona_subject *subject, struct persona_finding *finding, struct persona_error *err)
{
	const struct persona *persona = subject->persona;
	struct parts parts = { 0 };

	(void)metric;
	if (judge_name(finding, &parts, persona->name, err) < 0 ||
	    judge_demographics(finding, &parts, profile, persona, err) < 0 ||
	    judge_list(finding, &parts, profile, persona, PERSONA_QUOTES, err) < 0 ||
	    judge_list(finding, &parts, profile, persona, PERSONA_GOALS, err) < 0)
		return -1;
	finding->measured = true;
	finding->value = parts.sum / (double)parts.count;
	return 0;
}

const struct persona_metric metric_realism = {
	.name = "realism",
	.description = "a name, demographics, quotes and goals that a person could have",
	.category = "language",
	.scope = PERSONA_SCOPE_REVISION,
	.weight = 0.15,
	.version = 3,
	.revision = judge,
};
