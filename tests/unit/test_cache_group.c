/* What caches did between two moments of an observation. */
#include "harness/test.h"

#include <math.h>

#include "model/cache_group.h"

static struct cache_calls counted(double begun, double interval)
{
	return (struct cache_calls){ { .objects = begun }, { .objects = interval } };
}

/* With a standard error of a tenth. */
static struct cache_calls estimated(double begun)
{
	return (struct cache_calls){ .begun = { .objects = begun,
						.objects_variance = begun * begun / 100 } };
}

TEST("calls of a window are those since its beginning, of what was found meanwhile all")
{
	struct cache_pool early[] = { { .address = 1,
					.gets = counted(100, 9),
					.puts = counted(50, 9),
					.misses = counted(NAN, NAN) } };
	struct cache_pool late[] = { { .address = 2,
				       .gets = counted(7, 1),
				       .puts = counted(0, 0),
				       .misses = counted(NAN, NAN) },
				     { .address = 1,
				       .gets = counted(130, 4),
				       .puts = counted(50, 0),
				       .misses = counted(6, 2) } };
	struct cache_map before = { .address = 1, .loads = counted(10, 1) }, after = before;
	struct cache_group base = {
		.pools = early, .pool_count = 1, .maps = &before, .map_count = 1, .pools_emptied = 4
	};
	struct cache_group group = { .pools = late,
				     .pool_count = 2,
				     .maps = &after,
				     .map_count = 1,
				     .pools_emptied = 9,
				     .pools_emptied_interval = 1 };

	after.loads = counted(25, 2);
	cache_group_since(&group, &base);
	CHECK_NEAR(late[0].gets.begun.objects, 7, 0);
	CHECK(isnan(late[0].misses.begun.objects));
	CHECK_NEAR(late[1].gets.begun.objects, 30, 0);
	CHECK_NEAR(late[1].gets.interval.objects, 30, 0);
	CHECK_NEAR(late[1].gets.begun.objects_variance, 0, 0);
	CHECK_NEAR(late[1].puts.begun.objects, 0, 0);
	CHECK_NEAR(late[1].misses.begun.objects, 6, 0);
	CHECK_NEAR(after.loads.interval.objects, 15, 0);
	CHECK_INT(group.pools_emptied, 5);
	CHECK_INT(group.pools_emptied_interval, 5);
}

TEST("estimates of a window keep the error of what they are estimated from, not that of the whole")
{
	struct cache_function before = { .id = 3,
					 .calls = estimated(1000),
					 .allocated = { 10, 100, 1000, 40, 400 },
					 .allocated_calls = { .objects = 900 } };
	struct cache_function after = { .id = 3,
					.calls = estimated(1500),
					.allocated = { 15, 150, 1500, 60, 600 },
					.allocated_calls = { .objects = 1400 } };
	struct cache_group base = { .functions = &before, .function_count = 1 };
	struct cache_group group = { .functions = &after, .function_count = 1 };

	cache_group_since(&group, &base);
	CHECK_NEAR(after.calls.begun.objects, 500, 1e-9);
	CHECK_NEAR(after.calls.begun.objects_variance, 50 * 50, 1e-6);
	CHECK_INT(after.allocated.samples, 5);
	CHECK_NEAR(after.allocated.bytes, 500, 1e-9);
	CHECK_NEAR(after.allocated.bytes_variance, 200, 1e-9);
	CHECK_NEAR(after.allocated_calls.objects, 500, 1e-9);
}
