#include "persona/text.h"
#include "private.h"

/* A key of the object that is being read, and how near it is to a field's name. */
struct candidate {
	const char *key;
	unsigned rank;
};

int blame(struct reader *reader, const char *field)
{
	char reason[sizeof reader->err->text];

	if (!reader->err || reader->err->code == PERSONA_E_NOMEM)
		return -1;
	memcpy(reason, reader->err->text, sizeof reason);
	return persona_error_set(reader->err, reader->err->code, "%s: %s", field, reason);
}

/* ---- What nobody knows ----------------------------------------------- */

/* Make *text clean; room, which the caller releases when all is well, may hold it then. */
static int clean_bytes(struct reader *reader, struct persona_buf *room, const char **text, size_t *len)
{
	const char *before = *text;

	persona_buf_init(room, SIZE_MAX);
	if (persona_text_cleaned(room, text, len, NULL, reader->err) < 0) {
		persona_buf_release(room);
		return -1;
	}
	if (*text != before)
		reader->notes |= PERSONA_NOTE_CLEANED;
	return 0;
}

static json_t *clean_string(struct reader *reader, const json_t *value)
{
	const char *text = json_string_value(value);
	size_t len = json_string_length(value);
	struct persona_buf room;
	json_t *copy;

	if (clean_bytes(reader, &room, &text, &len) < 0)
		return NULL;
	copy = json_stringn_nocheck(text, len);
	persona_buf_release(&room);
	return copy;
}

static json_t *copy_at(struct reader *reader, const json_t *value, unsigned depth);

static int copy_member(struct reader *reader, json_t *object, const char *key, const json_t *value, unsigned depth)
{
	json_t *copy = copy_at(reader, value, depth);
	size_t len = strlen(key);
	struct persona_buf room;
	int rc;

	if (clean_bytes(reader, &room, &key, &len) < 0) {
		json_decref(copy);
		return -1;
	}
	rc = json_object_set_new_nocheck(object, key, copy);
	persona_buf_release(&room);
	return rc;
}

static json_t *copy_container(struct reader *reader, const json_t *value, unsigned depth)
{
	json_t *copy = json_is_array(value) ? json_array() : json_object(), *member;
	const char *key;
	size_t i;

	json_array_foreach(value, i, member) {
		if (json_array_append_new(copy, copy_at(reader, member, depth)) < 0)
			goto fail;
	}
	json_object_foreach((json_t *)(uintptr_t)value, key, member) {
		if (copy_member(reader, copy, key, member, depth) < 0)
			goto fail;
	}
	return copy;
fail:
	json_decref(copy);
	return NULL;
}

static json_t *copy_at(struct reader *reader, const json_t *value, unsigned depth)
{
	if (depth > JSON_PARSER_MAX_DEPTH) {
		(void)persona_error_set(reader->err, PERSONA_E_FORMAT, "JSON nested too deeply");
		return NULL;
	}
	switch (json_typeof(value)) {
	case JSON_STRING:
		return clean_string(reader, value);
	case JSON_ARRAY:
	case JSON_OBJECT:
		return copy_container(reader, value, depth + 1);
	default:
		return json_copy((json_t *)(uintptr_t)value);
	}
}

json_t *clean_copy(struct reader *reader, const json_t *value)
{
	struct persona_error *outer = reader->err, inner = { 0 };
	json_t *copy;

	reader->err = &inner;
	copy = copy_at(reader, value, 0);
	reader->err = outer;
	if (!copy && inner.code == PERSONA_OK)
		(void)persona_error_set(outer, PERSONA_E_NOMEM, "out of memory");
	else if (!copy)
		(void)persona_error_set(outer, inner.code, "%s", inner.text);
	return copy;
}

static int need_extra(struct reader *reader)
{
	if (!reader->persona->extra)
		reader->persona->extra = json_object();
	if (!reader->persona->extra)
		return persona_error_set(reader->err, PERSONA_E_NOMEM, "out of memory");
	return 0;
}

int keep_extra(struct reader *reader, const char *key, const json_t *value)
{
	json_t *pair, *copy;
	int rc = -1;

	/* Copied as a member, so that the key is cleaned too. */
	pair = json_object();
	if (json_object_set_nocheck(pair, key, (json_t *)(uintptr_t)value) < 0) {
		json_decref(pair);
		return persona_error_set(reader->err, PERSONA_E_NOMEM, "out of memory");
	}
	copy = clean_copy(reader, pair);
	json_decref(pair);
	if (copy && need_extra(reader) == 0) {
		rc = json_object_update(reader->persona->extra, copy);
		if (rc < 0)
			(void)persona_error_set(reader->err, PERSONA_E_NOMEM, "out of memory");
	}
	json_decref(copy);
	return rc;
}

int keep_in_list(struct reader *reader, const char *key, const json_t *value)
{
	json_t *list, *copy;

	if (need_extra(reader) < 0)
		return -1;
	list = json_object_get(reader->persona->extra, key);
	if (!json_is_array(list)) {
		/* What stands there otherwise becomes the first of the list. */
		list = list ? json_pack("[O]", list) : json_array();
		if (json_object_set_new_nocheck(reader->persona->extra, key, list) < 0)
			return persona_error_set(reader->err, PERSONA_E_NOMEM, "out of memory");
	}
	copy = clean_copy(reader, value);
	if (!copy)
		return -1;
	if (json_array_append_new(list, copy) < 0)
		return persona_error_set(reader->err, PERSONA_E_NOMEM, "out of memory");
	return 0;
}

/* ---- Fields ---------------------------------------------------------- */

static bool is_evidence(const char *key, unsigned *rank)
{
	if (!same_key("evidence", 8, key, strlen(key)))
		return false;
	*rank = strcmp(key, "evidence") != 0;
	return true;
}

/* Which field a key means, as an index; FIELD_COUNT stands for evidence, -1 for none. */
static int index_of(const char *key, unsigned *rank)
{
	const struct persona_field *field = find_field(key, rank);

	if (field)
		return (int)(field - persona_fields);
	return is_evidence(key, rank) ? FIELD_COUNT : -1;
}

/* For each field the key that comes nearest to its name and says something. */
static void choose(struct candidate chosen[FIELD_COUNT + 1], const json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, key, value) {
		unsigned rank = 0;
		int index = index_of(key, &rank);

		if (index >= 0 && !is_unknown(value) && (!chosen[index].key || rank < chosen[index].rank))
			chosen[index] = (struct candidate){ .key = key, .rank = rank };
	}
}

static int take_field(struct reader *reader, const struct persona_field *field, const json_t *value)
{
	switch (field->type) {
	case PERSONA_FIELD_TEXT:
		return take_text(reader, field, value);
	case PERSONA_FIELD_INTEGER:
		return take_integer(reader, field, value);
	case PERSONA_FIELD_LIST:
		return take_list(reader, field, value);
	case PERSONA_FIELD_OBJECT:
		return take_object(reader, field, value);
	case PERSONA_FIELD_DERIVED:
		break;
	}
	return 1;
}

/* One member of the object whose key means a field; evidence waits until all lists are there. */
static int take_member(struct reader *reader, const struct candidate *chosen, const char *key, const json_t *value)
{
	unsigned rank = 0;
	int index = index_of(key, &rank), rc;

	if (index < 0)
		return 0;
	if (is_unknown(value) || (index < FIELD_COUNT && persona_fields[index].type == PERSONA_FIELD_DERIVED))
		return 0;
	if (chosen[index].key != key) {
		reader->notes |= PERSONA_NOTE_EXTRA;
		return keep_extra(reader, key, value);
	}
	if (index == FIELD_COUNT)
		return 0;
	rc = take_field(reader, &persona_fields[index], value);
	if (rc < 0)
		return blame(reader, persona_fields[index].name);
	if (!rc) {
		reader->notes |= PERSONA_NOTE_DROPPED;
		return keep_extra(reader, key, value);
	}
	if (rank)
		reader->notes |= PERSONA_NOTE_ALIAS;
	return 0;
}

/*
 * A range that an age was given as belongs to demographics.age_range. Where something else stands
 * there already, it is kept in extra.
 */
static int settle_range(struct reader *reader)
{
	struct persona *persona = reader->persona;
	json_t *text = json_stringn_nocheck(reader->range.data, reader->range.len), *there;
	int rc;

	if (!persona->demographics)
		persona->demographics = json_object();
	there = json_object_get(persona->demographics, "age_range");
	if (!there)
		rc = json_object_set_nocheck(persona->demographics, "age_range", text);
	else if (json_equal(there, text))
		rc = 0;
	else if (json_object_get(persona->extra, "age_range"))
		rc = keep_in_list(reader, "age_range", text);
	else
		rc = keep_extra(reader, "age_range", text);
	json_decref(text);
	return rc < 0 ? persona_error_set(reader->err, PERSONA_E_NOMEM, "out of memory") : 0;
}

/* Keys that mean nothing go to extra first, so that what is made of the others can be added to them. */
static int keep_unknown_keys(struct reader *reader, const json_t *object)
{
	const char *key;
	json_t *value;
	unsigned rank;

	json_object_foreach((json_t *)(uintptr_t)object, key, value) {
		if (index_of(key, &rank) >= 0)
			continue;
		reader->notes |= PERSONA_NOTE_EXTRA;
		if (keep_extra(reader, key, value) < 0)
			return -1;
	}
	return 0;
}

static int read_members(struct reader *reader, const json_t *object)
{
	struct candidate chosen[FIELD_COUNT + 1] = { { .key = NULL } };
	const char *key;
	json_t *value;

	choose(chosen, object);
	if (keep_unknown_keys(reader, object) < 0)
		return -1;
	json_object_foreach((json_t *)(uintptr_t)object, key, value) {
		if (take_member(reader, chosen, key, value) < 0)
			return -1;
	}
	if (reader->range.len && settle_range(reader) < 0)
		return -1;
	if (!chosen[FIELD_COUNT].key)
		return 0;
	if (chosen[FIELD_COUNT].rank)
		reader->notes |= PERSONA_NOTE_ALIAS;
	if (take_evidence(reader, json_object_get(object, chosen[FIELD_COUNT].key)) < 0)
		return blame(reader, "evidence");
	return 0;
}

int persona_part_from_json(struct persona *out, const json_t *value, unsigned *notes, struct persona_error *err)
{
	struct reader reader = { .persona = out, .err = err };
	int rc;

	persona_init(out);
	if (notes)
		*notes = 0;
	if (!json_is_object(value))
		return persona_error_set(err, PERSONA_E_FORMAT, "a persona is a JSON object");
	persona_buf_init(&reader.joined, PERSONA_TEXT_MAX);
	persona_buf_init(&reader.clean, PERSONA_TEXT_MAX);
	persona_buf_init(&reader.range, PERSONA_TEXT_MAX);
	rc = read_members(&reader, value);
	if (rc < 0)
		persona_release(out);
	else if (notes)
		*notes = reader.notes;
	persona_buf_release(&reader.range);
	persona_buf_release(&reader.clean);
	persona_buf_release(&reader.joined);
	return rc < 0 ? -1 : 0;
}

int persona_from_json(struct persona *out, const json_t *value, unsigned *notes, struct persona_error *err)
{
	if (persona_part_from_json(out, value, notes, err) < 0)
		return -1;
	if (persona_check(out, err) == 0)
		return 0;
	persona_release(out);
	if (notes)
		*notes = 0;
	return -1;
}
