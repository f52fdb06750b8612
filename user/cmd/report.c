/* heaptap report: what is wrong with a process's memory, why, and how sure that is. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "cmd/gather.h"
#include "cmd/output_file.h"
#include "cmd/recorded.h"
#include "cmd/session.h"
#include "cmd/snapshot_source.h"
#include "cmd/status.h"
#include "command.h"
#include "view/report.h"

#define DEFAULT_FOR_S 30

struct report_settings {
	struct settings common;
	bool markdown;
	struct thresholds thresholds;
};

static int parse_share(const char *option, const char *text, void *member)
{
	double *share = member;
	int error = parse_percent(option, text, member);

	*share /= 100;
	return error;
}

#define MEMBER(member) offsetof(struct report_settings, member)

static const struct option_row report_options[] = {
	{ "json", 0, NULL, "one JSON object, every number with its kind and interval",
	  MEMBER(common.json), parse_flag },
	{ "markdown", 0, NULL, "for a ticket", MEMBER(markdown), parse_flag },
	{ "output", 'o', "FILE", "write it there ('-': standard output)", MEMBER(common.output),
	  parse_text },
	{ "metadata-share", 0, "PERCENT", "type metadata of what is allocated is too much (40%)",
	  MEMBER(thresholds.metadata_share), parse_share },
	{ "boxing-share", 0, "PERCENT", "boxing of what is allocated is too much (20%)",
	  MEMBER(thresholds.boxing_share), parse_share },
	{ "gc-share", 0, "PERCENT", "the collector's CPU is too much (25%)",
	  MEMBER(thresholds.gc_cpu_share), parse_share },
	{ 0 },
};

static const struct option_row *const tables[] = { target_options, observe_options, window_options,
						   report_options, NULL };

static int write_verdict(const struct report_settings *settings, const struct evidence *evidence)
{
	struct verdict verdict AUTO_VERDICT = { 0 };
	const struct report_format *format = settings->common.json ? &report_json
					     : settings->markdown  ? &report_markdown
								   : &report_text;
	struct output_file output;
	int error = judge_all(evidence, &settings->thresholds, &verdict);

	if (error < 0)
		return diag_fail(error, "cannot judge what was seen");
	error = output_open(settings->common.output ? settings->common.output : "-", &output);
	if (error < 0)
		return error;
	return output_close(&output, format->write(output.file, evidence, &verdict));
}

/* A recording has seen what was allocated before the part of it that is looked at: that is taken
 * away from the last snapshot, as rates are over the part. */
static int keep_window(struct recording *recording, struct evidence *evidence)
{
	struct snapshot window;
	int result;

	if (evidence->first.interval_s == 0) /* the observation begins with it */
		return 0;
	snapshot_init(&window);
	result = recording_window(recording, evidence->first.time_unix_ns,
				  evidence->last.time_unix_ns, &window);
	if (result < 1)
		return result;
	snapshot_clear(&evidence->last);
	evidence->last = window;
	return 0;
}

/* `recording`: that the source is of; NULL when it is live. */
static int judge_source(const struct report_settings *settings, struct snapshot_source *source,
			struct recording *recording)
{
	CLEANUP(cleanup_evidence) struct evidence *evidence = NULL;
	int error = gather(source, NULL, NULL, &evidence);

	if (error == 0 && !evidence->count)
		error = diag_fail(-ENODATA, "one look is too little to judge");
	if (error == 0 && recording)
		error = keep_window(recording, evidence);
	return error < 0 ? error : write_verdict(settings, evidence);
}

static int run_recorded(const struct report_settings *settings)
{
	CLEANUP(cleanup_recording) struct recording *recording = NULL;
	AUTO_SOURCE struct snapshot_source *source = NULL;
	int error = recorded_open(&settings->common, RECORDED_ONE, &recording);

	if (error == 0)
		error = snapshot_source_recorded(recording, &settings->common, &source);
	return error < 0 ? error : judge_source(settings, source, recording);
}

static int run_live(struct report_settings *settings)
{
	AUTO_SOURCE struct snapshot_source *source = NULL;
	struct session session;
	int error = session_open(&settings->common, true, true, &session);

	if (error < 0)
		return error;
	if (isnan(settings->common.for_s))
		settings->common.for_s = DEFAULT_FOR_S;
	error = snapshot_source_live(&session, &settings->common, &source);
	if (error == 0)
		error = judge_source(settings, source, NULL);
	snapshot_source_close(TAKE(source));
	session_close(&session);
	return error;
}

static enum status report_run(int argc, char **argv)
{
	struct report_settings settings = { .thresholds = thresholds_default };
	int error;

	settings_init(&settings.common);
	settings.common.takes_file = true;
	if (settings_parse(&settings.common, argc, argv, tables) < 0)
		return STATUS_USAGE;
	if (settings.common.json && settings.markdown) {
		diag_fail(-EINVAL, "one of --json and --markdown");
		return STATUS_USAGE;
	}
	error = settings.common.output ? output_check(settings.common.output) : 0;
	if (error == 0)
		error = settings.common.file ? run_recorded(&settings) : run_live(&settings);
	return status_of(error);
}

static void report_help(void)
{
	options_help(stdout, tables);
	printf("\nA live process is observed for --for, else for %d seconds; growth needs at least "
	       "six collections\nto be told from garbage. A rule that finds nothing is listed as "
	       "looked at, one that could not look\nsays why. The exit status says whether the "
	       "report was made, not what it says: for a gate see check.\n",
	       DEFAULT_FOR_S);
}

const struct command command_report = {
	.name = "report",
	.synopsis = "[OPTION...] -p PID | -n NAME | FILE [-p PID] | -- COMMAND ARGS...",
	.summary = "what is wrong, why, and how sure: findings, ranked",
	.run = report_run,
	.help = report_help,
};
