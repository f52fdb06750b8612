/* Order statistics, corrections, and the few distributions that the comparisons need. */
#include "model/statistics.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"

static int compare_values(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return a < b ? -1 : a > b;
}

void statistics_sort(double *values, size_t count)
{
	if (count)
		qsort(values, count, sizeof(*values), compare_values);
}

double statistics_median(const double *sorted, size_t count)
{
	if (!count)
		return NAN;
	return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
}

/* How many values at each end are outside: as many as both tails allow. */
static size_t outside(size_t count)
{
	double below = 0;

	if (count > 1000)
		return (size_t)floor((double)count / 2 - STATISTICS_Z95 * sqrt((double)count) / 2);
	for (size_t k = 0; k < count / 2; k++) {
		below += statistics_binomial_half((double)count, (double)k);
		if (below > STATISTICS_TAIL)
			return k;
	}
	return count / 2;
}

struct interval statistics_median_interval(const double *sorted, size_t count)
{
	size_t out = outside(count);

	if (out == 0)
		return (struct interval){ NAN, NAN };
	return (struct interval){ sorted[out - 1], sorted[count - out] };
}

struct ranked {
	double p;
	size_t index;
};

static int compare_ranked(const void *left, const void *right)
{
	const struct ranked *a = left, *b = right;

	return a->p < b->p ? -1 : a->p > b->p;
}

int statistics_holm(double *p, size_t count)
{
	struct ranked *ranked AUTO_FREE = calloc(count + 1, sizeof(*ranked));
	size_t known = 0;
	double largest = 0;

	if (!ranked)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		if (!isnan(p[i]))
			ranked[known++] = (struct ranked){ p[i], i };
	qsort(ranked, known, sizeof(*ranked), compare_ranked);
	for (size_t i = 0; i < known; i++) {
		largest = fmax(largest, ranked[i].p * (double)(known - i));
		p[ranked[i].index] = fmin(1, largest);
	}
	return 0;
}

double statistics_autocorrelation(const double *values, size_t count)
{
	double mean = 0, squares = 0, products = 0, r;

	if (count < 4)
		return 0;
	for (size_t i = 0; i < count; i++)
		mean += values[i] / (double)count;
	for (size_t i = 0; i < count; i++) {
		squares += (values[i] - mean) * (values[i] - mean);
		if (i)
			products += (values[i] - mean) * (values[i - 1] - mean);
	}
	/* equal values, but for what rounding did to their mean */
	if (squares <= 1e-24 * mean * mean * (double)count)
		return 1;
	r = products / squares;
	return fmin(1, r + (1 + 4 * r) / (double)count);
}

double statistics_student3(double t)
{
	double x = fabs(t) / sqrt(3);

	if (isnan(t))
		return NAN;
	if (x > 1e3) /* the closed form below loses its digits: its leading term */
		return 4 / (3 * M_PI * x * x * x);
	return 1 - 2 / M_PI * (x / (1 + x * x) + atan(x));
}
