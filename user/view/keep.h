/* The view's own copy of a snapshot: the source's is valid only until it is asked again. */
#ifndef VIEW_KEEP_H
#define VIEW_KEEP_H

#include "model/snapshot.h"

/* Replaces *kept (initialised with snapshot_init) by a copy; strings and stacks stay borrowed, they
 * live as long as the observation. 0 or -ENOMEM with *kept unchanged, silent. */
int keep_snapshot(const struct snapshot *snapshot, struct snapshot *kept);

/* What was measured before, for sparklines; the oldest falls out. */
#define HISTORY_LENGTH 240
struct history {
	size_t count;
	double inuse_bytes[HISTORY_LENGTH]; /* oldest first */
	int64_t time_unix_ns[HISTORY_LENGTH];
};
void history_add(struct history *history, const struct snapshot *snapshot);
/* The values up to that time. */
size_t history_until(const struct history *history, int64_t time_unix_ns);

#endif
