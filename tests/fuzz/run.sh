#!/bin/sh
# run.sh [NAME...]: runs the built fuzz targets build/fuzz/fuzz_NAME (all of them by default), each for
# FUZZ_SECONDS (60), and says in TAP which of them found something. Corpora grow in build/fuzz/corpus/NAME
# from one run to the next; they start from pieces of small Go executables (HEAPTAP_TARGETS, build/targets)
# where there are some. What was found stays in build/fuzz/found. FUZZ_BUILD names another build folder.
set -eu
cd "$(dirname "$0")/../.."
seconds=${FUZZ_SECONDS:-60}
targets=${HEAPTAP_TARGETS:-build/targets}
output=${FUZZ_BUILD:-build/fuzz}
mkdir -p "$output/found"

# One stripped executable of each Go version is enough: they differ in content, not in form.
executables=$(find "$targets" -type f -name '*-stripped' 2>/dev/null | sort | awk -F/ '!seen[$(NF-1)]++')

section() { # EXECUTABLE NAME OUT
	objcopy -O binary --only-section="$2" "$1" "$3" 2>/dev/null || true
	[ -s "$3" ] || rm -f "$3"
}

seed() { # NAME FOLDER
	for file in $executables; do
		piece=$2/$(basename "$(dirname "$file")")
		case $1 in
		buildinfo) section "$file" .go.buildinfo "$piece" ;;
		pclntab) # the header and the first names: all of it would be slow to change
			section "$file" .gopclntab "$piece"
			[ ! -s "$piece" ] || { head -c 8192 "$piece" >"$piece.cut" && mv "$piece.cut" "$piece"; } ;;
		elf) head -c 8192 "$file" >"$piece" ;;
		esac
	done
	# every form of the executable that the targets change by themselves: one byte chooses it
	case $1 in
	elf | pclntab)
		for form in 000 001 002 040 041 074 100 101 102 103; do
			printf '%b' "\\0$form" >"$2/form-$form"
		done ;;
	esac
}

if [ $# -eq 0 ]; then
	for built in "$output"/fuzz_*; do
		case $built in *.d | *.o) continue ;; esac
		[ ! -x "$built" ] || [ ! -f "$built" ] || set -- "$@" "${built##*/fuzz_}"
	done
fi
[ $# -gt 0 ] || { echo "1..0 # SKIP no fuzz targets are built (make fuzzers)"; exit 1; }

# One target for a while; its status is left in NAME.status.
fuzz() { # NAME
	corpus=$output/corpus/$1
	rm -f "$output/$1.status"
	mkdir -p "$corpus"
	seed "$1" "$corpus"
	status=0
	"$output/fuzz_$1" -max_total_time="$seconds" -max_len=16384 -rss_limit_mb=2048 -timeout=10 \
		-print_final_stats=1 -artifact_prefix="$output/found/$1-" "$corpus" >"$output/$1.log" 2>&1 || status=$?
	echo "$status" >"$output/$1.status"
}

# As many at a time as there are processors.
jobs=$(nproc)
running=0
for name; do
	fuzz "$name" &
	running=$((running + 1))
	[ $((running % jobs)) -ne 0 ] || wait
done
wait

number=0
failed=0
echo "TAP version 13"
for name; do
	number=$((number + 1))
	if [ "$(cat "$output/$name.status")" = 0 ]; then
		runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$output/$name.log")
		echo "ok $number - fuzzing $name for $seconds s finds nothing ($runs runs)"
	else
		tail -n 40 "$output/$name.log" | sed 's/^/# /'
		echo "not ok $number - fuzzing $name for $seconds s finds nothing"
		failed=1
	fi
done
echo "1..$number"
exit $failed
