#include "internal.h"

/* Line and column of a byte, both from 1; columns are characters. */
static int refuse_at(const char *text, size_t offset, const char *reason, struct persona_error *err)
{
	size_t line = 1, column = 1;

	for (size_t i = 0; i < offset; i++) {
		column += ((unsigned char)text[i] & 0xC0) != 0x80;
		if (text[i] == '\n') {
			line++;
			column = 1;
		}
	}
	return persona_error_set(err, PERSONA_E_FORMAT, "line %zu, column %zu: %s", line, column, reason);
}

int persona_json_parse_strict(json_t **out, const char *text, size_t len, struct persona_error *err)
{
	struct source source;
	struct reader reader;
	int rc;

	*out = NULL;
	if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
		text += 3;
		len -= 3;
	}
	source_init(&source, len ? text : "", len);
	reader_init(&reader, &source, 0, false);
	rc = reader_run(&reader);
	if (!rc) {
		reader_skip_space(&reader);
		if (reader.at < reader.len) {
			json_decref(reader.root);
			rc = reader_fail(&reader, FAILED_SYNTAX, "the value has ended, the text has not", reader.at);
		}
	}
	source_release(&source);
	if (!rc)
		*out = reader.root;
	else if (reader.failure == FAILED_MEMORY)
		rc = persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	else
		rc = refuse_at(source.text, reader.where,
			       reader.where < len && source.text[reader.where] == '\0' ? "NUL byte" : reader.reason,
			       err);
	return rc;
}
