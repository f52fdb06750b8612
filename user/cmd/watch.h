/*
 * The extension contract for a probe group beside the collector: what is watched through one
 * observation, whatever fills its rows. One file and one line in watches.c.
 *
 * A watch never fails an observation: what is in its way becomes a note in its part of the
 * snapshot. It keeps within its share of the budget (model/governor.h).
 */
#ifndef CMD_WATCH_H
#define CMD_WATCH_H

#include "cmd/collector.h"

struct settings;

/* watch->turn is called at least so often while there are snapshots, so that a long interval
 * neither fills a ring nor overspends. */
#define WATCH_TURN_NS 1000000000LL

struct watch {
	const char *name;
	double share; /* of the budget, while there is something to watch; 0: it needs no probes */
	/* 0 or a negative errno, reported. *ret_state NULL: there is nothing to watch, and nothing
	 * else is called. The settings outlive the state. */
	int (*create)(const struct settings *settings, void **ret_state);
	void (*destroy)(void *state);
	/* After the first snapshot, often: attaches what is not there and may be. Tens of
	 * milliseconds when it does, nothing when not. */
	void (*open)(void *state, const struct collect_context *context);
	void (*turn)(void *state, const struct collect_context *context);
	/* When `turn` is wanted at the latest (CLOCK_MONOTONIC); NULL: whenever it is called. */
	int64_t (*due)(void *state);
	/* Adds its part, cost.probes, the losses and *hits (cumulative) to a snapshot whose
	 * counters and records are filled in. 0 or -ENOMEM, silent. */
	int (*fill)(void *state, const struct collect_context *context, struct snapshot *snapshot,
		    uint64_t *hits);
};

extern const struct watch *const watches[]; /* ends with NULL */
#define WATCHES_MOST 8

extern const struct watch watch_gc, watch_types, watch_cache, watch_generics;

#endif
