/* Human numbers: units, rounding at their borders, what is not known. */
#include <math.h>

#include "harness/test.h"
#include "base/number.h"

TEST("bytes have three digits and binary units")
{
	CHECK_STRING(number_bytes(0).text, "0 B");
	CHECK_STRING(number_bytes(999).text, "999 B");
	CHECK_STRING(number_bytes(1023).text, "1023 B");
	CHECK_STRING(number_bytes(1024).text, "1.00 KiB");
	CHECK_STRING(number_bytes(1536).text, "1.50 KiB");
	CHECK_STRING(number_bytes(12.3 * 1024 * 1024).text, "12.3 MiB");
	CHECK_STRING(number_bytes(1023 * 1024).text, "1023 KiB");
	CHECK_STRING(number_bytes(pow(1024, 5) * 5000).text, "5000 PiB");
}

TEST("rounding never shows 1024 of a unit that has a next one, nor four digits for three")
{
	CHECK_STRING(number_bytes(1023.7 * 1024).text, "1.00 MiB");
	CHECK_STRING(number_bytes(9.99 * 1024).text, "9.99 KiB");
	CHECK_STRING(number_bytes(9.996 * 1024).text, "10.0 KiB");
	CHECK_STRING(number_bytes(1023.4 * 1024).text, "1023 KiB");
	CHECK_STRING(number_count(999.6).text, "1.00k");
	CHECK_STRING(number_bytes(99.96 * 1024).text, "100 KiB");
	CHECK_STRING(number_count(999.4).text, "999");
	CHECK_STRING(number_count(999600).text, "1.00M");
}

TEST("counts are decimal, rates may be fractions")
{
	CHECK_STRING(number_count(0).text, "0");
	CHECK_STRING(number_count(812345).text, "812k");
	CHECK_STRING(number_count_rate(20.1e6).text, "20.1M/s");
	CHECK_STRING(number_count_rate(0.25).text, "0.25/s");
	CHECK_STRING(number_per_second(8100).text, "8.10k");
	CHECK_STRING(number_bytes_rate(2097152).text, "2.00 MiB/s");
}

TEST("durations go from nanoseconds to days")
{
	CHECK_STRING(number_duration(0).text, "0 ns");
	CHECK_STRING(number_duration(620).text, "620 ns");
	CHECK_STRING(number_duration(1000).text, "1.00 us");
	CHECK_STRING(number_duration(999.6e3).text, "1.00 ms");
	CHECK_STRING(number_duration(12.3e6).text, "12.3 ms");
	CHECK_STRING(number_duration(59.9e9).text, "59.9 s");
	CHECK_STRING(number_duration(60e9).text, "1m00s");
	CHECK_STRING(number_duration(3599e9).text, "59m59s");
	CHECK_STRING(number_duration(3720e9).text, "1h02m");
	CHECK_STRING(number_duration((2 * 86400 + 3 * 3600) * 1e9).text, "2d03h");
}

TEST("a clock shows whole seconds that have passed")
{
	CHECK_STRING(number_clock(0).text, "0s");
	CHECK_STRING(number_clock(2.9).text, "2s");
	CHECK_STRING(number_clock(0.1 * 3 * 10).text, "3s");
	CHECK_STRING(number_clock(83).text, "1m23s");
}

TEST("shares keep their small ones")
{
	CHECK_STRING(number_share(0).text, "0%");
	CHECK_STRING(number_share(0.00001).text, "<0.01%");
	CHECK_STRING(number_share(0.005).text, "0.50%");
	CHECK_STRING(number_share(0.0999499).text, "9.99%");
	CHECK_STRING(number_share(0.451).text, "45.1%");
	CHECK_STRING(number_share(0.9996).text, "100%");
}

TEST("a range has one unit")
{
	CHECK_STRING(number_range(1048576 * 1.1, 1048576 * 1.31, 1).text, "1.10-1.31 MiB");
	CHECK_STRING(number_range(512 * 1024, 2048 * 1024, 1).text, "0.50-2.00 MiB");
	CHECK_STRING(number_range(9120, 10400, 0).text, "9.12-10.4k");
	CHECK_STRING(number_range(NAN, 1, 0).text, "?");
}

TEST("what is not known is a question mark everywhere")
{
	CHECK_STRING(number_bytes(-1).text, "?");
	CHECK_STRING(number_bytes(NAN).text, "?");
	CHECK_STRING(number_count(-1).text, "?");
	CHECK_STRING(number_duration(-1).text, "?");
	CHECK_STRING(number_percent(NAN).text, "?");
	CHECK_STRING(number_clock(NAN).text, "?");
	CHECK_STRING(number_count_rate(INFINITY).text, "?");
}

/* The columns that the table gives numbers: view/columns.c. */
TEST("no size is wider than its column")
{
	for (double bytes = 1; bytes < 1e18; bytes *= 1.001) {
		CHECK(strlen(number_bytes(bytes).text) <= 8);
		CHECK(strlen(number_bytes_rate(bytes).text) <= 10);
		CHECK(strlen(number_count(bytes).text) <= 7);
		CHECK(strlen(number_range(bytes / 1.2, bytes * 1.2, 1).text) <= 14);
	}
	for (double age_ns = 1; age_ns < 0x1p48; age_ns *= 1.001) /* past the last slot of ages */
		CHECK(strlen(number_duration(age_ns).text) <= 7);
	for (double share = 1e-7; share <= 1; share *= 1.001)
		CHECK(strlen(number_share(share).text) <= 6);
}
