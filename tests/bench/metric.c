/*
 * What scoring costs, for tests/bench/run.
 *
 *   bench-metric personas N          N personas made by chance, one JSON object per line
 *   bench-metric score N THREADS     score them as one set by the default registry (THREADS 0: one per processor); prints
 *                                    milliseconds, those of CPU, the largest size of the process in KB, and the pairs at or above 0.7
 *   bench-metric distinct N THREADS  the same by distinctiveness alone
 *   bench-metric damage [FILE]       how many of sixty personas rank lower once they are spoilt, by kind of damage; of those that
 *                                    the built-in model drafts from a research file
 *
 * A persona has 50 content words: three goals and three frustrations of five words, two behaviours of five, and ten
 * that say who it is. Words come from a vocabulary of 4,000, a few of them often; one persona in fifty repeats an
 * earlier one but for a goal.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "damage.h"
#include "persona/metric.h"

#define VOCABULARY 4000
#define COPIES	   50
#define ITEM_WORDS 5

static uint64_t state = 1;

static size_t draw(size_t below)
{
	state = persona_mix64(state, &state, sizeof state);
	return (size_t)(state % below);
}

static int64_t clock_us(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t now_us(void)
{
	return clock_us(CLOCK_MONOTONIC);
}

static int64_t cpu_us(void)
{
	return clock_us(CLOCK_PROCESS_CPUTIME_ID);
}

/* Made of syllables, so that it is a word to every rule; low numbers come up more often. */
static void add_word(char *text, size_t size)
{
	static const char *const syllables[] = { "ba", "ke", "lo", "mi", "nu", "pa", "re", "so", "ti", "vu",
						 "da", "fe", "go", "hi", "ju", "la", "me", "no", "pi", "ru" };
	size_t number = draw(VOCABULARY) * (1 + draw(VOCABULARY)) / VOCABULARY;
	size_t len = strlen(text);

	snprintf(text + len, size - len, "%s%s%s%s", len ? " " : "", syllables[number % 20],
		 syllables[number / 20 % 20], syllables[number / 400 % 20]);
}

static int add_items(struct persona *persona, enum persona_list_field field, size_t items, struct persona_error *err)
{
	while (items--) {
		char text[128] = "";

		for (int i = 0; i < ITEM_WORDS; i++)
			add_word(text, sizeof text);
		if (persona_list_add(&persona->lists[field], text, strlen(text), err) < 0)
			return -1;
	}
	return 0;
}

static int make_who(struct persona *persona, size_t number, struct persona_error *err)
{
	char name[64], text[256] = "", place[256] = "";

	snprintf(name, sizeof name, "Ada Person %c%c", 'A' + (int)(number % 26), 'A' + (int)(number / 26 % 26));
	persona->age = 18 + (int64_t)draw(60);
	for (int i = 0; i < 4; i++)
		add_word(text, sizeof text);
	for (int i = 0; i < 4; i++)
		add_word(place, sizeof place);
	persona->demographics = json_pack("{s:s}", "place", place);
	if (!persona->demographics)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	if (persona_set_text(&persona->name, name, err) < 0)
		return -1;
	return persona_set_text(&persona->occupation, text, err);
}

static int make_persona(struct persona *persona, const struct persona *earlier, size_t number,
			struct persona_error *err)
{
	persona_init(persona);
	if (make_who(persona, number, err) < 0)
		return -1;
	if (number && number % COPIES == 0) {
		for (int field = 0; field < PERSONA_LIST_FIELDS; field++)
			for (size_t i = 0; i < earlier->lists[field].len; i++)
				if (persona_list_add(&persona->lists[field], earlier->lists[field].items[i],
						     strlen(earlier->lists[field].items[i]), err) < 0)
					return -1;
		persona_remove_item(persona, PERSONA_GOALS, 0);
		json_decref(persona->demographics);
		persona->demographics = json_incref(earlier->demographics);
		return add_items(persona, PERSONA_GOALS, 1, err);
	}
	return add_items(persona, PERSONA_GOALS, 3, err) < 0 || add_items(persona, PERSONA_FRUSTRATIONS, 3, err) < 0 ||
			       add_items(persona, PERSONA_BEHAVIOURS, 2, err) < 0 ||
			       add_items(persona, PERSONA_QUOTES, 1, err) < 0
		       ? -1
		       : 0;
}

static int write_all(const struct persona *personas, size_t len, struct persona_error *err)
{
	for (size_t i = 0; i < len; i++) {
		json_t *json;

		if (persona_to_json(&json, &personas[i], err) < 0)
			return -1;
		json_dumpf(json, stdout, JSON_COMPACT);
		putchar('\n');
		json_decref(json);
	}
	return 0;
}

static int score_all(const struct persona *personas, size_t len, bool alone, int threads, struct persona_error *err)
{
	struct persona_subject *subjects = calloc(len, sizeof *subjects);
	struct persona_score *scores = calloc(len, sizeof *scores);
	struct persona_registry *registry;
	struct persona_profile profile;
	struct rusage usage;
	size_t pairs = 0;
	int64_t cpu;
	int64_t start;

	if (!subjects || !scores)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t i = 0; i < len; i++)
		subjects[i] = (struct persona_subject){ .persona = &personas[i],
							.persona_id = (int64_t)i + 1,
							.revision_id = (int64_t)i + 1,
							.member = true };
	if (persona_registry_new_default(&registry, err) < 0 || persona_profile_get(&profile, "default", err) < 0)
		return -1;
	for (size_t i = persona_registry_count(registry); alone && i--;) {
		const char *name = persona_registry_at(registry, i)->name;

		if (strcmp(name, "distinctiveness") != 0 && persona_registry_remove(registry, name, err) < 0)
			return -1;
	}
	persona_registry_set_threads(registry, threads);
	cpu = cpu_us();
	start = now_us();
	if (persona_score_set(scores, registry, &profile, subjects, len, err) < 0)
		return -1;
	start = now_us() - start;
	cpu = cpu_us() - cpu;
	getrusage(RUSAGE_SELF, &usage);
	for (size_t i = 0; i < len; i++) {
		for (size_t k = 0; k < scores[i].len; k++)
			pairs += scores[i].metrics[k].finding.similar_total;
		persona_score_release(&scores[i]);
	}
	printf("%.1f %.1f %ld %zu\n", (double)start / 1000, (double)cpu / 1000, usage.ru_maxrss, pairs / 2);
	persona_registry_free(registry);
	free(subjects);
	free(scores);
	return 0;
}

static int print_damage(const char *file)
{
	static struct damage_set people;

	if ((file ? damage_draft(&people, file) : damage_init(&people)) < 0)
		return 1;
	for (size_t kind = 0; kind < DAMAGE_KINDS; kind++)
		if (!people.drafted || !damage_kinds[kind].made_alone)
			printf("%-26s %-18s ranks lower: %ld of %zu\n", damage_kinds[kind].name,
			       damage_kinds[kind].metric, damage_noticed(&people, kind), people.len);
	damage_release(&people);
	return 0;
}

int main(int argc, char **argv)
{
	size_t len = argc > 2 && strcmp(argv[1], "damage") != 0 ? (size_t)strtoul(argv[2], NULL, 10) : 0;
	int threads = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 0, rc = -1;
	struct persona *personas = len ? calloc(len, sizeof *personas) : NULL;
	struct persona_error err = { 0 };

	if (argc > 1 && strcmp(argv[1], "damage") == 0)
		return print_damage(argc > 2 ? argv[2] : NULL);
	if (!personas) {
		fprintf(stderr, "usage: bench-metric personas|score|distinct N [THREADS] | damage [FILE]\n");
		return 2;
	}
	for (size_t i = 0; i < len; i++)
		if (make_persona(&personas[i], i ? &personas[draw(i)] : NULL, i, &err) < 0)
			goto out;
	if (strcmp(argv[1], "personas") == 0)
		rc = write_all(personas, len, &err);
	else
		rc = score_all(personas, len, strcmp(argv[1], "distinct") == 0, threads, &err);
out:
	if (rc < 0)
		fprintf(stderr, "bench-metric: %s\n", err.text);
	for (size_t i = 0; i < len; i++)
		persona_release(&personas[i]);
	free(personas);
	return rc < 0;
}
