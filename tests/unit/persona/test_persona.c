/* The record itself: copies, removal, writing and reading back, hash, schema, table. */
#include <check.h>

#include "persona/json.h"
#include "persona/persona.h"
#include "private.h"

static void set(char **slot, const char *text)
{
	struct persona_error err = { 0 };

	ck_assert_int_eq(persona_set_text(slot, text, &err), 0);
}

static void add(struct persona *persona, enum persona_list_field field, const char *text)
{
	struct persona_error err = { 0 };

	ck_assert_int_eq(persona_list_add(&persona->lists[field], text, strlen(text), &err), 0);
}

static void support(struct persona *persona, enum persona_list_field field, size_t position, const char *locator)
{
	struct persona_error err = { 0 };

	ck_assert_int_eq(
		persona_evidence_add(persona, field, position, locator, 5, PERSONA_STRENGTH_CLOSE, "bytes", &err), 0);
}

static void hash(const struct persona *persona, char hex[PERSONA_HASH_HEX])
{
	struct persona_error err = { 0 };

	ck_assert_msg(persona_content_hash(persona, hex, &err) == 0, "%s", err.text);
}

static json_t *write_json(const struct persona *persona)
{
	struct persona_error err = { 0 };
	json_t *value;

	ck_assert_msg(persona_to_json(&value, persona, &err) == 0, "%s", err.text);
	return value;
}

/* ---- Random personas ------------------------------------------------- */

static uint64_t draw(uint64_t *state, uint64_t below)
{
	++*state;
	return persona_mix64(23, state, sizeof *state) % below;
}

static const char *const fragments[] = { "a",  "goal", "Ship faster", "\xC3\xA9t\xC3\xA9", "\"q\"", "\\", "\n",
					 ", ", ".",    "don't",	      "\xF0\x9F\x98\x80",  "  ",    "0",  "}",
					 "['" };

/* A text that reading leaves as it is: clean, no space at the ends, not empty. */
static void draw_text(uint64_t *state, char *text, size_t size)
{
	size_t len = (size_t)snprintf(text, size, "t%llu", (unsigned long long)draw(state, 4));

	for (uint64_t parts = draw(state, 5); parts > 0; parts--)
		len += (size_t)snprintf(text + len, size - len, "%s",
					fragments[draw(state, sizeof fragments / sizeof *fragments)]);
	snprintf(text + len, size - len, "%s", "z");
}

static json_t *draw_value(uint64_t *state, int depth)
{
	char text[100];
	json_t *value;

	switch (draw(state, depth > 3 ? 4 : 6)) {
	case 0:
		return json_integer((json_int_t)draw(state, 1000) - 500);
	case 1:
		return json_real((double)draw(state, 1000) / 7);
	case 2:
		return json_boolean(draw(state, 2));
	case 3:
		draw_text(state, text, sizeof text);
		return json_string(text);
	case 4:
		value = json_array();
		for (uint64_t n = draw(state, 4); n > 0; n--)
			ck_assert_int_eq(json_array_append_new(value, draw_value(state, depth + 1)), 0);
		return value;
	default:
		value = json_object();
		for (uint64_t n = draw(state, 4); n > 0; n--) {
			draw_text(state, text, sizeof text);
			ck_assert_int_eq(json_object_set_new(value, text, draw_value(state, depth + 1)), 0);
		}
		return value;
	}
}

/* An object whose keys are no field's and whose values say something; NULL now and then. */
static json_t *draw_object(uint64_t *state)
{
	json_t *object;
	char key[110], text[100];

	if (!draw(state, 3))
		return NULL;
	object = json_object();
	for (uint64_t n = 1 + draw(state, 4); n > 0; n--) {
		draw_text(state, text, sizeof text);
		snprintf(key, sizeof key, "x %s", text);
		ck_assert_int_eq(json_object_set_new(object, key, json_pack("[s, o]", "x", draw_value(state, 0))), 0);
	}
	return object;
}

static bool has_evidence(const struct persona *persona, enum persona_list_field field, size_t position,
			 const char *locator)
{
	for (size_t i = 0; i < persona->evidence_len; i++)
		if (persona->evidence[i].field == field && persona->evidence[i].position == position &&
		    !strcmp(persona->evidence[i].locator, locator))
			return true;
	return false;
}

static void draw_persona(uint64_t *state, struct persona *persona)
{
	char text[200];

	persona_init(persona);
	for (const struct persona_field *field = persona_fields; field->name; field++)
		if (field->type == PERSONA_FIELD_TEXT && (field->required || draw(state, 3))) {
			draw_text(state, text, sizeof text);
			set(text_slot(persona, field), text);
		}
	if (draw(state, 3))
		persona->age = (int64_t)draw(state, 131);
	persona->demographics = draw_object(state);
	persona->extra = draw_object(state);
	for (int field = 0; field < PERSONA_LIST_FIELDS; field++) {
		struct persona_list *list = &persona->lists[field];

		for (uint64_t n = draw(state, 6) + (field == PERSONA_GOALS); n > 0; n--) {
			draw_text(state, text, sizeof text);
			add(persona, (enum persona_list_field)field, text);
		}
		for (uint64_t n = list->len ? draw(state, 5) : 0; n > 0; n--) {
			size_t position = draw(state, list->len);

			draw_text(state, text, sizeof text);
			if (!has_evidence(persona, (enum persona_list_field)field, position, text))
				support(persona, (enum persona_list_field)field, position, text);
		}
	}
}

static void assert_same(const struct persona *a, const struct persona *b)
{
	for (const struct persona_field *field = persona_fields; field->name; field++) {
		if (field->type == PERSONA_FIELD_TEXT)
			ck_assert_pstr_eq(*text_slot(a, field), *text_slot(b, field));
		if (field->type == PERSONA_FIELD_INTEGER)
			ck_assert_int_eq(*integer_slot(a, field), *integer_slot(b, field));
		if (field->type == PERSONA_FIELD_OBJECT && *object_slot(a, field))
			ck_assert(json_equal(*object_slot(a, field), *object_slot(b, field)));
		if (field->type == PERSONA_FIELD_OBJECT && !*object_slot(a, field))
			ck_assert_ptr_null(*object_slot(b, field));
		if (field->type != PERSONA_FIELD_LIST)
			continue;
		ck_assert_uint_eq(a->lists[field->list].len, b->lists[field->list].len);
		for (size_t i = 0; i < a->lists[field->list].len; i++)
			ck_assert_str_eq(a->lists[field->list].items[i], b->lists[field->list].items[i]);
	}
	ck_assert((a->extra && json_equal(a->extra, b->extra)) || (!a->extra && !b->extra));
	ck_assert_uint_eq(a->evidence_len, b->evidence_len);
	for (size_t i = 0; i < a->evidence_len; i++) {
		ck_assert_int_eq(a->evidence[i].field, b->evidence[i].field);
		ck_assert_uint_eq(a->evidence[i].position, b->evidence[i].position);
		ck_assert_str_eq(a->evidence[i].locator, b->evidence[i].locator);
	}
}

START_TEST(what_is_written_reads_back)
{
	uint64_t state = 1;

	for (int round = 0; round < 500; round++) {
		struct persona_error err = { 0 };
		struct persona drawn, back, copy;
		char one[PERSONA_HASH_HEX], two[PERSONA_HASH_HEX], *line;
		json_t *value, *again;
		unsigned notes;

		draw_persona(&state, &drawn);
		value = write_json(&drawn);
		/* By way of text, as it goes through files. */
		line = json_dumps(value, 0);
		ck_assert_int_eq(persona_json_parse_strict(&again, line, strlen(line), &err), 0);
		ck_assert_msg(persona_from_json(&back, again, &notes, &err) == 0, "%s: %s", err.text, line);
		ck_assert_uint_eq(notes & ~(unsigned)PERSONA_NOTE_EXTRA, 0);
		assert_same(&drawn, &back);
		hash(&drawn, one);
		hash(&back, two);
		ck_assert_str_eq(one, two);
		ck_assert_int_eq(persona_copy(&copy, &drawn, &err), 0);
		assert_same(&drawn, &copy);
		for (size_t i = 0; i < copy.evidence_len; i++) {
			ck_assert_int_eq(copy.evidence[i].strength, PERSONA_STRENGTH_CLOSE);
			ck_assert_int_eq(copy.evidence[i].record_id, 5);
			ck_assert_str_eq(copy.evidence[i].excerpt, "bytes");
			ck_assert_int_eq(back.evidence[i].strength, PERSONA_STRENGTH_CITED);
		}
		free(line);
		json_decref(value);
		json_decref(again);
		persona_release(&drawn);
		persona_release(&back);
		persona_release(&copy);
	}
}
END_TEST

/* What could not be used is written where it stood, and the second reading is as the first. */
START_TEST(leftovers_read_back_too)
{
	static const char *const texts[] = {
		"{\"name\":\"A\",\"background\":\"b\",\"age\":\"mid-thirties\",\"role\":{\"x\":1},\"Role\":\"r\"}",
		"{\"name\":\"A\",\"goals\":[{\"text\":\"g\",\"why\":1}],\"evidence\":{\"nope\":[\"a\"],\"g\":[\"b\","
		"true]}}",
		"{\"name\":\"A\",\"goals\":\"g\",\"evidence\":[1,{\"item\":\"G!\",\"records\":[\"b\",{}]},\"x\"],"
		"\"Evidence\":2}",
		"{\"name\":\"A\",\"goals\":\"g\",\"age\":\"30-35\",\"demographics\":{\"age_range\":\"x\"},\"title\":"
		"\"t\",\"job\":\"j\"}",
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct persona_error err = { 0 };
		struct persona first, second;
		json_t *value, *written;

		ck_assert_int_eq(persona_json_parse_strict(&value, texts[i], strlen(texts[i]), &err), 0);
		ck_assert_int_eq(persona_from_json(&first, value, NULL, &err), 0);
		written = write_json(&first);
		ck_assert_int_eq(persona_from_json(&second, written, NULL, &err), 0);
		assert_same(&first, &second);
		json_decref(written);
		json_decref(value);
		persona_release(&first);
		persona_release(&second);
	}
}
END_TEST

static void small_persona(struct persona *persona)
{
	persona_init(persona);
	set(&persona->name, "Ada");
	add(persona, PERSONA_GOALS, "one");
	add(persona, PERSONA_GOALS, "two");
	add(persona, PERSONA_GOALS, "three");
	add(persona, PERSONA_QUOTES, "one");
	support(persona, PERSONA_GOALS, 0, "r0");
	support(persona, PERSONA_GOALS, 1, "r1");
	support(persona, PERSONA_GOALS, 2, "r2");
	support(persona, PERSONA_QUOTES, 0, "q0");
	support(persona, PERSONA_GOALS, 1, "r1b");
}

START_TEST(json_has_the_order_of_the_table)
{
	static const char wanted[] = "{\"name\": \"Ada\", \"age\": 40, \"goals\": [\"one\", \"two\", \"two\"], "
				     "\"demographics\": {\"country\": \"SE\"}, "
				     "\"evidence\": [{\"field\": \"goals\", \"item\": \"one\", \"record\": \"r\", "
				     "\"strength\": \"close\", \"excerpt\": \"bytes\"}, "
				     "{\"field\": \"goals\", \"item\": \"two\", \"record\": \"s\", \"strength\": "
				     "\"close\", \"position\": 2, \"excerpt\": \"bytes\"}], "
				     "\"a\": 1}";
	struct persona persona;
	json_t *value;
	char *line;

	persona_init(&persona);
	persona.extra = json_pack("{s:i, s:s}", "a", 1, "name", "hidden by the field");
	persona.demographics = json_pack("{s:s}", "country", "SE");
	set(&persona.name, "Ada");
	set(&persona.background, "");
	persona.age = 40;
	add(&persona, PERSONA_GOALS, "one");
	add(&persona, PERSONA_GOALS, "two");
	add(&persona, PERSONA_GOALS, "two");
	support(&persona, PERSONA_GOALS, 0, "r");
	support(&persona, PERSONA_GOALS, 2, "s");
	value = write_json(&persona);
	line = json_dumps(value, 0);
	ck_assert_str_eq(line, wanted);
	free(line);
	json_decref(value);
	persona_release(&persona);
}
END_TEST

START_TEST(what_is_not_utf8_is_not_written)
{
	struct persona_error err = { 0 };
	char hex[PERSONA_HASH_HEX];
	struct persona persona;
	json_t *value;

	small_persona(&persona);
	set(&persona.background, "\xFF");
	ck_assert_int_eq(persona_to_json(&value, &persona, &err), -1);
	ck_assert_ptr_null(value);
	ck_assert_int_eq(err.code, PERSONA_E_FORMAT);
	ck_assert_ptr_nonnull(strstr(err.text, "background"));
	ck_assert_int_eq(persona_content_hash(&persona, hex, &err), -1);
	set(&persona.background, NULL);
	/* Evidence for an item that is not there. */
	support(&persona, PERSONA_MOTIVATIONS, 0, "r");
	ck_assert_int_eq(persona_to_json(&value, &persona, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_FORMAT);
	persona_release(&persona);
}
END_TEST

/* ---- Editing --------------------------------------------------------- */

START_TEST(remove_item_moves_evidence)
{
	struct persona persona;

	small_persona(&persona);
	persona_remove_item(&persona, PERSONA_GOALS, 1);
	ck_assert_uint_eq(persona.lists[PERSONA_GOALS].len, 2);
	ck_assert_str_eq(persona.lists[PERSONA_GOALS].items[0], "one");
	ck_assert_str_eq(persona.lists[PERSONA_GOALS].items[1], "three");
	ck_assert_uint_eq(persona.evidence_len, 3);
	ck_assert_str_eq(persona.evidence[0].locator, "r0");
	ck_assert_uint_eq(persona.evidence[0].position, 0);
	ck_assert_str_eq(persona.evidence[1].locator, "r2");
	ck_assert_uint_eq(persona.evidence[1].position, 1);
	ck_assert_str_eq(persona.evidence[2].locator, "q0");
	ck_assert_uint_eq(persona.evidence[2].position, 0);
	/* Behind the end nothing happens. */
	persona_remove_item(&persona, PERSONA_GOALS, 2);
	ck_assert_uint_eq(persona.lists[PERSONA_GOALS].len, 2);
	persona_remove_item(&persona, PERSONA_GOALS, 1);
	persona_remove_item(&persona, PERSONA_GOALS, 0);
	ck_assert_uint_eq(persona.lists[PERSONA_GOALS].len, 0);
	ck_assert_uint_eq(persona.evidence_len, 1);
	persona_remove_item(&persona, PERSONA_MOTIVATIONS, 0);
	persona_release(&persona);
}
END_TEST

START_TEST(set_text_replaces_and_clears)
{
	struct persona_error err = { 0 };
	char *slot = NULL, *big = malloc(PERSONA_TEXT_MAX + 2);

	set(&slot, "one");
	set(&slot, "two");
	ck_assert_str_eq(slot, "two");
	memset(big, 'x', PERSONA_TEXT_MAX + 1);
	big[PERSONA_TEXT_MAX + 1] = '\0';
	ck_assert_int_eq(persona_set_text(&slot, big, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_FORMAT);
	ck_assert_str_eq(slot, "two");
	big[PERSONA_TEXT_MAX] = '\0';
	set(&slot, big);
	ck_assert_uint_eq(strlen(slot), PERSONA_TEXT_MAX);
	set(&slot, NULL);
	ck_assert_ptr_null(slot);
	free(big);
}
END_TEST

START_TEST(lists_and_evidence_have_bounds)
{
	char *big = calloc(1, PERSONA_TEXT_MAX + 1);
	struct persona_error err = { 0 };
	struct persona persona;

	small_persona(&persona);
	memset(big, 'x', PERSONA_TEXT_MAX + 1);
	ck_assert_int_eq(persona_list_add(&persona.lists[PERSONA_QUOTES], big, PERSONA_TEXT_MAX + 1, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_FORMAT);
	ck_assert_int_eq(persona_list_add(&persona.lists[PERSONA_QUOTES], big, PERSONA_TEXT_MAX, &err), 0);
	while (persona.lists[PERSONA_QUOTES].len < PERSONA_LIST_MAX)
		add(&persona, PERSONA_QUOTES, "x");
	err.code = PERSONA_OK;
	ck_assert_int_eq(persona_list_add(&persona.lists[PERSONA_QUOTES], "x", 1, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_FORMAT);
	ck_assert_uint_eq(persona.lists[PERSONA_QUOTES].len, PERSONA_LIST_MAX);
	while (persona.evidence_len < PERSONA_EVIDENCE_MAX)
		support(&persona, PERSONA_GOALS, 0, "x");
	ck_assert_int_eq(persona_evidence_add(&persona, PERSONA_GOALS, 0, "x", 0, PERSONA_STRENGTH_CITED, NULL, &err),
			 -1);
	persona_release(&persona);
	free(big);
}
END_TEST

START_TEST(copy_shares_nothing)
{
	struct persona_error err = { 0 };
	struct persona persona, copy;

	small_persona(&persona);
	persona.extra = json_pack("{s:[i]}", "x", 1);
	ck_assert_int_eq(persona_copy(&copy, &persona, &err), 0);
	ck_assert_int_eq(json_array_clear(json_object_get(persona.extra, "x")), 0);
	persona_release(&persona);
	ck_assert_str_eq(copy.name, "Ada");
	ck_assert_uint_eq(json_array_size(json_object_get(copy.extra, "x")), 1);
	ck_assert_str_eq(copy.evidence[4].locator, "r1b");
	persona_release(&copy);
	ck_assert_int_eq(copy.age, PERSONA_UNKNOWN);
	ck_assert_ptr_null(copy.name);
}
END_TEST

/* ---- Identity -------------------------------------------------------- */

START_TEST(hash_is_of_content)
{
	char before[PERSONA_HASH_HEX], after[PERSONA_HASH_HEX];
	struct persona persona;

	small_persona(&persona);
	hash(&persona, before);
	ck_assert_uint_eq(strspn(before, "0123456789abcdef"), 64);
	/* What was found out about evidence, and its order, is not content. */
	persona.evidence[0].strength = PERSONA_STRENGTH_NONE;
	persona.evidence[1].record_id = 77;
	persona.evidence[2].excerpt[0] = 'X';
	struct persona_evidence first = persona.evidence[0];
	persona.evidence[0] = persona.evidence[4];
	persona.evidence[4] = first;
	persona.demographics = json_object();
	persona.extra = json_object();
	set(&persona.occupation, "");
	hash(&persona, after);
	ck_assert_str_eq(before, after);
	support(&persona, PERSONA_GOALS, 0, "r0");
	hash(&persona, after);
	ck_assert_str_eq(before, after);
	persona_release(&persona);
}
END_TEST

static void change(struct persona *persona, int how)
{
	switch (how) {
	case 0:
		set(&persona->name, "Bea");
		break;
	case 1:
		persona->age = 0;
		break;
	case 2:
		set(&persona->background, "one");
		break;
	case 3:
		add(persona, PERSONA_GOALS, "four");
		break;
	case 4:
		persona_remove_item(persona, PERSONA_QUOTES, 0);
		break;
	case 5:
		persona->evidence[0].locator[0] = 'x';
		break;
	case 6:
		persona->evidence[0].position = 1;
		break;
	case 7:
		persona->evidence[0].field = PERSONA_QUOTES;
		break;
	case 8:
		persona->demographics = json_pack("{s:i}", "x", 1);
		break;
	case 9:
		persona->extra = json_pack("{s:i}", "x", 1);
		break;
	case 10:
		persona->extra = json_pack("{s:s}", "background", "one");
		break;
	default:
		set(&persona->refinement_notes, "one");
		break;
	}
}

START_TEST(hash_tells_every_difference)
{
	char seen[13][PERSONA_HASH_HEX];

	for (int how = -1; how < 12; how++) {
		struct persona persona;

		small_persona(&persona);
		if (how >= 0)
			change(&persona, how);
		hash(&persona, seen[how + 1]);
		for (int other = 0; other <= how; other++)
			ck_assert_msg(strcmp(seen[other], seen[how + 1]) != 0, "%d and %d", other - 1, how);
		persona_release(&persona);
	}
}
END_TEST

/* ---- Schema and table ------------------------------------------------ */

/* Every object closed and every property required, as strict modes want it. */
static void assert_closed(const json_t *schema)
{
	const json_t *properties = json_object_get(schema, "properties"),
		     *required = json_object_get(schema, "required");
	const char *key;
	json_t *value;
	size_t i = 0;

	if (json_is_object(properties)) {
		ck_assert(json_is_false(json_object_get(schema, "additionalProperties")));
		ck_assert_uint_eq(json_array_size(required), json_object_size(properties));
		json_object_foreach((json_t *)(uintptr_t)properties, key, value) {
			ck_assert_str_eq(json_string_value(json_array_get(required, i++)), key);
			ck_assert_ptr_nonnull(json_object_get(value, "type"));
			assert_closed(value);
		}
	}
	if (json_object_get(schema, "items"))
		assert_closed(json_object_get(schema, "items"));
	/* Not all providers take these. */
	ck_assert_ptr_null(json_object_get(schema, "minimum"));
	ck_assert_ptr_null(json_object_get(schema, "$schema"));
}

START_TEST(schema_is_closed_and_whole)
{
	struct persona_error err = { 0 };
	json_t *schema, *properties, *piece, *lists;

	ck_assert_int_eq(persona_schema(&schema, &err), 0);
	assert_closed(schema);
	properties = json_object_get(schema, "properties");
	for (const struct persona_field *field = persona_fields; field->name; field++)
		ck_assert_int_eq(json_object_get(properties, field->name) != NULL,
				 field->type != PERSONA_FIELD_DERIVED);
	ck_assert_str_eq(json_string_value(json_object_get(json_object_get(properties, "name"), "type")), "string");
	ck_assert_str_eq(
		json_string_value(json_array_get(json_object_get(json_object_get(properties, "age"), "type"), 1)),
		"null");
	piece = json_object_get(json_object_get(properties, "evidence"), "items");
	lists = json_object_get(json_object_get(json_object_get(piece, "properties"), "field"), "enum");
	ck_assert_uint_eq(json_array_size(lists), PERSONA_LIST_FIELDS);
	ck_assert_str_eq(json_string_value(json_array_get(lists, PERSONA_QUOTES)), "quotes");
	ck_assert_ptr_nonnull(json_object_get(json_object_get(piece, "properties"), "records"));
	json_decref(schema);
}
END_TEST

/* An answer that follows the schema to the letter is read without a remark. */
START_TEST(an_answer_by_the_schema_reads_clean)
{
	json_t *value = json_pack(
		"{s:s, s:n, s:n, s:n, s:[s], s:[], s:[], s:[], s:[], s:{s:s, s:n}, s:n, s:[{s:s, s:s, s:[s]}]}", "name",
		"A", "age", "occupation", "background", "goals", "g", "frustrations", "behaviours", "motivations",
		"quotes", "demographics", "country", "SE", "gender", "refinement_notes", "evidence", "field", "goals",
		"item", "g", "records", "a.csv:1");
	struct persona_error err = { 0 };
	struct persona persona;
	unsigned notes;

	ck_assert_ptr_nonnull(value);
	ck_assert_int_eq(persona_from_json(&persona, value, &notes, &err), 0);
	ck_assert_uint_eq(notes, 0);
	ck_assert_uint_eq(persona.evidence_len, 1);
	ck_assert_uint_eq(json_object_size(persona.demographics), 1);
	persona_release(&persona);
	json_decref(value);
}
END_TEST

START_TEST(no_key_means_two_fields)
{
	for (const struct persona_field *field = persona_fields; field->name; field++) {
		const char *alias = field->aliases;
		unsigned rank = 99;

		ck_assert_ptr_eq(find_field(field->name, &rank), field);
		ck_assert_uint_eq(rank, 0);
		ck_assert_uint_gt(strlen(field->description), 0);
		for (unsigned place = 2; *alias; place++) {
			char key[64];

			snprintf(key, sizeof key, "%.*s", (int)strcspn(alias, " "), alias);
			ck_assert_msg(find_field(key, &rank) == field, "%s is another's", key);
			ck_assert_uint_eq(rank, place);
			alias += strcspn(alias, " ");
			alias += strspn(alias, " ");
		}
	}
	ck_assert_ptr_null(find_field("evidence", NULL));
	ck_assert_ptr_null(find_field("", NULL));
	ck_assert_ptr_null(find_field("nam", NULL));
	ck_assert_ptr_null(find_field("named", NULL));
}
END_TEST

START_TEST(lists_of_the_table)
{
	static const char *const names[] = { "goals", "frustrations", "behaviours", "motivations", "quotes" };
	static const char *const kinds[] = { "goal", "frustration", "behaviour", "motivation", "quote" };

	for (int field = 0; field < PERSONA_LIST_FIELDS; field++) {
		ck_assert_str_eq(persona_list_field((enum persona_list_field)field)->name, names[field]);
		ck_assert_str_eq(persona_list_field((enum persona_list_field)field)->kind, kinds[field]);
	}
	ck_assert_str_eq(persona_strength_name(PERSONA_STRENGTH_NONE), "none");
	ck_assert_str_eq(persona_strength_name(PERSONA_STRENGTH_CITED), "cited");
	ck_assert_str_eq(persona_strength_name(PERSONA_STRENGTH_CLOSE), "close");
	ck_assert_str_eq(persona_strength_name(PERSONA_STRENGTH_VERBATIM), "verbatim");
	ck_assert_str_eq(persona_strength_name((enum persona_strength)9), "none");
}
END_TEST

START_TEST(answers_hold_personas)
{
	struct persona_error err = { 0 };
	struct persona_answer answer;
	struct persona *persona;

	persona_answer_init(&answer);
	for (int i = 0; i < 20; i++) {
		ck_assert_int_eq(persona_answer_add(&answer, &persona, &err), 0);
		ck_assert_int_eq(persona->age, PERSONA_UNKNOWN);
		set(&persona->name, "Ada");
	}
	ck_assert_uint_eq(answer.len, 20);
	ck_assert_str_eq(answer.personas[0].name, "Ada");
	answer.note = strdup("note");
	persona_answer_release(&answer);
	ck_assert_uint_eq(answer.len, 0);
	ck_assert_ptr_null(answer.note);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("persona");
	TCase *t = tcase_create("json");

	tcase_add_test(t, what_is_written_reads_back);
	tcase_add_test(t, leftovers_read_back_too);
	tcase_add_test(t, json_has_the_order_of_the_table);
	tcase_add_test(t, what_is_not_utf8_is_not_written);
	suite_add_tcase(s, t);
	t = tcase_create("editing");
	tcase_add_test(t, remove_item_moves_evidence);
	tcase_add_test(t, set_text_replaces_and_clears);
	tcase_add_test(t, lists_and_evidence_have_bounds);
	tcase_add_test(t, copy_shares_nothing);
	tcase_add_test(t, answers_hold_personas);
	suite_add_tcase(s, t);
	t = tcase_create("identity");
	tcase_add_test(t, hash_is_of_content);
	tcase_add_test(t, hash_tells_every_difference);
	suite_add_tcase(s, t);
	t = tcase_create("schema and table");
	tcase_add_test(t, schema_is_closed_and_whole);
	tcase_add_test(t, an_answer_by_the_schema_reads_clean);
	tcase_add_test(t, no_key_means_two_fields);
	tcase_add_test(t, lists_of_the_table);
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
