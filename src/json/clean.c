/* clean.c - texts of a value that came from outside, without what a terminal would obey. */
#include "persona/json.h"
#include "persona/text.h"

/* The text clean, or NULL: it is so already. -1: no memory. */
static int cleaned(json_t **out, const char *text, size_t len, struct persona_error *err)
{
	const char *clean = text;
	struct persona_buf room;
	int rc;

	*out = NULL;
	persona_buf_init(&room, SIZE_MAX);
	rc = persona_text_cleaned(&room, &clean, &len, NULL, err);
	if (!rc && clean != text) {
		*out = json_stringn(clean, len);
		rc = *out ? 0 : persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	persona_buf_release(&room);
	return rc;
}

/* What stands in the place of a member: itself, clean, or another text. A new reference. */
static int clean_member(json_t **out, json_t *member, struct persona_error *err)
{
	*out = NULL;
	if (json_is_string(member) && cleaned(out, json_string_value(member), json_string_length(member), err) < 0)
		return -1;
	if (*out)
		return 0;
	if (persona_json_clean(member, err) < 0)
		return -1;
	*out = json_incref(member);
	return 0;
}

static int clean_object(json_t *object, struct persona_error *err)
{
	json_t *clean = json_object(), *member;
	const char *key;
	int rc = clean ? 0 : persona_error_set(err, PERSONA_E_NOMEM, "out of memory");

	json_object_foreach(object, key, member) {
		json_t *name = NULL, *value = NULL;

		if (!rc && (cleaned(&name, key, strlen(key), err) < 0 || clean_member(&value, member, err) < 0))
			rc = -1;
		if (!rc && json_object_set(clean, name ? json_string_value(name) : key, value) < 0)
			rc = persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		json_decref(name);
		json_decref(value);
	}
	if (!rc && (json_object_clear(object) < 0 || json_object_update(object, clean) < 0))
		rc = persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	json_decref(clean);
	return rc;
}

int persona_json_clean(json_t *value, struct persona_error *err)
{
	json_t *member;
	size_t index;

	if (json_is_object(value))
		return clean_object(value, err);
	json_array_foreach(value, index, member) {
		json_t *clean;

		if (clean_member(&clean, member, err) < 0)
			return -1;
		if (json_array_set_new(value, index, clean) < 0)
			return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	return 0;
}
