#!/bin/sh
# make bench: builds what is measured and runs bench.py, whose options it takes (see --help there).
set -eu
cd "$(dirname "$0")/../.."
sh tests/setup.sh test
make -s all build/hit-cost build/poll-cost build/recording-size
TARGETS=churn VARIANTS=plain tests/targets/build.sh build/targets
exec python3 tests/bench/bench.py "$@"
