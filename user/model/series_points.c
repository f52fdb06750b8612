/* How points are made and merged. Means and rates are weighted by time; peaks stay. */
#include "model/series_points.h"

#include <math.h>
#include <stdlib.h>

static double known(int64_t value)
{
	return value == UNKNOWN ? NAN : (double)value;
}

static double per_second(int64_t count, double interval_s)
{
	return interval_s > 0 ? known(count) / interval_s : NAN;
}

static double longest_ring_pause(const struct snapshot *snapshot)
{
	const struct memstats *memstats = &snapshot->memstats;
	int64_t begin_ns = snapshot->time_unix_ns - (int64_t)(snapshot->interval_s * 1e9);
	double longest = NAN;

	for (uint32_t i = 0; i < memstats->pause_count && i < MEMSTATS_PAUSES; i++)
		if (memstats->pause_end_unix_ns[i] > begin_ns)
			longest = fmax(longest, known(memstats->pause_ns[i]));
	return longest;
}

/* From the best source that there is: each stop, a cycle's stops together, the runtime's list of
 * those, the growth of its total. */
static double longest_pause(const struct series *before, const struct snapshot *snapshot)
{
	const struct gc_events *events = &snapshot->gc_events;
	double longest = NAN;

	for (size_t i = 0; i < events->stop_count; i++)
		longest = fmax(longest, known(events->stops[i].duration_ns));
	for (size_t i = 0; isnan(longest) && i < events->cycle_count; i++)
		longest = fmax(longest, known(events->cycles[i].pause_ns));
	if (isnan(longest) && snapshot->gc.cycles != UNKNOWN &&
	    snapshot->gc.cycles == before->cycles)
		return 0;
	if (isnan(longest) && snapshot->interval_s > 0)
		longest = longest_ring_pause(snapshot);
	if (isnan(longest) && before->cycles != UNKNOWN && snapshot->gc.cycles > before->cycles)
		longest = (known(snapshot->gc.pause_total_ns) - known(before->pause_total_ns)) /
			  (double)(snapshot->gc.cycles - before->cycles);
	return longest;
}

static void set(struct series_point *point, enum series_value value, double number)
{
	float known = (float)number;

	point->values[value] = (struct series_range){ known, known, known, known };
}

void series_point_read(const struct series *before, const struct snapshot *snapshot,
		       struct series_point *point)
{
	const struct rss *rss = &snapshot->rss;
	double interval_s = snapshot->interval_s;

	set(point, SERIES_HEAP_INUSE, known(snapshot->heap.inuse_bytes));
	set(point, SERIES_HEAP_GOAL, known(snapshot->heap.goal_bytes));
	set(point, SERIES_ALLOC_RATE, snapshot->heap.alloc_bytes_per_s);
	set(point, SERIES_RSS, known(rss->total_bytes));
	set(point, SERIES_RSS_HEAP, known(rss->heap_bytes));
	set(point, SERIES_RSS_STACKS, known(rss->stacks_bytes));
	set(point, SERIES_RSS_RUNTIME, known(rss->runtime_bytes));
	set(point, SERIES_RSS_FILE, known(rss->file_bytes));
	set(point, SERIES_RSS_OTHER, known(rss->other_bytes));
	set(point, SERIES_GOROUTINES, known(snapshot->goroutines));
	set(point, SERIES_GC_RATE, snapshot->gc.cycles_per_s);
	set(point, SERIES_PAUSE_NS, longest_pause(before, snapshot));
	set(point, SERIES_ITABS_RATE, per_second(snapshot->types.itabs_added, interval_s));
	set(point, SERIES_REFLECT_RATE,
	    per_second(snapshot->types.reflect_types_added, interval_s));
}

static double weighted(double value, double weight, double later, double later_weight)
{
	if (isnan(value) || isnan(later))
		return isnan(value) ? later : value;
	if (weight + later_weight <= 0)
		return (value + later) / 2;
	return (value * weight + later * later_weight) / (weight + later_weight);
}

static void merge_range(struct series_range *range, double weight, const struct series_range *later,
			double later_weight)
{
	range->low = fminf(range->low, later->low);
	range->high = fmaxf(range->high, later->high);
	range->mean = (float)weighted(range->mean, weight, later->mean, later_weight);
	if (!isnan(later->last))
		range->last = later->last;
}

void series_point_merge(struct series_point *point, const struct series_point *later)
{
	double weight = (double)(point->end_ns - point->begin_ns);
	double later_weight = (double)(later->end_ns - later->begin_ns);

	for (int value = 0; value < SERIES_VALUES; value++)
		merge_range(&point->values[value], weight, &later->values[value], later_weight);
	point->end_ns = later->end_ns;
}

struct part {
	uint32_t group;
	double rate;
};

static int compare_parts(const void *left, const void *right)
{
	const struct part *a = left, *b = right;

	return a->rate > b->rate ? -1 : a->rate < b->rate;
}

static size_t add_parts(struct part *parts, size_t count, const struct series_split *split,
			double share)
{
	for (uint32_t i = 0; i < split->count; i++) {
		size_t at = 0;

		while (at < count && parts[at].group != split->groups[i])
			at++;
		if (at == count)
			parts[count++] = (struct part){ split->groups[i], 0 };
		parts[at].rate += split->rates[i] * share;
	}
	return count;
}

/* A group that was among the rest of one of the two counts with what it had in the other. */
void series_split_merge(struct series_split *split, double weight, const struct series_split *later,
			double later_weight)
{
	struct part parts[2 * SERIES_SPLIT];
	double sum = weight + later_weight, share = sum > 0 ? weight / sum : 0;
	struct series_split merged = { 0 };
	size_t count;

	if (isnan(later->rest))
		return;
	if (isnan(split->rest)) {
		*split = *later;
		return;
	}
	count = add_parts(parts, 0, split, share);
	count = add_parts(parts, count, later, 1 - share);
	qsort(parts, count, sizeof(*parts), compare_parts);
	merged.rest = (float)(split->rest * share + later->rest * (1 - share));
	for (size_t i = 0; i < count; i++) {
		if (i >= SERIES_SPLIT) {
			merged.rest += (float)parts[i].rate;
			continue;
		}
		merged.groups[merged.count] = parts[i].group;
		merged.rates[merged.count++] = (float)parts[i].rate;
	}
	*split = merged;
}

void series_split_read(const struct snapshot *snapshot, const struct group_rate *rates,
		       size_t count, struct series_split *split)
{
	bool named = snapshot->mode != MODE_COUNTERS && snapshot->interval_s > 0;

	*split = (struct series_split){ .rest = named ? 0 : NAN };
	for (size_t i = 0; named && i < count; i++) {
		if (split->count == SERIES_SPLIT || rates[i].group == RATES_OTHER) {
			split->rest += (float)rates[i].bytes_per_s;
			continue;
		}
		split->groups[split->count] = rates[i].group;
		split->rates[split->count++] = (float)rates[i].bytes_per_s;
	}
}
