/* heaptap top: who allocates, live on a terminal, as text or as JSON lines otherwise. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/diag.h"
#include "cmd/live.h"
#include "cmd/output_file.h"
#include "cmd/patient_write.h"
#include "cmd/replay.h"
#include "cmd/session.h"
#include "cmd/status.h"
#include "cmd/write_profile.h"
#include "command.h"
#include "view/view.h"

#define DEFAULT_ROWS 20

static const struct option_row *const tables[] = { target_options, observe_options, show_options,
						   replay_options, NULL };

typedef int (*snapshot_printer)(FILE *out, const struct snapshot *snapshot,
				const struct settings *settings);

static struct view_options view_options_of(const struct settings *settings,
					   const struct snapshot *snapshot)
{
	enum value by_data = snapshot && snapshot->has_live ? VALUE_INUSE_SPACE : VALUE_ALLOC_SPACE;

	return (struct view_options){
		.grouping = settings->rows.by,
		.screen = settings->rows.screen,
		.value = settings->value == VALUE_BY_DATA ? by_data : (enum value)settings->value,
		.top = settings->top ? settings->top : DEFAULT_ROWS,
		.filter = settings->filter,
		.colour = !settings->no_colour && !getenv("NO_COLOR"),
	};
}

static int print_text(FILE *out, const struct snapshot *snapshot, const struct settings *settings)
{
	struct view_options options = view_options_of(settings, snapshot);

	return view_text(out, snapshot, &options, output_columns());
}

static int print_json(FILE *out, const struct snapshot *snapshot, const struct settings *settings)
{
	struct view_options options = view_options_of(settings, snapshot);

	return view_json(out, snapshot, &options);
}

/* However long the reader takes, the probes keep within the budget. */
static bool take_turns(void *opaque)
{
	struct session *session = opaque;

	for (size_t i = 0; session && i < session->count; i++)
		observation_turn(session->observations[i]);
	return !session_interrupted();
}

/* A reader that went away (a closed pipe) ends the command without a word. `session` NULL: nothing
 * is observed meanwhile. */
static int print(snapshot_printer printer, const struct snapshot *snapshot,
		 const struct settings *settings, struct session *session)
{
	AUTO_FREE char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	int error = out ? printer(out, snapshot, settings) : -ENOMEM;

	if (out && fclose(out) == EOF && error == 0)
		error = -ENOMEM;
	if (error == 0)
		error = patient_write(STDOUT_FILENO, text, length, take_turns, session);
	if (error < 0 && error != -EPIPE && error != -EINTR)
		diag_fail(error, "cannot write to standard output");
	return error;
}

/* Lets an interval of every process pass, and prints when `show`. -ESRCH: a target went away;
 * -EINTR: we were asked to end. */
static int print_round(struct session *session, const struct settings *settings,
		       snapshot_printer printer, bool show)
{
	for (size_t i = 0; i < session->count; i++) {
		const struct snapshot *snapshot;
		int result = observation_next(session->observations[i], &snapshot);

		if (result <= 0)
			return result < 0 ? result : -EINTR;
		result = show ? print(printer, snapshot, settings, session) : 0;
		if (result < 0)
			return result;
	}
	return 0;
}

/* The target went away: the data so far, and why there will be no more. */
static int print_end(struct session *session, const struct settings *settings,
		     snapshot_printer printer, bool shown)
{
	for (size_t i = 0; i < session->count; i++) {
		const struct observation *observation = session->observations[i];
		const struct snapshot *last = observation_last(observation);
		const char *end = observation_end(observation);
		int error = !shown && last ? print(printer, last, settings, session) : 0;

		if (error < 0)
			return error;
		if (end && !last)
			return diag_fail(-ESRCH, "%s before anything was seen", end);
		if (end)
			diag_warn("%s", end);
	}
	return 0;
}

/*
 * Text is printed once, after one interval or after --for; JSON after each interval. The first
 * snapshot, taken at once, begins the observation and is printed only when no interval was asked
 * for.
 */
static int run_printed(const struct settings *settings, struct session *session)
{
	snapshot_printer printer = settings->json ? print_json : print_text;
	bool stream = settings->json && !settings->once, shown = false;
	double end = isnan(settings->for_s)
			     ? (stream ? INFINITY : 0)
			     : (double)clock_ns(CLOCK_MONOTONIC) * 1e-9 + settings->for_s;
	int error = print_round(session, settings, printer, settings->interval_s == 0);

	if (error == 0 && settings->interval_s == 0)
		return 0;
	while (error == 0 && !session_interrupted()) {
		bool last =
			(double)clock_ns(CLOCK_MONOTONIC) * 1e-9 + settings->interval_s * 1.5 > end;

		error = print_round(session, settings, printer, stream || last);
		if (error == 0) {
			shown |= stream || last;
			if (last)
				return 0;
		}
	}
	if (error == 0 || error == -ESRCH || error == -EINTR)
		error = print_end(session, settings, printer, shown);
	return error == -EPIPE || error == -EINTR ? 0 : error;
}

static const char *save_screen(void *context, const struct snapshot *snapshot, enum value value)
{
	static char name[96];
	const struct exporter *exporter = exporter_find("html", NULL);
	struct export_options options = {
		.value = value,
		.from_start = snapshot->has_total,
		.title = snapshot->comm,
	};
	time_t now = time(NULL);
	struct tm local;
	char stamp[32];

	(void)context;
	if (!exporter)
		return NULL;
	strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", localtime_r(&now, &local));
	snprintf(name, sizeof(name), "heaptap-%d-%s.html", snapshot->pid, stamp);
	return write_profile(name, exporter, snapshot, &options) < 0 ? NULL : name;
}

static int run_live(const struct settings *settings, struct session *session)
{
	struct observation *observation = session->observations[0];
	const struct snapshot *first;
	struct view_options options;
	struct live_source source = { .poll = live_poll, .save = save_screen };
	struct live *live;
	int error = observation_next(observation, &first);

	if (error < 0)
		return diag_fail(error, "%s", observation_end(observation));
	if (error == 0)
		return 0;
	options = view_options_of(settings, first);
	options.top = settings->top;
	error = live_start(observation, &live);
	if (error < 0)
		return error;
	source.context = live;
	error = view_live(&source, &options);
	live_stop(live);
	return error;
}

static int print_recorded(const struct snapshot *snapshot, const struct settings *settings)
{
	return print(settings->json ? print_json : print_text, snapshot, settings, NULL);
}

static enum status show_recording(const struct settings *settings, bool live)
{
	int error =
		live ? replay_live(settings, view_options_of, save_screen)
		     : replay_print(settings, print_recorded, settings->json && !settings->once);

	return status_of(error);
}

static enum status top_run(int argc, char **argv)
{
	struct settings settings;
	struct session session;
	bool live;
	int error;

	settings_init(&settings);
	settings.takes_file = true;
	if (settings_parse(&settings, argc, argv, tables) < 0)
		return STATUS_USAGE;
	if (settings.filter) {
		struct view_filter *filter;

		if (view_filter_new(settings.filter, &filter) < 0)
			return STATUS_USAGE;
		view_filter_free(filter);
	}
	live = !settings.json && !settings.once && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	if (settings.file)
		return show_recording(&settings, live);
	error = session_open(&settings, live, live, &session);
	if (error < 0)
		return status_of(error);
	error = live ? run_live(&settings, &session) : run_printed(&settings, &session);
	session_close(&session);
	return status_of(error);
}

static void top_help(void)
{
	options_help(stdout, tables);
	printf("\nWith -- COMMAND heaptap starts the program and ends it when it ends itself; "
	       "while the live "
	       "screen is up,\nthe program's output is hidden. With FILE, a recording, the screen "
	       "moves through time with [ and ];\nwithout a terminal it is the table at --at, "
	       "or, with --json, a line per recorded interval.\n");
}

const struct command command_top = {
	.name = "top",
	.synopsis = "[OPTION...] -p PID | -n NAME | FILE [-p PID] | -- COMMAND ARGS...",
	.summary = "live table of who allocates; text or --json when not on a terminal",
	.run = top_run,
	.help = top_help,
};
