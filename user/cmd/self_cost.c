/* heaptap's own cost. */
#include "cmd/self_cost.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "model/governor.h"

static int64_t rss_bytes(void)
{
	AUTO_FCLOSE FILE *file = fopen("/proc/self/statm", "re");
	long long resident;

	if (!file || fscanf(file, "%*s %lld", &resident) != 1)
		return UNKNOWN;
	return resident * sysconf(_SC_PAGESIZE);
}

void self_cost_begin(struct self_cost *self)
{
	self->cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

double cost_percent(uint64_t hits, double trap_ns, double interval_s)
{
	if (!(interval_s > 0))
		return NAN;
	if (hits && !isfinite(trap_ns))
		return NAN;
	return hits ? governor_cost_percent((double)hits / interval_s, trap_ns) : 0;
}

void self_cost_fill(struct self_cost *self, uint64_t hits, double trap_ns, double interval_s,
		    struct cost *cost)
{
	int64_t used_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);

	cost->self_rss_bytes = rss_bytes();
	cost->trap_ns = isfinite(trap_ns) ? trap_ns : NAN;
	if (interval_s > 0) {
		cost->hits_per_s = (double)hits / interval_s;
		cost->self_cpu_percent = (double)(used_ns - self->cpu_ns) * 1e-9 / interval_s * 100;
		cost->target_cpu_percent =
			hits ? governor_cost_percent(cost->hits_per_s, cost->trap_ns) : 0;
	}
	self->cpu_ns = used_ns;
}
