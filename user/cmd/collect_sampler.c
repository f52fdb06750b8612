/*
 * The default: rows out of the runtime's own samples. Its bucket list is the truth for counts and
 * costs the target nothing to read; probes on births and deaths add the age of objects at death,
 * while they are there: choice.c says when. What they have told stays when they go.
 */
#include "cmd/collector.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "limits.h"
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
};

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

/* Takes what the probes have told so far. */
static int read_probes(struct sampler_collection *state, const struct bucket_activity **ret,
		       size_t *ret_count, size_t *ret_points)
{
	struct probe_statistics statistics;
	int error = sampler_read(state->sampler, ret, ret_count, &statistics);

	if (error < 0)
		return error;
	state->hits = statistics.hits;
	for (int i = 0; i < LOSS_COUNT; i++)
		state->losses[i] = statistics.losses[i];
	*ret_points = statistics.points;
	return 0;
}

static void detach(struct sampler_collection *state)
{
	const struct bucket_activity *activity;
	size_t count, points;

	if (read_probes(state, &activity, &count, &points) == 0)
		profile_probes_seen(state->profile, activity, count);
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
static int plan_probes(struct sampler_collection *state, const struct collect_context *context)
{
	int error = context->budget_percent > 0 ? probe_check() : -ECANCELED;

	return error < 0 ? error : target_plan_sampler(context->target, &state->plan);
}

static int sampler_collector_open(const struct collect_context *context, void **ret_state)
{
	CLEANUP(cleanup_state) struct sampler_collection *state = calloc(1, sizeof(*state));
	double rate;

	if (!state || profile_new(&state->profile) < 0)
		return diag_fail(-ENOMEM, "cannot observe");
	if (target_sampler(context->target, &rate) == SAMPLER_HIDDEN)
		return diag_fail(
			-ENOTSUP,
			"the runtime's sampler was not found in this program: try --mode burst");
	state->can_probe = plan_probes(state, context) == 0;
	*ret_state = TAKE(state);
	return 0;
}

static bool sampler_can_probe(const void *opaque)
{
	const struct sampler_collection *state = opaque;

	return state->can_probe;
}

static int sampler_probe(void *opaque, const struct collect_context *context, bool wanted)
{
	struct sampler_collection *state = opaque;
	int error = 0;

	if (wanted && !state->sampler)
		error = attach(state, context);
	else if (!wanted && state->sampler)
		detach(state);
	if (error < 0)
		state->can_probe = false; /* the list goes on */
	return error;
}

static uint64_t sampler_collector_hits(void *opaque)
{
	struct sampler_collection *state = opaque;
	uint64_t hits;

	if (state->sampler && sampler_hits(state->sampler, &hits) == 0)
		state->hits = hits;
	return state->hits_before + state->hits;
}

static int sampler_collect(void *opaque, const struct collect_context *context,
			   struct snapshot *snapshot, uint64_t *ret_hits)
{
	struct sampler_collection *state = opaque;
	const struct bucket_activity *activity = NULL;
	const struct bucket *buckets;
	size_t count, activity_count = 0, points = 0;
	uint64_t invalid;
	double rate;
	int error;

	/* The list first: a birth between the two reads is then known to the probes, never the
	 * other way round. */
	error = target_buckets(context->target, &buckets, &count, &invalid);
	if (error < 0)
		return error;
	if (state->sampler)
		read_probes(state, &activity, &activity_count, &points);
	if (target_sampler(context->target, &rate) == SAMPLER_OFF)
		rate = 0;
	snapshot->mode = state->sampler ? MODE_SAMPLER : MODE_LIST;
	snapshot->sampling_rate_bytes = rate;
	snapshot->cost.probes = (int64_t)points;
	error = profile_from_buckets(state->profile, buckets, count, activity, activity_count, rate,
				     snapshot);
	if (error < 0)
		return error;
	for (int i = 0; i < LOSS_COUNT; i++)
		snapshot->losses[i] += state->losses_before[i] + state->losses[i];
	snapshot->losses[LOSS_BUCKET_INVALID] += invalid;
	*ret_hits = state->hits_before + state->hits;
	snapshot->note = state->can_probe ? NULL : "no probes: object ages are not known";
	return 0;
}

const struct collector collector_sampler = {
	.name = "sampler",
	.summary = "the runtime's own samples, with ages from probes on births and deaths",
	.open = sampler_collector_open,
	.collect = sampler_collect,
	.close = sampler_collector_close,
	.hits = sampler_collector_hits,
	.probe = sampler_probe,
	.can_probe = sampler_can_probe,
};
