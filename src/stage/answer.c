/* From what a model wrote to personas. */
#include "client.h"
#include "persona/json.h"

/* Names under which models put the list though they were not asked to. */
static const char *const envelopes[] = { "personas", "persona", "data", "results", "result", "items", NULL };

static int unparsable(const struct persona_llm_reply *reply, bool cut, const char **class, struct persona_error *err)
{
	if (cut) {
		*class = "truncated";
		return persona_error_set(err, PERSONA_E_FORMAT,
					 "the answer was cut before its first persona was complete (--max-tokens)");
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

int answer_read(struct persona_answer *answer, const struct persona_task *task, const struct persona_llm_reply *reply,
		const char **class, struct persona_error *err)
{
	struct persona_json_report report = { 0 };
	struct persona_error why = { 0 };
	json_t *list = NULL;
	bool cut = reply->outcome == PERSONA_LLM_TRUNCATED;
	int rc = persona_json_extract_array(&list, reply->text.data, reply->text.len, envelopes, NULL, &report, err);

	persona_answer_release(answer);
	cut = cut || (rc > 0 && report.truncated);
	if (rc == 0)
		return unparsable(reply, cut, class, err);
	if (rc < 0) {
		*class = "unparsable";
		return -1;
	}
	rc = add_all(answer, task->count, list, &why, err);
	if (!rc && !answer->len && !cut && json_array_size(list)) {
		*class = "invalid";
		rc = persona_error_set(err, PERSONA_E_FORMAT, "%s", why.text);
	} else if (!rc && !answer->len) {
		rc = unparsable(reply, cut, class, err);
	}
	if (!rc)
		rc = explain(answer, task->count, cut, &why, err);
	json_decref(list);
	return rc;
}
