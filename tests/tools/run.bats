#!/usr/bin/env bats
# persona-run: the same as a pipe of the programs, with its options, signals, money and exit code as one command.
# shellcheck disable=SC2154 # stderr and url come from what is sourced
load helper

setup_file()
{
	unset "${!OPENAI_@}" "${!ANTHROPIC_@}" PERSONA_LOG_HTTP
}

teardown()
{
	[ ! -e server.pid ] || kill "$(cat server.pid)" || true
	# What a test that failed has left running.
	[ ! -e run.pid ] || kill -9 -- "-$(cat run.pid)" 2>/dev/null || true
}

# tables DATABASE: what is in it, without ids of the runs and times.
tables()
{
	persona-show --db "$1" --revisions all --format jsonl | jq -cS .
	sqlite3 -readonly "$1" "SELECT revision_id, basis, passed, threshold, value FROM verdict ORDER BY 1, 2;
		SELECT revision_id, key_id, population_id, overall FROM score ORDER BY 1, 2, 3;
		SELECT revision_id, key_id, sample, child_id FROM refinement ORDER BY 1, 2, 3"
}

# same DATABASE DATABASE
same()
{
	tables "$1" >first.tables
	tables "$2" >second.tables
	diff first.tables second.tables
}

# fakes [NAME SCRIPT]…: programs of these names beside a persona-run of our own, which is started as ./persona-run.
fakes()
{
	cp "$(command -v persona-run)" .
	while [ $# -gt 0 ]; do
		printf '#!/bin/bash\n%s\n' "$2" >"persona-$1"
		chmod +x "persona-$1"
		shift 2
	done
}

# until_true COMMAND…: at most ten seconds
until_true()
{
	for ((i = 0; i < 1000; i++)); do
		! "$@" || return 0
		sleep 0.01
	done
	return 1
}

# started PHASES [OPTION…]: a slow run in the background, in a process group of its own; its number is in run.pid.
started()
{
	local phases=$1
	shift
	mkdir -p phases
	set -m
	PERSONA_TEST_PHASES=phases:$phases persona-run --from interviews.csv -n 25 --batch-size 1 "$@" >refs 2>messages 3>&- &
	echo $! >run.pid
	set +m
}

# ended: wait for it; its exit code is in $status
ended()
{
	status=0
	wait "$(cat run.pid)" || status=$?
}

some_drafted()
{
	[ "$(sql 'SELECT count(*) FROM revision' 2>/dev/null || echo 0)" -gt 1 ]
}

nobody_left()
{
	! pgrep -g "$(cat run.pid)" >/dev/null
}

@test "the same references and rows as a pipe of the programs, and each finds the other's" {
	set -o pipefail
	persona-run -q --from interviews.csv -n 5 >run.refs
	persona-draft -q --db pipe.db --from interviews.csv -n 5 | persona-score -q --db pipe.db - |
		persona-filter -q --db pipe.db - | persona-refine -q --db pipe.db - | persona-score -q --db pipe.db - >pipe.refs
	cmp run.refs pipe.refs
	[ "$(wc -l <run.refs)" = 5 ]
	same personas.db pipe.db
	dump >before.sql
	try persona-run --from interviews.csv -n 5
	succeeded '5 personas, 0 new'
	[ "$output" = "$(cat run.refs)" ]
	persona-draft -q --from interviews.csv -n 5 | persona-score -q - | persona-filter -q - | persona-refine -q - |
		persona-score -q - >again.refs
	cmp run.refs again.refs
	unchanged
	[ "$(sql 'SELECT count(*) FROM run')" = 15 ]
}

# piped STAGES DATABASE: references from stdin through a pipe of the shell's, with the options as persona-run hands them out
piped()
{
	local stage=${1%%,*} rest=${1#*,}
	case $stage in
	score) persona-score -q --db "$2" --profile strict - ;;
	filter) persona-filter -q --db "$2" --threshold 93.3 - ;;
	refine) persona-refine -q --db "$2" - ;;
	esac | if [ "$rest" = "$1" ]; then cat; else piped "$rest" "$2"; fi
}

@test "stages in any order, left out and repeated: as a pipe" {
	local stages
	persona-draft -q --from interviews.csv -n 4 >refs
	cp personas.db base.db
	for stages in score filter score,filter filter,score score,filter,refine refine,score,filter \
		score,filter,refine,score,filter,refine,score score,score,score; do
		cp base.db run.db
		cp base.db pipe.db
		options=()
		[[ ! $stages =~ score ]] || options+=(--profile strict)
		[[ ! $stages =~ filter ]] || options+=(--threshold 93.3)
		persona-run -q --db run.db --stages "$stages" "${options[@]}" 1 2 3 4 | sort >run.refs
		piped "$stages" pipe.db <refs | sort >pipe.refs
		cmp run.refs pipe.refs || tell "$stages"
		same run.db pipe.db || tell "$stages"
	done
}

@test "draft alone, import at the front, references on stdin, what is pending" {
	try persona-run --stages draft --from interviews.csv -n 3
	succeeded '3 personas, 3 new'
	[ "$output" = $'1.1\n2.1\n3.1' ]
	try persona-run -q --pending
	succeeded
	[ "$(sort <<<"$output")" = $'1.1\n2.1\n3.1' ]
	[ "$(sql 'SELECT count(*) FROM verdict')" = 3 ]
	printf '2.1\n3.1\n' >refs
	try persona-run -q --stages filter,score - <refs
	succeeded
	[ "$(sort <<<"$output")" = $'2.1\n3.1' ]
	printf '%s\n' '{"name": "Ann", "goals": ["to sleep"]}' '{"name": "Bo", "goals": ["to eat"]}' >mine.jsonl
	try persona-run -q --stages import,score --from mine.jsonl
	succeeded
	[ "$(sort <<<"$output")" = $'4.1\n5.1' ]
	try persona-run -q --stages import --from - <mine.jsonl
	succeeded
	[ "$output" = $'4.1\n5.1' ]
	try persona-run -q --stages draft,score --from - --format csv -n 3 <interviews.csv
	succeeded
	[ "$(sort <<<"$output")" = $'1.1\n2.1\n3.1' ]
	try persona-run - </dev/null
	succeeded '^persona-score: nothing to do: no references came$'
}

@test "wrong use: said by persona-run, nothing started, nothing made" {
	try persona-run
	refused 2 'say what to work on'
	try persona-run -n 5
	refused 2 'say what to work on'
	try persona-run --stages draft,sing --from interviews.csv -n 5
	refused 2 "no 'sing'; there are draft, import, score, filter, refine"
	for stages in '' ',' 'draft,' 'draft,,score' ' draft'; do
		try persona-run --stages "$stages" --from interviews.csv -n 5
		refused 2 "--stages: no '"
	done
	try persona-run --stages score,draft --from interviews.csv -n 5
	refused 2 'draft makes personas, so it can only be the first'
	try persona-run --stages draft,import --from interviews.csv -n 5
	refused 2 'import makes personas'
	try persona-run --stages "$(printf 'score,%.0s' {1..32})score" 1
	refused 2 'at most 32'
	try persona-run --stages score --from interviews.csv
	refused 2 '--from is for draft or import'
	try persona-run --stages draft interviews.csv -n 5
	refused 2 'named with --from'
	try persona-run --stages draft --pending
	refused 2 '--pending is for a first stage that reads'
	try persona-run --stages score --format csv 1
	refused 2 '--format csv is for draft'
	no_database
}

@test "options: whose they are" {
	try persona-run --stages score --threshold 3 1
	refused 2 'no stage of the chain takes --threshold; filter would'
	try persona-run --stages score --max-cost 3 1
	refused 2 'no stage of the chain takes --max-cost'
	try persona-run --stages score --filter-threshold 3 1
	refused 2 '--filter-threshold: the chain has no filter'
	try persona-run --score-threshold 3 1
	refused 2 "unknown option '--score-threshold'"
	try persona-run --filter-threshold 300 1
	refused 2 'takes a number from 0 to 100'
	try persona-run --draft-model
	refused 2 "option '--draft-model' needs a value"
	for option in --temperature=1 --max-tokens=100 --prompt=file; do
		try persona-run --from interviews.csv -n 5 "$option"
		refused 2 "${option%=*} is another for each stage: say whose, as in --[a-z]*-"
	done
	no_database
	# Each stage writes down what it was told.
	fakes draft 'printf "%s\n" "$@" >draft.told; echo 1.1' score 'printf "%s\n" "$@" >score.told; cat' \
		filter 'printf "%s\n" "$@" >filter.told; cat' refine 'printf "%s\n" "$@" >refine.told; cat'
	try ./persona-run -q --db x.db --from a.csv --from -b.csv -n 7 -m offline: --refine-model=openai:x --threshold 50 \
		--stages draft,filter,refine,score --judge --draft-temperature 0.1 --limit 4 --score-limit 2 -j 3 \
		--weight a=1 --weight b=2 --format ids
	succeeded
	[ "$output" = 1.1 ]
	told draft --quiet --db=x.db --count=7 --model=offline: --jobs=3 --temperature=0.1 --progress=never --from=a.csv \
		--from=-b.csv
	told score --quiet --db=x.db --limit=4 --weight=a=1 --weight=b=2 --limit=2 --format=ids --progress=never -
	told filter --quiet --db=x.db --threshold=50 --judge --limit=4 --jobs=3 --progress=never -
	told refine --quiet --db=x.db --model=offline: --limit=4 --jobs=3 --model=openai:x --progress=never -
	# References that look like options, and a format that is for reading.
	try ./persona-run --stages score -- -1.1 2
	told score --progress=auto -- -1.1 2
	try ./persona-run --stages draft,score --from a --format markdown
	told draft --format=markdown --progress=never --from=a
	told score --progress=never -
}

# told STAGE WORD…
told()
{
	local stage=$1
	shift
	printf '%s\n' "$@" >expected
	diff expected "$stage.told" || tell "$stage"
}

@test "every option of a stage can be handed on" {
	local stage option
	persona-run --help >help
	for stage in draft import score filter refine; do
		for option in $("persona-$stage" --help | grep -oE '^ +(-[a-z], )? *--[a-z-]+' | grep -oE -- '--[a-z-]+$'); do
			case $option in
			--list-metrics | --list-profiles | --explain) continue ;;
			esac
			grep -qE "^ +(-[a-z], )? *$option( |\$)" help || tell "$stage $option"
		done
	done
}

@test "the worst exit code of all, as a shell counts them" {
	local codes worst
	while read -r codes worst; do
		IFS=, read -r a b c <<<"$codes"
		fakes score "cat; exit $a" filter "cat; exit $b" refine "cat; exit $c"
		try ./persona-run --stages score,filter,refine 1 </dev/null
		[ "$status" = "$worst" ] || tell "$codes: not $worst"
	done <<-'CODES'
		0,0,0 0
		1,0,0 1
		0,1,0 1
		0,0,1 1
		3,1,0 3
		3,4,1 4
		2,4,3 4
		5,4,3 5
		1,5,0 5
		141,0,0 0
		141,2,0 2
		0,141,1 1
	CODES
}

@test "a stage that is killed is said, and the others end" {
	fakes score 'echo 1.1; kill -9 $$' filter 'cat; exit 1' refine 'cat'
	try ./persona-run --stages score,filter,refine 1
	[ "$status" = 137 ] || tell "not 137"
	[ "$output" = 1.1 ] || tell "what came before goes on"
	[[ $stderr =~ ^"persona-run: persona-score was ended by signal 9 (Killed)"$ ]] || tell "not said"
	fakes score 'exec sleep 60' filter 'kill -SEGV $$' refine 'cat'
	printf '#!/bin/bash\ntrap "exit 141" PIPE\nwhile echo 1.1; do sleep 0.05; done 2>/dev/null\nexit 141\n' >persona-score
	try ./persona-run --stages score,filter,refine 1
	[ "$status" = 139 ] || tell "not 139"
	[[ $stderr =~ "persona-filter was ended by signal 11" ]] || tell "not said"
}

@test "a stage that is not there: exit 2, and nobody waits for it" {
	mkdir empty
	fakes score 'exec /bin/cat'
	try env PATH="$PWD/empty" ./persona-run --stages score,filter 1
	[ "$status" = 2 ] || tell "not 2"
	[[ $stderr =~ "persona-run: persona-filter: No such file or directory" ]] || tell "not said"
}

@test "programs beside persona-run come first, those in PATH are found, too" {
	fakes score 'echo from here; cat'
	try ./persona-run --stages score 1
	[ "$output" = "from here" ] || tell
	rm persona-score
	persona-draft -q --from interviews.csv -n 1 >/dev/null
	try ./persona-run -q --stages score 1
	succeeded
	[ "$output" = 1.1 ]
}

@test "a stage has its three descriptors and no other, no child is left, signals are as they were" {
	# shellcheck disable=SC2016 # for the fakes to expand
	look='ls /proc/self/fd >"$STAGE.fds"; grep -E "^Sig(Blk|Ign)" /proc/$$/status >"$STAGE.signals"; cat'
	fakes score "STAGE=score; $look" filter "STAGE=filter; $look; sleep 0.3"
	try bash -c './persona-score 1 | ./persona-filter -'
	mkdir shell && mv ./*.fds ./*.signals shell/
	try ./persona-run --stages score,filter 1
	succeeded
	for file in score.fds filter.fds score.signals filter.signals; do
		diff "shell/$file" "$file" || tell "$file"
	done
}

@test "a failure at the front: one line, nothing made; a failure behind it: those before stop" {
	try persona-run --from missing.csv -n 5
	refused 2 '^persona-draft: missing\.csv: No such file'
	no_database
	try persona-run --from interviews.csv -n 5 --metric mine=missing.sql
	[ "$status" = 2 ] || tell "not 2"
	[[ $stderr =~ missing\.sql:\ No\ such\ file ]] || tell "not said"
	[ -z "$output" ] || tell "something on stdout"
	# The refuser is the last one: all before it notice, though they have not begun to write.
	rm -f personas.db*
	started work=200 --refine-model openai:gpt-4o --refine-base-url ftp://nowhere --stages draft,score,refine
	ended
	[ "$status" = 2 ] || tell "$(cat messages)"
	[ ! -s refs ]
	some=$(sql 'SELECT count(*) FROM revision' 2>/dev/null || echo 0)
	[ "$some" -lt 25 ] || tell "drafted on for nobody"
}

@test "import with a line that is none: exit 1, the others go through" {
	printf '%s\n' '{"name": "Ann", "goals": ["to sleep"]}' '{"age": 3}' '{"name": "Bo", "goals": ["to eat"]}' >mine.jsonl
	try persona-run --stages import,score --from mine.jsonl
	[ "$status" = 1 ] || tell "not 1"
	[ "$(sort <<<"$output")" = $'1.1\n2.1' ]
}

@test "SIGINT and SIGTERM, to persona-run alone and to all: what is in work is kept, the same again completes" {
	local signal target
	persona-run -q --db whole.db --from interviews.csv -n 25 --batch-size 1 | sort >whole.refs
	for signal in INT TERM; do
		for target in '' -; do
			rm -rf personas.db* phases
			started work=50
			until_true some_drafted
			kill -"$signal" -- "$target$(cat run.pid)"
			ended
			[ "$status" = "$((128 + $(kill -l "$signal")))" ] || tell "$target$signal: $status $(cat messages)"
			grep -q 'finishing [0-9]* that are in work' messages || tell "$target$signal: $(cat messages)"
			nobody_left || tell "somebody is left"
			# Who leaves at once does not write down how he ended.
			[ "$(sql 'SELECT count(*) FROM run WHERE exit_code IS NULL')" = 0 ] || tell "$target$signal: left at once"
			[ "$(sql 'SELECT count(*) FROM claim')" = 0 ]
			[ "$(sql 'SELECT count(*) FROM revision')" -lt 25 ]
			persona-run -q --from interviews.csv -n 25 --batch-size 1 | sort >again.refs
			cmp whole.refs again.refs
		done
	done
	same whole.db personas.db
}

at_work()
{
	grep -qs work phases/*
}

@test "the second signal leaves at once" {
	local target
	for target in '' -; do
		rm -rf personas.db* phases
		started work=8000
		until_true at_work
		kill -INT -- "$target$(cat run.pid)"
		until_true grep -q 'another signal leaves at once' messages
		SECONDS=0
		kill -INT -- "$target$(cat run.pid)"
		ended
		[ "$status" = 130 ] || tell "$status $(cat messages)"
		[ "$SECONDS" -lt 7 ] || tell "went on"
		until_true nobody_left
	done
}

@test "ignored signals stay ignored: nohup" {
	fakes score 'trap "" HUP; sleep 0.5; echo 1.1' filter 'cat'
	(
		trap '' HUP
		exec ./persona-run --stages score,filter 1 >refs
	) 3>&- &
	echo $! >nohup.pid
	sleep 0.2
	kill -HUP "$(cat nohup.pid)"
	wait "$(cat nohup.pid)"
	[ "$(cat refs)" = 1.1 ]
}

@test "persona-run killed: its stages are told to end, and the same again completes" {
	started work=100
	until_true some_drafted
	kill -9 "$(cat run.pid)"
	ended
	[ "$status" = 137 ]
	until_true nobody_running
	persona-run -q --from interviews.csv -n 25 --batch-size 1 >again.refs
	[ "$(wc -l <again.refs)" = 25 ]
	[ "$(sql 'SELECT count(*) FROM revision')" = 25 ]
}

# Those whom nobody has waited for are not counted.
nobody_running()
{
	! pgrep -g "$(cat run.pid)" -r D,R,S,T >/dev/null
}

@test "nobody reads the output: all end as by SIGPIPE" {
	persona-run -q --stages draft,filter --from interviews.csv -n 25 --batch-size 1 2>messages | true
	[ "${PIPESTATUS[0]}" = 141 ] || tell "${PIPESTATUS[0]} $(cat messages)"
	[ ! -s messages ] || tell "$(cat messages)"
	[ "$(sql 'SELECT count(*) FROM claim' 2>/dev/null || echo 0)" = 0 ]
}

@test "a full disk behind stdout is exit 5" {
	[ -e /dev/full ] || skip "no /dev/full"
	status=0
	persona-run -q --from interviews.csv -n 3 >/dev/full 2>messages || status=$?
	[ "$status" = 2 ] || [ "$status" = 5 ] || tell "$status"
	grep -q 'cannot write references' messages
}

server()
{
	# shellcheck disable=SC1091
	. "$PERSONA_ROOT/tests/support/server.sh"
	serve server "$@"
	export OPENAI_API_KEY=sk-of-the-chain-test-12
}

# priced [OPTION…]: models draft, judge and refine
priced()
{
	persona-run -q --from interviews.csv -n 40 --model openai:gpt-4o --judge=openai:gpt-4o-mini \
		--stages draft,filter,refine,filter --threshold 75 --base-url "$url/v1" -j 5 --draft-max-tokens 2000 \
		--refine-max-tokens 1000 "$@"
}

# By the server's count, in nano-USD
used()
{
	counted server '[.models["gpt-4o"] | .tokens_in * 2500 + .tokens_out * 10000,
		(.models["gpt-4o-mini"] // {tokens_in: 0, tokens_out: 0} | .tokens_in * 150 + .tokens_out * 600)] | add'
}

@test "--max-cost is for all stages together, by the server's count, too" {
	server --tokens-out 200-900 --delay 5-40
	status=0
	priced --max-cost 0.3 >refs 2>messages || status=$?
	[ "$status" = 3 ] || tell "exit $status: $(cat messages)"
	grep -q "of the chain's \$0.3000 are left, and the next request may cost" messages || tell "$(cat messages)"
	[ "$(used)" -le 300000000 ] || tell "$(used)"
	[ "$(used)" -ge 240000000 ] || tell "only $(used)"
	[ "$(sql 'SELECT count(*) || "|" || budget_nusd || "|" || reserved_nusd FROM chain')" = "1|300000000|0" ]
	[ "$(sql 'SELECT spent_nusd FROM chain')" = "$(sql 'SELECT sum(cost_nusd + lost_nusd) FROM llm_call')" ]
	[ "$(sql 'SELECT spent_nusd FROM chain')" -ge "$(used)" ]
	[ "$(sql 'SELECT count(DISTINCT stage) FROM llm_call')" = 3 ] || tell "not all stages asked"
	[ "$(sql 'SELECT count(DISTINCT chain_id) || "|" || count(chain_id) FROM run')" = "1|4" ]
	# All that were drafted are carried through.
	[ "$(wc -l <refs)" = "$(sql "SELECT count(*) FROM persona p WHERE EXISTS (SELECT 1 FROM revision r
		WHERE r.persona_id = p.persona_id)")" ]
	# The next one has a bound of its own, and goes on; nothing is asked twice.
	priced --max-cost 5 >refs 2>messages || tell "exit $?: $(cat messages)"
	[ "$(wc -l <refs)" = 40 ] || tell "$(wc -l <refs)"
	[ "$(sql 'SELECT count(*) FROM chain')" = 2 ]
	[ "$(counted server .answered_twice)" = 0 ]
	priced --max-cost 0 | sort >again
	sort refs | cmp - again
}

some_under_way()
{
	[ "$(sql "SELECT count(*) FROM llm_call WHERE state = 'sent'" 2>/dev/null || echo 0)" -gt 1 ]
}

@test "--max-cost where a stage is killed: what it had under way is spent, and the bound holds" {
	server --tokens-out 200-900 --delay 100-300
	set -m
	priced --max-cost 0.3 >refs 2>messages 3>&- &
	echo $! >run.pid
	set +m
	until_true some_under_way
	pkill -9 -g "$(cat run.pid)" -x persona-draft
	ended
	[ "$status" = 137 ] || tell "$status $(cat messages)"
	grep -q 'persona-draft was ended by signal 9' messages
	[ "$(used)" -le 300000000 ]
	[ "$(sql 'SELECT spent_nusd + reserved_nusd <= budget_nusd FROM chain')" = 1 ]
}

@test "a bound of one stage beside that of all" {
	server --tokens-out 200-900
	status=0
	priced --max-cost 5 --draft-max-cost 0.1 >refs 2>messages || status=$?
	[ "$status" = 3 ] || tell "$status $(cat messages)"
	grep -q 'persona-draft: stopped at the budget: .* of --max-cost .0[.]1000' messages || tell "$(cat messages)"
	[ "$(sql "SELECT sum(cost_nusd + lost_nusd) <= 100000000 FROM llm_call WHERE stage = 'draft'")" = 1 ]
	run ! grep 'persona-filter: stopped' messages
}

@test "what persona-run tells its stages is not taken from anybody else" {
	persona-draft -q --from interviews.csv -n 1 >/dev/null
	dump >before.sql
	for chain in x '' :: 'ab:0' 'ab:0:1:2' 'ab:-1:5' 'ab:0:-7' 'ab:0:5 '; do
		try env PERSONA_CHAIN="$chain" persona-score 1
		refused 2 'PERSONA_CHAIN is nothing that persona-run says'
	done
	unchanged
}

@test "--dry-run: the first by its data, the others by what is pending; nothing is sent or written" {
	server
	options=(--from interviews.csv -n 12 --model openai:gpt-4o --judge=openai:gpt-4o --base-url "$url/v1" --dry-run)
	try persona-run "${options[@]}"
	succeeded 'persona-draft: 2 requests to send'
	[[ $stderr =~ "filter: there is no database yet" ]] || tell
	[[ $stderr =~ "refine: there is no database yet" ]] || tell
	[ -z "$output" ]
	no_database
	persona-draft -q --from interviews.csv -n 3 >/dev/null
	dump >before.sql
	try persona-run "${options[@]}"
	succeeded 'persona-draft: 2 requests to send'
	[[ $stderr =~ "filter: with what is pending in the database now" ]] || tell
	[[ $stderr =~ "persona-filter: 3 requests to send" ]] || tell
	unchanged
	[ "$(counted server .requests)" = 0 ]
	try persona-run --stages score --pending --dry-run
	succeeded 'no stage of the chain has anything to ask'
}

@test "progress: never where stderr is no terminal, one line per stage where it is wanted" {
	PERSONA_TEST_PHASES=$PWD/phases:work=100
	mkdir phases
	export PERSONA_TEST_PHASES
	try persona-run --from interviews.csv -n 15 --batch-size 1
	succeeded
	[[ ! $stderr =~ $'\033' ]] && [[ ! $stderr =~ $'\r' ]] || tell "progress"
	[ "$(grep -c '^persona-' <<<"$stderr")" = 5 ] || tell "five lines"
	rm personas.db*
	try persona-run --progress always --from interviews.csv -n 15 --batch-size 1
	succeeded
	[ "$(wc -l <<<"$output")" = 15 ]
	[[ $stderr =~ 'draft '[0-9]+.*'score '[0-9]+ ]] || tell "no progress"
	# Messages begin their lines.
	[ "$(tr '\r' '\n' <<<"$stderr" | sed 's/\x1b\[[0-9]*[A-Z]//g' | grep -c '^persona-')" = 5 ] || tell "messages"
	try persona-run --progress never --from interviews.csv -n 15
	succeeded
}

@test "at a terminal: a table at the end, lines of progress gone" {
	command -v script >/dev/null || skip "no script(1)"
	mkdir phases
	cat >session <<-'SESSION'
		stty cols 100 rows 24
		PERSONA_TEST_PHASES=phases:work=100 persona-run --from interviews.csv -n 15 --batch-size 1
		echo "exit $?"
	SESSION
	timeout 60 script -qec 'bash session' typescript >/dev/null </dev/null
	grep -q 'exit 0' typescript || tell "$(cat -v typescript)"
	grep -q $'\033\[[0-9]*A' typescript || tell "no two lines at once: $(cat -v typescript)"
	# What is left on it: after the last line of progress was taken back.
	[ "$(sed 's/.*\x1b\[J//' typescript | tr -d '\r' | grep -c '^1*[0-9]\.1  ')" = 15 ] || tell "$(cat -v typescript)"
	[ "$(sed 's/.*\x1b\[J//' typescript | grep -c '^persona-')" = 5 ] || tell "$(cat -v typescript)"
	try timeout 60 script -qec 'persona-run -q --format ids --from interviews.csv -n 3' /dev/null </dev/null
	[ "$(tr -d '\r' <<<"$output")" = $'1.1\n2.1\n3.1' ] || tell "ids"
}

# typed TEXT: into a shell at a terminal, in which a slow run is in the foreground and has begun to draft
typed()
{
	local text=$1
	cat >session <<-'SESSION'
		PERSONA_TEST_PHASES=phases:work=50 persona-run --from interviews.csv -n 25 --batch-size 1 --format ids
	SESSION
	mkdir phases
	(
		printf '. ./session; echo "exit $?"\n'
		until_true some_drafted
		printf '%b' "$text"
		printf 'echo "exit $?"; exit\n'
	) | timeout 60 script -qec 'bash --norc -i' typescript >/dev/null
}

@test "^C at a terminal reaches all once" {
	command -v script >/dev/null || skip "no script(1)"
	typed '\003'
	grep -q 'exit 130' typescript || tell "$(cat -v typescript)"
	[ "$(sql 'SELECT count(*) FROM run WHERE exit_code IS NULL')" = 0 ] || tell "left at once: $(cat -v typescript)"
	[ "$(sql 'SELECT count(*) FROM claim')" = 0 ]
	[ "$(sql 'SELECT count(*) FROM revision')" -lt 25 ]
}

@test "^Z at a terminal stops all, fg goes on" {
	command -v script >/dev/null || skip "no script(1)"
	typed '\032fg\n'
	grep -q 'Stopped' typescript || tell "$(cat -v typescript)"
	grep -q 'exit 0' typescript || tell "$(cat -v typescript)"
	[ "$(sql 'SELECT count(*) FROM revision')" = 25 ]
	[ "$(tr -d '\r' <typescript | sed 's/.*\x1b\[J//' | grep -c '^[0-9]*\.1$')" = 25 ] || tell "$(cat -v typescript)"
}
