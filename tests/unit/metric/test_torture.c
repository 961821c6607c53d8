/*
 * Memory runs out at every place in turn: the call fails and says so, nothing of it is lost or kept, and where it could do
 * without it gives what it gives else.
 */
#include "faults.h"
#include "helper.h"

#define NTH_MAX 20000 /* calls of a kind in one function */
#define PEOPLE	4

static struct persona people[PEOPLE];
static struct persona_subject subjects[PEOPLE];
static struct persona_registry *registry, *sets; /* all metrics, and those of sets alone */
static struct persona_profile profile;
static struct persona_error err;
static struct persona_language *language; /* of all but the last, for whom it is made every time */
static json_t *profile_file;
static double value; /* what the function gave, in a number */

/* Somebody of whom every metric has something to say. */
static void spoil(struct persona *persona)
{
	persona->age = 22;
	set(&persona->background, "Retired student with 30 years of experience, born in 1950.");
	demographics(persona,
		     "{\"country\": \"n/a\", \"birth_year\": 1950, \"more\": [\"tbd\", {\"a\": \"unknown\"}]}");
	add(persona, PERSONA_GOALS, "Enjoy retirement|Enjoy retirement|Lorem ipsum dolor");
	add(persona, PERSONA_FRUSTRATIONS, "Hates cleaning big tables|Has no problem|Enjoy retirement");
	add(persona, PERSONA_BEHAVIOURS, "Loves cleaning big tables");
	add(persona, PERSONA_QUOTES, "As a person I leverage.|Yes");
	cite(persona, PERSONA_GOALS, 0, 1, PERSONA_STRENGTH_CLOSE);
	cite(persona, PERSONA_QUOTES, 0, 2, PERSONA_STRENGTH_NONE);
	cite(persona, PERSONA_QUOTES, 0, 1, PERSONA_STRENGTH_VERBATIM);
}

static void setup(void)
{
	ck_assert_int_eq(persona_language_new(&language, "en", NULL), 0);
	for (size_t i = 0; i < PEOPLE; i++) {
		make_whole(&people[i]);
		subjects[i] = (struct persona_subject){ .persona = &people[i],
							.persona_id = (int64_t)i + 1,
							.revision_id = (int64_t)i + 1,
							.batch_records = 12,
							.year = 2026,
							.language = i + 1 < PEOPLE ? language : NULL,
							.member = true };
	}
	spoil(&people[1]);
	spoil(&people[2]);
	ck_assert_int_eq(persona_registry_new_default(&registry, NULL), 0);
	/* What fails is counted in the thread that chose. */
	persona_registry_set_threads(registry, 1);
	ck_assert_int_eq(persona_registry_new(&sets, NULL), 0);
	ck_assert_int_eq(persona_registry_add(sets, &metric_distinctiveness, NULL), 0);
	persona_registry_set_threads(sets, 1);
	ck_assert_int_eq(persona_profile_get(&profile, "default", NULL), 0);
	profile_file = json_loads(
		"{\"name\": \"mine\", \"weights\": {\"realism\": 2, \"mine\": 1}, \"levels\": {\"good\": 76}}", 0,
		NULL);
	ck_assert_ptr_nonnull(profile_file);
}

static void teardown(void)
{
	for (size_t i = 0; i < PEOPLE; i++)
		persona_release(&people[i]);
	persona_registry_free(registry);
	persona_registry_free(sets);
	persona_language_free(language);
	json_decref(profile_file);
}

/* ---- What is tried ------------------------------------------------------------- */

static int registering(void)
{
	struct persona_registry *made;
	struct persona_metric mine = metric_realism;
	int rc = persona_registry_new_default(&made, &err);

	if (rc < 0)
		return -1;
	mine.name = "mine";
	mine.definition = "abc";
	rc = persona_registry_add(made, &mine, &err);
	countdown = 0;
	/* A metric that could not be added is not there in part. */
	value = (double)persona_registry_count(made);
	ck_assert_uint_eq(persona_registry_count(made), rc < 0 ? 5 : 6);
	persona_registry_free(made);
	return rc;
}

static int settings(void)
{
	json_t *out;
	int rc = persona_registry_settings(&out, registry, &profile, &err);

	countdown = 0;
	ck_assert_int_eq(rc == 0, out != NULL);
	json_decref(out);
	return rc;
}

static int profiles(void)
{
	struct persona_profile read;
	json_t *out;
	int rc = persona_profile_from_json(&read, profile_file, &err);

	if (rc < 0)
		return -1;
	rc = persona_profile_json(&out, &read, &err);
	countdown = 0;
	ck_assert_int_eq(rc == 0, out != NULL);
	json_decref(out);
	return rc;
}

static double sum_of(const struct persona_score *score)
{
	double sum = 0;

	for (size_t i = 0; i < score->len; i++)
		sum += (score->metrics[i].finding.measured ? score->metrics[i].finding.value : -1) +
		       1000 * (double)score->metrics[i].finding.issues_len;
	return sum;
}

static int scoring_one(size_t who)
{
	struct persona_score score;
	int rc = persona_score_revision(&score, registry, &profile, &subjects[who], &err);

	countdown = 0;
	if (!rc)
		value = sum_of(&score);
	persona_score_release(&score);
	return rc;
}

static int scoring_good(void)
{
	return scoring_one(0);
}

static int scoring_spoilt(void)
{
	return scoring_one(1);
}

static int scoring_nobody(void)
{
	struct persona nobody;
	struct persona_subject kept = subjects[3];
	int rc;

	persona_init(&nobody);
	subjects[3].persona = &nobody;
	rc = scoring_one(3);
	subjects[3] = kept;
	persona_release(&nobody);
	return rc;
}

static int scoring_set(void)
{
	struct persona_score scores[PEOPLE];
	struct persona_figures figures;
	int rc = persona_score_set(scores, sets, &profile, subjects, PEOPLE, &err);

	if (rc < 0)
		return -1;
	rc = persona_figures_of(&figures, scores, subjects, PEOPLE, &err);
	countdown = 0;
	value = rc ? 0 : figures.overall + (double)figures.similar_pairs;
	for (size_t i = 0; i < PEOPLE; i++) {
		value += sum_of(&scores[i]);
		persona_score_release(&scores[i]);
	}
	persona_figures_release(&figures);
	return rc;
}

static int findings(void)
{
	struct persona_finding finding;
	json_t *out = NULL;
	int rc = 0;

	persona_finding_init(&finding);
	for (int i = 0; i < 20 && !rc; i++)
		rc = persona_finding_issue(&finding, "code\xff", "field", i, &err, "%d: \xff is no text", i);
	if (!rc)
		rc = persona_finding_json(&out, &finding, &err);
	json_decref(out);
	persona_finding_release(&finding);
	return rc;
}

static const struct {
	const char *name;
	int (*call)(void);
} tries[] = {
	{ "registering", registering },
	{ "settings", settings },
	{ "profiles", profiles },
	{ "scoring_good", scoring_good },
	{ "scoring_spoilt", scoring_spoilt },
	{ "scoring_nobody", scoring_nobody },
	{ "scoring_set", scoring_set },
	{ "findings", findings },
};

/* ---- How ------------------------------------------------------------------------- */

static int try_nth(int which, enum kind kind, int nth)
{
	int rc;

	err = (struct persona_error){ 0 };
	value = 0;
	chosen = kind;
	fired = false;
	countdown = nth;
	rc = tries[which].call();
	countdown = 0;
	return rc;
}

START_TEST(memory_runs_out_everywhere)
{
	static const enum kind kinds[] = { MEMORY, JSON };
	int tried = 0;

	for (size_t k = 0; k < COUNT(kinds); k++) {
		double undisturbed;

		ck_assert_msg(try_nth(_i, kinds[k], 0) == 0, "%s fails by itself: %s", tries[_i].name, err.text);
		undisturbed = value;
		for (int nth = 1; nth < NTH_MAX; nth++, tried++) {
			int rc = try_nth(_i, kinds[k], nth);

			if (!fired)
				break;
			ck_assert_msg(rc < 0 ? err.code == PERSONA_E_NOMEM && err.text[0]
					     : fabs(value - undisturbed) < NEAR,
				      "%s: failure %d of kind %d gave %d, %f not %f, %s", tries[_i].name, nth,
				      (int)kinds[k], rc, value, undisturbed, err.text);
		}
		ck_assert(!fired);
	}
	ck_assert_int_gt(tried, 5);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("torture");
	TCase *tcase = tcase_create("torture");

	json_set_alloc_funcs(json_memory, free);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, memory_runs_out_everywhere, 0, COUNT(tries));
	suite_add_tcase(suite, tcase);
	return run(suite);
}
