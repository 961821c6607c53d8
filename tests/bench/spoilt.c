/*
 * bench-spoilt PERSONAS FILE…: draft from each file by the built-in model, spoil each persona with each other one, and print how
 * many of those pairs rank lower by the whole score, by kind of damage.
 */
#include "persona/source.h"
#include "spoilt.h"

static int print_kind(const struct spoilt *spoilt, size_t kind)
{
	size_t pairs = 0, lower = 0;
	double sum = 0, worst = 100;

	for (size_t i = 0; i < spoilt->draft.len; i++)
		for (size_t j = 0; j < spoilt->draft.len; j++) {
			double fall;
			int rc = i == j ? 2 : spoilt_ranks(spoilt, kind, i, j, &fall);

			if (rc < 0)
				return -1;
			if (rc == 2)
				continue;
			pairs++;
			lower += rc == 1;
			sum += fall;
			worst = fall < worst ? fall : worst;
		}
	printf("  %-32s lower in %zu of %zu pairs, by %.1f points, least %.1f\n", spoilt_kinds[kind].name, lower, pairs,
	       pairs ? sum / (double)pairs : 0, worst);
	return 0;
}

static int print_file(const char *path, size_t personas, struct persona_error *err)
{
	struct persona_sources sources;
	struct spoilt spoilt = { 0 };
	int rc = -1;

	persona_sources_init(&sources);
	if (persona_sources_read(&sources, path, NULL, err) < 0 ||
	    spoilt_init(&spoilt, &sources.items[0].records, personas, err) < 0)
		goto out;
	printf("%s: %zu respondents, %zu personas\n", path, sources.items[0].records.len, spoilt.draft.len);
	for (size_t kind = 0; kind < SPOILT_KINDS; kind++)
		if (print_kind(&spoilt, kind) < 0)
			goto out;
	rc = 0;
out:
	spoilt_release(&spoilt);
	persona_sources_release(&sources);
	return rc;
}

int main(int argc, char **argv)
{
	size_t personas = argc > 2 ? (size_t)strtoul(argv[1], NULL, 10) : 0;
	struct persona_error err = { 0 };

	if (!personas) {
		fprintf(stderr, "usage: bench-spoilt PERSONAS FILE…\n");
		return 2;
	}
	for (int i = 2; i < argc; i++)
		if (print_file(argv[i], personas, &err) < 0) {
			fprintf(stderr, "bench-spoilt: %s: %s\n", argv[i], *err.text ? err.text : "cannot be scored");
			return 1;
		}
	return 0;
}
