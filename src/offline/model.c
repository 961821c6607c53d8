/* model.c - learning from a set of records. */
#include "internal.h"
#include "embedded_offline.h"

static const char *const item_classes[] = { "goal", "frustration", "behaviour", "motivation", "none", NULL };
static const char *const idle_classes[] = { "whole", "part", "survey", "always", "opens", NULL };

struct keyed {
	uint64_t hash;
	uint32_t record;
};

static int lists_load(struct lists *lists, struct persona_error *err)
{
	if (cues_load(&lists->cues, item_classes, embedded_cues_en_txt, embedded_cues_en_txt_len, err) < 0 ||
	    cues_load(&lists->questions, item_classes, embedded_questions_en_txt, embedded_questions_en_txt_len, err) <
		    0 ||
	    cues_load(&lists->idle, idle_classes, embedded_idle_en_txt, embedded_idle_en_txt_len, err) < 0 ||
	    cues_load(&lists->topics, topic_classes, embedded_topics_en_txt, embedded_topics_en_txt_len, err) < 0)
		return -1;
	return 0;
}

/* Content of a record without where it stands. */
static uint64_t record_hash(const struct persona_records *records, const struct persona_record *record)
{
	uint64_t hash = 11;

	for (size_t i = 0; i < record->cells_len; i++) {
		const struct persona_cell *cell = &record->cells[i];

		hash = persona_mix64(hash, records->columns[cell->column], strlen(records->columns[cell->column]));
		hash = persona_mix64(hash, record->text + cell->offset, cell->len);
	}
	return hash;
}

static int compare_keyed(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (x->record > y->record) - (x->record < y->record);
}

static int units_sort(struct model *model, struct persona_error *err)
{
	size_t n = model->records->len;
	struct keyed *keyed = calloc(n + 1, sizeof *keyed);

	model->units = calloc(n + 1, sizeof *model->units);
	model->hashes = calloc(n + 1, sizeof *model->hashes);
	if (!keyed || !model->units || !model->hashes) {
		free(keyed);
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	}
	for (size_t i = 0; i < n; i++)
		keyed[i] = (struct keyed){ record_hash(model->records, &model->records->items[i]), (uint32_t)i };
	qsort(keyed, n, sizeof *keyed, compare_keyed);
	for (size_t i = 0; i < n; i++) {
		model->units[i] = keyed[i].record;
		model->hashes[i] = keyed[i].hash;
	}
	model->len = n;
	free(keyed);
	return 0;
}

static int compare_locators(const void *a, const void *b, void *payload)
{
	const struct model *model = payload;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	int order = strcmp(model_record(model, x)->locator, model_record(model, y)->locator);

	return order ? order : (x > y) - (x < y);
}

static int locators_sort(struct model *model, struct persona_error *err)
{
	model->by_locator = calloc(model->len + 1, sizeof *model->by_locator);
	if (!model->by_locator)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	for (size_t i = 0; i < model->len; i++)
		model->by_locator[i] = (uint32_t)i;
	qsort_r(model->by_locator, model->len, sizeof *model->by_locator, compare_locators, model);
	return 0;
}

/* Does the unit answer anything but who it is? */
static bool speaks(const struct model *model, size_t unit)
{
	for (size_t i = model->features_from[unit]; i < model->features_from[unit + 1]; i++) {
		uint32_t feature = model->features[i].feature;

		if (feature >= model->options_len ||
		    !column_is_demographic(&model->columns[model->options[feature].column]))
			return true;
	}
	for (size_t i = model->sentences_from[unit]; i < model->sentences_from[unit + 1]; i++)
		if (!model->sentences[i].idle)
			return true;
	for (size_t i = model->ticks_from[unit]; i < model->ticks_from[unit + 1]; i++) {
		const struct option *option = &model->options[model->ticks[i].option];

		if (!option->idle && !column_is_demographic(&model->columns[option->column]))
			return true;
	}
	return false;
}

static bool tells_who(const struct model *model, uint32_t unit)
{
	size_t offset;

	for (size_t i = 0; i < model->columns_len; i++)
		if (column_is_demographic(&model->columns[i]) && model->columns[i].topic != TOPIC_NAME &&
		    unit_answer(model, i, unit, &offset))
			return true;
	return false;
}

/*
 * In a group, those who tell only who they are add nothing that the group could be described by. Where each is a persona, or
 * nobody tells more than that, it is better than nothing.
 */
static size_t mark_silent(struct model *model, bool who)
{
	size_t speaking = 0;

	for (uint32_t u = 0; u < model->len; u++) {
		model->silent[u] = !speaks(model, u) && !(who && tells_who(model, u));
		speaking += !model->silent[u];
	}
	return speaking;
}

static int silence_learn(struct model *model, struct persona_error *err)
{
	model->silent = calloc(model->len + 1, sizeof *model->silent);
	if (!model->silent)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	model->speaking = mark_silent(model, model->len < OFFLINE_SMALL);
	if (!model->speaking)
		model->speaking = mark_silent(model, true);
	return 0;
}

int model_new(struct model **out, const struct persona_records *records, const char *records_id, int threads,
	      struct persona_error *err)
{
	struct model *model = calloc(1, sizeof *model);

	*out = NULL;
	if (!model)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	snprintf(model->records_id, sizeof model->records_id, "%s", records_id);
	model->threads = threads;
	model->records = records;
	model->columns_len = records->columns_len;
	model->columns = calloc(records->columns_len + 1, sizeof *model->columns);
	if (!model->columns) {
		persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		goto fail;
	}
	if (lists_load(&model->lists, err) < 0 || persona_language_new(&model->language, NULL, err) < 0 ||
	    units_sort(model, err) < 0 || locators_sort(model, err) < 0 || columns_learn(model, err) < 0 ||
	    sentences_learn(model, err) < 0 || features_learn(model, err) < 0 || silence_learn(model, err) < 0 ||
	    names_new(&model->names, records, err) < 0)
		goto fail;
	*out = model;
	return 0;
fail:
	model_free(model);
	return -1;
}

static void columns_free(struct model *model)
{
	for (size_t i = 0; model->columns && i < model->columns_len; i++) {
		struct column *column = &model->columns[i];

		free(column->cells);
		free(column->lead);
		free(column->lead_yes);
		free(column->lead_no);
	}
	free(model->columns);
	for (size_t i = 0; i < model->options_len; i++) {
		free(model->options[i].key);
		free(model->options[i].label);
	}
	free(model->options);
	free(model->ticks);
	free(model->ticks_from);
}

void model_free(struct model *model)
{
	if (!model)
		return;
	columns_free(model);
	for (size_t i = 0; i < model->stems_len; i++)
		free(model->stems[i].text);
	free(model->stems);
	free(model->stems_sorted);
	free(model->by_locator);
	free(model->sentences);
	free(model->sentences_from);
	free(model->sentence_stems);
	free(model->features);
	free(model->features_from);
	free(model->silent);
	free(model->units);
	free(model->hashes);
	names_free(model->names);
	persona_language_free(model->language);
	cues_release(&model->lists.cues);
	cues_release(&model->lists.questions);
	cues_release(&model->lists.idle);
	cues_release(&model->lists.topics);
	free(model);
}
