/* Personas for people: a summary table, and a card with everything. */
#include <unistd.h>

#include "cli.h"
#include "persona/json.h"
#include "persona/text.h"

static const char *const headers[] = { "ref", "name", "age", "occupation", "score", "level", "verdict" };
#define COLUMNS	   (sizeof headers / sizeof *headers)
#define NAME	   1
#define OCCUPATION 3

bool cli_wants_table(const struct cli_values *values)
{
	if (values->ref_format)
		return strcmp(values->ref_format, "table") == 0;
	return isatty(STDOUT_FILENO);
}

static const char *verdict_name(enum persona_judged judged)
{
	return judged == PERSONA_PASSED ? "passed" : judged == PERSONA_FAILED ? "failed" : "";
}

/* ---- Table ----------------------------------------------------------- */

static char *cell_text(const struct persona_view *view, size_t column, struct persona_error *err)
{
	char text[64] = "";

	switch (column) {
	case 0:
		snprintf(text, sizeof text, "%lld.%lld", (long long)view->place.persona_id,
			 (long long)view->place.number);
		break;
	case NAME:
		return persona_strdup(view->persona.name ? view->persona.name : "", err);
	case 2:
		if (view->persona.age != PERSONA_UNKNOWN)
			snprintf(text, sizeof text, "%lld", (long long)view->persona.age);
		break;
	case OCCUPATION:
		return persona_strdup(view->persona.occupation ? view->persona.occupation : "", err);
	case 4:
		if (view->scored)
			snprintf(text, sizeof text, "%.1f", view->overall);
		break;
	case 5:
		return persona_strdup(view->level ? view->level : "", err);
	default:
		return persona_strdup(verdict_name(view->judged), err);
	}
	return persona_strdup(text, err);
}

int cli_table_add(struct cli_table *table, const struct persona_view *view, struct persona_error *err)
{
	char **row;

	if (persona_grow((void **)&table->rows, &table->capacity, table->len, sizeof *table->rows, err) < 0)
		return -1;
	row = calloc(COLUMNS, sizeof *row);
	if (!row)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	table->rows[table->len++] = row;
	for (size_t i = 0; i < COLUMNS; i++) {
		row[i] = cell_text(view, i, err);
		if (!row[i])
			return -1;
	}
	return 0;
}

/* One cell, cut or padded to a width; numbers stand right. */
static void print_cell(FILE *out, const char *text, size_t width, bool right, bool last)
{
	size_t len = strlen(text), shown = persona_text_width(text, len);
	bool cut = shown > width;

	if (cut) {
		len = persona_text_fit(text, len, width - 1);
		shown = persona_text_width(text, len) + 1;
	}
	fprintf(out, "%*s%.*s%s%*s%s", right ? (int)(width - shown) : 0, "", (int)len, text, cut ? "…" : "",
		right || last ? 0 : (int)(width - shown), "", last ? "\n" : "  ");
}

static void measure(const struct cli_table *table, size_t widths[COLUMNS], size_t room)
{
	size_t total = 2 * (COLUMNS - 1);

	for (size_t column = 0; column < COLUMNS; column++) {
		widths[column] = strlen(headers[column]);
		for (size_t i = 0; i < table->len; i++) {
			size_t width = persona_text_width(table->rows[i][column], strlen(table->rows[i][column]));

			if (width > widths[column])
				widths[column] = width;
		}
		total += widths[column];
	}
	/* What does not fit is taken from the texts, the longer one first. */
	while (total > room && (widths[OCCUPATION] > 10 || widths[NAME] > 10)) {
		size_t column = widths[OCCUPATION] >= widths[NAME] ? OCCUPATION : NAME;

		widths[column]--;
		total--;
	}
}

int cli_table_print(const struct cli_table *table, FILE *out, struct persona_error *err)
{
	size_t widths[COLUMNS];

	measure(table, widths, cli_columns(out));
	for (size_t column = 0; column < COLUMNS; column++)
		print_cell(out, headers[column], widths[column], column == 2 || column == 4, column + 1 == COLUMNS);
	for (size_t i = 0; i < table->len; i++)
		for (size_t column = 0; column < COLUMNS; column++)
			print_cell(out, table->rows[i][column], widths[column], column == 2 || column == 4,
				   column + 1 == COLUMNS);
	return cli_written(out, err);
}

void cli_table_release(struct cli_table *table)
{
	for (size_t i = 0; i < table->len; i++) {
		for (size_t column = 0; column < COLUMNS; column++)
			free(table->rows[i][column]);
		free(table->rows[i]);
	}
	free(table->rows);
	*table = (struct cli_table){ 0 };
}

/* ---- Card ------------------------------------------------------------ */

/* A paragraph, broken between words, later lines indented. */
static void print_wrapped(FILE *out, const char *text, const char *first, const char *later, size_t columns)
{
	const char *indent = first;

	while (*text) {
		size_t indented = persona_text_width(indent, strlen(indent));
		size_t room = indented + 20 < columns ? columns - indented : 20;
		const char *newline = strchr(text, '\n');
		size_t left = newline ? (size_t)(newline - text) : strlen(text);
		size_t len = persona_text_fit(text, left, room);

		if (len < left) {
			size_t cut = len;

			while (cut > 0 && text[cut] != ' ')
				cut--;
			if (cut > 0)
				len = cut;
			else if (len == 0)
				len = left;
		}
		fprintf(out, "%s%.*s\n", indent, (int)len, text);
		text += len;
		while (*text == ' ' || *text == '\n')
			text++;
		indent = later;
	}
}

/* "interviews.csv:17 verbatim, interviews.csv:20 cited" */
static void print_evidence(FILE *out, const struct persona *persona, enum persona_list_field field, size_t position,
			   size_t columns, struct persona_error *err)
{
	struct persona_buf line;
	size_t shown = 0, more = 0;

	persona_buf_init(&line, 64 * 1024);
	for (size_t i = 0; i < persona->evidence_len; i++) {
		const struct persona_evidence *evidence = &persona->evidence[i];

		if (evidence->field != field || evidence->position != position)
			continue;
		if (shown == 4) {
			more++;
			continue;
		}
		if (persona_buf_addf(&line, err, "%s%s (%s)", shown++ ? ", " : "", evidence->locator,
				     persona_strength_name(evidence->strength)) < 0)
			break;
	}
	if (more && persona_buf_addf(&line, err, " and %zu more", more) < 0)
		more = 0;
	if (line.len)
		print_wrapped(out, line.data, "      <- ", "         ", columns);
	persona_buf_release(&line);
}

static void print_list(FILE *out, const struct persona *persona, const struct persona_field *field, size_t columns,
		       struct persona_error *err)
{
	const struct persona_list *list = &persona->lists[field->list];

	if (!list->len)
		return;
	fprintf(out, "  %s\n", field->name);
	for (size_t i = 0; i < list->len; i++) {
		print_wrapped(out, list->items[i], "    - ", "      ", columns);
		print_evidence(out, persona, field->list, i, columns, err);
	}
}

static void print_demographics(FILE *out, const json_t *demographics, size_t columns)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)demographics, key, value) {
		char *text =
			json_is_string(value) ? strdup(json_string_value(value)) : persona_json_compact(value, NULL);
		char label[128];

		snprintf(label, sizeof label, "    %s: ", key);
		if (text)
			print_wrapped(out, text, label, "      ", columns);
		free(text);
	}
}

static void print_metrics(FILE *out, const struct persona_view *view, size_t columns)
{
	for (size_t i = 0; i < view->metrics_len; i++) {
		const struct persona_metric_view *row = &view->metrics[i];
		json_t *issue;
		size_t index;

		if (row->measured)
			fprintf(out, "    %-20s %5.1f  (weight %.2f)\n", row->metric, row->value, row->weight);
		else
			fprintf(out, "    %-20s not measured\n", row->metric);
		json_array_foreach(row->issues, index, issue) {
			const char *message = json_string_value(json_object_get(issue, "message"));

			if (message)
				print_wrapped(out, message, "      - ", "        ", columns);
		}
	}
}

static int print_headline(FILE *out, const struct persona_view *view, size_t columns, struct persona_error *err)
{
	const struct persona *persona = &view->persona;
	struct persona_buf line;
	int rc;

	persona_buf_init(&line, 1024 * 1024);
	rc = persona_buf_addf(&line, err, "%lld.%lld  %s", (long long)view->place.persona_id,
			      (long long)view->place.number, persona->name);
	if (!rc && persona->age != PERSONA_UNKNOWN)
		rc = persona_buf_addf(&line, err, ", %lld", (long long)persona->age);
	if (!rc && persona->occupation)
		rc = persona_buf_addf(&line, err, ", %s", persona->occupation);
	if (!rc && view->scored)
		rc = persona_buf_addf(&line, err, "  [%.1f %s%s%s]", view->overall, view->level ? view->level : "",
				      view->judged == PERSONA_UNJUDGED ? "" : ", ", verdict_name(view->judged));
	if (!rc)
		print_wrapped(out, line.data, "", "     ", columns);
	persona_buf_release(&line);
	return rc;
}

int cli_print_card(FILE *out, const struct persona_view *view, struct persona_error *err)
{
	size_t columns = cli_columns(out);
	const struct persona *persona = &view->persona;

	if (columns > 110)
		columns = 110;
	if (print_headline(out, view, columns, err) < 0)
		return -1;
	if (persona->background)
		print_wrapped(out, persona->background, "  ", "  ", columns);
	for (const struct persona_field *field = persona_fields; field->name; field++)
		if (field->type == PERSONA_FIELD_LIST)
			print_list(out, persona, field, columns, err);
	if (persona->demographics && json_object_size(persona->demographics)) {
		fputs("  demographics\n", out);
		print_demographics(out, persona->demographics, columns);
	}
	if (persona->refinement_notes) {
		fputs("  refinement notes\n", out);
		print_wrapped(out, persona->refinement_notes, "    ", "    ", columns);
	}
	if (view->metrics_len) {
		fputs("  quality\n", out);
		print_metrics(out, view, columns);
	}
	return cli_written(out, err);
}
