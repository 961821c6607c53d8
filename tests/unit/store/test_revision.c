/* References, revisions there and back, imports. */
#include "helper.h"

/* ---- References ------------------------------------------------------ */

static const struct {
	const char *text;
	int64_t persona_id, number; /* 0, 0: refused */
} references[] = {
	{ "42.1", 42, 1 },
	{ "42", 42, 0 },
	{ "1.1", 1, 1 },
	{ "9.10", 9, 10 },
	{ "900000000000000000.900000000000000000", 900000000000000000, 900000000000000000 },
	{ "922337203685477579", 922337203685477579, 0 },
	{ "9223372036854775807", 0, 0 },
	{ "9223372036854775808", 0, 0 },
	{ "99999999999999999999999999", 0, 0 },
	{ "1.99999999999999999999999999", 0, 0 },
	{ "", 0, 0 },
	{ ".", 0, 0 },
	{ ".1", 0, 0 },
	{ "1.", 0, 0 },
	{ "1..1", 0, 0 },
	{ "1.1.1", 0, 0 },
	{ "0", 0, 0 },
	{ "0.1", 0, 0 },
	{ "1.0", 0, 0 },
	{ "-1", 0, 0 },
	{ "+1", 0, 0 },
	{ "1.-1", 0, 0 },
	{ " 1", 0, 0 },
	{ "1 ", 0, 0 },
	{ "1.1\n", 0, 0 },
	{ "1.1\r", 0, 0 },
	{ "1e3", 0, 0 },
	{ "0x10", 0, 0 },
	{ "1/1", 0, 0 },
	{ "1:1", 0, 0 },
	{ "a", 0, 0 },
	{ "\xC2\xB2", 0, 0 },
	{ "%s%n", 0, 0 },
};

START_TEST(a_reference_is_two_numbers_or_one)
{
	struct persona_ref ref = { 7, 7 };
	int rc = persona_ref_parse(&ref, references[_i].text, &err);

	if (!references[_i].persona_id) {
		ck_assert_msg(rc == -1, "'%s' was taken", references[_i].text);
		ck_assert_int_eq(ref.persona_id, 7);
		SAYS(PERSONA_E_FORMAT, "is not a reference");
		return;
	}
	ck_assert_msg(rc == 0, "'%s' was not taken", references[_i].text);
	ck_assert_int_eq(ref.persona_id, references[_i].persona_id);
	ck_assert_int_eq(ref.number, references[_i].number);
}
END_TEST

START_TEST(a_reference_leads_to_a_revision)
{
	struct persona_place place;

	make_keys();
	make_personas(3);
	sql("INSERT INTO revision (revision_id, persona_id, number, stage, name, created_at)"
	    " VALUES (11, 2, 2, 'refine', 'Newer', 1), (10, 2, 3, 'refine', 'Newest', 1)");
	YES(persona_store_resolve(store, (struct persona_ref){ 2, 1 }, &place, &err));
	ck_assert_int_eq(place.revision_id, 2);
	ck_assert_int_eq(place.persona_id, 2);
	ck_assert_int_eq(place.number, 1);
	ck_assert_int_eq(place.batch_id, 1);
	ck_assert_int_eq(place.slot, 2);
	/* The newest is the one with the highest number. */
	YES(persona_store_resolve(store, (struct persona_ref){ 2, 0 }, &place, &err));
	ck_assert_int_eq(place.number, 3);
	ck_assert_int_eq(place.revision_id, 10);
	NO(persona_store_resolve(store, (struct persona_ref){ 2, 4 }, &place, &err));
	ck_assert_int_eq(place.revision_id, 0);
	NO(persona_store_resolve(store, (struct persona_ref){ 4, 0 }, &place, &err));

	YES(persona_store_slot(store, 1, 2, &place, &err));
	ck_assert_int_eq(place.persona_id, 2);
	ck_assert_int_eq(place.revision_id, 2);
	ck_assert_int_eq(place.number, 1);
	ck_assert_int_eq(place.batch_id, 1);
	ck_assert_int_eq(place.slot, 2);
	sql("INSERT INTO persona VALUES (4, 1, 4, NULL, 1)");
	YES(persona_store_slot(store, 1, 4, &place, &err));
	ck_assert_int_eq(place.persona_id, 4);
	ck_assert_int_eq(place.revision_id, 0);
	NO(persona_store_slot(store, 1, 5, &place, &err));
	NO(persona_store_slot(store, 2, 1, &place, &err));
}
END_TEST

/* ---- Content --------------------------------------------------------- */

static const char *const kinds[] = { "goal", "frustration", "behaviour", "motivation", "quote" };

static void add_items(struct persona *persona)
{
	char text[64];

	for (int field = 0; field < PERSONA_LIST_FIELDS; field++)
		for (int i = 0; i <= field; i++) {
			snprintf(text, sizeof text, "%s no. %d: “ünïcødé” \xF0\x9F\x90\xA2", kinds[field], i);
			OK(persona_list_add(&persona->lists[field], text, strlen(text), &err));
		}
}

/* Every field filled; evidence of every strength, with and without record and excerpt, several for one item. */
static void make_full(struct persona *persona)
{
	persona_init(persona);
	OK(persona_set_text(&persona->name, "Zoë \"Q\" O'Neil", &err));
	persona->age = 0;
	OK(persona_set_text(&persona->occupation, "Schreinerin", &err));
	OK(persona_set_text(&persona->background, "Line one\nline two", &err));
	OK(persona_set_text(&persona->refinement_notes, "Added a goal", &err));
	add_items(persona);
	persona->demographics = json_loads("{\"ort\": \"Köln\", \"kids\": 2, \"list\": [1, 2.5, null]}", 0, NULL);
	persona->extra = json_loads("{\"mood\": \"fine\", \"nested\": {\"a\": []}}", 0, NULL);
	OK(persona_evidence_add(persona, PERSONA_QUOTES, 4, "a.csv:2", 1, PERSONA_STRENGTH_VERBATIM, "bytes “so”",
				&err));
	OK(persona_evidence_add(persona, PERSONA_GOALS, 0, "a.csv:3", 2, PERSONA_STRENGTH_CLOSE, NULL, &err));
	OK(persona_evidence_add(persona, PERSONA_GOALS, 0, "a.csv:2", 1, PERSONA_STRENGTH_CITED, NULL, &err));
	OK(persona_evidence_add(persona, PERSONA_FRUSTRATIONS, 1, "nowhere:9", 0, PERSONA_STRENGTH_NONE, NULL, &err));
}

static void make_records(void)
{
	sql("INSERT INTO source VALUES (1, 'a.csv', " HASH(
		"01") ", 'text/csv', 1, 1);"
		      "INSERT INTO record (record_id, source_id, ordinal, locator, speaker, text, fields) VALUES (1, "
		      "1, 1, 'a.csv:2', NULL, "
		      "'x', '{}'), (2, 1, 2, 'a.csv:3', NULL, 'y', '{}')");
}

static struct persona_place add_revision(const struct persona *persona, const char *stage, int64_t parent)
{
	struct persona_revision_origin origin = { .stage = stage, .persona_id = 1, .parent_id = parent, .key_id = 1 };
	struct persona_place place;

	begin();
	OK(persona_store_revision_add(store, &origin, persona, &place, &err));
	commit();
	return place;
}

START_TEST(a_persona_comes_back_as_it_went)
{
	char before[PERSONA_HASH_HEX], after[PERSONA_HASH_HEX];
	struct persona persona, back;
	struct persona_place place;

	make_keys();
	make_records();
	sql("INSERT INTO persona VALUES (1, 1, 9, NULL, 1)");
	make_full(&persona);
	now = 4321;
	place = add_revision(&persona, "draft", 0);
	ck_assert_int_eq(place.persona_id, 1);
	ck_assert_int_eq(place.number, 1);
	ck_assert_int_eq(place.batch_id, 1);
	ck_assert_int_eq(place.slot, 9);
	ROWS("SELECT revision_id, stage, parent_id, key_id, call_id, content_sha256, age, created_at FROM revision",
	     "1|draft|~|1|~|~|0|4321\n");

	OK(persona_store_revision_load(store, place.revision_id, &back, &err));
	ck_assert_str_eq(back.name, persona.name);
	ck_assert_int_eq(back.age, 0);
	ck_assert_str_eq(back.occupation, persona.occupation);
	ck_assert_str_eq(back.background, persona.background);
	ck_assert_str_eq(back.refinement_notes, persona.refinement_notes);
	ck_assert(json_equal(back.demographics, persona.demographics));
	ck_assert(json_equal(back.extra, persona.extra));
	for (int field = 0; field < PERSONA_LIST_FIELDS; field++) {
		ck_assert_uint_eq(back.lists[field].len, persona.lists[field].len);
		for (size_t i = 0; i < back.lists[field].len; i++)
			ck_assert_str_eq(back.lists[field].items[i], persona.lists[field].items[i]);
	}
	OK(persona_content_hash(&persona, before, &err));
	OK(persona_content_hash(&back, after, &err));
	ck_assert_str_eq(before, after);
	persona_release(&persona);
	persona_release(&back);
}
END_TEST

/* Evidence comes by kind and position, several of one item in the order given. */
START_TEST(evidence_comes_back_with_what_it_says)
{
	static const struct persona_evidence expected[] = {
		{ PERSONA_FRUSTRATIONS, 1, (char *)(uintptr_t) "nowhere:9", 0, PERSONA_STRENGTH_NONE, NULL, -1, 0 },
		{ PERSONA_GOALS, 0, (char *)(uintptr_t) "a.csv:3", 2, PERSONA_STRENGTH_CLOSE, NULL, -1, 7 },
		{ PERSONA_GOALS, 0, (char *)(uintptr_t) "a.csv:2", 1, PERSONA_STRENGTH_CITED, NULL, -1, 0 },
		{ PERSONA_QUOTES, 4, (char *)(uintptr_t) "a.csv:2", 1, PERSONA_STRENGTH_VERBATIM,
		  (char *)(uintptr_t) "bytes “so”", 0, 4711 },
	};
	struct persona persona, back;
	struct persona_place place;

	make_keys();
	make_records();
	sql("INSERT INTO persona VALUES (1, 1, 9, NULL, 1)");
	make_full(&persona);
	for (size_t e = 0; e < persona.evidence_len; e++)
		for (size_t i = 0; i < 4; i++)
			if (persona.evidence[e].field == expected[i].field &&
			    persona.evidence[e].record_id == expected[i].record_id) {
				persona.evidence[e].byte = expected[i].byte;
				persona.evidence[e].line = expected[i].line;
			}
	place = add_revision(&persona, "draft", 0);
	OK(persona_store_revision_load(store, place.revision_id, &back, &err));
	ck_assert_uint_eq(back.evidence_len, 4);
	for (size_t i = 0; i < 4; i++) {
		ck_assert_int_eq(back.evidence[i].field, expected[i].field);
		ck_assert_uint_eq(back.evidence[i].position, expected[i].position);
		ck_assert_str_eq(back.evidence[i].locator, expected[i].locator);
		ck_assert_int_eq(back.evidence[i].record_id, expected[i].record_id);
		ck_assert_int_eq(back.evidence[i].strength, expected[i].strength);
		ck_assert_pstr_eq(back.evidence[i].excerpt, expected[i].excerpt);
		ck_assert_int_eq(back.evidence[i].byte, expected[i].byte);
		ck_assert_int_eq(back.evidence[i].line, expected[i].line);
	}
	/* No record: NULL, not 0. */
	ck_assert_int_eq(number_of("SELECT count(*) FROM evidence WHERE record_id IS NULL"), 1);
	ck_assert_int_eq(number_of("SELECT count(*) FROM evidence WHERE excerpt IS NULL"), 3);
	persona_release(&persona);
	persona_release(&back);
}
END_TEST

START_TEST(what_is_unknown_stays_unknown)
{
	struct persona persona, back;
	struct persona_place first, second;

	make_keys();
	sql("INSERT INTO persona VALUES (1, 1, 1, NULL, 1)");
	persona_init(&persona);
	OK(persona_set_text(&persona.name, "N", &err));
	first = add_revision(&persona, "draft", 0);
	ROWS("SELECT age, occupation, background, demographics, refinement_notes, extra FROM revision",
	     "~|~|~|~|~|~\n");
	OK(persona_store_revision_load(store, first.revision_id, &back, &err));
	ck_assert_int_eq(back.age, PERSONA_UNKNOWN);
	ck_assert_ptr_null(back.occupation);
	ck_assert_ptr_null(back.demographics);
	ck_assert_ptr_null(back.extra);
	ck_assert_uint_eq(back.evidence_len, 0);
	persona_release(&back);
	/* The next one has the next number, and its parent. */
	second = add_revision(&persona, "refine", first.revision_id);
	ck_assert_int_eq(second.number, 2);
	ROWS("SELECT number, stage, parent_id FROM revision ORDER BY number", "1|draft|~\n2|refine|1\n");
	persona_release(&persona);
}
END_TEST

START_TEST(what_cannot_be_is_refused)
{
	struct persona_revision_origin origin = { .stage = "draft", .persona_id = 1 };
	struct persona_place place;
	struct persona persona;

	make_keys();
	sql("INSERT INTO persona VALUES (1, 1, 1, NULL, 1)");
	persona_init(&persona);
	begin();
	FAILS(persona_store_revision_add(store, &origin, &persona, &place, &err));
	SAYS(PERSONA_E_DB, "NOT NULL");
	OK(persona_set_text(&persona.name, "N", &err));
	persona.age = 131;
	FAILS(persona_store_revision_add(store, &origin, &persona, &place, &err));
	SAYS(PERSONA_E_DB, "CHECK");
	persona.age = 130;
	origin.stage = "score";
	FAILS(persona_store_revision_add(store, &origin, &persona, &place, &err));
	SAYS(PERSONA_E_DB, "CHECK");
	origin.stage = "draft";
	origin.persona_id = 2;
	FAILS(persona_store_revision_add(store, &origin, &persona, &place, &err));
	SAYS(PERSONA_E_DB, "no persona with id 2");
	origin.persona_id = 1;
	/* Evidence for an item, of a record, that are not there; an empty item. */
	OK(persona_evidence_add(&persona, PERSONA_GOALS, 0, "a", 0, PERSONA_STRENGTH_NONE, NULL, &err));
	FAILS(persona_store_revision_add(store, &origin, &persona, &place, &err));
	SAYS(PERSONA_E_DB, "FOREIGN KEY");
	OK(persona_list_add(&persona.lists[PERSONA_GOALS], "g", 1, &err));
	persona.evidence[0].record_id = 99;
	FAILS(persona_store_revision_add(store, &origin, &persona, &place, &err));
	SAYS(PERSONA_E_DB, "FOREIGN KEY");
	persona.evidence[0].record_id = 0;
	OK(persona_list_add(&persona.lists[PERSONA_GOALS], "", 0, &err));
	FAILS(persona_store_revision_add(store, &origin, &persona, &place, &err));
	SAYS(PERSONA_E_DB, "CHECK");
	persona_store_rollback(store);
	ck_assert_int_eq(number_of("SELECT count(*) FROM revision"), 0);
	persona_release(&persona);
}
END_TEST

START_TEST(what_is_missing_or_damaged_is_said)
{
	struct persona back;

	FAILS(persona_store_revision_load(store, 1, &back, &err));
	SAYS(PERSONA_E_NOTFOUND, "revision 1: no such revision");
	ck_assert_ptr_null(back.name);
	make_keys();
	make_personas(1);
	/* What hands can do where checks are off. */
	sql("PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF;"
	    "UPDATE revision SET demographics = '[1]'");
	FAILS(persona_store_revision_load(store, 1, &back, &err));
	SAYS(PERSONA_E_FORMAT, "revision 1: a JSON column holds something that is not an object");
	sql("UPDATE revision SET demographics = '{'");
	FAILS(persona_store_revision_load(store, 1, &back, &err));
	SAYS(PERSONA_E_FORMAT, "");
	sql("UPDATE revision SET demographics = NULL, extra = '5'");
	FAILS(persona_store_revision_load(store, 1, &back, &err));
	ck_assert_ptr_null(back.name);
	sql("UPDATE revision SET extra = NULL; INSERT INTO trait VALUES (1, 'dream', 0, 'x')");
	FAILS(persona_store_revision_load(store, 1, &back, &err));
	SAYS(PERSONA_E_FORMAT, "unknown kind");
	sql("UPDATE trait SET kind = 'goal'; INSERT INTO evidence (revision_id, kind, position, ordinal, record_id, "
	    "locator, strength, excerpt) VALUES (1, 'goal', 1, 0, NULL, 'a', 'cited', NULL)");
	FAILS(persona_store_revision_load(store, 1, &back, &err));
	SAYS(PERSONA_E_FORMAT, "evidence for an item that is not there");
	sql("UPDATE evidence SET position = -1");
	FAILS(persona_store_revision_load(store, 1, &back, &err));
	SAYS(PERSONA_E_FORMAT, "evidence for an item that is not there");
	/* A strength that nobody knows bears nothing out. */
	sql("UPDATE evidence SET position = 0, strength = 'iron'");
	OK(persona_store_revision_load(store, 1, &back, &err));
	ck_assert_int_eq(back.evidence[0].strength, PERSONA_STRENGTH_NONE);
	persona_release(&back);
}
END_TEST

/* ---- Imports --------------------------------------------------------- */

#define SHA(c) c c c c c c c c c c c c c c c c

START_TEST(imports_are_found_by_origin_and_content)
{
	struct persona_revision_origin origin = { .stage = "import", .content_sha256 = SHA("aaaa") };
	struct persona_place place, found;
	struct persona persona;

	make_keys();
	persona_init(&persona);
	OK(persona_set_text(&persona.name, "N", &err));
	NO(persona_store_import_find(store, 1, "id-7", SHA("aaaa"), &found, &err));
	begin();
	OK(persona_store_import_add(store, 1, "id-7", &place, &err));
	ck_assert_int_eq(place.slot, 1);
	ck_assert_int_eq(place.batch_id, 1);
	ck_assert_int_eq(place.revision_id, 0);
	origin.persona_id = place.persona_id;
	OK(persona_store_revision_add(store, &origin, &persona, &place, &err));
	origin.content_sha256 = SHA("bbbb");
	OK(persona_store_revision_add(store, &origin, &persona, &place, &err));
	/* The first content again, as a third revision: its first is the one. */
	origin.content_sha256 = SHA("aaaa");
	OK(persona_store_revision_add(store, &origin, &persona, &place, &err));
	OK(persona_store_import_add(store, 1, "id-8", &place, &err));
	ck_assert_int_eq(place.slot, 2);
	FAILS(persona_store_import_add(store, 1, "id-8", &place, &err));
	SAYS(PERSONA_E_DB, "UNIQUE");
	commit();
	YES(persona_store_import_find(store, 1, "id-7", SHA("aaaa"), &found, &err));
	ck_assert_int_eq(found.number, 1);
	ck_assert_int_eq(found.revision_id, 1);
	ck_assert_int_eq(found.slot, 1);
	ck_assert_int_eq(found.batch_id, 1);
	YES(persona_store_import_find(store, 1, "id-7", SHA("bbbb"), &found, &err));
	ck_assert_int_eq(found.number, 2);
	/* Known, with other content. */
	YES(persona_store_import_find(store, 1, "id-7", SHA("cccc"), &found, &err));
	ck_assert_int_eq(found.persona_id, 1);
	ck_assert_int_eq(found.revision_id, 0);
	/* A refined revision of that content is no import. */
	sql("UPDATE revision SET stage = 'refine' WHERE number = 2");
	YES(persona_store_import_find(store, 1, "id-7", SHA("bbbb"), &found, &err));
	ck_assert_int_eq(found.revision_id, 0);
	NO(persona_store_import_find(store, 2, "id-7", SHA("aaaa"), &found, &err));
	persona_release(&persona);
}
END_TEST

int main(void)
{
	TCase *revisions, *bare;
	Suite *suite = suite_of("revision", &revisions);

	tcase_add_checked_fixture(revisions, setup, teardown);
	bare = tcase_create("references");
	suite_add_tcase(suite, bare);
	tcase_add_loop_test(bare, a_reference_is_two_numbers_or_one, 0, sizeof references / sizeof *references);
	tcase_add_test(revisions, a_reference_leads_to_a_revision);
	tcase_add_test(revisions, a_persona_comes_back_as_it_went);
	tcase_add_test(revisions, evidence_comes_back_with_what_it_says);
	tcase_add_test(revisions, what_is_unknown_stays_unknown);
	tcase_add_test(revisions, what_cannot_be_is_refused);
	tcase_add_test(revisions, what_is_missing_or_damaged_is_said);
	tcase_add_test(revisions, imports_are_found_by_origin_and_content);
	return run_suite(suite);
}
