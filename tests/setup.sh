#!/bin/sh
# setup.sh [build|demo|test]...: install what the named jobs need, on Debian 12 and 13.
# Debian 12 takes libbpf, bpftool and elfutils from its own backports suite, which is added when it is missing.
# Runs as root or through sudo; says nothing when everything is already there.
set -eu

build='make clang gcc libc6-dev libbpf-dev bpftool libelf-dev libdw-dev libzydis-dev libncurses-dev
	libprotobuf-c-dev protobuf-c-compiler libjansson-dev libsqlite3-dev nettle-dev uthash-dev zlib1g-dev pkg-config'
demo='golang-go'
# libclang-rt-dev is the fuzzer and clang's sanitizers; binutils has objcopy; the rest is named as it is used
test='golang-go clang-format libclang-rt-dev tmux python3 prometheus etcd-server etcd-client binutils
	bpftrace sqlite3'
backported='libbpf-dev libbpf1 bpftool libelf-dev libelf1 libdw-dev libdw1'

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

packages_of() { # JOB
	case $1 in
	build) echo "$build" ;;
	demo) echo "$build $demo" ;;
	test) echo "$build $test" ;;
	*)
		echo "setup.sh: no job '$1' (build, demo, test)" >&2
		exit 2
		;;
	esac
}

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# What is missing of all jobs, each once; on Debian 12 an installed libbpf that is too old counts as missing.
list_missing() {
	for package; do
		installed "$package" || echo "$package"
	done
	[ -z "$suite" ] ||
		dpkg --compare-versions "$(dpkg-query -W -f '${Version}' libbpf-dev 2>/dev/null || echo 0)" ge 1:1.3 ||
		echo libbpf-dev
}

add_backports() {
	! grep -rqs "$suite" /etc/apt/sources.list /etc/apt/sources.list.d || return 0
	mirror=$(sed -n 's/^URIs: *\([^ ]*\).*/\1/p; s/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\) .*/\2/p' \
		/etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null | head -n 1)
	echo "deb ${mirror:-http://deb.debian.org/debian} $suite main" |
		as_root tee /etc/apt/sources.list.d/heaptap-backports.list >/dev/null
}

# The servers are programs to look at; nobody asked for them to run on this machine.
policy=/usr/sbin/policy-rc.d
ours=
keep_services_down() {
	[ ! -e "$policy" ] || return 0
	ours=yes
	printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
	as_root chmod +x "$policy"
}
trap '[ -z "$ours" ] || as_root rm -f "$policy"' EXIT

with_suite() { # PACKAGE...: those that have to come from backports name it
	for package; do
		case " $(echo $backported) " in
		*" $package "*) echo "$package${suite:+/$suite}" ;;
		*) echo "$package" ;;
		esac
	done
}

. /etc/os-release
suite=
[ "${VERSION_CODENAME:-}" != bookworm ] || suite=bookworm-backports
[ $# -gt 0 ] || set -- build
wanted=
for job; do
	wanted="$wanted $(packages_of "$job")"
done
missing=$(list_missing $wanted | sort -u | tr '\n' ' ')
[ -n "$missing" ] || exit 0

echo "setup.sh: installing $missing" >&2
export DEBIAN_FRONTEND=noninteractive
[ -z "$suite" ] || add_backports
as_root apt-get update -qq || echo "setup.sh: apt-get update failed; trying with the lists that are there" >&2
keep_services_down
# What the backported -dev packages depend on has to come from the same suite as they do.
# shellcheck disable=SC2046,SC2086
as_root apt-get install -y -qq --no-install-recommends $(with_suite $missing ${suite:+$backported} | sort -u) >/dev/null
