/* The runtime's counters in the snapshot's terms. */
#ifndef CMD_OBSERVE_COUNTERS_H
#define CMD_OBSERVE_COUNTERS_H

#include "model/snapshot.h"
#include "target/counters.h"

/* Fills heap, gc, types, memstats and classes. snapshot->interval_s is set; `before` is NULL in the
 * first snapshot. */
void counters_to_snapshot(const struct counters *now, const struct counters *before,
			  struct snapshot *snapshot);

#endif
