/* CSV and TSV: what cells, lines and errors come out of which bytes. */
#include "dump.h"

static const struct golden csv_files[] = {
	{ BYTES("name,age\nAnna,34\nBo,51\n"), "#1 t.csv:2\nname=Anna\nage=34\n#2 t.csv:3\nname=Bo\nage=51\n", 0, 0,
	  0 },
	/* No line end at the end. */
	{ BYTES("name,age\nAnna,34"), "#1 t.csv:2\nname=Anna\nage=34\n", 0, 0, 0 },
	{ BYTES("name,age\nAnna,\"34\""), "#1 t.csv:2\nname=Anna\nage=34\n", 0, 0, 0 },
	/* Line ends of all kinds, in cells too; lines are counted once each. */
	{ BYTES("a,b\r\n1,\"x\r\ny\"\r\n2,z\r\n"), "#1 t.csv:2\na=1\nb=x|y\n#2 t.csv:4\na=2\nb=z\n", 0, 0, 0 },
	{ BYTES("a,b\r1,\"x\ry\"\r2,z\r"), "#1 t.csv:2\na=1\nb=x|y\n#2 t.csv:4\na=2\nb=z\n", 0, 0, 0 },
	{ BYTES("a,b\n\"1\n\n\n2\",3\n4,5\n"), "#1 t.csv:2\na=1|||2\nb=3\n#2 t.csv:6\na=4\nb=5\n", 0, 0, 0 },
	/* Byte order mark, also before a quote. */
	{ BYTES("\xEF\xBB\xBFname\nAnna\n"), "#1 t.csv:2\nname=Anna\n", 0, 0, 0 },
	{ BYTES("\xEF\xBB\xBF\"name\"\nAnna\n"), "#1 t.csv:2\nname=Anna\n", 0, 0, 0 },
	/* White space at the ends goes, a no-break space too; inside it stays. */
	{ BYTES("a,b\n  x  y\t, \" \xC2\xA0z\n\" \n"), "#1 t.csv:2\na=x  y\nb=z\n", 0, 0, 0 },
	/* Quotes: doubled, and as plain characters in the middle. */
	{ BYTES("a,b\n\"say \"\"hi\"\"\",5\" disk\n"), "#1 t.csv:2\na=say \"hi\"\nb=5\" disk\n", 0, 0, 0 },
	{ BYTES("a,b\n\"he said \"no\" twice\",x\n"), "#1 t.csv:2\na=he said \"no\" twice\nb=x\n", 0, 0, 0 },
	{ BYTES("a,b\n\"x\"  ,z\n\"\",\"\"\"\"\n"), "#1 t.csv:2\na=x\nb=z\n#2 t.csv:3\nb=\"\n", 0, 0, 0 },
	/* Ragged: missing cells are unknown, cells beyond the header get a column. */
	{ BYTES("a,b\n1\n1,2,3\n1,2,,4\n1,2,\n"),
	  "#1 t.csv:2\na=1\n#2 t.csv:3\na=1\nb=2\ncolumn 3=3\n#3 t.csv:4\na=1\nb=2\ncolumn 4=4\n#4 t.csv:5\na=1\nb=2\n",
	  0, 4, 0 },
	/* Headers: repeated, empty, over several lines, and one that has a made-up name already. */
	{ BYTES("a,a,,a,column 3,a (2)\n1,2,3,4,5,6\n"),
	  "#1 t.csv:2\na=1\na (2)=2\ncolumn 3=3\na (3)=4\ncolumn 3 (2)=5\na (2) (2)=6\n", 0, 0, 0 },
	{ BYTES("\"What do\n  you like?\",b\nx,y\n"), "#1 t.csv:3\nWhat do you like?=x\nb=y\n", 0, 0, 0 },
	/* Empty rows count for the ordinal, and before the header they do not count. */
	{ BYTES("\n , \na,b\n\n,\n1,2\n  \n3,4\n"), "#3 t.csv:6\na=1\nb=2\n#5 t.csv:8\na=3\nb=4\n", 3, 0, 0 },
	/* One column; an empty answer is an empty row. */
	{ BYTES("a\nx\n\"\"\ny\n"), "#1 t.csv:2\na=x\n#3 t.csv:4\na=y\n", 1, 0, 0 },
	/* Bytes that are no text. */
	{ BYTES("a,b\ncaf\xE9,x\x07y\n"), "#1 t.csv:2\na=caf\xC3\xA9\nb=xy\n", 0, 0, 1 },
	/* The delimiter is what the header uses most, not in quotes; the comma on a tie. */
	{ BYTES("a;b\n1,5;2\n"), "#1 t.csv:2\na=1,5\nb=2\n", 0, 0, 0 },
	{ BYTES("a\tb\n1;5\t2\n"), "#1 t.csv:2\na=1;5\nb=2\n", 0, 0, 0 },
	{ BYTES("\"a,b,c\nd\";e\n1;2\n"), "#1 t.csv:3\na,b,c d=1\ne=2\n", 0, 0, 0 },
	{ BYTES("a;b,c\n1,2\n"), "#1 t.csv:2\na;b=1\nc=2\n", 0, 0, 0 },
	{ BYTES("\n\na;b\n1;2\n"), "#1 t.csv:4\na=1\nb=2\n", 0, 0, 0 },
	/* Header cells may be quoted as well. */
	{ BYTES("\"a \"\"b\"\"\",\"c,d\"\n1,2\n"), "#1 t.csv:2\na \"b\"=1\nc,d=2\n", 0, 0, 0 },
};

START_TEST(csv_gives)
{
	check_golden(&csv_files[_i], "t.csv", "csv");
}
END_TEST

static const struct golden tsv_files[] = {
	{ BYTES("a\tb\n1,x;y\t\"2\n3\"\n"), "#1 t.tsv:2\na=1,x;y\nb=2|3\n", 0, 0, 0 },
	/* Commas win nothing here, and an empty cell is a cell. */
	{ BYTES("a,b,c\td\n\tx\n"), "#1 t.tsv:2\nd=x\n", 0, 0, 0 },
	{ BYTES("a\tb\n\"x\" \ty\n"), "#1 t.tsv:2\na=x\nb=y\n", 0, 0, 0 },
};

START_TEST(tsv_gives)
{
	check_golden(&tsv_files[_i], "t.tsv", "tsv");
}
END_TEST

static const struct refused csv_refused[] = {
	{ BYTES(""), "t.csv: is empty" },
	{ BYTES("\xEF\xBB\xBF"), "t.csv: is empty" },
	{ BYTES("\n\r\n  \n,,\n"), "t.csv: is empty" },
	{ BYTES("a,b\n"), "t.csv: has a header but no records" },
	{ BYTES("a,b"), "t.csv: has a header but no records" },
	{ BYTES("a,b\n\n,\n"), "t.csv: has a header but no records" },
	{ BYTES("a,b\n1,2\n3,\0\n"), "t.csv:3: a NUL byte" },
	{ BYTES("a,b\r\n\"1\r\n\r\n\0\",3\n"), "t.csv:4: a NUL byte" },
	{ BYTES("a,b\n1,2\n\"x\ny\",\"never\nclosed\n"),
	  "t.csv:4: the quote that opens here is never closed (record 2)" },
	{ BYTES("a,\"b\n1,2\n"), "t.csv:1: the quote that opens here is never closed (record 0)" },
	/* The quote of line 2 is closed by the one that line 4 opens: not a cell but three rows. */
	{ BYTES("a,b\n\"x,1\ny,2\n\"z\",3\n"), "t.csv:4: a lone quote inside the quoted cell that opens on line 2" },
	/* A quote ends the cell or is doubled; what follows this one leaves the cell open. */
	{ BYTES("a,b\n\"x\" y,z\n1,2\n"), "t.csv:2: the quote that opens here is never closed (record 1)" },
};

START_TEST(csv_refuses)
{
	check_refused(&csv_refused[_i], "t.csv", "csv");
}
END_TEST

/* Every way of cutting a file in two must give the same: blocks end anywhere. */
START_TEST(block_ends_do_not_matter)
{
	static const char row[] = "\"x\r\ny \"\"q\"\" \xC3\xA9\",z\r\n";
	struct persona_error err = { 0 };
	struct persona_source source;
	struct persona_buf file;
	size_t pad = 65536 - 20 - (size_t)_i;
	char padding[65536];

	persona_buf_init(&file, SIZE_MAX);
	ck_assert_int_eq(persona_buf_adds(&file, "a,b\r\n", &err), 0);
	memset(padding, 'p', sizeof padding);
	ck_assert_int_eq(persona_buf_add(&file, padding, pad - file.len, &err), 0);
	ck_assert_int_eq(persona_buf_adds(&file, ",1\r\n", &err), 0);
	ck_assert_int_eq(persona_buf_add(&file, row, sizeof row - 1, &err), 0);
	ck_assert_int_eq(persona_buf_add(&file, row, sizeof row - 1, &err), 0);
	ck_assert_int_eq(persona_source_parse(&source, "t.csv", "csv", file.data, file.len, &err), 0);
	ck_assert_uint_eq(source.records.len, 3);
	ck_assert_str_eq(source.records.items[1].text, "x\ny \"q\" \xC3\xA9\nz");
	ck_assert_str_eq(source.records.items[1].locator, "t.csv:3");
	ck_assert_str_eq(source.records.items[2].text, "x\ny \"q\" \xC3\xA9\nz");
	ck_assert_str_eq(source.records.items[2].locator, "t.csv:5");
	persona_source_release(&source);
	persona_buf_release(&file);
}
END_TEST

/* A file with one cell of that many bytes. */
static int parse_cell(size_t len, bool quoted, struct persona_source *source, struct persona_error *err)
{
	const char *quote = quoted ? "\"" : "";
	char *file = malloc(len + 16);
	int head, rc;

	ck_assert_ptr_nonnull(file);
	head = snprintf(file, len + 16, "a,b\n%s", quote);
	memset(file + head, 'x', len);
	snprintf(file + head + len, 16 - (size_t)head, "%s,y\n", quote);
	rc = persona_source_parse(source, "t.csv", "csv", file, strlen(file), err);
	free(file);
	return rc;
}

START_TEST(cell_has_a_ceiling)
{
	struct persona_error err = { 0 };
	struct persona_source source;

	ck_assert_int_eq(parse_cell(PERSONA_SOURCE_CELL_MAX, _i, &source, &err), 0);
	ck_assert_uint_eq(source.records.items[0].cells[0].len, PERSONA_SOURCE_CELL_MAX);
	persona_source_release(&source);
	ck_assert_int_eq(parse_cell(PERSONA_SOURCE_CELL_MAX + 1, _i, &source, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_FORMAT);
	ck_assert_str_eq(err.text, "t.csv:2: a cell of more than 1048576 bytes");
	ck_assert_int_eq(parse_cell(64 * 1024 * 1024, _i, &source, &err), -1);
	ck_assert_str_eq(err.text, "t.csv:2: a cell of more than 1048576 bytes");
}
END_TEST

/* Invalid bytes grow threefold when they are replaced: the ceiling holds for what comes out. */
START_TEST(ceiling_holds_after_cleaning)
{
	size_t len = PERSONA_SOURCE_CELL_MAX / 2;
	char *file = malloc(len + 2);
	struct persona_error err = { 0 };
	struct persona_source source;

	ck_assert_ptr_nonnull(file);
	memcpy(file, "a\n", 2);
	memset(file + 2, 0x80, len);
	ck_assert_int_eq(persona_source_parse(&source, "t.csv", "csv", file, len + 2, &err), -1);
	ck_assert_str_eq(err.text, "t.csv:2: a cell of more than 1048576 bytes");
	free(file);
}
END_TEST

/* A header and a row of that many columns. */
static int parse_columns(size_t header, size_t row, struct persona_source *source, struct persona_error *err)
{
	struct persona_buf file;
	int rc = 0;

	persona_buf_init(&file, SIZE_MAX);
	for (size_t i = 0; !rc && i < header; i++)
		rc = persona_buf_adds(&file, i ? ",same" : "same", err);
	for (size_t i = 0; !rc && i < row; i++)
		rc = persona_buf_adds(&file, i ? ",1" : "\n1", err);
	ck_assert_int_eq(rc, 0);
	rc = persona_source_parse(source, "t.csv", "csv", file.data, file.len, err);
	persona_buf_release(&file);
	return rc;
}

START_TEST(columns_have_a_ceiling)
{
	struct persona_error err = { 0 };
	struct persona_source source;

	ck_assert_int_eq(parse_columns(PERSONA_SOURCE_COLUMNS_MAX, PERSONA_SOURCE_COLUMNS_MAX, &source, &err), 0);
	ck_assert_uint_eq(source.records.items[0].cells_len, PERSONA_SOURCE_COLUMNS_MAX);
	ck_assert_str_eq(source.records.columns[PERSONA_SOURCE_COLUMNS_MAX - 1], "same (4096)");
	persona_source_release(&source);
	ck_assert_int_eq(parse_columns(PERSONA_SOURCE_COLUMNS_MAX + 1, 1, &source, &err), -1);
	ck_assert_str_eq(err.text, "t.csv:1: more than 4096 columns");
	ck_assert_int_eq(parse_columns(2, PERSONA_SOURCE_COLUMNS_MAX + 1, &source, &err), -1);
	ck_assert_str_eq(err.text, "t.csv:2: more than 4096 columns");
}
END_TEST

START_TEST(facts_of_the_file)
{
	struct persona_error err = { 0 };
	struct persona_source source;

	ck_assert_int_eq(persona_source_parse(&source, "data/x/t.csv", "csv", BYTES("a\n1\n"), &err), 0);
	ck_assert_str_eq(source.uri, "data/x/t.csv");
	ck_assert_str_eq(source.name, "t.csv");
	ck_assert_str_eq(source.media_type, "text/csv");
	ck_assert_int_eq(source.size_bytes, 4);
	/* printf 'a\n1\n' | sha256sum */
	ck_assert_str_eq(source.sha256, "309b0e45a73d3fc5325e2b6ed0a01ef8b9cde6b05a5633c1f893f970d52bfddc");
	persona_source_release(&source);
	ck_assert_int_eq(persona_source_parse(&source, "t", "xls", BYTES("a\n1\n"), &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_USAGE);
	ck_assert_str_eq(err.text, "unknown format \"xls\"; use csv, tsv, json, jsonl, markdown, text or html");
}
END_TEST

/* The reason must survive a long path. */
START_TEST(long_path_keeps_the_reason)
{
	char uri[1000];
	struct persona_error err = { 0 };
	struct persona_source source;

	memset(uri, 'd', sizeof uri);
	memcpy(uri + sizeof uri - 7, "/t.csv", 7);
	ck_assert_int_eq(persona_source_parse(&source, uri, "csv", BYTES("a\n"), &err), -1);
	ck_assert(strncmp(err.text, "...ddd", 6) == 0);
	ck_assert_ptr_nonnull(strstr(err.text, "/t.csv: has a header but no records"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("table");
	TCase *tcase = tcase_create("table");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, csv_gives, 0, sizeof csv_files / sizeof *csv_files);
	tcase_add_loop_test(tcase, tsv_gives, 0, sizeof tsv_files / sizeof *tsv_files);
	tcase_add_loop_test(tcase, csv_refuses, 0, sizeof csv_refused / sizeof *csv_refused);
	tcase_add_loop_test(tcase, block_ends_do_not_matter, 0, 48);
	tcase_add_loop_test(tcase, cell_has_a_ceiling, 0, 2);
	tcase_add_test(tcase, ceiling_holds_after_cleaning);
	tcase_add_test(tcase, columns_have_a_ceiling);
	tcase_add_test(tcase, facts_of_the_file);
	tcase_add_test(tcase, long_path_keeps_the_reason);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
