/* Every rule of consistency on both sides of each bound. */
#include "helper.h"

static struct persona persona;
static struct persona_finding finding;

static void setup(void)
{
	persona_init(&persona);
	persona_finding_init(&finding);
}

static void teardown(void)
{
	persona_finding_release(&finding);
	persona_release(&persona);
}

static void look(int year, const char *language)
{
	struct persona_subject subject = { .persona = &persona, .year = year };
	struct persona_error err = { 0 };
	struct persona_profile profile;

	ck_assert_int_eq(persona_profile_get(&profile, "default", NULL), 0);
	snprintf(profile.language, sizeof profile.language, "%s", language);
	persona_finding_release(&finding);
	ck_assert_msg(metric_consistency.revision(&metric_consistency, &profile, &subject, &finding, &err) == 0, "%s",
		      err.text);
}

/* The only part that is measured is the one that is tested. */
static void expect(double value, const char *code)
{
	look(2026, "en");
	assert_finding(&finding, value, code);
}

START_TEST(says_when_there_is_nothing)
{
	look(2026, "en");
	ck_assert(!finding.measured);
	ck_assert_uint_eq(finding.issues_len, 1);
	ck_assert_str_eq(finding.issues[0].code, "not-measured");
	make_whole(&persona);
	expect(100, NULL);
}
END_TEST

/* ---- Age and stage of life ------------------------------------------------ */

static const struct {
	int age;
	const char *range; /* of demographics */
	const char *goal;
	double value;
} goals[] = {
	{ 25, NULL, "Save enough for an early retirement", 80 },
	{ 26, NULL, "Save enough for an early retirement", 100 },
	{ 25, NULL, "Leave a legacy", 80 },
	{ 25, NULL, "Replace the legacy system at work", 100 },
	{ 25, NULL, "Pretirement legacyish pensioned", 100 },
	{ 55, NULL, "Find a first job in town", 80 },
	{ 54, NULL, "Find a first job in town", 100 },
	{ 55, NULL, "Get an entry-level position", 80 },
	{ 60, NULL, "Land an INTERNSHIP", 80 },
	{ 60, NULL, "See the national internships board", 80 },
	{ 60, NULL, "Work at an international firm", 100 },
	{ 61, NULL, "Enjoy the time after graduating", 80 },
	{ 16, NULL, "Find a first job in town", 100 },
	{ 61, NULL, "Leave a legacy", 100 },
	{ -1, "20-25", "Plan for retirement", 80 },
	{ -1, "20-26", "Plan for retirement", 100 },
	{ -1, "55-70", "Find a first job", 80 },
	{ -1, "54-70", "Find a first job", 100 },
};

START_TEST(goals_fit_the_age)
{
	char facts[64];

	add(&persona, PERSONA_GOALS, goals[_i].goal);
	if (goals[_i].age >= 0)
		persona.age = goals[_i].age;
	if (goals[_i].range) {
		snprintf(facts, sizeof facts, "{\"age_range\": \"%s\"}", goals[_i].range);
		demographics(&persona, facts);
	}
	expect(goals[_i].value, goals[_i].value < 100 ? "age-goal" : NULL);
	if (goals[_i].value < 100)
		ck_assert_int_eq(finding.issues[0].position, 0);
}
END_TEST

/* Each cue by itself, and as a part of a longer word, which is none. */
static const struct {
	const char *word;
	int age, other; /* who does not speak of it, and who may */
} cues[] = {
	{ "retirement", 25, 26 }, { "retire", 25, 26 },	       { "retires", 25, 26 },	     { "retiring", 25, 26 },
	{ "pension", 25, 26 },	  { "pensions", 25, 26 },      { "legacy", 25, 26 },	     { "first job", 55, 54 },
	{ "internship", 55, 54 }, { "internships", 55, 54 },   { "entry level", 55, 54 },    { "graduating", 55, 54 },
	{ "graduation", 55, 54 }, { "graduate from", 55, 54 }, { "first real job", 55, 54 },
};

START_TEST(each_cue_of_an_age)
{
	static const struct {
		const char *before, *after;
		bool other;
		double value;
	} forms[] = { { "", "", false, 80 }, { "", "", true, 100 }, { "q", "", false, 100 }, { "", "q", false, 100 } };
	char goal[64];

	for (size_t i = 0; i < COUNT(forms); i++) {
		put_in(goal, sizeof goal, "Think of % soon", forms[i].before, cues[_i].word, forms[i].after);
		clear(&persona, PERSONA_GOALS);
		add(&persona, PERSONA_GOALS, goal);
		persona.age = forms[i].other ? cues[_i].other : cues[_i].age;
		expect(forms[i].value, forms[i].value < 100 ? "age-goal" : NULL);
	}
}
END_TEST

START_TEST(each_goal_counts_and_not_below_zero)
{
	persona.age = 20;
	add(&persona, PERSONA_GOALS, "Retire|Enjoy retirement abroad");
	look(2026, "en");
	/* Age 60 of 100, no repetition 100. */
	assert_near(finding.value, (35 * 60.0 + 15 * 100) / 50);
	ck_assert_uint_eq(count_code(&finding, "age-goal"), 2);
	clear(&persona, PERSONA_GOALS);
	add(&persona, PERSONA_GOALS,
	    "Retire by the sea|Plan a pension|Leave something as legacy|Read on retirement|Early retirement soon|"
	    "Pensions made simple");
	look(2026, "en");
	assert_near(finding.value, (35 * 0.0 + 15 * 100) / 50);
}
END_TEST

static const struct {
	int age;
	const char *background, *facts;
	double value;
} experiences[] = {
	{ 30, "She has 16 years of experience.", NULL, 100 },
	{ 30, "She has 17 years of experience.", NULL, 80 },
	{ 30, "Worked in kitchens for 17 years", NULL, 80 },
	{ 30, "Worked in kitchens for 16 years", NULL, 100 },
	{ 30, "twenty years as a nurse", NULL, 80 },
	{ 30, "fifteen years as a nurse", NULL, 100 },
	{ 30, "20+ years' experience", NULL, 80 },
	{ 30, "Her house is 20 years old.", NULL, 100 },
	{ 30, "In 1999 she moved; 4 children, experience abroad", NULL, 100 },
	{ 30, NULL, "{\"years_of_experience\": 16}", 100 },
	{ 30, NULL, "{\"years_of_experience\": 17}", 80 },
	{ 30, NULL, "{\"experience\": \"17 years\"}", 80 },
	{ 30, NULL, "{\"experience\": \"since 2009\"}", 100 },
	{ 30, NULL, "{\"experience\": [17]}", 100 },
	{ 30, NULL, "{\"birth_year\": 1995}", 100 },
	{ 30, NULL, "{\"birth_year\": 1996}", 100 },
	{ 30, NULL, "{\"birth_year\": 1997}", 80 },
	{ 30, NULL, "{\"birth_year\": 1985}", 100 },
	{ 30, NULL, "{\"birth_year\": 1984}", 80 },
	{ 30, NULL, "{\"Year of birth\": \"1950\"}", 80 },
	{ 30, NULL, "{\"date_of_birth\": \"1950-04-01\"}", 80 },
	{ 30, NULL, "{\"birth_year\": \"long ago\"}", 100 },
	{ 30, NULL, "{\"birth_year\": 12}", 100 },
	{ 30, "Born in 1950, she lives in Bath.", NULL, 80 },
	{ 30, "Born in 1995, she lives in Bath.", NULL, 100 },
	{ 30, "Born in Bath in 1950 years of rain.", NULL, 100 },
	{ PERSONA_UNKNOWN, NULL, "{\"age_range\": \"25-30\", \"experience\": 16}", 100 },
	{ PERSONA_UNKNOWN, NULL, "{\"age_range\": \"25-30\", \"experience\": 17}", 80 },
	{ PERSONA_UNKNOWN, NULL, "{\"age_range\": \"25-30\", \"birth_year\": 2001}", 100 },
	{ PERSONA_UNKNOWN, NULL, "{\"age_range\": \"25-30\", \"birth_year\": 2002}", 80 },
	{ PERSONA_UNKNOWN, NULL, "{\"age_range\": \"25-30\", \"birth_year\": 1985}", 100 },
	{ PERSONA_UNKNOWN, NULL, "{\"age_range\": \"25-30\", \"birth_year\": 1984}", 80 },
};

START_TEST(experience_and_birth_fit_the_age)
{
	const char *code = !experiences[_i].facts
				   ? strstr(experiences[_i].background, "orn in") ? "age-birth-year" : "age-experience"
			   : strstr(experiences[_i].facts, "irth") ? "age-birth-year"
								   : "age-experience";

	persona.age = experiences[_i].age;
	set(&persona.background, experiences[_i].background);
	demographics(&persona, experiences[_i].facts);
	expect(experiences[_i].value, experiences[_i].value < 100 ? code : NULL);
}
END_TEST

START_TEST(without_a_year_no_birth_is_judged)
{
	persona.age = 30;
	demographics(&persona, "{\"birth_year\": 1950}");
	look(0, "en");
	assert_finding(&finding, 100, NULL);
}
END_TEST

static const struct {
	int age;
	const char *occupation, *background;
	const char *code;
} stages[] = {
	{ 25, "Retired", NULL, "age-stage" },
	{ 26, "Retired", NULL, NULL },
	{ 22, "Student", NULL, NULL },
	{ 70, "Student", "Retired since last spring.", "student-retired" },
	{ 70, "Retired student of law", NULL, "student-retired" },
	{ 70, "Retired", "She is a student of history now.", "student-retired" },
	{ 70, "Retired", "She was a student in Graz.", NULL },
	{ 40, "Student advisor", "Retired from the army.", NULL },
	{ 40, "Student", "Lives with her retired mother.", NULL },
	{ 40, "Student", "She is not retired.", NULL },
	{ 40, "Student, semi-retired", NULL, NULL },
	{ -1, "Student and retired", NULL, "student-retired" },
	{ 13, "Bus driver", NULL, "age-occupation" },
	{ 14, "Bus driver", NULL, NULL },
	{ 100, "Bus driver", NULL, NULL },
	{ 101, "Bus driver", NULL, "age-occupation" },
	{ 101, "Retired bus driver", NULL, NULL },
	{ 13, "Pupil", NULL, NULL },
	{ 7, "At school", NULL, NULL },
	{ 7, "Schoolteacher", NULL, "age-occupation" },
	{ 7, NULL, NULL, NULL },
	{ -1, "Bus driver", NULL, NULL },
};

START_TEST(one_stage_of_life_at_a_time)
{
	if (stages[_i].age >= 0)
		persona.age = stages[_i].age;
	set(&persona.occupation, stages[_i].occupation);
	set(&persona.background, stages[_i].background);
	expect(stages[_i].code ? 80 : 100, stages[_i].code);
}
END_TEST

static const struct {
	const char *range, *occupation, *code;
} ranges[] = {
	{ "20-25", "Retired", "age-stage" },	       { "20-26", "Retired", NULL },
	{ "10-13", "Bus driver", "age-occupation" },   { "10-14", "Bus driver", NULL },
	{ "101-110", "Bus driver", "age-occupation" }, { "100-110", "Bus driver", NULL },
};

START_TEST(stages_count_by_both_ends_of_a_range)
{
	char facts[64];

	snprintf(facts, sizeof facts, "{\"age_range\": \"%s\"}", ranges[_i].range);
	demographics(&persona, facts);
	set(&persona.occupation, ranges[_i].occupation);
	expect(ranges[_i].code ? 80 : 100, ranges[_i].code);
}
END_TEST

/* ---- Behaviours against frustrations ------------------------------------------ */

static const struct {
	const char *behaviour, *frustration, *code;
} pairs[] = {
	{ "Loves planning weekly meals", "Hates planning weekly meals", "contradiction" },
	{ "Loves planning meals", "Hates planning meals", "contradiction" },
	{ "Loves planning", "Hates planning", NULL },
	{ "Loves planning meals", "Hates planning trips", NULL },
	{ "Loves planning meals", "Loves to be planning all the meals", NULL },
	{ "Loves planning meals", "Planning meals is difficult", NULL },
	{ "Hates planning meals", "Loves planning meals", "contradiction" },
	{ "Hates planning meals", "Hates planning meals late", NULL },
	{ "Finds booking trains easy", "Booking trains is difficult", "contradiction" },
	{ "Finds booking trains easily", "Booking trains is too slow", NULL },
	{ "Books trains quickly", "Booking trains is slow", "contradiction" },
	{ "Enjoys phone calls", "Avoids phone calls", "contradiction" },
	{ "Enjoys phone calls", "Does not enjoy phone calls", "contradiction" },
	{ "Avoids phone calls", "Does not enjoy phone calls", NULL },
	{ "Never avoids phone calls", "Does not enjoy phone calls", "contradiction" },
	{ "Is comfortable with video calls", "Uncomfortable with video calls", "contradiction" },
	{ "Confident about tax forms", "Anxious about tax forms", "contradiction" },
	{ "Is not at all confident about tax forms", "Anxious about tax forms", NULL },
	{ "Is not really that confident about tax forms", "Anxious about tax forms", NULL },
	{ "Is not confident about tax forms", "Anxious about tax forms", NULL },
	{ "Asks around", "Booking trains is not difficult", "no-frustration" },
	{ "Asks around", "Booking trains is difficult", NULL },
	{ "Asks around", "Booking trains is not easy", NULL },
	{ "Asks around", "Can't avoid the phone menu", NULL },
	{ "Asks around", "Booking is easy to get wrong", NULL },
	{ "Asks around", "Has no problem with the app", "no-frustration" },
	{ "Asks around", "The problem with the app is not new", NULL },
	{ "Asks around", "There is not enough parking", NULL },
	{ "Asks around", "The tickets are not too dear", "no-frustration" },
	{ "Asks around", "The tickets are too dear", NULL },
	{ "Asks around", "Does not struggle with tax forms", "no-frustration" },
	{ "Asks around", "Struggles with tax forms", NULL },
	{ "Never struggles with tax forms at all", "Struggles with tax forms", "contradiction" },
};

START_TEST(opposites_about_the_same_thing)
{
	add(&persona, PERSONA_BEHAVIOURS, pairs[_i].behaviour);
	add(&persona, PERSONA_FRUSTRATIONS, pairs[_i].frustration);
	expect(pairs[_i].code ? 75 : 100, pairs[_i].code);
}
END_TEST

static const struct {
	const char *good, *bad; /* words separated by '|' */
} opposites[] = {
	{ "love|loves|loved|loving", "hate|hates|hated|hating" },
	{ "easy|easily|easier", "difficult|difficulty|difficulties" },
	{ "quick|quickly|quicker", "slow|slowly|slower" },
	{ "enjoy|enjoys|enjoyed|enjoying", "avoid|avoids|avoided|avoiding" },
	{ "comfortable|comfortably", "uncomfortable|uncomfortably" },
	{ "confident|confidently|confidence", "anxious|anxiously|anxiety" },
};

/* The word of a list at that place; false: it has fewer. */
static bool word_at(char *out, size_t size, const char *words, size_t place)
{
	for (; place && *words; place--) {
		words += strcspn(words, "|");
		words += *words == '|';
	}
	snprintf(out, size, "%.*s", (int)strcspn(words, "|"), words);
	return *words;
}

static void oppose(const char *good, const char *bad, bool contradict)
{
	char text[64];

	clear(&persona, PERSONA_BEHAVIOURS);
	clear(&persona, PERSONA_FRUSTRATIONS);
	put_in(text, sizeof text, "At dawn % planning meals", "", good, "");
	add(&persona, PERSONA_BEHAVIOURS, text);
	put_in(text, sizeof text, "By night % planning meals", "", bad, "");
	add(&persona, PERSONA_FRUSTRATIONS, text);
	look(2026, "en");
	ck_assert_msg(count_code(&finding, "contradiction") == contradict, "%s, %s", good, bad);
	assert_near(finding.value, contradict ? 75 : 100);
}

/* Every form against every form, and no longer word. */
START_TEST(each_pair_of_opposites)
{
	char good[32], bad[32], longer[40];

	for (size_t i = 0; word_at(good, sizeof good, opposites[_i].good, i); i++)
		for (size_t k = 0; word_at(bad, sizeof bad, opposites[_i].bad, k); k++) {
			oppose(good, bad, true);
			oppose(bad, good, true);
			snprintf(longer, sizeof longer, "%sq", good);
			oppose(longer, bad, false);
			snprintf(longer, sizeof longer, "q%s", bad);
			oppose(good, longer, false);
			for (int other = 0; other < (int)COUNT(opposites); other++)
				if (other != _i && word_at(longer, sizeof longer, opposites[other].bad, 0))
					oppose(good, longer, false);
		}
}
END_TEST

START_TEST(each_contradiction_counts_and_not_below_zero)
{
	static const char *const frustrations[] = { "Hates planning meals after sunset walks",
						    "Hates planning meals with hungry toddlers",
						    "Hates planning meals around double shifts",
						    "Hates planning meals from empty cupboards",
						    "Hates planning meals beside noisy neighbours" };

	add(&persona, PERSONA_BEHAVIOURS, "Loves planning meals");
	for (size_t i = 1; i <= COUNT(frustrations); i++) {
		double value = i < 4 ? 100 - 25 * (double)i : 0;

		add(&persona, PERSONA_FRUSTRATIONS, frustrations[i - 1]);
		look(2026, "en");
		/* From two frustrations on there is something to repeat, and nothing is. */
		assert_near(finding.value, i > 1 ? (30 * value + 15 * 100) / 45 : value);
		ck_assert_uint_eq(count_code(&finding, "contradiction"), i < 4 ? i : 4);
	}
}
END_TEST

START_TEST(frustrations_that_are_none_count_and_not_below_zero)
{
	static const char *const frustrations[] = { "No problem after sunset walks", "No problem with hungry toddlers",
						    "No problem around double shifts",
						    "No problem from empty cupboards",
						    "No problem beside noisy neighbours" };

	for (size_t i = 1; i <= COUNT(frustrations); i++) {
		add(&persona, PERSONA_FRUSTRATIONS, frustrations[i - 1]);
		look(2026, "en");
		assert_near(finding.value, i > 1 ? (30 * (i < 4 ? 100 - 25 * (double)i : 0) + 15 * 100) / 45 : 75);
		ck_assert_uint_eq(count_code(&finding, "no-frustration"), i < 4 ? i : 4);
	}
}
END_TEST

static const char *const negations[] = {
	"not",	  "no",	    "never",  "nor",	  "neither", "without",	 "hardly",    "barely",	 "rarely",
	"seldom", "cannot", "can't",  "couldn't", "won't",   "wouldn't", "don't",     "doesn't", "didn't",
	"isn't",  "aren't", "wasn't", "weren't",  "hasn't",  "haven't",	 "shouldn't",
};

START_TEST(each_negation)
{
	char text[64];

	add(&persona, PERSONA_FRUSTRATIONS, "Anxious about tax forms");
	put_in(text, sizeof text, "Is % confident about tax forms", "", negations[_i], "");
	add(&persona, PERSONA_BEHAVIOURS, text);
	expect(100, NULL);
	clear(&persona, PERSONA_BEHAVIOURS);
	put_in(text, sizeof text, "Is % confident about tax forms", "", negations[_i], "q");
	add(&persona, PERSONA_BEHAVIOURS, text);
	expect(75, "contradiction");
}
END_TEST

START_TEST(negation_reaches_three_words)
{
	add(&persona, PERSONA_FRUSTRATIONS, "Anxious about tax forms");
	add(&persona, PERSONA_BEHAVIOURS, "Not a b confident about tax forms");
	expect(100, NULL);
	clear(&persona, PERSONA_BEHAVIOURS);
	add(&persona, PERSONA_BEHAVIOURS, "Not a b c confident about tax forms");
	expect(75, "contradiction");
}
END_TEST

/* ---- Quotes ---------------------------------------------------------------------- */

static const struct {
	const char *quote, *goal, *occupation;
	double value;
} quotes[] = {
	{ "I waited for the tram again.", "Catch earlier trams", NULL, 100 },
	{ "I waited for the train again.", "Catch earlier trams", NULL, 0 },
	{ "Nursing is hard on the back.", NULL, "Nurse", 100 },
	{ "People never have time.", "People need time", NULL, -1 },
	{ "People never have time.", "People need time for chess", NULL, 0 },
	{ "I did not do it.", "Not doing it", NULL, -1 },
};

START_TEST(quotes_speak_of_the_persona)
{
	double value = quotes[_i].value;

	add(&persona, PERSONA_QUOTES, quotes[_i].quote);
	add(&persona, PERSONA_GOALS, quotes[_i].goal);
	set(&persona.occupation, quotes[_i].occupation);
	look(2026, "en");
	if (value < 0) {
		ck_assert(!finding.measured);
		return;
	}
	/* An occupation brings in the stage of life, which nothing is wrong with. */
	if (quotes[_i].occupation)
		value = (35 * 100 + 20 * value) / 55;
	assert_near(finding.value, value);
	ck_assert_uint_eq(count_code(&finding, "quote-off-topic"), quotes[_i].value < 100);
}
END_TEST

/* Where a quote's subject may stand besides the goal, and where it does not count. */
static const struct {
	int field; /* of a list, or one of these */
	bool counts;
} subjects[] = {
#define OCCUPATION (-1)
#define BACKGROUND (-2)
#define FACT	   (-3)
	{ PERSONA_GOALS, true },      { PERSONA_FRUSTRATIONS, true },
	{ PERSONA_BEHAVIOURS, true }, { PERSONA_MOTIVATIONS, true },
	{ PERSONA_QUOTES, false },    { OCCUPATION, true },
	{ BACKGROUND, false },	      { FACT, false },
};

START_TEST(subjects_of_quotes)
{
	add(&persona, PERSONA_GOALS, "Bake more bread");
	add(&persona, PERSONA_QUOTES, "I waited for the tram again.");
	look(2026, "en");
	ck_assert_uint_eq(count_code(&finding, "quote-off-topic"), 1);
	if (subjects[_i].field >= 0)
		add(&persona, (enum persona_list_field)subjects[_i].field, "Rides old trams");
	else if (subjects[_i].field == OCCUPATION)
		set(&persona.occupation, "Conductor of trams");
	else if (subjects[_i].field == BACKGROUND)
		set(&persona.background, "Rides old trams");
	else
		demographics(&persona, "{\"commute\": \"trams\"}");
	look(2026, "en");
	ck_assert_int_eq(count_code(&finding, "quote-off-topic") == 0, subjects[_i].counts);
}
END_TEST

START_TEST(share_of_quotes)
{
	add(&persona, PERSONA_QUOTES, "I waited for the tram.|Cheese is too dear.|Trams come late.| ");
	add(&persona, PERSONA_MOTIVATIONS, "Riding the tram");
	look(2026, "en");
	assert_near(finding.value, (20 * 200.0 / 3 + 15 * 100) / 35);
	ck_assert_int_eq(find_code(&finding, "quote-off-topic")->position, 1);
}
END_TEST

/* ---- Repetition ------------------------------------------------------------------- */

static const struct {
	const char *items;
	double value;
} lists[] = {
	{ "Read more|read more", 85 },
	{ "Read  more!|READ MORE", 85 },
	{ "one two three four|one two three four five", 85 }, /* 4 of 5 */
	{ "one two three four x|one two three four y", 100 }, /* 4 of 6 */
	{ "one two three|one two three four", 100 },	      /* 3 of 4 */
	{ "Read more|Read more|read more", 85 },	      /* once a list */
	{ "\xf0\x9f\x99\x82|\xf0\x9f\x99\x82", 85 },	      /* not a word, and the same */
	{ "\xf0\x9f\x99\x82|\xf0\x9f\x99\x81", 100 },
	{ "Read more|Write more", 100 },
};

START_TEST(items_that_say_the_same)
{
	add(&persona, PERSONA_MOTIVATIONS, lists[_i].items);
	expect(lists[_i].value, lists[_i].value < 100 ? "repetition" : NULL);
}
END_TEST

START_TEST(each_list_counts)
{
	add(&persona, PERSONA_MOTIVATIONS, "Read more|Read more");
	add(&persona, PERSONA_BEHAVIOURS, "Read more|Read more");
	look(2026, "en");
	assert_near(finding.value, 70);
	ck_assert_uint_eq(count_code(&finding, "repetition"), 2);
}
END_TEST

static const struct {
	const char *goals, *frustrations, *quotes;
	double value;
} across[] = {
	{ "Read more", "Read more", NULL, 85 },
	{ "Read more", "READ  more!", NULL, 85 },
	{ "Read more|Write more", "Read more|Write more", NULL, 85 }, /* once a list */
	{ "Read more|Read more", "Read more|Read more", NULL, 70 },
	{ "a|one two three four", "one two three four five", NULL, 85 }, /* 4 of 5 */
	{ "a|one two three four x", "one two three four y", NULL, 100 }, /* 4 of 6 */
	{ "a|Read more", "b|Write more", NULL, 100 },
	{ "Read more|Write more", "x", "Read more", 100 }, /* what a goal was taken from */
};

START_TEST(lists_that_say_the_same)
{
	/* Quotes have a part of their own, which has nothing against them. */
	double theirs = across[_i].quotes ? 20 : 0;

	add(&persona, PERSONA_GOALS, across[_i].goals);
	add(&persona, PERSONA_FRUSTRATIONS, across[_i].frustrations);
	add(&persona, PERSONA_QUOTES, across[_i].quotes);
	look(2026, "en");
	assert_near(finding.value, (15 * across[_i].value + 100 * theirs) / (15 + theirs));
	ck_assert_uint_eq(count_code(&finding, "repetition"), (size_t)(100 - across[_i].value) / 15);
}
END_TEST

/* Of long lists the first 32 items are compared with other lists, the first 256 with their own. */
START_TEST(long_lists_are_compared_so_far)
{
	static const struct {
		size_t goal, own;
		size_t found;
	} places[] = { { 31, 0, 1 }, { 32, 0, 0 }, { 99, 255, 1 }, { 99, 256, 0 } };

	for (size_t k = 0; k < COUNT(places); k++) {
		clear(&persona, PERSONA_GOALS);
		clear(&persona, PERSONA_MOTIVATIONS);
		for (size_t i = 0; i < 300; i++) {
			char text[32];

			snprintf(text, sizeof text, "goal%zu", i == places[k].own ? (size_t)0 : i);
			add(&persona, PERSONA_GOALS, text);
		}
		add(&persona, PERSONA_MOTIVATIONS, persona.lists[PERSONA_GOALS].items[places[k].goal]);
		look(2026, "en");
		ck_assert_uint_eq(count_code(&finding, "repetition"), places[k].found);
	}
}
END_TEST

/* ---- All parts ---------------------------------------------------------------------- */

START_TEST(parts_weigh_as_said)
{
	persona.age = 20;
	add(&persona, PERSONA_GOALS, "Enjoy retirement abroad");   /* 80 */
	add(&persona, PERSONA_BEHAVIOURS, "Loves planning meals"); /* 75 */
	add(&persona, PERSONA_FRUSTRATIONS, "Hates planning meals");
	add(&persona, PERSONA_QUOTES, "Meals come late.|Cheese is dear."); /* 50 */
	add(&persona, PERSONA_MOTIVATIONS, "Read more|Read more");	   /* 85 */
	look(2026, "en");
	assert_near(finding.value, 0.35 * 80 + 0.30 * 75 + 0.20 * 50 + 0.15 * 85);
	ck_assert_uint_eq(finding.issues_len, 4);
}
END_TEST

/* Half of what a part needs is not enough for it, and nobody else has data here. */
static const struct {
	enum persona_list_field field;
	const char *items;
	bool measured;
} halves[] = {
	{ PERSONA_BEHAVIOURS, "Loves planning meals", false },
	{ PERSONA_FRUSTRATIONS, "Hates planning meals", false },
	{ PERSONA_GOALS, "Retire early", false },
	{ PERSONA_QUOTES, "I waited for the tram.", false },
	{ PERSONA_GOALS, "Retire early|Read more", true },
	{ PERSONA_FRUSTRATIONS, "Booking trains is not difficult", true }, /* which is one against itself */
};

START_TEST(a_part_without_data_is_not_measured)
{
	add(&persona, halves[_i].field, halves[_i].items);
	look(2026, "en");
	ck_assert_int_eq(finding.measured, halves[_i].measured);
	ck_assert_uint_eq(count_code(&finding, "not-measured"), !halves[_i].measured);
}
END_TEST

/* ---- Languages --------------------------------------------------------------------- */

START_TEST(other_languages_are_judged_by_what_needs_no_list)
{
	static const char *const languages[] = { "de", "xx", "klingon", "" };

	persona.age = 20;
	set(&persona.occupation, "Retired");
	add(&persona, PERSONA_GOALS, "Retirement|Retirement");
	add(&persona, PERSONA_QUOTES, "Retirement soon");
	look(2026, languages[_i]);
	ck_assert(finding.measured);
	ck_assert_uint_eq(count_code(&finding, "repetition"), 1);
	ck_assert_uint_eq(count_code(&finding, "age-goal"), *languages[_i] ? 0 : 2);
}
END_TEST

START_TEST(hostile_texts)
{
	static char huge[60000];

	memset(huge, 'a', sizeof huge - 1);
	for (size_t i = 3; i < sizeof huge - 1; i += 4)
		huge[i] = ' ';
	persona.age = 30;
	set(&persona.background, huge);
	set(&persona.occupation, huge);
	demographics(&persona, "{\"birth_year\": 1e300, \"experience\": {}, \"born\": [null], \"\": \"\", "
			       "\"experience_years\": -5, \"dob\": 99999999999}");
	for (int i = 0; i < 300; i++)
		add(&persona, PERSONA_GOALS, i % 2 ? "\xc3\xa9" : "loves hates loves hates");
	add(&persona, PERSONA_FRUSTRATIONS,
	    "love love love love love love love love love love love love love love hate hate");
	add(&persona, PERSONA_BEHAVIOURS, "99999999999999999999 years of experience");
	look(2026, "en");
	ck_assert(finding.measured);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("consistency");
	TCase *tcase = tcase_create("consistency");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, says_when_there_is_nothing);
	tcase_add_loop_test(tcase, goals_fit_the_age, 0, COUNT(goals));
	tcase_add_loop_test(tcase, each_cue_of_an_age, 0, COUNT(cues));
	tcase_add_test(tcase, each_goal_counts_and_not_below_zero);
	tcase_add_loop_test(tcase, experience_and_birth_fit_the_age, 0, COUNT(experiences));
	tcase_add_test(tcase, without_a_year_no_birth_is_judged);
	tcase_add_loop_test(tcase, one_stage_of_life_at_a_time, 0, COUNT(stages));
	tcase_add_loop_test(tcase, stages_count_by_both_ends_of_a_range, 0, COUNT(ranges));
	tcase_add_loop_test(tcase, opposites_about_the_same_thing, 0, COUNT(pairs));
	tcase_add_loop_test(tcase, each_pair_of_opposites, 0, COUNT(opposites));
	tcase_add_test(tcase, each_contradiction_counts_and_not_below_zero);
	tcase_add_test(tcase, frustrations_that_are_none_count_and_not_below_zero);
	tcase_add_loop_test(tcase, each_negation, 0, COUNT(negations));
	tcase_add_test(tcase, negation_reaches_three_words);
	tcase_add_loop_test(tcase, quotes_speak_of_the_persona, 0, COUNT(quotes));
	tcase_add_loop_test(tcase, subjects_of_quotes, 0, COUNT(subjects));
	tcase_add_test(tcase, share_of_quotes);
	tcase_add_loop_test(tcase, items_that_say_the_same, 0, COUNT(lists));
	tcase_add_test(tcase, each_list_counts);
	tcase_add_loop_test(tcase, lists_that_say_the_same, 0, COUNT(across));
	tcase_add_test(tcase, long_lists_are_compared_so_far);
	tcase_add_test(tcase, parts_weigh_as_said);
	tcase_add_loop_test(tcase, a_part_without_data_is_not_measured, 0, COUNT(halves));
	tcase_add_loop_test(tcase, other_languages_are_judged_by_what_needs_no_list, 0, 4);
	tcase_add_test(tcase, hostile_texts);
	suite_add_tcase(suite, tcase);
	return run(suite);
}
