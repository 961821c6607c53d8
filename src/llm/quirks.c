/* What models and servers do without. */
#include "internal.h"

static const char *const words[] = { "no-temperature", "other-max",  "no-schema", "no-format",
				     "no-system",      "no-caching", "no-extras" };

void persona_llm_quirks_format(char text[PERSONA_LLM_QUIRKS_TEXT], unsigned quirks)
{
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (quirks & 1u << i)
			len += (size_t)snprintf(text + len, PERSONA_LLM_QUIRKS_TEXT - len, "%s%s", len ? " " : "",
						words[i]);
}

unsigned persona_llm_quirks_parse(const char *text)
{
	unsigned quirks = 0;

	while (*text) {
		size_t len = strcspn(text, " ");

		for (size_t i = 0; i < sizeof words / sizeof *words; i++)
			if (strlen(words[i]) == len && memcmp(words[i], text, len) == 0)
				quirks |= 1u << i;
		text += len;
		text += strspn(text, " ");
	}
	return quirks;
}

/* "5", "5.4-mini", "4-6": major * 100 + minor, 0 for what is no version. What has three digits is a date. */
static int version(const char *text)
{
	char *end;
	long major = strtol(text, &end, 10), minor = 0;

	if (*text < '0' || *text > '9' || major > 99)
		return 0;
	if ((*end == '.' || *end == '-') && end[1] >= '0' && end[1] <= '9') {
		minor = strtol(end + 1, NULL, 10);
		if (minor > 99)
			minor = 0;
	}
	return (int)(major * 100 + minor);
}

/* The version behind a beginning such as "gpt-", 0 where the model begins otherwise. */
static int version_after(const char *model, const char *beginning)
{
	size_t len = strlen(beginning);

	return strncmp(model, beginning, len) == 0 ? version(model + len) : 0;
}

/* claude-FAMILY-MAJOR-MINOR; before that order came up, claude-MAJOR-MINOR-FAMILY. */
static int claude_version(const char *model)
{
	const char *dash;
	int old = version_after(model, "claude-");

	if (old || strncmp(model, "claude-", 7) != 0)
		return old;
	dash = strchr(model + 7, '-');
	return dash ? version(dash + 1) : 0;
}

bool llm_steers_cache(const struct persona_llm *llm)
{
	return llm->provider == PERSONA_LLM_OPENAI && llm->official && version_after(llm->model, "gpt-") >= 506;
}

unsigned persona_llm_known_quirks(const struct persona_llm *llm)
{
	bool fixed = false;

	switch (llm->provider) {
	case PERSONA_LLM_OPENAI:
		/* While they reason, which they do unless told otherwise, only the default is taken. */
		fixed = llm->official && (version_after(llm->model, "gpt-") >= 500 || version_after(llm->model, "o"));
		break;
	case PERSONA_LLM_ANTHROPIC:
		fixed = claude_version(llm->model) > 406;
		break;
	case PERSONA_LLM_GEMINI:
		/* They take another one, and then repeat themselves. */
		fixed = version_after(llm->model, "gemini-") >= 300;
		break;
	default:
		break;
	}
	return fixed ? PERSONA_LLM_NO_TEMPERATURE : 0;
}

bool persona_llm_learn(unsigned *quirks, const struct persona_llm_reply *reply)
{
	unsigned fresh = reply->outcome == PERSONA_LLM_PARAMETER ? reply->quirk & ~*quirks : 0;

	/* One step at a time: the lowest bit is the mildest. */
	*quirks |= fresh & -fresh;
	return fresh != 0;
}
