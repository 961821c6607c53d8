/*
 * JSON and JSON lines. src/json reads them; what is done here besides is to find where in the
 * file's bytes each answer stands, which a tree of values does not say.
 */
#include <jansson.h>

#include "persona/json.h"
#include "persona/text.h"
#include "unit.h"

#define LEVELS_MAX     16	  /* of objects in an element; what is deeper is no answer */
#define NAME_BYTES     1000	  /* of a column */
#define LINE_MAX_BYTES (4L << 20) /* of JSON lines */

struct field {
	char *name;
	struct question question;
};

struct json {
	struct persona_source *source;
	struct persona_buf bytes; /* the document, or the line at hand */
	int64_t first;		  /* byte of the file that bytes begin with */
	int64_t line;		  /* and its line; of the value at hand */
	bool placed;		  /* they are the file's own */

	/* the element at hand */
	struct unit *unit;
	struct persona_buf text; /* its answers, one behind the other */
	struct source_map map;
	struct field *fields;
	size_t fields_len, fields_capacity;
	size_t at;	/* where in bytes the next string is looked for */
	bool found;	/* strings were found where they were expected */
	size_t counted; /* line is that of this place */
	size_t deep;	/* values that were too deep, of the whole file */
};

/* ---- Places ---------------------------------------------------------- */

/* The next string of the text: where it begins, behind its quote; *end: its closing quote. */
static bool next_string(struct json *json, size_t *from, size_t *end)
{
	const char *text = json->bytes.data;
	const char *quote = memchr(text + json->at, '"', json->bytes.len - json->at);
	size_t i;

	if (!quote)
		return false;
	*from = (size_t)(quote - text) + 1;
	for (i = *from; i < json->bytes.len && text[i] != '"'; i++)
		i += text[i] == '\\';
	*end = i;
	json->at = i < json->bytes.len ? i + 1 : json->bytes.len;
	return i < json->bytes.len;
}

static size_t character_len(unsigned char byte)
{
	return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

/* Does the string at raw[from .. end) mean these bytes? With map, where they stand is noted. */
static int compare_string(struct json *json, size_t from, size_t end, const char *wanted, size_t len, bool note,
			  bool *same, struct persona_error *err)
{
	const char *raw = json->bytes.data;
	size_t at = from, i = 0, offset = json->text.len;
	bool fresh = true;

	*same = false;
	while (i < len && at < end) {
		bool plain = raw[at] != '\\';
		size_t used = plain ? 1 : character_len((unsigned char)wanted[i]);

		if (plain && raw[at] != wanted[i])
			return 0;
		if (note && (fresh || !plain) &&
		    source_map_add(&json->map, offset + i, plain && json->placed ? json->first + (int64_t)at : -1,
				   json->line, err) < 0)
			return -1;
		fresh = !plain;
		at += plain ? 1 : raw[at + 1] != 'u' ? 2 : used == 4 ? 12 : 6;
		i += used;
	}
	*same = i == len && at == end;
	return 0;
}

/* The next string is this one: note its place, where `note`. */
static int expect(struct json *json, const char *wanted, size_t len, bool note, struct persona_error *err)
{
	size_t from = 0, end = 0, marks = json->map.len;
	bool same = false;

	json->found = json->found && next_string(json, &from, &end);
	for (; json->found && json->counted < from; json->counted++)
		json->line += json->bytes.data[json->counted] == '\n';
	if (json->found && compare_string(json, from, end, wanted, len, note, &same, err) < 0)
		return -1;
	json->found = json->found && same;
	if (json->found || !note)
		return 0;
	json->map.len = marks;
	return source_map_add(&json->map, json->text.len, -1, json->line, err);
}

/* Lines of the file up to a place in bytes, from one that is known. */
static int64_t line_of(const struct json *json, size_t *known, int64_t *line, size_t at)
{
	for (; *known < at; ++*known)
		*line += json->bytes.data[*known] == '\n';
	return *line;
}

/* ---- Values ---------------------------------------------------------- */

static struct question *question_of(struct json *json, const char *name, bool again, struct persona_error *err)
{
	struct field *field;

	for (size_t i = 0; again && i < json->fields_len; i++)
		if (strcmp(json->fields[i].name, name) == 0)
			return &json->fields[i].question;
	if (persona_grow((void **)&json->fields, &json->fields_capacity, json->fields_len, sizeof *json->fields, err) <
	    0)
		return NULL;
	field = &json->fields[json->fields_len];
	field->name = persona_strdup(name, err);
	if (!field->name)
		return NULL;
	field->question = (struct question){ .name = field->name, .len = strlen(field->name) };
	json->fields_len++;
	return &field->question;
}

/* What a scalar is called by people; its length, 0 for null. */
static size_t scalar_text(const json_t *value, char *room, size_t size)
{
	if (json_is_boolean(value))
		return (size_t)snprintf(room, size, "%s", json_is_true(value) ? "Yes" : "No");
	if (json_is_integer(value))
		return (size_t)snprintf(room, size, "%lld", (long long)json_integer_value(value));
	if (json_is_real(value))
		return (size_t)snprintf(room, size, "%.15g", json_real_value(value));
	return 0;
}

/* Append a string or another scalar to the element's text; *from: where it begins. */
static int add_text(struct json *json, const json_t *value, size_t *from, struct persona_error *err)
{
	size_t changed, len = json_string_length(value);
	const char *text = json_string_value(value);
	char room[64];

	/* Answers are apart, so that the marks of one do not go on in the next. */
	if (json->text.len && persona_buf_addc(&json->text, '\n', err) < 0)
		return -1;
	*from = json->text.len;
	if (!json_is_string(value)) {
		if (source_map_add(&json->map, *from, -1, json->line, err) < 0)
			return -1;
		return persona_buf_add(&json->text, room, scalar_text(value, room, sizeof room), err);
	}
	if (persona_text_is_clean(text, len)) {
		if (expect(json, text, len, true, err) < 0)
			return -1;
		return persona_buf_add(&json->text, text, len, err);
	}
	if (expect(json, text, len, false, err) < 0 || source_map_add(&json->map, *from, -1, json->line, err) < 0 ||
	    persona_text_clean(&json->text, text, len, &changed, err) < 0)
		return -1;
	json->source->cleaned_bytes += changed;
	return 0;
}

static int add_answer(struct json *json, struct question *question, const json_t *value, const char *before,
		      struct persona_error *err)
{
	size_t from, len;
	const char *text;

	if (json_is_null(value))
		return 0;
	if (add_text(json, value, &from, err) < 0)
		return -1;
	json->unit->base = json->text.data;
	text = json->text.data + from;
	len = persona_text_trim(&text, json->text.len - from);
	if (!len)
		return 0;
	if (question->answer && before)
		return unit_append(json->unit, question, before, text, len, json->line, err);
	return unit_add(json->unit, question, text, len, json->line, err);
}

static int add_value(struct json *json, const char *name, const json_t *value, int level, bool again,
		     struct persona_error *err);

/* Choices are joined as forms do it. */
static int add_array(struct json *json, const char *name, const json_t *array, int level, struct persona_error *err)
{
	const char *separator = ", ";
	struct question *question;
	size_t index;
	json_t *value;

	json_array_foreach(array, index, value) {
		if (json_is_object(value) || json_is_array(value))
			separator = NULL;
		else if (separator && json_is_string(value) && strchr(json_string_value(value), ','))
			separator = "; ";
	}
	if (!separator) {
		json_array_foreach(array, index, value)
			if (add_value(json, name, value, level + 1, true, err) < 0)
				return -1;
		return 0;
	}
	question = question_of(json, name, level > 0, err);
	if (!question)
		return -1;
	json_array_foreach(array, index, value)
		if (add_answer(json, question, value, separator, err) < 0)
			return -1;
	return 0;
}

/* {"question": "…", "answer": "…"}: then the question is the column. */
static const char *asked(const json_t *object)
{
	static const char *const names[] = { "question", "q", "prompt" };
	static const char *const answers[] = { "answer", "a", "response", "text", "value" };
	const char *question = NULL;
	bool answered = false;

	for (size_t i = 0; i < sizeof names / sizeof *names && !question; i++)
		question = json_string_value(json_object_get(object, names[i]));
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
		answered |= json_object_get(object, answers[i]) != NULL;
	return question && *question && answered && strlen(question) < NAME_BYTES &&
			       persona_text_is_clean(question, strlen(question))
		       ? question
		       : NULL;
}

static bool is_question_key(const char *key)
{
	return strcmp(key, "question") == 0 || strcmp(key, "q") == 0 || strcmp(key, "prompt") == 0;
}

static int add_object(struct json *json, const char *name, json_t *object, int level, bool again,
		      struct persona_error *err)
{
	const char *question = level ? asked(object) : NULL;
	const char *key;
	json_t *value;

	if (level >= LEVELS_MAX) {
		json->deep++;
		json->found = false;
		return 0;
	}
	json_object_foreach(object, key, value) {
		char joined[NAME_BYTES];
		bool is_question = question && is_question_key(key);
		int len = question ? snprintf(joined, sizeof joined, "%s", question)
				   : snprintf(joined, sizeof joined, "%s%s%s", name, *name ? "." : "", key);

		if (len < 0 || (size_t)len >= sizeof joined || !persona_text_is_clean(joined, (size_t)len) || !len)
			snprintf(joined, sizeof joined, "column %zu", json->fields_len + 1);
		if (expect(json, key, strlen(key), false, err) < 0)
			return -1;
		if (is_question ? expect(json, json_string_value(value), json_string_length(value), false, err) < 0
				: add_value(json, joined, value, level + 1, again || question, err) < 0)
			return -1;
	}
	return 0;
}

static int add_value(struct json *json, const char *name, const json_t *value, int level, bool again,
		     struct persona_error *err)
{
	struct question *question;

	if (json_is_object(value))
		return add_object(json, name, (json_t *)value, level, again, err);
	if (json_is_array(value) && level >= LEVELS_MAX) {
		json->deep++;
		json->found = false;
		return 0;
	}
	if (json_is_array(value))
		return add_array(json, name, value, level, err);
	question = question_of(json, *name ? name : "text", again, err);
	return question ? add_answer(json, question, value, NULL, err) : -1;
}

/* ---- Elements -------------------------------------------------------- */

static void forget_element(struct json *json)
{
	for (size_t i = 0; i < json->fields_len; i++)
		free(json->fields[i].name);
	json->fields_len = 0;
	persona_buf_clear(&json->text);
	source_map_release(&json->map);
}

/* One record; it begins at `at` of the bytes. */
static int add_element(struct json *json, json_t *element, size_t at, int64_t line, struct persona_error *err)
{
	int rc;

	json->at = at;
	json->found = true;
	json->line = json->unit->line = line;
	json->counted = at;
	json->unit->map = &json->map;
	if (json_is_array(element))
		return source_fail(err, PERSONA_E_FORMAT, json->source->uri, line,
				   "a list, where an object with a respondent's answers is expected");
	rc = add_value(json, "", element, 0, false, err);
	if (!rc)
		rc = unit_flush(json->unit, line, err);
	json->unit->number++;
	forget_element(json);
	return rc;
}

/* Behind white space and the comma before an element. */
static size_t element_start(const struct json *json, size_t at)
{
	while (at < json->bytes.len && strchr(" \t\r\n,", json->bytes.data[at]))
		at++;
	return at;
}

/* Behind the value that begins at `at`. */
static size_t value_end(const struct json *json, size_t at)
{
	const char *text = json->bytes.data;
	size_t depth = 0;

	for (; at < json->bytes.len; at++) {
		if (text[at] == '"')
			for (at++; at < json->bytes.len && text[at] != '"'; at++)
				at += text[at] == '\\';
		else if (text[at] == '{' || text[at] == '[')
			depth++;
		else if (!depth && (text[at] == ',' || text[at] == '}' || text[at] == ']'))
			return at;
		else if ((text[at] == '}' || text[at] == ']') && !--depth)
			return at + 1;
	}
	return json->bytes.len;
}

static int add_elements(struct json *json, json_t *array, size_t at, struct persona_error *err)
{
	size_t index, known = 0;
	int64_t line = 1;
	json_t *element;

	at++; /* the bracket */
	json_array_foreach(array, index, element) {
		at = element_start(json, at);
		if (add_element(json, element, at, line_of(json, &known, &line, at), err) < 0)
			return -1;
		at = value_end(json, at);
	}
	return 0;
}

/* ---- JSON ------------------------------------------------------------ */

/* The longest list of objects among an object's members; *key: its name. NULL: there is none. */
static json_t *longest_list(json_t *object, const char **key)
{
	json_t *best = NULL, *value;
	const char *name;

	json_object_foreach(object, name, value)
		if (json_is_object(json_array_get(value, 0)) &&
		    (!best || json_array_size(value) > json_array_size(best))) {
			best = value;
			*key = name;
		}
	return best;
}

/* Where the value of an object's member begins in the text; the last of that name. */
static int member_start(struct json *json, const char *key, size_t *out, struct persona_error *err)
{
	const char *text = json->bytes.data;
	size_t at = element_start(json, 0) + 1, from, end;

	*out = 0;
	while (at < json->bytes.len && text[at] != '}') {
		bool same;

		json->at = at;
		if (!next_string(json, &from, &end))
			return 0;
		if (compare_string(json, from, end, key, strlen(key), false, &same, err) < 0)
			return -1;
		at = end + 1;
		while (at < json->bytes.len && strchr(" \t\r\n:", text[at]))
			at++;
		if (same)
			*out = at;
		at = element_start(json, value_end(json, at));
	}
	return 0;
}

static int add_root(struct json *json, json_t *root, struct persona_error *err)
{
	const char *key = NULL;
	json_t *list;
	size_t at = element_start(json, 0);

	if (json_is_array(root))
		return add_elements(json, root, at, err);
	list = longest_list(root, &key);
	if (!list) {
		size_t known = 0;
		int64_t line = 1;

		return add_element(json, root, at, line_of(json, &known, &line, at), err);
	}
	if (member_start(json, key, &at, err) < 0)
		return -1;
	return add_elements(json, list, at, err);
}

static int finish(struct json *json, struct persona_error *err)
{
	if (json->deep && source_note(json->source, err, "%zu values more than %d levels deep are left out", json->deep,
				      LEVELS_MAX) < 0)
		return -1;
	if (!json->source->records.len)
		return source_fail(err, PERSONA_E_FORMAT, json->source->uri, 0, "has no records");
	return 0;
}

static int json_finish(void *state, struct persona_error *err)
{
	struct json *json = state;
	struct persona_error why = { 0 };
	json_t *root;
	int rc;

	json->placed = strcmp(json->source->encoding, "UTF-8") == 0;
	if (persona_json_parse_strict(&root, json->bytes.data, json->bytes.len, &why) < 0) {
		if (why.code == PERSONA_E_NOMEM)
			return persona_error_set(err, why.code, "%s", why.text);
		return source_fail(err, PERSONA_E_FORMAT, json->source->uri, 0, "no JSON: %s", why.text);
	}
	rc = json_is_array(root) || json_is_object(root)
		     ? add_root(json, root, err)
		     : source_fail(err, PERSONA_E_FORMAT, json->source->uri, 0, "neither a list nor an object");
	json_decref(root);
	return rc ? rc : finish(json, err);
}

static int json_feed(void *state, const char *bytes, size_t len, struct persona_error *err)
{
	struct json *json = state;

	if (len > json->bytes.max - json->bytes.len)
		return source_fail(err, PERSONA_E_FORMAT, json->source->uri, 0,
				   "more than %ld MiB of JSON; JSON lines (.jsonl) have no such limit",
				   PERSONA_SOURCE_DOCUMENT_MAX >> 20);
	return persona_buf_add(&json->bytes, bytes, len, err);
}

/* ---- JSON lines ------------------------------------------------------ */

static int take_line(struct json *json, struct persona_error *err)
{
	const char *text = json->bytes.data;
	size_t len = persona_text_trim(&text, json->bytes.len);
	struct persona_error why = { 0 };
	int64_t line = json->line;
	json_t *value;
	int rc;

	if (!len) {
		json->source->empty_records++;
		return 0;
	}
	if (persona_json_parse_strict(&value, json->bytes.data, json->bytes.len, &why) < 0) {
		if (why.code == PERSONA_E_NOMEM)
			return persona_error_set(err, why.code, "%s", why.text);
		return source_fail(err, PERSONA_E_FORMAT, json->source->uri, line, "no JSON: %s", why.text);
	}
	rc = add_element(json, value, 0, line, err);
	json_decref(value);
	json->line = line;
	return rc;
}

static int next_line(struct json *json, struct persona_error *err)
{
	if (take_line(json, err) < 0)
		return -1;
	json->first += (int64_t)json->bytes.len + 1;
	json->line++;
	persona_buf_clear(&json->bytes);
	return 0;
}

static int jsonl_feed(void *state, const char *bytes, size_t len, struct persona_error *err)
{
	struct json *json = state;

	json->placed = strcmp(json->source->encoding, "UTF-8") == 0;
	while (len) {
		const char *end = memchr(bytes, '\n', len);
		size_t part = end ? (size_t)(end - bytes) : len;

		if (part > (size_t)LINE_MAX_BYTES - json->bytes.len)
			return source_fail(err, PERSONA_E_FORMAT, json->source->uri, json->line,
					   "a line of more than %ld MiB", LINE_MAX_BYTES >> 20);
		if (persona_buf_add(&json->bytes, bytes, part, err) < 0 || (end && next_line(json, err) < 0))
			return -1;
		part += end != NULL;
		bytes += part;
		len -= part;
	}
	return 0;
}

static int jsonl_finish(void *state, struct persona_error *err)
{
	struct json *json = state;

	if (json->bytes.len && next_line(json, err) < 0)
		return -1;
	return finish(json, err);
}

/* ---- Both ------------------------------------------------------------ */

static void json_close(void *state)
{
	struct json *json = state;

	if (!json)
		return;
	forget_element(json);
	free(json->fields);
	unit_free(json->unit);
	persona_buf_release(&json->text);
	persona_buf_release(&json->bytes);
	free(json);
}

static int json_open(void **state, struct persona_source *source, const char *head, size_t len,
		     struct persona_error *err)
{
	struct json *json = calloc(1, sizeof *json);

	(void)head;
	(void)len;
	*state = NULL;
	if (!json || unit_new(&json->unit, source, err) < 0) {
		free(json);
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	json->source = source;
	json->first = source->fed;
	json->line = 1;
	json->unit->base = "";
	persona_buf_init(&json->bytes, PERSONA_SOURCE_DOCUMENT_MAX);
	persona_buf_init(&json->text, SIZE_MAX);
	*state = json;
	return 0;
}

const struct source_format source_json = {
	.name = "json",
	.media_type = "application/json",
	.extensions = "json",
	.open = json_open,
	.feed = json_feed,
	.finish = json_finish,
	.close = json_close,
};

const struct source_format source_jsonl = {
	.name = "jsonl",
	.media_type = "application/jsonl",
	.extensions = "jsonl ndjson",
	.open = json_open,
	.feed = jsonl_feed,
	.finish = jsonl_finish,
	.close = json_close,
};
