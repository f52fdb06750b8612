/* heaptap check: the gate. Limits on what a process does, judged by intervals, told by exit status.
 */
#include <errno.h>
#include <math.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "cmd/check_baseline.h"
#include "cmd/check_command.h"
#include "cmd/gather.h"
#include "cmd/limit_options.h"
#include "cmd/output_file.h"
#include "cmd/session.h"
#include "cmd/snapshot_source.h"
#include "cmd/status.h"
#include "command.h"

#define DEFAULT_FOR_S	   30
#define COMMAND_INTERVAL_S 0.05

struct check_settings {
	struct settings common;
	struct limits limits;
	bool markdown;
	const char *junit;
	struct baseline_settings baseline;
	size_t runs;
};

#define MEMBER(member) offsetof(struct check_settings, member)

static const struct option_row limit_rows_[] = {
#define ROW(symbol, name, argument, unit, glob, help)                                              \
	{ name, 0, argument, help, MEMBER(limits), parse_limit },
	LIMIT_KINDS(ROW)
#undef ROW
		{ "limits", 0, "FILE",
		  "limits of a file: one on a line, as the options without dashes; # comments",
		  MEMBER(limits), parse_limits_file },
	{ 0 },
};

static const struct option_row check_options[] = {
	{ "baseline", 0, "FILE", "a recording: no growth of totals beyond --max-regression",
	  MEMBER(baseline.file), parse_text },
	{ "max-regression", 0, "PERCENT", "of the baseline (5%)",
	  MEMBER(baseline.regression_percent), parse_percent },
	{ "by", 0, "GROUPING", "with --baseline: also of each site, type, ...", MEMBER(baseline.by),
	  parse_grouping },
	{ "per", 0, "FUNCTION", "with --baseline: per call of it (--cache), not per second",
	  MEMBER(baseline.per), parse_text },
	{ "runs", 0, "N", "run the command so often (1)", MEMBER(runs), parse_count },
	{ "json", 0, NULL, "one JSON object, every number with its kind and interval",
	  MEMBER(common.json), parse_flag },
	{ "markdown", 0, NULL, "for a comment on a change", MEMBER(markdown), parse_flag },
	{ "junit", 0, "FILE", "write JUnit's XML there as well", MEMBER(junit), parse_text },
	{ "output", 'o', "FILE", "write the result there ('-': standard output)",
	  MEMBER(common.output), parse_text },
	{ 0 },
};

static const struct option_row *const tables[] = { target_options,  limit_rows_,    check_options,
						   observe_options, window_options, NULL };

static int write_to(const char *path, const struct check_format *format,
		    const struct check_result *result)
{
	struct output_file output;
	int error = output_open(path, &output);

	return error < 0 ? error : output_close(&output, format->write(output.file, result));
}

static int write_result(const struct check_settings *settings, const struct check_result *result)
{
	const struct check_format *format = settings->common.json ? &check_json
					    : settings->markdown  ? &check_markdown
								  : &check_text;
	int error =
		write_to(settings->common.output ? settings->common.output : "-", format, result);

	if (error == 0 && settings->junit)
		error = write_to(settings->junit, &check_junit, result);
	return error;
}

/* A broken limit is the worst that can be said, and nothing may pass that was not judged. */
static enum status status_of_result(const struct check_result *result)
{
	if (check_count(result, LIMIT_BROKEN))
		return STATUS_LIMIT_BROKEN;
	if (check_count(result, LIMIT_REFUSED))
		return STATUS_REFUSED;
	return result->command_status > 0 ? STATUS_UNOBSERVABLE : STATUS_DONE;
}

static int judge_baseline(struct check_parts *parts)
{
	struct check_part part;
	int error = parts->baseline ? baseline_judge(parts->baseline, &part) : 0;

	return error < 0 || !parts->baseline ? error : check_parts_borrow(parts, &part);
}

static enum status finish(const struct check_settings *settings, struct check_parts *parts,
			  int command_status)
{
	struct check_result result = {
		.command_status = command_status,
		.verbose = settings->common.verbose,
	};
	int error = judge_baseline(parts);

	result.count = parts->count;
	result.parts = parts->items;
	if (error == 0)
		error = write_result(settings, &result);

	return error < 0 ? status_of(error) : status_of_result(&result);
}

static enum status run_recorded(const struct check_settings *settings, struct baseline *baseline)
{
	struct check_parts parts AUTO_PARTS = { .baseline = baseline };
	int error = check_parts_add_recording(&parts, NULL, &settings->common, &settings->limits);

	return error < 0 ? status_of(error) : finish(settings, &parts, -1);
}

static enum status run_command(struct check_settings *settings, struct baseline *baseline)
{
	struct check_parts parts AUTO_PARTS = { .baseline = baseline };
	int status = -1, error;

	error = check_command(&settings->common, settings->runs, &settings->limits, &parts,
			      &status);
	if (error < 0)
		return status_of(error);
	if (parts.count)
		return finish(settings, &parts, status);
	if (status > 0) {
		diag_fail(0, "the command ended with %d before a Go process was seen", status);
		return STATUS_UNOBSERVABLE;
	}
	diag_fail(0, "the command ran no Go process that could be judged");
	return STATUS_REFUSED;
}

static enum status judge_live(struct check_settings *settings, struct session *session,
			      struct baseline *baseline)
{
	CLEANUP(cleanup_evidence) struct evidence *evidence = NULL;
	struct check_parts parts AUTO_PARTS = { .baseline = baseline };
	AUTO_SOURCE struct snapshot_source *source = NULL;
	const char *name;
	int error = snapshot_source_live(session, &settings->common, &source);

	if (error == 0)
		error = gather(source, check_parts_see, &parts, &evidence);
	if (error < 0)
		return status_of(error);
	name = evidence->last.comm ? evidence->last.comm : "?";
	error = check_parts_add(&parts, name, TAKE(evidence), NULL, &settings->limits, false);
	return error < 0 ? status_of(error) : finish(settings, &parts, -1);
}

static enum status run_live(struct check_settings *settings, struct baseline *baseline)
{
	struct session session;
	enum status status;
	int error = session_open(&settings->common, true, true, &session);

	if (error < 0)
		return status_of(error);
	if (isnan(settings->common.for_s))
		settings->common.for_s = DEFAULT_FOR_S;
	status = judge_live(settings, &session, baseline);
	session_close(&session);
	return status;
}

static int check_settings_check(struct check_settings *settings)
{
	if (settings->common.json && settings->markdown)
		return diag_fail(-EINVAL, "one of --json and --markdown");
	if (settings->runs == 0 || (settings->runs > 1 && !settings->common.command))
		return diag_fail(-EINVAL, "--runs: 1 or more, of a command");
	if (!settings->baseline.file && (settings->baseline.by || settings->baseline.per))
		return diag_fail(-EINVAL, "--by and --per go with --baseline");
	if (!settings->limits.count && !settings->baseline.file)
		return diag_fail(-EINVAL, "no limit: a check of nothing would always pass");
	if (isnan(settings->common.interval_s))
		settings->common.interval_s = settings->common.command ? COMMAND_INTERVAL_S : 1;
	return 0;
}

static enum status check_all(struct check_settings *settings)
{
	struct baseline *baseline = NULL;
	enum status status;
	int error = settings->common.output ? output_check(settings->common.output) : 0;

	if (error == 0 && settings->junit)
		error = output_check(settings->junit);
	if (error == 0)
		error = baseline_open(&settings->baseline, &baseline);
	if (error < 0)
		return status_of(error);
	if (settings->common.file)
		status = run_recorded(settings, baseline);
	else if (settings->common.command)
		status = run_command(settings, baseline);
	else
		status = run_live(settings, baseline);
	baseline_close(baseline);
	return status;
}

static enum status check_run(int argc, char **argv)
{
	struct check_settings settings = { .runs = 1, .baseline.regression_percent = 5 };
	enum status status = STATUS_USAGE;

	settings_init(&settings.common);
	settings.common.takes_file = true;
	settings.common.interval_s = NAN; /* depends on what is observed */
	if (settings_parse(&settings.common, argc, argv, tables) == 0 &&
	    check_settings_check(&settings) == 0)
		status = check_all(&settings);
	limits_clear(&settings.limits);
	return status;
}

static void check_help(void)
{
	options_help(stdout, tables);
	printf("\nA limit is broken when the whole 95 %% interval of its number is above it; when "
	       "only the number is, it\nis undecided, which is told and does not fail. GLOB is "
	       "over "
	       "the function that allocates or the type;\nonly * and ? are special. A live process "
	       "is observed for --for, else for %d seconds. A command is\nobserved from its start "
	       "to its exit (every %g ms unless --interval says otherwise), go test's test\n"
	       "binaries one by one; --for ends it. Counts and bytes in use are then those of its "
	       "whole life, up to\nits exit.\n"
	       "\n--baseline compares as 'heaptap diff' does: broken is what has grown for certain "
	       "(p "
	       "< 0.05 after\ncorrection) with the whole interval above the limit.\n"
	       "\nExit status: 0 all limits kept, 1 one is broken, 4 one could not be judged, 3 "
	       "nothing could be\nobserved or the command itself failed, 2 wrong options.\n",
	       DEFAULT_FOR_S, COMMAND_INTERVAL_S * 1000);
}

const struct command command_check = {
	.name = "check",
	.synopsis = "LIMIT... [OPTION...] -p PID | -n NAME | FILE [-p PID] | -- COMMAND ARGS...",
	.summary = "a gate: limits on memory, judged by intervals, for CI",
	.run = check_run,
	.help = check_help,
};
