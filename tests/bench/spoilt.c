/*
 * bench-spoilt PERSONAS [--unit UNIT] FILE…: draft from each file or folder by the built-in model, spoil each persona
 * with each other one, and print how many of those pairs rank lower by the whole score, by kind of damage. A persona
 * that is alone is spoilt by itself.
 */
#include "persona/source.h"
#include "spoilt.h"

static int print_kind(const struct spoilt *spoilt, size_t kind)
{
	size_t pairs = 0, lower = 0;
	double sum = 0, worst = 100;

	bool alone = spoilt->draft.len == 1 && !spoilt_kinds[kind].exchange;

	for (size_t i = 0; i < spoilt->draft.len; i++)
		for (size_t j = 0; j < spoilt->draft.len; j++) {
			double fall;
			int rc = i == j && !alone ? 2 : spoilt_ranks(spoilt, kind, i, j, &fall);

			if (rc < 0)
				return -1;
			if (rc == 2)
				continue;
			pairs++;
			lower += rc == 1;
			sum += fall;
			worst = fall < worst ? fall : worst;
		}
	if (pairs)
		printf("  %-32s lower in %zu of %zu pairs, by %.1f points, least %.1f\n", spoilt_kinds[kind].name,
		       lower, pairs, sum / (double)pairs, worst);
	return 0;
}

/* All records of a source behind those that are there. */
static int gather(struct persona_records *out, const struct persona_records *records, struct persona_error *err)
{
	for (size_t i = 0; i < records->len; i++) {
		const struct persona_record *from = &records->items[i];
		struct persona_record *record;

		if (persona_records_add(out, &record, from->locator, err) < 0)
			return -1;
		record->ordinal = from->ordinal;
		for (size_t c = 0; c < from->cells_len; c++) {
			const struct persona_cell *cell = &from->cells[c];
			long column = persona_records_column(out, records->columns[cell->column], err);

			if (column < 0 || persona_record_add_cell(record, (size_t)column, from->text + cell->offset,
								  cell->len, err) < 0)
				return -1;
		}
	}
	return 0;
}

static int print_file(const char *path, const struct persona_reading *reading, size_t personas,
		      struct persona_error *err)
{
	struct persona_records records;
	struct persona_sources sources;
	struct spoilt spoilt = { 0 };
	int rc = -1;

	persona_records_init(&records);
	persona_sources_init(&sources);
	sources.reading = reading;
	if (persona_sources_read(&sources, path, NULL, err) < 0)
		goto out;
	for (size_t i = 0; i < sources.len; i++)
		if (gather(&records, &sources.items[i].records, err) < 0)
			goto out;
	if (spoilt_init(&spoilt, &records, personas, err) < 0)
		goto out;
	printf("%s: %zu respondents, %zu personas\n", path, records.len, spoilt.draft.len);
	for (size_t kind = 0; kind < SPOILT_KINDS; kind++)
		if (print_kind(&spoilt, kind) < 0)
			goto out;
	rc = 0;
out:
	spoilt_release(&spoilt);
	persona_sources_release(&sources);
	persona_records_release(&records);
	return rc;
}

int main(int argc, char **argv)
{
	size_t personas = argc > 2 ? (size_t)strtoul(argv[1], NULL, 10) : 0;
	struct persona_reading reading = { 0 };
	struct persona_error err = { 0 };
	int first = 2;

	if (argc > 3 && strcmp(argv[2], "--unit") == 0) {
		reading.unit = persona_unit_by_name(argv[3]);
		first = 4;
	}
	if (!personas || reading.unit == PERSONA_UNITS || first == argc) {
		fprintf(stderr, "usage: bench-spoilt PERSONAS [--unit UNIT] FILE…\n");
		return 2;
	}
	for (int i = first; i < argc; i++)
		if (print_file(argv[i], &reading, personas, &err) < 0) {
			fprintf(stderr, "bench-spoilt: %s: %s\n", argv[i], *err.text ? err.text : "cannot be scored");
			return 1;
		}
	return 0;
}
