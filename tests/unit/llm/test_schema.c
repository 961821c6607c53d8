#include "helper.h"

#include "persona/json.h"

#include "internal.h"

static struct persona_error err;

static void setup(void)
{
	err = (struct persona_error){ 0 };
}

static json_t *parse(const char *text)
{
	char *copy = strdup(text);
	json_t *value;

	for (char *quote = copy; (quote = strchr(quote, '\'')); quote++)
		*quote = '"';
	ck_assert_msg(persona_json_parse_strict(&value, copy, strlen(copy), &err) == 0, "%s: %s", err.text, text);
	free(copy);
	return value;
}

/* A schema, and what becomes of it; NULL: it stays as it is. */
static const struct {
	enum persona_llm_provider provider;
	const char *asked, *form;
} forms[] = {
	{ PERSONA_LLM_OLLAMA, "{'type':'object','oneOf':[{'const':1}],'properties':{'a':{'not':{}}}}", NULL },
	{ PERSONA_LLM_OPENAI, "{'type':'object','properties':{},'required':[]}",
	  "{'type':'object','properties':{},'required':[],'additionalProperties':false}" },
	{ PERSONA_LLM_OPENAI,
	  "{'properties':{'a':{'enum':['x']},'b':{'type':['string','null']},'c':{'$ref':'#/$defs/"
	  "d'},'e':{'type':'null'},"
	  "'f':{'type':'string','enum':['y']}}}",
	  "{'properties':{'a':{'anyOf':[{'enum':['x']},{'type':'null'}]},'b':{'type':['string','null']},"
	  "'c':{'anyOf':[{'$ref':'#/$defs/d'},{'type':'null'}]},'e':{'type':'null'},"
	  "'f':{'type':['string','null'],'enum':['y',null]}},"
	  "'required':['a','b','c','e','f'],'additionalProperties':false}" },
	{ PERSONA_LLM_OPENAI,
	  "{'type':'object','properties':{'a':{'type':'array','items':{'type':'object','properties':{'b':{'type':'"
	  "number'}},"
	  "'required':['b'],'additionalProperties':true}}},'required':['a'],'allOf':[{}],'$defs':{'d':{'oneOf':[{'type'"
	  ":'string'}]}}}",
	  "{'type':'object','properties':{'a':{'type':'array','items':{'type':'object','properties':{'b':{'type':'"
	  "number'}},"
	  "'required':['b'],'additionalProperties':false}}},'required':['a'],'description':'allOf: [{}]',"
	  "'$defs':{'d':{'anyOf':[{'type':'string'}]}},'additionalProperties':false}" },
	{ PERSONA_LLM_ANTHROPIC,
	  "{'type':'object','$schema':'x','properties':{'a':{'type':'string','format':'date'},'b':{'type':'string','"
	  "format':'colour'},"
	  "'c':{'type':'array','minItems':1,'maxItems':3,'items':{'type':'integer','exclusiveMinimum':0}},"
	  "'d':{'type':'array','minItems':2,'items':{'type':'string'}},"
	  "'e':{'oneOf':[{'type':'object','properties':{'f':{'const':'g'}}},{'type':'null'}]}}}",
	  "{'type':'object','properties':{'a':{'type':'string','format':'date'},'b':{'type':'string','description':'"
	  "format: \\\"colour\\\"'},"
	  "'c':{'type':'array','minItems':1,'description':'maxItems: "
	  "3','items':{'type':'integer','description':'exclusiveMinimum: 0'}},"
	  "'d':{'type':'array','description':'minItems: 2','items':{'type':'string'}},"
	  "'e':{'anyOf':[{'type':'object','properties':{'f':{'const':'g'}},'additionalProperties':false},{'type':'null'"
	  "}]}},"
	  "'additionalProperties':false}" },
	{ PERSONA_LLM_GEMINI,
	  "{'type':'object','properties':{'a':{'const':'x','pattern':'^x','description':'an "
	  "x'},'b':{'type':'array','maxItems':3,'items':"
	  "{'type':'string','minLength':1}}}}",
	  "{'type':'object','properties':{'a':{'enum':['x'],'description':'an x; pattern: "
	  "\\\"^x\\\"'},'b':{'type':'array','maxItems':3,'items':"
	  "{'type':'string','description':'minLength: 1'}}}}" },
	/* A member may be called like a keyword. */
	{ PERSONA_LLM_ANTHROPIC,
	  "{'type':'object','properties':{'minimum':{'type':'string'},'not':{'type':'string'}},'required':['not']}",
	  "{'type':'object','properties':{'minimum':{'type':'string'},'not':{'type':'string'}},'required':['not'],"
	  "'additionalProperties':false}" },
	/* What is no schema is left alone. */
	{ PERSONA_LLM_OPENAI, "{'type':7,'properties':[1],'items':'x','anyOf':{'a':true}}", NULL },
};

START_TEST(each_dialect_gets_its_form)
{
	json_t *asked = parse(forms[_i].asked), *wanted = parse(forms[_i].form ? forms[_i].form : forms[_i].asked),
	       *got;
	struct persona_llm_schema *schema;
	const char *form;

	ck_assert_msg(persona_llm_schema_new(&schema, "s", asked, &err) == 0, "%s", err.text);
	form = schema->forms[forms[_i].provider];
	ck_assert_int_eq(persona_json_parse_strict(&got, form, strlen(form), &err), 0);
	ck_assert_msg(json_equal(got, wanted), "%s", form);
	json_decref(got);
	/* The caller's value is not touched. */
	json_decref(wanted);
	wanted = parse(forms[_i].asked);
	ck_assert(json_equal(asked, wanted));
	json_decref(wanted);
	json_decref(asked);
	persona_llm_schema_free(schema);
}
END_TEST

static const char *const bad_names[] = { "", "a b", "\xC3\xA4", "a.b",
					 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };

START_TEST(bad_names_are_refused)
{
	struct persona_llm_schema *schema;
	json_t *value = json_object();

	ck_assert_int_eq(persona_llm_schema_new(&schema, bad_names[_i], value, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_USAGE);
	ck_assert_ptr_null(schema);
	json_decref(value);
}
END_TEST

START_TEST(what_is_no_schema_is_refused)
{
	struct persona_llm_schema *schema;
	json_t *value = json_array(), *deep = json_object();

	ck_assert_int_eq(persona_llm_schema_new(&schema, "s", value, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_USAGE);
	for (int i = 0; i < 3000; i++)
		deep = json_pack("{s:o}", "items", deep);
	ck_assert_int_eq(persona_llm_schema_new(&schema, "s", deep, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_FORMAT);
	json_decref(deep);
	json_decref(value);
	persona_llm_schema_free(NULL);
}
END_TEST

/* Strict mode's rules, at every depth of our own schema. */
static void check_strict(const json_t *node)
{
	const json_t *properties = json_object_get(node, "properties"), *member;
	const char *name;

	if (properties) {
		ck_assert(json_is_false(json_object_get(node, "additionalProperties")));
		ck_assert_uint_eq(json_array_size(json_object_get(node, "required")), json_object_size(properties));
		json_object_foreach((json_t *)properties, name, member)
			check_strict(member);
	}
	if (json_object_get(node, "items"))
		check_strict(json_object_get(node, "items"));
	ck_assert_ptr_nonnull(json_object_get(node, "type"));
}

START_TEST(our_own_schema_suits_all)
{
	struct persona_llm_schema *schema;
	json_t *first = NULL;

	ck_assert_int_eq(persona_llm_schema_for(&schema, PERSONA_TASK_DRAFT, &err), 0);
	ck_assert_str_eq(schema->name, "personas");
	for (size_t i = 0; i < PERSONA_LLM_PROVIDERS; i++) {
		json_t *value;

		ck_assert_int_eq(persona_json_parse_strict(&value, schema->forms[i], strlen(schema->forms[i]), &err),
				 0);
		check_strict(value);
		if (!first)
			first = json_incref(value);
		/* It keeps to what all of them take, so nothing is lost on the way. */
		ck_assert(json_equal(first, value));
		json_decref(value);
	}
	ck_assert_ptr_nonnull(json_object_get(json_object_get(first, "properties"), "personas"));
	json_decref(first);
	persona_llm_schema_free(schema);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = suite_of("schema", &tcase);

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_loop_test(tcase, each_dialect_gets_its_form, 0, COUNT(forms));
	tcase_add_loop_test(tcase, bad_names_are_refused, 0, COUNT(bad_names));
	tcase_add_test(tcase, what_is_no_schema_is_refused);
	tcase_add_test(tcase, our_own_schema_suits_all);
	return run_suite(suite);
}
