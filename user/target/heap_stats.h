/* The allocator's totals, as the runtime keeps them: a ring of three heapStatsDelta at the
 * beginning of runtime.memstats, whose sum is what counts (runtime/mstats.go, consistentHeapStats).
 */
#ifndef TARGET_HEAP_STATS_H
#define TARGET_HEAP_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "model/memstats.h"
#include "target/layout.h"

/* What is counted by class: [0] large objects, then the size classes, last the allocations that the
 * tiny allocator put together in blocks. */
#define COUNTED_TINY	SIZE_CLASSES
#define COUNTED_CLASSES (SIZE_CLASSES + 1)

struct heap_stats {
	uint64_t allocs[COUNTED_CLASSES], frees[COUNTED_CLASSES];
	uint64_t large_alloc_bytes, large_free_bytes;
	uint64_t stacks_bytes, gc_bytes; /* of heap spans used as stacks; for the GC's work */
	uint32_t generation;		 /* which of the ring is written to */
	bool settled; /* false: the program is just moving counts within the ring */
};

/* Sums up the ring in `memstats`, a copy of runtime.memstats. -ERANGE when it is too short.
 * Silent. */
int heap_stats_read(struct span memstats, const struct layout *layout, struct heap_stats *ret);

/* What MemStats makes of it: Alloc, TotalAlloc, Mallocs, Frees, HeapAlloc, HeapObjects. */
void heap_stats_total(const struct heap_stats *stats, struct memstats *ret);
/* The counts and bytes by class. */
void heap_stats_classes(const struct heap_stats *stats, struct size_class ret[SIZE_CLASSES]);

#endif
