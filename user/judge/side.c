/* What a recording's snapshots say of it as a whole. */
#include "judge/side.h"

#include <math.h>
#include <string.h>

#include "limits.h"
#include "model/goname.h"

/* A snapshot later than its interval explains by more than this share of it, and by more than
 * scheduling does: nobody looked meanwhile. */
#define GAP_SHARE 0.5
#define GAP_NS	  5e7

static bool is_called(const struct cache_function *counted, const char *function)
{
	char name[LIMIT_NAME_BYTES];

	if (!strcmp(counted->function, function))
		return true;
	goname_short(counted->function, 0, name, sizeof(name));
	if (!strcmp(name, function))
		return true;
	return goname_generic(counted->function, name, sizeof(name)) && !strcmp(name, function);
}

/* Those of the interval; NAN when it was not watched from end to end: the probes come within one.
 */
static double count_calls(struct side *side, const struct cache_group *group, const char *function)
{
	double calls = NAN, deviation = 0, watched = 0, before = side->watched_calls;

	for (size_t i = 0; i < group->function_count; i++) {
		const struct cache_function *counted = &group->functions[i];

		if (counted->note || !is_called(counted, function))
			continue;
		calls = (isnan(calls) ? 0 : calls) + counted->calls.interval.objects;
		deviation += sqrt(counted->calls.interval.objects_variance);
		watched += counted->allocated_calls.objects;
	}
	side->watched_calls = watched;
	if (isnan(calls) || (calls > 0 && !(watched > before)))
		return NAN;
	side->calls_deviation += deviation;
	return calls;
}

/* Losses are cumulative over one observation: a process that was started again begins anew. */
static void add_losses(struct side *side, const struct snapshot *snapshot, bool same)
{
	for (int loss = 0; loss < LOSS_COUNT; loss++) {
		uint64_t before = same ? side->losses_before[loss] : 0;

		if (snapshot->losses[loss] > before)
			side->losses[loss] += snapshot->losses[loss] - before;
		side->losses_before[loss] = snapshot->losses[loss];
	}
}

static void look_for_gap(struct side *side, const struct snapshot *snapshot)
{
	double passed_ns = (double)(snapshot->time_unix_ns - side->last_unix_ns);
	double beyond_ns = passed_ns - snapshot->interval_s * 1e9;

	if (beyond_ns > GAP_NS && beyond_ns > GAP_SHARE * snapshot->interval_s * 1e9)
		side->gaps++;
}

void side_add(struct side *side, const struct snapshot *snapshot, const char *function,
	      double *ret_weight)
{
	bool first = side->last_unix_ns == 0, same = !first && snapshot->pid == side->pid;

	*ret_weight = snapshot->interval_s > 0 ? snapshot->interval_s : NAN;
	if (first) /* what was lost before the window is not this window's */
		memcpy(side->losses_before, snapshot->losses, sizeof(side->losses_before));
	add_losses(side, snapshot, same || first);
	if (same)
		look_for_gap(side, snapshot);
	side->comm = snapshot->comm;
	side->go_version = snapshot->go_version;
	side->note = snapshot->note ? snapshot->note : side->note;
	side->sampling_rate_bytes = snapshot->sampling_rate_bytes;
	side->modes[snapshot->mode] = true;
	side->pid = snapshot->pid;
	side->first_unix_ns = first ? snapshot->time_unix_ns : side->first_unix_ns;
	side->last_unix_ns = snapshot->time_unix_ns;
	if (!same)
		side->watched_calls = 0;
	if (isnan(*ret_weight))
		return;
	side->intervals++;
	side->seconds += snapshot->interval_s;
	if (!function)
		return;
	*ret_weight = count_calls(side, &snapshot->cache_group, function);
	if (isnan(*ret_weight))
		return;
	side->has_calls = true;
	side->calls += *ret_weight;
}

double side_calls_share(const struct side *side)
{
	return side->has_calls && side->calls > 0 ? side->calls_deviation / side->calls : 0;
}

enum number_kind side_kind(const struct side *before, const struct side *after)
{
	enum number_kind kind = NUMBER_EXACT;

	for (int mode = 0; mode < MODE_COUNT; mode++)
		if ((before->modes[mode] || after->modes[mode]) &&
		    number_kind_of_mode((enum mode)mode) > kind)
			kind = number_kind_of_mode((enum mode)mode);
	return kind;
}
