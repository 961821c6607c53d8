/*
 * Any bytes as a research file: the first one picks the format, unless PERSONA_FUZZ_FORMAT names it, and the unit.
 * What is accepted must be sound.
 */
#include <stdlib.h>

#include "persona/source.h"
#include "persona/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_record(const struct persona_source *source, const struct persona_record *record)
{
	size_t end = 0;

	if (!record->cells_len || !persona_text_is_clean(record->text, strlen(record->text)))
		__builtin_trap();
	if (strncmp(record->locator, source->name, strlen(source->name)) != 0)
		__builtin_trap();
	for (size_t i = 0; i < record->cells_len; i++) {
		const struct persona_cell *cell = &record->cells[i];

		if (cell->offset != (i ? end + 1 : 0) || !cell->len || cell->column >= source->records.columns_len ||
		    (i && cell->column <= record->cells[i - 1].column))
			__builtin_trap();
		end = cell->offset + cell->len;
	}
	if (end != strlen(record->text))
		__builtin_trap();
}

/* What has a place in the file stands there, byte for byte. */
static void check_places(const struct persona_record *record, const char *in, size_t len)
{
	for (size_t c = 0; c < record->cells_len; c++)
		for (size_t at = record->cells[c].offset; at < record->cells[c].offset + record->cells[c].len; at++) {
			int64_t byte, line;

			persona_record_place(record, at, 1, &byte, &line);
			if (byte >= 0 && ((size_t)byte >= len || in[byte] != record->text[at]))
				__builtin_trap();
		}
}

/* NULL: to be found out. */
static const char *format_of(uint8_t first)
{
	static const char *const formats[] = { "csv", "tsv", "markdown", "text", "json", "jsonl", "html", NULL };
	const char *only = getenv("PERSONA_FUZZ_FORMAT");

	if (!only || !*only)
		return formats[first % 8];
	for (size_t i = 0; formats[i]; i++)
		if (strcmp(only, formats[i]) == 0)
			return only;
	if (strcmp(only, "any") != 0)
		__builtin_trap();
	return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct persona_error err = { 0 };
	enum persona_unit unit = (enum persona_unit)(bytes && len ? bytes[0] / 8 % PERSONA_UNITS : 0);
	struct persona_reading reading = { .unit = unit };
	struct persona_source source;

	if (!len)
		return 0;
	reading.format = format_of(bytes[0]);
	if (persona_source_parse_as(&source, "fuzz", &reading, (const char *)bytes + 1, len - 1, &err) < 0) {
		if (err.code == PERSONA_OK || !err.text[0] || source.records.len)
			__builtin_trap();
		return 0;
	}
	if (!source.records.len)
		__builtin_trap();
	for (size_t i = 0; i < source.records.len; i++) {
		check_record(&source, &source.records.items[i]);
		check_places(&source.records.items[i], (const char *)bytes + 1, len - 1);
		if (i && source.records.items[i].ordinal <= source.records.items[i - 1].ordinal)
			__builtin_trap();
	}
	persona_source_release(&source);
	return 0;
}
