/* describe.c - who the persona is: figures of the segment, and a combination that somebody has. */
#include <math.h>

#include "internal.h"

#define MODE_SHARE  .30
#define RANGE_FROM  6 /* ages from which quartiles are given */
#define LABEL_WORDS 3
#define WORD_Z	    2.6 /* log-odds from which a word is the segment's own */

/* The value of a topic, and how many of the segment have it. */
struct trait {
	size_t column;
	size_t option; /* options_len: none, `offset` and `len` of `unit` then */
	uint32_t unit;
	size_t offset, len;
	size_t count, of; /* 0 of: one respondent's own answer */
};

static const struct {
	enum topic topic;
	const char *key;
} keys[] = {
	{ TOPIC_AGE, "age_range" },	  { TOPIC_GENDER, "gender" },
	{ TOPIC_COUNTRY, "country" },	  { TOPIC_CITY, "city" },
	{ TOPIC_LANGUAGE, "language" },	  { TOPIC_EDUCATION, "education" },
	{ TOPIC_INDUSTRY, "industry" },	  { TOPIC_EXPERIENCE, "experience" },
	{ TOPIC_HOUSEHOLD, "household" }, { TOPIC_OCCUPATION, "occupation" },
};

#define TRAITS	   (sizeof keys / sizeof *keys)
#define OCCUPATION (TRAITS - 1)

static int compare_ints(const void *a, const void *b)
{
	const int *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Ages of the members, sorted; NULL on failure, *len 0 for none. */
static int *ages_of(const struct profile *profile, size_t *len, struct persona_error *err)
{
	int *ages = calloc(profile->segment->len, sizeof *ages);

	*len = 0;
	if (!ages) {
		persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		return NULL;
	}
	for (size_t m = 0; m < profile->segment->len; m++) {
		int age = unit_age(profile->model, profile->segment->members[m]);

		if (age >= 0)
			ages[(*len)++] = age;
	}
	qsort(ages, *len, sizeof *ages, compare_ints);
	return ages;
}

/* ---- Values ---------------------------------------------------------- */

static bool is_idle_option(const struct model *model, size_t option)
{
	return model->options[option].idle;
}

static struct trait trait_mode(const struct profile *profile, size_t column)
{
	const struct model *model = profile->model;
	struct trait trait = { .column = column, .option = model->options_len, .of = profile->answered[column] };

	for (size_t i = model->columns[column].options_from; i < model->columns[column].options_to; i++)
		if (!is_idle_option(model, i) && profile->option_count[i] > trait.count) {
			trait.option = i;
			trait.count = profile->option_count[i];
		}
	if (profile->segment->len > 1 && (double)trait.count < MODE_SHARE * (double)trait.of)
		trait.option = model->options_len;
	return trait;
}

/* The answer of the member nearest to the middle who gave a usable one. */
static bool trait_of_member(const struct profile *profile, size_t column, uint32_t unit, struct trait *out)
{
	const struct model *model = profile->model;
	struct trait trait = { .column = column, .option = model->options_len, .unit = unit };
	const char *text;

	trait.len = unit_answer(model, column, unit, &trait.offset);
	if (!trait.len || trait.len > 100)
		return false;
	text = model_bytes(model, unit, trait.offset);
	if (sounds_private(text, trait.len) || memchr(text, '\n', trait.len))
		return false;
	for (size_t i = model->ticks_from[unit]; i < model->ticks_from[unit + 1]; i++)
		if (model->options[model->ticks[i].option].column == column) {
			trait.option = model->ticks[i].option;
			trait.count = profile->option_count[trait.option];
			trait.of = profile->answered[column];
			if (is_idle_option(model, trait.option))
				return false;
			break;
		}
	*out = trait;
	return true;
}

/* Labels such as job titles have no options: the spelling that most members share, folded. */
static bool label_mode(const struct profile *profile, size_t column, struct trait *out, struct persona_error *err)
{
	const struct model *model = profile->model;
	size_t members = profile->segment->len, len = 0, best = 0;
	uint64_t *hashes = calloc(members, sizeof *hashes);
	uint32_t *units = calloc(members, sizeof *units);
	bool found = false;

	for (size_t m = 0; hashes && units && m < members; m++) {
		size_t offset, bytes = unit_answer(model, column, profile->segment->members[m], &offset);
		struct persona_buf folded;

		persona_buf_init(&folded, SIZE_MAX / 2);
		if (bytes && bytes <= 100 &&
		    persona_text_fold(&folded, model_bytes(model, profile->segment->members[m], offset), bytes,
				      PERSONA_FOLD_PUNCTUATION, err) == 0) {
			units[len] = profile->segment->members[m];
			hashes[len++] = persona_mix64(0, folded.data, folded.len);
		}
		persona_buf_release(&folded);
	}
	for (size_t i = 0; i < len; i++) {
		size_t count = 0;

		for (size_t j = 0; j < len; j++)
			count += hashes[j] == hashes[i];
		if (count > best && count > 1 && (double)count >= MODE_SHARE * (double)len &&
		    trait_of_member(profile, column, units[i], out)) {
			best = count;
			out->count = count;
			out->of = len;
			found = true;
		}
	}
	free(hashes);
	free(units);
	return found;
}

static bool is_told(const struct column *column, enum topic topic)
{
	return column->topic == topic && column->len && column->kind != COLUMN_SKIP && column->kind != COLUMN_TEXT;
}

/* The best value of a topic: what most say, else what the member in the middle says. */
static bool trait_find(const struct profile *profile, enum topic topic, struct trait *out, struct persona_error *err)
{
	const struct model *model = profile->model;

	for (size_t c = 0; c < model->columns_len; c++) {
		if (!is_told(&model->columns[c], topic) || (topic == TOPIC_AGE && model->columns[c].numbers > .5))
			continue;
		if (model->columns[c].options_to > model->columns[c].options_from) {
			*out = trait_mode(profile, c);
			if (out->option < model->options_len && out->count)
				return true;
		} else if (label_mode(profile, c, out, err)) {
			return true;
		}
	}
	/* No occupation is common: that of the middle, not an average of nobody. Others stay untold. */
	for (size_t c = 0; c < model->columns_len && (topic == TOPIC_OCCUPATION || profile->segment->len == 1); c++)
		if (is_told(&model->columns[c], topic) && !(topic == TOPIC_AGE && model->columns[c].numbers > .5) &&
		    trait_of_member(profile, c, profile->segment->members[0], out))
			return true;
	return false;
}

/* ---- The combination ------------------------------------------------- */

static bool member_has(const struct profile *profile, uint32_t unit, const struct trait *trait)
{
	const struct model *model = profile->model;
	struct trait own;

	if (!trait_of_member(profile, trait->column, unit, &own))
		return false;
	if (trait->option < model->options_len) {
		for (size_t i = model->ticks_from[unit]; i < model->ticks_from[unit + 1]; i++)
			if (model->ticks[i].option == trait->option)
				return true;
		return false;
	}
	return own.len == trait->len && memcmp(model_bytes(model, unit, own.offset),
					       model_bytes(model, trait->unit, trait->offset), own.len) == 0;
}

/*
 * Values that are common one by one may stand together for nobody. The member who has the most
 * of them decides the rest.
 */
static void traits_reconcile(const struct profile *profile, struct trait *traits, bool *told)
{
	uint32_t best = 0;
	size_t most = 0;

	for (size_t m = 0; m < profile->segment->len; m++) {
		size_t has = 0;

		for (size_t t = 0; t < TRAITS; t++)
			has += told[t] && member_has(profile, profile->segment->members[m], &traits[t]);
		if (m == 0 || has > most) {
			most = has;
			best = profile->segment->members[m];
		}
	}
	for (size_t t = 0; t < TRAITS; t++)
		if (told[t] && !member_has(profile, best, &traits[t])) {
			struct trait own;

			/* Somebody who did not answer does not contradict. */
			if (trait_of_member(profile, traits[t].column, best, &own))
				traits[t] = own;
		}
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

static char *trait_text(const struct model *model, const struct trait *trait, struct persona_error *err)
{
	const char *text = trait->option < model->options_len ? "" : model_bytes(model, trait->unit, trait->offset);

	if (trait->option < model->options_len)
		return persona_strdup(model->options[trait->option].label, err);
	return persona_strndup(text, label_len(text, trait->len), err);
}

static int set_key(json_t *object, const char *key, const char *value, struct persona_error *err)
{
	if (json_object_get(object, key) || json_object_set_new(object, key, json_string(value)) == 0)
		return 0;
	return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
}

static int describe_age(const struct profile *profile, struct persona *persona, struct persona_error *err)
{
	size_t len;
	int *ages = ages_of(profile, &len, err);
	char range[32];
	int rc = 0;

	if (!ages)
		return -1;
	if (len && (double)len >= MODE_SHARE * (double)profile->segment->len) {
		if (persona->age == PERSONA_UNKNOWN)
			persona->age = ages[(len - 1) / 2];
		if (len >= RANGE_FROM) {
			snprintf(range, sizeof range, "%d-%d", ages[(len - 1) / 4], ages[(3 * (len - 1) + 3) / 4]);
			rc = set_key(persona->demographics, "age_range", range, err);
		}
	}
	free(ages);
	return rc;
}

/* What tells the segment apart, in a few words. */
static int describe_label(const struct profile *profile, struct persona *persona, struct persona_error *err)
{
	const struct model *model = profile->model;
	size_t option = option_strongest(profile);
	struct persona_buf label;
	int rc = 0;

	persona_buf_init(&label, PERSONA_TEXT_MAX);
	if (persona->occupation)
		rc = persona_buf_adds(&label, persona->occupation, err);
	if (option == model->options_len)
		persona_buf_clear(&label);
	if (rc == 0 && option < model->options_len) {
		if (label.len)
			rc = persona_buf_adds(&label, "; ", err);
		if (rc == 0)
			rc = option_statement(profile, option, false, &label, err);
	}
	if (rc == 0 && label.len)
		rc = set_key(persona->demographics, "label", label.data, err);
	persona_buf_release(&label);
	return rc;
}

static int traits_set(const struct profile *profile, struct persona *persona, const struct trait *traits,
		      const bool *told, struct persona_error *err)
{
	for (size_t t = 0; t < TRAITS; t++) {
		char *text;
		int rc;

		if (!told[t] || (keys[t].topic == TOPIC_OCCUPATION && persona->occupation))
			continue;
		text = trait_text(profile->model, &traits[t], err);
		if (!text)
			return -1;
		rc = keys[t].topic == TOPIC_OCCUPATION ? persona_set_text(&persona->occupation, text, err)
						       : set_key(persona->demographics, keys[t].key, text, err);
		free(text);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static void traits_find(const struct profile *profile, struct trait *traits, bool *told, struct persona_error *err)
{
	for (size_t t = 0; t < TRAITS; t++)
		told[t] = trait_find(profile, keys[t].topic, &traits[t], err);
	if (profile->segment->len > 1)
		traits_reconcile(profile, traits, told);
}

int describe_identity(const struct profile *profile, struct persona *persona, struct persona_error *err)
{
	struct trait traits[TRAITS];
	bool told[TRAITS];

	if (!persona->demographics)
		persona->demographics = json_object();
	if (!persona->demographics)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	traits_find(profile, traits, told, err);
	if (describe_age(profile, persona, err) < 0 || traits_set(profile, persona, traits, told, err) < 0 ||
	    describe_label(profile, persona, err) < 0)
		return -1;
	if (!json_object_size(persona->demographics)) {
		json_decref(persona->demographics);
		persona->demographics = NULL;
	}
	return 0;
}

/* ---- Background ------------------------------------------------------ */

static int add_size(struct persona_buf *out, const struct profile *profile, struct persona_error *err)
{
	size_t members = profile->segment->len, all = profile->model->len;

	if (members == 1) {
		const char *speaker = model_record(profile->model, profile->segment->members[0])->speaker;

		if (speaker && strcmp(speaker, PERSONA_SPEAKER_ALL) == 0)
			return persona_buf_adds(
				out, "Rests on one session, whose speakers cannot be told apart: nobody in particular.",
				err);
	}
	if (profile->nearest)
		return persona_buf_addf(out, err, "Nearest are %zu of %zu respondents.", members, all);
	if (all == 1)
		return persona_buf_adds(out, "Rests on the answers of the only respondent.", err);
	if (members == 1)
		return persona_buf_addf(out, err, "Rests on the answers of one respondent of %zu.", all);
	if (all < 4 * OFFLINE_SMALL)
		return persona_buf_addf(out, err, "Stands for %zu of %zu respondents.", members, all);
	return persona_buf_addf(out, err, "Stands for %zu of %zu respondents (%.0f %%).", members, all,
				100.0 * (double)members / (double)all);
}

static int add_ages(struct persona_buf *out, const struct profile *profile, struct persona_error *err)
{
	size_t len;
	int *ages = ages_of(profile, &len, err);
	int rc = 0;

	if (!ages)
		return -1;
	if (len >= RANGE_FROM)
		rc = persona_buf_addf(out, err, " Half of them are between %d and %d years old, the median is %d.",
				      ages[(len - 1) / 4], ages[(3 * (len - 1) + 3) / 4], ages[(len - 1) / 2]);
	free(ages);
	return rc;
}

static int add_traits(struct persona_buf *out, const struct profile *profile, struct persona_error *err)
{
	struct trait traits[TRAITS];
	bool told[TRAITS];
	size_t shown = 0;

	if (profile->segment->len == 1)
		return 0;
	traits_find(profile, traits, told, err);
	for (size_t t = 0; t < TRAITS; t++) {
		char *text;
		int rc;

		if (!told[t] || traits[t].count < 2 || (double)traits[t].count < MODE_SHARE * (double)traits[t].of)
			continue;
		text = trait_text(profile->model, &traits[t], err);
		if (!text)
			return -1;
		rc = persona_buf_addf(out, err, "%s %s: %s (%zu of %zu)", shown ? ";" : " Most common -", keys[t].key,
				      text, traits[t].count, traits[t].of);
		free(text);
		if (rc < 0)
			return -1;
		shown++;
	}
	if (shown && persona_buf_addc(out, '.', err) < 0)
		return -1;
	if (told[OCCUPATION] && (double)traits[OCCUPATION].count < MODE_SHARE * (double)traits[OCCUPATION].of + 1e-9)
		return persona_buf_adds(out, " The occupation is that of the respondent nearest to the middle.", err);
	return 0;
}

/* The first word of the segment's sentences that the stem comes from; false: none found. */
static int add_stem(struct persona_buf *out, const struct profile *profile, uint32_t stem, struct persona_error *err)
{
	const struct model *model = profile->model;
	const char *text = model->stems[stem].text;
	size_t len = strlen(text);

	for (size_t m = 0; m < profile->segment->len; m++) {
		uint32_t u = profile->segment->members[m];

		for (size_t i = model->sentences_from[u]; i < model->sentences_from[u + 1]; i++) {
			const struct sentence *sentence = &model->sentences[i];
			struct folded folded;
			int rc = 1;

			if (!has_stem(model, sentence, stem))
				continue;
			if (folded_of(&folded, model_bytes(model, u, sentence->offset), sentence->len, err) < 0)
				return -1;
			for (size_t w = 0; w < folded.len && rc > 0; w++)
				if (!memchr(folded.text.data + folded.words[w].offset, '\'', folded.words[w].len) &&
				    folded.words[w].len >= len - 1 && folded.words[w].len <= len + 4 &&
				    memcmp(folded.text.data + folded.words[w].offset, text, len - 1) == 0)
					rc = persona_buf_add(out, folded.text.data + folded.words[w].offset,
							     folded.words[w].len, err);
			folded_release(&folded);
			if (rc <= 0)
				return rc;
		}
	}
	return persona_buf_adds(out, text, err);
}

/* Words that set the segment apart: several members use them, and others hardly do. */
static int add_words(struct persona_buf *out, const struct profile *profile, struct persona_error *err)
{
	const struct model *model = profile->model;
	uint32_t best[LABEL_WORDS];
	size_t len = 0;

	if (profile->segment->len < RANGE_FROM)
		return 0;
	while (len < LABEL_WORDS) {
		size_t top = model->stems_len;

		for (size_t s = 0; s < model->stems_len; s++) {
			bool taken = strlen(model->stems[s].text) < 4 || profile->stem_z[s] < WORD_Z;

			for (size_t i = 0; i < len; i++)
				taken |= best[i] == s;
			if (!taken && (top == model->stems_len || profile->stem_z[s] > profile->stem_z[top]))
				top = s;
		}
		if (top == model->stems_len)
			break;
		best[len++] = (uint32_t)top;
	}
	for (size_t i = 0; i < len; i++)
		if (persona_buf_adds(out, i ? ", \"" : " More than others they speak of \"", err) < 0 ||
		    add_stem(out, profile, best[i], err) < 0 || persona_buf_addc(out, '"', err) < 0)
			return -1;
	return len ? persona_buf_addc(out, '.', err) : 0;
}

int describe_background(const struct profile *profile, struct persona *persona, struct persona_error *err)
{
	struct persona_buf text;
	int rc = -1;

	if (persona->background)
		return 0;
	persona_buf_init(&text, PERSONA_TEXT_MAX);
	if (add_size(&text, profile, err) < 0 || add_ages(&text, profile, err) < 0 ||
	    add_traits(&text, profile, err) < 0 || add_words(&text, profile, err) < 0)
		goto out;
	rc = persona_set_text(&persona->background, text.data, err);
out:
	persona_buf_release(&text);
	return rc;
}
