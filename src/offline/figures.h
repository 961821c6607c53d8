/* figures.h - figures of all personas of a draft together. Private to this folder. */
#ifndef OFFLINE_FIGURES_H
#define OFFLINE_FIGURES_H

#include "internal.h"

struct drafted {
	const struct persona_answer *answer; /* the personas, in slot order */
	const uint32_t *medoids;	     /* who stands in the middle of each */
	const size_t *sizes;		     /* respondents that each was made of */
};

/*
 * personas, respondents; covered: respondents who are at least half as near to a persona as usual, left_out: the
 * locators of up to 100 others; answers: closed answers that 2 % gave at least, answers_covered: of these those that
 * somebody in the middle of a persona gave; representativeness: by field, 1 less the divergence from the respondents;
 * stability: adjusted Rand index of groups of two samples, and a word for it. What is not known is not there. *out is
 * the caller's reference.
 */
int figures_make(json_t **out, const struct model *model, const struct drafted *drafted, struct persona_error *err);

#endif
