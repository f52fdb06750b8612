/* From what the runtime counts to what a snapshot says. */
#include "cmd/observe_counters.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/observe_gc.h"

static int compare_i64(const void *left, const void *right)
{
	int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

	return a < b ? -1 : a > b;
}

/* The smallest pause that is not exceeded by 99 % of those the runtime remembers. */
static int64_t pause_p99_ns(const struct memstats *now)
{
	int64_t sorted[MEMSTATS_PAUSES];
	uint32_t count = now->pause_count;

	if (!count)
		return UNKNOWN;
	memcpy(sorted, now->pause_ns, count * sizeof(sorted[0]));
	qsort(sorted, count, sizeof(sorted[0]), compare_i64);
	return sorted[(count * 99 + 99) / 100 - 1];
}

static void fill_rates(const struct counters *now, const struct counters *before,
		       struct snapshot *snapshot)
{
	const struct memstats *is = &now->memstats, *was = &before->memstats;
	double seconds = snapshot->interval_s;

	snapshot->heap.alloc_bytes_per_s = (double)(is->total_alloc - was->total_alloc) / seconds;
	snapshot->heap.allocs_per_s = (double)(is->mallocs - was->mallocs) / seconds;
	snapshot->gc.cycles_per_s = (double)(is->num_gc - was->num_gc) / seconds;
	if (now->itabs >= 0 && before->itabs >= 0)
		snapshot->types.itabs_added = now->itabs - before->itabs;
}

int counters_to_snapshot(const struct counters *now, const struct counters *before,
			 struct snapshot *snapshot)
{
	const struct memstats *memstats = &now->memstats;

	snapshot->memstats = *memstats;
	memcpy(snapshot->classes, now->classes, sizeof(snapshot->classes));
	snapshot->heap.alloc_bytes = memstats->total_alloc;
	snapshot->heap.inuse_bytes = memstats->heap_alloc;
	snapshot->heap.inuse_objects = memstats->heap_objects;
	snapshot->heap.goal_bytes = memstats->next_gc;
	snapshot->heap.mallocs = memstats->mallocs;
	snapshot->heap.frees = memstats->frees;
	snapshot->gc.cycles = memstats->num_gc;
	snapshot->gc.pause_total_ns = memstats->pause_total_ns;
	snapshot->gc.pause_p99_ns = pause_p99_ns(memstats);
	snapshot->gc.cpu_fraction = memstats->gc_cpu_fraction;
	snapshot->types.itabs = now->itabs;
	snapshot->types.reflect_registered = now->reflected;
	snapshot->gc_cpu = now->gc_cpu;
	snapshot->goroutines = now->goroutines;
	if (before && snapshot->interval_s > 0)
		fill_rates(now, before, snapshot);
	return before ? gc_events_poll(now, before, &snapshot->gc_events) : 0;
}
