#include <float.h>
#include <stdlib.h>

#include "persona/json.h"

#define DIGITS_MOST 17 /* bring back any double */

struct writer {
	struct persona_buf out;
	struct persona_error *err;
	bool failed; /* err says why */
};

static int append(const char *bytes, size_t len, void *payload)
{
	struct writer *writer = payload;

	if (!writer->failed)
		writer->failed = persona_buf_add(&writer->out, bytes, len, writer->err) < 0;
	return writer->failed ? -1 : 0;
}

/* Is a value nested deeper than that? Ends on values within themselves, too. */
static bool is_deeper(const json_t *value, unsigned levels)
{
	const char *key;
	json_t *member;
	size_t i;

	if (!json_is_array(value) && !json_is_object(value))
		return false;
	if (!levels)
		return true;
	json_array_foreach(value, i, member) {
		if (is_deeper(member, levels - 1))
			return true;
	}
	json_object_foreach((json_t *)(uintptr_t)value, key, member) {
		if (is_deeper(member, levels - 1))
			return true;
	}
	return false;
}

/* Digits with which a real reads as the same number again. */
static int digits_of(double value)
{
	char text[32];

	for (int digits = DBL_DIG; digits < DIGITS_MOST; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			return digits;
	}
	return DIGITS_MOST;
}

/* With which all reals in it do. */
static int digits_in(const json_t *value)
{
	int most = json_is_real(value) ? digits_of(json_real_value(value)) : DBL_DIG, digits;
	const char *key;
	json_t *member;
	size_t i;

	json_array_foreach(value, i, member) {
		digits = digits_in(member);
		most = digits > most ? digits : most;
	}
	json_object_foreach((json_t *)(uintptr_t)value, key, member) {
		digits = digits_in(member);
		most = digits > most ? digits : most;
	}
	return most;
}

static char *dump(const json_t *value, size_t flags, struct persona_error *err)
{
	struct writer writer = { .err = err };
	char *text = NULL;
	int rc;

	/* jansson writes by recursion without end; what it reads is no deeper than this. */
	if (is_deeper(value, JSON_PARSER_MAX_DEPTH)) {
		(void)persona_error_set(err, PERSONA_E_FORMAT, "JSON nested deeper than %d", JSON_PARSER_MAX_DEPTH);
		return NULL;
	}
	persona_buf_init(&writer.out, SIZE_MAX);
	/* What identities are made of is written as it ever was. */
	if (!(flags & JSON_SORT_KEYS))
		flags |= JSON_REAL_PRECISION((size_t)digits_in(value));
	rc = json_dump_callback(value, append, &writer, flags | JSON_ENCODE_ANY);
	if (rc < 0 && !writer.failed)
		(void)persona_error_set(err, PERSONA_E_FORMAT, "JSON cannot be written: out of memory or not UTF-8");
	/* jansson does not look at what append returns everywhere: ask it ourselves. */
	if (!rc && !writer.failed) {
		text = persona_buf_take(&writer.out);
		if (!text)
			(void)persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	persona_buf_release(&writer.out);
	return text;
}

char *persona_json_canonical(const json_t *value, struct persona_error *err)
{
	return dump(value, JSON_COMPACT | JSON_SORT_KEYS, err);
}

char *persona_json_compact(const json_t *value, struct persona_error *err)
{
	return dump(value, JSON_COMPACT, err);
}

char *persona_json_pretty(const json_t *value, struct persona_error *err)
{
	return dump(value, JSON_INDENT(2), err);
}
