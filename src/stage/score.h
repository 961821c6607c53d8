/*
 * stage/score.h - what scoring has in work, and how it writes what it found.
 */
#ifndef PERSONA_STAGE_SCORE_H
#define PERSONA_STAGE_SCORE_H

#include "internal.h"

struct score {
	struct persona_key key;
	int64_t key_id;
	bool has_set;
	struct persona_place *given; /* as read, sorted by batch, then as they came */
	size_t given_len, next;
	struct related {
		int64_t batch_id;
		struct persona_kin *kin;
	} * related; /* of the batches met so far */
	size_t related_len, related_capacity;
};

/* One revision to be judged, or a batch of them. */
struct judged {
	struct persona_place *subjects; /* to be judged or compared with, one each */
	bool *wanted;			/* a row is to be written */
	bool *member;
	char **broken; /* why it cannot be read, NULL: it can */
	struct persona *personas;
	struct persona_score *scores;
	size_t len;
	bool scored; /* scores are to be released */

	/* a batch: */
	const struct persona_place *given; /* borrowed from struct score */
	size_t given_len;
	struct persona_population population;
	size_t next_row, next_out;
	int64_t batch_records;
	const struct persona_kin *kin; /* borrowed from struct score */
	int *years;		       /* in which each was written */
	struct persona_figures figures;
	int64_t scoring_id; /* 0: not written yet */
};

/* Where a failure of one revision belongs. */
struct persona_failure score_failure(const struct score *score, int64_t revision_id);

/* The rows of a subject: its score, or why it cannot be read. Writes. */
int score_write_row(struct persona_context *context, const struct judged *judged, size_t index,
		    struct persona_error *err) PERSONA_MUST_CHECK;

/* What the set is as a whole goes with its first rows. Writes. */
int score_write_figures(struct persona_context *context, struct judged *judged,
			struct persona_error *err) PERSONA_MUST_CHECK;

/* Who is too similar to a member, whether rows of it are wanted or not. Returns how many, or -1. Writes. */
long score_write_similar(struct persona_context *context, const struct judged *judged, size_t index,
			 struct persona_error *err) PERSONA_MUST_CHECK;

#endif
