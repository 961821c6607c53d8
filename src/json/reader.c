/* The reader: one loop over tokens, strict, with mend.c for what is not as RFC 8259 has it. */
#include "internal.h"

void source_init(struct source *source, const char *text, size_t len)
{
	*source = (struct source){ .text = text, .len = len };
	source->stop = source->line = source->blank = source->block = (struct memo){ 1, 0 };
	persona_buf_init(&source->key, SIZE_MAX);
	persona_buf_init(&source->next_key, SIZE_MAX);
	persona_buf_init(&source->content, SIZE_MAX);
}

void source_release(struct source *source)
{
	persona_buf_release(&source->key);
	persona_buf_release(&source->next_key);
	persona_buf_release(&source->content);
	free(source->frames);
	source->frames = NULL;
	source->frames_size = 0;
}

void reader_init(struct reader *reader, struct source *source, size_t at, bool repair)
{
	*reader = (struct reader){
		.source = source,
		.text = source->text,
		.len = source->len,
		.at = at,
		.repair = repair,
		.max_depth = PERSONA_JSON_MAX_DEPTH,
		.state = AT_VALUE,
		.redo = NOWHERE,
	};
}

int reader_fail(struct reader *reader, enum failure failure, const char *reason, size_t where)
{
	reader->failure = failure;
	reader->reason = reason;
	reader->where = where;
	return -1;
}

int reader_deviate(struct reader *reader, const char *reason)
{
	if (!reader->repair)
		return reader_fail(reader, FAILED_SYNTAX, reason, reader->at);
	reader->mended = true;
	return 0;
}

/* ---- Building -------------------------------------------------------- */

/* Hand a value over to what is open, or make it the root. */
static int attach(struct reader *reader, json_t *value)
{
	int rc = 0;

	if (!value)
		return reader_fail(reader, FAILED_MEMORY, NULL, reader->at);
	if (!reader->top)
		reader->root = value;
	else if (reader->top->kind == '{')
		rc = json_object_setn_new_nocheck(reader->top->value, reader->key.at, reader->key.len, value);
	else
		rc = json_array_append_new(reader->top->value, value);
	return rc < 0 ? reader_fail(reader, FAILED_MEMORY, NULL, reader->at) : 0;
}

int reader_add(struct reader *reader, json_t *value)
{
	if (attach(reader, value) < 0)
		return -1;
	reader->scalars++;
	reader->state = reader->top ? AT_AFTER : AT_END;
	return 0;
}

int reader_add_string(struct reader *reader, struct span string)
{
	return reader_add(reader, json_stringn_nocheck(string.at, string.len));
}

/* Room for one more level. */
static int reserve(struct reader *reader)
{
	struct source *source = reader->source;
	void *frames = source->frames;

	if (reader->depth >= reader->max_depth)
		return reader_fail(reader, FAILED_DEPTH, "nested too deep", reader->at);
	if (persona_grow(&frames, &source->frames_size, reader->depth, sizeof *source->frames, NULL) < 0)
		return reader_fail(reader, FAILED_MEMORY, NULL, reader->at);
	source->frames = frames;
	reader->top = reader->depth ? &source->frames[reader->depth - 1] : NULL;
	return 0;
}

static void push(struct reader *reader, json_t *value, char kind)
{
	reader->source->frames[reader->depth] = (struct frame){ .value = value, .kind = kind };
	reader->top = &reader->source->frames[reader->depth++];
	reader->redo = NOWHERE;
}

int reader_open(struct reader *reader, char kind)
{
	json_t *value;

	if (reserve(reader) < 0)
		return -1;
	value = kind == '{' ? json_object() : json_array();
	if (attach(reader, value) < 0)
		return -1;
	push(reader, value, kind);
	reader->state = kind == '{' ? AT_FIRST_KEY : AT_FIRST_VALUE;
	return 0;
}

int reader_reopen(struct reader *reader, json_t *value)
{
	if (reserve(reader) < 0)
		return -1;
	push(reader, value, json_is_object(value) ? '{' : '[');
	reader->state = AT_AFTER;
	return 0;
}

void reader_close(struct reader *reader)
{
	reader->depth--;
	reader->top = reader->depth ? &reader->source->frames[reader->depth - 1] : NULL;
	reader->redo = NOWHERE;
	reader->state = reader->top ? AT_AFTER : AT_END;
}

/* The key becomes that of the member which is read now; its bytes may be those of next_key. */
void reader_take_next_key(struct reader *reader, struct span key)
{
	struct source *source = reader->source;

	if (key.at == source->next_key.data) {
		struct persona_buf swap = source->key;

		source->key = source->next_key;
		source->next_key = swap;
	}
	reader->key = key;
	reader->redo = NOWHERE;
	reader->state = AT_VALUE;
}

/* Take back the value that was added last. */
void reader_drop_last(struct reader *reader)
{
	json_t *value = reader->top->value;

	if (reader->top->kind == '{')
		(void)json_object_deln(value, reader->key.at, reader->key.len);
	else
		(void)json_array_remove(value, json_array_size(value) - 1);
	reader->scalars--;
	reader->redo = NOWHERE;
}

/* ---- Tokens ---------------------------------------------------------- */

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

void reader_skip_space(struct reader *reader)
{
	const char *text = reader->text;
	size_t at = reader->at, len = reader->len;

	while (at < len && is_space(text[at]))
		at++;
	if (reader->quoted && at > reader->at)
		at = peek_blank(reader, reader->at);
	reader->at = at;
}

/* Has the text ended, or what is left of it? */
static bool at_end(const struct reader *reader)
{
	return reader->at >= reader->len;
}

static int ended(struct reader *reader)
{
	return reader_deviate(reader, "the text ends too early") < 0 ? -1 : mend_end(reader);
}

int reader_redo(struct reader *reader)
{
	size_t start = reader->redo;

	reader_drop_last(reader);
	reader->at = start;
	reader->state = AT_VALUE;
	return reader->text[start] == '"' ? string_mend_value(reader) : bare_mend(reader);
}

static int read_string(struct reader *reader)
{
	size_t start = reader->at;
	struct span content;
	int rc = string_read(reader, &reader->source->content, &content);

	if (rc)
		return rc < 0 ? -1 : string_mend_value(reader);
	reader->redo = start;
	return reader_add_string(reader, content);
}

static int read_number(struct reader *reader)
{
	size_t start = reader->at, len = number_length(reader->text + start, reader->len - start);
	json_t *value;

	if (!len)
		return reader_deviate(reader, "not a number") < 0 ? -1 : bare_mend(reader);
	if (number_read(reader, len, &value) < 0)
		return -1;
	reader->at += len;
	reader->redo = start;
	return reader_add(reader, value);
}

static int read_literal(struct reader *reader)
{
	static const struct {
		const char *text;
		size_t len;
	} literals[] = { { "true", 4 }, { "false", 5 }, { "null", 4 } };
	const char *text = reader->text + reader->at;
	size_t left = reader->len - reader->at;

	for (size_t i = 0; i < 3; i++) {
		if (left < literals[i].len || memcmp(text, literals[i].text, literals[i].len) != 0)
			continue;
		reader->redo = reader->at;
		reader->at += literals[i].len;
		return reader_add(reader, i == 2 ? json_null() : json_boolean(i == 0));
	}
	return reader_deviate(reader, "not a value") < 0 ? -1 : mend_value(reader);
}

static int read_value(struct reader *reader)
{
	reader_skip_space(reader);
	if (at_end(reader))
		return ended(reader);
	switch (reader->text[reader->at]) {
	case '"':
		return read_string(reader);
	case '{':
	case '[':
		if (reader_open(reader, reader->text[reader->at]) < 0)
			return -1;
		reader->at++;
		return 0;
	case '-':
	case '0' ... '9':
		return read_number(reader);
	case 't':
	case 'f':
	case 'n':
		return read_literal(reader);
	case ']':
		if (reader->state == AT_FIRST_VALUE && reader->top && reader->top->kind == '[') {
			reader->at++;
			reader_close(reader);
			return 0;
		}
	}
	/* A comma that no value follows may belong to the text before it. */
	if (reader_deviate(reader, "a value is expected") < 0)
		return -1;
	return mend_value(reader);
}

static int read_key(struct reader *reader)
{
	size_t start;
	struct span key;
	int rc;

	reader_skip_space(reader);
	if (at_end(reader))
		return ended(reader);
	start = reader->at;
	if (reader->text[start] == '}' && reader->state == AT_FIRST_KEY && !reader->top->extra) {
		reader->at++;
		reader_close(reader);
		return 0;
	}
	if (reader->text[start] != '"')
		return reader_deviate(reader, "a key is expected") < 0 ? -1 : mend_key(reader);
	rc = string_read(reader, &reader->source->next_key, &key);
	if (rc < 0)
		return -1;
	if (!rc) {
		reader_skip_space(reader);
		if (!at_end(reader) && reader->text[reader->at] == ':') {
			reader->at++;
			reader_take_next_key(reader, key);
			return 0;
		}
		if (reader_deviate(reader, "a colon is expected") < 0)
			return -1;
	}
	reader->at = start;
	return mend_key(reader);
}

static int read_after(struct reader *reader)
{
	char c;

	reader_skip_space(reader);
	if (at_end(reader))
		return ended(reader);
	c = reader->text[reader->at];
	if (c == ',') {
		reader->at++;
		reader->state = reader->top->kind == '{' ? AT_KEY : AT_VALUE;
		return 0;
	}
	if ((c == '}' && reader->top->kind == '{' && !reader->top->extra) || (c == ']' && reader->top->kind == '[')) {
		if (reader->repair && (reader->mended || reader->depth == 1))
			return mend_closer(reader);
		reader->at++;
		reader_close(reader);
		return 0;
	}
	return reader_deviate(reader, "a comma or a closing bracket is expected") < 0 ? -1 : mend_after(reader);
}

int reader_run(struct reader *reader)
{
	size_t start = reader->at;
	int rc = 0;

	while (!rc && reader->state != AT_END)
		switch (reader->state) {
		case AT_FIRST_KEY:
		case AT_KEY:
			rc = read_key(reader);
			break;
		case AT_FIRST_VALUE:
		case AT_VALUE:
			rc = read_value(reader);
			break;
		default:
			rc = read_after(reader);
		}
	reader->source->visited += reader->at > start ? reader->at - start : 1;
	if (rc < 0) {
		if (reader->failure == FAILED_SYNTAX && reader->where > reader->len)
			reader->where = reader->len;
		json_decref(reader->root);
		reader->root = NULL;
	}
	return rc;
}
