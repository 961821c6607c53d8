#!/usr/bin/env bats
# Wrong use, and databases that can't be used.
load helper

teardown()
{
	! mountpoint -q disk || umount disk
}

programs='draft import score filter refine show status json run'

@test "--help: on stdout, exit 0, lists only options that are there" {
	for program in $programs; do
		try "persona-$program" --help
		[ "$status" -eq 0 ] || tell "$program"
		[ -z "$stderr" ] || tell "$program: stderr"
		[[ $output =~ ^"usage: persona-$program " ]] || tell "$program: usage"
		[ "$(awk '{ if (length > 120) print }' <<<"$output")" = "" ] || tell "$program: long lines"
		# Without the value that it needs, or with one too many: any complaint but "unknown".
		for option in $(grep -oE -- '--[a-z][a-z-]*' <<<"$output" | sort -u); do
			# Two hundred starts, half of whose time would be the search for leaks; the rest of this file has it.
			ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 try "persona-$program" "$option=" --help
			[[ ! $stderr =~ "unknown option" ]] || tell "$program $option"
		done
	done
	no_database
}

@test "--help of persona, --version of all" {
	try persona --help
	succeeded
	for program in $programs; do
		[[ $output =~ " $program " ]] || tell "no word of $program"
		try "persona-$program" --version
		succeeded
		[[ $output =~ ^"persona-$program "[0-9]+\.[0-9]+\.[0-9]+$ ]] || tell "$program"
		try persona "$program" --version
		succeeded
		[[ $output =~ ^"persona-$program " ]] || tell "persona $program"
		try persona --help
	done
	try persona --version
	succeeded
	[[ $output =~ ^"persona "[0-9] ]]
}

@test "persona COMMAND runs the program with its arguments and exit code" {
	try persona draft --from interviews.csv -n 2
	succeeded '^persona-draft: '
	[ "$output" = $'1.1\n2.1' ]
	try persona score 9.1
	refused 2 'no revision 9\.1'
	try persona nothing
	refused 2 "no command 'nothing'"
	try persona
	refused 2 'which command'
	try persona --nothing
	refused 2 'unknown option'
	try persona ../draft
	refused 2 'unknown'
}

@test "a number that is none, too small, too large, or missing" {
	for value in 0 -1 x 1.5 1e 99999999999 '' ' 3' 0x3; do
		try persona-draft --from interviews.csv -n "$value"
		refused 2 '-n takes a (whole )?number'
	done
	try persona-draft --from interviews.csv -n
	refused 2 "option '-n' needs a value"
	try persona-draft --from interviews.csv
	refused 2 '-n N'
	try persona-draft -n 3
	refused 2 '--from FILE'
	try persona-filter --threshold 101 1
	refused 2 '-t takes a number from 0 to 100'
	no_database
}

@test "unknown options, unknown words, values where none belong" {
	for program in $programs; do
		try "persona-$program" --nothing
		refused 2 "unknown option '--nothing'"
		try "persona-$program" -Z
		refused 2 "unknown option '-Z'"
		try "persona-$program" --quiet=yes
		refused 2 "option '--quiet' takes no value"
		[ "$program" != json ] || continue # has no database
		try "persona-$program" --db
		refused 2 "option '--db' needs a value"
	done
	try persona-filter --only maybe 1
	refused 2 "--only takes pass\|fail, not 'maybe'"
	try persona-show --format pdf
	refused 2 "--format takes .*not 'pdf'"
	try persona-draft --from interviews.csv -n 2 --format pdf
	refused 2 "--format takes .*not 'pdf'"
	try persona-draft interviews.csv -n 2
	refused 2 'named with --from'
	try persona-status 1
	refused 2 'takes no references'
	try persona-draft --from interviews.csv -n 2 --model other:thing
	refused 2 'no model "other:thing"'
	PERSONA_DRAFT_MODEL=other:thing try persona-draft --from interviews.csv -n 2
	refused 2 'no model "other:thing"'
	try persona-refine --model other:thing 1
	refused 2 'no model "other:thing"'
	no_database
}

@test "score: metrics, weights and profiles that are not there" {
	personas
	try persona-score --profile nothing 1
	refused 2 'no profile'
	try persona-score --weight completeness=much 1
	refused 2 '--weight takes a number'
	try persona-score --weight nothing=1 1
	refused 2 "no metric 'nothing'"
	try persona-score --metric nothing 1
	refused 2 '--metric takes NAME='
	try persona-score --metric mine=missing.sql 1
	refused 2 'missing\.sql: No such file'
	unchanged
}

@test "no references and no --pending; two ways at once" {
	personas
	for program in score filter refine; do
		try "persona-$program"
		refused 2 'references, - .*--pending'
		try "persona-$program" 1 --pending
		refused 2 'use one'
		try "persona-$program" - --pending </dev/null
		refused 2 'use one'
		try "persona-$program" 1 - </dev/null
		refused 2 'use one'
	done
	try persona-import
	refused 2 'one file'
	try persona-import a b
	refused 2 'one file'
	try persona-show 1 - </dev/null
	refused 2 'use one'
	try persona-show 1 --label x
	refused 2 '--label'
	unchanged
}

@test "unknown and malformed references as arguments: exit 2 before any work" {
	persona-draft -q --from interviews.csv -n 3 >/dev/null
	dump >before.sql
	for program in score filter refine show; do
		try "persona-$program" 1.1 2.9
		refused 2 'no revision 2\.9'
		try "persona-$program" 1 99
		refused 2 'no persona 99'
		for reference in x 1.x 1. .1 1.1.1 0 0.1 1.0 -- -1 +1 1,2 01x 99999999999999999999; do
			[ "$reference" != -- ] || continue
			try "persona-$program" 1 "$reference"
			[ "$status" -eq 2 ] || tell "$program $reference"
			[ -z "$output" ] || tell "$program $reference"
		done
	done
	unchanged
}

@test "unknown and malformed references on stdin: named, left out, exit 1" {
	personas
	for program in score filter refine show; do
		printf '1.1\nx1\n\n99.1\r\n2\n%0300d\n3.1 \n4.1' 7 >references
		try "persona-$program" - <references
		[ "$status" -eq 1 ] || tell "$program: not exit 1"
		[[ $stderr =~ "'x1' is not a reference" ]] || tell "$program: x1 is not named"
		[[ $stderr =~ "no revision 99.1: left out" ]] || tell "$program: 99.1 is not named"
		[ "$(grep -c 'left out' <<<"$stderr")" = 3 ] || tell "$program: not three lines"
		[ "$program" = show ] || [ "$(sort <<<"$output")" = $'1.1\n2.1\n3.1\n4.1' ] || tell "$program: references"
	done
	unchanged
}

@test "an empty stdin: nothing to do, exit 0, nothing made" {
	for program in score filter refine; do
		try "persona-$program" - </dev/null
		succeeded 'nothing to do'
		[ -z "$output" ]
	done
	try persona-show --format jsonl - </dev/null
	succeeded
	[ -z "$output" ]
	try persona-show --format json - </dev/null
	succeeded
	[ "$(jq -c . <<<"$output")" = '[]' ]
	no_database
	personas
	for program in score filter refine; do
		try "persona-$program" - </dev/null
		succeeded
	done
	unchanged
}

@test "a closed stdin: exit 2" {
	for program in score filter refine show; do
		try sh -c "exec persona-$program - <&-"
		refused 2 'cannot read references: Bad file descriptor'
	done
	no_database
}

# ---- Databases ---------------------------------------------------------

# unusable PATTERN DATABASE: every program refuses it with exit 5, before and after reading references.
unusable()
{
	for arguments in 'draft --from interviews.csv -n 2' 'import persona.json' 'score 1' 'score --pending' 'filter 1' 'refine 1' \
		show status; do
		# shellcheck disable=SC2086
		try persona $arguments --db "$2"
		refused 5 "$1"
	done
	for program in score filter refine show; do
		try "persona-$program" --db "$2" - <<<1.1
		refused 5 "$1"
	done
}

@test "a database that is a folder, in a missing folder, in a place that can't be written" {
	echo '{"name": "Ann", "goals": ["Sleep"]}' >persona.json
	mkdir folder
	unusable 'folder: ' folder
	unusable '(missing: No such file|missing/personas\.db: no such database)' missing/personas.db
	unusable '/proc/personas\.db: ' /proc/personas.db
	unusable 'the database has an empty name' ''
	[ -z "$(ls folder)" ]
	try persona-draft --from interviews.csv -n 2 --db '' </dev/null
	refused 5 'empty name'
}

@test "no database: only draft and import make one" {
	for arguments in 'score 1' 'score --pending' 'filter --pending' 'refine --pending' show status; do
		# shellcheck disable=SC2086
		try persona $arguments
		refused 5 'personas\.db: no such database'
	done
	try persona-score - <<<1.1
	refused 5 'personas\.db: no such database'
	no_database
}

@test "not SQLite, empty, another application's, a newer schema: left as it was" {
	echo '{"name": "Ann", "goals": ["Sleep"]}' >persona.json
	cp interviews.csv text.db
	unusable 'text\.db: not a persona database' text.db
	cmp interviews.csv text.db
	sqlite3 other.db 'CREATE TABLE mine (a); INSERT INTO mine VALUES (1)'
	cp other.db other.copy
	unusable "other\.db: a database of another application" other.db
	cmp other.db other.copy
	personas
	sqlite3 personas.db 'PRAGMA user_version = 99; PRAGMA journal_mode = DELETE' >/dev/null
	cp personas.db newer.copy
	unusable 'personas\.db: schema version 99 is newer' personas.db
	cmp personas.db newer.copy
	: >empty.db
	for arguments in 'score 1' 'filter --pending' 'refine 1' show status; do
		# shellcheck disable=SC2086
		try persona $arguments --db empty.db
		refused 5 'empty\.db: empty'
	done
	[ ! -s empty.db ]
	[ -z "$(ls text.db-* other.db-* 2>/dev/null)" ]
}

@test "a damaged database: exit 5" {
	personas 20
	sqlite3 personas.db 'PRAGMA journal_mode = DELETE' >/dev/null
	head -c 8192 personas.db >half.db
	try persona-show --db half.db
	[ "$status" -eq 5 ] || tell "not exit 5"
	[[ $stderr =~ half\.db|malformed ]] || tell "no reason"
}

@test "a full disk: exit 5, nothing damaged, and it goes on once there is room" {
	[ "$(id -u)" = 0 ] || skip "only root may mount a small file system"
	mkdir disk
	mount -t tmpfs -o size=700k tmpfs disk 2>/dev/null || skip "mounting is not allowed here"
	try persona-draft --db disk/personas.db --from interviews.csv -n 1
	succeeded
	cat /dev/zero >disk/ballast 2>/dev/null || true
	try persona-draft --db disk/personas.db --from interviews.csv -n 30
	[ "$status" -eq 5 ] || tell "not exit 5"
	[[ $stderr =~ full|space|I/O ]] || tell "no reason"
	[ "$(wc -l <<<"$stderr")" = 1 ] || tell "not one line"
	rm disk/ballast
	mount -o remount,size=10m disk
	[ "$(sqlite3 disk/personas.db 'PRAGMA integrity_check')" = ok ]
	try persona-draft --db disk/personas.db --from interviews.csv -n 30
	succeeded
	[ "$(wc -l <<<"$output")" = 30 ]
	[ "$(sqlite3 disk/personas.db 'SELECT count(*) FROM claim')" = 0 ]
}

@test "a database that another program has locked for a moment is waited for" {
	local tries=0

	persona-draft -q --from interviews.csv -n 3 >/dev/null
	mkfifo commands
	sqlite3 -bail personas.db <commands >answers &
	exec 7>commands
	printf 'BEGIN IMMEDIATE;\n.print locked\n' >&7
	until grep -q locked answers; do
		tries=$((tries + 1))
		[ "$tries" -lt 1000 ]
		sleep 0.01
	done
	persona-score 1 2 3 >references 2>messages 7>&- &
	local score=$!
	tries=0
	until ls -l "/proc/$score/fd" 2>/dev/null | grep -q 'personas\.db-wal'; do
		tries=$((tries + 1))
		[ "$tries" -lt 1000 ]
		sleep 0.01
	done
	[ ! -s references ]
	printf 'COMMIT;\n.quit\n' >&7
	exec 7>&-
	wait "$score"
	[ "$(sort references)" = $'1.1\n2.1\n3.1' ]
	[ "$(sql 'SELECT count(*) FROM score')" = 3 ]
}

@test "only who asks models loads what that takes" {
	local program
	for program in persona persona-forget persona-import persona-json persona-run persona-score persona-show persona-status; do
		ldd "$PERSONA_BIN/$program" >libraries || tell "$program: not looked at"
		! grep curl libraries || tell "$program"
	done
	for program in persona-draft persona-filter persona-refine; do
		ldd "$PERSONA_BIN/$program" | grep -q curl || tell "$program"
	done
}
