/*
 * What a reading asks of records that are read: columns left out, and the rows of one
 * participant made one record. Where nobody says which column tells participants apart, one
 * that is called so and whose values come again does.
 */
#define HASH_NONFATAL_OOM	   1
#define uthash_nonfatal_oom(entry) ((entry)->lost = true)
#include <ctype.h>
#include <strings.h>
#include <uthash.h>

#include "reader.h"

#define NO_COLUMN SIZE_MAX
#define FILLED	  .8 /* share of rows that name a participant */

struct group {
	const char *id; /* borrowed from a record */
	size_t len;
	size_t *rows, rows_len, rows_capacity;
	bool lost; /* could not be added */
	UT_hash_handle hh;
};

struct shape {
	struct persona_source *source;
	size_t id; /* column, or NO_COLUMN */
	bool *ignored;
	struct group *groups; /* by first row */
	size_t *cursors;      /* next cell of each row of the group at hand */
	size_t cursors_capacity;
	struct persona_records out;
	size_t *columns;	 /* new index of each column */
	struct persona_buf text; /* of the cell at hand, and where it stands */
	struct persona_piece *pieces;
	size_t pieces_len, pieces_capacity;
	size_t moderated; /* rows of a moderator */
};

/* ---- Columns --------------------------------------------------------- */

static bool is_name(const char *name, const char *wanted)
{
	for (; *name; name++) {
		if (!isalnum((unsigned char)*name))
			continue;
		if (tolower((unsigned char)*name) != *wanted++)
			return false;
	}
	return !*wanted;
}

static bool names_participants(const char *name)
{
	static const char *const names[] = {
		"id",	       "pid",	       "participant", "participantid", "participantno", "participantnumber",
		"respondent",  "respondentid", "respid",      "userid",	       "subjectid",	"interviewee",
		"interviewid", "personid",     "caseid",      "speaker"
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (is_name(name, names[i]))
			return true;
	return false;
}

static size_t column_named(const struct persona_records *records, const char *name)
{
	for (size_t i = 0; i < records->columns_len; i++)
		if (strcasecmp(records->columns[i], name) == 0)
			return i;
	return NO_COLUMN;
}

static int no_column(struct persona_source *source, const char *name, struct persona_error *err)
{
	return source_fail(err, PERSONA_E_FORMAT, source->uri, 0, "no column \"%.80s\"; the first is \"%.60s\"", name,
			   source->records.columns_len ? source->records.columns[0] : "");
}

static int find_ignored(struct shape *shape, const struct persona_reading *reading, struct persona_error *err)
{
	const struct persona_records *records = &shape->source->records;

	shape->ignored = calloc(records->columns_len + 1, sizeof *shape->ignored);
	if (!shape->ignored)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t i = 0; reading && i < reading->ignore_len; i++) {
		size_t column = column_named(records, reading->ignore[i]);

		if (column == NO_COLUMN)
			return no_column(shape->source, reading->ignore[i], err);
		shape->ignored[column] = true;
	}
	return 0;
}

static int check_text_columns(const struct shape *shape, const struct persona_reading *reading,
			      struct persona_error *err)
{
	for (size_t i = 0; reading && i < reading->text_len; i++)
		if (column_named(&shape->source->records, reading->text[i]) == NO_COLUMN)
			return no_column(shape->source, reading->text[i], err);
	return 0;
}

/* ---- Participants ---------------------------------------------------- */

static void groups_release(struct shape *shape)
{
	struct group *group, *next;

	HASH_ITER(hh, shape->groups, group, next)
	{
		HASH_DEL(shape->groups, group);
		free(group->rows);
		free(group);
	}
}

static int group_add(struct shape *shape, const char *id, size_t len, size_t row, struct persona_error *err)
{
	struct group *group = NULL;

	HASH_FIND(hh, shape->groups, id, len, group);
	if (!group) {
		group = calloc(1, sizeof *group);
		if (!group)
			return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		group->id = id;
		group->len = len;
		HASH_ADD_KEYPTR(hh, shape->groups, group->id, len, group);
		if (group->lost) {
			free(group);
			return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		}
	}
	if (persona_grow((void **)&group->rows, &group->rows_capacity, group->rows_len, sizeof *group->rows, err) < 0)
		return -1;
	group->rows[group->rows_len++] = row;
	return 0;
}

/* Group the rows by a column; *filled: rows that have a value there. */
static int group_by(struct shape *shape, size_t column, size_t *filled, struct persona_error *err)
{
	const struct persona_records *records = &shape->source->records;

	groups_release(shape);
	*filled = 0;
	for (size_t i = 0; i < records->len; i++) {
		const char *id;
		size_t len = persona_record_cell(&records->items[i], column, &id);

		/* A row of nobody is by itself, under a name that no value has. */
		if (!len) {
			id = records->items[i].locator;
			len = strlen(id) + 1;
		} else {
			++*filled;
		}
		if (group_add(shape, id, len, i, err) < 0)
			return -1;
	}
	return 0;
}

static bool is_answer(const struct group *group)
{
	static const char *const answers[] = { "yes", "no", "y", "n", "true", "false" };

	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
		if (strlen(answers[i]) == group->len && strncasecmp(answers[i], group->id, group->len) == 0)
			return true;
	return false;
}

/* Do the groups that the values make look like participants: some, and some of several rows? */
static bool are_participants(const struct shape *shape, size_t filled)
{
	size_t rows = shape->source->records.len, groups = HASH_COUNT(shape->groups);
	struct group *group, *next;

	if (groups < 2 || groups == rows || (double)filled < FILLED * (double)rows)
		return false;
	HASH_ITER(hh, shape->groups, group, next)
	if (is_answer(group))
		return false;
	return true;
}

static bool takes_rows(const struct persona_source *source)
{
	return strncmp(source->media_type, "text/csv", 8) == 0 || strncmp(source->media_type, "text/tab", 8) == 0 ||
	       strncmp(source->media_type, "application/json", 16) == 0;
}

static int find_participants(struct shape *shape, const struct persona_reading *reading, struct persona_error *err)
{
	struct persona_source *source = shape->source;
	size_t filled;

	shape->id = NO_COLUMN;
	if (!takes_rows(source) || source_unit(source) == PERSONA_UNIT_ROW)
		return 0;
	if (reading && reading->id_column) {
		shape->id = column_named(&source->records, reading->id_column);
		return shape->id == NO_COLUMN ? no_column(source, reading->id_column, err)
					      : group_by(shape, shape->id, &filled, err);
	}
	for (size_t i = 0; i < source->records.columns_len && shape->id == NO_COLUMN; i++) {
		if (!names_participants(source->records.columns[i]))
			continue;
		if (group_by(shape, i, &filled, err) < 0)
			return -1;
		if (are_participants(shape, filled))
			shape->id = i;
	}
	if (shape->id == NO_COLUMN && source_unit(source) == PERSONA_UNIT_PARTICIPANT)
		return source_fail(err, PERSONA_E_FORMAT, source->uri, 0,
				   "no column tells participants apart; name it with --id-column");
	return 0;
}

/* ---- Records --------------------------------------------------------- */

static int add_piece(struct shape *shape, size_t offset, int64_t byte, int64_t line, struct persona_error *err)
{
	if (persona_grow((void **)&shape->pieces, &shape->pieces_capacity, shape->pieces_len, sizeof *shape->pieces,
			 err) < 0)
		return -1;
	shape->pieces[shape->pieces_len++] = (struct persona_piece){ .offset = offset, .byte = byte, .line = line };
	return 0;
}

/* The cell's places, where it stands at `offset` of the one in the making. */
static int add_pieces(struct shape *shape, size_t offset, const struct persona_record *from,
		      const struct persona_cell *cell, struct persona_error *err)
{
	for (size_t i = 0; i < from->pieces_len; i++) {
		const struct persona_piece *piece = &from->pieces[i];
		size_t next = i + 1 < from->pieces_len ? piece[1].offset : SIZE_MAX, at = piece->offset;
		int64_t byte = piece->byte, line = piece->line;

		if (next <= cell->offset || at >= cell->offset + cell->len)
			continue;
		if (at < cell->offset) {
			at = cell->offset;
			persona_record_place(from, at, 1, &byte, &line);
		}
		if (add_piece(shape, offset + at - cell->offset, byte, line, err) < 0)
			return -1;
	}
	return 0;
}

/* The row's cell of the column, if it has one; columns are asked for in ascending order. */
static const struct persona_cell *next_cell(const struct persona_record *row, size_t *cursor, size_t column)
{
	while (*cursor < row->cells_len && row->cells[*cursor].column < column)
		++*cursor;
	return *cursor < row->cells_len && row->cells[*cursor].column == column ? &row->cells[*cursor] : NULL;
}

/* Does an earlier row of the group say the same there? */
static bool is_said(const struct persona_records *records, const struct group *group, size_t row, size_t column,
		    const char *text, size_t len)
{
	for (size_t i = 0; i < row && i < 50; i++) {
		const char *other;

		if (persona_record_cell(&records->items[group->rows[i]], column, &other) == len &&
		    memcmp(other, text, len) == 0)
			return true;
	}
	return false;
}

/* All that the rows of a group say in one column, as one cell. */
static int join_column(struct shape *shape, struct persona_record *out, const struct group *group, size_t column,
		       struct persona_error *err)
{
	const struct persona_records *records = &shape->source->records;
	size_t parts = 0;

	persona_buf_clear(&shape->text);
	shape->pieces_len = 0;
	for (size_t i = 0; i < group->rows_len; i++) {
		const struct persona_record *row = &records->items[group->rows[i]];
		const struct persona_cell *cell = next_cell(row, &shape->cursors[i], column);
		const char *text = cell ? row->text + cell->offset : NULL;

		if (!cell || is_said(records, group, i, column, text, cell->len))
			continue;
		if (parts++ && (add_piece(shape, shape->text.len, -1, 0, err) < 0 ||
				persona_buf_addc(&shape->text, '\n', err) < 0))
			return -1;
		if (shape->text.len + cell->len > PERSONA_SOURCE_CELL_MAX)
			return source_fail(err, PERSONA_E_FORMAT, shape->source->uri, 0,
					   "the answers of %.*s to one question come to more than %d bytes",
					   (int)group->len, group->id, PERSONA_SOURCE_CELL_MAX);
		if (add_pieces(shape, shape->text.len, row, cell, err) < 0 ||
		    persona_buf_add(&shape->text, text, cell->len, err) < 0)
			return -1;
	}
	if (!shape->text.len)
		return 0;
	if (persona_record_add_cell(out, shape->columns[column], shape->text.data, shape->text.len, err) < 0)
		return -1;
	for (size_t i = 0; i < shape->pieces_len; i++)
		if (persona_record_add_piece(out, out->cells[out->cells_len - 1].offset + shape->pieces[i].offset,
					     shape->pieces[i].byte, shape->pieces[i].line, err) < 0)
			return -1;
	return 0;
}

static int join_group(struct shape *shape, const struct group *group, struct persona_error *err)
{
	const struct persona_records *records = &shape->source->records;
	const struct persona_record *first = &records->items[group->rows[0]];
	struct persona_record *out;

	while (shape->cursors_capacity < group->rows_len)
		if (persona_grow((void **)&shape->cursors, &shape->cursors_capacity, shape->cursors_capacity,
				 sizeof *shape->cursors, err) < 0)
			return -1;
	memset(shape->cursors, 0, group->rows_len * sizeof *shape->cursors);
	if (persona_records_add(&shape->out, &out, first->locator, err) < 0)
		return -1;
	out->ordinal = first->ordinal;
	if (first->speaker && !(out->speaker = persona_strdup(first->speaker, err)))
		return -1;
	for (size_t c = 0; c < records->columns_len; c++)
		if (!shape->ignored[c] && join_column(shape, out, group, c, err) < 0)
			return -1;
	return 0;
}

/* What is left of a record without any answer is none. */
static void drop_if_empty(struct shape *shape)
{
	struct persona_records last = { 0 };

	if (shape->out.items[shape->out.len - 1].cells_len)
		return;
	last.items = calloc(1, sizeof *last.items);
	if (!last.items)
		return;
	last.items[0] = shape->out.items[--shape->out.len];
	last.len = 1;
	persona_records_release(&last);
	shape->source->empty_records++;
}

static int make_columns(struct shape *shape, struct persona_error *err)
{
	const struct persona_records *records = &shape->source->records;

	shape->columns = calloc(records->columns_len + 1, sizeof *shape->columns);
	if (!shape->columns)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t c = 0; c < records->columns_len; c++) {
		long column = shape->ignored[c] ? 0 : persona_records_column(&shape->out, records->columns[c], err);

		if (column < 0)
			return -1;
		shape->columns[c] = (size_t)column;
	}
	return 0;
}

static int make_records(struct shape *shape, struct persona_error *err)
{
	size_t rows = shape->source->records.len, filled;
	struct group *group, *next;

	if (make_columns(shape, err) < 0)
		return -1;
	/* Nobody is told apart: each row is a group. */
	if (shape->id == NO_COLUMN && group_by(shape, NO_COLUMN, &filled, err) < 0)
		return -1;
	HASH_ITER(hh, shape->groups, group, next)
	{
		if (shape->id != NO_COLUMN && source_is_moderator(group->id, group->len)) {
			shape->moderated += group->rows_len;
			continue;
		}
		if (join_group(shape, group, err) < 0)
			return -1;
		drop_if_empty(shape);
	}
	if (!shape->out.len)
		return source_fail(err, PERSONA_E_FORMAT, shape->source->uri, 0, "no records are left");
	if (shape->moderated &&
	    source_note(shape->source, err, "%zu rows of a moderator are left out", shape->moderated) < 0)
		return -1;
	if (shape->id == NO_COLUMN)
		return 0;
	return source_note(shape->source, err,
			   "%zu rows of %zu participants by \"%s\" (--unit row: each row by itself)",
			   rows - shape->moderated, shape->out.len, shape->source->records.columns[shape->id]);
}

int source_shape(struct persona_source *source, struct persona_error *err)
{
	const struct persona_reading *reading = source->reading;
	struct shape shape = { .source = source };
	int rc = -1;

	persona_records_init(&shape.out);
	persona_buf_init(&shape.text, SIZE_MAX);
	if (find_ignored(&shape, reading, err) < 0 || check_text_columns(&shape, reading, err) < 0 ||
	    find_participants(&shape, reading, err) < 0)
		goto out;
	if (shape.id == NO_COLUMN && !(reading && reading->ignore_len)) {
		rc = 0;
		goto out;
	}
	rc = make_records(&shape, err);
	groups_release(&shape);
	if (rc < 0)
		goto out;
	persona_records_release(&source->records);
	source->records = shape.out;
	persona_records_init(&shape.out);
out:
	groups_release(&shape);
	persona_records_release(&shape.out);
	persona_buf_release(&shape.text);
	free(shape.columns);
	free(shape.pieces);
	free(shape.cursors);
	free(shape.ignored);
	return rc;
}
