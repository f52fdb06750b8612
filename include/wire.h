/*
 * What the BPF programs and the loader share: map keys and values, and the counters' indices.
 * Fixed widths, no pointers, explicit padding; sizes are asserted, layouts tested in tests/bpf.
 * Needs __u32/__u64 from <linux/types.h> or bpf/vmlinux.h before it.
 */
#ifndef HEAPTAP_WIRE_H
#define HEAPTAP_WIRE_H

#include "limits.h"
#include "losses.h"

/* Age at death, in powers of two of nanoseconds: slot i counts ages in [2^(i+10), 2^(i+11)); the
 * first takes all shorter ones (< 2 us), the last all longer ones (> 19 hours). */
#define WIRE_AGE_SLOTS 37
#define WIRE_AGE_SHIFT 10

/* Value of the map `buckets`, key: address of the runtime.bucket in the target. Counts since
 * attaching. */
struct wire_bucket {
	__u64 births;
	__u64 deaths;
	__u64 deaths_aged; /* deaths whose birth was seen: the sum of age_slots */
	__u32 age_slots[WIRE_AGE_SLOTS];
	__u32 padding;
};
_Static_assert(sizeof(struct wire_bucket) == 3 * 8 + (WIRE_AGE_SLOTS + 1) * 4, "no hidden padding");

/* Value of the map `live`, key: address of the sampled object. */
struct wire_live {
	__u64 bucket;
	__u64 birth_ns; /* CLOCK_MONOTONIC */
};
_Static_assert(sizeof(struct wire_live) == 16, "no hidden padding");

/* What a stack is told by, and the key of the map `stacks`: two hashes of its return addresses that
 * have nothing in common (bpf/walk.h). `hash` is odd; 0: no stack. */
struct wire_stack_id {
	__u64 hash;
	__u64 check;
};
_Static_assert(sizeof(struct wire_stack_id) == 16, "no hidden padding");

/* Key and value of the map `sites` of the exact probes. */
struct wire_site {
	__u64 type; /* address of the type descriptor, 0: none */
	__u64 size_bytes;
	struct wire_stack_id stack;
};
_Static_assert(sizeof(struct wire_site) == 32, "no hidden padding");

/* Of the continuous probes size_bytes is the slot's instead (an object smaller than WIRE_TINY_BYTES
 * has its own size). This is added where an object with a header, which the runtime of Go 1.22 and
 * newer puts before those that have pointers and more than 512 bytes, takes the next larger slot.
 */
#define WIRE_SLOT_HEADER_GROWS (1ULL << 63)
#define WIRE_HEADER_BYTES      8

/* Size classes (runtime/sizeclasses.go, the same in Go 1.19-1.27): number 0 is none. */
#define WIRE_CLASSES	 68
#define WIRE_TINY_BYTES	 16
#define WIRE_SMALL_BYTES 1024  /* up to here classes are told in steps of 8 bytes, then of 128 */
#define WIRE_LARGE_BYTES 32768 /* of the largest class; above it objects take whole pages */
#define WIRE_PAGE_BYTES	 8192

struct wire_site_count {
	__u64 hits;
};

/* Value of `stacks`: return addresses, leaf first; the first is the probed function's own caller.
 */
struct wire_stack {
	__u32 count;
	__u32 padding;
	__u64 pcs[LIMIT_EXACT_FRAMES];
};
_Static_assert(sizeof(struct wire_stack) == 8 + 8 * LIMIT_EXACT_FRAMES, "no hidden padding");

/* Which function a hit of the one uprobe_multi link is in: the cookie of its offset. */
enum wire_cookie {
	WIRE_COOKIE_BIRTH,
	WIRE_COOKIE_DEATH,
	WIRE_COOKIE_ALLOC,
	WIRE_COOKIE_ALLOC_SIZED,
	WIRE_COOKIE_GC_CYCLE_START,
	WIRE_COOKIE_GC_MARK_END,
	WIRE_COOKIE_GC_TRANSITION,
	WIRE_COOKIE_WORLD_STOP,
	WIRE_COOKIE_WORLD_START,
	WIRE_COOKIE_TYPE_ITAB,
	WIRE_COOKIE_TYPE_REFLECT,
	WIRE_COOKIE_CACHE_CALL, /* the upper half of the cookie is the function's index */
	WIRE_COOKIE_CACHE_LEAF, /* the same; the flags say nothing there */
	WIRE_COOKIE_POOL_GET,
	WIRE_COOKIE_POOL_PUT,
	WIRE_COOKIE_POOL_NEW,
	WIRE_COOKIE_MAP_LOAD,
	WIRE_COOKIE_MAP_STORE,
	WIRE_COOKIE_MAP_OTHER,
};
#define WIRE_COOKIE_INDEX_SHIFT 32

/* Key and value of the map `cache_objects`: calls by pool or map. */
enum wire_cache_kind {
	WIRE_CACHE_POOL, /* counts: gets, puts, misses */
	WIRE_CACHE_MAP,	 /* counts: loads, stores, others */
};
#define WIRE_CACHE_COUNTS 3

struct wire_cache_key {
	__u64 address;
	__u64 kind;
};
_Static_assert(sizeof(struct wire_cache_key) == 16, "no hidden padding");

struct wire_cache_object {
	__u64 counts[WIRE_CACHE_COUNTS];
};
_Static_assert(sizeof(struct wire_cache_object) == 24, "no hidden padding");

/* What of a wire_gc_event is not known. */
#define WIRE_UNKNOWN (~0ULL)

/* Entry of the ring `gc_events`: one hit of the GC's probes, in the order of the hits. */
struct wire_gc_event {
	__u32 kind;	  /* enum wire_cookie */
	__u32 reason;	  /* stwReason of a stop; 0 where the version does not say */
	__u64 time_ns;	  /* of the hit, CLOCK_MONOTONIC as all times here */
	__u64 runtime_ns; /* the time that the runtime itself gives to the moment; 0: none */
	__u64 stop_ns;	  /* WORLD_START: when the stop that ends began; 0: not passed */
	__u64 heap_bytes; /* heapLive; of a transition heapMarked */
	__u64 goal_bytes; /* of a transition: lastHeapGoal */
	__u64 pause_ns;	  /* of a transition: the newest entry of memstats.pause_ns */
	__u32 cycles;	  /* of a transition: memstats.numgc */
	__u32 forced;	  /* of a start: 1 for runtime.GC() and debug.FreeOSMemory() */
};
_Static_assert(sizeof(struct wire_gc_event) == 64, "no hidden padding");

/* Key of the map `type_events`; its value is how often. */
struct wire_type_event {
	__u32 kind;	 /* enum wire_cookie */
	__u32 failed;	 /* itab: 1 when the type does not implement the interface */
	__u64 interface; /* itab: address of the interface's descriptor */
	__u64 type; /* itab: of the type's descriptor; else what reflect.addReflectOff was given,
		       0: one of many */
	struct wire_stack_id stack;
};
_Static_assert(sizeof(struct wire_type_event) == 40, "no hidden padding");

/* The head of runtime.itab (internal/abi.ITab), and where its first method stands: what the
 * compiler writes into every program (cmd/compile reflectdata.writeITab), the same in Go 1.19-1.27.
 */
struct wire_itab {
	__u64 interface, type;
	__u32 hash, padding;
	__u64 first_method; /* 0: the type does not implement the interface */
};
_Static_assert(sizeof(struct wire_itab) == 32, "as the runtime has it");

/* Why an exact window stopped recording. */
enum wire_closed {
	WIRE_OPEN,
	WIRE_CLOSED_BY_HITS,
	WIRE_CLOSED_BY_TIME,
	WIRE_CLOSED_BY_PACE,   /* hits came too fast for --max-stall */
	WIRE_CLOSED_BY_LOADER, /* who saw no hit in time, or was interrupted */
};

/* Per-CPU array `counters`: losses first (enum loss), then these. */
enum wire_counter {
	WIRE_HITS = LOSS_COUNT, /* traps taken in the target's thread group, ignored ones too */
	WIRE_FOREIGN,		/* traps taken by another thread group: should stay 0 */
	WIRE_RETRIES,		/* traps on a stack-check branch that is about to be taken */
	WIRE_COUNTERS
};

#endif
