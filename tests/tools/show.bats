#!/usr/bin/env bats
# persona-show, persona-status, and what other programs make of their output.
load helper

# What a persona says, without its place here, what it rests on there, and its score there.
content()
{
	jq -Sc 'del(.id, .evidence, .quality_score)'
}

@test "json, jsonl: valid, the same personas, the ids of the table" {
	personas
	try persona-show --format json
	succeeded
	[ "$(jq length <<<"$output")" = 5 ]
	jq -c '.[]' <<<"$output" | jq -S . >array
	try persona-show --format jsonl
	succeeded
	[ "$(wc -l <<<"$output")" = 5 ]
	jq -S . <<<"$output" >lines
	cmp array lines
	[ "$(jq -r .id <<<"$output" | tr '\n' ' ')" = '1.1 2.1 3.1 4.1 5.1 ' ]
	jq -es 'length == 5 and all(.[]; (.name | type == "string") and (.goals | length > 0) and .quality_score > 0 and
		(.evidence | length > 0) and all(.evidence[]; .field and .item and .record and .strength))' <<<"$output"
}

@test "csv: quotes, commas and line breaks come back" {
	jq -nc '{name: "Ann \"the list\" Lee, jr.", age: 33, background: "one\ntwo", goals: ["a, b", "say \"hi\""], quotes: ["Ünï"]}' >p.jsonl
	persona-import -q p.jsonl >/dev/null
	persona-show --format csv >personas.csv
	python3 - <<'PY'
import csv
rows = list(csv.DictReader(open("personas.csv", newline="", encoding="utf-8")))
assert len(rows) == 1, rows
row = rows[0]
assert row["id"] == "1.1" and row["name"] == 'Ann "the list" Lee, jr.' and row["age"] == "33", row
assert row["background"] == "one\ntwo" and row["goals"] == 'a, b\nsay "hi"' and row["quotes"] == "Ünï", row
assert row["frustrations"] == "" and row["quality_score"] == "" and None not in row, row
PY
	sqlite3 :memory: -cmd '.import --csv personas.csv p' 'SELECT name FROM p' | grep -qx 'Ann "the list" Lee, jr.'
}

@test "jsonl goes into another database and comes out equal" {
	personas
	persona-show --format jsonl >first.jsonl
	try persona-import --db other.db - <first.jsonl
	succeeded '5 personas, 5 new'
	persona-show --db other.db --format jsonl >second.jsonl
	diff <(content <first.jsonl) <(content <second.jsonl)
	try persona-import --db other.db - <second.jsonl
	succeeded '5 personas, 0 new'
}

@test "json goes into another database and comes out equal" {
	personas
	persona-show --format json >first.json
	persona-import -q --db other.db first.json >/dev/null
	diff <(jq -c '.[]' first.json | content) <(persona-show --db other.db --format jsonl | content)
}

@test "which: arguments in their order, stdin, --revisions, --label, --limit" {
	personas
	persona-filter -q --threshold 100 1 2 | persona-refine -q - >refined
	try persona-show --format jsonl 3 1.1
	[ "$(jq -r .id <<<"$output" | tr '\n' ' ')" = '3.1 1.1 ' ]
	try persona-show --format jsonl - <<<$'5\n4.1'
	[ "$(jq -r .id <<<"$output" | tr '\n' ' ')" = '5.1 4.1 ' ]
	try persona-show --format jsonl --revisions all
	[ "$(wc -l <<<"$output")" = "$(sql 'SELECT count(*) FROM revision')" ]
	try persona-show --format jsonl --revisions current
	[ "$(jq -r .id <<<"$output")" = "$(sql "SELECT persona_id || '.' || number FROM persona_current ORDER BY persona_id")" ]
	try persona-show --format jsonl --revisions best
	[ "$(jq -r .id <<<"$output")" = "$(sql "SELECT persona_id || '.' || number FROM persona_best ORDER BY persona_id")" ]
	try persona-show --format jsonl --limit 2
	[ "$(wc -l <<<"$output")" = 2 ]
	try persona-show --format jsonl --limit 1 4 5
	[ "$(jq -r .id <<<"$output")" = "$(sql "SELECT persona_id || '.' || max(number) FROM revision WHERE persona_id = 4")" ]
	persona-draft -q --from interviews.csv -n 2 --label second >/dev/null
	try persona-show --format jsonl --label second
	[ "$(jq -r .id <<<"$output" | tr '\n' ' ')" = '6.1 7.1 ' ]
	try persona-show --label third
	refused 2 "no batch with the label 'third'"
}

@test "--full: items, evidence by line, metrics; fits 80 columns" {
	personas
	COLUMNS=80 try persona-show --full 1
	succeeded
	[[ ${lines[0]} =~ ^1\.1\ \ .*\[[0-9.]+\ [a-z]+,\ passed\]$ ]]
	[ "$(grep -cE 'interviews\.csv:[0-9]+ \((verbatim|close|cited)\)' <<<"$output")" -ge 5 ]
	for word in goals frustrations behaviours quotes quality completeness; do
		grep -q "$word" <<<"$output" || tell "no $word"
	done
	[ -z "$(awk 'length > 80' <<<"$output")" ] || tell "too wide"
	try persona-show --full --format csv
	refused 2 '--full'
}

@test "nothing there yet" {
	sh -c 'exec persona-draft -q --from interviews.csv -n 1 >/dev/full' 2>/dev/null || true
	sqlite3 personas.db 'PRAGMA foreign_keys = OFF; DELETE FROM evidence; DELETE FROM trait; DELETE FROM revision'
	try persona-show
	succeeded 'no personas'
	[ -z "$output" ]
	try persona-show --format json
	[ "$(jq -c . <<<"$output")" = '[]' ]
	try persona-show --format csv
	[ "$(wc -l <<<"$output")" = 1 ]
	try persona-status
	succeeded
}

@test "persona-show and persona-status change nothing" {
	personas
	sqlite3 personas.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
	cp personas.db copy
	persona-show >/dev/null
	persona-show --full >/dev/null
	persona-status >/dev/null
	persona-status --json >/dev/null
	cmp personas.db copy
}

@test "persona-status: a folder is not told file by file, and what was edited shows no control bytes" {
	local name
	mkdir talks
	for name in ann bo cy; do
		printf '# %s\n\n## What annoys you?\n\nThe slow bus annoys me every single day.\n' "$name" >"talks/$name.md"
	done
	persona-draft -q --from talks -n 2 >/dev/null
	try persona-status
	succeeded
	grep -qE '^1 +2 +2 +3  talks/ann\.md and 2 more$' <<<"$output" || tell "three files"
	persona-status --json | jq -e '.batches[0].sources == ["talks/ann.md", "talks/bo.md", "talks/cy.md"]'
	persona-draft -q --from talks/ann.md --from talks/bo.md -n 1 >/dev/null
	try persona-status
	grep -qE '^2 .* 2  talks/ann\.md, talks/bo\.md$' <<<"$output" || tell "two files"
	sqlite3 personas.db "UPDATE source SET uri = char(27) || '[2Jx'; \
		UPDATE batch SET figures = json_object('personas', 2, 'respondents', 3, 'covered', 1, 'left_out', json_array(char(27) || '[2Jy'))"
	try persona-status
	succeeded
	[[ $output = *'[2Jx'* && $output = *'[2Jy'* ]] || tell "nothing is there"
	[[ $output != *$'\e'* ]] || tell "control bytes"
}

@test "persona-status: per stage, per batch, who runs now" {
	personas
	persona-import -q - <<<'{"name": "Ann", "goals": ["Sleep"]}' >/dev/null
	persona-draft -q --from interviews.csv -n 2 --label 'zweite Fuhre ü' >/dev/null
	try persona-status
	succeeded
	[ -z "$stderr" ]
	grep -qE '^draft +7 +0 +0 +0$' <<<"$output" || tell "draft"
	grep -qE '^score +5 +3 +0 +0$' <<<"$output" || tell "score"
	grep -qE '^1 +5 +5 +30  interviews\.csv$' <<<"$output" || tell "batch 1"
	grep -qE '^2 .* 1 +0  imports$' <<<"$output" || tell "imports"
	grep -qE '^3 +2 +2 +30  zweite Fuhre ü: interviews\.csv$' <<<"$output" || tell "batch 3"
	grep -q 'nothing is running' <<<"$output"
	try persona-status --json
	succeeded
	jq -e '(.stages | length == 4) and (.batches | length == 3) and (.running == []) and .levels[0].personas >= 1' <<<"$output"
	mkfifo references
	persona-score - <references >/dev/null 2>&1 8>&- &
	exec 8>references
	echo 1.1 >&8
	for ((i = 0; i < 500; i++)); do
		persona-status --json | jq -e '.running[0].tool == "persona-score"' >/dev/null && break
		sleep 0.01
	done
	try persona-status
	[[ $output =~ "running now: persona-score (process " ]] || tell "nobody runs"
	exec 8>&-
	wait
}

@test "an error before the first persona leaves no half of an array, and none a whole one" {
	local format
	personas
	for format in json jsonl csv; do
		try persona-show --label nope --format "$format"
		refused 2 "no batch with the label 'nope'"
	done
	persona-forget -q 1 2 3 4 5 >/dev/null
	try persona-show --format json
	succeeded
	[ "$output" = '[]' ]
	try persona-show --format csv
	succeeded
	[[ $output =~ ^id,name, ]] || tell "no header"
}
