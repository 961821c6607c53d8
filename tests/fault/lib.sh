# shellcheck shell=bash
# What the fault tests share. To be sourced by bash.

set -u
export LC_ALL=C.UTF-8
unset PERSONA_DB PERSONA_DRAFT_MODEL PERSONA_JUDGE_MODEL PERSONA_REFINE_MODEL PERSONA_TEST_PHASES PERSONA_CHAIN
# Ours are cut short on purpose, and many run at once: looking for leaks belongs to the unit tests.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=${PERSONA_ROOT:-$(cd "$here/../.." && pwd -P)}
[ -z "${PERSONA_BIN:-}" ] || PATH=$PERSONA_BIN:$PATH
command -v persona-draft >/dev/null || PATH=$root/build-asan/bin:$root/build/bin:$PATH
command -v persona-draft >/dev/null || {
	echo "persona-draft is not in PATH; build first (tools/build release)" >&2
	exit 1
}
work=$(mktemp -d "${TMPDIR:-/tmp}/persona-fault.XXXXXX") || exit 1
# shellcheck disable=SC2154
trap 'code=$?; clean_up; exit $code' EXIT
trap 'exit 1' INT TERM HUP
cd "$work" || exit 1

# Redefined by who has more to clean up.
clean_up()
{
	local jobs
	jobs=$(jobs -p)
	# shellcheck disable=SC2086
	[ -z "$jobs" ] || kill -9 $jobs 2>/dev/null
	cd /
	[ "$mounted" = no ] || umount "$work/disk"
	rm -rf "$work"
}

failures=0
mounted=no

wrong()
{
	failures=$((failures + 1))
	echo "WRONG: $*" >&2
}

# verdict: how the script ends.
end()
{
	if [ "$failures" = 0 ]; then
		echo "all as it should be"
		exit 0
	fi
	echo "$failures things are wrong" >&2
	exit 1
}

# survey LINES [SEED]: research data as CSV, always the same.
survey()
{
	awk -v lines="$1" -v seed="${2:-1}" -f "$here/survey.awk"
}

# Milliseconds of a clock.
now()
{
	local micro=${EPOCHREALTIME/./}
	echo $((micro / 1000))
}

# query DATABASE SQL
query()
{
	sqlite3 -batch -init /dev/null -cmd ".timeout 60000" "$1" "$2"
}

# natural DATABASE [OTHER]: its content without ids and times, sorted. With OTHER, scores of populations that
# OTHER has not are left out.
natural()
{
	sqlite3 -batch -init /dev/null "$1" ".timeout 60000" "ATTACH '${2:-$1}' AS other" \
		"CREATE TEMP TABLE wanted_population AS SELECT ifnull('label ' || b.label, substr(b.sha256, 1, 16)) AS batch,
			p.sha256 FROM other.population p JOIN other.batch b USING (batch_id)" \
		".read $here/natural.sql" | sort
}

# named DATABASE: references on stdin by what they stand for (batch, slot, number), sorted.
named()
{
	sqlite3 -batch -init /dev/null "$1" ".timeout 60000" "CREATE TEMP TABLE given (ref TEXT)" \
		".import /dev/stdin given" \
		"SELECT ifnull(b.label, substr(b.sha256, 1, 16)) || ' ' || p.slot || '.' || r.number
			FROM given g LEFT JOIN main.revision r ON r.persona_id || '.' || r.number = g.ref
			LEFT JOIN main.persona p USING (persona_id) LEFT JOIN main.batch b USING (batch_id)" | sort
}

# same NAME EXPECTED FILE: two files are equal.
same()
{
	cmp -s "$2" "$3" && return 0
	wrong "$1: $(diff "$2" "$3" | grep -c '^[<>]') lines differ"
	diff "$2" "$3" | head -n 6 | cut -c 1-300 >&2
	return 1
}

# sound NAME DATABASE: nothing is damaged, nobody has a claim.
sound()
{
	local found
	found=$(query "$2" "PRAGMA integrity_check; PRAGMA foreign_key_check; SELECT 'claim', * FROM claim;
		SELECT 'failure', * FROM failure; SELECT 'reserved', * FROM ledger WHERE reserved_nusd <> 0")
	[ "$found" = ok ] || wrong "$1: $found"
}

# quiet NAME FILE: nothing on stderr but what programs say when all is well.
quiet()
{
	[ ! -s "$2" ] && return 0
	wrong "$1: stderr says: $(head -n 3 "$2")"
}

# until_true SECONDS COMMAND…: wait for it, at most so long.
until_true()
{
	local end=$(($(now) + $1 * 1000))
	shift
	until "$@"; do
		[ "$(now)" -lt "$end" ] || return 1
		sleep 0.005
	done
}

# small_disk MEGABYTES: the folder disk is a file system of that size in memory, where that is allowed.
small_disk()
{
	mkdir disk
	mount -t tmpfs -o size="$1m" none disk 2>/dev/null && mounted=yes
}

# fill KIB: leave so much room there.
fill()
{
	local room
	room=$(($(df -k --output=avail disk | tail -n 1) - $1))
	[ "$room" -le 0 ] || dd if=/dev/zero of=disk/ballast bs=1024 count="$room" status=none
}

# tight KIB COMMAND…: with room for so much more
tight()
{
	local room=$1
	shift
	if [ "$mounted" = yes ]; then
		fill "$room"
		"$@"
	else
		# No file may grow beyond, the write-ahead log for one; the 32 KiB of SQLite's shared memory have to fit.
		(
			trap '' XFSZ
			ulimit -S -f $((room + 32))
			"$@"
		)
	fi
}

# more_room: the disk is not full any more, also for who runs now
more_room()
{
	local pid
	if [ "$mounted" = yes ]; then
		rm -f disk/ballast
		return
	fi
	for pid in $(pgrep -f '^persona-' || true); do
		prlimit --fsize=unlimited --pid "$pid" 2>/dev/null || true
	done
}
