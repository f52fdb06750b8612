/* Rank tests, corrections and intervals against published tables and examples. */
#include "harness/test.h"

#include <math.h>
#include <stdlib.h>

#include "model/statistics.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* x = 0..4 and five values of which exactly `u` pairs lie above. */
static double p_of_five(int u)
{
	double x[5] = { 0, 1, 2, 3, 4 }, y[5];
	struct rank_test test;
	int left = u;

	for (int i = 0; i < 5; i++) {
		int above = left < 5 ? left : 5;

		y[4 - i] = above - 0.5 - 0.01 * i;
		left -= above;
	}
	CHECK_INT(statistics_rank_test(x, 5, y, 5, &test), 0);
	CHECK(test.exact);
	CHECK_NEAR(test.u, u, 0);
	return test.p;
}

TEST("U's distribution is that of the table of Mann and Whitney 1947, 5 and 5 values")
{
	/* Annals of Mathematical Statistics 18, p. 52: P(U <= 0, 1, ...), three digits */
	static const double table[] = { 0.004, 0.008, 0.016, 0.028, 0.048, 0.075,
					0.111, 0.155, 0.210, 0.274, 0.345, 0.421 };

	for (size_t u = 0; u < COUNT(table); u++) {
		CHECK_NEAR(p_of_five((int)u) / 2, table[u], 0.0005);
		CHECK_NEAR(p_of_five(25 - (int)u) / 2, table[u], 0.0005);
	}
}

TEST("the permeability of the chorioamnion of Hollander and Wolfe gives p = 0.127 x 2 and 0.305")
{
	/* Nonparametric Statistical Methods, example 4.1, in units of 1e-4 cm/s; the estimate is of
	 * example 4.3 */
	double term[] = { 0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46 };
	double early[] = { 1.15, 0.88, 0.90, 0.74, 1.21 };
	struct rank_test test;
	struct interval bounds;
	double shift;

	CHECK_INT(statistics_rank_test(term, 10, early, 5, &test), 0);
	CHECK(test.exact);
	CHECK_NEAR(test.u, 15, 0);
	CHECK_NEAR(test.p / 2, 0.1272, 0.00005);
	CHECK_INT(statistics_shift(term, 10, early, 5, &shift, &bounds), 0);
	CHECK_NEAR(-shift, 0.305, 1e-9);
	CHECK_NEAR(-bounds.high, -0.15, 1e-9);
	CHECK_NEAR(-bounds.low, 0.76, 1e-9);
}

TEST("with ties and with many values the normal approximation is close to counting arrangements")
{
	double x[25], y[25], tied_x[] = { 1, 1, 1, 1 }, tied_y[] = { 1, 2, 2, 2 };
	struct rank_test exact, tied;
	struct interval bounds;
	double normal, shift;

	for (int i = 0; i < 25; i++) {
		x[i] = i;
		y[i] = i + 7.5;
	}
	CHECK_INT(statistics_rank_test(x, 25, y, 25, &exact), 0);
	CHECK(exact.exact);
	normal = erfc((fabs(exact.u - 312.5) - 0.5) / sqrt(625 * 51 / 12.0) / M_SQRT2);
	CHECK_NEAR(exact.p, normal, 0.001);
	CHECK_INT(statistics_shift(x, 25, y, 25, &shift, &bounds), 0);
	CHECK_NEAR(shift, 7.5, 1e-9);
	CHECK(bounds.low > 0 && bounds.high < 15);
	CHECK_INT(statistics_rank_test(tied_x, 4, tied_y, 4, &tied), 0);
	CHECK(!tied.exact);
	CHECK_NEAR(tied.u, 14, 0);
	/* variance 16/12 (9 - (120 + 24) / 56) */
	CHECK_NEAR(tied.p, erfc(5.5 / sqrt(16 / 12.0 * (9 - 144.0 / 56)) / M_SQRT2), 1e-12);
}

TEST("equal values do not differ, and without values nothing is known")
{
	double x[] = { 3, 3, 3 }, y[] = { 3, 3, 3, 3 };
	struct rank_test test;
	struct interval bounds;
	double shift;

	CHECK_INT(statistics_rank_test(x, 3, y, 4, &test), 0);
	CHECK_NEAR(test.p, 1, 0);
	CHECK_INT(statistics_shift(x, 3, y, 4, &shift, &bounds), 0);
	CHECK_NEAR(shift, 0, 0);
	CHECK_INT(statistics_rank_test(x, 3, y, 0, &test), 0);
	CHECK_INT(statistics_shift(x, 3, y, 0, &shift, &bounds), 0);
	CHECK(isnan(test.p) && isnan(shift));
}

TEST("two values of each side give no 95 % interval")
{
	double x[] = { 1, 2 }, y[] = { 5, 6 };
	struct rank_test test;
	struct interval bounds;
	double shift;

	CHECK_INT(statistics_rank_test(x, 2, y, 2, &test), 0);
	CHECK_NEAR(test.p, 2.0 / 6, 1e-12);
	CHECK_INT(statistics_shift(x, 2, y, 2, &shift, &bounds), 0);
	CHECK_NEAR(shift, 4, 1e-12);
	CHECK(isnan(bounds.low));
}

TEST("Holm's correction of the textbook's 0.01, 0.04, 0.03, 0.005 is 0.03, 0.06, 0.06, 0.02")
{
	double p[] = { 0.01, NAN, 0.04, 0.03, 0.005 }, large[] = { 0.4, 0.9 };

	CHECK_INT(statistics_holm(p, COUNT(p)), 0);
	CHECK_NEAR(p[0], 0.03, 1e-12);
	CHECK(isnan(p[1]));
	CHECK_NEAR(p[2], 0.06, 1e-12);
	CHECK_NEAR(p[3], 0.06, 1e-12);
	CHECK_NEAR(p[4], 0.02, 1e-12);
	CHECK_INT(statistics_holm(large, 2), 0);
	CHECK_NEAR(large[0], 0.8, 1e-12);
	CHECK_NEAR(large[1], 0.9, 1e-12);
	CHECK_INT(statistics_holm(NULL, 0), 0);
}

TEST("a median's interval takes the order statistics of the sign test's table")
{
	/* Dixon & Massey, Introduction to Statistical Analysis, table A-25: the k-th from each end
	 */
	static const struct {
		size_t count, from_end;
	} table[] = { { 5, 0 },	 { 6, 1 },  { 8, 1 },  { 9, 2 },  { 10, 2 },
		      { 15, 4 }, { 20, 6 }, { 25, 8 }, { 50, 18 } };
	double values[50];

	for (size_t i = 0; i < 50; i++)
		values[i] = (double)(i + 1);
	for (size_t i = 0; i < COUNT(table); i++) {
		struct interval bounds = statistics_median_interval(values, table[i].count);

		if (!table[i].from_end) {
			CHECK(isnan(bounds.low) && isnan(bounds.high));
			continue;
		}
		CHECK_NEAR(bounds.low, (double)table[i].from_end, 0);
		CHECK_NEAR(bounds.high, (double)(table[i].count + 1 - table[i].from_end), 0);
	}
	CHECK_NEAR(statistics_median(values, 4), 2.5, 0);
	CHECK(isnan(statistics_median(values, 0)));
}

TEST("Student's distribution with 3 degrees of freedom has the table's quantiles")
{
	CHECK_NEAR(statistics_student3(0), 1, 1e-12);
	CHECK_NEAR(statistics_student3(2.353), 0.10, 0.00005);
	CHECK_NEAR(statistics_student3(3.182), 0.05, 0.00005);
	CHECK_NEAR(statistics_student3(-5.841), 0.01, 0.00001);
	CHECK_NEAR(statistics_student3(12.924), 0.001, 0.000001);
	CHECK_NEAR(statistics_student3(1700) / statistics_student3(1750), pow(1750 / 1700.0, 3),
		   0.001);
}

TEST("two Poisson counts are compared by the binomial distribution of their sum")
{
	CHECK_NEAR(statistics_poisson_pair(6, 0), 2.0 / 64, 1e-12);
	CHECK_NEAR(statistics_poisson_pair(2, 8), 2 * 56.0 / 1024, 1e-12);
	CHECK_NEAR(statistics_poisson_pair(5, 5), 1, 1e-12);
	CHECK_NEAR(statistics_poisson_pair(1000, 1001), 1, 0.1);
	CHECK(statistics_poisson_pair(1000, 1300) < 1e-9);
}

TEST("neighbours of white noise are not alike, those of a ramp are, and a level is all one")
{
	double noise[200], ramp[200], level[200];
	unsigned int state = 1;

	for (int i = 0; i < 200; i++) {
		state = state * 1103515245 + 12345;
		noise[i] = (double)(state >> 16 & 0x7fff);
		ramp[i] = i;
		level[i] = 0.1;
	}
	CHECK_NEAR(statistics_autocorrelation(noise, 200), 0, 0.15);
	CHECK_NEAR(statistics_autocorrelation(ramp, 200), 1, 0.02);
	CHECK_NEAR(statistics_autocorrelation(level, 200), 1, 0);
	CHECK_NEAR(statistics_autocorrelation(ramp, 3), 0, 0);
}
