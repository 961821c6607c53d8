/*
 * What tests/fuzz/fuzz_json.c promises of any bytes, for all golden cases and for each of them damaged in many ways, by
 * seeds: no clang is needed here.
 */

#include "../../fuzz/fuzz_json.c"
#include "entries.h"

#define DAMAGED 60 /* of each case */

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

	ck_assert(entry_text(&text, "cases", entries[_i]->d_name, "input"));
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
