/*
 * The BPF side as cmd/ uses it: collectors that are opened on a verified plan, read, and closed.
 * The only users of libbpf are the files of this directory. Every open tries uprobe_multi first and
 * falls back to perf-event uprobes when the kernel refuses it.
 */
#ifndef PROBE_PROBE_H
#define PROBE_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "losses.h"
#include "model/bucket.h"
#include "model/gc_hits.h"
#include "probe_plan.h"

/*
 * Whether this kernel and these capabilities can load and attach: reports the first thing in the
 * way, by name (CAP_BPF, CAP_PERFMON, CAP_SYS_ADMIN where only perf-event uprobes exist,
 * CAP_SYS_RESOURCE on 5.10, no BTF, no uprobes), and gives a negative errno. Cheap.
 */
int probe_check(void);

/* One trap into a program that does what a collector's program does, measured on heaptap itself:
 * nanoseconds. Reported on failure. */
int probe_measure_trap(double *ret_trap_ns);

struct probe_statistics {
	uint64_t hits; /* traps in the target since opening */
	uint64_t foreign;
	uint64_t losses[LOSS_COUNT]; /* those counted in BPF */
	size_t points;		     /* addresses probed */
	bool multi;		     /* by one uprobe_multi link */
};

/* What tells a stack from all others: two independent hashes of its return addresses. Two stacks
 * share one of them with a probability of 1 in 10^10 per 65,536 stacks, both never. The same stack
 * has the same id whenever it is seen. */
struct stack_id {
	uint64_t hash; /* 0: it could not be read, or there was no room */
	uint64_t check;
};

/* ---- the sampler's births and deaths ---- */
struct sampler;

struct sampler_options {
	size_t bucket_capacity; /* entries of the bucket map */
	size_t live_capacity;	/* sampled objects followed */
};

int sampler_open(pid_t pid, const struct probe_plan *plan, const struct sampler_options *options,
		 struct sampler **ret);
/* Cumulative activity of every bucket hit since opening; *ret is owned by the sampler and valid
 * until the next read. Silent. */
int sampler_read(struct sampler *sampler, const struct bucket_activity **ret, size_t *ret_count,
		 struct probe_statistics *statistics);
/* The traps so far, without the map of buckets. Silent. */
int sampler_hits(struct sampler *sampler, uint64_t *ret);
void sampler_close(struct sampler *sampler);

/* ---- the garbage collector's cycles and stops of the world ---- */
struct gc_probe;

struct gc_probe_options {
	size_t ring_bytes; /* a power of 2, 4096 or more; an event takes 72 */
};

int gc_probe_open(pid_t pid, const struct probe_plan *plan, const struct gc_probe_options *options,
		  struct gc_probe **ret);
/* The hits since the last read, in their order; *ret is owned by the probe and valid until the
 * next. `statistics` is cumulative. Silent. */
int gc_probe_read(struct gc_probe *probe, const struct gc_hit **ret, size_t *ret_count,
		  struct probe_statistics *statistics);
void gc_probe_close(struct gc_probe *probe);

/* ---- what is added to the runtime's types ---- */
struct type_probe;

struct type_probe_options {
	size_t events, stacks; /* entries of the maps; at most LIMIT_TYPE_EVENTS, _STACKS */
	size_t threads;	       /* of the target that register types, ever */
};

struct type_hit {
	bool reflect;	    /* reflect.addReflectOff, else runtime.itabAdd */
	bool failed;	    /* itab: of a type that does not implement the interface */
	uint64_t interface; /* itab: the descriptors' addresses */
	uint64_t type;	    /* reflect: what was registered, the address of a name, type or code */
	struct stack_id stack_id;
	uint64_t hits;	     /* since opening */
	const uint64_t *pcs; /* as in window_site */
	uint32_t pc_count;
};

int type_probe_open(pid_t pid, const struct probe_plan *plan,
		    const struct type_probe_options *options, struct type_probe **ret);
/*
 * Everything since opening; *ret is owned by the probe and valid until the next read, which gives
 * the same array untouched when no hit can have changed it (*ret_changed false). `statistics` is
 * cumulative. Silent.
 */
int type_probe_read(struct type_probe *probe, const struct type_hit **ret, size_t *ret_count,
		    bool *ret_changed, struct probe_statistics *statistics);
void type_probe_close(struct type_probe *probe);

/* ---- calls of caches: named functions, sync.Pool, sync.Map ---- */
struct cache_probe;

/* Since opening, of one pool or map: gets, puts, misses; or loads, stores, others. */
struct cache_object_calls {
	uint64_t address;
	bool is_map;
	uint64_t counts[3];
};

struct cache_calls_seen {
	const uint64_t *calls; /* by probe_point.index; LIMIT_CACHE_FUNCTIONS of them */
	const struct cache_object_calls *objects; /* in no order */
	size_t object_count;
	bool objects_full; /* calls of others were lost (LOSS_CACHE_MAP_FULL) */
};

/* Loads the programs, attaches nothing. */
int cache_probe_open(pid_t pid, const struct probe_plan *plan, struct cache_probe **ret);
/* Puts the probes on, and takes them off. Nothing is counted before cache_probe_count(probe, true),
 * and nothing after (probe, false), though each hit costs the target its trap. */
int cache_probe_attach(struct cache_probe *probe);
void cache_probe_detach(struct cache_probe *probe);
bool cache_probe_attached(const struct cache_probe *probe);
void cache_probe_count(struct cache_probe *probe, bool on);
/* One more point, probed at once when the others are, and with them later. */
int cache_probe_add(struct cache_probe *probe, const struct probe_point *point);
/* Cumulative; *ret is owned by the probe and valid until the next read. Silent. */
int cache_probe_read(struct cache_probe *probe, struct cache_calls_seen *ret,
		     struct probe_statistics *statistics);
/* As window_is_one_link. */
bool cache_probe_is_one_link(const struct cache_probe *probe);
void cache_probe_close(struct cache_probe *probe);

/* ---- exact hits for a bounded window ---- */
struct window;

struct window_site {
	uint64_t type, size_bytes, hits;
	struct stack_id stack_id;
	const uint64_t *pcs; /* physical return addresses, leaf (the allocator's caller) first; NULL
				when the stack was lost */
	uint32_t pc_count;
};

/* Loads the programs, attaches nothing. */
int window_open(pid_t pid, const struct probe_plan *plan, struct window **ret);
/*
 * Attaches, lets the target run until `max_hits` or `max_ns` (from the first hit), detaches.
 * Returns what was seen in this window; arrays are owned by the window and valid until the next
 * run. *ret_open_ns is how long hits were recorded. `statistics` is cumulative. 0 hits is not an
 * error. The target's end is not an error either. Interruptible by a signal: returns what there is.
 */
int window_run(struct window *window, uint64_t max_hits, uint64_t max_ns,
	       const struct window_site **ret, size_t *ret_count, uint64_t *ret_open_ns,
	       struct probe_statistics *statistics);
/*
 * How fast the hits of the windows to come may be. A window ends early when the hits that are not
 * yet paid off, at `share` of the time, would take longer than `most_ns` together: so a thread that
 * takes all of them is held up by no more, and hits that come evenly, within the share, never end
 * it. Without a pace only max_hits and max_ns do.
 */
struct window_pace {
	uint64_t hit_ns;  /* price of an exact hit, > 0; where it took longer that counts */
	uint64_t work_ns; /* of that, what our program takes besides the trap */
	uint64_t trap_ns; /* of one after the window's end, which is not recorded */
	double share;	  /* of one CPU, > 0 */
	uint64_t most_ns; /* > 0 */
	int64_t until_ns; /* CLOCK_MONOTONIC, when a window that has had hits ends at the latest; 0:
			     when max_ns says */
};
void window_set_pace(struct window *window, const struct window_pace *pace);
/* By how much the last window can have held up one thread of the target at the most, as
 * cost.longest_stall_ns has it (model/snapshot.h); -1 without a pace. */
int64_t window_stall_ns(const struct window *window);
/* Of that, what does not come from the hits recorded: opening, closing, and the hits meanwhile. */
int64_t window_edges_ns(const struct window *window);
/* How long the last window took us to open and to close; nearly all of it is waiting. */
int64_t window_opening_ns(const struct window *window);
int64_t window_closing_ns(const struct window *window);

/* Whether all probes come off the target at once. Perf events are removed one after the other, some
 * 90 ms each (6.18, 2026-11), and the target goes on trapping on those that are left. */
bool window_is_one_link(const struct window *window);
void window_close(struct window *window);

/* ---- every allocation, exactly once ---- */
struct exact;

struct exact_options {
	bool stacks;  /* whole ones, up to LIMIT_EXACT_FRAMES; else up to the call site */
	size_t sites; /* entries of the site map */
	size_t stack_capacity;
	size_t threads; /* of the target that allocate, ever; 0: as many as there should be */
};

/* What the options are when nothing is known: `sites` as the number of CPUs allows. */
void exact_options_init(bool stacks, struct exact_options *ret);

/* One type x slot x stack since opening. */
struct exact_count {
	uint64_t type;
	uint64_t slot_bytes; /* without a header; below 16 the object's own size */
	bool header_grows;   /* 8 bytes of header would need a larger slot */
	struct stack_id stack_id;
	uint64_t hits;
};

/* Loads and attaches: from its return on every allocation is counted. */
int exact_open(pid_t pid, const struct probe_plan *plan, const struct exact_options *options,
	       struct exact **ret);
/*
 * Everything counted since opening. Entries keep their places, new ones come at the end; *ret is
 * owned and valid until the next read. Costs a few system calls while nothing is hit. Silent.
 */
int exact_read(struct exact *exact, const struct exact_count **ret, size_t *ret_count,
	       struct probe_statistics *statistics);
/* Hits that found no place in the site map, and their slots' bytes; cumulative. */
void exact_beyond(const struct exact *exact, uint64_t *ret_hits, uint64_t *ret_bytes);
/* Traps so far: what a governor asks often. Silent. */
int exact_hits(struct exact *exact, uint64_t *ret);
/* Physical return addresses of a stack of the last read, leaf first; 0 when it is not there. */
size_t exact_stack(struct exact *exact, const struct stack_id *id,
		   uint64_t ret[LIMIT_EXACT_FRAMES]);
/* Takes the probes off; what was counted can still be read. */
void exact_detach(struct exact *exact);
void exact_close(struct exact *exact);

#endif
