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
