/* One JSON Schema, as each dialect wants it. */
#include "persona/json.h"

#include "internal.h"

/* ---- Keywords -------------------------------------------------------- */

/* Is the word in a list of words with blanks between and around them? */
static bool among(const char *word, const char *words)
{
	const char *found = words;
	size_t len = strlen(word);

	while (len && (found = strstr(found, word))) {
		if (found[-1] == ' ' && found[len] == ' ')
			return true;
		found += len;
	}
	return false;
}

/* Does the dialect take the keyword with that value? */
static bool takes(enum persona_llm_provider form, const char *keyword, const json_t *value)
{
	static const char openai_refuses[] =
		" allOf oneOf not if then else dependentRequired dependentSchemas propertyNames "
		"patternProperties ";
	static const char anthropic[] = " type enum const anyOf allOf $ref $defs title description properties required "
					"additionalProperties items ";
	static const char anthropic_formats[] = " date-time time date duration email hostname uri ipv4 ipv6 uuid ";
	static const char gemini[] = " $id $defs $ref $anchor type format title description enum items prefixItems "
				     "minItems maxItems minimum maximum anyOf properties additionalProperties required "
				     "propertyOrdering ";

	switch (form) {
	case PERSONA_LLM_OPENAI:
		return !among(keyword, openai_refuses);
	case PERSONA_LLM_ANTHROPIC:
		if (strcmp(keyword, "format") == 0)
			return json_is_string(value) && among(json_string_value(value), anthropic_formats);
		if (strcmp(keyword, "minItems") == 0)
			return json_integer_value(value) <= 1;
		return among(keyword, anthropic);
	default:
		return among(keyword, gemini);
	}
}

/* "description": what there was, and the keyword in words. */
static int describe(json_t *node, const char *keyword, const json_t *value)
{
	const char *before = json_string_value(json_object_get(node, "description"));
	char *words = persona_json_compact(value, NULL);
	int rc = -1;

	if (words)
		rc = json_object_set_new(
			node, "description",
			json_sprintf("%s%s%s: %s", before ? before : "", before ? "; " : "", keyword, words));
	free(words);
	return rc;
}

static int move_refused(json_t *node, enum persona_llm_provider form)
{
	const char *keyword;
	json_t *value;
	void *next;
	int rc = 0;

	/* A description that is added meanwhile comes last, and every dialect takes it. */
	json_object_foreach_safe(node, next, keyword, value) {
		if (rc < 0 || takes(form, keyword, value))
			continue;
		/* $schema and $comment tell a model nothing. */
		if (*keyword != '$')
			rc = describe(node, keyword, value);
		json_object_del(node, keyword);
	}
	return rc;
}

static int rename_member(json_t *node, const char *from, const char *to)
{
	json_t *value = json_object_get(node, from);

	if (!value || json_object_get(node, to))
		return 0;
	return json_object_set(node, to, value) < 0 || json_object_del(node, from) < 0 ? -1 : 0;
}

/* Gemini has no const. */
static int const_to_enum(json_t *node)
{
	json_t *value = json_object_get(node, "const");

	if (!value)
		return 0;
	return json_object_set_new(node, "enum", json_pack("[O]", value)) < 0 || json_object_del(node, "const") < 0 ? -1
														    : 0;
}

/* ---- Objects --------------------------------------------------------- */

static bool has_null(const json_t *list)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
		if (json_is_null(item) || (json_is_string(item) && strcmp(json_string_value(item), "null") == 0))
			return true;
	return false;
}

/* A member that could be left out may be null instead. Returns a new reference, or NULL. */
static json_t *nullable(json_t *node)
{
	json_t *type = json_object_get(node, "type"), *values = json_object_get(node, "enum");

	if (json_is_string(type) && strcmp(json_string_value(type), "null") != 0) {
		if (json_object_set_new(node, "type", json_pack("[O, s]", type, "null")) < 0)
			return NULL;
	} else if (json_is_array(type)) {
		if (!has_null(type) && json_array_append_new(type, json_string("null")) < 0)
			return NULL;
	} else if (!type) {
		return json_pack("{s:[O, {s:s}]}", "anyOf", node, "type", "null");
	}
	if (json_is_array(values) && !has_null(values) && json_array_append_new(values, json_null()) < 0)
		return NULL;
	return json_incref(node);
}

static bool lists(const json_t *required, const char *name)
{
	const json_t *item;
	size_t i;

	json_array_foreach(required, i, item)
		if (json_is_string(item) && strcmp(json_string_value(item), name) == 0)
			return true;
	return false;
}

/* Every member required, as OpenAI's strict mode wants it. */
static int require_all(json_t *node, json_t *properties)
{
	json_t *required = json_array(), *before = json_object_get(node, "required"), *member;
	const char *name;
	int rc = required ? 0 : -1;

	json_object_foreach(properties, name, member) {
		if (!rc)
			rc = json_array_append_new(required, json_string(name));
		if (!rc && json_is_object(member) && !lists(before, name))
			rc = json_object_set_new(properties, name, nullable(member));
	}
	if (rc < 0) {
		json_decref(required);
		return -1;
	}
	return json_object_set_new(node, "required", required);
}

/* ---- Walking --------------------------------------------------------- */

static int adapt(json_t *node, enum persona_llm_provider form);

/* Adapt each schema in a list or an object of them, or the one that it is. */
static int adapt_below(json_t *value, bool is_schema, enum persona_llm_provider form)
{
	const char *name;
	json_t *member;
	size_t i;

	if (is_schema && json_is_object(value))
		return adapt(value, form);
	json_object_foreach(value, name, member)
		if (adapt(member, form) < 0)
			return -1;
	json_array_foreach(value, i, member)
		if (adapt(member, form) < 0)
			return -1;
	return 0;
}

static int adapt(json_t *node, enum persona_llm_provider form)
{
	static const char *const schemas[] = { "items", "additionalProperties", NULL };
	static const char *const many[] = { "properties", "$defs", "anyOf", "allOf", "prefixItems", NULL };
	json_t *properties;
	int rc = 0;

	if (!json_is_object(node))
		return 0;
	if (rename_member(node, "oneOf", "anyOf") < 0 || (form == PERSONA_LLM_GEMINI && const_to_enum(node) < 0) ||
	    move_refused(node, form) < 0)
		return -1;
	properties = json_object_get(node, "properties");
	if (json_is_object(properties) && form != PERSONA_LLM_GEMINI)
		rc = json_object_set_new(node, "additionalProperties", json_false());
	if (!rc && json_is_object(properties) && form == PERSONA_LLM_OPENAI)
		rc = require_all(node, properties);
	for (size_t i = 0; schemas[i] && !rc; i++)
		rc = adapt_below(json_object_get(node, schemas[i]), true, form);
	for (size_t i = 0; many[i] && !rc; i++)
		rc = adapt_below(json_object_get(node, many[i]), false, form);
	return rc;
}

static char *adapted(const json_t *value, enum persona_llm_provider form, struct persona_error *err)
{
	json_t *copy = json_deep_copy(value);
	char *text = NULL;

	/* Where memory runs out jansson's copies lack members, and don't tell. */
	if (copy && json_equal(copy, value) && adapt(copy, form) == 0)
		text = persona_json_compact(copy, err);
	else
		(void)persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	json_decref(copy);
	return text;
}

/* ---- Life ------------------------------------------------------------ */

static int check(const char *name, const json_t *value, struct persona_error *err)
{
	size_t len = strlen(name);

	if (!len || len > 64 || strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") != len)
		return persona_error_set(err, PERSONA_E_USAGE, "\"%s\" can't be the name of a schema", name);
	if (!json_is_object(value))
		return persona_error_set(err, PERSONA_E_USAGE, "a schema must be an object");
	return 0;
}

int persona_llm_schema_new(struct persona_llm_schema **out, const char *name, const json_t *value,
			   struct persona_error *err)
{
	struct persona_llm_schema *schema;
	int rc;

	*out = NULL;
	if (check(name, value, err) < 0)
		return -1;
	schema = calloc(1, sizeof *schema);
	if (!schema)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	schema->name = persona_strdup(name, err);
	/* First the one that refuses what is too deep. A model answers in the order of the schema, so that is kept. */
	schema->forms[PERSONA_LLM_OLLAMA] = persona_json_compact(value, err);
	rc = schema->name && schema->forms[PERSONA_LLM_OLLAMA] ? 0 : -1;
	for (size_t i = 0; i < PERSONA_LLM_PROVIDERS && !rc; i++) {
		if (!schema->forms[i])
			schema->forms[i] = adapted(value, (enum persona_llm_provider)i, err);
		rc = schema->forms[i] ? 0 : -1;
	}
	if (rc < 0 || persona_hash_bytes(schema->sha256, schema->forms[PERSONA_LLM_OLLAMA],
					 strlen(schema->forms[PERSONA_LLM_OLLAMA]), err) < 0) {
		persona_llm_schema_free(schema);
		return -1;
	}
	*out = schema;
	return 0;
}

void persona_llm_schema_free(struct persona_llm_schema *schema)
{
	if (!schema)
		return;
	for (size_t i = 0; i < PERSONA_LLM_PROVIDERS; i++)
		free(schema->forms[i]);
	free(schema->name);
	free(schema);
}

int persona_llm_schema_for(struct persona_llm_schema **out, enum persona_task_kind kind, struct persona_error *err)
{
	json_t *persona = NULL, *whole;
	int rc;

	*out = NULL;
	if (persona_schema(&persona, err) < 0)
		return -1;
	if (kind == PERSONA_TASK_REFINE) {
		rc = persona_llm_schema_new(out, "persona", persona, err);
		json_decref(persona);
		return rc;
	}
	whole = json_pack("{s:s, s:{s:{s:s, s:o}}, s:[s], s:b}", "type", "object", "properties", "personas", "type",
			  "array", "items", persona, "required", "personas", "additionalProperties", 0);
	rc = whole ? persona_llm_schema_new(out, "personas", whole, err)
		   : persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	json_decref(whole);
	return rc;
}
