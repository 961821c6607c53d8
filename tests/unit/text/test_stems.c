/* Languages, stop words, stems and their similarity. */
#include <check.h>

#include "persona/text.h"

/* Stems joined with '|' after each; the caller frees. */
static char *joined(const struct persona_stems *stems)
{
	struct persona_error err = { 0 };
	struct persona_buf out;

	persona_buf_init(&out, 100000);
	for (size_t i = 0; i < stems->count; i++) {
		ck_assert_int_eq(persona_buf_adds(&out, stems->items[i], &err), 0);
		ck_assert_int_eq(persona_buf_addc(&out, '|', &err), 0);
	}
	return persona_buf_take(&out);
}

static struct persona_language *language(const char *name)
{
	struct persona_language *out;
	struct persona_error err = { 0 };

	ck_assert_int_eq(persona_language_new(&out, name, &err), 0);
	return out;
}

static const struct {
	const char *language, *text, *stems;
} cases[] = {
	{ NULL, "", "" },
	{ NULL, "the of and", "" },
	{ NULL, "The Reviews were reviewing reviewers", "review|review|review|" },
	{ NULL, "Goals, goals!", "goal|goal|" },
	/* What negates is content; what is left of other contractions is not. */
	{ NULL, "It is not easy", "not|easi|" },
	{ NULL, "I don't think we\xE2\x80\x99ll ever say no", "don't|think|say|no|" },
	{ NULL, "we ll say that s it, don t you", "say|" },
	{ NULL, "the user's data", "user|data|" },
	{ NULL, "R 3.5", "r|3.5|" },
	{ "EN", "running", "run|" },
	{ "en-GB", "running", "run|" },
	{ "eng", "running the", "run|" },
	{ "de", "die H\xC3\xA4user und das Haus", "die|haus|und|das|haus|" },
	{ "german", "H\xC3\x84USER", "haus|" },
	{ "fr", "mangeons mangez", "mangeon|mang|" },
	{ "tlh", "the Running HOUSES", "the|running|houses|" },
	{ "", "the Houses", "the|houses|" },
};

START_TEST(stems_are)
{
	struct persona_language *of = language(cases[_i].language);
	struct persona_error err = { 0 };
	struct persona_stems stems;

	/* The second time from what the handle remembers. */
	for (int round = 0; round < 2; round++) {
		char *text;

		ck_assert_int_eq(persona_stems_of(&stems, of, cases[_i].text, strlen(cases[_i].text), &err), 0);
		text = joined(&stems);
		ck_assert_str_eq(text, cases[_i].stems);
		if (!stems.count)
			ck_assert_ptr_null(stems.items);
		free(text);
		persona_stems_release(&stems);
		ck_assert_uint_eq(stems.count, 0);
	}
	persona_language_free(of);
}
END_TEST

START_TEST(no_handle_is_english)
{
	struct persona_error err = { 0 };
	struct persona_stems stems;

	ck_assert_int_eq(persona_stems_of(&stems, NULL, "the reviewers", 13, &err), 0);
	ck_assert_uint_eq(stems.count, 1);
	ck_assert_str_eq(stems.items[0], "review");
	persona_stems_release(&stems);
	ck_assert(persona_language_known(NULL));
	ck_assert(persona_language_is_stop(NULL, "the", 3));
	ck_assert(!persona_language_is_stop(NULL, "th", 2));
	ck_assert(!persona_language_is_stop(NULL, "thee", 4));
	ck_assert(!persona_language_is_stop(NULL, "# articles", 10));
	ck_assert(!persona_language_is_stop(NULL, "", 0));
	persona_language_free(NULL);
}
END_TEST

START_TEST(known_languages)
{
	static const struct {
		const char *name;
		bool known;
	} names[] = { { NULL, true },
		      { "en", true },
		      { "English", true },
		      { "sv", true },
		      { "spanish", true },
		      { "pt_BR", true },
		      { "", false },
		      { "klingon", false },
		      { "englisch", false },
		      { "-", false },
		      { "a name that is much longer than any language has a right to have", false } };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct persona_language *of = language(names[i].name);

		ck_assert_msg(persona_language_known(of) == names[i].known, "%s", names[i].name);
		persona_language_free(of);
	}
}
END_TEST

START_TEST(stop_words_and_what_is_none)
{
	static const char *const stop[] = { "the",	 "i",	 "i'm", "it's", "we've",
					    "should've", "very", "ll",	"don",	"y'all" };
	static const char *const content[] = { "not",	"no",	  "never",   "nor",	"don't",   "can't", "isn't",
					       "won't", "cannot", "without", "nothing", "neither", "dont",  "The",
					       "user",	"r",	  "work",    "ill",	"well",	   "#",	    "won" };
	struct persona_language *english = language("en"), *german = language("de");

	for (size_t i = 0; i < sizeof stop / sizeof *stop; i++) {
		ck_assert_msg(persona_language_is_stop(english, stop[i], strlen(stop[i])), "%s", stop[i]);
		ck_assert(persona_language_is_stop(NULL, stop[i], strlen(stop[i])));
		ck_assert(!persona_language_is_stop(german, stop[i], strlen(stop[i])));
	}
	for (size_t i = 0; i < sizeof content / sizeof *content; i++) {
		ck_assert_msg(!persona_language_is_stop(english, content[i], strlen(content[i])), "%s", content[i]);
		ck_assert(!persona_language_is_stop(NULL, content[i], strlen(content[i])));
	}
	persona_language_free(english);
	persona_language_free(german);
}
END_TEST

/* More words than a handle remembers, and longer ones: slower, never wrong. */
START_TEST(more_words_than_are_remembered)
{
	struct persona_language *of = language(NULL);
	struct persona_error err = { 0 };
	struct persona_stems stems;
	struct persona_buf text;

	persona_buf_init(&text, 10000000);
	for (int i = 0; i < 70000; i++)
		ck_assert_int_eq(persona_buf_addf(&text, &err, "word%dings ", i), 0);
	for (int round = 0; round < 2; round++) {
		ck_assert_int_eq(persona_stems_of(&stems, of, text.data, text.len, &err), 0);
		ck_assert_uint_eq(stems.count, 70000);
		ck_assert_uint_eq(stems.set_len, 70000);
		ck_assert_str_eq(stems.items[0], "word0");
		ck_assert_str_eq(stems.items[69999], "word69999");
		persona_stems_release(&stems);
	}
	persona_buf_clear(&text);
	for (int i = 0; i < 2000; i++)
		ck_assert_int_eq(persona_buf_addc(&text, 'a', &err), 0);
	ck_assert_int_eq(persona_stems_of(&stems, of, text.data, text.len, &err), 0);
	ck_assert_uint_eq(stems.count, 1);
	ck_assert_uint_eq(strlen(stems.items[0]), 2000);
	persona_stems_release(&stems);
	ck_assert_int_eq(persona_stems_of(&stems, of, "the words", 9, &err), 0);
	ck_assert_uint_eq(stems.count, 1);
	persona_stems_release(&stems);
	persona_buf_release(&text);
	persona_language_free(of);
}
END_TEST

static const struct {
	const char *a, *b;
	double similarity;
} pairs[] = {
	{ "", "", 0 },
	{ "the", "and", 0 },
	{ "review", "", 0 },
	{ "review", "reviews", 1 },
	{ "fast review review", "review, fast", 1 },
	{ "fast review", "slow review", 1.0 / 3 },
	{ "alpha beta gamma", "delta", 0 },
	{ "alpha beta gamma", "gamma delta alpha", 0.5 },
	{ "easy", "not easy", 0.5 },
};

START_TEST(jaccard_is)
{
	struct persona_language *of = language(NULL);
	struct persona_error err = { 0 };
	struct persona_stems a, b;

	ck_assert_int_eq(persona_stems_of(&a, of, pairs[_i].a, strlen(pairs[_i].a), &err), 0);
	ck_assert_int_eq(persona_stems_of(&b, of, pairs[_i].b, strlen(pairs[_i].b), &err), 0);
	ck_assert_double_eq_tol(persona_stems_jaccard(&a, &b), pairs[_i].similarity, 1e-12);
	ck_assert_double_eq_tol(persona_stems_jaccard(&b, &a), pairs[_i].similarity, 1e-12);
	persona_stems_release(&a);
	persona_stems_release(&b);
	persona_language_free(of);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("stems");
	TCase *t = tcase_create("stems");

	tcase_add_loop_test(t, stems_are, 0, sizeof cases / sizeof *cases);
	tcase_add_test(t, no_handle_is_english);
	tcase_add_test(t, known_languages);
	tcase_add_test(t, stop_words_and_what_is_none);
	tcase_add_test(t, more_words_than_are_remembered);
	tcase_add_loop_test(t, jaccard_is, 0, sizeof pairs / sizeof *pairs);
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
	return failed ? 1 : 0;
}
