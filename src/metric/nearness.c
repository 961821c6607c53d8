/* nearness.c - how near the respondents behind one list of a persona are to those behind the others. */
#include <math.h>

#include "kin.h"

#define OTHERS_LEAST 5	  /* others to compare with */
#define ROUNDING     1e-9 /* of the nearness to one: what differs by less is equal */

/* A respondent behind so many of the other lists. */
struct member {
	uint32_t record;
	unsigned lists;
};

struct crowd {
	const struct persona_kin *kin;
	double *sum;		/* by token: the respondents behind the other lists, added up */
	struct member *members; /* those respondents, ascending */
	size_t members_len, capacity;
	unsigned lists;		 /* the other lists that have any */
	double near[KIN_SAMPLE]; /* how near everybody is to them */
	size_t near_len, others; /* of them, not behind the other lists */
};

static double nearness(const struct crowd *crowd, uint32_t record)
{
	const struct persona_kin *kin = crowd->kin;
	double sum = 0;

	for (size_t i = kin->answers_from[record]; i < kin->answers_from[record + 1]; i++)
		sum += (double)kin->answers[i].weight * crowd->sum[kin->answers[i].token];
	return sum;
}

static int compare_members(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	return (x->record > y->record) - (x->record < y->record);
}

static const struct member *find_member(const struct crowd *crowd, uint32_t record)
{
	const struct member key = { .record = record };

	return crowd->members_len ? bsearch(&key, crowd->members, crowd->members_len, sizeof key, compare_members)
				  : NULL;
}

static void add_members(struct crowd *crowd)
{
	const struct persona_kin *kin = crowd->kin;

	for (size_t m = 0; m < crowd->members_len; m++) {
		uint32_t record = crowd->members[m].record;

		for (size_t i = kin->answers_from[record]; i < kin->answers_from[record + 1]; i++)
			crowd->sum[kin->answers[i].token] += (double)kin->answers[i].weight;
	}
}

static void forget_members(struct crowd *crowd)
{
	const struct persona_kin *kin = crowd->kin;

	for (size_t m = 0; m < crowd->members_len; m++) {
		uint32_t record = crowd->members[m].record;

		for (size_t i = kin->answers_from[record]; i < kin->answers_from[record + 1]; i++)
			crowd->sum[kin->answers[i].token] = 0;
	}
}

/* Sort members from `from` on, and keep each once; equal ones are added up. */
static void join_members(struct crowd *crowd, size_t from, bool of_one_list)
{
	size_t kept = from;

	if (crowd->members_len > from)
		qsort(crowd->members + from, crowd->members_len - from, sizeof *crowd->members, compare_members);
	for (size_t i = from; i < crowd->members_len; i++)
		if (kept == from || crowd->members[i].record != crowd->members[kept - 1].record)
			crowd->members[kept++] = crowd->members[i];
		else if (!of_one_list)
			crowd->members[kept - 1].lists += crowd->members[i].lists;
	crowd->members_len = kept;
}

static int gather_list(struct crowd *crowd, const struct kin_item *items, size_t len, struct persona_error *err)
{
	size_t from = crowd->members_len;

	for (size_t i = 0; i < len; i++)
		for (size_t k = 0; k < items[i].len; k++) {
			if (persona_grow((void **)&crowd->members, &crowd->capacity, crowd->members_len,
					 sizeof *crowd->members, err) < 0)
				return -1;
			crowd->members[crowd->members_len++] = (struct member){ items[i].records[k], 1 };
		}
	join_members(crowd, from, true);
	crowd->lists += crowd->members_len > from;
	return 0;
}

/* Everybody behind the items of lists other than the field; those of a list stand together. */
static int gather(struct crowd *crowd, const struct kin_item *items, size_t len, enum persona_list_field field,
		  struct persona_error *err)
{
	crowd->members_len = crowd->lists = 0;
	for (size_t i = 0, end; i < len; i = end) {
		for (end = i; end < len && items[end].field == items[i].field;)
			end++;
		if (items[i].field != field && gather_list(crowd, items + i, end - i, err) < 0)
			return -1;
	}
	join_members(crowd, 0, false);
	return 0;
}

/* To the others among the members; one who is there alone is as near as can be. */
static double member_nearness(const struct crowd *crowd, uint32_t record)
{
	const struct persona_kin *kin = crowd->kin;
	double all = (double)crowd->members_len, own = 0;

	/* About 1: the weights are rounded. */
	for (size_t i = kin->answers_from[record]; i < kin->answers_from[record + 1]; i++)
		own += (double)kin->answers[i].weight * kin->answers[i].weight;
	return all > 1 ? (nearness(crowd, record) - own) * all / (all - 1) : HUGE_VAL;
}

static void measure_all(struct crowd *crowd)
{
	crowd->near_len = crowd->kin->sample_len;
	crowd->others = 0;
	for (size_t i = 0; i < crowd->near_len; i++) {
		uint32_t record = crowd->kin->sample[i];
		bool member = find_member(crowd, record);

		crowd->near[i] = member ? member_nearness(crowd, record) : nearness(crowd, record);
		crowd->others += !member;
	}
}

/* The share of all who are less near; who is as near counts half. */
static double rank(const struct crowd *crowd, double own)
{
	double slack = ROUNDING * (double)crowd->members_len;
	size_t less = 0, same = 0;

	for (size_t i = 0; i < crowd->near_len; i++) {
		bool is_less = crowd->near[i] < own - slack;

		less += is_less;
		same += !is_less && crowd->near[i] <= own + slack;
	}
	return ((double)less + (double)same / 2) / (double)crowd->near_len;
}

/* He belongs to the lists that he is behind; to the others as near as he is to those who are behind any, himself left out. */
static double rank_member(const struct crowd *crowd, const struct member *member)
{
	double behind = (double)member->lists / crowd->lists;

	if (member->lists >= crowd->lists)
		return 1;
	return behind + (1 - behind) * rank(crowd, member_nearness(crowd, member->record));
}

static void rank_item(const struct crowd *crowd, struct kin_item *item)
{
	double sum = 0;
	size_t count = 0;

	for (size_t i = 0; i < item->len; i++) {
		const struct member *member = find_member(crowd, item->records[i]);

		if (!kin_is_comparable(crowd->kin, item->records[i]))
			continue;
		sum += member ? rank_member(crowd, member) : rank(crowd, nearness(crowd, item->records[i]));
		count++;
	}
	item->nearness = count ? sum / (double)count : -1;
}

int kin_nearness(const struct persona_kin *kin, struct kin_item *items, size_t len, struct persona_error *err)
{
	struct crowd *crowd = calloc(1, sizeof *crowd);
	double *sum = calloc(kin->tokens + 1, sizeof *sum);
	int rc = -1;

	if (!crowd || !sum) {
		persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		goto out;
	}
	*crowd = (struct crowd){ .kin = kin, .sum = sum };
	for (size_t i = 0; i < len; i++)
		items[i].nearness = -1;
	for (int field = 0; field < PERSONA_LIST_FIELDS; field++) {
		if (gather(crowd, items, len, (enum persona_list_field)field, err) < 0)
			goto out;
		add_members(crowd);
		measure_all(crowd);
		for (size_t i = 0; crowd->members_len && crowd->others >= OTHERS_LEAST && i < len; i++)
			if (items[i].field == (enum persona_list_field)field)
				rank_item(crowd, &items[i]);
		forget_members(crowd);
	}
	rc = 0;
out:
	if (crowd)
		free(crowd->members);
	free(crowd);
	free(sum);
	return rc;
}
