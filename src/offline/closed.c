/*
 * closed.c - items from closed answers that a segment gives more often than everyone.
 */
#include <math.h>

#include "internal.h"

#define Z	     1.65 /* one-sided 5 % */
#define Z_RELAXED    .84  /* one-sided 20 % */
#define REPETITION   .7	  /* stems in common from which two statements are one */
#define MINORITY     .1
#define SHARE	     .25
#define COUNT	     3
#define WITNESSES    3 /* records named as evidence */
#define ANSWER_BYTES 200

/* Does one of the beginnings, parted by |, open a word of the text? */
static bool has_word(const char *text, const char *beginnings)
{
	for (const char *at = beginnings; *at;) {
		size_t len = strcspn(at, "|");

		for (const char *word = text; *word; word++)
			if ((word == text || word[-1] == ' ') && strncmp(word, at, len) == 0)
				return true;
		at += len + (at[len] == '|');
	}
	return false;
}

/* An aim is a change: "increase", "I want to"; not "stay the same". */
static bool is_aim(const struct column *column, const char *key)
{
	if (column->prior == CLASS_GOAL)
		return !has_word(key, "stay|same|decrease|stop|less|never|no change|not ");
	return has_word(key, "i want|i would like|i'd like|i thought it would|i hope|i wish|to ");
}

static bool suits(const struct column *column, const struct option *option, enum item_class class_)
{
	bool aim;

	if (column_is_demographic(column) || (column->kind != COLUMN_CLOSED && column->kind != COLUMN_MULTI) ||
	    !column->lead)
		return false;
	switch (class_) {
	case CLASS_GOAL:
	case CLASS_MOTIVATION:
		if (column->prior != CLASS_GOAL && column->prior != CLASS_MOTIVATION)
			return false;
		aim = is_aim(column, option->key);
		return class_ == CLASS_GOAL ? aim : !aim && column->prior == CLASS_MOTIVATION;
	case CLASS_FRUSTRATION:
		return column->prior == CLASS_FRUSTRATION;
	default:
		return column->prior == CLASS_BEHAVIOUR || column->prior == CLASS_NONE;
	}
}

static bool is_yes(const struct option *option)
{
	return strcmp(option->key, "yes") == 0;
}

static bool is_no(const struct option *option)
{
	return strcmp(option->key, "no") == 0;
}

/* Options that say something: also yes and no, where the question makes a statement of them. */
static bool is_telling(const struct column *column, const struct option *option)
{
	if (is_yes(option) || is_no(option))
		return column->lead_yes && column->lead_no;
	return !option->idle;
}

/* Standard deviations above everyone from which an answer tells a segment apart. */
static double telling_z(const struct profile *profile, enum relax relax)
{
	if (relax >= RELAX_USED)
		return 0;
	/* A handful can hardly deviate by more. */
	if (profile->segment->len < 2 * COUNT)
		return .5;
	return relax > RELAX_NOTHING ? Z_RELAXED : Z;
}

/* Of a persona that stands for everybody, what most say; of others only what they say more often than everyone. */
static bool is_typical(const struct profile *profile, size_t index, enum relax relax)
{
	const struct option *option = &profile->model->options[index];
	double count = profile->option_count[index], of = profile->answered[option->column];
	size_t members = profile->segment->len;
	double least = fmin(COUNT, ceil((double)members / 2));

	if (members == profile->model->len)
		return relax > RELAX_NOTHING && count >= least && 2 * count >= of;
	/* At last, also what only some say, if they say it more often than others. */
	return count >= least && count >= (relax >= RELAX_USED ? MINORITY : SHARE) * of &&
	       profile->option_z[index] > telling_z(profile, relax);
}

/* ---- Wording --------------------------------------------------------- */

static bool is_speech(const char *text, size_t len)
{
	return (len > 2 && strncmp(text, "I ", 2) == 0) || (len > 2 && strncmp(text, "I'", 2) == 0) ||
	       (len > 3 && strncmp(text, "We ", 3) == 0) || (len > 3 && strncmp(text, "My ", 3) == 0);
}

static int add_answer(struct persona_buf *out, const struct column *column, const struct option *option,
		      const char *answer, size_t len, struct persona_error *err)
{
	bool asked = column->lead[strlen(column->lead) - 1] == '?';

	if (is_yes(option) && column->lead_yes)
		return persona_buf_adds(out, column->lead_yes, err);
	if (is_no(option) && column->lead_no)
		return persona_buf_adds(out, column->lead_no, err);
	if (persona_buf_addf(out, err, is_speech(answer, len) ? "%s%s \"%.*s\"" : "%s%s %.*s", column->lead,
			     asked ? "" : ":", (int)len, answer) < 0)
		return -1;
	return 0;
}

/* "(47 of 90, 52 %; everyone 34 %)": no percentages of a handful, nothing of one respondent. */
static int add_count(struct persona_buf *out, const struct profile *profile, size_t index, struct persona_error *err)
{
	const struct model *model = profile->model;
	const struct option *option = &model->options[index];
	unsigned count = profile->option_count[index], of = profile->answered[option->column];

	if (profile->segment->len == 1)
		return 0;
	if (of < OFFLINE_SMALL)
		return persona_buf_addf(out, err, " (%u of %u)", count, of);
	return persona_buf_addf(out, err, " (%u of %u, %.0f %%; everyone %.0f %%)", count, of, 100.0 * count / of,
				100.0 * option->count / (double)model->columns[option->column].len);
}

static const struct tick *unit_tick(const struct model *model, uint32_t unit, size_t option)
{
	for (size_t i = model->ticks_from[unit]; i < model->ticks_from[unit + 1]; i++)
		if (model->ticks[i].option == option)
			return &model->ticks[i];
	return NULL;
}

/* Items that the respondent stands behind already. */
static unsigned standing(const struct profile *profile, uint32_t unit)
{
	return (unsigned)profile->unit_used[unit] + profile->unit_named[unit];
}

/* Up to three respondents who gave the answer, those first who stand behind the fewest items. */
static int add_witnesses(struct profile *profile, struct persona *persona, enum persona_list_field field, size_t option,
			 struct persona_error *err)
{
	const struct model *model = profile->model;
	uint32_t named[WITNESSES];
	size_t len = 0;

	while (len < WITNESSES) {
		const struct tick *best = NULL;
		const struct persona_record *record;
		char *excerpt;
		int rc;

		for (size_t m = 0; m < profile->segment->len; m++) {
			uint32_t u = profile->segment->members[m];
			const struct tick *tick;
			bool taken = false;

			for (size_t i = 0; i < len; i++)
				taken |= named[i] == u;
			if (taken || (best && standing(profile, u) >= standing(profile, best->unit)))
				continue;
			tick = unit_tick(model, u, option);
			best = tick ? tick : best;
		}
		if (!best)
			break;
		record = model_record(model, best->unit);
		excerpt = persona_strndup(record->text + best->offset, best->len, err);
		if (!excerpt)
			return -1;
		rc = persona_evidence_add(persona, field, persona->lists[field].len - 1, record->locator,
					  record->record_id, PERSONA_STRENGTH_CITED, excerpt, err);
		free(excerpt);
		if (rc < 0)
			return -1;
		profile->unit_named[best->unit]++;
		named[len++] = best->unit;
	}
	return 0;
}

int option_statement(const struct profile *profile, size_t index, bool count, struct persona_buf *out,
		     struct persona_error *err)
{
	const struct model *model = profile->model;
	const struct option *option = &model->options[index];
	const char *answer = option->label;
	size_t len = strlen(answer), offset = 0;

	/* One respondent's list is shown whole. */
	if (profile->segment->len == 1) {
		size_t all = unit_answer(model, option->column, profile->segment->members[0], &offset);

		if (all && all <= ANSWER_BYTES) {
			answer = model_bytes(model, profile->segment->members[0], offset);
			len = all;
		}
	}
	if (len > ANSWER_BYTES)
		len = persona_text_fit(answer, len, ANSWER_BYTES);
	if (add_answer(out, &model->columns[option->column], option, answer, len, err) < 0)
		return -1;
	return count ? add_count(out, profile, index, err) : 0;
}

static int option_use(struct profile *profile, struct persona *persona, enum persona_list_field field, size_t index,
		      struct persona_error *err)
{
	struct persona_buf text;
	int rc = -1;

	persona_buf_init(&text, PERSONA_TEXT_MAX);
	if (option_statement(profile, index, true, &text, err) < 0 ||
	    persona_list_add(&persona->lists[field], text.data, text.len, err) < 0)
		goto out;
	profile->usage->options[index]++;
	rc = add_witnesses(profile, persona, field, index, err);
out:
	persona_buf_release(&text);
	return rc;
}

/* Is the column in the persona already? Its lead then opens an item of the list. */
static bool column_is_shown(const struct column *column, const struct persona *persona)
{
	size_t len = strlen(column->lead);

	for (int f = 0; f < PERSONA_LIST_FIELDS; f++)
		for (size_t i = 0; i < persona->lists[f].len; i++)
			if (strncmp(persona->lists[f].items[i], column->lead, len) == 0 ||
			    (column->lead_no &&
			     strncmp(persona->lists[f].items[i], column->lead_no, strlen(column->lead_no)) == 0))
				return true;
	return false;
}

/* Does the option say much the same as an item of the list, but for a word or a figure? */
static int is_repetition(const struct profile *profile, const struct persona_list *list, size_t option, bool *same,
			 struct persona_error *err)
{
	struct persona_stems own = { 0 };
	struct persona_buf text;
	int rc = -1;

	*same = false;
	persona_buf_init(&text, PERSONA_TEXT_MAX);
	if (option_statement(profile, option, true, &text, err) < 0 ||
	    persona_stems_of(&own, profile->model->language, text.data, text.len, err) < 0)
		goto out;
	for (size_t i = 0; i < list->len && !*same; i++) {
		struct persona_stems other = { 0 };

		if (persona_stems_of(&other, profile->model->language, list->items[i], strlen(list->items[i]), err) < 0)
			goto out;
		*same = persona_stems_jaccard(&own, &other) >= REPETITION;
		persona_stems_release(&other);
	}
	rc = 0;
out:
	persona_stems_release(&own);
	persona_buf_release(&text);
	return rc;
}

int items_closed(struct profile *profile, struct persona *persona, enum item_class class_, enum relax relax,
		 size_t most, struct persona_error *err)
{
	const struct model *model = profile->model;
	enum persona_list_field field = class_field(class_);
	struct candidate *candidates = NULL;
	size_t len = 0, capacity = 0;
	int rc = -1;

	for (size_t i = 0; i < model->options_len && persona->lists[field].len < most; i++) {
		const struct option *option = &model->options[i];
		const struct column *column = &model->columns[option->column];
		double rank = profile->option_z[i];

		if (!profile->option_count[i] || !suits(column, option, class_) || !is_telling(column, option) ||
		    !is_typical(profile, i, relax))
			continue;
		/* What another persona was described by does not tell this one apart. */
		rank = rank > 0 ? rank / (1 + profile->usage->options[i]) : rank - profile->usage->options[i];
		if (persona_grow((void **)&candidates, &capacity, len, sizeof *candidates, err) < 0)
			goto out;
		candidates[len++] = (struct candidate){ .rank = rank, .sentence = (uint32_t)i };
	}
	if (len)
		qsort(candidates, len, sizeof *candidates, compare_candidates);
	for (size_t i = 0; i < len && persona->lists[field].len < most; i++) {
		size_t option = candidates[i].sentence;

		bool same;

		if (column_is_shown(&model->columns[model->options[option].column], persona))
			continue;
		if (is_repetition(profile, &persona->lists[field], option, &same, err) < 0)
			goto out;
		if (same)
			continue;
		if (option_use(profile, persona, field, option, err) < 0)
			goto out;
	}
	rc = 0;
out:
	free(candidates);
	return rc;
}

size_t option_strongest(const struct profile *profile)
{
	const struct model *model = profile->model;
	size_t best = model->options_len;

	for (size_t i = 0; i < model->options_len; i++) {
		const struct option *option = &model->options[i];

		if (profile->option_count[i] && is_telling(&model->columns[option->column], option) &&
		    (suits(&model->columns[option->column], option, CLASS_BEHAVIOUR) ||
		     suits(&model->columns[option->column], option, CLASS_FRUSTRATION)) &&
		    is_typical(profile, i, RELAX_NOTHING) && strchr(model->columns[option->column].lead, '?') == NULL &&
		    (best == model->options_len || profile->option_z[i] > profile->option_z[best]))
			best = i;
	}
	return best;
}
