/* Slopes and whether they are there at all. */
#include "harness/test.h"

#include <math.h>

#include "model/trend.h"

TEST("a line's slope is found, and there is no doubt about it")
{
	double x[20], y[20];
	struct trend trend;

	for (int i = 0; i < 20; i++) {
		x[i] = i;
		y[i] = 3 + 2 * i;
	}
	CHECK_INT(trend_of(x, y, 20, &trend), 0);
	CHECK_NEAR(trend.slope, 2, 1e-12);
	CHECK_NEAR(trend.bounds.low, 2, 1e-12);
	CHECK_NEAR(trend.bounds.high, 2, 1e-12);
	CHECK(trend.p < 1e-6);
}

TEST("what does not change has no trend, and few points say nothing")
{
	double x[] = { 0, 1, 2, 3, 4, 5, 6 }, y[] = { 4, 4, 4, 4, 4, 4, 4 };
	struct trend trend;

	CHECK_INT(trend_of(x, y, 7, &trend), 0);
	CHECK_NEAR(trend.slope, 0, 0);
	CHECK_NEAR(trend.p, 1, 0);
	CHECK_INT(trend_of(x, y, 5, &trend), 0);
	CHECK(isnan(trend.slope));
	CHECK_NEAR(trend.p, 1, 0);
}

TEST("the least p of some points is that of a rise without exception")
{
	double x[20], y[20];
	struct trend trend;

	CHECK(trend_least_p(TREND_POINTS_LEAST - 1) == 1);
	for (size_t i = 0; i < 20; i++) {
		x[i] = (double)i;
		y[i] = 3 * (double)i;
	}
	for (size_t count = TREND_POINTS_LEAST; count <= 20; count++) {
		CHECK_INT(trend_of(x, y, count, &trend), 0);
		CHECK_NEAR(trend_least_p(count), trend.p, 1e-12);
	}
}
