/* Whether two samples differ, by how much, and how sure that is: ranks, so that nothing is assumed
 * of how the values are distributed. */
#ifndef MODEL_STATISTICS_H
#define MODEL_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>

#include "model/amount.h"

#define STATISTICS_TAIL 0.025		  /* of each side of a 95 % interval */
#define STATISTICS_Z95	1.959963984540054 /* of the normal distribution: leaves both tails */
/* The upper 95 % bound of a Poisson mean of which nothing was seen: -ln(STATISTICS_TAIL). */
#define STATISTICS_POISSON_NONE_HIGH 3.688879454113936

/* Sorts. No value may be NAN. */
void statistics_sort(double *values, size_t count);
/* Of sorted values; NAN of none. */
double statistics_median(const double *sorted, size_t count);
/*
 * The interval between two of the values that holds the population's median with 95 % at least:
 * order statistics of the binomial distribution (Conover, Practical Nonparametric Statistics, 3.2).
 * Fewer than 6 values have none: NAN.
 */
struct interval statistics_median_interval(const double *sorted, size_t count);

/* Two-sided Mann-Whitney test. */
struct rank_test {
	double u;   /* pairs in which y is greater, ties one half */
	double p;   /* NAN without values on both sides */
	bool exact; /* from U's distribution, else from the normal one */
};

/* Exact up to this many values in all, unless some are equal: beyond, the normal approximation is
 * right to three digits where it matters. */
#define RANK_TEST_EXACT 50

/*
 * Mann & Whitney, Annals of Mathematical Statistics 18 (1947) 50-60; ties and the correction for
 * continuity as in Hollander & Wolfe, Nonparametric Statistical Methods, 4.1. Sorts both. 0 or
 * -ENOMEM, silent.
 */
int statistics_rank_test(double *x, size_t x_count, double *y, size_t y_count,
			 struct rank_test *ret);

/*
 * By how much y is above x: the Hodges-Lehmann estimate, which is the median of all y - x, and its
 * 95 % interval, NAN where so few values give none (the same, 4.2 and 4.3). Both are sorted. O(m n)
 * memory. 0 or -ENOMEM, silent.
 */
int statistics_shift(const double *x, size_t x_count, const double *y, size_t y_count, double *ret,
		     struct interval *ret_bounds);

/*
 * Holm's step-down correction (Scandinavian Journal of Statistics 6 (1979) 65-70): the p-values
 * become such that all those below a level may be believed together at it. NAN stays and does not
 * count. 0 or -ENOMEM, silent.
 */
int statistics_holm(double *p, size_t count);

/* How alike neighbours are: the correlation of lag 1, corrected for its bias in short series
 * (Marriott & Pope, Biometrika 41 (1954) 390); 0 of fewer than 4 values, 1 of equal ones. */
double statistics_autocorrelation(const double *values, size_t count);

/* The probability of |T| >= t under Student's distribution with 3 degrees of freedom. */
double statistics_student3(double t);

/* The probability of k heads in n throws of a coin. */
double statistics_binomial_half(double n, double k);

/* The 95 % interval of a Poisson mean of which `count` were seen, which need not be whole: gamma
 * quantiles, right to six digits (Garwood, Biometrika 28 (1936) 437). */
struct interval statistics_poisson_interval(double count);

/* The probability that two Poisson counts of the same mean are further apart than these: exact, by
 * the binomial distribution of one in the sum of both (Przyborowski & Wilenski 1940). */
double statistics_poisson_pair(double first, double second);

#endif
