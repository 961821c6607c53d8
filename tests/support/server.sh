# shellcheck shell=bash
# The scripted model server for scripts in bash: started, asked what it counted, ended. To be sourced.

server_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
model_server=
for folder in "${PERSONA_BUILD:-}" "$server_root/build-asan" "$server_root/build" "$server_root/build-gcc"; do
	[ -n "$model_server" ] || [ ! -x "$folder/tests/model-server" ] || model_server=$folder/tests/model-server
done
[ -n "$model_server" ] || echo "there is no model-server; build the tests first (tools/build asan)" >&2

# serve NAME [OPTION…]: one that listens when this returns. Its address is in $url; its log of requests in NAME.log.
serve()
{
	local name=$1 turn
	shift
	# The address of an earlier one must not be taken for this one's.
	: >"$name.url"
	"$model_server" --log "$name.log" "$@" >"$name.url" 2>"$name.err" 3>&- &
	echo "$!" >"$name.pid"
	for ((turn = 0; turn < 1000; turn++)); do
		url=$(sed -n 's/^listening on //p' "$name.url")
		[ -z "$url" ] || return 0
		sleep 0.02
	done
	echo "the model server does not start: $(cat "$name.err")" >&2
	return 1
}

# counted NAME FILTER: what jq(1) makes of its counters
counted()
{
	curl -sk --max-time 20 "$(sed -n 's/^listening on //p' "$1.url")/stats" | jq -r "$2"
}

# instruct NAME JSON: options from now on
instruct()
{
	curl -sk --max-time 20 --fail-with-body -d "$2" "$(sed -n 's/^listening on //p' "$1.url")/control" >/dev/null
}

# unserve NAME: end it
unserve()
{
	local pid
	pid=$(cat "$1.pid") || return 0
	kill "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	rm -f "$1.pid"
}
