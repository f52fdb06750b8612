/* heaptap flame: the profile as a file, for flame graphs and `go tool pprof`. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "cmd/output_file.h"
#include "cmd/recorded.h"
#include "cmd/session.h"
#include "cmd/status.h"
#include "cmd/write_profile.h"
#include "command.h"

static const struct option_row output_options[] = {
	{ "output", 'o', "FILE", "write here; '-' is standard output",
	  offsetof(struct settings, output), parse_text },
	{ "format", 0, "FORMAT", "else told from FILE's ending", offsetof(struct settings, format),
	  parse_text },
	{ "value", 0, "VALUE", "for formats that show one: alloc_space, inuse_space, ...",
	  offsetof(struct settings, value), parse_value },
	{ 0 },
};

static const struct option_row *const tables[] = { target_options, observe_options, output_options,
						   window_options, NULL };

static const struct exporter *choose_format(const struct settings *settings)
{
	const struct exporter *exporter;

	if (!settings->output) {
		diag_fail(-EINVAL, "no output: give -o FILE");
		return NULL;
	}
	exporter = exporter_find(settings->format, settings->output);
	if (!exporter && settings->format)
		diag_fail(-EINVAL, "no format '%s' (see 'heaptap help flame')", settings->format);
	else if (!exporter)
		diag_fail(-EINVAL,
			  "cannot tell the format from '%s': give --format (see 'heaptap help "
			  "flame')",
			  settings->output);
	return exporter;
}

/*
 * Without --for the totals since the process started, as its own profile would show them. Where
 * those are not known (the sampler is off), and with
 * --for, what was allocated in the window.
 */
static int observe(struct observation *observation, const struct settings *settings,
		   const struct snapshot **ret, bool *ret_from_start)
{
	double window_s = settings->for_s;
	int result = observation_next(observation, ret);

	if (result == 1 && isnan(window_s) && (*ret)->has_total) {
		*ret_from_start = true;
		return 0;
	}
	if (isnan(window_s))
		window_s = settings->interval_s;
	while (result == 1 && (*ret)->elapsed_s + settings->interval_s / 2 < window_s)
		result = observation_next(observation, ret);
	*ret_from_start = false;
	if (result == 1)
		return 0;
	if (!observation_last(observation))
		return diag_fail(result < 0 ? result : -EINVAL, "%s",
				 result < 0 ? observation_end(observation)
					    : "interrupted before there was anything");
	if (result < 0)
		diag_warn("%s; the file holds what was seen until then",
			  observation_end(observation));
	*ret = observation_last(observation);
	return 0;
}

/* A type that could not be told is shown as such in the profile; everything else is missing from
 * it. */
static void warn_of_losses(const struct snapshot *snapshot)
{
	for (int loss = 0; loss < LOSS_COUNT; loss++)
		if (snapshot->losses[loss] && loss != LOSS_TYPE_UNKNOWN)
			diag_warn("the profile is incomplete: %" PRIu64 " %s",
				  snapshot->losses[loss], loss_meaning((enum loss)loss));
}

static int write_snapshot(const struct settings *settings, const struct exporter *exporter,
			  const struct snapshot *snapshot, bool from_start)
{
	struct export_options options = { .from_start = from_start, .title = snapshot->comm };

	options.value = snapshot->has_live ? VALUE_INUSE_SPACE : VALUE_ALLOC_SPACE;
	if (settings->value != VALUE_BY_DATA)
		options.value = (enum value)settings->value;
	if (value_is_inuse(options.value) && !snapshot->has_live)
		return diag_fail(
			-ENOTSUP,
			"what is in use is not known in mode %s: use --value alloc_space, or "
			"--set-sampling-rate where the program's sampler is off",
			mode_name(snapshot->mode));
	if (snapshot->note)
		diag_warn("%s", snapshot->note);
	warn_of_losses(snapshot);
	return write_profile(settings->output, exporter, snapshot, &options);
}

static int flame(const struct settings *settings, const struct exporter *exporter,
		 struct session *session)
{
	const struct snapshot *snapshot;
	bool from_start;
	int error = observe(session->observations[0], settings, &snapshot, &from_start);

	return error < 0 ? error : write_snapshot(settings, exporter, snapshot, from_start);
}

/* What was allocated between two moments of a recording, and what was in use at the second. */
static int flame_recorded(const struct settings *settings, const struct exporter *exporter)
{
	CLEANUP(cleanup_recording) struct recording *recording = NULL;
	struct snapshot window;
	int64_t from_ns, to_ns;
	int result = recorded_open(settings, RECORDED_ONE, &recording);

	if (result == 0)
		result = recorded_range(recording, settings, &from_ns, &to_ns);
	if (result < 0)
		return result;
	snapshot_init(&window);
	result = recording_window(recording, from_ns, to_ns, &window);
	if (result == 0)
		result = recorded_fail_empty(settings, from_ns, to_ns);
	else if (result == 1)
		result = write_snapshot(settings, exporter, &window, false);
	snapshot_clear(&window);
	return result;
}

static enum status flame_run(int argc, char **argv)
{
	const struct exporter *exporter;
	struct settings settings;
	struct session session;
	int error;

	settings_init(&settings);
	settings.takes_file = true;
	if (settings_parse(&settings, argc, argv, tables) < 0)
		return STATUS_USAGE;
	exporter = choose_format(&settings);
	if (!exporter)
		return STATUS_USAGE;
	error = output_check(settings.output);
	if (error == 0 && settings.file)
		return status_of(flame_recorded(&settings, exporter));
	if (error == 0)
		error = session_open(&settings, true, !strcmp(settings.output, "-"), &session);
	if (error < 0)
		return status_of(error);
	error = flame(&settings, exporter, &session);
	session_close(&session);
	return status_of(error);
}

static void flame_help(void)
{
	options_help(stdout, tables);
	printf("\nFormats:\n");
	for (size_t i = 0; exporters[i]; i++)
		printf("  %-12s %-18s %s\n", exporters[i]->name, exporters[i]->suffix,
		       exporters[i]->summary);
}

const struct command command_flame = {
	.name = "flame",
	.synopsis = "[OPTION...] -o FILE -p PID | -n NAME | FILE [-p PID] | -- COMMAND ARGS...",
	.summary = "profile as a file: flame graph, pprof, speedscope",
	.run = flame_run,
	.help = flame_help,
};
