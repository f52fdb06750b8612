/* The counters that every collector's object has. */
#ifndef PROBE_STATISTICS_H
#define PROBE_STATISTICS_H

#include "probe/probe.h"

struct bpf_map;

/* Hits, foreign hits and losses so far, summed over CPUs. 0 or a negative errno, silent. */
int statistics_read(struct bpf_map *counters, struct probe_statistics *statistics);
/* One counter (enum loss, enum wire_counter). */
int statistics_counter(struct bpf_map *counters, uint32_t counter, uint64_t *ret);

#endif
