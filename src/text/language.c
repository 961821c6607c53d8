#include <libstemmer.h>

#include "embedded_text.h"
#include "language.h"

/*
 * Stemming a word costs ten times what finding it again costs, and texts repeat
 * their words: so words are remembered in a table of fixed size with short probes. What finds no
 * place is stemmed each time, so that hostile text makes it slow at worst, never large.
 */
#define TABLE_SLOTS    65536u
#define WORDS_MAX      (TABLE_SLOTS / 2)
#define PROBES_MAX     16
#define WORD_BYTES_MAX 64   /* longer ones are hardly met twice */
#define STEM_BYTES_MAX 1024 /* longer ones are no words: taken as they are */
#define SCRATCH_KEPT   (64 * 1024)

struct persona_language {
	struct sb_stemmer *stemmer; /* NULL: words are their own stems */
	struct known_word **table;
	size_t words;
	struct persona_buf scratch;
};

/* The next word of the embedded list, false at its end. */
static bool next_stop_word(size_t *at, const char **word, size_t *len)
{
	while (*at < embedded_stopwords_en_txt_len) {
		const char *line = embedded_stopwords_en_txt + *at;
		const char *end = memchr(line, '\n', embedded_stopwords_en_txt_len - *at);

		*len = end ? (size_t)(end - line) : embedded_stopwords_en_txt_len - *at;
		*at += *len + (end != NULL);
		*word = line;
		if (*len && line[0] != '#')
			return true;
	}
	return false;
}

/*
 * The slot of a word: where it stands, or the free one where it would; NULL when neither is
 * within reach.
 */
static struct known_word **find(const struct persona_language *language, const char *word, size_t len, uint32_t hash)
{
	for (uint32_t probe = 0; probe < PROBES_MAX; probe++) {
		struct known_word **slot = &language->table[(hash + probe) % TABLE_SLOTS];

		if (!*slot || ((*slot)->hash == hash && (*slot)->word_len == len && !memcmp((*slot)->bytes, word, len)))
			return slot;
	}
	return NULL;
}

static uint32_t hash_of(const char *word, size_t len)
{
	return (uint32_t)persona_mix64(0, word, len);
}

static int remember(struct persona_language *language, struct known_word **slot, const char *word, size_t len,
		    const char *stem, size_t stem_len, bool stop, struct persona_error *err)
{
	struct known_word *known = malloc(sizeof *known + len + stem_len);

	if (!known)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	known->hash = hash_of(word, len);
	known->word_len = (uint32_t)len;
	known->stem_len = (uint32_t)stem_len;
	known->stop = stop;
	memcpy(known->bytes, word, len);
	memcpy(known->bytes + len, stem, stem_len);
	*slot = known;
	language->words++;
	return 0;
}

static int learn_stop_words(struct persona_language *language, struct persona_error *err)
{
	const char *word;
	size_t at = 0, len;

	while (next_stop_word(&at, &word, &len)) {
		struct known_word **slot = find(language, word, len, hash_of(word, len));

		/* The list is ours and the table empty: there is a place for each. */
		if (slot && !*slot && remember(language, slot, word, len, "", 0, true, err) < 0)
			return -1;
	}
	return 0;
}

/* "en-GB" and "EN" as Snowball knows them: the language alone, in small letters. */
static void plain_name(char *out, size_t size, const char *name)
{
	size_t len = 0;

	while (len + 1 < size && name[len] && name[len] != '-' && name[len] != '_') {
		out[len] = name[len] >= 'A' && name[len] <= 'Z' ? (char)(name[len] + 32) : name[len];
		len++;
	}
	out[len] = '\0';
}

static bool is_english(const char *name)
{
	return !strcmp(name, "en") || !strcmp(name, "eng") || !strcmp(name, "english");
}

int persona_language_new(struct persona_language **out, const char *name, struct persona_error *err)
{
	struct persona_language *language = calloc(1, sizeof *language);
	char plain[32];

	*out = NULL;
	if (!language)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	persona_buf_init(&language->scratch, SIZE_MAX);
	plain_name(plain, sizeof plain, name ? name : "english");
	language->stemmer = sb_stemmer_new(plain, "UTF_8");
	language->table = calloc(TABLE_SLOTS, sizeof(struct known_word *));
	if (!language->table) {
		(void)persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		goto fail;
	}
	if (is_english(plain)) {
		if (!language->stemmer) {
			(void)persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
			goto fail;
		}
		if (learn_stop_words(language, err) < 0)
			goto fail;
	}
	*out = language;
	return 0;
fail:
	persona_language_free(language);
	return -1;
}

void persona_language_free(struct persona_language *language)
{
	if (!language)
		return;
	if (language->table)
		for (size_t i = 0; i < TABLE_SLOTS; i++)
			free(language->table[i]);
	free(language->table);
	if (language->stemmer)
		sb_stemmer_delete(language->stemmer);
	persona_buf_release(&language->scratch);
	free(language);
}

bool persona_language_known(const struct persona_language *language)
{
	return !language || language->stemmer;
}

bool persona_language_is_stop(const struct persona_language *language, const char *word, size_t len)
{
	struct known_word **slot;
	const char *stop;
	size_t at = 0, stop_len;

	if (language) {
		slot = find(language, word, len, hash_of(word, len));
		return slot && *slot && (*slot)->stop;
	}
	while (next_stop_word(&at, &stop, &stop_len))
		if (stop_len == len && !memcmp(stop, word, len))
			return true;
	return false;
}

struct persona_buf *language_scratch(struct persona_language *language)
{
	if (language->scratch.size > SCRATCH_KEPT)
		persona_buf_release(&language->scratch);
	else
		persona_buf_clear(&language->scratch);
	return &language->scratch;
}

int language_stem(struct persona_language *language, const char *word, size_t len, bool *stop, const char **stem,
		  size_t *stem_len, struct persona_error *err)
{
	bool short_enough = len <= WORD_BYTES_MAX;
	struct known_word **slot = short_enough ? find(language, word, len, hash_of(word, len)) : NULL;

	*stop = false;
	*stem = word;
	*stem_len = len;
	if (slot && *slot) {
		*stop = (*slot)->stop;
		*stem = (*slot)->bytes + (*slot)->word_len;
		*stem_len = (*slot)->stem_len;
		return 0;
	}
	if (!language->stemmer || len > STEM_BYTES_MAX)
		return 0;
	*stem = (const char *)sb_stemmer_stem(language->stemmer, (const sb_symbol *)word, (int)len);
	if (!*stem)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	*stem_len = (size_t)sb_stemmer_length(language->stemmer);
	if (slot && language->words < WORDS_MAX)
		return remember(language, slot, word, len, *stem, *stem_len, false, err);
	return 0;
}
