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
	free(record->pieces);
}

void persona_records_release(struct persona_records *records)
{
	for (size_t i = 0; i < records->len; i++)
		record_release(&records->items[i]);
	for (size_t i = 0; i < records->columns_len; i++)
		free(records->columns[i]);
	for (size_t i = 0; i < records->open.len; i++)
		free(records->open.items[i]);
	free(records->open.items);
	free(records->items);
	free(records->columns);
	persona_records_init(records);
}

bool persona_records_is_open(const struct persona_records *records, size_t column)
{
	for (size_t i = 0; i < records->open.len; i++)
		if (strcasecmp(records->open.items[i], records->columns[column]) == 0)
			return true;
	return false;
}

long persona_records_column(struct persona_records *records, const char *name, struct persona_error *err)
{
	char *copy;

	/* Columns are mostly asked for in their order, again and again. */
	for (size_t i = 0; i < records->columns_len; i++) {
		size_t at = (records->column_hint + i) % records->columns_len;

		if (strcmp(records->columns[at], name) == 0) {
			records->column_hint = at + 1;
			return (long)at;
		}
	}
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
	/* Full at every power of two. */
	if (!(record->cells_len & (record->cells_len - 1))) {
		cells = reallocarray(record->cells, record->cells_len ? 2 * record->cells_len : 1, sizeof *cells);
		if (!cells)
			return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		record->cells = cells;
	}
	text = realloc(record->text, start + len + 1);
	if (!text)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	record->text = text;
	if (record->cells_len)
		text[start - 1] = '\n';
	memcpy(text + start, answer, len);
	text[start + len] = '\0';
	record->cells[record->cells_len++] = (struct persona_cell){ .column = column, .offset = start, .len = len };
	return 0;
}

/* ---- Places ---------------------------------------------------------- */

/* The cell that holds text[offset], or the last before it; NULL: none. */
static const struct persona_cell *cell_at(const struct persona_record *record, size_t offset)
{
	const struct persona_cell *found = NULL;

	for (size_t i = 0; i < record->cells_len && record->cells[i].offset <= offset; i++)
		found = &record->cells[i];
	return found;
}

/* Line ends that were said, from one place of the text to another; those between cells are not. */
static int64_t line_ends(const struct persona_record *record, size_t from, size_t to)
{
	int64_t ends = 0;

	for (size_t i = from; i < to; i++)
		ends += record->text[i] == '\n';
	for (size_t i = 1; ends && i < record->cells_len; i++)
		ends -= record->cells[i].offset - 1 >= from && record->cells[i].offset - 1 < to;
	return ends;
}

/* The piece that text[offset] belongs to; NULL: none. */
static const struct persona_piece *piece_at(const struct persona_record *record, size_t offset)
{
	size_t from = 0, to = record->pieces_len;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (record->pieces[middle].offset <= offset)
			from = middle + 1;
		else
			to = middle;
	}
	return from ? &record->pieces[from - 1] : NULL;
}

static bool goes_on(const struct persona_record *record, const struct persona_piece *piece, size_t offset, int64_t byte,
		    int64_t line)
{
	if (piece->byte < 0 || byte < 0)
		return piece->byte < 0 && byte < 0 && line == piece->line;
	return byte - piece->byte == (int64_t)(offset - piece->offset) &&
	       line == piece->line + line_ends(record, piece->offset, offset);
}

int persona_record_add_piece(struct persona_record *record, size_t offset, int64_t byte, int64_t line,
			     struct persona_error *err)
{
	struct persona_piece *last = record->pieces_len ? &record->pieces[record->pieces_len - 1] : NULL;
	struct persona_piece piece = { .offset = offset, .byte = byte < 0 ? -1 : byte, .line = line };

	if (last && last->offset == offset) {
		*last = piece;
		return 0;
	}
	if (last && goes_on(record, last, offset, byte, line))
		return 0;
	if (persona_grow((void **)&record->pieces, &record->pieces_capacity, record->pieces_len, sizeof piece, err) < 0)
		return -1;
	record->pieces[record->pieces_len++] = piece;
	return 0;
}

void persona_record_place(const struct persona_record *record, size_t offset, size_t len, int64_t *byte, int64_t *line)
{
	const struct persona_piece *piece = piece_at(record, offset);
	const struct persona_cell *cell = cell_at(record, offset);

	*byte = -1;
	*line = 0;
	if (!piece || !cell)
		return;
	*line = piece->line + (piece->byte < 0 ? 0 : line_ends(record, piece->offset, offset));
	if (piece->byte < 0 || offset + len > cell->offset + cell->len ||
	    piece_at(record, len ? offset + len - 1 : offset) != piece)
		return;
	*byte = piece->byte + (int64_t)(offset - piece->offset);
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
