/*
 * The one currency: what is known of one process's memory at one moment and what changed in the
 * interval that ended there. Everything shown, stored, exported or compared is made from it.
 *
 * A number that is not known is UNKNOWN (integers) or NAN (doubles), never 0. Strings are interned
 * or static and live as long as the observation.
 */
#ifndef MODEL_SNAPSHOT_H
#define MODEL_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "losses.h"
#include "model/amount.h"
#include "model/bucket.h"
#include "model/cache_group.h"
#include "model/gc_events.h"
#include "model/governor_state.h"
#include "model/memstats.h"
#include "model/rss.h"
#include "model/stack.h"
#include "model/type_group.h"
#include "model/unknown.h"

enum value {
	VALUE_ALLOC_SPACE,
	VALUE_ALLOC_OBJECTS,
	VALUE_INUSE_SPACE,
	VALUE_INUSE_OBJECTS,
	VALUE_COUNT
};

/* "alloc_space", ...: the names of `go tool pprof`. */
const char *value_name(enum value value);
/* -1 when there is no value of that name. */
int value_find(const char *name);
bool value_is_bytes(enum value value);
bool value_is_inuse(enum value value);

/* How the rows were got. */
enum mode {
	MODE_COUNTERS, /* no rows */
	MODE_SAMPLER,  /* the runtime's samples, with probes on births and deaths */
	MODE_LIST,     /* the runtime's samples, read from its bucket list only: no ages */
	MODE_WINDOWS,  /* exact probes for a bounded number of hits per interval, scaled by the
			  counters */
	MODE_EXACT,    /* exact probes on every allocation since the observation began */
	MODE_COUNT
};
const char *mode_name(enum mode mode);
/* Whether samples are hits of exact probes, in windows or all the time. */
bool mode_has_hits(enum mode mode);

/* runtime.MemStats' meaning (TotalAlloc, HeapAlloc, HeapObjects, NextGC, Mallocs, Frees). */
struct heap_counters {
	int64_t alloc_bytes, inuse_bytes, inuse_objects, goal_bytes, mallocs, frees;
	double alloc_bytes_per_s, allocs_per_s; /* over the interval */
};

struct gc_counters {
	int64_t cycles, pause_total_ns;
	int64_t pause_p99_ns; /* of the last 256 pauses at most; UNKNOWN before the first */
	double cycles_per_s;
	double cpu_fraction; /* of the program's CPU since it started */
};

struct type_counters {
	int64_t itabs, itabs_added, reflect_types_added;
	/* Since the process started: every name, type and function that reflection registers, two
	 * or so for a type that it makes; known without probes. */
	int64_t reflect_registered;
	double metadata_share;
};

/* What observing costs, over the interval. */
struct cost {
	int64_t probes;		   /* addresses probed now */
	double hits_per_s;	   /* traps taken by the target */
	double trap_ns;		   /* one trap, measured at start-up on heaptap itself */
	double target_cpu_percent; /* hits_per_s * trap_ns, in percent of one CPU */
	double self_cpu_percent;
	int64_t self_rss_bytes;
	/*
	 * For how long one exact window of the interval can have held up one thread of the target,
	 * of all of them the longest: UNKNOWN without windows. A bound from what was measured:
	 * those of its hits that came faster than the budget pays for - all of them in a busy
	 * program -, at the price of each or what the kernel's clock says where that is more, and
	 * those that came while the probes were taken off, as if one thread had had them all; but
	 * no longer than from the first hit to the last; and the CPU time of patching the target's
	 * text, in which its page faults wait.
	 */
	int64_t longest_stall_ns;
};

struct generics; /* model/instantiations.h */

/* One allocation site: a stack, a type and an object size. */
struct record {
	uint64_t id; /* stable over the snapshots of one observation */
	const struct stack *stack;
	const char *type;      /* NULL when not known */
	const char *interface; /* that a boxed value is put into; NULL when not known, or none */
	uint64_t object_bytes;
	struct amount total;	/* allocated since the process started; as of has_total */
	struct amount begun;	/* allocated since the observation began */
	struct amount interval; /* allocated in the interval */
	struct amount live;	/* alive now, whenever made; as of has_live */
	struct ages ages;	/* at death, since the observation began */
};

struct snapshot {
	int64_t time_unix_ns;
	double interval_s; /* 0 in the first snapshot of an observation */
	double elapsed_s;  /* since the observation began */
	int32_t pid;
	const char *comm, *go_version;
	enum mode mode;
	const char *note; /* one line the user should know about the mode, or NULL */
	double sampling_rate_bytes;
	bool has_total, has_live;
	struct heap_counters heap;
	struct gc_counters gc;
	struct rss rss;
	int64_t goroutines; /* that exist, the runtime's own left out, as runtime.NumGoroutine */
	struct type_counters types;
	struct memstats memstats;
	struct size_class classes[SIZE_CLASSES];
	struct gc_cpu gc_cpu;
	struct gc_events gc_events; /* of the interval */
	struct type_group type_group;
	struct cache_group cache_group;
	const struct generics
		*generics; /* the binary's; NULL when not known. Lives like a string */
	struct cost cost;
	struct governor_state governor;
	uint64_t losses[LOSS_COUNT]; /* since the observation began */
	size_t record_count;
	struct record *records;
};

/* Sets every number to UNKNOWN/NAN and owns no records. */
void snapshot_init(struct snapshot *snapshot);
/* Frees the records and events and resets; NULL is fine. */
void snapshot_clear(struct snapshot *snapshot);
/* A copy with records and events of its own; strings and stacks stay shared. *ret is cleared first,
 * and untouched on failure. 0 or -ENOMEM, silent. */
int snapshot_copy(const struct snapshot *snapshot, struct snapshot *ret);

uint64_t snapshot_losses(const struct snapshot *snapshot); /* the sum */
const char *loss_key(enum loss loss);
const char *loss_meaning(enum loss loss);

#endif
