/* Sources, records, batches and their plans. */
#include "internal.h"
#include "persona/json.h"

int persona_store_source_find(struct persona_store *store, const char *sha256, const char *media_type,
			      int64_t *source_id, struct persona_error *err)
{
	return sql_integer(store, SQL_SOURCE_FIND, ARGS(ARG(sha256), ARG(media_type)), source_id, err);
}

static int write_pieces(struct persona_buf *out, const struct persona_record *record, struct persona_error *err)
{
	if (persona_buf_addc(out, '[', err) < 0)
		return -1;
	for (size_t i = 0; i < record->pieces_len; i++) {
		const struct persona_piece *piece = &record->pieces[i];

		if (persona_buf_addf(out, err, "%s%zu,%lld,%lld", i ? "," : "", piece->offset, (long long)piece->byte,
				     (long long)piece->line) < 0)
			return -1;
	}
	return persona_buf_addc(out, ']', err);
}

static int add_record(struct persona_store *store, int64_t source_id, const struct persona_records *records,
		      const struct persona_record *record, struct persona_error *err)
{
	struct persona_buf pieces;
	json_t *fields;
	char *text;
	int rc = -1;

	if (persona_record_fields_json(&fields, records, record, err) < 0)
		return -1;
	/* In the order of the columns, not of their names: that is how people read it. */
	text = persona_json_compact(fields, err);
	json_decref(fields);
	if (!text)
		return -1;
	persona_buf_init(&pieces, SIZE_MAX);
	if (write_pieces(&pieces, record, err) == 0)
		rc = sql_run(store, SQL_RECORD_ADD,
			     ARGS(ARG(source_id), ARG(record->ordinal), ARG(record->locator), ARG(record->speaker),
				  ARG(record->text), ARG(text), ARG((const char *)pieces.data)),
			     err);
	persona_buf_release(&pieces);
	free(text);
	return rc;
}

int persona_store_source_add(struct persona_store *store, const char *uri, const char *sha256, const char *media_type,
			     int64_t size_bytes, const struct persona_records *records, int64_t *source_id,
			     struct persona_error *err)
{
	int rc = sql_insert(store, SQL_SOURCE_ADD,
			    ARGS(ARG(uri), ARG(sha256), ARG(media_type), ARG(size_bytes), ARG(store_now(store))),
			    source_id, err);

	for (size_t i = 0; !rc && i < records->len; i++)
		rc = add_record(store, *source_id, records, &records->items[i], err);
	return rc;
}

void persona_batch_release(struct persona_batch *batch)
{
	free(batch->label);
	free(batch->settings);
	*batch = (struct persona_batch){ 0 };
}

int persona_store_batch_find(struct persona_store *store, const char *label, const char *sha256,
			     struct persona_batch *out, struct persona_error *err)
{
	sqlite3_stmt *statement;
	int rc;

	*out = (struct persona_batch){ 0 };
	if (sql_start(store, label ? SQL_BATCH_BY_LABEL : SQL_BATCH_BY_IDENTITY, ARGS(ARG(label ? label : sha256)),
		      &statement, err) < 0)
		return -1;
	rc = sql_step(store, statement, err);
	if (rc > 0) {
		const char *identity = sql_column_text(statement, 2);

		out->batch_id = sqlite3_column_int64(statement, 0);
		snprintf(out->sha256, sizeof out->sha256, "%s", identity ? identity : "");
		out->wanted = sqlite3_column_int64(statement, 3);
		if (sql_copy_text(&out->label, statement, 1, err) < 0 ||
		    sql_copy_text(&out->settings, statement, 4, err) < 0) {
			persona_batch_release(out);
			rc = -1;
		}
	}
	sql_end(statement);
	return rc;
}

int persona_store_batch_add(struct persona_store *store, struct persona_batch *batch, const int64_t *source_ids,
			    size_t sources_len, struct persona_error *err)
{
	int rc = sql_insert(store, SQL_BATCH_ADD,
			    ARGS(ARG(batch->label), ARG((const char *)batch->sha256), ARG(0), ARG(batch->settings),
				 ARG(store_now(store))),
			    &batch->batch_id, err);

	batch->wanted = 0;
	for (size_t i = 0; !rc && i < sources_len; i++)
		rc = sql_run(store, SQL_BATCH_SOURCE_ADD, ARGS(ARG(batch->batch_id), ARG(source_ids[i])), err);
	return rc;
}

int persona_store_batch_extend(struct persona_store *store, int64_t batch_id, int64_t wanted, int64_t call_size,
			       struct persona_error *err)
{
	int64_t planned, deal;

	if (call_size <= 0)
		return persona_error_set(err, PERSONA_E_USAGE, "a call has to ask for one persona at least");
	if (sql_integer(store, SQL_BATCH_WANTED, ARGS(ARG(batch_id)), &planned, err) < 0 ||
	    sql_integer(store, SQL_BATCH_LAST_DEAL, ARGS(ARG(batch_id)), &deal, err) < 0)
		return -1;
	if (planned >= wanted)
		return 0;
	for (int64_t first = planned + 1; first <= wanted; first += call_size) {
		int64_t slots = wanted - first + 1 < call_size ? wanted - first + 1 : call_size;

		if (sql_run(store, SQL_PLAN_ADD, ARGS(ARG(batch_id), ARG(first), ARG(slots), ARG(deal + 1)), err) < 0)
			return -1;
	}
	for (int64_t slot = planned + 1; slot <= wanted; slot++)
		if (sql_run(store, SQL_PERSONA_ADD,
			    ARGS(ARG(batch_id), ARG(slot), ARG((const char *)NULL), ARG(store_now(store))), err) < 0)
			return -1;
	return sql_run(store, SQL_BATCH_SET_WANTED, ARGS(ARG(batch_id), ARG(wanted)), err);
}

int persona_store_batch_figures(struct persona_store *store, int64_t batch_id, const char *figures,
				struct persona_error *err)
{
	return sql_run(store, SQL_BATCH_SET_FIGURES, ARGS(ARG(batch_id), ARG(figures)), err);
}

long persona_store_plans(struct persona_store *store, int64_t batch_id, int64_t after_slot, struct persona_plan *out,
			 size_t max, struct persona_error *err)
{
	sqlite3_stmt *statement;
	long len = 0;
	int rc;

	if (sql_start(store, SQL_PLANS, ARGS(ARG(batch_id), ARG(after_slot), ARG(max)), &statement, err) < 0)
		return -1;
	while ((rc = sql_step(store, statement, err)) > 0 && (size_t)len < max) {
		out[len].first_slot = sqlite3_column_int64(statement, 0);
		out[len].slots = sqlite3_column_int64(statement, 1);
		out[len++].deal = sqlite3_column_int64(statement, 2);
	}
	sql_end(statement);
	return rc < 0 ? -1 : len;
}

int persona_store_deals(struct persona_store *store, int64_t batch_id, size_t **totals, size_t *len,
			struct persona_error *err)
{
	sqlite3_stmt *statement;
	size_t capacity = 0;
	int rc;

	*totals = NULL;
	*len = 0;
	if (sql_start(store, SQL_DEALS, ARGS(ARG(batch_id)), &statement, err) < 0)
		return -1;
	while ((rc = sql_step(store, statement, err)) > 0) {
		rc = persona_grow((void **)totals, &capacity, *len, sizeof **totals, err);
		if (rc < 0)
			break;
		(*totals)[(*len)++] = (size_t)sqlite3_column_int64(statement, 0);
	}
	sql_end(statement);
	if (rc < 0) {
		free(*totals);
		*totals = NULL;
		*len = 0;
	}
	return rc;
}

int persona_store_plan_settle(struct persona_store *store, int64_t batch_id, int64_t first_slot, const char *settings,
			      struct persona_error *err)
{
	return sql_run(store, SQL_PLAN_SETTLE, ARGS(ARG(batch_id), ARG(first_slot), ARG(settings)), err);
}

int persona_store_plan_of(struct persona_store *store, int64_t batch_id, int64_t slot, char **settings,
			  struct persona_error *err)
{
	sqlite3_stmt *statement;
	int rc;

	*settings = NULL;
	if (sql_start(store, SQL_PLAN_OF, ARGS(ARG(batch_id), ARG(slot)), &statement, err) < 0)
		return -1;
	rc = sql_step(store, statement, err);
	if (rc > 0 && sql_copy_text(settings, statement, 0, err) < 0)
		rc = -1;
	sql_end(statement);
	return rc;
}

void persona_names_free(char **names, size_t len)
{
	for (size_t i = 0; i < len; i++)
		free(names[i]);
	free(names);
}

int persona_store_batch_kept(struct persona_store *store, int64_t batch_id, int64_t slots, int64_t *out,
			     struct persona_error *err)
{
	return sql_row_id(store, SQL_BATCH_KEPT, ARGS(ARG(batch_id), ARG(slots)), out, err);
}

int persona_store_batch_names(struct persona_store *store, int64_t batch_id, int64_t first_slot, int64_t last_slot,
			      size_t max, char ***names, size_t *len, struct persona_error *err)
{
	sqlite3_stmt *statement;
	size_t capacity = 0;
	int rc;

	*names = NULL;
	*len = 0;
	if (sql_start(store, SQL_BATCH_NAMES, ARGS(ARG(batch_id), ARG(first_slot), ARG(last_slot), ARG(max)),
		      &statement, err) < 0)
		return -1;
	while ((rc = sql_step(store, statement, err)) > 0) {
		if (persona_grow((void **)names, &capacity, *len, sizeof **names, err) < 0 ||
		    sql_copy_text(&(*names)[*len], statement, 0, err) < 0) {
			rc = -1;
			break;
		}
		++*len;
	}
	sql_end(statement);
	if (rc < 0) {
		persona_names_free(*names, *len);
		*names = NULL;
		*len = 0;
	}
	return rc;
}

/* Fill a record's cells from the JSON that we wrote; a hand that edited it is noticed, not believed. */
static int load_cells(struct persona_records *records, struct persona_record *record, const char *fields,
		      struct persona_error *err)
{
	struct persona_error why = { 0 };
	json_t *object, *answer;
	const char *question;
	int rc = 0;

	if (persona_json_parse_strict(&object, fields, strlen(fields), &why) < 0)
		return persona_error_set(err, why.code == PERSONA_E_NOMEM ? PERSONA_E_NOMEM : PERSONA_E_DB,
					 "record %s: %s", record->locator, why.text);
	json_object_foreach(object, question, answer) {
		long column;

		if (!json_is_string(answer)) {
			rc = persona_error_set(err, PERSONA_E_DB, "record %s: fields hold a value that is not a text",
					       record->locator);
			break;
		}
		column = persona_records_column(records, question, err);
		if (column < 0 || persona_record_add_cell(record, (size_t)column, json_string_value(answer),
							  json_string_length(answer), err) < 0) {
			rc = -1;
			break;
		}
	}
	json_decref(object);
	return rc;
}

static bool next_integer(const char **at, int64_t *out)
{
	char *end;

	*at += strspn(*at, "[,");
	*out = strtoll(*at, &end, 10);
	if (end == *at)
		return false;
	*at = end;
	return true;
}

/* What we wrote ourselves, three numbers at a time. A hand that edited it loses places, no more. */
static int load_pieces(struct persona_record *record, const char *text, struct persona_error *err)
{
	size_t len = strlen(record->text);
	int64_t offset, byte, line;

	while (next_integer(&text, &offset) && next_integer(&text, &byte) && next_integer(&text, &line)) {
		const struct persona_piece *last = record->pieces_len ? &record->pieces[record->pieces_len - 1] : NULL;

		if (offset < 0 || (size_t)offset >= len || (last && (size_t)offset <= last->offset))
			return 0;
		if (persona_record_add_piece(record, (size_t)offset, byte, line, err) < 0)
			return -1;
	}
	return 0;
}

static int load_record(struct persona_records *records, sqlite3_stmt *statement, struct persona_error *err)
{
	const char *locator = sql_column_text(statement, 2), *fields = sql_column_text(statement, 5);
	struct persona_record *record;
	const char *pieces;

	if (!locator || !fields)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	if (persona_records_add(records, &record, locator, err) < 0)
		return -1;
	record->record_id = sqlite3_column_int64(statement, 0);
	record->ordinal = sqlite3_column_int64(statement, 1);
	if (sql_copy_text(&record->speaker, statement, 3, err) < 0)
		return -1;
	if (load_cells(records, record, fields, err) < 0 || sql_read_text(&pieces, statement, 6, err) < 0)
		return -1;
	return pieces ? load_pieces(record, pieces, err) : 0;
}

/* A name of `; text="NAME"` as the source layer wrote it, from behind the quotation mark. */
static int add_open(struct persona_records *records, const char *name, size_t len, struct persona_error *err)
{
	char *copy = malloc(len + 1);
	size_t to = 0;
	int rc;

	if (!copy)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t i = 0; i < len; i++) {
		bool mark = len - i >= 3 && strncmp(name + i, "%22", 3) == 0;
		bool percent = len - i >= 3 && strncmp(name + i, "%25", 3) == 0;

		copy[to++] = mark ? '"' : name[i];
		i += mark || percent ? 2 : 0;
	}
	rc = persona_list_add(&records->open, copy, to, err);
	free(copy);
	return rc;
}

/* Which columns the user told to be open text stands in how the source was read. */
static int note_open(struct persona_records *records, const char *media_type, struct persona_error *err)
{
	static const char mark[] = "; text=\"";

	for (const char *at = media_type; (at = strstr(at, mark));) {
		const char *name = at + sizeof mark - 1, *end = strchr(name, '"');

		if (!end)
			break;
		if (add_open(records, name, (size_t)(end - name), err) < 0)
			return -1;
		at = end;
	}
	return 0;
}

static int identify(struct persona_store *store, int64_t batch_id, struct persona_records *records,
		    char identity[PERSONA_HASH_HEX], struct persona_error *err)
{
	struct persona_buf list;
	sqlite3_stmt *statement;
	int rc;

	persona_buf_init(&list, 64 * 1024 * 1024);
	if (sql_start(store, SQL_BATCH_SOURCES, ARGS(ARG(batch_id)), &statement, err) < 0)
		return -1;
	while ((rc = sql_step(store, statement, err)) > 0) {
		const char *sha256, *media_type;

		/* A hash over texts that could not be had would be another's. */
		rc = sql_read_text(&sha256, statement, 0, err);
		if (!rc)
			rc = sql_read_text(&media_type, statement, 1, err);
		if (!rc)
			rc = persona_buf_addf(&list, err, "%s %s\n", sha256, media_type);
		if (!rc)
			rc = note_open(records, media_type, err);
		if (rc < 0)
			break;
	}
	sql_end(statement);
	if (!rc)
		rc = persona_hash_bytes(identity, list.data, list.len, err);
	persona_buf_release(&list);
	return rc;
}

int persona_store_batch_records(struct persona_store *store, int64_t batch_id, struct persona_records *records,
				char identity[PERSONA_HASH_HEX], struct persona_error *err)
{
	sqlite3_stmt *statement;
	int rc;

	persona_records_init(records);
	if (identify(store, batch_id, records, identity, err) < 0 ||
	    sql_start(store, SQL_BATCH_RECORDS, ARGS(ARG(batch_id)), &statement, err) < 0) {
		persona_records_release(records);
		return -1;
	}
	while ((rc = sql_step(store, statement, err)) > 0)
		if (load_record(records, statement, err) < 0) {
			rc = -1;
			break;
		}
	sql_end(statement);
	if (!rc)
		rc = persona_records_order_columns(records, err);
	if (rc < 0)
		persona_records_release(records);
	return rc;
}

int persona_store_batch_records_count(struct persona_store *store, int64_t batch_id, int64_t *count,
				      struct persona_error *err)
{
	int rc = sql_integer(store, SQL_BATCH_RECORDS_COUNT, ARGS(ARG(batch_id)), count, err);

	return rc < 0 ? -1 : 0;
}
