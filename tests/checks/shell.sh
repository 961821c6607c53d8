#!/bin/sh
# Every script parses and has nothing that shellcheck warns of.
set -eu
cd "$(dirname "$0")/../.."
wrong=0
count=0

for script in $(find . \( -name .git -o -name 'build*' -type d \) -prune -o -type f -perm -u+x -print | LC_ALL=C sort); do
	case $(head -n 1 "$script" | tr -d '\000') in
	'#!/bin/sh'*) shell='dash -n' ;;
	'#!/usr/bin/env bash'* | '#!/bin/bash'*) shell='bash -n' ;;
	*) continue ;;
	esac
	count=$((count + 1))
	$shell "$script" || wrong=1
	! command -v shellcheck >/dev/null || shellcheck -S warning "$script" || wrong=1
done
[ "$count" -gt 0 ] || {
	echo "no scripts found"
	wrong=1
}
[ "$wrong" = 0 ]
