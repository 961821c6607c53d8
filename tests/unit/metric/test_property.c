#include "helper.h"

/*
 * What holds for every finding of every metric, over personas put together at
 * random from good, bad and odd pieces: no issue without a deduction, no deduction
 * without an issue, issues that point at what is there, the same answer twice.
 */

static uint64_t state;

static size_t draw(size_t below)
{
	state = persona_mix64(state, &state, sizeof state);
	return (size_t)(state % below);
}

static const char *const texts[] = {
	"Publish one data story every week",
	"Teach two colleagues to clean tables",
	"I spend half my week on cleaning.",
	"Agencies send tables as scanned paper",
	"Be better at my job",
	"As a user I want synergy",
	"n/a",
	"TBD",
	"",
	" ",
	"x",
	"🙂",
	"山田太郎は毎日働きます",
	"ผมทำงานทุกวัน",
	"\u201cWell\u201d \u2014 she said, \u201cno.\u201d",
	"a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e f g h i j a b c d e "
	"f g "
	"h i j k",
};

static const char *const names[] = {
	NULL, "", "User 12", "Mara", "mara lindqvist", "Mara Lindqvist", "山田", "🙂🙂", "M4ra L", "John Doe",
};

static const char *const facts[] = {
	NULL,
	"{}",
	"{\"country\":\"Peru\"}",
	"{\"country\":\"n/a\",\"b\":[\"tbd\",{\"c\":\"unknown\"}],\"d\":\"xxx\",\"e\":\"TBD\"}",
	"{\"age_range\":\"18-20\",\"x\":null,\"y\":3,\"z\":true}",
	"{\"a\":\"\",\"b\":\" \"}",
};

static const char *const occupations[] = { NULL, "", "CEO", "Editor", "tbd", "Founder of a large firm" };

static void make_random(struct persona *persona)
{
	size_t evidence = draw(12);

	persona_init(persona);
	set(&persona->name, names[draw(COUNT(names))]);
	persona->age = draw(2) ? PERSONA_UNKNOWN : (int64_t)draw(70);
	set(&persona->occupation, occupations[draw(COUNT(occupations))]);
	set(&persona->background, draw(2) ? NULL : texts[draw(COUNT(texts))]);
	demographics(persona, facts[draw(COUNT(facts))]);
	for (int field = 0; field < PERSONA_LIST_FIELDS; field++)
		for (size_t items = draw(5); items; items--)
			add(persona, (enum persona_list_field)field, texts[draw(COUNT(texts))]);
	while (evidence--)
		cite(persona, (enum persona_list_field)draw(PERSONA_LIST_FIELDS), draw(5), (int64_t)draw(5),
		     (enum persona_strength)draw(4));
}

/* The same with hardly a fault, so that findings of 100 and just below come up. */
static void make_good(struct persona *persona)
{
	make_whole(persona);
	for (int field = 0; field < PERSONA_LIST_FIELDS; field++)
		for (size_t i = 0; i < persona->lists[field].len; i++)
			cite(persona, (enum persona_list_field)field, i, 1 + (int64_t)i,
			     draw(20) ? PERSONA_STRENGTH_VERBATIM : (enum persona_strength)draw(4));
	if (!draw(3))
		set(&persona->name, names[draw(COUNT(names))]);
	if (!draw(3))
		add(persona, (enum persona_list_field)draw(PERSONA_LIST_FIELDS), texts[draw(COUNT(texts))]);
	if (!draw(3))
		demographics(persona, facts[draw(COUNT(facts))]);
}

static void check_issue(const struct persona_reason *issue, const struct persona_metric *metric,
			const struct persona *persona)
{
	ck_assert_str_eq(issue->metric, metric->name);
	ck_assert_uint_gt(strlen(issue->code), 0);
	ck_assert_uint_eq(strspn(issue->code, "abcdefghijklmnopqrstuvwxyz-"), strlen(issue->code));
	ck_assert_uint_gt(strlen(issue->message), 0);
	ck_assert(persona_text_is_clean(issue->message, strlen(issue->message)));
	ck_assert_int_ge(issue->position, -1);
	if (issue->position < 0)
		return;
	for (int field = 0; field < PERSONA_LIST_FIELDS; field++)
		if (strcmp(persona_list_field((enum persona_list_field)field)->name, issue->field) == 0) {
			ck_assert_uint_lt((size_t)issue->position, persona->lists[field].len);
			return;
		}
	ck_abort_msg("position in %s, which is no list", issue->field);
}

static void check_score(const struct persona_score *score, const struct persona *persona)
{
	double weights = 0;

	ck_assert_uint_eq(score->len, 4);
	for (size_t i = 0; i < score->len; i++) {
		const struct persona_finding *finding = &score->metrics[i].finding;

		weights += score->metrics[i].weight;
		if (finding->measured) {
			ck_assert(finding->value >= 0 && finding->value <= 100);
			ck_assert_int_eq(finding->value<100, finding->issues_len> 0);
		} else {
			ck_assert_uint_eq(finding->issues_len, 1);
			ck_assert_str_eq(finding->issues[0].code, "not-measured");
			ck_assert_double_eq(score->metrics[i].weight, 0);
		}
		for (size_t k = 0; k < finding->issues_len; k++)
			check_issue(&finding->issues[k], score->metrics[i].metric, persona);
	}
	assert_near(weights, 1);
	ck_assert(score->overall >= 0 && score->overall <= 100);
	ck_assert_double_eq(score->overall, score->own);
}

static void check_equal(const struct persona_score *a, const struct persona_score *b)
{
	ck_assert_double_eq(a->overall, b->overall);
	for (size_t i = 0; i < a->len; i++) {
		ck_assert_uint_eq(a->metrics[i].finding.issues_len, b->metrics[i].finding.issues_len);
		for (size_t k = 0; k < a->metrics[i].finding.issues_len; k++)
			ck_assert_str_eq(a->metrics[i].finding.issues[k].message,
					 b->metrics[i].finding.issues[k].message);
	}
}

START_TEST(issues_and_deductions_go_together)
{
	static const char *const profiles[] = { "default", "strict", "lenient" };
	struct persona_registry *registry;
	struct persona_language *language;
	struct persona_profile profile;

	ck_assert_int_eq(persona_language_new(&language, "en", NULL), 0);
	state = (uint64_t)_i + 1;
	ck_assert_int_eq(persona_registry_new_default(&registry, NULL), 0);
	for (int i = 0; i < 200; i++) {
		struct persona_score score, again;
		struct persona_subject subject = { .batch_records = (int64_t)draw(3) * 9 };
		struct persona persona;

		if (i % 2)
			make_good(&persona);
		else
			make_random(&persona);
		subject.persona = &persona;
		subject.language = language;
		ck_assert_int_eq(persona_profile_get(&profile, profiles[i % 3], NULL), 0);
		ck_assert_int_eq(persona_score_revision(&score, registry, &profile, &subject, NULL), 0);
		ck_assert_int_eq(persona_score_revision(&again, registry, &profile, &subject, NULL), 0);
		check_score(&score, &persona);
		check_equal(&score, &again);
		persona_score_release(&again);
		persona_score_release(&score);
		persona_release(&persona);
	}
	persona_registry_free(registry);
	persona_language_free(language);
}
END_TEST

/* Parts that issues speak for, one by one: mending what the issue names never lowers the value. */
START_TEST(mending_does_not_lower_completeness)
{
	state = (uint64_t)_i + 100;
	for (int i = 0; i < 100; i++) {
		struct persona_finding before, after;
		struct persona persona;
		size_t field = draw(PERSONA_LIST_FIELDS);

		make_random(&persona);
		judge(&before, &metric_completeness, "strict", &persona, 0);
		add(&persona, (enum persona_list_field)field, "Publish one data story every week");
		set(&persona.background, "She came to data by way of the court desk.");
		judge(&after, &metric_completeness, "strict", &persona, 0);
		ck_assert_double_ge(after.value + NEAR, before.value);
		ck_assert_uint_le(after.issues_len, before.issues_len + 1);
		ck_assert_ptr_null(find_code(&after, "missing-background"));
		persona_finding_release(&before);
		persona_finding_release(&after);
		persona_release(&persona);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("property");
	TCase *tcase = tcase_create("property");

	tcase_add_loop_test(tcase, issues_and_deductions_go_together, 0, 5);
	tcase_add_loop_test(tcase, mending_does_not_lower_completeness, 0, 3);
	suite_add_tcase(suite, tcase);
	return run(suite);
}
