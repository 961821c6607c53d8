/*
 * Markdown and plain text: the file is gathered, checked line by line as it
 * comes, cleaned as a whole and then taken apart.
 */
#include "persona/text.h"
#include "reader.h"
#include "unit.h"

struct document {
	struct persona_source *source;
	struct persona_buf bytes;
	bool after_cr;
	int64_t line;
	size_t line_len;
	int64_t first; /* byte of the file that comes first: behind a byte order mark */
	bool placed;   /* the bytes are the file's own */
	struct source_map map;
};

static int document_feed(void *state, const char *bytes, size_t len, struct persona_error *err)
{
	struct document *document = state;
	const char *uri = document->source->uri;

	for (size_t i = 0; i < len; i++) {
		bool ends = bytes[i] == '\n' || bytes[i] == '\r';

		if (bytes[i] == '\n' && document->after_cr)
			ends = false;
		else if (ends)
			document->line++;
		document->line_len = ends ? 0 : document->line_len + 1;
		document->after_cr = bytes[i] == '\r';
		if (!bytes[i])
			return source_fail(err, PERSONA_E_FORMAT, uri, document->line, "a NUL byte");
		if (document->line_len > PERSONA_SOURCE_CELL_MAX)
			return source_fail(err, PERSONA_E_FORMAT, uri, document->line, "a line of more than %d bytes",
					   PERSONA_SOURCE_CELL_MAX);
	}
	if (len > document->bytes.max - document->bytes.len)
		return source_fail(err, PERSONA_E_FORMAT, uri, 0, "more than %ld MiB",
				   PERSONA_SOURCE_DOCUMENT_MAX >> 20);
	return persona_buf_add(&document->bytes, bytes, len, err);
}

/* The end of a line at or behind `at`, and where the next one begins. */
static size_t line_end(const char *text, size_t len, size_t at, size_t *next)
{
	while (at < len && text[at] != '\n' && text[at] != '\r')
		at++;
	*next = at < len ? at + 1 : len;
	if (at + 1 < len && text[at] == '\r' && text[at + 1] == '\n')
		++*next;
	return at;
}

/* Line by line, so that those which are clean keep their places. */
static int clean_lines(struct document *document, struct persona_buf *out, struct persona_error *err)
{
	const char *text = document->bytes.data;
	size_t len = document->bytes.len, changed, next;

	for (size_t at = 0; at < len; at = next) {
		size_t end = line_end(text, len, at, &next);
		bool clean = persona_text_is_clean(text + at, end - at);

		changed = 0;
		if (source_map_add(&document->map, out->len,
				   clean && document->placed ? document->first + (int64_t)at : -1, 0, err) < 0 ||
		    persona_text_clean(out, text + at, end - at, &changed, err) < 0 ||
		    (end < len && text[end] == '\r' && source_map_add(&document->map, out->len, -1, 0, err) < 0) ||
		    (end < len && persona_buf_addc(out, '\n', err) < 0))
			return -1;
		document->source->cleaned_bytes += changed;
	}
	return 0;
}

static int clean(struct document *document, struct persona_error *err)
{
	struct persona_buf cleaned;

	document->placed = strcmp(document->source->encoding, "UTF-8") == 0;
	if (persona_text_is_clean(document->bytes.data, document->bytes.len))
		return source_map_add(&document->map, 0, document->placed ? document->first : -1, 0, err);
	persona_buf_init(&cleaned, 3 * PERSONA_SOURCE_DOCUMENT_MAX);
	if (clean_lines(document, &cleaned, err) < 0) {
		persona_buf_release(&cleaned);
		return -1;
	}
	persona_buf_release(&document->bytes);
	document->bytes = cleaned;
	return 0;
}

/* The whole file is one record with one answer. */
static int whole_parse(struct persona_source *source, const char *text, size_t len, const struct source_map *map,
		       struct persona_error *err)
{
	struct question question = { .name = "text", .len = 4 };
	const char *trimmed = text;
	struct unit *unit;
	int64_t line = 1;
	int rc;

	len = persona_text_trim(&trimmed, len);
	for (const char *at = text; at < trimmed; at++)
		line += *at == '\n';
	if (len > PERSONA_SOURCE_CELL_MAX)
		return source_fail(err, PERSONA_E_FORMAT, source->uri, 0, "a text of more than %d bytes",
				   PERSONA_SOURCE_CELL_MAX);
	if (!len)
		return 0;
	if (unit_new(&unit, source, err) < 0)
		return -1;
	unit->base = text;
	unit->map = map;
	rc = unit_add(unit, &question, trimmed, len, line, err);
	if (!rc)
		rc = unit_flush(unit, line, err);
	unit_free(unit);
	return rc;
}

/* Turns of speakers, where there are such, or as it stands. */
int text_parse(struct persona_source *source, const char *text, size_t len, const struct source_map *map,
	       struct persona_error *err)
{
	if (source_unit(source) != PERSONA_UNIT_FILE && transcript_parse(source, text, len, map, err) < 0)
		return -1;
	return source->records.len ? 0 : whole_parse(source, text, len, map, err);
}

static int markdown_or_turns(struct persona_source *source, const char *text, size_t len, const struct source_map *map,
			     struct persona_error *err)
{
	enum persona_unit unit = source_unit(source);

	int sections = unit == PERSONA_UNIT_AUTO ? markdown_has_sections(text, len, err) : 0;

	if (sections < 0)
		return -1;
	if (!sections && unit != PERSONA_UNIT_FILE && unit != PERSONA_UNIT_SECTION &&
	    transcript_parse(source, text, len, map, err) < 0)
		return -1;
	return source->records.len ? 0 : markdown_parse(source, text, len, map, err);
}

static int html_parse(struct persona_source *source, const char *html, size_t len, const struct source_map *map,
		      struct persona_error *err)
{
	struct persona_buf text;
	struct source_map text_map;
	int rc = html_to_text(&text, &text_map, html, len, map, err);

	if (!rc)
		rc = markdown_or_turns(source, text.data, text.len, &text_map, err);
	persona_buf_release(&text);
	source_map_release(&text_map);
	return rc;
}

static int finish(struct document *document,
		  int (*parse)(struct persona_source *, const char *, size_t, const struct source_map *,
			       struct persona_error *),
		  struct persona_error *err)
{
	struct persona_source *source = document->source;

	if (clean(document, err) < 0 ||
	    parse(source, document->bytes.data, document->bytes.len, &document->map, err) < 0)
		return -1;
	if (!source->records.len)
		return source_fail(err, PERSONA_E_FORMAT, source->uri, 0, "is empty");
	return 0;
}

static int markdown_finish(void *state, struct persona_error *err)
{
	return finish(state, markdown_or_turns, err);
}

static int text_finish(void *state, struct persona_error *err)
{
	return finish(state, text_parse, err);
}

static int html_finish(void *state, struct persona_error *err)
{
	return finish(state, html_parse, err);
}

static void document_close(void *state)
{
	struct document *document = state;

	if (!document)
		return;
	persona_buf_release(&document->bytes);
	source_map_release(&document->map);
	free(document);
}

static int document_open(void **state, struct persona_source *source, const char *head, size_t len,
			 struct persona_error *err)
{
	struct document *document = calloc(1, sizeof *document);

	(void)head;
	(void)len;
	*state = document;
	if (!document)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	document->source = source;
	document->line = 1;
	document->first = source->fed;
	persona_buf_init(&document->bytes, PERSONA_SOURCE_DOCUMENT_MAX);
	return 0;
}

const struct source_format source_markdown = {
	.name = "markdown",
	.media_type = "text/markdown",
	.extensions = "md markdown",
	.open = document_open,
	.feed = document_feed,
	.finish = markdown_finish,
	.close = document_close,
};

const struct source_format source_text = {
	.name = "text",
	.media_type = "text/plain",
	.extensions = "txt text",
	.open = document_open,
	.feed = document_feed,
	.finish = text_finish,
	.close = document_close,
};

const struct source_format source_html = {
	.name = "html",
	.media_type = "text/html",
	.extensions = "html htm xhtml",
	.open = document_open,
	.feed = document_feed,
	.finish = html_finish,
	.close = document_close,
};
