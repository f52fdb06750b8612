/* The budget's decisions. */
#include "harness/test.h"

#include <math.h>

#include "model/governor.h"

TEST("a thousand traps of one microsecond per second are 0.1 % of a CPU")
{
	CHECK_NEAR(governor_cost_percent(1000, 1000), 0.1, 1e-12);
}

TEST("every allocation of a busy program costs many CPUs, more with whole stacks")
{
	CHECK_NEAR(exact_cost_percent(10e6, 1000, false), 1000 * EXACT_SITE_FACTOR, 1e-9);
	CHECK_NEAR(exact_cost_percent(10e6, 1000, true), 1000 * EXACT_STACK_FACTOR, 1e-9);
	CHECK(exact_cost_percent(1000, NAN, false) > 0);
}

TEST("the hits of an exact window follow from budget, trap and interval")
{
	/* 1 % of one second is 10 ms; a hit with its stack counts as 1.6 traps of 1 us */
	CHECK_INT(governor_exact_hits(1, 1000, 1), 6250);
	CHECK_INT(governor_exact_hits(2, 500, 0.5), 12500);
	CHECK_INT(governor_exact_hits(0, 1000, 1), 0);
	CHECK_INT(governor_exact_hits(1e-9, 1000, 0.1), 1);
	CHECK(governor_exact_hits(1, NAN, 1) > 100);
}

TEST("the GC's probes may cost a quarter of the budget")
{
	CHECK(governor_fits(GOVERNOR_GC_SHARE, 1, 1000, 2500));
	CHECK(!governor_fits(GOVERNOR_GC_SHARE, 1, 1000, 2501));
	CHECK(governor_fits(GOVERNOR_GC_SHARE, 1, NAN, 2500));
	CHECK(!governor_fits(GOVERNOR_GC_SHARE, 0.1, NAN, 251));
}

TEST("a leash looks at half a second, and sooner once the part of that half second is used up")
{
	struct leash leash;
	double rate = 0;

	/* 0.1 of 1 % is 1 ms per second: 500 traps of 1 us in half a second */
	leash_init(&leash, 0.1);
	leash_attached(&leash, 0, 1000);
	CHECK(!leash_too_dear(&leash, 100000000, 1500, 1, 1000, &rate));
	CHECK(leash_too_dear(&leash, 200000000, 1501, 1, 1000, &rate));
	CHECK_NEAR(rate, 501 * 5, 1e-6);
	leash_attached(&leash, 0, 1000);
	CHECK(!leash_too_dear(&leash, 500000000, 1500, 1, 1000, &rate));
	CHECK(!leash_too_dear(&leash, 900000000, 1999, 1, 1000, &rate));
	CHECK(leash_too_dear(&leash, 1000000000, 2001, 1, 1000, &rate));
}
