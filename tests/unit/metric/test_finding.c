#include "helper.h"

static struct persona_finding finding;

static void setup(void)
{
	persona_finding_init(&finding);
}

static void teardown(void)
{
	persona_finding_release(&finding);
}

START_TEST(begins_not_measured)
{
	ck_assert(!finding.measured);
	ck_assert(isnan(finding.value));
	ck_assert_uint_eq(finding.issues_len, 0);
}
END_TEST

START_TEST(keeps_what_it_is_told)
{
	char code[] = "few-goals", field[] = "goals";

	for (long i = 0; i < 100; i++)
		ck_assert_int_eq(persona_finding_issue(&finding, code, field, i, NULL, "goal %ld of %d", i, 100), 0);
	code[0] = field[0] = 'x';
	ck_assert_uint_eq(finding.issues_len, 100);
	ck_assert_str_eq(finding.issues[7].code, "few-goals");
	ck_assert_str_eq(finding.issues[7].field, "goals");
	ck_assert_int_eq(finding.issues[7].position, 7);
	ck_assert_str_eq(finding.issues[7].message, "goal 7 of 100");
	ck_assert_ptr_null(finding.issues[7].metric);
}
END_TEST

START_TEST(release_twice_is_fine)
{
	ck_assert_int_eq(persona_finding_issue(&finding, "code", NULL, -1, NULL, "x"), 0);
	persona_finding_release(&finding);
	persona_finding_release(&finding);
	ck_assert_uint_eq(finding.issues_len, 0);
	ck_assert(isnan(finding.value));
}
END_TEST

/* Lengths around the ceiling, in characters of two bytes after `lead` bytes of one. */
START_TEST(long_messages_are_cut_between_characters)
{
	char text[3000];
	size_t lead = (size_t)_i, len = 0;

	while (len < lead)
		text[len++] = 'x';
	for (; len < 2500; len += 2)
		memcpy(text + len, "é", 2);
	text[len] = '\0';
	ck_assert_int_eq(persona_finding_issue(&finding, "code", NULL, -1, NULL, "%s", text), 0);
	len = strlen(finding.issues[0].message);
	ck_assert_uint_le(len, 1023);
	ck_assert_uint_ge(len, 1020);
	ck_assert(persona_text_is_clean(finding.issues[0].message, len));
	ck_assert_int_eq(memcmp(finding.issues[0].message, text, len), 0);
}
END_TEST

START_TEST(a_message_that_just_fits_is_whole)
{
	char text[1025];

	memset(text, 'x', sizeof text);
	text[1023] = '\0';
	ck_assert_int_eq(persona_finding_issue(&finding, "code", NULL, -1, NULL, "%s", text), 0);
	ck_assert_str_eq(finding.issues[0].message, text);
	text[1023] = 'x';
	text[1024] = '\0';
	ck_assert_int_eq(persona_finding_issue(&finding, "code", NULL, -1, NULL, "%s", text), 0);
	ck_assert_uint_lt(strlen(finding.issues[1].message), 1024);
}
END_TEST

START_TEST(what_is_no_text_is_cleaned)
{
	json_t *json;

	ck_assert_int_eq(persona_finding_issue(&finding, "co\xff", "fi\xfe", 0, NULL, "a\x01%s", "\xc3"), 0);
	ck_assert_str_eq(finding.issues[0].code, "co\ufffd");
	ck_assert_str_eq(finding.issues[0].field, "fi\ufffd");
	ck_assert_str_eq(finding.issues[0].message, "a\ufffd");
	ck_assert_int_eq(persona_finding_json(&json, &finding, NULL), 0);
	json_decref(json);
}
END_TEST

START_TEST(json_leaves_out_what_does_not_apply)
{
	struct persona_error err = { 0 };
	json_t *json;
	char *text;

	ck_assert_int_eq(persona_finding_json(&json, &finding, &err), 0);
	ck_assert_uint_eq(json_array_size(json), 0);
	json_decref(json);
	ck_assert_int_eq(persona_finding_issue(&finding, "few-goals", "goals", -1, &err, "add \"one\""), 0);
	ck_assert_int_eq(persona_finding_issue(&finding, "one-sided", NULL, -1, &err, "x"), 0);
	ck_assert_int_eq(persona_finding_issue(&finding, "no-evidence", "goals", 0, &err, "y"), 0);
	ck_assert_int_eq(persona_finding_json(&json, &finding, &err), 0);
	text = json_dumps(json, JSON_COMPACT);
	ck_assert_str_eq(text, "[{\"code\":\"few-goals\",\"field\":\"goals\",\"message\":\"add \\\"one\\\"\"},"
			       "{\"code\":\"one-sided\",\"message\":\"x\"},"
			       "{\"code\":\"no-evidence\",\"field\":\"goals\",\"item\":0,\"message\":\"y\"}]");
	free(text);
	json_decref(json);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("finding");
	TCase *tcase = tcase_create("finding");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, begins_not_measured);
	tcase_add_test(tcase, keeps_what_it_is_told);
	tcase_add_test(tcase, release_twice_is_fine);
	tcase_add_loop_test(tcase, long_messages_are_cut_between_characters, 0, 4);
	tcase_add_test(tcase, a_message_that_just_fits_is_whole);
	tcase_add_test(tcase, what_is_no_text_is_cleaned);
	tcase_add_test(tcase, json_leaves_out_what_does_not_apply);
	suite_add_tcase(suite, tcase);
	return run(suite);
}
