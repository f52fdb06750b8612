/* check's text, markdown and JUnit: what somebody reads in the log of a failed build. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "harness/test.h"
#include "view/check.h"

static const char *printed(const struct check_format *format, const struct check_result *result)
{
	static char text[1 << 14];
	FILE *out = fmemopen(text, sizeof(text), "w");

	CHECK_INT(format->write(out, result), 0);
	fclose(out);
	return text;
}

static struct judged mallocs(void)
{
	return (struct judged){
		.name = "max-mallocs",
		.unit = LIMIT_COUNT,
		.most = 1000,
		.answer = LIMIT_BROKEN,
		.number = { .unit = "count", .value = 51200, .kind = NUMBER_EXACT },
		.place_count = 2,
		.places = { { .name = "main.operate",
			      .file = "main.go",
			      .line = 26,
			      .type = "[]uint8",
			      .value = 50000,
			      .share = 0.976 },
			    { .name = "os.init", .file = "", .value = NAN, .share = NAN } },
	};
}

static struct judged live(void)
{
	return (struct judged){
		.name = "max-live",
		.glob = "main.*",
		.unit = LIMIT_BYTES,
		.most = 1 << 20,
		.answer = LIMIT_UNDECIDED,
		.number = { .unit = "bytes",
			    .value = 1258291,
			    .bounds = { 1048000, 1468006 },
			    .kind = NUMBER_SAMPLED },
	};
}

static struct judged refused(void)
{
	return (struct judged){
		.name = "max-heap-growth",
		.unit = LIMIT_BYTES,
		.most = 10240,
		.answer = LIMIT_REFUSED,
		.number = { .unit = "bytes", .value = NAN },
		.why = "2 intervals were seen, 8 are needed",
	};
}

static struct judged pause_kept(void)
{
	return (struct judged){
		.name = "max-pause",
		.unit = LIMIT_NS,
		.most = 2e6,
		.answer = LIMIT_KEPT,
		.number = { .unit = "ns", .value = 52300, .kind = NUMBER_EXACT },
	};
}

TEST("check: a line for each limit that is not kept, its number, interval and limit, then who did "
     "it")
{
	struct judged judged[] = { mallocs(), live(), refused(), pause_kept() };
	struct check_part part = { .name = "gate.test", .count = 4, .judged = judged };
	struct check_result result = { .count = 1, .parts = &part, .command_status = 7 };

	CHECK_STRING(printed(&check_text, &result),
		     "BROKEN    max-mallocs: 51.2k (exact), the limit is 1.00k\n"
		     "          main.operate main.go:26 ([]uint8), 97.6% of all\n"
		     "          os.init\n"
		     "undecided max-live main.*: 1.20 MiB (95 %: 1023 KiB to 1.40 MiB, sampled), "
		     "the limit is 1.00 MiB\n"
		     "REFUSED   max-heap-growth: 2 intervals were seen, 8 are needed\n"
		     "1 limit kept, 1 limit undecided, 1 limit broken, 1 limit not judged\n"
		     "the command itself ended with 7\n");
}

TEST("check: of several processes each has its name, one that was not seen has the reason, and -v "
     "shows what was kept")
{
	struct judged first[] = { pause_kept() }, second[] = { mallocs() };
	struct check_part parts[] = {
		{ .name = "one.test", .count = 1, .judged = first },
		{ .name = "two.test", .count = 1, .judged = second },
		{ .name = "sh", .refused = "'/bin/sh' is not a Go program" },
	};
	struct check_result result = {
		.count = 3, .parts = parts, .command_status = -1, .verbose = true
	};

	CHECK_STRING(printed(&check_text, &result),
		     "one.test\n"
		     "kept      max-pause: 52.3 us (exact), the limit is 2.00 ms\n"
		     "two.test\n"
		     "BROKEN    max-mallocs: 51.2k (exact), the limit is 1.00k\n"
		     "          main.operate main.go:26 ([]uint8), 97.6% of all\n"
		     "          os.init\n"
		     "sh\n"
		     "REFUSED   '/bin/sh' is not a Go program\n"
		     "1 limit kept, 1 limit broken, 1 limit not judged\n");
}

TEST("check: growth may be negative or from nothing, and its unit is the limit's")
{
	struct judged judged[] = { pause_kept(), pause_kept() };
	struct check_part part = { .name = "app", .count = 2, .judged = judged };
	struct check_result result = {
		.count = 1, .parts = &part, .command_status = -1, .verbose = true
	};

	judged[0].name = "alloc_bytes";
	judged[0].unit = judged[1].unit = LIMIT_SHARE;
	judged[0].most = judged[1].most = 0.05;
	judged[0].number = (struct finding_number){
		.unit = "share", .value = -0.1, .bounds = { -0.2, 0.03 }, .kind = NUMBER_SAMPLED
	};
	judged[1].name = "main.operate";
	judged[1].answer = LIMIT_BROKEN;
	judged[1].number = (struct finding_number){ .unit = "share", .value = NAN };
	CHECK_STRING(printed(&check_text, &result),
		     "kept      alloc_bytes: -10.0% (95 %: -20.0% to 3.00%, sampled), the limit is "
		     "5.00%\n"
		     "BROKEN    main.operate: new, the limit is 5.00%\n"
		     "1 limit kept, 1 limit broken\n");
}

TEST("check: markdown for a comment, JUnit for what collects results")
{
	struct judged judged[] = { mallocs(), refused() };
	struct check_part part = { .name = "a<b", .count = 2, .judged = judged };
	struct check_result result = { .count = 1, .parts = &part, .command_status = -1 };

	CHECK_STRING(printed(&check_markdown, &result),
		     "## a<b\n\n"
		     "- **BROKEN** max-mallocs: 51.2k (exact), the limit is 1.00k\n"
		     "  - main.operate main.go:26 ([]uint8), 97.6% of all\n"
		     "  - os.init\n"
		     "- **REFUSED** max-heap-growth: 2 intervals were seen, 8 are needed\n\n"
		     "1 limit broken, 1 limit not judged\n");
	CHECK(strstr(printed(&check_junit, &result),
		     "<testsuite name=\"a&lt;b\" tests=\"2\" failures=\"1\" errors=\"1\" "
		     "skipped=\"0\">"));
	CHECK(strstr(printed(&check_junit, &result),
		     "<error message=\"max-heap-growth: 2 intervals were seen, 8 are needed\">"));
}
