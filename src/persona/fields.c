#include "persona/persona.h"

/*
 * struct persona is written out by hand for its readers. This is the same struct made from the
 * table; the assertions below fail when the two are no longer one.
 */
struct from_table {
#define PERSONA_TEXT(name, required, aliases, description)	 char *name;
#define PERSONA_INTEGER(name, least, most, aliases, description) int64_t name;
#define PERSONA_LIST(name, kind, aliases, description)		 struct persona_list name;
#define PERSONA_OBJECT(name, aliases, description)		 json_t *name;
#include "fields.def"
	json_t *extra;
	struct persona_evidence *evidence;
	size_t evidence_len;
	size_t evidence_capacity;
};

enum list_from_table {
#define PERSONA_LIST(name, kind, aliases, description) LIST_##name,
#include "fields.def"
	LIST_COUNT
};

#define SAME(name)                                                                                                     \
	_Static_assert(offsetof(struct persona, name) == offsetof(struct from_table, name), #name " is out of place"); \
	_Static_assert(sizeof((struct persona){ 0 }.name) == sizeof((struct from_table){ 0 }.name),                    \
		       #name " has another size");
#define PERSONA_TEXT(name, required, aliases, description)	 SAME(name)
#define PERSONA_INTEGER(name, least, most, aliases, description) SAME(name)
#define PERSONA_OBJECT(name, aliases, description)		 SAME(name)
#define PERSONA_LIST(name, kind, aliases, description)                                                                 \
	_Static_assert(offsetof(struct persona, lists) + LIST_##name * sizeof(struct persona_list) ==                  \
			       offsetof(struct from_table, name),                                                      \
		       #name " is out of place");
#include "fields.def"
_Static_assert(sizeof(struct persona) == sizeof(struct from_table),
	       "struct persona has a field that is not in the table");
_Static_assert((int)LIST_COUNT == (int)PERSONA_LIST_FIELDS, "enum persona_list_field has another number of lists");
_Static_assert((int)LIST_goals == (int)PERSONA_GOALS && (int)LIST_frustrations == (int)PERSONA_FRUSTRATIONS &&
		       (int)LIST_behaviours == (int)PERSONA_BEHAVIOURS &&
		       (int)LIST_motivations == (int)PERSONA_MOTIVATIONS && (int)LIST_quotes == (int)PERSONA_QUOTES,
	       "enum persona_list_field has another order");

const struct persona_field persona_fields[] = {
#define PERSONA_TEXT(field, must, others, about)                                                                       \
	{ .name = #field,                                                                                              \
	  .type = PERSONA_FIELD_TEXT,                                                                                  \
	  .aliases = others,                                                                                           \
	  .description = about,                                                                                        \
	  .required = must,                                                                                            \
	  .offset = offsetof(struct persona, field) },
#define PERSONA_INTEGER(field, low, high, others, about)                                                               \
	{ .name = #field,                                                                                              \
	  .type = PERSONA_FIELD_INTEGER,                                                                               \
	  .aliases = others,                                                                                           \
	  .description = about,                                                                                        \
	  .least = low,                                                                                                \
	  .most = high,                                                                                                \
	  .offset = offsetof(struct persona, field) },
#define PERSONA_LIST(field, trait, others, about)                                                                      \
	{ .name = #field,                                                                                              \
	  .type = PERSONA_FIELD_LIST,                                                                                  \
	  .aliases = others,                                                                                           \
	  .description = about,                                                                                        \
	  .kind = #trait,                                                                                              \
	  .list = (enum persona_list_field)LIST_##field },
#define PERSONA_OBJECT(field, others, about)                                                                           \
	{ .name = #field,                                                                                              \
	  .type = PERSONA_FIELD_OBJECT,                                                                                \
	  .aliases = others,                                                                                           \
	  .description = about,                                                                                        \
	  .offset = offsetof(struct persona, field) },
#define PERSONA_DERIVED(field, others, about)                                                                          \
	{ .name = #field, .type = PERSONA_FIELD_DERIVED, .aliases = others, .description = about },
#include "fields.def"
	{ .name = NULL },
};

const struct persona_field *persona_list_field(enum persona_list_field field)
{
	const struct persona_field *line = persona_fields;

	while (line->name && (line->type != PERSONA_FIELD_LIST || line->list != field))
		line++;
	return line;
}
