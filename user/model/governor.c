/* The budget: what probes may cost, and what fits. */
#include "model/governor.h"

#include <math.h>

/* Before the trap is measured, and where that failed: the dearest emulated trap seen on any
 * machine. */
#define TRAP_NS_ASSUMED 1000.0

/* Of the budget, for the probes on sampled births and deaths: what they add to the bucket list is
 * the age of objects, which is not worth all of it. */
#define SAMPLER_SHARE 0.5
#define GC_SHARE      0.25 /* of the budget; thousands of stops per second, which no one wants */
#define ATTACH_SHARE  0.7  /* of that, predicted, to come back */

double governor_cost_percent(double hits_per_s, double trap_ns)
{
	return hits_per_s * trap_ns * 1e-9 * 100;
}

enum governor_advice governor_sampler(const struct governor_input *input)
{
	double trap_ns = isnan(input->trap_ns) ? TRAP_NS_ASSUMED : input->trap_ns;
	double budget = SAMPLER_SHARE * input->budget_percent;
	double predicted =
		2 * input->alloc_bytes_per_s / (input->rate_bytes > 1 ? input->rate_bytes : 1);

	if (input->attached)
		return governor_cost_percent(input->hits_per_s, trap_ns) > budget ? GOVERNOR_DETACH
										  : GOVERNOR_KEEP;
	return governor_cost_percent(predicted, trap_ns) < ATTACH_SHARE * budget ? GOVERNOR_ATTACH
										 : GOVERNOR_KEEP;
}

bool governor_gc_fits(double budget_percent, double trap_ns, double hits_per_s)
{
	if (isnan(trap_ns))
		trap_ns = TRAP_NS_ASSUMED;
	return governor_cost_percent(hits_per_s * GOVERNOR_GC_FACTOR, trap_ns) <=
	       GC_SHARE * budget_percent;
}

uint64_t governor_exact_hits(double budget_percent, double trap_ns, double interval_s)
{
	double hits;

	if (isnan(trap_ns))
		trap_ns = TRAP_NS_ASSUMED;
	hits = budget_percent / 100 * interval_s * 1e9 / (trap_ns * GOVERNOR_EXACT_FACTOR);
	if (budget_percent > 0 && hits < 1)
		return 1;
	return (uint64_t)hits;
}
