/* The ring of heapStatsDelta. */
#include "target/heap_stats.h"

#include <errno.h>

#define RING 3 /* consistentHeapStats.stats; heapStats is the first member of mstats */

static struct span delta_of(struct span memstats, const struct layout *layout, uint32_t index)
{
	uint64_t bytes = (uint64_t)layout->heap_stats_delta_bytes;

	return span_sub(memstats, index % RING * bytes, bytes);
}

static int add_word(struct span delta, uint64_t offset, uint64_t *sum)
{
	uint64_t word;

	if (span_u64(delta, offset, &word) < 0)
		return -ERANGE;
	*sum += word;
	return 0;
}

static int add_classes(struct span delta, int32_t offset, uint64_t *counts)
{
	for (uint64_t class = 1; class < SIZE_CLASSES; class ++)
		if (add_word(delta, (uint64_t)offset + 8 * class, &counts[class]) < 0)
			return -ERANGE;
	return 0;
}

static int add_delta(struct span delta, const struct layout *layout, struct heap_stats *ret)
{
	const struct {
		int32_t offset;
		uint64_t *sum;
	} words[] = {
		{ layout->delta_in_stacks, &ret->stacks_bytes },
		{ layout->delta_tiny_alloc_count, &ret->allocs[COUNTED_TINY] },
		{ layout->delta_large_alloc, &ret->large_alloc_bytes },
		{ layout->delta_large_alloc_count, &ret->allocs[0] },
		{ layout->delta_large_free, &ret->large_free_bytes },
		{ layout->delta_large_free_count, &ret->frees[0] },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (add_word(delta, (uint64_t)words[i].offset, words[i].sum) < 0)
			return -ERANGE;
	return add_classes(delta, layout->delta_small_alloc_count, ret->allocs) < 0
		       ? -ERANGE
		       : add_classes(delta, layout->delta_small_free_count, ret->frees);
}

/*
 * Who reads the ring for runtime/metrics lets the writers go on in the next delta, adds the last
 * but one to the last and clears it. At rest, the delta that is written to after this one is zero;
 * while it is not, the sum may have counts twice.
 */
static bool is_zero(struct span delta)
{
	for (size_t i = 0; i < delta.length; i++)
		if (delta.data[i])
			return false;
	return true;
}

int heap_stats_read(struct span memstats, const struct layout *layout, struct heap_stats *ret)
{
	uint64_t generation = RING * (uint64_t)layout->heap_stats_delta_bytes;

	*ret = (struct heap_stats){ 0 };
	if (span_u32(memstats, generation, &ret->generation) < 0)
		return -ERANGE;
	for (uint32_t i = 0; i < RING; i++)
		if (add_delta(delta_of(memstats, layout, i), layout, ret) < 0)
			return -ERANGE;
	ret->frees[COUNTED_TINY] = ret->allocs[COUNTED_TINY]; /* freed with their block */
	ret->settled = is_zero(delta_of(memstats, layout, ret->generation % RING + 1));
	return 0;
}

void heap_stats_total(const struct heap_stats *stats, struct counters *ret)
{
	uint64_t freed_bytes = stats->large_free_bytes;

	ret->total_alloc_bytes = ret->large_alloc_bytes = stats->large_alloc_bytes;
	ret->large_free_bytes = stats->large_free_bytes;
	ret->stacks_bytes = stats->stacks_bytes;
	ret->mallocs = stats->allocs[COUNTED_TINY];
	ret->frees = stats->frees[COUNTED_TINY];
	for (int class = 0; class < SIZE_CLASSES; class ++) {
		ret->allocs_by_class[class] = stats->allocs[class];
		ret->frees_by_class[class] = stats->frees[class];
		ret->mallocs += stats->allocs[class];
		ret->frees += stats->frees[class];
		ret->total_alloc_bytes += stats->allocs[class] * size_class_bytes[class];
		freed_bytes += stats->frees[class] * size_class_bytes[class];
	}
	ret->heap_alloc_bytes = ret->total_alloc_bytes - freed_bytes;
	ret->heap_objects = ret->mallocs - ret->frees;
}
