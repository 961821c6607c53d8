/* Reading personas from what models write: aliases, coercions, what is kept and what is refused. */
#include <check.h>

#include "persona/json.h"
#include "persona/persona.h"

/* Single quotes in test data stand for double ones. */
static json_t *parse(const char *text)
{
	struct persona_error err = { 0 };
	char *json = strdup(text);
	json_t *value;

	for (char *at = json; *at; at++)
		if (*at == '\'')
			*at = '"';
	ck_assert_msg(persona_json_parse_strict(&value, json, strlen(json), &err) == 0, "%s: %s", json, err.text);
	free(json);
	return value;
}

static unsigned read_ok(struct persona *persona, const char *text)
{
	struct persona_error err = { 0 };
	json_t *value = parse(text);
	unsigned notes = 99;

	ck_assert_msg(persona_from_json(persona, value, &notes, &err) == 0, "%s: %s", text, err.text);
	json_decref(value);
	return notes;
}

/* What the text becomes when it is read and written again, and the notes of reading. */
static const struct {
	const char *in, *out;
	unsigned notes;
} readings[] = {
	/* The canonical form. */
	{ "{'name':'A','background':'b'}", "{'name':'A','background':'b'}", 0 },
	{ "{'name':'A','age':34,'occupation':'o','goals':['g','h'],'frustrations':['f'],'behaviours':['b'],"
	  "'motivations':['m'],'quotes':['q'],'demographics':{'country':'SE'},'refinement_notes':'n'}",
	  "{'name':'A','age':34,'occupation':'o','goals':['g','h'],'frustrations':['f'],'behaviours':['b'],"
	  "'motivations':['m'],'quotes':['q'],'demographics':{'country':'SE'},'refinement_notes':'n'}",
	  0 },
	/* Aliases and ways of writing. */
	{ "{'full_name':'A','role':'r','bio':'b'}", "{'name':'A','occupation':'r','background':'b'}",
	  PERSONA_NOTE_ALIAS },
	{ "{'Full Name':'A','jobTitle':'r','SUMMARY':'b'}", "{'name':'A','occupation':'r','background':'b'}",
	  PERSONA_NOTE_ALIAS },
	{ "{'name':'A','painPoints':['p']}", "{'name':'A','frustrations':['p']}", PERSONA_NOTE_ALIAS },
	{ "{'name':'A','pain-points':['p'],'behaviors':['b'],'quote':'q'}",
	  "{'name':'A','frustrations':['p'],'behaviours':['b'],'quotes':['q']}",
	  PERSONA_NOTE_ALIAS | PERSONA_NOTE_COERCED },
	{ "{'name':'A','Goals':['g'],'refinementNotes':'n'}", "{'name':'A','goals':['g'],'refinement_notes':'n'}",
	  PERSONA_NOTE_ALIAS },
	/* The name itself wins over an alias, an earlier alias over a later one, whatever comes first. */
	{ "{'name':'A','role':'r','occupation':'o','bio':'b'}",
	  "{'name':'A','occupation':'o','background':'b','role':'r'}", PERSONA_NOTE_ALIAS | PERSONA_NOTE_EXTRA },
	{ "{'name':'A','title':'t','role':'r','bio':'b'}", "{'name':'A','occupation':'r','background':'b','title':'t'}",
	  PERSONA_NOTE_ALIAS | PERSONA_NOTE_EXTRA },
	{ "{'name':'A','Background':'x','background':'b'}", "{'name':'A','background':'b','Background':'x'}",
	  PERSONA_NOTE_EXTRA },
	/* One that says nothing does not win, however it says so. */
	{ "{'name':'A','background':['',[null],{}],'bio':'b'}", "{'name':'A','background':'b'}", PERSONA_NOTE_ALIAS },
	{ "{'name':'A','background':' \\u0001\\u0085 ','bio':'b'}", "{'name':'A','background':'b'}",
	  PERSONA_NOTE_ALIAS },
	{ "{'name':'A','background':'  ','bio':'b'}", "{'name':'A','background':'b'}", PERSONA_NOTE_ALIAS },
	{ "{'name':'A','goals':[],'objectives':['o']}", "{'name':'A','goals':['o']}", PERSONA_NOTE_ALIAS },
	/* Unknown values are left out. */
	{ "{'name':'A','background':'b','age':null,'occupation':'','goals':[],'quotes':[null,'  '],"
	  "'demographics':{},'refinement_notes':'\\n','evidence':[]}",
	  "{'name':'A','background':'b'}", 0 },
	{ "{'name':'A','background':'b','demographics':{'country':null,'gender':'','age_range':'30-39','children':0}}",
	  "{'name':'A','background':'b','demographics':{'age_range':'30-39','children':0}}", 0 },
	/* Unknown keys are kept, derived ones are not stored. */
	{ "{'id':7,'name':'A','background':'b','zeal':{'x':[1,null]},'nothing':null}",
	  "{'name':'A','background':'b','id':7,'zeal':{'x':[1,null]},'nothing':null}", PERSONA_NOTE_EXTRA },
	{ "{'name':'A','background':'b','quality_score':88.5,'qualityScore':1}", "{'name':'A','background':'b'}", 0 },
	/* Texts of other types. */
	{ "{'name':7,'background':true}", "{'name':'7','background':'true'}", PERSONA_NOTE_COERCED },
	{ "{'name':'A','background':['one','two',3,null,' ']}", "{'name':'A','background':'one; two; 3'}",
	  PERSONA_NOTE_COERCED },
	{ "{'name':'A','goals':['g'],'background':{'a':1}}", "{'name':'A','goals':['g'],'background':{'a':1}}",
	  PERSONA_NOTE_DROPPED },
	{ "{'name':'A','goals':['g'],'background':['a',{'b':1}]}",
	  "{'name':'A','goals':['g'],'background':['a',{'b':1}]}", PERSONA_NOTE_DROPPED },
	{ "{'name':'A','background':' \\u00a0b c\\n'}", "{'name':'A','background':'b c'}", 0 },
	{ "{'name':'A\\u0007','background':'a\\u0000b\\r\\nc'}", "{'name':'A','background':'ab\\nc'}",
	  PERSONA_NOTE_CLEANED },
	{ "{'name':'A','background':'b','x\\u001b':['\\u001b[2J']}", "{'name':'A','background':'b','x':['[2J']}",
	  PERSONA_NOTE_CLEANED | PERSONA_NOTE_EXTRA },
	/* Lists. */
	{ "{'name':'A','goals':'one'}", "{'name':'A','goals':['one']}", PERSONA_NOTE_COERCED },
	{ "{'name':'A','goals':5}", "{'name':'A','goals':['5']}", PERSONA_NOTE_COERCED },
	{ "{'name':'A','goals':['a',2,false,['x']]}", "{'name':'A','goals':['a','2','false','[\\\"x\\\"]']}",
	  PERSONA_NOTE_COERCED },
	{ "{'name':'A','goals':[{'text':'t'},{'description':'d'},{'goal':'g'},{'Name':'n'}]}",
	  "{'name':'A','goals':['t','d','g','n']}", PERSONA_NOTE_COERCED },
	{ "{'name':'A','goals':[{'k':1}]}", "{'name':'A','goals':['{\\\"k\\\":1}']}", PERSONA_NOTE_COERCED },
	{ "{'name':'A','goals':{'text':'t'}}", "{'name':'A','goals':['t']}", PERSONA_NOTE_COERCED },
	/* What an item says besides its text is not lost. */
	{ "{'name':'A','goals':[{'text':'t','priority':'high','why':null}]}",
	  "{'name':'A','goals':['t'],'goals_details':[{'text':'t','priority':'high','why':null}]}",
	  PERSONA_NOTE_COERCED },
	{ "{'name':'A','goals':[{'text':'t','why':1}],'goals_details':'old'}",
	  "{'name':'A','goals':['t'],'goals_details':['old',{'text':'t','why':1}]}",
	  PERSONA_NOTE_COERCED | PERSONA_NOTE_EXTRA },
	{ "{'name':'A','quotes':[{'quote':'q','source':'a.csv:2'}],'goals':['g']}",
	  "{'name':'A','goals':['g'],'quotes':['q'],'evidence':[{'field':'quotes','item':'q','record':'a.csv:2',"
	  "'strength':'cited'}]}",
	  PERSONA_NOTE_COERCED },
	/* A quote's inside is not touched. */
	{ "{'name':'A','goals':['g'],'quotes':['  I  said\\n\\t so \\u2019 ']}",
	  "{'name':'A','goals':['g'],'quotes':['I  said\\n\\t so \\u2019']}", 0 },
	/* Demographics. */
	{ "{'name':'A','background':'b','demographics':'urban'}",
	  "{'name':'A','background':'b','demographics':{'description':'urban'}}", PERSONA_NOTE_COERCED },
	{ "{'name':'A','background':'b','demographic':['x',1]}",
	  "{'name':'A','background':'b','demographics':{'description':['x',1]}}",
	  PERSONA_NOTE_COERCED | PERSONA_NOTE_ALIAS },
};

START_TEST(reading_gives)
{
	struct persona_error err = { 0 };
	struct persona persona;
	unsigned notes = read_ok(&persona, readings[_i].in);
	json_t *wanted = parse(readings[_i].out), *got;
	char *shown;

	ck_assert_int_eq(persona_to_json(&got, &persona, &err), 0);
	shown = json_dumps(got, 0);
	ck_assert_msg(json_equal(got, wanted), "%s gave %s", readings[_i].in, shown);
	ck_assert_msg(notes == readings[_i].notes, "%s gave notes %u", readings[_i].in, notes);
	free(shown);
	json_decref(got);
	json_decref(wanted);
	persona_release(&persona);
}
END_TEST

/* Age as given, what becomes of it, and where the rest goes. NULL: nothing there. */
static const struct {
	const char *given;
	int64_t age;
	const char *range; /* demographics.age_range */
	unsigned notes;
} ages[] = {
	{ "0", 0, NULL, 0 },
	{ "130", 130, NULL, 0 },
	{ "131", PERSONA_UNKNOWN, NULL, PERSONA_NOTE_DROPPED },
	{ "-1", PERSONA_UNKNOWN, NULL, PERSONA_NOTE_DROPPED },
	{ "9223372036854775807", PERSONA_UNKNOWN, NULL, PERSONA_NOTE_DROPPED },
	{ "34.0", 34, NULL, PERSONA_NOTE_COERCED },
	{ "34.5", PERSONA_UNKNOWN, NULL, PERSONA_NOTE_DROPPED },
	{ "1e300", PERSONA_UNKNOWN, NULL, PERSONA_NOTE_DROPPED },
	{ "true", PERSONA_UNKNOWN, NULL, PERSONA_NOTE_DROPPED },
	{ "[34]", PERSONA_UNKNOWN, NULL, PERSONA_NOTE_DROPPED },
	{ "{'min':30}", PERSONA_UNKNOWN, NULL, PERSONA_NOTE_DROPPED },
	{ "'34'", 34, NULL, PERSONA_NOTE_COERCED },
	{ "' 34 '", 34, NULL, PERSONA_NOTE_COERCED },
	{ "'34 years'", 34, NULL, PERSONA_NOTE_COERCED },
	{ "'34 Years Old'", 34, NULL, PERSONA_NOTE_COERCED },
	{ "'34-year-old'", 34, NULL, PERSONA_NOTE_COERCED },
	{ "'130'", 130, NULL, PERSONA_NOTE_COERCED },
	{ "'131'", PERSONA_UNKNOWN, NULL, PERSONA_NOTE_DROPPED },
	{ "'34-39'", 36, "34-39", PERSONA_NOTE_COERCED },
	{ "'30\\u201335'", 32,
	  "30\xE2\x80\x93"
	  "35",
	  PERSONA_NOTE_COERCED },
	{ "'30 to 35 years'", 32, "30 to 35 years", PERSONA_NOTE_COERCED },
	{ "'30 - 30'", 30, "30 - 30", PERSONA_NOTE_COERCED },
	{ "'39-34'", PERSONA_UNKNOWN, NULL, PERSONA_NOTE_DROPPED },
	{ "'120-131'", PERSONA_UNKNOWN, NULL, PERSONA_NOTE_DROPPED },
	{ "'mid-thirties'", PERSONA_UNKNOWN, NULL, PERSONA_NOTE_DROPPED },
	{ "'34 months'", PERSONA_UNKNOWN, NULL, PERSONA_NOTE_DROPPED },
	{ "'34+'", PERSONA_UNKNOWN, NULL, PERSONA_NOTE_DROPPED },
	{ "'-34'", PERSONA_UNKNOWN, NULL, PERSONA_NOTE_DROPPED },
	{ "'34-'", PERSONA_UNKNOWN, NULL, PERSONA_NOTE_DROPPED },
	{ "'18446744073709551650'", PERSONA_UNKNOWN, NULL, PERSONA_NOTE_DROPPED },
	{ "'30-18446744073709551650'", PERSONA_UNKNOWN, NULL, PERSONA_NOTE_DROPPED },
};

START_TEST(age_is)
{
	struct persona persona;
	char text[200];
	unsigned notes;

	snprintf(text, sizeof text, "{'name':'A','age':%s,'background':'b'}", ages[_i].given);
	notes = read_ok(&persona, text);
	ck_assert_msg(persona.age == ages[_i].age, "%s gave %lld", ages[_i].given, (long long)persona.age);
	ck_assert_msg(notes == ages[_i].notes, "%s gave notes %u", ages[_i].given, notes);
	if (ages[_i].range)
		ck_assert_str_eq(json_string_value(json_object_get(persona.demographics, "age_range")), ages[_i].range);
	else
		ck_assert_ptr_null(persona.demographics);
	/* What could not be used is kept as it came. */
	if (notes & PERSONA_NOTE_DROPPED) {
		json_t *given, *wrapped;

		snprintf(text, sizeof text, "[%s]", ages[_i].given);
		wrapped = parse(text);
		given = json_array_get(wrapped, 0);
		ck_assert(json_equal(json_object_get(persona.extra, "age"), given));
		json_decref(wrapped);
	} else {
		ck_assert_ptr_null(persona.extra);
	}
	persona_release(&persona);
}
END_TEST

START_TEST(a_range_does_not_push_out_another)
{
	struct persona persona;

	(void)read_ok(&persona, "{'demographics':{'age_range':'25-50'},'age':'34-39','name':'A','background':'b'}");
	ck_assert_int_eq(persona.age, 36);
	ck_assert_str_eq(json_string_value(json_object_get(persona.demographics, "age_range")), "25-50");
	ck_assert_str_eq(json_string_value(json_object_get(persona.extra, "age_range")), "34-39");
	persona_release(&persona);
	(void)read_ok(&persona, "{'age':'34-39','demographics':{'age_range':'34-39'},'name':'A','background':'b'}");
	ck_assert_ptr_null(persona.extra);
	persona_release(&persona);
	(void)read_ok(&persona, "{'age':'34-39','demographics':'urban','name':'A','background':'b'}");
	ck_assert_uint_eq(json_object_size(persona.demographics), 2);
	persona_release(&persona);
	(void)read_ok(&persona,
		      "{'age':'34-39','demographics':{'age_range':'x'},'age_range':'y','name':'A','background':'b'}");
	ck_assert_uint_eq(json_array_size(json_object_get(persona.extra, "age_range")), 2);
	persona_release(&persona);
}
END_TEST

/* ---- Refusals -------------------------------------------------------- */

static const struct {
	const char *text, *reason;
} refusals[] = {
	{ "[]", "a persona is a JSON object" },
	{ "'A'", "a persona is a JSON object" },
	{ "null", "a persona is a JSON object" },
	{ "{}", "a persona without a name" },
	{ "{'background':'b'}", "a persona without a name" },
	{ "{'name':' ','background':'b'}", "a persona without a name" },
	{ "{'name':'\\u0001','background':'b'}", "a persona without a name" },
	{ "{'name':{'first':'A'},'background':'b'}", "a persona without a name" },
	{ "{'name':'A'}", "a persona with neither a goal nor a frustration nor a background: A" },
	{ "{'name':'A','motivations':['m'],'quotes':['q'],'behaviours':['b'],'age':3}",
	  "a persona with neither a goal nor a frustration nor a background: A" },
	{ "{'name':'A','goals':[''],'background':null}",
	  "a persona with neither a goal nor a frustration nor a background: A" },
};

START_TEST(reading_refuses)
{
	struct persona_error err = { 0 };
	json_t *value = parse(refusals[_i].text);
	struct persona persona;
	unsigned notes = 99;

	ck_assert_int_eq(persona_from_json(&persona, value, &notes, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_FORMAT);
	ck_assert_str_eq(err.text, refusals[_i].reason);
	ck_assert_uint_eq(notes, 0);
	/* Empty: nothing to release, and releasing does no harm. */
	ck_assert_ptr_null(persona.name);
	ck_assert_ptr_null(persona.lists[PERSONA_GOALS].items);
	persona_release(&persona);
	ck_assert_int_eq(persona_from_json(&persona, value, NULL, NULL), -1);
	json_decref(value);
}
END_TEST

START_TEST(each_of_three_is_enough)
{
	static const char *const enough[] = { "'goals':['x']", "'frustrations':['x']", "'background':'x'" };
	char text[100];

	for (size_t i = 0; i < 3; i++) {
		struct persona persona;

		snprintf(text, sizeof text, "{'name':'A',%s}", enough[i]);
		(void)read_ok(&persona, text);
		persona_release(&persona);
	}
}
END_TEST

/* `len` letters as a JSON text. */
static json_t *letters(size_t len)
{
	char *text = malloc(len + 1);
	json_t *value;

	memset(text, 'x', len);
	text[len] = '\0';
	value = json_string(text);
	free(text);
	return value;
}

static void try_member(const char *key, json_t *member, const char *reason)
{
	json_t *value = json_pack("{s:s, s:s, s:o}", "name", "A", "occupation", "o", key, member);
	struct persona_error err = { 0 };
	struct persona persona;
	int rc;

	if (strcmp(key, "background") != 0)
		ck_assert_int_eq(json_object_set_new(value, "background", json_string("b")), 0);
	rc = persona_from_json(&persona, value, NULL, &err);
	if (reason) {
		ck_assert_int_eq(rc, -1);
		ck_assert_int_eq(err.code, PERSONA_E_FORMAT);
		ck_assert_msg(strncmp(err.text, reason, strlen(reason)) == 0, "%s", err.text);
	} else {
		ck_assert_msg(rc == 0, "%s", err.text);
	}
	persona_release(&persona);
	json_decref(value);
}

START_TEST(sizes_have_bounds)
{
	json_t *list;

	try_member("background", letters(PERSONA_TEXT_MAX), NULL);
	try_member("background", letters(PERSONA_TEXT_MAX + 1), "background: ");
	try_member("bio", letters(10), NULL);
	try_member("goals", json_pack("[o]", letters(PERSONA_TEXT_MAX)), NULL);
	try_member("painPoints", json_pack("[s, o]", "x", letters(PERSONA_TEXT_MAX + 1)), "frustrations: ");
	/* Joined with "; ", two halves are too much by one. */
	try_member("refinement_notes",
		   json_pack("[o, o]", letters(PERSONA_TEXT_MAX / 2), letters(PERSONA_TEXT_MAX / 2 - 2)), NULL);
	try_member("refinement_notes",
		   json_pack("[o, o]", letters(PERSONA_TEXT_MAX / 2), letters(PERSONA_TEXT_MAX / 2 - 1)),
		   "refinement_notes: ");
	/* What nobody knows is nobody's field. */
	try_member("diary", letters(3 * PERSONA_TEXT_MAX), NULL);

	list = json_array();
	for (int i = 0; i < PERSONA_LIST_MAX; i++)
		ck_assert_int_eq(json_array_append_new(list, json_string("x")), 0);
	try_member("quotes", json_incref(list), NULL);
	ck_assert_int_eq(json_array_append_new(list, json_string("x")), 0);
	try_member("quotes", list, "quotes: more than 1000 items");
}
END_TEST

START_TEST(deep_values_are_no_danger)
{
	json_t *deep = json_pack("[s]", "x");

	for (int i = 0; i < 2000; i++)
		deep = json_pack("[o]", deep);
	try_member("tree", json_incref(deep), NULL);
	try_member("demographics", json_incref(deep), NULL);
	for (int i = 0; i < 2000; i++)
		deep = json_pack("[o]", deep);
	try_member("tree", json_incref(deep), "JSON nested");
	try_member("goals", deep, "goals: JSON nested");
}
END_TEST

/* The value that was read from stays the caller's. */
START_TEST(nothing_is_shared_with_the_input)
{
	json_t *value = parse("{'name':'A','background':'b','demographics':{'country':'SE'},'zeal':{'x':1}}");
	struct persona_error err = { 0 };
	struct persona persona;

	ck_assert_int_eq(persona_from_json(&persona, value, NULL, &err), 0);
	ck_assert_int_eq(json_object_clear(json_object_get(value, "zeal")), 0);
	ck_assert_int_eq(json_object_clear(json_object_get(value, "demographics")), 0);
	json_decref(value);
	ck_assert_uint_eq(json_object_size(json_object_get(persona.extra, "zeal")), 1);
	ck_assert_str_eq(json_string_value(json_object_get(persona.demographics, "country")), "SE");
	persona_release(&persona);
}
END_TEST

/* ---- Evidence -------------------------------------------------------- */

#define BODY "'name':'A','goals':['Ship faster','Learn'],'quotes':['I\\u2019m  slow, \\\"really\\\".','Learn']"

/* Evidence as given; "field position locator|" for each that is taken; what extra keeps. */
static const struct {
	const char *given, *taken, *kept;
} evidences[] = {
	{ "[{'field':'goals','item':'Learn','records':['a.csv:1','a.csv:2']}]", "goals 1 a.csv:1|goals 1 a.csv:2|",
	  NULL },
	{ "{'Ship faster':['a.csv:1'],'Learn':'a.csv:2'}", "goals 0 a.csv:1|goals 1 a.csv:2|", NULL },
	{ "[{'item':'Ship faster','record':'a.csv:1'},{'claim':'Learn','sources':['b']},{'text':'Learn','source':3}]",
	  "goals 0 a.csv:1|goals 1 b|goals 1 3|", NULL },
	{ "{'field':'quotes','item':'Learn','records':['x']}", "quotes 1 x|", NULL },
	{ "[{'Ship faster':['a']},{'Learn':['b']}]", "goals 0 a|goals 1 b|", NULL },
	{ "{'goals':{'Learn':['a']},'quotes':{'Learn':['b']}}", "goals 1 a|quotes 1 b|", NULL },
	/* Found though case, space and punctuation differ. */
	{ "[{'field':'quotes','item':'i\\u2019m slow - REALLY','records':['a']}]", "quotes 0 a|", NULL },
	{ "[{'item':'  ship FASTER!  ','records':['a']}]", "goals 0 a|", NULL },
	/*
	 * The same words in the field that is named go before the same bytes elsewhere; the same bytes before the same
	 * words.
	 */
	{ "[{'field':'quotes','item':'Ship faster','records':['a']}]", "goals 0 a|", NULL },
	{ "[{'field':'quotes','item':'LEARN','records':['a']},{'field':'goals','item':'learn.','records':['b']}]",
	  "quotes 1 a|goals 1 b|", NULL },
	/* A field that is another's name, unknown or wrong is a hint that fails. */
	{ "[{'field':'objectives','item':'Learn','records':['a']}]", "goals 1 a|", NULL },
	{ "[{'field':'frustrations','item':'Learn','records':['a']}]", "goals 1 a|", NULL },
	{ "[{'field':'name','item':'Learn','records':['a']}]", "goals 1 a|", NULL },
	{ "[{'field':7,'item':'Learn','records':['a']}]", "goals 1 a|", NULL },
	/* The same twice is once; locators are cleaned. */
	{ "[{'item':'Learn','records':['a',' a ','a\\u0007']}]", "goals 1 a|", NULL },
	{ "[{'item':'Learn','records':[{'record':'a'},{'id':'b'}]}]", "goals 1 a|goals 1 b|", NULL },
	/* What fits nothing stays. */
	{ "[{'item':'Fly','records':['a']}]", "", "[{'item':'Fly','records':['a']}]" },
	{ "{'Fly':['a'],'Learn':['b']}", "goals 1 b|", "[{'Fly':['a']}]" },
	{ "['a.csv:1',{'item':'Learn','records':['b']},7]", "goals 1 b|", "['a.csv:1',7]" },
	{ "{'goals':{'Fly':['a'],'Learn':['b']}}", "goals 1 b|", "[{'field':'goals','item':'Fly','records':['a']}]" },
	{ "'see the interviews'", "", "['see the interviews']" },
	{ "[{'item':'Learn'}]", "", "[{'item':'Learn'}]" },
	{ "[{'item':'Learn','records':['a',true]}]", "goals 1 a|", "[{'item':'Learn','records':['a',true]}]" },
	{ "[{'item':'!!!','records':['a']}]", "", "[{'item':'!!!','records':['a']}]" },
	{ "[{'item':{'x':1},'records':['a']}]", "", "[{'item':{'x':1},'records':['a']}]" },
	{ "[null,{},[]]", "", NULL },
};

START_TEST(evidence_is_taken)
{
	struct persona_error err = { 0 };
	struct persona persona;
	struct persona_buf taken;
	unsigned notes;
	char text[400];

	snprintf(text, sizeof text, "{" BODY ",'evidence':%s}", evidences[_i].given);
	notes = read_ok(&persona, text);
	persona_buf_init(&taken, 1000);
	for (size_t i = 0; i < persona.evidence_len; i++) {
		const struct persona_evidence *it = &persona.evidence[i];

		ck_assert_int_eq(it->strength, PERSONA_STRENGTH_CITED);
		ck_assert_int_eq(it->record_id, 0);
		ck_assert_ptr_null(it->excerpt);
		ck_assert_int_eq(persona_buf_addf(&taken, &err, "%s %zu %s|", persona_list_field(it->field)->name,
						  it->position, it->locator),
				 0);
	}
	ck_assert_str_eq(taken.data, evidences[_i].taken);
	persona_buf_release(&taken);
	if (evidences[_i].kept) {
		json_t *kept = parse(evidences[_i].kept);

		ck_assert(json_equal(json_object_get(persona.extra, "evidence"), kept));
		ck_assert_uint_ne(notes & PERSONA_NOTE_DROPPED, 0);
		json_decref(kept);
	} else {
		ck_assert_ptr_null(persona.extra);
		ck_assert_uint_eq(notes & PERSONA_NOTE_DROPPED, 0);
	}
	persona_release(&persona);
}
END_TEST

/* A model may say "verbatim"; that is for the checker to say. */
START_TEST(claimed_strength_is_not_believed)
{
	struct persona persona;

	(void)read_ok(&persona,
		      "{" BODY ",'evidence':[{'field':'goals','item':'Learn','record':'a','strength':'verbatim',"
		      "'excerpt':'made up'}]}");
	ck_assert_uint_eq(persona.evidence_len, 1);
	ck_assert_int_eq(persona.evidence[0].strength, PERSONA_STRENGTH_CITED);
	ck_assert_ptr_null(persona.evidence[0].excerpt);
	persona_release(&persona);
}
END_TEST

/* Of three that mean the same: the field that is named, then the same bytes, then the position. */
START_TEST(evidence_prefers)
{
	static const struct {
		const char *item, *hint;
		enum persona_list_field field;
		size_t position;
	} cases[] = {
		{ "Ask first", "", PERSONA_GOALS, 1 },
		{ "Ask first", ",'position':2", PERSONA_GOALS, 2 },
		{ "ask first", "", PERSONA_GOALS, 0 },
		{ "ask first", ",'field':'quotes'", PERSONA_QUOTES, 0 },
		{ "Ask first", ",'field':'quotes'", PERSONA_QUOTES, 0 },
		{ "ASK FIRST", "", PERSONA_GOALS, 0 },
		{ "ASK FIRST", ",'position':2", PERSONA_GOALS, 2 },
		{ "ASK FIRST", ",'position':2,'field':'quotes'", PERSONA_QUOTES, 0 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct persona persona;
		char text[400];

		snprintf(text, sizeof text,
			 "{'name':'A','goals':['ask first','Ask first','Ask first'],'quotes':['Ask first!'],"
			 "'evidence':[{'item':'%s','record':'r'%s}]}",
			 cases[i].item, cases[i].hint);
		(void)read_ok(&persona, text);
		ck_assert_uint_eq(persona.evidence_len, 1);
		ck_assert_msg(persona.evidence[0].field == cases[i].field &&
				      persona.evidence[0].position == cases[i].position,
			      "case %zu: %zu", i, persona.evidence[0].position);
		persona_release(&persona);
	}
}
END_TEST

START_TEST(evidence_has_a_bound)
{
	json_t *pieces = json_array();

	for (int i = 0; i < PERSONA_EVIDENCE_MAX; i++)
		ck_assert_int_eq(json_array_append_new(pieces, json_pack("{s:s, s:s}", "item", "none", "record", "a")),
				 0);
	try_member("evidence", json_incref(pieces), NULL);
	ck_assert_int_eq(json_array_append_new(pieces, json_pack("{s:s, s:s}", "item", "none", "record", "a")), 0);
	try_member("evidence", pieces, "evidence: more than 10000 pieces");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("read");
	TCase *t = tcase_create("fields");

	tcase_add_loop_test(t, reading_gives, 0, sizeof readings / sizeof *readings);
	tcase_add_loop_test(t, age_is, 0, sizeof ages / sizeof *ages);
	tcase_add_test(t, a_range_does_not_push_out_another);
	tcase_add_test(t, nothing_is_shared_with_the_input);
	suite_add_tcase(s, t);
	t = tcase_create("refusals");
	tcase_add_loop_test(t, reading_refuses, 0, sizeof refusals / sizeof *refusals);
	tcase_add_test(t, each_of_three_is_enough);
	tcase_add_test(t, sizes_have_bounds);
	tcase_add_test(t, deep_values_are_no_danger);
	suite_add_tcase(s, t);
	t = tcase_create("evidence");
	tcase_add_loop_test(t, evidence_is_taken, 0, sizeof evidences / sizeof *evidences);
	tcase_add_test(t, claimed_strength_is_not_believed);
	tcase_add_test(t, evidence_prefers);
	tcase_add_test(t, evidence_has_a_bound);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	SRunner *runner = srunner_create(suite());
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
