/* The status head: what is observed, at what cost, and how heap, RSS and GC are doing. */
#ifndef VIEW_HEAD_H
#define VIEW_HEAD_H

#include "model/snapshot.h"
#include "view/canvas.h"

struct head {
	const struct snapshot *snapshot;
	const struct rss *parts;   /* of the resident memory, when they were last known */
	const double *inuse_bytes; /* over time, the newest last; NaN where not known */
	size_t inuse_count;
	const char *state; /* "paused", ... or "" */
};

#define HEAD_LINES 8 /* at most */

/* Draws from `row` on at most `lines` lines, leaving out the least important ones; returns how many
 * were drawn. */
int head_draw(const struct head *head, struct canvas *canvas, int row, int lines);

#endif
