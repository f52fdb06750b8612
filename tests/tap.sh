#!/bin/sh
# tap.sh NAME COMMAND...: runs a test suite that speaks TAP and passes its output on, with a line of its
#   own added when the suite breaks off, ends badly without having said why, or runs fewer tests than
#   it planned. Ends with 1 when anything failed. Appends "NAME PASSED FAILED SKIPPED" to the file
#   $TAP_TOTALS when that is set. TAP_SECONDS (1200) bounds the time.
# tap.sh --sum FILE: the closing line over such a file; ends with 1 when anything failed.
#
# With CI=true a skip is a failure unless its reason matches a line of tests/allowed-skips.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

if [ "$1" = --sum ]; then
	exec awk '
		{ passed += $2; failed += $3; skipped += $4 }
		$3 { print "failed: " $1 " (" $3 ")" }
		END { printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped; exit (failed > 0) }
	' "$2"
fi

name=$1
shift
totals=${TAP_TOTALS:-}
unset TAP_TOTALS # an inner suite is counted by the outer one

echo "# ---- $name"
{
	status=0
	timeout -k 10 "${TAP_SECONDS:-1200}" "$@" </dev/null || status=$?
	echo "tap-status $status"
} | awk -v name="$name" -v totals="$totals" -v ci="${CI:-}" -v allowed="$here/allowed-skips" '
	BEGIN {
		while ((getline line < allowed) > 0)
			if (line !~ /^#/ && line != "")
				reasons[++count] = line
	}
	function may_skip(line,    i) {
		for (i = 1; i <= count; i++)
			if (line ~ reasons[i])
				return 1
		return ci != "true"
	}
	function fail(why) {
		failed++
		print "not ok - " name " " why
	}
	/^tap-status / {
		status = $2
		next
	}
	/^(    )*1\.\.[0-9]+/ { planned += substr($1, index($1, "..") + 2); plans++ }
	/^not ok/ { failed++; results++ }
	/^ok/ {
		results++
		if (tolower($0) !~ /# skip/)
			passed++
		else if (may_skip($0))
			skipped++
		else {
			failed++
			sub(/^ok/, "not ok")
			sub(/# [Ss][Kk][Ii][Pp]/, "(skipped where nothing may be skipped:)")
		}
	}
	{ print; fflush() }
	END {
		if (status == 124)
			fail("ran out of time")
		else if (status && !failed)
			fail("ended with status " status)
		else if (!plans)
			fail("ended without a plan")
		else if (planned != results)
			fail("ran " results + 0 " of " planned " planned tests")
		if (totals != "")
			print name, passed + 0, failed + 0, skipped + 0 >> totals
		exit (failed > 0)
	}
'
