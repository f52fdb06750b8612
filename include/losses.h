/*
 * Why data can be missing: written once, used by the BPF programs (the counter's index), the
 * snapshot, the status line, the JSON keys and the help. Add a line here and it appears everywhere.
 */
#ifndef HEAPTAP_LOSSES_H
#define HEAPTAP_LOSSES_H

/* X(symbol, JSON key, what it means to the user) */
#define LOSS_REASONS(X)                                                                            \
	X(BUCKET_MAP_FULL, "bucket_map_full", "sampled births or deaths beyond the bucket map")    \
	X(LIVE_MAP_FULL, "live_map_full", "sampled objects whose age will not be known")           \
	X(SITE_MAP_FULL, "site_map_full", "exact hits beyond the site map")                        \
	X(STACK_MAP_FULL, "stack_map_full", "exact hits whose stack could not be stored")          \
	X(STACK_UNREADABLE, "stack_unreadable", "exact hits whose stack could not be read")        \
	X(TARGET_UNREADABLE, "target_unreadable", "reads of the target's memory that failed")      \
	X(BUCKET_INVALID, "bucket_invalid", "profiling buckets that fail their invariants")        \
	X(COUNTERS_TORN, "counters_torn", "polls whose counters kept changing while read")         \
	X(TYPE_UNKNOWN, "type_unknown", "allocation sites whose type could not be told")           \
	X(PROBE_MISSED, "probe_missed", "sampled births that the bucket list has, the probe not")  \
	X(HIT_BUDGET, "hit_budget", "exact hits after the window's bound, not recorded")           \
	X(TYPE_MAP_FULL, "type_map_full", "type registrations beyond the probes' map")             \
	X(ITABS_CUT, "itabs_cut", "itabs beyond those that are kept, or that made no sense")       \
	X(CACHE_MAP_FULL, "cache_map_full", "calls of pools and maps beyond those told apart")     \
	X(POOL_UNKNOWN, "pool_unknown", "misses whose pool could not be told")                     \
	X(GC_RING_FULL, "gc_ring_full", "GC events beyond the ring or what one interval keeps")

enum loss {
#define LOSS_ENUM(symbol, key, meaning) LOSS_##symbol,
	LOSS_REASONS(LOSS_ENUM)
#undef LOSS_ENUM
		LOSS_COUNT
};

#endif
