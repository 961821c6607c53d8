/* Drafting: what a persona holds, which slots depend on what, and hostile data. */
#include "survey.h"

static char *json_of(const struct persona *persona)
{
	struct persona_error err = { 0 };
	json_t *json;
	char *text;

	ck_assert_msg(persona_to_json(&json, persona, &err) == 0, "%s", err.text);
	text = json_dumps(json, 0);
	json_decref(json);
	ck_assert_ptr_nonnull(text);
	return text;
}

static void check_equal(const struct persona *a, const struct persona *b)
{
	char *x = json_of(a), *y = json_of(b);

	ck_assert_str_eq(x, y);
	free(x);
	free(y);
}

static const struct persona_record *record_at(const struct persona_records *records, const char *locator)
{
	for (size_t i = 0; i < records->len; i++)
		if (strcmp(records->items[i].locator, locator) == 0)
			return &records->items[i];
	return NULL;
}

/* Each item has evidence that exists; verbatim is verbatim, quotes above all. */
static void check_evidence(const struct persona *persona, const struct persona_records *records)
{
	for (int f = 0; f < PERSONA_LIST_FIELDS; f++)
		for (size_t i = 0; i < persona->lists[f].len; i++) {
			size_t found = 0;

			for (size_t e = 0; e < persona->evidence_len; e++) {
				const struct persona_evidence *evidence = &persona->evidence[e];
				const struct persona_record *record;

				if ((int)evidence->field != f || evidence->position != i)
					continue;
				record = record_at(records, evidence->locator);
				ck_assert_ptr_nonnull(record);
				ck_assert_int_eq(evidence->record_id, record->record_id);
				ck_assert_ptr_nonnull(strstr(record->text, evidence->excerpt));
				if (evidence->strength == PERSONA_STRENGTH_VERBATIM)
					ck_assert_ptr_nonnull(strstr(record->text, persona->lists[f].items[i]));
				else
					ck_assert_int_ne(f, PERSONA_QUOTES);
				found++;
			}
			ck_assert_uint_ge(found, 1);
		}
}

START_TEST(planted_personas_are_whole)
{
	struct persona_records records;
	struct persona_answer answer;

	survey_make(&records, 60);
	survey_draft_n(&answer, &records, 3);
	ck_assert_uint_eq(answer.len, 3);
	ck_assert_ptr_null(answer.note);
	for (size_t i = 0; i < 3; i++) {
		const struct persona *persona = &answer.personas[i];
		struct persona_error err = { 0 };

		ck_assert_int_eq(persona_check(persona, &err), 0);
		ck_assert_uint_ge(persona->lists[PERSONA_GOALS].len, 1);
		ck_assert_uint_ge(persona->lists[PERSONA_FRUSTRATIONS].len, 1);
		ck_assert_uint_ge(persona->lists[PERSONA_BEHAVIOURS].len, 2);
		ck_assert_uint_ge(persona->lists[PERSONA_QUOTES].len, 1);
		ck_assert_ptr_nonnull(strchr(persona->name, ' '));
		ck_assert_ptr_nonnull(strstr(persona->background, "20 of 60"));
		ck_assert(persona->age >= 25 && persona->age <= 49);
		ck_assert_str_eq(json_string_value(json_object_get(persona->demographics, "gender")), "Female");
		check_evidence(persona, &records);
	}
	persona_answer_release(&answer);
	persona_records_release(&records);
}
END_TEST

START_TEST(over_represented_answers_are_behaviours)
{
	struct persona_records records;
	struct persona_answer answer;
	bool found[3] = { false };

	survey_make(&records, 60);
	survey_draft_n(&answer, &records, 3);
	for (size_t p = 0; p < 3; p++)
		for (size_t i = 0; i < answer.personas[p].lists[PERSONA_BEHAVIOURS].len; i++)
			for (int t = 0; t < 3; t++) {
				char text[128];

				snprintf(text, sizeof text, "Tool they use most: %s (20 of 20, 100 %%; everyone 33 %%)",
					 survey_tools[t]);
				found[t] |= strcmp(answer.personas[p].lists[PERSONA_BEHAVIOURS].items[i], text) == 0;
			}
	ck_assert(found[0] && found[1] && found[2]);
	persona_answer_release(&answer);
	persona_records_release(&records);
}
END_TEST

/* Twelve who wish for things of their own in the same words; the first two answer otherwise than the rest. */
START_TEST(who_is_in_the_middle_speaks_before_who_is_at_the_edge)
{
	static const char *const things[] = { "lanterns", "kayaks",  "violins", "orchards", "kettles", "glaciers",
					      "saddles",  "mirrors", "tunnels", "candles",  "parrots", "blankets" };
	static const char *const others[] = { "bridges", "meadows", "hammers", "pillows", "islands", "ladders",
					      "cameras", "rockets", "gardens", "buttons", "engines", "forests" };
	struct persona_records records;
	struct persona_answer answer;

	persona_records_init(&records);
	for (size_t i = 0; i < 12; i++) {
		char locator[32], wish[128];
		const char *pairs[] = { "Which tool do you use most?",
					survey_tools[i < 2 ? 2 : 0],
					"Where do you work?",
					survey_places[i < 2 ? 2 : 0],
					"What would you like to improve?",
					wish,
					NULL };

		snprintf(locator, sizeof locator, "s.csv:%zu", i + 2);
		snprintf(wish, sizeof wish, "I wish for %s and %s.", things[i], others[i]);
		survey_add(&records, locator, pairs);
	}
	survey_draft_n(&answer, &records, 1);
	ck_assert_uint_eq(answer.len, 1);
	ck_assert_uint_ge(answer.personas[0].lists[PERSONA_GOALS].len, 3);
	for (size_t i = 0; i < answer.personas[0].lists[PERSONA_GOALS].len; i++) {
		const char *goal = answer.personas[0].lists[PERSONA_GOALS].items[i];

		ck_assert_msg(!strstr(goal, "lanterns") && !strstr(goal, "kayaks"), "goal %zu: %s", i, goal);
	}
	persona_answer_release(&answer);
	persona_records_release(&records);
}
END_TEST

START_TEST(order_of_records_does_not_matter)
{
	struct persona_records forth, back;
	struct persona_answer a, b;

	survey_make(&forth, 45);
	persona_records_init(&back);
	for (size_t i = 45; i-- > 0;)
		survey_respondent(&back, i, i % 3, (i / 3) % 2 ? "Female" : "male");
	for (size_t i = 0; i < 45; i++)
		back.items[i].record_id = 45 - (int64_t)i;
	survey_draft_n(&a, &forth, 5);
	survey_draft_n(&b, &back, 5);
	ck_assert_uint_eq(a.len, 5);
	ck_assert_uint_eq(b.len, 5);
	for (size_t i = 0; i < 5; i++)
		check_equal(&a.personas[i], &b.personas[i]);
	persona_answer_release(&a);
	persona_answer_release(&b);
	persona_records_release(&forth);
	persona_records_release(&back);
}
END_TEST

START_TEST(slots_do_not_depend_on_the_chunk)
{
	static const size_t deals[] = { 4, 9 };
	struct persona_records records;
	struct persona_answer all, part;

	survey_make(&records, 45);
	survey_draft(&all, &records, deals, 2, 1, 9);
	ck_assert_uint_eq(all.len, 9);
	for (size_t first = 1; first <= 9; first += 2) {
		survey_draft(&part, &records, deals, 2, first, 2);
		ck_assert_uint_eq(part.len, first == 9 ? 1 : 2);
		for (size_t i = 0; i < part.len; i++)
			check_equal(&part.personas[i], &all.personas[first - 1 + i]);
		persona_answer_release(&part);
	}
	persona_answer_release(&all);
	persona_records_release(&records);
}
END_TEST

START_TEST(later_deals_keep_what_is_there)
{
	static const size_t deals[] = { 3, 8, 45 };
	struct persona_records records;
	struct persona_answer three, eight, all;

	survey_make(&records, 45);
	survey_draft(&three, &records, deals, 1, 1, 3);
	survey_draft(&eight, &records, deals, 2, 1, 8);
	survey_draft(&all, &records, deals, 3, 1, 45);
	ck_assert_uint_eq(eight.len, 8);
	ck_assert_uint_eq(all.len, 45);
	for (size_t i = 0; i < 3; i++)
		check_equal(&three.personas[i], &eight.personas[i]);
	for (size_t i = 0; i < 8; i++)
		check_equal(&eight.personas[i], &all.personas[i]);
	for (size_t i = 0; i < 45; i++)
		for (size_t j = 0; j < i; j++)
			ck_assert_str_ne(all.personas[i].name, all.personas[j].name);
	persona_answer_release(&three);
	persona_answer_release(&eight);
	persona_answer_release(&all);
	persona_records_release(&records);
}
END_TEST

START_TEST(a_handle_serves_other_records_and_deals)
{
	static const size_t first[] = { 3 }, second[] = { 2, 3 };
	struct persona_error err = { 0 };
	struct persona_offline *offline;
	struct persona_records records, other;
	struct persona_answer answer, fresh;
	struct persona_task task = { .kind = PERSONA_TASK_DRAFT,
				     .records = &records,
				     .records_id = "a",
				     .first_slot = 1,
				     .count = 3,
				     .deals = first,
				     .deals_len = 1 };

	survey_make(&records, 30);
	survey_make(&other, 12);
	ck_assert_int_eq(persona_offline_new(&offline, &err), 0);
	ck_assert_int_eq(persona_offline_run(offline, &task, &answer, &err), 0);
	persona_answer_release(&answer);
	task.deals = second;
	task.deals_len = 2;
	ck_assert_int_eq(persona_offline_run(offline, &task, &answer, &err), 0);
	survey_draft(&fresh, &records, second, 2, 1, 3);
	for (size_t i = 0; i < 3; i++)
		check_equal(&answer.personas[i], &fresh.personas[i]);
	persona_answer_release(&answer);
	persona_answer_release(&fresh);
	task.records = &other;
	task.records_id = "b";
	ck_assert_int_eq(persona_offline_run(offline, &task, &answer, &err), 0);
	survey_draft(&fresh, &other, second, 2, 1, 3);
	for (size_t i = 0; i < 3; i++)
		check_equal(&answer.personas[i], &fresh.personas[i]);
	persona_answer_release(&answer);
	persona_answer_release(&fresh);
	persona_offline_free(offline);
	persona_records_release(&records);
	persona_records_release(&other);
}
END_TEST

static const struct {
	size_t records, wanted, got;
	const char *note;
} edges[] = {
	{ 1, 1, 1, "fewer than" }, { 1, 3, 1, "no more" }, { 4, 2, 2, "fewer than" }, { 4, 4, 4, "fewer than" },
	{ 5, 5, 5, NULL },	   { 5, 2, 2, NULL },	   { 6, 7, 6, "no more" },    { 30, 30, 30, NULL },
};

START_TEST(number_of_personas)
{
	struct persona_records records;
	struct persona_answer answer;

	survey_make(&records, edges[_i].records);
	survey_draft_n(&answer, &records, edges[_i].wanted);
	ck_assert_uint_eq(answer.len, edges[_i].got);
	if (edges[_i].note)
		ck_assert_ptr_nonnull(strstr(answer.note, edges[_i].note));
	else
		ck_assert_ptr_null(answer.note);
	for (size_t i = 0; i < answer.len; i++) {
		struct persona_error err = { 0 };

		ck_assert_int_eq(persona_check(&answer.personas[i], &err), 0);
		check_evidence(&answer.personas[i], &records);
		if (edges[_i].records < 5)
			ck_assert_ptr_null(strchr(answer.personas[i].background, '%'));
	}
	persona_answer_release(&answer);
	persona_records_release(&records);
}
END_TEST

static const char *const said[] = { "I wish that the bus came at six.", "n/a", "", "none" };

/* Of those who answer something one persona each; of the others none, and that is said. */
START_TEST(who_answers_nothing_is_no_persona)
{
	struct persona_records records;
	struct persona_answer answer;

	persona_records_init(&records);
	for (size_t i = 0; i < 4; i++) {
		const char *pairs[] = { "What do you wish for?", said[i], NULL };

		survey_add(&records, "said.csv:1", pairs);
	}
	survey_draft_n(&answer, &records, 3);
	ck_assert_uint_eq(answer.len, 1);
	ck_assert_ptr_nonnull(strstr(answer.note, "that answers something, no more: there are 1"));
	ck_assert_ptr_nonnull(strstr(answer.note, "3 of 4 records left out: nothing is answered there"));
	persona_answer_release(&answer);
	persona_records_release(&records);
}
END_TEST

/* Where nobody tells more than who he is, that is what there is; a name alone is nobody. */
START_TEST(who_one_is_is_better_than_nothing)
{
	struct persona_records records;
	struct persona_answer answer;

	persona_records_init(&records);
	for (size_t i = 0; i < 8; i++) {
		const char *pairs[] = { "Name", "Ana", "Age", i < 6 ? "44" : "", "Occupation", i < 6 ? "Baker" : "",
					NULL };

		survey_add(&records, "who.csv:1", pairs);
	}
	survey_draft_n(&answer, &records, 2);
	ck_assert_uint_eq(answer.len, 2);
	for (size_t i = 0; i < answer.len; i++)
		ck_assert_str_eq(answer.personas[i].occupation, "Baker");
	ck_assert_str_eq(answer.note, "2 of 8 records left out: nothing is answered there");
	persona_answer_release(&answer);
	persona_records_release(&records);
}
END_TEST

/* Of those who say something there is enough: who tells only his occupation makes no group and is in none. */
START_TEST(who_one_is_is_nothing_beside_answers)
{
	static const char *const baker[] = { "Occupation", "Baker", NULL };
	struct persona_records records;
	struct persona_answer answer;

	survey_make(&records, 30);
	for (size_t i = 0; i < 12; i++)
		survey_add(&records, "who.csv:1", baker);
	survey_draft_n(&answer, &records, 3);
	ck_assert_uint_eq(answer.len, 3);
	for (size_t i = 0; i < answer.len; i++)
		ck_assert(!answer.personas[i].occupation || strcmp(answer.personas[i].occupation, "Baker") != 0);
	ck_assert_str_eq(answer.note, "12 of 42 records left out: nothing is answered there");
	persona_answer_release(&answer);
	persona_records_release(&records);
}
END_TEST

/* Each of a few is a persona, also who tells only who he is. */
START_TEST(of_a_few_each_counts)
{
	static const char *const said_it[] = { "What do you wish for?", "I wish that the bus came at six.", NULL };
	static const char *const told[] = { "Age", "44", NULL }, *const named[] = { "Name", "Ana", NULL };
	struct persona_records records;
	struct persona_answer answer;

	persona_records_init(&records);
	survey_add(&records, "few.csv:2", said_it);
	survey_add(&records, "few.csv:3", told);
	survey_add(&records, "few.csv:4", named);
	survey_draft_n(&answer, &records, 3);
	ck_assert_uint_eq(answer.len, 2);
	ck_assert_ptr_nonnull(strstr(answer.note, "1 of 3 records left out: nothing is answered there"));
	persona_answer_release(&answer);
	persona_records_release(&records);
}
END_TEST

/* Five speak: three personas, then two more, however many are wanted. */
START_TEST(later_deals_have_those_who_speak)
{
	static const char *const nothing[] = { "Age", "44", NULL };
	static const size_t deals[] = { 3, 10 };
	struct persona_records records;
	struct persona_answer first, all;

	survey_make(&records, 5);
	for (size_t i = 0; i < 20; i++)
		survey_add(&records, "silent.csv:1", nothing);
	survey_draft(&first, &records, deals, 1, 1, 3);
	survey_draft(&all, &records, deals, 2, 1, 10);
	ck_assert_uint_eq(first.len, 3);
	ck_assert_uint_eq(all.len, 5);
	for (size_t i = 0; i < first.len; i++)
		ck_assert_str_eq(first.personas[i].name, all.personas[i].name);
	ck_assert_ptr_nonnull(strstr(all.note, "that answers something, no more: there are 5"));
	persona_answer_release(&first);
	persona_answer_release(&all);
	persona_records_release(&records);
}
END_TEST

START_TEST(no_records_no_personas)
{
	struct persona_error err = { 0 };
	struct persona_records records;
	struct persona_offline *offline;
	struct persona_answer answer;
	size_t deal = 3;
	struct persona_task task = { .kind = PERSONA_TASK_DRAFT,
				     .records = &records,
				     .records_id = "none",
				     .first_slot = 1,
				     .count = 3,
				     .deals = &deal,
				     .deals_len = 1 };

	persona_records_init(&records);
	ck_assert_int_eq(persona_offline_new(&offline, &err), 0);
	ck_assert_int_eq(persona_offline_run(offline, &task, &answer, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_FORMAT);
	ck_assert_uint_eq(answer.len, 0);
	persona_offline_free(offline);
	persona_offline_free(NULL);
}
END_TEST

/* Two are wanted of nine who all answer that. */
static const struct {
	const char *question, *answer;
	size_t got;
} hostile[] = {
	{ "Only", "5", 0 },
	{ "Only", "?", 0 },
	{ "Notes", "Ich weiß nicht, was soll es bedeuten, dass ich so traurig bin.", 2 },
	{ "備考", "電車がいつも遅れるので困っています。もっと早く着きたいです。", 2 },
	{ "Notes", "[[[((( ]]) \"\"\" -- 1. 2. 3. ** __ :::: @@@@ \\\\ %s%n", 2 },
	{ "", "x", 2 },
};

START_TEST(hostile_answers_are_survived)
{
	struct persona_records records;
	struct persona_answer answer;

	persona_records_init(&records);
	for (size_t i = 0; i < 9; i++) {
		const char *pairs[] = { hostile[_i].question, hostile[_i].answer, NULL };
		char locator[32];

		snprintf(locator, sizeof locator, "h.csv:%zu", i + 2);
		survey_add(&records, locator, pairs);
	}
	survey_draft_n(&answer, &records, 2);
	ck_assert_uint_eq(answer.len, hostile[_i].got);
	for (size_t i = 0; i < answer.len; i++)
		check_evidence(&answer.personas[i], &records);
	persona_answer_release(&answer);
	persona_records_release(&records);
}
END_TEST

START_TEST(huge_answers_are_survived)
{
	struct persona_records records;
	struct persona_answer answer;
	size_t size = 400000;
	char *text = malloc(size + 1);

	ck_assert_ptr_nonnull(text);
	for (size_t i = 0; i < size; i++)
		text[i] = i % 7 == 6 ? ' ' : i % 997 == 0 ? '.' : (char)('a' + i % 23);
	text[size] = '\0';
	persona_records_init(&records);
	for (size_t i = 0; i < 6; i++) {
		const char *pairs[] = { "Notes", text + i, "Other", i % 2 ? "yes" : "no", NULL };

		survey_add(&records, "h.csv:1", pairs);
	}
	survey_draft_n(&answer, &records, 2);
	ck_assert_uint_eq(answer.len, 2);
	persona_answer_release(&answer);
	persona_records_release(&records);
	free(text);
}
END_TEST

START_TEST(names_of_the_source_are_not_given)
{
	struct persona_records records;
	struct persona_answer before, after;
	char first[64], last[64];

	survey_make(&records, 30);
	survey_draft_n(&before, &records, 1);
	ck_assert_int_eq(sscanf(before.personas[0].name, "%63s %63s", first, last), 2);
	{
		const char *pairs[] = { "Respondent id", last, NULL };

		survey_add(&records, "survey.csv:99", pairs);
	}

	survey_draft_n(&after, &records, 10);
	for (size_t i = 0; i < after.len; i++)
		ck_assert_ptr_null(strstr(after.personas[i].name, last));
	persona_answer_release(&before);
	persona_answer_release(&after);
	persona_records_release(&records);
}
END_TEST

/* Each respondent says something private; nothing of it may show. */
START_TEST(private_words_do_not_show)
{
	struct persona_records records;
	struct persona_answer answer;

	persona_records_init(&records);
	for (size_t i = 0; i < 9; i++) {
		char goal[128], pain[128], locator[32];
		const char *pairs[] = { "Name",
					"Zebulon Quux",
					"What would you like to improve?",
					goal,
					"What frustrates you most?",
					pain,
					NULL };

		snprintf(goal, sizeof goal, "I'm Zebulon and I wish that door %zu was painted in green.", i);
		snprintf(pain, sizeof pain, "It is hard to open the heavy door %zu with two bags.", i);
		snprintf(locator, sizeof locator, "p.csv:%zu", i + 2);
		survey_add(&records, locator, pairs);
	}
	survey_draft_n(&answer, &records, 3);
	for (size_t i = 0; i < answer.len; i++) {
		char *json = json_of(&answer.personas[i]);

		ck_assert_ptr_null(strstr(json, "Zebulon"));
		ck_assert_ptr_null(strstr(json, "Quux"));
		free(json);
	}
	persona_answer_release(&answer);
	persona_records_release(&records);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("draft");
	TCase *tests = tcase_create("draft");

	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, planted_personas_are_whole);
	tcase_add_test(tests, over_represented_answers_are_behaviours);
	tcase_add_test(tests, who_is_in_the_middle_speaks_before_who_is_at_the_edge);
	tcase_add_test(tests, order_of_records_does_not_matter);
	tcase_add_test(tests, slots_do_not_depend_on_the_chunk);
	tcase_add_test(tests, later_deals_keep_what_is_there);
	tcase_add_test(tests, a_handle_serves_other_records_and_deals);
	tcase_add_loop_test(tests, number_of_personas, 0, (int)(sizeof edges / sizeof *edges));
	tcase_add_test(tests, no_records_no_personas);
	tcase_add_test(tests, who_answers_nothing_is_no_persona);
	tcase_add_test(tests, who_one_is_is_better_than_nothing);
	tcase_add_test(tests, who_one_is_is_nothing_beside_answers);
	tcase_add_test(tests, of_a_few_each_counts);
	tcase_add_test(tests, later_deals_have_those_who_speak);
	tcase_add_loop_test(tests, hostile_answers_are_survived, 0, (int)(sizeof hostile / sizeof *hostile));
	tcase_add_test(tests, huge_answers_are_survived);
	tcase_add_test(tests, names_of_the_source_are_not_given);
	tcase_add_test(tests, private_words_do_not_show);
	suite_add_tcase(suite, tests);
	return survey_run(suite);
}
