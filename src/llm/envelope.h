/*
 * llm/envelope.h - the few members of a provider's answer that matter, without a tree of the rest.
 *
 * A scanner walks over the bytes once and notes where the values of wanted paths stand. It reads what
 * providers wrap around a model's words; the words themselves are read by src/json.
 */
#ifndef PERSONA_LLM_ENVELOPE_H
#define PERSONA_LLM_ENVELOPE_H

#include "persona/base.h"

#define ENVELOPE_DEPTH 256 /* containers in one another; more is refused */
#define ENVELOPE_PARTS 7   /* member names in one path */

/*
 * A path from the root: names, "0" for the first element of an array, "*" for each; an array is asked for in one of
 * these ways. At most 64 paths at once.
 */
struct envelope_path {
	int field; /* the caller's number of it, below 64, each once */
	const char *part[ENVELOPE_PARTS + 1];
};

/* Where a value stands. A string without its quotes, still escaped. */
struct envelope_value {
	char type; /* first byte of its JSON: " { [ t f n, '0' for a number; 0: it is not there */
	const char *bytes;
	size_t len;
};

enum envelope_event {
	ENVELOPE_ELEMENT, /* an element of a "*" has ended; its values are there until the next call */
	ENVELOPE_AGAIN,	  /* a member was seen before: what came of it is void, the last of equal keys counts */
	ENVELOPE_END,	  /* one whole JSON value and nothing else */
	ENVELOPE_SHORT,	  /* ends in the middle of a value */
	ENVELOPE_BAD	  /* not JSON, or nested too deep */
};

struct envelope_frame {
	bool object, element;
	uint64_t alive;	 /* paths that go on from here */
	uint64_t leaves; /* paths that end with this container */
	const char *start;
	size_t index;
};

struct envelope {
	const struct envelope_path *paths;
	size_t count;
	struct envelope_value values[64]; /* by field */
	uint64_t fields;		  /* those that the event is about */
	const char *at, *end;
	uint64_t alive, leaves; /* paths of the value that comes next */
	bool element;		/* and whether it is an element of a "*" */
	bool ended;		/* the last event was an element's end: its values go */
	int state;
	size_t depth;
	struct envelope_frame frames[ENVELOPE_DEPTH];
};

/* Begin. paths and bytes are borrowed until the last event. */
void envelope_init(struct envelope *envelope, const struct envelope_path *paths, size_t count, const char *bytes,
		   size_t len);

/* On to the next event. END, SHORT and BAD are the last. */
enum envelope_event envelope_next(struct envelope *envelope);

/*
 * Append a string's text: escapes resolved, halves of surrogate pairs and invalid bytes replaced by U+FFFD, control
 * characters removed. Errors: PERSONA_E_NOMEM, PERSONA_E_FORMAT (out's ceiling).
 */
int envelope_text(struct persona_buf *out, const struct envelope_value *value,
		  struct persona_error *err) PERSONA_MUST_CHECK;

/* The same for short words: cut where out is full. "" for what is neither string nor number. */
void envelope_word(char *out, size_t size, const struct envelope_value *value);

/* A whole number from 0 to most (below 2^59), also written as 12.0 or "12"; -1 for anything else. */
int64_t envelope_count(const struct envelope_value *value, int64_t most);

#endif
