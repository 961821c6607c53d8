/*
 * Which goals and frustrations somebody else has, too: the same words, or nearly (Jaccard 0.8 or more).
 *
 * Equal sets of words are one set. The words of each stand in one order, the rarest first. Of two different sets that
 * are near, a and b words long, 4/9 (a + b) words are in both (rounded up); so the first word that they share stands so
 * early in each that enough words follow it. Sets are therefore listed by word, length and place of the word, and each
 * is looked for only under lengths and places that leave enough: in data made from a template that is nowhere, where
 * word alone would be everywhere. Long sets, of which there are few, are listed by word alone.
 */
#include "documents.h"

#define LONG	     40 /* words: from here on a set is looked for by word alone */
#define LONG_PARTNER 32 /* shortest that may be near such a one */
#define SHORT_MOST   49 /* longest that may be near a shorter one */

/* A set of words, and up to two different personas that have it. */
struct set {
	const uint32_t *terms; /* the rarest first */
	size_t len;
	uint64_t signature; /* a bit for each word; different words may have the same */
	size_t owners[2];   /* indices of subjects that are members; SIZE_MAX: none */
	size_t near[2];	    /* the same for sets that are nearly it */
};

/* A set in the list of a key, with what tells most others from it without a look at them. */
struct place {
	uint64_t key;
	uint64_t signature;
	uint32_t set, len;
};

struct search {
	const struct documents *documents;
	const struct persona_subject *subjects;
	struct set *sets;
	size_t sets_len;
	size_t *set_of;	 /* of each item */
	uint32_t *table; /* number of a set + 1, by hash */
	size_t table_len;
	uint32_t *ranked;     /* documents->terms anew: ranks of words, each set in order */
	uint32_t *rank_of;    /* of a word: 0 is the rarest */
	struct place *places; /* in order of key */
	size_t places_len, places_capacity;
};

/* ---- Equal sets --------------------------------------------------------- */

static bool same_persona(const struct persona_subject *subjects, size_t a, size_t b)
{
	return a == b || (subjects[a].persona_id && subjects[a].persona_id == subjects[b].persona_id);
}

/* Put down another owner, if there is room and it is another persona. */
static void add_owner(const struct persona_subject *subjects, size_t owners[2], size_t owner)
{
	if (owner == SIZE_MAX || owners[1] != SIZE_MAX)
		return;
	if (owners[0] == SIZE_MAX)
		owners[0] = owner;
	else if (!same_persona(subjects, owners[0], owner))
		owners[1] = owner;
}

static uint64_t signature_of(const uint32_t *terms, size_t len)
{
	uint64_t signature = 0;

	for (size_t i = 0; i < len; i++)
		signature |= (uint64_t)1 << (terms[i] * 2654435761u >> 26);
	return signature;
}

static size_t add_set(struct search *search, struct term_range range)
{
	const uint32_t *terms = search->ranked + range.from;
	size_t len = range_len(range);
	size_t at = persona_mix64(len, terms, len * sizeof *terms) % search->table_len;

	for (; search->table[at]; at = at + 1 < search->table_len ? at + 1 : 0) {
		const struct set *set = &search->sets[search->table[at] - 1];

		if (set->len == len && memcmp(set->terms, terms, len * sizeof *terms) == 0)
			return search->table[at] - 1;
	}
	search->sets[search->sets_len] =
		(struct set){ terms, len, signature_of(terms, len), { SIZE_MAX, SIZE_MAX }, { SIZE_MAX, SIZE_MAX } };
	search->table[at] = (uint32_t)++search->sets_len;
	return search->sets_len - 1;
}

static void find_equal(struct search *search)
{
	const struct documents *documents = search->documents;

	for (size_t i = 0; i < documents->len; i++) {
		const struct document *document = &documents->items[i];

		for (size_t k = 0; k < document->items_len; k++) {
			size_t item = document->first_item + k;
			size_t set = add_set(search, documents->parts[item].terms);

			search->set_of[item] = set;
			if (search->subjects[i].member)
				add_owner(search->subjects, search->sets[set].owners, i);
		}
	}
}

/* ---- Rare words ------------------------------------------------------------ */

struct frequency {
	uint32_t count, word;
};

static int compare_frequencies(const void *left, const void *right)
{
	const struct frequency *a = left, *b = right;

	if (a->count != b->count)
		return a->count < b->count ? -1 : 1;
	return (a->word > b->word) - (a->word < b->word);
}

static int compare_ranks(const void *left, const void *right)
{
	const uint32_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

static int rank_words(struct search *search, struct persona_error *err)
{
	const struct documents *documents = search->documents;
	struct frequency *frequencies = calloc(documents->words + 1, sizeof *frequencies);

	if (!frequencies)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t word = 0; word < documents->words; word++)
		frequencies[word].word = (uint32_t)word;
	for (size_t i = 0; i < documents->parts_len; i++)
		for (size_t k = documents->parts[i].terms.from; k < documents->parts[i].terms.to; k++)
			frequencies[documents->terms[k]].count++;
	qsort(frequencies, documents->words, sizeof *frequencies, compare_frequencies);
	for (size_t rank = 0; rank < documents->words; rank++)
		search->rank_of[frequencies[rank].word] = (uint32_t)rank;
	free(frequencies);
	for (size_t i = 0; i < documents->parts_len; i++) {
		struct term_range range = documents->parts[i].terms;

		for (size_t k = range.from; k < range.to; k++)
			search->ranked[k] = search->rank_of[documents->terms[k]];
		qsort(search->ranked + range.from, range_len(range), sizeof *search->ranked, compare_ranks);
	}
	return 0;
}

/* How many of its rarest words a set is known by. */
static size_t known_by(size_t len)
{
	return len - (4 * len + 4) / 5 + 1;
}

/* len 0: by word alone. */
static uint64_t key_of(uint32_t word, size_t len, size_t place)
{
	return (uint64_t)word << 32 | (uint64_t)len << 16 | (uint64_t)place;
}

/* Words that two sets of such lengths must share to be near. */
static size_t shared_least(size_t a, size_t b)
{
	return (4 * (a + b) + 8) / 9;
}

static int add_place(struct search *search, uint64_t key, size_t index, struct persona_error *err)
{
	const struct set *set = &search->sets[index];

	if (persona_grow((void **)&search->places, &search->places_capacity, search->places_len, sizeof *search->places,
			 err) < 0)
		return -1;
	search->places[search->places_len++] =
		(struct place){ key, set->signature, (uint32_t)index, (uint32_t)set->len };
	return 0;
}

static int compare_places(const void *left, const void *right)
{
	const struct place *a = left, *b = right;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return (a->set > b->set) - (a->set < b->set);
}

static int list_sets(struct search *search, struct persona_error *err)
{
	for (size_t i = 0; i < search->sets_len; i++) {
		const struct set *set = &search->sets[i];

		for (size_t k = 0; set->owners[0] != SIZE_MAX && k < known_by(set->len); k++) {
			if (set->len <= SHORT_MOST && add_place(search, key_of(set->terms[k], set->len, k), i, err) < 0)
				return -1;
			if (set->len >= LONG_PARTNER && add_place(search, key_of(set->terms[k], 0, 0), i, err) < 0)
				return -1;
		}
	}
	if (search->places_len)
		qsort(search->places, search->places_len, sizeof *search->places, compare_places);
	return 0;
}

/* ---- Near sets ---------------------------------------------------------------- */

/* Jaccard 0.8 or more: shared / (a + b - shared) >= 4 / 5. */
static bool is_near(const struct set *a, const struct set *b)
{
	size_t i = 0, k = 0, shared = 0;

	while (i < a->len && k < b->len) {
		uint32_t left = a->terms[i], right = b->terms[k];

		shared += left == right;
		i += left <= right;
		k += right <= left;
	}
	return 9 * shared >= 4 * (a->len + b->len);
}

/*
 * Can they be near? Then at most a ninth of their words, counted on both sides, is not in both, and a word that is in one
 * alone changes at most one bit.
 */
static bool may_be_near(const struct set *set, const struct place *place)
{
	return 9 * (size_t)__builtin_popcountll(set->signature ^ place->signature) <= set->len + place->len;
}

/* The first place of a key, or where it would be. */
static size_t find_key(const struct search *search, uint64_t key)
{
	size_t low = 0, high = search->places_len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (search->places[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Look through the list of a key; true when two owners are known, which is enough. */
static bool find_under(const struct search *search, struct set *set, uint64_t key)
{
	for (size_t at = find_key(search, key); at < search->places_len && search->places[at].key == key; at++) {
		const struct set *other = &search->sets[search->places[at].set];

		if (!may_be_near(set, &search->places[at]) || other == set || !is_near(set, other))
			continue;
		add_owner(search->subjects, set->near, other->owners[0]);
		add_owner(search->subjects, set->near, other->owners[1]);
		if (set->near[1] != SIZE_MAX)
			return true;
	}
	return false;
}

/* The word at a place, as the first that is shared with a set of such a length. */
static bool find_of_length(const struct search *search, struct set *set, size_t place, size_t len)
{
	size_t least = shared_least(set->len, len);

	/* Who shares all words with one that is as long is the same. */
	if (least > len || least > set->len - place || (len == set->len && least == len))
		return false;
	for (size_t at = 0; at + least <= len; at++)
		if (find_under(search, set, key_of(set->terms[place], len, at)))
			return true;
	return false;
}

static void find_near(const struct search *search, struct set *set)
{
	for (size_t place = 0; place < known_by(set->len); place++) {
		if (set->len >= LONG) {
			if (find_under(search, set, key_of(set->terms[place], 0, 0)))
				return;
			continue;
		}
		for (size_t len = (4 * set->len + 4) / 5; len <= 5 * set->len / 4; len++)
			if (find_of_length(search, set, place, len))
				return;
	}
}

static int find_piece(void *payload, size_t index, size_t thread, struct persona_error *err)
{
	struct search *search = payload;

	(void)thread;
	(void)err;
	/* Two who have the very same: whoever asks, there is somebody else. */
	if (search->sets[index].owners[1] == SIZE_MAX)
		find_near(search, &search->sets[index]);
	return 0;
}

/* ---- All of it ------------------------------------------------------------------- */

static size_t other_than(const struct search *search, const struct set *set, size_t subject)
{
	for (int i = 0; i < 2; i++)
		if (set->owners[i] != SIZE_MAX && !same_persona(search->subjects, set->owners[i], subject))
			return set->owners[i];
	for (int i = 0; i < 2; i++)
		if (set->near[i] != SIZE_MAX && !same_persona(search->subjects, set->near[i], subject))
			return set->near[i];
	return SIZE_MAX;
}

static int prepare(struct search *search, struct persona_error *err)
{
	const struct documents *documents = search->documents;
	size_t items = documents->parts_len;

	search->table_len = 2 * items + 1;
	search->sets = calloc(items + 1, sizeof *search->sets);
	search->set_of = calloc(items + 1, sizeof *search->set_of);
	search->table = calloc(search->table_len, sizeof *search->table);
	search->ranked = calloc(documents->terms_len + 1, sizeof *search->ranked);
	search->rank_of = calloc(documents->words + 1, sizeof *search->rank_of);
	if (!search->sets || !search->set_of || !search->table || !search->ranked || !search->rank_of)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	if (rank_words(search, err) < 0)
		return -1;
	find_equal(search);
	return list_sets(search, err);
}

int shared_items(size_t *owner, const struct documents *documents, const struct persona_subject *subjects,
		 size_t threads, struct persona_error *err)
{
	struct search search = { .documents = documents, .subjects = subjects };
	int rc = prepare(&search, err);

	if (!rc)
		rc = persona_pieces(threads, search.sets_len, find_piece, &search, err);
	if (!rc) {
		for (size_t i = 0; i < documents->len; i++)
			for (size_t k = 0; k < documents->items[i].items_len; k++) {
				size_t item = documents->items[i].first_item + k;

				owner[item] = other_than(&search, &search.sets[search.set_of[item]], i);
			}
	}
	free(search.sets);
	free(search.set_of);
	free(search.table);
	free(search.ranked);
	free(search.rank_of);
	free(search.places);
	return rc;
}
