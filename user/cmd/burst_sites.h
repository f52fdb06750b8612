/* The hits of an interval's windows, with what they mean in the target. */
#ifndef CMD_BURST_SITES_H
#define CMD_BURST_SITES_H

#include "model/bucket.h"
#include "probe/probe.h"
#include "target/target.h"

struct described_site;

struct burst_sites {
	struct exact_site *items; /* in the order of their slots */
	size_t count, capacity;
	uint64_t full;		      /* hits beyond LIMIT_WINDOW_SITES, ever */
	struct described_site *known; /* asked of the target once each */
};

/* Adds what the window of that slot saw; the sites are of window_run. 0 or -ENOMEM, silent. */
int burst_sites_add(struct burst_sites *sites, struct target *target, uint32_t slot,
		    const struct window_site *seen, size_t count);
/* For the next interval; what sites mean is remembered. */
void burst_sites_begin(struct burst_sites *sites);
void burst_sites_clear(struct burst_sites *sites);

#endif
