/* Base URLs of the providers, from the command line or the environment. */
#include <ctype.h>
#include <strings.h>

#include "internal.h"

#define URL_MAX 2048

static const struct {
	const char *variable;
	const char *standard;
	const char *endings[4]; /* that users add or leave out */
} addresses[] = {
	[PERSONA_LLM_OPENAI] = { "OPENAI_BASE_URL", "https://api.openai.com/v1", { "/chat/completions" } },
	[PERSONA_LLM_ANTHROPIC] = { "ANTHROPIC_BASE_URL", "https://api.anthropic.com", { "/messages", "/v1" } },
	[PERSONA_LLM_GEMINI] = { "GOOGLE_GEMINI_BASE_URL",
				 "https://generativelanguage.googleapis.com",
				 { "/v1beta", "/v1alpha", "/v1" } },
	[PERSONA_LLM_OLLAMA] = { "OLLAMA_HOST", "http://127.0.0.1:11434", { "/api/chat", "/api", "/v1" } },
};

const char *llm_variable(persona_llm_environment *environment, void *payload, const char *name)
{
	const char *value = environment ? environment(payload, name) : NULL;

	return value && *value ? value : NULL;
}

/* The text is not shown: it may hold a password. */
static int check(const char *url, const char *from, struct persona_error *err)
{
	size_t len = strlen(url);

	for (const char *c = url; *c; c++)
		if (*c < 0x21 || *c > 0x7E || strchr("\"<>\\^`{|}", *c))
			return persona_error_set(err, PERSONA_E_USAGE, "%s holds a character that no URL has", from);
	if (len > URL_MAX)
		return persona_error_set(err, PERSONA_E_USAGE, "%s is longer than %d bytes", from, URL_MAX);
	if (strncasecmp(url, "http://", 7) != 0 && strncasecmp(url, "https://", 8) != 0)
		return persona_error_set(err, PERSONA_E_USAGE, "%s must begin with http:// or https://", from);
	if (strchr("/:", strstr(url, "://")[3]))
		return persona_error_set(err, PERSONA_E_USAGE, "%s names no host", from);
	if (strpbrk(url, "?#"))
		return persona_error_set(err, PERSONA_E_USAGE, "%s must not hold '?' or '#'", from);
	return 0;
}

/* Cut it off the path; scheme and host stay as they are. */
static bool cut_ending(struct persona_buf *url, const char *ending)
{
	size_t host = (size_t)(strstr(url->data, "://") - url->data) + 3, len = strlen(ending);
	size_t path = host + strcspn(url->data + host, "/");

	if (url->len < path + len || strcmp(url->data + url->len - len, ending) != 0)
		return false;
	url->len -= len;
	url->data[url->len] = '\0';
	return true;
}

/* ---- OLLAMA_HOST ----------------------------------------------------- */

/* The address that a server listens on is none to connect to. */
static const char *reachable(const char *host)
{
	if (!*host || strcmp(host, "0.0.0.0") == 0)
		return "127.0.0.1";
	if (strcmp(host, "::") == 0 || strcmp(host, "0:0:0:0:0:0:0:0") == 0)
		return "::1";
	return host;
}

/* text: "host", "host:port", ":port", "[v6]:port" or "v6", up to len. The port is "" where there is none. */
static void split_host(char host[URL_MAX], char port[URL_MAX], const char *text, size_t len)
{
	const char *colon = memrchr(text, ':', len), *close = memrchr(text, ']', len);
	size_t host_len = len;

	if (colon && (close ? close < colon : memchr(text, ':', len) == (const void *)colon))
		host_len = (size_t)(colon - text);
	snprintf(port, URL_MAX, "%.*s", host_len < len ? (int)(len - host_len - 1) : 0, text + host_len + 1);
	if (host_len >= 2 && text[0] == '[' && text[host_len - 1] == ']') {
		text++;
		host_len -= 2;
	}
	snprintf(host, URL_MAX, "%.*s", (int)host_len, text);
}

/* Every form that Ollama takes, as a URL. */
static int ollama_url(struct persona_buf *out, const char *text, const char *from, struct persona_error *err)
{
	const char *scheme = "http", *authority, *standard_port = "11434";
	char plain[URL_MAX + 1], host[URL_MAX], port[URL_MAX];
	const char *blank = " \t\r\n\"'";
	size_t len;

	text += strspn(text, blank);
	len = strlen(text);
	while (len && strchr(blank, text[len - 1]))
		len--;
	if (len > URL_MAX)
		return persona_error_set(err, PERSONA_E_USAGE, "%s is longer than %d bytes", from, URL_MAX);
	memcpy(plain, text, len);
	plain[len] = '\0';
	authority = strstr(plain, "://");
	if (authority) {
		if (strncasecmp(plain, "http://", 7) != 0 && strncasecmp(plain, "https://", 8) != 0)
			return persona_error_set(err, PERSONA_E_USAGE, "%s must be a host or an http URL", from);
		scheme = authority == plain + 5 ? "https" : "http";
		standard_port = authority == plain + 5 ? "443" : "80";
		authority += 3;
	} else {
		authority = plain;
	}
	len = strcspn(authority, "/");
	if (memchr(authority, '@', len))
		return persona_error_set(err, PERSONA_E_USAGE, "%s must not hold a user or a password", from);
	split_host(host, port, authority, len);
	return persona_buf_addf(out, err, strchr(reachable(host), ':') ? "%s://[%s]:%s%s" : "%s://%s:%s%s", scheme,
				reachable(host), *port ? port : standard_port, authority + len);
}

/* ---- All ------------------------------------------------------------- */

int llm_base_url(struct persona_buf *base, enum persona_llm_provider provider, const char *base_url,
		 persona_llm_environment *environment, void *payload, struct persona_error *err)
{
	const char *from = base_url ? "the base URL" : addresses[provider].variable;
	int rc;

	if (!base_url)
		base_url = llm_variable(environment, payload, addresses[provider].variable);
	if (!base_url)
		base_url = addresses[provider].standard;
	rc = provider == PERSONA_LLM_OLLAMA ? ollama_url(base, base_url, from, err)
					    : persona_buf_adds(base, base_url, err);
	if (rc < 0 || check(base->data, from, err) < 0)
		return -1;
	while (cut_ending(base, "/"))
		continue;
	for (size_t i = 0; i < 4 && addresses[provider].endings[i]; i++)
		(void)cut_ending(base, addresses[provider].endings[i]);
	while (cut_ending(base, "/"))
		continue;
	/* Servers that speak OpenAI's dialect do so below /v1, unless the address says where. */
	if (provider == PERSONA_LLM_OPENAI && !strchr(strstr(base->data, "://") + 3, '/'))
		return persona_buf_adds(base, "/v1", err);
	return 0;
}

/* One segment of a path. */
static int add_segment(struct persona_buf *out, const char *text, struct persona_error *err)
{
	int rc = 0;

	for (; *text && !rc; text++)
		rc = isalnum((unsigned char)*text) || strchr("-._~", *text)
			     ? persona_buf_addc(out, *text, err)
			     : persona_buf_addf(out, err, "%%%02X", (unsigned)(unsigned char)*text);
	return rc;
}

int llm_request_url(struct persona_llm *llm, const char *base, struct persona_error *err)
{
	static const char *const paths[] = {
		[PERSONA_LLM_OPENAI] = "/chat/completions",
		[PERSONA_LLM_ANTHROPIC] = "/v1/messages",
		[PERSONA_LLM_GEMINI] = "/v1beta/models/",
		[PERSONA_LLM_OLLAMA] = "/api/chat",
	};
	struct persona_buf url;
	int rc;

	persona_buf_init(&url, 4 * URL_MAX);
	rc = persona_buf_addf(&url, err, "%s%s", base, paths[llm->provider]);
	if (!rc && llm->provider == PERSONA_LLM_GEMINI) {
		rc = add_segment(&url, llm->model, err);
		if (!rc)
			rc = persona_buf_adds(&url, ":generateContent", err);
	}
	if (!rc) {
		llm->url = persona_buf_take(&url);
		rc = llm->url ? 0 : persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	persona_buf_release(&url);
	return rc;
}

size_t llm_origin_host(const char *origin, const char **host)
{
	const char *port = strrchr(origin, ':');

	*host = strstr(origin, "://") + 3;
	return (size_t)(port - *host);
}
