/*
 * What the watches with probes of their own have in common: they attach once, leave when they are
 * too dear and come back when they may, and say meanwhile what is not seen.
 */
#ifndef CMD_PROBE_GROUP_H
#define CMD_PROBE_GROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "cmd/collector.h"
#include "model/governor.h"
#include "model/snapshot.h"
#include "probe/probe.h"

/* What one watch's probes are; `watch` is its state. */
struct probe_group_kind {
	const char *without; /* what is the case while there are none: "GC events are polled" */
	const char *hits;    /* "probe hits/s for stops of the world" */
	double share;	     /* of the budget */
	double hit_traps;    /* what a hit costs, in traps */
	/* 0 or a negative errno, reported. */
	int (*attach)(void *watch, const struct collect_context *context);
	void (*detach)(void *watch);
};

struct probe_group {
	const struct probe_group_kind *kind;
	void *watch;
	struct leash leash;
	bool attached;
	bool tried; /* and not to be tried again before the leash says so */
	/* Of the open probe: its owner reads it; the sums of those before. */
	struct probe_statistics now, before;
	char note[512]; /* why there are no probes; empty while there are */
};

void probe_group_init(struct probe_group *group, const struct probe_group_kind *kind, void *watch);
/* Attaches, unless that was tried. */
void probe_group_open(struct probe_group *group, const struct collect_context *context);
/* Detaches what is too dear; lets what has been away for long enough be tried again. */
void probe_group_govern(struct probe_group *group, const struct collect_context *context);
/* For good, when the owner cannot use them; its reason. Also when nothing is attached. */
void probe_group_give_up(struct probe_group *group, const char *reason);

/* Of all times together. */
uint64_t probe_group_hits(const struct probe_group *group);
uint64_t probe_group_loss(const struct probe_group *group, enum loss loss);
/* Adds the losses, cost.probes and *hits. */
void probe_group_fill(const struct probe_group *group, struct snapshot *snapshot, uint64_t *hits);

#endif
