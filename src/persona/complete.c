/* What a revised persona does not say is as it was. */
#include "persona/json.h"
#include "private.h"

bool persona_is_blank(const struct persona *persona)
{
	for (const struct persona_field *field = persona_fields; field->name; field++)
		if ((field->type == PERSONA_FIELD_TEXT && *text_slot(persona, field)) ||
		    (field->type == PERSONA_FIELD_INTEGER && *integer_slot(persona, field) != PERSONA_UNKNOWN) ||
		    (field->type == PERSONA_FIELD_LIST && persona->lists[field->list].len) ||
		    (field->type == PERSONA_FIELD_OBJECT && *object_slot(persona, field)))
			return false;
	return true;
}

static int complete_object(json_t **object, const json_t *from, struct persona_error *err)
{
	json_t *whole;

	if (!from)
		return 0;
	whole = json_deep_copy(from);
	if (!whole || (*object && json_object_update(whole, *object) < 0)) {
		json_decref(whole);
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	json_decref(*object);
	*object = whole;
	return 0;
}

/* Item `position` of the list rests on what the other's item rests on. */
static int copy_evidence(struct persona *persona, enum persona_list_field field, size_t position,
			 const struct persona *from, size_t from_position, struct persona_error *err)
{
	for (size_t i = 0; i < from->evidence_len; i++) {
		const struct persona_evidence *piece = &from->evidence[i];

		if (piece->field == field && piece->position == from_position &&
		    persona_evidence_add(persona, field, position, piece->locator, piece->record_id, piece->strength,
					 piece->excerpt, err) < 0)
			return -1;
	}
	return 0;
}

static bool has_evidence(const struct persona *persona, enum persona_list_field field, size_t position)
{
	for (size_t i = 0; i < persona->evidence_len; i++)
		if (persona->evidence[i].field == field && persona->evidence[i].position == position)
			return true;
	return false;
}

static int complete_list(struct persona *persona, enum persona_list_field field, const struct persona *from,
			 struct persona_error *err)
{
	struct persona_list *list = &persona->lists[field];
	const struct persona_list *before = &from->lists[field];
	bool left_out = !list->len;

	for (size_t i = 0; left_out && i < before->len; i++)
		if (persona_list_add(list, before->items[i], strlen(before->items[i]), err) < 0)
			return -1;
	for (size_t i = 0; i < list->len; i++) {
		size_t at = left_out ? i : 0;

		while (at < before->len && strcmp(list->items[i], before->items[at]) != 0)
			at++;
		if (at < before->len && !has_evidence(persona, field, i) &&
		    copy_evidence(persona, field, i, from, at, err) < 0)
			return -1;
	}
	return 0;
}

int persona_complete(struct persona *persona, const struct persona *from, struct persona_error *err)
{
	for (const struct persona_field *field = persona_fields; field->name; field++) {
		int rc = 0;

		if (field->type == PERSONA_FIELD_TEXT && !*text_slot(persona, field))
			rc = persona_set_text(text_slot(persona, field), *text_slot(from, field), err);
		else if (field->type == PERSONA_FIELD_INTEGER && *integer_slot(persona, field) == PERSONA_UNKNOWN)
			*integer_slot(persona, field) = *integer_slot(from, field);
		else if (field->type == PERSONA_FIELD_LIST)
			rc = complete_list(persona, field->list, from, err);
		else if (field->type == PERSONA_FIELD_OBJECT)
			rc = complete_object(object_slot(persona, field), *object_slot(from, field), err);
		if (rc < 0)
			return -1;
	}
	return complete_object(&persona->extra, from->extra, err);
}
