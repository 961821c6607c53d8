#include "persona/json.h"
#include "persona/text.h"
#include "private.h"

/* Set a member to a value that may be NULL because memory ran out or its text is not UTF-8. */
static int set_member(json_t *object, const struct persona_field *field, json_t *value, struct persona_error *err)
{
	if (json_object_set_new(object, field->name, value) == 0)
		return 0;
	return persona_error_set(err, PERSONA_E_FORMAT, "%s cannot be written as JSON: out of memory or not UTF-8",
				 field->name);
}

static json_t *list_json(const struct persona_list *list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->len; i++)
		if (json_array_append_new(array, json_string(list->items[i])) < 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static int write_field(json_t *object, const struct persona *persona, const struct persona_field *field,
		       struct persona_error *err)
{
	switch (field->type) {
	case PERSONA_FIELD_TEXT: {
		const char *text = *text_slot(persona, field);

		return text && *text ? set_member(object, field, json_string(text), err) : 0;
	}
	case PERSONA_FIELD_INTEGER: {
		int64_t number = *integer_slot(persona, field);

		return number != PERSONA_UNKNOWN ? set_member(object, field, json_integer(number), err) : 0;
	}
	case PERSONA_FIELD_LIST: {
		const struct persona_list *list = &persona->lists[field->list];

		return list->len ? set_member(object, field, list_json(list), err) : 0;
	}
	case PERSONA_FIELD_OBJECT: {
		json_t *value = *object_slot(persona, field);

		return json_object_size(value) ? set_member(object, field, json_deep_copy(value), err) : 0;
	}
	case PERSONA_FIELD_DERIVED:
		break;
	}
	return 0;
}

/* The fields of the table as an object; NULL on failure. */
static json_t *fields_json(const struct persona *persona, struct persona_error *err)
{
	json_t *object = json_object();

	if (!object)
		(void)persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (const struct persona_field *field = persona_fields; object && field->name; field++)
		if (write_field(object, persona, field, err) < 0) {
			json_decref(object);
			return NULL;
		}
	return object;
}

/* A key of extra never hides a field. */
static int add_extra(json_t *object, const struct persona *persona, struct persona_error *err)
{
	const char *key;
	json_t *value;

	json_object_foreach(persona->extra, key, value) {
		if (json_object_get(object, key))
			continue;
		if (json_object_set_new_nocheck(object, key, json_deep_copy(value)) < 0)
			return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	return 0;
}

int persona_to_json(json_t **out, const struct persona *persona, struct persona_error *err)
{
	json_t *object = fields_json(persona, err), *evidence;

	*out = NULL;
	if (!object)
		return -1;
	evidence = evidence_json(persona, err);
	if (!evidence)
		goto fail;
	if (!json_array_size(evidence))
		json_decref(evidence);
	else if (json_object_set_new(object, "evidence", evidence) < 0) {
		(void)persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		goto fail;
	}
	if (add_extra(object, persona, err) < 0)
		goto fail;
	*out = object;
	return 0;
fail:
	json_decref(object);
	return -1;
}

int persona_content_hash(const struct persona *persona, char hex[PERSONA_HASH_HEX], struct persona_error *err)
{
	json_t *fields = fields_json(persona, err), *evidence = NULL, *content = NULL;
	char *text = NULL;
	int rc = -1;

	if (!fields)
		return -1;
	evidence = evidence_identity(persona, err);
	if (!evidence)
		goto out;
	content = json_pack("{s:O, s:O, s:O*}", "fields", fields, "evidence", evidence, "extra",
			    json_object_size(persona->extra) ? persona->extra : NULL);
	if (!content) {
		(void)persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		goto out;
	}
	text = persona_json_canonical(content, err);
	if (text)
		rc = persona_hash_bytes(hex, text, strlen(text), err);
out:
	free(text);
	json_decref(content);
	json_decref(evidence);
	json_decref(fields);
	return rc;
}
