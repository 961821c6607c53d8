/*
 * What tests/fuzz/fuzz_json.c promises of any bytes, for all golden cases and for each of them damaged in many ways, by
 * seeds: no clang is needed here. And what comes out of all these texts is what came out before: damaged.txt has a
 * fingerprint for each case. It does not say that every reading is right, but that none changes unnoticed. After a
 * change that is meant, PERSONA_TEST_FINGERPRINTS=FILE has them written to the end of FILE instead, in any order.
 */

#include <inttypes.h>

#include "../../fuzz/fuzz_json.c"
#include "entries.h"

#define DAMAGED 40 /* of each case */

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

/* The value, where it was and what was done to it. */
static uint64_t mix_outcome(uint64_t state, int rc, const json_t *value, const struct persona_json_report *report)
{
	const uint64_t facts[] = { (uint64_t)rc,   report->repaired, report->truncated, report->partial,
				   report->offset, report->len,	     report->candidates };
	char *line = value ? persona_json_canonical(value, NULL) : NULL;

	ck_assert(!value == !line);
	for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
		state = persona_mix64(state, (const char[]){ (char)facts[i], (char)(facts[i] >> 8) }, 2);
	state = persona_mix64(state, line ? line : "", line ? strlen(line) : 0);
	free(line);
	return state;
}

/* Every promise, and what came out. */
static uint64_t try_text(uint64_t state, const struct persona_buf *text)
{
	static const char *const names[] = { "personas", "data", NULL };
	char *bytes = entry_bytes(text);
	struct persona_json_report report;
	struct persona_error err;
	json_t *value;
	int rc;

	LLVMFuzzerTestOneInput((const uint8_t *)bytes, text->len);
	rc = persona_json_extract(&value, bytes, text->len, NULL, &report, &err);
	state = mix_outcome(state, rc, value, &report);
	json_decref(value);
	rc = persona_json_extract_array(&value, bytes, text->len, names, NULL, &report, &err);
	state = mix_outcome(state, rc, value, &report);
	json_decref(value);
	rc = persona_json_extract_object(&value, bytes, text->len, names, NULL, &report, &err);
	state = mix_outcome(state, rc, value, &report);
	json_decref(value);
	rc = persona_json_parse_strict(&value, bytes, text->len, &err);
	if (rc < 0)
		state = persona_mix64(state, err.text, strlen(err.text));
	json_decref(value);
	free(bytes);
	return state;
}

/* What damaged.txt says of the case; "" where it says nothing. */
static void known_fingerprint(const char *name, char out[17])
{
	struct persona_buf known;
	char line[300];
	const char *found;

	ck_assert(entry_text(&known, ".", "damaged.txt", NULL));
	snprintf(line, sizeof line, "\n%s ", name);
	found = strstr(known.data, line);
	snprintf(out, 17, "%.16s", found ? found + strlen(line) : "");
	persona_buf_release(&known);
}

static void compare_fingerprint(const char *name, uint64_t state)
{
	const char *path = getenv("PERSONA_TEST_FINGERPRINTS");
	char known[17], now[17];
	FILE *file;

	snprintf(now, sizeof now, "%016" PRIx64, state);
	if (path) {
		file = fopen(path, "a");
		ck_assert_ptr_nonnull(file);
		fprintf(file, "%s %s\n", name, now);
		ck_assert_int_eq(fclose(file), 0);
		return;
	}
	known_fingerprint(name, known);
	ck_assert_msg(strcmp(known, now) == 0, "%s, damaged, is not read as before: %s, not %s", name, now, known);
}

START_TEST(holds_for_damaged_cases)
{
	const char *name = entries[_i]->d_name;
	uint64_t state = persona_mix64(0, name, strlen(name)), outcomes = 0;
	struct persona_buf text, out;

	ck_assert(entry_text(&text, "cases", name, "input"));
	persona_buf_init(&out, 1 << 24);
	outcomes = try_text(outcomes, &text);
	for (int i = 0; i < DAMAGED && text.len < 8000; i++) {
		damage(&out, &text, &state);
		outcomes = try_text(outcomes, &out);
		/* Once more, now and then: damage seldom comes alone. */
		if (below(&state, 2)) {
			struct persona_buf first = out;

			persona_buf_init(&out, 1 << 24);
			damage(&out, &first, &state);
			outcomes = try_text(outcomes, &out);
			persona_buf_release(&first);
		}
	}
	compare_fingerprint(name, outcomes);
	persona_buf_release(&out);
	persona_buf_release(&text);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("fuzz");
	TCase *t = tcase_create("cases");

	entries_read_cases();
	tcase_add_loop_test(t, holds_for_damaged_cases, 0, entries_len);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return entries_run(suite());
}
