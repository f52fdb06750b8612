/* What was counted and what was estimated, added up. */
#include "harness/test.h"

#include <math.h>

#include "model/cache_counter.h"

static const struct burst_windows none = { 0 };

/* One window of 10 ms with `hits` calls. */
static void add_window(struct burst_windows *windows, struct cache_counter *counter, uint64_t hits)
{
	counter->now += hits;
	cache_counter_window(counter, burst_add(windows, 0.01, hits, 0));
}

TEST("calls that are all counted are exact")
{
	struct cache_counter counter = { 0 };

	counter.now = 7;
	cache_counter_fill(&counter, &none, 0);
	CHECK_NEAR(counter.calls.interval.objects, 7, 0);
	counter.now = 10;
	cache_counter_fill(&counter, &none, 0);
	CHECK_NEAR(counter.calls.interval.objects, 3, 0);
	CHECK_NEAR(counter.calls.begun.objects, 10, 0);
	CHECK_NEAR(counter.calls.begun.objects_variance, 0, 0);
}

TEST("a counter that begins late leaves out what was before")
{
	struct cache_counter counter;

	cache_counter_begin(&counter, 100);
	counter.now = 104;
	cache_counter_fill(&counter, &none, 0);
	CHECK_NEAR(counter.calls.begun.objects, 4, 0);
}

TEST("time that nobody watched is estimated once there is a window, and lost in no sum")
{
	struct burst_windows windows = { 0 };
	struct cache_counter counter = { 0 };

	counter.now = 50;
	cache_counter_fill(&counter, &windows, 0.2);
	CHECK(isnan(counter.calls.interval.objects));
	CHECK_NEAR(counter.calls.begun.objects, 50, 0);
	counter.before = counter.now;
	add_window(&windows, &counter, 10); /* 1000 per second of CPU */
	cache_counter_fill(&counter, &windows, 0.3);
	CHECK_NEAR(counter.calls.interval.objects, 10 + 300, 1e-9);
	CHECK_NEAR(counter.calls.begun.objects, 50 + 10 + 500, 1e-9);
	CHECK(counter.calls.begun.objects_variance > 0);
}

TEST("errors of estimates from the same windows do not even out")
{
	struct burst_windows windows = { 0 };
	struct cache_counter counter = { 0 };
	double error;

	add_window(&windows, &counter, 100);
	cache_counter_fill(&counter, &windows, 1);
	error = sqrt(counter.calls.begun.objects_variance);
	CHECK_NEAR(error, 1000, 1e-6); /* 100 +- 10, a hundred times */
	for (int i = 0; i < 3; i++)
		cache_counter_fill(&counter, &windows, 1);
	CHECK_NEAR(sqrt(counter.calls.begun.objects_variance), 4 * error, 1e-6);
	CHECK_NEAR(counter.calls.begun.objects, 100 + 4 * 10000, 1e-6);
}

TEST("what is not watched is not known")
{
	struct cache_counter counter = { 0 };

	cache_counter_unknown(&counter);
	CHECK(isnan(counter.calls.begun.objects) && isnan(counter.calls.interval.objects));
}
