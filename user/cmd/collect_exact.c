/*
 * Every allocation from attaching on. What that costs is known before it is begun, from the
 * program's own counters, and refused beyond the budget unless forced. When the program turns
 * busier later the collector is left (choice.c), and taken up anew: counts with a gap would not be
 * exact.
 */
#include "cmd/collector.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/number.h"
#include "base/vec.h"
#include "limits.h"
#include "model/governor.h"
#include "model/profile.h"

#define RATE_NS	  100000000 /* how long the rate of allocations is measured at first */
#define BEYOND_ID UINT64_MAX
#define BEYOND	  "(beyond the map)"

struct exact_collection {
	struct exact *exact;
	struct profile *profile;
	struct {
		struct exact_site *items; /* as in the probe's list */
		size_t capacity, count;
	} sites;
	const struct stack *no_stack;
	bool stacks;
	uint64_t hits;
};

static void exact_free(void *opaque)
{
	struct exact_collection *state = opaque;

	if (!state)
		return;
	exact_close(state->exact);
	profile_free(state->profile);
	free(state->sites.items);
	free(state);
}
DEFINE_CLEANUP(cleanup_state, struct exact_collection, exact_free)

/* Allocations per second over a moment. Reported. */
static int measure_rate(const struct collect_context *context, double *ret)
{
	struct counters before, after;
	int64_t start_ns = clock_ns(CLOCK_MONOTONIC);
	int error = target_counters(context->target, &before);

	if (error == 0)
		error = context->sleep_until(context->observation, start_ns + RATE_NS);
	if (error == 0)
		error = target_counters(context->target, &after);
	if (error == -EINTR)
		return diag_fail(-EINVAL, "ended before it was known how fast process %d allocates",
				 context->pid);
	if (error < 0)
		return diag_fail(error, "cannot tell how fast process %d allocates", context->pid);
	*ret = (double)(after.memstats.mallocs - before.memstats.mallocs) * 1e9 /
	       (double)(clock_ns(CLOCK_MONOTONIC) - start_ns);
	return 0;
}

static int check_price(const struct collect_context *context)
{
	double trap_ns = context->trap_ns, rate = 0, percent;
	int error = 0;

	if (context->force || context->priced)
		return 0;
	if (context->budget_percent <= 0)
		return diag_fail(
			-EPERM, "--budget 0 allows no probe, and mode exact is nothing but probes: "
				"--force overrides, --mode counters costs nothing");
	if (isnan(trap_ns))
		error = probe_measure_trap(&trap_ns);
	if (error == 0)
		error = measure_rate(context, &rate);
	if (error < 0)
		return error;
	percent = exact_cost_percent(rate, trap_ns, context->stacks);
	if (percent <= context->budget_percent)
		return 0;
	return diag_fail(-EINVAL,
			 "process %d: %s allocations/s would cost %s of a CPU, of which --budget "
			 "allows %s; --force overrides, --mode burst fits",
			 context->pid, number_count(rate).text, number_percent(percent).text,
			 number_percent(context->budget_percent).text);
}

static int exact_begin(const struct collect_context *context, void **ret_state)
{
	CLEANUP(cleanup_state) struct exact_collection *state = calloc(1, sizeof(*state));
	struct exact_options options;
	struct probe_plan plan;
	int error;

	if (!state || profile_new(&state->profile) < 0)
		return diag_fail(-ENOMEM, "cannot observe");
	state->stacks = context->stacks;
	state->no_stack = target_stack(context->target, NULL, 0);
	if (!state->no_stack)
		return diag_fail(-ENOMEM, "cannot observe");
	error = probe_check();
	if (error == 0)
		error = target_plan_allocations(context->target, &plan);
	if (error == 0)
		error = check_price(context);
	if (error < 0)
		return error;
	exact_options_init(context->stacks, &options);
	error = exact_open(context->pid, &plan, &options, &state->exact);
	if (error < 0)
		return error;
	*ret_state = TAKE(state);
	return 0;
}

/* What a site is: asked once, when it is new. */
static int describe(struct exact_collection *state, struct target *target,
		    const struct exact_count *count, struct exact_site *ret)
{
	uint64_t pcs[LIMIT_EXACT_FRAMES];
	size_t pc_count = exact_stack(state->exact, &count->stack_id, pcs);

	*ret = (struct exact_site){
		.id = state->sites.count + 1,
		.object_bytes = target_slot_bytes(target, count->type, count->slot_bytes,
						  count->header_grows),
		.stack = target_stack(target, pcs, pc_count),
		.type = target_type_name(target, count->type, count->slot_bytes, pcs, pc_count),
		.interface = target_boxed_into(target, pcs, pc_count),
	};
	return ret->stack ? 0 : -ENOMEM;
}

static int update(struct exact_collection *state, struct target *target,
		  const struct exact_count *counts, size_t count)
{
	int error = VEC_RESERVE(&state->sites, count + 1, LIMIT_EXACT_SITES + 1);

	for (; error == 0 && state->sites.count < count; state->sites.count++)
		error = describe(state, target, &counts[state->sites.count],
				 &state->sites.items[state->sites.count]);
	for (size_t i = 0; error == 0 && i < count; i++)
		state->sites.items[i].hits = counts[i].hits;
	return error;
}

/* The list's last entry, which is no site's: so the sums are right when the map is full. */
static size_t add_beyond(struct exact_collection *state)
{
	uint64_t hits, bytes;

	exact_beyond(state->exact, &hits, &bytes);
	state->sites.items[state->sites.count] = (struct exact_site){
		.id = BEYOND_ID,
		.stack = state->no_stack,
		.type = BEYOND,
		.hits = hits,
		.extra_bytes = bytes,
	};
	return state->sites.count + (hits > 0);
}

/* Silent: what cannot be read has not grown. */
static uint64_t exact_collector_hits(void *opaque)
{
	struct exact_collection *state = opaque;
	uint64_t hits;

	if (exact_hits(state->exact, &hits) == 0)
		state->hits = hits;
	return state->hits;
}

static int exact_collect(void *opaque, const struct collect_context *context,
			 struct snapshot *snapshot, uint64_t *ret_hits)
{
	struct exact_collection *state = opaque;
	const struct exact_count *counts;
	struct probe_statistics statistics = { 0 };
	size_t count;
	int error = exact_read(state->exact, &counts, &count, &statistics);

	if (error == 0)
		error = update(state, context->target, counts, count);
	if (error < 0)
		return error;
	snapshot->mode = MODE_EXACT;
	snapshot->cost.probes = (int64_t)statistics.points;
	for (int i = 0; i < LOSS_COUNT; i++)
		snapshot->losses[i] += statistics.losses[i];
	*ret_hits = statistics.hits;
	return profile_from_exact(state->profile, state->sites.items, add_beyond(state), snapshot);
}

const struct collector collector_exact = {
	.name = "exact",
	.summary = "probes on every allocation from now on, if the budget allows it",
	.open = exact_begin,
	.collect = exact_collect,
	.close = exact_free,
	.hits = exact_collector_hits,
};
