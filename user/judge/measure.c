/* Batches, and the two ways to judge them. */
#include "judge/measure.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/vec.h"
#include "limits.h"
#include "model/statistics.h"

#define QUARTERS	  4
#define STUDENT3_QUANTILE 3.182446 /* 97.5 % with 3 degrees of freedom */

int measure_add(struct measure *measure, double amount, double weight)
{
	int error;

	if (isnan(amount) || !(weight >= 0))
		return 0;
	error = VEC_RESERVE(measure, measure->count + 1, LIMIT_COMPARED_ITEMS);
	if (error == 0)
		measure->items[measure->count++] = (struct measure_item){ amount, weight };
	return error;
}

void measure_clear(struct measure *measure)
{
	free(measure->items);
	*measure = (struct measure){ .state = measure->state };
}

/* `wanted` batches of as many neighbours each as can be; those without weight are left out. */
static size_t make_batches(const struct measure *measure, size_t wanted, double *values)
{
	size_t made = 0, item = 0;

	for (size_t batch = 0; batch < wanted; batch++) {
		size_t end =
			(size_t)((double)measure->count * (double)(batch + 1) / (double)wanted);
		double amount = 0, weight = 0;

		for (; item < end; item++) {
			amount += measure->items[item].amount;
			weight += measure->items[item].weight;
		}
		if (weight > 0)
			values[made++] = amount / weight;
	}
	return made;
}

static double total_weight(const struct measure *measure)
{
	double sum = 0;

	for (size_t i = 0; i < measure->count; i++)
		sum += measure->items[i].weight;
	return sum;
}

/* Neighbours are no more alike than chance makes them, or than hurts: tried on 9 correlations from
 * 0 to 1 with windows of 10 to 600, where these bounds kept the level and most of the power. */
static bool is_independent(double r, size_t count)
{
	return r <= fmax(0.1, 0.7 / sqrt((double)count));
}

static bool is_level(const double *values, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (values[i] != values[0])
			return false;
	return true;
}

/* Items to one independent batch; more than there are when a state just moves too slowly. */
static double batch_length(const struct measure *measure, double *scratch)
{
	double count = (double)measure->count, length = 1;

	while (count / length >= MEASURE_FEWEST) {
		size_t made = make_batches(measure, (size_t)(count / length), scratch);
		double r = statistics_autocorrelation(scratch, made);

		if (is_independent(r, made))
			break;
		if (r >= 1)
			return is_level(scratch, made) && !measure->state ? length : count;
		length = length == 1 ? ceil((1 + r) / (1 - r)) : 2 * length;
	}
	return length;
}

/* How many batches of that weight a side has. */
static size_t batches_of(const struct measure *measure, double weight)
{
	double batches = floor(total_weight(measure) / weight + 1e-9);

	return (size_t)fmax(1, fmin(fmin(batches, MEASURE_MOST), (double)measure->count));
}

struct pair {
	const struct measure *before, *after;
	double *x, *y;
	size_t m, n;
	double floor;
};

/* Batches of the same weight on both sides: means of unequally many would be unequally wide. */
static void make_pair(struct pair *pair)
{
	double x_weight = total_weight(pair->before) / (double)pair->before->count;
	double y_weight = total_weight(pair->after) / (double)pair->after->count;
	double weight = fmax(batch_length(pair->before, pair->x) * x_weight,
			     batch_length(pair->after, pair->y) * y_weight);

	pair->m = make_batches(pair->before, batches_of(pair->before, weight), pair->x);
	pair->n = make_batches(pair->after, batches_of(pair->after, weight), pair->y);
}

static double mean_of(const double *values, size_t count)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += values[i];
	return sum / (double)count;
}

static double variance_of(const double *values, size_t count)
{
	double mean = mean_of(values, count), sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += (values[i] - mean) * (values[i] - mean);
	return count > 1 ? sum / (double)(count - 1) : NAN;
}

static double ratio_of(const struct measure *measure)
{
	double amount = 0;

	for (size_t i = 0; i < measure->count; i++)
		amount += measure->items[i].amount;
	return amount / total_weight(measure);
}

static struct measure_side side_of(const struct measure *measure, double *sorted, size_t count,
				   enum measure_centre centre)
{
	struct measure_side side = { .n = count };

	side.variance = variance_of(sorted, count) / (double)count;
	side.value = centre == CENTRE_MEAN ? ratio_of(measure) : statistics_median(sorted, count);
	side.bounds = statistics_median_interval(sorted, count);
	if (centre == CENTRE_MEAN)
		side.bounds = (struct interval){ side.value - 2 * sqrt(side.variance),
						 side.value + 2 * sqrt(side.variance) };
	return side;
}

/* The difference of two means, each known to about twice its deviation. */
static void shift_of_means(struct measure_test *test)
{
	double reach = 2 * sqrt(test->before.variance + test->after.variance);

	test->shift = test->after.value - test->before.value;
	test->bounds = (struct interval){ test->shift - reach, test->shift + reach };
}

static void scale(double *values, size_t count, double factor)
{
	for (size_t i = 0; i < count; i++)
		values[i] *= factor;
}

static bool is_within(double before, double after, double floor)
{
	return before != after && fabs(after - before) <= floor * fmax(after, before);
}

/*
 * The greater side is made smaller by the floor: what is tested is what is left. Where the
 * medians are equal, as those of what is mostly 0, nothing is scaled: it would break ties.
 */
static int test_ranks(struct pair *pair, struct measure_test *test)
{
	double before, after, factor;
	struct rank_test ranks;
	bool grown;
	int error;

	statistics_sort(pair->x, pair->m);
	statistics_sort(pair->y, pair->n);
	before = statistics_median(pair->x, pair->m);
	after = statistics_median(pair->y, pair->n);
	grown = after > before;
	factor = before == after ? 1 : 1 + pair->floor;
	scale(grown ? pair->y : pair->x, grown ? pair->n : pair->m, 1 / factor);
	error = statistics_rank_test(pair->x, pair->m, pair->y, pair->n, &ranks);
	scale(grown ? pair->y : pair->x, grown ? pair->n : pair->m, factor);
	test->within_floor = is_within(before, after, pair->floor);
	test->p = test->within_floor ? 1 : ranks.p;
	return error;
}

static int compare_ranks(struct pair *pair, enum measure_centre centre, struct measure_test *test)
{
	int error = test_ranks(pair, test);

	if (error < 0)
		return error;
	test->before = side_of(pair->before, pair->x, pair->m, centre);
	test->after = side_of(pair->after, pair->y, pair->n, centre);
	if (centre == CENTRE_MEDIAN)
		return statistics_shift(pair->x, pair->m, pair->y, pair->n, &test->shift,
					&test->bounds);
	shift_of_means(test);
	return 0;
}

/* The level of a window, and how much its quarters differ: their variance is that of one of them.
 */
static double level_of(const struct measure *measure, double floor, double *scratch,
		       struct measure_side *side)
{
	size_t made = make_batches(measure, QUARTERS, scratch);
	double noise, variance = variance_of(scratch, made);

	side->n = 1;
	side->value = ratio_of(measure);
	side->variance = NAN;
	noise = floor / 2 * side->value; /* the floor is two of its deviations */
	return made < QUARTERS ? NAN : fmax(variance, noise * noise);
}

static struct interval around(double value, double deviation)
{
	return (struct interval){ value - STUDENT3_QUANTILE * deviation,
				  value + STUDENT3_QUANTILE * deviation };
}

/* The larger variance counts for both: with so few quarters the smaller is small by chance. */
static void compare_levels(struct pair *pair, struct measure_test *test)
{
	double before = level_of(pair->before, pair->floor, pair->x, &test->before);
	double after = level_of(pair->after, pair->floor, pair->y, &test->after);
	double deviation = isnan(before) || isnan(after) ? NAN : sqrt(fmax(before, after));

	test->slow = true;
	test->within_floor = is_within(test->before.value, test->after.value, pair->floor);
	test->shift = test->after.value - test->before.value;
	test->before.bounds = around(test->before.value, sqrt(before));
	test->after.bounds = around(test->after.value, sqrt(after));
	test->bounds = around(test->shift, M_SQRT2 * deviation);
	test->p = test->shift == 0 ? 1 : statistics_student3(test->shift / (M_SQRT2 * deviation));
}

static void describe_one(const struct measure *measure, double *scratch, struct measure_side *side)
{
	*side = (struct measure_side){ NAN, { NAN, NAN }, NAN, 0 };
	if (!measure->count || !(total_weight(measure) > 0))
		return;
	side->n = make_batches(
		measure, measure->count < MEASURE_MOST ? measure->count : MEASURE_MOST, scratch);
	side->value = ratio_of(measure);
}

int measure_compare(const struct measure *before, const struct measure *after,
		    enum measure_centre centre, double floor, struct measure_test *ret)
{
	struct measure_test test = {
		.shift = NAN, .bounds = { NAN, NAN }, .p = NAN, .floor = floor
	};
	double *x AUTO_FREE = calloc(before->count + 1, sizeof(*x));
	double *y AUTO_FREE = calloc(after->count + 1, sizeof(*y));
	struct pair pair = { before, after, x, y, 0, 0, floor };
	int error = 0;

	if (!x || !y)
		return -ENOMEM;
	describe_one(before, x, &test.before);
	describe_one(after, y, &test.after);
	if (test.before.n >= MEASURE_FEWEST && test.after.n >= MEASURE_FEWEST) {
		make_pair(&pair);
		if (pair.m >= MEASURE_FEWEST && pair.n >= MEASURE_FEWEST)
			error = compare_ranks(&pair, centre, &test);
		else
			compare_levels(&pair, &test);
	} else if (test.before.n && test.after.n) {
		test.shift = test.after.value - test.before.value;
	}
	*ret = test;
	return error;
}

static struct interval widened(double value, struct interval bounds, double deviation)
{
	double reach = STATISTICS_Z95 * deviation;

	return (struct interval){ value - hypot(value - bounds.low, reach),
				  value + hypot(bounds.high - value, reach) };
}

void measure_blur(struct measure_test *test, double before_share, double after_share)
{
	double before = test->before.value * before_share, after = test->after.value * after_share;
	double half;

	if (!(before_share > 0) && !(after_share > 0))
		return;
	test->before.bounds = widened(test->before.value, test->before.bounds, before);
	test->after.bounds = widened(test->after.value, test->after.bounds, after);
	test->bounds = widened(test->shift, test->bounds, hypot(before, after));
	half = fmax(test->shift - test->bounds.low, test->bounds.high - test->shift);
	if (!isnan(test->p) && half > 0)
		test->p = fmax(test->p, erfc(STATISTICS_Z95 * fabs(test->shift) / half / M_SQRT2));
}
