/* From what a judge wrote to ratings: found under several names, on several scales, and not believed where they are mixed. */
#include <math.h>

#include "client.h"
#include "persona/json.h"
#include "persona/text.h"

/* What a rating is written as. */
struct found {
	double value;
	double scale; /* as said: of "7/10" and "70 %"; 0: not said */
	const json_t *reasoning;
};

/* The member of that name, whatever its case. */
static const json_t *member(const json_t *object, const char *name)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, key, value) {
		if (strcasecmp(key, name) == 0)
			return value;
	}
	return NULL;
}

static const json_t *first_member(const json_t *object, const char *const *names)
{
	const json_t *value = NULL;

	for (; !value && *names; names++)
		value = member(object, *names);
	return value;
}

/* A rating among a list of them: [{"criterion": name, …}, …]. */
static const json_t *listed(const json_t *list, const char *name)
{
	static const char *const keys[] = { "criterion", "name", "metric", "dimension", NULL };
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item) {
		const char *text = json_string_value(first_member(item, keys));

		if (text && strcasecmp(text, name) == 0)
			return item;
	}
	return NULL;
}

/* By the criterion's name, or one level below under a name that models use. */
static const json_t *rating_of(const json_t *answer, const char *name)
{
	static const char *const containers[] = { "scores",    "criteria",   "ratings", "evaluation", "evaluations",
						  "judgement", "assessment", "results", NULL };
	const json_t *value = member(answer, name);

	for (size_t i = 0; !value && containers[i]; i++) {
		const json_t *inner = member(answer, containers[i]);

		value = json_is_array(inner) ? listed(inner, name) : member(inner, name);
	}
	return value;
}

/* "85", "8.5/10", "4 out of 5", "85 %", "Score: 85". False: no number, or more than one. */
static bool read_text(struct found *found, const char *text)
{
	char *end;
	const char *at = text + strcspn(text, "0123456789");

	if (!*at || (at > text && at[-1] == '-'))
		return false;
	found->value = strtod(at, &end);
	end += strspn(end, " ");
	if (*end == '%') {
		found->scale = 100;
		end++;
	} else if (*end == '/' || strncasecmp(end, "out of", 6) == 0 || strncasecmp(end, "of", 2) == 0) {
		end += *end == '/' ? 1 : strncasecmp(end, "out of", 6) == 0 ? 6 : 2;
		found->scale = strtod(end, &end);
		if (!(found->scale > 0))
			return false;
	}
	return !strpbrk(end, "0123456789");
}

static bool read_number(struct found *found, const json_t *value)
{
	if (json_is_number(value)) {
		found->value = json_number_value(value);
		return true;
	}
	return json_is_string(value) && read_text(found, json_string_value(value));
}

static bool read_rating(struct found *found, const json_t *rating)
{
	static const char *const numbers[] = { "score", "rating", "value", "points", "grade", NULL };
	static const char *const reasons[] = { "reasoning", "reason",  "explanation", "justification",
					       "rationale", "comment", "feedback",    NULL };

	*found = (struct found){ 0 };
	if (!json_is_object(rating))
		return read_number(found, rating);
	found->reasoning = first_member(rating, reasons);
	return read_number(found, first_member(rating, numbers));
}

/*
 * Scores as they were meant. What says its own scale is taken by it; the others by the scale that was asked for. Two
 * scales in one answer, and scores that are all within a smaller scale than the one asked for, tell that the judge had
 * another in mind.
 */
static int normalise(struct found *found, size_t len, double scale, struct persona_error *err)
{
	double said = 0, most = 0;
	size_t unsaid = 0;

	for (size_t i = 0; i < len; i++) {
		if (!found[i].scale) {
			unsaid++;
			most = fmax(most, found[i].value);
		} else if (said && found[i].scale != said) {
			return persona_error_set(err, PERSONA_E_FORMAT, "scores of %g and of %g in one answer", said,
						 found[i].scale);
		} else {
			said = found[i].scale;
		}
	}
	if (said && unsaid && said != scale)
		return persona_error_set(err, PERSONA_E_FORMAT, "scores of %g and of %g in one answer", said, scale);
	if (unsaid && most > 0 && most <= scale / 10)
		return persona_error_set(err, PERSONA_E_FORMAT,
					 "no score above %g, but %g was to be the best (--scale)", most, scale);
	for (size_t i = 0; i < len; i++) {
		double best = found[i].scale ? found[i].scale : scale;

		if (!(found[i].value >= 0 && found[i].value <= best))
			return persona_error_set(err, PERSONA_E_FORMAT, "a score of %g of %g", found[i].value, best);
		found[i].value = found[i].value * 100 / best;
	}
	return 0;
}

/* The reasoning is shown to people and to whoever refines, so it is text like that of a persona, and as long at most. */
static int add_rating(struct persona_answer *answer, const char *criterion, const struct found *found,
		      struct persona_error *err)
{
	const char *text = json_string_value(found->reasoning);
	size_t len = json_string_length(found->reasoning);
	struct persona_buf clean;
	int rc = 0;

	if (len > PERSONA_TEXT_MAX)
		return persona_error_set(err, PERSONA_E_FORMAT, "the reasoning for '%s' is longer than %d bytes",
					 criterion, PERSONA_TEXT_MAX);
	persona_buf_init(&clean, SIZE_MAX);
	if (text)
		rc = persona_text_clean(&clean, text, len, NULL, err);
	if (!rc)
		rc = persona_answer_rate(answer, criterion, found->value, clean.len ? clean.data : NULL, err);
	persona_buf_release(&clean);
	return rc;
}

int judgement_read(struct persona_answer *answer, const struct persona_task *task, const json_t *value,
		   struct persona_error *err)
{
	struct found *found = calloc(task->criteria_len, sizeof *found);
	int rc = 0;

	if (!found)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t i = 0; i < task->criteria_len && !rc; i++) {
		const json_t *rating = rating_of(value, task->criteria[i]);

		if (!rating)
			rc = persona_error_set(err, PERSONA_E_FORMAT, "the answer has no score for '%s'",
					       task->criteria[i]);
		else if (!read_rating(&found[i], rating))
			rc = persona_error_set(err, PERSONA_E_FORMAT, "the score for '%s' is no number",
					       task->criteria[i]);
	}
	if (!rc)
		rc = normalise(found, task->criteria_len, task->scale, err);
	for (size_t i = 0; i < task->criteria_len && !rc; i++)
		rc = add_rating(answer, task->criteria[i], &found[i], err);
	free(found);
	return rc;
}

/* ---- Several votes --------------------------------------------------- */

static int compare_scores(const void *a, const void *b)
{
	const struct persona_rating *const *left = a, *const *right = b;

	return ((*left)->score > (*right)->score) - ((*left)->score < (*right)->score);
}

int judgement_median(struct persona_answer *out, const struct persona_answer *votes, size_t len,
		     struct persona_error *err)
{
	const struct persona_rating **sorted = calloc(len, sizeof *sorted);
	int rc = 0;

	if (!sorted)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t i = 0; i < votes[0].ratings_len && !rc; i++) {
		const struct persona_rating *low, *high;

		for (size_t vote = 0; vote < len; vote++)
			sorted[vote] = &votes[vote].ratings[i];
		qsort(sorted, len, sizeof *sorted, compare_scores);
		low = sorted[(len - 1) / 2];
		high = sorted[len / 2];
		rc = persona_answer_rate(out, low->criterion, (low->score + high->score) / 2, low->reasoning, err);
		if (!rc)
			out->ratings[i].spread = sorted[len - 1]->score - sorted[0]->score;
	}
	free(sorted);
	return rc;
}
