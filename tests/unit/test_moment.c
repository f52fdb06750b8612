/* Moments of a recording, as they are typed. */
#include "harness/test.h"

#include <errno.h>

#include "base/diag.h"
#include "cmd/moment.h"

static void say_nothing(void *context, enum diag_level level, const char *text)
{
	(void)context;
	(void)level;
	(void)text;
}

/* In a recording from 1,000 to 2,000 seconds after 1970. */
static int64_t moment_of(const char *text)
{
	struct moment moment;
	int error;

	diag_set_sink(say_nothing, NULL);
	error = parse_moment("at", text, &moment);
	diag_set_sink(NULL, NULL);
	return error < 0 ? error : moment_ns(&moment, 1000000000000, 2000000000000, -7);
}

TEST("a moment is an offset from the beginning or from the end, or a time of any zone")
{
	CHECK_INT(moment_of("0s"), 1000000000000);
	CHECK_INT(moment_of("2m"), 1120000000000);
	CHECK_INT(moment_of("-500ms"), 1999500000000);
	CHECK_INT(moment_of("1970-01-01T00:20:00Z"), 1200000000000);
	CHECK_INT(moment_of("1970-01-01 00:20:00.25Z"), 1200250000000);
	CHECK_INT(moment_of("1970-01-01T02:20:00+02:00"), 1200000000000);
	CHECK_INT(moment_of("1970-01-01T00:00:00.000000001-00:20"), 1200000000001);
	CHECK(moment_of("9000000h") > 8000000000000000000);
}

TEST("what is no moment is refused")
{
	CHECK_INT(moment_of(""), -EINVAL);
	CHECK_INT(moment_of("soon"), -EINVAL);
	CHECK_INT(moment_of("12:30"), -EINVAL);
	CHECK_INT(moment_of("1970-01-01T00:20:00"), -EINVAL);
	CHECK_INT(moment_of("1970-01-01T00:20:00+2"), -EINVAL);
	CHECK_INT(moment_of("1970-01-01T00:20:00Zulu"), -EINVAL);
	CHECK_INT(moment_of("--5s"), -EINVAL);
}

TEST("without a moment the default counts")
{
	struct moment none = { 0 };

	CHECK_INT(moment_ns(&none, 1, 2, 3), 3);
}
