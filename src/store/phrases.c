#include "phrases.h"

#include "persona/text.h"

/*
 * Each phrase is known by its first bytes: these are looked up at every place of a text, and only where they are known is
 * the rest compared.
 */
#define HEAD	       10
#define SENTENCE_LEAST 12 /* bytes */
#define WORDS_LEAST    3

struct phrase {
	char *bytes; /* folded in ASCII */
	size_t len;
	size_t next; /* with the same hash: its number + 1 */
	bool dropped;
};

struct phrases {
	struct phrase *items;
	size_t len, capacity;
	size_t *table; /* number + 1 of the first phrase with the hash */
	size_t table_len;
};

static char fold(char byte)
{
	return byte >= 'A' && byte <= 'Z' ? (char)(byte + 32) : byte;
}

static uint32_t hash_of(const char *text)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < HEAD; i++)
		hash = (hash ^ (unsigned char)fold(text[i])) * 16777619u;
	return hash ^ hash >> 15;
}

int phrases_new(struct phrases **out, struct persona_error *err)
{
	*out = calloc(1, sizeof **out);
	return *out ? 0 : persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
}

void phrases_free(struct phrases *phrases)
{
	if (!phrases)
		return;
	for (size_t i = 0; i < phrases->len; i++)
		free(phrases->items[i].bytes);
	free(phrases->items);
	free(phrases->table);
	free(phrases);
}

static void put(struct phrases *phrases, size_t number)
{
	size_t slot = hash_of(phrases->items[number].bytes) % phrases->table_len;

	phrases->items[number].next = phrases->table[slot];
	phrases->table[slot] = number + 1;
}

static int widen(struct phrases *phrases, struct persona_error *err)
{
	size_t len = phrases->table_len ? 2 * phrases->table_len : 1024;
	size_t *table = calloc(len, sizeof *table);

	if (!table)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	free(phrases->table);
	phrases->table = table;
	phrases->table_len = len;
	for (size_t i = 0; i < phrases->len; i++)
		put(phrases, i);
	return 0;
}

static int add_bytes(struct phrases *phrases, const char *bytes, size_t len, struct persona_error *err)
{
	struct phrase *phrase;

	if (len < HEAD)
		return 0;
	if (phrases->len >= phrases->table_len && widen(phrases, err) < 0)
		return -1;
	if (persona_grow((void **)&phrases->items, &phrases->capacity, phrases->len, sizeof *phrases->items, err) < 0)
		return -1;
	phrase = &phrases->items[phrases->len];
	*phrase = (struct phrase){ .bytes = persona_strndup(bytes, len, err), .len = len };
	if (!phrase->bytes)
		return -1;
	for (size_t i = 0; i < len; i++)
		phrase->bytes[i] = fold(phrase->bytes[i]);
	put(phrases, phrases->len++);
	return 0;
}

/* The sentence as it stands in JSON, with and without escapes for what is not ASCII, where that is another text. */
static int add_escaped(struct phrases *phrases, const char *bytes, size_t len, size_t flags, struct persona_error *err)
{
	json_t *string = json_stringn(bytes, len);
	char *dump = string ? json_dumps(string, JSON_ENCODE_ANY | flags) : NULL;
	size_t dump_len;
	int rc = 0;

	json_decref(string);
	if (!dump)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	dump_len = strlen(dump);
	if (dump_len != len + 2)
		rc = add_bytes(phrases, dump + 1, dump_len - 2, err);
	free(dump);
	return rc;
}

static int add_sentence(struct phrases *phrases, const char *bytes, size_t len, struct persona_error *err)
{
	len = persona_text_trim(&bytes, len);
	if (len < SENTENCE_LEAST || persona_text_word_count(bytes, len) < WORDS_LEAST)
		return 0;
	if (add_bytes(phrases, bytes, len, err) < 0 || add_escaped(phrases, bytes, len, 0, err) < 0)
		return -1;
	return add_escaped(phrases, bytes, len, JSON_ENSURE_ASCII, err);
}

/* A full stop, exclamation or question mark that needs no blank behind it: how many bytes it has. */
static size_t wide_mark(const char *text)
{
	static const char *const marks[] = { "\u3002", "\uff01", "\uff1f", "\uff61" };

	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
		if (strncmp(text, marks[i], strlen(marks[i])) == 0)
			return strlen(marks[i]);
	return 0;
}

/* Bytes of the mark or line end here: 0 inside a sentence. */
static size_t sentence_end(const char *text)
{
	if (*text == '\n')
		return 1;
	if (strchr(".!?", *text))
		return !text[1] || strchr(" \t\r\n\"'", text[1]);
	return (unsigned char)*text >= 0x80 ? wide_mark(text) : 0;
}

int phrases_add_exactly(struct phrases *phrases, const char *text, struct persona_error *err)
{
	return add_bytes(phrases, text, strlen(text), err);
}

/* Each without its mark at the end, so that it is found where another stands in its place. */
int phrases_add(struct phrases *phrases, const char *text, struct persona_error *err)
{
	while (*text) {
		size_t len = 0;

		while (text[len] && !sentence_end(text + len))
			len++;
		if (add_sentence(phrases, text, len, err) < 0)
			return -1;
		text += len;
		text += *text ? sentence_end(text) : 0;
	}
	return 0;
}

static bool begins_with(const struct phrase *phrase, const char *text, size_t len)
{
	if (phrase->len > len)
		return false;
	for (size_t i = 0; i < phrase->len; i++)
		if (phrase->bytes[i] != fold(text[i]))
			return false;
	return true;
}

/* The phrase that begins here; SIZE_MAX: none. drop: all that do are dropped. */
static bool look(struct phrase *items, const struct phrases *phrases, const char *text, size_t len, bool drop)
{
	bool found = false;

	for (size_t number = phrases->table[hash_of(text) % phrases->table_len]; number;
	     number = items[number - 1].next) {
		struct phrase *phrase = &items[number - 1];

		if (phrase->dropped || !begins_with(phrase, text, len))
			continue;
		found = true;
		if (!drop)
			return true;
		phrase->dropped = true;
	}
	return found;
}

bool phrases_in(const struct phrases *phrases, const char *text, size_t len)
{
	for (size_t i = 0; phrases->table_len && i + HEAD <= len; i++)
		if (look(phrases->items, phrases, text + i, len - i, false))
			return true;
	return false;
}

int phrases_drop(struct phrases *phrases, const char *text, struct persona_error *err)
{
	size_t len = strlen(text);

	(void)err;
	for (size_t i = 0; phrases->table_len && i + HEAD <= len; i++)
		(void)look(phrases->items, phrases, text + i, len - i, true);
	return 0;
}
