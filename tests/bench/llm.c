/*
 * What reading an answer costs: the scanner, with the text taken out, cleaned and masked, against a tree of the same bytes.
 *
 *   bench-llm    answers of about 5 and 10 KB, CPU time of one; least of five rounds
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "persona/json.h"
#include "persona/llm.h"

#define ROUNDS 5
#define TURNS  10000

static double cpu_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* A chat completion whose text is a JSON list of so many personas. */
static char *make_body(int personas)
{
	json_t *list = json_array(), *body;
	char *text, *bytes;

	for (int i = 0; i < personas; i++)
		json_array_append_new(list,
				      json_pack("{s:s, s:i, s:[s, s], s:[s], s:s}", "name", "Marta Lindqvist", "age",
						34 + i, "goals", "Have the reports out before the shift ends",
						"Know who is \"really\" on call", "quotes",
						"I write it down twice, once for me", "background",
						"Works in a town of nine thousand; the clinic closed in 2019."));
	text = json_dumps(list, JSON_INDENT(1));
	body = json_pack("{s:s, s:s, s:[{s:i, s:{s:s, s:s, s:n}, s:s}], s:{s:i, s:i}}", "id", "chatcmpl-1", "model",
			 "m", "choices", "index", 0, "message", "role", "assistant", "content", text, "refusal",
			 "finish_reason", "stop", "usage", "prompt_tokens", 2841, "completion_tokens", 214);
	bytes = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	json_decref(list);
	free(text);
	return bytes;
}

static double read_us(const struct persona_llm *llm, const char *body, size_t len)
{
	struct persona_llm_raw raw = { .outcome = PERSONA_HTTP_OK, .status = 200, .body = body, .len = len };
	struct persona_llm_reply reply;
	double start;

	persona_llm_reply_init(&reply);
	start = cpu_us();
	for (int i = 0; i < TURNS; i++)
		if (persona_llm_read(llm, &raw, &reply, NULL) < 0 || reply.outcome != PERSONA_LLM_OK)
			exit(1);
	start = cpu_us() - start;
	persona_llm_reply_release(&reply);
	return start / TURNS;
}

static double tree_us(const char *body, size_t len)
{
	double start = cpu_us();

	for (int i = 0; i < TURNS; i++)
		json_decref(json_loadb(body, len, 0, NULL));
	return (cpu_us() - start) / TURNS;
}

int main(void)
{
	static const int sizes[] = { 16, 33 };
	struct persona_llm *llm;

	if (persona_llm_open(&llm, "openai:m", NULL, true, NULL, NULL, NULL) < 0)
		return 1;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		char *body = make_body(sizes[i]);
		size_t len = strlen(body);
		double reading = 1e9, tree = 1e9;

		for (int round = 0; round < ROUNDS; round++) {
			double one = read_us(llm, body, len), other = tree_us(body, len);

			reading = one < reading ? one : reading;
			tree = other < tree ? other : tree;
		}
		printf("answer of %zu bytes: read in %.1f us, a tree of it in %.1f us\n", len, reading, tree);
		free(body);
	}
	persona_llm_close(llm);
	return 0;
}
