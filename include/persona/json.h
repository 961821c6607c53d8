/*
 * persona/json.h - the one place where text from outside becomes JSON.
 *
 * Whatever a model answers (prose around the value, fences, reasoning, broken or
 * cut JSON) is read here, by one reader that mends while it builds; which liberties
 * it takes is in docs/json.md. Time and memory are linear in the length of the text,
 * nothing recurses. Pure and thread-safe: bytes in, jansson values out. All
 * offsets and lengths are bytes. Uses: base, text.
 */
#ifndef PERSONA_JSON_H
#define PERSONA_JSON_H

#include <jansson.h>

#include "persona/base.h"

/* ---- What a model answered ------------------------------------------- */

#define PERSONA_JSON_MAX_DEPTH 2048		  /* levels: what jansson can write and copy */
#define PERSONA_JSON_MAX_SIZE  ((size_t)64 << 20) /* bytes of text, where options say nothing else */

/* Zero-initialised: the defaults. Where a pointer to options is asked for, NULL is the defaults too. */
struct persona_json_options {
	bool no_repair;	    /* what had to be mended, or was cut, counts as none */
	unsigned max_depth; /* levels of nesting, at most and by default PERSONA_JSON_MAX_DEPTH */
	size_t max_size;    /* bytes of text, by default PERSONA_JSON_MAX_SIZE */
};

/* What was found and what was done to it; filled whenever a function returns 0 or 1. */
struct persona_json_report {
	bool repaired;	   /* the text of the value was not JSON as it stood */
	bool truncated;	   /* it ended too early: what was not complete is missing */
	bool partial;	   /* what is there of it is not complete itself: the only element, or an object by itself */
	size_t candidates; /* values outside of reasoning that could have been meant */
	size_t offset;	   /* where the value stands in the text; of several that were joined, from the first */
	size_t len;	   /* ... to the end of the last */
	size_t visited;	   /* bytes looked at, again and again included: at most 32 times the length and 128 KiB */
};

/*
 * Find the one object or array that the text means. Returns 1 with *out, the caller's
 * reference (json_decref), 0 with *out NULL when there is none (a bare scalar is none), -1 on
 * errors: PERSONA_E_NOMEM, PERSONA_E_FORMAT (longer or nested deeper than options allow).
 * A text that is one valid object or array comes back as it is. Strings are always valid UTF-8.
 * options, report and err may be NULL.
 */
int persona_json_extract(json_t **out, const char *text, size_t len, const struct persona_json_options *options,
			 struct persona_json_report *report, struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * The same for callers who know what they asked for. names is a NULL-terminated list (or NULL) of the members that may
 * be envelopes, one level deep: {"personas": [...]} or {"data": {...}}.
 *
 * _array: an array; the array in an envelope; or one object, in an envelope or not, as an array of one.
 * _object: an object; the object in an envelope whose other members are scalars; or the only element of
 * an array. Of several objects one after the other the last is taken, they are not joined.
 */
int persona_json_extract_array(json_t **out, const char *text, size_t len, const char *const *names,
			       const struct persona_json_options *options, struct persona_json_report *report,
			       struct persona_error *err) PERSONA_MUST_CHECK;
int persona_json_extract_object(json_t **out, const char *text, size_t len, const char *const *names,
				const struct persona_json_options *options, struct persona_json_report *report,
				struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * Move *text behind an opening code fence with its language, and return the length without the closing
 * one, white space around both dropped; without a fence at the start, only the white space goes.
 */
size_t persona_json_strip_fences(const char **text, size_t len);

/* ---- What must be JSON ----------------------------------------------- */

/*
 * Read one RFC 8259 value that fills the whole text (white space around it and
 * a UTF-8 byte order mark before it are allowed), nothing repaired. The last of
 * equal keys wins. Refused as beyond what a value here can hold: integers of more
 * than 64 bits, reals out of range, lone surrogates, nesting deeper than 2,048.
 * A key may hold U+0000 (json_object_keylen_foreach). *out is the caller's reference (json_decref).
 * Errors: PERSONA_E_FORMAT (the text says line and column), PERSONA_E_NOMEM.
 */
int persona_json_parse_strict(json_t **out, const char *text, size_t len, struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * Drop what is no text from all strings in an array or object, keys too: control characters, which JSON can spell
 * ("\u001b"), bytes that are not UTF-8; see persona_text_clean(). Of keys that become equal the last one stays. Errors:
 * PERSONA_E_NOMEM, and the value may then be clean in part.
 */
int persona_json_clean(json_t *value, struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * One canonical line: keys sorted, no spaces, integers and reals as jansson
 * writes them. Equal values give equal bytes, so this is what identity hashes
 * are made of. The caller frees with free(); NULL: PERSONA_E_NOMEM, or PERSONA_E_FORMAT for
 * what cannot be written: nesting deeper than 2,048, a value within itself, text that is not UTF-8.
 */
char *persona_json_canonical(const json_t *value, struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * The same for those who read it: keys in their own order, and reals with as few digits as bring all of them back (1.1,
 * not 1.1000000000000001). json_dumps() loses pieces where memory runs out.
 */
char *persona_json_compact(const json_t *value, struct persona_error *err) PERSONA_MUST_CHECK;

/* The same on several lines, two spaces for a level, for people. */
char *persona_json_pretty(const json_t *value, struct persona_error *err) PERSONA_MUST_CHECK;

#endif
