/* names.c - invented names, none of them borne by anybody in the source. */
#include "internal.h"
#include "embedded_offline.h"

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

struct name {
	const char *first, *last; /* in embedded data */
	size_t first_len, last_len;
	bool first_new, last_new; /* no entry before has it */
	bool seen;		  /* a word of the source is one of them */
};

/* A first or last name, lower case, while the source is searched. */
struct part {
	char text[32];
	bool seen;
	UT_hash_handle hh;
};

struct names {
	struct name *items;
	size_t len, capacity;
	uint8_t *given; /* len x len: first of one with last of another */
};

static int names_read(struct names *names, struct persona_error *err)
{
	const char *at = embedded_names_txt, *end = at + embedded_names_txt_len;

	while (at < end) {
		const char *eol = memchr(at, '\n', (size_t)(end - at));
		const char *space = memchr(at, ' ', (size_t)((eol ? eol : end) - at));

		if (!eol)
			eol = end;
		if (*at != '#' && space) {
			if (persona_grow((void **)&names->items, &names->capacity, names->len, sizeof *names->items,
					 err) < 0)
				return -1;
			names->items[names->len++] = (struct name){ .first = at,
								    .first_len = (size_t)(space - at),
								    .last = space + 1,
								    .last_len = (size_t)(eol - space - 1) };
		}
		at = eol + 1;
	}
	if (!names->len)
		return persona_error_set(err, PERSONA_E_FORMAT, "the list of names is empty");
	return 0;
}

static bool is_letter(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (unsigned char)byte >= 0x80 ||
	       byte == '-';
}

static bool part_key(char key[32], const char *text, size_t len)
{
	if (len >= 32)
		return false;
	for (size_t i = 0; i < len; i++)
		key[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] + 32) : text[i];
	key[len] = '\0';
	return true;
}

static int part_add(struct part **parts, const char *text, size_t len, struct persona_error *err)
{
	struct part *part;
	char key[32];

	if (!part_key(key, text, len))
		return persona_error_set(err, PERSONA_E_FORMAT, "name too long: %.*s", (int)len, text);
	HASH_FIND_STR(*parts, key, part);
	if (part)
		return 0;
	part = calloc(1, sizeof *part);
	if (!part)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	memcpy(part->text, key, sizeof key);
	HASH_ADD_STR(*parts, text, part);
	if (!part->hh.tbl) {
		free(part);
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	return 0;
}

static bool part_seen(struct part *parts, const char *text, size_t len)
{
	struct part *part;
	char key[32];

	if (!part_key(key, text, len))
		return false;
	HASH_FIND_STR(parts, key, part);
	return part && part->seen;
}

/* Capitalised words of a text that are parts of names. "may" and "rose" in lower case are nobody. */
static void search(struct part *parts, const char *text)
{
	while (*text) {
		const char *start = text;
		struct part *part;
		char key[32];

		while (is_letter(*text))
			text++;
		if (text > start && !(*start >= 'a' && *start <= 'z') && part_key(key, start, (size_t)(text - start))) {
			HASH_FIND_STR(parts, key, part);
			if (part)
				part->seen = true;
		}
		text += *text && text == start;
	}
}

static bool is_text(const char *a, size_t a_len, const char *b, size_t b_len)
{
	return a_len == b_len && memcmp(a, b, a_len) == 0;
}

static void names_compare(struct names *names)
{
	for (size_t i = 0; i < names->len; i++) {
		struct name *name = &names->items[i];

		name->first_new = name->last_new = true;
		for (size_t j = 0; j < i; j++) {
			const struct name *other = &names->items[j];

			name->first_new &= !is_text(name->first, name->first_len, other->first, other->first_len);
			name->last_new &= !is_text(name->last, name->last_len, other->last, other->last_len);
		}
	}
}

int names_new(struct names **out, const struct persona_records *records, struct persona_error *err)
{
	struct names *names = calloc(1, sizeof *names);
	struct part *parts = NULL, *part, *next;
	int rc = -1;

	*out = NULL;
	if (!names) {
		persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		goto out;
	}
	if (names_read(names, err) < 0)
		goto out;
	names_compare(names);
	names->given = calloc(names->len * names->len, 1);
	if (!names->given) {
		persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		goto out;
	}
	for (size_t i = 0; i < names->len; i++)
		if (part_add(&parts, names->items[i].first, names->items[i].first_len, err) < 0 ||
		    part_add(&parts, names->items[i].last, names->items[i].last_len, err) < 0)
			goto out;
	for (size_t i = 0; i < records->len; i++) {
		search(parts, records->items[i].text);
		if (records->items[i].speaker)
			search(parts, records->items[i].speaker);
	}
	for (size_t i = 0; i < names->len; i++)
		names->items[i].seen = part_seen(parts, names->items[i].first, names->items[i].first_len) ||
				       part_seen(parts, names->items[i].last, names->items[i].last_len);
	*out = names;
	rc = 0;
out:
	HASH_ITER(hh, parts, part, next)
	{
		HASH_DEL(parts, part);
		free(part);
	}
	if (rc < 0)
		names_free(names);
	return rc;
}

void names_free(struct names *names)
{
	if (!names)
		return;
	free(names->items);
	free(names->given);
	free(names);
}

void names_reset(struct names *names)
{
	memset(names->given, 0, names->len * names->len);
}

/* May the first name of one and the last name of the other make a name that is not on the list? */
static bool is_new_pair(const struct names *names, size_t first, size_t last)
{
	const struct name *a = &names->items[first], *b = &names->items[last];

	if (first == last)
		return true;
	if (!a->first_new || !b->last_new)
		return false;
	for (size_t i = 0; i < names->len; i++)
		if (is_text(names->items[i].first, names->items[i].first_len, a->first, a->first_len) &&
		    is_text(names->items[i].last, names->items[i].last_len, b->last, b->last_len))
			return false;
	return true;
}

static char *name_text(const struct name *a, const struct name *b, struct persona_error *err)
{
	struct persona_buf buf;

	persona_buf_init(&buf, 256);
	if (persona_buf_add(&buf, a->first, a->first_len, err) < 0 || persona_buf_addc(&buf, ' ', err) < 0 ||
	    persona_buf_add(&buf, b->last, b->last_len, err) < 0) {
		persona_buf_release(&buf);
		return NULL;
	}
	return persona_buf_take(&buf);
}

/*
 * The list as it stands first; when it is used up, first names with the last names of others,
 * shift after shift. Names of the source are passed over until nothing else is left; then
 * names come twice.
 */
char *names_take(struct names *names, uint64_t hash, struct persona_error *err)
{
	size_t n = names->len, start = hash % n;

	for (int careful = 1; careful >= 0; careful--)
		for (size_t shift = 0; shift < n; shift++)
			for (size_t i = 0; i < n; i++) {
				size_t first = (start + i) % n, last = (first + shift) % n;
				const struct name *a = &names->items[first], *b = &names->items[last];

				if (names->given[first * n + last] || (careful && (a->seen || b->seen)) ||
				    !is_new_pair(names, first, last))
					continue;
				names->given[first * n + last] = 1;
				return name_text(a, b, err);
			}
	return name_text(&names->items[start], &names->items[start], err);
}

char *names_suggest(const struct names *names, uint64_t hash, struct persona_error *err)
{
	size_t n = names->len;

	for (size_t i = 0; i < n; i++) {
		const struct name *name = &names->items[(hash + i) % n];

		if (!name->seen)
			return name_text(name, name, err);
	}
	return name_text(&names->items[hash % n], &names->items[hash % n], err);
}
