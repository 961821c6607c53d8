/* The single texts in strict/: y_ is JSON, n_ is not, i_ may be either. */
#include <check.h>
#include <dirent.h>

#include "persona/json.h"

static struct dirent **files;
static int files_len;

static void read_text(struct persona_buf *text, const char *name)
{
	struct persona_error err = { 0 };
	char path[4096];
	FILE *file;

	persona_buf_init(text, 1 << 24);
	snprintf(path, sizeof path, "%s/strict/%s", PERSONA_TEST_FOLDER, name);
	file = fopen(path, "rb");
	ck_assert_msg(file != NULL, "%s: cannot be read", path);
	ck_assert_msg(persona_buf_read(text, fileno(file), &err) == 0, "%s: %s", path, err.text);
	fclose(file);
}

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
	const char *name = files[_i]->d_name;
	struct persona_error err = { 0 };
	struct persona_buf text;
	json_t *value, *found;
	int rc;

	read_text(&text, name);
	rc = persona_json_parse_strict(&value, text.data, text.len, &err);
	ck_assert_msg(*name != 'y' || rc == 0, "%s: refused: %s", name, err.text);
	ck_assert_msg(*name != 'n' || rc < 0, "%s: taken", name);
	if (rc == 0) {
		check_taken(name, value);
		/* What is JSON is extracted as it is. */
		ck_assert_int_ge(persona_json_extract(&found, text.data, text.len, NULL, NULL, &err), 0);
		ck_assert((found != NULL) == (json_is_array(value) || json_is_object(value)));
		if (found)
			check_same(name, value, found);
		json_decref(found);
		json_decref(value);
	} else {
		ck_assert_int_eq(err.code, PERSONA_E_FORMAT);
		ck_assert_int_eq(strncmp(err.text, "line ", 5), 0);
		rc = persona_json_extract(&found, text.data, text.len, NULL, NULL, &err);
		ck_assert(rc > 0 || !found);
		json_decref(found);
	}
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

	files_len = scandir(PERSONA_TEST_FOLDER "/strict", &files, is_text, alphasort);
	if (files_len < 200) {
		fprintf(stderr, "%d texts, there should be 200 or more\n", files_len);
		exit(1);
	}
	tcase_add_loop_test(t, strict_text, 0, files_len);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	SRunner *runner = srunner_create(suite());
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	for (int i = 0; i < files_len; i++)
		free(files[i]);
	free(files);
	return failed ? 1 : 0;
}
