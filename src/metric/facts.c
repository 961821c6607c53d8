#include <strings.h>

#include "embedded_metric.h"
#include "internal.h"

/* Deeper values of demographics are taken as filled: nobody nests facts like that. */
#define DEPTH_MAX 8

#define AGE_MAX 130

/* A longer text holds more than a placeholder does. */
#define PLACEHOLDER_BYTES 32

static const char blanks[] = " \t\r\n\v\f";

bool metric_is_blank(const char *text)
{
	return !text || !text[strspn(text, blanks)];
}

/* Every text of every persona comes here, so that each is looked through for single bytes first. */
bool metric_holds_placeholder(const char *text)
{
	static const char *const marks[] = { "@example.", "[insert", "[name", "[your ", "<insert", "<name", "{{" };
	size_t len = strlen(text);

	/* "Lorem", whatever its first letter. */
	if (memmem(text, len, "orem ipsum", sizeof "orem ipsum" - 1))
		return true;
	for (const char *at = strpbrk(text, "@[<{"); at; at = strpbrk(at + 1, "@[<{"))
		for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
			if (strncasecmp(at, marks[i], strlen(marks[i])) == 0)
				return true;
	return false;
}

int metric_is_placeholder(const char *text, struct persona_error *err)
{
	const struct metric_list values = { .bytes = embedded_placeholder_values_txt,
					    .len = embedded_placeholder_values_txt_len };
	struct metric_words words;
	size_t matched;

	if (metric_holds_placeholder(text))
		return 1;
	if (strlen(text) > PLACEHOLDER_BYTES)
		return 0;
	if (metric_words_of(&words, text, err) < 0)
		return -1;
	matched = metric_list_match(&values, &words, 0);
	metric_words_release(&words);
	return matched && matched == words.count;
}

int metric_text_filled(const char *text, struct persona_error *err)
{
	long count;
	int placeholder;

	if (metric_is_blank(text) || metric_holds_placeholder(text))
		return 0;
	if (strlen(text) > PLACEHOLDER_BYTES && strpbrk(text, "abcdefghijklmnopqrstuvwxyz0123456789"))
		return 1;
	count = persona_text_word_count(text, strlen(text));
	if (count < 0)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	if (!count)
		return 0;
	placeholder = metric_is_placeholder(text, err);
	return placeholder < 0 ? -1 : !placeholder;
}

static int value_filled(const json_t *value, int depth, struct persona_error *err)
{
	const char *key;
	json_t *member;
	size_t index;
	int filled = 0;

	if (depth == DEPTH_MAX)
		return 1;
	switch (json_typeof(value)) {
	case JSON_STRING:
		return metric_text_filled(json_string_value(value), err);
	case JSON_NULL:
		return 0;
	case JSON_ARRAY:
		json_array_foreach(value, index, member)
			if ((filled = value_filled(member, depth + 1, err)) != 0)
				break;
		return filled;
	case JSON_OBJECT:
		json_object_foreach((json_t *)value, key, member)
			if ((filled = value_filled(member, depth + 1, err)) != 0)
				break;
		return filled;
	default:
		return 1;
	}
}

int metric_value_filled(const json_t *value, struct persona_error *err)
{
	return value_filled(value, 0, err);
}

/* "34", "34 years", "18-24", "55+"; what is worded otherwise is not an age. */
static bool age_from_text(const char *text, int64_t *youngest, int64_t *oldest)
{
	static const char digits[] = "0123456789";
	int64_t ends[2] = { 0, 0 };
	const char *rest = text + strcspn(text, digits), *behind = text;
	size_t count = 0;

	for (; *rest; rest += strcspn(rest, digits)) {
		size_t len = strspn(rest, digits);

		if (count == 2 || len > 3)
			return false;
		for (size_t i = 0; i < len; i++)
			ends[count] = ends[count] * 10 + (rest[i] - '0');
		behind = rest += len;
		count++;
	}
	if (count == 1) {
		bool alone = text[strspn(text, blanks)] >= '0' && text[strspn(text, blanks)] <= '9';

		ends[1] = *behind == '+' ? AGE_MAX : ends[0];
		behind += *behind == '+';
		behind += strspn(behind, blanks);
		if (!alone || (*behind && *behind != 'y' && *behind != 'Y'))
			return false;
	}
	if (!count || ends[0] > ends[1] || ends[1] > AGE_MAX)
		return false;
	*youngest = ends[0];
	*oldest = ends[1];
	return true;
}

static bool age_from_value(const json_t *value, int64_t *youngest, int64_t *oldest)
{
	if (json_is_string(value))
		return age_from_text(json_string_value(value), youngest, oldest);
	if (!json_is_integer(value) || json_integer_value(value) < 0 || json_integer_value(value) > AGE_MAX)
		return false;
	*youngest = *oldest = json_integer_value(value);
	return true;
}

bool metric_age(const struct persona *persona, int64_t *youngest, int64_t *oldest)
{
	bool stated = persona->age != PERSONA_UNKNOWN;

	if (age_from_value(json_object_get(persona->demographics, "age_range"), youngest, oldest)) {
		int64_t middle = *youngest + (*oldest - *youngest) / 2;

		/* An age that isn't the middle was stated by itself and is the better one. */
		if (!stated || persona->age == middle || persona->age == middle + (*oldest - *youngest) % 2)
			return true;
	}
	if (stated) {
		*youngest = *oldest = persona->age;
		return true;
	}
	return age_from_value(json_object_get(persona->demographics, "age"), youngest, oldest);
}
