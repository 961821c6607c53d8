#!/bin/sh
# .clang-format is the law for every .c and .h of ours.
set -eu
cd "$(dirname "$0")/../.."
find include src tools tests -name '*.[ch]' -print | LC_ALL=C sort | {
	wrong=0
	while read -r file; do
		places=$(clang-format --dry-run "$file" 2>&1 | grep -c 'Wclang-format-violations') || continue
		echo "$file: $places places; clang-format -i $file"
		wrong=1
	done
	[ "$wrong" = 0 ]
}
