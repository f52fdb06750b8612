/* From what the runtime counts to what a snapshot says. */
#include "cmd/observe_counters.h"

#include <stdlib.h>
#include <string.h>

static int compare_u64(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

/* The smallest pause that is not exceeded by 99 % of those the runtime remembers. */
static int64_t pause_p99_ns(const struct counters *now)
{
	uint64_t sorted[256];
	uint32_t count = now->pause_count;

	if (!count)
		return UNKNOWN;
	memcpy(sorted, now->pauses_ns, count * sizeof(sorted[0]));
	qsort(sorted, count, sizeof(sorted[0]), compare_u64);
	return (int64_t)sorted[(count * 99 + 99) / 100 - 1];
}

static void fill_rates(const struct counters *now, const struct counters *before,
		       struct snapshot *snapshot)
{
	double seconds = snapshot->interval_s;

	snapshot->heap.alloc_bytes_per_s =
		(double)(now->total_alloc_bytes - before->total_alloc_bytes) / seconds;
	snapshot->heap.allocs_per_s = (double)(now->mallocs - before->mallocs) / seconds;
	snapshot->gc.cycles_per_s = (double)(now->gc_cycles - before->gc_cycles) / seconds;
	if (now->itabs >= 0 && before->itabs >= 0)
		snapshot->types.itabs_added = now->itabs - before->itabs;
}

void counters_to_snapshot(const struct counters *now, const struct counters *before,
			  struct snapshot *snapshot)
{
	snapshot->heap.alloc_bytes = (int64_t)now->total_alloc_bytes;
	snapshot->heap.inuse_bytes = (int64_t)now->heap_alloc_bytes;
	snapshot->heap.inuse_objects = (int64_t)now->heap_objects;
	snapshot->heap.goal_bytes = (int64_t)now->heap_goal_bytes;
	snapshot->heap.mallocs = (int64_t)now->mallocs;
	snapshot->heap.frees = (int64_t)now->frees;
	snapshot->gc.cycles = now->gc_cycles;
	snapshot->gc.pause_total_ns = (int64_t)now->pause_total_ns;
	snapshot->gc.pause_p99_ns = pause_p99_ns(now);
	snapshot->gc.cpu_fraction = now->gc_cpu_fraction;
	snapshot->types.itabs = now->itabs;
	if (before && snapshot->interval_s > 0)
		fill_rates(now, before, snapshot);
}
