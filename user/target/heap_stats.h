/*
 * The allocator's counts by size class, as the runtime keeps them: a ring of three heapStatsDelta
 * whose sum is the total (runtime/mstats.go), plus what sits in the mcaches and was not handed over
 * yet (runtime/mcache.go).
 */
#ifndef TARGET_HEAP_STATS_H
#define TARGET_HEAP_STATS_H

#include <stdint.h>

#include "base/span.h"
#include "target/counters.h"
#include "target/layout.h"

/* Adds the three deltas at the beginning of `memstats` (runtime.memstats, copied) to *ret. -ERANGE
 * when it is too short. Silent. */
int heap_stats_add_ring(struct span memstats, const struct layout *layout, struct counters *ret);

/* Fills the totals (total_alloc_bytes, mallocs, frees, heap_alloc_bytes, heap_objects) from the
 * counts by class and `tiny_allocs`, which count as allocated and freed. */
void heap_stats_total(uint64_t tiny_allocs, struct counters *ret);

/* The sum of tinyAllocCount over the ring, which heap_stats_total wants. */
int heap_stats_tiny(struct span memstats, const struct layout *layout, uint64_t *ret);

#endif
