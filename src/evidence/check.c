/*
 * Checking what a persona cites. Folding is what costs: a record is folded at
 * most once per check, when something that stands in it byte for byte would not
 * do, and only one folded record is held at a time.
 */
#define HASH_NONFATAL_OOM	   1
#define uthash_nonfatal_oom(entry) ((entry)->lost = true)
#include <uthash.h>

#include "match.h"

#define EXCERPT_MAX 500 /* bytes that show an item */
#define CONTEXT_MAX 200 /* bytes of a record that was only named */

/* ---- Locators -------------------------------------------------------- */

struct place {
	const struct persona_record *record;
	bool lost; /* could not be added */
	UT_hash_handle hh;
};

/* *places has room for all records; *table is the index over them. */
static int index_records(struct place **table, struct place *places, const struct persona_records *records,
			 struct persona_error *err)
{
	for (size_t i = 0; i < records->len; i++) {
		const struct persona_record *record = &records->items[i];
		struct place *place = NULL;
		size_t len = strlen(record->locator);

		HASH_FIND(hh, *table, record->locator, len, place);
		if (place)
			continue;
		place = &places[i];
		place->record = record;
		HASH_ADD_KEYPTR(hh, *table, record->locator, len, place);
		if (place->lost)
			return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	return 0;
}

static const struct persona_record *find_record(struct place *table, const char *locator)
{
	struct place *place = NULL;

	HASH_FIND(hh, table, locator, strlen(locator), place);
	return place ? place->record : NULL;
}

/* ---- One entry ------------------------------------------------------- */

/* An entry of the persona with the record that it names, NULL if there is none such. */
struct entry {
	size_t index;
	const struct persona_record *record;
};

static const char *item_of(const struct persona *persona, enum persona_list_field field, size_t position)
{
	const struct persona_list *list;

	if ((unsigned)field >= PERSONA_LIST_FIELDS)
		return NULL;
	list = &persona->lists[field];
	return position < list->len ? list->items[position] : NULL;
}

/* Look in the record; hay is filled when it is needed and kept for the record's other entries. */
static int find(struct evidence_match *out, const struct persona_record *record, struct evidence_folded *hay,
		const char *item, struct persona_error *err)
{
	struct evidence_needle needle;
	size_t len = strlen(record->text);
	int rc;

	rc = evidence_needle_init(&needle, item, err);
	if (!rc)
		rc = evidence_find_verbatim(out, record->text, len, &needle, err);
	if (!rc && out->strength == PERSONA_STRENGTH_NONE && !needle.tiny) {
		if (!hay->raw)
			rc = evidence_fold(hay, record->text, len, err);
		if (!rc)
			rc = evidence_find_close(out, hay, &needle, err);
	}
	evidence_needle_release(&needle);
	return rc;
}

/* What of the record goes into the excerpt; *len 0: nothing. */
static const char *choose_excerpt(const struct persona_evidence *evidence, const struct evidence_match *match,
				  const struct persona_record *record, size_t *len)
{
	size_t given = evidence->excerpt ? strlen(evidence->excerpt) : 0;

	*len = 0;
	if (evidence->strength >= PERSONA_STRENGTH_CLOSE) {
		*len = evidence_cut(record->text + match->offset, match->len, EXCERPT_MAX);
		return record->text + match->offset;
	}
	if (evidence->strength != PERSONA_STRENGTH_CITED)
		return NULL;
	if (given && strstr(record->text, evidence->excerpt)) {
		*len = evidence_cut(evidence->excerpt, given, EXCERPT_MAX);
		return evidence->excerpt;
	}
	*len = evidence_cut(record->text, strlen(record->text), CONTEXT_MAX);
	return record->text;
}

/* from: the excerpt, in the record or a copy of something that stands there. */
static void note_place(struct persona_evidence *evidence, const struct persona_record *record, const char *from,
		       size_t len)
{
	size_t whole = strlen(record->text);
	const char *at = from;

	evidence->byte = -1;
	evidence->line = 0;
	if (len && !(from >= record->text && from < record->text + whole))
		at = memmem(record->text, whole, from, len);
	if (len && at)
		persona_record_place(record, (size_t)(at - record->text), len, &evidence->byte, &evidence->line);
}

static int settle(struct persona_evidence *evidence, const struct persona_record *record,
		  const struct evidence_match *match, struct persona_error *err)
{
	const char *from;
	char *excerpt = NULL;
	size_t len;

	evidence->record_id = record->record_id;
	evidence->strength = match->strength;
	if (match->strength == PERSONA_STRENGTH_NONE && evidence->field != PERSONA_QUOTES)
		evidence->strength = PERSONA_STRENGTH_CITED;
	from = choose_excerpt(evidence, match, record, &len);
	if (len && !(excerpt = persona_strndup(from, len, err)))
		return -1;
	note_place(evidence, record, from, len);
	free(evidence->excerpt);
	evidence->excerpt = excerpt;
	return 0;
}

static void reject(struct persona_evidence *evidence)
{
	evidence->strength = PERSONA_STRENGTH_NONE;
	evidence->record_id = 0;
	evidence->byte = -1;
	evidence->line = 0;
	free(evidence->excerpt);
	evidence->excerpt = NULL;
}

static int compare(const void *a, const void *b)
{
	const struct entry *left = a, *right = b;
	uintptr_t left_record = (uintptr_t)left->record, right_record = (uintptr_t)right->record;

	if (left_record != right_record)
		return left_record < right_record ? -1 : 1;
	return (left->index > right->index) - (left->index < right->index);
}

/* Entries come sorted by record, so that its folded form serves all of them. */
static int check_entries(struct persona *persona, const struct entry *entries, size_t count, struct persona_error *err)
{
	struct evidence_folded hay = { 0 };
	int rc = 0;

	for (size_t i = 0; !rc && i < count; i++) {
		struct persona_evidence *evidence = &persona->evidence[entries[i].index];
		const struct persona_record *record = entries[i].record;
		const char *item = item_of(persona, evidence->field, evidence->position);
		struct evidence_match match = { 0 };

		if (i && record != entries[i - 1].record) {
			evidence_folded_release(&hay);
			hay = (struct evidence_folded){ 0 };
		}
		if (!record || !item) {
			reject(evidence);
			continue;
		}
		rc = find(&match, record, &hay, item, err);
		if (!rc)
			rc = settle(evidence, record, &match, err);
	}
	evidence_folded_release(&hay);
	return rc;
}

/* ---- Quotes that nothing bears out yet ------------------------------- */

struct quote {
	size_t position;
	struct evidence_needle needle;
	const struct persona_record *record; /* where it stands, NULL: nowhere yet */
	struct evidence_match match;
};

static bool is_borne_out(const struct persona *persona, size_t position)
{
	for (size_t i = 0; i < persona->evidence_len; i++) {
		const struct persona_evidence *evidence = &persona->evidence[i];

		if (evidence->field == PERSONA_QUOTES && evidence->position == position &&
		    evidence->strength != PERSONA_STRENGTH_NONE)
			return true;
	}
	return false;
}

/* Byte for byte anywhere goes before close anywhere, an earlier record before a later one. */
static int look_verbatim(struct quote *quotes, size_t count, const struct persona_records *records,
			 struct persona_error *err)
{
	for (size_t i = 0; i < records->len; i++) {
		const struct persona_record *record = &records->items[i];
		size_t len = strlen(record->text);

		for (size_t q = 0; q < count; q++) {
			if (quotes[q].record)
				continue;
			if (evidence_find_verbatim(&quotes[q].match, record->text, len, &quotes[q].needle, err) < 0)
				return -1;
			if (quotes[q].match.strength != PERSONA_STRENGTH_NONE)
				quotes[q].record = record;
		}
	}
	return 0;
}

static size_t count_open(const struct quote *quotes, size_t count)
{
	size_t open = 0;

	for (size_t q = 0; q < count; q++)
		open += !quotes[q].record && !quotes[q].needle.tiny && quotes[q].needle.folded.len > 0;
	return open;
}

static int look_close(struct quote *quotes, size_t count, const struct persona_records *records,
		      struct persona_error *err)
{
	size_t open = count_open(quotes, count);

	for (size_t i = 0; open && i < records->len; i++) {
		const struct persona_record *record = &records->items[i];
		struct evidence_folded hay;
		int rc = evidence_fold(&hay, record->text, strlen(record->text), err);

		for (size_t q = 0; !rc && q < count; q++) {
			if (quotes[q].record)
				continue;
			rc = evidence_find_close(&quotes[q].match, &hay, &quotes[q].needle, err);
			if (!rc && quotes[q].match.strength != PERSONA_STRENGTH_NONE)
				quotes[q].record = record;
		}
		evidence_folded_release(&hay);
		if (rc < 0)
			return -1;
		open = count_open(quotes, count);
	}
	return 0;
}

static int add_found(struct persona *persona, const struct quote *quote, struct persona_error *err)
{
	const char *text = quote->record->text + quote->match.offset;
	char *excerpt = persona_strndup(text, evidence_cut(text, quote->match.len, EXCERPT_MAX), err);
	int rc;

	if (!excerpt)
		return -1;
	rc = persona_evidence_add(persona, PERSONA_QUOTES, quote->position, quote->record->locator,
				  quote->record->record_id, quote->match.strength, excerpt, err);
	if (!rc)
		note_place(&persona->evidence[persona->evidence_len - 1], quote->record, text, strlen(excerpt));
	free(excerpt);
	return rc;
}

static int find_quotes(struct persona *persona, const struct persona_records *records, struct persona_error *err)
{
	const struct persona_list *list = &persona->lists[PERSONA_QUOTES];
	struct quote *quotes = calloc(list->len + 1, sizeof *quotes);
	size_t count = 0;
	int rc = 0;

	if (!quotes)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t i = 0; !rc && i < list->len; i++)
		if (!is_borne_out(persona, i)) {
			quotes[count].position = i;
			rc = evidence_needle_init(&quotes[count++].needle, list->items[i], err);
		}
	if (!rc && count)
		rc = look_verbatim(quotes, count, records, err);
	if (!rc && count)
		rc = look_close(quotes, count, records, err);
	for (size_t q = 0; q < count; q++) {
		if (!rc && quotes[q].record)
			rc = add_found(persona, &quotes[q], err);
		evidence_needle_release(&quotes[q].needle);
	}
	free(quotes);
	return rc;
}

/* ---- A persona ------------------------------------------------------- */

int persona_evidence_check(struct persona *persona, const struct persona_records *records, struct persona_error *err)
{
	struct place *places = calloc(records->len + 1, sizeof *places), *table = NULL;
	struct entry *entries = calloc(persona->evidence_len + 1, sizeof *entries);
	size_t count = persona->evidence_len;
	int rc = -1;

	if (!places || !entries) {
		(void)persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		goto out;
	}
	if (count && index_records(&table, places, records, err) < 0)
		goto out;
	for (size_t i = 0; i < count; i++)
		entries[i] = (struct entry){ .index = i, .record = find_record(table, persona->evidence[i].locator) };
	qsort(entries, count, sizeof *entries, compare);
	if (check_entries(persona, entries, count, err) < 0)
		goto out;
	rc = find_quotes(persona, records, err);
out:
	HASH_CLEAR(hh, table);
	free(entries);
	free(places);
	return rc;
}
