/*
 * language.h - what a language handle keeps, for this folder alone.
 */
#ifndef PERSONA_TEXT_LANGUAGE_H
#define PERSONA_TEXT_LANGUAGE_H

#include "persona/text.h"

/* A word that was seen and what is to be made of it. */
struct known_word {
	uint32_t hash;
	uint32_t word_len;
	uint32_t stem_len;
	bool stop;
	char bytes[]; /* the word, then its stem */
};

/*
 * What becomes of a folded word: *stop, or its stem, which is borrowed until the next call with
 * that handle. Errors: PERSONA_E_NOMEM.
 */
int language_stem(struct persona_language *language, const char *word, size_t len, bool *stop, const char **stem,
		  size_t *stem_len, struct persona_error *err) PERSONA_MUST_CHECK;

/* A buffer of the handle to fold texts in, empty. */
struct persona_buf *language_scratch(struct persona_language *language);

#endif
