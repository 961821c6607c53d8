/*
 * Drafting by the fake model over a network, from a small file.
 */
#ifndef PERSONA_TEST_REMOTE_DRAFT_H
#define PERSONA_TEST_REMOTE_DRAFT_H

#include "fake_remote.h"

static const char *from[1];
static struct persona_draft_settings settings;

static inline void setup_draft(void)
{
	static char data[192];

	setup_remote();
	snprintf(data, sizeof data, "%s", file_with("data.csv", "what,why\nwalk,air\nread,quiet\nswim,fun\n"));
	from[0] = data;
	settings = (struct persona_draft_settings){ .from = from, .from_len = 1, .wanted = 3, .batch_size = 3 };
}

static inline void draft(int64_t wanted)
{
	settings.wanted = wanted;
	OK(run_stage(&persona_stage_draft, &settings, &remote_model));
}

#endif
