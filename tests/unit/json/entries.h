/* The files or folders that lie beside a test, each a case of a loop. */
#ifndef PERSONA_TEST_JSON_ENTRIES_H
#define PERSONA_TEST_JSON_ENTRIES_H

#include <dirent.h>
#include <stdio.h>

#include "persona/base.h"
#include "suite.h"

static struct dirent **entries;
static int entries_len;

/* folder: beside the test; fewer than `least` are a mistake, not a success. */
static inline void entries_read(const char *folder, int (*is_one)(const struct dirent *entry), int least)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/%s", PERSONA_TEST_FOLDER, folder);
	entries_len = scandir(path, &entries, is_one, alphasort);
	if (entries_len < least) {
		fprintf(stderr, "%s: %d entries, there should be %d or more\n", path, entries_len, least);
		exit(EXIT_FAILURE);
	}
}

static inline int is_case(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && entry->d_type == DT_DIR;
}

/* The golden folders. */
static inline void entries_read_cases(void)
{
	entries_read("cases", is_case, 300);
}

/* A file beside the test; false where there is none. text is initialised by the call. */
static inline bool entry_text(struct persona_buf *text, const char *folder, const char *name, const char *part)
{
	struct persona_error err = { 0 };
	char path[4096];
	FILE *file;

	persona_buf_init(text, 1 << 24);
	snprintf(path, sizeof path, "%s/%s/%s%s%s", PERSONA_TEST_FOLDER, folder, name, part ? "/" : "",
		 part ? part : "");
	file = fopen(path, "rb");
	if (!file)
		return false;
	ck_assert_msg(persona_buf_read(text, fileno(file), &err) == 0, "%s: %s", path, err.text);
	fclose(file);
	return true;
}

/* The same bytes in memory that ends where they do, so that nobody looks behind them unnoticed; the caller's. */
static inline char *entry_bytes(const struct persona_buf *text)
{
	char *bytes = malloc(text->len ? text->len : 1);

	ck_assert_ptr_nonnull(bytes);
	memcpy(bytes, text->data, text->len);
	return bytes;
}

/* The main function's end. */
static inline int entries_run(Suite *suite)
{
	int code = run_suite(suite);

	for (int i = 0; i < entries_len; i++)
		free(entries[i]);
	free(entries);
	return code;
}

#endif
