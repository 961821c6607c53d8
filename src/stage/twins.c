/*
 * Is a persona one that the batch has? Kept as hashes: most personas of a large batch are compared with and never are
 * twins.
 */
#include "draft.h"
#include "persona/text.h"

#define PAGE	    64
#define ITEMS_LEAST 4  /* fewer items may be the same by chance */
#define WORDS_LEAST 20 /* likewise words */

struct twins {
	uint64_t *slots; /* open addressing; 0: empty */
	size_t used, size;
	int64_t seen; /* revision_id up to which the batch is in it */
};

int twins_new(struct twins **out, struct persona_error *err)
{
	*out = calloc(1, sizeof **out);
	return *out ? 0 : persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
}

void twins_free(struct twins *twins)
{
	if (!twins)
		return;
	free(twins->slots);
	free(twins);
}

/* ---- The set --------------------------------------------------------- */

static size_t place_of(const struct twins *twins, uint64_t hash)
{
	size_t at = hash & (twins->size - 1);

	while (twins->slots[at] && twins->slots[at] != hash)
		at = (at + 1) & (twins->size - 1);
	return at;
}

static bool has(const struct twins *twins, uint64_t hash)
{
	return hash && twins->used && twins->slots[place_of(twins, hash)] == hash;
}

static int grow(struct twins *twins, struct persona_error *err)
{
	struct twins wider = { .size = twins->size ? 2 * twins->size : 1024 };

	if (2 * (twins->used + 1) <= twins->size)
		return 0;
	wider.slots = calloc(wider.size, sizeof *wider.slots);
	if (!wider.slots)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t i = 0; i < twins->size; i++)
		if (twins->slots[i])
			wider.slots[place_of(&wider, twins->slots[i])] = twins->slots[i];
	free(twins->slots);
	twins->slots = wider.slots;
	twins->size = wider.size;
	return 0;
}

static int add(struct twins *twins, uint64_t hash, struct persona_error *err)
{
	size_t at;

	if (!hash)
		return 0;
	if (grow(twins, err) < 0)
		return -1;
	at = place_of(twins, hash);
	twins->used += !twins->slots[at];
	twins->slots[at] = hash;
	return 0;
}

/* ---- Sketches -------------------------------------------------------- */

static int fold(struct persona_buf *out, const char *text, struct persona_error *err)
{
	return text ? persona_text_fold(out, text, strlen(text), PERSONA_FOLD_PUNCTUATION, err) : 0;
}

static int compare_hashes(const void *a, const void *b)
{
	const uint64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* The words of a folded text, whose words are parted by single blanks. */
static int add_words(struct sketch *sketch, const struct persona_buf *text, struct persona_error *err)
{
	const char *at = text->data, *end = at + text->len;

	while (sketch->with_words && at < end) {
		const char *blank = memchr(at, ' ', (size_t)(end - at));
		size_t len = blank ? (size_t)(blank - at) : (size_t)(end - at);

		if (persona_grow((void **)&sketch->words, &sketch->capacity, sketch->words_len, sizeof *sketch->words,
				 err) < 0)
			return -1;
		sketch->words[sketch->words_len++] = persona_mix64(0, at, len);
		at += len + 1;
	}
	return 0;
}

static void sort_words(struct sketch *sketch)
{
	size_t len = 0;

	if (!sketch->words_len)
		return;
	qsort(sketch->words, sketch->words_len, sizeof *sketch->words, compare_hashes);
	for (size_t i = 0; i < sketch->words_len; i++)
		if (!i || sketch->words[i] != sketch->words[i - 1])
			sketch->words[len++] = sketch->words[i];
	sketch->words_len = len;
}

static int sketch_name(struct sketch *sketch, const struct persona *persona, struct persona_buf *text,
		       struct persona_error *err)
{
	if (fold(text, persona->name, err) < 0 || persona_buf_addc(text, '\n', err) < 0 ||
	    fold(text, persona->occupation, err) < 0)
		return -1;
	sketch->by[SKETCH_NAME] = persona_mix64(SKETCH_NAME, text->data, text->len);
	return 0;
}

/* Whatever the order of the items; too few of them may be the same by chance. */
static int sketch_items(struct sketch *sketch, const struct persona *persona, struct persona_buf *text,
			struct persona_error *err)
{
	uint64_t sum = 0;
	size_t items = 0;

	for (size_t list = 0; list < PERSONA_LIST_FIELDS; list++) {
		const struct persona_list *from = &persona->lists[list];

		for (size_t i = 0; i < from->len; i++, items++) {
			persona_buf_clear(text);
			if (fold(text, from->items[i], err) < 0 || add_words(sketch, text, err) < 0)
				return -1;
			sum += persona_mix64(list, text->data, text->len);
		}
	}
	sketch->by[SKETCH_ITEMS] = items < ITEMS_LEAST ? 0 : persona_mix64(SKETCH_ITEMS, &sum, sizeof sum);
	return 0;
}

int sketch_make(struct sketch *sketch, const struct persona *persona, bool with_words, struct persona_error *err)
{
	struct persona_buf text;
	int rc;

	*sketch = (struct sketch){ .with_words = with_words };
	persona_buf_init(&text, SIZE_MAX);
	rc = sketch_name(sketch, persona, &text, err);
	if (!rc)
		rc = sketch_items(sketch, persona, &text, err);
	persona_buf_clear(&text);
	if (!rc && with_words)
		rc = fold(&text, persona->background, err);
	if (!rc)
		rc = add_words(sketch, &text, err);
	sort_words(sketch);
	persona_buf_release(&text);
	if (rc < 0)
		sketch_release(sketch);
	return rc;
}

void sketch_release(struct sketch *sketch)
{
	free(sketch->words);
	*sketch = (struct sketch){ 0 };
}

bool sketch_alike(const struct sketch *a, const struct sketch *b)
{
	size_t both = 0, i = 0, j = 0;

	if (a->words_len < WORDS_LEAST || b->words_len < WORDS_LEAST)
		return false;
	while (i < a->words_len && j < b->words_len) {
		int order = compare_hashes(&a->words[i], &b->words[j]);

		both += order == 0;
		i += order <= 0;
		j += order >= 0;
	}
	return both * 10 >= (a->words_len + b->words_len - both) * 9;
}

/* ---- Twins ----------------------------------------------------------- */

const char *twins_find(const struct twins *twins, const struct sketch *sketch)
{
	static const char *const reasons[] = {
		[SKETCH_NAME] = "one of the same name and occupation",
		[SKETCH_ITEMS] = "one that says the same",
	};

	for (int by = 0; by < SKETCHES; by++)
		if (has(twins, sketch->by[by]))
			return reasons[by];
	return NULL;
}

int twins_add(struct twins *twins, const struct sketch *sketch, int64_t revision_id, struct persona_error *err)
{
	for (int by = 0; by < SKETCHES; by++)
		if (add(twins, sketch->by[by], err) < 0)
			return -1;
	twins->seen = revision_id;
	return 0;
}

static int add_revision(struct twins *twins, struct persona_context *context, int64_t revision_id,
			struct persona_error *err)
{
	struct sketch sketch = { 0 };
	struct persona persona;
	int rc;

	persona_init(&persona);
	rc = persona_store_revision_load(context->store, revision_id, &persona, err);
	if (!rc)
		rc = sketch_make(&sketch, &persona, false, err);
	if (!rc)
		rc = twins_add(twins, &sketch, revision_id, err);
	sketch_release(&sketch);
	persona_release(&persona);
	return rc;
}

int twins_load(struct twins *twins, struct persona_context *context, int64_t batch_id, struct persona_error *err)
{
	struct persona_place places[PAGE];
	long got;

	while ((got = persona_store_batch_drafts(context->store, batch_id, twins->seen, places, PAGE, err)) > 0)
		for (long i = 0; i < got; i++)
			if (add_revision(twins, context, places[i].revision_id, err) < 0)
				return -1;
	return got < 0 ? -1 : 0;
}
