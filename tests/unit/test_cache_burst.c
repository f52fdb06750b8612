/* Estimates of calls from windows, against programs whose calls are known. */
#include "harness/test.h"

#include <math.h>
#include <stdlib.h>

#include "model/cache_burst.h"

TEST("without a window nothing is known, and no time has no calls")
{
	struct burst_windows windows = { 0 };
	struct burst_hits hits = { 0 };

	CHECK(isnan(burst_estimate(&windows, &hits, 1).objects));
	CHECK_NEAR(burst_estimate(&windows, &hits, 0).objects, 0, 0);
	burst_set(&hits, burst_add(&windows, 0, 0, 1000), 0);
	CHECK_NEAR(burst_estimate(&windows, &hits, 1).objects, 0, 0);
}

TEST("calls are scaled by the CPU time that the program's own work took")
{
	struct burst_windows windows = { 0 };
	struct burst_hits hits = { 0 };
	struct amount amount;

	/* 2 ms of CPU, of which 1000 traps of 1 us took half: 1000 calls per ms */
	burst_set(&hits, burst_add(&windows, 0.002, 1000, 1000), 1000);
	amount = burst_estimate(&windows, &hits, 1);
	CHECK_NEAR(amount.objects, 1e6, 1e-3);
	CHECK_INT(amount.samples, 1000);
	/* the trap is known to a quarter: 250 us of 1 ms of work; and 1000 are 1000 +- 32 */
	CHECK_NEAR(sqrt(amount.objects_variance), 0.252 * 1e6, 0.001e6);
}

TEST("where the traps took all of the time the calls are not overrated beyond a bound")
{
	struct burst_windows windows = { 0 };
	struct burst_hits hits = { 0 };

	burst_set(&hits, burst_add(&windows, 0.001, 2000, 1000), 2000);
	CHECK_NEAR(burst_estimate(&windows, &hits, 0.001).objects, 2000 / 0.05, 1);
}

TEST("windows that differ widen the interval beyond that of a Poisson count")
{
	struct burst_windows even = { 0 }, uneven = { 0 };
	struct burst_hits some = { 0 }, bursts = { 0 };

	for (int i = 0; i < 10; i++) {
		burst_set(&some, burst_add(&even, 0.01, 100, 0), 100);
		burst_set(&bursts, burst_add(&uneven, 0.01, 100, 0), i ? 0 : 1000);
	}
	CHECK_NEAR(burst_estimate(&even, &some, 0.1).objects, 1000, 1e-6);
	CHECK_NEAR(burst_estimate(&uneven, &bursts, 0.1).objects, 1000, 1e-6);
	CHECK_NEAR(burst_estimate(&even, &some, 0.1).objects_variance, 1000, 1e-6);
	CHECK_NEAR(burst_estimate(&uneven, &bursts, 0.1).objects_variance, 1e6, 1e-3);
}

TEST("only the last windows count")
{
	struct burst_windows windows = { 0 };
	struct burst_hits hits = { 0 };

	for (int i = 0; i < BURST_WINDOWS; i++)
		burst_set(&hits, burst_add(&windows, 0.01, 0, 0), 5000);
	for (int i = 0; i < BURST_WINDOWS; i++)
		burst_set(&hits, burst_add(&windows, 0.01, 0, 0), 10);
	CHECK_NEAR(burst_estimate(&windows, &hits, 1).objects, 1000, 1e-6);
}

TEST("what was found later is estimated from the windows since")
{
	struct burst_windows windows = { 0 };
	struct burst_hits early = { 0 }, late = { 0 };

	burst_set(&early, burst_add(&windows, 0.01, 0, 0), 100);
	CHECK(isnan(burst_estimate(&windows, &late, 1).objects));
	burst_set(&late, burst_add(&windows, 0.01, 0, 0), 100);
	CHECK_NEAR(burst_estimate(&windows, &late, 1).objects, 10000, 1e-6);
	CHECK_NEAR(burst_estimate(&windows, &early, 1).objects, 10000, 1e-6);
}

/* A program whose rate changes from one moment to the next, seen in windows at random times. */
static bool covers(void)
{
	struct burst_windows windows = { 0 };
	struct burst_hits hits = { 0 };
	struct amount amount;
	struct interval bounds;

	for (int i = 0; i < BURST_WINDOWS; i++) {
		double mean = 100 * (0.5 + drand48()), calls = 0;

		for (double at = -log(1 - drand48()); at < mean; at -= log(1 - drand48()))
			calls++;
		burst_set(&hits, burst_add(&windows, 0.01, (uint64_t)calls, 0), (uint64_t)calls);
	}
	amount = burst_estimate(&windows, &hits, 100);
	bounds = amount_interval(amount.objects, amount.objects_variance);
	return bounds.low <= 1e6 && bounds.high >= 1e6;
}

TEST("the interval covers the truth about as often as it says")
{
	int covered = 0;

	srand48(7);
	for (int i = 0; i < 2000; i++)
		covered += covers();
	CHECK(covered >= 1820 && covered <= 1960); /* 91 to 98 %: 16 clusters are few */
}

TEST("in a time that is not known the calls are not known, in none there are none")
{
	struct burst_windows windows = { 0 };
	struct burst_hits hits = { 0 };

	burst_set(&hits, burst_add(&windows, 0.01, 10, 0), 10);
	CHECK(isnan(burst_estimate(&windows, &hits, NAN).objects));
	CHECK(burst_estimate(&windows, &hits, 0).objects == 0);
}
