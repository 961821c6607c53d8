/*
 * source/unit.h - one record in the making: answers gathered line by line, in whatever order.
 *
 * Private to this folder.
 */
#ifndef SOURCE_UNIT_H
#define SOURCE_UNIT_H

#include "map.h"
#include "reader.h"

struct answer;

/* Where an answer goes: a name, and once something was said the answer. */
struct question {
	const char *name; /* borrowed */
	size_t len;
	size_t answer; /* index plus one, 0: none yet */
};

struct unit {
	struct persona_source *source;
	const char *base; /* the text that answers are parts of, and where it stands; borrowed */
	const struct source_map *map;
	struct answer *answers;
	size_t len, capacity;
	size_t used[PERSONA_SOURCE_COLUMNS_MAX];    /* number of the record that used the column last */
	size_t repeats[PERSONA_SOURCE_COLUMNS_MAX]; /* how often the name of a column occurred in it */
	size_t number;				    /* of this record, empty ones counted */
	int64_t line;				    /* of the record, 0: not known yet */
	const char *speaker;			    /* borrowed */
	size_t speaker_len;
};

/* A unit without answers, number 1; text and map are set by whoever reads. */
int unit_new(struct unit **out, struct persona_source *source, struct persona_error *err) PERSONA_MUST_CHECK;
void unit_free(struct unit *unit);

/* Forget the answers. */
void unit_clear(struct unit *unit);

/* Append a line of the text to the answer; blank lines between are one blank line (see unit_gap). line: of the text. */
int unit_add(struct unit *unit, struct question *question, const char *text, size_t len, int64_t line,
	     struct persona_error *err) PERSONA_MUST_CHECK;

/* The same on the answer's last line, with `before` in front. */
int unit_append(struct unit *unit, struct question *question, const char *before, const char *text, size_t len,
		int64_t line, struct persona_error *err) PERSONA_MUST_CHECK;

/* A blank line comes before whatever is added next to that answer. */
void unit_gap(struct unit *unit, const struct question *question);

/* Make a record of what was gathered, if anything, and start over. otherwise: its line, where no answer has one. */
int unit_flush(struct unit *unit, int64_t otherwise, struct persona_error *err) PERSONA_MUST_CHECK;

#endif
