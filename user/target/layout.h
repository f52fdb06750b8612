/*
 * Where the fields of the runtime's structures are: from the executable's DWARF when it has any,
 * else from the table of known Go versions. One line per field in LAYOUT_FIELDS; a test compares
 * every row of the table with DWARF.
 */
#ifndef TARGET_LAYOUT_H
#define TARGET_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "target/go_binary.h"

/* X(member, structure, field path) - field "" means the size of the structure, a path goes into
 * structures within it; a|b: the field was renamed. */
#define LAYOUT_FIELDS(X)                                                                           \
	X(mem_record_bytes, "runtime.memRecord", "")                                               \
	X(mem_record_future, "runtime.memRecord", "future")                                        \
	X(mem_record_cycle_bytes, "runtime.memRecordCycle", "")                                    \
	X(special_bytes, "runtime.special", "")                                                    \
	X(special_kind, "runtime.special", "kind")                                                 \
	X(special_profile_bucket, "runtime.specialprofile", "b")                                   \
	X(m_p, "runtime.m", "p")                                                                   \
	X(p_mcache, "runtime.p", "mcache")                                                         \
	X(p_stats_seq, "runtime.p", "statsSeq")                                                    \
	X(mcache_next_sample, "runtime.mcache", "nextSample")                                      \
	X(mcache_tiny_allocs, "runtime.mcache", "tinyAllocs")                                      \
	X(mcache_alloc, "runtime.mcache", "alloc")                                                 \
	X(mspan_alloc_count, "runtime.mspan", "allocCount")                                        \
	X(mspan_alloc_count_before_cache, "runtime.mspan", "allocCountBeforeCache")                \
	X(mspan_spanclass, "runtime.mspan", "spanclass")                                           \
	X(mspan_state, "runtime.mspan", "state")                                                   \
	X(heap_stats_delta_bytes, "runtime.heapStatsDelta", "")                                    \
	X(delta_in_stacks, "runtime.heapStatsDelta", "inStacks")                                   \
	X(delta_in_work_bufs, "runtime.heapStatsDelta", "inWorkBufs")                              \
	X(delta_in_ptr_scalar_bits, "runtime.heapStatsDelta", "inPtrScalarBits")                   \
	X(delta_tiny_alloc_count, "runtime.heapStatsDelta", "tinyAllocCount")                      \
	X(delta_large_alloc, "runtime.heapStatsDelta", "largeAlloc")                               \
	X(delta_large_alloc_count, "runtime.heapStatsDelta", "largeAllocCount")                    \
	X(delta_small_alloc_count, "runtime.heapStatsDelta", "smallAllocCount")                    \
	X(delta_large_free, "runtime.heapStatsDelta", "largeFree")                                 \
	X(delta_large_free_count, "runtime.heapStatsDelta", "largeFreeCount")                      \
	X(delta_small_free_count, "runtime.heapStatsDelta", "smallFreeCount")                      \
	X(memstats_stacks_sys, "runtime.mstats", "stacks_sys")                                     \
	X(memstats_mspan_sys, "runtime.mstats", "mspan_sys")                                       \
	X(memstats_mcache_sys, "runtime.mstats", "mcache_sys")                                     \
	X(memstats_buckhash_sys, "runtime.mstats", "buckhash_sys")                                 \
	X(memstats_gc_misc_sys, "runtime.mstats", "gcMiscSys")                                     \
	X(memstats_other_sys, "runtime.mstats", "other_sys")                                       \
	X(memstats_last_gc_unix, "runtime.mstats", "last_gc_unix")                                 \
	X(memstats_pause_total_ns, "runtime.mstats", "pause_total_ns")                             \
	X(memstats_pause_ns, "runtime.mstats", "pause_ns")                                         \
	X(memstats_pause_end, "runtime.mstats", "pause_end")                                       \
	X(memstats_numgc, "runtime.mstats", "numgc")                                               \
	X(memstats_numforcedgc, "runtime.mstats", "numforcedgc")                                   \
	X(memstats_gc_cpu_fraction, "runtime.mstats", "gc_cpu_fraction")                           \
	X(gc_percent, "runtime.gcControllerState", "gcPercent")                                    \
	X(gc_memory_limit, "runtime.gcControllerState", "memoryLimit")                             \
	X(gc_heap_minimum, "runtime.gcControllerState", "heapMinimum")                             \
	X(gc_percent_heap_goal, "runtime.gcControllerState", "gcPercentHeapGoal")                  \
	X(gc_sweep_trigger, "runtime.gcControllerState", "sweepDistMinTrigger")                    \
	X(gc_triggered, "runtime.gcControllerState", "triggered")                                  \
	X(gc_last_heap_goal, "runtime.gcControllerState", "lastHeapGoal")                          \
	X(gc_heap_live, "runtime.gcControllerState", "heapLive")                                   \
	X(gc_heap_marked, "runtime.gcControllerState", "heapMarked")                               \
	X(gc_heap_in_use, "runtime.gcControllerState", "heapInUse")                                \
	X(gc_heap_released, "runtime.gcControllerState", "heapReleased")                           \
	X(gc_heap_free, "runtime.gcControllerState", "heapFree")                                   \
	X(gc_total_alloc, "runtime.gcControllerState", "totalAlloc")                               \
	X(gc_total_free, "runtime.gcControllerState", "totalFree")                                 \
	X(gc_mapped_ready, "runtime.gcControllerState", "mappedReady")                             \
	X(mheap_sweepgen, "runtime.mheap", "sweepgen")                                             \
	X(mheap_spanalloc_inuse, "runtime.mheap", "spanalloc.inuse")                               \
	X(mheap_cachealloc_inuse, "runtime.mheap", "cachealloc.inuse")                             \
	X(mheap_pages, "runtime.mheap", "pages")                                                   \
	X(mheap_all_spans, "runtime.mheap", "allspans")                                            \
	X(mheap_arenas, "runtime.mheap", "arenas")                                                 \
	X(mheap_all_arenas, "runtime.mheap", "allArenas|heapArenas")                               \
	X(page_alloc_chunks, "runtime.pageAlloc", "chunks")                                        \
	X(heap_arena_bytes, "runtime.heapArena", "")                                               \
	X(heap_arena_spans, "runtime.heapArena", "spans")                                          \
	X(heap_arena_page_in_use, "runtime.heapArena", "pageInUse")                                \
	X(p_palloc, "runtime.p", "palloc")                                                         \
	X(debug_profstackdepth, "runtime.debug", "profstackdepth")                                 \
	X(itab_table_count, "runtime.itabTableType", "count")

#define LAYOUT_ABSENT (-1)

struct layout {
	/* Offset or size in bytes; LAYOUT_ABSENT where the version has no such field. */
#define LAYOUT_MEMBER(member, structure, field) int32_t member;
	LAYOUT_FIELDS(LAYOUT_MEMBER)
#undef LAYOUT_MEMBER
	int32_t special_kind_profile; /* value of the constant runtime._KindSpecialProfile */
	/* memoryLimitHeapGoalHeadroomPercent; 0 in 1.19, which knows the minimum only */
	int32_t goal_headroom_percent;
	const char *source; /* "DWARF" or "table" */
};

/* Chooses by what the binary has. Reports and fails (-ENOTSUP) for a version that the table does
 * not know and that has no DWARF. */
int layout_for(const struct go_binary *binary, struct layout *ret);

/* The two sources, for the test that compares them. Silent. -ENOTSUP: unknown version; -ENOENT: no
 * DWARF, or not all fields in it. */
int layout_from_table(const struct go_version *version, struct layout *ret);
int layout_from_dwarf(const struct elf_image *image, struct layout *ret);

#endif
