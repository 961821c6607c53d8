#include "persona/json.h"

/* Line and column, both from 1, of a byte. */
static int refuse_at(const char *text, size_t offset, const char *reason, struct persona_error *err)
{
	size_t line = 1, column = 1;

	for (size_t i = 0; i < offset; i++) {
		column++;
		if (text[i] == '\n') {
			line++;
			column = 1;
		}
	}
	return persona_error_set(err, PERSONA_E_FORMAT, "line %zu, column %zu: %s", line, column, reason);
}

int persona_json_parse_strict(json_t **out, const char *text, size_t len, struct persona_error *err)
{
	static const char bom[] = "\xEF\xBB\xBF";
	json_error_t error = { 0 };
	const char *nul;

	*out = NULL;
	if (len >= 3 && !memcmp(text, bom, 3)) {
		text += 3;
		len -= 3;
	}
	/* No NUL byte may stand in JSON, but jansson takes one behind a number for the end. */
	nul = len ? memchr(text, '\0', len) : NULL;
	if (nul)
		return refuse_at(text, (size_t)(nul - text), "NUL byte", err);
	*out = json_loadb(len ? text : "", len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
	if (*out)
		return 0;
	/* Where memory ran out jansson often says nothing at all. */
	if (json_error_code(&error) == json_error_out_of_memory || !error.text[0])
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	return persona_error_set(err, PERSONA_E_FORMAT, "line %d, column %d: %s", error.line, error.column, error.text);
}
