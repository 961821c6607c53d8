/* Markdown and plain text: what is one record, what was asked in it, and where it stands. */
#include "dump.h"
#include "scan.h"

static const struct golden markdown_files[] = {
	/* Front matter: one record; the title is the speaker, the other keys are answers. */
	{ BYTES("---\ntitle: Ada L.\nsummary: 'Maker, builder'\ncategories:\n- hacker\n- writer\ncredits:\n  name: "
		"X\n---\n\n"
		"### Who are you?\n\nI make *things*.\n\nAll day.\n\n### Tools?\n\nA [saw][s].\n\n[s]: "
		"http://saw.example/ \"A "
		"saw.\"\n"),
	  "#1 i.md:13 <Ada L.>\nsummary=Maker, builder\ncategories=hacker, writer\nWho are you?=I make *things*.||All "
	  "day.\nTools?=A [saw][s].\n",
	  0, 0, 0 },
	{ BYTES("---\r\nage: 34\r\n---\r\nHello\r\nyou\r\n"), "#1 i.md:4\nage=34\ntext=Hello|you\n", 0, 0, 0 },
	/* Lists in brackets, text over lines, comments, a nested map, an empty key, the other end. */
	{ BYTES("---\n# note\ntags: [a, b]\nbio: |\n  one\n  two\nnested:\n  key: x\nempty:\nurl: "
		"http://x.example/\n...\nBody\n"),
	  "#1 i.md:12\ntags=a, b\nbio=one|two\nurl=http://x.example/\ntext=Body\n", 0, 0, 0 },
	/* Nothing but front matter: it starts where that answers. */
	{ BYTES("---\ntitle: T\njob: Nurse\n---\n"), "#1 i.md:3 <T>\njob=Nurse\n", 0, 0, 0 },
	/* Front matter that never ends is none. */
	{ BYTES("---\nkey: value\n"), "#1 i.md:2\ntext=key: value\n", 0, 0, 0 },
	/* With front matter several titles and like sections are still one record. */
	{ BYTES("---\na: 1\n---\n# P1\n## Goals\nx\n# P2\n## Goals\ny\n"), "#1 i.md:6\na=1\nGoals=x\nGoals (2)=y\n", 0,
	  0, 0 },
	/* One title: whom it is about. Headings below are questions; repeated ones get a number. */
	{ BYTES("# Anna\nIntro.\n## Day\nEarly.\n### Pain\nLate\ntrains.\n## Pain\nNoise.\n"),
	  "#1 i.md:2 <Anna>\ntext=Intro.\nDay=Early.\nPain=Late|trains.\nPain (2)=Noise.\n", 0, 0, 0 },
	/* Underlined headings, closing marks, emphasis; a rule is not speech, code is not a heading. */
	{ BYTES("Anna\n====\n\nLikes ##\n--------\nTea\n***\n## **Dislikes** ##\n```\n# not a heading\n[x]: "
		"http://y\n```\n"),
	  "#1 i.md:6 <Anna>\nLikes ##=Tea\nDislikes=```|# not a heading|[x]: http://y|```\n", 0, 0, 0 },
	/* A link definition is not speech, a speaker in brackets is. */
	{ BYTES("[a]: http://x \"T\"\n[b]: <u>\n[c]: /rel 'T'\n[Anna]: Well, yes\n[Bo]: No\n[^1]: http://foot\n"),
	  "#1 i.md:4\ntext=[Anna]: Well, yes|[Bo]: No|[^1]: http://foot\n", 0, 0, 0 },
	/* Without any heading. */
	{ BYTES("\n\n  One.\n\n\n\nTwo.  \n"), "#1 i.md:3\ntext=One.||Two.\n", 0, 0, 0 },
	/* Labels: with an answer on the line they end with the paragraph, without they go on. */
	{ BYTES("# Bo\n**Age:** 34\n**Job**: Nurse\n- **City:** Ulm\n  by the river\n\nFree text.\n\n**Goals:**\n- "
		"a\n\n- b\n"),
	  "#1 i.md:2 <Bo>\nAge=34\nJob=Nurse\nCity=Ulm|  by the river\ntext=Free text.\nGoals=- a||- b\n", 0, 0, 0 },
	/* A label that comes again is somebody speaking. */
	{ BYTES("**Ann:** Hi\n\n**Bo:** Hello\n\n**Ann:** Bye\n"),
	  "#1 i.md:1\ntext=**Ann:** Hi||**Ann:** Bye\nBo=Hello\n", 0, 0, 0 },
	/* Sections built alike are one record each, in column order; what is outside is nobody's. */
	{ BYTES("# Study\nAbout.\n## P1\n### Goals\ng1\n### Pains\np1\n## P2\nintro\n### Pains\np2\n### Goals\ng2\n# "
		"End\nBye\n"),
	  "#1 i.md:3 <P1>\nGoals=g1\nPains=p1\n#2 i.md:8 <P2>\nGoals=g2\nPains=p2\ntext=intro\n", 0, 0, 0 },
	{ BYTES("## P1\n**Age:** 3\n## P2\n**Age:** 4\n## P3\n\n## P4\nx\n"),
	  "#1 i.md:1 <P1>\nAge=3\n#2 i.md:3 <P2>\nAge=4\n#4 i.md:7 <P4>\ntext=x\n", 1, 0, 0 },
	/* Groups of people: the people are the records. */
	{ BYTES("# A\n## P1\n### Goals\n1\n## P2\n### Goals\n2\n# B\n## P3\n### Goals\n3\n## P4\n### Goals\n4\n"),
	  "#1 i.md:2 <P1>\nGoals=1\n#2 i.md:5 <P2>\nGoals=2\n#3 i.md:9 <P3>\nGoals=3\n#4 i.md:12 <P4>\nGoals=4\n", 0, 0,
	  0 },
	/* One transcript in sections is not several people: its labels repeat, and who asks is none of them. */
	{ BYTES("# T\n## Part 1\n**I:** a\n\n**P:** b\n\n**I:** c\n\n**P:** d\n## Part 2\n**I:** e\n\n**P:** "
		"f\n\n**I:** g\n\n"
		"**P:** h\n"),
	  "#1 i.md:5 <P>\ntext=b||d|f||h\n", 0, 0, 0 },
	/* Different headings in one document are one respondent's questions. */
	{ BYTES("## Work\n### Tools\nx\n## Home\n### Family\ny\n"), "#1 i.md:3\nTools=x\nFamily=y\n", 0, 0, 0 },
	/* Several titles: one each, unless they are questions. */
	{ BYTES("# Anna\nTea\n# Bo\nCoffee\n"), "#1 i.md:1 <Anna>\ntext=Tea\n#2 i.md:3 <Bo>\ntext=Coffee\n", 0, 0, 0 },
	{ BYTES("# What do you drink?\nTea\n# Why?\nWarm\n"), "#1 i.md:2\nWhat do you drink?=Tea\nWhy?=Warm\n", 0, 0,
	  0 },
	/* Bytes that are no text; the lines still count. */
	{ BYTES("\xEF\xBB\xBF# A\r\n\x01\r\ncaf\xE9\r\n"), "#1 i.md:3 <A>\ntext=caf\xEF\xBF\xBD\n", 0, 0, 2 },
};

START_TEST(markdown_gives)
{
	check_golden(&markdown_files[_i], "x/i.md", "markdown");
}
END_TEST

static const struct golden text_files[] = {
	{ BYTES("\r\n \r\nANN: Hi\r\n\r\nBO: # Hello\r\n\r\n"), "#1 i.txt:3\ntext=ANN: Hi||BO: # Hello\n", 0, 0, 0 },
	{ BYTES("---\ntitle: x\n---\n"), "#1 i.txt:1\ntext=---|title: x|---\n", 0, 0, 0 },
	{ BYTES("\xC2\xA0x\xC2\xA0"), "#1 i.txt:1\ntext=x\n", 0, 0, 0 },
};

START_TEST(text_gives)
{
	check_golden(&text_files[_i], "i.txt", "text");
}
END_TEST

static const struct refused documents_refused[] = {
	{ BYTES(""), "i.md: is empty" },
	{ BYTES("\n \n\t\n"), "i.md: is empty" },
	{ BYTES("# Title only\n"), "i.md: is empty" },
	{ BYTES("---\ntitle: x\n---\n"), "i.md: is empty" },
	{ BYTES("[a]: http://x\n---\n"), "i.md: is empty" },
	{ BYTES("a\r\nb\rc\n\0"), "i.md:4: a NUL byte" },
};

START_TEST(markdown_refuses)
{
	check_refused(&documents_refused[_i], "i.md", "markdown");
}
END_TEST

static int parse_run(const char *format, const char *head, size_t len, size_t every, struct persona_source *source,
		     struct persona_error *err)
{
	size_t head_len = strlen(head);
	char *file = malloc(head_len + len + 1);
	int rc;

	ck_assert_ptr_nonnull(file);
	memcpy(file, head, head_len + 1);
	for (size_t i = 0; i < len; i++)
		file[head_len + i] = every && i % every == every - 1 ? '\n' : 'x';
	rc = persona_source_parse(source, "i", format, file, head_len + len, err);
	free(file);
	return rc;
}

/* A line, an answer and a file have their ceilings, and each says which it was. */
START_TEST(documents_have_ceilings)
{
	size_t most = PERSONA_SOURCE_CELL_MAX;
	struct persona_error err = { 0 };
	struct persona_source source;

	ck_assert_int_eq(parse_run("text", "", most, 0, &source, &err), 0);
	persona_source_release(&source);
	ck_assert_int_eq(parse_run("markdown", "# T\n## Q\n", most - 2, 0, &source, &err), 0);
	persona_source_release(&source);
	ck_assert_int_eq(parse_run("text", "a\n", most + 1, 0, &source, &err), -1);
	ck_assert_str_eq(err.text, "i:2: a line of more than 1048576 bytes");
	ck_assert_int_eq(parse_run("text", "", 64L << 20, 0, &source, &err), -1);
	ck_assert_str_eq(err.text, "i:1: a line of more than 1048576 bytes");
	ck_assert_int_eq(parse_run("text", "", most + 200, 100, &source, &err), -1);
	ck_assert_str_eq(err.text, "i: a text of more than 1048576 bytes");
	ck_assert_int_eq(parse_run("markdown", "## Q\n", most + 200, 1024, &source, &err), -1);
	ck_assert_str_eq(err.text, "i:1026: an answer of more than 1048576 bytes");
	ck_assert_int_eq(parse_run("markdown", "", PERSONA_SOURCE_DOCUMENT_MAX + 1, 1000, &source, &err), -1);
	ck_assert_str_eq(err.text, "i: more than 64 MiB");
}
END_TEST

START_TEST(questions_have_a_ceiling)
{
	struct persona_error err = { 0 };
	struct persona_source source;
	struct persona_buf file;

	persona_buf_init(&file, SIZE_MAX);
	for (int i = 0; i <= PERSONA_SOURCE_COLUMNS_MAX; i++) {
		if (i == PERSONA_SOURCE_COLUMNS_MAX) {
			ck_assert_int_eq(persona_source_parse(&source, "i", "markdown", file.data, file.len, &err), 0);
			ck_assert_uint_eq(source.records.items[0].cells_len, PERSONA_SOURCE_COLUMNS_MAX);
			persona_source_release(&source);
		}
		ck_assert_int_eq(persona_buf_adds(&file, "## Q\nx\n", &err), 0);
	}
	ck_assert_int_eq(persona_source_parse(&source, "i", "markdown", file.data, file.len, &err), -1);
	ck_assert_str_eq(err.text, "i:8194: more than 4096 questions");
	persona_buf_release(&file);
}
END_TEST

/* ---- Lines ----------------------------------------------------------- */

static const struct {
	const char *line;
	enum scan_kind kind;
	const char *name;
	const char *text;
} lines[] = {
	{ "", SCAN_BLANK, "", "" },
	{ " \t", SCAN_BLANK, "", " \t" },
	{ "# A #", SCAN_HEADING, "A", "# A #" },
	{ "   ###### _A_", SCAN_HEADING, "A", "   ###### _A_" },
	{ "    # code", SCAN_TEXT, "", "    # code" },
	{ "####### seven", SCAN_TEXT, "", "####### seven" },
	{ "#tag", SCAN_TEXT, "", "#tag" },
	{ "#", SCAN_IGNORED, "", "#" },
	{ "- - -", SCAN_IGNORED, "", "- - -" },
	{ "--", SCAN_TEXT, "", "--" },
	{ "[x]:http://a", SCAN_IGNORED, "", "[x]:http://a" },
	{ "[x]: HTTPS://a  (t)", SCAN_IGNORED, "", "[x]: HTTPS://a  (t)" },
	{ "[x]: http://a is what I use", SCAN_TEXT, "", "[x]: http://a is what I use" },
	{ "[x]:", SCAN_TEXT, "", "[x]:" },
	{ "[]: http://a", SCAN_TEXT, "", "[]: http://a" },
	{ "[x", SCAN_TEXT, "", "[x" },
	{ "**A:** b", SCAN_LABEL, "A", "b" },
	{ "* **A b**:", SCAN_LABEL, "A b", "" },
	{ "**bold** text", SCAN_TEXT, "", "**bold** text" },
	{ "**:** x", SCAN_TEXT, "", "**:** x" },
	{ "** **: x", SCAN_TEXT, "", "** **: x" },
	{ "**A: b", SCAN_TEXT, "", "**A: b" },
};

START_TEST(line_is)
{
	size_t len = strlen(lines[_i].line);
	char *exact = malloc(len + 1);
	struct scan_line line;
	struct scan scan;

	ck_assert_ptr_nonnull(exact);
	/* The line end belongs to the bytes, a NUL does not. */
	memcpy(exact, lines[_i].line, len);
	exact[len] = '\n';
	scan_init(&scan, exact, len + 1);
	ck_assert(scan_next(&scan, &line));
	ck_assert_int_eq(line.kind, lines[_i].kind);
	if (line.kind == SCAN_HEADING || line.kind == SCAN_LABEL) {
		ck_assert_uint_eq(line.name_len, strlen(lines[_i].name));
		ck_assert_mem_eq(line.name, lines[_i].name, line.name_len);
	}
	ck_assert_uint_eq(line.len, strlen(lines[_i].text));
	ck_assert_mem_eq(line.text, lines[_i].text, line.len);
	ck_assert(!scan_next(&scan, &line));
	free(exact);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("document");
	TCase *tcase = tcase_create("document");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, markdown_gives, 0, sizeof markdown_files / sizeof *markdown_files);
	tcase_add_loop_test(tcase, text_gives, 0, sizeof text_files / sizeof *text_files);
	tcase_add_loop_test(tcase, markdown_refuses, 0, sizeof documents_refused / sizeof *documents_refused);
	tcase_add_test(tcase, documents_have_ceilings);
	tcase_add_test(tcase, questions_have_a_ceiling);
	tcase_add_loop_test(tcase, line_is, 0, sizeof lines / sizeof *lines);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
