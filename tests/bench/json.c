/*
 * What finding and mending JSON costs.
 *
 *   bench-json speed       persona arrays of 4 KB, as they are, in a fence and broken in several ways: CPU time and the
 *                          speed against json_loadb() on the bare array, in the same round; median of ROUNDS
 *   bench-json attacks     the slowest of the texts in tests/support/json_attacks.h, a megabyte of each: CPU time
 *   bench-json requests N  so many requests for persona-json --jsonl, on stdout
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "json_attacks.h"
#include "persona/json.h"

#define ROUNDS	    15
#define TURNS	    400
#define ATTACK_SIZE 1000000
#define SLOWEST	    5

static double cpu_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* ---- Documents ------------------------------------------------------- */

/* A JSON list of personas, about 4 KB. */
static char *make_array(void)
{
	json_t *list = json_array();
	char *text;

	for (int i = 0; i < 8; i++)
		json_array_append_new(
			list,
			json_pack("{s:s, s:i, s:s, s:s, s:[s, s], s:[s, s], s:s}", "name", "Marta Lindqvist", "age",
				  34 + i, "occupation", "ward nurse", "background",
				  "Works in a town of nine thousand; the clinic closed in 2019.", "goals",
				  "Have the reports out before the shift ends", "Know who is on call", "frustrations",
				  "Passwords that expire on a Sunday", "Two systems that both want the same number",
				  "quote", "I write it down twice, once for me and once for the people after me."));
	text = json_dumps(list, JSON_INDENT(2));
	json_decref(list);
	return text;
}

/* The text with every `from` replaced; frees it. */
static char *with(char *text, const char *from, const char *to)
{
	struct persona_buf out;
	const char *at = text, *found;

	persona_buf_init(&out, SIZE_MAX);
	while ((found = strstr(at, from)) != NULL) {
		if (persona_buf_add(&out, at, (size_t)(found - at), NULL) < 0 || persona_buf_adds(&out, to, NULL) < 0)
			exit(1);
		at = found + strlen(from);
	}
	if (persona_buf_adds(&out, at, NULL) < 0)
		exit(1);
	free(text);
	return persona_buf_take(&out);
}

static char *in_fence(char *text)
{
	char *whole;

	if (asprintf(&whole, "Here are the personas:\n\n```json\n%s\n```\n\nAnything else?\n", text) < 0)
		exit(1);
	free(text);
	return whole;
}

/* A new way to break it. */
enum damage { VALID, FENCED, COMMAS, QUOTES, KEYS, MISSING, INNER, COMMENTS, ALL, DAMAGES };

static const char *const damage_names[DAMAGES] = {
	"valid, bare",	   "valid, fenced",	    "trailing commas",
	"single quotes",   "keys without quotes",   "missing commas",
	"quotes in texts", "comments and literals", "all of these but single quotes",
};

static char *make_text(enum damage damage)
{
	char *text = make_array();

	if (damage == COMMAS || damage == ALL)
		text = with(text, "\"\n", "\",\n");
	if (damage == KEYS || damage == ALL)
		text = with(text, "\"occupation\":", "occupation:");
	if (damage == MISSING || damage == ALL)
		text = with(text, "shift ends\",", "shift ends\"");
	if (damage == INNER || damage == ALL)
		text = with(text, "write it down twice", "\"write it down\" twice");
	if (damage == COMMENTS || damage == ALL)
		text = with(with(text, "\"goals\": [", "// what they want\n    \"goals\": ["), "\"age\": 3",
			    "\"remote\": True, \"age\": 3");
	if (damage == QUOTES)
		text = with(text, "\"", "'");
	return damage == VALID ? text : in_fence(text);
}

/* ---- Speed ----------------------------------------------------------- */

static double extract_us(const char *text, size_t len)
{
	double start = cpu_us();

	for (int i = 0; i < TURNS; i++) {
		json_t *value;

		if (persona_json_extract(&value, text, len, NULL, NULL, NULL) != 1 || json_array_size(value) != 8)
			exit(1);
		json_decref(value);
	}
	return (cpu_us() - start) / TURNS;
}

static double load_us(const char *text, size_t len)
{
	double start = cpu_us();

	for (int i = 0; i < TURNS; i++)
		json_decref(json_loadb(text, len, 0, NULL));
	return (cpu_us() - start) / TURNS;
}

static int by_value(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static void print_speed(enum damage damage, const char *bare)
{
	char *text = make_text(damage);
	size_t len = strlen(text), bare_len = strlen(bare);
	double ours[ROUNDS], ratios[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		double load = load_us(bare, bare_len);

		ours[i] = extract_us(text, len);
		ratios[i] = load * (double)len / (double)bare_len / ours[i];
	}
	qsort(ours, ROUNDS, sizeof *ours, by_value);
	qsort(ratios, ROUNDS, sizeof *ratios, by_value);
	printf("%-32s %5zu bytes %7.1f us  %5.2f of json_loadb's speed (%.2f to %.2f)\n", damage_names[damage], len,
	       ours[ROUNDS / 2], ratios[ROUNDS / 2], ratios[0], ratios[ROUNDS - 1]);
	free(text);
}

/* ---- Attacks --------------------------------------------------------- */

struct timing {
	double us;
	const struct attack *attack;
};

static int slower_first(const void *a, const void *b)
{
	return by_value(&((const struct timing *)b)->us, &((const struct timing *)a)->us);
}

static void print_attacks(void)
{
	struct timing timings[ATTACKS];

	for (int i = 0; i < ATTACKS; i++) {
		size_t len = 0;
		char *text = make_attack(&attacks[i], ATTACK_SIZE, &len);
		double start = cpu_us();
		json_t *value;

		if (!text || (persona_json_extract(&value, text, len, NULL, NULL, NULL) < 0 && value))
			exit(1);
		json_decref(value);
		timings[i] = (struct timing){ cpu_us() - start, &attacks[i] };
		free(text);
	}
	qsort(timings, ATTACKS, sizeof *timings, slower_first);
	for (int i = 0; i < SLOWEST; i++) {
		json_t *shown = json_pack("[s, s, s]", timings[i].attack->before, timings[i].attack->repeated,
					  timings[i].attack->behind);
		char *line = shown ? json_dumps(shown, JSON_ENSURE_ASCII) : NULL;

		printf("%6.3f s  %s\n", timings[i].us / 1e6, line ? line : "bytes that are no text");
		free(line);
		json_decref(shown);
	}
	printf("%d texts of 1 MB\n", ATTACKS);
}

/* ---- Requests -------------------------------------------------------- */

static void print_requests(long count)
{
	char *text[2] = { make_text(FENCED), make_text(COMMAS) };

	for (long i = 0; i < count; i++) {
		json_t *request = json_pack("{s:o, s:s}", "id", json_sprintf("%ld", i), "input", text[i % 2]);

		json_dumpf(request, stdout, JSON_COMPACT);
		putchar('\n');
		json_decref(request);
	}
	free(text[0]);
	free(text[1]);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	char *bare = make_array();

	if (strcmp(what, "speed") == 0) {
		for (enum damage damage = VALID; damage < DAMAGES; damage++)
			print_speed(damage, bare);
	} else if (strcmp(what, "attacks") == 0) {
		print_attacks();
	} else if (strcmp(what, "requests") == 0 && argc == 3) {
		print_requests(strtol(argv[2], NULL, 10));
	} else {
		fprintf(stderr, "usage: bench-json speed | attacks | requests N\n");
		free(bare);
		return 2;
	}
	free(bare);
	return 0;
}
