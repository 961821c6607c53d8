/*
 * entries.h - the answers to a column, and which of them are equal.
 */
#ifndef OFFLINE_ENTRIES_H
#define OFFLINE_ENTRIES_H

#include "internal.h"

/* An answer, or a part of one. */
struct entry {
	uint32_t unit;
	uint32_t spelling;  /* in entries.spellings */
	uint32_t id;	    /* by entries_number(): equal but for case and the like */
	size_t offset, len; /* raw bytes */
};

/* Bytes that stand for one or many entries; borrowed from the records. */
struct spelling {
	uint64_t hash;
	const char *text;
	size_t len;
	size_t key; /* folded, in entries.keys */
	uint32_t id;
};

struct entries {
	struct entry *items; /* in the order of answers */
	size_t len, capacity;
	struct spelling *spellings; /* in order of first appearance */
	size_t spellings_len, spellings_capacity;
	uint32_t *slots; /* spelling + 1: open addressing */
	size_t slots_len;
	struct persona_buf keys; /* NUL-terminated, one after the other */
	/* by id */
	uint32_t *counts;
	size_t *key_at;
	size_t ids;
};

/* Empty; what was in it is freed first, so zero-initialise it once. */
void entries_reset(struct entries *entries);
void entries_release(struct entries *entries);

/* An entry of the unit with those raw bytes; text (of entry.len bytes) is what it counts as, and is borrowed. */
int entry_add(struct entries *entries, struct entry entry, const char *text, struct persona_error *err);
/* Give ids: equal keys get equal ones, numbered in the order of the keys. */
int entries_number(struct entries *entries, enum topic topic, struct persona_error *err);
/* All answers to a column, or their parts at that separator ('\0': whole), numbered. */
int entries_collect(struct entries *entries, const struct model *model, const struct column *column, char separator,
		    struct persona_error *err);
/* Join parts that always stand together. */
int entries_glue(struct entries *entries, const struct model *model, enum topic topic, struct persona_error *err);

static inline const char *entries_key(const struct entries *entries, uint32_t id)
{
	return entries->keys.data + entries->key_at[id];
}

#endif
