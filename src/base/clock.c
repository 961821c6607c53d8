#include "persona/base.h"

static int64_t unix_seconds(void *payload)
{
	(void)payload;
	return (int64_t)time(NULL);
}

static int64_t monotonic_ms(void *payload)
{
	struct timespec now;

	(void)payload;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

const struct persona_clock *persona_clock_system(void)
{
	static const struct persona_clock clock = { .unix_seconds = unix_seconds, .monotonic_ms = monotonic_ms };

	return &clock;
}
