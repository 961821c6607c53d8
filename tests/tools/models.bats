#!/usr/bin/env bats
# Drafting with models over the network: each provider's requests, tokens and money, with the scripted server as provider.
load helper

setup_file()
{
	unset "${!OPENAI_@}" "${!ANTHROPIC_@}" "${!GOOGLE_@}" "${!GEMINI_@}" "${!OLLAMA_@}" PERSONA_LOG_HTTP
}

server()
{
	# shellcheck disable=SC1091
	. "$PERSONA_ROOT/tests/support/server.sh"
	serve server --log-bodies "$@"
}

teardown()
{
	[ ! -e server.pid ] || kill "$(cat server.pid)"
}

# asked FILTER: jq(1) on what came last
asked()
{
	tail -n 1 server.log | jq -c "$1"
}

# is WHAT EXPECTED FOUND
is()
{
	[ "$2" = "$3" ] || tell "$1: $3 instead of $2"
}

# drafted PROVIDER:MODEL [OPTION…]: three personas in one request, none again
drafted()
{
	local model=$1
	shift
	try persona-draft --model "$model" --base-url "$url" --from interviews.csv -n 3 --batch-size 3 "$@"
	succeeded '1 request \(0 of them repeated\), 0 answers at hand'
	[ "$output" = $'1.1\n2.1\n3.1' ] || tell "references"
	try persona-draft --model "$model" --base-url "$url" --from interviews.csv -n 3 --batch-size 3 "$@"
	succeeded '3 personas, 0 new'
	is requests 1 "$(counted server .requests)"
	is "what the views say" "draft|$model|1" "$(sql "SELECT stage, model, calls FROM cost")"
	# Every item was made of records that are there.
	is strength 0 "$(sql "SELECT count(*) FROM evidence WHERE record_id IS NULL AND kind <> 'quote'")"
}

# books: tokens and nano-USD of the one call
books()
{
	sql "SELECT input_tokens, output_tokens, cached_tokens, cache_write_tokens, reasoning_tokens, cost_nusd FROM llm_call"
}

# By the server: tokens in, cached, out
counts()
{
	counted server '.models[] | "\(.tokens_in) \(.tokens_cached) \(.tokens_out)"'
}

@test "openai: chat completions with a strict schema" {
	server --cached 40 --cache-written 20 --reasoning 50
	url=$url/v1 OPENAI_API_KEY=sk-test-0123456789 drafted openai:gpt-4o
	is path '"/v1/chat/completions"' "$(asked .path)"
	is key '"Bearer sk-test-0123456789"' "$(asked .headers.authorization)"
	is parameters '["gpt-4o",4096,0.7,null]' "$(asked '.body | [.model, .max_tokens, .temperature, .stream]')"
	is roles '["system","user"]' "$(asked '.body.messages | map(.role)')"
	is schema '["json_schema",true,false,["array"]]' "$(asked '.body.response_format
		| [.type, .json_schema.strict, .json_schema.schema.additionalProperties, [.json_schema.schema.properties.personas.type]]')"
	is "everything required" true "$(asked '.body.response_format.json_schema.schema.properties.personas.items
		| (.properties | keys) == (.required | sort)')"
	is records true "$(asked '.body.messages[1].content | contains("[interviews.csv:17]")')"
	read -r in cached out <<<"$(counts)"
	# 2.50, 1.25 and 10 USD per million; what is written to the cache costs as much as what is read.
	is books "$in|$out|$cached|$((in / 5))|50|$(((in - cached) * 2500 + cached * 1250 + out * 10000))" "$(books)"
}

@test "anthropic: messages with the data in the cache" {
	server --cached 40 --cache-written 20
	ANTHROPIC_API_KEY=sk-ant-test-0123 drafted anthropic:claude-sonnet-4-5 --max-tokens 3000 --temperature 0.2
	is path '"/v1/messages"' "$(asked .path)"
	is headers '["sk-ant-test-0123","2023-06-01"]' "$(asked '.headers | [."x-api-key", ."anthropic-version"]')"
	is parameters '["claude-sonnet-4-5",3000,0.2]' "$(asked '.body | [.model, .max_tokens, .temperature]')"
	is system '[null,{"type":"ephemeral"}]' "$(asked '.body.system | map(.cache_control)')"
	is records true "$(asked '.body.system[1].text | contains("[interviews.csv:17]")')"
	is schema '["json_schema","object"]' "$(asked '.body.output_config.format | [.type, .schema.type]')"
	read -r in cached out <<<"$(counts)"
	written=$((in / 5))
	# Its input_tokens are only the rest: 3, 0.30, 3.75 (written) and 15 USD per million.
	is books "$in|$out|$cached|$written||$(((in - cached - written) * 3000 + cached * 300 + written * 3750 + out * 15000))" \
		"$(books)"
}

@test "gemini: generateContent, thoughts counted as output" {
	server --cached 40 --reasoning 70
	GOOGLE_API_KEY=AIza-test-0123456789 drafted gemini:gemini-2.5-flash
	is path '"/v1beta/models/gemini-2.5-flash:generateContent"' "$(asked .path)"
	is key '"AIza-test-0123456789"' "$(asked '.headers."x-goog-api-key"')"
	is parameters '[4096,0.7,"application/json","object"]' "$(asked '.body.generationConfig
		| [.maxOutputTokens, .temperature, .responseMimeType, .responseJsonSchema.type]')"
	is system true "$(asked '.body.systemInstruction.parts[0].text | length > 100')"
	is records true "$(asked '.body.contents[0].parts[0].text | contains("[interviews.csv:17]")')"
	read -r in cached out <<<"$(counts)"
	is books "$in|$out|$cached||70|$(((in - cached) * 300 + cached * 30 + out * 2500))" "$(books)"
}

@test "ollama: chat with a context that holds the data, and no price" {
	server
	drafted ollama:llama3.2
	is path '"/api/chat"' "$(asked .path)"
	is key null "$(asked .headers.authorization)"
	is parameters '["llama3.2",false,false,4096,0.7]' "$(asked '.body
		| [.model, .stream, .truncate, .options.num_predict, .options.temperature]')"
	is schema '"object"' "$(asked .body.format.type)"
	read -r in cached out <<<"$(counts)"
	is context true "$(asked ".body.options.num_ctx >= $in + 4096")"
	is books "$in|$out||||0" "$(books)"
}

@test "a server of one's own: no key, a base URL with and without a slash at its end" {
	server --usage missing
	try persona-draft --model openai:local-model --base-url "$url/v1/" --local-only --price 0:0 --max-cost 1 \
		--from interviews.csv -n 2
	succeeded '2 personas, 2 new'
	is key null "$(asked .headers.authorization)"
	is path '"/v1/chat/completions"' "$(asked .path)"
	is "no counts" '||0' "$(sql "SELECT input_tokens, output_tokens, cost_nusd FROM llm_call")"
}

@test "a parameter that is refused is left out once and for all" {
	server --reject temperature
	export OPENAI_API_KEY=sk-test-0123456789
	try persona-draft --model openai:gpt-4o --base-url "$url/v1" --from interviews.csv -n 2
	succeeded '2 requests \(1 of them repeated\)'
	is temperature null "$(asked .body.temperature)"
	try persona-draft --model openai:gpt-4o --base-url "$url/v1" --from interviews.csv -n 4
	succeeded '1 request \(0 of them repeated\)'
	is requests 3 "$(counted server .requests)"
}

@test "--dry-run: counts and prices, sends and writes nothing, needs no key" {
	server
	try persona-draft --model openai:gpt-4o --base-url "$url/v1" --from interviews.csv -n 25 --dry-run
	succeeded '3 requests to send, 0 answers at hand.*tokens: .*cost: \$0\.[0-9]+ to \$0\.[0-9]+'
	[ -z "$output" ]
	no_database
	try persona-draft --model openai:gpt-4o --from interviews.csv -n 25 --dry-run
	succeeded '3 requests to send'
	is requests 0 "$(counted server .requests)"
}

@test "--max-cost: exit 3 where it ends, a higher one goes on" {
	server
	export OPENAI_API_KEY=sk-test-0123456789
	draft=(persona-draft --model openai:gpt-4o --base-url "$url/v1" --from interviews.csv -n 6 --batch-size 2)
	try "${draft[@]}" --max-cost 0.01
	[ "$status" = 3 ] || tell "no exit 3"
	[[ $stderr =~ "stopped at the budget: \$0.0100 of --max-cost \$0.0100 are left, and the next request may cost" ]] || tell
	is requests 0 "$(counted server .requests)"
	try "${draft[@]}" --max-cost 1
	succeeded '6 personas, 6 new'
	# The database's bound is for ever.
	sqlite3 personas.db "INSERT INTO setting VALUES ('budget_usd', '0.01')"
	try "${draft[@]}" --label again
	[ "$status" = 3 ] || tell "no exit 3"
	[[ $stderr =~ "of the database's \$0.0100 are left" ]] || tell
	is requests 3 "$(counted server .requests)"
	sqlite3 personas.db "UPDATE setting SET value = '2' WHERE key = 'budget_usd'"
	try "${draft[@]}" --label again
	succeeded '6 personas, 6 new'
	is requests 6 "$(counted server .requests)"
}

@test "no price and a bound: exit 2 before anything is sent" {
	export OPENAI_API_KEY=sk-test-0123456789
	# An address that leads nowhere, and not to this host: there nothing costs anything.
	try persona-draft --model openai:nobody-knows --base-url http://192.0.2.1:9/v1 --from interviews.csv -n 2 --max-cost 1
	refused 2 'no price is known for openai:nobody-knows.*--price IN:OUT'
}

@test "no key for a provider's own address: exit 2 says which variable" {
	for model in openai:gpt-4o=OPENAI_API_KEY anthropic:claude-sonnet-4-5=ANTHROPIC_API_KEY \
		gemini:gemini-2.5-flash=GOOGLE_API_KEY; do
		try persona-draft --model "${model%=*}" --from interviews.csv -n 2
		refused 2 "needs a key: set ${model#*=}"
	done
	no_database
}

@test "the whole chain with models: drafted, judged, refined, judged again; the same again costs nothing" {
	local asked
	server
	export OPENAI_API_KEY=sk-of-the-chain-test-12
	chain()
	{
		set -- --base-url "$url" --price 2.5:10
		persona-draft -q --model openai:gpt-4o "$@" --from interviews.csv -n 4 |
			persona-filter -q --judge openai:gpt-4o --threshold 75 "$@" - |
			persona-refine -q --model openai:gpt-4o "$@" - |
			persona-filter -q --judge=openai:gpt-4o --threshold 75 "$@" - | sort
	}
	chain >first
	[ "$(wc -l <first)" = 4 ] || tell "four references"
	is "refined" "$(sql "SELECT count(*) FROM revision WHERE stage = 'refine'")" "$(grep -c '\.2$' first)"
	is "evaluations" "$(sql "SELECT count(*) FROM revision")" "$(sql "SELECT count(*) FROM evaluation")"
	is "criteria" "coherence realism usefulness" "$(sql "SELECT group_concat(DISTINCT criterion) FROM criterion" | tr , ' ')"
	is "calls without an answer" 0 "$(sql "SELECT count(*) FROM llm_call WHERE state <> 'done'")"
	asked=$(counted server .requests)
	chain >second
	cmp first second
	is "requests" "$asked" "$(counted server .requests)"
	# Another threshold asks nobody.
	try persona-filter --judge openai:gpt-4o --threshold 10 --base-url "$url" --price 2.5:10 1 2 3 4
	succeeded '4 of 4 passed'
	is "requests" "$asked" "$(counted server .requests)"
	is "verdicts" 1 "$(sql "SELECT min(passed) FROM persona_current")"
}

# whole_chain PROVIDER:MODEL: six personas come through, every revision leads back to its request and to records that are
# there, and the same again sends nothing and prints the same
whole_chain()
{
	local model=$1 requests
	chain()
	{
		persona-draft -q --model "$model" --base-url "$url" --from interviews.csv -n 6 --batch-size 3 |
			persona-filter -q --judge "$model" --base-url "$url" --threshold 75 - |
			persona-refine -q --model "$model" --base-url "$url" - |
			persona-filter -q --judge "$model" --base-url "$url" --threshold 75 - | persona-score -q - | sort
	}
	chain >first
	is references 6 "$(sort -u first | wc -l)"
	is "children" "$(sql "SELECT count(*) FROM revision WHERE stage = 'refine'")" "$(grep -c '\.2$' first)"
	is "who is there" "6|6" "$(sql "SELECT count(overall), count(evaluation) FROM persona_current")"
	is "stages" "draft filter refine" "$(sql "SELECT DISTINCT stage FROM llm_call ORDER BY 1" | paste -sd ' ')"
	is "lineage" "$(sql "SELECT persona_id || '.' || number || '|' || stage FROM revision ORDER BY 1")" \
		"$(sql "SELECT DISTINCT l.revision, c.stage FROM lineage l JOIN llm_call c ON c.call_id = l.call
			JOIN record r ON r.locator = l.record WHERE c.state = 'done' AND c.provider || ':' || c.model = '$model' ORDER BY 1")"
	requests=$(counted server .requests)
	is "calls" "$requests" "$(sql "SELECT sum(attempts) FROM llm_call")"
	dump >before.sql
	chain >second
	cmp first second
	is "requests" "$requests" "$(counted server .requests)"
	dump >after.sql
	diff <(grep -v '^INSERT INTO stage_key' before.sql) <(grep -v '^INSERT INTO stage_key' after.sql)
}

@test "the whole chain with openai" {
	server
	url=$url/v1 OPENAI_API_KEY=sk-of-the-chain-test-12 whole_chain openai:gpt-4o
}

@test "the whole chain with anthropic" {
	server
	ANTHROPIC_API_KEY=sk-ant-of-the-chain-12 whole_chain anthropic:claude-sonnet-4-5
}

@test "the whole chain with gemini" {
	server
	GOOGLE_API_KEY=AIza-of-the-chain-test-1 whole_chain gemini:gemini-2.5-flash
}

@test "the whole chain with ollama" {
	server
	whole_chain ollama:llama3.2
}

@test "a judge that makes no sense is refused before anything is done" {
	try persona-filter --judge 1.1
	refused 2 'PERSONA_JUDGE_MODEL'
	try persona-filter --judge offline: 1.1
	refused 2 'judges by the score'
	try persona-filter --judge openai:gpt-4o --criteria coherence,beauty 1.1
	refused 2 "no 'beauty'"
	try persona-filter --judge openai:gpt-4o --criteria realism,realism 1.1
	refused 2 "'realism' twice"
}

@test "instructions of one's own: what is sent, what is refused, and what takes none" {
	server
	export OPENAI_API_KEY=sk-of-the-prompt-test-1
	printf 'Make them short.\r\nNo jokes.\r\n' >prompt.txt
	try persona-draft --model openai:gpt-4o --base-url "$url" --price 2.5:10 --from interviews.csv -n 1 --prompt prompt.txt
	succeeded '1 persona, 1 new'
	is "sent" '"Make them short.\nNo jokes.\n"' "$(asked '.body.messages[0].content')"
	: >empty && printf 'a\001b' >binary && head -c 300000 /dev/zero | tr '\0' a >large
	try persona-refine --model openai:gpt-4o --base-url "$url" --prompt empty 1
	refused 2 'empty: there is nothing in it'
	try persona-refine --model openai:gpt-4o --base-url "$url" --prompt binary 1
	refused 2 'binary: 1 byte is not UTF-8 text'
	try persona-refine --model openai:gpt-4o --base-url "$url" --prompt large 1
	refused 2 'large: more than 262144 bytes'
	try persona-refine --model openai:gpt-4o --base-url "$url" --prompt missing 1
	refused 2 'missing: No such file'
	try persona-refine --model openai:gpt-4o --base-url "$url" --prompt . 1
	refused 2 '[.]: Is a directory'
	try persona-refine --prompt prompt.txt 1
	refused 2 'takes no instructions'
	try persona-filter --prompt prompt.txt 1
	refused 2 'goes with --judge'
	try persona-filter --criteria realism 1
	refused 2 'goes with --judge'
	is "requests" 1 "$(counted server .requests)"
}

@test "judge and refine: a wrong key and too little money end them, and all references come through" {
	server --require-key sk-the-right-key-1234
	export OPENAI_API_KEY=sk-a-wrong-key-123456
	persona-draft -q --from interviews.csv -n 3 | persona-score -q - | persona-filter -q --threshold 100 - >refs
	is "verdicts" 0 "$(sql "SELECT sum(passed) FROM verdict")"
	for program in "persona-filter --judge openai:gpt-4o" "persona-refine --model openai:gpt-4o"; do
		# shellcheck disable=SC2086 # a program and its options
		try $program --base-url "$url" --price 2.5:10 1.1 2.1 3.1
		[ "$status" = 4 ] && [ "$(sort <<<"$output")" = $'1.1\n2.1\n3.1' ] || tell "a wrong key"
		# shellcheck disable=SC2086
		OPENAI_API_KEY=sk-the-right-key-1234 try $program --base-url "$url" --price 2.5:10 --max-cost 0 1.1 2.1 3.1
		[ "$status" = 3 ] && [ "$(sort <<<"$output")" = $'1.1\n2.1\n3.1' ] || tell "no money"
	done
	is "what was made" "0|0|0|0" "$(sql "SELECT (SELECT count(*) FROM evaluation), (SELECT count(*) FROM refinement),
		(SELECT count(*) FROM claim), (SELECT count(*) FROM failure)")"
	is "ledger" "0|0" "$(sql "SELECT spent_nusd, reserved_nusd FROM ledger")"
	try persona-filter --judge openai:gpt-4o --base-url "$url" --price 2.5:10 1.1
	grep -q '0 of 1 passed, 1 without a verdict' <<<"$stderr" || tell "what it says"
}

@test "why the first failed is said, not only that" {
	server --status 500
	# shellcheck disable=SC2154 # by serve
	try persona-draft --model openai:gpt-4o-mini --base-url "$url" --from interviews.csv -n 3 --retries 0
	[ "$status" = 1 ]
	[[ $stderr =~ "3 failed, the first: HTTP 500: " ]] || tell "not said"
	[[ $stderr =~ "; see the table failure" ]] || tell "not said where the others are"
}
