#!/bin/sh
# setup.sh [build|demo|test]...: install what the named jobs need, on Debian 12 and 13.
# Debian 12 takes libbpf, bpftool and elfutils from its own backports suite, which is added when it is missing.
# Runs as root or through sudo; says nothing when everything is already there.
set -eu

build='make clang gcc libc6-dev libbpf-dev bpftool libelf-dev libdw-dev libcapstone-dev libncurses-dev
	libprotobuf-c-dev protobuf-c-compiler libjansson-dev uthash-dev zlib1g-dev pkg-config'
demo='golang-go'
test='golang-go clang-format tmux python3 prometheus etcd-server etcd-client curl ca-certificates iproute2 procps
	libncurses-dev bpftrace binutils xz-utils netcat-openbsd'
backported='libbpf-dev libbpf1 bpftool libelf-dev libelf1 libdw-dev libdw1'

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

[ $# -gt 0 ] || set -- build
. /etc/os-release
wanted=
for job; do
	case $job in
	build) wanted="$wanted $build" ;;
	demo) wanted="$wanted $build $demo" ;;
	test) wanted="$wanted $build $test" ;;
	*) echo "setup.sh: no job '$job' (build, demo, test)" >&2; exit 2 ;;
	esac
done

missing=
for p in $wanted; do
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || missing="$missing $p"
done
suite=
if [ "${VERSION_CODENAME:-}" = bookworm ]; then
	suite=bookworm-backports
	dpkg --compare-versions "$(dpkg-query -W -f '${Version}' libbpf-dev 2>/dev/null || echo 0)" ge 1:1.3 ||
		missing="$missing libbpf-dev"
fi
[ -n "$missing" ] || exit 0

export DEBIAN_FRONTEND=noninteractive
if [ -n "$suite" ] && ! grep -rqs "$suite" /etc/apt/sources.list /etc/apt/sources.list.d; then
	mirror=$(sed -n 's/^URIs: *//p; s/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\) .*/\2/p' \
		/etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null | head -n 1)
	echo "deb ${mirror:-http://deb.debian.org/debian} $suite main" |
		as_root tee /etc/apt/sources.list.d/heaptap-backports.list >/dev/null
fi
echo "setup.sh: installing$missing" >&2
as_root apt-get update -qq
targets=
for p in $missing; do
	from=
	for b in $backported; do [ "$p" = "$b" ] && from=$suite; done
	targets="$targets $p${from:+/$from}"
done
if [ -n "$suite" ]; then # what the backported -dev packages depend on has to come from the same suite
	for b in $backported; do targets="$targets $b/$suite"; done
fi
# shellcheck disable=SC2086
as_root apt-get install -y -qq --no-install-recommends $targets >/dev/null
