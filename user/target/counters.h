/* The runtime's statistics from outside: runtime.MemStats' numbers without stopping anything
 * (runtime/mstats.go readmemstats_m). */
#ifndef TARGET_COUNTERS_H
#define TARGET_COUNTERS_H

#include <stdint.h>

#include "model/memstats.h"
#include "target/globals.h"
#include "target/layout.h"
#include "target/memory.h"

struct counters {
	uint64_t total_alloc_bytes, mallocs, frees; /* TotalAlloc, Mallocs, Frees */
	uint64_t heap_alloc_bytes, heap_objects;    /* HeapAlloc, HeapObjects */
	uint64_t heap_goal_bytes;		    /* NextGC */
	uint64_t heap_inuse_bytes, heap_released_bytes, heap_free_bytes, stacks_bytes;
	uint64_t allocs_by_class[SIZE_CLASSES],
		frees_by_class[SIZE_CLASSES]; /* [0]: large objects */
	uint64_t large_alloc_bytes, large_free_bytes;
	uint32_t gc_cycles;
	uint64_t pause_total_ns;
	uint32_t pause_count; /* valid entries of pauses_ns: at most 256 */
	uint64_t pauses_ns[256];
	double gc_cpu_fraction;
	int64_t itabs; /* -1 when not known */
	bool torn; /* the statistics kept changing while they were read; the numbers are of several
		      moments */
};

struct counter_reader;

/* Addresses in `globals` are in the process (bias applied). Refuses (reported, -ENOTSUP) when a
 * needed global is missing or the values fail plausibility (gcPercent in range or off, heapMinimum,
 * number of Ps). */
int counter_reader_new(struct memory *memory, const struct layout *layout,
		       const struct globals *globals, struct counter_reader **ret);
void counter_reader_free(struct counter_reader *reader);

/* A few system calls. 0 or the error of the read, silent. */
int counter_reader_poll(struct counter_reader *reader, struct counters *ret);

#endif
