#!/bin/sh
# One reader of JSON: jansson's own (json_load, json_loads, json_loadb and the like) is called nowhere in the
# library and the programs. Tests may, as the other opinion. An argument names another root to look at.
set -eu
cd "${1:-$(dirname "$0")/../..}"

# No place is exempt: what the database holds is ours, but is read by persona_json_parse_strict() like all else.
found=$(find include src tools -name '*.[ch]' -print | LC_ALL=C sort | xargs grep -nE '\bjson_load[a-z_]*' /dev/null || true)
[ -z "$found" ] || {
	echo "$found"
	echo "^ read by persona_json_extract() or persona_json_parse_strict() instead"
	exit 1
}
