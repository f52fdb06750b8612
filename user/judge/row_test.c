/* Poisson intervals and tests for rows. */
#include "judge/row_test.h"

#include <math.h>

#include "model/statistics.h"

struct interval difference_interval(double before, struct interval before_bounds, double after,
				    struct interval after_bounds)
{
	double shift = after - before;

	return (struct interval){
		shift - hypot(after - after_bounds.low, before_bounds.high - before),
		shift + hypot(after_bounds.high - after, before - before_bounds.low),
	};
}

/* In units of what one sample stands for on average. */
double sampling_p(double before, double before_variance, double after, double after_variance)
{
	double unit = (before_variance + after_variance) / (before + after);

	if (!(unit > 0)) /* exact numbers: no sampling to tell from */
		return before == after ? 1 : 0;
	return statistics_poisson_pair(before / unit, after / unit);
}

static double weight_of(const struct measure *measure)
{
	double weight = 0;

	for (size_t i = 0; i < measure->count; i++)
		weight += measure->items[i].weight;
	return weight;
}

/* A state's variance is summed over time like its value: looking again and again makes it no
 * smaller. */
static double sampling_variance(const struct amount *sum, enum value value, double weight)
{
	double variance = amount_variance(sum, value);

	return value_is_inuse(value) ? variance / weight : variance / (weight * weight);
}

static void bound(struct measure_side *side, double variance)
{
	side->variance = fmax(isnan(side->variance) ? 0 : side->variance, variance);
	side->bounds = amount_interval(side->value, side->variance);
}

/* Of what was not seen there may have been some, as the other side shows what a sample stands for.
 */
static void bound_nothing(struct measure_side *nothing, double sampled_variance,
			  const struct measure_side *other)
{
	if (nothing->value == 0 && other->value > 0)
		nothing->bounds.high =
			STATISTICS_POISSON_NONE_HIGH * sampled_variance / other->value;
}

void row_test_refine(struct compared_row *row, const struct amount *const sums[SIDES],
		     enum value value, const struct measure *before, const struct measure *after)
{
	struct measure_test *test = &row->test;
	double before_variance = sampling_variance(sums[0], value, weight_of(before));
	double after_variance = sampling_variance(sums[1], value, weight_of(after));

	row->estimated = before_variance > 0 || after_variance > 0;
	bound(&test->before, before_variance);
	bound(&test->after, after_variance);
	bound_nothing(&test->before, after_variance, &test->after);
	bound_nothing(&test->after, before_variance, &test->before);
	test->shift = test->after.value - test->before.value;
	if (!test->slow)
		test->bounds = difference_interval(test->before.value, test->before.bounds,
						   test->after.value, test->after.bounds);
	if (row->samples[0] + row->samples[1] < ROWS_SAMPLES_FEWEST)
		test->p = NAN;
	else if (value_is_inuse(value) && row->estimated && !isnan(test->p))
		test->p = fmax(test->p, sampling_p(test->before.value, before_variance,
						   test->after.value, after_variance));
}
