#!/bin/sh
# The tree stands by itself: no paths of somebody's machine, nothing outside the
# repository, no unfinished business in the sources.
set -eu
cd "$(dirname "$0")/../.."
wrong=0

# refuse REASON PATTERN PATH…: grep -E over text files; build folders and .git are not ours.
refuse()
{
	reason=$1
	pattern=$2
	shift 2
	if grep -rnIE --exclude-dir=.git --exclude-dir='build*' -e "$pattern" -- "$@"; then
		echo "^ $reason"
		wrong=1
	fi
}

# Written so that the patterns do not match themselves.
refuse 'a path of a machine' '(^|[^A-Za-z0-9_.~$}/-])/(home|root|work|Users)[/]' .
refuse 'a path out of the repository' '[.][.]/[s]hared|[.][l]ibrary/' .
refuse 'unfinished' '\b(TODO|FIXME|XXX)\b' src include tools sql
[ "$wrong" = 0 ]
