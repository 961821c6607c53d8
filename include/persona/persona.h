/*
 * persona/persona.h - the nouns that all modules share: a persona, a record of
 * research data, and the typed task by which a model is asked.
 *
 * struct persona follows from src/persona/fields.def. Uses: base, text, json.
 */
#ifndef PERSONA_PERSONA_H
#define PERSONA_PERSONA_H

#include <jansson.h>

#include "persona/base.h"

#define PERSONA_UNKNOWN	     (-1)	 /* an integer field that nobody stated */
#define PERSONA_TEXT_MAX     (64 * 1024) /* bytes in one text field or list item */
#define PERSONA_LIST_MAX     1000	 /* items in one list field */
#define PERSONA_EVIDENCE_MAX 10000	 /* pointers to records in one persona */

/* ---- Persona --------------------------------------------------------- */

struct persona_list {
	char **items;
	size_t len;
	size_t capacity;
};

/* The list fields, in the order of fields.def. */
enum persona_list_field {
	PERSONA_GOALS,
	PERSONA_FRUSTRATIONS,
	PERSONA_BEHAVIOURS,
	PERSONA_MOTIVATIONS,
	PERSONA_QUOTES,
	PERSONA_LIST_FIELDS /* how many */
};

/* How well a record bears out an item; the better the larger. */
enum persona_strength {
	PERSONA_STRENGTH_NONE,	  /* the record does not exist, or a quote that stands nowhere in it */
	PERSONA_STRENGTH_CITED,	  /* the record exists and was named */
	PERSONA_STRENGTH_CLOSE,	  /* the item stands there but for case, space, punctuation */
	PERSONA_STRENGTH_VERBATIM /* the item stands there byte for byte */
};

/* "none", "cited", "close", "verbatim"; never NULL. */
const char *persona_strength_name(enum persona_strength strength);

/* One pointer from a list item to the record that it rests on. */
struct persona_evidence {
	enum persona_list_field field;
	size_t position;   /* index into the list, from 0 */
	char *locator;	   /* the record as named, such as "interviews.csv:17"; never NULL */
	int64_t record_id; /* the record in the database, 0: not looked up or not found */
	enum persona_strength strength;
	char *excerpt; /* bytes of the record that show it; NULL: none */
	int64_t byte;  /* of the file, where the excerpt begins; -1: not known, or it stands there otherwise */
	int64_t line;  /* of the file, where the excerpt begins; 0: not known */
};

struct persona {
	char *name;  /* all texts: valid UTF-8, NULL when unknown */
	int64_t age; /* years, or PERSONA_UNKNOWN */
	char *occupation;
	char *background;
	struct persona_list lists[PERSONA_LIST_FIELDS];
	json_t *demographics; /* object or NULL */
	char *refinement_notes;
	json_t *extra; /* keys that nobody knows, object or NULL */
	struct persona_evidence *evidence;
	size_t evidence_len;
	size_t evidence_capacity;
};

/* An empty persona; allocates nothing. */
void persona_init(struct persona *persona);

/* Release everything; the persona is empty again. */
void persona_release(struct persona *persona);

/* Deep copy; out is initialised by the call and empty on failure. */
int persona_copy(struct persona *out, const struct persona *from, struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * Replace a text field's value by a copy (NULL clears it). slot: &persona->name and so on.
 * Errors: PERSONA_E_NOMEM, PERSONA_E_FORMAT (text too long).
 */
int persona_set_text(char **slot, const char *text, struct persona_error *err) PERSONA_MUST_CHECK;

/* Append a copy of a text to a list field. Errors: PERSONA_E_NOMEM, PERSONA_E_FORMAT (list or text too long). */
int persona_list_add(struct persona_list *list, const char *text, size_t len,
		     struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * Append evidence for item `position` of `field`; locator and excerpt (NULL allowed) are copied.
 * Errors: PERSONA_E_NOMEM, PERSONA_E_FORMAT (more than PERSONA_EVIDENCE_MAX).
 */
int persona_evidence_add(struct persona *persona, enum persona_list_field field, size_t position, const char *locator,
			 int64_t record_id, enum persona_strength strength, const char *excerpt,
			 struct persona_error *err) PERSONA_MUST_CHECK;

/* Remove item `position` of `field` and its evidence; later positions move down, evidence with them. */
void persona_remove_item(struct persona *persona, enum persona_list_field field, size_t position);

/* A persona worth keeping: has a name, and a goal, a frustration or a background. Else PERSONA_E_FORMAT with the reason. */
int persona_check(const struct persona *persona, struct persona_error *err) PERSONA_MUST_CHECK;

/* What reading a persona from JSON had to do; a bit set. */
enum persona_notes {
	PERSONA_NOTE_ALIAS = 1,	  /* a field stood under another name */
	PERSONA_NOTE_COERCED = 2, /* a value had another type or form */
	PERSONA_NOTE_EXTRA = 4,	  /* unknown keys were kept in extra */
	PERSONA_NOTE_CLEANED = 8, /* control characters or invalid bytes were removed */
	PERSONA_NOTE_DROPPED = 16 /* a value of the right name could not be used and is kept in extra */
};

/*
 * Build a persona from a JSON object, with the aliases and coercions of fields.def.
 * out is initialised by the call and empty on failure. notes (NULL allowed) says
 * what had to be done. Nothing is shared with value.
 *
 * Keys: a field's own name wins over its aliases, these in their order; null, blank and
 * empty values count as not there. The losers, unknown keys and values that cannot be
 * used are kept in extra under the keys that they had.
 * Texts: cleaned, without white space at the ends; a number or truth value becomes its
 * JSON, a list of them is joined with "; ".
 * Age: 34, 34.0, "34", "34 years"; of a range ("34-39") the text goes to demographics.age_range
 * (to extra.age_range where another stands there) and the middle, rounded down, to age.
 * Lists: anything else than a list is a list of one. An item that is an object gives its
 * "text", "quote", "description" or the like (else its JSON) and its "records"; what else it says
 * is kept in extra under "goals_details" and so on.
 * Demographics: anything else than an object becomes {"description": …}.
 * Evidence: [{"field", "item", "record"}], as persona_to_json writes it, also with "records": […];
 * {"item": locator or [locator…]}; {"goals": {"item": […]}}. Items are found by their text, also where case,
 * space and punctuation differ; what fits none is kept as a list in extra.evidence.
 * Strength and excerpt are not believed: what is read is `cited` until checked.
 *
 * Errors: PERSONA_E_FORMAT (not an object, refused by persona_check, or beyond
 * PERSONA_TEXT_MAX, PERSONA_LIST_MAX, PERSONA_EVIDENCE_MAX: the text names the field), PERSONA_E_NOMEM.
 */
int persona_from_json(struct persona *out, const json_t *value, unsigned *notes,
		      struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * The same for an object that tells only what is to be changed in a persona: what persona_check() would refuse is
 * taken. persona_complete() adds the rest. Errors: as persona_from_json(), but for that check.
 */
int persona_part_from_json(struct persona *out, const json_t *value, unsigned *notes,
			   struct persona_error *err) PERSONA_MUST_CHECK;

/* Is no known field set? What stands in extra does not count. */
bool persona_is_blank(const struct persona *persona);

/*
 * Fill what a persona leaves out from the one that it was made of: unknown texts and integers, lists without an item (with
 * their evidence), members of demographics and extra that it lacks. An item that the other has in the same list, word for
 * word, and that names no record keeps the records that it had. Errors: PERSONA_E_NOMEM, PERSONA_E_FORMAT (too much evidence
 * in all).
 */
int persona_complete(struct persona *persona, const struct persona *from, struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * Every known field as a JSON object in the order of fields.def; unknown values
 * are left out. Then "evidence", one object per pointer: field, item, record, strength, excerpt
 * where there is one, position (from 0) where the item's text stands in the list before; what
 * extra.evidence holds is appended. Then extra's keys, but for those of known fields. Reading it back
 * gives the same persona, with the strength of evidence unchecked.
 * *out is the caller's reference. Errors: PERSONA_E_NOMEM, PERSONA_E_FORMAT (text that is
 * not UTF-8, evidence for an item that is not there).
 */
int persona_to_json(json_t **out, const struct persona *persona, struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * SHA-256 of the content in canonical form: equal personas, equal hash. Of evidence it counts
 * what points where (field, position, locator), not its order, strength, excerpt or record_id.
 * Errors: as persona_to_json.
 */
int persona_content_hash(const struct persona *persona, char hex[PERSONA_HASH_HEX],
			 struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * JSON Schema (draft 2020-12) of one persona as a provider is asked for it:
 * closed objects with every property required, unknown is null, evidence by item. Only
 * keywords that strict modes take: bounds are said in descriptions. *out is the caller's reference.
 */
int persona_schema(json_t **out, struct persona_error *err) PERSONA_MUST_CHECK;

/* ---- Field table ----------------------------------------------------- */

enum persona_field_type {
	PERSONA_FIELD_TEXT,
	PERSONA_FIELD_INTEGER,
	PERSONA_FIELD_LIST,
	PERSONA_FIELD_OBJECT,
	PERSONA_FIELD_DERIVED
};

/* One line of fields.def. */
struct persona_field {
	const char *name;
	enum persona_field_type type;
	const char *aliases; /* separated by blanks */
	const char *description;
	bool required;		      /* text */
	int64_t least, most;	      /* integer: bounds */
	const char *kind;	      /* list: value of trait.kind */
	enum persona_list_field list; /* list: index into persona.lists */
	size_t offset;		      /* text, integer, object: offsetof in struct persona */
};

/* The table in the order of output; ends with a NULL name. Static. */
extern const struct persona_field persona_fields[];

/* The table's line for a list field; never NULL. */
const struct persona_field *persona_list_field(enum persona_list_field field);

/* ---- Records --------------------------------------------------------- */

/* A cell of a record: the question and the answer to it. */
struct persona_cell {
	size_t column; /* index into persona_records.columns */
	size_t offset; /* where the answer stands in record.text */
	size_t len;
};

/*
 * Where text stands in its file: from `offset` of record.text on, up to the next piece or the end of its cell, the bytes are
 * those of the file from `byte` on.
 */
struct persona_piece {
	size_t offset;
	int64_t byte; /* from 0; -1: they stand there otherwise (escaped, cleaned, in another encoding) */
	int64_t line; /* from 1 */
};

#define PERSONA_SPEAKER_ALL "(all speakers)" /* of a record of several who cannot be told apart */

/* A unit of research data: a respondent, a section, a turn. */
struct persona_record {
	int64_t record_id;	    /* 0 until stored */
	int64_t ordinal;	    /* record number in its source, from 1 */
	char *locator;		    /* file and real line, such as "interviews.csv:17" */
	char *speaker;		    /* NULL: not known */
	char *text;		    /* what was answered, cells one per line; nothing of the question */
	struct persona_cell *cells; /* non-empty answers in column order; cells partition text */
	size_t cells_len;
	struct persona_piece *pieces; /* by offset; none: not known */
	size_t pieces_len, pieces_capacity;
};

/* Records with their columns (questions). Owns everything. Read-only once filled, and then shared by threads. */
struct persona_records {
	char **columns; /* question or heading per column; repeated headers get " (2)" */
	size_t columns_len, columns_capacity;
	size_t column_hint;	  /* where persona_records_column() looks first */
	struct persona_list open; /* columns that hold open text whatever they look like, as the user named them */
	struct persona_record *items;
	size_t len, capacity;
};

void persona_records_init(struct persona_records *records);
void persona_records_release(struct persona_records *records);

/* Index of the column with that name, added when new. -1: err is set. */
long persona_records_column(struct persona_records *records, const char *name,
			    struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * Number the columns by the order in which they stand in the records, each of which may lack some, whatever the order of the
 * records: topologically (Kahn 1962), by name where no record tells, and as near to it as can be where records disagree.
 * Indexes that were got before are void.
 */
int persona_records_order_columns(struct persona_records *records, struct persona_error *err) PERSONA_MUST_CHECK;

/* Is the column one of records->open? Case does not count. */
bool persona_records_is_open(const struct persona_records *records, size_t column);

/* Append an empty record; *out points at it until the next addition. */
int persona_records_add(struct persona_records *records, struct persona_record **out, const char *locator,
			struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * Append an answer to a record: text grows by the bytes (after a newline, unless first).
 * The answer must be clean UTF-8. Empty answers are left out. Columns come in ascending order.
 */
int persona_record_add_cell(struct persona_record *record, size_t column, const char *answer, size_t len,
			    struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * Note where the record's text from `offset` on stands in its file; offsets come in ascending order. What only goes on from
 * the piece before makes none of its own.
 */
int persona_record_add_piece(struct persona_record *record, size_t offset, int64_t byte, int64_t line,
			     struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * Where text[offset .. offset + len) begins in the file: *line (0: not known) and, where the file has the same bytes in one
 * run, *byte, else -1.
 */
void persona_record_place(const struct persona_record *record, size_t offset, size_t len, int64_t *byte, int64_t *line);

/* The record's answer to a column: *out borrowed, not NUL-terminated, returns its length; 0 when there is none. */
size_t persona_record_cell(const struct persona_record *record, size_t column, const char **out);

/* {"question": "answer", …} as the column `record.fields` holds it. *out is the caller's reference. */
int persona_record_fields_json(json_t **out, const struct persona_records *records, const struct persona_record *record,
			       struct persona_error *err) PERSONA_MUST_CHECK;

/* ---- Tasks ----------------------------------------------------------- */

enum persona_task_kind { PERSONA_TASK_DRAFT, PERSONA_TASK_REFINE, PERSONA_TASK_JUDGE };

/* Why a persona should be better: an issue of a metric or a judge's words. */
struct persona_reason {
	char *metric;  /* metric or criterion, such as "completeness" */
	char *code;    /* stable word for machines, such as "few-goals" */
	char *field;   /* field concerned, or NULL */
	long position; /* item concerned, or -1 */
	char *message; /* for people, and for a model to act on */
};

/* What a call for personas should attend to, beside the others of its batch; as planned when the batch was made. */
struct persona_brief {
	const char *begin, *end; /* locators of the first and last record to begin with; NULL: no matter where */
	size_t first, last;	 /* the call's numbers among `total`, from 1 */
	size_t total;		 /* personas asked for together with those of other calls; 0: there are no others */
	char **differ;		 /* personas that are there already, each in a line */
	size_t differ_len;
};

/*
 * What a model is asked for, typed, before anybody makes a prompt of it. All
 * pointers are borrowed and stay valid and unchanged until the answer is taken.
 */
struct persona_task {
	enum persona_task_kind kind;
	const struct persona_records *records; /* the data to draw from; may be empty; NULL for a judge */
	const char *records_id;		       /* identity of that data (SHA-256 hex): equal id, equal records */

	/* draft: personas of slots first_slot .. first_slot + count - 1 */
	size_t first_slot; /* from 1 */
	size_t count;
	const size_t *deals; /* total number of personas wanted after each deal, ascending */
	size_t deals_len;
	const struct persona_brief *brief; /* NULL: none */

	/* refine, judge */
	const struct persona *persona;

	/* refine */
	const struct persona_reason *reasons;
	size_t reasons_len;

	/* judge */
	const char *const *criteria; /* names, as persona_llm_criterion() knows them */
	size_t criteria_len;
	double scale; /* the best score that the prompt asks for */
};

/* What a judge says about one criterion. */
struct persona_rating {
	char *criterion;
	double score;	 /* 0..100 */
	double spread;	 /* of several votes: the highest less the lowest */
	char *reasoning; /* NULL: none was given */
};

/* What came back. release frees everything. */
struct persona_answer {
	struct persona
		*personas; /* draft: in slot order, maybe fewer than asked; refine: one, or none: nothing to improve */
	size_t len;
	size_t capacity;
	struct persona_rating *ratings; /* judge: one for each criterion, in the order asked */
	size_t ratings_len, ratings_capacity;
	char *note;	      /* for the user, one line, or NULL */
	char *figures;	      /* draft: of all personas together, as in the column batch.figures, or NULL */
	const char *shortage; /* failure class of those that are missing; static; NULL: invalid */
};

void persona_answer_init(struct persona_answer *answer);
void persona_answer_release(struct persona_answer *answer);

/* Append a rating; the texts are copied, reasoning may be NULL. */
int persona_answer_rate(struct persona_answer *answer, const char *criterion, double score, const char *reasoning,
			struct persona_error *err) PERSONA_MUST_CHECK;

/* Append an empty persona to the answer; *out points at it until the next addition. */
int persona_answer_add(struct persona_answer *answer, struct persona **out,
		       struct persona_error *err) PERSONA_MUST_CHECK;

#endif
