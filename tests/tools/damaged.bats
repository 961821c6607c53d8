#!/usr/bin/env bats
# What hands do to a database: one row that cannot be read must not stop the others.
load helper

@test "a revision that was edited into nonsense fails alone, and is named" {
	personas 3
	sqlite3 personas.db "UPDATE revision SET extra = '{\"a\": 1e999}' WHERE persona_id = 2"
	try persona-score -q --profile strict 1 2 3
	[ "$status" -eq 1 ] || tell "exit code"
	[ "$(sort <<<"$output" | paste -sd ' ')" = '1.1 2.1 3.1' ] || tell "all of them go on"
	[ "$(sql "SELECT count(*) FROM score JOIN stage_key USING (key_id) WHERE settings LIKE '%strict%'")" = 2 ]
	[ "$(sql "SELECT class || ' ' || revision_id FROM failure")" = 'invalid 2' ]
	[[ $(sql 'SELECT message FROM failure') =~ ^revision\ 2: ]]
	try persona-show 2
	[ "$status" -eq 5 ] || tell "exit code"
	[[ $stderr =~ 2\.1:\ revision\ 2: ]] || tell "which one?"
	try persona-show 1 3
	[ "$status" -eq 0 ]
}

@test "revisions that are each other's parents end" {
	personas 2
	sqlite3 personas.db "PRAGMA ignore_check_constraints = ON; UPDATE revision SET parent_id = revision_id, stage = 'refine'"
	sqlite3 personas.db "UPDATE verdict SET passed = 0"
	try timeout 60 persona-status
	[ "$status" -eq 0 ] || tell "status"
	try timeout 60 persona-refine --pending
	[ "$status" -eq 0 ] || tell "refine"
}

@test "control bytes that somebody wrote into the database reach no terminal" {
	local run
	personas 3
	persona-refine -q 1 >/dev/null
	sqlite3 personas.db "
		UPDATE revision SET name = char(27) || '[2Jname', occupation = char(27) || '[2Jwork', background = char(27) || '[2Jback',
			demographics = json_object(char(27) || '[2Jkey', char(27) || '[2Jvalue'),
			extra = json_object(char(27) || '[2Jkey', json_array(char(27) || '[2Jvalue')), refinement_notes = char(27) || '[2Jnote';
		UPDATE trait SET text = char(27) || '[2Jitem ' || position;
		UPDATE evidence SET locator = char(27) || '[2Jplace', excerpt = char(27) || '[2Jwords';
		UPDATE metric_score SET issues = json_array(json_object('code', char(27) || '[2Jcode', 'field', char(27) || '[2Jfield', 'message',
			char(27) || '[2Jissue'));
		UPDATE batch SET label = char(27) || '[2Jlabel';
		UPDATE source SET uri = char(27) || '[2Juri'"
	for run in 'persona-show' 'persona-show --full' 'persona-show --format csv' 'persona-show --format json' 'persona-show --format jsonl' \
		'persona-show --revisions all' 'persona-status' 'persona-status --json' 'persona-score --explain 1' 'persona-filter 1 2 3' 'persona-refine 1 2 3'; do
		# shellcheck disable=SC2086 # words
		try $run
		[[ $output$stderr != *$'\e'* ]] || tell "$run"
		[[ $run != persona-sh* || $output == *'[2J'* ]] || tell "$run: nothing is there"
	done
}

@test "a database named by a URI is refused, and nothing is made" {
	try persona-draft --db file::memory: --from interviews.csv -n 2
	refused 5 'a URI; give a plain path'
	[ -z "$(find . -name '*memory*')" ]
}

@test "--retry with a word that is no class" {
	personas 1
	try persona-refine --retry nonsense 1
	refused 2 'not .nonsense'
}
