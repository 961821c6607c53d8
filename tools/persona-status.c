/* persona-status: what is done, what is left, what failed, what runs. */
#include "cli/cli.h"

static const enum cli_option options[] = { CLI_JSON, CLI_OPTIONS };

static const struct cli_program program = {
	.name = "persona-status",
	.operands = "",
	.summary = "Say how far everything is. Nothing is written to the database.",
	.options = options,
};

static long long integer(const json_t *object, const char *key)
{
	return (long long)json_integer_value(json_object_get(object, key));
}

static const char *text(const json_t *object, const char *key, const char *otherwise)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value ? value : otherwise;
}

static void print_stages(const json_t *status)
{
	const json_t *stages = json_object_get(status, "stages");
	size_t index;
	json_t *row;

	printf("%-8s %10s %10s %10s %10s\n", "stage", "done", "pending", "failed", "parked");
	json_array_foreach(stages, index, row)
		printf("%-8s %10lld %10lld %10lld %10lld\n", text(row, "stage", ""), integer(row, "done"),
		       integer(row, "pending"), integer(row, "failed"), integer(row, "parked"));
}

#define SOURCES_SHOWN 2

/* Where a batch comes from; a folder of forty interviews is not told file by file. */
static void print_sources(const json_t *sources)
{
	size_t len = json_array_size(sources), shown = len > SOURCES_SHOWN ? 1 : len;

	if (!len)
		printf("imports");
	for (size_t i = 0; i < shown; i++) {
		const char *uri = json_string_value(json_array_get(sources, i));

		printf("%s%s", i ? ", " : "", uri ? uri : "");
	}
	if (shown < len)
		printf(" and %zu more", len - shown);
}

static void print_batches(const json_t *status)
{
	const json_t *batches = json_object_get(status, "batches");
	size_t index;
	json_t *row;

	if (!json_array_size(batches))
		return;
	printf("\n%-8s %10s %10s %10s  %s\n", "batch", "wanted", "personas", "records", "from");
	json_array_foreach(batches, index, row) {
		const char *label = text(row, "label", NULL);

		printf("%-8lld %10lld %10lld %10lld  %s%s", integer(row, "batch_id"), integer(row, "wanted"),
		       integer(row, "personas"), integer(row, "records"), label ? label : "", label ? ": " : "");
		print_sources(json_object_get(row, "sources"));
		printf("\n");
	}
}

static void print_figures(const json_t *status)
{
	size_t index;
	json_t *row;

	json_array_foreach(json_object_get(status, "batches"), index, row)
		cli_figures(row);
}

static void print_levels(const json_t *status)
{
	const json_t *levels = json_object_get(status, "levels");
	size_t index;
	json_t *row;

	if (!json_array_size(levels))
		return;
	printf("\nquality:");
	json_array_foreach(levels, index, row)
		printf("%s %lld %s", index ? "," : "", integer(row, "personas"), text(row, "level", ""));
	printf("\n");
}

static void print_money(const json_t *status)
{
	const json_t *cost = json_object_get(status, "cost");
	size_t index;
	json_t *row;

	json_array_foreach(cost, index, row)
		printf("%s%-8s %-28s %8lld calls %12lld tokens %10.4f USD, lost %.4f USD\n", index ? "" : "\n",
		       text(row, "stage", ""), text(row, "model", ""), integer(row, "calls"), integer(row, "tokens"),
		       json_number_value(json_object_get(row, "usd")),
		       json_number_value(json_object_get(row, "lost_usd")));
}

static void print_running(const json_t *status)
{
	const json_t *running = json_object_get(status, "running");
	size_t index;
	json_t *row;

	printf("\n%s", json_array_size(running) ? "running now:" : "nothing is running\n");
	json_array_foreach(running, index, row)
		printf(" %s (process %lld on %s)%s", text(row, "tool", ""), integer(row, "pid"), text(row, "host", ""),
		       index + 1 < json_array_size(running) ? "," : "\n");
}

static int status(const struct cli_values *values, struct persona_error *err)
{
	struct persona_store *store = NULL;
	json_t *all = NULL;
	int rc = -1;

	if (persona_store_open(&store, values->db, PERSONA_STORE_READ, NULL, err) < 0 ||
	    persona_store_status(store, &all, err) < 0)
		goto out;
	if (values->json) {
		json_dumpf(all, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
		fputc('\n', stdout);
	} else {
		print_stages(all);
		print_batches(all);
		print_figures(all);
		print_levels(all);
		print_money(all);
		print_running(all);
	}
	rc = cli_flush(stdout, err);
out:
	json_decref(all);
	persona_store_close(store);
	return rc;
}

int main(int argc, char **argv)
{
	struct cli_values values;
	struct persona_error err = { 0 };
	int code = cli_parse(&program, &values, argc, argv);

	if (code >= 0)
		return code;
	if (values.operands.len) {
		(void)persona_error_set(&err, PERSONA_E_USAGE, "takes no references; '%.60s' is too much",
					values.operands.items[0]);
		code = cli_fail(&err);
	} else {
		code = status(&values, &err) < 0 ? cli_fail(&err) : CLI_OK;
	}
	cli_release(&values);
	return code;
}
