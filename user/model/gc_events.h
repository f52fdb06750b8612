/*
 * What the garbage collector did in an interval: its cycles and every stop of the world. Times are
 * CLOCK_REALTIME nanoseconds, so that they line up with a snapshot's and with other machines'; the
 * runtime's own are monotonic and were converted when they were read.
 */
#ifndef MODEL_GC_EVENTS_H
#define MODEL_GC_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why the world stopped: runtime.stwReason, same numbers in Go 1.21-1.27 (runtime/proc.go). */
#define GC_STOP_REASONS(X)                                                                         \
	X(UNKNOWN, "unknown")                                                                      \
	X(MARK_TERMINATION, "GC mark termination")                                                 \
	X(SWEEP_TERMINATION, "GC sweep termination")                                               \
	X(HEAP_DUMP, "write heap dump")                                                            \
	X(GOROUTINE_PROFILE, "goroutine profile")                                                  \
	X(GOROUTINE_PROFILE_CLEANUP, "goroutine profile cleanup")                                  \
	X(ALL_STACKS, "all goroutines stack trace")                                                \
	X(READ_MEMSTATS, "read mem stats")                                                         \
	X(ALL_THREADS_SYSCALL, "AllThreadsSyscall")                                                \
	X(GOMAXPROCS, "GOMAXPROCS")                                                                \
	X(START_TRACE, "start trace")                                                              \
	X(STOP_TRACE, "stop trace")

enum gc_stop_reason {
#define GC_STOP_ENUM(symbol, text) GC_STOP_##symbol,
	GC_STOP_REASONS(GC_STOP_ENUM)
#undef GC_STOP_ENUM
		GC_STOP_COUNT
};
/* The runtime's words; "unknown" beyond what is known. */
const char *gc_stop_reason_text(int reason);

/* One complete cycle. A member that is not known is UNKNOWN. */
struct gc_cycle {
	int64_t number; /* NumGC after it */
	int64_t sweep_term_unix_ns, mark_unix_ns, mark_term_unix_ns, end_unix_ns;
	int64_t pause_ns;			   /* its stops together, as in MemStats.PauseNs */
	int64_t heap_before_bytes;		   /* at the start, gctrace's a->b->c */
	int64_t heap_after_bytes, heap_live_bytes; /* at mark termination; marked live */
	int64_t goal_bytes;			   /* that the cycle had */
	bool forced;				   /* runtime.GC() or debug.FreeOSMemory() */
};

struct gc_stop {
	int64_t begin_unix_ns, duration_ns;
	int reason; /* enum gc_stop_reason */
};

/* What ended in the interval, oldest first. Owned by the snapshot. */
struct gc_events {
	/* cycles and stops seen by probes, each of them; false: what polling found */
	bool probed;
	const char *note; /* why not probed, or NULL; interned or static */
	struct gc_cycle *cycles;
	size_t cycle_count;
	uint64_t cycles_unseen; /* NumGC grew by these, but polling was too slow to see their phases
				 */
	struct gc_stop *stops;
	size_t stop_count;
};

/* Frees what it holds and resets. */
void gc_events_clear(struct gc_events *events);
/* Copies the arrays. 0 or -ENOMEM, silent, *ret then untouched. */
int gc_events_copy(const struct gc_events *events, struct gc_events *ret);

#define AUTO_EVENTS __attribute__((cleanup(gc_events_clear)))

#endif
