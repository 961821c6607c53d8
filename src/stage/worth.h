/*
 * stage/worth.h - does a refinement lower the score? For models that do not see it.
 */
#ifndef PERSONA_STAGE_WORTH_H
#define PERSONA_STAGE_WORTH_H

#include "internal.h"

/* Remembers the records that it was last asked about. One thread at a time. */
struct worth;
int worth_new(struct worth **out, struct persona_error *err) PERSONA_MUST_CHECK;
void worth_free(struct worth *worth);

/*
 * Is what a persona scores by itself, by the default profile, less once it is refined? 1, 0 or -1. The task is that of
 * the refinement. Errors: PERSONA_E_NOMEM.
 */
int worth_falls(struct worth *worth, const struct persona_task *task, const struct persona *refined,
		struct persona_error *err) PERSONA_MUST_CHECK;

#endif
