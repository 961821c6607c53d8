/*
 * Good personas and ways to spoil them, to see whether metrics notice: for the unit test and for tests/bench/run.
 *
 * Sixty people are made: twelve trades, five of each. What a persona says is borne out by a record of its own and by
 * others of its trade. Others are drafted by the built-in model from a research file.
 */
#ifndef PERSONA_TEST_DAMAGE_H
#define PERSONA_TEST_DAMAGE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "persona/evidence.h"
#include "persona/metric.h"
#include "persona/offline.h"
#include "persona/source.h"

#define DAMAGE_TRADES	12
#define DAMAGE_PERSONAS 60

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
	struct persona_list *list = &persona->lists[field];
	char *copy = persona_strdup(text, NULL);

	if (!copy || position >= list->len) {
		free(copy);
		return copy ? 0 : -1;
	}
	free(list->items[position]);
	list->items[position] = copy;
	return 0;
}

/* Another list's items in place of one's own, as far as both go. */
static inline int damage_take_over(struct persona *persona, enum persona_list_field field,
				   const struct persona_list *from, size_t first)
{
	int rc = 0;

	for (size_t i = first; i < from->len; i++)
		rc |= damage_replace(persona, field, i, from->items[i]);
	return rc;
}

static inline int damage_replace_all(struct persona *persona, enum persona_list_field field, const char *const *texts,
				     size_t len)
{
	int rc = 0;

	for (size_t i = 0; i < persona->lists[field].len; i++)
		rc |= damage_replace(persona, field, i, texts[i % len]);
	return rc;
}

static inline int damage_swap_quotes(struct persona *persona, const struct persona *other)
{
	return damage_take_over(persona, PERSONA_QUOTES, &other->lists[PERSONA_QUOTES], 0);
}

static inline int damage_stock_goals(struct persona *persona, const struct persona *other)
{
	static const char *const goals[] = { "Be better at everything I do", "Improve everything",
					     "Have a good life at work" };

	(void)other;
	return damage_replace_all(persona, PERSONA_GOALS, goals, 3);
}

static inline int damage_wishes(struct persona *persona, const struct persona *other)
{
	static const char *const goals[] = { "To save time and money", "I want to be more productive at work",
					     "Make the world a better place" };

	(void)other;
	return damage_replace_all(persona, PERSONA_GOALS, goals, 3);
}

static inline int damage_empty(struct persona *persona, const struct persona *other)
{
	(void)other;
	while (persona->lists[PERSONA_BEHAVIOURS].len)
		persona_remove_item(persona, PERSONA_BEHAVIOURS, 0);
	while (persona->lists[PERSONA_QUOTES].len)
		persona_remove_item(persona, PERSONA_QUOTES, 0);
	return persona_set_text(&persona->background, NULL, NULL);
}

static inline int damage_nobody(struct persona *persona, const struct persona *other)
{
	(void)other;
	json_decref(persona->demographics);
	persona->demographics = NULL;
	persona->age = PERSONA_UNKNOWN;
	return persona_set_text(&persona->occupation, NULL, NULL);
}

/* All but a goal. */
static inline int damage_copy(struct persona *persona, const struct persona *other)
{
	int rc = persona_set_text(&persona->occupation, other->occupation, NULL);

	for (int field = 0; field < PERSONA_LIST_FIELDS; field++)
		rc |= damage_take_over(persona, (enum persona_list_field)field, &other->lists[field],
				       field == PERSONA_GOALS);
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
	return damage_replace(persona, PERSONA_GOALS, 0, "Put money aside for an early retirement by the sea");
}

static inline int damage_child(struct persona *persona, const struct persona *other)
{
	(void)other;
	persona->age = 7;
	return persona_set_text(&persona->occupation, "Long-distance lorry driver", NULL);
}

static inline int damage_experience(struct persona *persona, const struct persona *other)
{
	(void)other;
	persona->age = 31;
	return persona_set_text(&persona->background, "Brings along 25 years of experience in the trade.", NULL);
}

/* The longest word of a quote becomes another. */
static inline int damage_quote_word(struct persona *persona, const struct persona *other)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
	char text[2048];
	const char *quote = persona->lists[PERSONA_QUOTES].len ? persona->lists[PERSONA_QUOTES].items[0] : "";
	size_t longest = 0, len = 0;

	(void)other;
	for (size_t at = strcspn(quote, letters); quote[at]; at += strcspn(quote + at, letters)) {
		size_t word = strspn(quote + at, letters);

		if (word > len) {
			longest = at;
			len = word;
		}
		at += word;
	}
	snprintf(text, sizeof text, "%.*sumbrella%s", (int)longest, quote, quote + longest + len);
	return damage_replace(persona, PERSONA_QUOTES, 0, text);
}

static inline int damage_invent(struct persona *persona, const struct persona *other)
{
	(void)other;
	return damage_replace(persona, PERSONA_QUOTES, 0, "My grandmother used to carve little horses out of soap.");
}

static inline int damage_translate(struct persona *persona, const struct persona *other)
{
	static const char *const quotes[] = { "Ich habe viermal angerufen, bevor jemand abgehoben hat.",
					      "Der Bus kam wieder zu sp\xc3\xa4t, da bin ich gelaufen." };

	(void)other;
	return damage_replace_all(persona, PERSONA_QUOTES, quotes, 2);
}

/* Word for word from the end. */
static inline int damage_shuffle(struct persona *persona, const struct persona *other)
{
	char quote[2048], text[2048] = "";
	char *blank;

	(void)other;
	snprintf(quote, sizeof quote, "%s",
		 persona->lists[PERSONA_QUOTES].len ? persona->lists[PERSONA_QUOTES].items[0] : "");
	while ((blank = strrchr(quote, ' '))) {
		snprintf(text + strlen(text), sizeof text - strlen(text), "%s ", blank + 1);
		*blank = '\0';
	}
	snprintf(text + strlen(text), sizeof text - strlen(text), "%s", quote);
	return damage_replace(persona, PERSONA_QUOTES, 0, text);
}

/* Evidence of a persona goes to the record of another's first. */
static inline int damage_cite_other(struct persona *persona, const struct persona *other, bool quotes_alone)
{
	if (!other->evidence_len)
		return 0;
	for (size_t i = 0; i < persona->evidence_len; i++) {
		struct persona_evidence *evidence = &persona->evidence[i];
		char *locator;

		if (quotes_alone && evidence->field != PERSONA_QUOTES)
			continue;
		locator = persona_strdup(other->evidence[0].locator, NULL);
		if (!locator)
			return -1;
		free(evidence->locator);
		evidence->locator = locator;
	}
	return 0;
}

static inline int damage_wrong_respondent(struct persona *persona, const struct persona *other)
{
	return damage_cite_other(persona, other, true);
}

static inline int damage_one_respondent(struct persona *persona, const struct persona *other)
{
	return damage_cite_other(persona, other, false);
}

static inline int damage_no_evidence(struct persona *persona, const struct persona *other)
{
	(void)other;
	while (persona->evidence_len)
		persona_remove_item(persona, persona->evidence[0].field, persona->evidence[0].position);
	return damage_invent(persona, other) |
	       persona_list_add(&persona->lists[PERSONA_GOALS], "Win a race against the tide", 27, NULL);
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

static inline int damage_no_problem(struct persona *persona, const struct persona *other)
{
	(void)other;
	return damage_replace(persona, PERSONA_FRUSTRATIONS, 0, "Has no problem with how things are arranged today");
}

static inline int damage_no_struggle(struct persona *persona, const struct persona *other)
{
	(void)other;
	return damage_replace(persona, PERSONA_FRUSTRATIONS, 0, "Does not struggle to get an answer by phone");
}

static inline int damage_contradict(struct persona *persona, const struct persona *other)
{
	char text[256];
	const char *frustration = persona->lists[PERSONA_FRUSTRATIONS].items[0];
	const char *word = strstr(frustration, "difficult");

	(void)other;
	snprintf(text, sizeof text, "%.*seasy%s", (int)(word - frustration), frustration, word + strlen("difficult"));
	return damage_replace(persona, PERSONA_BEHAVIOURS, 0, text);
}

static inline int damage_repeat(struct persona *persona, const struct persona *other)
{
	const struct persona_list *goals = &persona->lists[PERSONA_GOALS];

	(void)other;
	if (goals->len == 1)
		return persona_list_add(&persona->lists[PERSONA_GOALS], goals->items[0], strlen(goals->items[0]), NULL);
	return damage_replace(persona, PERSONA_GOALS, 1, goals->items[0]);
}

static inline int damage_mirror(struct persona *persona, const struct persona *other)
{
	(void)other;
	return damage_take_over(persona, PERSONA_FRUSTRATIONS, &persona->lists[PERSONA_GOALS], 0);
}

static inline int damage_brochure(struct persona *persona, const struct persona *other)
{
	(void)other;
	return damage_replace(persona, PERSONA_QUOTES, 0, "As a professional I leverage holistic synergies every day.");
}

static inline int damage_machine(struct persona *persona, const struct persona *other)
{
	(void)other;
	return damage_replace(persona, PERSONA_QUOTES, 0,
			      "It is important to note that a seamless experience matters to me.");
}

static inline int damage_placeholder(struct persona *persona, const struct persona *other)
{
	(void)other;
	return damage_replace(persona, PERSONA_GOALS, 0, "Lorem ipsum dolor sit amet consectetur") |
	       persona_set_text(&persona->background, "Lorem ipsum dolor sit amet.", NULL);
}

static inline int damage_address(struct persona *persona, const struct persona *other)
{
	(void)other;
	if (!persona->demographics)
		persona->demographics = json_object();
	return json_object_set_new(persona->demographics, "email", json_string("someone@example.com"));
}

/* Eight bytes of each item are left. */
static inline int damage_cut(struct persona *persona, const struct persona *other)
{
	int rc = 0;

	(void)other;
	for (int field = 0; field < PERSONA_LIST_FIELDS; field++)
		for (size_t i = 0; i < persona->lists[field].len; i++) {
			char text[9];

			snprintf(text, sizeof text, "%s", persona->lists[field].items[i]);
			text[persona_text_valid_prefix(text, strlen(text))] = '\0';
			rc |= damage_replace(persona, (enum persona_list_field)field, i, text);
		}
	return rc;
}

static const struct {
	const char *name, *metric;
	int (*spoil)(struct persona *persona, const struct persona *other);
	bool made_alone; /* of texts that only those who were made have */
} damage_kinds[] = {
	{ "swapped quotes", "consistency", damage_swap_quotes, true },
	{ "quotes of others", "evidence_strength", damage_swap_quotes, false },
	{ "stock goals", "realism", damage_stock_goals, false },
	{ "everybody's wishes", "realism", damage_wishes, false },
	{ "emptied fields", "completeness", damage_empty, false },
	{ "no demographics", "completeness", damage_nobody, false },
	{ "items cut short", "completeness", damage_cut, false },
	{ "near-copy", "distinctiveness", damage_copy, false },
	{ "placeholder name", "realism", damage_name, false },
	{ "placeholder text", "realism", damage_placeholder, false },
	{ "placeholder background", "completeness", damage_placeholder, false },
	{ "placeholder address", "realism", damage_address, false },
	{ "age against goals", "consistency", damage_age, false },
	{ "age against experience", "consistency", damage_experience, false },
	{ "child with a trade", "consistency", damage_child, true },
	{ "altered word in a quote", "evidence_strength", damage_quote_word, false },
	{ "shuffled quote", "evidence_strength", damage_shuffle, false },
	{ "invented quote", "evidence_strength", damage_invent, false },
	{ "quotes in German", "evidence_strength", damage_translate, false },
	{ "wrong respondent", "evidence_strength", damage_wrong_respondent, false },
	{ "one respondent for all", "evidence_strength", damage_one_respondent, false },
	{ "no evidence", "evidence_strength", damage_no_evidence, false },
	{ "negated frustration", "consistency", damage_negate, true },
	{ "frustration: no problem", "consistency", damage_no_problem, false },
	{ "frustration: no struggle", "consistency", damage_no_struggle, false },
	{ "behaviour contradicts", "consistency", damage_contradict, true },
	{ "repeated goal", "consistency", damage_repeat, false },
	{ "frustrations are goals", "consistency", damage_mirror, false },
	{ "brochure quote", "realism", damage_brochure, false },
	{ "machine's quote", "realism", damage_machine, false },
};
#define DAMAGE_KINDS (sizeof damage_kinds / sizeof damage_kinds[0])

/* ---- Scoring -------------------------------------------------------------- */

struct damage_set {
	struct persona personas[DAMAGE_PERSONAS], good[DAMAGE_PERSONAS]; /* as they are now, and as they were */
	size_t len;
	bool drafted;
	struct persona_records records;
	struct persona_registry *all, *one; /* every metric, and the one that is asked for */
	struct persona_language *language;
	struct persona_profile profile;
};

/* Starts the set, whose personas are in `good`. */
static inline int damage_begin(struct damage_set *set)
{
	for (size_t i = 0; i < set->len; i++)
		if (persona_evidence_check(&set->good[i], &set->records, NULL) < 0 ||
		    persona_copy(&set->personas[i], &set->good[i], NULL) < 0)
			return -1;
	if (persona_registry_new_default(&set->all, NULL) < 0 || persona_registry_new(&set->one, NULL) < 0 ||
	    persona_language_new(&set->language, "en", NULL) < 0)
		return -1;
	/* Sets this small are not worth a thread. */
	persona_registry_set_threads(set->one, 1);
	return persona_profile_get(&set->profile, "default", NULL);
}

/* Personas that are made. */
static inline int damage_init(struct damage_set *set)
{
	*set = (struct damage_set){ .len = DAMAGE_PERSONAS };
	persona_records_init(&set->records);
	for (size_t i = 0; i < set->len; i++)
		if (damage_record(&set->records, i) < 0)
			return -1;
	for (size_t i = 0; i < set->len; i++)
		if (damage_make(&set->good[i], i) < 0)
			return -1;
	return damage_begin(set);
}

/* As many as the built-in model drafts from a research file, one for each two records. */
static inline int damage_draft(struct damage_set *set, const char *file)
{
	struct persona_sources sources;
	struct persona_offline *offline = NULL;
	struct persona_answer answer = { 0 };
	struct persona_task task = { .kind = PERSONA_TASK_DRAFT, .records_id = "one", .first_slot = 1, .deals_len = 1 };
	size_t wanted;
	int rc;

	*set = (struct damage_set){ .drafted = true };
	persona_records_init(&set->records);
	persona_sources_init(&sources);
	rc = persona_sources_read(&sources, file, NULL, NULL);
	if (!rc) {
		struct persona_records none = set->records;

		set->records = sources.items[0].records;
		sources.items[0].records = none;
		for (size_t i = 0; i < set->records.len; i++)
			set->records.items[i].record_id = (int64_t)i + 1;
		wanted = set->records.len / 2 < DAMAGE_PERSONAS ? set->records.len / 2 : DAMAGE_PERSONAS;
		task.records = &set->records;
		task.count = wanted;
		task.deals = &wanted;
		rc = persona_offline_new(&offline, NULL);
	}
	if (!rc)
		rc = persona_offline_run(offline, &task, &answer, NULL);
	for (size_t i = 0; !rc && i < answer.len; i++, set->len++)
		rc = persona_copy(&set->good[i], &answer.personas[i], NULL);
	persona_answer_release(&answer);
	persona_offline_free(offline);
	persona_sources_release(&sources);
	return rc ? -1 : damage_begin(set);
}

static inline void damage_release(struct damage_set *set)
{
	for (size_t i = 0; i < set->len; i++) {
		persona_release(&set->personas[i]);
		persona_release(&set->good[i]);
	}
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

	for (size_t i = 0; i < set->len; i++)
		subjects[i] = (struct persona_subject){ .persona = &set->personas[i],
							.persona_id = (int64_t)i + 1,
							.revision_id = (int64_t)i + 1,
							.batch_records = (int64_t)set->records.len,
							.language = set->language,
							.year = 2026,
							.member = true };
	if (persona_evidence_check(&set->personas[number], &set->records, NULL) < 0)
		return -1;
	if (persona_registry_at(set->one, 0)->scope == PERSONA_SCOPE_REVISION)
		return persona_score_revision(scores, set->one, &set->profile, &subjects[number], NULL) < 0
			       ? -1
			       : damage_take(scores);
	if (persona_score_set(scores, set->one, &set->profile, subjects, set->len, NULL) < 0)
		return -1;
	for (size_t i = 0; i < set->len; i++) {
		double its = damage_take(&scores[i]);

		value = i == number ? its : value;
	}
	return value;
}

/* How many rank below what they were once they are spoilt; below 0: an error. */
static inline long damage_noticed(struct damage_set *set, size_t kind)
{
	long noticed = 0;

	if (damage_choose(set, damage_kinds[kind].metric) < 0)
		return -1;
	for (size_t i = 0; i < set->len; i++) {
		double before = damage_value(set, i), after;

		if (before < 0 ||
		    damage_kinds[kind].spoil(&set->personas[i], &set->good[(i + set->len / 2 + 1) % set->len]) != 0)
			return -1;
		after = damage_value(set, i);
		noticed += after >= 0 && after < before;
		persona_release(&set->personas[i]);
		if (persona_copy(&set->personas[i], &set->good[i], NULL) < 0)
			return -1;
	}
	return noticed;
}

#endif
