/*
 * The rule of model/profile and model/windows, run once more: a snapshot's records hold amounts
 * that were worked out from counts, and counts are small numbers that hardly change.
 */
#include "store/site_rule.h"

#include <math.h>
#include <string.h>

void site_begin(struct site_state *state, uint64_t object_bytes, uint64_t begun_samples)
{
	*state = (struct site_state){ .object_bytes = object_bytes,
				      .first = begun_samples,
				      .peak = begun_samples };
}

static uint64_t growth(uint64_t now, uint64_t before)
{
	return now > before ? now - before : 0;
}

void site_apply(struct site_state *state, const struct site_change *change,
		const struct site_rule *rule)
{
	state->added = 0;
	state->window = (struct amount){ 0 };
	if (!change)
		return;
	state->allocs += (uint64_t)change->allocs;
	state->live += (uint64_t)change->live;
	ages_add(&state->ages, &change->ages);
	if (rule->windows) {
		state->added = (uint64_t)change->allocs;
		state->window = amount_from_hits(state->added, state->object_bytes,
						 rule->scale_objects, rule->scale_bytes);
		amount_add(&state->begun, &state->window);
		return;
	}
	state->added = growth(state->allocs, state->peak);
	if (state->allocs > state->peak)
		state->peak = state->allocs;
}

void site_fill(const struct site_state *state, const struct site_rule *rule, struct record *record)
{
	uint64_t size = state->object_bytes;
	double rate = rule->rate_bytes;

	record->object_bytes = size;
	record->ages = state->ages;
	if (rule->windows) {
		record->total = record->live = (struct amount){ 0 };
		record->begun = state->begun;
		record->interval = state->window;
		return;
	}
	record->total = amount_from_samples(state->allocs, size, rate);
	record->begun = amount_from_samples(growth(state->allocs, state->first), size, rate);
	record->interval = amount_from_samples(state->added, size, rate);
	record->live = amount_from_samples(state->live, size, rate);
}

struct amount *site_amount(struct record *record, int kind)
{
	struct amount *const amounts[SITE_KINDS] = { &record->total, &record->begun,
						     &record->interval, &record->live };

	return amounts[kind];
}

void site_correct(struct site_state *state, int kind, const struct amount *amount)
{
	if (kind == SITE_KIND_BEGUN)
		state->begun = *amount;
	if (kind == SITE_KIND_INTERVAL) {
		state->added = amount->samples;
		state->window = *amount;
	}
}

/* The record that tells the scale most exactly: a single hit is not rounded. */
static const struct record *fewest_hits(const struct snapshot *snapshot)
{
	const struct record *fewest = NULL;

	for (size_t i = 0; i < snapshot->record_count; i++) {
		const struct record *record = &snapshot->records[i];

		if (record->interval.samples && record->object_bytes &&
		    (!fewest || record->interval.samples < fewest->interval.samples))
			fewest = record;
	}
	return fewest;
}

static size_t count_misses(const struct snapshot *snapshot, double scale_objects,
			   double scale_bytes)
{
	size_t misses = 0;

	for (size_t i = 0; i < snapshot->record_count; i++) {
		const struct record *record = &snapshot->records[i];
		struct amount rebuilt = amount_from_hits(
			record->interval.samples, record->object_bytes, scale_objects, scale_bytes);

		misses += memcmp(&rebuilt, &record->interval, sizeof(rebuilt)) != 0;
	}
	return misses;
}

/* A quotient of what was rounded can be off by some units of the last place: the neighbours are
 * tried as well. */
#define NEIGHBOURS 4
static double best_neighbour(const struct snapshot *snapshot, double objects, double bytes)
{
	double best = bytes, tried = bytes;
	size_t fewest;

	for (int i = 0; i < NEIGHBOURS; i++)
		tried = nextafter(tried, 0);
	fewest = count_misses(snapshot, objects, bytes);
	for (int i = 0; i <= 2 * NEIGHBOURS && fewest; i++) {
		size_t misses = count_misses(snapshot, objects, tried);

		if (misses < fewest) {
			fewest = misses;
			best = tried;
		}
		tried = nextafter(tried, INFINITY);
	}
	return best;
}

void site_rule_of(const struct snapshot *snapshot, struct site_rule *ret)
{
	const struct record *record = NULL;

	*ret = (struct site_rule){ .windows = mode_has_hits(snapshot->mode),
				   .rate_bytes = snapshot->sampling_rate_bytes,
				   .scale_objects = NAN,
				   .scale_bytes = NAN };
	if (snapshot->mode == MODE_EXACT)
		ret->scale_objects = ret->scale_bytes = 1;
	else if (ret->windows)
		record = fewest_hits(snapshot);
	if (!record)
		return;
	ret->scale_objects = record->interval.objects / (double)record->interval.samples;
	ret->scale_bytes =
		best_neighbour(snapshot, ret->scale_objects,
			       record->interval.bytes / (double)record->interval.samples /
				       (double)record->object_bytes);
}
