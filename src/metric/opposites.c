/*
 * Behaviours against frustrations: what somebody loves to do and hates at the same time.
 *
 * 100 less 25 for each behaviour and frustration about the same thing (two content words in common besides) that hold
 * opposite words of data/opposites. A negation within the three words before turns a word into its opposite. A
 * frustration that says of something that it is not bad ("not difficult", "no problem": data/no-frustrations) is none,
 * and loses as much.
 */
#include "consistency.h"

#define DEDUCTION  25.0
#define SHARED	   2
#define POLES_MAX  16
#define NAME_BYTES 32

/* A word of data/opposites in a text. */
struct pole {
	char group[NAME_BYTES];
	size_t at;   /* which word */
	bool good;   /* the side on which the text stands */
	bool turned; /* by a negation */
};

/* A line "+love loves": side, group, word. True when the word is it. */
static bool read_line(struct pole *pole, const char *line, size_t len, const char *word, size_t word_len)
{
	const char *blank = memchr(line, ' ', len);
	size_t name = blank ? (size_t)(blank - line) : len;

	if (!blank || name < 2 || name > NAME_BYTES || len - name - 1 != word_len ||
	    memcmp(blank + 1, word, word_len) != 0)
		return false;
	pole->good = line[0] == '+';
	memcpy(pole->group, line + 1, name - 1);
	pole->group[name - 1] = '\0';
	return true;
}

static bool look_up(const struct metric_list *list, struct pole *pole, const struct metric_words *words, size_t at)
{
	const struct persona_word *word = &words->items[at];
	size_t line = 0, len;
	const char *entry;

	if (!metric_list_may_have(list, words->folded.data + word->offset, word->len))
		return false;
	while ((entry = metric_list_next(list, &line, &len)))
		if (read_line(pole, entry, len, words->folded.data + word->offset, word->len)) {
			pole->at = at;
			return true;
		}
	return false;
}

static size_t find_poles(const struct consistency *consistency, const struct metric_words *words,
			 struct pole poles[POLES_MAX])
{
	const struct metric_list list = metric_english(consistency->profile, METRIC_opposites);
	size_t len = 0;

	for (size_t i = 0; i < words->count && len < POLES_MAX; i++)
		if (look_up(&list, &poles[len], words, i)) {
			poles[len].turned = is_negated(consistency->profile, words, i);
			if (poles[len].turned)
				poles[len].good = !poles[len].good;
			len++;
		}
	return len;
}

/* Is the content word the pole's own? */
static int is_pole(const struct consistency *consistency, const struct metric_words *words, const struct pole *pole,
		   const char *stem, struct persona_error *err)
{
	const struct persona_word *word = &words->items[pole->at];
	struct persona_stems stems;
	int is;

	if (persona_stems_of(&stems, consistency->language, words->folded.data + word->offset, word->len, err) < 0)
		return -1;
	is = stems.count && strcmp(stems.items[0], stem) == 0;
	persona_stems_release(&stems);
	return is;
}

/* 1: two content words in common besides the pair itself; 0: fewer. */
static int same_subject(const struct consistency *consistency, const struct read_item *a, const struct pole *of_a,
			const struct read_item *b, const struct pole *of_b, struct persona_error *err)
{
	size_t i = 0, k = 0, shared = 0;

	while (i < a->stems.set_len && k < b->stems.set_len && shared < SHARED) {
		const char *stem = a->stems.set[i];
		int order = strcmp(stem, b->stems.set[k]);

		if (order == 0 && !is_negation(consistency->profile, stem)) {
			int is = is_pole(consistency, &a->words, of_a, stem, err);

			if (!is)
				is = is_pole(consistency, &b->words, of_b, stem, err);
			if (is < 0)
				return -1;
			shared += !is;
		}
		i += order <= 0;
		k += order >= 0;
	}
	return shared == SHARED;
}

static int contradict(const struct consistency *consistency, const struct read_item *behaviour,
		      const struct read_item *frustration, struct persona_error *err)
{
	struct pole left[POLES_MAX], right[POLES_MAX];
	size_t left_len = find_poles(consistency, &behaviour->words, left);
	size_t right_len = left_len ? find_poles(consistency, &frustration->words, right) : 0;

	for (size_t i = 0; i < left_len; i++)
		for (size_t k = 0; k < right_len; k++) {
			int same;

			if (left[i].good == right[k].good || strcmp(left[i].group, right[k].group) != 0)
				continue;
			same = same_subject(consistency, behaviour, &left[i], frustration, &right[k], err);
			if (same)
				return same;
		}
	return 0;
}

static int judge_frustration(const struct consistency *consistency, size_t position, double *value,
			     struct persona_error *err)
{
	const struct read_item *item = &consistency->items[PERSONA_FRUSTRATIONS][position];
	struct pole poles[POLES_MAX];
	const struct metric_list fine = metric_english(consistency->profile, METRIC_no_frustrations);
	size_t len = find_poles(consistency, &item->words, poles);
	bool none = metric_list_find(&fine, &item->words, item->words.count) > 0;

	/* Who can't avoid something does suffer. */
	for (size_t i = 0; i < len; i++)
		none = none || (poles[i].turned && poles[i].good && strcmp(poles[i].group, "enjoy") != 0);
	if (!none)
		return 0;
	*value -= DEDUCTION;
	return persona_finding_issue(consistency->finding, "no-frustration", "frustrations", (long)position, err,
				     "frustration %zu says that something is not bad: say what is", position + 1);
}

int judge_opposites(const struct consistency *consistency, double *value, struct persona_error *err)
{
	const struct persona *persona = consistency->subject->persona;
	size_t behaviours = persona->lists[PERSONA_BEHAVIOURS].len;
	size_t frustrations = persona->lists[PERSONA_FRUSTRATIONS].len;

	*value = -1;
	if (!metric_is_english(consistency->profile) || !frustrations)
		return 0;
	*value = 100;
	for (size_t k = 0; k<frustrations && * value> 0; k++) {
		if (judge_frustration(consistency, k, value, err) < 0)
			return -1;
		for (size_t i = 0; i<behaviours && * value> 0; i++) {
			int rc = contradict(consistency, &consistency->items[PERSONA_BEHAVIOURS][i],
					    &consistency->items[PERSONA_FRUSTRATIONS][k], err);

			if (rc < 0)
				return -1;
			if (!rc)
				continue;
			*value -= DEDUCTION;
			if (persona_finding_issue(
				    consistency->finding, "contradiction", "behaviours", (long)i, err,
				    "behaviour %zu is the opposite of frustration %zu: change one of them", i + 1,
				    k + 1) < 0)
				return -1;
		}
	}
	if (!behaviours && *value >= 100)
		*value = -1;
	return 0;
}
