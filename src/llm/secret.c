/* No key in any text: exact copies, parts of it as servers echo them, and what looks like one. */
#include <ctype.h>
#include <strings.h>

#include "internal.h"

/* So many bytes of the key in a row are no coincidence; a shorter key is a placeholder such as "none". */
#define PIECE 8

size_t persona_llm_mask(const struct persona_llm *llm, char *bytes, size_t len)
{
	size_t key_len = llm->key ? strlen(llm->key) : 0, count = 0;
	char *at = bytes, *found;

	if (key_len < PIECE)
		return 0;
	while ((found = memmem(at, len - (size_t)(at - bytes), llm->key, key_len))) {
		memset(found, '*', key_len);
		at = found + key_len;
		count++;
	}
	return count;
}

static bool shares_piece(const char *word, size_t len, const char *key)
{
	size_t key_len = strlen(key);

	for (size_t i = 0; i + PIECE <= len; i++)
		if (memmem(key, key_len, word + i, PIECE))
			return true;
	return false;
}

static bool looks_like_key(const char *word, size_t len)
{
	static const char *const beginnings[] = { "sk-", "sk_", "AIza", "gsk_", "xai-", NULL };

	if (memmem(word, len, "***", 3))
		return true;
	for (size_t i = 0; beginnings[i]; i++) {
		size_t start = strlen(beginnings[i]);

		if (len > start + 4 && strncasecmp(word, beginnings[i], start) == 0)
			return true;
	}
	return false;
}

/* Bytes of which keys are made, and with which they are covered. */
static bool is_word(char byte)
{
	return isalnum((unsigned char)byte) || (byte && strchr("-_.*+/=~", byte)) || (unsigned char)byte >= 0x80;
}

void llm_mask_words(const struct persona_llm *llm, char *text)
{
	(void)persona_llm_mask(llm, text, strlen(text));
	while (*text) {
		size_t len = 0;

		while (is_word(text[len]))
			len++;
		if (len && (looks_like_key(text, len) || (llm->key && shares_piece(text, len, llm->key))))
			memset(text, '*', len);
		text += len ? len : 1;
	}
}
