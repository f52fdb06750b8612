/* What sampling adds to the comparison of two rows. */
#ifndef JUDGE_ROW_TEST_H
#define JUDGE_ROW_TEST_H

#include "judge/rows.h"

/*
 * The intervals of a row of samples come from Poisson counts, where the batches do not vary more
 * than those; the difference's interval is made of both sides' (MOVER: Zou & Donner, Statistics in
 * Medicine 27 (2008) 1693). A state is sampled once however often it is looked at, so its
 * difference must be beyond what sampling makes as well. `sums`: see struct row_side.
 */
void row_test_refine(struct compared_row *row, const struct amount *const sums[SIDES],
		     enum value value, const struct measure *before, const struct measure *after);

/* 95 % of the difference of two estimates that have intervals of their own. */
struct interval difference_interval(double before, struct interval before_bounds, double after,
				    struct interval after_bounds);

/* The probability that sampling alone makes two estimates as different, of those variances. */
double sampling_p(double before, double before_variance, double after, double after_variance);

#endif
