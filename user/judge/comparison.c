/* Reads both sides, compares them, and corrects for having compared much. */
#include "judge/comparison.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/statistics.h"

/* Interval lengths that agree to this share make the longest pauses of intervals comparable. */
#define SAME_INTERVAL 0.1

/* Totals and rows: each may err in half of the cases in which the whole comparison may. */
#define FAMILIES 2

struct comparison {
	const char *per;
	double floor;
	struct side sides[SIDES];
	struct totals_reader readers[SIDES];
	struct measure measures[SIDES][TOTALS_MOST];
	struct compared_total totals[TOTALS_MOST];
	struct rows *rows;
	struct compared *compared;
	size_t compared_count;
};

const char *change_name(enum change change)
{
	static const char *const names[CHANGE_COUNT] = {
		[CHANGE_GROWN] = "grown", [CHANGE_SHRUNK] = "shrunk", [CHANGE_NEW] = "new",
		[CHANGE_GONE] = "gone",	  [CHANGE_SAME] = "same",
	};

	return names[change];
}

int comparison_new(const struct grouping *grouping, enum value value, const char *per, double floor,
		   struct comparison **ret)
{
	struct comparison *comparison = calloc(1, sizeof(*comparison));

	if (!comparison || rows_new(grouping, value, &comparison->rows) < 0) {
		free(comparison);
		return -ENOMEM;
	}
	comparison->per = per;
	comparison->floor = floor;
	for (size_t i = 0; i < total_count; i++) {
		comparison->measures[BEFORE][i].state = totals[i].state;
		comparison->measures[AFTER][i].state = totals[i].state;
	}
	*ret = comparison;
	return 0;
}

void comparison_free(struct comparison *comparison)
{
	if (!comparison)
		return;
	for (size_t i = 0; i < total_count; i++) {
		measure_clear(&comparison->measures[BEFORE][i]);
		measure_clear(&comparison->measures[AFTER][i]);
	}
	rows_free(comparison->rows);
	free(comparison->compared);
	free(comparison);
}

int comparison_add(struct comparison *comparison, int side, const struct snapshot *snapshot)
{
	const struct totals_reader *reader = &comparison->readers[side];
	double weight;
	int error = 0;

	side_add(&comparison->sides[side], snapshot, comparison->per, &weight);
	for (size_t i = 0; error == 0 && snapshot->interval_s > 0 && i < total_count; i++)
		error = totals[i].add(&comparison->measures[side][i], reader, snapshot, weight);
	totals_reader_take(&comparison->readers[side], snapshot);
	if (error == 0 && !isnan(weight))
		error = rows_add(comparison->rows, side, snapshot, weight);
	return error;
}

static enum change classify(const struct measure_test *test, double p)
{
	if (!(p < SIGNIFICANT))
		return CHANGE_SAME;
	if (test->before.value == 0)
		return CHANGE_NEW;
	if (test->after.value == 0)
		return CHANGE_GONE;
	return test->after.value > test->before.value ? CHANGE_GROWN : CHANGE_SHRUNK;
}

static double largest_of(const struct measure *measure)
{
	double largest = NAN;

	for (size_t i = 0; i < measure->count; i++)
		largest = fmax(largest, measure->items[i].amount);
	return largest;
}

/* The more intervals are put together, the longer is the longest in one: of other lengths they are
 * no two samples of the same. */
static bool has_same_intervals(const struct comparison *comparison)
{
	const struct side *sides = comparison->sides;
	double before = sides[BEFORE].seconds / (double)sides[BEFORE].intervals;
	double after = sides[AFTER].seconds / (double)sides[AFTER].intervals;

	return fabs(before - after) <= SAME_INTERVAL * fmax(before, after);
}

static void show_largest(const struct comparison *comparison, size_t index,
			 struct measure_test *test)
{
	test->before.value = largest_of(&comparison->measures[BEFORE][index]);
	test->after.value = largest_of(&comparison->measures[AFTER][index]);
	test->before.bounds = test->after.bounds = test->bounds = (struct interval){ NAN, NAN };
	test->shift = test->after.value - test->before.value;
	if (!has_same_intervals(comparison))
		test->p = NAN;
}

/* What was divided by calls that were estimated is known no better than they are. */
static void blur(const struct comparison *comparison, bool per_call, struct measure_test *test)
{
	if (per_call && comparison->per)
		measure_blur(test, side_calls_share(&comparison->sides[BEFORE]),
			     side_calls_share(&comparison->sides[AFTER]));
}

/* Holm's correction within a family, Bonferroni's between them. */
static int correct(double *p, size_t count)
{
	int error = statistics_holm(p, count);

	for (size_t i = 0; i < count; i++)
		p[i] = isnan(p[i]) ? NAN : fmin(1, FAMILIES * p[i]);
	return error;
}

/* What is counted by event, such as pauses, may be many even then: of one moment. */
static bool is_too_short(const struct comparison *comparison)
{
	return comparison->sides[BEFORE].intervals < MEASURE_FEWEST ||
	       comparison->sides[AFTER].intervals < MEASURE_FEWEST;
}

static int compare_totals(struct comparison *comparison)
{
	double p[TOTALS_MOST];
	int error = 0;

	for (size_t i = 0; error == 0 && i < total_count; i++) {
		struct compared_total *compared = &comparison->totals[i];

		compared->total = &totals[i];
		error = measure_compare(&comparison->measures[BEFORE][i],
					&comparison->measures[AFTER][i],
					totals[i].by_rows ? CENTRE_MEAN : CENTRE_MEDIAN,
					comparison->floor * totals[i].floors, &compared->test);
		blur(comparison, totals[i].rate, &compared->test);
		if (error == 0 && totals[i].largest)
			show_largest(comparison, i, &compared->test);
		if (is_too_short(comparison))
			compared->test.p = NAN;
		p[i] = compared->test.p;
	}
	if (error == 0)
		error = correct(p, total_count);
	for (size_t i = 0; error == 0 && i < total_count; i++) {
		comparison->totals[i].p = p[i];
		comparison->totals[i].change = classify(&comparison->totals[i].test, p[i]);
	}
	return error;
}

/* Insignificant rows last, the others by how much they changed. */
static int compare_changes(const void *left, const void *right)
{
	const struct compared *a = left, *b = right;
	double a_shift = fabs(a->row.test.shift), b_shift = fabs(b->row.test.shift);

	if (a->change != b->change)
		return a->change < b->change ? -1 : 1;
	if (a_shift != b_shift)
		return a_shift > b_shift ? -1 : 1;
	return strcmp(a->row.name, b->row.name);
}

static int compare_rows(struct comparison *comparison)
{
	size_t count = rows_count(comparison->rows);
	double *p AUTO_FREE = calloc(count + 1, sizeof(*p));
	int error = 0;

	comparison->compared = calloc(count + 1, sizeof(*comparison->compared));
	if (!p || !comparison->compared)
		return -ENOMEM;
	for (size_t i = 0; error == 0 && i < count; i++) {
		error = rows_compare(comparison->rows, i, comparison->floor,
				     &comparison->compared[i].row);
		blur(comparison, rows_are_rates(comparison->rows),
		     &comparison->compared[i].row.test);
		p[i] = comparison->compared[i].row.test.p;
	}
	if (error == 0)
		error = correct(p, count);
	if (error < 0)
		return error;
	for (size_t i = 0; i < count; i++) {
		struct compared *compared = &comparison->compared[i];

		compared->p = p[i];
		compared->change = classify(&compared->row.test, p[i]);
	}
	qsort(comparison->compared, count, sizeof(*comparison->compared), compare_changes);
	comparison->compared_count = count;
	return 0;
}

int comparison_finish(struct comparison *comparison)
{
	int error = compare_totals(comparison);

	return error < 0 ? error : compare_rows(comparison);
}

const struct side *comparison_side(const struct comparison *comparison, int side)
{
	return &comparison->sides[side];
}

const struct compared_total *comparison_totals(const struct comparison *comparison,
					       size_t *ret_count)
{
	*ret_count = total_count;
	return comparison->totals;
}

const struct compared *comparison_rows(const struct comparison *comparison, size_t *ret_count)
{
	*ret_count = comparison->compared_count;
	return comparison->compared;
}

const char *comparison_row_unit(const struct comparison *comparison)
{
	return rows_unit(comparison->rows, comparison->per != NULL);
}

/* Per call, rates are no better known than the calls. */
static enum number_kind kind_of(const struct comparison *comparison, enum number_kind kind,
				bool rate)
{
	bool estimated = comparison->per && rate &&
			 (side_calls_share(&comparison->sides[BEFORE]) > 0 ||
			  side_calls_share(&comparison->sides[AFTER]) > 0);

	return estimated && kind < NUMBER_ESTIMATED ? NUMBER_ESTIMATED : kind;
}

enum number_kind comparison_row_kind(const struct comparison *comparison)
{
	return kind_of(comparison, side_kind(&comparison->sides[BEFORE], &comparison->sides[AFTER]),
		       rows_are_rates(comparison->rows));
}

enum number_kind comparison_kind(const struct comparison *comparison, const struct total *total)
{
	return kind_of(comparison, total->by_rows ? comparison_row_kind(comparison) : NUMBER_EXACT,
		       total->rate);
}
