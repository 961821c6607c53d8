#include "private.h"

static bool is_ignored(char byte)
{
	return byte == '_' || byte == '-' || byte == ' ';
}

static char small(char byte)
{
	return byte >= 'A' && byte <= 'Z' ? (char)(byte + 32) : byte;
}

bool same_key(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t i = 0, j = 0;

	for (;;) {
		while (i < a_len && is_ignored(a[i]))
			i++;
		while (j < b_len && is_ignored(b[j]))
			j++;
		if (i == a_len || j == b_len)
			return i == a_len && j == b_len;
		if (small(a[i++]) != small(b[j++]))
			return false;
	}
}

/* The first byte of a key that counts, small; NUL: none does. */
static char first_of(const char *key)
{
	while (is_ignored(*key))
		key++;
	return small(*key);
}

/* The place of a key in a list of names separated by blanks, from 0; -1 when it is not there. */
static int place_in(const char *names, const char *key, size_t key_len)
{
	char first = first_of(key);

	for (int place = 0; *names; place++) {
		const char *end = names;

		while (*end && *end != ' ')
			end++;
		if (small(*names) == first && same_key(names, (size_t)(end - names), key, key_len))
			return place;
		for (names = end; *names == ' ';)
			names++;
	}
	return -1;
}

const struct persona_field *find_field(const char *key, unsigned *rank)
{
	size_t len = strlen(key);

	/* As it is written mostly. */
	for (const struct persona_field *field = persona_fields; field->name; field++)
		if (strcmp(field->name, key) == 0) {
			if (rank)
				*rank = 0;
			return field;
		}
	for (const struct persona_field *field = persona_fields; field->name; field++) {
		bool same = same_key(field->name, strlen(field->name), key, len);
		int place = same ? -1 : place_in(field->aliases, key, len);

		if (!same && place < 0)
			continue;
		if (rank)
			*rank = (unsigned)(place + 2);
		return field;
	}
	return NULL;
}

json_t *find_member(const json_t *object, const char *names)
{
	json_t *found = NULL, *value;
	const char *key;
	int best = -1;

	/* jansson's iterators ask for a pointer that they do not write through. */
	json_object_foreach((json_t *)(uintptr_t)object, key, value) {
		int place = place_in(names, key, strlen(key));

		if (place >= 0 && (best < 0 || place < best) && !is_unknown(value)) {
			best = place;
			found = value;
		}
	}
	return found;
}
