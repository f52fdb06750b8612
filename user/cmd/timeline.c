/* heaptap timeline: how memory changes, on a terminal, as text, or as trace events. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "cmd/live.h"
#include "cmd/output_file.h"
#include "cmd/recorded.h"
#include "cmd/session.h"
#include "cmd/snapshot_source.h"
#include "cmd/status.h"
#include "command.h"
#include "export/trace.h"
#include "view/view.h"

#define DEFAULT_TOP    8
#define MOST_TOP       64 /* counters that a viewer can still show together */
#define TEXT_INTERVALS 10

static const struct option_row timeline_options[] = {
	{ "output", 'o', "FILE", "write trace events (JSON) for Perfetto; '-' is standard output",
	  offsetof(struct settings, output), parse_text },
	{ "by", 0, "GROUPING", "allocation rates of each type, site, package or generic (type)",
	  offsetof(struct settings, rows.by), parse_grouping },
	{ "top", 0, "N", "so many of them by name in the trace, the rest as 'other' (8)",
	  offsetof(struct settings, top), parse_count },
	{ "no-color", 0, NULL, "no colours, as with NO_COLOR set",
	  offsetof(struct settings, no_colour), parse_flag },
	{ 0 },
};

static const struct option_row *const tables[] = { target_options, observe_options, window_options,
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
	struct trace_options options = { settings->rows.by,
					 settings->top ? settings->top : DEFAULT_TOP };
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

static void series_cleanup(struct series **series)
{
	series_free(*series);
}

static struct view_options view_options_of(const struct settings *settings)
{
	return (struct view_options){
		.grouping = settings->rows.by,
		.value = VALUE_ALLOC_SPACE,
		.colour = !settings->no_colour && !getenv("NO_COLOR"),
		.timeline = true,
	};
}

/* All but the last snapshot, which is the head's as well: a copy, as it does not outlive its
 * source's next ones. */
static int fill_series(struct snapshot_source *source, struct series *series,
		       struct snapshot *ret_last)
{
	const struct snapshot *snapshot;
	bool any = false;
	int result;

	while ((result = source->next(source, &snapshot)) == 1) {
		if ((any && series_add(series, ret_last) < 0) ||
		    snapshot_copy(snapshot, ret_last) < 0)
			return diag_fail(-ENOMEM, "cannot keep the timeline");
		any = true;
	}
	if (result == 0 && !any)
		return diag_fail(-EINTR, "interrupted before there was anything");
	return result;
}

static int print_text(struct snapshot_source *source, const struct settings *settings)
{
	CLEANUP(series_cleanup) struct series *series = NULL;
	CLEANUP(snapshot_clear) struct snapshot last;
	struct view_options options = view_options_of(settings);
	struct output_file output;
	int error = series_new(LIMIT_SERIES_POINTS, &series);

	snapshot_init(&last);
	if (error < 0)
		return diag_fail(error, "cannot keep the timeline");
	error = fill_series(source, series, &last);
	if (error < 0)
		return error;
	if (series_add(series, &last) < 0)
		return diag_fail(-ENOMEM, "cannot keep the timeline");
	error = output_open("-", &output);
	if (error < 0)
		return error;
	return output_close(&output, view_timeline_text(output.file, &last, series, &options, 0));
}

/* A recording's last snapshot, once. */
static int poll_last(void *context, int timeout_ms, const struct snapshot **ret,
		     const char **ret_end)
{
	const struct snapshot **last = context;

	(void)timeout_ms;
	(void)ret_end;
	if (!*last)
		return 0;
	*ret = *last;
	*last = NULL;
	return 1;
}

static int show_recorded(struct snapshot_source *source, const struct settings *settings)
{
	CLEANUP(series_cleanup) struct series *series = NULL;
	CLEANUP(snapshot_clear) struct snapshot last;
	const struct snapshot *posted = &last;
	struct live_source screen = { .poll = poll_last, .context = &posted, .recorded = true };
	struct view_options options = view_options_of(settings);
	int error = series_new(LIMIT_SERIES_POINTS, &series);

	snapshot_init(&last);
	if (error < 0)
		return diag_fail(error, "cannot keep the timeline");
	error = fill_series(source, series, &last);
	if (error < 0)
		return error;
	options.series = series;
	return view_live(&screen, &options);
}

static int run_recorded(const struct settings *settings, bool screen)
{
	CLEANUP(cleanup_recording) struct recording *recording = NULL;
	AUTO_SOURCE struct snapshot_source *source = NULL;
	int error = recorded_open(settings, settings->output ? RECORDED_ALL : RECORDED_SINGLE,
				  &recording);

	if (error == 0)
		error = snapshot_source_recorded(recording, settings, &source);
	if (error < 0)
		return error;
	if (settings->output)
		return write_trace(source, settings);
	return screen ? show_recorded(source, settings) : print_text(source, settings);
}

static int show_screen(const struct settings *settings, struct observation *observation)
{
	struct view_options options = view_options_of(settings);
	struct live_source source = { .poll = live_poll };
	struct live *live;
	int error = live_start(observation, &live);

	if (error < 0)
		return error;
	source.context = live;
	error = view_live(&source, &options);
	live_stop(live);
	return error;
}

static int write_or_print(const struct settings *settings, struct session *session)
{
	AUTO_SOURCE struct snapshot_source *source = NULL;
	int error = snapshot_source_live(session, settings, &source);

	if (error < 0)
		return error;
	return settings->output ? write_trace(source, settings) : print_text(source, settings);
}

static int run(struct settings *settings)
{
	bool screen = !settings->output && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	struct session session;
	int error = settings->output ? output_check(settings->output) : 0;

	if (error == 0 && settings->file)
		return run_recorded(settings, screen);
	if (error == 0)
		error = session_open(settings, !settings->output, true, &session);
	if (error < 0)
		return error;
	if (!settings->output && !screen && isnan(settings->for_s))
		settings->for_s = TEXT_INTERVALS * settings->interval_s;
	error = screen ? show_screen(settings, session.observations[0])
		       : write_or_print(settings, &session);
	session_close(&session);
	return error;
}

static enum status timeline_run(int argc, char **argv)
{
	struct settings settings;

	settings_init(&settings);
	settings.takes_file = true;
	if (settings_parse(&settings, argc, argv, tables) < 0)
		return STATUS_USAGE;
	if (settings.top > MOST_TOP) {
		diag_fail(-EINVAL, "--top: at most %d", MOST_TOP);
		return STATUS_USAGE;
	}
	return status_of(run(&settings));
}

static void timeline_help(void)
{
	options_help(stdout, tables);
	printf("\nOn a terminal the tracks are live: + and - change what a column stands for, the "
	       "arrows move through\ntime, ? lists the keys. Elsewhere they are printed as text, "
	       "once, after --for or else after %d intervals.\n"
	       "With -o, trace events are written until ^C, --for or the end of the target; open "
	       "them in ui.perfetto.dev\nor chrome://tracing. The types (or sites, --by) that get "
	       "a "
	       "counter of their own are those that allocated most\nover the whole time.\n",
	       TEXT_INTERVALS);
}

const struct command command_timeline = {
	.name = "timeline",
	.synopsis = "[OPTION...] [-o OUT] -p PID | -n NAME | FILE [-p PID] | -- COMMAND ARGS...",
	.summary = "how memory changes: tracks over time, or trace events for Perfetto",
	.run = timeline_run,
	.help = timeline_help,
};
