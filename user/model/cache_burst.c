/* Ratio estimates from a few clusters. */
#include "model/cache_burst.h"

#include <math.h>

/* The trap is measured on heaptap itself: on the target's core, with its caches, it may differ. */
#define TRAP_ERROR 0.25

/* Where nearly all of the time goes into traps, the rest is not known better than this. */
#define LEAST_WORK 0.05

size_t burst_add(struct burst_windows *windows, double cpu_s, uint64_t traps, double trap_ns)
{
	double trapped_s = (double)traps * trap_ns * 1e-9, work_s = cpu_s - trapped_s;
	size_t at = windows->next;

	if (work_s < LEAST_WORK * cpu_s)
		work_s = LEAST_WORK * cpu_s;
	windows->work_s[at] = work_s;
	windows->error_s[at] = TRAP_ERROR * trapped_s;
	windows->next = (at + 1) % BURST_WINDOWS;
	if (windows->count < BURST_WINDOWS)
		windows->count++;
	return at;
}

void burst_set(struct burst_hits *hits, size_t window, uint64_t count)
{
	hits->of[window] = count;
	hits->known[window] = true;
}

struct sums {
	double work_s, error_s, hits, windows;
};

static struct sums sum(const struct burst_windows *windows, const struct burst_hits *hits)
{
	struct sums sums = { 0 };

	for (size_t i = 0; i < windows->count; i++) {
		if (!hits->known[i])
			continue;
		sums.windows++;
		sums.work_s += windows->work_s[i];
		sums.error_s += windows->error_s[i]; /* they err the same way */
		sums.hits += (double)hits->of[i];
	}
	return sums;
}

/* Of the number of hits, given the work. */
static double hits_variance(const struct burst_windows *windows, const struct burst_hits *hits,
			    const struct sums *sums)
{
	double ratio = sums->hits / sums->work_s, squares = 0;

	for (size_t i = 0; i < windows->count; i++) {
		double residual = (double)hits->of[i] - ratio * windows->work_s[i];

		if (hits->known[i])
			squares += residual * residual;
	}
	if (sums->windows > 1)
		squares *= sums->windows / (sums->windows - 1);
	return squares > sums->hits ? squares : sums->hits;
}

struct amount burst_estimate(const struct burst_windows *windows, const struct burst_hits *hits,
			     double cpu_s)
{
	struct sums sums = sum(windows, hits);
	double scale, trap_error;

	if (!(cpu_s > 0)) /* what did not run did not call; what is not known is not 0 */
		return (struct amount){ .objects = isnan(cpu_s) ? NAN : 0 };
	if (!(sums.work_s > 0))
		return (struct amount){ .objects = sums.windows > 0 ? 0 : NAN };
	scale = cpu_s / sums.work_s;
	trap_error = sums.hits * scale * sums.error_s / sums.work_s;
	return (struct amount){
		.samples = (uint64_t)sums.hits,
		.objects = sums.hits * scale,
		.objects_variance = hits_variance(windows, hits, &sums) * scale * scale +
				    trap_error * trap_error,
	};
}
