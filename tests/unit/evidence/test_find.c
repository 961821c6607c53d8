/* Where a text stands in a record, and that what is said to match does match. */
#include <check.h>

#include "match.h"
#include "persona/text.h"

struct found {
	const char *record;
	const char *text;
	enum persona_strength strength;
	const char *match; /* bytes of the record, NULL: none */
};

static const struct found founds[] = {
	{ "I use R every day.", "use R every", PERSONA_STRENGTH_VERBATIM, "use R every" },
	{ "I use R every day.", "  use R every\n", PERSONA_STRENGTH_VERBATIM, "use R every" },
	{ "I use R every day.", "I use R every day.", PERSONA_STRENGTH_VERBATIM, "I use R every day." },
	/* Byte for byte counts inside words too, when the text is long enough to mean something. */
	{ "reuse it all the time", "use it all the time", PERSONA_STRENGTH_VERBATIM, "use it all the time" },
	/* Case, space, quotes, punctuation. */
	{ "Well, I USE  R\nevery day!", "i use r every day", PERSONA_STRENGTH_CLOSE, "I USE  R\nevery day" },
	{ "She said: \xE2\x80\x9CIt\xE2\x80\x99s too slow.\xE2\x80\x9D Yes.", "\"It's too slow!\"",
	  PERSONA_STRENGTH_CLOSE, "It\xE2\x80\x99s too slow" },
	{ "the 'old' way \xE2\x80\x94 slow", "The old way... slow", PERSONA_STRENGTH_CLOSE,
	  "the 'old' way \xE2\x80\x94 slow" },
	{ "stra\xC3\x9F"
	  "enbahn f\xC3\xA4hrt",
	  "STRASSENBAHN F\xC3\x84HRT", PERSONA_STRENGTH_CLOSE,
	  "stra\xC3\x9F"
	  "enbahn f\xC3\xA4hrt" },
	/* Close needs whole words. */
	{ "Reuse it all the time", "USE it all the time", PERSONA_STRENGTH_NONE, NULL },
	{ "I like the timetable", "Like the time", PERSONA_STRENGTH_NONE, NULL },
	{ "like the timetable and Like, the time", "LIKE THE TIME", PERSONA_STRENGTH_CLOSE, "Like, the time" },
	{ "this and/or something else", "Or something else", PERSONA_STRENGTH_CLOSE, "or something else" },
	/* A short single word stands for itself only. */
	{ "Rust is not for me", "R", PERSONA_STRENGTH_NONE, NULL },
	{ "Rust or R is fine", "R", PERSONA_STRENGTH_VERBATIM, "R" },
	{ "Rust or r is fine", "R", PERSONA_STRENGTH_NONE, NULL },
	{ "we don't", "don", PERSONA_STRENGTH_NONE, NULL },
	{ "PYTHONS", "python", PERSONA_STRENGTH_NONE, NULL },
	{ "I need Documentation", "documentation", PERSONA_STRENGTH_CLOSE, "Documentation" },
	{ "I need it: always :-) ok", ":-)", PERSONA_STRENGTH_VERBATIM, ":-)" },
	/* Text without spaces between words. */
	{ "\xE6\x88\x91\xE5\x96\x9C\xE6\xAC\xA2\xE8\xBF\x99\xE4\xB8\xAA\xE3\x80\x82",
	  "\xE5\x96\x9C\xE6\xAC\xA2\xE8\xBF\x99", PERSONA_STRENGTH_VERBATIM, "\xE5\x96\x9C\xE6\xAC\xA2\xE8\xBF\x99" },
	{ "\xE6\x88\x91\xE5\x96\x9C\xE6\xAC\xA2\xE3\x80\x82\xE8\xBF\x99\xE4\xB8\xAA",
	  "\xE5\x96\x9C\xE6\xAC\xA2\xE8\xBF\x99", PERSONA_STRENGTH_CLOSE,
	  "\xE5\x96\x9C\xE6\xAC\xA2\xE3\x80\x82\xE8\xBF\x99" },
	/* Nothing to find, nowhere to look. */
	{ "anything", "", PERSONA_STRENGTH_NONE, NULL },
	{ "any thing", " \n", PERSONA_STRENGTH_NONE, NULL },
	{ "", "some text here", PERSONA_STRENGTH_NONE, NULL },
	{ "short", "a text that is longer than the record", PERSONA_STRENGTH_NONE, NULL },
	{ "a completely other matter", "I use R every day", PERSONA_STRENGTH_NONE, NULL },
};

START_TEST(find_says)
{
	const struct found *it = &founds[_i];
	struct persona_record record = { .text = (char *)(uintptr_t)it->record };
	struct persona_error err = { 0 };
	size_t offset = 99, len = 99;

	ck_assert_int_eq(persona_evidence_find(&record, it->text, &offset, &len, &err), (int)it->strength);
	if (it->match) {
		ck_assert_uint_eq(len, strlen(it->match));
		ck_assert_mem_eq(it->record + offset, it->match, len);
	} else {
		ck_assert_uint_eq(offset, 0);
		ck_assert_uint_eq(len, 0);
	}
	ck_assert_int_eq(persona_evidence_find(&record, it->text, NULL, NULL, NULL), (int)it->strength);
}
END_TEST

static uint64_t draw(uint64_t *state, uint64_t below)
{
	++*state;
	return persona_mix64(23, state, sizeof *state) % below;
}

/* A long record of words in several scripts with punctuation and space in all forms. */
static void make_record(struct persona_buf *out, uint64_t *state, size_t words, bool spaced)
{
	static const char *const parts[] = { "Alpha",
					     "beta",
					     "don't",
					     "gro\xC3\x9F",
					     "E\xCC\x81tude",
					     "\xE6\x88\x91\xE5\x96\x9C",
					     "well-known",
					     "10.5",
					     "\xD0\xAF\xD0\xB1\xD0\xBB\xD0\xBE\xD0\xBA\xD0\xBE",
					     "x" };
	static const char *const gaps[] = {
		" ", "  ", "\n", ", ", " - ", ". ", " (", ") ", "\xC2\xA0", " \xE2\x80\x9C"
	};

	for (size_t i = 0; i < words; i++) {
		ck_assert_int_eq(persona_buf_adds(out, parts[draw(state, 10)], NULL), 0);
		ck_assert_int_eq(persona_buf_adds(out, spaced ? gaps[draw(state, 10)] : "", NULL), 0);
		if (i % 97 == 0)
			ck_assert_int_eq(persona_buf_addf(out, NULL, "mark%zu%s", i, spaced ? " " : ""), 0);
	}
}

/* Folded piece by piece it is what it is folded at once. */
START_TEST(pieces_fold_like_the_whole)
{
	struct evidence_folded folded;
	struct persona_buf record, whole;
	uint64_t state = (uint64_t)_i * 1000;

	persona_buf_init(&record, SIZE_MAX);
	persona_buf_init(&whole, SIZE_MAX);
	make_record(&record, &state, 800, true);
	ck_assert_int_eq(persona_text_fold(&whole, record.data, record.len, PERSONA_FOLD_PUNCTUATION, NULL), 0);
	ck_assert_int_eq(evidence_fold(&folded, record.data, record.len, NULL), 0);
	ck_assert_str_eq(folded.text.data, whole.data);
	ck_assert_uint_gt(folded.marks_len, 5);
	evidence_folded_release(&folded);
	persona_buf_release(&whole);
	persona_buf_release(&record);
}
END_TEST

/*
 * Any run of words, shouted and without its punctuation, is found; and the bytes that are said to
 * match fold to what was looked for.
 */
START_TEST(matches_are_true)
{
	struct persona_record record = { 0 };
	struct persona_buf text, needle, again;
	struct persona_word *words;
	uint64_t state = (uint64_t)_i * 7919;
	size_t count, close = 0;

	persona_buf_init(&text, SIZE_MAX);
	persona_buf_init(&needle, SIZE_MAX);
	persona_buf_init(&again, SIZE_MAX);
	make_record(&text, &state, 600, true);
	record.text = text.data;
	ck_assert_int_eq(persona_text_words(&words, &count, text.data, text.len, NULL), 0);
	for (int i = 0; i < 60; i++) {
		size_t first = draw(&state, count - 40), last = first + 3 + draw(&state, 36);
		size_t start = words[first].offset, end = words[last].offset + words[last].len, offset, len;
		int strength;

		persona_buf_clear(&needle);
		persona_buf_clear(&again);
		ck_assert_int_eq(
			persona_text_fold(&needle, text.data + start, end - start, PERSONA_FOLD_PUNCTUATION, NULL), 0);
		strength = persona_evidence_find(&record, needle.data, &offset, &len, NULL);
		ck_assert_int_ge(strength, PERSONA_STRENGTH_CLOSE);
		close += strength == PERSONA_STRENGTH_CLOSE;
		ck_assert_uint_le(offset + len, text.len);
		ck_assert_int_eq(persona_text_fold(&again, text.data + offset, len, PERSONA_FOLD_PUNCTUATION, NULL), 0);
		ck_assert_str_eq(again.data, needle.data);
		/* Whole characters, and no more than it takes at the start. */
		ck_assert(persona_text_is_clean(text.data + offset, len));
	}
	ck_assert_uint_gt(close, 50);
	free(words);
	persona_buf_release(&text);
	persona_buf_release(&needle);
	persona_buf_release(&again);
}
END_TEST

/* A megabyte, with and without white space: found at the end, and not at all, without delay. */
START_TEST(large_record)
{
	static const char tail[] = " And THIS \xE2\x80\x9Cis the\xE2\x80\x9D end";
	struct persona_record record = { 0 };
	struct persona_buf text;
	uint64_t state = 5;
	size_t offset, len;

	persona_buf_init(&text, SIZE_MAX);
	make_record(&text, &state, 110000, _i);
	ck_assert_uint_gt(text.len, 600000);
	ck_assert_int_eq(persona_buf_adds(&text, tail, NULL), 0);
	record.text = text.data;
	ck_assert_int_eq(persona_evidence_find(&record, "this is the end", &offset, &len, NULL),
			 PERSONA_STRENGTH_CLOSE);
	ck_assert_uint_eq(offset, text.len - strlen(tail) + 5);
	ck_assert_uint_eq(offset + len, text.len);
	ck_assert_int_eq(persona_evidence_find(&record, "this is the beginning", NULL, NULL, NULL),
			 PERSONA_STRENGTH_NONE);
	persona_buf_release(&text);
}
END_TEST

START_TEST(cut_ends_between_characters)
{
	static const char text[] = "a\xC3\xA9\xF0\x9F\x98\x80z";
	static const size_t wanted[] = { 0, 1, 1, 3, 3, 3, 3, 7, 8, 8 };

	ck_assert_uint_eq(evidence_cut(text, sizeof text - 1, (size_t)_i), wanted[_i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("find");
	TCase *tcase = tcase_create("find");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, find_says, 0, sizeof founds / sizeof *founds);
	tcase_add_loop_test(tcase, pieces_fold_like_the_whole, 0, 20);
	tcase_add_loop_test(tcase, matches_are_true, 0, 20);
	tcase_add_loop_test(tcase, large_record, 0, 2);
	tcase_add_loop_test(tcase, cut_ends_between_characters, 0, 10);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
