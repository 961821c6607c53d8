/* facts.c - what is told of a segment by topic: who its members are. */
#include "facts.h"

#define LABEL_BYTES 100 /* of the longest answer that can pass for a label */

const struct fact_topic fact_topics[FACTS] = {
	{ TOPIC_AGE, "age_range" },	  { TOPIC_GENDER, "gender" },
	{ TOPIC_COUNTRY, "country" },	  { TOPIC_CITY, "city" },
	{ TOPIC_LANGUAGE, "language" },	  { TOPIC_EDUCATION, "education" },
	{ TOPIC_INDUSTRY, "industry" },	  { TOPIC_EXPERIENCE, "experience" },
	{ TOPIC_HOUSEHOLD, "household" }, { TOPIC_OCCUPATION, "occupation" },
};

/* ---- Values ---------------------------------------------------------- */

static bool is_idle_option(const struct model *model, size_t option)
{
	return model->options[option].idle;
}

static struct fact fact_mode(const struct profile *profile, size_t column)
{
	const struct model *model = profile->model;
	struct fact fact = { .column = column, .option = model->options_len, .of = profile->answered[column] };

	for (size_t i = model->columns[column].options_from; i < model->columns[column].options_to; i++)
		if (!is_idle_option(model, i) && profile->option_count[i] > fact.count) {
			fact.option = i;
			fact.count = profile->option_count[i];
		}
	if (profile->segment->len > 1 && (double)fact.count < FACT_COMMON * (double)fact.of)
		fact.option = model->options_len;
	return fact;
}

static bool has_options(const struct model *model, size_t column)
{
	return model->columns[column].options_to > model->columns[column].options_from;
}

/* What a member chose, `wanted` if it is among that, else what most of the segment chose, too. false: nothing telling. */
static bool option_of_member(const struct profile *profile, size_t column, uint32_t unit, size_t wanted,
			     struct fact *out)
{
	const struct model *model = profile->model;
	size_t best = model->options_len;

	for (size_t i = model->ticks_from[unit]; i < model->ticks_from[unit + 1]; i++) {
		size_t option = model->ticks[i].option;

		if (model->options[option].column != column || is_idle_option(model, option) ||
		    (option != wanted &&
		     sounds_private(model->options[option].label, strlen(model->options[option].label))))
			continue;
		if (best == model->options_len || option == wanted ||
		    (best != wanted && profile->option_count[option] > profile->option_count[best]))
			best = option;
	}
	if (best == model->options_len)
		return false;
	*out = (struct fact){ .column = column,
			      .option = best,
			      .unit = unit,
			      .count = profile->option_count[best],
			      .of = profile->answered[column] };
	return true;
}

/* As options are: a bare number is the code of something. */
static int is_idle_label(const struct model *model, const char *text, size_t len, bool *idle, struct persona_error *err)
{
	struct folded folded;
	double number;

	if (folded_of(&folded, text, len, err) < 0)
		return -1;
	*idle = says_nothing(model, &folded) || parse_number(text, len, &number);
	folded_release(&folded);
	return 0;
}

/* What a member wrote: 1, or 0 if it is nothing that can be told. How many wrote it is for the caller to say. */
static int label_of_member(const struct profile *profile, size_t column, uint32_t unit, struct fact *out,
			   struct persona_error *err)
{
	const struct model *model = profile->model;
	struct fact fact = { .column = column, .option = model->options_len, .unit = unit };
	struct persona_buf folded;
	const char *text;
	bool idle;
	int rc;

	fact.len = unit_answer(model, column, unit, &fact.offset);
	if (!fact.len || fact.len > LABEL_BYTES)
		return 0;
	text = model_bytes(model, unit, fact.offset);
	if (sounds_private(text, fact.len) || memchr(text, '\n', fact.len))
		return 0;
	if (is_idle_label(model, text, fact.len, &idle, err) < 0)
		return -1;
	if (idle)
		return 0;
	persona_buf_init(&folded, PERSONA_TEXT_MAX);
	rc = persona_text_fold(&folded, text, fact.len, PERSONA_FOLD_PUNCTUATION, err);
	if (rc == 0)
		fact.key = persona_mix64(0, folded.data, folded.len);
	persona_buf_release(&folded);
	*out = fact;
	return rc < 0 ? -1 : 1;
}

/* What a member answers, `wanted` if that is among it: 1, or 0 if it is nothing that can be told. */
static int fact_of_member(const struct profile *profile, size_t column, uint32_t unit, size_t wanted, struct fact *out,
			  struct persona_error *err)
{
	if (option_of_member(profile, column, unit, wanted, out))
		return 1;
	return label_of_member(profile, column, unit, out, err);
}

/* ---- Labels of a segment ---------------------------------------------- */

struct label {
	uint64_t key;
	size_t member; /* its place in the segment */
};

/* Job titles and the like, which have no options: those that can be told, equal ones together. */
struct labels {
	struct label *items;
	size_t len;
	size_t answered; /* members who wrote anything */
};

static int compare_labels(const void *a, const void *b)
{
	const struct label *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (x->member > y->member) - (x->member < y->member);
}

static int labels_make(struct labels *out, const struct profile *profile, size_t column, struct persona_error *err)
{
	int rc = 0;

	*out = (struct labels){ .items = calloc(profile->segment->len, sizeof *out->items) };
	if (!out->items)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t m = 0; rc >= 0 && m < profile->segment->len; m++) {
		uint32_t unit = profile->segment->members[m];
		struct fact own;
		size_t offset;

		out->answered += unit_answer(profile->model, column, unit, &offset) > 0;
		rc = label_of_member(profile, column, unit, &own, err);
		if (rc == 1)
			out->items[out->len++] = (struct label){ own.key, m };
	}
	if (rc < 0) {
		free(out->items);
		out->items = NULL;
		return -1;
	}
	if (out->len)
		qsort(out->items, out->len, sizeof *out->items, compare_labels);
	return 0;
}

/* Labels that are the same as the one at `from`, and stand behind it. */
static size_t labels_run(const struct labels *labels, size_t from)
{
	size_t to = from + 1;

	while (to < labels->len && labels->items[to].key == labels->items[from].key)
		to++;
	return to - from;
}

static size_t labels_count(const struct labels *labels, uint64_t key)
{
	size_t from = 0, to = labels->len;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (labels->items[middle].key < key)
			from = middle + 1;
		else
			to = middle;
	}
	return from < labels->len && labels->items[from].key == key ? labels_run(labels, from) : 0;
}

/* The label that most share, if it is common, as the nearest to the middle of them spells it. 1: found. */
static int label_mode(const struct profile *profile, size_t column, struct fact *out, struct persona_error *err)
{
	size_t first = SIZE_MAX, most = 1, count;
	struct labels labels;
	int rc = 0;

	if (labels_make(&labels, profile, column, err) < 0)
		return -1;
	for (size_t i = 0; i < labels.len; i += count) {
		count = labels_run(&labels, i);
		if (count > most || (count > 1 && count == most && labels.items[i].member < first)) {
			first = labels.items[i].member;
			most = count;
		}
	}
	if (first != SIZE_MAX && (double)most >= FACT_COMMON * (double)labels.answered) {
		rc = label_of_member(profile, column, profile->segment->members[first], out, err);
		out->count = most;
		out->of = labels.answered;
	}
	free(labels.items);
	return rc;
}

/* ---- Topics ----------------------------------------------------------- */

static bool is_told(const struct column *column, enum topic topic)
{
	return column->topic == topic && column->len && column->kind != COLUMN_SKIP && column->kind != COLUMN_TEXT &&
	       !(topic == TOPIC_AGE && column->numbers > .5);
}

/* The best value of a topic: what most say, else what the member in the middle says. 1: there is one. */
static int fact_find(const struct profile *profile, enum topic topic, struct fact *out, struct persona_error *err)
{
	const struct model *model = profile->model;
	int found = 0;

	for (size_t c = 0; found == 0 && c < model->columns_len; c++) {
		if (!is_told(&model->columns[c], topic))
			continue;
		if (has_options(model, c)) {
			*out = fact_mode(profile, c);
			found = out->option < model->options_len && out->count;
		} else {
			found = label_mode(profile, c, out, err);
		}
	}
	/* No occupation is common: that of the middle, not an average of nobody. Others stay untold. */
	if (topic == TOPIC_OCCUPATION || profile->segment->len == 1)
		for (size_t c = 0; found == 0 && c < model->columns_len; c++)
			if (is_told(&model->columns[c], topic))
				found = fact_of_member(profile, c, profile->segment->members[0], model->options_len,
						       out, err);
	return found;
}

int facts_find(const struct profile *profile, struct fact *facts, bool *told, struct persona_error *err)
{
	for (size_t t = 0; t < FACTS; t++) {
		int found = fact_find(profile, fact_topics[t].topic, &facts[t], err);

		if (found < 0)
			return -1;
		told[t] = found;
	}
	return 0;
}

bool fact_is_common(const struct fact *fact)
{
	return fact->of && (double)fact->count >= FACT_COMMON * (double)fact->of;
}

/* ---- The combination ------------------------------------------------- */

/* What is told, and what is needed to look at who says it. */
struct telling {
	const struct profile *profile;
	struct fact *facts;
	bool *told;
	struct labels labels[FACTS];
};

static bool is_same(const struct fact *a, const struct fact *b)
{
	return a->option == b->option && a->key == b->key;
}

/* What a member says of a topic that is told. 1, or 0 if it is nothing that can be told. */
static int telling_own(const struct telling *telling, size_t topic, uint32_t unit, struct fact *own,
		       struct persona_error *err)
{
	const struct fact *fact = &telling->facts[topic];
	int rc =
		telling->told[topic] ? fact_of_member(telling->profile, fact->column, unit, fact->option, own, err) : 0;

	if (rc <= 0)
		return rc;
	if (is_same(own, fact)) {
		*own = *fact;
	} else if (telling->labels[topic].items) {
		own->count = labels_count(&telling->labels[topic], own->key);
		own->of = telling->labels[topic].answered;
	}
	return 1;
}

static int telling_open(struct telling *telling, struct persona_error *err)
{
	for (size_t t = 0; t < FACTS; t++)
		if (telling->told[t] && !has_options(telling->profile->model, telling->facts[t].column) &&
		    labels_make(&telling->labels[t], telling->profile, telling->facts[t].column, err) < 0)
			return -1;
	return 0;
}

static void telling_close(struct telling *telling)
{
	for (size_t t = 0; t < FACTS; t++)
		free(telling->labels[t].items);
}

/* How well a member stands for what is told. */
struct standing {
	bool has_occupation;
	double weight; /* how common his answers are, summed over those that can be told */
	size_t same;   /* facts that he shares */
};

static int standing_of(struct standing *out, const struct telling *telling, uint32_t unit, struct persona_error *err)
{
	*out = (struct standing){ .has_occupation = !telling->told[FACT_OCCUPATION] };
	for (size_t t = 0; t < FACTS; t++) {
		struct fact own;
		int rc = telling_own(telling, t, unit, &own, err);

		if (rc < 0)
			return -1;
		if (rc == 0)
			continue;
		if (fact_is_common(&own))
			out->weight += (double)own.count / (double)own.of;
		if (is_same(&own, &telling->facts[t])) {
			out->has_occupation |= t == FACT_OCCUPATION;
			out->same++;
		}
	}
	return 0;
}

static bool stands_better(const struct standing *a, const struct standing *b)
{
	if (a->has_occupation != b->has_occupation)
		return a->has_occupation;
	if (a->weight != b->weight)
		return a->weight > b->weight;
	return a->same > b->same;
}

/* Who decides where the values that most say are not those of one: the one whose answers most share. */
static int deciding(const struct telling *telling, uint32_t *out, struct persona_error *err)
{
	const struct segment *segment = telling->profile->segment;
	struct standing most, standing;

	for (size_t m = 0; m < segment->len; m++) {
		if (standing_of(&standing, telling, segment->members[m], err) < 0)
			return -1;
		if (m == 0 || stands_better(&standing, &most)) {
			most = standing;
			*out = segment->members[m];
		}
	}
	return 0;
}

int facts_reconcile(const struct profile *profile, struct fact *facts, bool *told, struct persona_error *err)
{
	struct telling telling = { .profile = profile, .facts = facts, .told = told };
	uint32_t unit = profile->segment->members[0];
	int rc = -1;

	if (profile->segment->len == 1)
		return 0;
	if (telling_open(&telling, err) < 0 || deciding(&telling, &unit, err) < 0)
		goto out;
	for (size_t t = 0; t < FACTS; t++) {
		struct fact own;
		int says = telling_own(&telling, t, unit, &own, err);

		if (says < 0)
			goto out;
		/* Somebody who did not answer does not contradict. */
		if (!says || is_same(&own, &facts[t]))
			continue;
		facts[t] = own;
		told[t] = fact_is_common(&own);
	}
	rc = 0;
out:
	telling_close(&telling);
	return rc;
}

int fact_is_of(const struct profile *profile, const struct fact *fact, uint32_t unit, struct persona_error *err)
{
	struct fact own;
	int rc = fact_of_member(profile, fact->column, unit, fact->option, &own, err);

	return rc == 1 ? is_same(&own, fact) : rc;
}

/* "Developer (Vagrant)": what stands in brackets tells who it is. */
static size_t label_len(const char *text, size_t len)
{
	const char *bracket = memchr(text, '(', len);
	size_t end = bracket ? (size_t)(bracket - text) : len;

	while (end && text[end - 1] == ' ')
		end--;
	return end ? end : len;
}

char *fact_text(const struct model *model, const struct fact *fact, struct persona_error *err)
{
	const char *text = fact->option < model->options_len ? "" : model_bytes(model, fact->unit, fact->offset);

	if (fact->option < model->options_len)
		return persona_strdup(model->options[fact->option].label, err);
	return persona_strndup(text, label_len(text, fact->len), err);
}
