/*
 * What `target` found out about a process and `probe` acts on: which BPF program goes to which
 * bytes. The plan owns its strings; addresses that `target` could not verify are not in it.
 */
#ifndef HEAPTAP_PROBE_PLAN_H
#define HEAPTAP_PROBE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "limits.h"

/* Which program runs at a point. SEC names and registers: bpf/sampler.bpf.c, bpf/exact.bpf.c,
 * bpf/gc.bpf.c, bpf/types.bpf.c, bpf/cache.bpf.c. */
enum probe_role {
	PROBE_SAMPLE_BIRTH, /* runtime.setprofilebucket(p AX, b BX) */
	PROBE_SAMPLE_DEATH, /* runtime.freeSpecial(s AX, p BX, size CX) */
	PROBE_ALLOC, /* runtime.mallocgc(size AX, typ BX): sizes <= alloc_min_bytes are ignored */
	PROBE_ALLOC_SIZED, /* 1.27's size-specialised allocators, same registers, every size but 0
			    */
	PROBE_GC_CYCLE_START, /* runtime.(*gcControllerState).startCycle(c AX, now BX, procs CX,
				 trigger.kind DI) */
	PROBE_GC_MARK_END,    /* runtime.(*gcControllerState).endCycle(c AX, now BX) */
	PROBE_GC_TRANSITION,  /* runtime.(*gcCPULimiterState).finishGCTransition(l AX, now BX) */
	PROBE_WORLD_STOP,     /* runtime.stopTheWorldWithSema(reason AX; none in 1.19) */
	PROBE_WORLD_START,    /* runtime.startTheWorldWithSema(now AX, reason BX, start CX; none of
				 these before 1.22) */
	PROBE_TYPE_ITAB,      /* runtime.itabAdd(m AX) */
	PROBE_TYPE_REFLECT,   /* reflect.addReflectOff(ptr AX) */
	PROBE_CACHE_CALL,     /* a function that --cache names: `index` says which */
	PROBE_CACHE_LEAF,     /* the same, of a function without a stack check */
	PROBE_POOL_GET,	      /* sync.(*Pool).Get(p AX) */
	PROBE_POOL_PUT,	      /* sync.(*Pool).Put(p AX, x BX, CX) */
	PROBE_POOL_NEW,	      /* the function in Pool.New, whose closure is in DX */
	PROBE_MAP_LOAD,	 /* (*Map).Load(m AX): sync's, or internal/sync.(*HashTrieMap) from 1.24 */
	PROBE_MAP_STORE, /* (*Map).Store or Swap(m AX) */
	PROBE_MAP_OTHER, /* LoadOrStore, LoadAndDelete, CompareAndSwap, ... (m AX) */
	PROBE_ROLES
};

/* The verified instruction under a probe; both are emulated by the kernel, so a hit is one trap, no
 * single step. */
enum probe_instruction {
	PROBE_AT_PUSH,	 /* push %rbp after the stack check (Go 1.21+) */
	PROBE_AT_BRANCH, /* jbe of the stack check (all versions) */
	PROBE_AT_LEAF,	 /* push %rbp, jump or nop of an entry block (target/leaf_point.h) */
};

struct probe_point {
	enum probe_role role;
	enum probe_instruction instruction;
	uint64_t address;     /* in the target's address space */
	uint64_t file_offset; /* in its executable: what the kernel wants */
	uint32_t index;	      /* PROBE_CACHE_*: of the function, from 0; else 0 */
	char function[96];    /* for messages */
};

/* What the GC's probes read, as addresses in the target, and what its Go version passes. */
struct gc_plan {
	uint64_t heap_live, heap_marked, last_goal; /* fields of gcController, 8 bytes each */
	uint64_t cycles;			    /* memstats.numgc, 4 bytes */
	uint64_t pauses;			    /* memstats.pause_ns[256] */
	bool stop_has_reason;			    /* 1.21 and newer */
	bool start_has_stop; /* 1.22 and newer: reason and begin of the stop that ends */
};

/* Where sync.(*Pool).Get is in the process: a call of New from there is a miss. 0: not there. */
struct pool_plan {
	uint64_t get_begin, get_end;
};

/* Addresses [start, end) in the target; empty ones are none. */
struct text_range {
	uint64_t start, end;
};

struct probe_plan {
	size_t count;
	struct probe_point points[LIMIT_PROBE_POINTS];
	uint64_t alloc_min_bytes; /* PROBE_ALLOC: ignore sizes up to this, the sized ones report
				     them (1.27: 80; else 0) */
	/* PROBE_ALLOC: all of the runtime's text, and where its parts lie near each other what is
	   between them: where a walk from the allocator to the call site must go on */
	struct text_range runtime_text[LIMIT_RUNTIME_RANGES];
	uint32_t special_kind_offset;	/* runtime.special.kind, byte (see layout) */
	uint32_t special_kind_profile;	/* value of _KindSpecialProfile in this Go version */
	uint32_t special_bucket_offset; /* runtime.specialprofile.b */
	struct gc_plan gc;
	struct pool_plan pool;
};

#endif
