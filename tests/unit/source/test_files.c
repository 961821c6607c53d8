/* Files, directories and streams: what is read, in which order, under which name, and what is refused. */
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dump.h"
#include "folder.h"

static char root[TEMPORARY_MAX];

static void make_root(void)
{
	temporary_name(root, "files");
	ck_assert_ptr_nonnull(mkdtemp(root));
	ck_assert_int_eq(chdir(root), 0);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where)
{
	(void)status;
	(void)kind;
	(void)where;
	return remove(path);
}

static void remove_root(void)
{
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

/* Every source as "name records;", every skipped file as "!reason;". */
static char *summary(const struct persona_sources *sources)
{
	struct persona_buf out;

	persona_buf_init(&out, SIZE_MAX);
	for (size_t i = 0; i < sources->len; i++)
		ck_assert_int_eq(
			persona_buf_addf(&out, NULL, "%s %zu;", sources->items[i].name, sources->items[i].records.len),
			0);
	for (size_t i = 0; i < sources->skipped_len; i++)
		ck_assert_int_eq(persona_buf_addf(&out, NULL, "!%s;", sources->skipped[i].text), 0);
	return persona_buf_take(&out);
}

static void expect(const struct persona_sources *sources, const char *wanted)
{
	char *got = summary(sources);

	ck_assert_str_eq(got, wanted);
	free(got);
}

static void expect_error(struct persona_sources *sources, const char *path, const char *format,
			 enum persona_error_code code, const char *text)
{
	struct persona_error err = { 0 };
	size_t len = sources->len, skipped = sources->skipped_len;

	ck_assert_int_eq(persona_sources_read(sources, path, format, &err), -1);
	ck_assert_str_eq(err.text, text);
	ck_assert_int_eq(err.code, code);
	ck_assert_uint_eq(sources->len, len);
	ck_assert_uint_eq(sources->skipped_len, skipped);
}

START_TEST(extension_tells)
{
	struct persona_sources sources;

	persona_sources_init(&sources);
	put("a.csv", "x\n1\n");
	put("b.TSV", "x\ty\n1\t2\n");
	put("c.md", "# T\nhello\n");
	put("d.markdown", "# U\nhello\n");
	put("e.Txt", "hello\n");
	put("f.text", "hallo\n");
	ck_assert_int_eq(persona_sources_read(&sources, "a.csv", NULL, NULL), 0);
	ck_assert_int_eq(persona_sources_read(&sources, "./b.TSV", NULL, NULL), 0);
	ck_assert_int_eq(persona_sources_read(&sources, "c.md", NULL, NULL), 0);
	ck_assert_int_eq(persona_sources_read(&sources, "d.markdown", NULL, NULL), 0);
	ck_assert_int_eq(persona_sources_read(&sources, "e.Txt", NULL, NULL), 0);
	ck_assert_int_eq(persona_sources_read(&sources, "f.text", NULL, NULL), 0);
	expect(&sources, "a.csv 1;b.TSV 1;c.md 1;d.markdown 1;e.Txt 1;f.text 1;");
	ck_assert_str_eq(sources.items[1].media_type, "text/tab-separated-values");
	ck_assert_str_eq(sources.items[1].uri, "./b.TSV");
	ck_assert_str_eq(sources.items[2].media_type, "text/markdown");
	ck_assert_str_eq(sources.items[4].media_type, "text/plain");
	persona_sources_release(&sources);
}
END_TEST

START_TEST(refusals_name_the_file)
{
	struct persona_sources sources;

	persona_sources_init(&sources);
	put("a.xyz", "x\n1\n");
	put("noext", "x\n1\n");
	put(".csv", "x\n1\n");
	put("e.csv", "");
	ck_assert_int_eq(mkdir("void", 0700), 0);
	expect_error(&sources, "missing.csv", NULL, PERSONA_E_IO, "missing.csv: No such file or directory");
	expect_error(&sources, "a.xyz", NULL, PERSONA_E_FORMAT,
		     "a.xyz: unknown kind of file (.xyz); use --format csv, tsv, json, jsonl, markdown, text or html");
	expect_error(&sources, "noext", NULL, PERSONA_E_FORMAT,
		     "noext: unknown kind of file (no extension); use --format csv, tsv, json, jsonl, markdown, text "
		     "or html");
	expect_error(&sources, ".csv", NULL, PERSONA_E_FORMAT,
		     ".csv: unknown kind of file (no extension); use --format csv, tsv, json, jsonl, markdown, text or "
		     "html");
	expect_error(&sources, "a.xyz", "doc", PERSONA_E_USAGE,
		     "unknown format \"doc\"; use csv, tsv, json, jsonl, markdown, text or html");
	expect_error(&sources, "e.csv", NULL, PERSONA_E_FORMAT, "e.csv: is empty");
	expect_error(&sources, "/dev/null", NULL, PERSONA_E_FORMAT, "/dev/null: is empty");
	expect_error(&sources, "/dev/zero", NULL, PERSONA_E_FORMAT, "/dev/zero:1: a NUL byte");
	expect_error(&sources, "void", NULL, PERSONA_E_FORMAT, "void: an empty directory");
	expect_error(&sources, "", NULL, PERSONA_E_IO, ": No such file or directory");
	ck_assert_int_eq(persona_sources_read(&sources, "a.xyz", "csv", NULL), 0);
	expect(&sources, "a.xyz 1;");
	persona_sources_release(&sources);
}
END_TEST

START_TEST(unreadable_is_an_error)
{
	struct persona_sources sources;

	persona_sources_init(&sources);
	put("a.csv", "x\n1\n");
	put("b.csv", "y\n1\n");
	ck_assert_int_eq(chmod("a.csv", 0), 0);
	if (access("a.csv", R_OK) < 0) {
		expect_error(&sources, "a.csv", NULL, PERSONA_E_IO, "a.csv: Permission denied");
		ck_assert_int_eq(persona_sources_read(&sources, ".", NULL, NULL), 0);
		expect(&sources, "b.csv 1;!./a.csv: Permission denied;");
	}
	persona_sources_release(&sources);
}
END_TEST

static void make_tree(void)
{
	ck_assert_int_eq(mkdir("d", 0700), 0);
	ck_assert_int_eq(mkdir("d/sub", 0700), 0);
	ck_assert_int_eq(mkdir("d/b.csv", 0700), 0);
	ck_assert_int_eq(mkdir("d/.git", 0700), 0);
	put("d/z.csv", "x\n1\n2\n");
	put("d/sub/a.md", "# T\nhello\n");
	put("d/sub.txt", "text\n");
	put("d/b.csv/i.csv", "y\n1\n");
	put("d/.hidden.csv", "h\n1\n");
	put("d/.git/c.csv", "h\n1\n");
	put("d/pic.png", "x");
	put("d/Makefile", "x");
	put("d/empty.csv", "");
	put("d/README.md", "# About\nthis\n");
	put("d/copy.csv", "x\n1\n2\n");
	ck_assert_int_eq(mkfifo("d/pipe.csv", 0600), 0);
	ck_assert_int_eq(symlink("../outside.csv", "d/link.csv"), 0);
	ck_assert_int_eq(symlink("..", "d/sub/up"), 0);
	ck_assert_int_eq(symlink("nowhere", "d/dangling.csv"), 0);
	ck_assert_int_eq(symlink("nowhere", "d/gone.png"), 0);
	put("outside.csv", "o\n1\n");
}

static const char tree_sources[] = "b.csv/i.csv 1;copy.csv 2;link.csv 1;sub.txt 1;sub/a.md 1;";

START_TEST(directory_is_walked)
{
	struct persona_sources sources;
	char *got;

	persona_sources_init(&sources);
	make_tree();
	ck_assert_int_eq(persona_sources_read(&sources, "d", NULL, NULL), 0);
	got = summary(&sources);
	ck_assert_uint_eq(strncmp(got, tree_sources, sizeof tree_sources - 1), 0);
	free(got);
	ck_assert_uint_eq(sources.len, 5);
	ck_assert_uint_eq(sources.skipped_len, 9);
	ck_assert_str_eq(sources.items[0].uri, "d/b.csv/i.csv");
	ck_assert_str_eq(sources.items[0].records.items[0].locator, "b.csv/i.csv:2");
	/* Again, and by another way to it: nothing new. */
	ck_assert_int_eq(persona_sources_read(&sources, "d/", NULL, NULL), 0);
	ck_assert_int_eq(persona_sources_read(&sources, "d/sub/up", NULL, NULL), 0);
	ck_assert_int_eq(persona_sources_read(&sources, "d/z.csv", NULL, NULL), 0);
	ck_assert_uint_eq(sources.len, 5);
	ck_assert_str_eq(sources.skipped[sources.skipped_len - 1].text, "d/z.csv: the same content as d/copy.csv");
	persona_sources_release(&sources);
}
END_TEST

START_TEST(skipped_files_have_reasons)
{
	static const struct {
		const char *text;
		bool unreadable;
	} files[] = {
		{ "d/Makefile: unknown kind of file (no extension)", false },
		{ "d/README.md: about the folder; name the file itself to read it", false },
		{ "d/dangling.csv: a symbolic link to nothing", true },
		{ "d/gone.png: a symbolic link to nothing", false },
		{ "d/empty.csv: is empty", true },
		{ "d/pic.png: unknown kind of file (.png)", false },
		{ "d/pipe.csv: not a regular file", false },
		{ "d/sub/up: a symbolic link to a directory", false },
		{ "d/z.csv: the same content as d/copy.csv", false },
	};
	struct persona_sources sources;

	persona_sources_init(&sources);
	make_tree();
	ck_assert_int_eq(persona_sources_read(&sources, "d", NULL, NULL), 0);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		bool found = false;

		for (size_t s = 0; s < sources.skipped_len; s++)
			found = found || (strcmp(sources.skipped[s].text, files[i].text) == 0 &&
					  sources.skipped[s].unreadable == files[i].unreadable);
		ck_assert_msg(found, "%s", files[i].text);
	}
	persona_sources_release(&sources);
}
END_TEST

START_TEST(format_in_a_directory)
{
	struct persona_sources sources;

	persona_sources_init(&sources);
	ck_assert_int_eq(mkdir("d", 0700), 0);
	put("d/notes", "one\n");
	put("d/more.log", "two\n");
	put("d/t.txt", "three\n");
	put("d/x.csv", "a\n1\n");
	ck_assert_int_eq(persona_sources_read(&sources, "d", "text", NULL), 0);
	expect(&sources, "more.log 1;notes 1;t.txt 1;!d/x.csv: not text;");
	persona_sources_release(&sources);
}
END_TEST

START_TEST(directory_of_nothing_usable)
{
	struct persona_sources sources;

	persona_sources_init(&sources);
	ck_assert_int_eq(mkdir("d", 0700), 0);
	put("d/.h.csv", "a\n1\n");
	expect_error(&sources, "d", NULL, PERSONA_E_FORMAT, "d: an empty directory");
	put("d/a.csv", "a\n");
	put("d/b.png", "a\n");
	expect_error(&sources, "d", NULL, PERSONA_E_FORMAT,
		     "d: none of 2 files can be used; the first: d/a.csv: has a header but no records");
	persona_sources_release(&sources);
}
END_TEST

/* Locators start with the name: two files of one name must not share theirs. */
START_TEST(names_are_unique)
{
	struct persona_sources sources;

	persona_sources_init(&sources);
	for (int i = 0; i < 4; i++) {
		static const char *const dirs[] = { "a", "b", "c", "c/d" };
		char path[16], text[16];

		ck_assert_int_eq(mkdir(dirs[i], 0700), 0);
		snprintf(path, sizeof path, "%s/x.csv", dirs[i]);
		snprintf(text, sizeof text, "h\n%d\n", i);
		put(path, text);
	}
	ck_assert_int_eq(persona_sources_read(&sources, "a/x.csv", NULL, NULL), 0);
	ck_assert_int_eq(persona_sources_read(&sources, "b/x.csv", NULL, NULL), 0);
	ck_assert_int_eq(persona_sources_read(&sources, "c", NULL, NULL), 0);
	expect(&sources, "x.csv 1;b/x.csv 1;d/x.csv 1;c/x.csv 1;");
	put("b/x.csv", "h\nother\n");
	ck_assert_int_eq(persona_sources_read(&sources, "b/x.csv", NULL, NULL), 0);
	ck_assert_str_eq(sources.items[4].name, "b/x.csv (2)");
	ck_assert_str_eq(sources.items[4].records.items[0].locator, "b/x.csv (2):2");
	persona_sources_release(&sources);
}
END_TEST

/* The same bytes read as another kind are another source. */
START_TEST(content_counts_with_its_kind)
{
	struct persona_sources sources;

	persona_sources_init(&sources);
	put("a.txt", "x\n1\n");
	ck_assert_int_eq(persona_sources_read(&sources, "a.txt", NULL, NULL), 0);
	ck_assert_int_eq(persona_sources_read(&sources, "a.txt", "csv", NULL), 0);
	ck_assert_int_eq(persona_sources_read(&sources, "a.txt", "text", NULL), 0);
	ck_assert_uint_eq(sources.len, 2);
	persona_sources_release(&sources);
}
END_TEST

START_TEST(odd_names_become_text)
{
	struct persona_sources sources;

	persona_sources_init(&sources);
	put("a\nb\xFF.csv", "x\n1\n");
	ck_assert_int_eq(persona_sources_read(&sources, "a\nb\xFF.csv", NULL, NULL), 0);
	ck_assert_str_eq(sources.items[0].name, "a?b\xEF\xBF\xBD.csv");
	persona_sources_release(&sources);
}
END_TEST

static const struct {
	const char *text;
	const char *media_type;
} sniffed[] = {
	{ "a,b\n1,2\n", "text/csv" },
	{ "a;b\n1;2\n", "text/csv" },
	{ "a,b\n\"say \"\"hi, you\"\"\nand, go\",2\n3,4\n", "text/csv" },
	{ "\"x\ny\",b,c\n1,2,3", "text/csv" },
	{ "a\tb\n1\t2\n", "text/tab-separated-values" },
	{ "\xEF\xBB\xBF"
	  "a\tb\n1\t2\n",
	  "text/tab-separated-values" },
	{ "---\ntitle: x\n---\nBody, text\nmore, text\n", "text/markdown" },
	{ "Intro\n\n## Heading\ntext\n", "text/markdown" },
	{ "Well, yes\nOh, no\n", "text/plain" },
	{ "Just words\nand words\n", "text/plain" },
	{ "a,b,c\n", "text/plain" },
	{ "a,b,c\nd,e\n", "text/plain" },
	{ "#hashtag\n", "text/plain" },
};

START_TEST(stdin_is_sniffed)
{
	struct persona_sources sources;
	int kept = dup(STDIN_FILENO), fd;

	persona_sources_init(&sources);
	put("in", sniffed[_i].text);
	fd = open("in", O_RDONLY);
	ck_assert_int_ge(dup2(fd, STDIN_FILENO), 0);
	close(fd);
	ck_assert_int_eq(persona_sources_read(&sources, "-", NULL, NULL), 0);
	ck_assert_str_eq(sources.items[0].media_type, sniffed[_i].media_type);
	ck_assert_str_eq(sources.items[0].name, "stdin");
	ck_assert_str_eq(sources.items[0].uri, "-");
	ck_assert_uint_eq(strncmp(sources.items[0].records.items[0].locator, "stdin:", 6), 0);
	persona_sources_release(&sources);
	if (kept >= 0) {
		dup2(kept, STDIN_FILENO);
		close(kept);
	}
}
END_TEST

/* A pipe gives its bytes in pieces; its name says nothing, so it is sniffed, or asked for. */
START_TEST(pipe_is_a_stream)
{
	struct persona_sources sources;
	char path[32];
	int ends[2];

	persona_sources_init(&sources);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(pipe(ends), 0);
		ck_assert_int_eq(write(ends[1], "a,b\n1,", 6), 6);
		ck_assert_int_eq(write(ends[1], i ? "3\n" : "2\n", 2), 2);
		close(ends[1]);
		snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
		ck_assert_int_eq(persona_sources_read(&sources, path, i ? "text" : NULL, NULL), 0);
		close(ends[0]);
	}
	ck_assert_uint_eq(sources.len, 2);
	ck_assert_str_eq(sources.items[0].media_type, "text/csv");
	ck_assert_str_eq(sources.items[0].records.items[0].text, "1\n2");
	ck_assert_str_eq(sources.items[1].media_type, "text/plain");
	persona_sources_release(&sources);
}
END_TEST

START_TEST(file_has_a_ceiling)
{
	struct persona_sources sources;
	int fd = open("big.csv", O_WRONLY | O_CREAT, 0600);

	persona_sources_init(&sources);
	ck_assert_int_eq(write(fd, "a\n1\n", 4), 4);
	ck_assert_int_eq(ftruncate(fd, PERSONA_SOURCE_FILE_MAX + 1), 0);
	close(fd);
	expect_error(&sources, "big.csv", NULL, PERSONA_E_FORMAT, "big.csv: more than 1024 MiB");
	persona_sources_release(&sources);
}
END_TEST

/* 20,000 rows of a file, for its order and for what a realloc might lose. */
START_TEST(many_records)
{
	struct persona_sources sources;
	FILE *file = fopen("many.csv", "w");

	persona_sources_init(&sources);
	ck_assert_ptr_nonnull(file);
	fputs("id,answer\n", file);
	for (int i = 1; i <= 20000; i++)
		fprintf(file, "%d,\"answer\n%d\"\n", i, i);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(persona_sources_read(&sources, "many.csv", NULL, NULL), 0);
	ck_assert_uint_eq(sources.items[0].records.len, 20000);
	ck_assert_str_eq(sources.items[0].records.items[19999].locator, "many.csv:40000");
	ck_assert_str_eq(sources.items[0].records.items[19999].text, "20000\nanswer\n20000");
	persona_sources_release(&sources);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("files");
	TCase *tcase = tcase_create("files");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, make_root, remove_root);
	tcase_add_test(tcase, extension_tells);
	tcase_add_test(tcase, refusals_name_the_file);
	tcase_add_test(tcase, unreadable_is_an_error);
	tcase_add_test(tcase, directory_is_walked);
	tcase_add_test(tcase, skipped_files_have_reasons);
	tcase_add_test(tcase, format_in_a_directory);
	tcase_add_test(tcase, directory_of_nothing_usable);
	tcase_add_test(tcase, names_are_unique);
	tcase_add_test(tcase, content_counts_with_its_kind);
	tcase_add_test(tcase, odd_names_become_text);
	tcase_add_loop_test(tcase, stdin_is_sniffed, 0, sizeof sniffed / sizeof *sniffed);
	tcase_add_test(tcase, pipe_is_a_stream);
	tcase_add_test(tcase, file_has_a_ceiling);
	tcase_add_test(tcase, many_records);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
