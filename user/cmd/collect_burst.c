/*
 * For programs whose sampler is off, which is most small services: exact probes on the allocator,
 * opened for a bounded number of hits in each interval and closed again, scaled to the interval by
 * the runtime's own counters. What is alive cannot be known this way.
 */
#include "cmd/collector.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/vec.h"
#include "limits.h"
#include "model/governor.h"
#include "model/profile.h"

#define RATE_NS	     50000000 /* how long the rate of allocations is measured at first */
#define PERF_CLOSE_S 0.1      /* to take one perf-event probe off */

struct burst_collection {
	struct window *window;
	struct profile *profile;
	struct {
		struct exact_site *items;
		size_t capacity;
	} sites;
	size_t site_count;
	double open_s; /* of the interval's window */
	size_t points;
	uint64_t hits;
	uint64_t losses[LOSS_COUNT];
	double allocs_per_s; /* NAN: not known */
	const char *note;
	bool refused; /* the interval had no window, because it could not have been closed in time
		       */
	bool filled;  /* the last window ended by its hits, before its time */
};

static int burst_fits(struct target *target)
{
	double rate;

	return target_sampler(target, &rate) != SAMPLER_ON;
}

static void burst_close(void *opaque)
{
	struct burst_collection *state = opaque;

	if (!state)
		return;
	window_close(state->window);
	profile_free(state->profile);
	free(state->sites.items);
	free(state);
}
DEFINE_CLEANUP(cleanup_state, struct burst_collection, burst_close)

/* How fast the program allocates, before the first interval tells. */
static void measure_rate(struct burst_collection *state, const struct collect_context *context)
{
	struct counters before, after;
	int64_t start_ns = clock_ns(CLOCK_MONOTONIC);

	if (target_counters(context->target, &before) < 0 ||
	    context->sleep_until(context->observation, start_ns + RATE_NS) < 0 ||
	    target_counters(context->target, &after) < 0)
		return;
	state->allocs_per_s = (double)(after.memstats.mallocs - before.memstats.mallocs) * 1e9 /
			      (double)(clock_ns(CLOCK_MONOTONIC) - start_ns);
}

/*
 * Where probes come off one after the other, the program traps on all but the first meanwhile:
 * those hits have to fit the budget too, and for a fast program they do not.
 */
static bool can_close(const struct burst_collection *state, uint64_t max_hits)
{
	return window_is_one_link(state->window) ||
	       state->allocs_per_s * PERF_CLOSE_S * (double)(state->points - 1) <= (double)max_hits;
}

static int burst_open(const struct collect_context *context, void **ret_state)
{
	CLEANUP(cleanup_state) struct burst_collection *state = calloc(1, sizeof(*state));
	struct probe_plan plan;
	int error;

	if (!state || profile_new(&state->profile) < 0)
		return diag_fail(-ENOMEM, "cannot observe");
	if (context->budget_percent <= 0)
		return diag_fail(-EINVAL,
				 "the program's sampler is off and --budget 0 allows no probe: "
				 "only --mode counters is left");
	error = probe_check();
	if (error == 0)
		error = target_plan_allocations(context->target, &plan);
	if (error < 0)
		return error;
	error = window_open(context->pid, &plan, &state->window);
	if (error < 0)
		return error;
	state->points = plan.count;
	state->allocs_per_s = NAN;
	if (!window_is_one_link(state->window))
		measure_rate(state, context);
	state->note =
		burst_fits(context->target)
			? "the program's own sampler is off: rows are scaled from short windows "
			  "of exact probes; what stays is not known"
			: "rows are scaled from short windows of exact probes; what stays is not "
			  "known";
	*ret_state = TAKE(state);
	return 0;
}

/* The window's sites live until the next run: what they mean is asked of the target now. */
static int keep(struct burst_collection *state, struct target *target,
		const struct window_site *sites, size_t count)
{
	if (VEC_RESERVE(&state->sites, count, LIMIT_EXACT_SITES) < 0)
		return -ENOMEM;
	state->site_count = 0;
	for (size_t i = 0; i < count; i++) {
		const struct window_site *site = &sites[i];
		struct exact_site *kept = &state->sites.items[state->site_count];
		uint32_t pcs = site->pcs ? site->pc_count : 0;

		*kept = (struct exact_site){
			.id = site->stack_id * 31 + site->type * 7 + site->size_bytes,
			.object_bytes = site->size_bytes,
			.stack = target_stack(target, site->pcs, pcs),
			.type = target_type_name(target, site->type, site->size_bytes, site->pcs,
						 pcs),
			.interface = target_boxed_into(target, site->pcs, pcs),
			.hits = site->hits,
		};
		if (!kept->stack)
			return -ENOMEM;
		state->site_count++;
	}
	return 0;
}

/*
 * A fast program fills its window in a millisecond or so: then the window stands at a random place
 * of the interval, so that what the program does in step with our clock is not seen always or
 * never. A slow one is watched for the whole interval.
 */
static int burst_work(void *opaque, const struct collect_context *context, int64_t deadline_ns)
{
	struct burst_collection *state = opaque;
	int64_t start_ns = clock_ns(CLOCK_MONOTONIC), left_ns = deadline_ns - start_ns;
	uint64_t max_hits = governor_exact_hits(context->budget_percent, context->trap_ns,
						(double)left_ns * 1e-9);
	const struct window_site *sites;
	struct probe_statistics statistics;
	uint64_t open_ns;
	size_t count;
	int error;

	state->site_count = 0;
	state->open_s = 0;
	state->refused = !can_close(state, max_hits);
	if (left_ns <= 0 || state->refused)
		return 0;
	if (state->filled &&
	    context->sleep_until(context->observation,
				 start_ns + (int64_t)(drand48() * 0.9 * (double)left_ns)) < 0)
		return 0;
	left_ns = deadline_ns - clock_ns(CLOCK_MONOTONIC);
	if (left_ns <= 0)
		return 0;
	error = window_run(state->window, max_hits, (uint64_t)left_ns, &sites, &count, &open_ns,
			   &statistics);
	if (error < 0)
		return error;
	state->open_s = (double)open_ns * 1e-9;
	state->filled = statistics.hits - state->hits >= max_hits;
	state->hits = statistics.hits;
	state->points = statistics.points;
	for (int i = 0; i < LOSS_COUNT; i++)
		state->losses[i] = statistics.losses[i];
	return keep(state, context->target, sites, count);
}

static int burst_collect(void *opaque, const struct collect_context *context,
			 struct snapshot *snapshot, uint64_t *ret_hits)
{
	struct burst_collection *state = opaque;
	double share = context->interval_s > 0 ? fmin(state->open_s / context->interval_s, 1) : 0;

	if (context->interval_s > 0 && context->interval_mallocs != UNKNOWN)
		state->allocs_per_s = (double)context->interval_mallocs / context->interval_s;
	snapshot->mode = MODE_WINDOWS;
	snapshot->note =
		state->refused
			? "no window: this kernel takes probes off one by one, too slowly for a "
			  "program that allocates so fast"
			: state->note;
	snapshot->cost.probes = (int64_t)state->points;
	/* Every window is cut at its budget by design; that is sampling, not a loss. */
	for (int i = 0; i < LOSS_COUNT; i++)
		if (i != LOSS_HIT_BUDGET)
			snapshot->losses[i] += state->losses[i];
	*ret_hits = state->hits;
	return profile_from_windows(state->profile, state->sites.items, state->site_count,
				    context->interval_mallocs, context->interval_alloc_bytes, share,
				    snapshot);
}

const struct collector collector_burst = {
	.name = "burst",
	.summary = "exact probes for a bounded number of hits per interval",
	.fits = burst_fits,
	.open = burst_open,
	.work = burst_work,
	.collect = burst_collect,
	.close = burst_close,
};
