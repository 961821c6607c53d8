/* A source as text, so that a test reads like the file it is about. */
#ifndef DUMP_H
#define DUMP_H

#include <check.h>

#include "persona/source.h"

/* One line per record ("#ordinal locator <speaker>"), then one per answer ("column=answer", LF as '|'). */
static inline char *dump(const struct persona_source *source)
{
	struct persona_buf out;

	persona_buf_init(&out, SIZE_MAX);
	for (size_t i = 0; i < source->records.len; i++) {
		const struct persona_record *record = &source->records.items[i];
		size_t end = 0;

		ck_assert_int_eq(persona_buf_addf(&out, NULL, "#%lld %s", (long long)record->ordinal, record->locator),
				 0);
		if (record->speaker)
			ck_assert_int_eq(persona_buf_addf(&out, NULL, " <%s>", record->speaker), 0);
		ck_assert_int_eq(persona_buf_addc(&out, '\n', NULL), 0);
		for (size_t c = 0; c < record->cells_len; c++) {
			const struct persona_cell *cell = &record->cells[c];

			/* Cells partition the text, in column order. */
			ck_assert_uint_eq(cell->offset, c ? end + 1 : 0);
			ck_assert(!c || cell->column > record->cells[c - 1].column);
			ck_assert_uint_lt(cell->column, source->records.columns_len);
			end = cell->offset + cell->len;
			ck_assert_int_eq(persona_buf_addf(&out, NULL, "%s=", source->records.columns[cell->column]), 0);
			for (size_t b = cell->offset; b < end; b++)
				ck_assert_int_eq(
					persona_buf_addc(&out, record->text[b] == '\n' ? '|' : record->text[b], NULL),
					0);
			ck_assert_int_eq(persona_buf_addc(&out, '\n', NULL), 0);
		}
		ck_assert_uint_gt(record->cells_len, 0);
		ck_assert_uint_eq(strlen(record->text), end);
	}
	return persona_buf_take(&out);
}

/* The line of the file that a byte stands on. */
static inline int64_t line_at(const char *in, int64_t byte)
{
	int64_t line = 1;

	for (int64_t i = 0; i < byte; i++)
		line += in[i] == '\n' || (in[i] == '\r' && in[i + 1] != '\n');
	return line;
}

/* Whatever has a place stands there: byte for byte, and on that line. Returns how many bytes have none. */
static inline size_t check_places(const struct persona_source *source, const char *in, size_t len)
{
	size_t without = 0;

	for (size_t i = 0; i < source->records.len; i++) {
		const struct persona_record *record = &source->records.items[i];

		for (size_t c = 0; c < record->cells_len; c++)
			for (size_t at = record->cells[c].offset; at < record->cells[c].offset + record->cells[c].len;
			     at++) {
				int64_t byte, line;

				persona_record_place(record, at, 1, &byte, &line);
				without += byte < 0;
				if (byte < 0)
					continue;
				ck_assert_int_lt(byte, (int64_t)len);
				ck_assert_msg(in[byte] == record->text[at],
					      "byte %lld of \"%.200s\" is not byte %zu of \"%s\"", (long long)byte, in,
					      at, record->text);
				ck_assert_int_eq(line, line_at(in, byte));
			}
	}
	return without;
}

struct golden {
	const char *in;
	size_t len;
	const char *out;
	size_t empty, ragged, cleaned;
};

#define BYTES(text) (text), sizeof(text) - 1

static inline void check_golden(const struct golden *it, const char *uri, const char *format)
{
	struct persona_error err = { 0 };
	struct persona_source source;
	char *got;

	ck_assert_msg(persona_source_parse(&source, uri, format, it->in, it->len, &err) == 0, "%s", err.text);
	got = dump(&source);
	ck_assert_str_eq(got, it->out);
	ck_assert_uint_eq(source.empty_records, it->empty);
	ck_assert_uint_eq(source.ragged_records, it->ragged);
	ck_assert_uint_eq(source.cleaned_bytes, it->cleaned);
	check_places(&source, it->in, it->len);
	ck_assert_int_eq(source.size_bytes, (int64_t)it->len);
	free(got);
	persona_source_release(&source);
}

struct refused {
	const char *in;
	size_t len;
	const char *text; /* of the error */
};

static inline void check_refused(const struct refused *it, const char *uri, const char *format)
{
	struct persona_error err = { 0 };
	struct persona_source source;

	ck_assert_int_eq(persona_source_parse(&source, uri, format, it->in, it->len, &err), -1);
	ck_assert_int_eq(err.code, PERSONA_E_FORMAT);
	ck_assert_str_eq(err.text, it->text);
	ck_assert_ptr_null(source.uri);
	ck_assert_uint_eq(source.records.len, 0);
	persona_source_release(&source);
}

#endif
