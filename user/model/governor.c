/* The budget: what probes may cost, and what fits. */
#include "model/governor.h"

#include <math.h>

/* Before the trap is measured, and where that failed: the dearest emulated trap seen on any
 * machine. */
#define TRAP_NS_ASSUMED 1000.0

/* A rate is told over this, at least: a burst is not a load. */
#define LOOK_NS 500000000LL

/* How long the probes stay off that were too dear, doubled each time: they may have met a bad
 * moment. */
#define AWAY_FIRST_NS 60000000000LL
#define AWAY_MOST_NS  3600000000000LL

double governor_cost_percent(double hits_per_s, double trap_ns)
{
	return hits_per_s * trap_ns * 1e-9 * 100;
}

double governor_trap_ns(double trap_ns)
{
	return isnan(trap_ns) ? TRAP_NS_ASSUMED : trap_ns;
}

bool governor_fits(double share, double budget_percent, double trap_ns, double hits_per_s)
{
	return governor_cost_percent(hits_per_s, governor_trap_ns(trap_ns)) <=
	       share * budget_percent;
}

void leash_init(struct leash *leash, double share)
{
	*leash = (struct leash){ .share = share, .away_ns = AWAY_FIRST_NS };
}

void leash_attached(struct leash *leash, int64_t now_ns, uint64_t hits)
{
	leash->return_ns = 0;
	leash->since_ns = now_ns;
	leash->hits = hits;
}

bool leash_too_dear(struct leash *leash, int64_t now_ns, uint64_t hits, double budget_percent,
		    double trap_ns, double *ret_hits_per_s)
{
	int64_t elapsed_ns = now_ns - leash->since_ns;
	double hits_since = (double)(hits - leash->hits);
	double look_s = (double)(elapsed_ns > LOOK_NS ? elapsed_ns : LOOK_NS) * 1e-9;
	bool fits = governor_fits(leash->share, budget_percent, trap_ns, hits_since / look_s);

	if (fits && elapsed_ns < LOOK_NS)
		return false;
	*ret_hits_per_s = hits_since * 1e9 / (double)(elapsed_ns > 0 ? elapsed_ns : 1);
	leash->since_ns = now_ns;
	leash->hits = hits;
	return !fits;
}

double leash_detached(struct leash *leash, int64_t now_ns)
{
	double away_s = (double)leash->away_ns * 1e-9;

	leash->return_ns = now_ns + leash->away_ns;
	if (leash->away_ns < AWAY_MOST_NS)
		leash->away_ns *= 2;
	return away_s;
}

bool leash_returns(struct leash *leash, int64_t now_ns)
{
	bool returns = leash->return_ns && now_ns >= leash->return_ns;

	if (returns)
		leash->return_ns = 0;
	return returns;
}

double exact_factor(bool stacks)
{
	return stacks ? EXACT_STACK_FACTOR : EXACT_SITE_FACTOR;
}

double exact_cost_percent(double allocs_per_s, double trap_ns, bool stacks)
{
	if (isnan(trap_ns))
		trap_ns = TRAP_NS_ASSUMED;
	return governor_cost_percent(allocs_per_s, trap_ns * exact_factor(stacks));
}

uint64_t governor_exact_hits(double budget_percent, double trap_ns, double interval_s)
{
	double hits;

	hits = budget_percent / 100 * interval_s * 1e9 /
	       (governor_trap_ns(trap_ns) * EXACT_STACK_FACTOR);
	if (budget_percent > 0 && hits < 1)
		return 1;
	return (uint64_t)hits;
}
