#!/bin/sh
# arrows.sh must find each kind of wrong include, planted in a small tree, and nothing in the tree as it is.
set -eu
cd "$(dirname "$0")/../.."
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failures=0

plant()
{
	rm -rf "${tree:?}"/*
	mkdir -p "$tree/include/persona" "$tree/tools/cli"
	cat >"$tree/CMakeLists.txt" <<-'CMAKE'
		persona_module(base LIBRARIES crypto)
		persona_module(text USES base LIBRARIES unistring
			EMBED src/text/data)
		persona_module(json USES base text)
		persona_module(persona USES base text
			json)
		persona_module(source USES base text persona)
		persona_module(metric USES base text persona)
		persona_module(store USES base text json persona)
		persona_module(stage USES base persona source metric store)
	CMAKE
	for module in base text json persona source metric store stage; do
		mkdir -p "$tree/src/$module"
		echo '#include <stddef.h>' >"$tree/include/persona/$module.h"
		printf '#include <stdio.h>\n#include "persona/base.h"\n#include "internal.h"\n' >"$tree/src/$module/$module.c"
		echo '#include "persona/base.h"' >"$tree/src/$module/internal.h"
	done
	echo '#include "embedded_text.h"' >"$tree/src/text/words.c"
	printf '#include <sqlite3.h>\n#include <uthash.h>\n#include "persona/persona.h"\n' >"$tree/src/store/sql.c"
	printf '#include "persona/stage.h"\n#include "cli/cli.h"\n' >"$tree/tools/persona-show.c"
	echo '#include "persona/store.h"' >"$tree/tools/cli/cli.h"
}

# wrong FILE LINE: with that line the check fails and names the file.
wrong()
{
	plant
	printf '%s\n' "$2" >>"$tree/$1"
	if output=$(tests/checks/arrows.sh "$tree" 2>&1); then
		echo "not found: $2 in $1"
		failures=$((failures + 1))
	elif ! printf '%s\n' "$output" | grep -q "^$1:"; then
		echo "found, but not named: $2 in $1: $output"
		failures=$((failures + 1))
	fi
}

plant
tests/checks/arrows.sh "$tree" >"$tree/output" 2>&1 || {
	echo "a tree without faults fails:"
	cat "$tree/output"
	failures=1
}

wrong src/base/base.c '#include "persona/text.h"'			# up
wrong src/text/text.c '  #  include "persona/json.h"'			# up, spaced
wrong src/metric/metric.c '#include "persona/store.h"'			# sideways
wrong src/source/source.c '#include <persona/metric.h>'			# sideways, other brackets
wrong src/metric/metric.c '#include "persona/json.h"'			# down, but not among USES
wrong src/store/store.c '#include "persona/stage.h"'			# up
wrong include/persona/persona.h '#include "persona/store.h"'		# a public header, up
wrong include/persona/store.h '#include "internal.h"'			# private in public
wrong include/persona/store.h '#include <sqlite3.h>'			# a library in a public header
wrong src/metric/metric.c '#include <sqlite3.h>'			# a library that belongs to another
wrong tools/persona-show.c '#include <sqlite3.h>'
wrong src/store/store.c '#include <curl/curl.h>'
wrong src/metric/metric.c '#include <unistr.h>'
wrong src/metric/metric.c '#include <libstemmer.h>'
wrong src/store/store.c '#include <csv.h>'
wrong src/store/store.c '#include <openssl/evp.h>'
wrong src/base/base.c '#include <jansson.h>'
wrong src/base/base.c '#include <glib.h>'				# unknown
wrong src/metric/metric.c '#include "../store/internal.h"'
wrong src/metric/metric.c '#include "store/internal.h"'
wrong src/metric/metric.c '#include "words.h"'				# in no folder of its own
wrong src/metric/metric.c '#include "embedded_text.h"'
wrong src/stage/stage.c '#include "cli/cli.h"'
wrong tools/cli/cli.h '#include "report/report.h"'			# sideways among the tools' folders
wrong src/metric/metric.c '#include HEADER'				# cannot be checked
wrong src/metric/metric.c '#include "persona/nothing.h"'
wrong CMakeLists.txt 'persona_module(base USES store)'			# the table itself
wrong CMakeLists.txt 'persona_module(sideways USES base)'

[ "$failures" = 0 ]
