#!/bin/sh
# Relative links of the Markdown files lead to files that exist.
set -eu
cd "$(dirname "$0")/../.."
missing=$(find . \( -name .git -o -name 'build*' -type d \) -prune -o -name '*.md' -print | LC_ALL=C sort | while read -r file; do
	grep -oE '\]\([^) ]+\)' "$file" | sed 's/^](//; s/)$//; s/#.*//' | while read -r link; do
		case $link in
		'' | http://* | https://*) ;;
		*) [ -e "$(dirname "$file")/$link" ] || echo "$file: no such file: $link" ;;
		esac
	done
done)
[ -z "$missing" ] || {
	echo "$missing"
	exit 1
}
