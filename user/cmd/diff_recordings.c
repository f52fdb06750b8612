/* Reading two recordings into a comparison, and the differential profile of their windows. */
#include <errno.h>
#include <math.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "cmd/diff.h"
#include "cmd/diff_report.h"
#include "cmd/recorded.h"
#include "cmd/snapshot_source.h"

DEFINE_CLEANUP(cleanup_comparison, struct comparison, comparison_free)

struct recordings {
	struct recording *items[SIDES];
};

static void close_recordings(struct recordings *recordings)
{
	for (int side = 0; side < SIDES; side++)
		recording_close(recordings->items[side]);
}

static int fail_compare(int error, const char *file)
{
	if (error == -E2BIG)
		return diag_fail(-EINVAL,
				 "'%s' has too many rows to compare: choose fewer by --by package "
				 "or a window by --from and --to",
				 file);
	return diag_fail(error, "cannot compare '%s'", file);
}

static int read_side(struct comparison *comparison, int side, const struct settings *settings,
		     struct recording *recording)
{
	AUTO_SOURCE struct snapshot_source *source = NULL;
	const struct snapshot *snapshot;
	int result = snapshot_source_recorded(recording, settings, &source);

	while (result >= 0 && (result = source->next(source, &snapshot)) == 1) {
		result = comparison_add(comparison, side, snapshot);
		if (result < 0)
			return fail_compare(result, settings->file);
	}
	return result;
}

/* Numbers per call of something that was never called would all be unknown. */
static int check_calls(const struct diff_settings *settings, const struct comparison *comparison)
{
	for (int side = 0; side < SIDES; side++) {
		const struct side *read = comparison_side(comparison, side);

		if (!settings->per || read->calls > 0)
			continue;
		return diag_fail(-EINVAL,
				 read->has_calls
					 ? "'%s' has no call of '%s' in its window"
					 : "'%s' has no calls of '%s': record it with --cache",
				 settings->sides[side].file, settings->per);
	}
	return 0;
}

static int read_window(struct recording *recording, const struct settings *settings,
		       struct snapshot *ret)
{
	int64_t from_ns, to_ns;
	int result = recorded_range(recording, settings, &from_ns, &to_ns);

	if (result == 0)
		result = recording_window(recording, from_ns, to_ns, ret);
	if (result == 0)
		return recorded_fail_empty(settings, from_ns, to_ns);
	return result < 0 ? result : 0;
}

static int fail_flame(const struct diff_settings *settings, int side)
{
	return diag_fail(-EINVAL,
			 "the differential profile is of one process: '%s' has several, choose one "
			 "with --%s-pid",
			 settings->sides[side].file, side == BEFORE ? "before" : "after");
}

/* What BEFORE would have allocated in the time, or the calls, of AFTER. What is in use needs no
 * scale. */
static double scale_of(const struct diff_settings *settings, const struct comparison *comparison,
		       enum value value)
{
	const struct side *before = comparison_side(comparison, BEFORE);
	const struct side *after = comparison_side(comparison, AFTER);

	if (value_is_inuse(value))
		return 1;
	return settings->per ? after->calls / before->calls : after->seconds / before->seconds;
}

static void clear_windows(struct snapshot (*windows)[SIDES])
{
	snapshot_clear(&(*windows)[BEFORE]);
	snapshot_clear(&(*windows)[AFTER]);
}

static int write_flame(const struct diff_settings *settings, const struct recordings *recordings,
		       const struct comparison *comparison, enum value value)
{
	CLEANUP(clear_windows) struct snapshot windows[SIDES];
	int error = 0;

	snapshot_init(&windows[BEFORE]);
	snapshot_init(&windows[AFTER]);
	if (!settings->output)
		return 0;
	for (int side = 0; error == 0 && side < SIDES; side++) {
		size_t count;

		recording_processes(recordings->items[side], &count);
		if (count > 1 && !settings->sides[side].pids.count)
			return fail_flame(settings, side);
		error = read_window(recordings->items[side], &settings->sides[side],
				    &windows[side]);
	}
	return error < 0 ? error
			 : diff_write(settings, &windows[BEFORE], &windows[AFTER],
				      scale_of(settings, comparison, value), false, value);
}

int diff_recordings(const struct diff_settings *settings)
{
	CLEANUP(close_recordings) struct recordings recordings = { 0 };
	CLEANUP(cleanup_comparison) struct comparison *comparison = NULL;
	enum value value =
		settings->value == VALUE_BY_DATA ? VALUE_ALLOC_SPACE : (enum value)settings->value;
	int error = comparison_new(diff_grouping(settings), value, settings->per,
				   settings->floor_percent / 100, &comparison);

	if (error < 0)
		return diag_fail(error, "cannot compare");
	for (int side = 0; error == 0 && side < SIDES; side++) {
		error = recorded_open(&settings->sides[side], RECORDED_SINGLE,
				      &recordings.items[side]);
		if (error == 0)
			error = read_side(comparison, side, &settings->sides[side],
					  recordings.items[side]);
	}
	if (error == 0)
		error = check_calls(settings, comparison);
	if (error < 0)
		return error;
	error = comparison_finish(comparison);
	if (error < 0)
		return diag_fail(error, "cannot compare");
	error = write_flame(settings, &recordings, comparison, value);
	return error < 0 ? error : diff_report(settings, comparison, value);
}
