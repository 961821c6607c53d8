/* Schemas and templates that a model repeats before it answers. */
#include <strings.h>

#include "internal.h"

#define LOOKED_AT 64 /* values of a document that are looked at */

static bool is_schema(const json_t *object)
{
	return json_object_get(object, "$schema") ||
	       (json_object_get(object, "type") && json_is_object(json_object_get(object, "properties")));
}

static bool is_type_name(const char *text, size_t len)
{
	static const char *const names[] = { "string", "str",	   "text",     "number",	 "integer", "int",
					     "float",  "boolean",  "bool",     "array",		 "object",  "list",
					     "date",   "string[]", "number[]", "list of strings" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		size_t name = strlen(names[i]);

		if (len == name && strncasecmp(text, names[i], name) == 0)
			return true;
		/* string (required), string | null */
		if (len > name + 2 && strncasecmp(text, names[i], name) == 0 && text[name] == ' ' &&
		    strchr("(|", text[name + 1]))
			return true;
	}
	return false;
}

/* high|medium|low */
static bool is_choice(const char *text, size_t len)
{
	const char *bar = memchr(text, '|', len);

	return bar && bar > text && bar + 1 < text + len && len < 200;
}

static bool is_placeholder(const json_t *string)
{
	const char *text = json_string_value(string);
	size_t len = json_string_length(string);
	char first = len ? text[0] : '\0', last = len ? text[len - 1] : '\0';

	if (len > 1 &&
	    ((first == '<' && last == '>') || (first == '{' && last == '}') || (first == '[' && last == ']')))
		return true;
	if (len && strspn(text, ".") == len)
		return true;
	if (len == 3 && memcmp(text, "\xE2\x80\xA6", 3) == 0)
		return true;
	return is_type_name(text, len) || is_choice(text, len);
}

bool is_echo(const json_t *value)
{
	const json_t *queue[LOOKED_AT];
	size_t len = 0, texts = 0, placeholders = 0, i;
	const char *key;
	json_t *item;

	queue[len++] = value;
	if (is_schema(value) || is_schema(json_array_get(value, 0)))
		return true;
	for (size_t next = 0; next < len; next++) {
		const json_t *at = queue[next];

		if (json_is_string(at) && json_string_length(at)) {
			texts++;
			placeholders += is_placeholder(at);
		}
		json_array_foreach(at, i, item) {
			if (len == LOOKED_AT)
				break;
			queue[len++] = item;
		}
		json_object_foreach((json_t *)(uintptr_t)at, key, item) {
			if (len == LOOKED_AT)
				break;
			queue[len++] = item;
		}
	}
	return placeholders * 2 > texts;
}
