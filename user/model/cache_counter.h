/* One number that cache probes count, some of the time: each call, or those in windows. */
#ifndef MODEL_CACHE_COUNTER_H
#define MODEL_CACHE_COUNTER_H

#include <stdbool.h>
#include <stdint.h>

#include "model/cache_burst.h"
#include "model/cache_group.h"

/* All zero at first. */
struct cache_counter {
	uint64_t now;	  /* as the kernel has it */
	uint64_t filled;  /* at the last snapshot */
	uint64_t before;  /* at the begin of the window */
	double pending_s; /* not watched, and not estimated as there was no window yet */
	struct burst_hits hits;
	struct cache_calls calls;
};

/* Counts from here: what came before was not counted from its begin. */
void cache_counter_begin(struct cache_counter *counter, uint64_t now);
/* A window has ended, with `now` behind it. */
void cache_counter_window(struct cache_counter *counter, size_t window);
/*
 * The calls of an interval, of which `unseen_s` seconds of the program's CPU time were not watched.
 * What is estimated of many intervals comes from the same few windows: errors do not even out, so
 * standard errors are added, not variances.
 */
void cache_counter_fill(struct cache_counter *counter, const struct burst_windows *windows,
			double unseen_s);
/* The same for what is not watched at all. */
void cache_counter_unknown(struct cache_counter *counter);

#endif
