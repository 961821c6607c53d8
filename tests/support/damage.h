/*
 * Good personas and ways to spoil them, to see whether metrics notice: for the unit test and for tests/bench/run.
 *
 * Sixty people: twelve trades, five of each. What a persona says is borne out by a record of its own and by others of its trade.
 */
#ifndef PERSONA_TEST_DAMAGE_H
#define PERSONA_TEST_DAMAGE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "persona/evidence.h"
#include "persona/metric.h"

#define DAMAGE_TRADES	12
#define DAMAGE_PERSONAS 60
#define DAMAGE_QUOTES	2

static const struct {
	const char *occupation, *nouns[6];
} damage_trades[DAMAGE_TRADES] = {
	{ "Bus driver", { "timetable", "depot", "diversion", "ticket machine", "night shift", "brake check" } },
	{ "Baker", { "sourdough", "oven", "flour delivery", "early market", "pastry counter", "proving drawer" } },
	{ "Nurse",
	  { "ward round", "medicine trolley", "handover note", "visitor desk", "isolation room", "drip stand" } },
	{ "Beekeeper", { "hive", "honey harvest", "swarm call", "varroa treatment", "smoker", "queen rearing" } },
	{ "Librarian",
	  { "catalogue", "reading hour", "loan desk", "interlibrary parcel", "archive box", "fine letter" } },
	{ "Gardener", { "compost heap", "rose bed", "hedge cut", "seed swap", "greenhouse", "watering can" } },
	{ "Court clerk", { "hearing list", "witness summons", "case file", "stamp pad", "verdict copy", "jury room" } },
	{ "Fisher", { "trawl net", "quota form", "harbour crane", "ice machine", "tide table", "lobster pot" } },
	{ "Music teacher",
	  { "recital", "practice diary", "sheet music", "violin string", "metronome", "choir evening" } },
	{ "Electrician", { "fuse box", "cable drum", "wiring plan", "meter reading", "van stock", "socket test" } },
	{ "Translator", { "glossary", "deadline", "proof copy", "invoice", "dictionary", "style guide" } },
	{ "Cheese maker", { "rennet", "milk tank", "ripening cellar", "brine bath", "curd knife", "farm shop" } },
};

static inline int damage_add(struct persona *persona, enum persona_list_field field, const char *before,
			     const char *noun, const char *after)
{
	char text[256];

	snprintf(text, sizeof text, "%s%s%s", before, noun, after);
	return persona_list_add(&persona->lists[field], text, strlen(text), NULL);
}

static inline const char *damage_noun(size_t number, size_t which)
{
	return damage_trades[number % DAMAGE_TRADES].nouns[(number / DAMAGE_TRADES + which) % 6];
}

/* What persona `number` said, as a record. */
static inline int damage_record(struct persona_records *records, size_t number)
{
	struct persona_record *record;
	char locator[32], said[512];
	long column = persona_records_column(records, "What do you say?", NULL);

	snprintf(locator, sizeof locator, "talk.csv:%zu", number + 2);
	snprintf(said, sizeof said,
		 "I called about the %s four times before anybody answered. The %s was late again, so I walked home.",
		 damage_noun(number, 0), damage_noun(number, 1));
	if (column < 0 || persona_records_add(records, &record, locator, NULL) < 0)
		return -1;
	record->record_id = (int64_t)number + 1;
	record->ordinal = record->record_id;
	return persona_record_add_cell(record, (size_t)column, said, strlen(said), NULL);
}

/* Each item is borne out by the record of somebody of the trade. */
static inline int damage_cite(struct persona *persona, size_t number)
{
	for (int field = 0; field < PERSONA_LIST_FIELDS; field++)
		for (size_t i = 0; i < persona->lists[field].len; i++) {
			size_t from =
				field == PERSONA_QUOTES ? number : (number + DAMAGE_TRADES * (i + 1)) % DAMAGE_PERSONAS;
			char locator[32];

			snprintf(locator, sizeof locator, "talk.csv:%zu", from + 2);
			if (persona_evidence_add(persona, (enum persona_list_field)field, i, locator, 0,
						 PERSONA_STRENGTH_NONE, NULL, NULL) < 0)
				return -1;
		}
	return 0;
}

static inline int damage_make(struct persona *persona, size_t number)
{
	static const char *const first[] = { "Ana", "Bruno", "Chiara", "Dov", "Emine" };
	static const char *const last[] = { "Almeida", "Brandt", "Costa", "Dahl",    "Eriksen", "Fischer",
					    "Gomez",   "Hansen", "Ilves", "Janssen", "Kovac",	"Lindh" };
	char name[64];
	int rc;

	persona_init(persona);
	snprintf(name, sizeof name, "%s %s", first[number / DAMAGE_TRADES], last[number % DAMAGE_TRADES]);
	persona->age = 30 + (int64_t)(number % 21);
	persona->demographics = json_pack("{s:s}", "region", last[(number * 7) % 12]);
	rc = persona_set_text(&persona->name, name, NULL);
	rc |= persona_set_text(&persona->occupation, damage_trades[number % DAMAGE_TRADES].occupation, NULL);
	rc |= persona_set_text(&persona->background, "Came to the trade by way of a cousin and never left it.", NULL);
	rc |= damage_add(persona, PERSONA_GOALS, "Sort out the ", damage_noun(number, 0),
			 " without asking three colleagues");
	rc |= damage_add(persona, PERSONA_GOALS, "Find a ", damage_noun(number, 1), " that works before nine");
	rc |= damage_add(persona, PERSONA_GOALS, "Show an apprentice the ", damage_noun(number, 2), " properly");
	rc |= damage_add(persona, PERSONA_FRUSTRATIONS, "The ", damage_noun(number, 0),
			 " is difficult to arrange by phone");
	rc |= damage_add(persona, PERSONA_FRUSTRATIONS, "Nobody answers questions on the ", damage_noun(number, 3), "");
	rc |= damage_add(persona, PERSONA_BEHAVIOURS, "Writes down every ", damage_noun(number, 1), " in a notebook");
	rc |= damage_add(persona, PERSONA_BEHAVIOURS, "Compares each ", damage_noun(number, 2),
			 " with the year before");
	rc |= damage_add(persona, PERSONA_QUOTES, "I called about the ", damage_noun(number, 0),
			 " four times before anybody answered.");
	rc |= damage_add(persona, PERSONA_QUOTES, "The ", damage_noun(number, 1), " was late again, so I walked home.");
	return !persona->demographics || rc ? -1 : damage_cite(persona, number);
}

/* ---- Damage ------------------------------------------------------------- */

/* Replace an item's text; its evidence stays. */
static inline int damage_replace(struct persona *persona, enum persona_list_field field, size_t position,
				 const char *text)
{
	char *copy = persona_strdup(text, NULL);

	if (!copy)
		return -1;
	free(persona->lists[field].items[position]);
	persona->lists[field].items[position] = copy;
	return 0;
}

static inline int damage_swap_quotes(struct persona *persona, const struct persona *other)
{
	int rc = 0;

	for (size_t i = 0; i < DAMAGE_QUOTES; i++)
		rc |= damage_replace(persona, PERSONA_QUOTES, i, other->lists[PERSONA_QUOTES].items[i]);
	return rc;
}

static inline int damage_stock_goals(struct persona *persona, const struct persona *other)
{
	(void)other;
	return damage_replace(persona, PERSONA_GOALS, 0, "Be better at everything I do") |
	       damage_replace(persona, PERSONA_GOALS, 1, "Improve everything") |
	       damage_replace(persona, PERSONA_GOALS, 2, "Have a good life at work");
}

static inline int damage_empty(struct persona *persona, const struct persona *other)
{
	(void)other;
	while (persona->lists[PERSONA_BEHAVIOURS].len)
		persona_remove_item(persona, PERSONA_BEHAVIOURS, 0);
	return persona_set_text(&persona->background, NULL, NULL);
}

static inline int damage_copy(struct persona *persona, const struct persona *other)
{
	int rc = persona_set_text(&persona->occupation, other->occupation, NULL);

	for (int field = 0; field < PERSONA_LIST_FIELDS; field++)
		for (size_t i = 0; i < other->lists[field].len; i++)
			if (field != PERSONA_GOALS || i)
				rc |= damage_replace(persona, (enum persona_list_field)field, i,
						     other->lists[field].items[i]);
	return rc;
}

static inline int damage_name(struct persona *persona, const struct persona *other)
{
	(void)other;
	return persona_set_text(&persona->name, "User 12", NULL);
}

static inline int damage_age(struct persona *persona, const struct persona *other)
{
	(void)other;
	persona->age = 22;
	return damage_replace(persona, PERSONA_GOALS, 2, "Put money aside for an early retirement by the sea");
}

static inline int damage_quote_word(struct persona *persona, const struct persona *other)
{
	char text[256];
	const char *quote = persona->lists[PERSONA_QUOTES].items[0], *word = strstr(quote, "four");

	(void)other;
	snprintf(text, sizeof text, "%.*snine%s", (int)(word - quote), quote, word + 4);
	return damage_replace(persona, PERSONA_QUOTES, 0, text);
}

static inline int damage_negate(struct persona *persona, const struct persona *other)
{
	char text[256];
	const char *frustration = persona->lists[PERSONA_FRUSTRATIONS].items[0];
	const char *word = strstr(frustration, "difficult");

	(void)other;
	snprintf(text, sizeof text, "%.*snot %s", (int)(word - frustration), frustration, word);
	return damage_replace(persona, PERSONA_FRUSTRATIONS, 0, text);
}

static inline int damage_repeat(struct persona *persona, const struct persona *other)
{
	(void)other;
	return damage_replace(persona, PERSONA_GOALS, 1, persona->lists[PERSONA_GOALS].items[0]);
}

static inline int damage_brochure(struct persona *persona, const struct persona *other)
{
	(void)other;
	return damage_replace(persona, PERSONA_QUOTES, 1, "As a professional I leverage holistic synergies every day.");
}

static const struct {
	const char *name, *metric;
	int (*spoil)(struct persona *persona, const struct persona *other);
} damage_kinds[] = {
	{ "swapped quotes", "consistency", damage_swap_quotes },
	{ "stock goals", "realism", damage_stock_goals },
	{ "emptied fields", "completeness", damage_empty },
	{ "near-copy", "distinctiveness", damage_copy },
	{ "placeholder name", "realism", damage_name },
	{ "age against goals", "consistency", damage_age },
	{ "altered word in a quote", "evidence_strength", damage_quote_word },
	{ "negated frustration", "consistency", damage_negate },
	{ "repeated goal", "consistency", damage_repeat },
	{ "brochure quote", "realism", damage_brochure },
};
#define DAMAGE_KINDS (sizeof damage_kinds / sizeof damage_kinds[0])

/* ---- Scoring -------------------------------------------------------------- */

struct damage_set {
	struct persona personas[DAMAGE_PERSONAS];
	struct persona_records records;
	struct persona_registry *all, *one; /* every metric, and the one that is asked for */
	struct persona_language *language;
	struct persona_profile profile;
};

static inline int damage_init(struct damage_set *set)
{
	persona_records_init(&set->records);
	for (size_t i = 0; i < DAMAGE_PERSONAS; i++)
		if (damage_record(&set->records, i) < 0)
			return -1;
	for (size_t i = 0; i < DAMAGE_PERSONAS; i++)
		if (damage_make(&set->personas[i], i) < 0)
			return -1;
	if (persona_registry_new_default(&set->all, NULL) < 0 || persona_registry_new(&set->one, NULL) < 0 ||
	    persona_language_new(&set->language, "en", NULL) < 0)
		return -1;
	/* Sets this small are not worth a thread. */
	persona_registry_set_threads(set->one, 1);
	return persona_profile_get(&set->profile, "default", NULL);
}

static inline void damage_release(struct damage_set *set)
{
	for (size_t i = 0; i < DAMAGE_PERSONAS; i++)
		persona_release(&set->personas[i]);
	persona_records_release(&set->records);
	persona_registry_free(set->all);
	persona_registry_free(set->one);
	persona_language_free(set->language);
}

/* From here on that metric alone is run. */
static inline int damage_choose(struct damage_set *set, const char *metric)
{
	while (persona_registry_count(set->one))
		if (persona_registry_remove(set->one, persona_registry_at(set->one, 0)->name, NULL) < 0)
			return -1;
	return persona_registry_add(set->one, persona_registry_get(set->all, metric), NULL);
}

static inline double damage_take(struct persona_score *score)
{
	const struct persona_finding *finding = &score->metrics[0].finding;
	double value = finding->measured ? finding->value : -1;

	persona_score_release(score);
	return value;
}

/* What the metric chosen gives persona `number`, among the others where it compares; below 0: not measured, or no memory. */
static inline double damage_value(struct damage_set *set, size_t number)
{
	struct persona_subject subjects[DAMAGE_PERSONAS];
	struct persona_score scores[DAMAGE_PERSONAS];
	double value = -1;

	for (size_t i = 0; i < DAMAGE_PERSONAS; i++)
		subjects[i] = (struct persona_subject){ .persona = &set->personas[i],
							.persona_id = (int64_t)i + 1,
							.revision_id = (int64_t)i + 1,
							.batch_records = DAMAGE_PERSONAS,
							.language = set->language,
							.year = 2026,
							.member = true };
	if (persona_evidence_check(&set->personas[number], &set->records, NULL) < 0)
		return -1;
	if (persona_registry_at(set->one, 0)->scope == PERSONA_SCOPE_REVISION)
		return persona_score_revision(scores, set->one, &set->profile, &subjects[number], NULL) < 0
			       ? -1
			       : damage_take(scores);
	if (persona_score_set(scores, set->one, &set->profile, subjects, DAMAGE_PERSONAS, NULL) < 0)
		return -1;
	for (size_t i = 0; i < DAMAGE_PERSONAS; i++) {
		double its = damage_take(&scores[i]);

		value = i == number ? its : value;
	}
	return value;
}

/* How many of the sixty rank below what they were once they are spoilt; below 0: an error. */
static inline long damage_noticed(struct damage_set *set, size_t kind)
{
	long noticed = 0;

	if (damage_choose(set, damage_kinds[kind].metric) < 0)
		return -1;
	for (size_t i = 0; i < DAMAGE_PERSONAS; i++) {
		double before = damage_value(set, i), after;

		if (before < 0 ||
		    damage_kinds[kind].spoil(&set->personas[i], &set->personas[(i + 31) % DAMAGE_PERSONAS]) != 0)
			return -1;
		after = damage_value(set, i);
		noticed += after >= 0 && after < before;
		persona_release(&set->personas[i]);
		if (damage_make(&set->personas[i], i) < 0)
			return -1;
	}
	return noticed;
}

#endif
