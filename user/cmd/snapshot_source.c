/* The live source: observations in turn, until each has ended or the time is over. */
#include "cmd/snapshot_source.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/diag.h"

struct live_source {
	struct snapshot_source source;
	struct session *session;
	const struct settings *settings;
	size_t turn, ended;
	bool has_ended[LIMIT_TARGETS];
};

static bool is_over(const struct live_source *live, const struct snapshot *last)
{
	const struct settings *settings = live->settings;

	return last && !isnan(settings->for_s) &&
	       last->elapsed_s + settings->interval_s / 2 >= settings->for_s;
}

/* The end of a target is the end of its data, and no failure unless there were none. */
static int end_one(struct live_source *live, size_t index, int error)
{
	struct observation *observation = live->session->observations[index];

	if (!observation_last(observation))
		return diag_fail(error, "%s before anything was seen",
				 observation_end(observation));
	diag_warn("%s", observation_end(observation));
	live->has_ended[index] = true;
	live->ended++;
	return 0;
}

static int next_live(struct snapshot_source *source, const struct snapshot **ret)
{
	struct live_source *live = (struct live_source *)source;

	while (live->ended < live->session->count && !session_interrupted()) {
		size_t index = live->turn++ % live->session->count;
		struct observation *observation = live->session->observations[index];
		int result;

		if (live->has_ended[index])
			continue;
		if (is_over(live, observation_last(observation))) {
			live->has_ended[index] = true;
			live->ended++;
			continue;
		}
		result = observation_next(observation, ret);
		if (result >= 0)
			return result;
		result = end_one(live, index, result);
		if (result < 0)
			return result;
	}
	return 0;
}

static void close_live(struct snapshot_source *source)
{
	free(source);
}

int snapshot_source_live(struct session *session, const struct settings *settings,
			 struct snapshot_source **ret)
{
	struct live_source *live = calloc(1, sizeof(*live));

	if (!live)
		return diag_fail(-ENOMEM, "cannot observe");
	live->source = (struct snapshot_source){ next_live, close_live };
	live->session = session;
	live->settings = settings;
	*ret = &live->source;
	return 0;
}

void snapshot_source_close(struct snapshot_source *source)
{
	if (source)
		source->close(source);
}
