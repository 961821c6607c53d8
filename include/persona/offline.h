/*
 * persona/offline.h - the built-in model: personas from the data themselves.
 *
 * Deterministic and extractive: the same records give the same personas, and what the data do
 * not say stays empty. No network, no clock, no random numbers. A handle is used by one
 * thread at a time; several handles may share one set of records.
 * Uses: base, text, persona.
 */
#ifndef PERSONA_OFFLINE_H
#define PERSONA_OFFLINE_H

#include "persona/base.h"
#include "persona/persona.h"

/* Raised when the same data would give other personas: part of the stage key. */
#define PERSONA_OFFLINE_VERSION 6

struct persona_offline;

/* A model without data yet; learns from the records of the first task and keeps that until other records come. */
int persona_offline_new(struct persona_offline **out, struct persona_error *err) PERSONA_MUST_CHECK;
void persona_offline_free(struct persona_offline *offline);

/*
 * How many threads a call may start for large data; 0 (as it is made): one per processor. Personas are the same with
 * any number.
 */
void persona_offline_set_threads(struct persona_offline *offline, int threads);

/*
 * Carry out a typed task. answer is initialised by the call and empty on failure.
 *
 * Draft: personas for the slots asked for. The records are grouped into as many groups as the last deal up to the slot
 * wants; personas of earlier deals stay as they are, and a later deal adds the groups that are least like those there.
 * Fewer personas than asked when the data carry no more (at most one per record that answers something); answer->note
 * then says so. A slot's persona depends on the records and the deals only, not on which slots are asked for together.
 *
 * Refine: one persona, edited on evidence, with refinement_notes that log each edit; none where there is nothing to improve.
 * Refining a refined persona again for the same reasons changes nothing.
 *
 * Errors: PERSONA_E_NOMEM, PERSONA_E_FORMAT (no records to draft from).
 */
int persona_offline_run(struct persona_offline *offline, const struct persona_task *task, struct persona_answer *answer,
			struct persona_error *err) PERSONA_MUST_CHECK;

/*
 * How the records are understood, for people, line by line: how many respondents, and of every column what kind of
 * answers it holds, what the question asks for, or why it is left out. Appended to out. Errors: PERSONA_E_NOMEM,
 * PERSONA_E_FORMAT (no records).
 */
int persona_offline_describe(struct persona_buf *out, const struct persona_records *records,
			     struct persona_error *err) PERSONA_MUST_CHECK;

#endif
