/*
 * evidence/match.h - where a text stands in another. Private to this folder.
 */
#ifndef EVIDENCE_MATCH_H
#define EVIDENCE_MATCH_H

#include "persona/evidence.h"

/* A folded text with a way back: at a few places the byte of the original is known. */
struct evidence_mark {
	size_t raw, folded; /* offsets */
};
struct evidence_folded {
	const char *raw; /* borrowed */
	size_t raw_len;
	struct persona_buf text;
	struct evidence_mark *marks;
	size_t marks_len, marks_capacity;
};
int evidence_fold(struct evidence_folded *out, const char *text, size_t len,
		  struct persona_error *err) PERSONA_MUST_CHECK;
void evidence_folded_release(struct evidence_folded *folded);

/* What is looked for. */
struct evidence_needle {
	const char *text;	   /* borrowed, without white space at the ends */
	size_t len;		   /* 0: stands nowhere */
	bool tiny;		   /* too short to mean anything but as a word byte for byte */
	struct persona_buf folded; /* empty: punctuation only */
};
int evidence_needle_init(struct evidence_needle *out, const char *text, struct persona_error *err) PERSONA_MUST_CHECK;
void evidence_needle_release(struct evidence_needle *needle);

struct evidence_match {
	enum persona_strength strength; /* NONE: nowhere */
	size_t offset, len;		/* bytes of the text searched */
};

/* Byte for byte. */
int evidence_find_verbatim(struct evidence_match *out, const char *text, size_t len,
			   const struct evidence_needle *needle, struct persona_error *err) PERSONA_MUST_CHECK;

/* After folding, at ends of words. */
int evidence_find_close(struct evidence_match *out, const struct evidence_folded *hay,
			const struct evidence_needle *needle, struct persona_error *err) PERSONA_MUST_CHECK;

/* Largest length up to most that ends between characters. */
size_t evidence_cut(const char *text, size_t len, size_t most);

#endif
