/*
 * Memory runs out at one place after the other: an error that says so, or, where it could be done without, the same
 * answer.
 */
#include <limits.h>

#include "faults.h"
#include "survey.h"

#define RESPONDENTS 12
#define PLACES_MAX  1000
#define STRIDE	    31 /* besides the first allocation of each place in the code */

static struct persona_records records;
static struct persona spoilt; /* to be refined */

static json_t *json_of(const struct persona_answer *answer)
{
	json_t *all = json_pack("{s:s?, s:s?, s:[]}", "note", answer->note, "figures", answer->figures, "personas");

	for (size_t i = 0; i < answer->len; i++) {
		json_t *persona;

		ck_assert_int_eq(persona_to_json(&persona, &answer->personas[i], NULL), 0);
		json_array_append_new(json_object_get(all, "personas"), persona);
	}
	return all;
}

static int carry_out(const struct persona_task *task, json_t **out, struct persona_error *err)
{
	struct persona_answer answer = { 0 };
	struct persona_offline *offline;
	int rc;

	if (persona_offline_new(&offline, err) < 0)
		return -1;
	persona_offline_set_threads(offline, 1);
	rc = persona_offline_run(offline, task, &answer, err);
	countdown = 0; /* assertions ask for memory */
	ck_assert(rc == 0 || (!answer.personas && !answer.note && !answer.figures));
	persona_offline_free(offline);
	if (rc == 0)
		*out = json_of(&answer);
	persona_answer_release(&answer);
	return rc;
}

static int try_draft(json_t **out, struct persona_error *err)
{
	static const size_t deals[] = { 2, 3 };

	return carry_out(&(struct persona_task){ .kind = PERSONA_TASK_DRAFT,
						 .records = &records,
						 .records_id = "torture",
						 .first_slot = 1,
						 .count = 3,
						 .deals = deals,
						 .deals_len = 2 },
			 out, err);
}

static int try_refine(json_t **out, struct persona_error *err)
{
	return carry_out(
		&(struct persona_task){
			.kind = PERSONA_TASK_REFINE, .records = &records, .records_id = "torture", .persona = &spoilt },
		out, err);
}

static int try_describe(json_t **out, struct persona_error *err)
{
	struct persona_buf text;
	int rc;

	persona_buf_init(&text, 1 << 20);
	rc = persona_offline_describe(&text, &records, err);
	countdown = 0;
	*out = rc < 0 ? NULL : json_string(text.data);
	persona_buf_release(&text);
	return rc;
}

static const struct {
	const char *name;
	int (*run)(json_t **out, struct persona_error *err);
	enum kind kind;
	int last;  /* so many at the end are all tried: what is made of the data, once those are understood */
	int least; /* tries */
} tasks[] = {
	{ "draft", try_draft, MEMORY, 0, 100 },
	{ "draft", try_draft, JSON, 0, 3 },
	{ "refine", try_refine, MEMORY, 600, 600 },
	{ "describe", try_describe, MEMORY, 0, 100 },
};

/* The nth allocation of the kind fails; none of them where there are fewer. Returns whether one did. */
static bool fails(int which, int nth, json_t **out, int *rc, struct persona_error *err)
{
	*out = NULL;
	*err = (struct persona_error){ 0 };
	chosen = tasks[which].kind;
	fired = false;
	countdown = nth;
	*rc = tasks[which].run(out, err);
	countdown = 0;
	return fired;
}

/* Allocations as they are counted, and which of them is the first of its place in the code. */
static const void *places[PLACES_MAX];
static int firsts[PLACES_MAX], places_len, counted;

static void note_place(const void *caller)
{
	int i = 0;

	if (countdown == 0)
		return;
	counted++;
	while (i < places_len && places[i] != caller)
		i++;
	if (i < places_len)
		return;
	if (places_len == PLACES_MAX)
		abort();
	places[places_len] = caller;
	firsts[places_len++] = counted;
}

START_TEST(memory_runs_out_everywhere)
{
	struct persona_error err;
	json_t *undisturbed, *got;
	int rc, tried = 0;

	places_len = counted = 0;
	on_memory = note_place;
	ck_assert(!fails(_i, INT_MAX, &undisturbed, &rc, &err));
	on_memory = NULL;
	ck_assert_msg(rc == 0, "%s: %s", tasks[_i].name, err.text);
	for (int next = 0, even = 1, nth;; tried++) {
		bool at_place = tasks[_i].kind == MEMORY && next < places_len;

		nth = at_place ? firsts[next++] : even;
		if (!at_place)
			even += tasks[_i].kind == MEMORY && even < counted - tasks[_i].last ? STRIDE : 1;
		if (!fails(_i, nth, &got, &rc, &err))
			break;
		ck_assert_msg(rc < 0 ? strstr(err.text, "out of memory") != NULL : json_equal(got, undisturbed),
			      "%s: failure %d gave %d, %s", tasks[_i].name, nth, rc, err.text);
		json_decref(got);
	}
	json_decref(got);
	json_decref(undisturbed);
	ck_assert_int_gt(tried, tasks[_i].least);
}
END_TEST

static void setup(void)
{
	struct persona_error err = { 0 };
	json_t *json = json_pack("{s:s, s:[s, s], s:s, s:[s]}", "name", "Ann Bee", "goals",
				 "Share spreadsheet formulas with accounting colleagues", "To be happy", "background",
				 "Keeps the books.", "quotes", "Nobody ever said these words to anybody");

	survey_make(&records, RESPONDENTS);
	ck_assert_msg(persona_from_json(&spoilt, json, NULL, &err) == 0, "%s", err.text);
	json_decref(json);
}

static void teardown(void)
{
	persona_release(&spoilt);
	persona_records_release(&records);
}

int main(void)
{
	Suite *suite = suite_create("torture");
	TCase *tcase = tcase_create("torture");

	json_set_alloc_funcs(json_memory, free);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, memory_runs_out_everywhere, 0, sizeof tasks / sizeof *tasks);
	suite_add_tcase(suite, tcase);
	return survey_run(suite);
}
