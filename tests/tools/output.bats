#!/usr/bin/env bats
# stdout that can't be written, readers that go away, terminals, -q, progress.
load helper

# Somebody stopped reading before we write: exit as SIGPIPE, and nothing said. closed COMMAND
closed()
{
	mkfifo "fifo.$BATS_TEST_NUMBER"
	exec 8<>"fifo.$BATS_TEST_NUMBER" 9>"fifo.$BATS_TEST_NUMBER"
	exec 8<&-
	"$@" >&9 2>messages </dev/null
	local code=$?
	exec 9>&-
	rm "fifo.$BATS_TEST_NUMBER"
	return $code
}

@test "/dev/full: exit 5, one line; what was made stays" {
	try sh -c 'exec persona-draft --from interviews.csv -n 3 >/dev/full'
	refused 5 'No space left'
	[ "$(sql 'SELECT count(*) FROM revision')" = 3 ]
	for program in score filter refine; do
		try sh -c "exec persona-$program 1 2 3 >/dev/full"
		refused 5 'No space left'
	done
	try sh -c 'echo "{\"name\": \"Ann\", \"goals\": [\"Sleep\"]}" | persona-import - >/dev/full'
	refused 5 'No space left'
	for format in table json jsonl csv; do
		try sh -c "exec persona-show --format $format >/dev/full"
		refused 5 'No space left'
	done
	for command in 'show --full' status 'status --json' 'score --list-metrics' 'draft --help' 'score --version' --help --version; do
		try sh -c "exec persona $command >/dev/full"
		refused 5 'No space left|cannot write'
	done
	[ "$(sql 'SELECT count(*) FROM claim')" = 0 ]
}

@test "a closed stdout: exit 5, and the database is not written through it" {
	try sh -c 'exec persona-draft --from interviews.csv -n 3 >&-'
	refused 5 'Bad file descriptor'
	try sh -c 'exec persona-score 1 2 3 >&-'
	refused 5 'Bad file descriptor'
	try sh -c 'exec persona-show >&-'
	refused 5 'Bad file descriptor'
	[ "$(sql 'PRAGMA integrity_check')" = ok ]
}

@test "stderr closed, all three closed" {
	persona-draft --from interviews.csv -n 3 2>&- >references
	[ "$(cat references)" = $'1.1\n2.1\n3.1' ]
	local code=0
	persona-score 1 2 3 <&- >&- 2>&- || code=$?
	[ "$code" = 5 ]
	[ "$(sql 'PRAGMA integrity_check')" = ok ]
}

@test "a reader that has gone: ends as SIGPIPE does, quietly, and can go on later" {
	local code=0

	closed persona-draft --from interviews.csv -n 3 || code=$?
	[ "$code" = 141 ]
	[ ! -s messages ]
	persona-draft -q --from interviews.csv -n 3 >/dev/null
	for program in score filter refine; do
		code=0
		closed "persona-$program" 1 2 3 || code=$?
		[ "$code" = 141 ]
		[ ! -s messages ] || cat messages
		[ ! -s messages ]
	done
	[ "$(sql 'SELECT count(*) FROM claim')" = 0 ]
	[ "$(sql 'SELECT DISTINCT exit_code FROM run ORDER BY 1')" = $'0\n141' ]
	persona-score 1 2 3 >references
	[ "$(wc -l <references)" = 3 ]
}

@test "persona-show | head -1 ends quietly" {
	local codes

	personas 30
	for format in 'json' 'jsonl' 'csv' 'table --full'; do
		# shellcheck disable=SC2086
		persona-show --revisions all --format $format 2>messages | head -n 1 >first && codes="${PIPESTATUS[*]}"
		[ -s first ]
		[ ! -s messages ]
		[ "$codes" = '141 0' ] || [ "$codes" = '0 0' ]
	done
	code=0
	closed persona-show || code=$?
	[ "$code" = 141 ]
	[ ! -s messages ]
}

@test "-q: on stderr nothing but errors and what failed" {
	try persona-draft -q --from interviews.csv -n 40
	[ "$status" -eq 1 ]
	[ "$stderr" = $'persona-draft: one persona for each record, no more: there are 30\npersona-draft: 10 failed; see the table failure' ] || tell "draft"
	for program in score filter refine; do
		try persona-$program -q 1 2 3
		[ "$status" -eq 0 ] || tell "$program"
		[ -z "$stderr" ] || tell "$program"
	done
	try persona-score -q 99
	refused 2 'no persona 99'
	try persona-score -q - <<<$'1\n99'
	[ "$status" -eq 1 ]
	[ "$stderr" = 'persona-score: no revision 99: left out' ] || tell "score"
	try persona-show -q --format jsonl - <<<$'1\n99.7'
	[ "$status" -eq 1 ]
	[ "$stderr" = 'persona-show: no revision 99.7: left out' ] || tell "show"
}

# Where there are no pseudo-terminals (a bare chroot) nothing can be a terminal.
needs_terminal()
{
	script -qec true /dev/null </dev/null >/dev/null 2>&1 || skip "no pseudo-terminals here"
}

@test "at a terminal a table, --format ids overrules; in a pipe references, --format table overrules" {
	needs_terminal
	personas 3
	for program in score filter refine; do
		run script -qec "persona-$program 1 2 3 2>/dev/null" /dev/null </dev/null
		[ "$status" -eq 0 ]
		[[ ${lines[0]} =~ ^ref\ +name\ +age\ +occupation\ +score\ +level\ +verdict ]] || tell "$program: no header"
		[ "${#lines[@]}" = 4 ] || tell "$program: not four lines"
		run script -qec "persona-$program --format ids 1 2 3 2>/dev/null" /dev/null </dev/null
		[ "${lines[*]//$'\r'/}" = '1.1 2.1 3.1' ] || tell "$program: --format ids"
		try persona-$program --format table 1 2 3
		[[ $output =~ ^ref ]] || tell "$program: --format table"
	done
	run script -qec "persona-draft --from interviews.csv -n 3 2>/dev/null" /dev/null </dev/null
	[[ ${lines[0]} =~ ^ref ]]
	run script -qec "persona-draft --from interviews.csv -n 3 --format ids 2>/dev/null" /dev/null </dev/null
	[ "${lines[*]//$'\r'/}" = '1.1 2.1 3.1' ]
	try persona-draft --from interviews.csv -n 3 --format table
	[[ $output =~ ^ref ]]
}

@test "the table fits: 80 columns, 200 columns, wide and long texts" {
	needs_terminal
	jq -nc '{name: "山田太郎と長い長い名前の人物像と長い長い名前", age: 7, occupation: ("very " * 60 + "long"), goals: ["x"]},
		{name: "Zoë Ångström", age: 130, occupation: "é\u0301clair maker", goals: ["y"]}, {name: "Bo", goals: ["z"]}' >wide.jsonl
	persona-import -q wide.jsonl >/dev/null
	for columns in 80 200; do
		run script -qec "stty cols $columns; persona-show" /dev/null </dev/null
		[ "$status" -eq 0 ]
		[ "${#lines[@]}" = 4 ] || tell "not four lines"
		# What a terminal shows of each line: wide characters count double, combining ones nothing.
		printf '%s\n' "${lines[@]//$'\r'/}" | python3 -c '
import sys, unicodedata
columns = int(sys.argv[1])
for line in sys.stdin.read().splitlines():
    width = sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)
    assert width <= columns, (width, line)
' "$columns"
	done
	[[ ${lines[1]} =~ … ]]
}

@test "progress: a line while it works, gone before the summary; never in a pipe" {
	personas 3
	mkdir phases
	# They are compared, so they are one piece of work.
	PERSONA_TEST_PHASES=phases:work=1500 try persona-score --profile strict --progress always 1 2 3
	succeeded '3 personas, 3 newly scored'
	[[ $stderr =~ $'\r'score\ [0-9]+\ of\ 3 ]] || tell "no progress"
	[[ $stderr =~ $'\r\e[K'persona-score:\ 3\ personas[^$'\r']*$ ]] || tell "the line was left"
	PERSONA_TEST_PHASES=phases:work=500 try persona-score --profile lenient 1 2 3
	succeeded
	[[ ! $stderr =~ $'\r' ]] || tell "progress in a pipe"
	PERSONA_TEST_PHASES=phases:work=500 run script -qec 'persona-filter --progress never 1 2 3 2>&1 >/dev/null' /dev/null </dev/null
	[[ ! $output =~ $'\e' ]]
}

@test "how data are read and how references are printed may both be said" {
	local order
	for order in 'csv table' 'table csv'; do
		# shellcheck disable=SC2086 # two words
		set -- $order
		try persona-draft -q --from - -n 4 --format "$1" --format "$2" <interviews.csv
		succeeded
		[[ $output =~ ^ref ]] || tell "no table"
		try persona-run -q --stages draft,score --from - -n 4 --format "$1" --format "$2" <interviews.csv
		succeeded
		[[ $output =~ ^ref ]] || tell "no table"
		[ "$(sqlite3 personas.db "SELECT group_concat(media_type) FROM source")" = text/csv ]
	done
}
