/* What is left to do: the pages, the view and the plain question have one answer. */
#include "helper.h"

static uint64_t seed;

static int random_below(int n)
{
	seed = persona_mix64(seed, &n, sizeof n);
	return (int)(seed % (uint64_t)n);
}

PERSONA_PRINTF(1, 2) static void run_text(const char *format, ...)
{
	char text[512];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof text, format, list);
	va_end(list);
	sql(text);
}

#define PERSONAS 14

/* Two batches whose personas come mixed, up to three revisions each; scores and verdicts under two keys of a kind. */
static void make_state(void)
{
	int revision = 0, last[3] = { 0 };

	sql("BEGIN");
	make_keys();
	sql("INSERT INTO batch (batch_id, label, sha256, wanted, settings, created_at) VALUES (2, 'two', " HASH(
		"02") ", 20, '{}', 1);"
		      "INSERT INTO stage_key VALUES (5, 'score', " HASH("05") ", '{}', 1), (6, 'judge', " HASH(
			      "06") ", '{}', 6),"
				    " (7, 'refine', " HASH(
					    "07") ", '{}', 3);"
						  /* The key last used to filter is the score's. */
						  "UPDATE stage_key SET last_used = 9 WHERE stage = 'filter'");
	for (int persona = 1; persona <= PERSONAS; persona++) {
		run_text("INSERT INTO persona VALUES (%d, %d, %d, NULL, 1)", persona, 1 + random_below(2), persona);
		if (random_below(8) == 0)
			continue;
		run_text("INSERT INTO revision (revision_id, persona_id, number, stage, name, created_at)"
			 " VALUES (%d, %d, 1, 'draft', 'N', 1)",
			 ++revision, persona);
	}
	for (int more = random_below(12); more > 0; more--) {
		run_text("INSERT INTO revision (revision_id, persona_id, number, stage, parent_id, name, created_at)"
			 " SELECT %d, persona_id, number + 1, 'refine', revision_id, 'N', 1 FROM revision r"
			 " WHERE persona_id = (SELECT persona_id FROM revision WHERE revision_id = %d)"
			 " ORDER BY number DESC LIMIT 1",
			 revision + 1, 1 + random_below(revision));
		revision++;
	}
	for (int batch = 1; batch <= 2; batch++) {
		char text[128];

		snprintf(text, sizeof text,
			 "SELECT ifnull(max(revision_id), 0) FROM revision JOIN persona USING (persona_id)"
			 " WHERE batch_id = %d",
			 batch);
		last[batch] = (int)number_of(text);
		/* Present, of an earlier day, and of chosen members. */
		run_text("INSERT INTO population VALUES (%d, %d, printf('%%064d', %d), 1, %d, 1)", batch, batch, batch,
			 last[batch]);
		run_text("INSERT INTO population VALUES (%d, %d, printf('%%064d', %d), 1, %d, 2)", batch + 2, batch,
			 batch + 2, random_below(last[batch] + 1));
		run_text("INSERT INTO population VALUES (%d, %d, printf('%%064d', %d), 1, NULL, 3)", batch + 4, batch,
			 batch + 4);
	}
	for (int i = 1; i <= revision; i++) {
		char text[128];
		int batch;

		snprintf(text, sizeof text,
			 "SELECT batch_id FROM revision JOIN persona USING (persona_id) WHERE revision_id = %d", i);
		batch = (int)number_of(text);
		for (int score = random_below(3); score > 0; score--)
			run_text("INSERT OR IGNORE INTO score (revision_id, key_id, population_id, overall, level)"
				 " VALUES (%d, %d, nullif(%d, 0), %s)",
				 i, random_below(3) ? 2 : 5, random_below(5) ? batch + 2 * random_below(3) : 0,
				 (const char *[]){ "NULL, NULL", "50, 'poor'", "70, 'acceptable'" }[random_below(3)]);
		for (int verdict = random_below(3); verdict > 0; verdict--)
			run_text("INSERT OR IGNORE INTO verdict VALUES (%d, %d, %d, 60, 50, 1)", i,
				 (int[]){ 2, 2, 5, 6 }[random_below(4)], random_below(2));
		if (random_below(3) == 0)
			run_text("INSERT INTO refinement VALUES (%d, %d, 0, NULL)", i, random_below(3) ? 4 : 7);
	}
	sql("COMMIT");
}

/* The same questions, asked as they are put in the manual. */
static const char newest[] = "NOT EXISTS (SELECT 1 FROM revision n WHERE n.persona_id = r.persona_id"
			     " AND n.number > r.number)";
static const char no_score[] =
	"NOT EXISTS (SELECT 1 FROM score c LEFT JOIN population o USING (population_id)"
	" WHERE c.revision_id = r.revision_id AND c.key_id = 2 AND (c.population_id IS NULL OR o.newest_through ="
	" (SELECT max(x.revision_id) FROM revision x JOIN persona y USING (persona_id) WHERE y.batch_id = "
	"p.batch_id)))";
/* All verdicts here are on 50. */
static const char no_verdict[] =
	"r.revision_id NOT IN (SELECT revision_id FROM verdict WHERE basis = 2) OR EXISTS (SELECT 1 FROM score c"
	" LEFT JOIN population o USING (population_id) WHERE c.revision_id = r.revision_id AND c.key_id = 2"
	" AND c.overall <> 50 AND NOT EXISTS (SELECT 1 FROM score x JOIN population y USING (population_id)"
	" WHERE x.revision_id = r.revision_id AND x.key_id = 2 AND y.last_used > ifnull(o.last_used, 0)))";
static const char not_refined[] =
	"r.revision_id NOT IN (SELECT revision_id FROM refinement WHERE key_id = 4) AND r.number <= 2";
static const char failing[] = "r.revision_id IN (SELECT revision_id FROM verdict WHERE basis IN (2, 6) AND passed = 0)";
static const char unjudged[] = "r.revision_id NOT IN (SELECT revision_id FROM verdict WHERE basis IN (2, 6))";

static const char *asked(const char *condition, const char *other)
{
	char text[1500];

	snprintf(text, sizeof text,
		 "SELECT r.revision_id, r.persona_id, r.number, p.batch_id, p.slot FROM revision r"
		 " JOIN persona p USING (persona_id) WHERE %s AND (%s) AND (%s) ORDER BY r.revision_id",
		 newest, condition, other);
	return rows_of(text);
}

enum stage { SCORE, FILTER, REFINE, REFINE_UNJUDGED };

static long page_of(enum stage stage, int64_t after, struct persona_place *out, size_t max)
{
	switch (stage) {
	case SCORE:
		return persona_store_pending_score(store, 2, after, out, max, &err);
	case FILTER:
		return persona_store_pending_filter(store, 0, after, out, max, &err);
	default:
		return persona_store_pending_refine(store, 4, 2, stage == REFINE_UNJUDGED, after, out, max, &err);
	}
}

/* All pages, as rows_of() prints rows. */
static const char *pages_of(enum stage stage, size_t max)
{
	static char out[4096];
	struct persona_place places[64];
	size_t len = 0;
	int64_t after = 0;
	long got;

	out[0] = '\0';
	for (int page = 0; page < 100; page++) {
		got = page_of(stage, after, places, max);
		ck_assert_int_ge(got, 0);
		ck_assert_int_le(got, (long)max);
		if (!got)
			return out;
		for (long i = 0; i < got; i++)
			len += (size_t)snprintf(out + len, sizeof out - len, "%lld|%lld|%lld|%lld|%lld\n",
						(long long)places[i].revision_id, (long long)places[i].persona_id,
						(long long)places[i].number, (long long)places[i].batch_id,
						(long long)places[i].slot);
		after = places[got - 1].revision_id;
	}
	ck_abort_msg("the pages do not end");
	return NULL;
}

static int lines(const char *text)
{
	int count = 0;

	for (; *text; text++)
		count += *text == '\n';
	return count;
}

static void assert_view(const char *stage, int count)
{
	char text[128];

	snprintf(text, sizeof text, "SELECT count FROM pending WHERE stage = '%s'", stage);
	ck_assert_int_eq(number_of(text), count);
	snprintf(text, sizeof text, "SELECT pending FROM progress WHERE stage = '%s'", stage);
	ck_assert_int_eq(number_of(text), count);
}

START_TEST(pages_view_and_plain_question_agree)
{
	static const char *const names[] = { "score", "filter", "refine" };

	seed = (uint64_t)_i * 7919 + 1;
	make_state();
	for (int stage = SCORE; stage <= REFINE_UNJUDGED; stage++) {
		char refined[512], *expected;
		const char *condition = stage == SCORE ? no_score : stage == FILTER ? no_verdict : not_refined;

		snprintf(refined, sizeof refined, "%s%s%s", failing, stage == REFINE_UNJUDGED ? " OR " : "",
			 stage == REFINE_UNJUDGED ? unjudged : "");
		expected = strdup(asked(condition, stage < REFINE ? "1" : refined));
		ck_assert_str_eq(pages_of((enum stage)stage, 1 + (size_t)_i % 3), expected);
		ck_assert_str_eq(pages_of((enum stage)stage, 64), expected);
		if (stage != REFINE_UNJUDGED)
			assert_view(names[stage], lines(expected));
		free(expected);
	}
}
END_TEST

START_TEST(without_any_key_everything_is_to_be_scored)
{
	struct persona_place places[8];

	make_keys();
	make_personas(3);
	sql("UPDATE revision SET key_id = NULL; DELETE FROM stage_key");
	ck_assert_int_eq(persona_store_pending_score(store, 0, 0, places, 8, &err), 3);
	ck_assert_int_eq(persona_store_pending_filter(store, 0, 0, places, 8, &err), 3);
	ck_assert_int_eq(persona_store_pending_refine(store, 0, 2, false, 0, places, 8, &err), 0);
	ck_assert_int_eq(persona_store_pending_refine(store, 0, 2, true, 0, places, 8, &err), 3);
	ck_assert_int_eq(persona_store_pending_refine(store, 0, 0, true, 0, places, 8, &err), 0);
	ROWS("SELECT stage, count FROM pending", "draft|0\nscore|3\nfilter|3\nrefine|0\n");
	/* Planned, not made yet. */
	sql("INSERT INTO persona VALUES (4, 1, 4, NULL, 1), (5, 1, 5, NULL, 1); UPDATE batch SET wanted = 4");
	ROWS("SELECT stage, count FROM pending WHERE stage = 'draft'", "draft|1\n");
}
END_TEST

/* The key of the filter last used: where that is a judge's, only its verdicts count. */
START_TEST(the_view_asks_for_the_basis_last_used)
{
	make_keys();
	make_personas(3);
	sql("INSERT INTO stage_key VALUES (6, 'judge', " HASH(
		"06") ", '{}', 6);"
		      "INSERT INTO verdict VALUES (1, 2, 1, 60, 70, 1), (2, 2, 1, 60, 70, 1), (3, 6, 1, 60, 70, 1)");
	ROWS("SELECT count FROM pending WHERE stage = 'filter'", "2\n");
	sql("UPDATE stage_key SET last_used = 9 WHERE stage = 'filter'");
	ROWS("SELECT count FROM pending WHERE stage = 'filter'", "1\n");
}
END_TEST

/* What another score says now is to be decided anew; what a judge said does not depend on it. */
START_TEST(a_verdict_that_a_score_has_overtaken_is_pending)
{
	struct persona_place places[8];

	make_keys();
	make_personas(3);
	sql("UPDATE stage_key SET last_used = 9 WHERE stage = 'filter'");
	sql("INSERT INTO population VALUES (1, 1, printf('%064d', 1), 2, NULL, 1), (2, 1, printf('%064d', 2), 3, 3, "
	    "2)");
	sql("INSERT INTO score (revision_id, key_id, population_id, overall, level) VALUES (1, 2, 1, 70, 'good'),"
	    " (1, 2, 2, 55, 'poor'), (2, 2, 1, 55, 'poor'), (2, 2, 2, 70, 'good'), (3, 2, 2, NULL, NULL)");
	sql("INSERT INTO verdict SELECT revision_id, 2, 1, 60, 70, 1 FROM revision");
	ck_assert_int_eq(persona_store_pending_filter(store, 0, 0, places, 8, &err), 1);
	ck_assert_int_eq(places[0].revision_id, 1);
	ROWS("SELECT count FROM pending WHERE stage = 'filter'", "1\n");
	sql("UPDATE verdict SET value = 55, passed = 0 WHERE revision_id = 1");
	ck_assert_int_eq(persona_store_pending_filter(store, 0, 0, places, 8, &err), 0);
	ROWS("SELECT count FROM pending WHERE stage = 'filter'", "0\n");
	sql("INSERT INTO stage_key VALUES (6, 'judge', printf('%064d', 6), '{}', 10)");
	sql("INSERT INTO verdict SELECT revision_id, 6, 1, 60, 33, 1 FROM revision");
	ck_assert_int_eq(persona_store_pending_filter(store, 6, 0, places, 8, &err), 0);
	ROWS("SELECT count FROM pending WHERE stage = 'filter'", "0\n");
}
END_TEST

START_TEST(rounds_are_those_of_the_key)
{
	struct persona_place places[8];

	make_keys();
	make_personas(1);
	sql("INSERT INTO revision (revision_id, persona_id, number, stage, parent_id, name, created_at)"
	    " VALUES (2, 1, 2, 'refine', 1, 'N', 1), (3, 1, 3, 'refine', 2, 'N', 1);"
	    "INSERT INTO verdict VALUES (3, 2, 0, 60, 50, 1)");
	ck_assert_int_eq(persona_store_pending_refine(store, 4, 2, false, 0, places, 8, &err), 0);
	ck_assert_int_eq(persona_store_pending_refine(store, 4, 3, false, 0, places, 8, &err), 1);
	ROWS("SELECT count FROM pending WHERE stage = 'refine'", "0\n");
	sql("UPDATE stage_key SET settings = '{\"max_rounds\":3}' WHERE stage = 'refine'");
	ROWS("SELECT count FROM pending WHERE stage = 'refine'", "1\n");
}
END_TEST

int main(void)
{
	TCase *pending;
	Suite *suite = suite_of("pending", &pending);

	tcase_add_checked_fixture(pending, setup, teardown);
	tcase_add_loop_test(pending, pages_view_and_plain_question_agree, 0, 25);
	tcase_add_test(pending, without_any_key_everything_is_to_be_scored);
	tcase_add_test(pending, the_view_asks_for_the_basis_last_used);
	tcase_add_test(pending, a_verdict_that_a_score_has_overtaken_is_pending);
	tcase_add_test(pending, rounds_are_those_of_the_key);
	return run_suite(suite);
}
