/* From what a model wrote to personas. */
#include "client.h"
#include "persona/json.h"
#include "persona/text.h"

/* Names under which models put the list though they were not asked to. */
static const char *const envelopes[] = { "personas", "persona", "data", "results", "result", "items", NULL };

static int unparsable(const struct persona_llm_reply *reply, bool cut, const char **class, struct persona_error *err)
{
	if (cut) {
		*class = "truncated";
		return persona_error_set(err, PERSONA_E_FORMAT,
					 "the answer was cut before it was complete (--max-tokens)");
	}
	*class = "unparsable";
	return persona_error_set(err, PERSONA_E_FORMAT, "the answer holds no JSON: '%.100s'",
				 reply->text.len ? reply->text.data : "");
}

/* What cannot be used does not spoil the rest. */
static int add_all(struct persona_answer *answer, size_t count, const json_t *list, struct persona_error *why,
		   struct persona_error *err)
{
	const json_t *value;
	size_t i;

	json_array_foreach(list, i, value) {
		struct persona *persona;

		if (answer->len == count)
			break;
		if (persona_answer_add(answer, &persona, err) < 0)
			return -1;
		if (persona_from_json(persona, value, NULL, why) == 0)
			continue;
		answer->len--;
		if (why->code != PERSONA_E_FORMAT)
			return persona_error_set(err, why->code, "%s", why->text);
	}
	return 0;
}

/* Why there are fewer than were asked for. */
static int explain(struct persona_answer *answer, size_t count, bool cut, const struct persona_error *why,
		   struct persona_error *err)
{
	struct persona_buf note;
	int rc;

	if (answer->len == count)
		return 0;
	answer->shortage = cut ? "truncated" : "invalid";
	persona_buf_init(&note, 1024);
	rc = persona_buf_addf(&note, err, "the model gave %zu of %zu personas%s%s", answer->len, count,
			      cut	     ? "; its answer was cut (--max-tokens, or a smaller --batch-size)"
			      : why->text[0] ? ": "
					     : "",
			      cut ? "" : why->text);
	if (!rc && !(answer->note = persona_buf_take(&note)))
		rc = persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	persona_buf_release(&note);
	return rc;
}

static int read_drafts(struct persona_answer *answer, const struct persona_task *task, const json_t *list, bool cut,
		       const struct persona_llm_reply *reply, const char **class, struct persona_error *err)
{
	struct persona_error why = { 0 };

	if (add_all(answer, task->count, list, &why, err) < 0)
		return -1;
	if (!answer->len && !cut && json_array_size(list)) {
		*class = "invalid";
		return persona_error_set(err, PERSONA_E_FORMAT, "%s", why.text);
	}
	if (!answer->len)
		return unparsable(reply, cut, class, err);
	return explain(answer, task->count, cut, &why, err);
}

/* The same name, but for case, space and punctuation? 1, 0, or -1. */
static int is_same_name(const char *a, const char *b, struct persona_error *err)
{
	struct persona_buf one, two;
	int rc;

	persona_buf_init(&one, SIZE_MAX);
	persona_buf_init(&two, SIZE_MAX);
	rc = persona_text_fold(&one, a, strlen(a), PERSONA_FOLD_PUNCTUATION, err);
	if (!rc)
		rc = persona_text_fold(&two, b, strlen(b), PERSONA_FOLD_PUNCTUATION, err);
	if (!rc)
		rc = one.len == two.len && memcmp(one.data, two.data, one.len) == 0;
	persona_buf_release(&one);
	persona_buf_release(&two);
	return rc;
}

/* Another name is another person, unless the name was what was found wanting. */
static int keep_name(struct persona *persona, const struct persona_task *task, struct persona_error *err)
{
	const char *name = task->persona->name;
	int same = 1;

	for (size_t i = 0; i < task->reasons_len; i++)
		if (task->reasons[i].field && strcmp(task->reasons[i].field, "name") == 0)
			return 0;
	if (persona->name && name)
		same = is_same_name(persona->name, name, err);
	if (same)
		return same < 0 ? -1 : persona_set_text(&persona->name, name, err);
	return persona_error_set(err, PERSONA_E_FORMAT, "the answer is about '%.60s', not '%.60s'", persona->name,
				 name);
}

/* An object or a list for a name: the schema came back, or what is no persona; it must not pass for one without a name. */
static bool has_no_name(const json_t *value)
{
	const json_t *name = json_object_get(value, "name");

	return json_is_object(name) || json_is_array(name);
}

static int read_refined(struct persona_answer *answer, const struct persona_task *task, const json_t *value,
			const char **class, struct persona_error *err)
{
	struct persona *persona;

	*class = "invalid";
	if (has_no_name(value))
		return persona_error_set(err, PERSONA_E_FORMAT, "the name in the answer is no text");
	if (persona_answer_add(answer, &persona, err) < 0 || persona_part_from_json(persona, value, NULL, err) < 0)
		return -1;
	if (persona_is_blank(persona))
		return persona_error_set(err, PERSONA_E_FORMAT, "the answer says nothing about the persona");
	if (keep_name(persona, task, err) < 0 || persona_complete(persona, task->persona, err) < 0)
		return -1;
	return persona_check(persona, err);
}

static int read_value(struct persona_answer *answer, const struct persona_task *task, const json_t *value, bool cut,
		      const struct persona_llm_reply *reply, const char **class, struct persona_error *err)
{
	switch (task->kind) {
	case PERSONA_TASK_REFINE:
		return read_refined(answer, task, value, class, err);
	case PERSONA_TASK_JUDGE:
		*class = "invalid";
		return judgement_read(answer, task, value, err);
	default:
		return read_drafts(answer, task, value, cut, reply, class, err);
	}
}

/* The envelopes of a judgement are judgement.c's: they may be a criterion's name. */
static int extract(json_t **value, const struct persona_task *task, const struct persona_llm_reply *reply, bool *cut,
		   struct persona_error *err)
{
	static const char *const none[] = { NULL };
	const char *text = reply->text.data;
	struct persona_json_report report = { 0 };
	int rc;

	if (task->kind == PERSONA_TASK_DRAFT)
		rc = persona_json_extract_array(value, text, reply->text.len, envelopes, NULL, &report, err);
	else
		rc = persona_json_extract_object(value, text, reply->text.len,
						 task->kind == PERSONA_TASK_JUDGE ? none : envelopes, NULL, &report,
						 err);
	*cut = reply->outcome == PERSONA_LLM_TRUNCATED || (rc > 0 && report.truncated);
	if (rc <= 0 || !report.partial || reply->outcome != PERSONA_LLM_TRUNCATED)
		return rc;
	/* Half a persona is none. */
	json_decref(*value);
	*value = NULL;
	return 0;
}

int answer_read(struct persona_answer *answer, const struct persona_task *task, const struct persona_llm_reply *reply,
		const char **class, struct persona_error *err)
{
	json_t *value = NULL;
	const char *why = "unparsable";
	bool cut;
	int rc = extract(&value, task, reply, &cut, err);

	persona_answer_release(answer);
	/* What was cut from one persona would be taken for what is to stay as it was. */
	if (rc == 0 || (rc > 0 && cut && task->kind != PERSONA_TASK_DRAFT))
		rc = unparsable(reply, cut, &why, err);
	else if (rc > 0)
		rc = read_value(answer, task, value, cut, reply, &why, err);
	if (rc < 0)
		*class = why;
	json_decref(value);
	return rc;
}
