/*
 * The rule of model/profile, run once more: a snapshot's records hold amounts that were worked out
 * from counts, and counts are small numbers that hardly change. What windows are scaled by differs
 * from one to the next, so that their amounts are kept; but only those of the interval, and only of
 * sites that were hit.
 */
#include "store/site_rule.h"

#include <math.h>

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

static void set_interval(struct site_state *state, struct amount amount)
{
	state->window = amount;
	state->begun = state->before;
	amount_add(&state->begun, &amount);
}

void site_apply(struct site_state *state, const struct site_change *change,
		const struct site_rule *rule)
{
	state->added = 0;
	state->window = (struct amount){ 0 };
	state->before = state->begun;
	if (!change)
		return;
	state->allocs += (uint64_t)change->allocs;
	state->live += (uint64_t)change->live;
	ages_add(&state->ages, &change->ages);
	if (rule->windows) {
		state->added = (uint64_t)change->allocs;
		if (site_rule_scales(rule))
			set_interval(state,
				     amount_from_hits(state->added, state->object_bytes,
						      rule->scale_objects, rule->scale_bytes));
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

const int site_kinds[SITE_KINDS] = { SITE_KIND_TOTAL, SITE_KIND_INTERVAL, SITE_KIND_BEGUN,
				     SITE_KIND_LIVE };

void site_correct(struct site_state *state, int kind, const struct amount *amount)
{
	if (kind == SITE_KIND_BEGUN)
		state->begun = *amount;
	if (kind == SITE_KIND_INTERVAL) {
		state->added = amount->samples;
		set_interval(state, *amount);
	}
}

void site_rule_of(const struct snapshot *snapshot, struct site_rule *ret)
{
	double scale = snapshot->mode == MODE_EXACT ? 1 : NAN;

	*ret = (struct site_rule){ .windows = mode_has_hits(snapshot->mode),
				   .rate_bytes = snapshot->sampling_rate_bytes,
				   .scale_objects = scale,
				   .scale_bytes = scale };
}

bool site_rule_scales(const struct site_rule *rule)
{
	return !isnan(rule->scale_objects) && !isnan(rule->scale_bytes);
}
