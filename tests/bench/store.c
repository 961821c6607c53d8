/*
 * What the store's functions cost, for tests/bench/run.
 *
 *   bench-store prepare DATABASE N   a batch of N personas that have no revision yet, with 500 records
 *   bench-store add DATABASE N       give each its first revision, 64 in a transaction; prints milliseconds
 *   bench-store claim DATABASE       claim everything that waits for a score, 32 in a transaction; prints
 *                                    microseconds of each transaction, one per line
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "persona/store.h"

#define RECORDS	    500
#define ADD_GROUP   64
#define CLAIM_GROUP 32
#define PAGE	    4096

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int add_records(struct persona_store *store, int64_t *source_id, struct persona_error *err)
{
	struct persona_records records;
	int rc = 0;

	persona_records_init(&records);
	for (int i = 1; i <= RECORDS && !rc; i++) {
		struct persona_record *record;
		char locator[64], answer[128];
		long column = persona_records_column(&records, "What do you wish for?", err);

		snprintf(locator, sizeof locator, "survey.csv:%d", i + 1);
		snprintf(answer, sizeof answer, "I wish for a bus that comes when it says, said number %d.", i);
		rc = column < 0 || persona_records_add(&records, &record, locator, err) < 0 ? -1 : 0;
		if (!rc) {
			record->ordinal = i;
			rc = persona_record_add_cell(record, (size_t)column, answer, strlen(answer), err);
		}
	}
	if (!rc)
		rc = persona_store_source_add(store, "survey.csv",
					      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
					      "text/csv", 1000, &records, source_id, err);
	persona_records_release(&records);
	return rc;
}

static int prepare(struct persona_store *store, long personas, struct persona_error *err)
{
	char label[] = "bench", settings[] = "{}";
	struct persona_batch batch = { .label = label, .settings = settings };
	int64_t source_id;

	memset(batch.sha256, 'a', sizeof batch.sha256 - 1);
	if (persona_store_begin(store, err) < 0 || add_records(store, &source_id, err) < 0 ||
	    persona_store_batch_add(store, &batch, &source_id, 1, err) < 0 ||
	    persona_store_batch_extend(store, batch.batch_id, personas, 10, err) < 0)
		return -1;
	return persona_store_commit(store, err);
}

/* Two goals, two frustrations, two behaviours, a motivation, a quote; each borne out by one or two records. */
static int make_persona(struct persona *persona, long number, struct persona_error *err)
{
	static const enum persona_list_field fields[] = {
		PERSONA_GOALS,	    PERSONA_GOALS,	PERSONA_FRUSTRATIONS, PERSONA_FRUSTRATIONS,
		PERSONA_BEHAVIOURS, PERSONA_BEHAVIOURS, PERSONA_MOTIVATIONS,  PERSONA_QUOTES,
	};
	char text[256];

	persona_init(persona);
	snprintf(text, sizeof text, "Commuter %ld", number);
	if (persona_set_text(&persona->name, text, err) < 0 ||
	    persona_set_text(&persona->occupation, "nurse in a hospital", err) < 0 ||
	    persona_set_text(&persona->background,
			     "Takes the early train to work five days a week and the last one home.", err) < 0)
		return -1;
	persona->age = 18 + number % 60;
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		size_t position = persona->lists[fields[i]].len;
		int length = snprintf(text, sizeof text,
				      "wishes for a bus that comes when the timetable says so, %ld/%zu", number, i);

		if (persona_list_add(&persona->lists[fields[i]], text, (size_t)length, err) < 0)
			return -1;
		for (size_t k = 0; k <= i % 2; k++) {
			char locator[64];
			long record = (number * 7 + (long)(i + k)) % RECORDS + 1;

			snprintf(locator, sizeof locator, "survey.csv:%ld", record + 1);
			if (persona_evidence_add(persona, fields[i], position, locator, record, PERSONA_STRENGTH_CITED,
						 "a bus that comes when it says", err) < 0)
				return -1;
		}
	}
	return 0;
}

static int add(struct persona_store *store, long personas, struct persona_error *err)
{
	struct persona_revision_origin origin = { .stage = "draft" };
	struct persona_place place;
	int64_t start = now_us();

	for (long slot = 1; slot <= personas; slot++) {
		struct persona persona;
		int rc;

		if (slot % ADD_GROUP == 1 && persona_store_begin(store, err) < 0)
			return -1;
		if (persona_store_slot(store, 1, slot, &place, err) < 0)
			return -1;
		origin.persona_id = place.persona_id;
		rc = make_persona(&persona, slot, err);
		if (!rc)
			rc = persona_store_revision_add(store, &origin, &persona, &place, err);
		persona_release(&persona);
		if (rc < 0 || ((slot % ADD_GROUP == 0 || slot == personas) && persona_store_commit(store, err) < 0))
			return -1;
	}
	printf("%lld\n", (long long)(now_us() - start) / 1000);
	return 0;
}

static int claim_group(struct persona_store *store, const struct persona_place *places, long len,
		       struct persona_error *err)
{
	int64_t start = now_us();

	if (persona_store_begin(store, err) < 0)
		return -1;
	for (long i = 0; i < len; i++) {
		enum persona_claim state;
		char item[64];

		snprintf(item, sizeof item, "revision %lld key 1", (long long)places[i].revision_id);
		if (persona_store_claim(store, "score", item, 0, &state, err) < 0)
			return -1;
	}
	if (persona_store_commit(store, err) < 0)
		return -1;
	printf("%lld\n", (long long)(now_us() - start));
	return 0;
}

static int claim(struct persona_store *store, struct persona_error *err)
{
	static struct persona_place page[PAGE];
	struct persona_run_info info = { .tool = "bench", .arguments = "[]" };
	int64_t after = 0;
	long len;

	if (persona_store_run_start(store, &info, err) < 0)
		return -1;
	/* Under a key that nobody has used everything waits. */
	while ((len = persona_store_pending_score(store, 1000000, after, page, PAGE, err)) > 0) {
		after = page[len - 1].revision_id;
		for (long i = 0; i < len; i += CLAIM_GROUP)
			if (claim_group(store, page + i, len - i < CLAIM_GROUP ? len - i : CLAIM_GROUP, err) < 0)
				return -1;
	}
	return len < 0 ? -1 : persona_store_run_finish(store, 0, "{}", err);
}

int main(int argc, char **argv)
{
	struct persona_error err = { 0 };
	struct persona_store *store = NULL;
	long personas = argc == 4 ? strtol(argv[3], NULL, 10) : 0;
	int rc = -1;

	if (argc < 3) {
		fputs("usage: bench-store prepare|add DATABASE N | claim DATABASE\n", stderr);
		return 2;
	}
	if (persona_store_open(&store, argv[2], PERSONA_STORE_CREATE, NULL, &err) < 0)
		(void)0;
	else if (strcmp(argv[1], "prepare") == 0)
		rc = prepare(store, personas, &err);
	else if (strcmp(argv[1], "add") == 0)
		rc = add(store, personas, &err);
	else if (strcmp(argv[1], "claim") == 0)
		rc = claim(store, &err);
	persona_store_close(store);
	if (rc < 0)
		fprintf(stderr, "bench-store: %s\n", err.text);
	return rc < 0;
}
