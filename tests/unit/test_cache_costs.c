/* Records to cache functions, and quotients with their intervals. */
#include "harness/test.h"

#include <math.h>

#include "model/cache_costs.h"

static const struct {
	uint32_t count;
	struct frame frames[4];
} storing = { 4,
	      { { "runtime.newobject", "", 0, 0, 0x100, false, 0 },
		{ "main.newEntry", "", 0, 0, 0x205, true, 0 },
		{ "main.(*Cache).Store", "", 0, 0, 0x205, false, 0 },
		{ "main.(*Cache).Fill", "", 0, 0, 0x330, false, 0 } } };

static struct cache_function function_at(uint64_t entry, uint64_t end, double calls)
{
	return (struct cache_function){ .entry = entry,
					.end = end,
					.allocated_calls = { .objects = calls } };
}

static struct record record_of(double objects, double bytes, double variance)
{
	return (struct record){
		.stack = (const struct stack *)(const void *)&storing,
		.interval = { .samples = 4,
			      .objects = objects,
			      .bytes = bytes,
			      .objects_variance = variance * objects * objects,
			      .bytes_variance = variance * bytes * bytes },
	};
}

TEST("a record is attributed to each function whose text is on its stack, once")
{
	struct cache_function functions[] = {
		function_at(0x200, 0x300, 10), /* with an inlined frame at the same address */
		function_at(0x300, 0x331, 5),
		function_at(0x331, 0x400, 5),
	};
	const struct record records[] = { record_of(20, 1920, 0), record_of(0, 0, 0) };

	cache_costs_add(functions, 3, records, 2);
	CHECK_NEAR(functions[0].allocated.bytes, 1920, 0);
	CHECK_NEAR(functions[1].allocated.bytes, 1920, 0);
	CHECK_NEAR(functions[2].allocated.bytes, 0, 0);
	CHECK_NEAR(cache_bytes_per_call(&functions[0], 1).value, 192, 0);
	CHECK_NEAR(cache_objects_per_call(&functions[1], 1).value, 4, 0);
}

TEST("the interval of a quotient has the errors of both its numbers")
{
	struct cache_function function = function_at(0x200, 0x300, 100);
	const struct record record = record_of(100, 9600, 0.01);
	struct interval sampled, both;

	cache_costs_add(&function, 1, &record, 1);
	sampled = cache_bytes_per_call(&function, 524288).bounds;
	CHECK(sampled.low < 96 && sampled.high > 96);
	function.allocated_calls.objects_variance = 0.01 * 100 * 100;
	both = cache_bytes_per_call(&function, 524288).bounds;
	CHECK(both.low < sampled.low && both.high > sampled.high);
}

TEST("without calls nothing is known, without a sample how much at most")
{
	struct cache_function function = function_at(1, 2, 0);

	CHECK(isnan(cache_bytes_per_call(&function, 1).value));
	function.allocated_calls.objects = 1000;
	CHECK_NEAR(cache_bytes_per_call(&function, 1).bounds.high, 0, 0);
	CHECK_NEAR(cache_bytes_per_call(&function, 524288).bounds.high, -log(0.025) * 524.288,
		   1e-6);
	CHECK(isnan(cache_bytes_per_call(&function, NAN).bounds.high));
	CHECK(isnan(cache_objects_per_call(&function, 524288).bounds.high));
	CHECK_NEAR(cache_objects_per_call(&function, 1).bounds.high, 0, 0);
	function.allocated = (struct amount){ .objects = NAN, .bytes = NAN };
	CHECK(isnan(cache_bytes_per_call(&function, NAN).value));
}
