/* Text as the inside of JSON strings. */
#include "persona/text.h"

#include "internal.h"

int llm_escape(struct persona_buf *out, const char *text, size_t len, struct persona_error *err)
{
	const char *end = text + len;

	/* What is clean needs four escapes only. */
	if (!persona_text_is_clean(text, len))
		return persona_error_set(err, PERSONA_E_FORMAT,
					 "text for a model is not UTF-8, or has control characters");
	while (text < end) {
		const char *at = text + persona_text_literal(text, (size_t)(end - text), NULL);
		const char *escape;

		if (persona_buf_add(out, text, (size_t)(at - text), err) < 0)
			return -1;
		if (at == end)
			break;
		escape = *at == '\n' ? "\\n" : *at == '\t' ? "\\t" : *at == '"' ? "\\\"" : "\\\\";
		if (persona_buf_add(out, escape, 2, err) < 0)
			return -1;
		text = at + 1;
	}
	return 0;
}

int persona_llm_prefix_new(struct persona_llm_prefix **out, const char *text, size_t len, struct persona_error *err)
{
	struct persona_llm_prefix *prefix = calloc(1, sizeof *prefix);
	struct persona_buf escaped;

	*out = NULL;
	persona_buf_init(&escaped, SIZE_MAX);
	if (!prefix) {
		(void)persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		goto fail;
	}
	prefix->text = persona_strndup(text, len, err);
	prefix->len = len;
	if (!prefix->text || persona_hash_bytes(prefix->sha256, text, len, err) < 0 ||
	    llm_escape(&escaped, text, len, err) < 0)
		goto fail;
	prefix->escaped_len = escaped.len;
	prefix->escaped = persona_buf_take(&escaped);
	if (!prefix->escaped) {
		(void)persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		goto fail;
	}
	*out = prefix;
	return 0;
fail:
	persona_buf_release(&escaped);
	persona_llm_prefix_free(prefix);
	return -1;
}

void persona_llm_prefix_free(struct persona_llm_prefix *prefix)
{
	if (!prefix)
		return;
	free(prefix->text);
	free(prefix->escaped);
	free(prefix);
}

const char *persona_llm_prefix_sha256(const struct persona_llm_prefix *prefix)
{
	return prefix->sha256;
}

const char *persona_llm_prefix_text(const struct persona_llm_prefix *prefix)
{
	return prefix->text;
}

size_t persona_llm_prefix_len(const struct persona_llm_prefix *prefix)
{
	return prefix->len;
}
