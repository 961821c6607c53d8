#include "private.h"

const char *persona_strength_name(enum persona_strength strength)
{
	static const char *const names[] = {
		[PERSONA_STRENGTH_NONE] = "none",
		[PERSONA_STRENGTH_CITED] = "cited",
		[PERSONA_STRENGTH_CLOSE] = "close",
		[PERSONA_STRENGTH_VERBATIM] = "verbatim",
	};

	return (unsigned)strength <= PERSONA_STRENGTH_VERBATIM ? names[strength] : "none";
}

void persona_init(struct persona *persona)
{
	*persona = (struct persona){ 0 };
	for (const struct persona_field *field = persona_fields; field->name; field++)
		if (field->type == PERSONA_FIELD_INTEGER)
			*integer_slot(persona, field) = PERSONA_UNKNOWN;
}

static void evidence_release(struct persona_evidence *evidence)
{
	free(evidence->locator);
	free(evidence->excerpt);
}

void persona_release(struct persona *persona)
{
	for (const struct persona_field *field = persona_fields; field->name; field++)
		if (field->type == PERSONA_FIELD_TEXT)
			free(*text_slot(persona, field));
		else if (field->type == PERSONA_FIELD_OBJECT)
			json_decref(*object_slot(persona, field));
	for (int field = 0; field < PERSONA_LIST_FIELDS; field++) {
		struct persona_list *list = &persona->lists[field];

		for (size_t i = 0; i < list->len; i++)
			free(list->items[i]);
		free(list->items);
	}
	for (size_t i = 0; i < persona->evidence_len; i++)
		evidence_release(&persona->evidence[i]);
	free(persona->evidence);
	json_decref(persona->extra);
	persona_init(persona);
}

/* A copy of an object that is NULL when unknown. */
static int copy_object(json_t **out, const json_t *from, struct persona_error *err)
{
	*out = from ? json_deep_copy(from) : NULL;
	if (from && !*out)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	return 0;
}

static int copy_list(struct persona_list *out, const struct persona_list *from, struct persona_error *err)
{
	for (size_t i = 0; i < from->len; i++)
		if (persona_list_add(out, from->items[i], strlen(from->items[i]), err) < 0)
			return -1;
	return 0;
}

static int copy_field(struct persona *out, const struct persona *from, const struct persona_field *field,
		      struct persona_error *err)
{
	switch (field->type) {
	case PERSONA_FIELD_TEXT:
		return persona_set_text(text_slot(out, field), *text_slot(from, field), err);
	case PERSONA_FIELD_INTEGER:
		*integer_slot(out, field) = *integer_slot(from, field);
		return 0;
	case PERSONA_FIELD_LIST:
		return copy_list(&out->lists[field->list], &from->lists[field->list], err);
	case PERSONA_FIELD_OBJECT:
		return copy_object(object_slot(out, field), *object_slot(from, field), err);
	case PERSONA_FIELD_DERIVED:
		break;
	}
	return 0;
}

int persona_copy(struct persona *out, const struct persona *from, struct persona_error *err)
{
	persona_init(out);
	for (const struct persona_field *field = persona_fields; field->name; field++)
		if (copy_field(out, from, field, err) < 0)
			goto fail;
	if (copy_object(&out->extra, from->extra, err) < 0)
		goto fail;
	for (size_t i = 0; i < from->evidence_len; i++) {
		const struct persona_evidence *it = &from->evidence[i];

		if (persona_evidence_add(out, it->field, it->position, it->locator, it->record_id, it->strength,
					 it->excerpt, err) < 0)
			goto fail;
		out->evidence[out->evidence_len - 1].byte = it->byte;
		out->evidence[out->evidence_len - 1].line = it->line;
	}
	return 0;
fail:
	persona_release(out);
	return -1;
}

int persona_set_text(char **slot, const char *text, struct persona_error *err)
{
	char *copy = NULL;

	if (text) {
		size_t len = strlen(text);

		if (len > PERSONA_TEXT_MAX)
			return persona_error_set(err, PERSONA_E_FORMAT, "a text of more than %d bytes",
						 PERSONA_TEXT_MAX);
		copy = persona_strndup(text, len, err);
		if (!copy)
			return -1;
	}
	free(*slot);
	*slot = copy;
	return 0;
}

int persona_list_add(struct persona_list *list, const char *text, size_t len, struct persona_error *err)
{
	char *copy;

	if (len > PERSONA_TEXT_MAX)
		return persona_error_set(err, PERSONA_E_FORMAT, "a text of more than %d bytes", PERSONA_TEXT_MAX);
	if (list->len >= PERSONA_LIST_MAX)
		return persona_error_set(err, PERSONA_E_FORMAT, "more than %d items", PERSONA_LIST_MAX);
	if (persona_grow((void **)&list->items, &list->capacity, list->len, sizeof *list->items, err) < 0)
		return -1;
	copy = persona_strndup(text, len, err);
	if (!copy)
		return -1;
	list->items[list->len++] = copy;
	return 0;
}

int persona_evidence_add(struct persona *persona, enum persona_list_field field, size_t position, const char *locator,
			 int64_t record_id, enum persona_strength strength, const char *excerpt,
			 struct persona_error *err)
{
	struct persona_evidence entry = {
		.field = field, .position = position, .record_id = record_id, .strength = strength, .byte = -1
	};

	if (persona->evidence_len >= PERSONA_EVIDENCE_MAX)
		return persona_error_set(err, PERSONA_E_FORMAT, "more than %d pieces of evidence",
					 PERSONA_EVIDENCE_MAX);
	if (persona_grow((void **)&persona->evidence, &persona->evidence_capacity, persona->evidence_len,
			 sizeof *persona->evidence, err) < 0)
		return -1;
	entry.locator = persona_strdup(locator, err);
	if (excerpt)
		entry.excerpt = persona_strdup(excerpt, err);
	if (!entry.locator || (excerpt && !entry.excerpt)) {
		evidence_release(&entry);
		return -1;
	}
	persona->evidence[persona->evidence_len++] = entry;
	return 0;
}

void persona_remove_item(struct persona *persona, enum persona_list_field field, size_t position)
{
	struct persona_list *list = &persona->lists[field];
	size_t kept = 0;

	if (position >= list->len)
		return;
	free(list->items[position]);
	list->len--;
	memmove(list->items + position, list->items + position + 1, (list->len - position) * sizeof *list->items);
	for (size_t i = 0; i < persona->evidence_len; i++) {
		struct persona_evidence *it = &persona->evidence[i];

		if (it->field == field && it->position == position) {
			evidence_release(it);
			continue;
		}
		if (it->field == field && it->position > position)
			it->position--;
		persona->evidence[kept++] = *it;
	}
	persona->evidence_len = kept;
}

static bool is_known(const char *text)
{
	return text && *text;
}

int persona_check(const struct persona *persona, struct persona_error *err)
{
	if (!is_known(persona->name))
		return persona_error_set(err, PERSONA_E_FORMAT, "a persona without a name");
	if (!persona->lists[PERSONA_GOALS].len && !persona->lists[PERSONA_FRUSTRATIONS].len &&
	    !is_known(persona->background))
		return persona_error_set(err, PERSONA_E_FORMAT,
					 "a persona with neither a goal nor a frustration nor a background: %s",
					 persona->name);
	return 0;
}
