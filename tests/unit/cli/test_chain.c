/* From the command line of a chain to those of its stages, and what they know of each other. */
#include <check.h>
#include <unistd.h>

#include "chain.h"
#include "suite.h"

static const enum cli_option options[] = { CLI_STAGES,	CLI_FROM,     CLI_INPUT_FORMAT, CLI_PENDING,
					   CLI_DRY_RUN, CLI_PROGRESS, CLI_OPTIONS };
static const struct cli_program program = {
	.name = "persona-run", .operands = "", .summary = "", .options = options, .stages = cli_stages
};

static struct cli_values values;
static struct chain chain;
static struct persona_error err;

#define WORDS_MAX 40

/* Plan what is typed, words separated by one space. */
static int plan(const char *typed)
{
	static char text[1024];
	char *argv[WORDS_MAX] = { (char *)"persona-run" }, *rest = text, *word;
	int argc = 1;

	snprintf(text, sizeof text, "%s", typed);
	while ((word = strsep(&rest, " ")) && argc < WORDS_MAX - 1)
		argv[argc++] = word;
	optind = 0;
	err = (struct persona_error){ 0 };
	ck_assert_int_eq(cli_parse(&program, &values, argc, argv), -1);
	return chain_plan(&chain, &program, &values, &err);
}

static void forget(void)
{
	chain_release(&chain);
	cli_release(&values);
}

/* The command lines of all stages, one per line. */
static void assert_words(const char *typed, const char *expected)
{
	char found[2048] = "";
	size_t used = 0;

	ck_assert_msg(plan(typed) == 0, "%s: %s", typed, err.text);
	for (size_t i = 0; i < chain.len; i++) {
		ck_assert_ptr_null(chain.stages[i].argv[chain.stages[i].argc]);
		for (size_t word = 0; word < chain.stages[i].argc; word++)
			used += (size_t)snprintf(found + used, sizeof found - used, "%s%s", word ? " " : "",
						 chain.stages[i].argv[word]);
		used += (size_t)snprintf(found + used, sizeof found - used, "\n");
	}
	ck_assert_str_eq(found, expected);
	forget();
}

struct words {
	const char *typed, *expected;
};

static const struct words words[] = {
	{ "--progress never --from a.csv -n 5", "persona-draft --count=5 --progress=never --from=a.csv\n"
						"persona-score --progress=never -\n"
						"persona-filter --progress=never -\n"
						"persona-refine --progress=never -\n"
						"persona-score --progress=never -\n" },
	/* Without data it goes on with what is there. */
	{ "--progress never --pending", "persona-score --progress=never --pending\n"
					"persona-filter --progress=never -\n"
					"persona-refine --progress=never -\n"
					"persona-score --progress=never -\n" },
	/* One stage sees to its line of progress by itself. */
	{ "--stages score 1.1 2", "persona-score --progress=auto -- 1.1 2\n" },
	{ "--stages score -", "persona-score --progress=auto -- -\n" },
	{ "--stages import --from a.json", "persona-import --progress=auto -- a.json\n" },
	/* Whoever takes an option gets it; one that says whose it is comes last and wins. */
	{ "--progress never --stages filter,refine,filter --refine-model b -m a --filter-threshold 7 -t 5 -j 3 1",
	  "persona-filter --threshold=5 --jobs=3 --threshold=7 --progress=never -- 1\n"
	  "persona-refine --model=a --jobs=3 --model=b --progress=never -\n"
	  "persona-filter --threshold=5 --jobs=3 --threshold=7 --progress=never -\n" },
	/* Common ones, flags, and those with or without a value. */
	{ "--progress never --stages score,filter --db x -q --judge -v --judge=openai:m --fresh 1",
	  "persona-score --db=x --quiet --verbose --progress=never -- 1\n"
	  "persona-filter --db=x --quiet --judge --verbose --judge=openai:m --fresh --progress=never -\n" },
	{ "--progress never --stages score,filter --judge openai:m 1",
	  "persona-score --progress=never -- 1\n"
	  "persona-filter --judge=openai:m --progress=never -\n" },
	/* Of each stage another is right, so it is asked for; where one stage takes it there is no question. */
	{ "--progress never --stages score,refine --temperature 1 1",
	  "persona-score --progress=never -- 1\npersona-refine --temperature=1 --progress=never -\n" },
	{ "--progress never --stages refine,refine --prompt p 1",
	  "persona-refine --prompt=p --progress=never -- 1\npersona-refine --prompt=p --progress=never -\n" },
	/* How to read is for the first, how to print for the last. */
	{ "--progress never --stages draft,score --format tsv --from a -n 1",
	  "persona-draft --count=1 --format=tsv --progress=never --from=a\npersona-score --progress=never -\n" },
	{ "--progress never --stages draft,score --format table --from a -n 1",
	  "persona-draft --count=1 --progress=never --from=a\npersona-score --format=table --progress=never -\n" },
	{ "--stages draft --format ids --from a -n 1",
	  "persona-draft --count=1 --format=ids --progress=auto --from=a\n" },
	/* A bound of all is told in another way; one of a stage is its own affair. */
	{ "--progress never --stages filter,refine --max-cost 2 --refine-max-cost 1 1",
	  "persona-filter --progress=never -- 1\npersona-refine --max-cost=1 --progress=never -\n" },
	/* In a rehearsal nothing comes from the stage before. */
	{ "--stages draft,score,refine --dry-run --from a -n 1",
	  "persona-draft --count=1 --progress=never --dry-run --from=a\n"
	  "persona-score --progress=never --pending\n"
	  "persona-refine --progress=never --dry-run --pending\n" },
};
#define WORDS ((int)(sizeof words / sizeof *words))

START_TEST(each_stage_gets_what_is_for_it)
{
	assert_words(words[_i].typed, words[_i].expected);
}
END_TEST

struct refusal {
	const char *typed, *says;
};

static const struct refusal refusals[] = {
	{ "-n 5", "say what to work on" },
	{ "--stages score", "say what to work on" },
	{ "--stages sing 1", "no 'sing'; there are draft, import, score, filter, refine" },
	{ "--stages score, 1", "no ''" },
	{ "--stages score,draft 1", "draft makes personas, so it can only be the first" },
	{ "--from a 1 --stages score", "--from is for draft or import" },
	{ "--from a 1", "'1' is no option; what draft reads is named with --from" },
	{ "--stages import --pending", "--pending is for a first stage that reads references" },
	{ "--stages import --from a --format csv", "--format csv is for draft" },
	{ "--stages score -t 5 1", "no stage of the chain takes --threshold; filter would" },
	{ "--stages score --refine-model a 1", "--refine-model: the chain has no refine" },
	{ "--stages score --max-cost 1 1", "no stage of the chain takes --max-cost" },
	{ "--max-tokens 5 1", "--max-tokens is another for each stage: say whose, as in --refine-max-tokens" },
};
#define REFUSALS ((int)(sizeof refusals / sizeof *refusals))

START_TEST(what_makes_no_sense_is_refused)
{
	ck_assert_int_eq(plan(refusals[_i].typed), -1);
	ck_assert_int_eq(err.code, PERSONA_E_USAGE);
	ck_assert_msg(strstr(err.text, refusals[_i].says) != NULL, "%s: '%s'", refusals[_i].typed, err.text);
	forget();
}
END_TEST

START_TEST(so_many_stages_and_no_more)
{
	char typed[CHAIN_STAGES_MAX * 6 + 40] = "1 --stages score";

	for (size_t i = 1; i < CHAIN_STAGES_MAX; i++)
		snprintf(typed + strlen(typed), sizeof typed - strlen(typed), ",score");
	ck_assert_int_eq(plan(typed), 0);
	ck_assert_uint_eq(chain.len, CHAIN_STAGES_MAX);
	forget();
	snprintf(typed + strlen(typed), sizeof typed - strlen(typed), ",score");
	ck_assert_int_eq(plan(typed), -1);
	ck_assert_ptr_nonnull(strstr(err.text, "at most 32"));
	forget();
}
END_TEST

START_TEST(every_chain_has_a_name_of_its_own_and_its_bound)
{
	char first[CHAIN_NAME_SIZE];

	ck_assert_int_eq(plan("--stages refine --max-cost 2.5 1"), 0);
	ck_assert_int_eq(chain.budget_nusd, 2500000000);
	ck_assert_uint_eq(strspn(chain.name, "0123456789abcdef"), CHAIN_NAME_SIZE - 1);
	memcpy(first, chain.name, sizeof first);
	forget();
	ck_assert_int_eq(plan("--stages refine --refine-max-cost 1 1"), 0);
	ck_assert_int_eq(chain.budget_nusd, -1);
	ck_assert_str_ne(chain.name, first);
	forget();
	ck_assert_int_eq(plan("--stages refine --max-cost 0 1"), 0);
	ck_assert_int_eq(chain.budget_nusd, 0);
	forget();
}
END_TEST

struct worst {
	int codes[3];
	int expected;
};

static const struct worst worsts[] = {
	{ { 0, 0, 0 }, 0 },
	{ { 0, 1, 0 }, 1 },
	{ { 1, 3, 2 }, 3 },
	{ { 5, 4, 3 }, 5 },
	{ { 5, 130, 0 }, 130 },
	{ { 130, 143, 0 }, 143 },
	{ { 137, 0, 5 }, 137 },
	/* The reader of the first two is the next stage, which says itself what happened. */
	{ { 141, 0, 0 }, 0 },
	{ { 141, 141, 2 }, 2 },
	{ { 141, 141, 141 }, 141 },
	{ { 0, 141, 0 }, 0 },
};
#define WORSTS ((int)(sizeof worsts / sizeof *worsts))

START_TEST(the_worst_code_is_that_of_the_whole)
{
	ck_assert_int_eq(chain_worst(worsts[_i].codes, 3), worsts[_i].expected);
	ck_assert_int_eq(chain_worst(worsts[_i].codes, 0), 0);
}
END_TEST

START_TEST(what_a_stage_is_told_is_read_as_it_was_written)
{
	struct chain_member member = { .position = 3, .budget_nusd = _i ? 7000000000 : -1 }, read;
	char text[CHAIN_MEMBER_SIZE];

	memset(member.name, 'a', sizeof member.name - 1);
	chain_member_format(&member, text);
	ck_assert_int_eq(chain_member_parse(&read, text, &err), 1);
	ck_assert_str_eq(read.name, member.name);
	ck_assert_int_eq(read.position, 3);
	ck_assert_int_eq(read.budget_nusd, member.budget_nusd);
	ck_assert_int_eq(chain_member_parse(&read, NULL, &err), 0);
	ck_assert_int_eq(read.budget_nusd, -1);
	ck_assert_int_eq(read.position, 0);
}
END_TEST

static const char *const nonsense[] = { "",	  ":",	    "a",       "a:1",	"a:1:",	   ":1:2",   "a:-1:2",
					"a:1:-2", "a:1:2 ", "a:1:2:3", "G:1:2", "a:one:2", "a:1:2.5" };
#define NONSENSE ((int)(sizeof nonsense / sizeof *nonsense))

START_TEST(what_persona_run_never_says_is_refused)
{
	struct chain_member read;

	err = (struct persona_error){ 0 };
	ck_assert_int_eq(chain_member_parse(&read, nonsense[_i], &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_USAGE);
}
END_TEST

int main(void)
{
	TCase *one;
	Suite *suite = suite_of("chain", &one);

	tcase_add_loop_test(one, each_stage_gets_what_is_for_it, 0, WORDS);
	tcase_add_loop_test(one, what_makes_no_sense_is_refused, 0, REFUSALS);
	tcase_add_test(one, so_many_stages_and_no_more);
	tcase_add_test(one, every_chain_has_a_name_of_its_own_and_its_bound);
	tcase_add_loop_test(one, the_worst_code_is_that_of_the_whole, 0, WORSTS);
	tcase_add_loop_test(one, what_a_stage_is_told_is_read_as_it_was_written, 0, 2);
	tcase_add_loop_test(one, what_persona_run_never_says_is_refused, 0, NONSENSE);
	return run_suite(suite);
}
