/* One process in a trace: its names, and slices that never overlap on a track. */
#include "export/trace_process.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "model/metric.h"

static const char *const track_names[TRACE_TRACK_COUNT] = {
#define NAME(symbol, name) [TRACE_##symbol] = "\"" name "\"",
	TRACE_TRACKS(NAME)
#undef NAME
};

static void name_tracks(struct trace_out *out, int32_t pid)
{
	for (int track = 1; track < TRACE_TRACK_COUNT; track++) {
		trace_out_name(out, "\"thread_name\"", pid, track, track_names[track]);
		trace_out_begin(out, "\"thread_sort_index\"", 'M', pid, track, -1);
		trace_out_args(out);
		trace_out_integer(out, "sort_index", track);
		trace_out_end(out);
	}
}

int trace_process_begin(struct trace_process *process, struct trace_out *out,
			const struct snapshot *snapshot)
{
	AUTO_FREE char *name = trace_text(snapshot->comm ? snapshot->comm : "?");
	AUTO_FREE double *written = calloc(metric_count(), sizeof(*written));
	AUTO_FREE int64_t *seen_ns = calloc(metric_count(), sizeof(*seen_ns));
	AUTO_FREE int64_t *written_ns = calloc(metric_count(), sizeof(*written_ns));

	if (!name || !written || !seen_ns || !written_ns)
		return -ENOMEM;
	*process = (struct trace_process){ .pid = snapshot->pid, .time_unix_ns = UNKNOWN };
	rss_init(&process->rss);
	for (size_t i = 0; i < metric_count(); i++)
		written[i] = NAN;
	process->written = TAKE(written);
	process->seen_ns = TAKE(seen_ns);
	process->written_ns = TAKE(written_ns);
	trace_out_name(out, "\"process_name\"", process->pid, -1, name);
	name_tracks(out, process->pid);
	return 0;
}

void trace_process_clear(struct trace_process *process)
{
	free(process->written);
	free(process->seen_ns);
	free(process->written_ns);
	free(process->gc_note);
	process->written = NULL;
	process->seen_ns = process->written_ns = NULL;
	process->gc_note = NULL;
}

bool trace_process_slice(struct trace_process *process, struct trace_out *out,
			 enum trace_track track, const char *name, int64_t begin_ns, int64_t end_ns)
{
	int64_t *track_end_ns = &process->track_end_ns[track];

	if (end_ns < *track_end_ns || end_ns < begin_ns || begin_ns < out->origin_unix_ns)
		return false;
	if (begin_ns < *track_end_ns)
		begin_ns = *track_end_ns;
	*track_end_ns = end_ns;
	trace_out_begin(out, name, 'X', process->pid, track, begin_ns);
	trace_out_duration(out, end_ns - begin_ns);
	trace_out_args(out);
	return true;
}

static bool was_written(struct trace_process *process, size_t metric, double value)
{
	if (process->written[metric] == value)
		return true;
	process->written[metric] = value;
	return false;
}

/* The program's own totals would only rise, and MemStats says much twice. */
static bool is_counter(const struct metric *metric)
{
	bool is_part = metric->offset >= offsetof(struct snapshot, rss.parts) &&
		       metric->offset < offsetof(struct snapshot, rss.parts[RSS_PART_COUNT]);
	bool is_memstats =
		metric->offset >= offsetof(struct snapshot, memstats) &&
		metric->offset < offsetof(struct snapshot, memstats) + sizeof(struct memstats);

	return metric->kind != METRIC_COUNTER && !is_part && !is_memstats;
}

static void write_value(struct trace_process *process, struct trace_out *out, size_t index,
			int64_t value, double real)
{
	const struct metric *metric = &metrics[index];
	char name[96];

	snprintf(name, sizeof(name), "\"%s\"", metric->name);
	trace_out_begin(out, name, 'C', process->pid, -1, process->seen_ns[index]);
	trace_out_args(out);
	if (metric->real)
		trace_out_real(out, metric->unit, real);
	else
		trace_out_integer(out, metric->unit, value);
	trace_out_end(out);
	process->written_ns[index] = process->seen_ns[index];
}

static void write_metric(struct trace_process *process, struct trace_out *out,
			 const struct snapshot *snapshot, size_t index)
{
	const struct metric *metric = &metrics[index];
	double value = metric_value(metric, snapshot);

	if (!isfinite(value))
		return;
	process->seen_ns[index] = snapshot->time_unix_ns;
	if (!was_written(process, index, value))
		write_value(process, out, index,
			    metric->real ? 0 : metric_integer(metric, snapshot), value);
}

void trace_process_finish(struct trace_process *process, struct trace_out *out)
{
	for (size_t i = 0; i < metric_count(); i++)
		if (process->seen_ns[i] > process->written_ns[i])
			write_value(process, out, i, llround(process->written[i]),
				    process->written[i]);
}

/* As one counter with the parts as its series, which viewers stack. */
static void write_parts(struct trace_process *process, struct trace_out *out,
			const struct snapshot *snapshot)
{
	const struct rss *rss = &snapshot->rss;
	bool changed = false;

	for (int part = 0; part < RSS_PART_COUNT; part++)
		changed |= rss->parts[part] != process->rss.parts[part];
	if (!changed || rss->parts[0] == UNKNOWN)
		return;
	process->rss = *rss;
	trace_out_begin(out, "\"rss_parts_bytes\"", 'C', process->pid, -1, snapshot->time_unix_ns);
	trace_out_args(out);
	for (int part = 0; part < RSS_PART_COUNT; part++)
		trace_out_integer(out, rss_part_key((enum rss_part)part), rss->parts[part]);
	trace_out_end(out);
}

void trace_process_counters(struct trace_process *process, struct trace_out *out,
			    const struct snapshot *snapshot)
{
	for (size_t i = 0; i < metric_count(); i++)
		if (is_counter(&metrics[i]))
			write_metric(process, out, snapshot, i);
	write_parts(process, out, snapshot);
}
