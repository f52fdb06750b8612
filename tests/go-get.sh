#!/bin/sh
# go-get.sh VERSION...: prints the path of a `go` command for each version (1.19, 1.21 to 1.27), fetching
# Debian's own toolchain when there is none: `goVERSION` on the PATH, /usr/lib/go-VERSION, and what an
# earlier run left in the cache are taken as they are. The packages are downloaded with apt settings of
# our own and unpacked, not installed; the system's suites, lists and packages stay as they are.
# The cache is ${HEAPTAP_CACHE:-/var/tmp/heaptap}.
set -eu

cache=${HEAPTAP_CACHE:-/var/tmp/heaptap}/go
suites='bookworm bookworm-backports trixie trixie-backports sid'

mirror() { # what this machine's own apt uses: there may be no way to another
	sed -n 's/^URIs: *\([^ ]*\).*/\1/p; s/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\) .*/\2/p' \
		/etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null | head -n 1
}

# A complete set of apt folders for one suite, trusting the system's keys and nothing else of it.
private_apt() { # SUITE
	apt=$cache/apt/$1
	mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$apt/parts" "$apt/debs"
	: >"$apt/status"
	from=$(mirror)
	echo "deb ${from:-http://deb.debian.org/debian} $1 main" >"$apt/sources.list"
	cat >"$apt/apt.conf" <<-END
		Dir::Etc::sourcelist "$apt/sources.list";
		Dir::Etc::sourceparts "$apt/parts";
		Dir::Etc::preferences "$apt/none";
		Dir::Etc::preferencesparts "$apt/parts";
		Dir::Etc::trusted "$apt/none";
		Dir::Etc::trustedparts "/usr/share/keyrings";
		Dir::State::lists "$apt/lists";
		Dir::State::status "$apt/status";
		Dir::Cache "$apt";
		Acquire::Languages "none";
		APT::Sandbox::User "root";
	END
	export APT_CONFIG="$apt/apt.conf"
	[ -e "$apt/updated" ] || { apt-get update -qq && touch "$apt/updated"; }
}

download() (# SUITE VERSION; fails when the suite has no such toolchain
	private_apt "$1" || exit 1
	cd "$apt/debs"
	rm -f "golang-$2-"*.deb
	apt-get download -qq "golang-$2-go" "golang-$2-src" 2>/dev/null || exit 1
	for deb in "golang-$2-"*.deb; do
		dpkg-deb -x "$deb" "$cache/root"
	done
	rm -f "golang-$2-"*.deb
)

# GOROOT has to be said: the one compiled in is /usr/lib/go-VERSION.
write_wrapper() { # VERSION
	root=$cache/root/usr/lib/go-$1
	mkdir -p "$cache/bin"
	printf '#!/bin/sh\nGOROOT=%s GOTOOLCHAIN=local exec %s/bin/go "$@"\n' "$root" "$root" >"$cache/bin/go$1.new"
	chmod +x "$cache/bin/go$1.new"
	mv "$cache/bin/go$1.new" "$cache/bin/go$1"
}

fetch() { # VERSION
	echo "go-get.sh: fetching Go $1" >&2
	for suite in $suites; do
		download "$suite" "$1" || continue
		write_wrapper "$1"
		return
	done
	echo "go-get.sh: none of Debian's suites ($suites) gives Go $1" >&2
	exit 1
}

find_toolchain() { # VERSION
	command -v "go$1" && return
	for candidate in "/usr/lib/go-$1/bin/go" "$cache/bin/go$1"; do
		[ ! -x "$candidate" ] || { echo "$candidate"; return; }
	done
	return 1
}

for version; do
	find_toolchain "$version" && continue
	fetch "$version"
	echo "$cache/bin/go$version"
done
