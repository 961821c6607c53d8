/* What follows from an outcome: one row each. */
#include "internal.h"

#define FIRST_WAIT_MS	500
#define LONGEST_WAIT_MS 60000

static const struct {
	const char *name;
	struct persona_llm_policy policy;
} rows[] = {
	/*			       name		 usable retry  stops  slows  charged class */
	[PERSONA_LLM_OK] = { "ok", { true, false, false, false, true, NULL } },
	[PERSONA_LLM_TRUNCATED] = { "truncated", { true, false, false, false, true, "truncated" } },
	[PERSONA_LLM_REFUSED] = { "refused", { false, false, false, false, true, "refused" } },
	[PERSONA_LLM_EMPTY] = { "empty", { false, true, false, false, true, "unparsable" } },
	[PERSONA_LLM_TOO_LONG] = { "too-long", { false, false, false, false, false, "invalid" } },
	[PERSONA_LLM_RATE] = { "rate", { false, true, false, true, false, "rate" } },
	[PERSONA_LLM_OVERLOADED] = { "overloaded", { false, true, false, true, false, "server" } },
	[PERSONA_LLM_SERVER] = { "server", { false, true, false, false, false, "server" } },
	[PERSONA_LLM_GATEWAY] = { "gateway", { false, true, false, false, true, "server" } },
	[PERSONA_LLM_UNREACHABLE] = { "unreachable", { false, true, true, false, false, "network" } },
	[PERSONA_LLM_TIMEOUT] = { "timeout", { false, true, false, false, true, "timeout" } },
	[PERSONA_LLM_NETWORK] = { "network", { false, true, false, false, true, "network" } },
	[PERSONA_LLM_CUT] = { "cut", { false, true, false, false, true, "network" } },
	[PERSONA_LLM_GARBLED] = { "garbled", { false, true, false, false, true, "unparsable" } },
	[PERSONA_LLM_AUTH] = { "auth", { false, false, true, false, false, "auth" } },
	[PERSONA_LLM_NOT_FOUND] = { "not-found", { false, false, true, false, false, "invalid" } },
	[PERSONA_LLM_QUOTA] = { "quota", { false, false, true, false, false, "quota" } },
	[PERSONA_LLM_PARAMETER] = { "parameter", { false, false, false, false, false, NULL } },
	[PERSONA_LLM_REQUEST] = { "request", { false, false, false, false, false, "invalid" } },
	[PERSONA_LLM_CANCELLED] = { "cancelled", { false, false, false, false, true, NULL } },
};

_Static_assert(sizeof rows / sizeof *rows == PERSONA_LLM_OUTCOMES, "one row per outcome");

const char *persona_llm_outcome_name(enum persona_llm_outcome outcome)
{
	return (unsigned)outcome < PERSONA_LLM_OUTCOMES ? rows[outcome].name : "unknown";
}

const struct persona_llm_policy *persona_llm_policy(enum persona_llm_outcome outcome)
{
	return &rows[outcome].policy;
}

bool persona_llm_may_retry(const struct persona_llm_reply *reply)
{
	const struct persona_llm_policy *policy = persona_llm_policy(reply->outcome);

	/* What a server says counts where it would help at all. */
	if (policy->stops && reply->outcome != PERSONA_LLM_UNREACHABLE)
		return false;
	if (policy->retry)
		return reply->should_retry != 0;
	return reply->outcome == PERSONA_LLM_REQUEST && reply->should_retry == 1;
}

int64_t persona_llm_backoff_ms(unsigned attempt, const struct persona_llm_reply *reply, double random,
			       int64_t patience_ms)
{
	int64_t wait = reply->retry_after_ms, most = FIRST_WAIT_MS;
	bool slows = persona_llm_policy(reply->outcome)->slows;

	if (!(random >= 0 && random < 1))
		random = 0.5;
	if (wait >= 0) {
		int64_t more = wait / 10 < 1000 ? wait / 10 : 1000;

		return wait > patience_ms ? -1 : wait + (int64_t)((double)more * random);
	}
	while (attempt-- > 1 && most < LONGEST_WAIT_MS)
		most *= 2;
	if (most > LONGEST_WAIT_MS)
		most = LONGEST_WAIT_MS;
	wait = (int64_t)((double)most * random);
	return slows ? most / 2 + wait / 2 : wait;
}
