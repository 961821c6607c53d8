/*
 * Which part of a Markdown document is one respondent, and what was asked there.
 *
 * Front matter, or at most one title: the file is one record. Sections that are
 * built alike (the same headings or "**Name:**" labels inside) are one record
 * each, and so are several titles, unless the titles are questions themselves.
 */
#define HASH_NONFATAL_OOM	   1
#define uthash_nonfatal_oom(entry) ((entry)->lost = true)
#include <uthash.h>

#include "persona/text.h"
#include "reader.h"
#include "scan.h"

#define DEEPEST_UNIT 3 /* sections below this level are questions, whatever they share */

/* ---- What sections have in common ------------------------------------ */

/* The name of a heading or label, and in how many sections it stands exactly once. */
struct mark {
	const char *name;
	size_t section; /* seen last */
	size_t sections;
	bool repeated; /* twice in one section: a speaker, not a question */
	bool lost;     /* could not be added */
	UT_hash_handle hh;
};

static void marks_release(struct mark **marks)
{
	struct mark *mark, *next;

	HASH_ITER(hh, *marks, mark, next)
	{
		HASH_DEL(*marks, mark);
		free(mark);
	}
}

static struct mark *marks_find(struct mark *marks, const struct scan_line *line)
{
	struct mark *mark = NULL;

	HASH_FIND(hh, marks, line->name, line->name_len, mark);
	return mark;
}

static int marks_add(struct mark **marks, const struct scan_line *line, size_t section, struct persona_error *err)
{
	struct mark *mark = marks_find(*marks, line);

	if (mark) {
		mark->repeated = mark->repeated || mark->section == section;
		mark->sections += mark->section != section;
		mark->section = section;
		return 0;
	}
	mark = calloc(1, sizeof *mark);
	if (!mark)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	mark->name = line->name;
	mark->section = section;
	mark->sections = 1;
	HASH_ADD_KEYPTR(hh, *marks, mark->name, line->name_len, mark);
	if (!mark->lost)
		return 0;
	free(mark);
	return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
}

/* Do the sections at that level share a name, at least half of them and at least two? -1 on error. */
static int are_alike(struct scan scan, int level, struct persona_error *err)
{
	struct mark *marks = NULL, *mark, *next;
	struct scan_line line;
	size_t sections = 0;
	bool inside = false;
	int rc = 0;

	while (!rc && scan_next(&scan, &line)) {
		if (line.kind == SCAN_HEADING && line.level <= level) {
			inside = line.level == level;
			sections += inside;
		} else if (inside && (line.kind == SCAN_HEADING || line.kind == SCAN_LABEL)) {
			rc = marks_add(&marks, &line, sections, err);
		}
	}
	HASH_ITER(hh, marks, mark, next)
	if (rc >= 0 && !mark->repeated && mark->sections >= 2 && mark->sections * 2 >= sections)
		rc = 1;
	marks_release(&marks);
	return rc;
}

/* The level of heading that starts a record, 0 when the document is one record. -1 on error. */
static int unit_level(struct scan scan, struct persona_error *err)
{
	struct scan_line line;
	size_t titles = 0, questions = 0;

	for (int level = 1; level <= DEEPEST_UNIT; level++) {
		int alike = are_alike(scan, level, err);

		if (alike)
			return alike < 0 ? -1 : level;
	}
	while (scan_next(&scan, &line))
		if (line.kind == SCAN_HEADING && line.level == 1) {
			titles++;
			questions += line.name[line.name_len - 1] == '?';
		}
	return titles > 1 && questions * 2 < titles;
}

/* ---- A record in the making ------------------------------------------ */

struct answer {
	size_t column;
	struct persona_buf text;
	bool gap; /* a blank line came since */
};

/* Where an answer goes: a name, and once something was said the answer. */
struct question {
	const char *name;
	size_t len;
	size_t answer; /* index plus one, 0: none yet */
};

struct unit {
	struct persona_source *source;
	struct answer *answers;
	size_t len, capacity;
	size_t used[PERSONA_SOURCE_COLUMNS_MAX];    /* number of the record that used the column last */
	size_t repeats[PERSONA_SOURCE_COLUMNS_MAX]; /* how often the name of a column occurred in it */
	size_t number;				    /* of this record, empty ones counted */
	int64_t line;				    /* of the record, 0: not known yet */
	int64_t front_line;			    /* where front matter began to answer, 0: nowhere */
	const char *speaker;
	size_t speaker_len;
	struct question heading, label; /* label.name NULL: none holds */
	bool label_inline;		/* the label's answer began on its line and ends with the paragraph */
	struct mark *marks;		/* names in this unit */
};

static void unit_clear(struct unit *unit)
{
	for (size_t i = 0; i < unit->len; i++)
		persona_buf_release(&unit->answers[i].text);
	unit->len = 0;
	unit->line = 0;
	unit->speaker = NULL;
	unit->heading = (struct question){ .name = "text", .len = 4 };
	unit->label = (struct question){ 0 };
	marks_release(&unit->marks);
}

static void unit_free(struct unit *unit)
{
	if (!unit)
		return;
	unit_clear(unit);
	free(unit->answers);
	free(unit);
}

static int too_long(struct unit *unit, int64_t line, struct persona_error *err)
{
	return source_fail(err, PERSONA_E_FORMAT, unit->source->uri, line, "an answer of more than %d bytes",
			   PERSONA_SOURCE_CELL_MAX);
}

/* A column that this record has not used yet: the n-th of that name. */
static long free_column(struct unit *unit, const char *name, size_t len, int64_t line, struct persona_error *err)
{
	char *copy = persona_strndup(name, len, err);
	long column = -1, first = -1;

	for (size_t n = 1; copy; n = ++unit->repeats[first]) {
		column = source_column(unit->source, copy, n, err);
		if (column >= PERSONA_SOURCE_COLUMNS_MAX)
			column = source_fail(err, PERSONA_E_FORMAT, unit->source->uri, line, "more than %d questions",
					     PERSONA_SOURCE_COLUMNS_MAX);
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

/* Append a line; blank lines between are one blank line. */
static int add_line(struct unit *unit, struct question *question, const char *text, size_t len, int64_t line,
		    struct persona_error *err)
{
	struct answer *answer;
	size_t room;

	if (!question->answer && open_answer(unit, question, line, err) < 0)
		return -1;
	if (!unit->line)
		unit->line = line;
	answer = &unit->answers[question->answer - 1];
	room = answer->text.max - answer->text.len;
	if (len > room || room - len < 2)
		return too_long(unit, line, err);
	if (answer->text.len && persona_buf_adds(&answer->text, answer->gap ? "\n\n" : "\n", err) < 0)
		return -1;
	answer->gap = false;
	return persona_buf_add(&answer->text, text, len, err);
}

static int compare(const void *a, const void *b)
{
	size_t left = ((const struct answer *)a)->column, right = ((const struct answer *)b)->column;

	return (left > right) - (left < right);
}

/* Make a record of what was gathered, if anything, and start over. */
static int unit_flush(struct unit *unit, struct persona_error *err)
{
	struct persona_source *source = unit->source;
	struct persona_record *record;
	int rc = 0;

	if (!unit->len) {
		source->empty_records++;
		goto out;
	}
	rc = source_add_record(source, &record, unit->line ? unit->line : unit->front_line, err);
	if (rc < 0)
		goto out;
	record->ordinal = (int64_t)unit->number;
	if (unit->speaker && !(record->speaker = persona_strndup(unit->speaker, unit->speaker_len, err)))
		rc = -1;
	qsort(unit->answers, unit->len, sizeof *unit->answers, compare);
	for (size_t i = 0; !rc && i < unit->len; i++) {
		const char *text = unit->answers[i].text.data;
		size_t len = unit->answers[i].text.len;

		len = persona_text_trim(&text, len);
		rc = persona_record_add_cell(record, unit->answers[i].column, text, len, err);
	}
out:
	unit_clear(unit);
	return rc;
}

/* ---- Front matter ---------------------------------------------------- */

static void unquote(const char **text, size_t *len)
{
	*len = persona_text_trim(text, *len);
	if (*len >= 2 && (**text == '"' || **text == '\'') && (*text)[*len - 1] == **text) {
		(*text)++;
		*len -= 2;
	} else if (*len >= 2 && **text == '[' && (*text)[*len - 1] == ']') {
		(*text)++;
		*len -= 2;
	}
	*len = persona_text_trim(text, *len);
}

/* "key: value" at the margin. */
static bool is_key(const char *line, size_t len, struct question *key, const char **value, size_t *value_len)
{
	const char *colon = memchr(line, ':', len);

	if (!colon || colon == line || strchr(" \t-#\"'", *line) || (colon + 1 < line + len && colon[1] != ' '))
		return false;
	*key = (struct question){ .name = line, .len = (size_t)(colon - line) };
	*value = colon + 1;
	*value_len = len - key->len - 1;
	unquote(value, value_len);
	return true;
}

static bool ends_front_matter(const char *line, size_t len)
{
	len = persona_text_trim(&line, len);
	return len == 3 && (memcmp(line, "---", 3) == 0 || memcmp(line, "...", 3) == 0);
}

/* Is there front matter? Then *front is the scan of its lines and *scan stands behind it. */
static bool find_front_matter(struct scan *scan, struct scan *front)
{
	struct scan at = *scan;
	const char *line;
	size_t len;

	if (!scan_raw(&at, &line, &len) || len < 3 || memcmp(line, "---", 3) != 0 || !ends_front_matter(line, len))
		return false;
	*front = at;
	while (scan_raw(&at, &line, &len))
		if (ends_front_matter(line, len)) {
			front->end = line;
			*scan = at;
			return true;
		}
	return false;
}

/* Lists are joined by commas, text over several lines by line ends; what is nested deeper is no answer. */
static int add_continuation(struct unit *unit, struct question *key, bool block, const char *line, size_t len,
			    int64_t number, struct persona_error *err)
{
	struct persona_buf *text;

	len = persona_text_trim(&line, len);
	if (block)
		return len ? add_line(unit, key, line, len, number, err) : 0;
	if (len < 2 || *line != '-' || line[1] != ' ')
		return 0;
	line += 2;
	len -= 2;
	unquote(&line, &len);
	if (!len)
		return 0;
	if (!key->answer)
		return add_line(unit, key, line, len, number, err);
	text = &unit->answers[key->answer - 1].text;
	if (len + 2 > text->max - text->len)
		return too_long(unit, number, err);
	if (persona_buf_adds(text, ", ", err) < 0)
		return -1;
	return persona_buf_add(text, line, len, err);
}

/* The title is whose interview it is, not something that was said. */
static int parse_front_matter(struct unit *unit, struct scan front, struct persona_error *err)
{
	struct question key = { 0 };
	bool block = false;
	const char *line;
	size_t len;

	for (int64_t number = front.number; scan_raw(&front, &line, &len); number = front.number) {
		struct question next;
		const char *value;
		size_t value_len;
		int rc = 0;

		if (!is_key(line, len, &next, &value, &value_len)) {
			if (key.name)
				rc = add_continuation(unit, &key, block, line, len, number, err);
		} else if (next.len == 5 && strncasecmp(next.name, "title", 5) == 0) {
			unit->speaker = value_len ? value : NULL;
			unit->speaker_len = value_len;
			key.name = NULL;
		} else {
			key = next;
			block = value_len && strchr("|>", *value) && value_len <= 2;
			if (value_len && !block)
				rc = add_line(unit, &key, value, value_len, number, err);
		}
		if (rc < 0)
			return -1;
	}
	return 0;
}

/* ---- Body ------------------------------------------------------------ */

/* Which names occur in the unit that starts here, and which of them twice. */
static int gather_marks(struct unit *unit, struct scan scan, int level, struct persona_error *err)
{
	struct scan_line line;

	while (scan_next(&scan, &line)) {
		if (line.kind == SCAN_HEADING && line.level <= level)
			break;
		if (line.kind == SCAN_LABEL && marks_add(&unit->marks, &line, 1, err) < 0)
			return -1;
	}
	return 0;
}

static int take_text(struct unit *unit, const struct scan_line *line, const char *text, size_t len,
		     struct persona_error *err)
{
	return add_line(unit, unit->label.name ? &unit->label : &unit->heading, text, len, line->number, err);
}

/* A label that comes again and again is somebody speaking: text. */
static int take_label(struct unit *unit, const struct scan_line *line, const char *whole, size_t whole_len,
		      struct persona_error *err)
{
	const struct mark *mark = marks_find(unit->marks, line);

	if (!mark || mark->repeated)
		return take_text(unit, line, whole, whole_len, err);
	unit->label = (struct question){ .name = line->name, .len = line->name_len };
	unit->label_inline = line->len > 0;
	return line->len ? take_text(unit, line, line->text, line->len, err) : 0;
}

static void take_blank(struct unit *unit)
{
	const struct question *question = unit->label.name ? &unit->label : &unit->heading;

	if (question->answer)
		unit->answers[question->answer - 1].gap = true;
	if (unit->label_inline)
		unit->label.name = NULL;
}

static int take_line(struct unit *unit, const struct scan_line *line, const char *whole, struct persona_error *err)
{
	size_t whole_len = (size_t)(line->text + line->len - whole);

	switch (line->kind) {
	case SCAN_BLANK:
		take_blank(unit);
		return 0;
	case SCAN_IGNORED:
		return 0;
	case SCAN_HEADING:
		unit->heading = (struct question){ .name = line->name, .len = line->name_len };
		unit->label.name = NULL;
		return 0;
	case SCAN_LABEL:
		return take_label(unit, line, whole, whole_len, err);
	case SCAN_TEXT:
		return take_text(unit, line, whole, whole_len, err);
	}
	return 0;
}

/* The whole document; its only title is whom it is about, not a question. */
static int parse_one(struct unit *unit, struct scan scan, struct persona_error *err)
{
	struct scan_line line, title = { 0 };
	size_t titles = 0;
	const char *whole;

	for (struct scan at = scan; scan_next(&at, &line);)
		if (line.kind == SCAN_HEADING && line.level == 1 && !titles++)
			title = line;
	if (titles == 1 && !unit->speaker) {
		unit->speaker = title.name;
		unit->speaker_len = title.name_len;
	}
	if (gather_marks(unit, scan, 0, err) < 0)
		return -1;
	while (whole = scan.at, scan_next(&scan, &line)) {
		if (titles == 1 && line.kind == SCAN_HEADING && line.level == 1) {
			unit->heading = (struct question){ .name = "text", .len = 4 };
			unit->label.name = NULL;
			continue;
		}
		if (take_line(unit, &line, whole, err) < 0)
			return -1;
	}
	return unit_flush(unit, err);
}

static int parse_sections(struct unit *unit, struct scan scan, int level, struct persona_error *err)
{
	struct scan_line line;
	bool inside = false;
	size_t outside = 0;
	const char *whole;

	while (whole = scan.at, scan_next(&scan, &line)) {
		bool section = line.kind == SCAN_HEADING && line.level <= level;

		if (section && inside && unit_flush(unit, err) < 0)
			return -1;
		if (section && line.level == level) {
			inside = true;
			unit->number++;
			unit->line = line.number;
			unit->speaker = line.name;
			unit->speaker_len = line.name_len;
			if (gather_marks(unit, scan, level, err) < 0)
				return -1;
		} else if (section) {
			inside = false;
		} else if (!inside) {
			outside += line.kind == SCAN_TEXT || line.kind == SCAN_LABEL;
		} else if (take_line(unit, &line, whole, err) < 0) {
			return -1;
		}
	}
	if (outside)
		persona_log(PERSONA_LOG_INFO, "%s: %zu lines outside the sections are not part of any record",
			    unit->source->uri, outside);
	return inside ? unit_flush(unit, err) : 0;
}

int markdown_parse(struct persona_source *source, const char *text, size_t len, struct persona_error *err)
{
	struct unit *unit = calloc(1, sizeof *unit);
	struct scan scan, front;
	int rc = 0, level = 0;

	if (!unit)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	unit->source = source;
	unit_clear(unit);
	scan_init(&scan, text, len);
	unit->number = 1;
	if (find_front_matter(&scan, &front)) {
		rc = parse_front_matter(unit, front, err);
		unit->front_line = unit->line;
		unit->line = 0;
	} else {
		level = unit_level(scan, err);
	}
	if (level > 0)
		unit->number = 0;
	if (!rc && level >= 0)
		rc = level ? parse_sections(unit, scan, level, err) : parse_one(unit, scan, err);
	else
		rc = -1;
	unit_free(unit);
	return rc;
}
