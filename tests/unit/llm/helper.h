/* What the tests of asking models share. */
#ifndef PERSONA_TEST_LLM_HELPER_H
#define PERSONA_TEST_LLM_HELPER_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "persona/llm.h"
#include "suite.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* A key that looks like one, for every provider. */
#define KEY "sk-test-4XbQ81zzWm7890"

struct variable {
	const char *name, *value;
};

/* Environment from a list of variables that ends with a NULL name. */
static inline const char *variables(void *payload, const char *name)
{
	const struct variable *list = payload;

	for (; list && list->name; list++)
		if (strcmp(list->name, name) == 0)
			return list->value;
	return NULL;
}

/* All keys set, nothing else. */
static inline const char *all_keys(void *payload, const char *name)
{
	(void)payload;
	return strstr(name, "_KEY") ? KEY : NULL;
}

static inline struct persona_llm *open_llm(const char *spec)
{
	struct persona_error err = { 0 };
	struct persona_llm *llm;

	ck_assert_msg(persona_llm_open(&llm, spec, NULL, false, all_keys, NULL, &err) == 0, "%s: %s", spec, err.text);
	return llm;
}

#endif
