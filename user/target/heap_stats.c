/* The ring of heapStatsDelta. */
#include "target/heap_stats.h"

#define RING                                                                                       \
	3 /* consistentHeapStats.stats, at offset 0 of mstats.heapStats, which is the first member \
	     of mstats */

static int add_classes(struct span delta, uint64_t offset, uint64_t *counts)
{
	for (int class = 0; class < SIZE_CLASSES; class ++) {
		uint64_t count;

		if (span_u64(delta, offset + 8 * (uint64_t) class, &count) < 0)
			return -ERANGE;
		counts[class] += count;
	}
	return 0;
}

static int add_word(struct span delta, int32_t offset, uint64_t *sum)
{
	uint64_t word;

	if (span_u64(delta, (uint64_t)offset, &word) < 0)
		return -ERANGE;
	*sum += word;
	return 0;
}

static struct span delta_of(struct span memstats, const struct layout *layout, int index)
{
	uint64_t bytes = (uint64_t)layout->heap_stats_delta_bytes;

	return span_sub(memstats, (uint64_t)index * bytes, bytes);
}

int heap_stats_add_ring(struct span memstats, const struct layout *layout, struct counters *ret)
{
	for (int i = 0; i < RING; i++) {
		struct span delta = delta_of(memstats, layout, i);

		if (add_word(delta, layout->delta_in_stacks, &ret->stacks_bytes) < 0 ||
		    add_word(delta, layout->delta_large_alloc, &ret->large_alloc_bytes) < 0 ||
		    add_word(delta, layout->delta_large_free, &ret->large_free_bytes) < 0 ||
		    add_classes(delta, (uint64_t)layout->delta_small_alloc_count,
				ret->allocs_by_class) < 0 ||
		    add_classes(delta, (uint64_t)layout->delta_small_free_count,
				ret->frees_by_class) < 0 ||
		    add_word(delta, layout->delta_large_alloc_count, &ret->allocs_by_class[0]) <
			    0 ||
		    add_word(delta, layout->delta_large_free_count, &ret->frees_by_class[0]) < 0)
			return -ERANGE;
	}
	return 0;
}

int heap_stats_tiny(struct span memstats, const struct layout *layout, uint64_t *ret)
{
	*ret = 0;
	for (int i = 0; i < RING; i++)
		if (add_word(delta_of(memstats, layout, i), layout->delta_tiny_alloc_count, ret) <
		    0)
			return -ERANGE;
	return 0;
}

void heap_stats_total(uint64_t tiny_allocs, struct counters *ret)
{
	uint64_t freed_bytes = ret->large_free_bytes;

	ret->total_alloc_bytes = ret->large_alloc_bytes;
	ret->mallocs = ret->frees = tiny_allocs;
	for (int class = 0; class < SIZE_CLASSES; class ++) {
		ret->mallocs += ret->allocs_by_class[class];
		ret->frees += ret->frees_by_class[class];
		ret->total_alloc_bytes += ret->allocs_by_class[class] * size_class_bytes[class];
		freed_bytes += ret->frees_by_class[class] * size_class_bytes[class];
	}
	ret->heap_alloc_bytes = ret->total_alloc_bytes - freed_bytes;
	ret->heap_objects = ret->mallocs - ret->frees;
}
