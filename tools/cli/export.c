#include "export.h"
#include "persona/json.h"

int cli_export_json(json_t **out, const struct persona_view *view, struct persona_error *err)
{
	json_t *object =
		json_pack("{s:o}", "id",
			  json_sprintf("%lld.%lld", (long long)view->place.persona_id, (long long)view->place.number));
	json_t *fields = NULL;

	*out = NULL;
	if (persona_to_json(&fields, &view->persona, err) < 0) {
		json_decref(object);
		return -1;
	}
	if (!object || json_object_update(object, fields) < 0 ||
	    (view->scored && json_object_set_new(object, "quality_score", json_real(view->overall)) < 0)) {
		json_decref(object);
		json_decref(fields);
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	json_decref(fields);
	*out = object;
	return 0;
}

static void csv_cell(FILE *out, const char *text, bool first)
{
	if (!first)
		fputc(',', out);
	if (!text[strcspn(text, ",\"\r\n")]) {
		fputs(text, out);
		return;
	}
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

static int csv_end(FILE *out, struct persona_error *err)
{
	fputs("\r\n", out);
	return cli_written(out, err);
}

int cli_export_csv_header(FILE *out, struct persona_error *err)
{
	csv_cell(out, "id", true);
	for (const struct persona_field *field = persona_fields; field->name; field++)
		csv_cell(out, field->name, false);
	return csv_end(out, err);
}

static int list_text(struct persona_buf *out, const struct persona_list *list, struct persona_error *err)
{
	for (size_t i = 0; i < list->len; i++)
		if ((i && persona_buf_addc(out, '\n', err) < 0) || persona_buf_adds(out, list->items[i], err) < 0)
			return -1;
	return 0;
}

static int field_text(struct persona_buf *out, const struct persona_field *field, const struct persona_view *view,
		      struct persona_error *err)
{
	const char *member = (const char *)&view->persona + field->offset;
	const char *text;
	const json_t *object;
	int64_t number;
	char *dump;
	int rc;

	switch (field->type) {
	case PERSONA_FIELD_TEXT:
		text = *(char *const *)(const void *)member;
		return text ? persona_buf_adds(out, text, err) : 0;
	case PERSONA_FIELD_INTEGER:
		number = *(const int64_t *)(const void *)member;
		return number == PERSONA_UNKNOWN ? 0 : persona_buf_addf(out, err, "%lld", (long long)number);
	case PERSONA_FIELD_LIST:
		return list_text(out, &view->persona.lists[field->list], err);
	case PERSONA_FIELD_OBJECT:
		object = *(json_t *const *)(const void *)member;
		if (!object)
			return 0;
		dump = persona_json_compact(object, err);
		rc = dump ? persona_buf_adds(out, dump, err) : -1;
		free(dump);
		return rc;
	default:
		return view->scored ? persona_buf_addf(out, err, "%.2f", view->overall) : 0;
	}
}

int cli_export_csv(FILE *out, const struct persona_view *view, struct persona_error *err)
{
	struct persona_buf text;
	int rc = 0;

	fprintf(out, "%lld.%lld", (long long)view->place.persona_id, (long long)view->place.number);
	persona_buf_init(&text, 256 * 1024 * 1024);
	for (const struct persona_field *field = persona_fields; field->name && !rc; field++) {
		persona_buf_clear(&text);
		rc = field_text(&text, field, view, err);
		if (!rc)
			csv_cell(out, text.data, false);
	}
	persona_buf_release(&text);
	return rc < 0 ? -1 : csv_end(out, err);
}
