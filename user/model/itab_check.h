/*
 * Whether the probe on new itabs sees all of them, told from the runtime's own count. A compiler
 * may inline runtime.itabAdd at its only busy call (profile-guided), and leave the function for the
 * others.
 */
#ifndef MODEL_ITAB_CHECK_H
#define MODEL_ITAB_CHECK_H

#include <stdbool.h>
#include <stdint.h>

/* Zero-initialised at the beginning, and after each time without probes. */
struct itab_check {
	bool based;
	int64_t itabs; /* the count at the first whole interval's end */
	uint64_t seen; /* by the probe until before that interval's end */
	uint64_t last; /* at the last call */
};

/*
 * At the end of each interval, with the count as it was before `seen` was read: what is counted
 * later may be seen already, so the comparison begins with what was seen an interval earlier.
 * `whole`: the probe was there all the time and lost nothing. itabs UNKNOWN: no answer, false.
 */
bool itab_check_misses(struct itab_check *check, bool whole, int64_t itabs, uint64_t seen);

#endif
