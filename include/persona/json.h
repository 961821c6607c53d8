/*
 * persona/json.h - the one place where text from outside becomes JSON.
 *
 * Pure and thread-safe: bytes in, jansson values out. Uses: base, text.
 */
#ifndef PERSONA_JSON_H
#define PERSONA_JSON_H

#include <jansson.h>

#include "persona/base.h"

/*
 * Read one RFC 8259 value that fills the whole text (white space around it and
 * a UTF-8 byte order mark before it are allowed), nothing repaired. The last of
 * equal keys wins. Refused as beyond what a value here can hold: integers of more
 * than 64 bits, reals out of range, lone surrogates, U+0000 in a key, nesting deeper
 * than 2,048. *out is the caller's reference (json_decref).
 * Errors: PERSONA_E_FORMAT (the text says line and column), PERSONA_E_NOMEM.
 */
int persona_json_parse_strict(json_t **out, const char *text, size_t len, struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * One canonical line: keys sorted, no spaces, integers and reals as jansson
 * writes them. Equal values give equal bytes, so this is what identity hashes
 * are made of. The caller frees with free(); NULL: PERSONA_E_NOMEM, or PERSONA_E_FORMAT for
 * what cannot be written: nesting deeper than 2,048, a value within itself, text that is not UTF-8.
 */
char *persona_json_canonical(const json_t *value, struct persona_error *err) PERSONA_MUST_CHECK;

#endif
