/*
 * private.h - what the files of this folder share: access by field table, reading, evidence.
 */
#ifndef PERSONA_PERSONA_PRIVATE_H
#define PERSONA_PERSONA_PRIVATE_H

#include "persona/persona.h"

enum {
	FIELD_COUNT = 0
#define PERSONA_TEXT(name, required, aliases, description)	 +1
#define PERSONA_INTEGER(name, least, most, aliases, description) +1
#define PERSONA_LIST(name, kind, aliases, description)		 +1
#define PERSONA_OBJECT(name, aliases, description)		 +1
#define PERSONA_DERIVED(name, aliases, description)		 +1
#include "fields.def"
};

/* ---- Fields by table ------------------------------------------------- */

/* These take a const persona for readers and writers alike: only who owns it writes to the slot. */

static inline char **text_slot(const struct persona *persona, const struct persona_field *field)
{
	return (char **)(void *)((char *)(uintptr_t)persona + field->offset);
}

static inline int64_t *integer_slot(const struct persona *persona, const struct persona_field *field)
{
	return (int64_t *)(void *)((char *)(uintptr_t)persona + field->offset);
}

static inline json_t **object_slot(const struct persona *persona, const struct persona_field *field)
{
	return (json_t **)(void *)((char *)(uintptr_t)persona + field->offset);
}

/* Are these the same key but for case, '_', '-' and blanks? */
bool same_key(const char *a, size_t a_len, const char *b, size_t b_len);

/*
 * The field that a key means; *rank (NULL allowed) is 0 for its very name, 1 for another way of
 * writing it, more for aliases in their order. NULL: no field.
 */
const struct persona_field *find_field(const char *key, unsigned *rank);

/* The first member of an object whose key is one of `names` (separated by blanks), in their order; NULL: none. */
json_t *find_member(const json_t *object, const char *names);

/* ---- Reading --------------------------------------------------------- */

struct reader {
	struct persona *persona;
	unsigned notes;
	struct persona_buf joined; /* scratch: a text made of several values */
	struct persona_buf clean;  /* scratch: the text as it is kept */
	struct persona_buf range;  /* what an integer was given as, "34-39"; empty: no range */
	struct persona_error *err;
};

/* Put the field's name before the error's text; returns -1. */
int blame(struct reader *reader, const char *field);

/* Says nothing: null, blank, or a list or object of nothing else. */
bool is_unknown(const json_t *value);

/*
 * Bytes cleaned and without white space at the ends, in reader->clean: *text points at its
 * *text_len bytes. 1, or -1: longer than PERSONA_TEXT_MAX, or out of memory.
 */
int clean_text(struct reader *reader, const char *bytes, size_t len, const char **text, size_t *text_len);

/*
 * Make a text of a value: a string is one, a number or truth value becomes its JSON, others too if
 * `containers`. Then as clean_text. 1: done, 0: not a text, -1: error.
 */
int text_of(struct reader *reader, const json_t *value, bool containers, const char **text, size_t *len);

/* A deep copy with clean strings and keys; NULL on failure. */
json_t *clean_copy(struct reader *reader, const json_t *value);

/* Keep a copy of a value in extra. */
int keep_extra(struct reader *reader, const char *key, const json_t *value);

/* Append a copy of a value to the list that stands under a key in extra. */
int keep_in_list(struct reader *reader, const char *key, const json_t *value);

/* Each takes a value for a field. 1: taken, 0: it cannot be used, -1: error. */
int take_text(struct reader *reader, const struct persona_field *field, const json_t *value);
int take_integer(struct reader *reader, const struct persona_field *field, const json_t *value);
int take_list(struct reader *reader, const struct persona_field *field, const json_t *value);
int take_object(struct reader *reader, const struct persona_field *field, const json_t *value);

/* ---- Evidence -------------------------------------------------------- */

#define ITEM_KEYS   "item claim text statement"
#define RECORD_KEYS "records record sources source locators locator"

/* Take locators for one item: a text, a number, or a list of them. 1: all taken, 0: some or none, -1: error. */
int take_locators(struct reader *reader, enum persona_list_field field, size_t position, const json_t *value);

/* Take the value of "evidence", once the lists are read. What fits no item stays in extra. */
int take_evidence(struct reader *reader, const json_t *value);

/* Evidence as a JSON array; with what extra holds under "evidence" at its end. NULL on failure. */
json_t *evidence_json(const struct persona *persona, struct persona_error *err);

/* [[field, position, locator], …] sorted and without repetitions: what counts for identity. NULL on failure. */
json_t *evidence_identity(const struct persona *persona, struct persona_error *err);

#endif
