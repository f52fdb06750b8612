/* The store of points: adding, making room, looking. */
#include "model/series.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/series_points.h"

int series_new(size_t capacity, struct series **ret)
{
	struct series *series = calloc(1, sizeof(*series));
	int error = 0;

	if (!series)
		return -ENOMEM;
	series->capacity = capacity;
	series->cycles = series->pause_total_ns = UNKNOWN;
	series->points = calloc(capacity, sizeof(*series->points));
	series->splits = calloc(capacity * grouping_count, sizeof(*series->splits));
	series->rates = calloc(grouping_count, sizeof(*series->rates));
	if (!series->points || !series->splits || !series->rates)
		error = -ENOMEM;
	for (size_t i = 0; error == 0 && i < grouping_count; i++)
		error = rates_new(&groupings[i], &series->rates[i]);
	if (error < 0)
		series_free(series);
	else
		*ret = series;
	return error;
}

void series_free(struct series *series)
{
	if (!series)
		return;
	for (size_t i = 0; series->rates && i < grouping_count; i++)
		rates_free(series->rates[i]);
	free(series->rates);
	free(series->points);
	free(series->splits);
	free(series);
}

static struct series_split *splits_of(const struct series *series, size_t point)
{
	return &series->splits[point * grouping_count];
}

static double extent(const struct series_point *point)
{
	return (double)(point->end_ns - point->begin_ns);
}

static void merge(struct series *series, size_t into, size_t later)
{
	struct series_point *point = &series->points[into];

	for (size_t i = 0; i < grouping_count; i++)
		series_split_merge(&splits_of(series, into)[i], extent(point),
				   &splits_of(series, later)[i], extent(&series->points[later]));
	series_point_merge(point, &series->points[later]);
}

static void move(struct series *series, size_t to, size_t from, size_t count)
{
	memmove(&series->points[to], &series->points[from], count * sizeof(*series->points));
	memmove(splits_of(series, to), splits_of(series, from),
		count * grouping_count * sizeof(*series->splits));
}

static bool can_merge(const struct series *series, size_t first, size_t later)
{
	const struct series_point *a = &series->points[first], *b = &series->points[later];

	return b->begin_ns - a->end_ns <= series->cadence.typical_ns / 2 &&
	       b->end_ns - a->begin_ns <= series->merged_ns;
}

/* Merges neighbours among the first `old` points; returns how many went. */
static size_t merge_old(struct series *series, size_t old)
{
	size_t kept = 0;

	for (size_t i = 1; i < old; i++) {
		if (can_merge(series, kept, i)) {
			merge(series, kept, i);
		} else {
			kept++;
			move(series, kept, i, 1);
		}
	}
	move(series, kept + 1, old, series->count - old);
	series->count -= old - kept - 1;
	return old - kept - 1;
}

/* The newest quarter keeps its resolution; the rest has one that is the same all over. */
static void make_room(struct series *series)
{
	size_t want = series->capacity / 8, freed = 0;
	int64_t span_ns = series->points[series->count - 1].end_ns - series->points[0].begin_ns;

	while (freed < want) {
		freed += merge_old(series, series->count - series->capacity / 4);
		if (freed >= want)
			return;
		if (series->merged_ns > span_ns)
			break;
		series->merged_ns = series->merged_ns ? series->merged_ns * 2
						      : series->cadence.typical_ns * 2 + 2;
	}
	if (freed)
		return;
	move(series, 0, want, series->count - want);
	series->count -= want;
	series->dropped += want;
}

static int64_t begin_of(struct series *series, const struct snapshot *snapshot)
{
	int64_t begin_ns = cadence_begin(&series->cadence, snapshot);

	if (series->count && begin_ns < series->points[series->count - 1].end_ns)
		begin_ns = series->points[series->count - 1].end_ns;
	return begin_ns;
}

static int read_splits(struct series *series, const struct snapshot *snapshot,
		       struct series_split *splits)
{
	for (size_t i = 0; i < grouping_count; i++) {
		const struct group_rate *rates;
		size_t count;
		int error = rates_read(series->rates[i], snapshot, &rates, &count);

		if (error < 0)
			return error;
		series_split_read(snapshot, rates, count, &splits[i]);
	}
	return 0;
}

int series_add(struct series *series, const struct snapshot *snapshot)
{
	struct series_point *point;
	int error;

	if (series->count && snapshot->time_unix_ns <= series->points[series->count - 1].end_ns) {
		/* the last one may come again */
		series->backwards +=
			snapshot->time_unix_ns < series->points[series->count - 1].end_ns;
		return 0;
	}
	if (series->count == series->capacity)
		make_room(series);
	error = read_splits(series, snapshot, splits_of(series, series->count));
	if (error < 0)
		return error;
	point = &series->points[series->count];
	series_point_read(series, snapshot, point);
	point->begin_ns = begin_of(series, snapshot);
	point->end_ns = snapshot->time_unix_ns;
	series->count++;
	series->cycles = snapshot->gc.cycles;
	series->pause_total_ns = snapshot->gc.pause_total_ns;
	return 0;
}

/* The first point that ends after the time. */
static size_t first_after(const struct series *series, int64_t time_ns)
{
	size_t low = 0, high = series->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (series->points[middle].end_ns > time_ns)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

bool series_look(const struct series *series, int64_t begin_ns, int64_t end_ns, size_t grouping,
		 struct series_point *ret, struct series_split *ret_split)
{
	size_t at = first_after(series, begin_ns);

	if (at == series->count ||
	    (series->points[at].end_ns > end_ns && series->points[at].begin_ns >= end_ns))
		return false;
	*ret = series->points[at];
	*ret_split = splits_of(series, at)[grouping];
	for (at++; at < series->count && series->points[at].end_ns <= end_ns; at++) {
		const struct series_point *later = &series->points[at];

		series_split_merge(ret_split, extent(ret), &splits_of(series, at)[grouping],
				   extent(later));
		series_point_merge(ret, later);
	}
	return true;
}

static size_t best_group(const double *sums, size_t count)
{
	size_t best = 0;

	for (size_t i = 1; i < count; i++)
		if (sums[i] > sums[best])
			best = i;
	return best;
}

size_t series_top(const struct series *series, int64_t begin_ns, int64_t end_ns, size_t grouping,
		  uint32_t *groups, size_t max)
{
	size_t known = rates_groups(series->rates[grouping]), found = 0;
	AUTO_FREE double *sums = calloc(known, sizeof(*sums));

	if (!sums)
		return 0;
	for (size_t i = first_after(series, begin_ns);
	     i < series->count && series->points[i].begin_ns < end_ns; i++) {
		const struct series_split *split = &splits_of(series, i)[grouping];

		for (uint32_t j = 0; j < split->count; j++)
			sums[split->groups[j]] += split->rates[j] * extent(&series->points[i]);
	}
	for (; found < max; found++) {
		size_t best = best_group(sums, known);

		if (!(sums[best] > 0))
			break;
		groups[found] = (uint32_t)best;
		sums[best] = 0;
	}
	return found;
}

double series_split_rate(const struct series_split *split, uint32_t group)
{
	for (uint32_t i = 0; i < split->count; i++)
		if (split->groups[i] == group)
			return split->rates[i];
	return isnan(split->rest) ? NAN : 0;
}
