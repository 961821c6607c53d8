/*
 * A model over a network without a network: what is sent is looked at, and answered from a script, on the spot.
 */
#ifndef PERSONA_TEST_FAKE_REMOTE_H
#define PERSONA_TEST_FAKE_REMOTE_H

#include "stage_fakes.h"

#define FAKE_KEY   "sk-fake-0123456789abcdef"
#define SENT_MAX   256
#define WIRE_USAGE "\"usage\":{\"prompt_tokens\":1000,\"completion_tokens\":100}"

/* One turn of the script. */
struct turn {
	int status; /* 0: the transfer fails as outcome says */
	enum persona_http_outcome outcome;
	bool maybe_sent;
	const char *headers; /* name, NUL, value, NUL …; NULL: none */
	size_t headers_len;
	const char *text;   /* of a 200: what the model writes; "": as many personas as were asked for */
	const char *finish; /* "stop" */
	const char *body;   /* instead of text: the whole body */
};

struct fake_remote {
	struct turn turns[SENT_MAX];
	size_t len; /* after the last turn every request is answered well */
	size_t sent;
	char *bodies[SENT_MAX];
	int64_t at_ms[SENT_MAX];
	void (*on_send)(struct fake_remote *fake);
	char *(*says)(const char *body); /* what is written where a turn has no text, by malloc(); NULL: personas */
	persona_http_done *held;	 /* hold: the first request is answered by fake_release() */
	void *held_arg;
	bool hold;
};

static struct fake_remote fake;
static struct persona_llm *fake_llm;
static struct persona_llm_schema *fake_schema;
static struct persona_remote remote;
static struct persona_model remote_model;

static inline const char *fake_environment(void *payload, const char *name)
{
	(void)payload;
	return strcmp(name, "OPENAI_API_KEY") == 0 ? FAKE_KEY : NULL;
}

/* How many personas the body asks for. */
static inline size_t wanted_of(const char *body)
{
	const char *at = strstr(body, "Personas wanted: ");

	ck_assert_ptr_nonnull(at);
	return (size_t)strtoul(at + strlen("Personas wanted: "), NULL, 10);
}

/* n personas as a model writes them; the caller frees. */
static inline char *personas_text(size_t n, size_t first)
{
	json_t *list = json_array(), *whole;
	char *text;

	for (size_t i = 0; i < n; i++) {
		char name[32];

		snprintf(name, sizeof name, "Model %zu", first + i);
		json_array_append_new(list, json_pack("{s:s, s:[s]}", "name", name, "goals", "to be made"));
	}
	whole = json_pack("{s:o}", "personas", list);
	text = json_dumps(whole, JSON_COMPACT);
	json_decref(whole);
	return text;
}

static inline void fill_body(struct persona_http_response *response, const struct turn *turn, const char *asked)
{
	char *made = NULL, *wire;
	json_t *whole;

	if (turn->body) {
		OK(persona_buf_adds(&response->body, turn->body, &err));
		return;
	}
	if (turn->status != 200)
		return;
	if (!turn->text || !*turn->text)
		made = fake.says ? fake.says(asked) : personas_text(wanted_of(asked), fake.sent * 100);
	whole = json_pack("{s:[{s:s, s:{s:s}}], s:{s:i, s:i}}", "choices", "finish_reason",
			  turn->finish ? turn->finish : "stop", "message", "content", made ? made : turn->text, "usage",
			  "prompt_tokens", 1000, "completion_tokens", 100);
	wire = json_dumps(whole, JSON_COMPACT);
	OK(persona_buf_adds(&response->body, wire, &err));
	free(wire);
	free(made);
	json_decref(whole);
}

static inline void fake_answer(const struct turn *turn, const char *asked, persona_http_done *done, void *arg)
{
	struct persona_http_response response;

	persona_http_response_init(&response);
	response.outcome = turn->status ? PERSONA_HTTP_OK : turn->outcome;
	response.maybe_sent = turn->status || turn->maybe_sent;
	response.status = turn->status;
	response.total_us = 5000;
	if (turn->headers)
		OK(persona_buf_add(&response.headers, turn->headers, turn->headers_len, &err));
	fill_body(&response, turn, asked);
	done(arg, &response);
	persona_http_response_release(&response);
}

static inline int fake_send(void *payload, struct persona_buf *body, persona_http_done *done, void *arg,
			    struct persona_error *why)
{
	static const struct turn well = { .status = 200 };
	size_t turn = fake.sent;

	(void)payload;
	(void)why;
	ck_assert_uint_lt(turn, SENT_MAX);
	fake.at_ms[turn] = fake_ms(NULL);
	fake.bodies[turn] = strdup(body->data);
	fake.sent++;
	if (fake.on_send)
		fake.on_send(&fake);
	if (fake.hold) {
		fake.hold = false;
		fake.held = done;
		fake.held_arg = arg;
		return 0;
	}
	fake_answer(turn < fake.len ? &fake.turns[turn] : &well, fake.bodies[turn], done, arg);
	return 0;
}

static inline void fake_stop(void *payload)
{
	(void)payload;
	if (fake.held) {
		static const struct turn cancelled = { .outcome = PERSONA_HTTP_CANCELLED, .maybe_sent = true };

		fake_answer(&cancelled, "", fake.held, fake.held_arg);
		fake.held = NULL;
	}
}

static inline void setup_remote(void)
{
	setup();
	fake = (struct fake_remote){ 0 };
	OK(persona_llm_open(&fake_llm, "openai:gpt-4o", NULL, false, fake_environment, NULL, &err));
	OK(persona_llm_schema_for(&fake_schema, PERSONA_TASK_DRAFT, &err));
	remote = (struct persona_remote){
		.llm = fake_llm,
		.schema = fake_schema,
		.instructions = "Make personas.",
		.temperature = 0.7,
		.max_output_tokens = 1000,
		.in_flight = 4,
		.retries = 2,
		.patience_ms = 60000,
		.max_cost_nusd = -1,
		.priced = true,
		.send = fake_send,
		.stop = fake_stop,
	};
	OK(persona_price_parse(&remote.price, "2.5:10", &err));
	remote_model = (struct persona_model){ .name = "openai:gpt-4o", .version = 1, .remote = &remote };
}

static inline void teardown_remote(void)
{
	for (size_t i = 0; i < fake.sent; i++)
		free(fake.bodies[i]);
	persona_llm_schema_free(fake_schema);
	persona_llm_close(fake_llm);
	teardown();
}

/* The next turn of the script. */
static inline void turn(struct turn next)
{
	fake.turns[fake.len++] = next;
}

/* What a turn costs by its usage: 1000 tokens in at 2.5, 100 out at 10 USD per million. */
#define TURN_NUSD 3500000

#endif
