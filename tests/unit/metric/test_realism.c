#include "helper.h"

static struct persona whole;
static struct persona_finding finding;

static void setup(void)
{
	make_whole(&whole);
	persona_finding_init(&finding);
}

static void teardown(void)
{
	persona_finding_release(&finding);
	persona_release(&whole);
}

static void measure(void)
{
	persona_finding_release(&finding);
	judge(&finding, &metric_realism, "default", &whole, 0);
}

START_TEST(whole_persona_has_100)
{
	measure();
	assert_finding(&finding, 100, NULL);
}
END_TEST

/* Nothing but a name can be judged in an empty persona, and that is missing. */
START_TEST(empty_persona_is_judged_by_its_name)
{
	persona_release(&whole);
	measure();
	assert_finding(&finding, 0, "name-empty");
	set(&whole.name, "Mara Lindqvist");
	whole.age = 18;
	measure();
	assert_finding(&finding, 100, NULL);
}
END_TEST

#define EMPTY	    0, "name-empty"
#define PLACEHOLDER 30, "name-placeholder"
#define SYMBOLS	    40, "name-symbols"
#define SINGLE	    60, "name-single-word"
#define CASE	    70, "name-case"
#define FINE	    100, NULL

static const struct {
	const char *name;
	double value;
	const char *code;
} names[] = {
	{ NULL, EMPTY },
	{ "", EMPTY },
	{ " \t\n", EMPTY },
	{ "user", PLACEHOLDER },
	{ "User 12", PLACEHOLDER },
	{ "USER12", PLACEHOLDER },
	{ "user_7", PLACEHOLDER },
	{ "12 Persona", PLACEHOLDER },
	{ "Persona #3", PLACEHOLDER },
	{ "Persona B", PLACEHOLDER },
	{ "Test Person", PLACEHOLDER },
	{ "Sample-Customer", PLACEHOLDER },
	{ "JOHN  DOE", PLACEHOLDER },
	{ "Jane Doe 2", PLACEHOLDER },
	{ "\"John Doe\"", PLACEHOLDER },
	{ "John Doering", FINE },
	{ "Doe John", FINE },
	{ "Johnny Doe", FINE },
	{ "Userman Testa", FINE },
	{ "Demopoulos Sampleton", FINE },
	{ "Anna Person", FINE },
	{ "Mara Lindqvist 2", SYMBOLS },
	{ "Mar4 Lindqvist", SYMBOLS },
	{ "Mara_Lindqvist", SYMBOLS },
	{ "Mara @ Lindqvist", SYMBOLS },
	{ "Mara Lindqvist!", SYMBOLS },
	{ "Mara/Lindqvist", SYMBOLS },
	{ "Mara 🙂 Lindqvist", SYMBOLS },
	{ "🙂", SYMBOLS },
	{ "👩‍💻", SYMBOLS },
	{ "...", SYMBOLS },
	{ "مريم ٣", SYMBOLS },
	{ "42", SYMBOLS },
	{ "Mara", SINGLE },
	{ "mara", SINGLE },
	{ "Jean-Luc", SINGLE },
	{ "O'Brien", SINGLE },
	{ "Mara -", SINGLE },
	{ "مريم", SINGLE },
	{ "Мария", SINGLE },
	{ "mara lindqvist", CASE },
	{ "MARA LINDQVIST", CASE },
	{ "åsa öberg", CASE },
	{ "ÅSA ÖBERG", CASE },
	{ "мария иванова", CASE },
	{ "МАРИЯ ИВАНОВА", CASE },
	{ "γιώργος παπάς", CASE },
	{ "uwe groß", CASE },
	{ "mara Lindqvist", FINE },
	{ "Mara Lindqvist", FINE },
	{ "Uwe Groß", FINE },
	{ "Åsa Öberg", FINE },
	{ "Мария Иванова", FINE },
	{ "Γιώργος Παπάς", FINE },
	{ "Mara O\u2019Brien-Lindqvist", FINE },
	{ "Smith, Anna", FINE },
	{ "Dr. Anna B. Smith, Jr.", FINE },
	{ "Robert (Bob) \u201cB\u201d Smith", FINE },
	{ "A. B.", FINE },
	{ "Anna\u00a0Smith", FINE },
	{ "Gal\u00b7la Puig", FINE },
	{ "مريم حداد", FINE },
	{ "דנה לוי", FINE },
	{ "प्रिया शर्मा", FINE },
	{ "გიორგი ბერიძე", FINE },
	{ "山田太郎", FINE },
	{ "佐々木 健", FINE },
	{ "山田", FINE },
	{ "マリア・ロペス", FINE },
	{ "マリア", FINE },
	{ "김민수", FINE },
	{ "สมชาย", FINE },
	{ "约翰·史密斯", FINE },
};

START_TEST(looks_of_names)
{
	persona_release(&whole);
	set(&whole.name, names[_i].name);
	measure();
	if (finding.value != names[_i].value)
		ck_abort_msg("%s: %g, not %g", names[_i].name, finding.value, names[_i].value);
	assert_finding(&finding, names[_i].value, names[_i].code);
	if (names[_i].code)
		ck_assert_str_eq(finding.issues[0].field, "name");
}
END_TEST

/* ---- Lists of words: each by itself, and as a part of a longer word, which is none ---- */

static const char *const placeholder_names[] = {
	"user",	  "persona", "customer", "person",	"test",	    "example",
	"sample", "demo",    "default",	 "placeholder", "john doe", "jane doe"
};

START_TEST(each_placeholder_name)
{
	static const struct {
		const char *text, *before, *after;
		bool placeholder;
	} forms[] = {
		{ "%", "", "", true },	     { "% 12", "", "", true },	  { "%12", "", "", true },
		{ "%", "", "q", false },     { "%", "q", "", false },	  { "% 12", "", "q", false },
		{ "Mara %", "", "", false }, { "% Mara", "", "", false },
	};
	char name[64];

	persona_release(&whole);
	for (size_t i = 0; i < COUNT(forms); i++) {
		put_in(name, sizeof name, forms[i].text, forms[i].before, placeholder_names[_i], forms[i].after);
		set(&whole.name, name);
		measure();
		ck_assert_msg(count_code(&finding, "name-placeholder") == forms[i].placeholder, "%s", name);
	}
}
END_TEST

/* Where a list is looked at, and what its words bring about there. */
static const struct word_case {
	const char *code;
	const char *text;      /* with '%' for the word */
	const char *elsewhere; /* where the word may stand without harm; NULL: nowhere */
	enum { OCCUPATION, FACT, QUOTE, GOAL } where;
	const char *words; /* separated by '|' */
} word_cases[] = {
	{ "young-title", "% of sales", "Clerk to the %", OCCUPATION,
	  "chief|ceo|cto|cfo|coo|cio|cmo|director|president|vp|svp|evp" },
	{ "young-title", "Founder of a % firm", NULL, OCCUPATION,
	  "large|big|corporation|conglomerate|enterprise|global|international|multinational|fortune 500" },
	{ "young-title", "% of a large firm", NULL, OCCUPATION, "founder|cofounder" },
	{ "placeholder-value", "%", "% Street 5", FACT,
	  ("n/a|n a|n.a.|na|unknown|tbd|tba|tbc|xxx|null|nil|nan|todo|undefined|unspecified|not applicable|not "
	   "available|"
	   "not known|not provided|not specified|not stated|to be defined|to be determined") },
	{ "quote-not-spoken", "% thing that happened on Monday", "Well, % thing that happened on Monday", QUOTE,
	  ("as a|as an|in my role as|i always|i never|i absolutely|i definitely|furthermore|moreover|in conclusion|"
	   "in today's digital|in today's fast-paced|it is important to note|it's important to note|it is worth "
	   "noting") },
	{ "quote-not-spoken", "They said % to me again", NULL, QUOTE,
	  ("synergy|synergies|synergise|synergize|synergistic|leverage|leverages|leveraged|leveraging|streamline|"
	   "streamlines|streamlined|streamlining|holistic|holistically|optimise|optimises|optimised|optimising|"
	   "optimize|"
	   "optimizes|optimized|optimizing|best in class|cutting edge|state of the art|seamless|utilise|utilize") },
	{ "goal-generic", "% at the office this year", "Somehow % at the office this year", GOAL,
	  ("be better|be the best|be happy|be successful|do better|do more|do everything|have a good|have a better|"
	   "have a great|have a nice|improve everything|improve things|make everything better|make things better") },
	{ "goal-generic", "I want to % at the office this year", NULL, GOAL,
	  "be better|improve everything|have a good|do more" },
};

static size_t say(const struct word_case *of, const char *text)
{
	persona_release(&whole);
	set(&whole.name, "Mara Lindqvist");
	whole.age = 18;
	if (of->where == OCCUPATION)
		set(&whole.occupation, text);
	else if (of->where == FACT)
		whole.demographics = json_pack("{s:s}", "place", text);
	else
		add(&whole, of->where == QUOTE ? PERSONA_QUOTES : PERSONA_GOALS, text);
	measure();
	ck_assert_uint_eq(finding.issues_len, count_code(&finding, of->code));
	return finding.issues_len;
}

START_TEST(each_word_of_a_list)
{
	const struct word_case *of = &word_cases[_i];
	char text[128], word[64];

	for (const char *at = of->words; *at; at += strspn(at, "|")) {
		size_t len = strcspn(at, "|");

		snprintf(word, sizeof word, "%.*s", (int)len, at);
		at += len;
		put_in(text, sizeof text, of->text, "", word, "");
		ck_assert_msg(say(of, text) == 1, "%s", text);
		put_in(text, sizeof text, of->text, "", word, "q");
		ck_assert_msg(say(of, text) == 0, "%s", text);
		put_in(text, sizeof text, of->text, "q", word, "");
		ck_assert_msg(say(of, text) == 0, "%s", text);
		if (!of->elsewhere)
			continue;
		put_in(text, sizeof text, of->elsewhere, "", word, "");
		ck_assert_msg(say(of, text) == 0, "%s", text);
	}
}
END_TEST

/* Lists of English words say nothing of other languages; counts of words do. */
START_TEST(other_languages_are_judged_by_what_needs_no_list)
{
	static const char *const languages[] = { "de", "xx", "klingon" };
	struct persona_subject subject = { .persona = &whole };
	struct persona_profile profile;

	persona_release(&whole);
	set(&whole.name, "Mara Lindqvist");
	set(&whole.occupation, "CEO");
	whole.age = 18;
	add(&whole, PERSONA_QUOTES, "As a teacher I leverage it.|Nein danke");
	add(&whole, PERSONA_GOALS, "Do more at the office|Mehr Zeit haben");
	ck_assert_int_eq(persona_profile_get(&profile, "default", NULL), 0);
	snprintf(profile.language, sizeof profile.language, "%s", languages[_i]);
	persona_finding_release(&finding);
	ck_assert_int_eq(metric_realism.revision(&metric_realism, &profile, &subject, &finding, NULL), 0);
	ck_assert_uint_eq(finding.issues_len, 2);
	ck_assert_int_eq(find_code(&finding, "quote-not-spoken")->position, 1);
	ck_assert_int_eq(find_code(&finding, "goal-generic")->position, 1);
	assert_near(finding.value, (100 + 100 + 50 + 50) / 4.0);
}
END_TEST

/* A title that takes years, at 16 to 21; the rest of the persona is left out. */
static const struct {
	int age;
	const char *occupation;
	const char *demographics;
	double value;
} titles[] = {
	{ 15, "Director of sales", NULL, 100 },
	{ 16, "Director of sales", NULL, 75 },
	{ 21, "Director of sales", NULL, 75 },
	{ 22, "Director of sales", NULL, 100 },
	{ 61, "Director of sales", NULL, 100 },
	{ PERSONA_UNKNOWN, "Director of sales", NULL, 100 },
	{ 18, "Directory clerk", NULL, 100 },
	{ 18, "Student", NULL, 100 },
	{ 18, "Chief financial officer", NULL, 75 },
	{ 18, "CEO", NULL, 75 },
	{ 18, "Handkerchief maker", NULL, 100 },
	{ 18, "Vice President, Sales", NULL, 75 },
	{ 18, "President", NULL, 75 },
	{ 18, "Assistant to the President", NULL, 100 },
	{ 18, "Director, reporting to the CEO", NULL, 75 },
	{ 18, "Founder of a bakery", NULL, 100 },
	{ 18, "Founder of a large firm", NULL, 75 },
	{ 18, "Co-founder at a multinational", NULL, 75 },
	{ 18, "Clerk at a large firm", NULL, 100 },
	{ 18, "Intern at an enlarged firm", NULL, 100 },
	{ PERSONA_UNKNOWN, "CEO", "{\"age_range\":\"16-21\"}", 75 },
	{ PERSONA_UNKNOWN, "CEO", "{\"age_range\":\"16 to 21 years\"}", 75 },
	{ PERSONA_UNKNOWN, "CEO", "{\"age_range\":\"18–20\"}", 75 },
	{ PERSONA_UNKNOWN, "CEO", "{\"age_range\":\"18-24\"}", 100 },
	{ PERSONA_UNKNOWN, "CEO", "{\"age_range\":\"15-21\"}", 100 },
	{ PERSONA_UNKNOWN, "CEO", "{\"age_range\":\"18+\"}", 100 },
	{ PERSONA_UNKNOWN, "CEO", "{\"age_range\":\"over 18\"}", 100 },
	{ PERSONA_UNKNOWN, "CEO", "{\"age_range\":\"18 years\"}", 75 },
	{ PERSONA_UNKNOWN, "CEO", "{\"age_range\":\"21-16\"}", 100 },
	{ PERSONA_UNKNOWN, "CEO", "{\"age_range\":\"999999999999999999999999\"}", 100 },
	{ PERSONA_UNKNOWN, "CEO", "{\"age_range\":\"16-18-20\"}", 100 },
	{ PERSONA_UNKNOWN, "CEO", "{\"age\":18}", 75 },
	{ PERSONA_UNKNOWN, "CEO", "{\"age\":-18}", 100 },
	{ PERSONA_UNKNOWN, "CEO", "{\"age\":[18]}", 100 },
	{ 21, "CEO", "{\"age_range\":\"18-24\"}", 100 },
	{ 20, "CEO", "{\"age_range\":\"18-24\"}", 75 },
	{ 20, "CEO", "{\"age_range\":\"18-23\"}", 100 },
	{ 21, "CEO", "{\"age_range\":\"18-23\"}", 100 },
	{ 45, "CEO", "{\"age_range\":\"16-21\"}", 100 },
};

START_TEST(young_titles)
{
	persona_release(&whole);
	set(&whole.name, "Mara Lindqvist");
	whole.age = titles[_i].age;
	set(&whole.occupation, titles[_i].occupation);
	demographics(&whole, titles[_i].demographics);
	measure();
	if (fabs(finding.value - (100 + titles[_i].value) / 2) > NEAR)
		ck_abort_msg("%d, %s, %s: %g", titles[_i].age, titles[_i].occupation, titles[_i].demographics,
			     finding.value);
	assert_finding(&finding, (100 + titles[_i].value) / 2, titles[_i].value < 100 ? "young-title" : NULL);
}
END_TEST

static const struct {
	const char *occupation;
	const char *demographics;
	size_t placeholders;
} values[] = {
	{ "Editor", "{\"country\":\"Peru\"}", 0 },
	{ "Editor", "{\"country\":\"N/A\"}", 1 },
	{ "Editor", "{\"email\":\"a.long.address.of.mara@Example.com\"}", 1 },
	{ "Editor", "{\"email\":\"mara@exemplar.com\"}", 0 },
	{ "{{occupation}}", "{\"a\":\"<name of town>\",\"b\":\"[your town]\",\"c\":\"a < b\"}", 3 },
	{ "TBD", "{\"country\":\"Peru\"}", 1 },
	{ "Editor", "{\"a\":\"unknown\",\"b\":\"Xxx.\",\"c\":\"(n.a.)\"}", 3 },
	{ "unknown", "{\"a\":\"unknown\",\"b\":\"XXX\",\"c\":\"tbd\",\"d\":\"not specified\"}", 5 },
	{ "Editor", "{\"a\":[\"tbd\",{\"b\":\"n/a\"}],\"c\":\"Lima\"}", 2 },
	{ "Editor", "{\"a\":\"unknown to most\",\"b\":\"Tbdland\",\"c\":\"none\",\"d\":\"Nan Province\"}", 0 },
	{ "Editor", "{\"unknown\":\"Peru\",\"b\":null,\"c\":0,\"d\":\"\"}", 0 },
};

START_TEST(placeholder_values)
{
	double expected = 100 - 25.0 * (double)values[_i].placeholders;

	persona_release(&whole);
	set(&whole.name, "Mara Lindqvist");
	set(&whole.occupation, values[_i].occupation);
	demographics(&whole, values[_i].demographics);
	measure();
	assert_near(finding.value, (100 + (expected > 0 ? expected : 0)) / 2);
	ck_assert_uint_eq(finding.issues_len, values[_i].placeholders);
	ck_assert_uint_eq(count_code(&finding, "placeholder-value"), values[_i].placeholders);
}
END_TEST

/* The title counts like a value, and five deductions are not below 0. */
static const struct {
	const char *demographics;
	double value;
} sums[] = {
	{ "{}", 75 },
	{ "{\"a\":\"tbd\"}", 50 },
	{ "{\"a\":\"tbd\",\"b\":\"n/a\"}", 25 },
	{ "{\"a\":\"tbd\",\"b\":\"n/a\",\"c\":\"xxx\"}", 0 },
	{ "{\"a\":\"tbd\",\"b\":\"n/a\",\"c\":\"xxx\",\"d\":\"unknown\"}", 0 },
};

START_TEST(deductions_add_up)
{
	persona_release(&whole);
	set(&whole.name, "Mara Lindqvist");
	set(&whole.occupation, "CEO");
	whole.age = 18;
	demographics(&whole, sums[_i].demographics);
	measure();
	assert_near(finding.value, (100 + sums[_i].value) / 2);
	ck_assert_uint_eq(finding.issues_len, (size_t)_i + 1);
}
END_TEST

START_TEST(a_long_key_is_cut_between_characters)
{
	char key[200];

	persona_release(&whole);
	set(&whole.name, "Mara Lindqvist");
	for (size_t i = 0; i + 2 < sizeof key; i += 2)
		memcpy(key + i, "é", 3);
	whole.demographics = json_pack("{s:s}", key, "tbd");
	measure();
	ck_assert_uint_eq(finding.issues_len, 1);
	ck_assert(persona_text_is_clean(finding.issues[0].message, strlen(finding.issues[0].message)));
	ck_assert_uint_lt(strlen(finding.issues[0].message), 150);
}
END_TEST

#define TEN   "a b c d e f g h i j "
#define SIXTY TEN TEN TEN TEN TEN TEN

static const struct {
	const char *quote;
	bool spoken;
} quotes[] = {
	{ "No way", false },
	{ "No way, José", true },
	{ SIXTY, true },
	{ SIXTY "k", false },
	{ "As a teacher I need time.", false },
	{ "\u201cAs  A teacher I need time.\u201d", false },
	{ "As an editor I need time.", false },
	{ "As always, it was late.", true },
	{ "As above so below", true },
	{ "Well, as a teacher I need time.", true },
	{ "In my role as editor I decide.", false },
	{ "In my role I decide.", true },
	{ "I always check the numbers.", false },
	{ "I NEVER check the numbers.", false },
	{ "I absolutely check the numbers.", false },
	{ "I definitely check the numbers.", false },
	{ "I nevertheless check the numbers.", true },
	{ "I do always check the numbers.", true },
	{ "We leverage our tools daily.", false },
	{ "We found synergies there.", false },
	{ "It\u2019s Holistic, they say.", false },
	{ "They streamlined my whole day.", false },
	{ "You optimise what you count.", false },
	{ "You optimize what you count.", false },
	{ "Beverage and leveraged-ish talk", false },
	{ "In today's fast-paced world I run.", false },
	{ "In today's paper I saw it.", true },
	{ "It is important to note that it fails.", false },
	{ "It is important to me.", true },
	{ "It is state of the art.", false },
	{ "The art of the state.", true },
	{ "lorem ipsum dolor sit amet", false },
	{ "The coverage was a beverage.", true },
	{ "我 每 天 都 检查", true },
	{ "🙂 🙂 🙂 🙂", false },
};

START_TEST(spoken_quotes)
{
	persona_release(&whole);
	set(&whole.name, "Mara Lindqvist");
	add(&whole, PERSONA_QUOTES, "It was late again, you know.");
	add(&whole, PERSONA_QUOTES, quotes[_i].quote);
	measure();
	assert_finding(&finding, quotes[_i].spoken ? 100 : 75, quotes[_i].spoken ? NULL : "quote-not-spoken");
	if (!quotes[_i].spoken) {
		ck_assert_int_eq(finding.issues[0].position, 1);
		ck_assert_str_eq(finding.issues[0].field, "quotes");
	}
}
END_TEST

static const struct {
	const char *goal;
	bool specific;
} goals[] = {
	{ "Publish every week", false },
	{ "Publish one story weekly", true },
	{ "TBD", false },
	{ "Be better at my job", false },
	{ "To be better at my job", false },
	{ "I want to be better at my job", false },
	{ "I\u2019d like to do more every day", false },
	{ "Become better at cleaning tables", true },
	{ "Learn how to be better", true },
	{ "Maybe better tables next year", true },
	{ "Improve everything in the office", false },
	{ "Improve everyday work with tables", true },
	{ "Have a good work-life balance", false },
	{ "HAVE A GOOD work-life balance", false },
	{ "Have a goodbye party for Ann", true },
	{ "Have a backup of every table", true },
	{ "Do more with less time", false },
	{ "Undo more of the old edits", true },
	{ "Want more time for interviews", true },
	{ "Save time and money", false },
	{ "To save time and money at work", false },  /* two words more */
	{ "Save time and money at our works", true }, /* three */
	{ "I want to be more productive at home", false },
	{ "Somehow be more productive at home", true },
	{ "Lorem ipsum dolor sit amet", false },
	{ "[Insert the goal of the user here]", false },
	{ "Get into the [inner] circle of editors", true },
	{ "Write to someone@example.com every week", false },
	{ "Write to someone@examples.org every week", true },
};

START_TEST(specific_goals)
{
	persona_release(&whole);
	set(&whole.name, "Mara Lindqvist");
	add(&whole, PERSONA_GOALS, goals[_i].goal);
	measure();
	assert_finding(&finding, goals[_i].specific ? 100 : 50, goals[_i].specific ? NULL : "goal-generic");
	if (!goals[_i].specific) {
		ck_assert_int_eq(finding.issues[0].position, 0);
		ck_assert_str_eq(finding.issues[0].field, "goals");
	}
}
END_TEST

/* A blank item is no quote and no goal; a list of them is not measured. */
START_TEST(blank_items_are_none)
{
	persona_release(&whole);
	set(&whole.name, "Mara");
	add(&whole, PERSONA_GOALS, "| ");
	add(&whole, PERSONA_QUOTES, " \n");
	measure();
	assert_finding(&finding, 60, "name-single-word");
	add(&whole, PERSONA_QUOTES, "No");
	measure();
	ck_assert_uint_eq(finding.issues_len, 2);
	assert_near(finding.value, 30);
	ck_assert_int_eq(finding.issues[1].position, 1);
}
END_TEST

START_TEST(value_is_the_mean_of_what_is_there)
{
	set(&whole.name, "mara lindqvist");
	set(&whole.occupation, "tbd");
	add(&whole, PERSONA_QUOTES, "Synergy is my thing|As a user, yes");
	add(&whole, PERSONA_GOALS, "Sleep");
	measure();
	assert_near(finding.value, (70 + 75 + 50 + 75) / 4.0);
	ck_assert_uint_eq(finding.issues_len, 5);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("realism");
	TCase *tcase = tcase_create("realism");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, whole_persona_has_100);
	tcase_add_test(tcase, empty_persona_is_judged_by_its_name);
	tcase_add_loop_test(tcase, looks_of_names, 0, COUNT(names));
	tcase_add_loop_test(tcase, each_placeholder_name, 0, COUNT(placeholder_names));
	tcase_add_loop_test(tcase, each_word_of_a_list, 0, COUNT(word_cases));
	tcase_add_loop_test(tcase, other_languages_are_judged_by_what_needs_no_list, 0, 3);
	tcase_add_loop_test(tcase, deductions_add_up, 0, COUNT(sums));
	tcase_add_loop_test(tcase, young_titles, 0, COUNT(titles));
	tcase_add_loop_test(tcase, placeholder_values, 0, COUNT(values));
	tcase_add_test(tcase, a_long_key_is_cut_between_characters);
	tcase_add_loop_test(tcase, spoken_quotes, 0, COUNT(quotes));
	tcase_add_loop_test(tcase, specific_goals, 0, COUNT(goals));
	tcase_add_test(tcase, blank_items_are_none);
	tcase_add_test(tcase, value_is_the_mean_of_what_is_there);
	suite_add_tcase(suite, tcase);
	return run(suite);
}
