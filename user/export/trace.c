/* The document: processes as they come, their events, and what has to be known beside them. */
#include "export/trace.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/vec.h"
#include "export/trace_process.h"
#include "export/trace_split.h"
#include "limits.h"

/* Cycles that end in the first interval may have begun before it. */
#define LEAD_NS (60 * 1000000000LL)

struct trace {
	struct trace_out out;
	struct trace_split *split;
	struct {
		struct trace_process *items;
		size_t count, capacity;
	} processes;
	uint64_t losses[LOSS_COUNT];
	struct trace_totals totals;
};

int trace_new(FILE *out, const struct trace_options *options, struct trace **ret)
{
	struct trace *trace = calloc(1, sizeof(*trace));
	int error;

	if (!trace)
		return -ENOMEM;
	trace->out.file = out;
	trace->out.origin_unix_ns = UNKNOWN;
	error = trace_split_new(options->grouping, options->top, &trace->split);
	if (error < 0) {
		trace_free(trace);
		return error;
	}
	fputs("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n", out);
	*ret = trace;
	return 0;
}

void trace_free(struct trace *trace)
{
	if (!trace)
		return;
	for (size_t i = 0; i < trace->processes.count; i++)
		trace_process_clear(&trace->processes.items[i]);
	free(trace->processes.items);
	trace_split_free(trace->split);
	free(trace);
}

static int find_process(struct trace *trace, const struct snapshot *snapshot,
			struct trace_process **ret)
{
	size_t count = trace->processes.count;
	int error;

	for (size_t i = 0; i < count; i++)
		if (trace->processes.items[i].pid == snapshot->pid) {
			*ret = &trace->processes.items[i];
			return 0;
		}
	error = VEC_RESERVE(&trace->processes, count + 1, LIMIT_TRACE_PROCESSES);
	if (error == 0)
		error = trace_process_begin(&trace->processes.items[count], &trace->out, snapshot);
	if (error < 0)
		return error;
	trace->processes.count++;
	*ret = &trace->processes.items[count];
	return 0;
}

/* Viewers hold a counter's value until the next one; where nobody looked, a slice says so. */
static void write_gap(struct trace *trace, struct trace_process *process, int64_t begin_ns)
{
	int64_t from_ns = process->time_unix_ns;

	if (from_ns == UNKNOWN || begin_ns - from_ns <= process->cadence.typical_ns / 2)
		return;
	if (trace_process_slice(process, &trace->out, TRACE_GAPS, "\"not observed\"", from_ns,
				begin_ns))
		trace_out_end(&trace->out);
}

static void write_registration(struct trace *trace, const struct trace_process *process,
			       const char *name, const struct snapshot *snapshot, int64_t added)
{
	if (added == UNKNOWN || added <= 0)
		return;
	trace_out_begin(&trace->out, name, 'i', process->pid, TRACE_REGISTRATIONS,
			snapshot->time_unix_ns);
	trace_out_args(&trace->out);
	trace_out_integer(&trace->out, "added", added);
	trace_out_end(&trace->out);
}

/* Why cycles and stops were not seen one by one, whenever that changes. */
static int write_gc_note(struct trace *trace, struct trace_process *process,
			 const struct snapshot *snapshot)
{
	const char *note = snapshot->gc_events.note;
	AUTO_FREE char *text = trace_text(note ? note : "GC events are probed");

	if (!text)
		return -ENOMEM;
	if (process->gc_note ? !strcmp(process->gc_note, text) : !note)
		return 0;
	trace_out_begin(&trace->out, text, 'i', process->pid, TRACE_GAPS, snapshot->time_unix_ns);
	trace_out_args(&trace->out);
	trace_out_end(&trace->out);
	free(process->gc_note);
	process->gc_note = TAKE(text);
	return 0;
}

static int write_snapshot(struct trace *trace, struct trace_process *process,
			  const struct snapshot *snapshot)
{
	int error;

	write_gap(trace, process, cadence_begin(&process->cadence, snapshot));
	error = write_gc_note(trace, process, snapshot);
	if (error < 0)
		return error;
	trace->totals.out_of_order += trace_process_gc(process, &trace->out, &snapshot->gc_events);
	trace->totals.cycles_unseen += snapshot->gc_events.cycles_unseen;
	trace_process_counters(process, &trace->out, snapshot);
	write_registration(trace, process, "\"itabs\"", snapshot, snapshot->types.itabs_added);
	write_registration(trace, process, "\"types made by reflection\"", snapshot,
			   snapshot->types.reflect_types_added);
	return trace_split_add(trace->split, snapshot);
}

int trace_add(struct trace *trace, const struct snapshot *snapshot)
{
	struct trace_process *process;
	int error;

	if (trace->out.origin_unix_ns == UNKNOWN)
		trace->out.origin_unix_ns = snapshot->time_unix_ns - LEAD_NS;
	error = find_process(trace, snapshot, &process);
	if (error < 0)
		return error;
	for (int i = 0; i < LOSS_COUNT; i++)
		trace->losses[i] = snapshot->losses[i];
	if (snapshot->time_unix_ns < trace->out.origin_unix_ns ||
	    (process->time_unix_ns != UNKNOWN && snapshot->time_unix_ns <= process->time_unix_ns)) {
		trace->totals.out_of_order++;
		return 0;
	}
	error = write_snapshot(trace, process, snapshot);
	process->time_unix_ns = snapshot->time_unix_ns;
	return error;
}

static void write_other_data(const struct trace *trace)
{
	FILE *out = trace->out.file;

	fprintf(out,
		"\n],\"otherData\":{\"heaptap\":\"" HEAPTAP_VERSION
		"\",\"origin_unix_ns\":\"%" PRId64 "\",\"left_out_of_order\":\"%" PRIu64
		"\",\"gc_cycles_unseen\":\"%" PRIu64 "\"",
		trace->out.origin_unix_ns == UNKNOWN ? 0 : trace->out.origin_unix_ns,
		trace->totals.out_of_order, trace->totals.cycles_unseen);
	for (int i = 0; i < LOSS_COUNT; i++)
		fprintf(out, ",\"lost_%s\":\"%" PRIu64 "\"", loss_key((enum loss)i),
			trace->losses[i]);
	fputs("}}\n", out);
}

int trace_finish(struct trace *trace, struct trace_totals *ret)
{
	int error;

	for (size_t i = 0; i < trace->processes.count; i++)
		trace_process_finish(&trace->processes.items[i], &trace->out);
	error = trace_split_write(trace->split, &trace->out);
	if (error < 0)
		return error;
	write_other_data(trace);
	trace->totals.events = trace->out.events;
	*ret = trace->totals;
	return 0;
}
