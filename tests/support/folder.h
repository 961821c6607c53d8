/* Where tests put their files. */
#ifndef PERSONA_TEST_FOLDER_H
#define PERSONA_TEST_FOLDER_H

#include <stdio.h>
#include <stdlib.h>

#define TEMPORARY_MAX 64 /* names of tests' folders, with the NUL: paths in them are of fixed size, too */

/* A name for mkdtemp() or mkstemp() in TMPDIR; in /tmp where there is none, or it is too long. */
static inline void temporary_name(char out[TEMPORARY_MAX], const char *kind)
{
	const char *parent = getenv("TMPDIR");
	int len = -1;

	if (parent && *parent)
		len = snprintf(out, TEMPORARY_MAX, "%s/persona-%s-XXXXXX", parent, kind);
	if (len < 0 || len >= TEMPORARY_MAX)
		snprintf(out, TEMPORARY_MAX, "/tmp/persona-%s-XXXXXX", kind);
}

#endif
