/*
 * Stages in any order. A chain is run again and again: what it prints and how many rows there are after each run was worked
 * out by hand from what the stages promise, and stands in the table below.
 *
 * The world is small enough for that. Three personas, whose age is their quality: 90, 50 and 30. Refining adds 25, up
 * to 95, and finds nothing to improve from 80 on. So the ages of their revisions are
 *
 *	1.1 90            2.1 50  2.2 75  2.3 95        3.1 30  3.2 55  3.3 80
 *
 * Scores: "score" is the age; "score/B" (another key) is the age and 15 more, 100 at most; "score/S" is the mean of the
 * age and of the share of the others in the population who are younger. Who has 60 passes. Refine does two rounds.
 *
 * All that once with a model that is at hand, and once with one over a network, where each request is counted. There
 * "judge" is a filter too: it asks, and the age is what it is told.
 */
#include <math.h>

#include "fake_remote.h"

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

/* The same by what a request says: its last message is about this. */
static json_t *last_message(const char *body)
{
	json_t *root = json_loads(body, 0, NULL), *messages = json_object_get(root, "messages"), *text;

	text = json_object_get(json_array_get(messages, json_array_size(messages) - 1), "content");
	ck_assert(json_is_string(text));
	json_incref(text);
	json_decref(root);
	return text;
}

static char *write_persons(const char *message)
{
	static const long ages[] = { 90, 50, 30 };
	const char *numbers = strstr(message, "They belong to numbers ");
	long first = numbers ? strtol(numbers + strlen("They belong to numbers "), NULL, 10) : 1;
	json_t *list = json_array();
	char *text;

	for (size_t i = 0; i < wanted_of(message); i++) {
		char occupation[64];

		snprintf(occupation, sizeof occupation, "number %zu of answer %zu", i, fake.sent);
		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:i, s:[s]}", "name", "Ada", "occupation", occupation,
						"age", (int)ages[((size_t)first - 1 + i) % 3], "goals", "a goal"));
	}
	text = json_dumps(list, JSON_COMPACT);
	json_decref(list);
	return text;
}

static char *ladder_says(const char *body)
{
	static const char mark[] = "The persona:\n";
	json_t *message = last_message(body), *persona;
	const char *at = strstr(json_string_value(message), mark);
	int age = 0;
	char text[96];

	if (!at) {
		char *persons = write_persons(json_string_value(message));

		json_decref(message);
		return persons;
	}
	persona = json_loads(at + strlen(mark), JSON_DISABLE_EOF_CHECK, NULL);
	ck_assert_int_eq(json_unpack(persona, "{s:i}", "age", &age), 0);
	if (strstr(at, "\nCriteria:\n"))
		snprintf(text, sizeof text, "{\"coherence\": %d, \"realism\": %d}", age, age);
	else
		snprintf(text, sizeof text, "{\"name\": \"Ada\", \"age\": %d}",
			 age >= 80	 ? age
			 : age + 25 < 95 ? age + 25
					 : 95);
	json_decref(persona);
	json_decref(message);
	return strdup(text);
}

static struct persona_model *asked = &ladder;

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

	OK(run_stage(&persona_stage_draft, &settings, asked));
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

static const char *const criteria[] = { "coherence", "realism" };
static size_t criteria_len = 1;

static void run_judge(const char *how)
{
	const struct persona_filter_settings settings = {
		.threshold = strcmp(how, "80") == 0 ? 80 : 60,
		.only = strcmp(how, "fail") == 0 ? PERSONA_ONLY_FAIL : PERSONA_ONLY_ALL,
		.criteria = criteria,
		.criteria_len = criteria_len,
		.scale = 100,
	};

	OK(run_stage(&persona_stage_judge, &settings, asked));
}

static void run_refine(const char *how)
{
	const struct persona_refine_settings settings = { .max_rounds = 2, .unjudged = strcmp(how, "unjudged") == 0 };

	OK(run_stage(&persona_stage_refine, &settings, asked));
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
	else if (strncmp(word, "judge", 5) == 0)
		run_judge(how);
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
	int revisions, verdicts, scores, refinements, populations, evaluations;
};

#define RUNS 5

struct order {
	const char *stages;
	bool early;		       /* a stage reads a fact that is made after it: the next runs may find more */
	struct rows_after after[RUNS]; /* those that are left out are as the one before */
};

static const struct order orders[] = {
	{ "draft score filter refine score", false, { { "1.1 2.2 3.2", 5, 3, 5, 2, 0, 0 } } },
	{ "import score filter refine score", false, { { "1.1 2.2 3.2", 5, 3, 5, 2, 0, 0 } } },
	/* Nothing to judge by, so nothing to refine. */
	{ "draft filter refine", false, { { "1.1 2.1 3.1", 3, 0, 0, 0, 0, 0 } } },
	{ "draft score refine", false, { { "1.1 2.1 3.1", 3, 0, 3, 0, 0, 0 } } },
	{ "draft score filter score", false, { { "1.1 2.1 3.1", 3, 3, 3, 0, 0, 0 } } },
	{ "draft score filter score/B", false, { { "1.1 2.1 3.1", 3, 3, 6, 0, 0, 0 } } },
	/* Everybody is refined, and 1.1 has nothing to improve, which is kept. */
	{ "draft refine/unjudged score", false, { { "1.1 2.2 3.2", 5, 0, 3, 3, 0, 0 } } },
	{ "draft refine/unjudged refine/unjudged", false, { { "1.1 2.3 3.3", 7, 0, 0, 5, 0, 0 } } },
	/* A child has no verdict, so the second refine leaves it alone, or takes it. */
	{ "draft score filter refine refine", false, { { "1.1 2.2 3.2", 5, 3, 3, 2, 0, 0 } } },
	{ "draft score filter refine refine/unjudged", false, { { "1.1 2.3 3.3", 7, 3, 3, 4, 0, 0 } } },
	{ "draft score filter refine filter refine", false, { { "1.1 2.2 3.2", 5, 3, 3, 2, 0, 0 } } },
	/* 3.2 fails again and gets its second round; 2.2 passes. */
	{ "draft score filter refine score filter refine", false, { { "1.1 2.2 3.3", 6, 5, 5, 3, 0, 0 } } },
	{ "draft score filter refine score filter refine score filter refine",
	  false,
	  { { "1.1 2.2 3.3", 6, 6, 6, 3, 0, 0 } } },
	/* 80 is judged after 60 and stands: 2.2 (75) and 3.2 fail it too; the third round is not had. */
	{ "draft score filter refine score filter/80 refine", false, { { "1.1 2.3 3.3", 7, 5, 5, 4, 0, 0 } } },
	/* The key last used decides: under B only 3.1 (45) fails. */
	{ "draft score score/B filter refine", false, { { "1.1 2.1 3.2", 4, 3, 6, 1, 0, 0 } } },
	/* A filter on another basis after refine. */
	{ "draft score filter refine score/B filter", false, { { "1.1 2.2 3.2", 5, 6, 6, 2, 0, 0 } } },
	{ "draft score filter refine score/B filter refine", false, { { "1.1 2.2 3.2", 5, 6, 6, 2, 0, 0 } } },
	{ "draft score filter filter/80", false, { { "1.1 2.1 3.1", 3, 3, 3, 0, 0, 0 } } },

	/* Facts that come too late: the next run has them. */
	{ "draft filter score", true, { { "1.1 2.1 3.1", 3, 0, 3, 0, 0, 0 }, { "1.1 2.1 3.1", 3, 3, 3, 0, 0, 0 } } },
	{ "draft filter score refine score",
	  true,
	  { { "1.1 2.1 3.1", 3, 0, 3, 0, 0, 0 }, { "1.1 2.2 3.2", 5, 3, 5, 2, 0, 0 } } },
	{ "draft refine score filter",
	  true,
	  { { "1.1 2.1 3.1", 3, 3, 3, 0, 0, 0 }, { "1.1 2.2 3.2", 5, 5, 5, 2, 0, 0 } } },
	{ "draft score refine filter",
	  true,
	  { { "1.1 2.1 3.1", 3, 3, 3, 0, 0, 0 }, { "1.1 2.2 3.2", 5, 3, 3, 2, 0, 0 } } },
	{ "draft filter refine score/B",
	  true,
	  { { "1.1 2.1 3.1", 3, 0, 3, 0, 0, 0 }, { "1.1 2.1 3.2", 4, 3, 4, 1, 0, 0 } } },
	/* Every fact one run too late: scores, then verdicts, then children and their scores, then their verdicts. */
	{ "draft refine filter score",
	  true,
	  { { "1.1 2.1 3.1", 3, 0, 3, 0, 0, 0 },
	    { "1.1 2.1 3.1", 3, 3, 3, 0, 0, 0 },
	    { "1.1 2.2 3.2", 5, 3, 5, 2, 0, 0 },
	    { "1.1 2.2 3.2", 5, 5, 5, 2, 0, 0 } } },
	/* Filter judges by B, the key last used by then; refine looks for verdicts under the first, and finds none ever. */
	{ "draft filter score refine score/B",
	  true,
	  { { "1.1 2.1 3.1", 3, 0, 6, 0, 0, 0 }, { "1.1 2.1 3.1", 3, 3, 6, 0, 0, 0 } } },

	/*
	 * Compared with each other: 1.1 95, 2.1 50, 3.1 15. Then, of 1.1 2.2 3.2: 95, 62.5, 27.5. Every population has
	 * rows of its own for everybody who was given.
	 */
	{ "draft score/S filter refine score/S", false, { { "1.1 2.2 3.2", 5, 3, 6, 2, 2, 0 } } },
	{ "import score/S filter refine score/S", false, { { "1.1 2.2 3.2", 5, 3, 6, 2, 2, 0 } } },
	{ "draft score/S refine/unjudged score/S filter", false, { { "1.1 2.2 3.2", 5, 3, 6, 3, 2, 0 } } },
	/* Only who failed goes on, and is compared with 1.1 all the same, which gets no second row. */
	{ "draft score/S filter/fail refine score/S", false, { { "2.2 3.2", 5, 3, 5, 2, 2, 0 } } },
	{ "draft score/S filter refine score/S filter refine score/S", false, { { "1.1 2.2 3.3", 6, 5, 9, 3, 3, 0 } } },
	{ "draft filter score/S refine score/S",
	  true,
	  { { "1.1 2.1 3.1", 3, 0, 3, 0, 1, 0 }, { "1.1 2.2 3.2", 5, 3, 6, 2, 2, 0 } } },
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
		"SELECT evaluation_id, revision_id, key_id, sample, overall FROM evaluation ORDER BY 1",
		"SELECT * FROM llm_call ORDER BY 1",
		"SELECT spent_nusd, reserved_nusd FROM ledger",
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

/* Three personas are two calls; besides, whatever was made was asked for once. */
static void compare_calls(const struct order *order, int run, const struct rows_after *expected)
{
	int drafts = strncmp(order->stages, "draft", 5) == 0 ? 2 : 0;
	int calls = drafts + expected->refinements + expected->evaluations;

	ck_assert_msg((int)fake.sent == calls, "%s, run %d: %zu requests and not %d", order->stages, run, fake.sent,
		      calls);
	ck_assert_int_eq(number("SELECT count(*) FROM evaluation"), expected->evaluations);
	ck_assert_int_eq(number("SELECT count(*) FROM llm_call WHERE state = 'done' AND attempts = 1"), calls);
	ck_assert_int_eq(number("SELECT spent_nusd FROM ledger"), (long long)calls * TURN_NUSD);
}

static void run_order(const struct order *order)
{
	const struct rows_after *expected = &order->after[0];
	char *before = NULL, *after = NULL;

	for (int run = 1; run <= RUNS; run++) {
		if (order->after[run - 1].passed)
			expected = &order->after[run - 1];
		ck_assert(order->early || run == 1 || !order->after[run - 1].passed);
		run_chain(order->stages);
		compare(order, run, expected);
		if (asked == &remote_model)
			compare_calls(order, run, expected);
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

START_TEST(an_order_gives_what_it_should_and_comes_to_rest)
{
	run_order(&orders[_i]);
}
END_TEST

/* Filters that ask. The evaluations stand last. */
static const struct order judged_orders[] = {
	{ "draft judge refine judge score", false, { { "1.1 2.2 3.2", 5, 5, 3, 2, 0, 5 } } },
	{ "import judge refine judge", false, { { "1.1 2.2 3.2", 5, 5, 0, 2, 0, 5 } } },
	{ "draft judge refine judge refine", false, { { "1.1 2.2 3.3", 6, 5, 0, 3, 0, 5 } } },
	/* Another threshold asks nobody, whichever was first. */
	{ "draft judge judge/80", false, { { "1.1 2.1 3.1", 3, 3, 0, 0, 0, 3 } } },
	{ "draft judge/80 judge judge/80", false, { { "1.1 2.1 3.1", 3, 3, 0, 0, 0, 3 } } },
	{ "draft judge/80 refine judge/80 refine judge/80", false, { { "1.1 2.3 3.3", 7, 7, 0, 4, 0, 7 } } },
	{ "draft judge/fail refine judge", false, { { "2.2 3.2", 5, 5, 0, 2, 0, 5 } } },
	/* Beside the score: who fails by either is refined, and asked for once. */
	{ "draft score filter judge refine", false, { { "1.1 2.2 3.2", 5, 6, 3, 2, 0, 3 } } },
	{ "draft judge score filter/80 refine judge", false, { { "1.1 2.2 3.2", 5, 8, 3, 2, 0, 5 } } },
	{ "draft refine/unjudged judge refine", false, { { "1.1 2.2 3.3", 6, 3, 0, 4, 0, 3 } } },
	/* The verdicts come too late: the next run has them. */
	{ "draft refine judge", true, { { "1.1 2.1 3.1", 3, 3, 0, 0, 0, 3 }, { "1.1 2.2 3.2", 5, 5, 0, 2, 0, 5 } } },
};
#define JUDGED_ORDERS ((int)(sizeof judged_orders / sizeof *judged_orders))

START_TEST(an_order_with_models_asks_once)
{
	run_order(_i < ORDERS ? &orders[_i] : &judged_orders[_i - ORDERS]);
}
END_TEST

/* ---- Other settings ------------------------------------------------------- */

/* How many requests a word costs after the chain, on what is given; "" stands for all that is pending. */
static size_t asked_for(const char *word, const char *given)
{
	size_t before = fake.sent;

	passed_len = 0;
	give(given);
	memcpy(passed, refs, options.refs_len * sizeof *refs);
	passed_len = options.refs_len;
	options.pending = !*given;
	run_word(word);
	options.pending = false;
	return fake.sent - before;
}

/* What was typed is part of the keys. */
static void type(const char *option, json_t *value)
{
	json_decref(remote_model.options);
	remote_model.options = json_pack("{s:o}", option, value);
}

static void untype(void)
{
	json_decref(remote_model.options);
	remote_model.options = NULL;
}

START_TEST(other_settings_ask_for_what_they_concern)
{
	run_chain("draft judge refine judge");
	ck_assert_uint_eq(fake.sent, 2 + 3 + 2 + 2);
	/* Newest are 1.1, 2.2 and 3.2, of which the last fails and is all that is pending. */
	ck_assert_uint_eq(asked_for("judge", ""), 0);
	ck_assert_uint_eq(asked_for("judge/80", ""), 0);
	ck_assert_uint_eq(asked_for("judge", "1.1 2.1 3.1"), 0);
	ck_assert_uint_eq(asked_for("refine", "1.1 2.1 3.1"), 0);

	type("temperature", json_real(0.3));
	remote.temperature = 0.3;
	ck_assert_uint_eq(asked_for("refine", "1.1 2.1 3.1"), 2);
	ck_assert_uint_eq(asked_for("refine", "1.1 2.1 3.1"), 0);
	ck_assert_uint_eq(asked_for("judge", ""), 3);
	ck_assert_uint_eq(asked_for("judge", ""), 0);
	untype();
	remote.temperature = 0.7;
	ck_assert_uint_eq(asked_for("refine", "1.1 2.1 3.1"), 0);
	ck_assert_uint_eq(asked_for("judge", "1.1 2.1 3.1 2.2 3.2"), 0);

	type("prompt", json_string("0123456789abcdef"));
	remote.instructions = "Look twice.";
	ck_assert_uint_eq(asked_for("judge", "1.1 2.1 3.1 2.2 3.2"), 5);
	ck_assert_uint_eq(asked_for("refine", "1.1 2.1 3.1"), 2);
	untype();
	remote.instructions = "Make personas.";

	criteria_len = 2;
	ck_assert_uint_eq(asked_for("judge", "1.1 2.1 3.1"), 3);
	ck_assert_uint_eq(asked_for("judge", "1.1 2.1 3.1"), 0);
	criteria_len = 1;
	ck_assert_uint_eq(asked_for("judge", "1.1 2.1 3.1"), 0);

	persona_llm_close(fake_llm);
	OK(persona_llm_open(&fake_llm, "openai:gpt-4.1", NULL, false, fake_environment, NULL, &err));
	remote.llm = fake_llm;
	remote_model.name = "openai:gpt-4.1";
	ck_assert_uint_eq(asked_for("judge", "1.1 2.1 3.1"), 3);
	ck_assert_uint_eq(asked_for("refine", "1.1 2.1 3.1"), 2);
	ck_assert_uint_eq(asked_for("refine", "1.1 2.1 3.1"), 0);
}
END_TEST

/* Personas that the requests since then were to bring. */
static size_t wanted_since(size_t first)
{
	size_t wanted = 0;

	for (; first < fake.sent; first++)
		wanted += wanted_of(fake.bodies[first]);
	return wanted;
}

static void draft(int64_t wanted, const char *label)
{
	const char *const from[] = { data_file };
	const struct persona_draft_settings settings = {
		.from = from, .from_len = 1, .wanted = wanted, .batch_size = 5, .label = label
	};

	options.refs_len = 0;
	OK(run_stage(&persona_stage_draft, &settings, asked));
	ck_assert_uint_eq(passed_len, (size_t)wanted);
}

START_TEST(more_personas_ask_for_the_rest)
{
	draft(20, NULL);
	ck_assert_uint_eq(fake.sent, 4);
	draft(30, NULL);
	ck_assert_uint_eq(fake.sent, 6);
	ck_assert_uint_eq(wanted_since(4), 10);
	/* Fewer are there already, and so are all. */
	draft(20, NULL);
	draft(30, NULL);
	ck_assert_uint_eq(fake.sent, 6);
	/* Another label is another draw from the same data; its own again is not. */
	draft(20, "second");
	ck_assert_uint_eq(fake.sent, 10);
	ck_assert_uint_eq(wanted_since(6), 20);
	draft(20, "second");
	ck_assert_uint_eq(fake.sent, 10);
	assert_rows("SELECT count(*), count(DISTINCT persona_id) FROM revision", "50|50\n");
}
END_TEST

static void write_world(void)
{
	snprintf(data_file, sizeof data_file, "%s", file_with("data.csv", "what,why\nwalk,air\nread,quiet\n"));
	snprintf(import_file, sizeof import_file, "%s",
		 file_with("people.jsonl", "{\"name\":\"Ada\",\"age\":90,\"goals\":[\"a goal\"]}\n"
					   "{\"name\":\"Ada\",\"age\":50,\"goals\":[\"a goal\"]}\n"
					   "{\"name\":\"Ada\",\"age\":30,\"goals\":[\"a goal\"]}\n"));
}

static void setup_world(void)
{
	setup();
	write_world();
}

static void setup_models(void)
{
	setup_remote();
	write_world();
	fake.says = ladder_says;
	asked = &remote_model;
}

int main(void)
{
	TCase *cases[] = { tcase_create("orders"), tcase_create("with models") };

	tcase_add_checked_fixture(cases[0], setup_world, teardown);
	tcase_set_timeout(cases[0], 30);
	tcase_add_loop_test(cases[0], an_order_gives_what_it_should_and_comes_to_rest, 0, ORDERS);
	tcase_add_checked_fixture(cases[1], setup_models, teardown_remote);
	tcase_set_timeout(cases[1], 30);
	tcase_add_loop_test(cases[1], an_order_with_models_asks_once, 0, ORDERS + JUDGED_ORDERS);
	tcase_add_test(cases[1], other_settings_ask_for_what_they_concern);
	tcase_add_test(cases[1], more_personas_ask_for_the_rest);
	return run_suite("orders", cases, 2);
}
