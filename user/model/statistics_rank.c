/* The Mann-Whitney test and the Hodges-Lehmann shift: both are about all pairs of one value of each
 * side. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "model/statistics.h"

/*
 * In how many of the arrangements of m + n values U is 0, 1, ... m n: the coefficients of the
 * Gaussian binomial, product of (1 - q^(n+i)) / (1 - q^i). All of them are integers below 2^53 up
 * to RANK_TEST_EXACT values, so doubles are exact.
 */
static double *count_arrangements(size_t m, size_t n, double *ret_sum)
{
	size_t top = m * n;
	double *ways = calloc(top + 1, sizeof(*ways));

	*ret_sum = 0;
	if (!ways)
		return NULL;
	ways[0] = 1;
	for (size_t i = 1; i <= m; i++) {
		for (size_t u = top + 1; u-- > n + i;)
			ways[u] -= ways[u - n - i];
		for (size_t u = i; u <= top; u++)
			ways[u] += ways[u - i];
	}
	for (size_t u = 0; u <= top; u++)
		*ret_sum += ways[u];
	return ways;
}

/* Sum of t^3 - t over the groups of t equal values; both sides are sorted. */
static double tie_term(const double *x, size_t m, const double *y, size_t n)
{
	double term = 0;

	for (size_t i = 0, j = 0; i < m || j < n;) {
		double value = j == n || (i < m && x[i] < y[j]) ? x[i] : y[j], t = 0;

		for (; i < m && x[i] == value; i++)
			t++;
		for (; j < n && y[j] == value; j++)
			t++;
		term += t * t * t - t;
	}
	return term;
}

static double count_pairs(const double *x, size_t m, const double *y, size_t n)
{
	double u = 0;
	size_t below = 0, not_above = 0;

	for (size_t j = 0; j < n; j++) {
		while (below < m && x[below] < y[j])
			below++;
		while (not_above < m && x[not_above] <= y[j])
			not_above++;
		u += ((double)below + (double)not_above) / 2;
	}
	return u;
}

static double exact_p(const double *ways, double sum, double pairs, double u)
{
	double least = fmin(u, pairs - u), tail = 0;

	for (size_t i = 0; (double)i <= least; i++)
		tail += ways[i] / sum;
	return fmin(1, 2 * tail);
}

static double normal_p(double u, double pairs, double deviation)
{
	double distance = fabs(u - pairs / 2) - 0.5;

	if (!(deviation > 0)) /* all values are equal */
		return 1;
	return distance <= 0 ? 1 : erfc(distance / deviation / M_SQRT2);
}

int statistics_rank_test(double *x, size_t m, double *y, size_t n, struct rank_test *ret)
{
	double pairs = (double)m * (double)n, all = (double)(m + n), sum = 0, ties, deviation;
	struct rank_test test = { NAN, NAN, false };
	double *ways AUTO_FREE = NULL;

	*ret = test;
	if (!m || !n)
		return 0;
	statistics_sort(x, m);
	statistics_sort(y, n);
	test.u = count_pairs(x, m, y, n);
	ties = tie_term(x, m, y, n);
	test.exact = ties == 0 && m + n <= RANK_TEST_EXACT;
	if (test.exact) {
		ways = count_arrangements(m, n, &sum);
		if (!ways)
			return -ENOMEM;
		test.p = exact_p(ways, sum, pairs, test.u);
	} else {
		deviation = sqrt(pairs / 12 * (all + 1 - ties / (all * (all - 1))));
		test.p = normal_p(test.u, pairs, deviation);
	}
	*ret = test;
	return 0;
}

/* How many differences at each end are outside of the interval: as many as U's tails reach. */
static int count_outside(size_t m, size_t n, size_t *ret)
{
	double pairs = (double)m * (double)n, sum, tail = 0;
	double *ways AUTO_FREE = NULL;

	if (m + n > RANK_TEST_EXACT) {
		tail = pairs / 2 - STATISTICS_Z95 * sqrt(pairs * (double)(m + n + 1) / 12);
		*ret = (size_t)fmax(0, floor(tail));
		return 0;
	}
	ways = count_arrangements(m, n, &sum);
	if (!ways)
		return -ENOMEM;
	for (*ret = 0; *ret < m * n / 2; (*ret)++) {
		tail += ways[*ret] / sum;
		if (tail > STATISTICS_TAIL)
			break;
	}
	return 0;
}

int statistics_shift(const double *x, size_t m, const double *y, size_t n, double *ret,
		     struct interval *ret_bounds)
{
	size_t pairs = m * n, outside = 0;
	double *differences AUTO_FREE = calloc(pairs + 1, sizeof(*differences));

	*ret = NAN;
	*ret_bounds = (struct interval){ NAN, NAN };
	if (!differences || (pairs && count_outside(m, n, &outside) < 0))
		return -ENOMEM;
	for (size_t i = 0; i < m; i++)
		for (size_t j = 0; j < n; j++)
			differences[i * n + j] = y[j] - x[i];
	statistics_sort(differences, pairs);
	*ret = statistics_median(differences, pairs);
	if (outside > 0)
		*ret_bounds =
			(struct interval){ differences[outside - 1], differences[pairs - outside] };
	return 0;
}
