#!/bin/sh
# smoke.sh FOLDER TARGETS: what runs inside a guest: the BPF tests, and heaptap as a user would start it, on a Go
# program of each version below TARGETS. FOLDER has the built heaptap and bpf-test. TAP.
set -u
folder=$1
export HEAPTAP_TARGETS=$2

uname -r | sed 's/^/# kernel /'
"$folder/bpf-test"

number=0
result() { # ok|"not ok" SENTENCE
	number=$((number + 1))
	echo "$1 $number - $2"
}

# A slow machine without other work: intervals are long, so that each has allocations.
observe() { # PID "MODE [OPTION...]" PATTERN SENTENCE
	# shellcheck disable=SC2086
	if timeout 120 "$folder/heaptap" top -p "$1" --mode $2 --interval 2s --once --by site >/tmp/out 2>/tmp/err &&
		grep -q "$3" /tmp/out; then
		result ok "$4"
	else
		sed 's/^/# /' /tmp/out /tmp/err | cut -c1-1000
		result "not ok" "$4"
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
	observe "$pid" burst 'main.allocateMixed\|no window: this kernel' "top sees who allocates in a program of $version, in exact windows, or says why not"
	observe "$pid" "exact --force" 'main.allocateMixed' "top sees who allocates in a program of $version, every time"
	kill "$pid"
	exec 9>&-
	wait "$pid" 2>/dev/null
done
echo "1..$number"
