/* What a request says, in whichever wire format. */
#include "model_internal.h"

enum dialect dialect_of(const char *path)
{
	static const char *const ends[] = {
		[DIALECT_OPENAI] = "/chat/completions",
		[DIALECT_ANTHROPIC] = "/v1/messages",
		[DIALECT_GEMINI] = ":generateContent",
		[DIALECT_OLLAMA] = "/api/chat",
	};
	size_t len = strlen(path);

	for (int i = 0; i < DIALECT_NONE; i++) {
		size_t end = strlen(ends[i]);

		if (len >= end && strcmp(path + len - end, ends[i]) == 0)
			return (enum dialect)i;
	}
	return DIALECT_NONE;
}

/* A text, or a list of parts with a text each. */
static int add_content(struct persona_buf *text, const json_t *content, struct persona_error *err)
{
	const json_t *part;
	size_t i;

	if (json_is_string(content)) {
		if (persona_buf_add(text, json_string_value(content), json_string_length(content), err) < 0)
			return -1;
		return persona_buf_addc(text, '\n', err);
	}
	json_array_foreach(content, i, part) {
		if (add_content(text, json_object_get(part, "text"), err) < 0)
			return -1;
	}
	return 0;
}

static int add_messages(struct asked *asked, struct persona_error *err)
{
	bool gemini = asked->dialect == DIALECT_GEMINI;
	const char *content = gemini ? "parts" : "content";
	const json_t *message;
	size_t i;

	if (add_content(&asked->text, json_object_get(asked->root, "system"), err) < 0 ||
	    add_content(&asked->text, json_object_get(json_object_get(asked->root, "systemInstruction"), "parts"),
			err) < 0)
		return -1;
	json_array_foreach(json_object_get(asked->root, gemini ? "contents" : "messages"), i, message) {
		const char *role = json_string_value(json_object_get(message, "role"));

		if (role && strcmp(role, "user") == 0)
			asked->last_user = asked->text.len;
		if (add_content(&asked->text, json_object_get(message, content), err) < 0)
			return -1;
	}
	return 0;
}

/* The number behind the last mark in a text; -1: none. */
static long number_after(const char *text, const char *mark)
{
	long found = -1;

	for (const char *at = strstr(text, mark); at; at = strstr(at + 1, mark)) {
		const char *digits = at + strlen(mark) + strspn(at + strlen(mark), " ");

		if (*digits >= '0' && *digits <= '9')
			found = strtol(digits, NULL, 10);
	}
	return found;
}

static long member_number(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return json_is_integer(value) ? (long)json_integer_value(value) : -1;
}

static void find_bounds(struct asked *asked)
{
	const json_t *root = asked->root;

	switch (asked->dialect) {
	case DIALECT_OPENAI:
		asked->max_tokens = member_number(root, "max_completion_tokens");
		if (asked->max_tokens < 0)
			asked->max_tokens = member_number(root, "max_tokens");
		break;
	case DIALECT_ANTHROPIC:
		asked->max_tokens = member_number(root, "max_tokens");
		if (asked->max_tokens < 0)
			asked->wrong = "max_tokens: Field required";
		break;
	case DIALECT_GEMINI:
		asked->max_tokens = member_number(json_object_get(root, "generationConfig"), "maxOutputTokens");
		break;
	default:
		asked->max_tokens = member_number(json_object_get(root, "options"), "num_predict");
		if (!json_is_false(json_object_get(root, "stream")))
			asked->wrong = "this server does not stream; send \"stream\": false";
	}
	if (json_is_true(json_object_get(root, "stream")))
		asked->wrong = "this server does not stream";
}

static void find_model(struct asked *asked, const char *path)
{
	const char *name = json_string_value(json_object_get(asked->root, "model")), *end;

	if (asked->dialect == DIALECT_GEMINI) {
		end = strrchr(path, ':');
		name = strrchr(path, '/') + 1;
		snprintf(asked->model, sizeof asked->model, "%.*s", (int)(end - name), name);
		return;
	}
	snprintf(asked->model, sizeof asked->model, "%s", name ? name : "");
	if (!name)
		asked->wrong = "you must provide a model parameter";
}

int asked_read(struct asked *asked, const char *path, const char *body, size_t len, struct persona_error *err)
{
	const char *user;

	*asked = (struct asked){ .dialect = dialect_of(path), .max_tokens = -1, .count = 1 };
	persona_buf_init(&asked->text, (size_t)256 << 20);
	asked->seed = persona_mix64(0, body, len);
	if (asked->dialect == DIALECT_NONE)
		return 0;
	asked->root = json_loadb(body, len, 0, NULL);
	if (!json_is_object(asked->root)) {
		asked->wrong = "the body is not valid JSON";
		return 0;
	}
	find_model(asked, path);
	find_bounds(asked);
	if (add_messages(asked, err) < 0)
		return -1;
	if (!asked->text.len)
		asked->wrong = "there is no message";
	user = asked->text.data + asked->last_user;
	asked->count = number_after(user, "\"count\":");
	if (asked->count < 0)
		asked->count = number_after(user, "Personas wanted:");
	asked->count = asked->count < 0 ? 1 : asked->count > 200 ? 200 : asked->count;
	asked->task = strstr(user, "Refine this persona") || strstr(user, "What was found:")   ? TASK_REFINE
		      : strstr(user, "\nCriteria:\n") || strstr(asked->text.data, "coherence") ? TASK_JUDGE
											       : TASK_DRAFT;
	return 0;
}

void asked_release(struct asked *asked)
{
	json_decref(asked->root);
	persona_buf_release(&asked->text);
}
