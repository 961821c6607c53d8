/* Keys: settings that shape answers. */
#include "helper.h"

static struct persona_key key_of(const char *stage, const char *shaping, const char *bounds)
{
	json_t *shape = json_loads(shaping, 0, NULL), *bound = bounds ? json_loads(bounds, 0, NULL) : NULL;
	size_t members = json_object_size(shape);
	struct persona_key key;

	OK(persona_key_make(&key, stage, shape, bound, &err));
	/* What was given is not changed. */
	ck_assert_uint_eq(json_object_size(shape), members);
	json_decref(shape);
	json_decref(bound);
	return key;
}

START_TEST(the_hash_is_of_what_shapes_answers)
{
	struct persona_key plain = key_of("refine", "{\"model\": \"x\", \"n\": 1}", NULL);
	struct persona_key turned = key_of("refine", "{\"n\":1,\"model\":\"x\"}", "{\"max_rounds\": 2}");
	struct persona_key other = key_of("refine", "{\"model\": \"x\", \"n\": 2}", "{\"max_rounds\": 2}");

	ck_assert_str_eq(plain.stage, "refine");
	ck_assert_uint_eq(strlen(plain.sha256), 64);
	ck_assert_str_eq(plain.sha256, turned.sha256);
	ck_assert_str_ne(plain.sha256, other.sha256);
	ck_assert_str_eq(plain.settings, "{\"model\":\"x\",\"n\":1}");
	ck_assert_str_eq(turned.settings, "{\"max_rounds\":2,\"model\":\"x\",\"n\":1}");
	persona_key_release(&plain);
	ck_assert_ptr_null(plain.settings);
	persona_key_release(&plain);
	persona_key_release(&turned);
	persona_key_release(&other);
}
END_TEST

/* Use it in a transaction of its own; its id. */
static int64_t use(struct persona_key *key)
{
	int64_t id;

	begin();
	OK(persona_store_key_use(store, key, &id, &err));
	commit();
	return id;
}

START_TEST(the_one_last_used_is_found_again)
{
	struct persona_key one = key_of("score", "{\"a\":1}", NULL), two = key_of("score", "{\"a\":2}", NULL);
	int64_t id = 99, first, second;

	NO(persona_store_key_find(store, &one, &id, &err));
	ck_assert_int_eq(id, 0);
	NO(persona_store_key_is_last(store, &one, &id, &err));
	NO(persona_store_key_last(store, "score", &id, &err));
	first = use(&one);
	second = use(&two);
	ck_assert_int_ne(first, second);
	YES(persona_store_key_find(store, &one, &id, &err));
	ck_assert_int_eq(id, first);
	NO(persona_store_key_is_last(store, &one, &id, &err));
	YES(persona_store_key_is_last(store, &two, &id, &err));
	ck_assert_int_eq(id, second);
	YES(persona_store_key_last(store, "score", &id, &err));
	ck_assert_int_eq(id, second);
	NO(persona_store_key_last(store, "draft", &id, &err));
	ck_assert_int_eq(use(&one), first);
	YES(persona_store_key_last(store, "score", &id, &err));
	ck_assert_int_eq(id, first);
	/* A counter: the first and second use, then a third. */
	ROWS("SELECT key_id, last_used FROM stage_key ORDER BY key_id", "1|3\n2|2\n");
	persona_key_release(&one);
	persona_key_release(&two);
}
END_TEST

START_TEST(using_the_last_one_again_writes_nothing)
{
	struct persona_key key = key_of("score", "{\"a\":1}", "{\"b\":1}");
	struct persona_key bound = key_of("score", "{\"a\":1}", "{\"b\":2}");
	int64_t id = use(&key), changes = sqlite3_total_changes(store->db);

	ck_assert_int_eq(use(&key), id);
	ck_assert_int_eq(sqlite3_total_changes(store->db), changes);
	/* Another bound is another row's content, under the same id. */
	ck_assert_int_eq(use(&bound), id);
	ck_assert_int_eq(sqlite3_total_changes(store->db), changes + 1);
	ROWS("SELECT settings, last_used FROM stage_key", "{\"a\":1,\"b\":2}|2\n");
	persona_key_release(&key);
	persona_key_release(&bound);
}
END_TEST

START_TEST(judging_and_filtering_by_score_are_one_kind)
{
	struct persona_key filter = key_of("filter", "{}", NULL), judge = key_of("judge", "{}", NULL);
	struct persona_key score = key_of("score", "{}", NULL);
	int64_t id;

	/* The same settings of two stages are two keys. */
	ck_assert_int_ne(use(&filter), use(&judge));
	NO(persona_store_key_is_last(store, &filter, &id, &err));
	YES(persona_store_key_is_last(store, &judge, &id, &err));
	use(&filter);
	YES(persona_store_key_is_last(store, &filter, &id, &err));
	NO(persona_store_key_is_last(store, &judge, &id, &err));
	/* Another kind in between changes nothing. */
	use(&score);
	YES(persona_store_key_is_last(store, &filter, &id, &err));
	YES(persona_store_key_is_last(store, &score, &id, &err));
	persona_key_release(&filter);
	persona_key_release(&judge);
	persona_key_release(&score);
}
END_TEST

START_TEST(an_unknown_stage_is_refused)
{
	struct persona_key key = key_of("dream", "{}", NULL);
	int64_t id;

	begin();
	FAILS(persona_store_key_use(store, &key, &id, &err));
	SAYS(PERSONA_E_DB, "CHECK");
	persona_store_rollback(store);
	persona_key_release(&key);
}
END_TEST

int main(void)
{
	TCase *keys;
	Suite *suite = suite_of("key", &keys);

	tcase_add_checked_fixture(keys, setup, teardown);
	tcase_add_test(keys, the_hash_is_of_what_shapes_answers);
	tcase_add_test(keys, the_one_last_used_is_found_again);
	tcase_add_test(keys, using_the_last_one_again_writes_nothing);
	tcase_add_test(keys, judging_and_filtering_by_score_are_one_kind);
	tcase_add_test(keys, an_unknown_stage_is_refused);
	return run_suite(suite);
}
