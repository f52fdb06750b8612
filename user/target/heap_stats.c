/* The ring of heapStatsDelta. */
#include "target/heap_stats.h"

#include <errno.h>

#include "model/unknown.h"

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
		{ layout->delta_in_work_bufs, &ret->gc_bytes },
		{ layout->delta_in_ptr_scalar_bits, &ret->gc_bytes },
		{ layout->delta_tiny_alloc_count, &ret->allocs[COUNTED_TINY] },
		{ layout->delta_large_alloc, &ret->large_alloc_bytes },
		{ layout->delta_large_alloc_count, &ret->allocs[0] },
		{ layout->delta_large_free, &ret->large_free_bytes },
		{ layout->delta_large_free_count, &ret->frees[0] },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].offset != LAYOUT_ABSENT &&
		    add_word(delta, (uint64_t)words[i].offset, words[i].sum) < 0)
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

static uint64_t bytes_of(const uint64_t *counts, int class, uint64_t large_bytes)
{
	return class == 0 ? large_bytes : counts[class] * size_class_bytes[class];
}

void heap_stats_total(const struct heap_stats *stats, struct memstats *ret)
{
	uint64_t mallocs = stats->allocs[COUNTED_TINY], frees = stats->frees[COUNTED_TINY];
	uint64_t alloc_bytes = 0, free_bytes = 0;

	for (int class = 0; class < SIZE_CLASSES; class ++) {
		mallocs += stats->allocs[class];
		frees += stats->frees[class];
		alloc_bytes += bytes_of(stats->allocs, class, stats->large_alloc_bytes);
		free_bytes += bytes_of(stats->frees, class, stats->large_free_bytes);
	}
	ret->total_alloc = (int64_t)alloc_bytes;
	ret->alloc = ret->heap_alloc = (int64_t)(alloc_bytes - free_bytes);
	ret->mallocs = (int64_t)mallocs;
	ret->frees = (int64_t)frees;
	ret->heap_objects = (int64_t)(mallocs - frees);
}

void heap_stats_classes(const struct heap_stats *stats, struct size_class ret[SIZE_CLASSES])
{
	for (int class = 0; class < SIZE_CLASSES; class ++)
		ret[class] = (struct size_class){
			.mallocs = (int64_t)stats->allocs[class],
			.frees = (int64_t)stats->frees[class],
			.alloc_bytes =
				(int64_t)bytes_of(stats->allocs, class, stats->large_alloc_bytes),
			.free_bytes =
				(int64_t)bytes_of(stats->frees, class, stats->large_free_bytes),
			.spans = UNKNOWN,
			.waste_bytes = UNKNOWN,
		};
}
