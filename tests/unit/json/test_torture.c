/*
 * Memory runs out at every place in turn, for every golden case: an error that says so, nothing lost, and with
 * memory the value is the same as ever. And texts that somebody made to be slow, large or deep.
 */

#include "entries.h"
#include "faults.h"
#include "json_attacks.h"
#include "persona/json.h"

enum way { EXTRACT, ARRAY, OBJECT, STRICT, WAYS };

static const char *const names[] = { "personas", "persona", "data", NULL };

/* ---- Memory ---------------------------------------------------------- */

static int read_in(enum way way, json_t **value, const struct persona_buf *text, struct persona_error *err)
{
	switch (way) {
	case EXTRACT:
		return persona_json_extract(value, text->data, text->len, NULL, NULL, err);
	case ARRAY:
		return persona_json_extract_array(value, text->data, text->len, names, NULL, NULL, err);
	case OBJECT:
		return persona_json_extract_object(value, text->data, text->len, names, NULL, NULL, err);
	default:
		return persona_json_parse_strict(value, text->data, text->len, err);
	}
}

/* Read it, with the nth allocation of a kind failing; nth 0: none. */
static int attempt(enum way way, enum kind kind, int nth, const struct persona_buf *text, json_t **value,
		   struct persona_error *err)
{
	int rc;

	chosen = kind;
	fired = false;
	countdown = nth;
	rc = read_in(way, value, text, err);
	countdown = 0;
	return rc;
}

static void torture(const char *name, enum way way, enum kind kind, const struct persona_buf *text)
{
	struct persona_error err = { 0 };
	json_t *right, *value;
	int expected = attempt(way, kind, 0, text, &right, &err);

	for (int nth = 1;; nth++) {
		int rc;

		err = (struct persona_error){ 0 };
		rc = attempt(way, kind, nth, text, &value, &err);
		if (!fired) {
			ck_assert_int_eq(rc, expected);
			ck_assert(!right == !value && (!right || json_equal(right, value)));
			json_decref(value);
			break;
		}
		ck_assert_msg(rc == -1 && !value && err.code == PERSONA_E_NOMEM && *err.text,
			      "%s, way %d: allocation %d of kind %d fails: %d, %s", name, way, nth, kind, rc, err.text);
	}
	json_decref(right);
}

START_TEST(without_memory)
{
	const char *name = entries[_i]->d_name;
	struct persona_buf text;

	ck_assert(entry_text(&text, "cases", name, "input"));
	/* Large ones would take long, and have nothing that small ones have not; so would all in all ways. */
	for (enum way way = EXTRACT; way < (_i % 10 ? ARRAY : WAYS) && text.len < 600; way++) {
		torture(name, way, MEMORY, &text);
		torture(name, way, JSON, &text);
	}
	persona_buf_release(&text);
}
END_TEST

/* Nothing is lost, and what could be cleaned is the same with memory. */
START_TEST(cleaning_without_memory)
{
	static const char text[] = "{\"a\\u001b\": [\"b\\u001b\", {\"c\": \"d\\u0007\"}], \"e\": \"f\"}";
	int failures = 0;

	for (enum kind kind = JSON; kind <= MEMORY; kind++)
		for (int nth = 1;; nth++) {
			struct persona_error err = { 0 };
			json_t *value;
			int rc;

			ck_assert_int_eq(persona_json_parse_strict(&value, text, sizeof text - 1, &err), 0);
			chosen = kind;
			fired = false;
			countdown = nth;
			rc = persona_json_clean(value, &err);
			countdown = 0;
			if (fired)
				ck_assert_msg(rc == -1 && err.code == PERSONA_E_NOMEM, "allocation %d of kind %d: %d",
					      nth, kind, rc);
			else
				ck_assert_int_eq(rc, 0);
			failures += fired;
			json_decref(value);
			if (!fired)
				break;
		}
	ck_assert_int_gt(failures, 5);
}
END_TEST

static char *(*const writers[])(const json_t *, struct persona_error *) = {
	persona_json_canonical,
	persona_json_compact,
	persona_json_pretty,
};
#define WRITERS ((int)(sizeof writers / sizeof *writers))

START_TEST(writing_without_memory)
{
	json_t *value = json_pack("{s:[i, f, s], s:{s:n}}", "list", 1, 2.5, "é\n", "object", "none");
	struct persona_error err = { 0 };
	char *right = writers[_i](value, &err);

	ck_assert_ptr_nonnull(right);
	for (enum kind kind = JSON; kind <= MEMORY; kind++) {
		for (int nth = 1;; nth++) {
			char *text;

			chosen = kind;
			fired = false;
			countdown = nth;
			text = writers[_i](value, &err);
			countdown = 0;
			if (!fired) {
				ck_assert_str_eq(text, right);
				free(text);
				break;
			}
			ck_assert(!text && err.code != PERSONA_OK && *err.text);
		}
	}
	free(right);
	json_decref(value);
}
END_TEST

/* ---- Attacks --------------------------------------------------------- */

#define ATTACK_SIZE 50000 /* tests/bench has a megabyte of each */

/* Whatever comes of it: not slowly, by the bytes that were looked at, and what comes can be written. */
START_TEST(an_attack_is_over_soon)
{
	struct persona_json_report report = { 0 };
	struct persona_error err = { 0 };
	json_t *value;
	size_t len;
	char *text = make_attack(&attacks[_i], ATTACK_SIZE, &len), *line;
	int rc;

	ck_assert_ptr_nonnull(text);
	rc = persona_json_extract(&value, text, len, NULL, &report, &err);
	ck_assert_msg(report.visited <= 32 * len + 131072, "%s: %zu of %zu", attacks[_i].repeated, report.visited, len);
	ck_assert(rc >= 0 || err.code == PERSONA_E_FORMAT);
	ck_assert((rc == 1) == (value != NULL));
	if (value) {
		line = persona_json_compact(value, &err);
		ck_assert_msg(line != NULL, "%s: %s", attacks[_i].repeated, err.text);
		free(line);
	}
	json_decref(value);
	ck_assert(persona_json_parse_strict(&value, text, len, NULL) < 0);
	free(text);
}
END_TEST

/* ---- Depth ----------------------------------------------------------- */

/* {"a":[ so often, and closed again. */
static char *make_deep(size_t levels, const char *open, const char *close, size_t *len)
{
	struct persona_error err = { 0 };
	struct persona_buf text;

	persona_buf_init(&text, SIZE_MAX);
	for (size_t i = 0; i < levels; i++)
		ck_assert_int_eq(persona_buf_adds(&text, open, &err), 0);
	for (size_t i = 0; i < levels && close; i++)
		ck_assert_int_eq(persona_buf_adds(&text, close, &err), 0);
	*len = text.len;
	return persona_buf_take(&text);
}

static const struct depth {
	const char *open, *close;
	unsigned levels; /* in one */
} depths[] = {
	{ "[", "]", 1 },     { "{\"a\":[", "]}", 2 }, { "[[],", "]", 1 },
	{ "{a:[", "]}", 2 }, { "(", ")", 1 },	      { "[{\"a\": 1, \"b\": {\"c\":", "}}]", 3 },
	{ "[", NULL, 1 },
};
#define DEPTHS ((int)(sizeof depths / sizeof *depths))

START_TEST(deep_is_right_and_deeper_is_refused)
{
	const struct depth *it = &depths[_i];
	struct persona_error err = { 0 };
	size_t len;
	char *text = make_deep(1998 / it->levels, it->open, it->close, &len), *wrapped;
	json_t *value;
	int rc;

	rc = asprintf(&wrapped, "[1,%s%s", text, it->close ? "]" : "");
	ck_assert_int_gt(rc, 0);
	ck_assert_msg(persona_json_extract(&value, wrapped, (size_t)rc, NULL, NULL, &err) == 1, "%s", err.text);
	json_decref(value);
	free(wrapped);
	free(text);

	/* A million takes its time under the sanitizers: where the text is short. */
	for (size_t levels = 2100; levels; levels = levels == 2100 && !it->open[1] ? 1000000 : 0) {
		text = make_deep(levels, it->open, it->close, &len);
		ck_assert_int_eq(persona_json_parse_strict(&value, text, len, &err), -1);
		rc = persona_json_extract(&value, text, len, NULL, NULL, &err);
		/* A round bracket is no container where nothing is open. */
		ck_assert_msg(*it->open == '(' ? rc == 0 : rc == -1 && err.code == PERSONA_E_FORMAT, "%d %s", rc,
			      err.text);
		ck_assert_ptr_null(value);
		free(text);
	}
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("torture");
	TCase *t = tcase_create("torture");

	entries_read_cases();
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, without_memory, 0, entries_len);
	tcase_add_test(t, cleaning_without_memory);
	tcase_add_loop_test(t, writing_without_memory, 0, WRITERS);
	tcase_add_loop_test(t, an_attack_is_over_soon, 0, ATTACKS);
	tcase_add_loop_test(t, deep_is_right_and_deeper_is_refused, 0, DEPTHS);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	json_set_alloc_funcs(json_memory, free);
	return entries_run(suite());
}
