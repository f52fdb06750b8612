/* Where snapshots come from, one after the other: a live observation, a recording. */
#ifndef CMD_SNAPSHOT_SOURCE_H
#define CMD_SNAPSHOT_SOURCE_H

#include "cmd/session.h"
#include "model/snapshot.h"

struct snapshot_source {
	/* 1 with the next snapshot, borrowed until the next call but one; 0 at the end; a negative
	 * errno, reported. */
	int (*next)(struct snapshot_source *source, const struct snapshot **ret);
	void (*close)(struct snapshot_source *source);
};

/* Every process of the session in turn, for settings->for_s seconds (NAN: until the target ends or
 * a signal comes). Borrows both. 0 or -ENOMEM, reported. */
int snapshot_source_live(struct session *session, const struct settings *settings,
			 struct snapshot_source **ret);

/* Those of settings->from to settings->to, of the processes that are selected. Borrows both;
 * strings and stacks live as long as the recording. An empty range and a failure are reported. */
struct recording;
int snapshot_source_recorded(struct recording *recording, const struct settings *settings,
			     struct snapshot_source **ret);

void snapshot_source_close(struct snapshot_source *source); /* NULL is fine */

static inline void snapshot_source_cleanup(struct snapshot_source **source)
{
	snapshot_source_close(*source);
}
#define AUTO_SOURCE CLEANUP(snapshot_source_cleanup)

#endif
