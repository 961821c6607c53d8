#include "persona/persona.h"

void persona_records_init(struct persona_records *records)
{
	*records = (struct persona_records){ 0 };
}

static void record_release(struct persona_record *record)
{
	free(record->locator);
	free(record->speaker);
	free(record->text);
	free(record->cells);
}

void persona_records_release(struct persona_records *records)
{
	for (size_t i = 0; i < records->len; i++)
		record_release(&records->items[i]);
	for (size_t i = 0; i < records->columns_len; i++)
		free(records->columns[i]);
	free(records->items);
	free(records->columns);
	persona_records_init(records);
}

long persona_records_column(struct persona_records *records, const char *name, struct persona_error *err)
{
	char *copy;

	for (size_t i = 0; i < records->columns_len; i++)
		if (strcmp(records->columns[i], name) == 0)
			return (long)i;
	if (persona_grow((void **)&records->columns, &records->columns_capacity, records->columns_len,
			 sizeof *records->columns, err) < 0)
		return -1;
	copy = persona_strdup(name, err);
	if (!copy)
		return -1;
	records->columns[records->columns_len] = copy;
	return (long)records->columns_len++;
}

int persona_records_add(struct persona_records *records, struct persona_record **out, const char *locator,
			struct persona_error *err)
{
	struct persona_record record = { 0 };

	if (persona_grow((void **)&records->items, &records->capacity, records->len, sizeof *records->items, err) < 0)
		return -1;
	record.locator = persona_strdup(locator, err);
	record.text = persona_strdup("", err);
	if (!record.locator || !record.text) {
		record_release(&record);
		return -1;
	}
	records->items[records->len] = record;
	*out = &records->items[records->len++];
	return 0;
}

int persona_record_add_cell(struct persona_record *record, size_t column, const char *answer, size_t len,
			    struct persona_error *err)
{
	size_t start = 0;
	struct persona_cell *cells;
	char *text;

	if (!len)
		return 0;
	if (record->cells_len)
		start = record->cells[record->cells_len - 1].offset + record->cells[record->cells_len - 1].len + 1;
	cells = reallocarray(record->cells, record->cells_len + 1, sizeof *cells);
	if (!cells)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	record->cells = cells;
	text = realloc(record->text, start + len + 1);
	if (!text)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	record->text = text;
	if (record->cells_len)
		text[start - 1] = '\n';
	memcpy(text + start, answer, len);
	text[start + len] = '\0';
	cells[record->cells_len++] = (struct persona_cell){ .column = column, .offset = start, .len = len };
	return 0;
}

size_t persona_record_cell(const struct persona_record *record, size_t column, const char **out)
{
	for (size_t i = 0; i < record->cells_len; i++) {
		const struct persona_cell *cell = &record->cells[i];

		if (cell->column == column) {
			*out = record->text + cell->offset;
			return cell->len;
		}
	}
	*out = NULL;
	return 0;
}

int persona_record_fields_json(json_t **out, const struct persona_records *records, const struct persona_record *record,
			       struct persona_error *err)
{
	json_t *fields = json_object();

	*out = NULL;
	for (size_t i = 0; i < record->cells_len; i++) {
		const struct persona_cell *cell = &record->cells[i];
		json_t *answer = json_stringn_nocheck(record->text + cell->offset, cell->len);

		if (json_object_set_new_nocheck(fields, records->columns[cell->column], answer) < 0) {
			json_decref(fields);
			return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		}
	}
	if (!fields)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	*out = fields;
	return 0;
}
