#!/usr/bin/env bats
# Data that can't be used: one clear line, exit 2, and nothing is made.
load helper

# refuses PATTERN ARGUMENT…: persona-draft does, with and without a database.
refuses()
{
	local pattern=$1

	shift
	try persona-draft "$@"
	refused 2 "$pattern"
	no_database
	personas
	try persona-draft "$@"
	refused 2 "$pattern"
	unchanged
	rm -f personas.db*
}

@test "a file that is missing" {
	refuses 'missing\.csv: No such file' --from missing.csv -n 2
}

@test "one of two files is missing" {
	refuses 'missing\.csv: No such file' --from interviews.csv --from missing.csv -n 2
}

@test "an empty file" {
	: >empty.csv
	refuses 'empty\.csv: is empty' --from empty.csv -n 2
}

@test "an empty stdin" {
	try persona-draft --from - -n 2 </dev/null
	refused 2 'stdin: is empty|-: is empty'
	no_database
}

@test "a closed stdin" {
	try sh -c 'exec persona-draft --from - -n 2 <&-'
	refused 2 'stdin|-: Bad file descriptor'
	no_database
}

@test "a header and nothing else" {
	head -n 1 interviews.csv >head.csv
	refuses 'head\.csv: .*header.* no records' --from head.csv -n 2
}

@test "NUL bytes" {
	printf 'name,answer\nAnn,I want\0 more fruit\n' >nul.csv
	refuses 'nul\.csv:2: .*NUL' --from nul.csv -n 2
}

@test "a line of 64 MB" {
	{ printf 'name,answer\nAnn,'; head -c 67108864 /dev/zero | tr '\0' x; } >long.csv
	refuses 'long\.csv:2: .*more than' --from long.csv -n 2
}

@test "UTF-16" {
	printf '\377\376n\0a\0m\0e\0' >wide.csv
	refuses 'wide\.csv: has a header but no records' --from wide.csv -n 2
	iconv -t UTF-16 interviews.csv >wide.csv
	try persona-draft --from wide.csv -n 2
	succeeded 'wide\.csv: read as UTF-16LE'
	[ "$(sql 'SELECT count(*) FROM record')" = 30 ]
}

@test "an unknown extension, and --format instead" {
	cp interviews.csv interviews.xyz
	refuses 'interviews\.xyz: unknown kind of file .*--format' --from interviews.xyz -n 2
	try persona-draft --from interviews.xyz -n 2 --format csv
	succeeded '2 personas, 2 new'
	[ "$output" = $'1.1\n2.1' ]
}

@test "an empty folder, and one with nothing of use" {
	mkdir empty useless
	echo text >useless/data.xyz
	refuses 'empty: an empty directory' --from empty -n 2
	refuses 'useless: none of 1 files? can be used' --from useless -n 2
}

@test "invalid UTF-8 is replaced, and said" {
	printf 'answer\nI want more fr\377it every day\nThe shop is too far for me\n' >bytes.csv
	try persona-draft --from bytes.csv -n 1
	succeeded 'bytes\.csv: 1 byte is not UTF-8'
	[ "$output" = 1.1 ]
	[ "$(sql "SELECT count(*) FROM record WHERE instr(text, char(0xFFFD))")" = 1 ]
}

@test "ragged rows are read, and said" {
	printf 'a,b\nI want more fruit every day\nI hate queues,because they are slow,extra\n' >ragged.csv
	try persona-draft --from ragged.csv -n 1
	succeeded 'ragged\.csv: 2 records have fewer or more cells'
	[ "$output" = 1.1 ]
}

@test "more personas than records: what there is, exit 1, the reason once" {
	try persona-draft --from interviews.csv -n 40
	[ "$status" -eq 1 ] || tell "not exit 1"
	[ "$(wc -l <<<"$output")" = 30 ]
	[ "$(grep -c 'one persona for each' <<<"$stderr")" = 1 ] || tell "not said once"
	[[ $stderr =~ "30 personas, 30 new" ]] || tell "count"
	[[ $stderr =~ "10 failed" ]] || tell "failures"
}

# ---- Import -----------------------------------------------------------

@test "import: missing, empty, closed" {
	try persona-import missing.json
	refused 2 'missing\.json: No such file'
	: >empty.json
	try persona-import empty.json
	refused 2 'empty\.json: empty'
	try persona-import - </dev/null
	refused 2 'stdin: empty'
	try sh -c 'exec persona-import - <&-'
	refused 2 '(stdin|-): Bad file descriptor'
	no_database
}

@test "import: a broken document" {
	printf '{"name": "Ann",\n "goals": [' >broken.json
	try persona-import broken.json
	refused 2 'broken\.json: line 2, column [0-9]+: '
	no_database
	personas
	try persona-import broken.json
	refused 2 'broken\.json: line 2'
	unchanged
}

@test "import: neither a persona nor a list" {
	echo 42 >number.json
	try persona-import number.json
	refused 2 'number\.json: neither'
	no_database
}

@test "import: invalid UTF-8 and a broken document are one line" {
	printf '{"name": "An\377n", ' >both.json
	try persona-import both.json
	refused 2 'both\.json: line 1'
	no_database
}

@test "import: a broken line is named, the others are taken, exit 1" {
	printf '%s\n' '{"id": "a", "name": "Ann", "goals": ["Sleep"]}' '{"name": ' '' '{"id": "b", "name": "Bo", "goals": ["Eat"]}' \
		>lines.jsonl
	try persona-import lines.jsonl
	[ "$status" -eq 1 ] || tell "not exit 1"
	[ "$output" = $'1.1\n2.1' ] || tell "references"
	[[ $stderr =~ "lines.jsonl: line 2: column" ]] || tell "the line is not named"
	[[ $stderr =~ "2 personas, 2 new" ]] || tell "count"
	[ "$(sql "SELECT class FROM failure")" = unparsable ]
}

@test "import: what is no persona is named by its place, exit 1" {
	echo '[1, {"name": "Bo"}, {"goals": ["Eat"]}, {"name": "Cy", "goals": ["Eat"]}]' >mixed.json
	try persona-import mixed.json
	[ "$status" -eq 1 ] || tell "not exit 1"
	[ "$output" = 1.1 ] || tell "references"
	for line in 'persona 1: not an object' 'persona 2: .*neither a goal' 'persona 3: .*name' '1 persona, 1 new'; do
		[[ $stderr =~ $line ]] || tell "no line '$line'"
	done
}

@test "import: NUL bytes and a line of 64 MB are no reason to fall over" {
	{ printf '{"name": "Ann", "goals": ["'; head -c 67108864 /dev/zero | tr '\0' x; printf '"]}'; } >long.json
	try persona-import long.json
	[ "$status" -eq 1 ] || tell "not exit 1"
	[ -z "$output" ]
	[[ $stderr =~ "long.json: persona 1: " ]] || tell "not named"
	printf '{"name": "Ann",\0 "goals": ["Sleep"]}' >nul.json
	try persona-import nul.json
	[ "$status" -le 2 ] || tell "fell over"
	[[ $stderr =~ nul\.json|"1 persona" ]] || tell "not named"
}
