/* Origins of URLs, by libcurl's own parser, so that what we judge is what it connects to. */
#include <arpa/inet.h>
#include <strings.h>

#include "internal.h"

/* host as curl_url_get() gives it: names in any case, IPv6 in brackets. */
static bool is_loopback(const char *host)
{
	static const char name[] = "localhost", suffix[] = ".localhost";
	size_t len = strlen(host);
	struct in_addr v4;

	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	if (host[0] == '[') {
		struct in6_addr v6;
		char text[INET6_ADDRSTRLEN];

		if (len - 2 >= sizeof text)
			return false;
		memcpy(text, host + 1, len - 2);
		text[len - 2] = '\0';
		return inet_pton(AF_INET6, text, &v6) == 1 &&
		       (IN6_IS_ADDR_LOOPBACK(&v6) || (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127));
	}
	/* libcurl never asks a name server for these (RFC 6761). */
	return strcasecmp(host, name) == 0 ||
	       (len >= sizeof suffix && strcasecmp(host + len - (sizeof suffix - 1), suffix) == 0);
}

static int part(CURLU *handle, CURLUPart what, unsigned flags, char **out, struct persona_error *err)
{
	CURLUcode code = curl_url_get(handle, what, out, flags);

	if (code == CURLUE_OUT_OF_MEMORY)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	if (code != CURLUE_OK)
		return persona_error_set(err, PERSONA_E_USAGE, "not an http or https URL");
	return 0;
}

static int has_credentials(CURLU *handle)
{
	char *user = NULL, *password = NULL;
	bool has = curl_url_get(handle, CURLUPART_USER, &user, 0) != CURLUE_NO_USER ||
		   curl_url_get(handle, CURLUPART_PASSWORD, &password, 0) != CURLUE_NO_PASSWORD;

	curl_free(user);
	curl_free(password);
	return has;
}

static int copy_parts(CURLU *handle, struct destination *to, char **path, struct persona_error *err)
{
	char *scheme = NULL, *host = NULL, *port = NULL, *found_path = NULL;
	int rc = -1, len;

	if (part(handle, CURLUPART_SCHEME, 0, &scheme, err) < 0 || part(handle, CURLUPART_HOST, 0, &host, err) < 0 ||
	    part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT, &port, err) < 0)
		goto out;
	if (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0) {
		(void)persona_error_set(err, PERSONA_E_USAGE, "not an http or https URL");
		goto out;
	}
	if (has_credentials(handle)) {
		(void)persona_error_set(err, PERSONA_E_USAGE, "a URL must not hold a user or a password");
		goto out;
	}
	len = snprintf(to->origin, sizeof to->origin, "%s://%s:%s", scheme, host, port);
	if (len < 0 || (size_t)len >= sizeof to->origin) {
		(void)persona_error_set(err, PERSONA_E_USAGE, "the host name of a URL is too long");
		goto out;
	}
	for (char *c = to->origin; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c += 'a' - 'A';
	to->local = is_loopback(host);
	if (path) {
		if (part(handle, CURLUPART_PATH, 0, &found_path, err) < 0)
			goto out;
		*path = persona_strdup(found_path, err);
		if (!*path)
			goto out;
	}
	rc = 0;
out:
	curl_free(found_path);
	curl_free(port);
	curl_free(host);
	curl_free(scheme);
	return rc;
}

int url_split(const char *url, struct destination *to, char **path, struct persona_error *err)
{
	CURLU *handle = curl_url();
	CURLUcode code;
	int rc;

	*to = (struct destination){ .local = false };
	if (!handle)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	code = curl_url_set(handle, CURLUPART_URL, url, 0);
	if (code == CURLUE_OUT_OF_MEMORY)
		rc = persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	else if (code != CURLUE_OK)
		rc = persona_error_set(err, PERSONA_E_USAGE, "not an http or https URL");
	else
		rc = copy_parts(handle, to, path, err);
	curl_url_cleanup(handle);
	return rc;
}

int persona_http_origin(char origin[PERSONA_HTTP_ORIGIN_SIZE], const char *url, struct persona_error *err)
{
	struct destination to;
	int rc = url_split(url, &to, NULL, err);

	memcpy(origin, to.origin, sizeof to.origin);
	return rc;
}

bool persona_http_is_local(const char *url)
{
	struct destination to;

	return url_split(url, &to, NULL, NULL) == 0 && to.local;
}
