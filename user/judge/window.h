/*
 * A window of a recording begins in the middle of an observation: what its sites had allocated by
 * then is none of the window's.
 */
#ifndef JUDGE_WINDOW_H
#define JUDGE_WINDOW_H

#include "model/snapshot.h"

struct window;

/* The window that `first` opens. *ret is NULL when that is an observation's own first snapshot
 * (interval_s 0), from which `begun` counts already. 0 or -ENOMEM, silent. */
int window_new(const struct snapshot *first, struct window **ret);
void window_free(struct window *window);

/* Takes what was allocated before the window off the `begun` of the snapshot's records, and makes
 * the shares of type metadata those of what is left. NULL: nothing. */
void window_apply(const struct window *window, struct snapshot *snapshot);

#endif
