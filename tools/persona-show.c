/* persona-show: personas for people and for other programs. */
#include <errno.h>

#include "cli/cli.h"
#include "cli/export.h"

#define PAGE 256

static const enum cli_option options[] = { CLI_SHOW_FORMAT, CLI_FULL,	    CLI_WHICH,
					   CLI_SHOW_LABEL,  CLI_SHOW_LIMIT, CLI_OPTIONS };

static const struct cli_program program = {
	.name = "persona-show",
	.operands = "[REFERENCE … | -]",
	.summary = "Print personas: those named, or the best revision of each.",
	.details = "Nothing is written to the database.",
	.options = options,
};

/* How personas are printed, one after the other. */
struct printer {
	const char *format;
	bool full;
	struct cli_table table;
	int64_t limit; /* 0: none */
	int64_t printed;
	bool begun;
	bool incomplete;    /* something was left out */
	int64_t batches[8]; /* that cards were printed of; more are not told of as a whole */
	size_t batches_len;
};

static bool enough(const struct printer *printer)
{
	return printer->limit && printer->printed >= printer->limit;
}

/* Once there is something to print, or is known to be nothing: an error before that leaves no half of an array. */
static int begin(struct printer *printer, struct persona_error *err)
{
	if (printer->begun)
		return 0;
	printer->begun = true;
	if (strcmp(printer->format, "csv") == 0)
		return cli_export_csv_header(stdout, err);
	if (strcmp(printer->format, "json") == 0)
		fputc('[', stdout);
	return 0;
}

static int print_json(struct printer *printer, const struct persona_view *view, struct persona_error *err)
{
	bool lines = strcmp(printer->format, "jsonl") == 0;
	json_t *object;
	char *text;

	if (cli_export_json(&object, view, err) < 0)
		return -1;
	text = json_dumps(object, (lines ? JSON_COMPACT : JSON_INDENT(2)) | JSON_REAL_PRECISION(6));
	json_decref(object);
	if (!text)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	printf("%s%s%s", lines ? "" : printer->printed ? ",\n" : "\n", text, lines ? "\n" : "");
	free(text);
	return 0;
}

static int print(struct printer *printer, const struct persona_view *view, struct persona_error *err)
{
	int rc;

	if (begin(printer, err) < 0)
		return -1;
	if (strcmp(printer->format, "csv") == 0) {
		rc = cli_export_csv(stdout, view, err);
	} else if (strcmp(printer->format, "table") != 0) {
		rc = print_json(printer, view, err);
	} else if (printer->full) {
		if (printer->printed)
			fputc('\n', stdout);
		rc = cli_print_card(stdout, view, err);
	} else {
		rc = cli_table_add(&printer->table, view, err);
	}
	printer->printed++;
	return rc;
}

static int end(struct printer *printer, struct persona_error *err)
{
	if (begin(printer, err) < 0)
		return -1;
	if (strcmp(printer->format, "json") == 0)
		printf("%s]\n", printer->printed ? "\n" : "");
	if (strcmp(printer->format, "table") == 0 && !printer->printed)
		cli_say("no personas");
	else if (strcmp(printer->format, "table") == 0 && !printer->full)
		return cli_table_print(&printer->table, stdout, err);
	return 0;
}

static void note_batch(struct printer *printer, int64_t batch_id)
{
	for (size_t i = 0; i < printer->batches_len; i++)
		if (printer->batches[i] == batch_id)
			return;
	if (printer->batches_len < sizeof printer->batches / sizeof *printer->batches)
		printer->batches[printer->batches_len++] = batch_id;
}

/* What is known of the personas of a batch together stands below their cards. */
static int print_figures(struct persona_store *store, const struct printer *printer, struct persona_error *err)
{
	json_t *status, *row;
	size_t index;

	if (!printer->full || !printer->printed)
		return 0;
	if (persona_store_status(store, &status, err) < 0)
		return -1;
	json_array_foreach(json_object_get(status, "batches"), index, row)
		for (size_t i = 0; i < printer->batches_len; i++)
			if (json_integer_value(json_object_get(row, "batch_id")) == printer->batches[i])
				cli_figures(row);
	json_decref(status);
	return 0;
}

/* What cannot be shown is the database's fault, not the user's. */
static int damaged(const struct persona_place *place, const struct persona_error *why, struct persona_error *err)
{
	return persona_error_set(err, why->code == PERSONA_E_FORMAT ? PERSONA_E_DB : why->code, "%lld.%lld: %s",
				 (long long)place->persona_id, (long long)place->number, why->text);
}

static int print_place(struct persona_store *store, struct printer *printer, const struct persona_place *place,
		       struct persona_error *err)
{
	struct persona_error why = { 0 };
	struct persona_view view;
	int rc;

	if (persona_store_view(store, place, &view, &why) < 0)
		return damaged(place, &why, err);
	rc = print(printer, &view, &why);
	note_batch(printer, place->batch_id);
	persona_view_release(&view);
	return rc < 0 ? damaged(place, &why, err) : 0;
}

/* All of them are looked up first: nothing is printed where one is unknown. */
static int print_named(struct persona_store *store, struct printer *printer, const struct cli_values *values,
		       struct persona_error *err)
{
	struct persona_place *places = calloc(values->operands.len, sizeof *places);
	struct persona_ref *refs = NULL;
	size_t len = 0;
	int rc = places ? cli_refs(values, &refs, &len, err) : persona_error_set(err, PERSONA_E_NOMEM, "out of memory");

	for (size_t i = 0; i < len && rc >= 0; i++) {
		rc = persona_store_resolve(store, refs[i], &places[i], err);
		if (rc == 0)
			rc = persona_error_set(err, PERSONA_E_NOTFOUND,
					       refs[i].number ? "no revision %lld.%lld" : "no persona %lld",
					       (long long)refs[i].persona_id, (long long)refs[i].number);
	}
	for (size_t i = 0; i < len && rc >= 0 && !enough(printer); i++)
		rc = print_place(store, printer, &places[i], err);
	free(places);
	free(refs);
	return rc < 0 ? -1 : 0;
}

static int unreadable(struct persona_error *err)
{
	return persona_error_set(err, PERSONA_E_IO, "cannot read references: %s", strerror(errno));
}

/* A line of stdin without its end, cut to size: 1, 0 at the end, -1. A longer one is no reference anyway. */
static int read_line(char *line, size_t size, struct persona_error *err)
{
	size_t len = 0;
	int byte;

	while ((byte = getc(stdin)) != EOF && byte != '\n')
		if (len + 1 < size)
			line[len++] = byte ? (char)byte : '?';
	if (ferror(stdin))
		return unreadable(err);
	while (len && (line[len - 1] == '\r' || line[len - 1] == ' '))
		len--;
	line[len] = '\0';
	return len || byte == '\n';
}

/* What is no reference, or unknown, is named and left out. */
static int print_line(struct persona_store *store, struct printer *printer, const char *line, struct persona_error *err)
{
	struct persona_error why = { 0 };
	struct persona_place place;
	struct persona_ref ref;
	int rc;

	if (persona_ref_parse(&ref, line, &why) < 0) {
		cli_complain("%s: left out", why.text);
		printer->incomplete = true;
		return 0;
	}
	rc = persona_store_resolve(store, ref, &place, err);
	if (rc > 0)
		return print_place(store, printer, &place, err);
	if (rc == 0) {
		cli_complain("no revision %s: left out", line);
		printer->incomplete = true;
	}
	return rc;
}

static int print_stream(struct persona_store *store, struct printer *printer, struct persona_error *err)
{
	char line[128];
	int rc;

	while ((rc = read_line(line, sizeof line, err)) > 0 && !enough(printer))
		if (*line && print_line(store, printer, line, err) < 0)
			return -1;
	return rc < 0 ? -1 : 0;
}

/* An unknown label is more likely a slip than a wish for nothing. */
static int check_label(struct persona_store *store, const char *label, struct persona_error *err)
{
	struct persona_batch batch = { 0 };
	int rc = label ? persona_store_batch_find(store, label, NULL, &batch, err) : 1;

	persona_batch_release(&batch);
	if (rc == 0)
		return persona_error_set(err, PERSONA_E_NOTFOUND, "no batch with the label '%.80s'", label);
	return rc < 0 ? -1 : 0;
}

static int print_all(struct persona_store *store, struct printer *printer, const struct cli_values *values,
		     struct persona_error *err)
{
	const char *wish = values->which ? values->which : "best";
	enum persona_which which = strcmp(wish, "all") == 0	  ? PERSONA_WHICH_ALL
				   : strcmp(wish, "current") == 0 ? PERSONA_WHICH_CURRENT
								  : PERSONA_WHICH_BEST;
	struct persona_ref after = { 0 };
	struct persona_place places[PAGE];
	long got;

	if (check_label(store, values->label, err) < 0)
		return -1;
	while (!enough(printer) &&
	       (got = persona_store_places(store, which, values->label, after, places, PAGE, err)) != 0) {
		for (long i = 0; i < got && !enough(printer); i++)
			if (print_place(store, printer, &places[i], err) < 0)
				return -1;
		if (got < 0)
			return -1;
		after = (struct persona_ref){ places[got - 1].persona_id, places[got - 1].number };
	}
	return 0;
}

static int print_wanted(struct persona_store *store, struct printer *printer, const struct cli_values *values,
			struct persona_error *err)
{
	if (values->reads_stdin)
		return print_stream(store, printer, err);
	if (values->operands.len)
		return print_named(store, printer, values, err);
	return print_all(store, printer, values, err);
}

/* In a pipe the database may be made only now: wait for the first byte. Where none comes none is needed. */
static int something_comes(const struct cli_values *values, struct persona_error *err)
{
	int byte;

	if (!values->reads_stdin)
		return 1;
	byte = getc(stdin);
	if (byte == EOF && ferror(stdin))
		return unreadable(err);
	return byte != EOF && ungetc(byte, stdin) != EOF;
}

static int check(const struct cli_values *values, struct persona_error *err)
{
	if (values->reads_stdin && values->operands.len > 1)
		return persona_error_set(err, PERSONA_E_USAGE, "references and - are two ways to say which; use one");
	if (values->operands.len && (values->which || values->label))
		return persona_error_set(err, PERSONA_E_USAGE, "--%s is for all personas; with references leave it out",
					 values->which ? "revisions" : "label");
	if (values->full && strcmp(values->show_format, "table") != 0)
		return persona_error_set(err, PERSONA_E_USAGE, "--full is for people; %s has everything anyway",
					 values->show_format);
	return 0;
}

static int show(struct printer *printer, const struct cli_values *values, struct persona_error *err)
{
	struct persona_store *store = NULL;
	int comes = check(values, err) < 0 ? -1 : something_comes(values, err);
	int rc = comes < 0 ? -1 : 0;

	if (comes > 0)
		rc = persona_store_open(&store, values->db, PERSONA_STORE_READ, NULL, err);
	if (!rc && comes > 0)
		rc = print_wanted(store, printer, values, err);
	if (!rc && store)
		rc = print_figures(store, printer, err);
	if (!rc)
		rc = end(printer, err);
	if (!rc)
		rc = cli_flush(stdout, err);
	persona_store_close(store);
	return rc;
}

int main(int argc, char **argv)
{
	struct cli_values values;
	struct printer printer = { 0 };
	struct persona_error err = { 0 };
	int code = cli_parse(&program, &values, argc, argv);

	if (code >= 0)
		return code;
	printer.format = values.show_format;
	printer.full = values.full;
	printer.limit = values.limit;
	if (show(&printer, &values, &err) < 0)
		code = cli_fail(&err);
	else
		code = printer.incomplete ? CLI_INCOMPLETE : CLI_OK;
	cli_table_release(&printer.table);
	cli_release(&values);
	return code;
}
