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
#include "unit.h"

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

/* The same where sections are asked for: at least the highest level that has two of them. */
static int section_level(struct scan scan, struct persona_error *err)
{
	size_t counts[7] = { 0 };
	struct scan_line line;
	int level = unit_level(scan, err);

	if (level)
		return level;
	while (scan_next(&scan, &line))
		if (line.kind == SCAN_HEADING)
			counts[line.level]++;
	for (level = 1; level <= 6; level++)
		if (counts[level] > 1)
			return level;
	return 0;
}

/* ---- Where the text goes ---------------------------------------------- */

static const struct question the_text = { .name = "text", .len = 4 };

struct body {
	struct unit *unit;
	int64_t front_line;		/* where front matter began to answer, 0: nowhere */
	struct question heading, label; /* label.name NULL: none holds */
	bool label_inline;		/* the label's answer began on its line and ends with the paragraph */
	struct mark *marks;		/* names in this unit */
};

static void body_clear(struct body *body)
{
	body->heading = the_text;
	body->label = (struct question){ 0 };
	marks_release(&body->marks);
}

static int body_flush(struct body *body, struct persona_error *err)
{
	int rc = unit_flush(body->unit, body->front_line, err);

	body_clear(body);
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
	len = persona_text_trim(&line, len);
	if (block)
		return len ? unit_add(unit, key, line, len, number, err) : 0;
	if (len < 2 || *line != '-' || line[1] != ' ')
		return 0;
	line += 2;
	len -= 2;
	unquote(&line, &len);
	return len ? unit_append(unit, key, key->answer ? ", " : "", line, len, number, err) : 0;
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
				rc = unit_add(unit, &key, value, value_len, number, err);
		}
		if (rc < 0)
			return -1;
	}
	return 0;
}

/* ---- Body ------------------------------------------------------------ */

/* Which names occur in the unit that starts here, and which of them twice. */
static int gather_marks(struct body *body, struct scan scan, int level, struct persona_error *err)
{
	struct scan_line line;

	while (scan_next(&scan, &line)) {
		if (line.kind == SCAN_HEADING && line.level <= level)
			break;
		if (line.kind == SCAN_LABEL && marks_add(&body->marks, &line, 1, err) < 0)
			return -1;
	}
	return 0;
}

static int take_text(struct body *body, const struct scan_line *line, const char *text, size_t len,
		     struct persona_error *err)
{
	return unit_add(body->unit, body->label.name ? &body->label : &body->heading, text, len, line->number, err);
}

/* A label that comes again and again is somebody speaking: text. */
static int take_label(struct body *body, const struct scan_line *line, const char *whole, size_t whole_len,
		      struct persona_error *err)
{
	const struct mark *mark = marks_find(body->marks, line);

	if (!mark || mark->repeated)
		return take_text(body, line, whole, whole_len, err);
	body->label = (struct question){ .name = line->name, .len = line->name_len };
	body->label_inline = line->len > 0;
	return line->len ? take_text(body, line, line->text, line->len, err) : 0;
}

static void take_blank(struct body *body)
{
	unit_gap(body->unit, body->label.name ? &body->label : &body->heading);
	if (body->label_inline)
		body->label.name = NULL;
}

static int take_line(struct body *body, const struct scan_line *line, const char *whole, struct persona_error *err)
{
	size_t whole_len = (size_t)(line->text + line->len - whole);

	switch (line->kind) {
	case SCAN_BLANK:
		take_blank(body);
		return 0;
	case SCAN_IGNORED:
		return 0;
	case SCAN_HEADING:
		body->heading = (struct question){ .name = line->name, .len = line->name_len };
		body->label.name = NULL;
		return 0;
	case SCAN_LABEL:
		return take_label(body, line, whole, whole_len, err);
	case SCAN_TEXT:
		return take_text(body, line, whole, whole_len, err);
	}
	return 0;
}

/* The whole document; its only title is whom it is about, not a question. */
static int parse_one(struct body *body, struct scan scan, struct persona_error *err)
{
	struct unit *unit = body->unit;
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
	if (gather_marks(body, scan, 0, err) < 0)
		return -1;
	while (whole = scan.at, scan_next(&scan, &line)) {
		if (titles == 1 && line.kind == SCAN_HEADING && line.level == 1) {
			body->heading = the_text;
			body->label.name = NULL;
			continue;
		}
		if (take_line(body, &line, whole, err) < 0)
			return -1;
	}
	return body_flush(body, err);
}

static int parse_sections(struct body *body, struct scan scan, int level, struct persona_error *err)
{
	struct unit *unit = body->unit;
	struct scan_line line;
	bool inside = false;
	size_t outside = 0;
	const char *whole;

	while (whole = scan.at, scan_next(&scan, &line)) {
		bool section = line.kind == SCAN_HEADING && line.level <= level;

		if (section && inside && body_flush(body, err) < 0)
			return -1;
		if (section && line.level == level) {
			inside = true;
			unit->number++;
			unit->line = source_map_line(unit->map, line.number);
			unit->speaker = line.name;
			unit->speaker_len = line.name_len;
			if (gather_marks(body, scan, level, err) < 0)
				return -1;
		} else if (section) {
			inside = false;
		} else if (!inside) {
			outside += line.kind == SCAN_TEXT || line.kind == SCAN_LABEL;
		} else if (take_line(body, &line, whole, err) < 0) {
			return -1;
		}
	}
	if (outside &&
	    source_note(unit->source, err, "%zu lines outside the sections are not part of any record", outside) < 0)
		return -1;
	return inside ? body_flush(body, err) : 0;
}

static int parse(struct body *body, struct scan scan, struct persona_error *err)
{
	struct unit *unit = body->unit;
	enum persona_unit wish = source_unit(unit->source);
	struct scan front;
	int level = 0;

	if (find_front_matter(&scan, &front)) {
		if (parse_front_matter(unit, front, err) < 0)
			return -1;
		body->front_line = unit->line;
		unit->line = 0;
	}
	if (wish == PERSONA_UNIT_SECTION)
		level = section_level(scan, err);
	else if (!body->front_line && !unit->speaker && wish != PERSONA_UNIT_FILE)
		level = unit_level(scan, err);
	if (level < 0)
		return -1;
	if (!level)
		return parse_one(body, scan, err);
	unit_clear(unit);
	unit->number = 0;
	return parse_sections(body, scan, level, err);
}

int markdown_has_sections(const char *text, size_t len, struct persona_error *err)
{
	struct scan scan, front;
	int level;

	scan_init(&scan, text, len);
	if (find_front_matter(&scan, &front))
		return 0;
	level = unit_level(scan, err);
	return level > 0 ? 1 : level;
}

int markdown_parse(struct persona_source *source, const char *text, size_t len, const struct source_map *map,
		   struct persona_error *err)
{
	struct body body = { 0 };
	struct scan scan;
	int rc;

	if (unit_new(&body.unit, source, err) < 0)
		return -1;
	body_clear(&body);
	body.unit->base = text;
	body.unit->map = map;
	scan_init(&scan, text, len);
	rc = parse(&body, scan, err);
	marks_release(&body.marks);
	unit_free(body.unit);
	return rc;
}
