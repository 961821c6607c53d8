/* Strict reading and canonical writing. */
#include <check.h>

#include "persona/json.h"

#define BYTES(text) (text), sizeof(text) - 1

/* What is taken, and the canonical line that it gives. */
static const struct {
	const char *text;
	size_t len;
	const char *canonical;
} taken[] = {
	{ BYTES("{}"), "{}" },
	{ BYTES("[]"), "[]" },
	{ BYTES("123"), "123" },
	{ BYTES("-0.5e1"), "-5.0" },
	{ BYTES("true"), "true" },
	{ BYTES("null"), "null" },
	{ BYTES("\"\""), "\"\"" },
	{ BYTES(" \t\r\n [1 , 2]\n"), "[1,2]" },
	{ BYTES("\xEF\xBB\xBF{\"a\":1}"), "{\"a\":1}" },
	{ BYTES("{\"b\":1,\"a\":{\"d\":[],\"c\":null}}"), "{\"a\":{\"c\":null,\"d\":[]},\"b\":1}" },
	/* The last of equal keys wins. */
	{ BYTES("{\"a\":1,\"b\":2,\"a\":3}"), "{\"a\":3,\"b\":2}" },
	{ BYTES("\"\\u00e9\\ud83d\\ude00\""), "\"\xC3\xA9\xF0\x9F\x98\x80\"" },
	{ BYTES("\"\\u007f\\u0080\\u07ff\\u0800\\uffff\""), "\"\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\"" },
	{ BYTES("\"\\ud7ff\\ue000\\ud800\\udc00\\udbff\\udfff\""),
	  "\"\xED\x9F\xBF\xEE\x80\x80\xF0\x90\x80\x80\xF4\x8F\xBF\xBF\"" },
	{ BYTES("\"a\\u0000b\""), "\"a\\u0000b\"" },
	/* Each as printf("%.17g") of strtod() has it. */
	{ BYTES("[1e10,15e-11,25e-22,1e-23,-2.5E+22,1e0,1e22,1e23,12e-12,9007199254740993.0,1.7976931348623157e308,5e-"
		"324]"),
	  "[10000000000.0,1.5e-10,2.4999999999999999e-21,9.9999999999999996e-24,-2.4999999999999998e22,1.0,1e22,9."
	  "9999999999999992e22,1.2000000000000001e-11,"
	  "9007199254740992.0,1.7976931348623157e308,4.9406564584124654e-324]" },
	{ BYTES("[123456789012345e7,0.000123456789012345,1234567890123456.5,100000000000000000000e-20]"),
	  "[1.23456789012345e21,0.00012345678901234499,1234567890123456.5,1.0]" },
	{ BYTES("9223372036854775807"), "9223372036854775807" },
	{ BYTES("\"\xF4\x8F\xBF\xBF\""), "\"\xF4\x8F\xBF\xBF\"" },
};

START_TEST(strict_takes)
{
	struct persona_error err = { 0 };
	json_t *value, *again;
	char *line;

	ck_assert_int_eq(persona_json_parse_strict(&value, taken[_i].text, taken[_i].len, &err), 0);
	ck_assert_int_eq(err.code, PERSONA_OK);
	line = persona_json_canonical(value, &err);
	ck_assert_str_eq(line, taken[_i].canonical);
	ck_assert_int_eq(persona_json_parse_strict(&again, line, strlen(line), &err), 0);
	ck_assert(json_equal(value, again));
	free(line);
	json_decref(value);
	json_decref(again);
}
END_TEST

static const struct {
	const char *text;
	size_t len;
} refused[] = {
	{ BYTES("") },
	{ BYTES(" \n") },
	{ BYTES("\xEF\xBB\xBF") },
	{ BYTES("\xEF\xBB\xBF\xEF\xBB\xBF{}") },
	{ BYTES(" \xEF\xBB\xBF{}") },
	{ BYTES("{") },
	{ BYTES("[1,]") },
	{ BYTES("{\"a\":1,}") },
	{ BYTES("{a:1}") },
	{ BYTES("{'a':1}") },
	{ BYTES("[1] x") },
	{ BYTES("{}{}") },
	{ BYTES("01") },
	{ BYTES("+1") },
	{ BYTES("1.") },
	{ BYTES(".5") },
	{ BYTES("NaN") },
	{ BYTES("Infinity") },
	{ BYTES("True") },
	{ BYTES("nul") },
	{ BYTES("\"tab\there\"") },
	{ BYTES("\"open") },
	{ BYTES("\"\\x41\"") },
	{ BYTES("\"\\ud800\"") },
	{ BYTES("\"\xFF\"") },
	{ BYTES("\"\xC0\xAF\"") },
	{ BYTES("\"\xED\xA0\x80\"") },
	{ BYTES("// comment\n{}") },
	{ BYTES("[1]\f") },
	{ BYTES("\xC2\xA0{}") },
	/* A NUL byte ends nothing. */
	{ BYTES("123\0") },
	{ BYTES("123\0garbage") },
	{ BYTES("{}\0") },
	{ BYTES("\0") },
	{ BYTES("\"a\0b\"") },
	/* Beyond what a value can hold. */
	{ BYTES("9223372036854775808") },
	{ BYTES("1e999") },
};

START_TEST(strict_refuses)
{
	struct persona_error err = { 0 };
	json_t *value = (json_t *)&err;

	ck_assert_int_eq(persona_json_parse_strict(&value, refused[_i].text, refused[_i].len, &err), -1);
	ck_assert_ptr_null(value);
	ck_assert_int_eq(err.code, PERSONA_E_FORMAT);
	ck_assert_int_eq(strncmp(err.text, "line ", 5), 0);
	ck_assert_int_eq(persona_json_parse_strict(&value, refused[_i].text, refused[_i].len, NULL), -1);
}
END_TEST

/* Where the text ends is what len says, not a NUL that happens to follow or not. */
START_TEST(strict_reads_len_bytes)
{
	struct persona_error err = { 0 };
	char *exact = malloc(3);
	json_t *value;

	memcpy(exact, "[1]", 3);
	ck_assert_int_eq(persona_json_parse_strict(&value, exact, 3, &err), 0);
	json_decref(value);
	ck_assert_int_eq(persona_json_parse_strict(&value, exact, 2, &err), -1);
	ck_assert_int_eq(persona_json_parse_strict(&value, NULL, 0, &err), -1);
	free(exact);
}
END_TEST

START_TEST(errors_name_the_place)
{
	struct persona_error err = { 0 };
	json_t *value;

	ck_assert_int_eq(persona_json_parse_strict(&value, BYTES("{\n \"a\": x}"), &err), -1);
	ck_assert_int_eq(strncmp(err.text, "line 2, column 7: ", 18), 0);
	ck_assert_int_eq(persona_json_parse_strict(&value, BYTES("[\n12\0]"), &err), -1);
	ck_assert_str_eq(err.text, "line 2, column 3: NUL byte");
}
END_TEST

/* `depth` arrays in each other. */
static char *nested(size_t depth)
{
	char *text = malloc(2 * depth);

	memset(text, '[', depth);
	memset(text + depth, ']', depth);
	return text;
}

START_TEST(depth_has_a_bound)
{
	struct persona_error err = { 0 };
	char *text = nested(2000), *line;
	json_t *value;

	ck_assert_int_eq(persona_json_parse_strict(&value, text, 4000, &err), 0);
	line = persona_json_canonical(value, &err);
	ck_assert_ptr_nonnull(line);
	ck_assert_int_eq(strncmp(line, text, 4000), 0);
	free(line);
	json_decref(value);
	free(text);
	text = nested(300000);
	ck_assert_int_eq(persona_json_parse_strict(&value, text, 600000, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_FORMAT);
	free(text);
}
END_TEST

/* ---- Fences and options ---------------------------------------------- */

static const struct stripped {
	const char *text, *inner;
} stripped[] = {
	{ "```json\n{\"a\": 1}\n```", "{\"a\": 1}" },
	{ " \n```\n[1]\n```\n ", "[1]" },
	{ "~~~~ JSON\n[1]\n~~~~", "[1]" },
	{ "```json [1] ```", "[1]" },
	{ "```json\n[1]", "[1]" },
	{ "````\n```\n````", "```" },
	{ "  [1]\t\r\n", "[1]" },
	{ "``[1]``", "``[1]``" },
	{ "text ```[1]```", "text ```[1]```" },
	{ "```", "" },
	{ " ", "" },
	{ "", "" },
};

START_TEST(fences_are_stripped)
{
	const char *text = stripped[_i].text;
	size_t len = persona_json_strip_fences(&text, strlen(text));

	ck_assert_msg(len == strlen(stripped[_i].inner) && memcmp(text, stripped[_i].inner, len) == 0, "'%s': '%.*s'",
		      stripped[_i].text, (int)len, text);
}
END_TEST

START_TEST(options_have_bounds)
{
	struct persona_json_options small = { .max_size = 8 }, flat = { .max_depth = 2 }, deep = { .max_depth = 9999 };
	struct persona_error problem = { 0 };
	json_t *value;

	ck_assert_int_eq(persona_json_extract(&value, "[1,2,33]", 8, &small, NULL, &problem), 1);
	json_decref(value);
	ck_assert_int_eq(persona_json_extract(&value, "[1,2,333]", 9, &small, NULL, &problem), -1);
	ck_assert_ptr_null(value);
	ck_assert_int_eq(problem.code, PERSONA_E_FORMAT);
	ck_assert_str_eq(problem.text, "more than 8 bytes of text");

	ck_assert_int_eq(persona_json_extract(&value, "[[1]]", 5, &flat, NULL, &problem), 1);
	json_decref(value);
	/* Nothing within is taken for the answer, and nothing beside it. */
	ck_assert_int_eq(persona_json_extract(&value, "[[[1]]] [2]", 11, &flat, NULL, &problem), -1);
	ck_assert_ptr_null(value);
	ck_assert_str_eq(problem.text, "JSON nested deeper than 2");
	/* More than can be written is not to be had. */
	ck_assert_int_eq(persona_json_extract(&value, "[[[1]]]", 7, &deep, NULL, NULL), 1);
	json_decref(value);
}
END_TEST

START_TEST(pretty_is_for_people)
{
	json_t *value = json_pack("{s:[i], s:{}, s:[]}", "a", 1, "b", "c");
	char *text = persona_json_pretty(value, NULL);

	ck_assert_str_eq(text, "{\n  \"a\": [\n    1\n  ],\n  \"b\": {},\n  \"c\": []\n}");
	free(text);
	json_decref(value);
}
END_TEST

START_TEST(canonical_refuses_what_cannot_be_written)
{
	struct persona_error err = { 0 };
	json_t *value = json_array(), *outer, *inner;

	for (int i = 0; i < 3000; i++) {
		outer = json_array();
		ck_assert_int_eq(json_array_append_new(outer, value), 0);
		value = outer;
	}
	ck_assert_ptr_null(persona_json_canonical(value, &err));
	ck_assert_int_eq(err.code, PERSONA_E_FORMAT);
	json_decref(value);

	err = (struct persona_error){ 0 };
	outer = json_object();
	inner = json_array();
	ck_assert_int_eq(json_array_append(inner, outer), 0);
	ck_assert_int_eq(json_object_set_new(outer, "loop", inner), 0);
	ck_assert_ptr_null(persona_json_canonical(outer, &err));
	ck_assert_int_eq(err.code, PERSONA_E_FORMAT);
	ck_assert_int_eq(json_array_clear(inner), 0);
	json_decref(outer);

	err = (struct persona_error){ 0 };
	value = json_string_nocheck("\xFF");
	ck_assert_ptr_null(persona_json_canonical(value, &err));
	ck_assert_int_eq(err.code, PERSONA_E_FORMAT);
	json_decref(value);
}
END_TEST

static const struct {
	const char *read, *compact, *canonical;
} numbers[] = {
	{ "[1.1, 0.1, 3.14]", "[1.1,0.1,3.14]", "[1.1000000000000001,0.10000000000000001,3.1400000000000001]" },
	{ "[100, -0.5, 1e2, 1e300]", "[100,-0.5,100.0,1e300]", "[100,-0.5,100.0,1.0000000000000001e300]" },
	{ "{\"a\": {\"b\": [0.1234567890123456]}}", "{\"a\":{\"b\":[0.1234567890123456]}}",
	  "{\"a\":{\"b\":[0.12345678901234559]}}" },
	{ "[5e-324, 1.7976931348623157e308]", "[4.9406564584124654e-324,1.7976931348623157e308]",
	  "[4.9406564584124654e-324,1.7976931348623157e308]" },
};

/* For people a real has the digits it needs; what identities are made of stays as it ever was. */
START_TEST(reals_are_written_with_as_few_digits_as_bring_them_back)
{
	json_t *value, *again;
	char *compact, *canonical;

	ck_assert_int_eq(persona_json_parse_strict(&value, numbers[_i].read, strlen(numbers[_i].read), NULL), 0);
	compact = persona_json_compact(value, NULL);
	canonical = persona_json_canonical(value, NULL);
	ck_assert_str_eq(compact, numbers[_i].compact);
	ck_assert_str_eq(canonical, numbers[_i].canonical);
	ck_assert_int_eq(persona_json_parse_strict(&again, compact, strlen(compact), NULL), 0);
	ck_assert(json_equal(value, again));
	json_decref(again);
	json_decref(value);
	free(canonical);
	free(compact);
}
END_TEST

START_TEST(canonical_does_not_depend_on_order)
{
	struct persona_error err = { 0 };
	json_t *a, *b;
	char *x, *y;

	ck_assert_int_eq(persona_json_parse_strict(&a, BYTES("{\"x\":1,\"a\":[1,{\"q\":0.1,\"p\":2}]}"), &err), 0);
	ck_assert_int_eq(persona_json_parse_strict(&b, BYTES("{ \"a\":[1,{\"p\":2,\"q\":1e-1}], \"x\":1 }"), &err), 0);
	x = persona_json_canonical(a, &err);
	y = persona_json_canonical(b, &err);
	ck_assert_str_eq(x, y);
	ck_assert_ptr_null(strchr(x, ' '));
	free(x);
	free(y);
	json_decref(a);
	json_decref(b);
}
END_TEST

/* ---- What is missing --------------------------------------------------- */

static const struct {
	const char *text;
	bool truncated, partial;
} cuts[] = {
	{ "[{\"a\":1},{\"b\":2}]", false, false },
	{ "[{\"a\":1},{\"b\":2", true, false },
	{ "[{\"a\":1},{\"b\":2}", true, false },
	{ "[{\"a\":1}", true, false },
	{ "[{\"a\":\"x\"", true, true },
	{ "[{\"a\":\"text that is c", true, true },
	{ "{\"list\":[{\"a\":1},{\"b\":2", true, false },
	{ "{\"list\":[{\"a\":\"x\"", true, true },
	{ "{\"a\":1,\"b\":\"text", true, true },
};

START_TEST(what_is_there_is_whole_or_partial)
{
	struct persona_json_report report = { 0 };
	json_t *value;

	ck_assert_int_eq(persona_json_extract(&value, cuts[_i].text, strlen(cuts[_i].text), NULL, &report, NULL), 1);
	ck_assert_msg(report.truncated == cuts[_i].truncated, "%s: truncated", cuts[_i].text);
	ck_assert_msg(report.partial == cuts[_i].partial, "%s: partial", cuts[_i].text);
	json_decref(value);
}
END_TEST

static const struct {
	const char *text, *clean;
} spelled[] = {
	{ "[\"a\\u001b[2Jb\", 1, null, true]", "[\"a[2Jb\",1,null,true]" },
	{ "{\"k\\u001b[1m\": {\"x\": [\"\\u0007\", {\"y\\u009b\": \"z\\u009b\"}]}}",
	  "{\"k[1m\":{\"x\":[\"\",{\"y\":\"z\"}]}}" },
	{ "{\"b\": \"line\\nbreak\\t\\u00e9 \\\" \\\\\", \"a\": []}",
	  "{\"b\":\"line\\nbreak\\t\xc3\xa9 \\\" \\\\\",\"a\":[]}" },
	{ "{\"a\\u0001\": 1, \"b\": 2, \"a\": 3}", "{\"a\":3,\"b\":2}" },
	{ "{}", "{}" },
};

START_TEST(what_a_terminal_obeys_is_dropped)
{
	json_t *value;
	char *text;

	ck_assert_int_eq(persona_json_parse_strict(&value, spelled[_i].text, strlen(spelled[_i].text), NULL), 0);
	ck_assert_int_eq(persona_json_clean(value, NULL), 0);
	text = persona_json_compact(value, NULL);
	ck_assert_str_eq(text, spelled[_i].clean);
	free(text);
	json_decref(value);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("json");
	TCase *t = tcase_create("strict");

	tcase_add_loop_test(t, what_is_there_is_whole_or_partial, 0, (int)(sizeof cuts / sizeof *cuts));
	tcase_add_loop_test(t, strict_takes, 0, sizeof taken / sizeof *taken);
	tcase_add_loop_test(t, strict_refuses, 0, sizeof refused / sizeof *refused);
	tcase_add_test(t, strict_reads_len_bytes);
	tcase_add_test(t, errors_name_the_place);
	tcase_add_test(t, depth_has_a_bound);
	tcase_add_loop_test(t, fences_are_stripped, 0, sizeof stripped / sizeof *stripped);
	tcase_add_test(t, options_have_bounds);
	tcase_add_test(t, pretty_is_for_people);
	tcase_add_loop_test(t, what_a_terminal_obeys_is_dropped, 0, sizeof spelled / sizeof *spelled);
	suite_add_tcase(s, t);
	t = tcase_create("canonical");
	tcase_add_test(t, canonical_refuses_what_cannot_be_written);
	tcase_add_test(t, canonical_does_not_depend_on_order);
	tcase_add_loop_test(t, reals_are_written_with_as_few_digits_as_bring_them_back, 0,
			    (int)(sizeof numbers / sizeof *numbers));
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
