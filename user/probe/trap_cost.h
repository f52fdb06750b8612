/* What is tried on heaptap itself before any target is touched. */
#ifndef PROBE_TRAP_COST_H
#define PROBE_TRAP_COST_H

#include <stdbool.h>

#include "probe/attach.h"

/*
 * The better way of attaching that works here, told by trying: uprobe_multi unless the kernel
 * refuses it or lets it see the main thread only (before 6.10, commit 46ba0e49b642). Tried once,
 * about 60 ms, then remembered. Reported on failure.
 */
int attach_way_find(enum attach_way *ret);
/* As if `way` had been found: how tests reach the fallback on a new kernel. */
void attach_way_force(enum attach_way way);

/*
 * What one hit costs on our own function, way as found, in nanoseconds: `counted`, as a sampled
 * birth; else as a hit of a process that is not observed, which is the trap and next to nothing
 * else. For the benchmark. Reported on failure.
 */
int trap_cost_of_hit(bool counted, double *ret_ns);

#endif
