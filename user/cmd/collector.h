/*
 * The extension contract inside cmd/: a way to fill the records of a snapshot. One file and one
 * line in COLLECTORS; --mode, the help and the choice of `auto` follow the registry.
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
 * The registry, in the order in which `auto` prefers them: X(name), which is the one of --mode, and
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
	double budget_percent; /* of one CPU */
	int64_t max_stall_ns;  /* what cost.longest_stall_ns may be */
	bool force;	       /* probes whatever they cost */
	bool stacks;	       /* of exact hits: all of the stack, not the call site only */
	double trap_ns;	       /* of one trap, NAN as long as it was not measured */
	/* of the interval that just ended; NAN or UNKNOWN in the first snapshot */
	double interval_s;
	double alloc_bytes_per_s;
	int64_t interval_mallocs, interval_alloc_bytes;
	/* Sleeps until `deadline_ns` (CLOCK_MONOTONIC); -EINTR when the observation is to stop or
	 * the target has ended. */
	int (*sleep_until)(struct observation *observation, int64_t deadline_ns);
	struct observation *observation;
};

struct collector {
	const char *name; /* of --mode */
	const char *summary;
	/* Whether `auto` should take it here; the first in the registry that says so is taken. */
	int (*fits)(struct target *target);
	/* 0 or a negative errno, reported. */
	int (*open)(const struct collect_context *context, void **ret_state);
	/* What is to be done during an interval that ends at `deadline_ns`; may return earlier.
	 * NULL: nothing. */
	int (*work)(void *state, const struct collect_context *context, int64_t deadline_ns);
	/* Fills records, mode, note, has_*, its losses and cost.probes of the snapshot; *ret_hits
	 * is cumulative. Negative: the target cannot be read any more. Silent. */
	int (*collect)(void *state, const struct collect_context *context,
		       struct snapshot *snapshot, uint64_t *ret_hits);
	void (*close)(void *state);
};

extern const struct collector *const collectors[]; /* ends with NULL */

#define COLLECTOR_DECLARE(name) extern const struct collector collector_##name;
COLLECTORS(COLLECTOR_DECLARE)
#undef COLLECTOR_DECLARE

#endif
