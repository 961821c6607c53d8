/*
 * words.h - walking over the words of a text without keeping a list of them.
 */
#ifndef PERSONA_TEXT_WORDS_H
#define PERSONA_TEXT_WORDS_H

#include "persona/text.h"

/* Where a walk stands. Release it, whether it came to the end or not. */
struct word_walk {
	const char *text;
	size_t len;
	size_t at;	  /* first byte not looked at yet */
	size_t chunk_end; /* breaks describes the bytes from chunk_start up to here */
	size_t chunk_start;
	char *breaks;	    /* NULL while the chunk at hand is ASCII */
	size_t breaks_size; /* of the heap's part, 0 while breaks is in fixed */
	char *heap;
	char fixed[256];
};

void word_walk_init(struct word_walk *walk, const char *text, size_t len);
void word_walk_release(struct word_walk *walk);

/* 1: *word is the next word; 0: no more; -1: out of memory. */
int word_walk_next(struct word_walk *walk, struct persona_word *word);

/* White space that parts words in ASCII. */
static inline bool is_ascii_space(char byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/*
 * The run of bytes from `from` up to the next ASCII white space or the end. Neither words nor
 * composed characters reach across ASCII space, so each run can be worked on by itself.
 */
static inline size_t run_end(const char *text, size_t from, size_t len, bool *ascii)
{
	unsigned char seen = 0;

	while (from < len && !is_ascii_space(text[from]))
		seen |= (unsigned char)text[from++];
	*ascii = seen < 0x80;
	return from;
}

#endif
