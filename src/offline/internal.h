/*
 * internal.h - how the built-in model sees research data.
 *
 * A unit is a respondent: one record. Units are sorted by a hash of their content, so that
 * the order of the records cannot matter; everything below is indexed by unit, not by record,
 * and holds offsets instead of pointers, so that it outlives the records it was learned from.
 */
#ifndef OFFLINE_INTERNAL_H
#define OFFLINE_INTERNAL_H

#include "persona/offline.h"
#include "persona/text.h"

#define OFFLINE_NONE  UINT32_MAX
#define OFFLINE_SMALL 5 /* fewer units: one persona each, no percentages */

/* ---- Columns --------------------------------------------------------- */

enum column_kind {
	COLUMN_EMPTY,
	COLUMN_SKIP, /* identifiers, addresses, times, consent, checks: says nothing of the person */
	COLUMN_NUMERIC,
	COLUMN_CLOSED,
	COLUMN_MULTI, /* tick all that apply */
	COLUMN_LABEL, /* short and mostly different, such as a job title */
	COLUMN_TEXT
};

/* What a column says of the respondent; TOPIC_NONE for everything that is not demographics. */
enum topic {
	TOPIC_NONE,
	TOPIC_AGE,
	TOPIC_BIRTH,
	TOPIC_GENDER,
	TOPIC_ETHNICITY,
	TOPIC_RELIGION,
	TOPIC_COUNTRY,
	TOPIC_CITY,
	TOPIC_LANGUAGE,
	TOPIC_OCCUPATION,
	TOPIC_INDUSTRY,
	TOPIC_EDUCATION,
	TOPIC_EXPERIENCE,
	TOPIC_HOUSEHOLD,
	TOPIC_NAME,
	TOPICS
};

enum item_class { CLASS_GOAL, CLASS_FRUSTRATION, CLASS_BEHAVIOUR, CLASS_MOTIVATION, CLASSES, CLASS_NONE = CLASSES };

/* An answer to a column, trimmed. */
struct cell {
	uint32_t unit;
	size_t offset, len; /* in the record's text */
};

struct column {
	enum column_kind kind;
	const char *why; /* it is skipped; NULL: it is not */
	enum topic topic;
	enum item_class prior; /* what the question asks for */
	double prior_weight;   /* how surely */
	struct cell *cells;    /* in order of unit */
	size_t len, capacity;
	size_t distinct;
	double words;			 /* mean number of words */
	double numbers;			 /* share of answers that are numbers */
	bool dates;			 /* mostly dates or times */
	size_t options_from, options_to; /* closed and multi: its options in model.options */
	char *lead;			 /* the question as a statement: "Uses R for"; NULL: none */
	char *lead_yes, *lead_no;	 /* yes/no questions: whole statements; NULL: not one */
};

/* An answer that many give, word for word. */
struct option {
	uint32_t column;
	char *key;	/* folded */
	char *label;	/* the commonest spelling */
	uint32_t count; /* units that gave it */
	bool idle;	/* says nothing: "not sure", "none", a bare number */
};

/* A unit's choice of an option. */
struct tick {
	uint32_t unit, option;
	size_t offset, len;
};

/* What is learned of the answers to one column; options are numbered from 0 until all columns are learned. */
struct answers {
	struct option *options;
	size_t options_len, options_capacity;
	struct tick *ticks; /* by option, then unit */
	size_t ticks_len, ticks_capacity;
};

/* ---- Sentences ------------------------------------------------------- */

struct sentence {
	uint32_t unit, column;
	size_t offset, len;	   /* raw bytes in the record's text */
	uint32_t stems, stems_len; /* distinct stem ids, ascending, in model.sentence_stems */
	uint64_t identity;	   /* equal for sentences equal but for case, space, punctuation */
	double norm;		   /* length of its vector of weights */
	uint16_t words;
	bool first_person;
	bool private_;	      /* may name a person, employer, handle, address */
	bool links;	      /* Markdown links or other markup inside */
	bool idle;	      /* says nothing */
	bool dependent;	      /* a fragment, or leans on what was said before */
	float score[CLASSES]; /* how much it speaks of each class */
};

struct stem {
	char *text;
	uint32_t df; /* units that use it */
	double idf;  /* its weight: rare ones tell more */
};

/* ---- Cue lists ------------------------------------------------------- */

/* The classes of idle.en.txt. */
enum idle_class { IDLE_WHOLE, IDLE_PART, IDLE_SURVEY, IDLE_ALWAYS, IDLE_OPENS };

#define CUE_WORDS 6

struct cue {
	int class_;
	double weight;
	size_t len;
	struct cue_word {
		char text[24];
		size_t len;
		bool prefix;
	} words[CUE_WORDS];
};

/* Cues in a fixed order, found by the first byte of their first word. */
struct cues {
	struct cue *items;
	size_t len, capacity;
	uint32_t first[257];
};

/* A folded text and its words. */
struct folded {
	struct persona_buf text;
	struct persona_word *words;
	size_t len;
};

int folded_of(struct folded *out, const char *text, size_t len, struct persona_error *err);
void folded_release(struct folded *folded);

/*
 * Read "class<TAB>cue" lines; classes: names in order, NULL at the end; '+' after a name doubles the weight, '-' halves
 * it.
 */
int cues_load(struct cues *cues, const char *const *classes, const char *data, size_t len, struct persona_error *err);
void cues_release(struct cues *cues);
/* The longest cue that starts at that word, or NULL. */
const struct cue *cues_at(const struct cues *cues, const struct folded *folded, size_t at);

/* ---- The model ------------------------------------------------------- */

struct sparse {
	uint32_t feature;
	double weight;
};

/* Respondents that a persona stands for: medoid first, then by closeness. */
struct segment {
	uint32_t *members;
	size_t len;
};

struct lists {
	struct cues cues, questions, idle, topics;
};

struct model {
	int threads; /* as persona_offline_set_threads() was told */
	char records_id[PERSONA_HASH_HEX];
	const struct persona_records *records; /* of the task at hand */
	struct persona_language *language;
	bool english;
	struct lists lists;

	uint32_t *units; /* record index of each unit */
	uint64_t *hashes;
	size_t len;
	int survey_year; /* 0: not known */

	struct column *columns;
	size_t columns_len;
	struct option *options;
	size_t options_len;
	struct tick *ticks; /* by unit, then column */
	size_t ticks_len;
	size_t *ticks_from; /* len + 1 */

	struct sentence *sentences; /* by unit */
	size_t sentences_len;
	size_t *sentences_from; /* len + 1 */
	uint32_t *sentence_stems;
	size_t sentence_stems_len;
	struct stem *stems;
	size_t stems_len;
	uint32_t *stems_sorted; /* by text */
	uint32_t *by_locator;	/* units sorted by the locator of their record */

	struct sparse *features; /* unit vectors of length 1 (or empty), by unit */
	size_t features_len;
	size_t *features_from; /* len + 1 */
	size_t features_count; /* number of different features */

	bool *silent;	 /* by unit: answers nothing, so nothing is made of it; NULL: all answer something */
	size_t speaking; /* units that are not silent */

	struct names *names;
};

/* Learn from the records on so many threads (0: one per processor). On failure *out is NULL. */
int model_new(struct model **out, const struct persona_records *records, const char *records_id, int threads,
	      struct persona_error *err);
void model_free(struct model *model);

/*
 * Units that a thread takes at a time. Whatever depends on where the pieces are cut depends on this number, never on how many
 * threads there are.
 */
#define UNITS_OF_PIECE 1024

static inline size_t model_pieces(const struct model *model)
{
	return model->len ? (model->len + UNITS_OF_PIECE - 1) / UNITS_OF_PIECE : 1;
}

static inline size_t piece_from(size_t piece)
{
	return piece * UNITS_OF_PIECE;
}

static inline size_t piece_to(const struct model *model, size_t piece)
{
	return (piece + 1) * UNITS_OF_PIECE < model->len ? (piece + 1) * UNITS_OF_PIECE : model->len;
}

static inline const struct persona_record *model_record(const struct model *model, uint32_t unit)
{
	return &model->records->items[model->units[unit]];
}

static inline const char *model_bytes(const struct model *model, uint32_t unit, size_t offset)
{
	return model_record(model, unit)->text + offset;
}

/* columns.c, options.c, topics.c */
int columns_learn(struct model *model, struct persona_error *err);
int options_learn(struct answers *answers, struct model *model, size_t column, bool *closed, struct persona_error *err);
/* A column of numbers: options for its values or for thirds of them; never shown, only grouped by. */
int options_learn_numbers(struct answers *answers, struct model *model, size_t column, struct persona_error *err);
bool column_is_protected(const struct column *column);
bool column_is_demographic(const struct column *column);
extern const char *const topic_classes[];
enum topic topic_of(const struct model *model, const struct folded *folded);

/* The unit's answer to a column; 0 when there is none. */
size_t unit_answer(const struct model *model, size_t column, uint32_t unit, size_t *offset);
static inline bool is_space(char byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/* For qsort(). */
int compare_u32(const void *a, const void *b);
int compare_u64(const void *a, const void *b);

bool parse_number(const char *text, size_t len, double *out);
/* The year in a date or time such as "12/14/2019 12:29:47" or "2019-12-14", or 0. */
int parse_date(const char *text, size_t len);
/* Age of the unit in years by its own words, or -1. */
int unit_age(const struct model *model, uint32_t unit);

/* sentences.c */
int sentences_learn(struct model *model, struct persona_error *err);
/* The text without Markdown links, addresses and emphasis. */
int plain_text(struct persona_buf *out, const char *text, size_t len, struct persona_error *err);
bool says_nothing(const struct model *model, const struct folded *folded);
/* Where the next sentence of text[*at..len) stands; false: no more. label: class that an in-text label names. */
bool sentence_next(const char *text, size_t len, size_t *at, size_t *from, size_t *to);

/* classify.c */
void question_classify(const struct model *model, struct column *column, const struct folded *question);
/* ordinal: place in the answer; what comes late in a long answer may have left the question. */
void sentence_classify(const struct model *model, struct sentence *sentence, size_t ordinal,
		       const struct folded *folded);
bool sounds_private(const char *text, size_t len);

/* stems.c */
int stems_learn(struct model *model, struct persona_error *err);
bool has_stem(const struct model *model, const struct sentence *sentence, uint32_t stem);
/* The weight of a stem: rare ones tell more. */
double stem_idf(const struct model *model, uint32_t stem);

/* features.c, cluster.c */
int features_learn(struct model *model, struct persona_error *err);
double units_cosine(const struct model *model, uint32_t a, uint32_t b);

struct groups {
	struct segment *items;
	size_t len;
};

/* Group the units that are not silent into k segments, 1 <= k <= their number; in order of size, largest first. */
int groups_make(struct groups *out, const struct model *model, size_t k, struct persona_error *err);
void groups_release(struct groups *groups);

/* stability.c: how much alike the k groups of two samples are, -1..1; *known false: too few units to tell. */
int groups_stability(const struct model *model, size_t k, bool *known, double *out, struct persona_error *err);

/* phrase.c */
int column_phrase(struct column *column, const char *header, struct persona_error *err);

/* names.c */
int names_new(struct names **out, const struct persona_records *records, struct persona_error *err);
void names_free(struct names *names);
/* A name for that hash that nobody in the source bears and that was not given yet. The caller frees. */
char *names_take(struct names *names, uint64_t hash, struct persona_error *err);
/* A name for that hash, given or not, without giving it. The caller frees. */
char *names_suggest(const struct names *names, uint64_t hash, struct persona_error *err);
/* Forget what was given. */
void names_reset(struct names *names);

/* ---- Drafting -------------------------------------------------------- */

/* What the personas of one draft have used up already. */
struct usage {
	uint16_t *options;    /* by option */
	uint64_t *identities; /* of sentences used: a set, open addressing */
	size_t identities_size;
};

int usage_init(struct usage *usage, const struct model *model, struct persona_error *err);
void usage_release(struct usage *usage);
bool usage_has(const struct usage *usage, uint64_t identity);
void usage_add(struct usage *usage, uint64_t identity);

/* Figures of one segment against everyone. */
struct profile {
	const struct model *model;
	const struct segment *segment;
	bool nearest; /* the segment was found by likeness to a persona */
	struct usage *usage;
	uint32_t *option_count; /* members that gave it */
	uint32_t *answered;	/* members that answered the column */
	double *stem_z;		/* log-odds z of each stem, 0 if not used by members */
	double *option_z;
	uint16_t *unit_used;  /* sentences of this persona by unit */
	uint16_t *unit_named; /* closed answers that name the unit */
	uint32_t *chosen;     /* sentences of this persona */
	size_t chosen_len, chosen_capacity;
};

int profile_init(struct profile *profile, const struct model *model, const struct segment *segment, struct usage *usage,
		 struct persona_error *err);
void profile_release(struct profile *profile);

/* How far a choice may go from what is asked; each includes those before. */
enum relax {
	RELAX_NOTHING,
	RELAX_RESPONDENT, /* a respondent may give one item more than the others */
	RELAX_CLASS,	  /* a sentence that speaks of something else more */
	RELAX_USED	  /* used by another persona, or as another item */
};

/* closed.c, items.c, quotes.c: fill a list of the persona up to `most` items; nothing fits: fewer. */
int items_closed(struct profile *profile, struct persona *persona, enum item_class class_, enum relax relax,
		 size_t most, struct persona_error *err);
int items_text(struct profile *profile, struct persona *persona, enum item_class class_, enum relax relax, size_t most,
	       struct persona_error *err);
/* Answers of a word or two, with the question that they answer. */
int items_phrases(struct profile *profile, struct persona *persona, enum item_class class_, size_t most,
		  struct persona_error *err);
int items_quotes(struct profile *profile, struct persona *persona, enum relax relax, size_t most,
		 struct persona_error *err);
/* Fill all lists of the persona to what a persona should have. */
int items_fill(struct profile *profile, struct persona *persona, enum item_class class_, size_t least, size_t most,
	       struct persona_error *err);
int quotes_fill(struct profile *profile, struct persona *persona, size_t least, size_t most, struct persona_error *err);

/* The option as a statement, with how many gave it. */
int option_statement(const struct profile *profile, size_t index, bool count, struct persona_buf *out,
		     struct persona_error *err);
/* What tells the segment apart most, or options_len. */
size_t option_strongest(const struct profile *profile);

/* items.c */
struct candidate {
	double rank;
	uint32_t sentence;
};
int compare_candidates(const void *a, const void *b);
/* The share of stems that two sentences have in common. */
double sentences_jaccard(const struct model *model, const struct sentence *a, const struct sentence *b);
/* How typical of the segment the words are: 0 for words that all use alike. */
double sentence_weight(const struct profile *profile, const struct sentence *sentence);
/* Add a sentence to a list with its evidence and note it as used. */
int sentence_use(struct profile *profile, struct persona *persona, enum persona_list_field field, uint32_t index,
		 struct persona_error *err);
/* Items that one respondent may give to a persona of the segment. */
size_t unit_quota(const struct profile *profile, enum relax relax);
enum persona_list_field class_field(enum item_class class_);

/* describe.c: age, occupation, demographics and background, each where it is still unknown. */
int describe_identity(const struct profile *profile, struct persona *persona, struct persona_error *err);
int describe_background(const struct profile *profile, struct persona *persona, struct persona_error *err);

/* assemble.c */
int assemble(struct persona *persona, struct model *model, const struct segment *segment, struct usage *usage,
	     struct persona_error *err);

/* options.c: for qsort(3). */
int compare_doubles(const void *a, const void *b);

/* ground.c: a foreign persona among the records. */
/* The unit whose record has the locator, or OFFLINE_NONE. */
uint32_t unit_by_locator(const struct model *model, const char *locator);
/*
 * The respondents that the persona's evidence names, and those who are more like it than the middle one of them; where it
 * names nobody, those most like it. The caller frees members.
 */
int segment_near(struct segment *out, const struct model *model, const struct persona *persona,
		 struct persona_error *err);
/* The sentence equal to the text but for case, space and punctuation, or OFFLINE_NONE. -1 on error. */
int sentence_equal(const struct model *model, const char *text, uint32_t *out, struct persona_error *err);
/* The sentence nearest to the text by runs of letters, with how near, 0..1. */
int sentence_nearest(const struct model *model, const char *text, uint32_t *out, double *near,
		     struct persona_error *err);
/* The sentence that holds most of the text's words by weight, with the share held, 0..1. */
int sentence_holding(const struct model *model, const char *text, uint32_t *out, double *share,
		     struct persona_error *err);

/* refine.c */
int refine(struct model *model, const struct persona_task *task, struct persona_answer *answer,
	   struct persona_error *err);

#endif
