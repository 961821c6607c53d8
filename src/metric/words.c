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

/* The list's entry at or after *at, which moves behind it; NULL at the end. */
static const char *next_entry(const struct metric_list *list, size_t *at, size_t *len)
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

	if (at >= words->count)
		return 0;
	while ((entry = next_entry(list, &line, &len))) {
		size_t matched;

		if (*entry != words->folded.data[words->items[at].offset])
			continue;
		matched = entry_match(entry, len, words, at);
		if (matched > longest)
			longest = matched;
	}
	return longest;
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
