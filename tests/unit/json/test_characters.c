/*
 * Single characters and marks: each that is blank, a quote, a comma, a colon, an entity or a tag, and its neighbours
 * that are not.
 */
#include "persona/json.h"
#include "suite.h"

#define SIZE(rows) ((int)(sizeof(rows) / sizeof *(rows)))

/* The text with each % replaced by what, extracted; the bytes end where their memory does. */
static void check_in(const char *format, const char *what, const char *wanted)
{
	struct persona_error err = { 0 };
	struct persona_buf text;
	json_t *value;
	char *bytes, *line;
	int rc;

	persona_buf_init(&text, 4096);
	for (; *format; format++)
		ck_assert_int_eq(*format == '%' ? persona_buf_adds(&text, what, NULL)
						: persona_buf_add(&text, format, 1, NULL),
				 0);
	bytes = malloc(text.len);
	ck_assert_ptr_nonnull(bytes);
	memcpy(bytes, text.data, text.len);
	rc = persona_json_extract(&value, bytes, text.len, NULL, NULL, &err);
	ck_assert_int_ge(rc, 0);
	line = value ? persona_json_compact(value, &err) : strdup("none");
	ck_assert_msg(strcmp(line, wanted) == 0, "%s\n  right %s\n  got   %s", text.data, wanted, line);
	free(line);
	free(bytes);
	json_decref(value);
	persona_buf_release(&text);
}

static const char *const blanks[] = { "",
				      " ",
				      "\t",
				      "\r\n",
				      "\x01",
				      "\x1F",
				      "\xC2\xA0",
				      "\xC2\x85",
				      "\xE2\x80\x80",
				      "\xE2\x80\x8A",
				      "\xE2\x80\x8B",
				      "\xE2\x80\x8F",
				      "\xE2\x80\xA8",
				      "\xE2\x80\xA9",
				      "\xE2\x80\xAF",
				      "\xE2\x81\x9F",
				      "\xE2\x81\xA0",
				      "\xE3\x80\x80",
				      "\xEF\xBB\xBF" };

START_TEST(blanks_say_nothing)
{
	check_in("{%\"a\"%:%1%,%'b'%:%[%2%,%3%]%,%}%", blanks[_i], "{\"a\":1,\"b\":[2,3]}");
}
END_TEST

/* Right beside them in Unicode. */
static const char *const words[] = { "\xC2\xA1",     "\xC2\x84",     "\xE2\x80\x90", "\xE2\x80\xB0",
				     "\xE2\x81\x9E", "\xE3\x80\x85", "\xEF\xBB\xBE", "\xE3\x82\x80",
				     "\xC3\xA0",     "\xE3\x81\x80", "\xEF\xBF\xBD" };

START_TEST(their_neighbours_are_text)
{
	char wanted[32];

	snprintf(wanted, sizeof wanted, "{\"a\":\"%s\",\"b\":2}", words[_i]);
	check_in("{'a': %, 'b': 2}", words[_i], wanted);
}
END_TEST

/* What opens, and what closes it. */
static const char *const quotes[][2] = {
	{ "'", "'" },
	{ "\"", "\"" },
	{ "`", "`" },
	{ "`", "\xC2\xB4" },
	{ "\\\"", "\\\"" },
	{ "\"\"\"", "\"\"\"" },
	{ "'''", "'''" },
	{ "\xE2\x80\x9C", "\xE2\x80\x9D" },
	{ "\xE2\x80\x9D", "\xE2\x80\x9D" },
	{ "\xE2\x80\x9E", "\xE2\x80\x9C" },
	{ "\xE2\x80\x9F", "\xE2\x80\x9D" },
	{ "\xC2\xAB", "\xC2\xBB" },
	{ "\xC2\xBB", "\xC2\xAB" },
	{ "\xEF\xBC\x82", "\xEF\xBC\x82" },
	{ "\xE3\x80\x8C", "\xE3\x80\x8D" },
	{ "\xE3\x80\x8E", "\xE3\x80\x8F" },
	{ "\xE2\x80\x98", "\xE2\x80\x99" },
	{ "\xE2\x80\x9A", "\xE2\x80\x98" },
	{ "\xE2\x80\x9B", "\xE2\x80\x99" },
	{ "\xC2\xB4", "\xC2\xB4" },
	{ "\xEF\xBC\x87", "\xEF\xBC\x87" },
};

START_TEST(quotes_of_all_kinds_delimit)
{
	char text[128];

	snprintf(text, sizeof text, "{%sk%s: %stwo, words%s, %sl%s: [%sx%s, %sy%s]}", quotes[_i][0], quotes[_i][1],
		 quotes[_i][0], quotes[_i][1], quotes[_i][0], quotes[_i][1], quotes[_i][0], quotes[_i][1],
		 quotes[_i][0], quotes[_i][1]);
	check_in("%", text, "{\"k\":\"two, words\",\"l\":[\"x\",\"y\"]}");
}
END_TEST

static const char *const commas[] = { ",", ";", "\xEF\xBC\x8C", "\xEF\xBC\x9B", "\xE3\x80\x81", "\xD8\x8C" };

START_TEST(commas_of_all_scripts_separate)
{
	check_in("{\"a\": [[1]%[2]% {}]% b: {}%}", commas[_i], "{\"a\":[[1],[2],{}],\"b\":{}}");
	/* A semicolon may stand within what a scalar was meant to be. */
	if (*commas[_i] != ';')
		check_in("{\"a\": [1%2% 3]% \"b\": \"x\"% c: null%}", commas[_i],
			 "{\"a\":[1,2,3],\"b\":\"x\",\"c\":null}");
}
END_TEST

static const char *const colons[] = { ":", "=", ":=", "=>", "\xEF\xBC\x9A" };

START_TEST(colons_of_all_kinds_separate)
{
	check_in("{\"a\"%1, \"b\" % \"x\", c % [2]}", colons[_i], "{\"a\":1,\"b\":\"x\",\"c\":[2]}");
}
END_TEST

static const char *const dots[] = { "...", "....", "\xE2\x80\xA6", "\xE2\x80\xA6\xE2\x80\xA6", ".\xE2\x80\xA6" };

START_TEST(dots_stand_for_what_is_left_out)
{
	check_in("{\"a\": [1, %], \"b\": [%, 2], %}", dots[_i], "{\"a\":[1],\"b\":[2]}");
	check_in("{\"a\": [\"x\" %], %\"b\": 2,%}", dots[_i], "{\"a\":[\"x\"],\"b\":2}");
}
END_TEST

static const char *const entities[] = { "&quot;", "&#34;", "&#x22;", "&QUOT;" };

START_TEST(entities_are_undone)
{
	check_in("{%a%: %R &amp; D%, %b%: [1]}", entities[_i], "{\"a\":\"R & D\",\"b\":[1]}");
}
END_TEST

/* What is between these is no answer. */
static const char *const reasoning[][2] = {
	{ "<think>", "</think>" },
	{ "<thinking>", "</thinking>" },
	{ "<THINK>", "</Think>" },
	{ "[THINK]", "[/THINK]" },
	{ "[think]", "[/think]" },
	{ "<|begin_of_thought|>", "<|end_of_thought|>" },
	{ "\xE2\x97\x81think\xE2\x96\xB7", "\xE2\x97\x81/think\xE2\x96\xB7" },
};

START_TEST(reasoning_is_no_answer)
{
	check_in("{\"a\": 1, \"b\": 2} %", reasoning[_i][1], "none");
	check_in("%{\"a\": 1, \"b\": 2}", reasoning[_i][1], "{\"a\":1,\"b\":2}");
}
END_TEST

START_TEST(reasoning_ends_where_it_does)
{
	char text[128];

	snprintf(text, sizeof text, "%s{\"a\": 1}%s{\"b\": 2}", reasoning[_i][0], reasoning[_i][1]);
	check_in("%", text, "{\"b\":2}");
	check_in("% no more", text, "{\"b\":2}");
	snprintf(text, sizeof text, "{\"b\": 2} %s{\"a\": 1}%s", reasoning[_i][0], reasoning[_i][1]);
	check_in("%", text, "none");
}
END_TEST

static const char *const ends[] = { "<|im_end|>",
				    "<|eot_id|>",
				    "<|return|>",
				    "<|eom_id|>",
				    "<|endoftext|>",
				    "<|end_of_text|>",
				    "</s>",
				    "<end_of_turn>",
				    ("<\xEF\xBD\x9C"
				     "end\xE2\x96\x81of\xE2\x96\x81sentence\xEF\xBD\x9C>") };

START_TEST(nothing_comes_behind_the_end)
{
	check_in("{\"a\": 1}%{\"b\": 2, \"c\": 3}", ends[_i], "{\"a\":1}");
	check_in("{\"a\": \"x% y", ends[_i], "{\"a\":\"x\"}");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("characters");
	TCase *t = tcase_create("marks");

	tcase_add_loop_test(t, blanks_say_nothing, 0, SIZE(blanks));
	tcase_add_loop_test(t, their_neighbours_are_text, 0, SIZE(words));
	tcase_add_loop_test(t, quotes_of_all_kinds_delimit, 0, SIZE(quotes));
	tcase_add_loop_test(t, commas_of_all_scripts_separate, 0, SIZE(commas));
	tcase_add_loop_test(t, colons_of_all_kinds_separate, 0, SIZE(colons));
	tcase_add_loop_test(t, dots_stand_for_what_is_left_out, 0, SIZE(dots));
	tcase_add_loop_test(t, entities_are_undone, 0, SIZE(entities));
	tcase_add_loop_test(t, reasoning_is_no_answer, 0, SIZE(reasoning));
	tcase_add_loop_test(t, reasoning_ends_where_it_does, 0, SIZE(reasoning));
	tcase_add_loop_test(t, nothing_comes_behind_the_end, 0, SIZE(ends));
	suite_add_tcase(s, t);
	return run_suite(s);
}
