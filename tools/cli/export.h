/*
 * cli/export.h - personas as JSON and CSV. The form follows fields.def.
 */
#ifndef PERSONA_CLI_EXPORT_H
#define PERSONA_CLI_EXPORT_H

#include "cli.h"

/* {"id": "42.1", the fields of the persona, "quality_score"}; *out is the caller's reference. */
int cli_export_json(json_t **out, const struct persona_view *view, struct persona_error *err);

/* RFC 4180: header line, then a line per persona; items of a list stand on lines of one cell. */
int cli_export_csv_header(FILE *out, struct persona_error *err);
int cli_export_csv(FILE *out, const struct persona_view *view, struct persona_error *err);

#endif
