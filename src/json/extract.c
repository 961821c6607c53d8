/* The extractor: from an answer to the one value that it means. */
#include "internal.h"

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Bytes before the text that are a byte order mark or white space; *len becomes what is left without those at its end. */
static size_t trim(const char *text, size_t *len)
{
	size_t start = 0, end = *len;

	while (start < end) {
		if (is_space(text[start]))
			start++;
		else if (end - start >= 3 && memcmp(text + start, "\xEF\xBB\xBF", 3) == 0)
			start += 3;
		else
			break;
	}
	while (end > start && is_space(text[end - 1]))
		end--;
	*len = end - start;
	return start;
}

static int hunt_and_join(json_t **out, struct hunt *hunt, struct persona_json_report *report, struct persona_error *err)
{
	int rc = hunt_run(hunt, err);

	report->candidates = hunt->count;
	report->visited = hunt->source->visited;
	if (rc < 0)
		return -1;
	if (!hunt->found.len)
		return 0;
	return siblings_join(out, hunt, report, err) < 0 ? -1 : 1;
}

static int extract(json_t **out, const char *text, size_t len, enum wanted wanted, const char *const *names,
		   const struct persona_json_options *options, struct persona_json_report *report,
		   struct persona_error *err)
{
	static const struct persona_json_options defaults;
	const struct persona_json_options *wish = options ? options : &defaults;
	size_t max_size = wish->max_size ? wish->max_size : PERSONA_JSON_MAX_SIZE, start;
	struct hunt hunt = { .wanted = wanted, .names = names };
	struct source source;
	int rc;

	*out = NULL;
	*report = (struct persona_json_report){ 0 };
	if (len > max_size)
		return persona_error_set(err, PERSONA_E_FORMAT, "more than %zu bytes of text", max_size);
	hunt.max_depth =
		wish->max_depth && wish->max_depth < PERSONA_JSON_MAX_DEPTH ? wish->max_depth : PERSONA_JSON_MAX_DEPTH;
	start = trim(text, &len);
	source_init(&source, len ? text + start : "", len);
	hunt.source = &source;
	rc = hunt_and_join(out, &hunt, report, err);
	report->offset += rc > 0 ? start : 0;
	if (rc > 0 && wish->no_repair && (report->repaired || report->truncated)) {
		json_decref(*out);
		*out = NULL;
		rc = 0;
	}
	for (size_t i = 0; i < hunt.found.len; i++)
		json_decref(hunt.found.items[i].value);
	free(hunt.found.items);
	source_release(&source);
	return rc;
}

int persona_json_extract(json_t **out, const char *text, size_t len, const struct persona_json_options *options,
			 struct persona_json_report *report, struct persona_error *err)
{
	struct persona_json_report unasked;

	return extract(out, text, len, WANT_ANY, NULL, options, report ? report : &unasked, err);
}

/* ---- Envelopes ------------------------------------------------------- */

/* Make *value what it holds. */
static void unwrap_into(json_t **value, json_t *inner)
{
	json_incref(inner);
	json_decref(*value);
	*value = inner;
}

/* *value in an array of its own. */
static int put_in_array(json_t **value, struct persona_error *err)
{
	json_t *array = json_array();

	if (!array || json_array_append(array, *value) < 0) {
		json_decref(array);
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	json_decref(*value);
	*value = array;
	return 0;
}

int persona_json_extract_array(json_t **out, const char *text, size_t len, const char *const *names,
			       const struct persona_json_options *options, struct persona_json_report *report,
			       struct persona_error *err)
{
	struct persona_json_report unasked;
	int rc = extract(out, text, len, WANT_ARRAY, names, options, report ? report : &unasked, err);

	if (rc <= 0 || json_is_array(*out))
		return rc;
	for (; names && *names; names++) {
		json_t *inner = json_object_get(*out, *names);

		if (!json_is_array(inner) && !json_is_object(inner))
			continue;
		unwrap_into(out, inner);
		break;
	}
	if (!json_is_array(*out) && put_in_array(out, err) < 0) {
		json_decref(*out);
		*out = NULL;
		return -1;
	}
	return 1;
}

/* The object in an envelope: all else there is scalar. */
static json_t *enveloped(json_t *object, const char *const *names)
{
	json_t *inner = NULL, *member;
	const char *key;

	for (; names && *names && !inner; names++)
		if (json_is_object(json_object_get(object, *names)))
			inner = json_object_get(object, *names);
	json_object_foreach(object, key, member)
		if (member != inner && (json_is_object(member) || json_is_array(member)))
			return NULL;
	return inner;
}

int persona_json_extract_object(json_t **out, const char *text, size_t len, const char *const *names,
				const struct persona_json_options *options, struct persona_json_report *report,
				struct persona_error *err)
{
	struct persona_json_report unasked;
	int rc = extract(out, text, len, WANT_OBJECT, names, options, report ? report : &unasked, err);
	json_t *inner;

	if (rc <= 0)
		return rc;
	if (json_array_size(*out) == 1)
		unwrap_into(out, json_array_get(*out, 0));
	inner = enveloped(*out, names);
	if (inner)
		unwrap_into(out, inner);
	if (json_is_object(*out))
		return 1;
	json_decref(*out);
	*out = NULL;
	return 0;
}
