#!/bin/sh
# all.sh [SUITE...]: runs the BPF tests and heaptap itself on the kernels of other Debian releases (default: bookworm,
# which has no uprobe_multi, trixie, which has, and bullseye, the oldest with ring buffers), in QEMU without
# hardware support, as root. Installs what that takes. About a minute for each kernel. TAP.
# BUILD (build) has the built heaptap and bpf-test, HEAPTAP_TARGETS (build/targets) the Go programs, of which
# those of the oldest, a middle and the newest version are taken (VM_GO chooses): all of them would take an emulated
# machine five minutes.
set -eu
cd "$(dirname "$0")/../.."
build=$(cd "${BUILD:-build}" && pwd)
targets=${HEAPTAP_TARGETS:-$PWD/build/targets}

packages='qemu-system-x86 busybox-static cpio kmod xz-utils zstd'
# shellcheck disable=SC2086
if ! dpkg-query -W -f '${db:Status-Status}\n' $packages 2>/dev/null | awk '/^installed/ { n++ } END { exit n != 6 }'; then
	apt-get update -qq >&2
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >&2
fi
make -s BUILD="$build" "$build/heaptap" "$build/bpf-test" >&2
[ -d "$targets" ] || tests/targets/build.sh "$targets" >&2
targets=$(cd "$targets" && pwd)
chosen=$PWD/build/vm/targets
rm -rf "$chosen"
mkdir -p "$chosen"
for version in ${VM_GO:-go1.19 go1.23 go1.27}; do
	[ ! -d "$targets/$version" ] || ln -s "$targets/$version" "$chosen/$version"
done
# on a developer's machine there may be another one only
[ -n "$(ls "$chosen")" ] || ln -s "$targets"/go* "$chosen/"

failed=0
[ $# -gt 0 ] || set -- bookworm trixie bullseye
for suite; do
	tests/vm/kernel.sh "$suite" "build/vm/$suite" >&2
	echo "# ---- $suite: $(cat "build/vm/$suite/version")"
	status=0
	tests/vm/boot.sh "build/vm/$suite" "$PWD/tests/vm/smoke.sh" "$build" "$chosen" || status=$?
	if [ "$status" -ne 0 ]; then
		printf '1..1\nnot ok 1 - the guest of %s reached the end (status %s)\n' "$suite" "$status"
		failed=1
	fi
done
exit $failed
