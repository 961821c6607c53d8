#include "helper.h"

#define USD	((int64_t)1000000000) /* in nano-USD */
#define MILLION 1000000

static struct persona_error err;

static void setup(void)
{
	err = (struct persona_error){ 0 };
}

/* Usage with nothing but these. */
static struct persona_llm_usage usage(int64_t input, int64_t cached, int64_t written, int64_t output)
{
	return (struct persona_llm_usage){ input, cached, written, output, -1 };
}

static struct persona_price find(const char *spec, const char *base, const char *day)
{
	struct persona_price price;
	struct persona_llm *llm;

	ck_assert_int_eq(persona_llm_open(&llm, spec, base, true, NULL, NULL, &err), 0);
	ck_assert_msg(persona_price_find(&price, llm, day, &err) == 1, "%s: %s", spec, err.text);
	persona_llm_close(llm);
	return price;
}

/* ---- The table ------------------------------------------------------- */

static bool is_day(const char *text)
{
	int year, month, day, used = 0;

	return sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &used) == 3 && used == 10 && !text[10] &&
	       month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

static void check_tier(const struct persona_price *price, const struct persona_price_tier *tier)
{
	const char *name = price->model;

	ck_assert_msg(tier->input_pusd >= 0 && tier->output_pusd >= tier->input_pusd, "%s", name);
	ck_assert_msg(tier->cached_pusd <= tier->input_pusd, "%s", name);
	ck_assert_msg(tier->cache_write_pusd < 0 || tier->cache_write_pusd >= tier->input_pusd, "%s", name);
	ck_assert_msg(tier->output_pusd <= 1000 * (int64_t)MILLION, "%s", name);
}

START_TEST(every_row_is_read_and_makes_sense)
{
	struct persona_price prices[256];
	const char *at = NULL;
	size_t count = 0;
	int rc;

	while ((rc = persona_price_next(&prices[count], &at, &err)) > 0) {
		const struct persona_price *price = &prices[count];

		ck_assert_msg(is_day(price->from), "%s", price->from);
		check_tier(price, &price->base);
		if (price->above_input_tokens >= 0) {
			check_tier(price, &price->above);
			ck_assert_msg(price->above.input_pusd >= price->base.input_pusd &&
					      price->above.output_pusd >= price->base.output_pusd,
				      "%s", price->model);
			ck_assert_msg(price->above_input_tokens >= 1000, "%s", price->model);
		}
		ck_assert_msg(price->batch_percent == -1 || price->batch_percent == 50, "%s", price->model);
		/* What writing to the cache costs is told by those who charge for it. */
		if (strcmp(price->provider, "anthropic") == 0)
			ck_assert_msg(price->base.cache_write_pusd * 4 == price->base.input_pusd * 5, "%s",
				      price->model);
		for (size_t i = 0; i < count; i++)
			ck_assert_msg(strcmp(prices[i].provider, price->provider) ||
					      strcmp(prices[i].model, price->model) ||
					      strcmp(prices[i].from, price->from),
				      "%s twice", price->model);
		ck_assert_uint_lt(++count, COUNT(prices));
	}
	ck_assert_msg(rc == 0, "%s", err.text);
	ck_assert_uint_ge(count, 70);
}
END_TEST

/* ---- Looking up ------------------------------------------------------ */

static const struct {
	const char *priced, *model;
	int fit;
} fits[] = {
	{ "gpt-4o", "gpt-4o", 6 },
	{ "gpt-4o", "gpt-4o-2024-11-20", 6 },
	{ "gpt-4o", "gpt-4o-mini", -1 },
	{ "gpt-5", "gpt-5.4", -1 },
	{ "gpt-5", "gpt-5-mini", -1 },
	{ "gpt-5.4-mini", "gpt-5.4-mini-2026-03-17", 12 },
	{ "claude-haiku-4-5", "claude-haiku-4-5-20251001", 16 },
	{ "gpt-4o-2024-11-20", "gpt-4o", -1 },
	{ "gpt-4o", "gpt-4", -1 },
	{ "gpt-4o", "", -1 },
	{ "*", "anything", 0 },
	{ "*", "", 0 },
};

START_TEST(models_fit_by_name_or_date)
{
	ck_assert_int_eq(persona_price_fit(fits[_i].priced, fits[_i].model), fits[_i].fit);
}
END_TEST

static const struct {
	const char *spec, *base, *day;
	int64_t input_pusd; /* -1: not known */
} lookups[] = {
	{ "openai:gpt-4o", NULL, "2026-11-25", 2500000 },
	{ "openai:gpt-4o-2024-11-20", NULL, "2026-11-25", 2500000 },
	{ "openai:gpt-4o", NULL, "2020-01-01", 2500000 },
	{ "openai:gpt-4o-mini", NULL, "2026-11-25", 150000 },
	{ "openai:gpt-4o-audio", NULL, "2026-11-25", -1 },
	{ "openai:gpt-4o", "http://127.0.0.1:1/v1", "2026-11-25", 2500000 },
	{ "openai:llama", "http://127.0.0.1:1/v1", "2026-11-25", 0 },
	{ "openai:llama", "http://box:1/v1", "2026-11-25", -1 },
	{ "openai:deepseek-flash", "https://api.deepseek.com", "2026-11-25", 300000 },
	{ "openai:gpt-4o", "https://api.deepseek.com", "2026-11-25", -1 },
	{ "openai:openai/gpt-oss-20b", "https://api.groq.com/openai/v1", "2026-11-25", 75000 },
	{ "openai:gpt-4o", "https://mine.openai.azure.com/openai/v1", "2026-11-25", 2500000 },
	{ "openai:openai/gpt-4o", "https://openrouter.ai/api/v1", "2026-11-25", -1 },
	{ "anthropic:claude-haiku-4-5-20251001", NULL, "2026-11-25", 1000000 },
	{ "anthropic:gpt-4o", NULL, "2026-11-25", -1 },
	{ "gemini:gemini-3.8-flash", NULL, "2026-12-31", 750000 },
	{ "gemini:gemini-3.8-flash", NULL, "2027-01-01", 1500000 },
	{ "ollama:qwen3:8b", NULL, "2026-11-25", 0 },
	{ "ollama:gpt-oss:120b-cloud", NULL, "2026-11-25", -1 },
	{ "ollama:gpt-oss:120b", "https://ollama.com", "2026-11-25", -1 },
	{ "ollama:qwen3:8b", "http://box", "2026-11-25", 0 },
};

START_TEST(prices_are_found_or_not_known)
{
	struct persona_price price;
	struct persona_llm *llm;
	int rc;

	ck_assert_msg(persona_llm_open(&llm, lookups[_i].spec, lookups[_i].base, true, NULL, NULL, &err) == 0, "%s",
		      err.text);
	rc = persona_price_find(&price, llm, lookups[_i].day, &err);
	ck_assert_int_eq(rc, lookups[_i].input_pusd >= 0);
	if (rc)
		ck_assert_int_eq(price.base.input_pusd, lookups[_i].input_pusd);
	persona_llm_close(llm);
}
END_TEST

START_TEST(the_best_fit_and_the_newest_day_win)
{
	struct persona_price every = { .provider = "p", .model = "*", .from = "2020-01-01" };
	struct persona_price old = { .provider = "p", .model = "m", .from = "2021-01-01" };
	struct persona_price young = { .provider = "p", .model = "m", .from = "2022-01-01" };
	struct persona_price other = { .provider = "q", .model = "m", .from = "2022-01-01" };

	ck_assert(persona_price_better(&every, NULL, "p", "m", "2023-01-01"));
	ck_assert(persona_price_better(&old, &every, "p", "m", "2023-01-01"));
	ck_assert(!persona_price_better(&every, &old, "p", "m", "2023-01-01"));
	ck_assert(persona_price_better(&young, &old, "p", "m", "2022-01-01"));
	ck_assert(!persona_price_better(&old, &young, "p", "m", "2022-01-01"));
	ck_assert(!persona_price_better(&young, &old, "p", "m", "2021-12-31"));
	ck_assert(persona_price_better(&old, &young, "p", "m", "2021-12-31"));
	ck_assert(persona_price_better(&old, &young, "p", "m", "2019-12-31"));
	ck_assert(!persona_price_better(&young, &old, "p", "m", "2019-12-31"));
	ck_assert(!persona_price_better(&other, NULL, "p", "m", "2023-01-01"));
	ck_assert(!persona_price_better(&old, NULL, "p", "n", "2023-01-01"));
	ck_assert(!persona_price_better(&old, &old, "p", "m", "2023-01-01"));
}
END_TEST

/* ---- Costs ----------------------------------------------------------- */

START_TEST(costs_by_hand)
{
	struct persona_price gpt = find("openai:gpt-4o", NULL, "2026-11-25");
	struct persona_price haiku = find("anthropic:claude-haiku-4-5", NULL, "2026-11-25");
	struct persona_llm_usage used = usage(MILLION, 0, 0, MILLION);

	/* 2.5 and 10 USD a million */
	ck_assert_int_eq(persona_price_cost_nusd(&gpt, &used), 12 * USD + USD / 2);
	/* 1,000 fresh at 2.5, 4,000 cached at 1.25, 500 out at 10: 2,500 + 5,000 + 5,000 micro-USD */
	used = usage(5000, 4000, -1, 500);
	ck_assert_int_eq(persona_price_cost_nusd(&gpt, &used), 12500000);
	/* 300 fresh at 1, 2,000 cached at 0.1, 700 written at 1.25, 100 out at 5: 300 + 200 + 875 + 500 micro-USD */
	used = usage(3000, 2000, 700, 100);
	ck_assert_int_eq(persona_price_cost_nusd(&haiku, &used), 1875000);
	used = usage(0, 0, 0, 0);
	ck_assert_int_eq(persona_price_cost_nusd(&gpt, &used), 0);
}
END_TEST

START_TEST(long_prompts_cost_more_as_a_whole)
{
	struct persona_price price = find("openai:gpt-5.4", NULL, "2026-11-25");
	struct persona_llm_usage used = usage(272000, 0, 0, 1000);

	/* 2.5 and 15 up to 272,000; 5 and 22.5 above */
	ck_assert_int_eq(persona_price_cost_nusd(&price, &used), 680000000 + 15000000);
	used.input++;
	ck_assert_int_eq(persona_price_cost_nusd(&price, &used), (int64_t)272001 * 5000 + 22500000);
	ck_assert_int_eq(persona_price_worst_nusd(&price, 272001, 1000), (int64_t)272001 * 5000 + 22500000);
}
END_TEST

START_TEST(fractions_are_rounded_up)
{
	struct persona_price price = { .base = { 2800, 1, -1, -1 }, .above_input_tokens = -1 };
	struct persona_llm_usage used = usage(1, 0, 0, 0);

	/* 2.8 nano-USD a token */
	ck_assert_int_eq(persona_price_cost_nusd(&price, &used), 3);
	used = usage(5, 0, 0, 0);
	ck_assert_int_eq(persona_price_cost_nusd(&price, &used), 14);
	used = usage(0, 0, 0, 1);
	ck_assert_int_eq(persona_price_cost_nusd(&price, &used), 1);
}
END_TEST

START_TEST(what_is_not_known_is_not_zero)
{
	struct persona_price price = { .base = { 2000000, 4000000, -1, -1 }, .above_input_tokens = -1 };
	struct persona_llm_usage used = usage(-1, 0, 0, 5);

	ck_assert_int_eq(persona_price_cost_nusd(&price, &used), -1);
	used = usage(5, 0, 0, -1);
	ck_assert_int_eq(persona_price_cost_nusd(&price, &used), -1);
	/* Cached tokens of an unknown price cost as input. */
	used = usage(10, 4, 4, 0);
	ck_assert_int_eq(persona_price_cost_nusd(&price, &used), 20000);
	/* More cached than there is, is all of it. */
	price.base.cached_pusd = 1000000;
	price.base.cache_write_pusd = 3000000;
	used = usage(10, 50, 50, 0);
	ck_assert_int_eq(persona_price_cost_nusd(&price, &used), 10000);
	used = usage(10, 4, 50, 0);
	ck_assert_int_eq(persona_price_cost_nusd(&price, &used), 4000 + 18000);
}
END_TEST

START_TEST(nothing_overflows)
{
	struct persona_price price = { .base = { INT64_MAX / 2, INT64_MAX / 2, -1, -1 }, .above_input_tokens = -1 };
	struct persona_llm_usage used = usage(1000000000, 0, 0, 1000000000);

	ck_assert_int_ge(persona_price_cost_nusd(&price, &used), INT64_MAX / 1000);
	ck_assert_int_ge(persona_price_worst_nusd(&price, INT64_MAX, INT64_MAX), INT64_MAX / 1000);
}
END_TEST

/* Whatever a request turns out to have used, it cost no more than was feared. */
START_TEST(the_worst_is_an_upper_bound)
{
	struct persona_price price;
	const char *at = NULL;
	uint64_t seed = 5;

	while (persona_price_next(&price, &at, &err) > 0)
		for (int i = 0; i < 200; i++) {
			int64_t input, output, part;
			struct persona_llm_usage used;

			seed = persona_mix64(seed, &i, sizeof i);
			input = (int64_t)(seed % 600000);
			output = (int64_t)(seed >> 32) % 5000;
			part = input ? (int64_t)(seed >> 20) % input : 0;
			used = usage(input, part, input - part, output);
			ck_assert_msg(persona_price_cost_nusd(&price, &used) <=
					      persona_price_worst_nusd(&price, input, output),
				      "%s", price.model);
			used = usage(input - part, part / 2, 0, output / 2);
			ck_assert_msg(persona_price_cost_nusd(&price, &used) <=
					      persona_price_worst_nusd(&price, input, output),
				      "%s", price.model);
		}
}
END_TEST

/* ---- --price --------------------------------------------------------- */

static const struct {
	const char *text;
	int64_t input_pusd, output_pusd; /* -1: refused */
} typed[] = {
	{ "2.5:10", 2500000, 10000000 },
	{ "0:0", 0, 0 },
	{ "0.0028:0.000001", 2800, 1 },
	{ "100000:1", 100000000000, 1000000 },
	{ "100001:1", -1, -1 },
	{ "0.0000001:1", -1, -1 },
	{ "", -1, -1 },
	{ "1", -1, -1 },
	{ "1:", -1, -1 },
	{ ":1", -1, -1 },
	{ "-1:1", -1, -1 },
	{ "1:2:3", -1, -1 },
	{ "1,5:2", -1, -1 },
	{ "1e3:2", -1, -1 },
	{ " 1:2", -1, -1 },
	{ ".5:1", -1, -1 },
	{ "1.:1", -1, -1 },
	{ "1.2.3:1", -1, -1 },
	{ "nan:1", -1, -1 },
	{ "99999999999999999999:1", -1, -1 },
};

START_TEST(prices_can_be_typed)
{
	struct persona_price price;
	int rc = persona_price_parse(&price, typed[_i].text, &err);

	ck_assert_int_eq(rc, typed[_i].input_pusd < 0 ? -1 : 0);
	if (rc < 0) {
		ck_assert_int_eq(err.code, PERSONA_E_USAGE);
		return;
	}
	ck_assert_int_eq(price.base.input_pusd, typed[_i].input_pusd);
	ck_assert_int_eq(price.base.output_pusd, typed[_i].output_pusd);
	ck_assert_int_eq(price.above_input_tokens, -1);
	ck_assert_int_eq(persona_price_worst_nusd(&price, MILLION, 0), typed[_i].input_pusd * 1000);
}
END_TEST

/* ---- Estimates ------------------------------------------------------- */

START_TEST(estimates_begin_with_half_the_bytes)
{
	struct persona_llm_ratio ratio = { 0 };

	ck_assert_int_eq(persona_llm_estimate(&ratio, 10000), 5064);
	ck_assert_int_eq(persona_llm_estimate(&ratio, 10001), 5065);
	ck_assert_int_eq(persona_llm_estimate(&ratio, 0), 64);
	ck_assert_int_gt(persona_llm_estimate(&ratio, SIZE_MAX), 0);
}
END_TEST

START_TEST(estimates_follow_what_was_seen)
{
	struct persona_llm_ratio ratio = { 0 };

	/* English: four bytes a token. */
	for (int i = 0; i < 2; i++)
		persona_llm_ratio_learn(&ratio, 40000, 10000);
	ck_assert_int_eq(persona_llm_estimate(&ratio, 40000), 20064);
	persona_llm_ratio_learn(&ratio, 40000, 9000);
	ck_assert_int_ge(persona_llm_estimate(&ratio, 40000), 11250);
	ck_assert_int_le(persona_llm_estimate(&ratio, 40000), 11400);
	/* One that needed more counts at once; small requests teach nothing. */
	persona_llm_ratio_learn(&ratio, 100, 100);
	persona_llm_ratio_learn(&ratio, 40000, 0);
	persona_llm_ratio_learn(&ratio, 40000, -1);
	ck_assert_int_le(persona_llm_estimate(&ratio, 40000), 11400);
	persona_llm_ratio_learn(&ratio, 40000, 20000);
	ck_assert_int_ge(persona_llm_estimate(&ratio, 40000), 22500);
}
END_TEST

START_TEST(estimates_see_dense_text_before_three_samples)
{
	struct persona_llm_ratio ratio = { 0 };

	persona_llm_ratio_learn(&ratio, 10000, 8000);
	ck_assert_int_ge(persona_llm_estimate(&ratio, 10000), 9000);
	persona_llm_ratio_learn(&ratio, 10000, INT64_MAX / 1000000);
	ck_assert_int_le(persona_llm_estimate(&ratio, 10000), 11400);
	ck_assert_int_gt(persona_llm_estimate(&ratio, SIZE_MAX), 0);
}
END_TEST

START_TEST(what_is_lost_is_as_long_as_answers_under_way)
{
	struct persona_llm_lengths lengths = { .answers = 11, .mean = 20, .mean_square = 400 };

	ck_assert_int_eq(persona_llm_lost_tokens(&lengths, 1), -1);
	lengths.answers = 12;
	/* All alike. */
	ck_assert_int_eq(persona_llm_lost_tokens(&lengths, 1), 20);
	ck_assert_int_eq(persona_llm_lost_tokens(&lengths, 7), 140);
	/* Deviation 10; under way they are 25 long. 3 * 10 * sqrt(4 + 16 / 16) = 67.08 */
	lengths = (struct persona_llm_lengths){ .answers = 16, .mean = 20, .mean_square = 500 };
	ck_assert_int_eq(persona_llm_lost_tokens(&lengths, 4), 100 + 68);
	/* After 12 others: 3 * 10 * (sqrt(16 + 16) - sqrt(12 + 9)) = 32.23 */
	lengths.lost = 12;
	ck_assert_int_eq(persona_llm_lost_tokens(&lengths, 4), 100 + 33);
	/* Somebody edited the table. */
	lengths = (struct persona_llm_lengths){ .answers = 100, .mean = 1e-3, .mean_square = 1e300 };
	ck_assert_int_eq(persona_llm_lost_tokens(&lengths, 1000), INT64_MAX);
	lengths = (struct persona_llm_lengths){ .answers = 100, .mean = 0, .mean_square = 10 };
	ck_assert_int_eq(persona_llm_lost_tokens(&lengths, 1), -1);
}
END_TEST

int main(void)
{
	TCase *tcase;
	Suite *suite = suite_of("price", &tcase);

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, every_row_is_read_and_makes_sense);
	tcase_add_loop_test(tcase, models_fit_by_name_or_date, 0, COUNT(fits));
	tcase_add_loop_test(tcase, prices_are_found_or_not_known, 0, COUNT(lookups));
	tcase_add_test(tcase, the_best_fit_and_the_newest_day_win);
	tcase_add_test(tcase, costs_by_hand);
	tcase_add_test(tcase, long_prompts_cost_more_as_a_whole);
	tcase_add_test(tcase, fractions_are_rounded_up);
	tcase_add_test(tcase, what_is_not_known_is_not_zero);
	tcase_add_test(tcase, nothing_overflows);
	tcase_add_test(tcase, the_worst_is_an_upper_bound);
	tcase_add_loop_test(tcase, prices_can_be_typed, 0, COUNT(typed));
	tcase_add_test(tcase, estimates_begin_with_half_the_bytes);
	tcase_add_test(tcase, estimates_follow_what_was_seen);
	tcase_add_test(tcase, estimates_see_dense_text_before_three_samples);
	tcase_add_test(tcase, what_is_lost_is_as_long_as_answers_under_way);
	return run_suite(suite);
}
