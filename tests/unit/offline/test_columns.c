/* Column kinds, topics, options and headings as statements. */
#include "survey.h"

static struct persona_records records;
static struct model *model;

/* A survey of one column with these answers. */
static struct column *learn(const char *header, const char *const *answers, size_t len)
{
	struct persona_error err = { 0 };
	char locator[32];

	persona_records_init(&records);
	for (size_t i = 0; i < len; i++) {
		const char *pairs[] = { header, answers[i], NULL };

		snprintf(locator, sizeof locator, "one.csv:%zu", i + 2);
		survey_add(&records, locator, pairs);
	}
	ck_assert_msg(model_new(&model, &records, "one", 1, &err) == 0, "%s", err.text);
	return &model->columns[0];
}

static void done(void)
{
	model_free(model);
	persona_records_release(&records);
}

#define ROW(...)                                                                                                       \
	{                                                                                                              \
		__VA_ARGS__                                                                                            \
	}
static const struct {
	const char *header;
	const char *answers[10];
	enum column_kind kind;
} kinds[] = {
	{ "Timestamp",
	  ROW("12/14/2019 12:29:47", "12/15/2019 0:36:22", "12/15/2019 4:56:45", "12/18/2019 9:27:58",
	      "12/18/2019 9:28:58", "12/18/2019 9:29:58"),
	  COLUMN_SKIP },
	{ "E-mail", ROW("a@b.org", "c@d.org", "e@f.org", "g@h.org", "i@j.org", "k@l.org"), COLUMN_SKIP },
	{ "Page",
	  ROW("https://a.org", "https://b.org", "https://c.org", "https://d.org", "https://e.org", "http://f.org"),
	  COLUMN_SKIP },
	{ "Code", ROW("djk7x", "zq9nh", "nl3kn", "e9x83", "a11b2", "b22c3"), COLUMN_SKIP },
	{ "Row", ROW("1", "2", "3", "4", "5", "6"), COLUMN_SKIP },
	{ "To show that you are not a robot, count the letters", ROW("eight", "Eight", "8", "eight", "eight", "eight"),
	  COLUMN_SKIP },
	{ "How did you hear about this survey?", ROW("Radio", "Radio", "Radio", "Paper", "Paper", "Paper"),
	  COLUMN_SKIP },
	{ "Full name", ROW("Ann Bee", "Cid Dee", "Eve Eff", "Guy Aitch", "Ida Jay", "Kay Ell"), COLUMN_SKIP },
	{ "Rating", ROW("5", "4", "5", "3", "5", "4"), COLUMN_NUMERIC },
	{ "Pets", ROW("cat", "dog", "cat", "dog", "Cat", "dog"), COLUMN_CLOSED },
	{ "Events",
	  ROW("fairs, meetups (local, national)", "fairs", "meetups (local, national)", "fairs",
	      "fairs, meetups (local, national)", "fairs"),
	  COLUMN_MULTI },
	{ "Snacks", ROW("nuts;figs", "nuts", "figs;nuts", "figs", "nuts;figs", "figs"), COLUMN_MULTI },
	{ "Motto", ROW("be kind", "go far", "eat well", "sleep long", "sing loud", "stay calm"), COLUMN_LABEL },
	{ "Story",
	  ROW("It rained all day long today", "We went home by the old road", "Nobody told us about the dog",
	      "The shop was closed when I came", "There was a long queue outside", "My sister brought the wrong keys"),
	  COLUMN_TEXT },
};

START_TEST(kind_is_told_by_the_answers)
{
	size_t len = 0;

	while (len < 10 && kinds[_i].answers[len])
		len++;
	ck_assert_msg(learn(kinds[_i].header, kinds[_i].answers, len)->kind == kinds[_i].kind, "%s: kind %d",
		      kinds[_i].header, (int)model->columns[0].kind);
	done();
}
END_TEST

START_TEST(brackets_and_glued_parts_stay_whole)
{
	static const char *const answers[] = {
		"fairs, blogs, papers, or radio", "blogs, papers, or radio",	    "fairs",
		"blogs, papers, or radio",	  "fairs, blogs, papers, or radio", "fairs"
	};
	struct column *column = learn("Where do you look", answers, 6);

	ck_assert_int_eq(column->kind, COLUMN_MULTI);
	ck_assert_uint_eq(column->options_to - column->options_from, 2);
	ck_assert_str_eq(model->options[column->options_from].label, "blogs, papers, or radio");
	ck_assert_uint_eq(model->options[column->options_from].count, 4);
	done();
}
END_TEST

/* Of spellings that are as common as each other one is shown, whichever comes first. */
START_TEST(the_label_does_not_depend_on_the_order)
{
	static const char *const answers[][6] = {
		{ "nuts;figs", "nuts;figs", "figs!;nuts", "figs!;nuts", "nuts", "nuts" },
		{ "figs!;nuts", "figs!;nuts", "nuts;figs", "nuts;figs", "nuts", "nuts" },
	};

	ck_assert_int_eq(learn("Snacks", answers[_i], 6)->kind, COLUMN_MULTI);
	ck_assert_str_eq(model->options[0].label, "figs");
	ck_assert_str_eq(model->options[1].label, "nuts");
	done();
}
END_TEST

START_TEST(spellings_fold_together)
{
	static const char *const answers[] = { "Male", "male", "M", "Female", "f", "Male" };
	struct column *column = learn("What gender do you identify with?", answers, 6);

	ck_assert_int_eq(column->topic, TOPIC_GENDER);
	ck_assert(column_is_protected(column));
	ck_assert_uint_eq(column->options_to - column->options_from, 2);
	ck_assert_str_eq(model->options[column->options_from + 1].label, "Male");
	ck_assert_uint_eq(model->options[column->options_from + 1].count, 4);
	done();
}
END_TEST

static const struct {
	const char *header;
	enum topic topic;
} topics[] = {
	{ "Age", TOPIC_AGE },
	{ "What year were you born?", TOPIC_BIRTH },
	{ "In what country do you currently reside?", TOPIC_COUNTRY },
	{ "Which country do you live in?", TOPIC_COUNTRY },
	{ "Which city do you live in?", TOPIC_CITY },
	{ "In which city or town do you work?", TOPIC_CITY },
	{ "How satisfied are you with public transport in your city?", TOPIC_NONE },
	{ "Which city council services do you use?", TOPIC_NONE },
	{ "What is your job title, if any?", TOPIC_OCCUPATION },
	{ "Role", TOPIC_OCCUPATION },
	{ "What should be the future role of the company?", TOPIC_NONE },
	{ "Which roles in the community do you identify with?", TOPIC_NONE },
	{ "Level of experience that your students have", TOPIC_NONE },
	{ "How would you rate your level of experience?", TOPIC_EXPERIENCE },
	{ "What is your degree of involvement?", TOPIC_NONE },
	{ "Degree", TOPIC_EDUCATION },
	{ "language", TOPIC_LANGUAGE },
	{ "What do you manage every day?", TOPIC_NONE },
};

START_TEST(topic_is_the_respondents_own)
{
	static const char *const answers[] = { "one", "two", "one", "two", "one", "two" };

	ck_assert_msg(learn(topics[_i].header, answers, 6)->topic == topics[_i].topic, "%s: topic %d",
		      topics[_i].header, (int)model->columns[0].topic);
	done();
}
END_TEST

static const struct {
	const char *header, *lead;
	enum item_class prior;
} leads[] = {
	{ "Do you currently use Python? Choose one.", "Currently uses Python", CLASS_BEHAVIOUR },
	{ "How do you share the results that you create? (check all)", "Shares the results that they create",
	  CLASS_BEHAVIOUR },
	{ "Which tools do you use with your applications?", "Tools they use with their applications", CLASS_BEHAVIOUR },
	{ "What is your biggest challenge?", "Their biggest challenge", CLASS_FRUSTRATION },
	{ "When you have problems, where do you go for help?", "Goes for help when they have problems",
	  CLASS_BEHAVIOUR },
	{ "What limits you at work?", "Limits them at work", CLASS_FRUSTRATION },
	{ "Which statement most closely reflects the reason why you came?", "The reason why they came",
	  CLASS_MOTIVATION },
	{ "What are the strengths of the project? What are its weaknesses?", NULL, CLASS_NONE },
	{ "Do you feel that it is clear?", "Do you feel that it is clear?", CLASS_NONE },
	{ "main_device", "Main device", CLASS_NONE },
};

START_TEST(heading_becomes_a_statement)
{
	static const char *const answers[] = { "one", "two", "one", "two", "one", "two" };
	struct column *column = learn(leads[_i].header, answers, 6);

	if (leads[_i].lead)
		ck_assert_str_eq(column->lead, leads[_i].lead);
	ck_assert_msg(column->prior == leads[_i].prior, "%s: prior %d", leads[_i].header, (int)column->prior);
	done();
}
END_TEST

START_TEST(yes_and_no_are_statements)
{
	static const char *const answers[] = { "Yes", "No", "Yes!", "no", "Yes", "No" };
	struct column *column = learn("Do you hold tokens?", answers, 6);

	ck_assert_uint_eq(column->options_to - column->options_from, 2);
	ck_assert_str_eq(column->lead_yes, "Holds tokens");
	ck_assert_str_eq(column->lead_no, "Does not hold tokens");
	done();
}
END_TEST

START_TEST(numbers_and_dates)
{
	double value;

	ck_assert(parse_number("-3.5", 4, &value) && value == -3.5);
	ck_assert(parse_number("40%", 3, &value) && value == 40);
	ck_assert(!parse_number("", 0, &value));
	ck_assert(!parse_number("3-5", 3, &value));
	ck_assert(!parse_number("1234567890123456", 16, &value));
	ck_assert_int_eq(parse_date("12/14/2019 12:29:47", 19), 2019);
	ck_assert_int_eq(parse_date("2020-01-31T10:00", 16), 2020);
	ck_assert_int_eq(parse_date("31.12.2018", 10), 2018);
	ck_assert_int_eq(parse_date("1990", 4), 0);
	ck_assert_int_eq(parse_date("99/99/2019", 10), 0);
	ck_assert_int_eq(parse_date("2019-13-01", 10), 0);
}
END_TEST

START_TEST(age_comes_from_the_survey_year)
{
	struct persona_error err = { 0 };
	char locator[32];

	persona_records_init(&records);
	for (int i = 0; i < 6; i++) {
		const char *pairs[] = { "What year were you born?", i == 5 ? "long ago" : "1990", "When",
					"2019-12-14 10:00", NULL };

		snprintf(locator, sizeof locator, "x.csv:%d", i);
		survey_add(&records, locator, pairs);
	}
	ck_assert_int_eq(model_new(&model, &records, "x", 1, &err), 0);
	ck_assert_int_eq(model->survey_year, 2019);
	for (uint32_t u = 0; u < 6; u++)
		ck_assert_int_eq(unit_age(model, u), model->units[u] == 5 ? -1 : 29);
	done();
}
END_TEST

START_TEST(no_survey_year_no_age)
{
	static const char *const answers[] = { "1990", "1991", "1990", "1991", "1992", "1990" };

	learn("What year were you born?", answers, 6);
	ck_assert_int_eq(unit_age(model, 0), -1);
	done();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("columns");
	TCase *tests = tcase_create("columns");

	tcase_add_loop_test(tests, kind_is_told_by_the_answers, 0, (int)(sizeof kinds / sizeof *kinds));
	tcase_add_test(tests, brackets_and_glued_parts_stay_whole);
	tcase_add_loop_test(tests, the_label_does_not_depend_on_the_order, 0, 2);
	tcase_add_test(tests, spellings_fold_together);
	tcase_add_loop_test(tests, topic_is_the_respondents_own, 0, (int)(sizeof topics / sizeof *topics));
	tcase_add_loop_test(tests, heading_becomes_a_statement, 0, (int)(sizeof leads / sizeof *leads));
	tcase_add_test(tests, yes_and_no_are_statements);
	tcase_add_test(tests, numbers_and_dates);
	tcase_add_test(tests, age_comes_from_the_survey_year);
	tcase_add_test(tests, no_survey_year_no_age);
	suite_add_tcase(suite, tests);
	return survey_run(suite);
}
