/* The recorded source: a part of a recording, one snapshot after the other. */
#include <errno.h>
#include <stdlib.h>

#include "base/diag.h"
#include "cmd/recorded.h"
#include "cmd/snapshot_source.h"

struct recorded_source {
	struct snapshot_source source;
	struct recording *recording;
	int64_t from_ns, to_ns;
	struct snapshot snapshots[2]; /* the newest, and the one before it */
	int latest;
	bool any;
	const struct settings *settings;
};

/* The clock may have been set back: what is outside is passed over wherever it stands. */
static bool is_inside(const struct recorded_source *recorded, const struct snapshot *snapshot)
{
	return snapshot->time_unix_ns >= recorded->from_ns &&
	       snapshot->time_unix_ns <= recorded->to_ns;
}

static int next_recorded(struct snapshot_source *source, const struct snapshot **ret)
{
	struct recorded_source *recorded = (struct recorded_source *)source;
	struct snapshot *next = &recorded->snapshots[!recorded->latest];
	int result = 1;

	while (result == 1 && !session_interrupted()) {
		result = recording_next(recorded->recording, next);
		if (result < 1 || !is_inside(recorded, next))
			continue;
		recorded->latest = !recorded->latest;
		recorded->any = true;
		*ret = next;
		return 1;
	}
	if (result == 0 && !recorded->any)
		return recorded_fail_empty(recorded->settings, recorded->from_ns, recorded->to_ns);
	return result < 0 ? result : 0;
}

static void close_recorded(struct snapshot_source *source)
{
	struct recorded_source *recorded = (struct recorded_source *)source;

	snapshot_clear(&recorded->snapshots[0]);
	snapshot_clear(&recorded->snapshots[1]);
	free(recorded);
}

int snapshot_source_recorded(struct recording *recording, const struct settings *settings,
			     struct snapshot_source **ret)
{
	int64_t from_ns, to_ns;
	int error = recorded_range(recording, settings, &from_ns, &to_ns);
	struct recorded_source *recorded;

	if (error == 0)
		error = recording_seek(recording, from_ns);
	if (error < 0)
		return error;
	recorded = calloc(1, sizeof(*recorded));
	if (!recorded)
		return diag_fail(-ENOMEM, "cannot read '%s'", settings->file);
	recorded->source = (struct snapshot_source){ next_recorded, close_recorded };
	recorded->recording = recording;
	recorded->settings = settings;
	recorded->from_ns = from_ns;
	recorded->to_ns = to_ns;
	snapshot_init(&recorded->snapshots[0]);
	snapshot_init(&recorded->snapshots[1]);
	*ret = &recorded->source;
	return 0;
}
