/* A revised persona says what changed; the rest is as it was. */
#include "persona/persona.h"
#include "suite.h"

static struct persona_error err;
static struct persona before, after;

static void read_part(struct persona *out, const char *text)
{
	json_t *value = json_loads(text, 0, NULL);

	ck_assert_ptr_nonnull(value);
	ck_assert_msg(persona_part_from_json(out, value, NULL, &err) == 0, "%s", err.text);
	json_decref(value);
}

static void setup(void)
{
	read_part(&before,
		  "{\"name\": \"Ada\", \"age\": 34, \"occupation\": \"nurse\", \"goals\": [\"sleep\", \"rest\"],"
		  " \"quotes\": [\"I am tired.\"], \"demographics\": {\"city\": \"Graz\", \"children\": 2},"
		  " \"shoes\": \"red\", \"evidence\": {\"sleep\": [\"a.csv:2\"], \"rest\": [\"a.csv:3\", \"a.csv:4\"],"
		  " \"I am tired.\": [\"a.csv:5\"]}}");
}

static void teardown(void)
{
	persona_release(&before);
	persona_release(&after);
}

/* The answer of whoever revised it, completed. */
static void complete(const char *text)
{
	read_part(&after, text);
	ck_assert_msg(persona_complete(&after, &before, &err) == 0, "%s", err.text);
}

static void assert_records(enum persona_list_field field, size_t position, const char *expected)
{
	char found[256] = "";
	size_t used = 0;

	for (size_t i = 0; i < after.evidence_len; i++)
		if (after.evidence[i].field == field && after.evidence[i].position == position)
			used += (size_t)snprintf(found + used, sizeof found - used, "%s%s", used ? " " : "",
						 after.evidence[i].locator);
	ck_assert_str_eq(found, expected);
}

START_TEST(nothing_said_is_nothing_changed)
{
	char one[PERSONA_HASH_HEX], two[PERSONA_HASH_HEX];

	complete("{}");
	ck_assert_int_eq(persona_content_hash(&before, one, &err), 0);
	ck_assert_int_eq(persona_content_hash(&after, two, &err), 0);
	ck_assert_str_eq(one, two);
	ck_assert_str_eq(json_string_value(json_object_get(after.extra, "shoes")), "red");
}
END_TEST

START_TEST(what_is_said_stands)
{
	complete("{\"name\": \"Bea\", \"age\": 40, \"background\": \"works at night\", \"demographics\": {\"city\": "
		 "\"Linz\"},"
		 " \"shoes\": \"blue\"}");
	ck_assert_str_eq(after.name, "Bea");
	ck_assert_int_eq(after.age, 40);
	ck_assert_str_eq(after.occupation, "nurse");
	ck_assert_str_eq(after.background, "works at night");
	ck_assert_str_eq(json_string_value(json_object_get(after.demographics, "city")), "Linz");
	ck_assert_int_eq(json_integer_value(json_object_get(after.demographics, "children")), 2);
	ck_assert_str_eq(json_string_value(json_object_get(after.extra, "shoes")), "blue");
	/* The other is what it was. */
	ck_assert_str_eq(json_string_value(json_object_get(before.demographics, "city")), "Graz");
}
END_TEST

START_TEST(a_list_is_replaced_whole_or_kept_whole)
{
	complete("{\"goals\": [\"more pay\", \"rest\", \"sleep\"], \"evidence\": {\"more pay\": [\"a.csv:9\"],"
		 " \"sleep\": [\"a.csv:8\"]}}");
	ck_assert_uint_eq(after.lists[PERSONA_GOALS].len, 3);
	assert_records(PERSONA_GOALS, 0, "a.csv:9");
	/* An old item that names nothing rests on what it rested on; one that does, on that. */
	assert_records(PERSONA_GOALS, 1, "a.csv:3 a.csv:4");
	assert_records(PERSONA_GOALS, 2, "a.csv:8");
	ck_assert_uint_eq(after.lists[PERSONA_QUOTES].len, 1);
	assert_records(PERSONA_QUOTES, 0, "a.csv:5");
}
END_TEST

START_TEST(the_same_item_twice_has_each_its_own)
{
	persona_release(&before);
	read_part(&before, "{\"goals\": [\"rest\", \"rest\"]}");
	ck_assert_int_eq(persona_evidence_add(&before, PERSONA_GOALS, 0, "a", 0, PERSONA_STRENGTH_CITED, NULL, &err),
			 0);
	ck_assert_int_eq(persona_evidence_add(&before, PERSONA_GOALS, 1, "b", 0, PERSONA_STRENGTH_CITED, NULL, &err),
			 0);
	complete("{}");
	assert_records(PERSONA_GOALS, 0, "a");
	assert_records(PERSONA_GOALS, 1, "b");
}
END_TEST

START_TEST(blank_is_without_any_field)
{
	static const char *const said[] = { "{\"name\": \"A\"}", "{\"age\": 0}", "{\"goals\": [\"x\"]}",
					    "{\"demographics\": {\"x\": 1}}", "{\"refinement_notes\": \"none\"}" };
	struct persona persona;

	read_part(&persona, "{\"status\": \"done\", \"goals\": [], \"age\": null, \"name\": \" \"}");
	ck_assert(persona_is_blank(&persona));
	persona_release(&persona);
	for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
		read_part(&persona, said[i]);
		ck_assert_msg(!persona_is_blank(&persona), "%s", said[i]);
		persona_release(&persona);
	}
}
END_TEST

START_TEST(a_part_may_be_what_a_persona_may_not)
{
	json_t *value = json_pack("{s:i}", "age", 3);
	struct persona persona;

	ck_assert_int_eq(persona_part_from_json(&persona, value, NULL, &err), 0);
	persona_release(&persona);
	ck_assert_int_lt(persona_from_json(&persona, value, NULL, &err), 0);
	json_decref(value);
	ck_assert_int_lt(persona_part_from_json(&persona, NULL, NULL, &err), 0);
}
END_TEST

int main(void)
{
	TCase *tests;
	Suite *suite = suite_of("complete", &tests);

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, nothing_said_is_nothing_changed);
	tcase_add_test(tests, what_is_said_stands);
	tcase_add_test(tests, a_list_is_replaced_whole_or_kept_whole);
	tcase_add_test(tests, the_same_item_twice_has_each_its_own);
	tcase_add_test(tests, blank_is_without_any_field);
	tcase_add_test(tests, a_part_may_be_what_a_persona_may_not);
	return run_suite(suite);
}
