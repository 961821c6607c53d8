#!/bin/sh
# json.sh must find each way of reading JSON by jansson itself, planted in a small tree, and nothing else.
set -eu
cd "$(dirname "$0")/../.."
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failures=0

plant()
{
	rm -rf "${tree:?}"/*
	mkdir -p "$tree/include/persona" "$tree/src/json" "$tree/src/stage" "$tree/tools/cli" "$tree/tests/unit"
	echo '	text = json_dumps(value, 0);' >"$tree/src/stage/stage.c"
	echo '	rc = persona_json_parse_strict(&value, text, len, err);' >"$tree/tools/cli/table.c"
	echo '	value = json_loads(text, 0, NULL);' >"$tree/tests/unit/test_stage.c"
	echo 'int my_json_loader(void);' >"$tree/include/persona/stage.h"
	echo >"$tree/src/json/reader.c"
}

plant
tests/checks/json.sh "$tree" >"$tree/output" 2>&1 || {
	echo "a tree without faults fails:"
	cat "$tree/output"
	failures=1
}
for call in json_load json_loads json_loadb json_loadf json_loadfd json_load_file json_load_callback; do
	for file in src/stage/stage.c src/json/reader.c tools/cli/table.c include/persona/stage.h; do
		plant
		echo "	value = $call(text, 0, NULL);" >>"$tree/$file"
		if output=$(tests/checks/json.sh "$tree" 2>&1); then
			echo "not found: $call in $file"
			failures=$((failures + 1))
		elif ! printf '%s\n' "$output" | grep -q "^$file:2:"; then
			echo "found, but not named: $call in $file: $output"
			failures=$((failures + 1))
		fi
	done
done
[ "$failures" = 0 ]
