#include "private.h"

/* {"type": [type, "null"]}: unknown is null, because strict modes want every member there. */
static json_t *nullable(const char *type, const char *description)
{
	return json_pack("{s:[s, s], s:s}", "type", type, "null", "description", description);
}

static json_t *texts(const char *description)
{
	return json_pack("{s:s, s:{s:s}, s:s}", "type", "array", "items", "type", "string", "description", description);
}

/* A closed object of these properties (the reference is taken), all of them required. */
static json_t *closed_object(json_t *properties)
{
	json_t *required = json_array(), *value;
	const char *key;

	json_object_foreach(properties, key, value) {
		if (json_array_append_new(required, json_string(key)) < 0) {
			json_decref(required);
			json_decref(properties);
			return NULL;
		}
	}
	return json_pack("{s:s, s:o, s:o, s:b}", "type", "object", "properties", properties, "required", required,
			 "additionalProperties", 0);
}

/* Providers want closed objects: the usual members of demographics. */
static json_t *demographics_schema(const char *description)
{
	static const char *const members[][2] = {
		{ "age_range", "such as 30-39" },
		{ "gender", "as respondents gave it" },
		{ "country", "country of residence" },
		{ "education", "highest degree" },
		{ "industry", "branch that the persona works in" },
		{ "experience", "years or level of experience" },
	};
	json_t *properties = json_object(), *object;

	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		if (json_object_set_new(properties, members[i][0], nullable("string", members[i][1])) < 0) {
			json_decref(properties);
			return NULL;
		}
	object = closed_object(properties);
	if (object && json_object_set_new(object, "description", json_string(description)) < 0) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static json_t *evidence_schema(void)
{
	json_t *lists = json_array(), *piece;

	for (int field = 0; field < PERSONA_LIST_FIELDS; field++)
		if (json_array_append_new(lists,
					  json_string(persona_list_field((enum persona_list_field)field)->name)) < 0) {
			json_decref(lists);
			return NULL;
		}
	piece = closed_object(json_pack("{s:{s:s, s:o, s:s}, s:{s:s, s:s}, s:o}", "field", "type", "string", "enum",
					lists, "description", "list that the item is in", "item", "type", "string",
					"description", "the item, word for word as it stands in that list", "records",
					texts("locators of the records that the item rests on, as they were given")));
	return json_pack("{s:s, s:o, s:s}", "type", "array", "items", piece, "description",
			 "for each item the records that it rests on");
}

static json_t *integer_schema(const struct persona_field *field)
{
	char description[256];

	/* Not every provider takes minimum and maximum; all take words. */
	snprintf(description, sizeof description, "%s, %lld to %lld, or null", field->description,
		 (long long)field->least, (long long)field->most);
	return nullable("integer", description);
}

static json_t *field_schema(const struct persona_field *field)
{
	switch (field->type) {
	case PERSONA_FIELD_TEXT:
		if (field->required)
			return json_pack("{s:s, s:s}", "type", "string", "description", field->description);
		return nullable("string", field->description);
	case PERSONA_FIELD_INTEGER:
		return integer_schema(field);
	case PERSONA_FIELD_LIST:
		return texts(field->description);
	case PERSONA_FIELD_OBJECT:
		return demographics_schema(field->description);
	case PERSONA_FIELD_DERIVED:
		break;
	}
	return NULL;
}

int persona_schema(json_t **out, struct persona_error *err)
{
	json_t *properties = json_object();
	bool whole = properties != NULL;

	for (const struct persona_field *field = persona_fields; whole && field->name; field++)
		if (field->type != PERSONA_FIELD_DERIVED)
			whole = json_object_set_new(properties, field->name, field_schema(field)) == 0;
	if (whole)
		whole = json_object_set_new(properties, "evidence", evidence_schema()) == 0;
	if (!whole)
		json_decref(properties);
	*out = whole ? closed_object(properties) : NULL;
	return *out ? 0 : persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
}
