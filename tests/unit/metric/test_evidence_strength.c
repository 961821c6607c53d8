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

static void measure(const char *profile, int64_t batch_records)
{
	persona_finding_release(&finding);
	judge(&finding, &metric_evidence_strength, profile, &persona, batch_records);
}

/* Goals with the best of strengths, from three respondents, the first of whom gives `first` goals. */
static void add_goals(size_t count, size_t first)
{
	for (size_t i = 0; i < count; i++) {
		add(&persona, PERSONA_GOALS, "Publish one data story weekly");
		cite(&persona, PERSONA_GOALS, i, i < first ? 1 : 2 + (int64_t)(i % 2), PERSONA_STRENGTH_VERBATIM);
	}
}

START_TEST(without_records_it_is_not_measured)
{
	add_goals(4, 2);
	measure("default", 0);
	ck_assert(!finding.measured);
	ck_assert_uint_eq(finding.issues_len, 1);
	ck_assert_str_eq(finding.issues[0].code, "not-measured");
	measure("default", 1);
	ck_assert(finding.measured);
}
END_TEST

START_TEST(without_items_it_is_not_measured)
{
	measure("default", 100);
	ck_assert(!finding.measured);
	ck_assert_uint_eq(finding.issues_len, 1);
	ck_assert_str_eq(finding.issues[0].code, "not-measured");
}
END_TEST

START_TEST(verbatim_items_of_three_respondents_have_100)
{
	add_goals(4, 2);
	add(&persona, PERSONA_QUOTES, "Give me the raw file.");
	cite(&persona, PERSONA_QUOTES, 0, 3, PERSONA_STRENGTH_VERBATIM);
	measure("strict", 100);
	assert_finding(&finding, 100, NULL);
}
END_TEST

START_TEST(nothing_borne_out_has_0)
{
	add(&persona, PERSONA_GOALS, "Publish one data story weekly");
	add(&persona, PERSONA_QUOTES, "Give me the raw file.");
	measure("default", 100);
	ck_assert(finding.measured);
	assert_near(finding.value, 0);
	ck_assert_uint_eq(finding.issues_len, 4);
	ck_assert_str_eq(finding.issues[0].code, "no-evidence");
	ck_assert_str_eq(finding.issues[0].field, "goals");
	ck_assert_int_eq(finding.issues[0].position, 0);
	ck_assert_str_eq(finding.issues[1].code, "quote-not-found");
	ck_assert_str_eq(finding.issues[2].code, "low-coverage");
	ck_assert_str_eq(finding.issues[3].code, "few-respondents");
}
END_TEST

/* Evidence of no strength, without a record, or for an item that is not there, is none. */
START_TEST(unchecked_evidence_does_not_count)
{
	add(&persona, PERSONA_GOALS, "Publish one data story weekly");
	cite(&persona, PERSONA_GOALS, 0, 7, PERSONA_STRENGTH_NONE);
	cite(&persona, PERSONA_GOALS, 0, 0, PERSONA_STRENGTH_VERBATIM);
	cite(&persona, PERSONA_GOALS, 0, -1, PERSONA_STRENGTH_VERBATIM);
	cite(&persona, PERSONA_GOALS, 1, 7, PERSONA_STRENGTH_VERBATIM);
	cite(&persona, PERSONA_QUOTES, 0, 7, PERSONA_STRENGTH_VERBATIM);
	measure("default", 100);
	assert_near(finding.value, 0);
	ck_assert_uint_eq(count_code(&finding, "no-evidence"), 1);
}
END_TEST

static const struct {
	enum persona_list_field field;
	enum persona_strength strength;
	double worth;
	const char *code;
} strengths[] = {
	{ PERSONA_GOALS, PERSONA_STRENGTH_VERBATIM, 1, NULL },
	{ PERSONA_GOALS, PERSONA_STRENGTH_CLOSE, 0.75, "weak-evidence" },
	{ PERSONA_GOALS, PERSONA_STRENGTH_CITED, 0.5, "weak-evidence" },
	{ PERSONA_MOTIVATIONS, PERSONA_STRENGTH_CITED, 0.5, "weak-evidence" },
	{ PERSONA_QUOTES, PERSONA_STRENGTH_VERBATIM, 1, NULL },
	{ PERSONA_QUOTES, PERSONA_STRENGTH_CLOSE, 0.75, "weak-evidence" },
	{ PERSONA_QUOTES, PERSONA_STRENGTH_CITED, 0.5, "quote-not-found" },
};

/* One item of that strength, which three respondents bear out alike. */
START_TEST(strength_is_the_best_evidence)
{
	add(&persona, strengths[_i].field, "Publish one data story weekly");
	cite(&persona, strengths[_i].field, 0, 1, PERSONA_STRENGTH_CITED);
	cite(&persona, strengths[_i].field, 0, 2, strengths[_i].strength);
	cite(&persona, strengths[_i].field, 0, 3, PERSONA_STRENGTH_CITED);
	measure("default", 9);
	assert_finding(&finding, 70 + 30 * strengths[_i].worth, strengths[_i].code);
}
END_TEST

START_TEST(quotes_count_double)
{
	add_goals(1, 1);
	add(&persona, PERSONA_QUOTES, "Give me the raw file.");
	cite(&persona, PERSONA_QUOTES, 0, 2, PERSONA_STRENGTH_CLOSE);
	cite(&persona, PERSONA_QUOTES, 0, 3, PERSONA_STRENGTH_CLOSE);
	measure("default", 9);
	assert_finding(&finding, 50 + 30 * (1 + 2 * 0.75) / 3 + 20, "weak-evidence");
}
END_TEST

/* One report for a list, however many items are weak. */
START_TEST(weak_items_are_reported_per_list)
{
	const struct persona_reason *issue;

	add(&persona, PERSONA_GOALS, "Publish weekly|Teach two colleagues|Drop the copying");
	cite(&persona, PERSONA_GOALS, 0, 1, PERSONA_STRENGTH_CITED);
	cite(&persona, PERSONA_GOALS, 1, 2, PERSONA_STRENGTH_CLOSE);
	cite(&persona, PERSONA_GOALS, 2, 3, PERSONA_STRENGTH_VERBATIM);
	measure("default", 100);
	assert_finding(&finding, 50 + 30 * 2.25 / 3 + 20, "weak-evidence");
	issue = &finding.issues[0];
	ck_assert_str_eq(issue->field, "goals");
	ck_assert_int_eq(issue->position, -1);
	ck_assert_ptr_nonnull(strstr(issue->message, "2 of 3"));
}
END_TEST

static const struct {
	const char *profile;
	size_t covered;
	bool low;
} coverages[] = {
	{ "default", 5, false }, { "default", 4, true }, { "strict", 7, false },   { "strict", 6, true },
	{ "lenient", 3, false }, { "lenient", 2, true }, { "default", 10, false },
};

START_TEST(coverage_below_the_least_is_reported)
{
	size_t covered = coverages[_i].covered;

	add(&persona, PERSONA_GOALS, "a|b|c|d|e|f|g|h|i|j");
	for (size_t i = 0; i < covered; i++)
		cite(&persona, PERSONA_GOALS, i, 1, PERSONA_STRENGTH_VERBATIM);
	measure(coverages[_i].profile, 9);
	ck_assert_uint_eq(count_code(&finding, "low-coverage"), coverages[_i].low);
	ck_assert_uint_eq(count_code(&finding, "no-evidence"), 10 - covered);
	assert_near(finding.value, 8.0 * (double)covered + 20 * 0.4);
}
END_TEST

static const struct {
	size_t respondents;
	double diversity;
} diversities[] = { { 1, 0.4 }, { 2, 0.7 }, { 3, 1 }, { 4, 1 }, { 12, 1 } };

/* All of them behind each item: nobody gives more than the others, but everybody gives over a half. */
START_TEST(diversity_counts_respondents)
{
	size_t respondents = diversities[_i].respondents;

	add(&persona, PERSONA_GOALS, "a|b");
	for (size_t i = 0; i < respondents; i++)
		for (size_t item = 0; item < 2; item++)
			for (size_t again = 0; again < 2; again++)
				cite(&persona, PERSONA_GOALS, item, 1 + (int64_t)i, PERSONA_STRENGTH_VERBATIM);
	measure("default", 9);
	assert_finding(&finding, 80 + 20 * diversities[_i].diversity, respondents < 3 ? "few-respondents" : NULL);
}
END_TEST

static const struct {
	size_t goals;
	size_t first;
	int64_t records;
	double diversity;
	bool few, one_sided;
} sides[] = {
	{ 6, 3, 10, 1, false, false },					/* exactly a half */
	{ 6, 4, 10, 0.7, false, true },					/* over it */
	{ 6, 4, 9, 1, false, false },					/* too small a batch to ask for more */
	{ 7, 4, 10, 0.7, false, true }, { 2, 1, 10, 0.7, true, false }, /* two respondents, a half each */
	{ 3, 2, 10, 0.4, true, true },					/* two respondents, one gives more */
	{ 3, 2, 9, 0.7, true, false },	{ 3, 3, 10, 0.4, true, false }, /* one respondent: few says it all */
};

START_TEST(one_respondent_should_not_give_over_a_half)
{
	add_goals(sides[_i].goals, sides[_i].first);
	measure("default", sides[_i].records);
	assert_near(finding.value, 80 + 20 * sides[_i].diversity);
	ck_assert_uint_eq(count_code(&finding, "few-respondents"), sides[_i].few);
	ck_assert_uint_eq(count_code(&finding, "one-sided"), sides[_i].one_sided);
	ck_assert_uint_eq(finding.issues_len, (size_t)sides[_i].few + sides[_i].one_sided);
}
END_TEST

/* Naming the same record for an item again and again makes it give no more items. */
START_TEST(a_half_is_counted_in_items)
{
	add_goals(6, 3);
	for (int i = 0; i < 10; i++)
		cite(&persona, PERSONA_GOALS, 0, 1, PERSONA_STRENGTH_CITED);
	measure("default", 10);
	assert_finding(&finding, 100, NULL);
}
END_TEST

START_TEST(full_lists_and_much_evidence_are_judged_at_once)
{
	for (int field = 0; field < PERSONA_LIST_FIELDS; field++)
		for (size_t i = 0; i < PERSONA_LIST_MAX; i++) {
			add(&persona, (enum persona_list_field)field, "x");
			for (int64_t record = 0; record < 2; record++)
				cite(&persona, (enum persona_list_field)field, i, 1 + (record + (int64_t)i) % 999,
				     PERSONA_STRENGTH_VERBATIM);
		}
	measure("strict", 1000);
	assert_finding(&finding, 100, NULL);
}
END_TEST

static const struct {
	enum persona_strength found;
	int wrong, right;
	double worth;
	const char *code;
} places[] = {
	{ PERSONA_STRENGTH_VERBATIM, 0, 1, 1, NULL },
	{ PERSONA_STRENGTH_VERBATIM, 1, 1, 0.75, "quote-misplaced" },
	{ PERSONA_STRENGTH_VERBATIM, 1, 2, 1, NULL },
	{ PERSONA_STRENGTH_VERBATIM, 2, 2, 0.75, "quote-misplaced" },
	{ PERSONA_STRENGTH_CLOSE, 1, 1, 0.5, "quote-misplaced" },
	{ PERSONA_STRENGTH_CLOSE, 0, 1, 0.75, "weak-evidence" },
	{ PERSONA_STRENGTH_NONE, 1, 0, 0, "quote-not-found" },
};

/* Three goals of three respondents, and a quote that counts double. */
START_TEST(quotes_stand_where_they_are_said_to)
{
	add_goals(3, 1);
	add(&persona, PERSONA_QUOTES, "It was late again, you know.");
	for (int i = 0; i < places[_i].wrong; i++)
		cite(&persona, PERSONA_QUOTES, 0, 7 + i, PERSONA_STRENGTH_NONE);
	for (int i = 0; i < places[_i].right; i++)
		cite(&persona, PERSONA_QUOTES, 0, 4 + i, places[_i].found);
	measure("default", 9);
	assert_near(finding.value, 50 * (3 + (places[_i].found > PERSONA_STRENGTH_NONE)) / 4.0 +
					   30 * (3 + 2 * places[_i].worth) / 5 + 20);
	ck_assert_uint_eq(finding.issues_len, places[_i].code != NULL);
	if (places[_i].code)
		ck_assert_uint_eq(count_code(&finding, places[_i].code), 1);
}
END_TEST

/* A goal is not taken for anybody's words. */
START_TEST(other_items_may_name_more)
{
	add_goals(3, 1);
	cite(&persona, PERSONA_GOALS, 0, 7, PERSONA_STRENGTH_NONE);
	measure("default", 9);
	assert_finding(&finding, 100, NULL);
}
END_TEST

/* Who said it is no respondent behind the persona; whose it was taken for gives more of it. */
START_TEST(misplaced_quotes_make_nobody_a_respondent)
{
	add_goals(2, 1);
	add(&persona, PERSONA_QUOTES, "It was late again, you know.");
	cite(&persona, PERSONA_QUOTES, 0, 1, PERSONA_STRENGTH_NONE);
	cite(&persona, PERSONA_QUOTES, 0, 9, PERSONA_STRENGTH_VERBATIM);
	measure("default", 10);
	ck_assert_uint_eq(count_code(&finding, "few-respondents"), 1);
	ck_assert_uint_eq(count_code(&finding, "one-sided"), 1);
	assert_near(finding.value, 50 + 30 * 3.5 / 4 + 20 * 0.4);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("evidence_strength");
	TCase *tcase = tcase_create("evidence_strength");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, without_records_it_is_not_measured);
	tcase_add_test(tcase, without_items_it_is_not_measured);
	tcase_add_test(tcase, verbatim_items_of_three_respondents_have_100);
	tcase_add_test(tcase, nothing_borne_out_has_0);
	tcase_add_test(tcase, unchecked_evidence_does_not_count);
	tcase_add_loop_test(tcase, strength_is_the_best_evidence, 0, COUNT(strengths));
	tcase_add_test(tcase, quotes_count_double);
	tcase_add_test(tcase, weak_items_are_reported_per_list);
	tcase_add_loop_test(tcase, coverage_below_the_least_is_reported, 0, COUNT(coverages));
	tcase_add_loop_test(tcase, diversity_counts_respondents, 0, COUNT(diversities));
	tcase_add_loop_test(tcase, one_respondent_should_not_give_over_a_half, 0, COUNT(sides));
	tcase_add_test(tcase, a_half_is_counted_in_items);
	tcase_add_loop_test(tcase, quotes_stand_where_they_are_said_to, 0, COUNT(places));
	tcase_add_test(tcase, other_items_may_name_more);
	tcase_add_test(tcase, misplaced_quotes_make_nobody_a_respondent);
	tcase_add_test(tcase, full_lists_and_much_evidence_are_judged_at_once);
	suite_add_tcase(suite, tcase);
	return run(suite);
}
