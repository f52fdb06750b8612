/* What observing costs: the target in traps, heaptap itself in CPU time and memory. */
#ifndef CMD_SELF_COST_H
#define CMD_SELF_COST_H

#include <stdint.h>

#include "model/snapshot.h"

struct self_cost {
	int64_t cpu_ns; /* CLOCK_PROCESS_CPUTIME_ID at the last fill */
};

void self_cost_begin(struct self_cost *self);

/* Fills everything but `probes`. `hits` of the interval; trap_ns NAN or infinite when it is not
 * known. */
void self_cost_fill(struct self_cost *self, uint64_t hits, double trap_ns, double interval_s,
		    struct cost *cost);

/* Percent of one CPU that `hits` in `interval_s` took; NAN when that cannot be told. */
double cost_percent(uint64_t hits, double trap_ns, double interval_s);

#endif
