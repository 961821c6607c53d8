/*
 * persona/evidence.h - do claims and quotes stand in the records?
 *
 * Pure and thread-safe. What a model cites is checked here, not believed.
 * Uses: base, text, persona.
 */
#ifndef PERSONA_EVIDENCE_H
#define PERSONA_EVIDENCE_H

#include "persona/base.h"
#include "persona/persona.h"

/*
 * How a text stands in a record: verbatim (byte for byte), close (after folding
 * case, space, quotes and punctuation, from one end of a word to another), or none.
 * White space at the ends of text does not count. A single word of fewer than 8
 * letters only stands verbatim and as a word of its own: "R" is not in "Rust". On
 * verbatim and close *offset and *len (NULL allowed) are the bytes of the record that
 * match, else 0. -1 on error (PERSONA_E_NOMEM), else a persona_strength. An empty
 * text stands nowhere.
 */
int persona_evidence_find(const struct persona_record *record, const char *text, size_t *offset, size_t *len,
			  struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * Check every evidence entry of a persona against records, in place, whatever its
 * strength was before. An entry that names no record, or no item, becomes none with
 * record_id 0. A quote gets what persona_evidence_find says of the record cited; other
 * items get verbatim or close where they stand there, else cited. record_id is set from
 * the record.
 *
 * excerpt becomes, for verbatim and close, the bytes of the record that match, at most
 * 500; for cited, the excerpt given if it stands in the record byte for byte (at most
 * 500 bytes), else the first 200 bytes of the record; for none NULL. It is cut between characters.
 *
 * A quote that no entry bears out (there is none, or a model named the wrong record) is
 * looked for in every record and gains one entry where it is found: the first record
 * that has it verbatim, else the first that has it close. Entries are never removed.
 *
 * Errors: PERSONA_E_NOMEM; the persona is then valid but only partly checked.
 */
int persona_evidence_check(struct persona *persona, const struct persona_records *records,
			   struct persona_error *err) PERSONA_MUST_CHECK;

#endif
