/*
 * persona/text.h - words, folding, stems and similarity of UTF-8 text.
 *
 * Pure and thread-safe: bytes in, values out. Words are split by Unicode word
 * rules (UAX #29) and case-folded; stems are Snowball's. The Unicode and
 * stemming libraries are used nowhere else. Uses: base.
 */
#ifndef PERSONA_TEXT_H
#define PERSONA_TEXT_H

#include "persona/base.h"

/* ---- Cleaning -------------------------------------------------------- */

/*
 * Append text to out as valid UTF-8 without control characters: each invalid
 * byte becomes U+FFFD, CRLF and CR become LF, controls other than LF and TAB are
 * dropped. *changed (NULL allowed) tells how many bytes were replaced or dropped
 * (a CR that belongs to a line end does not count).
 */
int persona_text_clean(struct persona_buf *out, const char *text, size_t len, size_t *changed,
		       struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * The same where most texts are clean: *text and *len stay what they are if it is, else they become those of a copy in
 * room, which is emptied before. Without memory for it they stay.
 */
int persona_text_cleaned(struct persona_buf *room, const char **text, size_t *len, size_t *changed,
			 struct persona_error *err) PERSONA_MUST_CHECK;

/* Is this valid UTF-8 without control characters other than LF and TAB? */
bool persona_text_is_clean(const char *text, size_t len);

/* Length in bytes of the longest prefix that is valid UTF-8. */
size_t persona_text_valid_prefix(const char *text, size_t len);

/*
 * Length in bytes of what a JSON string holds as it is: up to the first quote, backslash or byte below a space. *high
 * (NULL: not wanted) becomes true if there are bytes beyond ASCII in it, and stays what it is if not.
 */
size_t persona_text_literal(const char *text, size_t len, bool *high);

/* Append a character; what is none becomes U+FFFD. */
int persona_text_put(struct persona_buf *out, uint32_t code, struct persona_error *err) PERSONA_MUST_CHECK;

/* Move *text behind leading white space (Unicode's); returns the length without trailing white space. */
size_t persona_text_trim(const char **text, size_t len);

/* Columns that the text takes on a terminal (wide characters count two, combining ones none). */
size_t persona_text_width(const char *text, size_t len);

/* Length in bytes of the longest prefix that is at most `columns` wide and ends between graphemes. */
size_t persona_text_fit(const char *text, size_t len, size_t columns);

/* ---- Words ----------------------------------------------------------- */

/* A word as it stands in the text: byte offset and length. */
struct persona_word {
	size_t offset;
	size_t len;
};

/*
 * The words of a text in order: runs between UAX #29 boundaries that hold a
 * letter or digit. *out is the caller's, freed with free(); NULL and 0 for none.
 */
int persona_text_words(struct persona_word **out, size_t *count, const char *text, size_t len,
		       struct persona_error *err) PERSONA_MUST_CHECK;

/* Number of words. -1 when memory ran out. */
long persona_text_word_count(const char *text, size_t len);

/*
 * Append the text with case folded (full Unicode folding, NFC), typographic
 * quotes and dashes turned into ASCII ones, every run of white space one space,
 * none at the ends, without what nobody sees (soft hyphens, zero-width spaces).
 * With PERSONA_FOLD_PUNCTUATION punctuation and symbols are dropped too. Folding
 * twice changes nothing more.
 */
enum persona_fold_flags { PERSONA_FOLD_PUNCTUATION = 1 };
int persona_text_fold(struct persona_buf *out, const char *text, size_t len, unsigned flags,
		      struct persona_error *err) PERSONA_MUST_CHECK;

/* ---- Stems ----------------------------------------------------------- */

/*
 * A language: a Snowball stemmer and a stop-word list. The name is Snowball's
 * ("english") or an ISO 639 code ("en", "en-GB"), in any case; NULL means English.
 * One that is not known gives a language that folds but does not stem and has
 * no stop words (persona_language_known() is false); a list of stop words is there
 * for English only. A handle remembers the words it has seen, so keep it; it is
 * used by one thread at a time. Where a handle is asked for, NULL is English too,
 * only slower.
 */
struct persona_language;
int persona_language_new(struct persona_language **out, const char *name, struct persona_error *err) PERSONA_MUST_CHECK;
void persona_language_free(struct persona_language *language);
bool persona_language_known(const struct persona_language *language);

/* Is the (folded) word on the language's stop list? Negations ("not", "no", "never", "don't") are on none. */
bool persona_language_is_stop(const struct persona_language *language, const char *word, size_t len);

/*
 * Content words of a text as stems: folded, without stop words, stemmed, in
 * order of appearance, repetitions kept. The strings live as long as the list.
 */
struct persona_stems {
	char *storage; /* all stems, NUL-terminated one after the other */
	const char **items;
	size_t count;
	const char **set; /* each of them once, in order of strcmp; filled by persona_stems_of alone */
	size_t set_len;
};
int persona_stems_of(struct persona_stems *out, struct persona_language *language, const char *text, size_t len,
		     struct persona_error *err) PERSONA_MUST_CHECK;
void persona_stems_release(struct persona_stems *stems);

/* Jaccard similarity of two stem lists as sets, 0..1; two empty lists: 0. */
double persona_stems_jaccard(const struct persona_stems *a, const struct persona_stems *b);

#endif
