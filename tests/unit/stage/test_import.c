/* Import: who is whom, by id or by content, and files of which a part is no use. */
#include "stage_fakes.h"

static struct persona_import_settings settings;

#define ANN  "{\"id\":\"a\",\"name\":\"Ann\",\"goals\":[\"sleep\"]}"
#define ANN2 "{\"id\":\"a\",\"name\":\"Ann\",\"goals\":[\"sleep more\"]}"
#define BO   "{\"name\":\"Bo\",\"goals\":[\"drive\"]}"

static void import(const char *content)
{
	settings.path = file_with("people.json", content);
	OK(run_stage(&persona_stage_import, &settings, NULL));
}

/* Again: the same references and no row. */
static void assert_rest(const char *expected)
{
	char *before = picture(), *after;

	OK(run_stage(&persona_stage_import, &settings, NULL));
	assert_passed(expected);
	after = picture();
	ck_assert_str_eq(before, after);
	free(before);
	free(after);
}

/* ---- Forms ----------------------------------------------------------------- */

static const char *const forms[] = {
	ANN "\n" BO "\n",	/* JSON lines */
	"\n\n" ANN "\r\n\n" BO, /* with blank ones */
	"[" ANN "," BO "]",	/* an array */
	"[\n" ANN ",\n" BO "\n]\n",
	"{\"personas\": [" ANN "," BO "]}", /* an object that holds one */
	"\xef\xbb\xbf[" ANN "," BO "]",	    /* with a byte order mark */
};
#define FORMS ((int)(sizeof forms / sizeof *forms))

START_TEST(a_file_has_one_of_these_forms)
{
	import(forms[_i]);
	assert_passed("1.1 2.1");
	ck_assert(!persona_context_incomplete(&context));
	ck_assert_int_eq(count_of(PERSONA_COUNT_READ), 2);
	ck_assert_int_eq(count_of(PERSONA_COUNT_MADE), 2);
	assert_rows("SELECT name, stage, number, length(content_sha256), key_id FROM revision ORDER BY 1",
		    "Ann|import|1|64|1\nBo|import|1|64|1\n");
	assert_rows("SELECT slot, origin = 'a', length(origin) FROM persona ORDER BY slot", "1|1|1\n2|0|64\n");
	assert_rows("SELECT label, settings FROM batch", "null|{\"origin\":\"import\"}\n");
	assert_rest("1.1 2.1");
}
END_TEST

START_TEST(one_persona_is_a_file_too)
{
	import(_i ? ANN : "{\n  \"name\": \"Ann\",\n  \"goals\": [\"sleep\"]\n}\n");
	assert_passed("1.1");
	assert_rest("1.1");
}
END_TEST

static const char *const nothing[] = { "",	  "  \n\n",	"3",   "\"text\"", "{", ("[" ANN ", "),
				       ("[" ANN), "no persona", "null" };
#define NOTHING ((int)(sizeof nothing / sizeof *nothing))

START_TEST(what_is_no_such_file_makes_nothing)
{
	char *before = picture(), *after;

	settings.path = file_with("people.json", nothing[_i]);
	ck_assert_int_eq(run_stage(&persona_stage_import, &settings, NULL), -1);
	ck_assert_int_eq(err.code, PERSONA_E_FORMAT);
	ck_assert_ptr_nonnull(strstr(err.text, "people.json: "));
	ck_assert_ptr_null(strstr(said, "took what is meant"));
	after = picture();
	ck_assert_str_eq(before, after);
	free(before);
	free(after);
}
END_TEST

/* What a model answered, saved as a file: the extractor reads it, and that is said. */
static const char *const answers[] = {
	"Here they are:\n\n```json\n[" ANN ",\n" BO "]\n```\nAnything else?",
	"[" ANN "\n" BO "]",
	"{personas: [" ANN ", " BO ",]}",
	"<think>[{\"name\": \"Cy\", \"goals\": []}]</think>" ANN "\n" BO,
	ANN ",\n" BO ",\n",
};
#define ANSWERS ((int)(sizeof answers / sizeof *answers))

START_TEST(what_a_model_answered_is_mended)
{
	import(answers[_i]);
	assert_passed("1.1 2.1");
	ck_assert(!persona_context_incomplete(&context));
	ck_assert_ptr_nonnull(strstr(said, "people.json: "));
	ck_assert_ptr_nonnull(strstr(said, "not JSON as it stands"));
	assert_rows("SELECT name FROM revision ORDER BY 1", "Ann\nBo\n");
	assert_rest("1.1 2.1");
}
END_TEST

START_TEST(a_line_is_mended_too)
{
	import(ANN "\n{'name': 'Bo', 'goals': ['drive']},\n");
	assert_passed("1.1 2.1");
	ck_assert_ptr_nonnull(strstr(said, "people.json: line 2 is not JSON as it stands (column 2: "));
	import(ANN "\n{'name': 'Cy', 'goals': ['drive'\n");
	assert_rows("SELECT name FROM revision ORDER BY 1", "Ann\nBo\n");
	assert_rows("SELECT class FROM failure", "unparsable\n");
}
END_TEST

START_TEST(an_empty_array_makes_nothing)
{
	char *before = picture(), *after;

	import("[]");
	assert_passed("");
	ck_assert(!persona_context_incomplete(&context));
	after = picture();
	ck_assert_str_eq(before, after);
	free(before);
	free(after);
}
END_TEST

START_TEST(a_file_that_is_missing_is_an_error)
{
	settings.path = "/nowhere/people.json";
	ck_assert_int_eq(run_stage(&persona_stage_import, &settings, NULL), -1);
	ck_assert_int_eq(err.code, PERSONA_E_IO);
	ck_assert_str_eq(err.text, "/nowhere/people.json: No such file or directory");
}
END_TEST

START_TEST(stdin_is_a_file)
{
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(write(ends[1], ANN "\n{}\n", strlen(ANN) + 4), (ssize_t)strlen(ANN) + 4);
	close(ends[1]);
	ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	settings.path = "-";
	OK(run_stage(&persona_stage_import, &settings, NULL));
	assert_passed("1.1");
	ck_assert_ptr_nonnull(strstr(said, "stdin: line 2: "));
	close(ends[0]);
}
END_TEST

/* ---- Identity ---------------------------------------------------------------- */

START_TEST(other_content_of_an_id_is_another_revision)
{
	import(ANN);
	assert_passed("1.1");
	import(ANN2);
	assert_passed("1.2");
	/* Back to the first content: the first revision, and nothing new. */
	import(ANN);
	assert_passed("1.1");
	assert_rest("1.1");
	ck_assert_int_eq(number("SELECT count(*) FROM revision"), 2);
	ck_assert_int_eq(number("SELECT count(*) FROM revision WHERE parent_id IS NOT NULL"), 0);
}
END_TEST

START_TEST(two_contents_of_an_id_in_one_file_are_two_revisions)
{
	import(ANN "\n" ANN2 "\n" ANN "\n");
	assert_passed("1.1 1.1 1.2");
	ck_assert_int_eq(number("SELECT count(*) FROM persona"), 1);
	assert_rest("1.1 1.1 1.2");
}
END_TEST

START_TEST(without_an_id_content_is_who_it_is)
{
	import(BO "\n" BO "\n{\"name\":\"Bo\",\"goals\":[\"drive on\"]}\n");
	assert_passed("1.1 1.1 2.1");
	/* The same in another form: other spaces, keys in another order, an id that says nothing. */
	import("[{\"goals\": [\"drive\"], \"id\": null, \"name\": \"Bo\"}, {\"id\": \"\", \"goals\": \"drive on\","
	       " \"name\": \"Bo\"}]");
	assert_passed("1.1 2.1");
	ck_assert_int_eq(number("SELECT count(*) FROM revision"), 2);
}
END_TEST

START_TEST(a_number_is_an_id)
{
	import("[{\"id\": 7, \"name\": \"Ann\", \"goals\": [\"g\"]}]");
	assert_passed("1.1");
	import("[{\"id\": \"7\", \"name\": \"Ann\", \"goals\": [\"h\"]}]");
	assert_passed("1.2");
	assert_rows("SELECT origin FROM persona", "7\n");
	/* It names the persona and is not a part of it. */
	ck_assert_int_eq(number("SELECT count(*) FROM revision WHERE extra IS NOT NULL"), 0);
}
END_TEST

static const char *const wrong_ids[] = { "1.5", "true", "[]", "{}", "[\"a\"]" };
#define WRONG_IDS ((int)(sizeof wrong_ids / sizeof *wrong_ids))

START_TEST(another_kind_of_id_is_refused)
{
	char text[128];

	snprintf(text, sizeof text, "[{\"id\": %s, \"name\": \"Ann\", \"goals\": [\"g\"]}, %s]", wrong_ids[_i], BO);
	import(text);
	assert_passed("1.1");
	ck_assert_int_eq(count_of(PERSONA_COUNT_FAILED), 1);
	assert_rows(
		"SELECT class, message LIKE '%people.json: persona 1: an id that is neither a text nor a whole number'"
		" FROM failure",
		"invalid|1\n");
}
END_TEST

START_TEST(an_id_has_a_bound)
{
	char text[1024], id[512];

	memset(id, 'x', sizeof id);
	id[255] = '\0';
	snprintf(text, sizeof text, "[{\"id\": \"%s\", \"name\": \"Ann\", \"goals\": [\"g\"]}]", id);
	import(text);
	assert_passed("1.1");
	id[255] = 'x';
	id[256] = '\0';
	snprintf(text, sizeof text, "[{\"id\": \"%s\", \"name\": \"Ann\", \"goals\": [\"g\"]}]", id);
	import(text);
	assert_passed("");
	ck_assert_int_eq(number("SELECT count(*) FROM failure WHERE message LIKE '%an id of more than 255 bytes'"), 1);
}
END_TEST

/* A refinement is not what was imported: the same content again is the import's reference. */
START_TEST(what_refine_made_is_not_what_was_imported)
{
	import(ANN);
	seed_child(1, "{'name': 'Ann', 'goals': ['sleep more']}");
	import(ANN2);
	assert_passed("1.3");
	import(ANN);
	assert_passed("1.1");
}
END_TEST

/* ---- Lines that are no use ------------------------------------------------------ */

struct broken_case {
	const char *text, *passed;
	int64_t failed;
	const char *classes, *says;
};

static const struct broken_case broken[] = {
	{ ANN "\n{broken\n" BO "\n", "1.1 2.1", 1, "unparsable\n", "line 2: " },
	{ "{\"name\": \n" ANN "\n" BO "\n", "1.1 2.1", 1, "unparsable\n", "line 1: " },
	{ "\n" ANN "\n\n3\n" BO "\n", "1.1 2.1", 1, "invalid\n", "line 4: not an object" },
	{ "[3, " ANN "]", "1.1", 1, "invalid\n", "persona 1: not an object" },
	/* Of one list a persona, not a list of personas. */
	{ "{\"goals\": [\"to sleep\"]}", "", 1, "invalid\n", "persona 1: a persona without a name" },
	{ "[{\"name\": \"only\"}, {\"goals\": [\"g\"]}, " ANN "]", "1.1", 2, "invalid\ninvalid\n", "persona 2: " },
};
#define BROKEN ((int)(sizeof broken / sizeof *broken))

START_TEST(a_line_that_is_no_use_is_named_and_the_rest_comes_in)
{
	const struct broken_case *it = &broken[_i];

	import(it->text);
	assert_passed(it->passed);
	ck_assert_int_eq(count_of(PERSONA_COUNT_FAILED), it->failed);
	ck_assert(persona_context_incomplete(&context));
	assert_rows("SELECT class FROM failure", it->classes);
	ck_assert_ptr_nonnull(strstr(said, it->says));
	/* It belongs to no row that could be parked, however often it comes. */
	for (int i = 0; i < 3; i++)
		OK(run_stage(&persona_stage_import, &settings, NULL));
	ck_assert_int_eq(number("SELECT count(*) FROM failure WHERE parked"), 0);
	assert_passed(it->passed);
}
END_TEST

/* ---- What is not believed ---------------------------------------------------------- */

START_TEST(what_it_cites_is_not_believed)
{
	import("[{\"name\": \"Ann\", \"goals\": [\"sleep\"],"
	       " \"evidence\": [{\"field\": \"goals\", \"item\": \"sleep\", \"record\": \"x.csv:1\", \"strength\": "
	       "\"verbatim\"}]}]");
	assert_passed("1.1");
	assert_rows("SELECT locator, strength, record_id FROM evidence", "x.csv:1|none|null\n");
}
END_TEST

START_TEST(bytes_that_are_no_text_are_said)
{
	import("[{\"name\": \"Ann\xff\", \"goals\": [\"sleep\"]}]");
	assert_passed("1.1");
	ck_assert_ptr_nonnull(strstr(said, "1 byte is not UTF-8 text"));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("import");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 30);
	tcase_add_loop_test(tcase, a_file_has_one_of_these_forms, 0, FORMS);
	tcase_add_loop_test(tcase, one_persona_is_a_file_too, 0, 2);
	tcase_add_loop_test(tcase, what_is_no_such_file_makes_nothing, 0, NOTHING);
	tcase_add_loop_test(tcase, what_a_model_answered_is_mended, 0, ANSWERS);
	tcase_add_test(tcase, a_line_is_mended_too);
	tcase_add_test(tcase, an_empty_array_makes_nothing);
	tcase_add_test(tcase, a_file_that_is_missing_is_an_error);
	tcase_add_test(tcase, stdin_is_a_file);
	tcase_add_test(tcase, other_content_of_an_id_is_another_revision);
	tcase_add_test(tcase, two_contents_of_an_id_in_one_file_are_two_revisions);
	tcase_add_test(tcase, without_an_id_content_is_who_it_is);
	tcase_add_test(tcase, a_number_is_an_id);
	tcase_add_loop_test(tcase, another_kind_of_id_is_refused, 0, WRONG_IDS);
	tcase_add_test(tcase, an_id_has_a_bound);
	tcase_add_test(tcase, what_refine_made_is_not_what_was_imported);
	tcase_add_loop_test(tcase, a_line_that_is_no_use_is_named_and_the_rest_comes_in, 0, BROKEN);
	tcase_add_test(tcase, what_it_cites_is_not_believed);
	tcase_add_test(tcase, bytes_that_are_no_text_are_said);
	return run_suite("import", &tcase, 1);
}
