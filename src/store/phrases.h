/*
 * phrases.h - sentences to be found in other texts, many at once.
 */
#ifndef PERSONA_STORE_PHRASES_H
#define PERSONA_STORE_PHRASES_H

#include "internal.h"

struct phrases;

int phrases_new(struct phrases **out, struct persona_error *err) PERSONA_MUST_CHECK;
void phrases_free(struct phrases *phrases);

/*
 * Add the sentences of a text: what ends with a line, with ".", "!" or "?" before a blank or a quotation mark, or with
 * a mark of Chinese or Japanese. Those of fewer than three words or
 * twelve bytes are anybody's and left out.
 */
int phrases_add(struct phrases *phrases, const char *text, struct persona_error *err) PERSONA_MUST_CHECK;

/* Add the text as it is; nothing where it has fewer than ten bytes. */
int phrases_add_exactly(struct phrases *phrases, const char *text, struct persona_error *err) PERSONA_MUST_CHECK;

/* Leave out the sentences that the text has, too: they are somebody else's as well. Never fails. */
int phrases_drop(struct phrases *phrases, const char *text, struct persona_error *err);

/* Does the text hold one of them, as it is or as JSON writes it? Case makes no difference in ASCII. */
bool phrases_in(const struct phrases *phrases, const char *text, size_t len);

#endif
