/*
 * Markdown and plain text: the file is gathered, checked line by line as it
 * comes, cleaned as a whole and then taken apart.
 */
#include "persona/text.h"
#include "reader.h"

struct document {
	struct persona_source *source;
	struct persona_buf bytes;
	bool after_cr;
	int64_t line;
	size_t line_len;
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

static int clean(struct document *document, struct persona_error *err)
{
	struct persona_buf cleaned;
	size_t changed = 0;

	if (persona_text_is_clean(document->bytes.data, document->bytes.len))
		return 0;
	persona_buf_init(&cleaned, 3 * PERSONA_SOURCE_DOCUMENT_MAX);
	if (persona_text_clean(&cleaned, document->bytes.data, document->bytes.len, &changed, err) < 0) {
		persona_buf_release(&cleaned);
		return -1;
	}
	document->source->cleaned_bytes += changed;
	persona_buf_release(&document->bytes);
	document->bytes = cleaned;
	return 0;
}

/* The whole file is one record with one answer. */
static int text_parse(struct persona_source *source, const char *text, size_t len, struct persona_error *err)
{
	const char *trimmed = text;
	struct persona_record *record;
	int64_t line = 1;
	long column;

	len = persona_text_trim(&trimmed, len);
	for (const char *at = text; at < trimmed; at++)
		line += *at == '\n';
	if (len > PERSONA_SOURCE_CELL_MAX)
		return source_fail(err, PERSONA_E_FORMAT, source->uri, 0, "a text of more than %d bytes",
				   PERSONA_SOURCE_CELL_MAX);
	if (!len)
		return 0;
	column = source_column(source, "text", 1, err);
	if (column < 0 || source_add_record(source, &record, line, err) < 0)
		return -1;
	record->ordinal = 1;
	return persona_record_add_cell(record, (size_t)column, trimmed, len, err);
}

static int finish(struct document *document,
		  int (*parse)(struct persona_source *, const char *, size_t, struct persona_error *),
		  struct persona_error *err)
{
	struct persona_source *source = document->source;

	if (clean(document, err) < 0 || parse(source, document->bytes.data, document->bytes.len, err) < 0)
		return -1;
	if (!source->records.len)
		return source_fail(err, PERSONA_E_FORMAT, source->uri, 0, "is empty");
	return 0;
}

static int markdown_finish(void *state, struct persona_error *err)
{
	return finish(state, markdown_parse, err);
}

static int text_finish(void *state, struct persona_error *err)
{
	return finish(state, text_parse, err);
}

static void document_close(void *state)
{
	struct document *document = state;

	if (!document)
		return;
	persona_buf_release(&document->bytes);
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
