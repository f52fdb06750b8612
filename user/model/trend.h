/* Whether a quantity grows over time, and how fast: Theil and Sen's slope with Mann and Kendall's
 * test, which ask neither for a straight line nor for normal errors. */
#ifndef MODEL_TREND_H
#define MODEL_TREND_H

#include <stddef.h>

#include "model/amount.h"

#define TREND_POINTS_LEAST 6   /* fewer say nothing at 5 % */
#define TREND_POINTS_MOST  256 /* every pair of points is looked at */

struct trend {
	size_t points;
	double slope;		/* of y per unit of x: the median over all pairs; NAN below
				   TREND_POINTS_LEAST points */
	struct interval bounds; /* 95 % (Sen 1968, JASA 63:1379) */
	double p;		/* two-sided (Mann 1945; Kendall 1975, with ties) */
};

/* The smallest p that so many points can have, which is that of a rise without exception. 1 below
 * TREND_POINTS_LEAST. */
double trend_least_p(size_t points);

/*
 * `x` ascends. Neighbours that follow each other (positive lag-1 autocorrelation of what the slope
 * leaves) count as fewer points than they are: the variance grows by (1+r)/(1-r).
 * 0; -EINVAL for more points than TREND_POINTS_MOST; -ENOMEM. Silent.
 */
int trend_of(const double *x, const double *y, size_t count, struct trend *ret);

#endif
