/*
 * Prices and what follows from them. The table is sql/prices.csv, one row per model and first day:
 *
 *   provider,model,from,input,output,cached,cache_write,batch,above,above_input,above_output,above_cached,above_cache_write,context
 *
 * Prices in USD per million tokens, batch in percent of them; above: from more input tokens than this on, the whole
 * request costs what the columns behind it say. context: tokens that the model can take, prompt and answer together. An
 * empty field is not known (cached, cache_write: as input).
 */
#include <math.h>

#include "embedded_llm.h"
#include "internal.h"

#define DECIMALS     6	    /* USD per million tokens has no more */
#define PRICE_MAX    100000 /* USD per million tokens */
#define COLUMNS	     14
#define PUSD_IN_NUSD 1000

/* ---- Reading --------------------------------------------------------- */

/* "2.5" USD per million tokens is 2,500,000 pico-USD per token. -1: no such number. */
static int64_t read_price(const char *text, size_t len)
{
	int64_t value = 0;
	int decimals = -1;

	if (!len || text[0] == '.' || text[len - 1] == '.')
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '.' && decimals < 0) {
			decimals = 0;
			continue;
		}
		if (text[i] < '0' || text[i] > '9' || decimals == DECIMALS)
			return -1;
		value = value * 10 + text[i] - '0';
		if (decimals >= 0)
			decimals++;
		else if (value > PRICE_MAX)
			return -1;
	}
	for (decimals = decimals < 0 ? 0 : decimals; decimals < DECIMALS; decimals++)
		value *= 10;
	return value;
}

/* The same of a field that may be empty; *bad is set where it is neither. */
static int64_t read_field(const char *text, size_t len, bool *bad)
{
	int64_t value = len ? read_price(text, len) : -1;

	*bad |= len && value < 0;
	return value;
}

/* A whole number, or an empty field: -1. */
static int64_t read_whole(const char *text, size_t len, bool *bad)
{
	int64_t value = 0;

	*bad |= len > 9;
	for (size_t i = 0; i < len && !*bad; i++) {
		*bad |= text[i] < '0' || text[i] > '9';
		value = value * 10 + text[i] - '0';
	}
	return len ? value : -1;
}

static void read_name(char *out, size_t size, const char *text, size_t len, bool *bad)
{
	*bad |= !len || len >= size;
	snprintf(out, size, "%.*s", (int)len, text);
}

static bool read_row(struct persona_price *out, const char *row, size_t row_len)
{
	const char *field[COLUMNS];
	size_t len[COLUMNS], columns = 0;
	bool bad = false;

	for (const char *at = row, *end = row + row_len;; at++) {
		const char *comma = memchr(at, ',', (size_t)(end - at));

		if (columns == COLUMNS)
			return false;
		field[columns] = at;
		len[columns++] = (size_t)((comma ? comma : end) - at);
		if (!comma)
			break;
		at = comma;
	}
	if (columns != COLUMNS)
		return false;
	read_name(out->provider, sizeof out->provider, field[0], len[0], &bad);
	read_name(out->model, sizeof out->model, field[1], len[1], &bad);
	read_name(out->from, sizeof out->from, field[2], len[2], &bad);
	out->base =
		(struct persona_price_tier){ read_price(field[3], len[3]), read_price(field[4], len[4]),
					     read_field(field[5], len[5], &bad), read_field(field[6], len[6], &bad) };
	out->batch_percent = (int)read_whole(field[7], len[7], &bad);
	out->above_input_tokens = read_whole(field[8], len[8], &bad);
	out->above =
		(struct persona_price_tier){ read_field(field[9], len[9], &bad), read_field(field[10], len[10], &bad),
					     read_field(field[11], len[11], &bad),
					     read_field(field[12], len[12], &bad) };
	out->context_tokens = read_whole(field[13], len[13], &bad);
	if (out->above_input_tokens >= 0 && (out->above.input_pusd < 0 || out->above.output_pusd < 0))
		return false;
	return !bad && out->base.input_pusd >= 0 && out->base.output_pusd >= 0;
}

int persona_price_next(struct persona_price *out, const char **at, struct persona_error *err)
{
	const char *end = embedded_sql_prices_csv + embedded_sql_prices_csv_len, *line = *at, *next;

	if (!line) {
		line = memchr(embedded_sql_prices_csv, '\n', embedded_sql_prices_csv_len);
		line = line ? line + 1 : end;
	}
	if (line >= end)
		return 0;
	next = memchr(line, '\n', (size_t)(end - line));
	if (!next)
		next = end;
	*at = next < end ? next + 1 : end;
	if (!read_row(out, line, (size_t)(next - line)))
		return persona_error_set(err, PERSONA_E_FORMAT, "prices.csv: cannot read \"%.*s\"", (int)(next - line),
					 line);
	return 1;
}

int persona_price_parse(struct persona_price *out, const char *text, struct persona_error *err)
{
	const char *colon = strchr(text, ':');
	int64_t input = colon ? read_price(text, (size_t)(colon - text)) : -1;
	int64_t output = colon ? read_price(colon + 1, strlen(colon + 1)) : -1;

	if (input < 0 || output < 0)
		return persona_error_set(err, PERSONA_E_USAGE,
					 "no price \"%s\": USD per million tokens in and out, such as 2.5:10", text);
	*out = (struct persona_price){
		.model = "*", .base = { input, output, -1, -1 }, .above_input_tokens = -1, .batch_percent = -1
	};
	return 0;
}

/* ---- Looking up ------------------------------------------------------ */

int persona_price_fit(const char *priced, const char *model)
{
	size_t len = strlen(priced);

	if (strcmp(priced, "*") == 0)
		return 0;
	if (strncmp(priced, model, len) != 0)
		return -1;
	/* "-2024-11-20", "-20251001" */
	return !model[len] || strncmp(model + len, "-20", 3) == 0 ? (int)len : -1;
}

bool persona_price_better(const struct persona_price *candidate, const struct persona_price *best, const char *provider,
			  const char *model, const char *day)
{
	int fit = strcmp(candidate->provider, provider) == 0 ? persona_price_fit(candidate->model, model) : -1;
	int best_fit = best ? persona_price_fit(best->model, model) : -1;
	bool begun = strcmp(candidate->from, day) <= 0, best_begun = best && strcmp(best->from, day) <= 0;

	if (fit < 0 || fit != best_fit)
		return fit > best_fit;
	if (begun != best_begun)
		return begun;
	return begun ? strcmp(candidate->from, best->from) > 0 : strcmp(candidate->from, best->from) < 0;
}

int persona_price_find(struct persona_price *out, const struct persona_llm *llm, const char *day,
		       struct persona_error *err)
{
	struct persona_price price;
	const char *at = NULL;
	bool found = false;
	int rc;

	while ((rc = persona_price_next(&price, &at, err)) > 0)
		if (persona_price_better(&price, found ? out : NULL, llm->price_provider, llm->model, day)) {
			*out = price;
			found = true;
		}
	if (rc < 0)
		return -1;
	if (found || !persona_llm_is_local(llm))
		return found;
	*out = (struct persona_price){ .model = "*", .above_input_tokens = -1, .batch_percent = -1 };
	snprintf(out->provider, sizeof out->provider, "%s", llm->price_provider);
	return 1;
}

/* Where nothing is known of a model. A server on one's own machine is rarely set up for more. */
#define USUAL_CONTEXT	    128000
#define USUAL_LOCAL_CONTEXT 32768

int persona_llm_context_window(int64_t *tokens, const struct persona_llm *llm, struct persona_error *err)
{
	struct persona_price price;
	int rc = persona_price_find(&price, llm, "9999-12-31", err);

	if (rc < 0)
		return -1;
	*tokens = rc > 0 ? price.context_tokens : -1;
	if (*tokens <= 0)
		*tokens = persona_llm_is_local(llm) ? USUAL_LOCAL_CONTEXT : USUAL_CONTEXT;
	return 0;
}

/* ---- Arithmetic ------------------------------------------------------ */

static int64_t add_cost(int64_t sum, int64_t tokens, int64_t pusd)
{
	int64_t cost;

	if (__builtin_mul_overflow(tokens, pusd, &cost) || __builtin_add_overflow(sum, cost, &sum))
		return INT64_MAX;
	return sum;
}

static int64_t within(int64_t value, int64_t most)
{
	return value < 0 ? 0 : value > most ? most : value;
}

int64_t persona_price_cost_nusd(const struct persona_price *price, const struct persona_llm_usage *usage)
{
	bool above = price->above_input_tokens >= 0 && usage->input > price->above_input_tokens;
	const struct persona_price_tier *tier = above ? &price->above : &price->base;
	int64_t cached = within(usage->cached, usage->input);
	int64_t written = within(usage->cache_written, usage->input - cached);
	int64_t sum;

	if (usage->input < 0 || usage->output < 0)
		return -1;
	sum = add_cost(0, usage->input - cached - written, tier->input_pusd);
	sum = add_cost(sum, cached, tier->cached_pusd >= 0 ? tier->cached_pusd : tier->input_pusd);
	sum = add_cost(sum, written, tier->cache_write_pusd >= 0 ? tier->cache_write_pusd : tier->input_pusd);
	sum = add_cost(sum, usage->output, tier->output_pusd);
	return sum / PUSD_IN_NUSD + (sum % PUSD_IN_NUSD > 0);
}

int64_t persona_price_worst_nusd(const struct persona_price *price, int64_t input_tokens, int64_t output_tokens)
{
	struct persona_llm_usage plain = { input_tokens, 0, 0, output_tokens, 0 };
	struct persona_llm_usage written = { input_tokens, 0, input_tokens, output_tokens, 0 };
	int64_t a = persona_price_cost_nusd(price, &plain), b = persona_price_cost_nusd(price, &written);

	return a > b ? a : b;
}

/* ---- Estimates ------------------------------------------------------- */

#define FRAME_TOKENS	 64 /* roles, delimiters and what else a provider puts around the text */
#define SAMPLES_WANTED	 3
#define SAMPLE_MIN_BYTES 2000 /* in shorter ones the frame counts for too much */
#define MILLION		 1000000

int64_t persona_llm_estimate(const struct persona_llm_ratio *ratio, size_t bytes)
{
	int64_t size = bytes < (size_t)1 << 40 ? (int64_t)bytes : (int64_t)1 << 40;
	int64_t half = size / 2 + size % 2, learned = size * ratio->most_ppm / MILLION;

	learned += learned / 8;
	return FRAME_TOKENS + (ratio->samples < SAMPLES_WANTED && half > learned ? half : learned);
}

#define LENGTHS_WANTED 12 /* answers from which their spread can be told */
#define DEVIATIONS     3

/* Standard deviations, in those of one answer, of the sum of n whose mean is estimated from so many others. */
static double deviations_of_sum(double n, double answers)
{
	return sqrt(n + n * n / answers);
}

int64_t persona_llm_lost_tokens(const struct persona_llm_lengths *lengths, int64_t n)
{
	double answers = (double)lengths->answers, lost = (double)lengths->lost, variance, tokens;

	if (lengths->answers < LENGTHS_WANTED || lengths->mean <= 0)
		return -1;
	variance = lengths->mean_square - lengths->mean * lengths->mean;
	tokens = (double)n * lengths->mean_square / lengths->mean +
		 DEVIATIONS * sqrt(variance > 0 ? variance : 0) *
			 (deviations_of_sum(lost + (double)n, answers) - deviations_of_sum(lost, answers));
	return tokens < 9e18 ? (int64_t)ceil(tokens) : INT64_MAX;
}

void persona_llm_ratio_learn(struct persona_llm_ratio *ratio, size_t bytes, int64_t tokens)
{
	int64_t ppm;

	if (bytes < SAMPLE_MIN_BYTES || tokens <= 0 || tokens > INT64_MAX / MILLION)
		return;
	ppm = tokens * MILLION / (int64_t)bytes + 1;
	/* More than one token per byte is no text: a frame that we do not know of. */
	if (ppm > MILLION)
		ppm = MILLION;
	if (ppm > ratio->most_ppm)
		ratio->most_ppm = ppm;
	ratio->samples++;
}
