/* `heaptap top` on a recording. */
#ifndef CMD_REPLAY_H
#define CMD_REPLAY_H

#include "cmd/settings.h"
#include "view/view.h"

/* Shows a snapshot; a negative errno ends the command, -EPIPE silently. */
typedef int (*replay_printer)(const struct snapshot *snapshot, const struct settings *settings);

/* Prints the snapshot of --at of each process that was there, or (`all`) every one in the range.
 * 0 or a negative errno, reported. */
int replay_print(const struct settings *settings, replay_printer print, bool all);

/* The live screen, moving through time. `options` tells how the first snapshot is shown; `save` is
 * live_source's. */
int replay_live(const struct settings *settings,
		struct view_options (*options)(const struct settings *settings,
					       const struct snapshot *first),
		const char *(*save)(void *context, const struct snapshot *snapshot,
				    enum value value));

#endif
