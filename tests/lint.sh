#!/bin/sh
# lint.sh: the rules of the house that a script can check: who may include what, what may stand nowhere,
# sizes, guards, formatting, scripts that parse. TAP; the violations stand before each failed rule.
# LINT_ONLY=PATTERN checks only the files whose path matches the (extended) pattern.
set -eu
cd "$(dirname "$0")/.."
export LC_ALL=C

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
find bpf user include tests .ci -type f 2>/dev/null | grep -v -e '/__pycache__/' -e '/corpus/' |
	grep -E "${LINT_ONLY:-.}" | sort >"$scratch/all"
c_files() { grep '\.[ch]$' "$scratch/all" | grep -E "${1:-.}" || true; }

# The violations come on standard input: path:line: what is wrong. A rule ends a pipeline and so runs in
# a shell of its own: what it counts is kept in a file.
: >"$scratch/results"
result() { # ok|"not ok" SENTENCE
	echo "$1" >>"$scratch/results"
	echo "$1 $(($(wc -l <"$scratch/results"))) - $2"
}

rule() { # SENTENCE
	cat >"$scratch/found"
	if [ -s "$scratch/found" ]; then
		sed 's/^/# /' "$scratch/found"
		result "not ok" "$1"
	else
		result ok "$1"
	fi
}

# C without comments and without what stands in strings, each line in its place: a comment may say
# "never a goto", a message may say "printf".
bare_copy() { # PATH
	mkdir -p "$scratch/bare/$(dirname "$1")"
	awk '
		{
			out = ""
			for (i = 1; i <= length($0); i++) {
				c = substr($0, i, 1)
				two = substr($0, i, 2)
				if (comment) {
					if (two == "*/") { comment = 0; i++ }
				} else if (quote != "") {
					if (c == "\\") i++
					else if (c == quote) { quote = ""; out = out c }
				} else if (two == "/*") { comment = 1; i++ }
				else if (two == "//") break
				else {
					if ((c == "\"" || c == "\047") && $0 !~ /^[ \t]*#[ \t]*include/) quote = c
					out = out c
				}
			}
			if (quote != "" && substr($0, length($0)) != "\\") quote = ""
			print out
		}' "$1" >"$scratch/bare/$1"
}
c_files | while read -r file; do bare_copy "$file"; done
bare_grep() { # PATH-PATTERN REGULAR-EXPRESSION
	c_files "$1" | (cd "$scratch/bare" 2>/dev/null && xargs -r grep -nHE -- "$2") || true
}

# ---- who may include what ----
includes() { # PATH-PATTERN: lines "path:line:header", system headers in <>, ours in ""
	bare_grep "$1" '^[[:space:]]*#[[:space:]]*include' |
		sed -E 's/^([^:]+:[0-9]+:)[[:space:]]*#[[:space:]]*include[[:space:]]*([<"][^>"]*[>"]).*/\1\2/'
}

includes '^user/' | awk -F'[:"/]' '
	BEGIN {
		rank["base"] = 1; rank["model"] = 2; rank["cmd"] = 4
		rank["judge"] = 2.5
		rank["view"] = rank["export"] = rank["store"] = rank["probe"] = rank["target"] = 3
	}
	/"/ {
		split($0, part, "\"")
		if (split(part[2], path, "/") < 2 || !(path[1] in rank))
			next
		split($0, own, "/")
		if (own[2] != path[1] && rank[own[2]] <= rank[path[1]])
			print part[1] " user/" own[2] " may not include " part[2]
	}' | rule "includes go from cmd over view, export, store, probe, target, judge and model to base only"

includes '^user/' | grep '"\(bpf\|tests\|harness\|unit\)/' | grep -v 'bpf/heaptap.skel.h"' |
	rule "the program includes nothing of bpf/ and tests/ but the generated skeleton"

# Each foreign library belongs to one folder. uthash is no interface to anything: it may be anywhere
# above base, as a data structure.
includes '^(user|include)/' | awk '
	function home(header) {
		if (header ~ /^(bpf\/|linux\/(bpf|perf_event|btf)\.h)/) return "probe"
		if (header ~ /^(libelf|gelf|elf|dwarf)\.h|^(elfutils|Zydis)\//) return "target"
		if (header ~ /^(ncurses|curses|panel|term)/) return "view"
		if (header ~ /^(zlib\.h|protobuf-c\/)|\.pb-c\.h$/) return "export"
		if (header ~ /^(jansson\.h|nettle\/)/) return "base"
		if (header ~ /^sqlite3/) return "store"
		if (header ~ /^microhttpd/) return "cmd"
		if (header ~ /^(uthash|utlist|utarray|utstring)\.h/) return "*"
		return ""
	}
	function libc(header) {
		return header ~ /^(assert|byteswap|ctype|dirent|endian|errno|fcntl|float|fnmatch|getopt|glob|grp|inttypes|langinfo|libgen|limits|link|locale|malloc|math|poll|pthread|pwd|regex|sched|search|semaphore|setjmp|signal|spawn|stdalign|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string|strings|termios|threads|time|unistd|wchar|wctype)\.h$/ ||
			header ~ /^(sys|linux|asm|arpa|netinet)\//
	}
	{
		if (!match($0, /[<"][^>"]*[>"]/)) next
		header = substr($0, RSTART + 1, RLENGTH - 2)
		where = substr($0, 1, RSTART - 1)
		where = where " "
		split($0, own, "/")
		owner = home(header)
		if (owner == "*") next
		if (owner != "" && own[2] != owner)
			print where header " belongs to user/" owner
		else if (owner == "" && /</ && !libc(header))
			print where header " is of a library that has no folder yet (see tests/lint.sh)"
	}' | rule "the headers of a foreign library are included in its one folder"

bare_grep '^user/model/' \
	'(^|[^a-zA-Z0-9_])(v?f?printf|v?dprintf|puts|fputs|putchar|fputc|fopen|fdopen|fread|fwrite|fgets|fscanf|open|openat|read|write|pread|ioctl|socket|time|clock|clock_gettime|gettimeofday|localtime|nanosleep|sleep|usleep|getenv|random|rand|system|popen|exit|perror|diag_[a-z]+)[[:space:]]*\(|[^a-z_](stdout|stderr|stdin)[^a-z_]' |
	rule "model/ is pure: no input or output, no clock, no environment"

bare_grep '^user/model/.*\.c$' '^(static )?(struct [a-z_]+|unsigned int|u?int[0-9]*(_t)?|char|bool|size_t|double|long)[ *]+[a-z_]+(\[[^]]*\])*( = .*)?;' |
	grep -v -e 'const ' -e 'extern ' | rule "model/ has no variables of its own"

# ---- what may stand nowhere ----
bare_grep '^(bpf|user|include)/' '[uU]retprobe|retprobe' | rule "no uretprobe: it breaks the stacks of Go programs"
bare_grep '^(bpf|user|include|tests)/' '(^|[^a-zA-Z0-9_])goto[[:space:]]' | rule "no goto"
bare_grep '^(bpf|user|include|tests)/' 'typedef[[:space:]]+(struct|union|enum)' |
	grep -v '^bpf/vmlinux.h' | rule "structs have no typedef"
c_files '^(user|bpf)/' | (cd "$scratch/bare" 2>/dev/null && xargs -r grep -nHE '(^|[^a-zA-Z0-9_])(strcat|sprintf|vsprintf|gets|atoi|atol|strtok)[[:space:]]*\(') |
	rule "no unbounded string functions, nor ones that hide errors"
grep -v -e '^tests/lint.sh$' "$scratch/all" | xargs -r grep -nHE '(^|[^a-zA-Z])(TODO|FIXME|XXX|HACK)([^a-zA-Z]|$)' |
	rule "no promises in place of the thing"

# ---- shape ----
grep -E '\.(c|h|sh|py|go)$|^\.ci/' "$scratch/all" | grep -v '^bpf/vmlinux.h' | xargs -r wc -l |
	awk '$2 != "total" && $1 > 500 { print $2 ": " $1 " lines" }' | rule "no file is over 500 lines"

c_files '\.h$' | while read -r file; do
	awk '
		/^[ \t]*#[ \t]*ifndef/ && !guard { guard = $2; next }
		guard && !done { done = 1; if ($1 != "#define" || $2 != guard) bad = 1 }
		/^[ \t]*#[ \t]*(if|include|define)/ && !guard { bad = 1; exit }
		END { if (!guard || bad) print FILENAME ": no include guard" }
	' "$scratch/bare/$file" | sed "s|^$scratch/bare/||"
done | rule "every header has an include guard"

c_files | xargs -r awk '
	FNR == 1 && FILENAME !~ /vmlinux\.h$/ && !/^\/\*/ { print FILENAME ":1: does not open with what it is" }
' | rule "every C file opens with a comment that says what it is"

find . -maxdepth 1 -mindepth 1 ! -name build ! -name .git | sed 's|^\./||' |
	grep -a -v -x -e bpf -e user -e include -e tests -e Makefile -e README.md -e LICENSE -e '\..*' |
	rule "the top level has only what belongs there"

# ---- tools ----
# Each version formats a little differently; 14, of Debian 12, is the one that counts.
if clang-format --version 2>/dev/null | grep -q ' version 14\.'; then
	c_files | xargs -r -n 8 clang-format --dry-run -Werror 2>&1 |
		grep -E ': error: ' | cut -d: -f1 | sort | uniq -c | awk '{ print $2 ": " $1 " places" }' |
		rule "clang-format agrees"
else
	result ok "clang-format agrees # SKIP clang-format 14 is not installed"
fi

while read -r file; do
	first=$(head -c 64 "$file" | head -n 1 | tr -d '\000')
	case $first in
	'#!/bin/sh'*) sh -n "$file" 2>&1 || true ;;
	'#!/bin/bash'* | '#!/usr/bin/env bash'*) bash -n "$file" 2>&1 || true ;;
	esac
	case $first in
	'#!'*) [ -x "$file" ] || echo "$file: has an interpreter but may not be run" ;;
	esac
done <"$scratch/all" | rule "shell scripts parse, and what names an interpreter is executable"

grep '\.py$' "$scratch/all" | while read -r file; do
	python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read(), sys.argv[1])' "$file" 2>&1 |
		tail -n 1 | sed "s|^|$file: |"
done | rule "Python files parse"

if command -v gofmt >/dev/null; then
	grep '\.go$' "$scratch/all" | xargs -r gofmt -l | rule "gofmt agrees"
else
	result ok "gofmt agrees # SKIP gofmt is not installed"
fi

echo "1..$(($(wc -l <"$scratch/results")))"
! grep -q not "$scratch/results"
