#!/bin/sh
# demo.sh [--here] [--mended] [TOP-OPTION...]: installs what is needed, builds heaptap, starts the bundled
# service (a shop whose generic cache leaks) and watches it, until q. --here installs nothing, --mended
# runs the service without its bug. As root, or through sudo.
set -eu
cd "$(dirname "$0")/.."
export PATH="$PATH:/usr/sbin"

install=yes
service_options=
while :; do
	case ${1:-} in
	--here) install=no ;;
	--mended) service_options=-mended ;;
	*) break ;;
	esac
	shift
done

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

log=${TMPDIR:-/tmp}/heaptap-demo.$$
end() {
	[ -z "${service:-}" ] || kill "$service" 2>/dev/null || true
	rm -f "$log"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

quietly() { # WHAT COMMAND...; its output is shown when it fails
	echo "$1 ..." >&2
	shift
	"$@" >"$log" 2>&1 || {
		cat "$log" >&2
		exit 1
	}
}

[ "$install" = no ] || sh tests/setup.sh demo
quietly "building heaptap" make -j "$(nproc)"
TARGETS=demo VARIANTS=stripped
export TARGETS VARIANTS
quietly "building the demo service" tests/targets/build.sh build/targets
service_path=build/targets/$(cd / && go env GOVERSION | sed -E 's/^(go[0-9]+\.[0-9]+).*/\1/')/demo-stripped

$service_path $service_options &
service=$!
echo "the service runs as process $service: $service_path $service_options" >&2
as_root build/heaptap top "$@" -p "$service"
