/*
 * Texts that somebody made to be slow: a beginning, something so often that it is as long as wanted, and an end.
 * For unit tests and the bench.
 */
#ifndef PERSONA_TEST_JSON_ATTACKS_H
#define PERSONA_TEST_JSON_ATTACKS_H

#include <stdlib.h>
#include <string.h>

struct attack {
	const char *before, *repeated, *behind;
};

static const struct attack attacks[] = {
	{ "", "{", "" },
	{ "", "[", "" },
	{ "", "{\"", "" },
	{ "", "{\"a", "" },
	{ "", "[\"", "" },
	{ "", "{\"a\":", "" },
	{ "", "{a:", "" },
	{ "", "[{\"a\":[", "" },
	{ "", "[}", "" },
	{ "", "{]", "" },
	{ "", "{\"a\":1 ", "" },
	{ "", "{\"a\":1}\n", "" },
	{ "", "{\"a\":1},", "" },
	{ "", "{\"id\":\"a\"}", "" },
	{ "[", "{\"id\":\"a\"},", "" },
	{ "", "{name} ", "" },
	{ "", "[1]: ", "" },
	{ "", "\\\"", "" },
	{ "{\"a\":\"", "\\\"", "" },
	{ "[\"", "\\", "" },
	{ "[\"", "\\ud800", "" },
	{ "", "\"", "" },
	{ "[", "\"", "" },
	{ "{\"a\":", "\" \"", "" },
	{ "{\"a\":\"", "b,c,\"", "" },
	{ "{\"a\":\"", "x\n\"b\":", "" },
	{ "{\"a\":", "\"b\" + ", "" },
	{ "", "'", "" },
	{ "[", "'", "" },
	{ "{'a':'", "it's ", "" },
	{ "[", "\"\"\"", "" },
	{ "[", "\xE2\x80\x9C", "" },
	{ "{", "\xEF\xBC\x9A", "" },
	{ "[", "/*", "" },
	{ "[", "//", "" },
	{ "{", "#\n", "" },
	{ "[", "(", "" },
	{ "[", "(1,", "" },
	{ "[", ",", "" },
	{ "{", ":", "" },
	{ "[", "...", "" },
	{ "[", "1 ", "" },
	{ "[", "1_", "" },
	{ "[", "1", "]" },
	{ "{", "word ", "" },
	{ "{a: ", "word, ", "" },
	{ "{", "a: b\n", "" },
	{ "[", "ObjectId(", "" },
	{ "[", "NOTE \"a\": ", "" },
	{ "```json\n", " ", "" },
	{ "```json\n", "\n", "" },
	{ "", "```json\n", "" },
	{ "", "```json\n{\"a\":1}\n```\n", "" },
	{ "", "`", "" },
	{ "", "`{\"a\":1}`", "" },
	{ "", "~", "" },
	{ "", "> {\"a\":\n", "" },
	{ "", "<think>", "" },
	{ "", "</think>", "" },
	{ "", "<think>{\"a\":", "" },
	{ "{'a':'", "</think>", "'}" },
	{ "{'a':'", "</think>", "" },
	{ "{'a':'", "</think>' ", "" },
	{ "{'a':", "'</think>", "" },
	{ "", "[THINK]{\"a\":1}", "" },
	{ "", "[/THINK]", "" },
	{ "", "<|channel|>final<|message|>{", "" },
	{ "", "<|im_end|>", "" },
	{ "", "<output>{\"a\":", "" },
	{ "analysis", "assistantfinal{", "" },
	{ "", "{&quot;a&quot;:", "" },
	{ "", "{\\\"a\\\":", "" },
	{ "", "\"{\\\"a\\\":1}\" ", "" },
	{ "", "{\"$schema\":1}", "" },
	{ "", "{\"a\":\"<a>\"}", "" },
	{ "", "\xEF\xBB\xBF", "" },
	{ "[\"", "\xFF", "" },
};
#define ATTACKS ((int)(sizeof attacks / sizeof *attacks))

/* So many bytes of it, and a few more; the caller frees. NULL without memory. */
static char *make_attack(const struct attack *attack, size_t size, size_t *len)
{
	size_t before = strlen(attack->before), one = strlen(attack->repeated), behind = strlen(attack->behind);
	size_t times = size / one;
	char *text = malloc(before + times * one + behind + 1);

	if (!text)
		return NULL;
	memcpy(text, attack->before, before);
	for (size_t i = 0; i < times; i++)
		memcpy(text + before + i * one, attack->repeated, one);
	memcpy(text + before + times * one, attack->behind, behind + 1);
	*len = before + times * one + behind;
	return text;
}

#endif
