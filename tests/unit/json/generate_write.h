/* Between generate.c and generate_write.c: a document on its way to damaged text. */
#ifndef GENERATE_WRITE_H
#define GENERATE_WRITE_H

#include "generate.h"

#define LEN(array)	  (sizeof(array) / sizeof *(array))
#define G(kind)		  GENERATE_BIT(GENERATE_##kind)
#define PICK(state, pool) ((pool)[writer_below((state), LEN(pool))])
#define DEPTH		  8

/* A container that is being written. */
struct frame {
	const json_t *value;
	size_t complete; /* members or elements that are there whole */
	const char *key; /* of the member that is being written */
};

/* A place where the text may end, and what is known by then. */
struct cut {
	size_t offset;
	size_t depth;
	struct frame frames[DEPTH];
	const char *text; /* the string that is being written, NULL for none … */
	size_t text_len;  /* … and how much of it is there */
};

struct writer {
	struct persona_buf out;
	uint64_t state;
	uint64_t wanted, done;
	unsigned indent; /* 0: all on one line */
	bool failed;	 /* memory ran out */
	struct frame frames[DEPTH];
	size_t depth;
	struct cut cut; /* drawn among all that were fair */
	uint64_t cuts;	/* how many there were */
};

/* Deterministic numbers: splitmix64, and one from 0 to limit - 1. */
uint64_t writer_draw(uint64_t *state);
size_t writer_below(uint64_t *state, size_t limit);

void writer_put(struct writer *w, const char *string);
void writer_put_bytes(struct writer *w, const char *bytes, size_t len);

/* Shall this kind be done here? Not everywhere, so that sound places stand between broken ones. */
bool writer_hit(struct writer *w, enum generate_kind kind);

/* Write a document with the wanted damage. */
void writer_put_value(struct writer *w, const json_t *value);

/* What the specification keeps of a document that ends at w->cut; a new reference. */
json_t *writer_left(struct writer *w);

#endif
