/* Sources, records, batches and their plans. */
#include "helper.h"

static struct persona_records records;

/* A cell of the record added last. */
static void cell(const char *question, const char *answer)
{
	long column = persona_records_column(&records, question, &err);

	ck_assert_int_ge(column, 0);
	OK(persona_record_add_cell(&records.items[records.len - 1], (size_t)column, answer, strlen(answer), &err));
}

static void record(int64_t ordinal, const char *locator, const char *speaker)
{
	struct persona_record *added;

	OK(persona_records_add(&records, &added, locator, &err));
	added->ordinal = ordinal;
	if (speaker)
		added->speaker = persona_strdup(speaker, &err);
}

#define SHA(c) c c c c c c c c c c c c c c c c
#define SHA_A  SHA("aaaa")
#define SHA_B  SHA("bbbb")

static int64_t add_source_as(const char *uri, const char *sha256, const char *media_type)
{
	int64_t id = 0;

	begin();
	OK(persona_store_source_add(store, uri, sha256, media_type, 12345, &records, &id, &err));
	commit();
	persona_records_release(&records);
	return id;
}

static int64_t add_source(const char *uri, const char *sha256)
{
	return add_source_as(uri, sha256, "text/csv");
}

static struct persona_batch add_batch(const char *label, const char *sha256, const int64_t *sources, size_t len)
{
	struct persona_batch batch = { .label = label ? persona_strdup(label, &err) : NULL, .wanted = 77 };

	snprintf(batch.sha256, sizeof batch.sha256, "%s", sha256);
	batch.settings = persona_strdup("{\"a\":1}", &err);
	begin();
	OK(persona_store_batch_add(store, &batch, sources, len, &err));
	commit();
	/* Nothing is planned yet, whatever was asked for. */
	ck_assert_int_eq(batch.wanted, 0);
	return batch;
}

/* ---- Records --------------------------------------------------------- */

START_TEST(records_come_back_as_they_went)
{
	struct persona_records back;
	char identity[PERSONA_HASH_HEX];
	const char *answer;
	int64_t source;
	struct persona_batch batch;

	record(1, "interviews.csv:2", "Jürgen Ünlü");
	cell("Wo?", "In Köln,\nam Rhein");
	cell("Why \"so\"?", "Because … \xF0\x9F\x99\x82");
	record(2, "interviews.csv:4", NULL);
	record(3, "interviews.csv:5", "P3");
	cell("Wo?", "Nowhere");
	cell("Why \"so\"?", "{\"not\": \"JSON\"}");
	cell("Third", "x");
	source = add_source("../data/interviews.csv", SHA_A);
	ROWS("SELECT source_id, uri, media_type, size_bytes, imported_at FROM source",
	     "1|../data/interviews.csv|text/csv|12345|1000\n");
	ROWS("SELECT ordinal, text, fields FROM record WHERE ordinal = 1",
	     "1|In Köln,\nam Rhein\nBecause … \xF0\x9F\x99\x82|"
	     "{\"Wo?\":\"In Köln,\\nam Rhein\",\"Why \\\"so\\\"?\":\"Because … \xF0\x9F\x99\x82\"}\n");

	batch = add_batch(NULL, SHA_A, &source, 1);
	OK(persona_store_batch_records(store, batch.batch_id, &back, identity, &err));
	ck_assert_uint_eq(back.len, 3);
	ck_assert_uint_eq(back.columns_len, 3);
	ck_assert_str_eq(back.columns[0], "Wo?");
	ck_assert_str_eq(back.columns[1], "Why \"so\"?");
	ck_assert_str_eq(back.columns[2], "Third");
	ck_assert_str_eq(back.items[0].locator, "interviews.csv:2");
	ck_assert_str_eq(back.items[0].speaker, "Jürgen Ünlü");
	ck_assert_int_eq(back.items[0].record_id, 1);
	ck_assert_int_eq(back.items[0].ordinal, 1);
	ck_assert_str_eq(back.items[0].text, "In Köln,\nam Rhein\nBecause … \xF0\x9F\x99\x82");
	ck_assert_uint_eq(persona_record_cell(&back.items[0], 1, &answer), strlen("Because … \xF0\x9F\x99\x82"));
	ck_assert_mem_eq(answer, "Because … \xF0\x9F\x99\x82", strlen("Because … \xF0\x9F\x99\x82"));
	ck_assert_uint_eq(back.items[1].cells_len, 0);
	ck_assert_str_eq(back.items[1].text, "");
	ck_assert_ptr_null(back.items[1].speaker);
	ck_assert_int_eq(back.items[2].record_id, 3);
	ck_assert_uint_eq(back.items[2].cells_len, 3);
	ck_assert_uint_eq(persona_record_cell(&back.items[2], 2, &answer), 1);
	persona_records_release(&back);
	persona_batch_release(&batch);
}
END_TEST

/* The order of columns and records does not depend on which file was added first. */
START_TEST(several_sources_come_in_the_order_of_their_content)
{
	struct persona_records back;
	char one[PERSONA_HASH_HEX], two[PERSONA_HASH_HEX], none[PERSONA_HASH_HEX];
	int64_t sources[2], count;
	struct persona_batch batch, reversed, empty;

	record(1, "b.csv:1", NULL);
	cell("Q", "from b");
	sources[0] = add_source("b.csv", SHA_B);
	record(1, "a.csv:1", NULL);
	cell("Q", "from a");
	record(2, "a.csv:2", NULL);
	cell("Q", "from a again");
	sources[1] = add_source("a.csv", SHA_A);
	batch = add_batch(NULL, SHA_A, sources, 2);
	OK(persona_store_batch_records(store, batch.batch_id, &back, one, &err));
	ck_assert_uint_eq(back.len, 3);
	ck_assert_str_eq(back.items[0].locator, "a.csv:1");
	ck_assert_str_eq(back.items[1].locator, "a.csv:2");
	ck_assert_str_eq(back.items[2].locator, "b.csv:1");
	persona_records_release(&back);
	OK(persona_store_batch_records_count(store, batch.batch_id, &count, &err));
	ck_assert_int_eq(count, 3);

	reversed = add_batch(NULL, SHA_B, (int64_t[]){ sources[1], sources[0], sources[1] }, 3);
	OK(persona_store_batch_records(store, reversed.batch_id, &back, two, &err));
	ck_assert_str_eq(one, two);
	ck_assert_uint_eq(back.len, 3);
	persona_records_release(&back);

	empty = add_batch("empty", SHA("0123"), NULL, 0);
	OK(persona_store_batch_records(store, empty.batch_id, &back, none, &err));
	ck_assert_uint_eq(back.len, 0);
	ck_assert_str_ne(one, none);
	persona_records_release(&back);
	OK(persona_store_batch_records_count(store, empty.batch_id, &count, &err));
	ck_assert_int_eq(count, 0);
	persona_batch_release(&batch);
	persona_batch_release(&reversed);
	persona_batch_release(&empty);
}
END_TEST

/* How the files were read says which columns hold open text, in names of any characters. */
START_TEST(columns_that_were_named_open_come_back)
{
	static const struct {
		const char *media_type;
		size_t len;
		const char *first, *second;
	} rows[] = {
		{ "text/csv", 0, NULL, NULL },
		{ "text/csv; text=\"Why\"", 1, "Why", NULL },
		{ "text/csv; text=\"What %22do%22 you want, 100%25?\"; text=\"%22\"", 2, "What \"do\" you want, 100%?",
		  "\"" },
		{ "text/csv; text=\"100%\"; text=\"%2\"", 2, "100%", "%2" },
		{ "text/csv; text=\"no end", 0, NULL, NULL },
	};
	struct persona_records back;
	char identity[PERSONA_HASH_HEX];
	struct persona_batch batch;
	int64_t source;

	record(1, "a.csv:1", NULL);
	cell("Why", "so");
	source = add_source_as("a.csv", SHA_A, rows[_i].media_type);
	batch = add_batch(NULL, SHA_A, &source, 1);
	OK(persona_store_batch_records(store, batch.batch_id, &back, identity, &err));
	ck_assert_uint_eq(back.open.len, rows[_i].len);
	if (rows[_i].len > 0)
		ck_assert_str_eq(back.open.items[0], rows[_i].first);
	if (rows[_i].len > 1)
		ck_assert_str_eq(back.open.items[1], rows[_i].second);
	persona_records_release(&back);
	persona_batch_release(&batch);
}
END_TEST

START_TEST(fields_that_a_hand_has_edited_are_noticed)
{
	static const char *const edits[] = { "{\"Q\": 5}", "{\"Q\": [\"a\"]}", "{\"Q\": null}" };
	struct persona_records back;
	char identity[PERSONA_HASH_HEX], text[256];
	struct persona_batch batch;
	int64_t source;

	record(1, "a.csv:1", NULL);
	cell("Q", "answer");
	source = add_source("a.csv", SHA_A);
	batch = add_batch(NULL, SHA_A, &source, 1);
	snprintf(text, sizeof text, "UPDATE record SET fields = '%s'", edits[_i]);
	sql(text);
	FAILS(persona_store_batch_records(store, batch.batch_id, &back, identity, &err));
	ck_assert_uint_eq(back.len, 0);
	ck_assert_str_ne(err.text, "");
	persona_batch_release(&batch);
}
END_TEST

START_TEST(the_same_content_is_one_source)
{
	int64_t id = 9, source;

	NO(persona_store_source_find(store, SHA_A, "text/csv", &id, &err));
	ck_assert_int_eq(id, 0);
	record(1, "a.csv:1", NULL);
	source = add_source("a.csv", SHA_A);
	YES(persona_store_source_find(store, SHA_A, "text/csv", &id, &err));
	ck_assert_int_eq(id, source);
	/* Read in another way it is another. */
	NO(persona_store_source_find(store, SHA_A, "text/plain", &id, &err));
	begin();
	FAILS(persona_store_source_add(store, "b.csv", SHA_A, "text/csv", 1, &records, &id, &err));
	SAYS(PERSONA_E_DB, "UNIQUE");
	persona_store_rollback(store);
}
END_TEST

START_TEST(a_record_that_is_refused_fails_the_source)
{
	int64_t id;

	record(1, "a.csv:1", NULL);
	record(1, "a.csv:2", NULL);
	begin();
	FAILS(persona_store_source_add(store, "a.csv", SHA_A, "text/csv", 1, &records, &id, &err));
	SAYS(PERSONA_E_DB, "UNIQUE");
	persona_store_rollback(store);
	persona_records_release(&records);
	ck_assert_int_eq(number_of("SELECT count(*) FROM source"), 0);
}
END_TEST

/* ---- Batches --------------------------------------------------------- */

START_TEST(batches_are_found_by_label_or_identity)
{
	struct persona_batch labelled = add_batch("mine", SHA_A, NULL, 0), bare = add_batch(NULL, SHA_B, NULL, 0),
			     found;

	YES(persona_store_batch_find(store, "mine", SHA_B, &found, &err));
	ck_assert_int_eq(found.batch_id, labelled.batch_id);
	ck_assert_str_eq(found.label, "mine");
	ck_assert_str_eq(found.sha256, SHA_A);
	ck_assert_str_eq(found.settings, "{\"a\":1}");
	ck_assert_int_eq(found.wanted, 0);
	persona_batch_release(&found);
	ck_assert_ptr_null(found.label);
	YES(persona_store_batch_find(store, NULL, SHA_B, &found, &err));
	ck_assert_int_eq(found.batch_id, bare.batch_id);
	ck_assert_ptr_null(found.label);
	persona_batch_release(&found);
	/* The identity of one with a label is no way to it. */
	NO(persona_store_batch_find(store, NULL, SHA_A, &found, &err));
	NO(persona_store_batch_find(store, "yours", SHA_A, &found, &err));
	ck_assert_int_eq(found.batch_id, 0);
	persona_batch_release(&found);
	begin();
	FAILS(persona_store_batch_add(store, &labelled, NULL, 0, &err));
	SAYS(PERSONA_E_DB, "UNIQUE");
	persona_store_rollback(store);
	begin();
	snprintf(bare.sha256, sizeof bare.sha256, "%s", SHA("9999"));
	FAILS(persona_store_batch_add(store, &bare, (int64_t[]){ 4711 }, 1, &err));
	SAYS(PERSONA_E_DB, "FOREIGN KEY");
	persona_store_rollback(store);
	persona_batch_release(&labelled);
	persona_batch_release(&bare);
}
END_TEST

/* ---- Plans ----------------------------------------------------------- */

static void extend(int64_t batch_id, int64_t wanted, int64_t call_size)
{
	begin();
	OK(persona_store_batch_extend(store, batch_id, wanted, call_size, &err));
	commit();
}

START_TEST(a_plan_is_dealt_once_and_then_extended)
{
	struct persona_batch batch = add_batch(NULL, SHA_A, NULL, 0), other = add_batch(NULL, SHA_B, NULL, 0), found;
	struct persona_plan plans[8];
	size_t *totals, totals_len;

	extend(batch.batch_id, 5, 2);
	extend(other.batch_id, 3, 10);
	ROWS("SELECT first_slot, slots, deal FROM plan WHERE batch_id = 1", "1|2|1\n3|2|1\n5|1|1\n");
	ROWS("SELECT first_slot, slots, deal FROM plan WHERE batch_id = 2", "1|3|1\n");
	ROWS("SELECT persona_id, slot FROM persona WHERE batch_id = 1 ORDER BY persona_id",
	     "1|1\n2|2\n3|3\n4|4\n5|5\n");
	/* As many or fewer: nothing. */
	extend(batch.batch_id, 5, 3);
	extend(batch.batch_id, 2, 3);
	ck_assert_int_eq(number_of("SELECT count(*) FROM plan WHERE batch_id = 1"), 3);
	extend(batch.batch_id, 9, 2);
	ROWS("SELECT first_slot, slots, deal FROM plan WHERE batch_id = 1 AND deal > 1", "6|2|2\n8|2|2\n");
	ck_assert_int_eq(number_of("SELECT count(*) FROM persona WHERE batch_id = 1"), 9);
	ck_assert_int_eq(number_of("SELECT max(slot) FROM persona WHERE batch_id = 1"), 9);
	YES(persona_store_batch_find(store, NULL, SHA_A, &found, &err));
	ck_assert_int_eq(found.wanted, 9);

	ck_assert_int_eq(persona_store_plans(store, batch.batch_id, 0, plans, 8, &err), 5);
	ck_assert_int_eq(plans[0].first_slot, 1);
	ck_assert_int_eq(plans[0].slots, 2);
	ck_assert_int_eq(plans[2].slots, 1);
	ck_assert_int_eq(plans[2].deal, 1);
	ck_assert_int_eq(plans[3].first_slot, 6);
	ck_assert_int_eq(plans[3].deal, 2);
	/* In pages. */
	ck_assert_int_eq(persona_store_plans(store, batch.batch_id, 0, plans, 2, &err), 2);
	ck_assert_int_eq(persona_store_plans(store, batch.batch_id, plans[1].first_slot, plans, 2, &err), 2);
	ck_assert_int_eq(plans[0].first_slot, 5);
	ck_assert_int_eq(plans[1].first_slot, 6);
	ck_assert_int_eq(persona_store_plans(store, batch.batch_id, 8, plans, 2, &err), 0);
	ck_assert_int_eq(persona_store_plans(store, 99, 0, plans, 2, &err), 0);

	OK(persona_store_deals(store, batch.batch_id, &totals, &totals_len, &err));
	ck_assert_uint_eq(totals_len, 2);
	ck_assert_uint_eq(totals[0], 5);
	ck_assert_uint_eq(totals[1], 9);
	free(totals);
	OK(persona_store_deals(store, 99, &totals, &totals_len, &err));
	ck_assert_uint_eq(totals_len, 0);
	persona_batch_release(&batch);
	persona_batch_release(&other);
	persona_batch_release(&found);
}
END_TEST

START_TEST(a_plan_that_makes_no_sense_is_refused)
{
	begin();
	FAILS(persona_store_batch_extend(store, 1, 5, 0, &err));
	SAYS(PERSONA_E_USAGE, "one persona at least");
	FAILS(persona_store_batch_extend(store, 1, 5, 1, &err));
	SAYS(PERSONA_E_DB, "FOREIGN KEY");
	persona_store_rollback(store);
}
END_TEST

int main(void)
{
	TCase *batches;
	Suite *suite = suite_of("batch", &batches);

	tcase_add_checked_fixture(batches, setup, teardown);
	tcase_add_test(batches, records_come_back_as_they_went);
	tcase_add_test(batches, several_sources_come_in_the_order_of_their_content);
	tcase_add_loop_test(batches, columns_that_were_named_open_come_back, 0, 5);
	tcase_add_loop_test(batches, fields_that_a_hand_has_edited_are_noticed, 0, 3);
	tcase_add_test(batches, the_same_content_is_one_source);
	tcase_add_test(batches, a_record_that_is_refused_fails_the_source);
	tcase_add_test(batches, batches_are_found_by_label_or_identity);
	tcase_add_test(batches, a_plan_is_dealt_once_and_then_extended);
	tcase_add_test(batches, a_plan_that_makes_no_sense_is_refused);
	return run_suite(suite);
}
