#!/bin/sh
# Who includes whom. Fails on an arrow that points up or sideways, on a module
# that is not among the USES of its persona_module() line in CMakeLists.txt, on a
# third-party header outside the modules that may know the library, and on a
# private header of somebody else. An argument names another root to look at.
set -eu
cd "${1:-$(dirname "$0")/../..}"

find include src tools -name '*.[ch]' -print | LC_ALL=C sort | xargs awk '
BEGIN {
	# Layers from the bottom up. An arrow goes from a higher number to a lower one.
	split("base 0 text 1 json 2 http 2 persona 3 llm 4 offline 4 metric 4 evidence 4 source 4 store 4 " \
	      "stage 5 cli 6 report 6 tools 7", pairs)
	for (i = 1; pairs[i] != ""; i += 2)
		level[pairs[i]] = pairs[i + 1]

	# Third-party headers (a pattern) and who may include them, ending in + where public headers may too.
	library("^sqlite3\\.h$", "store")
	library("^curl/", "http")
	library("^(arpa/inet|netinet/(in|tcp)|sys/(epoll|socket))\\.h$", "http")
	library("^(unistr|unictype|uniwbrk|unigbrk|unilbrk|uniwidth|uninorm|unicase|unistdio|uniconv|unitypes|unistring/.*)\\.h$", "text")
	library("^libstemmer\\.h$", "text")
	library("^csv\\.h$", "source")
	library("^openssl/", "base")
	library("^jansson\\.h$", "json persona llm offline metric evidence source store stage cli report tools +")
	library("^ut(hash|array|list|string)\\.h$", "base text json persona http llm offline metric evidence source store stage cli")

	libc = "^(assert|complex|ctype|dirent|errno|fcntl|fenv|float|fnmatch|getopt|glob|inttypes|iso646|langinfo|libgen|" \
	       "limits|locale|math|poll|pthread|pwd|sched|semaphore|setjmp|signal|stdalign|stdarg|stdatomic|stdbool|" \
	       "stddef|stdint|stdio|stdlib|stdnoreturn|string|strings|termios|threads|time|uchar|unistd|wchar|wctype|" \
	       "sys/(eventfd|file|ioctl|mman|prctl|random|resource|select|signalfd|stat|statfs|statvfs|time|timerfd|types|" \
	       "uio|utsname|vfs|wait)|linux/magic)\\.h$"

	# USES of each module, a call of persona_module() may go over several lines.
	while ((getline line < "CMakeLists.txt") > 0)
		cmake = cmake " " line
	gsub(/[()]/, " & ", cmake)
	n = split(cmake, word, " ")
	for (i = 1; i <= n; i++) {
		if (word[i] != "persona_module")
			continue
		name = word[i += 2]
		part = ""
		if (!(name in level))
			complain("CMakeLists.txt: module " name " has no layer here")
		known[name] = 1
		while (word[++i] != ")" && i <= n) {
			if (word[i] ~ /^[A-Z]+$/)
				part = word[i]
			else if (part == "USES") {
				uses[name, word[i]] = 1
				if (!(word[i] in level) || level[word[i]] >= level[name])
					complain("CMakeLists.txt: " name " must not use " word[i])
			}
		}
	}
	if (!("base" in known))
		complain("CMakeLists.txt: no persona_module() lines found")
}

function library(pattern, modules)
{
	patterns[++libraries] = pattern
	allowed[libraries] = " " modules " "
}

function complain(text)
{
	print text
	wrong++
}

function bad(text)
{
	complain(FILENAME ":" FNR ": " text)
}

# The module that a file belongs to: by its folder, a public header by its name.
function module_of(file,   part)
{
	split(file, part, "/")
	if (part[1] == "include")
		return part[3] ~ /\.h$/ ? substr(part[3], 1, length(part[3]) - 2) : "?"
	if (part[1] == "src")
		return part[2]
	return part[3] != "" ? part[2] : "tools"
}

function exists(file,   line, rc)
{
	rc = (getline line < file)
	close(file)
	return rc >= 0
}

function check_module(target)
{
	if (target == module)
		return
	if (!(target in level))
		bad("there is no module " target)
	else if (level[target] >= level[module])
		bad(module " must not include " target ": arrows point down")
	else if (level[module] < level["cli"] && !((module, target) in uses))
		bad(module " includes " target ", which is not among its USES in CMakeLists.txt")
}

function check_angle(header,   i)
{
	if (header ~ libc)
		return
	for (i = 1; i <= libraries; i++)
		if (header ~ patterns[i]) {
			if (!index(allowed[i], " " module " "))
				bad(module " must not include <" header ">")
			else if (public && !index(allowed[i], " + "))
				bad("a public header must not include <" header ">")
			return
		}
	bad("<" header "> is not known; say in tests/checks/arrows.sh who may include it")
}

FNR == 1 {
	module = module_of(FILENAME)
	public = FILENAME ~ /^include\//
	folder = FILENAME
	sub(/[^\/]*$/, "", folder)
	if (!(module in level))
		complain(FILENAME ": belongs to no known module")
	files++
}

/^[ \t]*#[ \t]*include/ {
	sub(/^[ \t]*#[ \t]*include(_next)?[ \t]*/, "")
	includes++
	if (match($0, /^"[^"]*"/) || match($0, /^<[^>]*>/)) {
		header = substr($0, 2, RLENGTH - 2)
		quoted = substr($0, 1, 1) == "\""
	} else {
		bad("an include that cannot be checked: " $0)
		next
	}
	if (header ~ /^persona\/[a-z]+\.h$/)
		check_module(substr(header, 9, length(header) - 10))
	else if (header ~ /\.\./)
		bad("includes through ..: " header)
	else if (!quoted)
		check_angle(header)
	else if (public)
		bad("a public header must not include the private header " header)
	else if (header == "embedded_" module ".h")
		next
	else if (folder == "tools/" && header ~ /^(cli|report)\/[a-z_]+\.h$/)
		check_module(substr(header, 1, index(header, "/") - 1))
	else if (header ~ /\// || !exists(folder header))
		bad("the private header " header " is not in " folder)
}

END {
	if (!includes)
		complain("no includes found")
	if (wrong)
		exit 1
	printf "%d includes in %d files point down\n", includes, files
}
'
