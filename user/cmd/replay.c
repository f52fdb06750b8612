/* Replaying: snapshots out of a file in the place of those of an observation. */
#include "cmd/replay.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "cmd/recorded.h"
#include "cmd/snapshot_source.h"

static void clear_snapshot(struct snapshot *snapshot)
{
	snapshot_clear(snapshot);
}

static int print_range(struct recording *recording, const struct settings *settings,
		       replay_printer print)
{
	AUTO_SOURCE struct snapshot_source *source = NULL;
	const struct snapshot *snapshot;
	int result = snapshot_source_recorded(recording, settings, &source);

	while (result >= 0 && (result = source->next(source, &snapshot)) == 1)
		result = print(snapshot, settings);
	return result;
}

static int print_next(struct recording *recording, const struct settings *settings,
		      replay_printer print)
{
	CLEANUP(clear_snapshot) struct snapshot snapshot;
	int result;

	snapshot_init(&snapshot);
	result = recording_next(recording, &snapshot);
	return result < 1 ? result : print(&snapshot, settings);
}

/* Those processes of which there are snapshots before and after the moment. */
static int print_each(struct recording *recording, const struct settings *settings,
		      replay_printer print, int64_t at_ns)
{
	const struct recorded_process *processes;
	size_t count;
	int error = 0;

	processes = recording_processes(recording, &count);
	for (size_t i = 0; i < count && error == 0; i++) {
		if (processes[i].first_unix_ns > at_ns || processes[i].last_unix_ns < at_ns)
			continue;
		recording_select(recording, processes[i].id);
		error = recording_seek_back(recording, at_ns);
		if (error == 0)
			error = print_next(recording, settings, print);
	}
	return error;
}

static int print_moment(struct recording *recording, const struct settings *settings,
			replay_printer print)
{
	int64_t first_ns, last_ns;
	int error = recording_span(recording, &first_ns, &last_ns);

	if (error == 0)
		error = recorded_seek(recording, settings);
	if (error < 0)
		return error;
	if (recorded_only(recording, settings))
		return print_next(recording, settings, print);
	return print_each(recording, settings, print,
			  moment_ns(&settings->at, first_ns, last_ns, last_ns));
}

int replay_print(const struct settings *settings, replay_printer print, bool all)
{
	CLEANUP(cleanup_recording) struct recording *recording = NULL;
	int error = recorded_open(settings, RECORDED_ALL, &recording);

	if (error == 0)
		error = all ? print_range(recording, settings, print)
			    : print_moment(recording, settings, print);
	return error == -EPIPE ? 0 : error;
}

struct replay {
	struct recording *recording;
	struct snapshot snapshot;
	bool fresh; /* not shown yet */
};

static int take_next(struct replay *replay)
{
	int result = recording_next(replay->recording, &replay->snapshot);

	replay->fresh = result == 1;
	return result < 0 ? result : result == 1 ? 0 : -ENODATA;
}

/* As far as there is something. */
static int move(void *context, int steps)
{
	struct replay *replay = context;
	int error = recording_step(replay->recording, steps);

	if (error == -ENODATA)
		error = steps < 0 ? recording_seek(replay->recording, INT64_MIN)
				  : recording_seek_back(replay->recording, INT64_MAX);
	return error < 0 ? error : take_next(replay);
}

static int poll_replay(void *context, int timeout_ms, const struct snapshot **ret,
		       const char **ret_end)
{
	struct replay *replay = context;

	(void)timeout_ms;
	(void)ret_end;
	if (!replay->fresh)
		return 0;
	replay->fresh = false;
	*ret = &replay->snapshot;
	return 1;
}

int replay_live(const struct settings *settings,
		struct view_options (*options)(const struct settings *settings,
					       const struct snapshot *first),
		const char *(*save)(void *context, const struct snapshot *snapshot,
				    enum value value))
{
	CLEANUP(cleanup_recording) struct recording *recording = NULL;
	struct live_source source = {
		.poll = poll_replay, .save = save, .move = move, .recorded = true
	};
	struct view_options chosen;
	struct replay replay = { 0 };
	int error = recorded_open(settings, RECORDED_SINGLE, &recording);

	snapshot_init(&replay.snapshot);
	replay.recording = recording;
	if (error == 0)
		error = recorded_seek(recording, settings);
	if (error == 0)
		error = take_next(&replay);
	if (error == 0) {
		source.context = &replay;
		chosen = options(settings, &replay.snapshot);
		chosen.top = settings->top;
		error = view_live(&source, &chosen);
	}
	snapshot_clear(&replay.snapshot);
	return error;
}
