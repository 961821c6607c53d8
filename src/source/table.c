/*
 * CSV and TSV. libcsv knows neither lines nor files, so the bytes go to it line
 * by line: whatever ends a line reaches it as one LF, and each callback then
 * belongs to the line at hand.
 */
#include <csv.h>

#include "reader.h"

#define PARSER_BLOCK   16384			     /* bytes by which libcsv's cell buffer grows */
#define RAW_MAX	       (4 * PERSONA_SOURCE_CELL_MAX) /* of a cell with its quotes and the blanks around it */
#define PARSER_OPTIONS (CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL)

struct table {
	struct csv_parser parser;
	struct persona_source *source;
	struct persona_error *err; /* of the call under way, for the callbacks */
	bool failed;
	bool after_cr; /* the last byte was a CR: an LF now belongs to it */
	bool in_row;
	int64_t line;	   /* that is being fed, from 1 */
	int64_t row_line;  /* where the row began */
	int64_t cell_line; /* where the cell began */
	int64_t rows;	   /* data rows seen, empty ones too */
	bool has_header;
	size_t width;  /* cells in the header */
	char **header; /* names, until the header is complete */
	size_t header_len, header_capacity;
	size_t position; /* of the cell in the row, from 0: its column */
	size_t *repeats; /* how often the name of a column occurred */
	size_t repeats_capacity;
	struct persona_record *record; /* of the row, NULL before its first answer */
	struct persona_buf scratch;
	char delimiter;
	struct persona_buf raw; /* the bytes of the cell at hand as the file has them, quotes and delimiter included */
	int64_t raw_byte;	/* where they begin in the file */
	int64_t fed;		/* bytes of the file that the parser has had */
	bool placed;		/* they are the file's own: no other encoding was undone */
};

/* A TAB is a delimiter in TSV, not white space around a cell. */
static int is_blank(unsigned char byte)
{
	return byte == ' ';
}

/* Add the next column; a name that is taken gets a number. */
static int add_column(struct table *table, const char *name, struct persona_error *err)
{
	struct persona_records *records = &table->source->records;
	size_t before = records->columns_len;
	long column, same;

	if (persona_grow((void **)&table->repeats, &table->repeats_capacity, before, sizeof *table->repeats, err) < 0)
		return -1;
	column = same = source_column(table->source, name, 1, err);
	while (column >= 0 && records->columns_len == before)
		column = source_column(table->source, name, ++table->repeats[same], err);
	if (column < 0)
		return -1;
	table->repeats[column] = 1;
	return 0;
}

static int add_unnamed_column(struct table *table, struct persona_error *err)
{
	char name[40];

	snprintf(name, sizeof name, "column %zu", table->source->records.columns_len + 1);
	return add_column(table, name, err);
}

/* A question over several lines becomes one line. */
static int add_header_cell(struct table *table, const char *text, size_t len, struct persona_error *err)
{
	char *name;
	size_t used = 0;

	if (persona_grow((void **)&table->header, &table->header_capacity, table->header_len, sizeof *table->header,
			 err) < 0)
		return -1;
	name = persona_strndup(text, len, err);
	if (!name)
		return -1;
	table->header[table->header_len++] = name;
	for (size_t i = 0; name[i]; i++) {
		bool space = name[i] == ' ' || name[i] == '\t' || name[i] == '\n';

		if (!space)
			name[used++] = name[i];
		else if (used && name[used - 1] != ' ')
			name[used++] = ' ';
	}
	name[used] = '\0';
	return 0;
}

/* What of the file's bytes at `raw` gives the byte `wanted`: how many they are, 0: others do. */
static size_t step(const char *raw, size_t len, char wanted, bool quoted)
{
	if (!len)
		return 0;
	if (quoted && *raw == '"' && wanted == '"' && len > 1 && raw[1] == '"')
		return 2;
	if (*raw == '\r' && wanted == '\n')
		return len > 1 && raw[1] == '\n' ? 2 : 1;
	return *raw == wanted;
}

/* Byte by byte through the cell as the file has it; where it was mended on the way, the rest has no place. */
static int place_by_steps(struct table *table, size_t at, bool quoted, const char *text, size_t len,
			  struct persona_error *err)
{
	struct persona_record *record = table->record;
	size_t offset = record->cells[record->cells_len - 1].offset;
	int64_t line = table->cell_line;
	bool new_piece = true;

	for (size_t i = 0; i < len; i++) {
		size_t used = step(table->raw.data + at, table->raw.len - at, text[i], quoted);
		bool same = used && table->raw.data[at] == text[i];

		if (new_piece || !same) {
			int64_t byte = same ? table->raw_byte + (int64_t)at : -1;

			if (persona_record_add_piece(record, offset + i, byte, line, err) < 0)
				return -1;
			if (!used)
				return 0;
		}
		new_piece = used > 1 || !same;
		line += text[i] == '\n';
		at += used;
	}
	return 0;
}

/* Where the answer that was added last stands in the file. */
static int place_answer(struct table *table, const char *text, size_t len, struct persona_error *err)
{
	struct persona_record *record = table->record;
	const char *raw = table->raw.data;
	size_t at = 0;
	bool quoted;

	if (!table->placed)
		return persona_record_add_piece(record, record->cells[record->cells_len - 1].offset, -1,
						table->cell_line, err);
	while (at < table->raw.len && (raw[at] == ' ' || raw[at] == '\t'))
		at++;
	quoted = at < table->raw.len && raw[at] == '"';
	at += quoted;
	/* White space that was trimmed, in quotes too; some of it may not be ASCII, and then there is no place. */
	while (at < table->raw.len && raw[at] != *text && strchr(" \t\r\n", raw[at]))
		at++;
	return place_by_steps(table, at, quoted, text, len, err);
}

static int add_answer(struct table *table, const char *text, size_t len, struct persona_error *err)
{
	while (table->source->records.columns_len <= table->position)
		if (add_unnamed_column(table, err) < 0)
			return -1;
	if (!table->record) {
		if (source_add_record(table->source, &table->record, table->row_line, err) < 0)
			return -1;
		table->record->ordinal = table->rows + 1;
	}
	if (persona_record_add_cell(table->record, table->position, text, len, err) < 0)
		return -1;
	return place_answer(table, text, len, err);
}

static int cell_too_big(struct table *table, struct persona_error *err)
{
	return source_fail(err, PERSONA_E_FORMAT, table->source->uri, table->cell_line, "a cell of more than %d bytes",
			   PERSONA_SOURCE_CELL_MAX);
}

static int take_cell(struct table *table, const char *text, size_t len, struct persona_error *err)
{
	if (table->position >= PERSONA_SOURCE_COLUMNS_MAX)
		return source_fail(err, PERSONA_E_FORMAT, table->source->uri, table->row_line, "more than %d columns",
				   PERSONA_SOURCE_COLUMNS_MAX);
	if (len > PERSONA_SOURCE_CELL_MAX)
		return cell_too_big(table, err);
	if (source_clean(table->source, &table->scratch, &text, &len, err) < 0)
		return -1;
	if (len > PERSONA_SOURCE_CELL_MAX)
		return cell_too_big(table, err);
	if (!table->has_header)
		return add_header_cell(table, text, len, err);
	return len ? add_answer(table, text, len, err) : 0;
}

static void on_cell(void *bytes, size_t len, void *payload)
{
	struct table *table = payload;

	if (!table->failed && take_cell(table, bytes, len, table->err) < 0)
		table->failed = true;
	table->position++;
	table->cell_line = table->line;
	persona_buf_clear(&table->raw);
	table->raw_byte = table->fed;
}

static void forget_header(struct table *table)
{
	for (size_t i = 0; i < table->header_len; i++)
		free(table->header[i]);
	table->header_len = 0;
}

/* Rows without any text before the header are not the header. */
static int take_header(struct table *table, struct persona_error *err)
{
	int rc = 0;

	for (size_t i = 0; i < table->header_len && !table->has_header; i++)
		table->has_header = table->header[i][0] != '\0';
	if (table->has_header)
		table->width = table->header_len;
	for (size_t i = 0; !rc && i < table->width; i++)
		rc = table->header[i][0] ? add_column(table, table->header[i], err) : add_unnamed_column(table, err);
	forget_header(table);
	return rc;
}

static void on_row(int end, void *payload)
{
	struct table *table = payload;

	(void)end;
	if (table->failed)
		return;
	if (!table->has_header) {
		if (take_header(table, table->err) < 0)
			table->failed = true;
	} else {
		table->rows++;
		if (!table->record)
			table->source->empty_records++;
		else if (table->position != table->width)
			table->source->ragged_records++;
	}
	table->record = NULL;
	table->position = 0;
	table->in_row = false;
}

/*
 * Bytes of one line. libcsv stops at a quote that is neither doubled nor at an
 * end of its cell. Within a line such a quote is a character like others; in a
 * cell that runs over lines it most likely means that some quote was never
 * closed and that whole rows are being swallowed.
 */
static int parse_part(struct table *table, const char *bytes, size_t len, struct persona_error *err)
{
	while (len) {
		size_t done = csv_parse(&table->parser, bytes, len, on_cell, on_row, table);

		if (!table->failed && done < len) {
			if (csv_error(&table->parser) != CSV_EPARSE)
				return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
			if (table->cell_line != table->line)
				return source_fail(err, PERSONA_E_FORMAT, table->source->uri, table->line,
						   "a lone quote inside the quoted cell that opens on line %lld",
						   (long long)table->cell_line);
			csv_set_opts(&table->parser, PARSER_OPTIONS & ~CSV_STRICT);
			done += csv_parse(&table->parser, bytes + done, 1, on_cell, on_row, table);
			csv_set_opts(&table->parser, PARSER_OPTIONS);
		}
		if (table->failed)
			return -1;
		bytes += done;
		len -= done;
	}
	if (csv_get_buffer_size(&table->parser) > PERSONA_SOURCE_CELL_MAX + 2 * PARSER_BLOCK)
		return cell_too_big(table, err);
	return 0;
}

/* Delimiter by delimiter, so that a cell that ends is all that raw holds. */
static int parse(struct table *table, const char *bytes, size_t len, struct persona_error *err)
{
	if (!table->in_row) {
		table->in_row = true;
		table->row_line = table->cell_line = table->line;
		persona_buf_clear(&table->raw);
		table->raw_byte = table->fed;
	}
	while (len) {
		const char *delimiter = memchr(bytes, table->delimiter, len);
		size_t part = delimiter ? (size_t)(delimiter - bytes) + 1 : len;

		if (persona_buf_add(&table->raw, bytes, part, err) < 0)
			return cell_too_big(table, err);
		table->fed += (int64_t)part;
		if (parse_part(table, bytes, part, err) < 0)
			return -1;
		bytes += part;
		len -= part;
	}
	return 0;
}

/* The second half of CR LF, which the parser does not see. */
static int pass_over(struct table *table, char byte, struct persona_error *err)
{
	table->fed++;
	if (!table->in_row) {
		table->raw_byte = table->fed;
		return 0;
	}
	if (!table->raw.len) {
		table->raw_byte = table->fed;
		return 0;
	}
	return persona_buf_addc(&table->raw, byte, err) < 0 ? cell_too_big(table, err) : 0;
}

/* What ends a line reaches the parser as LF, whatever the file has. */
static int end_line(struct table *table, char byte, struct persona_error *err)
{
	if (parse(table, "", 0, err) < 0 || persona_buf_addc(&table->raw, byte, err) < 0)
		return cell_too_big(table, err);
	table->fed++;
	return parse_part(table, "\n", 1, err);
}

static int table_feed(void *state, const char *bytes, size_t len, struct persona_error *err)
{
	struct table *table = state;

	table->err = err;
	table->placed = strcmp(table->source->encoding, "UTF-8") == 0;
	while (len) {
		size_t span = 0;

		if (table->after_cr && *bytes == '\n') {
			table->after_cr = false;
			if (pass_over(table, '\n', err) < 0)
				return -1;
			bytes++;
			len--;
			continue;
		}
		table->after_cr = false;
		while (span < len && bytes[span] != '\n' && bytes[span] != '\r' && bytes[span])
			span++;
		if (span < len && !bytes[span])
			return source_fail(err, PERSONA_E_FORMAT, table->source->uri, table->line, "a NUL byte");
		if (parse(table, bytes, span, err) < 0)
			return -1;
		if (span < len) {
			table->after_cr = bytes[span++] == '\r';
			if (end_line(table, bytes[span - 1], err) < 0)
				return -1;
			table->line++;
		}
		bytes += span;
		len -= span;
	}
	return 0;
}

static int table_finish(void *state, struct persona_error *err)
{
	struct table *table = state;
	const char *uri = table->source->uri;

	table->err = err;
	if (csv_fini(&table->parser, on_cell, on_row, table) != 0)
		return source_fail(err, PERSONA_E_FORMAT, uri, table->cell_line,
				   "the quote that opens here is never closed (record %lld)",
				   (long long)(table->has_header ? table->rows + 1 : 0));
	if (table->failed)
		return -1;
	if (!table->has_header)
		return source_fail(err, PERSONA_E_FORMAT, uri, 0, "is empty");
	if (!table->source->records.len)
		return source_fail(err, PERSONA_E_FORMAT, uri, 0, "has a header but no records");
	return 0;
}

static void table_close(void *state)
{
	struct table *table = state;

	if (!table)
		return;
	csv_free(&table->parser);
	forget_header(table);
	free(table->header);
	free(table->repeats);
	persona_buf_release(&table->scratch);
	persona_buf_release(&table->raw);
	free(table);
}

static int table_open(void **state, struct persona_source *source, char delimiter, struct persona_error *err)
{
	struct table *table = calloc(1, sizeof *table);

	*state = NULL;
	if (!table || csv_init(&table->parser, PARSER_OPTIONS) != 0) {
		free(table);
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	csv_set_delim(&table->parser, (unsigned char)delimiter);
	csv_set_blk_size(&table->parser, PARSER_BLOCK);
	if (delimiter == '\t')
		csv_set_space_func(&table->parser, is_blank);
	table->source = source;
	table->line = 1;
	persona_buf_init(&table->scratch, 4 * PERSONA_SOURCE_CELL_MAX);
	persona_buf_init(&table->raw, RAW_MAX);
	table->delimiter = delimiter;
	table->fed = source->fed;
	*state = table;
	return 0;
}

static int csv_open(void **state, struct persona_source *source, const char *head, size_t len,
		    struct persona_error *err)
{
	return table_open(state, source, source_delimiter(head, len), err);
}

static int tsv_open(void **state, struct persona_source *source, const char *head, size_t len,
		    struct persona_error *err)
{
	(void)head;
	(void)len;
	return table_open(state, source, '\t', err);
}

const struct source_format source_csv = {
	.name = "csv",
	.media_type = "text/csv",
	.extensions = "csv",
	.open = csv_open,
	.feed = table_feed,
	.finish = table_finish,
	.close = table_close,
};

const struct source_format source_tsv = {
	.name = "tsv",
	.media_type = "text/tab-separated-values",
	.extensions = "tsv",
	.open = tsv_open,
	.feed = table_feed,
	.finish = table_finish,
	.close = table_close,
};
