#include <unictype.h>
#include <unistr.h>
#include <uniwbrk.h>

#include "words.h"

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static bool is_letter(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/* UAX #29 for ASCII alone: does the word go on over the byte at i (WB6, 7, 11, 12)? */
static bool bridges(const char *text, size_t i, size_t end)
{
	char before = text[i - 1], after;

	if (i + 1 >= end)
		return false;
	after = text[i + 1];
	switch (text[i]) {
	case '.':
	case '\'':
		return (is_letter(before) && is_letter(after)) || (is_digit(before) && is_digit(after));
	case ':':
		return is_letter(before) && is_letter(after);
	case ',':
	case ';':
		return is_digit(before) && is_digit(after);
	default:
		return false;
	}
}

/* The next word in ASCII text[*at .. end); *at moves behind it. */
static bool next_ascii(const char *text, size_t *at, size_t end, struct persona_word *word)
{
	size_t i = *at;

	while (i < end) {
		bool counts = false;
		size_t start = i;

		while (i < end) {
			if (is_letter(text[i]) || is_digit(text[i]))
				counts = true;
			else if (text[i] != '_' && (i == start || !bridges(text, i, end)))
				break;
			i++;
		}
		if (counts) {
			*word = (struct persona_word){ .offset = start, .len = i - start };
			*at = i;
			return true;
		}
		i += i == start;
	}
	*at = end;
	return false;
}

static bool holds_letter_or_digit(const char *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		ucs4_t code;

		i += (size_t)u8_mbtouc(&code, (const uint8_t *)text + i, len - i);
		if (uc_is_general_category_withtable(code, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_N))
			return true;
	}
	return false;
}

/* The next word in the chunk that walk->breaks describes. */
static bool next_unicode(struct word_walk *walk, struct persona_word *word)
{
	while (walk->at < walk->chunk_end) {
		size_t start = walk->at, end = start + 1;

		while (end < walk->chunk_end && !walk->breaks[end - walk->chunk_start])
			end++;
		walk->at = end;
		if (holds_letter_or_digit(walk->text + start, end - start)) {
			*word = (struct persona_word){ .offset = start, .len = end - start };
			return true;
		}
	}
	return false;
}

/* Find the boundaries within the chunk. Bytes that are not UTF-8 part words like punctuation. */
static int find_breaks(struct word_walk *walk)
{
	size_t len = walk->chunk_end - walk->chunk_start;
	const uint8_t *text = (const uint8_t *)walk->text + walk->chunk_start;

	walk->breaks = walk->fixed;
	if (len > sizeof walk->fixed) {
		if (len > walk->breaks_size) {
			free(walk->heap);
			walk->heap = malloc(len);
			walk->breaks_size = walk->heap ? len : 0;
		}
		walk->breaks = walk->heap;
		if (!walk->breaks)
			return -1;
	}
	for (size_t from = 0; from < len;) {
		const uint8_t *bad = u8_check(text + from, len - from);
		size_t valid = bad ? (size_t)(bad - text) - from : len - from;

		u8_wordbreaks(text + from, valid, walk->breaks + from);
		if (valid)
			walk->breaks[from] = 1;
		from += valid;
		if (bad)
			walk->breaks[from++] = 1;
	}
	return 0;
}

void word_walk_init(struct word_walk *walk, const char *text, size_t len)
{
	walk->text = text;
	walk->len = len;
	walk->at = walk->chunk_start = walk->chunk_end = 0;
	walk->breaks = NULL;
	walk->heap = NULL;
	walk->breaks_size = 0;
}

void word_walk_release(struct word_walk *walk)
{
	free(walk->heap);
}

int word_walk_next(struct word_walk *walk, struct persona_word *word)
{
	for (;;) {
		bool ascii;

		if (walk->at < walk->chunk_end &&
		    (walk->breaks ? next_unicode(walk, word)
				  : next_ascii(walk->text, &walk->at, walk->chunk_end, word)))
			return 1;
		while (walk->at < walk->len && is_ascii_space(walk->text[walk->at]))
			walk->at++;
		if (walk->at == walk->len)
			return 0;
		walk->chunk_start = walk->at;
		walk->chunk_end = run_end(walk->text, walk->at, walk->len, &ascii);
		walk->breaks = NULL;
		if (!ascii && find_breaks(walk) < 0)
			return -1;
	}
}

int persona_text_words(struct persona_word **out, size_t *count, const char *text, size_t len,
		       struct persona_error *err)
{
	struct persona_word *words = NULL, word;
	size_t used = 0, capacity = 0;
	struct word_walk walk;
	int more;

	*out = NULL;
	*count = 0;
	word_walk_init(&walk, text, len);
	while ((more = word_walk_next(&walk, &word)) > 0) {
		if (persona_grow((void **)&words, &capacity, used, sizeof *words, err) < 0)
			goto fail;
		words[used++] = word;
	}
	if (more < 0) {
		(void)persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		goto fail;
	}
	word_walk_release(&walk);
	*out = words;
	*count = used;
	return 0;
fail:
	word_walk_release(&walk);
	free(words);
	return -1;
}

long persona_text_word_count(const char *text, size_t len)
{
	struct persona_word word;
	struct word_walk walk;
	long count = 0;
	int more;

	word_walk_init(&walk, text, len);
	while ((more = word_walk_next(&walk, &word)) > 0)
		count++;
	word_walk_release(&walk);
	return more < 0 ? -1 : count;
}
