/* Several values that are one answer: JSON lines, a fence for each persona, a list in two parts, a second version. */
#include <strings.h>

#include "internal.h"

/* ---- Shape and identity ---------------------------------------------- */

/* The only member of an object if that is a list of objects: {"personas": [{…}, …]} */
static json_t *listed(const json_t *value, const char **name)
{
	void *iterator = json_object_iter((json_t *)(uintptr_t)value);
	json_t *member = json_object_size(value) == 1 ? json_object_iter_value(iterator) : NULL;

	if (!json_is_object(json_array_get(member, 0)))
		return NULL;
	*name = json_object_iter_key(iterator);
	return member;
}

/* The list that a value is, in an envelope or not; NULL if it is one object. */
static json_t *list_of(json_t *value)
{
	const char *name;

	return json_is_array(value) ? value : listed(value, &name);
}

static json_t *first_object(json_t *value)
{
	json_t *list = list_of(value);

	return list ? json_array_get(list, 0) : value;
}

/* At least half of the keys that either has are those of both. */
static bool same_shape(const json_t *a, const json_t *b)
{
	size_t shared = 0, key_len;
	const char *key;
	json_t *member;

	json_object_keylen_foreach((json_t *)(uintptr_t)a, key, key_len, member) shared +=
		json_object_getn(b, key, key_len) != NULL;
	return 2 * shared >= json_object_size(a) + json_object_size(b) - shared;
}

static bool same_envelope(const json_t *a, const json_t *b)
{
	const char *of_a = "", *of_b = "";

	(void)listed(a, &of_a);
	(void)listed(b, &of_b);
	return strcmp(of_a, of_b) == 0;
}

/* What a persona is known by, else NULL. */
static const json_t *identity(const json_t *object)
{
	static const char *const keys[] = { "id", "name" };

	for (size_t i = 0; i < 2; i++) {
		const json_t *value = json_object_get(object, keys[i]);

		if (json_is_integer(value) || (json_is_string(value) && json_string_length(value)))
			return value;
	}
	return NULL;
}

/* ---- What stands between two values ---------------------------------- */

static bool is_revision_word(const char *word, size_t len)
{
	static const char *const words[] = { "correct", "corrected", "correction", "revised", "revision",
					     "updated", "update",    "final",	   "wait",    "actually",
					     "instead", "fixed",     "improved",   "better" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strlen(words[i]) == len && strncasecmp(words[i], word, len) == 0)
			return true;
	return false;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

/* Nothing but list marks, fences, and a heading of a few words. */
static bool is_separator(const char *text, size_t len)
{
	size_t words = 0;

	if (len > 400)
		return false;
	for (size_t i = 0; i < len;) {
		size_t start = i;

		if (text[i] == '`' || text[i] == '~' || text[i] == '<') {
			/* A fence with its language, a tag. */
			while (i < len && text[i] != '\n' && text[i] != '>')
				i++;
			continue;
		}
		while (i < len && is_letter(text[i]))
			i++;
		if (i == start) {
			i++;
			continue;
		}
		if (is_revision_word(text + start, i - start) || ++words > 4)
			return false;
	}
	return true;
}

/* ---- Joining --------------------------------------------------------- */

struct joint {
	json_t *items; /* in order */
	json_t *known; /* identity → index */
};

/* A key that keeps 1 and "1" apart: its length. 0: too long, or none. */
static size_t known_key(const json_t *object, char *buf, size_t size)
{
	const json_t *id = identity(object);
	size_t len = json_string_length(id);

	if (json_is_integer(id))
		return (size_t)snprintf(buf, size, "#%lld", (long long)json_integer_value(id));
	if (!id || len + 1 > size)
		return 0;
	buf[0] = '=';
	memcpy(buf + 1, json_string_value(id), len);
	return len + 1;
}

static json_t *known_index(const struct joint *joint, const json_t *object)
{
	char key[512];
	size_t len = known_key(object, key, sizeof key);

	return len ? json_object_getn(joint->known, key, len) : NULL;
}

static int put(struct joint *joint, json_t *object, const json_t *place)
{
	char key[512];
	size_t len;

	if (place)
		return json_array_set(joint->items, (size_t)json_integer_value(place), object);
	if (json_array_append(joint->items, object) < 0)
		return -1;
	len = known_key(object, key, sizeof key);
	if (!len)
		return 0;
	return json_object_setn_new_nocheck(joint->known, key, len,
					    json_integer((json_int_t)json_array_size(joint->items) - 1));
}

/* A later list whose every element is known already is the list once more, and the whole of it. */
static bool is_restatement(const struct joint *joint, const json_t *list)
{
	size_t i;
	json_t *item;

	if (json_array_size(list) < 2 || !json_array_size(joint->items))
		return false;
	json_array_foreach(list, i, item)
		if (!known_index(joint, item))
			return false;
	return true;
}

static int join_one(struct joint *joint, json_t *value, bool truncated)
{
	json_t *list = list_of(value), **places, *item;
	size_t size = json_array_size(list), i;
	int rc = 0;

	if (!list) {
		const json_t *place = known_index(joint, value);

		return place && truncated ? 0 : put(joint, value, place);
	}
	if (is_restatement(joint, list)) {
		if (json_array_clear(joint->items) < 0 || json_object_clear(joint->known) < 0)
			return -1;
	}
	/* Two elements of one list are two, whatever they are called. */
	places = calloc(size ? size : 1, sizeof(json_t *));
	if (!places)
		return -1;
	json_array_foreach(list, i, item)
		places[i] = json_incref(known_index(joint, item));
	json_array_foreach(list, i, item) {
		if (!rc)
			rc = put(joint, item, places[i]);
		json_decref(places[i]);
	}
	free(places);
	return rc;
}

/* Which of the candidates belong to the one that won. */
static size_t choose(const struct hunt *hunt, size_t winner, bool *chosen)
{
	const struct candidate *items = hunt->found.items;
	const char *text = hunt->source->text;
	json_t *model = first_object(items[winner].value);
	bool named = identity(model) != NULL;
	size_t count = 0, len = hunt->found.len, first = winner, last = winner;

	for (size_t i = winner; !named && json_is_object(items[winner].value) && i > 0; i--) {
		const struct candidate *a = &items[i - 1], *b = &items[i];

		if (!is_separator(text + a->end, b->start - a->end) || !json_is_object(a->value))
			break;
		first = i - 1;
	}
	for (size_t i = winner; !named && json_is_object(items[winner].value) && i + 1 < len; i++) {
		const struct candidate *a = &items[i], *b = &items[i + 1];

		if (!is_separator(text + a->end, b->start - a->end) || !json_is_object(b->value))
			break;
		last = i + 1;
	}
	for (size_t i = 0; i < len; i++) {
		json_t *object = first_object(items[i].value);

		chosen[i] = i == winner || (json_is_object(object) && same_shape(model, object) &&
					    same_envelope(items[i].value, items[winner].value) &&
					    (named ? identity(object) != NULL : i >= first && i <= last));
		count += chosen[i];
	}
	return count;
}

static size_t winner_of(const struct candidates *found)
{
	size_t winner = found->len - 1;

	for (size_t i = found->len; i-- > 0;)
		if (!found->items[i].repaired)
			return i;
	return winner;
}

static void report_one(struct persona_json_report *report, const struct candidate *candidate)
{
	size_t end = report->offset + report->len;

	report->repaired |= candidate->repaired;
	report->truncated |= candidate->truncated;
	report->partial |= candidate->partial;
	if (!report->len) {
		report->offset = candidate->start;
		end = 0;
	}
	report->len = (candidate->end > end ? candidate->end : end) - report->offset;
}

/* Put the joint list back into the envelope that its parts came in. */
static int wrap(json_t **out, struct joint *joint, json_t *model, bool single)
{
	const char *name;

	if (single && json_array_size(joint->items) == 1) {
		*out = json_incref(json_array_get(joint->items, 0));
		return 0;
	}
	if (!listed(model, &name)) {
		*out = json_incref(joint->items);
		return 0;
	}
	*out = json_object();
	return *out ? json_object_set_nocheck(*out, name, joint->items) : -1;
}

static int join_chosen(json_t **out, struct hunt *hunt, size_t winner, const bool *chosen, size_t count,
		       struct persona_json_report *report)
{
	struct joint joint = { .items = json_array(), .known = json_object() };
	const struct candidates *found = &hunt->found;
	size_t joined = 0;
	bool single = true;
	int rc = joint.items && joint.known ? 0 : -1;

	for (size_t i = 0; i < found->len && !rc; i++) {
		const struct candidate *candidate = &found->items[i];

		if (!chosen[i])
			continue;
		report_one(report, candidate);
		single = single && !list_of(candidate->value);
		/* Of several objects one that was cut is the one that is dropped. */
		if (candidate->truncated && !list_of(candidate->value) && joined && count > 1)
			continue;
		rc = join_one(&joint, candidate->value, candidate->truncated);
		joined++;
	}
	if (!rc)
		rc = wrap(out, &joint, found->items[winner].value, single);
	json_decref(joint.items);
	json_decref(joint.known);
	return rc;
}

int siblings_join(json_t **out, struct hunt *hunt, struct persona_json_report *report, struct persona_error *err)
{
	const struct candidates *found = &hunt->found;
	size_t winner = winner_of(found), count = 1;
	bool *chosen = NULL;
	int rc = 0;

	*out = NULL;
	if (found->len > 1 && hunt->wanted != WANT_OBJECT && json_is_object(first_object(found->items[winner].value))) {
		chosen = calloc(found->len, sizeof *chosen);
		if (!chosen)
			return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		count = choose(hunt, winner, chosen);
	}
	if (count > 1) {
		rc = join_chosen(out, hunt, winner, chosen, count, report);
	} else {
		report_one(report, &found->items[winner]);
		*out = json_incref(found->items[winner].value);
	}
	free(chosen);
	if (rc < 0) {
		json_decref(*out);
		*out = NULL;
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	return 0;
}
