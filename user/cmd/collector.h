/*
 * The extension contract inside cmd/: a way to fill the records of a snapshot. One file and one
 * line in COLLECTORS; --mode and the help follow the registry, what `auto` takes and when another
 * is taken is told by model/ladder.h, which knows them by name.
 *
 * A collector that is taken up again begins anew: its records' `begun` counts from then on, which
 * the snapshot says (governor.since_s). Only what a snapshot has said is left behind: the interval
 * ends where a collector does.
 */
#ifndef CMD_COLLECTOR_H
#define CMD_COLLECTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "model/snapshot.h"
#include "probe/probe.h"
#include "target/target.h"

struct observation;

/*
 * The registry, in the order in which the help names them: X(name), which is the one of --mode, and
 * collector_NAME in collect_NAME.c.
 */
#define COLLECTORS(X)                                                                              \
	X(sampler)                                                                                 \
	X(exact)                                                                                   \
	X(burst)                                                                                   \
	X(counters)

/* "auto, sampler, ...": for texts. */
#define COLLECTOR_WORD(name) ", " #name
#define COLLECTOR_NAMES	     "auto" COLLECTORS(COLLECTOR_WORD)

/* What a collector may use; owned by the observation. */
struct collect_context {
	pid_t pid;
	struct target *target;
	double budget_percent; /* of one CPU, for everything */
	double share_percent;  /* the part of it that the collector may take now */
	int64_t max_stall_ns;  /* what cost.longest_stall_ns may be */
	bool force;	       /* probes whatever they cost */
	bool stacks;	       /* of exact hits: all of the stack, not the call site only */
	bool priced;	/* the ladder knows that the collector fits: it need not look itself */
	double trap_ns; /* of one trap, NAN as long as it was not measured */
	/* of the interval that just ended; NAN or UNKNOWN in the first snapshot */
	double interval_s;
	double alloc_bytes_per_s;
	int64_t interval_mallocs, interval_alloc_bytes;
	/* Sleeps until `deadline_ns` (CLOCK_MONOTONIC), taking turns meanwhile; -EINTR when the
	 * interval is to end now: the observation is to stop, the target has ended, or the
	 * collector is to be changed. */
	int (*sleep_until)(struct observation *observation, int64_t deadline_ns);
	struct observation *observation;
};

struct collector {
	const char *name; /* of --mode */
	const char *summary;
	/* 0 or a negative errno, reported. */
	int (*open)(const struct collect_context *context, void **ret_state);
	/* What is to be done during an interval that ends at `deadline_ns`; may return earlier.
	 * NULL: nothing. */
	int (*work)(void *state, const struct collect_context *context, int64_t deadline_ns);
	/* Fills records, mode, note, has_*, its losses and cost.probes of the snapshot; *ret_hits
	 * is cumulative. The note is copied by the caller. Negative: the target cannot be read any
	 * more. Silent. */
	int (*collect)(void *state, const struct collect_context *context,
		       struct snapshot *snapshot, uint64_t *ret_hits);
	void (*close)(void *state);
	/* The traps taken so far, cumulative; some times a second, so cheap. NULL: known at collect
	 * only. */
	uint64_t (*hits)(void *state);
	/* For a collector that does without its probes, less well (`list`), and does not attach
	 * them by itself. Attaching takes some 10 ms. 0 or a negative errno, reported. */
	int (*probe)(void *state, const struct collect_context *context, bool attach);
	bool (*can_probe)(const void *state); /* NULL only where `probe` is */
};

extern const struct collector *const collectors[]; /* ends with NULL */

#define COLLECTOR_DECLARE(name) extern const struct collector collector_##name;
COLLECTORS(COLLECTOR_DECLARE)
#undef COLLECTOR_DECLARE

#endif
