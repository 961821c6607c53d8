/* Who the persona is: what is called most common is, and the whole belongs to somebody. */
#include "survey.h"

enum { ASKED = 4, RESPONDENTS = 60, ANSWERS = 4 };

static const struct {
	const char *question, *key;
	const char *answers[ANSWERS];
} topics[ASKED] = {
	{ "Gender", "gender", { "Female", "Male", "Nonbinary", "Agender" } },
	{ "Which country do you live in?", "country", { "Chile", "Norway", "Japan", "Ghana" } },
	{ "What is your highest degree?", "education", { "Bachelor", "Master", "Doctorate", "Diploma" } },
	{ "What is your occupation?", "occupation", { "Nurse", "Pilot", "Baker", "Tailor" } },
};

/* Which answer each gives, -1 for none. */
struct people {
	int said[RESPONDENTS][ASKED];
};

static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/*
 * The first answer of a topic is the most frequent, and each further one about half as frequent; in every other survey
 * some do not answer.
 */
static void people_make(struct people *people, struct persona_records *records, uint32_t seed)
{
	uint32_t state = 2654435761u * (seed + 1);

	persona_records_init(records);
	for (size_t i = 0; i < RESPONDENTS; i++) {
		char locator[32];
		const char *pairs[2 * (ASKED + 1) + 1] = { "Do you like coffee?", i % 2 ? "Yes" : "No" };

		for (size_t t = 0; t < ASKED; t++) {
			int answer = 0;

			while (answer < ANSWERS - 1 && next_random(&state) % 100 >= 45)
				answer++;
			if (next_random(&state) % 10 == 0 && seed % 2)
				answer = -1;
			people->said[i][t] = answer;
			pairs[2 * t + 2] = topics[t].question;
			pairs[2 * t + 3] = answer < 0 ? "" : topics[t].answers[answer];
		}
		snprintf(locator, sizeof locator, "s.csv:%zu", i + 2);
		survey_add(records, locator, pairs);
	}
}

static size_t count_of(const struct people *people, size_t topic, int answer)
{
	size_t count = 0;

	for (size_t i = 0; i < RESPONDENTS; i++)
		count += people->said[i][topic] == answer;
	return count;
}

static size_t most_of(const struct people *people, size_t topic)
{
	size_t most = 0;

	for (int a = 0; a < ANSWERS; a++)
		if (count_of(people, topic, a) > most)
			most = count_of(people, topic, a);
	return most;
}

static const char *told_of(const struct persona *persona, size_t topic)
{
	return strcmp(topics[topic].key, "occupation") == 0
		       ? persona->occupation
		       : json_string_value(json_object_get(persona->demographics, topics[topic].key));
}

static int answer_told(const struct persona *persona, size_t topic)
{
	const char *told = told_of(persona, topic);

	for (int a = 0; told && a < ANSWERS; a++)
		if (strcmp(told, topics[topic].answers[a]) == 0)
			return a;
	ck_assert_msg(!told, "%s: %s", topics[topic].key, told);
	return -1;
}

/* Does the background call one of the most frequent answers most common, with the right figures? */
static bool says_most_common(const struct persona *persona, const struct people *people, size_t topic)
{
	size_t most = most_of(people, topic), of = RESPONDENTS - count_of(people, topic, -1);
	char said[128];
	bool found = false;

	for (int a = 0; a < ANSWERS; a++)
		if (count_of(people, topic, a) == most) {
			snprintf(said, sizeof said, "%s: %s (%zu of %zu)", topics[topic].key, topics[topic].answers[a],
				 most, of);
			found |= strstr(persona->background, said) != NULL;
		}
	return found;
}

static bool is_common(const struct people *people, size_t topic, size_t count)
{
	return 10 * count >= 3 * (RESPONDENTS - count_of(people, topic, -1));
}

/* All respondents are one group here, so the test can count for itself. */
START_TEST(most_common_is_what_most_say_and_somebody_is_all_of_it)
{
	struct people people;
	struct persona_records records;
	struct persona_answer answer;
	const struct persona *persona;
	bool somebody = false;

	people_make(&people, &records, (uint32_t)_i);
	survey_draft_n(&answer, &records, 1);
	ck_assert_uint_eq(answer.len, 1);
	persona = &answer.personas[0];
	ck_assert_ptr_nonnull(strstr(persona->background, "60 of 60"));
	for (size_t t = 0; t < ASKED; t++) {
		int told = answer_told(persona, t);

		ck_assert_msg(says_most_common(persona, &people, t) == is_common(&people, t, most_of(&people, t)),
			      "%s: \"%s\"", topics[t].key, persona->background);
		if (t != ASKED - 1)
			ck_assert_msg(told < 0 || is_common(&people, t, count_of(&people, t, told)), "%s: %s",
				      topics[t].key, told_of(persona, t));
	}
	for (size_t i = 0; i < RESPONDENTS; i++) {
		bool is = true;

		for (size_t t = 0; t < ASKED; t++) {
			int told = answer_told(persona, t);

			is &= told < 0 || people.said[i][t] < 0 || people.said[i][t] == told;
		}
		somebody |= is;
	}
	ck_assert(somebody);
	if (is_common(&people, ASKED - 1, most_of(&people, ASKED - 1)))
		ck_assert_uint_eq(count_of(&people, ASKED - 1, answer_told(persona, ASKED - 1)),
				  most_of(&people, ASKED - 1));
	persona_answer_release(&answer);
	persona_records_release(&records);
}
END_TEST

/*
 * Most are men; of the three nurses one is a man of Peru, where nobody else lives, and two are women of Norway. Who has
 * more in common with all decides: Norway is 3 of 4, more than the 5 of 7 men, or 3 of 6, less than these.
 */
START_TEST(what_only_few_say_is_not_told)
{
	static const char *const said[][3] = {
		{ "Male", "Peru", "Nurse" },	 { "Male", "", "Pilot" },   { "Male", "", "Baker" },
		{ "Male", "", "Tailor" },	 { "Male", "", "Fisher" },  { "Female", "Norway", "Nurse" },
		{ "Female", "Norway", "Nurse" }, { "", "Norway", "Smith" },
	};
	static const char *const elsewhere[] = { "Chile", "Ghana" };
	struct persona_records records;
	struct persona_answer answer;
	const char *gender, *country;

	persona_records_init(&records);
	for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
		char locator[32];
		const char *lives = _i && (i == 1 || i == 2) ? elsewhere[i - 1] : said[i][1];
		const char *pairs[] = { "Do you like coffee?",
					i % 2 ? "Yes" : "No",
					"Gender",
					said[i][0],
					"Which country do you live in?",
					lives,
					"What is your occupation?",
					said[i][2],
					NULL };

		snprintf(locator, sizeof locator, "s.csv:%zu", i + 2);
		survey_add(&records, locator, pairs);
	}
	survey_draft_n(&answer, &records, 1);
	ck_assert_uint_eq(answer.len, 1);
	gender = json_string_value(json_object_get(answer.personas[0].demographics, "gender"));
	country = json_string_value(json_object_get(answer.personas[0].demographics, "country"));
	ck_assert_str_eq(answer.personas[0].occupation, "Nurse");
	if (_i) {
		ck_assert_str_eq(gender, "Male");
		ck_assert_ptr_null(country);
	} else {
		ck_assert_ptr_null(gender);
		ck_assert_str_eq(country, "Norway");
	}
	ck_assert_ptr_nonnull(strstr(answer.personas[0].background, "gender: Male (5 of 7)"));
	ck_assert_ptr_nonnull(strstr(answer.personas[0].background, _i ? "Norway (3 of 6)" : "Norway (3 of 4)"));
	persona_answer_release(&answer);
	persona_records_release(&records);
}
END_TEST

/* Job titles that hardly anybody shares have no options; spellings of one are one. */
START_TEST(spellings_of_a_label_are_one)
{
	static const char *const spellings[] = { "Data Scientist", "data scientist", "DATA SCIENTIST" };
	struct persona_records records;
	struct persona_answer answer;

	persona_records_init(&records);
	for (size_t i = 0; i < 60; i++) {
		char locator[32], title[64];
		const char *pairs[] = { "Do you like coffee?", i % 2 ? "Yes" : "No", "What is your occupation?", title,
					NULL };

		snprintf(title, sizeof title, "Keeper of %zu keys", i);
		if (i % 3 == 1)
			snprintf(title, sizeof title, "%s", spellings[i / 3 % 3]);
		snprintf(locator, sizeof locator, "s.csv:%zu", i + 2);
		survey_add(&records, locator, pairs);
	}
	survey_draft_n(&answer, &records, 1);
	ck_assert_uint_eq(answer.len, 1);
	ck_assert_int_eq(strcasecmp(answer.personas[0].occupation, spellings[0]), 0);
	ck_assert_msg(strstr(answer.personas[0].background, "(20 of 60)"), "%s", answer.personas[0].background);
	persona_answer_release(&answer);
	persona_records_release(&records);
}
END_TEST

/* Whoever spells it, a city is the same, and contradicts nobody. */
START_TEST(spellings_do_not_contradict)
{
	struct persona_records records;
	struct persona_answer answer;
	const char *city;

	persona_records_init(&records);
	for (size_t i = 0; i < 60; i++) {
		bool nurse = i % 2 == (size_t)_i;
		char locator[32], where[64];
		const char *pairs[] = { "Do you like coffee?",
					i % 4 < 2 ? "Yes" : "No",
					"What is your occupation?",
					nurse ? "Nurse" : "Keeper",
					"Which city do you live in?",
					where,
					NULL };

		snprintf(where, sizeof where, "Village %zu", i);
		if (i % 6 < 2 || i == 59)
			snprintf(where, sizeof where, "%s", nurse ? "Lima" : "LIMA");
		snprintf(locator, sizeof locator, "s.csv:%zu", i + 2);
		survey_add(&records, locator, pairs);
	}
	survey_draft_n(&answer, &records, 1);
	ck_assert_uint_eq(answer.len, 1);
	city = json_string_value(json_object_get(answer.personas[0].demographics, "city"));
	ck_assert_msg(city && strcasecmp(city, "Lima") == 0, "%s, %s", city ? city : "no city",
		      answer.personas[0].background);
	persona_answer_release(&answer);
	persona_records_release(&records);
}
END_TEST

/* ---- Nurses, who are 24 of 60, and others, each of whom does something else ----------------------------- */

#define LONG                                                                                                           \
	"Secondary examination (Hochschulreife/baccalaureate/matriculation, internationally recognised equivalences)"
#define LONGER                                                                                                         \
	"Vocational/technical certification (apprenticeship, journeyman/master craftsman, fully accredited "           \
	"institutions)"

static const struct {
	const char *question, *of_nurses, *of_others, *of_some; /* of_some: of every sixth of the others */
	const char *key, *told, *most;				/* NULL: nothing is told */
} nurses[] = {
	{ "What is your highest degree?", LONG, LONGER, LONGER, "education", LONG, LONGER " (36 of 60)" },
	{ "Which city do you live in?", "Quito", "Lima", NULL, "city", "Quito", "Lima (30 of 60)" },
	{ "Which city do you live in?", "Quito", "Lima", "LIMA", "city", "Quito", "(36 of 60)" },
	{ "Which languages do you speak?", "Zulu, Spanish", "English", "Spanish", "language", "Spanish", "(30 of 60)" },
	{ "Which country do you live in?", "", "Japan", "Japan", "country", "Japan", "Japan (36 of 36)" },
	{ "Which city do you live in?", "n/a", "Lima", NULL, "city", "Lima", "Lima (30 of 60)" },
	{ "Which city do you live in?", NULL, "Lima", NULL, "city", NULL, "Lima (30 of 60)" },
	{ "Which city do you live in?", "17", "Lima", NULL, "city", "Lima", "Lima (30 of 60)" },
};

START_TEST(where_nurses_differ_their_own_answer_is_told)
{
	struct persona_records records;
	struct persona_answer answer;
	const struct persona *persona;
	const char *told;

	persona_records_init(&records);
	for (size_t i = 0; i < 60; i++) {
		bool nurse = i % 5 < 2, some = !nurse && i / 5 % 2 && i % 5 == 4;
		const char *said = nurse ? nurses[_i].of_nurses : some ? nurses[_i].of_some : nurses[_i].of_others;
		char locator[32], title[64], place[64];
		const char *pairs[] = { "Do you like coffee?",
					i % 2 ? "Yes" : "No",
					"What is your occupation?",
					title,
					nurses[_i].question,
					said ? said : place,
					NULL };

		snprintf(title, sizeof title, "Keeper of %zu keys", i);
		if (nurse)
			snprintf(title, sizeof title, "Nurse");
		snprintf(place, sizeof place, "Village %zu", i);
		snprintf(locator, sizeof locator, "s.csv:%zu", i + 2);
		survey_add(&records, locator, pairs);
	}
	survey_draft_n(&answer, &records, 1);
	ck_assert_uint_eq(answer.len, 1);
	persona = &answer.personas[0];
	ck_assert_str_eq(persona->occupation, "Nurse");
	ck_assert_ptr_nonnull(strstr(persona->background, "occupation: Nurse (24 of 60)"));
	ck_assert_msg(strstr(persona->background, nurses[_i].most), "no \"%s\" in \"%s\"", nurses[_i].most,
		      persona->background);
	told = json_string_value(json_object_get(persona->demographics, nurses[_i].key));
	if (nurses[_i].told)
		ck_assert_str_eq(told, nurses[_i].told);
	else
		ck_assert_ptr_null(told);
	persona_answer_release(&answer);
	persona_records_release(&records);
}
END_TEST

/* ---- Occupations ---------------------------------------------------------------------------------------- */

/* Sixty of whom i % 5 < few say one thing, and the others each something of their own ("%zu" in it: the number). */
static void draft_occupations(struct persona_answer *answer, const char *of_few, size_t few, const char *of_others)
{
	struct persona_records records;

	persona_records_init(&records);
	for (size_t i = 0; i < 60; i++) {
		bool is_few = i % 5 < few;
		char locator[32], title[256], age[8], number[8];
		const char *pairs[] = { "Do you like coffee?",
					i % 2 ? "Yes" : "No",
					"What is your occupation?",
					title,
					"Age",
					age,
					"Gender",
					is_few ? "Male" : "Female",
					NULL };
		const char *gap = strstr(is_few ? of_few : of_others, "%zu");

		/* Where all differ it would be a column of names. */
		snprintf(number, sizeof number, "%zu", few ? i : i / 2);
		snprintf(title, sizeof title, "%s", is_few ? of_few : of_others);
		if (gap)
			snprintf(title, sizeof title, "%.*s%s%s", (int)(gap - of_others), of_others, number, gap + 3);
		snprintf(age, sizeof age, "%zu", is_few ? 70 + i % 3 : 20 + i / 2);
		snprintf(locator, sizeof locator, "s.csv:%zu", i + 2);
		survey_add(&records, locator, pairs);
	}
	survey_draft_n(answer, &records, 1);
	persona_records_release(&records);
	ck_assert_uint_eq(answer->len, 1);
}

/* The cell of those who do much is long; whoever wrote it has the occupation, and is no nurse. */
START_TEST(a_long_list_of_what_one_does_counts)
{
	static const char much[] = "Developer of embedded devices, Engineer for site reliability, Administrator of "
				   "databases, Designer of user interfaces";
	struct persona_answer answer;

	draft_occupations(&answer, "Nurse", 2, much);
	ck_assert_str_ne(answer.personas[0].occupation, "Nurse");
	ck_assert_str_eq(json_string_value(json_object_get(answer.personas[0].demographics, "gender")), "Female");
	ck_assert_int_lt(answer.personas[0].age, 70);
	persona_answer_release(&answer);
}
END_TEST

/* A tenth is not common because the others cannot be told: their titles hold names, or nothing. */
START_TEST(what_cannot_be_told_was_answered)
{
	static const char *const others[] = { "Anna Smith a%zu", "n/a" };
	struct persona_answer answer;

	draft_occupations(&answer, "Nurse", 1, others[_i]);
	ck_assert_ptr_null(strstr(answer.personas[0].background, "occupation:"));
	if (answer.personas[0].occupation)
		ck_assert_str_eq(answer.personas[0].occupation, "Nurse");
	persona_answer_release(&answer);
}
END_TEST

/* Without a common occupation it is somebody's, and the age is that of the same. */
START_TEST(the_age_is_that_of_the_occupation)
{
	struct persona_answer answer;
	const struct persona *persona;
	char expected[64];

	if (_i) {
		draft_occupations(&answer, "Nurse", 2, "Keeper of %zu keys");
		persona = &answer.personas[0];
		ck_assert_str_eq(persona->occupation, "Nurse");
		ck_assert_int_eq(persona->age, 71);
		ck_assert_ptr_null(strstr(persona->background, "nearest to the middle"));
	} else {
		draft_occupations(&answer, "Nurse", 0, "Keeper of %zu keys");
		persona = &answer.personas[0];
		snprintf(expected, sizeof expected, "Keeper of %lld keys", (long long)persona->age - 20);
		ck_assert_ptr_nonnull(persona->occupation);
		ck_assert_str_eq(persona->occupation, expected);
		ck_assert_ptr_nonnull(strstr(persona->background,
					     "Occupation and age are those of the respondent nearest to the middle."));
	}
	persona_answer_release(&answer);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("facts");
	TCase *tests = tcase_create("facts");

	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(tests, most_common_is_what_most_say_and_somebody_is_all_of_it, 0, 40);
	tcase_add_loop_test(tests, what_only_few_say_is_not_told, 0, 2);
	tcase_add_test(tests, spellings_of_a_label_are_one);
	tcase_add_loop_test(tests, spellings_do_not_contradict, 0, 2);
	tcase_add_loop_test(tests, where_nurses_differ_their_own_answer_is_told, 0, sizeof nurses / sizeof *nurses);
	tcase_add_test(tests, a_long_list_of_what_one_does_counts);
	tcase_add_loop_test(tests, what_cannot_be_told_was_answered, 0, 2);
	tcase_add_loop_test(tests, the_age_is_that_of_the_occupation, 0, 2);
	suite_add_tcase(suite, tests);
	return survey_run(suite);
}
