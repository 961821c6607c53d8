/* The golden folders in cases/: each is one thing that models do. A new folder needs no code here. */
#include "entries.h"
#include "persona/json.h"

#define NAMES_MAX 8

/* A folder, read. */
struct golden {
	struct persona_buf input, output, flags;
	const char *names[NAMES_MAX + 1];
	bool array, object, strict, no_repair, repaired, not_repaired, truncated, not_truncated;
};

static void read_flags(struct golden *golden, const char *name)
{
	size_t names = 0;
	char *rest = golden->flags.data, *word;

	while ((word = strtok_r(rest, " \n", &rest))) {
		if (strcmp(word, "envelope") == 0) {
			ck_assert(names < NAMES_MAX);
			golden->names[names++] = strtok_r(rest, " \n", &rest);
			continue;
		}
		golden->array |= strcmp(word, "array") == 0;
		golden->object |= strcmp(word, "object") == 0;
		golden->strict |= strcmp(word, "strict") == 0;
		golden->no_repair |= strcmp(word, "no-repair") == 0;
		golden->repaired |= strcmp(word, "repaired") == 0;
		golden->not_repaired |= strcmp(word, "not-repaired") == 0;
		golden->truncated |= strcmp(word, "truncated") == 0;
		golden->not_truncated |= strcmp(word, "not-truncated") == 0;
		ck_assert_msg(
			strstr(" array object strict no-repair repaired not-repaired truncated not-truncated ", word),
			"%s: unknown flag %s", name, word);
	}
}

static int run(const struct golden *golden, const char *text, json_t **value, struct persona_json_report *report,
	       struct persona_error *err)
{
	struct persona_json_options options = { .no_repair = golden->no_repair };
	size_t len = golden->input.len;

	*report = (struct persona_json_report){ 0 };
	if (golden->strict)
		return persona_json_parse_strict(value, text, len, err) < 0 ? 0 : 1;
	if (golden->array)
		return persona_json_extract_array(value, text, len, golden->names, &options, report, err);
	if (golden->object)
		return persona_json_extract_object(value, text, len, golden->names, &options, report, err);
	return persona_json_extract(value, text, len, &options, report, err);
}

static void check_value(const struct golden *golden, const char *name, int rc, json_t *value,
			const struct persona_error *err)
{
	char *got = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
	json_t *wanted;

	if (strcmp(golden->output.data, "none") == 0) {
		ck_assert_msg(rc <= 0, "%s: none is right, not %s", name, got);
		return;
	}
	wanted = json_loadb(golden->output.data, golden->output.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	ck_assert_msg(wanted != NULL, "%s: the output is not JSON", name);
	ck_assert_msg(rc == 1 && json_equal(value, wanted), "%s\n  right %s\n  got   %s", name, golden->output.data,
		      got  ? got
		      : rc ? err->text
			   : "none");
	json_decref(wanted);
	free(got);
}

static void check_report(const struct golden *golden, const char *name, const struct persona_json_report *report)
{
	ck_assert_msg(!golden->repaired || report->repaired, "%s: repaired, but does not say so", name);
	ck_assert_msg(!golden->not_repaired || !report->repaired, "%s: not repaired, but says so", name);
	ck_assert_msg(!golden->truncated || report->truncated, "%s: truncated, but does not say so", name);
	ck_assert_msg(!golden->not_truncated || !report->truncated, "%s: not truncated, but says so", name);
	ck_assert_uint_le(report->offset + report->len, golden->input.len);
}

START_TEST(golden_case)
{
	const char *name = entries[_i]->d_name;
	struct golden golden = { 0 };
	struct persona_json_report report;
	struct persona_error err = { 0 };
	json_t *value = NULL;
	char *text;
	int rc;

	ck_assert_msg(entry_text(&golden.input, "cases", name, "input"), "%s: no input", name);
	ck_assert_msg(entry_text(&golden.output, "cases", name, "output"), "%s: no output", name);
	(void)entry_text(&golden.flags, "cases", name, "flags");
	while (golden.output.len && golden.output.data[golden.output.len - 1] == '\n')
		golden.output.data[--golden.output.len] = '\0';
	read_flags(&golden, name);
	text = entry_bytes(&golden.input);
	rc = run(&golden, text, &value, &report, &err);
	check_value(&golden, name, rc, value, &err);
	if (rc > 0)
		check_report(&golden, name, &report);
	json_decref(value);
	free(text);
	persona_buf_release(&golden.input);
	persona_buf_release(&golden.output);
	persona_buf_release(&golden.flags);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("cases");
	TCase *t = tcase_create("golden");

	entries_read_cases();
	tcase_add_loop_test(t, golden_case, 0, entries_len);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return entries_run(suite());
}
