/*
 * One input of every kind of stage, each of two pieces: a table, a file of personas, two personas of a batch, a model
 * and metrics.
 */
#ifndef PERSONA_TEST_STAGE_INPUTS_H
#define PERSONA_TEST_STAGE_INPUTS_H

#include "stage_fakes.h"

#define PERSON "{'name': 'Ada', 'goals': ['another goal']}\n"

static struct script script;
static struct persona_model model = { .name = "script:", .version = 1, .answer = script_answer, .payload = &script };
static struct persona_registry *registry;
static struct persona_profile profile;
static char data_file[192], import_file[192];

static inline void setup_inputs(void)
{
	setup();
	snprintf(data_file, sizeof data_file, "%s", file_with("data.csv", "what,why\nwalk,air\nread,quiet\n"));
	snprintf(import_file, sizeof import_file, "%s",
		 file_with("people.jsonl",
			   "{\"name\":\"Ann\",\"goals\":[\"g\"]}\n{\"id\":7,\"name\":\"Bo\",\"goals\":[\"g\"]}\n"));
	OK(persona_registry_new_default(&registry, &err));
	OK(persona_profile_get(&profile, "default", &err));
	script = (struct script){ 0 };
	seed(2, "a");
	give("1 2");
}

static inline void teardown_inputs(void)
{
	persona_registry_free(registry);
	teardown();
}

#endif
