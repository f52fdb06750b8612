/*
 * The runtime's layout of the Go releases known, amd64: one row per minor version, made of pieces
 * that are named after the first version that has them. A minor version keeps its layout over its
 * patch releases. Every number is one that DWARF gives (tests/unit/test_layout.c compares all rows
 * with it); the comments name what changed in the runtime's source.
 */
#include <errno.h>

#include "target/layout.h"

/* mprof.go. 1.27 keeps counts only: the bytes are count * bucket.size. */
#define MEM_RECORD_1_19                                                                            \
	.mem_record_bytes = 128, .mem_record_future = 32, .mem_record_cycle_bytes = 32
#define MEM_RECORD_1_27                                                                            \
	.mem_record_bytes = 64, .mem_record_future = 16, .mem_record_cycle_bytes = 16

/* mheap.go. 1.24 widened special.offset from uint16. The kinds: weak handles came before profiles
 * in 1.23, tiny blocks before all others in 1.25. */
#define SPECIAL_1_19 .special_bytes = 16, .special_kind = 10, .special_profile_bucket = 16
#define SPECIAL_1_24 .special_bytes = 24, .special_kind = 16, .special_profile_bucket = 24

/* mcache.go. 1.24 remembers the sampling rate. */
#define MCACHE_1_19 .mcache_next_sample = 0, .mcache_tiny_allocs = 32, .mcache_alloc = 40
#define MCACHE_1_24 .mcache_next_sample = 0, .mcache_tiny_allocs = 40, .mcache_alloc = 48

/* mheap.go. 1.21 added pinner bits; 1.22 made nelems and freeindex 16 bits wide. */
#define MSPAN_1_19                                                                                 \
	.mspan_alloc_count = 96, .mspan_alloc_count_before_cache = 102, .mspan_spanclass = 98,     \
	.mspan_state = 99
#define MSPAN_1_21                                                                                 \
	.mspan_alloc_count = 104, .mspan_alloc_count_before_cache = 110, .mspan_spanclass = 106,   \
	.mspan_state = 107

/* mstats.go. 1.25 dropped inPtrScalarBits. */
#define STATISTICS_1_19                                                                            \
	.heap_stats_delta_bytes = 1176, .delta_in_stacks = 24, .delta_in_work_bufs = 32,           \
	.delta_in_ptr_scalar_bits = 40, .delta_tiny_alloc_count = 48, .delta_large_alloc = 56,     \
	.delta_large_alloc_count = 64, .delta_small_alloc_count = 72, .delta_large_free = 616,     \
	.delta_large_free_count = 624, .delta_small_free_count = 632, .memstats_stacks_sys = 3544, \
	.memstats_mspan_sys = 3552, .memstats_mcache_sys = 3560, .memstats_buckhash_sys = 3568,    \
	.memstats_gc_misc_sys = 3576, .memstats_other_sys = 3584, .memstats_last_gc_unix = 3592,   \
	.memstats_pause_total_ns = 3600, .memstats_pause_ns = 3608, .memstats_pause_end = 5656,    \
	.memstats_numgc = 7704, .memstats_numforcedgc = 7708, .memstats_gc_cpu_fraction = 7712
#define STATISTICS_1_25                                                                            \
	.heap_stats_delta_bytes = 1168, .delta_in_stacks = 24, .delta_in_work_bufs = 32,           \
	.delta_in_ptr_scalar_bits = LAYOUT_ABSENT, .delta_tiny_alloc_count = 40,                   \
	.delta_large_alloc = 48, .delta_large_alloc_count = 56, .delta_small_alloc_count = 64,     \
	.delta_large_free = 608, .delta_large_free_count = 616, .delta_small_free_count = 624,     \
	.memstats_stacks_sys = 3520, .memstats_mspan_sys = 3528, .memstats_mcache_sys = 3536,      \
	.memstats_buckhash_sys = 3544, .memstats_gc_misc_sys = 3552, .memstats_other_sys = 3560,   \
	.memstats_last_gc_unix = 3568, .memstats_pause_total_ns = 3576, .memstats_pause_ns = 3584, \
	.memstats_pause_end = 5632, .memstats_numgc = 7680, .memstats_numforcedgc = 7684,          \
	.memstats_gc_cpu_fraction = 7688

/* mgcpacer.go. 1.21 is without 32 bytes of the pacer of before. */
#define GC_CONTROLLER_1_19                                                                         \
	.gc_percent = 0, .gc_memory_limit = 8, .gc_heap_minimum = 16, .gc_percent_heap_goal = 104, \
	.gc_sweep_trigger = 112, .gc_triggered = 120, .gc_last_heap_goal = 128,                    \
	.gc_heap_live = 136, .gc_heap_marked = 184, .gc_heap_in_use = 304,                         \
	.gc_heap_released = 312, .gc_heap_free = 320, .gc_total_alloc = 328, .gc_total_free = 336, \
	.gc_mapped_ready = 344
#define GC_CONTROLLER_1_21                                                                         \
	.gc_percent = 0, .gc_memory_limit = 8, .gc_heap_minimum = 16, .gc_percent_heap_goal = 72,  \
	.gc_sweep_trigger = 80, .gc_triggered = 88, .gc_last_heap_goal = 96, .gc_heap_live = 104,  \
	.gc_heap_marked = 152, .gc_heap_in_use = 272, .gc_heap_released = 280,                     \
	.gc_heap_free = 288, .gc_total_alloc = 296, .gc_total_free = 304, .gc_mapped_ready = 312

/* mheap.go. The allocators of spans and mcaches stand behind all that grew in between. */
#define MHEAP_1_19                                                                                 \
	.mheap_sweepgen = 65848, .mheap_spanalloc_inuse = 92272, .mheap_cachealloc_inuse = 92344
#define MHEAP_1_21                                                                                 \
	.mheap_sweepgen = 65856, .mheap_spanalloc_inuse = 92280, .mheap_cachealloc_inuse = 92352
#define MHEAP_1_22                                                                                 \
	.mheap_sweepgen = 65856, .mheap_spanalloc_inuse = 92344, .mheap_cachealloc_inuse = 92416
#define MHEAP_1_25                                                                                 \
	.mheap_sweepgen = 65856, .mheap_spanalloc_inuse = 92368, .mheap_cachealloc_inuse = 92440
#define MHEAP_1_26                                                                                 \
	.mheap_sweepgen = 65856, .mheap_spanalloc_inuse = 92368, .mheap_cachealloc_inuse = 92512

/* mheap.go, mpagealloc.go. 1.21 and 1.22 moved the heap's bitmap out of heapArena, 1.25 added bits
 * for spans with inline mark bits. */
#define ARENAS_1_19                                                                                \
	.mheap_pages = 16, .mheap_all_spans = 65856, .mheap_arenas = 65936,                        \
	.mheap_all_arenas = 66016, .page_alloc_chunks = 120, .heap_arena_bytes = 2165776,          \
	.heap_arena_spans = 2097152, .heap_arena_page_in_use = 2162688
#define ARENAS_1_21                                                                                \
	.mheap_pages = 8, .mheap_all_spans = 65864, .mheap_arenas = 65944,                         \
	.mheap_all_arenas = 66032, .page_alloc_chunks = 120, .heap_arena_bytes = 1133584,          \
	.heap_arena_spans = 1064960, .heap_arena_page_in_use = 1130496
#define ARENAS_1_22                                                                                \
	.mheap_pages = 8, .mheap_all_spans = 65864, .mheap_arenas = 66008,                         \
	.mheap_all_arenas = 66096, .page_alloc_chunks = 120, .heap_arena_bytes = 68624,            \
	.heap_arena_spans = 0, .heap_arena_page_in_use = 65536
#define ARENAS_1_25                                                                                \
	.mheap_pages = 8, .mheap_all_spans = 65864, .mheap_arenas = 66008,                         \
	.mheap_all_arenas = 66096, .page_alloc_chunks = 120, .heap_arena_bytes = 69648,            \
	.heap_arena_spans = 0, .heap_arena_page_in_use = 65536

/* iface.go, of all versions. */
#define ITAB_TABLE .itab_table_count = 8

static const struct layout known[] = {
	/* by minor version */
	[19] = { MEM_RECORD_1_19, SPECIAL_1_19, MCACHE_1_19, MSPAN_1_19, STATISTICS_1_19,
		 GC_CONTROLLER_1_19, MHEAP_1_19, ITAB_TABLE, ARENAS_1_19, .p_palloc = 4592,
		 .m_p = 208, .p_mcache = 64, .p_stats_seq = 8828,
		 .debug_profstackdepth = LAYOUT_ABSENT, .special_kind_profile = 2 },
	[21] = { MEM_RECORD_1_19, SPECIAL_1_19, MCACHE_1_19, MSPAN_1_21, STATISTICS_1_19,
		 GC_CONTROLLER_1_21, MHEAP_1_21, ITAB_TABLE, ARENAS_1_21, .p_palloc = 4600,
		 .m_p = 208, .p_mcache = 64, .p_stats_seq = 8828,
		 .debug_profstackdepth = LAYOUT_ABSENT, .special_kind_profile = 2 },
	[22] = { MEM_RECORD_1_19, SPECIAL_1_19, MCACHE_1_19, MSPAN_1_19, STATISTICS_1_19,
		 GC_CONTROLLER_1_21, MHEAP_1_22, ITAB_TABLE, ARENAS_1_22, .p_palloc = 4632,
		 .m_p = 208, .p_mcache = 64, .p_stats_seq = 8860,
		 .debug_profstackdepth = LAYOUT_ABSENT, .special_kind_profile = 2 },
	[23] = { MEM_RECORD_1_19, SPECIAL_1_19, MCACHE_1_19, MSPAN_1_19, STATISTICS_1_19,
		 GC_CONTROLLER_1_21, MHEAP_1_22, ITAB_TABLE, ARENAS_1_22, .p_palloc = 4624,
		 .m_p = 208, .p_mcache = 56, .p_stats_seq = 8836, .debug_profstackdepth = 92,
		 .special_kind_profile = 3 },
	[24] = { MEM_RECORD_1_19, SPECIAL_1_24, MCACHE_1_24, MSPAN_1_19, STATISTICS_1_19,
		 GC_CONTROLLER_1_21, MHEAP_1_22, ITAB_TABLE, ARENAS_1_22, .p_palloc = 4624,
		 .m_p = 208, .p_mcache = 56, .p_stats_seq = 8836, .debug_profstackdepth = 92,
		 .special_kind_profile = 3 },
	[25] = { MEM_RECORD_1_19, SPECIAL_1_24, MCACHE_1_24, MSPAN_1_19, STATISTICS_1_25,
		 GC_CONTROLLER_1_21, MHEAP_1_25, ITAB_TABLE, ARENAS_1_25, .p_palloc = 4624,
		 .m_p = 200, .p_mcache = 56, .p_stats_seq = 9388, .debug_profstackdepth = 100,
		 .special_kind_profile = 4 },
	[26] = { MEM_RECORD_1_19, SPECIAL_1_24, MCACHE_1_24, MSPAN_1_19, STATISTICS_1_25,
		 GC_CONTROLLER_1_21, MHEAP_1_26, ITAB_TABLE, ARENAS_1_25, .p_palloc = 4632,
		 .m_p = 208, .p_mcache = 56, .p_stats_seq = 13668, .debug_profstackdepth = 100,
		 .special_kind_profile = 4 },
	[27] = { MEM_RECORD_1_27, SPECIAL_1_24, MCACHE_1_24, MSPAN_1_19, STATISTICS_1_25,
		 GC_CONTROLLER_1_21, MHEAP_1_26, ITAB_TABLE, ARENAS_1_25, .p_palloc = 4632,
		 .m_p = 208, .p_mcache = 56, .p_stats_seq = 13668, .debug_profstackdepth = 100,
		 .special_kind_profile = 4 },
};

int layout_from_table(const struct go_version *version, struct layout *ret)
{
	const int count = sizeof(known) / sizeof(known[0]);

	if (version->major != 1 || version->minor < 0 || version->minor >= count ||
	    known[version->minor].mem_record_bytes == 0)
		return -ENOTSUP;
	*ret = known[version->minor];
	ret->source = "table";
	return 0;
}
