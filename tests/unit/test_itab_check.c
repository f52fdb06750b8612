/* Whether a probe sees every new itab: counts that are read one after the other. */
#include "harness/test.h"
#include "model/itab_check.h"
#include "model/unknown.h"

TEST("a probe that sees every itab is believed, also when it sees more than is counted yet")
{
	struct itab_check check = { 0 };

	CHECK(!itab_check_misses(&check, false, 100, 3)); /* there for a part of the interval */
	CHECK(!itab_check_misses(&check, true, 101, 5));  /* one of them not counted yet */
	CHECK(!itab_check_misses(&check, true, 103, 6));
	CHECK(!itab_check_misses(&check, true, 104, 6));
	CHECK(!itab_check_misses(&check, true, 104, 6));
}

TEST("itabs that are counted and not seen are missed")
{
	struct itab_check check = { 0 };

	CHECK(!itab_check_misses(&check, false, 100, 0));
	CHECK(!itab_check_misses(&check, true, 100, 0));
	CHECK(itab_check_misses(&check, true, 101, 0));
}

TEST("without a count, or the probe, nothing is told of missed itabs")
{
	struct itab_check check = { 0 };

	CHECK(!itab_check_misses(&check, true, UNKNOWN, 0));
	CHECK(!itab_check_misses(&check, true, 100, 0));
	CHECK(!itab_check_misses(&check, false, 200, 0));
	CHECK(!itab_check_misses(&check, true, UNKNOWN, 0));
}
