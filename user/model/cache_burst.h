/*
 * How many calls there were, when only short windows of them were counted. A hit is a trap, so a
 * program runs slower in a window than outside, and what it does varies with its load: both are met
 * by counting calls not per second but per second of CPU that the program spent on its own work.
 */
#ifndef MODEL_CACHE_BURST_H
#define MODEL_CACHE_BURST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/amount.h"

#define BURST_WINDOWS 16 /* the last ones, which estimates are made from */

/* One for a group of probes; all zero: no window yet. */
struct burst_windows {
	size_t count, next; /* where the next one goes */
	double work_s[BURST_WINDOWS];
	double error_s[BURST_WINDOWS]; /* standard error of it */
};

/* One for each thing that is counted, in step with the windows; all zero: watched in none. */
struct burst_hits {
	uint64_t of[BURST_WINDOWS];
	bool known[BURST_WINDOWS];
};

/*
 * A window in which the program used `cpu_s` and took `traps` of `trap_ns` each. Returns its index
 * for burst_set, which is due for every counter.
 */
size_t burst_add(struct burst_windows *windows, double cpu_s, uint64_t traps, double trap_ns);
void burst_set(struct burst_hits *hits, size_t window, uint64_t count);

/*
 * The calls in `cpu_s` of CPU time that nobody watched, as objects of an amount: a ratio estimate,
 * whose variance is what the windows differ by (Cochran, Sampling Techniques, 6.4), at least
 * that of Poisson counts, and the uncertainty of the trap's cost. NAN when no window watched it.
 */
struct amount burst_estimate(const struct burst_windows *windows, const struct burst_hits *hits,
			     double cpu_s);

#endif
