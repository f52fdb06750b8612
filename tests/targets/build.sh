#!/bin/sh
# build.sh [OUT [GO...]]: builds every target in every way that matters, with each Go toolchain, to
# OUT/goX.Y/NAME-VARIANT; what is newer than its sources stays. Two builds run at a time.
# OUT is build/targets, GO the `go` on PATH. TARGETS and VARIANTS in the environment choose fewer.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

variants_of() { # NAME VERSION
	case $1-$2 in # sized: with the allocators of GOEXPERIMENT=sizespecializedmalloc
	announce-go1.26) echo plain stripped pie pie-stripped noprof noprof-stripped cgo sized ;;
	announce-*) echo plain stripped pie pie-stripped noprof noprof-stripped cgo ;;
	churn-* | caches-*) echo plain stripped ;;
	demo-*) echo stripped noprof-stripped ;;
	patterns-* | incident-*) echo stripped ;;
	embed-*) echo plain stripped pie-stripped ;;
	esac
}

flags_of() { # VARIANT; one flag per line, since -ldflags has a space in its value
	case $1 in
	pie*) echo -buildmode=pie ;;
	noprof*) echo -tags=noprof ;;
	cgo) echo -tags=ccall ;;
	esac
	case $1 in
	*stripped) echo "-ldflags=-s -w" ;;
	esac
}

# A go.mod that names the toolchain's own version: an older one would switch the runtime to that
# version's ways (GODEBUG defaults), and then the newer runtime would not be what is tested.
module_file() { # GO FOLDER
	mkdir -p "$2"
	printf 'module example.com/targets\n\ngo %s\n' "$(basename "$2" | sed 's/^go//')" >"$2/go.mod.new"
	cmp -s "$2/go.mod.new" "$2/go.mod" || cp "$2/go.mod.new" "$2/go.mod"
	rm "$2/go.mod.new"
}

build_one() { # GO FOLDER NAME VARIANT
	output=$2/$3-$4
	if [ -x "$output" ] && [ -z "$(find "$here/$3" "$here/build.sh" -newer "$output" -type f | head -n 1)" ]; then
		return
	fi
	cgo=0 experiment=
	[ "$4" != cgo ] || cgo=1
	[ "$4" != sized ] || experiment=sizespecializedmalloc
	old=$IFS
	IFS='
'
	# shellcheck disable=SC2046
	(cd "$here" && CGO_ENABLED=$cgo GOEXPERIMENT=$experiment GOFLAGS=-mod=mod GOWORK=off "$1" build -trimpath -modfile="$2/go.mod" \
		-o "$output.new" $(flags_of "$4") "./$3") || { rm -f "$output.new"; exit 1; }
	IFS=$old
	mv "$output.new" "$output"
}

if [ "${1:-}" = --one ]; then # what this script runs two at a time
	shift
	build_one "$@"
	exit
fi

out=${1:-build/targets}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- go
mkdir -p "$out"
out=$(cd "$out" && pwd)
for go; do
	command -v "$go" >/dev/null || { echo "build.sh: no Go toolchain '$go'" >&2; exit 1; }
done
for go; do
	version=$(cd / && GOTOOLCHAIN=local "$go" env GOVERSION | sed -E 's/^(go[0-9]+\.[0-9]+).*/\1/')
	module_file "$go" "$out/$version"
	for name in ${TARGETS:-announce caches churn demo embed patterns incident}; do
		for variant in ${VARIANTS:-$(variants_of "$name" "$version")}; do
			case " $(variants_of "$name" "$version") " in
			*" $variant "*) echo "$go" "$out/$version" "$name" "$variant" ;;
			esac
		done
	done
done | GOTOOLCHAIN=local GOPROXY=off xargs -r -n 4 -P 2 "$here/build.sh" --one
