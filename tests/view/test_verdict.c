/* `report` and `check` on paper: every number has its kind, and its interval where it has one. */
#include "harness/test.h"
#include "unit/judge_fixture.h"
#include "view/check.h"
#include "view/verdict_text.h"
#include "view/report.h"

#include <math.h>

#define SNAPSHOTS 61

static void leak(int i, struct snapshot *snapshot)
{
	snapshot->records[0].live = fixture_amount(1000 + 1000.0 * i, 256);
}

static const char *report_of(const struct report_format *format, const struct fixture *fixture)
{
	static char text[1 << 14];
	FILE *out = fmemopen(text, sizeof(text), "w");

	CHECK_INT(format->write(out, fixture->evidence, &fixture->verdict), 0);
	fclose(out);
	return text;
}

static void check_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		CHECK_STRING(text, part);
}

TEST("a finding says what was seen, where, the numbers with kind and interval, why and what to do")
{
	struct fixture fixture AUTO_FIXTURE;
	const char *text;

	fixture_judge(leak, SNAPSHOTS, &fixture);
	text = report_of(&report_text, &fixture);
	check_has(text, "1. Memory that only grows (likely)\n");
	check_has(text, "\n     main.fill main.go:10 (main.T), 96.8% of all\n");
	check_has(text, "   Measured: live_bytes 14.9 MiB (95 %: 14.8 MiB to 15.0 MiB, sampled), "
			"growth_bytes_per_hour 879 MiB/h (95 %: 879 MiB/h to 879 MiB/h, "
			"estimated), trend_p ");
	check_has(text, "dead_share 0% (estimated)\n");
	check_has(text, "   Why it matters: ");
	check_has(text, "   What to do: ");
}

TEST("Markdown has the same numbers as the text")
{
	struct fixture fixture AUTO_FIXTURE;
	const char *text;

	fixture_judge(leak, SNAPSHOTS, &fixture);
	text = report_of(&report_markdown, &fixture);
	check_has(text, "\n\n**Measured:** `live_bytes` 14.9 MiB (95 %: 14.8 MiB to 15.0 MiB, "
			"sampled), `growth_bytes_per_hour` ");
}

static const char *measured(const char *unit, double value, double low, double high,
			    enum number_kind kind)
{
	static char text[256];
	const struct finding_number number = { "name", unit, value, { low, high }, kind };
	FILE *out = fmemopen(text, sizeof(text), "w");

	verdict_write_number(out, &number);
	fclose(out);
	return text;
}

TEST("a measured number is written in its unit, with its interval and its kind")
{
	CHECK_STRING(measured("bytes", 1024, 1024, 1024, NUMBER_EXACT), "1.00 KiB (exact)");
	CHECK_STRING(measured("share", 0.5, 0.4, 0.6, NUMBER_SAMPLED),
		     "50.0% (95 %: 40.0% to 60.0%, sampled)");
	CHECK_STRING(measured("bytes/h", 2048, NAN, NAN, NUMBER_ESTIMATED),
		     "2.00 KiB/h (estimated)");
	CHECK_STRING(measured("count", 30, 30, NAN, NUMBER_SAMPLED), "30 (95 %: 30 to ?, sampled)");
	CHECK_STRING(measured("p", 0.00123, NAN, NAN, NUMBER_ESTIMATED), "0.0012 (estimated)");
	CHECK_STRING(measured("types/s", 5, 5, 5, NUMBER_EXACT), "5 types/s (exact)");
	CHECK_STRING(measured("share", -0.5, -0.6, 0.1, NUMBER_ESTIMATED),
		     "-50.0% (95 %: -60.0% to 10.0%, estimated)");
	CHECK_STRING(measured("bytes", NAN, NAN, NAN, NUMBER_EXACT), "? (exact)");
}

static const char *check_line(const struct judged *judged)
{
	static char text[256];
	FILE *out = fmemopen(text, sizeof(text), "w");

	check_write_line(out, judged);
	fclose(out);
	return text;
}

TEST("a limit's line has its number with kind and interval, and what the limit is")
{
	struct judged judged = {
		.name = "max-alloc-rate",
		.unit = LIMIT_BYTES_PER_S,
		.most = 1 << 20,
		.answer = LIMIT_BROKEN,
		.number = { "max-alloc-rate",
			    "bytes/s",
			    2 << 20,
			    { 1.5 * (1 << 20), 3 << 20 },
			    NUMBER_SAMPLED },
	};

	CHECK_STRING(check_line(&judged),
		     "max-alloc-rate: 2.00 MiB/s (95 %: 1.50 MiB/s to 3.00 MiB/s, sampled), the "
		     "limit is 1.00 MiB/s");
	judged.number.value = NAN;
	CHECK_STRING(check_line(&judged), "max-alloc-rate: new, the limit is 1.00 MiB/s");
}

static const char *place_text(double value, double share, const char *code)
{
	static char text[256];
	const struct finding_place place = {
		"main.\033[2J\xff", "a.go", 7, "T", "types", value, share
	};
	FILE *out = fmemopen(text, sizeof(text), "w");

	verdict_write_place(out, &place, code);
	fclose(out);
	return text;
}

TEST("a place has its share, else its value, and nothing foreign reaches the terminal")
{
	CHECK_STRING(place_text(12, 0.5, "`"), "`main.?[2J\xef\xbf\xbd` a.go:7 (T), 50.0% of all");
	CHECK_STRING(place_text(12, NAN, ""), "main.?[2J\xef\xbf\xbd a.go:7 (T), 12 types");
	CHECK_STRING(place_text(NAN, NAN, ""), "main.?[2J\xef\xbf\xbd a.go:7 (T)");
}

TEST("in the JSON a p that is small is not 0, and places have their unit")
{
	struct fixture fixture AUTO_FIXTURE;
	const char *text;

	fixture_judge(leak, SNAPSHOTS, &fixture);
	text = report_of(&report_json, &fixture);
	check_has(text, "\"name\":\"trend_p\",\"unit\":\"p\",\"value\":9.7");
	check_has(text, "\"unit\":\"bytes\",\"share\":0.968");
}
