/* A model over a network is opened: what the user said, what is the default, what is refused. Nothing is sent. */
#include "persona/stage.h"
#include "suite.h"

static struct persona_error err;
static struct persona_model *model;

static struct persona_model_options fresh(enum persona_task_kind task)
{
	return (struct persona_model_options){
		.task = task, .base_url = "http://127.0.0.1:9", .temperature = -1, .retries = -1, .max_cost_nusd = -1
	};
}

static void teardown(void)
{
	persona_model_free(model);
	model = NULL;
}

START_TEST(what_is_not_said_is_the_default)
{
	static const struct {
		enum persona_task_kind task;
		double temperature;
		int64_t max_output_tokens;
	} rows[] = { { PERSONA_TASK_DRAFT, 0.7, 4096 },
		     { PERSONA_TASK_JUDGE, 0, 1024 },
		     { PERSONA_TASK_REFINE, 0.7, 2048 } };
	struct persona_model_options options = fresh(rows[_i].task);
	struct persona_http_stats stats;
	const struct persona_remote *how;

	ck_assert_msg(persona_model_open(&model, "ollama:m", &options, &err) == 0, "%s", err.text);
	ck_assert_str_eq(model->name, "ollama:m");
	how = model->remote;
	ck_assert_ptr_nonnull(how);
	ck_assert_double_eq(how->temperature, rows[_i].temperature);
	ck_assert_int_eq(how->max_output_tokens, rows[_i].max_output_tokens);
	ck_assert_int_eq(how->in_flight, 10);
	ck_assert_int_eq(how->retries, 4);
	ck_assert_int_eq(how->max_cost_nusd, -1);
	ck_assert(!how->priced);
	ck_assert_str_eq(how->instructions, persona_llm_instructions(rows[_i].task));
	/* A default that changes one day must not make another batch of it. */
	ck_assert_uint_eq(json_object_size(model->options), 0);
	ck_assert(persona_model_stats(model, &stats));
	ck_assert_uint_eq(stats.requests, 0);
}
END_TEST

START_TEST(what_is_said_counts_and_is_part_of_the_batch_where_it_shapes_answers)
{
	struct persona_model_options options = fresh(PERSONA_TASK_DRAFT);
	char *typed;

	options.instructions = "Write.";
	options.temperature = 0;
	options.max_output_tokens = 77;
	options.context_tokens = 9000;
	options.in_flight = 3;
	options.retries = 0;
	options.patience_ms = 5;
	options.max_cost_nusd = 0;
	options.rpm = 6;
	options.tpm = 8;
	options.price = "1:2";
	options.local_only = true;
	ck_assert_msg(persona_model_open(&model, "ollama:m", &options, &err) == 0, "%s", err.text);
	ck_assert_double_eq(model->remote->temperature, 0);
	ck_assert_int_eq(model->remote->max_output_tokens, 77);
	ck_assert_int_eq(model->remote->context_tokens, 9000);
	ck_assert_int_eq(model->remote->in_flight, 3);
	ck_assert_int_eq(model->remote->retries, 0);
	ck_assert_int_eq(model->remote->patience_ms, 5);
	ck_assert_int_eq(model->remote->max_cost_nusd, 0);
	ck_assert_int_eq(model->remote->limits.rpm, 6);
	ck_assert_int_eq(model->remote->limits.tpm, 8);
	ck_assert(model->remote->priced);
	ck_assert_str_eq(model->remote->instructions, "Write.");
	typed = json_dumps(model->options, JSON_COMPACT | JSON_SORT_KEYS);
	ck_assert_str_eq(typed,
			 "{\"context_tokens\":9000,\"max_tokens\":77,"
			 "\"prompt_sha256\":\"76050b6862606edfa19c0bc54339d800c6f7016d89c55c539ff58d21a462d2a1\","
			 "\"temperature\":0.0}");
	free(typed);
}
END_TEST

START_TEST(what_makes_no_sense_is_refused)
{
	static const struct {
		const char *spec, *base_url, *price, *says;
	} rows[] = {
		{ "nobody:m", NULL, NULL, "nobody" },
		{ "ollama:m", "http://192.0.2.1:9", NULL, "--local-only: ollama:m is not on this host" },
		{ "ollama:m", "http://127.0.0.1:9", "cheap", "cheap" },
	};
	struct persona_model_options options = fresh(PERSONA_TASK_DRAFT);

	options.base_url = rows[_i].base_url;
	options.price = rows[_i].price;
	options.local_only = true;
	ck_assert_int_eq(persona_model_open(&model, rows[_i].spec, &options, &err), -1);
	ck_assert_ptr_null(model);
	ck_assert_int_eq(err.code, PERSONA_E_USAGE);
	ck_assert_msg(strstr(err.text, rows[_i].says) != NULL, "%s", err.text);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("model");
	TCase *t = tcase_create("open");

	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_loop_test(t, what_is_not_said_is_the_default, 0, 3);
	tcase_add_test(t, what_is_said_counts_and_is_part_of_the_batch_where_it_shapes_answers);
	tcase_add_loop_test(t, what_makes_no_sense_is_refused, 0, 3);
	suite_add_tcase(s, t);
	return run_suite(s);
}
