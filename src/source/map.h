/*
 * source/map.h - where text that was made from a file's bytes stands in the file.
 *
 * A document is cleaned, and HTML and JSON are unescaped, before their text is taken apart; a
 * map goes with the text, so that what is kept of it can be pointed at. Private to this folder.
 */
#ifndef SOURCE_MAP_H
#define SOURCE_MAP_H

#include "persona/base.h"

/* From `offset` of the text on, up to the next mark, the bytes are those of the file from `byte` on; -1: they are not. */
struct source_mark {
	size_t offset;
	int64_t byte;
	int64_t line; /* of the file; 0: as the text's line ends count it */
};

struct source_map {
	struct source_mark *items; /* by offset */
	size_t len, capacity;
	int64_t *lines; /* of the file, by lines of the text; NULL: the same */
	size_t lines_len, lines_capacity;
};

void source_map_release(struct source_map *map);

/* Offsets come in ascending order; what goes on from the mark before makes none. */
int source_map_add(struct source_map *map, size_t offset, int64_t byte, int64_t line,
		   struct persona_error *err) PERSONA_MUST_CHECK;

/* The file's byte at text[offset], or -1; *line as in a mark; *end: where the next mark stands, SIZE_MAX for nowhere. */
int64_t source_map_byte(const struct source_map *map, size_t offset, int64_t *line, size_t *end);

/* The line of the file for a line of the text, both from 1. */
int64_t source_map_line(const struct source_map *map, int64_t line);
/* The text's next line stands on that line of the file. */
int source_map_add_line(struct source_map *map, int64_t line, struct persona_error *err) PERSONA_MUST_CHECK;

#endif
