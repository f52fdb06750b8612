/* Attaching, leaving and coming back of a watch's probes. */
#include "cmd/probe_group.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/diag.h"

void probe_group_init(struct probe_group *group, const struct probe_group_kind *kind, void *watch)
{
	*group = (struct probe_group){ .kind = kind, .watch = watch };
	leash_init(&group->leash, kind->share);
}

uint64_t probe_group_hits(const struct probe_group *group)
{
	return group->before.hits + group->now.hits;
}

uint64_t probe_group_loss(const struct probe_group *group, enum loss loss)
{
	return group->before.losses[loss] + group->now.losses[loss];
}

static void say(struct probe_group *group, const char *reason)
{
	snprintf(group->note, sizeof(group->note), "%s: %s", group->kind->without, reason);
}

static void attach(struct probe_group *group, const struct collect_context *context)
{
	char reason[400] = "";
	int error;

	diag_capture(reason, sizeof(reason));
	error = probe_check();
	if (error == 0)
		error = group->kind->attach(group->watch, context);
	diag_release();
	if (error < 0) {
		say(group, reason);
		return;
	}
	group->attached = true;
	group->note[0] = '\0';
	leash_attached(&group->leash, clock_ns(CLOCK_MONOTONIC), probe_group_hits(group));
}

void probe_group_open(struct probe_group *group, const struct collect_context *context)
{
	if (group->tried)
		return;
	group->tried = true;
	if (context->budget_percent > 0)
		attach(group, context);
	else
		say(group, "--budget 0 allows no probe");
}

static void detach(struct probe_group *group)
{
	if (!group->attached)
		return;
	group->attached = false;
	group->kind->detach(group->watch);
	group->before.hits += group->now.hits;
	for (int i = 0; i < LOSS_COUNT; i++)
		group->before.losses[i] += group->now.losses[i];
	group->now = (struct probe_statistics){ 0 };
}

void probe_group_give_up(struct probe_group *group, const char *reason)
{
	detach(group);
	say(group, reason);
}

static void detach_as_too_dear(struct probe_group *group, const struct collect_context *context,
			       double hits_per_s)
{
	double away_s = leash_detached(&group->leash, clock_ns(CLOCK_MONOTONIC));

	detach(group);
	snprintf(group->note, sizeof(group->note),
		 "%s for %.0f minutes: with %.0f %s, seeing each would cost more than %.0f %% of "
		 "the budget of %.2g %%",
		 group->kind->without, away_s / 60, hits_per_s, group->kind->hits,
		 group->kind->share * 100, context->budget_percent);
}

void probe_group_govern(struct probe_group *group, const struct collect_context *context)
{
	int64_t now_ns = clock_ns(CLOCK_MONOTONIC);
	double hits_per_s;

	if (!group->attached && leash_returns(&group->leash, now_ns))
		group->tried = false; /* probe_group_open does it next */
	if (group->attached &&
	    leash_too_dear(&group->leash, now_ns, probe_group_hits(group), context->budget_percent,
			   context->trap_ns * group->kind->hit_traps, &hits_per_s))
		detach_as_too_dear(group, context, hits_per_s);
}

void probe_group_fill(const struct probe_group *group, struct snapshot *snapshot, uint64_t *hits)
{
	int64_t points = (int64_t)group->now.points;

	for (int i = 0; i < LOSS_COUNT; i++)
		snapshot->losses[i] += probe_group_loss(group, (enum loss)i);
	if (points)
		snapshot->cost.probes =
			(snapshot->cost.probes > 0 ? snapshot->cost.probes : 0) + points;
	*hits += probe_group_hits(group);
}
