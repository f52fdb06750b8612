/* Keeping within the budget: pure decisions from rates and costs. */
#ifndef MODEL_GOVERNOR_H
#define MODEL_GOVERNOR_H

#include <stdbool.h>
#include <stdint.h>

/* Percent of one CPU that so many traps per second take from the target; NAN when the cost is not
 * known. */
double governor_cost_percent(double hits_per_s, double trap_ns);

enum governor_advice { GOVERNOR_KEEP, GOVERNOR_DETACH, GOVERNOR_ATTACH };

struct governor_input {
	double budget_percent;
	double trap_ns;		  /* NAN: not measured yet */
	double hits_per_s;	  /* while attached: what was seen */
	double alloc_bytes_per_s; /* from the counters: predicts the hits while detached */
	double rate_bytes;	  /* mean distance of two samples */
	bool attached;
};

/*
 * Detach when the traps cost more than half of the budget; attach again when twice the sampled
 * births (one death per birth) would cost less than 70 % of it, so that a rate near the limit does
 * not flap.
 */
enum governor_advice governor_sampler(const struct governor_input *input);

/* Whether the GC's probes take no more than a quarter of the budget. A hit of theirs, with what it
 * reads and queues, costs GOVERNOR_GC_FACTOR traps. */
#define GOVERNOR_GC_FACTOR 2.0
bool governor_gc_fits(double budget_percent, double trap_ns, double hits_per_s);

/* How many exact hits fit into the budget over `interval_s`. An exact hit with its stack costs
 * GOVERNOR_EXACT_FACTOR traps. At least 1 unless the budget is 0. */
#define GOVERNOR_EXACT_FACTOR 3.0
uint64_t governor_exact_hits(double budget_percent, double trap_ns, double interval_s);

#endif
