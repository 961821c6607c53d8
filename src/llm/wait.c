/* How long we are told to wait: headers and durations in all their spellings. */
#include <limits.h>
#include <strings.h>

#include "internal.h"

#define WAIT_MAX_MS ((int64_t)31 * 24 * 3600 * 1000)

/* A decimal number without sign; *text moves behind it. In thousandths, rounded up; -1: none, or out of range. */
static int64_t read_milli(const char **text)
{
	const char *at = *text;
	int64_t value = 0, place = 100;
	bool more = false;

	for (; *at >= '0' && *at <= '9'; at++) {
		value = value * 10 + *at - '0';
		if (value > WAIT_MAX_MS)
			return -1;
	}
	if (at == *text)
		return -1;
	value *= 1000;
	if (*at == '.')
		for (at++; *at >= '0' && *at <= '9'; at++, place /= 10) {
			value += (*at - '0') * place;
			more |= !place && *at != '0';
		}
	*text = at;
	return value + more;
}

/* Thousandths of a unit that is so many microseconds long, in ms, rounded up. */
static int64_t scaled(int64_t milli, int64_t unit_us)
{
	if (milli > INT64_MAX / 2 / unit_us)
		return WAIT_MAX_MS;
	return (milli * unit_us + 999999) / 1000000;
}

int64_t llm_duration_ms(const char *text, int64_t unit_ms)
{
	static const struct {
		const char *name;
		int64_t us;
	} units[] = { { "ms", 1000 },	     { "us", 1 },	  { "s", 1000000 },
		      { "m", 60 * 1000000 }, { "h", 3600000000 }, { "d", 24 * 3600000000 } };
	int64_t total = 0;

	text += strspn(text, " \t");
	if (!*text)
		return -1;
	while (*text && *text != ' ') {
		int64_t milli = read_milli(&text), unit = 0;

		if (milli < 0)
			return -1;
		for (size_t i = 0; i < sizeof units / sizeof *units && !unit; i++)
			if (strncmp(text, units[i].name, strlen(units[i].name)) == 0) {
				unit = units[i].us;
				text += strlen(units[i].name);
			}
		if (!unit && *text != '\0' && *text != ' ')
			return -1;
		if (!unit)
			unit = unit_ms * 1000;
		if (!unit)
			return -1;
		total += scaled(milli, unit);
		if (total > WAIT_MAX_MS)
			total = WAIT_MAX_MS;
	}
	return text[strspn(text, " \t")] ? -1 : total;
}

/* ---- Dates ----------------------------------------------------------- */

static int64_t until(const struct tm *when, int64_t now_ms)
{
	struct tm copy = *when;
	int64_t ms;

	if (copy.tm_year < 70 || copy.tm_year > 1100 || copy.tm_mon < 0 || copy.tm_mon > 11 || copy.tm_mday < 1 ||
	    copy.tm_mday > 31 || copy.tm_hour < 0 || copy.tm_hour > 23 || copy.tm_min < 0 || copy.tm_min > 59 ||
	    copy.tm_sec < 0 || copy.tm_sec > 60)
		return -1;
	ms = (int64_t)timegm(&copy) * 1000 - now_ms;
	if (ms < 0)
		return 0;
	return ms < WAIT_MAX_MS ? ms : WAIT_MAX_MS;
}

/* RFC 9110's usual form: "Wed, 25 Nov 2026 04:00:00 GMT". */
static int64_t until_http_date(const char *text, int64_t now_ms)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct tm when = { 0 };
	char month[4] = "";
	const char *found;

	if (sscanf(text, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT", &when.tm_mday, month, &when.tm_year,
		   &when.tm_hour, &when.tm_min, &when.tm_sec) != 6)
		return -1;
	found = strstr(months, month);
	if (strlen(month) != 3 || !found || (found - months) % 3)
		return -1;
	when.tm_mon = (int)(found - months) / 3;
	when.tm_year -= 1900;
	return until(&when, now_ms);
}

/* RFC 3339: "2026-11-25T04:00:00Z", also with a fraction (rounded up) and an offset. */
static int64_t until_rfc3339(const char *text, int64_t now_ms)
{
	struct tm when = { 0 };
	int used = 0, hours = 0, minutes = 0;
	int64_t offset_ms = 0, wait;

	if (sscanf(text, "%4d-%2d-%2d%*1[Tt ]%2d:%2d:%2d%n", &when.tm_year, &when.tm_mon, &when.tm_mday, &when.tm_hour,
		   &when.tm_min, &when.tm_sec, &used) != 6 ||
	    !used)
		return -1;
	text += used;
	if (*text == '.') {
		offset_ms = -1000;
		text += 1 + strspn(text + 1, "0123456789");
	}
	if (*text == '+' || *text == '-') {
		if (sscanf(text + 1, "%2d:%2d", &hours, &minutes) != 2 || hours < 0 || minutes < 0)
			return -1;
		offset_ms += (hours * 60 + minutes) * (*text == '+' ? 60000 : -60000);
	} else if (*text != 'Z' && *text != 'z') {
		return -1;
	}
	when.tm_year -= 1900;
	when.tm_mon--;
	wait = until(&when, now_ms + offset_ms);
	return wait;
}

/* ---- Headers --------------------------------------------------------- */

static const char *header(const struct persona_llm_raw *raw, const char *name)
{
	return raw->header ? raw->header(raw->payload, name) : NULL;
}

/* The longest reset of a limit of which nothing is left; the others need no waiting. */
static int64_t longest_reset(const struct persona_llm_raw *raw)
{
	static const char *const limits[][2] = {
		{ "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests" },
		{ "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens" },
		{ "anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset" },
		{ "anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset" },
		{ "anthropic-ratelimit-input-tokens-remaining", "anthropic-ratelimit-input-tokens-reset" },
		{ "anthropic-ratelimit-output-tokens-remaining", "anthropic-ratelimit-output-tokens-reset" },
	};
	int64_t longest = -1;

	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
		const char *left = header(raw, limits[i][0]), *reset = header(raw, limits[i][1]);
		int64_t wait;

		if (!left || !reset || strcmp(left, "0") != 0)
			continue;
		wait = llm_duration_ms(reset, 1000);
		if (wait < 0)
			wait = until_rfc3339(reset, raw->now_ms);
		if (wait > longest)
			longest = wait;
	}
	return longest;
}

int64_t llm_told_wait_ms(const struct persona_llm_raw *raw, int64_t body_delay_ms)
{
	const char *text = header(raw, "retry-after-ms");
	int64_t wait = text ? llm_duration_ms(text, 1) : -1;

	if (wait >= 0)
		return wait;
	text = header(raw, "retry-after");
	if (text)
		wait = llm_duration_ms(text, 1000);
	if (text && wait < 0)
		wait = until_http_date(text, raw->now_ms);
	if (wait < 0)
		wait = body_delay_ms;
	return wait < 0 ? longest_reset(raw) : wait;
}

int llm_should_retry(const struct persona_llm_raw *raw)
{
	const char *text = header(raw, "x-should-retry");

	if (!text)
		return -1;
	return strcasecmp(text, "true") == 0 ? 1 : strcasecmp(text, "false") == 0 ? 0 : -1;
}
