/*
 * source/reader.h - how the bytes of one research file become records.
 *
 * A format is a table of functions that take the file block by block, so that
 * memory follows the content and not the file. Private to this folder.
 */
#ifndef SOURCE_READER_H
#define SOURCE_READER_H

#include "persona/source.h"

#define SOURCE_BLOCK 65536 /* bytes fed at a time */

struct source_format {
	const char *name;
	const char *media_type;
	const char *extensions; /* lower case, separated by blanks */

	/* head: the first block without byte order mark, not consumed. On failure *state is NULL. */
	int (*open)(void **state, struct persona_source *source, const char *head, size_t len,
		    struct persona_error *err);
	int (*feed)(void *state, const char *bytes, size_t len, struct persona_error *err);
	int (*finish)(void *state, struct persona_error *err);
	void (*close)(void *state);
};

extern const struct source_format source_csv;
extern const struct source_format source_tsv;
extern const struct source_format source_markdown;
extern const struct source_format source_text;

/* NULL: no such format. The path's extension counts, in any case of letters. */
const struct source_format *source_format_by_name(const char *name);
const struct source_format *source_format_by_path(const char *path);

/* The extension with its dot, "" if there is none. */
const char *source_extension(const char *path);

/* What the first bytes look like; plain text when nothing else fits. */
const struct source_format *source_sniff(const char *head, size_t len);

/* The delimiter that the header line uses most outside quotes: comma, semicolon or TAB. */
char source_delimiter(const char *head, size_t len);

/* Fill err with "FILE: …" or, with a line, "FILE:LINE: …", and return -1. */
int source_fail(struct persona_error *err, enum persona_error_code code, const char *uri, int64_t line,
		const char *format, ...) PERSONA_PRINTF(5, 6);

/*
 * Trim and clean in place: afterwards *text points into what it was or into scratch, whose content is lost.
 * Counts what had to be replaced.
 */
int source_clean(struct persona_source *source, struct persona_buf *scratch, const char **text, size_t *len,
		 struct persona_error *err) PERSONA_MUST_CHECK;

/* The n-th column of a name: "Name", "Name (2)", … -1: err is set. */
long source_column(struct persona_source *source, const char *name, size_t n,
		   struct persona_error *err) PERSONA_MUST_CHECK;

/* Append a record with the locator NAME:LINE. */
int source_add_record(struct persona_source *source, struct persona_record **out, int64_t line,
		      struct persona_error *err) PERSONA_MUST_CHECK;

/* The records of a cleaned Markdown document. */
int markdown_parse(struct persona_source *source, const char *text, size_t len,
		   struct persona_error *err) PERSONA_MUST_CHECK;

/* Paths of all files below a directory that are not hidden, relative to it, in byte order. */
struct source_paths {
	char **items;
	size_t len, capacity;
};
void source_paths_release(struct source_paths *paths);

/* Errors: PERSONA_E_IO, PERSONA_E_NOMEM. What cannot be read is named in sources->skipped. */
int source_walk(struct source_paths *out, struct persona_sources *sources, const char *root,
		struct persona_error *err) PERSONA_MUST_CHECK;

/* Note a file that was not read; text is copied. */
int source_skip(struct persona_sources *sources, const char *text, struct persona_error *err) PERSONA_MUST_CHECK;

/* root and rest with one slash between them; the caller frees. NULL: err is set. */
char *source_join(const char *root, const char *rest, struct persona_error *err) PERSONA_MUST_CHECK;

#endif
