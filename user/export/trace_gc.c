/* The collector's cycles, phase by phase, and every stop of the world with its reason. */
#include "export/trace_process.h"

static bool write_phase(struct trace_process *process, struct trace_out *out,
			enum trace_track track, const char *name, int64_t begin_ns, int64_t end_ns,
			int64_t number)
{
	if (begin_ns == UNKNOWN || end_ns == UNKNOWN)
		return true;
	if (!trace_process_slice(process, out, track, name, begin_ns, end_ns))
		return false;
	trace_out_integer(out, "cycle", number);
	trace_out_end(out);
	return true;
}

static int64_t first_known(int64_t a, int64_t b, int64_t c)
{
	return a != UNKNOWN ? a : b != UNKNOWN ? b : c;
}

static bool write_whole(struct trace_process *process, struct trace_out *out,
			const struct gc_cycle *cycle)
{
	int64_t begin_ns = first_known(cycle->sweep_term_unix_ns, cycle->mark_unix_ns,
				       cycle->mark_term_unix_ns);

	if (begin_ns == UNKNOWN || cycle->end_unix_ns == UNKNOWN)
		return true;
	if (!trace_process_slice(process, out, TRACE_CYCLES,
				 cycle->forced ? "\"GC, forced\"" : "\"GC\"", begin_ns,
				 cycle->end_unix_ns))
		return false;
	trace_out_integer(out, "cycle", cycle->number);
	trace_out_integer(out, "pause_ns", cycle->pause_ns);
	trace_out_integer(out, "heap_before_bytes", cycle->heap_before_bytes);
	trace_out_integer(out, "heap_after_bytes", cycle->heap_after_bytes);
	trace_out_integer(out, "heap_live_bytes", cycle->heap_live_bytes);
	trace_out_integer(out, "goal_bytes", cycle->goal_bytes);
	trace_out_end(out);
	return true;
}

static bool write_cycle(struct trace_process *process, struct trace_out *out,
			const struct gc_cycle *cycle)
{
	bool all = write_whole(process, out, cycle);

	all &= write_phase(process, out, TRACE_SWEEP_TERMINATION, "\"sweep termination\"",
			   cycle->sweep_term_unix_ns, cycle->mark_unix_ns, cycle->number);
	all &= write_phase(process, out, TRACE_MARK, "\"mark\"", cycle->mark_unix_ns,
			   cycle->mark_term_unix_ns, cycle->number);
	all &= write_phase(process, out, TRACE_MARK_TERMINATION, "\"mark termination\"",
			   cycle->mark_term_unix_ns, cycle->end_unix_ns, cycle->number);
	return all;
}

static bool write_stop(struct trace_process *process, struct trace_out *out,
		       const struct gc_stop *stop)
{
	char name[64];

	if (stop->begin_unix_ns == UNKNOWN || stop->duration_ns == UNKNOWN)
		return true;
	/* the runtime's words are plain ASCII */
	snprintf(name, sizeof(name), "\"%s\"", gc_stop_reason_text(stop->reason));
	if (!trace_process_slice(process, out, TRACE_STOPS, name, stop->begin_unix_ns,
				 stop->begin_unix_ns + stop->duration_ns))
		return false;
	trace_out_integer(out, "reason", stop->reason);
	trace_out_end(out);
	return true;
}

uint64_t trace_process_gc(struct trace_process *process, struct trace_out *out,
			  const struct gc_events *events)
{
	uint64_t left_out = 0;

	for (size_t i = 0; i < events->cycle_count; i++)
		left_out += !write_cycle(process, out, &events->cycles[i]);
	for (size_t i = 0; i < events->stop_count; i++)
		left_out += !write_stop(process, out, &events->stops[i]);
	return left_out;
}
