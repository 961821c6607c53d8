#!/bin/sh
# Every public header compiles by itself and twice, without what the build puts before it.
set -eu
cd "$(dirname "$0")/../.."
wrong=0
for header in include/persona/*.h; do
	name=persona/$(basename "$header")
	printf '#include "%s"\n#include "%s"\n' "$name" "$name" |
		gcc -std=c11 -Wall -Wextra -Wstrict-prototypes -Werror -Iinclude -fsyntax-only -x c - || {
		echo "$header does not stand by itself"
		wrong=1
	}
done
[ "$wrong" = 0 ]
