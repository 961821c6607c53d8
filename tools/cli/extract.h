/*
 * cli/extract.h - the extractor as programs offer it: one text, or a request per line.
 */
#ifndef PERSONA_CLI_EXTRACT_H
#define PERSONA_CLI_EXTRACT_H

#include "cli.h"
#include "persona/json.h"

#define CLI_EXTRACT_LINE_MAX ((size_t)128 << 20) /* bytes of a request */

/* What is taken for an answer. */
struct cli_extract {
	bool strict, array, object;
	const char *const *names; /* of envelopes; NULL-terminated, or NULL */
	struct persona_json_options options;
};

/*
 * Read a text. 1: *out is the caller's reference. 0: there is none, *out is NULL and err says why not.
 * -1: PERSONA_E_NOMEM.
 */
int cli_extract(json_t **out, const char *text, size_t len, const struct cli_extract *wish,
		struct persona_json_report *report, struct persona_error *err);

/*
 * Answer requests until the input ends, each before the next is read; docs/man/persona-json.1 has the form. A bad
 * request is answered, too. Needs memory for the longest line only. 0, or -1 when input or output fails.
 */
int cli_extract_lines(int fd, FILE *out, const struct cli_extract *wish, struct persona_error *err);

#endif
