/* What was measured before, for sparklines. */
#ifndef VIEW_HISTORY_H
#define VIEW_HISTORY_H

#include "model/snapshot.h"

/* The oldest falls out. */
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
