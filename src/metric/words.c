#include <pthread.h>
#include <strings.h>

#include "embedded_metric.h"
#include "internal.h"

int metric_words_of(struct metric_words *out, const char *text, struct persona_error *err)
{
	*out = (struct metric_words){ 0 };
	/* Folding may lengthen a text, at worst threefold; the texts themselves are bounded. */
	persona_buf_init(&out->folded, SIZE_MAX);
	if (persona_text_fold(&out->folded, text, strlen(text), 0, err) < 0 ||
	    persona_text_words(&out->items, &out->count, out->folded.data, out->folded.len, err) < 0) {
		persona_buf_release(&out->folded);
		return -1;
	}
	return 0;
}

void metric_words_release(struct metric_words *words)
{
	free(words->items);
	persona_buf_release(&words->folded);
}

const char *metric_list_next(const struct metric_list *list, size_t *at, size_t *len)
{
	while (*at < list->len) {
		const char *line = list->bytes + *at;
		const char *end = memchr(line, '\n', list->len - *at);

		*len = end ? (size_t)(end - line) : list->len - *at;
		*at += *len + (end != NULL);
		if (*len && *line != '#')
			return line;
	}
	return NULL;
}

static size_t entry_match(const char *entry, size_t len, const struct metric_words *words, size_t at)
{
	size_t matched = 0;

	while (len) {
		const char *blank = memchr(entry, ' ', len);
		size_t token = blank ? (size_t)(blank - entry) : len;
		const struct persona_word *word = &words->items[at + matched];

		if (at + matched >= words->count || word->len != token ||
		    memcmp(words->folded.data + word->offset, entry, token) != 0)
			return 0;
		matched++;
		entry += token + (blank != NULL);
		len -= token + (blank != NULL);
	}
	return matched;
}

size_t metric_list_match(const struct metric_list *list, const struct metric_words *words, size_t at)
{
	size_t longest = 0, line = 0, len = 0;
	const char *entry;

	if (at >= words->count ||
	    !metric_list_may_have(list, words->folded.data + words->items[at].offset, words->items[at].len))
		return 0;
	while ((entry = metric_list_next(list, &line, &len))) {
		size_t matched;

		if (*entry != words->folded.data[words->items[at].offset])
			continue;
		matched = entry_match(entry, len, words, at);
		if (matched > longest)
			longest = matched;
	}
	return longest;
}

size_t metric_list_find(const struct metric_list *list, const struct metric_words *words, size_t end)
{
	for (size_t i = 0; i < end; i++)
		if (metric_list_match(list, words, i))
			return i + 1;
	return 0;
}

bool metric_word_is_number(const struct metric_words *words, size_t at)
{
	const struct persona_word *word = &words->items[at];

	return strspn(words->folded.data + word->offset, "0123456789") >= word->len;
}

bool metric_word_cut_number(struct metric_words *words, size_t at)
{
	struct persona_word *word = &words->items[at];
	const char *text = words->folded.data + word->offset;
	size_t len = word->len;

	while (len && strchr("0123456789_", text[len - 1]))
		len--;
	if (!len || len == word->len)
		return false;
	word->len = len;
	return true;
}

/* ---- Lists for English ------------------------------------------------- */

#define FILTER_WORDS 32 /* of 64 bits */
#define FILTER_BYTES 4	/* of a word */

static const struct {
	const char *bytes;
	const size_t *len;
} english[] = {
#define LIST(name) { embedded_##name##_en_txt, &embedded_##name##_en_txt_len },
	METRIC_ENGLISH_LISTS(LIST)
#undef LIST
};

static uint64_t filters[METRIC_ENGLISH_LISTS_LEN][FILTER_WORDS];
static pthread_once_t filters_filled = PTHREAD_ONCE_INIT;

/* Most words of a text stand in no list: their length and first bytes tell, without reading the list. */
static unsigned filter_bit(const char *word, size_t len)
{
	unsigned bit = (unsigned)len;

	for (size_t i = 0; i < len && i < FILTER_BYTES; i++)
		bit = bit * 31 + (unsigned char)word[i];
	return (bit ^ bit >> 11) % (FILTER_WORDS * 64);
}

static void add_to_filter(uint64_t *filter, const char *word, size_t len)
{
	unsigned bit = filter_bit(word, len);

	filter[bit / 64] |= (uint64_t)1 << bit % 64;
}

static void fill_filters(void)
{
	for (size_t i = 0; i < METRIC_ENGLISH_LISTS_LEN; i++) {
		const struct metric_list list = { .bytes = english[i].bytes, .len = *english[i].len };
		size_t at = 0, len;
		const char *entry;

		while ((entry = metric_list_next(&list, &at, &len))) {
			const char *blank = memchr(entry, ' ', len);
			size_t first = blank ? (size_t)(blank - entry) : len;

			add_to_filter(filters[i], entry, first);
			if (blank && first + 1 < len) {
				const char *second = memchr(blank + 1, ' ', len - first - 1);

				add_to_filter(filters[i], blank + 1,
					      second ? (size_t)(second - blank - 1) : len - first - 1);
			}
		}
	}
}

bool metric_list_may_have(const struct metric_list *list, const char *word, size_t len)
{
	unsigned bit;

	if (!list->len || !len)
		return false;
	bit = filter_bit(word, len);
	return !list->filter || (list->filter[bit / 64] >> bit % 64 & 1);
}

bool metric_is_english(const struct persona_profile *profile)
{
	const char *name = profile->language;

	return !*name || !strcasecmp(name, "english") || !strcasecmp(name, "eng") ||
	       (!strncasecmp(name, "en", 2) && (!name[2] || name[2] == '-' || name[2] == '_'));
}

struct metric_list metric_english(const struct persona_profile *profile, enum metric_english_list list)
{
	if (!metric_is_english(profile))
		return (struct metric_list){ .len = 0 };
	pthread_once(&filters_filled, fill_filters);
	return (struct metric_list){ english[list].bytes, *english[list].len, filters[list] };
}
