/*
 * Stages in any order. A chain is run again and again: what it prints and how many rows there are after each run was worked
 * out by hand from what the stages promise, and stands in the table below.
 *
 * The world is small enough for that. Three personas, whose age is their quality: 90, 50 and 30. Refining adds 25, up to 95, and
 * finds nothing to improve from 80 on. So the ages of their revisions are
 *
 *	1.1 90            2.1 50  2.2 75  2.3 95        3.1 30  3.2 55  3.3 80
 *
 * Scores: "score" is the age; "score/B" (another key) is the age and 15 more, 100 at most; "score/S" is the mean of the age and of
 * the share of the others in the population who are younger. Who has 60 passes. Refine does two rounds.
 */
#include <math.h>

#include "stage_fakes.h"

/* ---- The world ---------------------------------------------------------- */

static int person(struct persona_answer *answer, long long age, struct persona_error *why)
{
	struct persona *persona;
	char text[96];

	if (persona_answer_add(answer, &persona, why) < 0)
		return -1;
	snprintf(text, sizeof text, "{'name': 'Ada', 'age': %lld, 'goals': ['a goal']}", age);
	make_persona(persona, text);
	return 0;
}

static int ladder_answer(void *payload, const struct persona_task *task, struct persona_answer *answer,
			 struct persona_error *why)
{
	static const long long ages[] = { 90, 50, 30 };

	(void)payload;
	if (task->kind == PERSONA_TASK_REFINE)
		return task->persona->age >= 80
			       ? 0
			       : person(answer, task->persona->age + 25 < 95 ? task->persona->age + 25 : 95, why);
	for (size_t i = 0; i < task->count; i++)
		if (person(answer, ages[(task->first_slot - 1 + i) % 3], why) < 0)
			return -1;
	return 0;
}

static struct persona_model ladder = { .name = "ladder:", .version = 1, .answer = ladder_answer };

static int grade(const struct persona_metric *metric, const struct persona_profile *profile,
		 const struct persona_subject *subject, struct persona_finding *finding, struct persona_error *why)
{
	double bonus = metric->version == 2 ? 15 : 0;

	(void)profile;
	(void)why;
	finding->measured = true;
	finding->value = fmin(100, (double)subject->persona->age + bonus);
	return 0;
}

static int younger(const struct persona_metric *metric, const struct persona_profile *profile,
		   const struct persona_subject *subjects, size_t len, struct persona_finding *findings,
		   struct persona_error *why)
{
	(void)metric;
	(void)profile;
	(void)why;
	for (size_t i = 0; i < len; i++) {
		double others = 0, below = 0;

		for (size_t k = 0; k < len; k++) {
			if (!subjects[k].member || subjects[k].persona_id == subjects[i].persona_id)
				continue;
			others++;
			below += subjects[k].persona->age < subjects[i].persona->age;
		}
		findings[i].measured = others > 0;
		findings[i].value = others > 0 ? 100 * below / others : 0;
	}
	return 0;
}

static struct persona_registry *registry_with(int version, bool set)
{
	const struct persona_metric by_age = {
		.name = "grade", .scope = PERSONA_SCOPE_REVISION, .weight = 1, .version = version, .revision = grade
	};
	const struct persona_metric by_rank = {
		.name = "younger", .scope = PERSONA_SCOPE_SET, .weight = 1, .version = 1, .set = younger
	};
	struct persona_registry *registry;

	OK(persona_registry_new(&registry, &err));
	OK(persona_registry_add(registry, &by_age, &err));
	if (set)
		OK(persona_registry_add(registry, &by_rank, &err));
	return registry;
}

/* ---- Running a chain ------------------------------------------------------ */

static char data_file[192], import_file[192];

static void run_draft(void)
{
	const char *const from[] = { data_file };
	const struct persona_draft_settings settings = { .from = from, .from_len = 1, .wanted = 3, .batch_size = 2 };

	OK(run_stage(&persona_stage_draft, &settings, &ladder));
}

static void run_import(void)
{
	const struct persona_import_settings settings = { .path = import_file };

	OK(run_stage(&persona_stage_import, &settings, NULL));
}

static void run_score(const char *how)
{
	struct persona_registry *registry = registry_with(strcmp(how, "B") == 0 ? 2 : 1, strcmp(how, "S") == 0);
	struct persona_score_settings settings = { .registry = registry };
	struct persona_profile profile;

	OK(persona_profile_get(&profile, "default", &err));
	settings.profile = &profile;
	OK(run_stage(&persona_stage_score, &settings, NULL));
	persona_registry_free(registry);
}

static void run_filter(const char *how)
{
	const struct persona_filter_settings settings = {
		.threshold = strcmp(how, "80") == 0 ? 80 : 60,
		.only = strcmp(how, "fail") == 0 ? PERSONA_ONLY_FAIL : PERSONA_ONLY_ALL,
	};

	OK(run_stage(&persona_stage_filter, &settings, NULL));
}

static void run_refine(const char *how)
{
	const struct persona_refine_settings settings = { .max_rounds = 2, .unjudged = strcmp(how, "unjudged") == 0 };

	OK(run_stage(&persona_stage_refine, &settings, &ladder));
}

/* One stage of the chain; it reads what the last one passed. */
static void run_word(const char *word)
{
	const char *slash = strchr(word, '/'), *how = slash ? slash + 1 : "";

	memcpy(refs, passed, passed_len * sizeof *passed);
	options.refs_len = passed_len;
	if (strncmp(word, "draft", 5) == 0)
		run_draft();
	else if (strncmp(word, "import", 6) == 0)
		run_import();
	else if (strncmp(word, "score", 5) == 0)
		run_score(how);
	else if (strncmp(word, "filter", 6) == 0)
		run_filter(how);
	else
		run_refine(how);
	ck_assert_int_eq(end, PERSONA_END_DONE);
	ck_assert(!persona_context_incomplete(&context));
}

static void run_chain(const char *order)
{
	char *copy = strdup(order), *rest = copy, *word;

	while ((word = strsep(&rest, " ")))
		run_word(word);
	free(copy);
}

/* ---- The table ------------------------------------------------------------- */

struct rows_after {
	const char *passed;
	int revisions, verdicts, scores, refinements, populations;
};

#define RUNS 5

struct order {
	const char *stages;
	bool early;		       /* a stage reads a fact that is made after it: the next runs may find more */
	struct rows_after after[RUNS]; /* those that are left out are as the one before */
};

static const struct order orders[] = {
	{ "draft score filter refine score", false, { { "1.1 2.2 3.2", 5, 3, 5, 2, 0 } } },
	{ "import score filter refine score", false, { { "1.1 2.2 3.2", 5, 3, 5, 2, 0 } } },
	/* Nothing to judge by, so nothing to refine. */
	{ "draft filter refine", false, { { "1.1 2.1 3.1", 3, 0, 0, 0, 0 } } },
	{ "draft score refine", false, { { "1.1 2.1 3.1", 3, 0, 3, 0, 0 } } },
	{ "draft score filter score", false, { { "1.1 2.1 3.1", 3, 3, 3, 0, 0 } } },
	{ "draft score filter score/B", false, { { "1.1 2.1 3.1", 3, 3, 6, 0, 0 } } },
	/* Everybody is refined, and 1.1 has nothing to improve, which is kept. */
	{ "draft refine/unjudged score", false, { { "1.1 2.2 3.2", 5, 0, 3, 3, 0 } } },
	{ "draft refine/unjudged refine/unjudged", false, { { "1.1 2.3 3.3", 7, 0, 0, 5, 0 } } },
	/* A child has no verdict, so the second refine leaves it alone, or takes it. */
	{ "draft score filter refine refine", false, { { "1.1 2.2 3.2", 5, 3, 3, 2, 0 } } },
	{ "draft score filter refine refine/unjudged", false, { { "1.1 2.3 3.3", 7, 3, 3, 4, 0 } } },
	{ "draft score filter refine filter refine", false, { { "1.1 2.2 3.2", 5, 3, 3, 2, 0 } } },
	/* 3.2 fails again and gets its second round; 2.2 passes. */
	{ "draft score filter refine score filter refine", false, { { "1.1 2.2 3.3", 6, 5, 5, 3, 0 } } },
	{ "draft score filter refine score filter refine score filter refine",
	  false,
	  { { "1.1 2.2 3.3", 6, 6, 6, 3, 0 } } },
	/* 80 is judged after 60 and stands: 2.2 (75) and 3.2 fail it too; the third round is not had. */
	{ "draft score filter refine score filter/80 refine", false, { { "1.1 2.3 3.3", 7, 5, 5, 4, 0 } } },
	/* The key last used decides: under B only 3.1 (45) fails. */
	{ "draft score score/B filter refine", false, { { "1.1 2.1 3.2", 4, 3, 6, 1, 0 } } },
	/* A filter on another basis after refine. */
	{ "draft score filter refine score/B filter", false, { { "1.1 2.2 3.2", 5, 6, 6, 2, 0 } } },
	{ "draft score filter refine score/B filter refine", false, { { "1.1 2.2 3.2", 5, 6, 6, 2, 0 } } },
	{ "draft score filter filter/80", false, { { "1.1 2.1 3.1", 3, 3, 3, 0, 0 } } },

	/* Facts that come too late: the next run has them. */
	{ "draft filter score", true, { { "1.1 2.1 3.1", 3, 0, 3, 0, 0 }, { "1.1 2.1 3.1", 3, 3, 3, 0, 0 } } },
	{ "draft filter score refine score",
	  true,
	  { { "1.1 2.1 3.1", 3, 0, 3, 0, 0 }, { "1.1 2.2 3.2", 5, 3, 5, 2, 0 } } },
	{ "draft refine score filter", true, { { "1.1 2.1 3.1", 3, 3, 3, 0, 0 }, { "1.1 2.2 3.2", 5, 5, 5, 2, 0 } } },
	{ "draft score refine filter", true, { { "1.1 2.1 3.1", 3, 3, 3, 0, 0 }, { "1.1 2.2 3.2", 5, 3, 3, 2, 0 } } },
	{ "draft filter refine score/B", true, { { "1.1 2.1 3.1", 3, 0, 3, 0, 0 }, { "1.1 2.1 3.2", 4, 3, 4, 1, 0 } } },
	/* Every fact one run too late: scores, then verdicts, then children and their scores, then their verdicts. */
	{ "draft refine filter score",
	  true,
	  { { "1.1 2.1 3.1", 3, 0, 3, 0, 0 },
	    { "1.1 2.1 3.1", 3, 3, 3, 0, 0 },
	    { "1.1 2.2 3.2", 5, 3, 5, 2, 0 },
	    { "1.1 2.2 3.2", 5, 5, 5, 2, 0 } } },
	/* Filter judges by B, the key last used by then; refine looks for verdicts under the first, and finds none ever. */
	{ "draft filter score refine score/B",
	  true,
	  { { "1.1 2.1 3.1", 3, 0, 6, 0, 0 }, { "1.1 2.1 3.1", 3, 3, 6, 0, 0 } } },

	/*
	 * Compared with each other: 1.1 95, 2.1 50, 3.1 15. Then, of 1.1 2.2 3.2: 95, 62.5, 27.5. Every population has rows of its own for
	 * everybody who was given.
	 */
	{ "draft score/S filter refine score/S", false, { { "1.1 2.2 3.2", 5, 3, 6, 2, 2 } } },
	{ "import score/S filter refine score/S", false, { { "1.1 2.2 3.2", 5, 3, 6, 2, 2 } } },
	{ "draft score/S refine/unjudged score/S filter", false, { { "1.1 2.2 3.2", 5, 3, 6, 3, 2 } } },
	/* Only who failed goes on, and is compared with 1.1 all the same, which gets no second row. */
	{ "draft score/S filter/fail refine score/S", false, { { "2.2 3.2", 5, 3, 5, 2, 2 } } },
	{ "draft score/S filter refine score/S filter refine score/S", false, { { "1.1 2.2 3.3", 6, 5, 9, 3, 3 } } },
	{ "draft filter score/S refine score/S",
	  true,
	  { { "1.1 2.1 3.1", 3, 0, 3, 0, 1 }, { "1.1 2.2 3.2", 5, 3, 6, 2, 2 } } },
};
#define ORDERS ((int)(sizeof orders / sizeof *orders))

/* Everything that a run could have changed, but for what says when and which last. */
static char *content(void)
{
	static const char *const queries[] = {
		"SELECT revision_id, persona_id, number, stage, parent_id, key_id, age FROM revision ORDER BY 1",
		"SELECT score_id, revision_id, key_id, population_id, overall, own, level FROM score ORDER BY 1",
		"SELECT score_id, metric, value, weight, issues FROM metric_score ORDER BY 1, 2",
		"SELECT revision_id, basis, passed, threshold, value FROM verdict ORDER BY 1, 2",
		"SELECT * FROM refinement ORDER BY 1, 2, 3",
		"SELECT population_id, batch_id, sha256, members FROM population ORDER BY 1",
		"SELECT key_id, stage, sha256 FROM stage_key ORDER BY 1",
	};
	struct persona_buf text;
	char *counts = picture();

	persona_buf_init(&text, 1024 * 1024);
	OK(persona_buf_adds(&text, counts, &err));
	free(counts);
	for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
		char *part = rows(queries[i]);

		OK(persona_buf_addf(&text, &err, "\n%s", part));
		free(part);
	}
	return persona_buf_take(&text);
}

static void compare(const struct order *order, int run, const struct rows_after *expected)
{
	char found[256], wanted[256], refs_text[128] = "";
	size_t used = 0;

	qsort(passed, passed_len, sizeof *passed, compare_refs);
	for (size_t i = 0; i < passed_len; i++)
		used += (size_t)snprintf(refs_text + used, sizeof refs_text - used, "%s%lld.%lld", i ? " " : "",
					 (long long)passed[i].persona_id, (long long)passed[i].number);
	snprintf(wanted, sizeof wanted, "%s: %d revisions, %d verdicts, %d scores, %d refinements, %d populations",
		 expected->passed, expected->revisions, expected->verdicts, expected->scores, expected->refinements,
		 expected->populations);
	snprintf(found, sizeof found,
		 "%s: %lld revisions, %lld verdicts, %lld scores, %lld refinements, %lld populations", refs_text,
		 (long long)number("SELECT count(*) FROM revision"), (long long)number("SELECT count(*) FROM verdict"),
		 (long long)number("SELECT count(*) FROM score"), (long long)number("SELECT count(*) FROM refinement"),
		 (long long)number("SELECT count(*) FROM population"));
	ck_assert_msg(strcmp(found, wanted) == 0, "%s, run %d:\nfound    %s\nexpected %s", order->stages, run, found,
		      wanted);
	ck_assert_int_eq(number("SELECT count(*) FROM claim"), 0);
	ck_assert_int_eq(number("SELECT count(*) FROM failure"), 0);
}

START_TEST(an_order_gives_what_it_should_and_comes_to_rest)
{
	const struct order *order = &orders[_i];
	const struct rows_after *expected = &order->after[0];
	char *before = NULL, *after = NULL;

	for (int run = 1; run <= RUNS; run++) {
		if (order->after[run - 1].passed)
			expected = &order->after[run - 1];
		ck_assert(order->early || run == 1 || !order->after[run - 1].passed);
		run_chain(order->stages);
		compare(order, run, expected);
		free(before);
		before = after;
		after = content();
		if (!order->early && run > 1)
			ck_assert_str_eq(before, after);
	}
	/* At rest. */
	ck_assert_str_eq(before, after);
	free(before);
	free(after);
}
END_TEST

static void setup_world(void)
{
	setup();
	snprintf(data_file, sizeof data_file, "%s", file_with("data.csv", "what,why\nwalk,air\nread,quiet\n"));
	snprintf(import_file, sizeof import_file, "%s",
		 file_with("people.jsonl", "{\"name\":\"Ada\",\"age\":90,\"goals\":[\"a goal\"]}\n"
					   "{\"name\":\"Ada\",\"age\":50,\"goals\":[\"a goal\"]}\n"
					   "{\"name\":\"Ada\",\"age\":30,\"goals\":[\"a goal\"]}\n"));
}

int main(void)
{
	TCase *tcase = tcase_create("orders");

	tcase_add_checked_fixture(tcase, setup_world, teardown);
	tcase_set_timeout(tcase, 30);
	tcase_add_loop_test(tcase, an_order_gives_what_it_should_and_comes_to_rest, 0, ORDERS);
	return run_suite("orders", &tcase, 1);
}
