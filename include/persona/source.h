/*
 * persona/source.h - research files to records.
 *
 * Reads CSV and TSV, JSON and JSON lines, Markdown, plain text, HTML and transcripts, single
 * files, directories and streams. Every byte is hostile until checked; everything has a ceiling. One
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
 * Transcripts are Markdown, HTML or text in which labels such as "P2:" come again and again, at the beginning of lines (also
 * bold, also behind a time) or run together with what was said before. What a moderator says (by the label, else who mostly
 * asks) is the question that the others answer. A record is what one speaker says; the session, where all have one label.
 * `notes` says which.
 *
 * JSON: an array, else the longest array of objects one level down, else the whole object. Columns are the keys, those
 * of objects inside behind a dot; {"question", "answer"} inside gives its question; arrays of scalars are joined with
 * ", ", or "; " where one holds a comma; true and false are Yes and No. JSON lines: a value per line.
 *
 * HTML: the text with its headings, paragraphs and bold labels, read as Markdown.
 *
 * Rows of tables and JSON that share a participant's id are one record: its locator is the first row's, answers to one
 * question stand one per line, equal ones once. A column is one of ids when it is called so and its values come again.
 *
 * UTF-8, UTF-16 and Windows-1252 (with Latin-1) are read. Each record knows where its answers stand in the file's bytes.
 *
 * Uses: base, text, json, persona.
 */
#ifndef PERSONA_SOURCE_H
#define PERSONA_SOURCE_H

#include "persona/base.h"
#include "persona/persona.h"

#define PERSONA_SOURCE_FILE_MAX	    (1024L * 1024 * 1024) /* bytes in one file */
#define PERSONA_SOURCE_CELL_MAX	    (1024 * 1024)	  /* bytes in one answer, or one line of text */
#define PERSONA_SOURCE_COLUMNS_MAX  4096
#define PERSONA_SOURCE_DOCUMENT_MAX (64L * 1024 * 1024) /* bytes in one Markdown or text file */

/* What a record is. */
enum persona_unit {
	PERSONA_UNIT_AUTO,	  /* by what the data look like */
	PERSONA_UNIT_FILE,	  /* Markdown, text, HTML: the whole document */
	PERSONA_UNIT_SECTION,	  /* Markdown, HTML: what stands below a heading */
	PERSONA_UNIT_SPEAKER,	  /* transcripts: all that one speaker says */
	PERSONA_UNIT_TURN,	  /* transcripts: what one speaker says until another does */
	PERSONA_UNIT_ROW,	  /* tables, JSON: a row, whoever it is of */
	PERSONA_UNIT_PARTICIPANT, /* tables, JSON: all rows with the same id */
	PERSONA_UNITS
};

/* "auto", "file", …; PERSONA_UNITS: no such unit. */
enum persona_unit persona_unit_by_name(const char *name);

/* What the user knows better than what the data look like; all borrowed. Zero-initialised: nothing. */
struct persona_reading {
	const char *format; /* as in persona_sources_read(), for persona_source_parse_as() */
	enum persona_unit unit;
	const char *id_column;	   /* whose values tell participants apart */
	const char *const *ignore; /* columns that are left out */
	size_t ignore_len;
	const char *const *text; /* columns of open text, whatever they look like */
	size_t text_len;
};

/* One research file, read. */
struct persona_source {
	char *uri;		       /* as given on the command line, made valid UTF-8; "-" for stdin */
	char *name;		       /* what locators start with: the last part of the path, in a directory the
					   path from there; the uri, or that with a number, where it is taken */
	char sha256[PERSONA_HASH_HEX]; /* of the bytes as they are */
	char *media_type; /* "text/csv" and the like; how it was read, where that was told, stands behind it: "; unit=row" */
	const char *
		encoding; /* "UTF-8", "UTF-16LE", "UTF-16BE", "Windows-1252" from the first byte that is not ASCII; static */
	int64_t size_bytes;
	struct persona_records records;	       /* at least one; ordinals count skipped rows and sections */
	size_t empty_records;		       /* rows or sections without any answer, blank lines too: skipped */
	size_t ragged_records;		       /* rows with fewer or more cells than the header: kept, missing cells
					   unknown, cells beyond the header under "column N" */
	size_t cleaned_bytes;		       /* invalid UTF-8 or control characters replaced */
	struct persona_list notes;	       /* what else the user should know of how it was read */
	const struct persona_reading *reading; /* while it is read */
	int64_t fed;			       /* while it is read: bytes before the block at hand */
};

/* A file that was not read. */
struct persona_skipped_file {
	char *text;	 /* "name: reason" */
	bool unreadable; /* it ought to have been: it is broken, empty, or nobody may read it */
};

struct persona_sources {
	const struct persona_reading *reading; /* borrowed; NULL: by what the data look like. format is not looked at */
	struct persona_source *items;
	size_t len, capacity;
	struct persona_skipped_file *skipped;
	size_t skipped_len, skipped_capacity;
};

void persona_sources_init(struct persona_sources *sources);
void persona_sources_release(struct persona_sources *sources);

/*
 * Read a file, a directory or "-" (stdin) and append what it holds. format: "csv",
 * "tsv", "json", "jsonl", "markdown", "text", "html", or NULL to go by the file's extension (csv, tsv, json, jsonl,
 * ndjson, md, markdown, txt, text, html, htm, xhtml). Without a format, stdin is sniffed, and so is a pipe or
 * device whose name says nothing.
 *
 * A directory is read with everything below it, in byte order of the paths. Hidden files
 * are passed over. What cannot be used is named in `skipped` with the reason: other kinds of
 * file (with a format: of a kind other than that; files without a known extension are
 * then read), files that are broken, README files, links to directories. The same
 * content twice, in a directory or not, is appended once and named there as well. On
 * failure sources holds what it held before.
 *
 * Errors, each naming the file and where possible the line: PERSONA_E_IO (missing,
 * unreadable), PERSONA_E_FORMAT (empty, header only, no records, unknown extension, a
 * cell, line, text or file over its ceiling, a NUL byte, an unclosed quote, no JSON, a column that is not there, a
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
int persona_source_parse_as(struct persona_source *out, const char *uri, const struct persona_reading *reading,
			    const char *bytes, size_t len, struct persona_error *err) PERSONA_MUST_CHECK;
void persona_source_release(struct persona_source *source);

#endif
