#include "persona/json.h"
#include "persona/text.h"
#include "private.h"

/* ---- Finding items --------------------------------------------------- */

/* An item of some list as evidence looks for it. */
struct entry {
	enum persona_list_field field;
	size_t position;
	const char *text; /* borrowed from the persona */
	size_t len;
	char *folded;  /* without case, space and punctuation; empty: matches nothing; NULL: not needed yet */
	uint64_t hash; /* of folded */
};

/* What one piece of evidence says of its item; field and position are hints. */
struct target {
	const char *text; /* clean, not NUL-terminated */
	size_t len;
	int field;	     /* -1: any */
	json_int_t position; /* -1: any */
};

struct finder {
	struct reader *reader;
	struct entry *entries;
	size_t len;
	size_t pieces; /* looked at so far */
};

static void finder_release(struct finder *finder)
{
	for (size_t i = 0; i < finder->len; i++)
		free(finder->entries[i].folded);
	free(finder->entries);
}

/* What is left of a text when case, space and punctuation don't count; the caller frees. */
static char *folded_text(const char *text, size_t len, uint64_t *hash, struct persona_error *err)
{
	struct persona_buf folded;
	char *out = NULL;

	persona_buf_init(&folded, SIZE_MAX);
	if (persona_text_fold(&folded, text, len, PERSONA_FOLD_PUNCTUATION, err) == 0) {
		*hash = persona_mix64(0, folded.data, folded.len);
		out = persona_buf_take(&folded);
		if (!out)
			(void)persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	persona_buf_release(&folded);
	return out;
}

static int finder_fill(struct finder *finder)
{
	const struct persona *persona = finder->reader->persona;
	struct persona_error *err = finder->reader->err;
	size_t count = 0;

	for (int field = 0; field < PERSONA_LIST_FIELDS; field++)
		count += persona->lists[field].len;
	finder->entries = calloc(count + 1, sizeof *finder->entries);
	if (!finder->entries)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (int field = 0; field < PERSONA_LIST_FIELDS; field++)
		for (size_t i = 0; i < persona->lists[field].len; i++) {
			struct entry *entry = &finder->entries[finder->len++];

			entry->field = (enum persona_list_field)field;
			entry->position = i;
			entry->text = persona->lists[field].items[i];
			entry->len = strlen(entry->text);
		}
	return 0;
}

static int fold_entries(struct finder *finder)
{
	for (size_t i = 0; i < finder->len; i++) {
		struct entry *entry = &finder->entries[i];

		if (!entry->folded)
			entry->folded = folded_text(entry->text, entry->len, &entry->hash, finder->reader->err);
		if (!entry->folded)
			return -1;
	}
	return 0;
}

#define SCORE_FIELD 4
#define SCORE_BYTES 2

static int score_of(const struct entry *entry, const struct target *target, bool same_bytes)
{
	return SCORE_FIELD * ((int)entry->field == target->field) + SCORE_BYTES * same_bytes +
	       ((json_int_t)entry->position == target->position);
}

static bool same_bytes(const struct entry *entry, const struct target *target)
{
	return entry->len == target->len && memcmp(entry->text, target->text, target->len) == 0;
}

/* The item with the same bytes; *score: how good it is, -1: there is none. */
static const struct entry *find_bytes(const struct finder *finder, const struct target *target, int *score)
{
	const struct entry *found = NULL;

	*score = -1;
	for (size_t i = 0; i < finder->len; i++) {
		const struct entry *entry = &finder->entries[i];

		if (same_bytes(entry, target) && score_of(entry, target, true) > *score) {
			*score = score_of(entry, target, true);
			found = entry;
		}
	}
	return found;
}

/*
 * The item that is meant: one in the field named before one elsewhere, the same bytes before the
 * same words, the position named before another. *out NULL: none.
 */
static int find_item(struct finder *finder, const struct target *target, const struct entry **out)
{
	uint64_t hash;
	char *folded;
	int best;

	*out = find_bytes(finder, target, &best);
	/* Most are, and no other words in that field, or in any if none is named, go before those. */
	if (*out && (target->field < 0 || best >= SCORE_FIELD))
		return 0;
	folded = folded_text(target->text, target->len, &hash, finder->reader->err);
	if (!folded || fold_entries(finder) < 0) {
		free(folded);
		return -1;
	}
	for (size_t i = 0; i < finder->len; i++) {
		const struct entry *entry = &finder->entries[i];
		int score = score_of(entry, target, false);

		if (!*folded || entry->hash != hash || strcmp(entry->folded, folded) != 0)
			continue;
		if (score > best) {
			best = score;
			*out = entry;
		}
	}
	free(folded);
	return 0;
}

/* ---- Reading --------------------------------------------------------- */

static bool is_there(const struct persona *persona, enum persona_list_field field, size_t position, const char *locator)
{
	for (size_t i = 0; i < persona->evidence_len; i++) {
		const struct persona_evidence *it = &persona->evidence[i];

		if (it->field == field && it->position == position && !strcmp(it->locator, locator))
			return true;
	}
	return false;
}

static int take_locator(struct reader *reader, enum persona_list_field field, size_t position, const json_t *value)
{
	const char *text;
	char *locator;
	size_t len;
	int rc;

	if (json_is_object(value))
		value = find_member(value, RECORD_KEYS " id");
	if (!value || json_is_boolean(value) || is_unknown(value))
		return 0;
	rc = text_of(reader, value, false, &text, &len);
	if (rc <= 0 || !len)
		return rc < 0 ? -1 : 0;
	locator = persona_strndup(text, len, reader->err);
	if (!locator)
		return -1;
	rc = 0;
	if (!is_there(reader->persona, field, position, locator))
		rc = persona_evidence_add(reader->persona, field, position, locator, 0, PERSONA_STRENGTH_CITED, NULL,
					  reader->err);
	free(locator);
	return rc < 0 ? -1 : 1;
}

int take_locators(struct reader *reader, enum persona_list_field field, size_t position, const json_t *value)
{
	json_t *locator;
	bool all = json_array_size(value) > 0;
	size_t i;

	if (!json_is_array(value))
		return take_locator(reader, field, position, value);
	json_array_foreach(value, i, locator) {
		int rc = take_locator(reader, field, position, locator);

		if (rc < 0)
			return -1;
		all = all && rc;
	}
	return all;
}

/* Evidence for the item that a text means. 1: taken, 0: no such item, or something about it cannot be used. */
static int take_pointer(struct finder *finder, const char *item, size_t len, struct target target,
			const json_t *records)
{
	struct reader *reader = finder->reader;
	const struct entry *entry;

	if (++finder->pieces > PERSONA_EVIDENCE_MAX)
		return persona_error_set(reader->err, PERSONA_E_FORMAT, "more than %d pieces", PERSONA_EVIDENCE_MAX);
	if (clean_text(reader, item, len, &target.text, &target.len) < 0)
		return -1;
	if (!target.len || !records)
		return 0;
	if (find_item(finder, &target, &entry) < 0)
		return -1;
	return entry ? take_locators(reader, entry->field, entry->position, records) : 0;
}

static int list_field(const json_t *name)
{
	const struct persona_field *field = json_is_string(name) ? find_field(json_string_value(name), NULL) : NULL;

	return field && field->type == PERSONA_FIELD_LIST ? (int)field->list : -1;
}

/* Keep a pair that fits nothing, and the field under which it stood. */
static int keep_pair(struct reader *reader, int field, const char *key, json_t *value)
{
	json_t *pair;
	int rc = -1;

	if (field < 0 || !key[strspn(key, " ")])
		pair = json_pack("{s:O}", key, value);
	else
		pair = json_pack("{s:s, s:s, s:O}", "field", persona_list_field((enum persona_list_field)field)->name,
				 "item", key, "records", value);
	reader->notes |= PERSONA_NOTE_DROPPED;
	if (pair)
		rc = keep_in_list(reader, "evidence", pair);
	else
		(void)persona_error_set(reader->err, PERSONA_E_NOMEM, "out of memory");
	json_decref(pair);
	return rc;
}

/* {"item": locators, …}, or by field {"goals": {"item": locators}}: then field is set. */
static int take_pairs(struct finder *finder, const json_t *object, int field)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, key, value) {
		struct target target = { .field = field, .position = -1 };
		const struct persona_field *named = find_field(key, NULL);
		int rc;

		if (is_unknown(value))
			continue;
		if (field < 0 && json_is_object(value) && named && named->type == PERSONA_FIELD_LIST) {
			if (take_pairs(finder, value, (int)named->list) < 0)
				return -1;
			continue;
		}
		rc = take_pointer(finder, key, strlen(key), target, value);
		if (!rc)
			rc = keep_pair(finder->reader, field, key, value);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int take_piece(struct finder *finder, const json_t *piece)
{
	const json_t *item = find_member(piece, ITEM_KEYS), *position = json_object_get(piece, "position");
	struct target target = {
		.field = list_field(find_member(piece, "field list kind")),
		.position = json_is_integer(position) ? json_integer_value(position) : -1,
	};
	int rc = 0;

	if (json_is_object(piece) && !item)
		return take_pairs(finder, piece, -1);
	if (json_is_string(item))
		rc = take_pointer(finder, json_string_value(item), json_string_length(item), target,
				  find_member(piece, RECORD_KEYS));
	if (rc)
		return rc < 0 ? -1 : 0;
	finder->reader->notes |= PERSONA_NOTE_DROPPED;
	return keep_in_list(finder->reader, "evidence", piece);
}

int take_evidence(struct reader *reader, const json_t *value)
{
	struct finder finder = { .reader = reader };
	int rc = finder_fill(&finder);
	json_t *piece;
	size_t i;

	if (!rc && !json_is_array(value))
		rc = take_piece(&finder, value);
	json_array_foreach(value, i, piece) {
		if (!rc && !is_unknown(piece))
			rc = take_piece(&finder, piece);
	}
	finder_release(&finder);
	return rc;
}

/* ---- Writing --------------------------------------------------------- */

/* Would a reader find another item of the list by this item's text? */
static bool is_repeated(const struct persona_list *list, size_t position)
{
	for (size_t i = 0; i < position; i++)
		if (!strcmp(list->items[i], list->items[position]))
			return true;
	return false;
}

static json_t *piece_json(const struct persona *persona, const struct persona_evidence *it)
{
	const struct persona_list *list = &persona->lists[it->field];
	json_t *piece;

	piece = json_pack("{s:s, s:s, s:s, s:s}", "field", persona_list_field(it->field)->name, "item",
			  list->items[it->position], "record", it->locator, "strength",
			  persona_strength_name(it->strength));
	if (piece && is_repeated(list, it->position) &&
	    json_object_set_new(piece, "position", json_integer((json_int_t)it->position)) < 0)
		goto fail;
	if (piece && it->excerpt && json_object_set_new(piece, "excerpt", json_string(it->excerpt)) < 0)
		goto fail;
	return piece;
fail:
	json_decref(piece);
	return NULL;
}

static int check_position(const struct persona *persona, const struct persona_evidence *it, struct persona_error *err)
{
	if (it->position < persona->lists[it->field].len)
		return 0;
	return persona_error_set(err, PERSONA_E_FORMAT, "evidence for an item that is not in %s",
				 persona_list_field(it->field)->name);
}

json_t *evidence_json(const struct persona *persona, struct persona_error *err)
{
	const json_t *kept = json_object_get(persona->extra, "evidence");
	json_t *pieces = json_array(), *copy = NULL;

	for (size_t i = 0; i < persona->evidence_len; i++) {
		if (check_position(persona, &persona->evidence[i], err) < 0) {
			json_decref(pieces);
			return NULL;
		}
		if (json_array_append_new(pieces, piece_json(persona, &persona->evidence[i])) < 0)
			goto fail;
	}
	if (kept) {
		copy = json_is_array(kept) ? json_deep_copy(kept) : json_pack("[o]", json_deep_copy(kept));
		if (!copy || json_array_extend(pieces, copy) < 0)
			goto fail;
		json_decref(copy);
		copy = NULL;
	}
	if (pieces)
		return pieces;
fail:
	json_decref(copy);
	json_decref(pieces);
	(void)persona_error_set(err, PERSONA_E_FORMAT,
				"evidence cannot be written as JSON: out of memory or not UTF-8");
	return NULL;
}

static int by_pointer(const void *a, const void *b)
{
	const struct persona_evidence *x = *(const struct persona_evidence *const *)a;
	const struct persona_evidence *y = *(const struct persona_evidence *const *)b;

	if (x->field != y->field)
		return x->field < y->field ? -1 : 1;
	if (x->position != y->position)
		return x->position < y->position ? -1 : 1;
	return strcmp(x->locator, y->locator);
}

json_t *evidence_identity(const struct persona *persona, struct persona_error *err)
{
	const struct persona_evidence **order = calloc(persona->evidence_len + 1, sizeof *order);
	json_t *pointers = json_array();

	for (size_t i = 0; order && i < persona->evidence_len; i++)
		order[i] = &persona->evidence[i];
	if (order)
		qsort(order, persona->evidence_len, sizeof *order, by_pointer);
	for (size_t i = 0; order && i < persona->evidence_len; i++) {
		json_t *pointer;

		if (i && by_pointer(&order[i - 1], &order[i]) == 0)
			continue;
		pointer = json_pack("[s, I, s]", persona_list_field(order[i]->field)->name,
				    (json_int_t)order[i]->position, order[i]->locator);
		if (json_array_append_new(pointers, pointer) < 0) {
			json_decref(pointers);
			pointers = NULL;
			break;
		}
	}
	if (!order || !pointers) {
		json_decref(pointers);
		pointers = NULL;
		(void)persona_error_set(err, order ? PERSONA_E_FORMAT : PERSONA_E_NOMEM,
					"evidence cannot be hashed: out of memory%s", order ? " or not UTF-8" : "");
	}
	free(order);
	return pointers;
}
