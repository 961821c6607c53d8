/* Personas and their revisions. */
#include "internal.h"
#include "persona/json.h"

int persona_ref_parse(struct persona_ref *out, const char *text, struct persona_error *err)
{
	int64_t parts[2] = { 0, 0 };
	const char *at = text;
	int part = 0;

	for (; *at; at++) {
		if (*at == '.' && part == 0 && at > text) {
			part = 1;
			continue;
		}
		if (*at < '0' || *at > '9' || parts[part] > INT64_MAX / 10 - 1)
			goto malformed;
		parts[part] = parts[part] * 10 + (*at - '0');
	}
	if (parts[0] <= 0 || (part == 1 && parts[1] <= 0))
		goto malformed;
	*out = (struct persona_ref){ .persona_id = parts[0], .number = parts[1] };
	return 0;
malformed:
	return persona_error_set(err, PERSONA_E_FORMAT, "'%.80s' is not a reference such as 42 or 42.1", text);
}

int persona_store_resolve(struct persona_store *store, struct persona_ref ref, struct persona_place *out,
			  struct persona_error *err)
{
	sqlite3_stmt *statement;
	int rc;

	*out = (struct persona_place){ 0 };
	if (ref.number)
		rc = sql_start(store, SQL_RESOLVE, ARGS(ARG(ref.persona_id), ARG(ref.number)), &statement, err);
	else
		rc = sql_start(store, SQL_RESOLVE_NEWEST, ARGS(ARG(ref.persona_id)), &statement, err);
	if (rc < 0)
		return -1;
	rc = sql_step(store, statement, err);
	if (rc > 0) {
		out->revision_id = sqlite3_column_int64(statement, 0);
		out->persona_id = ref.persona_id;
		out->number = sqlite3_column_int64(statement, 1);
		out->batch_id = sqlite3_column_int64(statement, 2);
		out->slot = sqlite3_column_int64(statement, 3);
	}
	sql_end(statement);
	return rc;
}

int persona_store_slot(struct persona_store *store, int64_t batch_id, int64_t slot, struct persona_place *out,
		       struct persona_error *err)
{
	sqlite3_stmt *statement;
	int rc;

	*out = (struct persona_place){ .batch_id = batch_id, .slot = slot };
	if (sql_start(store, SQL_SLOT, ARGS(ARG(batch_id), ARG(slot)), &statement, err) < 0)
		return -1;
	rc = sql_step(store, statement, err);
	if (rc > 0) {
		out->persona_id = sqlite3_column_int64(statement, 0);
		out->revision_id = sqlite3_column_int64(statement, 1);
		out->number = sqlite3_column_int64(statement, 2);
	}
	sql_end(statement);
	return rc;
}

/* ---- Reading --------------------------------------------------------- */

static int list_of_kind(const char *kind, enum persona_list_field *out)
{
	for (int field = 0; kind && field < PERSONA_LIST_FIELDS; field++)
		if (strcmp(persona_list_field((enum persona_list_field)field)->kind, kind) == 0) {
			*out = (enum persona_list_field)field;
			return 0;
		}
	return -1;
}

/* The columns of a revision in the order of fields.def, extra last. */
static int read_columns(struct persona *out, sqlite3_stmt *statement, struct persona_error *err)
{
	int column = 0;

	for (const struct persona_field *field = persona_fields; field->name; field++) {
		char *member = (char *)out + field->offset;

		switch (field->type) {
		case PERSONA_FIELD_TEXT:
			if (sql_copy_text((char **)(void *)member, statement, column++, err) < 0)
				return -1;
			break;
		case PERSONA_FIELD_INTEGER:
			if (sqlite3_column_type(statement, column) != SQLITE_NULL)
				*(int64_t *)(void *)member = sqlite3_column_int64(statement, column);
			column++;
			break;
		case PERSONA_FIELD_OBJECT:
			if (sql_read_json((json_t **)(void *)member, statement, column++, JSON_OBJECT, err) < 0)
				return -1;
			break;
		default:
			break;
		}
	}
	return sql_read_json(&out->extra, statement, column, JSON_OBJECT, err);
}

static int read_traits(struct persona_store *store, int64_t revision_id, struct persona *out, struct persona_error *err)
{
	struct persona_buf clean;
	sqlite3_stmt *statement;
	int rc;

	if (sql_start(store, SQL_TRAITS, ARGS(ARG(revision_id)), &statement, err) < 0)
		return -1;
	persona_buf_init(&clean, SIZE_MAX);
	while ((rc = sql_step(store, statement, err)) > 0) {
		enum persona_list_field field;
		const char *kind, *text;

		if (sql_read_text(&kind, statement, 0, err) < 0 || sql_read_text(&text, statement, 1, err) < 0)
			rc = -1;
		else if (!text || list_of_kind(kind, &field) < 0)
			rc = persona_error_set(err, PERSONA_E_FORMAT, "an item of an unknown kind");
		else if (sql_clean_text(&clean, &text, err) < 0)
			rc = -1;
		else
			rc = persona_list_add(&out->lists[field], text, strlen(text), err);
		if (rc < 0)
			break;
	}
	persona_buf_release(&clean);
	sql_end(statement);
	return rc;
}

static enum persona_strength strength_of(const char *name)
{
	for (int strength = PERSONA_STRENGTH_VERBATIM; name && strength > PERSONA_STRENGTH_NONE; strength--)
		if (strcmp(persona_strength_name((enum persona_strength)strength), name) == 0)
			return (enum persona_strength)strength;
	return PERSONA_STRENGTH_NONE;
}

static int read_evidence(struct persona_store *store, int64_t revision_id, struct persona *out,
			 struct persona_error *err)
{
	struct persona_buf clean[2];
	sqlite3_stmt *statement;
	int rc;

	if (sql_start(store, SQL_EVIDENCE, ARGS(ARG(revision_id)), &statement, err) < 0)
		return -1;
	persona_buf_init(&clean[0], SIZE_MAX);
	persona_buf_init(&clean[1], SIZE_MAX);
	while ((rc = sql_step(store, statement, err)) > 0) {
		int64_t position = sqlite3_column_int64(statement, 1);
		const char *kind, *locator, *strength, *excerpt;
		enum persona_list_field field;

		if (sql_read_text(&kind, statement, 0, err) < 0 || sql_read_text(&locator, statement, 3, err) < 0 ||
		    sql_read_text(&strength, statement, 4, err) < 0 || sql_read_text(&excerpt, statement, 5, err) < 0)
			rc = -1;
		else if (!locator || list_of_kind(kind, &field) < 0 || position < 0 ||
			 (size_t)position >= out->lists[field].len)
			rc = persona_error_set(err, PERSONA_E_FORMAT, "evidence for an item that is not there");
		else if (sql_clean_text(&clean[0], &locator, err) < 0 || sql_clean_text(&clean[1], &excerpt, err) < 0)
			rc = -1;
		else
			rc = persona_evidence_add(out, field, (size_t)position, locator,
						  sqlite3_column_int64(statement, 2), strength_of(strength), excerpt,
						  err);
		if (!rc && sqlite3_column_type(statement, 6) == SQLITE_INTEGER)
			out->evidence[out->evidence_len - 1].byte = sqlite3_column_int64(statement, 6);
		if (!rc)
			out->evidence[out->evidence_len - 1].line = sqlite3_column_int64(statement, 7);
		if (rc < 0)
			break;
	}
	persona_buf_release(&clean[0]);
	persona_buf_release(&clean[1]);
	sql_end(statement);
	return rc;
}

int persona_store_revision_load(struct persona_store *store, int64_t revision_id, struct persona *out,
				struct persona_error *err)
{
	struct persona_error why = { 0 };
	sqlite3_stmt *statement;
	int rc;

	persona_init(out);
	if (sql_start(store, SQL_REVISION, ARGS(ARG(revision_id)), &statement, err) < 0)
		return -1;
	rc = sql_step(store, statement, &why);
	if (rc == 0)
		rc = persona_error_set(&why, PERSONA_E_NOTFOUND, "no such revision");
	else if (rc > 0)
		rc = read_columns(out, statement, &why);
	sql_end(statement);
	if (!rc)
		rc = read_traits(store, revision_id, out, &why);
	if (!rc)
		rc = read_evidence(store, revision_id, out, &why);
	if (!rc)
		return 0;
	persona_release(out);
	return persona_error_set(err, why.code, "revision %lld: %s", (long long)revision_id, why.text);
}

/* ---- Writing --------------------------------------------------------- */

#define ORIGIN_ARGS 8 /* parameters of REVISION_ADD before the columns */
#define COLUMNS	    7 /* columns of fields.def, and extra */

static int write_traits(struct persona_store *store, int64_t revision_id, const struct persona *persona,
			struct persona_error *err)
{
	for (int field = 0; field < PERSONA_LIST_FIELDS; field++) {
		const char *kind = persona_list_field((enum persona_list_field)field)->kind;

		for (size_t i = 0; i < persona->lists[field].len; i++)
			if (sql_run(store, SQL_TRAIT_ADD,
				    ARGS(ARG(revision_id), ARG(kind), ARG(i), ARG(persona->lists[field].items[i])),
				    err) < 0)
				return -1;
	}
	return 0;
}

static int write_evidence(struct persona_store *store, int64_t revision_id, const struct persona *persona,
			  struct persona_error *err)
{
	for (size_t i = 0; i < persona->evidence_len; i++) {
		const struct persona_evidence *evidence = &persona->evidence[i];

		if (sql_run(store, SQL_EVIDENCE_ADD,
			    ARGS(ARG(revision_id), ARG(persona_list_field(evidence->field)->kind),
				 ARG(evidence->position), ARG(i), sql_arg_id(evidence->record_id),
				 ARG(evidence->locator), ARG(persona_strength_name(evidence->strength)),
				 ARG(evidence->excerpt), sql_arg_known(evidence->byte), sql_arg_id(evidence->line)),
			    err) < 0)
			return -1;
	}
	return 0;
}

/* Arguments for the columns of fields.def; the JSON texts are the caller's in texts[]. */
static int column_args(struct sql_arg *args, char *texts[COLUMNS], const struct persona *persona,
		       struct persona_error *err)
{
	size_t column = 0;
	const json_t *object;

	for (const struct persona_field *field = persona_fields; field->name; field++) {
		const char *member = (const char *)persona + field->offset;
		int64_t number;

		switch (field->type) {
		case PERSONA_FIELD_TEXT:
			args[column++] = sql_arg_text(*(char *const *)(const void *)member);
			break;
		case PERSONA_FIELD_INTEGER:
			number = *(const int64_t *)(const void *)member;
			args[column++] = number == PERSONA_UNKNOWN ? sql_arg_text(NULL) : sql_arg_integer(number);
			break;
		case PERSONA_FIELD_OBJECT:
			object = *(json_t *const *)(const void *)member;
			if (object && !(texts[column] = persona_json_canonical(object, err)))
				return -1;
			args[column] = sql_arg_text(texts[column]);
			column++;
			break;
		default:
			break;
		}
	}
	if (persona->extra && !(texts[column] = persona_json_canonical(persona->extra, err)))
		return -1;
	args[column] = sql_arg_text(texts[column]);
	return 0;
}

/* Where the persona's next revision will be. */
static int place_of(struct persona_store *store, int64_t persona_id, struct persona_place *out,
		    struct persona_error *err)
{
	sqlite3_stmt *statement;
	int rc;

	if (sql_start(store, SQL_PERSONA_PLACE, ARGS(ARG(persona_id)), &statement, err) < 0)
		return -1;
	rc = sql_step(store, statement, err);
	if (rc > 0) {
		out->persona_id = persona_id;
		out->batch_id = sqlite3_column_int64(statement, 0);
		out->slot = sqlite3_column_int64(statement, 1);
		out->number = sqlite3_column_int64(statement, 2);
	}
	sql_end(statement);
	if (rc == 0)
		rc = persona_error_set(err, PERSONA_E_DB, "no persona with id %lld", (long long)persona_id);
	return rc > 0 ? 0 : -1;
}

/* The row itself. */
static int add_row(struct persona_store *store, const struct persona_revision_origin *origin,
		   const struct persona *persona, struct persona_place *place, struct persona_error *err)
{
	struct sql_arg args[ORIGIN_ARGS + COLUMNS] = {
		ARG(origin->persona_id),       ARG(place->number),	   ARG(origin->stage),
		sql_arg_id(origin->parent_id), sql_arg_id(origin->key_id), sql_arg_id(origin->call_id),
		ARG(origin->content_sha256),   ARG(store_now(store)),
	};
	char *texts[COLUMNS] = { NULL };
	int rc = column_args(args + ORIGIN_ARGS, texts, persona, err);

	if (!rc)
		rc = sql_insert(store, SQL_REVISION_ADD, args, ORIGIN_ARGS + COLUMNS, &place->revision_id, err);
	for (size_t i = 0; i < COLUMNS; i++)
		free(texts[i]);
	return rc;
}

int persona_store_revision_add(struct persona_store *store, const struct persona_revision_origin *origin,
			       const struct persona *persona, struct persona_place *out, struct persona_error *err)
{
	*out = (struct persona_place){ 0 };
	if (place_of(store, origin->persona_id, out, err) < 0 || add_row(store, origin, persona, out, err) < 0 ||
	    write_traits(store, out->revision_id, persona, err) < 0)
		return -1;
	return write_evidence(store, out->revision_id, persona, err);
}

/* ---- Imports --------------------------------------------------------- */

int persona_store_import_find(struct persona_store *store, int64_t batch_id, const char *origin,
			      const char *content_sha256, struct persona_place *out, struct persona_error *err)
{
	sqlite3_stmt *statement;
	int rc;

	*out = (struct persona_place){ .batch_id = batch_id };
	if (sql_start(store, SQL_IMPORT_FIND, ARGS(ARG(batch_id), ARG(origin), ARG(content_sha256)), &statement, err) <
	    0)
		return -1;
	rc = sql_step(store, statement, err);
	if (rc > 0) {
		out->persona_id = sqlite3_column_int64(statement, 0);
		out->slot = sqlite3_column_int64(statement, 1);
		out->revision_id = sqlite3_column_int64(statement, 2);
		out->number = sqlite3_column_int64(statement, 3);
	}
	sql_end(statement);
	return rc;
}

int persona_store_import_add(struct persona_store *store, int64_t batch_id, const char *origin,
			     struct persona_place *out, struct persona_error *err)
{
	sqlite3_stmt *statement;
	int rc;

	*out = (struct persona_place){ .batch_id = batch_id };
	if (sql_start(store, SQL_IMPORT_ADD, ARGS(ARG(batch_id), ARG(origin), ARG(store_now(store))), &statement, err) <
	    0)
		return -1;
	rc = sql_step(store, statement, err);
	if (rc > 0) {
		out->persona_id = sqlite3_column_int64(statement, 0);
		out->slot = sqlite3_column_int64(statement, 1);
		rc = sql_step(store, statement, err);
	}
	sql_end(statement);
	return rc;
}
