#!/usr/bin/env bats
# What persona-score says of a set, and how it explains itself.
load helper

twins()
{
	cat >twins.jsonl <<-'JSON'
		{"id": "a", "name": "Ada Alm", "occupation": "Baker", "goals": ["Open a second shop"], "frustrations": ["Flour is dear"]}
		{"id": "b", "name": "Bea Berg", "occupation": "Baker", "goals": ["Open a second shop"], "frustrations": ["Flour is dear"]}
		{"id": "c", "name": "Cleo Crane", "occupation": "Pilot", "goals": ["Fly at night"], "frustrations": ["Fog in autumn"]}
	JSON
	persona-import -q twins.jsonl >refs
}

@test "near-duplicates are rows, and the set has figures" {
	twins
	try persona-score 1 2 3
	succeeded '3 personas, 3 newly scored'
	[ "$(sqlite3 personas.db 'SELECT revision_a, revision_b, similarity FROM similar')" = '1|2|1.0' ]
	[ "$(sqlite3 personas.db 'SELECT members, similar_pairs, records FROM scoring')" = '3|1|0' ]
	[ "$(sqlite3 personas.db "SELECT measured FROM scoring_metric WHERE metric = 'evidence_strength'")" = 0 ]
	[ "$(sqlite3 personas.db "SELECT count(*) FROM metric_score WHERE metric = 'distinctiveness' AND issues LIKE '%too-similar%'")" = 2 ]
	dump >first.sql
	try persona-score 3 1 2
	succeeded '0 newly scored'
	dump >second.sql
	diff first.sql second.sql
}

@test "a record counts as drawn on when evidence that holds names it" {
	personas 6
	[ "$(sql 'SELECT records, records_used FROM scoring')" = '30|30' ]
	sqlite3 personas.db "DELETE FROM evidence WHERE record_id = 1; UPDATE evidence SET strength = 'none' WHERE record_id = 2"
	persona-score -q --profile strict 1 2 3 4 5 6 >/dev/null
	[ "$(sql 'SELECT records, records_used FROM scoring ORDER BY scoring_id DESC LIMIT 1')" = '30|28' ]
}

@test "the order of references makes no difference" {
	personas 6
	cp personas.db other.db
	persona-score -q --profile strict 1 2 3 4 5 6 >/dev/null
	persona-score -q --profile strict --db other.db 5 2 6 1 4 3 >/dev/null
	for db in personas.db other.db; do
		sqlite3 $db "SELECT revision_id, metric, value, weight, issues FROM score JOIN metric_score USING (score_id)
			WHERE key_id = (SELECT max(key_id) FROM score) ORDER BY 1, 2; SELECT * FROM similar; SELECT overall, mtld FROM scoring" >$db.rows
	done
	diff personas.db.rows other.db.rows
}

@test "profiles stand side by side, a file is one" {
	personas 6
	printf '{"extends": "lenient", "name": "mine", "weights": {"realism": 1, "completeness": 0, "consistency": 0,
		"evidence_strength": 0, "distinctiveness": 0}}' >mine.json
	local before
	before=$(sqlite3 personas.db 'SELECT count(*) FROM score')
	try persona-score --profile mine.json 1 2 3 4 5 6
	succeeded '6 newly scored'
	[ "$(sqlite3 personas.db 'SELECT count(*) FROM score')" = $((before + 6)) ]
	[ "$(sqlite3 personas.db "SELECT settings ->> '$.profile.name' FROM stage_key WHERE stage = 'score' ORDER BY last_used DESC LIMIT 1")" = mine ]
	[ "$(sqlite3 personas.db "SELECT count(*) FROM metric_score WHERE metric = 'realism' AND weight = 1")" = 6 ]
	for bad in '[]' '{"weight": 1}' '{' '{"levels": {"good": 99}}' ''; do
		echo "$bad" >bad.json
		try persona-score --profile bad.json 1
		refused 2 'bad\.json: '
	done
	try persona-score --profile nothing.json 1
	[ "$status" -ne 0 ]
	[ -z "$output" ]
	try persona-score --profile nobody 1
	refused 2 'no profile'
}

@test "--explain says how a score came about, and writes nothing" {
	personas 6
	try persona-score --explain 1 2.1
	succeeded
	for word in 'completeness' 'weight 0\.' 'loses' 'among 6 of its batch' 'MTLD' 'near-duplicate pairs'; do
		[[ $output =~ $word ]] || tell "no word of $word"
	done
	dump >after.sql
	diff before.sql after.sql
	persona-draft -q --from interviews.csv -n 1 --label new >/dev/null
	try persona-score --explain 7
	[ "$status" -eq 1 ] || tell "not exit 1"
	[[ $stderr =~ "persona-score 7.1" ]] || tell "no hint"
	try persona-score --explain
	refused 2 'takes references'
	try persona-score --explain 99
	refused 2 'no persona 99'
}
