/* Documents that were escaped once more than needed: in a JSON string, or for HTML. */
#include <strings.h>

#include "internal.h"

struct entity {
	const char *text;
	const char *means;
};

static const struct entity entities[] = {
	{ "&quot;", "\"" }, { "&#34;", "\"" }, { "&#x22;", "\"" }, { "&apos;", "'" }, { "&#39;", "'" },
	{ "&#x27;", "'" },  { "&amp;", "&" },  { "&lt;", "<" },	   { "&gt;", ">" },   { "&nbsp;", " " },
	{ "&#123;", "{" },  { "&#125;", "}" }, { "&#91;", "[" },   { "&#93;", "]" },
};

static const struct entity *entity_at(const struct source *source, size_t at)
{
	for (size_t i = 0; i < sizeof entities / sizeof *entities; i++) {
		size_t len = strlen(entities[i].text);

		if (source->len - at >= len && strncasecmp(source->text + at, entities[i].text, len) == 0)
			return &entities[i];
	}
	return NULL;
}

/* What begins the first key or text behind the brackets tells. */
enum wrapping wrapping_of(struct source *source, size_t at)
{
	size_t start = at, most = peek_limit(source->len, at, 256);
	const char *text = source->text;
	const struct entity *entity;

	for (at++; at < most; at++) {
		if (text[at] == '\\' && at + 1 < source->len && text[at + 1] && strchr("nrt", text[at + 1]))
			at++;
		else if (!text[at] || !strchr("{[ \n\r\t", text[at]))
			break;
	}
	source->visited += at - start;
	if (at >= most)
		return WRAPPED_NOT;
	if (text[at] == '\\')
		return at + 1 < source->len && text[at + 1] == '"' ? WRAPPED_ESCAPES : WRAPPED_NOT;
	entity = text[at] == '&' ? entity_at(source, at) : NULL;
	return entity && strchr("\"'", *entity->means) ? WRAPPED_ENTITIES : WRAPPED_NOT;
}

/* One step: the bytes that stand for what is at `at`; returns how many it takes, 0 where the wrapped text ends. */
static size_t step(const struct source *source, size_t at, enum wrapping wrapping, char out[4], size_t *out_len)
{
	static const char letters[] = "nrtbf\"\\/", meant[] = "\n\r\t\b\f\"\\/";
	char c = source->text[at];
	const char *found;

	out[0] = c;
	*out_len = 1;
	if (wrapping == WRAPPED_ENTITIES && c == '&') {
		const struct entity *entity = entity_at(source, at);

		if (!entity)
			return 1;
		out[0] = *entity->means;
		return strlen(entity->text);
	}
	if (wrapping == WRAPPED_ESCAPES && c == '"')
		return 0; /* of the string that the document was put into */
	if (wrapping != WRAPPED_ESCAPES || c != '\\' || at + 1 == source->len)
		return 1;
	/* Two backslashes before a quote that is not escaped itself were meant to escape it. */
	if (source->len - at > 2 && source->text[at + 1] == '\\' && source->text[at + 2] == '"') {
		memcpy(out, "\\\"", 2);
		*out_len = 2;
		return 3;
	}
	found = source->text[at + 1] ? strchr(letters, source->text[at + 1]) : NULL;
	if (found) {
		out[0] = meant[found - letters];
		return 2;
	}
	return 1; /* \u00e9 means the same one level further in */
}

int unwrap(struct persona_buf *out, const struct source *source, size_t at, enum wrapping wrapping,
	   struct persona_error *err)
{
	char bytes[4];
	size_t len, taken;

	while (at < source->len && (taken = step(source, at, wrapping, bytes, &len)) > 0) {
		if (persona_buf_add(out, bytes, len, err) < 0)
			return -1;
		at += taken;
	}
	return 0;
}

size_t unwrapped_offset(const struct source *source, size_t at, enum wrapping wrapping, size_t wanted)
{
	char bytes[4];
	size_t len, taken;

	while (wanted && at < source->len && (taken = step(source, at, wrapping, bytes, &len)) > 0) {
		wanted -= len;
		at += taken;
	}
	return at;
}
