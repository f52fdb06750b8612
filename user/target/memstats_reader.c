/* Field by field. */
#include "target/memstats_reader.h"

#include <string.h>

#include "target/heap_goal.h"

static int64_t word(struct span span, int32_t offset)
{
	uint64_t value = 0;

	span_u64(span, (uint64_t)offset, &value);
	return (int64_t)value;
}

static int64_t half_word(struct span span, int32_t offset)
{
	uint32_t value = 0;

	span_u32(span, (uint64_t)offset, &value);
	return value;
}

static void fill_heap(struct span controller, const struct layout *layout, struct memstats *ret)
{
	ret->heap_inuse = word(controller, layout->gc_heap_in_use);
	ret->heap_released = word(controller, layout->gc_heap_released);
	ret->heap_idle = word(controller, layout->gc_heap_free) + ret->heap_released;
	ret->heap_sys = ret->heap_inuse + ret->heap_idle;
	ret->next_gc = (int64_t)heap_goal_bytes(controller, layout);
}

/* What was got from the system for all that is not heap. */
static void fill_sys(struct span memstats, const struct heap_stats *stats,
		     const struct layout *layout, struct memstats *ret)
{
	ret->stack_inuse = (int64_t)stats->stacks_bytes;
	ret->stack_sys = ret->stack_inuse + word(memstats, layout->memstats_stacks_sys);
	ret->mspan_sys = word(memstats, layout->memstats_mspan_sys);
	ret->mcache_sys = word(memstats, layout->memstats_mcache_sys);
	ret->buckhash_sys = word(memstats, layout->memstats_buckhash_sys);
	ret->gc_sys = word(memstats, layout->memstats_gc_misc_sys) + (int64_t)stats->gc_bytes;
	ret->other_sys = word(memstats, layout->memstats_other_sys);
	ret->sys = ret->heap_sys + ret->stack_sys + ret->mspan_sys + ret->mcache_sys +
		   ret->buckhash_sys + ret->gc_sys + ret->other_sys;
}

/* Entry i of the rings is that of cycle i + 1, i + 257, ... */
static void fill_pauses(struct span memstats, const struct layout *layout, struct memstats *ret)
{
	int64_t cycles = ret->num_gc;

	ret->pause_count = cycles < MEMSTATS_PAUSES ? (uint32_t)cycles : MEMSTATS_PAUSES;
	for (uint32_t i = 0; i < ret->pause_count; i++) {
		int32_t entry = 8 * (int32_t)((cycles - ret->pause_count + i) % MEMSTATS_PAUSES);

		ret->pause_ns[i] = word(memstats, layout->memstats_pause_ns + entry);
		ret->pause_end_unix_ns[i] = word(memstats, layout->memstats_pause_end + entry);
	}
}

static void fill_gc(struct span memstats, const struct layout *layout, struct memstats *ret)
{
	int64_t fraction = word(memstats, layout->memstats_gc_cpu_fraction);

	ret->last_gc = word(memstats, layout->memstats_last_gc_unix);
	ret->pause_total_ns = word(memstats, layout->memstats_pause_total_ns);
	ret->num_gc = half_word(memstats, layout->memstats_numgc);
	ret->num_forced_gc = half_word(memstats, layout->memstats_numforcedgc);
	memcpy(&ret->gc_cpu_fraction, &fraction, sizeof(fraction));
	fill_pauses(memstats, layout, ret);
}

void memstats_read(const struct runtime_image *image, const struct heap_stats *stats,
		   const struct layout *layout, struct memstats *ret)
{
	struct span memstats = runtime_image_memstats(image);

	heap_stats_total(stats, ret);
	fill_heap(runtime_image_controller(image), layout, ret);
	fill_sys(memstats, stats, layout, ret);
	ret->mspan_inuse = image->spanalloc_bytes;
	ret->mcache_inuse = image->cachealloc_bytes;
	fill_gc(memstats, layout, ret);
}
