/* Slopes of all pairs of points, sorted; and how many of them rise. */
#include "model/trend.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/statistics.h"

#define ROUNDING 1e-24 /* relative, of squares of doubles */

/* Slopes of the pairs; returns how many there are (x may repeat), and the sum of their signs. */
static size_t pair_slopes(const double *x, const double *y, size_t count, double *slopes,
			  double *ret_signs)
{
	size_t pairs = 0;

	*ret_signs = 0;
	for (size_t i = 0; i < count; i++) {
		for (size_t j = i + 1; j < count; j++) {
			if (x[j] <= x[i])
				continue;
			*ret_signs += (y[j] > y[i]) - (y[j] < y[i]);
			slopes[pairs++] = (y[j] - y[i]) / (x[j] - x[i]);
		}
	}
	return pairs;
}

/* 18 times that of the sum of signs of n points without a trend or ties. */
static double untied_variance(double n)
{
	return n * (n - 1) * (2 * n + 5);
}

/* Of the sum of signs without a trend. */
static double sign_variance(const double *y, size_t count, double *scratch)
{
	double variance = untied_variance((double)count);

	memcpy(scratch, y, count * sizeof(*y));
	statistics_sort(scratch, count);
	for (size_t i = 0, run; i < count; i += run) {
		double ties;

		for (run = 1; i + run < count && scratch[i + run] == scratch[i];)
			run++;
		ties = (double)run;
		variance -= untied_variance(ties);
	}
	return variance / 18;
}

/* How many points stand for one independent one. */
static double inflation(const double *x, const double *y, size_t count, double slope)
{
	double mean = 0, products = 0, squares = 0, largest = 0, correlation;

	for (size_t i = 0; i < count; i++) {
		mean += (y[i] - slope * x[i]) / (double)count;
		largest = fmax(largest, fabs(y[i]));
	}
	for (size_t i = 0; i < count; i++) {
		double rest = y[i] - slope * x[i] - mean;

		squares += rest * rest;
		if (i + 1 < count)
			products += rest * (y[i + 1] - slope * x[i + 1] - mean);
	}
	if (squares <= largest * largest * ROUNDING) /* a line: nothing is left to be correlated */
		return 1;
	correlation = products / squares;
	if (correlation <= 0)
		return 1;
	if (correlation > 0.9)
		correlation = 0.9;
	return (1 + correlation) / (1 - correlation);
}

static double two_sided(double signs, double variance)
{
	double z;

	if (!(variance > 0) || signs == 0)
		return 1;
	z = (fabs(signs) - 1) / sqrt(variance);
	return erfc(z / M_SQRT2);
}

static struct interval slope_bounds(const double *slopes, size_t pairs, double variance)
{
	double half = STATISTICS_Z95 * sqrt(variance);
	double low = ((double)pairs - half) / 2, high = ((double)pairs + half) / 2;
	double last = (double)pairs - 1;

	return (struct interval){
		slopes[(size_t)fmin(fmax(floor(low) - 1, 0), last)],
		slopes[(size_t)fmin(fmax(ceil(high), 0), last)],
	};
}

double trend_least_p(size_t points)
{
	double n = (double)points;

	return points < TREND_POINTS_LEAST ? 1
					   : two_sided(n * (n - 1) / 2, untied_variance(n) / 18);
}

int trend_of(const double *x, const double *y, size_t count, struct trend *ret)
{
	AUTO_FREE double *slopes = NULL;
	double signs, variance;
	size_t pairs;

	*ret = (struct trend){ count, NAN, { NAN, NAN }, 1 };
	if (count > TREND_POINTS_MOST)
		return -EINVAL;
	if (count < TREND_POINTS_LEAST)
		return 0;
	slopes = calloc(count * (count - 1) / 2, sizeof(*slopes));
	if (!slopes)
		return -ENOMEM;
	variance = sign_variance(y, count, slopes);
	pairs = pair_slopes(x, y, count, slopes, &signs);
	if (!pairs)
		return 0;
	statistics_sort(slopes, pairs);
	ret->slope = statistics_median(slopes, pairs);
	variance *= inflation(x, y, count, ret->slope);
	ret->bounds = slope_bounds(slopes, pairs, variance);
	ret->p = two_sided(signs, variance);
	return 0;
}
