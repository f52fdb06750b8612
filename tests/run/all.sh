#!/bin/sh
# all.sh [NAME...]: builds the targets and runs every test_*.py of this folder (or test_NAME.py only) on
# build/heaptap, as root, but the matrix, which has matrix.sh. GO names the toolchain (default: go).
set -eu
cd "$(dirname "$0")/../.."
export PATH="$PATH:/usr/sbin" PYTHONDONTWRITEBYTECODE=1

# shellcheck disable=SC2086
tests/targets/build.sh build/targets ${GO:-go} >&2 || exit 1
failed=0
[ $# -gt 0 ] || set -- $(cd tests/run && ls test_*.py | grep -v matrix | sed 's/^test_\(.*\)\.py$/\1/')
for name; do
	tests/tap.sh "run $name" python3 "tests/run/test_$name.py" || failed=1
done
exit $failed
