#!/bin/sh
# The ban of src/base/banned.h bites, and no file of ours is compiled without it.
set -eu
cd "$(dirname "$0")/../.."
wrong=0

# compiles EXPRESSION [option…]
compiles()
{
	expression=$1
	shift
	printf '#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <time.h>\nvoid f(char *a, char *b, time_t *t);\nvoid f(char *a, char *b, time_t *t) { (void)a; (void)b; (void)t; %s; }\n' "$expression" |
		gcc -D_GNU_SOURCE "$@" -Werror=implicit-function-declaration -fsyntax-only -x c - 2>/dev/null
}

for call in 'strcpy(a, b)' 'stpcpy(a, b)' 'strcat(a, b)' 'strncpy(a, b, 1)' 'strncat(a, b, 1)' 'sprintf(a, "%s", b)' \
	'strtok(a, b)' 'atoi(a)' 'atol(a)' 'atof(a)' 'gmtime(t)' 'localtime(t)' 'ctime(t)' 'rand()' 'srand(1)' \
	'system(a)' 'mktemp(a)' 'tmpnam(a)'; do
	compiles "$call" || { echo "$call does not even compile without the ban: the test is wrong"; wrong=1; }
	! compiles "$call" -include src/base/banned.h || { echo "$call is not banned"; wrong=1; }
done
compiles 'snprintf(a, 1, "%s", b)' -include src/base/banned.h || { echo "an allowed call does not compile"; wrong=1; }

commands=${PERSONA_BUILD:-build-asan}/compile_commands.json
if [ -f "$commands" ]; then
	if grep '"command":' "$commands" | grep -v '/generated/' | grep -v -- '-include .*src/base/banned\.h'; then
		echo "^ compiled without src/base/banned.h"
		wrong=1
	fi
else
	echo "$commands: missing; build first"
	wrong=1
fi
[ "$wrong" = 0 ]
