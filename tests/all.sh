#!/bin/sh
# all.sh: installs what the tests need, builds, and runs every test that a machine does in minutes, on
# the processes of this machine, as root (or through sudo). The slow ones (all Go versions, fuzzing,
# other kernels) are `make matrix`, `make fuzz` and `make vm`; .ci/run does it all.
# The last line is the sum; the exit status is 1 when anything failed. SETUP=no installs nothing.
set -eu
cd "$(dirname "$0")/.."
# A step that is one test: it works or it does not, and then says what it printed.
step() { # SENTENCE COMMAND...
	echo "1..1"
	sentence=$1
	shift
	if "$@" >build/step.log 2>&1; then
		echo "ok 1 - $sentence"
	else
		tail -n 30 build/step.log | sed 's/^/# /'
		echo "not ok 1 - $sentence"
	fi
}

if [ "${1:-}" = --step ]; then
	shift
	step "$@"
	exit
fi

[ "$(id -u)" = 0 ] || exec sudo -E "$PWD/tests/all.sh" "$@"
[ "${SETUP:-yes}" = no ] || sh tests/setup.sh test
export PATH="$PATH:/usr/sbin"

mkdir -p build
TAP_TOTALS=${TAP_TOTALS:-$PWD/build/totals}
export TAP_TOTALS
: >"$TAP_TOTALS"
jobs=$(nproc)

suite() { tests/tap.sh "$@" || true; }
build() { # NAME SENTENCE MAKE-ARGUMENT...
	name=$1 sentence=$2
	shift 2
	suite "$name" tests/all.sh --step "$sentence" make -j "$jobs" "$@"
}

# What an earlier build left is not what is tested.
rm -f build/heaptap build/clang/heaptap build/asan/unit build/asan/view build/bpf-test
build build-gcc "it builds with gcc without a warning" CC=gcc all
build build-clang "it builds with clang without a warning" CC=clang BUILD=build/clang all
suite build-targets tests/all.sh --step "the Go programs to look at build" tests/targets/build.sh build/targets
HEAPTAP_TARGETS=$PWD/build/targets
export HEAPTAP_TARGETS
build build-asan "the tests build with the address and undefined behaviour sanitizers" \
	BUILD=build/asan SANITIZE=1 build/asan/unit build/asan/view
suite unit build/asan/unit
suite view build/asan/view
build build-bpf-test "the tests of the kernel side build" build/bpf-test
suite bpf build/bpf-test
TAP_SECONDS=2400 suite run tests/run/all.sh
suite lint tests/lint.sh

tests/tap.sh --sum "$TAP_TOTALS"
