#!/usr/bin/env bats
# The chain as people type it: drafting, adding, resuming, and running it again.
load helper

# Who runs things differs from one time to the next; nothing else may.
chain()
{
	persona-draft --from interviews.csv -n "${1:-5}" | persona-score - | persona-filter --threshold "${2:-60}" - |
		persona-refine - | persona-score -
}

# A score that some of the personas miss and others reach.
threshold()
{
	sql 'SELECT (min(overall) + max(overall)) / 2 FROM persona_current'
}

@test "two runs of the chain: the same references, no new row but in run" {
	set -o pipefail
	chain >first 2>/dev/null
	[ "$(wc -l <first)" = 5 ]
	dump >before.sql
	chain >second 2>messages
	cmp first second
	unchanged
	[ "$(sql 'SELECT count(*) FROM run')" = 10 ]
	[ "$(grep -cE ', 0 new(ly)?' messages)" = 4 ]
}

@test "a chain with a refinement: the child goes on, and comes again" {
	set -o pipefail
	chain >/dev/null 2>&1
	local t
	t=$(threshold)
	chain 5 "$t" >first 2>messages
	[ "$(wc -l <first)" = 5 ]
	[ "$(sql "SELECT count(*) FROM verdict WHERE NOT passed")" -ge 1 ]
	[ "$(sql "SELECT count(*) FROM refinement")" -ge 1 ]
	[ "$(sort first)" = "$(sql "SELECT persona_id || '.' || number FROM persona_current ORDER BY 1")" ]
	# The population is another where there are children: the second run judges by it, then all is at rest.
	chain 5 "$t" >second 2>/dev/null
	chain 5 "$t" >third 2>/dev/null
	dump >before.sql
	chain 5 "$t" >fourth 2>/dev/null
	cmp third fourth
	unchanged
}

@test "a failure at the front of the chain makes nothing at all" {
	set -o pipefail
	local code=0

	persona-draft --from missing.csv -n 5 2>messages | persona-score - 2>>messages | persona-filter - 2>>messages |
		persona-refine - 2>>messages | persona-show --format jsonl - >out 2>>messages || code=$?
	[ "$code" = 2 ]
	[ ! -s out ]
	[ "$(grep -vc 'nothing to do' messages)" = 1 ]
	no_database
}

@test "-n larger keeps and adds, -n smaller prints the first" {
	persona-draft -q --from interviews.csv -n 3 >three
	persona-show --format jsonl >before
	try persona-draft --from interviews.csv -n 7
	succeeded '7 personas, 4 new'
	[ "$output" = $'1.1\n2.1\n3.1\n4.1\n5.1\n6.1\n7.1' ]
	persona-show --format jsonl --limit 3 >after
	cmp before after
	dump >before.sql
	try persona-draft --from interviews.csv -n 2
	succeeded '2 personas, 0 new'
	[ "$output" = $'1.1\n2.1' ]
	try persona-draft --from interviews.csv -n 1
	succeeded '1 persona, 0 new'
	try persona-draft --from interviews.csv -n 7
	succeeded '7 personas, 0 new'
	unchanged
}

@test "the same content under another name, or from stdin, is the same batch" {
	persona-draft -q --from interviews.csv -n 3 >first
	dump >before.sql
	cp interviews.csv renamed.csv
	persona-draft -q --from renamed.csv -n 3 >second
	persona-draft -q --from - --format csv -n 3 <interviews.csv >third
	persona-draft -q --from renamed.csv --from interviews.csv -n 3 >fourth
	cmp first second
	cmp first third
	cmp first fourth
	unchanged
}

@test "stdin in another format than it looks like" {
	printf 'name\tanswer\nAnn\tI want more fruit, every day\nBo\tQueues are too slow\n' >answers
	try persona-draft --from - --format tsv -n 2 <answers
	succeeded
	[ "$(sql 'SELECT count(*) FROM record')" = 2 ]
	[ "$(sql "SELECT fields ->> 'name' FROM record WHERE ordinal = 1")" = Ann ]
}

@test "--label: another batch from the same data, found again by its name" {
	persona-draft -q --from interviews.csv -n 2 >/dev/null
	try persona-draft --from interviews.csv -n 2 --label b
	[ "$output" = $'3.1\n4.1' ]
	try persona-draft --from interviews.csv -n 3 --label b
	[ "$output" = $'3.1\n4.1\n5.1' ]
	[ "$(sql 'SELECT count(*) FROM batch')" = 2 ]
	[ "$(sql 'SELECT count(*) FROM source')" = 1 ]
	printf 'a\nI want other data in here\n' >other.csv
	try persona-draft --from other.csv -n 3 --label b
	succeeded "batch 'b' was planned from other data"
	[ "$output" = $'3.1\n4.1\n5.1' ]
}

@test "folders: each file read, the rest named" {
	mkdir -p study/deep
	cp interviews.csv study/
	cp "$PERSONA_ROOT"/docs/tutorial/notes/*.md study/deep/
	echo binary >study/picture.png
	echo 'about this folder' >study/README.md
	try persona-draft --from study -n 5
	succeeded 'skipped .*picture\.png.*unknown kind'
	[ "$(wc -l <<<"$output")" = 5 ]
	[ "$(sql 'SELECT count(*) FROM source')" = 4 ]
	[ "$(sql "SELECT count(*) FROM record WHERE locator GLOB 'interviews.csv:*'")" = 30 ]
}

@test "folders: a file that is broken is named, the rest is read, exit 1 each time; a copy is named and no failure" {
	mkdir study
	cp interviews.csv study/
	cp interviews.csv study/copy.csv
	try persona-draft --from study -n 2
	succeeded 'skipped study/interviews\.csv: the same content as study/copy\.csv'
	printf '{"cut": ' >study/broken.json
	for _ in 1 2; do
		try persona-draft --from study -n 2
		[ "$status" = 1 ]
		[ "$output" = $'1.1\n2.1' ]
		[[ $stderr =~ 'skipped study/broken.json: no JSON' ]]
	done
	[ "$(sql "SELECT exit_code || (counts ->> 'unreadable_files') FROM run ORDER BY run_id DESC LIMIT 1")" = 11 ]
	try persona-draft -q --from study -n 2
	[ "$status" = 1 ]
	[[ $stderr =~ ^'persona-draft: skipped study/broken.json: no JSON'[^$'\n']*$ ]]
	rm study/broken.json
	try persona-draft --from study -n 2
	succeeded
}

@test "PERSONA_DB; --db is stronger" {
	PERSONA_DB=mine.db persona-draft -q --from interviews.csv -n 2 >/dev/null
	[ -e mine.db ]
	no_database
	try env PERSONA_DB=mine.db persona-score 1 2
	succeeded
	PERSONA_DB=mine.db persona-draft -q --db yours.db --from interviews.csv -n 1 >/dev/null
	[ "$(sqlite3 yours.db 'SELECT count(*) FROM revision')" = 1 ]
	[ "$(sqlite3 mine.db 'SELECT count(*) FROM revision')" = 2 ]
	PERSONA_DB='' persona-draft -q --from interviews.csv -n 1 >/dev/null
	[ -e personas.db ]
}

@test "the model: said when it was not chosen, silent when it was" {
	try persona-draft --from interviews.csv -n 2
	succeeded 'no --model given: offline'
	for model in offline offline:; do
		try persona-draft --from interviews.csv -n 2 --model $model
		succeeded
		[[ ! $stderr =~ "no --model" ]] || tell "$model"
	done
	try env PERSONA_DRAFT_MODEL=offline: persona-draft --from interviews.csv -n 2
	succeeded
	[[ ! $stderr =~ "no --model" ]] || tell "by the environment"
}

@test "--pending goes on where something was left undone" {
	persona-draft -q --from interviews.csv -n 6 >/dev/null
	# One by one: where personas are compared a batch is one piece of work.
	try persona-score --weight distinctiveness=0 --limit 2 1 2 3 4 5 6
	succeeded '6 personas, 2 newly scored'
	[ "$(wc -l <<<"$output")" = 6 ]
	try persona-score --weight distinctiveness=0 --pending
	succeeded '4 personas, 4 newly scored'
	[ "$(wc -l <<<"$output")" = 4 ]
	try persona-score --weight distinctiveness=0 --pending
	succeeded '0 personas, 0 newly scored'
	[ -z "$output" ]
	try persona-filter --pending
	succeeded '6 of 6 passed'
	try persona-filter --pending
	succeeded
	[ -z "$output" ]
}

@test "--pending decides anew where personas were scored again among more" {
	persona-draft -q --from interviews.csv -n 4 | persona-score -q - | persona-filter -q - >/dev/null
	persona-draft -q --from interviews.csv -n 5 >/dev/null
	try persona-score --pending
	succeeded '5 newly scored'
	try persona-filter --pending
	succeeded '5 of 5 passed'
	[ "$(sqlite3 personas.db "SELECT count(*) FROM verdict JOIN persona_current USING (revision_id) WHERE value = overall")" = 5 ]
	try persona-filter --pending
	succeeded '0 of 0 passed'
	[ -z "$output" ]
}

@test "kill -9 in the middle, then the same command" {
	persona-draft -q --from interviews.csv -n 8 --batch-size 1 --db whole.db >whole
	mkdir phases
	PERSONA_TEST_PHASES=phases:commit=2000 persona-draft -q --from interviews.csv -n 8 --batch-size 1 >part 2>/dev/null &
	local draft=$!
	for ((i = 0; i < 1000; i++)); do
		grep -q commit "phases/$draft" 2>/dev/null && break
		sleep 0.01
	done
	kill -9 "$draft"
	wait "$draft" || true
	[ "$(sql 'SELECT count(*) FROM revision')" -lt 8 ]
	persona-draft -q --from interviews.csv -n 8 --batch-size 1 >again
	cmp whole again
	diff <(persona-show --db whole.db --format jsonl) <(persona-show --format jsonl)
	[ "$(sql 'SELECT count(*) FROM claim')" = 0 ]
}

@test "filter: all go on, --only pass and fail part them, another threshold changes verdicts in place" {
	personas
	local t passed
	t=$(threshold)
	passed=$(sql "SELECT count(*) FROM persona_current WHERE overall >= $t")
	try persona-filter --threshold "$t" 1 2 3 4 5
	succeeded "$passed of 5 passed"
	[ "$(wc -l <<<"$output")" = 5 ]
	[ "$(sql 'SELECT count(*) FROM verdict')" = 5 ]
	persona-filter -q --threshold "$t" --only pass 1 2 3 4 5 >pass
	persona-filter -q --threshold "$t" --only fail 1 2 3 4 5 >fail
	[ "$(wc -l <pass)" = "$passed" ]
	[ "$(cat pass fail | sort)" = $'1.1\n2.1\n3.1\n4.1\n5.1' ]
	persona-draft -q --from interviews.csv -n 6 >/dev/null
	try persona-filter 5 6
	succeeded '1 without a score'
	[ "$(sort <<<"$output")" = $'5.1\n6.1' ]
	try persona-filter --only fail 6
	succeeded
	[ -z "$output" ]
}

@test "refine: without a verdict passed on and counted, --unjudged asks for it" {
	persona-draft -q --from interviews.csv -n 2 | persona-score -q - >/dev/null
	try persona-refine 1 2
	succeeded '2 without a verdict'
	[ "$output" = $'1.1\n2.1' ]
	[ "$(sql 'SELECT count(*) FROM refinement')" = 0 ]
	try persona-refine --unjudged 1 2
	succeeded
	[ "$(sql 'SELECT count(*) FROM refinement')" = 2 ]
	try persona-refine --max-rounds 0 --unjudged 1 2
	succeeded
}

@test "import: the same again is nothing new, other content is a new revision" {
	printf '%s\n' '{"id": "w-1", "name": "Ann", "age": "45 years", "job_title": "cook", "goals": "Sleep", "pain_points": ["Noise"], "x": 1}' >p.json
	try persona-import p.json
	succeeded '1 persona, 1 new'
	[ "$output" = 1.1 ]
	[ "$(sql "SELECT age || occupation || (extra ->> 'x') FROM revision")" = 45cook1 ]
	dump >before.sql
	try persona-import p.json
	succeeded '1 persona, 0 new'
	[ "$output" = 1.1 ]
	unchanged
	sed -i 's/Sleep/Sleep longer/' p.json
	try persona-import p.json
	[ "$output" = 1.2 ]
	sed -i 's/Sleep longer/Sleep/' p.json
	try persona-import p.json
	[ "$output" = 1.1 ]
}

@test "a metric of one's own" {
	personas 3
	cat >length.sql <<-'SQL'
		SELECT revision_id, min(100, length(background)) AS value, '[]' AS issues FROM revision
	SQL
	try persona-score --metric length=length.sql --weight length=0.5 1 2 3
	succeeded '3 personas, 3 newly scored'
	[ "$(sql "SELECT count(*) FROM metric_score WHERE metric = 'length' AND value > 0")" = 3 ]
	echo 'SELECT nonsense' >broken.sql
	try persona-score --metric broken=broken.sql 1
	[ "$status" -ne 0 ] || tell "a broken query is no success"
	[[ $stderr =~ nonsense|broken ]] || tell "not named"
	try persona-score --list-metrics
	succeeded
	[[ $output =~ completeness ]]
	try persona-score --list-profiles
	succeeded
	[[ $output =~ strict ]]
}
