#!/usr/bin/env bats
# Real programs in pipes, in any order. The whole table of orders, with scores and refinements made to measure, is
# tests/unit/stage/test_orders.c; here it is shown that pipes carry it. Nobody has 100 points and everybody has 0, so
# thresholds are sure; what the built-in model makes of the survey when it refines is found out first.
load helper

setup_file()
{
	local db=$BATS_FILE_TMPDIR/facts.db

	survey "$BATS_FILE_TMPDIR/survey.csv"
	persona-draft -q --db "$db" --from "$BATS_FILE_TMPDIR/survey.csv" -n 3 | persona-score -q --db "$db" - |
		persona-filter -q --db "$db" --threshold 100 - | persona-refine -q --db "$db" - >"$BATS_FILE_TMPDIR/refined"
	refined=$(sort -V "$BATS_FILE_TMPDIR/refined" | paste -sd ' ')
	children=$(grep -c '\.2$' "$BATS_FILE_TMPDIR/refined") || true
	# Scores compare: who has children stands for another set.
	sets=$((1 + (children > 0)))
	export refined children sets
}

survey()
{
	cat >"$1" <<-'END'
		id,job,what do you like,what annoys you
		1,nurse,I like to plan my shifts early and share them with friends,The app crashes at night when I need it most
		2,teacher,I want to find good books quickly for my class,It is hard to search without exact titles
		3,nurse,I like reminders for medication and tasks,Too many notifications wake my kids
		4,driver,I listen to podcasts every day on the road,Downloads fail when the signal is weak
		5,driver,I want offline maps that just work,Updates are slow and annoying on mobile data
		6,teacher,I share slides with colleagues each week,Sharing links expire too soon
	END
}

draft()
{
	persona-draft -q --from "$BATS_FILE_TMPDIR/survey.csv" -n 3
}

score()
{
	persona-score -q "$@" -
}

filter()
{
	persona-filter -q "$@" -
}

refine()
{
	persona-refine -q "$@" -
}

# Everything that a run may have changed, but for what says when, and which was last.
everything()
{
	sqlite3 personas.db "SELECT revision_id, persona_id, number, stage, parent_id, name FROM revision;
		SELECT * FROM trait; SELECT * FROM evidence; SELECT * FROM score; SELECT * FROM metric_score;
		SELECT revision_id, basis, passed, threshold, value, decided_at FROM verdict; SELECT * FROM refinement;
		SELECT population_id, members FROM population; SELECT * FROM failure; SELECT * FROM claim;
		SELECT key_id, sha256 FROM stage_key; SELECT * FROM plan; SELECT count(*) FROM record"
}

# rows: revisions verdicts scores refinements populations
rows()
{
	sqlite3 -separator ' ' personas.db "SELECT (SELECT count(*) FROM revision), (SELECT count(*) FROM verdict),
		(SELECT count(*) FROM score), (SELECT count(*) FROM refinement), (SELECT count(*) FROM population)"
}

# gives REFERENCES ROWS COMMAND…: what it prints, in any order, and the rows that there are then.
gives()
{
	local printed there

	printed=$("${@:3}" | sort -V | paste -sd ' ')
	there=$(rows)
	[ "$printed" = "$1" ] || { echo "printed '$printed' and not '$1'"; return 1; }
	[ "$there" = "$2" ] || { echo "rows '$there' and not '$2'"; return 1; }
}

# rests REFERENCES ROWS COMMAND…: the same again, and nothing changes.
rests()
{
	local before
	before=$(everything)
	gives "$@"
	[ "$before" = "$(everything)" ] || { diff <(echo "$before") <(everything); return 1; }
}

whole_chain()
{
	draft | score | filter --threshold 100 | refine | score
}

@test "draft, score, filter, refine, score" {
	gives "$refined" "$((3 + children)) 3 $((3 * sets)) 3 $sets" whole_chain
	rests "$refined" "$((3 + children)) 3 $((3 * sets)) 3 $sets" whole_chain
	rests "$refined" "$((3 + children)) 3 $((3 * sets)) 3 $sets" whole_chain
}

everybody_passes()
{
	draft | score | filter --threshold 0 | refine | score
}

@test "nobody fails, nobody is refined" {
	gives '1.1 2.1 3.1' '3 3 3 0 1' everybody_passes
	rests '1.1 2.1 3.1' '3 3 3 0 1' everybody_passes
}

score_left_out()
{
	draft | filter --threshold 100 | refine
}

@test "filter without score" {
	gives '1.1 2.1 3.1' '3 0 0 0 0' score_left_out
	rests '1.1 2.1 3.1' '3 0 0 0 0' score_left_out
}

filter_left_out()
{
	draft | score | refine "$@"
}

@test "refine without filter" {
	gives '1.1 2.1 3.1' '3 0 3 0 1' filter_left_out
	rests '1.1 2.1 3.1' '3 0 3 0 1' filter_left_out
	gives "$refined" "$((3 + children)) 0 3 3 1" filter_left_out --unjudged
	rests "$refined" "$((3 + children)) 0 3 3 1" filter_left_out --unjudged
	rests '1.1 2.1 3.1' "$((3 + children)) 0 3 3 1" filter_left_out
}

filter_first()
{
	draft | filter --threshold 100 | score | refine | score
}

@test "filter before score has its scores in the next run" {
	gives '1.1 2.1 3.1' '3 0 3 0 1' filter_first
	gives "$refined" "$((3 + children)) 3 $((3 * sets)) 3 $sets" filter_first
	rests "$refined" "$((3 + children)) 3 $((3 * sets)) 3 $sets" filter_first
}

# Children have no verdict in the second filter: nobody scored them.
filter_refine_twice()
{
	draft | score | filter --threshold 100 | refine | filter --threshold 100 | refine
}

@test "filter, refine, filter, refine" {
	gives "$refined" "$((3 + children)) 3 3 3 1" filter_refine_twice
	rests "$refined" "$((3 + children)) 3 3 3 1" filter_refine_twice
}

another_profile_last()
{
	draft | score | filter --threshold 100 | refine | score --profile strict | filter --threshold 0
}

@test "filter on another basis after refine" {
	gives "$refined" "$((3 + children)) 6 6 3 $sets" another_profile_last
	rests "$refined" "$((3 + children)) 6 6 3 $sets" another_profile_last
	rests "$refined" "$((3 + children)) 6 6 3 $sets" another_profile_last
	rests "$refined" "$((3 + children)) 6 6 3 $sets" another_profile_last
}

imported()
{
	persona-import -q people.jsonl | score | filter --threshold 0 | refine
}

@test "import instead of draft" {
	printf '%s\n' '{"id": "a", "name": "Ann", "goals": ["sleep"]}' '{"id": "b", "name": "Bo", "goals": ["drive"]}' >people.jsonl
	gives '1.1 2.1' '2 2 2 0 1' imported
	rests '1.1 2.1' '2 2 2 0 1' imported
}

# With a metric that compares, each set of personas has rows of its own.
compared()
{
	draft | score --metric spread=spread.sql | filter --threshold 100 | refine | score --metric spread=spread.sql
}

@test "a query that compares, before and after refine" {
	cat >spread.sql <<-'END'
		-- How many others are in the population, of two.
		SELECT s.revision_id, 50 * (SELECT count(*) FROM member m WHERE m.persona_id <> s.persona_id)
		FROM subject s
	END
	sets=$((children > 0 ? 2 : 1))
	gives "$refined" "$((3 + children)) 3 $((3 * sets)) 3 $sets" compared
	rests "$refined" "$((3 + children)) 3 $((3 * sets)) 3 $sets" compared
	[ "$(sqlite3 personas.db "SELECT group_concat(DISTINCT value) FROM metric_score WHERE metric = 'spread'")" = 100.0 ]
}

@test "a query that is none is refused before any work" {
	draft >refs
	echo 'SELECT nobody FROM subject' >wrong.sql
	try persona-score --metric spread=wrong.sql - <refs
	[ "$status" -eq 2 ]
	[ -z "$output" ]
	[[ $stderr == "persona-score: metric spread: "*nobody* ]]
	[ "$(rows)" = '3 0 0 0 0' ]
	[ "$(sqlite3 personas.db "SELECT count(*) FROM stage_key WHERE stage = 'score'")" = 0 ]
}
