/*
 * runtime.MemStats (runtime/mstats.go), field by field, and the same by size class. Go's names are
 * kept, so that whoever knows those knows these.
 */
#ifndef MODEL_MEMSTATS_H
#define MODEL_MEMSTATS_H

#include <stdint.h>

/* X(member, Go's name): the integer fields. Lookups and DebugGC are 0 in every version, as EnableGC
 * is true, and are left out. LastGC is nanoseconds since 1970; 0 before the first cycle. */
#define MEMSTATS_FIELDS(X)                                                                         \
	X(alloc, "Alloc")                                                                          \
	X(total_alloc, "TotalAlloc")                                                               \
	X(sys, "Sys")                                                                              \
	X(mallocs, "Mallocs")                                                                      \
	X(frees, "Frees")                                                                          \
	X(heap_alloc, "HeapAlloc")                                                                 \
	X(heap_sys, "HeapSys")                                                                     \
	X(heap_idle, "HeapIdle")                                                                   \
	X(heap_inuse, "HeapInuse")                                                                 \
	X(heap_released, "HeapReleased")                                                           \
	X(heap_objects, "HeapObjects")                                                             \
	X(stack_inuse, "StackInuse")                                                               \
	X(stack_sys, "StackSys")                                                                   \
	X(mspan_inuse, "MSpanInuse")                                                               \
	X(mspan_sys, "MSpanSys")                                                                   \
	X(mcache_inuse, "MCacheInuse")                                                             \
	X(mcache_sys, "MCacheSys")                                                                 \
	X(buckhash_sys, "BuckHashSys")                                                             \
	X(gc_sys, "GCSys")                                                                         \
	X(other_sys, "OtherSys")                                                                   \
	X(next_gc, "NextGC")                                                                       \
	X(last_gc, "LastGC")                                                                       \
	X(pause_total_ns, "PauseTotalNs")                                                          \
	X(num_gc, "NumGC")                                                                         \
	X(num_forced_gc, "NumForcedGC")

#define MEMSTATS_PAUSES 256 /* len(MemStats.PauseNs) */

struct memstats {
	/* bytes, counts or nanoseconds; UNKNOWN when not read */
#define MEMSTATS_MEMBER(member, name) int64_t member;
	MEMSTATS_FIELDS(MEMSTATS_MEMBER)
#undef MEMSTATS_MEMBER
	double gc_cpu_fraction;
	/* The most recent pauses, oldest first: at most MEMSTATS_PAUSES. One entry per cycle, both
	 * its stops together, as in MemStats. */
	uint32_t pause_count;
	int64_t pause_ns[MEMSTATS_PAUSES], pause_end_unix_ns[MEMSTATS_PAUSES];
};

/* Where a Go program's GC spent CPU time, in nanoseconds since it started (runtime.work.cpuStats,
 * 1.21 and newer; UNKNOWN before). Updated at the end of each cycle. */
struct gc_cpu {
	int64_t assist_ns, dedicated_ns, idle_ns, pause_ns, gc_total_ns;
	int64_t scavenge_ns, user_ns, idle_time_ns, total_ns;
};

#define SIZE_CLASSES 68

/* Bytes of an object of each size class; the same in Go 1.19-1.27 on every architecture
 * (runtime/sizeclasses.go, internal/runtime/gc/sizeclasses.go). [0] stands for large objects. */
extern const uint32_t size_class_bytes[SIZE_CLASSES];
/* Pages of 8 KiB that a span of the class has; the same everywhere as well. */
extern const uint32_t size_class_pages[SIZE_CLASSES];

/* One size class since the process started; [0]: large objects, of various sizes. */
struct size_class {
	int64_t mallocs, frees;
	int64_t alloc_bytes, free_bytes; /* mallocs and frees times the class's size */
	int64_t spans;			 /* held now, cached ones included; UNKNOWN when not read */
	int64_t waste_bytes; /* of those spans, what no object in use takes; UNKNOWN for large ones
			      */
};

#endif
