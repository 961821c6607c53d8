/* JSON and JSON lines: which part of them is a respondent, and where the answers stand. */
#include "dump.h"
#include "suite.h"

static const struct golden lists[] = {
	{ BYTES("[{\"Age\": 34, \"Why\": \"Fast.\"},\n {\"Age\": 51, \"Why\": null}]"),
	  "#1 a.json:1\nAge=34\nWhy=Fast.\n#2 a.json:2\nAge=51\n", 0, 0, 0 },
	/* the longest list one level down */
	{ BYTES("{\"meta\": [{\"x\": \"1\"}],\n\"responses\": [\n{\"q\": \"one\"},\n{\"q\": \"two\"}]}"),
	  "#1 a.json:3\nq=one\n#2 a.json:4\nq=two\n", 0, 0, 0 },
	/* keys below keys, choices, truth */
	{ BYTES("[{\"who\": {\"job\": \"nurse\", \"town\": {\"name\": \"Ulm\"}}, \"tools\": [\"pen\", \"phone\"], "
		"\"remote\": true}]"),
	  "#1 a.json:1\nwho.job=nurse\nwho.town.name=Ulm\ntools=pen, phone\nremote=Yes\n", 0, 0, 0 },
	{ BYTES("[{\"tools\": [\"pen, red\", \"phone\"]}]"), "#1 a.json:1\ntools=pen, red; phone\n", 0, 0, 0 },
	/* questions with answers */
	{ BYTES("[{\"id\": 7, \"interview\": [{\"question\": \"Why?\", \"answer\": \"Because.\"},"
		"{\"question\": \"How?\", \"answer\": \"So.\"}]}]"),
	  "#1 a.json:1\nid=7\nWhy?=Because.\nHow?=So.\n", 0, 0, 0 },
	/* one object, texts, escapes, a surrogate pair, an empty element */
	{ BYTES("{\"q\": \"one\", \"r\": \"two\"}"), "#1 a.json:1\nq=one\nr=two\n", 0, 0, 0 },
	{ BYTES("[\"one\", \"two\"]"), "#1 a.json:1\ntext=one\n#2 a.json:1\ntext=two\n", 0, 0, 0 },
	{ BYTES("[{\"q\": \"a \\\"b\\\"\\n c\\u00e9d \\ud83d\\ude00e\"}]"), "#1 a.json:1\nq=a \"b\"| céd 😀e\n", 0, 0,
	  0 },
	{ BYTES("[{}, {\"q\": \"two\"}]"), "#2 a.json:1\nq=two\n", 1, 0, 0 },
	/* the same key twice: the last wins, and nothing points at the first */
	{ BYTES("[{\"q\": \"one\", \"q\": \"two\", \"r\": \"three\"}]"), "#1 a.json:1\nq=two\nr=three\n", 0, 0, 0 },
	{ BYTES("[{\"q\": \"a\\u0007b\"}]"), "#1 a.json:1\nq=ab\n", 0, 0, 1 },
};

START_TEST(json_to_records)
{
	check_golden(&lists[_i], "a.json", "json");
}
END_TEST

static const struct golden lines[] = {
	{ BYTES("{\"q\": \"one\"}\n{\"q\": \"two\"}\n"), "#1 a.jsonl:1\nq=one\n#2 a.jsonl:2\nq=two\n", 0, 0, 0 },
	{ BYTES("{\"q\": \"one\"}\r\n\r\n{\"q\": \"two\"}"), "#1 a.jsonl:1\nq=one\n#2 a.jsonl:3\nq=two\n", 1, 0, 0 },
	{ BYTES("\xEF\xBB\xBF{\"q\": \"one\"}"), "#1 a.jsonl:1\nq=one\n", 0, 0, 0 },
	/* who asks is no respondent; the rows of one speaker are one record */
	{ BYTES("{\"speaker\": \"Interviewer\", \"text\": \"Why?\"}\n{\"speaker\": \"P1\", \"text\": \"So.\"}\n"
		"{\"speaker\": \"P2\", \"text\": \"No.\"}\n{\"speaker\": \"P1\", \"text\": \"Yes.\"}\n"),
	  "#2 a.jsonl:2\nspeaker=P1\ntext=So.|Yes.\n#3 a.jsonl:3\nspeaker=P2\ntext=No.\n", 0, 0, 0 },
};

START_TEST(lines_to_records)
{
	check_golden(&lines[_i], "a.jsonl", "jsonl");
}
END_TEST

static const struct refused bad[] = {
	{ BYTES("[{\"q\": 1}"), NULL },
	{ BYTES("[]"), "a.json: has no records" },
	{ BYTES("17"), "a.json: neither a list nor an object" },
	{ BYTES("[[1, 2]]"), "a.json:1: a list, where an object with a respondent's answers is expected" },
};

START_TEST(what_is_no_json)
{
	struct persona_error err = { 0 };
	struct persona_source source;

	if (bad[_i].text) {
		check_refused(&bad[_i], "a.json", "json");
		return;
	}
	ck_assert_int_eq(persona_source_parse(&source, "a.json", "json", bad[_i].in, bad[_i].len, &err), -1);
	ck_assert_int_eq(strncmp(err.text, "a.json: no JSON: line 1", 23), 0);
}
END_TEST

/* Nesting is refused or left out, never followed to the end of the stack. */
START_TEST(deep_json)
{
	struct persona_error err = { 0 };
	struct persona_source source;
	struct persona_buf text;

	persona_buf_init(&text, SIZE_MAX);
	for (int i = 0; i < 100000; i++)
		ck_assert_int_eq(persona_buf_adds(&text, "[", NULL), 0);
	ck_assert_int_eq(persona_source_parse(&source, "a.json", "json", text.data, text.len, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.text, "no JSON"));
	persona_buf_clear(&text);
	ck_assert_int_eq(persona_buf_adds(&text, "[{\"q\":\"one\",\"deep\":", NULL), 0);
	for (int i = 0; i < 500; i++)
		ck_assert_int_eq(persona_buf_adds(&text, "{\"a\":", NULL), 0);
	ck_assert_int_eq(persona_buf_adds(&text, "1", NULL), 0);
	for (int i = 0; i < 502; i++)
		ck_assert_int_eq(persona_buf_adds(&text, i < 501 ? "}" : "]", NULL), 0);
	ck_assert_msg(persona_source_parse(&source, "a.json", "json", text.data, text.len, &err) == 0, "%s", err.text);
	ck_assert_uint_eq(source.records.items[0].cells_len, 1);
	ck_assert_uint_eq(source.notes.len, 1);
	persona_source_release(&source);
	persona_buf_release(&text);
}
END_TEST

/* Everything that is not escaped has a place, in JSON over several lines, too. */
START_TEST(places_of_strings)
{
	static const char in[] = "{\n  \"n\": 3,\n  \"rows\": [\n    {\n      \"a\": \"first \\\" second\",\n"
				 "      \"b\": [\"x\", \"y\"]\n    }\n  ]\n}\n";
	struct persona_source source;
	int64_t byte, line;
	const char *text;
	size_t len;

	ck_assert_int_eq(persona_source_parse(&source, "a.json", NULL, in, sizeof in - 1, NULL), 0);
	/* the quotation mark, and what joins the choices */
	ck_assert_uint_eq(check_places(&source, in, sizeof in - 1), 3);
	len = persona_record_cell(&source.records.items[0], 1, &text);
	ck_assert_uint_eq(len, 4);
	persona_record_place(&source.records.items[0], (size_t)(text + 3 - source.records.items[0].text), 1, &byte,
			     &line);
	ck_assert_int_eq(in[byte], 'y');
	ck_assert_int_eq(line, 6);
	persona_source_release(&source);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = suite_of("json", &tcase);

	tcase_add_loop_test(tcase, json_to_records, 0, sizeof lists / sizeof *lists);
	tcase_add_loop_test(tcase, lines_to_records, 0, sizeof lines / sizeof *lines);
	tcase_add_loop_test(tcase, what_is_no_json, 0, sizeof bad / sizeof *bad);
	tcase_add_test(tcase, deep_json);
	tcase_add_test(tcase, places_of_strings);
	return run_suite(suite);
}
