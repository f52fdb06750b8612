#!/bin/sh
# smoke.sh FOLDER TARGETS: what runs inside a guest: the BPF tests, and heaptap as a user would start it, on a Go
# program of each version below TARGETS. FOLDER has the built heaptap and bpf-test. TAP.
set -u
folder=$1
export HEAPTAP_TARGETS=$2

uname -r | sed 's/^/# kernel /'
# An emulated machine is too slow for what goes by the clock or through every Go version: those programs are
# loaded and attached below.
TEST_LEAVE_OUT="test_burst.c test_cache_watch.c test_cache_globs.c test_exact_go.c test_types_go.c" "$folder/bpf-test"

number=0
result() { # ok|"not ok" SENTENCE
	number=$((number + 1))
	echo "$1 $number - $2"
}

# A slow machine without other work: intervals are long, so that each has allocations.
observe() { # PID "MODE [OPTION...]" PATTERN SENTENCE [OPTION...]
	# shellcheck disable=SC2086
	observed=$1 mode=$2 pattern=$3 sentence=$4
	shift 4
	if timeout 120 "$folder/heaptap" top -p "$observed" --mode $mode --interval 2s --once --by site "$@" >/tmp/out 2>/tmp/err &&
		grep -q "$pattern" /tmp/out; then
		result ok "$sentence"
	else
		sed 's/^/# /' /tmp/out /tmp/err | cut -c1-1000
		result "not ok" "$sentence"
	fi
}

for program in "$2"/go*/churn-plain; do
	[ -x "$program" ] || continue
	version=$(basename "$(dirname "$program")")
	mkfifo "/tmp/$version"
	# a pipe end that stays open: the program ends with its input
	"$program" -mode mixed <"/tmp/$version" >"/tmp/$version.log" &
	pid=$!
	exec 9>"/tmp/$version"
	until grep -q ready "/tmp/$version.log"; do sleep 0.1; done
	observe "$pid" sampler 'main.allocateMixed' "top sees who allocates in a program of $version, sampled"
	# the 15 probes of 1.27 cannot be taken off fast enough where each is a perf event, and top says so
	observe "$pid" "sampler --cache main.allocateMixed" 'main.allocateMixed' "top counts the calls of a function in a program of $version" --by cache
	observe "$pid" "burst --max-stall 1s" 'main.allocateMixed\|no window: this kernel' "top sees who allocates in a program of $version, in exact windows, or says why not"
	observe "$pid" "exact --force" 'main.allocateMixed' "top sees who allocates in a program of $version, every time"
	kill "$pid"
	exec 9>&-
	wait "$pid" 2>/dev/null
done
echo "1..$number"
