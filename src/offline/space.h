/* space.h - respondents as points: the first components of their features. */
#ifndef PERSONA_OFFLINE_SPACE_H
#define PERSONA_OFFLINE_SPACE_H

#include "internal.h"

#define BISECT_FROM 32 /* groups from which halving replaces k-means, and so many that they need more dimensions */

struct space {
	const struct model *model;
	uint32_t *units; /* that have a point: those who are not silent, ascending */
	size_t len;
	double *points; /* len x dimensions, rows of length 1 */
	size_t dimensions;
};

/* For k groups. Errors: PERSONA_E_NOMEM. Release it in any case. */
int space_init(struct space *space, const struct model *model, size_t k, struct persona_error *err) PERSONA_MUST_CHECK;
void space_release(struct space *space);

static inline const double *space_point(const struct space *space, size_t place)
{
	return space->points + place * space->dimensions;
}

#endif
