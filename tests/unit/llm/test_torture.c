/* Memory runs out at every place in turn: an error with a message, nothing lost, and the next attempt succeeds. */
#include "faults.h"
#include "fixture.h"

/* Run it with the first, the second … allocation of a kind failing, until it gets through. Returns how many there are. */
static int torture_by(enum kind kind, int (*run)(void *payload, struct persona_error *err), void *payload)
{
	for (int n = 1; n < 100000; n++) {
		struct persona_error err = { 0 };
		int rc;

		chosen = kind;
		countdown = n;
		fired = false;
		rc = run(payload, &err);
		countdown = 0;
		if (!fired) {
			ck_assert_msg(rc == 0, "%s", err.text);
			return n - 1;
		}
		ck_assert_msg(rc == -1 && err.code != PERSONA_OK && err.text[0], "allocation %d: %d %s", n, rc,
			      err.text);
	}
	ck_abort_msg("no end");
}

/* Ours, and those of the JSON library. */
static int torture(int (*run)(void *payload, struct persona_error *err), void *payload)
{
	return torture_by(MEMORY, run, payload) + torture_by(JSON, run, payload);
}

/* ---- Endpoints ------------------------------------------------------- */

static const char *const specs[] = { "openai:m", "anthropic:m", "gemini:m", "ollama:m" };

static int open_and_close(void *payload, struct persona_error *err)
{
	struct persona_llm *llm;

	if (persona_llm_open(&llm, payload, NULL, false, all_keys, NULL, err) < 0)
		return llm ? 0 : -1;
	persona_llm_close(llm);
	return 0;
}

START_TEST(opening)
{
	ck_assert_int_gt(torture(open_and_close, (void *)specs[_i]), 4);
}
END_TEST

/* ---- Requests -------------------------------------------------------- */

static int ask(void *payload, struct persona_error *err)
{
	struct persona_llm_schema *schema = NULL;
	struct persona_llm_prefix *prefix = NULL;
	char hex[PERSONA_HASH_HEX];
	struct persona_llm_request request = {
		.system = "s", .suffix = "q", .temperature = 0.5, .max_output_tokens = 9
	};
	struct persona_buf body;
	int rc = -1;

	persona_buf_init(&body, 1 << 20);
	if (persona_llm_schema_for(&schema, PERSONA_TASK_DRAFT, err) < 0 ||
	    persona_llm_prefix_new(&prefix, "p\n", 2, err) < 0)
		goto out;
	request.schema = schema;
	request.prefix = prefix;
	if (persona_llm_identity(hex, payload, &request, err) < 0 ||
	    persona_llm_body(&body, payload, &request, 0, err) < 0)
		goto out;
	rc = 0;
out:
	persona_buf_release(&body);
	persona_llm_prefix_free(prefix);
	persona_llm_schema_free(schema);
	return rc;
}

START_TEST(asking)
{
	struct persona_llm *llm = open_llm(specs[_i]);

	ck_assert_int_gt(torture(ask, llm), 100);
	persona_llm_close(llm);
}
END_TEST

/* ---- Answers --------------------------------------------------------- */

struct answer {
	struct persona_llm *llm;
	struct persona_llm_raw raw;
};

static int read_answer(void *payload, struct persona_error *err)
{
	struct answer *answer = payload;
	struct persona_llm_reply reply;
	int rc;

	persona_llm_reply_init(&reply);
	rc = persona_llm_read(answer->llm, &answer->raw, &reply, err);
	/* Nothing of a half-read answer is left. No assertion: libcheck allocates. */
	if (rc < 0 && (reply.text.len || *reply.message))
		abort();
	persona_llm_reply_release(&reply);
	return rc;
}

static void torture_fixture(struct fixture *fixture)
{
	struct answer answer = { fixture_llm(fixture), fixture_raw(fixture) };

	(void)torture(read_answer, &answer);
	persona_llm_close(answer.llm);
}

START_TEST(reading)
{
	ck_assert_int_gt(fixtures_each(torture_fixture), 0);
}
END_TEST

/* ---- Prompts --------------------------------------------------------- */

static int prompt(void *payload, struct persona_error *err)
{
	static const size_t deals[] = { 20 };
	struct persona_task task = { .records = payload, .first_slot = 1, .count = 5, .deals = deals, .deals_len = 1 };
	struct persona_buf out;
	int rc;

	persona_buf_init(&out, 1 << 20);
	rc = persona_llm_records(&out, &task, err);
	if (!rc)
		rc = persona_llm_question(&out, &task, err);
	persona_buf_release(&out);
	return rc;
}

START_TEST(prompting)
{
	struct persona_records records;
	struct persona_record *record;

	persona_records_init(&records);
	ck_assert_int_eq(persona_records_column(&records, "Q", NULL), 0);
	ck_assert_int_eq(persona_records_add(&records, &record, "a.csv:2", NULL), 0);
	ck_assert_int_eq(persona_record_add_cell(record, 0, "one\ntwo", 7, NULL), 0);
	ck_assert_int_gt(torture(prompt, &records), 2);
	persona_records_release(&records);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = suite_of("torture", &tcase);

	json_set_alloc_funcs(json_memory, free);
	tcase_add_loop_test(tcase, opening, 0, COUNT(specs));
	tcase_add_loop_test(tcase, asking, 0, COUNT(specs));
	tcase_add_test(tcase, reading);
	tcase_add_test(tcase, prompting);
	return run_suite(suite);
}
