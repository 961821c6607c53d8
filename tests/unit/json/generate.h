/*
 * generate.h - answers as models write them, made by chance, with what has to come out.
 *
 * A random persona document is written down, damaged in one or several ways and wrapped
 * in what models put around it. The same seed and index give the same bytes on every
 * machine. Needs base (buffers) and jansson, and nothing of what it tests.
 */
#ifndef GENERATE_H
#define GENERATE_H

#include <jansson.h>

#include "persona/base.h"

#define GENERATE_BIT(kind) (UINT64_C(1) << (kind))

/* What can be wrong with a document, then what can stand around it. */
enum generate_kind {
	/* separators and structure */
	GENERATE_TRAILING_COMMA,
	GENERATE_DOUBLED_COMMA,
	GENERATE_MISSING_COMMA,
	GENERATE_WIDE_COMMA,
	GENERATE_WIDE_COLON,
	GENERATE_EQUALS_SIGN,
	GENERATE_FAT_ARROW,
	GENERATE_LINE_COMMENT,
	GENERATE_HASH_COMMENT,
	GENERATE_BLOCK_COMMENT,
	GENERATE_ELLIPSIS,
	GENERATE_WRONG_CLOSER,
	GENERATE_MISSING_BRACKET,
	GENERATE_MISSING_BRACE,
	GENERATE_EXTRA_CLOSER,
	GENERATE_TUPLE,
	GENERATE_DUPLICATE_KEY,
	/* strings and keys */
	GENERATE_UNQUOTED_KEY,
	GENERATE_SINGLE_QUOTES,
	GENERATE_SMART_QUOTES,
	GENERATE_CONCATENATED,
	GENERATE_TRIPLE_QUOTES,
	GENERATE_RAW_CONTROL,
	GENERATE_PUNCTUATION_ESCAPE,
	GENERATE_LETTER_ESCAPE,
	GENERATE_INNER_QUOTES,
	GENERATE_OPEN_STRING,
	GENERATE_LONE_SURROGATE,
	/* numbers and literals */
	GENERATE_PYTHON_LITERAL,
	GENERATE_UNDEFINED,
	GENERATE_NOT_A_NUMBER,
	GENERATE_PLUS_SIGN,
	GENERATE_BARE_POINT,
	GENERATE_UNDERSCORES,
	GENERATE_BARE_TEXT,
	GENERATE_MISSING_VALUE,
	/* the whole document */
	GENERATE_ONCE_ESCAPED,
	GENERATE_DOUBLE_ENCODED,
	GENERATE_ENTITIES,
	GENERATE_TRUNCATED,
	/* around it */
	GENERATE_PROSE_BEFORE,
	GENERATE_PROSE_BEHIND,
	GENERATE_FENCE_JSON,
	GENERATE_FENCE_UNTAGGED,
	GENERATE_FENCE_TILDES,
	GENERATE_FENCE_INDENTED,
	GENERATE_FENCE_QUOTED,
	GENERATE_TAG,
	GENERATE_JSON_LINES,
	GENERATE_NUMBERED_LIST,
	GENERATE_FENCE_EACH,
	GENERATE_THINK,
	GENERATE_THINK_UNOPENED,
	GENERATE_MAGISTRAL,
	GENERATE_HARMONY,
	GENERATE_TEMPLATE_BEFORE,
	GENERATE_SCHEMA_BEFORE,
	GENERATE_ECHO_BEFORE,
	GENERATE_SCALARS_BESIDE,
	GENERATE_END_TOKEN,
	GENERATE_BYTE_ORDER_MARK,
	GENERATE_CRLF,
	GENERATE_KINDS
};

struct generated_case {
	char *text; /* len bytes and a NUL */
	size_t len;
	json_t *expected; /* what extraction has to give; an object or an array */
	uint64_t kinds;	  /* GENERATE_BIT of everything that was really done */
};

/*
 * Make one case; every index of a seed is another one. On success *out is the
 * caller's, to end with generated_case_release(); -1 when memory ran out, *out is then empty.
 */
int generate_case(uint64_t seed, uint64_t index, struct generated_case *out) PERSONA_MUST_CHECK;

void generated_case_release(struct generated_case *it);

/* Short name of a kind such as "trailing comma"; NULL from GENERATE_KINDS on. */
const char *generate_kind_name(unsigned kind);

#endif
