/*
 * kin.h - how much alike the respondents of a batch are, for the metrics.
 */
#ifndef METRIC_KIN_H
#define METRIC_KIN_H

#include "internal.h"

#define KIN_SAMPLE 512

struct kin_answer {
	uint32_t token; /* a question and an answer to it, or a stem */
	float weight;
};

struct persona_kin {
	int64_t *ids; /* of the records, ascending */
	size_t len;
	struct kin_answer *answers; /* by record; vectors of length 1 */
	size_t *answers_from;	    /* len + 1 */
	size_t tokens;
	uint32_t *sample; /* records that stand for all, KIN_SAMPLE at most */
	size_t sample_len;
	bool by_words; /* too few of them gave closed answers: an answer is then a stem that somebody uses */
	bool telling;  /* enough of them can be compared */
};

/* Did he give enough answers, or say enough, to be compared? */
bool kin_is_comparable(const struct persona_kin *kin, size_t record);

/* The number of a record, or kin->len. */
size_t kin_find(const struct persona_kin *kin, int64_t record_id);

/* Records that bear out an item, by their numbers; each once. */
struct kin_item {
	enum persona_list_field field;
	size_t position;
	uint32_t *records;
	size_t len;
	double nearness; /* out: see below; below 0: cannot be told */
};

/*
 * For each item how near its respondents are to those behind the items of the other lists: the share of all respondents
 * who are less near to them, mean over the item's; who is as near counts half. By chance it is .5. Those behind the other
 * lists are as near as they are to each other, and one who is alone there nearer than all. Who is behind k of n other
 * lists himself has k/n + (1 - k/n) of that share. Items of a list stand together.
 */
int kin_nearness(const struct persona_kin *kin, struct kin_item *items, size_t len,
		 struct persona_error *err) PERSONA_MUST_CHECK;

#endif
