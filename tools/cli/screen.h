/*
 * cli/screen.h - one line of progress for each of several programs at the bottom of one terminal, messages above them.
 *
 * Each program writes as if it had the last line of a terminal for itself (see progress.c): "\r", its line, "\033[K"
 * for progress; whole lines for messages. Nothing is printed here: what the terminal is to get is added to `out`, which
 * the caller writes.
 */
#ifndef PERSONA_CLI_SCREEN_H
#define PERSONA_CLI_SCREEN_H

#include "persona/base.h"

#define SCREEN_LINES_MAX 32
#define SCREEN_LINE_SIZE 256 /* bytes of a line of progress; more is cut */

struct screen_source {
	struct persona_buf pending;  /* what came and is no whole piece yet */
	char line[SCREEN_LINE_SIZE]; /* its progress; "": none */
};

struct screen {
	struct screen_source sources[SCREEN_LINES_MAX];
	size_t len;
	size_t columns, rows; /* of the terminal; the caller keeps them up to date */
	size_t drawn;	      /* lines of progress that are on the terminal now */
	struct persona_buf out;
};

/* For so many programs, at most SCREEN_LINES_MAX. */
void screen_init(struct screen *screen, size_t len);
void screen_release(struct screen *screen);

/* Program `source` wrote this. What memory is short for is not shown. */
void screen_feed(struct screen *screen, size_t source, const char *bytes, size_t len);

/* It has ended: what it began to say is said, its line goes. */
void screen_end(struct screen *screen, size_t source);

/* Make room for something else, and put the lines back below it. Both do nothing where there is nothing to do. */
void screen_erase(struct screen *screen);
void screen_draw(struct screen *screen);

#endif
