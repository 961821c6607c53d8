#include "persona/text.h"

#include "envelope.h"

#define KEY_MOST 128 /* bytes of a key with escapes; no name that is looked for is as long */

enum state { BEFORE_VALUE, BEFORE_FIRST, BEFORE_KEY, AFTER_VALUE, DONE, SHORT, BAD };

void envelope_init(struct envelope *envelope, const struct envelope_path *paths, size_t count, const char *bytes,
		   size_t len)
{
	memset(envelope->values, 0, sizeof envelope->values);
	envelope->paths = paths;
	envelope->count = count;
	envelope->fields = 0;
	envelope->at = bytes;
	envelope->end = bytes + len;
	envelope->alive = count < 64 ? ((uint64_t)1 << count) - 1 : ~(uint64_t)0;
	envelope->leaves = 0;
	envelope->element = false;
	envelope->state = BEFORE_VALUE;
	envelope->depth = 0;
}

static bool is_space(char byte)
{
	return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

static void skip_space(struct envelope *envelope)
{
	while (envelope->at < envelope->end && is_space(*envelope->at))
		envelope->at++;
}

/* What servers send while a request waits: blank lines, and comments as in event streams; and a byte order mark. */
static void skip_keep_alives(struct envelope *envelope)
{
	if (envelope->end - envelope->at >= 3 && memcmp(envelope->at, "\xEF\xBB\xBF", 3) == 0)
		envelope->at += 3;
	skip_space(envelope);
	while (envelope->at < envelope->end && *envelope->at == ':') {
		const char *line = memchr(envelope->at, '\n', (size_t)(envelope->end - envelope->at));

		envelope->at = line ? line : envelope->end;
		skip_space(envelope);
	}
}

/* From behind the opening quote to behind the closing one; value is what stands between. */
static bool read_string(struct envelope *envelope, struct envelope_value *value)
{
	const char *at = envelope->at, *end = envelope->end;

	for (;; at++) {
		at += persona_text_literal(at, (size_t)(end - at), NULL);
		if (at == end)
			return false;
		if (*at == '"')
			break;
		if (*at == '\\' && ++at == end)
			return false;
	}
	*value = (struct envelope_value){ '"', envelope->at, (size_t)(at - envelope->at) };
	envelope->at = at + 1;
	return true;
}

/* ---- Escapes --------------------------------------------------------- */

static int hex_digit(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	byte |= 0x20;
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* The four digits of a \u escape; -1 where they are not. */
static long hex4(const char *at, const char *end)
{
	long code = 0;

	if (end - at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int digit = hex_digit(at[i]);

		if (digit < 0)
			return -1;
		code = code * 16 + digit;
	}
	return code;
}

/* at stands behind "\u"; *code is what it means, halves of pairs U+FFFD. Returns where it goes on. */
static const char *read_unicode(const char *at, const char *end, long *code)
{
	long low;

	*code = hex4(at, end);
	if (*code < 0) {
		*code = 0xFFFD;
		return at;
	}
	at += 4;
	if (*code < 0xD800 || *code > 0xDFFF)
		return at;
	low = *code < 0xDC00 && end - at >= 6 && at[0] == '\\' && at[1] == 'u' ? hex4(at + 2, end) : -1;
	if (low < 0xDC00 || low > 0xDFFF) {
		*code = 0xFFFD;
		return at;
	}
	*code = 0x10000 + ((*code - 0xD800) << 10) + (low - 0xDC00);
	return at + 6;
}

static char *put_utf8(char *out, long code)
{
	if (code < 0x80) {
		*out++ = (char)code;
	} else if (code < 0x800) {
		*out++ = (char)(0xC0 | code >> 6);
		*out++ = (char)(0x80 | (code & 0x3F));
	} else if (code < 0x10000) {
		*out++ = (char)(0xE0 | code >> 12);
		*out++ = (char)(0x80 | (code >> 6 & 0x3F));
		*out++ = (char)(0x80 | (code & 0x3F));
	} else {
		*out++ = (char)(0xF0 | code >> 18);
		*out++ = (char)(0x80 | (code >> 12 & 0x3F));
		*out++ = (char)(0x80 | (code >> 6 & 0x3F));
		*out++ = (char)(0x80 | (code & 0x3F));
	}
	return out;
}

/* Resolve escapes. Nothing grows by more than "\u" with bad digits does: two bytes become three. */
static size_t unescape(char *out, const char *at, size_t len)
{
	static const char plain[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	const char *end = at + len;
	char *start = out;

	while (at < end) {
		size_t run = persona_text_literal(at, (size_t)(end - at), NULL);
		const char *found;
		long code;

		if (run) {
			memcpy(out, at, run);
			out += run;
			at += run;
			continue;
		}
		if (*at != '\\' || at + 1 == end) {
			*out++ = *at++;
			continue;
		}
		at += 2;
		found = at[-1] ? strchr(plain, at[-1]) : NULL;
		if (found) {
			*out++ = meant[found - plain];
		} else if (at[-1] == 'u') {
			at = read_unicode(at, end, &code);
			out = put_utf8(out, code);
		} else {
			*out++ = at[-1];
		}
	}
	return (size_t)(out - start);
}

/* ---- Matching paths -------------------------------------------------- */

static bool key_is(const struct envelope_value *key, const char *name)
{
	char plain[KEY_MOST / 2 * 3];
	size_t len = strlen(name);

	if (!memchr(key->bytes, '\\', key->len))
		return key->len == len && memcmp(name, key->bytes, len) == 0;
	return key->len <= KEY_MOST && unescape(plain, key->bytes, key->len) == len && memcmp(plain, name, len) == 0;
}

static uint64_t fields_of(const struct envelope *envelope, uint64_t paths)
{
	uint64_t fields = 0;

	for (size_t i = 0; paths; i++, paths >>= 1)
		if (paths & 1)
			fields |= (uint64_t)1 << envelope->paths[i].field;
	return fields;
}

/* Forget the values of these fields; were there any? */
static bool forget(struct envelope *envelope, uint64_t fields)
{
	bool any = false;

	for (size_t i = 0; fields; i++, fields >>= 1)
		if ((fields & 1) && envelope->values[i].type) {
			envelope->values[i].type = 0;
			any = true;
		}
	return any;
}

/* Which paths does the member or element go on with? Sets what comes next. */
static void step_into(struct envelope *envelope, const struct envelope_frame *frame, const struct envelope_value *key)
{
	size_t at = envelope->depth - 1;
	uint64_t left = frame->alive;

	envelope->alive = envelope->leaves = 0;
	envelope->element = false;
	for (size_t i = 0; left; i++, left >>= 1) {
		const char *part = left & 1 ? envelope->paths[i].part[at] : NULL;
		bool each = part && !key && strcmp(part, "*") == 0;

		if (!part || !(key ? key_is(key, part) : each || (frame->index == 0 && strcmp(part, "0") == 0)))
			continue;
		envelope->element |= each;
		if (envelope->paths[i].part[at + 1])
			envelope->alive |= (uint64_t)1 << i;
		else
			envelope->leaves |= (uint64_t)1 << i;
	}
}

static void note(struct envelope *envelope, uint64_t leaves, const struct envelope_value *value)
{
	for (size_t i = 0; leaves; i++, leaves >>= 1)
		if (leaves & 1)
			envelope->values[envelope->paths[i].field] = *value;
}

/* ---- Walking --------------------------------------------------------- */

static bool open_container(struct envelope *envelope, bool object)
{
	struct envelope_frame *frame = &envelope->frames[envelope->depth];

	if (envelope->depth == ENVELOPE_DEPTH)
		return false;
	*frame = (struct envelope_frame){ .object = object,
					  .element = envelope->element,
					  .alive = envelope->alive,
					  .leaves = envelope->leaves,
					  .start = envelope->at };
	envelope->depth++;
	envelope->at++;
	envelope->state = BEFORE_FIRST;
	return true;
}

static bool read_number(struct envelope *envelope, struct envelope_value *value)
{
	const char *start = envelope->at;
	bool digit = false;

	while (envelope->at < envelope->end && *envelope->at && strchr("+-.eE0123456789", *envelope->at)) {
		digit |= *envelope->at >= '0' && *envelope->at <= '9';
		envelope->at++;
	}
	*value = (struct envelope_value){ '0', start, (size_t)(envelope->at - start) };
	if (!digit && envelope->at == envelope->end)
		envelope->state = SHORT;
	return digit;
}

static bool read_literal(struct envelope *envelope, struct envelope_value *value)
{
	static const char *const literals[] = { "true", "false", "null" };
	size_t left = (size_t)(envelope->end - envelope->at);

	for (size_t i = 0; i < sizeof literals / sizeof *literals; i++) {
		size_t len = strlen(literals[i]);

		if (left >= len && memcmp(envelope->at, literals[i], len) == 0) {
			*value = (struct envelope_value){ *literals[i], envelope->at, len };
			envelope->at += len;
			return true;
		}
		if (left < len && memcmp(envelope->at, literals[i], left) == 0) {
			envelope->state = SHORT;
			return false;
		}
	}
	return false;
}

/* A value begins at `at`. Containers are opened, everything else is read whole. */
static void read_value(struct envelope *envelope)
{
	struct envelope_value value;
	char byte = *envelope->at;
	bool good;

	if (byte == '{' || byte == '[') {
		if (!open_container(envelope, byte == '{'))
			envelope->state = BAD;
		return;
	}
	envelope->state = BAD;
	if (byte == '"') {
		envelope->at++;
		good = read_string(envelope, &value);
		if (!good)
			envelope->state = SHORT;
	} else if (byte == '-' || (byte >= '0' && byte <= '9')) {
		good = read_number(envelope, &value);
	} else {
		good = read_literal(envelope, &value);
	}
	if (!good)
		return;
	note(envelope, envelope->leaves, &value);
	envelope->state = AFTER_VALUE;
}

/* A key and its colon. True: a member that had a value before comes again. */
static bool read_key(struct envelope *envelope)
{
	struct envelope_value key;

	if (*envelope->at != '"') {
		envelope->state = BAD;
		return false;
	}
	envelope->at++;
	envelope->state = SHORT;
	if (!read_string(envelope, &key))
		return false;
	skip_space(envelope);
	if (envelope->at == envelope->end)
		return false;
	envelope->state = *envelope->at == ':' ? BEFORE_VALUE : BAD;
	envelope->at++;
	step_into(envelope, &envelope->frames[envelope->depth - 1], &key);
	if (!envelope->alive && !envelope->leaves)
		return false;
	envelope->fields = fields_of(envelope, envelope->alive | envelope->leaves);
	return forget(envelope, envelope->fields);
}

/* A container ends. True: it was an element of a "*". */
static bool close_container(struct envelope *envelope)
{
	struct envelope_frame *frame = &envelope->frames[--envelope->depth];

	envelope->at++;
	envelope->state = AFTER_VALUE;
	if (frame->leaves) {
		struct envelope_value value = { *frame->start, frame->start, (size_t)(envelope->at - frame->start) };

		note(envelope, frame->leaves, &value);
	}
	if (frame->element)
		envelope->fields = fields_of(envelope, frame->alive | frame->leaves);
	envelope->ended = frame->element;
	return frame->element;
}

/* The next element of an array begins. */
static void begin_element(struct envelope *envelope)
{
	struct envelope_frame *frame = &envelope->frames[envelope->depth - 1];

	step_into(envelope, frame, NULL);
	frame->index++;
	envelope->state = BEFORE_VALUE;
}

/* Behind a value in a container: a comma or the end. True: an element has ended. */
static bool go_on(struct envelope *envelope)
{
	const struct envelope_frame *frame = &envelope->frames[envelope->depth - 1];

	if (*envelope->at == (frame->object ? '}' : ']'))
		return close_container(envelope);
	if (*envelope->at != ',') {
		envelope->state = BAD;
		return false;
	}
	envelope->at++;
	if (frame->object)
		envelope->state = BEFORE_KEY;
	else
		begin_element(envelope);
	return false;
}

/* Behind an opening bracket: its partner, or the first member. True: an element has ended. */
static bool go_in(struct envelope *envelope)
{
	const struct envelope_frame *frame = &envelope->frames[envelope->depth - 1];

	if (*envelope->at == (frame->object ? '}' : ']'))
		return close_container(envelope);
	if (frame->object)
		envelope->state = BEFORE_KEY;
	else
		begin_element(envelope);
	return false;
}

enum envelope_event envelope_next(struct envelope *envelope)
{
	if (!envelope->depth && envelope->state == BEFORE_VALUE)
		skip_keep_alives(envelope);
	if (envelope->ended)
		(void)forget(envelope, envelope->fields);
	envelope->ended = false;
	for (;;) {
		skip_space(envelope);
		if (!envelope->depth && envelope->state == AFTER_VALUE)
			envelope->state = envelope->at == envelope->end ? DONE : BAD;
		if (envelope->state == DONE)
			return ENVELOPE_END;
		if (envelope->state == BAD)
			return ENVELOPE_BAD;
		if (envelope->state == SHORT || envelope->at == envelope->end)
			return ENVELOPE_SHORT;
		switch (envelope->state) {
		case BEFORE_VALUE:
			read_value(envelope);
			break;
		case BEFORE_KEY:
			if (read_key(envelope))
				return ENVELOPE_AGAIN;
			break;
		case BEFORE_FIRST:
			if (go_in(envelope))
				return ENVELOPE_ELEMENT;
			break;
		default:
			if (go_on(envelope))
				return ENVELOPE_ELEMENT;
			break;
		}
	}
}

/* ---- Values ---------------------------------------------------------- */

int envelope_text(struct persona_buf *out, const struct envelope_value *value, struct persona_error *err)
{
	char *plain;
	size_t len;
	int rc;

	if (value->type != '"' || !value->len)
		return 0;
	plain = malloc(value->len + value->len / 2 + 1);
	if (!plain)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	len = unescape(plain, value->bytes, value->len);
	rc = persona_text_clean(out, plain, len, NULL, err);
	free(plain);
	return rc;
}

void envelope_word(char *out, size_t size, const struct envelope_value *value)
{
	char plain[768];
	size_t len = value->len < sizeof plain / 3 * 2 ? value->len : sizeof plain / 3 * 2;

	out[0] = '\0';
	if (value->type != '"' && value->type != '0')
		return;
	len = unescape(plain, value->bytes, len);
	if (len >= size)
		len = size - 1;
	memcpy(out, plain, len);
	out[len] = '\0';
}

int64_t envelope_count(const struct envelope_value *value, int64_t most)
{
	int64_t count = 0;
	size_t at = 0;

	if (value->type != '0' && value->type != '"')
		return -1;
	for (; at < value->len && value->bytes[at] >= '0' && value->bytes[at] <= '9'; at++) {
		count = count * 10 + value->bytes[at] - '0';
		if (count > most)
			return -1;
	}
	if (!at)
		return -1;
	if (at < value->len && value->bytes[at] == '.')
		for (at++; at < value->len && value->bytes[at] == '0'; at++)
			continue;
	return at == value->len ? count : -1;
}
