/* The resident memory of a snapshot, and how often that is worth its price. */
#ifndef CMD_OBSERVE_RSS_H
#define CMD_OBSERVE_RSS_H

#include "model/snapshot.h"
#include "target/target.h"

/* Zero-initialised: nothing was read yet. */
struct rss_schedule {
	int64_t next_ns; /* CLOCK_MONOTONIC: not before */
};

/* Fills snapshot->rss, whose memstats are filled: total_bytes always, the parts when their time has
 * come. */
void observe_rss(struct rss_schedule *schedule, struct target *target, struct snapshot *snapshot);

#endif
