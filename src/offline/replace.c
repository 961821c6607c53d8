/* replace.c - items of a persona exchanged for what the segment says. */
#include "refine.h"

#define TRIES 8 /* candidates that may turn out to be repetitions */

/* The last item of the list, with its evidence, takes the place of item `at`. */
void refine_move_last(struct persona *persona, enum persona_list_field field, size_t at)
{
	struct persona_list *list = &persona->lists[field];
	size_t last = list->len - 1;
	char *text = list->items[at];

	list->items[at] = list->items[last];
	list->items[last] = text;
	for (size_t e = 0; e < persona->evidence_len; e++) {
		struct persona_evidence *evidence = &persona->evidence[e];

		if (evidence->field == field && (evidence->position == at || evidence->position == last))
			evidence->position = evidence->position == at ? last : at;
	}
	persona_remove_item(persona, field, last);
}

const char *refine_locator(const struct persona *persona, enum persona_list_field field, size_t position)
{
	for (size_t e = 0; e < persona->evidence_len; e++)
		if (persona->evidence[e].field == field && persona->evidence[e].position == position)
			return persona->evidence[e].locator;
	return "the records";
}

static enum item_class field_class(enum persona_list_field field)
{
	for (int c = 0; c < CLASSES; c++)
		if (class_field((enum item_class)c) == field)
			return (enum item_class)c;
	return CLASS_NONE;
}

/* Append one item of the field from the segment, if there is one. closed: closed answers will do. */
static int append_any(struct refinement *refinement, enum persona_list_field field, bool closed,
		      struct persona_error *err)
{
	struct persona *persona = &refinement->persona;
	size_t wanted = persona->lists[field].len + 1;
	enum item_class class_ = field_class(field);

	if (field == PERSONA_QUOTES) {
		for (enum relax relax = RELAX_NOTHING; relax < RELAX_USED; relax++)
			if (items_quotes(&refinement->profile, persona, relax, wanted, err) < 0)
				return -1;
		return 0;
	}
	if (closed && class_ == CLASS_BEHAVIOUR &&
	    items_closed(&refinement->profile, persona, class_, RELAX_NOTHING, wanted, err) < 0)
		return -1;
	for (enum relax relax = RELAX_NOTHING; relax < RELAX_USED; relax++)
		if (items_text(&refinement->profile, persona, class_, relax, wanted, err) < 0 ||
		    (closed && items_closed(&refinement->profile, persona, class_, relax, wanted, err) < 0))
			return -1;
	return closed ? items_phrases(&refinement->profile, persona, class_, wanted, err) : 0;
}

/* Is the list's last item a repetition of another? */
static int repeats(struct refinement *refinement, enum persona_list_field field, bool *same, struct persona_error *err)
{
	const struct persona_list *list = &refinement->persona.lists[field];

	*same = false;
	for (size_t i = 0; i + 1 < list->len && !*same; i++)
		if (refine_same(refinement, list->items[i], list->items[list->len - 1], same, err) < 0)
			return -1;
	return 0;
}

/* The same, passing over what the list says already: the profile remembers what was tried. */
int refine_append(struct refinement *refinement, enum persona_list_field field, bool closed, struct persona_error *err)
{
	struct persona_list *list = &refinement->persona.lists[field];

	for (int tries = 0; tries < TRIES; tries++) {
		size_t before = list->len;
		bool same = false;

		if (append_any(refinement, field, closed, err) < 0)
			return -1;
		if (list->len == before)
			return 0;
		if (repeats(refinement, field, &same, err) < 0)
			return -1;
		if (!same)
			return 0;
		persona_remove_item(&refinement->persona, field, list->len - 1);
	}
	return 0;
}

/* Put something of the segment in the place of an item; *done: there was something. */
int refine_replace(struct refinement *refinement, enum persona_list_field field, size_t at, const char *why,
		   bool closed, bool *done, struct persona_error *err)
{
	struct persona *persona = &refinement->persona;
	size_t before = persona->lists[field].len;

	if (refine_append(refinement, field, closed, err) < 0)
		return -1;
	*done = persona->lists[field].len > before;
	if (!*done)
		return 0;
	refine_move_last(persona, field, at);
	return refine_note(refinement, err, "replaced %s %zu: %s -> %s", refine_singular[field], at + 1, why,
			   refine_locator(persona, field, at));
}
