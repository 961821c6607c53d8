/*
 * refine.h - what the steps of a refinement share.
 */
#ifndef OFFLINE_REFINE_H
#define OFFLINE_REFINE_H

#include "internal.h"

struct refinement {
	struct model *model;
	const struct persona_task *task;
	struct persona persona;
	struct persona_buf log;
	/* of the round at hand */
	struct segment segment;
	struct usage usage;
	struct profile profile;
	size_t edits;
};

/* Names of the list fields' items: "goal" and so on. */
extern const char *const refine_singular[PERSONA_LIST_FIELDS];

/* Count an edit and write it down. */
int refine_note(struct refinement *refinement, struct persona_error *err, const char *format, ...) PERSONA_PRINTF(3, 4);
/* Is there a reason whose code starts so, for that field? NULL: for any. */
bool refine_has_reason(const struct persona_task *task, const char *code, const char *field);
/* Is there a reason with that code for that item? */
bool refine_has_reason_at(const struct persona_task *task, const char *code, const char *field, size_t position);

/* Do two items say the same? */
int refine_same(struct refinement *refinement, const char *a, const char *b, bool *same, struct persona_error *err);

/* replace.c */
/* Append one item of the field from the segment, if there is one that is not a repetition. closed: closed answers will do. */
int refine_append(struct refinement *refinement, enum persona_list_field field, bool closed, struct persona_error *err);
/* Put something of the segment in the place of an item; *done: there was something. */
int refine_replace(struct refinement *refinement, enum persona_list_field field, size_t at, const char *why,
		   bool closed, bool *done, struct persona_error *err);
/* The last item of the list, with its evidence, takes the place of item `at`. */
void refine_move_last(struct persona *persona, enum persona_list_field field, size_t at);
/* The first record that an item's evidence names. */
const char *refine_locator(const struct persona *persona, enum persona_list_field field, size_t position);

/* verify.c */
int refine_verify(struct refinement *refinement, struct persona_error *err);

#endif
