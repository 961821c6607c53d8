#include "persona/json.h"
#include "persona/text.h"
#include "private.h"

/* Would nothing be left of the text once it is cleaned? */
static bool is_blank(const char *text, size_t len)
{
	struct persona_buf clean;
	const char *rest;
	bool blank;

	/* Most begin with what stays. */
	if (len && *text > ' ' && *text < 0x7F)
		return false;
	len = persona_text_trim(&text, len);
	if (!len || persona_text_is_clean(text, len))
		return !len;
	persona_buf_init(&clean, SIZE_MAX);
	blank = persona_text_clean(&clean, text, len, NULL, NULL) == 0;
	rest = clean.data;
	blank = blank && !persona_text_trim(&rest, clean.len);
	persona_buf_release(&clean);
	return blank;
}

bool is_unknown(const json_t *value)
{
	const char *key;
	json_t *member;
	size_t i;

	if (json_is_string(value))
		return is_blank(json_string_value(value), json_string_length(value));
	json_array_foreach(value, i, member) {
		if (!is_unknown(member))
			return false;
	}
	json_object_foreach((json_t *)(uintptr_t)value, key, member) {
		if (!is_unknown(member))
			return false;
	}
	return json_is_null(value) || json_is_array(value) || json_is_object(value);
}

/* ---- Texts ----------------------------------------------------------- */

int clean_text(struct reader *reader, const char *bytes, size_t len, const char **text, size_t *text_len)
{
	size_t changed;

	len = persona_text_trim(&bytes, len);
	persona_buf_clear(&reader->clean);
	if (persona_text_clean(&reader->clean, bytes, len, &changed, reader->err) < 0)
		return -1;
	if (changed)
		reader->notes |= PERSONA_NOTE_CLEANED;
	*text = reader->clean.data;
	*text_len = persona_text_trim(text, reader->clean.len);
	return 1;
}

int text_of(struct reader *reader, const json_t *value, bool containers, const char **text, size_t *len)
{
	char *json;
	int rc;

	if (json_is_string(value))
		return clean_text(reader, json_string_value(value), json_string_length(value), text, len);
	if ((json_is_array(value) || json_is_object(value)) && !containers)
		return 0;
	reader->notes |= PERSONA_NOTE_COERCED;
	json = persona_json_canonical(value, reader->err);
	if (!json)
		return -1;
	rc = clean_text(reader, json, strlen(json), text, len);
	free(json);
	return rc;
}

/* Join the texts of an array with "; ". */
static int join(struct reader *reader, const json_t *array, const char **text, size_t *len)
{
	json_t *item;
	size_t i;

	persona_buf_clear(&reader->joined);
	json_array_foreach(array, i, item) {
		const char *part;
		size_t part_len;
		int rc;

		if (is_unknown(item))
			continue;
		rc = text_of(reader, item, false, &part, &part_len);
		if (rc <= 0)
			return rc;
		if (reader->joined.len && part_len && persona_buf_adds(&reader->joined, "; ", reader->err) < 0)
			return -1;
		if (persona_buf_add(&reader->joined, part, part_len, reader->err) < 0)
			return -1;
	}
	reader->notes |= PERSONA_NOTE_COERCED;
	*text = reader->joined.data;
	*len = reader->joined.len;
	return 1;
}

int take_text(struct reader *reader, const struct persona_field *field, const json_t *value)
{
	char **slot = text_slot(reader->persona, field);
	const char *text;
	size_t len;
	int rc;

	if (json_is_array(value))
		rc = join(reader, value, &text, &len);
	else
		rc = text_of(reader, value, false, &text, &len);
	if (rc <= 0 || !len)
		return rc;
	free(*slot);
	*slot = persona_strndup(text, len, reader->err);
	return *slot ? 1 : -1;
}

/* ---- Whole numbers --------------------------------------------------- */

/* Digits at *at, at most nine; -1 when there are none or more. */
static int64_t digits(const char **at)
{
	int64_t value = 0;
	int count = 0;

	for (; **at >= '0' && **at <= '9'; ++*at, count++)
		if (count < 9)
			value = value * 10 + (**at - '0');
	return count > 0 && count <= 9 ? value : -1;
}

/* Nothing, or that years are counted. */
static bool is_unit(const char *text)
{
	static const char *const units[] = { "y",	  "yo",	    "y/o",     "y.o.",	      "yr",	   "yrs",
					     "yrs.",	  "year",   "years",   "year old",    "years old", "year-old",
					     "years-old", "yr old", "yrs old", "years of age" };

	if (!*text)
		return true;
	text += strspn(text, " -");
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (!strcmp(text, units[i]))
			return true;
	return false;
}

/* Read "34", "34 years", "34-39", "34 to 39 years" from folded text; *high is -1 for a single number. */
static bool parse_number(const char *text, int64_t *low, int64_t *high)
{
	const char *rest;

	*high = -1;
	*low = digits(&text);
	if (*low < 0)
		return false;
	rest = text + strspn(text, " ");
	if (*rest == '-' || !strncmp(rest, "to ", 3)) {
		rest += *rest == '-' ? 1 : 3;
		rest += strspn(rest, " ");
		if (*rest >= '0' && *rest <= '9') {
			text = rest;
			*high = digits(&text);
			if (*high < *low)
				return false;
		}
	}
	return is_unit(text);
}

static int take_number_text(struct reader *reader, const struct persona_field *field, const json_t *value)
{
	int64_t *slot = integer_slot(reader->persona, field), low, high;
	const char *text;
	size_t len;

	if (text_of(reader, value, false, &text, &len) < 0)
		return -1;
	persona_buf_clear(&reader->joined);
	if (persona_text_fold(&reader->joined, text, len, 0, reader->err) < 0)
		return -1;
	if (!parse_number(reader->joined.data, &low, &high))
		return 0;
	if (low < field->least || low > field->most || high > field->most)
		return 0;
	reader->notes |= PERSONA_NOTE_COERCED;
	*slot = high < 0 ? low : low + (high - low) / 2;
	if (high >= 0 && persona_buf_add(&reader->range, text, len, reader->err) < 0)
		return -1;
	return 1;
}

int take_integer(struct reader *reader, const struct persona_field *field, const json_t *value)
{
	int64_t *slot = integer_slot(reader->persona, field);
	double real;

	if (json_is_string(value))
		return take_number_text(reader, field, value);
	if (!json_is_number(value))
		return 0;
	real = json_number_value(value);
	/* The bounds are small: within them a double is exact. */
	if (!(real >= (double)field->least && real <= (double)field->most))
		return 0;
	if (real != (double)(int64_t)real)
		return 0;
	if (json_is_real(value))
		reader->notes |= PERSONA_NOTE_COERCED;
	*slot = (int64_t)real;
	return 1;
}

/* ---- Lists ----------------------------------------------------------- */

/* Which member of an object item is its text; NULL: none. */
static const json_t *item_text(const struct persona_field *field, const json_t *object)
{
	static const char *const names[] = {
		"text", "quote", NULL, "statement", "description", "name", "title", "value"
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const json_t *member = find_member(object, names[i] ? names[i] : field->kind);

		if (json_is_string(member))
			return member;
	}
	return NULL;
}

/* An item given as an object: its text and its records are taken; what else it says is kept in extra. */
static int take_item_object(struct reader *reader, const struct persona_field *field, const json_t *item)
{
	const json_t *records = find_member(item, RECORD_KEYS);
	size_t understood = 1, unknown = 0, position = reader->persona->lists[field->list].len - 1;
	const char *key;
	json_t *member;
	char name[64];
	int rc;

	if (records) {
		rc = take_locators(reader, field->list, position, records);
		if (rc < 0)
			return -1;
		understood += rc > 0;
	}
	json_object_foreach((json_t *)(uintptr_t)item, key, member) {
		unknown += is_unknown(member);
	}
	if (json_object_size(item) == understood + unknown)
		return 0;
	snprintf(name, sizeof name, "%s_details", field->name);
	return keep_in_list(reader, name, item);
}

static int take_item(struct reader *reader, const struct persona_field *field, const json_t *item)
{
	struct persona_list *list = &reader->persona->lists[field->list];
	const json_t *inner = json_is_object(item) ? item_text(field, item) : NULL;
	const char *text;
	size_t len;

	if (is_unknown(item))
		return 0;
	if (text_of(reader, inner ? inner : item, true, &text, &len) < 0)
		return -1;
	if (!len)
		return 0;
	if (persona_list_add(list, text, len, reader->err) < 0)
		return -1;
	if (!inner)
		return 0;
	reader->notes |= PERSONA_NOTE_COERCED;
	return take_item_object(reader, field, item);
}

int take_list(struct reader *reader, const struct persona_field *field, const json_t *value)
{
	json_t *item;
	size_t i;

	if (!json_is_array(value)) {
		reader->notes |= PERSONA_NOTE_COERCED;
		return take_item(reader, field, value) < 0 ? -1 : 1;
	}
	json_array_foreach(value, i, item) {
		if (take_item(reader, field, item) < 0)
			return -1;
	}
	return 1;
}

/* ---- Objects --------------------------------------------------------- */

int take_object(struct reader *reader, const struct persona_field *field, const json_t *value)
{
	json_t **slot = object_slot(reader->persona, field), *object, *copy, *member;
	const char *key;
	void *next;

	copy = clean_copy(reader, value);
	if (!copy)
		return -1;
	object = copy;
	if (!json_is_object(copy)) {
		reader->notes |= PERSONA_NOTE_COERCED;
		object = json_object();
		if (json_object_set_new(object, "description", copy) < 0) {
			json_decref(object);
			return persona_error_set(reader->err, PERSONA_E_NOMEM, "out of memory");
		}
	}
	json_object_foreach_safe(object, next, key, member) {
		if (is_unknown(member))
			json_object_del(object, key);
	}
	if (json_object_size(object))
		*slot = object;
	else
		json_decref(object);
	return 1;
}
