/* Certificates are verified, always. */
#include "helper.h"

static struct model_server *models;
static char certificate[TEMPORARY_MAX];

static void set_up(void)
{
	make_certificate(certificate);
	models = models_with((const char *[]){ "cert", certificate, "key", certificate, NULL });
}

static void tear_down(void)
{
	model_server_stop(models);
	unlink(certificate);
}

START_TEST(self_signed_is_refused)
{
	struct persona_http *pool = pool_with(NULL);
	struct persona_http_response response = ask_for(pool, chat_url(models), "{}");

	ck_assert_outcome(response, PERSONA_HTTP_TLS);
	ck_assert(!response.maybe_sent);
	ck_assert_ptr_nonnull(strstr(response.error.text, "certificate"));
	ck_assert_int_eq(model_server_count(models, "requests"), 0);
	persona_http_response_release(&response);
	persona_http_free(pool);
}
END_TEST

START_TEST(self_signed_is_taken_with_its_file)
{
	struct persona_http_options options = { .ca_file = certificate, .max_connections = 4 };
	struct persona_http *pool = pool_with(&options);
	struct persona_http_response response = ask_for(pool, chat_url(models), "{}");
	struct tally tally = TALLY;

	ck_assert_outcome(response, PERSONA_HTTP_OK);
	persona_http_response_release(&response);
	for (int i = 0; i < 500; i++)
		submit(pool, chat_url(models), &tally, NULL);
	ck_assert_int_eq(persona_http_drain(pool, 30000, &err), 0);
	ck_assert_int_eq(tally.outcomes[PERSONA_HTTP_OK], 500);
	ck_assert_int_le(model_server_count(models, "connections"), 4);
	persona_http_free(pool);
}
END_TEST

/* The same certificate is no good under a name that does not stand in it. */
START_TEST(another_name_is_refused)
{
	struct persona_http_options options = { .ca_file = certificate };
	struct persona_http *pool = pool_with(&options);
	struct persona_http_response response;
	char url[128];

	snprintf(url, sizeof url, "https://localhost%.60s/v1/chat/completions", strrchr(model_server_url(models), ':'));
	response = ask_for(pool, url, "{}");
	ck_assert_outcome(response, PERSONA_HTTP_TLS);
	ck_assert_int_eq(model_server_count(models, "requests"), 0);
	persona_http_response_release(&response);
	persona_http_free(pool);
}
END_TEST

/* With a file of one's own the system's certificates are not trusted besides. */
START_TEST(a_file_without_certificates_trusts_nobody)
{
	struct persona_http_options options = { .ca_file = "/proc/sys/kernel/ostype" };
	struct persona_http *pool = pool_with(&options);
	struct persona_http_response response = ask_for(pool, chat_url(models), "{}");

	ck_assert_outcome(response, PERSONA_HTTP_TLS);
	ck_assert(!response.maybe_sent);
	persona_http_response_release(&response);
	persona_http_free(pool);
}
END_TEST

START_TEST(plain_http_where_tls_is_expected)
{
	struct model_server *plain = models_with(NULL);
	struct persona_http *pool = pool_with(NULL);
	struct persona_http_response response;
	char url[128];

	snprintf(url, sizeof url, "https%.60s", strchr(model_server_url(plain), ':'));
	response = ask_for(pool, url, "{}");
	ck_assert_outcome(response, PERSONA_HTTP_TLS);
	ck_assert(!response.maybe_sent);
	ck_assert_int_eq(model_server_count(plain, "requests"), 0);
	persona_http_response_release(&response);
	persona_http_free(pool);
	model_server_stop(plain);
}
END_TEST

/* The server ends in the middle of a TLS connection, with no "close notify". */
START_TEST(resets_over_tls)
{
	struct persona_http_options options = { .ca_file = certificate };
	struct persona_http *pool = pool_with(&options);
	static const char *const kinds[] = { "reset", "cut", "badline" };

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct persona_http_response response;

		ck_assert_int_eq(model_server_set(models, "script", kinds[i], &err), 0);
		response = ask_for(pool, chat_url(models), "{}");
		ck_assert_outcome(response, PERSONA_HTTP_RESET);
		ck_assert(response.maybe_sent);
		persona_http_response_release(&response);
	}
	ck_assert_int_eq(model_server_count(models, "requests"), 3);
	persona_http_free(pool);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tls");
	TCase *t = tcase_create("tls");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, self_signed_is_refused);
	tcase_add_test(t, self_signed_is_taken_with_its_file);
	tcase_add_test(t, another_name_is_refused);
	tcase_add_test(t, a_file_without_certificates_trusts_nobody);
	tcase_add_test(t, plain_http_where_tls_is_expected);
	tcase_add_test(t, resets_over_tls);
	suite_add_tcase(s, t);
	return run_suite(s);
}
