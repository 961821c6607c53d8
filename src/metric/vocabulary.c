/* Words as numbers: each different one gets the next. */
#include "internal.h"

#define SLOTS_LEAST 1024

static uint32_t hash_of(char kind, const char *word, size_t len)
{
	return (uint32_t)persona_mix64((unsigned char)kind, word, len);
}

static bool is_it(const struct metric_vocabulary *vocabulary, uint32_t id, char kind, const char *word, size_t len)
{
	const char *known = vocabulary->words.data + vocabulary->offsets[id];

	return known[0] == kind && strncmp(known + 1, word, len) == 0 && !known[1 + len];
}

/* The slot of a word, or the free one where it would stand. There is always a free one. */
static uint32_t *find(const struct metric_vocabulary *vocabulary, char kind, const char *word, size_t len)
{
	size_t at = hash_of(kind, word, len) % vocabulary->slots_len;

	while (vocabulary->slots[at] && !is_it(vocabulary, vocabulary->slots[at] - 1, kind, word, len))
		at = at + 1 < vocabulary->slots_len ? at + 1 : 0;
	return &vocabulary->slots[at];
}

/* Twice the slots, or the first ones: at most half of them are taken. */
static int widen(struct metric_vocabulary *vocabulary, struct persona_error *err)
{
	size_t len = vocabulary->slots_len ? 2 * vocabulary->slots_len : SLOTS_LEAST;
	uint32_t *slots = calloc(len, sizeof *slots);

	if (!slots)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	free(vocabulary->slots);
	vocabulary->slots = slots;
	vocabulary->slots_len = len;
	for (uint32_t id = 0; id < vocabulary->len; id++) {
		const char *word = metric_vocabulary_word(vocabulary, id);

		*find(vocabulary, word[0], word + 1, strlen(word + 1)) = id + 1;
	}
	return 0;
}

void metric_vocabulary_init(struct metric_vocabulary *vocabulary)
{
	*vocabulary = (struct metric_vocabulary){ 0 };
	persona_buf_init(&vocabulary->words, SIZE_MAX);
}

void metric_vocabulary_release(struct metric_vocabulary *vocabulary)
{
	free(vocabulary->slots);
	free(vocabulary->offsets);
	persona_buf_release(&vocabulary->words);
}

const char *metric_vocabulary_word(const struct metric_vocabulary *vocabulary, uint32_t id)
{
	return vocabulary->words.data + vocabulary->offsets[id];
}

int metric_vocabulary_add(struct metric_vocabulary *vocabulary, char kind, const char *word, size_t len, uint32_t *id,
			  struct persona_error *err)
{
	uint32_t *slot;

	if (2 * (vocabulary->len + 1) > vocabulary->slots_len && widen(vocabulary, err) < 0)
		return -1;
	slot = find(vocabulary, kind, word, len);
	if (!*slot) {
		if (vocabulary->len == UINT32_MAX - 1)
			return persona_error_set(err, PERSONA_E_NOMEM, "too many different words");
		if (persona_grow((void **)&vocabulary->offsets, &vocabulary->capacity, vocabulary->len,
				 sizeof *vocabulary->offsets, err) < 0)
			return -1;
		vocabulary->offsets[vocabulary->len] = vocabulary->words.len;
		if (persona_buf_addc(&vocabulary->words, kind, err) < 0 ||
		    persona_buf_add(&vocabulary->words, word, len, err) < 0 ||
		    persona_buf_addc(&vocabulary->words, '\0', err) < 0)
			return -1;
		*slot = (uint32_t)++vocabulary->len;
	}
	*id = *slot - 1;
	return 0;
}
