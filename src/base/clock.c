#include "persona/base.h"

static int64_t unix_seconds(void *payload)
{
	(void)payload;
	return (int64_t)time(NULL);
}

static int64_t ms_of(clockid_t which)
{
	struct timespec now;

	clock_gettime(which, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t unix_ms(void *payload)
{
	(void)payload;
	return ms_of(CLOCK_REALTIME);
}

static int64_t monotonic_ms(void *payload)
{
	(void)payload;
	return ms_of(CLOCK_MONOTONIC);
}

const struct persona_clock *persona_clock_system(void)
{
	static const struct persona_clock clock = { .unix_seconds = unix_seconds,
						    .unix_ms = unix_ms,
						    .monotonic_ms = monotonic_ms };

	return &clock;
}
