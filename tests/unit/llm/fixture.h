/*
 * Answers as files, fixtures/NAME.reply: lines of what came and what is expected of it, a blank line, the body.
 *
 *   provider NAME, status N, header NAME: VALUE
 *   outcome, text, finish, model, id, parameter: that word; says: it stands in the message
 *   usage INPUT CACHED WRITTEN OUTPUT REASONING (-1: not known), wait MS, charged yes|no, quirks WORDS, should-retry N
 *
 * Times are those of NOW_MS.
 */
#ifndef PERSONA_TEST_LLM_FIXTURE_H
#define PERSONA_TEST_LLM_FIXTURE_H

#include <dirent.h>
#include <stdio.h>
#include <strings.h>

#include "helper.h"

#define NOW_MS	  ((int64_t)1764000000000) /* 2025-11-24 16:00:00 UTC */
#define LINES_MAX 32

struct fixture {
	char name[256];
	char *bytes; /* the file; lines point into it */
	const char *lines[LINES_MAX];
	size_t lines_len;
	const char *body;
	size_t len;
};

/* Value of a line that begins with this word; NULL where there is none. */
static inline const char *fixture_line(const struct fixture *fixture, const char *word)
{
	size_t len = strlen(word);

	for (size_t i = 0; i < fixture->lines_len; i++)
		if (strncmp(fixture->lines[i], word, len) == 0 && fixture->lines[i][len] == ' ')
			return fixture->lines[i] + len + 1;
	return NULL;
}

static inline const char *fixture_header(void *payload, const char *name)
{
	const struct fixture *fixture = payload;
	size_t len = strlen(name);

	for (size_t i = 0; i < fixture->lines_len; i++)
		if (strncmp(fixture->lines[i], "header ", 7) == 0 &&
		    strncasecmp(fixture->lines[i] + 7, name, len) == 0 &&
		    strncmp(fixture->lines[i] + 7 + len, ": ", 2) == 0)
			return fixture->lines[i] + 7 + len + 2;
	return NULL;
}

static inline void fixture_load(struct fixture *fixture, const char *name)
{
	char path[4096];
	FILE *file;
	long size;
	char *line;

	memset(fixture, 0, sizeof *fixture);
	snprintf(fixture->name, sizeof fixture->name, "%s", name);
	snprintf(path, sizeof path, "%s/fixtures/%s", TEST_FOLDER, name);
	file = fopen(path, "rb");
	ck_assert_msg(file != NULL, "%s", path);
	ck_assert_int_eq(fseek(file, 0, SEEK_END), 0);
	size = ftell(file);
	rewind(file);
	fixture->bytes = malloc((size_t)size + 1);
	ck_assert_uint_eq(fread(fixture->bytes, 1, (size_t)size, file), (size_t)size);
	fixture->bytes[size] = '\0';
	ck_assert_int_eq(fclose(file), 0);
	for (line = fixture->bytes; *line != '\n';) {
		char *end = strchr(line, '\n');

		ck_assert_msg(end && fixture->lines_len < LINES_MAX, "%s", name);
		*end = '\0';
		fixture->lines[fixture->lines_len++] = line;
		line = end + 1;
	}
	fixture->body = line + 1;
	fixture->len = (size_t)(fixture->bytes + size - fixture->body);
}

static inline void fixture_release(struct fixture *fixture)
{
	free(fixture->bytes);
}

static inline int fixture_is_one(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 6 && strcmp(entry->d_name + len - 6, ".reply") == 0;
}

/* Call back with each fixture, in order of name. Returns how many there were. */
static inline int fixtures_each(void (*call)(struct fixture *fixture))
{
	struct dirent **names;
	int count = scandir(TEST_FOLDER "/fixtures", &names, fixture_is_one, alphasort);

	for (int i = 0; i < count; i++) {
		struct fixture fixture;

		fixture_load(&fixture, names[i]->d_name);
		call(&fixture);
		fixture_release(&fixture);
		free(names[i]);
	}
	free(names);
	return count;
}

/* The transfer that brought this fixture. */
static inline struct persona_llm_raw fixture_raw(struct fixture *fixture)
{
	return (struct persona_llm_raw){ .outcome = PERSONA_HTTP_OK,
					 .maybe_sent = true,
					 .status = (int)strtol(fixture_line(fixture, "status"), NULL, 10),
					 .body = fixture->body,
					 .len = fixture->len,
					 .header = fixture_header,
					 .payload = fixture,
					 .now_ms = NOW_MS };
}

static inline struct persona_llm *fixture_llm(const struct fixture *fixture)
{
	char spec[64];

	snprintf(spec, sizeof spec, "%s:some-model", fixture_line(fixture, "provider"));
	return open_llm(spec);
}

#endif
