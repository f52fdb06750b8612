/* Option values and option tables. */
#include "harness/test.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "cmd/options.h"
#include "cmd/parse.h"

static char said[1024];
static int said_count;

static void listen_to(void *context, enum diag_level level, const char *text)
{
	(void)context;
	(void)level;
	snprintf(said, sizeof(said), "%s", text);
	said_count++;
}

static void expect_refusal(int (*parse)(const char *, const char *, void *), const char *text,
			   void *member)
{
	said_count = 0;
	diag_set_sink(listen_to, NULL);
	int error = parse("option", text, member);

	diag_set_sink(NULL, NULL);
	CHECK_INT(error, -EINVAL);
	CHECK_INT(said_count, 1);
	CHECK(strstr(said, text) != NULL);
}

TEST("times take nanoseconds to hours, with fractions, and are plain seconds without a unit")
{
	static const struct {
		const char *text;
		double seconds;
	} cases[] = { { "500ms", 0.5 },
		      { "1s", 1 },
		      { "2m", 120 },
		      { "1h", 3600 },
		      { "1.5", 1.5 },
		      { "0", 0 },
		      { "200us", 200e-6 },
		      { "1.5ms", 1.5e-3 },
		      { ".25us", 250e-9 },
		      { "5000ns", 5e-6 },
		      { "0.5m", 30 },
		      { "1.5h", 5400 },
		      { "200\xc2\xb5s", 200e-6 },
		      { "200\xce\xbcs", 200e-6 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		double seconds = -1;

		CHECK_INT(parse_seconds("for", cases[i].text, &seconds), 0);
		CHECK_NEAR(seconds, cases[i].seconds, 1e-12);
	}
}

TEST("a time that is none is refused in one sentence that repeats it")
{
	static const char *const bad[] = { "soon", "-1s", "1x", "inf", "nan", "1 s", "" };
	double seconds = 7;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		expect_refusal(parse_seconds, bad[i], &seconds);
	CHECK_NEAR(seconds, 7, 0);
}

TEST("a number with a unit that is none is refused with the units that there are")
{
	double seconds = 7;
	uint64_t bytes = 7;

	expect_refusal(parse_seconds, "200usec", &seconds);
	CHECK(strstr(said, "(there are ns, us, ms, s, m, h)") != NULL);
	expect_refusal(parse_seconds, "5 ms", &seconds);
	expect_refusal(parse_seconds, "5MS", &seconds);
	expect_refusal(parse_percent, "1pct", &seconds);
	CHECK(strstr(said, "(there are %)") != NULL);
	expect_refusal(parse_bytes, "5TB", &bytes);
	CHECK(strstr(said, "(there are B, K, KiB, k, M, MiB, G, GiB)") != NULL);
	CHECK_NEAR(seconds, 7, 0);
	CHECK_INT(bytes, 7);
}

TEST("sizes take binary units")
{
	uint64_t bytes = 0;

	CHECK_INT(parse_bytes("set-sampling-rate", "64KiB", &bytes), 0);
	CHECK_INT(bytes, 65536);
	CHECK_INT(parse_bytes("set-sampling-rate", "4096", &bytes), 0);
	CHECK_INT(bytes, 4096);
	CHECK_INT(parse_bytes("set-sampling-rate", "1M", &bytes), 0);
	CHECK_INT(bytes, 1048576);
	expect_refusal(parse_bytes, "12 apples", &bytes);
	expect_refusal(parse_bytes, "-5", &bytes);
}

TEST("process numbers come as a list")
{
	struct pid_list list = { 0 };

	CHECK_INT(parse_pids("pid", "12,345", &list), 0);
	CHECK_INT(list.count, 2);
	CHECK_INT(list.pids[1], 345);
	expect_refusal(parse_pids, "12,x", &list);
	expect_refusal(parse_pids, "0", &list);
	expect_refusal(parse_pids, "99999999999", &list);
}

struct values {
	size_t number;
	const char *text;
};

static const struct option_row table[] = {
	{ "number", 'x', "N", "a number", offsetof(struct values, number), parse_count },
	{ "text", 0, "TEXT", "a text", offsetof(struct values, text), parse_text },
	{ 0 },
};
static const struct option_row *const tables[] = { table, NULL };

TEST("options stop at -- and what follows is left alone")
{
	char *argv[] = { "command", "-x", "3", "--text=hello", "--", "ls", "-x", NULL };
	struct values values = { 0 };
	int rest, separated;

	CHECK_INT(options_parse(7, argv, tables, &values, &rest, &separated), 0);
	CHECK_INT(values.number, 3);
	CHECK_STRING(values.text, "hello");
	CHECK_INT(rest, 5);
	CHECK_INT(separated, 1);
}

TEST("an unknown option, and one without its value, are refused in one sentence")
{
	char *unknown[] = { "command", "--nonsense", NULL };
	char *bare[] = { "command", "-x", NULL };
	struct values values = { 0 };
	int rest, separated;

	diag_set_sink(listen_to, NULL);
	said_count = 0;
	int first = options_parse(2, unknown, tables, &values, &rest, &separated);
	bool named = strstr(said, "--nonsense") != NULL;
	int second = options_parse(2, bare, tables, &values, &rest, &separated);
	diag_set_sink(NULL, NULL);

	CHECK_INT(first, -EINVAL);
	CHECK(named);
	CHECK_INT(second, -EINVAL);
	CHECK_INT(said_count, 2);
}
