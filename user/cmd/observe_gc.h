/* The collector's cycles of an interval, as polling sees them. */
#ifndef CMD_OBSERVE_GC_H
#define CMD_OBSERVE_GC_H

#include "model/gc_events.h"
#include "target/counters.h"

/*
 * Puts into `ret`, which is empty, the cycles that ended between two polls, oldest first: the last
 * one with its phases when they still stood in the runtime, of the others what the ring of pauses
 * says; those that fell out of the ring are counted in cycles_unseen only, as the others without
 * phases are. 0 or -ENOMEM, silent.
 */
int gc_events_poll(const struct counters *now, const struct counters *before,
		   struct gc_events *ret);

#endif
