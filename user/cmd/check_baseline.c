/* A comparison whose one side is a file and whose other is being observed. */
#include "cmd/check_baseline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "cmd/recorded.h"
#include "cmd/snapshot_source.h"
#include "judge/regression.h"

/* Below the limit nobody asked, but a change of less than this means nothing (heaptap diff). */
#define FLOOR 0.01

struct baseline {
	const struct baseline_settings *settings;
	struct recording *recording;
	struct comparison *comparison;
	struct judged *judged;
	size_t judged_count;
};

void baseline_close(struct baseline *baseline)
{
	if (!baseline)
		return;
	for (size_t i = 0; i < baseline->judged_count; i++)
		judged_clear(&baseline->judged[i]);
	free(baseline->judged);
	comparison_free(baseline->comparison);
	recording_close(baseline->recording);
	free(baseline);
}
DEFINE_CLEANUP(cleanup_baseline, struct baseline, baseline_close)

static int add(struct baseline *baseline, int side, const struct snapshot *snapshot)
{
	int error = comparison_add(baseline->comparison, side, snapshot);

	if (error == -E2BIG)
		return diag_fail(-EINVAL,
				 "there are too many rows to compare with '%s': choose "
				 "fewer by --by package",
				 baseline->settings->file);
	return error < 0 ? diag_fail(error, "cannot compare with '%s'", baseline->settings->file)
			 : 0;
}

static int read_file(struct baseline *baseline)
{
	AUTO_SOURCE struct snapshot_source *source = NULL;
	const struct snapshot *snapshot;
	struct settings settings;
	int result;

	settings_init(&settings);
	settings.file = baseline->settings->file;
	result = recorded_open(&settings, RECORDED_SINGLE, &baseline->recording);
	if (result == 0)
		result = snapshot_source_recorded(baseline->recording, &settings, &source);
	while (result >= 0 && (result = source->next(source, &snapshot)) == 1)
		result = add(baseline, BEFORE, snapshot);
	return result;
}

int baseline_open(const struct baseline_settings *settings, struct baseline **ret)
{
	CLEANUP(cleanup_baseline) struct baseline *baseline = NULL;
	const struct grouping *by = settings->by ? settings->by : grouping_find("site");
	int error;

	if (!settings->file)
		return 0;
	baseline = calloc(1, sizeof(*baseline));
	if (!baseline)
		return diag_fail(-ENOMEM, "cannot compare");
	baseline->settings = settings;
	error = comparison_new(by, VALUE_ALLOC_SPACE, settings->per, FLOOR, &baseline->comparison);
	if (error < 0)
		return diag_fail(error, "cannot compare");
	error = read_file(baseline);
	if (error == 0)
		*ret = TAKE(baseline);
	return error;
}

int baseline_add(struct baseline *baseline, const struct snapshot *snapshot)
{
	return baseline ? add(baseline, AFTER, snapshot) : 0;
}

static void tell_difference(const char *what, const char *before, const char *after)
{
	if (before && after && strcmp(before, after) != 0)
		diag_warn("the baseline is of another %s: '%s', not '%s'", what, before, after);
}

static int check_calls(const struct baseline *baseline)
{
	for (int side = 0; side < SIDES; side++)
		if (baseline->settings->per &&
		    !(comparison_side(baseline->comparison, side)->calls > 0))
			return diag_fail(-EINVAL,
					 "%s has no calls of '%s': observe it with --cache",
					 side == BEFORE ? "the baseline" : "what is checked",
					 baseline->settings->per);
	return 0;
}

int baseline_judge(struct baseline *baseline, struct check_part *ret)
{
	const struct baseline_settings *settings = baseline->settings;
	const struct side *before = comparison_side(baseline->comparison, BEFORE);
	const struct side *after = comparison_side(baseline->comparison, AFTER);
	int error = check_calls(baseline);

	if (error < 0)
		return error;
	tell_difference("program", before->comm, after->comm);
	tell_difference("Go version", before->go_version, after->go_version);
	error = comparison_finish(baseline->comparison);
	if (error == 0)
		error = regression_judge(baseline->comparison, settings->regression_percent / 100,
					 settings->by != NULL, &baseline->judged,
					 &baseline->judged_count);
	if (error < 0)
		return diag_fail(error, "cannot compare with '%s'", settings->file);
	*ret = (struct check_part){ .name = "growth since the baseline",
				    .count = baseline->judged_count,
				    .judged = baseline->judged };
	return 0;
}
