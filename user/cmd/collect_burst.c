/*
 * For programs whose sampler is off, which is most small services: exact probes on the allocator,
 * opened several times in each interval for a bounded number of hits and closed again, scaled to
 * the interval by the runtime's own counters of size classes, which are read between the windows.
 * What is alive cannot be known this way.
 */
#include "cmd/collector.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/number.h"
#include "base/vec.h"
#include "cmd/burst_sites.h"
#include "limits.h"
#include "model/governor.h"
#include "model/profile.h"
#include "model/stall_plan.h"
#include "model/window_plan.h"

#define SLOTS_MOST 4096 /* of one interval: an hour has 2,600 */

/* Where the trap could not be measured: as model/governor.c has it. */
#define TRAP_NS_ASSUMED 1000.0

#define RATE_NS	     50000000 /* how long the rate of allocations is measured at first */
#define PERF_CLOSE_S 0.1      /* to take one perf-event probe off */

struct burst_collection {
	struct window *window;
	struct profile *profile;
	struct burst_sites sites; /* of the interval */
	struct {
		struct class_counts *items;
		size_t count, capacity;
	} slots;
	bool classes_known;   /* of all slots so far */
	struct counters last; /* where the slot began */
	int64_t last_ns;
	int64_t opening_ns, closing_ns; /* on average, lately */
	struct stall_plan stalls;
	int64_t stall_ns; /* the interval's longest; UNKNOWN: no window */
	double open_s;	  /* of the interval's windows */
	size_t points;
	uint64_t hits;
	uint64_t losses[LOSS_COUNT];
	double allocs_per_s; /* NAN: not known */
	const char *note;
	char refused[256]; /* why the interval had no window; "": it may have */
	unsigned short random[3];
};

static int sampler_is_off(struct target *target)
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
	burst_sites_clear(&state->sites);
	free(state->slots.items);
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
static bool can_close(struct burst_collection *state, uint64_t max_hits)
{
	if (window_is_one_link(state->window) ||
	    state->allocs_per_s * PERF_CLOSE_S * (double)(state->points - 1) <= (double)max_hits)
		return true;
	snprintf(state->refused, sizeof(state->refused),
		 "no window: this kernel takes probes off one by one, too slowly for a program "
		 "that allocates so fast");
	return false;
}

/* Independent of the program and of every other observation. */
static void seed(struct burst_collection *state)
{
	if (getrandom(state->random, sizeof(state->random), GRND_NONBLOCK) < 0)
		state->random[0] = (unsigned short)clock_ns(CLOCK_MONOTONIC);
}

static int burst_open(const struct collect_context *context, void **ret_state)
{
	CLEANUP(cleanup_state) struct burst_collection *state = calloc(1, sizeof(*state));
	struct probe_plan plan;
	int error;

	if (!state || profile_new(&state->profile) < 0)
		return diag_fail(-ENOMEM, "cannot observe");
	if (context->budget_percent <= 0)
		return diag_fail(-EINVAL, "--mode burst needs probes, and --budget 0 allows none: "
					  "give a budget, or leave the mode to auto");
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
	state->stall_ns = UNKNOWN;
	stall_plan_init(&state->stalls, context->max_stall_ns);
	seed(state);
	if (!window_is_one_link(state->window))
		measure_rate(state, context);
	state->note =
		sampler_is_off(context->target)
			? "the program's own sampler is off: rows are scaled from short windows "
			  "of exact probes; what stays is not known"
			: "rows are scaled from short windows of exact probes; what stays is not "
			  "known";
	*ret_state = TAKE(state);
	return 0;
}

/* The slot ends here, and the next begins. */
static int end_slot(struct burst_collection *state, const struct counters *now)
{
	struct class_counts *counts;

	if (VEC_RESERVE(&state->slots, state->slots.count + 1, SLOTS_MOST) < 0)
		return -ENOMEM;
	counts = &state->slots.items[state->slots.count++];
	*counts = (struct class_counts){ 0 };
	state->classes_known &=
		class_counts_between(state->last.classes, state->last.memstats.mallocs,
				     now->classes, now->memstats.mallocs, counts);
	state->last = *now;
	return 0;
}

/* Between two slots; the rate is of the one that ended. */
static int look(struct burst_collection *state, const struct collect_context *context)
{
	struct counters now;
	int64_t mallocs = state->last.memstats.mallocs, now_ns;
	int error = target_counters(context->target, &now);

	if (error < 0)
		return error;
	now_ns = clock_ns(CLOCK_MONOTONIC);
	state->allocs_per_s =
		(double)(now.memstats.mallocs - mallocs) * 1e9 / (double)(now_ns - state->last_ns);
	state->last_ns = now_ns;
	return end_slot(state, &now);
}

static double hit_price_ns(const struct collect_context *context)
{
	double trap_ns = isfinite(context->trap_ns) ? context->trap_ns : TRAP_NS_ASSUMED;

	return trap_ns * EXACT_STACK_FACTOR;
}

static void set_pace(struct burst_collection *state, const struct collect_context *context,
		     int64_t until_ns)
{
	double hit_ns = hit_price_ns(context), trap_ns = hit_ns / EXACT_STACK_FACTOR;

	window_set_pace(state->window,
			&(struct window_pace){
				.hit_ns = (uint64_t)hit_ns,
				.work_ns = (uint64_t)(hit_ns - trap_ns),
				.trap_ns = (uint64_t)trap_ns,
				.share = context->share_percent / 100,
				.most_ns = (uint64_t)(context->max_stall_ns -
						      stall_plan_edges_ns(&state->stalls)),
				.until_ns = until_ns,
			});
}

static void take_statistics(struct burst_collection *state,
			    const struct probe_statistics *statistics, uint64_t open_ns)
{
	state->open_s += (double)open_ns * 1e-9;
	state->hits = statistics->hits;
	state->points = statistics->points;
	for (int i = 0; i < LOSS_COUNT; i++)
		state->losses[i] = statistics->losses[i];
	if (window_stall_ns(state->window) > state->stall_ns)
		state->stall_ns = window_stall_ns(state->window);
	state->opening_ns += (window_opening_ns(state->window) - state->opening_ns) / 4;
	state->closing_ns += (window_closing_ns(state->window) - state->closing_ns) / 4;
	stall_plan_add(&state->stalls, window_edges_ns(state->window),
		       window_stall_ns(state->window));
}

/* One window of at most so many hits, over at `until_ns`, or without any hit after `wait_ns`. */
static int watch(struct burst_collection *state, const struct collect_context *context,
		 uint64_t max_hits, int64_t until_ns, int64_t wait_ns)
{
	const struct window_site *sites;
	struct probe_statistics statistics;
	uint64_t open_ns;
	size_t count;
	int error;

	set_pace(state, context, until_ns);
	error = window_run(state->window, max_hits, (uint64_t)wait_ns, &sites, &count, &open_ns,
			   &statistics);
	if (error < 0)
		return error;
	take_statistics(state, &statistics, open_ns);
	return burst_sites_add(&state->sites, context->target, (uint32_t)state->slots.count, sites,
			       count);
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* 1 when the slot had its window, 0 when the interval has no room for another. */
static int work_slot(struct burst_collection *state, const struct collect_context *context,
		     int64_t deadline_ns, uint64_t hits_end)
{
	struct window_outlook outlook = {
		.left_ns = deadline_ns - clock_ns(CLOCK_MONOTONIC),
		.hits = hits_end > state->hits ? hits_end - state->hits : 0,
		.allocs_per_s = state->allocs_per_s,
		.opening_ns = state->opening_ns,
		.closing_ns = state->closing_ns,
		.first = state->stall_ns == UNKNOWN,
		.one_slot = !window_is_one_link(state->window),
	};
	int64_t begin_ns = deadline_ns - outlook.left_ns, until_ns, wait_ns;
	struct window_plan plan;
	int error;

	if (!window_plan_next(&outlook, erand48(state->random), &plan))
		return 0;
	error = context->sleep_until(context->observation, begin_ns + plan.start_ns);
	if (error < 0)
		return 0;
	until_ns = begin_ns + plan.start_ns + outlook.opening_ns + plan.open_ns;
	/* a window that has seen nothing yet may go on into the next slots */
	wait_ns = begin_ns + outlook.left_ns - until_ns - outlook.closing_ns;
	wait_ns = smaller(plan.open_ns + (wait_ns > 0 ? wait_ns : 0), WINDOW_MOST_NS);
	error = watch(state, context, plan.hits, until_ns, wait_ns);
	return error < 0 ? error : 1;
}

static double least_ns(const struct collect_context *context)
{
	return hit_price_ns(context) * WINDOW_FEWEST_HITS;
}

static void refuse(struct burst_collection *state, const struct collect_context *context)
{
	int64_t edges_ns = state->stalls.rest_edges_ns;
	char edges[100] = "";

	if (edges_ns)
		snprintf(edges, sizeof(edges),
			 "opening and closing one held up the program for up to %s, ",
			 number_duration((double)edges_ns).text);
	snprintf(state->refused, sizeof(state->refused),
		 "no window for now: %s%d hits take %s, and --max-stall is %s; it is tried again, "
		 "and a longer --max-stall allows more",
		 edges, WINDOW_FEWEST_HITS, number_duration(least_ns(context)).text,
		 number_duration((double)context->max_stall_ns).text);
}

/* Waits until there may be a window. 1 when there may, 0 when not in this interval. */
static int rest(struct burst_collection *state, const struct collect_context *context,
		int64_t deadline_ns)
{
	while (!stall_plan_hits_ns(&state->stalls, (int64_t)least_ns(context),
				   clock_ns(CLOCK_MONOTONIC))) {
		refuse(state, context);
		if (state->stalls.rest_until_ns >= deadline_ns ||
		    context->sleep_until(context->observation, state->stalls.rest_until_ns) < 0)
			return 0;
	}
	return 1;
}

static void begin_interval(struct burst_collection *state)
{
	burst_sites_begin(&state->sites);
	state->refused[0] = '\0';
	state->slots.count = 0;
	state->classes_known = true;
	state->open_s = 0;
	state->stall_ns = UNKNOWN;
}

/*
 * A fast program fills a window in a millisecond or so: then there are several, at random places of
 * the interval, so that what the program does in step with our clock is not seen always or never. A
 * slow one is watched for the whole interval. The last slot ends with the interval (burst_collect).
 */
static int burst_work(void *opaque, const struct collect_context *context, int64_t deadline_ns)
{
	struct burst_collection *state = opaque;
	int64_t left_ns = deadline_ns - clock_ns(CLOCK_MONOTONIC);
	uint64_t max_hits = governor_exact_hits(context->share_percent, context->trap_ns,
						(double)left_ns * 1e-9);
	uint64_t hits_end = state->hits + max_hits;
	int result = 1;

	begin_interval(state);
	if (isnan(state->allocs_per_s) && look(state, context) < 0)
		return -ESRCH;
	if (left_ns <= 0 || !can_close(state, max_hits))
		return 0;
	while (result > 0 && state->slots.count < SLOTS_MOST - 1) {
		result = rest(state, context, deadline_ns);
		if (result > 0)
			result = work_slot(state, context, deadline_ns, hits_end);
		if (result > 0 && deadline_ns - clock_ns(CLOCK_MONOTONIC) >
					  state->opening_ns + state->closing_ns) {
			int error = look(state, context);

			result = error < 0 ? error : result;
		}
	}
	return result < 0 ? result : 0;
}

static uint64_t burst_hits(void *opaque)
{
	const struct burst_collection *state = opaque;

	return state->hits;
}

static int burst_collect(void *opaque, const struct collect_context *context,
			 struct snapshot *snapshot, uint64_t *ret_hits)
{
	struct burst_collection *state = opaque;
	struct window_interval interval = {
		.mallocs = context->interval_mallocs,
		.alloc_bytes = context->interval_alloc_bytes,
		.window_share =
			context->interval_s > 0 ? fmin(state->open_s / context->interval_s, 1) : 0,
	};
	struct counters now = { .memstats = snapshot->memstats };

	memcpy(now.classes, snapshot->classes, sizeof(now.classes));
	if (context->interval_s > 0 && context->interval_mallocs != UNKNOWN)
		state->allocs_per_s = (double)context->interval_mallocs / context->interval_s;
	if (context->interval_s > 0) {
		if (end_slot(state, &now) < 0)
			return -ENOMEM;
		interval.slots = state->slots.items;
		interval.slot_count = state->classes_known ? state->slots.count : 0;
	}
	state->last = now;
	state->last_ns = clock_ns(CLOCK_MONOTONIC);
	snapshot->mode = MODE_WINDOWS;
	snapshot->note =
		state->stall_ns == UNKNOWN && state->refused[0] ? state->refused : state->note;
	snapshot->cost.probes = (int64_t)state->points;
	snapshot->cost.longest_stall_ns = state->stall_ns;
	/* Every window is cut at its budget by design; that is sampling, not a loss. */
	for (int i = 0; i < LOSS_COUNT; i++)
		if (i != LOSS_HIT_BUDGET)
			snapshot->losses[i] += state->losses[i];
	snapshot->losses[LOSS_SITE_MAP_FULL] += state->sites.full;
	*ret_hits = state->hits;
	return profile_from_windows(state->profile, state->sites.items, state->sites.count,
				    &interval, snapshot);
}

const struct collector collector_burst = {
	.name = "burst",
	.summary = "exact probes for a bounded number of hits per interval",
	.open = burst_open,
	.work = burst_work,
	.collect = burst_collect,
	.close = burst_close,
	.hits = burst_hits,
};
