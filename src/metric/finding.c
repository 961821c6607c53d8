#include <math.h>

#include "internal.h"

/* Longest message; a metric's own words are shorter, but those of others may come from outside. */
#define MESSAGE_MAX 1024

void persona_finding_init(struct persona_finding *finding)
{
	*finding = (struct persona_finding){ .value = NAN };
}

static void issue_release(struct persona_reason *issue)
{
	free(issue->metric);
	free(issue->code);
	free(issue->field);
	free(issue->message);
}

void persona_finding_release(struct persona_finding *finding)
{
	for (size_t i = 0; i < finding->issues_len; i++)
		issue_release(&finding->issues[i]);
	free(finding->issues);
	free(finding->similar);
	persona_finding_init(finding);
}

/* A copy that may be written as JSON: metrics come from outside, and so may their texts. */
static char *copy_clean(const char *text, struct persona_error *err)
{
	size_t len = strlen(text);
	struct persona_buf room;
	char *copy;

	persona_buf_init(&room, 3 * len);
	copy = persona_text_cleaned(&room, &text, &len, NULL, err) == 0 ? persona_strndup(text, len, err) : NULL;
	persona_buf_release(&room);
	return copy;
}

int persona_finding_issue(struct persona_finding *finding, const char *code, const char *field, long position,
			  struct persona_error *err, const char *format, ...)
{
	struct persona_reason issue = { .position = position };
	char message[MESSAGE_MAX];
	va_list args;

	message[0] = '\0';
	va_start(args, format);
	if (vsnprintf(message, sizeof message, format, args) >= (int)sizeof message) {
		size_t len = sizeof message - 1;

		/* Drop the character that was cut, if one was. */
		while (len && ((unsigned char)message[len - 1] & 0xc0) == 0x80)
			len--;
		if (len && (unsigned char)message[len - 1] >= 0xc0)
			len--;
		message[len] = '\0';
	}
	va_end(args);
	issue.code = copy_clean(code, err);
	issue.field = field ? copy_clean(field, err) : NULL;
	issue.message = copy_clean(message, err);
	if (!issue.code || (field && !issue.field) || !issue.message ||
	    persona_grow((void **)&finding->issues, &finding->issues_capacity, finding->issues_len,
			 sizeof *finding->issues, err) < 0) {
		issue_release(&issue);
		return -1;
	}
	finding->issues[finding->issues_len++] = issue;
	return 0;
}

static json_t *issue_json(const struct persona_reason *issue)
{
	json_t *object = json_object();
	int rc = json_object_set_new(object, "code", json_string(issue->code));

	if (issue->field)
		rc |= json_object_set_new(object, "field", json_string(issue->field));
	if (issue->position >= 0)
		rc |= json_object_set_new(object, "item", json_integer(issue->position));
	rc |= json_object_set_new(object, "message", json_string(issue->message));
	if (rc) {
		json_decref(object);
		return NULL;
	}
	return object;
}

int persona_finding_json(json_t **out, const struct persona_finding *finding, struct persona_error *err)
{
	json_t *issues = json_array();

	*out = NULL;
	for (size_t i = 0; i < finding->issues_len; i++)
		if (json_array_append_new(issues, issue_json(&finding->issues[i])) < 0) {
			json_decref(issues);
			return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
		}
	if (!issues)
		return persona_error_set(err, PERSONA_E_NOMEM, "out of memory");
	*out = issues;
	return 0;
}
