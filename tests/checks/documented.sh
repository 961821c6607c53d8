#!/bin/sh
# What the README and the tutorial tell one to type works: every ```sh block, in
# order, in a fresh folder with the research files at hand. An exit code that is
# not 0 is announced by a comment "# exit N" behind the command.
set -eu
cd "$(dirname "$0")/../.."
root=$PWD
PATH=${PERSONA_BIN:-$root/build-asan/bin}:$PATH
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
wrong=0

for document in README.md docs/tutorial.md; do
	name=$(basename "$document" .md)
	mkdir "$folder/$name"
	cp -R docs/tutorial/* "$folder/$name/"
	{
		echo 'set -eo pipefail'
		awk '/^```sh$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$document" |
			sed 's/^\(.*[^ ]\) *# exit \([0-9][0-9]*\)$/code=0; \1 || code=$?; [ $code = \2 ]/'
	} >"$folder/$name.sh"
	if ! grep -q persona "$folder/$name.sh"; then
		echo "$document: no commands found"
		wrong=1
	elif ! (cd "$folder/$name" && bash -x "../$name.sh" >"../$name.log" 2>&1 </dev/null); then
		echo "$document: a command fails; the end of the log:"
		tail -n 40 "$folder/$name.log"
		wrong=1
	fi
done
[ "$wrong" = 0 ]
