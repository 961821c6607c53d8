/* facts.c - what is told of a segment by topic: who its members are. */
#include "facts.h"

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

static int label_key(const struct model *model, struct fact *fact, struct persona_error *err)
{
	struct persona_buf folded;
	int rc;

	persona_buf_init(&folded, PERSONA_TEXT_MAX);
	rc = persona_text_fold(&folded, model_bytes(model, fact->unit, fact->offset), fact->len,
			       PERSONA_FOLD_PUNCTUATION, err);
	if (rc == 0)
		fact->key = persona_mix64(0, folded.data, folded.len);
	persona_buf_release(&folded);
	return rc;
}

/* What a member answers: 1, or 0 if it is nothing that can be told. */
static int fact_of_member(const struct profile *profile, size_t column, uint32_t unit, struct fact *out,
			  struct persona_error *err)
{
	const struct model *model = profile->model;
	struct fact fact = { .column = column, .option = model->options_len, .unit = unit };
	const char *text;

	fact.len = unit_answer(model, column, unit, &fact.offset);
	if (!fact.len || fact.len > 100)
		return 0;
	text = model_bytes(model, unit, fact.offset);
	if (sounds_private(text, fact.len) || memchr(text, '\n', fact.len))
		return 0;
	for (size_t i = model->ticks_from[unit]; i < model->ticks_from[unit + 1]; i++)
		if (model->options[model->ticks[i].option].column == column) {
			fact.option = model->ticks[i].option;
			fact.count = profile->option_count[fact.option];
			fact.of = profile->answered[column];
			if (is_idle_option(model, fact.option))
				return 0;
			break;
		}
	if (fact.option == model->options_len && label_key(model, &fact, err) < 0)
		return -1;
	*out = fact;
	return 1;
}

struct label {
	uint64_t key;
	size_t member; /* its place in the segment */
};

static int compare_labels(const void *a, const void *b)
{
	const struct label *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (x->member > y->member) - (x->member < y->member);
}

/*
 * Labels such as job titles have no options: the one that most share, as the nearest to the middle of them spells it.
 * 1: found.
 */
static int label_mode(const struct profile *profile, size_t column, struct fact *out, struct persona_error *err)
{
	const uint32_t *members = profile->segment->members;
	size_t len = 0, first = SIZE_MAX, most = 1, count;
	struct label *labels = calloc(profile->segment->len, sizeof *labels);
	int rc = 0;

	if (!labels)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t m = 0; rc >= 0 && m < profile->segment->len; m++) {
		struct fact own;

		rc = fact_of_member(profile, column, members[m], &own, err);
		if (rc == 1)
			labels[len++] = (struct label){ own.key, m };
	}
	qsort(labels, len, sizeof *labels, compare_labels);
	for (size_t i = 0; i < len; i += count) {
		for (count = 1; i + count < len && labels[i + count].key == labels[i].key; count++)
			;
		if (count > most || (count > 1 && count == most && labels[i].member < first)) {
			first = labels[i].member;
			most = count;
		}
	}
	free(labels);
	if (rc < 0)
		return -1;
	if (first == SIZE_MAX || (double)most < FACT_COMMON * (double)len)
		return 0;
	rc = fact_of_member(profile, column, members[first], out, err);
	out->count = most;
	out->of = len;
	return rc;
}

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
		if (model->columns[c].options_to > model->columns[c].options_from) {
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
				found = fact_of_member(profile, c, profile->segment->members[0], out, err);
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

/* What a member says where `fact` is told: `fact` itself if it is among his answers. 0: nothing that can be told. */
static int fact_beside(const struct profile *profile, uint32_t unit, const struct fact *fact, struct fact *own,
		       struct persona_error *err)
{
	const struct model *model = profile->model;
	int rc = fact_of_member(profile, fact->column, unit, own, err);

	if (rc <= 0)
		return rc;
	if (fact->option == model->options_len) {
		if (own->key == fact->key)
			*own = *fact;
		return 1;
	}
	for (size_t i = model->ticks_from[unit]; i < model->ticks_from[unit + 1]; i++)
		if (model->ticks[i].option == fact->option)
			*own = *fact;
	return 1;
}

static bool is_same(const struct fact *a, const struct fact *b)
{
	return a->option == b->option && a->key == b->key;
}

/* How well a member stands for what is told. */
struct standing {
	bool has_occupation;
	double weight; /* how common his answers are, summed over those that can be told */
	size_t same;   /* facts that he shares */
};

static int standing_of(struct standing *out, const struct profile *profile, uint32_t unit, const struct fact *facts,
		       const bool *told, struct persona_error *err)
{
	*out = (struct standing){ .has_occupation = !told[FACT_OCCUPATION] };
	for (size_t t = 0; t < FACTS; t++) {
		struct fact own;
		int rc = told[t] ? fact_beside(profile, unit, &facts[t], &own, err) : 0;

		if (rc < 0)
			return -1;
		if (rc == 0)
			continue;
		if (fact_is_common(&own))
			out->weight += (double)own.count / (double)own.of;
		if (is_same(&own, &facts[t])) {
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

int facts_reconcile(const struct profile *profile, struct fact *facts, bool *told, struct persona_error *err)
{
	uint32_t best = profile->segment->members[0];
	struct standing most, standing;

	if (profile->segment->len == 1)
		return 0;
	for (size_t m = 0; m < profile->segment->len; m++) {
		if (standing_of(&standing, profile, profile->segment->members[m], facts, told, err) < 0)
			return -1;
		if (m == 0 || stands_better(&standing, &most)) {
			most = standing;
			best = profile->segment->members[m];
		}
	}
	for (size_t t = 0; t < FACTS; t++) {
		struct fact own;
		int rc = told[t] ? fact_beside(profile, best, &facts[t], &own, err) : 0;

		if (rc < 0)
			return -1;
		/* Somebody who did not answer does not contradict. */
		if (rc == 0 || is_same(&own, &facts[t]))
			continue;
		facts[t] = own;
		told[t] = fact_is_common(&own);
	}
	return 0;
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
