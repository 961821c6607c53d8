/*
 * internal.h - the JSON reader and what finds, compares and joins values around it.
 *
 * One struct reader reads one value. It is strict until the first deviation; where mending is
 * allowed it then goes back to the scalar before (a string that ended too early is where most of
 * them come from), reads that with care, and is strict again.
 */
#ifndef PERSONA_JSON_INTERNAL_H
#define PERSONA_JSON_INTERNAL_H

#include "persona/json.h"
#include "persona/text.h"

#define NOWHERE SIZE_MAX

/* ---- What is shared by all readers of one text ----------------------- */

/* A run that was looked up: whoever asks from within gets the same answer without looking. */
struct memo {
	size_t from, to;
};

struct source {
	const char *text;
	size_t len;
	struct memo stop;	/* to the next tag that ends a damaged value */
	struct memo line;	/* to the end of the line */
	struct memo blank;	/* white space */
	struct memo block;	/* to the end of a block comment */
	size_t visited;		/* bytes looked at */
	struct persona_buf key; /* scratch: the key, the next key, a string's content */
	struct persona_buf next_key;
	struct persona_buf content;
	struct frame *frames; /* scratch: containers that are open */
	size_t frames_size;
};

void source_init(struct source *source, const char *text, size_t len);
void source_release(struct source *source);

/* ---- The reader ------------------------------------------------------ */

struct span {
	const char *at;
	size_t len;
};

struct frame {
	json_t *value;	/* borrowed: its parent has it */
	char kind;	/* { [ ( */
	unsigned extra; /* openers that were passed over, whose closers are, too */
};

enum state { AT_FIRST_KEY, AT_KEY, AT_FIRST_VALUE, AT_VALUE, AT_AFTER, AT_END };

enum failure { FAILED_NOT, FAILED_SYNTAX, FAILED_EMPTY, FAILED_DEPTH, FAILED_MEMORY };

struct reader {
	struct source *source;
	const char *text; /* the source's */
	size_t len;
	size_t at;
	bool repair;	    /* deviations are mended */
	bool quoted;	    /* lines begin with > */
	bool fenced;	    /* within a code fence */
	bool in_call;	    /* within ObjectId(...) and the like */
	bool bare_keys;	    /* a key without quotes was seen */
	bool mended;	    /* the text was not JSON */
	bool truncated;	    /* it ended too early */
	bool partial;	    /* and within the only thing that it holds */
	bool cut_string;    /* the last string had no end */
	unsigned max_depth; /* levels */
	enum state state;
	struct span key;   /* of the member that is being read */
	size_t redo;	   /* where the last value starts if it was a scalar and ended as JSON says, else NOWHERE */
	size_t scalars;	   /* read so far */
	json_t *root;	   /* the reader's own until it is taken */
	struct frame *top; /* the container that is open, NULL at the root */
	size_t depth;
	enum failure failure;
	const char *reason; /* of FAILED_SYNTAX */
	size_t where;
};

/*
 * Read the value at `at`. 0: root is the value, `at` is behind it. -1: failure says why, `at` is how far it
 * came; root is NULL.
 */
void reader_init(struct reader *reader, struct source *source, size_t at, bool repair);
int reader_run(struct reader *reader);

/* Steps of reader_run that the mending parts need. All return 0 to go on and -1 after a failure. */
int reader_fail(struct reader *reader, enum failure failure, const char *reason, size_t where);
int reader_deviate(struct reader *reader, const char *reason);
int reader_add(struct reader *reader, json_t *value);
int reader_add_string(struct reader *reader, struct span string);
int reader_open(struct reader *reader, char kind);
int reader_reopen(struct reader *reader, json_t *value); /* what was closed too early; its parent has it */
void reader_close(struct reader *reader);
void reader_skip_space(struct reader *reader);
void reader_take_next_key(struct reader *reader, struct span key);
void reader_drop_last(struct reader *reader);
int reader_redo(struct reader *reader); /* the last scalar, with care */

/* mend.c: at what the strict reader does not expect. */
int mend_key(struct reader *reader);
int mend_value(struct reader *reader);
int mend_after(struct reader *reader);
int mend_end(struct reader *reader);
int mend_closer(struct reader *reader);

/* ---- Looking ahead: peek.c ------------------------------------------- */

/* Where a look from `at` on ends that goes no further than so many bytes. */
static inline size_t peek_limit(size_t len, size_t at, size_t bytes)
{
	return len - at < bytes ? len : at + bytes;
}

/* Where text that may be damaged ends at the latest: at a tag that ends the answer or the reasoning. */
size_t peek_stop(struct reader *reader, size_t at);

/* Behind white space of any kind, comments and the > of quoted lines. */
size_t peek_blank(struct reader *reader, size_t at);

/* The same for white space and > alone; the number of newlines in it. */
bool peek_newline_between(const struct reader *reader, size_t from, size_t to);

/* A delimiter of strings: its bytes, and those that end what it begins. */
enum quote_family { QUOTE_NONE, QUOTE_DOUBLE, QUOTE_SINGLE, QUOTE_BACKTICK, QUOTE_ESCAPED, QUOTE_TRIPLE };
struct quote {
	enum quote_family family;
	bool smart;
	size_t len;
	char byte; /* of a triple quote and of an ASCII one */
};
struct quote peek_quote(const struct reader *reader, size_t at);	       /* opens a string? */
size_t peek_end_quote(const struct reader *reader, size_t at, struct quote q); /* length if it ends what q began */

/* Does a fence (a run of three or more) stand here? */
size_t peek_fence(const struct reader *reader, size_t at);

size_t peek_colon(struct reader *reader, size_t at);	  /* behind : = => and the like, else `at` */
size_t peek_comma(struct reader *reader, size_t at);	  /* behind a comma of any script, else `at` */
bool peek_list_end(struct reader *reader, size_t at);	  /* a comma, a closing bracket or the end of the text */
size_t peek_quoted_key(struct reader *reader, size_t at); /* behind the colon of "key": else NOWHERE */
size_t peek_bare_key(struct reader *reader, size_t at);	  /* behind the colon of key: else NOWHERE */
bool peek_key(struct reader *reader, size_t at);	  /* either, bare ones where such were seen */
bool peek_value(struct reader *reader, size_t at);	  /* the start of a value that is no bare word */
size_t peek_noted_key(struct reader *reader, size_t at);  /* NOTE "key": the quote, else NOWHERE */
bool peek_tuple(struct reader *reader, size_t at);	  /* ( before a value, or () */
size_t peek_dots(const struct reader *reader, size_t at); /* length of ... or … */
size_t peek_word(const struct reader *reader, size_t at); /* length of letters, digits, _ - $ . */
bool peek_container(struct reader *reader, size_t at, bool bare_words); /* { or [ that is one, and no prose */

/* ---- Scalars --------------------------------------------------------- */

/*
 * A well-formed string at a double quote: 0 with its content (in the text, or in buf), 1 where it
 * has to be read with care, -1.
 */
int string_read(struct reader *reader, struct persona_buf *buf, struct span *content);

/* Value of a hexadecimal digit, -1 if it is none. */
int escape_hex(char c);
/* A code point as UTF-8: its length. */
size_t escape_encode(char out[4], long code);
/*
 * The escape at the backslash: its bytes into out, and how many it takes of the text; 0 if it is not
 * well-formed. A pair of surrogates is one escape.
 */
size_t escape_read(const char *at, const char *end, char out[4], size_t *out_len);

/* A string or key that needs care, from its opening quote on. string_mend_key: 1 where no key is. */
int string_mend_value(struct reader *reader);
int string_mend_key(struct reader *reader, struct span *content);
int string_add_raw(struct reader *reader, struct span raw); /* escapes undone, invalid bytes replaced */

/* A number as RFC 8259 has it: its length, 0 if there is none. */
size_t number_length(const char *text, size_t len);
/* Value of such a number. *out NULL: out of range or, with failure set, of memory. */
int number_read(struct reader *reader, size_t len, json_t **out);

/* A value without quotes: number, literal, else a text. */
int bare_mend(struct reader *reader);

/* ---- Around the reader ----------------------------------------------- */

/* locate.c: tags, from the most to the least that they say. */
enum tag {
	TAG_NONE,
	TAG_THINK,
	TAG_UNTHINK,
	TAG_ASIDE,
	TAG_UNASIDE,
	TAG_ANSWER,
	TAG_UNANSWER,
	TAG_CHANNEL,
	TAG_TURN,
	TAG_STOP
};
enum tag tag_at(const char *text, size_t len, size_t *tag_len);

/* undo.c: escaping once more than needed, undone. 1: out has it and mapping is possible, 0: nothing to undo, -1. */
enum wrapping { WRAPPED_NOT, WRAPPED_ESCAPES, WRAPPED_ENTITIES };
enum wrapping wrapping_of(struct source *source, size_t at);
int unwrap(struct persona_buf *out, const struct source *source, size_t at, enum wrapping wrapping,
	   struct persona_error *err);
size_t unwrapped_offset(const struct source *source, size_t at, enum wrapping wrapping, size_t wanted);

/* How a value was set off from the text around it, the best last. */
enum setting { SET_OTHER_LANGUAGE, SET_BARE, SET_TAGGED, SET_JSON_FENCE };

struct candidate {
	json_t *value;
	size_t start, end; /* in the text */
	enum setting setting;
	bool repaired, truncated, partial;
	bool ends_text; /* nothing but closers of fences and tags comes behind it */
	bool aside;	/* in notes beside the answer */
	unsigned rank;	/* echoes and kinds; then the setting */
};

struct candidates {
	struct candidate *items;
	size_t len, capacity;
};

enum wanted { WANT_ANY, WANT_ARRAY, WANT_OBJECT };

/* All values of the text, reasoning dropped. One that is too deep is an error. */
struct hunt {
	struct source *source;
	struct candidates found;
	size_t count; /* of candidates outside of reasoning */
	unsigned max_depth;
	enum wanted wanted;
	const char *const *names;
};
int hunt_run(struct hunt *hunt, struct persona_error *err);

/* echo.c: a schema, or a template whose values are placeholders. */
bool is_echo(const json_t *value);

/* siblings.c: the value that the candidates mean together. Takes from them. */
int siblings_join(json_t **out, struct hunt *hunt, struct persona_json_report *report, struct persona_error *err);

#endif
