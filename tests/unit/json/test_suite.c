/* The single texts in strict/: y_ is JSON, n_ is not, i_ may be either. */

#include "entries.h"
#include "persona/json.h"

/* What was taken is written and read again, and is the same. */
static void check_taken(const char *name, const json_t *value)
{
	struct persona_error err = { 0 };
	char *line = persona_json_canonical(value, &err), *second;
	json_t *again;

	ck_assert_msg(line != NULL, "%s: %s", name, err.text);
	ck_assert_msg(persona_json_parse_strict(&again, line, strlen(line), &err) == 0, "%s: %s", name, err.text);
	/* Not json_equal(), which takes keys for C strings. */
	second = persona_json_canonical(again, &err);
	ck_assert_str_eq(line, second);
	free(second);
	json_decref(again);
	free(line);
}

static void check_same(const char *name, const json_t *a, const json_t *b)
{
	char *line = persona_json_canonical(a, NULL), *other = persona_json_canonical(b, NULL);

	ck_assert_msg(strcmp(line, other) == 0, "%s: extracted as something else", name);
	free(line);
	free(other);
}

START_TEST(strict_text)
{
	const char *name = entries[_i]->d_name;
	struct persona_error err = { 0 };
	struct persona_buf text;
	json_t *value, *found;
	char *bytes;
	int rc;

	ck_assert(entry_text(&text, "strict", name, NULL));
	bytes = entry_bytes(&text);
	rc = persona_json_parse_strict(&value, bytes, text.len, &err);
	ck_assert_msg(*name != 'y' || rc == 0, "%s: refused: %s", name, err.text);
	ck_assert_msg(*name != 'n' || rc < 0, "%s: taken", name);
	if (rc == 0) {
		check_taken(name, value);
		/* What is JSON is extracted as it is. */
		ck_assert_int_ge(persona_json_extract(&found, bytes, text.len, NULL, NULL, &err), 0);
		ck_assert((found != NULL) == (json_is_array(value) || json_is_object(value)));
		if (found)
			check_same(name, value, found);
		json_decref(found);
		json_decref(value);
	} else {
		ck_assert_int_eq(err.code, PERSONA_E_FORMAT);
		ck_assert_int_eq(strncmp(err.text, "line ", 5), 0);
		rc = persona_json_extract(&found, bytes, text.len, NULL, NULL, &err);
		ck_assert(rc > 0 || !found);
		json_decref(found);
	}
	free(bytes);
	persona_buf_release(&text);
}
END_TEST

static int is_text(const struct dirent *entry)
{
	return strchr("yni", entry->d_name[0]) && entry->d_name[1] == '_';
}

static Suite *suite(void)
{
	Suite *s = suite_create("suite");
	TCase *t = tcase_create("texts");

	entries_read("strict", is_text, 200);
	tcase_add_loop_test(t, strict_text, 0, entries_len);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return entries_run(suite());
}
