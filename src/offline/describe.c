/* describe.c - who the persona is: figures of the segment, and a combination that somebody has. */
#include <math.h>

#include "facts.h"

#define RANGE_FROM  6 /* ages from which quartiles are given */
#define LABEL_WORDS 3
#define WORD_Z	    2.6 /* log-odds from which a word is the segment's own */

static int compare_ints(const void *a, const void *b)
{
	const int *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Ages of the members, of those alone who say `of` unless it is NULL, sorted; NULL on failure, *len 0 for none. */
static int *ages_of(const struct profile *profile, const struct fact *of, size_t *len, struct persona_error *err)
{
	int *ages = calloc(profile->segment->len, sizeof *ages);

	*len = 0;
	if (!ages) {
		persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		return NULL;
	}
	for (size_t m = 0; m < profile->segment->len; m++) {
		uint32_t unit = profile->segment->members[m];
		int age = unit_age(profile->model, unit),
		    says = of && age >= 0 ? fact_is_of(profile, of, unit, err) : 1;

		if (says < 0) {
			free(ages);
			return NULL;
		}
		if (age >= 0 && says)
			ages[(*len)++] = age;
	}
	qsort(ages, *len, sizeof *ages, compare_ints);
	return ages;
}

static int set_key(json_t *object, const char *key, const char *value, struct persona_error *err)
{
	if (json_object_get(object, key) || json_object_set_new(object, key, json_string(value)) == 0)
		return 0;
	return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
}

/* The median of those who have the occupation: a pupil is not as old as the group that she stands in the middle of. */
static int describe_age(const struct profile *profile, struct persona *persona, const struct fact *occupation,
			struct persona_error *err)
{
	size_t len, peers;
	int *ages = ages_of(profile, NULL, &len, err), *ages_of_peers = NULL;
	char range[32];
	int rc = -1;

	if (!ages)
		return -1;
	ages_of_peers = ages_of(profile, occupation, &peers, err);
	if (!ages_of_peers)
		goto out;
	rc = 0;
	if (len && (double)len >= FACT_COMMON * (double)profile->segment->len) {
		if (persona->age == PERSONA_UNKNOWN)
			persona->age = peers ? ages_of_peers[(peers - 1) / 2] : ages[(len - 1) / 2];
		if (len >= RANGE_FROM) {
			snprintf(range, sizeof range, "%d-%d", ages[(len - 1) / 4], ages[(3 * (len - 1) + 3) / 4]);
			rc = set_key(persona->demographics, "age_range", range, err);
		}
	}
out:
	free(ages_of_peers);
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

static int facts_set(const struct profile *profile, struct persona *persona, const struct fact *facts, const bool *told,
		     struct persona_error *err)
{
	for (size_t t = 0; t < FACTS; t++) {
		char *text;
		int rc;

		if (!told[t] || (fact_topics[t].topic == TOPIC_OCCUPATION && persona->occupation))
			continue;
		text = fact_text(profile->model, &facts[t], err);
		if (!text)
			return -1;
		rc = fact_topics[t].topic == TOPIC_OCCUPATION
			     ? persona_set_text(&persona->occupation, text, err)
			     : set_key(persona->demographics, fact_topics[t].key, text, err);
		free(text);
		if (rc < 0)
			return -1;
	}
	return 0;
}

int describe_identity(const struct profile *profile, struct persona *persona, struct persona_error *err)
{
	struct fact facts[FACTS];
	bool told[FACTS];

	if (!persona->demographics)
		persona->demographics = json_object();
	if (!persona->demographics)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	if (facts_find(profile, facts, told, err) < 0 || facts_reconcile(profile, facts, told, err) < 0 ||
	    describe_age(profile, persona, told[FACT_OCCUPATION] ? &facts[FACT_OCCUPATION] : NULL, err) < 0 ||
	    facts_set(profile, persona, facts, told, err) < 0 || describe_label(profile, persona, err) < 0)
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
	int *ages = ages_of(profile, NULL, &len, err);
	int rc = 0;

	if (!ages)
		return -1;
	if (len >= RANGE_FROM)
		rc = persona_buf_addf(out, err, " Half of them are between %d and %d years old, the median is %d.",
				      ages[(len - 1) / 4], ages[(3 * (len - 1) + 3) / 4], ages[(len - 1) / 2]);
	free(ages);
	return rc;
}

static int add_facts(struct persona_buf *out, const struct profile *profile, const struct persona *persona,
		     struct persona_error *err)
{
	struct fact facts[FACTS];
	bool told[FACTS];
	size_t shown = 0;

	if (profile->segment->len == 1)
		return 0;
	if (facts_find(profile, facts, told, err) < 0)
		return -1;
	for (size_t t = 0; t < FACTS; t++) {
		char *text;
		int rc;

		if (!told[t] || facts[t].count < 2 || !fact_is_common(&facts[t]))
			continue;
		text = fact_text(profile->model, &facts[t], err);
		if (!text)
			return -1;
		rc = persona_buf_addf(out, err, "%s %s: %s (%zu of %zu)", shown ? ";" : " Most common -",
				      fact_topics[t].key, text, facts[t].count, facts[t].of);
		free(text);
		if (rc < 0)
			return -1;
		shown++;
	}
	if (shown && persona_buf_addc(out, '.', err) < 0)
		return -1;
	if (told[FACT_OCCUPATION] && !fact_is_common(&facts[FACT_OCCUPATION]))
		return persona_buf_addf(
			out, err, " %s of the respondent nearest to the middle.",
			persona->age >= 0 && persona->age == unit_age(profile->model, profile->segment->members[0])
				? "Occupation and age are those"
				: "The occupation is that");
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
	    add_facts(&text, profile, persona, err) < 0 || add_words(&text, profile, err) < 0)
		goto out;
	rc = persona_set_text(&persona->background, text.data, err);
out:
	persona_buf_release(&text);
	return rc;
}
