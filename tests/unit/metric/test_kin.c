/* Who is of a kind with whom, and what evidence strength makes of it. */
#include "helper.h"
#include "kin.h"

static struct persona_records records;
static struct persona_kin *kin;
static struct persona persona;
static struct persona_finding finding;

static void setup(void)
{
	persona_records_init(&records);
	persona_init(&persona);
	persona_finding_init(&finding);
}

static void teardown(void)
{
	persona_finding_release(&finding);
	persona_release(&persona);
	persona_kin_free(kin);
	kin = NULL;
	persona_records_release(&records);
}

/* A respondent who gives the answer to as many questions on that; answer NULL: none. */
static void respond(const char *topic, int questions, const char *answer)
{
	struct persona_record *record;

	ck_assert_int_eq(persona_records_add(&records, &record, "s.csv:1", NULL), 0);
	record->record_id = (int64_t)records.len;
	for (int i = 0; answer && i < questions; i++) {
		char question[64];
		long column;

		snprintf(question, sizeof question, "%s, part %d", topic, i);
		column = persona_records_column(&records, question, NULL);
		ck_assert_int_ge(column, 0);
		record = &records.items[records.len - 1];
		ck_assert_int_eq(persona_record_add_cell(record, (size_t)column, answer, strlen(answer), NULL), 0);
	}
}

/* Two kinds in turn: records with an odd id, and with an even one. */
static void two_kinds(const char *topic, int questions, size_t respondents)
{
	for (size_t i = 0; i < respondents; i++)
		respond(topic, questions, i % 2 ? "by hand" : "by machine");
}

#define FILLED 6 /* answers that fill() adds */

/* Everybody answers three more questions, in two ways, so that respondents can be compared by closed answers. */
static void fill(void)
{
	for (size_t i = 0; i < records.len; i++)
		for (int k = 0; k < 3; k++) {
			const char *answer = i / 2 % 2 ? "yes" : "no";
			char question[32];
			long column;

			snprintf(question, sizeof question, "More, part %d", k);
			column = persona_records_column(&records, question, NULL);
			ck_assert_int_ge(column, 0);
			ck_assert_int_eq(persona_record_add_cell(&records.items[i], (size_t)column, answer,
								 strlen(answer), NULL),
					 0);
		}
}

static void learn(void)
{
	persona_kin_free(kin);
	ck_assert_int_eq(persona_kin_new(&kin, &records, NULL), 0);
}

/* Two goals and two frustrations of those respondents. */
static void items_of(const int64_t goals[2], const int64_t frustrations[2])
{
	persona_release(&persona);
	persona_init(&persona);
	for (size_t i = 0; i < 2; i++) {
		add(&persona, PERSONA_GOALS, "Publish one data story weekly");
		cite(&persona, PERSONA_GOALS, i, goals[i], PERSONA_STRENGTH_VERBATIM);
		add(&persona, PERSONA_FRUSTRATIONS, "Agencies send tables as scanned paper");
		cite(&persona, PERSONA_FRUSTRATIONS, i, frustrations[i], PERSONA_STRENGTH_VERBATIM);
	}
}

static double measure(void)
{
	struct persona_subject subject = { .persona = &persona, .batch_records = (int64_t)records.len, .kin = kin };
	struct persona_profile profile;

	ck_assert_int_eq(persona_profile_get(&profile, "default", NULL), 0);
	persona_finding_release(&finding);
	persona_finding_init(&finding);
	ck_assert_int_eq(
		metric_evidence_strength.revision(&metric_evidence_strength, &profile, &subject, &finding, NULL), 0);
	return finding.value;
}

static const int64_t odd[] = { 1, 3 }, also_odd[] = { 5, 7 }, even[] = { 2, 4 };

/* Whatever the weights are rounded to. */
static const int questions[] = { 3, 4, 5, 6, 7, 8, 9, 11 };

START_TEST(lists_of_one_kind_belong_together)
{
	two_kinds("How do you do it?", questions[_i], 20);
	learn();
	items_of(odd, also_odd);
	/* Nobody is nearer, ten of the twenty are as near, those behind the other list among them: nearness 15 of 20. */
	assert_near(measure(), 60 + 40 * (2 * (15.0 / 20) - 1));
	ck_assert_uint_eq(finding.issues_len, 0);
}
END_TEST

START_TEST(one_of_another_kind_makes_a_list_mixed)
{
	two_kinds("How do you do it?", 4, 20);
	learn();
	items_of(odd, also_odd);
	cite(&persona, PERSONA_FRUSTRATIONS, 0, 2, PERSONA_STRENGTH_VERBATIM);
	cite(&persona, PERSONA_FRUSTRATIONS, 1, 4, PERSONA_STRENGTH_VERBATIM);
	measure();
	ck_assert_uint_eq(count_code(&finding, "other-respondents"), 0);
	ck_assert_uint_eq(count_code(&finding, "mixed-respondents"), 1);
}
END_TEST

START_TEST(lists_of_two_kinds_do_not)
{
	two_kinds("How do you do it?", 4, 20);
	learn();
	items_of(odd, even);
	assert_near(measure(), 60);
	ck_assert_uint_eq(count_code(&finding, "other-respondents"), 4);
	ck_assert_str_eq(finding.issues[0].field, "goals");
	ck_assert_int_eq(finding.issues[1].position, 1);
	ck_assert_uint_eq(count_code(&finding, "mixed-respondents"), 0);
}
END_TEST

/* The others keep their proportions: a persona is neither better nor worse for what cannot be told. */
static void assert_not_judged(void)
{
	learn();
	items_of(odd, even);
	assert_near(measure(), 100);
	ck_assert_uint_eq(finding.issues_len, 0);
}

static void assert_judged(void)
{
	learn();
	items_of(odd, even);
	assert_near(measure(), 60);
}

START_TEST(nine_respondents_are_no_crowd)
{
	two_kinds("How do you do it?", 4, 9);
	assert_not_judged();
	respond("How do you do it?", 4, "by hand");
	assert_judged();
}
END_TEST

START_TEST(two_closed_answers_do_not_tell)
{
	two_kinds("How do you do it?", 2, 20);
	assert_not_judged();
	teardown();
	setup();
	two_kinds("How do you do it?", 3, 20);
	assert_judged();
}
END_TEST

START_TEST(half_of_the_respondents_must_have_answered)
{
	two_kinds("How do you do it?", 4, 12);
	for (int i = 0; i < 12; i++)
		respond("", 0, NULL);
	assert_judged();
	respond("", 0, NULL);
	assert_not_judged();
}
END_TEST

START_TEST(origin_and_the_like_do_not_count)
{
	two_kinds("Your gender", 4, 20);
	assert_not_judged();
	teardown();
	setup();
	two_kinds("What is your nationality?", 4, 20);
	assert_not_judged();
	teardown();
	setup();
	two_kinds("What engenders most trouble?", 4, 20);
	assert_judged();
}
END_TEST

/* Sixteen of twenty is 80 %. */
START_TEST(what_nearly_all_answer_tells_nothing)
{
	for (int i = 0; i < 20; i++)
		respond("How do you do it?", 4, i < 16 ? "by machine" : "by hand");
	fill();
	learn();
	ck_assert_uint_eq(kin->tokens, 8 + FILLED);
	teardown();
	setup();
	for (int i = 0; i < 20; i++)
		respond("How do you do it?", 4, i < 17 ? "by machine" : "by hand");
	fill();
	learn();
	ck_assert_uint_eq(kin->tokens, 4 + FILLED);
}
END_TEST

START_TEST(an_answer_that_one_gave_is_open)
{
	for (int i = 0; i < 20; i++)
		respond("How do you do it?", 4, i == 3 ? "by ear" : i % 2 ? "by hand" : "by machine");
	learn();
	ck_assert_uint_eq(kin->tokens, 8);
	ck_assert_uint_eq(kin->answers_from[4] - kin->answers_from[3], 0);
}
END_TEST

static const struct {
	const char *answer;
	size_t tokens;
} lists[] = {
	{ "one, two", 2 }, { "one; two", 2 }, { "one\ntwo", 2 },      { "one (a, b), two", 2 },
	{ "one two", 1 },  { "one,, ", 1 },   { "One, one,ONE ", 1 }, { "one), two", 2 },
};

START_TEST(lists_are_taken_apart)
{
	for (int i = 0; i < 10; i++)
		respond("Which?", 1, lists[_i].answer);
	for (int i = 0; i < 10; i++)
		respond("Which?", 1, "none of them");
	fill();
	learn();
	ck_assert_uint_eq(kin->tokens, lists[_i].tokens + 1 + FILLED);
}
END_TEST

/* 120 bytes are an answer to choose, one more is one to write. */
START_TEST(long_answers_are_open)
{
	char text[122];

	memset(text, 'x', sizeof text);
	text[121] = '\0';
	for (int i = 0; i < 20; i++)
		respond("Which?", 1, i % 2 ? text : text + 1);
	fill();
	learn();
	ck_assert_uint_eq(kin->tokens, 1 + FILLED);
}
END_TEST

START_TEST(who_is_behind_two_lists_belongs)
{
	static const int64_t same[] = { 2, 2 };

	two_kinds("How do you do it?", 4, 20);
	learn();
	items_of(same, same);
	measure();
	ck_assert_uint_eq(count_code(&finding, "other-respondents"), 0);
	ck_assert_uint_eq(count_code(&finding, "mixed-respondents"), 0);
}
END_TEST

static void add_cited(enum persona_list_field field, size_t position, int64_t record_id)
{
	add(&persona, field, "Publish one data story weekly");
	cite(&persona, field, position, record_id, PERSONA_STRENGTH_VERBATIM);
}

/* Behind two of three other lists: two thirds for that, and one for how near he is to who is behind any. */
START_TEST(who_is_behind_some_lists_belongs_to_these)
{
	double own, other;

	two_kinds("How do you do it?", 4, 20);
	learn();
	persona_release(&persona);
	persona_init(&persona);
	add_cited(PERSONA_GOALS, 0, 1);
	add_cited(PERSONA_GOALS, 1, 1);
	add_cited(PERSONA_FRUSTRATIONS, 0, 1);
	add_cited(PERSONA_BEHAVIOURS, 0, 3);
	add_cited(PERSONA_MOTIVATIONS, 0, 1);
	/*
	 * Ten are of the other kind and ten as near as he is; nobody is as near to those behind the three lists as he
	 * who is alone there.
	 */
	own = 2.0 / 3 + (10 + 5.0) / 20 / 3;
	other = (10 + 4.5) / 20;
	/* Diversity: two respondents, one of whom gives more than half. */
	assert_near(measure(), 30 + 18 + 12 * .4 + 40 * (2 * (3 * own + other) / 4 - 1));
}
END_TEST

static const char *const gardeners[] = {
	"Roses want water in the morning and compost every spring, and I cut the hedge myself.",
	"I water the roses, turn the compost and cut a hedge before breakfast."
};
static const char *const drivers[] = {
	"My lorry breaks down on the motorway, and the depot never answers the radio.",
	"At the depot nobody answers the radio when a lorry breaks down on the motorway."
};

/* Interviews: one answer each, in their own words; in turn of a gardener and of a driver. */
static void interview(const char *question, size_t respondents)
{
	for (size_t i = 0; i < respondents; i++)
		respond(question, 1, i % 2 ? drivers[i / 2 % 2] : gardeners[i / 2 % 2]);
}

START_TEST(words_tell_where_there_are_no_closed_answers)
{
	interview("Tell me of your day", 12);
	learn();
	ck_assert(kin->telling && kin->by_words);
	items_of(odd, also_odd);
	ck_assert_double_gt(measure(), 60 + 20);
	ck_assert_uint_eq(count_code(&finding, "other-respondents"), 0);
	items_of(odd, even);
	assert_near(measure(), 60);
	ck_assert_uint_eq(count_code(&finding, "other-respondents"), 4);
}
END_TEST

START_TEST(closed_answers_tell_more_than_words)
{
	interview("Tell me of your day", 12);
	fill();
	learn();
	ck_assert(kin->telling && !kin->by_words);
}
END_TEST

START_TEST(five_speakers_are_no_crowd_nor_four_others)
{
	interview("Tell me of your day", 5);
	assert_not_judged();
	ck_assert(!kin->telling);
	respond("Tell me of your day", 1, drivers[0]);
	learn();
	ck_assert(kin->telling);
	/* Two of them behind each list: four are left to compare with, and then five. */
	items_of(odd, even);
	assert_near(measure(), 100);
	respond("Tell me of your day", 1, gardeners[1]);
	assert_judged();
}
END_TEST

START_TEST(four_stems_do_not_tell)
{
	for (int i = 0; i < 12; i++)
		respond("Tell me of your day", 1,
			i % 2 ? "Roses compost hedges spring" : "Lorries depots radios motorways");
	assert_not_judged();
	teardown();
	setup();
	for (int i = 0; i < 12; i++)
		respond("Tell me of your day", 1,
			i % 2 ? "Roses compost hedges spring water" : "Lorries depots radios motorways noise");
	assert_judged();
}
END_TEST

/* What a few ticked is not mixed with what all said. */
START_TEST(what_closed_answers_did_not_tell_is_forgotten)
{
	size_t tokens, sum = 0;

	interview("Tell me of your day", 12);
	learn();
	tokens = kin->tokens;
	for (size_t i = 0; i < 4; i++)
		respond("How do you do it?", 3, i % 2 ? "no" : "yes");
	learn();
	ck_assert(kin->telling && kin->by_words);
	ck_assert_uint_eq(kin->sample_len, 12);
	for (size_t i = 0; i < 12; i++)
		sum += kin->sample[i];
	ck_assert_uint_eq(sum, 12 * 11 / 2);
	ck_assert_uint_eq(kin->tokens, tokens + 1); /* "yes"; "no" is a stop word */
}
END_TEST

START_TEST(words_on_origin_and_the_like_do_not_count)
{
	interview("What is your nationality?", 12);
	assert_not_judged();
	ck_assert_uint_eq(kin->tokens, 0);
}
END_TEST

/* What comes behind the first 64 KiB of an answer is not looked at. */
START_TEST(only_the_beginning_of_a_long_answer_counts)
{
	size_t len = 65536 + 100, tokens;
	char *text = malloc(len);

	ck_assert_ptr_nonnull(text);
	interview("Tell me of your day", 12);
	learn();
	tokens = kin->tokens;
	teardown();
	setup();
	for (int i = 0; i < 12; i++) {
		const char *said = i % 2 ? drivers[i / 2 % 2] : gardeners[i / 2 % 2];

		memset(text, ' ', len);
		memcpy(text, said, strlen(said));
		/* In the middle of this word the beginning ends; half of them say it, as what all say would tell nothing. */
		memcpy(text + 65536 - 5, i % 2 ? "uttered loudly" : "           ...", 15);
		respond("Tell me of your day", 1, text);
	}
	free(text);
	learn();
	ck_assert_uint_eq(kin->tokens, tokens + 1);
}
END_TEST

START_TEST(unknown_records_and_one_list_are_not_judged)
{
	static const int64_t unknown[] = { 100, 101 };

	two_kinds("How do you do it?", 4, 20);
	learn();
	items_of(odd, unknown);
	assert_near(measure(), 100);
	items_of(odd, even);
	clear(&persona, PERSONA_FRUSTRATIONS);
	measure();
	ck_assert_uint_eq(count_code(&finding, "other-respondents"), 0);
}
END_TEST

START_TEST(the_order_of_records_does_not_matter)
{
	struct persona_record record;
	double before;

	for (size_t i = 0; i < 700; i++)
		respond("How do you do it?", 4, i % 3 ? i % 2 ? "by hand" : "by machine" : "by ear");
	learn();
	items_of(odd, also_odd);
	before = measure();
	for (size_t i = 0; i < 350; i++) {
		record = records.items[i];
		records.items[i] = records.items[699 - i];
		records.items[699 - i] = record;
	}
	learn();
	assert_near(measure(), before);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("kin");
	TCase *tcase = tcase_create("kin");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, lists_of_one_kind_belong_together, 0, COUNT(questions));
	tcase_add_test(tcase, one_of_another_kind_makes_a_list_mixed);
	tcase_add_test(tcase, lists_of_two_kinds_do_not);
	tcase_add_test(tcase, nine_respondents_are_no_crowd);
	tcase_add_test(tcase, two_closed_answers_do_not_tell);
	tcase_add_test(tcase, half_of_the_respondents_must_have_answered);
	tcase_add_test(tcase, origin_and_the_like_do_not_count);
	tcase_add_test(tcase, what_nearly_all_answer_tells_nothing);
	tcase_add_test(tcase, an_answer_that_one_gave_is_open);
	tcase_add_loop_test(tcase, lists_are_taken_apart, 0, COUNT(lists));
	tcase_add_test(tcase, long_answers_are_open);
	tcase_add_test(tcase, who_is_behind_two_lists_belongs);
	tcase_add_test(tcase, who_is_behind_some_lists_belongs_to_these);
	tcase_add_test(tcase, words_tell_where_there_are_no_closed_answers);
	tcase_add_test(tcase, closed_answers_tell_more_than_words);
	tcase_add_test(tcase, five_speakers_are_no_crowd_nor_four_others);
	tcase_add_test(tcase, four_stems_do_not_tell);
	tcase_add_test(tcase, what_closed_answers_did_not_tell_is_forgotten);
	tcase_add_test(tcase, words_on_origin_and_the_like_do_not_count);
	tcase_add_test(tcase, only_the_beginning_of_a_long_answer_counts);
	tcase_add_test(tcase, unknown_records_and_one_list_are_not_judged);
	tcase_add_test(tcase, the_order_of_records_does_not_matter);
	suite_add_tcase(suite, tcase);
	return run(suite);
}
