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

int main(void)
{
	Suite *suite = suite_create("facts");
	TCase *tests = tcase_create("facts");

	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(tests, most_common_is_what_most_say_and_somebody_is_all_of_it, 0, 40);
	tcase_add_loop_test(tests, what_only_few_say_is_not_told, 0, 2);
	tcase_add_test(tests, spellings_of_a_label_are_one);
	tcase_add_loop_test(tests, spellings_do_not_contradict, 0, 2);
	suite_add_tcase(suite, tests);
	return survey_run(suite);
}
