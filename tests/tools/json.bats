#!/usr/bin/env bats
# persona-json: text in, JSON out.
load helper

# asked LINE…: what --jsonl answers.
asked()
{
	printf '%s\n' "$@" | persona-json --jsonl
}

@test "an answer's JSON on one line; nothing is said, no database is made" {
	printf 'Sure, here it is:\n```json\n{"name": "Ann",\n "age": 34,}\n```\nAnything else?\n' >answer
	try persona-json <answer
	succeeded
	[ "$output" = '{"name":"Ann","age":34}' ]
	[ -z "$stderr" ] || tell "something on stderr"
	try persona-json answer
	[ "$output" = '{"name":"Ann","age":34}' ]
	try persona-json - <answer
	[ "$output" = '{"name":"Ann","age":34}' ]
	try persona json <answer
	[ "$output" = '{"name":"Ann","age":34}' ]
	no_database
}

@test "none: exit 1, nothing on stdout, the reason on stderr" {
	for text in '' 'I cannot do that.' '42' '"text"' 'true' '{' '[{' '{name}'; do
		try persona-json <<<"$text"
		refused 1 'stdin: no JSON object or array found'
	done
	try persona-json -q <<<'none'
	[ "$status" = 1 ]
	[ -z "$output$stderr" ]
}

@test "--compact and --pretty" {
	try persona-json --compact <<<'{"a": [1, {}], "b": "é"}'
	[ "$output" = '{"a":[1,{}],"b":"é"}' ]
	try persona-json --pretty <<<'{"a": [1, {}], "b": "é"}'
	[ "$output" = $'{\n  "a": [\n    1,\n    {}\n  ],\n  "b": "é"\n}' ]
}

@test "--array and --object, in envelopes and without" {
	try persona-json --array <<<'{"a":1}'
	[ "$output" = '[{"a":1}]' ]
	try persona-json --array --envelope personas <<<'{"personas":[{"a":1}]}'
	[ "$output" = '[{"a":1}]' ]
	try persona-json --object <<<'[{"a":1}]'
	[ "$output" = '{"a":1}' ]
	try persona-json --object --envelope data --envelope persona <<<'{"persona":{"a":1}}'
	[ "$output" = '{"a":1}' ]
	try persona-json --object <<<'[1,2]'
	refused 1 'no JSON object found'
}

@test "--strict: the whole text, any value, nothing mended" {
	for text in 42 '"text"' null '[1,{"a":"\u0000"}]'; do
		try persona-json --strict <<<"$text"
		succeeded
		[ "$output" = "$text" ]
	done
	try persona-json --strict <<<'[1,]'
	refused 1 'stdin: line 1, column 4: '
	try persona-json --strict <<<'{"a":1} and more'
	refused 1 'line 1, column 9: '
	try persona-json --strict --array <<<'{}'
	refused 1 'no array'
	try persona-json --strict --object <<<'{}'
	[ "$output" = '{}' ]
}

@test "--no-repair: found, but neither broken nor cut" {
	try persona-json --no-repair <<<'Here: {"a":1}.'
	[ "$output" = '{"a":1}' ]
	try persona-json --no-repair <<<'Here: {"a":1,}.'
	refused 1 'that needs no repair'
	try persona-json --no-repair <<<'[{"a":1},{"b'
	refused 1 'that needs no repair'
}

@test "what is missing is said, what was mended with -v, neither with -q" {
	try persona-json <<<'[{"a":1},{"b'
	[ "$output" = '[{"a":1}]' ]
	[ "$stderr" = 'persona-json: stdin: the text ends too early: what was not complete is missing' ]
	try persona-json -q <<<'[{"a":1},{"b'
	[ "$output" = '[{"a":1}]' ]
	[ -z "$stderr" ]
	try persona-json -v <<<'{a: 1}'
	[ "$stderr" = 'persona-json: stdin: mended, of 1 candidate' ]
	try persona-json -v <<<'{"a": 1}'
	[ "$stderr" = 'persona-json: stdin: as it stood, of 1 candidate' ]
}

@test "several files: a line for each, exit 1 if one has none" {
	echo '{"a":1}' >one
	echo 'nothing' >two
	echo '[2]' >three
	try persona-json one two three
	[ "$status" = 1 ]
	[ "$output" = $'{"a":1}\n[2]' ]
	[ "$stderr" = 'persona-json: two: no JSON object or array found' ]
}

@test "wrong use and unreadable input: exit 2" {
	for options in '--array --object' '--pretty --compact' '--pretty --jsonl' '--envelope a' '--strict --array --envelope a' \
		'--db x' '--format json' '--jsonl=1' '--envelope'; do
		# shellcheck disable=SC2086 # words
		try persona-json $options <<<'{}'
		refused 2 '.'
	done
	try persona-json missing
	refused 2 'missing: No such file'
	try persona-json .
	refused 2 '\.: Is a directory'
	try persona-json --jsonl .
	refused 2 'Is a directory'
	try sh -c 'exec persona-json <&-'
	refused 2 'Bad file descriptor'
}

@test "/dev/full: exit 5; a closed pipe: SIGPIPE" {
	try sh -c 'echo {} | persona-json >/dev/full'
	refused 5 'No space left'
	try sh -c 'echo {} | persona-json --jsonl >/dev/full'
	refused 5 'No space left'
	try sh -c 'echo {} | persona-json >&-'
	refused 5 'Bad file descriptor'
	yes '{"id":"a","input":"{}"}' | head -n 100000 >requests
	try bash -c 'persona-json --jsonl requests | head -n 1; exit "${PIPESTATUS[0]}"'
	[ "$status" = 141 ] || tell "not 141"
	[ -z "$stderr" ] || tell "something on stderr"
	[ "$output" = '{"id":"a","ok":true,"value":{},"repaired":false,"truncated":false,"candidates":1}' ]
}

@test "2,000 levels are right, 1,000,000 are refused" {
	{
		printf '%2000s' '' | tr ' ' '['
		printf '{"a":1}'
		printf '%2000s' '' | tr ' ' ']'
	} >deep
	for option in --compact --strict --pretty; do
		persona-json $option deep | tr -d ' \n' | cmp - deep
	done
	persona-json --array <deep | tr -d '\n' | cmp - deep
	jq -cRs '{id: "deep", input: .}' deep | persona-json --jsonl >answer
	printf '{"id":"deep","ok":true,"value":%s,"repaired":false,"truncated":false,"candidates":1}\n' "$(cat deep)" |
		cmp - answer
	for closed in 0 1000000; do
		{
			printf '%1000000s' '' | tr ' ' '['
			printf "%${closed}s" '' | tr ' ' ']'
		} >deeper
		try persona-json deeper
		refused 1 'deeper: JSON nested deeper than 2048'
		try persona-json --strict deeper
		refused 1 'nested too deep'
		try persona-json --jsonl <<<"{\"id\":\"x\",\"input\":\"$(cat deeper)\"}"
		[ "$output" = '{"id":"x","ok":false,"value":null,"error":"JSON nested deeper than 2048"}' ]
	done
}

@test "--jsonl: an answer per request, in order, whatever comes" {
	run -0 asked '{"id":"1","input":"[1,2,]"}' '{"id":"2","input":"[{\"a\":1},{\"b"}' '{"id":"3","input":"nothing"}' \
		'{"id":"4","input":"\"x\"","mode":"strict"}' '{"id":"5","input":"[1,]","mode":"strict"}' \
		'{"input":"Draft: [1] Final: [2]","id":"\u0000é","mode":"extract","more":[]}'
	[ "${#lines[@]}" = 6 ]
	[ "${lines[0]}" = '{"id":"1","ok":true,"value":[1,2],"repaired":true,"truncated":false,"candidates":1}' ]
	[ "${lines[1]}" = '{"id":"2","ok":true,"value":[{"a":1}],"repaired":true,"truncated":true,"candidates":1}' ]
	[ "${lines[2]}" = '{"id":"3","ok":false,"value":null,"error":"no JSON object or array found"}' ]
	[ "${lines[3]}" = '{"id":"4","ok":true,"value":"x","repaired":false,"truncated":false,"candidates":1}' ]
	[ "${lines[4]}" = '{"id":"5","ok":false,"value":null,"error":"line 1, column 4: a value is expected"}' ]
	[ "${lines[5]}" = '{"id":"\u0000é","ok":true,"value":[2],"repaired":false,"truncated":false,"candidates":1}' ]
}

@test "--jsonl: a bad request is answered with id null, and the next one is read" {
	local bad=('' 'nothing' '[]' '{}' '{"id":"a"}' '{"id":1,"input":"{}"}' '{"input":"{}"}' '{"id":"a","input":1}'
		'{"id":"a","input":"{}","input_b64":"e30="}' '{"id":"a","input_b64":"e30*"}'
		'{"id":"a","input_b64":"e"}' '{"id":"a","input_b64":"=e30"}' '{"id":"a","input_b64":"e30=e30="}'
		'{"id":"a","input":"{}","mode":"mend"}' '{"id":"a","input":"{}","mode":null}' '{"id":"a","input":"{}"' $'\xff')

	for line in "${bad[@]}"; do
		run -0 asked "$line" '{"id":"next","input":"{}"}'
		[ "${#lines[@]}" = 2 ] || tell "$line"
		[[ ${lines[0]} =~ ^'{"id":null,"ok":false,"error":"'[^\"].*\"\}$ ]] || tell "$line"
		[[ ${lines[1]} =~ ^'{"id":"next","ok":true,"value":{},' ]] || tell "$line"
	done
}

@test "--jsonl: base64 of bytes that are no text, padded or not; what comes out is UTF-8" {
	for end in '' =; do
		run -0 asked "{\"id\":\"a\",\"input_b64\":\"$(printf '{"a":"\xff\xed\xa0\x80"}' | base64 | tr -d '=\n')\"}"
		[[ $output =~ '"value":{"a":"' ]] || tell
		iconv -f UTF-8 -t UTF-16 <<<"$output" >/dev/null
	done
	for text in '{}' '{} ' '{}  ' '{}   '; do
		run -0 asked "{\"id\":\"a\",\"input_b64\":\"$(printf '%s' "$text" | base64)\"}"
		[[ $output =~ '"value":{},"repaired":false' ]] || tell "$text"
	done
	run -0 asked '{"id":"a","input":"{\"a\":\"\\ud800\"}"}'
	[[ $output =~ '"value":{"a":"�"}' ]] || tell
}

@test "--jsonl: each answer comes before the next request" {
	coproc persona-json --jsonl
	# Copies: bash closes its own when the process ends, maybe before its last line is read.
	local input output pid=$COPROC_PID
	exec {input}>&"${COPROC[1]}" {output}<&"${COPROC[0]}"
	eval "exec ${COPROC[1]}>&-"
	for i in 1 2 3; do
		printf '{"id":"%s","input":"[%s]"}\n' $i $i >&"$input"
		read -r -t 20 line <&"$output"
		[[ $line =~ \"id\":\"$i\" ]]
	done
	# The last line needs no newline.
	printf '{"id":"end","input":"{}"}' >&"$input"
	exec {input}>&-
	read -r -t 20 line <&"$output"
	[[ $line =~ \"id\":\"end\" ]]
	wait "$pid"
}

@test "--jsonl: options hold for every request" {
	run -0 persona-json --jsonl --array --envelope data <<<'{"id":"a","input":"{\"data\":[1]}"}'
	[[ $output =~ '"value":[1],' ]] || tell
	run -0 persona-json --jsonl --no-repair <<<'{"id":"a","input":"[1,]"}'
	[[ $output =~ '"ok":false,"value":null,"error":"no JSON object or array found that needs no repair"' ]] || tell
	run -0 persona-json --jsonl --strict <<<$'{"id":"a","input":"1"}\n{"id":"a","input":"x [1]","mode":"extract"}'
	[[ ${lines[0]} =~ '"value":1,' ]] || tell
	[[ ${lines[1]} =~ '"value":[1],' ]] || tell
}

@test "--jsonl: a line without end is let go, and the next one is read" {
	{
		printf '{"id":"a","input":"'
		head -c 134217728 /dev/zero | tr '\0' x
		printf '"}\n{"id":"b","input":"{}"}\n'
	} | persona-json --jsonl >answers
	[ "$(head -n 1 answers)" = '{"id":null,"ok":false,"error":"a line of more than 134217728 bytes"}' ]
	[[ $(tail -n +2 answers) =~ ^'{"id":"b","ok":true,' ]]
}

@test "more text than is read: exit 1" {
	{
		echo '{"a":1}'
		head -c 67108864 /dev/zero | tr '\0' ' '
	} >large
	try persona-json large
	refused 1 'large: more than 67108864 bytes'
}
