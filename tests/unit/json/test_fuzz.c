/*
 * What tests/fuzz/fuzz_json.c promises of any bytes, for all golden cases and for each of them damaged in many ways, by
 * seeds: no clang is needed here.
 */
#include <check.h>
#include <dirent.h>

#include "../../fuzz/fuzz_json.c"

#define DAMAGED 60 /* of each case */

static struct dirent **folders;
static int folders_len;

static void read_input(struct persona_buf *text, int number)
{
	struct persona_error err = { 0 };
	char path[4096];
	FILE *file;

	persona_buf_init(text, 1 << 24);
	snprintf(path, sizeof path, "%s/cases/%s/input", PERSONA_TEST_FOLDER, folders[number]->d_name);
	file = fopen(path, "rb");
	ck_assert_msg(file && persona_buf_read(text, fileno(file), &err) == 0, "%s: %s", path, err.text);
	fclose(file);
}

static size_t below(uint64_t *state, size_t limit)
{
	*state = persona_mix64(*state, "next", 4);
	return limit ? *state % limit : 0;
}

/* Something else, or nothing, instead of a few bytes; sometimes the end of another case. */
static void damage(struct persona_buf *out, const struct persona_buf *text, uint64_t *state)
{
	static const char *const pieces[] = { "",
					      "",
					      "\"",
					      "'",
					      "{",
					      "}",
					      "[",
					      "]",
					      ":",
					      ",",
					      "\n",
					      " ",
					      "\\",
					      "```",
					      "//",
					      "/*",
					      "(",
					      ")",
					      "...",
					      "\"\"\"",
					      "\\\"",
					      "null",
					      "1",
					      "-",
					      "a: ",
					      "\"k\": ",
					      "{\"k\": ",
					      "</think>",
					      "<think>",
					      "&quot;",
					      "\xE2\x80\x9C",
					      "\xFF",
					      "\\u00",
					      "\\ud83d",
					      "+",
					      "=",
					      "> ",
					      "~~~",
					      "<!--",
					      "#",
					      "\xEF\xBC\x8C",
					      "0x",
					      "e",
					      "\xC2\xA0" };
	size_t from = below(state, text->len + 1), gone = below(state, 3) ? below(state, 4) : below(state, 40);
	const char *piece = pieces[below(state, sizeof pieces / sizeof *pieces)];

	persona_buf_clear(out);
	gone = gone < text->len - from ? gone : text->len - from;
	ck_assert_int_eq(persona_buf_add(out, text->data, from, NULL), 0);
	ck_assert_int_eq(persona_buf_adds(out, piece, NULL), 0);
	if (below(state, 8))
		ck_assert_int_eq(persona_buf_add(out, text->data + from + gone, text->len - from - gone, NULL), 0);
}

START_TEST(holds_for_damaged_cases)
{
	uint64_t state = (uint64_t)_i + 1;
	struct persona_buf text, out;

	read_input(&text, _i);
	persona_buf_init(&out, 1 << 24);
	LLVMFuzzerTestOneInput((const uint8_t *)text.data, text.len);
	for (int i = 0; i < DAMAGED && text.len < 8000; i++) {
		damage(&out, &text, &state);
		LLVMFuzzerTestOneInput((const uint8_t *)out.data, out.len);
		/* Once more, now and then: damage seldom comes alone. */
		if (below(&state, 2)) {
			struct persona_buf first = out;

			persona_buf_init(&out, 1 << 24);
			damage(&out, &first, &state);
			LLVMFuzzerTestOneInput((const uint8_t *)out.data, out.len);
			persona_buf_release(&first);
		}
	}
	persona_buf_release(&out);
	persona_buf_release(&text);
}
END_TEST

static int is_case(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && entry->d_type == DT_DIR;
}

static Suite *suite(void)
{
	Suite *s = suite_create("fuzz");
	TCase *t = tcase_create("cases");

	folders_len = scandir(PERSONA_TEST_FOLDER "/cases", &folders, is_case, alphasort);
	if (folders_len < 300) {
		fprintf(stderr, "%d cases, there should be 300 or more\n", folders_len);
		exit(1);
	}
	tcase_add_loop_test(t, holds_for_damaged_cases, 0, folders_len);
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
	for (int i = 0; i < folders_len; i++)
		free(folders[i]);
	free(folders);
	return failed ? 1 : 0;
}
