/*
 * persona/source.h - research files to records.
 *
 * Reads CSV and TSV, Markdown and plain text, single files, directories and
 * streams. Every byte is hostile until checked; everything has a ceiling. One
 * thread per call.
 *
 * CSV, TSV: the first row with any text is the header, every later row a record.
 * The delimiter of CSV is the one that the header uses most outside quotes: comma,
 * semicolon or TAB. Cells lose white space at their ends; line ends inside become
 * LF. A header cell becomes one line; an empty one is "column N", a repeated one
 * "Header (2)". A record's locator names the line on which it starts, its ordinal is
 * the number of its row, skipped rows counted. A quote in the middle of a cell is a
 * character; in a quoted cell that runs over lines it is an error, for there it
 * means that a quote was never closed.
 *
 * Markdown: with front matter, or with one title at most, the file is one record:
 * speaker is the front matter's `title` or the document's, other keys of the front
 * matter and the headings are the questions. Sections that share headings or
 * "**Name:** text" labels inside are one record each, speaker is the heading; so are
 * several titles, unless half of them end in a question mark. A label is a question
 * only if it stands once in its record. Text before the first heading answers "text".
 * Rules and link definitions are left out, all else keeps its bytes. The locator
 * names a section's heading, or the first line of the answers in the body.
 *
 * Plain text: one record, one column "text".
 *
 * Uses: base, text, persona.
 */
#ifndef PERSONA_SOURCE_H
#define PERSONA_SOURCE_H

#include "persona/base.h"
#include "persona/persona.h"

#define PERSONA_SOURCE_FILE_MAX	    (1024L * 1024 * 1024) /* bytes in one file */
#define PERSONA_SOURCE_CELL_MAX	    (1024 * 1024)	  /* bytes in one answer, or one line of text */
#define PERSONA_SOURCE_COLUMNS_MAX  4096
#define PERSONA_SOURCE_DOCUMENT_MAX (64L * 1024 * 1024) /* bytes in one Markdown or text file */

/* One research file, read. */
struct persona_source {
	char *uri;		       /* as given on the command line, made valid UTF-8; "-" for stdin */
	char *name;		       /* what locators start with: the last part of the path, in a directory the
					   path from there; the uri, or that with a number, where it is taken */
	char sha256[PERSONA_HASH_HEX]; /* of the bytes as they are */
	const char *media_type; /* "text/csv", "text/tab-separated-values", "text/markdown", "text/plain"; static */
	int64_t size_bytes;
	struct persona_records records; /* at least one; ordinals count skipped rows and sections */
	size_t empty_records;		/* rows or sections without any answer, blank lines too: skipped */
	size_t ragged_records;		/* rows with fewer or more cells than the header: kept, missing cells
					   unknown, cells beyond the header under "column N" */
	size_t cleaned_bytes;		/* invalid UTF-8 or control characters replaced */
};

struct persona_sources {
	struct persona_source *items;
	size_t len, capacity;
	char **skipped; /* files in a directory that were not read, "name: reason" */
	size_t skipped_len, skipped_capacity;
};

void persona_sources_init(struct persona_sources *sources);
void persona_sources_release(struct persona_sources *sources);

/*
 * Read a file, a directory or "-" (stdin) and append what it holds. format: "csv",
 * "tsv", "markdown", "text", or NULL to go by the file's extension (csv, tsv, md,
 * markdown, txt, text). Without a format, stdin is sniffed, and so is a pipe or
 * device whose name says nothing.
 *
 * A directory is read with everything below it, in byte order of the paths. Hidden files
 * are passed over. What cannot be used is named in `skipped` with the reason: other kinds of
 * file (with a format: of a kind other than that; files without a known extension are
 * then read), files that are broken, README files, links to directories. The same
 * content twice is appended once. On failure sources holds what it held before.
 *
 * Errors, each naming the file and where possible the line: PERSONA_E_IO (missing,
 * unreadable), PERSONA_E_FORMAT (empty, header only, no records, unknown extension, a
 * cell, line, text or file over its ceiling, a NUL byte, an unclosed quote, UTF-16, a
 * directory of which nothing can be used), PERSONA_E_USAGE (unknown format), PERSONA_E_NOMEM.
 */
int persona_sources_read(struct persona_sources *sources, const char *path, const char *format,
			 struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * The same from bytes at hand. uri serves for messages, its last part as the name; format
 * NULL: sniffed. out is initialised by the call and empty on failure.
 */
int persona_source_parse(struct persona_source *out, const char *uri, const char *format, const char *bytes, size_t len,
			 struct persona_error *err) PERSONA_MUST_CHECK;
void persona_source_release(struct persona_source *source);

#endif
