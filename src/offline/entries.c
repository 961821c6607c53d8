/*
 * entries.c - the answers to a column, and which of them are equal.
 *
 * Most answers to a closed question are spelled alike: each spelling is folded once.
 */
#include "entries.h"
#include "embedded_offline.h"

#define GLUE		 .90 /* share of occurrences in which two parts stand together */
#define ENTRIES_PER_CELL 200

void entries_release(struct entries *entries)
{
	free(entries->items);
	free(entries->spellings);
	free(entries->slots);
	free(entries->counts);
	free(entries->key_at);
	persona_buf_release(&entries->keys);
	*entries = (struct entries){ 0 };
}

void entries_reset(struct entries *entries)
{
	entries_release(entries);
	persona_buf_init(&entries->keys, SIZE_MAX / 2);
}

/* The spelling that a folded answer counts as, in *len bytes; the answer itself where none is listed. */
static const char *synonym(enum topic topic, const char *key, size_t *len)
{
	const char *at = embedded_synonyms_en_txt, *end = at + embedded_synonyms_en_txt_len;
	size_t name = strlen(topic_classes[topic]);

	while (at < end) {
		const char *eol = memchr(at, '\n', (size_t)(end - at));
		const char *from = at + name + 1, *tab;

		if (!eol)
			eol = end;
		if (from < eol && from[-1] == '\t' && memcmp(at, topic_classes[topic], name) == 0) {
			tab = memchr(from, '\t', (size_t)(eol - from));
			if (tab && (size_t)(tab - from) == *len && memcmp(from, key, *len) == 0) {
				*len = (size_t)(eol - tab - 1);
				return tab + 1;
			}
		}
		at = eol + 1;
	}
	return key;
}

/* The folded spelling as a key. */
static int key_make(struct entries *entries, struct spelling *spelling, struct persona_buf *room, enum topic topic,
		    struct persona_error *err)
{
	const char *key;
	size_t len;

	persona_buf_clear(room);
	if (persona_text_fold(room, spelling->text, spelling->len, 0, err) < 0)
		return -1;
	len = room->len;
	while (len > 1 && (room->data[len - 1] == '.' || room->data[len - 1] == '!'))
		len--;
	key = room->data;
	if (topic == TOPIC_GENDER || topic == TOPIC_COUNTRY)
		key = synonym(topic, key, &len);
	spelling->key = entries->keys.len;
	if (persona_buf_add(&entries->keys, key, len, err) < 0)
		return -1;
	return persona_buf_addc(&entries->keys, '\0', err);
}

/* The slot of the spelling, or the free one where it belongs. */
static uint32_t *slot_of(const struct entries *entries, uint64_t hash, const char *text, size_t len)
{
	size_t at = hash & (entries->slots_len - 1);

	for (; entries->slots[at]; at = (at + 1) & (entries->slots_len - 1)) {
		const struct spelling *known = &entries->spellings[entries->slots[at] - 1];

		if (known->hash == hash && known->len == len && memcmp(known->text, text, len) == 0)
			break;
	}
	return &entries->slots[at];
}

/* Room for one spelling more: at most half of the slots are taken. */
static int slots_grow(struct entries *entries, struct persona_error *err)
{
	size_t len = entries->slots_len ? 2 * entries->slots_len : 64;
	uint32_t *slots;

	if (2 * (entries->spellings_len + 1) <= entries->slots_len)
		return 0;
	slots = calloc(len, sizeof *slots);
	if (!slots)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	free(entries->slots);
	entries->slots = slots;
	entries->slots_len = len;
	for (size_t i = 0; i < entries->spellings_len; i++) {
		const struct spelling *known = &entries->spellings[i];

		*slot_of(entries, known->hash, known->text, known->len) = (uint32_t)i + 1;
	}
	return 0;
}

int entry_add(struct entries *entries, struct entry entry, const char *text, struct persona_error *err)
{
	uint64_t hash = persona_mix64(0, text, entry.len);
	uint32_t *slot;

	if (persona_grow((void **)&entries->items, &entries->capacity, entries->len, sizeof entry, err) < 0 ||
	    persona_grow((void **)&entries->spellings, &entries->spellings_capacity, entries->spellings_len,
			 sizeof *entries->spellings, err) < 0 ||
	    slots_grow(entries, err) < 0)
		return -1;
	slot = slot_of(entries, hash, text, entry.len);
	if (!*slot) {
		entries->spellings[entries->spellings_len++] =
			(struct spelling){ .hash = hash, .text = text, .len = entry.len };
		*slot = (uint32_t)entries->spellings_len;
	}
	entry.spelling = *slot - 1;
	entries->items[entries->len++] = entry;
	return 0;
}

static int compare_keys(const void *a, const void *b, void *payload)
{
	const struct entries *entries = payload;

	return strcmp(entries->keys.data + entries->spellings[*(const uint32_t *)a].key,
		      entries->keys.data + entries->spellings[*(const uint32_t *)b].key);
}

static int keys_make(struct entries *entries, enum topic topic, struct persona_error *err)
{
	struct persona_buf room;
	int rc = 0;

	persona_buf_init(&room, SIZE_MAX / 2);
	for (size_t i = 0; i < entries->spellings_len && !rc; i++)
		rc = key_make(entries, &entries->spellings[i], &room, topic, err);
	persona_buf_release(&room);
	return rc;
}

/* order: the spellings by their keys */
static void ids_give(struct entries *entries, const uint32_t *order)
{
	for (size_t i = 0; i < entries->spellings_len; i++) {
		struct spelling *spelling = &entries->spellings[order[i]];

		if (!i ||
		    strcmp(entries_key(entries, (uint32_t)entries->ids - 1), entries->keys.data + spelling->key) != 0)
			entries->key_at[entries->ids++] = spelling->key;
		spelling->id = (uint32_t)entries->ids - 1;
	}
	for (size_t i = 0; i < entries->len; i++) {
		entries->items[i].id = entries->spellings[entries->items[i].spelling].id;
		entries->counts[entries->items[i].id]++;
	}
}

int entries_number(struct entries *entries, enum topic topic, struct persona_error *err)
{
	size_t n = entries->spellings_len;
	uint32_t *order = calloc(n + 1, sizeof *order);
	int rc = -1;

	entries->ids = 0;
	entries->counts = calloc(n + 1, sizeof *entries->counts);
	entries->key_at = calloc(n + 1, sizeof *entries->key_at);
	if (!order || !entries->counts || !entries->key_at) {
		persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		goto out;
	}
	if (keys_make(entries, topic, err) < 0)
		goto out;
	for (size_t i = 0; i < n; i++)
		order[i] = (uint32_t)i;
	if (n)
		qsort_r(order, n, sizeof *order, compare_keys, entries);
	ids_give(entries, order);
	rc = 0;
out:
	free(order);
	return rc;
}

/* Parts of text between separators outside brackets, trimmed. */
static int split(struct entries *entries, uint32_t unit, size_t offset, const char *text, size_t len, char separator,
		 struct persona_error *err)
{
	size_t from = 0, parts = 0;
	int depth = 0;

	for (size_t i = 0; i <= len; i++) {
		size_t start = from, end = i;

		if (i < len && (text[i] == '(' || text[i] == '['))
			depth++;
		if (i < len && (text[i] == ')' || text[i] == ']') && depth)
			depth--;
		if (i < len && (text[i] != separator || depth))
			continue;
		while (start < end && is_space(text[start]))
			start++;
		while (end > start && is_space(text[end - 1]))
			end--;
		if (end > start && parts++ < ENTRIES_PER_CELL) {
			struct entry entry = { .unit = unit, .offset = offset + start, .len = end - start };

			if (entry_add(entries, entry, text + start, err) < 0)
				return -1;
		}
		from = i + 1;
	}
	return 0;
}

int entries_collect(struct entries *entries, const struct model *model, const struct column *column, char separator,
		    struct persona_error *err)
{
	entries_reset(entries);
	for (size_t i = 0; i < column->len; i++) {
		const struct cell *cell = &column->cells[i];
		const char *text = model_bytes(model, cell->unit, cell->offset);
		struct entry entry = { .unit = cell->unit, .offset = cell->offset, .len = cell->len };
		int rc = separator ? split(entries, cell->unit, cell->offset, text, cell->len, separator, err)
				   : entry_add(entries, entry, text, err);

		if (rc < 0)
			return -1;
	}
	return entries_number(entries, column->topic, err);
}

/* Index of the first pair that is not less. */
static size_t lower_bound(const uint64_t *pairs, size_t len, uint64_t pair)
{
	size_t from = 0, to = len;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (pairs[middle] < pair)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static bool is_glued(const struct entries *entries, const uint64_t *pairs, size_t len, const struct entry *a)
{
	const struct entry *b = a + 1;
	uint64_t pair = (uint64_t)a->id << 32 | b->id;
	size_t both = lower_bound(pairs, len, pair + 1) - lower_bound(pairs, len, pair);

	return both >= 3 && (double)both >= GLUE * entries->counts[a->id] &&
	       (double)both >= GLUE * entries->counts[b->id];
}

int entries_glue(struct entries *entries, const struct model *model, enum topic topic, struct persona_error *err)
{
	struct entries glued = { 0 };
	uint64_t *pairs = calloc(entries->len + 1, sizeof *pairs);
	size_t len = 0;
	int rc = -1;

	entries_reset(&glued);
	if (!pairs) {
		persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		goto out;
	}
	for (size_t i = 0; i + 1 < entries->len; i++)
		if (entries->items[i].unit == entries->items[i + 1].unit)
			pairs[len++] = (uint64_t)entries->items[i].id << 32 | entries->items[i + 1].id;
	if (len)
		qsort(pairs, len, sizeof *pairs, compare_u64);
	for (size_t i = 0; i < entries->len; i++) {
		struct entry entry = entries->items[i];

		while (i + 1 < entries->len && entries->items[i + 1].unit == entry.unit &&
		       is_glued(entries, pairs, len, &entries->items[i])) {
			i++;
			entry.len = entries->items[i].offset + entries->items[i].len - entry.offset;
		}
		if (entry_add(&glued, entry, model_bytes(model, entry.unit, entry.offset), err) < 0)
			goto out;
	}
	if (entries_number(&glued, topic, err) < 0)
		goto out;
	entries_release(entries);
	*entries = glued;
	glued = (struct entries){ 0 };
	rc = 0;
out:
	free(pairs);
	entries_release(&glued);
	return rc;
}
