#include "unit.h"
#include "persona/text.h"

/* From `offset` of the answer on the bytes are those of the file from `byte` on. */
struct mark {
	size_t offset;
	int64_t byte, line;
};

struct answer {
	size_t column;
	struct persona_buf text;
	struct mark *marks;
	size_t marks_len, marks_capacity;
	bool gap; /* a blank line came since */
};

void unit_clear(struct unit *unit)
{
	for (size_t i = 0; i < unit->len; i++) {
		persona_buf_release(&unit->answers[i].text);
		free(unit->answers[i].marks);
	}
	unit->len = 0;
	unit->line = 0;
	unit->speaker = NULL;
}

int unit_new(struct unit **out, struct persona_source *source, struct persona_error *err)
{
	*out = calloc(1, sizeof **out);
	if (!*out)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	(*out)->source = source;
	(*out)->number = 1;
	return 0;
}

void unit_free(struct unit *unit)
{
	if (!unit)
		return;
	unit_clear(unit);
	free(unit->answers);
	free(unit);
}

static int too_long(struct unit *unit, int64_t line, struct persona_error *err)
{
	return source_fail(err, PERSONA_E_FORMAT, unit->source->uri, source_map_line(unit->map, line),
			   "an answer of more than %d bytes", PERSONA_SOURCE_CELL_MAX);
}

/* A column that this record has not used yet: the n-th of that name. */
static long free_column(struct unit *unit, const char *name, size_t len, int64_t line, struct persona_error *err)
{
	char *copy = persona_strndup(name, len, err);
	long column = -1, first = -1;

	for (size_t n = 1; copy; n = ++unit->repeats[first]) {
		column = source_column(unit->source, copy, n, err);
		if (column >= PERSONA_SOURCE_COLUMNS_MAX)
			column = source_fail(err, PERSONA_E_FORMAT, unit->source->uri, source_map_line(unit->map, line),
					     "more than %d questions", PERSONA_SOURCE_COLUMNS_MAX);
		if (column < 0 || unit->used[column] != unit->number)
			break;
		first = first < 0 ? column : first;
	}
	free(copy);
	if (column >= 0) {
		unit->used[column] = unit->number;
		unit->repeats[column] = 1;
	}
	return column;
}

static int open_answer(struct unit *unit, struct question *question, int64_t line, struct persona_error *err)
{
	struct answer *answer;
	long column;

	if (persona_grow((void **)&unit->answers, &unit->capacity, unit->len, sizeof *unit->answers, err) < 0)
		return -1;
	column = free_column(unit, question->name, question->len, line, err);
	if (column < 0)
		return -1;
	answer = &unit->answers[unit->len];
	*answer = (struct answer){ .column = (size_t)column };
	persona_buf_init(&answer->text, PERSONA_SOURCE_CELL_MAX);
	question->answer = ++unit->len;
	return 0;
}

static int add_mark(struct answer *answer, int64_t byte, int64_t line, struct persona_error *err)
{
	if (persona_grow((void **)&answer->marks, &answer->marks_capacity, answer->marks_len, sizeof *answer->marks,
			 err) < 0)
		return -1;
	answer->marks[answer->marks_len++] = (struct mark){ .offset = answer->text.len, .byte = byte, .line = line };
	return 0;
}

/* Part by part, as the map has them. */
static int add_text(struct unit *unit, struct answer *answer, const char *text, size_t len, int64_t line,
		    struct persona_error *err)
{
	size_t from = (size_t)(text - unit->base), to = from + len;

	while (from < to) {
		size_t end;
		int64_t own, byte = source_map_byte(unit->map, from, &own, &end);

		end = end < to ? end : to;
		if (add_mark(answer, byte, own ? own : source_map_line(unit->map, line), err) < 0 ||
		    persona_buf_add(&answer->text, unit->base + from, end - from, err) < 0)
			return -1;
		for (; from < end; from++)
			line += unit->base[from] == '\n';
	}
	return 0;
}

int unit_append(struct unit *unit, struct question *question, const char *before, const char *text, size_t len,
		int64_t line, struct persona_error *err)
{
	size_t before_len = strlen(before), room;
	struct answer *answer;

	if (!question->answer && open_answer(unit, question, line, err) < 0)
		return -1;
	if (!unit->line)
		unit->line = source_map_line(unit->map, line);
	answer = &unit->answers[question->answer - 1];
	room = answer->text.max - answer->text.len;
	if (len > room || room - len < before_len)
		return too_long(unit, line, err);
	if (before_len && (add_mark(answer, -1, source_map_line(unit->map, line), err) < 0 ||
			   persona_buf_adds(&answer->text, before, err) < 0))
		return -1;
	answer->gap = false;
	return add_text(unit, answer, text, len, line, err);
}

int unit_add(struct unit *unit, struct question *question, const char *text, size_t len, int64_t line,
	     struct persona_error *err)
{
	const struct answer *answer = question->answer ? &unit->answers[question->answer - 1] : NULL;
	const char *before = !answer || !answer->text.len ? "" : answer->gap ? "\n\n" : "\n";

	return unit_append(unit, question, before, text, len, line, err);
}

void unit_gap(struct unit *unit, const struct question *question)
{
	if (question->answer)
		unit->answers[question->answer - 1].gap = true;
}

static int compare(const void *a, const void *b)
{
	size_t left = ((const struct answer *)a)->column, right = ((const struct answer *)b)->column;

	return (left > right) - (left < right);
}

static int add_cell(struct persona_record *record, const struct answer *answer, struct persona_error *err)
{
	const char *text = answer->text.data;
	size_t len = persona_text_trim(&text, answer->text.len), skipped = (size_t)(text - answer->text.data), start;

	if (!len)
		return 0;
	if (persona_record_add_cell(record, answer->column, text, len, err) < 0)
		return -1;
	start = record->cells[record->cells_len - 1].offset;
	for (size_t i = 0; i < answer->marks_len; i++) {
		const struct mark *mark = &answer->marks[i];
		size_t end = i + 1 < answer->marks_len ? mark[1].offset : answer->text.len;
		size_t cut = mark->offset < skipped ? skipped - mark->offset : 0;

		/* Nothing is left of it. */
		if (end <= skipped || mark->offset + cut >= skipped + len || end == mark->offset)
			continue;
		if (persona_record_add_piece(record, start + mark->offset + cut - skipped,
					     mark->byte < 0 ? -1 : mark->byte + (int64_t)cut, mark->line, err) < 0)
			return -1;
	}
	return 0;
}

int unit_flush(struct unit *unit, int64_t otherwise, struct persona_error *err)
{
	struct persona_source *source = unit->source;
	struct persona_record *record;
	int rc = 0;

	if (!unit->len) {
		source->empty_records++;
		goto out;
	}
	rc = source_add_record(source, &record, unit->line ? unit->line : otherwise, err);
	if (rc < 0)
		goto out;
	record->ordinal = (int64_t)unit->number;
	if (unit->speaker && !(record->speaker = persona_strndup(unit->speaker, unit->speaker_len, err)))
		rc = -1;
	qsort(unit->answers, unit->len, sizeof *unit->answers, compare);
	for (size_t i = 0; !rc && i < unit->len; i++)
		rc = add_cell(record, &unit->answers[i], err);
out:
	unit_clear(unit);
	return rc;
}
