/*
 * How much of --max-stall the hits of the next window may take. The rest is for what cannot be
 * bounded from here: putting the breakpoints in, and the traps between the window's end and the
 * moment at which they are gone, for which the kernel waits for locks that it shares with whatever
 * else the machine does.
 *
 * So it is planned from the longest of that in the last STALL_EDGES windows, and a margin. However
 * such times are distributed, the next one of a series is longer than the longest of n before it
 * with a probability of 1 in n + 1; the margin makes it less. Where nothing would be left for hits,
 * windows rest, for longer each time that this comes again.
 */
#ifndef MODEL_STALL_PLAN_H
#define MODEL_STALL_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STALL_EDGES 128 /* windows that are remembered */

/* Times of CLOCK_MONOTONIC, in nanoseconds. */
struct stall_plan {
	int64_t limit_ns;
	int64_t assumed_ns; /* of edges, as long as few windows have told */
	int64_t edges_ns[STALL_EDGES];
	size_t count, next;
	uint64_t windows, over; /* all, and those that took longer than the limit */
	unsigned int calm;	/* windows within the limit since the last rest */
	int64_t rest_ns;	/* of the next rest */
	int64_t rest_until_ns;	/* 0: windows may be opened */
	int64_t rest_edges_ns;	/* the longest that it rests for; 0: none was measured yet */
};

void stall_plan_init(struct stall_plan *plan, int64_t limit_ns);

/* What a window took besides its hits, and with them. */
void stall_plan_add(struct stall_plan *plan, int64_t edges_ns, int64_t stall_ns);

/* What the next window's edges are planned with: the longest remembered, and the margin. */
int64_t stall_plan_edges_ns(const struct stall_plan *plan);

/*
 * What the hits of a window may take, at least `least_ns`; 0: there is to be none now, but after
 * rest_until_ns, for what rest_edges_ns says. A rest begins and ends here, and what it was
 * for is forgotten with it, since only another window tells whether the machine has changed.
 */
int64_t stall_plan_hits_ns(struct stall_plan *plan, int64_t least_ns, int64_t now_ns);

#endif
