#include "language.h"
#include "words.h"

static int add_stem(struct persona_buf *storage, size_t *count, struct persona_language *language, const char *word,
		    size_t len, struct persona_error *err)
{
	const char *stem;
	size_t stem_len;
	bool stop;

	if (language_stem(language, word, len, &stop, &stem, &stem_len, err) < 0)
		return -1;
	if (stop)
		return 0;
	++*count;
	if (persona_buf_add(storage, stem, stem_len, err) < 0)
		return -1;
	return persona_buf_addc(storage, '\0', err);
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Point items and set into storage. */
static int index_stems(struct persona_stems *out, struct persona_error *err)
{
	const char *stem = out->storage;

	out->items = reallocarray(NULL, out->count, 2 * sizeof *out->items);
	if (!out->items)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	out->set = out->items + out->count;
	for (size_t i = 0; i < out->count; i++) {
		out->items[i] = out->set[i] = stem;
		stem += strlen(stem) + 1;
	}
	qsort(out->set, out->count, sizeof *out->set, by_bytes);
	for (size_t i = 0; i < out->count; i++)
		if (!out->set_len || strcmp(out->set[out->set_len - 1], out->set[i]))
			out->set[out->set_len++] = out->set[i];
	return 0;
}

/* Append the stems of folded text to storage, each with a NUL. */
static int add_stems(struct persona_buf *storage, size_t *count, struct persona_language *language, const char *folded,
		     size_t len, struct persona_error *err)
{
	struct persona_word word;
	struct word_walk walk;
	int more, rc = 0;

	word_walk_init(&walk, folded, len);
	while (!rc && (more = word_walk_next(&walk, &word)) != 0) {
		if (more < 0)
			rc = persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		else
			rc = add_stem(storage, count, language, folded + word.offset, word.len, err);
	}
	word_walk_release(&walk);
	return rc;
}

static int collect(struct persona_stems *out, struct persona_language *language, const char *text, size_t len,
		   struct persona_error *err)
{
	struct persona_buf *folded = language_scratch(language), storage;
	int rc;

	persona_buf_init(&storage, SIZE_MAX);
	rc = persona_text_fold(folded, text, len, 0, err);
	if (!rc)
		rc = add_stems(&storage, &out->count, language, folded->data, folded->len, err);
	if (!rc && out->count) {
		out->storage = persona_buf_take(&storage);
		rc = index_stems(out, err);
	}
	persona_buf_release(&storage);
	return rc;
}

int persona_stems_of(struct persona_stems *out, struct persona_language *language, const char *text, size_t len,
		     struct persona_error *err)
{
	struct persona_language *english = NULL;
	int rc;

	*out = (struct persona_stems){ 0 };
	if (!language && persona_language_new(&english, NULL, err) < 0)
		return -1;
	rc = collect(out, language ? language : english, text, len, err);
	if (rc < 0)
		persona_stems_release(out);
	persona_language_free(english);
	return rc;
}

void persona_stems_release(struct persona_stems *stems)
{
	free(stems->items);
	free(stems->storage);
	*stems = (struct persona_stems){ 0 };
}

double persona_stems_jaccard(const struct persona_stems *a, const struct persona_stems *b)
{
	size_t i = 0, j = 0, shared = 0, all;

	while (i < a->set_len && j < b->set_len) {
		int order = strcmp(a->set[i], b->set[j]);

		shared += order == 0;
		i += order <= 0;
		j += order >= 0;
	}
	all = a->set_len + b->set_len - shared;
	return all ? (double)shared / (double)all : 0;
}
