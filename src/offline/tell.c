/* tell.c - how research data are understood, in words. */
#include "internal.h"

#define HEADER_WIDTH  60 /* columns of a question that is shown */
#define OPTIONS_SHOWN 4

static const char *const asked_for[CLASSES] = { "goals", "frustrations", "behaviours", "motivations" };

static int tell_header(struct persona_buf *out, const char *header, struct persona_error *err)
{
	size_t len = strlen(header), fit = persona_text_fit(header, len, HEADER_WIDTH);

	return persona_buf_addf(out, err, "  \"%.*s%s\": ", (int)fit, header, fit < len ? "…" : "");
}

/* The commonest answers. */
static int tell_options(struct persona_buf *out, const struct model *model, const struct column *column,
			struct persona_error *err)
{
	size_t options = column->options_to - column->options_from, shown[OPTIONS_SHOWN], len = 0;

	for (; len < OPTIONS_SHOWN && len < options; len++) {
		size_t best = SIZE_MAX;

		for (size_t i = column->options_from; i < column->options_to; i++) {
			bool taken = false;

			for (size_t s = 0; s < len; s++)
				taken |= shown[s] == i;
			if (!taken && (best == SIZE_MAX || model->options[i].count > model->options[best].count))
				best = i;
		}
		shown[len] = best;
	}
	for (size_t s = 0; s < len; s++) {
		const struct option *option = &model->options[shown[s]];
		size_t all = strlen(option->label), fit = persona_text_fit(option->label, all, 30);

		if (persona_buf_addf(out, err, "%s%.*s%s %u", s ? ", " : ": ", (int)fit, option->label,
				     fit < all ? "…" : "", option->count) < 0)
			return -1;
	}
	return options > len ? persona_buf_adds(out, ", …", err) : 0;
}

static int tell_kind(struct persona_buf *out, const struct model *model, const struct column *column,
		     struct persona_error *err)
{
	size_t options = column->options_to - column->options_from;

	switch (column->kind) {
	case COLUMN_EMPTY:
		return persona_buf_adds(out, "empty", err);
	case COLUMN_SKIP:
		return persona_buf_addf(out, err, "left out: %s",
					column->why ? column->why : "says nothing of the respondent");
	case COLUMN_NUMERIC:
		return persona_buf_adds(out, "numbers", err);
	case COLUMN_CLOSED:
	case COLUMN_MULTI:
		if (persona_buf_addf(out, err, "%s of %zu answers", column->kind == COLUMN_MULTI ? "several" : "one",
				     options) < 0)
			return -1;
		return column_is_demographic(column) ? 0 : tell_options(out, model, column, err);
	case COLUMN_LABEL:
		return persona_buf_adds(out, "short answers", err);
	case COLUMN_TEXT:
		return persona_buf_adds(out, "text", err);
	}
	return 0;
}

static int tell_column(struct persona_buf *out, const struct model *model, size_t index, struct persona_error *err)
{
	const struct column *column = &model->columns[index];
	bool told = column->kind != COLUMN_EMPTY && column->kind != COLUMN_SKIP;

	if (tell_header(out, model->records->columns[index], err) < 0 || tell_kind(out, model, column, err) < 0)
		return -1;
	if (told && persona_buf_addf(out, err, "; %zu of %zu answered", column->len, model->len) < 0)
		return -1;
	if (told && column->topic != TOPIC_NONE &&
	    persona_buf_addf(out, err, "; %s of the respondent%s", topic_classes[column->topic],
			     column_is_protected(column) ? ", described by and never grouped by" : "") < 0)
		return -1;
	if (told && column->topic == TOPIC_NONE && column->prior < CLASSES &&
	    persona_buf_addf(out, err, "; asks for %s", asked_for[column->prior]) < 0)
		return -1;
	return persona_buf_addc(out, '\n', err);
}

int persona_offline_describe(struct persona_buf *out, const struct persona_records *records, struct persona_error *err)
{
	struct model *model;
	char silent[64] = "";
	int rc = -1;

	if (!records->len)
		return persona_error_set(err, PERSONA_E_FORMAT, "no records");
	if (model_new(&model, records, "", 0, err) < 0)
		return -1;
	if (model->speaking < model->len)
		snprintf(silent, sizeof silent, "; %zu answering nothing", model->len - model->speaking);
	if (persona_buf_addf(out, err, "%zu respondent%s, %zu sentences, %s%s%s\n", model->len,
			     model->len == 1 ? "" : "s", model->sentences_len,
			     model->english ? "read as English" : "not read as English",
			     model->len < OFFLINE_SMALL ? "; too few to group: one persona each" : "", silent) < 0)
		goto out;
	for (size_t i = 0; i < model->columns_len; i++)
		if (tell_column(out, model, i, err) < 0)
			goto out;
	rc = 0;
out:
	model_free(model);
	return rc;
}
