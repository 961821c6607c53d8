# What the tests of the programs share. Each test has a folder of its own, with the tutorial's interviews.
bats_require_minimum_version 1.5.0

PERSONA_ROOT=${PERSONA_ROOT:-$(cd "$BATS_TEST_DIRNAME/../.." && pwd -P)}
PATH=${PERSONA_BIN:-$PERSONA_ROOT/build-asan/bin}:$PATH
unset PERSONA_DB PERSONA_DRAFT_MODEL PERSONA_JUDGE_MODEL PERSONA_REFINE_MODEL PERSONA_TEST_PHASES PERSONA_CHAIN COLUMNS
export LC_ALL=C.UTF-8

setup()
{
	command -v persona-draft >/dev/null || {
		echo "the programs are not in $PERSONA_BIN; build first"
		return 1
	}
	cd "$BATS_TEST_TMPDIR" || return 1
	cp "$PERSONA_ROOT/docs/tutorial/interviews.csv" .
}

# personas [N]: a database with so many personas (5) that have been through the chain. Made once per file.
personas()
{
	local kept=$BATS_FILE_TMPDIR/kept-${1:-5}.db making

	# Tests of a file run beside each other: one makes it, the others wait.
	exec {making}>"$kept.lock"
	flock "$making"
	if [ ! -e "$kept" ]; then
		persona-draft --db "$kept" -q --from interviews.csv -n "${1:-5}" {making}>&- |
			persona-score --db "$kept" -q - {making}>&- | persona-filter --db "$kept" -q - {making}>&- |
			persona-refine --db "$kept" -q - {making}>&- >"$kept.refs"
		[ "$(wc -l <"$kept.refs")" = "${1:-5}" ]
	fi
	exec {making}>&-
	cp "$kept" personas.db
	dump >before.sql
}

try()
{
	run --separate-stderr "$@"
}

tell()
{
	printf '%s\nexit code %s\nstdout: %s\nstderr: %s\n' "$*" "$status" "$output" "$stderr"
	return 1
}

# succeeded [PATTERN]: exit 0; stderr matches.
succeeded()
{
	[ "$status" -eq 0 ] || tell "not exit 0"
	[[ $stderr =~ ${1:-} ]] || tell "stderr does not match $1"
}

# refused CODE PATTERN: that exit code, nothing on stdout, and one line on stderr that matches, from the program itself.
# After wrong use one more may say where to read on.
refused()
{
	local lines

	[ "$status" -eq "$1" ] || tell "not exit $1"
	[ -z "$output" ] || tell "something on stdout"
	mapfile -t lines <<<"$stderr"
	[[ ${lines[0]} =~ ^persona(-[a-z]+)?:\ [^[:space:]] ]] || tell "not said by the program"
	[[ ${lines[0]} =~ $2 ]] || tell "stderr does not match $2"
	if [ "$1" = 2 ] && [ ${#lines[@]} = 2 ]; then
		[[ ${lines[1]} =~ ^try\ \'persona(-[a-z]+)?\ --help\'$ ]] || tell "a second line that is no hint"
	else
		[ ${#lines[@]} = 1 ] || tell "not one line on stderr"
	fi
}

# Everything in the database but who ran.
dump()
{
	sqlite3 -readonly "${1:-personas.db}" .dump | grep -Ev '^INSERT INTO ("?sqlite_sequence"?|run) ?(\(|VALUES)'
}

# The database is what personas() made.
unchanged()
{
	dump >after.sql
	diff before.sql after.sql
}

no_database()
{
	! compgen -G "${1:-personas.db}*" || tell "files were left behind"
}

sql()
{
	sqlite3 -readonly personas.db "$1"
}
