/* Any bytes as what a model answers. What comes out is JSON, stays what it is, and took no longer than promised. */
#include "persona/json.h"
#include "persona/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void need(bool sound)
{
	if (!sound)
		__builtin_trap();
}

static void check_report(const struct persona_json_report *report, size_t len)
{
	need(report->offset <= len && report->len <= len - report->offset);
	need(report->visited <= 32 * len + 131072);
}

/* One line that both mean. */
static void check_same(const json_t *a, const json_t *b)
{
	char *line = persona_json_canonical(a, NULL), *other = persona_json_canonical(b, NULL);

	need(line && other && strcmp(line, other) == 0);
	free(line);
	free(other);
}

/* What was extracted can be written, is read strictly, and is extracted as it is. */
static void check_value(const json_t *value)
{
	struct persona_error err = { 0 };
	struct persona_json_report report;
	char *line = persona_json_compact(value, &err);
	json_t *again;

	need(json_is_object(value) || json_is_array(value));
	need(line && persona_text_valid_prefix(line, strlen(line)) == strlen(line));
	need(persona_json_parse_strict(&again, line, strlen(line), &err) == 0);
	check_same(value, again);
	json_decref(again);
	need(persona_json_extract(&again, line, strlen(line), NULL, &report, &err) == 1);
	need(!report.repaired && !report.truncated && report.len == strlen(line));
	check_same(value, again);
	json_decref(again);
	free(line);
}

/* jansson as the other opinion on what is JSON; of a NUL it thinks otherwise. */
static void check_strict(const char *text, size_t len, const json_t *value)
{
	json_t *other;

	if (memchr(text, '\0', len) || memmem(text, len, "\\u0000", 6) ||
	    (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0))
		return;
	other = json_loadb(text, len, JSON_DECODE_ANY, NULL);
	need(!other == !value);
	if (value)
		check_same(value, other);
	json_decref(other);
}

static void check_strictly(const char *text, size_t len)
{
	struct persona_error err = { 0 };
	struct persona_json_report report;
	json_t *value, *found;
	int rc = persona_json_parse_strict(&value, text, len, &err);

	need(rc == 0 ? value != NULL : rc == -1 && !value && err.code == PERSONA_E_FORMAT && *err.text);
	check_strict(text, len, value);
	if (value) {
		rc = persona_json_extract(&found, text, len, NULL, &report, &err);
		if (json_is_array(value) || json_is_object(value)) {
			need(rc == 1 && !report.repaired && !report.truncated);
			check_same(value, found);
		} else {
			/* A scalar is no answer, but a text may hold one. */
			need(rc == 0 || json_is_string(value));
		}
		json_decref(found);
	}
	json_decref(value);
}

/* In the other ways, one for each input: by what it holds, so that a text needs no byte before it. */
static void check_otherwise(const char *text, size_t len)
{
	static const char *const names[] = { "personas", "persona", "data", "a", NULL };
	uint64_t way = persona_mix64(0, text, len);
	struct persona_json_options options = { .no_repair = way % 3 == 0, .max_depth = way % 5 ? 0 : way % 7 };
	struct persona_json_report report;
	struct persona_error err = { 0 };
	const char *inner = text;
	size_t inner_len = persona_json_strip_fences(&inner, len);
	json_t *value;
	int rc;

	need(inner >= text && inner + inner_len <= text + len);
	if (way & 1024)
		rc = persona_json_extract_array(&value, text, len, names, &options, &report, &err);
	else
		rc = persona_json_extract_object(&value, text, len, names, &options, &report, &err);
	need(rc == 1 || !value);
	need(rc >= 0 || err.code == PERSONA_E_FORMAT);
	if (rc >= 0)
		check_report(&report, len);
	if (rc == 1) {
		need(way & 1024 ? json_is_array(value) : json_is_object(value));
		need(!options.no_repair || (!report.repaired && !report.truncated));
		check_value(value);
	}
	json_decref(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct persona_error err = { 0 };
	struct persona_json_report report;
	const char *text = (const char *)bytes;
	json_t *value;
	int rc = persona_json_extract(&value, text, len, NULL, &report, &err);

	need(rc == 1 || !value);
	need(rc >= 0 || err.code == PERSONA_E_FORMAT);
	if (rc >= 0)
		check_report(&report, len);
	if (rc == 1)
		check_value(value);
	json_decref(value);
	check_strictly(text, len);
	check_otherwise(text, len);
	return 0;
}
