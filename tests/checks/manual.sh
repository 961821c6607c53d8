#!/bin/sh
# Every program has a manual page that names each of its options, every persona
# field stands in persona(7), no page is left over, and mandoc has nothing to say.
set -eu
cd "$(dirname "$0")/../.."
bin=${PERSONA_BIN:-build-asan/bin}
missing=$(
	for source in tools/persona*.c; do
		program=$(basename "$source" .c)
		page=docs/man/$program.1
		[ -f "$page" ] || {
			echo "$program has no $page"
			continue
		}
		[ -x "$bin/$program" ] || {
			echo "$bin/$program: missing; build first"
			continue
		}
		"$bin/$program" --help | grep -oE -- '^ +(-[a-z], )? *--[a-z][a-z-]*' | grep -oE -- '[a-z][a-z-]*$' | sort -u |
			while read -r option; do
				grep -qE -- "Fl -$option( |\$)" "$page" docs/man/persona.7 ||
					echo "$page: no word of --$option"
			done
	done
	for page in docs/man/persona*.1; do
		[ -f "tools/$(basename "$page" .1).c" ] || echo "$page: there is no such program"
	done
	sed -n 's/^PERSONA_[A-Z]*(\([a-z_]*\),.*/\1/p' src/persona/fields.def | while read -r field; do
		grep -q "^\.It Va $field\$" docs/man/persona.7 || echo "docs/man/persona.7: no word of the field $field"
	done
	mandoc -T lint -W warning docs/man/* || true
)
[ -z "$missing" ] || {
	echo "$missing"
	exit 1
}
