/*
 * What an observation consists of; shared by observation.c, which makes the snapshots, and
 * observation_wait.c, which lets the time between them pass.
 */
#ifndef CMD_OBSERVATION_STATE_H
#define CMD_OBSERVATION_STATE_H

#include "cmd/choice.h"
#include "cmd/observation.h"
#include "cmd/observe_rss.h"
#include "cmd/self_cost.h"
#include "cmd/watch.h"

#define SNAPSHOTS 3

struct observation {
	const struct settings *settings;
	struct target *target;
	struct choice choice;
	struct collect_context context;
	void *watches[WATCHES_MOST]; /* states, NULL: nothing to watch */
	struct self_cost self;
	struct rss_schedule rss;
	struct counters before; /* at the last snapshot */
	struct snapshot
		snapshots[SNAPSHOTS]; /* the last two, and one that waits for the next call */
	int latest;		      /* index of the last snapshot, -1 before the first */
	bool waiting; /* the one after it was made: a collector ended while nobody waited */
	struct observation *const *peers; /* observed in turn with this one, itself among them */
	const size_t *peer_count;
	uint64_t watch_hits[WATCHES_MOST];
	int64_t began_ns, last_ns, turned_ns;
	uint64_t hits, torn;
	const char *end;
	int stop_fd;
	int exit_fd;   /* of observation_watch_exit, -1: none */
	bool saw_exit; /* the last snapshot is that of its exit */
	bool rate_written;
	uint64_t old_rate;
};

/* Until `deadline_ns`, taking turns; as collect_context's. */
int observation_sleep_until(struct observation *observation, int64_t deadline_ns);
/* Lets an interval pass, or less of it when the collector is to be changed after a last snapshot.
 * 0, -EINTR as above, or the collector's error. */
int observation_wait(struct observation *observation);
/* One control period, when it is due: true when it was taken. */
bool observation_take_turn(struct observation *observation);

#endif
