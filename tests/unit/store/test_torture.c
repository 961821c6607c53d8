/*
 * Whatever SQLite, the hash or the JSON library refuse, at whatever point: every function says so, and
 * nothing is left open.
 */
#include "faults.h"
#include "helper.h"

#define NTH_MAX 2000 /* calls of a kind in one function */

/* ---- What is tried --------------------------------------------------- */

static char hash[PERSONA_HASH_HEX] = "0000000000000000000000000000000000000000000000000000000000000077";
static int64_t number;

static struct persona_place place_of(int64_t persona)
{
	return (struct persona_place){
		.revision_id = persona, .persona_id = persona, .number = 1, .batch_id = 1, .slot = persona
	};
}

static int key_make(void)
{
	json_t *shaping, *bounds;
	struct persona_key key;
	int kept = countdown, rc;

	countdown = 0;
	shaping = json_pack("{s:i}", "a", 1);
	bounds = json_pack("{s:i}", "b", 1);
	countdown = kept;
	rc = persona_key_make(&key, "score", shaping, bounds, &err);
	countdown = 0;
	json_decref(shaping);
	json_decref(bounds);
	persona_key_release(&key);
	return rc;
}

static struct persona_key some_key(void)
{
	struct persona_key key = { .stage = "score", .settings = (char *)(uintptr_t) "{}" };

	memcpy(key.sha256, hash, sizeof hash);
	return key;
}

static int key_use(void)
{
	struct persona_key key = some_key();

	return persona_store_key_use(store, &key, &number, &err);
}

static int key_find(void)
{
	struct persona_key key = some_key();

	return persona_store_key_find(store, &key, &number, &err);
}

static int key_is_last(void)
{
	struct persona_key key = some_key();

	return persona_store_key_is_last(store, &key, &number, &err);
}

static int key_last(void)
{
	return persona_store_key_last(store, "score", &number, &err);
}

static int source_find(void)
{
	return persona_store_source_find(store, hash, "text/csv", &number, &err);
}

static int source_add(void)
{
	struct persona_cell cell = { .len = 1 };
	struct persona_record record = { .ordinal = 1,
					 .locator = (char *)(uintptr_t) "l",
					 .text = (char *)(uintptr_t) "x",
					 .cells = &cell,
					 .cells_len = 1 };
	char *column = (char *)(uintptr_t) "Q";
	struct persona_records records = { .columns = &column, .columns_len = 1, .items = &record, .len = 1 };

	return persona_store_source_add(store, "u", hash, "text/csv", 1, &records, &number, &err);
}

static int batch_find(void)
{
	struct persona_batch batch;
	int rc = persona_store_batch_find(store, "one", NULL, &batch, &err);

	persona_batch_release(&batch);
	return rc;
}

static int batch_add(void)
{
	struct persona_batch batch = { .settings = (char *)(uintptr_t) "{}" };

	memcpy(batch.sha256, hash, sizeof hash);
	return persona_store_batch_add(store, &batch, (int64_t[]){ 1 }, 1, &err);
}

static int batch_extend(void)
{
	return persona_store_batch_extend(store, 1, 6, 2, &err);
}

static int plans(void)
{
	struct persona_plan out[4];

	return (int)persona_store_plans(store, 1, 0, out, 4, &err);
}

static int deals(void)
{
	size_t *totals, len;
	int rc = persona_store_deals(store, 1, &totals, &len, &err);

	free(totals);
	return rc;
}

static int batch_records(void)
{
	struct persona_records records;
	char identity[PERSONA_HASH_HEX];
	int rc = persona_store_batch_records(store, 1, &records, identity, &err);

	persona_records_release(&records);
	return rc;
}

static int batch_records_count(void)
{
	return persona_store_batch_records_count(store, 1, &number, &err);
}

static int resolve(void)
{
	struct persona_place place;

	return persona_store_resolve(store, (struct persona_ref){ 1, 1 }, &place, &err);
}

static int resolve_newest(void)
{
	struct persona_place place;

	return persona_store_resolve(store, (struct persona_ref){ 1, 0 }, &place, &err);
}

static int slot(void)
{
	struct persona_place place;

	return persona_store_slot(store, 1, 1, &place, &err);
}

static int revision_load(void)
{
	struct persona persona;
	int rc = persona_store_revision_load(store, 1, &persona, &err);

	persona_release(&persona);
	return rc;
}

static int revision_add(void)
{
	struct persona_revision_origin origin = { .stage = "refine", .persona_id = 1, .parent_id = 1 };
	struct persona_place place;
	struct persona persona;
	int kept = countdown, rc;

	countdown = 0;
	OK(persona_store_revision_load(store, 1, &persona, &err));
	countdown = kept;
	rc = persona_store_revision_add(store, &origin, &persona, &place, &err);
	countdown = 0;
	persona_release(&persona);
	return rc;
}

static int import_find(void)
{
	struct persona_place place;

	return persona_store_import_find(store, 1, "o", hash, &place, &err);
}

static int import_add(void)
{
	struct persona_place place;

	return persona_store_import_add(store, 1, "o", &place, &err);
}

static int batch_newest(void)
{
	struct persona_place *places;
	size_t len;
	int rc = persona_store_batch_newest(store, 1, &places, &len, &err);

	free(places);
	return rc;
}

static int population_find(void)
{
	struct persona_place members[] = { place_of(1), place_of(2), place_of(3) };
	struct persona_population all = { .batch_id = 1 };

	return persona_store_population_find(store, &all, members, 3, &err);
}

static int population_use(void)
{
	struct persona_population all = { .batch_id = 1, .members = 3 };

	memcpy(all.sha256, hash, sizeof hash);
	return persona_store_population_use(store, &all, &err);
}

static int score_add(void)
{
	struct persona_metric_row metric = { .metric = "m", .issues = (char *)(uintptr_t) "[]" };
	struct persona_score_row row = { .revision_id = 2, .key_id = 2, .metrics = &metric, .metrics_len = 1 };

	return persona_store_score_add(store, &row, &err);
}

static int score_exists(void)
{
	return persona_store_score_exists(store, 1, 2, 0, &err);
}

static int scores_settled(void)
{
	struct persona_population population = { .batch_id = 1 };
	struct persona_settled *settled;
	size_t len;
	int rc = persona_store_scores_settled(store, &population, 2, &settled, &len, &err);

	free(settled);
	return rc < 0 ? -1 : (int)len;
}

static int standing(void)
{
	struct persona_standing out;

	return persona_store_standing(store, 1, &out, &err);
}

static int verdict(void)
{
	struct persona_verdict out = { .revision_id = 1, .basis = 2 };
	int rc = persona_store_verdict_put(store, &out, &err);

	return rc < 0 ? -1 : persona_store_verdict_same(store, &out, &err);
}

static int evaluation(void)
{
	struct persona_rating rating = { .criterion = (char *)(uintptr_t) "realism",
					 .score = 50,
					 .reasoning = (char *)(uintptr_t) "flat" };
	struct persona_evaluation evaluation = {
		.revision_id = 1, .key_id = 4, .overall = 50, .votes = 1, .ratings = &rating, .ratings_len = 1
	};
	double overall;
	int rc = persona_store_evaluation_add(store, &evaluation, &err);

	return rc < 0 ? -1 : persona_store_evaluation_find(store, 1, 4, &overall, &err);
}

static int judged(void)
{
	enum persona_judged out;

	return persona_store_judged(store, 1, &out, &err);
}

static int reasons(void)
{
	struct persona_reason *out;
	size_t len;
	int rc = persona_store_reasons(store, 1, &out, &len, &err);

	persona_reasons_free(out, len);
	return rc;
}

static int rounds(void)
{
	return persona_store_rounds(store, 1, &number, &err);
}

static int refinement(void)
{
	struct persona_place child;
	int rc = persona_store_refinement_add(store, 1, 4, 0, 0, &err);

	return rc < 0 ? -1 : persona_store_refinement_find(store, 1, 4, &child, &err);
}

static int pending_score(void)
{
	struct persona_place out[4];

	return (int)persona_store_pending_score(store, 2, 0, out, 4, &err);
}

static int pending_filter(void)
{
	struct persona_place out[4];

	return (int)persona_store_pending_filter(store, 0, 0, out, 4, &err);
}

static int pending_refine(void)
{
	struct persona_place out[4];

	return (int)persona_store_pending_refine(store, 4, 2, true, 0, out, 4, &err);
}

static int failure(void)
{
	struct persona_failure out = {
		.stage = "refine", .revision_id = 1, .key_id = 4, .class = "invalid", .message = "m"
	};
	struct persona_failure in_slot = { .stage = "refine", .batch_id = 1, .slot = 1, .key_id = 4 };
	int rc = persona_store_failure_add(store, &out, NULL, &err);

	if (rc >= 0)
		rc = persona_store_parked(store, &out, &err);
	if (rc >= 0)
		rc = persona_store_parked(store, &in_slot, &err);
	return rc < 0 ? -1 : (int)persona_store_unpark(store, "refine", 4, "all", &err);
}

static int money(void)
{
	struct persona_ledger ledger;

	if (money_reserve(store, 5, &err) < 0 || money_settle(store, persona_store_run_id(store), 5, 4, &err) < 0 ||
	    persona_store_budget_set(store, 9, &err) < 0)
		return -1;
	return persona_store_ledger(store, &ledger, &err) < 0 || persona_store_chain(store, &ledger, &err) < 0 ? -1 : 0;
}

static int blob(void)
{
	char sha256[PERSONA_HASH_HEX], *out = NULL;
	int rc = persona_store_blob_put(store, "x", 1, sha256, &err);

	if (!rc)
		rc = persona_store_blob_get(store, sha256, &out, &err);
	free(out);
	return rc;
}

/* Ours, another's that lives, and one of the dead. */
static int claims(void)
{
	enum persona_claim state;

	if (persona_store_claim(store, "draft", "a", 5, &state, &err) < 0 ||
	    persona_store_claim(store, "draft", "a", 5, &state, &err) < 0 ||
	    persona_store_claim(store, "draft", "dead", 5, &state, &err) < 0 ||
	    persona_store_claim_held(store, "draft", "a", &err) < 0)
		return -1;
	return persona_store_claim_settle(store, "draft", "a", &err);
}

static int query(void)
{
	struct persona_place places[] = { place_of(1), place_of(2) };
	struct persona_query_value *values;
	size_t len;
	int rc = persona_store_query(path, "SELECT revision_id, 5, '[]' FROM subject", places, 2,
				     (bool[]){ true, true }, 60000, &values, &len, &err);

	persona_query_values_free(values, len);
	return rc;
}

static int places(void)
{
	struct persona_place out[4];

	for (int which = PERSONA_WHICH_BEST; which <= PERSONA_WHICH_ALL; which++)
		if (persona_store_places(store, (enum persona_which)which, NULL, (struct persona_ref){ 0, 0 }, out, 4,
					 &err) < 0)
			return -1;
	return 0;
}

static int view(void)
{
	struct persona_place place = place_of(1);
	struct persona_view out;
	int rc = persona_store_view(store, &place, &out, &err);

	persona_view_release(&out);
	return rc;
}

static int status(void)
{
	json_t *out;
	int rc = persona_store_status(store, &out, &err);

	json_decref(out);
	return rc;
}

/* With transactions of their own: */

static int transaction(void)
{
	if (persona_store_begin(store, &err) < 0)
		return -1;
	return persona_store_commit(store, &err);
}

static int reading(void)
{
	int rc = persona_store_read_begin(store, &err);

	countdown = 0;
	persona_store_read_end(store);
	return rc;
}

static int run_start(void)
{
	struct persona_run_info info = { .tool = "t", .arguments = "[]", .chain = "c", .chain_budget_nusd = 9 };

	return persona_store_run_start(store, &info, &err);
}

static int run_finish(void)
{
	return persona_store_run_finish(store, 0, "{}", &err);
}

static int opening(void)
{
	struct persona_store *opened;
	int rc = persona_store_open(&opened, path, PERSONA_STORE_WRITE, NULL, &err);

	countdown = 0;
	ck_assert_int_eq(rc == 0, opened != NULL);
	persona_store_close(opened);
	return rc;
}

static int creating(void)
{
	struct persona_store *opened;
	char name[160];
	int rc;

	snprintf(name, sizeof name, "%s/new.db", folder);
	(void)unlink(name);
	rc = persona_store_open(&opened, name, PERSONA_STORE_CREATE, NULL, &err);
	countdown = 0;
	ck_assert_int_eq(rc == 0, opened != NULL);
	persona_store_close(opened);
	return rc;
}

/* To the next version, and back when it went well. */
static int migrating(void)
{
	static const struct migration steps[] = { { STORE_SCHEMA_VERSION, "never run" },
						  { STORE_SCHEMA_VERSION + 1, "CREATE TABLE two (a INTEGER) STRICT" } };
	char back[64];
	int kept = countdown, rc;

	countdown = 0;
	sql("UPDATE run SET finished_at = 1 WHERE run_id > 1");
	OK(live_lock_writer(store, &err));
	countdown = kept;
	rc = schema_migrate(store, steps, 2, schema_views(), &err);
	countdown = 0;
	live_unlock_writer(store);
	ck_assert_int_eq(number_of("PRAGMA user_version"), STORE_SCHEMA_VERSION + (rc == 0));
	ck_assert_int_eq(number_of("SELECT count(*) FROM pending"), 4);
	snprintf(back, sizeof back, "DROP TABLE two; PRAGMA user_version = %d", STORE_SCHEMA_VERSION);
	if (rc == 0)
		sql(back);
	return rc;
}

static int endpoint(void)
{
	struct persona_endpoint one = { .provider = "p", .model = "m", .origin = "o", .key_tag = "k", .samples = 1 };

	if (persona_store_endpoint_save(store, &one, &err) < 0)
		return -1;
	return persona_store_endpoint_load(store, &one, &err) < 0 ? -1 : 0;
}

static int salt(void)
{
	char hex[PERSONA_HASH_HEX];

	return persona_store_salt(store, hex, &err);
}

static int prices(void)
{
	struct persona_price_row *rows;
	size_t len;
	int rc = persona_store_prices(store, "p", &rows, &len, &err);

	if (rc == 0)
		persona_price_rows_free(rows, len);
	return rc;
}

static int call_kept(void)
{
	struct persona_call_found found;
	struct persona_call_lengths lengths;
	struct persona_call_buried buried;
	char *text, *finish;

	if (persona_store_call_find(store, hash, "", &found, &err) < 0 ||
	    persona_store_call_answer(store, 1, &text, &finish, &err) < 0)
		return -1;
	free(text);
	free(finish);
	if (persona_store_call_lengths(store, "draft", "p", "m", &lengths, &err) < 0 ||
	    persona_store_call_value(store, 1, 3, &err) < 0 ||
	    persona_store_call_buried(store, "draft", "p", "m", 0, &buried, &err) < 0)
		return -1;
	return persona_store_call_reject(store, 1, "no use", &err);
}

static int plan_words(void)
{
	char *settings, **names;
	size_t len;

	if (persona_store_plan_settle(store, 1, 1, "{\"total\":3}", &err) < 0 ||
	    persona_store_plan_of(store, 1, 2, &settings, &err) < 0)
		return -1;
	free(settings);
	if (persona_store_batch_names(store, 1, 1, 3, 3, &names, &len, &err) < 0)
		return -1;
	persona_names_free(names, len);
	return 0;
}

static int batch_drafts(void)
{
	struct persona_place places[4];

	return persona_store_batch_drafts(store, 1, 0, places, 4, &err) < 0 ? -1 : 0;
}

static int figures(void)
{
	struct persona_scoring_metric metric = { "m", 1, 50 };
	struct persona_scoring_row row = {
		.key_id = 2, .population_id = 1, .members = 3, .measured = true, .metrics = &metric, .metrics_len = 1
	};
	json_t *out = NULL;
	int kept = countdown, rc;

	countdown = 0;
	sql("INSERT OR IGNORE INTO population VALUES (1, 1, printf('%064d', 5), 3, NULL, 1);"
	    "UPDATE score SET population_id = 1");
	countdown = kept;
	if (persona_store_scoring_add(store, &row, &number, &err) < 0 ||
	    persona_store_similar_add(store, number, 1, 2, 0.8, &err) < 0)
		return -1;
	rc = persona_store_scoring_of(store, 1, &out, &err);
	countdown = 0;
	json_decref(out);
	return rc;
}

/* The record once more, so that there is something to forget every time. */
static int forgetting(void)
{
	struct persona_forget_target target = { PERSONA_FORGET_RECORD, "a.csv:9" };
	struct persona_forgotten gone;
	int kept = countdown, rc;

	countdown = 0;
	sql("UPDATE run SET finished_at = 1 WHERE run_id > 1;"
	    "DELETE FROM evidence WHERE revision_id = 2; DELETE FROM trait WHERE revision_id = 2;"
	    "INSERT OR IGNORE INTO record (record_id, source_id, ordinal, locator, text, fields) VALUES (9, 1, 9, "
	    "'a.csv:9', 'The bus was late again.', '{\"Q\":\"The bus was late again.\"}');"
	    "INSERT INTO trait VALUES (2, 'goal', 0, 'Catch the bus in time'), (2, 'goal', 1, 'Sleep');"
	    "INSERT INTO evidence (revision_id, kind, position, ordinal, record_id, locator, strength, "
	    "excerpt) VALUES (2, 'goal', 0, 0, 9, 'a.csv:9', 'cited', 'bus was late again'),"
	    "(2, 'goal', 1, 0, 1, 'a.csv:2', 'cited', 'x')");
	for (int dry = 1; dry >= 0; dry--) {
		countdown = kept;
		rc = persona_store_forget(store, &target, 1, dry, &gone, &err);
		kept = countdown;
		countdown = 0;
		if (rc < 0)
			break;
		ck_assert_int_eq(gone.records, 1);
		ck_assert_int_eq(gone.items, 1);
	}
	countdown = 0;
	ck_assert_int_eq(number_of("SELECT count(*) FROM pragma_foreign_key_check"), 0);
	return rc;
}

#define TRY(name)                                                                                                      \
	{                                                                                                              \
#name, name, false                                                                                     \
	}
#define ALONE(name)                                                                                                    \
	{                                                                                                              \
#name, name, true                                                                                      \
	}

static const struct {
	const char *name;
	int (*call)(void);
	bool alone; /* brings its own transaction */
} tries[] = {
	TRY(key_make),
	TRY(key_use),
	TRY(key_find),
	TRY(key_is_last),
	TRY(key_last),
	TRY(source_find),
	TRY(source_add),
	TRY(batch_find),
	TRY(batch_add),
	TRY(batch_extend),
	TRY(plans),
	TRY(deals),
	TRY(batch_records),
	TRY(batch_records_count),
	TRY(resolve),
	TRY(resolve_newest),
	TRY(slot),
	TRY(revision_load),
	TRY(revision_add),
	TRY(import_find),
	TRY(import_add),
	TRY(batch_newest),
	TRY(population_find),
	TRY(population_use),
	TRY(score_add),
	TRY(score_exists),
	TRY(scores_settled),
	TRY(standing),
	TRY(verdict),
	TRY(evaluation),
	TRY(judged),
	TRY(reasons),
	TRY(rounds),
	TRY(refinement),
	TRY(pending_score),
	TRY(pending_filter),
	TRY(pending_refine),
	TRY(failure),
	TRY(money),
	TRY(blob),
	TRY(endpoint),
	TRY(prices),
	TRY(call_kept),
	TRY(plan_words),
	TRY(batch_drafts),
	TRY(claims),
	TRY(query),
	TRY(places),
	TRY(view),
	TRY(status),
	TRY(figures),
	ALONE(forgetting),
	ALONE(salt),
	ALONE(transaction),
	ALONE(reading),
	ALONE(run_start),
	ALONE(run_finish),
	ALONE(opening),
	ALONE(creating),
	ALONE(migrating),
	ALONE(view),
	ALONE(status),
};

static void setup_rows(void)
{
	setup();
	make_keys();
	sql("INSERT INTO source VALUES (1, 'a.csv', " HASH(
		"01") ", 'text/csv', 1, 1);"
		      "INSERT INTO record (record_id, source_id, ordinal, locator, speaker, text, fields) VALUES (1, "
		      "1, 1, 'a.csv:2', 'P1', 'x', '{\"Q\":\"x\"}'),"
		      " (2, 1, 2, 'a.csv:3', NULL, 'y', '{\"Q\":\"y\",\"R\":\"z\"}');"
		      "INSERT INTO batch_source VALUES (1, 1);"
		      "INSERT INTO plan VALUES (1, 1, 2, 1, '{}'), (1, 3, 1, 1, '{}')");
	make_personas(3);
	sql("UPDATE revision SET age = 5, occupation = 'o', background = 'b', demographics = '{\"a\":1}',"
	    " refinement_notes = 'n', extra = '{\"b\":[]}';"
	    "INSERT INTO trait VALUES (1, 'goal', 0, 'g'), (1, 'quote', 0, 'q');"
	    "INSERT INTO evidence (revision_id, kind, position, ordinal, record_id, locator, strength, excerpt) VALUES "
	    "(1, 'goal', 0, 0, 1, 'a.csv:2', 'cited', 'x');"
	    "INSERT INTO score VALUES (1, 1, 2, NULL, 50, 50, 'poor');"
	    "INSERT INTO metric_score VALUES (1, 'm', 50, 1, '[{\"code\":\"c\",\"field\":\"f\",\"message\":\"m\"}]');"
	    "INSERT INTO price VALUES ('p', 'm', '2026-01-01', 1, 1, 1, 1), ('p', '*', '2026-01-01', 1, 1, 1, 1);"
	    "INSERT INTO run VALUES (1, 't', '[]', 1, 'h', 'v', 1, NULL, NULL, NULL, NULL);"
	    "INSERT INTO claim VALUES ('draft', 'dead', 1, 7)");
	OK(run_start());
	sql("INSERT INTO llm_call (call_id, stage, provider, model, request_sha256, draw, sample, state, response,"
	    " finish_reason) VALUES (1, 'draft', 'p', 'm', printf('%064d', 77), '', 0, 'done', 'r', 'stop')");
	sql("INSERT INTO claim VALUES ('draft', 'dead', 1, 7)");
	json_set_alloc_funcs(json_memory, free);
}

static void forget_statements(void)
{
	for (size_t i = 0; i < SQL_STATEMENTS; i++) {
		sqlite3_finalize(store->statements[i].handle);
		store->statements[i].handle = NULL;
	}
}

/* Let the nth call of a kind fail; false when there is no nth. *out: what the function gave. */
static bool try_once(int which, enum kind kind, int nth, int *out)
{
	bool alone = tries[which].alone;
	int rc;

	if (kind == PREPARE)
		forget_statements();
	if (!alone)
		begin();
	chosen = kind;
	fired = false;
	countdown = nth;
	rc = tries[which].call();
	countdown = 0;
	/* A text that can't be had may be one that nobody needs. */
	if (fired && kind != TEXT)
		ck_assert_msg(rc == -1, "%s: failure %d of kind %d went unnoticed", tries[which].name, nth, (int)kind);
	if (!fired || rc >= 0) {
		ck_assert_msg(rc >= 0, "%s fails by itself: %s", tries[which].name, err.text);
	} else {
		ck_assert_msg(err.code != PERSONA_OK && err.text[0], "%s: failure %d does not say why",
			      tries[which].name, nth);
		/* All that is asked for is there. */
		ck_assert_msg(err.code != PERSONA_E_NOTFOUND, "%s: failure %d: %s", tries[which].name, nth, err.text);
	}
	err = (struct persona_error){ 0 };
	if (!alone)
		persona_store_rollback(store);
	ck_assert_msg(sqlite3_get_autocommit(store->db), "%s leaves a transaction open", tries[which].name);
	*out = rc;
	return fired;
}

/* One kind, from its first call to its last. Where the function goes on without, it gives what it gives else. */
static void try_all(int which, enum kind kind)
{
	int nth = 1, last, gave[NTH_MAX];

	while (try_once(which, kind, nth, &last)) {
		gave[nth++] = last;
		ck_assert_int_lt(nth, NTH_MAX);
	}
	for (int i = 1; i < nth; i++)
		ck_assert_msg(gave[i] == -1 || gave[i] == last, "%s: failure %d of kind %d gave %d, not %d",
			      tries[which].name, i, (int)kind, gave[i], last);
	/* Every one but this asks the database. */
	if (kind == STEP && tries[which].call != key_make)
		ck_assert_msg(nth > 1, "%s: nothing was tried", tries[which].name);
}

START_TEST(nothing_fails_unnoticed)
{
	struct persona_store *other;

	for (int kind = 0; kind < KINDS; kind++)
		try_all(_i, (enum kind)kind);
	/* No statement is in the middle of something, and the turn to write was passed on. */
	for (sqlite3_stmt *each = sqlite3_next_stmt(store->db, NULL); each; each = sqlite3_next_stmt(store->db, each))
		ck_assert_msg(!sqlite3_stmt_busy(each), "%s: %s", tries[_i].name, sqlite3_sql(each));
	other = open_as(PERSONA_STORE_WRITE);
	OK(persona_store_begin(other, &err));
	persona_store_rollback(other);
	persona_store_close(other);
}
END_TEST

int main(void)
{
	TCase *all;
	Suite *suite = suite_of("torture", &all);

	tcase_add_checked_fixture(all, setup_rows, teardown);
	tcase_add_loop_test(all, nothing_fails_unnoticed, 0, sizeof tries / sizeof *tries);
	return run_suite(suite);
}
