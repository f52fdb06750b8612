/* heaptap timeline: how memory changes, in the terminal or as trace events. */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "cmd/output_file.h"
#include "cmd/session.h"
#include "cmd/snapshot_source.h"
#include "cmd/status.h"
#include "command.h"
#include "export/trace.h"

#define DEFAULT_TOP 8
#define MOST_TOP    64 /* counters that a viewer can still show together */

static const struct option_row timeline_options[] = {
	{ "output", 'o', "FILE", "write trace events (JSON) for Perfetto; '-' is standard output",
	  offsetof(struct settings, output), parse_text },
	{ "by", 0, "GROUPING", "allocation rates of each type, site, package or generic (type)",
	  offsetof(struct settings, by), parse_grouping },
	{ "top", 0, "N", "so many of them by name in the trace, the rest as 'other' (8)",
	  offsetof(struct settings, top), parse_count },
	{ 0 },
};

static const struct option_row *const tables[] = { target_options, observe_options,
						   timeline_options, NULL };

static void trace_cleanup(struct trace **trace)
{
	trace_free(*trace);
}

static void warn_of_gaps(const struct trace_totals *totals)
{
	if (totals->out_of_order)
		diag_warn("the clock was set back: %" PRIu64
			  " snapshots and events that are no later than those before are left out",
			  totals->out_of_order);
}

/* A source's failure has been reported, the trace's has not: -> *ret_error. */
static int copy_snapshots(struct snapshot_source *source, struct trace *trace, int *ret_error)
{
	const struct snapshot *snapshot;
	int result;

	*ret_error = 0;
	while (*ret_error == 0 && (result = source->next(source, &snapshot)) == 1)
		*ret_error = trace_add(trace, snapshot);
	return *ret_error == 0 ? result : 0;
}

static int write_trace(struct snapshot_source *source, const struct settings *settings)
{
	struct trace_options options = { settings->by, settings->top ? settings->top : DEFAULT_TOP };
	CLEANUP(trace_cleanup) struct trace *trace = NULL;
	struct trace_totals totals = { 0 };
	struct output_file output;
	int error = output_open(settings->output, &output), source_error = 0;

	if (error < 0)
		return error;
	error = trace_new(output.file, &options, &trace);
	if (error == 0)
		source_error = copy_snapshots(source, trace, &error);
	if (error == 0)
		error = trace_finish(trace, &totals);
	error = output_close(&output, error);
	if (error < 0)
		return error;
	warn_of_gaps(&totals);
	diag_note("%" PRIu64 " trace events", totals.events);
	return source_error;
}

static int run_live(const struct settings *settings, struct session *session)
{
	AUTO_SOURCE struct snapshot_source *source = NULL;
	int error = snapshot_source_live(session, settings, &source);

	return error < 0 ? error : write_trace(source, settings);
}

static enum status timeline_run(int argc, char **argv)
{
	struct settings settings;
	struct session session;
	int error;

	settings_init(&settings);
	if (settings_parse(&settings, argc, argv, tables) < 0)
		return STATUS_USAGE;
	if (settings.top > MOST_TOP) {
		diag_fail(-EINVAL, "--top: at most %d", MOST_TOP);
		return STATUS_USAGE;
	}
	if (!settings.output) {
		diag_fail(-EINVAL, "no output: give -o FILE");
		return STATUS_USAGE;
	}
	error = output_check(settings.output);
	if (error == 0)
		error = session_open(&settings, false, true, &session);
	if (error < 0)
		return status_of(error);
	error = run_live(&settings, &session);
	session_close(&session);
	return status_of(error);
}

static void timeline_help(void)
{
	options_help(stdout, tables);
}

const struct command command_timeline = {
	.name = "timeline",
	.synopsis = "[OPTION...] [-o FILE] -p PID | -n NAME | -- COMMAND ARGS...",
	.summary = "how memory changes: tracks over time, or trace events for Perfetto",
	.run = timeline_run,
	.help = timeline_help,
};
