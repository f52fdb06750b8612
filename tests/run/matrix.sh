#!/bin/sh
# matrix.sh [build]: `top` and `flame` on every Go version x every way to build, for which the toolchains are
# fetched (tests/go-get.sh) and every target is built with each; that only with `build`. VERSIONS chooses
# fewer versions.
set -eu
cd "$(dirname "$0")/../.."
export PATH="$PATH:/usr/sbin" PYTHONDONTWRITEBYTECODE=1

toolchains=
for version in ${VERSIONS:-1.19 1.21 1.22 1.23 1.24 1.25 1.26 1.27}; do
	toolchains="$toolchains $(tests/go-get.sh "$version")"
done
# shellcheck disable=SC2086
tests/targets/build.sh build/targets $toolchains >&2
[ "${1:-}" != build ] || exit 0
export GO="$toolchains"
failed=0
tests/tap.sh matrix python3 tests/run/test_matrix.py || failed=1
# what tells the patterns of the incident apart differs most between the oldest and the newest version
for version in 1.19 1.27; do
	case " ${VERSIONS:-1.19 1.27} " in *" $version "*) ;; *) continue ;; esac
	GO=$(tests/go-get.sh "$version")
	tests/tap.sh "incident $version" python3 tests/run/test_incident.py || failed=1
done
exit $failed
