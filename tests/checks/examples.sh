#!/bin/sh
# docs/json.md tells the truth: persona-json, given each block "input" with the options behind that word, prints the
# block "output" that follows, or exits with 1 and prints nothing where that is "none".
set -eu
cd "$(dirname "$0")/../.."
bin=${PERSONA_BIN:-build-asan/bin}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

awk -v folder="$folder" '
	/^````input/ { n++; file = folder "/" n ".input"; print substr($0, 11) >(folder "/" n ".options"); next }
	/^````output$/ { file = folder "/" n ".output"; next }
	/^````$/ { file = ""; next }
	file { printf "%s%s", (file == last ? "\n" : ""), $0 >file; last = file }' docs/json.md

ran=0 wrong=0
for input in "$folder"/*.input; do
	ran=$((ran + 1))
	code=0
	# shellcheck disable=SC2046 # options are words
	got=$("$bin/persona-json" -q $(cat "${input%.input}.options") <"$input") || code=$?
	[ "$code" = 0 ] || got=${got}none
	if [ "$code" -gt 1 ] || [ "$got" != "$(cat "${input%.input}.output")" ]; then
		printf 'docs/json.md:\n%s\ngives %s (exit code %s), not %s\n' "$(cat "$input")" "$got" "$code" \
			"$(cat "${input%.input}.output")"
		wrong=$((wrong + 1))
	fi
done
[ "$ran" = "$(grep -c '^````input' docs/json.md)" ] && [ "$ran" -ge 40 ] && [ "$wrong" = 0 ]
