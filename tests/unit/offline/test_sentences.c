/* Cutting answers into sentences, and what the sentences speak of. */
#include "survey.h"

static struct persona_records records;
static struct model *model;

static const struct sentence *learn(const char *header, const char *answer)
{
	struct persona_error err = { 0 };
	const char *pairs[] = { header, answer, NULL };

	persona_records_init(&records);
	survey_add(&records, "one.md", pairs);
	ck_assert_msg(model_new(&model, &records, "one", 1, &err) == 0, "%s", err.text);
	return model->sentences;
}

static void done(void)
{
	model_free(model);
	persona_records_release(&records);
}

static const struct {
	const char *text;
	const char *sentences[5];
} cuts[] = {
	{ "One thing. Another thing! A third?", { "One thing.", "Another thing!", "A third?" } },
	{ "Use it, e.g. the red one. Dr. Who said so.", { "Use it, e.g. the red one.", "Dr. Who said so." } },
	{ "Ask the others, ex. The forum. Or write", { "Ask the others, ex. The forum.", "Or write" } },
	{ "Names on windows with foreign usernames, 2. Permissions on shared disks",
	  { "Names on windows with foreign usernames", "Permissions on shared disks" } },
	{ "1. first point\n2. second point", { "first point", "second point" } },
	{ "- first point\n- second point", { "first point", "second point" } },
	{ "A line that was\nwrapped in the middle.", { "A line that was\nwrapped in the middle." } },
	{ "A heading\n\nand a paragraph", { "A heading", "and a paragraph" } },
	{ "Strength: Ideals. Weakness: Technical boundary.", { "Ideals.", "Technical boundary." } },
	{ "Version 2.5 is out", { "Version 2.5 is out" } },
	{ "   \n ", { NULL } },
	{ "PARTICIPANT 2: So I said it. MODERATOR: Why?", { "So I said it.", "Why?" } },
	{ "2. ", { NULL } },
	{ "What a \"day.\" It rained", { "What a \"day.\"", "It rained" } },
};

START_TEST(answers_are_cut)
{
	size_t at = 0, from, to, i = 0, len = strlen(cuts[_i].text);

	while (sentence_next(cuts[_i].text, len, &at, &from, &to)) {
		ck_assert_uint_lt(from, to);
		ck_assert_uint_le(to, len);
		ck_assert_msg(i < 5 && cuts[_i].sentences[i], "one too many: %.*s", (int)(to - from),
			      cuts[_i].text + from);
		ck_assert_uint_eq(strlen(cuts[_i].sentences[i]), to - from);
		ck_assert_int_eq(memcmp(cuts[_i].sentences[i], cuts[_i].text + from, to - from), 0);
		i++;
	}
	ck_assert(i == 5 || !cuts[_i].sentences[i]);
}
END_TEST

static const struct {
	const char *header, *text;
	enum item_class class_;
} speaks[] = {
	{ "Notes", "I wish the buttons were larger and easier to find", CLASS_GOAL },
	{ "What do you like least?", "I wish the buttons were not so slow to react", CLASS_GOAL },
	{ "What do you like least?", "The cryptic messages after an update", CLASS_FRUSTRATION },
	{ "What do you like best?", "Almost everything I need is in one place", CLASS_MOTIVATION },
	{ "What do you like least?", "It is hard to find what I want to see", CLASS_FRUSTRATION },
	{ "Notes", "I usually check the list every morning", CLASS_BEHAVIOUR },
	{ "Notes", "I love it because it gives me freedom", CLASS_MOTIVATION },
	{ "Notes", "It solves the problem of the empty shelf", CLASS_NONE },
	{ "Notes", "This was no problem and not difficult for anybody", CLASS_NONE },
	{ "What are the strengths? What are the weaknesses?", "Weaknesses: everything around the paperwork",
	  CLASS_FRUSTRATION },
	{ "What are the strengths? What are the weaknesses?", "Strengths: everything around the paperwork",
	  CLASS_MOTIVATION },
	{ "What are the strengths? What are the weaknesses?", "There is plenty of paperwork around here", CLASS_NONE },
};

START_TEST(sentences_speak_of_a_class)
{
	const struct sentence *sentence = learn(speaks[_i].header, speaks[_i].text);
	int best = CLASS_NONE;
	float top = 0;

	ck_assert_uint_ge(model->sentences_len, 1);
	for (int c = 0; c < CLASSES; c++)
		if (sentence->score[c] > top) {
			top = sentence->score[c];
			best = c;
		}
	ck_assert_msg(best == (int)speaks[_i].class_, "%s: %d", speaks[_i].text, best);
	done();
}
END_TEST

static const struct {
	const char *text;
	bool idle;
} idles[] = { { "N/A", true },
	      { "not sure", true },
	      { "See the first box", true },
	      { "Again, not sure at this point", true },
	      { "No", true },
	      { "Nothing works without a password", false },
	      { "??", true },
	      { "I am not sure about what the foundation does and how it all works, so I will read more", true },
	      { "The manual is long and after all of it I am still not sure about what the foundation does", false },
	      { "I am not sure whether the people who run this place know what they are doing there", false } };

START_TEST(empty_phrases_are_told)
{
	struct persona_error err = { 0 };
	struct folded folded;

	learn("Notes", "some words");
	ck_assert_int_eq(folded_of(&folded, idles[_i].text, strlen(idles[_i].text), &err), 0);
	ck_assert_int_eq(says_nothing(model, &folded), idles[_i].idle);
	folded_release(&folded);
	done();
}
END_TEST

static const struct {
	const char *text;
	bool private_;
} privates[] = { { "Write to ann@example.org", true },
		 { "I'm Ann Bee and I bake", true },
		 { "I work at Acme", true },
		 { "I work at home", false },
		 { "See https://example.org for more", true },
		 { "I am @annbee there", true },
		 { "Call me at +44 20 7946 0000", true },
		 { "I'm a baker", false },
		 { "I'm happy with 2019 and 300 loaves", false },
		 { "I live in Leeds", true },
		 { "I use Kyle Webster brushes", true },
		 { "Thanks, [Sarah Obi][obi] taught me", true },
		 { "Kyle Webster", true },
		 { "I use Kyle webster brushes", false },
		 { "I use kyle Webster brushes", false },
		 { "I draw on Paper Source paper", false },
		 { "Kyle We", false },
		 { "Kyle Wee", true },
		 { "Kyles Webster", false },
		 { "McKyle Webster", false } };

START_TEST(private_words_are_told)
{
	ck_assert_int_eq(sounds_private(privates[_i].text, strlen(privates[_i].text)), privates[_i].private_);
}
END_TEST

START_TEST(links_go_from_plain_text)
{
	static const char text[] = "I use [Firefox][ff] and [vim](https://x.org \"v\") *daily* https://y.org/z (home)";
	struct persona_error err = { 0 };
	struct persona_buf plain;

	persona_buf_init(&plain, 1000);
	ck_assert_int_eq(plain_text(&plain, text, strlen(text), &err), 0);
	ck_assert_str_eq(plain.data, "I use Firefox and vim daily  (home)");
	persona_buf_release(&plain);
}
END_TEST

START_TEST(unbalanced_links_lose_nothing)
{
	static const char text[] = "a ](b [c] (d";
	struct persona_error err = { 0 };
	struct persona_buf plain;

	persona_buf_init(&plain, 1000);
	ck_assert_int_eq(plain_text(&plain, text, strlen(text), &err), 0);
	ck_assert_str_eq(plain.data, "a (b c (d");
	persona_buf_release(&plain);
}
END_TEST

START_TEST(reference_lists_are_not_speech)
{
	learn("Software", "I use [vim][] to write letters.\n\n[vim]: https://www.vim.org \"An editor.\"");
	ck_assert_uint_eq(model->sentences_len, 1);
	ck_assert(model->sentences[0].links);
	done();
}
END_TEST

START_TEST(other_languages_have_no_cues)
{
	char text[2000] = "";
	size_t len = 0;

	for (int i = 0; i < 20; i++)
		len += (size_t)snprintf(text + len, sizeof text - len,
					"Ich möchte gerne wissen, warum der Bus nie pünktlich kommt. ");
	learn("Notizen", text);
	ck_assert(!model->english);
	done();
	learn("Notes", "I wish that the bus would come when it is due.");
	ck_assert(model->english);
	done();
}
END_TEST

START_TEST(cues_are_found_longest_first)
{
	static const char *const classes[] = { "a", "b", NULL };
	static const char data[] = "# comment\na\tlike\nb+\tlike lea*\n";
	struct persona_error err = { 0 };
	struct folded folded;
	struct cues cues;

	ck_assert_int_eq(cues_load(&cues, classes, data, strlen(data), &err), 0);
	ck_assert_int_eq(folded_of(&folded, "Like leaves, like it", 20, &err), 0);
	ck_assert_int_eq(cues_at(&cues, &folded, 0)->class_, 1);
	ck_assert_double_eq(cues_at(&cues, &folded, 0)->weight, 2);
	ck_assert_ptr_null(cues_at(&cues, &folded, 1));
	ck_assert_int_eq(cues_at(&cues, &folded, 2)->class_, 0);
	folded_release(&folded);
	cues_release(&cues);
	ck_assert_int_lt(cues_load(&cues, classes, "c\tx\n", 4, &err), 0);
	ck_assert_int_eq(err.code, PERSONA_E_FORMAT);
	ck_assert_int_lt(cues_load(&cues, classes, "a\t...\n", 6, &err), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sentences");
	TCase *tests = tcase_create("sentences");

	tcase_add_loop_test(tests, answers_are_cut, 0, (int)(sizeof cuts / sizeof *cuts));
	tcase_add_loop_test(tests, sentences_speak_of_a_class, 0, (int)(sizeof speaks / sizeof *speaks));
	tcase_add_loop_test(tests, empty_phrases_are_told, 0, (int)(sizeof idles / sizeof *idles));
	tcase_add_loop_test(tests, private_words_are_told, 0, (int)(sizeof privates / sizeof *privates));
	tcase_add_test(tests, links_go_from_plain_text);
	tcase_add_test(tests, unbalanced_links_lose_nothing);
	tcase_add_test(tests, reference_lists_are_not_speech);
	tcase_add_test(tests, other_languages_have_no_cues);
	tcase_add_test(tests, cues_are_found_longest_first);
	suite_add_tcase(suite, tests);
	return survey_run(suite);
}
