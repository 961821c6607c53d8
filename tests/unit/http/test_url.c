#include "helper.h"

static const struct {
	const char *url, *origin;
	bool local;
} urls[] = {
	{ "https://api.example.org/v1?key=1", "https://api.example.org:443", false },
	{ "HTTP://Api.Example.ORG", "http://api.example.org:80", false },
	{ "http://localhost:11434/api/chat", "http://localhost:11434", true },
	{ "http://LocalHost/", "http://localhost:80", true },
	{ "http://models.localhost:80/", "http://models.localhost:80", true },
	{ "http://notlocalhost/", "http://notlocalhost:80", false },
	{ "http://localhost.example.org/", "http://localhost.example.org:80", false },
	{ "http://127.0.0.1:8000/", "http://127.0.0.1:8000", true },
	{ "http://127.255.0.9/", "http://127.255.0.9:80", true },
	{ "http://127.1/", "http://127.0.0.1:80", true },
	{ "http://2130706433/", "http://127.0.0.1:80", true },
	{ "http://0x7f.0.0.1/", "http://127.0.0.1:80", true },
	{ "http://128.0.0.1/", "http://128.0.0.1:80", false },
	{ "http://0.0.0.0/", "http://0.0.0.0:80", false },
	{ "http://127.0.0.1.example.org/", "http://127.0.0.1.example.org:80", false },
	{ "http://[::1]:8080/x", "http://[::1]:8080", true },
	{ "http://[0:0:0:0:0:0:0:1]/", "http://[::1]:80", true },
	{ "http://[::ffff:127.0.0.1]/", "http://[::ffff:127.0.0.1]:80", true },
	{ "http://[::ffff:10.0.0.1]/", "http://[::ffff:10.0.0.1]:80", false },
	{ "http://[::2]/", "http://[::2]:80", false },
	{ "https://10.0.0.1/", "https://10.0.0.1:443", false },
	{ "http:///path", "http://path:80", false },
	{ "https://a/@b", "https://a:443", false },
};

START_TEST(origins)
{
	char origin[PERSONA_HTTP_ORIGIN_SIZE];

	ck_assert_msg(persona_http_origin(origin, urls[_i].url, &err) == 0, "%s: %s", urls[_i].url, err.text);
	ck_assert_str_eq(origin, urls[_i].origin);
	ck_assert_msg(persona_http_is_local(urls[_i].url) == urls[_i].local, "%s", urls[_i].url);
}
END_TEST

static const char *const none[] = {
	"",
	"api.example.org/v1",
	"/v1/messages",
	"ftp://example.org/",
	"file:///etc/passwd",
	"http://",
	"http://a b/",
	"http://a:99999/",
	"http://user@example.org/",
	"http://user:secret@127.0.0.1/",
	"http://:secret@127.0.0.1/",
	"gopher://127.0.0.1/",
	"http://[::1",
	"http://exa\nmple.org/",
};

START_TEST(no_origins)
{
	char origin[PERSONA_HTTP_ORIGIN_SIZE];

	ck_assert_int_eq(persona_http_origin(origin, none[_i], &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_USAGE);
	ck_assert_ptr_null(strstr(err.text, "secret"));
	ck_assert_str_eq(origin, "");
	ck_assert(!persona_http_is_local(none[_i]));
}
END_TEST

START_TEST(long_names_are_refused)
{
	char url[1024], origin[PERSONA_HTTP_ORIGIN_SIZE];

	memset(url, 'a', sizeof url);
	memcpy(url, "http://", 7);
	url[sizeof url - 1] = '\0';
	ck_assert_int_eq(persona_http_origin(origin, url, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_USAGE);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("url");
	TCase *t = tcase_create("url");

	tcase_add_loop_test(t, origins, 0, sizeof urls / sizeof *urls);
	tcase_add_loop_test(t, no_origins, 0, sizeof none / sizeof *none);
	tcase_add_test(t, long_names_are_refused);
	suite_add_tcase(s, t);
	return run_suite(s);
}
