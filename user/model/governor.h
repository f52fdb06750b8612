/* Keeping within the budget: pure decisions from rates and costs. */
#ifndef MODEL_GOVERNOR_H
#define MODEL_GOVERNOR_H

#include <stdbool.h>
#include <stdint.h>

/* Percent of one CPU that so many traps per second take from the target; NAN when the cost is not
 * known. */
double governor_cost_percent(double hits_per_s, double trap_ns);

/* What is reckoned with while a trap's price is not known (NAN). */
double governor_trap_ns(double trap_ns);

/* Of the budget, what each group of probes may take: 1 in all. What the sampler's probes add to the
 * bucket list is the age of objects, which is not worth all of it. */
#define GOVERNOR_SAMPLER_SHARE 0.5
#define GOVERNOR_GC_SHARE      0.25 /* thousands of stops per second, which no one wants */
#define GOVERNOR_TYPES_SHARE   0.1
#define GOVERNOR_CACHE_SHARE   0.15

/*
 * Whether so many hits take no more than a share of the budget. A hit of the GC's probes reads and
 * queues no more than what a sampled birth does (5.0 to 5.2 us, 5.0 us; 6.18 in a VM, 2026-11).
 */
bool governor_fits(double share, double budget_percent, double trap_ns, double hits_per_s);

/*
 * Keeps one group of probes within its share: looks at the rate of its hits now and then, and once
 * it was too dear says when to try again. Times are CLOCK_MONOTONIC.
 */
struct leash {
	double share;
	int64_t since_ns;  /* of the last look */
	uint64_t hits;	   /* then */
	int64_t return_ns; /* 0: not detached for its price */
	int64_t away_ns;   /* for how long the next time */
};

void leash_init(struct leash *leash, double share);
/* `hits` are cumulative, here and below. */
void leash_attached(struct leash *leash, int64_t now_ns, uint64_t hits);
/* Looks at half a second, or at less of it once its part is used up. *ret_hits_per_s is set
 * when true. */
bool leash_too_dear(struct leash *leash, int64_t now_ns, uint64_t hits, double budget_percent,
		    double trap_ns, double *ret_hits_per_s);
/* For how many seconds the probes are to stay away. */
double leash_detached(struct leash *leash, int64_t now_ns);
/* True once, when that time is over. */
bool leash_returns(struct leash *leash, int64_t now_ns);

/*
 * What counting every allocation takes of one CPU, in percent; trap_ns NAN: not measured yet. A hit
 * that finds its call site costs about EXACT_SITE_FACTOR traps, one with a whole stack
 * EXACT_STACK_FACTOR: 0.96 and 1.36 with 20 frames in warm caches (tests/bench/hit_cost.c, 6.18 in
 * a VM, 2026-11), and a program's are not always warm.
 */
#define EXACT_SITE_FACTOR  1.1
#define EXACT_STACK_FACTOR 1.6
double exact_factor(bool stacks);
double exact_cost_percent(double allocs_per_s, double trap_ns, bool stacks);

/* How many exact hits with their stacks fit into the budget over `interval_s`. At least 1 unless
 * the budget is 0. */
uint64_t governor_exact_hits(double budget_percent, double trap_ns, double interval_s);

#endif
