#!/usr/bin/env bats
# persona-forget: what goes, what stays, and that no byte of it is left.
load helper

teardown()
{
	[ ! -e server.pid ] || kill "$(cat server.pid)"
}

# server [OPTION…]: a provider, at $url
server()
{
	# shellcheck disable=SC1091
	. "$PERSONA_ROOT/tests/support/server.sh"
	export OPENAI_API_KEY=key
	serve server "$@"
}

# holds TEXT: some file of the database holds it.
holds()
{
	cat personas.db* | LC_ALL=C grep -aF -- "$1" >/dev/null
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
	done < <(head said)
}

# gone FILE: none of its lines is in a file of the database, which is whole
gone()
{
	[ -s "$1" ]
	! cat personas.db* | LC_ALL=C grep -aoFf "$1" || tell "still there"
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
	[[ $output =~ " 1 record"$'\n' ]] || tell "not counted"
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

@test "what others' backgrounds say as well stays, and evidence keeps its places" {
	personas 6
	local backgrounds places
	sqlite3 personas.db "SELECT persona_id, background FROM revision WHERE persona_id <> 3" >backgrounds
	grep -q "nearest to the middle" backgrounds
	places=$(sqlite3 personas.db "SELECT count(*) FROM evidence JOIN revision USING (revision_id)
		WHERE persona_id <> 3 AND byte_offset IS NOT NULL AND line IS NOT NULL")
	[ "$places" -gt 0 ]
	try persona-forget 3
	succeeded
	sqlite3 personas.db "SELECT persona_id, background FROM revision" | diff backgrounds -
	[ "$(sqlite3 personas.db "SELECT count(*) FROM evidence WHERE byte_offset IS NOT NULL AND line IS NOT NULL")" = "$places" ]
	# Where items go, those that stay keep theirs.
	try persona-forget record:4
	succeeded
	[ "$(sqlite3 personas.db "SELECT count(*) FROM evidence WHERE strength = 'verbatim' AND (byte_offset IS NULL OR line IS NULL)")" = 0 ]
	[ "$(sqlite3 personas.db "SELECT count(*) FROM batch WHERE figures IS NOT NULL")" = 0 ]
}

@test "who was forgotten is not drafted again, and all others are passed on" {
	personas 6
	persona-forget -q 3 >/dev/null
	try persona-draft --from interviews.csv -n 6
	succeeded '1 of the batch.s personas was forgotten and will not be made again.*5 personas, 0 new'
	[ "$output" = $'1.1\n2.1\n4.1\n5.1\n6.1' ]
	try persona-draft --from interviews.csv -n 8
	succeeded '7 personas, 2 new'
	[ "$(sqlite3 personas.db "SELECT group_concat(slot) FROM (SELECT slot FROM persona ORDER BY slot)")" = 1,2,4,5,6,7,8 ]
	# A respondent withdraws on whom one of them rests alone.
	personas 20
	persona-forget -q record:interviews.csv:7 >/dev/null
	[ "$(sqlite3 personas.db "SELECT count(*) FROM persona")" = 19 ]
	try persona-draft -q --from interviews.csv -n 20
	succeeded
	[ "$(wc -l <<<"$output")" = 19 ]
}

@test "a model is not asked for who was forgotten" {
	cat >reply.json <<-'JSON'
		{"personas": [{"name": "Ada Alm", "occupation": "bookkeeper", "goals": ["Cook one dinner for all at the table"],
		"frustrations": ["Labels in print that nobody reads"]}, {"name": "Bo Berg", "occupation": "baker", "goals":
		["Sleep until the sun is up"], "frustrations": ["An oven that cools too soon"]}]}
	JSON
	server --reply reply.json
	persona-draft -q --model openai:gpt-4o-mini --base-url "$url" --from interviews.csv -n 2 >/dev/null
	persona-forget -q 2 >/dev/null
	try persona-draft --model openai:gpt-4o-mini --base-url "$url" --from interviews.csv -n 2
	succeeded '1 personas?, 0 new'
	[ "$output" = 1.1 ]
	[ "$(sqlite3 personas.db "SELECT count(*) FROM llm_call")" = 1 ]
}

@test "after its only source a batch is gone, and the file can be drafted from anew" {
	personas 6
	try persona-forget source:interviews.csv
	succeeded
	[[ $output =~ " 1 batch"$'\n' ]] || tell "not counted"
	[ "$(sqlite3 personas.db "SELECT count(*) FROM batch")" = 0 ]
	try persona-draft --from interviews.csv -n 6
	succeeded '6 personas, 6 new'
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

# asked WHAT: how many calls still hold their prompt, or their answer
asked()
{
	sqlite3 personas.db "SELECT count($1) FROM llm_call"
}

@test "what a judge was told of it goes, though no sentence was told whole" {
	cat >reply.json <<-'JSON'
		{"personas": [{"name": "Ada Alm", "age": 47, "occupation": "bookkeeper", "goals": ["Cook one dinner for all at the table",
		"Know what is in a product before it is bought"], "frustrations": ["Labels in print that nobody reads"],
		"quotes": ["when the recipe of a product changes"], "evidence": [
		{"field": "quotes", "item": "when the recipe of a product changes", "record": "interviews.csv:2"},
		{"field": "goals", "item": "Cook one dinner for all at the table", "record": "interviews.csv:2"},
		{"field": "goals", "item": "Know what is in a product before it is bought", "record": "interviews.csv:3"},
		{"field": "frustrations", "item": "Labels in print that nobody reads", "record": "interviews.csv:3"}]}]}
	JSON
	server --reply reply.json
	# shellcheck disable=SC2154 # by serve
	persona-draft -q --model openai:gpt-4o-mini --base-url "$url" --from interviews.csv -n 1 >/dev/null
	unserve server
	server
	persona-filter -q --judge openai:gpt-4o-mini --base-url "$url" 1 >/dev/null
	[ "$(asked suffix)" = 2 ]
	printf '%s\n' 'when the recipe of a product changes' 'Cook one dinner for all at the table' >said
	[ "$(sqlite3 personas.db "SELECT count(*) FROM llm_call WHERE stage <> 'draft' AND suffix LIKE '%recipe of a product%'")" = 1 ]
	try persona-forget record:interviews.csv:2
	succeeded
	[[ $output =~ " 2 prompts and answers"$'\n' ]] || tell "not counted"
	gone said
	[ "$(asked suffix) $(asked response)" = '0 0' ]
	[ "$(sqlite3 personas.db "SELECT text FROM trait ORDER BY kind DESC")" = "Know what is in a product before it is bought
Labels in print that nobody reads" ]
}

@test "a record of short answers is found in prompts by its place" {
	local column
	printf 'trade,town,transport\nNurse,Leeds,Bus\nBaker,York,Tram\nPilot,Bath,Car\n' >short.csv
	server
	persona-draft -q --model openai:gpt-4o-mini --base-url "$url" --from short.csv -n 2 >/dev/null
	holds '[short.csv:3]'
	holds York
	try persona-forget record:short.csv:3
	succeeded
	for column in York Tram Baker '[short.csv:3]'; do
		! holds "$column" || tell "still there: $column"
	done
	[ "$(asked suffix)" = 0 ]
}

@test "a sentence goes however its language ends it" {
	printf 'say\n"駅までのバスが毎朝遅れます。料金は紙に書いておきます！"\n"電車のほうが好きです。"\n' >japanese.csv
	persona-draft -q --from japanese.csv -n 1 >/dev/null
	sqlite3 personas.db "UPDATE revision SET background = '料金は紙に書いておきます' WHERE revision_id = 1"
	try persona-forget record:1
	succeeded
	printf '%s\n' '駅までのバスが毎朝遅れます' '料金は紙に書いておきます' >said
	gone said
	holds '電車のほうが好きです'
}

# beside NAME COMMAND: the command again and again, each of which is to end with 0 or 1, into NAME.err, until the file enough is there
beside()
{
	local code
	while [ ! -e enough ]; do
		code=0
		timeout 120 bash -c "$2" >/dev/null 2>>"$1.err" || code=$?
		echo "$code" >>"$1.codes"
	done
}

@test "beside tools at work it is refused or through, and nobody meets a lock" {
	local turn code record pids=() pid
	personas 6
	sentences "record_id IN (4, 9, 14)"
	# shellcheck disable=SC2016 # a label of its own each time
	beside write 'persona-score -q --profile lenient 1 2 3; persona-draft -q --from interviews.csv -n 6 --label "$RANDOM"
		persona-refine -q --unjudged 1 2 3' &
	pids+=("$!")
	beside read 'persona-show; persona-status; persona-show --all' &
	pids+=("$!")
	for ((turn = 0; turn < 1000; turn++)); do
		[ ! -s write.codes ] || break
		sleep 0.02
	done
	for record in 4 9 14; do
		code=5
		for ((turn = 0; turn < 400 && code == 5; turn++)); do
			sleep 0.05
			code=0
			persona-forget "record:$record" >forget.out 2>>forget.err || code=$?
		done
		[ "$code" = 0 ] || tell "never let through: $(sort forget.err | uniq -c)"
	done
	touch enough
	for pid in "${pids[@]}"; do
		wait "$pid"
	done
	run ! grep -iE 'locked|busy' write.err read.err forget.err
	run ! grep -v 'cannot forget while persona-[a-z]* (process [0-9]*) is running' forget.err
	# Personas that went are named by those who ask for them; nothing else goes wrong.
	run ! grep -vE ':[012]$' <(grep -H . write.codes read.codes)
	gone said
}
