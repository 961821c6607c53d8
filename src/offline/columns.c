/* columns.c - what kind of answers a column holds, told by the answers rather than by the heading. */
#include "internal.h"

#define YEAR_FROM 1950
#define YEAR_TO	  2150
#define MOSTLY	  .8 /* share of answers from which a column is of that kind */

struct stats {
	double numbers, dates, addresses, tokens; /* shares */
	double least, most;			  /* numbers */
};

static int cells_collect(struct model *model, struct persona_error *err)
{
	for (uint32_t u = 0; u < model->len; u++) {
		const struct persona_record *record = model_record(model, u);

		for (size_t i = 0; i < record->cells_len; i++) {
			struct column *column = &model->columns[record->cells[i].column];
			size_t from = record->cells[i].offset, to = from + record->cells[i].len;

			while (from < to && is_space(record->text[from]))
				from++;
			while (to > from && is_space(record->text[to - 1]))
				to--;
			if (from == to)
				continue;
			if (persona_grow((void **)&column->cells, &column->capacity, column->len, sizeof *column->cells,
					 err) < 0)
				return -1;
			column->cells[column->len++] = (struct cell){ .unit = u, .offset = from, .len = to - from };
		}
	}
	return 0;
}

static bool is_address(const char *text, size_t len)
{
	const char *at = memchr(text, '@', len);

	if (len >= 8 && (memcmp(text, "http://", 7) == 0 || memcmp(text, "https://", 8) == 0))
		return true;
	if (len >= 4 && memcmp(text, "www.", 4) == 0)
		return true;
	return at && at > text && memchr(at, '.', len - (size_t)(at - text)) && !memchr(text, ' ', len);
}

/* One run of letters with digits in it, such as a code. */
static bool is_token(const char *text, size_t len)
{
	bool digits = false;

	for (size_t i = 0; i < len; i++) {
		if (is_space(text[i]))
			return false;
		digits |= text[i] >= '0' && text[i] <= '9';
	}
	return digits || len >= 20;
}

static size_t words_roughly(const char *text, size_t len)
{
	size_t words = 0;

	for (size_t i = 0; i < len; i++)
		words += !is_space(text[i]) && (i == 0 || is_space(text[i - 1]));
	return words;
}

/* A set of hashes, at most half full; 0 is kept as 1. */
static int count_distinct(struct column *column, const struct model *model, struct persona_error *err)
{
	size_t size = 64;
	uint64_t *set;

	while (size < 2 * column->len)
		size *= 2;
	set = calloc(size, sizeof *set);
	if (!set)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t i = 0; i < column->len; i++) {
		uint64_t hash = persona_mix64(0, model_bytes(model, column->cells[i].unit, column->cells[i].offset),
					      column->cells[i].len);
		size_t at = hash & (size - 1);

		hash = hash ? hash : 1;
		while (set[at] && set[at] != hash)
			at = (at + 1) & (size - 1);
		column->distinct += !set[at];
		set[at] = hash;
	}
	free(set);
	return 0;
}

static struct stats stats_of(struct column *column, const struct model *model)
{
	struct stats stats = { .least = 1e300, .most = -1e300 };
	double n = (double)column->len, value;

	for (size_t i = 0; i < column->len; i++) {
		size_t len = column->cells[i].len;
		const char *text = model_bytes(model, column->cells[i].unit, column->cells[i].offset);

		if (parse_number(text, len, &value)) {
			stats.numbers++;
			stats.least = value < stats.least ? value : stats.least;
			stats.most = value > stats.most ? value : stats.most;
		}
		stats.dates += parse_date(text, len) != 0;
		stats.addresses += is_address(text, len);
		stats.tokens += is_token(text, len);
		column->words += (double)words_roughly(text, len);
	}
	stats.numbers /= n;
	stats.dates /= n;
	stats.addresses /= n;
	stats.tokens /= n;
	column->numbers = stats.numbers;
	column->words /= n;
	return stats;
}

/* Numbered rows, codes and tokens: a different one for everybody. */
static bool is_identifier(const struct column *column, const struct stats *stats)
{
	if (column->len < 3 || (double)column->distinct < .95 * (double)column->len)
		return false;
	if (stats->numbers >= MOSTLY)
		return stats->numbers == 1 && stats->most - stats->least + 1 == (double)column->len;
	return stats->tokens >= MOSTLY;
}

static bool is_survey_question(const struct model *model, const struct folded *header)
{
	for (size_t i = 0; i < header->len; i++) {
		const struct cue *cue = cues_at(&model->lists.idle, header, i);

		if (cue && cue->class_ == IDLE_SURVEY)
			return true;
	}
	return false;
}

static int column_settle(struct answers *answers, struct model *model, size_t index, const struct stats *stats,
			 struct persona_error *err)
{
	struct column *column = &model->columns[index];
	bool closed = false;

	if (stats->numbers >= MOSTLY) {
		column->kind = COLUMN_NUMERIC;
		return model->len >= OFFLINE_SMALL ? options_learn_numbers(answers, model, index, err) : 0;
	}
	if (model->len >= OFFLINE_SMALL && column->len >= 3 && column->words <= 60)
		if (options_learn(answers, model, index, &closed, err) < 0)
			return -1;
	if (!closed)
		column->kind = column->words >= 4 ? COLUMN_TEXT : COLUMN_LABEL;
	return 0;
}

/* The year in which most answered, from the first column of dates; ties: the earlier one. */
static void survey_year_learn(struct model *model, const struct column *column)
{
	uint32_t counts[YEAR_TO - YEAR_FROM] = { 0 };
	int best = 0;

	for (size_t i = 0; i < column->len && !model->survey_year; i++) {
		int year = parse_date(model_bytes(model, column->cells[i].unit, column->cells[i].offset),
				      column->cells[i].len);

		if (year >= YEAR_FROM && year < YEAR_TO)
			counts[year - YEAR_FROM]++;
	}
	for (int year = 0; year < YEAR_TO - YEAR_FROM; year++)
		if (counts[year] > (best ? counts[best - YEAR_FROM] : 0))
			best = year + YEAR_FROM;
	if (!model->survey_year)
		model->survey_year = best;
}

/* The user says that it is open text: then it is asked and answered, nothing else. */
static int column_as_told(struct model *model, size_t index, struct persona_error *err)
{
	struct column *column = &model->columns[index];
	const char *name = model->records->columns[index];
	struct folded header;

	if (count_distinct(column, model, err) < 0 || folded_of(&header, name, strlen(name), err) < 0)
		return -1;
	(void)stats_of(column, model);
	question_classify(model, column, &header);
	folded_release(&header);
	column->kind = COLUMN_TEXT;
	return column_phrase(column, name, err);
}

static int column_learn(struct answers *answers, struct model *model, size_t index, struct persona_error *err)
{
	struct column *column = &model->columns[index];
	struct folded header;
	struct stats stats;
	bool about_survey, rare;

	if (!column->len)
		return 0;
	if (persona_records_is_open(model->records, index))
		return column_as_told(model, index, err);
	if (count_distinct(column, model, err) < 0 ||
	    folded_of(&header, model->records->columns[index], strlen(model->records->columns[index]), err) < 0)
		return -1;
	stats = stats_of(column, model);
	column->topic = topic_of(model, &header);
	question_classify(model, column, &header);
	about_survey = is_survey_question(model, &header);
	folded_release(&header);
	/* What hardly anybody was asked says nothing of a group. */
	rare = model->len >= 100 && column->len * 100 < model->len;
	if (column->words > 12)
		column->topic = TOPIC_NONE;
	if (column->topic == TOPIC_BIRTH) {
		column->kind = COLUMN_NUMERIC;
		return 0;
	}
	column->kind = COLUMN_SKIP;
	column->dates = stats.dates >= MOSTLY;
	column->why = about_survey		    ? "about the survey, not the respondent"
		      : rare			    ? "hardly anybody answered"
		      : column->topic == TOPIC_NAME ? "names"
		      : stats.dates >= MOSTLY	    ? "dates and times"
		      : stats.addresses >= MOSTLY   ? "addresses"
		      : column->topic == TOPIC_NONE && is_identifier(column, &stats) ? "a different one for everybody"
										     : NULL;
	if (column->why)
		return 0;
	if (column_settle(answers, model, index, &stats, err) < 0)
		return -1;
	return column_phrase(column, model->records->columns[index], err);
}

struct learning {
	struct model *model;
	struct answers *answers; /* by column */
};

static int learn_piece(void *payload, size_t column, size_t thread, struct persona_error *err)
{
	const struct learning *learning = payload;

	(void)thread;
	return column_learn(&learning->answers[column], learning->model, column, err);
}

/* Options of all columns, one column after the other; the answers keep none. */
static int options_join(struct learning *learning, struct persona_error *err)
{
	struct model *model = learning->model;
	size_t len = 0;

	for (size_t c = 0; c < model->columns_len; c++)
		len += learning->answers[c].options_len;
	model->options = calloc(len + 1, sizeof *model->options);
	if (!model->options)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t c = 0; c < model->columns_len; c++) {
		struct answers *answers = &learning->answers[c];

		if (!answers->options_len)
			continue;
		model->columns[c].options_from = model->options_len;
		memcpy(model->options + model->options_len, answers->options,
		       answers->options_len * sizeof *model->options);
		model->options_len += answers->options_len;
		model->columns[c].options_to = model->options_len;
		answers->options_len = 0;
	}
	return 0;
}

/* Ticks by unit, those of a unit by option. */
static int ticks_join(struct learning *learning, struct persona_error *err)
{
	struct model *model = learning->model;
	size_t *next = calloc(model->len + 2, sizeof *next);

	model->ticks_from = calloc(model->len + 1, sizeof *model->ticks_from);
	for (size_t c = 0; c < model->columns_len; c++)
		model->ticks_len += learning->answers[c].ticks_len;
	model->ticks = calloc(model->ticks_len + 1, sizeof *model->ticks);
	if (!next || !model->ticks_from || !model->ticks) {
		free(next);
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	for (size_t c = 0; c < model->columns_len; c++)
		for (size_t i = 0; i < learning->answers[c].ticks_len; i++)
			next[learning->answers[c].ticks[i].unit + 1]++;
	for (size_t u = 0; u < model->len; u++) {
		next[u + 1] += next[u];
		model->ticks_from[u + 1] = next[u + 1];
	}
	for (size_t c = 0; c < model->columns_len; c++)
		for (size_t i = 0; i < learning->answers[c].ticks_len; i++) {
			struct tick tick = learning->answers[c].ticks[i];

			tick.option += (uint32_t)model->columns[c].options_from;
			model->ticks[next[tick.unit]++] = tick;
		}
	free(next);
	return 0;
}

static void answers_release(struct answers *answers)
{
	for (size_t i = 0; i < answers->options_len; i++) {
		free(answers->options[i].key);
		free(answers->options[i].label);
	}
	free(answers->options);
	free(answers->ticks);
}

int columns_learn(struct model *model, struct persona_error *err)
{
	struct learning learning = { .model = model };
	size_t threads = persona_threads(model->threads, model_pieces(model));
	int rc = -1;

	threads = threads < model->columns_len ? threads : persona_threads(model->threads, model->columns_len);
	learning.answers = calloc(model->columns_len + 1, sizeof *learning.answers);
	if (!learning.answers)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	if (cells_collect(model, err) < 0 ||
	    persona_pieces(threads, model->columns_len, learn_piece, &learning, err) < 0)
		goto out;
	for (size_t c = 0; c < model->columns_len; c++)
		if (model->columns[c].dates)
			survey_year_learn(model, &model->columns[c]);
	if (options_join(&learning, err) < 0)
		goto out;
	rc = ticks_join(&learning, err);
out:
	for (size_t c = 0; c < model->columns_len; c++)
		answers_release(&learning.answers[c]);
	free(learning.answers);
	return rc;
}
