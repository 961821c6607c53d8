/*
 * Any bytes as what a provider answers: the first picks provider and status, the second headers. What is read must be
 * sound.
 */
#include "persona/llm.h"
#include "persona/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define KEY "sk-fuzz-0123456789abcdef"

static const char *environment(void *payload, const char *name)
{
	(void)payload;
	return strstr(name, "_KEY") ? KEY : NULL;
}

/* The body's own beginning as the value of every other header. */
static const char *header(void *payload, const char *name)
{
	const char *text = payload;

	return *text && (strlen(name) + (unsigned char)*text) % 2 ? text : NULL;
}

static void need(bool sound)
{
	if (!sound)
		__builtin_trap();
}

static void check_line(const char *line, size_t size)
{
	need(strlen(line) < size && persona_text_is_clean(line, strlen(line)) && !strchr(line, '\n') &&
	     !strstr(line, KEY));
}

static void check(const struct persona_llm_reply *reply)
{
	need((unsigned)reply->outcome < PERSONA_LLM_OUTCOMES);
	need(persona_text_is_clean(reply->text.data, reply->text.len));
	need(!memmem(reply->text.data, reply->text.len, KEY, strlen(KEY)));
	check_line(reply->message, sizeof reply->message);
	check_line(reply->finish_reason, sizeof reply->finish_reason);
	check_line(reply->request_id, sizeof reply->request_id);
	check_line(reply->model, sizeof reply->model);
	check_line(reply->parameter, sizeof reply->parameter);
	need((reply->outcome == PERSONA_LLM_OK) == !*reply->message);
	need(reply->outcome != PERSONA_LLM_OK || reply->text.len);
	need((reply->outcome == PERSONA_LLM_PARAMETER) == (reply->quirk != 0));
	need(!(reply->quirk & ~(unsigned)PERSONA_LLM_QUIRKS));
	need(reply->retry_after_ms >= -1 && reply->should_retry >= -1 && reply->should_retry <= 1);
	need(reply->usage.input >= -1 && reply->usage.cached >= -1 && reply->usage.cache_written >= -1 &&
	     reply->usage.output >= -1 && reply->usage.reasoning >= -1);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const char *const specs[] = { "openai:m", "anthropic:m", "gemini:m", "ollama:m" };
	static const int statuses[] = { 200, 200, 200, 400, 401, 404, 429, 500, 502, 529 };
	static struct persona_llm *llms[4];
	struct persona_error err = { 0 };
	struct persona_llm_reply reply;
	struct persona_llm_raw raw = { .outcome = PERSONA_HTTP_OK, .maybe_sent = true, .now_ms = 1764000000000 };
	char text[64];

	if (len < 2)
		return 0;
	for (size_t i = 0; i < 4 && !llms[i]; i++)
		need(persona_llm_open(&llms[i], specs[i], "https://box", false, environment, NULL, &err) == 0);
	snprintf(text, sizeof text, "%.*s", (int)(len - 1 < 63 ? len - 1 : 63), (const char *)bytes + 1);
	raw.status = statuses[bytes[0] / 4 % 10];
	raw.header = header;
	raw.payload = text;
	raw.body = (const char *)bytes + 2;
	raw.len = len - 2;
	persona_llm_reply_init(&reply);
	need(persona_llm_read(llms[bytes[0] % 4], &raw, &reply, &err) == 0);
	check(&reply);
	persona_llm_reply_release(&reply);
	return 0;
}
