#!/bin/sh
# kernel.sh SUITE OUT: fetches the Debian kernel of SUITE (bullseye, bookworm, trixie) and leaves OUT/vmlinuz,
# OUT/version and OUT/lib/modules. Through apt with folders of its own: the system's apt stays as it is.
# What is there already stays.
set -eu
suite=$1 out=$2
[ ! -s "$out/version" ] || exit 0
mkdir -p "$out/apt/lists/partial" "$out/apt/archives/partial" "$out/tree"
out=$(cd "$out" && pwd)
apt=$out/apt

mirror=$(sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/debian.sources 2>/dev/null | head -n 1)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror:-http://deb.debian.org/debian} $suite main" \
	>"$apt/sources.list"
: >"$apt/status"
cat >"$apt/apt.conf" <<EOF
Dir::State "$apt";
Dir::State::Lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt";
Dir::Etc::SourceList "$apt/sources.list";
Dir::Etc::SourceParts "-";
APT::Architecture "amd64";
APT::Sandbox::User "root";
Acquire::Languages "none";
EOF
export APT_CONFIG="$apt/apt.conf"

apt-get update -qq
image=$(apt-cache depends --important linux-image-amd64 | sed -n 's/^ *Depends: *\(linux-image-.*\)/\1/p' | head -n 1)
(cd "$out/apt" && apt-get download -qq "$image")
dpkg-deb -x "$out"/apt/"$image"_*.deb "$out/tree"

version=${image#linux-image-}
[ -d "$out/tree/lib/modules/$version" ] || { mkdir -p "$out/tree/lib" && mv "$out/tree/usr/lib/modules" "$out/tree/lib/"; }
depmod -b "$out/tree" "$version"
rm -rf "$out/apt"
echo "$version" >"$out/version"
