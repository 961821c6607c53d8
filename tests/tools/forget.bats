#!/usr/bin/env bats
# persona-forget: what goes, what stays, and that no byte of it is left.
load helper

# holds TEXT: some file of the database holds it.
holds()
{
	cat personas.db personas.db-wal 2>/dev/null | LC_ALL=C grep -qaF -- "$1"
}

# sentences CONDITION: of the records that meet it, into the file said: those of three words and more that are in no other record,
# all of which are there.
sentences()
{
	local line
	sqlite3 personas.db "SELECT text FROM record WHERE NOT ($1)" >others
	sqlite3 personas.db "SELECT text FROM record WHERE $1" | sed 's/[.!?] /\n/g' |
		awk 'NF > 2 { sub(/^ +/, ""); sub(/[ .!?]+$/, ""); print }' >all
	while IFS= read -r line; do
		grep -qF -- "$line" others || echo "$line"
	done <all >said
	while IFS= read -r line; do
		holds "$line" || tell "was never there: $line"
	done <said
}

gone()
{
	local line count=0
	while IFS= read -r line; do
		count=$((count + 1))
		! holds "$line" || tell "still there: $line"
	done <"$1"
	[ "$count" -gt 0 ]
	[ "$(sqlite3 personas.db "PRAGMA integrity_check; PRAGMA foreign_key_check")" = ok ]
}

@test "a record goes with what was quoted from it, and no sentence of it stays" {
	personas 6
	try persona-score -q 1 2 3 4 5 6
	sentences "record_id = 4"
	sqlite3 personas.db "SELECT count(*) FROM evidence WHERE record_id = 4" >cited
	[ "$(cat cited)" -gt 0 ]
	try persona-forget record:4
	succeeded
	[[ $output =~ "1 records" ]] || tell "not counted"
	gone said
	[ "$(sqlite3 personas.db "SELECT count(*) FROM evidence WHERE record_id = 4")" = 0 ]
	[ "$(sqlite3 personas.db "SELECT count(*) FROM record WHERE record_id = 4")" = 0 ]
	# What is left can be read, and is scored anew.
	[ "$(sqlite3 personas.db "SELECT count(*) FROM pending WHERE stage = 'score' AND count > 0")" = 1 ]
	try persona-show --full
	succeeded
	try persona-score --pending
	succeeded 'newly scored'
	# Positions have no gaps.
	[ "$(sqlite3 personas.db "SELECT count(*) FROM (SELECT 1 FROM trait GROUP BY revision_id, kind
		HAVING max(position) <> count(*) - 1)")" = 0 ]
}

@test "by its place, too" {
	personas 6
	local place
	place=$(sqlite3 personas.db "SELECT locator FROM record WHERE record_id = 7")
	sentences "record_id = 7"
	try persona-forget "record:$place"
	succeeded
	gone said
}

@test "--dry-run says what would go and changes nothing" {
	personas 6
	try persona-forget --dry-run record:4 2
	succeeded
	[[ $output =~ "would be forgotten" ]] || tell "not said"
	[ "$(sqlite3 personas.db "SELECT count(*) FROM record WHERE record_id = 4")" = 1 ]
	dump >after.sql
	diff before.sql after.sql
}

@test "a whole source goes, and with it who rests on it alone" {
	personas 6
	sentences 1
	try persona-forget source:interviews.csv
	succeeded
	gone said
	[ "$(sqlite3 personas.db "SELECT count(*) FROM record")" = 0 ]
	[ "$(sqlite3 personas.db "SELECT count(*) FROM source")" = 0 ]
	[ "$(sqlite3 personas.db "SELECT count(*) FROM persona")" = 0 ]
}

@test "a persona goes, its records stay" {
	personas 6
	local records
	records=$(sqlite3 personas.db "SELECT count(*) FROM record")
	sqlite3 personas.db "SELECT name FROM revision WHERE persona_id = 3 LIMIT 1" >said
	holds "$(cat said)"
	try persona-forget 3
	succeeded
	gone said
	[ "$(sqlite3 personas.db "SELECT count(*) FROM persona")" = 5 ]
	[ "$(sqlite3 personas.db "SELECT count(*) FROM record")" = "$records" ]
	try persona-show
	succeeded
	# Whoever asks for it is told.
	try persona-score 3
	refused 2 'no persona 3'
}

@test "a batch goes, another one stays" {
	personas 6
	persona-draft -q --from interviews.csv -n 2 --label other >/dev/null
	try persona-forget batch:other
	succeeded
	[ "$(sqlite3 personas.db "SELECT count(*) FROM persona")" = 6 ]
	[ "$(sqlite3 personas.db "SELECT count(*) FROM batch")" = 1 ]
	[ "$(sqlite3 personas.db "PRAGMA foreign_key_check")" = "" ]
}

@test "prompts and answers that hold it go, what they cost stays" {
	personas 6
	sentences "record_id = 4"
	sqlite3 personas.db "INSERT INTO blob SELECT '$(printf '%064d' 1)', 'Data: ' || text FROM record WHERE record_id = 4;
		INSERT INTO llm_call (stage, provider, model, request_sha256, draw, sample, state, prefix_sha256, suffix, response,
			cost_nusd) VALUES ('draft', 'p', 'm', '$(printf '%064d' 2)', '', 0, 'done', '$(printf '%064d' 1)', 'x',
			json_object('said', (SELECT text FROM record WHERE record_id = 4)), 7),
			('draft', 'p', 'm', '$(printf '%064d' 3)', '', 0, 'done', NULL, 'nothing of it', 'nothing of it at all', 5)"
	try persona-forget record:4
	succeeded
	gone said
	[ "$(sqlite3 personas.db "SELECT sum(cost_nusd) FROM llm_call")" = 12 ]
	[ "$(sqlite3 personas.db "SELECT state, response IS NULL FROM llm_call ORDER BY call_id" | paste -sd' ')" = 'failed|1 done|0' ]
	[ "$(sqlite3 personas.db "SELECT count(*) FROM blob")" = 0 ]
}

@test "what is not there is named, and nothing is changed" {
	personas 6
	for wrong in record:999 source:nothing batch:nothing 999 persona:999; do
		try persona-forget record:4 "$wrong"
		refused 2 "no (record|source|batch|persona) '"
	done
	for wrong in nothing record: 1.x -1 ''; do
		try persona-forget -- "$wrong"
		refused 2 'none of'
	done
	try persona-forget
	refused 2 'say what'
	dump >after.sql
	diff before.sql after.sql
}
