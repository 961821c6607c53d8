/* HTML as text, encodings, and rows of one participant. */
#include "dump.h"
#include "suite.h"

static const struct golden pages[] = {
	{ BYTES("<!DOCTYPE html><html><head><title>x</title><style>p{}</style></head><body>\n<h1>Ada</h1>\n"
		"<h3>What do you do?</h3>\n<p>I  bake &amp;\nsell <b>bread</b>.</p><p>Daily.</p>"
		"<h3>With what?</h3><ul><li>an oven</li><li>a van</li></ul><script>var a = \"<p>no</p>\";</script>"
		"</body></html>"),
	  "#1 h.html:4 <Ada>\nWhat do you do?=I bake & sell bread.||Daily.\nWith what?=an oven||a van\n", 0, 0, 0 },
	{ BYTES("<p>3 &lt; 4, 3 < 4<br>caf&eacute; &#228;&#x41; &unknown; &</p>"),
	  "#1 h.html:1\ntext=3 < 4, 3 < 4|café äA &unknown; &\n", 0, 0, 0 },
	{ BYTES("<p><b>Interviewer:</b> Why?</p><p><b>P1:</b> So.</p><p><b>Interviewer:</b> And?</p><p><b>P1:</b> "
		"Yes.</p>"),
	  "#1 h.html:1 <P1>\nWhy?=So.\nAnd?=Yes.\n", 0, 0, 0 },
	{ BYTES("<!-- no --><p title=\"a > b\">one<!-- no"), "#1 h.html:1\ntext=one\n", 0, 0, 0 },
};

START_TEST(what_a_reader_sees)
{
	check_golden(&pages[_i], "h.html", "html");
}
END_TEST

/* The words stand in the file where they are said to. */
START_TEST(places_of_words)
{
	static const char in[] = "<p>One\n  two &amp; three</p>\n<p>four</p>";
	struct persona_source source;
	int64_t byte, line;

	ck_assert_int_eq(persona_source_parse(&source, "h.html", "html", in, sizeof in - 1, NULL), 0);
	ck_assert_str_eq(source.records.items[0].text, "One two & three\n\nfour");
	persona_record_place(&source.records.items[0], 17, 4, &byte, &line);
	ck_assert_int_eq(strncmp(in + byte, "four", 4), 0);
	ck_assert_int_eq(line, 3);
	persona_record_place(&source.records.items[0], 0, 7, &byte, &line);
	ck_assert_int_eq(byte, -1);
	ck_assert_int_eq(line, 1);
	persona_source_release(&source);
}
END_TEST

/* ---- Encodings ------------------------------------------------------- */

static const struct {
	const char *in;
	size_t len;
	const char *text, *encoding;
} encoded[] = {
	{ BYTES("caf\xC3\xA9"), "café", "UTF-8" },
	{ BYTES("caf\xE9 \x93ja\x94 \x80"), "café “ja” €", "Windows-1252" },
	{ BYTES("\xFF\xFE"
		"a\0\xE9\0=\xD8\0\xDE"),
	  "aé😀", "UTF-16LE" },
	{ BYTES("\xFE\xFF\0a\0\xE9"), "aé", "UTF-16BE" },
	{ BYTES("a\0b\0c\0 \0d\0"), "abc d", "UTF-16LE" },
	{ BYTES("\xEF\xBB\xBF"
		"abc"),
	  "abc", "UTF-8" },
	/* Neither: what is no UTF-8 is replaced, and counted. */
	{ BYTES("\xC3\xA9 a \xFF"), "é a \xEF\xBF\xBD", "UTF-8" },
};

START_TEST(encodings)
{
	struct persona_error err = { 0 };
	struct persona_source source;

	ck_assert_msg(persona_source_parse(&source, "t.txt", "text", encoded[_i].in, encoded[_i].len, &err) == 0, "%s",
		      err.text);
	ck_assert_str_eq(source.records.items[0].text, encoded[_i].text);
	ck_assert_str_eq(source.encoding, encoded[_i].encoding);
	ck_assert_uint_eq(source.notes.len, strcmp(encoded[_i].encoding, "UTF-8") == 0 ? 0 : 1);
	check_places(&source, encoded[_i].in, encoded[_i].len);
	persona_source_release(&source);
}
END_TEST

/* A character that lies across two blocks, in each encoding. */
START_TEST(encodings_across_blocks)
{
	static const char *const characters[] = { "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80" };
	struct persona_source source;
	struct persona_buf in;

	persona_buf_init(&in, SIZE_MAX);
	for (size_t before = 65530; before < 65537; before++) {
		persona_buf_clear(&in);
		for (size_t i = 0; i < before; i++)
			ck_assert_int_eq(persona_buf_addc(&in, i % 50 ? 'x' : '\n', NULL), 0);
		ck_assert_int_eq(persona_buf_adds(&in, characters[_i], NULL), 0);
		ck_assert_int_eq(persona_source_parse(&source, "t.txt", "text", in.data, in.len, NULL), 0);
		ck_assert_str_eq(source.encoding, "UTF-8");
		ck_assert_uint_eq(source.cleaned_bytes, 0);
		ck_assert_str_eq(source.records.items[0].text + strlen(source.records.items[0].text) -
					 strlen(characters[_i]),
				 characters[_i]);
		persona_source_release(&source);
	}
	persona_buf_release(&in);
}
END_TEST

/* ---- Rows and columns ------------------------------------------------ */

static const char rows[] =
	"Participant,Question,Said\nP1,Why,\"Because \"\"I\"\" can\"\nP2,Why,No\nP1,How,So\nModerator,Why,Why?\n";

static void read_rows(struct persona_source *out, const struct persona_reading *reading)
{
	struct persona_error err = { 0 };

	ck_assert_msg(persona_source_parse_as(out, "r.csv", reading, rows, sizeof rows - 1, &err) == 0, "%s", err.text);
}

static void check_rows(const struct persona_reading *reading, const char *wanted)
{
	struct persona_source source;
	char *got;

	read_rows(&source, reading);
	got = dump(&source);
	ck_assert_str_eq(got, wanted);
	check_places(&source, rows, sizeof rows - 1);
	free(got);
	persona_source_release(&source);
}

START_TEST(rows_of_participants)
{
	static const char *const ignore[] = { "question" };
	struct persona_reading reading = { 0 };

	check_rows(&reading, "#1 r.csv:2\nParticipant=P1\nQuestion=Why|How\nSaid=Because \"I\" can|So\n"
			     "#2 r.csv:3\nParticipant=P2\nQuestion=Why\nSaid=No\n");
	reading.unit = PERSONA_UNIT_ROW;
	check_rows(&reading, "#1 r.csv:2\nParticipant=P1\nQuestion=Why\nSaid=Because \"I\" can\n"
			     "#2 r.csv:3\nParticipant=P2\nQuestion=Why\nSaid=No\n"
			     "#3 r.csv:4\nParticipant=P1\nQuestion=How\nSaid=So\n"
			     "#4 r.csv:5\nParticipant=Moderator\nQuestion=Why\nSaid=Why?\n");
	reading = (struct persona_reading){ .id_column = "said", .ignore = ignore, .ignore_len = 1 };
	check_rows(&reading, "#1 r.csv:2\nParticipant=P1\nSaid=Because \"I\" can\n#2 r.csv:3\nParticipant=P2\nSaid=No\n"
			     "#3 r.csv:4\nParticipant=P1\nSaid=So\n#4 r.csv:5\nParticipant=Moderator\nSaid=Why?\n");
}
END_TEST

START_TEST(columns_that_are_not_there)
{
	static const char *const ignore[] = { "Nobody" };
	struct persona_reading none = { .id_column = "who" }, other = { .ignore = ignore, .ignore_len = 1 };
	struct persona_reading unit = { .format = "csv", .unit = PERSONA_UNIT_PARTICIPANT };
	struct persona_error err = { 0 };
	struct persona_source source;

	ck_assert_int_eq(persona_source_parse_as(&source, "r.csv", &none, rows, sizeof rows - 1, &err), -1);
	ck_assert_str_eq(err.text, "r.csv: no column \"who\"; the first is \"Participant\"");
	ck_assert_int_eq(persona_source_parse_as(&source, "r.csv", &other, rows, sizeof rows - 1, &err), -1);
	ck_assert_str_eq(err.text, "r.csv: no column \"Nobody\"; the first is \"Participant\"");
	ck_assert_int_eq(persona_source_parse_as(&source, "r.csv", &unit, "a\n1\n2\n", 6, &err), -1);
	ck_assert_str_eq(err.text, "r.csv: no column tells participants apart; name it with --id-column");
	ck_assert_uint_eq(persona_unit_by_name("turn"), PERSONA_UNIT_TURN);
	ck_assert_uint_eq(persona_unit_by_name("nobody"), PERSONA_UNITS);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = suite_of("html", &tcase);

	tcase_add_loop_test(tcase, what_a_reader_sees, 0, sizeof pages / sizeof *pages);
	tcase_add_test(tcase, places_of_words);
	tcase_add_loop_test(tcase, encodings, 0, sizeof encoded / sizeof *encoded);
	tcase_add_loop_test(tcase, encodings_across_blocks, 0, 3);
	tcase_add_test(tcase, rows_of_participants);
	tcase_add_test(tcase, columns_that_are_not_there);
	return run_suite(suite);
}
