/*
 * The default: rows out of the runtime's own samples. Its bucket list is the truth for counts and
 * costs the target nothing to read; probes on births and deaths add the age of objects at death, as
 * long as the governor says that they fit the budget.
 */
#include "cmd/collector.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "limits.h"
#include "model/governor.h"
#include "model/profile.h"

/* Room for buckets that appear while observing: a server makes hundreds in an hour, at start-up
 * thousands. */
#define BUCKET_HEADROOM 16384
#define LIVE_HEADROOM	32768

struct sampler_collection {
	struct probe_plan plan;
	bool can_probe;
	struct sampler *sampler; /* NULL while detached */
	struct profile *profile;
	uint64_t hits_before; /* of samplers that were closed */
	uint64_t hits;	      /* of the open one, at the last collect */
	uint64_t losses_before[LOSS_COUNT], losses[LOSS_COUNT];
	char note[160];
};

static int sampler_fits(struct target *target)
{
	double rate;

	return target_sampler(target, &rate) == SAMPLER_ON;
}

static size_t clamped(uint64_t wanted, size_t limit)
{
	return wanted < limit ? (size_t)wanted : limit;
}

static int attach(struct sampler_collection *state, const struct collect_context *context)
{
	const struct bucket *buckets;
	struct sampler_options options;
	uint64_t invalid, live = 0;
	size_t count;

	if (target_buckets(context->target, &buckets, &count, &invalid) < 0)
		return -ESRCH;
	for (size_t i = 0; i < count; i++)
		live += buckets[i].allocs - buckets[i].frees;
	options.bucket_capacity = clamped(2 * count + BUCKET_HEADROOM, LIMIT_BUCKETS);
	options.live_capacity = clamped(2 * live + LIVE_HEADROOM, LIMIT_LIVE_SAMPLES);
	return sampler_open(context->pid, &state->plan, &options, &state->sampler);
}

static void detach(struct sampler_collection *state)
{
	sampler_close(TAKE(state->sampler));
	state->hits_before += state->hits;
	state->hits = 0;
	for (int i = 0; i < LOSS_COUNT; i++) {
		state->losses_before[i] += state->losses[i];
		state->losses[i] = 0;
	}
	profile_probes_detached(state->profile);
}

static void sampler_collector_close(void *opaque)
{
	struct sampler_collection *state = opaque;

	if (!state)
		return;
	sampler_close(state->sampler);
	profile_free(state->profile);
	free(state);
}
DEFINE_CLEANUP(cleanup_state, struct sampler_collection, sampler_collector_close)

/* What is in the way of probes is reported; the list can be read all the same. */
static int start_probes(struct sampler_collection *state, const struct collect_context *context)
{
	int error = context->budget_percent > 0 ? probe_check() : -ECANCELED;

	if (error == 0)
		error = target_plan_sampler(context->target, &state->plan);
	return error < 0 ? error : attach(state, context);
}

static int sampler_collector_open(const struct collect_context *context, void **ret_state)
{
	CLEANUP(cleanup_state) struct sampler_collection *state = calloc(1, sizeof(*state));
	double rate;
	int error;

	if (!state || profile_new(&state->profile) < 0)
		return diag_fail(-ENOMEM, "cannot observe");
	if (target_sampler(context->target, &rate) == SAMPLER_HIDDEN)
		return diag_fail(
			-ENOTSUP,
			"the runtime's sampler was not found in this program: try --mode burst");
	error = start_probes(state, context);
	if (error == -ESRCH)
		return error;
	if (error < 0)
		snprintf(state->note, sizeof(state->note), "no probes: object ages are not known");
	state->can_probe = error == 0;
	*ret_state = TAKE(state);
	return 0;
}

static void govern(struct sampler_collection *state, const struct collect_context *context,
		   double hits_per_s, double rate_bytes)
{
	struct governor_input input = {
		.budget_percent = context->budget_percent,
		.trap_ns = context->trap_ns,
		.hits_per_s = hits_per_s,
		.alloc_bytes_per_s = context->alloc_bytes_per_s,
		.rate_bytes = rate_bytes,
		.attached = state->sampler != NULL,
	};

	switch (governor_sampler(&input)) {
	case GOVERNOR_DETACH:
		detach(state);
		snprintf(state->note, sizeof(state->note),
			 "no probes: %.0f hits/s would cost %.2g %% of a CPU, more than half of "
			 "the budget "
			 "of %.2g %%; ages are not known",
			 hits_per_s, governor_cost_percent(hits_per_s, context->trap_ns),
			 context->budget_percent);
		break;
	case GOVERNOR_ATTACH:
		if (attach(state, context) == 0)
			state->note[0] = 0;
		else
			state->can_probe = false; /* it was reported; the list goes on */
		break;
	case GOVERNOR_KEEP:
		break;
	}
}

static int sampler_collect(void *opaque, const struct collect_context *context,
			   struct snapshot *snapshot, uint64_t *ret_hits)
{
	struct sampler_collection *state = opaque;
	const struct bucket_activity *activity = NULL;
	struct probe_statistics statistics = { 0 };
	const struct bucket *buckets;
	size_t count, activity_count = 0;
	uint64_t invalid, before = state->hits;
	double rate;
	int error;

	/* The list first: a birth between the two reads is then known to the probes, never the
	 * other way round. */
	error = target_buckets(context->target, &buckets, &count, &invalid);
	if (error < 0)
		return error;
	if (state->sampler &&
	    sampler_read(state->sampler, &activity, &activity_count, &statistics) == 0) {
		state->hits = statistics.hits;
		for (int i = 0; i < LOSS_COUNT; i++)
			state->losses[i] = statistics.losses[i];
	}
	if (target_sampler(context->target, &rate) == SAMPLER_OFF)
		rate = 0;
	snapshot->mode = state->sampler ? MODE_SAMPLER : MODE_LIST;
	snapshot->sampling_rate_bytes = rate;
	snapshot->cost.probes = (int64_t)statistics.points;
	error = profile_from_buckets(state->profile, buckets, count, activity, activity_count, rate,
				     snapshot);
	if (error < 0)
		return error;
	for (int i = 0; i < LOSS_COUNT; i++)
		snapshot->losses[i] += state->losses_before[i] + state->losses[i];
	snapshot->losses[LOSS_BUCKET_INVALID] += invalid;
	*ret_hits = state->hits_before + state->hits;
	if (state->can_probe && context->interval_s > 0)
		govern(state, context, (double)(state->hits - before) / context->interval_s, rate);
	snapshot->note = state->note[0] ? state->note : NULL;
	return 0;
}

const struct collector collector_sampler = {
	.name = "sampler",
	.summary = "the runtime's own samples, with ages from probes on births and deaths",
	.fits = sampler_fits,
	.open = sampler_collector_open,
	.collect = sampler_collect,
	.close = sampler_collector_close,
};
