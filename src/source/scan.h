/*
 * source/scan.h - the lines of a Markdown document and what each one is.
 *
 * Enough of Markdown to tell questions from answers; not a renderer. Private to
 * this folder.
 */
#ifndef SOURCE_SCAN_H
#define SOURCE_SCAN_H

#include "persona/base.h"

enum scan_kind {
	SCAN_BLANK,
	SCAN_TEXT,
	SCAN_HEADING, /* name: its text, level: 1..6 */
	SCAN_LABEL,   /* "**Name:** text", in a list or not */
	SCAN_IGNORED  /* a rule, a link definition: nobody said that */
};

struct scan_line {
	enum scan_kind kind;
	int level;
	const char *name;
	size_t name_len;
	const char *text; /* the line; of a label what stands behind the name */
	size_t len;
	int64_t number; /* from 1 */
};

/* A place in a document; a copy goes on from the same place. */
struct scan {
	const char *at, *end;
	int64_t number; /* of the next line */
	char fence;	/* '`' or '~' inside a code block, else 0 */
	size_t fence_len;
	bool after_text; /* the line before belongs to a paragraph */
};

void scan_init(struct scan *scan, const char *text, size_t len);

/* The next line as it stands, without its end. False at the end. */
bool scan_raw(struct scan *scan, const char **line, size_t *len);

/* The next line and what it is. False at the end. */
bool scan_next(struct scan *scan, struct scan_line *line);

#endif
