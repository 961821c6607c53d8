/* A typed task as words for a model. */
#include "persona/json.h"

#include "embedded_llm.h"
#include "internal.h"

#define WORD_HEX 12 /* digits of the code word */

const char *persona_llm_instructions(enum persona_task_kind kind)
{
	static const char *const instructions[] = {
		[PERSONA_TASK_DRAFT] = embedded_src_llm_prompts_draft_txt,
		[PERSONA_TASK_REFINE] = embedded_src_llm_prompts_refine_txt,
		[PERSONA_TASK_JUDGE] = embedded_src_llm_prompts_judge_txt,
	};

	return instructions[kind];
}

/* Every line of data but its first is indented, so that none looks like the beginning of a record. */
static int add_data(struct persona_buf *out, const char *text, size_t len, struct persona_error *err)
{
	const char *end = text + len, *line;

	while ((line = memchr(text, '\n', (size_t)(end - text)))) {
		if (persona_buf_add(out, text, (size_t)(line - text), err) < 0 ||
		    persona_buf_adds(out, "\n    ", err) < 0)
			return -1;
		text = line + 1;
	}
	return persona_buf_add(out, text, (size_t)(end - text), err);
}

/* "[LOCATOR]", which a file's name may make as strange as any data. */
static int add_locator(struct persona_buf *out, const char *locator, struct persona_error *err)
{
	if (persona_buf_addc(out, '[', err) < 0 || add_data(out, locator, strlen(locator), err) < 0)
		return -1;
	return persona_buf_addc(out, ']', err);
}

static int add_answer(struct persona_buf *out, size_t column, const char *text, size_t len, struct persona_error *err)
{
	if (persona_buf_addf(out, err, "  Q%zu: ", column + 1) < 0 || add_data(out, text, len, err) < 0)
		return -1;
	return persona_buf_addc(out, '\n', err);
}

static int add_questions(struct persona_buf *out, const struct persona_records *records, struct persona_error *err)
{
	for (size_t i = 0; i < records->columns_len; i++)
		if (add_answer(out, i, records->columns[i], strlen(records->columns[i]), err) < 0)
			return -1;
	return records->columns_len ? persona_buf_addc(out, '\n', err) : 0;
}

static int add_record(struct persona_buf *out, const struct persona_record *record, struct persona_error *err)
{
	if (add_locator(out, record->locator, err) < 0 || persona_buf_addc(out, '\n', err) < 0)
		return -1;
	if (record->speaker &&
	    (persona_buf_adds(out, "  Speaker: ", err) < 0 ||
	     add_data(out, record->speaker, strlen(record->speaker), err) < 0 || persona_buf_addc(out, '\n', err) < 0))
		return -1;
	for (size_t i = 0; i < record->cells_len; i++) {
		const struct persona_cell *cell = &record->cells[i];

		if (add_answer(out, cell->column, record->text + cell->offset, cell->len, err) < 0)
			return -1;
	}
	return persona_buf_addc(out, '\n', err);
}

/* A word that stands nowhere in the data; the same for the same data. */
static int code_word(char word[WORD_HEX + 1], const struct persona_buf *data, struct persona_error *err)
{
	char hex[PERSONA_HASH_HEX];

	if (persona_hash_bytes(hex, data->data, data->len, err) < 0)
		return -1;
	do {
		memcpy(word, hex, WORD_HEX);
		word[WORD_HEX] = '\0';
		if (!memmem(data->data, data->len, word, WORD_HEX))
			return 0;
	} while (persona_hash_bytes(hex, hex, strlen(hex), err) == 0);
	return -1;
}

int persona_llm_records(struct persona_buf *out, const struct persona_task *task, struct persona_error *err)
{
	const struct persona_records *records = task->records;
	char word[WORD_HEX + 1];
	struct persona_buf data;
	int rc;

	persona_buf_init(&data, out->max);
	rc = add_questions(&data, records, err);
	for (size_t i = 0; i < records->len && !rc; i++)
		rc = add_record(&data, &records->items[i], err);
	if (!rc)
		rc = code_word(word, &data, err);
	if (!rc)
		rc = persona_buf_addf(out, err, "<records %s>\n", word);
	if (!rc)
		rc = persona_buf_add(out, data.data, data.len, err);
	if (!rc)
		rc = persona_buf_addf(out, err, "</records %s>\n", word);
	persona_buf_release(&data);
	return rc;
}

size_t persona_llm_record_bytes(const struct persona_record *record)
{
	size_t bytes = strlen(record->locator) + 4, cell = strlen("  Q999: \n");

	if (record->speaker)
		bytes += strlen(record->speaker) + strlen("  Speaker: \n");
	for (size_t i = 0; i < record->cells_len; i++)
		bytes += cell + record->cells[i].len;
	/* Lines within an answer are indented. */
	for (const char *at = record->text; at && (at = strchr(at, '\n')); at++)
		bytes += 4;
	return bytes;
}

/* Where to begin: so that the calls of a batch do not all draw the same persona. */
static int add_region(struct persona_buf *out, const struct persona_brief *brief, struct persona_error *err)
{
	if (persona_buf_adds(out, " Begin with the records from ", err) < 0 ||
	    add_locator(out, brief->begin, err) < 0 || persona_buf_adds(out, " to ", err) < 0 ||
	    add_locator(out, brief->end, err) < 0)
		return -1;
	return persona_buf_adds(out, ", and draw on all others where they bear out the same.", err);
}

static int add_brief(struct persona_buf *out, const struct persona_brief *brief, struct persona_error *err)
{
	if (brief->total &&
	    (persona_buf_addf(out, err, "They belong to numbers %zu to %zu of %zu; others are asked for the rest.",
			      brief->first, brief->last, brief->total) < 0 ||
	     (brief->begin && brief->end && add_region(out, brief, err) < 0) || persona_buf_addc(out, '\n', err) < 0))
		return -1;
	if (!brief->differ_len)
		return 0;
	if (persona_buf_adds(out, "These are there already; yours are other people, with other needs:\n", err) < 0)
		return -1;
	for (size_t i = 0; i < brief->differ_len; i++)
		if (persona_buf_adds(out, "- ", err) < 0 ||
		    add_data(out, brief->differ[i], strlen(brief->differ[i]), err) < 0 ||
		    persona_buf_addc(out, '\n', err) < 0)
			return -1;
	return 0;
}

static int ask_for_personas(struct persona_buf *out, const struct persona_task *task, struct persona_error *err)
{
	if (persona_buf_addf(out, err, "\nPersonas wanted: %zu\n", task->count) < 0)
		return -1;
	return task->brief ? add_brief(out, task->brief, err) : 0;
}

/* What is known of where an item stands, without what the data say there: they are in the message already. */
static void shorten_evidence(json_t *persona)
{
	json_t *piece;
	size_t i;

	json_array_foreach(json_object_get(persona, "evidence"), i, piece)
		json_object_del(piece, "excerpt");
}

static int add_persona(struct persona_buf *out, const struct persona *persona, struct persona_error *err)
{
	json_t *value = NULL;
	char *text;
	int rc;

	if (persona_to_json(&value, persona, err) < 0)
		return -1;
	shorten_evidence(value);
	text = persona_json_compact(value, err);
	rc = text ? persona_buf_addf(out, err, "\nThe persona:\n%s\n", text) : -1;
	free(text);
	json_decref(value);
	return rc;
}

/* "- completeness (goals 2): message". */
static int add_reason(struct persona_buf *out, const struct persona_reason *reason, struct persona_error *err)
{
	const char *message = reason->message;

	if (persona_buf_addf(out, err, "- %s", reason->metric) < 0)
		return -1;
	if (reason->field && persona_buf_addf(out, err, " (%s", reason->field) < 0)
		return -1;
	if (reason->field && reason->position >= 0 && persona_buf_addf(out, err, " %ld", reason->position + 1) < 0)
		return -1;
	/* A metric of the user's own may give a code alone, or nothing. */
	if (!message)
		message = reason->code ? reason->code : "not good enough";
	if (persona_buf_adds(out, reason->field ? "): " : ": ", err) < 0 ||
	    add_data(out, message, strlen(message), err) < 0)
		return -1;
	return persona_buf_addc(out, '\n', err);
}

static int ask_for_refinement(struct persona_buf *out, const struct persona_task *task, struct persona_error *err)
{
	if (add_persona(out, task->persona, err) < 0 || persona_buf_adds(out, "\nWhat was found:\n", err) < 0)
		return -1;
	for (size_t i = 0; i < task->reasons_len; i++)
		if (add_reason(out, &task->reasons[i], err) < 0)
			return -1;
	return task->reasons_len
		       ? 0
		       : persona_buf_adds(out, "- nobody has looked at it yet: mend what is thin or vague\n", err);
}

const char *const persona_llm_criteria[] = {
	"coherence", "realism", "usefulness", "completeness", "specificity", NULL
};

const char *persona_llm_criterion(const char *name)
{
	static const char *const meanings[] = {
		"its parts fit together: nothing contradicts age, occupation, background or another item",
		"there could be such a person: ordinary, mixed, neither an ideal customer nor a caricature",
		"a team can decide by it: its goals and frustrations are such as a product or service can answer",
		"what a team needs is there: who, what for, what is in the way, how they go about it, their words",
		"it is about this person: concrete items that would not fit just anybody",
	};

	for (size_t i = 0; persona_llm_criteria[i]; i++)
		if (strcmp(persona_llm_criteria[i], name) == 0)
			return meanings[i];
	return NULL;
}

static int ask_for_judgement(struct persona_buf *out, const struct persona_task *task, struct persona_error *err)
{
	if (add_persona(out, task->persona, err) < 0 || persona_buf_adds(out, "\nCriteria:\n", err) < 0)
		return -1;
	for (size_t i = 0; i < task->criteria_len; i++) {
		const char *meaning = persona_llm_criterion(task->criteria[i]);

		if (persona_buf_addf(out, err, "- %s%s%s\n", task->criteria[i], meaning ? ": " : "",
				     meaning ? meaning : "") < 0)
			return -1;
	}
	return 0;
}

int persona_llm_question(struct persona_buf *out, const struct persona_task *task, struct persona_error *err)
{
	switch (task->kind) {
	case PERSONA_TASK_REFINE:
		return ask_for_refinement(out, task, err);
	case PERSONA_TASK_JUDGE:
		return ask_for_judgement(out, task, err);
	default:
		return ask_for_personas(out, task, err);
	}
}
