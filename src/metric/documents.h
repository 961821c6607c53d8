/*
 * documents.h - personas as sets of words, for the metric that compares them.
 *
 * A persona has four parts: goals, frustrations, behaviours, and who it is (demographics, age, occupation). Words
 * of different parts are different words, so that a set of them tells its part.
 */
#ifndef PERSONA_METRIC_DOCUMENTS_H
#define PERSONA_METRIC_DOCUMENTS_H

#include "internal.h"

enum document_part { PART_GOALS, PART_FRUSTRATIONS, PART_BEHAVIOURS, PART_WHO, PARTS };

/* Numbers of words, ascending and each once: terms[from .. to-1] of struct documents. */
struct term_range {
	size_t from, to;
};

/* A goal or a frustration. */
struct document_item {
	struct term_range terms;
	uint32_t position; /* in its list */
	uint8_t part;	   /* PART_GOALS or PART_FRUSTRATIONS */
};

struct document {
	struct term_range parts[PARTS];
	size_t first_item, items_len;
};

struct documents {
	struct document *items; /* one per subject, in their order */
	size_t len;
	uint32_t *terms;
	size_t terms_len, terms_capacity;
	struct document_item *parts; /* goals and frustrations of all */
	size_t parts_len, parts_capacity;
	size_t words; /* how many different ones there are */
};

/* out is initialised by the call and to be released even after a failure. language: as persona_language_new(). */
int documents_read(struct documents *out, const struct persona_subject *subjects, size_t len, const char *language,
		   size_t threads, struct persona_error *err) PERSONA_MUST_CHECK;
void documents_release(struct documents *documents);

static inline size_t range_len(struct term_range range)
{
	return range.to - range.from;
}

/* ---- Similarity (similarity.c) --------------------------------------- */

/* What the members have in common with one persona. */
struct nearness {
	double nearest;			   /* largest similarity to another member, 0..1 */
	double mean;			   /* over all other members, exact to 2^-22 */
	size_t neighbour;		   /* index of the nearest, the first of equals; SIZE_MAX: there is none */
	size_t others;			   /* members it was compared with */
	size_t similar_total;		   /* those at or above the limit */
	struct persona_neighbour *similar; /* of them the nearest, at most PERSONA_SIMILAR_MAX */
	size_t similar_len;
};

/* out[i] belongs to subjects[i]. On failure, too, the lists of `similar` are to be freed. */
int similarities(struct nearness *out, const struct documents *documents, const struct persona_subject *subjects,
		 double limit, size_t threads, struct persona_error *err) PERSONA_MUST_CHECK;

/* ---- Goals and frustrations of others (shared.c) ----------------------- */

/*
 * owner[i]: index of a subject of another persona that has documents->parts[i], too (Jaccard of words 0.8 or more);
 * SIZE_MAX: nobody.
 */
int shared_items(size_t *owner, const struct documents *documents, const struct persona_subject *subjects,
		 size_t threads, struct persona_error *err) PERSONA_MUST_CHECK;

#endif
