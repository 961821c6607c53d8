/* A suite of one case, and the main function's end. */
#ifndef PERSONA_TEST_SUITE_H
#define PERSONA_TEST_SUITE_H

#include <check.h>
#include <stdlib.h>

/* *out is where tests are added. A test may take a minute. */
static inline Suite *suite_of(const char *name, TCase **out)
{
	Suite *suite = suite_create(name);

	*out = tcase_create(name);
	tcase_set_timeout(*out, 60);
	suite_add_tcase(suite, *out);
	return suite;
}

static inline int run_suite(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
