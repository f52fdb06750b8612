/*
 * The single numbers of a snapshot, by name: what a recording has a column for, a timeline a track,
 * and a trace a counter. A number that is added here appears in all of them.
 */
#ifndef MODEL_METRIC_H
#define MODEL_METRIC_H

#include <stdbool.h>
#include <stddef.h>

#include "model/snapshot.h"

enum metric_kind {
	METRIC_GAUGE,	/* a state, which goes up and down */
	METRIC_COUNTER, /* since the process started, grows only */
	METRIC_INTERVAL /* of the interval that ended */
};

/* X(name, member of struct snapshot, kind, unit): integers */
#define METRIC_INTEGERS(X)                                                                         \
	X(heap_alloc_bytes, heap.alloc_bytes, COUNTER, "bytes")                                    \
	X(heap_inuse_bytes, heap.inuse_bytes, GAUGE, "bytes")                                      \
	X(heap_inuse_objects, heap.inuse_objects, GAUGE, "objects")                                \
	X(heap_goal_bytes, heap.goal_bytes, GAUGE, "bytes")                                        \
	X(heap_mallocs, heap.mallocs, COUNTER, "objects")                                          \
	X(heap_frees, heap.frees, COUNTER, "objects")                                              \
	X(gc_cycles, gc.cycles, COUNTER, "cycles")                                                 \
	X(gc_pause_total_ns, gc.pause_total_ns, COUNTER, "ns")                                     \
	X(gc_pause_p99_ns, gc.pause_p99_ns, GAUGE, "ns")                                           \
	X(goroutines, goroutines, GAUGE, "goroutines")                                             \
	X(rss_total_bytes, rss.total_bytes, GAUGE, "bytes")                                        \
	X(rss_page_tables_bytes, rss.page_tables_bytes, GAUGE, "bytes")                            \
	X(rss_swap_bytes, rss.swap_bytes, GAUGE, "bytes")                                          \
	X(itabs, types.itabs, COUNTER, "itabs")                                                    \
	X(itabs_added, types.itabs_added, INTERVAL, "itabs")                                       \
	X(reflect_types_added, types.reflect_types_added, INTERVAL, "types")                       \
	X(gc_cpu_assist_ns, gc_cpu.assist_ns, COUNTER, "ns")                                       \
	X(gc_cpu_dedicated_ns, gc_cpu.dedicated_ns, COUNTER, "ns")                                 \
	X(gc_cpu_idle_ns, gc_cpu.idle_ns, COUNTER, "ns")                                           \
	X(gc_cpu_pause_ns, gc_cpu.pause_ns, COUNTER, "ns")                                         \
	X(gc_cpu_gc_total_ns, gc_cpu.gc_total_ns, COUNTER, "ns")                                   \
	X(gc_cpu_scavenge_ns, gc_cpu.scavenge_ns, COUNTER, "ns")                                   \
	X(gc_cpu_user_ns, gc_cpu.user_ns, COUNTER, "ns")                                           \
	X(gc_cpu_idle_time_ns, gc_cpu.idle_time_ns, COUNTER, "ns")                                 \
	X(gc_cpu_total_ns, gc_cpu.total_ns, COUNTER, "ns")                                         \
	X(cost_probes, cost.probes, GAUGE, "probes")                                               \
	X(cost_self_rss_bytes, cost.self_rss_bytes, GAUGE, "bytes")                                \
	X(cost_longest_stall_ns, cost.longest_stall_ns, INTERVAL, "ns")

/* The same: doubles */
#define METRIC_REALS(X)                                                                            \
	X(heap_alloc_bytes_per_s, heap.alloc_bytes_per_s, INTERVAL, "bytes/s")                     \
	X(heap_allocs_per_s, heap.allocs_per_s, INTERVAL, "objects/s")                             \
	X(gc_cycles_per_s, gc.cycles_per_s, INTERVAL, "cycles/s")                                  \
	X(gc_cpu_fraction, gc.cpu_fraction, GAUGE, "share")                                        \
	X(metadata_share, types.metadata_share, GAUGE, "share")                                    \
	X(metadata_share_low, type_group.metadata_bytes.bounds.low, GAUGE, "share")                \
	X(metadata_share_high, type_group.metadata_bytes.bounds.high, GAUGE, "share")              \
	X(metadata_objects_share, type_group.metadata_objects.value, GAUGE, "share")               \
	X(metadata_objects_share_low, type_group.metadata_objects.bounds.low, GAUGE, "share")      \
	X(metadata_objects_share_high, type_group.metadata_objects.bounds.high, GAUGE, "share")    \
	X(cost_hits_per_s, cost.hits_per_s, INTERVAL, "hits/s")                                    \
	X(cost_trap_ns, cost.trap_ns, GAUGE, "ns")                                                 \
	X(cost_target_cpu_percent, cost.target_cpu_percent, INTERVAL, "percent")                   \
	X(cost_self_cpu_percent, cost.self_cpu_percent, INTERVAL, "percent")                       \
	X(sampling_rate_bytes, sampling_rate_bytes, GAUGE, "bytes")

struct metric {
	const char *name; /* a valid name in SQL, JSON and Prometheus */
	const char *unit;
	enum metric_kind kind;
	bool real;     /* a double, else an int64_t */
	size_t offset; /* in struct snapshot */
};

/* Those of the lists above, then rss_* for each RSS part and memstats_* for each field of MemStats.
 * Ends with a NULL name; metric_count() without it. */
extern const struct metric metrics[];
size_t metric_count(void);
/* NULL when there is none of that name. */
const struct metric *metric_find(const char *name);

/* NAN for UNKNOWN. Exact up to 2^53. */
double metric_value(const struct metric *metric, const struct snapshot *snapshot);
/* The exact integer of a metric that is not real. */
int64_t metric_integer(const struct metric *metric, const struct snapshot *snapshot);
void metric_set_integer(const struct metric *metric, struct snapshot *snapshot, int64_t value);
void metric_set_real(const struct metric *metric, struct snapshot *snapshot, double value);

#endif
