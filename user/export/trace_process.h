/* What a trace remembers of one process, and its tracks. */
#ifndef EXPORT_TRACE_PROCESS_H
#define EXPORT_TRACE_PROCESS_H

#include "export/trace_out.h"
#include "model/cadence.h"
#include "model/snapshot.h"

/* X(symbol, name): in the order shown */
#define TRACE_TRACKS(X)                                                                            \
	X(CYCLES, "GC cycles")                                                                     \
	X(SWEEP_TERMINATION, "GC sweep termination")                                               \
	X(MARK, "GC mark")                                                                         \
	X(MARK_TERMINATION, "GC mark termination")                                                 \
	X(STOPS, "stop the world")                                                                 \
	X(REGISTRATIONS, "registrations")                                                          \
	X(GAPS, "not observed")

enum trace_track {
	TRACE_NO_TRACK, /* thread ids begin with 1 */
#define TRACE_TRACK_ENUM(symbol, name) TRACE_##symbol,
	TRACE_TRACKS(TRACE_TRACK_ENUM)
#undef TRACE_TRACK_ENUM
		TRACE_TRACK_COUNT
};

struct trace_process {
	int32_t pid;
	int64_t time_unix_ns; /* of the last snapshot; UNKNOWN before the first */
	struct cadence cadence;
	int64_t track_end_ns[TRACE_TRACK_COUNT]; /* where a track's last slice ended */
	double *written;	       /* metric_count(): the last values in the trace, NAN: none */
	int64_t *seen_ns, *written_ns; /* when they were last seen, and written */
	struct rss rss;		       /* the last parts in the trace */
	char *gc_note;		       /* the last one in the trace, as JSON; NULL: none */
};

/* Names the process and its tracks. 0 or -ENOMEM. */
int trace_process_begin(struct trace_process *process, struct trace_out *out,
			const struct snapshot *snapshot);
void trace_process_clear(struct trace_process *process);

/* A slice up to its arguments; false when it lies before what the track has already. A part that
 * does is cut off: clocks are converted with an error of some microseconds. */
bool trace_process_slice(struct trace_process *process, struct trace_out *out,
			 enum trace_track track, const char *name, int64_t begin_ns,
			 int64_t end_ns);

/* Cycles and stops; returns how many were left out for their times. */
uint64_t trace_process_gc(struct trace_process *process, struct trace_out *out,
			  const struct gc_events *events);

/* Every metric that is a gauge or of the interval, and the parts of RSS. */
void trace_process_counters(struct trace_process *process, struct trace_out *out,
			    const struct snapshot *snapshot);
/* What has not changed since it was written, once more at the time at which it was last seen:
 * viewers draw a counter up to its last event. */
void trace_process_finish(struct trace_process *process, struct trace_out *out);

#endif
